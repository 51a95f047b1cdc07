"""Rules for Application Insights, Log Analytics and what collects for them.

Logs hold names of data and code, so they are as closed as what they come from.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Resource,
    must_be,
    must_be_at_least,
    must_be_flag,
    must_be_set,
    resource_rule,
)
from azureml_policies._frameworks import MCSB, MCSB_V2, assigned
from azureml_policies._plan import COLLECTION_ENDPOINT, COMPONENT, LOGS

_MONITOR = "https://learn.microsoft.com/azure/azure-monitor"
_SCOPE_DOCS = f"{_MONITOR}/logs/private-link-design"
_PUBLIC = ("publicNetworkAccessForIngestion", "publicNetworkAccessForQuery")
_DEFAULT_RETENTION_DAYS = 30
"""Days that logs are kept where nobody says it
(https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure)."""
_CLOSED = {path: "Disabled" for path in _PUBLIC}


@resource_rule(
    id="MN001",
    name="appinsights-no-public-access",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(COMPONENT,),
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("1bc02227-0cb6-4e11-8f53-eb0b22eab7e8",),
    remedy=_CLOSED,
    steps="Set publicNetworkAccessForIngestion and publicNetworkAccessForQuery to "
    "Disabled, and let the component join a private link scope.",
    url=_SCOPE_DOCS,
    bad={"publicNetworkAccessForIngestion": "Disabled"},
    good=_CLOSED,
)
def insights_no_public_access(
    component: Resource, context: Context
) -> Iterator[Finding]:
    """Application Insights takes and shows nothing over public networks."""
    yield from _closed_both_ways(component)


@resource_rule(
    id="MN002",
    name="appinsights-workspace-based",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(COMPONENT,),
    controls=(assigned("LT-3"),),
    azure_policies=("d550e854-df1a-4de9-bf44-cd894b39a95e",),
    twins=("psrule:Azure.AppInsights.Workspace",),
    steps="Set workspaceResourceId to a Log Analytics workspace and leave "
    "ingestionMode out: a component that keeps its own logs cannot join a private link "
    "scope, and Azure makes no more of them.",
    url=f"{_MONITOR}/app/create-workspace-resource",
    bad={"kind": "web", "ingestionMode": "ApplicationInsights"},
    good={
        "kind": "web",
        "ingestionMode": "LogAnalytics",
        "workspaceResourceId": "/subscriptions/00000000-0000-0000-0000-000000000001/"
        "resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log",
    },
)
def insights_workspace_based(
    component: Resource, context: Context
) -> Iterator[Finding]:
    """Application Insights keeps its logs in a Log Analytics workspace."""
    yield from must_be_set(
        component, "workspaceResourceId", unset="the component keeps logs of its own"
    )
    yield from must_be(component, "ingestionMode", "LogAnalytics")


@resource_rule(
    id="MN003",
    name="appinsights-no-local-auth",
    level=EnforcementLevel.DISABLED,
    severity=Severity.MEDIUM,
    types=(COMPONENT,),
    controls=(Control(MCSB, "IM-1"),),
    azure_policies=("199d5677-e4d9-4264-9465-efe1839c06bd",),
    remedy={"disableLocalAuth": True},
    steps="Set disableLocalAuth to true, once all that sends data does so with "
    "Entra ID.",
    url=f"{_MONITOR}/app/azure-ad-authentication",
    bad={"disableLocalAuth": False},
    good={"disableLocalAuth": True},
)
def insights_no_local_auth(component: Resource, context: Context) -> Iterator[Finding]:
    """Application Insights takes data with Entra ID only, not with its key."""
    yield from must_be_flag(
        component,
        "disableLocalAuth",
        True,
        unset="whoever has the key can send",
    )


@resource_rule(
    id="MN004",
    name="loganalytics-no-public-access",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(LOGS,),
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("6c53d030-cc64-46f0-906d-2bc061cd1334",),
    remedy=_CLOSED,
    steps="Set publicNetworkAccessForIngestion and publicNetworkAccessForQuery to "
    "Disabled, and let the workspace join a private link scope.",
    url=_SCOPE_DOCS,
    bad={"publicNetworkAccessForQuery": "Enabled"},
    good=_CLOSED,
)
def logs_no_public_access(logs: Resource, context: Context) -> Iterator[Finding]:
    """A Log Analytics workspace takes and shows nothing over public networks."""
    yield from _closed_both_ways(logs)


def _closed_both_ways(subject: Resource) -> Iterator[Finding]:
    for path in _PUBLIC:
        yield from must_be(
            subject, path, "Disabled", unset="Azure opens what does not say"
        )


@resource_rule(
    id="MN008",
    name="data-collection-no-public-access",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(COLLECTION_ENDPOINT,),
    controls=(assigned("NS-2"),),
    remedy={"networkAcls.publicNetworkAccess": "Disabled"},
    steps="Set networkAcls.publicNetworkAccess to Disabled, and let the endpoint join "
    "a private link scope.",
    url=f"{_MONITOR}/data-collection/data-collection-endpoint-overview",
    bad={"dataCollectionEndpointName": "dce"},
    good={
        "dataCollectionEndpointName": "dce",
        "networkAcls": {"publicNetworkAccess": "Disabled"},
    },
)
def collection_no_public_access(
    endpoint: Resource, context: Context
) -> Iterator[Finding]:
    """A data collection endpoint takes nothing over public networks."""
    yield from must_be(
        endpoint,
        "networkAcls.publicNetworkAccess",
        "Disabled",
        "SecuredByPerimeter",
        unset="Azure opens what does not say",
    )


@resource_rule(
    id="MN009",
    name="loganalytics-retention",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(LOGS,),
    settings={
        "minimumDays": {
            "type": "integer",
            "minimum": _DEFAULT_RETENTION_DAYS,
            "maximum": 730,
            "default": _DEFAULT_RETENTION_DAYS,
            "description": "Days that logs have to be kept at least; an environment "
            "with real data wants 90 or more",
        }
    },
    controls=(assigned("LT-6"),),
    remedy={"retentionInDays": FromSetting("minimumDays")},
    steps="Set retentionInDays to 90 or more.",
    url=f"{_MONITOR}/logs/data-retention-configure",
    bad={"retentionInDays": 7},
    good={"retentionInDays": 90},
)
def logs_retention(logs: Resource, context: Context) -> Iterator[Finding]:
    """Logs are there for as long as somebody may ask for them."""
    least = context.settings["minimumDays"]
    too_short = least > _DEFAULT_RETENTION_DAYS
    unset = f"Azure keeps logs for {_DEFAULT_RETENTION_DAYS} days" if too_short else ""
    yield from must_be_at_least(logs, "retentionInDays", least, unset=unset)

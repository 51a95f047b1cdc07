"""Where a workspace's logs and metrics go: made or brought by id, private or public."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.monitoring import (
    MonitoringPlan,
    MonitoringServices,
    monitoring_services,
    read_monitoring,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_rulebook.names import Naming

OWN = "aaaaaaaa-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
NAMING = Naming(workload="vision", environment="dev", unique_suffix="7k2d")
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
TAGS = {"tags": {"environment": "test"}}


def scope_id(subscription: str) -> str:
    """The id of a central team's scope."""
    return (
        f"/subscriptions/{subscription}/resourceGroups/rg-monitor/providers/"
        "Microsoft.Insights/privateLinkScopes/ampls-central"
    )


LOGS = (
    f"/subscriptions/{OTHER}/resourceGroups/rg-monitor/providers/"
    "Microsoft.OperationalInsights/workspaces/log-central"
)


def read(
    monitoring: Mapping[str, Any],
    cloud_name: str = "public",
    subscription_id: str | None = OWN,
) -> tuple[MonitoringPlan, list[str]]:
    """Plan the monitoring; also returns the findings."""
    reader = InputReader({"monitoring": monitoring}, PrivateWorkspaceArgs)
    place = Place(cloud_name=cloud_name, region="westeurope")
    plan = read_monitoring(reader, place, NAMING, subscription_id)
    return plan, [str(finding) for finding in reader.findings]


def planned(monitoring: Mapping[str, Any], *rest: Any) -> MonitoringPlan:
    """The plan of inputs that nothing is wrong with."""
    plan, findings = read(monitoring, *rest)
    assert findings == []
    return plan


@pytest.fixture(scope="module")
def make(record: Any, workspace_parts: Callable[..., WorkspaceParts]) -> Any:
    """Make what is planned; returns what was registered."""

    def run(
        plan: MonitoringPlan,
        cloud_name: str = "public",
        found: Callable[[MonitoringServices], object] = id,
    ) -> Any:
        return record(
            lambda: found(monitoring_services(workspace_parts(cloud_name), plan))
        )

    return run


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"retention_days": 29}, "public", "monitoring.retention_days: 29 is not allowed"),
    (
        {"retention_days": 731},
        "public",
        "monitoring.retention_days: 731 is not allowed; use 30 to 730 (https://learn.",
    ),
    (
        {"retention_days": "long"},
        "public",
        "monitoring.retention_days: 'long' is not a whole number",
    ),
    (
        {"retention_days": 30, "log_analytics_workspace_id": LOGS},
        "public",
        "monitoring.retention_days: belongs to the Log Analytics workspace, which "
        "log_analytics_workspace_id says exists already; leave it out",
    ),
    (
        {"log_analytics_workspace_id": scope_id(OWN)},
        "public",
        f"monitoring.log_analytics_workspace_id: '{scope_id(OWN)}' is the id of a "
        "Microsoft.Insights/privateLinkScopes; give /subscriptions/",
    ),
    (
        {"private_link_scope_id": "ampls"},
        "public",
        "monitoring.private_link_scope_id: 'ampls' is not a resource id; give "
        "/subscriptions/.../resourceGroups/.../providers/Microsoft.Insights/",
    ),
    (
        {"private_link_scope_id": LOGS},
        "public",
        f"monitoring.private_link_scope_id: '{LOGS}' is the id of a Microsoft."
        "OperationalInsights/workspaces",
    ),
    (
        {"private_link_scope_id": scope_id(OWN), "public_access": True},
        "public",
        "monitoring.private_link_scope_id: cannot be used with public_access",
    ),
    (
        {"private_link_scope_id": scope_id(OWN)},
        "china",
        "monitoring.private_link_scope_id: cannot be used in Azure operated by "
        "21Vianet (China): Azure Monitor has no published private DNS zones there; "
        "leave it out and set public_access, or use cloud public or us_government",
    ),
    (
        {"disable_local_authentication": True},
        "us_government",
        "monitoring.disable_local_authentication: cannot be used in Azure US "
        "Government: Application Insights takes data with Entra ID alone in the public "
        "cloud only; leave it out (https://learn.microsoft.com/azure/azure-monitor/",
    ),
    (
        {"disable_local_authentication": True},
        "china",
        "monitoring.disable_local_authentication: cannot be used in Azure operated by",
    ),
    (
        {"disable_local_authentication": "yes"},
        "public",
        "monitoring.disable_local_authentication: 'yes' is not true or false",
    ),
    (
        {"public_acces": True},
        "public",
        "monitoring.public_acces: is not a known input; did you mean 'public_access'?",
    ),
]


@pytest.mark.parametrize(
    ("monitoring", "cloud_name", "start"), FAULTS, ids=[item[2] for item in FAULTS]
)
def test_what_is_refused(
    monitoring: dict[str, Any], cloud_name: str, start: str
) -> None:
    """Each fault is told alone, with its path, the value, and what to change."""
    _, findings = read(monitoring, cloud_name)
    (line,) = findings
    assert line.startswith(start)


def test_a_scope_is_plain() -> None:
    """Where both join a scope is decided before anything is made."""
    later = pulumi.Output.from_input(scope_id(OWN))
    _, (line,) = read({"private_link_scope_id": later})
    assert line == (
        "monitoring.private_link_scope_id: is known only after deployment, or secret; "
        "it decides what is made, give a plain value"
    )


CLOSED = {
    "publicNetworkAccessForIngestion": "Disabled",
    "publicNetworkAccessForQuery": "Disabled",
}
COMPONENT = {
    **PLACE,
    **CLOSED,
    **TAGS,
    "resourceName": "appi-vision-dev-7k2d",
    "kind": "web",
    "applicationType": "web",
    "workspaceResourceId": "/fake/ml-logs",
    "ingestionMode": "LogAnalytics",
    # The SDK's own defaults.
    "flowType": "Bluefield",
    "requestSource": "rest",
}


def test_by_default_all_is_made_and_private(make: Any) -> None:
    """Both resources are closed and join a scope of their own, one after the other."""
    plan = planned({})
    made = make(plan)
    assert made.kinds() == {
        "Ml": 1,
        "Workspace": 1,
        "Component": 1,
        "PrivateLinkScope": 1,
        "PrivateLinkScopedResource": 2,
    }
    assert made.inputs("ml-logs") == {
        **PLACE,
        **CLOSED,
        **TAGS,
        "workspaceName": "log-vision-dev-7k2d",
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 30,
    }
    assert made.inputs("ml-insights") == COMPONENT
    assert made.inputs("ml-monitor-scope") == {
        **TAGS,
        "scopeName": "ampls-vision-dev-7k2d",
        "resourceGroupName": "rg",
        "location": "global",
        "accessModeSettings": {
            "ingestionAccessMode": "Open",
            "queryAccessMode": "Open",
        },
    }
    assert plan.groups == ("azuremonitor",)
    assert "ml-monitor-scope-logs" in made.waits_for("ml-monitor-scope-insights")


def test_retention(make: Any) -> None:
    """Logs are kept as long as is asked for; over the plugin boundary it is a float."""
    for days in (30, 90.0, 730):
        made = make(planned({"retention_days": days}))
        assert made.inputs("ml-logs")["retentionInDays"] == days


def test_without_keys(make: Any) -> None:
    """In the public cloud Application Insights can do without its key."""
    made = make(planned({"disable_local_authentication": True}))
    assert made.inputs("ml-insights") == {**COMPONENT, "disableLocalAuth": True}
    made = make(planned({"disable_local_authentication": False}, "us_government"))
    assert made.inputs("ml-insights") == COMPONENT


def test_open_to_the_public(make: Any) -> None:
    """Where it has to be open, there is neither scope nor endpoint."""
    plan = planned({"public_access": True}, "china")
    made = make(plan, "china")
    assert made.kinds() == {"Ml": 1, "Workspace": 1, "Component": 1}
    for name in ("ml-logs", "ml-insights"):
        assert made.inputs(name)["publicNetworkAccessForIngestion"] == "Enabled"
        assert made.inputs(name)["publicNetworkAccessForQuery"] == "Enabled"
    assert plan.groups == ()


@pytest.mark.parametrize("later", [False, True])
def test_existing_log_analytics(make: Any, later: bool) -> None:
    """Nothing of it is made or changed; Application Insights writes to it, and it
    joins the scope, since queries go by both."""
    given = pulumi.Output.secret(LOGS) if later else LOGS
    found: list[MonitoringServices] = []
    made = make(planned({"log_analytics_workspace_id": given}), found=found.append)
    assert made.of_type("Workspace") == {}
    workspace_id = made.inputs("ml-insights")["workspaceResourceId"]
    joined = made.inputs("ml-monitor-scope-logs")["linkedResourceId"]
    assert LOGS in str(workspace_id)
    assert joined == workspace_id
    assert found[0].log_analytics.made is None


@pytest.mark.parametrize(
    ("scope_subscription", "own", "provider"),
    [
        (OWN, OWN, ""),
        (OWN.upper(), OWN, ""),
        (OTHER, OWN, "ml-monitor-scope-subscription"),
        # Where the own one is known only later, the scope's is said.
        (OWN, None, "ml-monitor-scope-subscription"),
    ],
)
def test_existing_scope(
    make: Any, scope_subscription: str, own: str | None, provider: str
) -> None:
    """Neither scope nor endpoint is made; both resources join it where it is, under
    names that no other workspace's have."""
    plan = planned(
        {"private_link_scope_id": scope_id(scope_subscription)}, "public", own
    )
    found: list[MonitoringServices] = []
    made = make(plan, found=found.append)
    assert plan.groups == ()
    assert made.of_type("PrivateLinkScope") == {}
    for key, name in (
        ("logs", "log-vision-dev-7k2d"),
        ("insights", "appi-vision-dev-7k2d"),
    ):
        member = made.resources[f"ml-monitor-scope-{key}"]
        assert member.inputs == {
            "name": name,
            "scopeName": "ampls-central",
            "resourceGroupName": "rg-monitor",
            "linkedResourceId": f"/fake/ml-{key}",
        }
        assert member.provider == provider
    assert made.inputs("ml-logs")["publicNetworkAccessForQuery"] == "Disabled"
    assert "ml-monitor-scope-logs" in made.waits_for("ml-monitor-scope-insights")
    (monitoring,) = found
    assert monitoring.monitor_scope is not None
    assert monitoring.monitor_scope.id == scope_id(scope_subscription)
    assert len(monitoring.monitor_scope.settled_by) == 2


def test_a_scope_of_another_cloud_s_subscription(make: Any) -> None:
    """The scope's subscription is looked for in the workspace's own cloud."""
    plan = planned({"private_link_scope_id": scope_id(OTHER)}, "us_government")
    made = make(plan, "us_government")
    (provider,) = (
        item
        for item in made.resources.values()
        if item.type == "pulumi:providers:azure-native"
    )
    assert provider.inputs["subscriptionId"] == OTHER
    assert provider.inputs["environment"] == "usgovernment"


@pytest.mark.parametrize(
    ("cloud_name", "spec", "expected"),
    [
        ("public", {}, None),
        (
            "public",
            {"public_access": True},
            "Log Analytics and Application Insights are open to every public address, "
            "for sending and for queries; leave it out, Azure has private zones for "
            "monitoring",
        ),
        (
            "public",
            {"public_access": True, "log_analytics_workspace_id": LOGS},
            "Application Insights is open to every public address, for sending and for "
            "queries; leave it out, Azure has private zones for monitoring",
        ),
        (
            "china",
            {"public_access": True},
            "Log Analytics and Application Insights are open to every public address, "
            "for sending and for queries; Azure operated by 21Vianet (China) has no "
            "published private zones for monitoring",
        ),
    ],
)
def test_a_review_is_told_what_is_open(
    cloud_name: str, spec: dict[str, Any], expected: str | None
) -> None:
    """At every preview, and whether the cloud would have it closed."""
    warnings = planned(spec, cloud_name).warnings(cloud_name)
    assert warnings == (
        () if expected is None else (f"monitoring.public_access: {expected}",)
    )

"""Rules for the private link scopes of Azure Monitor.

A scope lets a network reach logs and insights privately: for that it needs an endpoint,
both of them in it, and modes that leave Azure Machine Learning its way.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Known,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    must_be,
    parse_arm_id,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB_V2, assigned
from azureml_policies._plan import (
    COLLECTION_ENDPOINT,
    COMPONENT,
    LOGS,
    MONITOR_SCOPE,
    Target,
)
from azureml_policies.private_endpoints import MANUAL_APPROVAL, missing_endpoints
from azureml_rulebook import resource_ids

SCOPE_MEMBER = "monitor:PrivateLinkScopedResource"

_SCOPE_DOCS = "https://learn.microsoft.com/azure/azure-monitor/logs/private-link-design"
_MODES = ("ingestionAccessMode", "queryAccessMode")
_MEMBERS = {
    COMPONENT.lower(): "Application Insights",
    LOGS.lower(): "Log Analytics workspace",
}
_JOINING = (COMPONENT, LOGS, COLLECTION_ENDPOINT)
"""What may join a scope."""
_MEMBER_IDS = {
    "microsoft.insights/components": COMPONENT.lower(),
    resource_ids.LOG_ANALYTICS_WORKSPACE.lower(): LOGS.lower(),
    "microsoft.insights/datacollectionendpoints": COLLECTION_ENDPOINT.lower(),
}
"""ARM type to the Pulumi type of what joins a scope, both in lower case."""


def _mode_setting(what: str) -> dict[str, object]:
    return {
        "type": "string",
        "enum": ["Open", "PrivateOnly"],
        "default": "Open",
        "description": f"How networks with the scope's endpoint may {what}. Open: also "
        "what is in no scope, which Azure Machine Learning needs. PrivateOnly: nothing "
        "but the scope's own",
    }


@resource_rule(
    id="MN005",
    name="ampls-access-mode",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(MONITOR_SCOPE,),
    settings={
        "ingestionAccessMode": _mode_setting("send data"),
        "queryAccessMode": _mode_setting("query"),
    },
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("a499fed8-bcc8-4195-b154-641f14743757",),
    remedy={f"accessModeSettings.{mode}": FromSetting(mode) for mode in _MODES},
    steps="Set both modes of accessModeSettings to Open, as Azure Machine Learning "
    "asks for; Azure's built-in policy wants PrivateOnly. Who can do with that says so "
    "in the settings.",
    url="https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet",
    bad={
        "accessModeSettings": {
            "ingestionAccessMode": "PrivateOnly",
            "queryAccessMode": "Open",
        }
    },
    good={
        "accessModeSettings": {
            "ingestionAccessMode": "Open",
            "queryAccessMode": "Open",
        }
    },
)
def scope_access_mode(scope: Resource, context: Context) -> Iterator[Finding]:
    """A private link scope has the access modes that are configured."""
    for mode in _MODES:
        yield from must_be(
            scope,
            f"accessModeSettings.{mode}",
            context.settings[mode],
            unset="Azure wants to be told",
        )
    exclusions = scope.value("accessModeSettings.exclusions")
    if isinstance(exclusions, Unknown):
        yield undecided(exclusions, "it may not give an endpoint another mode")
        return
    for exclusion in exclusions.elements():
        for mode in _MODES:
            yield from _mode_of_an_endpoint(
                exclusion.at(mode), str(context.settings[mode])
            )


@stack_rule(
    id="MN006",
    name="ampls-complete",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(MONITOR_SCOPE,),
    settings=MANUAL_APPROVAL,
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("0fc55270-f8bf-4feb-b7b8-5e7e7eacc6a6",),
    steps="Add a monitor.PrivateLinkScopedResource for the Application Insights "
    "component and for its Log Analytics workspace, and a network.PrivateEndpoint with "
    "the group id azuremonitor.",
    url=_SCOPE_DOCS,
    bad=(
        {
            "type": MONITOR_SCOPE,
            "name": "scope",
            "properties": {"resourceGroupName": "rg", "scopeName": "ampls"},
        },
    ),
    good=(
        {
            "type": MONITOR_SCOPE,
            "name": "scope",
            "properties": {"resourceGroupName": "rg", "scopeName": "ampls"},
        },
        {
            "type": LOGS,
            "name": "logs",
            "properties": {"resourceGroupName": "rg", "workspaceName": "log"},
        },
        {
            "type": COMPONENT,
            "name": "insights",
            "properties": {"resourceGroupName": "rg", "resourceName": "appi"},
        },
        {
            "type": SCOPE_MEMBER,
            "name": "scope-logs",
            "properties": {
                "resourceGroupName": "rg",
                "scopeName": "ampls",
                "linkedResourceId": {"ref": "logs"},
            },
        },
        {
            "type": SCOPE_MEMBER,
            "name": "scope-insights",
            "properties": {
                "resourceGroupName": "rg",
                "scopeName": "ampls",
                "linkedResourceId": {"ref": "insights"},
            },
        },
        {
            "type": "network:PrivateEndpoint",
            "name": "endpoint",
            "properties": {
                "resourceGroupName": "rg",
                "privateEndpointName": "pe-monitor",
                "privateLinkServiceConnections": [
                    {
                        "name": "monitor",
                        "groupIds": ["azuremonitor"],
                        "privateLinkServiceId": {"ref": "scope"},
                    }
                ],
            },
        },
    ),
)
def scope_complete(scope: Resource, context: Context) -> Iterator[Finding]:
    """A private link scope has logs and insights in it, and a private endpoint."""
    members = context.stack.once(_scope_members)
    for kind, title in _MEMBERS.items():
        if kind in members.certain[scope.urn]:
            continue
        message = (
            f"scope '{scope.name}' has no {title} in it; add a "
            "PrivateLinkScopedResource that links one"
        )
        reading = members.open_to(scope, kind)
        yield undecided(reading, message) if reading else Violation("", message)
    yield from missing_endpoints(
        Target(scope), context, resource_ids.PRIVATE_LINK_SCOPE
    )


@stack_rule(
    id="MN010",
    name="data-collection-in-scope",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(COLLECTION_ENDPOINT,),
    controls=(assigned("NS-2"),),
    steps="Add a monitor.PrivateLinkScopedResource with the endpoint's id as "
    "linkedResourceId: an endpoint that is closed takes what comes through a scope "
    "only.",
    url=_SCOPE_DOCS,
    bad=(
        {
            "type": COLLECTION_ENDPOINT,
            "name": "collection",
            "properties": {
                "resourceGroupName": "rg",
                "dataCollectionEndpointName": "dce",
            },
        },
    ),
    good=(
        {
            "type": COLLECTION_ENDPOINT,
            "name": "collection",
            "properties": {
                "resourceGroupName": "rg",
                "dataCollectionEndpointName": "dce",
            },
        },
        {
            "type": SCOPE_MEMBER,
            "name": "scope-collection",
            "properties": {
                "resourceGroupName": "rg",
                "scopeName": "ampls",
                "linkedResourceId": {"ref": "collection"},
            },
        },
    ),
)
def collection_in_a_scope(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """A data collection endpoint is in a private link scope."""
    open_to: Reading | None = None
    for member in context.stack.of_type(SCOPE_MEMBER):
        reading = member.value("linkedResourceId")
        linked = context.stack.resolve(member, reading, *_JOINING)
        if linked.certain is endpoint:
            return
        if linked.may_be(endpoint):
            open_to = reading
    message = (
        f"'{endpoint.name}' is in no private link scope, so that networks reach it in "
        "public or not at all; add a PrivateLinkScopedResource that links it"
    )
    yield undecided(open_to, message) if open_to else Violation("", message)


def _mode_of_an_endpoint(mode: Reading, wanted: str) -> Iterator[Finding]:
    match mode:
        case Known() if not mode.is_any_of((wanted,)):
            yield Violation(
                mode.path,
                f"{mode.path} is {mode.text}; set it to '{wanted}', or leave the "
                "exclusion out",
            )
        case Unknown():
            yield undecided(mode, f"it has to be '{wanted}'")


@dataclass(slots=True)
class _ScopeMembers:
    """What is in each private link scope of a stack."""

    certain: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Types, in lower case, by the URN of the scope."""
    possible: list[tuple[Reference, frozenset[str], Reading]] = field(
        default_factory=list
    )
    """The scope, the types that may be meant, and the value that tells."""

    def open_to(self, scope: Resource, kind: str) -> Reading | None:
        """Return the value that may put something of type ``kind`` in ``scope``."""
        for reference, kinds, reading in self.possible:
            meant = reference.certain is scope or reference.may_be(scope)
            if meant and kind in kinds:
                return reading
        return None


def _scope_members(stack: Stack) -> _ScopeMembers:
    members = _ScopeMembers()
    for member in stack.of_type(SCOPE_MEMBER):
        scope = stack.resolve(member, member.value("scopeName"), MONITOR_SCOPE)
        reading = member.value("linkedResourceId")
        linked = stack.resolve(member, reading, *_JOINING)
        kinds = _kinds(linked)
        if scope.certain is not None and len(kinds) == 1:
            members.certain[scope.certain.urn] |= kinds
        else:
            open_value = scope.reading if scope.certain is None else reading
            members.possible.append((scope, kinds, open_value))
    return members


def _kinds(linked: Reference) -> frozenset[str]:
    """Return the types, in lower case, of what a member of a scope may link."""
    if linked.certain is not None:
        return frozenset({linked.certain.key})
    if linked.possible:
        return frozenset(each.key for each in linked.possible)
    if linked.anything or linked.elsewhere == "?":
        return frozenset(each.lower() for each in _JOINING)
    arm_id = parse_arm_id(linked.elsewhere)
    kind = _MEMBER_IDS.get(arm_id.type) if arm_id else None
    return frozenset({kind} if kind else ())

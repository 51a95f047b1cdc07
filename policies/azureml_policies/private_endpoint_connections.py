"""Rules for what a private endpoint connects to: one service, by one group id.

Which group ids a service offers stands in the rulebook.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._endpoint_examples import service_example
from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    parse_arm_id,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frame.arm_ids import IDENTITIES
from azureml_policies._frameworks import assigned
from azureml_policies._plan import ENDPOINT, Connection, connections
from azureml_policies.private_endpoints import MANUAL_APPROVAL
from azureml_rulebook.dns_zones import GROUP_IDS
from azureml_rulebook.private_endpoints import group_findings

_AUTOMATIC = "privateLinkServiceConnections"
_MANUAL = "manualPrivateLinkServiceConnections"
_DOCS = "https://learn.microsoft.com/azure/private-link/private-endpoint-overview"


def _example(*groups: str) -> list[dict[str, Any]]:
    connection = {
        "name": "account",
        "groupIds": list(groups),
        "privateLinkServiceId": {"ref": "account"},
    }
    return [
        {
            "type": ENDPOINT,
            "name": "endpoint",
            "properties": {_AUTOMATIC: [connection]},
        },
        service_example("account"),
    ]


@stack_rule(
    id="PE005",
    name="pe-group-valid",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    controls=(assigned("NS-2"),),
    steps="Give the endpoint one connection, with the one group id that stands for the "
    "part of the service that it is for; other parts have endpoints of their own.",
    url=_DOCS,
    bad=_example("blob", "file"),
    good=_example("blob"),
)
def group_is_valid(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """A private endpoint has one connection, with one group id of its service."""
    lists = (endpoint.value(_AUTOMATIC), endpoint.value(_MANUAL))
    unknown = next((each for each in lists if isinstance(each, Unknown)), None)
    if unknown is not None:
        yield undecided(unknown, "an endpoint has one connection with one group id")
        return
    count = sum(len(each.elements()) for each in lists)
    if count != 1:
        yield Violation(
            _AUTOMATIC,
            f"endpoint '{endpoint.name}' has {count} connections; give it exactly one",
        )
    for connection in context.stack.once(connections).of(endpoint):
        if not connection.leads_to_own_service:
            yield from _groups(connection, endpoint, context.stack)


def _groups(
    connection: Connection, endpoint: Resource, stack: Stack
) -> Iterator[Finding]:
    path = f"{connection.path}.groupIds"
    if connection.unknown_group is not None:
        yield undecided(connection.unknown_group, "it has to be one group id")
        return
    target = _target_type(connection, endpoint, stack)
    found = group_findings(target, connection.groups, path=path)
    for finding in found:
        yield Violation(path, str(finding))
    known = {group.lower() for group in GROUP_IDS}
    if not found and not target and not known.issuperset(connection.groups):
        yield undecided(
            connection.target.reading,
            f"{path} has to be a group id that this service offers",
        )


def _target_type(connection: Connection, endpoint: Resource, stack: Stack) -> str:
    """Return the ARM type that a connection leads to; empty where it is not known."""
    target = connection.target
    found = [target.certain] if target.certain else list(target.possible)
    types = {IDENTITIES[each.key].type for each in found}
    if len(types) == 1:
        return types.pop()
    arm_id = parse_arm_id(target.elsewhere)
    if arm_id is not None:
        return arm_id.type
    others = {each.key for each in stack.made_from(endpoint, connection.path)}
    # Services that no table knows offer group ids that nobody here can judge.
    return next(iter(sorted(others - {"", *IDENTITIES})), "")


@resource_rule(
    id="PE006",
    name="pe-auto-approved",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ENDPOINT,),
    settings=MANUAL_APPROVAL,
    controls=(assigned("NS-2"),),
    azure_policies=("45e05259-1eb5-4f70-9574-baf73e9d219b",),
    steps="Use privateLinkServiceConnections, with an identity that may approve "
    "connections of the service, or set acceptManualApproval where somebody else has "
    "to approve them.",
    url="https://learn.microsoft.com/azure/private-link/manage-private-endpoint",
    bad={_MANUAL: [{"name": "account", "groupIds": ["blob"]}]},
    good={_AUTOMATIC: [{"name": "account", "groupIds": ["blob"]}]},
)
def approved_by_itself(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """A private endpoint's connections are approved as they are made."""
    if context.settings["acceptManualApproval"]:
        return
    waiting: Reading = endpoint.value(_MANUAL)
    match waiting:
        case Unknown():
            yield undecided(waiting, "no connection may wait for approval")
        case Known() if waiting.elements():
            yield Violation(
                _MANUAL,
                f"{_MANUAL} is set: the connection waits until somebody approves it, "
                f"and reaches nothing; use {_AUTOMATIC}, or set acceptManualApproval",
            )

"""Rules for the subnet of a gateway, which Azure knows by its name.

A security group there, or routes that lead away from it, break a gateway in ways that
show up as a tunnel that does not come back.
"""

from collections.abc import Iterator
from dataclasses import replace

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Dropped,
    Finding,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._routes import ROUTE_TABLE, route_tables
from azureml_policies._subnets import PlannedSubnet, each_subnet, if_called
from azureml_reachability.addresses import ALL_IPV4, ALL_IPV6, AddressSet
from azureml_rulebook.subnets import GATEWAY, PURPOSES

_SHAPES = (SUBNET, NETWORK)
_GATEWAY_SUBNET = str(PURPOSES[GATEWAY].azure_name)
_PAGE = PURPOSES[GATEWAY].page


@resource_rule(
    id="VN002",
    name="gateway-subnet-no-nsg",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_SHAPES,
    controls=(assigned("NS-1"),),
    azure_policies=("35f9c03a-cc27-418e-9c0c-539ff999d010",),
    remedy={"networkSecurityGroup": Dropped()},
    remedied_types=(SUBNET,),
    steps="Remove networkSecurityGroup from the gateway's subnet; filter at the "
    "subnets that it leads to.",
    url=_PAGE,
    bad={
        "subnetName": "GatewaySubnet",
        "networkSecurityGroup": {
            "id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/"
            "rg/providers/Microsoft.Network/networkSecurityGroups/gateway-nsg"
        },
    },
    good={"subnetName": "GatewaySubnet"},
)
def gateway_subnet_without_group(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """The subnet of a gateway has no security group."""

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        path = "networkSecurityGroup"
        group = subnet.value(path)
        finding: Finding = Violation(
            path, f"{path} is set, and the gateway may then stop to work; remove it"
        )
        if isinstance(group, Unknown):
            finding = undecided(group, "a gateway's subnet has no security group")
        if not isinstance(group, Absent):
            yield from if_called(subnet, (_GATEWAY_SUBNET,), [finding])

    yield from each_subnet(resource, judge)


@stack_rule(
    id="VN003",
    name="gateway-subnet-routes",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_SHAPES,
    controls=(assigned("NS-3"),),
    steps="Take the default route out of the gateway subnet's route table, and leave "
    "disableBgpRoutePropagation false there.",
    url=_PAGE,
    bad=(
        {
            "type": ROUTE_TABLE,
            "name": "gateway-routes",
            "properties": {
                "routeTableName": "gateway-routes",
                "routes": [{"name": "all", "addressPrefix": "0.0.0.0/0"}],
            },
        },
        {
            "type": SUBNET,
            "name": "gateway",
            "properties": {
                "subnetName": "GatewaySubnet",
                "routeTable": {"id": {"ref": "gateway-routes"}},
            },
        },
    ),
    good=(
        {
            "type": ROUTE_TABLE,
            "name": "gateway-routes",
            "properties": {
                "routeTableName": "gateway-routes",
                "routes": [{"name": "training", "addressPrefix": "10.20.0.0/25"}],
            },
        },
        {
            "type": SUBNET,
            "name": "gateway",
            "properties": {
                "subnetName": "GatewaySubnet",
                "routeTable": {"id": {"ref": "gateway-routes"}},
            },
        },
    ),
)
def gateway_subnet_routes(resource: Resource, context: Context) -> Iterator[Finding]:
    """The subnet of a gateway keeps the routes that a gateway needs."""

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        findings = _gateway_routes(subnet, context.stack)
        yield from if_called(subnet, (_GATEWAY_SUBNET,), findings)

    yield from each_subnet(resource, judge)


def _gateway_routes(subnet: PlannedSubnet, stack: Stack) -> Iterator[Finding]:
    reading = subnet.value("routeTable.id")
    reference = stack.resolve(subnet.resource, reading, ROUTE_TABLE)
    if reference.elsewhere:
        message = f"{reading.path} names a table outside of this stack"
        yield Undecided(
            reading.path,
            f"{message}: it must have no default route and take the gateway's routes; "
            "judge the stack that holds it",
        )
    elif reference.certain is not None:
        yield from _table_for_gateway(reference.certain, stack)
    elif reference.anything or reference.possible:
        yield undecided(reading, "the table must have no default route")


def _table_for_gateway(table: Resource, stack: Stack) -> Iterator[Finding]:
    label = f"route table '{table.name}'"
    key = "disableBgpRoutePropagation"
    for finding in must_be_flag(table, key, False):
        yield replace(finding, path="routeTable", message=f"{label}: {finding.message}")
    routes, open_value = stack.once(route_tables).routes(table)
    covered = AddressSet.of_networks(
        route.range for route in routes if route.range is not None
    )
    for family in (ALL_IPV4, ALL_IPV6):
        if family <= covered:
            message = f"its routes lead all of {family} away from the gateway"
            yield Violation("routeTable", f"{label}: {message}; remove such a route")
    unknown = [route.prefix for route in routes if isinstance(route.prefix, Unknown)]
    for each in (*unknown, *([open_value] if open_value else [])):
        yield undecided(each, f"no route of {label} may be a default route")

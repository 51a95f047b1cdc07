"""Rules for the subnet of a gateway, which Azure knows by its name.

A security group there, or routes that lead away from it, break a gateway in ways that
show up as a tunnel that does not come back.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Dropped,
    Finding,
    Known,
    Reading,
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
from azureml_policies._subnets import (
    PlannedSubnet,
    each_subnet,
    if_called,
    ranges_in,
)
from azureml_reachability.addresses import ALL_IPV4, ALL_IPV6, AddressSet
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.service_tags import published_tags
from azureml_rulebook.subnets import GATEWAY, PURPOSES

ROUTE_TABLE = "network:RouteTable"

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
    prefixes = ranges_in(*stack.once(_routes).get(table.urn, ()))
    covered = AddressSet.of_networks(each for _, each in prefixes.known)
    for family in (ALL_IPV4, ALL_IPV6):
        if family <= covered:
            message = f"its routes lead all of {family} away from the gateway"
            yield Violation("routeTable", f"{label}: {message}; remove such a route")
    yield from prefixes.unread(f"no route of {label} may be a default route")


def _routes(stack: Stack) -> dict[str, list[Reading]]:
    """Return the destinations of each table's routes, by the table's URN."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for table in stack.of_type(ROUTE_TABLE):
        listed = table.value("routes")
        elements = [listed] if isinstance(listed, Unknown) else listed.elements()
        found[table.urn] += [
            each.at("addressPrefix") for each in elements if not _is_tag(each)
        ]
    for route in stack.of_type("network:Route"):
        table = stack.resolve(route, route.value("routeTableName"), ROUTE_TABLE)
        prefix = route.value("addressPrefix")
        for each in stack.of_type(ROUTE_TABLE):
            if each is table.certain:
                found[each.urn] += [] if _is_tag(route) else [prefix]
            elif table.may_be(each):
                found[each.urn].append(Unknown("routeTableName"))
    return found


def _is_tag(route: Resource | Reading) -> bool:
    """Whether a route leads to a service tag, which no default route does."""
    key = "addressPrefix"
    prefix = route.value(key) if isinstance(route, Resource) else route.at(key)
    return isinstance(prefix, Known) and (
        published_tags(PUBLIC).find(str(prefix.value)) is not None
    )

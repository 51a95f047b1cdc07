"""Rules on the way out of subnets with compute: there is one, and answers come back.

A job that cannot reach the services it needs fails long after it was deployed, with a
message about something else.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import COMPUTE, NETWORK, SUBNET
from azureml_policies._routes import (
    ROUTE_TABLE,
    PlannedRoute,
    lead_everything,
    route_tables,
)
from azureml_policies._subnets import PlannedSubnet, subnets_of
from azureml_policies._training_subnets import compute_residents, trains_in
from azureml_rulebook.routes import BYPASSES, ROUTING_PAGE, BypassRow, NextHop

_GATEWAY_HOP = "VirtualNetworkGateway"
_WAYS_OUT = (NextHop.VIRTUAL_APPLIANCE, _GATEWAY_HOP)
_LEARNED = "learnedDefaultRoute"
_KINDS = ("AmlCompute", "ComputeInstance")
_PUBLIC = "properties.properties.enableNodePublicIp"
_SHOWN_SUBNET = {
    "virtualNetworkName": "vnet",
    "subnetName": "training",
    "defaultOutboundAccess": False,
}
_SHOWN_CLUSTER = {
    "type": COMPUTE,
    "name": "cluster",
    "properties": {
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "enableNodePublicIp": True,
                "subnet": {"id": {"ref": "training"}},
            },
        }
    },
}
_DEFAULT_ROUTE = {
    "name": "all",
    "addressPrefix": "0.0.0.0/0",
    "nextHopType": "VirtualAppliance",
    "nextHopIpAddress": "10.20.0.68",
}
_WAY_BACK = {
    "name": "machine-learning",
    "addressPrefix": "AzureMachineLearning",
    "nextHopType": "Internet",
}


def _shown(*routes: object) -> tuple[dict[str, object], ...]:
    """Return a cluster with public addresses in a subnet with these routes."""
    about = {"resourceGroupName": "rg", "routeTableName": "rt", "routes": list(routes)}
    table = {"type": ROUTE_TABLE, "name": "table", "properties": about}
    subnet = {**_SHOWN_SUBNET, "routeTable": {"id": {"ref": "table"}}}
    return (
        _SHOWN_CLUSTER,
        table,
        {"type": SUBNET, "name": "training", "properties": subnet},
    )


@stack_rule(
    id="RT003",
    name="forced-tunnel-aml-udr",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(SUBNET, NETWORK),
    steps="Add a route for the service tag AzureMachineLearning with next hop "
    "Internet, or give compute no public addresses: answers to the service's calls "
    "must not come from the firewall's address.",
    url="https://learn.microsoft.com/azure/machine-learning/"
    "how-to-access-azureml-behind-firewall",
    bad=_shown(_DEFAULT_ROUTE),
    good=_shown(_DEFAULT_ROUTE, _WAY_BACK),
)
def forced_tunnel_bypass(resource: Resource, context: Context) -> Iterator[Finding]:
    """Compute with public addresses behind a firewall answers the service directly."""
    stack = context.stack
    judged = False
    for subnet in subnets_of(resource):
        public = _public_compute(stack, subnet)
        if public is not False:
            judged = True
            yield from _without_way_back(stack, subnet, public)
    if not judged:
        raise NotApplicable("no compute with public addresses in it")


@stack_rule(
    id="NG001",
    name="compute-egress-explicit",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(SUBNET, NETWORK),
    settings={
        _LEARNED: {
            "type": "boolean",
            "default": False,
            "description": "A default route that a gateway learns, from on-premises or "
            "a virtual WAN, leads compute out; no resource of the stack shows it",
        }
    },
    controls=(assigned("NS-2"),),
    steps="Give the subnet a NAT gateway, or a route table whose 0.0.0.0/0 leads to a "
    "firewall, an appliance or a gateway; or use a managed network.",
    url=ROUTING_PAGE,
    bad=(
        _SHOWN_CLUSTER,
        {"type": SUBNET, "name": "training", "properties": _SHOWN_SUBNET},
    ),
    good=(
        _SHOWN_CLUSTER,
        {
            "type": SUBNET,
            "name": "training",
            "properties": {**_SHOWN_SUBNET, "natGateway": {"id": {"ref": "nat"}}},
        },
        {
            "type": "network:NatGateway",
            "name": "nat",
            "properties": {"resourceGroupName": "rg", "natGatewayName": "ng"},
        },
    ),
)
def compute_egress_explicit(resource: Resource, context: Context) -> Iterator[Finding]:
    """A subnet with compute and no default way out has a chosen one."""
    stack = context.stack
    judged = False
    for subnet in subnets_of(resource):
        trains = trains_in(stack, subnet)
        if trains is not False:
            judged = True
            if not context.settings[_LEARNED]:
                yield from _without_way_out(stack, subnet, trains)
    if not judged:
        raise NotApplicable("no compute in it")


def _public_compute(stack: Stack, subnet: PlannedSubnet) -> bool | Unknown:
    """Say whether compute with public addresses lives in ``subnet``."""
    computes, perhaps = stack.once(compute_residents).of(subnet)
    doubts: list[Reading] = list(perhaps)
    for compute in computes:
        kind, public = compute.value("properties.computeType"), compute.value(_PUBLIC)
        if isinstance(kind, Known) and not kind.is_any_of(_KINDS):
            continue
        if isinstance(public, Unknown) or isinstance(kind, Unknown):
            doubts.append(public if isinstance(public, Unknown) else kind)
        elif isinstance(public, Absent) or public.value is not False:
            return True
    return Unknown(doubts[0].path) if doubts else False


def _without_way_back(
    stack: Stack, subnet: PlannedSubnet, public: bool | Unknown
) -> Iterator[Finding]:
    """Yield the routes that public compute in ``subnet`` misses behind a firewall."""
    table = subnet.value("routeTable.id")
    routes, unknown = _routes(stack, subnet)
    if routes is None:
        yield from _unseen(subnet, unknown)
        return
    tunnelled = lead_everything(routes, _WAYS_OUT)
    if tunnelled is False:
        return
    for row in BYPASSES:
        if _has_bypass(routes, row):
            continue
        message = (
            f"{subnet.label} leads everything to a firewall, and has no route for "
            f"{row.tag} to the Internet: {row.reason}; add it"
        )
        yield _doubted((public, tunnelled, unknown), table.path, message)


def _unseen(subnet: PlannedSubnet, unknown: Reading | None) -> Iterator[Finding]:
    """Yield that the routes of ``subnet`` are not to be seen, if it has any."""
    table = subnet.value("routeTable.id")
    if unknown is not None:
        yield undecided(unknown, f"{subnet.label} has the routes of that table")
    elif not isinstance(table, Absent):
        yield Undecided(
            table.path,
            f"{table.path} names a table outside of this stack, so its routes are not "
            "to be seen; declare table and subnet in one stack",
        )


def _doubted(doubts: Sequence[object], path: str, message: str) -> Finding:
    """Return a violation, or what is undecided if one of ``doubts`` is not known."""
    doubt = next((each for each in doubts if isinstance(each, Unknown)), None)
    return undecided(doubt, message) if doubt else Violation(path, message)


def _has_bypass(routes: Sequence[PlannedRoute], row: BypassRow) -> bool:
    tag = row.tag.lower()
    return any(
        isinstance(route.prefix, Known)
        and str(route.prefix.value).strip().lower().partition(".")[0] == tag
        and route.leads_to((NextHop.INTERNET,)) is True
        for route in routes
    )


def _without_way_out(
    stack: Stack, subnet: PlannedSubnet, trains: bool | Unknown
) -> Iterator[Finding]:
    """Yield a finding if compute in ``subnet`` reaches nothing outside."""
    access = subnet.value("defaultOutboundAccess")
    if isinstance(access, Absent) or isinstance(access, Known) and access.value is True:
        return
    if not isinstance(subnet.value("natGateway"), Absent):
        return
    routes, unknown = _routes(stack, subnet)
    if routes is None and not isinstance(subnet.value("routeTable"), Absent):
        yield from _unseen(subnet, unknown)
        return
    leads = lead_everything(routes or (), _WAYS_OUT)
    if leads is True:
        return
    message = (
        f"{subnet.label} has compute and no way out: {access.path} is false, and it "
        "has neither a NAT gateway nor a default route; add one"
    )
    yield _doubted((access, trains, leads, unknown), access.path, message)


def _routes(
    stack: Stack, subnet: PlannedSubnet
) -> tuple[list[PlannedRoute] | None, Reading | None]:
    """Return the routes of ``subnet``, and a value that may add others.

    The routes are None where no table of this stack is certain to be the subnet's.
    """
    tables = stack.once(route_tables)
    reference = tables.of(subnet)
    if reference.certain is not None:
        return tables.routes(reference.certain)
    if reference.possible or reference.anything:
        return None, reference.reading
    return None, None

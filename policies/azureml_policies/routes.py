"""Rules for routes: where packets go that a network sends out.

A firewall sees only what routes lead to it, and a route to nowhere takes a service away
that Azure Machine Learning needs.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB, assigned
from azureml_policies._plan import FIREWALL, INTERFACE, NETWORK, SUBNET
from azureml_policies._public_addresses import LOAD_BALANCER
from azureml_policies._routes import (
    ROUTE,
    ROUTE_TABLE,
    PlannedRoute,
    route_tables,
    routes_in,
)
from azureml_policies._subnets import Ranges, ranges_in, subnets_of
from azureml_policies._training_subnets import trains_in
from azureml_rulebook.aml_traffic import ALWAYS, REQUIRED_OUTBOUND
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.regions import cloud_of, region_name
from azureml_rulebook.routes import ROUTING_PAGE, NextHop
from azureml_rulebook.service_tag_lists import published_tags
from azureml_rulebook.service_tags import narrowed_tag, tag_prefixes

_NOWHERE = "None"
_TABLES = "routeTables"
_RANGES = "applianceRanges"
_EVERY_PLACE = ("azurecloud", "internet")
"""Service tags that hold what every service needs, in lower case."""
_SHOWN_SUBNET = {
    "type": SUBNET,
    "name": "firewall",
    "properties": {
        "virtualNetworkName": "vnet",
        "subnetName": "AzureFirewallSubnet",
        "addressPrefix": "10.20.0.64/26",
    },
}


def _table_to(address: str) -> dict[str, object]:
    """Return a table of an example, with one route to ``address``."""
    route = {
        "name": "all",
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": address,
    }
    about = {"routeTableName": "rt", "routes": [route]}
    return {"type": ROUTE_TABLE, "name": "table", "properties": about}


@resource_rule(
    id="RT001",
    name="route-default-not-internet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ROUTE_TABLE, ROUTE),
    settings={
        _TABLES: {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Route tables, by routeTableName, that may lead everything "
            "to the Internet, as that of a firewall's own subnet",
        }
    },
    controls=(Control(MCSB, "NS-3"),),
    azure_policies=("fc5e4038-4584-4632-8c85-c0448d374b2c",),
    steps="Lead 0.0.0.0/0 to a firewall or an appliance, or remove the route and let a "
    "NAT gateway lead out. Half of all addresses counts as all: two routes to /1 are a "
    "default route by another name.",
    url=ROUTING_PAGE,
    bad={
        "routes": [
            {"name": "low", "addressPrefix": "0.0.0.0/1", "nextHopType": "Internet"},
            {"name": "high", "addressPrefix": "128.0.0.0/1", "nextHopType": "Internet"},
        ]
    },
    good={
        "routes": [
            {
                "name": "all",
                "addressPrefix": "0.0.0.0/0",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": "10.20.0.68",
            }
        ]
    },
)
def route_default_not_internet(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """No route leads everything straight to the Internet."""
    name = resource.value("routeTableName")
    tables = tuple(context.settings[_TABLES])
    if isinstance(name, Known) and name.is_any_of(tables):
        raise NotApplicable("the table may lead to the Internet")
    for route in routes_in(resource):
        for finding in _leads_to_internet(route):
            if isinstance(name, Unknown) and tables:
                yield undecided(name, f"unless it is in {_TABLES}, {finding.message}")
            else:
                yield finding


@stack_rule(
    id="RT002",
    name="route-next-hop-valid",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ROUTE_TABLE, ROUTE),
    settings={
        _RANGES: {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Ranges of subnets outside of this stack that appliances "
            "live in, as a hub's firewall subnet",
        }
    },
    controls=(assigned("NS-3"),),
    steps="Set nextHopIpAddress to the address of an appliance in one of the network's "
    "subnets, or name its range in applianceRanges; remove routes to None that cover "
    "what Azure Machine Learning needs.",
    url=ROUTING_PAGE,
    bad=(_SHOWN_SUBNET, _table_to("10.99.0.4")),
    good=(_SHOWN_SUBNET, _table_to("10.20.0.68")),
)
def route_next_hop_valid(resource: Resource, context: Context) -> Iterator[Finding]:
    """A route leads to an appliance that there is, and takes away nothing needed."""
    for route in routes_in(resource):
        to_appliance = route.leads_to((NextHop.VIRTUAL_APPLIANCE,))
        if isinstance(to_appliance, Unknown):
            yield undecided(to_appliance, "it has to lead somewhere")
        elif to_appliance:
            yield from _appliance(route, context)
        elif route.leads_to((_NOWHERE,)) is True:
            yield from _takes_away(route, context.stack)


def _leads_to_internet(route: PlannedRoute) -> Iterator[Finding]:
    prefix = route.prefix
    leads = route.leads_to((NextHop.INTERNET,))
    if leads is False or not (route.is_wide or isinstance(prefix, Unknown)):
        return
    wanted = "a route for more than a /8 must not lead to the Internet"
    if isinstance(leads, Unknown):
        yield undecided(leads, wanted)
    elif isinstance(prefix, Unknown):
        yield undecided(prefix, wanted)
    elif isinstance(prefix, Known):
        yield Violation(
            route.hop.path,
            f"{route.hop.path} is 'Internet' for {prefix.text}; lead it to a firewall "
            "or an appliance",
        )


def _appliance(route: PlannedRoute, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the address of a route's appliance."""
    reading = route.value("nextHopIpAddress")
    match reading:
        case Absent() | Known(is_blank=True):
            yield Violation(
                reading.path,
                f"{reading.path} is missing, so packets go nowhere; set it to the "
                "appliance's address",
            )
        case Unknown():
            if not _is_made_here(route, reading, context.stack):
                yield undecided(reading, "it has to lie in a subnet that is known")
        case Known():
            yield from _in_a_subnet(reading, context)


def _is_made_here(route: PlannedRoute, address: Unknown, stack: Stack) -> bool:
    """Say whether an address is made from what has one in this stack."""
    keys = {each.lower() for each in (FIREWALL, INTERFACE, LOAD_BALANCER)}
    origins = stack.made_from(route.resource, address.path)
    return any(origin.key in keys for origin in origins)


def _in_a_subnet(address: Known, context: Context) -> Iterator[Finding]:
    try:
        found = IPv4Address(str(address.value).strip())
    except ValueError:
        yield Violation(
            address.path,
            f"{address.path} is {address.text}, no IPv4 address; correct it",
        )
        return
    configured = ranges_in(
        *(
            Known(f"{_RANGES}[{index}]", text)
            for index, text in enumerate(context.settings[_RANGES])
        )
    )
    yield from configured.faults
    listed = (configured, *context.stack.once(_subnet_ranges))
    if any(found in each for ranges in listed for _, each in ranges.ipv4):
        return
    message = f"{address.path} is {address.text}, in no subnet of this stack"
    unknown = next((each for ranges in listed for each in ranges.unknown), None)
    if unknown is not None:
        yield undecided(
            unknown, f"it may be the only one that holds the hop: {message}"
        )
        return
    yield Violation(
        address.path, f"{message}; correct it, or name its range in {_RANGES}"
    )


def _subnet_ranges(stack: Stack) -> list[Ranges]:
    return [
        subnet.ranges
        for resource in stack.of_type(SUBNET, NETWORK)
        for subnet in subnets_of(resource)
    ]


def _takes_away(route: PlannedRoute, stack: Stack) -> Iterator[Finding]:
    """Yield a finding if a route to nowhere covers what compute behind it needs."""
    prefix = route.prefix
    table, doubt = _table_of(route, stack)
    service = (
        "it"
        if isinstance(prefix, Unknown)
        else _needed_service(route, _led_elsewhere(table, stack))
    )
    if not service:
        return
    subnets = stack.once(route_tables).subnets(table) if table else []
    message = f"{prefix.path} leads to None, and Azure Machine Learning needs {service}"
    if any(trains_in(stack, each) is True for each in subnets):
        if isinstance(prefix, Known):
            yield Violation(prefix.path, f"{message} ({prefix.text}); remove the route")
        else:
            yield undecided(prefix, f"{message}, perhaps")
        return
    if table is not None:
        doubt = _perhaps_for_training(stack, table)
    if isinstance(doubt, Unknown):
        yield undecided(doubt, f"if the table is for compute, {message}")
    elif doubt is not None:
        yield Undecided(
            doubt.path,
            f"{doubt.path} names a table outside of this stack: if it is for compute, "
            f"{message}",
        )


def _table_of(
    route: PlannedRoute, stack: Stack
) -> tuple[Resource | None, Reading | None]:
    """Return the table of a route, or the value that names one not seen here."""
    if route.inline is not None:
        return route.resource, None
    name = route.value("routeTableName")
    table = stack.resolve(route.resource, name, ROUTE_TABLE).certain
    return (None, name) if table is None else (table, None)


def _led_elsewhere(table: Resource | None, stack: Stack) -> frozenset[str]:
    """Return the tags, in lower case, that routes of their own lead somewhere."""
    if table is None:
        return frozenset()
    routes, _ = stack.once(route_tables).routes(table)
    return frozenset(
        str(route.prefix.value).strip().lower()
        for route in routes
        if isinstance(route.prefix, Known) and route.leads_to((_NOWHERE,)) is False
    )


def _perhaps_for_training(stack: Stack, table: Resource) -> Unknown | None:
    """Return the value that may put compute behind ``table``."""
    tables = stack.once(route_tables)
    for subnet in tables.subnets(table):
        trains = trains_in(stack, subnet)
        if isinstance(trains, Unknown):
            return trains
    for subnet in tables.possible_subnets(table):
        if trains_in(stack, subnet) is not False:
            return Unknown(subnet.value("routeTable.id").path)
    return None


def _needed_service(route: PlannedRoute, led_elsewhere: frozenset[str]) -> str:
    """Return the tag of a service that compute needs and the route covers, or ''.

    ``led_elsewhere``: tags that have routes of their own, which count before ranges.
    """
    prefix = route.prefix
    if not isinstance(prefix, Known) or not isinstance(prefix.value, str):
        return ""
    location = route.resource.value("location")
    region = region_name(str(location.value)) if isinstance(location, Known) else ""
    cloud = cloud_of(region) if region else PUBLIC
    text = prefix.value.strip().lower()
    for row in REQUIRED_OUTBOUND:
        if row.when != ALWAYS or cloud not in row.clouds:
            continue
        whole = row.tag.partition(".{region}")[0]
        tag = narrowed_tag(row.tag, region, published_tags(cloud)) if region else whole
        if led_elsewhere.isdisjoint((tag.lower(), whole.lower())) and _covers(
            route.range, text, tag, whole, cloud
        ):
            return tag
    return ""


def _covers(
    found: IPv4Network | IPv6Network | None,
    text: str,
    tag: str,
    whole: str,
    cloud: str,
) -> bool:
    """Say whether a range, or a tag called ``text``, covers some of ``tag``."""
    if found is None:
        return text in (tag.lower(), whole.lower(), *_EVERY_PLACE)
    return any(found.overlaps(each) for each in tag_prefixes(tag, cloud) or ())

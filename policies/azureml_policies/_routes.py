"""Routes of a plan, in both shapes, and which subnets they are for.

A route stands in its table's list or is a resource of its own; a table does not say
whom it is for, a subnet names its table.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from azureml_policies._frame import (
    Known,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
)
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._subnets import PlannedSubnet, subnets_of
from azureml_rulebook.public_access import WIDEST_RANGE
from azureml_rulebook.routes import EVERYTHING

ROUTE_TABLE = "network:RouteTable"
ROUTE = "network:Route"

_EVERYTHING = IPv4Network(EVERYTHING)


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """A route of a plan."""

    resource: Resource
    """The route itself, or the table that it stands in."""
    inline: Reading | None = None
    """Its element of the table's list."""

    def value(self, path: str) -> Reading:
        """Return the reading of a dotted property path of the route."""
        if self.inline is None:
            return self.resource.value(path)
        return self.inline.at(path)

    @property
    def hop(self) -> Reading:
        """What it leads to: ``VirtualAppliance``, ``Internet`` and so on."""
        return self.value("nextHopType")

    @property
    def prefix(self) -> Reading:
        """For whom it is: a range or a service tag."""
        return self.value("addressPrefix")

    @property
    def range(self) -> IPv4Network | IPv6Network | None:
        """Its prefix, where that is a known range."""
        prefix = self.prefix
        if not isinstance(prefix, Known) or not isinstance(prefix.value, str):
            return None
        try:
            return ip_network(prefix.value.strip(), strict=False)
        except ValueError:
            return None

    @property
    def is_wide(self) -> bool:
        """Whether its range is wider than what any one owner has: a half of all
        addresses is as good as a default route."""
        found = self.range
        return found is not None and found.prefixlen < WIDEST_RANGE

    def leads_to(self, hops: Collection[str]) -> bool | Unknown:
        """Say whether it leads to one of ``hops``, or return what tells."""
        hop = self.hop
        if isinstance(hop, Unknown):
            return hop
        return isinstance(hop, Known) and hop.is_any_of(tuple(hops))


def routes_in(resource: Resource) -> Iterator[PlannedRoute]:
    """Yield a stand-alone route, or those in a table's list, of which one may be all
    that is known of a list that is not."""
    if resource.key == ROUTE.lower():
        yield PlannedRoute(resource)
        return
    listed = resource.value("routes")
    elements = [listed] if isinstance(listed, Unknown) else listed.elements()
    for element in elements:
        yield PlannedRoute(resource, element)


class RouteTables:
    """The route tables of a stack: what is in them, and whom they are for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._own: dict[str, list[PlannedRoute]] = defaultdict(list)
        self._open: list[Reference] = []
        self._subnets: dict[str, list[PlannedSubnet]] = defaultdict(list)
        self._open_subnets: list[tuple[Reference, PlannedSubnet]] = []
        for route in stack.of_type(ROUTE):
            table = stack.resolve(route, route.value("routeTableName"), ROUTE_TABLE)
            if table.certain is not None:
                self._own[table.certain.urn].append(PlannedRoute(route))
            else:
                self._open.append(table)
        for resource in stack.of_type(SUBNET, NETWORK):
            for subnet in subnets_of(resource):
                table = self.of(subnet)
                if table.certain is not None:
                    self._subnets[table.certain.urn].append(subnet)
                else:
                    self._open_subnets.append((table, subnet))

    def of(self, subnet: PlannedSubnet) -> Reference:
        """Return the table that ``subnet`` names."""
        reading = subnet.value("routeTable.id")
        return self._stack.resolve(subnet.resource, reading, ROUTE_TABLE)

    def routes(self, table: Resource) -> tuple[list[PlannedRoute], Reading | None]:
        """Return the routes of ``table``, and a value that may add another one."""
        open_value = next(
            (each.reading for each in self._open if each.may_be(table)), None
        )
        return [*routes_in(table), *self._own.get(table.urn, ())], open_value

    def subnets(self, table: Resource) -> list[PlannedSubnet]:
        """Return the subnets that certainly have ``table``."""
        return self._subnets.get(table.urn, [])

    def possible_subnets(self, table: Resource) -> list[PlannedSubnet]:
        """Return the subnets that may have ``table``."""
        return [sub for reference, sub in self._open_subnets if reference.may_be(table)]


def route_tables(stack: Stack) -> RouteTables:
    """Return the route tables of ``stack``; ask through ``stack.once``."""
    return RouteTables(stack)


def lead_everything(
    routes: Iterable[PlannedRoute], hops: Collection[str]
) -> bool | Unknown:
    """Say whether ``routes`` lead all addresses to ``hops``, or return what tells."""
    ranges: list[IPv4Network] = []
    unknown: Unknown | None = None
    for route in routes:
        leads = route.leads_to(hops)
        found = route.range
        if isinstance(found, IPv4Network):
            if leads is True:
                ranges.append(found)
            elif isinstance(leads, Unknown) and route.is_wide:
                unknown = leads
        elif leads is not False and isinstance(route.prefix, Unknown):
            unknown = route.prefix
    if _EVERYTHING in collapse_addresses(ranges):
        return True
    return unknown or False

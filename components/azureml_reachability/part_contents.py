"""What of the parts of a topology decides, as values that two topologies compare by.

Equal contents decide alike: names of rules, their numbers and where they stand in the
plan are left out, the order in which rules are read is in. Each content gets a number,
so that comparing parts of a large network is comparing numbers.
"""

from collections import Counter
from collections.abc import Hashable, Iterator

from azureml_reachability.addresses import AddressSet
from azureml_reachability.end_values import internet_addresses
from azureml_reachability.firewall_decisions import FirewallRules
from azureml_reachability.group_rules import ONE_OF, GroupRule, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.peerings import reverse_of
from azureml_reachability.routes import (
    RoutePart,
    gateways_of,
    route_parts,
)
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import (
    Firewall,
    Gateway,
    Interface,
    Network,
    Peering,
    RouteTable,
    Subnet,
    Topology,
)
from azureml_reachability.unknown_routes import unknown_routes
from azureml_reachability.way_facts import firewall_at, interface_at, one_address
from azureml_rulebook.security_rules import Direction

_NOT_KNOWN = "?"
"""In place of a value that is not known."""


class Numbers:
    """A number for each content: the same for equal ones, in both topologies."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, *content: Hashable) -> int:
        """Return the number of a content."""
        return self._numbers.setdefault(content, len(self._numbers))


class PartContents:
    """The contents of the parts of one topology; each is read once."""

    def __init__(
        self, topology: Topology, numbers: Numbers, *, with_guards: bool = True
    ) -> None:
        """Read a topology.

        ``with_guards``: whether rules count; else all groups and firewalls have the
        same ones.
        """
        self._topology = topology
        self._with_guards = with_guards
        self._numbers = numbers
        self._known: dict[tuple[str, object], int] = {}
        self._appliances: dict[tuple[AddressSet, Network], Hashable] = {}
        self._group_names = application_group_names(topology)

    def leaving(self, subnet: Subnet) -> int:
        """Return the number of what decides about leaving a subnet."""
        known = self._known.get(("leaving", subnet))
        if known is None:
            known = self._known["leaving", subnet] = self._numbers.of(
                "leaving",
                self._common(subnet),
                self.group(subnet.group, Direction.OUTBOUND),
                self._routes_and_firewalls(subnet),
                _propagates(subnet.route_table),
                _known(subnet.nat_gateway),
                _known(subnet.default_outbound),
            )
        return known

    def arriving(self, subnet: Subnet) -> int:
        """Return the number of what decides about arriving in a subnet."""
        known = self._known.get(("arriving", subnet))
        if known is None:
            known = self._known["arriving", subnet] = self._numbers.of(
                "arriving",
                self._common(subnet),
                self.group(subnet.group, Direction.INBOUND),
                _known(subnet.endpoint_policies),
            )
        return known

    def _common(self, subnet: Subnet) -> int:
        """Return the number of what a subnet's groups and routes mean."""
        around = group_surroundings(self._topology, subnet)
        return self._numbers.of(
            "common",
            subnet.network.name,
            around.virtual_network,
            around.route_prefixes,
            around.perhaps_virtual_network,
            self._topology.cloud_name,
            self._topology.published,
            self._network(subnet.network),
        )

    def group(
        self,
        group: SecurityGroup | Missing | None,
        *directions: Direction,
    ) -> int:
        """Return the number of a group: of its rules in the order of each direction.

        Args:
            group: a group, or what stands in its place.
            directions: those that count; none given: both.
        """
        if not self._with_guards:
            return 0
        if not isinstance(group, SecurityGroup):
            return self._numbers.of(_known(group))
        counted = directions or tuple(Direction)
        known = self._known.get(("group", (group, counted)))
        if known is None:
            known = self._known["group", (group, counted)] = self._numbers.of(
                "group",
                bool(group.missing),
                *(
                    tuple(self._rule(rule) for rule in group.ordered(direction))
                    for direction in counted
                ),
            )
        return known

    def _rule(self, rule: GroupRule) -> Hashable:
        """Return a rule without its name, number and place in the plan."""
        return (
            rule.direction,
            rule.access,
            rule.protocol,
            rule.sources,
            tuple(self._group_name(key) for key in rule.source_groups),
            rule.destinations,
            tuple(self._group_name(key) for key in rule.destination_groups),
            rule.ports,
            rule.source_ports,
            rule.perhaps,
        )

    def _group_name(self, key: str) -> str:
        """Return what an application security group is called; several keys may be
        one of which is meant."""
        names = (self._group_names.get(each, each) for each in key.split(ONE_OF))
        return ONE_OF.join(names)

    def members(self, keys: frozenset[str] | Missing) -> Hashable:
        """Return the names of application security groups."""
        if isinstance(keys, Missing):
            return _NOT_KNOWN
        return frozenset(self._group_name(key) for key in keys)

    def interface(self, interface: Interface) -> int:
        """Return the number of what decides about one machine."""
        public = interface.public
        standard = None if public is None else _NOT_KNOWN
        if public is not None and not isinstance(public, Missing):
            standard = (_known(public.standard),)
        return self._numbers.of(
            "interface",
            interface.kind,
            self.group(interface.group),
            self.members(interface.application_groups),
            standard,
        )

    def _network(self, network: Network) -> int:
        """Return the number of a network's peerings and gateways."""
        known = self._known.get(("network", network))
        if known is None:
            known = self._known["network", network] = self._numbers.of(
                "network",
                network.ranges,
                tuple(
                    self._peering(each)
                    for each in self._topology.peerings_by_network.get(network, ())
                ),
                tuple(
                    (self.gateway(gateway), bool(missing))
                    for gateway, missing in gateways_of(self._topology, network)
                ),
            )
        return known

    def _peering(self, peering: Peering) -> int:
        known = self._known.get(("peering", peering))
        if known is None:
            reverse = reverse_of(self._topology, peering)
            remote = peering.remote
            known = self._known["peering", peering] = self._numbers.of(
                "peering",
                (remote.name, remote.in_plan)
                if isinstance(remote, Network)
                else _NOT_KNOWN,
                _switches(peering),
                reverse and _switches(reverse),
            )
        return known

    def gateway(self, gateway: Gateway) -> int:
        """Return the number of a gateway, and of what is behind it."""
        return self._numbers.of(
            "gateway",
            gateway.name,
            gateway.network.name,
            gateway.on_premises,
            bool(gateway.on_premises_missing),
            gateway.clients,
            bool(gateway.clients_missing),
            tuple(network.name for network in gateway.networks),
        )

    def _routes_and_firewalls(self, subnet: Subnet) -> int:
        """Return the number of a subnet's routes, and of all firewalls they lead to.

        A firewall sends on by the routes of its own subnet, which may lead to another.
        """
        reached: dict[Firewall, int] = {}
        waiting = list(self._firewalls_of(subnet))
        while waiting:
            firewall = waiting.pop(0)
            if firewall not in reached:
                reached[firewall] = self._firewall(firewall)
                waiting += self._firewalls_of(firewall.subnet)
        return self._numbers.of(self._routes(subnet), *reached.values())

    def _firewalls_of(self, subnet: Subnet) -> Iterator[Firewall]:
        parts = route_parts(self._topology, subnet)
        for part in (*parts, *unknown_routes(self._topology, subnet)):
            firewall = self._firewall_at(part, subnet.network)
            if firewall is not None:
                yield firewall

    def _firewall_at(self, part: RoutePart, network: Network) -> Firewall | None:
        address = one_address(part.appliance)
        if address is None:
            return None
        return firewall_at(self._topology, address, network)

    def _routes(self, subnet: Subnet) -> int:
        parts = route_parts(self._topology, subnet)
        perhaps = unknown_routes(self._topology, subnet)
        # Subnets of equal tables have the same parts, which the topology keeps.
        key = ("routes", (id(parts), id(perhaps)))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._numbers.of(
                "routes",
                tuple(self._route(part, subnet.network) for part in parts),
                tuple(self._route(part, subnet.network) for part in perhaps),
            )
        return known

    def _route(self, part: RoutePart, network: Network) -> Hashable:
        return (
            part.addresses,
            part.next_hop,
            _known(part.appliance),
            self._appliance(part, network),
            part.peering and self._peering(part.peering),
            part.gateway and self.gateway(part.gateway),
            bool(part.missing),
            part.name.startswith("route "),
            part.name.endswith("/0"),
        )

    def _appliance(self, part: RoutePart, network: Network) -> Hashable:
        """Return what stands where a route leads to."""
        address = one_address(part.appliance)
        if address is None:
            return None
        key = (address, network)
        if key not in self._appliances:
            self._appliances[key] = self._standing_at(address, network)
        return self._appliances[key]

    def _standing_at(self, address: AddressSet, network: Network) -> Hashable:
        firewall = firewall_at(self._topology, address, network)
        if firewall is not None:
            return ("firewall", firewall.name)
        interface = interface_at(self._topology, address, network)
        return interface and ("interface", _known(interface.forwards))

    def _firewall(self, firewall: Firewall) -> int:
        known = self._known.get(("firewall", firewall))
        if known is None:
            known = self._known["firewall", firewall] = self._numbers.of(
                "firewall",
                firewall.name,
                firewall.subnet.network.name,
                firewall.addresses,
                firewall.subnet.ranges,
                self._firewall_rules(firewall.rules) if self._with_guards else 0,
                internet_addresses(self._topology),
                self._routes(firewall.subnet),
                self._network(firewall.subnet.network),
                _propagates(firewall.subnet.route_table),
            )
        return known

    def _firewall_rules(self, rules: FirewallRules) -> Hashable:
        return (
            tuple(self._rule(rule) for rule in rules.network),
            tuple((self._rule(each.rule), each.hosts) for each in rules.hosts),
            bool(rules.missing),
        )


def application_group_names(topology: Topology) -> dict[str, str]:
    """Return the application security groups by key, each with a name of its own.

    Where several have one name, the key stands in its place.
    """
    count = Counter(name.lower() for name in topology.application_groups.values())
    return {
        key: name if count[name.lower()] == 1 else key
        for key, name in topology.application_groups.items()
    }


def _known(value: Hashable) -> Hashable:
    """Return a value, or one mark for all that are not known."""
    return _NOT_KNOWN if isinstance(value, Missing) else value


def _propagates(table: RouteTable | Missing | None) -> Hashable:
    return _known(table.propagates) if isinstance(table, RouteTable) else _known(table)


def _switches(peering: Peering) -> Hashable:
    return (
        _known(peering.allows_access),
        _known(peering.allows_forwarded),
        _known(peering.allows_gateway_transit),
        _known(peering.uses_remote_gateways),
    )

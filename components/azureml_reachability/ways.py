"""The ways between two ends: what a packet passes, from the source's groups by routes
and hops to the destination's groups.

Peerings lead no further than to the peer, but for gateways that it lends; firewalls
send on by the routes of their own subnet. Where nothing in the plan decides, the way is
undecided, and says why.
"""

from collections.abc import Iterator

from azureml_reachability.addresses import ALL_IPV4, AddressSet
from azureml_reachability.ends import End, EndKind
from azureml_reachability.firewall_decisions import Translation
from azureml_reachability.group_decisions import Members
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.packets import ALL_PACKETS, PacketSet, Protocol
from azureml_reachability.peerings import lends_gateways, lets_through, reverse_of
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.routes import NextHop, RoutePart, gateways_of, route_parts
from azureml_reachability.steps_of_ways import (
    Fact,
    FirewallStep,
    GroupStep,
    Step,
    Verdict,
    Way,
)
from azureml_reachability.surroundings import group_surroundings, outside_surroundings
from azureml_reachability.topology import (
    EndpointPolicies,
    Firewall,
    Gateway,
    Interface,
    Kind,
    Network,
    Peering,
    RouteTable,
    Subnet,
    Topology,
)
from azureml_rulebook.security_rules import Direction

Steps = tuple[Step, ...]

_INSIDE = (EndKind.INSIDE, EndKind.ENDPOINT)
_BEHIND_GATEWAYS = (EndKind.SITES, EndKind.CLIENTS)
_IPV4_ONLY = PacketSet.of(sources=ALL_IPV4, destinations=ALL_IPV4)

_VPN_DOOR = PacketSet.of(
    protocols=frozenset({Protocol.UDP}), destination_ports=PortSet.of("500", "4500")
) | PacketSet.of(protocols=frozenset({Protocol.ESP}))
_HTTPS_DOOR = PacketSet.of(
    protocols=frozenset({Protocol.TCP}), destination_ports=PortSet.of("443")
)
_DOORS = {
    Kind.BASTION: _HTTPS_DOOR,
    Kind.GATEWAY: _VPN_DOOR | _HTTPS_DOOR,
}
"""What Azure's own services listen to at their public addresses: Bastion to browsers
(https://learn.microsoft.com/azure/bastion/bastion-nsg), gateways to tunnels and to VPN
clients (https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq)."""


def ways_between(topology: Topology, source: End, destination: End) -> list[Way]:
    """Return all ways from one end to another.

    Together they are about every packet between the two; a way that ends at a decision
    which lets nothing through says why.
    """
    return list(_Ways(topology, source, destination).all())


def group_steps(topology: Topology, source: End, destination: End) -> Steps:
    """Return the groups between two ends alone, as if every route led there."""
    ways = _Ways(topology, source, destination)
    return (*ways.leaving(), *ways.arriving())


class _Ways:
    """The ways between one pair of ends."""

    def __init__(self, topology: Topology, source: End, destination: End) -> None:
        self._topology = topology
        self._source = source
        self._destination = destination
        self._members = Members(
            source.application_groups, destination.application_groups
        )

    def all(self) -> Iterator[Way]:
        """Yield the ways."""
        blocked = self._impossible()
        if blocked is not None:
            yield self._way(self._destination.addresses, (blocked,))
            return
        match self._source.kind:
            case EndKind.INSIDE:
                subnet = self._source.subnet
                if subnet is None:
                    yield self._unplaced(self._source)
                    return
                parts = self._sent(subnet, leaving=self.leaving())
            case EndKind.INTERNET:
                parts = self._from_the_internet()
            case EndKind.SITES | EndKind.CLIENTS:
                parts = self._from_behind_a_gateway()
            case EndKind.NETWORK:
                parts = self._from_another_network()
            case EndKind.HOST:
                host = Fact(where="Azure's host", rule="reaches every subnet")
                parts = [(self._destination.addresses, (host, *self.arriving()))]
            case _:
                parts = []
        for addresses, steps in parts:
            yield self._way(addresses, steps)

    def _way(self, addresses: AddressSet, steps: Steps) -> Way:
        return Way(sources=self._source.addresses, destinations=addresses, steps=steps)

    def _impossible(self) -> Fact | None:
        """Return why there is no way at all, or none in the plan."""
        source, destination = self._source, self._destination
        if source.kind is EndKind.ENDPOINT:
            return _blocked(source.name, "private endpoints open no connections")
        if source.kind is EndKind.NOWHERE:
            return _blocked(source.name, "nothing in the plan has this address")
        if source.kind not in _INSIDE and destination.kind not in _INSIDE:
            reason = "the way does not pass the networks of the plan"
            return _undecided(f"{source.name} to {destination.name}", reason)
        if destination.kind in _INSIDE and destination.subnet is None:
            return self._unplaced_fact(destination)
        return None

    def _unplaced(self, end: End) -> Way:
        return self._way(self._destination.addresses, (self._unplaced_fact(end),))

    def _unplaced_fact(self, end: End) -> Fact:
        return Fact(
            where=end.name,
            rule="its subnet is not known",
            verdict=Verdict.UNDECIDED,
            missing=end.missing,
        )

    # Groups at both ends

    def leaving(self) -> Steps:
        """Return the groups that the packets pass where they start."""
        source = self._source
        if source.kind is not EndKind.INSIDE or source.subnet is None:
            return ()
        interface = source.interface
        return (
            *(
                self._interface_group(interface, Direction.OUTBOUND)
                if interface
                else ()
            ),
            *self._group(
                source.subnet.group,
                Direction.OUTBOUND,
                f"subnet {source.subnet.name}",
                source.subnet,
            ),
        )

    def arriving(self) -> Steps:
        """Return the groups that the packets pass where they end."""
        destination = self._destination
        subnet = destination.subnet
        if destination.kind is EndKind.ENDPOINT and subnet is not None:
            return self._endpoint_group(subnet)
        if destination.kind is not EndKind.INSIDE or subnet is None:
            return ()
        interface = destination.interface
        return (
            *self._group(
                subnet.group, Direction.INBOUND, f"subnet {subnet.name}", subnet
            ),
            *(self._interface_group(interface, Direction.INBOUND) if interface else ()),
        )

    def _interface_group(self, interface: Interface, direction: Direction) -> Steps:
        if not isinstance(interface.subnet, Subnet):
            return ()
        owner = f"{interface.kind} {interface.name}"
        return self._group(interface.group, direction, owner, interface.subnet)

    def _group(
        self,
        group: SecurityGroup | Missing | None,
        direction: Direction,
        owner: str,
        subnet: Subnet,
        obeyed: Missing | None = None,
    ) -> Steps:
        if group is None:
            return ()
        if isinstance(group, Missing):
            where = f"{direction.lower()} group of {owner}"
            return (_undecided(where, "which group is not known", group),)
        other = self._destination if direction is Direction.OUTBOUND else self._source
        return (
            GroupStep(
                topology=self._topology,
                group=group,
                direction=direction,
                owner=owner,
                surroundings=group_surroundings(self._topology, subnet, other),
                members=self._members,
                obeyed=obeyed,
            ),
        )

    def _endpoint_group(self, subnet: Subnet) -> Steps:
        """Return the group before a private endpoint, where the subnet's policies
        make it obey one."""
        policies = subnet.endpoint_policies
        if isinstance(policies, EndpointPolicies) and not policies.groups:
            if subnet.group is None:
                return ()
            rule = "does not decide: the subnet's endpoint policies are off for groups"
            return (Fact(where=f"inbound group of subnet {subnet.name}", rule=rule),)
        return self._group(
            subnet.group,
            Direction.INBOUND,
            f"subnet {subnet.name}",
            subnet,
            policies if isinstance(policies, Missing) else None,
        )

    # Routes from a subnet on

    def _sent(
        self,
        subnet: Subnet,
        leaving: Steps,
        passed: tuple[Firewall, ...] = (),
        *,
        from_gateway: Gateway | None = None,
    ) -> Iterator[tuple[AddressSet, Steps]]:
        """Yield the ways on from a subnet, by each route that takes any packets.

        ``passed``: the firewalls that have sent the packets before.
        """
        where = f"routes of subnet {subnet.name}"
        direct = self._learnt_way(subnet, leaving, where)
        if direct is not None:
            yield direct
            return
        for part in route_parts(self._topology, subnet):
            addresses = part.addresses & self._destination.addresses
            if not addresses:
                continue
            part, doubt = self._to_endpoint(subnet, part)
            route = _route_fact(where, part, doubt)
            for found, steps in self._hop(
                subnet, part, addresses, passed, from_gateway
            ):
                yield found, (*leaving, route, *steps)

    def _learnt_way(
        self, subnet: Subnet, leaving: Steps, where: str
    ) -> tuple[AddressSet, Steps] | None:
        """Return the way to ranges that a gateway learns, but the plan does not know.

        A user's route for a part of them would be more specific, or not.
        """
        end = self._destination
        unknown = end.one_of is not None or end.missing
        if end.kind not in _BEHIND_GATEWAYS or not unknown or end.gateway is None:
            return None
        lent = next(
            (
                missing
                for gateway, missing in gateways_of(self._topology, subnet.network)
                if gateway is end.gateway
            ),
            None,
        )
        table = subnet.route_table
        propagates = table.propagates if isinstance(table, RouteTable) else True
        if lent is None or propagates is False:
            return None
        doubts = [*lent]
        doubts += [each for each in (table, propagates) if isinstance(each, Missing)]
        for part in route_parts(self._topology, subnet):
            is_own = part.name.startswith("route ") and part.addresses & end.addresses
            if is_own and not part.name.endswith("/0") and part.gateway is None:
                reason = "may be more specific than what the site announces"
                doubts.append(Missing(part.name, reason))
        rule = f"route learnt by {end.gateway.name}"
        verdict = Verdict.UNDECIDED if doubts else Verdict.ALLOWED
        fact = Fact(where=where, rule=rule, verdict=verdict, missing=tuple(doubts))
        return end.addresses, (*leaving, fact)

    def _to_endpoint(
        self, subnet: Subnet, part: RoutePart
    ) -> tuple[RoutePart, tuple[Missing, ...]]:
        """Return the route to a private endpoint: its own, unless policies say else.

        An endpoint has a route of its own address in its network and the direct peers
        (https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy).
        """
        end = self._destination
        if end.kind is not EndKind.ENDPOINT or end.subnet is None:
            return part, ()
        policies = end.subnet.endpoint_policies
        if isinstance(policies, EndpointPolicies) and policies.routes:
            return part, ()
        network = end.subnet.network
        own = RoutePart(
            addresses=part.addresses,
            name=f"route of {end.name}",
            next_hop=NextHop.LOCAL,
        )
        if network is not subnet.network:
            peering = _peering_to(self._topology, subnet.network, network)
            if peering is None:
                return part, ()
            own = RoutePart(
                addresses=part.addresses,
                name=own.name,
                next_hop=NextHop.PEERING,
                peering=peering,
            )
        if isinstance(policies, Missing) and own.next_hop is not part.next_hop:
            return own, (policies,)
        return own, ()

    def _hop(
        self,
        subnet: Subnet,
        part: RoutePart,
        addresses: AddressSet,
        passed: tuple[Firewall, ...],
        from_gateway: Gateway | None,
    ) -> Iterator[tuple[AddressSet, Steps]]:
        end = self._destination
        network = subnet.network
        match part.next_hop:
            case NextHop.LOCAL if end.network is network and end.kind in _INSIDE:
                yield addresses, self.arriving()
            case NextHop.LOCAL:
                reason = f"the address is in network {network.name}, and nothing has it"
                yield addresses, (_blocked(f"network {network.name}", reason),)
            case NextHop.PEERING if part.peering is not None:
                yield addresses, self._over(part.peering, passed, from_gateway)
            case NextHop.GATEWAY:
                yield addresses, self._through_gateway(subnet, part)
            case NextHop.SERVICE_ENDPOINT:
                yield addresses, ()
            case NextHop.INTERNET:
                yield addresses, self._out(subnet, passed)
            case NextHop.APPLIANCE:
                yield from self._to_appliance(subnet, part, addresses, passed)
            case NextHop.NONE:
                yield addresses, (_blocked(f"subnet {subnet.name}", "dropped by it"),)
            case _:
                yield addresses, self.arriving()

    def _over(
        self,
        peering: Peering,
        passed: tuple[Firewall, ...],
        from_gateway: Gateway | None,
    ) -> Steps:
        """Return what decides at a peering, and behind it."""
        where = f"peering {peering.name}"
        if self._destination.network is not peering.remote:
            reason = "leads to its own network only: peerings are not transitive"
            return (_blocked(where, reason),)
        passes = lets_through(self._topology, peering, forwarded=bool(passed))
        reason = "both sides must exist, and allow access"
        if passed:
            reason += " and forwarded traffic"
        if passes is True and from_gateway is not None and not passed:
            passes = self._lent_to(peering)
            reason = "the gateway's network lends it, and the other uses it"
        if isinstance(passes, Missing):
            return (_undecided(where, reason, passes), *self.arriving())
        if not passes:
            return (_blocked(where, f"closed: {reason}"),)
        return (Fact(where=where, rule=reason), *self.arriving())

    def _lent_to(self, peering: Peering) -> bool | Missing:
        """Return whether the other network uses the gateway of ``peering.network``."""
        reverse = reverse_of(self._topology, peering)
        if reverse is None:
            return peering.allows_gateway_transit
        return lends_gateways(self._topology, reverse)

    def _through_gateway(self, subnet: Subnet, part: RoutePart) -> Steps:
        """Return what decides where a route leads to a gateway."""
        end = self._destination
        gateways = [
            gateway
            for gateway, _ in gateways_of(self._topology, subnet.network)
            if part.gateway in (None, gateway)
        ]
        if not gateways:
            reason = "network has no gateway"
            return (_blocked(f"network {subnet.network.name}", reason),)
        where = f"gateway {gateways[0].name}"
        if end.kind in _BEHIND_GATEWAYS and end.gateway in gateways:
            return (Fact(where=where, rule=f"sends to {end.name}"),)
        if any(end.network in gateway.networks for gateway in gateways):
            return (Fact(where=where, rule="connection of networks"), *self.arriving())
        if end.kind in (EndKind.INTERNET, EndKind.SITES, EndKind.CLIENTS):
            return (_undecided(where, "what is behind it is not in the plan"),)
        return (_blocked(where, f"does not lead to {end.name}"),)

    def _out(self, subnet: Subnet, passed: tuple[Firewall, ...]) -> Steps:
        """Return what decides about leaving to the Internet."""
        end = self._destination
        if end.kind is not EndKind.INTERNET:
            return (_blocked(f"subnet {subnet.name}", f"no route leads to {end.name}"),)
        if passed:
            rule = "translates to its public address"
            return (
                Fact(
                    where=f"firewall {passed[-1].name}", rule=rule, packets=_IPV4_ONLY
                ),
            )
        return (self._way_out(subnet),)

    def _way_out(self, subnet: Subnet) -> Fact:
        """Return what lends a machine a public address."""
        interface = self._source.interface
        public = interface.public if interface is not None else None
        where = f"way out of subnet {subnet.name}"
        if public is not None and not isinstance(public, Missing):
            return Fact(where=where, rule=f"public address {public.name}")
        lenders = (
            ("NAT gateway", subnet.nat_gateway),
            ("default outbound access", subnet.default_outbound),
        )
        for name, lends in lenders:
            if lends is True:
                return Fact(where=where, rule=name, packets=_IPV4_ONLY)
        doubts = [
            value
            for value in (public, *(lends for _, lends in lenders))
            if isinstance(value, Missing)
        ]
        if doubts:
            return _undecided(where, "NAT gateway or public address", *doubts)
        reason = (
            "none: neither NAT gateway, nor public address, nor default outbound access"
        )
        return _blocked(where, reason)

    def _to_appliance(
        self,
        subnet: Subnet,
        part: RoutePart,
        addresses: AddressSet,
        passed: tuple[Firewall, ...],
    ) -> Iterator[tuple[AddressSet, Steps]]:
        """Yield the ways on by a firewall; other appliances cannot be told."""
        address = _one_address(part.appliance)
        if address is None:
            missing = (
                part.appliance
                if isinstance(part.appliance, Missing)
                else Missing(part.name, f"leads to '{part.appliance}', no address")
            )
            step = _undecided("appliance", "its address is not known", missing)
            yield addresses, (step, *self.arriving())
            return
        firewall = _firewall_at(self._topology, address)
        if firewall is None:
            yield addresses, (self._appliance(address, str(part.appliance)),)
            return
        reach = self._reach_firewall(subnet, firewall)
        if firewall in passed:
            loop = _blocked(f"firewall {firewall.name}", "routes lead in a circle")
            yield addresses, (loop,)
            return
        if reach is not None and reach.verdict is Verdict.BLOCKED:
            yield addresses, (reach,)
            return
        step = FirewallStep(
            firewall=firewall,
            surroundings=outside_surroundings(self._topology),
        )
        before: Steps = (step,) if reach is None else (reach, step)
        for found, steps in self._sent(firewall.subnet, before, (*passed, firewall)):
            if found & addresses:
                yield found & addresses, steps

    def _reach_firewall(self, subnet: Subnet, firewall: Firewall) -> Fact | None:
        """Return what decides on the way to a firewall of a peer; None: it is near."""
        network = firewall.subnet.network
        if network is subnet.network:
            return None
        peering = _peering_to(self._topology, subnet.network, network)
        if peering is None:
            reason = f"is in network {network.name}, which is not peered"
            return _blocked(f"firewall {firewall.name}", reason)
        passes = lets_through(self._topology, peering, forwarded=False)
        where = f"peering {peering.name}"
        if isinstance(passes, Missing):
            return _undecided(where, "access may be closed", passes)
        rule = "both sides must exist, and allow access"
        return Fact(where=where, rule=rule) if passes else _blocked(where, rule)

    def _appliance(self, address: AddressSet, text: str) -> Fact:
        """Return what is known of an appliance: whether it forwards, never what."""
        interface = next(
            (
                each
                for each in self._topology.interfaces
                if each.addresses is not None and each.addresses & address
            ),
            None,
        )
        if interface is not None and interface.forwards is False:
            reason = "takes packets for itself only: IP forwarding is off"
            return _blocked(f"appliance {interface.name}", reason)
        name = interface.name if interface is not None else text
        missing = Missing(f"appliance {name}", "forwards what its own setup says")
        return _undecided(f"appliance {name}", "not in the plan", missing)

    # Other starts

    def _from_the_internet(self) -> Iterator[tuple[AddressSet, Steps]]:
        yield from self._to_public_address()
        for firewall in self._topology.firewalls:
            for translation in firewall.rules.translations:
                led = _translated(firewall, translation)
                addresses = led.packets.destinations() & self._destination.addresses
                if addresses:
                    yield addresses, (led,)

    def _to_public_address(self) -> Iterator[tuple[AddressSet, Steps]]:
        end = self._destination
        interface = end.interface
        public = interface.public if interface is not None else None
        if interface is None or public is None:
            reason = "no public address leads to it"
            yield end.addresses, (_blocked(end.name, reason),)
            return
        if isinstance(public, Missing):
            step = _undecided(end.name, "may have a public address", public)
            yield end.addresses, (step, *self.arriving())
            return
        where = f"public address {public.name}"
        if interface.kind is Kind.FIREWALL:
            reason = "a firewall answers nothing by itself"
            yield end.addresses, (_blocked(where, reason),)
            return
        door = _DOORS.get(interface.kind, ALL_PACKETS)
        steps = self.arriving()
        if not steps and interface.kind in (Kind.MACHINE, Kind.COMPUTE):
            closed = public.standard
            if isinstance(closed, Missing):
                unsure = _undecided(where, "closed without a group if Standard", closed)
                yield end.addresses, (unsure,)
                return
            if closed:
                reason = "closed: Standard addresses need a group that opens them"
                yield end.addresses, (_blocked(where, reason),)
                return
        fact = Fact(where=where, rule=f"leads to {end.name}", packets=door)
        yield end.addresses, (fact, *steps)

    def _from_behind_a_gateway(self) -> Iterator[tuple[AddressSet, Steps]]:
        gateway = self._source.gateway
        if gateway is None:
            return
        subnet = gateway.subnet or gateway_subnet(self._topology, gateway.network)
        arrives = Fact(
            where=f"gateway {gateway.name}", rule=f"takes {self._source.name}"
        )
        yield from self._sent(subnet, (arrives,), from_gateway=gateway)

    def _from_another_network(self) -> Iterator[tuple[AddressSet, Steps]]:
        """Yield the way from a network outside of the plan: its peering, or none."""
        end = self._destination
        peering = next(
            (
                each
                for each in self._topology.peerings_by_network.get(
                    end.network or _NO_NETWORK, ()
                )
                if each.remote is self._source.network
            ),
            None,
        )
        if peering is None:
            reason = f"is not peered with {self._source.name}"
            yield end.addresses, (_blocked(end.name, reason),)
            return
        where, rule = f"peering {peering.name}", "allows access"
        access = peering.allows_access
        if isinstance(access, Missing):
            step = _undecided(where, rule, access)
        elif access:
            step = Fact(where=where, rule=rule)
        else:
            step = _blocked(where, "does not allow access")
        yield end.addresses, (step, *self.arriving())


_NO_NETWORK = Network(name="", ranges=AddressSet(False))


def gateway_subnet(topology: Topology, network: Network) -> Subnet:
    """Return the subnet of a network's gateways, made up where the plan has none."""
    for subnet in topology.subnets_by_network.get(network, ()):
        if subnet.name.lower() == "gatewaysubnet":
            return subnet
    key = ("gateway subnet", network)
    if key not in topology.decided:
        topology.decided[key] = Subnet(
            name="GatewaySubnet", network=network, ranges=AddressSet(False)
        )
    return topology.decided[key]


def _translated(firewall: Firewall, translation: Translation) -> Fact:
    """Return what a firewall leads to a place inside, from its public address.

    The groups there see the firewall's own address, so that the answer is not theirs
    about the Internet: it stays undecided.
    """
    address = _one_address(translation.address)
    try:
        ports = PortSet.of(translation.port)
    except ValueError:
        ports = ALL_PORTS
    rule = translation.rule
    led = f"leads the Internet to {translation.address} port {translation.port}"
    return Fact(
        where=f"firewall {firewall.name}",
        rule=f"translation {rule.name}",
        verdict=Verdict.UNDECIDED,
        packets=PacketSet.of(
            destinations=ALL_IPV4 if address is None else address,
            protocols=frozenset({Protocol.TCP, Protocol.UDP}),
            destination_ports=ports,
        ),
        missing=(Missing(rule.path, led),),
    )


def _route_fact(where: str, part: RoutePart, doubt: tuple[Missing, ...]) -> Fact:
    doubts = (*part.missing, *doubt)
    rule = f"{part.name} -> {part.next_hop or 'unknown'}"
    if isinstance(part.appliance, str):
        rule += f" {part.appliance}"
    verdict = Verdict.UNDECIDED if doubts else Verdict.ALLOWED
    return Fact(where=where, rule=rule, verdict=verdict, missing=doubts)


def _blocked(where: str, rule: str) -> Fact:
    return Fact(where=where, rule=rule, verdict=Verdict.BLOCKED)


def _undecided(where: str, rule: str, *missing: Missing) -> Fact:
    return Fact(
        where=where,
        rule=rule,
        verdict=Verdict.UNDECIDED,
        missing=missing or (Missing(where, rule),),
    )


def _peering_to(
    topology: Topology, network: Network, remote: Network
) -> Peering | None:
    for peering in topology.peerings_by_network.get(network, ()):
        if peering.remote is remote:
            return peering
    return None


def _one_address(text: str | Missing | None) -> AddressSet | None:
    if not isinstance(text, str):
        return None
    try:
        return AddressSet.of(text.strip())
    except ValueError:
        return None


def _firewall_at(topology: Topology, address: AddressSet) -> Firewall | None:
    """Return the firewall of an address; what is in its subnet is its own."""
    for firewall in topology.firewalls:
        if address <= firewall.addresses or address <= firewall.subnet.ranges:
            return firewall
    return None

"""The ways on from a subnet: by its routes, over peerings, gateways and firewalls, to
where the packets end."""

from collections.abc import Iterator

from azureml_reachability.addresses import ALL_IPV4, AddressSet
from azureml_reachability.end_values import EndKind
from azureml_reachability.grouped_ways import GroupedWays, Steps
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.peerings import (
    is_connected,
    lends_gateways,
    lets_through,
    reverse_of,
)
from azureml_reachability.routes import (
    NextHop,
    RoutePart,
    gateways_of,
    route_parts,
)
from azureml_reachability.steps_of_ways import (
    Fact,
    FirewallStep,
    Verdict,
)
from azureml_reachability.surroundings import outside_surroundings
from azureml_reachability.topology import (
    EndpointPolicies,
    Firewall,
    Gateway,
    Peering,
    Subnet,
)
from azureml_reachability.unknown_ranges import route_to_unknown_ranges
from azureml_reachability.unknown_routes import unknown_routes
from azureml_reachability.way_facts import (
    blocked,
    firewall_at,
    interface_at,
    one_address,
    peering_to,
    route_fact,
    undecided,
)

_BEHIND_GATEWAYS = (EndKind.SITES, EndKind.CLIENTS)


_INSIDE = (EndKind.INSIDE, EndKind.ENDPOINT)


_IPV4_ONLY = PacketSet.of(sources=ALL_IPV4, destinations=ALL_IPV4)


class RoutedWays(GroupedWays):
    """The ways on from a subnet, by routes and hops."""

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
        end = self._destination
        direct = route_to_unknown_ranges(self._topology, subnet, end)
        if direct is not None:
            taken, peering = direct
            over = self._over(peering, passed, from_gateway) if peering else ()
            yield end.addresses, (*leaving, taken, *over)
            return
        parts = route_parts(self._topology, subnet)
        for part in (*parts, *unknown_routes(self._topology, subnet)):
            addresses = part.addresses & self._destination.addresses
            if not addresses:
                continue
            part, doubt = self._to_endpoint(subnet, part)
            route = route_fact(where, part, doubt)
            for found, steps in self._hop(
                subnet, part, addresses, passed, from_gateway
            ):
                yield found, (*leaving, route, *steps)

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
            peering = peering_to(self._topology, subnet.network, network)
            if peering is None or is_connected(self._topology, peering) is False:
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
                yield addresses, (blocked(f"network {network.name}", reason),)
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
                yield addresses, (blocked(f"subnet {subnet.name}", "dropped by it"),)
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
            return (blocked(where, reason),)
        passes = lets_through(self._topology, peering, forwarded=bool(passed))
        reason = "both sides must exist, and allow access"
        if passed:
            reason += " and forwarded traffic"
        if passes is True and from_gateway is not None and not passed:
            passes = self._lent_to(peering)
            reason = "the gateway's network lends it, and the other uses it"
        if isinstance(passes, Missing):
            return (undecided(where, reason, passes), *self.arriving())
        if not passes:
            return (blocked(where, f"closed: {reason}"),)
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
            return (blocked(f"network {subnet.network.name}", reason),)
        where = f"gateway {gateways[0].name}"
        if end.kind in _BEHIND_GATEWAYS and end.gateway in gateways:
            return (Fact(where=where, rule=f"sends to {end.name}"),)
        if any(end.network in gateway.networks for gateway in gateways):
            return (Fact(where=where, rule="connection of networks"), *self.arriving())
        if end.kind in (EndKind.INTERNET, EndKind.SITES, EndKind.CLIENTS):
            return (undecided(where, "what is behind it is not in the plan"),)
        return (blocked(where, f"does not lead to {end.name}"),)

    def _out(self, subnet: Subnet, passed: tuple[Firewall, ...]) -> Steps:
        """Return what decides about leaving to the Internet."""
        end = self._destination
        if end.kind is not EndKind.INTERNET:
            return (blocked(f"subnet {subnet.name}", f"no route leads to {end.name}"),)
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
            return undecided(where, "NAT gateway or public address", *doubts)
        reason = (
            "none: neither NAT gateway, nor public address, nor default outbound access"
        )
        return blocked(where, reason)

    def _to_appliance(
        self,
        subnet: Subnet,
        part: RoutePart,
        addresses: AddressSet,
        passed: tuple[Firewall, ...],
    ) -> Iterator[tuple[AddressSet, Steps]]:
        """Yield the ways on by a firewall; other appliances cannot be told."""
        address = one_address(part.appliance)
        if address is None:
            missing = (
                part.appliance
                if isinstance(part.appliance, Missing)
                else Missing(part.name, f"leads to '{part.appliance}', no address")
            )
            step = undecided("appliance", "its address is not known", missing)
            yield addresses, (step, *self.arriving())
            return
        firewall = firewall_at(self._topology, address, subnet.network)
        if firewall is None:
            step = self._appliance(subnet, address, str(part.appliance))
            yield addresses, (step,)
            return
        reach = self._reach_firewall(subnet, firewall)
        if firewall in passed:
            loop = blocked(f"firewall {firewall.name}", "routes lead in a circle")
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
        peering = peering_to(self._topology, subnet.network, network)
        if peering is None:
            reason = f"is in network {network.name}, which is not peered"
            return blocked(f"firewall {firewall.name}", reason)
        passes = lets_through(self._topology, peering, forwarded=False)
        where = f"peering {peering.name}"
        if isinstance(passes, Missing):
            return undecided(where, "access may be closed", passes)
        rule = "both sides must exist, and allow access"
        return Fact(where=where, rule=rule) if passes else blocked(where, rule)

    def _appliance(self, subnet: Subnet, address: AddressSet, text: str) -> Fact:
        """Return what is known of an appliance: whether it forwards, never what."""
        interface = interface_at(self._topology, address, subnet.network)
        if interface is not None and interface.forwards is False:
            reason = "takes packets for itself only: IP forwarding is off"
            return blocked(f"appliance {interface.name}", reason)
        name = interface.name if interface is not None else text
        missing = Missing(f"appliance {name}", "forwards what its own setup says")
        return undecided(f"appliance {name}", "not in the plan", missing)

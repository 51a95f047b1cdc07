"""The ways between two ends: what a packet passes, from the source's groups by routes
and hops to the destination's groups.

Peerings lead no further than to the peer, but for gateways that it lends; firewalls
send on by the routes of their own subnet. Where nothing in the plan decides, the way is
undecided, and says why.
"""

from collections.abc import Iterator

from azureml_reachability.addresses import AddressSet
from azureml_reachability.end_values import End, EndKind
from azureml_reachability.grouped_ways import Steps
from azureml_reachability.missing import Missing
from azureml_reachability.packets import ALL_PACKETS, PacketSet, Protocol
from azureml_reachability.ports import PortSet
from azureml_reachability.routed_ways import RoutedWays
from azureml_reachability.steps_of_ways import (
    Fact,
    Verdict,
    Way,
)
from azureml_reachability.topology import (
    Kind,
    Network,
    Subnet,
    Topology,
)
from azureml_reachability.way_facts import (
    blocked,
    translated,
    undecided,
)

_INSIDE = (EndKind.INSIDE, EndKind.ENDPOINT)


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


class _Ways(RoutedWays):
    """The ways between one pair of ends."""

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
            return blocked(source.name, "private endpoints open no connections")
        if source.kind is EndKind.NOWHERE:
            return blocked(source.name, "nothing in the plan has this address")
        if source.kind not in _INSIDE and destination.kind not in _INSIDE:
            reason = "the way does not pass the networks of the plan"
            return undecided(f"{source.name} to {destination.name}", reason)
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

    def _from_the_internet(self) -> Iterator[tuple[AddressSet, Steps]]:
        yield from self._to_public_address()
        for firewall in self._topology.firewalls:
            for translation in firewall.rules.translations:
                led = translated(firewall, translation)
                addresses = led.packets.destinations() & self._destination.addresses
                if addresses:
                    yield addresses, (led,)

    def _to_public_address(self) -> Iterator[tuple[AddressSet, Steps]]:
        end = self._destination
        interface = end.interface
        public = interface.public if interface is not None else None
        if interface is None or public is None:
            reason = "no public address leads to it"
            yield end.addresses, (blocked(end.name, reason),)
            return
        if isinstance(public, Missing):
            step = undecided(end.name, "may have a public address", public)
            yield end.addresses, (step, *self.arriving())
            return
        where = f"public address {public.name}"
        if interface.kind is Kind.FIREWALL:
            reason = "a firewall answers nothing by itself"
            yield end.addresses, (blocked(where, reason),)
            return
        door = _DOORS.get(interface.kind, ALL_PACKETS)
        steps = self.arriving()
        if not steps and interface.kind in (Kind.MACHINE, Kind.COMPUTE):
            closed = public.standard
            if isinstance(closed, Missing):
                unsure = undecided(where, "closed without a group if Standard", closed)
                yield end.addresses, (unsure,)
                return
            if closed:
                reason = "closed: Standard addresses need a group that opens them"
                yield end.addresses, (blocked(where, reason),)
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
            yield end.addresses, (blocked(end.name, reason),)
            return
        where, rule = f"peering {peering.name}", "allows access"
        access = peering.allows_access
        if isinstance(access, Missing):
            step = undecided(where, rule, access)
        elif access:
            step = Fact(where=where, rule=rule)
        else:
            step = blocked(where, "does not allow access")
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

"""Plain facts on ways, and what stands at the addresses that routes name."""

from collections.abc import Sequence
from typing import TypeVar

from azureml_reachability.addresses import ALL_IPV4, AddressSet
from azureml_reachability.firewall_decisions import Translation
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet, Protocol
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.routes import RoutePart
from azureml_reachability.steps_of_ways import (
    Fact,
    Verdict,
)
from azureml_reachability.topology import (
    Firewall,
    Interface,
    Network,
    Peering,
    Topology,
)


def blocked(where: str, rule: str) -> Fact:
    """Return that nothing gets through, and why."""
    return Fact(where=where, rule=rule, verdict=Verdict.BLOCKED)


def undecided(where: str, rule: str, *missing: Missing) -> Fact:
    """Return that it cannot be told; without ``missing``, ``rule`` says why."""
    return Fact(
        where=where,
        rule=rule,
        verdict=Verdict.UNDECIDED,
        missing=missing or (Missing(where, rule),),
    )


def route_fact(where: str, part: RoutePart, doubt: tuple[Missing, ...]) -> Fact:
    """Return which route is taken, and what makes that uncertain."""
    doubts = (*part.missing, *doubt)
    rule = f"{part.name} -> {part.next_hop or 'unknown'}"
    if isinstance(part.appliance, str):
        rule += f" {part.appliance}"
    verdict = Verdict.UNDECIDED if doubts else Verdict.ALLOWED
    return Fact(where=where, rule=rule, verdict=verdict, missing=doubts)


def translated(firewall: Firewall, translation: Translation) -> Fact:
    """Return what a firewall leads to a place inside, from its public address.

    The groups there see the firewall's own address, so that the answer is not theirs
    about the Internet: it stays undecided.
    """
    address = one_address(translation.address)
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


def one_address(text: str | Missing | None) -> AddressSet | None:
    """Return an address that is written; None for what is not known or none."""
    if not isinstance(text, str):
        return None
    try:
        return AddressSet.of(text.strip())
    except ValueError:
        return None


def peering_to(topology: Topology, network: Network, remote: Network) -> Peering | None:
    """Return the peering of a network with another, if there is one."""
    return next(iter(topology.peerings_by_ends.get((network, remote), ())), None)


def firewall_at(
    topology: Topology, address: AddressSet, network: Network
) -> Firewall | None:
    """Return the firewall of an address, as a network sees it; what is in its subnet is
    its own.
    """
    found = [
        each
        for each in topology.firewalls
        if address <= each.addresses or address <= each.subnet.ranges
    ]
    return _nearest(topology, network, found)


def interface_at(
    topology: Topology, address: AddressSet, network: Network
) -> Interface | None:
    """Return the interface of an address, as a network sees it."""
    found = [
        each
        for each in topology.interfaces
        if each.addresses is not None and each.addresses & address
    ]
    return _nearest(topology, network, found)


_Placed = TypeVar("_Placed", Firewall, Interface)


def _nearest(
    topology: Topology, network: Network, found: Sequence[_Placed]
) -> _Placed | None:
    """Return what is in a network, else in a peer, else anywhere.

    Networks that are not joined may have the same ranges.
    """
    if len(found) < 2:
        return found[0] if found else None
    peers = {each.remote for each in topology.peerings_by_network.get(network, ())}

    def distance(placed: _Placed) -> int:
        subnet = placed.subnet
        if isinstance(subnet, Missing):
            return 2
        if subnet.network is network:
            return 0
        return 1 if subnet.network in peers else 2

    return min(found, key=distance)

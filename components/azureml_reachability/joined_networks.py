"""Which networks a subnet's packets can get to at all, whatever groups say of them.

Most pairs of subnets in a large plan are not joined, and need not be asked about.
"""

from dataclasses import dataclass

from azureml_reachability.addresses import NO_ADDRESSES, AddressSet
from azureml_reachability.firewall_decisions import decide_firewall
from azureml_reachability.packets import PacketSet
from azureml_reachability.routes import (
    NextHop,
    RoutePart,
    route_parts,
)
from azureml_reachability.surroundings import outside_surroundings
from azureml_reachability.topology import Firewall, Network, Subnet, Topology
from azureml_reachability.unknown_routes import unknown_routes
from azureml_reachability.way_facts import firewall_at, one_address

_LEADING_NO_FURTHER = (
    NextHop.LOCAL,
    NextHop.PEERING,
    NextHop.INTERNET,
    NextHop.NONE,
)
"""Routes that lead to the network itself, to a peer, or to none of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How far packets from a subnet may get."""

    networks: frozenset[Network]
    """Its own and its peers."""
    firewalls: frozenset[Firewall] = frozenset()
    """Those that routes lead to: what they let through may get to any network."""
    anywhere: bool = False
    """Whether another route leads further: to a gateway, an appliance that is not known
    or a service, or it is not known where to."""


def joined_networks(topology: Topology, subnet: Subnet) -> Joined:
    """Return the networks that packets from a subnet may get to."""
    network = subnet.network
    peerings = topology.peerings_by_network.get(network, ())
    peers = (peering.remote for peering in peerings)
    firewalls: set[Firewall] = set()
    anywhere = False
    for part in (*route_parts(topology, subnet), *unknown_routes(topology, subnet)):
        if part.next_hop in _LEADING_NO_FURTHER:
            continue
        firewall = _firewall(topology, part, network)
        if firewall is None:
            anywhere = True
        else:
            firewalls.add(firewall)
    return Joined(
        networks=frozenset(
            (network, *(each for each in peers if isinstance(each, Network)))
        ),
        firewalls=frozenset(firewalls),
        anywhere=anywhere,
    )


def _firewall(topology: Topology, part: RoutePart, network: Network) -> Firewall | None:
    """Return the firewall that a route leads to, if it is known to be one."""
    address = one_address(part.appliance)
    if part.next_hop is not NextHop.APPLIANCE or address is None:
        return None
    return firewall_at(topology, address, network)


def let_through(
    topology: Topology, firewall: Firewall, destinations: AddressSet
) -> AddressSet:
    """Return the sources whose packets a firewall may let through to some addresses."""
    if destinations.is_empty:
        return NO_ADDRESSES
    question = PacketSet.of(destinations=destinations)
    around = outside_surroundings(topology)
    return decide_firewall(firewall.rules, question, around).possible.sources()

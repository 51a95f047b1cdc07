"""What tags mean for the group of a subnet, seen with what the packets come from or go
to."""

from collections.abc import Iterator
from typing import Any

from azureml_reachability.addresses import ALL_ADDRESSES, NO_ADDRESSES, AddressSet
from azureml_reachability.end_values import PRIVATE, End, EndKind, internet_addresses
from azureml_reachability.missing import Missing
from azureml_reachability.peerings import is_connected, perhaps_peers
from azureml_reachability.places import Surroundings, Undecided, addresses_of
from azureml_reachability.routes import gateways_of
from azureml_reachability.topology import (
    Gateway,
    Network,
    Peering,
    RouteTable,
    Subnet,
    Topology,
)


def group_surroundings(
    topology: Topology, subnet: Subnet, other: End | None = None
) -> Surroundings:
    """Return what tags mean for the groups of a subnet and of its interfaces.

    ``VirtualNetwork`` is the network, its peers, and what is behind gateways that it
    uses (https://learn.microsoft.com/azure/virtual-network/service-tags-overview). Of a
    site whose ranges are not known, the other end is in it all the same: so ``other``
    is counted in where it is such a site, behind a gateway that the network uses.
    """
    key: tuple[Any, ...] = ("around", subnet.network, subnet.route_table)
    unknown = NO_ADDRESSES
    if other is not None and _is_behind_its_gateway(topology, subnet.network, other):
        unknown = other.addresses
        key = (*key, unknown)
    if key not in topology.decided:
        virtual_network = AddressSet.union(
            [*_reached(topology, subnet.network), unknown]
        )
        doubtful = AddressSet.union(_perhaps_reached(topology, subnet.network))
        topology.decided[key] = Surroundings(
            virtual_network=virtual_network,
            route_prefixes=_route_prefixes(topology, subnet),
            perhaps_virtual_network=(_perhaps(subnet) | doubtful) - virtual_network,
            cloud_name=topology.cloud_name,
            published=topology.published,
        )
    return topology.decided[key]


def _is_behind_its_gateway(topology: Topology, network: Network, end: End) -> bool:
    if end.kind not in (EndKind.SITES, EndKind.CLIENTS):
        return False
    used = gateways_of(topology, network)
    unknown = end.one_of is not None or bool(end.missing)
    return unknown and any(gateway is end.gateway for gateway, _ in used)


def outside_surroundings(topology: Topology) -> Surroundings:
    """Return what tags mean for a firewall, which knows no network of its own."""
    key = "around firewalls"
    if key not in topology.decided:
        topology.decided[key] = Surroundings(
            virtual_network=~internet_addresses(topology),
            cloud_name=topology.cloud_name,
            published=topology.published,
        )
    return topology.decided[key]


def _reached(topology: Topology, network: Network) -> Iterator[AddressSet]:
    yield from _space(topology, network)
    for peering in topology.peerings_by_network.get(network, ()):
        if isinstance(peering.remote, Network) and _counts(topology, peering) is True:
            yield from _space(topology, peering.remote)
    for gateway, missing in gateways_of(topology, network):
        if not missing:
            yield from _behind(gateway)


def _space(topology: Topology, network: Network) -> Iterator[AddressSet]:
    """Yield the ranges of a network: its subnets' too, where not all are known."""
    yield network.ranges
    if network.missing:
        yield from (
            each.ranges for each in topology.subnets_by_network.get(network, ())
        )


def _perhaps_reached(topology: Topology, network: Network) -> Iterator[AddressSet]:
    """Yield what is in it if a value that is not known says so.

    Ranges that are not known are taken for private ones.
    """
    if network.missing:
        yield PRIVATE
    for peering in topology.peerings_by_network.get(network, ()):
        if isinstance(peering.remote, Missing):
            yield perhaps_peers(topology, peering)
            continue
        counts = _counts(topology, peering)
        if isinstance(counts, Missing):
            yield from _space(topology, peering.remote)
        if counts is not False and peering.remote.missing:
            yield PRIVATE
    for gateway, missing in gateways_of(topology, network):
        if missing:
            yield from _behind(gateway)


def _counts(topology: Topology, peering: Peering) -> bool | Missing:
    """Return whether the other network is meant: it is joined, with access."""
    switches = (peering.allows_access, is_connected(topology, peering))
    if any(switch is False for switch in switches):
        return False
    return next((each for each in switches if isinstance(each, Missing)), True)


def _behind(gateway: Gateway) -> Iterator[AddressSet]:
    yield gateway.on_premises
    yield gateway.clients
    for other in gateway.networks:
        yield other.ranges


def _route_prefixes(topology: Topology, subnet: Subnet) -> AddressSet:
    """Return the prefixes of a subnet's own routes."""
    table = subnet.route_table
    if not isinstance(table, RouteTable):
        return NO_ADDRESSES
    tags = Surroundings(
        virtual_network=NO_ADDRESSES,
        cloud_name=topology.cloud_name,
        published=topology.published,
    )
    found: list[AddressSet] = []
    for route in table.routes:
        if isinstance(route.destination, str):
            addresses = addresses_of(route.destination.strip(), tags)
            if not isinstance(addresses, Undecided):
                found.append(addresses)
    return AddressSet.union(found)


def _perhaps(subnet: Subnet) -> AddressSet:
    """Return what the tag may mean besides: routes that are not known may be any."""
    table = subnet.route_table
    if table is None:
        return NO_ADDRESSES
    if isinstance(table, Missing) or table.missing:
        return ALL_ADDRESSES
    known = all(isinstance(each.destination, str) for each in table.routes)
    return NO_ADDRESSES if known else ALL_ADDRESSES

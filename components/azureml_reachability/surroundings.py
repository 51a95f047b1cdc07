"""What tags mean for the group of a subnet, seen with what the packets come from or go
to."""

from collections.abc import Iterator
from typing import Any

from azureml_reachability.addresses import ALL_ADDRESSES, NO_ADDRESSES, AddressSet
from azureml_reachability.end_values import End, EndKind, internet_addresses
from azureml_reachability.missing import Missing
from azureml_reachability.places import Surroundings, Undecided, addresses_of
from azureml_reachability.routes import gateways_of
from azureml_reachability.topology import (
    Network,
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
    is counted in where it is such a site.
    """
    key: tuple[Any, ...] = ("around", subnet.network, subnet.route_table)
    unknown = NO_ADDRESSES
    if other is not None and other.kind in (EndKind.SITES, EndKind.CLIENTS):
        unknown = other.addresses
        key = (*key, unknown)
    if key not in topology.decided:
        virtual_network = AddressSet.union(
            [*_reached(topology, subnet.network), unknown]
        )
        topology.decided[key] = Surroundings(
            virtual_network=virtual_network,
            route_prefixes=_route_prefixes(topology, subnet),
            perhaps_virtual_network=_perhaps(subnet),
            cloud_name=topology.cloud_name,
            published=topology.published,
        )
    return topology.decided[key]


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
    yield network.ranges
    for peering in topology.peerings_by_network.get(network, ()):
        if isinstance(peering.remote, Network) and peering.allows_access is not False:
            yield peering.remote.ranges
    for gateway, _ in gateways_of(topology, network):
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

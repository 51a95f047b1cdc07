"""Routes that a subnet may have besides those that are known, and what they may take.

A route whose prefix is not known, or a table, a peer or a service, may lead packets on
that the known routes drop: what they drop is not blocked before that is known.
"""

from collections.abc import Iterator
from dataclasses import replace

from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.end_values import internet_addresses
from azureml_reachability.missing import Missing
from azureml_reachability.peerings import may_be_peered, perhaps_peers
from azureml_reachability.routes import NextHop, RoutePart, hop_of, user_routes
from azureml_reachability.topology import Network, RouteTable, Subnet, Topology


def unknown_routes(topology: Topology, subnet: Subnet) -> tuple[RoutePart, ...]:
    """Return routes that a subnet may have besides, each with all that it may take.

    Those whose prefix, table, peer or service is not known; none where all is known.
    """
    table = subnet.route_table
    key = ("unknown routes", subnet.network, table, subnet.service_endpoints)
    if key not in topology.decided:
        topology.decided[key] = tuple(_unknown_parts(topology, subnet))
    return topology.decided[key]


def _unknown_parts(topology: Topology, subnet: Subnet) -> Iterator[RoutePart]:
    network = subnet.network
    if network.missing:
        name = f"system route of {network.name}"
        yield _perhaps(name, NextHop.LOCAL, ALL_ADDRESSES, network.missing)
    for peering in topology.peerings_by_network.get(network, ()):
        remote = peering.remote
        if isinstance(remote, Network) and remote.missing:
            name = f"system route of peering {peering.name}"
            part = _perhaps(name, NextHop.PEERING, ALL_ADDRESSES, remote.missing)
            yield replace(part, peering=peering)
        elif isinstance(remote, Missing):
            ranges = perhaps_peers(topology, peering)
            yield _perhaps(f"peering {peering.name}", None, ranges, (remote,))
    yield from _by_loose_peerings(topology, network)
    yield from _to_networks_without_name(topology, network)
    for service in subnet.service_endpoints:
        if isinstance(service, Missing):
            hop, public = NextHop.SERVICE_ENDPOINT, internet_addresses(topology)
            yield _perhaps("service endpoint", hop, public, (service,))
    yield from _unknown_user_routes(topology, subnet.route_table)


def _by_loose_peerings(topology: Topology, network: Network) -> Iterator[RoutePart]:
    """Yield ways by peerings of which it is not known whose they are: this network's,
    perhaps.
    """
    for loose in topology.loose_peerings:
        remotes = [
            remote
            for remote in topology.networks
            if remote is not network
            and loose.may_lead_to(remote)
            and may_be_peered(topology, network, remote)
        ]
        if any(remote.missing for remote in remotes):
            ranges = ALL_ADDRESSES
        else:
            ranges = AddressSet.union(remote.ranges for remote in remotes)
        if ranges:
            yield _perhaps("peering", None, ranges, (loose.missing,))


def _to_networks_without_name(
    topology: Topology, network: Network
) -> Iterator[RoutePart]:
    """Yield ways between subnets of which it is not known in which network they are,
    and all others: it may be the same one.
    """
    key = "networks without name"
    if key not in topology.decided:
        known = set(topology.networks)
        found = dict.fromkeys(each.network for each in topology.subnets)
        topology.decided[key] = tuple(each for each in found if each not in known)
    unnamed: tuple[Network, ...] = topology.decided[key]
    for other in unnamed:
        if other is not network:
            subnets = topology.subnets_by_network[other]
            ranges = AddressSet.union(each.ranges for each in subnets)
            yield _perhaps("system route", None, ranges, other.missing)
    if network in unnamed:
        ranges = AddressSet.union(each.ranges for each in topology.networks)
        yield _perhaps("system route", None, ranges, network.missing)


def _unknown_user_routes(
    topology: Topology, table: RouteTable | Missing | None
) -> Iterator[RoutePart]:
    if isinstance(table, Missing):
        yield _perhaps("route table", None, ALL_ADDRESSES, (table,))
        return
    if table is None:
        return
    if table.missing:
        name = f"a route of {table.name}"
        yield _perhaps(name, None, ALL_ADDRESSES, table.missing)
    for route in table.routes:
        missing: list[Missing] = []
        if not tuple(user_routes(topology, route, missing)):
            hop = hop_of(route, missing)
            part = _perhaps(f"route {route.name}", hop, ALL_ADDRESSES, tuple(missing))
            yield replace(part, appliance=route.address)


def _perhaps(
    name: str,
    next_hop: NextHop | None,
    addresses: AddressSet,
    missing: tuple[Missing, ...],
) -> RoutePart:
    return RoutePart(addresses=addresses, name=name, next_hop=next_hop, missing=missing)

"""Which way a subnet's packets take: Azure's system routes and a table's own.

The longest prefix wins; of equal prefixes a user's route, then one that a gateway
learnt, then Azure's own. Routes to the network, its peers and service endpoints win
over what gateways learnt, however long; a user's default route also takes what Azure
would drop (``ROUTING_PAGE``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network

from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    ALL_IPV4,
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.peerings import is_connected, lends_gateways
from azureml_reachability.places import Surroundings, Undecided, addresses_of
from azureml_reachability.topology import (
    Gateway,
    Network,
    Peering,
    RouteTable,
    Subnet,
    Topology,
    UserRoute,
)
from azureml_rulebook.routes import DROPPED_PREFIXES
from azureml_rulebook.service_endpoints import STORAGE, TAGS_BY_SERVICE


class NextHop(StrEnum):
    """Where a route leads, as Azure spells it."""

    LOCAL = "VnetLocal"
    PEERING = "VNetPeering"
    GATEWAY = "VirtualNetworkGateway"
    SERVICE_ENDPOINT = "VirtualNetworkServiceEndpoint"
    INTERNET = "Internet"
    APPLIANCE = "VirtualAppliance"
    NONE = "None"


_BY_LOWER_NAME = {hop.lower(): hop for hop in NextHop}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePart:
    """Addresses that one route takes, since no other route takes them before it."""

    addresses: AddressSet
    name: str
    """How the route is told: ``route everything-else 0.0.0.0/0``."""
    next_hop: NextHop | None
    """None: not known."""
    appliance: str | Missing | None = None
    """Address of the appliance."""
    peering: Peering | None = None
    gateway: Gateway | None = None
    missing: tuple[Missing, ...] = ()
    """Why another route may take them."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A route for one prefix, before others take their part of it."""

    length: int
    rank: int
    addresses: AddressSet
    part: RoutePart


_ENDPOINT, _USER, _LEARNT, _HALF_OPEN, _SYSTEM = 0, 1, 6, 7, 8
"""Ranks of routes of one prefix; tags of user routes stand between."""


def route_parts(topology: Topology, subnet: Subnet) -> tuple[RoutePart, ...]:
    """Return the routes of a subnet, each with the addresses that it decides about.

    Every address is in one part, as far as routes are known; ``unknown_routes`` tells
    of the others.
    """
    table = subnet.route_table
    services = tuple(str(service) for service in subnet.service_endpoints)
    key = ("routes", subnet.network, table, services, subnet.location)
    if key not in topology.decided:
        topology.decided[key] = tuple(_parts(topology, subnet))
    return topology.decided[key]


def _parts(topology: Topology, subnet: Subnet) -> Iterator[RoutePart]:
    table = subnet.route_table
    missing: list[Missing] = []
    candidates = [
        *_service_endpoint_routes(topology, subnet, missing),
        *_system_routes(subnet.network),
    ]
    peers = list(_peer_routes(topology, subnet.network))
    own = RouteTable(name="")
    if isinstance(table, Missing):
        missing.append(table)
    elif table is not None:
        own = table
        missing += table.missing
    preferred = AddressSet.union(
        [
            subnet.network.ranges,
            *(each.addresses for each in peers if each.rank == _SYSTEM),
            *(each.addresses for each in candidates if each.rank == _ENDPOINT),
        ]
    )
    candidates += peers
    if own.propagates is not False:
        unsure = own.propagates if isinstance(own.propagates, Missing) else None
        candidates += _learnt_routes(topology, subnet.network, preferred, unsure)
    for route in own.routes:
        candidates += user_routes(topology, route, missing)
    if any(map(_is_default_route, candidates)):
        candidates = [each for each in candidates if not _is_dropped(each)]
    candidates.sort(key=lambda each: (each.rank != _ENDPOINT, -each.length, each.rank))
    yield from _taken(candidates, distinct(missing))


def _is_default_route(candidate: _Candidate) -> bool:
    """Return whether a route for 0.0.0.0/0 is a user's, or learnt."""
    is_custom = _USER <= candidate.rank <= _LEARNT
    return is_custom and not candidate.length and candidate.addresses.meets(ALL_IPV4)


def _is_dropped(candidate: _Candidate) -> bool:
    """Return whether Azure drops a prefix, unless a default route takes it."""
    return candidate.rank == _SYSTEM and candidate.part.next_hop is NextHop.NONE


def _taken(
    candidates: Iterable[_Candidate], missing: tuple[Missing, ...]
) -> Iterator[RoutePart]:
    """Let each route take what is left of its prefix, in order."""
    left = ALL_ADDRESSES
    for candidate in candidates:
        addresses = candidate.addresses & left
        if addresses:
            left -= addresses
            part = candidate.part
            yield RoutePart(
                addresses=addresses,
                name=part.name,
                next_hop=part.next_hop,
                appliance=part.appliance,
                peering=part.peering,
                gateway=part.gateway,
                missing=distinct((*part.missing, *missing)),
            )


def _candidates(
    addresses: AddressSet, rank: int, part: RoutePart
) -> Iterator[_Candidate]:
    """Yield one candidate for each length of prefix."""
    by_length: dict[int, list[AddressSet]] = {}
    for network in addresses.networks():
        own = AddressSet.of_networks([network])
        by_length.setdefault(network.prefixlen, []).append(own)
    for length, parts in by_length.items():
        yield _Candidate(length, rank, AddressSet.union(parts), part)


def _part(name: str, next_hop: NextHop, **more: object) -> RoutePart:
    return RoutePart(
        addresses=NO_ADDRESSES,
        name=name,
        next_hop=next_hop,
        **more,  # pyright: ignore[reportArgumentType]
    )


def _system_routes(network: Network) -> Iterator[_Candidate]:
    local = _part(f"system route of {network.name}", NextHop.LOCAL)
    yield from _candidates(network.ranges, _SYSTEM, local)
    internet = _part(
        "system route 0.0.0.0/0", NextHop.INTERNET, missing=network.missing
    )
    yield _Candidate(0, _SYSTEM, ALL_ADDRESSES, internet)
    for prefix in DROPPED_PREFIXES:
        dropped = AddressSet.of(prefix)
        if not dropped & network.ranges:
            part = _part(f"system route {prefix}", NextHop.NONE)
            yield _Candidate(ip_network(prefix).prefixlen, _SYSTEM, dropped, part)


def _peer_routes(topology: Topology, network: Network) -> Iterator[_Candidate]:
    for peering in topology.peerings_by_network.get(network, ()):
        if isinstance(peering.remote, Network):
            part = _part(
                f"system route of peering {peering.name}",
                NextHop.PEERING,
                peering=peering,
            )
            if is_connected(topology, peering) is False:
                # Nothing leads there before the other side exists; told if nothing else
                # takes the packets.
                yield _Candidate(0, _HALF_OPEN, peering.remote.ranges, part)
            else:
                yield from _candidates(peering.remote.ranges, _SYSTEM, part)


def _learnt_routes(
    topology: Topology,
    network: Network,
    preferred: AddressSet,
    unsure: Missing | None,
) -> Iterator[_Candidate]:
    """Yield what gateways announce: the network's own, or those that a peer lends."""
    for gateway, missing in gateways_of(topology, network):
        part = _part(
            f"route learnt by {gateway.name}",
            NextHop.GATEWAY,
            gateway=gateway,
            missing=distinct((*missing, *((unsure,) if unsure else ()))),
        )
        behind = AddressSet.union(
            [
                gateway.on_premises,
                gateway.clients,
                *(other.ranges for other in gateway.networks),
            ]
        )
        for candidate in _candidates(behind, _LEARNT, part):
            yield _Candidate(
                candidate.length, _LEARNT, candidate.addresses - preferred, part
            )


def gateways_of(
    topology: Topology, network: Network
) -> Iterator[tuple[Gateway, tuple[Missing, ...]]]:
    """Yield the gateways that a network uses: its own, or those that a peer lends.

    With each what is not known of whether it does.
    """
    for gateway in topology.gateways_by_network.get(network, ()):
        yield gateway, ()
    for peering in topology.peerings_by_network.get(network, ()):
        if not isinstance(peering.remote, Network):
            continue
        lent = lends_gateways(topology, peering)
        if lent is not False:
            missing = (lent,) if isinstance(lent, Missing) else ()
            for gateway in topology.gateways_by_network.get(peering.remote, ()):
                yield gateway, missing


def _service_endpoint_routes(
    topology: Topology, subnet: Subnet, missing: list[Missing]
) -> Iterator[_Candidate]:
    """Yield what goes to services by Azure's own network, whatever other routes say.

    A service endpoint for storage is for the accounts of the subnet's region
    (https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview).
    """
    for service in subnet.service_endpoints:
        if isinstance(service, Missing):
            missing.append(service)
            continue
        tag = next(
            (
                tag
                for name, tag in TAGS_BY_SERVICE.items()
                if name.lower() == service.lower()
            ),
            None,
        )
        if tag is None:
            continue
        if service.lower() == STORAGE.lower() and subnet.location:
            tag = f"{tag}.{subnet.location}"
        found = addresses_of(tag, _tags_only(topology))
        if isinstance(found, Undecided):
            missing.append(
                Missing(f"{subnet.name}.serviceEndpoints", f"goes to {found}")
            )
            continue
        part = _part(f"service endpoint {service}", NextHop.SERVICE_ENDPOINT)
        yield _Candidate(0, _ENDPOINT, found, part)


def _tags_only(topology: Topology) -> Surroundings:
    return Surroundings(
        virtual_network=NO_ADDRESSES,
        cloud_name=topology.cloud_name,
        published=topology.published,
    )


def user_routes(
    topology: Topology, route: UserRoute, missing: list[Missing]
) -> Iterator[_Candidate]:
    """Yield the prefixes of a user's route; what cannot be told is ``missing``."""
    if isinstance(route.destination, Missing):
        missing.append(route.destination)
        return
    unknown: list[Missing] = []
    next_hop = hop_of(route, unknown)
    text = route.destination.strip()
    found = addresses_of(text, _tags_only(topology))
    if isinstance(found, Undecided):
        missing.append(Missing(f"{route.path}.addressPrefix", str(found)))
        return
    part = RoutePart(
        addresses=NO_ADDRESSES,
        name=f"route {route.name} {text}",
        next_hop=next_hop,
        appliance=route.address,
        missing=tuple(unknown),
    )
    rank = _USER + (0 if "/" in text or ":" in text else _tag_rank(text))
    yield from _candidates(found, rank, part)


def hop_of(route: UserRoute, unknown: list[Missing]) -> NextHop | None:
    """Return where a user's route leads; what cannot be told is ``unknown``."""
    values = (route.next_hop, route.address)
    unknown += [each for each in values if isinstance(each, Missing)]
    if isinstance(route.next_hop, Missing):
        return None
    found = _BY_LOWER_NAME.get(route.next_hop.strip().lower())
    if found is None:
        path = f"{route.path}.nextHopType"
        unknown.append(Missing(path, f"is '{route.next_hop[:80]}'"))
    return found


def _tag_rank(text: str) -> int:
    """Return which of several tags with one prefix comes first: the narrowest."""
    whole = text.lower().startswith("azurecloud")
    return 1 + (2 if whole else 0) + (0 if "." in text else 1)

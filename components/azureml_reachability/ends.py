"""Places as ends of ways: where in a topology a place is, and at which addresses.

A place may be several ends at once: a subnet is any machine in it, and each machine
that has a group of its own, and its private endpoints. An address that is not known is
said to be one of many: what holds for each of them holds for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from azureml_reachability.addresses import (
    ALL_IPV4,
    ALL_IPV6,
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.missing import Missing
from azureml_reachability.place_names import (
    Place,
    PlaceKind,
    UnknownPlace,
    unknown_name,
)
from azureml_reachability.places import Surroundings, Undecided, addresses_of
from azureml_reachability.topology import (
    Gateway,
    Interface,
    Kind,
    Network,
    PrivateEndpoint,
    Subnet,
    Topology,
)
from azureml_rulebook.routes import DROPPED_PREFIXES
from azureml_rulebook.service_tags import (
    AZURE_LOAD_BALANCER,
    HOST_ADDRESS,
    INTERNET,
    VIRTUAL_NETWORK,
)

_Named = TypeVar("_Named", Interface, PrivateEndpoint, Network)

_RESERVED_FIRST = 4
"""Addresses at the start of a subnet that Azure gives to nobody, and one at its end
(https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq)."""
_HOST = AddressSet.of_networks([HOST_ADDRESS])
_PRIVATE = AddressSet.of(*DROPPED_PREFIXES)


class EndKind(StrEnum):
    """What stands at an end."""

    INSIDE = "inside"
    ENDPOINT = "private endpoint"
    INTERNET = "Internet"
    SITES = "on-premises"
    CLIENTS = "VPN clients"
    NETWORK = "network outside of the plan"
    HOST = "Azure's host"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class End:
    """One end of a way."""

    name: str
    kind: EndKind
    addresses: AddressSet
    one_of: Missing | None = None
    """Set where it has one of ``addresses``, and this value would say which."""
    subnet: Subnet | None = None
    interface: Interface | None = None
    endpoint: PrivateEndpoint | None = None
    gateway: Gateway | None = None
    network: Network | None = None
    missing: tuple[Missing, ...] = ()
    """Why it may not be there."""

    @property
    def application_groups(self) -> frozenset[str] | None:
        """Application security groups that it is in; None: not known."""
        owner = self.interface or self.endpoint
        if owner is None:
            return frozenset()
        groups = owner.application_groups
        return None if isinstance(groups, Missing) else groups


def ends_of(topology: Topology, place: Place) -> tuple[End, ...]:
    """Return the ends that a place is.

    Raises:
        UnknownPlace: the topology does not have it; the nearest name is told.
    """
    key = ("ends", place)
    if key not in topology.decided:
        topology.decided[key] = tuple(_ends(topology, place))
    return topology.decided[key]


def _ends(topology: Topology, place: Place) -> Iterator[End]:
    match place.kind:
        case PlaceKind.INTERNET:
            yield _internet(internet_addresses(topology))
        case PlaceKind.ON_PREMISES:
            yield from _sites(topology)
        case PlaceKind.VPN_CLIENTS:
            yield from _clients(topology)
        case PlaceKind.SUBNET:
            for subnet in _subnets_called(topology, place):
                yield from _in_subnet(topology, subnet)
        case PlaceKind.ENDPOINT:
            named = _called(place, topology.endpoints)
            yield from (_endpoint(topology, each) for each in named)
        case PlaceKind.MACHINE:
            for interface in _called(place, topology.interfaces):
                yield from _interface(topology, interface)
        case PlaceKind.NETWORK:
            for network in _called(place, topology.networks):
                yield from _network(topology, network)
        case PlaceKind.TAG:
            yield from _tag(topology, place)
        case PlaceKind.ADDRESSES:
            yield from _at(topology, _range(place))


def _range(place: Place) -> AddressSet:
    try:
        return AddressSet.of(place.name)
    except ValueError as error:
        raise UnknownPlace(f"'{place}' is neither address nor range: {error}") from None


def usable(ranges: AddressSet) -> AddressSet:
    """Return the addresses of a subnet that Azure gives to machines."""
    kept = AddressSet.of_ranges(
        (first + _RESERVED_FIRST, end - 1)
        for first, end in ranges.line_ranges()
        if end - first > _RESERVED_FIRST + 1
    )
    return kept or ranges


def internet_addresses(topology: Topology) -> AddressSet:
    """Return public addresses that no known network, site or client has."""
    key = "internet"
    if key not in topology.decided:
        inside = AddressSet.union(
            [
                *(network.ranges for network in topology.networks),
                *(gateway.on_premises for gateway in topology.gateways),
                *(gateway.clients for gateway in topology.gateways),
            ]
        )
        topology.decided[key] = Surroundings(virtual_network=inside).internet
    return topology.decided[key]


def _internet(addresses: AddressSet, name: str = "the Internet") -> End:
    return End(name=name, kind=EndKind.INTERNET, addresses=addresses)


def _unknown_sites(topology: Topology) -> AddressSet:
    """Return where ranges of sites may be that are not known: any private ones.

    The ranges of networks in between are no site's.
    """
    spaces = [network.ranges for network in topology.networks]
    return _PRIVATE - AddressSet.union(spaces)


def _sites(topology: Topology) -> Iterator[End]:
    found = False
    for gateway in topology.gateways:
        found = found or gateway.has_sites
        yield from _behind(
            topology,
            gateway,
            EndKind.SITES,
            gateway.on_premises,
            gateway.on_premises_missing,
        )
    if not found:
        raise UnknownPlace(
            "'on-premises' is not in the plan: no gateway has a connection to a site; "
            "give an address or range instead"
        )


def _clients(topology: Topology) -> Iterator[End]:
    found = False
    for gateway in topology.gateways:
        found = found or gateway.has_clients
        yield from _behind(
            topology, gateway, EndKind.CLIENTS, gateway.clients, gateway.clients_missing
        )
    if not found:
        raise UnknownPlace(
            "'vpn-clients' is not in the plan: no gateway takes VPN clients"
        )


def _behind(
    topology: Topology,
    gateway: Gateway,
    kind: EndKind,
    known: AddressSet,
    missing: tuple[Missing, ...],
) -> Iterator[End]:
    name = f"{kind} behind {gateway.name}"
    if known:
        yield End(
            name=name,
            kind=kind,
            addresses=known,
            gateway=gateway,
            network=gateway.network,
        )
    for value in missing[:1]:
        yield End(
            name=name,
            kind=kind,
            addresses=_unknown_sites(topology) - known,
            one_of=value,
            gateway=gateway,
            network=gateway.network,
        )


def _in_subnet(topology: Topology, subnet: Subnet) -> Iterator[End]:
    """Yield any machine of a subnet, those that differ from it, and its endpoints."""
    apart = [
        interface
        for interface in topology.interfaces_by_subnet.get(subnet, ())
        if _stands_apart(interface)
    ]
    endpoints = topology.endpoints_by_subnet.get(subnet, ())
    taken = AddressSet.union(
        [each.addresses for each in (*apart, *endpoints) if each.addresses is not None]
    )
    yield from _anybody(topology, subnet, taken)
    for interface in apart:
        yield from _interface(topology, interface)
    yield from (_endpoint(topology, each) for each in endpoints)


def _stands_apart(interface: Interface) -> bool:
    """Return whether anything decides about it that does not about its neighbours."""
    return bool(
        interface.group is not None
        or interface.application_groups
        or isinstance(interface.application_groups, Missing)
        or interface.public is not None
    )


def _anybody(
    topology: Topology, subnet: Subnet, taken: AddressSet = NO_ADDRESSES
) -> Iterator[End]:
    addresses = usable(subnet.ranges) - taken
    one_of = None
    if not subnet.ranges and subnet.missing:
        addresses, one_of = _somewhere(topology, subnet.network), subnet.missing[0]
    for own in _families(addresses, apart=one_of is not None):
        yield End(
            name=f"subnet {subnet.name}",
            kind=EndKind.INSIDE,
            addresses=own,
            one_of=one_of,
            subnet=subnet,
            network=subnet.network,
        )


def _somewhere(topology: Topology, network: Network | None) -> AddressSet:
    """Return where an address may be of whose subnet the ranges are not known."""
    if network is not None and network.ranges:
        return network.ranges
    spaces = AddressSet.union(each.ranges for each in topology.networks)
    return spaces or _PRIVATE


def _families(addresses: AddressSet, *, apart: bool) -> Iterator[AddressSet]:
    """Yield addresses, by family where one is meant: each has one of each family."""
    if not apart:
        if addresses:
            yield addresses
        return
    for family in (ALL_IPV4, ALL_IPV6):
        if addresses & family:
            yield addresses & family


def _interface(topology: Topology, interface: Interface) -> Iterator[End]:
    subnet = interface.subnet if isinstance(interface.subnet, Subnet) else None
    addresses = interface.addresses
    one_of = None
    if addresses is None:
        addresses = (
            usable(subnet.ranges)
            if subnet is not None and subnet.ranges
            else _somewhere(topology, subnet.network if subnet else None)
        )
        if interface.kind is not Kind.COMPUTE:
            one_of = Missing(interface.address_path or interface.name)
    for own in _families(addresses, apart=one_of is not None):
        yield End(
            name=f"{interface.kind} {interface.name}",
            kind=EndKind.INSIDE,
            addresses=own,
            one_of=one_of,
            subnet=subnet,
            interface=interface,
            network=subnet.network if subnet else None,
            missing=_missing_subnet(interface.subnet),
        )


def _missing_subnet(subnet: Subnet | Missing) -> tuple[Missing, ...]:
    return (subnet,) if isinstance(subnet, Missing) else ()


def _endpoint(topology: Topology, endpoint: PrivateEndpoint) -> End:
    subnet = endpoint.subnet if isinstance(endpoint.subnet, Subnet) else None
    addresses = endpoint.addresses
    one_of = None
    if addresses is None:
        one_of = Missing(endpoint.address_path or endpoint.name)
        addresses = ALL_IPV4 & (
            usable(subnet.ranges)
            if subnet is not None and subnet.ranges
            else _somewhere(topology, subnet.network if subnet else None)
        )
    return End(
        name=f"private endpoint {endpoint.name}",
        kind=EndKind.ENDPOINT,
        addresses=addresses,
        one_of=one_of,
        subnet=subnet,
        endpoint=endpoint,
        network=subnet.network if subnet else None,
        missing=_missing_subnet(endpoint.subnet),
    )


def _network(topology: Topology, network: Network) -> Iterator[End]:
    if network.in_plan:
        for subnet in topology.subnets_by_network.get(network, ()):
            yield from _in_subnet(topology, subnet)
        return
    name = f"network {network.name}"
    if network.ranges:
        yield End(
            name=name,
            kind=EndKind.NETWORK,
            addresses=network.ranges,
            network=network,
        )
    for value in network.missing[:1]:
        yield End(
            name=name,
            kind=EndKind.NETWORK,
            addresses=_unknown_sites(topology),
            one_of=value,
            network=network,
        )


def _tag(topology: Topology, place: Place) -> Iterator[End]:
    lower = place.name.lower()
    if lower == INTERNET.lower():
        yield _internet(internet_addresses(topology))
        return
    if lower == AZURE_LOAD_BALANCER.lower():
        yield End(name="health probes", kind=EndKind.HOST, addresses=_HOST)
        return
    if lower == VIRTUAL_NETWORK.lower():
        raise UnknownPlace(
            f"'{place}' means something else in each network; give subnet:NAME or "
            "network:NAME"
        )
    around = Surroundings(
        virtual_network=NO_ADDRESSES,
        cloud_name=topology.cloud_name,
        published=topology.published,
    )
    found = addresses_of(place.name, around)
    if isinstance(found, Undecided):
        one_of = Missing(f"{place}", f"is undecided: {found}")
        end = _internet(internet_addresses(topology), f"service tag {place.name}")
        yield replace(end, one_of=one_of)
        return
    for end in _at(topology, found):
        is_public = end.kind is EndKind.INTERNET
        yield replace(end, name=f"service tag {place.name}") if is_public else end


def _at(topology: Topology, asked: AddressSet) -> Iterator[End]:
    """Yield what stands at some addresses, whatever it is."""
    left = asked
    for subnet in topology.subnets:
        if subnet.ranges & left:
            yield from _in_subnet_at(topology, subnet, left)
            left -= subnet.ranges
    for gateway in topology.gateways:
        for kind, ranges in (
            (EndKind.SITES, gateway.on_premises),
            (EndKind.CLIENTS, gateway.clients),
        ):
            if ranges & left:
                yield End(
                    name=f"{kind} behind {gateway.name}",
                    kind=kind,
                    addresses=ranges & left,
                    gateway=gateway,
                    network=gateway.network,
                )
        left -= gateway.on_premises | gateway.clients
    for network in topology.networks:
        own = network.ranges & left
        if own and not network.in_plan:
            yield End(
                name=f"network {network.name}",
                kind=EndKind.NETWORK,
                addresses=own,
                network=network,
            )
        elif own:
            yield _nowhere(own, f"no subnet of network {network.name}")
        left -= network.ranges
    if left & _HOST:
        yield End(name="Azure's host", kind=EndKind.HOST, addresses=left & _HOST)
    left -= _HOST
    public = left & internet_addresses(topology)
    if public:
        yield _internet(public)
    yield from _private(topology, left - public)


def _in_subnet_at(
    topology: Topology, subnet: Subnet, asked: AddressSet
) -> Iterator[End]:
    """Yield what stands at addresses of a subnet, known machines first."""
    left = subnet.ranges & asked
    for interface in topology.interfaces_by_subnet.get(subnet, ()):
        if interface.addresses is not None and interface.addresses & left:
            for end in _interface(topology, interface):
                yield replace(end, addresses=end.addresses & left)
            left -= interface.addresses
    for endpoint in topology.endpoints_by_subnet.get(subnet, ()):
        if endpoint.addresses is not None and endpoint.addresses & left:
            end = _endpoint(topology, endpoint)
            yield replace(end, addresses=end.addresses & left)
            left -= endpoint.addresses
    if left:
        yield End(
            name=f"subnet {subnet.name}",
            kind=EndKind.INSIDE,
            addresses=left,
            subnet=subnet,
            network=subnet.network,
        )


def _private(topology: Topology, left: AddressSet) -> Iterator[End]:
    """Yield addresses that nobody is known to have; a site may have them."""
    if not left:
        return
    unknown = [each for each in topology.gateways if each.on_premises_missing]
    for gateway in unknown[:1]:
        yield End(
            name=f"on-premises behind {gateway.name}",
            kind=EndKind.SITES,
            addresses=left,
            gateway=gateway,
            network=gateway.network,
            missing=gateway.on_premises_missing,
        )
    if not unknown:
        yield _nowhere(left, "no network or site of the plan")


def _nowhere(addresses: AddressSet, name: str) -> End:
    return End(name=name, kind=EndKind.NOWHERE, addresses=addresses)


def _subnets_called(topology: Topology, place: Place) -> tuple[Subnet, ...]:
    """Return the one subnet of a name; ``network/subnet`` tells equal names apart."""
    found = topology.subnets_by_name.get(place.name.lower(), ())
    if not found:
        raise unknown_name(place, [subnet.name for subnet in topology.subnets])
    if len(found) > 1:
        choices = ", ".join(f"'subnet:{each.qualified_name}'" for each in found[:10])
        raise UnknownPlace(f"'{place}' is {len(found)} subnets; give one of {choices}")
    return found


def _called(place: Place, items: Iterable[_Named]) -> list[_Named]:
    """Return what is called as the place."""
    wanted = place.name.lower()
    known = list(items)
    found = [
        each
        for each in known
        if wanted in (name.lower() for name in (each.name, *each.aliases))
    ]
    if not found:
        raise unknown_name(place, [each.name for each in known])
    return found

"""Places as ends of ways: where in a topology a place is, and at which addresses.

A place may be several ends at once: a subnet is any machine in it, and each machine
that has a group of its own, and its private endpoints. An address that is not known is
said to be one of many: what holds for each of them holds for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from azureml_reachability.addresses import (
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.end_values import (
    HOST,
    End,
    EndKind,
    internet_addresses,
    internet_end,
    unknown_sites,
)
from azureml_reachability.ends_at_addresses import ends_at
from azureml_reachability.ends_in_subnets import (
    end_of_endpoint,
    ends_in_subnet,
    ends_of_interface,
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
    Network,
    PrivateEndpoint,
    Subnet,
    Topology,
)
from azureml_rulebook.service_tags import (
    AZURE_LOAD_BALANCER,
    INTERNET,
    VIRTUAL_NETWORK,
)

_Named = TypeVar("_Named", Interface, PrivateEndpoint, Network)


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
            yield internet_end(internet_addresses(topology))
        case PlaceKind.ON_PREMISES:
            yield from _sites(topology)
        case PlaceKind.VPN_CLIENTS:
            yield from _clients(topology)
        case PlaceKind.SUBNET:
            for subnet in _subnets_called(topology, place):
                yield from ends_in_subnet(topology, subnet)
        case PlaceKind.ENDPOINT:
            named = _called(place, topology.endpoints_by_name)
            yield from (end_of_endpoint(topology, each) for each in named)
        case PlaceKind.MACHINE:
            for interface in _called(place, topology.interfaces_by_name):
                yield from ends_of_interface(topology, interface)
        case PlaceKind.NETWORK:
            for network in _called(place, topology.networks_by_name):
                yield from _network(topology, network)
        case PlaceKind.TAG:
            yield from _tag(topology, place)
        case PlaceKind.ADDRESSES:
            yield from ends_at(topology, _range(place))


def _range(place: Place) -> AddressSet:
    try:
        return AddressSet.of(place.name)
    except ValueError as error:
        raise UnknownPlace(f"'{place}' is neither address nor range: {error}") from None


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
            addresses=unknown_sites(topology) - known,
            one_of=value,
            gateway=gateway,
            network=gateway.network,
        )


def _network(topology: Topology, network: Network) -> Iterator[End]:
    if network.in_plan:
        for subnet in topology.subnets_by_network.get(network, ()):
            yield from ends_in_subnet(topology, subnet)
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
            addresses=unknown_sites(topology),
            one_of=value,
            network=network,
        )


def _tag(topology: Topology, place: Place) -> Iterator[End]:
    lower = place.name.lower()
    if lower == INTERNET.lower():
        yield internet_end(internet_addresses(topology))
        return
    if lower == AZURE_LOAD_BALANCER.lower():
        yield End(name="health probes", kind=EndKind.HOST, addresses=HOST)
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
        end = internet_end(internet_addresses(topology), f"service tag {place.name}")
        yield replace(end, one_of=one_of)
        return
    for end in ends_at(topology, found):
        is_public = end.kind is EndKind.INTERNET
        yield replace(end, name=f"service tag {place.name}") if is_public else end


def _subnets_called(topology: Topology, place: Place) -> tuple[Subnet, ...]:
    """Return the one subnet of a name; ``network/subnet`` tells equal names apart."""
    found = topology.subnets_by_name.get(place.name.lower(), ())
    if not found:
        raise unknown_name(place, [subnet.name for subnet in topology.subnets])
    if len(found) > 1:
        choices = ", ".join(f"'subnet:{each.qualified_name}'" for each in found[:10])
        raise UnknownPlace(f"'{place}' is {len(found)} subnets; give one of {choices}")
    return found


def _called(
    place: Place, by_name: Mapping[str, tuple[_Named, ...]]
) -> tuple[_Named, ...]:
    """Return what is called as the place."""
    found = by_name.get(place.name.lower(), ())
    if not found:
        names = dict.fromkeys(each.name for items in by_name.values() for each in items)
        raise unknown_name(place, list(names))
    return found

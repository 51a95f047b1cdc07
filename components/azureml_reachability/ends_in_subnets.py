"""Ends inside of subnets: any machine, those that differ from it, and private
endpoints."""

from collections.abc import Iterator

from azureml_reachability.addresses import (
    ALL_IPV4,
    ALL_IPV6,
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.end_values import PRIVATE, End, EndKind, usable
from azureml_reachability.missing import Missing
from azureml_reachability.topology import (
    Interface,
    Kind,
    Network,
    PrivateEndpoint,
    Subnet,
    Topology,
)


def ends_in_subnet(topology: Topology, subnet: Subnet) -> Iterator[End]:
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
        yield from ends_of_interface(topology, interface)
    yield from (end_of_endpoint(topology, each) for each in endpoints)


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
    """Yield any machine of a subnet, also one in ranges that are not known."""
    addresses = usable(subnet.ranges) - taken
    if addresses:
        yield _in_range(subnet, addresses)
    for value in subnet.missing[:1]:
        elsewhere = _somewhere(topology, subnet.network) - subnet.ranges
        for own in _families(elsewhere, apart=True):
            yield _in_range(subnet, own, one_of=value)


def _in_range(
    subnet: Subnet, addresses: AddressSet, one_of: Missing | None = None
) -> End:
    return End(
        name=f"subnet {subnet.name}",
        kind=EndKind.INSIDE,
        addresses=addresses,
        one_of=one_of,
        subnet=subnet,
        network=subnet.network,
    )


def _somewhere(topology: Topology, network: Network | None) -> AddressSet:
    """Return where an address may be of whose subnet the ranges are not known."""
    if network is not None and network.ranges:
        return network.ranges
    spaces = AddressSet.union(each.ranges for each in topology.networks)
    return spaces or PRIVATE


def _families(addresses: AddressSet, *, apart: bool) -> Iterator[AddressSet]:
    """Yield addresses, by family where one is meant: each has one of each family."""
    if not apart:
        if addresses:
            yield addresses
        return
    for family in (ALL_IPV4, ALL_IPV6):
        if addresses & family:
            yield addresses & family


def ends_of_interface(topology: Topology, interface: Interface) -> Iterator[End]:
    """Yield an interface: once for each family where its address is not known."""
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


def end_of_endpoint(topology: Topology, endpoint: PrivateEndpoint) -> End:
    """Return a private endpoint, which has an IPv4 address where it is not known."""
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

"""What stands at some addresses, whatever it is."""

from collections.abc import Iterator
from dataclasses import replace

from azureml_reachability.addresses import (
    AddressSet,
)
from azureml_reachability.end_values import (
    HOST,
    End,
    EndKind,
    internet_addresses,
    internet_end,
)
from azureml_reachability.ends_in_subnets import end_of_endpoint, ends_of_interface
from azureml_reachability.topology import (
    Subnet,
    Topology,
)


def ends_at(topology: Topology, asked: AddressSet) -> Iterator[End]:
    """Yield what stands at some addresses, whatever it is."""
    # Networks that are not joined may have the same ranges: each of them is meant.
    found = [each for each in topology.subnets if each.ranges.meets(asked)]
    for subnet in found:
        yield from _in_subnet_at(topology, subnet, asked)
    left = asked - AddressSet.union(each.ranges for each in found)
    for gateway in topology.gateways:
        for kind, ranges in (
            (EndKind.SITES, gateway.on_premises),
            (EndKind.CLIENTS, gateway.clients),
        ):
            if ranges.meets(left):
                yield End(
                    name=f"{kind} behind {gateway.name}",
                    kind=kind,
                    addresses=ranges & left,
                    gateway=gateway,
                    network=gateway.network,
                )
        left -= gateway.on_premises | gateway.clients
    for network in topology.networks:
        if not network.ranges.meets(left):
            continue
        own = network.ranges & left
        if not network.in_plan:
            yield End(
                name=f"network {network.name}",
                kind=EndKind.NETWORK,
                addresses=own,
                network=network,
            )
        else:
            yield _nowhere(own, f"no subnet of network {network.name}")
        left -= network.ranges
    if left & HOST:
        yield End(name="Azure's host", kind=EndKind.HOST, addresses=left & HOST)
    left -= HOST
    public = left & internet_addresses(topology)
    if public:
        yield internet_end(public)
    yield from _private(topology, left - public)


def _in_subnet_at(
    topology: Topology, subnet: Subnet, asked: AddressSet
) -> Iterator[End]:
    """Yield what stands at addresses of a subnet, known machines first."""
    left = subnet.ranges & asked
    for interface in topology.interfaces_by_subnet.get(subnet, ()):
        if interface.addresses is not None and interface.addresses.meets(left):
            for end in ends_of_interface(topology, interface):
                yield replace(end, addresses=end.addresses & left)
            left -= interface.addresses
    for endpoint in topology.endpoints_by_subnet.get(subnet, ()):
        if endpoint.addresses is not None and endpoint.addresses.meets(left):
            end = end_of_endpoint(topology, endpoint)
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

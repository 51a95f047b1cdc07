"""Who may open connections into a subnet: the few places that need to be asked about.

A stack of a thousand subnets has a million pairs. Those that no route joins, and those
that a group or a firewall keeps apart whatever the question, are left out.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from azureml_policies._stack_topology import place_of
from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.ends import ends_of
from azureml_reachability.flows import all_places
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.joined_networks import joined_networks, let_through
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import Place, PlaceKind
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Firewall, Network, Subnet, Topology
from azureml_rulebook.security_rules import Direction


def sources_that_may_reach(
    topology: Topology, destination: Subnet, *, guarded: bool = True
) -> Iterator[Place]:
    """Yield the places that may open connections into a subnet, in order.

    ``guarded``: whether the subnet's group decides.
    """
    group = destination.group
    let_in = ALL_ADDRESSES
    if guarded and isinstance(group, SecurityGroup):
        around = group_surroundings(topology, destination)
        everything = PacketSet.of(destinations=_addresses(topology, destination))
        anybody = Members(None, None)
        found = decide_group(group, Direction.INBOUND, everything, around, anybody)
        let_in = found.possible.sources()
    key = "sources"
    if key not in topology.decided:
        topology.decided[key] = _Sources(topology)
    yield from topology.decided[key].of(destination, let_in)


class _Sources:
    """All places but private endpoints, by where they are and how far they get."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._places = [
            place
            for place in all_places(topology)
            if place.kind is not PlaceKind.ENDPOINT
        ]
        self._anywhere = set(range(len(self._places)))
        """Those that may get to any network."""
        self._joined: dict[Network, set[int]] = {}
        """The others, by the networks that they may get to."""
        self._behind: dict[Firewall, set[int]] = {}
        """The others, by the firewalls that send them on."""
        self._unplaced = set(self._anywhere)
        """Those whose ranges are not known."""
        number = {place: index for index, place in enumerate(self._places)}
        numbered = [(number[place_of(each)], each) for each in topology.subnets]
        for index, subnet in numbered:
            self._join(index, subnet)
            if not subnet.missing:
                self._unplaced.discard(index)
        self._by_range = _Ranges(
            (subnet.ranges, index) for index, subnet in numbered if not subnet.missing
        )
        self._by_address = _Ranges(
            (_addresses(topology, subnet), index)
            for index, subnet in numbered
            if self._behind
        )

    def _join(self, index: int, subnet: Subnet) -> None:
        joined = joined_networks(self._topology, subnet)
        if joined.anywhere:
            return
        self._anywhere.discard(index)
        for network in joined.networks:
            self._joined.setdefault(network, set()).add(index)
        for firewall in joined.firewalls:
            self._behind.setdefault(firewall, set()).add(index)

    def of(self, destination: Subnet, let_in: AddressSet) -> Iterator[Place]:
        """Yield those that may get to a subnet, from some addresses."""
        found = self._anywhere | self._joined.get(destination.network, set())
        addresses = _addresses(self._topology, destination)
        for firewall, behind in self._behind.items():
            passing = let_through(self._topology, firewall, addresses)
            found |= behind & self._by_address.meeting(passing)
        if let_in != ALL_ADDRESSES:
            found &= self._unplaced | self._by_range.meeting(let_in)
        for index in sorted(found):
            yield self._places[index]


def _addresses(topology: Topology, subnet: Subnet) -> AddressSet:
    """Return all addresses that anything in a subnet may have."""
    ends = ends_of(topology, place_of(subnet))
    return AddressSet.union(end.addresses for end in ends)


class _Ranges:
    """Numbers by ranges of addresses, found without looking at each."""

    def __init__(self, owned: Iterable[tuple[AddressSet, int]]) -> None:
        self._ranges = sorted(
            (first, end, number)
            for addresses, number in owned
            for first, end in addresses.line_ranges()
        )
        self._reach = list(accumulate((end for _, end, _ in self._ranges), max))
        """How far any range up to here reaches."""

    def meeting(self, addresses: AddressSet) -> set[int]:
        """Return the numbers whose ranges have anything in common with addresses."""
        return {
            number
            for first, end in addresses.line_ranges()
            for number in self._meeting(first, end)
        }

    def _meeting(self, first: int, end: int) -> Iterator[int]:
        for position in range(bisect_left(self._ranges, (end,)) - 1, -1, -1):
            if self._reach[position] <= first:
                return
            if self._ranges[position][1] > first:
                yield self._ranges[position][2]

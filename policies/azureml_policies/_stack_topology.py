"""The networks of a stack, read once for all rules, and who may reach whom in them."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from azureml_policies._frame import Known, NotApplicable, Stack
from azureml_policies._plan import NETWORK
from azureml_policies._topology import plan_entries
from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.flows import all_places
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.joined_networks import joined_networks
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import Place, PlaceKind
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Network, Subnet, Topology
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.regions import cloud_of
from azureml_rulebook.security_rules import Direction

_TYPES = (
    "compute:VirtualMachine",
    "compute:VirtualMachineScaleSet",
    "machinelearningservices:Compute",
    "network:ApplicationSecurityGroup",
    "network:AzureFirewall",
    "network:BastionHost",
    "network:FirewallPolicy",
    "network:FirewallPolicyRuleCollectionGroup",
    "network:IpGroup",
    "network:LoadBalancer",
    "network:LocalNetworkGateway",
    "network:NetworkInterface",
    "network:NetworkSecurityGroup",
    "network:PrivateEndpoint",
    "network:PublicIPAddress",
    "network:Route",
    "network:RouteTable",
    "network:SecurityRule",
    "network:Subnet",
    "network:VirtualNetwork",
    "network:VirtualNetworkGateway",
    "network:VirtualNetworkGatewayConnection",
    "network:VirtualNetworkPeering",
)
"""What a topology is read from."""


def stack_topology(stack: Stack) -> Topology:
    """Return the networks of a stack; ask through ``stack.once``."""
    cloud_name = next(
        (
            cloud_of(str(location.value))
            for network in stack.of_type(NETWORK)
            if isinstance(location := network.value("location"), Known)
        ),
        PUBLIC,
    )
    return topology_of(plan_entries(stack, _TYPES), cloud_name=cloud_name)


def judged_topology(stack: Stack) -> Topology:
    """Return the networks of a stack that has any.

    Raises:
        NotApplicable: the stack has no subnets.
    """
    topology = stack.once(stack_topology)
    if not topology.subnets:
        raise NotApplicable("the stack has no subnets")
    return topology


def place_of(subnet: Subnet) -> Place:
    """Return a subnet as a place."""
    return subnet_place(subnet.qualified_name)


def sources_that_may_reach(
    topology: Topology, destination: Subnet, *, guarded: bool = True
) -> Iterator[Place]:
    """Yield the places that may open connections into a subnet.

    Those that no route leads there, and that its group keeps out whatever does, are
    left out: of a thousand subnets hardly one may reach another. ``guarded``: whether
    the group decides.
    """
    group = destination.group
    let_in = ALL_ADDRESSES
    if guarded and isinstance(group, SecurityGroup):
        around = group_surroundings(topology, destination)
        everything = PacketSet.of(destinations=destination.ranges)
        anybody = Members(None, None)
        found = decide_group(group, Direction.INBOUND, everything, around, anybody)
        let_in = found.possible.sources()
    yield from _sources(topology).of(destination.network, let_in)


class _Sources:
    """All places but private endpoints, by where they are and how far they get."""

    def __init__(self, topology: Topology) -> None:
        self._places = [
            place
            for place in all_places(topology)
            if place.kind is not PlaceKind.ENDPOINT
        ]
        number = {place: index for index, place in enumerate(self._places)}
        self._anywhere = set(range(len(self._places)))
        """Those that may get to any network."""
        self._joined: dict[Network, set[int]] = {}
        """The others, by the networks that they may get to."""
        self._unplaced = set(self._anywhere)
        """Those whose ranges are not known."""
        placed: list[tuple[int, int, int]] = []
        for subnet in topology.subnets:
            index = number[place_of(subnet)]
            networks = joined_networks(topology, subnet)
            if networks is not None:
                self._anywhere.discard(index)
            for network in networks or ():
                self._joined.setdefault(network, set()).add(index)
            if not subnet.missing:
                self._unplaced.discard(index)
                placed += [(*each, index) for each in subnet.ranges.line_ranges()]
        self._placed = sorted(placed)
        self._reach = list(accumulate((end for _, end, _ in self._placed), max))
        """How far any range up to here reaches."""

    def of(self, network: Network, let_in: AddressSet) -> Iterator[Place]:
        """Yield those that may get to a network, from some addresses."""
        joined = self._joined.get(network, set())
        if let_in == ALL_ADDRESSES:
            found = joined | self._anywhere
        else:
            there = self._unplaced.union(*map(self._at, let_in.line_ranges()))
            found = there & joined | there & self._anywhere
        for index in sorted(found):
            yield self._places[index]

    def _at(self, addresses: tuple[int, int]) -> Iterator[int]:
        """Yield those that have any of the addresses from one to another."""
        first, end = addresses
        for position in range(bisect_left(self._placed, (end,)) - 1, -1, -1):
            if self._reach[position] <= first:
                return
            if self._placed[position][1] > first:
                yield self._placed[position][2]


def _sources(topology: Topology) -> _Sources:
    key = "sources"
    if key not in topology.decided:
        topology.decided[key] = _Sources(topology)
    return topology.decided[key]

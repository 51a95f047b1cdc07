"""The networks of a stack, read once for all rules, and who may reach whom in them."""

from collections.abc import Iterator

from azureml_policies._frame import Known, NotApplicable, Stack
from azureml_policies._plan import NETWORK
from azureml_policies._topology import plan_entries
from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.flows import all_places
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import Place, PlaceKind
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Subnet, Topology
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

    Those that its group keeps out whatever leads there are left out: of a thousand
    subnets hardly one may reach another. ``guarded``: whether the group decides.
    """
    group = destination.group
    let_in = ALL_ADDRESSES
    if guarded and isinstance(group, SecurityGroup):
        around = group_surroundings(topology, destination)
        everything = PacketSet.of(destinations=destination.ranges)
        anybody = Members(None, None)
        found = decide_group(group, Direction.INBOUND, everything, around, anybody)
        let_in = found.possible.sources()
    for place, ranges in _sources(topology):
        if ranges is None or ranges & let_in:
            yield place


def _sources(topology: Topology) -> list[tuple[Place, AddressSet | None]]:
    """Return all places but private endpoints, with the ranges of those that are
    known."""
    key = "sources"
    if key not in topology.decided:
        known = {
            place_of(each): each.ranges for each in topology.subnets if not each.missing
        }
        topology.decided[key] = [
            (place, known.get(place))
            for place in all_places(topology)
            if place.kind is not PlaceKind.ENDPOINT
        ]
    return topology.decided[key]

"""The networks of a stack, read once for all rules."""

from azureml_policies._frame import Known, NotApplicable, Stack
from azureml_policies._plan import NETWORK
from azureml_policies._topology import plan_entries
from azureml_reachability.place_names import Place
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.regions import cloud_of

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

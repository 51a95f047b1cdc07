"""Which networks a subnet's packets can get to at all, whatever groups say of them.

Most pairs of subnets in a large plan are not joined, and need not be asked about.
"""

from azureml_reachability.routes import NextHop, route_parts
from azureml_reachability.topology import Network, Subnet, Topology

_LEADING_NO_FURTHER = (
    NextHop.LOCAL,
    NextHop.PEERING,
    NextHop.INTERNET,
    NextHop.NONE,
)
"""Routes that lead to the network itself, to a peer, or to none of the plan."""


def joined_networks(topology: Topology, subnet: Subnet) -> frozenset[Network] | None:
    """Return the networks that packets from a subnet may get to.

    None: any of them, since a route leads to a gateway, an appliance or a service, or
    it is not known where it leads.
    """
    parts = route_parts(topology, subnet)
    if any(part.next_hop not in _LEADING_NO_FURTHER for part in parts):
        return None
    network = subnet.network
    peers = (
        peering.remote for peering in topology.peerings_by_network.get(network, ())
    )
    return frozenset((network, *(each for each in peers if isinstance(each, Network))))

"""What a peering lets through: each direction has its own switches, and neither leads
further than to the other network, but for its gateways."""

from azureml_reachability.addresses import AddressSet
from azureml_reachability.missing import Missing
from azureml_reachability.topology import Network, Peering, Topology


def reverse_of(topology: Topology, peering: Peering) -> Peering | None:
    """Return the other direction, if the plan has it."""
    if not isinstance(peering.remote, Network):
        return None
    ends = (peering.remote, peering.network)
    return next(iter(topology.peerings_by_ends.get(ends, ())), None)


def is_connected(topology: Topology, peering: Peering) -> bool | Missing:
    """Return whether both directions exist; before that, no route leads to the other
    network. One outside of the plan is taken to have its own.
    """
    if isinstance(peering.remote, Missing):
        return peering.remote
    if not peering.remote.in_plan or reverse_of(topology, peering) is not None:
        return True
    others = topology.peerings_by_network.get(peering.remote, ())
    unknown = [each.remote for each in others if isinstance(each.remote, Missing)]
    unknown += [
        each.missing
        for each in topology.loose_peerings
        if each.may_lead_to(peering.network)
    ]
    return next(iter(unknown), False)


def may_be_peered(topology: Topology, network: Network, remote: Network) -> bool:
    """Return whether a network outside of the plan, or one that has or may have a
    peering to ``network``, is peered with it once ``network`` has the other direction.
    """
    if not remote.in_plan:
        return True
    own = topology.peerings_by_network.get(remote, ())
    return any(
        other.remote is network or isinstance(other.remote, Missing) for other in own
    ) or any(each.may_lead_to(network) for each in topology.loose_peerings)


def perhaps_peers(topology: Topology, peering: Peering) -> AddressSet:
    """Return the ranges of the networks that a peering of an unknown one may mean:
    those outside of the plan, and those that have, or may have, the other direction.
    """
    return AddressSet.union(
        network.ranges
        for network in topology.networks
        if network is not peering.network
        and may_be_peered(topology, peering.network, network)
    )


def lends_gateways(topology: Topology, peering: Peering) -> bool | Missing:
    """Return whether ``peering.network`` uses the gateways of the other network.

    Both sides must say so. A network outside of the plan is taken at its word.
    """
    if isinstance(peering.uses_remote_gateways, Missing):
        return peering.uses_remote_gateways
    if not peering.uses_remote_gateways:
        return False
    reverse = reverse_of(topology, peering)
    if reverse is None:
        return not _in_plan(peering.remote)
    return reverse.allows_gateway_transit


def lets_through(
    topology: Topology, peering: Peering, *, forwarded: bool
) -> bool | Missing:
    """Return whether packets pass from ``peering.network`` to the other network.

    Args:
        topology: where the other direction is looked up.
        peering: as the network sees it that the packets leave.
        forwarded: whether they come from elsewhere, by a firewall or an appliance.
    """
    connected = is_connected(topology, peering)
    if connected is False:
        return False
    reverse = reverse_of(topology, peering)
    switches = [connected, peering.allows_access]
    if reverse is not None:
        switches.append(reverse.allows_access)
        if forwarded:
            switches.append(reverse.allows_forwarded)
    if any(switch is False for switch in switches):
        return False
    return next((each for each in switches if isinstance(each, Missing)), True)


def _in_plan(network: Network | Missing) -> bool:
    return isinstance(network, Network) and network.in_plan

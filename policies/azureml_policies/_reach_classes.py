"""Compute whose ways out are alike: what holds for one subnet holds for its likes.

Large stacks have many subnets with the same rules, of which only the ranges differ.
"""

from collections.abc import Hashable, Iterable

from azureml_policies._reach_compute import Nodes
from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_rules import GroupRule, SecurityGroup
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import ANY, Direction
from azureml_rulebook.service_tags import VIRTUAL_NETWORK

_ALL = "all of it"


def alike(topology: Topology, nodes: Iterable[Nodes]) -> list[list[Nodes]]:
    """Return compute by what decides about its way to the Internet."""
    found: dict[Hashable, list[Nodes]] = {}
    for each in nodes:
        found.setdefault(_way_out(topology, each), []).append(each)
    return list(found.values())


def _way_out(topology: Topology, nodes: Nodes) -> Hashable:
    subnet = nodes.subnet
    network = subnet.network
    joined = (
        topology.peerings_by_network.get(network)
        or topology.gateways
        or network.missing
    )
    return (
        network if joined else None,
        nodes.public,
        subnet.location,
        subnet.route_table,
        subnet.nat_gateway,
        subnet.default_outbound,
        subnet.service_endpoints,
        _leaving(subnet),
        subnet if subnet.missing or topology.firewalls else None,
    )


def _leaving(subnet: Subnet) -> Hashable:
    """Return what the group of a subnet says about leaving it."""
    group = subnet.group
    if not isinstance(group, SecurityGroup):
        return group
    if group.missing:
        return id(group)
    rules = [rule for rule in group.rules if rule.direction is not Direction.INBOUND]
    if any(rule.missing or rule.perhaps or rule.source_groups for rule in rules):
        return id(group)
    sides = [(rule, _side(rule, subnet.ranges)) for rule in rules]
    return tuple(
        rule._replace(name="", path="", sources=side) for rule, side in sides if side
    )


def _side(rule: GroupRule, ranges: AddressSet) -> tuple[str, ...]:
    """Return the sources of a rule as a subnet of some ranges sees them."""
    if any(
        text == ANY or text.lower() == VIRTUAL_NETWORK.lower() for text in rule.sources
    ):
        return (_ALL,)
    try:
        meant = AddressSet.of(*rule.sources)
    except ValueError:
        return (*rule.sources, str(ranges))
    if ranges <= meant:
        return (_ALL,)
    return (*rule.sources, str(ranges)) if ranges & meant else ()


def told_of(alike_nodes: list[Nodes]) -> str:
    """Return what to add to a message about the first of some compute, for the rest."""
    others = [each.subnet.qualified_name for each in alike_nodes[1:]]
    if not others:
        return ""
    shown = ", ".join(others[:10]) + (", …" if len(others) > 10 else "")
    return f"; the same holds for {len(others)} more: {shown}"

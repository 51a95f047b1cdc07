"""Where compute of Azure Machine Learning stands in a stack's networks, and what it
has to reach from there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from azureml_policies._frame import (
    Absent,
    Context,
    Known,
    Reading,
    Resource,
    Stack,
    Undecided,
)
from azureml_policies._plan import COMPUTE, SUBNET, WORKSPACE
from azureml_policies._stack_topology import place_of
from azureml_reachability.addresses import NO_ADDRESSES
from azureml_reachability.missing import Missing
from azureml_reachability.packets import NO_PACKETS, PacketSet
from azureml_reachability.place_names import Place, machine
from azureml_reachability.places import Surroundings
from azureml_reachability.security_groups import rule_of
from azureml_reachability.topology import Interface, Kind, Subnet, Topology
from azureml_rulebook.aml_traffic import compute_rules, conditions
from azureml_rulebook.regions import region_name
from azureml_rulebook.security_rules import ANY, Direction, SecurityRule
from azureml_rulebook.service_tags import PublishedTags

_SERVERLESS = "serverlessComputeSettings.serverlessComputeCustomSubnet"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Compute in one subnet."""

    place: Place
    subnet: Subnet
    public: bool | Missing
    """Whether its nodes have public addresses."""


def compute_nodes(stack: Stack, topology: Topology) -> tuple[list[Nodes], list[str]]:
    """Return the compute in known subnets, and paths of subnets that are not known.

    Clusters and instances of one subnet and kind of address are asked about once.
    """
    names = {resource.name for resource in stack.of_type(COMPUTE)}
    found: dict[tuple[Subnet, bool | Missing], Nodes] = {}
    unknown: list[str] = []
    for each in topology.interfaces:
        if each.kind is not Kind.COMPUTE or not names & {*each.aliases}:
            continue
        if isinstance(each.subnet, Missing):
            unknown.append(str(each.subnet))
            continue
        public = _public(each)
        nodes = Nodes(machine(each.aliases[0]), each.subnet, public)
        found.setdefault((each.subnet, public), nodes)
    for subnet in _serverless(stack, topology, unknown):
        nodes = Nodes(place_of(subnet), subnet, False)
        found.setdefault((subnet, False), nodes)
    return list(found.values()), unknown


def unknown_subnets(paths: list[str]) -> Iterator[Undecided]:
    """Yield that compute whose subnet is not known cannot be judged."""
    for path in paths[:1]:
        yield Undecided(
            path.partition(" ")[0],
            f"{path}: what its compute reaches depends on its subnet; "
            "give it a value that the program knows",
        )


def _public(interface: Interface) -> bool | Missing:
    if isinstance(interface.public, Missing):
        return interface.public
    return interface.public is not None


def _serverless(
    stack: Stack, topology: Topology, unknown: list[str]
) -> Iterator[Subnet]:
    """Yield the subnets of workspaces for serverless compute."""
    by_name = {alias: each for each in topology.subnets for alias in each.aliases}
    for workspace in stack.of_type(WORKSPACE):
        reading = workspace.value(_SERVERLESS)
        reference = stack.resolve(workspace, reading, SUBNET)
        if reference.certain is not None and reference.certain.name in by_name:
            yield by_name[reference.certain.name]
        elif reference.anything or reference.possible:
            unknown.append(f"{workspace.name}.{_SERVERLESS} is not known yet")


def required_rules(
    context: Context, topology: Topology, subnet: Subnet
) -> list[SecurityRule] | Missing:
    """Return what compute of a subnet has to reach, as outbound rules.

    The conditions of the rulebook's rows are read from the stack: which services have
    private endpoints in it, and whether a workspace is of high business impact.
    """
    region = context.settings["region"] or subnet.location
    if not region:
        return Missing(
            f"{subnet.qualified_name}.location", "is not known: set 'region'"
        )
    rules = compute_rules(
        (ANY,),
        region_name(region),
        topology.cloud_name,
        holding=holding_conditions(context.stack, topology),
    )
    return [rule for rule in rules if rule.direction is Direction.OUTBOUND]


def holding_conditions(stack: Stack, topology: Topology) -> frozenset[str]:
    """Return the rulebook's conditions that hold in a stack."""
    groups = {group for each in topology.endpoints for group in each.group_ids}
    impact = any(
        _may_be_true(each, "hbiWorkspace") for each in stack.of_type(WORKSPACE)
    )
    return conditions(groups, high_business_impact=impact)


def _may_be_true(resource: Resource, path: str) -> bool:
    reading: Reading = resource.value(path)
    return not isinstance(reading, Absent) and (
        not isinstance(reading, Known) or reading.value is True
    )


def packets_of(topology: Topology, rules: list[SecurityRule]) -> PacketSet:
    """Return what rules let out, from anywhere."""
    if topology.published is not None:
        return _packets(tuple(rules), topology.cloud_name, topology.published)
    return _shipped_packets(tuple(rules), topology.cloud_name)


@lru_cache(maxsize=256)
def _shipped_packets(rules: tuple[SecurityRule, ...], cloud_name: str) -> PacketSet:
    return _packets(rules, cloud_name, None)


def _packets(
    rules: tuple[SecurityRule, ...],
    cloud_name: str,
    published: PublishedTags | None,
) -> PacketSet:
    around = Surroundings(
        virtual_network=NO_ADDRESSES, cloud_name=cloud_name, published=published
    )
    found = NO_PACKETS
    for rule in rules:
        found |= rule_of(rule, around).packets
    return found

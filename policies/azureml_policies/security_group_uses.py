"""Rules on where security groups are used, and what application groups stand for."""

from collections.abc import Iterable, Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._group_examples import example_rule
from azureml_policies._groups import (
    APPLICATION_GROUP,
    GROUP,
    RULE,
    PlannedGroup,
    planned_group,
    uses_of,
)
from azureml_policies._reach_examples import (
    shown_group,
    shown_interface,
    shown_network,
    shown_subnet,
)
from azureml_policies._stack_topology import stack_topology
from azureml_reachability.group_rules import ONE_OF, GroupRule
from azureml_reachability.missing import Missing
from azureml_reachability.topology import Network, Subnet

_INTERFACE = "network:NetworkInterface"
_SCALE_SET = "compute:VirtualMachineScaleSet"
_GROUP_ID = "networkSecurityGroup.id"
_SCALE_SET_INTERFACES = (
    "virtualMachineProfile.networkProfile.networkInterfaceConfigurations"
)
_OVERVIEW = "https://learn.microsoft.com/azure/virtual-network"


@stack_rule(
    id="SG014",
    name="nsg-unassociated",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(GROUP,),
    controls=(assigned("AM-3"),),
    twins=("psrule:Azure.NSG.Associated",),
    steps="Give the group to a subnet or to a network interface, or take it out: it "
    "guards nothing.",
    url=f"{_OVERVIEW}/network-security-groups-overview",
    bad=(shown_group("training-nsg"), shown_subnet("training", "10.20.0.0/25")),
    good=(
        shown_group("training-nsg"),
        shown_subnet("training", "10.20.0.0/25", "training-nsg"),
    ),
)
def group_is_used(subject: Resource, context: Context) -> Iterator[Finding]:
    """A security group guards a subnet or a network interface."""
    stack = context.stack
    uses = uses_of(stack, planned_group(stack, subject))
    if any(use.unknown is None for use in uses):
        return
    doubts = [use.unknown for use in uses if use.unknown is not None]
    for holder, reading in _interface_groups(stack):
        reference = stack.resolve(holder, reading, GROUP)
        if reference.certain is subject:
            return
        if reference.may_be(subject):
            doubts.append(reading)
    if doubts:
        yield undecided(doubts[0], f"'{subject.name}' has to guard a subnet or machine")
    else:
        yield Violation(
            "",
            f"nothing has the group '{subject.name}', so that it guards nothing; give "
            "it to a subnet or to a network interface, or take it out",
        )


def _interface_groups(stack: Stack) -> Iterator[tuple[Resource, Reading]]:
    """Yield the ids of the groups of interfaces and scale sets."""
    for resource in stack.of_type(_INTERFACE):
        yield resource, resource.value(_GROUP_ID)
    for resource in stack.of_type(_SCALE_SET):
        for each in resource.value(_SCALE_SET_INTERFACES).elements():
            yield resource, each.at(_GROUP_ID)


@stack_rule(
    id="SG015",
    name="asg-same-vnet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(GROUP, RULE, APPLICATION_GROUP),
    steps="Put all machines of an application security group into one network, and "
    "name groups of one network on both sides of a rule.",
    url=f"{_OVERVIEW}/application-security-groups",
    bad=(
        shown_network(),
        shown_network("other", "10.30.0.0/22"),
        shown_subnet("training", "10.20.0.0/25"),
        shown_subnet("tests", "10.30.0.0/25", virtualNetworkName="other"),
        {"type": APPLICATION_GROUP, "name": "servers", "properties": {}},
        shown_interface("first", "training", "servers"),
        shown_interface("second", "tests", "servers"),
    ),
    good=(
        shown_network(),
        shown_subnet("training", "10.20.0.0/25"),
        {"type": APPLICATION_GROUP, "name": "servers", "properties": {}},
        shown_interface("first", "training", "servers"),
        shown_interface("second", "training", "servers"),
        shown_group("training-nsg", example_rule()),
    ),
)
def one_network(subject: Resource, context: Context) -> Iterator[Finding]:
    """Machines of an application security group are in one network, as those on both
    sides of a rule."""
    stack = context.stack
    members = stack.once(_members)
    if subject.key == APPLICATION_GROUP.lower():
        yield from _together(subject.name, members.get(subject.urn.lower(), {}))
        return
    group = planned_group(stack, subject)
    judged = False
    for rule in group.rules.rules:
        if rule.source_groups and rule.destination_groups:
            judged = True
            yield from _both_sides(group, rule, members)
    if not judged:
        raise NotApplicable("no rule has application security groups on both sides")


Members = dict[Network | Missing, str]
"""The networks that machines of a group are in, each with one of them."""


def _members(stack: Stack) -> dict[str, Members]:
    """Return where the machines of each application security group are, by its key."""
    topology = stack.once(stack_topology)
    found: dict[str, Members] = {}
    for each in (*topology.interfaces, *topology.endpoints):
        if isinstance(each.application_groups, Missing):
            continue
        place = each.subnet.network if isinstance(each.subnet, Subnet) else each.subnet
        for key in each.application_groups:
            found.setdefault(key, {}).setdefault(place, each.name)
    return found


def _together(name: str, members: Members) -> Iterator[Finding]:
    """Yield a finding unless machines of one group are in one network."""
    networks = [(each, who) for each, who in members.items() if _is_known(each)]
    unknown = [each for each in members if isinstance(each, Missing)]
    if len(networks) > 1:
        listed = "; ".join(f"'{who}' is in '{_name(each)}'" for each, who in networks)
        yield Violation(
            "",
            f"machines of '{name}' are in {len(networks)} networks: {listed}; put them "
            "into one, or give each network a group of its own",
        )
    elif unknown and len(members) > 1:
        yield Undecided(
            unknown[0].path,
            f"{unknown[0]}: all machines of '{name}' have to be in one network",
        )


def _both_sides(
    group: PlannedGroup, rule: GroupRule, members: dict[str, Members]
) -> Iterator[Finding]:
    """Yield a finding unless both sides of a rule are in one network."""
    sides = [
        _networks(keys, members)
        for keys in (rule.source_groups, rule.destination_groups)
    ]
    path = group.path_of(rule)
    for source, who in sides[0].items():
        for destination, other in sides[1].items():
            if isinstance(source, Missing) or isinstance(destination, Missing):
                missing = source if isinstance(source, Missing) else destination
                if isinstance(missing, Missing) and source is not destination:
                    yield Undecided(
                        missing.path,
                        f"{missing}: both sides of rule '{rule.name}' have to be in "
                        "one network",
                    )
                    return
            elif source is not destination:
                yield Violation(
                    path,
                    f"rule '{rule.name}' is from '{who}' in '{source.name}' to "
                    f"'{other}' in '{destination.name}'; name groups of one network, "
                    "or ranges",
                )
                return


def _networks(keys: Iterable[str], members: dict[str, Members]) -> Members:
    """Return the networks of some groups; a key may be one of several groups."""
    found: Members = {}
    for key in keys:
        parts = key.split(ONE_OF)
        if len(parts) > 1:
            found[Missing(parts[0].rpartition("::")[2], "is one of several groups")] = (
                ""
            )
        else:
            found |= members.get(key, {})
    return found


def _is_known(each: Network | Missing) -> bool:
    return isinstance(each, Network)


def _name(each: Network | Missing) -> str:
    return each.name if isinstance(each, Network) else each.path

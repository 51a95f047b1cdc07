"""The rule for the security group of AzureBastionSubnet, which Azure itself checks.

Azure looks for eight rules by what they name, and updates need what they let through:
a group passes here when its own rules do both. Rules of other tags do not count,
although their addresses may be the same, nor do Azure's default rules: groups without
the rule for machines were refused with them
(https://github.com/MicrosoftDocs/azure-docs/issues/42737).
"""

from collections.abc import Iterator
from functools import lru_cache

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._reach import TCP, listed_missing
from azureml_policies._reach_examples import shown_bastion_group
from azureml_policies._stack_topology import judged_topology
from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_decisions import decide, decide_group
from azureml_reachability.group_rules import GroupRule, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.packets import NO_PACKETS, PacketSet
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import rule_of
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule
from azureml_rulebook.service_tags import AZURE_LOAD_BALANCER, INTERNET
from azureml_rulebook.subnet_traffic import PLATFORM_RULES
from azureml_rulebook.subnets import BASTION, PURPOSES

_PAGE = "https://learn.microsoft.com/azure/bastion/bastion-nsg"
_SUBNET = str(PURPOSES[BASTION].azure_name)
_SIDES = {Direction.INBOUND: "from", Direction.OUTBOUND: "to"}
_NOT_PEOPLE = frozenset({"gatewaymanager", AZURE_LOAD_BALANCER.lower()})


@stack_rule(
    id="NR003",
    name="bastion-nsg-complete",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    controls=(assigned("NS-1"),),
    steps="Give the group of AzureBastionSubnet the rules of the page, before any rule "
    "that denies the same: Azure refuses the group otherwise, or sessions fail. People "
    "may come from ranges of your own in place of the Internet.",
    url=_PAGE,
    bad=shown_bastion_group(without="AllowMachinesOutbound"),
    good=shown_bastion_group(),
)
def bastion_group_complete(subject: Resource, context: Context) -> Iterator[Finding]:
    """The group of AzureBastionSubnet lets through all that Bastion needs."""
    topology = judged_topology(context.stack)
    judged = False
    for subnet in topology.subnets:
        if subnet.name.lower() != _SUBNET.lower() or subnet.group is None:
            continue
        judged = True
        if isinstance(subnet.group, Missing):
            yield Undecided(
                subnet.group.path,
                f"{subnet.group}: the group of {_SUBNET} has to let through what "
                "Bastion needs",
            )
        else:
            yield from _lacking_rules(topology, subnet, subnet.group)
    if not judged:
        raise NotApplicable(f"no {_SUBNET} has a group")


def _lacking_rules(
    topology: Topology, subnet: Subnet, group: SecurityGroup
) -> Iterator[Finding]:
    """Yield what a group does not let through of what Bastion needs."""
    around = group_surroundings(topology, subnet)
    for row in PLATFORM_RULES:
        if row.purpose == BASTION:
            yield from _lacking(row.rule, subnet, group, around)


def _lacking(
    wanted: SecurityRule, subnet: Subnet, group: SecurityGroup, around: Surroundings
) -> Iterator[Finding]:
    direction = wanted.direction
    needed = _needed(wanted, around.virtual_network_tag, around.cloud_name)
    (place,) = wanted.sources if direction is Direction.INBOUND else wanted.destinations
    what = f"TCP {', '.join(wanted.ports)} {_SIDES[direction]} {place}"
    own = [
        rule
        for rule in group.ordered(direction)
        if not rule.path.startswith("default rule ")
        if rule.access is Access.DENY or _names(rule, wanted)
    ]
    found = decide(own, needed, around)
    missing = (*group.missing, *found.missing)
    certain = NO_PACKETS if group.missing else found.certain
    possible = needed if group.missing else found.possible
    about = f"group '{group.name}' of {subnet.qualified_name}"
    if _is_lost(wanted, needed, possible):
        passing = decide_group(group, direction, needed, around).possible
        lost = (needed - passing).witness()
        if lost is None:
            said = f"{about} has no rule of its own for {what}, which Azure looks for"
        else:
            said = f"{about} does not let {what} pass, such as {lost}"
        witness = {"rule": wanted.name, "group": group.name}
        yield Violation(
            "",
            f"{said}: {wanted.description}; add the rule of the page before what "
            "denies it",
            witness if lost is None else {"packet": str(lost), **witness},
        )
    elif _is_lost(wanted, needed, certain):
        yield Undecided(
            missing[0].path if missing else "",
            f"{listed_missing(missing)}: whether {what} passes depends on it",
        )


def _is_lost(wanted: SecurityRule, needed: PacketSet, passing: PacketSet) -> bool:
    """Say whether too little passes: of people any, of all others everything."""
    return not passing if _is_for_people(wanted) else not needed <= passing


def _is_for_people(wanted: SecurityRule) -> bool:
    """Say whether a rule is for people, who come from the Internet or from ranges."""
    return wanted.direction is Direction.INBOUND and wanted.sources == (INTERNET,)


def _names(rule: GroupRule, wanted: SecurityRule) -> bool:
    """Say whether a rule of a group is one for both ends of a wanted one, or may be."""
    if rule.missing:
        return True
    sources = {text.strip().lower() for text in rule.sources}
    destinations = {text.strip().lower() for text in rule.destinations}
    if _is_for_people(wanted):
        return bool(sources - _NOT_PEOPLE)
    return _is_one_of(wanted.sources, sources) and _is_one_of(
        wanted.destinations, destinations
    )


def _is_one_of(wanted: tuple[str, ...], given: set[str]) -> bool:
    return wanted == (ANY,) or ANY in given or {w.lower() for w in wanted} <= given


@lru_cache(maxsize=256)
def _needed(
    rule: SecurityRule, virtual_network: AddressSet, cloud_name: str
) -> PacketSet:
    """Return the TCP packets of a rule that Bastion needs."""
    if _is_for_people(rule):
        return PacketSet.of(protocols=TCP, destination_ports=PortSet.of(*rule.ports))
    around = Surroundings(virtual_network=virtual_network, cloud_name=cloud_name)
    return rule_of(rule, around).packets & PacketSet.of(protocols=TCP)

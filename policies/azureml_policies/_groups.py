"""Security groups of a stack: their rules from both shapes, and where they are used.

A group is judged with all rules that are known: in its list, and beside it. Rules of a
group that another stack holds are judged too, as far as they decide without the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from azureml_policies._frame import (
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
)
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._subnets import PlannedSubnet, network_ranges, subnets_of
from azureml_policies._topology import plan_entries, plan_entry
from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_rules import GroupRule, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.places import Surroundings
from azureml_reachability.plan_reading import topology_of
from azureml_rulebook.address_ranges import NOT_PUBLIC
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.regions import cloud_of
from azureml_rulebook.subnets import BASTION, PURPOSES

GROUP = "network:NetworkSecurityGroup"
RULE = "network:SecurityRule"
APPLICATION_GROUP = "network:ApplicationSecurityGroup"

_NAME = "networkSecurityGroupName"
_PRIVATE = AddressSet.of_networks(NOT_PUBLIC) | AddressSet.of("fc00::/7")
_BASTION_SUBNET = str(PURPOSES[BASTION].azure_name)
_ELSEWHERE = Missing(
    _NAME, "names a group outside of this stack, whose other rules are not known"
)


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """A security group with its rules, as one rule of the pack judges it."""

    resource: Resource
    """The group, or the first known rule of one outside of the stack."""
    name: str
    """Its name in Azure, if known, else Pulumi's."""
    rules: SecurityGroup
    surroundings: Surroundings
    """What tags mean for it: ``VirtualNetwork`` is all private addresses and all
    networks of the stack, without what routes add."""

    @property
    def is_outside(self) -> bool:
        """Whether another stack holds the group, and perhaps more of its rules."""
        return self.resource.key == RULE.lower()

    def path_of(self, rule: GroupRule) -> str:
        """Return the path of a rule in the resource; empty for one beside it."""
        start = f"{self.resource.name}."
        return rule.path.removeprefix(start) if rule.path.startswith(start) else ""

    def application_groups(self) -> tuple[str, ...]:
        """Return the keys of application security groups that its rules name."""
        return tuple(
            sorted(
                {
                    part
                    for rule in self.rules.rules
                    for key in (*rule.source_groups, *rule.destination_groups)
                    for part in key.split("|")
                    if part != "?"
                }
            )
        )


def planned_group(stack: Stack, subject: Resource) -> PlannedGroup:
    """Return the group that a subject is: a group, or a rule of one outside.

    Raises:
        NotApplicable: a rule that is judged with its group, or with others of its.
    """
    if subject.key == GROUP.lower():
        return stack.once(_groups)[subject.urn]
    outside = stack.once(_outside)
    if subject.urn not in outside:
        raise NotApplicable("a rule is judged with its group")
    return outside[subject.urn]


def _groups(stack: Stack) -> dict[str, PlannedGroup]:
    types = (GROUP, RULE, APPLICATION_GROUP)
    read = topology_of(plan_entries(stack, types)).groups
    return {
        resource.urn: PlannedGroup(
            resource, group.name, group, _surroundings(stack, resource)
        )
        for resource, group in zip(stack.of_type(GROUP), read, strict=True)
    }


def _outside(stack: Stack) -> dict[str, PlannedGroup]:
    """Return groups outside of the stack, by the URN of the first rule of each."""
    members: dict[str, list[Resource]] = {}
    for rule in stack.of_type(RULE):
        reference = stack.resolve(rule, rule.value(_NAME), GROUP)
        if reference.certain is None:
            known = reference.elsewhere not in ("", "?")
            group = rule.value("resourceGroupName")
            place = f"{group.value}/" if isinstance(group, Known) else ""
            key = f"{place}{reference.elsewhere}".lower() if known else rule.urn
            members.setdefault(key, []).append(rule)
    return {rules[0].urn: _group_outside(stack, rules) for rules in members.values()}


def _group_outside(stack: Stack, rules: list[Resource]) -> PlannedGroup:
    holder = {
        "urn": "outside",
        "type": f"azure-native:{GROUP}",
        "name": rules[0].name,
        "inputs": {_NAME: "outside"},
    }
    entries: list[dict[str, Any]] = [holder]
    for resource in (*stack.of_type(APPLICATION_GROUP), *rules):
        entry = plan_entry(resource, stack)
        if resource.key == RULE.lower():
            entry["inputs"] = {**entry["inputs"], _NAME: "outside"}
            entry["inputs"].pop("resourceGroupName", None)
        entries.append(entry)
    (group,) = topology_of(entries).groups
    name = rules[0].value(_NAME)
    return PlannedGroup(
        rules[0],
        str(name.value) if isinstance(name, Known) else rules[0].name,
        _with_missing(group),
        _surroundings(stack, rules[0]),
    )


def _with_missing(group: SecurityGroup) -> SecurityGroup:
    return replace(group, missing=(*group.missing, _ELSEWHERE))


def _surroundings(stack: Stack, resource: Resource) -> Surroundings:
    location = resource.value("location")
    known = isinstance(location, Known) and isinstance(location.value, str)
    return Surroundings(
        virtual_network=_PRIVATE | stack.once(_network_ranges),
        cloud_name=cloud_of(str(location.value)) if known else PUBLIC,
    )


def _network_ranges(stack: Stack) -> AddressSet:
    return AddressSet.of_networks(
        each
        for network in stack.of_type(NETWORK)
        for _, each in network_ranges(network).known
    )


@dataclass(frozen=True, slots=True)
class Use:
    """A subnet that a group guards, or may guard."""

    subnet: PlannedSubnet
    unknown: Reading | None = None
    """The value that tells whether it does; None where that is certain."""


def uses_of(stack: Stack, group: PlannedGroup) -> list[Use]:
    """Return the subnets that a group of the stack guards, or may guard."""
    return stack.once(_uses).get(group.resource.urn, [])


def is_for_bastion(stack: Stack, group: PlannedGroup) -> bool:
    """Say whether a group guards the subnet of Bastion, and surely no other one."""
    uses = uses_of(stack, group)
    return bool(uses) and all(
        use.unknown is None and use.subnet.is_called((_BASTION_SUBNET,)) for use in uses
    )


def _uses(stack: Stack) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for subnet in _subnets(stack):
        reading = subnet.value("networkSecurityGroup.id")
        reference = stack.resolve(subnet.resource, reading, GROUP)
        if reference.certain is not None:
            found.setdefault(reference.certain.urn, []).append(Use(subnet))
        perhaps = stack.of_type(GROUP) if reference.anything else reference.possible
        for group in perhaps:
            found.setdefault(group.urn, []).append(Use(subnet, reading))
    return found


def _subnets(stack: Stack) -> Iterator[PlannedSubnet]:
    for resource in stack.of_type(SUBNET, NETWORK):
        yield from subnets_of(resource)

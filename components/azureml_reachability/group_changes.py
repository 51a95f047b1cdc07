"""Security groups that let more or less through than before, at the places that they
guard. What application security groups are asked about are their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations

from azureml_reachability.addresses import ALL_ADDRESSES, NO_ADDRESSES, AddressSet
from azureml_reachability.changed_guards import (
    Change,
    ChangedGuard,
    Gain,
    Passing,
    closed,
    merged,
    opened,
)
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import ONE_OF, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.part_contents import Contents, application_group_names
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.places import Surroundings
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import Direction

_ALL_SUBSETS = 3
"""Application security groups up to which machines may be in any of their subsets; of
more, they are in one, in none or in all."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """What a group guards, in one plan."""

    topology: Topology
    label: str
    group: SecurityGroup | Missing | None
    subnet: Subnet | None
    ranges: AddressSet


def group_changes(
    before: Topology, after: Topology, old: Contents, new: Contents
) -> list[ChangedGuard]:
    """Return how the groups of subnets and interfaces changed that both plans have."""
    former, present = _owners(before), _owners(after)
    return merged(
        change
        for key, owner in present.items()
        if key in former and old.group(former[key].group) != new.group(owner.group)
        for change in _changes(former[key], owner)
    )


def _owners(topology: Topology) -> dict[tuple[str, str, int], _Owner]:
    found: dict[tuple[str, str, int], _Owner] = {}
    for subnet in topology.subnets:
        name = subnet.qualified_name
        key = ("subnet", name.lower(), 0)
        found[key] = _Owner(
            topology, str(subnet_place(name)), subnet.group, subnet, subnet.ranges
        )
    for each in topology.interfaces:
        subnet = each.subnet if isinstance(each.subnet, Subnet) else None
        ranges = each.addresses or (subnet.ranges if subnet else NO_ADDRESSES)
        number = 0
        while (each.kind, each.name.lower(), number) in found:
            number += 1
        found[each.kind, each.name.lower(), number] = _Owner(
            topology, f"{each.kind} {each.name}", each.group, subnet, ranges
        )
    return found


def _changes(before: _Owner, after: _Owner) -> Iterator[ChangedGuard]:
    own = (before.ranges | after.ranges) or ALL_ADDRESSES
    names = sorted({*_named(before), *_named(after)})
    alone = _memberships(names)
    classes = [(source, destination) for source in alone for destination in alone]
    for direction in Direction:
        question = (
            PacketSet.of(destinations=own)
            if direction is Direction.INBOUND
            else PacketSet.of(sources=own)
        )
        passing = [
            (
                _passing(before, direction, question, *members),
                _passing(after, direction, question, *members),
            )
            for members in classes
        ]
        for change, compare in ((Change.OPENED, opened), (Change.CLOSED, closed)):
            gains = [
                (members, gain)
                for members, pair in zip(classes, passing, strict=True)
                if (gain := compare(*pair)) is not None
            ]
            if gains:
                yield _told(before, after, direction, change, gains)


_Memberships = tuple[frozenset[str], frozenset[str]]


def _told(
    before: _Owner,
    after: _Owner,
    direction: Direction,
    change: Change,
    gains: list[tuple[_Memberships, Gain]],
) -> ChangedGuard:
    members, first = gains[0]
    packets = first.packets
    for _, gain in gains[1:]:
        packets |= gain.packets
    passes = "lets through" if change is Change.OPENED else "stops"
    what = f"{passes} {first.witness} {direction.lower()}{_of(members)}"
    if after.group is None:
        what = f"is gone, and {what}"
    elif before.group is None:
        what = f"is new, and {what}"
    elif _name(before.group) != _name(after.group):
        what = f"is in the place of {_name(before.group)}, and {what}"
    group = before.group if after.group is None else after.group
    return ChangedGuard(
        guard=f"security-group:{_name(group)}",
        change=change,
        what=f"{what}, which it did not before",
        at=(after.label,),
        packets=packets,
        witness=first.witness,
        missing=first.missing,
    )


def _of(members: _Memberships) -> str:
    """Return which application security groups the ends of a packet are in."""
    words = ("from", "to")
    return "".join(
        f" {word} {' and '.join(sorted(names))}"
        for word, names in zip(words, members, strict=True)
        if names
    )


def _name(group: SecurityGroup | Missing | None) -> str:
    return group.name if isinstance(group, SecurityGroup) else f"{group}"


def _passing(
    owner: _Owner,
    direction: Direction,
    question: PacketSet,
    sources: frozenset[str],
    destinations: frozenset[str],
) -> Passing:
    if owner.group is None:
        return Passing(question, question)
    if isinstance(owner.group, Missing):
        return Passing(PacketSet(), question, (owner.group,))
    around = (
        group_surroundings(owner.topology, owner.subnet)
        if owner.subnet is not None
        else Surroundings(virtual_network=NO_ADDRESSES)
    )
    keys = {name: key for key, name in application_group_names(owner.topology).items()}
    members = Members(
        frozenset(keys.get(name, name) for name in sources),
        frozenset(keys.get(name, name) for name in destinations),
    )
    found = decide_group(owner.group, direction, question, around, members)
    return Passing(found.certain, found.possible, found.missing)


def _named(owner: _Owner) -> Iterator[str]:
    """Yield the application security groups that the rules name."""
    if not isinstance(owner.group, SecurityGroup):
        return
    names = application_group_names(owner.topology)
    for rule in owner.group.rules:
        for listed in (*rule.source_groups, *rule.destination_groups):
            for key in listed.split(ONE_OF):
                yield names.get(key, key)


def _memberships(names: list[str]) -> list[frozenset[str]]:
    """Return in which of some application security groups a machine may be."""
    if len(names) > _ALL_SUBSETS:
        sizes = (0, 1, len(names))
    else:
        sizes = range(len(names) + 1)
    return [
        frozenset(subset)
        for subset in chain.from_iterable(combinations(names, size) for size in sizes)
    ]

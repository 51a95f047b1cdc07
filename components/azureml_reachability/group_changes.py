"""Security groups that let more or less through than before, at the places that they
guard."""

from collections.abc import Iterator
from dataclasses import dataclass

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
from azureml_reachability.compared_groups import (
    ComparedGroups,
    Group,
    Guarding,
    Membership,
)
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import Direction


@dataclass(frozen=True, slots=True)
class _Owner:
    """What a group guards, in one plan."""

    label: str
    guarding: Guarding
    ranges: AddressSet

    @property
    def group(self) -> Group:
        """The group, if any."""
        return self.guarding.group


def group_changes(
    before: Topology, after: Topology, groups: ComparedGroups
) -> list[ChangedGuard]:
    """Return how the groups of subnets and interfaces changed that both plans have."""
    former = _owners(before)
    return merged(
        change
        for key, owner in _owners(after).items()
        if (old := former.get(key)) is not None
        and groups.differ(old.group, owner.group)
        for change in _changes(groups, old, owner)
    )


def _owners(topology: Topology) -> dict[tuple[str, str, int], _Owner]:
    found: dict[tuple[str, str, int], _Owner] = {}
    for subnet in topology.subnets:
        name = subnet.qualified_name
        ranges = ALL_ADDRESSES if subnet.missing else subnet.ranges
        found["subnet", name.lower(), 0] = _Owner(
            str(subnet_place(name)), Guarding(subnet.group, subnet), ranges
        )
    for each in topology.interfaces:
        subnet = each.subnet if isinstance(each.subnet, Subnet) else None
        ranges = each.addresses or (subnet.ranges if subnet else NO_ADDRESSES)
        number = 0
        while (each.kind, each.name.lower(), number) in found:
            number += 1
        found[each.kind, each.name.lower(), number] = _Owner(
            f"{each.kind} {each.name}", Guarding(each.group, subnet), ranges
        )
    return found


def _changes(
    groups: ComparedGroups, before: _Owner, after: _Owner
) -> Iterator[ChangedGuard]:
    own = (before.ranges | after.ranges) or ALL_ADDRESSES
    for direction in Direction:
        inbound = direction is Direction.INBOUND
        met = PacketSet.of(destinations=own) if inbound else PacketSet.of(sources=own)
        compared = [
            (each.membership, _of(each.before, met), _of(each.after, met))
            for each in groups.compared(before.guarding, after.guarding, direction)
        ]
        for change, compare in ((Change.OPENED, opened), (Change.CLOSED, closed)):
            gains = [
                (membership, gain)
                for membership, old, new in compared
                if (gain := compare(old, new)) is not None
            ]
            if gains:
                yield _told(before, after, direction, change, gains)


def _of(passing: Passing, met: PacketSet) -> Passing:
    """Return what passes of the packets that a group meets at all."""
    return Passing(passing.certain & met, passing.possible & met, passing.missing)


def _told(
    before: _Owner,
    after: _Owner,
    direction: Direction,
    change: Change,
    gains: list[tuple[Membership, Gain]],
) -> ChangedGuard:
    membership, first = gains[0]
    packets = first.packets
    for _, gain in gains[1:]:
        packets |= gain.packets
    passes = "lets through" if change is Change.OPENED else "stops"
    what = f"{passes} {first.witness} {direction.lower()}{_between(membership)}"
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


def _between(membership: Membership) -> str:
    """Return which application security groups the ends of a packet are in."""
    return "".join(
        f" {word} {' and '.join(sorted(names))}"
        for word, names in zip(("from", "to"), membership, strict=True)
        if names
    )


def _name(group: Group) -> str:
    return group.name if isinstance(group, SecurityGroup) else f"{group}"

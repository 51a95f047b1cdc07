"""What the security groups of two plans let through, each decided once for all packets.

Machines are told apart by the application security groups that they are in: every
combination of those that the rules name is decided by itself.
"""

from collections.abc import Hashable, Iterator
from itertools import chain, combinations
from typing import NamedTuple

from azureml_reachability.addresses import NO_ADDRESSES
from azureml_reachability.changed_guards import Change, Passing, closed, opened
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import ONE_OF, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.packets import ALL_PACKETS, NO_PACKETS, PacketSet
from azureml_reachability.part_contents import PartContents, application_group_names
from azureml_reachability.places import Surroundings
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Interface, Subnet, Topology
from azureml_rulebook.security_rules import Direction

_ALL_SUBSETS = 3
"""Application security groups up to which machines may be in any of their subsets; of
more, they are in one, in none or in all."""
Group = SecurityGroup | Missing | None


class Membership(NamedTuple):
    """The application security groups that both ends of a packet are in, by name."""

    sources: frozenset[str]
    destinations: frozenset[str]


class Guarding(NamedTuple):
    """A group in the place that it guards, in one plan."""

    group: Group
    subnet: Subnet | None


class Compared(NamedTuple):
    """What two groups let through, for packets of one membership."""

    membership: Membership
    before: Passing
    after: Passing


class ComparedGroups:
    """The groups of two topologies."""

    def __init__(
        self, before: Topology, after: Topology, old: PartContents, new: PartContents
    ) -> None:
        self._before, self._after = before, after
        self._old, self._new = old, new
        self._names = (application_group_names(before), application_group_names(after))
        self._keys = tuple(
            {name: key for key, name in names.items()} for names in self._names
        )
        self._members_known = not any(
            isinstance(each.application_groups, Missing)
            for topology in (before, after)
            for each in (*topology.interfaces, *topology.endpoints)
        )
        self._known: dict[Hashable, tuple[Compared, ...]] = {}

    def differ(self, before: Group, after: Group) -> bool:
        """Return whether the rules of two groups differ in more than names."""
        return self._old.group(before) != self._new.group(after)

    def compared(
        self, before: Guarding, after: Guarding, direction: Direction
    ) -> tuple[Compared, ...]:
        """Return what two groups let through in a direction, by membership."""
        around = (
            _surroundings(self._before, before.subnet),
            _surroundings(self._after, after.subnet),
        )
        key = (
            self._old.group(before.group),
            self._new.group(after.group),
            direction,
            *(
                (
                    each.virtual_network,
                    each.route_prefixes,
                    each.perhaps_virtual_network,
                )
                for each in around
            ),
        )
        if key not in self._known:
            names = self._named(before.group, after.group)
            self._known[key] = tuple(
                Compared(
                    membership,
                    self._passing(before.group, direction, around[0], membership, 0),
                    self._passing(after.group, direction, around[1], membership, 1),
                )
                for membership in _memberships(names)
            )
        return self._known[key]

    def gained(
        self, subnet_name: str, direction: Direction, change: Change
    ) -> PacketSet | None:
        """Return what the groups in a subnet let through more, or less, after a change;
        None where that cannot be told.

        In both plans, but for groups, all that decides there is the same.
        """
        name = subnet_name.lower()
        former = self._before.subnets_by_name.get(name, ())
        present = self._after.subnets_by_name.get(name, ())
        if len(former) != 1 or len(present) != 1:
            return None
        pairs = self._guarding(former[0], present[0])
        if pairs is None:
            return None
        packets = NO_PACKETS
        for before, after in pairs:
            if not self.differ(before.group, after.group):
                continue
            if not self._decides_all(before.group, after.group):
                return None
            for each in self.compared(before, after, direction):
                packets |= change_of(change, each.before, each.after)
        return packets

    def _guarding(
        self, former: Subnet, present: Subnet
    ) -> list[tuple[Guarding, Guarding]] | None:
        """Return the groups of a subnet and of its machines, in pairs."""
        old = self._before.interfaces_by_subnet.get(former, ())
        new = self._after.interfaces_by_subnet.get(present, ())
        if [_identity(each) for each in old] != [_identity(each) for each in new]:
            return None
        return [
            (Guarding(former.group, former), Guarding(present.group, present)),
            *(
                (Guarding(one.group, former), Guarding(other.group, present))
                for one, other in zip(old, new, strict=True)
            ),
        ]

    def _decides_all(self, *groups: Group) -> bool:
        """Return whether the memberships that are decided are all that there are."""
        names = self._named(*groups)
        return not names or (self._members_known and len(names) <= _ALL_SUBSETS)

    def _named(self, *groups: Group) -> list[str]:
        """Return the application security groups that rules name."""
        return sorted(
            {
                names.get(key, key)
                for group, names in zip(groups, self._names, strict=True)
                if isinstance(group, SecurityGroup)
                for rule in group.rules
                for listed in (*rule.source_groups, *rule.destination_groups)
                for key in listed.split(ONE_OF)
            }
        )

    def _passing(
        self,
        group: Group,
        direction: Direction,
        around: Surroundings,
        membership: Membership,
        plan: int,
    ) -> Passing:
        if group is None:
            return Passing(ALL_PACKETS, ALL_PACKETS)
        if isinstance(group, Missing):
            return Passing(NO_PACKETS, ALL_PACKETS, (group,))
        keys = self._keys[plan]
        members = Members(
            *(frozenset(keys.get(name, name) for name in names) for names in membership)
        )
        found = decide_group(group, direction, ALL_PACKETS, around, members)
        return Passing(found.certain, found.possible, found.missing)


def change_of(change: Change, before: Passing, after: Passing) -> PacketSet:
    """Return the packets that a change of a guard opens, or closes."""
    compare = opened if change is Change.OPENED else closed
    gain = compare(before, after)
    return NO_PACKETS if gain is None else gain.packets


def _surroundings(topology: Topology, subnet: Subnet | None) -> Surroundings:
    if subnet is None:
        return Surroundings(virtual_network=NO_ADDRESSES)
    return group_surroundings(topology, subnet)


def _identity(interface: Interface) -> tuple[str, str]:
    return (interface.kind, interface.name.lower())


def _memberships(names: list[str]) -> Iterator[Membership]:
    """Yield in which of some application security groups both ends may be."""
    sizes = range(len(names) + 1) if len(names) <= _ALL_SUBSETS else (0, 1, len(names))
    alone = [
        frozenset(subset)
        for subset in chain.from_iterable(combinations(names, size) for size in sizes)
    ]
    for sources in alone:
        for destinations in alone:
            yield Membership(sources, destinations)

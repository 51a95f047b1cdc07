"""What is wrong with rules that join a security group whose other rules are required.

Required rules come first, so that nobody can block them by mistake. A rule that denies
what they allow would seem to hold and not do so, and a rule whose packets are all
decided before it would seem to matter: both are found here, with a packet as witness.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from azureml_reachability.packets import NO_PACKETS, Packet
from azureml_reachability.places import Surroundings, side_of
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import Rule, rule_of
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One rule that cannot mean what it says."""

    rule: str
    """Name of the rule that joins."""
    other: str
    """Name of a rule that stands against it."""
    packet: Packet | None
    """A packet that both are about; None where only their texts can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupConflicts:
    """What is wrong with the rules that join one security group."""

    blocking: tuple[Conflict, ...]
    """Denies of packets that a required rule allows."""
    idle: tuple[Conflict, ...]
    """Rules that decide nothing, since others before them decide all their packets."""


def group_conflicts(
    required: Iterable[SecurityRule],
    joining: Iterable[SecurityRule],
    surroundings: Surroundings,
    *,
    deciding_elsewhere: Container[str] = (),
) -> GroupConflicts:
    """Compare the rules that join a group with those before them, in each direction.

    Members of application security groups are not known; rules that name them are
    compared with rules that name the same ones.

    Args:
        required: the rules that come first.
        joining: the rules that join them.
        surroundings: what tags mean.
        deciding_elsewhere: names of required rules that leave the decision to a
            firewall, so that a rule for the same packets still says something.
    """
    blocking: list[Conflict] = []
    idle: list[Conflict] = []
    rules = (list(required), list(joining))
    for direction in Direction:
        first, then = (
            sorted(
                (rule for rule in part if rule.direction is direction),
                key=lambda rule: rule.priority,
            )
            for part in rules
        )
        blocking += _blocking(first, then, surroundings)
        deciding = [rule for rule in first if rule.name not in deciding_elsewhere]
        idle += _idle(deciding, then, surroundings)
    return GroupConflicts(blocking=tuple(blocking), idle=tuple(idle))


def _blocking(
    required: list[SecurityRule],
    joining: list[SecurityRule],
    surroundings: Surroundings,
) -> list[Conflict]:
    denies = [rule for rule in joining if rule.access is Access.DENY]
    if not denies:
        return []
    allows = [
        rule_of(rule, surroundings)
        for rule in required
        if rule.access is Access.ALLOW and not _names_groups(rule)
    ]
    conflicts: list[Conflict] = []
    for deny in denies:
        packets = rule_of(_with_any_member(deny), surroundings).packets
        for allow in allows:
            packet = (packets & allow.packets).witness()
            if packet is not None:
                conflicts.append(
                    Conflict(rule=deny.name, other=allow.name, packet=packet)
                )
                break
    return conflicts


def _idle(
    required: list[SecurityRule],
    joining: list[SecurityRule],
    surroundings: Surroundings,
) -> list[Conflict]:
    before: list[tuple[_Extent, Rule]] = []
    texts: dict[tuple[object, ...], str] = {}
    conflicts: list[Conflict] = []
    for rule, joins in (
        *((rule, False) for rule in required),
        *((rule, True) for rule in joining),
    ):
        earlier = texts.setdefault(_text_of(rule), rule.name)
        if joins and earlier != rule.name:
            conflicts.append(Conflict(rule=rule.name, other=earlier, packet=None))
            continue
        if _names_groups(rule):
            continue
        read, extent = rule_of(rule, surroundings), _extent_of(rule, surroundings)
        if joins:
            conflicts += _decided_before(read, _near(extent, before))
        before.append((extent, read))
    return conflicts


class _Extent(NamedTuple):
    """The box around a rule's packets: quick to compare, and never too small.

    Each pair is a first position and an end, which is not in it.
    """

    source: int
    source_end: int
    destination: int
    destination_end: int
    port: int
    port_end: int


def _extent_of(rule: SecurityRule, surroundings: Surroundings) -> _Extent:
    """Return the box around a rule; undecided sides may hold any address."""
    sources = side_of(rule.sources, rule.source_groups, surroundings)
    destinations = side_of(rule.destinations, rule.destination_groups, surroundings)
    return _Extent(
        *_hull(sources.possible.line_ranges()),
        *_hull(destinations.possible.line_ranges()),
        *_hull(PortSet.of(*rule.ports).line_ranges()),
    )


def _near(own: _Extent, others: Iterable[tuple[_Extent, Rule]]) -> list[Rule]:
    """Return the rules whose boxes have anything in common with ``own``.

    Every rule is compared with all before it, so the comparison is spelt out: it
    decides how long a large group takes.
    """
    source, source_end, destination, destination_end, port, port_end = own
    return [
        rule
        for (first, end, other, other_end, low, high), rule in others
        if low < port_end
        and port < high
        and first < source_end
        and source < end
        and other < destination_end
        and destination < other_end
    ]


def _hull(ranges: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the one range around all; an empty one around none."""
    first, end = 0, 0
    for index, (start, stop) in enumerate(ranges):
        first, end = (first if index else start), stop
    return first, end


def _decided_before(rule: Rule, near: list[Rule]) -> list[Conflict]:
    """Return a conflict if the rules ``near`` decide all packets of ``rule``.

    The first of them that decides one is named.
    """
    wanted = rule.packets | rule.perhaps
    decided = NO_PACKETS
    for other in near:
        decided |= other.packets
    if not wanted <= decided:
        return []
    shown = ((other, (wanted & other.packets).witness()) for other in near)
    return [
        Conflict(rule=rule.name, other=other.name, packet=packet)
        for other, packet in shown
        if packet is not None
    ][:1]


def _names_groups(rule: SecurityRule) -> bool:
    return bool(rule.source_groups or rule.destination_groups)


def _with_any_member(rule: SecurityRule) -> SecurityRule:
    """Return a rule whose application security groups may hold any address."""
    return SecurityRule(
        name=rule.name,
        priority=rule.priority,
        direction=rule.direction,
        access=rule.access,
        protocol=rule.protocol,
        sources=(ANY,) if rule.source_groups else rule.sources,
        destinations=(ANY,) if rule.destination_groups else rule.destinations,
        ports=rule.ports,
        description=rule.description,
    )


def _text_of(rule: SecurityRule) -> tuple[object, ...]:
    """Return all that tells one rule from another of its direction."""
    return (
        rule.protocol,
        rule.sources,
        rule.source_groups,
        rule.destinations,
        rule.destination_groups,
        rule.ports,
    )

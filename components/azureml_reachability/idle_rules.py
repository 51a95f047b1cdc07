"""Rules of a security group that decide nothing, or nothing by themselves.

A rule is shadowed where rules before it decide all of its packets, and redundant where
the rules after it decide each of them in the same way. What is not known never makes a
rule idle: an earlier rule counts with what it surely matches, a later one only where
its answer is certain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from azureml_reachability._steps import Below, as_steps
from azureml_reachability.group_decisions import Match, Members, matches
from azureml_reachability.group_rules import GroupRule, SecurityGroup
from azureml_reachability.packets import ALL_PACKETS, NO_PACKETS, Packet, PacketSet
from azureml_reachability.places import Surroundings
from azureml_rulebook.security_rules import Direction

_ANY_MEMBER = Members(sources=None, destinations=None)


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A rule that could be left out."""

    rule: GroupRule
    others: tuple[GroupRule, ...]
    """The rules that decide its packets in its place, in order."""
    packet: Packet
    """A packet that it seems to be about."""
    shadowed: bool
    """Whether rules before it decide; else it is redundant: rules after it do, in the
    same way."""


class _Extent(NamedTuple):
    """The box around a rule's packets, quick to compare, and never too small."""

    service: int
    service_end: int
    source: int
    source_end: int
    destination: int
    destination_end: int


def idle_rules(
    group: SecurityGroup, direction: Direction, surroundings: Surroundings
) -> Iterator[IdleRule]:
    """Yield the rules of a group that are idle in a direction, in order.

    Azure's default rules are never idle, and rules that are not wholly known neither.
    """
    read = list(
        matches(group.ordered(direction), ALL_PACKETS, surroundings, _ANY_MEMBER)
    )
    own = {id(rule) for rule in group.rules}
    extents = [_extent_of(match) for match in read]
    for index, match in enumerate(read):
        if id(match.rule) not in own or match.rule.missing or match.rule.perhaps:
            continue
        near = _near(index, extents)
        before = [read[position] for position in near if position < index]
        after = [read[position] for position in near if position > index]
        idle = _idle(match, before, after)
        if idle is not None:
            yield idle


def _idle(
    match: Match, before: Sequence[Match], after: Sequence[Match]
) -> IdleRule | None:
    packet = match.possible.witness()
    if packet is None:
        return None
    left = match.possible
    deciding: list[GroupRule] = []
    for other in before:
        if left.is_empty:
            break
        if left & other.certain:
            deciding.append(other.rule)
            left -= other.certain
    if left.is_empty:
        return IdleRule(match.rule, tuple(deciding), packet, shadowed=True)
    deciding = []
    packet = left.witness() or packet
    for other in after:
        common = left & other.possible
        if common.is_empty:
            continue
        if other.rule.access is not match.rule.access:
            return None
        if left & other.certain:
            deciding.append(other.rule)
            left -= other.certain
        if left.is_empty:
            return IdleRule(match.rule, tuple(deciding), packet, shadowed=False)
    return None


def undecided_before(
    group: SecurityGroup,
    rule: GroupRule,
    direction: Direction,
    surroundings: Surroundings,
) -> PacketSet:
    """Return the packets of a rule that no rule before it surely decides."""
    before: list[Match] = []
    for match in matches(
        group.ordered(direction), ALL_PACKETS, surroundings, _ANY_MEMBER
    ):
        if match.rule is rule:
            left = match.possible
            for other in before:
                left -= other.certain
            return left
        before.append(match)
    return NO_PACKETS


def _extent_of(match: Match) -> _Extent:
    services, _, sources, destinations = (line.possible for line in match.entry.lines)
    return _Extent(*_hull(services), *_hull(sources), *_hull(destinations))


def _hull(line: Below) -> tuple[int, int]:
    pieces = list(as_steps(line).pieces())
    return (pieces[0][0], pieces[-1][1]) if pieces else (0, 0)


def _near(index: int, extents: Sequence[_Extent]) -> list[int]:
    """Return the positions of other boxes that have anything in common with one.

    Every rule is compared with every other, so the comparison is spelt out.
    """
    service, service_end, source, source_end, destination, end = extents[index]
    return [
        position
        for position, (low, high, first, last, start, stop) in enumerate(extents)
        if low < service_end
        and service < high
        and first < source_end
        and source < last
        and start < end
        and destination < stop
        and position != index
    ]

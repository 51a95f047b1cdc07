"""What a group of a stack lets through, as findings with a packet that proves each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from azureml_policies._frame import Finding, Undecided, Violation
from azureml_policies._groups import PlannedGroup
from azureml_reachability.group_decisions import (
    Match,
    Members,
    decide,
    decide_group,
    matches,
)
from azureml_reachability.group_rules import GroupRule
from azureml_reachability.missing import Missing
from azureml_reachability.packets import NO_PACKETS, Packet, PacketSet
from azureml_rulebook.security_rules import Access, Direction

_MOST_RULES_SHOWN = 10
_MISSING_SHOWN = 3
_WORDS = {Direction.INBOUND: "lets in", Direction.OUTBOUND: "lets out"}


def openings(
    group: PlannedGroup,
    direction: Direction,
    question: PacketSet,
    advice: str,
    allowed: Callable[[], PacketSet] = lambda: NO_PACKETS,
) -> Iterator[Finding]:
    """Yield a violation for each rule that lets packets of a question through.

    Where none surely does, but one may, the answer is undecided, with the values that
    are missing. Machines in application security groups are asked about one group at a
    time, and those in none by themselves. ``allowed`` returns what may pass; it is
    asked only where anything does.
    """
    seen: set[str] = set()
    undecided: list[Finding] = []
    for members in _all_members(group, direction):
        certain, possible, missing = _passing(group, direction, question, members)
        if possible:
            certain, possible = certain - allowed(), possible - allowed()
        for finding in _violations(group, direction, certain, members):
            if finding.witness["rulePath"] not in seen:
                seen.add(finding.witness["rulePath"])
                yield replace(finding, message=f"{finding.message}; {advice}")
        unsure = possible - certain
        if unsure and not undecided:
            undecided += _undecided(group, direction, unsure, members, missing, advice)
    if not seen:
        yield from undecided


def witness_of(packet: Packet, rule: GroupRule) -> dict[str, Any]:
    """Return a packet and the rule that decides about it, as JSON values."""
    return {
        "packet": str(packet),
        "source": str(packet.source),
        "destination": str(packet.destination),
        "protocol": str(packet.protocol),
        "port": packet.destination_port,
        "rule": str(rule),
        "rulePath": rule.path,
    }


def _passing(
    group: PlannedGroup, direction: Direction, question: PacketSet, members: Members
) -> tuple[PacketSet, PacketSet, tuple[Missing, ...]]:
    """Return what surely passes, what may, and why both differ.

    Of a group outside of the stack only what its known rules let through is asked
    about: the rest is judged where the group is.
    """
    around = group.surroundings
    if not group.is_outside:
        found = decide_group(group.rules, direction, question, around, members)
        return found.certain, found.possible, found.missing
    known = [
        rule
        for rule in group.rules.ordered(direction)
        if not rule.path.startswith("default rule ")
    ]
    found = decide(known, question, around, members)
    return NO_PACKETS, found.possible, (*group.rules.missing, *found.missing)


def _all_members(group: PlannedGroup, direction: Direction) -> Iterator[Members]:
    yield Members()
    for key in group.application_groups():
        own = frozenset({key})
        if direction is Direction.INBOUND:
            yield Members(destinations=own)
        else:
            yield Members(sources=own)


def _violations(
    group: PlannedGroup, direction: Direction, passing: PacketSet, members: Members
) -> Iterator[Violation]:
    shown = 0
    while (packet := passing.witness()) is not None and shown < _MOST_RULES_SHOWN:
        match = _deciding(group, direction, packet, members)
        if match is None:
            return
        where = _member_text(members)
        message = f"rule '{match.rule}' {_WORDS[direction]} {packet}{where}"
        yield Violation(
            group.path_of(match.rule), message, witness_of(packet, match.rule)
        )
        passing -= match.possible
        shown += 1


def _deciding(
    group: PlannedGroup, direction: Direction, packet: Packet, members: Members
) -> Match | None:
    """Return the rule that lets a packet through, whatever is not known."""
    question = PacketSet.of_packet(packet)
    rules = group.rules.ordered(direction)
    found = matches(rules, question, group.surroundings, members)
    return next((match for match in found if packet in match.certain), None)


def _member_text(members: Members) -> str:
    keys = (*(members.sources or ()), *(members.destinations or ()))
    if not keys:
        return ""
    name = keys[0].rpartition("::")[2].rpartition("/")[2]
    return f" (a machine in application security group '{name}')"


def _undecided(
    group: PlannedGroup,
    direction: Direction,
    unsure: PacketSet,
    members: Members,
    missing: tuple[Missing, ...],
    advice: str,
) -> Iterator[Finding]:
    packet = unsure.witness()
    if packet is None:
        return
    known = [str(each) for each in missing[:_MISSING_SHOWN]]
    more = len(missing) - len(known)
    reason = "; ".join(known) + (f"; and {more} more" if more > 0 else "")
    match = _deciding(group, direction, packet, members)
    if match is not None and match.rule.access is not Access.DENY:
        opens = f"rule '{match.rule}' {_WORDS[direction]}"
        message = f"{reason}: unless that stops it, {opens} {packet}; {advice}"
    else:
        message = f"{reason}: whether it {_WORDS[direction]} {packet} depends on it"
        message += "; give it a value that the program knows"
    path = missing[0].path if missing else ""
    start = f"{group.resource.name}."
    yield Undecided(path.removeprefix(start), message)


def left_to_defaults(
    group: PlannedGroup, direction: Direction, question: PacketSet
) -> tuple[PacketSet, PacketSet]:
    """Return the packets of a question that no rule of the group's own surely decides,
    and those that none even may decide."""
    own = {rule.path for rule in group.rules.rules}
    doubtful = surely = question
    found = matches(
        group.rules.ordered(direction),
        question,
        group.surroundings,
        Members(sources=None, destinations=None),
    )
    for match in found:
        if match.rule.path in own:
            doubtful -= match.certain
            surely -= match.possible
    return doubtful, NO_PACKETS if group.rules.missing else surely

"""What a security group lets through, for the packets of one question.

Only rules that have anything in common with the question are looked at closely, so that
a question about one port passes by a thousand rules about others. What is not known
gives two answers: what surely passes, and what may.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from azureml_reachability._steps import Below, from_ranges, meet
from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    NO_ADDRESSES,
    AddressSet,
    prefix_range,
)
from azureml_reachability.first_match import WHOLE_LINE, Entry, Line, first_match
from azureml_reachability.group_rules import (
    ONE_OF,
    UNKNOWN_TEXT,
    GroupRule,
    SecurityGroup,
)
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import (
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.places import Side, Surroundings, Undecided, side_of
from azureml_reachability.ports import ALL_PORTS, PORTS, PortSet
from azureml_reachability.services import SERVICES, service_ranges
from azureml_rulebook.security_rules import ANY, Direction


@dataclass(frozen=True, slots=True)
class Decision:
    """What passes: surely, and in the reading that lets most through."""

    certain: PacketSet
    possible: PacketSet
    missing: tuple[Missing, ...] = ()
    """Why the two differ."""


class Members(NamedTuple):
    """Application security groups of both ends of the packets that are asked about.

    None: not known.
    """

    sources: frozenset[str] | None = frozenset()
    destinations: frozenset[str] | None = frozenset()


NO_MEMBERS = Members()
"""Both ends are in none."""


@dataclass(frozen=True)
class Match:
    """A rule that is about the question, read."""

    rule: GroupRule
    entry: Entry
    missing: tuple[Missing, ...]
    """Why it is undecided, if it is."""

    @cached_property
    def possible(self) -> PacketSet:
        """All packets that it may match, also those that nobody asks about."""
        return self.entry.possible()

    @cached_property
    def certain(self) -> PacketSet:
        """All packets that it surely matches."""
        return self.entry.certain() if self.entry.is_undecided else self.possible


def decide_group(
    group: SecurityGroup,
    direction: Direction,
    question: PacketSet,
    surroundings: Surroundings,
    members: Members = NO_MEMBERS,
) -> Decision:
    """Return which packets of a question a security group lets through."""
    found = decide(group.ordered(direction), question, surroundings, members)
    if not group.missing:
        return found
    # A rule that is not known may come before all others.
    return Decision(NO_PACKETS, question, distinct((*group.missing, *found.missing)))


def decide(
    rules: Iterable[GroupRule],
    question: PacketSet,
    surroundings: Surroundings,
    members: Members = NO_MEMBERS,
) -> Decision:
    """Return which packets of a question a list of rules lets through.

    What no rule matches does not pass.
    """
    found = list(matches(rules, question, surroundings, members))
    certain, possible = first_match([match.entry for match in found])
    certain, possible = certain & question, possible & question
    if certain == possible:
        return Decision(certain, possible)
    unsure = possible - certain
    missing = distinct(
        value
        for match in found
        if match.missing and match.possible & unsure
        for value in match.missing
    )
    return Decision(certain, possible, missing)


def deciding_match(
    rules: Iterable[GroupRule],
    packet: Packet,
    surroundings: Surroundings,
    members: Members = NO_MEMBERS,
) -> Match | None:
    """Return the first rule that matches a packet, or may; None if none does."""
    question = PacketSet.of_packet(packet)
    return next(matches(rules, question, surroundings, members), None)


def matches(
    rules: Iterable[GroupRule],
    question: PacketSet,
    surroundings: Surroundings,
    members: Members,
) -> Iterator[Match]:
    """Yield the rules that may match packets of a question, in order."""
    return _Reading(question, surroundings, members).matches(rules)


class _Services(NamedTuple):
    """What a rule says of protocol and ports."""

    services: Line
    source_ports: Line
    unread: str
    """A text that is neither protocol nor port; empty where all is."""


@lru_cache(maxsize=1024)
def _lines_of(question: PacketSet) -> tuple[Below, Below, Below, Below]:
    """Return the lines of a question, which many groups are asked."""
    return (
        question.services,
        question.source_ports().steps,
        question.sources().steps,
        question.destinations().steps,
    )


class _Reading:
    """Reads rules for one question; equal texts are read once."""

    def __init__(
        self, question: PacketSet, surroundings: Surroundings, members: Members
    ) -> None:
        self._services, self._source_ports, self._sources, self._destinations = (
            _lines_of(question)
        )
        self._surroundings = surroundings
        self._members = members
        self._sides: dict[tuple[object, ...], tuple[Line, Side | None]] = {}

    def matches(self, rules: Iterable[GroupRule]) -> Iterator[Match]:
        """Yield the rules that the question is about."""
        for rule in rules:
            services = _read_services(rule.protocol, rule.ports, rule.source_ports)
            if not meet(services.services.possible, self._services):
                continue
            sources, source_side = self._side(rule.sources, rule.source_groups, 0)
            if not meet(sources.possible, self._sources):
                continue
            destinations, destination_side = self._side(
                rule.destinations, rule.destination_groups, 1
            )
            if not meet(destinations.possible, self._destinations):
                continue
            if not meet(services.source_ports.possible, self._source_ports):
                continue
            lines = (services.services, services.source_ports, sources, destinations)
            entry = Entry(rule.access, lines, rule.perhaps)
            missing: tuple[Missing, ...] = ()
            if entry.is_undecided:
                sides = (source_side, destination_side)
                undecided = [item for side in sides if side for item in side.undecided]
                missing = _missing(rule, services, undecided)
            yield Match(rule, entry, missing)

    def _side(
        self, texts: tuple[str, ...], groups: tuple[str, ...], end: int
    ) -> tuple[Line, Side | None]:
        """Return one side as a line; the side too where it is not one plain range."""
        if len(texts) == 1 and not groups:
            plain = _plain_range(texts[0])
            if plain is not None:
                return plain, None
        key = (texts, groups, end if groups else None)
        if key not in self._sides:
            side = side_of(texts, (), self._surroundings)
            own = self._members[end]
            side = _joined(side, [_membership(group, own) for group in groups])
            self._sides[key] = (_line(side), side)
        return self._sides[key]


@lru_cache(maxsize=1 << 16)
def _plain_range(text: str) -> Line | None:
    """Return one range, or everything; None for a text that needs its surroundings."""
    if text == ANY:
        return WHOLE_LINE
    try:
        return Line(AddressSet.of_ranges([prefix_range(text)]).steps)
    except ValueError:
        return None


def _line(side: Side) -> Line:
    certain = side.certain.steps
    return Line(side.possible.steps, certain) if side.undecided else Line(certain)


@lru_cache(maxsize=1 << 16)
def _read_services(
    protocol: str, ports: tuple[str, ...], source_ports: tuple[str, ...]
) -> _Services:
    """Read protocol and ports; what cannot be read may be any."""
    protocols = _protocols(protocol)
    known, bad_port = _ports(ports)
    source_known, bad_source = _ports(source_ports)
    unread = bad_port or bad_source or ("" if protocols else protocol or UNKNOWN_TEXT)
    whole = known == source_known == ALL_PORTS
    ranges = tuple(known.line_ranges())
    services = from_ranges(
        (
            service
            for each in protocols or ALL_PROTOCOLS
            for service in service_ranges(each, ranges, whole=whole)
        ),
        SERVICES,
    )
    return _Services(
        Line(services, False if unread else None), Line(source_known.steps), unread
    )


def _ports(texts: tuple[str, ...]) -> tuple[PortSet, str]:
    """Return ports, and the first text that is none."""
    found: list[tuple[int, int]] = []
    for text in texts:
        if text.isascii() and text.isdecimal() and len(text) < 6:
            port = int(text)
            if port < PORTS:
                found.append((port, port + 1))
                continue
        try:
            found += PortSet.of(text.replace(" ", "")).line_ranges()
        except ValueError:
            return ALL_PORTS, text or UNKNOWN_TEXT
    return PortSet.of_ranges(found), ""


@lru_cache(maxsize=256)
def _protocols(text: str) -> frozenset[Protocol] | None:
    """Return protocols, of which commas make several; None for what is none."""
    found = [_PROTOCOLS.get(each.strip().lower()) for each in text.split(",")]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return frozenset(protocol for each in known for protocol in each)


_PROTOCOLS: dict[str, frozenset[Protocol]] = {
    ANY: ALL_PROTOCOLS,
    "any": ALL_PROTOCOLS,
    **{item.lower(): frozenset({item}) for item in Protocol},
}


def _membership(group: str, own: frozenset[str] | None) -> Side:
    """Return what an application security group means for one end of the question.

    ``group`` may be one of several, of which it is not known which.
    """
    if own is not None:
        candidates = set(group.split(ONE_OF))
        if candidates <= own:
            return Side(ALL_ADDRESSES)
        if not candidates & own and UNKNOWN_TEXT not in candidates:
            return Side(NO_ADDRESSES)
    reason = "is an application security group whose machines are not known"
    return Side(NO_ADDRESSES, (Undecided(group, reason),))


def _joined(side: Side, others: list[Side]) -> Side:
    for other in others:
        side = Side(
            AddressSet.union([side.certain, other.certain]),
            (*side.undecided, *other.undecided),
        )
    return side


def _missing(
    rule: GroupRule, services: _Services, undecided: Iterable[Undecided]
) -> tuple[Missing, ...]:
    """Return why a rule is undecided: values that are not known, else its texts."""
    if rule.missing:
        return rule.missing
    if services.unread:
        reason = f"has '{services.unread[:80]}', which is no port or protocol"
        return (Missing(rule.path, reason),)
    return tuple(
        Missing(rule.path, f"has '{item.text}', which {item.reason}")
        for item in undecided
    )

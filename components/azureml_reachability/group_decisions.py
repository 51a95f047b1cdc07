"""What an ordered list of rules lets through, for the packets of one question.

Rules are read in order, and the first that matches a packet decides. Only rules that
have anything in common with the question are looked at closely, so that a question
about one port passes by a thousand rules about others. What is not known gives two
answers: what surely passes, and what may.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from azureml_reachability._steps import Below, Operation, combine
from azureml_reachability.addresses import ALL_ADDRESSES, NO_ADDRESSES
from azureml_reachability.group_rules import ONE_OF, GroupRule, SecurityGroup
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import (
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.places import Side, Surroundings, Undecided, side_of
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_rulebook.security_rules import ANY, Access, Direction


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


class Match(NamedTuple):
    """One rule's part in a question."""

    rule: GroupRule
    certain: PacketSet
    possible: PacketSet
    missing: tuple[Missing, ...]


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
    certain = possible = NO_PACKETS
    surely_left = possibly_left = question
    missing: list[Missing] = []
    for match in matches(rules, question, surroundings, members):
        if possibly_left.is_empty:
            break
        may_allow = match.rule.access is not Access.DENY
        may_deny = match.rule.access is not Access.ALLOW
        settled = surely_left == possibly_left
        if match.missing and possibly_left & match.possible:
            missing += match.missing
        if may_allow:
            possible |= possibly_left & match.possible
            if not may_deny:
                certain |= surely_left & match.certain
        possibly_left -= match.certain
        if settled and match.possible == match.certain:
            surely_left = possibly_left
        else:
            surely_left -= match.possible if may_deny else match.certain
    return Decision(certain, possible, distinct(missing) if certain != possible else ())


def deciding_match(
    rules: Iterable[GroupRule],
    packet: Packet,
    surroundings: Surroundings,
    members: Members = NO_MEMBERS,
) -> Match | None:
    """Return the first rule that matches a packet, or may; None if none does."""
    question = PacketSet.of_packet(packet)
    for match in matches(rules, question, surroundings, members):
        if match.possible & question:
            return match
    return None


def matches(
    rules: Iterable[GroupRule],
    question: PacketSet,
    surroundings: Surroundings,
    members: Members,
) -> Iterator[Match]:
    """Yield the rules that may match packets of a question, in order."""
    reading = _Reading(question, surroundings, members)
    for rule in rules:
        match = reading.match(rule)
        if match is not None:
            yield match


class _Services(NamedTuple):
    """What a rule says of protocol and ports."""

    certain: Below
    possible: Below
    source_ports: PortSet
    unread: str
    """A text that is neither protocol nor port; empty where all is."""


class _Reading:
    """Reads rules for one question; equal texts are read once."""

    def __init__(
        self, question: PacketSet, surroundings: Surroundings, members: Members
    ) -> None:
        self._question = question.services
        self._sources = question.sources()
        self._destinations = question.destinations()
        self._surroundings = surroundings
        self._members = members
        self._services: dict[tuple[object, ...], _Services | None] = {}
        self._source_sides: dict[tuple[object, ...], Side | None] = {}
        self._destination_sides: dict[tuple[object, ...], Side | None] = {}

    def match(self, rule: GroupRule) -> Match | None:
        """Return the packets of a rule, or None if the question is about none."""
        services = self._services_of(rule)
        if services is None:
            return None
        sources = self._side(
            self._source_sides, rule.sources, rule.source_groups, inward=False
        )
        if sources is None:
            return None
        destinations = self._side(
            self._destination_sides,
            rule.destinations,
            rule.destination_groups,
            inward=True,
        )
        if destinations is None:
            return None
        undecided = (*sources.undecided, *destinations.undecided)
        possible = PacketSet.of_services(
            services.possible,
            services.source_ports,
            sources.possible,
            destinations.possible,
        )
        if not undecided and not services.unread and not rule.perhaps and rule.access:
            return Match(rule, possible, possible, ())
        certain = NO_PACKETS
        if not rule.perhaps:
            certain = PacketSet.of_services(
                services.certain,
                services.source_ports,
                sources.certain,
                destinations.certain,
            )
        return Match(rule, certain, possible, _missing(rule, services, undecided))

    def _services_of(self, rule: GroupRule) -> _Services | None:
        key = (rule.protocol, rule.ports, rule.source_ports)
        if key not in self._services:
            services = _read_services(*key)
            common = combine(Operation.INTERSECTION, services.possible, self._question)
            self._services[key] = None if common is False else services
        return self._services[key]

    def _side(
        self,
        known: dict[tuple[object, ...], Side | None],
        texts: tuple[str, ...],
        groups: tuple[str, ...],
        *,
        inward: bool,
    ) -> Side | None:
        key = (texts, groups)
        if key not in known:
            side = side_of(texts, (), self._surroundings)
            if groups:
                own = self._members.destinations if inward else self._members.sources
                side = _joined(side, [_membership(group, own) for group in groups])
            asked = self._destinations if inward else self._sources
            known[key] = side if side.possible & asked else None
        return known[key]


def _read_services(
    protocol: str, ports: tuple[str, ...], source_ports: tuple[str, ...]
) -> _Services:
    """Read protocol and ports; what cannot be read may be any."""
    protocols = _protocols(protocol)
    known_ports, bad_port = _ports(ports)
    known_sources, bad_source = _ports(source_ports)
    unread = bad_port or bad_source or ("" if protocols else protocol or "?")
    possible = PacketSet.of(
        protocols=protocols or ALL_PROTOCOLS,
        source_ports=ALL_PORTS if bad_source else known_sources,
        destination_ports=ALL_PORTS if bad_port else known_ports,
    )
    certain = possible
    if unread:
        certain = NO_PACKETS
    return _Services(
        certain.services,
        possible.services,
        ALL_PORTS if bad_source else known_sources,
        unread,
    )


def _ports(texts: tuple[str, ...]) -> tuple[PortSet, str]:
    """Return ports, and the first text that is none."""
    found: list[PortSet] = []
    for text in texts:
        try:
            found.append(PortSet.of(text.replace(" ", "")))
        except ValueError:
            return ALL_PORTS, text or "?"
    return PortSet.union(found), ""


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
        if not candidates & own and "?" not in candidates:
            return Side(NO_ADDRESSES)
    return Side(
        NO_ADDRESSES,
        (
            Undecided(
                group, "is an application security group whose machines are not known"
            ),
        ),
    )


def _joined(side: Side, others: list[Side]) -> Side:
    for other in others:
        side = Side(side.certain | other.certain, (*side.undecided, *other.undecided))
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
    return tuple(Missing(rule.path, f"has {item}") for item in undecided)

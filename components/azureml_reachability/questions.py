"""Questions about a network: can this place reach that one, and which rule decides?

An answer is *allowed* with a packet that passes, *blocked* with a packet and the rule
that stops it, or *undecided* with the values that are missing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from azureml_reachability.addresses import ALL_IPV4, ALL_IPV6
from azureml_reachability.end_values import End
from azureml_reachability.ends import ends_of
from azureml_reachability.group_decisions import (
    NO_MEMBERS,
    Members,
    decide_group,
    deciding_match,
)
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import (
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.place_names import Place
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.steps_of_ways import Hop, Step, Verdict, Way
from azureml_reachability.topology import Topology
from azureml_reachability.ways import group_steps, ways_between
from azureml_rulebook.security_rules import Direction

__all__ = [
    "Answer",
    "Hop",
    "Question",
    "Verdict",
    "answer",
    "group_answer",
    "security_groups_allow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether any packet of these services gets from one place to another."""

    source: Place
    destination: Place
    protocols: frozenset[Protocol] = ALL_PROTOCOLS
    ports: PortSet = ALL_PORTS
    """Destination ports; where they are not all, protocols without ports are not asked
    about."""

    @property
    def packets(self) -> PacketSet:
        """All packets of its services, between any addresses."""
        return _packets(self.protocols, self.ports)


@lru_cache(maxsize=256)
def _packets(protocols: frozenset[Protocol], ports: PortSet) -> PacketSet:
    return PacketSet.of(protocols=protocols, destination_ports=ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, and why."""

    verdict: Verdict
    witness: Packet | None
    """A packet that passes; for blocked, one that does not; for undecided, one of which
    it cannot be told. None only where no packet is possible, as between families."""
    hops: tuple[Hop, ...]
    """What decided about the witness, from the source on."""
    missing: tuple[Missing, ...] = ()
    """For undecided: the values that would decide."""
    certain: PacketSet = NO_PACKETS
    """All packets of the question that surely pass."""
    possible: PacketSet = NO_PACKETS
    """All packets of the question that may pass."""


def answer(topology: Topology, question: Question, *, explained: bool = True) -> Answer:
    """Answer one question, by groups, routes and hops.

    ``explained``: whether the answer has a witness and hops, which take as long as the
    answer itself.

    A place that is many machines, such as a subnet or the Internet, reaches another
    where any of them does; ``certain`` and ``possible`` tell which.

    Raises:
        UnknownPlace: a place is not in the topology; the nearest name is told.
    """

    def ways(source: End, destination: End) -> list[Way]:
        return ways_between(topology, source, destination)

    return _answered(topology, question, ways, explained=explained)


def security_groups_allow(topology: Topology, question: Question) -> Answer:
    """Answer by the security groups alone, whatever routes and addresses say.

    Of places outside, only the groups at the other end are asked. Raises as ``answer``.
    """

    def ways(source: End, destination: End) -> list[Way]:
        steps = group_steps(topology, source, destination)
        return [
            Way(
                sources=source.addresses,
                destinations=destination.addresses,
                steps=steps,
            )
        ]

    return _answered(topology, question, ways)


def group_answer(
    group: SecurityGroup,
    direction: Direction,
    packets: PacketSet,
    surroundings: Surroundings,
    members: Members = NO_MEMBERS,
) -> Answer:
    """Answer whether one group lets any of some packets through, and by which rule."""
    found = decide_group(group, direction, packets, surroundings, members)
    verdict = _verdict(bool(found.certain), bool(found.possible))
    shown = {
        Verdict.ALLOWED: found.certain,
        Verdict.UNDECIDED: found.possible,
        Verdict.BLOCKED: packets,
    }
    witness = shown[verdict].witness()
    hops: tuple[Hop, ...] = ()
    if witness is not None:
        match = deciding_match(group.ordered(direction), witness, surroundings, members)
        rule = str(match.rule) if match is not None else "not known"
        where = f"{direction.lower()} group {group.name}"
        hops = (Hop(where=where, what=verdict, rule=rule),)
    return Answer(
        verdict=verdict,
        witness=witness,
        hops=hops,
        missing=found.missing if verdict is Verdict.UNDECIDED else (),
        certain=found.certain,
        possible=found.possible,
    )


def _verdict(certain: bool, possible: bool) -> Verdict:
    if certain:
        return Verdict.ALLOWED
    return Verdict.UNDECIDED if possible else Verdict.BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What came of one way."""

    way: Way
    certain: PacketSet
    possible: PacketSet
    missing: tuple[Missing, ...]
    steps_passed: int
    """Steps that let anything through, or may."""
    stopped: PacketSet
    """What came to the step that lets nothing through; empty if something passes."""


def _taken(way: Way, services: PacketSet) -> _Taken:
    certain = possible = _between(way, services)
    missing: list[Missing] = []
    for index, step in enumerate(way.steps):
        found = step.decide(possible)
        if found.possible.is_empty and possible:
            return _Taken(
                way=way,
                certain=NO_PACKETS,
                possible=NO_PACKETS,
                missing=(),
                steps_passed=index,
                stopped=possible,
            )
        missing += found.missing
        sure = certain == possible
        certain = found.certain if sure else certain & found.certain
        possible = found.possible
    return _Taken(
        way=way,
        certain=certain,
        possible=possible,
        missing=distinct(missing),
        steps_passed=len(way.steps),
        stopped=NO_PACKETS,
    )


def _between(way: Way, services: PacketSet) -> PacketSet:
    return PacketSet.of_services(
        services.services, ALL_PORTS, way.sources, way.destinations
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What came of all ways between two ends."""

    source: End
    destination: End
    taken: Sequence[_Taken]
    for_some: PacketSet
    """What surely passes, for some of the addresses at least that an end may have."""
    certain: PacketSet
    """The same if it holds for each of them, else nothing."""
    possible: PacketSet

    @property
    def verdict(self) -> Verdict:
        return _verdict(bool(self.certain), bool(self.possible))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Why it is undecided."""
        ends = (self.source, self.destination)
        values = [each for taken in self.taken for each in taken.missing]
        values += [each for end in ends for each in end.missing]
        return distinct(values or self._addresses_missing())

    def _addresses_missing(self) -> list[Missing]:
        """Return the addresses that decide, where nothing else does."""
        source, destination = self.source, self.destination
        unmet: list[Missing] = []
        if source.one_of and not source.addresses <= self.for_some.sources():
            unmet.append(source.one_of)
        reached = self.for_some.destinations()
        if destination.one_of and not destination.addresses <= reached:
            unmet.append(destination.one_of)
        both = (source.one_of, destination.one_of)
        return unmet or [each for each in both if each is not None]


def _pair(
    source: End, destination: End, ways: Iterable[Way], services: PacketSet
) -> _Pair:
    taken = [_taken(way, services) for way in ways]
    certain = possible = NO_PACKETS
    for each in taken:
        certain |= each.certain
        possible |= each.possible
    placed = not source.missing and not destination.missing
    holds = placed and _for_each_address(certain, source, destination)
    return _Pair(
        source=source,
        destination=destination,
        taken=taken,
        for_some=certain,
        certain=certain if holds else NO_PACKETS,
        possible=possible,
    )


def _for_each_address(certain: PacketSet, source: End, destination: End) -> bool:
    """Return whether something passes whichever addresses the ends turn out to have.

    Where an address is one of many and not known, something must pass for each.
    """
    if certain.is_empty:
        return False
    if source.one_of is not None and destination.one_of is not None:
        every = PacketSet.of(
            sources=source.addresses, destinations=destination.addresses
        )
        return every.pairs() <= certain.pairs()
    if source.one_of is not None:
        return source.addresses <= certain.sources()
    if destination.one_of is not None:
        return destination.addresses <= certain.destinations()
    return True


def _answered(
    topology: Topology,
    question: Question,
    ways: Callable[[End, End], Iterable[Way]],
    *,
    explained: bool = True,
) -> Answer:
    services = question.packets
    pairs = [
        _pair(source, destination, ways(source, destination), services)
        for source in ends_of(topology, question.source)
        for destination in ends_of(topology, question.destination)
        if _share_a_family(source, destination)
    ]
    certain = possible = NO_PACKETS
    for pair in pairs:
        certain |= pair.certain
        possible |= pair.possible
    verdict = _verdict(bool(certain), bool(possible))
    deciding = [pair for pair in pairs if pair.verdict is verdict]
    witness, hops = _reason(deciding, verdict) if explained else (None, ())
    undecided = verdict is Verdict.UNDECIDED
    return Answer(
        verdict=verdict,
        witness=witness,
        hops=hops,
        missing=distinct(each for pair in deciding for each in pair.missing)
        if undecided
        else (),
        certain=certain,
        possible=possible,
    )


def _share_a_family(source: End, destination: End) -> bool:
    return any(
        source.addresses.meets(family) and destination.addresses.meets(family)
        for family in (ALL_IPV4, ALL_IPV6)
    )


def _reason(
    deciding: Sequence[_Pair], verdict: Verdict
) -> tuple[Packet | None, tuple[Hop, ...]]:
    """Return a packet that shows the verdict, and what decides about it."""
    if verdict is Verdict.BLOCKED:
        furthest = max(
            (taken for pair in deciding for taken in pair.taken if taken.stopped),
            key=lambda taken: taken.steps_passed,
            default=None,
        )
        if furthest is None:
            return None, ()
        witness = furthest.stopped.witness()
        steps = furthest.way.steps[: furthest.steps_passed + 1]
        return witness, _explained(steps, witness)
    for pair in deciding:
        shown = pair.certain if verdict is Verdict.ALLOWED else pair.possible
        for taken in pair.taken:
            passing = taken.certain if verdict is Verdict.ALLOWED else taken.possible
            witness = (passing & shown).witness()
            if witness is not None:
                return witness, _explained(taken.way.steps, witness)
    return None, ()


def _explained(steps: Iterable[Step], witness: Packet | None) -> tuple[Hop, ...]:
    if witness is None:
        return ()
    return tuple(step.explain(witness) for step in steps)

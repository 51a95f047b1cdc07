"""What a stack's networks let through, as findings with a packet that proves each.

A question is asked in one of two ways: that nothing passes beyond what is allowed, and
that all passes that is needed. Answers are shared by all rules.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from azureml_policies._frame import (
    Finding,
    Undecided,
    Violation,
)
from azureml_reachability.addresses import AddressSet
from azureml_reachability.ends import ends_of
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import (
    ALL_PACKETS,
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.place_names import Place
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.questions import Answer, Question, answer
from azureml_reachability.topology import Topology
from azureml_reachability.ways import ways_between

TCP = frozenset({Protocol.TCP})
_MISSING_SHOWN = 3
_ANSWERS_KEPT = 512
"""Rules ask again soon, if at all: keeping all answers of a large stack costs more."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What decides about some packets between two places."""

    hops: tuple[str, ...]
    """About their witness."""
    missing: tuple[Missing, ...]
    """Values that would decide about any of them."""


def asked(
    topology: Topology,
    source: Place,
    destination: Place,
    protocols: frozenset[Protocol] = ALL_PROTOCOLS,
    ports: PortSet = ALL_PORTS,
) -> Answer:
    """Return the answer about some services between two places, of late ones at once.

    It has neither witness nor hops: ``trace`` finds them where they are told.
    """
    answers: dict[Any, Answer] = topology.decided.setdefault("answers", {})
    key = (source, destination, protocols, ports)
    if key not in answers:
        if len(answers) >= _ANSWERS_KEPT:
            answers.clear()
        answers[key] = answer(
            topology,
            Question(
                source=source,
                destination=destination,
                protocols=protocols,
                ports=ports,
            ),
            explained=False,
        )
    return answers[key]


def beyond(
    topology: Topology,
    source: Place,
    destination: Place,
    allowed: PacketSet,
    advice: str,
    protocols: frozenset[Protocol] = ALL_PROTOCOLS,
    ports: PortSet = ALL_PORTS,
) -> Iterator[Finding]:
    """Yield a finding if more passes between two places than is allowed."""
    found = asked(topology, source, destination, protocols, ports)
    more = found.certain - allowed
    if more:
        yield passes(topology, source, destination, more, advice)
        return
    perhaps = found.possible - allowed
    if perhaps:
        yield may_pass(topology, source, destination, perhaps, advice, found.missing)


def passes(
    topology: Topology, source: Place, destination: Place, more: PacketSet, advice: str
) -> Violation:
    """Return the violation that some packets pass between two places."""
    packet = _witness(more)
    traced = trace(topology, source, destination, PacketSet.of_packet(packet))
    return Violation(
        "",
        f"{source} reaches {destination}: {packet}, by {_deciding(traced)}; {advice}",
        witness_of(packet, source, destination, traced),
    )


def may_pass(
    topology: Topology,
    source: Place,
    destination: Place,
    perhaps: PacketSet,
    advice: str,
    missing: tuple[Missing, ...] = (),
) -> Undecided:
    """Return the answer that it is not known whether some packets pass."""
    packet = _witness(perhaps)
    traced = trace(topology, source, destination, perhaps)
    values = traced.missing or missing
    return Undecided(
        values[0].path if values else "",
        f"{listed_missing(values)}: whether {source} reaches {destination} "
        f"({packet}) depends on it; {advice}",
    )


def blocked(
    topology: Topology, source: Place, destination: Place, lost: PacketSet, advice: str
) -> Violation:
    """Return the violation that some packets do not pass, and should."""
    packet = _witness(lost)
    traced = trace(topology, source, destination, PacketSet.of_packet(packet))
    return Violation(
        "",
        f"{source} does not reach {destination}: {packet} is stopped by "
        f"{_last(traced)}; {advice}",
        witness_of(packet, source, destination, traced),
    )


def reaches_all(
    topology: Topology,
    source: Place,
    destination: Place,
    protocols: frozenset[Protocol],
    ports: PortSet,
    advice: str,
) -> Iterator[Finding]:
    """Yield a finding unless every machine of a place reaches another place."""
    found = asked(topology, source, destination, protocols, ports)
    ends = ends_of(topology, source)
    wanted = AddressSet.union(each.addresses for each in ends if each.one_of is None)
    lost = wanted - found.possible.sources()
    if lost or not found.possible:
        asked_for = PacketSet.of(
            sources=lost or AddressSet.union(each.addresses for each in ends),
            destinations=AddressSet.union(
                each.addresses for each in ends_of(topology, destination)
            ),
            protocols=protocols,
            destination_ports=ports,
        )
        packets = asked_for if asked_for else ALL_PACKETS
        yield blocked(topology, source, destination, packets, advice)
        return
    unsure = found.possible - found.certain
    if not found.certain or wanted - found.certain.sources():
        yield may_pass(
            topology,
            source,
            destination,
            unsure or found.possible,
            advice,
            found.missing,
        )


def trace(
    topology: Topology, source: Place, destination: Place, packets: PacketSet
) -> Traced:
    """Return what decides about some packets between two places."""
    hops: tuple[str, ...] = ()
    furthest = -1
    missing: list[Missing] = []
    for way in _ways(topology, source, destination):
        left = packets & PacketSet.of(
            sources=way.sources, destinations=way.destinations
        )
        if not left:
            continue
        passed = 0
        doubts: list[Missing] = []
        for step in way.steps:
            found = step.decide(left)
            doubts += found.missing
            if not found.possible:
                break
            left = found.possible
            passed += 1
        else:
            missing += doubts
            passed += 1
        if passed > furthest:
            furthest = passed
            packet = _witness(left)
            explained = way.steps[: passed + 1]
            hops = tuple(str(step.explain(packet)) for step in explained)
    return Traced(hops, distinct(missing))


def _ways(topology: Topology, source: Place, destination: Place) -> Iterable[Any]:
    for start in ends_of(topology, source):
        for end in ends_of(topology, destination):
            yield from ways_between(topology, start, end)


def witness_of(
    packet: Packet, source: Place, destination: Place, traced: Traced
) -> dict[str, Any]:
    """Return a packet between two places and what decides about it, as JSON values."""
    return {
        "packet": str(packet),
        "source": str(packet.source),
        "destination": str(packet.destination),
        "protocol": str(packet.protocol),
        "port": packet.destination_port,
        "from": str(source),
        "to": str(destination),
        "hops": list(traced.hops),
    }


def listed_missing(missing: Iterable[Missing]) -> str:
    """Return values that are missing, in one line."""
    values = [str(each) for each in missing]
    more = len(values) - _MISSING_SHOWN
    text = "; ".join(values[:_MISSING_SHOWN]) or "something is not known"
    return f"{text}; and {more} more" if more > 0 else text


def _witness(packets: PacketSet) -> Packet:
    packet = packets.witness() or ALL_PACKETS.witness()
    assert packet is not None
    return packet


def _deciding(traced: Traced) -> str:
    """Return what lets a packet through: groups and firewalls, else all hops."""
    words = ("group", "firewall", "translation")
    telling = [hop for hop in traced.hops if any(word in hop for word in words)]
    return "; ".join(telling or traced.hops) or "no rule at all"


def _last(traced: Traced) -> str:
    return traced.hops[-1] if traced.hops else "nothing that leads there"


NOTHING = NO_PACKETS
"""Allowed where nothing may pass."""

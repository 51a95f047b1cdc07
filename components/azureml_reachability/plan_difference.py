"""The difference between two plans: which flows a change opens, and which it closes.

Nothing is asked about two places where all that decides about both of them is the same
in both plans: an unchanged plan costs no question, and a change the pairs of the places
that it is about.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from azureml_reachability.flows import all_places, is_outside
from azureml_reachability.packets import NO_PACKETS, Packet, PacketSet
from azureml_reachability.part_contents import Contents, Numbers
from azureml_reachability.place_names import Place, UnknownPlace
from azureml_reachability.questions import Answer, Question, answer
from azureml_reachability.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFlow:
    """Packets between two places that one plan may let through and the other not."""

    source: Place
    destination: Place
    packets: PacketSet
    """What may pass in one plan, and surely does not in the other."""
    witness: Packet
    answer: Answer
    """About these places in the plan that lets the packets through, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changes between two plans."""

    opened: tuple[ChangedFlow, ...] = ()
    closed: tuple[ChangedFlow, ...] = ()


def difference(before: Topology, after: Topology) -> Difference:
    """Return the flows that ``after`` opens and closes, by pair of places.

    What is undecided counts as open, so that a flow that may have been opened is told.
    Places have the same name in both plans; one that only one plan has is closed in the
    other. An address that Azure chose after ``before`` was planned is no change.
    """
    before = with_chosen_addresses(before, after)
    numbers = Numbers()
    old, new = Contents(before, numbers), Contents(after, numbers)
    return Difference(
        opened=tuple(_gained(before, after, _changed(old, new, after))),
        closed=tuple(_gained(after, before, _changed(new, old, before))),
    )


def with_chosen_addresses(before: Topology, after: Topology) -> Topology:
    """Return ``before`` with the addresses that its machines turned out to have."""
    interfaces = {
        (each.kind, each.name.lower()): each.addresses for each in after.interfaces
    }
    endpoints = {each.name.lower(): each.addresses for each in after.endpoints}
    return replace(
        before,
        interfaces=tuple(
            replace(each, addresses=found)
            if each.addresses is None
            and (found := interfaces.get((each.kind, each.name.lower())))
            else each
            for each in before.interfaces
        ),
        endpoints=tuple(
            replace(each, addresses=found)
            if each.addresses is None and (found := endpoints.get(each.name.lower()))
            else each
            for each in before.endpoints
        ),
        decided={},
    )


def _changed(old: Contents, new: Contents, topology: Topology) -> frozenset[Place]:
    """Return the places of ``new`` about which anything decides otherwise than in
    ``old``."""
    return frozenset(
        place
        for place in all_places(topology)
        if _number(old, place) != _number(new, place)
    )


def _number(contents: Contents, place: Place) -> int | None:
    try:
        return contents.place(place)
    except UnknownPlace:
        return None


def _gained(
    old: Topology, new: Topology, changed: Collection[Place]
) -> Iterator[ChangedFlow]:
    """Yield what ``new`` lets through and ``old`` does not, to or from any of the
    places that are ``changed``."""
    if not changed:
        return
    places = all_places(new)
    among = [place for place in places if place in changed]
    outside = {place for place in places if is_outside(new, place)}
    for source in places:
        for destination in places if source in changed else among:
            if source in outside and destination in outside:
                continue
            flow = _gained_between(old, new, source, destination)
            if flow is not None:
                yield flow


def _gained_between(
    old: Topology, new: Topology, source: Place, destination: Place
) -> ChangedFlow | None:
    question = Question(source=source, destination=destination)
    possible = answer(new, question, explained=False).possible
    packets = possible - _possible(old, question) if possible else possible
    witness = packets.witness()
    if witness is None:
        return None
    return ChangedFlow(
        source=source,
        destination=destination,
        packets=packets,
        witness=witness,
        answer=answer(new, question),
    )


def _possible(topology: Topology, question: Question) -> PacketSet:
    try:
        return answer(topology, question, explained=False).possible
    except UnknownPlace:
        return NO_PACKETS

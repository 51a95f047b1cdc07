"""The difference between two plans: which flows a change opens, and which it closes."""

from collections.abc import Iterator
from dataclasses import dataclass

from azureml_reachability.flows import all_places, is_outside
from azureml_reachability.packets import NO_PACKETS, Packet, PacketSet
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
    other. Every pair of places is asked about, in both plans.
    """
    return Difference(
        opened=tuple(_gained(before, after)), closed=tuple(_gained(after, before))
    )


def _gained(old: Topology, new: Topology) -> Iterator[ChangedFlow]:
    """Yield what ``new`` lets through and ``old`` does not."""
    places = all_places(new)
    for source in places:
        for destination in places:
            if is_outside(new, source) and is_outside(new, destination):
                continue
            question = Question(source=source, destination=destination)
            found = answer(new, question)
            packets = found.possible - _possible(old, question)
            witness = packets.witness()
            if witness is not None:
                yield ChangedFlow(
                    source=source,
                    destination=destination,
                    packets=packets,
                    witness=witness,
                    answer=found,
                )


def _possible(topology: Topology, question: Question) -> PacketSet:
    try:
        return answer(topology, question).possible
    except UnknownPlace:
        return NO_PACKETS

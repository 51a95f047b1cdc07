"""The difference between two plans: which flows a change opens, and which it closes."""

from dataclasses import dataclass

from azureml_reachability.packets import Packet, PacketSet
from azureml_reachability.place_names import Place
from azureml_reachability.questions import Answer
from azureml_reachability.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFlow:
    """Packets between two places that one plan may let through and the other not."""

    source: Place
    destination: Place
    packets: PacketSet
    witness: Packet
    answer: Answer
    """About the witness, in the plan that lets it through or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changes between two plans."""

    opened: tuple[ChangedFlow, ...] = ()
    closed: tuple[ChangedFlow, ...] = ()


def difference(before: Topology, after: Topology) -> Difference:
    """Return the flows that ``after`` opens and closes."""
    raise NotImplementedError

"""Questions about a network: can this place reach that one, and which rule decides?

An answer is *allowed* with a packet that passes, *blocked* with a packet and the rule
that stops it, or *undecided* with the values that are missing.
"""

from dataclasses import dataclass
from enum import StrEnum

from azureml_reachability.missing import Missing
from azureml_reachability.packets import (
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.place_names import Place
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.topology import Topology


class Verdict(StrEnum):
    """What an answer says."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether any packet of these services gets from one place to another."""

    source: Place
    destination: Place
    protocols: frozenset[Protocol] = ALL_PROTOCOLS
    ports: PortSet = ALL_PORTS
    """Destination ports; where they are not all, protocols without ports are not asked
    about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One decision on the way."""

    where: str
    """``outbound group training-nsg of subnet training``"""
    what: Verdict
    rule: str
    """The rule or route that decided: ``Allow 500 AllowHttps``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, and why."""

    verdict: Verdict
    witness: Packet | None
    """A packet that passes; for blocked, one that does not; for undecided, one of which
    it cannot be told."""
    hops: tuple[Hop, ...]
    """What decided about the witness, from the source on."""
    missing: tuple[Missing, ...] = ()
    """For undecided: the values that would decide."""
    certain: PacketSet = NO_PACKETS
    """All packets of the question that surely pass."""
    possible: PacketSet = NO_PACKETS
    """All packets of the question that may pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What gets from one place to another."""

    source: Place
    destination: Place
    answer: Answer


def answer(topology: Topology, question: Question) -> Answer:
    """Answer one question, by groups, routes and hops.

    Raises:
        UnknownPlace: a place is not in the topology; the nearest name is told.
    """
    raise NotImplementedError


def security_groups_allow(topology: Topology, question: Question) -> Answer:
    """Answer by the security groups alone, whatever routes and addresses say."""
    raise NotImplementedError


def reachable_from(topology: Topology, place: Place) -> tuple[Flow, ...]:
    """Return what a place reaches or may reach: a flow for each place that it does."""
    raise NotImplementedError


def reaching(topology: Topology, place: Place) -> tuple[Flow, ...]:
    """Return who reaches a place or may reach it: a flow for each place that does."""
    raise NotImplementedError

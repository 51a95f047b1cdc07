"""The difference between two plans: which flows a change opens, and which it closes.

Nothing is asked about two places where all that decides about both of them is the same
in both plans: an unchanged plan costs no question, and a change the pairs of the places
that it is about.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from azureml_reachability.addresses import AddressSet
from azureml_reachability.changed_guards import Change
from azureml_reachability.compared_groups import ComparedGroups
from azureml_reachability.firewall_decisions import decide_firewall
from azureml_reachability.flows import all_places, is_outside
from azureml_reachability.packets import (
    ALL_PACKETS,
    NO_PACKETS,
    Packet,
    PacketSet,
)
from azureml_reachability.part_contents import Numbers
from azureml_reachability.place_contents import Contents
from azureml_reachability.place_names import Place, PlaceKind, UnknownPlace
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.questions import Answer, Question, answer
from azureml_reachability.surroundings import outside_surroundings
from azureml_reachability.topology import Firewall, Topology
from azureml_rulebook.security_rules import Direction

_Numbering = Callable[[Place], int]
MOST_ASKED = 100_000
"""How many pairs of places are asked about. Each takes a fraction of a millisecond, and
plans of thousands of subnets that have nothing in common have millions."""
_BEHIND_GATEWAYS = (PlaceKind.ON_PREMISES, PlaceKind.VPN_CLIENTS)


class TooDifferent(Exception):
    """Two plans differ in more pairs of places than ``MOST_ASKED``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFlow:
    """Packets between two places that one plan may let through and the other not."""

    source: Place
    destination: Place
    packets: PacketSet
    """What may pass in one plan, and surely does not in the other."""
    witness: Packet
    answer: Answer
    """About these places and the service of ``witness``, in the plan that lets the
    packets through, or may."""


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

    Raises:
        TooDifferent: there are too many pairs to ask about.
    """
    before = with_chosen_addresses(before, after)
    numbers = Numbers()
    old, new = Contents(before, numbers), Contents(after, numbers)
    return difference_of(before, after, ComparedGroups(before, after, old, new))


def difference_of(
    before: Topology, after: Topology, groups: ComparedGroups
) -> Difference:
    """Return the same for topologies whose groups are compared already."""
    return Difference(
        opened=tuple(_Changes(before, after, groups, Change.OPENED).flows()),
        closed=tuple(_Changes(after, before, groups, Change.CLOSED).flows()),
    )


def with_chosen_addresses(before: Topology, after: Topology) -> Topology:
    """Return ``before`` with the addresses that its machines turned out to have."""
    machines = {
        (each.kind, each.name.lower()): each.addresses for each in after.interfaces
    }
    endpoints = {each.name.lower(): each.addresses for each in after.endpoints}
    chosen = [
        (each.addresses or machines.get((each.kind, each.name.lower())))
        for each in before.interfaces
    ]
    given = [
        (each.addresses or endpoints.get(each.name.lower()))
        for each in before.endpoints
    ]
    if chosen == [each.addresses for each in before.interfaces] and given == [
        each.addresses for each in before.endpoints
    ]:
        return before
    return replace(
        before,
        interfaces=tuple(
            replace(each, addresses=found)
            for each, found in zip(before.interfaces, chosen, strict=True)
        ),
        endpoints=tuple(
            replace(each, addresses=found)
            for each, found in zip(before.endpoints, given, strict=True)
        ),
        decided={},
    )


class _Role(NamedTuple):
    """Places as one end of packets: where they start, or where they end."""

    changed: frozenset[Place]
    """Those about which anything is not as it was."""
    in_rules_alone: frozenset[Place]
    """Those of them about which nothing is but rules of groups and firewalls."""


class _Changes:
    """What ``new`` lets through and ``old`` does not."""

    def __init__(
        self, old: Topology, new: Topology, groups: ComparedGroups, change: Change
    ) -> None:
        self._old, self._new = old, new
        self._groups, self._change = groups, change
        numbers = Numbers()
        former, self._contents = Contents(old, numbers), Contents(new, numbers)
        before = Contents(old, numbers, with_guards=False)
        after = Contents(new, numbers, with_guards=False)
        self._places = all_places(new)
        self._sources, self._destinations = (
            _Role(
                changed := self._differing(self._places, *pair),
                changed - self._differing(changed, *without_rules),
            )
            for pair, without_rules in (
                ((former.source, self._contents.source), (before.source, after.source)),
                (
                    (former.destination, self._contents.destination),
                    (before.destination, after.destination),
                ),
            )
        )
        self._gains: dict[tuple[Place, Direction], PacketSet | None] = {}

    def _differing(
        self, places: Iterable[Place], old: _Numbering, new: _Numbering
    ) -> frozenset[Place]:
        return frozenset(
            place for place in places if _number(old, place) != _number(new, place)
        )

    def flows(self) -> Iterator[ChangedFlow]:
        """Yield the flows from or to any place about which anything changed."""
        if not self._sources.changed and not self._destinations.changed:
            return
        among = [place for place in self._places if place in self._destinations.changed]
        outside = {place for place in self._places if is_outside(self._new, place)}
        asked = 0
        for source in self._places:
            starts_otherwise = source in self._sources.changed
            for destination in self._places if starts_otherwise else among:
                if source in outside and destination in outside:
                    continue
                if self._may_change(source, destination):
                    asked += 1
                    if asked > MOST_ASKED:
                        raise TooDifferent
                    flow = _gained_between(self._old, self._new, source, destination)
                    if flow is not None:
                        yield flow

    def _may_change(self, source: Place, destination: Place) -> bool:
        """Return whether anything between two places may pass that did not before.

        Where nothing but rules changed, that is what these let through now. What is
        behind gateways counts as the group's network, and is always asked about.
        """
        if any(place.kind in _BEHIND_GATEWAYS for place in (source, destination)):
            return True
        between = PacketSet.of(
            sources=self._addresses(source), destinations=self._addresses(destination)
        )
        for place, role, direction in (
            (source, self._sources, Direction.OUTBOUND),
            (destination, self._destinations, Direction.INBOUND),
        ):
            if place not in role.changed:
                continue
            if place not in role.in_rules_alone:
                return True
            gain = self._gain(place, direction)
            if gain is None or gain & between:
                return True
        return False

    def _addresses(self, place: Place) -> AddressSet:
        return AddressSet.union(end.addresses for end in self._contents.ends(place))

    def _gain(self, place: Place, direction: Direction) -> PacketSet | None:
        """Return what rules about a place let through now; None: it cannot be told."""
        key = (place, direction)
        if key not in self._gains:
            self._gains[key] = self._gain_of_rules(place, direction)
        return self._gains[key]

    def _gain_of_rules(self, place: Place, direction: Direction) -> PacketSet | None:
        subnets = {
            end.subnet.qualified_name if end.subnet else ""
            for end in self._contents.ends(place)
        }
        if len(subnets) != 1:
            return None
        gain = self._groups.gained(subnets.pop(), direction, self._change)
        if gain is None or direction is Direction.INBOUND:
            return gain
        return gain | self._gain_of_firewalls

    @cached_property
    def _gain_of_firewalls(self) -> PacketSet:
        """What firewalls let through now, whoever sends to them."""
        former = {each.name: each for each in self._old.firewalls}
        gain = NO_PACKETS
        for firewall in self._new.firewalls:
            passing = _possible_through(self._new, firewall)
            known = former.get(firewall.name)
            gain |= passing - (
                _possible_through(self._old, known) if known else NO_PACKETS
            )
        return gain


def _possible_through(topology: Topology, firewall: Firewall | None) -> PacketSet:
    if firewall is None:
        return NO_PACKETS
    around = outside_surroundings(topology)
    return decide_firewall(firewall.rules, ALL_PACKETS, around).possible


def _number(numbering: _Numbering, place: Place) -> int | None:
    try:
        return numbering(place)
    except UnknownPlace:
        return None


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
        answer=answer(new, _about(question, witness)),
    )


def _about(question: Question, witness: Packet) -> Question:
    """Return the question about the service of a packet alone, which others that pass
    anyway do not answer."""
    port = witness.destination_port
    return replace(
        question,
        protocols=frozenset({witness.protocol}),
        ports=ALL_PORTS if port is None else PortSet.of(str(port)),
    )


def _possible(topology: Topology, question: Question) -> PacketSet:
    try:
        return answer(topology, question, explained=False).possible
    except UnknownPlace:
        return NO_PACKETS

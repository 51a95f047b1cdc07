"""Single decisions on a way: a security group, a firewall, or a plain fact."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.firewall_decisions import decide_firewall, deciding_text
from azureml_reachability.group_decisions import (
    Decision,
    Members,
    decide_group,
    deciding_match,
)
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.packets import (
    ALL_PACKETS,
    NO_PACKETS,
    Packet,
    PacketSet,
)
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import ALL_PORTS
from azureml_reachability.topology import Firewall, Topology
from azureml_rulebook.security_rules import Access, Direction

_ASKED_OFTEN = 3
"""Questions to equal groups about the same services, from which on deciding for all
addresses pays."""


class Verdict(StrEnum):
    """What an answer says, and each decision on its way."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One decision on the way."""

    where: str
    """``outbound group training-nsg of subnet training``"""
    what: Verdict
    rule: str
    """The rule or route that decided: ``Allow 500 AllowHttps``."""

    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.what}: {self.where}: {self.rule}"


class Step(Protocol):
    """One decision on a way."""

    def decide(self, packets: PacketSet) -> Decision:
        """Return which of the packets pass."""
        ...

    def explain(self, packet: Packet) -> Hop:
        """Return what decides about one packet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A decision that no packet changes, but for those that it is not about."""

    where: str
    rule: str
    verdict: Verdict = Verdict.ALLOWED
    packets: PacketSet = ALL_PACKETS
    """What it lets through, if it does."""
    missing: tuple[Missing, ...] = ()
    """For undecided: why."""

    def decide(self, packets: PacketSet) -> Decision:
        """Return which of the packets pass."""
        if self.verdict is Verdict.BLOCKED:
            return Decision(NO_PACKETS, NO_PACKETS)
        passing = packets if self.packets is ALL_PACKETS else packets & self.packets
        if self.verdict is Verdict.ALLOWED:
            return Decision(passing, passing)
        return Decision(NO_PACKETS, passing, self.missing if passing else ())

    def explain(self, packet: Packet) -> Hop:
        """Return what decides about one packet."""
        passes = packet in self.packets
        what = self.verdict if passes else Verdict.BLOCKED
        return Hop(where=self.where, what=what, rule=self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStep:
    """A security group that a packet passes."""

    topology: Topology
    group: SecurityGroup
    direction: Direction
    owner: str
    """``subnet training``"""
    surroundings: Surroundings
    members: Members
    obeyed: Missing | None = None
    """Set where it is not known whether the packets obey the group at all."""

    def decide(self, packets: PacketSet) -> Decision:
        """Return which of the packets pass."""
        found = self._decide(packets)
        if self.obeyed is None or found.certain == packets:
            return found
        return Decision(found.certain, packets, (*found.missing, self.obeyed))

    def _decide(self, packets: PacketSet) -> Decision:
        """Decide for one question; for all addresses once it is asked again.

        Many subnets share a group, or groups of equal content.
        """
        around = self.surroundings
        key = (
            "group",
            self.group.content,
            self.direction,
            around.virtual_network,
            around.route_prefixes,
            around.perhaps_virtual_network,
            self.members,
            packets.services,
        )
        known = self.topology.decided
        asked = known.get(key)
        if not isinstance(asked, Decision):
            known[key] = asked = (asked or 0) + 1
            if asked < _ASKED_OFTEN:
                return decide_group(
                    self.group, self.direction, packets, around, self.members
                )
            wide = PacketSet.of_services(
                packets.services, ALL_PORTS, ALL_ADDRESSES, ALL_ADDRESSES
            )
            known[key] = asked = decide_group(
                self.group, self.direction, wide, around, self.members
            )
        certain, possible = asked.certain & packets, asked.possible & packets
        if certain == possible:
            return Decision(certain, possible)
        return decide_group(self.group, self.direction, packets, around, self.members)

    def explain(self, packet: Packet) -> Hop:
        """Return what decides about one packet."""
        where = f"{self.direction.lower()} group {self.group.name} of {self.owner}"
        match = deciding_match(
            self.group.ordered(self.direction), packet, self.surroundings, self.members
        )
        if match is None or self.group.missing or self.obeyed:
            return Hop(where=where, what=Verdict.UNDECIDED, rule="not known")
        if packet not in match.certain or match.rule.access is None:
            return Hop(where=where, what=Verdict.UNDECIDED, rule=str(match.rule))
        allows = match.rule.access is Access.ALLOW
        what = Verdict.ALLOWED if allows else Verdict.BLOCKED
        return Hop(where=where, what=what, rule=str(match.rule))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallStep:
    """An Azure Firewall that a packet passes."""

    firewall: Firewall
    surroundings: Surroundings

    def decide(self, packets: PacketSet) -> Decision:
        """Return which of the packets pass."""
        return decide_firewall(self.firewall.rules, packets, self.surroundings)

    def explain(self, packet: Packet) -> Hop:
        """Return what decides about one packet."""
        rule = deciding_text(self.firewall.rules, packet, self.surroundings)
        return Hop(
            where=f"firewall {self.firewall.name}",
            what=verdict_about(self, packet),
            rule=rule,
        )


def verdict_about(step: Step, packet: Packet) -> Verdict:
    """Return what a step decides about one packet."""
    question = PacketSet.of_packet(packet)
    found = step.decide(question)
    if found.certain:
        return Verdict.ALLOWED
    return Verdict.UNDECIDED if found.possible else Verdict.BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Some of the packets between two ends, and all that decides about them."""

    sources: AddressSet
    destinations: AddressSet
    steps: tuple[Step, ...] = field(default=())

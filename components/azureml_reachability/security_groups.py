"""What a security group lets through, as sets of packets.

Azure reads the rules of a direction by their numbers, and the first that matches a
packet decides; its default rules come last
(https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview). A
group is asked about the first packet of a connection: answers pass by themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import (
    ALL_PROTOCOLS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.places import Surroundings, Undecided, side_of
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_rulebook.default_rules import DEFAULT_RULES
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, as the packets that it matches."""

    name: str
    priority: int
    """The lowest number is read first; unique in a group and direction."""
    direction: Direction
    access: Access
    packets: PacketSet
    """What it surely matches."""
    perhaps: PacketSet = NO_PACKETS
    """What it may match besides; empty where nothing is undecided."""
    undecided: tuple[Undecided, ...] = ()
    """Why there is a perhaps."""

    def __str__(self) -> str:
        """Return it in one line: ``Allow 100 AllowHttps``."""
        return f"{self.access} {self.priority} {self.name}"


def rule_of(
    rule: SecurityRule,
    surroundings: Surroundings,
    *,
    source_ports: PortSet = ALL_PORTS,
) -> Rule:
    """Return a rule with its texts read as packets.

    A rule for a port matches no packet of a protocol without ports.

    Raises:
        ValueError: the rule's name, and a port or protocol that is none.
    """
    try:
        protocols = _protocols(rule.protocol)
        ports = PortSet.of(*rule.ports)
    except ValueError as fault:
        raise ValueError(f"rule '{rule.name}': {fault}") from None

    def packets(sources: AddressSet, destinations: AddressSet) -> PacketSet:
        return PacketSet.of(
            sources=sources,
            destinations=destinations,
            protocols=protocols,
            source_ports=source_ports,
            destination_ports=ports,
        )

    sources = side_of(rule.sources, rule.source_groups, surroundings)
    destinations = side_of(rule.destinations, rule.destination_groups, surroundings)
    undecided = sources.undecided + destinations.undecided
    certain = packets(sources.certain, destinations.certain)
    return Rule(
        name=rule.name,
        priority=rule.priority,
        direction=rule.direction,
        access=rule.access,
        packets=certain,
        perhaps=packets(sources.possible, destinations.possible) - certain
        if undecided
        else NO_PACKETS,
        undecided=undecided,
    )


def _protocols(text: str) -> frozenset[Protocol]:
    if text == ANY:
        return ALL_PROTOCOLS
    found = {item for item in Protocol if item.lower() == text.lower()}
    if not found:
        known = ", ".join(f"'{item}'" for item in Protocol)
        raise ValueError(f"'{text}' is not a protocol; known: {known}, '{ANY}'")
    return frozenset(found)


def default_rules(surroundings: Surroundings) -> tuple[Rule, ...]:
    """Return Azure's default rules of both directions, in these surroundings."""
    return tuple(rule_of(rule, surroundings) for rule in DEFAULT_RULES)


def allowed(
    rules: Iterable[Rule], direction: Direction, surroundings: Surroundings
) -> PacketSet:
    """Return every packet that a group may let through in a direction.

    Where a rule is undecided, the reading that lets most through counts: what is not
    in the result is surely blocked.

    Args:
        rules: the group's own, of any direction and in any order.
        direction: the one that is asked about.
        surroundings: what the tags of the default rules mean.

    Raises:
        ValueError: two rules of the direction have one priority.
    """
    passing = NO_PACKETS
    for rule in reversed(_in_order(rules, direction, surroundings)):
        if rule.access == Access.ALLOW:
            passing |= rule.packets | rule.perhaps
        else:
            passing -= rule.packets
    return passing


def surely_allowed(
    rules: Iterable[Rule], direction: Direction, surroundings: Surroundings
) -> PacketSet:
    """Return every packet that a group surely lets through in a direction.

    As ``allowed``, but an undecided rule is read so that it lets least through. Both
    are equal where nothing is undecided that matters.
    """
    passing = NO_PACKETS
    for rule in reversed(_in_order(rules, direction, surroundings)):
        if rule.access == Access.ALLOW:
            passing |= rule.packets
        else:
            passing -= rule.packets | rule.perhaps
    return passing


def deciding_rule(
    rules: Iterable[Rule],
    packet: Packet,
    direction: Direction,
    surroundings: Surroundings,
) -> Rule:
    """Return the first rule that matches a packet or may match it.

    Where the packet is in the rule's ``perhaps``, the group is undecided about it; the
    rule says why. There is always a rule: the last default rule matches everything.
    Raises as ``allowed``.
    """
    return next(
        rule
        for rule in _in_order(rules, direction, surroundings)
        if packet in rule.packets or packet in rule.perhaps
    )


def _in_order(
    rules: Iterable[Rule], direction: Direction, surroundings: Surroundings
) -> list[Rule]:
    """Return the rules of a direction and its default rules as Azure reads them."""
    ordered = sorted(
        (
            rule
            for rule in (*rules, *default_rules(surroundings))
            if rule.direction == direction
        ),
        key=lambda rule: rule.priority,
    )
    for rule, following in zip(ordered, ordered[1:], strict=False):
        if rule.priority == following.priority:
            raise ValueError(
                f"{direction} rules '{rule.name}' and '{following.name}' have one "
                f"priority, {rule.priority}; give each its own"
            )
    return ordered

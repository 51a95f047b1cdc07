"""Conflicts between rules, against an oracle that looks at every packet there is."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from azureml_reachability.addresses import AddressSet
from azureml_reachability.places import Surroundings
from azureml_reachability.rule_conflicts import group_conflicts
from azureml_rulebook.security_rules import Access, Direction, SecurityRule

AROUND = Surroundings(virtual_network=AddressSet.of("10.0.0.0/24"))
RANGES = ("10.0.0.0/31", "10.0.0.2/31", "10.0.0.0/30", "10.0.0.1/32")
ADDRESSES = {
    "10.0.0.0/31": {0, 1},
    "10.0.0.2/31": {2, 3},
    "10.0.0.0/30": {0, 1, 2, 3},
    "10.0.0.1/32": {1},
}
PORTS = {"1": {1}, "2-3": {2, 3}, "1-3": {1, 2, 3}}
PROTOCOLS = {"Tcp": {"Tcp"}, "Udp": {"Udp"}, "*": {"Tcp", "Udp"}}

Packet = tuple[int, int, int, str]


@st.composite
def groups_of_rules(draw: st.DrawFn) -> tuple[list[SecurityRule], list[SecurityRule]]:
    """Required rules, and rules that join them; numbered in order."""
    number = draw(st.integers(1, 6))
    required = draw(st.integers(0, number - 1))
    rules = [
        SecurityRule(
            name=f"rule{index}",
            priority=100 + index,
            direction=Direction.INBOUND,
            access=draw(st.sampled_from(list(Access))),
            protocol=draw(st.sampled_from(list(PROTOCOLS))),
            sources=(draw(st.sampled_from(RANGES)),),
            destinations=(draw(st.sampled_from(RANGES)),),
            ports=(draw(st.sampled_from(list(PORTS))),),
            description="",
        )
        for index in range(number)
    ]
    return rules[:required], rules[required:]


def packets(rule: SecurityRule) -> set[Packet]:
    """Every packet of the small world that a rule matches."""
    return set(
        product(
            ADDRESSES[rule.sources[0]],
            ADDRESSES[rule.destinations[0]],
            PORTS[rule.ports[0]],
            PROTOCOLS[rule.protocol],
        )
    )


@given(groups_of_rules())
def test_conflicts_are_what_the_packets_say(
    groups: tuple[list[SecurityRule], list[SecurityRule]],
) -> None:
    """A rule is idle if rules before it decide all of its packets, and blocking if it
    denies one that a required rule allows; nothing else is a conflict."""
    required, joining = groups
    decided: set[Packet] = set()
    for rule in required:
        decided |= packets(rule)
    needed = {
        packet
        for rule in required
        if rule.access is Access.ALLOW
        for packet in packets(rule)
    }
    idle: set[str] = set()
    for rule in joining:
        if packets(rule) <= decided:
            idle.add(rule.name)
        decided |= packets(rule)
    blocking = {
        rule.name
        for rule in joining
        if rule.access is Access.DENY and packets(rule) & needed
    }
    found = group_conflicts(required, joining, AROUND)
    assert {conflict.rule for conflict in found.idle} == idle
    assert {conflict.rule for conflict in found.blocking} == blocking
    for conflict in (*found.idle, *found.blocking):
        assert conflict.other != conflict.rule


def test_other_directions_are_no_conflict() -> None:
    """A rule is compared with rules of its own direction only."""
    inbound, outbound = (
        SecurityRule(
            name=str(direction),
            priority=100,
            direction=direction,
            sources=("10.0.0.0/31",),
            destinations=("10.0.0.2/31",),
            ports=("1",),
            description="",
        )
        for direction in Direction
    )
    found = group_conflicts([inbound], [outbound], AROUND)
    assert (found.idle, found.blocking) == ((), ())

"""Random security groups, written otherwise or changed: what is told of them.

The other opinion is `review.random_groups`, which reads a packet against one rule after
another and shares nothing with the sets.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from azureml_reachability.changed_guards import Change, ChangedGuard
from azureml_reachability.guard_difference import plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of
from azureml_reachability.packets import Packet
from review.group_judge import packet_of
from review.random_groups import APPLICATION_GROUPS, NETWORK, RandomGroup, Sent
from tests.components import small_networks as small
from tests.components.small_networks import Plain


def guards(before: list[Plain], after: list[Plain]) -> tuple[ChangedGuard, ...]:
    """The guards that changed."""
    return plan_difference(guarded_plan_of(before), guarded_plan_of(after)).guards


OWN = ("10.20.0.0/16", "fd00:20::/48")
assert OWN == NETWORK


def guarded(rules: Any, name: str = "g") -> list[Plain]:
    """A subnet that is its whole network, with a group."""
    return [
        small.network("hub", *OWN),
        small.group(name, *rules),
        small.subnet("all", OWN[0], group=name, addressPrefixes=[OWN[1]]),
    ]


def rewritten(rules: Any, chance: Random) -> list[Plain]:
    """The same rules, written otherwise: renamed, renumbered, split, in any order."""
    made: list[Plain] = []
    for place, one in enumerate(sorted(rules, key=lambda each: each["priority"])):
        pieces = [dict(one)]
        for key in ("sourceAddressPrefixes", "destinationPortRanges"):
            pieces = [part for each in pieces for part in _split(each, key)]
        pieces += [dict(piece) for piece in pieces if chance.random() < 0.2]
        for piece in pieces:
            piece["name"] = f"{chance.choice('abc')}-{place}-{len(made)}"
            piece["priority"] = 100 + 2 * len(made)
            piece["access"] = piece["access"].upper()
            made.append(piece)
    chance.shuffle(made)
    return made


def _split(one: Plain, key: str) -> list[Plain]:
    texts = one.get(key)
    return [{**one, key: [text]} for text in texts] if texts else [one]


SEEDS = [seed for seed in range(300) if len(RandomGroup.of(seed, 15).rules) > 1][:150]


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_the_same_rules_written_otherwise_are_silent(first: int) -> None:
    """Merged, split, renamed and renumbered rules change nothing, nor does a group of
    another name."""
    for seed in SEEDS[first : first + 50]:
        rules = RandomGroup.of(seed, 15).rules
        other = guarded(rewritten(rules, Random(seed)), "renamed")
        assert guards(guarded(rules), other) == (), seed


def mutated(rules: Any, chance: Random) -> list[Plain]:
    """Rules of which one is another one."""
    made = [dict(each) for each in rules]
    one = chance.choice(made)
    match chance.choice(("access", "protocol", "gone", "port")):
        case "access":
            one["access"] = {"Allow": "Deny", "Deny": "Allow"}[one["access"]]
        case "protocol":
            one["protocol"] = "*" if one["protocol"] != "*" else "Tcp"
        case "gone":
            made.remove(one)
        case _:
            one.pop("destinationPortRanges", None)
            one["destinationPortRange"] = "22-3389"
    return made


def everybody() -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """All memberships of both ends in application security groups."""
    alone = [
        frozenset(each)
        for size in range(len(APPLICATION_GROUPS) + 1)
        for each in combinations(APPLICATION_GROUPS, size)
    ]
    yield from product(alone, repeat=2)


def ways(rules: Any, sent: Sent, direction: str) -> list[bool]:
    """Whether a packet passes, for each membership, by reading rule after rule."""
    return [
        RandomGroup(0, tuple(rules), direction, *members).lets_through(sent)
        for members in everybody()
    ]


def sent(packet: Packet) -> Sent:
    """The same packet as the other opinion has it."""
    return Sent(
        str(packet.source),
        str(packet.destination),
        packet.protocol,
        packet.source_port,
        packet.destination_port,
    )


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_what_a_packet_shows_is_told_and_the_witness_shows_it(first: int) -> None:
    """Each packet that is decided otherwise is in what is told, and each witness is
    decided otherwise for some machines."""
    shown = 0
    for seed in SEEDS[first : first + 50]:
        group = RandomGroup.of(seed, 15)
        after = mutated(group.rules, Random(seed))
        found = guards(guarded(group.rules), guarded(after))
        for each in found:
            assert each.witness is not None
            witness, opens = sent(each.witness), each.change is Change.OPENED
            direction = "Inbound" if "inbound" in each.what else "Outbound"
            pairs = zip(
                ways(group.rules, witness, direction),
                ways(after, witness, direction),
                strict=True,
            )
            assert any(old is not opens and new is opens for old, new in pairs), seed
        shown += _all_told(group, after, found)
    assert shown > 20


def _all_told(
    group: RandomGroup, after: list[Plain], found: tuple[ChangedGuard, ...]
) -> int:
    """Hold packets that are decided otherwise against what is told."""
    other = RandomGroup(
        group.seed,
        tuple(after),
        group.direction,
        group.source_groups,
        group.destination_groups,
    )
    own = "destination" if group.direction == "Inbound" else "source"
    packets_of = {
        change: [each.packets for each in found if each.change is change]
        for change in Change
    }
    shown = 0
    for number, packet in enumerate(group.packets(300)):
        inside = INSIDE[":" in packet.source]
        met = replace(packet, **{own: inside[number % len(inside)]})
        passes, passed = other.lets_through(met), group.lets_through(met)
        if passes is not passed:
            shown += 1
            change = Change.OPENED if passes else Change.CLOSED
            assert any(packet_of(met) in each for each in packets_of[change])
    return shown


INSIDE = (
    ("10.20.0.0", "10.20.1.4", "10.20.1.255", "10.20.255.255"),
    ("fd00:20::", "fd00:20:0:1::9", "fd00:20:0:ffff::1"),
)
"""Addresses of the subnet, of both families: a group meets no others at its own end."""

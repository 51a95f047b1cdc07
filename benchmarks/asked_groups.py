"""Groups that are asked whether the Internet reaches TCP 22, with the right answer.

Ten of a thousand rules are made by hand, since who is fast has to be so on large ones.
Random ones, of every kind of rule, are decided packet by packet by
``review.random_groups``, which knows nothing of sets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_network
from itertools import count, product
from random import Random
from typing import Any

from benchmarks.made_up_stacks import group_rule, resource
from review.random_groups import NETWORK, NOT_PUBLIC, RandomGroup, Rule, Sent

GROUPS, RULES_EACH = 10, 1000
RANDOM_GROUPS = 90
PORT = 22
SPACE = NETWORK[0]
"""The network around the groups, whose machines are asked about."""


@dataclass(frozen=True)
class AskedGroup:
    """A group, and whether the Internet reaches TCP 22 of any machine around it."""

    name: str
    rules: tuple[Rule, ...]
    is_open: bool

    def as_resource(self) -> dict[str, Any]:
        """Return it as a plan has it."""
        return resource(
            "network:NetworkSecurityGroup",
            self.name,
            {"networkSecurityGroupName": self.name, "securityRules": [*self.rules]},
        )


def large_groups() -> list[AskedGroup]:
    """Return the ten that are made by hand."""
    return [_large(number) for number in range(GROUPS)]


def _large(number: int) -> AskedGroup:
    """Return a group of a thousand rules.

    The opening is written in ten ways, five of which a deny before it closes again; the
    other rules are about other ports.
    """
    chance = Random(number)
    rules = [
        group_rule(
            priority=100 + index,
            access=chance.choice(("Allow", "Deny")),
            source=f"10.{chance.randrange(256)}.{chance.randrange(256)}.0/24",
            port=str(chance.randrange(1024, 60000)),
        )
        for index in range(RULES_EACH - 3)
    ]
    source, port = (
        ("*", "22"),
        ("Internet", "20-25"),
        ("0.0.0.0/0", "22"),
        ("0.0.0.0/1", "22"),
        ("128.0.0.0/1", "*"),
    )[number % 5]
    rules.append(group_rule(priority=2000, access="Allow", source=source, port=port))
    closed = number >= 5
    last = {"access": "Deny", "source": "*", "port": "*"}
    rules.append(group_rule(priority=1999 if closed else 4095, **last))
    rules.append(group_rule(priority=4096, **last))
    return AskedGroup(f"group{number}", tuple(rules), not closed)


def random_groups() -> list[AskedGroup]:
    """Return some of up to 200 rules each, with every property that a rule can have.

    Half of them are open: who always gives one answer is right on half.
    """
    found: dict[bool, list[AskedGroup]] = {True: [], False: []}
    for number in count():
        group = _random(number)
        if len(found[group.is_open]) < RANDOM_GROUPS // 2:
            found[group.is_open].append(group)
        if sum(map(len, found.values())) == RANDOM_GROUPS:
            break
    return [*found[True], *found[False]]


def _random(number: int) -> AskedGroup:
    """Return a group with the answer of reading packet by packet.

    Machines are in no application security group.
    """
    group = replace(
        RandomGroup.of(number),
        direction="Inbound",
        source_groups=frozenset(),
        destination_groups=frozenset(),
    )
    is_open = any(map(group.lets_through, _packets(group)))
    return AskedGroup(f"random{number}", group.rules, is_open)


def _packets(group: RandomGroup) -> Iterator[Sent]:
    """Yield a packet of the question from between any two edges of the rules' ranges.

    No rule tells one packet from another that lies between the same edges.
    """
    edges = _edges([*_prefixes(group.rules), *NOT_PUBLIC, *NETWORK, "0.0.0.0/0"])
    sources = [each for each in edges if not _is_in(each, (*NOT_PUBLIC, SPACE))]
    machines = [each for each in edges if _is_in(each, (SPACE,))]
    for source, source_port, machine in product(sources, _ports(group), machines):
        yield Sent(str(source), str(machine), "Tcp", source_port, PORT)


def _prefixes(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        for side in ("source", "destination"):
            yield rule.get(f"{side}AddressPrefix", "")
            yield from rule.get(f"{side}AddressPrefixes", ())


def _edges(texts: Iterable[str]) -> list[IPv4Address]:
    """Return the first address of each IPv4 range, and the first one after it."""
    found: set[int] = set()
    for text in set(texts):
        if text[:1].isdigit() and ":" not in text:
            network = ip_network(text)
            found |= {
                int(network.network_address),
                int(network.broadcast_address) + 1,
            }
    return [IPv4Address(each) for each in sorted(found) if each < 1 << 32]


def _is_in(address: IPv4Address, ranges: Iterable[str]) -> bool:
    return any(address in ip_network(text) for text in ranges)


def _ports(group: RandomGroup) -> list[int]:
    """Return the first source port of each range, and the first one after it."""
    found = {0}
    for rule in group.rules:
        first, _, last = rule["sourcePortRange"].replace("*", "0").partition("-")
        found |= {int(first), int(last or first) + 1}
    return sorted(each for each in found if each < 1 << 16)


def as_template(groups: Iterable[AskedGroup]) -> dict[str, Any]:
    """Return groups as a template of Azure Resource Manager."""
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
        "deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {
                "type": "Microsoft.Network/networkSecurityGroups",
                "apiVersion": "2024-05-01",
                "name": group.name,
                "location": "westeurope",
                "properties": {
                    "securityRules": [
                        {"name": rule["name"], "properties": rule}
                        for rule in group.rules
                    ]
                },
            }
            for group in groups
        ],
    }

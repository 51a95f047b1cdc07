"""Random security groups, and the simplest decision there is about a packet.

An opinion of its own on what a group lets through: a group is a list of rules as Azure
writes them, a packet is read against one rule after another, and nothing of the
packages that are judged by it is used. Facts stand here once more
(https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from random import Random
from typing import Any

Rule = Mapping[str, Any]
"""The properties of a rule, in Azure's words."""

NETWORK = ("10.20.0.0/16", "fd00:20::/48")
"""The virtual network around every group."""
HOST = "168.63.129.16"
"""Azure's own address in every network, where health probes come from
(https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)."""
APPLICATION_GROUPS = tuple(
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourcegroups/rg/providers/"
    f"microsoft.network/applicationsecuritygroups/{name}"
    for name in ("web", "database", "none")
)
NOT_PUBLIC = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 "
    "172.16.0.0/12 192.168.0.0/16 224.0.0.0/3 ::/3 4000::/2 8000::/1"
).split()
"""What is not on the Internet: ranges that no network routes to others, and of IPv6 all
but global unicast (https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/ipv6-address-space)."""
DEFAULTS: tuple[Rule, ...] = tuple(
    {
        "name": name,
        "direction": direction,
        "priority": priority,
        "access": access,
        "protocol": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "sourcePortRange": "*",
        "destinationPortRange": "*",
    }
    for name, direction, priority, access, source, destination in (
        ("a", "Inbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("b", "Inbound", 65001, "Allow", "AzureLoadBalancer", "*"),
        ("c", "Inbound", 65500, "Deny", "*", "*"),
        ("d", "Outbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        ("e", "Outbound", 65001, "Allow", "*", "Internet"),
        ("f", "Outbound", 65500, "Deny", "*", "*"),
    )
)
_RANGES = (
    *("10.20.0.0/16", "10.20.1.0/24", "10.20.1.4", "10.0.0.0/8", "192.168.5.0/24"),
    *("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.8.8.8/32", "203.0.113.0/24"),
    *("::/0", "2000::/3", "fd00:20:0:1::/64", "2001:db8::1", HOST),
)
_TAGS = ("VirtualNetwork", "Internet", "AzureLoadBalancer", "*", "internet")
_PORTS = ("*", "22", "443", "0-1023", "20-25", "3389-3389", "0-65535", "5000-6000")
_PROTOCOLS = ("Tcp", "Udp", "Icmp", "Esp", "Ah", "*", "tcp", "TCP")


@dataclass(frozen=True)
class Sent:
    """One packet, and which application security groups its ends are in."""

    source: str
    destination: str
    protocol: str
    source_port: int | None
    destination_port: int | None


@dataclass(frozen=True)
class RandomGroup:
    """A group, the direction that is asked about, and who is in which group."""

    seed: int
    rules: tuple[Rule, ...]
    direction: str
    source_groups: frozenset[str]
    destination_groups: frozenset[str]

    @classmethod
    def of(cls, seed: int, largest: int = 200) -> "RandomGroup":
        """Return the group of a number; most are small, some have `largest` rules."""
        chance = Random(seed)
        size = chance.choice((1, 3, 8, 15, 25, largest))
        numbers = chance.sample(range(100, 4097), chance.randint(0, size))
        members = APPLICATION_GROUPS[:2]
        return cls(
            seed=seed,
            rules=tuple(
                _rule(chance, index, number) for index, number in enumerate(numbers)
            ),
            direction=chance.choice(("Inbound", "Outbound")),
            source_groups=frozenset(chance.sample(members, chance.randint(0, 2))),
            destination_groups=frozenset(chance.sample(members, chance.randint(0, 2))),
        )

    def packets(self, number: int) -> Iterator[Sent]:
        """Yield packets at and beside the edges of the ranges in the rules."""
        chance = Random(self.seed + 1)
        for _ in range(number):
            version = chance.choice((4, 4, 4, 6))
            protocol = chance.choice(("Tcp", "Udp", "Icmp", "Esp", "Ah"))
            with_ports = protocol in ("Tcp", "Udp")
            yield Sent(
                source=_edge(chance, version),
                destination=_edge(chance, version),
                protocol=protocol,
                source_port=_port(chance) if with_ports else None,
                destination_port=_port(chance) if with_ports else None,
            )

    def lets_through(self, packet: Sent) -> bool:
        """Read the rules one after another; the first that matches decides."""
        own = [rule for rule in self.rules if rule["direction"] == self.direction]
        defaults = [rule for rule in DEFAULTS if rule["direction"] == self.direction]
        for rule in sorted([*own, *defaults], key=lambda rule: rule["priority"]):
            if self._matches(rule, packet):
                return rule["access"] == "Allow"
        return False

    def _matches(self, rule: Rule, packet: Sent) -> bool:
        return (
            rule["protocol"].lower() in ("*", packet.protocol.lower())
            and _is_in_ports(texts(rule, "sourcePortRange", "s"), packet.source_port)
            and _is_in_ports(
                texts(rule, "destinationPortRange", "s"), packet.destination_port
            )
            and _is_side(rule, "source", packet.source, self.source_groups)
            and _is_side(
                rule, "destination", packet.destination, self.destination_groups
            )
        )


def texts(rule: Rule, name: str, plural: str) -> list[str]:
    """Return what stands in the singular and in the plural property together."""
    single = [rule[name]] if rule.get(name) else []
    return [*single, *rule.get(f"{name}{plural}", ())]


def meaning(text: str) -> tuple[list[str], list[str]]:
    """Return the ranges that a text means, and those that it leaves out."""
    if text == "*":
        return ["0.0.0.0/0", "::/0"], []
    tag = text.lower()
    if tag == "virtualnetwork":
        return [*NETWORK, HOST], []
    if tag == "azureloadbalancer":
        return [HOST], []
    if tag == "internet":
        return ["0.0.0.0/0", "::/0"], [*NOT_PUBLIC, *NETWORK]
    return [text], []


def _is_side(rule: Rule, side: str, address: str, groups: frozenset[str]) -> bool:
    wanted = rule.get(f"{side}ApplicationSecurityGroups", ())
    if wanted:
        return any(each["id"] in groups for each in wanted)
    found = ip_address(address)
    return any(
        _is_in(found, within) and not _is_in(found, without)
        for within, without in map(meaning, texts(rule, f"{side}AddressPrefix", "es"))
    )


def _is_in(address: IPv4Address | IPv6Address, ranges: Iterable[str]) -> bool:
    return any(address in _network(text) for text in ranges)


@cache
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _is_in_ports(ranges: Sequence[str], port: int | None) -> bool:
    if port is None:  # protocols without ports match rules about every port only
        return any(text in ("*", "0-65535") for text in ranges)
    for text in ranges:
        first, _, last = ("0-65535" if text == "*" else text).partition("-")
        if int(first) <= port <= int(last or first):
            return True
    return False


def _rule(chance: Random, index: int, priority: int) -> Rule:
    rule: dict[str, Any] = {
        "name": f"rule{index}",
        "priority": priority,
        "direction": chance.choice(("Inbound", "Outbound")),
        "access": chance.choice(("Allow", "Deny")),
        "protocol": chance.choice(_PROTOCOLS),
        **_one_or_many(chance, "destinationPortRange", "s", _PORTS),
        "sourcePortRange": chance.choice(("*", "*", "*", "1024-65535")),
    }
    for side in ("source", "destination"):
        if chance.random() < 0.1:
            group = chance.choice(APPLICATION_GROUPS)
            rule[f"{side}ApplicationSecurityGroups"] = [{"id": group}]
        elif chance.random() < 0.5:
            rule[f"{side}AddressPrefix"] = chance.choice(_TAGS)
        else:
            rule |= _one_or_many(chance, f"{side}AddressPrefix", "es", _RANGES)
    return rule


def _one_or_many(
    chance: Random, name: str, plural: str, choices: Sequence[str]
) -> dict[str, Any]:
    chosen = chance.sample(choices, chance.randint(1, 3))
    if "*" in chosen:
        return {name: "*"}
    if len(chosen) == 1 and chance.random() < 0.5:
        return {name: chosen[0]}
    return {f"{name}{plural}": chosen}


def _edge(chance: Random, version: int) -> str:
    ranges = [
        network
        for text in (*_RANGES, *NETWORK, *NOT_PUBLIC)
        if (network := _network(text)).version == version
    ]
    network = chance.choice(ranges)
    kind = IPv4Address if version == 4 else IPv6Address
    edge = chance.choice((int(network.network_address), int(network.broadcast_address)))
    largest = 2 ** (32 if version == 4 else 128) - 1
    return str(kind(min(max(edge + chance.choice((-1, 0, 0, 1)), 0), largest)))


def _port(chance: Random) -> int:
    edges = (0, 19, 20, 22, 25, 26, 443, 1023, 1024, 3389, 4999, 5000, 6000, 65535)
    return chance.choice(edges)

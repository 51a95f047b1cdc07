"""Judges what security groups let through: packet by packet, and with z3.

Random groups are decided as sets of packets by the reachability package. A decision
that reads one packet against one rule after another has to agree on every packet that
is tried, and the solver z3 has to prove that the set and the rules mean the same for
every packet there is. The solver lives in the virtual environment of the judges.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import TYPE_CHECKING, Any

from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_decisions import Decision, Members, decide_group
from azureml_reachability.packets import ALL_PACKETS, Packet, PacketSet, Protocol
from azureml_reachability.places import Surroundings
from azureml_reachability.plan_reading import topology_of
from azureml_rulebook.security_rules import Direction
from review.random_groups import (
    DEFAULTS,
    NETWORK,
    RandomGroup,
    Rule,
    Sent,
    meaning,
    texts,
)

if TYPE_CHECKING:
    import z3
else:
    try:
        import z3
    except ImportError:  # the tests decide packets only
        z3 = None

_AROUND = Surroundings(virtual_network=AddressSet.of(*NETWORK))
_PACKETS = 100
_BITS = {4: 32, 6: 128}
_PROTOCOLS = tuple(Protocol)
_SAID_EVERY = 10.0
"""Seconds between two lines of progress."""


def decided(group: RandomGroup) -> Decision:
    """Return what the reachability package says of a group, read as from a plan."""
    resource = {
        "urn": "urn:pulumi:judge::judge::azure-native:network:NetworkSecurityGroup::g",
        "type": "azure-native:network:NetworkSecurityGroup",
        "name": "g",
        "inputs": {
            "networkSecurityGroupName": "g",
            "securityRules": [dict(rule) for rule in group.rules],
        },
        "propertyDependencies": {},
    }
    (found,) = topology_of([resource]).groups
    members = Members(group.source_groups, group.destination_groups)
    return decide_group(
        found, Direction(group.direction), ALL_PACKETS, _AROUND, members
    )


def packet_of(sent: Sent) -> Packet:
    """Return the same packet as sets have it."""
    return Packet(
        source=ip_address(sent.source),
        destination=ip_address(sent.destination),
        protocol=Protocol(sent.protocol),
        source_port=sent.source_port,
        destination_port=sent.destination_port,
    )


def disagreement(group: RandomGroup, decision: Decision, packets: int) -> str:
    """Return the first packet that is decided in two ways; empty if there is none."""
    if decision.certain != decision.possible:
        return f"group {group.seed}: undecided, although everything is known"
    for sent in group.packets(packets):
        if (packet_of(sent) in decision.certain) != group.lets_through(sent):
            return f"group {group.seed}: {sent} is decided in two ways"
    return ""


@dataclass(frozen=True)
class _Fields:
    """The fields of any packet of one address family, as the solver has them."""

    version: int
    source: Any
    destination: Any
    protocol: Any
    source_port: Any
    destination_port: Any

    @classmethod
    def of(cls, version: int) -> "_Fields":
        bits = _BITS[version]
        return cls(
            version,
            z3.BitVec("source", bits),
            z3.BitVec("destination", bits),
            z3.BitVec("protocol", 3),
            z3.BitVec("source_port", 16),
            z3.BitVec("destination_port", 16),
        )


def proved(group: RandomGroup, decision: Decision) -> str:
    """Let z3 prove that set and rules mean the same; what it found, or nothing."""
    for version in _BITS:
        fields = _Fields.of(version)
        solver = z3.Solver()
        solver.add(z3.ULT(fields.protocol, len(_PROTOCOLS)))
        solver.add(
            _by_rules(group, fields) != _in_set(decision.certain, fields),
        )
        if solver.check() != z3.unsat:
            return f"group {group.seed}: IPv{version}: {solver.model()}"
    return ""


def _by_rules(group: RandomGroup, fields: _Fields) -> Any:
    """What the first matching rule says, as one formula."""
    own = [rule for rule in group.rules if rule["direction"] == group.direction]
    default = [rule for rule in DEFAULTS if rule["direction"] == group.direction]
    passes: Any = z3.BoolVal(False)
    ordered = sorted([*own, *default], key=lambda rule: rule["priority"])
    for rule in reversed(ordered):
        says = z3.BoolVal(rule["access"] == "Allow")
        passes = z3.If(_matches(rule, group, fields), says, passes)
    return passes


def _matches(rule: Rule, group: RandomGroup, fields: _Fields) -> Any:
    protocols = [
        index
        for index, each in enumerate(_PROTOCOLS)
        if rule["protocol"].lower() in ("*", each.lower())
    ]
    with_ports = [_PROTOCOLS.index(each) for each in (Protocol.TCP, Protocol.UDP)]
    ports: list[Any] = []
    for name, field in (
        ("sourcePortRange", fields.source_port),
        ("destinationPortRange", fields.destination_port),
    ):
        ranges = [_port_range(text) for text in texts(rule, name, "s")]
        every = any(each == (0, 65535) for each in ranges)
        ports.append(
            z3.If(
                _one_of(fields.protocol, with_ports),
                _within(field, ranges),
                z3.BoolVal(every),
            )
        )
    return z3.And(
        _one_of(fields.protocol, protocols),
        *ports,
        _side(rule, "source", fields.source, group.source_groups, fields.version),
        _side(
            rule,
            "destination",
            fields.destination,
            group.destination_groups,
            fields.version,
        ),
    )


def _side(
    rule: Rule, side: str, field: Any, groups: frozenset[str], version: int
) -> Any:
    wanted = rule.get(f"{side}ApplicationSecurityGroups", ())
    if wanted:
        return z3.BoolVal(any(each["id"] in groups for each in wanted))
    choices: list[Any] = []
    for text in texts(rule, f"{side}AddressPrefix", "es"):
        within, without = meaning(text)
        inside = _within(field, _ranges(within, version))
        choices.append(
            z3.And(inside, z3.Not(_within(field, _ranges(without, version))))
        )
    return z3.Or(choices)


def _in_set(packets: PacketSet, fields: _Fields) -> Any:
    """The set as a formula: any of its boxes."""
    choices: list[Any] = []
    for box in packets.boxes():
        port_ranges = [
            [(first, end - 1) for first, end in ports.line_ranges()]
            for ports in (box.source_ports, box.destination_ports)
        ]
        sides = [
            [
                (int(first), int(last))
                for first, last in addresses.ranges()
                if first.version == fields.version
            ]
            for addresses in (box.sources, box.destinations)
        ]
        parts = [
            fields.protocol == _PROTOCOLS.index(box.protocol),
            _within(fields.source, sides[0]),
            _within(fields.destination, sides[1]),
        ]
        if box.protocol.has_ports:
            parts.append(_within(fields.source_port, port_ranges[0]))
            parts.append(_within(fields.destination_port, port_ranges[1]))
        choices.append(z3.And(parts))
    return z3.Or(choices)


def _within(field: Any, ranges: Iterable[tuple[int, int]]) -> Any:
    return z3.Or(
        [z3.And(z3.ULE(first, field), z3.ULE(field, last)) for first, last in ranges]
    )


def _one_of(field: Any, values: Iterable[int]) -> Any:
    return z3.Or([field == value for value in values])


def _ranges(prefixes: Iterable[str], version: int) -> list[tuple[int, int]]:
    return [
        (int(network.network_address), int(network.broadcast_address))
        for network in map(ip_network, prefixes)
        if network.version == version
    ]


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = ("0-65535" if text == "*" else text).partition("-")
    return int(first), int(last or first)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge random groups; returns 1 at the first disagreement."""
    parser = argparse.ArgumentParser(
        prog="python -m review.group_judge",
        description="Decides random security groups as sets of packets, packet by "
        "packet, and with the solver z3.",
    )
    parser.add_argument(
        "--groups", type=int, default=10_000, help="groups decided packet by packet"
    )
    parser.add_argument(
        "--solved",
        type=int,
        default=10_000,
        help="of these, groups that z3 decides too",
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    chosen = parser.parse_args(arguments)
    if chosen.solved and z3 is None:
        parser.error("--solved needs the package z3-solver; or give --solved 0")
    said = monotonic()
    for number in range(chosen.groups):
        group = RandomGroup.of(chosen.first + number)
        decision = decided(group)
        fault = disagreement(group, decision, _PACKETS)
        if not fault and number < chosen.solved:
            fault = proved(group, decision)
        if fault:
            print(f"groups      {fault}", file=sys.stderr)
            return 1
        if monotonic() - said > _SAID_EVERY:
            said = monotonic()
            print(f"deciding groups: {number + 1} of {chosen.groups}", flush=True)
    print(
        f"groups      {chosen.groups} decided alike, {chosen.solved} of them by z3 for "
        "every packet"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

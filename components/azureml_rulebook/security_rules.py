"""Security rules as small values, the bands of their priorities, and the final denies.

Every rule of a purpose has its own fixed priority, so that a rule that joins or leaves
moves no other. Azure's default rules allow the whole network and all of the Internet;
the explicit denies at the end of both directions are what closes a subnet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANY = "*"
"""Any address, port or protocol, as Azure writes it."""

LAST_PRIORITY = 4096
"""The last priority a rule may have; the first is 100
(https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview)."""

BETWEEN_SUBNETS = range(100, 500)
"""Priorities of traffic between the network's own subnets."""
PLATFORM = range(500, 1000)
"""Priorities of traffic that an Azure service demands."""
CALLERS = range(1000, 4000)
"""Priorities kept for rules of the component's users."""


class Direction(StrEnum):
    """Which way a rule looks, as Azure spells it."""

    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class Access(StrEnum):
    """What a rule does with a packet, as Azure spells it."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, kw_only=True)
class SecurityRule:
    """One rule of a security group, before it becomes a resource input."""

    name: str
    priority: int
    direction: Direction
    access: Access = Access.ALLOW
    protocol: str = "Tcp"
    """``Tcp``, ``Udp``, ``Icmp``, ``Esp``, ``Ah`` or ``*``."""
    sources: tuple[str, ...] = (ANY,)
    """Ranges, or exactly one service tag or ``*``; empty with ``source_groups``."""
    source_groups: tuple[str, ...] = ()
    """Names of application security groups, in place of addresses."""
    destinations: tuple[str, ...] = (ANY,)
    """As ``sources``."""
    destination_groups: tuple[str, ...] = ()
    """As ``source_groups``."""
    ports: tuple[str, ...] = (ANY,)
    """Destination ports: numbers, ``first-last`` or ``*``."""
    description: str


FINAL_DENIES: tuple[SecurityRule, ...] = (
    SecurityRule(
        name="DenyAllInbound",
        priority=LAST_PRIORITY,
        direction=Direction.INBOUND,
        access=Access.DENY,
        protocol=ANY,
        description="Nothing else comes in: the default rule would admit the whole "
        "network, its peers and on-premises",
    ),
    SecurityRule(
        name="DenyAllOutbound",
        priority=LAST_PRIORITY,
        direction=Direction.OUTBOUND,
        access=Access.DENY,
        protocol=ANY,
        description="Nothing else goes out: the default rule would admit the Internet",
    ),
)
"""The end of every security group. They do not touch Azure's DNS, metadata and licence
addresses, which only a deny of their own tags would block (same page)."""


def in_order(rules: Iterable[SecurityRule]) -> tuple[SecurityRule, ...]:
    """Return rules by direction and priority, the order in which Azure reads them."""
    return tuple(sorted(rules, key=lambda rule: (rule.direction, rule.priority)))

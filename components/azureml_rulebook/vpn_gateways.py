"""VPN gateways of Azure: the sizes that can be made, and what each of them can do.

Sizes without zones were closed to new gateways, and the older ones are gone; each is
refused by its name with the size that took its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

_LEARN = "https://learn.microsoft.com/azure/vpn-gateway"
SIZES_PAGE = f"{_LEARN}/about-gateway-skus"
_CONSOLIDATION_PAGE = f"{_LEARN}/gateway-sku-consolidation"
_LEGACY_PAGE = f"{_LEARN}/vpn-gateway-about-skus-legacy"
_EXPRESS_ROUTE_PAGE = (
    "https://learn.microsoft.com/azure/expressroute/"
    "expressroute-about-virtual-network-gateways"
)
_ACTIVE_ACTIVE_PAGE = f"{_LEARN}/about-active-active-gateways"
NAT_PAGE = f"{_LEARN}/nat-overview"
_BGP_PAGE = f"{_LEARN}/bgp-howto"
_ADDRESSES_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/ip-services/"
    "public-ip-addresses#availability-zone"
)
_ZONES_PAGE = "https://learn.microsoft.com/azure/reliability/regions-list"
_MAINTENANCE_PAGE = f"{_LEARN}/customer-controlled-gateway-maintenance"

DEFAULT_SIZE = "VpnGw1AZ"


@dataclass(frozen=True, kw_only=True)
class SizeFacts:
    """What a VPN gateway of one size can do."""

    name: str
    """Both ``sku.name`` and ``sku.tier``."""
    megabits: Mapping[int, int]
    """Throughput in Mbit/s by generation; its keys are all generations there are."""
    tunnels: int
    """Most tunnels to sites."""
    clients: int
    """Most clients of IKEv2 and OpenVPN at a time."""
    nat_rules: bool
    """Whether it translates addresses."""

    @property
    def generations(self) -> tuple[int, ...]:
        """Generations that it comes in."""
        return tuple(self.megabits)


SIZES: dict[str, SizeFacts] = {
    row.name: row
    for row in (
        SizeFacts(
            name="VpnGw1AZ",
            megabits={1: 650},
            tunnels=30,
            clients=250,
            nat_rules=False,
        ),
        SizeFacts(
            name="VpnGw2AZ",
            megabits={1: 1000, 2: 1250},
            tunnels=30,
            clients=500,
            nat_rules=True,
        ),
        SizeFacts(
            name="VpnGw3AZ",
            megabits={1: 1250, 2: 2500},
            tunnels=30,
            clients=1000,
            nat_rules=True,
        ),
        SizeFacts(
            name="VpnGw4AZ",
            megabits={2: 5000},
            tunnels=100,
            clients=5000,
            nat_rules=True,
        ),
        SizeFacts(
            name="VpnGw5AZ",
            megabits={2: 10000},
            tunnels=100,
            clients=10000,
            nat_rules=True,
        ),
    )
}
"""All that can be made, smallest first (``SIZES_PAGE``, ``NAT_PAGE``). Each of them is
zone-redundant, can be active-active and speaks BGP."""


@dataclass(frozen=True, kw_only=True)
class RefusedSize:
    """A size that is not made, and what to make in its place."""

    name: str
    reason: str
    replacement: str
    page: str


def _without_zones(number: int) -> RefusedSize:
    return RefusedSize(
        name=f"VpnGw{number}",
        reason="has no zones, and Azure makes no new gateways of it",
        replacement=f"VpnGw{number}AZ",
        page=_CONSOLIDATION_PAGE,
    )


def _of_express_route(name: str) -> RefusedSize:
    return RefusedSize(
        name=name,
        reason="is a size of ExpressRoute gateways",
        replacement=DEFAULT_SIZE,
        page=_EXPRESS_ROUTE_PAGE,
    )


REFUSED_SIZES: dict[str, RefusedSize] = {
    row.name: row
    for row in (
        RefusedSize(
            name="Basic",
            reason="has no zones, IKEv2 or OpenVPN for clients, RADIUS, BGP, IPsec "
            "policies, active-active or ExpressRoute beside it",
            replacement="VpnGw1AZ",
            page=SIZES_PAGE,
        ),
        RefusedSize(
            name="Standard",
            reason="is retired",
            replacement="VpnGw1AZ",
            page=_LEGACY_PAGE,
        ),
        RefusedSize(
            name="HighPerformance",
            reason="is retired",
            replacement="VpnGw2AZ",
            page=_LEGACY_PAGE,
        ),
        *(_without_zones(number) for number in range(1, 6)),
        *(
            _of_express_route(name)
            for name in (
                "UltraPerformance",
                "ErGw1AZ",
                "ErGw2AZ",
                "ErGw3AZ",
                "ErGwScale",
            )
        ),
    )
}

APIPA_FIRST = IPv4Address("169.254.21.0")
APIPA_LAST = IPv4Address("169.254.22.255")
"""Addresses between these can be further BGP addresses of a gateway (``_BGP_PAGE``)."""

DEFAULT_HOURS = 5
_LONGEST_HOURS = 23
"""Hours of a maintenance window, which comes every day and is no shorter than the
default (``_MAINTENANCE_PAGE``)."""

_START = "%Y-%m-%d %H:%M"


def size_findings(size: str, *, path: str) -> list[Finding]:
    """Check that new VPN gateways of this size can be made."""
    if size in SIZES:
        return []
    row = REFUSED_SIZES.get(size)
    if row is not None:
        return [
            Finding(
                path, f"'{size}' {row.reason}; use '{row.replacement}' ({row.page})"
            )
        ]
    return [
        Finding(
            path,
            f"'{size}' is not a size of VPN gateways; {suggestion(size, SIZES)} "
            f"({SIZES_PAGE})",
        )
    ]


def default_generation(size: str) -> int:
    """Return the newest generation of a size that can be made."""
    return max(SIZES[size].generations)


def generation_findings(size: str, generation: int, *, path: str) -> list[Finding]:
    """Check that a size that can be made comes in this generation."""
    offered = SIZES[size].generations
    if generation in offered:
        return []
    others = [row.name for row in SIZES.values() if generation in row.generations]
    larger = f", or one of {', '.join(others)}" if others else ""
    return [
        Finding(
            path,
            f"{size} has no generation {generation}; use "
            f"{' or '.join(map(str, offered))}{larger} ({SIZES_PAGE})",
        )
    ]


def tunnel_findings(size: str, sites: int, *, path: str) -> list[Finding]:
    """Check that a gateway of this size takes that many sites, each with a tunnel."""
    most = SIZES[size].tunnels
    if sites <= most:
        return []
    roomier = next((row.name for row in SIZES.values() if row.tunnels >= sites), None)
    advice = f"use '{roomier}'" if roomier else "use Azure Virtual WAN for so many"
    return [
        Finding(
            path,
            f"are {sites}, and a gateway of size {size} takes {most}; {advice} "
            f"({SIZES_PAGE})",
        )
    ]


def addresses_needed(*, active_active: bool, clients: bool) -> int:
    """Return how many public addresses a gateway has.

    One for each instance that carries traffic; an active-active one with clients has a
    third for them (``_ACTIVE_ACTIVE_PAGE``).
    """
    if not active_active:
        return 1
    return 3 if clients else 2


def apipa_findings(address: IPv4Address, *, path: str) -> list[Finding]:
    """Check that an address can be a further BGP address of a gateway."""
    if APIPA_FIRST <= address <= APIPA_LAST:
        return []
    return [
        Finding(
            path,
            f"'{address}' is not one that Azure keeps for this; use one from "
            f"{APIPA_FIRST} to {APIPA_LAST} ({_BGP_PAGE})",
        )
    ]


def maintenance_findings(
    start: str, hours: int, time_zone: str, *, path: str
) -> list[Finding]:
    """Check a daily window in which Azure updates a gateway."""
    findings: list[Finding] = []
    try:
        datetime.strptime(start, _START)
    except ValueError:
        findings.append(
            Finding(
                f"{path}.start",
                f"'{start}' is not a day and a time; write it like '2027-01-03 02:00' "
                f"({_MAINTENANCE_PAGE})",
            )
        )
    if not DEFAULT_HOURS <= hours <= _LONGEST_HOURS:
        findings.append(
            Finding(
                f"{path}.hours",
                f"{hours} is not from {DEFAULT_HOURS} to {_LONGEST_HOURS}, the hours "
                f"of a daily window ({_MAINTENANCE_PAGE})",
            )
        )
    if "/" in time_zone or not time_zone.strip():
        findings.append(
            Finding(
                f"{path}.time_zone",
                f"'{time_zone}' is not Windows' name of a time zone; write one like "
                f"'UTC' or 'W. Europe Standard Time' ({_MAINTENANCE_PAGE})",
            )
        )
    return findings


def zone_findings(
    zones: Sequence[str], offered: Sequence[str], *, region: str, path: str
) -> list[Finding]:
    """Check the availability zones of a gateway's addresses.

    ``offered``: those of the region. An address is in one zone or in all of them
    (``_ADDRESSES_PAGE``).
    """
    if not zones or len(zones) == 1 and offered or list(zones) == list(offered):
        return []
    shown = ", ".join(zones)
    if not offered:
        return [
            Finding(
                path,
                f"{shown} are not in {region}, which has no availability zones that "
                f"are known; leave them out ({_ZONES_PAGE})",
            )
        ]
    return [
        Finding(
            path,
            f"{shown} are neither one zone nor all of {region}; use "
            f"{', '.join(offered)}, or one of them ({_ADDRESSES_PAGE})",
        )
    ]

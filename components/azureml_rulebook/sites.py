"""What Azure demands of sites that are reached by tunnels, alone and together.

A wrong address or range is taken by Azure all the same, and then nothing arrives; so
each is checked here before a gateway is made that takes most of an hour.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import NOT_PUBLIC, overlap_findings
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.host_names import is_host_name

_VPN = "https://learn.microsoft.com/azure/vpn-gateway"
_FAQ_PAGE = f"{_VPN}/vpn-gateway-vpn-faq"
_BGP_PAGE = f"{_VPN}/bgp-howto"
_DEVICES_PAGE = f"{_VPN}/vpn-gateway-highlyavailable"

NAT_PAGE = f"{_VPN}/nat-overview"
"""What becomes of ranges and BGP addresses that are translated."""

NAT_LIMITS_PAGE = f"{_VPN}/nat-howto#nat-limitations"
"""Where it says that tunnels with traffic selectors translate nothing."""

DEAD_PEER_SECONDS = (9, 3600)
DEFAULT_DEAD_PEER_SECONDS = 45
"""After how long without answer a tunnel is given up (``_FAQ_PAGE``)."""

APIPA = IPv4Network("169.254.0.0/16")
"""Addresses of one link, which some devices have for BGP (``_BGP_PAGE``)."""

_KEY_LENGTHS = (16, 128)
"""Characters of a shared key. Azure takes 1 to 128 (https://learn.microsoft.com/rest/
api/network-gateway/virtual-network-gateway-connections/set-shared-key); short ones are
found by trying, since whoever can reach the gateway can record an exchange."""

_KEY = re.compile(r"[!-,.-}]*")
"""Printable ASCII without space, hyphen and tilde (``_FAQ_PAGE``)."""

_BENCHMARKS = IPv4Network("198.18.0.0/15")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
"""Ranges that no device on the Internet has (https://www.iana.org/assignments/
iana-ipv4-special-registry)."""

_AZURE_ITSELF = IPv4Address("168.63.129.16")
"""Azure's own DNS and health probes (https://learn.microsoft.com/azure/virtual-network/
what-is-ip-address-168-63-129-16)."""

_SITE_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")


@dataclass(frozen=True, kw_only=True)
class SitePeer:
    """How a site tells its routes by BGP."""

    as_number: int
    address: IPv4Address


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site, as far as others matter to it."""

    path: str
    public_address: IPv4Address | None
    host_name: str | None
    seen_ranges: tuple[tuple[str, IPv4Network], ...]
    """Its ranges as the network sees them, each with its path."""
    peer: SitePeer | None


def site_name_findings(name: str, path: str) -> list[Finding]:
    """Check the word for a site, which files and tunnels are named after."""
    if _SITE_NAME.fullmatch(name):
        return []
    return [
        Finding(
            path,
            f"'{name}' cannot name a site; use letters, digits, '-' and '_', beginning "
            "with a letter or digit",
        )
    ]


def read_address(text: str, path: str) -> IPv4Address | Finding:
    """Read an IPv4 address, or say what is wrong with it."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        return Finding(
            path, f"'{text}' is not an IPv4 address; write one like '203.0.113.7'"
        )


def public_address_findings(address: IPv4Address, path: str) -> list[Finding]:
    """Check that a device can be reached from Azure at ``address``."""
    if _is_public(address):
        return []
    return [
        Finding(
            path,
            f"'{address}' is not public; give the address that the Internet reaches "
            f"the site's device at, or that of the NAT in front of it ({_FAQ_PAGE})",
        )
    ]


def host_name_findings(host_name: str, path: str) -> list[Finding]:
    """Check that ``host_name`` can be the name of a device, which Azure looks up."""
    if is_host_name(host_name):
        return []
    return [
        Finding(
            path,
            f"'{host_name}' is not a host name; write a name like 'vpn.example.com', "
            "and an address as public_address",
        )
    ]


def shared_key_fault(key: str) -> str:
    """Return what is wrong with a shared key, without the key itself; '' if nothing."""
    shortest, longest = _KEY_LENGTHS
    if not shortest <= len(key) <= longest:
        return (
            f"has {len(key)} characters; use {shortest} to {longest}, made by a "
            "generator"
        )
    if _KEY.fullmatch(key) is None:
        return (
            "has characters that Azure refuses; use printable ASCII without space, "
            f"'-' and '~' ({_FAQ_PAGE})"
        )
    return ""


def dead_peer_findings(seconds: int, path: str) -> list[Finding]:
    """Check after how long a tunnel may be given up."""
    least, most = DEAD_PEER_SECONDS
    if least <= seconds <= most:
        return []
    return [
        Finding(
            path,
            f"{seconds} is not allowed; Azure takes {least} to {most} seconds, and "
            f"advises 30 to {DEFAULT_DEAD_PEER_SECONDS} ({_FAQ_PAGE})",
        )
    ]


def peer_address_findings(
    address: IPv4Address,
    public_address: IPv4Address | None,
    network: Sequence[tuple[str, IPv4Network]],
    address_space: Sequence[tuple[str, IPv4Network]],
    path: str,
) -> list[Finding]:
    """Check the address of a site's BGP speaker.

    Args:
        address: it.
        public_address: that of the site's device; None if it changes.
        network: the network's ranges, each with its path.
        address_space: the site's own ones.
        path: where the address was given.
    """
    if address == public_address:
        return [
            Finding(
                path,
                f"'{address}' is the device's public_address too, and the session goes "
                f"through the tunnel; give another address of it, such as that of a "
                f"loopback interface ({_FAQ_PAGE})",
            )
        ]
    if address not in APIPA and _has_other_meaning(address):
        return [
            Finding(
                path,
                f"'{address}' is no address of a device; give that of the site's BGP "
                "speaker",
            )
        ]
    findings = [
        Finding(
            path,
            f"'{address}' is in '{network_range}' of {range_path}, the network itself; "
            f"give an address of the site ({_FAQ_PAGE})",
        )
        for range_path, network_range in network
        if address in network_range
    ]
    findings += [
        Finding(
            range_path,
            f"'{site_range}' is the BGP speaker's own address, whose route Azure adds "
            f"by itself; leave it out ({_FAQ_PAGE})",
        )
        for range_path, site_range in address_space
        if site_range == IPv4Network(address)
    ]
    return findings


def gateway_address_findings(
    peer: IPv4Address,
    chosen: Sequence[IPv4Address],
    offered: Sequence[Sequence[IPv4Address]],
    path: str,
) -> list[Finding]:
    """Check the gateway's addresses that a site talks BGP to.

    Args:
        peer: the site's own address.
        chosen: what the site talks to; empty: the gateway's own in its subnet.
        offered: the further addresses of each instance.
        path: of the choice.
    """
    if peer not in APIPA:
        return (
            [
                Finding(
                    path,
                    f"has no effect with the peer_address '{peer}': Azure answers from "
                    f"its own subnet then; leave it out, or give an address in {APIPA} "
                    f"as peer_address ({_BGP_PAGE})",
                )
            ]
            if chosen
            else []
        )
    all_offered = [address for each in offered for address in each]
    if peer in all_offered:
        return [
            Finding(
                path,
                f"the peer_address '{peer}' is one of the gateway's own; give another "
                f"one of the site ({_BGP_PAGE})",
            )
        ]
    if len(chosen) == len(offered) and all(
        address in each for address, each in zip(chosen, offered, strict=True)
    ):
        return []
    shown = ", ".join(map(str, all_offered)) or "none so far"
    kinds = "apipa_addresses" if len(offered) == 1 else "each instance, the first first"
    return [
        Finding(
            path,
            f"must be {len(offered)} of the gateway's addresses, one of {kinds}, since "
            f"the peer_address '{peer}' is in {APIPA}; there are: {shown} "
            f"(vpn.bgp.apipa_addresses; {_BGP_PAGE})",
        )
    ]


def other_site_findings(sites: Sequence[Site]) -> list[Finding]:
    """Check that sites can be told apart, by their devices and by their ranges.

    Azure adds a route to each BGP speaker, which takes its address out of the range of
    any other site (``_FAQ_PAGE``). Several devices of one site share its ranges: each
    tells them by BGP, with one number and an address of its own (``_DEVICES_PAGE``).
    """
    findings = [
        *_same_findings(
            [
                (joined(site.path, "public_address"), str(site.public_address))
                for site in sites
                if site.public_address is not None
            ],
            "a device is one site",
        ),
        *_same_findings(
            [
                (joined(site.path, "host_name"), site.host_name.lower())
                for site in sites
                if site.host_name is not None
            ],
            "a device is one site",
        ),
        *_same_findings(
            [
                (joined(site.path, "bgp.peer_address"), str(site.peer.address))
                for site in sites
                if site.peer is not None
            ],
            "each device has an address of its own",
        ),
    ]
    for index, site in enumerate(sites):
        findings += overlap_findings(site.seen_ranges)
        for other in sites[:index]:
            if not _is_one_place(site, other):
                findings += overlap_findings(site.seen_ranges, other.seen_ranges)
                findings += _peer_findings(site, other)
                findings += _peer_findings(other, site)
    return findings


def _peer_findings(site: Site, other: Site) -> list[Finding]:
    """Find a BGP speaker in another site's ranges, which take its traffic from there.

    One that is in ranges of its own too is told of with those.
    """
    if site.peer is None or any(
        site.peer.address in each for _, each in site.seen_ranges
    ):
        return []
    speaker = (joined(site.path, "bgp.peer_address"), IPv4Network(site.peer.address))
    return overlap_findings([speaker], other.seen_ranges)


def untranslated_findings(
    ranges: Sequence[tuple[str, IPv4Network]],
    network: Sequence[tuple[str, IPv4Network]],
) -> list[Finding]:
    """Check that a site does not have the ranges that the network shows to it.

    ``ranges``: the site's own; ``network``: the network's, translated for this site.
    """
    return [
        Finding(
            path,
            f"'{site_range}' overlaps '{shown}' of {other_path}, as which the site "
            f"would see the network; translate that with egress_nat_rules "
            f"({NAT_PAGE})",
        )
        for path, site_range in ranges
        for other_path, shown in network
        if site_range.overlaps(shown)
    ]


def _same_findings(values: Sequence[tuple[str, str]], reason: str) -> list[Finding]:
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for path, value in values:
        other = first.setdefault(value, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{value}' is {other} too; {reason}, give another one "
                    f"({_DEVICES_PAGE})",
                )
            )
    return findings


def _is_one_place(site: Site, other: Site) -> bool:
    """Whether both are devices of one site."""
    return (
        site.peer is not None
        and other.peer is not None
        and site.peer.as_number == other.peer.as_number
    )


def _is_public(address: IPv4Address) -> bool:
    """Ranges of RFC 5737, which are for documentation, count as public."""
    return not (
        _has_other_meaning(address)
        or any(address in private for private in NOT_PUBLIC)
        or address in _BENCHMARKS
    )


def _has_other_meaning(address: IPv4Address) -> bool:
    return (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address in _THIS_NETWORK
        or address == _AZURE_ITSELF
    )

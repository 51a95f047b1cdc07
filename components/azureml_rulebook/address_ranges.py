"""Address ranges as people write them, and the ranges Azure or containers forbid.

Reading is strict, because a wrong range is found by Azure only after half a stack
exists: every way to write one wrongly has its own message, which says what to write.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from azureml_rulebook.findings import Finding

PRIVATE_RANGES: tuple[IPv4Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
)
"""The private ranges of RFC 1918 (https://www.rfc-editor.org/rfc/rfc1918)."""

IANA_PRIVATE_RANGES = "IANAPrivateRanges"
"""What Azure Firewall calls the ranges that it never translates by itself
(https://learn.microsoft.com/azure/firewall/snat-private-range)."""

NOT_PUBLIC: tuple[IPv4Network, ...] = (
    *PRIVATE_RANGES,
    IPv4Network("100.64.0.0/10"),
)
"""Ranges that no route of the Internet has: RFC 1918 and the shared space of RFC 6598.
They are also the ranges behind that name, same page."""

WIDEST_RANGE = 8
"""Prefix length of the widest range that is one owner's: registries hand out no wider
block (https://www.iana.org/assignments/ipv4-address-space)."""

SMALLEST_PREFIX_LENGTH = 29
"""The smallest subnet Azure makes (https://learn.microsoft.com/azure/virtual-network/
virtual-networks-faq)."""

RESERVED_ADDRESSES = 5
"""Addresses Azure keeps in each subnet: the first four and the last, same page."""


@dataclass(frozen=True, kw_only=True)
class ForbiddenRange:
    """A range that a network must not touch."""

    network: IPv4Network
    reason: str
    page: str


_SNAT_PAGE = "https://learn.microsoft.com/azure/firewall/snat-private-range"
_NETWORK_FAQ = "https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"

FORBIDDEN_RANGES: tuple[ForbiddenRange, ...] = (
    ForbiddenRange(
        network=IPv4Network("172.17.0.0/16"),
        reason="the container bridge on Azure Machine Learning compute uses it",
        page="https://learn.microsoft.com/azure/machine-learning/"
        "how-to-configure-private-link",
    ),
    ForbiddenRange(
        network=IPv4Network("224.0.0.0/4"), reason="multicast", page=_NETWORK_FAQ
    ),
    ForbiddenRange(
        network=IPv4Network("255.255.255.255/32"), reason="broadcast", page=_NETWORK_FAQ
    ),
    ForbiddenRange(
        network=IPv4Network("127.0.0.0/8"), reason="loopback", page=_NETWORK_FAQ
    ),
    ForbiddenRange(
        network=IPv4Network("169.254.0.0/16"), reason="link-local", page=_NETWORK_FAQ
    ),
    ForbiddenRange(
        network=IPv4Network("168.63.129.16/32"),
        reason="Azure's own DNS and health probes",
        page=_NETWORK_FAQ,
    ),
)


def read_range(text: object, path: str) -> IPv4Network | Finding:
    """Read an address range in CIDR notation, or say what is wrong with it.

    Strict: an address without a prefix length, host bits, a netmask, spaces and IPv6
    are all refused, each with what to write instead.
    """
    if not isinstance(text, str):
        return Finding(path, f"{text!r} is not text; write a range like '10.20.0.0/22'")
    if not text.strip():
        return Finding(path, "is empty; write a range like '10.20.0.0/22'")
    if text != text.strip():
        return Finding(path, f"'{text}' has spaces around it; write '{text.strip()}'")
    fault = _form_fault(text)
    if fault:
        return Finding(path, f"'{text}' {fault}")
    address, _, length = text.partition("/")
    network = IPv4Network((address, int(length)), strict=False)
    if network.network_address != IPv4Address(address):
        return Finding(
            path,
            f"'{text}' has host bits set; a /{length} there begins at '{network}'",
        )
    return network


def read_address(text: object, path: str) -> IPv4Network | Finding:
    """Read a single address, or a range as ``read_range`` does."""
    single = isinstance(text, str) and _is_address(text)
    return read_range(f"{text}/32" if single else text, path)


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _form_fault(text: str) -> str:
    """Return what is wrong with the form of a range, or ''."""
    address, *masks = text.split("/")
    if ":" in text:
        return "is IPv6; these networks are IPv4, write a range like '10.20.0.0/22'"
    if re.fullmatch(r"\d+(\.\d+)*", address) is None:
        return (
            "is not an address range; write four numbers and a length: '10.20.0.0/22'"
        )
    try:
        IPv4Address(address)
    except AddressValueError as error:
        return (
            f"has an address that is not four numbers from 0 to 255 ({error}); "
            "write it like '10.20.0.0/22'"
        )
    if not masks:
        return (
            f"has no prefix length, so it would be one single address; "
            f"write '{address}/24', or the length that is meant"
        )
    if len(masks) > 1:
        return f"has more than one '/'; write it like '{address}/{masks[0] or 24}'"
    return _length_fault(address, masks[0])


def _length_fault(address: str, length: str) -> str:
    if "." in length:
        try:
            meant = IPv4Network(f"{address}/{length}", strict=False).prefixlen
        except ValueError:
            return "has a netmask that is none; write a prefix length from 0 to 32"
        return f"has a netmask; write the prefix length: '{address}/{meant}'"
    if re.fullmatch(r"0|[1-9]\d?", length) is None or int(length) > 32:
        return f"has the prefix length '{length}'; it must be a number from 0 to 32"
    return ""


def read_subnet_address(
    text: object, subnet: IPv4Network | None, path: str, *, whose: str
) -> IPv4Address | Finding:
    """Read an address that something in a subnet is to have, or say what is wrong.

    ``subnet``: its range, where it is known. ``whose``: how messages call the subnet,
    such as ``the endpoints' subnet``.
    """
    kept_first = RESERVED_ADDRESSES - 1
    example = "10.20.0.132" if subnet is None else subnet.network_address + kept_first
    wanted = f"give an address of {whose}, like '{example}'"
    if not isinstance(text, str):
        return Finding(path, f"{text!r} is not text; {wanted}")
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return Finding(path, f"'{text}' is not an IPv4 address; {wanted}")
    if subnet is None:
        return address
    if address not in subnet:
        return Finding(path, f"'{text}' is outside of the subnet '{subnet}'; {wanted}")
    usable_from = subnet.network_address + kept_first
    if address < usable_from or address == subnet.broadcast_address:
        return Finding(
            path,
            f"'{text}' is one of the {RESERVED_ADDRESSES} addresses that Azure keeps "
            f"of each subnet; {wanted}",
        )
    return address


def read_ranges(
    texts: Sequence[object], path: str
) -> tuple[list[tuple[str, IPv4Network]], list[Finding]]:
    """Read a list of ranges; returns those that could be read, each with its path."""
    read: list[tuple[str, IPv4Network]] = []
    findings: list[Finding] = []
    for index, text in enumerate(texts):
        found = read_range(text, f"{path}[{index}]")
        if isinstance(found, Finding):
            findings.append(found)
        else:
            read.append((f"{path}[{index}]", found))
    return read, findings


def forbidden_range_findings(network: IPv4Network, path: str) -> list[Finding]:
    """Check that ``network`` touches nothing that Azure or containers forbid."""
    return [
        Finding(
            path,
            f"'{network}' overlaps {row.network} ({row.reason}); "
            f"use a range outside of it ({row.page})",
        )
        for row in FORBIDDEN_RANGES
        if network.overlaps(row.network)
    ][:1]


def network_findings(
    network: IPv4Network, path: str, *, allow_public: bool = False
) -> list[Finding]:
    """Check that a network may use ``network``: private, not forbidden, right size.

    ``allow_public``: whether ranges outside of RFC 1918 may be used too; what Azure or
    containers forbid stays forbidden.
    """
    forbidden = forbidden_range_findings(network, path)
    if forbidden:
        return forbidden
    if not (allow_public or _is_within(network, PRIVATE_RANGES)):
        allowed = ", ".join(str(private) for private in PRIVATE_RANGES)
        return [
            Finding(
                path,
                f"'{network}' is not private; use a range inside one of {allowed}, or "
                f"set allow_public_address_space to use it all the same: a firewall "
                f"must then have it among its snat private ranges ({_SNAT_PAGE})",
            )
        ]
    if network.prefixlen > SMALLEST_PREFIX_LENGTH:
        return [
            Finding(
                path,
                f"'{network}' is too small; the smallest is /{SMALLEST_PREFIX_LENGTH}",
            )
        ]
    return []


def elsewhere_findings(network: IPv4Network, path: str) -> list[Finding]:
    """Check that somebody's network can have ``network``: no range that means something
    else to Azure. Public ranges are taken, since some have them on-premises."""
    row = next(
        (
            row
            for row in FORBIDDEN_RANGES
            if row.page == _NETWORK_FAQ and network.overlaps(row.network)
        ),
        None,
    )
    if row is None:
        return []
    return [
        Finding(
            path,
            f"'{network}' overlaps {row.network} ({row.reason}), which no network has; "
            f"name the ranges that are in use ({row.page})",
        )
    ]


def snat_private_ranges(address_space: Iterable[IPv4Network]) -> tuple[str, ...]:
    """Return what ``snat.privateRanges`` of a firewall in front of the space must hold.

    Azure Firewall hides the sender of what it passes on to any other range, also within
    the network. () if the ranges that it leaves alone by itself hold the whole space.
    """
    others = [
        network
        for network in sorted(set(address_space))
        if not _is_within(network, NOT_PUBLIC)
    ]
    return (IANA_PRIVATE_RANGES, *map(str, others)) if others else ()


def _is_within(network: IPv4Network, ranges: Iterable[IPv4Network]) -> bool:
    return any(network.subnet_of(each) for each in ranges)


class RangeIndex:
    """Ranges in which those that overlap another one are found without trying all.

    Of two ranges that overlap one holds the other. Those that hold a range are looked
    up, once for each prefix length in use; those within it lie side by side in order.
    """

    def __init__(self, ranges: Iterable[IPv4Network]) -> None:
        self._places: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        """Positions by prefix length and first address."""
        self._sorted: list[tuple[int, int, int]] = []
        """First address, prefix length and position of each range, sorted."""
        for position, network in enumerate(ranges):
            start, length = int(network.network_address), network.prefixlen
            self._places[length, start].append(position)
            self._sorted.append((start, length, position))
        self._sorted.sort()
        self._lengths = sorted({length for length, _ in self._places})

    def holding(self, network: IPv4Network) -> Iterator[int]:
        """Yield the positions of the ranges that ``network`` is a part of."""
        address = int(network.network_address)
        for length in self._lengths:
            if length > network.prefixlen:
                return
            start = address >> (32 - length) << (32 - length)
            yield from self._places.get((length, start), ())

    def overlapping(self, network: IPv4Network) -> list[int]:
        """Return the positions of the ranges that overlap ``network``, sorted."""
        found = list(self.holding(network))
        first = bisect_left(self._sorted, (int(network.network_address),))
        last = bisect_left(self._sorted, (int(network.broadcast_address) + 1,))
        found += [
            position
            for _, length, position in self._sorted[first:last]
            if length > network.prefixlen
        ]
        return sorted(found)


def overlap_findings(
    ranges: Sequence[tuple[str, IPv4Network]],
    others: Iterable[tuple[str, IPv4Network]] | None = None,
) -> list[Finding]:
    """Report each pair of overlapping ranges once, at the first one's path.

    ``others``: ranges of another owner to compare with; left out, the pairs are
    those within ``ranges`` itself.
    """
    index = RangeIndex(network for _, network in ranges)
    if others is None:
        pairs = [
            (ranges[first], ranges[second])
            for first, (_, network) in enumerate(ranges)
            for second in index.overlapping(network)
            if first < second
        ]
    else:
        pairs = [
            (ranges[position], other)
            for other in others
            for position in index.overlapping(other[1])
        ]
    return [
        Finding(
            path,
            f"'{network}' overlaps '{other}' of {other_path}; move one of them",
        )
        for (path, network), (other_path, other) in pairs
    ]


def usable_addresses(network: IPv4Network) -> int:
    """Return how many addresses of a subnet Azure hands out; 0 for a tiny one."""
    return max(0, network.num_addresses - RESERVED_ADDRESSES)


def length_for(addresses: int) -> int:
    """Return the longest prefix length whose subnet hands out ``addresses``."""
    length = SMALLEST_PREFIX_LENGTH
    while (1 << (32 - length)) - RESERVED_ADDRESSES < addresses:
        length -= 1
    return length

"""The address plan: which range each subnet of a network gets.

Pinned ranges stay where they are. The others are packed around them, largest first and
by name, each into the smallest free block that holds it, at its lowest address. Since
subnets are aligned powers of two, this finds a plan whenever there is one; it depends
on nothing but the requests, so the same requests give the same plan in any order.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import (
    FORBIDDEN_RANGES,
    PRIVATE_RANGES,
    SMALLEST_PREFIX_LENGTH,
    RangeIndex,
    overlap_findings,
)
from azureml_rulebook.findings import Finding

_MOST_LISTED = 6


@dataclass(frozen=True, kw_only=True)
class SubnetRequest:
    """One subnet that wants a range, or space to keep free for one."""

    name: str
    """What the caller calls it."""
    prefix_length: int
    """Size as a prefix length; that of ``pinned`` where one is given."""
    pinned: IPv4Network | None = None
    """The range it must have; None: the plan chooses."""
    reserved: bool = False
    """Whether it only keeps the range free, and no subnet is made of it."""
    path: str = ""
    """Where it was asked for, used in findings."""


@dataclass(frozen=True, kw_only=True)
class AddressPlan:
    """The chosen ranges, or why there are none."""

    prefixes: dict[str, IPv4Network]
    """Range by subnet name, in order of address; empty if there are findings."""
    reserved: dict[str, IPv4Network] = field(default_factory=dict[str, IPv4Network])
    """Range by reservation name, in order of address; empty if there are findings."""
    findings: tuple[Finding, ...] = ()
    """What stands in the way; empty for a plan."""


def plan_addresses(
    address_space: Sequence[IPv4Network],
    requests: Iterable[SubnetRequest],
    *,
    space_path: str = "address_space",
    avoid: Sequence[IPv4Network] = (),
) -> AddressPlan:
    """Give every request a range inside ``address_space``.

    Args:
        address_space: the network's ranges, which do not overlap each other.
        requests: subnets and reservations, each kind with unique names.
        space_path: where the space was given, used in findings.
        avoid: ranges in use elsewhere (peers, on-premises, VPN clients), which a
            suggested extension of the space must not touch.

    Returns:
        A plan with a range for every request, or with findings: pinned ranges that
        lie outside or overlap, or how many addresses are missing and a range that,
        added to the space, makes room.
    """
    ordered = sorted(
        requests, key=lambda item: (item.prefix_length, item.reserved, item.name)
    )
    findings = _pinned_findings(address_space, ordered)
    if findings:
        return AddressPlan(prefixes={}, findings=tuple(findings))
    free = _FreeSpace(address_space)
    for request in ordered:
        if request.pinned is not None:
            free.remove(request.pinned)
    placed: list[tuple[IPv4Network, SubnetRequest]] = []
    unplaced: list[SubnetRequest] = []
    for request in ordered:
        prefix = request.pinned or free.take(request.prefix_length)
        if prefix is None:
            unplaced.append(request)
        else:
            placed.append((prefix, request))
    if unplaced:
        finding = _no_room(address_space, unplaced, free, space_path, avoid)
        return AddressPlan(prefixes={}, findings=(finding,))
    placed.sort(key=lambda item: item[0])
    return AddressPlan(
        prefixes={item.name: prefix for prefix, item in placed if not item.reserved},
        reserved={item.name: prefix for prefix, item in placed if item.reserved},
    )


class _FreeSpace:
    """What is free of an address space, as the largest aligned blocks."""

    def __init__(self, ranges: Iterable[IPv4Network]) -> None:
        self._starts: defaultdict[int, list[int]] = defaultdict(list)
        """First addresses of the free blocks by prefix length, sorted."""
        for network in ranges:
            insort(self._starts[network.prefixlen], int(network.network_address))

    def remove(self, network: IPv4Network) -> None:
        """Take a range out that is free."""
        address = int(network.network_address)
        for length in range(network.prefixlen, -1, -1):
            start = address >> (32 - length) << (32 - length)
            starts = self._starts[length]
            index = bisect_left(starts, start)
            if index < len(starts) and starts[index] == start:
                del starts[index]
                self._give_back_rest(length, network)
                return

    def take(self, prefix_length: int) -> IPv4Network | None:
        """Take the best block of that length out; None if there is none."""
        for length in range(prefix_length, -1, -1):
            if starts := self._starts[length]:
                taken = IPv4Network((starts.pop(0), prefix_length))
                self._give_back_rest(length, taken)
                return taken
        return None

    def addresses(self) -> int:
        """Return how many addresses are free."""
        return sum(
            len(starts) << (32 - length) for length, starts in self._starts.items()
        )

    def largest(self) -> int:
        """Return the prefix length of the largest free block; 32 if nothing is free."""
        return min(
            (length for length in self._starts if self._starts[length]), default=32
        )

    def _give_back_rest(self, length: int, taken: IPv4Network) -> None:
        """Put back what is left of a block of that length when ``taken`` is cut out."""
        address = int(taken.network_address)
        for shorter in range(length + 1, taken.prefixlen + 1):
            other_half = (address >> (32 - shorter) ^ 1) << (32 - shorter)
            insort(self._starts[shorter], other_half)


def _pinned_findings(
    address_space: Sequence[IPv4Network], requests: Sequence[SubnetRequest]
) -> list[Finding]:
    ranges = [
        (request.path, request.pinned)
        for request in requests
        if request.pinned is not None
    ]
    index = RangeIndex(address_space)
    space = _listed(map(str, address_space))
    outside = [
        Finding(path, f"'{prefix}' is outside the address space ({space}); move it")
        for path, prefix in ranges
        if next(index.holding(prefix), None) is None
    ]
    return outside + overlap_findings(ranges)


def _no_room(
    address_space: Sequence[IPv4Network],
    unplaced: Sequence[SubnetRequest],
    free: _FreeSpace,
    space_path: str,
    avoid: Sequence[IPv4Network],
) -> Finding:
    """Say what did not fit, how much is missing, and a range that makes room.

    Because subnets are aligned powers of two and the larger ones went first, the free
    blocks that are left cannot hold any of ``unplaced``: what is missing is their sum,
    and one block of the next power of two holds them all.
    """
    missing = sum(1 << (32 - request.prefix_length) for request in unplaced)
    length = min(32 - (missing - 1).bit_length(), SMALLEST_PREFIX_LENGTH)
    names = _listed(
        f"{item.name} (/{item.prefix_length}{', reserved' if item.reserved else ''})"
        for item in unplaced
    )
    scattered = (
        f" ({free.addresses()} are free, but in pieces of /{free.largest()} or smaller)"
        if free.addresses() >= missing
        else ""
    )
    extension = _extension(address_space, length, avoid)
    advice = (
        f"add a range of /{length} or larger, such as {extension}"
        if extension is not None
        else "no private range of that size is free beside it; use smaller subnets"
    )
    return Finding(
        space_path,
        f"{_listed(map(str, address_space))} has no room for {names}: "
        f"{missing} addresses are missing{scattered}; {advice}",
    )


def _extension(
    address_space: Sequence[IPv4Network], length: int, avoid: Sequence[IPv4Network]
) -> IPv4Network | None:
    """Return a free private range of that length, close after the space if it can be.

    None if every private range is taken.
    """
    taken = sorted([*address_space, *avoid, *(row.network for row in FORBIDDEN_RANGES)])
    last = max(address_space)
    # The space's own private range first: beyond the space, then from its beginning.
    areas = sorted(PRIVATE_RANGES, key=lambda area: not last.subnet_of(area))
    after_space = int(last.broadcast_address) + 1
    starts = [(areas[0], after_space), *((area, 0) for area in areas)]
    candidates = (_first_free(area, start, length, taken) for area, start in starts)
    return next((found for found in candidates if found is not None), None)


def _first_free(
    area: IPv4Network, start: int, length: int, taken: Sequence[IPv4Network]
) -> IPv4Network | None:
    """Return the first aligned range in ``area`` from address ``start`` on.

    ``taken``: sorted by address.
    """
    size = 1 << (32 - length)
    address = _round_up(max(start, int(area.network_address)), size)
    for other in taken:
        if int(other.network_address) >= address + size:
            break
        if int(other.broadcast_address) >= address:
            address = _round_up(int(other.broadcast_address) + 1, size)
    if address + size - 1 > int(area.broadcast_address):
        return None
    return IPv4Network((IPv4Address(address), length))


def _round_up(address: int, size: int) -> int:
    return -(-address // size) * size


def _listed(items: Iterable[str]) -> str:
    """Join ``items``; of very many the first ones and the number of the others."""
    listed = list(items)
    if len(listed) <= _MOST_LISTED:
        return ", ".join(listed)
    shown = ", ".join(listed[: _MOST_LISTED - 1])
    return f"{shown} and {len(listed) - _MOST_LISTED + 1} more"

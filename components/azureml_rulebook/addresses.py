"""The address plan: which range each subnet of a network gets.

Pinned ranges stay where they are. The others are packed around them, largest first and
by name, each into the smallest free block that holds it, at its lowest address. Since
subnets are aligned powers of two, this finds a plan whenever there is one; it depends
on nothing but the requests, so the same requests give the same plan in any order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import (
    FORBIDDEN_RANGES,
    PRIVATE_RANGES,
    overlap_findings,
)
from azureml_rulebook.findings import Finding


@dataclass(frozen=True, kw_only=True)
class SubnetRequest:
    """One subnet that wants a range."""

    name: str
    """What the caller calls it."""
    prefix_length: int
    """Size as a prefix length; that of ``pinned`` where one is given."""
    pinned: IPv4Network | None = None
    """The range it must have; None: the plan chooses."""
    path: str = ""
    """Where it was asked for, used in findings."""


@dataclass(frozen=True, kw_only=True)
class AddressPlan:
    """The chosen ranges, or why there are none."""

    prefixes: dict[str, IPv4Network]
    """Range by subnet name, in order of address; empty if there are findings."""
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
        requests: the subnets, with unique names.
        space_path: where the space was given, used in findings.
        avoid: ranges that a suggested extension of the space must not touch.

    Returns:
        A plan with a prefix for every request, or with findings: pinned ranges that
        lie outside or overlap, or how many addresses are missing and a range that,
        added to the space, makes room.
    """
    ordered = sorted(requests, key=lambda item: (item.prefix_length, item.name))
    pinned = {item.name: item.pinned for item in ordered if item.pinned is not None}
    findings = _pinned_findings(address_space, ordered)
    if findings:
        return AddressPlan(prefixes={}, findings=tuple(findings))
    free = _free_blocks(address_space, pinned.values())
    placed: dict[str, IPv4Network] = dict(pinned)
    unplaced: list[SubnetRequest] = []
    for request in ordered:
        if request.pinned is None:
            block = _take(free, request.prefix_length)
            if block is None:
                unplaced.append(request)
            else:
                placed[request.name] = block
    if unplaced:
        finding = _no_room(address_space, unplaced, space_path, avoid)
        return AddressPlan(prefixes={}, findings=(finding,))
    return AddressPlan(prefixes=dict(sorted(placed.items(), key=lambda item: item[1])))


def _pinned_findings(
    address_space: Sequence[IPv4Network], requests: Sequence[SubnetRequest]
) -> list[Finding]:
    ranges = [
        (request.path, request.pinned)
        for request in requests
        if request.pinned is not None
    ]
    inside = ", ".join(str(network) for network in address_space)
    outside = [
        Finding(path, f"'{prefix}' is outside the address space ({inside}); move it")
        for path, prefix in ranges
        if not any(prefix.subnet_of(network) for network in address_space)
    ]
    return outside + overlap_findings(ranges)


def _free_blocks(
    address_space: Iterable[IPv4Network], taken: Iterable[IPv4Network]
) -> list[IPv4Network]:
    """Cut ``taken`` out of the space; the rest as the largest aligned blocks."""
    free = list(address_space)
    for hole in taken:
        holder = next(block for block in free if hole.subnet_of(block))
        free.remove(holder)
        free.extend(holder.address_exclude(hole))
    return free


def _take(free: list[IPv4Network], prefix_length: int) -> IPv4Network | None:
    """Take the best block of that length out of ``free``; None if none is left."""
    candidates = [block for block in free if block.prefixlen <= prefix_length]
    if not candidates:
        return None
    holder = max(
        candidates, key=lambda block: (block.prefixlen, -int(block.network_address))
    )
    taken = IPv4Network((holder.network_address, prefix_length))
    free.remove(holder)
    free.extend(holder.address_exclude(taken))
    return taken


def _no_room(
    address_space: Sequence[IPv4Network],
    unplaced: Sequence[SubnetRequest],
    space_path: str,
    avoid: Sequence[IPv4Network],
) -> Finding:
    """Say what did not fit, how much is missing, and a range that makes room.

    Because subnets are aligned powers of two and the larger ones went first, the free
    blocks that are left cannot hold any of ``unplaced``: what is missing is their sum,
    and one block of the next power of two holds them all.
    """
    missing = sum(1 << (32 - request.prefix_length) for request in unplaced)
    length = 32 - (missing - 1).bit_length()
    names = ", ".join(f"{item.name} (/{item.prefix_length})" for item in unplaced)
    space = ", ".join(str(network) for network in address_space)
    extension = _extension(address_space, length, avoid)
    advice = (
        f"add a range of /{length} or larger, such as {extension}"
        if extension is not None
        else "no private range of that size is free beside it; use smaller subnets"
    )
    return Finding(
        space_path,
        f"{space} has no room for {names}: {missing} addresses are missing; {advice}",
    )


def _extension(
    address_space: Sequence[IPv4Network], length: int, avoid: Sequence[IPv4Network]
) -> IPv4Network | None:
    """Return a free private range of that length, close after the space if it can be.

    None if every private range is taken.
    """
    taken = [*address_space, *avoid, *(row.network for row in FORBIDDEN_RANGES)]
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
    """Return the first aligned range in ``area`` from address ``start`` on."""
    size = 1 << (32 - length)
    address = _round_up(max(start, int(area.network_address)), size)
    while address + size - 1 <= int(area.broadcast_address):
        candidate = IPv4Network((IPv4Address(address), length))
        hit = next((other for other in taken if candidate.overlaps(other)), None)
        if hit is None:
            return candidate
        address = _round_up(int(hit.broadcast_address) + 1, size)
    return None


def _round_up(address: int, size: int) -> int:
    return -(-address // size) * size

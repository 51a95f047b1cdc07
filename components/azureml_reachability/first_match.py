"""Which packets a list of rules lets through, where the first match decides.

Each rule is a box: ranges of services, source ports, sources and destinations. Line by
line, the rules that hold between two starts of ranges are carried on to the next line,
in their order and no further than to one that holds for all that follows; where the
lines end, the first of them decides. Equal lists of rules are looked at once, so a
thousand rules cost about as much as they have starts.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

from azureml_reachability._steps import Below, from_ranges, piecewise
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import SERVICES, PacketSet
from azureml_reachability.ports import PORTS, PortSet
from azureml_rulebook.security_rules import Access

Ranges = tuple[tuple[int, int], ...]
"""Ascending ranges that do not touch: first value and end, which is not in it."""

LINE_ENDS = (SERVICES, PORTS, AddressSet.line_end, AddressSet.line_end)
"""Where the lines of services, source ports, sources and destinations end."""


class Line(NamedTuple):
    """What a rule says of one line."""

    possible: Ranges
    """Where it may hold."""
    certain: Ranges | None = None
    """Where it surely does; None: the same."""


WHOLE_LINES = tuple(Line(((0, end),)) for end in LINE_ENDS)


class Entry(NamedTuple):
    """A rule as a box."""

    access: Access | None
    """None: not known."""
    lines: tuple[Line, ...]
    """Of services, source ports, sources and destinations."""
    perhaps: bool = False
    """Whether it may not be read at all."""

    @property
    def whole_from(self) -> int:
        """The first line from which on it holds for everything."""
        level = len(self.lines)
        while level and self.lines[level - 1] == WHOLE_LINES[level - 1]:
            level -= 1
        return level

    def possible(self) -> PacketSet:
        """Return all packets that it may match."""
        return _box([line.possible for line in self.lines])

    def certain(self) -> PacketSet:
        """Return all packets that it surely matches."""
        if self.perhaps:
            return PacketSet()
        return _box(
            [
                line.possible if line.certain is None else line.certain
                for line in self.lines
            ]
        )

    @property
    def is_undecided(self) -> bool:
        """Whether anything about it is not certain."""
        return (
            self.perhaps
            or self.access is None
            or any(line.certain is not None for line in self.lines)
        )


def _box(lines: Sequence[Ranges]) -> PacketSet:
    services, source_ports, sources, destinations = lines
    return PacketSet.of_services(
        from_ranges(services, SERVICES),
        PortSet.of_ranges(source_ports),
        AddressSet.of_ranges(sources),
        AddressSet.of_ranges(destinations),
    )


def first_match(entries: Sequence[Entry]) -> tuple[PacketSet, PacketSet]:
    """Return what surely passes, and what may; what no rule matches does not pass.

    Packets between two address families are no packets, and may be in it.
    """
    certain, possible = _Sweep(entries).below(
        0, tuple((index, not entry.perhaps) for index, entry in enumerate(entries))
    )
    return PacketSet(certain), PacketSet(possible)


Active = tuple[tuple[int, bool], ...]
"""Rules that hold so far, in order: number, and whether they surely do."""
Result = tuple[Below, Below]
"""What surely passes, and what may."""

_NOTHING: Result = (False, False)


class _Sweep:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._whole_from = [entry.whole_from for entry in entries]
        self._known: dict[tuple[int, Active], Result] = {}
        self._unique: dict[Below, Below] = {}

    def below(self, level: int, active: Active) -> Result:
        """Return what the active rules let through, from a line on."""
        active = self._deciding(level, active)
        if not active:
            return _NOTHING
        if level == len(LINE_ENDS) or self._whole_from[active[0][0]] <= level:
            only_first = active[0][1] or level == len(LINE_ENDS)
            if only_first:
                return self._decided(active)
        key = (level, active)
        if key not in self._known:
            self._known[key] = self._line(level, active)
        return self._known[key]

    def _deciding(self, level: int, active: Sequence[tuple[int, bool]]) -> Active:
        """Return the rules up to one that surely holds for all that follows."""
        for place, (index, surely) in enumerate(active):
            if surely and self._whole_from[index] <= level:
                return tuple(active[: place + 1])
        return tuple(active)

    def _decided(self, active: Active) -> Result:
        """Return what the first rule that surely holds decides, if none may before."""
        may_pass, may_be_stopped = False, False
        for index, surely in active:
            access = self._entries[index].access
            may_pass = may_pass or access is not Access.DENY
            if surely:
                passes = access is Access.ALLOW and not may_be_stopped
                return passes, may_pass
            may_be_stopped = may_be_stopped or access is not Access.ALLOW
        return False, may_pass

    def _line(self, level: int, active: Active) -> Result:
        """Walk one line from start to start, with the rules that hold in between."""
        changes: dict[int, tuple[list[tuple[int, bool]], list[tuple[int, bool]]]] = {}
        for index, surely in active:
            for first, end, holds in _pieces(self._entries[index].lines[level], surely):
                item = (index, holds)
                changes.setdefault(first, ([], []))[0].append(item)
                changes.setdefault(end, ([], []))[1].append(item)
        holding: list[tuple[int, bool]] = []
        starts: list[int] = []
        certain: list[Below] = []
        possible: list[Below] = []
        if 0 not in changes:
            starts, certain, possible = [0], [False], [False]
        for start in sorted(changes):
            begun, ended = changes[start]
            for item in ended:
                holding.remove(item)
            for item in begun:
                insort(holding, item)
            if start < LINE_ENDS[level]:
                found = self.below(level + 1, self._deciding(level + 1, holding))
                starts.append(start)
                certain.append(found[0])
                possible.append(found[1])
        return self._joined(starts, certain), self._joined(starts, possible)

    def _joined(self, starts: list[int], children: list[Below]) -> Below:
        kept_starts: list[int] = []
        kept: list[Below] = []
        for start, child in zip(starts, children, strict=True):
            if not kept or kept[-1] != child:
                kept_starts.append(start)
                kept.append(child)
        result = piecewise(kept_starts, kept)
        return self._unique.setdefault(result, result)


def _pieces(line: Line, surely: bool) -> Sequence[tuple[int, int, bool]]:
    """Return the ranges of a rule on a line, and where it surely holds."""
    if line.certain is None:
        return [(first, end, surely) for first, end in line.possible]
    pieces = [(first, end, surely) for first, end in line.certain]
    pieces += [(first, end, False) for first, end in _without(line)]
    return pieces


def _without(line: Line) -> list[tuple[int, int]]:
    """Return where a rule may hold, and not surely does."""
    found: list[tuple[int, int]] = []
    for first, end in line.possible:
        for start, stop in line.certain or ():
            if start >= end or stop <= first:
                continue
            if start > first:
                found.append((first, start))
            first = max(first, stop)
        if first < end:
            found.append((first, end))
    return found


class Clip:
    """The ranges of a question on a line, to pass by rules that are about others."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._starts = [first for first, _ in ranges]
        self._ends = [end for _, end in ranges]

    def meets(self, ranges: Ranges) -> bool:
        """Return whether any of the ranges has anything in common with it."""
        for first, end in ranges:
            place = bisect_right(self._starts, first) - 1
            if place >= 0 and self._ends[place] > first:
                return True
            if place + 1 < len(self._starts) and self._starts[place + 1] < end:
                return True
        return False

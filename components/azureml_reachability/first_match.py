"""Which packets a list of rules lets through, where the first match decides.

Each rule is a box: sets of services, source ports, sources and destinations. Line by
line, the rules that hold between two starts of ranges are carried on to the next line,
in their order and no further than to one that holds for all that follows; where the
lines end, the first of them decides. Equal lists of rules are looked at once, so a
thousand rules cost about as much as they have starts. Of addresses, where a service tag
alone has thousands of starts, a few rules are laid over each other instead, from the
last to the first.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from azureml_reachability._steps import (
    Below,
    Operation,
    above,
    as_steps,
    combine,
    piecewise,
)
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import PacketSet
from azureml_reachability.ports import PORTS, PortSet
from azureml_reachability.services import SERVICES
from azureml_rulebook.security_rules import Access

LINE_ENDS = (SERVICES, PORTS, AddressSet.line_end, AddressSet.line_end)
"""Where the lines of services, source ports, sources and destinations end."""
_SOURCES = 2
"""The first line of addresses."""
_FEW = 32
"""So many rules are laid over each other: more of them are faster walked by starts."""


class Line(NamedTuple):
    """What a rule says of one line."""

    possible: Below
    """Where it may hold."""
    certain: Below | None = None
    """Where it surely does; None: the same."""

    @property
    def sure(self) -> Below:
        """Where it surely holds."""
        return self.possible if self.certain is None else self.certain


WHOLE_LINE = Line(True)


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
        while level and self.lines[level - 1] == WHOLE_LINE:
            level -= 1
        return level

    def possible(self) -> PacketSet:
        """Return all packets that it may match."""
        return _box([line.possible for line in self.lines])

    def certain(self) -> PacketSet:
        """Return all packets that it surely matches."""
        if self.perhaps:
            return PacketSet()
        return _box([line.sure for line in self.lines])

    @property
    def is_undecided(self) -> bool:
        """Whether anything about it is not certain."""
        return (
            self.perhaps
            or self.access is None
            or any(line.certain is not None for line in self.lines)
        )


def _box(lines: Sequence[Below]) -> PacketSet:
    services, source_ports, sources, destinations = lines
    return PacketSet.of_services(
        services, PortSet(source_ports), AddressSet(sources), AddressSet(destinations)
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
            few = level >= _SOURCES and len(active) <= _FEW
            self._known[key] = (
                self._overlaid(level, active) if few else self._line(level, active)
            )
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

    def _overlaid(self, level: int, active: Active) -> Result:
        """Lay rules over each other, from the last to the first."""
        certain: Below = False
        possible: Below = False
        for index, surely in reversed(active):
            entry = self._entries[index]
            lines = entry.lines[level:]
            may = _product(line.possible for line in lines)
            must = _product(line.sure for line in lines) if surely else False
            if entry.access is Access.ALLOW:
                certain = combine(Operation.UNION, certain, must)
            else:
                certain = combine(Operation.DIFFERENCE, certain, may)
            if entry.access is Access.DENY:
                possible = combine(Operation.DIFFERENCE, possible, must)
            else:
                possible = combine(Operation.UNION, possible, may)
        return certain, possible

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


def _product(lines: Iterable[Below]) -> Below:
    """Return the set of several lines: each value of one with each of the others."""
    product: Below = True
    for line in reversed(tuple(lines)):
        product = above(line, product)
    return product


def _pieces(line: Line, surely: bool) -> Iterable[tuple[int, int, bool]]:
    """Return the ranges of a rule on a line, and where it surely holds."""
    sure = line.sure if surely else False
    unsure = combine(Operation.DIFFERENCE, line.possible, sure)
    for part, holds in ((sure, True), (unsure, False)):
        if part is not False:
            for first, end, _ in as_steps(part).pieces():
                yield first, end, holds

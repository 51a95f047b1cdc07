"""Which packets a list of rules lets through, where the first match decides.

Each rule is a box: sets of services, source ports, sources and destinations. The lines
of services and of source ports are walked from start to start, with the rules that hold
in between, in their order and no further than to one that holds for all that follows.
Of addresses, where a service tag alone has thousands of starts, the rules that are left
are laid over each other, from the last to the first. Equal lists of rules are looked at
once, so a thousand rules cost about as much as they have starts.
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

LINE_ENDS = (SERVICES, PORTS)
"""Where the lines end that are walked."""


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
        0, [(index, not entry.perhaps) for index, entry in enumerate(entries)]
    )
    return PacketSet(certain), PacketSet(possible)


Active = tuple[tuple[int, bool], ...]
"""Rules that hold so far, in order: number, and whether they surely do."""
Result = tuple[Below, Below]
"""What surely passes, and what may."""


class _Sweep:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._whole_from = [entry.whole_from for entry in entries]
        self._known: dict[tuple[int, Active], Result] = {}
        self._unique: dict[Below, Below] = {}

    def below(self, level: int, active: Sequence[tuple[int, bool]]) -> Result:
        """Return what the active rules let through, from a line on."""
        key = (level, self._deciding(level, active))
        if key not in self._known:
            walked = level < len(LINE_ENDS)
            self._known[key] = self._line(*key) if walked else self._overlaid(key[1])
        return self._known[key]

    def _deciding(self, level: int, active: Sequence[tuple[int, bool]]) -> Active:
        """Return the rules up to one that surely holds for all that follows."""
        for place, (index, surely) in enumerate(active):
            if surely and self._whole_from[index] <= level:
                return tuple(active[: place + 1])
        return tuple(active)

    def _overlaid(self, active: Active) -> Result:
        """Lay rules over each other, from the last to the first."""
        certain: Below = False
        possible: Below = False
        for index, surely in reversed(active):
            access = self._entries[index].access
            sources, destinations = self._entries[index].lines[len(LINE_ENDS) :]
            may = above(sources.possible, destinations.possible)
            must = above(sources.sure, destinations.sure) if surely else False
            if access is Access.ALLOW:
                certain = combine(Operation.UNION, certain, must)
            else:
                certain = combine(Operation.DIFFERENCE, certain, may)
            if access is Access.DENY:
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
                found = self.below(level + 1, holding)
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


def _pieces(line: Line, surely: bool) -> Iterable[tuple[int, int, bool]]:
    """Return the ranges of a rule on a line, and where it surely holds."""
    sure = line.sure if surely else False
    unsure = combine(Operation.DIFFERENCE, line.possible, sure)
    for part, holds in ((sure, True), (unsure, False)):
        if part is not False:
            for first, end, _ in as_steps(part).pieces():
                yield first, end, holds

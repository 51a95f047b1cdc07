"""Nested step functions: the one representation behind every set of this package.

A set on a line of whole numbers is a function that is constant between a few starts.
On each piece stands True (everything), False (nothing), or the same kind of function of
the next line, so that a set of packets is a small diagram with a level for each field.
Neighbouring pieces always differ: two sets are equal exactly if their diagrams are, and
a set is empty exactly if it is False.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

ENDLESS = 1 << 160
"""Beyond every line: where the last piece ends."""
_REMEMBERED = 1024
"""How many results are kept: the groups of a network are asked about the same tags."""


class Steps:
    """A step function that is not constantly True or constantly False."""

    __slots__ = ("_hash", "children", "starts")

    starts: tuple[int, ...]
    """Where the pieces start, ascending, from 0; the last one never ends."""
    children: tuple["Below", ...]
    """What stands on each piece."""

    def __init__(self, starts: tuple[int, ...], children: tuple["Below", ...]) -> None:
        self.starts = starts
        self.children = children
        self._hash = hash((starts, children))

    def __hash__(self) -> int:
        """Return the hash of all levels, computed once."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Compare the sets: by their diagrams, which are unique."""
        if self is other:
            return True
        if not isinstance(other, Steps) or self._hash != other._hash:
            return False
        return self.starts == other.starts and self.children == other.children

    def __repr__(self) -> str:
        """Show each piece by its start: ``Steps(0: False, 22: True, 23: False)``."""
        pieces = zip(self.starts, self.children, strict=True)
        return f"Steps({', '.join(f'{start}: {child!r}' for start, child in pieces)})"

    def at(self, value: int) -> "Below":
        """Return what stands at ``value``."""
        return self.children[bisect_right(self.starts, value) - 1]

    def pieces(self) -> Iterator[tuple[int, int, "Below"]]:
        """Yield the pieces that are not empty: first value, end (exclusive), child."""
        ends = (*self.starts[1:], ENDLESS)
        for start, end, child in zip(self.starts, ends, self.children, strict=True):
            if child is not False:
                yield start, end, child


Below: TypeAlias = Steps | bool


class Operation(Enum):
    """How two sets become one, and what that means beside a constant piece."""

    UNION = (False, False, True)
    INTERSECTION = (True, True, False)
    DIFFERENCE = (False, None, False)

    def __init__(
        self, keeps_left: bool, keeps_right: bool | None, overruled: bool
    ) -> None:
        self.keeps_left = keeps_left
        """The constant on the right beside which the left side stays as it is."""
        self.keeps_right = keeps_right
        """The constant on the left beside which the right side stays as it is."""
        self.overruled = overruled
        """The result beside the other constant on the right, and beside the same
        constant on the left."""

    def settled(self, left: Below, right: Below) -> Below | None:
        """Return the result where it needs no look at the pieces, else None."""
        if right is self.keeps_left:
            return left
        if left is self.keeps_right:
            return right
        if self is Operation.UNION:
            if left is True or right is True:
                return True
            return left if left is right else None
        if self is Operation.INTERSECTION:
            if left is False or right is False:
                return False
            return left if left is right else None
        return False if left is False or right is True or left is right else None


def from_ranges(ranges: Iterable[tuple[int, int]], line_end: int) -> Below:
    """Return the set of some ranges ``(first, end)``, ``end`` not included.

    They may come in any order and overlap. ``line_end`` is where their line ends; what
    reaches it never ends, so that the whole line is True.
    """
    starts: list[int] = []
    children: list[Below] = []
    for first, end in _merged(ranges):
        if not starts and first > 0:
            starts.append(0)
            children.append(False)
        starts.append(first)
        children.append(True)
        if end < line_end:
            starts.append(end)
            children.append(False)
    return piecewise(starts, children) if starts else False


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same set as ascending ranges that do not touch."""
    merged: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if merged and first <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((first, end))
    return merged


def piecewise(starts: Sequence[int], children: Sequence[Below]) -> Below:
    """Return the function with these pieces, of which neighbours differ."""
    if len(children) == 1 and isinstance(children[0], bool):
        return children[0]
    return Steps(tuple(starts), tuple(children))


def above(line: Below, below: Below) -> Below:
    """Return the set one level up: values of ``line``, each with ``below``."""
    if line is False or below is False or below is True:
        return line if below is not False else False
    if line is True:
        return Steps((0,), (below,))
    children = [below if child is True else False for child in line.children]
    return Steps(line.starts, tuple(children))


def combine(operation: Operation, left: Below, right: Below) -> Below:
    """Return the union, intersection or difference of two sets of the same lines."""
    settled = operation.settled(left, right)
    return _combined(operation, left, right) if settled is None else settled


@lru_cache(maxsize=_REMEMBERED)
def _combined(operation: Operation, left: Below, right: Below) -> Below:
    return _Combination(operation).of(left, right)


class _Combination:
    """One run of an operation: each pair of diagrams is combined once, and equal
    results are one object, so that they are recognised at once."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.known: dict[tuple[int, int], Below] = {}
        self.unique: dict[Below, Below] = {}

    def of(self, left: Below, right: Below) -> Below:
        settled = self.operation.settled(left, right)
        if settled is not None:
            return settled
        key = (id(left), id(right))
        result = self.known.get(key)
        if result is None:
            result = self._merged(as_steps(left), as_steps(right))
            result = self.unique.setdefault(result, result)
            self.known[key] = result
        return result

    def _merged(self, left: Steps, right: Steps) -> Below:
        """Walk both step functions along their line; beside a constant, runs of the
        other side are copied or passed by as a whole."""
        keeps_left = self.operation.keeps_left
        keeps_right = self.operation.keeps_right
        overruled = self.operation.overruled
        left_ends = (*left.starts[1:], ENDLESS)
        right_ends = (*right.starts[1:], ENDLESS)
        left_at = right_at = position = 0
        starts: list[int] = []
        children: list[Below] = []
        while position < ENDLESS:
            left_child = left.children[left_at]
            right_child = right.children[right_at]
            left_end = left_ends[left_at]
            right_end = right_ends[right_at]
            if right_end > left_end and isinstance(right_child, bool):
                end = right_end
                stop = bisect_left(left_ends, end, left_at)
                if right_child is keeps_left:
                    _append(starts, children, position, left_child)
                    starts.extend(left.starts[left_at + 1 : stop + 1])
                    children.extend(left.children[left_at + 1 : stop + 1])
                else:
                    _append(starts, children, position, overruled)
                left_at = stop + (left_ends[stop] == end)
                right_at += 1
            elif left_end > right_end and (
                left_child is keeps_right or left_child is overruled
            ):
                end = left_end
                stop = bisect_left(right_ends, end, right_at)
                if left_child is keeps_right:
                    _append(starts, children, position, right_child)
                    starts.extend(right.starts[right_at + 1 : stop + 1])
                    children.extend(right.children[right_at + 1 : stop + 1])
                else:
                    _append(starts, children, position, overruled)
                right_at = stop + (right_ends[stop] == end)
                left_at += 1
            else:
                end = left_end if left_end < right_end else right_end
                _append(starts, children, position, self.of(left_child, right_child))
                left_at += left_end == end
                right_at += right_end == end
            position = end
        return piecewise(starts, children)


def meet(left: Below, right: Below) -> bool:
    """Return whether two sets of one line have anything in common."""
    if isinstance(left, bool):
        return left and right is not False
    if isinstance(right, bool):
        return right
    if left.children == right.children == _ONE_RANGE:
        return left.starts[1] < right.starts[2] and right.starts[1] < left.starts[2]
    if len(left.starts) > len(right.starts):
        left, right = right, left
    starts, children = right.starts, right.children
    ends = (*left.starts[1:], ENDLESS)
    for first, end, child in zip(left.starts, ends, left.children, strict=True):
        if child is not False:
            place = bisect_right(starts, first)
            if children[place - 1] is not False:
                return True
            if place < len(starts) and starts[place] < end:
                return True
    return False


_ONE_RANGE = (False, True, False)
"""What stands on the pieces of nearly all lines of rules: they are compared at once."""


def as_steps(side: Below) -> Steps:
    """Return a set with its pieces, also where it has only one."""
    return Steps((0,), (side,)) if isinstance(side, bool) else side


def _append(
    starts: list[int], children: list[Below], position: int, child: Below
) -> None:
    """Append a piece, or let the last one go on where it is the same."""
    if not children or children[-1] != child:
        starts.append(position)
        children.append(child)

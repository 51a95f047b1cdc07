"""Sets of values of one line: what sets of addresses and of ports have in common."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from azureml_reachability._steps import (
    Below,
    Operation,
    Steps,
    combine,
    from_ranges,
    meet,
)


@dataclass(frozen=True, slots=True, repr=False)
class LineSet:
    """An immutable set of whole numbers below ``line_end``, compared by what it holds.

    ``|``, ``&`` and ``-`` are union, intersection and difference, ``~`` all other
    values of the line, ``<=`` asks for a subset, ``bool`` whether it holds any value.
    """

    steps: Below = False
    """The set as a step function."""

    line_end: ClassVar[int]
    """How many values the line has."""

    @classmethod
    def everything(cls) -> Self:
        """Return the set of all values."""
        return cls(True)

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """Return the union of ranges: first value and end, which is not in it."""
        return cls(from_ranges(ranges, cls.line_end))

    @classmethod
    def union(cls, sets: Iterable[Self]) -> Self:
        """Return the union of many sets, in one go."""
        given = [each for each in sets if not each.is_empty]
        if len(given) == 1:
            return given[0]
        return cls.of_ranges(piece for each in given for piece in each.line_ranges())

    def __or__(self, other: Self) -> Self:
        """Return the values that are in one of both."""
        return type(self)(combine(Operation.UNION, self.steps, other.steps))

    def __and__(self, other: Self) -> Self:
        """Return the values that are in both."""
        return type(self)(combine(Operation.INTERSECTION, self.steps, other.steps))

    def __sub__(self, other: Self) -> Self:
        """Return the values that are not in ``other``."""
        return type(self)(combine(Operation.DIFFERENCE, self.steps, other.steps))

    def __invert__(self) -> Self:
        """Return all other values of the line."""
        return self.everything() - self

    def __le__(self, other: Self) -> bool:
        """Return whether every value is in ``other``."""
        return (self - other).is_empty

    def __bool__(self) -> bool:
        """Return whether it holds any value."""
        return not self.is_empty

    def meets(self, other: Self) -> bool:
        """Return whether both have any value: ``&`` as a question, at once."""
        return meet(self.steps, other.steps)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no value."""
        return self.steps is False

    def holds(self, value: int) -> bool:
        """Return whether one value of the line is in it."""
        if isinstance(self.steps, Steps):
            return self.steps.at(value) is True
        return self.steps

    def line_ranges(self) -> Iterator[tuple[int, int]]:
        """Yield its ranges in order: first value and end, which is not in it."""
        if isinstance(self.steps, Steps):
            for first, end, _ in self.steps.pieces():
                yield first, min(end, self.line_end)
        elif self.steps:
            yield 0, self.line_end

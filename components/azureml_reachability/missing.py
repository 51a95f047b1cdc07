"""Values that decide, and are not known: an answer that needs one is undecided."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that is not known, by where it would stand."""

    path: str
    """Pulumi name of the resource and the value's path in it:
    ``net-training.routeTable.id``."""
    reason: str = "is not known yet"

    def __str__(self) -> str:
        """Return path and reason in one line."""
        return f"{self.path} {self.reason}"


def distinct(values: Iterable[Missing]) -> tuple[Missing, ...]:
    """Return each value once, in order."""
    return tuple(dict.fromkeys(values))

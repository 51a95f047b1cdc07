"""What a check returns: where the fault is and what to do about it.

Checks are pure functions that return findings and never raise, so that a component can
report all of its inputs' faults together and a policy can turn the same findings into
violations.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One fault of one input: ``subnets.training.size: 12 … (use /25)``."""

    path: str
    """Where it is, dotted, as its author wrote it; empty for the thing as a whole."""
    message: str
    """The value, what is allowed and what to change, in one line."""

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.path}: {self.message}" if self.path else self.message


def below(path: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` moved below ``path``: ``size`` becomes ``training.size``."""
    return [Finding(joined(path, item.path), item.message) for item in findings]


def joined(*parts: str) -> str:
    """Join the parts of a path that are not empty with dots."""
    return ".".join(part for part in parts if part)

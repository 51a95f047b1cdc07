"""What a rule answers: violated here, or undecided there; nothing at all is satisfied.

A rule is a generator of findings, so that one unreadable value does not hide the
violations found before it. A rule that does not concern its subject raises
``NotApplicable``.
"""

from dataclasses import dataclass
from typing import Any


class NotApplicable(Exception):
    """The rule does not concern this resource; the reason is shown by the engine."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The rule does not hold."""

    path: str
    """The property that decides, dotted; empty for the resource as a whole."""
    message: str
    """The value found, what is wanted and what to change, in one line."""
    witness: Any = None
    """What proves the violation, as JSON values, where the rule computed one."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The rule cannot tell, as a value is not known yet or lies outside the stack."""

    path: str
    """The property whose value is missing."""
    message: str
    """What the rule needs to know, and how to make it known, in one line."""


Finding = Violation | Undecided

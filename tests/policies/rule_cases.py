"""Cases of rules: one resource or one plan, and what one rule answers.

The cases of an area stand in a module ``cases_<area>.py`` beside this one, as
``RESOURCE_CASES`` and ``STACK_CASES``; the tests find them by themselves.
"""

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from policy_plans import Plan, Told

OK, BAD, OPEN, NONE = "satisfied", "violated", "undecided", "not applicable"

ALWAYS_KNOWN = frozenset({"PU001", "PU002", "PU004"})
"""Rules on what the engine always knows: options and types of resources."""


@dataclass(frozen=True)
class Case:
    """One resource and what one rule says about it."""

    rule: str
    answer: str
    type: str
    inputs: dict[str, Any]
    says: str = ""
    """What the message has to hold."""
    settings: dict[str, Any] = field(default_factory=dict)
    told: Told = Told()
    """What the program tells Pulumi about it."""

    def __str__(self) -> str:
        return f"{self.rule}-{self.answer}-{self.inputs}"[:100]


@dataclass(frozen=True)
class StackCase:
    """One plan and what one rule says about it."""

    rule: str
    answer: str
    label: str
    plan: Plan
    says: str = ""
    """What the message has to hold."""
    settings: dict[str, Any] = field(default_factory=dict)
    preview_only: bool = False
    """The case cannot arise once everything is known."""

    def __str__(self) -> str:
        return f"{self.rule}-{self.answer}-{self.label}"


def resource_cases() -> tuple[Case, ...]:
    """Return the cases of resource rules of all areas."""
    return _found("RESOURCE_CASES")


def stack_cases() -> tuple[StackCase, ...]:
    """Return the cases of stack rules of all areas."""
    return _found("STACK_CASES")


def _found(name: str) -> tuple[Any, ...]:
    modules = sorted(Path(__file__).parent.glob("cases_*.py"))
    return tuple(
        case
        for module in modules
        for case in getattr(import_module(module.stem), name, ())
    )

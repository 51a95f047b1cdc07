"""What a rule answers: violated here, undecided there, or approved; nothing at all is
satisfied.

A rule is a generator of findings, so that one unreadable value does not hide the
violations found before it. A rule that does not concern its subject raises
``NotApplicable``.
"""

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who answers for what a rule found, and until when."""

    path: str
    """Where it stands in the rule's settings: ``approvals[2]``."""
    owner: str
    reason: str
    expires: date
    """The last day that it counts on."""
    category: str = "Approval"
    """What kind of approval it is."""

    @property
    def text(self) -> str:
        """What is shown beside the finding."""
        return (
            f"{self.category} until {self.expires.isoformat()}, owner {self.owner}: "
            f"{self.reason}"
        )

    def record(self) -> dict[str, str]:
        """Return the approval for the verdict file."""
        return {
            "path": self.path,
            "owner": self.owner,
            "reason": self.reason,
            "expires": self.expires.isoformat(),
            "category": str(self.category),
        }


@dataclass(frozen=True, slots=True)
class Approved:
    """The rule would not hold, but for an approval in its own settings.

    It counts and is shown as a finding that is exempt.
    """

    path: str
    message: str
    approval: Approval
    witness: Any = None


Finding = Violation | Undecided | Approved

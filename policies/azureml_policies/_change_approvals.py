"""Approvals of what a change opens or closes: by whom, why, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from azureml_policies._frame import Approval, Violation
from azureml_policies._frame.exemptions import MAX_DAYS, latest_day

_SIGNED = ("owner", "reason", "expires")
_FLOW = ("from", "to")
_GUARD = "guard"
_KNOWN = (*_FLOW, _GUARD, *_SIGNED)

APPROVALS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object"},
    "default": [],
    "description": "What may change. A flow: 'from' and 'to' are places like "
    "'subnet:training' or 'internet'. A guard, when no flow changes: 'guard' is its "
    "name as the rule tells it, like 'security-group:training-nsg'. * stands for any "
    "text. 'owner', 'reason' and 'expires' (a day such as 2026-06-30, the last one) "
    "say who answers for it",
}
MAX_DAYS_SCHEMA: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "default": 180,
    "description": "How many days ahead an approval may expire",
}
_ANY_PLACE = ("\0", "\0:\0")
"""Places and guards that nobody has: a pattern for one of them is one for all."""


@dataclass(frozen=True, slots=True)
class ChangeApproval:
    """One approval without a fault: of a guard, or of flows between two places."""

    signed: Approval
    guard: str = ""
    source: str = ""
    destination: str = ""

    def is_of_flow(self, source: object, destination: object) -> bool:
        """Return whether it is for a flow between two places."""
        return (
            not self.guard
            and _matches(source, self.source)
            and _matches(destination, self.destination)
        )

    def is_of_guard(self, guard: str) -> bool:
        """Return whether it is for changes of a guard."""
        return bool(self.guard) and _matches(guard, self.guard)

    @property
    def meant(self) -> str:
        """What it is for, as it is written."""
        return self.guard or f"{self.source} to {self.destination}"


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals that count."""

    entries: tuple[ChangeApproval, ...]

    def of_flow(self, source: object, destination: object) -> ChangeApproval | None:
        """Return the approval of a flow between two places."""
        return next(
            (each for each in self.entries if each.is_of_flow(source, destination)),
            None,
        )

    def of_guard(self, guard: str) -> ChangeApproval | None:
        """Return the approval of changes of a guard."""
        return next((each for each in self.entries if each.is_of_guard(guard)), None)


def read_approvals(
    entries: Sequence[Mapping[str, Any]], today: date, max_days: float
) -> tuple[Approvals, list[Violation]]:
    """Return the approvals that count, and what is wrong with the others.

    ``max_days``: how far from ``today`` an approval may expire.
    """
    latest = latest_day(today, max_days)
    found: list[ChangeApproval] = []
    faults: list[Violation] = []
    for index, entry in enumerate(entries):
        fault = _fault(entry, today, latest)
        if fault:
            path = f"approvals[{index}]"
            faults.append(Violation(path, f"{path} approves nothing: {fault}"))
        else:
            found.append(_approval(f"approvals[{index}]", entry))
    return Approvals(tuple(found)), faults


def _approval(path: str, entry: Mapping[str, Any]) -> ChangeApproval:
    signed = Approval(
        path=path,
        owner=str(entry["owner"]),
        reason=str(entry["reason"]),
        expires=date.fromisoformat(str(entry["expires"])),
    )
    if _GUARD in entry:
        return ChangeApproval(signed, guard=str(entry[_GUARD]))
    return ChangeApproval(
        signed, source=str(entry["from"]), destination=str(entry["to"])
    )


def _fault(entry: Mapping[str, Any], today: date, latest: date) -> str:
    """Return what is wrong with an approval, if anything."""
    if _GUARD in entry and any(key in entry for key in _FLOW):
        return "it is about a guard and about a flow; make two of it"
    needed = (_GUARD, *_SIGNED) if _GUARD in entry else (*_FLOW, *_SIGNED)
    lacking = [key for key in needed if not str(entry.get(key) or "").strip()]
    if lacking:
        return f"it lacks {', '.join(lacking)}; add them"
    unknown = [key for key in entry if key not in _KNOWN]
    if unknown:
        return f"'{unknown[0]}' is none of {', '.join(_KNOWN)}; take it out"
    if all(_is_anything(entry[key]) for key in (_GUARD, *_FLOW) if key in entry):
        return "it is for everything; name the places or the guard that are meant"
    return _expiry_fault(entry, today, latest)


def _expiry_fault(entry: Mapping[str, Any], today: date, latest: date) -> str:
    try:
        expires = date.fromisoformat(str(entry["expires"]))
    except ValueError:
        return "expires is no day; write it as 2026-06-30"
    if expires < today:
        return f"it expired on {expires.isoformat()}; renew it, or take the change back"
    if expires > latest:
        return (
            f"{expires.isoformat()} is too far away; set expires to "
            f"{latest.isoformat()} or earlier, or raise {MAX_DAYS}"
        )
    return ""


def _is_anything(pattern: object) -> bool:
    """Whether a pattern means every place, or every guard."""
    return any(_matches(name, pattern) for name in _ANY_PLACE)


def _matches(name: object, pattern: object) -> bool:
    return fnmatchcase(str(name).lower(), str(pattern).strip().lower())

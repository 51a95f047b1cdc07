"""Exemptions: findings that somebody answers for, until a day that is named.

The pack's own, as the engine's exceptions have neither owner nor expiry. An exemption
with a fault exempts nothing, and what an exemption covers stays visible.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from azureml_policies._frame.findings import Approval
from azureml_policies._frame.resources import Resource, Stack
from azureml_policies._frame.rules import Rule
from azureml_rulebook.spelling import nearest, suggestion

EXEMPTIONS = "exemptions"
MAX_DAYS = "maxDays"
MAX_RESOURCES = "maxResources"
_LONGEST_DAYS = 36500
_NEEDED = ("rule", "resource", "owner", "reason", "expires", "category")
_ANYTHING = (
    "urn:pulumi:\0::\0::azure-native:\0:\0::\0",
    "azure-native:\0:\0::\0",
    "\0:\0:\0::\0",
)
"""Resources that nobody has: a pattern that matches one of them matches all."""

Fault = tuple[str, str]
"""A path in the settings, and what is wrong there."""


class Category(StrEnum):
    """Why a finding is exempt; the words are those of Azure Policy's exemptions."""

    WAIVER = "Waiver"
    """The risk is accepted for a time."""
    MITIGATED = "Mitigated"
    """The aim is met by other means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption(Approval):
    """One exemption without a fault; its category is a ``Category``."""

    rule: Rule
    resource: str
    """A URN, or a pattern for URNs or for ``type::name``."""

    def covers(self, rule: Rule, resource: Resource) -> bool:
        """Say whether a finding of ``rule`` about ``resource`` is exempt."""
        return rule is self.rule and self.matches(resource)

    def matches(self, resource: Resource) -> bool:
        """Say whether ``resource`` is meant."""
        names = (resource.urn, f"{resource.type}::{resource.name}")
        return self.resource in names or any(
            fnmatchcase(name, self.resource) for name in names
        )


class Exemptions:
    """The exemptions of one run, and what they were needed for."""

    def __init__(self, valid: Iterable[Exemption] = (), faults: Iterable[Fault] = ()):
        self.valid = tuple(valid)
        self.faults = tuple(faults)
        self._by_rule: dict[str, list[Exemption]] = {}
        for each in self.valid:
            self._by_rule.setdefault(each.rule.id, []).append(each)
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def covering(self, rule: Rule, resource: Resource) -> Exemption | None:
        """Return the exemption of a finding of ``rule`` about ``resource``."""
        for each in self._by_rule.get(rule.id, ()):
            if each.matches(resource):
                return each
        return None

    def use(self, rule: Rule, resource: Resource) -> None:
        """Remember that there was a finding to exempt."""
        with self._lock:
            self._used.update(
                each.path
                for each in self._by_rule.get(rule.id, ())
                if each.matches(resource)
            )

    def unused(self, stack: Stack) -> Iterator[Fault]:
        """Yield the exemptions that covered no finding of this run."""
        for each in self.valid:
            if each.path in self._used:
                continue
            if any(each.matches(resource) for resource in stack.resources):
                why = f"{each.rule.id} has nothing to report there"
            else:
                why = f"no resource of this stack is '{each.resource}'"
            yield each.path, f"{each.path} is not used: {why}; remove it"

    def too_broad(self, stack: Stack, limit: int) -> Iterator[Fault]:
        """Yield the exemptions that mean more than ``limit`` resources of the stack."""
        for each in self.valid:
            keys = {type_name.lower() for type_name in each.rule.types}
            count = sum(
                each.matches(resource)
                for resource in stack.resources
                if not keys or resource.key in keys
            )
            if count > limit:
                path = f"{each.path}.resource"
                yield (
                    path,
                    f"{path} '{each.resource}' means {count} resources that "
                    f"{each.rule.id} judges, more than {limit}; name them one by one, "
                    f"or set {MAX_RESOURCES}",
                )


def utc_today() -> date:
    """Return today's date in UTC."""
    return datetime.now(UTC).date()


def read_exemptions(
    settings: Mapping[str, Any],
    rules: Iterable[Rule],
    today: Callable[[], date] = utc_today,
) -> Exemptions:
    """Return the exemptions that ``settings`` hold, and the faults of the others.

    ``settings`` are those of the rule that watches over exemptions.
    """
    by_name: dict[str, Rule] = {}
    for rule in rules:
        if not rule.of_the_run:
            by_name |= {rule.id: rule, rule.name: rule}
    latest = latest_day(today(), settings.get(MAX_DAYS, 0))
    valid: list[Exemption] = []
    faults: list[Fault] = []
    for index, entry in enumerate(settings.get(EXEMPTIONS, ())):
        path = f"{EXEMPTIONS}[{index}]"
        found = list(_faults(path, entry, by_name, today(), latest))
        if found:
            faults += found
        else:
            valid.append(_exemption(path, entry, by_name))
    return Exemptions(valid, faults)


def latest_day(today: date, max_days: float) -> date:
    """Return the last day until which somebody may answer for a finding.

    ``max_days``: how far ahead, in days; at most 100 years.
    """
    return today + timedelta(days=int(min(max(max_days, 0), _LONGEST_DAYS)))


def _exemption(
    path: str, entry: Mapping[str, Any], by_name: Mapping[str, Rule]
) -> Exemption:
    return Exemption(
        path=path,
        rule=by_name[entry["rule"]],
        resource=entry["resource"],
        owner=entry["owner"],
        reason=entry["reason"],
        expires=date.fromisoformat(entry["expires"]),
        category=Category(entry["category"]),
    )


def _faults(
    path: str,
    entry: Mapping[str, Any],
    by_name: Mapping[str, Rule],
    today: date,
    latest: date,
) -> Iterator[Fault]:
    for key in entry:
        if key not in _NEEDED:
            where = f"{path}.{key}"
            yield where, f"{where} does not exist; {suggestion(key, _NEEDED)}"
    checks: dict[str, Callable[[str, str], str]] = {
        "rule": lambda where, text: _rule_fault(where, text, by_name),
        "resource": _resource_fault,
        "expires": lambda where, text: _expiry_fault(where, text, today, latest),
        "category": _category_fault,
    }
    for key in _NEEDED:
        where = f"{path}.{key}"
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            yield where, f"{where} is missing; {_WANTED[key]}"
        elif key in checks and (fault := checks[key](where, value)):
            yield where, fault


_WANTED = {
    "rule": "name the rule by its id, like ML001",
    "resource": "give the URN of the resource, or a pattern for URN or type::name",
    "owner": "name who answers for it",
    "reason": "say why the finding may stand",
    "expires": "give the last day that it counts on, as YYYY-MM-DD",
    "category": "set it to Waiver or Mitigated",
}


def _rule_fault(where: str, text: str, by_name: Mapping[str, Rule]) -> str:
    if text in by_name:
        return ""
    match = nearest(text, by_name)
    hint = f"did you mean '{match}'?" if match else _WANTED["rule"]
    return f"{where} '{text}' is no rule that can be exempted; {hint}"


def _resource_fault(where: str, text: str) -> str:
    if not any(fnmatchcase(name, text) for name in _ANYTHING):
        return ""
    return (
        f"{where} '{text}' is too broad: it matches every resource; name the resources "
        "that are meant"
    )


def _expiry_fault(where: str, text: str, today: date, latest: date) -> str:
    try:
        expires = date.fromisoformat(text)
    except ValueError:
        expires = None
    if expires is None or text != expires.isoformat():
        return f"{where} '{text}' is no day; write it as YYYY-MM-DD"
    if expires < today:
        return (
            f"{where} {text} is over, so its findings count again; mend them, or have "
            "the owner decide anew"
        )
    if expires > latest:
        return (
            f"{where} {text} is too far away; set it to {latest.isoformat()} or "
            f"earlier, or raise {MAX_DAYS}"
        )
    return ""


def _category_fault(where: str, text: str) -> str:
    known = [category.value for category in Category]
    if text in known:
        return ""
    return f"{where} '{text}' is not a category; {suggestion(text, known)}"

"""Profiles: configurations for a whole pack, made from what the rules say.

How strict a profile is decides the level of each rule; a framework decides which rules
are on at all. The rules on the pack itself are always on.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame.configuration import ALL, LEVEL
from azureml_policies._frame.rules import Rule


class Profile(StrEnum):
    """How strict a configuration is."""

    STRICT = "strict"
    """Every rule that is not off by default is mandatory."""
    MODERATE = "moderate"
    """Every rule has its own level; those of low severity are advisory."""
    AUDIT_ONLY = "audit-only"
    """Every rule that is not off by default is advisory: nothing is stopped."""


class Framework(StrEnum):
    """Whose controls the rules serve; the values are what the command takes."""

    MCSB = "MCSB"
    CIS = "CIS-3.0"
    NIST = "NIST"
    PCI = "PCI"


_WORDS: dict[Framework, tuple[str, ...]] = {
    Framework.MCSB: ("cloud security benchmark",),
    Framework.CIS: ("CIS", "3.0"),
    Framework.NIST: ("NIST",),
    Framework.PCI: ("PCI",),
}
"""What a control has to have in its framework's name or code to belong to it."""


def profile(
    rules: Iterable[Rule], strictness: Profile, framework: Framework | None = None
) -> dict[str, str]:
    """Return a configuration: policy name to level, for every rule."""
    level = _LEVELS[strictness]
    return {
        rule.name: (
            level(rule) if framework is None or serves(rule, framework) else _DISABLED
        ).value
        for rule in rules
    }


def on_top(levels: Mapping[str, str], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile with an environment's own configuration on top of it.

    Settings of ``own`` are added to the profile's levels, and its levels win: the one
    for ``all`` too, which a file that names every policy has no use for.
    """
    policies = dict(own.get("policies", {}) if "version" in own else own)
    given = policies.pop(ALL, None)
    everywhere = given.get(LEVEL) if isinstance(given, dict) else given
    if isinstance(everywhere, str):
        levels = dict.fromkeys(levels, everywhere)
    merged: dict[str, Any] = dict(levels)
    for name, value in policies.items():
        if isinstance(value, str) or name not in levels:
            merged[name] = value
        else:
            merged[name] = {LEVEL: levels[name], **value}
    return merged


def serves(rule: Rule, framework: Framework) -> bool:
    """Say whether ``rule`` serves a control of ``framework``, or watches the pack."""
    return rule.of_the_run or any(
        all(word in f"{control.framework} {control.code}" for word in _WORDS[framework])
        for control in rule.controls
    )


_DISABLED = EnforcementLevel.DISABLED


def _strict(rule: Rule) -> EnforcementLevel:
    return rule.level if rule.level is _DISABLED else EnforcementLevel.MANDATORY


def _moderate(rule: Rule) -> EnforcementLevel:
    if rule.level is not _DISABLED and rule.severity is Severity.LOW:
        return EnforcementLevel.ADVISORY
    return rule.level


def _audit_only(rule: Rule) -> EnforcementLevel:
    return rule.level if rule.level is _DISABLED else EnforcementLevel.ADVISORY


_LEVELS: dict[Profile, Callable[[Rule], EnforcementLevel]] = {
    Profile.STRICT: _strict,
    Profile.MODERATE: _moderate,
    Profile.AUDIT_ONLY: _audit_only,
}

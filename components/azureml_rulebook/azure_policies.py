"""Azure Policy's built-in definitions, and which of them stand for rules of the pack.

``published_azure_policies/definitions.json`` holds what Azure publishes about each one,
release 3.2026.0417.1 (https://github.com/Azure/azure-policy, built-in-policies): its
name, the effects it can be assigned with, and the clouds it is published for.
``rules.json`` beside it is written by the policy pack from what its rules say about
themselves: definition to rules and their levels.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from azureml_rulebook.clouds import cloud
from azureml_rulebook.spelling import suggestion

RuleLevels = Mapping[str, Mapping[str, str]]
"""Definition id to the ids of rules that name it, and their levels."""
_MANDATORY = "mandatory"
_DISABLED = "disabled"
_DENY = "Deny"


class Effect(StrEnum):
    """What the assignments do about what does not comply."""

    OFF = "off"
    """There are none."""
    AUDIT = "audit"
    """It is listed as not compliant."""
    DENY = "deny"
    """What a mandatory rule forbids is refused, where the definition can do that; the
    rest is listed."""


@dataclass(frozen=True, slots=True)
class AzurePolicy:
    """One built-in definition."""

    id: str
    display_name: str
    effects: tuple[str, ...]
    """Those that change nothing, the mildest first, as Azure spells them."""
    effect_parameter: str
    """The parameter that chooses among them; empty where there is one only."""
    clouds: tuple[str, ...]
    """Where it is published; others may have it too."""
    unusable: str = ""
    """Why it is not assigned; empty where it can be."""
    audit_only: str = ""
    """Why it must not deny; empty where it may."""

    @property
    def path(self) -> str:
        """Its resource id."""
        return f"/providers/Microsoft.Authorization/policyDefinitions/{self.id}"


@dataclass(frozen=True, kw_only=True)
class PolicyAssignmentRow:
    """One assignment, in the words of Azure."""

    name: str
    policy_definition_id: str
    display_name: str
    description: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    enforced: bool = True
    """False: what does not comply is listed, whatever the definition's effect is."""
    rules: tuple[str, ...]
    """Ids of the rules that it stands for."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A definition that rules name and that is not assigned."""

    policy: AzurePolicy
    rules: tuple[str, ...]
    reason: str


@cache
def azure_policies() -> Mapping[str, AzurePolicy]:
    """Return every definition that is known here, by id."""
    return {
        row["id"]: AzurePolicy(
            id=row["id"],
            display_name=row["displayName"],
            effects=tuple(row["effects"]),
            effect_parameter=row["effectParameter"],
            clouds=tuple(row["clouds"]),
            unusable=row.get("unusable", ""),
            audit_only=row.get("auditOnly", ""),
        )
        for row in _published("definitions.json")
    }


def assignments(
    effect: Effect | str,
    cloud_name: str,
    without: Collection[str] = (),
    rules: RuleLevels | None = None,
) -> tuple[PolicyAssignmentRow, ...]:
    """Return the assignments that ask for the same as the rules of the pack.

    Args:
        effect: ``off``, ``audit`` or ``deny``. Only what a mandatory rule asks for is
            denied; rules that are off by default have no assignment.
        cloud_name: as in ``azureml_rulebook.clouds``. A definition that is not
            published for the cloud is left out.
        without: ids of rules that the stack does not keep to.
        rules: left out, those that the pack has published.

    Raises:
        ValueError: effect or cloud does not exist; the text names the nearest one.
    """
    chosen = _effect(effect)
    cloud(cloud_name)
    if chosen is Effect.OFF:
        return ()
    found: list[PolicyAssignmentRow] = []
    for policy, levels in _by_policy(rules):
        kept = _kept(levels, without)
        if kept and not _reason(policy, levels, cloud_name, without):
            denied = chosen is Effect.DENY and _MANDATORY in kept.values()
            found.append(_assignment(policy, tuple(kept), denied))
    return tuple(found)


def left_out(
    cloud_name: str,
    without: Collection[str] = (),
    rules: RuleLevels | None = None,
) -> tuple[LeftOut, ...]:
    """Return the definitions of rules that ``assignments`` leaves out, and why."""
    return tuple(
        LeftOut(policy, tuple(levels), reason)
        for policy, levels in _by_policy(rules)
        if (reason := _reason(policy, levels, cloud_name, without))
    )


def _reason(
    policy: AzurePolicy,
    levels: Mapping[str, str],
    cloud_name: str,
    without: Collection[str],
) -> str:
    if policy.unusable:
        return policy.unusable
    if not any(level != _DISABLED for level in levels.values()):
        return "the rule is off by default"
    if not _kept(levels, without):
        return "the stack does not keep to the rule"
    if cloud_name not in policy.clouds:
        return f"it is not published for the cloud '{cloud_name}'"
    return ""


def _kept(levels: Mapping[str, str], without: Collection[str]) -> dict[str, str]:
    """Return the rules that are on; one that the stack does not keep to stops all."""
    if any(rule in without for rule in levels):
        return {}
    return {rule: level for rule, level in levels.items() if level != _DISABLED}


def _assignment(
    policy: AzurePolicy, rules: tuple[str, ...], denied: bool
) -> PolicyAssignmentRow:
    denied = denied and _DENY in policy.effects and not policy.audit_only
    effect = _DENY if denied else policy.effects[0]
    parameter = policy.effect_parameter
    return PolicyAssignmentRow(
        name=f"azureml-{policy.id}",
        policy_definition_id=policy.path,
        display_name=f"{', '.join(rules)}: {policy.display_name}",
        description=f"Stands for {', '.join(rules)} of the policy pack.",
        parameters={parameter: effect} if parameter else {},
        # A definition that can only deny is made to list by not enforcing it.
        enforced=denied or effect != _DENY,
        rules=rules,
    )


def _effect(effect: Effect | str) -> Effect:
    try:
        return Effect(effect)
    except ValueError:
        known = [choice.value for choice in Effect]
        raise ValueError(
            f"'{effect}' is not an effect; {suggestion(str(effect), known)}"
        ) from None


def _by_policy(
    rules: RuleLevels | None,
) -> list[tuple[AzurePolicy, Mapping[str, str]]]:
    """Return each definition that rules name, with their levels, in order."""
    known = azure_policies()
    chosen = _published_rules() if rules is None else rules
    return [(known[identifier], levels) for identifier, levels in chosen.items()]


@cache
def _published_rules() -> RuleLevels:
    return _published("rules.json")


def _published(name: str) -> Any:
    folder = files("azureml_rulebook") / "published_azure_policies"
    return json.loads((folder / name).read_text(encoding="utf-8"))

"""Azure Policy's built-in definitions, as Azure publishes them.

`published_policies/definitions.json` has parameters and rules of those that rules of
the policy pack name; `others.txt` beside it has only the ids of all others. Both are
from https://github.com/Azure/azure-policy, release 3.2026.0417.1.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "published_policies"
_PREFIX = "/providers/microsoft.authorization/policydefinitions/"


@dataclass(frozen=True)
class Definition:
    """One built-in definition."""

    id: str
    display_name: str
    parameters: Mapping[str, Mapping[str, Any]]
    """By name: `allowedValues` and `defaultValue`, where it has them."""
    condition: Any
    """What it applies to, in Azure Policy's language."""
    effect: str
    """The effect, or the expression that names the parameter with it."""

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every parameter that has one, by its name in lower case."""
        return {
            name.lower(): given.get(name.lower(), about.get("defaultValue"))
            for name, about in self.parameters.items()
        }


def built_in(policy_definition_id: str) -> Definition | None:
    """The definition of an id; None where its rule is not kept here."""
    return _definitions().get(_guid(policy_definition_id))


def is_unknown(policy_definition_id: str) -> bool:
    """Whether an id is of a built-in definition that Azure does not have."""
    guid = _guid(policy_definition_id)
    return bool(guid) and guid not in _definitions() and guid not in _others()


def _guid(policy_definition_id: str) -> str:
    """The last part of a built-in definition's id; empty for other definitions."""
    lowered = policy_definition_id.lower()
    return lowered.removeprefix(_PREFIX) if lowered.startswith(_PREFIX) else ""


@cache
def _definitions() -> Mapping[str, Definition]:
    published = json.loads((_FOLDER / "definitions.json").read_text())
    return {
        guid.lower(): Definition(
            guid,
            row["displayName"],
            row["parameters"],
            row["policyRule"]["if"],
            row["policyRule"]["then"]["effect"],
        )
        for guid, row in published.items()
    }


@cache
def _others() -> frozenset[str]:
    return frozenset((_FOLDER / "others.txt").read_text().split())

"""What Azure keeps of deleted resources: they hold their names, and can be had back.

Whoever deploys the same stack anew within that time meets the names again, so a
deletion says which they are, for how long, and what to do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from review.urns import kind_of

_VAULT = "azure-native:keyvault:Vault"
_WORKSPACE = "azure-native:machinelearningservices:Workspace"
_LOG_ANALYTICS = "azure-native:operationalinsights:Workspace"
_VERSION = re.compile(r"/v\d[^:]*")
_DAYS = {
    # https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
    _VAULT: 90,
    # https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
    _WORKSPACE: 14,
    # https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
    _LOG_ANALYTICS: 14,
}


@dataclass(frozen=True, order=True)
class LeftBehind:
    """A deleted resource that Azure still has."""

    kind: str
    name: str
    days: int
    advice: str
    """What to do about it, in the infinitive."""

    def __str__(self) -> str:
        """Say it in one line."""
        stays = f"{self.kind} {self.name} for {self.days} days, with its name"
        return f"{stays}; {self.advice}"


def left_behind(type_token: str, state: Mapping[str, Any]) -> LeftBehind | None:
    """What Azure keeps of a resource that was deleted; None: nothing.

    `state` is the engine's, with `id` and `inputs`.
    """
    kind = _VERSION.sub("", type_token)
    name = str(state.get("id") or "").rpartition("/")[2]
    if kind not in _DAYS or not name:
        return None
    inputs = state.get("inputs") or {}
    properties = inputs.get("properties") or {}
    days = _DAYS[kind]
    if kind == _VAULT:
        days = int(properties.get("softDeleteRetentionInDays") or days)
        advice = f"have it back with: az keyvault recover --name {name}"
        if properties.get("enablePurgeProtection"):
            advice += " (purge protection: nobody can free the name sooner)"
        else:
            advice += f", or free the name with: az keyvault purge --name {name}"
    elif kind == _WORKSPACE:
        advice = "have it back or delete it for good in the portal, Recently deleted"
        if (inputs.get("encryption") or {}).get("status") == "Enabled":
            advice += "; until then the resource group of its encrypted data costs"
    else:
        advice = "made again under its name and in its place, it has its logs"
    return LeftBehind(kind_of(kind), name, days, advice)

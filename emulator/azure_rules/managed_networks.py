"""The networks that Azure Machine Learning manages: their modes, and the ways out.

https://learn.microsoft.com/azure/machine-learning/how-to-managed-network
"""

from collections.abc import Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.machine_learning import isolation_of
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import parent_id

_DISABLED = "Disabled"
_INTERNET = "AllowInternetOutbound"
_APPROVED = "AllowOnlyApprovedOutbound"
_PRIVATE_ENDPOINT = "PrivateEndpoint"
# Private endpoints to storage go by rules of their own type.
_STORAGE_HOSTS = tuple(
    f".{kind}.{ending}"
    for kind in ("blob", "file", "queue", "table", "dfs", "web")
    for ending in (
        "core.windows.net",
        "core.usgovcloudapi.net",
        "core.chinacloudapi.cn",
        "storage.azure.net",
    )
)
# The page has this one in its own list for Visual Studio Code.
_OPEN_STORAGE_HOST = "vscode.blob.core.windows.net"


def mode_does_not_go_back(write: Write) -> None:
    """A managed network stays, and one that lets only approved traffic out too.

    https://github.com/Azure/terraform-provider-azapi/issues/564
    """
    if write.existing is None:
        return
    old, new = isolation_of(write.existing.body), isolation_of(write.inputs)
    if old != _DISABLED and new == _DISABLED:
        raise AzureError(
            400, "ValidationError", "Managed network cannot be disabled once enabled."
        )
    if old == _APPROVED and new == _INTERNET:
        raise AzureError(
            400,
            "ValidationError",
            f"Managed network isolation mode cannot be changed from {old} to {new}.",
        )


def rules_fit_the_mode(write: Write) -> None:
    """The outbound rules in a workspace's own inputs fit its mode."""
    rules = at(write.inputs, "managedNetwork", "outboundRules")
    if isinstance(rules, Mapping):
        for name, rule in rules.items():
            _check_rule(str(name), rule, isolation_of(write.inputs))


def rule_fits_the_mode(write: Write) -> None:
    """An outbound rule of its own fits its workspace's mode."""
    workspace = write.store.get(parent_id(write.id) or "")
    if workspace is not None:
        _check_rule(
            write.name, write.inputs.get("properties"), isolation_of(workspace.body)
        )


def _check_rule(name: str, rule: Any, mode: str) -> None:
    kind = str(at(rule, "type")) if isinstance(rule, Mapping) else ""
    if mode == _DISABLED:
        raise AzureError(
            400,
            "ValidationError",
            f"Outbound rule '{name}' needs a managed network, and the workspace has "
            "none.",
        )
    # https://github.com/microsoft-foundry/foundry-samples/pull/961
    if mode == _INTERNET and kind.lower() != _PRIVATE_ENDPOINT.lower():
        raise AzureError(
            400,
            "ValidationError",
            f'Only "{_PRIVATE_ENDPOINT}" outbound rules are supported when managed '
            f"network isolation mode is \"{_INTERNET}\". Rule '{name}' is of type "
            f'"{kind}".',
        )
    destination = at(rule, "destination")
    if kind.upper() == "FQDN" and _opens_storage(str(destination).lower()):
        raise AzureError(
            400,
            "ValidationError",
            f"FQDN outbound rule '{name}' cannot open {destination}: storage accounts "
            "are reached by a private endpoint or a service tag.",
        )


def _opens_storage(host: str) -> bool:
    """Whether a name in lower case, perhaps behind ``*.``, takes in storage."""
    if host == _OPEN_STORAGE_HOST:
        return False
    if host.startswith("*."):
        below = host.removeprefix("*")
        if any(ending.endswith(below) for ending in _STORAGE_HOSTS):
            return True
    return f".{host}".endswith(_STORAGE_HOSTS)

"""Machine learning workspaces: what they may depend on, and their kinds.

https://learn.microsoft.com/azure/machine-learning/concept-workspace
https://learn.microsoft.com/azure/machine-learning/concept-hub-workspace
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import id_key, same_id
from emulator.store import Resource

_PROJECT = "project"
# A project uses those of its hub.
_OF_THE_HUB = (
    "storageAccount",
    "keyVault",
    "containerRegistry",
    "serverlessComputeSettings",
)


def kind_of(workspace: Mapping[str, Any]) -> str:
    """A workspace's kind in lower case: default, hub, project or featurestore."""
    return str(workspace.get("kind") or "Default").lower()


def isolation_of(workspace: Mapping[str, Any]) -> str:
    """The isolation mode of a workspace's managed network; `Disabled` without one."""
    mode = at(workspace, "managedNetwork", "isolationMode")
    return str(mode) if mode else "Disabled"


def storage_is_flat(write: Write) -> None:
    """The default store has no hierarchical namespace.

    https://github.com/microsoft/AzureTRE/issues/1920
    """
    account = found(write.store, write.inputs.get("storageAccount"))
    if account is not None and account.body.get("isHnsEnabled"):
        raise AzureError(400, "BadRequest", "Cannot use storage with HNS enabled.")


def storage_stays(write: Write) -> None:
    """A workspace keeps its default store.

    https://github.com/Azure-Samples/get-started-with-ai-chat/issues/65
    """
    if write.existing is None:
        return
    old, new = (
        write.existing.body.get("storageAccount"),
        write.inputs.get("storageAccount"),
    )
    if isinstance(old, str) and isinstance(new, str) and not same_id(old, new):
        raise AzureError(
            400, "BadRequest", "Storage Account update is not supported yet"
        )


def project_has_a_hub(write: Write) -> None:
    """A project lies in a hub and has nothing of its own that the hub has."""
    if kind_of(write.inputs) != _PROJECT:
        return
    hub_id = write.inputs.get("hubResourceId")
    hub = found(write.store, hub_id)
    if not isinstance(hub_id, str) or (hub and kind_of(hub.body) != "hub"):
        raise AzureError(
            400,
            "ValidationError",
            f"Project workspace '{write.name}' needs the resource id of a hub "
            f"workspace as hubResourceId, and has {hub_id or 'none'}.",
        )
    if write.inputs.get("managedNetwork"):
        # https://github.com/Azure-Samples/ai-studio-in-a-box/issues/5
        raise AzureError(
            400,
            "ValidationError",
            "Project workspace shouldn't define it's own managed network properties.",
        )
    own = [name for name in _OF_THE_HUB if write.inputs.get(name)]
    if own:
        raise AzureError(
            400,
            "ValidationError",
            f"Project workspace '{write.name}' uses the resources of its hub and "
            f"cannot define its own: {', '.join(own)}.",
        )


def hub_has_no_own_network(write: Write) -> None:
    """A hub cannot put serverless compute into a customer's subnet."""
    if kind_of(write.inputs) == "hub" and _serverless_subnet(write):
        raise AzureError(
            400,
            "ValidationError",
            f"Hub workspace '{write.name}' cannot use a customer's virtual network; "
            "use a managed virtual network.",
        )


def identity_is_named(write: Write) -> None:
    """A workspace with user-assigned identities alone says which it acts as.

    https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
    """
    kind = str(at(write.inputs, "identity", "type") or "")
    primary = write.inputs.get("primaryUserAssignedIdentity")
    if kind == "UserAssigned" and not primary:
        raise AzureError(
            400,
            "BadRequest",
            f"Workspace '{write.name}' has user-assigned identities only and needs a "
            "primaryUserAssignedIdentity.",
        )
    given = {id_key(identity) for identity in _identities(write)}
    if isinstance(primary, str) and id_key(primary) not in given:
        raise AzureError(
            400,
            "BadRequest",
            f"The primaryUserAssignedIdentity {primary} is not one of the identities "
            f"of workspace '{write.name}'.",
        )


def key_vault_keeps_keys(write: Write) -> None:
    """The vault of a customer's key has purge protection.

    https://github.com/MicrosoftDocs/azure-docs/issues/108584
    """
    encryption = write.inputs.get("encryption")
    if str(at(encryption or {}, "status")).lower() != "enabled":
        return
    vault = found(
        write.store, at(encryption or {}, "keyVaultProperties", "keyVaultArmId")
    )
    if vault is not None and not has_purge_protection(vault):
        raise AzureError(
            400,
            "BadRequest",
            "CMK workspaces should have purge protection enabled on their CMK "
            "keyvault.",
        )


def has_purge_protection(vault: Resource) -> bool:
    """Whether what is deleted from a vault, and it itself, can be had back."""
    return at(vault.body, "properties", "enablePurgeProtection") is True


def network_is_one(write: Write) -> None:
    """Serverless compute is in a customer's subnet or in the managed network."""
    if _serverless_subnet(write) and isolation_of(write.inputs) != "Disabled":
        raise AzureError(
            400,
            "ValidationError",
            f"Workspace '{write.name}' has a managed network and cannot use the custom "
            "subnet of serverlessComputeSettings too.",
        )


def _serverless_subnet(write: Write) -> Any:
    return at(
        write.inputs, "serverlessComputeSettings", "serverlessComputeCustomSubnet"
    )


def _identities(write: Write) -> Iterator[str]:
    for identity in at(write.inputs, "identity", "userAssignedIdentities") or ():
        if isinstance(identity, str):
            yield identity

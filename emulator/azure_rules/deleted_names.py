"""Names that soft-deleted vaults and workspaces keep for a while."""

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write
from emulator.resource_paths import last_name
from emulator.store import Resource, Store

_VAULT = "keyvault:Vault"
_WORKSPACE = "machinelearningservices:Workspace"
_WORKSPACE_DAYS = 14
_VAULT_DAYS = 90


def keep_deleted_names(store: Store, resource: Resource) -> None:
    """Remember the names that soft-deleted resources keep, this one and those below.

    Sources: learn.microsoft.com/azure/machine-learning/concept-soft-delete (14 days),
    learn.microsoft.com/azure/key-vault/general/soft-delete-overview (90 by default).
    """
    for gone in [resource, *store.below(resource.id)]:
        if gone.token == _WORKSPACE:
            store.keep_name(gone, gone.id, days=_WORKSPACE_DAYS)
        elif gone.token == _VAULT:
            properties = gone.body.get("properties", {})
            days = properties.get("softDeleteRetentionInDays") or _VAULT_DAYS
            store.keep_name(gone, last_name(gone.id), days=days)


def workspace_name_is_free(write: Write) -> None:
    """A deleted workspace keeps its name in its group until it is purged."""
    if write.existing is not None:
        return
    if write.store.deleted_name(write.resource_type.token, write.id):
        raise AzureError(
            400,
            "BadRequest",
            "Soft-deleted workspace exists. Please purge or recover it. "
            f"https://aka.ms/wsoftdelete ('{write.name}' was deleted less than "
            f"{_WORKSPACE_DAYS} days ago and still holds its name; another name is "
            "free)",
        )


def vault_name_is_free(write: Write) -> None:
    """A deleted vault keeps its name everywhere until it is purged."""
    if write.existing is not None:
        return
    if write.store.deleted_name(write.resource_type.token, write.name):
        raise AzureError(
            409,
            "ConflictError",
            f"A vault with the same name '{write.name}' already exists in deleted "
            "state. You need to either recover or purge existing key vault. Follow "
            "this link https://go.microsoft.com/fwlink/?linkid=2149745 for more "
            "information on soft delete.",
        )

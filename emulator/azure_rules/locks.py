"""Management locks: what is locked, or has something locked in it, cannot go.

https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from collections.abc import Iterator

from emulator.azure_error import AzureError
from emulator.resource_paths import id_key, parent_id
from emulator.store import Store

_LOCKS = (
    "authorization:ManagementLockAtResourceGroupLevel",
    "authorization:ManagementLockByScope",
)
_PATH = "/providers/microsoft.authorization/locks/"
_READ_ONLY = "readonly"


def may_be_written(store: Store, resource_id: str) -> None:
    """Nothing at or below a ReadOnly lock can be written."""
    key = id_key(resource_id)
    if _PATH in key:
        return
    for scope, level in _locks(store):
        if level == _READ_ONLY and _is_in(key, id_key(scope)):
            raise _locked("write", resource_id, scope)


def may_be_deleted(store: Store, resource_id: str) -> None:
    """Nothing at, below or above a lock can be deleted; the lock itself can."""
    key = id_key(resource_id)
    if _PATH in key:
        return
    for scope, _ in _locks(store):
        if _is_in(key, id_key(scope)) or _is_in(id_key(scope), key):
            raise _locked("delete", resource_id, scope)


def _locks(store: Store) -> Iterator[tuple[str, str]]:
    """Every lock's scope and level."""
    for token in _LOCKS:
        for lock in store.of_type(token):
            yield parent_id(lock.id) or "", str(lock.body.get("level")).lower()


def _is_in(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(outer + "/")


def _locked(operation: str, resource_id: str, scope: str) -> AzureError:
    return AzureError(
        409,
        "ScopeLocked",
        f"The scope '{resource_id}' cannot perform {operation} operation because "
        f"following scope(s) are locked: '{scope}'. Please remove the lock and try "
        "again.",
    )

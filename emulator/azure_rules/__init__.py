"""What Azure refuses when a resource is written or deleted, rule by rule.

Each rule is one function that looks at the store and raises AzureError with Azure's
code and text; rules_by_type.py says which rules a type has. azure-native calls Azure
only in `up`, so none of this shows at preview.
"""

from collections.abc import Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules import flow_logs, in_use, locks
from emulator.azure_rules.deleted_names import keep_deleted_names
from emulator.azure_rules.endpoint_interfaces import interface_of_endpoint
from emulator.azure_rules.requests import Write
from emulator.azure_rules.rules_by_type import (
    DELETE_RULES_BY_TYPE,
    OUTCOME_RULES_BY_TYPE,
    WRITE_RULES,
    WRITE_RULES_BY_TYPE,
)
from emulator.catalogue import ResourceType
from emulator.resource_paths import last_name, resource_group_of
from emulator.store import Resource, Store

__all__ = [
    "check_delete",
    "check_locks",
    "check_outcome",
    "check_write",
    "find",
    "keep_deleted_names",
    "not_found",
]


def find(store: Store, resource_id: str) -> Resource | None:
    """A resource of the store, or one that Azure makes by itself."""
    return (
        store.get(resource_id)
        or flow_logs.made_by_azure(store, resource_id)
        or interface_of_endpoint(store, resource_id)
    )


def check_locks(store: Store, resource_id: str, *, deletes: bool) -> None:
    """Raise Azure's refusal if a management lock forbids a request."""
    rule = locks.may_be_deleted if deletes else locks.may_be_written
    rule(store, resource_id)


def check_write(
    store: Store,
    resource_type: ResourceType,
    resource_id: str,
    inputs: Mapping[str, Any],
    *,
    existing: Resource | None,
    in_list: bool = False,
) -> None:
    """Raise the first refusal that Azure would answer to this PUT.

    `existing` is what is overwritten; `in_list` as in Write.
    """
    write = Write(store, resource_type, resource_id, inputs, existing, in_list)
    for rule in WRITE_RULES:
        rule(write)
    for rule in WRITE_RULES_BY_TYPE.get(resource_type.token, ()):
        rule(write)


def check_outcome(store: Store, resource: Resource) -> None:
    """Raise the refusal of what a whole request, children too, has left behind."""
    for rule in OUTCOME_RULES_BY_TYPE.get(resource.token, ()):
        rule(store, resource)


def check_delete(store: Store, resource: Resource) -> None:
    """Raise the first refusal that Azure would answer to this DELETE."""
    rules = (
        in_use.RULES_BY_TYPE.get(resource.token),
        DELETE_RULES_BY_TYPE.get(resource.token),
    )
    for rule in rules:
        if rule is not None:
            rule(store, resource)


def not_found(resource_type: ResourceType, resource_id: str) -> AzureError:
    """Azure's answer for a resource that does not exist."""
    group = resource_group_of(resource_id)
    name = f"{resource_type.path.resource_type}/{last_name(resource_id)}"
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{name}' under resource group '{group}' was not found.",
    )

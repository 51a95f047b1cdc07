"""The members of what private endpoints lead to: each takes an address of its own.

https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_rules.requests import at
from emulator.store import Resource, Store

_STORAGE_GROUPS = ("blob", "dfs", "file", "queue", "table", "web")
STORAGE_GROUPS = (
    *_STORAGE_GROUPS,
    *(f"{group}_secondary" for group in _STORAGE_GROUPS),
)


def connections(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every connection of a private endpoint, asked for or not."""
    for name in (
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
    ):
        for connection in inputs.get(name) or []:
            if isinstance(connection, Mapping):
                yield connection


def targets(store: Store, inputs: Mapping[str, Any]) -> Iterator[Resource]:
    """The targets of a private endpoint that are here."""
    for connection in connections(inputs):
        target_id = at(connection, "privateLinkServiceId")
        target = store.get(target_id) if isinstance(target_id, str) else None
        if target is not None:
            yield target


def members(store: Store, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (group, member) pairs that take an address each; none if not known."""
    groups = [
        str(group)
        for connection in connections(inputs)
        for group in connection.get("groupIds") or []
    ]
    return [
        (group, member)
        for target in targets(store, inputs)
        for group in groups
        for member in _members_of(target).get(group, ())
    ]


def _members_of(target: Resource) -> dict[str, tuple[str, ...]]:
    return {
        "vault": ("default",),
        "amlworkspace": ("default", "notebook", "inference"),
        "registry": ("registry", f"registry_data_{target.body.get('location')}"),
        **{group: (group,) for group in STORAGE_GROUPS},
    }

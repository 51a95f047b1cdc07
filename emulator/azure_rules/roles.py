"""Role assignments: each one once, and none that changes."""

from collections.abc import Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write
from emulator.resource_paths import last_name, parent_id, same_id


def role_is_new(write: Write) -> None:
    """A principal has a role at a scope once; an assignment's role cannot change."""
    wanted = _assignment(write.inputs)
    if write.existing is not None:
        if _assignment(write.existing.body) != wanted:
            raise AzureError(
                400,
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope are not allowed "
                "to be updated.",
            )
        return
    for other in write.store.of_type(write.resource_type.token):
        same_scope = same_id(parent_id(other.id) or "", parent_id(write.id) or "")
        if same_scope and _assignment(other.body) == wanted:
            raise AzureError(
                409, "RoleAssignmentExists", "The role assignment already exists."
            )


def _assignment(values: Mapping[str, Any]) -> tuple[str, str]:
    role = last_name(str(values.get("roleDefinitionId") or ""))
    return role.lower(), str(values.get("principalId") or "").lower()

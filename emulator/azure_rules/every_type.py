"""Rules for every type, and rules that several types share."""

from collections.abc import Callable

from emulator.azure_error import AzureError
from emulator.azure_rules.flow_logs import is_azures_own, made_by_azure
from emulator.azure_rules.requests import (
    Write,
    at,
    is_ours,
    missing_part,
    referenced_ids,
    token_of,
)
from emulator.made_up_values import normalised_location
from emulator.resource_paths import (
    id_key,
    last_name,
    parent_id,
    resource_group_of,
    same_id,
)


def resource_group_exists(write: Write) -> None:
    """A resource needs its resource group.

    A part of a resource in another group than those here, or what extends one such as
    a role, is accepted: group and resource belong to somebody else.
    """
    group = resource_group_of(write.id)
    if group is None or write.resource_type.token == "resources:ResourceGroup":
        return
    group_id = write.id[: write.id.lower().index(f"/resourcegroups/{group.lower()}")]
    group_id = f"{group_id}/resourceGroups/{group}"
    path = write.resource_type.path
    is_part = path.extends_others or path.own_levels > 1
    if is_part and not is_azures_own(group_id):
        return
    if not (write.store.get(group_id) or made_by_azure(write.store, group_id)):
        raise AzureError(
            404,
            "ResourceGroupNotFound",
            f"Resource group '{group}' could not be found.",
        )


def parent_exists(write: Write) -> None:
    """A child needs its parent; an extension the resource that it extends."""
    if write.resource_type.path.derived:
        return
    parent = parent_id(write.id)
    while parent is not None and last_name(parent) == "default":
        parent = parent_id(parent)
    if parent is None or token_of(parent) is None:
        return
    if write.store.get(parent) is None and is_ours(write.store, parent):
        kind = write.resource_type.path.resource_type.partition("/")[2]
        raise AzureError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{kind}', because the "
            f"parent resource '{parent}' could not be found.",
        )


def references_exist(write: Write) -> None:
    """Every id that the inputs mention must exist, if its resource group is ours."""
    for referenced in referenced_ids(write.inputs):
        if id_key(referenced).startswith(id_key(write.id)):
            continue
        if not is_ours(write.store, referenced):
            continue
        missing = missing_part(write.store, referenced)
        if missing is not None:
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {missing} referenced by resource {write.id} was not found. "
                "Please make sure that the referenced resource exists, and that both "
                "resources are in the same region.",
            )


def identities_exist(write: Write) -> None:
    """A resource can only act as user-assigned identities that there are.

    https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/known-issues
    """
    given = at(write.inputs, "identity", "userAssignedIdentities") or ()
    for identity in given:
        if not isinstance(identity, str) or not is_ours(write.store, identity):
            continue
        if missing_part(write.store, identity) is not None:
            raise AzureError(
                400,
                "FailedIdentityOperation",
                f"Identity operation for resource '{write.id}' failed with error "
                "'Failed to perform resource identity operation. Status: 'BadRequest'. "
                f"Response: 'Resource '{identity}' was not found.''.",
            )


def location_stays(write: Write) -> None:
    """An existing resource cannot move to another region."""
    if write.existing is None:
        return
    old, new = write.existing.body.get("location"), write.inputs.get("location")
    if not isinstance(old, str) or not isinstance(new, str):
        return
    if normalised_location(old) == normalised_location(new):
        return
    raise AzureError(
        409,
        "InvalidResourceLocation",
        f"The resource '{write.name}' already exists in location '{old}' in resource "
        f"group '{resource_group_of(write.id)}'. A resource with the same name cannot "
        f"be created in location '{new}'. Please select a new resource name.",
    )


def location_is(*allowed: str) -> Callable[[Write], None]:
    """These types live in no region, or in a few only."""

    def rule(write: Write) -> None:
        location = write.inputs.get("location")
        if isinstance(location, str) and normalised_location(location) not in allowed:
            kind = write.resource_type.path.resource_type
            raise AzureError(
                400,
                "LocationNotAvailableForResourceType",
                f"The provided location '{location}' is not available for resource "
                f"type '{kind}'. List of available regions for the resource type is "
                f"'{','.join(allowed)}'.",
            )

    return rule


def name_is_free_everywhere(code: str, kind: str) -> Callable[[Write], None]:
    """These names exist once in all of Azure."""

    def rule(write: Write) -> None:
        for other in write.store.of_type(write.resource_type.token):
            if same_id(other.id, write.id):
                continue
            if last_name(other.id).lower() == write.name.lower():
                raise AzureError(
                    409, code, f"The {kind} named {write.name} is already taken."
                )

    return rule

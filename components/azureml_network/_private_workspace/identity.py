"""The two identities and their roles, each on the one resource that needs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import authorization, managedidentity

from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_rulebook.roles import (
    ROLE_IDS,
    WORKSPACE_IDENTITY_GRANTS,
    RoleGrant,
    compute_identity_grants,
    role_assignment_name,
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user-assigned identity and the roles that it is to have."""

    resource: managedidentity.UserAssignedIdentity
    azure_name: str
    stem: str
    """What the Pulumi names of the identity and of its roles begin with."""
    grants: tuple[RoleGrant, ...]


def workspace_identity(parts: WorkspaceParts) -> Identity:
    """Make the identity that the workspace acts as."""
    return _identity(parts, "", WORKSPACE_IDENTITY_GRANTS)


def compute_identity(parts: WorkspaceParts) -> Identity:
    """Make the identity that the nodes of the cluster act as."""
    groups = parts.plan.endpoints.storage_groups
    return _identity(parts, "compute", compute_identity_grants(groups))


def _identity(
    parts: WorkspaceParts, part: str, grants: tuple[RoleGrant, ...]
) -> Identity:
    """Make an identity, called by ``part`` if it is not the workspace's.

    It keeps the tags it was made with. At the preview of an update azure-native knows
    none of a resource's outputs, so a new tag here would show each of the identity's
    role assignments as replaced, and stop the preview where they are protected.
    """
    stem = f"{parts.name}-{part}" if part else parts.name
    azure_name = parts.plan.naming.name("managed_identity", part)
    resource = managedidentity.UserAssignedIdentity(
        f"{stem}-identity",
        resource_name_=azure_name,
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(ignore_changes=["tags"])
        ),
    )
    return Identity(resource=resource, azure_name=azure_name, stem=stem, grants=grants)


def role_assignments(
    parts: WorkspaceParts,
    identity: Identity,
    subscription_id: Input[str],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give an identity its roles on the resources in ``scopes``.

    ``scopes``: resource ids by the rulebook's word for them (``RoleGrant.scope``);
    grants on other resources are left to another call.
    """
    return [
        authorization.RoleAssignment(
            f"{identity.stem}-{grant.key}",
            # From plain text, so that it is the same in every preview.
            role_assignment_name=role_assignment_name(
                identity.azure_name, grant.scope, grant.role
            ),
            scope=scopes[grant.scope],
            role_definition_id=Output.concat(
                "/subscriptions/",
                subscription_id,
                "/providers/Microsoft.Authorization/roleDefinitions/",
                ROLE_IDS[grant.role],
            ),
            principal_id=identity.resource.principal_id,
            # Without it Azure looks the principal up, and a new one is not found yet.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            description=grant.reason,
            opts=parts.options(),
        )
        for grant in identity.grants
        if grant.scope in scopes
    ]

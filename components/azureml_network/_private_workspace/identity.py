"""The workspace's identity and its roles, each on the one resource that needs it."""

from collections.abc import Mapping

from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import authorization, managedidentity

from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_rulebook.roles import (
    ROLE_IDS,
    WORKSPACE_IDENTITY_GRANTS,
    role_assignment_name,
)


def user_assigned_identity(
    parts: WorkspaceParts,
) -> managedidentity.UserAssignedIdentity:
    """Make the identity that the workspace and its compute act as.

    It keeps the tags it was made with. At the preview of an update azure-native knows
    none of a resource's outputs, so a new tag here would show each of the identity's
    role assignments as replaced, and stop the preview where they are protected.
    """
    return managedidentity.UserAssignedIdentity(
        f"{parts.name}-identity",
        resource_name_=parts.plan.naming.name("managed_identity"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(ignore_changes=["tags"])
        ),
    )


def role_assignments(
    parts: WorkspaceParts,
    identity: managedidentity.UserAssignedIdentity,
    subscription_id: Input[str],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give the identity its roles on the resources in ``scopes``.

    ``scopes``: resource ids by the rulebook's word for them (``RoleGrant.scope``);
    grants on other resources are left to another call.
    """
    naming = parts.plan.naming
    return [
        authorization.RoleAssignment(
            f"{parts.name}-{grant.key}",
            # From plain text, so that it is the same in every preview.
            role_assignment_name=role_assignment_name(
                naming.name("managed_identity"), grant.scope, grant.role
            ),
            scope=scopes[grant.scope],
            role_definition_id=Output.concat(
                "/subscriptions/",
                subscription_id,
                "/providers/Microsoft.Authorization/roleDefinitions/",
                ROLE_IDS[grant.role],
            ),
            principal_id=identity.principal_id,
            # Without it Azure looks the principal up, and a new one is not found yet.
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            description=grant.reason,
            opts=parts.options(),
        )
        for grant in WORKSPACE_IDENTITY_GRANTS
        if grant.scope in scopes
    ]

"""The people who work with a workspace: groups of Microsoft Entra ID and their roles.

Groups stay when people come and go. Whoever makes and deletes compute, or manages the
workspace, sees no data by that: data is for those who work with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input
from pulumi_azure_native import authorization

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import PeopleSpec
from azureml_network._private_workspace.identity import holder_key
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._roles import GroupPlan, read_groups, role_assignments
from azureml_rulebook.roles import Holder, grants_of

GROUP_KEYS = {
    Holder.DATA_SCIENTISTS: "data_scientist_group_ids",
    Holder.COMPUTE_OPERATORS: "compute_operator_group_ids",
    Holder.ADMINISTRATORS: "administrator_group_ids",
}
"""Inputs of `people` by what their groups are."""


@dataclass(frozen=True, kw_only=True)
class PeoplePlan:
    """Everybody who works with a workspace."""

    groups: tuple[GroupPlan, ...]


def read_people(reader: InputReader) -> PeoplePlan:
    """Read who works with the workspace.

    A group may do several things, and is named once for each.
    """
    return PeoplePlan(
        groups=read_groups(reader.nested("people", PeopleSpec), GROUP_KEYS)
    )


def people_roles(
    parts: WorkspaceParts,
    plan: PeoplePlan,
    subscription_id: Input[str],
    storage_groups: tuple[str, ...],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give every group its roles.

    Args:
        parts: the workspace's surroundings.
        plan: who works with it.
        subscription_id: whose role definitions are meant.
        storage_groups: group ids of the storage account's private endpoints.
        scopes: resource ids by the rulebook's word for them.
    """
    made: list[authorization.RoleAssignment] = []
    for group in plan.groups:
        holder = group.role_holder(
            parts.name,
            lambda object_id: holder_key(parts, object_id),
            grants_of(group.holder, storage_groups=storage_groups),
        )
        made += role_assignments(parts, holder, subscription_id, scopes)
    return made

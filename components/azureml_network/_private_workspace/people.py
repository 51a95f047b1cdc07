"""The people who work with a workspace: groups of Microsoft Entra ID and their roles.

Groups stay when people come and go. Whoever makes and deletes compute, or manages the
workspace, sees no data by that: data is for those who work with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output
from pulumi_azure_native import authorization

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._private_workspace.arguments import PeopleSpec
from azureml_network._private_workspace.identity import (
    RoleHolder,
    holder_key,
    role_assignments,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_rulebook.resource_ids import object_id_findings
from azureml_rulebook.roles import Holder, grants_of

GROUP_KEYS = {
    Holder.DATA_SCIENTISTS: "data_scientist_group_ids",
    Holder.COMPUTE_OPERATORS: "compute_operator_group_ids",
    Holder.ADMINISTRATORS: "administrator_group_ids",
}
"""Inputs of `people` by what their groups are."""


@dataclass(frozen=True, kw_only=True)
class GroupPlan:
    """A group of people and what it does."""

    holder: Holder
    object_id: Input[str]
    word: str
    """What its Pulumi names have: its id, or its place in the list where that is known
    only later."""


@dataclass(frozen=True, kw_only=True)
class PeoplePlan:
    """Everybody who works with a workspace."""

    groups: tuple[GroupPlan, ...]


def read_people(reader: InputReader) -> PeoplePlan:
    """Read who works with the workspace.

    A group may do several things, and is named once for each.
    """
    spec = reader.nested("people", PeopleSpec)
    groups: list[GroupPlan] = []
    for holder, key in GROUP_KEYS.items():
        first: dict[str, str] = {}
        for index, object_id in enumerate(spec.input_texts(key)):
            path = f"{key}[{index}]"
            if is_known_later(object_id):
                groups.append(
                    GroupPlan(holder=holder, object_id=object_id, word=str(index))
                )
                continue
            text = str(object_id).lower()
            spec.findings += object_id_findings(text, path=f"{spec.path}.{path}")
            other = first.setdefault(text, path)
            if other != path:
                spec.note(path, f"'{text}' is {other} already; leave it out")
            groups.append(GroupPlan(holder=holder, object_id=text, word=text))
    return PeoplePlan(groups=tuple(groups))


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
        holder = RoleHolder(
            stem=f"{parts.name}-{group.holder}-{group.word}",
            key=_key(parts, group.object_id),
            principal_id=group.object_id,
            principal_type=authorization.PrincipalType.GROUP,
            grants=grants_of(group.holder, storage_groups=storage_groups),
        )
        made += role_assignments(parts, holder, subscription_id, scopes)
    return made


def _key(parts: WorkspaceParts, object_id: Input[str]) -> Input[str]:
    if isinstance(object_id, str):
        return holder_key(parts, object_id)
    return Output.from_input(object_id).apply(
        lambda text: holder_key(parts, text.lower())
    )

"""The people who come to jump boxes: groups of Microsoft Entra ID and their roles.

A role to sign in is on each machine, and what a session takes besides it is to see the
machine, its interface, Bastion and, from a peered network, the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output
from pulumi_azure_native import authorization

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import JumpBoxPeopleSpec
from azureml_network._jump_box_bastion.machine_resources import JumpBox
from azureml_network._roles import GroupPlan, read_groups, role_assignments
from azureml_network._surroundings import Surroundings
from azureml_rulebook.resource_ids import subscription_id_findings
from azureml_rulebook.roles import Holder, grants_of

_USERS, _ADMINISTRATORS = "user_group_ids", "administrator_group_ids"
GROUP_KEYS = {
    Holder.JUMP_BOX_USERS: _USERS,
    Holder.JUMP_BOX_ADMINISTRATORS: _ADMINISTRATORS,
}
"""Inputs of `people` by what their groups are."""

_SUBSCRIPTION = "subscription_id"


@dataclass(frozen=True, kw_only=True)
class PeoplePlan:
    """Everybody who may connect."""

    groups: tuple[GroupPlan, ...]
    subscription_id: Input[str] | None
    """Where role definitions are named; None: nobody has a role."""


def read_people(reader: InputReader) -> PeoplePlan:
    """Read who may connect."""
    spec = reader.nested("people", JumpBoxPeopleSpec)
    groups = read_groups(spec, GROUP_KEYS)
    _note_users_who_administer(spec, groups)
    subscription_id = reader.optional_input(_SUBSCRIPTION)
    if isinstance(subscription_id, str):
        reader.findings += subscription_id_findings(subscription_id, path=_SUBSCRIPTION)
    if groups and subscription_id is None:
        reader.note_missing(
            _SUBSCRIPTION,
            "is required and not set: the roles of people are named in it; give the "
            "subscription of the resource group",
        )
    return PeoplePlan(groups=groups, subscription_id=subscription_id)


def people_roles(
    parts: Surroundings,
    plan: PeoplePlan,
    shared: Mapping[str, Input[str]],
    boxes: Mapping[str, JumpBox],
) -> list[authorization.RoleAssignment]:
    """Give every group its roles.

    Args:
        parts: the component's surroundings.
        plan: who may connect.
        shared: resource ids of Bastion and the network, by the rulebook's words.
        boxes: the jump boxes by name.
    """
    made: list[authorization.RoleAssignment] = []
    if plan.subscription_id is None:
        return made
    start = _deployment(parts, plan.subscription_id)
    for group in plan.groups:
        holder = group.role_holder(
            parts.name,
            lambda object_id: _key(start, object_id),
            grants_of(group.holder),
        )
        made += role_assignments(parts, holder, plan.subscription_id, shared)
        for name, box in boxes.items():
            on_box = {"machine": box.machine.id, "interface": box.interface.id}
            made += role_assignments(
                parts, holder.of_part(name), plan.subscription_id, on_box
            )
    return made


def _note_users_who_administer(
    spec: InputReader, groups: tuple[GroupPlan, ...]
) -> None:
    """Note groups that are there twice: Azure refuses a role that is given already."""
    administrators = {
        group.object_id
        for group in groups
        if group.holder is Holder.JUMP_BOX_ADMINISTRATORS
        and isinstance(group.object_id, str)
    }
    users = (group for group in groups if group.holder is Holder.JUMP_BOX_USERS)
    for index, group in enumerate(users):
        if isinstance(group.object_id, str) and group.object_id in administrators:
            spec.note(
                f"{_USERS}[{index}]",
                f"'{group.object_id}' is in {_ADMINISTRATORS} too, whose groups can do "
                "all that users can; leave it out of one of the two",
            )


def _deployment(parts: Surroundings, subscription_id: Input[str]) -> Input[str]:
    """Return what tells this component from those of other deployments."""
    group = parts.resource_group_name
    if isinstance(subscription_id, str) and isinstance(group, str):
        return f"{subscription_id}/{group}/{parts.name}".lower()
    return Output.concat(subscription_id, "/", group, "/", parts.name).apply(str.lower)


def _key(deployment: Input[str], object_id: str) -> Input[str]:
    if isinstance(deployment, str):
        return f"{deployment}/{object_id}"
    return Output.concat(deployment, "/", object_id)

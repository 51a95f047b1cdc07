"""Role assignments: who gets which role on what, for every component that gives any.

A role is on the one resource that needs it. Names of role assignments come from plain
text where there is one, so that they are the same in every preview. People are groups
of Microsoft Entra ID, which stay when people come and go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import authorization

from azureml_network._inputs import InputReader, is_known_later
from azureml_rulebook.resource_ids import (
    ResourceId,
    any_resource_id,
    object_id_findings,
)
from azureml_rulebook.roles import ROLE_IDS, Holder, RoleGrant, role_assignment_name


class Parts(Protocol):
    """The surroundings of a component, as far as roles need them."""

    def options(self) -> ResourceOptions:
        """Return the options of a child."""
        ...


@dataclass(frozen=True, kw_only=True)
class RoleHolder:
    """Somebody who is to have roles."""

    stem: str
    """What the Pulumi names of the role assignments begin with."""
    key: Input[str]
    """What the Azure names of the role assignments are made from."""
    principal_id: Input[str]
    grants: tuple[RoleGrant, ...]
    principal_type: authorization.PrincipalType = (
        authorization.PrincipalType.SERVICE_PRINCIPAL
    )

    def of_part(self, part: str) -> "RoleHolder":
        """Return the same holder, whose roles are called by a part of the component."""
        return replace(
            self,
            stem=f"{self.stem}-{part}",
            key=f"{self.key}/{part}"
            if isinstance(self.key, str)
            else Output.concat(self.key, f"/{part}"),
        )


@dataclass(frozen=True, kw_only=True)
class GroupPlan:
    """A group of people and what it does."""

    holder: Holder
    object_id: Input[str]
    word: str
    """What its Pulumi names have: its id, or its place in the list where that is known
    only later."""

    def role_holder(
        self,
        name: str,
        key_of: Callable[[str], Input[str]],
        grants: tuple[RoleGrant, ...],
    ) -> RoleHolder:
        """Return the group as somebody who is to have roles.

        Args:
            name: of the component, with which all names begin.
            key_of: returns the key of the holder with that object id.
            grants: what the group gets.
        """
        object_id = self.object_id
        return RoleHolder(
            stem=f"{name}-{self.holder}-{self.word}",
            key=key_of(object_id)
            if isinstance(object_id, str)
            else Output.from_input(object_id).apply(lambda text: key_of(text.lower())),
            principal_id=object_id,
            principal_type=authorization.PrincipalType.GROUP,
            grants=grants,
        )


def read_groups(spec: InputReader, keys: Mapping[Holder, str]) -> tuple[GroupPlan, ...]:
    """Read lists of groups: those at ``keys``, by what the groups are.

    A group may do several things, and is named once for each.
    """
    groups: list[GroupPlan] = []
    for holder, key in keys.items():
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
    return tuple(groups)


def role_assignments(
    parts: Parts,
    holder: RoleHolder,
    subscription_id: Input[str],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give a holder its roles on the resources in ``scopes``.

    ``scopes``: resource ids by the rulebook's word for them (``RoleGrant.scope``);
    grants on other resources are left to another call.
    """
    return [
        role_assignment(
            parts,
            holder,
            grant,
            subscription_id,
            scope=scopes[grant.scope],
            name=f"{holder.stem}-{grant.key}",
            word=grant.scope,
        )
        for grant in holder.grants
        if grant.scope in scopes
    ]


def role_assignment(
    parts: Parts,
    holder: RoleHolder,
    grant: RoleGrant,
    subscription_id: Input[str],
    *,
    scope: Input[str],
    name: str,
    word: str,
) -> authorization.RoleAssignment:
    """Make one assignment.

    Args:
        parts: the component's surroundings.
        holder: who gets the role.
        grant: which role, and why.
        subscription_id: whose role definitions are meant, where that of the scope is
            not known.
        scope: resource id of what the role is on.
        name: of the assignment, in Pulumi.
        word: what tells the scope apart in the assignment's Azure name.
    """
    return authorization.RoleAssignment(
        name,
        role_assignment_name=_assignment_name(holder.key, word, grant.role),
        scope=scope,
        role_definition_id=Output.concat(
            "/subscriptions/",
            _subscription_of(scope) or subscription_id,
            "/providers/Microsoft.Authorization/roleDefinitions/",
            ROLE_IDS[grant.role],
        ),
        principal_id=holder.principal_id,
        # Without it Azure looks the principal up, and a new one is not found yet.
        principal_type=holder.principal_type,
        description=grant.reason,
        opts=parts.options(),
    )


def _assignment_name(key: Input[str], word: str, role: str) -> Input[str]:
    if isinstance(key, str):
        return role_assignment_name(key, word, role)
    return Output.from_input(key).apply(
        lambda text: role_assignment_name(text, word, role)
    )


def _subscription_of(scope: Input[str]) -> str | None:
    """Return the subscription of a plain id, which may be another one's."""
    found = any_resource_id(scope) if isinstance(scope, str) else None
    return found.subscription_id if isinstance(found, ResourceId) else None

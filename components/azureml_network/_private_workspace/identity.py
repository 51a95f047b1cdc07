"""The identities of a workspace and its compute, and the roles of each.

A role comes before whoever needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, ResourceOptions
from pulumi_azure_native import (
    authorization,
    machinelearningservices,
    managedidentity,
)

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import IdentityKind, IdentitySpec
from azureml_network._private_workspace.managed_network import waits_for_approval
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._roles import RoleHolder, role_assignment
from azureml_rulebook.findings import joined
from azureml_rulebook.resource_ids import MANAGED_IDENTITY, object_id_findings
from azureml_rulebook.roles import Holder, RoleGrant, grants_of, role_assignment_name

OUTBOUND_TARGET = "outbound_target"
"""The scope of grants on what the rules of a managed network lead to."""
KUBERNETES = "kubernetes"
"""The scope of grants on attached Kubernetes clusters."""

_EXISTING, _PRINCIPAL = "existing_id", "principal_id"


@dataclass(frozen=True, kw_only=True)
class IdentityPlan:
    """What the workspace acts as."""

    kind: IdentityKind
    existing_id: Input[str] | None
    """The identity, where it exists already."""
    principal_id: Input[str] | None
    """Its object id, where it exists already."""

    @property
    def is_system_assigned(self) -> bool:
        """Whether it lives and dies with the workspace."""
        return self.kind is IdentityKind.SYSTEM_ASSIGNED


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user-assigned identity, which is there before whatever acts as it."""

    id: Input[str]
    """Resource id."""
    holder: RoleHolder


def read_identity(reader: InputReader) -> IdentityPlan:
    """Read what the workspace acts as."""
    spec = reader.nested("identity", IdentitySpec)
    plan = IdentityPlan(
        kind=spec.choice("kind", IdentityKind.USER_ASSIGNED),
        existing_id=spec.resource_id(_EXISTING, MANAGED_IDENTITY),
        principal_id=spec.optional_input(_PRINCIPAL),
    )
    if isinstance(plan.principal_id, str):
        spec.findings += object_id_findings(
            plan.principal_id, path=joined(spec.path, _PRINCIPAL)
        )
    if plan.is_system_assigned:
        for key in (_EXISTING, _PRINCIPAL):
            if spec.has(key):
                spec.note(
                    key,
                    "is of a user-assigned identity, and identity.kind is "
                    "'system_assigned'; leave one of the two out",
                )
    elif spec.has(_EXISTING) and not spec.has(_PRINCIPAL):
        spec.note(
            _PRINCIPAL,
            f"is required with {_EXISTING}; give the object id that Microsoft Entra ID "
            "shows of that identity, roles are given to it",
        )
    elif spec.has(_PRINCIPAL) and not spec.has(_EXISTING):
        spec.note(
            _PRINCIPAL,
            f"is of an identity that exists already; give its {_EXISTING} too, or "
            "leave it out and an identity is made",
        )
    return plan


def workspace_identity(
    parts: WorkspaceParts, plan: IdentityPlan, *, managed_network: bool
) -> Identity | None:
    """Return the identity that the workspace acts as, made here if there is none.

    None: it lives and dies with the workspace, see ``system_assigned_holder``.
    ``managed_network``: whether the service manages the network of the compute.
    """
    if plan.is_system_assigned:
        return None
    grants = grants_of(Holder.WORKSPACE, managed_network=managed_network)
    if plan.existing_id is None or plan.principal_id is None:
        return _identity(parts, "", grants)
    existing_id = plan.existing_id
    word = existing_id.lower() if isinstance(existing_id, str) else "its own identity"
    holder = RoleHolder(
        stem=parts.name,
        key=holder_key(parts, word),
        principal_id=plan.principal_id,
        grants=grants,
    )
    return Identity(id=existing_id, holder=holder)


def system_assigned_holder(
    parts: WorkspaceParts,
    workspace: machinelearningservices.Workspace,
    *,
    managed_network: bool,
) -> RoleHolder:
    """Return the workspace itself with those roles that the service does not give it.

    ``managed_network``: as for ``workspace_identity``.
    """
    return RoleHolder(
        stem=parts.name,
        key=holder_key(parts, "system assigned"),
        principal_id=workspace.identity.principal_id,
        grants=grants_of(
            Holder.WORKSPACE, managed_network=managed_network, system_assigned=True
        ),
    )


def compute_identity(
    parts: WorkspaceParts, storage_groups: tuple[str, ...]
) -> Identity:
    """Make the identity that the nodes of clusters act as.

    ``storage_groups``: group ids of the storage account's private endpoints.
    """
    grants = grants_of(Holder.COMPUTE, storage_groups=storage_groups)
    return _identity(parts, "compute", grants)


def holder_key(parts: WorkspaceParts, word: str) -> str:
    """Return a text that no other holder has, of this workspace or another one."""
    return f"{parts.naming.name('machine_learning_workspace')}/{word}"


def _identity(
    parts: WorkspaceParts, part: str, grants: tuple[RoleGrant, ...]
) -> Identity:
    """Make an identity, called by ``part`` if it is not the workspace's.

    It keeps the tags it was made with. At the preview of an update azure-native knows
    none of a resource's outputs, so a new tag here would show each of the identity's
    role assignments as replaced, and stop the preview where they are protected.
    """
    stem = f"{parts.name}-{part}" if part else parts.name
    azure_name = parts.naming.name("managed_identity", part)
    made = managedidentity.UserAssignedIdentity(
        f"{stem}-identity",
        resource_name_=azure_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(ignore_changes=["tags"])
        ),
    )
    holder = RoleHolder(
        stem=stem, key=azure_name, principal_id=made.principal_id, grants=grants
    )
    return Identity(id=made.id, holder=holder)


def approvals(
    parts: WorkspaceParts,
    holder: RoleHolder,
    subscription_id: Input[str],
    targets: Mapping[str, Input[str]],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Let a holder approve the private endpoints that outbound rules lead to.

    ``targets``: resource ids by the name of the rule. ``scopes``: as for
    ``role_assignments``. Azure refuses the same role on the same resource twice: what
    is among ``scopes``, or has been the target of a rule, is left out, and so is what
    the role does not cover.
    """
    done = {_plain(scope) for scope in scopes.values()}
    made: list[authorization.RoleAssignment] = []
    for grant in holder.grants:
        if grant.scope != OUTBOUND_TARGET:
            continue
        for rule, target_id in sorted(targets.items()):
            if _plain(target_id) in done or waits_for_approval(target_id):
                continue
            done.add(_plain(target_id))
            word = target_id.lower() if isinstance(target_id, str) else rule
            made.append(
                role_assignment(
                    parts,
                    holder,
                    grant,
                    subscription_id,
                    scope=target_id,
                    name=f"{holder.stem}-outbound-{_target_word(rule, target_id)}",
                    word=f"{grant.scope}/{word}",
                )
            )
    return made


def kubernetes_roles(
    parts: WorkspaceParts,
    holder: RoleHolder,
    subscription_id: Input[str],
    clusters: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give a holder the roles on Kubernetes clusters that are needed to attach them.

    ``clusters``: resource ids by the name of the compute. One cluster may be attached
    by several names, and has the roles once.
    """
    done: set[object] = set()
    made: list[authorization.RoleAssignment] = []
    for name, cluster_id in sorted(clusters.items(), key=lambda item: item[0]):
        if _plain(cluster_id) in done:
            continue
        done.add(_plain(cluster_id))
        word = cluster_id.lower() if isinstance(cluster_id, str) else name
        made += [
            role_assignment(
                parts,
                holder,
                grant,
                subscription_id,
                scope=cluster_id,
                name=f"{holder.stem}-{grant.key}-{name}",
                word=f"{grant.scope}/{word}",
            )
            for grant in holder.grants
            if grant.scope == KUBERNETES
        ]
    return made


def _plain(resource_id: Input[str]) -> object:
    """Return what tells resources apart, as far as that is known."""
    return resource_id.lower() if isinstance(resource_id, str) else id(resource_id)


def _target_word(rule: str, target_id: Input[str]) -> str:
    """Return a word for a target that stays when its first rule goes."""
    if not isinstance(target_id, str):
        return f"{rule}-approver"
    own_name = target_id.rpartition("/")[2]
    return f"{own_name}-{role_assignment_name(target_id.lower())[:8]}-approver"

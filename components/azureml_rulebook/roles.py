"""Who gets which role around a private workspace, on what, and why: one table.

Every role is on the one resource that needs it and nowhere wider. The nodes of a
cluster have an identity of their own: a job may take its token, and must not find the
workspace's rights in it. A user-assigned identity gets nothing from the service by
itself; a system-assigned one gets most of its roles so, and they are not given again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

_LEARN = "https://learn.microsoft.com/azure"
_IDENTITY_PAGE = (
    f"{_LEARN}/machine-learning/how-to-identity-based-service-authentication"
)
_STUDIO_PAGE = f"{_LEARN}/machine-learning/how-to-enable-studio-virtual-network"
_KEYLESS_PAGE = f"{_LEARN}/machine-learning/how-to-disable-local-auth-storage"
_MANAGED_NETWORK_PAGE = f"{_LEARN}/machine-learning/how-to-managed-network"
_PEOPLE_PAGE = f"{_LEARN}/machine-learning/how-to-assign-roles"
_KUBERNETES_PAGE = (
    f"{_LEARN}/machine-learning/how-to-attach-kubernetes-to-workspace"
    "#attach-to-workspace-with-user-assigned-managed-identity"
)
_BASTION_ROLES_PAGE = f"{_LEARN}/bastion/bastion-faq#roles"
_SIGN_IN_PAGE = f"{_LEARN}/bastion/bastion-entra-id-authentication#assign-roles"
_AI_ROLES_PAGE = (
    f"{_LEARN}/role-based-access-control/built-in-roles/ai-machine-learning"
)

APPROVER = "Azure AI Enterprise Network Connection Approver"
"""The role that approves the private endpoints of a managed network."""

ROLE_IDS: dict[str, str] = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Azure AI Administrator": "b78c5d69-af96-48a3-bf8d-a8b4d589de94",
    APPROVER: "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
    "Azure Kubernetes Service Cluster Admin Role": (
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8"
    ),
    "AzureML Compute Operator": "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Kubernetes Extension Contributor": "85cb6faf-e071-4c9b-8136-154b5a04f717",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Virtual Machine Administrator Login": "1c0163c0-47e6-4577-8991-ea5c83e286e4",
    "Virtual Machine User Login": "fb879df8-f326-4884-b1cf-06f3ad86be52",
}
"""Built-in role name to definition id, the same in every tenant and cloud
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""

BROAD_ROLE_IDS: dict[str, str] = {
    "Contributor": ROLE_IDS["Contributor"],
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
}
"""Built-in roles that change, or give away, all of what they are on
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged).
"""


class Holder(StrEnum):
    """Who gets roles."""

    WORKSPACE = "workspace"
    """The identity that the workspace acts as."""
    COMPUTE = "compute"
    """The identity of the nodes of clusters."""
    FLOW_LOGS = "flow-logs"
    """The identity that writes the flow logs of a network."""
    DATA_SCIENTISTS = "data-scientists"
    """Groups of people that run jobs and use data."""
    COMPUTE_OPERATORS = "compute-operators"
    """Groups of people that make and delete compute."""
    ADMINISTRATORS = "administrators"
    """Groups of people that manage the workspace."""
    JUMP_BOX_USERS = "jump-box-users"
    """Groups of people that sign in to jump boxes."""
    JUMP_BOX_ADMINISTRATORS = "jump-box-administrators"
    """Groups of people that sign in to jump boxes as their administrators."""


@dataclass(frozen=True, kw_only=True)
class RoleGrant:
    """One role of a holder on one resource."""

    holder: Holder
    scope: str
    """Which resource: storage, key_vault, registry, application_insights,
    monitor_scope, workspace, blob_endpoint, file_endpoint, kubernetes: an attached
    cluster, outbound_target: what a rule of a managed network leads to, machine: a
    jump box, interface: that of a jump box, bastion, or network."""
    role: str
    """Name of the built-in role."""
    reason: str
    page: str
    storage_group: str | None = None
    """The storage endpoint (group id) that it comes with; None: it is always given."""
    managed_network: bool = False
    """Whether it comes with a network that the service manages."""
    given_by_service: bool = False
    """Whether a system-assigned identity has it from the service."""

    @property
    def key(self) -> str:
        """What tells this grant of its holder apart, for names: storage-contributor."""
        role = self.role.lower().replace(" ", "-")
        return f"{self.scope.replace('_', '-')}-{role}"


def _workspace(
    scope: str,
    role: str,
    reason: str,
    page: str = _IDENTITY_PAGE,
    *,
    given_by_service: bool = True,
) -> RoleGrant:
    return RoleGrant(
        holder=Holder.WORKSPACE,
        scope=scope,
        role=role,
        reason=reason,
        page=page,
        given_by_service=given_by_service,
    )


def _contributor(scope: str, what: str) -> RoleGrant:
    return _workspace(
        scope, "Contributor", f"a user-assigned workspace identity must manage {what}"
    )


def _approver(scope: str, what: str) -> RoleGrant:
    return RoleGrant(
        holder=Holder.WORKSPACE,
        scope=scope,
        role=APPROVER,
        reason=f"approves the managed network's private endpoints to {what}",
        page=_MANAGED_NETWORK_PAGE,
        managed_network=True,
    )


def _keyless(holder: Holder, role: str, reason: str) -> RoleGrant:
    return RoleGrant(
        holder=holder,
        scope="storage",
        role=role,
        reason=f"{reason} without account keys",
        page=_KEYLESS_PAGE,
    )


def _parallel_runs(holder: Holder, storage_group: str, role: str) -> RoleGrant:
    return RoleGrant(
        holder=holder,
        scope="storage",
        role=role,
        reason=f"parallel runs hand out their work by {storage_group}",
        page=_KEYLESS_PAGE,
        storage_group=storage_group,
    )


def _person(holder: Holder, role: str, reason: str, page: str) -> RoleGrant:
    return RoleGrant(
        holder=holder, scope="workspace", role=role, reason=reason, page=page
    )


def _visitor(holder: Holder, sign_in_role: str, reason: str) -> tuple[RoleGrant, ...]:
    """Return what somebody needs who comes to a jump box through Bastion."""
    sees = {
        "machine": "people see the machine that they connect to",
        "interface": "Bastion finds the machine's address for them",
        "bastion": "people connect through Bastion",
        "network": "people find the machines of a network whose Bastion is elsewhere",
    }
    return (
        RoleGrant(
            holder=holder,
            scope="machine",
            role=sign_in_role,
            reason=reason,
            page=_SIGN_IN_PAGE,
        ),
        *(
            RoleGrant(
                holder=holder,
                scope=scope,
                role="Reader",
                reason=seen,
                page=_BASTION_ROLES_PAGE,
            )
            for scope, seen in sees.items()
        ),
    )


ROLE_GRANTS: tuple[RoleGrant, ...] = (
    _contributor("storage", "the default storage account"),
    _workspace(
        "storage",
        "Storage Blob Data Contributor",
        "the studio and serverless jobs use blobs without account keys",
    ),
    _workspace(
        "storage",
        "Storage File Data Privileged Contributor",
        "notebooks live on the file share, reached without account keys",
        _KEYLESS_PAGE,
    ),
    _contributor("key_vault", "the vault"),
    _workspace(
        "key_vault",
        "Key Vault Administrator",
        "the workspace keeps connection secrets in a vault that uses roles",
    ),
    _contributor("registry", "the registry, which includes pushing built images"),
    _workspace(
        "registry",
        "AcrPull",
        "serverless jobs run as the workspace and pull their images so",
    ),
    _contributor("application_insights", "the Application Insights component"),
    _workspace(
        "blob_endpoint",
        "Reader",
        "the studio finds the storage account through its blob endpoint",
        _STUDIO_PAGE,
        given_by_service=False,
    ),
    _workspace(
        "file_endpoint",
        "Reader",
        "the studio finds the storage account through its file endpoint",
        _STUDIO_PAGE,
        given_by_service=False,
    ),
    _contributor("workspace", "the workspace itself"),
    _workspace(
        "kubernetes",
        "Reader",
        "the workspace looks at a Kubernetes cluster before it is attached",
        _KUBERNETES_PAGE,
    ),
    _workspace(
        "kubernetes",
        "Kubernetes Extension Contributor",
        "the workspace finds its extension in an attached Kubernetes cluster",
        _KUBERNETES_PAGE,
    ),
    _workspace(
        "kubernetes",
        "Azure Kubernetes Service Cluster Admin Role",
        "the workspace sends its jobs to an attached Kubernetes cluster",
        _KUBERNETES_PAGE,
    ),
    _approver("storage", "the default storage account"),
    _approver("key_vault", "the vault"),
    _approver("registry", "the registry"),
    _approver("monitor_scope", "the private link scope of Azure Monitor"),
    _approver("workspace", "the workspace itself"),
    _approver("outbound_target", "what its outbound rules name"),
    RoleGrant(
        holder=Holder.COMPUTE,
        scope="registry",
        role="AcrPull",
        reason="nodes pull the images of their jobs",
        page=_IDENTITY_PAGE,
    ),
    _keyless(
        Holder.COMPUTE, "Storage Blob Data Contributor", "jobs read and write blobs"
    ),
    _keyless(
        Holder.COMPUTE,
        "Storage File Data Privileged Contributor",
        "jobs mount the file share",
    ),
    _parallel_runs(Holder.COMPUTE, "queue", "Storage Queue Data Contributor"),
    _parallel_runs(Holder.COMPUTE, "table", "Storage Table Data Contributor"),
    _person(
        Holder.DATA_SCIENTISTS,
        "AzureML Data Scientist",
        "everything within the workspace but compute and the workspace itself",
        _PEOPLE_PAGE,
    ),
    _keyless(
        Holder.DATA_SCIENTISTS,
        "Storage Blob Data Contributor",
        "people see and register data in the studio",
    ),
    _keyless(
        Holder.DATA_SCIENTISTS,
        "Storage File Data Privileged Contributor",
        "people open notebooks and use compute instances",
    ),
    _parallel_runs(Holder.DATA_SCIENTISTS, "queue", "Storage Queue Data Contributor"),
    _parallel_runs(Holder.DATA_SCIENTISTS, "table", "Storage Table Data Contributor"),
    _person(
        Holder.COMPUTE_OPERATORS,
        "AzureML Compute Operator",
        "makes, changes and deletes compute, and nothing else",
        _PEOPLE_PAGE,
    ),
    _person(
        Holder.ADMINISTRATORS,
        "Azure AI Administrator",
        "manages the workspace, and can give nobody a role",
        _AI_ROLES_PAGE,
    ),
    RoleGrant(
        holder=Holder.FLOW_LOGS,
        scope="storage",
        role="Storage Blob Data Contributor",
        reason="flow logs are written without account keys",
        page=f"{_LEARN}/network-watcher/vnet-flow-logs-managed-identity",
    ),
    *_visitor(
        Holder.JUMP_BOX_USERS,
        "Virtual Machine User Login",
        "people sign in with Microsoft Entra ID",
    ),
    *_visitor(
        Holder.JUMP_BOX_ADMINISTRATORS,
        "Virtual Machine Administrator Login",
        "administrators sign in with Microsoft Entra ID",
    ),
)
"""Every role there is, and no more. Roles on the workspace can only be given once it
exists; the others come before whoever needs them."""


def grants_of(
    holder: Holder,
    *,
    storage_groups: Iterable[str] = (),
    managed_network: bool = False,
    system_assigned: bool = False,
) -> tuple[RoleGrant, ...]:
    """Return what a holder is given.

    Args:
        holder: who.
        storage_groups: group ids of the storage account's private endpoints.
        managed_network: whether the service manages the network of the compute.
        system_assigned: whether the service gives the holder roles by itself.
    """
    present = {None, *storage_groups}
    return tuple(
        grant
        for grant in ROLE_GRANTS
        if grant.holder is holder
        and grant.storage_group in present
        and (managed_network or not grant.managed_network)
        and not (system_assigned and grant.given_by_service)
    )


def scopes_of_role(role: str) -> frozenset[str]:
    """Return what ``role``, a built-in one's name, is given on by any grant."""
    return frozenset(grant.scope for grant in ROLE_GRANTS if grant.role == role)


FLOW_LOG_GRANT = grants_of(Holder.FLOW_LOGS)[0]
"""What the identity that writes the flow logs of a network needs."""


# Any fixed value does: it keeps our names apart from other people's.
_NAMESPACE = UUID("9d0f0c5c-5b0f-5d8e-9a59-6c9e7f0f3a11")


def role_assignment_name(*parts: str) -> str:
    """Return the name (a UUID) of a role assignment, the same for the same parts.

    ``parts``: plain texts that tell the deployment, the scope and the role apart.
    """
    # Escaped, so that the end of one part is not taken for the beginning of the next.
    escaped = (part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
    return str(uuid5(_NAMESPACE, "|".join(escaped)))

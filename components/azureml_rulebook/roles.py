"""The roles that a private workspace's two identities need, with scope and reason.

A user-assigned identity gets nothing from the service by itself, so every role is
written out, on the one resource that needs it and nowhere wider. The nodes of a cluster
have an identity of their own: a job may take its token, and must not find the
workspace's rights in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

_LEARN = "https://learn.microsoft.com/azure"
_IDENTITY_PAGE = (
    f"{_LEARN}/machine-learning/how-to-identity-based-service-authentication"
)
_STUDIO_PAGE = f"{_LEARN}/machine-learning/how-to-enable-studio-virtual-network"
_KEYLESS_PAGE = f"{_LEARN}/machine-learning/how-to-disable-local-auth-storage"

ROLE_IDS: dict[str, str] = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
}
"""Built-in role name to definition id, the same in every tenant and cloud
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""


@dataclass(frozen=True, kw_only=True)
class RoleGrant:
    """One role of an identity on one resource."""

    scope: str
    """Which resource: storage, key_vault, registry, application_insights, workspace,
    blob_endpoint or file_endpoint."""
    role: str
    """Name of the built-in role."""
    reason: str
    page: str
    storage_group: str | None = None
    """The storage endpoint (group id) that it comes with; None: it is always given."""

    @property
    def key(self) -> str:
        """What tells this grant apart, for names: ``storage-contributor``."""
        role = self.role.lower().replace(" ", "-")
        return f"{self.scope.replace('_', '-')}-{role}"


def _contributor(scope: str, what: str) -> RoleGrant:
    return RoleGrant(
        scope=scope,
        role="Contributor",
        reason=f"a user-assigned workspace identity must manage {what}",
        page=_IDENTITY_PAGE,
    )


WORKSPACE_IDENTITY_GRANTS: tuple[RoleGrant, ...] = (
    _contributor("storage", "the default storage account"),
    RoleGrant(
        scope="storage",
        role="Storage Blob Data Contributor",
        reason="the studio and serverless jobs use blobs without account keys",
        page=_IDENTITY_PAGE,
    ),
    RoleGrant(
        scope="storage",
        role="Storage File Data Privileged Contributor",
        reason="notebooks live on the file share, reached without account keys",
        page=_KEYLESS_PAGE,
    ),
    _contributor("key_vault", "the vault"),
    RoleGrant(
        scope="key_vault",
        role="Key Vault Administrator",
        reason="the workspace keeps connection secrets in a vault that uses roles",
        page=_IDENTITY_PAGE,
    ),
    _contributor("registry", "the registry, which includes pushing built images"),
    RoleGrant(
        scope="registry",
        role="AcrPull",
        reason="serverless jobs run as the workspace and pull their images so",
        page=_IDENTITY_PAGE,
    ),
    _contributor("application_insights", "the Application Insights component"),
    RoleGrant(
        scope="blob_endpoint",
        role="Reader",
        reason="the studio finds the storage account through its blob endpoint",
        page=_STUDIO_PAGE,
    ),
    RoleGrant(
        scope="file_endpoint",
        role="Reader",
        reason="the studio finds the storage account through its file endpoint",
        page=_STUDIO_PAGE,
    ),
    _contributor("workspace", "the workspace itself"),
)
"""What the user-assigned identity of a workspace in its own network needs, and no
more; the last one can only be given once the workspace exists."""


def _parallel_runs(storage_group: str, role: str) -> RoleGrant:
    return RoleGrant(
        scope="storage",
        role=role,
        reason=f"parallel runs hand out their work by {storage_group}",
        page=_KEYLESS_PAGE,
        storage_group=storage_group,
    )


COMPUTE_IDENTITY_GRANTS: tuple[RoleGrant, ...] = (
    RoleGrant(
        scope="registry",
        role="AcrPull",
        reason="nodes pull the images of their jobs",
        page=_IDENTITY_PAGE,
    ),
    RoleGrant(
        scope="storage",
        role="Storage Blob Data Contributor",
        reason="jobs read and write blobs without account keys",
        page=_KEYLESS_PAGE,
    ),
    RoleGrant(
        scope="storage",
        role="Storage File Data Privileged Contributor",
        reason="jobs mount the file share without account keys",
        page=_KEYLESS_PAGE,
    ),
    _parallel_runs("queue", "Storage Queue Data Contributor"),
    _parallel_runs("table", "Storage Table Data Contributor"),
)
"""What the identity of a compute cluster needs: images and data, and nothing that
manages a resource."""


def compute_identity_grants(storage_groups: Iterable[str]) -> tuple[RoleGrant, ...]:
    """Return the grants of a cluster's identity.

    ``storage_groups``: group ids of the storage account's private endpoints.
    """
    present = {None, *storage_groups}
    return tuple(
        grant for grant in COMPUTE_IDENTITY_GRANTS if grant.storage_group in present
    )


FLOW_LOG_GRANT = RoleGrant(
    scope="storage",
    role="Storage Blob Data Contributor",
    reason="flow logs are written without account keys",
    page=f"{_LEARN}/network-watcher/vnet-flow-logs-managed-identity",
)
"""What the identity that writes the flow logs of a network needs."""


# Any fixed value does: it keeps our names apart from other people's.
_NAMESPACE = UUID("9d0f0c5c-5b0f-5d8e-9a59-6c9e7f0f3a11")


def role_assignment_name(*parts: str) -> str:
    """Return the name (a UUID) of a role assignment, the same for the same parts.

    ``parts``: plain texts that tell the deployment, the scope and the role apart.
    """
    return str(uuid5(_NAMESPACE, "|".join(parts)))

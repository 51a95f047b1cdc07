"""The roles that a private workspace's identity needs, each with scope and reason.

A user-assigned identity gets nothing from the service by itself, so every role is
written out, on the one resource that needs it and nowhere wider.
"""

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
}
"""Built-in role name to definition id, the same in every tenant and cloud
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""


@dataclass(frozen=True, kw_only=True)
class RoleGrant:
    """One role of the workspace's identity on one resource."""

    scope: str
    """Which resource: storage, key_vault, registry, application_insights, workspace,
    blob_endpoint or file_endpoint."""
    role: str
    """Name of the built-in role."""
    reason: str
    page: str

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
        reason="jobs and the studio read and write blobs without account keys",
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
        reason="compute pulls images with this identity",
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

# Any fixed value does: it keeps our names apart from other people's.
_NAMESPACE = UUID("9d0f0c5c-5b0f-5d8e-9a59-6c9e7f0f3a11")


def role_assignment_name(*parts: str) -> str:
    """Return the name (a UUID) of a role assignment, the same for the same parts.

    ``parts``: plain texts that tell the deployment, the scope and the role apart.
    """
    return str(uuid5(_NAMESPACE, "|".join(parts)))

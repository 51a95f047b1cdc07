"""What a service that exists already must be like to serve a workspace.

Its owner made it, so nothing here changes it: what Azure tells about it is compared
with what a workspace needs. What Azure did not tell is not judged.
"""

from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.regions import region_name
from azureml_rulebook.service_access import SERVICE_ACCESS

_LEARN = "https://learn.microsoft.com/azure"
_WORKSPACE_PAGE = f"{_LEARN}/machine-learning/how-to-manage-workspace"
_SECURE_PAGE = f"{_LEARN}/machine-learning/how-to-secure-workspace-vnet"
_IDENTITY_PAGE = (
    f"{_LEARN}/machine-learning/how-to-identity-based-service-authentication"
)

_REGISTRY_TIER = "Premium"


@dataclass(frozen=True, kw_only=True)
class ExistingService:
    """What Azure tells about a service; None: it did not tell."""

    service: str
    """As in ``service_access``: storage, key_vault or registry."""
    location: str | None
    hierarchical_namespace: bool | None = None
    """Of a storage account."""
    tier: str | None = None
    """Of a registry."""
    uses_roles: bool | None = None
    """Of a vault: whether roles decide who reads it, and no access policies."""
    admits_trusted_services: bool | None = None
    """Whether its firewall lets trusted Azure services pass."""
    public_access: str | None = None
    """Enabled or Disabled."""


def existing_service_findings(
    found: ExistingService, region: str, *, path: str
) -> list[Finding]:
    """Check that a workspace in ``region`` can use a service that exists already."""
    row = SERVICE_ACCESS[found.service]
    title = row.title
    faults: list[str] = []
    if found.location is not None and region_name(found.location) != region:
        faults.append(
            f"the {title} is in '{region_name(found.location)}' and the workspace in "
            f"'{region}'; use one in the workspace's region, or another location "
            f"({_WORKSPACE_PAGE})"
        )
    if found.hierarchical_namespace:
        faults.append(
            f"the {title} has a hierarchical namespace, which the default one of a "
            f"workspace cannot have; use another ({_WORKSPACE_PAGE})"
        )
    if found.tier is not None and found.tier.lower() != _REGISTRY_TIER.lower():
        faults.append(
            f"the {title} is '{found.tier}', and private endpoints need "
            f"'{_REGISTRY_TIER}'; change its tier, or use another ({_SECURE_PAGE})"
        )
    if found.uses_roles is False:
        faults.append(
            f"the {title} goes by access policies, and the workspace's identity gets "
            "its rights by roles; let roles decide in it, or use another "
            f"({_IDENTITY_PAGE})"
        )
    if found.admits_trusted_services is False:
        faults.append(
            f"the {title} has a firewall whose bypass leaves out AzureServices, and "
            f"{row.trusted_services}; let trusted services pass ({row.page})"
        )
    return [Finding(path, fault) for fault in faults]


def existing_service_warnings(
    found: ExistingService, *, private: bool, path: str
) -> list[str]:
    """Tell what is open about a service that exists already.

    ``private``: whether it is reached by private endpoints, so that it could be closed.
    """
    is_open = (found.public_access or "").lower() == "enabled"
    if not (private and is_open):
        return []
    title = SERVICE_ACCESS[found.service].title
    return [
        f"{path}: the {title} has public network access enabled, which this component "
        "leaves as it is; its owner can disable it"
    ]

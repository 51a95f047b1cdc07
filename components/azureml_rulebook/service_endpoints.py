"""Service endpoints: Azure services that a subnet reaches by Azure's own network.

The service keeps its public address and sees the subnet as the sender. This traffic
goes past a route to a firewall, so a service endpoint policy is what keeps it to one's
own storage accounts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-service-endpoints-overview"
)
POLICY_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/"
    "how-to-prevent-data-loss-exfiltration"
)

STORAGE = "Microsoft.Storage"
KEY_VAULT = "Microsoft.KeyVault"

SERVICES: tuple[str, ...] = (
    STORAGE,
    KEY_VAULT,
    "Microsoft.AzureActiveDirectory",
    "Microsoft.AzureCosmosDB",
    "Microsoft.CognitiveServices",
    "Microsoft.ContainerRegistry",
    "Microsoft.EventHub",
    "Microsoft.ServiceBus",
    "Microsoft.Sql",
    "Microsoft.Storage.Global",
    "Microsoft.Web",
)
"""Services with service endpoints (``PAGE``). Microsoft.AzureActiveDirectory serves the
first generation of Data Lake Storage only; Microsoft.Storage.Global takes the place of
Microsoft.Storage where accounts in other regions are reached."""


@dataclass(frozen=True, kw_only=True)
class PolicyDefinition:
    """What a service endpoint policy lets through."""

    name: str
    service: str
    """Microsoft.Storage for storage by id, Global for services by alias."""
    resources: tuple[str, ...]
    """Aliases; empty where the ids come from the caller."""
    description: str
    page: str = POLICY_PAGE


OWN_STORAGE = PolicyDefinition(
    name="own-storage",
    service=STORAGE,
    resources=(),
    description="storage accounts that the caller names",
)
MACHINE_LEARNING = PolicyDefinition(
    name="machine-learning",
    service="Global",
    resources=("/services/Azure/MachineLearning",),
    description="storage accounts that Azure Machine Learning itself uses to run jobs",
)


def has_storage(services: Iterable[str]) -> bool:
    """Whether a subnet with these service endpoints can take a policy."""
    return any(service in (STORAGE, f"{STORAGE}.Global") for service in services)


def service_findings(services: Iterable[object], *, path: str) -> list[Finding]:
    """Check the services of one subnet: known, each once, storage in one form only."""
    findings: list[Finding] = []
    seen: list[str] = []
    for index, service in enumerate(services):
        item = f"{path}[{index}]"
        if not isinstance(service, str) or service not in SERVICES:
            findings.append(
                Finding(
                    item,
                    f"{service!r} has no service endpoints; "
                    f"{suggestion(str(service), SERVICES)} ({PAGE})",
                )
            )
        elif service in seen:
            findings.append(Finding(item, f"'{service}' is given twice; leave one out"))
        elif service.startswith(STORAGE) and has_storage(seen):
            findings.append(
                Finding(
                    item,
                    f"'{service}' cannot stand beside the other form of {STORAGE}; "
                    f"keep one ({PAGE})",
                )
            )
        seen.append(str(service))
    return findings


def storage_scope_findings(scope: object, *, path: str) -> list[Finding]:
    """Check that a policy can name ``scope``: an account, a group or a subscription."""
    parts = scope.strip("/").split("/") if isinstance(scope, str) else []
    kinds = [part.lower() for part in parts[::2]]
    is_scope = kinds in (["subscriptions"], ["subscriptions", "resourcegroups"])
    is_account = (
        kinds == ["subscriptions", "resourcegroups", "providers", "storageaccounts"]
        and parts[5].lower() == STORAGE.lower()
    )
    whole = isinstance(scope, str) and scope.startswith("/") and len(parts) % 2 == 0
    if whole and all(parts) and (is_scope or is_account):
        return []
    return [
        Finding(
            path,
            f"{scope!r} is no storage account, resource group or subscription; give "
            "/subscriptions/..., /subscriptions/.../resourceGroups/... or an account's "
            f"resource id ({POLICY_PAGE})",
        )
    ]

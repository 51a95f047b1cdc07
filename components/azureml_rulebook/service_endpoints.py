"""Service endpoints: Azure services that a subnet reaches by Azure's own network.

The service keeps its public address and sees the subnet as the sender. This traffic
goes past a route to a firewall, so a service endpoint policy is what keeps it to one's
own storage accounts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from azureml_rulebook.findings import Finding
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule
from azureml_rulebook.service_tags import PublishedTags, tag_prefixes
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnets import SubnetPurpose

PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-service-endpoints-overview"
)
_POLICY_LIMITS_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-service-endpoint-policies-overview#limitations"
)
POLICY_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/"
    "how-to-prevent-data-loss-exfiltration"
)

STORAGE = "Microsoft.Storage"
KEY_VAULT = "Microsoft.KeyVault"

TAGS_BY_SERVICE: dict[str, str] = {
    STORAGE: "Storage",
    KEY_VAULT: "AzureKeyVault",
    "Microsoft.AzureActiveDirectory": "AzureDataLake",
    "Microsoft.AzureCosmosDB": "AzureCosmosDB",
    "Microsoft.CognitiveServices": "CognitiveServicesFrontend",
    "Microsoft.ContainerRegistry": "AzureContainerRegistry",
    "Microsoft.EventHub": "EventHub",
    "Microsoft.ServiceBus": "ServiceBus",
    "Microsoft.Sql": "Sql",
    "Microsoft.Storage.Global": "Storage",
    "Microsoft.Web": "AppService",
}
"""Services with service endpoints (``PAGE``), to the service tags of the addresses that
they are reached at, which security groups must let out
(https://learn.microsoft.com/azure/virtual-network/service-tags-overview).
Microsoft.AzureActiveDirectory serves the first generation of Data Lake Storage only;
Microsoft.Storage.Global takes the place of Microsoft.Storage where accounts in other
regions are reached."""

_TAGS_AROUND_SERVICES = ("AzureCloud", "Internet")
"""Tags that the addresses of all services are among, same page."""


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
        if not isinstance(service, str) or service not in TAGS_BY_SERVICE:
            findings.append(
                Finding(
                    item,
                    f"{service!r} has no service endpoints; "
                    f"{suggestion(str(service), TAGS_BY_SERVICE)} ({PAGE})",
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


def purpose_findings(
    purpose: SubnetPurpose, services: Sequence[object], *, path: str
) -> list[Finding]:
    """Check that what lives in a subnet of ``purpose`` can use service endpoints."""
    if purpose.service_endpoints or not services:
        return []
    return [
        Finding(
            path,
            f"purpose '{purpose.name}' takes none: nothing in it uses them (it is for "
            f"{purpose.description}); give them to the subnets of the machines that "
            f"reach a service, and leave them out here ({PAGE})",
        )
    ]


def policy_findings(
    purpose: SubnetPurpose, services: Iterable[str], *, path: str, policy: str
) -> list[Finding]:
    """Check that a subnet can have the policy that the input ``policy`` asks for.

    Azure's own services, which cannot reach their storage otherwise, do not take one.
    """
    if purpose.service_endpoint_policy or not has_storage(services):
        return []
    return [
        Finding(
            path,
            f"{STORAGE} gets a policy from {policy}, which purpose '{purpose.name}' "
            f"({purpose.description}) does not take; leave out one of the two "
            f"({_POLICY_LIMITS_PAGE})",
        )
    ]


def lets_out(
    rules: Iterable[SecurityRule],
    service: str,
    cloud_name: str,
    published: PublishedTags | None = None,
) -> bool:
    """Whether any of the ``rules`` lets traffic out to addresses of ``service``.

    ``published``: a newer list of that cloud's service tags.
    """
    tag = TAGS_BY_SERVICE[service]
    known = tag_prefixes(tag, cloud_name, published) or ()
    return any(
        _reaches(destination, tag, known)
        for rule in rules
        if rule.direction is Direction.OUTBOUND and rule.access is Access.ALLOW
        for destination in rule.destinations
    )


def _reaches(
    destination: str, tag: str, known: Iterable[IPv4Network | IPv6Network]
) -> bool:
    """Whether a side of a rule means addresses of a service."""
    try:
        network = ip_network(destination)
    except ValueError:
        service = destination.partition(".")[0]
        return destination == ANY or service in (tag, *_TAGS_AROUND_SERVICES)
    return any(
        network.version == prefix.version and network.overlaps(prefix)
        for prefix in known
    )


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

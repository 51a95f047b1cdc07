"""What Azure Machine Learning compute must reach, and what must reach it.

One row per service of the required-access page, for compute in the customer's own
network. Compute without a public address needs no inbound rule at all; compute in a
network that the service manages needs no rule here.

Where the pages contradict each other, the tables of published tags decide:
``BatchNodeManagement`` has regional forms although an older page says it has none;
``AzureFrontDoor.FrontEnd`` is published as ``AzureFrontDoor.Frontend`` and
``Frontdoor.FirstParty`` is ``AzureFrontDoor.FirstParty``; ``Keyvault`` is
``AzureKeyVault``. The page's row for the ``VirtualNetwork`` tag is not here: the tag
also means peers, on-premises and every routed range, so that traffic is written as
exact prefixes (``subnet_traffic``). The older inbound rule for ports 29876-29877 has no
row: the pages no longer ask for it, since the kind of node that listened there has
retired. Ports 8704-8710 (remote editors) stay inside the path to the workspace's
endpoint.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT
from azureml_rulebook.security_rules import ANY, Direction, SecurityRule
from azureml_rulebook.service_tag_lists import PublishedTags, published_tags
from azureml_rulebook.service_tags import narrowed_tag

_REQUIRED_ACCESS = (
    "https://learn.microsoft.com/azure/machine-learning/"
    "how-to-access-azureml-behind-firewall"
)
_SECURE_TRAINING = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet"
)
_SERVICE_TAGS = (
    "https://learn.microsoft.com/azure/virtual-network/service-tags-overview"
)

NO_PUBLIC_IP = "no_public_ip"
PUBLIC_IP = "public_ip"
MANAGED_NETWORK = "managed_network"
COMPUTE_MODES = (NO_PUBLIC_IP, PUBLIC_IP, MANAGED_NETWORK)
"""How compute is placed: in the subnet without or with public addresses, or in a
network that the service manages (``_REQUIRED_ACCESS``, ``_SECURE_TRAINING``)."""

ALWAYS = "always"
PUBLIC_MONITOR = "public_monitor"
"""Azure Monitor is reached by its public address (no private link scope)."""
PUBLIC_FILES = "public_files"
"""The file share is reached by its public address, or through a firewall."""
PUBLIC_REGISTRY = "public_registry"
"""The container registry is reached by its public address."""
PUBLIC_VAULT = "public_vault"
"""The vault is reached by its public address, or the workspace is high business
impact."""
PUBLIC_PACKAGES = "public_packages"
"""Image builds fetch packages from indexes on the Internet."""

FIREWALL_HOSTS = "firewall_hosts"
"""A firewall on the way out decides by host name."""

_ALL_CLOUDS = (PUBLIC, US_GOVERNMENT, CHINA)


@dataclass(frozen=True, kw_only=True)
class RequiredOutbound:
    """One service that compute must reach."""

    name: str
    priority: int
    tag: str
    """Service tag as it is published, ``.{region}`` where the regional form is used."""
    protocol: str = "Tcp"
    ports: tuple[str, ...] = ("443",)
    when: str = ALWAYS
    """The condition under which it is needed; one of the constants above."""
    clouds: tuple[str, ...] = _ALL_CLOUDS
    """Clouds where the tag exists and the service is used."""
    reason: str
    page: str = _REQUIRED_ACCESS


REQUIRED_OUTBOUND: tuple[RequiredOutbound, ...] = (
    RequiredOutbound(
        name="AllowEntraIdOutbound",
        priority=500,
        tag="AzureActiveDirectory",
        ports=("80", "443"),
        reason="signing in with Microsoft Entra ID",
    ),
    RequiredOutbound(
        name="AllowMachineLearningOutbound",
        priority=510,
        tag="AzureMachineLearning",
        ports=("443", "8787", "18881"),
        reason="Azure Machine Learning; 8787 and 18881 for RStudio and completion on "
        "compute instances",
    ),
    RequiredOutbound(
        name="AllowMachineLearningUdpOutbound",
        priority=520,
        tag="AzureMachineLearning",
        protocol="Udp",
        ports=("5831",),
        reason="management of compute without public address",
    ),
    RequiredOutbound(
        name="AllowBatchNodeManagementOutbound",
        priority=530,
        tag="BatchNodeManagement.{region}",
        protocol=ANY,
        reason="the Azure Batch back end that runs the nodes",
        page=_SECURE_TRAINING,
    ),
    RequiredOutbound(
        name="AllowResourceManagerOutbound",
        priority=540,
        tag="AzureResourceManager",
        reason="creating and deleting compute",
    ),
    RequiredOutbound(
        name="AllowStorageOutbound",
        priority=550,
        tag="Storage.{region}",
        reason="Microsoft's own storage accounts of the Batch service; open to every "
        "account of the region",
    ),
    RequiredOutbound(
        name="AllowStorageFilesOutbound",
        priority=560,
        tag="Storage.{region}",
        ports=("445",),
        when=PUBLIC_FILES,
        reason="the file share, which has no private endpoint",
    ),
    RequiredOutbound(
        name="AllowFrontDoorFrontendOutbound",
        priority=570,
        tag="AzureFrontDoor.Frontend",
        clouds=(PUBLIC, US_GOVERNMENT),
        reason="the studio's entry point and images of automated machine learning",
    ),
    RequiredOutbound(
        name="AllowMicrosoftRegistryOutbound",
        priority=580,
        tag="MicrosoftContainerRegistry",
        reason="Microsoft's images",
    ),
    RequiredOutbound(
        name="AllowFrontDoorFirstPartyOutbound",
        priority=590,
        tag="AzureFrontDoor.FirstParty",
        clouds=(PUBLIC,),
        reason="Microsoft's container registry is served through it",
    ),
    RequiredOutbound(
        name="AllowMonitorOutbound",
        priority=600,
        tag="AzureMonitor",
        when=PUBLIC_MONITOR,
        reason="logs and metrics, which have no private link scope",
    ),
    RequiredOutbound(
        name="AllowKeyVaultOutbound",
        priority=610,
        tag="AzureKeyVault.{region}",
        when=PUBLIC_VAULT,
        reason="a vault without private endpoint: the workspace's own, or the "
        "service's for a workspace of high business impact",
        page=f"{_REQUIRED_ACCESS} {_SERVICE_TAGS}",
    ),
    RequiredOutbound(
        name="AllowContainerRegistryOutbound",
        priority=620,
        tag="AzureContainerRegistry.{region}",
        when=PUBLIC_REGISTRY,
        reason="the workspace's registry, which has no private endpoint",
        page=_SERVICE_TAGS,
    ),
    RequiredOutbound(
        name="AllowPackagesOutbound",
        priority=630,
        tag="Internet",
        when=PUBLIC_PACKAGES,
        reason="package indexes for image builds, asked for by the caller; open to "
        "every address of the Internet",
    ),
)

INTERNET_BY_FIREWALL = RequiredOutbound(
    name="AllowFirewallHostsOutbound",
    priority=640,
    tag="Internet",
    ports=("80", "443"),
    when=FIREWALL_HOSTS,
    reason="hosts that the firewall lets through by name; security groups cannot tell "
    "hosts apart",
)
"""For every subnet whose way out is a firewall that lets hosts through by name."""


@dataclass(frozen=True, kw_only=True)
class RequiredInbound:
    """One service that must reach compute."""

    name: str
    priority: int
    tag: str
    ports: tuple[str, ...]
    modes: tuple[str, ...]
    """Compute modes that need it."""
    reason: str
    page: str = _REQUIRED_ACCESS


REQUIRED_INBOUND: tuple[RequiredInbound, ...] = (
    RequiredInbound(
        name="AllowMachineLearningInbound",
        priority=500,
        tag="AzureMachineLearning",
        ports=("44224",),
        modes=(PUBLIC_IP,),
        reason="the service manages compute with public addresses",
    ),
)

GROUP_CONDITIONS: dict[str, str] = {
    "azuremonitor": PUBLIC_MONITOR,
    "file": PUBLIC_FILES,
    "registry": PUBLIC_REGISTRY,
    "vault": PUBLIC_VAULT,
}
"""Private endpoint group id to the condition that holds without such an endpoint."""


def conditions(
    private_endpoint_groups: Collection[str],
    *,
    public_packages: bool = False,
    firewall_hosts: bool = False,
    high_business_impact: bool = False,
) -> frozenset[str]:
    """Return the conditions that hold in a network with those private endpoints.

    ``high_business_impact``: whether its workspace is so, whose compute also uses a
    vault of Microsoft's.
    """
    missing = {
        condition
        for group, condition in GROUP_CONDITIONS.items()
        if group not in private_endpoint_groups
    }
    chosen = {
        PUBLIC_PACKAGES: public_packages,
        FIREWALL_HOSTS: firewall_hosts,
        PUBLIC_VAULT: high_business_impact,
    }
    return frozenset(
        {ALWAYS} | missing | {name for name, holds in chosen.items() if holds}
    )


def compute_rules(
    prefixes: tuple[str, ...],
    region: str,
    cloud_name: str = PUBLIC,
    *,
    holding: Collection[str] = (ALWAYS,),
    compute_mode: str = NO_PUBLIC_IP,
    published: PublishedTags | None = None,
) -> list[SecurityRule]:
    """Return the rules of a subnet that holds compute, in the given mode.

    Args:
        prefixes: the subnet's own ranges.
        region: normalised name (``regions.region_name``), for regional tags.
        cloud_name: which rows apply.
        holding: the conditions that hold (``conditions``).
        compute_mode: one of ``COMPUTE_MODES``.
        published: a newer list of service tags; None: the shipped one.
    """
    if compute_mode == MANAGED_NETWORK:
        return []
    inbound = [
        SecurityRule(
            name=row.name,
            priority=row.priority,
            direction=Direction.INBOUND,
            sources=(row.tag,),
            destinations=prefixes,
            ports=row.ports,
            description=row.reason,
        )
        for row in REQUIRED_INBOUND
        if compute_mode in row.modes
    ]
    rows = [row for row in REQUIRED_OUTBOUND if row.when in holding]
    return inbound + outbound_rules(rows, prefixes, region, cloud_name, published)


def outbound_rules(
    rows: Iterable[RequiredOutbound],
    prefixes: tuple[str, ...],
    region: str,
    cloud_name: str = PUBLIC,
    published: PublishedTags | None = None,
) -> list[SecurityRule]:
    """Return the rules of a subnet that must reach what ``rows`` name in this cloud.

    Tags are narrowed to the region where ``published``, or the shipped list, has a form
    for it.
    """
    tags = published or published_tags(cloud_name)
    return [
        SecurityRule(
            name=row.name,
            priority=row.priority,
            direction=Direction.OUTBOUND,
            protocol=row.protocol,
            sources=prefixes,
            destinations=(narrowed_tag(row.tag, region, tags),),
            ports=row.ports,
            description=row.reason,
        )
        for row in rows
        if cloud_name in row.clouds
    ]

"""The hosts that machines of a private workspace must reach, by cloud.

One row per purpose of the required-access page, for a firewall that filters by host
name. Most of them are reached by service tag already (``aml_traffic``): a row names the
rows there that cover it, and is needed only where one of those tags cannot stand in a
firewall's rule. What the page lists under the name of one's own storage account or
registry is not here: those have private endpoints.

Hosts over HTTP (80) and TLS (443) can stand in application rules; other ports pass by
tag only. A host of one cloud never stands under another; a few of Microsoft's hosts
serve every cloud, and are listed under each.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from azureml_rulebook.aml_traffic import (
    ALWAYS,
    PUBLIC_MONITOR,
    PUBLIC_REGISTRY,
    PUBLIC_VAULT,
)
from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT
from azureml_rulebook.subnets import JUMP_BOX, TRAINING

_LEARN = "https://learn.microsoft.com/azure"
_ENTRA = "https://learn.microsoft.com/entra"
REQUIRED_ACCESS = f"{_LEARN}/machine-learning/how-to-access-azureml-behind-firewall"

COMPUTE = frozenset({TRAINING})
"""Compute clusters and instances."""
PEOPLE = frozenset({JUMP_BOX})
"""Browsers and editors on jump boxes, and these machines themselves."""

WEB_PORTS = (80, 443)
"""Ports of application rules: HTTP and TLS."""


@dataclass(frozen=True, kw_only=True)
class RequiredHosts:
    """Hosts that serve one purpose."""

    name: str
    """Of the rule that lets them through."""
    hosts: Mapping[str, tuple[str, ...]]
    """By cloud; ``*.`` in front stands for every name below, ``{region}`` for the
    region. A cloud without an entry has no such service, or publishes no host."""
    ports: tuple[int, ...] = (443,)
    protocol: str = "Tcp"
    machines: frozenset[str]
    """Purposes of the subnets whose machines need them."""
    covered_by: tuple[str, ...] = ()
    """Names of rows of ``aml_traffic.REQUIRED_OUTBOUND`` that let all of these hosts
    through together; empty: no tag does for certain."""
    instead_of_tag: bool = False
    """Whether a firewall lets the hosts through and not the tag, which is wider."""
    when: str = ALWAYS
    """The condition of ``aml_traffic`` under which they are needed."""
    reason: str
    page: str = REQUIRED_ACCESS

    @property
    def is_web(self) -> bool:
        """Whether an application rule can let them through."""
        return self.protocol == "Tcp" and set(self.ports) <= set(WEB_PORTS)


def _in_every_cloud(*hosts: str) -> dict[str, tuple[str, ...]]:
    return {PUBLIC: hosts, US_GOVERNMENT: hosts, CHINA: hosts}


REQUIRED_HOSTS: tuple[RequiredHosts, ...] = (
    RequiredHosts(
        name="AllowEntraIdHosts",
        hosts={
            PUBLIC: ("login.microsoftonline.com",),
            US_GOVERNMENT: ("login.microsoftonline.us",),
            CHINA: ("login.chinacloudapi.cn",),
        },
        ports=(80, 443),
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowEntraIdOutbound",),
        reason="signing in with Microsoft Entra ID",
    ),
    RequiredHosts(
        name="AllowResourceManagerHosts",
        hosts={
            PUBLIC: ("management.azure.com",),
            US_GOVERNMENT: ("management.usgovcloudapi.net",),
            CHINA: ("management.chinacloudapi.cn",),
        },
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowResourceManagerOutbound",),
        reason="creating and deleting compute",
    ),
    RequiredHosts(
        name="AllowPortalHosts",
        hosts={
            US_GOVERNMENT: ("management.azure.us",),
            CHINA: ("management.azure.cn",),
        },
        machines=PEOPLE,
        reason="the Azure portal",
    ),
    RequiredHosts(
        name="AllowStudioHosts",
        hosts={
            PUBLIC: ("ml.azure.com",),
            US_GOVERNMENT: ("ml.azure.us",),
            CHINA: ("studio.ml.azure.cn",),
        },
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowFrontDoorFrontendOutbound",),
        instead_of_tag=True,
        reason="the studio's pages",
        page=f"{_LEARN}/machine-learning/how-to-prevent-data-loss-exfiltration",
    ),
    RequiredHosts(
        name="AllowAutomatedLearningHosts",
        hosts={PUBLIC: ("automlresources-prod.azureedge.net",)},
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowFrontDoorFrontendOutbound",),
        instead_of_tag=True,
        reason="models and images of automated machine learning",
        page=f"{_LEARN}/machine-learning/how-to-prevent-data-loss-exfiltration",
    ),
    RequiredHosts(
        name="AllowShortLinkHosts",
        hosts={PUBLIC: ("aka.ms",)},
        machines=COMPUTE,
        reason="links that automated machine learning follows",
    ),
    RequiredHosts(
        name="AllowMachineLearningHosts",
        hosts={
            PUBLIC: ("*.azureml.ms", "*.azureml.net"),
            US_GOVERNMENT: ("*.ml.azure.us", "*.modelmanagement.azureml.us"),
            CHINA: ("*.ml.azure.cn", "*.azureml.cn"),
        },
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowMachineLearningOutbound",),
        reason="the workspace's API and its models",
    ),
    RequiredHosts(
        name="AllowNotebookHosts",
        hosts={
            PUBLIC: ("*.notebooks.azure.net",),
            US_GOVERNMENT: ("*.notebooks.usgovcloudapi.net",),
            CHINA: ("*.notebooks.chinacloudapi.cn",),
        },
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowMachineLearningOutbound",),
        reason="notebooks in the studio",
    ),
    RequiredHosts(
        name="AllowNotebookContentHosts",
        hosts=_in_every_cloud("*.aznbcontent.net"),
        machines=COMPUTE | PEOPLE,
        reason="what notebooks in the studio show",
    ),
    RequiredHosts(
        name="AllowInstanceHosts",
        hosts={
            PUBLIC: ("*.instances.azureml.net", "*.instances.azureml.ms"),
            US_GOVERNMENT: ("*.instances.azureml.us", "*.instances.azureml.ms"),
            CHINA: ("*.instances.azureml.cn", "*.instances.azureml.ms"),
        },
        machines=COMPUTE | PEOPLE,
        covered_by=("AllowMachineLearningOutbound",),
        reason="compute instances and their web sockets",
    ),
    RequiredHosts(
        name="AllowInstanceToolHosts",
        hosts=_in_every_cloud("*.instances.azureml.ms"),
        ports=(8787, 18881),
        machines=COMPUTE,
        covered_by=("AllowMachineLearningOutbound",),
        reason="RStudio and completion on compute instances",
    ),
    RequiredHosts(
        name="AllowInstanceManagementHosts",
        hosts={
            PUBLIC: ("{region}.tundra.azureml.ms", "*.tundra.{region}.api.azureml.ms"),
            US_GOVERNMENT: ("{region}.tundra.azureml.us",),
            CHINA: ("{region}.tundra.azureml.cn",),
        },
        ports=(5831,),
        protocol="Udp",
        machines=COMPUTE,
        covered_by=("AllowMachineLearningUdpOutbound",),
        reason="management of compute without public address",
    ),
    RequiredHosts(
        name="AllowBatchHosts",
        hosts={
            PUBLIC: ("*.{region}.batch.azure.com", "*.{region}.service.batch.azure.com")
        },
        machines=COMPUTE,
        covered_by=("AllowBatchNodeManagementOutbound",),
        reason="the Azure Batch back end that runs the nodes",
    ),
    RequiredHosts(
        name="AllowDirectoryGraphHosts",
        hosts={
            PUBLIC: ("graph.windows.net",),
            US_GOVERNMENT: ("graph.windows.net",),
            CHINA: ("graph.chinacloudapi.cn",),
        },
        machines=COMPUTE,
        reason="compute looks its owner up in the directory",
    ),
    RequiredHosts(
        name="AllowGraphHosts",
        hosts={
            PUBLIC: ("graph.microsoft.com",),
            US_GOVERNMENT: ("graph.microsoft.us",),
            CHINA: ("graph.chinacloudapi.cn",),
        },
        machines=PEOPLE,
        reason="notebooks in the studio look people up in the directory",
    ),
    RequiredHosts(
        name="AllowEntraSignInHosts",
        hosts={
            PUBLIC: ("enterpriseregistration.windows.net", "pas.windows.net"),
            US_GOVERNMENT: (
                "enterpriseregistration.microsoftonline.us",
                "pasff.usgovcloudapi.net",
            ),
            CHINA: (
                "enterpriseregistration.partner.microsoftonline.cn",
                "pas.chinacloudapi.cn",
            ),
        },
        machines=PEOPLE,
        reason="people sign in to jump boxes with Microsoft Entra ID",
        page=f"{_ENTRA}/identity/devices/howto-vm-sign-in-azure-ad-windows",
    ),
    RequiredHosts(
        name="AllowMicrosoftPackageHosts",
        hosts=_in_every_cloud("packages.microsoft.com"),
        machines=PEOPLE,
        reason="the packages of sign-in with Microsoft Entra ID on Linux",
        page=f"{_ENTRA}/identity/devices/howto-vm-sign-in-azure-ad-linux",
    ),
    RequiredHosts(
        name="AllowUbuntuUpdateHosts",
        hosts=_in_every_cloud("azure.archive.ubuntu.com", "security.ubuntu.com"),
        ports=(80, 443),
        machines=PEOPLE,
        reason="updates of jump boxes with Ubuntu",
        page=f"{_LEARN}/virtual-machines/automatic-vm-guest-patching",
    ),
    RequiredHosts(
        name="AllowWindowsUpdateHosts",
        hosts=_in_every_cloud(
            "windowsupdate.microsoft.com",
            "*.windowsupdate.microsoft.com",
            "*.windowsupdate.com",
            "*.update.microsoft.com",
            "download.microsoft.com",
            "*.delivery.mp.microsoft.com",
            "*.prod.do.dsp.mp.microsoft.com",
        ),
        ports=(80, 443),
        machines=PEOPLE,
        reason="updates of jump boxes with Windows",
        page="https://learn.microsoft.com/troubleshoot/windows-client/"
        "installing-updates-features-roles/windows-update-issues-troubleshooting",
    ),
    RequiredHosts(
        name="AllowMonitorAgentHosts",
        hosts={
            PUBLIC: (
                "*.handler.control.monitor.azure.com",
                "*.ingest.monitor.azure.com",
                "*.ods.opinsights.azure.com",
            ),
            US_GOVERNMENT: (
                "*.handler.control.monitor.azure.us",
                "*.ingest.monitor.azure.us",
                "*.ods.opinsights.azure.us",
            ),
            CHINA: (
                "*.handler.control.monitor.azure.cn",
                "*.ingest.monitor.azure.cn",
                "*.ods.opinsights.azure.cn",
            ),
        },
        machines=PEOPLE,
        when=PUBLIC_MONITOR,
        reason="logs and counters of jump boxes without a private link scope; open to "
        "every workspace of Log Analytics",
        page=f"{_LEARN}/azure-monitor/agents/azure-monitor-agent-network-configuration",
    ),
    RequiredHosts(
        name="AllowMicrosoftRegistryHosts",
        hosts=_in_every_cloud("mcr.microsoft.com", "*.data.mcr.microsoft.com"),
        machines=COMPUTE,
        covered_by=(
            "AllowMicrosoftRegistryOutbound",
            "AllowFrontDoorFirstPartyOutbound",
        ),
        reason="Microsoft's images",
    ),
    RequiredHosts(
        name="AllowStorageHosts",
        hosts={
            PUBLIC: (
                "*.blob.core.windows.net",
                "*.table.core.windows.net",
                "*.queue.core.windows.net",
            ),
            US_GOVERNMENT: (
                "*.blob.core.usgovcloudapi.net",
                "*.table.core.usgovcloudapi.net",
                "*.queue.core.usgovcloudapi.net",
            ),
            CHINA: (
                "*.blob.core.chinacloudapi.cn",
                "*.table.core.chinacloudapi.cn",
                "*.queue.core.chinacloudapi.cn",
            ),
        },
        machines=COMPUTE,
        covered_by=("AllowStorageOutbound",),
        reason="Microsoft's own storage accounts of the Batch service; open to every "
        "account of the cloud",
    ),
    RequiredHosts(
        name="AllowMonitorHosts",
        hosts={
            PUBLIC: (
                "dc.applicationinsights.azure.com",
                "dc.applicationinsights.microsoft.com",
                "dc.services.visualstudio.com",
                "*.in.applicationinsights.azure.com",
            ),
            CHINA: (
                "dc.applicationinsights.azure.cn",
                "*.in.applicationinsights.azure.cn",
            ),
        },
        machines=COMPUTE,
        covered_by=("AllowMonitorOutbound",),
        when=PUBLIC_MONITOR,
        reason="logs and metrics, which have no private link scope",
        page=f"{_LEARN}/azure-monitor/fundamentals/azure-monitor-network-access",
    ),
    RequiredHosts(
        name="AllowKeyVaultHosts",
        hosts={
            PUBLIC: ("*.vault.azure.net",),
            US_GOVERNMENT: ("*.vault.usgovcloudapi.net",),
            CHINA: ("*.vault.azure.cn",),
        },
        machines=COMPUTE,
        covered_by=("AllowKeyVaultOutbound",),
        when=PUBLIC_VAULT,
        reason="a vault without private endpoint: the workspace's own, or the "
        "service's for a workspace of high business impact",
    ),
    RequiredHosts(
        name="AllowContainerRegistryHosts",
        hosts={
            PUBLIC: ("*.azurecr.io",),
            US_GOVERNMENT: ("*.azurecr.us",),
            CHINA: ("*.azurecr.cn",),
        },
        machines=COMPUTE,
        covered_by=("AllowContainerRegistryOutbound",),
        when=PUBLIC_REGISTRY,
        reason="the workspace's registry, which has no private endpoint",
        page=f"{_LEARN}/container-registry/container-registry-firewall-access-rules",
    ),
)


def host_rows(
    cloud_name: str, holding: Collection[str]
) -> Iterator[tuple[RequiredHosts, tuple[str, ...]]]:
    """Give the rows that are needed, each with its hosts in that cloud.

    ``{region}`` is still in them (``in_region``); ``holding``: the conditions of
    ``aml_traffic`` that hold.
    """
    for row in REQUIRED_HOSTS:
        hosts = row.hosts.get(cloud_name)
        if hosts and row.when in holding:
            yield row, hosts


def in_region(hosts: Collection[str], region: str) -> tuple[str, ...]:
    """Return the hosts with the region's normalised name in them."""
    return tuple(host.format(region=region) for host in hosts)

"""The inputs of a PrivateWorkspace, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input

from azureml_network._secure_vnet.arguments import ZoneOwner


class Replication(StrEnum):
    """How a storage account keeps copies of its data, in Azure's words."""

    STANDARD_LRS = "Standard_LRS"
    """Three copies in one data centre."""
    STANDARD_ZRS = "Standard_ZRS"
    """One copy in each of three zones."""
    STANDARD_GRS = "Standard_GRS"
    """Locally redundant, and again in the paired region."""
    STANDARD_GZRS = "Standard_GZRS"
    """Zone-redundant, and again in the paired region."""
    STANDARD_RAGRS = "Standard_RAGRS"
    """As Standard_GRS, and the copy can be read."""
    STANDARD_RAGZRS = "Standard_RAGZRS"
    """As Standard_GZRS, and the copy can be read."""


class StorageSpec(TypedDict):
    """The workspace's default storage account."""

    replication: NotRequired[Replication]
    """Copies of the data; Azure refuses a later change between the locally redundant kinds and the zone-redundant ones (ZRS, GZRS). Default: Standard_LRS."""  # noqa: E501
    endpoints: NotRequired[Sequence[str]]
    """Services with a private endpoint: blob and file always, queue and table for batch endpoints and parallel runs, dfs. Default: blob and file."""  # noqa: E501


class RegistrySpec(TypedDict):
    """The workspace's container registry, which is always Premium."""

    zone_redundant: NotRequired[bool]
    """Whether images are kept in several availability zones; Azure refuses a later change. Default: false."""  # noqa: E501


class MonitoringSpec(TypedDict):
    """Log Analytics and Application Insights."""

    retention_days: NotRequired[int]
    """Days that logs are kept, 30 to 730. Default: 30."""
    public_access: NotRequired[bool]
    """Opens Log Analytics and Application Insights to data and queries from every address, and makes no private link scope; for clouds where Azure Monitor has none. Default: closed."""  # noqa: E501


class ClusterSpec(TypedDict):
    """The compute cluster in the training subnet."""

    vm_size: NotRequired[str]
    """Azure's name of the machine size, a CPU size since the cluster also builds images. Default: Standard_DS3_v2."""  # noqa: E501
    minimum_nodes: NotRequired[int]
    """Nodes kept running. Default: 0."""
    maximum_nodes: NotRequired[int]
    """Most nodes at a time; each takes one address of the training subnet. Default: 4."""  # noqa: E501
    idle_minutes: NotRequired[int]
    """Minutes without work after which a node is given back. Default: 15."""


class PrivateWorkspaceArgs(TypedDict):
    """What a PrivateWorkspace needs."""

    resource_group_name: Input[str]
    """Resource group that holds the workspace and all it depends on."""
    location: str
    """Azure region, such as westeurope; that of the network."""
    tenant_id: Input[str]
    """Microsoft Entra tenant of the key vault."""
    subscription_id: Input[str]
    """Subscription of the resource group, which role definitions are named in."""
    workload: str
    """What the workspace is for, the first part of all names, such as vision."""
    environment: str
    """Environment, the second part of all names, such as dev."""
    unique_suffix: str
    """Last part of all names; tells apart what Azure wants unique in the world, and gets around names that deleted resources still hold."""  # noqa: E501
    endpoints_subnet_id: Input[str]
    """Subnet for the private endpoints."""
    training_subnet_id: Input[str]
    """Subnet for the compute cluster and serverless compute."""
    training_subnet_prefix: NotRequired[str]
    """Range of the training subnet in CIDR notation; with it, the cluster's size is checked against the subnet's."""  # noqa: E501
    private_dns_zone_ids: NotRequired[Input[Mapping[str, Input[str]]]]
    """Private DNS zones as zone name to resource id, such as those of a SecureVnet; required unless `zone_groups_by` is policy."""  # noqa: E501
    zone_groups_by: NotRequired[ZoneOwner]
    """Who makes the DNS records of the private endpoints: stack (the default) or policy, a central team's Azure Policy."""  # noqa: E501
    storage: NotRequired[StorageSpec]
    """The default storage account."""
    registry: NotRequired[RegistrySpec]
    """The container registry."""
    monitoring: NotRequired[MonitoringSpec]
    """Log Analytics and Application Insights."""
    cluster: NotRequired[ClusterSpec]
    """The compute cluster."""
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china, where monitoring needs `public_access`."""  # noqa: E501
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""

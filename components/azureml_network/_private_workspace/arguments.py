"""The inputs of a PrivateWorkspace, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input

from azureml_network._secure_vnet.arguments import (
    DiagnosticSettingSpec,
    LockKind,
    ZoneOwner,
)


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


class WorkspaceKind(StrEnum):
    """Kinds of workspaces, as Azure spells them."""

    DEFAULT = "Default"
    """A workspace with services of its own."""
    HUB = "Hub"
    """A workspace whose services and network its projects share."""
    PROJECT = "Project"
    """A workspace within a hub."""


class AccessMode(StrEnum):
    """How a service is reached from the network."""

    PRIVATE_ENDPOINT = "private_endpoint"
    """By a private address; public access is disabled."""
    SERVICE_ENDPOINT = "service_endpoint"
    """By its public address, from named subnets only; all others are denied."""


class IsolationMode(StrEnum):
    """What a network that Azure Machine Learning manages lets out, as Azure spells it."""  # noqa: E501

    ALLOW_INTERNET_OUTBOUND = "AllowInternetOutbound"
    """Everything; private endpoints can be added."""
    ALLOW_ONLY_APPROVED_OUTBOUND = "AllowOnlyApprovedOutbound"
    """What outbound rules approve."""


class IdentityKind(StrEnum):
    """What a workspace acts as."""

    USER_ASSIGNED = "user_assigned"
    """An identity of its own resource, made here or brought by id."""
    SYSTEM_ASSIGNED = "system_assigned"
    """An identity that lives and dies with the workspace; the service gives it roles."""  # noqa: E501


class CustomerManagedKeySpec(TypedDict):
    """A key of one's own that data at rest is encrypted with."""

    key_vault_id: Input[str]
    """Resource id of the vault, with purge protection, in the same subscription."""
    key_uri: Input[str]
    """The key: https://VAULT.vault.azure.net/keys/NAME/VERSION. Without VERSION, which a workspace needs, rotation is followed."""  # noqa: E501
    identity_id: Input[str]
    """Resource id of a user-assigned identity that may get, wrap and unwrap the key."""
    identity_client_id: NotRequired[Input[str]]
    """Its client id, by which a registry knows it; required for a registry's key."""


class StorageSpec(TypedDict):
    """The workspace's default storage account."""

    existing_id: NotRequired[Input[str]]
    """Resource id of an account that exists already; nothing of it is made or changed but its private endpoints and the roles on it."""  # noqa: E501
    access: NotRequired[AccessMode]
    """private_endpoint (the default) or service_endpoint, which opens its public address to the subnets of `service_endpoint_subnet_ids`."""  # noqa: E501
    replication: NotRequired[Replication]
    """Copies of the data; Azure refuses a later change between the locally redundant kinds and the zone-redundant ones (ZRS, GZRS). Default: Standard_LRS."""  # noqa: E501
    endpoints: NotRequired[Sequence[str]]
    """Services with a private endpoint: blob and file always, queue and table for batch endpoints and parallel runs, dfs. Default: blob and file."""  # noqa: E501
    customer_managed_key: NotRequired[CustomerManagedKeySpec]
    """Default: a key of Microsoft's."""


class KeyVaultSpec(TypedDict):
    """The workspace's key vault."""

    existing_id: NotRequired[Input[str]]
    """Resource id of a vault that exists already; nothing of it is made or changed but its private endpoint and the roles on it."""  # noqa: E501
    access: NotRequired[AccessMode]
    """private_endpoint (the default) or service_endpoint, which opens its public address to the subnets of `service_endpoint_subnet_ids`."""  # noqa: E501


class RegistrySpec(TypedDict):
    """The workspace's container registry, which is always Premium."""

    existing_id: NotRequired[Input[str]]
    """Resource id of a Premium registry that exists already; nothing of it is made or changed but its private endpoint and the roles on it."""  # noqa: E501
    access: NotRequired[AccessMode]
    """private_endpoint, the only mode in which Azure Machine Learning reaches a registry."""  # noqa: E501
    zone_redundant: NotRequired[bool]
    """Whether images are kept in several availability zones; Azure refuses a later change. Default: false."""  # noqa: E501
    customer_managed_key: NotRequired[CustomerManagedKeySpec]
    """Only when it is made. Default: a key of Microsoft's."""


class MonitoringSpec(TypedDict):
    """Log Analytics and Application Insights."""

    retention_days: NotRequired[int]
    """Days that logs are kept, 30 to 730. Default: 30."""
    public_access: NotRequired[bool]
    """Opens Log Analytics and Application Insights to data and queries from every address, and makes no private link scope; for clouds where Azure Monitor has none. Default: closed."""  # noqa: E501
    log_analytics_workspace_id: NotRequired[Input[str]]
    """Resource id of a Log Analytics workspace that exists already."""
    private_link_scope_id: NotRequired[Input[str]]
    """Resource id of an Azure Monitor private link scope that exists already, one for all that share DNS; neither scope nor endpoint is made then."""  # noqa: E501
    disable_local_authentication: NotRequired[bool]
    """Whether Application Insights takes data with Entra ID only; public cloud. Default: false."""  # noqa: E501


class PublicAccessSpec(TypedDict):
    """Opens the workspace itself to the public; its services stay closed."""

    reason: str
    """Why, for those who review it."""
    addresses: NotRequired[Sequence[str]]
    """Public IPv4 addresses and ranges that may come in. Azure takes them only after the workspace is made: the commands are an output. Default: every address."""  # noqa: E501


class OutboundRuleSpec(TypedDict):
    """What a managed network lets out; exactly one of host, service_tag and target_id."""  # noqa: E501

    host: NotRequired[str]
    """Opens TCP 80 and 443 to a host, or to all hosts below *.NAME; with AllowOnlyApprovedOutbound only."""  # noqa: E501
    service_tag: NotRequired[str]
    """Opens a service tag; with AllowOnlyApprovedOutbound only."""
    protocol: NotRequired[str]
    """Of the service tag: TCP (the default), UDP, ICMP or *."""
    ports: NotRequired[str]
    """Of the service tag: numbers and ranges, with commas. Default: 443."""
    target_id: NotRequired[Input[str]]
    """Resource id of what gets a private endpoint from the managed network."""
    group_id: NotRequired[str]
    """Its group id, such as blob; with target_id."""


class ManagedNetworkSpec(TypedDict):
    """A network that Azure Machine Learning manages for the workspace's compute. It cannot be taken back."""  # noqa: E501

    isolation: IsolationMode
    """AllowInternetOutbound, which opens the Internet, or AllowOnlyApprovedOutbound."""
    firewall_tier: NotRequired[str]
    """Standard (the default) or Basic, for the firewall that comes with host rules."""
    outbound_rules: NotRequired[Mapping[str, OutboundRuleSpec]]
    """Opens further ways out, by a name for each."""


class ClientNetworkSpec(TypedDict):
    """Another network whose machines reach the workspace by endpoints of their own."""

    location: str
    """Azure region of that network."""
    subnet_id: Input[str]
    """Resource id of its subnet for private endpoints."""
    private_dns_zone_ids: NotRequired[Mapping[str, Input[str]]]
    """Its own private DNS zones, zone name to resource id, linked to it alone: in a zone that it shared with the workspace's network, the records of one would take away those of the other. Required unless `zone_groups_by` is policy."""  # noqa: E501
    groups: NotRequired[Sequence[str]]
    """Group ids of the endpoints that are made in it. Default: amlworkspace, blob and file, as far as the workspace has them."""  # noqa: E501


class IdentitySpec(TypedDict):
    """What the workspace acts as."""

    kind: NotRequired[IdentityKind]
    """user_assigned (the default) or system_assigned."""
    existing_id: NotRequired[Input[str]]
    """Resource id of a user-assigned identity that exists already; needs `principal_id`."""  # noqa: E501
    principal_id: NotRequired[Input[str]]
    """Its object id in Microsoft Entra ID."""


class PeopleSpec(TypedDict):
    """Who works with the workspace: object ids of groups in Microsoft Entra ID."""

    data_scientist_group_ids: NotRequired[Sequence[Input[str]]]
    """Groups that run jobs and use data."""
    compute_operator_group_ids: NotRequired[Sequence[Input[str]]]
    """Groups that make and delete compute."""
    administrator_group_ids: NotRequired[Sequence[Input[str]]]
    """Groups that manage the workspace."""


class ClusterSpec(TypedDict):
    """A compute cluster in the training subnet."""

    vm_size: NotRequired[str]
    """Azure's name of the machine size; a CPU size for the cluster that builds images. Default: Standard_DS3_v2."""  # noqa: E501
    minimum_nodes: NotRequired[int]
    """Nodes kept running. Default: 0."""
    maximum_nodes: NotRequired[int]
    """Most nodes at a time; each takes one address of the training subnet. Default: 4."""  # noqa: E501
    idle_minutes: NotRequired[int]
    """Minutes without work after which a node is given back. Default: 15."""
    low_priority: NotRequired[bool]
    """Whether nodes are cheaper and may be taken back by Azure. Default: false."""


class InstanceSpec(TypedDict):
    """A compute instance: one person's machine in the training subnet."""

    user_object_id: Input[str]
    """Object id in Microsoft Entra ID of the only person who may use it."""
    vm_size: NotRequired[str]
    """Azure's name of the machine size. Default: Standard_DS3_v2."""
    idle_minutes: NotRequired[int]
    """Minutes without use after which it is stopped, 15 to 4320. Default: 60."""


class KubernetesSpec(TypedDict):
    """A private Kubernetes cluster that is attached to the workspace."""

    cluster_id: Input[str]
    """Resource id of an AKS cluster in or behind the network, with the machine learning extension."""  # noqa: E501
    namespace: NotRequired[str]
    """Kubernetes namespace for jobs and models. Default: default."""


class OnlineEndpointSpec(TypedDict):
    """A managed online endpoint, closed to the public; needs a managed network."""

    description: NotRequired[str]
    """What it serves."""


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
    endpoints_subnet_id: NotRequired[Input[str]]
    """Subnet for the private endpoints; required, but for a project, which has none."""
    endpoints_subnet_prefix: NotRequired[str]
    """Range of the endpoints subnet in CIDR notation; with it, static addresses are checked against the subnet's."""  # noqa: E501
    training_subnet_id: NotRequired[Input[str]]
    """Subnet for compute and serverless jobs; required unless the service manages the network."""  # noqa: E501
    training_subnet_prefix: NotRequired[str]
    """Range of the training subnet in CIDR notation; with it, the cluster's size is checked against the subnet's."""  # noqa: E501
    private_dns_zone_ids: NotRequired[Input[Mapping[str, Input[str]]]]
    """Private DNS zones as zone name to resource id, such as those of a SecureVnet; required unless `zone_groups_by` is policy."""  # noqa: E501
    zone_groups_by: NotRequired[ZoneOwner]
    """Who makes the DNS records of the private endpoints: stack (the default) or policy, a central team's Azure Policy."""  # noqa: E501
    storage: NotRequired[StorageSpec]
    """The default storage account."""
    key_vault: NotRequired[KeyVaultSpec]
    """The key vault."""
    registry: NotRequired[RegistrySpec]
    """The container registry."""
    monitoring: NotRequired[MonitoringSpec]
    """Log Analytics and Application Insights."""
    service_endpoint_subnet_ids: NotRequired[Sequence[Input[str]]]
    """Subnets that reach services by service endpoints, the endpoints subnet among them."""  # noqa: E501
    kind: NotRequired[WorkspaceKind]
    """Default, Hub or Project. Default: Default."""
    hub_id: NotRequired[Input[str]]
    """Resource id of the hub; with kind Project only."""
    existing_workspace_id: NotRequired[Input[str]]
    """Resource id of a workspace that exists already; only its private endpoint is made."""  # noqa: E501
    public_access: NotRequired[PublicAccessSpec]
    """Opens the workspace to the public, for a reason. Default: closed."""
    managed_network: NotRequired[ManagedNetworkSpec]
    """A network that the service manages for compute, in place of the training subnet."""  # noqa: E501
    high_business_impact: NotRequired[bool]
    """Whether the service keeps less diagnostic data; cannot be changed later. Default: false."""  # noqa: E501
    customer_managed_key: NotRequired[CustomerManagedKeySpec]
    """Key for the workspace's own data; only when it is made. Default: a key of Microsoft's."""  # noqa: E501
    identity: NotRequired[IdentitySpec]
    """What the workspace acts as."""
    people: NotRequired[PeopleSpec]
    """Who works with it. Default: nobody is given a role."""
    client_networks: NotRequired[Mapping[str, ClientNetworkSpec]]
    """Other networks with endpoints of their own, by a name for each."""
    endpoint_addresses: NotRequired[Mapping[str, Sequence[str]]]
    """Static addresses of private endpoints by group id, as many as the endpoint takes. Default: Azure chooses."""  # noqa: E501
    endpoint_application_security_group_ids: NotRequired[Sequence[Input[str]]]
    """Application security groups that the private endpoints in the workspace's own network join."""  # noqa: E501
    cluster: NotRequired[ClusterSpec]
    """The compute cluster that also builds images."""
    clusters: NotRequired[Mapping[str, ClusterSpec]]
    """Further compute clusters, by name."""
    instances: NotRequired[Mapping[str, InstanceSpec]]
    """Compute instances, by name; Azure wants the name unique in the region."""
    kubernetes: NotRequired[Mapping[str, KubernetesSpec]]
    """Attached Kubernetes clusters, by name."""
    online_endpoints: NotRequired[Mapping[str, OnlineEndpointSpec]]
    """Managed online endpoints, by name; Azure wants it unique in the region."""
    diagnostic_settings: NotRequired[Mapping[str, DiagnosticSettingSpec]]
    """Where logs and metrics of the workspace and its services go, by a name for each setting. Default: nowhere."""  # noqa: E501
    lock: NotRequired[LockKind]
    """CanNotDelete or ReadOnly, on the services that keep data; a destroy takes it away first. Default: none."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china, where monitoring needs `public_access`."""  # noqa: E501
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""

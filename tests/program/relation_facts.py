"""What Azure says must go together around a workspace: groups, zones, switches, roles.

Written down once more from Azure's pages, apart from the rulebook that the components
build from, so that a wrong fact there disagrees with one here. Only plain tables.
"""

from dataclasses import dataclass

_LEARN = "https://learn.microsoft.com/azure"
WORKSPACE_NETWORK_PAGE = (
    f"{_LEARN}/machine-learning/how-to-secure-workspace-vnet?view=azureml-api-2"
)
ENDPOINT_ZONES_PAGE = f"{_LEARN}/private-link/private-endpoint-dns"
SERVICE_ENDPOINTS_PAGE = (
    f"{_LEARN}/virtual-network/virtual-network-service-endpoints-overview"
)
IDENTITY_PAGE = (
    f"{_LEARN}/machine-learning/how-to-identity-based-service-authentication"
)
STUDIO_PAGE = f"{_LEARN}/machine-learning/how-to-enable-studio-virtual-network"
KEYLESS_PAGE = f"{_LEARN}/machine-learning/how-to-disable-local-auth-storage"
FLOW_LOGS_PAGE = f"{_LEARN}/network-watcher/vnet-flow-logs-managed-identity"
MANAGED_NETWORK_PAGE = f"{_LEARN}/machine-learning/how-to-managed-network"

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
OUTBOUND_RULE = "machinelearningservices:ManagedNetworkSettingsRule"
ONLINE_ENDPOINT = "machinelearningservices:OnlineEndpoint"
STORAGE = "storage:StorageAccount"
VAULT = "keyvault:Vault"
REGISTRY = "containerregistry:Registry"
INSIGHTS = "applicationinsights:Component"
LOGS = "operationalinsights:Workspace"
MONITOR_SCOPE = "monitor:PrivateLinkScope"
SCOPED = "monitor:PrivateLinkScopedResource"
COLLECTION_ENDPOINT = "monitor:DataCollectionEndpoint"
ENDPOINT = "network:PrivateEndpoint"
ZONE_GROUP = "network:PrivateDnsZoneGroup"
ZONE = "privatedns:PrivateZone"
ZONE_LINK = "privatedns:VirtualNetworkLink"
NETWORK = "network:VirtualNetwork"
SUBNET = "network:Subnet"
IDENTITY = "managedidentity:UserAssignedIdentity"
ROLE_ASSIGNMENT = "authorization:RoleAssignment"
FLOW_LOG = "network:FlowLog"

OWN_NAME: dict[str, tuple[str, str]] = {
    WORKSPACE: ("workspaces", "workspaceName"),
    STORAGE: ("storageAccounts", "accountName"),
    VAULT: ("vaults", "vaultName"),
    REGISTRY: ("registries", "registryName"),
    INSIGHTS: ("components", "resourceName"),
    LOGS: ("workspaces", "workspaceName"),
    MONITOR_SCOPE: ("privateLinkScopes", "scopeName"),
    ENDPOINT: ("privateEndpoints", "privateEndpointName"),
    ZONE: ("privateDnsZones", "privateZoneName"),
    NETWORK: ("virtualNetworks", "virtualNetworkName"),
    IDENTITY: ("userAssignedIdentities", "resourceName"),
}
"""Type to the last collection in its resource id and the input that names it."""

DEPENDENCY_GROUPS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "storageAccount": (STORAGE, ("blob", "file"), "Microsoft.Storage"),
    "keyVault": (VAULT, ("vault",), "Microsoft.KeyVault"),
    "containerRegistry": (REGISTRY, ("registry",), ""),
}
"""Input of a workspace to the type that it names, the group ids of the private
endpoints that this needs, and the service endpoint that may stand in for them
(WORKSPACE_NETWORK_PAGE, SERVICE_ENDPOINTS_PAGE; a registry trusts Azure's services only
where it is not reached by service endpoints)."""

ZONES: dict[str, dict[str, tuple[str, ...]]] = {
    "public": {
        "amlworkspace": (
            "privatelink.api.azureml.ms",
            "privatelink.notebooks.azure.net",
        ),
        "blob": ("privatelink.blob.core.windows.net",),
        "file": ("privatelink.file.core.windows.net",),
        "queue": ("privatelink.queue.core.windows.net",),
        "table": ("privatelink.table.core.windows.net",),
        "dfs": ("privatelink.dfs.core.windows.net",),
        "vault": ("privatelink.vaultcore.azure.net",),
        "registry": ("privatelink.azurecr.io",),
        "azuremonitor": (
            "privatelink.monitor.azure.com",
            "privatelink.oms.opinsights.azure.com",
            "privatelink.ods.opinsights.azure.com",
            "privatelink.agentsvc.azure-automation.net",
            "privatelink.blob.core.windows.net",
        ),
    },
    "us_government": {
        "amlworkspace": (
            "privatelink.api.ml.azure.us",
            "privatelink.notebooks.usgovcloudapi.net",
        ),
        "blob": ("privatelink.blob.core.usgovcloudapi.net",),
        "file": ("privatelink.file.core.usgovcloudapi.net",),
        "queue": ("privatelink.queue.core.usgovcloudapi.net",),
        "table": ("privatelink.table.core.usgovcloudapi.net",),
        "dfs": ("privatelink.dfs.core.usgovcloudapi.net",),
        "vault": ("privatelink.vaultcore.usgovcloudapi.net",),
        "registry": ("privatelink.azurecr.us",),
        "azuremonitor": (
            "privatelink.monitor.azure.us",
            "privatelink.adx.monitor.azure.us",
            "privatelink.oms.opinsights.azure.us",
            "privatelink.ods.opinsights.azure.us",
            "privatelink.agentsvc.azure-automation.us",
            "privatelink.blob.core.usgovcloudapi.net",
        ),
    },
    "china": {
        "amlworkspace": (
            "privatelink.api.ml.azure.cn",
            "privatelink.notebooks.chinacloudapi.cn",
        ),
        "blob": ("privatelink.blob.core.chinacloudapi.cn",),
        "file": ("privatelink.file.core.chinacloudapi.cn",),
        "queue": ("privatelink.queue.core.chinacloudapi.cn",),
        "table": ("privatelink.table.core.chinacloudapi.cn",),
        "dfs": ("privatelink.dfs.core.chinacloudapi.cn",),
        "vault": ("privatelink.vaultcore.azure.cn",),
        "registry": ("privatelink.azurecr.cn",),
    },
}
"""Cloud to group id to all of its zones (ENDPOINT_ZONES_PAGE)."""


@dataclass(frozen=True)
class Switch:
    """An input that decides whether something can be reached by everybody."""

    type: str
    path: str
    closed: tuple[object, ...]
    """Values that close it; None for an input that is left out."""
    when: tuple[str, object] | None = None
    """Another input and the value that it must have for this switch to exist."""


SWITCHES: tuple[Switch, ...] = (
    Switch(WORKSPACE, "publicNetworkAccess", ("Disabled",)),
    Switch(WORKSPACE, "allowPublicAccessWhenBehindVnet", (False, None)),
    Switch(WORKSPACE, "v1LegacyMode", (False,)),
    Switch(
        WORKSPACE,
        "serverlessComputeSettings.serverlessComputeNoPublicIP",
        (True, None),
    ),
    Switch(STORAGE, "publicNetworkAccess", ("Disabled",)),
    Switch(STORAGE, "networkRuleSet.defaultAction", ("Deny",)),
    Switch(STORAGE, "networkRuleSet.ipRules", ([], None)),
    Switch(STORAGE, "allowBlobPublicAccess", (False,)),
    Switch(STORAGE, "allowSharedKeyAccess", (False,)),
    Switch(STORAGE, "isLocalUserEnabled", (False,)),
    Switch(STORAGE, "isSftpEnabled", (False, None)),
    Switch(STORAGE, "enableHttpsTrafficOnly", (True,)),
    Switch(VAULT, "properties.publicNetworkAccess", ("Disabled",)),
    Switch(VAULT, "properties.networkAcls.defaultAction", ("Deny",)),
    Switch(VAULT, "properties.networkAcls.ipRules", ([], None)),
    Switch(VAULT, "properties.enableRbacAuthorization", (True,)),
    Switch(REGISTRY, "publicNetworkAccess", ("Disabled",)),
    Switch(REGISTRY, "networkRuleSet.defaultAction", ("Deny",)),
    Switch(REGISTRY, "networkRuleSet.ipRules", ([], None)),
    Switch(REGISTRY, "adminUserEnabled", (False,)),
    Switch(REGISTRY, "anonymousPullEnabled", (False, None)),
    Switch(REGISTRY, "policies.exportPolicy.status", ("disabled",)),
    Switch(LOGS, "publicNetworkAccessForIngestion", ("Disabled",)),
    Switch(LOGS, "publicNetworkAccessForQuery", ("Disabled",)),
    Switch(INSIGHTS, "publicNetworkAccessForIngestion", ("Disabled",)),
    Switch(INSIGHTS, "publicNetworkAccessForQuery", ("Disabled",)),
    Switch(COMPUTE, "properties.disableLocalAuth", (True,)),
    Switch(
        COMPUTE,
        "properties.properties.enableNodePublicIp",
        (False,),
        ("properties.computeType", "AmlCompute"),
    ),
    Switch(
        COMPUTE,
        "properties.properties.remoteLoginPortPublicAccess",
        ("Disabled",),
        ("properties.computeType", "AmlCompute"),
    ),
    Switch(
        COMPUTE,
        "properties.properties.enableNodePublicIp",
        (False,),
        ("properties.computeType", "ComputeInstance"),
    ),
    Switch(
        COMPUTE,
        "properties.properties.sshSettings.sshPublicAccess",
        ("Disabled",),
        ("properties.computeType", "ComputeInstance"),
    ),
    Switch(ONLINE_ENDPOINT, "properties.publicNetworkAccess", ("Disabled",)),
)
"""Every switch that opens something to the public or to the holder of a key."""

_ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AzureML Compute Operator": "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Azure AI Administrator": "b78c5d69-af96-48a3-bf8d-a8b4d589de94",
    "Azure AI Enterprise Network Connection Approver": (
        "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
    ),
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
}
ROLE_OF_ID = {role_id: name for name, role_id in _ROLES.items()}
"""Definition id of a built-in role to its name
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""


@dataclass(frozen=True)
class Grant:
    """A role that somebody needs on one of the resources around a workspace."""

    on: str
    """storageAccount, keyVault, containerRegistry, applicationInsights, workspace, or
    endpoints (each private endpoint of the storage account for blob and file)."""
    role: str
    page: str
    group: str = ""
    """Group id without whose endpoint there is no such role; '' for always."""


WORKSPACE_GRANTS: tuple[Grant, ...] = (
    Grant("storageAccount", "Contributor", IDENTITY_PAGE),
    Grant("storageAccount", "Storage Blob Data Contributor", IDENTITY_PAGE),
    Grant("storageAccount", "Storage File Data Privileged Contributor", KEYLESS_PAGE),
    Grant("keyVault", "Contributor", IDENTITY_PAGE),
    Grant("keyVault", "Key Vault Administrator", IDENTITY_PAGE),
    Grant("containerRegistry", "Contributor", IDENTITY_PAGE),
    Grant("containerRegistry", "AcrPull", IDENTITY_PAGE),
    Grant("applicationInsights", "Contributor", IDENTITY_PAGE),
    Grant("workspace", "Contributor", IDENTITY_PAGE),
    Grant("endpoints", "Reader", STUDIO_PAGE),
)
"""What a user-assigned identity needs to be a workspace's own."""

SYSTEM_IDENTITY_GRANTS: tuple[Grant, ...] = (Grant("endpoints", "Reader", STUDIO_PAGE),)
"""What a system-assigned identity of a workspace is not given by the service."""

MANAGED_NETWORK_GRANTS: tuple[Grant, ...] = tuple(
    Grant(on, "Azure AI Enterprise Network Connection Approver", MANAGED_NETWORK_PAGE)
    for on in ("storageAccount", "keyVault", "containerRegistry", "workspace")
)
"""What a workspace with a managed network has on its services, to approve the private
endpoints that this makes; OUTBOUND_GRANT is on what outbound rules lead to."""

OUTBOUND_GRANT = "Azure AI Enterprise Network Connection Approver"
"""The role that approves an endpoint of an outbound rule (MANAGED_NETWORK_PAGE)."""

COMPUTE_GRANTS: tuple[Grant, ...] = (
    Grant("containerRegistry", "AcrPull", IDENTITY_PAGE),
    Grant("storageAccount", "Storage Blob Data Contributor", KEYLESS_PAGE),
    Grant("storageAccount", "Storage File Data Privileged Contributor", KEYLESS_PAGE),
    Grant("storageAccount", "Storage Queue Data Contributor", KEYLESS_PAGE, "queue"),
    Grant("storageAccount", "Storage Table Data Contributor", KEYLESS_PAGE, "table"),
)
"""What the identity of compute needs: images, and data without account keys."""

FLOW_LOG_ROLE = "Storage Blob Data Contributor"
"""What the identity of a flow log needs on its account (FLOW_LOGS_PAGE)."""

PEOPLE_ROLES: dict[str, frozenset[str]] = {
    "AzureML Data Scientist": frozenset({WORKSPACE}),
    "AzureML Compute Operator": frozenset({WORKSPACE}),
    "Azure AI Administrator": frozenset({WORKSPACE}),
    "Contributor": frozenset({WORKSPACE}),
    "Reader": frozenset({WORKSPACE, ENDPOINT}),
    "Storage Blob Data Contributor": frozenset({STORAGE}),
    "Storage Blob Data Reader": frozenset({STORAGE}),
    "Storage File Data Privileged Contributor": frozenset({STORAGE}),
    "Storage Queue Data Contributor": frozenset({STORAGE}),
    "Storage Table Data Contributor": frozenset({STORAGE}),
}
"""Roles that people may have, each with the types that it may be given on
(https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles and
KEYLESS_PAGE)."""

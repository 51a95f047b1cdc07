"""What a PrivateWorkspace registers: which resources, with which inputs, and when."""

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pulumi
import pytest

from azureml_network import InputError, PrivateWorkspace, SecureVnet
from azureml_network._private_workspace.endpoints import checked_zone_ids
from azureml_network._private_workspace.plan import (
    ReachPlan,
    WorkspacePlan,
    plan_workspace,
)

DEFAULT_GROUPS = ["amlworkspace", "azuremonitor", "blob", "file", "registry", "vault"]
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
NAME = "vision-dev-7k2d"


def principal(identity: str) -> str:
    """The object id that the pretended Azure gives an identity."""
    return str(uuid5(NAMESPACE_OID, identity))


SUBNETS = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/"
    "Microsoft.Network/virtualNetworks/net/subnets"
)


def reach_of(plan: WorkspacePlan) -> ReachPlan:
    """How a workspace with services of its own is reached."""
    assert plan.workspace.reach is not None
    return plan.workspace.reach


@pytest.fixture(scope="module")
def standard(record: Any, workspace_args: Callable[..., Any]) -> Any:
    """A workspace with nothing but defaults."""
    return record(lambda: PrivateWorkspace("ml", workspace_args()))


def test_how_many_of_each_kind(standard: Any) -> None:
    """C05: the whole workspace, counted; as many zone groups as endpoints."""
    assert standard.kinds() == {
        "PrivateWorkspace": 1,
        # The workspace's and the cluster's.
        "UserAssignedIdentity": 2,
        # Log Analytics and machine learning.
        "Workspace": 2,
        "Component": 1,
        "PrivateLinkScope": 1,
        "PrivateLinkScopedResource": 2,
        "StorageAccount": 1,
        "BlobServiceProperties": 1,
        "Vault": 1,
        "Registry": 1,
        "PrivateEndpoint": 6,
        "PrivateDnsZoneGroup": 6,
        "RoleAssignment": 14,
        "Compute": 1,
    }


def test_children_belong_to_the_component(standard: Any) -> None:
    """Every child has the component as its parent and its name as prefix."""
    assert standard.resources["ml"].type == "azureml-network:index:PrivateWorkspace"
    for name, item in standard.resources.items():
        if item.type.startswith("azure-native:"):
            assert item.parent == "ml"
            assert name.startswith("ml-")


def test_workspace(standard: Any) -> None:
    """C03, C21, C23: closed by ``publicNetworkAccess`` itself; images are built on the
    cluster; datastores use identity. The old behind-a-network flag is not there."""
    assert standard.inputs("ml-workspace") == {
        **PLACE,
        "workspaceName": f"mlw-{NAME}",
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "friendlyName": "vision dev",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": ["/fake/ml-identity"],
        },
        "primaryUserAssignedIdentity": "/fake/ml-identity",
        "storageAccount": "/fake/ml-storage",
        "keyVault": "/fake/ml-vault",
        "containerRegistry": "/fake/ml-registry",
        "applicationInsights": "/fake/ml-insights",
        "publicNetworkAccess": "Disabled",
        "v1LegacyMode": False,
        "hbiWorkspace": False,
        "systemDatastoresAuthMode": "Identity",
        "imageBuildCompute": "training-cluster",
        "serverlessComputeSettings": {
            "serverlessComputeCustomSubnet": f"{SUBNETS}/training",
            "serverlessComputeNoPublicIP": True,
        },
    }


def test_storage(standard: Any) -> None:
    """C23: no keys, no public blobs, no hierarchical namespace, closed, and deleted
    blobs come back."""
    assert standard.inputs("ml-storage") == {
        **PLACE,
        "accountName": "stvisiondev7k2d",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "accessTier": "Hot",
        "isHnsEnabled": False,
        "isSftpEnabled": False,
        "isLocalUserEnabled": False,
        "allowSharedKeyAccess": False,
        "defaultToOAuthAuthentication": True,
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "allowedCopyScope": "PrivateLink",
        "enableHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {
            "defaultAction": "Deny",
            "bypass": "AzureServices",
            "ipRules": [],
            "virtualNetworkRules": [],
        },
    }
    assert standard.inputs("ml-storage-blobs") == {
        "blobServicesName": "default",
        "accountName": "stvisiondev7k2d",
        "resourceGroupName": "rg",
        "deleteRetentionPolicy": {"enabled": True, "days": 30},
        "containerDeleteRetentionPolicy": {"enabled": True, "days": 30},
        # What the service would add by itself, so that it is no drift.
        "cors": {
            "corsRules": [
                {
                    "allowedOrigins": [
                        "https://mlworkspace.azure.ai",
                        "https://ml.azure.com",
                        "https://*.ml.azure.com",
                        "https://ai.azure.com",
                        "https://*.ai.azure.com",
                    ],
                    "allowedMethods": [
                        *("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH")
                    ],
                    "allowedHeaders": ["*"],
                    "exposedHeaders": ["*"],
                    "maxAgeInSeconds": 1800,
                }
            ]
        },
    }


def test_key_vault(standard: Any) -> None:
    """C19: denies by default and admits trusted services; access policies stay unset,
    since roles decide."""
    assert standard.inputs("ml-vault") == {
        **PLACE,
        "vaultName": f"kv-{NAME}",
        "properties": {
            "tenantId": "11111111-1111-4111-8111-111111111111",
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enablePurgeProtection": True,
            "publicNetworkAccess": "Disabled",
            "networkAcls": {
                "defaultAction": "Deny",
                "bypass": "AzureServices",
                "ipRules": [],
                "virtualNetworkRules": [],
            },
        },
    }


def test_registry(standard: Any) -> None:
    """Premium, closed, no administrator account, nothing exported."""
    assert standard.inputs("ml-registry") == {
        **PLACE,
        "registryName": "crvisiondev7k2d",
        "sku": {"name": "Premium"},
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "dataEndpointEnabled": True,
        "zoneRedundancy": "Disabled",
        "publicNetworkAccess": "Disabled",
        "networkRuleBypassOptions": "AzureServices",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "policies": {"exportPolicy": {"status": "disabled"}},
    }


def test_monitoring(standard: Any) -> None:
    """Both are closed to the public and in the scope, which is in Open mode."""
    closed = {
        "publicNetworkAccessForIngestion": "Disabled",
        "publicNetworkAccessForQuery": "Disabled",
    }
    assert standard.inputs("ml-logs") == {
        **PLACE,
        **closed,
        "workspaceName": f"log-{NAME}",
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 30,
    }
    assert standard.inputs("ml-insights") == {
        **PLACE,
        **closed,
        "resourceName": f"appi-{NAME}",
        "kind": "web",
        "applicationType": "web",
        "workspaceResourceId": "/fake/ml-logs",
        "ingestionMode": "LogAnalytics",
        # The SDK's own defaults.
        "flowType": "Bluefield",
        "requestSource": "rest",
    }
    assert standard.inputs("ml-monitor-scope") == {
        "scopeName": f"ampls-{NAME}",
        "resourceGroupName": "rg",
        "location": "global",
        "accessModeSettings": {
            "ingestionAccessMode": "Open",
            "queryAccessMode": "Open",
        },
    }
    for key in ("logs", "insights"):
        assert standard.inputs(f"ml-monitor-scope-{key}") == {
            "name": key,
            "scopeName": f"ampls-{NAME}",
            "resourceGroupName": "rg",
            "linkedResourceId": f"/fake/ml-{key}",
        }


TARGETS = {
    "amlworkspace": ("workspace", ["api.azureml.ms", "notebooks.azure.net"]),
    "blob": ("storage", ["blob.core.windows.net"]),
    "file": ("storage", ["file.core.windows.net"]),
    "vault": ("vault", ["vaultcore.azure.net"]),
    "registry": ("registry", ["azurecr.io"]),
    "azuremonitor": (
        "monitor-scope",
        [
            "monitor.azure.com",
            "oms.opinsights.azure.com",
            "ods.opinsights.azure.com",
            "agentsvc.azure-automation.net",
            "blob.core.windows.net",
        ],
    ),
}


@pytest.mark.parametrize("group", DEFAULT_GROUPS)
def test_endpoints(
    standard: Any, group: str, zone_ids: Callable[..., dict[str, str]]
) -> None:
    """C01, C05: one endpoint and one zone group for each service, with all zones that
    its names live in; the workspace's group has exactly its two."""
    target, zones = TARGETS[group]
    assert standard.inputs(f"ml-{group}-endpoint") == {
        **PLACE,
        "privateEndpointName": f"pep-{NAME}-{group}",
        "subnet": {"id": f"{SUBNETS}/endpoints"},
        "customNetworkInterfaceName": f"nic-{NAME}-{group}",
        "privateLinkServiceConnections": [
            {
                "name": group,
                "privateLinkServiceId": f"/fake/ml-{target}",
                "groupIds": [group],
            }
        ],
    }
    assert standard.inputs(f"ml-{group}-zones") == {
        "privateDnsZoneGroupName": "default",
        "privateEndpointName": f"pep-{NAME}-{group}",
        "resourceGroupName": "rg",
        "privateDnsZoneConfigs": [
            {
                "name": f"privatelink-{zone.replace('.', '-')}",
                "privateDnsZoneId": zone_id,
            }
            for zone, zone_id in zip(
                zones, zone_ids(f"privatelink.{z}" for z in zones).values(), strict=True
            )
        ],
    }
    assert f"ml-{group}-endpoint" in standard.waits_for(f"ml-{group}-zones")


# Role definition ids and scopes, written down once more from Azure's pages.
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
BLOBS = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
FILES = "69566ab7-960f-475b-8e7c-b3118f30c6bd"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
WORKSPACE_ROLES = {
    ("ml-storage", CONTRIBUTOR),
    ("ml-storage", BLOBS),
    ("ml-storage", FILES),
    ("ml-vault", CONTRIBUTOR),
    ("ml-vault", "00482a5a-887f-4fb3-b363-3b7fe8e74483"),
    ("ml-registry", CONTRIBUTOR),
    ("ml-registry", PULL),
    ("ml-insights", CONTRIBUTOR),
    ("ml-workspace", CONTRIBUTOR),
    ("ml-blob-endpoint", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("ml-file-endpoint", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
}
COMPUTE_ROLES = {("ml-registry", PULL), ("ml-storage", BLOBS), ("ml-storage", FILES)}
PARALLEL_RUN_ROLES = {
    ("ml-storage", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),
    ("ml-storage", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"),
}
DEFINITIONS = (
    "/subscriptions/22222222-2222-4222-8222-222222222222"
    "/providers/Microsoft.Authorization/roleDefinitions/"
)


def roles_of(made: Any, identity: str) -> set[tuple[str, str]]:
    """The roles of one identity as scope and definition id."""
    return {
        (
            item.inputs["scope"].removeprefix("/fake/"),
            item.inputs["roleDefinitionId"].removeprefix(DEFINITIONS),
        )
        for item in made.of_type("RoleAssignment").values()
        if item.inputs["principalId"] == principal(identity)
    }


def test_roles_are_exactly_those_needed(standard: Any) -> None:
    """C23: each role on the one resource that needs it, for a service principal, with
    its reason and a name of its own; no other role anywhere. The cluster's identity,
    which any job can act as, manages nothing and reads no secret."""
    assert roles_of(standard, "ml-identity") == WORKSPACE_ROLES
    assert roles_of(standard, "ml-compute-identity") == COMPUTE_ROLES
    assignments = [item.inputs for item in standard.of_type("RoleAssignment").values()]
    count = len(WORKSPACE_ROLES) + len(COMPUTE_ROLES)
    assert len(assignments) == count
    assert len({item["roleAssignmentName"] for item in assignments}) == count
    for item in assignments:
        assert item["principalType"] == "ServicePrincipal"
        assert item["description"]


def test_identities(standard: Any) -> None:
    """Two, told apart by their names; only the cluster has the second one."""
    assert standard.inputs("ml-identity") == {**PLACE, "resourceName": f"id-{NAME}"}
    assert standard.inputs("ml-compute-identity") == {
        **PLACE,
        "resourceName": f"id-{NAME}-compute",
    }
    for identity in standard.of_type("UserAssignedIdentity").values():
        assert identity.ignore_changes == ("tags",)


def test_cluster(standard: Any) -> None:
    """No public address, no local login, no login port, nothing kept running."""
    assert standard.inputs("ml-cluster") == {
        **PLACE,
        "computeName": "training-cluster",
        "workspaceName": f"mlw-{NAME}",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": ["/fake/ml-compute-identity"],
        },
        "properties": {
            "computeType": "AmlCompute",
            "description": "Training and image builds",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "vmPriority": "Dedicated",
                "osType": "Linux",
                "enableNodePublicIp": False,
                "remoteLoginPortPublicAccess": "Disabled",
                "subnet": {"id": f"{SUBNETS}/training"},
                "scaleSettings": {
                    "minNodeCount": 0,
                    "maxNodeCount": 4,
                    "nodeIdleTimeBeforeScaleDown": "PT15M",
                },
            },
        },
    }


def test_what_a_cluster_cannot_change_replaces_it(standard: Any) -> None:
    """Azure ignores or refuses a change of these, so a change makes a new cluster; the
    old one goes first, since the name is fixed. No other resource is treated so."""
    assert set(standard.resources["ml-cluster"].replace_on_changes) == {
        "properties.properties.vmSize",
        "properties.properties.vmPriority",
        "properties.properties.subnet",
        "properties.properties.enableNodePublicIp",
    }
    assert standard.resources["ml-cluster"].deletes_first is True
    others = [item for item in standard.resources.values() if item.replace_on_changes]
    assert [item.name for item in others] == ["ml-cluster"]


def test_what_keeps_its_name_when_deleted_is_never_deleted_first(standard: Any) -> None:
    """C69: a replacement of the same name is refused while the old one is there, and
    not after it is gone."""
    kept = {
        name for name, item in standard.resources.items() if item.deletes_first is False
    }
    assert kept == {"ml-workspace", "ml-vault"}


def test_order(standard: Any) -> None:
    """Both identities have their roles, and all services their DNS records, before the
    workspace is made; compute starts after every endpoint has its DNS records."""
    before_workspace = standard.waits_for("ml-workspace")
    roles = set(standard.of_type("RoleAssignment"))
    assert roles - before_workspace == {"ml-workspace-contributor"}
    zone_groups = set(standard.of_type("PrivateDnsZoneGroup"))
    assert zone_groups - before_workspace == {"ml-amlworkspace-zones"}
    before_cluster = standard.waits_for("ml-cluster")
    assert roles <= before_cluster
    assert set(standard.of_type("PrivateEndpoint")) <= before_cluster
    assert set(standard.of_type("PrivateDnsZoneGroup")) <= before_cluster
    assert "ml-workspace" in before_cluster


def test_one_change_at_a_time_on_storage_and_scope(standard: Any) -> None:
    """A storage account and a private link scope refuse a second change while busy."""
    assert "ml-storage-blobs" in standard.waits_for("ml-blob-endpoint")
    assert "ml-blob-endpoint" in standard.waits_for("ml-file-endpoint")
    assert "ml-monitor-scope-logs" in standard.waits_for("ml-monitor-scope-insights")
    assert "ml-monitor-scope-insights" in standard.waits_for("ml-azuremonitor-endpoint")


def test_outputs(standard: Any) -> None:
    """Ids of everything that others attach to; the workspace's name is known at
    once."""
    assert standard.outputs["ml"] == {
        "workspaceId": "/fake/ml-workspace",
        "workspaceName": f"mlw-{NAME}",
        "storageAccountId": "/fake/ml-storage",
        "keyVaultId": "/fake/ml-vault",
        "registryId": "/fake/ml-registry",
        "applicationInsightsId": "/fake/ml-insights",
        "logAnalyticsWorkspaceId": "/fake/ml-logs",
        "identityId": "/fake/ml-identity",
        "identityPrincipalId": principal("ml-identity"),
        "computeIdentityId": "/fake/ml-compute-identity",
        "computeIdentityPrincipalId": principal("ml-compute-identity"),
        "privateLinkScopeId": "/fake/ml-monitor-scope",
        "clusterId": "/fake/ml-cluster",
        "computeIds": {"training-cluster": "/fake/ml-cluster"},
        "onlineEndpointIds": {},
        "privateEndpointIds": {
            group: f"/fake/ml-{group}-endpoint" for group in DEFAULT_GROUPS
        },
        "clientEndpointIds": {},
        "publicAccessCommands": [],
    }


def test_every_choice(
    record: Any,
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """All optional inputs reach their resource; further storage services get their own
    endpoints."""
    further = [f"privatelink.{name}.core.windows.net" for name in ("queue", "table")]
    args = workspace_args(
        location="West Europe",
        private_dns_zone_ids=zone_ids([*default_zones, *further]),
        storage={
            "replication": "Standard_ZRS",
            "endpoints": ["table", "blob", "queue", "file"],
        },
        registry={"zone_redundant": True},
        monitoring={"retention_days": 90.0},
        cluster={
            "vm_size": "Standard_D4s_v5",
            "minimum_nodes": 1,
            "maximum_nodes": 40.0,
            "idle_minutes": 30,
        },
        training_subnet_prefix="10.40.0.0/23",
        tags={"environment": "prod"},
    )
    made = record(lambda: PrivateWorkspace("ml", args))
    assert made.inputs("ml-storage")["sku"] == {"name": "Standard_ZRS"}
    assert made.inputs("ml-registry")["zoneRedundancy"] == "Enabled"
    assert made.inputs("ml-logs")["retentionInDays"] == 90
    compute = made.inputs("ml-cluster")["properties"]["properties"]
    assert compute["vmSize"] == "Standard_D4s_v5"
    assert compute["scaleSettings"] == {
        "minNodeCount": 1,
        "maxNodeCount": 40,
        "nodeIdleTimeBeforeScaleDown": "PT30M",
    }
    assert len(made.of_type("PrivateEndpoint")) == 8
    assert "ml-queue-endpoint" in made.waits_for("ml-table-endpoint")
    assert {"ml-queue-zones", "ml-table-zones"} <= made.waits_for("ml-workspace")
    assert roles_of(made, "ml-identity") == WORKSPACE_ROLES
    assert roles_of(made, "ml-compute-identity") == COMPUTE_ROLES | PARALLEL_RUN_ROLES
    tagged = [
        item for item in made.resources.values() if item.inputs.get("tags") is not None
    ]
    # Two identities, three for monitoring, three stores, workspace, eight endpoints,
    # cluster.
    assert len(tagged) == 18
    assert all(item.inputs["location"] != "West Europe" for item in tagged)


def test_us_government(
    record: Any,
    workspace_args: Callable[..., Any],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Zones are those of the cloud, and nothing of the public cloud is left."""
    zones = zone_ids(
        f"privatelink.{zone}"
        for zone in (
            "api.ml.azure.us",
            "notebooks.usgovcloudapi.net",
            "blob.core.usgovcloudapi.net",
            "file.core.usgovcloudapi.net",
            "vaultcore.usgovcloudapi.net",
            "azurecr.us",
            "monitor.azure.us",
            "adx.monitor.azure.us",
            "oms.opinsights.azure.us",
            "ods.opinsights.azure.us",
            "agentsvc.azure-automation.us",
        )
    )
    args = workspace_args(
        cloud="us_government", location="usgovvirginia", private_dns_zone_ids=zones
    )
    made = record(lambda: PrivateWorkspace("ml", args))
    configs = made.inputs("ml-azuremonitor-zones")["privateDnsZoneConfigs"]
    assert len(configs) == 6
    assert "cors" not in made.inputs("ml-storage-blobs")
    for item in made.resources.values():
        assert ".azure.com" not in str(item.inputs)
        assert ".windows.net" not in str(item.inputs)


def test_the_network_and_the_workspace_fit_together(
    record: Any, network_args: Callable[..., Any], workspace_args: Callable[..., Any]
) -> None:
    """A SecureVnet's outputs are what a PrivateWorkspace takes: each zone group names
    the network's zones, and compute waits for their links too."""

    def program() -> None:
        network = SecureVnet("net", network_args())
        PrivateWorkspace(
            "ml",
            workspace_args(
                endpoints_subnet_id=network.subnet_ids["endpoints"],
                training_subnet_id=network.subnet_ids["training"],
                training_subnet_prefix=network.subnet_prefixes["training"],
                private_dns_zone_ids=network.private_dns_zone_ids,
            ),
        )

    made = record(program)
    vault = made.resources["ml-vault-zones"]
    assert vault.inputs["privateDnsZoneConfigs"][0]["privateDnsZoneId"] == (
        "/fake/net-privatelink.vaultcore.azure.net"
    )
    assert "net-privatelink.azurecr.io" not in vault.depends_on
    before_cluster = made.waits_for("ml-cluster")
    assert set(made.of_type("VirtualNetworkLink")) <= before_cluster


def test_zone_ids_may_be_one_output(
    record: Any,
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Programs in other languages hand over the whole map as an output."""
    ids = zone_ids(default_zones)
    later = pulumi.Output.from_input(ids)
    made = record(
        lambda: PrivateWorkspace("ml", workspace_args(private_dns_zone_ids=later))
    )
    assert made.inputs("ml-vault-zones")["privateDnsZoneConfigs"] == [
        {
            "name": "privatelink-vaultcore-azure-net",
            "privateDnsZoneId": ids["privatelink.vaultcore.azure.net"],
        }
    ]


def test_a_missing_zone_stops_everything(
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """C01: without the second workspace zone nothing is made, whether the map is plain
    or known only later."""
    ids = zone_ids(zone for zone in default_zones if "notebooks" not in zone)
    wanted = "'privatelink.notebooks.azure.net' is missing; the 'amlworkspace' endpoint"
    with pytest.raises(InputError, match=wanted):
        PrivateWorkspace("ml", workspace_args(private_dns_zone_ids=ids))
    later = pulumi.Output.from_input(ids)
    plan = plan_workspace("it", workspace_args(private_dns_zone_ids=later))
    with pytest.raises(InputError, match=wanted):
        checked_zone_ids(reach_of(plan).endpoints.endpoints, ids)


@pytest.mark.parametrize(
    "zone_id", [None, "", "rubbish", "/subscriptions/s/resourceGroups/g"]
)
def test_a_nonsense_zone_id_stops_everything(
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
    zone_id: object,
) -> None:
    """An id that is none, or another zone's, is refused, now or once it is known."""
    zone = "privatelink.vaultcore.azure.net"
    ids = {**zone_ids(default_zones), zone: zone_id}
    wanted = f"private_dns_zone_ids.{zone}: {zone_id!r} is not the id of that zone"
    with pytest.raises(InputError) as caught:
        PrivateWorkspace("ml", workspace_args(private_dns_zone_ids=ids))
    (finding,) = caught.value.findings
    assert str(finding).startswith(wanted)
    later = pulumi.Output.from_input(ids)
    plan = plan_workspace("it", workspace_args(private_dns_zone_ids=later))
    with pytest.raises(InputError, match="is not the id of that zone"):
        checked_zone_ids(reach_of(plan).endpoints.endpoints, ids)

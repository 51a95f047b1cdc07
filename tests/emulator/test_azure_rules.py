"""What Azure refuses: each rule once broken, with its code; and once kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import purge
from emulator.azure_error import AzureError

GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
NETWORK_ID = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/net"
ZONE = {"privateZoneName": "privatelink.azurecr.io", "location": "global"}
LINK = {"virtualNetworkLinkName": "link", "registrationEnabled": False}
ROLE = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef"


def _subnet_outside(azure: Any) -> None:
    azure.network()
    azure.subnet("a", "10.1.0.0/24")


def _subnets_overlap(azure: Any) -> None:
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    azure.subnet("b", "10.0.0.128/25")


def _host_bits(azure: Any) -> None:
    azure.network("10.0.0.1/16")


def _no_network(azure: Any) -> None:
    azure.subnet("a", "10.0.0.0/24")


def _unknown_reference(azure: Any) -> None:
    azure.network()
    missing = f"{GROUP_ID}/providers/Microsoft.Network/networkSecurityGroups/none"
    azure.subnet("a", "10.0.0.0/24", networkSecurityGroup={"id": missing})


def _used_subnet(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    azure.in_group(
        "network:PrivateEndpoint", privateEndpointName="e", subnet={"id": subnet.id}
    )
    azure.provider.delete("azure-native:network:Subnet", subnet.id)


def _used_network(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    azure.in_group(
        "network:PrivateEndpoint", privateEndpointName="e", subnet={"id": subnet.id}
    )
    azure.provider.delete("azure-native:network:VirtualNetwork", NETWORK_ID)


def _used_security_group(azure: Any) -> None:
    azure.network()
    group = azure.in_group(
        "network:NetworkSecurityGroup", networkSecurityGroupName="nsg"
    )
    azure.subnet("a", "10.0.0.0/24", networkSecurityGroup={"id": group.id})
    azure.provider.delete("azure-native:network:NetworkSecurityGroup", group.id)


def _moved(azure: Any) -> None:
    created = azure.in_group("keyvault:Vault", vaultName="vault", properties={})
    moved = {"location": "northeurope", "properties": {}}
    azure.provider.update("azure-native:keyvault:Vault", created.id, moved, {})


def _regional_zone(azure: Any) -> None:
    azure.in_group("privatedns:PrivateZone", privateZoneName="privatelink.azurecr.io")


def _zone_with_link(azure: Any) -> None:
    azure.network()
    zone = azure.in_group("privatedns:PrivateZone", **ZONE)
    azure.in_group(
        "privatedns:VirtualNetworkLink",
        **ZONE,
        **LINK,
        virtualNetwork={"id": NETWORK_ID},
    )
    azure.provider.delete("azure-native:privatedns:PrivateZone", zone.id)


def _second_link(azure: Any) -> None:
    azure.network()
    azure.in_group("privatedns:PrivateZone", **ZONE)
    network = {"virtualNetwork": {"id": NETWORK_ID}}
    azure.in_group("privatedns:VirtualNetworkLink", **ZONE, **LINK, **network)
    other = {**LINK, "virtualNetworkLinkName": "other"}
    azure.in_group("privatedns:VirtualNetworkLink", **ZONE, **other, **network)


def _second_zone_group(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    azure.in_group(
        "network:PrivateEndpoint", privateEndpointName="e", subnet={"id": subnet.id}
    )
    for name in ("one", "two"):
        azure.create(
            "network:PrivateDnsZoneGroup",
            resourceGroupName="group",
            privateEndpointName="e",
            privateDnsZoneGroupName=name,
        )


def _assign(azure: Any, name: str, principal: str = "p") -> Any:
    return azure.create(
        "authorization:RoleAssignment",
        scope=GROUP_ID,
        roleAssignmentName=name,
        roleDefinitionId=ROLE,
        principalId=principal,
    )


def _role_twice(azure: Any) -> None:
    _assign(azure, "one")
    _assign(azure, "two")


def _role_changed(azure: Any) -> None:
    created = _assign(azure, "one")
    changed = {"scope": GROUP_ID, "roleDefinitionId": ROLE + "0", "principalId": "p"}
    token = "azure-native:authorization:RoleAssignment"
    azure.provider.update(token, created.id, changed, {})


def _again(token: str, **inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        created = azure.in_group(token, **inputs)
        azure.provider.delete(f"azure-native:{token}", created.id)
        azure.in_group(token, **inputs)

    return act


def _name_taken(azure: Any) -> None:
    other = {"resourceGroupName": "other", "location": "westeurope"}
    azure.create("resources:ResourceGroup", **other)
    azure.in_group("storage:StorageAccount", accountName="account1")
    azure.in_group("storage:StorageAccount", accountName="account1", **other)


CASES: list[tuple[str, int, Callable[[Any], None]]] = [
    ("NetcfgInvalidSubnet", 400, _subnet_outside),
    ("NetcfgSubnetRangesOverlap", 400, _subnets_overlap),
    ("InvalidCIDRNotation", 400, _host_bits),
    ("ParentResourceNotFound", 404, _no_network),
    ("InvalidResourceReference", 400, _unknown_reference),
    ("InUseSubnetCannotBeDeleted", 400, _used_subnet),
    ("InUseSubnetCannotBeDeleted", 400, _used_network),
    ("InUseNetworkSecurityGroupCannotBeDeleted", 400, _used_security_group),
    ("InvalidResourceLocation", 409, _moved),
    ("LocationNotAvailableForResourceType", 400, _regional_zone),
    ("CannotDeleteResource", 409, _zone_with_link),
    ("BadRequest", 400, _second_link),
    (
        "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
        400,
        _second_zone_group,
    ),
    ("RoleAssignmentExists", 409, _role_twice),
    ("RoleAssignmentUpdateNotPermitted", 400, _role_changed),
    (
        "BadRequest",
        400,
        _again("machinelearningservices:Workspace", workspaceName="work"),
    ),
    ("ConflictError", 409, _again("keyvault:Vault", vaultName="vault", properties={})),
    ("StorageAccountAlreadyTaken", 409, _name_taken),
]


@pytest.mark.parametrize(
    ("code", "status", "act"), CASES, ids=[f"{c[0]}-{c[2].__name__}" for c in CASES]
)
def test_azure_refuses(
    azure: Any, code: str, status: int, act: Callable[[Any], None]
) -> None:
    """Each rule answers with Azure's status and code."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code
    assert str(refusal.value).startswith(f'Status={status} Code="{code}" Message="')


def test_no_resource_group(empty_azure: Any) -> None:
    """Nothing can be made in a group that does not exist."""
    with pytest.raises(AzureError, match="ResourceGroupNotFound"):
        empty_azure.network()


def test_refused_write_leaves_nothing(azure: Any) -> None:
    """What a refused write had begun is undone."""
    before = azure.provider.store.all()
    with pytest.raises(AzureError):
        azure.network(subnets=[{"name": "a", "addressPrefix": "192.168.0.0/24"}])
    assert azure.provider.store.all() == before


def test_other_groups_belong_to_others(azure: Any) -> None:
    """An id in a group that is not here is accepted: it may well exist."""
    azure.network()
    elsewhere = GROUP_ID.replace("group", "hub", 1).replace("/group", "/hub")
    table = f"{elsewhere}/providers/Microsoft.Network/routeTables/shared"
    azure.subnet("a", "10.0.0.0/24", routeTable={"id": table})


def test_what_comes_with_a_resource_can_be_named(azure: Any) -> None:
    """An account's services are there with it, and only with it."""
    account = azure.in_group(
        "storage:StorageAccount",
        accountName="stteam",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    files = f"{account.id}/fileServices/default"
    setting = {"name": "team", "metrics": [{"category": "AllMetrics", "enabled": True}]}
    setting["workspaceId"] = "/subscriptions/s/resourceGroups/hub/x"
    azure.create("monitor:DiagnosticSetting", resourceUri=files, **setting)
    nowhere = files.replace("stteam", "stgone")
    with pytest.raises(AzureError):
        azure.create("monitor:DiagnosticSetting", resourceUri=nowhere, **setting)


def test_what_others_have_may_be_extended(azure: Any) -> None:
    """A role on a resource in a group that is not here is given, and a part of such a
    resource is made; on one that is missing in a group that is here, it is not."""
    cluster = "providers/Microsoft.ContainerService/managedClusters/aks"
    roles = {"roleDefinitionId": ROLE, "principalId": "p"}
    elsewhere = f"{GROUP_ID.removesuffix('group')}aks/{cluster}"
    azure.create(
        "authorization:RoleAssignment",
        scope=elsewhere,
        roleAssignmentName="one",
        **roles,
    )
    azure.create(
        "monitor:PrivateLinkScopedResource",
        resourceGroupName="logs",
        scopeName="scope",
        name="one",
        linkedResourceId=elsewhere,
    )
    with pytest.raises(AzureError, match="ParentResourceNotFound"):
        azure.create(
            "authorization:RoleAssignment",
            scope=f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/none",
            roleAssignmentName="one",
            **roles,
        )


def test_neighbouring_subnets_fit(azure: Any) -> None:
    """Subnets side by side are no overlap, and a subnet may be written again."""
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    second = azure.subnet("b", "10.0.1.0/24")
    inputs = {
        "resourceGroupName": "group",
        "virtualNetworkName": "net",
        "subnetName": "b",
        "addressPrefix": "10.0.1.0/25",
    }
    azure.provider.update("azure-native:network:Subnet", second.id, inputs, inputs)


def test_subnets_of_a_list_may_trade_places(azure: Any) -> None:
    """A whole list is judged at once, not against what its subnets were before."""

    def subnets(first: str, second: str) -> list[dict[str, str]]:
        return [
            {"name": "a", "addressPrefix": first},
            {"name": "b", "addressPrefix": second},
        ]

    one, other = "10.0.0.0/24", "10.0.1.0/24"
    network = azure.network(subnets=subnets(one, other))
    inputs = {
        "resourceGroupName": "group",
        "virtualNetworkName": "net",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": subnets(other, one),
    }
    token = "azure-native:network:VirtualNetwork"
    azure.provider.update(token, network.id, inputs, inputs)
    found = azure.provider.store.get(f"{network.id}/subnets/a")
    assert found.body["addressPrefix"] == other


def test_a_rule_that_names_a_subnet_does_not_hold_it(azure: Any) -> None:
    """An account's network rule is no use of the subnet: it can be deleted."""
    azure.network()
    endpoints = [{"service": "Microsoft.Storage"}]
    subnet = azure.subnet("a", "10.0.0.0/24", serviceEndpoints=endpoints)
    azure.in_group(
        "storage:StorageAccount",
        accountName="account1",
        networkRuleSet={
            "defaultAction": "Deny",
            "virtualNetworkRules": [{"virtualNetworkResourceId": subnet.id}],
        },
    )
    azure.provider.delete("azure-native:network:Subnet", subnet.id)


def test_purged_names_can_be_used_again(
    azure: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Purging frees the name of a deleted vault; a wrong name is said to be wrong."""
    again = _again("keyvault:Vault", vaultName="vault", properties={})
    with pytest.raises(AzureError):
        again(azure)
    assert purge.main(["--store", str(tmp_path / "store"), "wault"]) == 1
    assert "wault: no deleted vault" in capsys.readouterr().err
    assert purge.main(["--store", str(tmp_path / "store"), "Vault"]) == 0
    assert "vaults/vault" in capsys.readouterr().out
    azure.in_group("keyvault:Vault", vaultName="vault", properties={})

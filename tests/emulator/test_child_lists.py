"""Lists of children in a parent: kept when unset, the whole truth when given."""

from typing import Any

import pytest

from emulator import catalogue
from emulator.azure_error import AzureError
from emulator.child_lists import kept_lists

GROUP = {"resourceGroupName": "group", "location": "westeurope"}
NETWORK = "azure-native:network:VirtualNetwork"
SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
RULE = {
    "access": "Allow",
    "direction": "Inbound",
    "priority": 100,
    "protocol": "*",
    "sourcePortRange": "*",
    "destinationPortRange": "22",
    "sourceAddressPrefix": "10.0.0.0/8",
    "destinationAddressPrefix": "*",
}


def _network_inputs(**more: object) -> dict[str, object]:
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    return {**GROUP, "virtualNetworkName": "net", "addressSpace": space, **more}


def _lookup(azure: Any, function: str, **names: str) -> Any:
    arguments = {"resourceGroupName": "group", **names}
    return azure.provider.invoke(f"azure-native:{function}", arguments)


def _names(azure: Any) -> list[str]:
    found = _lookup(azure, "network:getVirtualNetwork", virtualNetworkName="net")
    return [subnet["name"] for subnet in found["subnets"]]


def test_tables_agree_with_the_sdk() -> None:
    """Each protected list is an input and an output of its parent."""
    for token in catalogue.all_tokens():
        for name, child in kept_lists(token).items():
            parent = catalogue.find(f"azure-native:{token}")
            assert name in parent.inputs, (token, name)
            assert name in parent.outputs, (token, name)
            path = catalogue.find(f"azure-native:{child}").path.text
            assert path == f"{parent.path.text}/{name}/{path.rpartition('/')[2]}"


def test_tag_change_keeps_standalone_subnets(azure: Any) -> None:
    """A write of the network without `subnets` leaves its subnets alone."""
    network = azure.network()
    azure.subnet("a", "10.0.0.0/24")
    azure.subnet("b", "10.0.1.0/24")
    updated = azure.provider.update(
        NETWORK, network.id, _network_inputs(tags={"a": "1"}), _network_inputs()
    )
    assert updated.outputs["subnets"] == []
    assert _names(azure) == ["a", "b"]


def test_empty_list_deletes_all(azure: Any) -> None:
    """An empty list is not the same as none: it means no subnets."""
    network = azure.network()
    azure.subnet("a", "10.0.0.0/24")
    azure.provider.update(
        NETWORK, network.id, _network_inputs(subnets=[]), _network_inputs()
    )
    assert _names(azure) == []


def test_given_list_is_all_there_is(azure: Any) -> None:
    """Subnets in the list are made, the others deleted."""
    inline = [{"name": "x", "addressPrefix": "10.0.2.0/24"}]
    network = azure.network(subnets=inline)
    (answer,) = network.outputs["subnets"]
    assert answer["id"] == f"{network.id}/subnets/x"
    assert answer["provisioningState"] == "Succeeded"
    azure.subnet("a", "10.0.0.0/24")
    azure.provider.update(
        NETWORK, network.id, _network_inputs(subnets=inline), _network_inputs()
    )
    assert _names(azure) == ["x"]
    assert azure.provider.store.get(f"{network.id}/subnets/x") is not None


def test_list_cannot_delete_a_subnet_in_use(azure: Any) -> None:
    """A write that would delete a used subnet fails and changes nothing."""
    network = azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    azure.in_group(
        "network:PrivateEndpoint", privateEndpointName="e", subnet={"id": subnet.id}
    )
    with pytest.raises(AzureError, match="InUseSubnetCannotBeDeleted"):
        azure.provider.update(
            NETWORK, network.id, _network_inputs(subnets=[]), _network_inputs()
        )
    assert _names(azure) == ["a"]


def test_unrelated_change_keeps_standalone_rules(azure: Any) -> None:
    """A tag on a security group does not remove rules made as resources."""
    inputs = {**GROUP, "networkSecurityGroupName": "nsg"}
    group = azure.create("network:NetworkSecurityGroup", **inputs)
    azure.create(
        "network:SecurityRule",
        resourceGroupName="group",
        networkSecurityGroupName="nsg",
        securityRuleName="ssh",
        **RULE,
    )
    tagged = {**inputs, "tags": {"a": "1"}}
    azure.provider.update(SECURITY_GROUP, group.id, tagged, inputs)
    name = {"networkSecurityGroupName": "nsg"}
    found = _lookup(azure, "network:getNetworkSecurityGroup", **name)
    assert [rule["name"] for rule in found["securityRules"]] == ["ssh"]


def test_access_policies_of_a_vault_are_kept(azure: Any) -> None:
    """A vault's policies stay when unset, and are not shown in its state."""
    policy = {"tenantId": "t", "objectId": "o", "permissions": {"keys": ["get"]}}
    properties = {"tenantId": "t", "sku": {"family": "A", "name": "standard"}}
    token = "azure-native:keyvault:Vault"
    base = {**GROUP, "vaultName": "vault"}
    first = {**base, "properties": {**properties, "accessPolicies": [policy]}}
    second = {**base, "properties": properties}
    vault = azure.create("keyvault:Vault", **first)
    assert vault.outputs["properties"]["accessPolicies"] == [policy]
    updated = azure.provider.update(token, vault.id, second, first)
    assert updated.outputs["properties"]["accessPolicies"] == []
    found = _lookup(azure, "keyvault:getVault", vaultName="vault")
    assert found["properties"]["accessPolicies"] == [policy]


def test_import_leaves_standalone_children_out(azure: Any) -> None:
    """An imported network does not claim the subnets that stand for themselves."""
    network = azure.network()
    azure.subnet("a", "10.0.0.0/24")
    imported = azure.provider.read(NETWORK, network.id, {}, {})
    assert imported is not None
    assert "subnets" not in imported.inputs
    assert imported.outputs["subnets"] == []

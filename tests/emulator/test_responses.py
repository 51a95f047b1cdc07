"""Outputs at preview, and what Azure answers after a write."""

import re
from typing import Any

import pytest

from emulator import catalogue, made_up_values
from emulator.provider import Configuration, Provider
from emulator.sdk_types import ObjectOf, OneOf
from emulator.store import Store
from emulator.wire import UNKNOWN

NETWORK = {
    "resourceGroupName": "group",
    "virtualNetworkName": "net",
    "location": "westeurope",
    "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
}


def test_first_preview_knows_inputs_only(provider: Provider) -> None:
    """A response property is its input's value, else unknown; the name too."""
    outputs = provider.preview_create("azure-native:network:VirtualNetwork", NETWORK)
    assert outputs["name"] is UNKNOWN
    assert outputs["provisioningState"] is UNKNOWN
    assert outputs["subnets"] is UNKNOWN
    assert outputs["location"] == "westeurope"
    assert outputs["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16"]
    assert outputs["addressSpace"]["ipamPoolPrefixAllocations"] is UNKNOWN
    assert outputs["azureApiVersion"] == "2024-05-01"
    assert "resourceGroupName" not in outputs
    assert "virtualNetworkName" not in outputs


def test_preview_of_identities_and_variants(provider: Provider) -> None:
    """Assigned identities become a map, so they are unknown; variants pass."""
    outputs = provider.preview_create(
        "azure-native:machinelearningservices:Compute",
        {
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/x"]},
            "properties": {"computeType": "AmlCompute", "properties": {"a": 1}},
        },
    )
    assert outputs["identity"]["type"] == "UserAssigned"
    assert outputs["identity"]["principalId"] is UNKNOWN
    assert outputs["identity"]["userAssignedIdentities"] is UNKNOWN
    properties = {"computeType": "AmlCompute", "properties": {"a": 1}}
    assert outputs["properties"] == properties


def test_update_preview_keeps_name_and_location(provider: Provider) -> None:
    """An update's preview knows the name and the location, nothing else computed."""
    old = {"name": "net", "location": "westeurope", "resourceGuid": "g"}
    outputs = provider.preview_update(
        "azure-native:network:VirtualNetwork", NETWORK, old
    )
    assert outputs["name"] == "net"
    assert outputs["location"] == "westeurope"
    assert outputs["resourceGuid"] is UNKNOWN


def test_every_type_can_be_previewed(provider: Provider) -> None:
    """No type's response shape fails, not even with nothing known."""
    for token in catalogue.all_tokens():
        found = catalogue.find(f"azure-native:{token}")
        inputs = {name: UNKNOWN for name in found.inputs}
        outputs = provider.preview_create(f"azure-native:{token}", inputs)
        assert outputs.keys() >= found.outputs.keys() - {"azureApiVersion"}


def test_made_up_values_are_response_properties() -> None:
    """Every value that is made up has a place in its type's response."""
    for token, path in made_up_values.made_up_places():
        properties = catalogue.find(f"azure-native:{token}").outputs
        for name in path.split("."):
            assert name in properties, (token, path)
            shape: Any = properties[name].shape
            shape = getattr(shape, "items", shape)
            properties = shape.properties if isinstance(shape, ObjectOf) else {}
            assert not isinstance(shape, OneOf), (token, path)


VALUES: list[tuple[str, dict[str, Any], str, str]] = [
    # (type, inputs, output path, pattern)
    (
        "storage:StorageAccount",
        {"accountName": "acc", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}},
        "primaryEndpoints.blob",
        r"https://acc\.blob\.core\.windows\.net/",
    ),
    (
        "keyvault:Vault",
        {"vaultName": "vault", "properties": {"sku": {"name": "standard"}}},
        "properties.vaultUri",
        r"https://vault\.vault\.azure\.net/",
    ),
    (
        "containerregistry:Registry",
        {"registryName": "Reg", "sku": {"name": "Premium"}},
        "loginServer",
        r"reg\.azurecr\.io",
    ),
    (
        "operationalinsights:Workspace",
        {"workspaceName": "logs"},
        "customerId",
        r"[0-9a-f-]{36}",
    ),
    (
        "machinelearningservices:Workspace",
        {"workspaceName": "w", "identity": {"type": "SystemAssigned"}},
        "identity.principalId",
        r"[0-9a-f-]{36}",
    ),
    (
        "managedidentity:UserAssignedIdentity",
        {"resourceName": "i"},
        "principalId",
        r"[0-9a-f-]{36}",
    ),
    (
        "network:PublicIPAddress",
        {"publicIpAddressName": "p", "publicIPAllocationMethod": "Static"},
        "ipAddress",
        r"(198\.51\.100|203\.0\.113|192\.0\.2)\.\d+",
    ),
    (
        "network:BastionHost",
        {
            "bastionHostName": "b",
            "sku": {"name": "Developer"},
            "virtualNetwork": {"id": "/somewhere"},
        },
        "provisioningState",
        "Succeeded",
    ),
    (
        "applicationinsights:Component",
        {"resourceName": "c", "kind": "web"},
        "connectionString",
        r"InstrumentationKey=[0-9a-f-]{36};.*",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "path", "pattern"), VALUES)
def test_made_up_values(
    azure: Any, token: str, inputs: dict[str, Any], path: str, pattern: str
) -> None:
    """Azure fills in what programs go on with, and keeps it for the resource's life."""
    created = azure.in_group(token, **inputs)
    value: Any = created.outputs
    for name in path.split("."):
        value = value[name]
    assert re.fullmatch(pattern, value)
    again = azure.provider.read(f"azure-native:{token}", created.id, {}, {})
    assert again is not None
    assert again.outputs == created.outputs


CLOUDS = {
    # environment: (storage, vault, registry, Azure Machine Learning)
    "public": ("core.windows.net", "vault.azure.net", "azurecr.io", "azureml.ms"),
    "usgovernment": (
        "core.usgovcloudapi.net",
        "vault.usgovcloudapi.net",
        "azurecr.us",
        "ml.azure.us",
    ),
    "china": ("core.chinacloudapi.cn", "vault.azure.cn", "azurecr.cn", "ml.azure.cn"),
}


@pytest.mark.parametrize("environment", CLOUDS)
def test_hosts_are_those_of_the_cloud(store: Store, environment: str) -> None:
    """Addresses that are made up have the configured cloud's hosts, and no other's."""
    settings = {"azure-native:config:environment": environment}
    provider = Provider(store, Configuration.read(settings))
    group = {"resourceGroupName": "group", "location": "somewhere"}
    answers: list[Any] = []
    for token, inputs in (
        ("resources:ResourceGroup", {}),
        ("storage:StorageAccount", {"accountName": "account1"}),
        ("keyvault:Vault", {"vaultName": "vault", "properties": {}}),
        (
            "keyvault:Secret",
            {"vaultName": "vault", "secretName": "s", "properties": {}},
        ),
        ("containerregistry:Registry", {"registryName": "registry"}),
        ("machinelearningservices:Workspace", {"workspaceName": "work"}),
        (
            "machinelearningservices:OnlineEndpoint",
            {"workspaceName": "work", "endpointName": "end", "properties": {}},
        ),
        ("machinelearningservices:Registry", {"registryName": "models"}),
        ("applicationinsights:Component", {"resourceName": "insights"}),
        (
            "network:BastionHost",
            {
                "bastionHostName": "bastion",
                "sku": {"name": "Developer"},
                "virtualNetwork": {"id": "/somewhere"},
            },
        ),
    ):
        created = provider.create(f"azure-native:{token}", {**group, **inputs})
        answers.append(created.outputs)
    said = str(answers)
    for host in CLOUDS[environment]:
        assert f".{host}" in said
    for other in CLOUDS.keys() - {environment}:
        for host in CLOUDS[other]:
            assert host not in said


def test_an_unknown_cloud_is_refused() -> None:
    """A misspelt environment is told, with the names that there are."""
    settings = {"azure-native:config:environment": "usgov"}
    with pytest.raises(ValueError, match="'usgov', but must be one of: public, us"):
        Configuration.read(settings)


def test_answer_has_azures_names(azure: Any) -> None:
    """Id, name, type and location are as Azure writes them."""
    created = azure.network(location="West Europe")
    assert created.id == (
        "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
        "/providers/Microsoft.Network/virtualNetworks/net"
    )
    assert created.outputs["name"] == "net"
    assert created.outputs["type"] == "Microsoft.Network/virtualNetworks"
    assert created.outputs["location"] == "westeurope"
    assert "resourceGroupName" not in created.outputs


def test_assigned_identities_come_back_as_a_map(azure: Any) -> None:
    """The list of ids becomes a map with each identity's own GUIDs."""
    identity = azure.in_group("managedidentity:UserAssignedIdentity", resourceName="i")
    workspace = azure.in_group(
        "machinelearningservices:Workspace",
        workspaceName="w",
        identity={"type": "UserAssigned", "userAssignedIdentities": [identity.id]},
        primaryUserAssignedIdentity=identity.id,
    )
    answer = workspace.outputs["identity"]
    assert "principalId" not in answer
    assert answer["userAssignedIdentities"] == {
        identity.id: {
            "clientId": identity.outputs["clientId"],
            "principalId": identity.outputs["principalId"],
        }
    }


def test_secrets_are_not_answered(azure: Any) -> None:
    """Azure keeps passwords and secret values to itself, and so does the store."""
    azure.in_group("keyvault:Vault", vaultName="vault", properties={})
    secret = azure.create(
        "keyvault:Secret",
        resourceGroupName="group",
        vaultName="vault",
        secretName="s",
        properties={"value": "hunter2", "contentType": "text"},
    )
    assert "value" not in secret.outputs["properties"]
    machine = azure.in_group(
        "compute:VirtualMachine",
        vmName="vm",
        osProfile={"adminUsername": "someone", "adminPassword": "Hunter2-hunter2"},
    )
    assert machine.outputs["osProfile"] == {"adminUsername": "someone"}
    stored = [r.body for r in azure.provider.store.all()]
    assert "hunter2" not in str(stored)


def test_addresses_come_from_the_subnet(azure: Any) -> None:
    """The first free address behind Azure's four, never the same one twice."""
    azure.network()
    subnet = azure.subnet("machines", "10.0.1.0/29")

    def address(name: str) -> str:
        card = azure.in_group(
            "network:NetworkInterface",
            networkInterfaceName=name,
            ipConfigurations=[{"name": "one", "subnet": {"id": subnet.id}}],
        )
        return str(card.outputs["ipConfigurations"][0]["privateIPAddress"])

    assert [address("a"), address("b")] == ["10.0.1.4", "10.0.1.5"]
    token = "azure-native:network:NetworkInterface"
    prefix = "/providers/Microsoft.Network/networkInterfaces/"
    azure.provider.delete(token, subnet.id.split("/providers/")[0] + prefix + "a")
    assert address("c") == "10.0.1.4"

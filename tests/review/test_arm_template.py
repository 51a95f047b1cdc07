"""Plans as templates of Azure Resource Manager: each body where Azure has it.

Bodies are compared in a table, one row for each way in which azure-native's inputs
differ from Azure's, and, for a whole recorded plan, with the property names that Azure
publishes.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import published_arm_types
import pytest

from review.arm_template import arm_template
from review.command_line import main

UNKNOWN = {"unknown": True}
GROUP = {"resourceGroupName": "rg-shop"}

BODIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "most settings lie under properties": (
        "keyvault:Vault",
        {
            "vaultName": "kv-shop",
            "location": "westeurope",
            "properties": {"publicNetworkAccess": "Disabled"},
            "tags": {"environment": "dev"},
        },
        {
            "type": "Microsoft.KeyVault/vaults",
            "name": "kv-shop",
            "location": "westeurope",
            "properties": {"publicNetworkAccess": "Disabled"},
            "tags": {"environment": "dev"},
        },
    ),
    "names that azure-native has changed": (
        "storage:StorageAccount",
        {
            "accountName": "stshop",
            "kind": "StorageV2",
            "sku": {"name": "Standard_ZRS"},
            "enableHttpsTrafficOnly": True,
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "198.51.100.7"}],
            },
        },
        {
            "type": "Microsoft.Storage/storageAccounts",
            "name": "stshop",
            "kind": "StorageV2",
            "sku": {"name": "Standard_ZRS"},
            "properties": {
                "supportsHttpsTrafficOnly": True,
                "networkAcls": {
                    "defaultAction": "Deny",
                    "ipRules": [{"value": "198.51.100.7"}],
                },
            },
        },
    ),
    "properties of elements of lists": (
        "network:PrivateEndpoint",
        {
            "privateEndpointName": "pep-shop",
            "subnet": {"id": "/subnets/endpoints"},
            "privateLinkServiceConnections": [
                {"name": "blob", "groupIds": ["blob"], "privateLinkServiceId": "/st"}
            ],
        },
        {
            "type": "Microsoft.Network/privateEndpoints",
            "name": "pep-shop",
            "properties": {
                "subnet": {"id": "/subnets/endpoints"},
                "privateLinkServiceConnections": [
                    {
                        "name": "blob",
                        "properties": {
                            "groupIds": ["blob"],
                            "privateLinkServiceId": "/st",
                        },
                    }
                ],
            },
        },
    ),
    "properties that azure-native leaves where they are": (
        "machinelearningservices:Compute",
        {
            "workspaceName": "mlw-shop",
            "computeName": "cluster",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"enableNodePublicIp": False},
            },
        },
        {
            "type": "Microsoft.MachineLearningServices/workspaces/computes",
            "name": "mlw-shop/cluster",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"enableNodePublicIp": False},
            },
        },
    ),
    "a child of a child": (
        "storage:BlobContainer",
        {"accountName": "stshop", "containerName": "models", "publicAccess": "None"},
        {
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
            "name": "stshop/default/models",
            "properties": {"publicAccess": "None"},
        },
    ),
    "a type that is an input": (
        "privatedns:PrivateRecordSet",
        {
            "privateZoneName": "privatelink.azurecr.io",
            "recordType": "A",
            "relativeRecordSetName": "crshop",
            "ttl": 10,
        },
        {
            "type": "Microsoft.Network/privateDnsZones/A",
            "name": "privatelink.azurecr.io/crshop",
            "properties": {"ttl": 10},
        },
    ),
    "identities are a map": (
        "machinelearningservices:Workspace",
        {
            "workspaceName": "mlw-shop",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id"]},
        },
        {
            "type": "Microsoft.MachineLearningServices/workspaces",
            "name": "mlw-shop",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id": {}}},
        },
    ),
    "an extension has a scope": (
        "authorization:RoleAssignment",
        {
            "scope": "/kv",
            "roleAssignmentName": "b5f5",
            "principalType": "ServicePrincipal",
        },
        {
            "type": "Microsoft.Authorization/roleAssignments",
            "name": "b5f5",
            "scope": "/kv",
            "properties": {"principalType": "ServicePrincipal"},
        },
    ),
    "text that looks like an expression": (
        "network:VirtualNetwork",
        {"virtualNetworkName": "vnet", "tags": {"owner": "[ml] platform [eu]"}},
        {
            "type": "Microsoft.Network/virtualNetworks",
            "name": "vnet",
            "tags": {"owner": "[[ml] platform [eu]"},
        },
    ),
    "a name that nobody knows yet": (
        "network:VirtualNetwork",
        {"virtualNetworkName": UNKNOWN},
        {"type": "Microsoft.Network/virtualNetworks", "name": "thing"},
    ),
}


def planned(build, token: str, name: str, inputs: dict, **depends_on: list) -> dict:
    """A resource of a plan; `depends_on`: input to the resources that it waits for."""
    urns = {key: [each["urn"] for each in found] for key, found in depends_on.items()}
    return build.resource(
        f"azure-native:{token}",
        name,
        inputs={**GROUP, **inputs},
        dependencies=sorted({urn for each in urns.values() for urn in each}),
        propertyDependencies=urns,
    )


def exported(build, *resources: dict) -> dict[str, Any]:
    """The template of a plan with these resources and their group."""
    group = planned(build, "resources:ResourceGroup", "group", {})
    return arm_template(build.plan(group, *resources)).content


@pytest.mark.parametrize(("token", "inputs", "body"), BODIES.values(), ids=BODIES)
def test_a_body_is_put_back_together(build, token, inputs, body):
    """Type, name and body are Azure's own; the program's name is a comment."""
    resource = exported(build, planned(build, token, "thing", inputs))["resources"][1]
    assert resource.pop("apiVersion")
    assert resource.pop("comments") == "thing"
    assert resource == body


def test_what_a_plan_does_not_know_refers_to_where_it_comes_from(build):
    """Ids by resourceId, outputs of identities by reference."""
    vault = planned(build, "keyvault:Vault", "vault", {"vaultName": "kv-shop"})
    identity = planned(
        build,
        "managedidentity:UserAssignedIdentity",
        "identity",
        {"resourceName": "id-shop"},
    )
    assignment = planned(
        build,
        "authorization:RoleAssignment",
        "role",
        {
            "scope": UNKNOWN,
            "roleAssignmentName": "b5f5",
            "principalId": UNKNOWN,
        },
        scope=[vault],
        principalId=[identity],
    )
    template = exported(build, vault, identity, assignment)
    id_of_vault = "resourceId('Microsoft.KeyVault/vaults', 'kv-shop')"
    id_of_identity = (
        "resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-shop')"
    )
    found = template["resources"][-1]
    assert found["scope"] == f"[{id_of_vault}]"
    assert found["properties"]["principalId"] == (
        f"[reference({id_of_identity}).principalId]"
    )
    assert found["dependsOn"] == [f"[{id_of_vault}]", f"[{id_of_identity}]"]
    assert template["parameters"] == {}


def test_what_waits_for_an_extension_names_it_by_its_scope(build):
    """extensionResourceId, as Azure asks for roles and locks."""
    role = planned(
        build,
        "authorization:RoleAssignment",
        "role",
        {"scope": "/kv", "roleAssignmentName": "b5f5"},
    )
    network = planned(
        build,
        "network:VirtualNetwork",
        "network",
        {"virtualNetworkName": "vnet"},
        tags=[role],
    )
    assert exported(build, role, network)["resources"][-1]["dependsOn"] == [
        "[extensionResourceId('/kv', 'Microsoft.Authorization/roleAssignments', "
        "'b5f5')]"
    ]


def test_a_resource_of_another_group_is_named_with_it(build):
    """Such as a network watcher's."""
    watcher = build.resource(
        "azure-native:network:NetworkWatcher",
        "watcher",
        inputs={
            "resourceGroupName": "NetworkWatcherRG",
            "networkWatcherName": "watcher",
        },
    )
    log = planned(
        build,
        "network:FlowLog",
        "log",
        {"networkWatcherName": "watcher", "flowLogName": "log"},
        networkWatcherName=[watcher],
    )
    assert exported(build, watcher, log)["resources"][-1]["dependsOn"] == [
        "[resourceId('NetworkWatcherRG', 'Microsoft.Network/networkWatchers', "
        "'watcher')]"
    ]


def test_what_has_no_single_source_is_a_parameter(build):
    """Each place has one of its own; a secret's is a secure one."""
    one, other = (
        planned(
            build,
            "network:Subnet",
            name,
            {"virtualNetworkName": "vnet", "subnetName": name},
        )
        for name in ("one", "other")
    )
    endpoint = planned(
        build,
        "network:PrivateEndpoint",
        "endpoint",
        {
            "privateEndpointName": "pep",
            "subnet": {"id": UNKNOWN},
            "privateLinkServiceConnections": [
                {"name": "a", "requestMessage": "[secret]"},
                {"name": "b", "requestMessage": "[secret]"},
            ],
        },
        subnet=[one, other],
    )
    template = exported(build, one, other, endpoint)
    place = "endpoint_privateLinkServiceConnections"
    assert template["parameters"] == {
        "endpoint_subnet_id": {"type": "string"},
        f"{place}_0_requestMessage": {"type": "securestring"},
        f"{place}_1_requestMessage": {"type": "securestring"},
    }
    assert template["resources"][-1]["properties"]["subnet"] == {
        "id": "[parameters('endpoint_subnet_id')]"
    }


def test_types_without_a_known_shape_are_counted(build):
    """Components and other providers are no part of Azure and count for nothing."""
    template = arm_template(
        build.plan(
            build.resource("azure-native:web:WebApp", "site"),
            build.resource("shop:index:Network", "network"),
            build.resource("random:index:RandomPet", "pet"),
        )
    )
    assert template.left_out == {"azure-native:web:WebApp": 1}
    assert template.content["resources"] == []


def test_the_shapes_are_those_that_azure_publishes():
    """`python tests/review/published_arm_types.py` writes the file anew."""
    assert published_arm_types.FILE.read_text() == published_arm_types.text()


def test_a_recorded_plan_has_only_names_that_azure_publishes(recordings: Path):
    """A first preview of dev: every property of every body is where Azure has it."""
    plan = json.loads((recordings / "private_workspace" / "plan.json").read_text())
    template = arm_template(plan)
    assert template.left_out == {}
    faults = [
        f"{each['comments']}: {fault}"
        for each in template.content["resources"]
        for fault in published_arm_types.names_not_published(each)
    ]
    assert faults == []
    assert len(template.content["resources"]) == sum(
        each["type"].startswith("azure-native:") for each in plan["resources"]
    )
    assert _unresolved(template.content) == []


def _unresolved(content: Mapping[str, Any]) -> list[str]:
    """Parameters that are used and not declared, or declared and not used."""
    used = {
        text.removeprefix("[parameters('").removesuffix("')]")
        for text in _texts(content["resources"])
        if text.startswith("[parameters(")
    }
    return sorted(used ^ set(content["parameters"]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def test_the_command_writes_the_template(build, tmp_path: Path, capsys):
    """The folder is made; what was left out is said."""
    plan = build.plan(
        planned(build, "keyvault:Vault", "vault", {"vaultName": "kv-shop"}),
        build.resource("azure-native:web:WebApp", "site"),
    )
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    target = tmp_path / "new" / "arm.json"
    arguments = ["export", "--plan", str(tmp_path / "plan.json"), "--to", str(target)]
    assert main(arguments) == 0
    assert json.loads(target.read_text()) == arm_template(plan).content
    said = capsys.readouterr().out
    assert "1 resource to" in said
    assert "left out    1 of azure-native:web:WebApp" in said


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"resources": [{"urn": "x"}]}', '{"resources": 1}']
)
def test_what_is_no_plan_is_refused(content: str, tmp_path: Path, capsys):
    """The message names the option and the file; nothing is written."""
    (tmp_path / "plan.json").write_text(content)
    target = tmp_path / "arm.json"
    arguments = ["export", "--plan", str(tmp_path / "plan.json"), "--to", str(target)]
    assert main(arguments) == 2
    assert "--plan" in capsys.readouterr().err
    assert not target.exists()


def test_a_template_that_cannot_be_written_ends_with_3(build, tmp_path: Path, capsys):
    """A file where a folder must be."""
    (tmp_path / "plan.json").write_text(json.dumps(build.plan()))
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "arm.json"
    arguments = ["export", "--plan", str(tmp_path / "plan.json"), "--to", str(target)]
    assert main(arguments) == 3
    assert "--to: cannot write" in capsys.readouterr().err

"""Workspaces, their services, endpoints and compute: each rule once broken and kept."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
INTERNET, APPROVED = "AllowInternetOutbound", "AllowOnlyApprovedOutbound"
HOST = {"type": "FQDN", "destination": "contoso.com"}
TAG = {"type": "ServiceTag", "destination": {"serviceTag": "AzureMonitor"}}
BLOB = {"type": "PrivateEndpoint", "destination": {"subresourceTarget": "blob"}}
MISSING_MEMBERS = "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"


def workspace(azure: Any, name: str = "work", **inputs: Any) -> Any:
    """Create a workspace."""
    return azure.in_group(
        "machinelearningservices:Workspace", workspaceName=name, **inputs
    )


def managed(mode: str, **rules: Any) -> dict[str, Any]:
    """The inputs of a managed network with these outbound rules."""
    return {"managedNetwork": {"isolationMode": mode, "outboundRules": rules}}


def account(azure: Any, **inputs: Any) -> Any:
    """Create the storage account `account1`."""
    return azure.in_group("storage:StorageAccount", accountName="account1", **inputs)


def vault(azure: Any, **properties: Any) -> Any:
    """Create the vault `vault1`."""
    return azure.in_group("keyvault:Vault", vaultName="vault1", properties=properties)


def registry(azure: Any, sku: str = "Premium", **inputs: Any) -> Any:
    """Create the registry `registry1`."""
    return azure.in_group(
        "containerregistry:Registry",
        registryName="registry1",
        sku={"name": sku},
        **inputs,
    )


NETWORK = "providers/Microsoft.Network/virtualNetworks/net"


def endpoint(azure: Any, target: Any, *groups: str, **inputs: Any) -> Any:
    """Create a private endpoint to a resource in a subnet of `net`, made if needed."""
    if azure.provider.store.get(f"{GROUP_ID}/{NETWORK}/subnets/ends") is None:
        azure.network()
        azure.subnet("ends", "10.0.0.0/27")
    connection = {
        "name": "one",
        "privateLinkServiceId": target.id,
        "groupIds": list(groups),
    }
    return azure.in_group(
        "network:PrivateEndpoint",
        privateEndpointName="end",
        subnet={"id": f"{GROUP_ID}/{NETWORK}/subnets/ends"},
        privateLinkServiceConnections=[connection],
        **inputs,
    )


def compute(
    azure: Any, name: str, kind: str, work: str = "work", **properties: Any
) -> Any:
    """Create compute of a workspace."""
    return azure.in_group(
        "machinelearningservices:Compute",
        workspaceName=work,
        computeName=name,
        properties={"computeType": kind, "properties": properties},
    )


def static(group: str, member: str, address: str) -> dict[str, str]:
    """An address that an endpoint is told to have."""
    return {
        "name": member,
        "groupId": group,
        "memberName": member,
        "privateIPAddress": address,
    }


def _hierarchical_store(azure: Any) -> None:
    workspace(azure, storageAccount=account(azure, isHnsEnabled=True).id)


def _other_store(azure: Any) -> None:
    made = workspace(azure, storageAccount=account(azure).id)
    other = azure.in_group("storage:StorageAccount", accountName="account2")
    azure.update(
        "machinelearningservices:Workspace",
        made,
        workspaceName="work",
        storageAccount=other.id,
    )


def _project(**inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        workspace(azure, kind="Project", **inputs)

    return act


def _project_of_a_workspace(azure: Any) -> None:
    workspace(azure, "p", kind="Project", hubResourceId=workspace(azure).id)


def _project_with_its_own(**inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        hub = workspace(azure, kind="Hub")
        workspace(azure, "p", kind="Project", hubResourceId=hub.id, **inputs)

    return act


def _serverless(**inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        subnet = azure.subnet("a", "10.0.0.0/24")
        settings = {"serverlessComputeCustomSubnet": subnet.id}
        workspace(azure, serverlessComputeSettings=settings, **inputs)

    return act


def _identity(*given: str, **inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        for name in ("one", "two"):
            azure.in_group("managedidentity:UserAssignedIdentity", resourceName=name)
        identity = {
            "type": "UserAssigned",
            "userAssignedIdentities": [identity_id(name) for name in given],
        }
        workspace(azure, identity=identity, **inputs)

    return act


def identity_id(name: str) -> str:
    """The id of an identity of the group."""
    provider = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    return f"{GROUP_ID}/{provider}/{name}"


def _key_in_a_vault(azure: Any, **properties: Any) -> None:
    kept = vault(azure, **properties)
    key = {"keyVaultArmId": kept.id, "keyIdentifier": "https://vault1/keys/k/1"}
    workspace(azure, encryption={"status": "Enabled", "keyVaultProperties": key})


def _changed_mode(before: str, after: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        made = workspace(azure, **managed(before))
        azure.update(
            "machinelearningservices:Workspace",
            made,
            workspaceName="work",
            **managed(after),
        )

    return act


def _rule(mode: str, rule: dict[str, Any]) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        workspace(azure, **managed(mode, out=rule))

    return act


def _own_rule(mode: str, rule: dict[str, Any]) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        workspace(azure, **managed(mode))
        azure.create(
            "machinelearningservices:ManagedNetworkSettingsRule",
            resourceGroupName="group",
            workspaceName="work",
            ruleName="out",
            properties=rule,
        )

    return act


def _cluster_of_a(kind: str, **inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        hub = workspace(azure, "hub", kind="Hub")
        if kind == "Project":
            workspace(azure, kind=kind, hubResourceId=hub.id)
        else:
            workspace(azure, kind=kind)
        compute(azure, "nodes", "AmlCompute")

    return act


def _nodes_in_a_subnet(azure: Any, kind: str = "AmlCompute", **subnet: Any) -> None:
    endpoint(azure, azure.provider.store.get(workspace(azure).id), "amlworkspace")
    training = azure.subnet("training", "10.0.1.0/24", **subnet)
    compute(azure, "nodes", kind, subnet=ask.ref(training), enableNodePublicIp=False)


def _delegated_subnet(azure: Any) -> None:
    delegation = {"name": "d", "serviceName": "Microsoft.Web/serverFarms"}
    _nodes_in_a_subnet(azure, delegations=[delegation])


def _subnet_and_managed_network(azure: Any) -> None:
    azure.network()
    workspace(azure, **managed(INTERNET))
    subnet = azure.subnet("a", "10.0.0.0/24")
    compute(azure, "nodes", "AmlCompute", subnet=ask.ref(subnet))


def _private_nodes_first(azure: Any) -> None:
    workspace(azure)
    compute(azure, "nodes", "AmlCompute", enableNodePublicIp=False)


def _instance_twice(azure: Any) -> None:
    for name in ("work", "other"):
        workspace(azure, name)
        compute(azure, "ada", "ComputeInstance", work=name)


def _idle_time(text: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        workspace(azure)
        compute(azure, "ada", "ComputeInstance", idleTimeBeforeShutdown=text)

    return act


def _online_endpoint(azure: Any, name: str = "work") -> None:
    azure.in_group(
        "machinelearningservices:OnlineEndpoint",
        workspaceName=name,
        endpointName="churn",
        properties={"authMode": "AADToken"},
    )


def _online_endpoint_twice(azure: Any) -> None:
    for name in ("work", "other"):
        workspace(azure, name)
        _online_endpoint(azure, name)


def _groups(*groups: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        endpoint(azure, account(azure), *groups)

    return act


def _endpoint_of_a_project(azure: Any) -> None:
    hub = workspace(azure, "hub", kind="Hub")
    project = workspace(azure, kind="Project", hubResourceId=hub.id)
    endpoint(azure, project, "amlworkspace")


def _endpoint_of_a_standard_registry(azure: Any) -> None:
    endpoint(azure, registry(azure, "Standard"), "registry")


def _static(*addresses: dict[str, str]) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        endpoint(azure, vault(azure), "vault", ipConfigurations=list(addresses))

    return act


def _half_of_a_registry(azure: Any) -> None:
    half = [static("registry", "registry", "10.0.0.10")]
    endpoint(azure, registry(azure), "registry", ipConfigurations=half)


def _key_of_a_made_registry(azure: Any) -> None:
    made = registry(azure)
    azure.update(
        "containerregistry:Registry",
        made,
        registryName="registry1",
        sku={"name": "Premium"},
        encryption={"status": "enabled"},
    )


def _changed_vault(**changes: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        before = {"softDeleteRetentionInDays": 90}
        made = vault(azure, **before)
        azure.update(
            "keyvault:Vault", made, vaultName="vault1", properties=before | changes
        )

    return act


def _storage_key(azure: Any, **properties: Any) -> None:
    vault(azure, **properties)
    key = {"keyVaultUri": "https://vault1.vault.azure.net", "keyName": "k"}
    account(azure, encryption={"keyVaultProperties": key})


def _vault_rule(azure: Any, **subnet: Any) -> None:
    azure.network()
    rule = {"id": azure.subnet("a", "10.0.0.0/24", **subnet).id}
    vault(azure, networkAcls={"virtualNetworkRules": [rule]})


def _storage_rule(azure: Any, **subnet: Any) -> None:
    azure.network()
    made = azure.subnet("a", "10.0.0.0/24", **subnet)
    rule = {"virtualNetworkResourceId": made.id}
    account(azure, networkRuleSet={"virtualNetworkRules": [rule]})


CASES: list[tuple[str, str, Callable[[Any], None]]] = [
    # (code, part of the text, what is asked of Azure)
    ("BadRequest", "Cannot use storage with HNS enabled", _hierarchical_store),
    ("BadRequest", "Storage Account update is not supported", _other_store),
    ("ValidationError", "needs the resource id of a hub", _project()),
    ("ValidationError", "needs the resource id of a hub", _project_of_a_workspace),
    (
        "ValidationError",
        "shouldn't define it's own managed network",
        _project_with_its_own(**managed(INTERNET)),
    ),
    (
        "ValidationError",
        "cannot define its own: keyVault",
        _project_with_its_own(keyVault="/elsewhere"),
    ),
    ("ValidationError", "Hub workspace 'work' cannot use", _serverless(kind="Hub")),
    ("ValidationError", "custom subnet of", _serverless(**managed(APPROVED))),
    ("BadRequest", "needs a primaryUserAssignedIdentity", _identity("one")),
    (
        "BadRequest",
        "is not one of the identities",
        _identity("one", primaryUserAssignedIdentity=identity_id("two")),
    ),
    ("FailedIdentityOperation", "was not found", _identity("three")),
    ("BadRequest", "CMK workspaces should have purge protection", _key_in_a_vault),
    (
        "ValidationError",
        "cannot be disabled once enabled",
        _changed_mode(INTERNET, "Disabled"),
    ),
    (
        "ValidationError",
        "cannot be disabled once enabled",
        _changed_mode(APPROVED, "Disabled"),
    ),
    (
        "ValidationError",
        "cannot be changed from AllowOnlyApprovedOutbound to AllowInternetOutbound",
        _changed_mode(APPROVED, INTERNET),
    ),
    ("ValidationError", 'Only "PrivateEndpoint" outbound rules', _rule(INTERNET, HOST)),
    ("ValidationError", 'Only "PrivateEndpoint" outbound rules', _rule(INTERNET, TAG)),
    ("ValidationError", "Rule 'out' is of type \"FQDN\"", _own_rule(INTERNET, HOST)),
    ("ValidationError", "needs a managed network", _own_rule("Disabled", BLOB)),
    (
        "ValidationError",
        "storage accounts are reached by",
        _rule(APPROVED, {**HOST, "destination": "data.blob.core.windows.net"}),
    ),
    (
        "ValidationError",
        "storage accounts are reached by",
        _rule(APPROVED, {**HOST, "destination": "*.windows.net"}),
    ),
    (
        "ValidationError",
        "storage accounts are reached by",
        _rule(APPROVED, {**HOST, "destination": "data.z9.blob.storage.azure.net"}),
    ),
    ("BadRequest", "not supported in workspaces of kind hub", _cluster_of_a("Hub")),
    ("BadRequest", "workspaces of kind project", _cluster_of_a("Project")),
    ("ResourceNotPermittedOnDelegatedSubnet", "Microsoft.Web", _delegated_subnet),
    ("BadRequest", "has a managed virtual network", _subnet_and_managed_network),
    ("BadRequest", "needs a private endpoint of", _private_nodes_first),
    ("BadRequest", "Reason: AlreadyExists", _instance_twice),
    ("BadRequest", "'PT14M'", _idle_time("PT14M")),
    ("BadRequest", "'P3DT1S'", _idle_time("P3DT1S")),
    ("BadRequest", "'an hour'", _idle_time("an hour")),
    ("BadRequest", "unique within an Azure region", _online_endpoint_twice),
    ("OnlyOneGroupIdPermitted", "group Ids: blob, file", _groups("blob", "file")),
    ("InvalidValuesForRequestParameters", "GroupId: vault", _groups("vault")),
    ("InvalidValuesForRequestParameters", "GroupId: BLOB", _groups("BLOB")),
    ("InvalidValuesForRequestParameters", "Microsoft.Storage", _groups()),
    ("BadRequest", "is made on its hub", _endpoint_of_a_project),
    ("PrivateEndpointsNotSupported", "Standard", _endpoint_of_a_standard_registry),
    (
        MISSING_MEMBERS,
        "[GroupId: vault, MemberName: default]",
        _static(static("vault", "vault", "10.0.0.10")),
    ),
    (MISSING_MEMBERS, "MemberName: registry_data_westeurope", _half_of_a_registry),
    (
        "PrivateIPAddressNotInSubnet",
        "10.0.1.4",
        _static(static("vault", "default", "10.0.1.4")),
    ),
    (
        "PrivateIPAddressInReservedRange",
        "10.0.0.3",
        _static(static("vault", "default", "10.0.0.3")),
    ),
    (
        "PrivateIPAddressInReservedRange",
        "10.0.0.31",
        _static(static("vault", "default", "10.0.0.31")),
    ),
    (
        "DisablingPublicNetworkAccessNotSupported",
        "for the SKU Basic",
        lambda azure: registry(azure, "Basic", publicNetworkAccess="Disabled"),
    ),
    (
        "CustomerManagedKeyNotSupported",
        "for the SKU Standard",
        lambda azure: registry(azure, "Standard", encryption={"status": "enabled"}),
    ),
    (
        "BadRequest",
        "has exports disabled",
        lambda azure: registry(
            azure, policies={"exportPolicy": {"status": "disabled"}}
        ),
    ),
    ("EncryptionCannotBeChanged", "registry1", _key_of_a_made_registry),
    (
        "BadRequest",
        '"enablePurgeProtection" cannot be set to false',
        lambda azure: vault(azure, enablePurgeProtection=False),
    ),
    ("BadRequest", '"enableSoftDelete"', _changed_vault(enableSoftDelete=False)),
    (
        "BadRequest",
        '"softDeleteRetentionInDays"',
        _changed_vault(softDeleteRetentionInDays=7),
    ),
    ("KeyVaultPolicyError", "recoverable", _storage_key),
    ("SubnetsHaveNoServiceEndpointsConfigured", "Subnets a of", _vault_rule),
    ("NetworkAclsValidationFailure", "for Microsoft.Storage", _storage_rule),
]


@pytest.mark.parametrize(("code", "text", "act"), CASES, ids=range(len(CASES)))
def test_azure_refuses(
    azure: Any, code: str, text: str, act: Callable[[Any], None]
) -> None:
    """Each rule answers with its code, and says what it is about."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code
    assert text in refusal.value.message


def _flat_store(azure: Any) -> None:
    workspace(azure, storageAccount=account(azure, isHnsEnabled=False).id)


def _static_registry(azure: Any) -> None:
    members = ("registry", "registry_data_westeurope")
    addresses = [
        static("registry", member, f"10.0.0.{number}")
        for number, member in enumerate(members, start=4)
    ]
    endpoint(azure, registry(azure), "registry", ipConfigurations=addresses)


def _managed_nodes(azure: Any) -> None:
    workspace(azure, **managed(APPROVED, host=HOST, tag=TAG, blob=BLOB))
    compute(azure, "nodes", "AmlCompute", enableNodePublicIp=False)


def _instance_in_two_regions(azure: Any) -> None:
    for name, region in (("work", "westeurope"), ("other", "northeurope")):
        workspace(azure, name, location=region)
        azure.in_group(
            "machinelearningservices:Compute",
            workspaceName=name,
            computeName="ada",
            location=region,
            properties={"computeType": "ComputeInstance"},
        )


def _instance_and_cluster(azure: Any) -> None:
    for name, kind in (("work", "ComputeInstance"), ("other", "AmlCompute")):
        workspace(azure, name)
        compute(azure, "ada", kind, work=name)


def _project_of_a_hub(azure: Any) -> None:
    hub = workspace(azure, "hub", kind="Hub", **managed(INTERNET))
    workspace(azure, kind="Project", hubResourceId=hub.id)
    compute(azure, "ada", "ComputeInstance", enableNodePublicIp=False)


KEPT: list[Callable[[Any], Any]] = [
    _flat_store,
    _project_of_a_hub,
    _identity("one", primaryUserAssignedIdentity=identity_id("one").upper()),
    lambda azure: _key_in_a_vault(azure, enablePurgeProtection=True),
    _changed_mode("Disabled", INTERNET),
    _changed_mode(INTERNET, APPROVED),
    _rule(INTERNET, BLOB),
    _own_rule(APPROVED, HOST),
    _rule(APPROVED, {**HOST, "destination": "vscode.blob.core.windows.net"}),
    _managed_nodes,
    _nodes_in_a_subnet,
    lambda azure: _nodes_in_a_subnet(azure, "ComputeInstance"),
    _instance_in_two_regions,
    _instance_and_cluster,
    _idle_time("PT15M"),
    _idle_time("P3D"),
    _idle_time("PT4320M"),
    _groups("dfs_secondary"),
    _static(static("vault", "default", "10.0.0.4")),
    _static(static("vault", "default", "10.0.0.30")),
    _static_registry,
    lambda azure: registry(
        azure,
        publicNetworkAccess="Disabled",
        policies={"exportPolicy": {"status": "disabled"}},
    ),
    _changed_vault(enablePurgeProtection=True),
    lambda azure: _storage_key(azure, enablePurgeProtection=True),
    lambda azure: _vault_rule(
        azure, serviceEndpoints=[{"service": "Microsoft.KeyVault"}]
    ),
    lambda azure: _storage_rule(
        azure, serviceEndpoints=[{"service": "Microsoft.Storage.Global"}]
    ),
]


@pytest.mark.parametrize("act", KEPT, ids=range(len(KEPT)))
def test_azure_accepts(azure: Any, act: Callable[[Any], Any]) -> None:
    """What keeps to the rules is made, up to their limits."""
    act(azure)


def test_compute_may_be_named_before_it_exists(azure: Any) -> None:
    """C21: a workspace names the cluster that builds its images before that is made."""
    made = workspace(azure, imageBuildCompute="training-cluster")
    assert made.outputs["imageBuildCompute"] == "training-cluster"

"""The workspace itself: its kinds, its key, the one opening, and one that exists."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import InputError, PrivateWorkspace
from azureml_network._private_workspace.plan import NewWorkspacePlan, plan_workspace
from azureml_rulebook.public_access import opening_commands

APPROVED = {"isolation": "AllowOnlyApprovedOutbound"}
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
WORKSPACES = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces"
KEY = {
    "key_vault_id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-keys",
    "key_uri": "https://kv-keys.vault.azure.net/keys/aml/"
    "0123456789abcdef0123456789abcdef",
    "identity_id": f"{GROUP}/providers/Microsoft.ManagedIdentity/"
    "userAssignedIdentities/id-keys",
}
REASON = "a course with machines of its guests"


def faults(args: Any) -> list[str]:
    """Everything that is wrong, one line each."""
    with pytest.raises(InputError) as caught:
        plan_workspace("it", args)
    return [str(finding) for finding in caught.value.findings]


@pytest.fixture(name="made")
def made_fixture(record: Any, workspace_args: Callable[..., Any]) -> Callable[..., Any]:
    """What a workspace with these inputs registers."""
    return lambda **inputs: record(
        lambda: PrivateWorkspace("ml", workspace_args(**inputs))
    )


def test_a_hub_has_services_and_a_managed_network(made: Callable[..., Any]) -> None:
    """One endpoint, on the hub; no cluster, and no subnet of the caller's for
    anything."""
    hub = made(kind="Hub", training_subnet_id=None, managed_network=APPROVED)
    workspace = hub.inputs("ml-workspace")
    assert workspace["kind"] == "Hub"
    assert workspace["storageAccount"] == "/fake/ml-storage"
    assert workspace["managedNetwork"] == {"isolationMode": APPROVED["isolation"]}
    assert not workspace.keys() & {"imageBuildCompute", "serverlessComputeSettings"}
    assert hub.of_type("Compute") == {}
    assert hub.outputs["ml"].get("clusterId") is None
    assert "ml-amlworkspace-endpoint" in hub.resources


def project_args(**changes: Any) -> dict[str, Any]:
    """Changes that make the default inputs those of a project."""
    return {
        "kind": "Project",
        "hub_id": f"{WORKSPACES}/mlw-hub",
        "training_subnet_id": None,
        "endpoints_subnet_id": None,
        "private_dns_zone_ids": None,
        **changes,
    }


def test_a_project_has_what_its_hub_has(made: Callable[..., Any]) -> None:
    """Neither services nor an endpoint of its own; it is closed all the same."""
    project = made(**project_args())
    assert project.inputs("ml-workspace") == {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceName": "mlw-vision-dev-7k2d",
        "kind": "Project",
        "hubResourceId": f"{WORKSPACES}/mlw-hub",
        "sku": {"name": "Basic", "tier": "Basic"},
        "friendlyName": "vision dev",
        "identity": {"type": "SystemAssigned"},
        "publicNetworkAccess": "Disabled",
        "v1LegacyMode": False,
        "systemDatastoresAuthMode": "Identity",
    }
    assert project.kinds() == {
        "PrivateWorkspace": 1,
        "Workspace": 1,
    }
    assert project.outputs["ml"]["privateEndpointIds"] == {}


def test_people_work_with_a_project(made: Callable[..., Any]) -> None:
    """They have roles on it; those on the hub's storage are the hub's to give."""
    group = "00000000-0000-4000-8000-0000000000d1"
    project = made(**project_args(people={"data_scientist_group_ids": [group]}))
    (role,) = project.of_type("RoleAssignment").values()
    assert role.inputs["scope"] == "/fake/ml-workspace"
    assert role.inputs["principalId"] == group


def test_a_compute_identity_is_there_for_what_acts_as_it(
    made: Callable[..., Any],
) -> None:
    """A hub without endpoints or attached clusters has none; instances act as their
    persons."""
    hub = {"kind": "Hub", "training_subnet_id": None, "managed_network": APPROVED}
    person = {"user_object_id": "00000000-0000-4000-8000-0000000000d1"}
    without = made(**hub, instances={"ada": person})
    assert set(without.of_type("UserAssignedIdentity")) == {"ml-identity"}
    assert without.outputs["ml"].get("computeIdentityId") is None
    serving = made(**hub, online_endpoints={"score": {}})
    assert "ml-compute-identity" in serving.of_type("UserAssignedIdentity")


def test_a_project_is_told_what_its_hub_must_give(
    workspace_args: Callable[..., Any],
) -> None:
    """Roles on the hub's services, for compute and for people who see data; none for
    those who need none."""
    group = "00000000-0000-4000-8000-0000000000d1"
    data = (
        "Storage Blob Data Contributor on its storage account, Storage File Data "
        "Privileged Contributor on its storage account"
    )
    args = workspace_args(
        **project_args(
            people={
                "data_scientist_group_ids": [group],
                "administrator_group_ids": [group],
            },
            online_endpoints={"score": {}},
        )
    )
    workspace = plan_workspace("it", args).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    assert workspace.warnings == (
        "online_endpoints: the hub's services are not known here; give compute_identity"
        "_principal_id its roles on them: AcrPull on its container registry, " + data,
        "people.data_scientist_group_ids: the hub's services are not known here; give "
        f"these groups their roles on them: {data}",
    )


KINDS = {
    "a default one in a hub": (
        {"hub_id": f"{WORKSPACES}/mlw-hub"},
        "hub_id: cannot be used with a workspace of kind Default: it is in no hub",
    ),
    "a hub without a network": (
        {"kind": "Hub", "training_subnet_id": None},
        "managed_network: is required and not set; a workspace of kind Hub needs it",
    ),
    "a hub with a cluster": (
        {
            "kind": "Hub",
            "training_subnet_id": None,
            "managed_network": APPROVED,
            "clusters": {"gpu": {}},
        },
        "clusters: a workspace of kind Hub has no compute clusters",
    ),
    "a project without a hub": (
        project_args(hub_id=None),
        "hub_id: is required and not set; a workspace of kind Project needs it",
    ),
    "a project in something else": (
        project_args(hub_id=f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s"),
        f"hub_id: '{GROUP}/providers/Microsoft.Storage/storageAccounts/s' is the id of "
        "a Microsoft.Storage/storageAccounts",
    ),
    "a project with an endpoint": (
        project_args(endpoints_subnet_id="/fake/endpoints"),
        "endpoints_subnet_id: cannot be used with a workspace of kind Project: it is "
        "reached by the hub's private endpoint; leave it out",
    ),
    "a project with a vault": (
        project_args(key_vault={"existing_id": "x"}),
        "key_vault: cannot be used with a workspace of kind Project: it has the hub's",
    ),
    "a project with a network": (
        project_args(managed_network=APPROVED),
        "managed_network: cannot be used with a workspace of kind Project: the hub",
    ),
    "a project that is open": (
        project_args(public_access={"reason": REASON}),
        "public_access: cannot be used with a workspace of kind Project: the hub",
    ),
    "an unknown kind": (
        {"kind": "Hubb"},
        "kind: 'Hubb' is not allowed; did you mean 'Hub'?",
    ),
}


@pytest.mark.parametrize(("changes", "expected"), KINDS.values(), ids=list(KINDS))
def test_what_a_kind_cannot_have_is_refused(
    changes: dict[str, Any], expected: str, workspace_args: Callable[..., Any]
) -> None:
    """One line: the input, the kind, and why."""
    (fault,) = faults(workspace_args(**changes))
    assert fault.startswith(expected)


def test_a_hub_takes_no_training_subnet(workspace_args: Callable[..., Any]) -> None:
    """C15 for hubs: both lines name what to leave out."""
    found = faults(workspace_args(kind="Hub", managed_network=APPROVED))
    assert [fault.partition(":")[0] for fault in found] == [
        "training_subnet_id",
        "managed_network",
    ]


def test_a_key_of_ones_own(made: Callable[..., Any]) -> None:
    """The workspace names key and vault, and reads it as the identity that may; it acts
    as its own."""
    workspace = made(customer_managed_key=KEY).inputs("ml-workspace")
    assert workspace["encryption"] == {
        "status": "Enabled",
        "keyVaultProperties": {
            "keyVaultArmId": KEY["key_vault_id"],
            "keyIdentifier": KEY["key_uri"],
        },
        "identity": {"userAssignedIdentity": KEY["identity_id"]},
    }
    assert workspace["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": ["/fake/ml-identity", KEY["identity_id"]],
    }
    assert workspace["primaryUserAssignedIdentity"] == "/fake/ml-identity"


def test_a_key_is_read_by_one_identity_and_the_rest_done_by_its_own(
    made: Callable[..., Any],
) -> None:
    """With an identity that lives and dies with the workspace, both are there."""
    recorded = made(customer_managed_key=KEY, identity={"kind": "system_assigned"})
    workspace = recorded.inputs("ml-workspace")
    assert workspace["identity"] == {
        "type": "SystemAssigned,UserAssigned",
        "userAssignedIdentities": [KEY["identity_id"]],
    }
    assert "primaryUserAssignedIdentity" not in workspace


def test_a_brought_identity_that_reads_the_key_too_is_named_once(
    made: Callable[..., Any],
) -> None:
    """Azure takes each identity once."""
    brought = {
        "existing_id": KEY["identity_id"],
        "principal_id": "00000000-0000-4000-8000-0000000000bb",
    }
    workspace = made(customer_managed_key=KEY, identity=brought).inputs("ml-workspace")
    assert workspace["identity"]["userAssignedIdentities"] == [KEY["identity_id"]]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"identity_id": None}, "customer_managed_key.identity_id: is required and"),
        (
            {"key_uri": KEY["key_uri"].rpartition("/")[0]},
            f"customer_managed_key.key_uri: '{KEY['key_uri'].rpartition('/')[0]}' has "
            "no version",
        ),
        (
            {"key_vault_id": KEY["key_vault_id"].replace("22222222", "33333333")},
            "customer_managed_key.key_vault_id: ",
        ),
    ],
)
def test_a_key_that_cannot_be_read_is_refused(
    changes: dict[str, Any], expected: str, workspace_args: Callable[..., Any]
) -> None:
    """No identity, no version, or a vault of another subscription."""
    key = {name: value for name, value in (KEY | changes).items() if value}
    (fault,) = faults(workspace_args(customer_managed_key=key))
    assert fault.startswith(expected)


def test_high_business_impact(made: Callable[..., Any]) -> None:
    """The service keeps less."""
    assert made(high_business_impact=True).inputs("ml-workspace")["hbiWorkspace"]


def test_open_to_everybody_for_a_reason(made: Callable[..., Any]) -> None:
    """The switch, and the reason where people look; its services stay closed."""
    opened = made(public_access={"reason": REASON})
    workspace = opened.inputs("ml-workspace")
    assert workspace["publicNetworkAccess"] == "Enabled"
    assert workspace["description"] == f"Open to the public: {REASON}"
    assert opened.outputs["ml"]["publicAccessCommands"] == []
    for name in ("ml-storage", "ml-registry"):
        assert opened.inputs(name)["publicNetworkAccess"] == "Disabled"


def test_open_to_addresses_by_commands(made: Callable[..., Any]) -> None:
    """Azure takes addresses only once the workspace exists, so it is made closed: the
    commands that open it are an output, word by word."""
    group = pulumi.Output.from_input("rg")
    opened = made(
        resource_group_name=group,
        public_access={
            "reason": REASON,
            "addresses": ["203.0.114.7", "198.51.101.0/24"],
        },
    )
    assert opened.inputs("ml-workspace")["publicNetworkAccess"] == "Disabled"
    assert opened.outputs["ml"]["publicAccessCommands"] == [
        'az ml workspace update --resource-group "rg" --name "mlw-vision-dev-7k2d" '
        "--public-network-access Enabled",
        'az ml workspace network-rule add --resource-group "rg" --workspace-name '
        '"mlw-vision-dev-7k2d" --ip-address "203.0.114.7"',
        'az ml workspace network-rule add --resource-group "rg" --workspace-name '
        '"mlw-vision-dev-7k2d" --ip-address "198.51.101.0/24"',
    ]


def test_no_addresses_no_commands() -> None:
    """Nothing to type for a closed workspace."""
    assert opening_commands("mlw", "rg", []) == []


@pytest.mark.parametrize(
    ("addresses", "beginning"),
    [
        ({}, "public_access: the workspace is open to every public address; reason: "),
        (
            {"addresses": ["203.0.114.7"]},
            "public_access: the workspace is to be open to 203.0.114.7; reason: ",
        ),
    ],
)
def test_a_review_is_told_of_the_opening(
    addresses: dict[str, Any], beginning: str, workspace_args: Callable[..., Any]
) -> None:
    """A warning with who may come in and why; and, where commands open it, when others
    get in and when nobody does."""
    args = workspace_args(public_access={"reason": REASON, **addresses})
    workspace = plan_workspace("it", args).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    (warning,) = workspace.warnings
    assert warning.startswith(f"{beginning}{REASON}")
    is_opened_later = bool(addresses)
    for risk in ("it is open to everybody. Every later update", "closes it again"):
        assert (risk in warning) == is_opened_later


ADDRESSES = {
    "private": ("10.1.2.3", "'10.1.2.3' is not a public address, and private ones"),
    "private range": ("192.168.0.0/24", "'192.168.0.0/24' is not a public address"),
    "documentation": ("203.0.113.7", "'203.0.113.7' is not a public address"),
    "everything": ("0.0.0.0/0", "'0.0.0.0/0' is every address; leave addresses out"),
    "half of everything": ("0.0.0.0/1", "'0.0.0.0/1' is wider than /8, more than any"),
    "host bits": ("198.51.101.7/24", "'198.51.101.7/24' has host bits set"),
    "IPv6": ("2001:db8::1", "'2001:db8::1' is IPv6"),
    "a name": ("desk.example.com", "'desk.example.com' is not an address range"),
    "a number": (7, "7 is not text"),
}


@pytest.mark.parametrize(
    ("address", "expected"), ADDRESSES.values(), ids=list(ADDRESSES)
)
def test_addresses_that_azure_refuses(
    address: object, expected: str, workspace_args: Callable[..., Any]
) -> None:
    """IPv4 and public, alone or as a range."""
    opening = {"reason": REASON, "addresses": [address]}
    (fault,) = faults(workspace_args(public_access=opening))
    assert fault.startswith(f"public_access.addresses[0]: {expected}")


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([], ": is an empty list; leave it out to open to everybody"),
        (
            ["203.0.114.7", "203.0.114.7/32"],
            "[1]: '203.0.114.7/32' is public_access.addresses[0] already; leave it out",
        ),
        (
            ["203.0.114.7", "203.0.114.0/24"],
            "[0]: '203.0.114.7/32' is in '203.0.114.0/24' of "
            "public_access.addresses[1]; leave it out",
        ),
    ],
)
def test_addresses_say_who_comes_in_and_each_once(
    addresses: list[str], expected: str, workspace_args: Callable[..., Any]
) -> None:
    """A list that came out empty does not open the workspace to everybody."""
    opening = {"reason": REASON, "addresses": addresses}
    (fault,) = faults(workspace_args(public_access=opening))
    assert fault == f"public_access.addresses{expected}"


def test_an_opening_has_a_reason_and_not_too_many_addresses(
    workspace_args: Callable[..., Any],
) -> None:
    """200 addresses is what a workspace takes."""
    (fault,) = faults(workspace_args(public_access={}))
    assert fault == "public_access.reason: is required and not set"
    many = [f"198.51.{index}.0/24" for index in range(101, 256)]
    many += [f"203.1.{index}.0/24" for index in range(50)]
    opening = {"reason": REASON, "addresses": many}
    (fault,) = faults(workspace_args(public_access=opening))
    assert fault.startswith("public_access.addresses: are 205; a workspace allows at")


def test_of_an_existing_workspace_only_the_endpoint_is_made(
    made: Callable[..., Any],
) -> None:
    """C01: with both its zones; nothing else is made or changed."""
    existing = f"{WORKSPACES}/mlw-other"
    reached = made(existing_workspace_id=existing, training_subnet_id=None)
    assert reached.kinds() == {
        "PrivateWorkspace": 1,
        "PrivateEndpoint": 1,
        "PrivateDnsZoneGroup": 1,
    }
    connection = reached.inputs("ml-amlworkspace-endpoint")
    assert connection["privateLinkServiceConnections"][0]["privateLinkServiceId"] == (
        existing
    )
    zones = reached.inputs("ml-amlworkspace-zones")["privateDnsZoneConfigs"]
    assert len(zones) == 2
    outputs = reached.outputs["ml"]
    assert outputs["workspaceId"] == existing
    assert outputs["privateEndpointIds"] == {
        "amlworkspace": "/fake/ml-amlworkspace-endpoint"
    }
    assert outputs.get("storageAccountId") is None


def test_an_existing_workspace_is_not_changed(
    workspace_args: Callable[..., Any],
) -> None:
    """What is asked of it besides belongs to its owner."""
    args = workspace_args(
        existing_workspace_id=f"{WORKSPACES}/mlw-other",
        public_access={"reason": REASON},
        storage={"replication": "Standard_ZRS"},
    )
    found = faults(args)
    assert [fault.partition(":")[0] for fault in found] == ["storage", "public_access"]

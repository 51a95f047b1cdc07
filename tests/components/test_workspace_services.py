"""What a workspace keeps its data in: made or brought by id, reached in two modes,
encrypted with keys of one's own, watched over."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.customer_managed_keys import (
    read_customer_managed_key,
)
from azureml_network._private_workspace.dependencies import (
    Services,
    ServicesPlan,
    read_services,
    services,
)
from azureml_network._private_workspace.existing import check_existing_services
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import NewWorkspacePlan, plan_workspace
from azureml_network._private_workspace.watching import (
    WatchingPlan,
    read_watching,
    service_diagnostics,
    service_locks,
)
from azureml_rulebook.customer_managed_keys import (
    KEY_OF_WORKSPACE,
    VAULT_HOSTS,
    KeyUri,
    read_key_uri,
)
from azureml_rulebook.diagnostics import DIAGNOSTICS
from azureml_rulebook.names import Naming
from azureml_rulebook.service_access import SERVICE_ACCESS

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
OTHER_SUBSCRIPTION = "/subscriptions/33333333-3333-4333-8333-333333333333"
GROUP = f"{SUBSCRIPTION}/resourceGroups/platform"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stteam"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-team"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crteam"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-keys"
CLIENT_ID = "44444444-4444-4444-8444-444444444444"
SUBNETS = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets"
ENDPOINTS, TRAINING = f"{SUBNETS}/endpoints", f"{SUBNETS}/training"
VERSION = "0123456789abcdef0123456789abcdef"
KEY_URI = f"https://kv-team.vault.azure.net/keys/data/{VERSION}"
KEY = {"key_vault_id": VAULT, "key_uri": KEY_URI, "identity_id": IDENTITY}
REGISTRY_KEY = {**KEY, "identity_client_id": CLIENT_ID}
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-team"
BY_SERVICE_ENDPOINT = {
    "storage": {"access": "service_endpoint"},
    "key_vault": {"access": "service_endpoint"},
    "service_endpoint_subnet_ids": [ENDPOINTS, TRAINING],
}
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
NAMING = Naming(workload="vision", environment="dev", unique_suffix="7k2d")


def reader_of(args: Mapping[str, Any]) -> InputReader:
    """Inputs of a workspace whose subnets are known, with ``args``."""
    known = {
        "subscription_id": SUBSCRIPTION.rpartition("/")[2],
        "endpoints_subnet_id": ENDPOINTS,
        "training_subnet_id": TRAINING,
    }
    given = {**known, **args}
    return InputReader(
        {key: value for key, value in given.items() if value is not None},
        PrivateWorkspaceArgs,
    )


def read(
    args: Mapping[str, Any], cloud_name: str = "public"
) -> tuple[ServicesPlan, WatchingPlan, list[str]]:
    """Plan the services and what watches over them; also returns the findings."""
    reader = reader_of(args)
    plan = read_services(
        reader, Place(cloud_name=cloud_name, region="westeurope"), NAMING
    )
    watching = read_watching(reader, "ml", plan)
    return plan, watching, [str(finding) for finding in reader.findings]


def planned(args: Mapping[str, Any]) -> tuple[ServicesPlan, WatchingPlan]:
    """The plans of inputs that nothing is wrong with."""
    plan, watching, findings = read(args)
    assert findings == []
    return plan, watching


@pytest.fixture(scope="module")
def make(record: Any, workspace_parts: Callable[..., WorkspaceParts]) -> Any:
    """Make the services of some inputs and what watches over them; returns what was
    registered and, as ``services``, what they are."""

    def run(
        args: Mapping[str, Any], found: Callable[[Services], object] | None = None
    ) -> Any:
        plan, watching = planned(args)

        def program() -> None:
            parts = workspace_parts()
            made = services(parts, plan, "11111111-1111-4111-8111-111111111111")
            settings = service_diagnostics(parts, watching, plan, made, "/fake/ml")
            service_locks(parts, watching, made, [*made.settled_by, *settings])
            if found is not None:
                found(made)

        return record(program)

    return run


FAULTS: list[tuple[dict[str, Any], str]] = [
    # Which services exist already, and what is theirs.
    (
        {"storage": {"existing_id": "stteam"}},
        "storage.existing_id: 'stteam' is not a resource id; give /subscriptions/.../"
        "resourceGroups/.../providers/Microsoft.Storage/storageAccounts/...",
    ),
    (
        {"key_vault": {"existing_id": ACCOUNT}},
        f"key_vault.existing_id: '{ACCOUNT}' is the id of a Microsoft.Storage/"
        "storageAccounts; give /subscriptions/",
    ),
    (
        {"registry": {"existing_id": VAULT}},
        f"registry.existing_id: '{VAULT}' is the id of a Microsoft.KeyVault/vaults",
    ),
    ({"registry": {"existing_id": 7}}, "registry.existing_id: 7 is not text"),
    (
        {"storage": {"existing_id": ACCOUNT, "replication": "Standard_ZRS"}},
        "storage.replication: belongs to the storage account, which existing_id says "
        "exists already; leave it out",
    ),
    (
        {"storage": {"existing_id": ACCOUNT, "customer_managed_key": KEY}},
        "storage.customer_managed_key: belongs to the storage account",
    ),
    (
        {"registry": {"existing_id": REGISTRY, "zone_redundant": True}},
        "registry.zone_redundant: belongs to the container registry",
    ),
    (
        {"registry": {"existing_id": REGISTRY, "customer_managed_key": REGISTRY_KEY}},
        "registry.customer_managed_key: belongs to the container registry",
    ),
    (
        {
            "storage": {"existing_id": ACCOUNT.replace("2222", "3333", 1)},
            "online_endpoints": {"scores": {}},
        },
        "storage.existing_id: '/subscriptions/33332222-2222-4222-8222-222222222222/",
    ),
    # How they are reached.
    (
        {"storage": {"access": "public"}},
        "storage.access: 'public' is not allowed; known: 'private_endpoint', "
        "'service_endpoint'",
    ),
    (
        {"registry": {"access": "service_endpoint"}},
        "registry.access: 'service_endpoint' cannot be used with the container "
        "registry: Azure Machine Learning gets past a registry's firewall as a trusted "
        "service",
    ),
    (
        {"storage": {"access": "service_endpoint"}},
        "service_endpoint_subnet_ids: is required and not set: storage would let "
        "nobody in; give the subnets",
    ),
    (
        {"service_endpoint_subnet_ids": [ENDPOINTS]},
        "service_endpoint_subnet_ids: is for services whose access is "
        "'service_endpoint', and none is; leave it out",
    ),
    (
        {**BY_SERVICE_ENDPOINT, "service_endpoint_subnet_ids": [TRAINING]},
        f"service_endpoint_subnet_ids: lacks endpoints_subnet_id ('{ENDPOINTS}'), from "
        "where the storage account and key vault must be reached too; add it, with the "
        "service endpoints Microsoft.Storage, Microsoft.KeyVault",
    ),
    (
        {**BY_SERVICE_ENDPOINT, "service_endpoint_subnet_ids": [ENDPOINTS]},
        f"service_endpoint_subnet_ids: lacks training_subnet_id ('{TRAINING}')",
    ),
    (
        {
            **BY_SERVICE_ENDPOINT,
            "service_endpoint_subnet_ids": [ENDPOINTS, TRAINING, ENDPOINTS.upper()],
        },
        f"service_endpoint_subnet_ids[2]: '{ENDPOINTS.upper()}' is "
        "service_endpoint_subnet_ids[0] too; leave one of them out",
    ),
    (
        {**BY_SERVICE_ENDPOINT, "service_endpoint_subnet_ids": [ENDPOINTS, "x"]},
        "service_endpoint_subnet_ids[1]: 'x' is not a resource id",
    ),
    (
        {**BY_SERVICE_ENDPOINT, "service_endpoint_subnet_ids": [ENDPOINTS, 7]},
        "service_endpoint_subnet_ids[1]: 7 is not text",
    ),
    (
        {
            **BY_SERVICE_ENDPOINT,
            "storage": {"access": "service_endpoint", "endpoints": ["blob", "file"]},
        },
        "storage.endpoints: are private endpoints, and access is 'service_endpoint'; "
        "leave them out, or use access 'private_endpoint'",
    ),
    (
        {
            **BY_SERVICE_ENDPOINT,
            "managed_network": {"isolation": "AllowInternetOutbound"},
        },
        "key_vault.access: 'service_endpoint' cannot be used with managed_network, "
        "which reaches the key vault by a private endpoint of its own; use "
        "'private_endpoint'",
    ),
    # The endpoints of storage.
    (
        {"storage": {"endpoints": ["blob"]}},
        "storage.endpoints: no private endpoint with group id 'file'",
    ),
    (
        {"storage": {"endpoints": ["blob", "file", "vault"]}},
        "storage.endpoints[2]: 'vault' is not a group id of Microsoft.Storage/",
    ),
    (
        {"storage": {"replication": "Premium_LRS"}},
        "storage.replication: 'Premium_LRS' is not allowed",
    ),
    # C23: neither keys nor a hierarchy can be asked for.
    (
        {"storage": {"allow_shared_key_access": True}},
        "storage.allow_shared_key_access: is not a known input",
    ),
    ({"storage": {"is_hns_enabled": True}}, "storage.is_hns_enabled: is not a known"),
    ({"registry": {"sku": "Basic"}}, "registry.sku: is not a known input"),
    # Keys of one's own.
    (
        {"storage": {"customer_managed_key": {**KEY, "identity_id": None}}},
        "storage.customer_managed_key.identity_id: is required and not set; give a "
        "user-assigned identity that may get, wrap and unwrap the key",
    ),
    (
        {"storage": {"customer_managed_key": {**KEY, "identity_id": VAULT}}},
        f"storage.customer_managed_key.identity_id: '{VAULT}' is the id of a",
    ),
    (
        {"storage": {"customer_managed_key": {**KEY, "key_vault_id": None}}},
        "storage.customer_managed_key.key_vault_id: is required and not set",
    ),
    (
        {"storage": {"customer_managed_key": {**KEY, "key_uri": None}}},
        "storage.customer_managed_key.key_uri: is required and not set",
    ),
    (
        {"storage": {"customer_managed_key": {**KEY, "key_uri": VAULT}}},
        f"storage.customer_managed_key.key_uri: '{VAULT}' is not the URI of a key; "
        "give https://VAULT.vault.azure.net/keys/NAME/VERSION, VERSION of 32",
    ),
    (
        {
            "storage": {
                "customer_managed_key": {
                    **KEY,
                    "key_uri": KEY_URI.replace("azure.net", "usgovcloudapi.net"),
                }
            }
        },
        "storage.customer_managed_key.key_uri: 'https://kv-team.vault.usgovcloudapi."
        f"net/keys/data/{VERSION}' is not in a vault of Azure, whose names end in "
        "'vault.azure.net'",
    ),
    (
        {
            "storage": {
                "customer_managed_key": {
                    **KEY,
                    "key_uri": KEY_URI.replace("kv-team", "kv-other"),
                }
            }
        },
        f"storage.customer_managed_key.key_vault_id: '{VAULT}' is not the vault of "
        "key_uri, which is 'kv-other'",
    ),
    (
        {"registry": {"customer_managed_key": KEY}},
        "registry.customer_managed_key.identity_client_id: is required and not set; "
        "give the client id of identity_id, by which a registry knows it",
    ),
    (
        {"registry": {"customer_managed_key": "mine"}},
        "registry.customer_managed_key: 'mine' is not an object",
    ),
    # What watches over them.
    ({"lock": "Delete"}, "lock: 'Delete' is not allowed; did you mean 'CanNotDelete'?"),
    (
        {
            "lock": "ReadOnly",
            "managed_network": {"isolation": "AllowInternetOutbound"},
        },
        "lock: 'ReadOnly' cannot be used with managed_network: its private endpoints "
        "are connected to the services when the first compute is made",
    ),
    (
        {
            "lock": "CanNotDelete",
            "storage": {"existing_id": ACCOUNT},
            "key_vault": {"existing_id": VAULT},
            "registry": {"existing_id": REGISTRY},
        },
        "lock: is on the services that keep data, and all of them exist already",
    ),
    ({"diagnostic_settings": {}}, "diagnostic_settings: is empty"),
    (
        {"diagnostic_settings": {"team": {}}},
        "diagnostic_settings.team: names no destination",
    ),
    (
        {"diagnostic_settings": {"team": {"log_analytics_workspace_id": VAULT}}},
        "diagnostic_settings.team.log_analytics_workspace_id: ",
    ),
]


@pytest.mark.parametrize(("args", "start"), FAULTS, ids=[item[1] for item in FAULTS])
def test_what_is_refused(args: dict[str, Any], start: str) -> None:
    """Each fault is told with its path, the value, and what to change."""
    _, _, findings = read(args)
    assert [line for line in findings if line.startswith(start)], findings


def test_all_faults_are_told_together() -> None:
    """One run finds what is wrong with every service."""
    faulty = {
        "storage": {"existing_id": "x", "access": "y"},
        "key_vault": {"existing_id": "x"},
        "registry": {"customer_managed_key": {}},
        "lock": "z",
    }
    _, _, findings = read(faulty)
    assert sorted(line.partition(": ")[0] for line in findings) == [
        "key_vault.existing_id",
        "lock",
        "registry.customer_managed_key.identity_client_id",
        "registry.customer_managed_key.identity_id",
        "registry.customer_managed_key.key_uri",
        "registry.customer_managed_key.key_vault_id",
        "storage.access",
        "storage.existing_id",
    ]


CLOSED = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []}
STORAGE = {
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
    "networkRuleSet": {**CLOSED, "virtualNetworkRules": []},
    "tags": {"environment": "test"},
}
VAULT_PROPERTIES = {
    "tenantId": "11111111-1111-4111-8111-111111111111",
    "sku": {"family": "A", "name": "standard"},
    "enableRbacAuthorization": True,
    "enableSoftDelete": True,
    "softDeleteRetentionInDays": 90,
    "enablePurgeProtection": True,
    "publicNetworkAccess": "Disabled",
    "networkAcls": {**CLOSED, "virtualNetworkRules": []},
}
REGISTRY_INPUTS = {
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
    "tags": {"environment": "test"},
}


def test_by_default_all_is_made_and_closed(make: Any) -> None:
    """C19, C23: each denies by default and admits trusted services, and the account
    takes no keys; nothing has an identity or a key of one's own."""
    made = make({})
    assert made.inputs("ml-storage") == STORAGE
    assert made.inputs("ml-vault") == {
        **PLACE,
        "vaultName": "kv-vision-dev-7k2d",
        "properties": VAULT_PROPERTIES,
        "tags": {"environment": "test"},
    }
    assert made.inputs("ml-registry") == REGISTRY_INPUTS
    assert made.of_type("DiagnosticSetting") == {}
    assert made.of_type("ManagementLockByScope") == {}


def test_choices(make: Any) -> None:
    """Replication, zones and further endpoints are as they are asked for."""
    args = {
        "storage": {
            "replication": "Standard_ZRS",
            "endpoints": ["table", "file", "BLOB", "dfs", "queue"],
        },
        "registry": {"zone_redundant": True, "access": "private_endpoint"},
    }
    made = make(args)
    assert made.inputs("ml-storage") == {**STORAGE, "sku": {"name": "Standard_ZRS"}}
    assert made.inputs("ml-registry") == {
        **REGISTRY_INPUTS,
        "zoneRedundancy": "Enabled",
    }
    plan, _ = planned(args)
    assert plan.storage.groups == ("blob", "file", "queue", "table", "dfs")


def test_service_endpoints(make: Any) -> None:
    """C19: public addresses are on for the named subnets alone; trusted services pass,
    all others are denied; no private endpoint besides. The registry stays shut."""
    made = make(BY_SERVICE_ENDPOINT)
    assert made.inputs("ml-storage") == {
        **STORAGE,
        "allowedCopyScope": "AAD",
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {
            **CLOSED,
            "virtualNetworkRules": [
                {"virtualNetworkResourceId": subnet, "action": "Allow"}
                for subnet in (ENDPOINTS, TRAINING)
            ],
        },
    }
    assert made.inputs("ml-vault")["properties"] == {
        **VAULT_PROPERTIES,
        "publicNetworkAccess": "Enabled",
        "networkAcls": {
            **CLOSED,
            "virtualNetworkRules": [{"id": ENDPOINTS}, {"id": TRAINING}],
        },
    }
    assert made.inputs("ml-registry") == REGISTRY_INPUTS
    plan, _ = planned(BY_SERVICE_ENDPOINT)
    assert plan.endpoint_groups == {
        "storage": (),
        "key_vault": (),
        "registry": ("registry",),
        "monitor_scope": ("azuremonitor",),
    }


def test_subnets_that_are_known_later(make: Any) -> None:
    """Outputs cannot be compared, so they are taken; they reach the rules as they are,
    and a service endpoint of one service opens nothing else."""
    later = pulumi.Output.from_input(ENDPOINTS)
    args = {
        "storage": {"access": "service_endpoint"},
        "service_endpoint_subnet_ids": [later],
    }
    made = make(args)
    rules = made.inputs("ml-storage")["networkRuleSet"]["virtualNetworkRules"]
    assert rules == [{"virtualNetworkResourceId": ENDPOINTS, "action": "Allow"}]
    assert made.inputs("ml-vault")["properties"] == VAULT_PROPERTIES
    without_training = {**args, "training_subnet_id": None}
    assert planned(without_training)


def test_what_exists_is_left_alone(make: Any) -> None:
    """Services by id: nothing of them is made, not even the setting of blobs; their
    endpoints still are."""
    args = {
        "storage": {"existing_id": ACCOUNT, "endpoints": ["blob", "file", "queue"]},
        "key_vault": {"existing_id": VAULT},
        "registry": {"existing_id": REGISTRY},
        "diagnostic_settings": {"team": {"log_analytics_workspace_id": LOGS}},
    }
    found: list[Services] = []
    made = make(args, found.append)
    kinds = made.kinds()
    for kind in ("StorageAccount", "BlobServiceProperties", "Vault", "Registry"):
        assert kind not in kinds
    (services_found,) = found
    assert services_found.storage.id == ACCOUNT
    assert services_found.key_vault.id == VAULT
    assert services_found.registry.id == REGISTRY
    assert set(made.of_type("DiagnosticSetting")) == {
        "ml-logs-team-diagnostics",
        "ml-insights-team-diagnostics",
        "ml-workspace-team-diagnostics",
    }
    plan, _ = planned(args)
    assert plan.endpoint_groups == {
        "storage": ("blob", "file", "queue"),
        "key_vault": ("vault",),
        "registry": ("registry",),
        "monitor_scope": ("azuremonitor",),
    }
    assert plan.warnings == ()


@pytest.mark.parametrize("secret", [False, True])
def test_existing_ids_known_later(secret: bool) -> None:
    """An id that is an output or a secret is passed on unread."""
    later: pulumi.Output[str] = pulumi.Output.from_input(ACCOUNT)
    if secret:
        later = pulumi.Output.secret(later)
    plan, _ = planned({"storage": {"existing_id": later}})
    assert plan.storage.existing_id is later
    assert not plan.storage.is_made


def test_who_opens_what_exists() -> None:
    """Rules on subnets of an existing account are its owner's, which is said; and that
    its traffic goes past a firewall."""
    plan, _ = planned(
        {
            "storage": {"existing_id": ACCOUNT, "access": "service_endpoint"},
            "service_endpoint_subnet_ids": [ENDPOINTS, TRAINING],
        }
    )
    past_firewalls, not_opened = plan.warnings
    assert past_firewalls.startswith("storage.access: service_endpoint takes the traf")
    assert not_opened == (
        "storage: exists already and is reached by service endpoints; its owner opens "
        "it to the subnets of service_endpoint_subnet_ids, this component does not"
    )


def test_what_goes_past_a_firewall() -> None:
    """Each service with a service endpoint is named, made here or not."""
    plan, _ = planned(BY_SERVICE_ENDPOINT)
    assert [warning.partition(": ")[0] for warning in plan.warnings] == [
        "storage.access",
        "key_vault.access",
    ]


BROUGHT = {
    "storage": {"existing_id": ACCOUNT},
    "key_vault": {"existing_id": VAULT},
    "registry": {"existing_id": REGISTRY},
}
FIT = {
    "storage:getStorageAccount": {
        "location": "West Europe",
        "isHnsEnabled": False,
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"bypass": "Logging, AzureServices", "defaultAction": "Deny"},
    },
    "keyvault:getVault": {
        "location": "westeurope",
        "properties": {
            "enableRbacAuthorization": True,
            "publicNetworkAccess": "Disabled",
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"},
            "provisioningState": "Succeeded",
            "sku": {"family": "A", "name": "standard"},
            "tenantId": "t",
            "vaultUri": "u",
        },
    },
    "containerregistry:getRegistry": {
        "location": "westeurope",
        "sku": {"name": "Premium", "tier": "Premium"},
        "networkRuleBypassOptions": "AzureServices",
        "publicNetworkAccess": "Disabled",
    },
}
"""What Azure tells about services that a workspace can use."""


class Told(pulumi.runtime.Mocks):
    """Azure tells what it knows about services; a text is an error."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"nothing is made: {args.name}")

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        self.asked.append(args.args)
        answer = self.answers[args.token.removeprefix("azure-native:")]
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer


def looked_at(
    answers: Mapping[str, Any],
    args: Mapping[str, Any] = BROUGHT,
    subscription_id: object = SUBSCRIPTION.rpartition("/")[2],
) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Look at existing services; returns the warnings, and what Azure was asked."""
    told = Told(answers)
    pulumi.runtime.set_mocks(told)
    plan, _ = planned(args)
    place = Place(cloud_name="public", region="westeurope")
    return check_existing_services(plan, place, subscription_id), told.asked


def test_existing_services_are_looked_at() -> None:
    """Azure is asked for each once, where its id says; nothing is wrong with these."""
    warnings, asked = looked_at(FIT)
    assert warnings == ()
    assert asked == [
        {"accountName": "stteam", "resourceGroupName": "platform"},
        {"vaultName": "kv-team", "resourceGroupName": "platform"},
        {"registryName": "crteam", "resourceGroupName": "platform"},
    ]


UNFIT = {
    "storage:getStorageAccount": {
        **FIT["storage:getStorageAccount"],
        "location": "northeurope",
        "isHnsEnabled": True,
    },
    "keyvault:getVault": {
        **FIT["keyvault:getVault"],
        "properties": {
            **FIT["keyvault:getVault"]["properties"],
            "enableRbacAuthorization": False,
        },
    },
    "containerregistry:getRegistry": {
        "location": "westeurope",
        "sku": {"name": "Standard", "tier": "Standard"},
    },
}


def test_existing_services_that_cannot_serve() -> None:
    """Another region, a hierarchical namespace, access policies and a tier without
    private endpoints are refused together, before anything is made."""
    with pytest.raises(InputError) as caught:
        looked_at(UNFIT)
    assert [
        str(finding).partition(" (https")[0] for finding in caught.value.findings
    ] == [
        "storage.existing_id: the storage account is in 'northeurope' and the "
        "workspace in 'westeurope'; use one in the workspace's region, or another "
        "location",
        "storage.existing_id: the storage account has a hierarchical namespace, which "
        "the default one of a workspace cannot have; use another",
        "key_vault.existing_id: the key vault goes by access policies, and the "
        "workspace's identity gets its rights by roles; let roles decide in it, or use "
        "another",
        "registry.existing_id: the container registry is 'Standard', and private "
        "endpoints need 'Premium'; change its tier, or use another",
    ]


@pytest.mark.parametrize(
    ("token", "told", "start"),
    [
        (
            "storage:getStorageAccount",
            {"networkRuleSet": {"bypass": "Metrics", "defaultAction": "Deny"}},
            "storage.existing_id: the storage account has a firewall whose bypass",
        ),
        (
            "keyvault:getVault",
            {
                "properties": {
                    **FIT["keyvault:getVault"]["properties"],
                    "networkAcls": {"bypass": "None", "defaultAction": "Deny"},
                }
            },
            "key_vault.existing_id: the key vault has a firewall whose bypass leaves "
            "out AzureServices, and the service keeps the secrets of datastores",
        ),
        (
            "containerregistry:getRegistry",
            {"networkRuleBypassOptions": "None"},
            "registry.existing_id: the container registry has a firewall whose bypass",
        ),
    ],
)
def test_existing_services_that_shut_out_the_workspace(
    token: str, told: dict[str, Any], start: str
) -> None:
    """C19: a firewall that lets trusted services not pass is refused by ``bypass``."""
    with pytest.raises(InputError) as caught:
        looked_at({**FIT, token: {**FIT[token], **told}})
    (finding,) = caught.value.findings
    assert str(finding).startswith(start)


def test_the_workspace_may_pass_by_name() -> None:
    """Rules on single resources can take the place of trusted services."""
    token = "storage:getStorageAccount"
    rules = {
        "bypass": "None",
        "defaultAction": "Deny",
        "resourceAccessRules": [{"resourceId": "/x", "tenantId": "t"}],
    }
    answers = {**FIT, token: {**FIT[token], "networkRuleSet": rules}}
    assert looked_at(answers)[0] == ()


def test_an_account_without_rules_is_not_judged_by_them() -> None:
    """What Azure leaves out of its answer is no fault."""
    token = "storage:getStorageAccount"
    told = {key: value for key, value in FIT[token].items() if key != "networkRuleSet"}
    assert looked_at({**FIT, token: told})[0] == ()


def test_existing_services_that_are_open() -> None:
    """A public address is its owner's to close: it is said, not refused; with service
    endpoints it has to be on."""
    account = FIT["storage:getStorageAccount"]
    answers = {
        **FIT,
        "storage:getStorageAccount": {**account, "publicNetworkAccess": "Enabled"},
    }
    (warning,), _ = looked_at(answers)
    assert warning == (
        "storage.existing_id: the storage account has public network access enabled, "
        "which this component leaves as it is; its owner can disable it"
    )
    by_endpoint = {
        **BROUGHT,
        "storage": {"existing_id": ACCOUNT, "access": "service_endpoint"},
        "service_endpoint_subnet_ids": [ENDPOINTS, TRAINING],
    }
    assert looked_at(answers, by_endpoint)[0] == ()


def test_what_azure_does_not_tell() -> None:
    """What cannot be looked at is not taken for right: the reason is said."""
    failure = (
        'request failed /x: Status=404 Code="ResourceNotFound" Message="The Resource '
        'was not found."'
    )
    (warning,), _ = looked_at({**FIT, "keyvault:getVault": failure})
    assert warning == (
        f"key_vault.existing_id: '{VAULT}' was not looked at (Status=404 "
        "Code=\"ResourceNotFound\"); see that it is in 'westeurope' and fit for a "
        "workspace"
    )
    (warning,), _ = looked_at({**FIT, "keyvault:getVault": "no login"})
    assert "was not looked at (" in warning
    assert "no login" in warning
    (warning,), _ = looked_at({**FIT, "keyvault:getVault": {"tenantId": "t"}})
    assert "was not looked at (Azure tells nothing about it)" in warning


def test_existing_services_elsewhere() -> None:
    """One in another subscription is not looked for in the workspace's own; one that
    is known only later is not looked at; what is made here neither."""
    elsewhere = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    args = {
        "storage": {"existing_id": elsewhere},
        "key_vault": {"existing_id": pulumi.Output.from_input(VAULT)},
    }
    (warning,), asked = looked_at(FIT, args)
    assert "was not looked at (it is in another subscription)" in warning
    assert asked == []
    later = pulumi.Output.from_input("x")
    assert len(looked_at(FIT, BROUGHT, later)[1]) == 3


ALL_ENCRYPTED = {
    name: {"enabled": True, "keyType": "Account"}
    for name in ("blob", "file", "queue", "table")
}


def storage_encryption(**key: str) -> dict[str, Any]:
    """What an account is encrypted with."""
    return {
        "keySource": "Microsoft.Keyvault",
        "encryptionIdentity": {"encryptionUserAssignedIdentity": IDENTITY},
        "keyVaultProperties": {
            "keyName": "data",
            "keyVaultUri": "https://kv-team.vault.azure.net/",
            **key,
        },
        "services": ALL_ENCRYPTED,
    }


def registry_encryption(key_uri: str = KEY_URI) -> dict[str, Any]:
    """What a registry is encrypted with, and as whom it reads the key."""
    return {
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {IDENTITY: {}},
        },
        "encryption": {
            "status": "enabled",
            "keyVaultProperties": {"identity": CLIENT_ID, "keyIdentifier": key_uri},
        },
    }


def test_keys_of_ones_own(make: Any) -> None:
    """Both are made with the key from the beginning, and read it as the identity."""
    made = make(
        {
            "storage": {"customer_managed_key": KEY},
            "registry": {"customer_managed_key": REGISTRY_KEY},
        }
    )
    assert made.inputs("ml-storage") == {
        **STORAGE,
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]},
        "encryption": storage_encryption(keyVersion=VERSION),
    }
    assert made.inputs("ml-registry") == {**REGISTRY_INPUTS, **registry_encryption()}


def test_a_key_without_version_is_followed(make: Any) -> None:
    """Without a version, the service takes the newest one by itself."""
    rotated = KEY_URI.rpartition("/")[0]
    made = make(
        {
            "storage": {"customer_managed_key": {**KEY, "key_uri": rotated}},
            "registry": {"customer_managed_key": {**REGISTRY_KEY, "key_uri": rotated}},
        }
    )
    assert made.inputs("ml-storage")["encryption"] == storage_encryption()
    encryption = made.inputs("ml-registry")["encryption"]
    assert encryption == registry_encryption(rotated)["encryption"]


def test_keys_that_are_known_later(make: Any) -> None:
    """A key, its vault and an identity of the same program come as outputs; what they
    encrypt is made once they are known, with the same inputs."""
    later = {key: pulumi.Output.from_input(value) for key, value in KEY.items()}
    made = make(
        {
            "storage": {"customer_managed_key": later},
            "registry": {
                "customer_managed_key": {
                    **later,
                    "identity_client_id": pulumi.Output.from_input(CLIENT_ID),
                }
            },
        }
    )
    encryption = made.inputs("ml-storage")["encryption"]
    assert encryption == storage_encryption(keyVersion=VERSION)
    assert made.inputs("ml-registry") == {**REGISTRY_INPUTS, **registry_encryption()}


LATER_FAULTS = [
    ("x", "key_uri: 'x' is not the URI of a key; give https://"),
    (
        KEY_URI.rpartition("/")[0],
        "key_uri: 'https://kv-team.vault.azure.net/keys/data'",
    ),
    (KEY_URI.replace("azure.net", "azure.cn"), "key_uri: 'https://kv-team.vault.azure"),
    (KEY_URI.replace("kv-team", "kv-other"), f"key_vault_id: '{VAULT}' is not the"),
]


@pytest.mark.parametrize("of", ["", "storage.", "registry."])
@pytest.mark.parametrize(("uri", "fault"), LATER_FAULTS)
def test_a_key_that_cannot_be_used_stops_once_it_is_known(
    workspace_args: Callable[..., Any], of: str, uri: str, fault: str
) -> None:
    """The same checks run on a URI that is known only later, and name the same path;
    only a workspace needs a version."""
    key = {**KEY, "key_uri": pulumi.Output.from_input(uri)}
    args = workspace_args(
        customer_managed_key=key,
        storage={"customer_managed_key": key},
        registry={"customer_managed_key": {**key, "identity_client_id": CLIENT_ID}},
    )
    workspace = plan_workspace("it", args).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    assert workspace.services is not None
    plan = {
        "": workspace.customer_managed_key,
        "storage.": workspace.services.storage.customer_managed_key,
        "registry.": workspace.services.registry.customer_managed_key,
    }[of]
    assert plan is not None
    if of and uri == KEY_URI.rpartition("/")[0]:
        assert plan.parse(uri, VAULT).key_version is None
        return
    with pytest.raises(InputError) as caught:
        plan.parse(uri, VAULT)
    found = str(caught.value.findings[0])
    assert found.startswith(f"{of}customer_managed_key.{fault}")


def test_a_workspace_key_has_a_version_and_its_vault_is_near() -> None:
    """What a workspace's own key needs besides."""
    elsewhere = VAULT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    key = {
        **KEY,
        "key_vault_id": elsewhere,
        "key_uri": KEY_URI.rpartition("/")[0],
    }
    reader = reader_of({"customer_managed_key": key})
    read_customer_managed_key(
        reader,
        Place(cloud_name="public", region="westeurope"),
        versioned_for=KEY_OF_WORKSPACE,
        subscription_id=SUBSCRIPTION.rpartition("/")[2],
    )
    uri, vault = (str(finding) for finding in reader.findings)
    assert uri.startswith(
        "customer_managed_key.key_uri: 'https://kv-team.vault.azure.net/keys/data' has "
        "no version"
    )
    assert vault.startswith(
        f"customer_managed_key.key_vault_id: '{elsewhere}' is in another subscription "
        "than the workspace"
    )


@given(
    vault=st.from_regex(r"[a-z][a-z0-9]{2,20}", fullmatch=True),
    host=st.sampled_from(sorted(VAULT_HOSTS.values())),
    name=st.from_regex(r"[a-zA-Z0-9-]{1,30}", fullmatch=True),
    version=st.none() | st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
)
def test_every_key_uri_is_read(
    vault: str, host: str, name: str, version: str | None
) -> None:
    """A URI is put together from its parts, and taken apart into the same."""
    text = f"https://{vault}.{host}/keys/{name}" + (f"/{version}" if version else "")
    key = read_key_uri(text, "key_uri")
    assert key == KeyUri(
        vault_name=vault, vault_host=host, key_name=name, key_version=version
    )
    assert isinstance(key, KeyUri)
    assert text.startswith(f"{key.vault_uri}keys/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "http://kv.vault.azure.net/keys/data",
        "https://kv.vault.azure.net/secrets/data",
        "https://kv.vault.azure.net/keys/",
        "https://kv.vault.azure.net/keys/data/latest",
        f"https://kv.vault.azure.net/keys/data/{VERSION}0",
        f"https://kv.vault.azure.net/keys/data/{VERSION}\n",
        "https://kv/keys/data",
    ],
)
def test_what_is_no_key_uri(text: object) -> None:
    """What does not name a key of a vault is told so."""
    assert not isinstance(read_key_uri(text, "key_uri"), KeyUri)


def test_why_trusted_services_pass() -> None:
    """Every service whose firewall admits trusted services says why, with a page."""
    assert set(SERVICE_ACCESS) == {"storage", "key_vault", "registry"}
    for row in SERVICE_ACCESS.values():
        assert row.trusted_services
        assert row.page.startswith("https://learn.microsoft.com/azure/")
        assert bool(row.refusal) == (row.service_endpoint is None)


OBSERVED = {
    "storage": ("/fake/ml-storage", False),
    "storage-blob": ("/fake/ml-storage/blobServices/default", True),
    "storage-file": ("/fake/ml-storage/fileServices/default", True),
    "storage-queue": ("/fake/ml-storage/queueServices/default", True),
    "storage-table": ("/fake/ml-storage/tableServices/default", True),
    "vault": ("/fake/ml-vault", True),
    "registry": ("/fake/ml-registry", True),
    "logs": ("/fake/ml-logs", True),
    "insights": ("/fake/ml-insights", False),
    "workspace": ("/fake/ml", True),
}
"""What is observed: its id, and whether it has logs besides metrics."""


def test_diagnostic_settings(make: Any) -> None:
    """Logs and metrics of the workspace and of every service are sent on; a storage
    account's services have their own, and a vault's logs go to tables of their own."""
    made = make({"diagnostic_settings": {"team": {"log_analytics_workspace_id": LOGS}}})
    settings = made.of_type("DiagnosticSetting")
    assert set(settings) == {f"ml-{word}-team-diagnostics" for word in OBSERVED}
    for word, (resource_id, has_logs) in OBSERVED.items():
        logs = [{"categoryGroup": "allLogs", "enabled": True}]
        own_tables = {"logAnalyticsDestinationType": "Dedicated"}
        assert made.inputs(f"ml-{word}-team-diagnostics") == {
            "name": "ml-team",
            "resourceUri": resource_id,
            **({"logs": logs} if has_logs else {}),
            "metrics": [{"category": "AllMetrics", "enabled": True}],
            "workspaceId": LOGS,
            **(own_tables if word == "vault" else {}),
        }


def test_where_logs_are_listed() -> None:
    """Every kind of resource names the page that lists what it can tell."""
    for row in DIAGNOSTICS.values():
        assert row.page.startswith(
            "https://learn.microsoft.com/azure/azure-monitor/reference/supported-"
        )


@pytest.mark.parametrize("kind", ["CanNotDelete", "ReadOnly"])
def test_locks(make: Any, kind: str) -> None:
    """The three services that keep data are locked, after all that is on them."""
    made = make(
        {
            "lock": kind,
            "diagnostic_settings": {"team": {"log_analytics_workspace_id": LOGS}},
        }
    )
    assert set(made.of_type("ManagementLockByScope")) == {
        "ml-storage-lock",
        "ml-vault-lock",
        "ml-registry-lock",
    }
    for word in ("storage", "vault", "registry"):
        assert made.inputs(f"ml-{word}-lock") == {
            "lockName": f"ml-{word}-lock",
            "scope": f"/fake/ml-{word}",
            "level": kind,
            "notes": "Guards the data of a private Azure Machine Learning workspace.",
        }
        assert {
            "ml-storage-blobs",
            "ml-workspace-team-diagnostics",
            f"ml-{word}-team-diagnostics",
        } <= made.waits_for(f"ml-{word}-lock")


def test_only_what_is_made_is_locked(make: Any) -> None:
    """The lock of an existing account is its owner's."""
    made = make({"lock": "CanNotDelete", "storage": {"existing_id": ACCOUNT}})
    assert set(made.of_type("ManagementLockByScope")) == {
        "ml-vault-lock",
        "ml-registry-lock",
    }


def test_what_a_read_only_lock_stops() -> None:
    """It is said what cannot be changed any more."""
    _, watching = planned({"lock": "ReadOnly"})
    (warning,) = watching.warnings
    assert warning.startswith("lock: 'ReadOnly' lets nothing about the storage account")
    assert planned({"lock": "CanNotDelete"})[1].warnings == ()

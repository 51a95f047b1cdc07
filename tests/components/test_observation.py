"""What watches over a network: flow logs, diagnostic settings and a lock."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi_azure_native import resources

from azureml_network import SecureVnet
from azureml_network._diagnostics import Observed, diagnostic_settings
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import ComputeMode, SecureVnetArgs
from azureml_network._secure_vnet.flow_log_store import FlowLogReaders
from azureml_network._secure_vnet.observation import (
    ObservationPlan,
    flow_logs,
    lock,
    lock_records,
    read_observation,
)
from azureml_rulebook.diagnostics import (
    DIAGNOSTICS,
    FIREWALL,
    LOAD_BALANCER,
    NAT_GATEWAY,
    PUBLIC_ADDRESS,
    SECURITY_GROUP,
    VIRTUAL_NETWORK,
)
from azureml_rulebook.locks import SCALING_PURPOSES
from azureml_rulebook.subnets import PURPOSES

GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/logs"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stlogs"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
HUB_RULE = f"{GROUP}/providers/Microsoft.EventHub/namespaces/hub/authorizationRules/r"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"


def read(
    args: dict[str, Any],
    compute_mode: ComputeMode = ComputeMode.NO_PUBLIC_IP,
    purposes: Mapping[str, str] | None = None,
) -> tuple[ObservationPlan, list[str]]:
    """Plan what watches over a network called ``net``; also returns the findings."""
    reader = InputReader({"resource_group_name": "rg", **args}, SecureVnetArgs)
    place = Place(cloud_name="public", region="westeurope")
    plan = read_observation(reader, "net", place, compute_mode, purposes or {})
    return plan, [str(finding) for finding in reader.findings]


def planned(*args: Any) -> ObservationPlan:
    """The plan of inputs that nothing is wrong with."""
    plan, findings = read(*args)
    assert findings == []
    return plan


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make with ``function`` what is planned; returns what was registered."""

    def run(
        function: Callable[..., object],
        plan: ObservationPlan,
        *rest: Any,
        **changes: Any,
    ) -> Any:
        return record(lambda: function(surroundings(**changes), plan, *rest))

    return run


def send_on(
    parts: Any, plan: ObservationPlan, observed: Mapping[str, Observed]
) -> None:
    """Make the diagnostic settings of what is planned."""
    diagnostic_settings(parts.name, parts.parent, plan.diagnostic_settings, observed)


FAULTS: list[tuple[dict[str, Any], str]] = [
    (
        {"flow_logs": {}},
        "flow_logs.storage_account_name: is required and not set; name a new account, "
        "or give storage_account_id of one that exists",
    ),
    ({"flow_logs": True}, "flow_logs: True is not an object"),
    (
        {"flow_logs": {"storage_account_name": "st-logs"}},
        "flow_logs.storage_account_name: the storage account name 'st-logs' must be",
    ),
    (
        {"flow_logs": {"storage_account_name": 7}},
        "flow_logs.storage_account_name: 7 is not text",
    ),
    (
        {
            "flow_logs": {
                "storage_account_name": "stlogs",
                "storage_account_id": ACCOUNT,
            }
        },
        "flow_logs.storage_account_id: cannot be used with storage_account_name",
    ),
    (
        {"flow_logs": {"storage_account_name": "stlogs", "identity_id": IDENTITY}},
        "flow_logs.identity_id: cannot be used with storage_account_name",
    ),
    (
        {"flow_logs": {"storage_account_id": "stlogs"}},
        "flow_logs.storage_account_id: 'stlogs' is not a resource id; give "
        "/subscriptions/.../resourceGroups/.../providers/Microsoft.Storage/"
        "storageAccounts/...",
    ),
    (
        {"flow_logs": {"storage_account_id": ACCOUNT, "identity_id": ACCOUNT}},
        f"flow_logs.identity_id: '{ACCOUNT}' is the id of a Microsoft.Storage/"
        "storageAccounts; give",
    ),
    (
        {"flow_logs": {"storage_account_id": ACCOUNT, "retention_days": 0}},
        "flow_logs.retention_days: 0 is not allowed; use 1 to 365 days",
    ),
    (
        {"flow_logs": {"storage_account_id": ACCOUNT, "retention_days": 366}},
        "flow_logs.retention_days: 366 is not allowed; use 1 to 365 days",
    ),
    (
        {
            "flow_logs": {
                "storage_account_id": ACCOUNT,
                "log_analytics_workspace_id": WORKSPACE,
                "analytics_minutes": 30,
            }
        },
        "flow_logs.analytics_minutes: 30 is not allowed; use 10 or 60",
    ),
    (
        {"flow_logs": {"storage_account_id": ACCOUNT, "analytics_minutes": 10}},
        "flow_logs.analytics_minutes: is for traffic analytics, which needs "
        "log_analytics_workspace_id",
    ),
    (
        {"flow_logs": {"storage_account_id": ACCOUNT}, "resource_group_name": "r" * 80},
        "flow_logs: the flow log name 'net-rrr",
    ),
    ({"diagnostic_settings": {}}, "diagnostic_settings: is empty"),
    ({"diagnostic_settings": {"team": 1}}, "diagnostic_settings.team: 1 is not an"),
    (
        {"diagnostic_settings": {"team": {}}},
        "diagnostic_settings.team: names no destination; give one or more of "
        "log_analytics_workspace_id, storage_account_id, "
        "event_hub_authorization_rule_id",
    ),
    (
        {"diagnostic_settings": {"a/b": {"storage_account_id": ACCOUNT}}},
        "diagnostic_settings.a/b: the diagnostic setting name 'net-a/b' must be",
    ),
    (
        {"diagnostic_settings": {"team": {"storage_account_id": WORKSPACE}}},
        f"diagnostic_settings.team.storage_account_id: '{WORKSPACE}' is the id of a "
        "Microsoft.OperationalInsights/workspaces",
    ),
    (
        {
            "diagnostic_settings": {
                "team": {"storage_account_id": ACCOUNT, "event_hub_name": "hub"}
            }
        },
        "diagnostic_settings.team.event_hub_name: needs "
        "event_hub_authorization_rule_id",
    ),
    (
        {
            "diagnostic_settings": {
                "one": {"log_analytics_workspace_id": WORKSPACE},
                "two": {"log_analytics_workspace_id": WORKSPACE.upper()},
            }
        },
        f"diagnostic_settings.two.log_analytics_workspace_id: '{WORKSPACE.upper()}' is "
        "diagnostic_settings.one.log_analytics_workspace_id too",
    ),
    (
        {
            "diagnostic_settings": {
                f"s{number}": {"log_analytics_workspace_id": f"{WORKSPACE}{number}"}
                for number in range(6)
            }
        },
        "diagnostic_settings: are 6; a resource takes at most 5, leave out 1",
    ),
    (
        {"lock": "Delete"},
        "lock: 'Delete' is not allowed; did you mean 'CanNotDelete'?",
    ),
    (
        {"lock": "CanNotDelete", "existing_network_id": NETWORK},
        "lock: is on the network, which existing_network_id says exists already",
    ),
]


@pytest.mark.parametrize(("args", "message"), FAULTS)
def test_faults_are_told_once_with_their_path(
    args: dict[str, Any], message: str
) -> None:
    """Each fault is one line that begins with the path of the input."""
    _, findings = read(args)
    assert len(findings) == 1, findings
    assert findings[0].startswith(message)


@pytest.mark.parametrize(
    ("kind", "compute_mode", "purpose", "message"),
    [
        ("CanNotDelete", "no_public_ip", "training", None),
        ("CanNotDelete", "managed_network", "endpoints", None),
        ("CanNotDelete", "public_ip", "endpoints", "lock: cannot be used with compute"),
        ("ReadOnly", "public_ip", "training", "lock: cannot be used with compute"),
        (
            "ReadOnly",
            "no_public_ip",
            "training",
            "lock: 'ReadOnly' cannot be used with subnets.some: the nodes of a cluster "
            "join its subnet whenever it grows",
        ),
        (
            "ReadOnly",
            "managed_network",
            "inference",
            "lock: 'ReadOnly' cannot be used with subnets.some: machines and "
            "Kubernetes nodes join",
        ),
        ("ReadOnly", "managed_network", "training", None),
        ("ReadOnly", "no_public_ip", "endpoints", None),
    ],
)
def test_a_lock_leaves_azure_able_to_work(
    kind: str, compute_mode: str, purpose: str, message: str | None
) -> None:
    """A lock is refused where services make, join or delete things in the network."""
    _, findings = read({"lock": kind}, ComputeMode(compute_mode), {"some": purpose})
    assert [finding[: len(message or "")] for finding in findings] == (
        [] if message is None else [message]
    )


def test_a_read_only_lock_comes_with_a_warning() -> None:
    """It also stops what comes after the network, such as its private endpoints."""
    assert planned({"lock": "CanNotDelete"}).warnings == ()
    (warning,) = planned({"lock": "ReadOnly"}).warnings
    assert warning.startswith("lock: 'ReadOnly' lets nothing join the network")


def test_nothing_is_made_unasked(make: Callable[..., Any]) -> None:
    """Without these inputs there is no flow log, no setting and no lock."""
    plan = planned({})
    observed = {"vnet": Observed(resource_id="/x", resource_type=VIRTUAL_NETWORK)}
    assert make(flow_logs, plan, "/fake/net-vnet", None).kinds() == {"Net": 1}
    assert make(send_on, plan, observed).kinds() == {"Net": 1}
    assert make(lock, plan, "/fake/net-vnet", []).kinds() == {"Net": 1}


def test_flow_logs_in_a_new_account(make: Callable[..., Any]) -> None:
    """The account takes no keys and lets only trusted services in; an identity of its
    own may write there, before the log begins."""
    plan = planned({"flow_logs": {"storage_account_name": "stnetlogs"}})
    made = make(flow_logs, plan, "/fake/net-vnet", None)
    assert made.kinds() == {
        "Net": 1,
        "StorageAccount": 1,
        "BlobServiceProperties": 1,
        "UserAssignedIdentity": 1,
        "RoleAssignment": 1,
        "FlowLog": 1,
    }
    account = made.inputs("net-flow-logs-storage")
    closed = {
        "accountName": "stnetlogs",
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "defaultToOAuthAuthentication": True,
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
    assert {key: account[key] for key in closed} == closed
    assert made.inputs("net-flow-logs-storage-blobs") == {
        "accountName": "stnetlogs",
        "blobServicesName": "default",
        "resourceGroupName": "rg",
        "deleteRetentionPolicy": {"enabled": True, "days": 30},
        "containerDeleteRetentionPolicy": {"enabled": True, "days": 30},
    }
    role = made.inputs("net-flow-logs-storage-storage-blob-data-contributor")
    identity = made.inputs("net-flow-logs-identity")
    assert identity["resourceName"] == "net-flow-logs-id"
    assert role["scope"] == "/fake/net-flow-logs-storage"
    assert role["principalType"] == "ServicePrincipal"
    assert role["roleDefinitionId"] == (
        "/providers/Microsoft.Authorization/roleDefinitions/"
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    )
    assert made.inputs("net-flow-log") == {
        "flowLogName": "net-rg",
        "networkWatcherName": "NetworkWatcher_westeurope",
        "resourceGroupName": "NetworkWatcherRG",
        "location": "westeurope",
        "enabled": True,
        "targetResourceId": "/fake/net-vnet",
        "storageId": "/fake/net-flow-logs-storage",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": ["/fake/net-flow-logs-identity"],
        },
        "format": {"type": "JSON", "version": 2},
        "retentionPolicy": {"enabled": True, "days": 90},
        "tags": {"environment": "test"},
    }
    waits = made.resources["net-flow-log"].depends_on
    assert "net-flow-logs-storage-storage-blob-data-contributor" in waits


def test_a_new_account_is_read_by_a_private_endpoint(make: Callable[..., Any]) -> None:
    """It has no other way in; the records go with the endpoint, and a central policy
    makes them where no zone is given."""
    plan = planned({"flow_logs": {"storage_account_name": "stnetlogs"}})
    readers = FlowLogReaders(subnet_id="/fake/endpoints", zone_id="/fake/blob-zone")
    made = make(flow_logs, plan, "/fake/net-vnet", readers)
    endpoint = made.inputs("net-flow-logs-blob-endpoint")
    assert endpoint["subnet"] == {"id": "/fake/endpoints"}
    assert endpoint["privateLinkServiceConnections"] == [
        {
            "name": "blob",
            "privateLinkServiceId": "/fake/net-flow-logs-storage",
            "groupIds": ["blob"],
        }
    ]
    assert made.inputs("net-flow-logs-blob-zones") == {
        "privateDnsZoneGroupName": "default",
        "privateEndpointName": "net-flow-logs-blob-pep",
        "resourceGroupName": "rg",
        "privateDnsZoneConfigs": [
            {
                "name": "privatelink-blob-core-windows-net",
                "privateDnsZoneId": "/fake/blob-zone",
            }
        ],
    }
    by_policy = FlowLogReaders(subnet_id="/fake/endpoints", zone_id=None)
    made = make(flow_logs, plan, "/fake/net-vnet", by_policy)
    assert made.kinds()["PrivateEndpoint"] == 1
    assert "PrivateDnsZoneGroup" not in made.kinds()


def test_the_role_keeps_its_name(make: Callable[..., Any]) -> None:
    """It comes from the account's name, which no other deployment has."""

    def name(account: str) -> str:
        plan = planned({"flow_logs": {"storage_account_name": account}})
        made = make(flow_logs, plan, "/fake/net-vnet", None)
        (role,) = made.of_type("RoleAssignment").values()
        return role.inputs["roleAssignmentName"]

    assert name("stone") == name("stone")
    assert name("stone") != name("sttwo")


def test_a_new_tag_leaves_the_role_alone(make: Callable[..., Any]) -> None:
    """The identity keeps its first tags, as its principal would be unknown."""
    plan = planned({"flow_logs": {"storage_account_name": "stnetlogs"}})
    made = make(flow_logs, plan, "/fake/net-vnet", None)
    assert made.resources["net-flow-logs-identity"].ignore_changes == ("tags",)


def test_flow_logs_in_an_existing_account(make: Callable[..., Any]) -> None:
    """Nothing is made but the log, beside the watcher that is named."""
    plan = planned(
        {
            "flow_logs": {
                "storage_account_id": ACCOUNT,
                "identity_id": IDENTITY,
                "retention_days": 365,
                "log_analytics_workspace_id": WORKSPACE,
                "analytics_minutes": 10,
                "network_watcher_name": "watcher",
                "network_watcher_resource_group_name": "watchers",
            }
        }
    )
    made = make(flow_logs, plan, "/fake/net-vnet", None)
    assert made.kinds() == {"Net": 1, "FlowLog": 1}
    log = made.inputs("net-flow-log")
    assert log["storageId"] == ACCOUNT
    assert log["identity"]["userAssignedIdentities"] == [IDENTITY]
    assert log["retentionPolicy"] == {"enabled": True, "days": 365}
    assert (log["networkWatcherName"], log["resourceGroupName"]) == (
        "watcher",
        "watchers",
    )
    assert log["flowAnalyticsConfiguration"] == {
        "networkWatcherFlowAnalyticsConfiguration": {
            "enabled": True,
            "workspaceResourceId": WORKSPACE,
            "trafficAnalyticsInterval": 10,
        }
    }


def test_flow_logs_with_keys(make: Callable[..., Any]) -> None:
    """An existing account that takes keys needs no identity."""
    plan = planned({"flow_logs": {"storage_account_id": ACCOUNT}})
    assert "identity" not in make(flow_logs, plan, "/x", None).inputs("net-flow-log")


def test_flow_logs_of_two_networks_have_two_names(
    record: Any, surroundings: Callable[..., Any]
) -> None:
    """All logs of a region stand beside one watcher; the resource group, plain or
    not, tells networks of one name apart."""
    plan = planned({"flow_logs": {"storage_account_id": ACCOUNT}})

    def name(group: Any) -> str:
        made = record(
            lambda: flow_logs(
                surroundings(resource_group_name=group()), plan, "/x", None
            )
        )
        return made.inputs("net-flow-log")["flowLogName"]

    assert name(lambda: "dev") == "net-dev"
    assert name(lambda: pulumi.Output.from_input("prod")) == "net-prod"


OBSERVED = {
    "vnet": VIRTUAL_NETWORK,
    "training-nsg": SECURITY_GROUP,
    "egress-pip": PUBLIC_ADDRESS,
    "egress-ng": NAT_GATEWAY,
    "egress-lb": LOAD_BALANCER,
    "firewall": FIREWALL,
    "routes": "azure-native:network:RouteTable",
}


@pytest.fixture(scope="module")
def settings(make: Callable[..., Any]) -> Any:
    """Two settings on one resource of each kind."""
    plan = planned(
        {
            "diagnostic_settings": {
                "team": {"log_analytics_workspace_id": WORKSPACE},
                "archive": {
                    "storage_account_id": ACCOUNT,
                    "event_hub_authorization_rule_id": HUB_RULE,
                    "event_hub_name": "network",
                },
            }
        }
    )
    observed = {
        word: Observed(resource_id=f"/fake/net-{word}", resource_type=resource_type)
        for word, resource_type in OBSERVED.items()
    }
    return make(send_on, plan, observed)


def test_each_resource_has_each_setting(settings: Any) -> None:
    """Resources that have nothing to tell get none; Azure would refuse it."""
    assert set(settings.of_type("DiagnosticSetting")) == {
        f"net-{word}-{setting}-diagnostics"
        for word in OBSERVED
        if word not in ("egress-ng", "routes")
        for setting in ("team", "archive")
    }


@pytest.mark.parametrize(
    ("word", "metrics"),
    [
        ("vnet", True),
        ("training-nsg", False),
        ("egress-pip", True),
        ("egress-lb", True),
    ],
)
def test_all_logs_and_metrics(settings: Any, word: str, metrics: bool) -> None:
    """All logs as a group, and metrics where they can be sent on."""
    expected: dict[str, Any] = {
        "name": "net-team",
        "resourceUri": f"/fake/net-{word}",
        "workspaceId": WORKSPACE,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    }
    if metrics:
        expected["metrics"] = [{"category": "AllMetrics", "enabled": True}]
    assert settings.inputs(f"net-{word}-team-diagnostics") == expected


def test_rows_name_their_pages() -> None:
    """Every fact of the tables comes from a page of Azure's documentation."""
    rows = [*DIAGNOSTICS.values(), *SCALING_PURPOSES.values()]
    assert all(row.page.startswith("https://learn.microsoft.com/") for row in rows)
    assert set(SCALING_PURPOSES) <= set(PURPOSES)


def test_logs_of_a_firewall(settings: Any) -> None:
    """Each log once, in a table of its own in Log Analytics."""
    team = settings.inputs("net-firewall-team-diagnostics")
    categories = [item["category"] for item in team["logs"]]
    assert categories == list(DIAGNOSTICS[FIREWALL].categories)
    assert all(category.startswith("AZFW") for category in categories)
    assert team["logAnalyticsDestinationType"] == "Dedicated"
    archive = settings.inputs("net-firewall-archive-diagnostics")
    assert "logAnalyticsDestinationType" not in archive


def test_other_destinations(settings: Any) -> None:
    """A storage account and an event hub, both in one setting."""
    archive = settings.inputs("net-vnet-archive-diagnostics")
    assert archive["storageAccountId"] == ACCOUNT
    assert archive["eventHubAuthorizationRuleId"] == HUB_RULE
    assert archive["eventHubName"] == "network"
    assert "workspaceId" not in archive


@pytest.mark.parametrize("kind", ["CanNotDelete", "ReadOnly"])
def test_the_lock_comes_last(
    record: Any, surroundings: Callable[..., Any], kind: str
) -> None:
    """It waits for all that a destroy must be able to delete after it."""
    plan = planned({"lock": kind})

    def program() -> None:
        made = [
            resources.ResourceGroup(name, resource_group_name=name)
            for name in ("subnet", "peering")
        ]
        lock(surroundings(), plan, "/fake/net-vnet", made)

    item = record(program).resources["net-lock"]
    assert item.depends_on == {"subnet", "peering"}
    assert item.inputs == {
        "lockName": "net-lock",
        "scope": "/fake/net-vnet",
        "level": kind,
        "notes": "Guards the network of a private Azure Machine Learning workspace.",
    }


def test_a_new_account_of_flow_logs_is_locked_and_observed(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """Nobody deletes or reads records unseen; the lock waits for all that is on it."""
    args = network_args(
        lock="CanNotDelete",
        flow_logs={"storage_account_name": "stnetlogs"},
        diagnostic_settings={"team": {"log_analytics_workspace_id": WORKSPACE}},
    )
    made = record(lambda: SecureVnet("net", args))
    assert made.inputs("net-flow-logs-lock") == {
        "lockName": "net-flow-logs-lock",
        "scope": "/fake/net-flow-logs-storage",
        "level": "CanNotDelete",
        "notes": "Guards the flow logs of a private Azure Machine Learning network.",
    }
    settings = {
        f"net-flow-logs-storage{word}-team-diagnostics"
        for word in ("", "-blob", "-file", "-queue", "-table")
    }
    assert {
        "net-flow-log",
        "net-flow-logs-storage",
        "net-flow-logs-storage-blobs",
        "net-flow-logs-storage-storage-blob-data-contributor",
        *settings,
    } <= made.waits_for("net-flow-logs-lock")
    assert made.inputs("net-flow-logs-storage-blob-team-diagnostics") == {
        "name": "net-team",
        "resourceUri": "/fake/net-flow-logs-storage/blobServices/default",
        "workspaceId": WORKSPACE,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    }


def test_records_can_be_written_under_every_lock(
    record: Any, surroundings: Callable[..., Any]
) -> None:
    """A network that nobody may change has an account that nobody may delete."""
    flows = {"storage_account_name": "stnetlogs"}
    plan = planned({"lock": "ReadOnly", "flow_logs": flows})

    def program() -> None:
        made = flow_logs(surroundings(), plan, "/fake/net-vnet", None)
        lock_records(surroundings(), plan, made, [])

    assert record(program).inputs("net-flow-logs-lock")["level"] == "CanNotDelete"


def test_flow_logs_of_others_are_not_locked(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """An account that exists already is its owner's to lock and observe."""
    args = network_args(
        lock="CanNotDelete",
        flow_logs={"storage_account_id": ACCOUNT},
        diagnostic_settings={"team": {"log_analytics_workspace_id": WORKSPACE}},
    )
    made = record(lambda: SecureVnet("net", args))
    assert set(made.of_type("ManagementLockByScope")) == {"net-lock"}
    assert not any("flow-logs" in name for name in made.of_type("DiagnosticSetting"))


def test_the_lock_of_a_whole_network(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """It waits for everything that is in the network or hangs on it."""
    hub = NETWORK.replace("/net", "/hub")
    args = network_args(
        lock="CanNotDelete",
        private_dns={"linked_network_ids": {"hub": hub}},
        peerings={"hub": {"network_id": hub, "address_space": ["10.9.0.0/16"]}},
        flow_logs={"storage_account_id": ACCOUNT},
        diagnostic_settings={"team": {"log_analytics_workspace_id": WORKSPACE}},
    )
    made = record(lambda: SecureVnet("net", args))
    hanging = {
        name
        for token in (
            "VirtualNetwork",
            "Subnet",
            "VirtualNetworkPeering",
            "VirtualNetworkLink",
            "FlowLog",
            "DiagnosticSetting",
        )
        for name in made.of_type(token)
    }
    assert len(hanging) > 25
    assert hanging <= made.waits_for("net-lock")


def test_flow_logs_with_a_secret_identity(make: Callable[..., Any]) -> None:
    """Its id stays a secret, and the log is made with it."""
    flows = {
        "storage_account_id": ACCOUNT,
        "identity_id": pulumi.Output.secret(IDENTITY),
    }
    made = make(flow_logs, planned({"flow_logs": flows}), "/fake/net-vnet", None)
    (identity,) = made.inputs("net-flow-log")["identity"]["userAssignedIdentities"]
    assert rpc.is_rpc_secret(identity)
    assert rpc.unwrap_rpc_secret(identity) == IDENTITY


def test_ids_known_later_are_left_to_azure(record: Any) -> None:
    """An Output may be any id, the name of a hub, and the resource group."""

    def program() -> None:
        later = pulumi.Output.from_input("anything")
        plan = planned(
            {
                "resource_group_name": later,
                "flow_logs": {
                    "storage_account_id": later,
                    "identity_id": later,
                    "log_analytics_workspace_id": later,
                },
                "diagnostic_settings": {
                    "team": {
                        "log_analytics_workspace_id": later,
                        "event_hub_authorization_rule_id": later,
                        "event_hub_name": later,
                    },
                    "others": {"log_analytics_workspace_id": later},
                },
            }
        )
        assert plan.flow_logs is not None
        assert plan.flow_logs.account_id is later

    record(program)


WALL = {
    "wall": {"purpose": "firewall", "prefix": "10.20.2.0/26"},
    "wall-management": {"purpose": "firewall_management", "prefix": "10.20.2.64/26"},
}


@pytest.mark.parametrize(
    ("egress", "words"),
    [
        ("nat_gateway", {"egress-pip"}),
        ("load_balancer", {"egress-lb", "egress-lb-pip"}),
        ("firewall", {"egress-afw", "egress-afw-pip", "egress-afw-management-pip"}),
    ],
)
def test_a_whole_network_is_observed(
    record: Any, network_args: Callable[..., Any], egress: str, words: set[str]
) -> None:
    """Whatever is made and has something to tell has a setting, whichever way out."""
    subnets = {
        "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
        **(WALL if egress == "firewall" else {}),
    }
    args = network_args(
        subnets=subnets,
        egress=egress,
        diagnostic_settings={"team": {"log_analytics_workspace_id": WORKSPACE}},
    )
    found = record(lambda: SecureVnet("net", args))
    telling = {
        f"/fake/{item.name}"
        for item in found.resources.values()
        if item.type in DIAGNOSTICS and DIAGNOSTICS[item.type].offers_any
    }
    settings = found.of_type("DiagnosticSetting").values()
    assert sorted(item.inputs["resourceUri"] for item in settings) == sorted(telling)
    assert telling == {f"/fake/net-{word}" for word in {"vnet", "training-nsg", *words}}

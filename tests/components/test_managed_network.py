"""Managed networks: which rule each mode takes, what each can name, what is made."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import InputError, PrivateWorkspace
from azureml_network._private_workspace.managed_network import ManagedNetworkPlan
from azureml_network._private_workspace.plan import NewWorkspacePlan, plan_workspace
from azureml_rulebook.managed_network import (
    PRIVATE_TARGETS,
    approval_needs_custom_role,
)

INTERNET, APPROVED = "AllowInternetOutbound", "AllowOnlyApprovedOutbound"
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stlake"
HOST = {"host": "packages.example.com"}
TAG = {"service_tag": "DataFactory"}
ENDPOINT = {"target_id": ACCOUNT, "group_id": "dfs"}


@pytest.fixture(name="managed")
def managed_fixture(workspace_args: Callable[..., Any]) -> Callable[..., Any]:
    """Inputs of a workspace with a managed network that has these rules."""

    def managed(isolation: str = APPROVED, **rules: Any) -> Any:
        network: dict[str, Any] = {"isolation": isolation, "outbound_rules": rules}
        return workspace_args(training_subnet_id=None, managed_network=network)

    return managed


def planned(args: Any) -> ManagedNetworkPlan | None:
    """The managed network of a workspace with these inputs."""
    workspace = plan_workspace("it", args).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    return workspace.managed_network


def faults(args: Any) -> list[str]:
    """Everything that is wrong, one line each."""
    with pytest.raises(InputError) as caught:
        plan_workspace("it", args)
    return [str(finding) for finding in caught.value.findings]


MODES = [
    (HOST, INTERNET, False),
    (HOST, APPROVED, True),
    (TAG, INTERNET, False),
    (TAG, APPROVED, True),
    (ENDPOINT, INTERNET, True),
    (ENDPOINT, APPROVED, True),
]


@pytest.mark.parametrize(("rule", "isolation", "taken"), MODES)
def test_each_mode_takes_its_kinds_of_rules(
    managed: Callable[..., Any], rule: dict[str, str], isolation: str, taken: bool
) -> None:
    """Hosts and service tags are approved only where all else is denied; endpoints are
    made in both modes. A refusal names the rule, its mode and what to do."""
    args = managed(isolation, packages=rule)
    if taken:
        plan = planned(args)
        assert plan is not None
        assert list(plan.rules) == ["packages"]
        return
    (fault,) = faults(args)
    key = next(iter(rule))
    assert fault.startswith(
        f"managed_network.outbound_rules.packages.{key}: needs isolation {APPROVED}, "
        f"and isolation is {INTERNET}; leave the rule out or change the isolation"
    )


RULES = "managed_network.outbound_rules"
WRONG_RULES = {
    "none of the kinds": ({}, "has none of host, service_tag, target_id; give exactly"),
    "two kinds": (HOST | TAG, "has host and service_tag of host, service_tag, target"),
    "ports of a host": (HOST | {"ports": "22"}, ".ports: goes with service_tag"),
    "group of a tag": (TAG | {"group_id": "blob"}, ".group_id: goes with target_id"),
    "every host": ({"host": "*"}, ".host: '*' would open the whole Internet"),
    "top-level domain": ({"host": "*.com"}, ".host: '*.com' would open a whole"),
    "URL": (
        {"host": "https://packages.example.com"},
        ".host: 'https://packages.example.com' is a URL",
    ),
    "storage by name": (
        {"host": "stlake.blob.core.windows.net"},
        ".host: 'stlake.blob.core.windows.net' is a storage account, which host rules",
    ),
    "all storage": (
        {"host": "*.dfs.core.windows.net"},
        ".host: '*.dfs.core.windows.net' is a storage account",
    ),
    "all storage of a cloud": (
        {"host": "*.core.chinacloudapi.cn"},
        ".host: '*.core.chinacloudapi.cn' has every storage account below it",
    ),
    "more than storage": (
        {"host": "*.Windows.net"},
        ".host: '*.Windows.net' has every storage account below it",
    ),
    "a page of storage": (
        {"host": "stlake.z6.web.core.windows.net"},
        ".host: 'stlake.z6.web.core.windows.net' is a storage account",
    ),
    "storage in a DNS zone": (
        {"host": "stlake.z50.blob.storage.azure.net"},
        ".host: 'stlake.z50.blob.storage.azure.net' is a storage account",
    ),
    "below what is published": (
        {"host": "*.vscode.blob.core.windows.net"},
        ".host: '*.vscode.blob.core.windows.net' is a storage account",
    ),
    "misspelt tag": (
        {"service_tag": "DataFactry"},
        ".service_tag: 'DataFactry' is not a service tag of Azure; did you mean",
    ),
    "inbound tag": (
        {"service_tag": "GatewayManager"},
        ".service_tag: 'GatewayManager' is for inbound rules",
    ),
    "the Internet": (
        {"service_tag": "Internet"},
        ".service_tag: 'Internet' means the whole Internet",
    ),
    "what anybody can rent": (
        {"service_tag": "azurecloud.westeurope"},
        ".service_tag: 'AzureCloud.westeurope' also means addresses",
    ),
    "protocol": (TAG | {"protocol": "tpc"}, ".protocol: 'tpc' is not a protocol of"),
    "every port": (TAG | {"ports": "*"}, ".ports: '*' opens every port"),
    "every port by range": (TAG | {"ports": "1-65535"}, ".ports: '1-65535' opens 6"),
    "every port but one": (
        TAG | {"protocol": "*", "ports": "1-65534"},
        ".ports: '1-65534' opens 65534 of all 65535 ports; name those that the",
    ),
    "every port in two ranges": (
        TAG | {"ports": "1-30000, 20000-60000"},
        ".ports: '1-30000, 20000-60000' opens 60000 of all",
    ),
    "port too high": (TAG | {"ports": "443,70000"}, ".ports: '70000' is not a port"),
    "range turned round": (TAG | {"ports": "90-80"}, ".ports: '90-80' is not a port"),
    "no resource id": (
        {"target_id": "stlake", "group_id": "blob"},
        ".target_id: 'stlake' is not a resource id; give one like /subscriptions/",
    ),
    "a type without endpoints": (
        {"target_id": f"{GROUP}/providers/Microsoft.Compute/disks/d", "group_id": "x"},
        f".target_id: '{GROUP}/providers/Microsoft.Compute/disks/d' is a "
        "Microsoft.Compute/disks, which managed networks reach by no",
    ),
    "no group": ({"target_id": ACCOUNT}, ".group_id: is required and not set"),
    "wrong group": (
        {"target_id": ACCOUNT, "group_id": "vault"},
        ".group_id: 'vault' is not a group id of Microsoft.Storage/storageAccounts",
    ),
}


@pytest.mark.parametrize(
    ("rule", "expected"), WRONG_RULES.values(), ids=list(WRONG_RULES)
)
def test_a_rule_that_azure_refuses_is_refused_first(
    managed: Callable[..., Any], rule: dict[str, str], expected: str
) -> None:
    """Each fault is one line with the rule's path and what to write."""
    (fault,) = faults(managed(packages=rule))
    separator = "" if expected.startswith(".") else ": "
    assert fault.startswith(f"{RULES}.packages{separator}{expected}")


@pytest.mark.parametrize(
    "rule",
    [
        {"host": "vscode.blob.core.windows.net"},
        {"host": "management.core.windows.net"},
        {"host": "*.vault.azure.net"},
        TAG | {"ports": "49152-65535,443"},
        TAG | {"protocol": "ICMP", "ports": "*"},
    ],
)
def test_what_is_narrow_enough(
    managed: Callable[..., Any], rule: dict[str, str]
) -> None:
    """What Azure publishes by name, what is no storage account, and ranges of ports
    that services use."""
    plan = planned(managed(packages=rule))
    assert plan is not None
    assert list(plan.rules) == ["packages"]


STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stvisiondev7k2d"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-vision-dev-7k2d"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crvisiondev7k2d"
REPEATED = {
    "the same target": (
        {"lake": ENDPOINT, "second": {**ENDPOINT, "target_id": ACCOUNT.upper()}},
        f"{RULES}.second.target_id: has its 'dfs' endpoint by {RULES}.lake already",
    ),
    "the same host": (
        {"one": HOST, "two": {"host": "Packages.example.com"}},
        f"{RULES}.two.host: 'Packages.example.com' is opened by {RULES}.one already",
    ),
    "the same name": (
        {"Lake": ENDPOINT, "lake": HOST},
        f"{RULES}.lake: makes the outbound rule name 'lake', which differs from that "
        f"of {RULES}.Lake in case only",
    ),
    "the name of one of ours": (
        {"Azure-Monitor": HOST},
        f"{RULES}.Azure-Monitor: 'Azure-Monitor' is the name of a rule that is made",
    ),
    "the workspace's storage": (
        {"mine": {"target_id": STORE, "group_id": "blob"}},
        f"{RULES}.mine.target_id: is the workspace's own storage account, whose 'blob' "
        "endpoint is made without a rule; leave it out",
    ),
    "the workspace's vault": (
        {"mine": {"target_id": VAULT, "group_id": "vault"}},
        f"{RULES}.mine.target_id: is the workspace's own key vault",
    ),
    "the workspace's registry": (
        {"mine": {"target_id": REGISTRY, "group_id": "registry"}},
        f"{RULES}.mine.target_id: is the workspace's own registry",
    ),
}


@pytest.mark.parametrize(("rules", "expected"), REPEATED.values(), ids=list(REPEATED))
def test_what_is_there_twice_is_refused(
    managed: Callable[..., Any], rules: dict[str, Any], expected: str
) -> None:
    """Azure makes one of two that say the same, and refuses the other."""
    (fault,) = faults(managed(**rules))
    assert fault.startswith(expected)


def test_the_existing_storage_is_the_workspaces_own(
    managed: Callable[..., Any],
) -> None:
    """By its id, plain or known later; its other endpoints take a rule."""
    for existing in (ACCOUNT, pulumi.Output.from_input(ACCOUNT)):
        args = managed(
            mine={"target_id": existing, "group_id": "file"},
            tables={"target_id": existing, "group_id": "table"},
        )
        args["storage"] = {"existing_id": existing}
        (fault,) = faults(args)
        assert fault.startswith(f"{RULES}.mine.target_id: is the workspace's own")


def test_two_endpoints_to_one_target(managed: Callable[..., Any]) -> None:
    """Each group of a resource is one of its own, and so is each later id."""
    later = [{**ENDPOINT, "target_id": pulumi.Output.from_input(i)} for i in "ab"]
    blob = {**ENDPOINT, "group_id": "blob"}
    plan = planned(managed(lake=ENDPOINT, blobs=blob, one=later[0], two=later[1]))
    assert plan is not None
    assert len(plan.rules) == 4


def test_names_of_online_endpoints_differ(managed: Callable[..., Any]) -> None:
    """In more than their case, since they are part of a host's name."""
    args = managed()
    args["online_endpoints"] = {"score": {}, "Score": {}}
    (fault,) = faults(args)
    assert fault.startswith(
        "online_endpoints.score: makes the online endpoint name 'score', which differs "
        "from that of online_endpoints.Score in case only"
    )


def test_a_workspace_that_commands_open_is_made_closed(
    managed: Callable[..., Any],
) -> None:
    """The service makes its endpoint itself, and a second one is refused."""
    args = managed(INTERNET)
    args["public_access"] = {"reason": "a course", "addresses": ["203.0.114.7"]}
    plan = planned(args)
    assert plan is not None
    assert "workspace" not in plan.service_rules


def test_names_of_rules(managed: Callable[..., Any]) -> None:
    """Azure's form; and none that is made for the workspace's own services."""
    (fault,) = faults(managed(**{"my rule": HOST}))
    assert fault.startswith(f"{RULES}.my rule: 'my rule' cannot be the name of an")
    (fault,) = faults(managed(**{"azure-monitor": HOST}))
    assert "made for the workspace's own services" in fault


@pytest.mark.parametrize(
    ("tier", "rules", "expected"),
    [
        (None, {}, None),
        (None, {"packages": HOST}, "Standard"),
        ("Basic", {"packages": HOST}, "Basic"),
        ("Standard", {"packages": HOST}, "Standard"),
    ],
)
def test_the_firewall_comes_with_host_rules(
    managed: Callable[..., Any],
    tier: str | None,
    rules: dict[str, Any],
    expected: str | None,
) -> None:
    """Without one there is none, so that none has a tier."""
    args = managed(**rules)
    if tier:
        args["managed_network"]["firewall_tier"] = tier
    plan = planned(args)
    assert plan is not None
    assert plan.firewall_tier == expected


@pytest.mark.parametrize(
    ("tier", "rules", "expected"),
    [
        ("Premium", {"packages": HOST}, "'Premium' is not a tier of the managed"),
        ("Basic", {}, "'Basic' has no firewall to be of"),
        ("Basic", {"data": TAG}, "'Basic' has no firewall to be of"),
    ],
)
def test_a_tier_that_cannot_be_is_refused(
    managed: Callable[..., Any], tier: str, rules: dict[str, Any], expected: str
) -> None:
    """A tier the managed firewall lacks, or one of no firewall."""
    args = managed(**rules)
    args["managed_network"]["firewall_tier"] = tier
    (fault,) = faults(args)
    assert fault.startswith(f"managed_network.firewall_tier: {expected}")


def test_both_network_modes_at_once_are_refused(
    workspace_args: Callable[..., Any],
) -> None:
    """C15: the error names both inputs; each alone is accepted."""
    network = {"isolation": APPROVED}
    (fault,) = faults(workspace_args(managed_network=network))
    assert fault.startswith(
        "managed_network: cannot be used together with training_subnet_id"
    )
    assert planned(workspace_args()) is None
    alone = workspace_args(training_subnet_id=None, managed_network=network)
    assert planned(alone) is not None


def test_one_of_both_networks_is_needed(workspace_args: Callable[..., Any]) -> None:
    """Compute has to be somewhere."""
    (fault,) = faults(workspace_args(training_subnet_id=None))
    assert fault.startswith("training_subnet_id: is required and not set")


def test_isolation_is_chosen(workspace_args: Callable[..., Any]) -> None:
    """Neither mode is taken by itself, and a misspelt one is refused."""
    none = workspace_args(training_subnet_id=None, managed_network={})
    (fault,) = faults(none)
    assert fault.startswith("managed_network.isolation: is required and not set")
    wrong = workspace_args(
        training_subnet_id=None, managed_network={"isolation": "AllowInternet"}
    )
    (fault,) = faults(wrong)
    assert fault.startswith("managed_network.isolation: 'AllowInternet' is not allowed")


def test_targets_are_those_of_the_page() -> None:
    """Written down once more: how many types there are, and which of them the role for
    approval leaves out."""
    assert len(PRIVATE_TARGETS) == 20
    by_custom_role = {
        row.resource_type
        for row in PRIVATE_TARGETS.values()
        if approval_needs_custom_role(row.resource_type)
    }
    assert by_custom_role == {
        "Microsoft.DataFactory/factories",
        "Microsoft.Databricks/workspaces",
        "Microsoft.DBforMariaDB/servers",
    }


def test_what_nobody_may_approve_is_told(managed: Callable[..., Any]) -> None:
    """The role for approval leaves some types out: a warning names each such rule, and
    no other."""
    factory = f"{GROUP}/providers/Microsoft.DataFactory/factories/theirs"
    plan = planned(
        managed(
            APPROVED,
            lake={"target_id": ACCOUNT, "group_id": "blob"},
            pipelines={"target_id": factory, "group_id": "dataFactory"},
        )
    )
    assert plan is not None
    (warning,) = plan.warnings
    assert warning.startswith("managed_network.outbound_rules.pipelines.target_id: ")
    assert factory in warning


@pytest.fixture(scope="module")
def approved(
    record: Any,
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> Any:
    """A workspace whose managed network lets out what is approved."""
    further = [f"privatelink.{name}.core.windows.net" for name in ("queue", "table")]
    rules = {
        "packages": HOST,
        "factory": TAG | {"ports": "443, 8080-8089"},
        "lake": ENDPOINT,
    }
    args = workspace_args(
        training_subnet_id=None,
        private_dns_zone_ids=zone_ids([*default_zones, *further]),
        storage={"endpoints": ["blob", "file", "queue", "table"]},
        managed_network={"isolation": APPROVED, "outbound_rules": rules},
    )
    return record(lambda: PrivateWorkspace("ml", args))


def test_the_workspace_says_its_mode(approved: Any) -> None:
    """C15: a mode and a firewall, and no subnet for anything."""
    workspace = approved.inputs("ml-workspace")
    assert workspace["managedNetwork"] == {
        "isolationMode": APPROVED,
        "firewallSku": "Standard",
    }
    assert workspace["publicNetworkAccess"] == "Disabled"
    assert "serverlessComputeSettings" not in workspace
    nodes = approved.inputs("ml-cluster")["properties"]["properties"]
    assert "subnet" not in nodes


def test_each_rule_is_a_resource(approved: Any) -> None:
    """The caller's three, and endpoints for those services that the managed network
    does not reach by itself."""
    rules = approved.of_type("ManagedNetworkSettingsRule")
    kinds = {
        name.removeprefix("ml-outbound-"): item.inputs["properties"]
        for name, item in rules.items()
    }
    assert kinds == {
        "packages": {
            "type": "FQDN",
            "category": "UserDefined",
            "destination": "packages.example.com",
        },
        "factory": {
            "type": "ServiceTag",
            "category": "UserDefined",
            "destination": {
                "action": "Allow",
                "serviceTag": "DataFactory",
                "protocol": "TCP",
                "portRanges": "443,8080-8089",
            },
        },
        "lake": endpoint_to(ACCOUNT, "dfs"),
        "storage-queue": endpoint_to("/fake/ml-storage", "queue"),
        "storage-table": endpoint_to("/fake/ml-storage", "table"),
        "azure-monitor": endpoint_to("/fake/ml-monitor-scope", "azuremonitor"),
    }
    for name, item in rules.items():
        assert item.inputs["ruleName"] == name.removeprefix("ml-outbound-")
        assert item.inputs["workspaceName"] == "mlw-vision-dev-7k2d"


def endpoint_to(target: str, group: str) -> dict[str, Any]:
    """The inputs of a rule that makes a private endpoint."""
    return {
        "type": "PrivateEndpoint",
        "category": "UserDefined",
        "destination": {
            "serviceResourceId": target,
            "subresourceTarget": group,
            "sparkEnabled": False,
        },
    }


def test_rules_come_one_after_another_and_before_compute(approved: Any) -> None:
    """The service changes its network in one place at a time; nodes find it whole."""
    rules = sorted(approved.of_type("ManagedNetworkSettingsRule"))
    for earlier, later in zip(rules, rules[1:], strict=False):
        assert earlier in approved.waits_for(later)
    assert "ml-workspace" in approved.waits_for(rules[0])
    assert set(rules) <= approved.waits_for("ml-cluster")


def test_an_open_workspace_is_reached_from_the_managed_network(
    record: Any, workspace_args: Callable[..., Any]
) -> None:
    """With the Internet allowed, the service gives an open workspace no endpoint of its
    own; compute would go by its public address."""
    args = workspace_args(
        training_subnet_id=None,
        managed_network={"isolation": INTERNET},
        public_access={"reason": "a course"},
    )
    made = record(lambda: PrivateWorkspace("ml", args))
    rule = made.inputs("ml-outbound-workspace")["properties"]
    assert rule == endpoint_to("/fake/ml-workspace", "amlworkspace")

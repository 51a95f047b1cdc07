"""The stacks beside dev and prod: the other clouds, a spoke of a larger network, and
what happens to a network that is changed after it was deployed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import azureml_rulebook
from emulator.store import Store

pytestmark = pytest.mark.engine

Run = Callable[..., CompletedProcess[str]]

CLOUD_OF = {
    "us-government": "us_government",
    "china": "china",
    "spoke": "public",
    "managed-internet": "public",
    "managed-approved": "public",
    "brought-in": "public",
    "customer-keys": "public",
    "trial": "public",
    "published": "public",
}
STACKS = tuple(CLOUD_OF)
HOSTS_OF = {
    # https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
    # https://learn.microsoft.com/azure/china/resources-developer-guide
    "public": ("windows.net", "azure.net", "azureml.ms", "azurecr.io", "azure.com"),
    "us_government": ("usgovcloudapi.net", "azure.us", "azurecr.us"),
    "china": ("chinacloudapi.cn", "azure.cn", "azurecr.cn", "chinacloudsites.cn"),
}
EVERYWHERE = ("graph.windows.net", "mcr.microsoft.com", "azureml.ms")
"""Hosts of the public cloud that Azure's required-access page names for others too
(https://learn.microsoft.com/azure/machine-learning/
how-to-access-azureml-behind-firewall)."""


def read_plan(project: Path, stack: str) -> dict[str, Any]:
    """The plan of a stack, as the review wrote it."""
    return json.loads((project / "out" / stack / "plan.json").read_text())


def inputs_of(plan: dict[str, Any], token: str) -> list[dict[str, Any]]:
    """The inputs of every resource of one type."""
    return [
        resource["inputs"]
        for resource in plan["resources"]
        if resource["type"] == f"azure-native:{token}"
    ]


def texts_in(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return []
    return [text for part in parts for text in texts_in(part)]


@pytest.fixture(scope="module")
def previews(
    copy_program: Callable[[Path], Path],
    offline: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    """The plans of all stacks, each previewed by the command of its own."""
    project = copy_program(tmp_path_factory.mktemp("stacks") / "project")
    for stack in STACKS:
        done = review(offline, project, "preview", stack)
        assert done.returncode == 0, done.stdout + done.stderr
    return {stack: read_plan(project, stack) for stack in STACKS}


def review(
    offline: Run, project: Path, command: str, stack: str
) -> CompletedProcess[str]:
    """Run the review as `make` does for a stack of the folder `stacks`."""
    file = project / "stacks" / f"Pulumi.{stack}.yaml"
    options = ("--config-file", str(file)) if file.exists() else ()
    return offline(
        project, "python", "-m", "review", command, "--stack", stack, *options
    )


@pytest.mark.parametrize("stack", STACKS)
def test_no_host_of_another_cloud(
    stack: str, previews: dict[str, dict[str, Any]]
) -> None:
    """No zone and no host of one cloud is in a plan for another."""
    own = CLOUD_OF[stack]
    foreign = [
        host for cloud, hosts in HOSTS_OF.items() if cloud != own for host in hosts
    ]
    pattern = re.compile(rf"(^|[.\s/])({'|'.join(map(re.escape, foreign))})(\W|$)")
    found = {
        text
        for text in texts_in([item["inputs"] for item in previews[stack]["resources"]])
        if pattern.search(text) and not any(host in text for host in EVERYWHERE)
    }
    assert found == set()


@pytest.mark.parametrize("stack", STACKS)
def test_every_tag_is_published_in_its_cloud(
    stack: str, previews: dict[str, dict[str, Any]]
) -> None:
    """Tags of security groups, routes and firewall rules are on Azure's list."""
    folder = Path(azureml_rulebook.__file__).parent / "published_service_tags"
    listed = json.loads((folder / f"{CLOUD_OF[stack]}.json").read_text())
    known = {name.lower() for name in listed["names"]}
    known |= {"internet", "virtualnetwork", "azureloadbalancer", "*"}
    plan = previews[stack]
    groups = inputs_of(plan, "network:NetworkSecurityGroup")
    rules = [rule for group in groups for rule in group["securityRules"]]
    tags = {
        rule[key].lower()
        for rule in rules
        for key in ("sourceAddressPrefix", "destinationAddressPrefix")
        if key in rule and not rule[key][0].isdigit()
    }
    for group in inputs_of(plan, "network:FirewallPolicyRuleCollectionGroup"):
        for collection in group["ruleCollections"]:
            for rule in collection["rules"]:
                ends = rule.get("destinationAddresses", [])
                tags |= {end.lower() for end in ends if not end[0].isdigit()}
    assert tags
    assert tags <= known


def test_a_spoke_takes_what_others_own(previews: dict[str, dict[str, Any]]) -> None:
    """C07: zones that exist are named and neither made nor linked; the hub's gateways
    are used, and no half of the peering but our own is made."""
    plan = previews["spoke"]
    given = {"privatelink.blob.core.windows.net", "privatelink.file.core.windows.net"}
    made = {
        zone["privateZoneName"] for zone in inputs_of(plan, "privatedns:PrivateZone")
    }
    assert made.isdisjoint(given)
    (peering,) = inputs_of(plan, "network:VirtualNetworkPeering")
    assert peering["useRemoteGateways"] is True
    assert peering["allowGatewayTransit"] is False


def test_a_callers_rule_is_on_the_side_that_it_is_for(
    previews: dict[str, dict[str, Any]],
) -> None:
    """From on-premises to endpoints; from a group's members to a service, explicit."""
    rules = {
        rule["name"]: rule
        for group in inputs_of(previews["spoke"], "network:NetworkSecurityGroup")
        for rule in group["securityRules"]
        if 1000 <= rule["priority"] < 4000
    }
    assert set(rules) == {"desks-to-workspaceInbound", "models-to-registryOutbound"}
    desks = rules["desks-to-workspaceInbound"]
    assert desks["sourceAddressPrefix"] == "10.200.0.0/16"
    assert desks["destinationAddressPrefix"] == "10.90.0.128/27"
    models = rules["models-to-registryOutbound"]
    assert models["priority"] == 1100
    assert len(models["sourceApplicationSecurityGroups"]) == 1
    assert "sourceAddressPrefix" not in models


def operations(project: Path, stack: str) -> dict[str, str]:
    """What the last plan does to each Azure resource, by name."""
    return {
        item["name"]: item["operation"]
        for item in read_plan(project, stack)["resources"]
        if item["type"].startswith("azure-native:")
    }


def test_a_resource_group_that_exists_is_not_made(
    stack_project: Path, offline: Run
) -> None:
    """Everything is planned into it all the same."""
    file = stack_project / "Pulumi.dev.yaml"
    file.write_text(
        file.read_text()
        + "  private-azureml:createResourceGroup: false\n"
        + "  private-azureml:resourceGroup: rg-shared\n"
    )
    done = review(offline, stack_project, "preview", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    plan = read_plan(stack_project, "dev")
    assert inputs_of(plan, "resources:ResourceGroup") == []
    (network,) = inputs_of(plan, "network:VirtualNetwork")
    assert network["resourceGroupName"] == "rg-shared"


def test_a_workspace_that_exists_gets_an_endpoint(
    stack_project: Path, offline: Run
) -> None:
    """The run ends, although no logs are made that the network might send to."""
    workspace = (
        "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-other/"
        "providers/Microsoft.MachineLearningServices/workspaces/mlw"
    )
    file = stack_project / "Pulumi.existing.yaml"
    file.write_text(
        "config:\n"
        f"  private-azureml:existingWorkspaceId: {workspace}\n"
        "  private-azureml:subnets: {endpoints: {purpose: endpoints}}\n"
    )
    done = offline(
        stack_project,
        *("pulumi", "preview", "--json", "--stack", "existing"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plan = json.loads(done.stdout)
    made = [step["newState"] for step in plan["steps"] if "newState" in step]
    (endpoint,) = (
        item["inputs"]
        for item in made
        if item["type"] == "azure-native:network:PrivateEndpoint"
    )
    (connection,) = endpoint["privateLinkServiceConnections"]
    assert connection["privateLinkServiceId"] == workspace


ENDPOINTS_MOVE = (
    {
        "prefix: 10.20.0.128/27": "prefix: 10.20.3.0/27\n"
        "      azureName: private-endpoints",
        "tier: Standard": "tier: Premium",
    },
    {
        "network:NetworkSecurityGroup": "update",
        "network:Subnet": "replace",
        "network:PrivateEndpoint": "replace",
        "network:PrivateDnsZoneGroup": "replace",
        "authorization:RoleAssignment": "replace",
        "network:BastionHost": "update",
    },
)
TRAINING_IS_RENAMED = (
    {
        "prefix: 10.20.0.0/25": "prefix: 10.20.0.0/25\n      azureName: machines",
        "tier: Premium": "tier: Standard",
    },
    {
        "network:BastionHost": "replace",
        "network:Subnet": "replace",
        "machinelearningservices:Workspace": "update",
        "machinelearningservices:Compute": "replace",
    },
)


def test_a_subnet_is_replaced_with_all_that_lives_in_it(
    stack_project: Path, offline: Run
) -> None:
    """C65: another name or range replaces a subnet, its endpoints and their records, or
    its compute, in an order that Azure takes; nothing else is touched, nothing is left
    to do. By the way, Bastion's tier is raised in place, and lowered by another one."""
    file = stack_project / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("tier: Basic", "tier: Standard"))

    def done(command: str) -> dict[str, str]:
        finished = review(offline, stack_project, command, "dev")
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return operations(stack_project, "dev")

    done("up")
    for changes, expected in (ENDPOINTS_MOVE, TRAINING_IS_RENAMED):
        for old, new in changes.items():
            text = file.read_text()
            assert old in text
            file.write_text(text.replace(old, new))
        steps = done("preview")
        kinds = {
            item["type"].removeprefix("azure-native:"): steps[item["name"]]
            for item in read_plan(stack_project, "dev")["resources"]
            if steps.get(item["name"], "same") != "same"
        }
        assert kinds == expected
        done("up")
    assert set(done("preview").values()) == {"same"}
    store = Store(stack_project / ".pulumi-offline" / "azure")
    names = {item.id.rsplit("/", 1)[-1] for item in store.of_type("network:Subnet")}
    store.close()
    kept = {"AzureBastionSubnet", "jump-box"}
    assert names == {"machines", "private-endpoints"} | kept


def test_a_published_service_comes_up(stack_project: Path, offline: Run) -> None:
    """With a jump box that is entered on request: the emulated Azure takes it, nothing
    is left to do, no rule lets sessions in, and it can be deleted again."""
    for command in ("up", "preview"):
        done = review(offline, stack_project, command, "published")
        assert done.returncode == 0, done.stdout + done.stderr
    assert set(operations(stack_project, "published").values()) == {"same"}
    plan = read_plan(stack_project, "published")
    (group,) = (
        item
        for item in inputs_of(plan, "network:NetworkSecurityGroup")
        if item["networkSecurityGroupName"] == "azureml-models-jump-box-nsg"
    )
    access = {
        rule["access"]
        for rule in group["securityRules"]
        if rule["direction"] == "Inbound"
    }
    assert access == {"Deny"}
    (link,) = inputs_of(plan, "network:PrivateLinkService")
    assert link["visibility"] == link["autoApproval"] == {"subscriptions": []}
    done = review(offline, stack_project, "destroy", "published")
    assert done.returncode == 0, done.stdout + done.stderr

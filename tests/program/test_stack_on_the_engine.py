"""The whole stack on the real engine, with Azure emulated: both environments previewed,
dev deployed, changed and deleted, and what is wrong in a configuration refused."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import plan_recordings
import pytest
from plan_recordings import PROD, recorded

from emulator.store import Store

pytestmark = pytest.mark.engine

Run = Callable[..., CompletedProcess[str]]

CHANGE = "environment: dev"
SECRETS = ("machinePassword", "sharedKey")
TEXT_OF_AN_OUTPUT = ("Calling __str__", "Output object at 0x", "<pulumi.output")


def read(project: Path, stack: str, name: str) -> Any:
    """A report of the review, parsed."""
    return json.loads((project / "out" / stack / name).read_text())


def steps(project: Path, stack: str = "dev") -> dict[str, str]:
    """What the plan does to each Azure resource, by name."""
    return {
        resource["name"]: resource["operation"]
        for resource in read(project, stack, "plan.json")["resources"]
        if resource["type"].startswith("azure-native:")
    }


def inputs_of(plan: Any, token: str) -> list[dict[str, Any]]:
    """The inputs of every resource of one type."""
    return [
        resource["inputs"]
        for resource in plan["resources"]
        if resource["type"] == f"azure-native:{token}"
    ]


def resources_in_azure(project: Path) -> list[str]:
    """The types of all resources that the emulated Azure holds."""
    store = Store(project / ".pulumi-offline" / "azure")
    try:
        return [resource.token for resource in store.all()]
    finally:
        store.close()


@pytest.fixture(scope="module")
def life(
    copy_program: Callable[[Path], Path],
    offline: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """The life of dev: previewed, deployed, previewed again, changed, deleted.

    Protected, as prod is, until it is to be deleted; with Azure Policy for the rules,
    which first lists, and from the change on refuses.
    """
    project = copy_program(tmp_path_factory.mktemp("life") / "project")
    seen: dict[str, Any] = {"project": project}

    def review(stage: str, *command: str) -> None:
        done = offline(project, "python", "-m", "review", *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        seen[stage] = done.stdout
        if command[0] != "destroy":
            seen[f"{stage} plan"] = read(project, "dev", "plan.json")
            seen[f"{stage} verdicts"] = read(project, "dev", "verdicts.json")
            seen[f"{stage} steps"] = steps(project)

    stack_file = project / "Pulumi.dev.yaml"
    committed = stack_file.read_text()
    protected = committed + "  private-azureml:protect: true\n"
    protected += "  private-azureml:azurePolicies: audit\n"
    denying = ("azurePolicies: audit", "azurePolicies: deny")
    stack_file.write_text(protected)
    review("first", "preview")
    review("up", "up")
    review("second", "preview")
    changed = protected.replace(*denying).replace(CHANGE, "environment: changed")
    stack_file.write_text(changed)
    review("changed", "preview")
    review("changed up", "up")
    seen["resources while up"] = resources_in_azure(project)
    # The emulated Azure applies a policy at once, so that this is judged by them.
    denied = protected.replace(*denying).replace("protect: true", "protect: false")
    stack_file.write_text(denied)
    review("unprotected", "up")
    review("destroy", "destroy")
    seen["resources at the end"] = resources_in_azure(project)
    stack_file.write_text(committed)
    return seen


def test_first_preview_creates_everything_and_every_rule_holds(
    life: dict[str, Any],
) -> None:
    """Nothing exists yet, and no rule is violated or undecided; most have a subject."""
    assert set(life["first steps"].values()) == {"create"}
    verdicts = life["first verdicts"]
    assert verdicts["findings"] == []
    page = Path(__file__).parents[2] / "docs" / "policies.md"
    listed = re.findall(r"^\| [A-Z]{2}\d{3} \|", page.read_text(), re.MULTILINE)
    assert len(verdicts["rules"]) == len(listed) > 180
    assert sum(1 for rule in verdicts["rules"] if rule["satisfied"]) > 110


def test_second_preview_shows_no_change(life: dict[str, Any]) -> None:
    """What was deployed is what the program asks for."""
    assert set(life["second steps"].values()) == {"same"}
    assert "nothing to do" in life["second"]


def test_a_changed_tag_updates_and_takes_nothing_with_it(life: dict[str, Any]) -> None:
    """C61, C67: subnets and rules survive a change of the network or the group."""
    assert set(life["changed steps"].values()) == {"same", "update"}
    tokens = Counter(life["resources while up"])
    assert tokens["network:Subnet"] == 4
    for network in inputs_of(life["changed plan"], "network:VirtualNetwork"):
        assert "subnets" not in network


def test_destroy_leaves_nothing(life: dict[str, Any]) -> None:
    """The emulated Azure held every planned resource, and holds none at the end."""
    planned = Counter(
        resource["type"].removeprefix("azure-native:")
        for resource in life["first plan"]["resources"]
        if resource["custom"] and resource["type"].startswith("azure-native:")
    )
    held = Counter(life["resources while up"])
    assert not planned - held
    assert life["resources at the end"] == []


def test_azure_policy_lists_and_then_refuses_nothing_of_ours(
    life: dict[str, Any],
) -> None:
    """All assignments are taken; those that deny let an update of everything pass."""
    kinds = {
        stage: Counter(
            each["parameters"]["effect"]["value"]
            for each in inputs_of(
                life[f"{stage} plan"], "authorization:PolicyAssignment"
            )
            if "effect" in each.get("parameters", {})
        )
        for stage in ("up", "changed up", "unprotected")
    }
    assert set(kinds["up"]) == {"Audit", "AuditIfNotExists"}
    assert kinds["changed up"]["Deny"] > 15
    assert kinds["unprotected"] == kinds["changed up"]
    held = life["resources while up"].count("authorization:PolicyAssignment")
    assert held > 50
    assigned = {
        each["name"]
        for each in life["unprotected plan"]["resources"]
        if each["type"] == "azure-native:authorization:PolicyAssignment"
    }
    steps_then = life["unprotected steps"]
    assert {steps_then[name] for name in assigned} == {"same"}
    updated = Counter(steps_then.values())
    assert updated["update"] > 20


def test_tracked_files_are_as_they_were(life: dict[str, Any], checkout: Path) -> None:
    """No command writes into the environment's configuration."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        assert (life["project"] / name).read_bytes() == (checkout / name).read_bytes()


def test_the_workspace_endpoint_has_both_zones_and_one_group(
    life: dict[str, Any],
) -> None:
    """C01, C05: two zones in one group, one group for each endpoint."""
    plan = life["up plan"]
    groups = inputs_of(plan, "network:PrivateDnsZoneGroup")
    endpoints = inputs_of(plan, "network:PrivateEndpoint")
    names = [group["privateEndpointName"] for group in groups]
    assert sorted(names) == sorted(item["privateEndpointName"] for item in endpoints)
    assert len(set(names)) == len(names)
    (workspace_group,) = (
        g for g in groups if "amlworkspace" in g["privateEndpointName"]
    )
    assert len(workspace_group["privateDnsZoneConfigs"]) == 2
    zones = {
        zone["privateZoneName"] for zone in inputs_of(plan, "privatedns:PrivateZone")
    }
    assert {"privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"} <= zones
    links = inputs_of(plan, "privatedns:VirtualNetworkLink")
    assert sorted(link["privateZoneName"] for link in links) == sorted(zones)
    assert not any(link["registrationEnabled"] for link in links)


def test_no_output_was_pasted_into_a_text(life: dict[str, Any]) -> None:
    """C97: in no input and no output of the stack."""
    for stage in ("first plan", "up plan"):
        text = json.dumps(life[stage])
        assert not [mark for mark in TEXT_OF_AN_OUTPUT if mark in text]


def test_prod_is_planned_larger_and_protected(
    stack_project: Path, offline: Run
) -> None:
    """Queue and table endpoints, zones, ranges: all from configuration alone."""
    done = offline(
        stack_project, "python", "-m", "review", "preview", "--stack", "prod"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plan = read(stack_project, "prod", "plan.json")
    assert recorded(plan) == PROD.read_text(), plan_recordings.__doc__
    prefixes = {s["addressPrefix"] for s in inputs_of(plan, "network:Subnet")}
    assert prefixes == {
        *("10.40.0.0/23", "10.40.2.0/26", "10.40.2.64/26", "10.40.2.128/26"),
        *("10.40.2.192/27", "10.40.2.224/28", "10.40.2.240/28", "10.40.3.0/28"),
    }
    accounts = inputs_of(plan, "storage:StorageAccount")
    flows = {item["accountName"].endswith("flow"): item["sku"] for item in accounts}
    assert flows == {
        False: {"name": "Standard_ZRS"},
        True: {"name": "Standard_LRS"},
    }
    (registry,) = inputs_of(plan, "containerregistry:Registry")
    assert registry["zoneRedundancy"] == "Enabled"
    (cluster,) = inputs_of(plan, "machinelearningservices:Compute")
    scale = cluster["properties"]["properties"]["scaleSettings"]
    assert (scale["minNodeCount"], scale["maxNodeCount"]) == (0, 40)
    zones = {
        zone["privateZoneName"] for zone in inputs_of(plan, "privatedns:PrivateZone")
    }
    assert {
        "privatelink.queue.core.windows.net",
        "privatelink.table.core.windows.net",
    } <= zones


def test_the_program_knows_no_environment(checkout: Path) -> None:
    """dev and prod differ only in configuration."""
    for name in ("__main__.py", "settings.py"):
        text = (checkout / name).read_text()
        assert '"dev"' not in text
        assert '"prod"' not in text


def test_faults_of_network_and_workspace_are_told_together(
    stack_project: Path, offline: Run
) -> None:
    """One run names every wrong value, whichever component it is for, and stops
    before anything is planned."""
    stack_file = stack_project / "Pulumi.dev.yaml"
    stack_file.write_text(
        stack_file.read_text()
        .replace("- 10.20.0.0/22", "- 10..20.0/22")
        .replace("location: westeurope", "location: westeurop")
        .replace("maximumNodes: 4", "maximumNodes: 400")
    )
    done = offline(stack_project, "python", "-m", "review", "preview", "--stack", "dev")
    message = done.stdout + done.stderr
    assert done.returncode == 2, message
    for key in ("addressSpace[0]", "location", "cluster.maximumNodes"):
        assert message.count(f"configuration error: private-azureml:{key}: ") == 1
    assert "Traceback" not in message
    assert not (stack_project / "out" / "dev" / "plan.json").exists()


def test_faults_of_all_ways_in_are_told_together(
    stack_project: Path, offline: Run
) -> None:
    """The run ends, although networks wait for what is made with the workspace."""
    stack_file = stack_project / "Pulumi.prod.yaml"
    text = stack_file.read_text()
    for right, wrong in (
        ("size: VpnGw2AZ", "size: VpnGw2"),
        ("addressPool: [172.20.0.0/24]", "addressPool: [10.40.2.0/24]"),
        ('zone: "2"', 'zone: "9"'),
        ("maximumNodes: 40", "maximumNodes: 4000"),
    ):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    stack_file.write_text(text)
    done = offline(
        stack_project, "python", "-m", "review", "preview", "--stack", "prod"
    )
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    for path in (
        "hybridGateway.vpn.size: 'VpnGw2'",
        "hybridGateway.pointToSite.addressPool[0]: '10.40.2.0/24' overlaps "
        "'10.40.0.0/20' of addressSpace[0]",
        "jumpBox.machines.windows.zone: '9'",
        "cluster.maximumNodes: /23 has 507 usable addresses",
    ):
        assert f"configuration error: private-azureml:{path}" in said


def test_a_declared_secret_without_a_value_stops_with_the_command(
    stack_project: Path, offline: Run
) -> None:
    """C33: as in a real deployment, where nobody makes one up."""
    stack_file = stack_project / "Pulumi.prod.yaml"
    unset = "".join(f'  private-azureml:{key}: ""\n' for key in SECRETS)
    stack_file.write_text(stack_file.read_text() + unset)
    done = offline(
        stack_project, "python", "-m", "review", "preview", "--stack", "prod"
    )
    assert done.returncode == 2, done.stdout + done.stderr
    for key in SECRETS:
        remedy = f"`pulumi config set --secret private-azureml:{key}`"
        assert remedy in done.stdout + done.stderr

"""The example of a published service, deployed to the emulated Azure and taken away."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "published-service"
FILES = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "policies.json")
MOVE = {"10.30.0.64/28": "10.30.0.96/28", "10.30.0.68": "10.30.0.100"}
Offline = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Run:
    """What the engine said, one command after another."""

    up: subprocess.CompletedProcess[str]
    resources: dict[str, dict[str, Any]]
    """What was deployed, by type and name."""
    outputs: dict[str, Any]
    again: subprocess.CompletedProcess[str]
    """A preview after it, which must find nothing to change."""
    moved: subprocess.CompletedProcess[str]
    """Another range for the load balancer's subnet."""
    destroy: subprocess.CompletedProcess[str]
    left: list[dict[str, Any]]
    """What is in the stack then."""

    def inputs(self, name: str) -> dict[str, Any]:
        """Inputs of one resource: ``network:LoadBalancer/scoring-lb``."""
        return self.resources[name]["inputs"]

    def state(self, name: str) -> dict[str, Any]:
        """What Azure answered for one resource."""
        return self.resources[name]["outputs"]


@pytest.fixture(scope="module")
def run(offline: Offline, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The example as it is, in a checkout of its own."""
    checkout = tmp_path_factory.mktemp("checkout")
    (checkout / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    folder = checkout / "examples" / "published-service"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())

    def pulumi(*command: str) -> subprocess.CompletedProcess[str]:
        return offline(folder, "pulumi", *command, "--stack", "dev")

    def deployed() -> list[dict[str, Any]]:
        state = json.loads(pulumi("stack", "export").stdout)
        return state["deployment"].get("resources", [])

    up = pulumi(
        *("up", "--yes", "--skip-preview"),
        *("--policy-pack", f"{ROOT / 'policies'}"),
        *("--policy-pack-config", f"{folder / 'policies.json'}"),
    )
    resources = {
        "/".join((item["type"].removeprefix("azure-native:"), name)): item
        for item in deployed()
        for name in item["urn"].split("::")[-1:]
    }
    outputs = json.loads(pulumi("stack", "output", "--json").stdout or "{}")
    again = pulumi("preview", "--expect-no-changes")
    program = folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    for old, new in MOVE.items():
        assert old in text
        text = text.replace(old, new)
    program.write_text(text, encoding="utf-8")
    moved = pulumi("up", "--yes", "--skip-preview")
    destroy = pulumi("destroy", "--yes", "--skip-preview")
    return Run(
        up=up,
        resources=resources,
        outputs=outputs,
        again=again,
        moved=moved,
        destroy=destroy,
        left=deployed(),
    )


def test_it_is_deployed_and_stays(run: Run) -> None:
    """The policies hold, and a second preview finds nothing to change."""
    assert run.up.returncode == 0, run.up.stdout + run.up.stderr
    assert "azureml-network-policies" in run.up.stdout
    assert "[mandatory]" not in run.up.stdout
    assert run.again.returncode == 0, run.again.stdout + run.again.stderr


def test_two_networks_of_one_address_space(run: Run) -> None:
    """They are in different regions, and nothing joins them."""
    networks = [
        item["inputs"]
        for name, item in run.resources.items()
        if name.startswith("network:VirtualNetwork/")
    ]
    assert {item["location"] for item in networks} == {"westeurope", "northeurope"}
    spaces = [item["addressSpace"]["addressPrefixes"] for item in networks]
    assert spaces == [["10.30.0.0/24"]] * 2
    assert not any("Peering" in name for name in run.resources)


def test_the_consumer_reaches_the_service_by_its_name(run: Run) -> None:
    """Its record has the endpoint's address, in the consumer's own subnet."""
    record = run.inputs(
        "privatedns:PrivateRecordSet/claims-scoring.services.example.com"
    )
    (found,) = record["aRecords"]
    assert found == {"ipv4Address": run.outputs["consumerAddress"]}
    assert ip_address(found["ipv4Address"]) in ip_network("10.30.0.64/27")
    assert run.outputs["consumerHost"] == "scoring.services.example.com"
    (connection,) = run.state("network:PrivateEndpoint/claims-pep")[
        "manualPrivateLinkServiceConnections"
    ]
    service = run.resources["network:PrivateLinkService/scoring-pls"]
    assert connection["privateLinkServiceId"] == service["id"]
    assert run.outputs["alias"] == service["outputs"]["alias"]


def test_machines_let_in_consumers_and_probes_alone(run: Run) -> None:
    """On the service's port; what else is let in, no rule says."""
    rules = run.inputs("network:NetworkSecurityGroup/provider-inference-nsg")[
        "securityRules"
    ]
    allowed = {
        rule.get("sourceAddressPrefix") or tuple(rule["sourceAddressPrefixes"]): (
            rule.get("destinationPortRange") or tuple(rule["destinationPortRanges"])
        )
        for rule in rules
        if (rule["direction"], rule["access"]) == ("Inbound", "Allow")
    }
    assert allowed == {"10.30.0.80/28": "443", "AzureLoadBalancer": "443"}


def test_a_subnet_is_replaced_with_all_that_lives_in_it(run: Run) -> None:
    """C65: subnet, load balancer, service, endpoint and both interfaces."""
    assert run.moved.returncode == 0, run.moved.stdout + run.moved.stderr
    assert "+-6 replaced" in run.moved.stdout


def test_a_destroy_leaves_nothing(run: Run) -> None:
    """The endpoint goes before the service."""
    assert run.destroy.returncode == 0, run.destroy.stdout + run.destroy.stderr
    assert run.left == []

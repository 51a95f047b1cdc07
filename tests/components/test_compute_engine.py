"""The real engine makes every kind of compute, and takes all of it away in one go."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Offline = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = """
name: machines
runtime:
  name: python
  options:
    virtualenv: .venv
"""
PROGRAM = """
import pulumi
from pulumi_azure_native import authorization, resources

from azureml_network import PrivateWorkspace, SecureVnet

settings = pulumi.Config()
managed = settings.require_bool("managed")
place = {"resource_group_name": "rg", "location": "westeurope"}
group = resources.ResourceGroup("rg", **place)
net = SecureVnet(
    "net",
    {
        **place,
        "address_space": ["10.20.0.0/22"],
        "subnets": {
            "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
            "endpoints": {"purpose": "endpoints", "prefix": "10.20.1.0/27"},
        },
    },
    pulumi.ResourceOptions(depends_on=[group]),
)
client = authorization.get_client_config()
inputs = {
    **place,
    "tenant_id": client.tenant_id,
    "subscription_id": client.subscription_id,
    "workload": "vision",
    "environment": "dev",
    "unique_suffix": "7k2d",
    "endpoints_subnet_id": net.subnet_ids["endpoints"],
    "private_dns_zone_ids": net.private_dns_zone_ids,
    "clusters": {"gpu": {"vm_size": "Standard_NC6s_v3", "low_priority": True}},
    "instances": {
        "ci-ada": {"user_object_id": "33333333-3333-4333-8333-333333333333"}
    },
    "kubernetes": {
        "aks-a": {
            "cluster_id": f"/subscriptions/{client.subscription_id}/resourceGroups/aks"
            "/providers/Microsoft.ContainerService/managedClusters/aks"
        }
    },
    "lock": "CanNotDelete",
}
if managed:
    inputs["managed_network"] = {"isolation": "AllowOnlyApprovedOutbound"}
    inputs["online_endpoints"] = {"churn": {"description": "Who goes"}}
else:
    inputs["training_subnet_id"] = net.subnet_ids["training"]
    inputs["training_subnet_prefix"] = "10.20.0.0/25"
PrivateWorkspace("ml", inputs, pulumi.ResourceOptions(depends_on=[group]))
"""
MACHINES = {"training-cluster", "gpu", "ci-ada", "aks-a"}


@pytest.mark.parametrize("managed", [False, True], ids=["own-subnet", "managed"])
def test_all_compute_lives_and_goes(
    offline: Offline, tmp_path: Path, managed: bool
) -> None:
    """The emulated Azure refuses nodes before the workspace's endpoint, and whatever a
    subnet still holds: so all of it is made, shows no change, and is gone after one
    destroy, which takes the locks away first and names what Azure keeps."""
    folder = tmp_path / "machines"
    folder.mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    config = f"config:\n  machines:managed: {str(managed).lower()}\n"
    (folder / "Pulumi.dev.yaml").write_text(config, "utf-8")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")

    def run(*command: str) -> str:
        done = offline(folder, *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def state() -> list[dict[str, Any]]:
        exported = json.loads(run("pulumi", "stack", "export"))
        return exported["deployment"].get("resources", [])

    run("pulumi", "up", "--yes", "--skip-preview")
    run("pulumi", "preview", "--expect-no-changes")
    machines = {
        item["inputs"]["computeName"]: item["inputs"]["properties"]["properties"]
        for item in state()
        if item["type"] == "azure-native:machinelearningservices:Compute"
    }
    assert machines.keys() == MACHINES
    assert all(("subnet" in machines[n]) is not managed for n in MACHINES - {"aks-a"})

    said = run("python", "-m", "review", "destroy")
    assert state() == []
    kept = [
        line.split(" for ")[0] for line in said.splitlines() if line.startswith("stays")
    ]
    assert kept == [
        "stays       Log Analytics workspace log-vision-dev-7k2d",
        "stays       key vault kv-vision-dev-7k2d",
        "stays       machine learning workspace mlw-vision-dev-7k2d",
    ]

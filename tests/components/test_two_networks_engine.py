"""The real engine makes two networks in one resource group, which share their zones."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Offline = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = """
name: pair
runtime:
  name: python
  options:
    virtualenv: .venv
"""
PROGRAM = """
import pulumi
from pulumi_azure_native import resources

from azureml_network import SecureVnet

group = resources.ResourceGroup(
    "rg", resource_group_name="rg", location="westeurope"
)


def network(name, space, **more):
    return SecureVnet(
        name,
        {
            "resource_group_name": "rg",
            "location": "westeurope",
            "address_space": [space],
            "subnets": {"endpoints": {"purpose": "endpoints"}},
            "egress": "none",
            "private_endpoint_groups": ["blob", "vault"],
            **more,
        },
        pulumi.ResourceOptions(depends_on=[group]),
    )


first = network("first", "10.20.0.0/24")
network(
    "second",
    "10.21.0.0/24",
    private_dns_zone_ids=first.private_dns_zone_ids,
    private_dns={"link_existing_zones": True},
)
"""


def test_two_networks_share_their_zones(offline: Offline, tmp_path: Path) -> None:
    """Each zone is made once and linked to both; nothing changes afterwards."""
    (tmp_path / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", "utf-8")
    (tmp_path / "__main__.py").write_text(PROGRAM, "utf-8")

    def pulumi(*command: str) -> str:
        done = offline(tmp_path, "pulumi", *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    held = json.loads(pulumi("stack", "export"))["deployment"]["resources"]
    links = {
        item["id"].partition("/privateDnsZones/")[2]: item["inputs"]["virtualNetwork"]
        for item in held
        if item["type"].endswith(":VirtualNetworkLink")
    }
    zones = ("privatelink.blob.core.windows.net", "privatelink.vaultcore.azure.net")
    assert {path: link["id"].rpartition("/")[2] for path, link in links.items()} == {
        f"{zone}/virtualNetworkLinks/{name}-vnet": f"{name}-vnet"
        for zone in zones
        for name in ("first", "second")
    }
    pulumi("destroy", "--yes", "--skip-preview")

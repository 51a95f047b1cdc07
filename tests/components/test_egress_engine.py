"""The real engine changes a network's way out: Azure accepts every step of it."""

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
name: egress
runtime:
  name: python
  options:
    virtualenv: .venv
"""
PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi_azure_native import resources

from azureml_network import SecureVnet

group = resources.ResourceGroup("rg", resource_group_name="rg", location="westeurope")
network = SecureVnet(
    "net",
    {
        "resource_group_name": "rg",
        "location": "westeurope",
        "address_space": ["10.20.0.0/22"],
        "private_endpoint_groups": ["vault"],
        "subnets": {
            "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
            "wall": {"purpose": "firewall", "prefix": "10.20.1.0/26"},
            "manage": {"purpose": "firewall_management", "prefix": "10.20.1.64/26"},
            "nva": {"purpose": "general", "prefix": "10.20.2.0/28"},
        },
        **json.loads(Path("way-out.json").read_text("utf-8")),
    },
    pulumi.ResourceOptions(depends_on=[group]),
)
pulumi.export("address", network.firewall_private_address)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a network whose way out is in a file."""
    folder = tmp_path / "egress"
    folder.mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n", "utf-8")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")
    return folder


def test_the_way_out_changes(offline: Offline, project: Path) -> None:
    """From a NAT gateway to a Basic firewall, to a Premium one in all zones, to a load
    balancer and to an appliance in the network: each is made before the old one goes,
    but for the firewall, of which a network holds one; the firewall has the planned
    address every time; and a second preview shows no change."""

    def pulumi(*command: str) -> str:
        done = offline(project, "pulumi", *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def changed(**way_out: Any) -> list[tuple[str, str]]:
        """Deploy another way out; returns what was made and deleted, in order."""
        (project / "way-out.json").write_text(json.dumps(way_out), "utf-8")
        lines = pulumi("up", "--yes", "--skip-preview").splitlines()
        pulumi("preview", "--expect-no-changes")
        words = [line.split() for line in lines if "azure-native:network" in line]
        return [
            (made, item[2])
            for item in words
            for made in ("created", "deleted")
            if made in item
        ]

    def address() -> Any:
        return json.loads(pulumi("stack", "output", "--json")).get("address")

    changed(egress="nat_gateway", egress_zone="1")

    basic = changed(egress="firewall", firewall={"tier": "Basic"})
    assert basic.index(("created", "net-egress-afw")) < basic.index(
        ("deleted", "net-egress-ng")
    )
    assert address() == "10.20.1.4"

    zones = ["1", "2", "3"]
    premium = changed(egress="firewall", firewall={"tier": "Premium", "zones": zones})
    assert [
        item for item in premium if item[1] in ("net-egress-afw", "net-egress-afwp")
    ] == [
        ("created", "net-egress-afwp"),
        ("deleted", "net-egress-afw"),
        ("created", "net-egress-afw"),
        ("deleted", "net-egress-afwp"),
    ]
    assert address() == "10.20.1.4"

    balanced = changed(egress="load_balancer")
    assert balanced.index(("created", "net-egress-lb")) < balanced.index(
        ("deleted", "net-egress-afw")
    )
    assert address() is None

    routed = changed(egress="virtual_appliance", next_hop_address="10.20.2.4")
    assert routed.index(("created", "net-training-rt")) < routed.index(
        ("deleted", "net-egress-lb")
    )
    pulumi("destroy", "--yes", "--skip-preview")

"""The real engine connects sites, and keeps their keys."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Offline = Callable[..., subprocess.CompletedProcess[str]]

KEY = "correct+horse+battery"
PROJECT = """
name: shop
runtime:
  name: python
  options:
    virtualenv: .venv
"""
PROGRAM = """
import os

import pulumi
from pulumi_azure_native import resources

from azureml_network import HybridGateway, SecureVnet

place = {"resource_group_name": "rg", "location": "westeurope"}
group = resources.ResourceGroup("rg", **place)
net = SecureVnet(
    "net",
    {
        **place,
        "address_space": ["10.40.0.0/20"],
        "subnets": {
            "training": {"purpose": "training", "prefix": "10.40.0.0/24"},
            "gateway": {"purpose": "gateway", "prefix": "10.40.1.0/27"},
        },
    },
    pulumi.ResourceOptions(depends_on=[group]),
)
key = pulumi.Output.secret(os.environ["SITE_KEY"])
gateway = HybridGateway(
    "hybrid",
    {
        **place,
        "network_id": net.vnet_id,
        "network_name": "net-vnet",
        "network_address_space": ["10.40.0.0/20"],
        "gateway_subnet_id": net.subnet_ids["gateway"],
        "gateway_subnet_prefix": "10.40.1.0/27",
        "dns_servers": ["10.40.0.4"],
        "vpn": {"size": "VpnGw2AZ", "active_active": True, "bgp": {}},
        "sites": {
            "hq": {
                "public_address": "198.51.100.10",
                "bgp": {"as_number": 65010, "peer_address": "10.200.255.1"},
                "shared_key": key,
            },
            "branch": {
                "host_name": "vpn.branch.example.com",
                "address_space": ["10.201.0.0/16"],
                "shared_key": pulumi.Output.concat(key, "+branch"),
                "ipsec_policy": {"suite": "aes256_sha256"},
            },
        },
    },
)
pulumi.export("peerConfigurations", gateway.peer_configurations)
pulumi.export("publicAddresses", gateway.vpn_public_addresses)
"""


def test_keys_are_found_nowhere(offline: Offline, tmp_path: Path) -> None:
    """C103: not in the state, inputs of the component included, nor in an output; and
    the text for each site's device has the addresses that the gateway got."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    (folder / "Pulumi.dev.yaml").write_text("{}\n", "utf-8")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")

    def run(*command: str) -> str:
        done = offline(folder, *command, "--stack", "dev", SITE_KEY=KEY)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    said = run("pulumi", "up", "--yes", "--skip-preview")
    said += run("pulumi", "preview", "--expect-no-changes", "--diff")
    state = run("pulumi", "stack", "export")
    assert KEY not in said + state
    resources: list[dict[str, Any]] = json.loads(state)["deployment"]["resources"]
    connections = {
        each["inputs"]["virtualNetworkGatewayConnectionName"]: each["inputs"]
        for each in resources
        if each["type"].endswith(":VirtualNetworkGatewayConnection")
    }
    assert connections.keys() == {"hybrid-hq-con", "hybrid-branch-con"}
    for inputs in connections.values():
        assert inputs["sharedKey"]["4dabf18193072939515e22adb298388d"]
        assert "plaintext" not in inputs["sharedKey"]

    outputs = json.loads(run("pulumi", "stack", "output", "--json"))
    texts = outputs["peerConfigurations"]
    for word, text in texts.items():
        for instance, address in outputs["publicAddresses"].items():
            assert f"remote_addrs = {address}\n" in text, (word, instance)
        assert "ADDRESS-OF" not in text
    assert "are AS 65515, " in texts["hq"]

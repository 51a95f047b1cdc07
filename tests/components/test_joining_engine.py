"""The real engine makes a spoke: its hub and its zones are in other subscriptions."""

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
name: spoke
runtime:
  name: python
  options:
    virtualenv: .venv
"""
SETTINGS = """
config:
  spoke:release: one
  spoke:forwarded: "false"
"""
PROGRAM = """
import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import network, resources

from azureml_network import SecureVnet

HUB = "44444444-4444-4444-8444-444444444444"
DNS = "33333333-3333-4333-8333-333333333333"
settings = pulumi.Config()


def within(name, subscription):
    provider = azure_native.Provider(name, subscription_id=subscription)
    return lambda *others: pulumi.ResourceOptions(provider=provider, depends_on=others)


def group(name, opts=None):
    return resources.ResourceGroup(
        name, resource_group_name=name, location="westeurope", opts=opts
    )


there = {"resource_group_name": "hubs", "location": "westeurope"}
in_hub, in_dns = within("hub", HUB), within("dns", DNS)
hubs = group("hubs", in_hub())
hub = network.VirtualNetwork(
    "hub",
    **there,
    virtual_network_name="hub",
    address_space={"address_prefixes": ["10.9.0.0/16"]},
    opts=in_hub(hubs),
)
gateways = network.Subnet(
    "gateways",
    resource_group_name="hubs",
    virtual_network_name="hub",
    subnet_name="GatewaySubnet",
    address_prefix="10.9.0.0/24",
    opts=in_hub(hub),
)
address = network.PublicIPAddress(
    "address",
    **there,
    public_ip_address_name="address",
    sku={"name": "Standard"},
    public_ip_allocation_method="Static",
    zones=["1", "2", "3"],
    opts=in_hub(hubs),
)
gateway = network.VirtualNetworkGateway(
    "gateway",
    **there,
    virtual_network_gateway_name="gateway",
    gateway_type="Vpn",
    vpn_type="RouteBased",
    sku={"name": "VpnGw2AZ", "tier": "VpnGw2AZ"},
    ip_configurations=[
        {
            "name": "one",
            "public_ip_address": {"id": address.id},
            "subnet": {"id": gateways.id},
        }
    ],
    opts=in_hub(hub),
)
hub_id = (
    f"/subscriptions/{HUB}/resourceGroups/hubs"
    "/providers/Microsoft.Network/virtualNetworks/hub"
)
SecureVnet(
    "net",
    {
        "resource_group_name": "rg",
        "location": "westeurope",
        "address_space": ["10.20.0.0/22"],
        "subnets": {
            "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
            "endpoints": {"purpose": "endpoints", "prefix": "10.20.1.0/27"},
        },
        "private_endpoint_groups": ["blob", "vault"],
        "private_dns": {
            "resource_group_name": "dns",
            "subscription_id": DNS,
            "linked_network_ids": {"hub": hub_id},
        },
        "dns_servers": ["10.9.0.4"],
        "encrypt_traffic": True,
        "peerings": {
            "hub": {
                "network_id": hub_id,
                "address_space": ["10.9.0.0/16"],
                "use_remote_gateways": True,
                "allow_forwarded_traffic": settings.require_bool("forwarded"),
                "return_peering": True,
            }
        },
        "flow_logs": {"storage_account_name": "stspokeflows"},
        "lock": "CanNotDelete",
        "tags": {"release": settings.require("release")},
    },
    pulumi.ResourceOptions(depends_on=[group("rg"), group("dns", in_dns()), gateway]),
)
"""


@pytest.fixture
def spoke(tmp_path: Path) -> Path:
    """A project of a spoke."""
    folder = tmp_path / "spoke"
    folder.mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    (folder / "Pulumi.dev.yaml").write_text(SETTINGS, "utf-8")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")
    return folder


def test_a_spoke_lives_and_goes(offline: Offline, spoke: Path) -> None:
    """The spoke is made although each half of the peering and each link is in another
    subscription; a second preview shows no change, nor does one after the first half
    has learnt that it is connected; another peering touches neither the network nor its
    subnets, nor do new tags touch those; and a destroy takes the lock away first and
    leaves nothing."""

    def pulumi(*command: str) -> str:
        done = offline(spoke, "pulumi", *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def planned(settings: str) -> list[dict[str, Any]]:
        (spoke / "Pulumi.dev.yaml").write_text(settings, "utf-8")
        steps = json.loads(pulumi("preview", "--json"))["steps"]
        return [step for step in steps if step["op"] != "same"]

    pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    pulumi("refresh", "--yes")
    pulumi("preview", "--expect-no-changes")

    (opened,) = planned(SETTINGS.replace("false", "true"))
    assert opened["urn"].endswith("::net-hub-peering")
    assert set(opened["detailedDiff"]) == {"allowForwardedTraffic"}

    tagged = planned(SETTINGS.replace("one", "two"))
    assert {step["op"] for step in tagged} == {"update"}
    assert {path for step in tagged for path in step["detailedDiff"]} == {
        "tags.release"
    }
    names = {step["urn"].rpartition("::")[2] for step in tagged}
    assert not names & {"net-training", "net-endpoints", "net-hub-peering"}
    assert {"net-vnet", "net-flow-log", "net-privatelink.vaultcore.azure.net"} <= names

    gone = [
        line.split()[2]
        for line in pulumi("destroy", "--yes", "--skip-preview").splitlines()
        if " deleted (" in line
    ]
    assert gone[0] == "net-lock"
    left = json.loads(pulumi("stack", "export"))["deployment"].get("resources", [])
    assert left == []

"""The real engine orders a circuit and connects it once it is provisioned, beside one
that somebody else owns; the gateway grows in place until it has FastPath."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import provision_circuit
from emulator.store import Store

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Offline = Callable[..., subprocess.CompletedProcess[str]]

CIRCUIT = "azure-native:network:ExpressRouteCircuit"
PEERING = "azure-native:network:ExpressRouteCircuitPeering"
CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"

GATEWAY = "azure-native:network:VirtualNetworkGateway"
PARTNER = (
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-partner"
    "/providers/Microsoft.Network/expressRouteCircuits/partner"
)
KEY = "33333333-3333-4333-8333-333333333333"
"""What the owner of the partner's circuit gave, an authorization of it."""

NOT_YET = "false, Azure refuses the connection until Equinix has provisioned"

PROJECT = """
name: shop
runtime:
  name: python
  options:
    virtualenv: .venv
"""
PROGRAM = f"""
PARTNER, KEY = {PARTNER!r}, {KEY!r}
"""
PROGRAM += """
import os

import pulumi
from pulumi_azure_native import network, resources

from azureml_network import HybridGateway

place = {"resource_group_name": "rg", "location": "westeurope"}
group = resources.ResourceGroup("rg", **place)
net = network.VirtualNetwork(
    "net",
    virtual_network_name="net",
    resource_group_name=group.name,
    location="westeurope",
    address_space={"address_prefixes": ["10.40.0.0/20"]},
)
subnet = network.Subnet(
    "gateway",
    subnet_name="GatewaySubnet",
    virtual_network_name=net.name,
    resource_group_name=group.name,
    address_prefix="10.40.1.0/27",
)
circuit = {
    "provider": "Equinix",
    "peering_location": "Amsterdam",
    "bandwidth_megabits": 200,
}
units = {"minimum_scale_units": 2}
if os.environ["STEP"] == "2":
    # FastPath takes ten scale units.
    units = {"minimum_scale_units": 10, "maximum_scale_units": 20}
    circuit |= {
        "connect": True,
        "fast_path": True,
        "routing_weight": 100,
        "private_peering": {
            "vlan_id": 100,
            "peer_as_number": 65010,
            "primary_prefix": "192.168.10.0/30",
            "secondary_prefix": "192.168.10.4/30",
        },
    }
hybrid = HybridGateway(
    "hybrid",
    {
        **place,
        "network_id": net.id,
        "network_name": "net",
        "network_address_space": ["10.40.0.0/20"],
        "gateway_subnet_id": subnet.id,
        "gateway_subnet_prefix": "10.40.1.0/27",
        "dns_servers": ["10.40.0.4"],
        "express_route": {
            "size": "ErGwScale",
            **units,
            "circuits": {
                "amsterdam": circuit,
                "partner": {
                    "existing_id": PARTNER,
                    "authorization_key": pulumi.Output.secret(KEY),
                },
            },
        },
    },
)
pulumi.export("serviceKeys", hybrid.circuit_service_keys)
pulumi.export("connections", hybrid.connection_ids)
"""


def test_a_circuit_in_two_steps(offline: Offline, tmp_path: Path) -> None:
    """C103: it is ordered alone, with its key as a secret and a warning of what is to
    be done; connected too early Azure refuses it; once its provider has provisioned it,
    peering and connection are made, and the circuit itself stays.

    A circuit that is there already, in another subscription, is connected at once with
    the key that its owner gave, which is in no text. The gateway's scale units change
    in place, and FastPath, which takes ten, is on the one connection that asks."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
    (folder / "Pulumi.dev.yaml").write_text("{}\n", "utf-8")
    (folder / "__main__.py").write_text(PROGRAM, "utf-8")

    def run(step: str, *command: str, code: int = 0) -> str:
        done = offline(folder, "pulumi", *command, "--stack", "dev", STEP=step)
        assert (done.returncode == 0) is (code == 0), done.stdout + done.stderr
        return done.stdout + done.stderr

    def made() -> dict[str, list[dict[str, Any]]]:
        state = json.loads(run("1", "stack", "export"))["deployment"]["resources"]
        return {
            token: [each for each in state if each["type"] == token]
            for token in (CIRCUIT, PEERING, CONNECTION, GATEWAY)
        }

    said = run("1", "up", "--yes", "--skip-preview")
    assert f"amsterdam.connect: {NOT_YET}" in said
    before = made()
    assert {token: len(items) for token, items in before.items()} == {
        CIRCUIT: 1,
        PEERING: 0,
        CONNECTION: 1,
        GATEWAY: 1,
    }
    assert before[GATEWAY][0]["inputs"]["sku"]["name"] == "ErGwScale"
    assert bounds(before) == {"min": 2, "max": 2}
    partner = before[CONNECTION][0]["inputs"]
    assert partner["peer"] == {"id": PARTNER}
    assert partner["authorizationKey"].keys() >= {"ciphertext"}
    assert partner.get("expressRouteGatewayBypass", False) is False
    circuit_id = before[CIRCUIT][0]["id"]

    early = run("2", "up", "--yes", "--skip-preview", code=1)
    assert "ExpressRouteCircuitNotProvisioned" in early

    store = folder / ".pulumi-offline" / "azure"
    service_key = _service_key(store, circuit_id)
    assert provision_circuit.main(["--store", str(store), "--id", circuit_id]) == 0

    said += early + run("2", "up", "--yes", "--skip-preview")
    after = made()
    assert [each["id"] for each in after[CIRCUIT]] == [circuit_id]
    assert len(after[PEERING]) == 1
    by_peer = {
        each["inputs"]["peer"]["id"]: each["inputs"] for each in after[CONNECTION]
    }
    assert by_peer.keys() == {circuit_id, PARTNER}
    assert by_peer[PARTNER].get("expressRouteGatewayBypass", False) is False
    own = by_peer[circuit_id]
    assert (own["expressRouteGatewayBypass"], own["routingWeight"]) == (True, 100)
    assert "authorizationKey" not in own
    assert [each["id"] for each in after[GATEWAY]] == [before[GATEWAY][0]["id"]]
    assert bounds(after) == {"min": 10, "max": 20}
    again = run("2", "preview", "--expect-no-changes", "--diff")
    assert NOT_YET not in again
    for secret in (service_key, KEY):
        assert secret not in said + again + json.dumps(after)


def bounds(made: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    """Between how many scale units the gateway moves."""
    (gateway,) = made[GATEWAY]
    return gateway["inputs"]["autoScaleConfiguration"]["bounds"]


def _service_key(folder: Path, circuit_id: str) -> str:
    """What Azure gave the circuit, for its provider."""
    store = Store(folder)
    try:
        circuit = store.get(circuit_id)
    finally:
        store.close()
    assert circuit is not None
    return str(circuit.body["serviceKey"])

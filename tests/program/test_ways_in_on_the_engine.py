"""prod's whole life on the real engine, with Azure emulated: all ways in deployed, done
at the second preview, free of secrets in every file, and deleted again."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from emulator.store import Store

pytestmark = pytest.mark.engine

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def prod(
    copy_program: Callable[[Path], Path],
    offline: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """prod deployed, previewed again, given up and deleted, with secrets of its own."""
    project = copy_program(tmp_path_factory.mktemp("prod") / "project")
    home = tmp_path_factory.mktemp("user")
    seen: dict[str, Any] = {"project": project, "said": ""}

    def review(stage: str, command: str) -> None:
        done = offline(
            project,
            *("python", "-m", "review", command, "--stack", "prod"),
            XDG_DATA_HOME=str(home),
            PULUMI_OFFLINE_DELAYS="prod" if stage in ("up", "destroy") else "",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        seen["said"] += done.stdout + done.stderr
        seen[stage] = json.loads((project / "out/prod/plan.json").read_text())

    review("up", "up")
    review("again", "preview")
    secrets = next(home.rglob("throwaway-secrets.json"))
    seen["secrets"] = json.loads(secrets.read_text())
    seen["files"] = {
        str(file.relative_to(project)): file.read_bytes()
        for folder in ("out", ".pulumi-offline")
        for file in (project / folder).rglob("*")
        if file.is_file()
    }
    seen["in azure"] = in_azure(project)
    stack_file = project / "Pulumi.prod.yaml"
    unprotected = stack_file.read_text().replace("protect: true", "protect: false")
    stack_file.write_text(unprotected)
    review("unprotected", "up")
    review("destroy", "destroy")
    seen["left in azure"] = in_azure(project)
    return seen


def in_azure(project: Path) -> list[str]:
    """The types of all resources that the emulated Azure holds."""
    store = Store(project / ".pulumi-offline" / "azure")
    try:
        return [resource.token for resource in store.all()]
    finally:
        store.close()


def inputs_of(plan: Any, token: str) -> dict[str, dict[str, Any]]:
    """The inputs of every resource of one type, by name."""
    return {
        resource["name"]: resource["inputs"]
        for resource in plan["resources"]
        if resource["type"] == f"azure-native:{token}"
    }


def test_prod_deploys_and_is_done(prod: dict[str, Any]) -> None:
    """The emulated Azure takes all of it, and a second preview shows no change."""
    steps = Counter(
        resource["operation"]
        for resource in prod["again"]["resources"]
        if resource["type"].startswith("azure-native:")
    )
    assert set(steps) == {"same"}
    assert len(prod["in azure"]) >= steps["same"]
    assert "passes the firewall by" in " ".join(prod["said"].split())


def test_prod_has_all_ways_in(prod: dict[str, Any]) -> None:
    """Gateways, sites, clients, circuit, resolver, Bastion and machines, as asked."""
    plan = prod["up"]
    gateways = inputs_of(plan, "network:VirtualNetworkGateway")
    vpn, circuits = sorted(gateways.values(), key=lambda each: each["gatewayType"])[
        ::-1
    ]
    assert vpn["sku"] == {"name": "VpnGw2AZ", "tier": "VpnGw2AZ"}
    assert vpn["activeActive"] is True
    assert len(vpn["ipConfigurations"]) == 3
    clients = vpn["vpnClientConfiguration"]
    assert clients["vpnAuthenticationTypes"] == ["AAD"]
    assert clients["vpnClientAddressPool"]["addressPrefixes"] == ["172.20.0.0/24"]
    assert circuits["gatewayType"] == "ExpressRoute"
    sites = inputs_of(plan, "network:LocalNetworkGateway").values()
    assert {site["bgpSettings"]["asn"] for site in sites} == {65010, 65020}
    assert len(inputs_of(plan, "network:ExpressRouteCircuit")) == 1
    connections = inputs_of(plan, "network:VirtualNetworkGatewayConnection").values()
    # The circuit is connected once its provider has provisioned it.
    assert {each["connectionType"] for each in connections} == {"IPsec"}
    (bastion,) = inputs_of(plan, "network:BastionHost").values()
    assert bastion["sku"] == {"name": "Premium"}
    assert bastion["enableSessionRecording"] is True
    assert bastion.get("enableTunneling", False) is False
    machines = inputs_of(plan, "compute:VirtualMachine").values()
    assert sorted(machine["zones"] for machine in machines) == [["1"], ["2"]]
    (network,) = inputs_of(plan, "network:VirtualNetwork").values()
    (inbound,) = inputs_of(plan, "dnsresolver:InboundEndpoint").values()
    (address,) = network["dhcpOptions"]["dnsServers"]
    assert (
        inbound["ipConfigurations"][0]["privateIpAddress"] == address == "10.40.2.244"
    )


def test_addresses_are_standard_static_and_of_gateways_only(
    prod: dict[str, Any],
) -> None:
    """C39: no way in has another kind of address, and no machine has one."""
    plan = prod["up"]
    addresses = inputs_of(plan, "network:PublicIPAddress")
    assert len(addresses) == 5
    for address in addresses.values():
        assert address["sku"]["name"] == "Standard"
        assert address["publicIPAllocationMethod"] == "Static"
    for interface in inputs_of(plan, "network:NetworkInterface").values():
        for configuration in interface["ipConfigurations"]:
            assert "publicIPAddress" not in configuration


def test_no_secret_is_in_any_file(prod: dict[str, Any]) -> None:
    """C33, C103: not in plan, verdicts, reports, state, logs or configuration, nor in
    what was printed."""
    secrets = [
        value for path, value in prod["secrets"].items() if "PublicKey" not in path
    ]
    assert len(secrets) == 2
    assert any(name.endswith("plan.json") for name in prod["files"])
    assert any("/state/" in name for name in prod["files"])
    found = {
        name
        for name, content in prod["files"].items()
        # What Azure keeps is Azure's: the emulated one has a folder of its own.
        if not name.startswith(".pulumi-offline/azure/")
        for secret in secrets
        if secret.encode() in content
    }
    assert found == set()
    assert not any(secret in prod["said"] for secret in secrets)


def test_the_order_of_the_ways_in(prod: dict[str, Any]) -> None:
    """C101: Bastion comes after the last subnet; machines and compute come after the
    server that they ask for names."""
    resources = {each["urn"]: each for each in prod["up"]["resources"]}
    order = list(resources)

    def places(token: str) -> list[int]:
        return [
            order.index(urn)
            for urn, each in resources.items()
            if each["type"] == f"azure-native:{token}"
        ]

    last_subnet = max(places("network:Subnet"))
    assert min(places("network:BastionHost")) > last_subnet
    resolver = max(places("dnsresolver:InboundEndpoint"))
    assert resolver > last_subnet
    for token in ("compute:VirtualMachine", "machinelearningservices:Compute"):
        assert min(places(token)) > resolver


def test_destroy_leaves_nothing(prod: dict[str, Any]) -> None:
    """Once it is not protected any more, all of it can be deleted."""
    kept = {"network:NetworkWatcher"}
    assert Counter(prod["left in azure"]).keys() <= kept

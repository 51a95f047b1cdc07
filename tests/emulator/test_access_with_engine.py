"""The real engine on the emulated Azure: the ways into a network, a whole life long."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

PROJECT = """
name: access
runtime:
  name: python
  options:
    virtualenv: .venv
"""
STACK = """
config:
  azure-native:location: westeurope
"""
# A network with a Bastion host and a machine, a published service with an endpoint that
# leads to it, a gateway with clients and a site, and a resolver.
PROGRAM = """
import pulumi
from pulumi_azure_native import compute, dnsresolver, network, resources

group = resources.ResourceGroup("group")
here = {"resource_group_name": group.name}
net = network.VirtualNetwork(
    "net", address_space={"address_prefixes": ["10.0.0.0/16"]}, **here
)
before = []


def subnet(name, prefix, **more):
    made = network.Subnet(
        name,
        subnet_name=name,
        virtual_network_name=net.name,
        address_prefix=prefix,
        opts=pulumi.ResourceOptions(depends_on=list(before)),
        **here,
        **more,
    )
    before.append(made)
    return {"id": made.id}


def address(name):
    made = network.PublicIPAddress(
        name,
        public_ip_allocation_method="Static",
        sku={"name": "Standard"},
        zones=["1", "2", "3"],
        **here,
    )
    return {"id": made.id}


machines = subnet(
    "machines", "10.0.1.0/24", private_link_service_network_policies="Disabled"
)
host = network.BastionHost(
    "bastion",
    sku={"name": "Standard"},
    scale_units=2,
    ip_configurations=[
        {
            "name": "one",
            "subnet": subnet("AzureBastionSubnet", "10.0.2.0/26"),
            "public_ip_address": address("bastion-address"),
        }
    ],
    **here,
)
balancer_id = pulumi.Output.concat(
    group.id, "/providers/Microsoft.Network/loadBalancers/balancer"
)
balancer = network.LoadBalancer(
    "balancer",
    load_balancer_name="balancer",
    sku={"name": "Standard"},
    frontend_ip_configurations=[
        {
            "name": "front",
            "subnet": machines,
            "private_ip_allocation_method": "Static",
            "private_ip_address": "10.0.1.10",
        }
    ],
    backend_address_pools=[{"name": "pool"}],
    probes=[{"name": "alive", "protocol": "Tcp", "port": 443}],
    load_balancing_rules=[
        {
            "name": "in",
            "protocol": "Tcp",
            "frontend_port": 443,
            "backend_port": 443,
            "frontend_ip_configuration": {
                "id": pulumi.Output.concat(
                    balancer_id, "/frontendIPConfigurations/front"
                )
            },
            "backend_address_pool": {
                "id": pulumi.Output.concat(balancer_id, "/backendAddressPools/pool")
            },
            "probe": {"id": pulumi.Output.concat(balancer_id, "/probes/alive")},
        }
    ],
    **here,
)
card = network.NetworkInterface(
    "card",
    ip_configurations=[
        {
            "name": "one",
            "subnet": machines,
            "load_balancer_backend_address_pools": [
                {"id": pulumi.Output.concat(balancer.id, "/backendAddressPools/pool")}
            ],
        }
    ],
    **here,
)
machine = compute.VirtualMachine(
    "machine",
    vm_name="machine",
    zones=["1"],
    hardware_profile={"vm_size": "Standard_D2s_v5"},
    network_profile={"network_interfaces": [{"id": card.id}]},
    os_profile={
        "admin_username": "operator7",
        "admin_password": pulumi.Output.secret("Correct-Horse-7"),
        "computer_name": "machine",
        "custom_data": "eA==",
        "windows_configuration": {"provision_vm_agent": True},
    },
    storage_profile={
        "image_reference": {
            "publisher": "MicrosoftWindowsServer",
            "offer": "WindowsServer",
            "sku": "2022-datacenter-g2",
            "version": "latest",
        },
        "os_disk": {"create_option": "FromImage"},
    },
    security_profile={
        "security_type": "TrustedLaunch",
        "uefi_settings": {"secure_boot_enabled": True, "v_tpm_enabled": True},
    },
    opts=pulumi.ResourceOptions(
        delete_before_replace=True,
        replace_on_changes=["osProfile.customData", "osProfile.adminPassword"],
    ),
    **here,
)
service = network.PrivateLinkService(
    "service",
    load_balancer_frontend_ip_configurations=[
        {"id": pulumi.Output.concat(balancer.id, "/frontendIPConfigurations/front")}
    ],
    ip_configurations=[{"name": "one", "primary": True, "subnet": machines}],
    **here,
)
endpoint = network.PrivateEndpoint(
    "endpoint",
    subnet=machines,
    manual_private_link_service_connections=[
        {"name": "one", "private_link_service_id": service.alias}
    ],
    **here,
)
gateway = network.VirtualNetworkGateway(
    "gateway",
    gateway_type="Vpn",
    vpn_type="RouteBased",
    sku={"name": "VpnGw2AZ", "tier": "VpnGw2AZ"},
    enable_bgp=True,
    bgp_settings={"asn": 65010},
    ip_configurations=[
        {
            "name": "one",
            "subnet": subnet("GatewaySubnet", "10.0.3.0/27"),
            "public_ip_address": address("gateway-address"),
        }
    ],
    **here,
)
site = network.LocalNetworkGateway(
    "site",
    gateway_ip_address="203.0.113.9",
    local_network_address_space={"address_prefixes": ["192.168.0.0/16"]},
    **here,
)
network.VirtualNetworkGatewayConnection(
    "connection",
    connection_type="IPsec",
    shared_key=pulumi.Output.secret("a-key-of-the-tests"),
    virtual_network_gateway1={"id": gateway.id},
    local_network_gateway2={"id": site.id},
    **here,
)
circuit = network.ExpressRouteCircuit(
    "circuit",
    sku={
        "name": "Standard_MeteredData",
        "tier": "Standard",
        "family": "MeteredData",
    },
    service_provider_properties={
        "service_provider_name": "Contoso",
        "peering_location": "Amsterdam",
        "bandwidth_in_mbps": 200,
    },
    **here,
)
resolver = dnsresolver.DnsResolver("resolver", virtual_network={"id": net.id}, **here)
dnsresolver.InboundEndpoint(
    "inbound",
    dns_resolver_name=resolver.name,
    ip_configurations=[
        {
            "subnet": subnet(
                "resolver-in",
                "10.0.4.0/28",
                delegations=[
                    {"name": "r", "service_name": "Microsoft.Network/dnsResolvers"}
                ],
            ),
            "private_ip_allocation_method": "Static",
            "private_ip_address": "10.0.4.4",
        }
    ],
    **here,
)
pulumi.export("bgp", gateway.bgp_settings.apply(lambda s: s.bgp_peering_address))
pulumi.export("key", circuit.service_key)
pulumi.export(
    "state",
    endpoint.manual_private_link_service_connections.apply(
        lambda found: found[0].private_link_service_connection_state.status
    ),
)
"""
Offline = Callable[..., subprocess.CompletedProcess[str]]


def test_ways_into_a_network(tmp_path: Path, checkout: Path, offline: Offline) -> None:
    """Up, nothing to change, a new machine for new custom data, destroy: all gone."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    (tmp_path / ".venv").symlink_to(checkout / ".venv", target_is_directory=True)
    (tmp_path / "__main__.py").write_text(PROGRAM)

    def pulumi(*command: str) -> str:
        more = ("-s", "dev", "--non-interactive", "--color", "never")
        done = offline(tmp_path, "pulumi", *command, *more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("up", "--yes", "--skip-preview")
    outputs = json.loads(pulumi("stack", "output", "--json"))
    assert outputs["bgp"] == "10.0.3.4"
    assert len(outputs["key"]) == 36
    assert outputs["state"] == "Pending"
    pulumi("refresh", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")

    changed = PROGRAM.replace('"eA=="', '"eQ=="').replace(
        "scale_units=2", "scale_units=3"
    )
    (tmp_path / "__main__.py").write_text(changed)
    said = pulumi("up", "--yes", "--skip-preview")
    assert "1 updated" in said
    assert "1 replaced" in said

    pulumi("destroy", "--yes", "--skip-preview")
    file = tmp_path / ".pulumi-offline" / "azure" / "azure.sqlite"
    with sqlite3.connect(file) as store:
        left = [row[0] for row in store.execute("SELECT id FROM resources")]
        held = store.execute("SELECT owner FROM addresses").fetchall()
    assert (left, held) == ([], [])

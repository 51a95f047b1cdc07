"""The VPN gateway as Azure gets it: every input, exactly."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.point_to_site import read_point_to_site
from azureml_network._hybrid_gateway.vpn import read_vpn
from azureml_network._hybrid_gateway.vpn_resources import make_vpn_gateway
from azureml_network._inputs import InputReader
from tests.components.sample_certificates import NOW, THUMBPRINT, one_line, pem

TENANT = "11111111-1111-4111-8111-111111111111"
GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
SUBNET = (
    f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/GatewaySubnet"
)
GATEWAY = f"{GROUP}/providers/Microsoft.Network/virtualNetworkGateways/net-vgw"
EVERYWHERE = {
    "resourceGroupName": "rg",
    "location": "westeurope",
    "tags": {"environment": "test"},
}
ZONES = ["1", "2", "3"]


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the gateway of these inputs."""

    def made(
        clients: dict[str, Any] | None = None,
        *,
        cloud: str = "public",
        region: str = "westeurope",
        subnet_id: Any = SUBNET,
        **vpn: Any,
    ) -> Any:
        def program() -> None:
            parts = surroundings(cloud, region)
            reader = InputReader(
                {"vpn": vpn, "point_to_site": clients}, HybridGatewayArgs
            )
            plan = read_vpn(reader, "net", parts.place)
            people = read_point_to_site(reader, plan, now=NOW)
            assert (plan is not None, reader.findings) == (True, [])
            make_vpn_gateway(
                parts, plan, people, subnet_id() if callable(subnet_id) else subnet_id
            )

        return record(program)

    return made


def configuration(name: str) -> dict[str, Any]:
    """An IP configuration of the gateway."""
    return {
        "name": name,
        "privateIPAllocationMethod": "Dynamic",
        "publicIPAddress": {"id": f"/fake/net-vgw-{name}-pip"},
        "subnet": {"id": SUBNET},
    }


def gateway(size: str, generation: int, *names: str) -> dict[str, Any]:
    """What every gateway has."""
    return {
        **EVERYWHERE,
        "virtualNetworkGatewayName": "net-vgw",
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "vpnGatewayGeneration": f"Generation{generation}",
        "sku": {"name": size, "tier": size},
        "activeActive": "second" in names,
        "enableBgp": False,
        "enableBgpRouteTranslationForNat": False,
        "ipConfigurations": [configuration(name) for name in names],
    }


def test_the_smallest_gateway(make: Callable[..., Any]) -> None:
    """C39, C41, C43: one fixed address in all zones, and nobody is let in."""
    made = make()
    assert made.kinds() == {"Net": 1, "PublicIPAddress": 1, "VirtualNetworkGateway": 1}
    assert made.inputs("net-vgw") == gateway("VpnGw1AZ", 1, "first")
    assert made.inputs("net-vgw-first-pip") == {
        **EVERYWHERE,
        "publicIpAddressName": "net-vgw-first-pip-zones-1-2-3",
        "sku": {"name": "Standard"},
        "publicIPAllocationMethod": "Static",
        "publicIPAddressVersion": "IPv4",
        "zones": ZONES,
    }


def test_a_region_without_zones(make: Callable[..., Any]) -> None:
    """The address names none, and is fixed all the same."""
    made = make(region="northcentralus")
    address = made.inputs("net-vgw-first-pip")
    assert "zones" not in address
    assert address["publicIpAddressName"] == "net-vgw-first-pip"
    assert address["publicIPAllocationMethod"] == "Static"


ENTRA = {"address_pool": ["172.20.0.0/24"], "tenant_id": TENANT}


NEWEST = {"VpnGw1AZ": 1, "VpnGw2AZ": 2, "VpnGw3AZ": 2, "VpnGw4AZ": 2, "VpnGw5AZ": 2}


@pytest.mark.parametrize("size", NEWEST)
@pytest.mark.parametrize("zones", [ZONES, ["2"]])
@pytest.mark.parametrize("speaks_bgp", [False, True])
@pytest.mark.parametrize(
    ("active_active", "clients", "names"),
    [
        (False, None, ("first",)),
        (False, ENTRA, ("first",)),
        (True, None, ("first", "second")),
        (True, ENTRA, ("first", "second", "clients")),
    ],
)
def test_every_size_is_made_in_every_mode(
    make: Callable[..., Any],
    size: str,
    zones: list[str],
    speaks_bgp: bool,
    active_active: bool,
    clients: dict[str, Any] | None,
    names: tuple[str, ...],
) -> None:
    """C39, C41, C43: each with as many addresses as the mode needs, Standard, fixed, in
    the zones that were asked for, in a configuration of its own."""
    more = {"bgp": {}} if speaks_bgp else {}
    made = make(clients, size=size, active_active=active_active, zones=zones, **more)
    addresses = made.of_type("PublicIPAddress")
    assert set(addresses) == {f"net-vgw-{name}-pip" for name in names}
    for address in addresses.values():
        assert address.inputs["sku"] == {"name": "Standard"}
        assert address.inputs["publicIPAllocationMethod"] == "Static"
        assert address.inputs["zones"] == zones
    inputs = dict(made.inputs("net-vgw"))
    assert ("vpnClientConfiguration" in inputs) is (clients is not None)
    inputs.pop("vpnClientConfiguration", None)
    bgp = {"enableBgp": True, "bgpSettings": {"asn": 65515}} if speaks_bgp else {}
    assert inputs == {**gateway(size, NEWEST[size], *names), **bgp}


def test_everything_at_once(make: Callable[..., Any]) -> None:
    """BGP with addresses of both instances, translations, routes and a window."""
    made = make(
        ENTRA,
        size="VpnGw3AZ",
        generation=1,
        active_active=True,
        zones=["2"],
        bgp={
            "as_number": 64512,
            "apipa_addresses": ["169.254.21.1", "169.254.21.5"],
            "second_apipa_addresses": ["169.254.22.1"],
        },
        custom_routes=["10.200.0.0/16"],
        nat_rules={
            "office": {
                "direction": "IngressSnat",
                "internal_range": "10.20.0.0/24",
                "external_range": "100.64.1.0/24",
            },
            "many": {
                "direction": "EgressSnat",
                "kind": "Dynamic",
                "internal_range": "10.20.0.0/24",
                "external_range": "100.64.2.0/28",
                "instance": "second",
            },
        },
        maintenance={"start": "2027-01-03 02:00", "hours": 6},
    )
    assert made.inputs("net-vgw") == {
        **gateway("VpnGw3AZ", 1, "first", "second", "clients"),
        "enableBgp": True,
        "enableBgpRouteTranslationForNat": True,
        "bgpSettings": {
            "asn": 64512,
            "bgpPeeringAddresses": [
                {
                    "ipconfigurationId": f"{GATEWAY}/ipConfigurations/first",
                    "customBgpIpAddresses": ["169.254.21.1", "169.254.21.5"],
                },
                {
                    "ipconfigurationId": f"{GATEWAY}/ipConfigurations/second",
                    "customBgpIpAddresses": ["169.254.22.1"],
                },
            ],
        },
        "customRoutes": {"addressPrefixes": ["10.200.0.0/16"]},
        "natRules": [
            {
                "name": "many",
                "mode": "EgressSnat",
                "type": "Dynamic",
                "internalMappings": [{"addressSpace": "10.20.0.0/24"}],
                "externalMappings": [{"addressSpace": "100.64.2.0/28"}],
                "ipConfigurationId": f"{GATEWAY}/ipConfigurations/second",
            },
            {
                "name": "office",
                "mode": "IngressSnat",
                "type": "Static",
                "internalMappings": [{"addressSpace": "10.20.0.0/24"}],
                "externalMappings": [{"addressSpace": "100.64.1.0/24"}],
            },
        ],
        "vpnClientConfiguration": {
            "vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]},
            "vpnClientProtocols": ["OpenVPN"],
            "vpnAuthenticationTypes": ["AAD"],
            "aadTenant": f"https://login.microsoftonline.com/{TENANT}",
            "aadIssuer": f"https://sts.windows.net/{TENANT}/",
            "aadAudience": "c632b3df-fb67-4d84-bdcf-b95ad541b5c8",
        },
    }
    assert made.inputs("net-vgw-second-pip")["zones"] == ["2"]
    assert made.inputs("net-vgw-maintenance") == {
        **EVERYWHERE,
        "resourceName": "net-vgw-maintenance",
        "maintenanceScope": "Resource",
        "extensionProperties": {"maintenanceSubScope": "NetworkGatewayMaintenance"},
        "startDateTime": "2027-01-03 02:00",
        "duration": "06:00",
        "timeZone": "UTC",
        "recurEvery": "1Day",
        "visibility": "Custom",
    }
    assert made.inputs("net-vgw-maintenance-assignment") == {
        "configurationAssignmentName": "net-vgw-maintenance",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "providerName": "Microsoft.Network",
        "resourceType": "virtualNetworkGateways",
        "resourceName": "net-vgw",
        "resourceId": "/fake/net-vgw",
        "maintenanceConfigurationId": "/fake/net-vgw-maintenance",
    }


def test_clients_with_certificates_and_passwords(make: Callable[..., Any]) -> None:
    """Roots in one line, revoked ones by thumbprint, and a server with its secret."""
    made = make(
        {
            "address_pool": ["172.20.0.0/24", "172.20.2.0/24"],
            "authentication": ["radius", "certificate", "entra_id"],
            "tenant_id": TENANT,
            "audience": "44444444-4444-4444-8444-444444444444",
            "root_certificates": {"office": pem()},
            "revoked_certificates": {"ada": THUMBPRINT.lower()},
            "radius_servers": {
                "one": {"address": "10.20.0.10", "secret": pulumi.Output.secret("s")}
            },
        },
        size="VpnGw3AZ",
        cloud="us_government",
        region="usgovvirginia",
    )
    assert shown(made.inputs("net-vgw")["vpnClientConfiguration"]) == {
        "vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24", "172.20.2.0/24"]},
        "vpnClientProtocols": ["OpenVPN"],
        "vpnAuthenticationTypes": ["AAD", "Certificate", "Radius"],
        "aadTenant": f"https://login.microsoftonline.us/{TENANT}",
        "aadIssuer": f"https://sts.windows.net/{TENANT}/",
        "aadAudience": "44444444-4444-4444-8444-444444444444",
        "vpnClientRootCertificates": [{"name": "office", "publicCertData": one_line()}],
        "vpnClientRevokedCertificates": [{"name": "ada", "thumbprint": THUMBPRINT}],
        "radiusServerAddress": "10.20.0.10",
        "radiusServerSecret": {"secret": "s"},
    }


def test_two_servers(make: Callable[..., Any]) -> None:
    """Several stand in a list, each with its secret."""
    servers = {
        name: {"address": address, "secret": pulumi.Output.secret(name)}
        for name, address in (("b", "10.20.0.11"), ("a", "10.20.0.10"))
    }
    made = make(
        {
            "address_pool": ["172.20.0.0/24"],
            "protocols": ["IkeV2"],
            "authentication": ["radius"],
            "radius_servers": servers,
        }
    )
    clients = shown(made.inputs("net-vgw")["vpnClientConfiguration"])
    assert "radiusServerAddress" not in clients
    assert clients["radiusServers"] == [
        {
            "radiusServerAddress": address,
            "radiusServerSecret": {"secret": name},
            "radiusServerScore": 30,
        }
        for name, address in (("a", "10.20.0.10"), ("b", "10.20.0.11"))
    ]


def test_a_tenant_that_is_known_later(make: Callable[..., Any]) -> None:
    """It may come from another resource."""
    made = make({**ENTRA, "tenant_id": pulumi.Output.from_input(TENANT)})
    clients = made.inputs("net-vgw")["vpnClientConfiguration"]
    assert clients["aadTenant"] == f"https://login.microsoftonline.com/{TENANT}"


def test_what_replaces_a_gateway(make: Callable[..., Any]) -> None:
    """What Azure does not change in place, and the old one goes first."""
    item = make().resources["net-vgw"]
    assert item.replace_on_changes == (
        "vpnGatewayGeneration",
        "ipConfigurations[*].subnet",
        "ipConfigurations[*].publicIPAddress",
    )
    assert item.deletes_first is True


def test_a_gateway_takes_its_time(make: Callable[..., Any]) -> None:
    """Three quarters of an hour, and more with much else going on."""
    assert make().resources["net-vgw"].timeouts == ("120m", "120m", "120m")


def test_a_gateway_goes_with_its_subnet(make: Callable[..., Any]) -> None:
    """Its name hangs on the subnet, and is known in every preview."""
    made = make(
        subnet_id=lambda: pulumi.CustomResource("test:index:S", "subnet", {}).id
    )
    item = made.resources["net-vgw"]
    assert "subnet" in item.depends_on
    assert item.inputs["virtualNetworkGatewayName"] == "net-vgw"


def shown(value: Any) -> Any:
    """Inputs with secrets as ``{"secret": value}``."""
    if isinstance(value, dict):
        if "4dabf18193072939515e22adb298388d" in value:
            return {"secret": value["value"]}
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value

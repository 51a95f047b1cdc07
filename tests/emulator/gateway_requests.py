"""Requests that the tests of gateways share: gateways, sites, connections."""

from typing import Any

from tests.emulator import network_requests as ask

TOKEN = "network:VirtualNetworkGateway"


def home(azure: Any, prefix: str = "10.0.0.0/27", network: str = "net") -> Any:
    """Create GatewaySubnet, in a network that is made if it is not there."""
    group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
    network_id = f"{group}/providers/Microsoft.Network/virtualNetworks/{network}"
    if azure.provider.store.get(network_id) is None:
        azure.network(virtualNetworkName=network)
    return azure.subnet("GatewaySubnet", prefix, virtualNetworkName=network)


def configurations(subnet: Any, *addresses: Any) -> list[dict[str, Any]]:
    """A gateway's configurations, one for each address."""
    return [
        {
            "name": f"c{number}",
            "subnet": ask.ref(subnet),
            "publicIPAddress": ask.ref(address),
        }
        for number, address in enumerate(addresses)
    ]


def inputs_of(azure: Any, subnet: Any, size: str, **inputs: Any) -> dict[str, Any]:
    """A VPN gateway's inputs, with an address of its own if none is given."""
    if "ipConfigurations" not in inputs:
        name = inputs.get("virtualNetworkGatewayName", "gateway")
        address = azure.address(f"{name}-address")
        inputs["ipConfigurations"] = configurations(subnet, address)
    usual = {
        "virtualNetworkGatewayName": "gateway",
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": size, "tier": size},
    }
    return {**usual, **inputs}


def vpn(azure: Any, subnet: Any, size: str = "VpnGw1AZ", **inputs: Any) -> Any:
    """Create a VPN gateway."""
    return azure.in_group(TOKEN, **inputs_of(azure, subnet, size, **inputs))


def express_route(azure: Any, subnet: Any, size: str = "ErGw1AZ", **inputs: Any) -> Any:
    """Create an ExpressRoute gateway, whose address Azure has itself."""
    return azure.in_group(
        TOKEN,
        virtualNetworkGatewayName="er",
        gatewayType="ExpressRoute",
        sku={"name": size, "tier": size},
        **{
            "ipConfigurations": [{"name": "one", "subnet": ask.ref(subnet)}],
            **inputs,
        },
    )


def clients(
    *pool: str, protocols: list[str] | None = None, root: str | None = None
) -> dict[str, Any]:
    """A point-to-site configuration."""
    found: dict[str, Any] = {
        "vpnClientAddressPool": {"addressPrefixes": list(pool)},
        "vpnClientProtocols": protocols or ["OpenVPN"],
    }
    if root is not None:
        found["vpnClientRootCertificates"] = [{"name": "root", "publicCertData": root}]
    return found


def site(azure: Any, *prefixes: str, **inputs: Any) -> Any:
    """Create a local network gateway."""
    usual = {
        "localNetworkGatewayName": "site",
        "gatewayIpAddress": "203.0.113.9",
        "localNetworkAddressSpace": {
            "addressPrefixes": list(prefixes or ("192.168.0.0/16",))
        },
    }
    return azure.in_group("network:LocalNetworkGateway", **{**usual, **inputs})


def connection(azure: Any, gateway: Any, **inputs: Any) -> Any:
    """Create a connection; IPsec to `localNetworkGateway2` if nothing else is said."""
    usual = {
        "virtualNetworkGatewayConnectionName": "link",
        "connectionType": "IPsec",
        "virtualNetworkGateway1": ask.ref(gateway),
        "sharedKey": "a-key-of-the-tests",
    }
    return azure.in_group(
        "network:VirtualNetworkGatewayConnection", **{**usual, **inputs}
    )

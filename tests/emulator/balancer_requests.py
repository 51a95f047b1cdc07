"""Requests that the tests of balancers and published services share."""

from typing import Any

from tests.emulator import network_requests as ask

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"


def subnet_of(
    azure: Any, name: str = "a", prefix: str = "10.0.1.0/24", **inputs: Any
) -> Any:
    """Create a subnet of `net`, which is made if it is not there."""
    store = azure.provider.store
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group"
    if store.get(f"{group}/providers/Microsoft.Network/virtualNetworks/net") is None:
        azure.network()
    return azure.subnet(name, prefix, **inputs)


def static(subnet: Any, address: str | None) -> dict[str, Any]:
    """A configuration that names its address."""
    return {
        "subnet": ask.ref(subnet),
        "privateIPAllocationMethod": "Static",
        "privateIPAddress": address,
    }


def card(azure: Any, name: str, *configurations: dict[str, Any], **inputs: Any) -> Any:
    """Create a network interface with these configurations."""
    return azure.in_group(
        "network:NetworkInterface",
        networkInterfaceName=name,
        ipConfigurations=list(configurations),
        **inputs,
    )


def internal_balancer(azure: Any, subnet: Any, **inputs: Any) -> Any:
    """Create the load balancer `balancer` with a front end in a subnet."""
    return ask.load_balancer(azure, {"subnet": ask.ref(subnet)}, **inputs)


def pools_by_address(subnet: Any) -> list[dict[str, Any]]:
    """The pool `pool`, of an address in the network of a subnet."""
    network = {"id": subnet.id.rpartition("/subnets/")[0]}
    addresses = [{"name": "a", "ipAddress": "10.0.1.20", "virtualNetwork": network}]
    return [{"name": "pool", "loadBalancerBackendAddresses": addresses}]


def endpoint_of(
    azure: Any, subnet: Any, target: str, *, manual: bool = False, **inputs: Any
) -> Any:
    """Create the private endpoint `endpoint` of a service, by its id or alias."""
    name = "privateLinkServiceConnections"
    if manual:
        name = "manualPrivateLinkServiceConnections"
    usual = {
        "privateEndpointName": "endpoint",
        "subnet": ask.ref(subnet),
        name: [{"name": "one", "privateLinkServiceId": target}],
    }
    return azure.in_group("network:PrivateEndpoint", **{**usual, **inputs})

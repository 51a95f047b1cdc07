"""Resources of small networks, written as a plan holds them."""

from collections.abc import Mapping, Sequence
from typing import Any

UNKNOWN = {"unknown": True}
GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"

Plain = dict[str, Any]


def resource(
    kind: str, name: str, inputs: Mapping[str, Any], **sources: str | Sequence[str]
) -> Plain:
    """A resource whose inputs come from others, named as ``kind.name`` or by URN."""
    token = kind if ":" in kind else f"azure-native:network:{kind}"
    return {
        "urn": urn(kind, name),
        "type": token,
        "name": name,
        "parent": None,
        "inputs": dict(inputs),
        "propertyDependencies": {
            key: [urns] if isinstance(urns, str) else list(urns)
            for key, urns in sources.items()
        },
    }


def urn(kind: str, name: str) -> str:
    """The URN of a resource here."""
    token = kind if ":" in kind else f"azure-native:network:{kind}"
    return f"urn:pulumi:dev::net::{token}::{name}"


def network(name: str, *prefixes: str, **more: Any) -> Plain:
    """A virtual network."""
    inputs = {
        "virtualNetworkName": name,
        "addressSpace": {"addressPrefixes": list(prefixes)},
        "location": "westeurope",
        **more,
    }
    return resource("VirtualNetwork", name, inputs)


def subnet(
    name: str,
    prefix: str,
    *,
    of: str = "hub",
    group: str | None = None,
    table: str | None = None,
    **more: Any,
) -> Plain:
    """A subnet, with references as a preview has them: not known, but with edges."""
    inputs: Plain = {
        "subnetName": name,
        "virtualNetworkName": of,
        "addressPrefix": prefix,
        "defaultOutboundAccess": False,
        **more,
    }
    sources: dict[str, str] = {}
    if group:
        inputs["networkSecurityGroup"] = {"id": UNKNOWN}
        sources["networkSecurityGroup"] = urn("NetworkSecurityGroup", group)
    if table:
        inputs["routeTable"] = {"id": UNKNOWN}
        sources["routeTable"] = urn("RouteTable", table)
    return resource("Subnet", name, inputs, **sources)


def group(name: str, *rules: Plain) -> Plain:
    """A security group with rules inside."""
    inputs = {"networkSecurityGroupName": name, "securityRules": list(rules)}
    return resource("NetworkSecurityGroup", name, inputs)


def rule(
    priority: int,
    access: str = "Allow",
    *,
    source: Any = "*",
    destination: Any = "*",
    port: Any = "*",
    protocol: str = "Tcp",
    direction: str = "Inbound",
    **more: Any,
) -> Plain:
    """A rule of a security group."""
    return {
        "name": f"rule-{priority}",
        "priority": priority,
        "direction": direction,
        "access": access,
        "protocol": protocol,
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": destination,
        "destinationPortRange": port,
        **more,
    }


def table(name: str, *routes: tuple[str, str, str | None], **more: Any) -> Plain:
    """A route table: prefix, next hop and its address for each route."""
    listed = [
        {
            "name": f"to-{prefix}",
            "addressPrefix": prefix,
            "nextHopType": hop,
            **({"nextHopIpAddress": address} if address else {}),
        }
        for prefix, hop, address in routes
    ]
    return resource(
        "RouteTable", name, {"routeTableName": name, "routes": listed, **more}
    )


def peering(one: str, other: str, **flags: Any) -> Plain:
    """One direction of a peering of two networks of the plan."""
    name = f"{one}-to-{other}"
    inputs = {
        "virtualNetworkPeeringName": name,
        "virtualNetworkName": one,
        "remoteVirtualNetwork": {"id": UNKNOWN},
        **flags,
    }
    return resource(
        "VirtualNetworkPeering",
        name,
        inputs,
        remoteVirtualNetwork=urn("VirtualNetwork", other),
    )


def interface(
    name: str,
    of: str,
    address: str | None = None,
    *,
    public: str | None = None,
    **more: Any,
) -> Plain:
    """A network interface in a subnet."""
    configuration: Plain = {"name": "primary", "subnet": {"id": UNKNOWN}}
    sources = [urn("Subnet", of)]
    if address:
        configuration["privateIPAddress"] = address
    if public:
        configuration["publicIPAddress"] = {"id": UNKNOWN}
        sources.append(urn("PublicIPAddress", public))
    inputs = {
        "networkInterfaceName": name,
        "ipConfigurations": [configuration],
        **more,
    }
    return resource("NetworkInterface", name, inputs, ipConfigurations=sources)


def public_address(name: str, sku: str = "Standard") -> Plain:
    """A public address."""
    inputs = {"publicIpAddressName": name, "sku": {"name": sku}}
    return resource("PublicIPAddress", name, inputs)


def endpoint(name: str, of: str, address: str | None = None) -> Plain:
    """A private endpoint."""
    inputs: Plain = {"privateEndpointName": name, "subnet": {"id": UNKNOWN}}
    if address:
        inputs["ipConfigurations"] = [{"name": "a", "privateIPAddress": address}]
    return resource("PrivateEndpoint", name, inputs, subnet=urn("Subnet", of))


def gateway(
    name: str, of: str, *, clients: Any = None, sites: Mapping[str, Any] | None = None
) -> list[Plain]:
    """A VPN gateway with sites: their ranges, or None where BGP announces them."""
    inputs: Plain = {
        "virtualNetworkGatewayName": name,
        "gatewayType": "Vpn",
        "ipConfigurations": [{"name": "first", "subnet": {"id": UNKNOWN}}],
    }
    if clients is not None:
        pool = {"vpnClientAddressPool": {"addressPrefixes": clients}}
        inputs["vpnClientConfiguration"] = pool
    made = [
        resource(
            "VirtualNetworkGateway", name, inputs, ipConfigurations=urn("Subnet", of)
        )
    ]
    for site, ranges in (sites or {}).items():
        space = {"localNetworkAddressSpace": {"addressPrefixes": ranges}}
        local = {"localNetworkGatewayName": site, **(space if ranges else {})}
        made.append(resource("LocalNetworkGateway", site, local))
        connection = {
            "connectionType": "IPsec",
            "enableBgp": ranges is None,
            "virtualNetworkGateway1": {"id": UNKNOWN},
            "localNetworkGateway2": {"id": UNKNOWN},
        }
        made.append(
            resource(
                "VirtualNetworkGatewayConnection",
                f"{site}-con",
                connection,
                virtualNetworkGateway1=urn("VirtualNetworkGateway", name),
                localNetworkGateway2=urn("LocalNetworkGateway", site),
            )
        )
    return made


def firewall(name: str, of: str, *rules: Plain, action: str = "Allow") -> list[Plain]:
    """A firewall with a policy of one collection."""
    collection = {
        "name": "rules",
        "priority": 100,
        "action": {"type": action},
        "rules": list(rules),
    }
    policy = f"{name}-policy"
    return [
        resource("FirewallPolicy", policy, {"firewallPolicyName": policy}),
        resource(
            "FirewallPolicyRuleCollectionGroup",
            f"{name}-rules",
            {
                "firewallPolicyName": policy,
                "priority": 100,
                "ruleCollections": [collection],
            },
        ),
        resource(
            "AzureFirewall",
            name,
            {
                "azureFirewallName": name,
                "firewallPolicy": {"id": UNKNOWN},
                "ipConfigurations": [{"name": "data", "subnet": {"id": UNKNOWN}}],
            },
            firewallPolicy=urn("FirewallPolicy", policy),
            ipConfigurations=urn("Subnet", of),
        ),
    ]


def network_rule(
    destinations: Sequence[str], ports: Sequence[str], sources: Sequence[str] = ("*",)
) -> Plain:
    """A network rule of a firewall."""
    return {
        "ruleType": "NetworkRule",
        "name": f"to-{destinations[0]}",
        "ipProtocols": ["TCP"],
        "sourceAddresses": list(sources),
        "destinationAddresses": list(destinations),
        "destinationPorts": list(ports),
    }


def host_rule(*hosts: str) -> Plain:
    """An application rule of a firewall, for HTTPS."""
    return {
        "ruleType": "ApplicationRule",
        "name": "hosts",
        "sourceAddresses": ["*"],
        "protocols": [{"protocolType": "Https", "port": 443}],
        "targetFqdns": list(hosts),
    }

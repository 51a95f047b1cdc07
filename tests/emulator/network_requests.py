"""Requests that the tests of network rules share: rules, firewalls, balancers."""

from typing import Any

BASTION_RULES = (
    # (direction, source, destination, ports)
    ("Inbound", "Internet", "*", ["443"]),
    ("Inbound", "GatewayManager", "*", ["443"]),
    ("Inbound", "AzureLoadBalancer", "*", ["443"]),
    ("Inbound", "VirtualNetwork", "VirtualNetwork", ["8080", "5701"]),
    ("Outbound", "*", "VirtualNetwork", ["22", "3389"]),
    ("Outbound", "VirtualNetwork", "VirtualNetwork", ["8080", "5701"]),
    ("Outbound", "*", "AzureCloud", ["443"]),
    ("Outbound", "*", "Internet", ["80", "443"]),
)


def ref(resource: Any) -> dict[str, str]:
    """A resource as others refer to it."""
    return {"id": resource.id}


def rule(name: str, priority: int = 100, **more: Any) -> dict[str, Any]:
    """A security rule that allows everything inbound, changed as told."""
    usual = {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {**usual, **more}


def bastion_rules() -> list[dict[str, Any]]:
    """The eight rules of Bastion's security group, and a deny behind them."""
    needed = [
        rule(
            f"rule{number}",
            100 + number,
            direction=direction,
            sourceAddressPrefix=source,
            destinationAddressPrefix=destination,
            destinationPortRange=None,
            destinationPortRanges=ports,
        )
        for number, (direction, source, destination, ports) in enumerate(BASTION_RULES)
    ]
    denies = [
        rule(f"deny{direction}", 4096, direction=direction, access="Deny")
        for direction in ("Inbound", "Outbound")
    ]
    return needed + denies


def security_group(azure: Any, *rules: dict[str, Any], **inputs: Any) -> Any:
    """Create the security group `nsg` with these rules in its list."""
    named = {"networkSecurityGroupName": "nsg", "securityRules": list(rules)}
    return azure.in_group("network:NetworkSecurityGroup", **{**named, **inputs})


def add_rule(azure: Any, **inputs: Any) -> Any:
    """Create a rule of `nsg` as a resource of its own."""
    named = {"networkSecurityGroupName": "nsg", "securityRuleName": inputs["name"]}
    return azure.create(
        "network:SecurityRule", resourceGroupName="group", **named, **inputs
    )


def application_group(azure: Any, name: str, **inputs: Any) -> Any:
    """Create an application security group."""
    return azure.in_group(
        "network:ApplicationSecurityGroup", applicationSecurityGroupName=name, **inputs
    )


def route_table(azure: Any, *hops: tuple[str, str], **inputs: Any) -> Any:
    """Create the route table `routes` with (prefix, next hop) routes."""
    routes = [
        {"name": f"route{number}", "addressPrefix": prefix, "nextHopType": hop}
        for number, (prefix, hop) in enumerate(hops)
    ]
    named = {"routeTableName": "routes", "routes": routes}
    return azure.in_group("network:RouteTable", **{**named, **inputs})


def firewall_policy(azure: Any, tier: str = "Standard", **inputs: Any) -> Any:
    """Create the firewall policy `policy`."""
    named = {"firewallPolicyName": "policy", "sku": {"tier": tier}}
    return azure.in_group("network:FirewallPolicy", **{**named, **inputs})


def rule_collections(
    azure: Any, *collections: dict[str, Any], priority: int = 200
) -> Any:
    """Create a rule collection group of `policy`."""
    return azure.create(
        "network:FirewallPolicyRuleCollectionGroup",
        resourceGroupName="group",
        firewallPolicyName="policy",
        ruleCollectionGroupName="rules",
        priority=priority,
        ruleCollections=list(collections),
    )


def collection(name: str, priority: int, *rules: dict[str, Any]) -> dict[str, Any]:
    """A rule collection that allows."""
    return {
        "name": name,
        "priority": priority,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": "Allow"},
        "rules": list(rules),
    }


def firewall(azure: Any, subnet: Any, address: Any, **inputs: Any) -> Any:
    """Create the firewall `firewall` of tier Standard in all zones."""
    configuration = {
        "name": "one",
        "subnet": {"id": subnet.id},
        "publicIPAddress": {"id": address.id},
    }
    named = {
        "azureFirewallName": "firewall",
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "ipConfigurations": [configuration],
        "zones": ["1", "2", "3"],
    }
    return azure.in_group("network:AzureFirewall", **{**named, **inputs})


def gateway(azure: Any, subnet: Any) -> Any:
    """Create the VPN gateway `gateway`."""
    return azure.in_group(
        "network:VirtualNetworkGateway",
        virtualNetworkGatewayName="gateway",
        gatewayType="Vpn",
        ipConfigurations=[{"name": "one", "subnet": {"id": subnet.id}}],
    )


def bastion(azure: Any, subnet: Any, address: Any) -> Any:
    """Create the Bastion host `bastion`."""
    configuration = {
        "name": "one",
        "subnet": {"id": subnet.id},
        "publicIPAddress": {"id": address.id},
    }
    return azure.in_group(
        "network:BastionHost",
        bastionHostName="bastion",
        sku={"name": "Basic"},
        ipConfigurations=[configuration],
    )


def nat_gateway(azure: Any, *addresses: Any, **inputs: Any) -> Any:
    """Create the NAT gateway `nat`."""
    named = {
        "natGatewayName": "nat",
        "sku": {"name": "Standard"},
        "publicIpAddresses": [{"id": address.id} for address in addresses],
    }
    return azure.in_group("network:NatGateway", **{**named, **inputs})


def load_balancer(azure: Any, front: dict[str, Any], **inputs: Any) -> Any:
    """Create the Standard load balancer `balancer` with one front end and one pool."""
    named = {
        "loadBalancerName": "balancer",
        "sku": {"name": "Standard"},
        "frontendIPConfigurations": [{"name": "front", **front}],
        "backendAddressPools": [{"name": "pool"}],
    }
    return azure.in_group("network:LoadBalancer", **{**named, **inputs})


def outbound_rule(name: str, protocol: str = "All") -> dict[str, Any]:
    """An outbound rule of `balancer`."""
    return {
        "name": name,
        "protocol": protocol,
        "frontendIPConfigurations": [{"id": "$self/frontendIPConfigurations/front"}],
        "backendAddressPool": {"id": "$self/backendAddressPools/pool"},
    }


def peering(azure: Any, network: str, remote: str, **inputs: Any) -> Any:
    """Create a peering from a network of the group to a network by its id."""
    named = {
        "virtualNetworkName": network,
        "virtualNetworkPeeringName": "to-" + remote.rpartition("/")[2],
        "remoteVirtualNetwork": {"id": remote},
    }
    return azure.create(
        "network:VirtualNetworkPeering",
        resourceGroupName="group",
        **{**named, **inputs},
    )


def two_networks(azure: Any, second: str = "10.1.0.0/16") -> tuple[Any, Any]:
    """Create the networks `net` and `hub`."""
    return azure.network(), azure.network(second, virtualNetworkName="hub")


def resolver_endpoint(azure: Any, subnet: Any, name: str = "in") -> Any:
    """Create an inbound endpoint of the resolver `resolver` of `net`."""
    network_id = subnet.id.rpartition("/subnets/")[0]
    path = f"{network_id.split('/virtualNetworks/')[0]}/dnsResolvers/resolver"
    if azure.provider.store.get(path) is None:
        azure.in_group(
            "dnsresolver:DnsResolver",
            dnsResolverName="resolver",
            virtualNetwork={"id": network_id},
        )
    return azure.in_group(
        "dnsresolver:InboundEndpoint",
        dnsResolverName="resolver",
        inboundEndpointName=name,
        ipConfigurations=[{"subnet": {"id": subnet.id}}],
    )


def resolver_subnet(azure: Any, prefix: str, name: str = "resolver-in") -> Any:
    """Create a subnet that is delegated to the resolver."""
    service = "Microsoft.Network/dnsResolvers"
    delegations = [{"name": "resolver", "serviceName": service}]
    return azure.subnet(name, prefix, delegations=delegations)


def flow_log(azure: Any, name: str, target: Any, region: str, **inputs: Any) -> Any:
    """Create a flow log in the watcher that Azure made for a region."""
    return azure.create(
        "network:FlowLog",
        resourceGroupName="NetworkWatcherRG",
        networkWatcherName=f"NetworkWatcher_{region}",
        flowLogName=name,
        location=region,
        targetResourceId=target.id,
        **inputs,
    )


def lock(azure: Any, scope: str, level: str) -> Any:
    """Create the lock `lock` at a scope."""
    return azure.create(
        "authorization:ManagementLockByScope",
        scope=scope.strip("/"),
        lockName="lock",
        level=level,
    )

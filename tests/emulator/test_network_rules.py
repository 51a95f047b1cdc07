"""What Azure refuses of networks: each rule once broken; and a whole network kept."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
ELSEWHERE = {"location": "northeurope"}
INTERNET = ("0.0.0.0/0", "Internet")
ACCOUNT = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/account1"
ALIAS = "/services/Azure/MachineLearning"
STORAGE_ENDPOINT = [{"service": "Microsoft.Storage"}]


def _ref(resource: Any) -> dict[str, str]:
    return {"id": resource.id}


# Networks and subnets


def _tiny_subnet(azure: Any) -> None:
    azure.network()
    azure.subnet("a", "10.0.0.0/30")


def _ranges_overlap(azure: Any) -> None:
    azure.network("10.0.0.0/16", "10.0.8.0/24")


def _reserved_range(azure: Any) -> None:
    azure.network("169.254.0.0/24")


def _space_shrinks(azure: Any) -> None:
    network = azure.network("10.0.0.0/16", "10.1.0.0/16")
    azure.subnet("a", "10.1.0.0/24")
    azure.update(
        "network:VirtualNetwork",
        network,
        virtualNetworkName="net",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
    )


def _used_subnet_grows(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    azure.card("card", subnet)
    azure.update(
        "network:Subnet",
        subnet,
        virtualNetworkName="net",
        subnetName="a",
        addressPrefix="10.0.0.0/23",
    )


def _used_subnet_grows_in_a_list(azure: Any) -> None:
    network = azure.network(subnets=[{"name": "a", "addressPrefix": "10.0.0.0/24"}])
    azure.card("card", azure.provider.store.get(f"{network.id}/subnets/a"))
    azure.update(
        "network:VirtualNetwork",
        network,
        virtualNetworkName="net",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
        subnets=[{"name": "a", "addressPrefix": "10.0.0.0/23"}],
    )


def _drop_unencrypted(azure: Any) -> None:
    azure.network(encryption={"enabled": True, "enforcement": "DropUnencrypted"})


def _no_ddos_plan(azure: Any) -> None:
    plan = f"{GROUP_ID}/providers/Microsoft.Network/ddosProtectionPlans/none"
    azure.network(ddosProtectionPlan={"id": plan})


def _group_of_another_region(azure: Any) -> None:
    azure.network()
    group = ask.security_group(azure, **ELSEWHERE)
    azure.subnet("a", "10.0.0.0/24", networkSecurityGroup=_ref(group))


# Subnets with fixed names


def _security_group_at(name: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        group = ask.security_group(azure)
        azure.subnet(name, "10.0.0.0/26", networkSecurityGroup=_ref(group))

    act.__name__ = f"_security_group_at_{name}"
    return act


def _default_route_at_gateway(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, INTERNET)
    azure.subnet("GatewaySubnet", "10.0.0.0/27", routeTable=_ref(table))


def _default_route_comes_to_gateway(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, ("10.9.0.0/16", "VnetLocal"))
    azure.subnet("GatewaySubnet", "10.0.0.0/27", routeTable=_ref(table))
    azure.create(
        "network:Route",
        resourceGroupName="group",
        routeTableName="routes",
        routeName="default",
        addressPrefix="0.0.0.0/0",
        nextHopType="Internet",
    )


def _routes_at_bastion(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure)
    azure.subnet("AzureBastionSubnet", "10.0.0.0/26", routeTable=_ref(table))


def _firewall_routes_without_internet(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, ("10.9.0.0/16", "VnetLocal"))
    azure.subnet("AzureFirewallSubnet", "10.0.0.0/26", routeTable=_ref(table))


def _nat_at_gateway(azure: Any) -> None:
    azure.network()
    nat = ask.nat_gateway(azure, azure.address())
    azure.subnet("GatewaySubnet", "10.0.0.0/27", natGateway=_ref(nat))


def _small_bastion(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("AzureBastionSubnet", "10.0.0.0/27")
    ask.bastion(azure, subnet, azure.address())


def _bastion_elsewhere(azure: Any) -> None:
    azure.network()
    ask.bastion(azure, azure.subnet("bastion", "10.0.0.0/26"), azure.address())


def _gateway_elsewhere(azure: Any) -> None:
    azure.network()
    ask.gateway(azure, azure.subnet("gateway", "10.0.0.0/27"))


def _small_firewall(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/27")
    ask.firewall(azure, subnet, azure.address())


def _small_firewall_management(azure: Any) -> None:
    azure.network()
    management = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/27")
    configuration = {
        "name": "management",
        "subnet": _ref(management),
        "publicIPAddress": _ref(azure.address("management")),
    }
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    ask.firewall(
        azure, subnet, azure.address(), managementIpConfiguration=configuration
    )


def _without_bastion_rule(position: int) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        rules = ask.bastion_rules()
        del rules[position]
        group = ask.security_group(azure, *rules)
        subnet = ("AzureBastionSubnet", "10.0.0.0/26")
        azure.subnet(*subnet, networkSecurityGroup=_ref(group))

    act.__name__ = f"_without_bastion_rule_{position}"
    return act


def _bastion_group(azure: Any) -> Any:
    azure.network()
    group = ask.security_group(azure, *ask.bastion_rules())
    subnet = ("AzureBastionSubnet", "10.0.0.0/26")
    azure.subnet(*subnet, networkSecurityGroup=_ref(group))
    return group


def _bastion_rule_goes_from_list(azure: Any) -> None:
    group = _bastion_group(azure)
    azure.update(
        "network:NetworkSecurityGroup",
        group,
        networkSecurityGroupName="nsg",
        securityRules=ask.bastion_rules()[1:],
    )


def _bastion_rule_is_deleted(azure: Any) -> None:
    group = _bastion_group(azure)
    azure.provider.delete(
        "azure-native:network:SecurityRule", f"{group.id}/securityRules/rule3"
    )


def _deny_ahead_of_bastion_rules(azure: Any) -> None:
    azure.network()
    rules = [
        {**found, "priority": found["priority"] + 10}
        for found in ask.bastion_rules()
        if found["priority"] < 4000
    ]
    group = ask.security_group(azure, ask.rule("deny", 100, access="Deny"), *rules)
    subnet = ("AzureBastionSubnet", "10.0.0.0/26")
    azure.subnet(*subnet, networkSecurityGroup=_ref(group))


# Security rules and application security groups


def _one_rule(**more: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        ask.security_group(azure, ask.rule("a", **more))

    act.__name__ = "_one_rule_" + "_".join(more)
    return act


def _same_priority_in_list(azure: Any) -> None:
    ask.security_group(azure, ask.rule("a"), ask.rule("b"))


def _same_priority_alone(azure: Any) -> None:
    ask.security_group(azure, ask.rule("a"))
    ask.add_rule(azure, **ask.rule("b"))


def _too_many_rules(azure: Any) -> None:
    ask.security_group(azure, *(ask.rule(f"r{n}", 100 + n) for n in range(1001)))


def _rule_of_two_networks(azure: Any) -> None:
    azure.network()
    azure.network("10.1.0.0/16", virtualNetworkName="hub")
    groups = [ask.application_group(azure, name) for name in ("a", "b")]
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), groups[0])
    there = azure.subnet("x", "10.1.0.0/24", virtualNetworkName="hub")
    azure.card("two", there, groups[1])
    sides = {
        "sourceAddressPrefix": None,
        "destinationAddressPrefix": None,
        "sourceApplicationSecurityGroups": [_ref(groups[0])],
        "destinationApplicationSecurityGroups": [_ref(groups[1])],
    }
    ask.security_group(azure, ask.rule("a", **sides))


def _group_in_two_networks(azure: Any) -> None:
    azure.network()
    azure.network("10.1.0.0/16", virtualNetworkName="hub")
    group = ask.application_group(azure, "a")
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)
    there = azure.subnet("x", "10.1.0.0/24", virtualNetworkName="hub")
    azure.card("two", there, group)


def _rule_with_group_far_away(azure: Any) -> None:
    group = ask.application_group(azure, "a", **ELSEWHERE)
    sides = {
        "sourceAddressPrefix": None,
        "sourceApplicationSecurityGroups": [_ref(group)],
    }
    ask.security_group(azure, ask.rule("a", **sides))


def _card_with_group_far_away(azure: Any) -> None:
    azure.network()
    group = ask.application_group(azure, "a", **ELSEWHERE)
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)


def _too_many_groups(azure: Any) -> None:
    groups = [ask.application_group(azure, f"a{n}") for n in range(11)]
    sides = {
        "sourceAddressPrefix": None,
        "sourceApplicationSecurityGroups": [_ref(group) for group in groups],
    }
    ask.security_group(azure, ask.rule("a", **sides))


# Egress


def _basic_address(azure: Any) -> None:
    azure.address(sku={"name": "Basic"})


def _dynamic_standard_address(azure: Any) -> None:
    azure.address(publicIPAllocationMethod="Dynamic")


def _nat_in_two_zones(azure: Any) -> None:
    ask.nat_gateway(azure, zones=["1", "2"])


def _nat_with_basic_address(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(sku=None, zones=None))


def _nat_address_in_another_zone(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(zones=["2"]), zones=["1"])


def _nat_address_in_no_zone(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(zones=None), zones=["1"])


def _nat_for_two_networks(azure: Any) -> None:
    ask.two_networks(azure)
    nat = ask.nat_gateway(azure, azure.address())
    azure.subnet("a", "10.0.0.0/24", natGateway=_ref(nat))
    azure.subnet("a", "10.1.0.0/24", virtualNetworkName="hub", natGateway=_ref(nat))


def _basic_balancer(azure: Any) -> None:
    address = {"publicIPAddress": _ref(azure.address())}
    ask.load_balancer(azure, address, sku={"name": "Basic"})


def _balancer_with_basic_address(azure: Any) -> None:
    ask.load_balancer(azure, {"publicIPAddress": _ref(azure.address(sku=None))})


def _outbound_from_private_front(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    rules = [ask.outbound_rule("out")]
    ask.load_balancer(azure, {"subnet": _ref(subnet)}, outboundRules=rules)


def _public_balancer(azure: Any, **inputs: Any) -> Any:
    return ask.load_balancer(
        azure, {"publicIPAddress": _ref(azure.address())}, **inputs
    )


def _two_outbound_rules(azure: Any) -> None:
    rules = [ask.outbound_rule("one", "All"), ask.outbound_rule("two", "Tcp")]
    _public_balancer(azure, outboundRules=rules)


def _inbound_rule(**more: Any) -> dict[str, Any]:
    return {
        "name": "in",
        "protocol": "Tcp",
        "frontendPort": 443,
        "backendPort": 443,
        "frontendIPConfiguration": {"id": "$self/frontendIPConfigurations/front"},
        "backendAddressPool": {"id": "$self/backendAddressPools/pool"},
        **more,
    }


def _snat_twice(azure: Any) -> None:
    _public_balancer(
        azure,
        outboundRules=[ask.outbound_rule("out")],
        loadBalancingRules=[_inbound_rule()],
    )


def _no_such_probe(azure: Any) -> None:
    probe = {"id": "$self/probes/none"}
    _public_balancer(azure, loadBalancingRules=[_inbound_rule(probe=probe)])


def _firewall(azure: Any, **inputs: Any) -> Any:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    return ask.firewall(azure, subnet, azure.address(), **inputs)


def _firewall_elsewhere(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("firewall", "10.0.0.0/26")
    ask.firewall(azure, subnet, azure.address())


def _basic_firewall_without_management(azure: Any) -> None:
    _firewall(azure, sku={"name": "AZFW_VNet", "tier": "Basic"})


def _management_without_address(azure: Any) -> None:
    azure.network()
    management = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/26")
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    configuration = {"name": "m", "subnet": _ref(management)}
    address = azure.address()
    ask.firewall(azure, subnet, address, managementIpConfiguration=configuration)


def _policy_of_another_tier(policy: str, tier: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        found = ask.firewall_policy(azure, policy)
        sku = {"name": "AZFW_VNet", "tier": tier}
        _firewall(azure, firewallPolicy=_ref(found), sku=sku)

    act.__name__ = f"_policy_{policy}_on_{tier}"
    return act


def _firewall_address(**address: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
        ask.firewall(azure, subnet, azure.address(**address))

    act.__name__ = "_firewall_address_" + "_".join(address)
    return act


def _policy(tier: str, **inputs: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        ask.firewall_policy(azure, tier, **inputs)

    act.__name__ = f"_policy_{tier}_" + "_".join(inputs)
    return act


def _collections_of_one_priority(azure: Any) -> None:
    ask.firewall_policy(azure)
    ask.rule_collections(
        azure, ask.collection("a", 100), ask.collection("b", 100), priority=200
    )


def _collection_group_priority(azure: Any) -> None:
    ask.firewall_policy(azure)
    ask.rule_collections(azure, priority=99)


def _host_name_without_proxy(azure: Any) -> None:
    ask.firewall_policy(azure)
    by_name = {
        "ruleType": "NetworkRule",
        "name": "time",
        "destinationFqdns": ["time.contoso.com"],
    }
    ask.rule_collections(azure, ask.collection("a", 100, by_name))


def _inspection_without_premium(azure: Any) -> None:
    ask.firewall_policy(azure)
    inspected = {"ruleType": "ApplicationRule", "name": "a", "terminateTLS": True}
    ask.rule_collections(azure, ask.collection("a", 100, inspected))


# Joining other networks


def _overlapping_peers(azure: Any) -> None:
    _, hub = ask.two_networks(azure, "10.0.128.0/17")
    ask.peering(azure, "net", hub.id)


def _peer_overlaps_neighbour(azure: Any) -> None:
    _, hub = ask.two_networks(azure)
    third = azure.network("10.1.0.0/24", virtualNetworkName="third")
    ask.peering(azure, "net", hub.id)
    ask.peering(azure, "net", third.id)


def _peered_twice(azure: Any) -> None:
    _, hub = ask.two_networks(azure)
    ask.peering(azure, "net", hub.id)
    ask.peering(azure, "net", hub.id, virtualNetworkPeeringName="again")


def _peered_space_grows(azure: Any) -> None:
    network, hub = ask.two_networks(azure)
    ask.peering(azure, "net", hub.id)
    azure.update(
        "network:VirtualNetwork",
        network,
        virtualNetworkName="net",
        addressSpace={"addressPrefixes": ["10.0.0.0/15"]},
    )


def _remote_has_no_gateway(azure: Any) -> None:
    _, hub = ask.two_networks(azure)
    ask.peering(azure, "net", hub.id, useRemoteGateways=True)


def _hub_with_gateway(azure: Any, network: str = "hub") -> tuple[Any, Any]:
    net, hub = ask.two_networks(azure)
    prefix = "10.1.0.0/27" if network == "hub" else "10.0.0.0/27"
    subnet = azure.subnet("GatewaySubnet", prefix, virtualNetworkName=network)
    ask.gateway(azure, subnet)
    return net, hub


def _both_gateway_flags(azure: Any) -> None:
    _, hub = _hub_with_gateway(azure)
    flags = {"useRemoteGateways": True, "allowGatewayTransit": True}
    ask.peering(azure, "net", hub.id, **flags)


def _gateway_of_its_own(azure: Any) -> None:
    _, hub = _hub_with_gateway(azure, "net")
    ask.peering(azure, "net", hub.id, useRemoteGateways=True)


def _transit_not_allowed(azure: Any) -> None:
    net, hub = _hub_with_gateway(azure)
    ask.peering(azure, "hub", net.id)
    ask.peering(azure, "net", hub.id, useRemoteGateways=True)


def _other_side_is_disconnected(azure: Any) -> None:
    net, hub = ask.two_networks(azure)
    one = ask.peering(azure, "net", hub.id)
    ask.peering(azure, "hub", net.id)
    azure.delete("network:VirtualNetworkPeering", one)
    ask.peering(azure, "net", hub.id)


def _resolver_subnet(prefix: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        ask.resolver_endpoint(azure, ask.resolver_subnet(azure, prefix))

    act.__name__ = f"_resolver_subnet_{prefix}"
    return act


def _resolver_not_delegated(azure: Any) -> None:
    azure.network()
    ask.resolver_endpoint(azure, azure.subnet("a", "10.0.0.0/28"))


def _two_endpoints_in_a_subnet(azure: Any) -> None:
    azure.network()
    subnet = ask.resolver_subnet(azure, "10.0.0.0/28")
    ask.resolver_endpoint(azure, subnet)
    ask.resolver_endpoint(azure, subnet, "again")


def _card_beside_the_resolver(azure: Any) -> None:
    azure.network()
    azure.card("card", ask.resolver_subnet(azure, "10.0.0.0/28"))


def _registering_privatelink(azure: Any) -> None:
    network = azure.network()
    zone = {"privateZoneName": "privatelink.azurecr.io", "location": "global"}
    azure.in_group("privatedns:PrivateZone", **zone)
    azure.in_group(
        "privatedns:VirtualNetworkLink",
        **zone,
        virtualNetworkLinkName="link",
        virtualNetwork=_ref(network),
        registrationEnabled=True,
    )


def _registering_twice(azure: Any) -> None:
    network = azure.network()
    for name in ("one.contoso.com", "two.contoso.com"):
        zone = {"privateZoneName": name, "location": "global"}
        azure.in_group("privatedns:PrivateZone", **zone)
        azure.in_group(
            "privatedns:VirtualNetworkLink",
            **zone,
            virtualNetworkLinkName="link",
            virtualNetwork=_ref(network),
            registrationEnabled=True,
        )


def _endpoint_policy(azure: Any, *definitions: tuple[str, str], **inputs: Any) -> Any:
    return azure.in_group(
        "network:ServiceEndpointPolicy",
        **{
            "serviceEndpointPolicyName": "policy",
            "serviceEndpointPolicyDefinitions": [
                {"name": f"d{n}", "service": service, "serviceResources": [resource]}
                for n, (service, resource) in enumerate(definitions)
            ],
            **inputs,
        },
    )


def _policy_for_another_service(azure: Any) -> None:
    azure.in_group("storage:StorageAccount", accountName="account1")
    _endpoint_policy(azure, ("Microsoft.KeyVault", ACCOUNT))


def _alias_as_storage(azure: Any) -> None:
    _endpoint_policy(azure, ("Microsoft.Storage", ALIAS))


def _policy_without_endpoint(azure: Any) -> None:
    azure.network()
    policy = _endpoint_policy(azure, ("Global", ALIAS))
    azure.subnet("a", "10.0.0.0/24", serviceEndpointPolicies=[_ref(policy)])


def _policy_of_another_region(azure: Any) -> None:
    azure.network()
    policy = _endpoint_policy(azure, ("Global", ALIAS), **ELSEWHERE)
    azure.subnet(
        "a",
        "10.0.0.0/24",
        serviceEndpoints=STORAGE_ENDPOINT,
        serviceEndpointPolicies=[_ref(policy)],
    )


def _flow_log_twice(azure: Any) -> None:
    network = azure.network()
    ask.flow_log(azure, "one", network, "westeurope")
    ask.flow_log(azure, "two", network, "westeurope")


def _flow_log_without_watcher(azure: Any) -> None:
    ask.flow_log(azure, "one", azure.network(), "northeurope")


def _flow_log_before_any_network(azure: Any) -> None:
    ask.flow_log(azure, "one", ask.security_group(azure), "westeurope")


def _flow_log_stored_far_away(azure: Any) -> None:
    network = azure.network()
    account = azure.in_group(
        "storage:StorageAccount", accountName="account1", **ELSEWHERE
    )
    ask.flow_log(azure, "one", network, "westeurope", storageId=account.id)


def _analytics_said_to_be_elsewhere(azure: Any) -> None:
    network = azure.network()
    workspace = azure.in_group("operationalinsights:Workspace", workspaceName="logs")
    analytics = {
        "enabled": True,
        "workspaceResourceId": workspace.id,
        "workspaceRegion": "northeurope",
    }
    ask.flow_log(
        azure,
        "one",
        network,
        "westeurope",
        flowAnalyticsConfiguration={
            "networkWatcherFlowAnalyticsConfiguration": analytics
        },
    )


# Deletions


def _deleted_while_used(
    token: str, make: Callable[[Any], tuple[Any, dict[str, Any]]]
) -> Callable[[Any], None]:
    """A part that a subnet names is deleted before the subnet."""

    def act(azure: Any) -> None:
        azure.network()
        part, attachment = make(azure)
        azure.subnet("a", "10.0.0.0/24", **attachment)
        azure.delete(token, part)

    act.__name__ = f"_deleted_while_used_{token.partition(':')[2]}"
    return act


def _used_endpoint_policy(azure: Any) -> tuple[Any, dict[str, Any]]:
    policy = _endpoint_policy(azure, ("Global", ALIAS))
    attachment = {
        "serviceEndpoints": STORAGE_ENDPOINT,
        "serviceEndpointPolicies": [_ref(policy)],
    }
    return policy, attachment


def _used_nat_gateway(azure: Any) -> tuple[Any, dict[str, Any]]:
    nat = ask.nat_gateway(azure, azure.address())
    return nat, {"natGateway": _ref(nat)}


def _used_application_group(azure: Any) -> None:
    azure.network()
    group = ask.application_group(azure, "a")
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)
    azure.delete("network:ApplicationSecurityGroup", group)


def _used_ddos_plan(azure: Any) -> None:
    plan = azure.in_group("network:DdosProtectionPlan", ddosProtectionPlanName="plan")
    azure.network(ddosProtectionPlan=_ref(plan))
    azure.delete("network:DdosProtectionPlan", plan)


def _used_firewall_address(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    address = azure.address()
    ask.firewall(azure, subnet, address)
    azure.delete("network:PublicIPAddress", address)


def _used_firewall_policy(azure: Any) -> None:
    policy = ask.firewall_policy(azure)
    _firewall(azure, firewallPolicy=_ref(policy))
    azure.delete("network:FirewallPolicy", policy)


def _resolver_with_endpoint(azure: Any) -> None:
    azure.network()
    endpoint = ask.resolver_endpoint(azure, ask.resolver_subnet(azure, "10.0.0.0/28"))
    resolver = endpoint.id.rpartition("/inboundEndpoints/")[0]
    azure.provider.delete("azure-native:dnsresolver:DnsResolver", resolver)


def _locked(level: str, deletes: bool) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        network = azure.network()
        ask.lock(azure, GROUP_ID, level)
        if deletes:
            azure.delete("network:VirtualNetwork", network)
        else:
            azure.subnet("a", "10.0.0.0/24")

    act.__name__ = f"_locked_{level}_{'delete' if deletes else 'write'}"
    return act


def _group_with_something_locked(azure: Any) -> None:
    ask.lock(azure, azure.network().id, "CanNotDelete")
    azure.provider.delete("azure-native:resources:ResourceGroup", GROUP_ID)


HIGHER_TIER = "FirewallPolicyHigherTierOnlyProperties"
NOT_COMPLIANT = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
UNSUPPORTED = "SecurityRuleParameterContainsUnsupportedValue"
INVALID_PREFIX = "SecurityRuleInvalidAddressPrefix"
FIREWALL = "AzureFirewallInvalidRequest"
MANAGEMENT = "AzureFirewallManagementIpConfigRequiresSubnetAndPublicIp"
ZONES = "AzureFirewallZoneConstraintDoesNotMatchPublicIpAddressZoneConstraint"
SNAT = (
    "LoadBalancingRuleMustDisableSNATSinceSameFrontendIPConfigurationIsReferenced"
    "ByOutboundRule"
)
ONE_OUTBOUND = (
    "MoreThanOneOutboundRuleUsingSameFrontendIPConfigurationAndProtocolIsNotSupported"
)
NAT_ZONE = "PublicIPOrPrefixAndStandardSkuNatGatewayZoneDoNotMatch"
ASG_LIMIT = "NumberOfApplicationSecurityGroupsReferencedInSecurityRuleLimitReached"
CASES: list[tuple[str, Callable[[Any], None]]] = [
    ("NetcfgInvalidSubnet", _tiny_subnet),
    ("NetcfgInvalidVirtualNetworkSite", _ranges_overlap),
    ("NetcfgInvalidIPAddressPrefix", _reserved_range),
    ("NetcfgInvalidSubnet", _space_shrinks),
    ("InUseSubnetCannotBeUpdated", _used_subnet_grows),
    ("InUseSubnetCannotBeUpdated", _used_subnet_grows_in_a_list),
    ("SubscriptionNotRegisteredForFeature", _drop_unencrypted),
    ("InvalidResourceReference", _no_ddos_plan),
    ("InvalidResourceReference", _group_of_another_region),
    (
        "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
        _security_group_at("GatewaySubnet"),
    ),
    *(
        (
            "NetworkSecurityGroupCannotBeAttachedToAzureFirewallSubnet",
            _security_group_at(name),
        )
        for name in ("AzureFirewallSubnet", "AzureFirewallManagementSubnet")
    ),
    ("GatewaySubnetRouteTableCannotHaveDefaultRoute", _default_route_at_gateway),
    ("GatewaySubnetRouteTableCannotHaveDefaultRoute", _default_route_comes_to_gateway),
    ("RouteTableCannotBeAttachedForAzureBastionSubnet", _routes_at_bastion),
    (
        "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
        _firewall_routes_without_internet,
    ),
    ("NatGatewayCannotBeAttachedToGatewaySubnet", _nat_at_gateway),
    ("BadRequest", _small_bastion),
    ("BadRequest", _bastion_elsewhere),
    ("BadRequest", _gateway_elsewhere),
    (FIREWALL, _small_firewall),
    (FIREWALL, _small_firewall_management),
    (FIREWALL, _firewall_elsewhere),
    *((NOT_COMPLIANT, _without_bastion_rule(n)) for n in range(8)),
    (NOT_COMPLIANT, _bastion_rule_goes_from_list),
    (NOT_COMPLIANT, _bastion_rule_is_deleted),
    (NOT_COMPLIANT, _deny_ahead_of_bastion_rules),
    ("SecurityRuleInvalidPriority", _one_rule(priority=99)),
    ("SecurityRuleInvalidPriority", _one_rule(priority=4097)),
    ("SecurityRuleDescriptionTooLong", _one_rule(description="x" * 141)),
    (
        UNSUPPORTED,
        _one_rule(sourceAddressPrefix=None, sourceAddressPrefixes=["VirtualNetwork"]),
    ),
    (
        UNSUPPORTED,
        _one_rule(
            destinationAddressPrefix=None,
            destinationAddressPrefixes=["10.0.0.0/8", "*"],
        ),
    ),
    (
        "SecurityRuleParameterCannotHaveBothSingularAndPluralValues",
        _one_rule(sourceAddressPrefixes=["10.0.0.0/8"]),
    ),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="Storage West Europe")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="10.0.0.0/8,10.1.0.0/16")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="20.20.20.20/16")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="Any")),
    ("SecurityRuleConflict", _same_priority_in_list),
    ("SecurityRuleConflict", _same_priority_alone),
    ("SecurityRulesPerNetworkSecurityGroupLimitReached", _too_many_rules),
    (
        "AllApplicationSecurityGroupsInSecurityRuleMustBeFromSameVnet",
        _rule_of_two_networks,
    ),
    (
        "ApplicationSecurityGroupMustHaveAllIpConfigurationsInSameVnet",
        _group_in_two_networks,
    ),
    ("InvalidResourceReference", _rule_with_group_far_away),
    ("InvalidResourceReference", _card_with_group_far_away),
    (ASG_LIMIT, _too_many_groups),
    ("IPv4BasicSkuPublicIpCountLimitReached", _basic_address),
    ("StandardSkuPublicIPAddressesMustBeStatic", _dynamic_standard_address),
    ("NatGatewayWithMultipleZonesNotSupported", _nat_in_two_zones),
    ("NatGatewayCannotReferenceBasicSkuPublicIp", _nat_with_basic_address),
    (NAT_ZONE, _nat_address_in_another_zone),
    (NAT_ZONE, _nat_address_in_no_zone),
    (
        "NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks",
        _nat_for_two_networks,
    ),
    ("BasicSkuLoadBalancerNotSupported", _basic_balancer),
    ("PublicIPAndLBSkuDoNotMatch", _balancer_with_basic_address),
    ("InternalLoadBalancerCannotHaveOutboundRules", _outbound_from_private_front),
    (ONE_OUTBOUND, _two_outbound_rules),
    (SNAT, _snat_twice),
    ("InvalidResourceReference", _no_such_probe),
    (MANAGEMENT, _basic_firewall_without_management),
    (MANAGEMENT, _management_without_address),
    (FIREWALL, _policy_of_another_tier("Premium", "Standard")),
    (FIREWALL, _policy_of_another_tier("Basic", "Standard")),
    (FIREWALL, _policy_of_another_tier("Basic", "Premium")),
    (FIREWALL, _firewall_address(sku=None)),
    ("ZonalAzureFirewallCannotReferenceNoZonePublicIp", _firewall_address(zones=None)),
    (ZONES, _firewall_address(zones=["1"])),
    (HIGHER_TIER, _policy("Basic", dnsSettings={"enableProxy": True})),
    (HIGHER_TIER, _policy("Basic", dnsSettings={"servers": ["10.0.0.4"]})),
    (HIGHER_TIER, _policy("Basic", threatIntelMode="Deny")),
    (HIGHER_TIER, _policy("Standard", intrusionDetection={"mode": "Alert"})),
    (HIGHER_TIER, _policy("Standard", transportSecurity={"certificateAuthority": {}})),
    (
        "FirewallPolicyRuleCollectionGroupRuleCollectionPrioritiesMustBeUnique",
        _collections_of_one_priority,
    ),
    (
        "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
        _collection_group_priority,
    ),
    ("FirewallPolicyDNSProxyMustBeEnabled", _host_name_without_proxy),
    (HIGHER_TIER, _inspection_without_premium),
    ("VnetAddressSpacesOverlap", _overlapping_peers),
    ("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", _peer_overlaps_neighbour),
    ("AnotherPeeringAlreadyReferencesRemoteVnet", _peered_twice),
    ("VnetAddressSpacesOverlap", _peered_space_grows),
    ("RemoteVnetHasNoGateways", _remote_has_no_gateway),
    (
        "PeeringCannotHaveBothAllowGatewayTransitAndUseRemoteGateways",
        _both_gateway_flags,
    ),
    ("VnetHasGatewaysAndUsesRemoteGateways", _gateway_of_its_own),
    ("RemotePeeringDoesNotAllowGatewayTransit", _transit_not_allowed),
    ("RemotePeeringIsDisconnected", _other_side_is_disconnected),
    ("BadRequest", _resolver_subnet("10.0.0.0/29")),
    ("BadRequest", _resolver_subnet("10.0.0.0/23")),
    ("BadRequest", _resolver_not_delegated),
    ("BadRequest", _two_endpoints_in_a_subnet),
    ("ResourceNotPermittedOnDelegatedSubnet", _card_beside_the_resolver),
    ("BadRequest", _registering_privatelink),
    ("Conflict", _registering_twice),
    (
        "ServiceEndpointPolicyDefinitionHasInvalidServiceName",
        _policy_for_another_service,
    ),
    ("ServiceEndpointPolicyDefinitionHasInvalidServiceResources", _alias_as_storage),
    (
        "SubnetWithServiceEndpointPolicyMustHaveServiceEndpoint",
        _policy_without_endpoint,
    ),
    ("InvalidResourceReference", _policy_of_another_region),
    ("FlowLogAlreadyExistsForTargetResource", _flow_log_twice),
    ("ParentResourceNotFound", _flow_log_without_watcher),
    ("ResourceGroupNotFound", _flow_log_before_any_network),
    ("FlowLogResourcesMustBeInSameRegion", _flow_log_stored_far_away),
    ("InvalidTAWorkspaceRegion", _analytics_said_to_be_elsewhere),
    ("InUseApplicationSecurityGroupCannotBeDeleted", _used_application_group),
    (
        "ServiceEndpointPolicyCannotBeDeletedIfReferencedBySubnet",
        _deleted_while_used("network:ServiceEndpointPolicy", _used_endpoint_policy),
    ),
    (
        "InUseNatGatewayCannotBeDeleted",
        _deleted_while_used("network:NatGateway", _used_nat_gateway),
    ),
    ("InUseDdosProtectionPlanCannotBeDeleted", _used_ddos_plan),
    ("PublicIPAddressCannotBeDeleted", _used_firewall_address),
    ("FirewallPolicyDeleteNotAllowed", _used_firewall_policy),
    ("CannotDeleteResource", _resolver_with_endpoint),
    ("ScopeLocked", _locked("CanNotDelete", deletes=True)),
    ("ScopeLocked", _locked("ReadOnly", deletes=True)),
    ("ScopeLocked", _locked("ReadOnly", deletes=False)),
    ("ScopeLocked", _group_with_something_locked),
]


@pytest.mark.parametrize(
    ("code", "act"), CASES, ids=[f"{code}-{act.__name__}" for code, act in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code, and a refused request leaves nothing behind."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def test_a_whole_network_is_accepted(azure: Any) -> None:
    """What keeps all the rules passes: hub and spoke with everything in them."""
    net, hub = ask.two_networks(azure)
    azure.in_group("storage:StorageAccount", accountName="account1")
    bastion_group = ask.security_group(azure, *ask.bastion_rules())
    routes = ask.route_table(azure, INTERNET)
    nat = ask.nat_gateway(azure, azure.address("nat"), zones=["1"])
    policy = _endpoint_policy(azure, ("Microsoft.Storage", ACCOUNT), ("Global", ALIAS))

    def in_hub(name: str, prefix: str, **more: Any) -> Any:
        return azure.subnet(name, prefix, virtualNetworkName="hub", **more)

    ask.gateway(azure, in_hub("GatewaySubnet", "10.1.0.0/29"))
    home = in_hub("AzureFirewallSubnet", "10.1.1.0/26", routeTable=_ref(routes))
    management = in_hub("AzureFirewallManagementSubnet", "10.1.2.0/26")
    rules = ask.firewall_policy(azure, dnsSettings={"enableProxy": True})
    by_name = {"ruleType": "NetworkRule", "name": "a", "destinationFqdns": ["b.com"]}
    ask.rule_collections(
        azure, ask.collection("a", 100, by_name), ask.collection("b", 200)
    )
    firewall = ask.firewall(
        azure,
        home,
        azure.address("firewall"),
        firewallPolicy=_ref(rules),
        managementIpConfiguration={
            "name": "management",
            "subnet": _ref(management),
            "publicIPAddress": _ref(azure.address("management")),
        },
    )
    assert firewall.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.1.1.4"
    bastion_subnet = azure.subnet(
        "AzureBastionSubnet", "10.0.1.0/26", networkSecurityGroup=_ref(bastion_group)
    )
    ask.bastion(azure, bastion_subnet, azure.address("bastion"))
    ask.peering(azure, "hub", net.id, allowGatewayTransit=True)
    ask.peering(azure, "net", hub.id, useRemoteGateways=True)
    ask.resolver_endpoint(azure, ask.resolver_subnet(azure, "10.0.2.0/28"))
    azure.subnet(
        "training",
        "10.0.3.0/24",
        natGateway=_ref(nat),
        serviceEndpoints=STORAGE_ENDPOINT,
        serviceEndpointPolicies=[_ref(policy)],
    )
    log = ask.flow_log(azure, "log", net, "westeurope")
    found = ask.lock(azure, GROUP_ID, "CanNotDelete")
    azure.delete("network:FlowLog", log)
    azure.delete("authorization:ManagementLockByScope", found)
    azure.delete("network:AzureFirewall", firewall)


def test_security_groups_may_be_narrow(azure: Any) -> None:
    """Tags with a region, spans, several ranges and groups of one network pass."""
    azure.network()
    groups = [ask.application_group(azure, name) for name in ("a", "b")]
    subnet = azure.subnet("x", "10.0.0.0/24")
    for number, group in enumerate(groups):
        azure.card(f"card{number}", subnet, group)
    several = {
        "sourceAddressPrefix": None,
        "sourceAddressPrefixes": ["10.0.0.0/8", "10.9.0.1-10.9.0.9"],
        "destinationAddressPrefix": "Storage.WestEurope",
    }
    by_group = {
        "sourceAddressPrefix": None,
        "destinationAddressPrefix": None,
        "sourceApplicationSecurityGroups": [_ref(groups[0])],
        "destinationApplicationSecurityGroups": [_ref(groups[1])],
    }
    ask.security_group(
        azure,
        ask.rule("several", 100, **several),
        ask.rule("groups", 101, **by_group),
        ask.rule("out", 100, direction="Outbound"),
    )
    ask.add_rule(azure, **ask.rule("alone", 4096))


def test_rules_may_trade_priorities_in_a_list(azure: Any) -> None:
    """A list is judged as a whole: no rule against what another one was before."""
    group = ask.security_group(azure, ask.rule("a", 100), ask.rule("b", 200))
    azure.update(
        "network:NetworkSecurityGroup",
        group,
        networkSecurityGroupName="nsg",
        securityRules=[ask.rule("a", 200), ask.rule("b", 100)],
    )


def _state(azure: Any, peering: Any) -> str:
    found = azure.provider.store.get(peering.id)
    return str(found.body["peeringState"]) if found else ""


def test_peering_states(azure: Any) -> None:
    """A side waits for the other, both are connected, and one is left alone."""
    net, hub = ask.two_networks(azure)
    one = ask.peering(azure, "net", hub.id)
    assert one.outputs["peeringState"] == "Initiated"
    other = ask.peering(azure, "hub", net.id)
    assert other.outputs["peeringState"] == "Connected"
    assert other.outputs["peeringSyncLevel"] == "FullyInSync"
    assert other.outputs["remoteAddressSpace"] == {"addressPrefixes": ["10.0.0.0/16"]}
    assert _state(azure, one) == "Connected"
    azure.delete("network:VirtualNetwork", net)
    assert _state(azure, other) == "Disconnected"


def test_peering_with_a_network_of_others(azure: Any) -> None:
    """A network in another subscription is not here: the peering waits for it."""
    azure.network()
    remote = "/subscriptions/1/resourceGroups/hub/providers/Microsoft.Network"
    found = ask.peering(azure, "net", f"{remote}/virtualNetworks/hub")
    assert found.outputs["peeringState"] == "Initiated"


def test_a_peering_is_made_anew_after_both_sides_went(azure: Any) -> None:
    """When the side that was left alone is written again, both connect."""
    net, hub = ask.two_networks(azure)
    one = ask.peering(azure, "net", hub.id)
    other = ask.peering(azure, "hub", net.id)
    azure.delete("network:VirtualNetworkPeering", one)
    remote = {
        "virtualNetworkName": "hub",
        "virtualNetworkPeeringName": "to-net",
        "remoteVirtualNetwork": _ref(net),
    }
    azure.update("network:VirtualNetworkPeering", other, **remote)
    assert _state(azure, other) == "Initiated"
    again = ask.peering(azure, "net", hub.id)
    assert (_state(azure, again), _state(azure, other)) == ("Connected", "Connected")


def test_load_balancer_parts_have_ids(azure: Any) -> None:
    """Front ends and pools get ids; what refers to them as `$self` does it by id."""
    balancer = _public_balancer(azure, outboundRules=[ask.outbound_rule("out")])
    front = f"{balancer.id}/frontendIPConfigurations/front"
    pool = f"{balancer.id}/backendAddressPools/pool"
    assert balancer.outputs["frontendIPConfigurations"][0]["id"] == front
    assert balancer.outputs["backendAddressPools"][0]["id"] == pool
    (outbound,) = balancer.outputs["outboundRules"]
    assert outbound["frontendIPConfigurations"] == [{"id": front}]
    assert outbound["backendAddressPool"] == {"id": pool}


def test_the_network_watcher_is_azures(azure: Any) -> None:
    """A region's watcher can be looked up once it has a network, and not before."""
    arguments = {
        "resourceGroupName": "NetworkWatcherRG",
        "networkWatcherName": "NetworkWatcher_westeurope",
    }
    token = "azure-native:network:getNetworkWatcher"
    with pytest.raises(Exception, match="ResourceNotFound"):
        azure.provider.invoke(token, arguments)
    azure.network()
    assert azure.provider.invoke(token, arguments)["location"] == "westeurope"

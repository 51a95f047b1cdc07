"""Addresses, NAT gateways, load balancers, firewalls: each rule once broken."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

HIGHER_TIER = "FirewallPolicyHigherTierOnlyProperties"
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


def _firewall_routes_without_internet(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, ("10.9.0.0/16", "VnetLocal"))
    azure.subnet("AzureFirewallSubnet", "10.0.0.0/26", routeTable=ask.ref(table))


def _nat_at_gateway(azure: Any) -> None:
    azure.network()
    nat = ask.nat_gateway(azure, azure.address())
    azure.subnet("GatewaySubnet", "10.0.0.0/27", natGateway=ask.ref(nat))


def _small_firewall(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/27")
    ask.firewall(azure, subnet, azure.address())


def _small_firewall_management(azure: Any) -> None:
    azure.network()
    management = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/27")
    configuration = {
        "name": "management",
        "subnet": ask.ref(management),
        "publicIPAddress": ask.ref(azure.address("management")),
    }
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    ask.firewall(
        azure, subnet, azure.address(), managementIpConfiguration=configuration
    )


def _basic_address(azure: Any) -> None:
    azure.address(sku={"name": "Basic"})


def _dynamic_standard_address(azure: Any) -> None:
    azure.address(publicIPAllocationMethod="Dynamic")


def _nat_in_two_zones(azure: Any) -> None:
    ask.nat_gateway(azure, zones=["1", "2"])


def _nat_with_an_address_in_use(azure: Any) -> None:
    address = azure.address()
    _firewall_with(azure, address)
    ask.nat_gateway(azure, address)


def _firewall_with(azure: Any, address: Any) -> Any:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    return ask.firewall(azure, subnet, address)


def _firewall_with_an_address_in_use(azure: Any) -> None:
    address = azure.address()
    ask.nat_gateway(azure, address)
    _firewall_with(azure, address)


def _balancer_with_an_address_in_use(azure: Any) -> None:
    address = azure.address()
    ask.nat_gateway(azure, address)
    ask.load_balancer(azure, {"publicIPAddress": ask.ref(address)})


def _nat_with_basic_address(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(sku=None, zones=None))


def _nat_address_in_another_zone(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(zones=["2"]), zones=["1"])


def _nat_address_in_no_zone(azure: Any) -> None:
    ask.nat_gateway(azure, azure.address(zones=None), zones=["1"])


def _nat_for_two_networks(azure: Any) -> None:
    ask.two_networks(azure)
    nat = ask.nat_gateway(azure, azure.address())
    azure.subnet("a", "10.0.0.0/24", natGateway=ask.ref(nat))
    azure.subnet("a", "10.1.0.0/24", virtualNetworkName="hub", natGateway=ask.ref(nat))


def _basic_balancer(azure: Any) -> None:
    address = {"publicIPAddress": ask.ref(azure.address())}
    ask.load_balancer(azure, address, sku={"name": "Basic"})


def _balancer_with_basic_address(azure: Any) -> None:
    ask.load_balancer(azure, {"publicIPAddress": ask.ref(azure.address(sku=None))})


def _outbound_from_private_front(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("a", "10.0.0.0/24")
    rules = [ask.outbound_rule("out")]
    ask.load_balancer(azure, {"subnet": ask.ref(subnet)}, outboundRules=rules)


def _public_balancer(azure: Any, **inputs: Any) -> Any:
    return ask.load_balancer(
        azure, {"publicIPAddress": ask.ref(azure.address())}, **inputs
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


def _firewall_in_another_group(azure: Any) -> None:
    other = {"resourceGroupName": "other", "location": "westeurope"}
    azure.create("resources:ResourceGroup", **other)
    _firewall(azure, **other)


def _basic_firewall_without_management(azure: Any) -> None:
    _firewall(azure, sku={"name": "AZFW_VNet", "tier": "Basic"})


def _management_without_address(azure: Any) -> None:
    azure.network()
    management = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/26")
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    configuration = {"name": "m", "subnet": ask.ref(management)}
    address = azure.address()
    ask.firewall(azure, subnet, address, managementIpConfiguration=configuration)


def _policy_of_another_tier(policy: str, tier: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        found = ask.firewall_policy(azure, policy)
        sku = {"name": "AZFW_VNet", "tier": tier}
        _firewall(azure, firewallPolicy=ask.ref(found), sku=sku)

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


def _used_firewall_address(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    address = azure.address()
    ask.firewall(azure, subnet, address)
    azure.delete("network:PublicIPAddress", address)


def _used_firewall_policy(azure: Any) -> None:
    policy = ask.firewall_policy(azure)
    _firewall(azure, firewallPolicy=ask.ref(policy))
    azure.delete("network:FirewallPolicy", policy)


CASES: list[tuple[str, Callable[[Any], None]]] = [
    (
        "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
        _firewall_routes_without_internet,
    ),
    ("NatGatewayCannotBeAttachedToGatewaySubnet", _nat_at_gateway),
    (FIREWALL, _small_firewall),
    (FIREWALL, _small_firewall_management),
    (FIREWALL, _firewall_elsewhere),
    ("IPv4BasicSkuPublicIpCountLimitReached", _basic_address),
    ("StandardSkuPublicIPAddressesMustBeStatic", _dynamic_standard_address),
    ("NatGatewayWithMultipleZonesNotSupported", _nat_in_two_zones),
    ("PublicIPAddressInUse", _nat_with_an_address_in_use),
    ("PublicIPAddressInUse", _firewall_with_an_address_in_use),
    ("PublicIPAddressInUse", _balancer_with_an_address_in_use),
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
    (
        "AzureFirewallReferencesSubnetInDifferentResourceGroup",
        _firewall_in_another_group,
    ),
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
    ("PublicIPAddressCannotBeDeleted", _used_firewall_address),
    ("FirewallPolicyDeleteNotAllowed", _used_firewall_policy),
]


@pytest.mark.parametrize(
    ("code", "act"), CASES, ids=[f"{code}-{act.__name__}" for code, act in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code, and a refused request leaves nothing behind."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


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

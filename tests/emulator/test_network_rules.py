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
    azure.subnet("a", "10.0.0.0/24", networkSecurityGroup=ask.ref(group))


def _default_route_at_gateway(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, INTERNET)
    azure.subnet("GatewaySubnet", "10.0.0.0/27", routeTable=ask.ref(table))


def _default_route_comes_to_gateway(azure: Any) -> None:
    azure.network()
    table = ask.route_table(azure, ("10.9.0.0/16", "VnetLocal"))
    azure.subnet("GatewaySubnet", "10.0.0.0/27", routeTable=ask.ref(table))
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
    azure.subnet("AzureBastionSubnet", "10.0.0.0/26", routeTable=ask.ref(table))


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


def _cluster_beside_the_resolver(azure: Any) -> None:
    azure.network()
    subnet = ask.resolver_subnet(azure, "10.0.0.0/28")
    azure.in_group("machinelearningservices:Workspace", workspaceName="work")
    azure.in_group(
        "machinelearningservices:Compute",
        workspaceName="work",
        computeName="cluster",
        properties={
            "computeType": "AmlCompute",
            "properties": {"subnet": ask.ref(subnet)},
        },
    )


def _registering_privatelink(azure: Any) -> None:
    network = azure.network()
    zone = {"privateZoneName": "privatelink.azurecr.io", "location": "global"}
    azure.in_group("privatedns:PrivateZone", **zone)
    azure.in_group(
        "privatedns:VirtualNetworkLink",
        **zone,
        virtualNetworkLinkName="link",
        virtualNetwork=ask.ref(network),
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
            virtualNetwork=ask.ref(network),
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
    azure.subnet("a", "10.0.0.0/24", serviceEndpointPolicies=[ask.ref(policy)])


def _policy_of_another_region(azure: Any) -> None:
    azure.network()
    policy = _endpoint_policy(azure, ("Global", ALIAS), **ELSEWHERE)
    azure.subnet(
        "a",
        "10.0.0.0/24",
        serviceEndpoints=STORAGE_ENDPOINT,
        serviceEndpointPolicies=[ask.ref(policy)],
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
        "serviceEndpointPolicies": [ask.ref(policy)],
    }
    return policy, attachment


def _used_nat_gateway(azure: Any) -> tuple[Any, dict[str, Any]]:
    nat = ask.nat_gateway(azure, azure.address())
    return nat, {"natGateway": ask.ref(nat)}


def _used_ddos_plan(azure: Any) -> None:
    plan = azure.in_group("network:DdosProtectionPlan", ddosProtectionPlanName="plan")
    azure.network(ddosProtectionPlan=ask.ref(plan))
    azure.delete("network:DdosProtectionPlan", plan)


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


def _locked_by_its_group(azure: Any) -> None:
    network = azure.network()
    azure.create(
        "authorization:ManagementLockAtResourceGroupLevel",
        resourceGroupName="group",
        lockName="lock",
        level="CanNotDelete",
    )
    azure.delete("network:VirtualNetwork", network)


def _group_with_something_locked(azure: Any) -> None:
    ask.lock(azure, azure.network().id, "CanNotDelete")
    azure.provider.delete("azure-native:resources:ResourceGroup", GROUP_ID)


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
    ("GatewaySubnetRouteTableCannotHaveDefaultRoute", _default_route_at_gateway),
    ("GatewaySubnetRouteTableCannotHaveDefaultRoute", _default_route_comes_to_gateway),
    ("RouteTableCannotBeAttachedForAzureBastionSubnet", _routes_at_bastion),
    ("BadRequest", _small_bastion),
    ("BadRequest", _bastion_elsewhere),
    ("BadRequest", _gateway_elsewhere),
    ("BadRequest", _resolver_subnet("10.0.0.0/29")),
    ("BadRequest", _resolver_subnet("10.0.0.0/23")),
    ("BadRequest", _resolver_not_delegated),
    ("BadRequest", _two_endpoints_in_a_subnet),
    ("ResourceNotPermittedOnDelegatedSubnet", _card_beside_the_resolver),
    ("ResourceNotPermittedOnDelegatedSubnet", _cluster_beside_the_resolver),
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
    (
        "ServiceEndpointPolicyCannotBeDeletedIfReferencedBySubnet",
        _deleted_while_used("network:ServiceEndpointPolicy", _used_endpoint_policy),
    ),
    (
        "InUseNatGatewayCannotBeDeleted",
        _deleted_while_used("network:NatGateway", _used_nat_gateway),
    ),
    ("InUseDdosProtectionPlanCannotBeDeleted", _used_ddos_plan),
    ("CannotDeleteResource", _resolver_with_endpoint),
    ("ScopeLocked", _locked("CanNotDelete", deletes=True)),
    ("ScopeLocked", _locked("ReadOnly", deletes=True)),
    ("ScopeLocked", _locked("ReadOnly", deletes=False)),
    ("ScopeLocked", _locked_by_its_group),
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
    home = in_hub("AzureFirewallSubnet", "10.1.1.0/26", routeTable=ask.ref(routes))
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
        firewallPolicy=ask.ref(rules),
        managementIpConfiguration={
            "name": "management",
            "subnet": ask.ref(management),
            "publicIPAddress": ask.ref(azure.address("management")),
        },
    )
    assert firewall.outputs["ipConfigurations"][0]["privateIPAddress"] == "10.1.1.4"
    managed = firewall.outputs["managementIpConfiguration"]
    assert managed["privateIPAddress"] == "10.1.2.4"
    bastion_subnet = azure.subnet(
        "AzureBastionSubnet", "10.0.1.0/26", networkSecurityGroup=ask.ref(bastion_group)
    )
    ask.bastion(azure, bastion_subnet, azure.address("bastion"))
    ask.peering(azure, "hub", net.id, allowGatewayTransit=True)
    ask.peering(azure, "net", hub.id, useRemoteGateways=True)
    ask.resolver_endpoint(azure, ask.resolver_subnet(azure, "10.0.2.0/28"))
    azure.subnet(
        "training",
        "10.0.3.0/24",
        natGateway=ask.ref(nat),
        serviceEndpoints=STORAGE_ENDPOINT,
        serviceEndpointPolicies=[ask.ref(policy)],
    )
    log = ask.flow_log(azure, "log", net, "westeurope")
    found = ask.lock(azure, GROUP_ID, "CanNotDelete")
    azure.delete("network:FlowLog", log)
    azure.delete("authorization:ManagementLockByScope", found)
    azure.delete("network:AzureFirewall", firewall)


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

"""Interfaces, load balancers and Private Link services: each refusal once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
OTHER = "11111111-0000-4000-8000-000000000001"
POLICIES = "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"
BY_ADDRESS = "PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer"
HA_PORTS = "LoadBalancingRuleHaPortsRequireProtocolAllAndPortZero"
FRONT = {"id": "$self/frontendIPConfigurations/front"}
POOL = {"id": "$self/backendAddressPools/pool"}


def _subnet(
    azure: Any, name: str = "a", prefix: str = "10.0.1.0/24", **inputs: Any
) -> Any:
    store = azure.provider.store
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/group"
    if store.get(f"{group}/providers/Microsoft.Network/virtualNetworks/net") is None:
        azure.network()
    return azure.subnet(name, prefix, **inputs)


def _static(subnet: Any, address: str | None) -> dict[str, Any]:
    return {
        "subnet": ask.ref(subnet),
        "privateIPAllocationMethod": "Static",
        "privateIPAddress": address,
    }


def _card(azure: Any, name: str, *configurations: dict[str, Any], **inputs: Any) -> Any:
    return azure.in_group(
        "network:NetworkInterface",
        networkInterfaceName=name,
        ipConfigurations=list(configurations),
        **inputs,
    )


def _static_card(azure: Any, address: str | None) -> Any:
    return _card(azure, "card", {"name": "one", **_static(_subnet(azure), address)})


def _address_twice(azure: Any) -> None:
    subnet = _subnet(azure)
    for name in ("a", "b"):
        _card(azure, name, {"name": "one", **_static(subnet, "10.0.1.9")})


def _address_of_a_dynamic_card(azure: Any) -> None:
    subnet = _subnet(azure)
    azure.card("dynamic", subnet)
    _card(azure, "static", {"name": "one", **_static(subnet, "10.0.1.4")})


def _address_of_a_front(azure: Any) -> None:
    subnet = _subnet(azure)
    ask.load_balancer(azure, _static(subnet, "10.0.1.9"))
    _card(azure, "card", {"name": "one", **_static(subnet, "10.0.1.9")})


def _address_of_an_endpoint(azure: Any) -> None:
    subnet = _subnet(azure)
    endpoint_of(azure, subnet, "somebody.azure.privatelinkservice", manual=True)
    _card(azure, "card", {"name": "one", **_static(subnet, "10.0.1.4")})


def _endpoint_takes_an_address(azure: Any) -> None:
    subnet = _subnet(azure)
    azure.card("card", subnet)
    static = {"name": "one", "privateIPAddress": "10.0.1.4"}
    alias = "somebody.azure.privatelinkservice"
    endpoint_of(azure, subnet, alias, manual=True, ipConfigurations=[static])


def _one_address_for_two(azure: Any) -> None:
    subnet = _subnet(azure)
    both = [{"name": n, **_static(subnet, "10.0.1.9")} for n in ("one", "two")]
    _card(azure, "card", *both)


def _front_outside(azure: Any) -> None:
    ask.load_balancer(azure, _static(_subnet(azure), "10.0.2.9"))


def _card_of_another_region(azure: Any) -> None:
    subnet = _subnet(azure)
    configuration = {"name": "one", "subnet": ask.ref(subnet)}
    _card(azure, "card", configuration, location="northeurope")


def _card_without_subnet(azure: Any) -> None:
    subnet = _subnet(azure)
    azure.delete("network:Subnet", subnet)
    azure.card("card", subnet)


def _joined(azure: Any, subnet: Any, pool_id: str, name: str = "card") -> Any:
    configuration = {
        "name": "one",
        "subnet": ask.ref(subnet),
        "loadBalancerBackendAddressPools": [{"id": pool_id}],
    }
    return _card(azure, name, configuration)


def _internal(azure: Any, subnet: Any, **inputs: Any) -> Any:
    return ask.load_balancer(azure, {"subnet": ask.ref(subnet)}, **inputs)


def _pool_that_is_missing(azure: Any) -> None:
    subnet = _subnet(azure)
    balancer = _internal(azure, subnet)
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/none")


def _pool_of_another_network(azure: Any) -> None:
    balancer = _internal(azure, _subnet(azure))
    azure.network("10.1.0.0/16", virtualNetworkName="other")
    foreign = azure.subnet("b", "10.1.0.0/24", virtualNetworkName="other")
    _joined(azure, foreign, f"{balancer.id}/backendAddressPools/pool")


def _pool_of_two_networks(azure: Any) -> None:
    subnet = _subnet(azure)
    address = {"publicIPAddress": ask.ref(azure.address())}
    pool = f"{ask.load_balancer(azure, address).id}/backendAddressPools/pool"
    azure.network("10.1.0.0/16", virtualNetworkName="other")
    foreign = azure.subnet("b", "10.1.0.0/24", virtualNetworkName="other")
    _joined(azure, subnet, pool)
    _joined(azure, foreign, pool, "second")


def _by_address(azure: Any, subnet: Any) -> list[dict[str, Any]]:
    network = {"id": subnet.id.rpartition("/subnets/")[0]}
    addresses = [{"name": "a", "ipAddress": "10.0.1.20", "virtualNetwork": network}]
    return [{"name": "pool", "loadBalancerBackendAddresses": addresses}]


def _interface_in_a_pool_of_addresses(azure: Any) -> None:
    subnet = _subnet(azure)
    balancer = _internal(azure, subnet, backendAddressPools=_by_address(azure, subnet))
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/pool")


def _addresses_in_a_pool_of_interfaces(azure: Any) -> None:
    subnet = _subnet(azure)
    balancer = _internal(azure, subnet)
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/pool")
    (pool,) = _by_address(azure, subnet)
    azure.update(
        "network:LoadBalancer",
        balancer,
        loadBalancerName="balancer",
        sku={"name": "Standard"},
        frontendIPConfigurations=[{"name": "front", "subnet": ask.ref(subnet)}],
        backendAddressPools=[pool],
    )


def _rule(name: str = "in", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "protocol": "Tcp",
        "frontendPort": 443,
        "backendPort": 8443,
        "frontendIPConfiguration": FRONT,
        "backendAddressPool": POOL,
        **changes,
    }


def _with_rules(*rules: dict[str, Any]) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        return _internal(azure, _subnet(azure), loadBalancingRules=list(rules))

    return act


def _with_probe(**probe: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        usual = {"name": "alive", "protocol": "Tcp", "port": 443}
        return _internal(azure, _subnet(azure), probes=[{**usual, **probe}])

    return act


def _all_ports_in_public(azure: Any) -> None:
    rule = _rule(protocol="All", frontendPort=0, backendPort=0)
    address = {"publicIPAddress": ask.ref(azure.address())}
    ask.load_balancer(azure, address, loadBalancingRules=[rule])


CASES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("outside", "PrivateIPAddressNotInSubnet", lambda a: _static_card(a, "10.0.2.9")),
    (
        "Azure's",
        "PrivateIPAddressInReservedRange",
        lambda a: _static_card(a, "10.0.1.3"),
    ),
    ("missing", "PrivateIPAddressMissing", lambda a: _static_card(a, None)),
    ("twice", "PrivateIPAddressIsAllocated", _address_twice),
    ("dynamic card's", "PrivateIPAddressIsAllocated", _address_of_a_dynamic_card),
    ("front's", "PrivateIPAddressIsAllocated", _address_of_a_front),
    ("endpoint's", "PrivateIPAddressIsAllocated", _address_of_an_endpoint),
    ("for an endpoint", "PrivateIPAddressIsAllocated", _endpoint_takes_an_address),
    ("for two", "MultipleIpConfigsRequestSamePrivateIpAddress", _one_address_for_two),
    ("front outside", "PrivateIPAddressNotInSubnet", _front_outside),
    ("card's region", "InvalidResourceReference", _card_of_another_region),
    ("card's subnet", "InvalidResourceReference", _card_without_subnet),
    ("no pool", "InvalidResourceReference", _pool_that_is_missing),
    (
        "pool elsewhere",
        "BackendPoolNetworkInterfacesInDifferentVirtualNetworks",
        _pool_of_another_network,
    ),
    (
        "pool of two networks",
        "BackendPoolNetworkInterfacesInDifferentVirtualNetworks",
        _pool_of_two_networks,
    ),
    (
        "mixed pool",
        "BackendPoolCannotHaveAddressesAndNetworkInterfaces",
        _interface_in_a_pool_of_addresses,
    ),
    (
        "mixed pool later",
        "BackendPoolCannotHaveAddressesAndNetworkInterfaces",
        _addresses_in_a_pool_of_interfaces,
    ),
    ("HTTP without path", "ProbeRequestPathRequired", _with_probe(protocol="Http")),
    (
        "TCP with path",
        "ProbeRequestPathNotAllowed",
        _with_probe(requestPath="/alive"),
    ),
    ("interval", "ProbeIntervalTooShort", _with_probe(intervalInSeconds=4)),
    ("port 0", HA_PORTS, _with_rules(_rule(frontendPort=0))),
    ("protocol All", HA_PORTS, _with_rules(_rule(protocol="All"))),
    (
        "port",
        "LoadBalancingRuleInvalidPort",
        _with_rules(_rule(frontendPort=70000)),
    ),
    (
        "all ports in public",
        "LoadBalancingRuleHaPortsRequireInternalFrontend",
        _all_ports_in_public,
    ),
    (
        "one port twice",
        "RulesUseSameFrontendPortProtocolAndIPConfiguration",
        _with_rules(_rule("a"), _rule("b", backendPort=8444)),
    ),
    (
        "one backend port twice",
        "RulesUseSameBackendPortProtocolAndPool",
        _with_rules(_rule("a"), _rule("b", frontendPort=444)),
    ),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], Any]) -> None:
    """Each rule answers with its code."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


ACCEPTED: list[tuple[str, Callable[[Any], Any]]] = [
    (
        "probe by path",
        _with_probe(protocol="Https", requestPath="/", intervalInSeconds=5),
    ),
    ("all ports", _with_rules(_rule(protocol="All", frontendPort=0, backendPort=0))),
    ("two rules", _with_rules(_rule("a"), _rule("b", frontendPort=1, backendPort=2))),
    (
        "floating",
        _with_rules(
            _rule("a", enableFloatingIP=True),
            _rule("b", frontendPort=444, enableFloatingIP=True),
        ),
    ),
    ("static card", lambda a: _static_card(a, "10.0.1.9")),
]


@pytest.mark.parametrize(
    "act", [act for _, act in ACCEPTED], ids=[name for name, _ in ACCEPTED]
)
def test_azure_accepts(azure: Any, act: Callable[[Any], Any]) -> None:
    """The same things are accepted when they fit."""
    assert act(azure).outputs["provisioningState"] == "Succeeded"


def endpoint_of(
    azure: Any, subnet: Any, target: str, *, manual: bool = False, **inputs: Any
) -> Any:
    """Create the private endpoint `endpoint` of a service, by its id or alias."""
    name = (
        "manualPrivateLinkServiceConnections"
        if manual
        else ("privateLinkServiceConnections")
    )
    usual = {
        "privateEndpointName": "endpoint",
        "subnet": ask.ref(subnet),
        name: [{"name": "one", "privateLinkServiceId": target}],
    }
    return azure.in_group("network:PrivateEndpoint", **{**usual, **inputs})


@dataclass
class _Parts:
    """What a Private Link service stands on."""

    subnet: Any
    balancer: Any

    def inputs(self, **changes: Any) -> dict[str, Any]:
        front = f"{self.balancer.id}/frontendIPConfigurations/front"
        configuration = {
            "name": "one",
            "primary": True,
            "subnet": ask.ref(self.subnet),
        }
        usual = {
            "serviceName": "service",
            "loadBalancerFrontendIpConfigurations": [{"id": front}],
            "ipConfigurations": [configuration],
        }
        return {**usual, **changes}


def _parts(azure: Any, policies: str | None = "Disabled", **balancer: Any) -> _Parts:
    subnet = _subnet(azure, privateLinkServiceNetworkPolicies=policies)
    return _Parts(subnet, _internal(azure, subnet, **balancer))


def _service(azure: Any, parts: _Parts | None = None, **changes: Any) -> Any:
    inputs = (parts or _parts(azure)).inputs(**changes)
    return azure.in_group("network:PrivateLinkService", **inputs)


def _on_a_basic_balancer(azure: Any) -> None:
    parts = _parts(azure)
    store = azure.provider.store
    balancer = store.get(parts.balancer.id)
    # A balancer of old: new ones of this SKU are refused.
    store.put(balancer.id, balancer.token, {**balancer.body, "sku": {"name": "Basic"}})
    _service(azure, parts)


def _on_a_public_balancer(azure: Any) -> None:
    parts = _parts(azure)
    address = {"publicIPAddress": ask.ref(azure.address())}
    parts.balancer = ask.load_balancer(azure, address, loadBalancerName="public")
    _service(azure, parts)


def _on_two_balancers(azure: Any) -> None:
    parts = _parts(azure)
    second = _internal(azure, parts.subnet, loadBalancerName="second")
    fronts = [
        {"id": f"{balancer.id}/frontendIPConfigurations/front"}
        for balancer in (parts.balancer, second)
    ]
    _service(azure, parts, loadBalancerFrontendIpConfigurations=fronts)


def _from_another_network(azure: Any) -> None:
    parts = _parts(azure)
    azure.network("10.1.0.0/16", virtualNetworkName="other")
    parts.subnet = azure.subnet(
        "b",
        "10.1.0.0/24",
        virtualNetworkName="other",
        privateLinkServiceNetworkPolicies="Disabled",
    )
    _service(azure, parts)


def _pool_by_address(azure: Any) -> None:
    subnet = _subnet(azure, privateLinkServiceNetworkPolicies="Disabled")
    pools = _by_address(azure, subnet)
    balancer = _internal(azure, subnet, backendAddressPools=pools)
    _service(azure, _Parts(subnet, balancer))


def _pool_by_address_later(azure: Any) -> None:
    parts = _parts(azure)
    _service(azure, parts)
    (pool,) = _by_address(azure, parts.subnet)
    azure.create(
        "network:LoadBalancerBackendAddressPool",
        resourceGroupName="group",
        loadBalancerName="balancer",
        backendAddressPoolName="second",
        loadBalancerBackendAddresses=pool["loadBalancerBackendAddresses"],
    )


def _configurations(count: int, *primary: int) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        parts = _parts(azure)
        given = [
            {"name": f"c{n}", "primary": n in primary, "subnet": ask.ref(parts.subnet)}
            for n in range(count)
        ]
        return _service(azure, parts, ipConfigurations=given)

    return act


def _approved_and_hidden(azure: Any) -> None:
    _service(
        azure,
        visibility={"subscriptions": [SUBSCRIPTION]},
        autoApproval={"subscriptions": [SUBSCRIPTION, OTHER]},
    )


def _another_balancer(azure: Any) -> None:
    parts = _parts(azure)
    service = _service(azure, parts)
    parts.balancer = _internal(azure, parts.subnet, loadBalancerName="second")
    azure.update("network:PrivateLinkService", service, **parts.inputs())


def _endpoint_with_groups(azure: Any) -> None:
    parts = _parts(azure)
    service = _service(azure, parts)
    named = {"name": "one", "privateLinkServiceId": service.id, "groupIds": ["blob"]}
    endpoint_of(azure, parts.subnet, "", privateLinkServiceConnections=[named])


def _endpoint_by_alias(azure: Any) -> None:
    parts = _parts(azure)
    endpoint_of(azure, parts.subnet, _service(azure, parts).outputs["alias"])


def _service_with_endpoint_goes(azure: Any, *, by_alias: bool) -> None:
    parts = _parts(azure)
    service = _service(azure, parts)
    target = service.outputs["alias"] if by_alias else service.id
    endpoint_of(azure, parts.subnet, target, manual=by_alias)
    azure.delete("network:PrivateLinkService", service)


def _used_balancer_goes(azure: Any) -> None:
    parts = _parts(azure)
    _service(azure, parts)
    azure.delete("network:LoadBalancer", parts.balancer)


SERVICES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("policies on", POLICIES, lambda a: _service(a, _parts(a, "Enabled"))),
    ("policies not said", POLICIES, lambda a: _service(a, _parts(a, None))),
    (
        "Basic balancer",
        "PrivateLinkServiceIsNotSupportedForBasicLoadBalancer",
        _on_a_basic_balancer,
    ),
    (
        "public balancer",
        "PrivateLinkServiceRequiresInternalLoadBalancer",
        _on_a_public_balancer,
    ),
    (
        "two balancers",
        "PrivateLinkServiceReferencesMultipleLoadBalancers",
        _on_two_balancers,
    ),
    (
        "another network",
        "PrivateLinkServiceAndLoadBalancerInDifferentVirtualNetworks",
        _from_another_network,
    ),
    (
        "another region",
        "InvalidResourceReference",
        lambda a: _service(a, location="northeurope"),
    ),
    ("pool by address", BY_ADDRESS, _pool_by_address),
    ("pool by address later", BY_ADDRESS, _pool_by_address_later),
    ("nine", "PrivateLinkServiceIpConfigurationsLimitReached", _configurations(9, 0)),
    (
        "two primary",
        "PrivateLinkServiceHasMultiplePrimaryIpConfigurations",
        _configurations(2, 0, 1),
    ),
    (
        "approved and hidden",
        "PrivateLinkServiceAutoApprovalNotInVisibility",
        _approved_and_hidden,
    ),
    (
        "another balancer",
        "PrivateLinkServiceLoadBalancerCannotBeChanged",
        _another_balancer,
    ),
    ("groups", "GroupIdsNotPermittedForPrivateLinkService", _endpoint_with_groups),
    (
        "alias",
        "PrivateLinkServiceAliasRequiresManualConnection",
        _endpoint_by_alias,
    ),
    (
        "with endpoint",
        "PrivateLinkServiceHasPrivateEndpointConnections",
        lambda a: _service_with_endpoint_goes(a, by_alias=False),
    ),
    (
        "with endpoint by alias",
        "PrivateLinkServiceHasPrivateEndpointConnections",
        lambda a: _service_with_endpoint_goes(a, by_alias=True),
    ),
    ("balancer goes", "LoadBalancerInUseByPrivateLinkService", _used_balancer_goes),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in SERVICES], ids=[case[0] for case in SERVICES]
)
def test_private_link_services(
    azure: Any, code: str, act: Callable[[Any], Any]
) -> None:
    """Each rule of Private Link services, and of endpoints that lead to them."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def test_a_service_has_an_alias_and_addresses(azure: Any) -> None:
    """A service of eight addresses is accepted; its alias stays."""
    service = _configurations(8, 0)(azure)
    assert service.outputs["alias"].endswith(".westeurope.azure.privatelinkservice")
    addresses = [c["privateIPAddress"] for c in service.outputs["ipConfigurations"]]
    # The first free one is the balancer's.
    assert addresses == [f"10.0.1.{n}" for n in range(5, 13)]


STATES: list[tuple[bool, list[str], str, str]] = [
    # (by alias, approved subscriptions, the endpoint's subscription, state)
    (False, [], SUBSCRIPTION, "Approved"),
    (False, [], OTHER, "Pending"),
    (False, [OTHER], OTHER, "Approved"),
    (True, [], SUBSCRIPTION, "Pending"),
    (True, [], OTHER, "Pending"),
    (True, [OTHER], OTHER, "Approved"),
    (True, ["*"], OTHER, "Approved"),
]


@pytest.mark.parametrize(("by_alias", "approved", "subscription", "state"), STATES)
def test_connections_are_approved(
    azure: Any, by_alias: bool, approved: list[str], subscription: str, state: str
) -> None:
    """Who may connect: the owner, and whom he approves beforehand; others wait."""
    parts = _parts(azure)
    service = _service(
        azure,
        parts,
        visibility={"subscriptions": ["*"]},
        autoApproval={"subscriptions": approved},
    )
    other = azure.elsewhere(subscription)
    azure_group = {"resourceGroupName": "consumer", "location": "northeurope"}
    other.create("resources:ResourceGroup", **azure_group)
    # The same ranges as the service's network: this is no obstacle.
    network = other.network(**azure_group)
    subnet = other.subnet("a", "10.0.1.0/24", resourceGroupName="consumer")
    assert network.outputs["addressSpace"]["addressPrefixes"] == ["10.0.0.0/16"]
    target = service.outputs["alias"] if by_alias else service.id
    endpoint = endpoint_of(other, subnet, target, manual=by_alias, **azure_group)
    (connection,) = (
        endpoint.outputs.get("manualPrivateLinkServiceConnections")
        if by_alias
        else endpoint.outputs["privateLinkServiceConnections"]
    )
    assert connection["privateLinkServiceConnectionState"]["status"] == state


def test_a_static_address_is_not_given_to_others(azure: Any) -> None:
    """A dynamic card gets the next address, and a freed one is given again."""
    subnet = _subnet(azure)
    static = {"name": "one", **_static(subnet, "10.0.1.4")}
    card = _card(azure, "static", static)

    def dynamic(name: str) -> str:
        made = azure.card(name, subnet)
        return str(made.outputs["ipConfigurations"][0]["privateIPAddress"])

    assert dynamic("a") == "10.0.1.5"
    azure.update(
        "network:NetworkInterface",
        card,
        networkInterfaceName="static",
        ipConfigurations=[{"name": "one", **_static(subnet, "10.0.1.7")}],
    )
    assert [dynamic("b"), dynamic("c"), dynamic("d")] == [
        "10.0.1.4",
        "10.0.1.6",
        "10.0.1.8",
    ]


def test_a_dynamic_address_beside_a_static_one(azure: Any) -> None:
    """A card's dynamic configuration does not take what its static one names."""
    subnet = _subnet(azure)
    card = _card(
        azure,
        "card",
        {"name": "dynamic", "subnet": ask.ref(subnet)},
        {"name": "static", **_static(subnet, "10.0.1.4")},
    )
    addresses = [c["privateIPAddress"] for c in card.outputs["ipConfigurations"]]
    assert addresses == ["10.0.1.5", "10.0.1.4"]


def test_an_endpoint_has_an_interface(azure: Any) -> None:
    """It can be looked up, with an address for each member, and goes with it."""
    subnet = _subnet(azure)
    workspace = azure.in_group(
        "machinelearningservices:Workspace", workspaceName="work"
    )
    connection = {
        "name": "one",
        "privateLinkServiceId": workspace.id,
        "groupIds": ["amlworkspace"],
    }
    endpoint = endpoint_of(
        azure, subnet, "", privateLinkServiceConnections=[connection]
    )
    (interface,) = endpoint.outputs["networkInterfaces"]
    arguments = {
        "resourceGroupName": "group",
        "networkInterfaceName": interface["id"].rpartition("/")[2],
    }
    token = "azure-native:network:getNetworkInterface"
    found = azure.provider.invoke(token, arguments)
    addresses = [c["privateIPAddress"] for c in found["ipConfigurations"]]
    assert sorted(addresses) == ["10.0.1.4", "10.0.1.5", "10.0.1.6"]
    assert azure.card("card", subnet).outputs["ipConfigurations"][0][
        "privateIPAddress"
    ] == ("10.0.1.7")
    azure.delete("network:PrivateEndpoint", endpoint)
    with pytest.raises(Exception, match="ResourceNotFound"):
        azure.provider.invoke(token, arguments)

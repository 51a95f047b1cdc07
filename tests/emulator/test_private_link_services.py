"""Private Link services and endpoints that lead to them: each refusal once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask
from tests.emulator.balancer_requests import (
    SUBSCRIPTION,
    endpoint_of,
    internal_balancer,
    pools_by_address,
    subnet_of,
)

OTHER = "11111111-0000-4000-8000-000000000001"


POLICIES = "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"


BY_ADDRESS = "PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer"


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
    subnet = subnet_of(azure, privateLinkServiceNetworkPolicies=policies)
    return _Parts(subnet, internal_balancer(azure, subnet, **balancer))


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
    second = internal_balancer(azure, parts.subnet, loadBalancerName="second")
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
    subnet = subnet_of(azure, privateLinkServiceNetworkPolicies="Disabled")
    pools = pools_by_address(subnet)
    balancer = internal_balancer(azure, subnet, backendAddressPools=pools)
    _service(azure, _Parts(subnet, balancer))


def _pool_by_address_later(azure: Any) -> None:
    parts = _parts(azure)
    _service(azure, parts)
    (pool,) = pools_by_address(parts.subnet)
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
    parts.balancer = internal_balancer(azure, parts.subnet, loadBalancerName="second")
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


def _endpoint_of_a_locked_service_goes(azure: Any, *, by_alias: bool) -> None:
    parts = _parts(azure)
    service = _service(azure, parts)
    target = service.outputs["alias"] if by_alias else service.id
    endpoint = endpoint_of(azure, parts.subnet, target, manual=by_alias)
    ask.lock(azure, service.id, "CanNotDelete")
    azure.delete("network:PrivateEndpoint", endpoint)


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
    (
        "endpoint of a locked service",
        "ScopeLocked",
        lambda a: _endpoint_of_a_locked_service_goes(a, by_alias=False),
    ),
    (
        "endpoint of a locked service by alias",
        "ScopeLocked",
        lambda a: _endpoint_of_a_locked_service_goes(a, by_alias=True),
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


def test_a_service_approves_and_removes_a_connection(azure: Any) -> None:
    """An endpoint that knows the alias waits; the owner approves it at the service, and
    the service goes only once he has removed it."""
    parts = _parts(azure)
    service = _service(azure, parts)
    subnet = azure.subnet("b", "10.0.2.0/24")
    endpoint = endpoint_of(azure, subnet, service.outputs["alias"], manual=True)
    token = "network:PrivateLinkServicePrivateEndpointConnection"

    def answer(kind: str, resource_id: str) -> Any:
        found = azure.provider.read(f"azure-native:{kind}", resource_id, {}, {})
        return found.outputs

    def status() -> str:
        outputs = answer("network:PrivateEndpoint", endpoint.id)
        (connection,) = outputs["manualPrivateLinkServiceConnections"]
        return str(connection["privateLinkServiceConnectionState"]["status"])

    (seen,) = answer("network:PrivateLinkService", service.id)[
        "privateEndpointConnections"
    ]
    assert status() == "Pending"
    inputs = {
        "resourceGroupName": service.id.split("/")[4],
        "serviceName": "service",
        "peConnectionName": seen["name"],
        "privateLinkServiceConnectionState": {"status": "Approved"},
    }
    azure.provider.update(f"azure-native:{token}", seen["id"], inputs, inputs)
    assert status() == "Approved"
    with pytest.raises(AzureError, match="has a private endpoint connection"):
        azure.delete("network:PrivateLinkService", service)
    azure.provider.delete(f"azure-native:{token}", seen["id"])
    assert status() == "Disconnected"
    azure.delete("network:PrivateLinkService", service)


def test_an_endpoint_has_an_interface(azure: Any) -> None:
    """It can be looked up, with an address for each member, and goes with it."""
    subnet = subnet_of(azure)
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

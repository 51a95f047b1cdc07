"""Interfaces, their addresses, and load balancers: each refusal once."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask
from tests.emulator.balancer_requests import (
    card,
    endpoint_of,
    internal_balancer,
    pools_by_address,
    static,
    subnet_of,
)

HA_PORTS = "LoadBalancingRuleHaPortsRequireProtocolAllAndPortZero"
FRONT = {"id": "$self/frontendIPConfigurations/front"}
POOL = {"id": "$self/backendAddressPools/pool"}


def _static_card(azure: Any, address: str | None) -> Any:
    return card(azure, "card", {"name": "one", **static(subnet_of(azure), address)})


def _address_twice(azure: Any) -> None:
    subnet = subnet_of(azure)
    for name in ("a", "b"):
        card(azure, name, {"name": "one", **static(subnet, "10.0.1.9")})


def _address_of_a_dynamic_card(azure: Any) -> None:
    subnet = subnet_of(azure)
    azure.card("dynamic", subnet)
    card(azure, "static", {"name": "one", **static(subnet, "10.0.1.4")})


def _address_of_a_front(azure: Any) -> None:
    subnet = subnet_of(azure)
    ask.load_balancer(azure, static(subnet, "10.0.1.9"))
    card(azure, "card", {"name": "one", **static(subnet, "10.0.1.9")})


def _address_of_an_endpoint(azure: Any) -> None:
    subnet = subnet_of(azure)
    endpoint_of(azure, subnet, "somebody.azure.privatelinkservice", manual=True)
    card(azure, "card", {"name": "one", **static(subnet, "10.0.1.4")})


def _endpoint_takes_an_address(azure: Any) -> None:
    subnet = subnet_of(azure)
    azure.card("card", subnet)
    static = {"name": "one", "privateIPAddress": "10.0.1.4"}
    alias = "somebody.azure.privatelinkservice"
    endpoint_of(azure, subnet, alias, manual=True, ipConfigurations=[static])


def _public_address_in_use(azure: Any) -> None:
    address = azure.address()
    ask.nat_gateway(azure, address)
    subnet = subnet_of(azure)
    named = {"subnet": ask.ref(subnet), "publicIPAddress": ask.ref(address)}
    card(azure, "card", {"name": "one", **named})


def _one_address_for_two(azure: Any) -> None:
    subnet = subnet_of(azure)
    both = [{"name": n, **static(subnet, "10.0.1.9")} for n in ("one", "two")]
    card(azure, "card", *both)


def _front_outside(azure: Any) -> None:
    ask.load_balancer(azure, static(subnet_of(azure), "10.0.2.9"))


def _card_of_another_region(azure: Any) -> None:
    subnet = subnet_of(azure)
    configuration = {"name": "one", "subnet": ask.ref(subnet)}
    card(azure, "card", configuration, location="northeurope")


def _card_without_subnet(azure: Any) -> None:
    subnet = subnet_of(azure)
    azure.delete("network:Subnet", subnet)
    azure.card("card", subnet)


def _joined(azure: Any, subnet: Any, pool_id: str, name: str = "card") -> Any:
    configuration = {
        "name": "one",
        "subnet": ask.ref(subnet),
        "loadBalancerBackendAddressPools": [{"id": pool_id}],
    }
    return card(azure, name, configuration)


def _pool_that_is_missing(azure: Any) -> None:
    subnet = subnet_of(azure)
    balancer = internal_balancer(azure, subnet)
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/none")


def _pool_of_another_network(azure: Any) -> None:
    balancer = internal_balancer(azure, subnet_of(azure))
    azure.network("10.1.0.0/16", virtualNetworkName="other")
    foreign = azure.subnet("b", "10.1.0.0/24", virtualNetworkName="other")
    _joined(azure, foreign, f"{balancer.id}/backendAddressPools/pool")


def _pool_of_two_networks(azure: Any) -> None:
    subnet = subnet_of(azure)
    address = {"publicIPAddress": ask.ref(azure.address())}
    pool = f"{ask.load_balancer(azure, address).id}/backendAddressPools/pool"
    azure.network("10.1.0.0/16", virtualNetworkName="other")
    foreign = azure.subnet("b", "10.1.0.0/24", virtualNetworkName="other")
    _joined(azure, subnet, pool)
    _joined(azure, foreign, pool, "second")


def _interface_in_a_pool_of_addresses(azure: Any) -> None:
    subnet = subnet_of(azure)
    balancer = internal_balancer(
        azure, subnet, backendAddressPools=pools_by_address(subnet)
    )
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/pool")


def _addresses_in_a_pool_of_interfaces(azure: Any) -> None:
    subnet = subnet_of(azure)
    balancer = internal_balancer(azure, subnet)
    _joined(azure, subnet, f"{balancer.id}/backendAddressPools/pool")
    (pool,) = pools_by_address(subnet)
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
        return internal_balancer(
            azure, subnet_of(azure), loadBalancingRules=list(rules)
        )

    return act


def _with_probe(**probe: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        usual = {"name": "alive", "protocol": "Tcp", "port": 443}
        return internal_balancer(azure, subnet_of(azure), probes=[{**usual, **probe}])

    return act


def _other_zones(azure: Any) -> None:
    front = {"subnet": ask.ref(subnet_of(azure))}
    balancer = ask.load_balancer(azure, {**front, "zones": ["1", "2", "3"]})
    azure.update(
        "network:LoadBalancer",
        balancer,
        sku={"name": "Standard"},
        frontendIPConfigurations=[{"name": "front", **front, "zones": ["1"]}],
    )


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
    (
        "no address",
        "InvalidIPAddressInIPConfiguration",
        lambda a: _static_card(a, "10.0.1.300"),
    ),
    ("missing", "PrivateIPAddressMissing", lambda a: _static_card(a, None)),
    ("twice", "PrivateIPAddressIsAllocated", _address_twice),
    ("dynamic card's", "PrivateIPAddressIsAllocated", _address_of_a_dynamic_card),
    ("front's", "PrivateIPAddressIsAllocated", _address_of_a_front),
    ("endpoint's", "PrivateIPAddressIsAllocated", _address_of_an_endpoint),
    ("for an endpoint", "PrivateIPAddressIsAllocated", _endpoint_takes_an_address),
    ("for two", "MultipleIpConfigsRequestSamePrivateIpAddress", _one_address_for_two),
    ("front outside", "PrivateIPAddressNotInSubnet", _front_outside),
    ("public address", "PublicIPAddressInUse", _public_address_in_use),
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
    ("other zones", "ResourceAvailabilityZonesCannotBeModified", _other_zones),
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


def test_a_static_address_is_not_given_to_others(azure: Any) -> None:
    """A dynamic card gets the next address, and a freed one is given again."""
    subnet = subnet_of(azure)
    named = {"name": "one", **static(subnet, "10.0.1.4")}
    made = card(azure, "static", named)

    def dynamic(name: str) -> str:
        found = azure.card(name, subnet)
        return str(found.outputs["ipConfigurations"][0]["privateIPAddress"])

    assert dynamic("a") == "10.0.1.5"
    azure.update(
        "network:NetworkInterface",
        made,
        networkInterfaceName="static",
        ipConfigurations=[{"name": "one", **static(subnet, "10.0.1.7")}],
    )
    assert [dynamic("b"), dynamic("c"), dynamic("d")] == [
        "10.0.1.4",
        "10.0.1.6",
        "10.0.1.8",
    ]


def test_a_dynamic_address_beside_a_static_one(azure: Any) -> None:
    """A card's dynamic configuration does not take what its static one names."""
    subnet = subnet_of(azure)
    made = card(
        azure,
        "card",
        {"name": "dynamic", "subnet": ask.ref(subnet)},
        {"name": "static", **static(subnet, "10.0.1.4")},
    )
    addresses = [c["privateIPAddress"] for c in made.outputs["ipConfigurations"]]
    assert addresses == ["10.0.1.5", "10.0.1.4"]

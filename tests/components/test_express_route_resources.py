"""ExpressRoute gateways and circuits: what is made of them, in which order."""

from asyncio import gather
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.express_route import read_express_route
from azureml_network._hybrid_gateway.express_route_resources import (
    ExpressRoute,
    make_express_route,
)
from azureml_network._inputs import InputReader

OTHER = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/carrier"
    "/providers/Microsoft.Network/expressRouteCircuits/other"
)
KEY = "0a1b2c3d-0000-4000-8000-00000000000f"
SECRET = "4dabf18193072939515e22adb298388d"
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
TAGS = {"tags": {"environment": "test"}}
NEW = {
    "provider": "Equinix",
    "peering_location": "Amsterdam",
    "bandwidth_megabits": 200,
}
GATEWAY = {
    **PLACE,
    **TAGS,
    "virtualNetworkGatewayName": "net-ergw",
    "gatewayType": "ExpressRoute",
    "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ"},
    "ipConfigurations": [
        {
            "name": "default",
            "privateIPAllocationMethod": "Dynamic",
            "subnet": {"id": "/fake/GatewaySubnet"},
        }
    ],
    "allowRemoteVnetTraffic": False,
    "allowVirtualWanTraffic": False,
}
CIRCUIT = {
    **PLACE,
    **TAGS,
    "circuitName": "net-blue-erc",
    "sku": {
        "name": "Standard_MeteredData",
        "tier": "Standard",
        "family": "MeteredData",
    },
    "serviceProviderProperties": {
        "serviceProviderName": "Equinix",
        "peeringLocation": "Amsterdam",
        "bandwidthInMbps": 200,
    },
    "allowClassicOperations": False,
    "globalReachEnabled": False,
}
CONNECTION = {
    **PLACE,
    **TAGS,
    "virtualNetworkGatewayConnectionName": "net-blue-erc-con",
    "connectionType": "ExpressRoute",
    "virtualNetworkGateway1": {"id": "/fake/net-ergw"},
    "peer": {"id": "/fake/net-blue-erc"},
    "routingWeight": 0,
    "expressRouteGatewayBypass": False,
    "enablePrivateLinkFastPath": False,
}


def secret(value: str) -> dict[str, str]:
    """A secret as the engine gets it."""
    return {SECRET: "1b47061264138c4ac30d75fd1eb44270", "value": value}


def peering(**changes: Any) -> dict[str, Any]:
    """Inputs of a private peering."""
    return {
        "vlan_id": 200,
        "peer_as_number": 65010,
        "primary_prefix": "192.168.100.128/30",
        "secondary_prefix": "192.168.100.132/30",
        **changes,
    }


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make what these inputs plan, after a resource called ``vpn``; ``look`` sees it
    while the program runs."""

    def made(
        inputs: Callable[[], dict[str, Any]],
        look: Callable[[ExpressRoute], object] | None = None,
        **options: Any,
    ) -> Any:
        def program() -> Any:
            reader = InputReader({"express_route": inputs()}, HybridGatewayArgs)
            plan = read_express_route(reader, "net")
            assert reader.findings == []
            assert plan is not None
            vpn = pulumi.CustomResource("test:index:V", "vpn", {})
            express_route = make_express_route(
                surroundings(), plan, "/fake/GatewaySubnet", [vpn]
            )
            return look(express_route) if look is not None else None

        return record(program, **options)

    return made


def test_a_gateway_alone(make: Callable[..., Any]) -> None:
    """It has no public address of its own, and comes after the VPN gateway."""
    recording = make(dict)
    assert recording.kinds() == {"Net": 1, "V": 1, "VirtualNetworkGateway": 1}
    assert recording.inputs("net-ergw") == GATEWAY
    gateway = recording.resources["net-ergw"]
    assert gateway.depends_on == {"vpn"}
    assert gateway.replace_on_changes == ("ipConfigurations[*].subnet",)
    assert gateway.deletes_first


def test_a_gateway_that_scales(make: Callable[..., Any]) -> None:
    """Between its two numbers of units."""
    recording = make(
        lambda: {
            "size": "ErGwScale",
            "minimum_scale_units": 2,
            "maximum_scale_units": 10,
        }
    )
    assert recording.inputs("net-ergw") == {
        **GATEWAY,
        "sku": {"name": "ErGwScale", "tier": "ErGwScale"},
        "autoScaleConfiguration": {"bounds": {"min": 2, "max": 10}},
    }


def test_the_first_step_orders_the_circuit(make: Callable[..., Any]) -> None:
    """Neither peering nor connection yet, and nothing to wait for."""
    recording = make(lambda: {"circuits": {"blue": NEW}})
    assert recording.kinds() == {
        "Net": 1,
        "V": 1,
        "VirtualNetworkGateway": 1,
        "ExpressRouteCircuit": 1,
    }
    assert recording.inputs("net-blue-erc") == CIRCUIT
    circuit = recording.resources["net-blue-erc"]
    assert circuit.depends_on == set()
    assert circuit.replace_on_changes == (
        "serviceProviderProperties.serviceProviderName",
        "serviceProviderProperties.peeringLocation",
    )
    assert circuit.deletes_first
    assert circuit.ignore_changes == ("serviceProviderProvisioningState",)


def test_the_second_step_connects_it(make: Callable[..., Any]) -> None:
    """The circuit itself stays as it was; the connection comes after the peering, whose
    key is a secret."""

    def inputs() -> dict[str, Any]:
        key = pulumi.Output.secret("A1b2C3")
        blue = {
            **NEW,
            "connect": True,
            "routing_weight": 10,
            "private_peering": peering(shared_key=key),
        }
        return {"circuits": {"blue": blue}}

    recording = make(inputs)
    assert recording.kinds() == {
        "Net": 1,
        "V": 1,
        "VirtualNetworkGateway": 1,
        "ExpressRouteCircuit": 1,
        "ExpressRouteCircuitPeering": 1,
        "VirtualNetworkGatewayConnection": 1,
    }
    assert recording.inputs("net-blue-erc") == CIRCUIT
    assert recording.inputs("net-blue-erc-peering") == {
        "resourceGroupName": "rg",
        "circuitName": "net-blue-erc",
        "peeringName": "AzurePrivatePeering",
        "peeringType": "AzurePrivatePeering",
        "vlanId": 200,
        "peerASN": 65010,
        "primaryPeerAddressPrefix": "192.168.100.128/30",
        "secondaryPeerAddressPrefix": "192.168.100.132/30",
        "sharedKey": secret("A1b2C3"),
    }
    assert recording.inputs("net-blue-erc-con") == {**CONNECTION, "routingWeight": 10}
    assert recording.resources["net-blue-erc-con"].depends_on == {
        "net-ergw",
        "net-blue-erc",
        "net-blue-erc-peering",
    }


@pytest.mark.parametrize(
    ("tier", "billing", "name"),
    [
        ("Local", "UnlimitedData", "Local_UnlimitedData"),
        ("Premium", "MeteredData", "Premium_MeteredData"),
        ("Premium", "UnlimitedData", "Premium_UnlimitedData"),
    ],
)
def test_what_azure_calls_a_tier(
    make: Callable[..., Any], tier: str, billing: str, name: str
) -> None:
    """Tier and billing, apart and together."""
    blue = {**NEW, "tier": tier, "billing": billing}
    recording = make(lambda: {"circuits": {"blue": blue}})
    assert recording.inputs("net-blue-erc") == {
        **CIRCUIT,
        "sku": {"name": name, "tier": tier, "family": billing},
    }


def test_a_circuit_of_another_subscription(make: Callable[..., Any]) -> None:
    """It is connected with its owner's key, which is a secret, and past the gateway."""

    def inputs() -> dict[str, Any]:
        blue = {
            "existing_id": OTHER,
            "authorization_key": pulumi.Output.secret(KEY),
            "fast_path": True,
        }
        return {"size": "ErGw3AZ", "circuits": {"blue": blue}}

    recording = make(inputs)
    assert "ExpressRouteCircuit" not in recording.kinds()
    assert recording.inputs("net-blue-erc-con") == {
        **CONNECTION,
        "peer": {"id": OTHER},
        "authorizationKey": secret(KEY),
        "expressRouteGatewayBypass": True,
    }


def joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two new circuits, a third without Global Reach, and one that exists."""
    return {
        "circuits": {
            "blue": {**NEW, "connect": True, "global_reach": first},
            "green": {**NEW, "peering_location": "Dublin", "connect": True},
            "old": {"existing_id": OTHER, "connect": False},
            "red": {
                **NEW,
                "peering_location": "London",
                "connect": True,
                "private_peering": peering(),
                "global_reach": second,
            },
        }
    }


def test_circuits_that_are_joined(make: Callable[..., Any]) -> None:
    """Between the private peerings of both sides, whoever made them, and one after
    another; only circuits that are joined say so."""

    def inputs() -> dict[str, Any]:
        key = {"authorization_key": pulumi.Output.secret(KEY)}
        return joined(
            {
                "to-red": {"peer_circuit": "red", "address_prefix": "192.168.101.0/29"},
                "away": {
                    "peer_circuit_id": f"{OTHER}2",
                    "address_prefix": "192.168.102.0/29",
                    **key,
                },
            },
            {"on": {"peer_circuit": "old", "address_prefix": "192.168.103.0/29"}},
        )

    recording = make(inputs)
    blue_peering = "/fake/net-blue-erc/peerings/AzurePrivatePeering"
    common = {"resourceGroupName": "rg", "peeringName": "AzurePrivatePeering"}
    assert recording.inputs("net-blue-erc-away-reach") == {
        **common,
        "circuitName": "net-blue-erc",
        "connectionName": "away",
        "expressRouteCircuitPeering": {"id": blue_peering},
        "peerExpressRouteCircuitPeering": {
            "id": f"{OTHER}2/peerings/AzurePrivatePeering"
        },
        "addressPrefix": "192.168.102.0/29",
        "authorizationKey": secret(KEY),
    }
    assert recording.inputs("net-blue-erc-to-red-reach") == {
        **common,
        "circuitName": "net-blue-erc",
        "connectionName": "to-red",
        "expressRouteCircuitPeering": {"id": blue_peering},
        "peerExpressRouteCircuitPeering": {"id": "/fake/net-red-erc-peering"},
        "addressPrefix": "192.168.101.0/29",
    }
    assert recording.inputs("net-red-erc-on-reach") == {
        **common,
        "circuitName": "net-red-erc",
        "connectionName": "on",
        "expressRouteCircuitPeering": {"id": "/fake/net-red-erc-peering"},
        "peerExpressRouteCircuitPeering": {
            "id": f"{OTHER}/peerings/AzurePrivatePeering"
        },
        "addressPrefix": "192.168.103.0/29",
    }
    assert {
        name: item.inputs["globalReachEnabled"]
        for name, item in recording.of_type("ExpressRouteCircuit").items()
    } == {"net-blue-erc": True, "net-green-erc": False, "net-red-erc": True}
    order = [
        "net-ergw",
        "net-blue-erc-con",
        "net-green-erc-con",
        "net-red-erc-con",
        "net-blue-erc-away-reach",
        "net-blue-erc-to-red-reach",
        "net-red-erc-on-reach",
    ]
    for name in order[4:]:
        joined_circuits = recording.resources[name]
        assert joined_circuits.replace_on_changes == (
            "addressPrefix",
            "peerExpressRouteCircuitPeering",
        )
        assert joined_circuits.deletes_first is True
        assert joined_circuits.timeouts == ("60m", "60m", "60m")
    waiting = [recording.waits_for(name) for name in order]
    for index, before in enumerate(waiting[:4]):
        assert before & set(order) == set(order[:index])
    assert "net-blue-erc-con" in waiting[4]
    assert {"net-blue-erc-away-reach", "net-red-erc-con"} <= waiting[5]
    assert {"net-blue-erc-to-red-reach", "net-red-erc-con"} <= waiting[6]


def test_what_others_are_told(make: Callable[..., Any]) -> None:
    """Ids by the circuits' names; the key for the provider is a secret; everything that
    was made, and what can be observed."""
    seen: dict[str, Any] = {}

    def look(made: ExpressRoute) -> Any:
        async def values(outputs: dict[str, Any]) -> dict[str, Any]:
            known = await gather(*(item.future() for item in outputs.values()))
            return dict(zip(outputs, known, strict=True))

        async def all_values() -> None:
            seen["gateway"] = await made.gateway_id.future()
            seen["circuits"] = await values(made.circuit_ids)
            seen["connections"] = await values(made.connection_ids)
            seen["secret"] = {
                name: await key.is_secret() for name, key in made.service_keys.items()
            }

        seen["ready"] = [item._name for item in made.ready]  # noqa: SLF001
        seen["observed"] = {
            name: item.resource_type for name, item in made.observed.items()
        }
        return pulumi.Output.from_input(all_values())

    def inputs() -> dict[str, Any]:
        blue = {**NEW, "connect": True, "private_peering": peering()}
        red = {**NEW, "peering_location": "London"}
        return {"circuits": {"old": {"existing_id": OTHER}, "blue": blue, "red": red}}

    make(inputs, look)
    assert seen == {
        "gateway": "/fake/net-ergw",
        "circuits": {
            "blue": "/fake/net-blue-erc",
            "old": OTHER,
            "red": "/fake/net-red-erc",
        },
        "connections": {
            "blue": "/fake/net-blue-erc-con",
            "old": "/fake/net-old-erc-con",
        },
        "secret": {"blue": True, "red": True},
        "ready": [
            "net-ergw",
            "net-blue-erc",
            "net-blue-erc-peering",
            "net-blue-erc-con",
            "net-old-erc-con",
            "net-red-erc",
        ],
        "observed": {
            "ergw": "azure-native:network:VirtualNetworkGateway",
            "blue-erc": "azure-native:network:ExpressRouteCircuit",
            "red-erc": "azure-native:network:ExpressRouteCircuit",
        },
    }


def test_a_first_preview(make: Callable[..., Any]) -> None:
    """The same is planned where no id is known yet, nor any secret."""
    with_ids = make(lambda: joined({}, {}))
    without = make(lambda: joined({}, {}), first_preview=True)
    assert without.kinds() == with_ids.kinds()
    assert without.inputs("net-blue-erc") == with_ids.inputs("net-blue-erc")

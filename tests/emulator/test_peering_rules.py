"""Peerings: each rule once broken; and the state that both sides carry."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask


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


def _state(azure: Any, peering: Any) -> str:
    found = azure.provider.store.get(peering.id)
    return str(found.body["peeringState"]) if found else ""


CASES: list[tuple[str, Callable[[Any], None]]] = [
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
]


@pytest.mark.parametrize(
    ("code", "act"), CASES, ids=[f"{code}-{act.__name__}" for code, act in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code, and a refused request leaves nothing behind."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


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
        "remoteVirtualNetwork": ask.ref(net),
    }
    azure.update("network:VirtualNetworkPeering", other, **remote)
    assert _state(azure, other) == "Initiated"
    again = ask.peering(azure, "net", hub.id)
    assert (_state(azure, again), _state(azure, other)) == ("Connected", "Connected")

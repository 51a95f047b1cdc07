"""What a write or a deletion changes in other resources.

Both sides of a network peering carry its state: a side waits (`Initiated`) until the
other one is there (`Connected`), and is left alone (`Disconnected`) when it goes.
A private endpoint's connection is its target's too, whose owner decides it.
https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview
"""

from collections.abc import Mapping
from typing import Any

from emulator import endpoint_connections
from emulator.azure_rules.endpoint_interfaces import hold_endpoint_addresses
from emulator.azure_rules.machine_changes import remember_secrets
from emulator.azure_rules.peerings import PEERING, other_side, remote_network_of
from emulator.private_addresses import free_left_addresses
from emulator.resource_paths import parent_id
from emulator.store import Resource, Store

_INITIATED = "Initiated"
_CONNECTED = "Connected"
_DISCONNECTED = "Disconnected"
_SYNC_LEVELS = {
    _INITIATED: "RemoteNotInSync",
    _CONNECTED: "FullyInSync",
    _DISCONNECTED: "RemoteNotInSync",
}


def after_write(
    store: Store, resource: Resource, inputs: Mapping[str, Any]
) -> Resource:
    """Carry the effects of a write out; returns the resource as it is then."""
    free_left_addresses(store, resource)
    hold_endpoint_addresses(store, resource, inputs)
    remember_secrets(store, resource, inputs)
    if resource.token == endpoint_connections.ENDPOINT:
        endpoint_connections.show_to_targets(store, resource)
    if resource.token in endpoint_connections.CONNECTIONS:
        return endpoint_connections.decide(store, resource)
    if resource.token != PEERING:
        return resource
    remote_id = remote_network_of(resource)
    back = other_side(store, parent_id(resource.id) or "", remote_id)
    meets = back is not None and back.body.get("peeringState") != _DISCONNECTED
    if back is not None and meets:
        _set_state(store, back, _CONNECTED)
    return _set_state(store, resource, _CONNECTED if meets else _INITIATED)


def before_delete(store: Store, resource: Resource) -> None:
    """Carry the effects of a deletion out: of a peering, or of a network with some, of
    a private endpoint or of its connection."""
    if resource.token == endpoint_connections.ENDPOINT:
        endpoint_connections.forget(store, resource)
    if resource.token in endpoint_connections.CONNECTIONS:
        endpoint_connections.remove(store, resource)
    gone = [resource] if resource.token == PEERING else []
    if resource.token == "network:VirtualNetwork":
        gone = store.children(resource.id, PEERING)
    for peering in gone:
        network_id = parent_id(peering.id) or ""
        back = other_side(store, network_id, remote_network_of(peering))
        if back is not None:
            _set_state(store, back, _DISCONNECTED)


def _set_state(store: Store, peering: Resource, state: str) -> Resource:
    body = {
        **peering.body,
        "peeringState": state,
        "peeringSyncLevel": _SYNC_LEVELS[state],
    }
    remote = store.get(remote_network_of(peering))
    if remote is not None and "addressSpace" in remote.body:
        body["remoteAddressSpace"] = remote.body["addressSpace"]
        body["remoteVirtualNetworkAddressSpace"] = remote.body["addressSpace"]
    return store.put(peering.id, peering.token, body)

"""Network peerings: address spaces, gateways, and the other side.

https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering
"""

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import networks_of, overlapping
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import parent_id, same_id
from emulator.store import Resource, Store

PEERING = "network:VirtualNetworkPeering"
_GATEWAY = "network:VirtualNetworkGateway"
_DISCONNECTED = "Disconnected"


def remote_network_of(peering: Resource) -> str:
    """The id of the network that a peering leads to."""
    return str(at(peering.body, "remoteVirtualNetwork", "id") or "")


def other_side(store: Store, network: str, remote: str) -> Resource | None:
    """The peering that leads back from the remote network."""
    for peering in store.children(remote, PEERING):
        if same_id(remote_network_of(peering), network):
            return peering
    return None


def peered_spaces_are_apart(write: Write) -> None:
    """Peered networks do not overlap, one with the other or with its neighbours."""
    network_id, remote_id = _sides(write)
    network, remote = write.store.get(network_id), write.store.get(remote_id)
    if network is None:
        return
    for sibling in write.store.children(network_id, PEERING):
        if same_id(sibling.id, write.id):
            continue
        other_id = remote_network_of(sibling)
        if same_id(other_id, remote_id):
            raise AzureError(
                400,
                "AnotherPeeringAlreadyReferencesRemoteVnet",
                f"Peering {sibling.id} already references remote virtual network "
                f"{remote_id}. Cannot add another peering referencing the same remote "
                "virtual network.",
            )
        other = write.store.get(other_id)
        if remote and other and _overlap(remote, other):
            raise AzureError(
                400,
                "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
                f"Cannot create or update peering {write.id}. Virtual networks "
                f"{network_id} and {remote_id} cannot be peered because address space "
                "of the first virtual network overlaps with address space of virtual "
                f"network {other_id} already peered with the second.",
            )
    shared = _overlap(network, remote) if remote else ""
    if shared:
        raise AzureError(
            400,
            "VnetAddressSpacesOverlap",
            f"Cannot create or update peering {write.id}. Virtual networks "
            f"{network_id} and {remote_id} cannot be peered because their address "
            f"spaces overlap. Overlapping address prefixes: {shared}",
        )


def peered_network_stays_apart(write: Write) -> None:
    """A network's new ranges do not overlap the networks that it is peered with."""
    if write.existing is None:
        return
    space = networks_of(write.inputs)
    if set(space) == set(networks_of(write.existing.body)):
        return
    for peering in write.store.children(write.id, PEERING):
        remote = write.store.get(remote_network_of(peering))
        shared = overlapping(space, networks_of(remote.body)) if remote else []
        if shared:
            raise AzureError(
                400,
                "VnetAddressSpacesOverlap",
                f"Cannot update virtual network {write.id}: it is peered with "
                f"{remote_network_of(peering)}, and their address spaces overlap. "
                f"Overlapping address prefixes: {', '.join(map(str, shared))}",
            )


def gateways_are_there(write: Write) -> None:
    """Who uses the other network's gateway: it has one, and lends it."""
    if write.inputs.get("useRemoteGateways") is not True:
        return
    network_id, remote_id = _sides(write)
    if write.inputs.get("allowGatewayTransit") is True:
        raise AzureError(
            400,
            "PeeringCannotHaveBothAllowGatewayTransitAndUseRemoteGateways",
            f"Peering {write.id} cannot have both AllowGatewayTransit and "
            "UseRemoteGateways flags set to true.",
        )
    if _has_gateway(write.store, network_id):
        raise AzureError(
            400,
            "VnetHasGatewaysAndUsesRemoteGateways",
            f"Peering {write.id} cannot have UseRemoteGateway flag set to true because "
            f"virtual network {network_id} has a gateway of its own.",
        )
    if write.store.get(remote_id) is None:
        return
    if not _has_gateway(write.store, remote_id):
        raise AzureError(
            400,
            "RemoteVnetHasNoGateways",
            f"Peering {write.id} cannot have UseRemoteGateway flag set to true because "
            f"remote virtual network {remote_id} referenced by the peering does not "
            "have any gateways.",
        )
    back = other_side(write.store, network_id, remote_id)
    if back and back.body.get("allowGatewayTransit") is not True:
        raise AzureError(
            400,
            "RemotePeeringDoesNotAllowGatewayTransit",
            f"Peering {write.id} cannot have UseRemoteGateway flag set to true because "
            f"remote peering {back.id} does not have AllowGatewayTransit flag set to "
            "true.",
        )


def other_side_waits(write: Write) -> None:
    """A peering whose other side was once connected cannot be made alone again."""
    network_id, remote_id = _sides(write)
    back = other_side(write.store, network_id, remote_id)
    if write.existing is None and back:
        if back.body.get("peeringState") == _DISCONNECTED:
            raise AzureError(
                400,
                "RemotePeeringIsDisconnected",
                f"Cannot create or update peering {write.id} because remote peering "
                f"{back.id} referencing parent virtual network {network_id} is in "
                "Disconnected state. Update or re-create the remote peering to get it "
                "back to Initiated state. Peering gets Disconnected when remote vnet "
                "or remote peering is deleted and re-created.",
            )


def _sides(write: Write) -> tuple[str, str]:
    remote = at(write.inputs, "remoteVirtualNetwork", "id")
    return parent_id(write.id) or "", remote if isinstance(remote, str) else ""


def _overlap(one: Resource, other: Resource) -> str:
    shared = overlapping(networks_of(one.body), networks_of(other.body))
    return ", ".join(map(str, shared))


def _has_gateway(store: Store, network: str) -> bool:
    for gateway in store.of_type(_GATEWAY):
        for configuration in gateway.body.get("ipConfigurations") or []:
            subnet = at(configuration, "subnet", "id")
            if isinstance(subnet, str) and same_id(parent_id(subnet) or "", network):
                return True
    return False

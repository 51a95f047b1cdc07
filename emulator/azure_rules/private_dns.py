"""Private DNS: zones, their links to networks, and the zone groups of endpoints."""

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import last_name, parent_id, same_id

_LINK = "privatedns:VirtualNetworkLink"
_ZONE_GROUP = "network:PrivateDnsZoneGroup"


def one_link_per_network(write: Write) -> None:
    """A network is linked to a zone once, and to one zone of a name only."""
    network = at(write.inputs, "virtualNetwork", "id")
    if not isinstance(network, str):
        return
    zone_id = parent_id(write.id) or ""
    zone_name = last_name(zone_id)
    for link in write.store.of_type(_LINK):
        linked = at(link.body, "virtualNetwork", "id")
        other_zone = parent_id(link.id) or ""
        if same_id(link.id, write.id) or not isinstance(linked, str):
            continue
        if not same_id(linked, network):
            continue
        if last_name(other_zone).lower() == zone_name.lower():
            raise AzureError(
                400,
                "BadRequest",
                "A virtual network cannot be linked to multiple zones with overlapping "
                f"namespaces. You tried to link virtual network with '{zone_name}' and "
                f"'{last_name(other_zone)}' zones.",
            )


def registration_is_possible(write: Write) -> None:
    """A network registers its machines in one zone, and in none of Private Link.

    https://learn.microsoft.com/azure/dns/private-dns-autoregistration
    https://learn.microsoft.com/azure/private-link/private-endpoint-dns
    """
    if write.inputs.get("registrationEnabled") is not True:
        return
    zone_name = last_name(parent_id(write.id) or "")
    if zone_name.lower().startswith("privatelink."):
        raise AzureError(
            400,
            "BadRequest",
            f"Auto-registration cannot be enabled on the virtual network link "
            f"'{write.name}': '{zone_name}' is a Private Link zone.",
        )
    network = str(at(write.inputs, "virtualNetwork", "id"))
    for link in write.store.of_type(_LINK):
        linked = str(at(link.body, "virtualNetwork", "id"))
        registers = link.body.get("registrationEnabled") is True
        if same_id(link.id, write.id) or not registers or not same_id(linked, network):
            continue
        raise AzureError(
            409,
            "Conflict",
            "A virtual network can only be linked to 1 Private DNS zone(s) with "
            "auto-registration enabled; conflicting Private DNS zone is "
            f'"{last_name(parent_id(link.id) or "")}".',
        )


def one_zone_group(write: Write) -> None:
    """A private endpoint has one zone group at most."""
    endpoint = parent_id(write.id) or ""
    for group in write.store.children(endpoint, _ZONE_GROUP):
        if not same_id(group.id, write.id):
            raise AzureError(
                400,
                "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
                "Cannot create more than one private dns zone groups in the private "
                f"endpoint {endpoint}: it has {last_name(group.id)} already.",
            )

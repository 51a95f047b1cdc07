"""Private DNS: zones, their links to networks, and the zone groups of endpoints."""

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

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


def zone_has_no_links(store: Store, zone: Resource) -> None:
    """A zone cannot go before its links."""
    links = store.children(zone.id, _LINK)
    if links:
        raise AzureError(
            409,
            "CannotDeleteResource",
            "Cannot delete resource while nested resources exist. Some existing nested "
            f"resource IDs include: '{links[0].id}'. Please delete all nested "
            "resources before deleting this resource.",
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

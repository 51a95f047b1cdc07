"""The network interfaces that Azure makes for private endpoints, and their addresses.

They come and go with the endpoint and belong to Azure: a program can look them up.
https://learn.microsoft.com/azure/private-link/manage-private-endpoint#network-interface
"""

from collections.abc import Mapping
from typing import Any

from emulator.azure_rules.endpoint_members import members
from emulator.private_addresses import next_address
from emulator.resource_paths import id_key, last_name
from emulator.store import Resource, Store

_ENDPOINT = "network:PrivateEndpoint"
_INTERFACE = "network:NetworkInterface"


def hold_endpoint_addresses(
    store: Store, resource: Resource, inputs: Mapping[str, Any]
) -> None:
    """Take an address of the subnet for each member that an endpoint leads to.

    What a program names is taken as named; a target that is not known has one member.
    """
    subnet = inputs.get("subnet")
    subnet_id = subnet.get("id") if isinstance(subnet, Mapping) else None
    if resource.token != _ENDPOINT or not isinstance(subnet_id, str):
        return
    named = [c for c in inputs.get("ipConfigurations") or [] if isinstance(c, Mapping)]
    if store.get(subnet_id) is None:
        return
    places: list[str] = []
    for configuration in named:
        places.append(_place(str(configuration.get("memberName"))))
        address = configuration.get("privateIPAddress")
        if isinstance(address, str):
            store.addresses.hold(subnet_id, resource.id, places[-1], address)
    if not named:
        pairs = members(store, inputs) or [("", "default")]
        places = [_place(name) for _, name in pairs]
        for place in places:
            next_address(store, resource.id, place, subnet_id)
    store.addresses.keep(resource.id, places)


def interface_of_endpoint(store: Store, resource_id: str) -> Resource | None:
    """The interface that Azure made for a private endpoint, or None."""
    if "/networkinterfaces/" not in resource_id.lower():
        return None
    for endpoint in store.of_type(_ENDPOINT):
        for interface in endpoint.body.get("networkInterfaces") or []:
            if id_key(interface["id"]) == id_key(resource_id):
                return _interface(store, endpoint, interface["id"])
    return None


def _interface(store: Store, endpoint: Resource, interface_id: str) -> Resource:
    subnet = {"id": (endpoint.body.get("subnet") or {}).get("id")}
    configurations = [
        {
            "name": f"privateEndpointIpConfig.{position}",
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": position == 0,
            "provisioningState": "Succeeded",
            "subnet": subnet,
        }
        for position, address in enumerate(store.addresses.of(endpoint.id))
    ]
    return Resource(
        id=interface_id,
        token=_INTERFACE,
        identity="",
        body={
            "name": last_name(interface_id),
            "location": endpoint.body.get("location"),
            "type": "Microsoft.Network/networkInterfaces",
            "provisioningState": "Succeeded",
            "privateEndpoint": {"id": endpoint.id},
            "ipConfigurations": configurations,
        },
    )


def _place(member: str) -> str:
    return f"member {member}"

"""Private addresses: which inputs hold them, and which a subnet gives out.

Azure gives the first free address of a subnet; a resource keeps what it has, and an
address that a program names is not given to anybody else.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.store import Resource, Store

PRIVATE_ADDRESSES = frozenset(
    {
        ("dnsresolver:InboundEndpoint", "ipConfigurations.privateIpAddress"),
        ("network:AzureFirewall", "ipConfigurations.privateIPAddress"),
        ("network:AzureFirewall", "managementIpConfiguration.privateIPAddress"),
        ("network:LoadBalancer", "frontendIPConfigurations.privateIPAddress"),
        ("network:NetworkInterface", "ipConfigurations.privateIPAddress"),
        ("network:PrivateLinkService", "ipConfigurations.privateIPAddress"),
    }
)
"""(type, path) of the addresses that come from the subnet named beside them."""
# Azure keeps the first four addresses of a subnet and the last one for itself.
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
_KEPT_BY_AZURE = 4


def given_address(
    store: Store, owner_id: str, path: str, siblings: Mapping[str, Any]
) -> str | None:
    """The address that Azure gives a configuration, from the subnet in it."""
    subnet_id = _subnet_of(siblings)
    return next_address(store, owner_id, place_of(path, siblings), subnet_id)


def next_address(
    store: Store, owner_id: str, place: str, subnet_id: str | None
) -> str | None:
    """The address of a place in a resource: its own, else the subnet's first free."""
    subnet = store.get(subnet_id) if subnet_id else None
    prefix = _first_prefix(subnet) if subnet else None
    if subnet is None or prefix is None:
        return None
    network = ipaddress.ip_network(prefix, strict=False)
    free = (
        str(network[position])
        for position in range(_KEPT_BY_AZURE, network.num_addresses - 1)
    )
    return store.addresses.take(subnet.id, owner_id, place, free)


def hold_named_addresses(
    store: Store, token: str, owner_id: str, inputs: Mapping[str, Any]
) -> None:
    """Take the addresses that inputs name, so that nobody else is given them."""
    for path, configuration in configurations(token, inputs):
        address = configuration.get(_property(path))
        subnet_id = _subnet_of(configuration)
        if isinstance(address, str) and subnet_id and store.get(subnet_id):
            place = place_of(path, configuration)
            store.addresses.hold(subnet_id, owner_id, place, address)


def free_left_addresses(store: Store, resource: Resource) -> None:
    """Free the addresses of configurations that a write has taken away."""
    if any(token == resource.token for token, _ in PRIVATE_ADDRESSES):
        found = configurations(resource.token, resource.body)
        store.addresses.keep(resource.id, [place_of(p, c) for p, c in found])


def configurations(
    token: str, values: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The (path of the address, configuration) pairs of inputs or of a body."""
    for owner, path in sorted(PRIVATE_ADDRESSES):
        if owner == token:
            value = values.get(path.partition(".")[0])
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield path, item


def place_of(path: str, configuration: Mapping[str, Any]) -> str:
    """What tells the addresses of a resource apart."""
    return f"{path} {configuration.get('name') or ''}"


def _property(path: str) -> str:
    return path.rpartition(".")[2]


def _subnet_of(configuration: Mapping[str, Any]) -> str | None:
    subnet = configuration.get("subnet")
    subnet_id = subnet.get("id") if isinstance(subnet, Mapping) else None
    return subnet_id if isinstance(subnet_id, str) else None


def _first_prefix(subnet: Resource) -> str | None:
    several = subnet.body.get("addressPrefixes") or []
    prefixes = [*several, subnet.body.get("addressPrefix")]
    return next((prefix for prefix in prefixes if isinstance(prefix, str)), None)

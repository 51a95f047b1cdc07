"""Network interfaces: the region and the network of what they join.

https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface
https://learn.microsoft.com/azure/load-balancer/backend-pool-management
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.private_link_services import has_addresses
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import id_key, parent_id, same_id
from emulator.store import Resource, Store

CARD = "network:NetworkInterface"


def network_is_in_the_region(write: Write) -> None:
    """An interface is in the region of its network."""
    for configuration in write.inputs.get("ipConfigurations") or []:
        subnet_id = at(configuration, "subnet", "id")
        network = _network(write.store, subnet_id)
        if network is not None and _region(network.body) != _region(write.inputs):
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {subnet_id} referenced by resource {write.id} was not "
                "found. Please make sure that the referenced resource exists, and that "
                "both resources are in the same region.",
            )


def pools_are_of_the_network(write: Write) -> None:
    """The interfaces of a backend pool are in one network, and are all it has."""
    for configuration in write.inputs.get("ipConfigurations") or []:
        network = _network_id(at(configuration, "subnet", "id"))
        for reference in at(configuration, "loadBalancerBackendAddressPools") or []:
            pool = write.store.get(str(at(reference, "id")))
            if pool is None or network is None:
                continue
            if has_addresses(pool.body):
                raise mixed_pool(pool.id)
            for other in _networks_of(write.store, pool.id, without=write.id):
                if not same_id(other, network):
                    raise AzureError(
                        400,
                        "BackendPoolNetworkInterfacesInDifferentVirtualNetworks",
                        f"Network interface {write.id} of virtual network {network} "
                        f"cannot be in backend address pool {pool.id}, which is of "
                        f"virtual network {other}.",
                    )


def mixed_pool(pool_id: str) -> AzureError:
    """The refusal of a backend pool with interfaces and addresses."""
    return AzureError(
        400,
        "BackendPoolCannotHaveAddressesAndNetworkInterfaces",
        f"Backend address pool {pool_id} cannot have network interfaces and IP "
        "addresses at once.",
    )


def cards_of_pool(store: Store, pool_id: str) -> Iterator[tuple[Resource, str]]:
    """The interfaces that have joined a pool, each with its network."""
    for card in store.mentioning(pool_id):
        for configuration in card.body.get("ipConfigurations") or []:
            joined = at(configuration, "loadBalancerBackendAddressPools") or []
            network = _network_id(at(configuration, "subnet", "id"))
            ids = [id_key(str(at(reference, "id"))) for reference in joined]
            if card.token == CARD and network and id_key(pool_id) in ids:
                yield card, network


def _networks_of(store: Store, pool_id: str, *, without: str) -> Iterator[str]:
    for card, network in cards_of_pool(store, pool_id):
        if not same_id(card.id, without):
            yield network
    balancer = store.get(parent_id(pool_id) or "")
    fronts = balancer.body.get("frontendIPConfigurations") if balancer else None
    for front in fronts or []:
        network = _network_id(at(front, "subnet", "id"))
        if network is not None:
            yield network


def _network_id(subnet_id: Any) -> str | None:
    return parent_id(subnet_id) if isinstance(subnet_id, str) else None


def _network(store: Store, subnet_id: Any) -> Resource | None:
    return store.get(_network_id(subnet_id) or "")


def _region(values: Mapping[str, Any]) -> str:
    return normalised_location(str(values.get("location")))

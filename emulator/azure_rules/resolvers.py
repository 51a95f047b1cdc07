"""DNS Private Resolver: the subnets of its endpoints.

https://learn.microsoft.com/azure/dns/dns-private-resolver-overview#subnet-restrictions
"""

from collections.abc import Iterator

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import networks_of
from emulator.azure_rules.in_use import users_of
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import parent_id, same_id
from emulator.store import Resource

_DELEGATION = "microsoft.network/dnsresolvers"
_SIZES = range(24, 29)


def endpoint_has_its_own_subnet(write: Write) -> None:
    """An endpoint's subnet: delegated, /28 to /24, of its network, and empty."""
    kind = "inbound" if "inbound" in write.resource_type.token.lower() else "outbound"
    resolver = write.store.get(parent_id(write.id) or "")
    network = at(resolver.body, "virtualNetwork", "id") if resolver else None
    for subnet_id in _subnet_ids(write):
        subnet = write.store.get(subnet_id)
        if subnet is None:
            continue
        foreign = isinstance(network, str) and not same_id(
            parent_id(subnet_id) or "", network
        )
        taken = [
            u for u in users_of(write.store, subnet) if not same_id(u.id, write.id)
        ]
        if foreign or taken or not is_resolver_subnet(subnet) or not _has_size(subnet):
            raise AzureError(
                400,
                "BadRequest",
                f"The specified subnet {subnet_id} could not be used to provision the "
                f"{kind} endpoint. Please make sure you use a subnet of at least /28 "
                "and at most /24 size, delegated to Microsoft.Network/dnsResolvers, "
                "which is not currently in use by any other DNS resolver endpoint or "
                "any other Azure service workloads.",
            )


def stays_out_of_delegated_subnets(write: Write) -> None:
    """Nothing else lives in a subnet that is delegated to the resolver.

    https://learn.microsoft.com/azure/virtual-network/subnet-delegation-overview
    """
    for subnet_id in _subnet_ids(write):
        subnet = write.store.get(subnet_id)
        if subnet is not None and is_resolver_subnet(subnet):
            raise AzureError(
                400,
                "ResourceNotPermittedOnDelegatedSubnet",
                f"Resource {write.id} is not permitted on subnet {subnet_id}, which is "
                "delegated to Microsoft.Network/dnsResolvers.",
            )


def is_resolver_subnet(subnet: Resource) -> bool:
    """Whether a subnet is delegated to the resolver."""
    delegations = subnet.body.get("delegations") or []
    return any(str(at(d, "serviceName")).lower() == _DELEGATION for d in delegations)


def _has_size(subnet: Resource) -> bool:
    return all(network.prefixlen in _SIZES for network in networks_of(subnet.body))


def _subnet_ids(write: Write) -> Iterator[str]:
    compute = at(write.inputs, "properties", "properties")
    configurations = write.inputs.get("ipConfigurations") or []
    holders = [write.inputs, *configurations, *([compute] if compute else [])]
    for holder in holders:
        subnet_id = at(holder, "subnet", "id")
        if isinstance(subnet_id, str):
            yield subnet_id

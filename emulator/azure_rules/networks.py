"""Networks: address ranges, and parts that are still in use."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

_SUBNET = "network:Subnet"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Only these services hold on to a network's parts; others merely name them.
_HOLDING = ("network:", "compute:", "dnsresolver:", "machinelearningservices:Compute")
_MERELY_NAMING = frozenset({"network:FlowLog"})


def prefixes_are_valid(write: Write) -> None:
    """Address prefixes are networks in CIDR notation, with no bit set behind them."""
    for prefix in _prefixes(write.inputs):
        try:
            ipaddress.ip_network(prefix)
        except ValueError:
            raise AzureError(
                400,
                "InvalidCIDRNotation",
                f"The address prefix {prefix} in resource {write.id} has an invalid "
                "CIDR notation. For the given prefix length, the address prefix should "
                "be the network's first address.",
            ) from None


def subnet_fits(write: Write) -> None:
    """A subnet lies inside of its network and overlaps no other subnet."""
    network_id = parent_id(write.id)
    network = write.store.get(network_id) if network_id else None
    if network_id is None or network is None:
        return
    space = _networks(network.body.get("addressSpace", {}).get("addressPrefixes"))
    others = [
        sibling
        for sibling in write.store.children(network_id, _SUBNET)
        if not same_id(sibling.id, write.id)
    ]
    for wanted in _networks(_prefixes(write.inputs)):
        if space and not any(_contains(outer, wanted) for outer in space):
            raise AzureError(
                400,
                "NetcfgInvalidSubnet",
                f"Subnet '{write.name}' is not valid in virtual network "
                f"'{last_name(network_id)}'.",
            )
        for sibling in others:
            if any(wanted.overlaps(n) for n in _networks(_prefixes(sibling.body))):
                raise AzureError(
                    400,
                    "NetcfgSubnetRangesOverlap",
                    f"Subnet '{write.name}' is not valid because its IP address range "
                    "overlaps with that of an existing subnet in virtual network "
                    f"'{last_name(network_id)}'.",
                )


def subnet_is_unused(store: Store, subnet: Resource) -> None:
    """A subnet with something in it cannot be deleted."""
    users = _users(store, subnet)
    if users:
        raise AzureError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {last_name(subnet.id)} is in use by {users[0].id} and cannot be "
            "deleted. In order to delete the subnet, delete all the resources within "
            "the subnet. See aka.ms/deletesubnet.",
        )


def network_is_unused(store: Store, network: Resource) -> None:
    """A network cannot go while something is in one of its subnets."""
    for subnet in store.children(network.id, _SUBNET):
        subnet_is_unused(store, subnet)


def cannot_go_while_used(code: str, kind: str) -> Callable[[Store, Resource], None]:
    """Something that is still in use cannot be deleted."""

    def rule(store: Store, resource: Resource) -> None:
        users = _users(store, resource)
        if users:
            raise AzureError(
                400,
                code,
                f"{kind} {resource.id} can not be deleted since it is still allocated "
                f"to resource {users[0].id}.",
            )

    return rule


def _users(store: Store, resource: Resource) -> list[Resource]:
    """The resources that keep this one from being deleted."""
    return [
        user
        for user in store.mentioning(resource.id)
        if user.token.startswith(_HOLDING) and user.token not in _MERELY_NAMING
    ]


def _prefixes(values: Mapping[str, Any]) -> list[str]:
    space = values.get("addressSpace")
    inner = space.get("addressPrefixes") if isinstance(space, dict) else None
    single = values.get("addressPrefix")
    found = [*(values.get("addressPrefixes") or []), *(inner or [])]
    if isinstance(single, str):
        found.append(single)
    return [prefix for prefix in found if isinstance(prefix, str)]


def _networks(prefixes: list[str] | None) -> list[_Network]:
    return [ipaddress.ip_network(prefix, strict=False) for prefix in prefixes or []]


def _contains(outer: _Network, inner: _Network) -> bool:
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]

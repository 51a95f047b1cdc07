"""Networks and subnets: address ranges, and what is attached to them."""

import ipaddress

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import (
    contains,
    longest_prefix,
    networks_of,
    overlapping,
    prefixes_of,
)
from emulator.azure_rules.in_use import users_of
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource

_SUBNET = "network:Subnet"
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
_SMALLEST_SUBNET = 29
_NOT_FOR_NETWORKS = tuple(
    ipaddress.ip_network(prefix)
    for prefix in (
        "224.0.0.0/4",
        "255.255.255.255/32",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "168.63.129.16/32",
    )
)
_IN_THE_NETWORKS_REGION = (
    ("networkSecurityGroup", "id"),
    ("routeTable", "id"),
    ("natGateway", "id"),
)


def prefixes_are_valid(write: Write) -> None:
    """Address prefixes are networks in CIDR notation, with no bit set behind them."""
    for prefix in prefixes_of(write.inputs):
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


def space_is_usable(write: Write) -> None:
    """A network's ranges do not overlap, and leave out what Azure keeps for itself.

    https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
    """
    space = networks_of(write.inputs)
    kept = overlapping(space, _NOT_FOR_NETWORKS)
    twice = [one for n, one in enumerate(space) if overlapping([one], space[n + 1 :])]
    for prefix in kept:
        raise AzureError(
            400,
            "NetcfgInvalidIPAddressPrefix",
            f"The address prefix {prefix} of virtual network '{write.name}' is "
            "reserved and cannot be used.",
        )
    for prefix in twice:
        raise AzureError(
            400,
            "NetcfgInvalidVirtualNetworkSite",
            f"The address prefix {prefix} of virtual network '{write.name}' overlaps "
            "another one of its address prefixes.",
        )


def subnets_stay_inside(write: Write) -> None:
    """A network's space cannot shrink below its subnets."""
    if write.existing is None or isinstance(write.inputs.get("subnets"), list):
        return
    space = networks_of(write.inputs)
    for subnet in write.store.children(write.id, _SUBNET):
        for range_ in networks_of(subnet.body):
            if not any(contains(outer, range_) for outer in space):
                raise _invalid_subnet(last_name(subnet.id), write.id)


def encryption_lets_plain_traffic_pass(write: Write) -> None:
    """Dropping what is not encrypted is not generally available.

    https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/create-or-update
    """
    enforcement = at(write.inputs, "encryption", "enforcement")
    if str(enforcement).lower() == "dropunencrypted":
        raise AzureError(
            400,
            "SubscriptionNotRegisteredForFeature",
            "Subscription is not registered for feature "
            "Microsoft.Network/AllowDropUnecryptedVnet required to carry out the "
            "requested operation. AllowUnencrypted is the only supported value of "
            f"encryption.enforcement in virtual network '{write.name}'.",
        )


def subnet_is_large_enough(write: Write) -> None:
    """A subnet has eight addresses at least.

    https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
    """
    length = longest_prefix(write.inputs)
    if length is not None and length > _SMALLEST_SUBNET:
        raise _invalid_subnet(write.name, parent_id(write.id) or "")


def subnet_fits(write: Write) -> None:
    """A subnet lies inside of its network and overlaps no other subnet."""
    network_id = parent_id(write.id)
    network = write.store.get(network_id) if network_id else None
    if network_id is None or network is None:
        return
    space = networks_of(network.body)
    wanted = networks_of(write.inputs)
    if space and not all(any(contains(o, one) for o in space) for one in wanted):
        raise _invalid_subnet(write.name, network_id)
    for sibling in write.store.children(network_id, _SUBNET):
        if same_id(sibling.id, write.id):
            continue
        if overlapping(wanted, networks_of(sibling.body)):
            raise AzureError(
                400,
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{write.name}' is not valid because its IP address range "
                "overlaps with that of an existing subnet in virtual network "
                f"'{last_name(network_id)}'.",
            )


def used_subnet_keeps_its_range(write: Write) -> None:
    """The range of a subnet with something in it cannot change."""
    before = write.existing
    if before is None or not before.body:
        return
    old, new = networks_of(before.body), networks_of(write.inputs)
    if set(old) != set(new) and users_of(write.store, before):
        raise AzureError(
            400,
            "InUseSubnetCannotBeUpdated",
            f"Subnet {write.name} is in use and cannot be updated.",
        )


def attachments_are_in_the_region(write: Write) -> None:
    """A subnet's security group, routes, NAT gateway, policies: in its region."""
    network = write.store.get(parent_id(write.id) or "")
    policies = write.inputs.get("serviceEndpointPolicies") or []
    ids = [at(write.inputs, *path) for path in _IN_THE_NETWORKS_REGION]
    ids += [at(policy, "id") for policy in policies]
    for attached in ids:
        found = write.store.get(attached) if isinstance(attached, str) else None
        if network and found and not _same_region(network, found):
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {found.id} referenced by resource {write.id} was not found. "
                "Please make sure that the referenced resource exists, and that both "
                "resources are in the same region.",
            )


def _same_region(one: Resource, other: Resource) -> bool:
    places = {normalised_location(str(r.body.get("location"))) for r in (one, other)}
    return len(places) == 1


def _invalid_subnet(name: str, network_id: str) -> AzureError:
    return AzureError(
        400,
        "NetcfgInvalidSubnet",
        f"Subnet '{name}' is not valid in virtual network '{last_name(network_id)}'.",
    )

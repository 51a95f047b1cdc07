"""DNS Private Resolver: its network, its endpoints' subnets, rulesets and links.

https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
"""

from collections.abc import Iterator

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import networks_of
from emulator.azure_rules.in_use import users_of
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import parent_id, same_id
from emulator.store import Resource

_DELEGATION = "microsoft.network/dnsresolvers"
_SIZES = range(24, 29)
_RESOLVER = "dnsresolver:DnsResolver"
_LINK = "dnsresolver:PrivateResolverVirtualNetworkLink"


def resolver_is_the_networks_only_one(write: Write) -> None:
    """A network has one resolver, which is in its region and stays in it.

    https://learn.microsoft.com/azure/dns/dns-private-resolver-overview#virtual-network-restrictions
    """
    network_id = str(at(write.inputs, "virtualNetwork", "id") or "")
    before = at(write.existing.body, "virtualNetwork", "id") if write.existing else None
    if isinstance(before, str) and not same_id(before, network_id):
        raise _bad_request(
            f"The virtual network of DNS resolver {write.id} cannot be changed."
        )
    for other in write.store.of_type(_RESOLVER):
        taken = str(at(other.body, "virtualNetwork", "id") or "")
        if not same_id(other.id, write.id) and same_id(taken, network_id):
            raise _bad_request(
                f"Virtual network {network_id} already has the DNS resolver "
                f"{other.id}. A virtual network can have one DNS resolver."
            )
    _require_region(write, write.store.get(network_id))


def endpoint_is_in_the_region(write: Write) -> None:
    """An endpoint is in the region of its resolver."""
    _require_region(write, write.store.get(parent_id(write.id) or ""))


def ruleset_is_in_the_region(write: Write) -> None:
    """A ruleset is in the region of its outbound endpoints.

    https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets#dns-forwarding-rulesets
    """
    for reference in write.inputs.get("dnsResolverOutboundEndpoints") or []:
        _require_region(write, write.store.get(str(at(reference, "id"))))


def rule_names_a_domain(write: Write) -> None:
    """A rule's domain ends with a dot.

    https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets#rules
    """
    domain = str(write.inputs.get("domainName") or "")
    if not domain.endswith("."):
        raise _bad_request(
            f"The domain name '{domain}' of forwarding rule {write.id} must end with "
            "a dot."
        )


def network_follows_one_ruleset(write: Write) -> None:
    """A network is linked to one ruleset, of its own region.

    https://learn.microsoft.com/azure/dns/dns-private-resolver-overview#virtual-network-links
    https://github.com/MicrosoftDocs/architecture-center/pull/4066
    """
    network_id = str(at(write.inputs, "virtualNetwork", "id") or "")
    ruleset = write.store.get(parent_id(write.id) or "")
    network = write.store.get(network_id)
    if ruleset and network and _region(ruleset) != _region(network):
        raise _bad_request(
            f"Virtual network {network_id} cannot be linked to ruleset {ruleset.id}, "
            "which is in another region."
        )
    for other in write.store.of_type(_LINK):
        linked = str(at(other.body, "virtualNetwork", "id") or "")
        if not same_id(other.id, write.id) and same_id(linked, network_id):
            raise _bad_request(
                f"Virtual network {network_id} is linked by {other.id} already. A "
                "virtual network can be linked to one DNS forwarding ruleset."
            )


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


def _require_region(write: Write, other: Resource | None) -> None:
    location = write.inputs.get("location")
    if other is None or not isinstance(location, str):
        return
    if normalised_location(location) != _region(other):
        raise _bad_request(
            f"{write.id} is in {location}, and {other.id} in "
            f"{other.body.get('location')}: both must be in the same region."
        )


def _region(resource: Resource) -> str:
    return normalised_location(str(resource.body.get("location")))


def _bad_request(message: str) -> AzureError:
    return AzureError(400, "BadRequest", message)

"""Public addresses, and the NAT gateways that use them.

https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

_SUBNET = "network:Subnet"
_TAKING = frozenset(
    {
        "network:AzureFirewall",
        "network:BastionHost",
        "network:LoadBalancer",
        "network:NatGateway",
        "network:NetworkInterface",
        "network:VirtualNetworkGateway",
    }
)
_CONFIGURATIONS = (
    "ipConfigurations",
    "frontendIPConfigurations",
    "managementIpConfiguration",
)


def is_standard(address: Mapping[str, Any]) -> bool:
    """Whether a public address (or prefix) is of the Standard SKU or a newer one."""
    return str(at(address, "sku", "name") or "Basic").lower().startswith("standard")


def zones_of(values: Mapping[str, Any]) -> list[str]:
    """The availability zones of a resource, in order."""
    return sorted(str(zone) for zone in values.get("zones") or [])


def address_is_offered(write: Write) -> None:
    """Basic addresses are retired; Standard ones are static.

    https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance
    """
    if str(at(write.inputs, "sku", "name")).lower() == "basic":
        raise AzureError(
            400,
            "IPv4BasicSkuPublicIpCountLimitReached",
            "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this "
            "subscription in this region.",
        )
    method = str(write.inputs.get("publicIPAllocationMethod") or "Dynamic")
    if is_standard(write.inputs) and method.lower() != "static":
        raise AzureError(
            400,
            "StandardSkuPublicIPAddressesMustBeStatic",
            f"Standard sku publicIp {write.name} must have AllocationMethod set to "
            "Static.",
        )


def nat_gateway_is_zonal(write: Write) -> None:
    """A Standard NAT gateway is in one zone or none, and its addresses reach it.

    https://learn.microsoft.com/azure/nat-gateway/nat-availability-zones
    """
    zones = zones_of(write.inputs)
    sku = str(at(write.inputs, "sku", "name") or "Standard").lower()
    if len(zones) > 1 and sku == "standard":
        raise AzureError(
            400,
            "NatGatewayWithMultipleZonesNotSupported",
            f"NAT gateway {write.id} of SKU Standard can be in one availability zone "
            f"at most, but has {', '.join(zones)}.",
        )
    for address in _addresses(write):
        if not is_standard(address.body):
            raise AzureError(
                400,
                "NatGatewayCannotReferenceBasicSkuPublicIp",
                f"NAT gateway {write.id} cannot reference Basic sku publicIp "
                f"{address.id}.",
            )
        if zones and zones[0] not in zones_of(address.body):
            raise AzureError(
                400,
                "PublicIPOrPrefixAndStandardSkuNatGatewayZoneDoNotMatch",
                f"NAT gateway {write.id} is in zone {zones[0]}, but {address.id} is "
                f"{_said_zones(address)}.",
            )


def nat_gateway_serves_one_network(write: Write) -> None:
    """The subnets of a NAT gateway are in one network."""
    gateway = at(write.inputs, "natGateway", "id")
    if not isinstance(gateway, str):
        return
    own = parent_id(write.id) or ""
    for user in write.store.mentioning(gateway):
        other = parent_id(user.id) or ""
        if user.token == _SUBNET and not same_id(other, own):
            raise AzureError(
                400,
                "NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks",
                f"NAT gateway {gateway} cannot be used by subnets of {last_name(own)} "
                f"and {last_name(other)}: they are different virtual networks.",
            )


def bastion_address_is_standard(write: Write) -> None:
    """Bastion's public address is a Standard one.

    https://learn.microsoft.com/azure/bastion/configuration-settings#public-ip
    """
    for configuration in write.inputs.get("ipConfigurations") or []:
        address = found(write.store, at(configuration, "publicIPAddress", "id"))
        if address and not is_standard(address.body):
            raise AzureError(
                400,
                "BastionHostPublicIpMustBeStandardSku",
                f"Bastion Host {write.id} must reference a Standard sku publicIp, and "
                f"not {address.id}.",
            )


def addresses_are_free(write: Write) -> None:
    """A public address is of one thing at a time.

    https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
    """
    for address_id in sorted(set(_named_addresses(write.inputs))):
        for user in write.store.mentioning(address_id):
            if user.token in _TAKING and not same_id(user.id, write.id):
                raise AzureError(
                    400,
                    "PublicIPAddressInUse",
                    f"Resource {write.id} is referencing public IP address "
                    f"{address_id} that is already allocated to resource {user.id}.",
                )


def found(store: Store, resource_id: Any) -> Resource | None:
    """The resource of an id in the inputs, if it is here."""
    return store.get(resource_id) if isinstance(resource_id, str) else None


def _addresses(write: Write) -> Iterator[Resource]:
    for name in ("publicIpAddresses", "publicIpPrefixes"):
        for reference in write.inputs.get(name) or []:
            address = found(write.store, at(reference, "id"))
            if address is not None:
                yield address


def _said_zones(address: Resource) -> str:
    zones = zones_of(address.body)
    return f"in zone {', '.join(zones)}" if zones else "in no zone"


def _named_addresses(inputs: Mapping[str, Any]) -> Iterator[str]:
    references = list(inputs.get("publicIpAddresses") or [])
    for name in _CONFIGURATIONS:
        value = inputs.get(name)
        for item in value if isinstance(value, list) else [value]:
            references.append(at(item or {}, "publicIPAddress"))
    for reference in references:
        address_id = at(reference or {}, "id")
        if isinstance(address_id, str):
            yield address_id

"""Private addresses that a program names: of the subnet, not Azure's own, and free.

https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses
https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
"""

from ipaddress import ip_address

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import networks_of
from emulator.azure_rules.requests import Write, at
from emulator.private_addresses import configurations
from emulator.resource_paths import id_key
from emulator.store import Resource

_RESERVED_FIRST, _RESERVED_LAST = 4, 1
"""How many addresses of a subnet Azure keeps, at its ends."""


def static_addresses_are_usable(write: Write) -> None:
    """A static configuration names a free address of its subnet.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/15265
    https://github.com/Azure/sap-hana/issues/552
    """
    named: dict[str, str] = {}
    for path, configuration in configurations(write.resource_type.token, write.inputs):
        container, _, name = path.partition(".")
        method = configuration.get(name.replace("Address", "AllocationMethod"))
        place = f"{write.id}/{container}/{configuration.get('name')}"
        text = configuration.get(name)
        if str(method).lower() != "static":
            continue
        if not isinstance(text, str):
            raise AzureError(
                400,
                "PrivateIPAddressMissing",
                "Private IP address is required when privateIPAllocationMethod is "
                f"Static in IP configuration {place}.",
            )
        subnet_id = at(configuration, "subnet", "id")
        subnet = write.store.get(subnet_id) if isinstance(subnet_id, str) else None
        if subnet is None:
            continue
        require_usable(write, place, subnet, text)
        key = f"{id_key(subnet.id)} {text}"
        if key in named:
            raise AzureError(
                400,
                "MultipleIpConfigsRequestSamePrivateIpAddress",
                f"IP configuration {place} is requesting the same private IP address "
                f"{text} as IP Configurations {named[key]}. Private IP address {text} "
                "from the subnet can be assigned to only one IP configuration.",
            )
        named[key] = place


def require_usable(write: Write, place: str, subnet: Resource, text: str) -> None:
    """Refuse an address outside of a subnet, in Azure's part of it, or taken.

    https://github.com/F5Networks/terraform-azure-bigip-module/issues/63
    """
    ranges = networks_of(subnet.body)
    if not ranges:
        return
    try:
        address = ip_address(text)
    except ValueError:
        raise AzureError(
            400,
            "InvalidIPAddressInIPConfiguration",
            f"The private IP address {text} of {place} is not valid.",
        ) from None
    inside = [network for network in ranges if address in network]
    if not inside:
        raise AzureError(
            400,
            "PrivateIPAddressNotInSubnet",
            f"Private static IP address {text} does not belong to the range of "
            f"subnet prefix {', '.join(map(str, ranges))}.",
        )
    position = int(address) - int(inside[0].network_address)
    if not _RESERVED_FIRST <= position < inside[0].num_addresses - _RESERVED_LAST:
        raise AzureError(
            400,
            "PrivateIPAddressInReservedRange",
            f"Private static IP address {text} falls within reserved IP range of "
            f"subnet prefix {inside[0]}.",
        )
    holder = write.store.addresses.holder(subnet.id, text)
    if holder is not None and holder != id_key(write.id):
        raise AzureError(
            400,
            "PrivateIPAddressIsAllocated",
            f"IP configuration {place} is using the private IP address {text} which "
            f"is already allocated to resource {holder}.",
        )

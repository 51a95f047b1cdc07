"""Virtual network gateways: sizes, addresses, and who else is in the network.

https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq
https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import longest_prefix
from emulator.azure_rules.public_addresses import found, is_standard, zones_of
from emulator.azure_rules.requests import Write, at
from emulator.azure_rules.zones import has_zones
from emulator.resource_paths import id_key, parent_id, same_id
from emulator.store import Resource, Store

GATEWAY = "network:VirtualNetworkGateway"
_VPN = "vpn"
_FOR_TWO_GATEWAYS = 27
_RETIRED = frozenset(
    {*(f"vpngw{n}" for n in range(1, 6)), "standard", "highperformance"}
)
# https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview
_AZURES_OWN_ASNS = frozenset({8074, 8075, 12076, *range(65517, 65521)})
_IANAS_ASNS = frozenset({23456, *range(64496, 64512), *range(65535, 65552)})
RESERVED_ASNS = _AZURES_OWN_ASNS | _IANAS_ASNS
"""Numbers that no gateway may have, Azure's (which has 65515) or somebody else's."""


def size_is_offered(write: Write) -> None:
    """VPN gateways are made in sizes with AZ, or Basic; a size is its own tier.

    https://learn.microsoft.com/azure/vpn-gateway/gateway-sku-consolidation
    """
    name, tier = size_of(write.inputs), str(at(write.inputs, "sku", "tier") or "")
    if tier and name and tier.lower() != name:
        raise AzureError(
            400,
            "VirtualNetworkGatewaySkuNameAndTierDoNotMatch",
            f"Virtual network gateway {write.id} has the SKU name "
            f"{at(write.inputs, 'sku', 'name')} and another tier, {tier}.",
        )
    if _is_vpn(write.inputs) and name in _RETIRED:
        raise AzureError(
            400,
            "NonAzSkusNotAllowedForVPNGateway",
            f"VPN gateway {write.id} cannot have the SKU "
            f"{at(write.inputs, 'sku', 'name')}: SKUs without availability zones are "
            "no longer allowed. Use one of VpnGw1AZ to VpnGw5AZ.",
        )


def network_has_no_other(write: Write) -> None:
    """A network has one VPN gateway and one ExpressRoute gateway at most.

    https://github.com/MicrosoftDocs/architecture-center/issues/1529
    """
    for other in _others(write):
        if _kind(other.body) == _kind(write.inputs):
            raise AzureError(
                400,
                "VirtualNetworkGatewayAlreadyExists",
                f"A virtual network can't be associated with more than one gateway of "
                f"type {write.inputs.get('gatewayType')}: {other.id} is there.",
            )
        subnet = write.store.get(next(_subnets(write.inputs), ""))
        length = longest_prefix(subnet.body) if subnet else None
        if length is not None and length > _FOR_TWO_GATEWAYS:
            raise AzureError(
                400,
                "GatewaySubnetTooSmallForCoexistence",
                f"Virtual network gateway {write.id} shares its subnet with "
                f"{other.id}: it must be /{_FOR_TWO_GATEWAYS} at least, and not "
                f"/{length}.",
            )


def addresses_fit(write: Write) -> None:
    """A VPN gateway's addresses are Standard; those of an AZ size have zones.

    https://learn.microsoft.com/azure/vpn-gateway/about-zone-redundant-vnet-gateways
    https://github.com/Azure/ResourceModules/issues/2609
    """
    size = size_of(write.inputs)
    if size in ("", "basic") or not _is_vpn(write.inputs):
        return
    for address in _addresses(write):
        if not is_standard(address.body):
            raise AzureError(
                400,
                "BasicPublicIpNotSupportedForVirtualNetworkGateway",
                f"Basic IP configuration for VPN virtual network gateway {write.id} is "
                f"not supported: {address.id} must be of the Standard SKU.",
            )
        region = str(write.inputs.get("location") or "")
        if size.endswith("az") and has_zones(region) and not zones_of(address.body):
            raise AzureError(
                400,
                "VmssVpnGatewayPublicIpsMustHaveZonesConfigured",
                "Standard Public IPs associated with VPN Gateways with AZ VPN skus "
                "must have zones configured.",
            )


def configurations_are_enough(write: Write) -> None:
    """One configuration; two at least when active-active, three with clients besides.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-highlyavailable
    """
    count = len(write.inputs.get("ipConfigurations") or [])
    active = write.inputs.get("activeActive") is True
    wanted = (3 if clients_of(write.inputs) else 2) if active else 1
    if count and (count < wanted or (count > wanted and not active)):
        raise AzureError(
            400,
            "VirtualNetworkGatewayIpConfigurationCountDoesNotMatch",
            f"Virtual network gateway {write.id} has {count} IP configurations and "
            f"needs {wanted}{' to be active-active' if active else ''}.",
        )


def basic_is_plain(write: Write) -> None:
    """A Basic gateway has no BGP, is not active-active, and knows SSTP clients only.

    https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus#basic
    """
    if size_of(write.inputs) != "basic":
        return
    clients = at(write.inputs, "vpnClientConfiguration", "vpnClientProtocols") or []
    lacking = [
        *(str(name) for name in clients if str(name).lower() != "sstp"),
        *(n for n in ("enableBgp", "activeActive") if write.inputs.get(n) is True),
    ]
    if lacking:
        raise AzureError(
            400,
            "VirtualNetworkGatewayBasicSkuDoesNotSupportFeature",
            f"Virtual network gateway {write.id} of SKU Basic does not support "
            f"{', '.join(lacking)}.",
        )


def number_is_free(write: Write) -> None:
    """A gateway's autonomous system number is nobody else's.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq#bgp
    """
    number = at(write.inputs, "bgpSettings", "asn")
    if number in RESERVED_ASNS:
        raise AzureError(
            400,
            "VirtualNetworkGatewayBgpAsnReserved",
            f"Virtual network gateway {write.id} cannot have the ASN {number}, which "
            "is reserved.",
        )


def kind_stays(write: Write) -> None:
    """A gateway keeps its kind, its VPN type and its generation.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq#gateway-types
    """
    for name in ("gatewayType", "vpnType"):
        before = write.existing.body.get(name) if write.existing else None
        after = write.inputs.get(name)
        if before and after and str(before).lower() != str(after).lower():
            raise AzureError(
                400,
                "VirtualNetworkGatewayPropertyCannotBeChanged",
                f"Virtual network gateway {write.id} cannot change {name} from "
                f"{before} to {after}: delete it and make it anew.",
            )


def used_translations_stay(write: Write) -> None:
    """A NAT rule is not left out of its gateway while a connection names it.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/25683
    """
    kept = {
        id_key(f"{write.id}/natRules/{at(rule, 'name')}")
        for rule in write.inputs.get("natRules") or []
    }
    for connection in write.store.of_type("network:VirtualNetworkGatewayConnection"):
        for key in ("ingressNatRules", "egressNatRules"):
            for rule in connection.body.get(key) or []:
                rule_id = str(at(rule, "id"))
                gateway_id = rule_id.rpartition("/natRules/")[0]
                if same_id(gateway_id, write.id) and id_key(rule_id) not in kept:
                    raise AzureError(
                        400,
                        "VirtualNetworkGatewayNatRuleInUseByConnection",
                        f"Virtual network gateway {write.id} cannot give up NAT rule "
                        f"{rule_id}: connection {connection.id} uses it.",
                    )


def translation_needs_a_size(write: Write) -> None:
    """Address translation needs VpnGw2AZ or more.

    https://learn.microsoft.com/azure/vpn-gateway/nat-overview
    """
    gateway = write.store.get(parent_id(write.id) or "")
    if gateway is not None:
        _refuse_translation(write.id, gateway.body)


def own_translations_need_a_size(write: Write) -> None:
    """The same of rules that come with their gateway."""
    if write.inputs.get("natRules"):
        _refuse_translation(f"{write.id}/natRules", write.inputs)


def _refuse_translation(rule_id: str, gateway: Mapping[str, Any]) -> None:
    if size_of(gateway) in ("basic", "vpngw1az"):
        raise AzureError(
            400,
            "VirtualNetworkGatewayNatRulesNotSupportedForSku",
            f"NAT rule {rule_id} needs a gateway of VpnGw2AZ or more, and not "
            f"{at(gateway, 'sku', 'name')}.",
        )


def clients_of(values: Mapping[str, Any]) -> list[str]:
    """The address ranges of a gateway's point-to-site clients."""
    pool = at(values, "vpnClientConfiguration", "vpnClientAddressPool")
    return [str(prefix) for prefix in at(pool or {}, "addressPrefixes") or []]


def size_of(values: Mapping[str, Any]) -> str:
    """The SKU of a gateway in lower case, empty if it is left out."""
    return str(at(values, "sku", "name") or "").lower()


def network_of(values: Mapping[str, Any]) -> str | None:
    """The id of the network that a gateway is in."""
    subnet_id = next(_subnets(values), None)
    return parent_id(subnet_id) if subnet_id else None


def gateways_in(store: Store, network: str) -> list[Resource]:
    """The gateways of a network."""
    return [
        gateway
        for gateway in store.of_type(GATEWAY)
        if same_id(network_of(gateway.body) or "", network)
    ]


def _kind(values: Mapping[str, Any]) -> str:
    return str(values.get("gatewayType") or _VPN).lower()


def _is_vpn(values: Mapping[str, Any]) -> bool:
    return _kind(values) == _VPN


def _others(write: Write) -> Iterator[Resource]:
    network = network_of(write.inputs)
    for other in gateways_in(write.store, network) if network else ():
        if not same_id(other.id, write.id):
            yield other


def _subnets(values: Mapping[str, Any]) -> Iterator[str]:
    for configuration in values.get("ipConfigurations") or []:
        subnet_id = at(configuration, "subnet", "id")
        if isinstance(subnet_id, str):
            yield subnet_id


def _addresses(write: Write) -> Iterator[Resource]:
    for configuration in write.inputs.get("ipConfigurations") or []:
        address = found(write.store, at(configuration, "publicIPAddress", "id"))
        if address is not None:
            yield address

"""Connections of gateways, and the local network gateways at their other end.

https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings
https://learn.microsoft.com/azure/vpn-gateway/ipsec-ike-policy-howto
https://learn.microsoft.com/azure/expressroute/expressroute-howto-linkvnet-arm
"""

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import parsed
from emulator.azure_rules.gateway_clients import ranges_of_site, refuse_overlap
from emulator.azure_rules.gateways import RESERVED_ASNS, clients_of, size_of
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at
from emulator.network_values import PROVISIONED
from emulator.resource_paths import id_key
from emulator.store import Resource

_EXPRESS_ROUTE, _IPSEC, _BETWEEN_NETWORKS = "expressroute", "ipsec", "vnet2vnet"
_OTHER_END = {
    _EXPRESS_ROUTE: "peer",
    _IPSEC: "localNetworkGateway2",
    _BETWEEN_NETWORKS: "virtualNetworkGateway2",
}
_AZURES_ASN = 65515
_HEAVIEST = 32000
_WITH_FAST_PATH = ("ultraperformance", "ergw3az")
_SCALABLE, _UNITS_WITH_FAST_PATH = "ergwscale", 10
_POLICY = (
    "dhGroup",
    "ikeEncryption",
    "ikeIntegrity",
    "ipsecEncryption",
    "ipsecIntegrity",
    "pfsGroup",
    "saDataSizeKilobytes",
    "saLifeTimeSeconds",
)


def site_has_one_address(write: Write) -> None:
    """A local network gateway has an address or a name, ranges, and its own ASN.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#lng
    """
    given = [n for n in ("gatewayIpAddress", "fqdn") if write.inputs.get(n)]
    if len(given) != 1:
        raise _refused(
            "LocalNetworkGatewayMustHaveAddressOrFqdn",
            f"Local network gateway {write.id} must have either gatewayIpAddress or "
            f"fqdn, and has {'both' if given else 'neither'}.",
        )
    ranges_of_site(write.id, write.inputs)
    number = at(write.inputs, "bgpSettings", "asn")
    if number == _AZURES_ASN or number in RESERVED_ASNS:
        raise _refused(
            "LocalNetworkGatewayBgpAsnReserved",
            f"Local network gateway {write.id} cannot have the ASN {number}, which is "
            "reserved.",
        )


def other_end_fits(write: Write) -> None:
    """A connection has the other end of its kind, and a gateway of its kind."""
    kind = str(write.inputs.get("connectionType")).lower()
    wanted = _OTHER_END.get(kind)
    if wanted is None:
        return
    if not at(write.inputs, wanted, "id"):
        raise _refused(
            "VirtualNetworkGatewayConnectionEndMissing",
            f"Connection {write.id} of type {write.inputs.get('connectionType')} needs "
            f"{wanted}.",
        )
    gateway = _gateway(write)
    is_circuit = kind == _EXPRESS_ROUTE
    held = str(gateway.body.get("gatewayType") if gateway else "").lower()
    if gateway and (held == _EXPRESS_ROUTE) != is_circuit:
        raise _refused(
            "VirtualNetworkGatewayConnectionTypeDoesNotMatchGateway",
            f"Connection {write.id} of type {write.inputs.get('connectionType')} "
            f"cannot use gateway {gateway.id} of type "
            f"{gateway.body.get('gatewayType')}.",
        )


def policies_are_complete(write: Write) -> None:
    """An IPsec policy is whole, uses GCM on both sides, and no Basic gateway has one.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-compliance-crypto
    """
    policies = write.inputs.get("ipsecPolicies") or []
    gateway = _gateway(write)
    if policies and gateway and size_of(gateway.body) == "basic":
        raise _refused(
            "IpsecPoliciesNotSupportedForBasicSku",
            f"Connection {write.id} cannot have IPsec policies: gateway {gateway.id} "
            "is of the SKU Basic.",
        )
    for policy in policies:
        missing = [name for name in _POLICY if at(policy, name) is None]
        if missing:
            raise _refused(
                "IpsecPolicyIncomplete",
                f"The IPsec policy of connection {write.id} lacks "
                f"{', '.join(missing)}.",
            )
        encryption, integrity = (
            str(at(policy, name)).lower()
            for name in ("ipsecEncryption", "ipsecIntegrity")
        )
        gcm = [value for value in (encryption, integrity) if value.startswith("gcm")]
        if gcm and encryption != integrity:
            raise _refused(
                "IpsecPolicyGcmAlgorithmsDoNotMatch",
                f"The IPsec policy of connection {write.id} has the encryption "
                f"{at(policy, 'ipsecEncryption')} and the integrity "
                f"{at(policy, 'ipsecIntegrity')}: with GCM they are the same.",
            )


def numbers_differ(write: Write) -> None:
    """The two ends of BGP have different autonomous system numbers."""
    if write.inputs.get("enableBgp") is not True:
        return
    gateway = _gateway(write)
    site = found(write.store, at(write.inputs, "localNetworkGateway2", "id"))
    if gateway is None or site is None:
        return
    own = at(gateway.body, "bgpSettings", "asn") or _AZURES_ASN
    if at(site.body, "bgpSettings", "asn") == own:
        raise _refused(
            "VirtualNetworkGatewayConnectionBgpAsnsAreEqual",
            f"Connection {write.id}: gateway {gateway.id} and local network gateway "
            f"{site.id} have the same ASN {own}.",
        )


def site_and_clients_are_apart(write: Write) -> None:
    """A site does not have the addresses of the gateway's clients."""
    gateway = _gateway(write)
    site = found(write.store, at(write.inputs, "localNetworkGateway2", "id"))
    if gateway is not None and site is not None:
        pool = parsed(gateway.id, clients_of(gateway.body))
        kind = f"address space of local network gateway {site.id}"
        refuse_overlap(pool, ranges_of_site(site.id, site.body), kind)


def circuit_is_ready(write: Write) -> None:
    """A circuit is connected when its provider is done, and with a key from others.

    https://learn.microsoft.com/azure/expressroute/expressroute-workflows
    """
    weight = write.inputs.get("routingWeight")
    if isinstance(weight, int | float) and not 0 <= weight <= _HEAVIEST:
        raise _refused(
            "VirtualNetworkGatewayConnectionInvalidRoutingWeight",
            f"Connection {write.id} has the routing weight {weight:g}; allowed are 0 "
            f"to {_HEAVIEST}.",
        )
    if str(write.inputs.get("connectionType")).lower() != _EXPRESS_ROUTE:
        return
    circuit_id = str(at(write.inputs, "peer", "id") or "")
    foreign = _subscription(circuit_id) != _subscription(write.id)
    if circuit_id and foreign and not write.inputs.get("authorizationKey"):
        raise _refused(
            "ExpressRouteCircuitAuthorizationKeyRequired",
            f"Connection {write.id} needs an authorization key: circuit {circuit_id} "
            "is in another subscription.",
        )
    circuit = write.store.get(circuit_id)
    state = circuit.body.get("serviceProviderProvisioningState") if circuit else None
    if circuit is not None and state != PROVISIONED:
        raise _refused(
            "ExpressRouteCircuitNotProvisioned",
            f"Connection {write.id} cannot use circuit {circuit.id}: the service "
            f"provider's state is {state}, and must be {PROVISIONED}.",
        )


def gateway_has_the_fast_path(write: Write) -> None:
    """Traffic can pass by the gateways of some sizes only.

    https://learn.microsoft.com/azure/expressroute/about-fastpath
    """
    gateway = _gateway(write)
    wanted = write.inputs.get("expressRouteGatewayBypass") is True
    if gateway and wanted and not _has_fast_path(gateway):
        raise _refused(
            "ExpressRouteGatewayBypassNotSupportedForSku",
            f"Connection {write.id} cannot bypass gateway {gateway.id} of SKU "
            f"{at(gateway.body, 'sku', 'name')}: this takes UltraPerformance, ErGw3AZ, "
            f"or ErGwScale with {_UNITS_WITH_FAST_PATH} scale units or more.",
        )


def _has_fast_path(gateway: Resource) -> bool:
    size = size_of(gateway.body)
    if size != _SCALABLE:
        return size in _WITH_FAST_PATH
    units = at(gateway.body, "autoScaleConfiguration", "bounds", "min")
    return isinstance(units, int | float) and units >= _UNITS_WITH_FAST_PATH


def _gateway(write: Write) -> Resource | None:
    return found(write.store, at(write.inputs, "virtualNetworkGateway1", "id"))


def _subscription(resource_id: str) -> str:
    return (id_key(resource_id).split("/") + ["", ""])[2]


def _refused(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)

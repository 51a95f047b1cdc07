"""ExpressRoute circuits and their peerings: what waits for the provider.

https://learn.microsoft.com/azure/expressroute/expressroute-workflows
https://learn.microsoft.com/azure/expressroute/expressroute-circuit-peerings
"""

import ipaddress

from emulator.azure_error import AzureError
from emulator.azure_rules.in_use import users_of
from emulator.azure_rules.requests import Write, at
from emulator.network_values import NOT_PROVISIONED, PROVISIONED
from emulator.resource_paths import parent_id, same_id
from emulator.store import Resource, Store

CIRCUIT = "network:ExpressRouteCircuit"
_PEERING = "network:ExpressRouteCircuitPeering"
_LINK_LENGTH = 30
_UNLIMITED, _METERED = "unlimiteddata", "metereddata"


def sku_is_consistent(write: Write) -> None:
    """A circuit's SKU is named after its tier and family.

    https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/create-or-update
    """
    name, tier, family = (
        str(at(write.inputs, "sku", part) or "") for part in ("name", "tier", "family")
    )
    if name and tier and family and name.lower() != f"{tier}_{family}".lower():
        raise _refused(
            "ExpressRouteCircuitSkuInvalid",
            f"Circuit {write.id} has the SKU name {name}, and not {tier}_{family}.",
        )


def circuit_does_not_shrink(write: Write) -> None:
    """A circuit keeps its bandwidth or gets more, and does not go back to metering.

    https://learn.microsoft.com/azure/expressroute/expressroute-howto-circuit-portal-resource-manager#modify
    """
    before = write.existing.body if write.existing else {}
    for path in (
        ("serviceProviderProperties", "bandwidthInMbps"),
        ("bandwidthInGbps",),
    ):
        old, new = at(before, *path), at(write.inputs, *path)
        numbers = isinstance(old, int | float) and isinstance(new, int | float)
        if numbers and new < old:
            raise _refused(
                "ExpressRouteCircuitBandwidthCannotBeReduced",
                f"The bandwidth of circuit {write.id} cannot go from {old:g} to "
                f"{new:g}: make a new circuit.",
            )
    old, new = (str(at(v, "sku", "family")).lower() for v in (before, write.inputs))
    if (old, new) == (_UNLIMITED, _METERED):
        raise _refused(
            "ExpressRouteCircuitFamilyCannotBeChanged",
            f"Circuit {write.id} cannot go from UnlimitedData to MeteredData.",
        )


def circuit_is_given_back(store: Store, circuit: Resource) -> None:
    """A circuit goes when its provider has let go of it, and nothing uses it."""
    state = circuit.body.get("serviceProviderProvisioningState")
    is_direct = bool(at(circuit.body, "expressRoutePort", "id"))
    if not is_direct and state not in (None, NOT_PROVISIONED):
        raise AzureError(
            409,
            "ExpressRouteCircuitCannotBeDeletedWhileProvisioned",
            f"Circuit {circuit.id} cannot be deleted: the service provider's state is "
            f"{state}. Ask the provider to deprovision it first.",
        )
    for user in users_of(store, circuit):
        raise AzureError(
            409,
            "ExpressRouteCircuitInUse",
            f"Circuit {circuit.id} cannot be deleted while {user.id} uses it.",
        )


def provider_is_done(write: Write) -> None:
    """Peerings are made on a circuit that its provider has provisioned."""
    circuit = write.store.get(parent_id(write.id) or "")
    state = circuit.body.get("serviceProviderProvisioningState") if circuit else None
    if circuit is not None and state != PROVISIONED:
        raise _refused(
            "ExpressRouteCircuitNotProvisioned",
            f"Peering {write.id} cannot be made: the service provider's state is "
            f"{state}, and must be {PROVISIONED}.",
        )


def links_are_valid(write: Write) -> None:
    """A peering has two different /30 ranges, and a VLAN of its own."""
    links = []
    for name in ("primaryPeerAddressPrefix", "secondaryPeerAddressPrefix"):
        text = write.inputs.get(name)
        if not isinstance(text, str):
            continue
        network = _network(text)
        if network is None or network.prefixlen != _LINK_LENGTH:
            raise _refused(
                "ExpressRouteCircuitPeeringInvalidAddressPrefix",
                f"Peering {write.id}: {name} is {text}, and must be a /{_LINK_LENGTH} "
                "range.",
            )
        links.append(network)
    if len(links) > 1 and links[0].overlaps(links[1]):
        raise _refused(
            "ExpressRouteCircuitPeeringAddressPrefixesOverlap",
            f"Peering {write.id}: the primary and the secondary range overlap.",
        )
    circuit = parent_id(write.id) or ""
    for other in write.store.children(circuit, _PEERING):
        vlan = other.body.get("vlanId")
        if not same_id(other.id, write.id) and vlan == write.inputs.get("vlanId"):
            raise _refused(
                "ExpressRouteCircuitPeeringVlanIdInUse",
                f"Peering {write.id} cannot have the VLAN {vlan}: {other.id} has it.",
            )


def _network(text: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        return None


def _refused(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)

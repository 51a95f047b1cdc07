"""What Azure answers of gateways, circuits and private endpoints by itself.

https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateways
https://learn.microsoft.com/azure/private-link/private-endpoint-overview#access-to-a-private-link-resource-using-approval-workflow
"""

from collections.abc import Mapping
from typing import Any

from emulator.endpoint_connections import STATE, link_service, seen_by_target
from emulator.private_addresses import next_address
from emulator.resource_paths import id_key, last_name
from emulator.store import Resource, Store

NOT_PROVISIONED = "NotProvisioned"
PROVISIONED = "Provisioned"
# https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview
_AZURES_ASN = 65515
_EVERYBODY = "*"


def bgp_settings(
    store: Store, gateway_id: str, inputs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The BGP settings of a gateway whose program gives none."""
    addresses = peering_addresses(store, gateway_id, inputs)
    if not addresses:
        return None
    return {
        "asn": _AZURES_ASN,
        "bgpPeeringAddress": peering_address(store, gateway_id, inputs),
        "bgpPeeringAddresses": addresses,
        "peerWeight": 0,
    }


def peering_address(
    store: Store, gateway_id: str, inputs: Mapping[str, Any]
) -> str | None:
    """The BGP addresses of all instances, in one text with commas."""
    found = [
        _bgp_address(store, gateway_id, configuration)
        for configuration in inputs.get("ipConfigurations") or []
    ]
    return ",".join(address for address in found if address) or None


def peering_addresses(
    store: Store, gateway_id: str, inputs: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """An entry for each configuration: its BGP address, and its public one."""
    return [
        {
            "ipconfigurationId": f"{gateway_id}/ipConfigurations/{item.get('name')}",
            "defaultBgpIpAddresses": [address],
            "customBgpIpAddresses": [],
            "tunnelIpAddresses": _tunnel_addresses(store, item),
        }
        for item in inputs.get("ipConfigurations") or []
        if (address := _bgp_address(store, gateway_id, item))
    ]


def default_bgp_addresses(
    store: Store, gateway_id: str, inputs: Mapping[str, Any], entry: Mapping[str, Any]
) -> list[str] | None:
    """The BGP addresses of the configuration that an entry of the program names."""
    item = _configuration_named(inputs, entry)
    address = _bgp_address(store, gateway_id, item) if item else None
    return [address] if address else None


def tunnel_addresses(
    store: Store, inputs: Mapping[str, Any], entry: Mapping[str, Any]
) -> list[str] | None:
    """The public addresses of the configuration that an entry names."""
    item = _configuration_named(inputs, entry)
    return _tunnel_addresses(store, item) if item else None


def provider_state(store: Store, circuit_id: str, inputs: Mapping[str, Any]) -> str:
    """What the provider of a circuit has done; a direct one has no provider."""
    if _id_of(inputs, "expressRoutePort"):
        return PROVISIONED
    circuit = store.get(circuit_id)
    state = circuit.body.get("serviceProviderProvisioningState") if circuit else None
    return str(state or NOT_PROVISIONED)


def connection_state(
    store: Store, endpoint_id: str, connection: Mapping[str, Any], *, manual: bool
) -> dict[str, str]:
    """Whether the owner of a target has approved a private endpoint's connection.

    An endpoint that does not ask is approved where its owner may do so himself, which
    here is the target's subscription; a service may approve subscriptions by itself.
    What the owner has decided stays.
    """
    decided = seen_by_target(store, endpoint_id, connection)
    if decided is not None:
        return dict(decided.body[STATE])
    target = link_service(store, connection.get("privateLinkServiceId"))
    approved = not manual
    if target is not None:
        own = _subscription(target.id) == _subscription(endpoint_id)
        wanted = _approved_subscriptions(target)
        approved = (not manual and own) or bool(
            wanted & {_EVERYBODY, _subscription(endpoint_id)}
        )
    if not approved:
        return {
            "status": "Pending",
            "description": str(connection.get("requestMessage") or ""),
            "actionsRequired": "None",
        }
    return {
        "status": "Approved",
        "description": "Auto-Approved",
        "actionsRequired": "None",
    }


def _approved_subscriptions(service: Resource) -> set[str]:
    approval = service.body.get("autoApproval")
    given = approval.get("subscriptions") if isinstance(approval, Mapping) else None
    return {str(subscription).lower() for subscription in given or []}


def _subscription(resource_id: str) -> str:
    return (id_key(resource_id).split("/") + ["", ""])[2]


def _bgp_address(
    store: Store, gateway_id: str, configuration: Mapping[str, Any]
) -> str | None:
    place = f"bgp {configuration.get('name') or ''}"
    return next_address(store, gateway_id, place, _id_of(configuration, "subnet"))


def _tunnel_addresses(store: Store, configuration: Mapping[str, Any]) -> list[str]:
    address_id = _id_of(configuration, "publicIPAddress")
    address = store.get(address_id) if address_id else None
    found = address.body.get("ipAddress") if address else None
    return [found] if isinstance(found, str) else []


def _configuration_named(
    inputs: Mapping[str, Any], entry: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    wanted = last_name(str(entry.get("ipconfigurationId") or "")).lower()
    for item in inputs.get("ipConfigurations") or []:
        if str(item.get("name")).lower() == wanted:
            return item
    return None


def _id_of(values: Mapping[str, Any], name: str) -> str | None:
    reference = values.get(name)
    found = reference.get("id") if isinstance(reference, Mapping) else None
    return found if isinstance(found, str) else None

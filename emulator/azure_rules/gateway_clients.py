"""Point-to-site clients: their addresses, and the certificates that vouch for them.

https://learn.microsoft.com/azure/vpn-gateway/point-to-site-about
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import (
    Network,
    networks_of,
    overlapping,
    parsed,
)
from emulator.azure_rules.gateways import clients_of, network_of
from emulator.azure_rules.peerings import PEERING, remote_network_of
from emulator.azure_rules.requests import Write, at
from emulator.store import Store

_CONNECTION = "network:VirtualNetworkGatewayConnection"
_BITS_OF_A_SEQUENCE = 0x30


def clients_stay_apart(write: Write) -> None:
    """Clients have addresses of their own: none of the network, its peers, or a site.

    https://github.com/MicrosoftDocs/azure-docs/issues/27351
    """
    pool = parsed(write.id, clients_of(write.inputs))
    network_id = network_of(write.inputs)
    network = write.store.get(network_id) if network_id else None
    if not pool or network is None:
        return
    refuse_overlap(pool, networks_of(network.body), "virtual network's address space")
    for peering in write.store.children(network.id, PEERING):
        remote = write.store.get(remote_network_of(peering))
        if remote is not None:
            peer = f"address space of the peered virtual network {remote.id}"
            refuse_overlap(pool, networks_of(remote.body), peer)
    for site, ranges in sites_of(write.store, write.id):
        refuse_overlap(pool, ranges, f"address space of local network gateway {site}")


def refuse_overlap(
    pool: Iterable[Network], others: Iterable[Network], kind: str
) -> None:
    """Refuse a client pool that overlaps other ranges."""
    held = list(others)
    for one in pool:
        shared = overlapping(held, [one])
        if shared:
            raise AzureError(
                400,
                "VpnClientAddressPoolOverlaps",
                f"The virtual network gateway's VPN client address pool overlaps with "
                f"the {kind}. The overlapping address space prefixes are {one} and "
                f"{shared[0]}.",
            )


def sites_of(store: Store, gateway_id: str) -> Iterator[tuple[str, list[Network]]]:
    """The local network gateways that a gateway is connected to, and their ranges."""
    for connection in store.of_type(_CONNECTION):
        own = str(at(connection.body, "virtualNetworkGateway1", "id")).lower()
        site_id = at(connection.body, "localNetworkGateway2", "id")
        site = store.get(site_id) if isinstance(site_id, str) else None
        if own == gateway_id.lower() and site is not None:
            yield site.id, ranges_of_site(site.id, site.body)


def ranges_of_site(site_id: str, values: Mapping[str, Any]) -> list[Network]:
    """The address ranges behind a local network gateway."""
    prefixes = at(values, "localNetworkAddressSpace", "addressPrefixes") or []
    return parsed(site_id, prefixes)


def certificates_are_valid(write: Write) -> None:
    """A root certificate is base64 text in one line, without BEGIN and END.

    https://github.com/MicrosoftDocs/azure-docs/issues/72838
    """
    configuration = write.inputs.get("vpnClientConfiguration") or {}
    for root in at(configuration, "vpnClientRootCertificates") or []:
        if not _is_certificate(str(at(root, "publicCertData") or "")):
            raise AzureError(
                400,
                "VpnClientRootCertificateDataInvalid",
                f"Data for certificate {write.id}/vpnClientRootCertificates/"
                f"{at(root, 'name')} is invalid.",
            )


def _is_certificate(text: str) -> bool:
    """Whether a text is the base64 form of one DER sequence: the shape of X.509."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(data) < 2 or data[0] != _BITS_OF_A_SEQUENCE:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    size = data[1] & 0x7F
    return len(data) == 2 + size + int.from_bytes(data[2 : 2 + size])

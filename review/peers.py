"""The configuration of each site's own device, out of a plan.

A plan knows everything that both ends of a tunnel must agree on, but for the addresses
of a gateway that is still to be made: a word stands in their place. After a deployment
the stack's outputs hold the same texts with the addresses.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from azureml_rulebook.autonomous_systems import AZURE
from azureml_rulebook.ipsec import IpsecPolicy
from azureml_rulebook.sites import DEFAULT_DEAD_PEER_SECONDS
from azureml_rulebook.strongswan import (
    BGP_ADDRESS_WORD,
    Peer,
    PeerBgp,
    PeerSelectors,
    PeerTunnel,
    gateway_address_word,
    peer_configuration,
)
from review.outcomes import Misuse
from review.plan import Plan, Resource
from review.urns import name_of, type_of

_NETWORK = "azure-native:network:"
_CONNECTION = f"{_NETWORK}VirtualNetworkGatewayConnection"
_GATEWAY = f"{_NETWORK}VirtualNetworkGateway"
_LOCAL_GATEWAY = f"{_NETWORK}LocalNetworkGateway"
_NO_WORD = re.compile(r"[^a-zA-Z0-9_-]")
"""What neither a file's name nor a connection of strongSwan's should have."""
_AZURE_ONLY = "InitiatorOnly"


def peer_files(plan: Plan) -> dict[str, str]:
    """The text of each site's `swanctl.conf` by file name; empty without sites.

    Raises `Misuse` for a connection that cannot be told to strongSwan, such as one
    with a weak policy, or without any.
    """
    resources = {each["urn"]: each for each in plan["resources"]}
    files: dict[str, str] = {}
    for connection in plan["resources"]:
        is_site = connection["inputs"].get("connectionType") == "IPsec"
        if connection["type"] == _CONNECTION and is_site:
            name = _site_name(connection)
            files[f"{name}.conf"] = _text(name, connection, resources)
    return files


def _text(name: str, connection: Resource, resources: Mapping[str, Resource]) -> str:
    gateway = _end(connection, "virtualNetworkGateway1", _GATEWAY, resources)
    site = _end(connection, "localNetworkGateway2", _LOCAL_GATEWAY, resources)
    try:
        peer = _peer(name, connection["inputs"], site, gateway)
        return peer_configuration(peer, _tunnels(connection["inputs"], gateway))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Misuse(
            f"--plan: {connection['name']} has no peer configuration, since its "
            f"policy or its ends are not whole, or not current: {error!r}"
        ) from error


def _site_name(connection: Resource) -> str:
    """What the program calls the site, without what its component adds."""
    component = name_of(connection["parent"] or "")
    name = connection["name"].removeprefix(f"{component}-")
    return _NO_WORD.sub("-", name.removesuffix("-con"))


def _end(
    connection: Resource,
    key: str,
    type_token: str,
    resources: Mapping[str, Resource],
) -> dict[str, Any]:
    """The inputs of the resource that an input comes from; empty if that is unknown."""
    urns: Iterable[str] = connection["propertyDependencies"].get(key, ())
    return next(
        (
            resources[urn]["inputs"]
            for urn in urns
            if urn in resources and type_of(urn) == type_token
        ),
        {},
    )


def _peer(
    name: str, inputs: dict[str, Any], site: dict[str, Any], gateway: dict[str, Any]
) -> Peer:
    bgp = site.get("bgpSettings") if inputs.get("enableBgp") else None
    return Peer(
        name=name,
        public_address=site.get("gatewayIpAddress"),
        policy=_policy(inputs["ipsecPolicies"][0]),
        dead_peer_timeout_seconds=int(
            inputs.get("dpdTimeoutSeconds", DEFAULT_DEAD_PEER_SECONDS)
        ),
        begins=inputs.get("connectionMode") != _AZURE_ONLY,
        selectors=tuple(
            PeerSelectors(
                network_ranges=tuple(each["localAddressRanges"]),
                site_ranges=tuple(each["remoteAddressRanges"]),
            )
            for each in inputs.get("trafficSelectorPolicies", ())
        ),
        bgp=bgp
        and PeerBgp(
            as_number=int(bgp["asn"]),
            address=str(bgp["bgpPeeringAddress"]),
            gateway_as_number=int(gateway.get("bgpSettings", {}).get("asn", AZURE)),
        ),
    )


def _policy(inputs: dict[str, Any]) -> IpsecPolicy:
    return IpsecPolicy(
        ike_encryption=inputs["ikeEncryption"],
        ike_integrity=inputs["ikeIntegrity"],
        dh_group=inputs["dhGroup"],
        ipsec_encryption=inputs["ipsecEncryption"],
        ipsec_integrity=inputs["ipsecIntegrity"],
        pfs_group=inputs["pfsGroup"],
        lifetime_seconds=int(inputs["saLifeTimeSeconds"]),
        lifetime_kilobytes=int(inputs["saDataSizeKilobytes"]),
    )


def _tunnels(inputs: dict[str, Any], gateway: dict[str, Any]) -> list[PeerTunnel]:
    """One tunnel for each instance; clients have an IP configuration behind them."""
    count = 2 if gateway.get("activeActive") else 1
    instances = [each["name"] for each in gateway["ipConfigurations"][:count]]
    chosen = inputs.get("gatewayCustomBgpIpAddresses", [])
    addresses: list[str | None] = [each["customBgpIpAddress"] for each in chosen]
    if inputs.get("enableBgp") and not addresses:
        addresses = [BGP_ADDRESS_WORD] * count
    addresses = addresses or [None] * count
    return [
        PeerTunnel(
            instance=instance,
            gateway_address=gateway_address_word(instance),
            bgp_address=address,
        )
        for instance, address in zip(instances, addresses, strict=True)
    ]

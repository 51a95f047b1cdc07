"""Rules for people's VPN clients: how they sign in, and by which protocol."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Unknown,
    Violation,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB, assigned
from azureml_policies._openings import configured_ranges
from azureml_policies._plan import GATEWAY
from azureml_policies._subnets import Range, ranges_in
from azureml_rulebook import point_to_site
from azureml_rulebook.address_ranges import PRIVATE_RANGES

_CLIENTS = "vpnClientConfiguration"
_POOL = f"{_CLIENTS}.vpnClientAddressPool.addressPrefixes"
_SIGN_IN = f"{_CLIENTS}.vpnAuthenticationTypes"
_PROTOCOLS = f"{_CLIENTS}.vpnClientProtocols"
_VPN_DOCS = "https://learn.microsoft.com/azure/vpn-gateway"
_MOST_CLIENTS = 10_000
"""OpenVPN connections of the largest size
(https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus)."""
_LARGEST_POOL = 17
"""Of two instances, each gives half of the pool: 2 x 16,384 addresses."""


def _example(**configuration: Any) -> dict[str, Any]:
    pool = {"vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]}}
    return {"gatewayType": "Vpn", "vpnClientConfiguration": pool | configuration}


@resource_rule(
    id="VG002",
    name="vpn-p2s-aad-only",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(GATEWAY,),
    controls=(Control(MCSB, "IM-1"),),
    azure_policies=("21a6bc25-125e-4d13-b82d-2e19b7208ab7",),
    steps="Set vpnClientConfiguration.vpnAuthenticationTypes to AAD alone, with "
    "aadTenant, aadAudience and aadIssuer.",
    url=f"{_VPN_DOCS}/point-to-site-entra-gateway",
    bad=_example(vpnAuthenticationTypes=["Certificate"]),
    good=_example(vpnAuthenticationTypes=["AAD"]),
)
def people_sign_in_with_entra(gateway: Resource, context: Context) -> Iterator[Finding]:
    """People reach a VPN gateway with their account in Microsoft Entra ID alone."""
    wanted = point_to_site.AUTHENTICATION[point_to_site.ENTRA_ID]
    found = _is_only(
        gateway,
        _SIGN_IN,
        wanted,
        unset="Azure takes whatever certificates or servers it is given",
    )
    yield from _if_it_has_clients(gateway, found)


@resource_rule(
    id="VG003",
    name="vpn-p2s-openvpn",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(GATEWAY,),
    controls=(assigned("IM-1"),),
    remedy={_PROTOCOLS: [point_to_site.OPENVPN]},
    steps="Set vpnClientConfiguration.vpnClientProtocols to OpenVPN alone, the one "
    "protocol that takes accounts of Microsoft Entra ID by itself.",
    url=f"{_VPN_DOCS}/point-to-site-about",
    bad=_example(vpnClientProtocols=["IkeV2", "OpenVPN"]),
    good=_example(vpnClientProtocols=["OpenVPN"]),
)
def people_use_openvpn(gateway: Resource, context: Context) -> Iterator[Finding]:
    """Clients of a VPN gateway speak OpenVPN, which Entra ID sign-in needs."""
    found = _is_only(
        gateway,
        _PROTOCOLS,
        point_to_site.OPENVPN,
        unset="Azure chooses older protocols",
    )
    yield from _if_it_has_clients(gateway, found)


@resource_rule(
    id="VG010",
    name="vpn-client-pool",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(GATEWAY,),
    settings={
        "largest": {
            "type": "integer",
            "minimum": 8,
            "maximum": 29,
            "default": _LARGEST_POOL,
            "description": "The shortest prefix that a range may have: 24 is 256 "
            f"addresses. The largest gateway takes {_MOST_CLIENTS} clients",
        },
        "ranges": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Ranges that clients may have addresses of; empty: private "
            "ones",
        },
    },
    controls=(assigned("NS-1"),),
    steps="Give clients a private range of their own, as small as their number allows: "
    "security groups let it in.",
    url=f"{_VPN_DOCS}/point-to-site-entra-gateway",
    bad={
        "gatewayType": "Vpn",
        "vpnClientConfiguration": {
            "vpnClientAddressPool": {"addressPrefixes": ["172.16.0.0/12"]}
        },
    },
    good=_example(),
)
def client_pool_is_narrow(gateway: Resource, context: Context) -> Iterator[Finding]:
    """Clients of a VPN gateway have few addresses, and none of others."""
    pool = ranges_in(gateway.value(_POOL))
    if not pool:
        raise NotApplicable("has no addresses for people's machines")
    yield from pool.unread("clients have to have a private range")
    allowed = configured_ranges(context, "ranges") or PRIVATE_RANGES
    listed = ", ".join(map(str, allowed))
    for path, each in pool.known:
        if each.prefixlen < context.settings["largest"]:
            yield Violation(
                path,
                f"{path} '{each}' has {each.num_addresses} addresses; use a range of "
                f"/{context.settings['largest']:g} or smaller",
            )
        if not any(_is_inside(each, one) for one in allowed):
            yield Violation(path, f"{path} '{each}' is not inside {listed}; move it")


def _is_inside(one: Range, other: Range) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return one.subnet_of(other)
    return False


def _if_it_has_clients(
    gateway: Resource, found: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``found`` if people connect to the gateway from their own machines."""
    pool = gateway.value(_POOL)
    if isinstance(pool, Unknown):
        for finding in found:
            yield undecided(pool, f"if people connect, {finding.message}")
        return
    if not pool.elements():
        raise NotApplicable("has no addresses for people's machines")
    yield from found


def _is_only(
    gateway: Resource, path: str, wanted: str, *, unset: str
) -> Iterator[Finding]:
    """Want the list at ``path`` to hold ``wanted`` and nothing else."""
    advice = f"set it to ['{wanted}']"
    reading = gateway.value(path)
    if isinstance(reading, Unknown):
        yield undecided(reading, f"{path} has to be ['{wanted}']")
        return
    elements = reading.elements()
    if not elements:
        yield Violation(path, f"{path} is missing: {unset}; {advice}")
    for element in elements:
        if isinstance(element, Unknown):
            yield undecided(element, f"{path} has to be ['{wanted}']")
        elif not isinstance(element, Known) or not element.is_any_of((wanted,)):
            shown = element.text if isinstance(element, Known) else "empty"
            yield Violation(element.path, f"{element.path} is {shown}; {advice}")

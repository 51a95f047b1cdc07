"""VPN clients of people: how they sign in, with which protocols, from which ranges.

Not every way of signing in goes with every protocol, and Azure tells of a combination
that it does not take only after the gateway has been made, an hour later.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import NOT_PUBLIC, forbidden_range_findings
from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT
from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.vpn_gateways import SIZES, SIZES_PAGE

_LEARN = "https://learn.microsoft.com/azure/vpn-gateway"
_ABOUT_PAGE = f"{_LEARN}/point-to-site-about"
_COMBINATIONS_PAGE = f"{_LEARN}/howto-point-to-site-multi-auth"
_ENTRA_PAGE = f"{_LEARN}/point-to-site-entra-gateway"
_SSTP_PAGE = f"{_LEARN}/ikev2-openvpn-from-sstp"
LIMITS_PAGE = f"{_LEARN}/vpn-gateway-vpn-faq#P2S"
CERTIFICATES_PAGE = f"{_LEARN}/vpn-gateway-howto-point-to-site-resource-manager-portal"
RADIUS_PAGE = f"{_LEARN}/point-to-site-how-to-radius-ps"

_VPN_CLIENT = "az network vnet-gateway vpn-client"
"""https://learn.microsoft.com/cli/azure/network/vnet-gateway/vpn-client"""

OPENVPN = "OpenVPN"
IKEV2 = "IkeV2"
SSTP = "SSTP"

PROTOCOLS = (OPENVPN, IKEV2)
"""What clients speak, as Azure spells it. SSTP can be switched on no more since March
31, 2026, and stops a year later (``_SSTP_PAGE``)."""

ENTRA_ID = "entra_id"
CERTIFICATE = "certificate"
RADIUS = "radius"

AUTHENTICATION: dict[str, str] = {
    ENTRA_ID: "AAD",
    CERTIFICATE: "Certificate",
    RADIUS: "Radius",
}
"""Ways to sign in, and what Azure calls them (``_ABOUT_PAGE``)."""

MOST_ROOT_CERTIFICATES = 20
MOST_REVOKED_CERTIFICATES = 300
"""Of one gateway (``LIMITS_PAGE``)."""

MOST_RADIUS_SERVERS = 2
"""Of one gateway (``RADIUS_PAGE``)."""

AUDIENCE = "c632b3df-fb67-4d84-bdcf-b95ad541b5c8"
"""Microsoft's own Azure VPN Client, in all clouds (``_ENTRA_PAGE``)."""

_SIGN_IN_HOSTS: dict[str, str] = {
    PUBLIC: "login.microsoftonline.com",
    US_GOVERNMENT: "login.microsoftonline.us",
    CHINA: "login.chinacloudapi.cn",
}
"""Where people of a tenant sign in, by cloud
(https://learn.microsoft.com/azure/vpn-gateway/openvpn-azure-ad-tenant)."""
_ISSUERS: dict[str, str] = {
    PUBLIC: "sts.windows.net",
    US_GOVERNMENT: "sts.windows.net",
    CHINA: "sts.chinacloudapi.cn",
}
"""Who issues a tenant's tokens, by cloud (``_ENTRA_PAGE``; for China
https://docs.azure.cn/entra/identity-platform/howto-convert-app-to-be-multi-tenant)."""

_LONGEST_POOL = 29
_LONGEST_ACTIVE_ACTIVE_POOL = 28
"""Prefix lengths of the smallest ranges (``_COMBINATIONS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Protocols that are on together, and the ways to sign in that they take."""

    protocols: frozenset[str]
    authentication: tuple[frozenset[str], ...]
    """Each of these sets, as a whole."""


COMBINATIONS: tuple[Combination, ...] = (
    Combination(
        protocols=frozenset({OPENVPN}),
        authentication=(
            frozenset({ENTRA_ID}),
            frozenset({CERTIFICATE}),
            frozenset({RADIUS}),
            frozenset({ENTRA_ID, CERTIFICATE}),
            frozenset({ENTRA_ID, RADIUS}),
            frozenset({CERTIFICATE, RADIUS}),
            frozenset({ENTRA_ID, CERTIFICATE, RADIUS}),
        ),
    ),
    Combination(
        protocols=frozenset({IKEV2}),
        authentication=(frozenset({CERTIFICATE}), frozenset({RADIUS})),
    ),
    Combination(
        protocols=frozenset({IKEV2, OPENVPN}),
        authentication=(
            frozenset({CERTIFICATE}),
            frozenset({RADIUS}),
            frozenset({ENTRA_ID, CERTIFICATE}),
            frozenset({ENTRA_ID, RADIUS}),
        ),
    ),
)
"""Everything that Azure takes (``_COMBINATIONS_PAGE``)."""


def protocol_findings(protocol: object, path: str) -> list[Finding]:
    """Check that clients can speak this protocol."""
    if protocol in PROTOCOLS:
        return []
    if str(protocol).upper() == SSTP:
        return [
            Finding(
                path,
                f"'{protocol}' is retired: since March 31, 2026 no gateway takes it; "
                f"use '{OPENVPN}' or '{IKEV2}' ({_SSTP_PAGE})",
            )
        ]
    return [
        Finding(
            path,
            f"{protocol!r} is not a protocol of VPN clients; "
            f"{suggestion(str(protocol), PROTOCOLS)} ({_ABOUT_PAGE})",
        )
    ]


def authentication_findings(way: object, path: str) -> list[Finding]:
    """Check that people can sign in this way."""
    if isinstance(way, str) and way in AUTHENTICATION:
        return []
    return [
        Finding(
            path,
            f"{way!r} is not a way to sign in; {suggestion(str(way), AUTHENTICATION)} "
            f"({_ABOUT_PAGE})",
        )
    ]


def count_findings(number: int, most: int, *, path: str, page: str) -> list[Finding]:
    """Check that there are no more of something than a gateway takes."""
    if number <= most:
        return []
    return [
        Finding(
            path,
            f"are {number}, and a gateway takes {most}; leave out {number - most} "
            f"({page})",
        )
    ]


def combination_findings(
    protocols: Collection[str], ways: Collection[str], *, path: str
) -> list[Finding]:
    """Check that the protocols take these ways to sign in, all of them known ones."""
    row = next(row for row in COMBINATIONS if row.protocols == frozenset(protocols))
    if frozenset(ways) in row.authentication:
        return []
    asked = _in_order(ways, AUTHENTICATION)
    allowed = "; ".join(_in_order(each, AUTHENTICATION) for each in row.authentication)
    return [
        Finding(
            path,
            f"{asked} does not go with {_in_order(protocols, PROTOCOLS)}, which takes "
            f"{allowed} ({_COMBINATIONS_PAGE})",
        )
    ]


def radius_secret_findings(text: str, *, path: str) -> list[Finding]:
    """Check what a RADIUS server shares with the gateway; no message shows it.

    Without it anybody could let people in
    (https://www.rfc-editor.org/rfc/rfc2865#section-3).
    """
    if text.strip():
        return []
    return [
        Finding(
            path,
            "is empty; give the secret that the server has for the gateway "
            f"({RADIUS_PAGE})",
        )
    ]


def pool_findings(
    pool: IPv4Network, *, path: str, active_active: bool
) -> list[Finding]:
    """Check that clients can get addresses from a range."""
    forbidden = forbidden_range_findings(pool, path)
    if forbidden:
        return forbidden
    if not any(pool.subnet_of(private) for private in NOT_PUBLIC):
        allowed = ", ".join(map(str, NOT_PUBLIC))
        return [
            Finding(
                path,
                f"'{pool}' is not private; use a range inside one of {allowed} "
                f"({_COMBINATIONS_PAGE})",
            )
        ]
    longest = _LONGEST_ACTIVE_ACTIVE_POOL if active_active else _LONGEST_POOL
    if pool.prefixlen <= longest:
        return []
    kind = "an active-active gateway" if active_active else "a gateway"
    return [
        Finding(
            path,
            f"'{pool}' is too small; {kind} needs a /{longest} or larger for clients "
            f"({_COMBINATIONS_PAGE})",
        )
    ]


def pool_size_warnings(
    size: str, pools: Sequence[IPv4Network], *, path: str
) -> tuple[str, ...]:
    """Say where clients could get more addresses than the gateway serves clients."""
    most = SIZES[size].clients
    useful = 1 << (most - 1).bit_length()
    addresses = sum(pool.num_addresses for pool in pools)
    if addresses <= useful:
        return ()
    return (
        f"{path}: has {addresses} addresses, and a gateway of size {size} serves "
        f"{most} clients at a time; a larger size serves more ({SIZES_PAGE})",
    )


def tenant_url(cloud_name: str, tenant_id: str) -> str:
    """Return where people of a tenant sign in, without a slash at its end."""
    return f"https://{_SIGN_IN_HOSTS[cloud_name]}/{tenant_id}"


def issuer_url(cloud_name: str, tenant_id: str) -> str:
    """Return who issues a tenant's tokens; Azure needs the slash (``_ENTRA_PAGE``)."""
    return f"https://{_ISSUERS[cloud_name]}/{tenant_id}/"


def _in_order(words: Collection[str], order: Collection[str]) -> str:
    return " with ".join(word for word in order if word in words)


def package_command(
    resource_group_name: str, gateway_name: str, ways: Collection[str]
) -> str:
    """Return the command that makes the clients' package and prints its address.

    ``ways``: those to sign in; people who sign in by RADIUS alone give a password.
    """
    method = "EAPMSCHAPv2" if set(ways) == {RADIUS} else "EAPTLS"
    return (
        f"{_VPN_CLIENT} generate {_of(resource_group_name, gateway_name)} "
        f"--authentication-method {method} --output tsv"
    )


def profile_commands(
    resource_group_name: str, gateway_name: str, ways: Collection[str]
) -> list[str]:
    """Return the commands that make the profiles and download them, in order."""
    address = (
        f"{_VPN_CLIENT} show-url {_of(resource_group_name, gateway_name)} --output tsv"
    )
    return [
        package_command(resource_group_name, gateway_name, ways),
        f'curl --output "{gateway_name}-clients.zip" "$({address})"',
    ]


def _of(resource_group_name: str, gateway_name: str) -> str:
    return f'--resource-group "{resource_group_name}" --name "{gateway_name}"'

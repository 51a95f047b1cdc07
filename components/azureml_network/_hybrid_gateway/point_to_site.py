"""Plans how people's own machines come in: protocols, ways to sign in, addresses.

A gateway lets nobody in until this is given; each way to sign in has inputs of its own,
and one without the other is refused, since it would let in nobody or somebody else.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from pulumi import Input, Output

from azureml_network._hybrid_gateway.arguments import PointToSiteSpec, RadiusServerSpec
from azureml_network._hybrid_gateway.certificates import (
    RootCertificate,
    read_revoked_certificate,
    read_root_certificate,
)
from azureml_network._hybrid_gateway.checked_secrets import checked_secret
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._hybrid_gateway.vpn import VpnPlan
from azureml_network._inputs import InputReader, is_known_later
from azureml_rulebook.address_ranges import read_ranges
from azureml_rulebook.dns_servers import read_server
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.point_to_site import (
    AUDIENCE,
    AUTHENTICATION,
    CERTIFICATE,
    ENTRA_ID,
    LIMITS_PAGE,
    MOST_RADIUS_SERVERS,
    MOST_REVOKED_CERTIFICATES,
    MOST_ROOT_CERTIFICATES,
    OPENVPN,
    PROTOCOLS,
    RADIUS,
    RADIUS_PAGE,
    authentication_findings,
    combination_findings,
    count_findings,
    pool_findings,
    pool_size_warnings,
    protocol_findings,
    radius_secret_findings,
)
from azureml_rulebook.resource_ids import application_id_findings, tenant_id_findings

_POINT_TO_SITE = "point_to_site"
_INPUTS_OF: dict[str, tuple[str, ...]] = {
    ENTRA_ID: ("tenant_id", "audience"),
    CERTIFICATE: ("root_certificates", "revoked_certificates"),
    RADIUS: ("radius_servers",),
}
"""Inputs that one way to sign in has; the first of each is required with it."""


@dataclass(frozen=True, kw_only=True)
class RadiusServerPlan:
    """A server that people sign in with."""

    address: IPv4Address
    secret: Output[str]
    """Secret and checked."""


@dataclass(frozen=True, kw_only=True)
class EntraPlan:
    """How people sign in with Microsoft Entra ID."""

    tenant_id: Input[str]
    audience: str
    """Application id that tokens are for."""


@dataclass(frozen=True, kw_only=True)
class PointToSitePlan:
    """VPN clients as they will be let in."""

    address_pool: Ranges
    """Ranges that they get addresses from, each with its path."""
    protocols: tuple[str, ...]
    authentication: tuple[str, ...]
    entra: EntraPlan | None
    root_certificates: Mapping[str, str]
    """The base64 of each in one line, by name."""
    revoked_certificates: Mapping[str, str]
    """SHA-1 thumbprints by name."""
    radius_servers: Mapping[str, RadiusServerPlan]
    warnings: tuple[str, ...]
    """What a review is told."""


def read_point_to_site(
    reader: InputReader, vpn: VpnPlan | None, *, now: datetime | None = None
) -> PointToSitePlan | None:
    """Read who is let in; None: nobody.

    Args:
        reader: the component's inputs.
        vpn: the gateway that clients come through.
        now: when certificates must be valid; left out, at this moment.
    """
    if not reader.has(_POINT_TO_SITE):
        return None
    spec = reader.nested(_POINT_TO_SITE, PointToSiteSpec)
    if vpn is None:
        spec.note("", "needs a VPN gateway; give vpn too")
    pool = _address_pool(spec, active_active=vpn is not None and vpn.active_active)
    protocols = _words(spec, "protocols", PROTOCOLS, OPENVPN, protocol_findings)
    ways = _words(
        spec, "authentication", AUTHENTICATION, ENTRA_ID, authentication_findings
    )
    if protocols and ways:
        spec.findings += combination_findings(
            protocols, ways, path=f"{spec.path}.authentication"
        )
    _check_inputs_of(spec, ways)
    roots = _root_certificates(spec, now)
    return PointToSitePlan(
        address_pool=pool,
        protocols=protocols,
        authentication=ways,
        entra=_entra(spec) if ENTRA_ID in ways else None,
        root_certificates={name: root.public_cert_data for name, root in roots.items()},
        revoked_certificates=_revoked_certificates(spec, roots),
        radius_servers=_radius_servers(spec),
        warnings=()
        if vpn is None
        else pool_size_warnings(
            vpn.size,
            [network for _, network in pool],
            path=f"{spec.path}.address_pool",
        ),
    )


def _address_pool(spec: InputReader, *, active_active: bool) -> Ranges:
    path = f"{spec.path}.address_pool"
    ranges, findings = read_ranges(spec.texts("address_pool"), path)
    spec.findings += findings
    for range_path, network in ranges:
        spec.findings += pool_findings(
            network, path=range_path, active_active=active_active
        )
    return tuple(ranges)


def _words(
    spec: InputReader,
    key: str,
    known: Collection[str],
    default: str,
    check: Callable[[object, str], list[Finding]],
) -> tuple[str, ...]:
    """Read which of the ``known`` words are given, in their order.

    () after a finding about any of them.
    """
    if not spec.has(key):
        return (default,)
    items = spec.texts(key)
    faults: list[Finding] = []
    for index, item in enumerate(items):
        place = f"{spec.path}.{key}[{index}]"
        faults += check(item, place)
        if item in items[:index]:
            faults.append(Finding(place, f"{item!r} is given twice; leave one out"))
    spec.findings += faults
    return () if faults else tuple(word for word in known if word in items)


def _check_inputs_of(spec: InputReader, ways: Collection[str]) -> None:
    """Note inputs of ways to sign in that are not on, and those that are missing."""
    if not ways:
        return
    for way, keys in _INPUTS_OF.items():
        if way in ways:
            _require(spec, keys[0], way)
            continue
        for key in keys:
            if spec.has(key) and not spec.is_empty(key):
                spec.note(
                    key,
                    f"is for '{way}', which authentication does not name; add it "
                    "there, or leave this out",
                )


def _require(spec: InputReader, key: str, way: str) -> None:
    if not spec.has(key) or spec.is_empty(key):
        spec.note_missing(key, f"is required with '{way}' in authentication")


def _entra(spec: InputReader) -> EntraPlan:
    tenant_id = spec.optional_input("tenant_id")
    if isinstance(tenant_id, str):
        spec.findings += tenant_id_findings(tenant_id, path=f"{spec.path}.tenant_id")
    audience = spec.optional_text("audience") or AUDIENCE
    spec.findings += application_id_findings(audience, path=f"{spec.path}.audience")
    return EntraPlan(tenant_id=tenant_id or "", audience=audience)


def _root_certificates(
    spec: InputReader, now: datetime | None
) -> dict[str, RootCertificate]:
    """Read the certificates of authorities, in order of name, each once."""
    key = "root_certificates"
    roots: dict[str, RootCertificate] = {}
    first: dict[str, str] = {}
    for name, text in _named_texts(spec, key, MOST_ROOT_CERTIFICATES).items():
        path = f"{spec.path}.{key}.{name}"
        root = read_root_certificate(text, path, now=now)
        if isinstance(root, Finding):
            spec.findings.append(root)
            continue
        other = first.setdefault(root.thumbprint, name)
        if other != name:
            spec.note(f"{key}.{name}", f"is {key}.{other} too; leave one of them out")
        roots[name] = root
    return roots


def _revoked_certificates(
    spec: InputReader, roots: Mapping[str, RootCertificate]
) -> dict[str, str]:
    """Read thumbprints, in order of name.

    ``roots``: the authorities, which are not revoked but left out.
    """
    key = "revoked_certificates"
    revoked: dict[str, str] = {}
    first = {
        root.thumbprint: f"root_certificates.{name}" for name, root in roots.items()
    }
    for name, text in _named_texts(spec, key, MOST_REVOKED_CERTIFICATES).items():
        place = f"{key}.{name}"
        thumbprint = read_revoked_certificate(text, f"{spec.path}.{place}")
        if isinstance(thumbprint, Finding):
            spec.findings.append(thumbprint)
            continue
        other = first.setdefault(thumbprint, place)
        if other != place:
            spec.note(place, f"is {other} too; leave one of them out")
        revoked[name] = thumbprint
    return revoked


def _named_texts(spec: InputReader, key: str, most: int) -> dict[str, object]:
    """Return what stands under each name, in order of name, with what is plain."""
    values = dict(sorted(spec.inputs(key).items()))
    spec.findings += count_findings(
        len(values), most, path=f"{spec.path}.{key}", page=LIMITS_PAGE
    )
    spec.findings += same_name_findings(
        "vpn_client_certificate",
        [(f"{spec.path}.{key}.{name}", name) for name in values],
    )
    plain: dict[str, object] = {}
    for name, value in values.items():
        path = f"{spec.path}.{key}.{name}"
        spec.findings += name_findings("vpn_client_certificate", name, path=path)
        if is_known_later(value):
            spec.note(
                f"{key}.{name}",
                "is known only after deployment, or secret; a certificate is public, "
                "give plain text",
            )
        else:
            plain[name] = value
    return plain


def _radius_servers(spec: InputReader) -> dict[str, RadiusServerPlan]:
    key = "radius_servers"
    readers = dict(sorted(spec.each_optional(key, RadiusServerSpec).items()))
    spec.findings += count_findings(
        len(readers),
        MOST_RADIUS_SERVERS,
        path=f"{spec.path}.{key}",
        page=RADIUS_PAGE,
    )
    servers: dict[str, RadiusServerPlan] = {}
    first: dict[IPv4Address, str] = {}
    for name, server in readers.items():
        secret = checked_secret(server, "secret", radius_secret_findings, required=True)
        text = server.text("address")
        if not text:
            continue
        address = read_server(text, f"{server.path}.address")
        if isinstance(address, Finding):
            server.findings.append(address)
            continue
        other = first.setdefault(address, name)
        if other != name:
            server.note("address", f"'{address}' is {key}.{other} too; leave one out")
        if secret is not None:
            servers[name] = RadiusServerPlan(address=address, secret=secret)
    return servers

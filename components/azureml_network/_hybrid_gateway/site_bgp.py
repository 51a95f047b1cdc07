"""Plans how a site tells its routes by BGP, and to which addresses of the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from azureml_network._hybrid_gateway.arguments import SiteBgpSpec
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.nat_translation import translated_address
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._hybrid_gateway.vpn import BgpPlan, VpnPlan
from azureml_network._inputs import InputReader
from azureml_rulebook.autonomous_systems import (
    as_number_findings,
    same_number_findings,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.sites import (
    APIPA,
    NAT_PAGE,
    gateway_address_findings,
    peer_address_findings,
    read_address,
)


@dataclass(frozen=True, kw_only=True)
class SiteBgpPlan:
    """How a site tells its routes."""

    as_number: int
    peer_address: IPv4Address
    gateway_addresses: tuple[IPv4Address, ...]
    """Those that it talks to, one of each instance; empty: the gateway's own."""


def read_site_bgp(
    site: InputReader,
    vpn: VpnPlan,
    public_address: IPv4Address | None,
    network: Ranges,
    address_space: Ranges,
    ingress: Sequence[NatRulePlan],
) -> SiteBgpPlan | None:
    """Read how a site tells its routes; None if it has static ranges.

    Args:
        site: the site's inputs.
        vpn: the gateway.
        public_address: that of the site's device; None if it changes.
        network: the network's ranges, each with its path.
        address_space: the site's own.
        ingress: the rules that translate them.
    """
    if not site.has("bgp"):
        return None
    spec = site.nested("bgp", SiteBgpSpec)
    if vpn.bgp is None:
        spec.note("", "needs BGP of the gateway too; give vpn.bgp, such as {}")
    number = _as_number(spec, vpn.bgp)
    address = read_ipv4_address(spec, "peer_address", spec.text("peer_address") or None)
    if address is None:
        return None
    spec.findings += peer_address_findings(
        address,
        public_address,
        network,
        address_space,
        f"{spec.path}.peer_address",
    )
    _check_translation(spec, address, ingress)
    return SiteBgpPlan(
        as_number=number,
        peer_address=address,
        gateway_addresses=_gateway_addresses(spec, vpn, address),
    )


def read_ipv4_address(
    reader: InputReader, key: str, text: str | None
) -> IPv4Address | None:
    """Return the address that ``text``, given at ``key``, is; None after a finding."""
    if text is None:
        return None
    found = read_address(text, f"{reader.path}.{key}")
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def _check_translation(
    spec: InputReader, address: IPv4Address, ingress: Sequence[NatRulePlan]
) -> None:
    """Note an address that Azure never sees, since it is translated on the way."""
    seen = translated_address(address, ingress)
    if address in APIPA or seen == address:
        return
    advice = (
        "one that no Dynamic rule translates" if seen is None else f"'{seen}' therefore"
    )
    spec.note(
        "peer_address",
        f"'{address}' is translated by the site's ingress_nat_rules, and Azure asks "
        f"for the address after that; give {advice} ({NAT_PAGE})",
    )


def _as_number(spec: InputReader, gateway: BgpPlan | None) -> int:
    number = spec.optional_integer("as_number")
    if number is None:
        if not spec.has("as_number"):
            spec.note_missing("as_number")
        return 0
    path = f"{spec.path}.as_number"
    faults = as_number_findings(number, path=path)
    if gateway is not None and not faults:
        faults = same_number_findings(
            number, gateway.as_number, path=path, gateway_path="vpn.bgp.as_number"
        )
    spec.findings += faults
    return number


def _gateway_addresses(
    spec: InputReader, vpn: VpnPlan, peer: IPv4Address
) -> tuple[IPv4Address, ...]:
    key = "gateway_addresses"
    texts: Sequence[object] = spec.texts(key, ())
    addresses = tuple(
        found
        for index, text in enumerate(texts)
        if (found := read_ipv4_address(spec, f"{key}[{index}]", str(text)))
    )
    if vpn.bgp is None or len(addresses) < len(texts):
        return ()
    offered = (vpn.bgp.apipa_addresses, vpn.bgp.second_apipa_addresses)
    spec.findings += gateway_address_findings(
        peer, addresses, offered[: len(vpn.instances)], f"{spec.path}.{key}"
    )
    return addresses if peer in APIPA else ()

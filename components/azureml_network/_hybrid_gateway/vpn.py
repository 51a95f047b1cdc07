"""Plans the VPN gateway: its size, its addresses, and how it tells sites its routes.

Everything that later would replace the gateway, which takes an hour, is plain and is
decided here: its size's generation, its zones, and its subnet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from azureml_network._hybrid_gateway.arguments import BgpSpec, VpnGatewaySpec
from azureml_network._hybrid_gateway.maintenance import (
    MaintenancePlan,
    read_maintenance,
)
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan, read_nat_rules
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_network._place import Place, read_zones
from azureml_rulebook.address_ranges import read_ranges
from azureml_rulebook.autonomous_systems import AZURE, as_number_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.regions import zones_of
from azureml_rulebook.vpn_gateways import (
    DEFAULT_SIZE,
    apipa_findings,
    default_generation,
    generation_findings,
    size_findings,
    zone_findings,
)

_VPN = "vpn"


@dataclass(frozen=True, kw_only=True)
class BgpPlan:
    """How the gateway tells sites its routes."""

    as_number: int
    apipa_addresses: tuple[IPv4Address, ...]
    """Further addresses of the first instance."""
    second_apipa_addresses: tuple[IPv4Address, ...]
    """The same of the second instance."""


@dataclass(frozen=True, kw_only=True)
class VpnPlan:
    """A VPN gateway as it will be made."""

    azure_name: str
    size: str
    generation: int
    active_active: bool
    zones: tuple[str, ...]
    """Availability zones of its addresses; empty where the region has none."""
    bgp: BgpPlan | None
    """None: static ranges."""
    custom_routes: Ranges
    """Further ranges that VPN clients reach through it."""
    nat_rules: Mapping[str, NatRulePlan]
    """By name, in order of it."""
    maintenance: MaintenancePlan | None
    """None: Azure updates it whenever it does."""

    @property
    def instances(self) -> tuple[str, ...]:
        """Names of its instances that carry traffic, which are those of their IP
        configurations and, in outputs, of their addresses."""
        return _instances(self.active_active)


def read_vpn(reader: InputReader, name: str, place: Place) -> VpnPlan | None:
    """Read the VPN gateway of the component called ``name``; None if there is none."""
    if not reader.has(_VPN):
        return None
    spec = reader.nested(_VPN, VpnGatewaySpec)
    azure_name = f"{name}-vgw"
    spec.findings += name_findings("vpn_gateway", azure_name, path=spec.path)
    size, generation = _size(spec)
    active_active = spec.flag("active_active", False)
    return VpnPlan(
        azure_name=azure_name,
        size=size,
        generation=generation,
        active_active=active_active,
        zones=_zones(spec, place),
        bgp=_bgp(spec, active_active),
        custom_routes=_custom_routes(spec),
        nat_rules=read_nat_rules(spec, size, _instances(active_active)),
        maintenance=read_maintenance(spec),
    )


def _instances(active_active: bool) -> tuple[str, ...]:
    return ("first", "second") if active_active else ("first",)


def _size(spec: InputReader) -> tuple[str, int]:
    """Read size and generation; a faulty size is read as the default one."""
    size = spec.optional_text("size") or DEFAULT_SIZE
    faults = size_findings(size, path=f"{spec.path}.size")
    spec.findings += faults
    generation = spec.optional_integer("generation")
    if faults:
        return DEFAULT_SIZE, default_generation(DEFAULT_SIZE)
    if generation is None:
        return size, default_generation(size)
    spec.findings += generation_findings(
        size, generation, path=f"{spec.path}.generation"
    )
    return size, generation


def _zones(spec: InputReader, place: Place) -> tuple[str, ...]:
    offered = zones_of(place.region)
    if not spec.has("zones"):
        return offered
    zones = read_zones(spec)
    spec.findings += zone_findings(
        zones, offered, region=place.region, path=f"{spec.path}.zones"
    )
    return zones


def _bgp(spec: InputReader, active_active: bool) -> BgpPlan | None:
    if not spec.has("bgp"):
        return None
    bgp = spec.nested("bgp", BgpSpec)
    number = bgp.integer("as_number", AZURE)
    bgp.findings += as_number_findings(
        number, path=f"{bgp.path}.as_number", of_gateway=True
    )
    second = "second_apipa_addresses"
    if bgp.has(second) and not bgp.is_empty(second) and not active_active:
        bgp.note(
            second,
            "are of the second instance, which carries traffic with active_active "
            "only; set that to true, or leave these out",
        )
    taken: dict[IPv4Address, str] = {}
    return BgpPlan(
        as_number=number,
        apipa_addresses=_apipa_addresses(bgp, "apipa_addresses", taken),
        second_apipa_addresses=_apipa_addresses(bgp, second, taken),
    )


def _apipa_addresses(
    bgp: InputReader, key: str, taken: dict[IPv4Address, str]
) -> tuple[IPv4Address, ...]:
    """Read addresses; ``taken``: those so far, each with its path."""
    addresses: list[IPv4Address] = []
    for index, text in enumerate(bgp.texts(key, ())):
        place = f"{key}[{index}]"
        try:
            address = IPv4Address(text if isinstance(text, str) else "")
        except AddressValueError:
            bgp.note(place, f"{text!r} is not an IPv4 address, like '169.254.21.1'")
            continue
        bgp.findings += apipa_findings(address, path=f"{bgp.path}.{place}")
        other = taken.setdefault(address, place)
        if other != place:
            bgp.note(place, f"'{address}' is {other} too; each is of one instance")
        addresses.append(address)
    return tuple(addresses)


def _custom_routes(spec: InputReader) -> Ranges:
    key = "custom_routes"
    ranges, findings = read_ranges(spec.texts(key, ()), f"{spec.path}.{key}")
    spec.findings += findings
    return tuple(ranges)

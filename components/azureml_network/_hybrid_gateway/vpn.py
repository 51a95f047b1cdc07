"""Plans the VPN gateway: its size, its addresses, and how it tells sites its routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.parts import Ranges


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

    @property
    def instances(self) -> tuple[str, ...]:
        """Names of its instances that carry traffic, which are those of their IP
        configurations and, in outputs, of their addresses."""
        return ("first", "second") if self.active_active else ("first",)

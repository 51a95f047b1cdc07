"""NAT rules of a VPN gateway: translations for sites whose ranges overlap."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_network._hybrid_gateway.arguments import NatDirection, NatKind


@dataclass(frozen=True, kw_only=True)
class NatRulePlan:
    """Addresses that are translated."""

    azure_name: str
    """Name of the rule in the gateway."""
    direction: NatDirection
    kind: NatKind
    internal_range: IPv4Network
    """Before translation."""
    external_range: IPv4Network
    """After translation."""
    instance: str | None
    """The only instance that it is for: `first` or `second`. None: all."""

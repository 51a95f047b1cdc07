"""NAT rules of a VPN gateway: translations for sites whose ranges overlap."""

from dataclasses import dataclass

from azureml_network._hybrid_gateway.arguments import NatDirection, NatKind
from azureml_network._hybrid_gateway.parts import Ranges


@dataclass(frozen=True, kw_only=True)
class NatRulePlan:
    """Addresses that are translated."""

    azure_name: str
    """Name of the rule in the gateway."""
    direction: NatDirection
    kind: NatKind
    internal_ranges: Ranges
    """Before translation, each with its path."""
    external_ranges: Ranges
    """After translation, one for each of the internal ones."""

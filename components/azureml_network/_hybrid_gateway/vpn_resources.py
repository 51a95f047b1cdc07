"""Writes the planned VPN gateway down as Azure resources."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output
from pulumi_azure_native import network


@dataclass(frozen=True, kw_only=True)
class VpnGateway:
    """A VPN gateway that was made."""

    gateway: network.VirtualNetworkGateway
    public_addresses: Mapping[str, network.PublicIPAddress]
    """By instance; `clients` is the address of clients only, where there is one."""

    @property
    def id(self) -> Output[str]:
        """Its resource id."""
        return self.gateway.id

    def nat_rule_id(self, azure_name: str) -> Output[str]:
        """Return the id of one of its NAT rules, by its name in Azure."""
        return Output.concat(self.gateway.id, "/natRules/", azure_name)

    def ip_configuration_id(self, instance: str) -> Output[str]:
        """Return the id of an instance's IP configuration: `first` or `second`."""
        return Output.concat(self.gateway.id, "/ipConfigurations/", instance)

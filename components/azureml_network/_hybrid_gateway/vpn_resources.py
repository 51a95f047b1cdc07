"""Writes the planned VPN gateway down as Azure resources.

A gateway takes three quarters of an hour. What Azure refuses to change replaces it, so
that a preview shows that; all else, its size within one generation and its second
instance included, changes in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import CustomTimeouts, Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._diagnostics import Observed
from azureml_network._hybrid_gateway.maintenance import make_maintenance
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.point_to_site import EntraPlan, PointToSitePlan
from azureml_network._hybrid_gateway.vpn import BgpPlan, VpnPlan
from azureml_network._secure_vnet.egress_inputs import zones_in_name
from azureml_network._secure_vnet.egress_resources import public_address
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.diagnostics import PUBLIC_ADDRESS, VIRTUAL_NETWORK_GATEWAY
from azureml_rulebook.point_to_site import AUTHENTICATION, issuer_url, tenant_url
from azureml_rulebook.vpn_gateways import addresses_needed

_SLOW = CustomTimeouts(create="120m", update="120m", delete="120m")
"""A gateway takes 45 minutes or more, and so does a change of its instances
(https://learn.microsoft.com/azure/vpn-gateway/gateway-change-active-active)."""

_FIXED_WHEN_MADE = [
    "vpnGatewayGeneration",
    "ipConfigurations[*].subnet",
    "ipConfigurations[*].publicIPAddress",
]
"""Inputs that Azure refuses to change
(https://learn.microsoft.com/azure/vpn-gateway/gateway-sku-change)."""

_FIRST, _SECOND, _CLIENTS = "first", "second", "clients"
"""Names of the IP configurations, in the order in which Azure takes them."""

_RADIUS_SCORE = 30
"""What a server begins with; requests go to that with the highest
(https://learn.microsoft.com/powershell/module/az.network/new-azradiusserver)."""


@dataclass(frozen=True, kw_only=True)
class VpnGateway:
    """A VPN gateway that was made."""

    gateway: network.VirtualNetworkGateway
    public_addresses: Mapping[str, network.PublicIPAddress]
    """By instance; `clients` is the address of clients only, where there is one."""
    maintenance: tuple[pulumi.Resource, ...]
    """Its window and what puts it there; empty without one."""

    @property
    def id(self) -> Output[str]:
        """Its resource id."""
        return self.gateway.id

    @property
    def addresses(self) -> dict[str, Output[str]]:
        """Its public addresses, by instance as above."""
        return {
            name: item.ip_address.apply(lambda ip: ip or "")
            for name, item in self.public_addresses.items()
        }

    @property
    def observed(self) -> dict[str, Observed]:
        """What can tell a diagnostic setting something, by a word for each."""
        return {
            "vgw": Observed(
                resource_id=self.gateway.id, resource_type=VIRTUAL_NETWORK_GATEWAY
            ),
            **{
                f"vgw-{name}-pip": Observed(
                    resource_id=item.id, resource_type=PUBLIC_ADDRESS
                )
                for name, item in self.public_addresses.items()
            },
        }

    def bgp_address(self, instance: str) -> Output[str]:
        """Return the BGP address of an instance: `first` or `second`."""
        return self.gateway.bgp_settings.apply(
            lambda settings: _bgp_address(settings, instance)
        )

    def nat_rule_id(self, azure_name: str) -> Output[str]:
        """Return the id of one of its NAT rules, by its name in Azure."""
        return Output.concat(self.gateway.id, "/natRules/", azure_name)

    def ip_configuration_id(self, instance: str) -> Output[str]:
        """Return the id of an instance's IP configuration: `first` or `second`."""
        return Output.concat(self.gateway.id, "/ipConfigurations/", instance)


def make_vpn_gateway(
    parts: Surroundings,
    plan: VpnPlan,
    clients: PointToSitePlan | None,
    subnet_id: Input[str],
) -> VpnGateway:
    """Make the gateway with its public addresses and its maintenance window.

    Args:
        parts: the surroundings.
        plan: the gateway as planned.
        clients: who is let in; None: nobody.
        subnet_id: of GatewaySubnet.
    """
    addresses = _public_addresses(parts, plan, clients is not None)
    own_id = _planned_id(parts, plan.azure_name, subnet_id)
    gateway = network.VirtualNetworkGateway(
        plan.azure_name,
        virtual_network_gateway_name=living_with(plan.azure_name, subnet_id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        gateway_type=network.VirtualNetworkGatewayType.VPN,
        vpn_type=network.VpnType.ROUTE_BASED,
        vpn_gateway_generation=network.VpnGatewayGeneration(
            f"Generation{plan.generation}"
        ),
        sku={"name": plan.size, "tier": plan.size},
        active_active=plan.active_active,
        ip_configurations=[
            {
                "name": name,
                "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
                "public_ip_address": {"id": address.id},
                "subnet": {"id": subnet_id},
            }
            for name, address in addresses.items()
        ],
        enable_bgp=plan.bgp is not None,
        bgp_settings=_bgp_settings(plan.bgp, own_id),
        enable_bgp_route_translation_for_nat=plan.bgp is not None
        and bool(plan.nat_rules),
        nat_rules=[_nat_rule(rule, own_id) for rule in plan.nat_rules.values()] or None,
        custom_routes={
            "address_prefixes": [str(each) for _, each in plan.custom_routes]
        }
        if plan.custom_routes
        else None,
        vpn_client_configuration=None
        if clients is None
        else _vpn_clients(clients, parts.place.cloud_name),
        tags=parts.tags,
        # The subnet holds one VPN gateway, so another waits until this one is gone.
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=_FIXED_WHEN_MADE,
                custom_timeouts=_SLOW,
            ),
        ),
    )
    window = plan.maintenance
    return VpnGateway(
        gateway=gateway,
        public_addresses=addresses,
        maintenance=()
        if window is None
        else tuple(make_maintenance(parts, window, gateway, plan.azure_name)),
    )


def _public_addresses(
    parts: Surroundings, plan: VpnPlan, has_clients: bool
) -> dict[str, network.PublicIPAddress]:
    """Make as many addresses as the mode needs; no two gateways share one."""
    number = addresses_needed(active_active=plan.active_active, clients=has_clients)
    return {
        name: public_address(
            parts,
            f"{plan.azure_name}-{name}-pip",
            in_zones=zones_in_name(plan.zones),
            zones=plan.zones,
        )
        for name in (_FIRST, _SECOND, _CLIENTS)[:number]
    }


def _planned_id(
    parts: Surroundings, azure_name: str, subnet_id: Input[str]
) -> Output[str]:
    """Return the id that the gateway will have, for what in it names its own parts.

    It is in the subscription of its subnet.
    """
    return Output.all(subnet_id, parts.resource_group_name).apply(
        lambda known: (
            f"{known[0].partition('/resourceGroups/')[0]}/resourceGroups/{known[1]}"
            f"/providers/Microsoft.Network/virtualNetworkGateways/{azure_name}"
        )
    )


def _bgp_settings(
    plan: BgpPlan | None, gateway_id: Output[str]
) -> network.BgpSettingsArgs | None:
    if plan is None:
        return None
    further = {
        _FIRST: plan.apipa_addresses,
        _SECOND: plan.second_apipa_addresses,
    }
    return network.BgpSettingsArgs(
        asn=plan.as_number,
        bgp_peering_addresses=[
            network.IPConfigurationBgpPeeringAddressArgs(
                ipconfiguration_id=_configuration_id(gateway_id, instance),
                custom_bgp_ip_addresses=[str(address) for address in addresses],
            )
            for instance, addresses in further.items()
            if addresses
        ]
        or None,
    )


def _nat_rule(
    plan: NatRulePlan, gateway_id: Output[str]
) -> network.VirtualNetworkGatewayNatRuleArgs:
    return network.VirtualNetworkGatewayNatRuleArgs(
        name=plan.azure_name,
        mode=network.VpnNatRuleMode(plan.direction.value),
        type=network.VpnNatRuleType(plan.kind.value),
        internal_mappings=[
            network.VpnNatRuleMappingArgs(address_space=str(plan.internal_range))
        ],
        external_mappings=[
            network.VpnNatRuleMappingArgs(address_space=str(plan.external_range))
        ],
        ip_configuration_id=None
        if plan.instance is None
        else _configuration_id(gateway_id, plan.instance),
    )


def _vpn_clients(
    plan: PointToSitePlan, cloud_name: str
) -> network.VpnClientConfigurationArgs:
    clients = network.VpnClientConfigurationArgs(
        vpn_client_address_pool=network.AddressSpaceArgs(
            address_prefixes=[str(each) for _, each in plan.address_pool]
        ),
        vpn_client_protocols=[
            network.VpnClientProtocol(protocol) for protocol in plan.protocols
        ],
        vpn_authentication_types=[
            network.VpnAuthenticationType(AUTHENTICATION[way])
            for way in plan.authentication
        ],
        vpn_client_root_certificates=[
            network.VpnClientRootCertificateArgs(name=name, public_cert_data=text)
            for name, text in plan.root_certificates.items()
        ]
        or None,
        vpn_client_revoked_certificates=[
            network.VpnClientRevokedCertificateArgs(name=name, thumbprint=text)
            for name, text in plan.revoked_certificates.items()
        ]
        or None,
    )
    if plan.entra is not None:
        _add_entra(clients, plan.entra, cloud_name)
    _add_radius(clients, plan)
    return clients


def _add_entra(
    clients: network.VpnClientConfigurationArgs, plan: EntraPlan, cloud_name: str
) -> None:
    tenant_id = Output.from_input(plan.tenant_id)
    clients.aad_tenant = tenant_id.apply(lambda known: tenant_url(cloud_name, known))
    clients.aad_issuer = tenant_id.apply(lambda known: issuer_url(cloud_name, known))
    clients.aad_audience = plan.audience


def _add_radius(
    clients: network.VpnClientConfigurationArgs, plan: PointToSitePlan
) -> None:
    """Add the servers: a single one, and several, stand in different properties."""
    servers = list(plan.radius_servers.values())
    if len(servers) == 1:
        clients.radius_server_address = str(servers[0].address)
        clients.radius_server_secret = servers[0].secret
    elif servers:
        clients.radius_servers = [
            network.RadiusServerArgs(
                radius_server_address=str(server.address),
                radius_server_secret=server.secret,
                radius_server_score=_RADIUS_SCORE,
            )
            for server in servers
        ]


def _configuration_id(gateway_id: Output[str], instance: str) -> Output[str]:
    return Output.concat(gateway_id, "/ipConfigurations/", instance)


def _bgp_address(
    settings: "network.outputs.BgpSettingsResponse | None", instance: str
) -> str:
    """Return what Azure gave an instance, '' before it says so."""
    peers = (settings.bgp_peering_addresses if settings else None) or []
    return next(
        (
            address
            for peer in peers
            if (peer.ipconfiguration_id or "").endswith(f"/{instance}")
            for address in peer.default_bgp_ip_addresses or ()
        ),
        "",
    )

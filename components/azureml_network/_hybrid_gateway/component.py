"""Gateways that join a private network with sites, people's machines and circuits."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_azure_native import dnsresolver

from azureml_network._diagnostics import diagnostic_settings
from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.assembly import (
    assembled,
    connection_ids,
    make_locks,
    watched_gateways,
)
from azureml_network._hybrid_gateway.client_commands import (
    client_package_command,
    client_profile_commands,
)
from azureml_network._hybrid_gateway.gateway_alerts import make_gateway_alerts
from azureml_network._hybrid_gateway.peer_configuration import peer_configurations
from azureml_network._hybrid_gateway.plan import plan_hybrid_gateway
from azureml_network._inputs import findings_of
from azureml_network._surroundings import Surroundings
from azureml_rulebook.findings import Finding


class HybridGateway(pulumi.ComponentResource):
    """Gateways that let sites, people's own machines and ExpressRoute circuits into a private network, with the names that they need there; each way in is closed until its input opens it."""  # noqa: E501

    vpn_gateway_id: Output[str] | None
    """Resource id of the VPN gateway; not set without one."""
    vpn_public_addresses: Mapping[str, Output[str]]
    """Public addresses of the VPN gateway: first, and second and clients where it has them."""  # noqa: E501
    bgp_as_number: int | None
    """Autonomous system of the VPN gateway; not set without BGP."""
    bgp_peer_addresses: Mapping[str, Output[str]]
    """Addresses that the VPN gateway's instances, first and second, talk BGP from; empty without BGP."""  # noqa: E501
    client_package_command: Output[str] | None
    """Command that makes the package for VPN clients and prints its address; not set where none are let in."""  # noqa: E501
    client_profile_commands: Output[Sequence[str]]
    """Commands that make the profiles for VPN clients and download them, in order; empty where none are let in."""  # noqa: E501
    connection_ids: Mapping[str, Output[str]]
    """Resource ids of connections by the name of their site or circuit."""
    peer_configurations: Mapping[str, Output[str]]
    """A swanctl.conf for strongSwan by site, without its key."""
    express_route_gateway_id: Output[str] | None
    """Resource id of the ExpressRoute gateway; not set without one."""
    circuit_ids: Mapping[str, Output[str]]
    """Resource ids of circuits by name, existing ones included."""
    circuit_service_keys: Mapping[str, Output[str]]
    """Keys that providers need of the circuits made here, by name, as secrets."""
    resolver_id: Output[str] | None
    """Resource id of the DNS Private Resolver; not set without one."""
    resolver_inbound_address: str | None
    """Address that sites and VPN clients ask for names, once the resolver is there; not set without one."""  # noqa: E501
    conditional_forwarders: Mapping[str, str]
    """What DNS servers on-premises forward, and to which address, by zone."""
    spoke_peering_ids: Mapping[str, Output[str]]
    """Resource ids of this network's halves of the peerings, by spoke."""

    def __init__(
        self, name: str, args: HybridGatewayArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_hybrid_gateway(name, args)
        super().__init__("azureml-network:index:HybridGateway", name, {}, opts)
        for warning in plan.warnings:
            pulumi.log.warn(warning, self)
        parts = Surroundings.of(name, self, args, plan.place)
        made = assembled(parts, plan)
        alerts = make_gateway_alerts(parts, plan.alerts, watched_gateways(plan, made))
        settings = diagnostic_settings(
            name, self, plan.diagnostic_settings, made.observed
        )
        make_locks(parts, plan, made, [*made.on_gateways, *alerts, *settings])

        vpn, express_route, resolver = made.vpn, made.express_route, made.resolver
        self._inbound = None if resolver is None else resolver.inbound_endpoint
        self.vpn_gateway_id = None if vpn is None else vpn.id
        self.vpn_public_addresses = {} if vpn is None else vpn.addresses
        bgp = None if plan.vpn is None else plan.vpn.bgp
        self.bgp_as_number = None if bgp is None else bgp.as_number
        self.bgp_peer_addresses = (
            {}
            if vpn is None or plan.vpn is None or bgp is None
            else {each: vpn.bgp_address(each) for each in plan.vpn.instances}
        )
        group = args["resource_group_name"]
        self.client_package_command = client_package_command(
            plan.vpn, plan.point_to_site, group
        )
        self.client_profile_commands = client_profile_commands(
            plan.vpn, plan.point_to_site, group
        )
        self.connection_ids = connection_ids(made)
        self.peer_configurations = (
            {}
            if vpn is None or plan.vpn is None
            else peer_configurations(plan.sites, plan.vpn, vpn)
        )
        self.express_route_gateway_id = (
            None if express_route is None else express_route.gateway_id
        )
        self.circuit_ids = {} if express_route is None else express_route.circuit_ids
        self.circuit_service_keys = (
            {} if express_route is None else express_route.service_keys
        )
        self.resolver_id = None if resolver is None else resolver.resolver.id
        self.resolver_inbound_address = (
            None if plan.resolver is None else str(plan.resolver.inbound_address)
        )
        self.conditional_forwarders = dict(plan.names.conditional_forwarders)
        self.spoke_peering_ids = {key: item.hub.id for key, item in made.spokes.items()}
        self.register_outputs(
            {
                "vpnGatewayId": self.vpn_gateway_id,
                "vpnPublicAddresses": self.vpn_public_addresses,
                "bgpAsNumber": self.bgp_as_number,
                "bgpPeerAddresses": self.bgp_peer_addresses,
                "clientPackageCommand": self.client_package_command,
                "clientProfileCommands": self.client_profile_commands,
                "connectionIds": self.connection_ids,
                "peerConfigurations": self.peer_configurations,
                "expressRouteGatewayId": self.express_route_gateway_id,
                "circuitIds": self.circuit_ids,
                "circuitServiceKeys": self.circuit_service_keys,
                "resolverId": self.resolver_id,
                "resolverInboundAddress": self.resolver_inbound_address,
                "conditionalForwarders": self.conditional_forwarders,
                "spokePeeringIds": self.spoke_peering_ids,
            }
        )

    @property
    def inbound_endpoint(self) -> dnsresolver.InboundEndpoint | None:
        """The endpoint that answers for names, for programs in Python to depend on."""
        return self._inbound

    @staticmethod
    def check(name: str, args: HybridGatewayArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_hybrid_gateway(name, args))

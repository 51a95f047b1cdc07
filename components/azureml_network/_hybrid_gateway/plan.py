"""Turns the plain inputs of a HybridGateway into a plan, or into all that is wrong.

Each part reads its own inputs; this module puts them in order, compares the address
ranges of all of them, and tells what a review has to know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pulumi import Input

from azureml_network._alerts import AlertsPlan, read_alerts
from azureml_network._diagnostics import (
    DiagnosticSettingPlan,
    read_diagnostic_settings,
)
from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.express_route import (
    ExpressRoutePlan,
    read_express_route,
)
from azureml_network._hybrid_gateway.forwarders import NamesPlan, read_names
from azureml_network._hybrid_gateway.gateway_alerts import alert_warnings
from azureml_network._hybrid_gateway.gateway_subnet import (
    NetworkPlan,
    read_gateway_subnet,
    read_network_name,
)
from azureml_network._hybrid_gateway.parts import UsedRanges, read_network_ranges
from azureml_network._hybrid_gateway.point_to_site import (
    PointToSitePlan,
    read_point_to_site,
)
from azureml_network._hybrid_gateway.resolver import ResolverPlan, read_resolver
from azureml_network._hybrid_gateway.sites import SitePlan, peer_ranges, read_sites
from azureml_network._hybrid_gateway.spokes import (
    SpokePlan,
    read_spokes,
    spoke_ranges,
)
from azureml_network._hybrid_gateway.vpn import VpnPlan, read_vpn
from azureml_network._inputs import InputReader
from azureml_network._place import Place, read_place
from azureml_network._secure_vnet.arguments import LockKind
from azureml_network._secure_vnet.joining import read_dns_servers
from azureml_rulebook.capacity import Tenant, gateways
from azureml_rulebook.locks import gateway_lock_warnings
from azureml_rulebook.resource_ids import NETWORK
from azureml_rulebook.tags import RESOURCES
from azureml_rulebook.vpn_gateways import tunnel_findings


@dataclass(frozen=True, kw_only=True)
class HybridGatewayPlan:
    """Gateways, and all that comes in through them."""

    place: Place
    network: NetworkPlan
    gateway_subnet_id: Input[str] | None
    """None: there is no gateway."""
    vpn: VpnPlan | None
    point_to_site: PointToSitePlan | None
    """None: no VPN clients are let in."""
    sites: Mapping[str, SitePlan]
    express_route: ExpressRoutePlan | None
    resolver: ResolverPlan | None
    names: NamesPlan
    spokes: Mapping[str, SpokePlan]
    alerts: AlertsPlan | None
    diagnostic_settings: Mapping[str, DiagnosticSettingPlan]
    lock: LockKind | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a review is told, a line for each."""
        clients, express_route = self.point_to_site, self.express_route
        return (
            *(() if clients is None else clients.warnings),
            *self.names.warnings(
                clients=clients is not None,
                sites=bool(self.sites) or express_route is not None,
            ),
            *(
                ()
                if express_route is None
                else express_route.warnings(resolver=self.resolver is not None)
            ),
            *alert_warnings(
                self.alerts,
                sites=bool(self.sites),
                express_route=express_route is not None,
            ),
            *gateway_lock_warnings(
                read_only=self.lock is LockKind.READ_ONLY
                and (self.vpn is not None or express_route is not None),
                path="lock",
            ),
        )


def plan_hybrid_gateway(
    name: str, args: HybridGatewayArgs, *, now: datetime | None = None
) -> HybridGatewayPlan:
    """Return the plan of the component called ``name``.

    ``now``: when certificates must be valid; left out, at this moment. Raises
    InputError with everything that is wrong.
    """
    reader = InputReader(args, HybridGatewayArgs)
    reader.require("resource_group_name")
    reader.check_tags([RESOURCES])
    place = read_place(reader)
    network = _network(reader)
    vpn = read_vpn(reader, name, place)
    clients = read_point_to_site(reader, vpn, now=now)
    sites = read_sites(reader, name, vpn, network.ranges)
    express_route = read_express_route(reader, name)
    has_gateway = vpn is not None or express_route is not None
    spokes = read_spokes(reader, name, network.id, network.name, gateways=has_gateway)
    used = _used_ranges(network, clients, sites, express_route, spokes)
    reader.findings += used.findings()
    resolver = read_resolver(
        reader,
        name,
        place,
        network.id,
        network.ranges,
        (*used.elsewhere, *used.sites, *used.spokes),
    )
    _check_vpn(reader, vpn, clients, sites)
    _check_words(reader, sites, express_route)
    names = read_names(reader, place, resolver, read_dns_servers(reader))
    plan = HybridGatewayPlan(
        place=place,
        network=network,
        gateway_subnet_id=read_gateway_subnet(
            reader, network, _tenants(vpn, express_route), required=has_gateway
        ),
        vpn=vpn,
        point_to_site=clients,
        sites=sites,
        express_route=express_route,
        resolver=resolver,
        names=names,
        spokes=spokes,
        alerts=read_alerts(reader),
        diagnostic_settings=read_diagnostic_settings(reader, name),
        lock=reader.choice("lock", LockKind.CAN_NOT_DELETE)
        if reader.has("lock")
        else None,
    )
    reader.raise_findings()
    return plan


def _network(reader: InputReader) -> NetworkPlan:
    network_id = reader.resource_id("network_id", NETWORK, required=True)
    ranges, elsewhere = read_network_ranges(reader)
    return NetworkPlan(
        id=network_id or "",
        name=read_network_name(reader, network_id),
        ranges=ranges,
        elsewhere=elsewhere,
    )


def _used_ranges(
    network: NetworkPlan,
    clients: PointToSitePlan | None,
    sites: Mapping[str, SitePlan],
    express_route: ExpressRoutePlan | None,
    spokes: Mapping[str, SpokePlan],
) -> UsedRanges:
    return UsedRanges(
        network=network.ranges,
        elsewhere=network.elsewhere,
        spokes=spoke_ranges(spokes),
        sites=tuple(item for site in sites.values() for item in site.seen_ranges),
        peers=peer_ranges(sites),
        clients=() if clients is None else clients.address_pool,
        links=() if express_route is None else express_route.links,
    )


def _check_vpn(
    reader: InputReader,
    vpn: VpnPlan | None,
    clients: PointToSitePlan | None,
    sites: Mapping[str, SitePlan],
) -> None:
    """Note what is wrong with the VPN gateway and what comes in through it."""
    if vpn is None:
        return
    reader.findings += tunnel_findings(vpn.size, len(sites), path="sites")
    if vpn.custom_routes and clients is None:
        reader.note(
            "vpn.custom_routes",
            "are told to VPN clients, and there are none; give point_to_site, or leave "
            "this out",
        )


def _check_words(
    reader: InputReader,
    sites: Mapping[str, SitePlan],
    express_route: ExpressRoutePlan | None,
) -> None:
    """Note circuits that are called as sites are: outputs tell both by their names."""
    for word in () if express_route is None else express_route.circuits:
        if word in sites:
            reader.note(
                f"express_route.circuits.{word}",
                f"is called as sites.{word} is; call one of them otherwise",
            )


def _tenants(
    vpn: VpnPlan | None, express_route: ExpressRoutePlan | None
) -> tuple[Tenant, ...]:
    """Return what the gateways ask of their subnet; circuits to come are counted, too,
    since the subnet cannot grow for them."""
    return gateways(
        vpn=vpn is not None,
        express_route=express_route is not None,
        circuits=0 if express_route is None else len(express_route.circuits),
    )

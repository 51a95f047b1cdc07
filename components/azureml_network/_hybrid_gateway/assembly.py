"""Makes all parts of a HybridGateway, each once what it needs is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output

from azureml_network._diagnostics import Observed
from azureml_network._hybrid_gateway.express_route_resources import (
    ExpressRoute,
    make_express_route,
)
from azureml_network._hybrid_gateway.gateway_alerts import (
    WatchedExpressRouteGateway,
    WatchedGateways,
    WatchedVpnGateway,
)
from azureml_network._hybrid_gateway.plan import HybridGatewayPlan
from azureml_network._hybrid_gateway.resolver_resources import Resolver, make_resolver
from azureml_network._hybrid_gateway.sites_resources import Sites, make_sites
from azureml_network._hybrid_gateway.spokes import SpokePeerings, make_spokes
from azureml_network._hybrid_gateway.vpn_resources import VpnGateway, make_vpn_gateway
from azureml_network._locks import management_lock
from azureml_network._surroundings import Surroundings
from azureml_rulebook.express_route import SCALABLE

_NOTES = "Guards a way into a private Azure Machine Learning network."


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """Everything that joins the network with others."""

    resolver: Resolver | None
    vpn: VpnGateway | None
    express_route: ExpressRoute | None
    sites: Sites | None
    spokes: Mapping[str, SpokePeerings]

    @property
    def gateways(self) -> list[pulumi.Resource]:
        """The gateways."""
        return [
            item.gateway for item in (self.vpn, self.express_route) if item is not None
        ]

    @property
    def on_gateways(self) -> list[pulumi.Resource]:
        """What is on gateways and circuits, and deleted before a lock on them is."""
        made: list[pulumi.Resource] = []
        if self.vpn is not None:
            made += self.vpn.maintenance
        if self.sites is not None:
            made += self.sites.connections.values()
        if self.express_route is not None:
            made += self.express_route.ready
        for spoke in self.spokes.values():
            made += [spoke.hub, spoke.spoke]
        return made

    @property
    def observed(self) -> dict[str, Observed]:
        """What can tell a diagnostic setting something, by a word for each."""
        return {
            **({} if self.vpn is None else self.vpn.observed),
            **({} if self.express_route is None else self.express_route.observed),
        }


def assembled(parts: Surroundings, plan: HybridGatewayPlan) -> Assembled:
    """Make everything in its order.

    Nothing waits for gateways that need not: names come first. Azure makes one gateway
    of a subnet after the other, and lends them to spokes only once they are there.
    """
    resolver = (
        None
        if plan.resolver is None
        else make_resolver(parts, plan.resolver, plan.network.id)
    )
    subnet_id = plan.gateway_subnet_id or ""
    vpn = (
        None
        if plan.vpn is None
        else make_vpn_gateway(parts, plan.vpn, plan.point_to_site, subnet_id)
    )
    express_route = (
        None
        if plan.express_route is None
        else make_express_route(
            parts, plan.express_route, subnet_id, [] if vpn is None else [vpn.gateway]
        )
    )
    sites = (
        None
        if vpn is None or plan.vpn is None
        else make_sites(parts, plan.sites, plan.vpn, vpn)
    )
    gateways = Assembled(
        resolver=resolver,
        vpn=vpn,
        express_route=express_route,
        sites=sites,
        spokes={},
    ).gateways
    return Assembled(
        resolver=resolver,
        vpn=vpn,
        express_route=express_route,
        sites=sites,
        spokes=make_spokes(
            parts, plan.spokes, plan.network.id, plan.network.name or "", gateways
        ),
    )


def watched_gateways(plan: HybridGatewayPlan, made: Assembled) -> WatchedGateways:
    """Return what alerts can be made for."""
    vpn, express_route, planned = made.vpn, made.express_route, plan.express_route
    connected: dict[str, Input[str]] = {}
    if express_route is not None:
        connected = {
            key: circuit.id
            for key, circuit in express_route.circuits.items()
            if circuit.made is not None and circuit.connection is not None
        }
    return WatchedGateways(
        vpn=None
        if vpn is None
        else WatchedVpnGateway(
            resource_id=vpn.id,
            sites=bool(plan.sites),
            bgp=any(site.bgp is not None for site in plan.sites.values()),
        ),
        express_route=None
        if express_route is None or planned is None
        else WatchedExpressRouteGateway(
            resource_id=express_route.gateway_id,
            scales=planned.size == SCALABLE,
            circuits_connected=bool(express_route.connection_ids),
        ),
        circuits=connected,
    )


def connection_ids(made: Assembled) -> dict[str, Output[str]]:
    """Return the ids of all connections, by the name of their site or circuit."""
    ids: dict[str, Output[str]] = {}
    if made.sites is not None:
        ids |= {key: item.id for key, item in made.sites.connections.items()}
    if made.express_route is not None:
        ids |= made.express_route.connection_ids
    return ids


def make_locks(
    parts: Surroundings,
    plan: HybridGatewayPlan,
    made: Assembled,
    after: Sequence[pulumi.Resource],
) -> None:
    """Lock gateways and circuits.

    ``after``: what a destroy can delete only once there is no lock.
    """
    if plan.lock is None:
        return
    locked: dict[str, Input[str]] = {}
    if made.vpn is not None:
        locked["vgw"] = made.vpn.id
    if made.express_route is not None:
        locked["ergw"] = made.express_route.gateway_id
        locked |= {
            f"{key}-erc": circuit.id
            for key, circuit in made.express_route.circuits.items()
            if circuit.made is not None
        }
    for word, scope in locked.items():
        management_lock(
            f"{parts.name}-{word}-lock", parts.parent, plan.lock, scope, _NOTES, after
        )

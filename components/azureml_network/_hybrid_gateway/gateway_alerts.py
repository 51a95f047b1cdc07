"""Alerts of gateways and circuits: tunnels, BGP sessions and links that are down.

Only what can carry traffic is watched: a gateway without sites, and a circuit that is
not connected yet, would be down from the beginning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import Input
from pulumi_azure_native import monitor

from azureml_network._alerts import AlertsPlan, action_group, metric_alert
from azureml_network._surroundings import Surroundings
from azureml_rulebook.alerts import (
    BGP_ALERT,
    CIRCUIT_ALERTS,
    TUNNEL_ALERT,
    AlertRow,
    express_route_alerts,
)


@dataclass(frozen=True, kw_only=True)
class WatchedVpnGateway:
    """A VPN gateway whose tunnels are watched."""

    resource_id: Input[str]
    sites: bool
    """Whether it has sites; VPN clients come and go."""
    bgp: bool
    """Whether it talks BGP with any of them."""


@dataclass(frozen=True, kw_only=True)
class WatchedExpressRouteGateway:
    """An ExpressRoute gateway that is watched."""

    resource_id: Input[str]
    scales: bool
    """Whether its size is ErGwScale."""
    circuits_connected: bool
    """Whether any circuit is connected to it."""


@dataclass(frozen=True, kw_only=True)
class WatchedGateways:
    """What alerts are made for."""

    vpn: WatchedVpnGateway | None = None
    express_route: WatchedExpressRouteGateway | None = None
    circuits: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    """Resource ids of the circuits that are made here and connected, by name; one that
    exists already is watched by its owner."""


def alert_warnings(
    plan: AlertsPlan | None, *, sites: bool, express_route: bool
) -> tuple[str, ...]:
    """Return what a review is told of alerts of which none is made.

    ``sites``, ``express_route``: whether there are sites and an ExpressRoute gateway.
    """
    if plan is None or sites or express_route:
        return ()
    return (
        "alerts: there is nothing to watch, neither sites nor an ExpressRoute gateway; "
        "no alert is made, leave it out until there is one",
    )


def make_gateway_alerts(
    parts: Surroundings, plan: AlertsPlan | None, watched: WatchedGateways
) -> list[monitor.MetricAlert]:
    """Make an alert for each number that tells of something that is down.

    ``plan``: who is told; None: no alerts are made.
    """
    rows = _rows(watched)
    if plan is None or not rows:
        return []
    group_id = action_group(parts, plan)
    return [
        metric_alert(parts, plan, row, scope, group_id, word=word)
        for word, row, scope in rows
    ]


def _rows(watched: WatchedGateways) -> list[tuple[str, AlertRow, Input[str]]]:
    """Return a word, what is watched, and the id of what has it."""
    rows: list[tuple[str, AlertRow, Input[str]]] = []
    vpn, express_route = watched.vpn, watched.express_route
    if vpn is not None and vpn.sites:
        of_sites = (TUNNEL_ALERT, BGP_ALERT) if vpn.bgp else (TUNNEL_ALERT,)
        rows += [("vpn", row, vpn.resource_id) for row in of_sites]
    if express_route is not None:
        of_gateway = express_route_alerts(
            scales=express_route.scales,
            circuits_connected=express_route.circuits_connected,
        )
        rows += [
            ("express-route", row, express_route.resource_id) for row in of_gateway
        ]
    rows += [
        (f"{key}-circuit", row, circuit_id)
        for key, circuit_id in watched.circuits.items()
        for row in CIRCUIT_ALERTS
    ]
    return rows

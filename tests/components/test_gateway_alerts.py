"""Alerts of gateways and circuits: what is watched, and what tells that it is down."""

from collections.abc import Callable
from typing import Any

import pytest

from azureml_network._alerts import AlertsPlan
from azureml_network._hybrid_gateway.gateway_alerts import (
    WatchedExpressRouteGateway,
    WatchedGateways,
    WatchedVpnGateway,
    alert_warnings,
    make_gateway_alerts,
)

OPS = AlertsPlan(emails={"ops": "ops@example.com"}, action_group_id=None, severity=None)
GATEWAYS = "Microsoft.Network/virtualNetworkGateways"
CIRCUITS = "Microsoft.Network/expressRouteCircuits"


def vpn(*, sites: bool = True, bgp: bool = True) -> WatchedVpnGateway:
    """A VPN gateway."""
    return WatchedVpnGateway(resource_id="/vpn", sites=sites, bgp=bgp)


def express_route(
    *, scales: bool = False, connected: bool = True
) -> WatchedExpressRouteGateway:
    """An ExpressRoute gateway."""
    return WatchedExpressRouteGateway(
        resource_id="/er", scales=scales, circuits_connected=connected
    )


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the alerts; returns what was registered."""

    def run(plan: AlertsPlan | None, **watched: Any) -> Any:
        return record(
            lambda: make_gateway_alerts(
                surroundings(), plan, WatchedGateways(**watched)
            )
        )

    return run


# Metric names, their types and dimensions as Azure lists them:
# https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index
Watched = tuple[str, str, str, float, list[str]]
ALERTS: list[tuple[dict[str, Any], dict[str, Watched]]] = [
    (
        {"vpn": vpn()},
        {
            "net-vpn-tunnel-alert": (
                GATEWAYS,
                "TunnelAverageBandwidth",
                "LessThan",
                1,
                ["ConnectionName"],
            ),
            "net-vpn-bgp-alert": (
                GATEWAYS,
                "BgpPeerStatus",
                "LessThan",
                0.5,
                ["BgpPeerAddress"],
            ),
        },
    ),
    (
        {"vpn": vpn(bgp=False)},
        {
            "net-vpn-tunnel-alert": (
                GATEWAYS,
                "TunnelAverageBandwidth",
                "LessThan",
                1,
                ["ConnectionName"],
            )
        },
    ),
    (
        {"express_route": express_route()},
        {
            "net-express-route-traffic-alert": (
                GATEWAYS,
                "ExpressRouteGatewayBitsPerSecond",
                "LessThan",
                1,
                [],
            ),
            "net-express-route-processor-alert": (
                GATEWAYS,
                "ExpressRouteGatewayCpuUtilization",
                "GreaterThan",
                80,
                [],
            ),
        },
    ),
    (
        {"express_route": express_route(scales=True, connected=False)},
        {
            "net-express-route-processor-alert": (
                GATEWAYS,
                "ScalableExpressRouteGatewayCpuUtilization",
                "GreaterThan",
                80,
                [],
            )
        },
    ),
    (
        {"circuits": {"ams": "/circuit"}},
        {
            "net-ams-circuit-bgp-alert": (
                CIRCUITS,
                "BgpAvailability",
                "LessThan",
                90,
                [],
            ),
            "net-ams-circuit-arp-alert": (
                CIRCUITS,
                "ArpAvailability",
                "LessThan",
                90,
                [],
            ),
        },
    ),
]


@pytest.mark.parametrize(("watched", "alerts"), ALERTS)
def test_what_is_watched(
    make: Callable[..., Any],
    watched: dict[str, Any],
    alerts: dict[str, Watched],
) -> None:
    """One alert for each number, which looks at every tunnel and peer by itself."""
    made = make(OPS, **watched)
    found = made.of_type("MetricAlert")
    assert set(found) == set(alerts)
    for name, (namespace, metric, operator, threshold, each) in alerts.items():
        (criterion,) = found[name].inputs["criteria"]["allOf"]
        assert criterion["metricNamespace"] == namespace
        assert criterion["metricName"] == metric
        assert criterion["operator"] == operator
        assert criterion["threshold"] == threshold
        assert criterion["timeAggregation"] == "Average"
        assert criterion.get("dimensions", []) == [
            {"name": dimension, "operator": "Include", "values": ["*"]}
            for dimension in each
        ]


def test_one_group_is_told(make: Callable[..., Any]) -> None:
    """All alerts tell the same people, of what they watch."""
    made = make(OPS, vpn=vpn(), circuits={"ams": "/circuit"})
    alerts = made.of_type("MetricAlert")
    assert len(made.of_type("ActionGroup")) == 1
    assert {tuple(item.inputs["scopes"]) for item in alerts.values()} == {
        ("/vpn",),
        ("/circuit",),
    }
    for item in alerts.values():
        assert item.inputs["actions"] == [{"actionGroupId": "/fake/net-alerts"}]
        assert item.inputs["severity"] == 1


@pytest.mark.parametrize(
    ("plan", "watched"),
    [
        (None, {"vpn": vpn(), "express_route": express_route()}),
        (OPS, {"vpn": vpn(sites=False)}),
        (OPS, {}),
    ],
)
def test_nothing_is_made(
    make: Callable[..., Any], plan: AlertsPlan | None, watched: dict[str, Any]
) -> None:
    """Without `alerts`, and where nothing can be down; no group for nobody either."""
    assert set(make(plan, **watched).kinds()) == {"Net"}


@pytest.mark.parametrize(
    ("plan", "sites", "gateway", "told"),
    [
        (None, False, False, False),
        (OPS, True, False, False),
        (OPS, False, True, False),
        (OPS, False, False, True),
    ],
)
def test_alerts_of_nothing_are_told(
    plan: AlertsPlan | None, sites: bool, gateway: bool, told: bool
) -> None:
    """Whoever asks for alerts should know that there will be none."""
    warnings = alert_warnings(plan, sites=sites, express_route=gateway)
    assert len(warnings) == told
    assert all(line.startswith("alerts: there is nothing to") for line in warnings)

"""Metric alerts: which number of which resource tells that something is not well.

A row is one alert as Azure Monitor takes it; the thresholds are those of Microsoft's
baseline alerts where they have one (https://azure.github.io/azure-monitor-baseline-alerts).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from azureml_rulebook.findings import Finding

_MONITOR = "https://learn.microsoft.com/azure/azure-monitor"
_ACTION_GROUPS_PAGE = f"{_MONITOR}/alerts/action-groups"
_SEVERITY_PAGE = f"{_MONITOR}/alerts/alerts-overview"
_BALANCER_PAGE = (
    "https://learn.microsoft.com/azure/load-balancer/load-balancer-standard-diagnostics"
)

_GATEWAY_PAGE = (
    f"{_MONITOR}/reference/supported-metrics/"
    "microsoft-network-virtualnetworkgateways-metrics"
)
_CIRCUIT_PAGE = (
    f"{_MONITOR}/reference/supported-metrics/"
    "microsoft-network-expressroutecircuits-metrics"
)

LOAD_BALANCERS = "Microsoft.Network/loadBalancers"
PRIVATE_LINK_SERVICES = "Microsoft.Network/privateLinkServices"
GATEWAYS = "Microsoft.Network/virtualNetworkGateways"
CIRCUITS = "Microsoft.Network/expressRouteCircuits"

LONGEST_SHORT_NAME = 12
"""Characters of an action group's short name, which is in every message it sends
(``_ACTION_GROUPS_PAGE``)."""

MOST_VERBOSE = 4
"""The highest number of a severity; 0 is critical (``_SEVERITY_PAGE``)."""

MOST_EMAILS = 1000
"""E-mail addresses of one action group (https://learn.microsoft.com/azure/azure-monitor/
fundamentals/service-limits#action-groups)."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Aggregation(StrEnum):
    """How the values of a window become one."""

    AVERAGE = "Average"
    MAXIMUM = "Maximum"
    MINIMUM = "Minimum"
    TOTAL = "Total"


class Comparison(StrEnum):
    """How the value stands to the threshold when an alert is raised."""

    GREATER_THAN = "GreaterThan"
    GREATER_THAN_OR_EQUAL = "GreaterThanOrEqual"
    LESS_THAN = "LessThan"
    LESS_THAN_OR_EQUAL = "LessThanOrEqual"


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """One alert on one metric of a kind of resource."""

    word: str
    """What its name ends with."""
    namespace: str
    """Resource type that has the metric."""
    metric: str
    aggregation: Aggregation
    comparison: Comparison
    threshold: float
    window_minutes: int = 5
    """Minutes whose values are taken together."""
    every_minutes: int = 1
    """Minutes between two looks."""
    severity: int = 1
    """0, critical, to 4, verbose, where the caller says nothing."""
    each: tuple[str, ...] = ()
    """Dimensions each of whose values is looked at by itself; (): all together."""
    description: str
    """What those who are told read first."""
    page: str


BALANCER_ALERTS: tuple[AlertRow, ...] = (
    AlertRow(
        word="probes",
        namespace=LOAD_BALANCERS,
        metric="DipAvailability",
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.LESS_THAN,
        # The average is over all machines: only all of it tells of one among many.
        threshold=100,
        description="A machine behind the load balancer does not answer its health "
        "probe.",
        page=_BALANCER_PAGE,
    ),
    AlertRow(
        word="data-path",
        namespace=LOAD_BALANCERS,
        metric="VipAvailability",
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.LESS_THAN,
        threshold=90,
        description="The load balancer's addresses cannot be reached: the data path is "
        "down, or no machine behind it is well.",
        page=_BALANCER_PAGE,
    ),
)
"""What is watched of a load balancer."""


TUNNEL_ALERT = AlertRow(
    word="tunnel",
    namespace=GATEWAYS,
    metric="TunnelAverageBandwidth",
    aggregation=Aggregation.AVERAGE,
    comparison=Comparison.LESS_THAN,
    threshold=1,
    every_minutes=5,
    each=("ConnectionName",),
    description="A site's tunnel carries nothing: it is down, or nobody uses it.",
    page=_GATEWAY_PAGE,
)
"""What is watched of a VPN gateway with sites."""

BGP_ALERT = AlertRow(
    word="bgp",
    namespace=GATEWAYS,
    metric="BgpPeerStatus",
    aggregation=Aggregation.AVERAGE,
    comparison=Comparison.LESS_THAN,
    # The average is over both instances, of which one is enough.
    threshold=0.5,
    every_minutes=5,
    each=("BgpPeerAddress",),
    description="A site tells no routes: no instance of the VPN gateway has a BGP "
    "session with it.",
    page=_GATEWAY_PAGE,
)
"""What is watched of a VPN gateway that talks BGP."""

CIRCUIT_ALERTS: tuple[AlertRow, ...] = tuple(
    AlertRow(
        word=word,
        namespace=CIRCUITS,
        metric=metric,
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.LESS_THAN,
        threshold=90,
        description=description,
        page=_CIRCUIT_PAGE,
    )
    for word, metric, description in (
        (
            "bgp",
            "BgpAvailability",
            "A link of the ExpressRoute circuit has no BGP session with its peer.",
        ),
        (
            "arp",
            "ArpAvailability",
            "A link of the ExpressRoute circuit does not reach its peer.",
        ),
    )
)
"""What is watched of a connected circuit: one link of its two that is down is half."""


def express_route_alerts(
    *, scales: bool, circuits_connected: bool
) -> tuple[AlertRow, ...]:
    """Return what is watched of an ExpressRoute gateway.

    ``scales``: whether its size is ErGwScale, whose metrics have names of their own.
    ``circuits_connected``: whether any is; without one it has nothing to carry.
    """
    start = "ScalableExpressRouteGateway" if scales else "ExpressRouteGateway"
    traffic = AlertRow(
        word="traffic",
        namespace=GATEWAYS,
        metric=f"{start}BitsPerSecond",
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.LESS_THAN,
        threshold=1,
        every_minutes=5,
        description="The ExpressRoute gateway carries nothing: its circuits are down, "
        "or nobody uses them.",
        page=_GATEWAY_PAGE,
    )
    processor = AlertRow(
        word="processor",
        namespace=GATEWAYS,
        metric=f"{start}CpuUtilization",
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.GREATER_THAN,
        threshold=80,
        every_minutes=5,
        description="The ExpressRoute gateway is close to what its size can carry.",
        page=_GATEWAY_PAGE,
    )
    return (traffic, processor) if circuits_connected else (processor,)


PRIVATE_LINK_ALERTS: tuple[AlertRow, ...] = (
    AlertRow(
        word="nat-ports",
        namespace=PRIVATE_LINK_SERVICES,
        metric="PLSNatPortsUsage",
        aggregation=Aggregation.AVERAGE,
        comparison=Comparison.GREATER_THAN,
        # Percent; no baseline names a number, this one leaves time to add an address.
        threshold=80,
        severity=2,
        description="The ports of the addresses that consumers come from run out; give "
        "the Private Link service more addresses.",
        page=f"{_MONITOR}/reference/supported-metrics/"
        "microsoft-network-privatelinkservices-metrics",
    ),
)
"""What is watched of a Private Link service."""


def minutes(number: int) -> str:
    """Return that many minutes as Azure Monitor writes them: ``PT5M``."""
    return f"PT{number}M"


def severity_findings(severity: int, *, path: str) -> list[Finding]:
    """Check that ``severity`` is one of Azure Monitor's."""
    if 0 <= severity <= MOST_VERBOSE:
        return []
    return [
        Finding(
            path,
            f"{severity} is not a severity; use 0, critical, to {MOST_VERBOSE}, "
            f"verbose ({_SEVERITY_PAGE})",
        )
    ]


def one_email_findings(email: str, *, path: str) -> list[Finding]:
    """Check the form of one e-mail address."""
    if _EMAIL.fullmatch(email) is not None:
        return []
    return [
        Finding(
            path,
            f"'{email}' is not an e-mail address; write one like 'ops@example.com'",
        )
    ]


def email_findings(emails: Mapping[str, str], *, path: str) -> list[Finding]:
    """Check the e-mail addresses of an action group, by the name of each."""
    findings = [
        finding
        for name, email in emails.items()
        for finding in one_email_findings(email, path=f"{path}.{name}")
    ]
    first: dict[str, str] = {}
    for name, email in emails.items():
        place = f"{path}.{name}"
        other = first.setdefault(email.lower(), place)
        if other != place:
            findings.append(
                Finding(place, f"'{email}' is {other} already; leave it out")
            )
    if len(emails) > MOST_EMAILS:
        findings.append(
            Finding(
                path,
                f"are {len(emails)}; an action group has at most {MOST_EMAILS}, give a "
                f"distribution list ({_ACTION_GROUPS_PAGE})",
            )
        )
    return findings

"""What an internal Standard load balancer takes: its numbers, and which rules fit.

A rule that Azure refuses, or that takes traffic away from another one, is found here
before anything exists: two rules for one address and port, two that would reach one
machine's port, every port together with one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import network_of

_LEARN = "https://learn.microsoft.com/azure"
PROBES_PAGE = f"{_LEARN}/load-balancer/load-balancer-custom-probe-overview"
_PORTS_PAGE = f"{_LEARN}/load-balancer/load-balancer-ha-ports-overview"
_RULES_PAGE = f"{_LEARN}/load-balancer/manage-rules-how-to"
_FLOATING_PAGE = f"{_LEARN}/load-balancer/load-balancer-floating-ip"
_POOLS_PAGE = f"{_LEARN}/load-balancer/backend-pool-management"

TCP = "Tcp"
UDP = "Udp"
ALL = "All"
"""High-availability ports: every protocol on every port (``_PORTS_PAGE``)."""

EVERY_PORT = 0
"""Port of both ends in a rule for every port, same page."""


@dataclass(frozen=True, kw_only=True)
class NumberRow:
    """A number that Azure takes between two others."""

    what: str
    least: int
    most: int
    page: str


PORT = NumberRow(what="a port", least=1, most=65535, page=_RULES_PAGE)
IDLE_MINUTES = NumberRow(
    what="a time",
    least=4,
    most=100,
    page=f"{_LEARN}/load-balancer/load-balancer-tcp-idle-timeout",
)
PROBE_INTERVAL = NumberRow(
    what="an interval", least=5, most=2_147_483_646, page=PROBES_PAGE
)
PROBE_THRESHOLD = NumberRow(what="a threshold", least=1, most=100, page=PROBES_PAGE)


@dataclass(frozen=True, kw_only=True)
class Balancing:
    """A rule of a load balancer, as far as it can stand in the way of another one."""

    name: str
    frontend: str
    pool: str
    protocol: str
    port: int
    """``EVERY_PORT`` with the protocol ``ALL``."""
    backend_port: int
    floating: bool
    """Whether machines see the load balancer's address as their own."""


def number_findings(value: int, row: NumberRow, *, path: str) -> list[Finding]:
    """Check that ``value`` is between the two numbers of ``row``."""
    if row.least <= value <= row.most:
        return []
    return [
        Finding(
            path,
            f"{value} is not {row.what} that Azure takes; use {row.least} to "
            f"{row.most} ({row.page})",
        )
    ]


def probe_path_findings(
    request_path: str | None, *, asks_path: bool, path: str
) -> list[Finding]:
    """Check the path that a health probe asks.

    ``asks_path``: whether its protocol asks one, as Http and Https do.
    """
    if not asks_path:
        if request_path is None:
            return []
        return [
            Finding(
                path,
                f"'{request_path}' is for Http and Https; a Tcp probe only connects, "
                f"leave it out ({PROBES_PAGE})",
            )
        ]
    if request_path is None:
        return [
            Finding(
                path,
                "is required with Http and Https; give one that answers 200 while the "
                f"service is well, such as '/health' ({PROBES_PAGE})",
            )
        ]
    if not request_path.startswith("/") or any(map(str.isspace, request_path)):
        return [
            Finding(
                path,
                f"'{request_path}' is not a path; write one like '/health', without "
                "host and spaces",
            )
        ]
    return []


def floating_findings(
    *, floating: bool, private_link: bool, path: str
) -> list[Finding]:
    """Check that no Private Link service is behind a floating address.

    ``private_link``: whether the load balancer has one.
    """
    if not (floating and private_link):
        return []
    return [
        Finding(
            path,
            "cannot be used with private_link, whose traffic arrives for the machine's "
            f"own address; leave one of the two out ({_FLOATING_PAGE})",
        )
    ]


def transport_findings(
    protocol: str,
    *,
    tcp_reset: bool | None,
    idle_minutes: int | None,
    path: str,
) -> list[Finding]:
    """Check what is for TCP alone; None: left out."""
    if protocol != UDP:
        return []
    findings: list[Finding] = []
    if tcp_reset:
        findings.append(
            Finding(
                f"{path}.tcp_reset",
                "is for TCP, and protocol is 'Udp'; leave it out "
                f"({_LEARN}/load-balancer/load-balancer-tcp-reset)",
            )
        )
    if idle_minutes is not None:
        findings.append(
            Finding(
                f"{path}.idle_minutes",
                "is for TCP, and protocol is 'Udp'; leave it out "
                f"({IDLE_MINUTES.page})",
            )
        )
    return findings


def address_pool_findings(
    *,
    addresses: bool,
    interfaces: bool,
    private_link: bool,
    network_given: bool,
    path: str,
) -> list[Finding]:
    """Check that a pool of machines by address can be one.

    ``addresses``, ``interfaces``: what the pool has. ``private_link``: whether it has a
    Private Link service before it. ``network_given``: whether their network is known.
    """
    if not addresses:
        return []
    place = f"{path}.addresses"
    findings: list[Finding] = []
    if private_link:
        findings.append(
            Finding(
                place,
                "cannot be used with private_link, which needs pools of interfaces; "
                f"use interfaces ({_LEARN}/private-link/private-link-service-overview"
                "#limitations)",
            )
        )
    if interfaces:
        findings.append(
            Finding(
                place,
                "cannot be used with interfaces in one pool; give each a pool of its "
                f"own ({_POOLS_PAGE})",
            )
        )
    if not network_given:
        findings.append(
            Finding(
                place,
                f"needs network_id, the network that they are in; give it "
                f"({_POOLS_PAGE})",
            )
        )
    return findings


def network_findings(
    balancer_subnet_id: object, others: Mapping[str, object]
) -> list[Finding]:
    """Check that all that an internal load balancer works with is in its network.

    ``others``: ids of subnets and networks, by their paths. What is not a plain id is
    not looked at (``_POOLS_PAGE``).
    """
    own = network_of(balancer_subnet_id)
    if own is None:
        return []
    return [
        Finding(
            path,
            f"is in the network '{found}', and the load balancer is in '{own}'; Azure "
            "takes machines and Private Link services in the load balancer's own "
            f"network, give one of that ({_POOLS_PAGE})",
        )
        for path, other in others.items()
        if (found := network_of(other)) is not None and not found.is_same(own)
    ]


def rule_findings(rules: Iterable[Balancing], *, path: str = "rules") -> list[Finding]:
    """Find rules that cannot stand beside each other."""
    ordered = list(rules)
    findings: list[Finding] = []
    for index, rule in enumerate(ordered):
        fault = next(
            (
                fault
                for other in ordered[:index]
                if (fault := _conflict(rule, other, path))
            ),
            None,
        )
        if fault is not None:
            findings.append(Finding(f"{path}.{rule.name}", fault))
    return findings


def unused_findings(
    named: Mapping[str, Iterable[str]], used: Mapping[str, Iterable[str]]
) -> list[Finding]:
    """Find parts that no rule uses: an address that leads nowhere, a probe that no one
    asks for. ``named``, ``used``: names of the parts by the input that has them."""
    return [
        Finding(
            f"{key}.{name}",
            "is used by no rule; use it in one, or leave it out",
        )
        for key, names in named.items()
        for name in names
        if name not in set(used.get(key, ()))
    ]


def _conflict(rule: Balancing, other: Balancing, path: str) -> str | None:
    """Say why ``rule`` cannot stand beside ``other``; None if it can."""
    all_ports = ALL in (rule.protocol, other.protocol)
    beside = f"{path}.{other.name}"
    if rule.frontend == other.frontend and (
        all_ports or (rule.protocol, rule.port) == (other.protocol, other.port)
    ):
        what = (
            "'All' takes every port of an address"
            if all_ports
            else f"an address passes on {rule.protocol} port {rule.port} once"
        )
        return (
            f"is for the address '{rule.frontend}' as {beside} is, and {what}; use "
            f"another frontend or port ({_PORTS_PAGE if all_ports else _RULES_PAGE})"
        )
    if rule.pool != other.pool:
        return None
    if all_ports and not (
        rule.protocol == other.protocol and rule.floating and other.floating
    ):
        return (
            f"is for the pool '{rule.pool}' as {beside} is, and 'All' takes every port "
            "of its machines; use another backend_pool, or 'All' with "
            f"floating_address in both ({_PORTS_PAGE})"
        )
    same_port = (rule.protocol, rule.backend_port) == (
        other.protocol,
        other.backend_port,
    )
    if same_port and not (rule.floating or other.floating):
        return (
            f"leads to {rule.protocol} port {rule.backend_port} of the pool "
            f"'{rule.pool}' as {beside} does; a machine's port takes one rule, use "
            f"another backend_port or pool ({_FLOATING_PAGE})"
        )
    return None

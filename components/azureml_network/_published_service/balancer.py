"""The load balancer of a published service as it was asked for, read and checked.

It is an internal one: its addresses are in a subnet, nothing leaves through it, and
what it passes on goes to machines that answer a health probe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from pulumi import Input

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._place import Place, read_zones
from azureml_network._published_service.arguments import (
    BackendPoolSpec,
    BalancingRuleSpec,
    Distribution,
    FrontendSpec,
    HealthProbeSpec,
    InterfaceSpec,
    ProbeProtocol,
    TransportProtocol,
)
from azureml_rulebook.address_ranges import read_range, read_subnet_address
from azureml_rulebook.findings import Finding
from azureml_rulebook.load_balancers import (
    ALL,
    EVERY_PORT,
    IDLE_MINUTES,
    PORT,
    PROBE_INTERVAL,
    PROBE_THRESHOLD,
    Balancing,
    address_pool_findings,
    floating_findings,
    number_findings,
    probe_path_findings,
    rule_findings,
    transport_findings,
    unused_findings,
)
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.regions import zones_of
from azureml_rulebook.resource_ids import (
    APPLICATION_SECURITY_GROUP,
    NETWORK,
    SUBNET,
    resource_id_findings,
)
from azureml_rulebook.spelling import suggestion

SUBNET_ID = "load_balancer_subnet_id"
SUBNET_PREFIX = "load_balancer_subnet_prefix"
INPUTS = (
    "network_id",
    SUBNET_ID,
    SUBNET_PREFIX,
    "frontends",
    "backend_pools",
    "probes",
    "rules",
)
"""Inputs of a new load balancer."""

_FRONTEND = "service"
_POOL = "machines"
_MACHINES_SUBNET = "the machines' subnet"


@dataclass(frozen=True, kw_only=True)
class FrontendPlan:
    """An address of the load balancer."""

    address: IPv4Address | None
    """None: Azure chooses."""
    zones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InterfacePlan:
    """A network interface for a machine."""

    name: str
    """In Pulumi and in Azure."""
    subnet_id: Input[str]
    address: IPv4Address | None
    """None: Azure chooses."""
    security_group_ids: tuple[Input[str], ...]
    """Application security groups that it joins."""


@dataclass(frozen=True, kw_only=True)
class PoolPlan:
    """Machines that get what is passed on."""

    interfaces: Mapping[str, InterfacePlan]
    addresses: tuple[IPv4Address, ...]
    """In place of interfaces."""


@dataclass(frozen=True, kw_only=True)
class ProbePlan:
    """How it is known whether a machine is well."""

    protocol: ProbeProtocol
    port: int
    path: str | None
    interval_seconds: int
    threshold: int


@dataclass(frozen=True, kw_only=True)
class RulePlan:
    """What is passed on from an address to machines."""

    balancing: Balancing
    probe: str
    idle_minutes: int | None
    """None with Udp, which Azure times by itself."""
    tcp_reset: bool
    distribution: Distribution


@dataclass(frozen=True, kw_only=True)
class BalancerPlan:
    """A new load balancer; everything by the caller's names, in order."""

    subnet_id: Input[str]
    network_id: Input[str] | None
    frontends: Mapping[str, FrontendPlan]
    pools: Mapping[str, PoolPlan]
    probes: Mapping[str, ProbePlan]
    rules: Mapping[str, RulePlan]

    @property
    def interfaces(self) -> dict[tuple[str, str], InterfacePlan]:
        """All interfaces, by the names of their pool and of their own."""
        return {
            (pool, key): interface
            for pool, plan in self.pools.items()
            for key, interface in plan.interfaces.items()
        }


def read_balancer(
    reader: InputReader, name: str, place: Place, *, private_link: bool
) -> BalancerPlan:
    """Read the load balancer of the component called ``name``.

    ``private_link``: whether a Private Link service is before it.
    """
    subnet_id = reader.resource_id(SUBNET_ID, SUBNET, required=True) or ""
    network_id = reader.resource_id("network_id", NETWORK)
    frontends = _frontends(reader, place)
    pools = {
        key: _pool(
            spec,
            f"{name}-{key}",
            private_link=private_link,
            network_given=network_id is not None,
        )
        for key, spec in _each(reader, "backend_pools", BackendPoolSpec, _POOL).items()
    }
    probes = {
        key: _probe(spec)
        for key, spec in sorted(reader.each("probes", HealthProbeSpec).items())
    }
    rules = {
        key: _rule(key, spec, frontends, pools, probes, private_link=private_link)
        for key, spec in sorted(reader.each("rules", BalancingRuleSpec).items())
    }
    plan = BalancerPlan(
        subnet_id=subnet_id,
        network_id=network_id,
        frontends=frontends,
        pools=pools,
        probes=probes,
        rules=rules,
    )
    reader.findings += twice_findings(
        (f"backend_pools.{pool}.interfaces.{key}.private_address", interface.address)
        for (pool, key), interface in plan.interfaces.items()
    )
    _check_names(reader, plan)
    _check_rules(reader, plan)
    return plan


def read_subnet_prefix(reader: InputReader, key: str) -> IPv4Network | None:
    """Read the range of a subnet; None if it is not known."""
    text = reader.optional_text(key)
    if text is None:
        return None
    path = f"{reader.path}.{key}" if reader.path else key
    found = read_range(text, path)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def read_address(
    reader: InputReader, key: str, subnet: IPv4Network | None, *, whose: str
) -> IPv4Address | None:
    """Read an address in a subnet; None: Azure chooses. ``whose``: the subnet."""
    text = reader.optional_text(key)
    if text is None:
        return None
    path = f"{reader.path}.{key}" if reader.path else key
    found = read_subnet_address(text, subnet, path, whose=whose)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def twice_findings(
    addresses: Iterable[tuple[str, IPv4Address | None]],
) -> list[Finding]:
    """Find addresses that are given twice; each with the path of its input."""
    findings: list[Finding] = []
    first: dict[IPv4Address, str] = {}
    for path, address in addresses:
        if address is None:
            continue
        other = first.setdefault(address, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{address}' is {other} already; give each an address of its own",
                )
            )
    return findings


def _each(
    reader: InputReader, key: str, known: type, default: str
) -> dict[str, InputReader]:
    """Return the readers of a mapping in order; one called ``default`` without it."""
    if reader.has(key):
        return dict(sorted(reader.each(key, known).items()))
    empty = InputReader({}, known, path=f"{key}.{default}", findings=reader.findings)
    return {default: empty}


def _frontends(reader: InputReader, place: Place) -> dict[str, FrontendPlan]:
    subnet = read_subnet_prefix(reader, SUBNET_PREFIX)
    frontends: dict[str, FrontendPlan] = {}
    for key, spec in _each(reader, "frontends", FrontendSpec, _FRONTEND).items():
        frontends[key] = FrontendPlan(
            address=read_address(
                spec, "private_address", subnet, whose="the load balancer's subnet"
            ),
            zones=read_zones(spec) if spec.has("zones") else zones_of(place.region),
        )
    reader.findings += twice_findings(
        (f"frontends.{key}.private_address", frontend.address)
        for key, frontend in frontends.items()
    )
    return frontends


def _pool(
    spec: InputReader, stem: str, *, private_link: bool, network_given: bool
) -> PoolPlan:
    interfaces = {
        key: _interface(item, f"{stem}-{key}-nic")
        for key, item in sorted(spec.each_optional("interfaces", InterfaceSpec).items())
    }
    addresses = _pool_addresses(spec)
    spec.findings += address_pool_findings(
        addresses=spec.has("addresses") and not spec.is_empty("addresses"),
        interfaces=bool(interfaces),
        private_link=private_link,
        network_given=network_given,
        path=spec.path,
    )
    return PoolPlan(interfaces=interfaces, addresses=addresses)


def _pool_addresses(spec: InputReader) -> tuple[IPv4Address, ...]:
    found = [
        (
            f"{spec.path}.addresses[{index}]",
            read_subnet_address(
                text,
                None,
                f"{spec.path}.addresses[{index}]",
                whose="a machine in the network",
            ),
        )
        for index, text in enumerate(spec.texts("addresses", ()))
    ]
    spec.findings += [item for _, item in found if isinstance(item, Finding)]
    read = [(path, item) for path, item in found if isinstance(item, IPv4Address)]
    spec.findings += twice_findings(read)
    return tuple(item for _, item in read)


def _interface(spec: InputReader, name: str) -> InterfacePlan:
    group_ids = spec.input_texts("application_security_group_ids")
    for index, group_id in enumerate(group_ids):
        if not is_known_later(group_id):
            path = f"{spec.path}.application_security_group_ids[{index}]"
            spec.findings += resource_id_findings(
                group_id, APPLICATION_SECURITY_GROUP, path=path
            )
    spec.findings += name_findings("network_interface", name, path=spec.path)
    return InterfacePlan(
        name=name,
        subnet_id=spec.resource_id("subnet_id", SUBNET, required=True) or "",
        address=read_address(spec, "private_address", None, whose=_MACHINES_SUBNET),
        security_group_ids=group_ids,
    )


def _probe(spec: InputReader) -> ProbePlan:
    if not spec.has("protocol"):
        spec.note_missing("protocol", "is required and not set; use Tcp, Http or Https")
    protocol = spec.choice("protocol", ProbeProtocol.TCP)
    path = spec.optional_text("path")
    spec.findings += probe_path_findings(
        path,
        asks_path=protocol is not ProbeProtocol.TCP,
        path=f"{spec.path}.path",
    )
    port = _port(spec, "port", required=True)
    interval = spec.integer("interval_seconds", PROBE_INTERVAL.least)
    threshold = spec.integer("threshold", 2)
    spec.findings += number_findings(
        interval, PROBE_INTERVAL, path=f"{spec.path}.interval_seconds"
    )
    spec.findings += number_findings(
        threshold, PROBE_THRESHOLD, path=f"{spec.path}.threshold"
    )
    return ProbePlan(
        protocol=protocol,
        port=port or PORT.least,
        path=path,
        interval_seconds=interval,
        threshold=threshold,
    )


def _port(spec: InputReader, key: str, *, required: bool) -> int | None:
    """Read a port; None if it is not given or no port."""
    if required and not spec.has(key):
        spec.note_missing(key)
    port = spec.optional_integer(key)
    if port is None:
        return None
    faults = number_findings(port, PORT, path=f"{spec.path}.{key}")
    spec.findings += faults
    return None if faults else port


def _rule(
    name: str,
    spec: InputReader,
    frontends: Iterable[str],
    pools: Iterable[str],
    probes: Iterable[str],
    *,
    private_link: bool,
) -> RulePlan:
    protocol = spec.choice("protocol", TransportProtocol.TCP)
    port, backend_port = _ports(spec, protocol)
    idle = spec.optional_integer("idle_minutes")
    if idle is not None:
        spec.findings += number_findings(
            idle, IDLE_MINUTES, path=f"{spec.path}.idle_minutes"
        )
    tcp_reset = spec.flag("tcp_reset", protocol is not TransportProtocol.UDP)
    spec.findings += transport_findings(
        protocol.value,
        tcp_reset=tcp_reset if spec.has("tcp_reset") else None,
        idle_minutes=idle,
        path=spec.path,
    )
    floating = spec.flag("floating_address", False)
    spec.findings += floating_findings(
        floating=floating,
        private_link=private_link,
        path=f"{spec.path}.floating_address",
    )
    of_tcp = IDLE_MINUTES.least if idle is None else idle
    return RulePlan(
        balancing=Balancing(
            name=name,
            frontend=_named(spec, "frontend", frontends),
            pool=_named(spec, "backend_pool", pools),
            protocol=protocol.value,
            port=port,
            backend_port=backend_port,
            floating=floating,
        ),
        probe=_named(spec, "probe", probes, required=True),
        idle_minutes=None if protocol is TransportProtocol.UDP else of_tcp,
        tcp_reset=tcp_reset,
        distribution=spec.choice("distribution", Distribution.DEFAULT),
    )


def _ports(spec: InputReader, protocol: TransportProtocol) -> tuple[int, int]:
    """Return the ports of both ends, which a rule for every port does not name."""
    if protocol is TransportProtocol.ALL:
        for key in ("port", "backend_port"):
            if spec.has(key):
                spec.note(
                    key,
                    "cannot be used with 'All', which takes every port; leave it out",
                )
        return EVERY_PORT, EVERY_PORT
    port = _port(spec, "port", required=True) or EVERY_PORT
    return port, _port(spec, "backend_port", required=False) or port


def _named(
    spec: InputReader, key: str, names: Iterable[str], *, required: bool = False
) -> str:
    """Read the name of another part; without ``required`` the only one by default."""
    known = list(names)
    given = spec.text(key) if required else spec.optional_text(key)
    if given is None:
        if len(known) == 1:
            return known[0]
        spec.note_missing(
            key, f"is required where there are several; one of: {', '.join(known)}"
        )
        return ""
    if given and given not in known:
        spec.note(key, f"'{given}' is not there; {suggestion(given, known)}")
        return ""
    return given


def _check_names(reader: InputReader, plan: BalancerPlan) -> None:
    """Check the names of the parts, and that no two of a kind are one to Azure."""
    parts: dict[str, Iterable[str]] = {
        "frontends": plan.frontends,
        "backend_pools": plan.pools,
        "probes": plan.probes,
        "rules": plan.rules,
    }
    for key, names in parts.items():
        kind = "load_balancer_part"
        for name in names:
            reader.findings += name_findings(kind, name, path=f"{key}.{name}")
        reader.findings += same_name_findings(
            kind, [(f"{key}.{name}", name) for name in names]
        )
    reader.findings += same_name_findings(
        "network_interface",
        [
            (f"backend_pools.{pool}.interfaces.{key}", interface.name)
            for (pool, key), interface in plan.interfaces.items()
        ],
    )


def _check_rules(reader: InputReader, plan: BalancerPlan) -> None:
    """Check the rules against each other, as far as they could be read."""
    rules = list(plan.rules.values())
    whole = [
        rule.balancing
        for rule in rules
        if rule.balancing.frontend
        and rule.balancing.pool
        and (rule.balancing.port or rule.balancing.protocol == ALL)
    ]
    reader.findings += rule_findings(whole)
    if len(whole) == len(rules) and all(rule.probe for rule in rules) and rules:
        reader.findings += unused_findings(
            {
                "frontends": plan.frontends,
                "backend_pools": plan.pools,
                "probes": plan.probes,
            },
            {
                "frontends": [rule.frontend for rule in whole],
                "backend_pools": [rule.pool for rule in whole],
                "probes": [rule.probe for rule in rules],
            },
        )

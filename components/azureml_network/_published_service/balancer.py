"""The load balancer of a published service as it was asked for, read and checked.

It is an internal one: its addresses are in a subnet, nothing leaves through it, and
what it passes on goes to machines that answer a health probe.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._place import Place, read_zones
from azureml_network._published_service.addresses import (
    read_address,
    read_subnet_prefix,
    twice_findings,
)
from azureml_network._published_service.arguments import (
    BackendPoolSpec,
    BalancingRuleSpec,
    FrontendSpec,
    HealthProbeSpec,
)
from azureml_network._published_service.balancing import (
    ProbePlan,
    RulePlan,
    read_probe,
    read_rule,
)
from azureml_network._published_service.pools import InterfacePlan, PoolPlan, read_pool
from azureml_rulebook.load_balancers import ALL, rule_findings, unused_findings
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.regions import zones_of
from azureml_rulebook.resource_ids import NETWORK, SUBNET

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


@dataclass(frozen=True, kw_only=True)
class FrontendPlan:
    """An address of the load balancer."""

    address: IPv4Address | None
    """None: Azure chooses."""
    zones: tuple[str, ...]


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
        key: read_pool(
            spec,
            f"{name}-{key}",
            private_link=private_link,
            network_given=network_id is not None,
        )
        for key, spec in _each(reader, "backend_pools", BackendPoolSpec, _POOL).items()
    }
    probes = {
        key: read_probe(spec)
        for key, spec in sorted(reader.each("probes", HealthProbeSpec).items())
    }
    rules = {
        key: read_rule(key, spec, frontends, pools, probes, private_link=private_link)
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

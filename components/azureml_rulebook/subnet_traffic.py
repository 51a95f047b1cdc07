"""Who may talk to whom inside the network, and the rules of each subnet's group.

A flow is said once, "from subnets of these purposes to subnets of that one", and is
written on both sides: outbound where it starts, inbound where it ends, as exact
prefixes. Purposes with demands of their own (compute, Bastion) add the rules of their
service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook import aml_traffic, subnets
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.security_rules import (
    ANY,
    FINAL_DENIES,
    Direction,
    SecurityRule,
    in_order,
)

_LEARN = "https://learn.microsoft.com/azure"


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Traffic between subnets, by their purposes."""

    name: str
    """Both rules are called ``Allow<name>Inbound`` and ``Allow<name>Outbound``."""
    priority: int
    """The same on both sides."""
    sources: tuple[str, ...]
    """Purposes of the subnets it starts in."""
    destination: str | None
    """Purpose of the subnets it ends in; None: the subnet it started in."""
    protocol: str = "Tcp"
    ports: tuple[str, ...]
    reason: str
    page: str


FLOWS: tuple[Flow, ...] = (
    Flow(
        name="HttpsToEndpoints",
        priority=100,
        sources=(
            subnets.TRAINING,
            subnets.INFERENCE,
            subnets.JUMP_BOX,
            subnets.GENERAL,
        ),
        destination=subnets.ENDPOINTS,
        ports=("443",),
        reason="the workspace and its services by their private endpoints",
        page=f"{_LEARN}/machine-learning/how-to-access-azureml-behind-firewall",
    ),
    Flow(
        name="FilesToEndpoints",
        priority=110,
        sources=(subnets.TRAINING,),
        destination=subnets.ENDPOINTS,
        ports=("445",),
        reason="compute mounts the workspace's file share over SMB",
        page=f"{_LEARN}/machine-learning/how-to-secure-training-vnet",
    ),
    Flow(
        name="WithinSubnet",
        priority=120,
        sources=(subnets.TRAINING,),
        destination=None,
        protocol=ANY,
        ports=(ANY,),
        reason="nodes of one distributed job talk to each other on any port",
        page=f"{_LEARN}/machine-learning/how-to-train-distributed-gpu",
    ),
    Flow(
        name="BastionToMachines",
        priority=130,
        sources=(subnets.BASTION,),
        destination=subnets.JUMP_BOX,
        ports=("22", "3389"),
        reason="people reach machines through Bastion only",
        page=f"{_LEARN}/bastion/bastion-nsg",
    ),
    Flow(
        name="NamesToResolver",
        priority=140,
        sources=(
            subnets.TRAINING,
            subnets.INFERENCE,
            subnets.JUMP_BOX,
            subnets.GENERAL,
        ),
        destination=subnets.RESOLVER_INBOUND,
        protocol=ANY,
        ports=("53",),
        reason="names are asked of the DNS Private Resolver",
        page=f"{_LEARN}/dns/private-resolver-endpoints-rulesets",
    ),
    # Names of compute instances resolve to the workspace's endpoint:
    # https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns
    Flow(
        name="InstanceToolsToEndpoints",
        priority=150,
        sources=(subnets.JUMP_BOX,),
        destination=subnets.ENDPOINTS,
        ports=("8787", "18881", "8704-8710"),
        reason="people use RStudio, completion and VS Code on compute instances",
        page=f"{_LEARN}/machine-learning/how-to-access-azureml-behind-firewall",
    ),
)


@dataclass(frozen=True, kw_only=True)
class PlatformRule:
    """A rule that an Azure service demands on its subnet, beyond compute's."""

    purpose: str
    rule: SecurityRule
    page: str


def _bastion(
    name: str,
    priority: int,
    direction: Direction,
    source: str,
    destination: str,
    ports: tuple[str, ...],
    description: str,
    protocol: str = "Tcp",
) -> PlatformRule:
    return PlatformRule(
        purpose=subnets.BASTION,
        rule=SecurityRule(
            name=name,
            priority=priority,
            direction=direction,
            protocol=protocol,
            sources=(source,),
            destinations=(destination,),
            ports=ports,
            description=description,
        ),
        page=f"{_LEARN}/bastion/bastion-nsg",
    )


# Bastion refuses a group that lacks any one of its eight, with exactly these tags.
PLATFORM_RULES: tuple[PlatformRule, ...] = (
    _bastion(
        "AllowHttpsInbound",
        500,
        Direction.INBOUND,
        "Internet",
        ANY,
        ("443",),
        "people's browsers reach Bastion",
    ),
    _bastion(
        "AllowGatewayManagerInbound",
        510,
        Direction.INBOUND,
        "GatewayManager",
        ANY,
        ("443",),
        "Bastion's control plane",
    ),
    _bastion(
        "AllowLoadBalancerInbound",
        520,
        Direction.INBOUND,
        "AzureLoadBalancer",
        ANY,
        ("443",),
        "health probes",
    ),
    _bastion(
        "AllowBastionHostsInbound",
        530,
        Direction.INBOUND,
        "VirtualNetwork",
        "VirtualNetwork",
        ("8080", "5701"),
        "Bastion's instances talk to each other",
        ANY,
    ),
    _bastion(
        "AllowMachinesOutbound",
        500,
        Direction.OUTBOUND,
        ANY,
        "VirtualNetwork",
        ("22", "3389"),
        "sessions to machines; each machine's own group decides who is let in",
        ANY,
    ),
    _bastion(
        "AllowBastionHostsOutbound",
        510,
        Direction.OUTBOUND,
        "VirtualNetwork",
        "VirtualNetwork",
        ("8080", "5701"),
        "Bastion's instances talk to each other",
        ANY,
    ),
    _bastion(
        "AllowAzureCloudOutbound",
        520,
        Direction.OUTBOUND,
        ANY,
        "AzureCloud",
        ("443",),
        "diagnostics",
    ),
    _bastion(
        "AllowCertificateCheckOutbound",
        530,
        Direction.OUTBOUND,
        ANY,
        "Internet",
        ("80",),
        "session and certificate validation",
        ANY,
    ),
)


@dataclass(frozen=True, kw_only=True)
class PlannedSubnet:
    """A subnet with its purpose and range, as the traffic tables need it."""

    purpose: str
    prefix: str


def group_rules(
    name: str,
    layout: Mapping[str, PlannedSubnet],
    region: str,
    cloud_name: str = PUBLIC,
    *,
    holding: Iterable[str] = (aml_traffic.ALWAYS,),
) -> tuple[SecurityRule, ...]:
    """Return all rules of the security group of subnet ``name``, in Azure's order.

    Args:
        name: a key of ``layout``.
        layout: every subnet of the network by name.
        region: normalised region name.
        cloud_name: the cloud whose tags apply.
        holding: conditions of ``aml_traffic`` that hold.
    """
    subnet = layout[name]
    rules = [rule for flow in FLOWS for rule in _flow_rules(flow, subnet, layout)]
    rules += [row.rule for row in PLATFORM_RULES if row.purpose == subnet.purpose]
    if subnet.purpose == subnets.TRAINING:
        rules += aml_traffic.outbound_rules(
            (subnet.prefix,), region, cloud_name, holding=frozenset(holding)
        )
    return in_order([*rules, *FINAL_DENIES])


def _flow_rules(
    flow: Flow, subnet: PlannedSubnet, layout: Mapping[str, PlannedSubnet]
) -> list[SecurityRule]:
    """Return the rules that ``flow`` writes on one subnet: none, one or both."""
    rules: list[SecurityRule] = []
    starts_here = subnet.purpose in flow.sources
    if flow.destination is None:
        sources = destinations = (subnet.prefix,) if starts_here else ()
        ends_here = starts_here
    else:
        sources = _prefixes(layout, flow.sources)
        destinations = _prefixes(layout, (flow.destination,))
        ends_here = subnet.purpose == flow.destination
    if starts_here and destinations:
        rules.append(_rule(flow, Direction.OUTBOUND, (subnet.prefix,), destinations))
    if ends_here and sources:
        rules.append(_rule(flow, Direction.INBOUND, sources, (subnet.prefix,)))
    return rules


def _rule(
    flow: Flow,
    direction: Direction,
    sources: tuple[str, ...],
    destinations: tuple[str, ...],
) -> SecurityRule:
    return SecurityRule(
        name=f"Allow{flow.name}{direction}",
        priority=flow.priority,
        direction=direction,
        protocol=flow.protocol,
        sources=sources,
        destinations=destinations,
        ports=flow.ports,
        description=flow.reason,
    )


def _prefixes(
    layout: Mapping[str, PlannedSubnet], purposes: Iterable[str]
) -> tuple[str, ...]:
    wanted = set(purposes)
    return tuple(
        sorted(subnet.prefix for subnet in layout.values() if subnet.purpose in wanted)
    )

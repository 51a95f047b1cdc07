"""Who may talk to whom inside the network, and the rules of each subnet's group.

A flow is said once, "from subnets of these purposes to subnets of that one", and is
written on both sides: outbound where it starts, inbound where it ends, as exact
prefixes. Purposes with demands of their own (compute, Bastion) add the rules of their
service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_rulebook import aml_traffic, subnets
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.security_rules import (
    ANY,
    FINAL_DENIES,
    Direction,
    SecurityRule,
    in_order,
)
from azureml_rulebook.service_tag_lists import PublishedTags

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


SESSION_PORTS = ("22", "3389")
"""TCP ports that people enter machines by: SSH and RDP."""
_SESSIONS = "BastionToMachines"

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
        name=_SESSIONS,
        priority=130,
        sources=(subnets.BASTION,),
        destination=subnets.JUMP_BOX,
        ports=SESSION_PORTS,
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


PEOPLE_REACH: tuple[str, ...] = (
    "AllowEntraIdOutbound",
    "AllowResourceManagerOutbound",
    "AllowFrontDoorFrontendOutbound",
)
"""Rows of ``aml_traffic.REQUIRED_OUTBOUND`` that a browser on a jump box needs for the
studio, whose pages and sign-in are public also where the workspace is not
(https://learn.microsoft.com/azure/machine-learning/
how-to-access-azureml-behind-firewall)."""

_MACHINES = (
    subnets.TRAINING,
    subnets.INFERENCE,
    subnets.JUMP_BOX,
    subnets.GENERAL,
)
"""Purposes of subnets with machines that ask for names."""

NAMES_TO_SERVERS = Flow(
    name="NamesToServers",
    priority=145,
    sources=_MACHINES,
    destination=None,
    protocol=ANY,
    ports=("53",),
    reason="names are asked of the network's own DNS servers",
    page=f"{_LEARN}/virtual-network/"
    "virtual-networks-name-resolution-for-vms-and-role-instances",
)
FIREWALL_NAMES_TO_SERVERS = Flow(
    name="FirewallNamesToServers",
    priority=147,
    sources=(subnets.FIREWALL,),
    destination=None,
    protocol=ANY,
    ports=("53",),
    reason="names are asked by the firewall, for machines that ask it",
    page=f"{_LEARN}/firewall/dns-settings",
)
_AZURE_DNS = "168.63.129.16"
"""Azure's own DNS service, which no security group blocks (https://learn.microsoft.com/
azure/virtual-network/what-is-ip-address-168-63-129-16)."""
DEVELOPER_BASTION_PAGE = f"{_LEARN}/bastion/quickstart-developer"
DEVELOPER_BASTION_PRIORITY = 135
"""Sessions of Bastion's Developer tier, which has no subnet, come from Azure's own
address (same page)."""


@dataclass(frozen=True, kw_only=True)
class PlannedSubnet:
    """A subnet with its purpose and range, as the traffic tables need it."""

    purpose: str
    prefix: str


@dataclass(frozen=True, kw_only=True)
class TrafficConditions:
    """What decides, besides the subnets, which traffic is required."""

    region: str
    """Normalised name."""
    cloud_name: str = PUBLIC
    holding: frozenset[str] = frozenset({aml_traffic.ALWAYS})
    """Conditions of ``aml_traffic`` that hold."""
    compute_mode: str = aml_traffic.NO_PUBLIC_IP
    dns_servers: tuple[str, ...] = ()
    """Addresses that machines ask for names; empty: Azure's own service."""
    firewall_dns_servers: tuple[str, ...] = ()
    """Addresses that the firewall of the network asks for names; empty: Azure's own
    service, or there is none."""
    developer_bastion: bool = False
    """Whether people reach jump boxes through Bastion's Developer tier."""
    just_in_time_access: bool = False
    """Whether Bastion reaches jump boxes on request only, by a rule that Microsoft
    Defender for Cloud adds for a time."""
    published: PublishedTags | None = None
    """A newer list of service tags; None: the one that comes with the rulebook."""


def needs_way_out(purpose: subnets.SubnetPurpose, compute_mode: str) -> bool:
    """Whether what lives in a subnet needs a way out of the network.

    Compute in a network that the service manages does not live in a training subnet.
    """
    elsewhere = compute_mode == aml_traffic.MANAGED_NETWORK
    return purpose.egress and not (elsewhere and purpose.name == subnets.TRAINING)


def required_rules(
    name: str, layout: Mapping[str, PlannedSubnet], conditions: TrafficConditions
) -> tuple[SecurityRule, ...]:
    """Return the rules that must be in the security group of subnet ``name``.

    ``layout``: every subnet of the network by name, with ``name`` among them. The final
    denies are not among the rules.
    """
    subnet = layout[name]
    rules = [
        rule
        for flow in FLOWS
        for rule in _flow_rules(flow, subnet, layout)
        if not (conditions.just_in_time_access and _opens_sessions(flow, rule))
    ]
    rules += _names_to_servers(subnet, layout, conditions.dns_servers)
    rules += _asked(
        FIREWALL_NAMES_TO_SERVERS, subnet, layout, conditions.firewall_dns_servers
    )
    rules += [row.rule for row in PLATFORM_RULES if row.purpose == subnet.purpose]
    rules += _machine_rules(subnet, conditions)
    return in_order(rules)


def group_rules(
    required: Iterable[SecurityRule], callers: Iterable[SecurityRule] = ()
) -> tuple[SecurityRule, ...]:
    """Return all rules of a security group, in Azure's order: what is required, what
    callers add, and the denies of everything else."""
    return in_order([*required, *callers, *FINAL_DENIES])


def _machine_rules(
    subnet: PlannedSubnet, conditions: TrafficConditions
) -> list[SecurityRule]:
    """Return what machines of this purpose need of public services."""
    prefixes, published = (subnet.prefix,), conditions.published
    place = (prefixes, conditions.region, conditions.cloud_name)
    rules: list[SecurityRule] = []
    if subnet.purpose == subnets.TRAINING:
        rules += aml_traffic.compute_rules(
            *place,
            holding=conditions.holding,
            compute_mode=conditions.compute_mode,
            published=published,
        )
    if subnet.purpose == subnets.JUMP_BOX:
        rows = [r for r in aml_traffic.REQUIRED_OUTBOUND if r.name in PEOPLE_REACH]
        rules += aml_traffic.outbound_rules(rows, *place, published)
        if conditions.developer_bastion:
            rules.append(_from_developer_bastion(subnet))
    behind_firewall = aml_traffic.FIREWALL_HOSTS in conditions.holding
    purpose = subnets.PURPOSES[subnet.purpose]
    if behind_firewall and needs_way_out(purpose, conditions.compute_mode):
        rules += aml_traffic.outbound_rules([aml_traffic.INTERNET_BY_FIREWALL], *place)
    return rules


def _from_developer_bastion(subnet: PlannedSubnet) -> SecurityRule:
    return SecurityRule(
        name="AllowDeveloperBastionInbound",
        priority=DEVELOPER_BASTION_PRIORITY,
        direction=Direction.INBOUND,
        protocol="Tcp",
        sources=(_AZURE_DNS,),
        destinations=(subnet.prefix,),
        ports=SESSION_PORTS,
        description="people reach machines through Bastion Developer only",
    )


def _opens_sessions(flow: Flow, rule: SecurityRule) -> bool:
    """Whether a rule lets Bastion into jump boxes at all times."""
    return flow.name == _SESSIONS and rule.direction is Direction.INBOUND


def _names_to_servers(
    subnet: PlannedSubnet,
    layout: Mapping[str, PlannedSubnet],
    dns_servers: Iterable[str],
) -> list[SecurityRule]:
    """Return both sides of asking the network's own DNS servers, wherever they are.

    A resolver's inbound endpoint has its own row among the flows.
    """
    resolvers = [
        IPv4Network(other.prefix)
        for other in layout.values()
        if other.purpose == subnets.RESOLVER_INBOUND
    ]
    servers = tuple(
        server
        for server in dns_servers
        if server != _AZURE_DNS
        and not any(IPv4Network(server).subnet_of(known) for known in resolvers)
    )
    rules = _asked(NAMES_TO_SERVERS, subnet, layout, servers)
    if servers and subnet.purpose in NAMES_TO_SERVERS.sources:
        rules.append(
            _rule(NAMES_TO_SERVERS, Direction.OUTBOUND, (subnet.prefix,), servers)
        )
    return rules


def _asked(
    flow: Flow,
    subnet: PlannedSubnet,
    layout: Mapping[str, PlannedSubnet],
    servers: Iterable[str],
) -> list[SecurityRule]:
    """Return the inbound rule of a subnet that holds some of the ``servers``."""
    home = IPv4Network(subnet.prefix)
    here = tuple(server for server in servers if IPv4Network(server).subnet_of(home))
    sources = _prefixes(layout, flow.sources)
    if not (here and sources):
        return []
    return [_rule(flow, Direction.INBOUND, sources, here)]


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

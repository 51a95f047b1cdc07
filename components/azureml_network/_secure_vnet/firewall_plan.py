"""Plans Azure Firewall: its address, its rules, and whom it asks for names.

It lets through what Azure Machine Learning needs, what callers' rules open to public
places, and the hosts on the allow-list; names go along one chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    DetectionMode,
    FirewallTier,
)
from azureml_network._secure_vnet.egress_inputs import EgressRequest
from azureml_network._secure_vnet.firewall_inputs import (
    RequestedFirewall,
    RequestedHost,
)
from azureml_rulebook.address_ranges import snat_private_ranges
from azureml_rulebook.findings import Finding
from azureml_rulebook.firewall_rules import (
    ALLOWED_BAND,
    BANDS,
    CALLER_BAND,
    HOST_BAND,
    TAG_BAND,
    ApplicationRule,
    Rule,
    RuleBand,
    RuleGroup,
)
from azureml_rulebook.firewall_tiers import planned_address, tier_facts
from azureml_rulebook.firewall_traffic import (
    CallerPassage,
    RequiredPassage,
    caller_passage,
    required_passage,
)
from azureml_rulebook.security_rules import SecurityRule
from azureml_rulebook.subnets import FIREWALL, FIREWALL_MANAGEMENT


@dataclass(frozen=True, kw_only=True)
class FirewallPlan:
    """Azure Firewall as it will be made."""

    tier: FirewallTier
    zones: tuple[str, ...]
    threat_intelligence: DetectionMode
    intrusion_detection: DetectionMode
    dns_proxy: bool
    dns_servers: tuple[str, ...]
    """Whom it asks for names; empty: Azure's own service."""
    subnet: str
    """Name of the subnet it is in."""
    management_subnet: str | None
    """Name of the subnet of its management interface, if it has one."""
    address: IPv4Address
    """Its private address, the next hop of all routes."""
    snat_private_ranges: tuple[str, ...]
    """Destinations that it does not hide senders from; empty: Azure's own list."""
    rule_groups: tuple[RuleGroup, ...]
    """In the order in which they are made."""
    findings: tuple[Finding, ...]
    """What is wrong with the chain of names; the plan is of no use with any."""
    warnings: tuple[str, ...]
    """Hosts that expire soon, and what does not pass as it should."""


def plan_firewall(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
    groups: Mapping[str, Sequence[SecurityRule]],
) -> FirewallPlan | None:
    """Plan the firewall; None if the way out is another.

    Args:
        request: the way out as it was asked for.
        prefixes: the subnets' ranges by name.
        address_space: of the whole network.
        groups: rules of the security groups by subnet name.
    """
    asked = request.firewall
    subnet = request.first_of(FIREWALL)
    if asked is None or subnet is None:
        return None
    address = planned_address(prefixes[subnet])
    machines = tuple(
        sorted(str(prefixes[name]) for name in {*request.behind} - request.let_out)
    )
    required = _required(request, prefixes)
    callers = _callers(request, prefixes, groups)
    allowed = [_allowed_rule(host, machines) for host in asked.allowed_hosts]
    return FirewallPlan(
        tier=asked.tier,
        zones=asked.zones,
        threat_intelligence=asked.threat_intelligence,
        intrusion_detection=asked.intrusion_detection,
        dns_proxy=asked.dns_proxy,
        dns_servers=tuple(map(str, firewall_dns_servers(request, prefixes))),
        subnet=subnet,
        management_subnet=request.first_of(FIREWALL_MANAGEMENT),
        address=address,
        snat_private_ranges=snat_private_ranges(address_space),
        rule_groups=_rule_groups(
            {
                TAG_BAND: required.by_tag,
                CALLER_BAND: callers.rules,
                HOST_BAND: required.by_host,
                ALLOWED_BAND: tuple(allowed) if machines else (),
            }
        ),
        findings=tuple(_dns_findings(request, asked, prefixes[subnet])),
        warnings=(*asked.warnings, *_passage_warnings(request, required, callers)),
    )


def _required(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> RequiredPassage:
    """Return what machines need of a firewall in this network."""
    sources: dict[str, tuple[str, ...]] = {}
    for name, purpose in request.behind.items():
        sources[purpose.name] = (*sources.get(purpose.name, ()), str(prefixes[name]))
    return required_passage(
        sources,
        request.place.region,
        request.published,
        holding=request.holding,
        compute=request.compute_mode is not ComputeMode.MANAGED_NETWORK,
    )


def _callers(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    groups: Mapping[str, Sequence[SecurityRule]],
) -> CallerPassage:
    """Return what callers open to public places for machines behind the firewall."""
    return caller_passage(
        {
            str(prefixes[name]): rules
            for name, rules in groups.items()
            if name in request.behind
        },
        request.published,
    )


def _rule_groups(
    contents: Mapping[RuleBand, tuple[Rule, ...]],
) -> tuple[RuleGroup, ...]:
    """Return the groups that have rules, in the order in which they are made."""
    return tuple(
        RuleGroup(band=band, rules=contents[band]) for band in BANDS if contents[band]
    )


def firewall_dns_servers(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> tuple[IPv4Address, ...]:
    """Return whom the firewall asks for names: one chain with the machines.

    Empty: Azure's own service, or there is no firewall. ``prefixes``: the subnets'
    ranges by name.
    """
    asked, subnet = request.firewall, request.first_of(FIREWALL)
    if asked is None or subnet is None:
        return ()
    network = request.network_dns_servers
    if asked.dns_servers or not tier_facts(asked.tier).custom_dns:
        return asked.dns_servers
    return () if planned_address(prefixes[subnet]) in network else network


def _allowed_rule(host: RequestedHost, machines: tuple[str, ...]) -> ApplicationRule:
    """Return the rule of an allowed host; owner and last day are in its description."""
    reason = f"{host.reason}; " if host.reason else ""
    return ApplicationRule(
        name=host.name,
        sources=machines,
        hosts=(host.host,),
        ports=host.ports,
        description=f"{reason}owner: {host.owner}; until {host.expires}",
    )


def _dns_findings(
    request: EgressRequest, asked: RequestedFirewall, home: IPv4Network
) -> list[Finding]:
    """Check that names are asked along one chain that does not come back.

    Machines ask the network's servers; where that is the firewall, it asks others.
    ``home``: the range of its subnet.
    """
    address = planned_address(home)
    findings = [
        Finding(
            f"firewall.dns_servers[{index}]",
            f"'{server}' is in {home}, where only the firewall itself answers, so it "
            "would ask itself; give the address of another server, such as a "
            "resolver's inbound endpoint",
        )
        for index, server in enumerate(asked.dns_servers)
        if server in home
    ]
    for index, server in enumerate(request.network_dns_servers):
        if server not in home:
            continue
        if server != address:
            findings.append(
                Finding(
                    f"dns_servers[{index}]",
                    f"'{server}' is in the firewall's subnet {home}, and the firewall "
                    f"answers at '{address}'; write that address",
                )
            )
        elif not asked.dns_proxy:
            findings.append(
                Finding(
                    f"dns_servers[{index}]",
                    f"'{server}' is the firewall, which answers no queries while "
                    "firewall.dns_proxy is false; set it to true or name another "
                    "server",
                )
            )
    return findings


def _passage_warnings(
    request: EgressRequest, required: RequiredPassage, callers: CallerPassage
) -> list[str]:
    """Say what passes by addresses of one day, and what does not pass at all."""
    dated = [
        f"firewall: '{tag}' is published for security groups only, so the firewall "
        f"lets its addresses of {request.published.taken} through; give newer ones "
        "with service_tags_file as they change"
        for tag in dict.fromkeys((*required.dated, *callers.dated))
    ]
    blocked = [
        f"firewall: nothing lets '{row.tag.format(region=request.place.region)}' on "
        f"port {', '.join(row.ports)} through ({row.reason}): it is published without "
        "addresses and not for firewalls; give a newer list with service_tags_file"
        for row in required.impassable
    ]
    closed = [
        f"firewall: the rule '{rule.name}' opens {', '.join(rule.destinations)} in "
        "security groups only, since no firewall takes its service tag or protocol; "
        "name address ranges instead"
        for rule in callers.impassable
    ]
    return [*dated, *blocked, *closed]

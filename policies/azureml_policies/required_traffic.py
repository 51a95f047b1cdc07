"""Rules on what compute reaches outside: all that the service needs, and nothing else.

The list of what it needs is the rulebook's, for the region, the cloud and the private
endpoints of the stack. Ways are followed through groups, routes and firewalls; what a
firewall opens by the name of a host is compared by that name.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._openings import openings_setting
from azureml_policies._reach import (
    TCP,
    asked,
    blocked,
    listed_missing,
    may_pass,
    passes,
    trace,
)
from azureml_policies._reach_classes import alike, told_of
from azureml_policies._reach_compute import (
    Nodes,
    compute_nodes,
    holding_conditions,
    packets_of,
    required_rules,
    unknown_subnets,
)
from azureml_policies._reach_examples import outbound, shown_cluster, shown_rule
from azureml_policies._reach_hosts import (
    every_host,
    is_by_name,
    is_covered,
    needed_hosts,
    opened_hosts,
)
from azureml_policies._reach_openings import opened_packets
from azureml_policies._stack_topology import judged_topology
from azureml_reachability.addresses import AddressSet
from azureml_reachability.ends import ends_of
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import INTERNET, tag
from azureml_reachability.ports import PortSet
from azureml_reachability.questions import Question, security_groups_allow
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.aml_traffic import PUBLIC_IP, REQUIRED_INBOUND
from azureml_rulebook.regions import region_name
from azureml_rulebook.security_rules import Direction, SecurityRule

_ACCESS_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/"
    "how-to-access-azureml-behind-firewall"
)
_REGION = {
    "region": {
        "type": "string",
        "default": "",
        "description": "The region of compute, for regional service tags; empty: that "
        "of its network",
    }
}
_IPV4 = AddressSet.of("0.0.0.0/0")


def _everything_out(**changes: Any) -> dict[str, Any]:
    return outbound("AllowInternetOutbound", 100, **changes)


@stack_rule(
    id="NR004",
    name="aml-required-egress-open",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    settings=_REGION,
    steps="Open the service tag in the group of the subnet and in the firewall, or the "
    "hosts behind it by name; give the subnet a route that leads out.",
    url=_ACCESS_PAGE,
    bad=shown_cluster(
        _everything_out(destinationPortRange="443"), defaultOutboundAccess=True
    ),
    good=shown_cluster(_everything_out(), defaultOutboundAccess=True),
)
def required_egress_open(subject: Resource, context: Context) -> Iterator[Finding]:
    """Compute reaches every service that Azure Machine Learning needs."""
    topology, found = _judged(context)
    for likes in alike(topology, found):
        rules = required_rules(context, topology, likes[0].subnet)
        if isinstance(rules, Missing):
            yield Undecided(rules.path, f"{rules}: what is needed depends on it")
            continue
        for rule in rules:
            for finding in _reaches(context, topology, likes[0], rule):
                yield replace(finding, message=finding.message + told_of(likes))
    yield from unknown_subnets(compute_nodes(context.stack, topology)[1])


def _judged(context: Context) -> tuple[Topology, list[Nodes]]:
    topology = judged_topology(context.stack)
    found, unknown = compute_nodes(context.stack, topology)
    if not found and not unknown:
        raise NotApplicable("no compute stands in subnets of the stack")
    return topology, found


def _reaches(
    context: Context, topology: Topology, nodes: Nodes, rule: SecurityRule
) -> Iterator[Finding]:
    """Yield a finding unless all compute of a subnet reaches one service."""
    (name,) = rule.destinations
    advice = (
        f"open '{name}' {rule.protocol} {', '.join(rule.ports)}: {rule.description}"
    )
    needed = packets_of(topology, [rule]) & _from(topology, nodes)
    if not needed:
        yield Undecided(
            name,
            f"'{name}' has no prefixes in the list of service tags, so that it cannot "
            f"be told whether {nodes.place} reaches it",
        )
        return
    found = asked(topology, nodes.place, tag(name), ports=PortSet.of(*rule.ports))
    lost = needed - found.possible
    if lost:
        yield blocked(topology, nodes.place, tag(name), lost, advice)
        return
    unsure = needed - found.certain
    if not unsure:
        return
    missing = trace(topology, nodes.place, tag(name), unsure).missing
    if not is_by_name(topology, missing):
        yield may_pass(topology, nodes.place, tag(name), unsure, advice, missing)
        return
    hosts = needed_hosts(
        topology, _region(context, nodes), holding_conditions(context.stack, topology)
    ).get(rule.name, ())
    opened = [host for _, host in opened_hosts(topology, nodes.subnet)]
    closed = [host for host in hosts if not is_covered(host, opened)]
    if closed or not hosts:
        where = ", ".join(closed) or f"'{name}'"
        yield Violation(
            missing[0].path,
            f"{nodes.place} does not reach {where}: the firewall opens other hosts; "
            f"{advice}",
        )


def _from(topology: Topology, nodes: Nodes) -> PacketSet:
    """Return all packets that compute may send, over IPv4 as Azure's services take."""
    ends = ends_of(topology, nodes.place)
    return PacketSet.of(
        sources=AddressSet.union(each.addresses for each in ends) & _IPV4,
        destinations=_IPV4,
    )


def _region(context: Context, nodes: Nodes) -> str:
    return region_name(context.settings["region"] or nodes.subnet.location or "")


@stack_rule(
    id="NR005",
    name="aml-inbound-44224",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    controls=(assigned("NS-1"),),
    steps="Let TCP 44224 in from AzureMachineLearning where compute has public "
    "addresses, and nowhere else.",
    url=_ACCESS_PAGE,
    bad=shown_cluster(
        shown_rule(
            "AllowMachineLearningInbound",
            100,
            protocol="Tcp",
            sourceAddressPrefix="AzureMachineLearning",
            destinationPortRange="44224",
        )
    ),
    good=shown_cluster(),
)
def inbound_for_public_compute(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """The service may call compute if it has public addresses, and not otherwise."""
    topology, found = _judged(context)
    by_subnet: dict[Subnet, list[Nodes]] = {}
    for nodes in found:
        by_subnet.setdefault(nodes.subnet, []).append(nodes)
    for here in by_subnet.values():
        yield from _called(topology, here)
    yield from unknown_subnets(compute_nodes(context.stack, topology)[1])


def _called(topology: Topology, here: list[Nodes]) -> Iterator[Finding]:
    """Yield a finding unless the service may call the compute of a subnet, or must
    not."""
    (row,) = (row for row in REQUIRED_INBOUND if PUBLIC_IP in row.modes)
    nodes = next((each for each in here if each.public is not False), here[0])
    question = Question(
        source=tag(row.tag),
        destination=nodes.place,
        protocols=TCP,
        ports=PortSet.of(*row.ports),
    )
    found = security_groups_allow(topology, question)
    what = f"TCP {', '.join(row.ports)} from {row.tag}"
    group = nodes.subnet.group
    named = (
        f"group '{group.name}'"
        if group and not isinstance(group, Missing)
        else (f"subnet {nodes.subnet.qualified_name}, which has no group,")
    )
    hops = {"packet": str(found.witness), "hops": [str(hop) for hop in found.hops]}
    if isinstance(nodes.public, Missing):
        if bool(found.certain) != bool(found.possible) or not found.possible:
            yield Undecided(
                nodes.public.path,
                f"{nodes.public}: if compute has public addresses, {what} has to be "
                "let in, and else not",
            )
        return
    if nodes.public and not found.possible:
        yield Violation(
            "",
            f"{named} does not let {what} in, which {nodes.place} needs for its public "
            "addresses; add the rule, or set enableNodePublicIp to false",
            hops,
        )
    elif not nodes.public and found.certain and group is not None:
        yield Violation(
            "",
            f"{named} lets {what} in, which compute without public addresses does not "
            f"need ({found.witness}); take it out",
            hops,
        )
    elif found.possible and not found.certain:
        yield Undecided(
            found.missing[0].path if found.missing else "",
            f"{listed_missing(found.missing)}: whether {what} gets in depends on it",
        )


@stack_rule(
    id="NR008",
    name="reach-no-exfiltration",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    settings={
        **_REGION,
        "openings": openings_setting(
            "What compute may reach beyond what the service needs, by subnet"
        ),
        "hosts": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Hosts that firewalls may open by name beyond what the "
            "service needs; '*.example.com' means all below it",
        },
    },
    controls=(assigned("NS-2"), assigned("DP-2")),
    twins=("trivy:AZU-0051",),
    steps="Narrow outbound rules to the service tags that compute needs, or lead its "
    "traffic to a firewall that opens hosts by name.",
    url=_ACCESS_PAGE,
    bad=shown_cluster(_everything_out(), defaultOutboundAccess=True),
    good=shown_cluster(
        _everything_out(
            protocol="Tcp",
            destinationAddressPrefix="AzureMachineLearning",
            destinationPortRange="443",
        ),
        defaultOutboundAccess=True,
    ),
)
def no_exfiltration(subject: Resource, context: Context) -> Iterator[Finding]:
    """Compute reaches nothing on the Internet but what it needs."""
    topology, found = _judged(context)
    by_name = bool(context.settings["openings"])
    classes = [[each] for each in found] if by_name else alike(topology, found)
    for likes in classes:
        for finding in _stays_inside(context, topology, likes[0]):
            yield replace(finding, message=finding.message + told_of(likes))
    yield from unknown_subnets(compute_nodes(context.stack, topology)[1])


def _stays_inside(
    context: Context, topology: Topology, nodes: Nodes
) -> Iterator[Finding]:
    """Yield what compute of a subnet reaches on the Internet that it does not need."""
    rules = required_rules(context, topology, nodes.subnet)
    if isinstance(rules, Missing):
        yield Undecided(rules.path, f"{rules}: what may pass depends on it")
        return
    allowed = packets_of(topology, rules) | opened_packets(
        context, "openings", topology, nodes.subnet, Direction.OUTBOUND
    )
    advice = "narrow the rule to the service tags that compute needs"
    found = asked(topology, nodes.place, INTERNET)
    more = found.certain - allowed
    if more:
        yield passes(topology, nodes.place, INTERNET, more, advice)
    perhaps = found.possible - found.certain - allowed
    if not perhaps:
        return
    missing = trace(topology, nodes.place, INTERNET, perhaps).missing
    if not is_by_name(topology, missing):
        yield may_pass(topology, nodes.place, INTERNET, perhaps, advice, missing)
        return
    holding = holding_conditions(context.stack, topology)
    needed = every_host(topology, _region(context, nodes), holding)
    patterns = {*needed, *context.settings["hosts"]}
    for rule, host in opened_hosts(topology, nodes.subnet):
        if not is_covered(host, patterns):
            yield Violation(
                rule.rule.path,
                f"the firewall's rule '{rule.rule.name}' opens '{host}' to "
                f"{nodes.place}, which compute does not need; take it out, or list it "
                "in the setting 'hosts'",
                {"host": host, "rule": rule.rule.name, "from": str(nodes.place)},
            )

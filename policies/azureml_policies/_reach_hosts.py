"""What firewalls of a stack open by the names of hosts, whose addresses no plan has.

An opening by name is neither open nor closed for packets. It is judged by its name:
against the hosts that compute needs, and those that a configuration allows.
"""

from collections.abc import Collection, Iterable

from azureml_reachability.firewall_decisions import HostRule
from azureml_reachability.group_decisions import decide
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.surroundings import outside_surroundings
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.required_hosts import host_rows, in_region
from azureml_rulebook.security_rules import Access
from azureml_rulebook.subnets import TRAINING

_ANYTHING = "*"


def is_by_name(topology: Topology, missing: Collection[Missing]) -> bool:
    """Say whether an answer waits for nothing but the addresses of named hosts."""
    paths = {
        host.rule.path
        for firewall in topology.firewalls
        for host in firewall.rules.hosts
    }
    return bool(missing) and all(each.path in paths for each in missing)


def opened_hosts(topology: Topology, subnet: Subnet) -> list[tuple[HostRule, str]]:
    """Return the hosts that firewalls open by name to a subnet, each with its rule."""
    question = PacketSet.of(sources=subnet.ranges)
    around = outside_surroundings(topology)
    return [
        (host, name)
        for firewall in topology.firewalls
        for host in firewall.rules.hosts
        if host.rule.access is not Access.DENY
        and decide([host.rule], question, around).possible
        for name in host.hosts
    ]


def is_covered(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a host, or all below ``*.host``, is meant by one of some patterns.

    ``*.example.com`` means every name below it, and ``*`` every name at all.
    """
    lower = name.strip().lower()
    return any(_covers(pattern.strip().lower(), lower) for pattern in patterns)


def _covers(pattern: str, name: str) -> bool:
    if pattern in (_ANYTHING, name):
        return True
    return pattern.startswith("*.") and name.endswith(pattern[1:]) and name != _ANYTHING


def needed_hosts(
    topology: Topology, region: str, holding: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Return the hosts that compute needs, by the row of ``aml_traffic`` they serve.

    Those that no tag covers stand under an empty text.
    """
    found: dict[str, tuple[str, ...]] = {}
    for row, hosts in host_rows(topology.cloud_name, holding):
        if TRAINING in row.machines:
            for covered in row.covered_by or ("",):
                known = found.get(covered, ())
                found[covered] = (*known, *in_region(hosts, region))
    return found


def every_host(topology: Topology, region: str, holding: Collection[str]) -> set[str]:
    """Return all hosts that machines of a private workspace need."""
    return {
        host
        for _, hosts in host_rows(topology.cloud_name, holding)
        for host in in_region(hosts, region)
    }

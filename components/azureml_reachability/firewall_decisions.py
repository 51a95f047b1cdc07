"""What an Azure Firewall lets through: network rules as sets, hosts by name.

Network rules are read in order of their groups and collections, and the first match
decides; what none matches is given to the application rules, which go by the name of a
host, and else dropped (https://learn.microsoft.com/azure/firewall/rule-processing).
The addresses behind names are not in a plan, so what only a name opens is undecided.
"""

from dataclasses import dataclass
from typing import NamedTuple

from azureml_reachability.group_decisions import (
    Decision,
    decide,
    deciding_match,
)
from azureml_reachability.group_rules import GroupRule
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import NO_PACKETS, Packet, PacketSet
from azureml_reachability.places import Surroundings
from azureml_rulebook.security_rules import Access


class HostRule(NamedTuple):
    """An application rule: lets sources reach hosts over HTTP, TLS or SQL."""

    rule: GroupRule
    """Its sources and ports; any destination."""
    hosts: tuple[str, ...]


class Translation(NamedTuple):
    """A rule that leads what comes to a public address to a place inside."""

    rule: GroupRule
    """Its sources, public destinations and ports."""
    address: str
    """Where it leads: an address or, for what cannot be told, another text."""
    port: str


@dataclass(frozen=True, kw_only=True, eq=False)
class FirewallRules:
    """All rules of a firewall, in the order in which it reads them."""

    name: str = ""
    """Of the policy, or of the firewall itself."""
    network: tuple[GroupRule, ...] = ()
    hosts: tuple[HostRule, ...] = ()
    translations: tuple[Translation, ...] = ()
    missing: tuple[Missing, ...] = ()
    """Why it may have further rules."""


def decide_firewall(
    rules: FirewallRules, question: PacketSet, surroundings: Surroundings
) -> Decision:
    """Return which packets of a question a firewall forwards."""
    found = decide(rules.network, question, surroundings)
    if rules.missing:
        return Decision(
            NO_PACKETS, question, distinct((*rules.missing, *found.missing))
        )
    named = _named(rules, question - found.possible, surroundings)
    return Decision(
        found.certain,
        found.possible | named.possible,
        distinct((*found.missing, *named.missing)),
    )


def _named(
    rules: FirewallRules, left: PacketSet, surroundings: Surroundings
) -> Decision:
    """Return what application rules may open of what network rules leave over."""
    denied = _denied_by_network(rules, left, surroundings)
    left -= denied
    possible = NO_PACKETS
    missing: list[Missing] = []
    for host in rules.hosts:
        if left.is_empty:
            break
        if host.rule.access is Access.DENY:
            if "*" in host.hosts:
                left -= decide(
                    [host.rule._replace(access=Access.ALLOW)], left, surroundings
                ).certain
            continue
        opened = decide([host.rule], left, surroundings).possible
        if opened:
            possible |= opened
            missing.append(_by_name(host))
    return Decision(NO_PACKETS, possible, distinct(missing))


def _denied_by_network(
    rules: FirewallRules, left: PacketSet, surroundings: Surroundings
) -> PacketSet:
    """Return what a network rule denies, which no application rule opens again."""
    if all(rule.access is Access.ALLOW for rule in rules.network):
        return NO_PACKETS
    turned = [
        rule._replace(
            access=Access.ALLOW if rule.access is Access.DENY else Access.DENY
        )
        for rule in rules.network
    ]
    return decide(turned, left, surroundings).certain


def _by_name(host: HostRule) -> Missing:
    shown = ", ".join(host.hosts[:3]) + (", …" if len(host.hosts) > 3 else "")
    return Missing(
        host.rule.path, f"opens hosts by name ({shown}), whose addresses are not known"
    )


def deciding_text(
    rules: FirewallRules, packet: Packet, surroundings: Surroundings
) -> str:
    """Return the rule that decides about a packet, in words."""
    match = deciding_match(rules.network, packet, surroundings)
    if match is not None:
        return f"{match.rule.access or '?'} {match.rule.name}"
    for host in rules.hosts:
        if deciding_match([host.rule], packet, surroundings) is not None:
            return f"{host.rule.access} {host.rule.name}, by name of the host"
    return "no rule allows it"

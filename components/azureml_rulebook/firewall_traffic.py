"""What a firewall on the way out must let through: the service's needs and callers'.

A need (a row of ``aml_traffic``) passes by its service tag where firewalls take that. A
host passes instead (``required_hosts``) where it is the narrower way or the only one,
and the tag's addresses where there is no host either. Sources are exact ranges, as in
the security groups.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook.aml_traffic import (
    PUBLIC_PACKAGES,
    REQUIRED_OUTBOUND,
    RequiredOutbound,
)
from azureml_rulebook.firewall_rules import (
    ApplicationRule,
    NetworkRule,
    TagDestinations,
    tag_destinations,
)
from azureml_rulebook.public_places import public_places
from azureml_rulebook.required_hosts import RequiredHosts, host_rows, in_region
from azureml_rulebook.security_rules import ANY, CALLERS, SecurityRule
from azureml_rulebook.service_tag_lists import PublishedTags
from azureml_rulebook.service_tags import INTERNET
from azureml_rulebook.subnet_traffic import PEOPLE_REACH
from azureml_rulebook.subnets import JUMP_BOX, PURPOSES, TRAINING

_PROTOCOLS = {
    "Tcp": ("TCP",),
    "Udp": ("UDP",),
    "Icmp": ("ICMP",),
    ANY: ("TCP", "UDP"),
}
"""Protocols of security rules to those of network rules, which know no others
(https://learn.microsoft.com/azure/templates/microsoft.network/firewallpolicies/
rulecollectiongroups)."""

Sources = Mapping[str, tuple[str, ...]]
"""Purpose to the ranges of the subnets that have it."""


@dataclass(frozen=True, kw_only=True)
class RequiredPassage:
    """What machines behind a firewall need of it."""

    by_tag: tuple[NetworkRule, ...]
    by_host: tuple[ApplicationRule, ...]
    dated: tuple[str, ...]
    """Tags whose addresses of one day are written out."""
    impassable: tuple[RequiredOutbound, ...]
    """Rows that nothing lets through in this cloud."""


@dataclass(frozen=True, kw_only=True)
class CallerPassage:
    """What callers open to public places, as a firewall must let it through."""

    rules: tuple[NetworkRule, ...]
    dated: tuple[str, ...]
    """Tags whose addresses of one day are written out."""
    impassable: tuple[SecurityRule, ...]
    """Rules that security groups take and firewalls do not, for their tag or their
    protocol."""


@dataclass(frozen=True, kw_only=True)
class _Need:
    """One row of ``aml_traffic``, and how it passes."""

    row: RequiredOutbound
    tag: str
    """With the region in it."""
    machines: frozenset[str]
    """Purposes of the subnets that need it."""
    by_host: bool
    destinations: TagDestinations
    """Of its network rule; without names if it passes by host or not at all."""


def required_passage(
    sources: Sources,
    region: str,
    published: PublishedTags,
    *,
    holding: Collection[str],
    compute: bool,
) -> RequiredPassage:
    """Return the rules for what Azure Machine Learning needs.

    Args:
        sources: the subnets behind the firewall.
        region: normalised name.
        published: the cloud's tags, which say where each may stand.
        holding: conditions of ``aml_traffic`` that hold.
        compute: whether training subnets hold compute of Azure Machine Learning.
    """
    served = {
        purpose: ranges
        for purpose, ranges in sources.items()
        if ranges and (compute or purpose != TRAINING)
    }
    hosts = tuple(host_rows(published.cloud_name, holding))
    needs = [
        _need(row, region, published, [row for row, _ in hosts])
        for row in REQUIRED_OUTBOUND
        if row.when in holding
        and row.when != PUBLIC_PACKAGES
        and published.cloud_name in row.clouds
        and not _machines(row).isdisjoint(served)
    ]
    return RequiredPassage(
        by_tag=tuple(_need_rule(n, served) for n in needs if n.destinations.names),
        by_host=tuple(_host_rules(hosts, needs, served, region)),
        dated=tuple(need.tag for need in needs if need.destinations.written_out),
        impassable=tuple(
            need.row
            for need in needs
            if not need.destinations.names and not need.by_host
        ),
    )


def caller_passage(
    groups: Mapping[str, Iterable[SecurityRule]], published: PublishedTags
) -> CallerPassage:
    """Return the rules for what callers open to public places.

    ``groups``: rules of the security groups by the range of their subnet. Rules of
    other bands, and traffic to private places, which takes other routes, are left out.
    """
    opened: dict[str, SecurityRule] = {}
    sources: dict[str, list[str]] = {}
    for source, group in sorted(groups.items()):
        for rule in group:
            if rule.priority in CALLERS and public_places(rule):
                opened[rule.name] = rule
                sources.setdefault(rule.name, []).append(source)
    rules: list[NetworkRule] = []
    dated: list[str] = []
    impassable: list[SecurityRule] = []
    for name, rule in sorted(opened.items()):
        destinations = _caller_destinations(rule, published)
        protocols = _PROTOCOLS.get(rule.protocol)
        if not destinations.names or protocols is None:
            impassable.append(rule)
            continue
        if destinations.written_out:
            dated += rule.destinations
        rules.append(
            NetworkRule(
                name=name,
                protocols=protocols,
                sources=tuple(sources[name]),
                destinations=destinations.names,
                ports=rule.ports,
                description=rule.description,
            )
        )
    return CallerPassage(
        rules=tuple(rules), dated=tuple(dated), impassable=tuple(impassable)
    )


def _machines(row: RequiredOutbound) -> frozenset[str]:
    """Return the purposes of the subnets whose machines need a row."""
    people = {JUMP_BOX} if row.name in PEOPLE_REACH else set[str]()
    return frozenset({TRAINING} | people)


def _need(
    row: RequiredOutbound,
    region: str,
    published: PublishedTags,
    hosts: Collection[RequiredHosts],
) -> _Need:
    tag = row.tag.format(region=region)
    serving = [each for each in hosts if each.is_web and row.name in each.covered_by]
    carried = {str(port) for each in serving for port in each.ports}
    has_hosts = set(row.ports) <= carried
    destinations = tag_destinations(tag, published)
    narrower = any(each.instead_of_tag for each in serving)
    if has_hosts and (narrower or destinations.written_out):
        destinations = TagDestinations(names=())
    return _Need(
        row=row,
        tag=tag,
        machines=_machines(row),
        by_host=has_hosts,
        destinations=destinations,
    )


def _need_rule(need: _Need, served: Sources) -> NetworkRule:
    return NetworkRule(
        name=need.row.name,
        protocols=_PROTOCOLS[need.row.protocol],
        sources=_ranges(served, need.machines),
        destinations=need.destinations.names,
        ports=need.row.ports,
        description=need.row.reason,
    )


def _host_rules(
    hosts: Iterable[tuple[RequiredHosts, tuple[str, ...]]],
    needs: Collection[_Need],
    served: Sources,
    region: str,
) -> Iterable[ApplicationRule]:
    """Give the rules of the hosts that no network rule lets through for everyone."""
    by_tag = {need.row.name: need for need in needs if need.destinations.names}
    for row, names in hosts:
        sources = _ranges(served, row.machines - _reached(row, by_tag))
        if row.is_web and sources:
            yield ApplicationRule(
                name=row.name,
                sources=sources,
                hosts=in_region(names, region),
                ports=row.ports,
                description=row.reason,
            )


def _reached(row: RequiredHosts, by_tag: Mapping[str, _Need]) -> frozenset[str]:
    """Return the purposes of the subnets that network rules let reach all hosts."""
    if not row.covered_by or not by_tag.keys() >= set(row.covered_by):
        return frozenset()
    reached = frozenset(PURPOSES)
    for name in row.covered_by:
        reached &= by_tag[name].machines
    return reached


def _ranges(served: Sources, purposes: Collection[str]) -> tuple[str, ...]:
    return tuple(
        sorted(item for purpose in purposes for item in served.get(purpose, ()))
    )


def _caller_destinations(
    rule: SecurityRule, published: PublishedTags
) -> TagDestinations:
    places = public_places(rule)
    if any(place in (ANY, INTERNET) for place in places):
        return TagDestinations(names=(ANY,))
    if published.find(places[0]) is not None:
        return tag_destinations(places[0], published)
    return TagDestinations(names=places)

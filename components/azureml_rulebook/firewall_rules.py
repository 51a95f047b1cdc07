"""The rules of Azure Firewall: by service tag, by required host, by allowed host.

The rules by tag are the rows of ``aml_traffic`` where the cloud publishes the tag for
firewalls. Where it does not, the tag of the whole cloud stands in for its regional
form, and hosts (``required_hosts``) for a tag that has neither. What remains cannot
pass, and is told. Sources are exact ranges, as in the security groups.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from azureml_rulebook.aml_traffic import (
    PUBLIC_PACKAGES,
    REQUIRED_OUTBOUND,
    RequiredOutbound,
)
from azureml_rulebook.required_hosts import RequiredHosts, host_rows, in_region
from azureml_rulebook.security_rules import ANY
from azureml_rulebook.service_tag_lists import PublishedTags, Use
from azureml_rulebook.subnet_traffic import PEOPLE_REACH
from azureml_rulebook.subnets import JUMP_BOX, TRAINING

PROCESSING_PAGE = "https://learn.microsoft.com/azure/firewall/rule-processing"
"""Network rules are read before application rules, lower priorities first; what no rule
lets through is dropped."""


@dataclass(frozen=True, kw_only=True)
class NetworkRule:
    """Lets ranges reach service tags or ranges on ports."""

    name: str
    protocols: tuple[str, ...]
    """``TCP``, ``UDP``: as Azure Firewall spells them."""
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    """One service tag, or ranges; ``*`` for every address."""
    ports: tuple[str, ...]
    description: str


@dataclass(frozen=True, kw_only=True)
class ApplicationRule:
    """Lets ranges reach hosts over HTTP (80) and TLS (443)."""

    name: str
    sources: tuple[str, ...]
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    description: str


Rule = NetworkRule | ApplicationRule


@dataclass(frozen=True, kw_only=True)
class RuleBand:
    """A rule collection group with its one collection, and where it stands."""

    name: str
    priority: int
    """Of the group; 100 to 65000 (``PROCESSING_PAGE``)."""


TAG_BAND = RuleBand(name="required-tags", priority=1000)
HOST_BAND = RuleBand(name="required-hosts", priority=2000)
ALLOWED_BAND = RuleBand(name="allowed-hosts", priority=3000)
BANDS = (TAG_BAND, HOST_BAND, ALLOWED_BAND)
"""In the order in which they are made. Between them is room for one's own groups."""

COLLECTION_PRIORITY = 100
"""Of the one collection in each group."""


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    """A band and the rules that stand in it."""

    band: RuleBand
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class RequiredRules:
    """What a firewall must let through."""

    by_tag: tuple[NetworkRule, ...]
    by_host: tuple[ApplicationRule, ...]
    impassable: tuple[RequiredOutbound, ...]
    """Rows that neither a tag nor a host lets through in this cloud."""


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """How one row of ``aml_traffic`` passes."""

    row: RequiredOutbound
    tag: str | None
    """As it is published; None: by host, or not at all."""
    machines: frozenset[str]


def required_rules(
    sources: Mapping[str, tuple[str, ...]],
    region: str,
    published: PublishedTags,
    *,
    holding: Collection[str],
    compute: bool,
) -> RequiredRules:
    """Return what machines behind a firewall need of it.

    Args:
        sources: ranges of the subnets behind it, by purpose.
        region: normalised name.
        published: the cloud's tags, which say where each may stand.
        holding: conditions of ``aml_traffic`` that hold.
        compute: whether training subnets hold compute of Azure Machine Learning.
    """
    present = {purpose for purpose, ranges in sources.items() if ranges}
    served = frozenset(present if compute else present - {TRAINING})
    needed = list(host_rows(published.cloud_name, holding))
    passages = [
        _passage(row, region, published, needed)
        for row in REQUIRED_OUTBOUND
        if row.when in holding
        and row.when != PUBLIC_PACKAGES
        and published.cloud_name in row.clouds
        and _machines(row) & served
    ]
    by_tag = frozenset(p.row.name for p in passages if p.tag is not None)
    return RequiredRules(
        by_tag=tuple(
            _network_rule(passage, passage.tag, sources, served)
            for passage in passages
            if passage.tag is not None
        ),
        by_host=_host_rules(needed, by_tag, sources, served, region),
        impassable=tuple(
            passage.row
            for passage in passages
            if passage.tag is None and not _has_hosts(passage.row, needed)
        ),
    )


def rule_groups(
    required: RequiredRules, allowed: tuple[ApplicationRule, ...]
) -> tuple[RuleGroup, ...]:
    """Return the groups that have rules, in the order in which they are made."""
    contents: dict[RuleBand, tuple[Rule, ...]] = {
        TAG_BAND: required.by_tag,
        HOST_BAND: required.by_host,
        ALLOWED_BAND: allowed,
    }
    return tuple(
        RuleGroup(band=band, rules=contents[band]) for band in BANDS if contents[band]
    )


def _machines(row: RequiredOutbound) -> frozenset[str]:
    people = {JUMP_BOX} if row.name in PEOPLE_REACH else set[str]()
    return frozenset({TRAINING} | people)


def _passage(
    row: RequiredOutbound,
    region: str,
    published: PublishedTags,
    needed: list[tuple[RequiredHosts, tuple[str, ...]]],
) -> _Passage:
    narrower = any(
        hosts.instead_of_tag and row.name in hosts.covered_by for hosts, _ in needed
    )
    tag = None if narrower else _usable_tag(row.tag, region, published)
    return _Passage(row=row, tag=tag, machines=_machines(row))


def _usable_tag(template: str, region: str, published: PublishedTags) -> str | None:
    """Return the tag, or that of the whole cloud, if it may stand in a firewall."""
    for name in (template.format(region=region), template.removesuffix(".{region}")):
        tag = published.find(name)
        if tag is not None and Use.FIREWALL in tag.uses:
            return tag.name
    return None


def _has_hosts(
    row: RequiredOutbound, needed: list[tuple[RequiredHosts, tuple[str, ...]]]
) -> bool:
    """Whether application rules carry all ports of the row."""
    ports = {
        str(port)
        for hosts, _ in needed
        if hosts.is_web and row.name in hosts.covered_by
        for port in hosts.ports
    }
    return set(row.ports) <= ports


def _network_rule(
    passage: _Passage,
    tag: str,
    sources: Mapping[str, tuple[str, ...]],
    served: frozenset[str],
) -> NetworkRule:
    protocol = passage.row.protocol
    return NetworkRule(
        name=passage.row.name,
        protocols=("TCP", "UDP") if protocol == ANY else (protocol.upper(),),
        sources=_ranges(sources, passage.machines & served),
        destinations=(tag,),
        ports=passage.row.ports,
        description=passage.row.reason,
    )


def _host_rules(
    needed: list[tuple[RequiredHosts, tuple[str, ...]]],
    by_tag: frozenset[str],
    sources: Mapping[str, tuple[str, ...]],
    served: frozenset[str],
    region: str,
) -> tuple[ApplicationRule, ...]:
    rules: list[ApplicationRule] = []
    for row, hosts in needed:
        covered = bool(row.covered_by) and by_tag >= set(row.covered_by)
        machines = (row.machines - _reached_by(row)) if covered else row.machines
        ranges = _ranges(sources, machines & served)
        if row.is_web and ranges:
            rules.append(
                ApplicationRule(
                    name=row.name,
                    sources=ranges,
                    hosts=in_region(hosts, region),
                    ports=row.ports,
                    description=row.reason,
                )
            )
    return tuple(rules)


def _reached_by(row: RequiredHosts) -> frozenset[str]:
    """Return the machines that the rules by tag, which cover the row, are for."""
    reached = frozenset({TRAINING, JUMP_BOX})
    for other in REQUIRED_OUTBOUND:
        if other.name in row.covered_by:
            reached &= _machines(other)
    return reached


def _ranges(
    sources: Mapping[str, tuple[str, ...]], purposes: Collection[str]
) -> tuple[str, ...]:
    return tuple(
        sorted(item for purpose in purposes for item in sources.get(purpose, ()))
    )

"""Rules of Azure Firewall as small values, and where their groups stand.

Network rules go by service tag or range, application rules by host name. A firewall
drops what no rule lets through, so every rule here allows.
"""

from dataclasses import dataclass

from azureml_rulebook.service_tag_lists import PublishedTags, Use
from azureml_rulebook.service_tags import tag_prefixes

PROCESSING_PAGE = "https://learn.microsoft.com/azure/firewall/rule-processing"
"""Network rules are read before application rules, lower priorities first."""


@dataclass(frozen=True, kw_only=True)
class NetworkRule:
    """Lets ranges reach service tags or ranges on ports."""

    name: str
    protocols: tuple[str, ...]
    """``TCP``, ``UDP``, ``ICMP``: as Azure Firewall spells them."""
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
    """Of the group, 100 to 65000 (``PROCESSING_PAGE``)."""


TAG_BAND = RuleBand(name="required-tags", priority=1000)
"""What Azure Machine Learning needs, by service tag."""
CALLER_BAND = RuleBand(name="callers-rules", priority=1500)
"""What callers' rules open in the security groups."""
HOST_BAND = RuleBand(name="required-hosts", priority=2000)
"""What Azure Machine Learning needs, by host."""
ALLOWED_BAND = RuleBand(name="allowed-hosts", priority=3000)
"""The callers' allow-list."""

BANDS = (TAG_BAND, CALLER_BAND, HOST_BAND, ALLOWED_BAND)
"""In the order in which they are made; between them is room for one's own groups."""

COLLECTION_PRIORITY = 100
"""Of the one collection in each group."""


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    """A band and the rules that stand in it."""

    band: RuleBand
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class TagDestinations:
    """What a network rule names to let a service tag through."""

    names: tuple[str, ...]
    """The tag, or its ranges; empty: nothing does."""
    written_out: bool = False
    """Whether these are its ranges, which are those of one day."""


def tag_destinations(name: str, published: PublishedTags) -> TagDestinations:
    """Return what a firewall takes for a service tag.

    The tag of the whole cloud stands in for a regional form that firewalls do not take,
    as Batch's; security groups still narrow the traffic to the region. What firewalls
    take in no form is written out as the IPv4 ranges of the published list.
    """
    found = published.find(name)
    whole = name.rpartition(".")[0] if found is None or found.region else name
    for candidate in (found, published.find(whole)):
        if candidate is not None and Use.FIREWALL in candidate.uses:
            return TagDestinations(names=(candidate.name,))
    prefixes = tag_prefixes(name, published.cloud_name, published) or ()
    ranges = tuple(str(prefix) for prefix in prefixes if prefix.version == 4)
    return TagDestinations(names=ranges, written_out=bool(ranges))

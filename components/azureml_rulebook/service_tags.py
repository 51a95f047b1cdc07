"""Service tags: how they are spelt, where each may stand, and which addresses they are.

Names are compared without regard to case and written as Azure publishes them. A tag is
judged by the published list of its cloud (``service_tag_lists``) and by the page's
column of directions; a newer list can be brought (``read_published``).
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from azureml_rulebook.clouds import CLOUDS, PUBLIC, cloud
from azureml_rulebook.findings import Finding
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tag_lists import (
    PLATFORM_TAGS,
    SERVICE_TAGS_PAGE,
    PublishedTags,
    ServiceTag,
    Use,
    published_tags,
    read_published,
)
from azureml_rulebook.spelling import nearest

__all__ = [
    "AZURE_LOAD_BALANCER",
    "DIRECTIONS",
    "HOST_ADDRESS",
    "INTERNET",
    "NOT_ON_THE_INTERNET",
    "PLATFORM_TAGS",
    "SERVICE_TAGS_PAGE",
    "VIRTUAL_NETWORK",
    "PublishedTags",
    "ServiceTag",
    "Use",
    "canonical_tag",
    "narrowed_tag",
    "published_tags",
    "read_published",
    "region_tag_findings",
    "tag_findings",
    "tag_prefixes",
]

INTERNET = "Internet"
VIRTUAL_NETWORK = "VirtualNetwork"
AZURE_LOAD_BALANCER = "AzureLoadBalancer"

HOST_ADDRESS = IPv4Network("168.63.129.16/32")
"""What ``AzureLoadBalancer`` translates to: the virtual address of the host, where
health probes come from (``SERVICE_TAGS_PAGE``)."""

NOT_ON_THE_INTERNET: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/3",
        "4000::/2",
        "8000::/1",
    )
)
"""What ``Internet`` never means. The tag is "outside the virtual network and reachable
by the public internet" (``SERVICE_TAGS_PAGE``): that leaves out the host's address, the
ranges that no network routes to others
(https://www.iana.org/assignments/iana-ipv4-special-registry), and of IPv6 all but
global unicast (https://www.iana.org/assignments/ipv6-address-space)."""

_INBOUND_ONLY = """
    ActionGroup ApiManagement ApplicationInsightsAvailability AzureCognitiveSearch
    AzureDataExplorerManagement AzureDevOps AzureDigitalTwins
    AzureMachineLearningInference AzureSentinel AzureTrafficManager GatewayManager
    HDInsight LogicAppsManagement M365ManagementActivityApiWebhook Scuba SerialConsole
    SystemServiceAzureSpringAppsResourceProvider
""".split()

_OUTBOUND_ONLY = """
    AppConfiguration AppService AzureActiveDirectory AzureAdvancedThreatProtection
    AzureArcInfrastructure AzureAttestation AzureBackup AzureContainerRegistry
    AzureCosmosDB AzureInformationProtection AzureIoTHub AzureKeyVault
    AzureManagedGrafana AzureMonitor AzureOpenDatasets AzurePlatformDNS
    AzurePlatformIMDS AzurePlatformLKM AzureResourceManager AzureSignalR
    AzureSiteRecovery AzureSpringCloud AzureStack AzureUpdateDelivery
    DataFactoryManagement EventHub GuestAndHybridManagement M365ManagementActivityApi
    ServiceBus Sql Storage StorageMover WindowsAdminCenter
""".split()

DIRECTIONS: Mapping[str, Direction] = {
    **dict.fromkeys(_INBOUND_ONLY, Direction.INBOUND),
    **dict.fromkeys(_OUTBOUND_ONLY, Direction.OUTBOUND),
}
"""The one direction that the page's column "Can use inbound or outbound?" names, for
tags where it names one (``SERVICE_TAGS_PAGE``, as of July 2025); regional forms go the
way of their tag. The page calls it a recommendation: Azure takes a rule of the other
direction, which then opens a way that the service does not use."""


def tag_findings(
    text: str,
    *,
    use: Use,
    direction: Direction | None = None,
    cloud_name: str = PUBLIC,
    path: str,
    published: PublishedTags | None = None,
) -> list[Finding]:
    """Check that ``text`` is a service tag that may stand where it stands.

    Args:
        text: what was written; letter case does not matter.
        use: where it stands.
        direction: that of the rule that it is in; None: not judged, as for routes,
            firewall rules, and rules that deny.
        cloud_name: a known cloud.
        path: where it was written.
        published: a newer list of that cloud; None: the shipped one.

    Returns:
        No finding, or what is wrong: an unknown name with the nearest one, a tag of
        another cloud, a region that is none or that the tag has no form for, a use or
        a direction that the tag is not for.
    """
    tags = published or published_tags(cloud_name)
    tag = tags.find(text)
    faults = (
        [_name_fault(text, tags)]
        if tag is None
        else [_use_fault(tag, use, tags), _direction_fault(tag, direction)]
    )
    return [Finding(path, fault) for fault in faults if fault]


def canonical_tag(
    text: str, cloud_name: str = PUBLIC, published: PublishedTags | None = None
) -> str:
    """Return the published spelling of a tag; what is no tag is returned as it is."""
    tag = (published or published_tags(cloud_name)).find(text)
    return text if tag is None else tag.name


def narrowed_tag(form: str, region: str, published: PublishedTags) -> str:
    """Return a tag for security groups, narrowed to a region where groups take that.

    Where they take the tag of the whole cloud only, as Batch's in Australia Central 2,
    it is that one.

    Args:
        form: such as ``Storage.{region}``, or a tag without a region.
        region: normalised name.
        published: the cloud's tags.
    """
    narrowed = form.format(region=region)
    whole = form.partition(".{region}")[0]
    for name in (narrowed, whole):
        tag = published.find(name)
        if tag is not None and Use.NSG in tag.uses:
            return name
    return narrowed


def region_tag_findings(
    region: str, published: PublishedTags, *, path: str = "location"
) -> list[Finding]:
    """Check that service tags can be narrowed to ``region``, as compute needs it.

    Every region has a form of ``Storage`` (``SERVICE_TAGS_PAGE``).
    """
    forms = published.regional_forms("Storage")
    if region in forms:
        return []
    near = nearest(region, forms)
    meant = "" if near is None else f"did you mean '{near}'? For a new region, "
    return [
        Finding(
            path,
            f"'{region}' has no service tags in Azure's list of {published.taken}, and "
            f"security groups for compute need them; {meant}give a newer list with "
            f"service_tags_file ({SERVICE_TAGS_PAGE})",
        )
    ]


def tag_prefixes(
    name: str, cloud_name: str = PUBLIC, published: PublishedTags | None = None
) -> tuple[IPv4Network | IPv6Network, ...] | None:
    """Return the address ranges of a tag, IPv4 and IPv6.

    None if they are not known: the tag is unknown, the list has no prefixes of it, or
    they depend on the network it is used in (``Internet``, ``VirtualNetwork``). None is
    never to be taken for "no addresses".
    """
    tags = published or published_tags(cloud_name)
    tag = tags.find(name)
    if tag is None:
        return None
    if tag.name == AZURE_LOAD_BALANCER:
        return (HOST_ADDRESS,)
    return _parsed_prefixes(tags, tag.name)


@lru_cache(maxsize=512)
def _parsed_prefixes(
    tags: PublishedTags, name: str
) -> tuple[IPv4Network | IPv6Network, ...] | None:
    texts = tags.prefixes.get(name)
    return tuple(ip_network(text) for text in texts) if texts else None


def _use_fault(tag: ServiceTag, use: Use, tags: PublishedTags) -> str:
    """Return why a tag may not stand there and what may, or ''."""
    if use in tag.uses:
        return ""
    title = cloud(tags.cloud_name).title
    elsewhere = " and ".join(other.place for other in Use if other in tag.uses)
    reason = (
        f"it is for {elsewhere}" if elsewhere else "it is published for information"
    )
    whole = tags.find(tag.name.rpartition(".")[0]) if tag.region else None
    advice = (
        f"write '{whole.name}'"
        if whole is not None and use in whole.uses
        else "write address ranges"
    )
    return (
        f"'{tag.name}' cannot be used in {use.place} in {title}: {reason}; {advice} "
        f"({SERVICE_TAGS_PAGE})"
    )


def _direction_fault(tag: ServiceTag, direction: Direction | None) -> str:
    """Return why a tag is not for rules of that direction, or ''."""
    whole = tag.name.rpartition(".")[0] if tag.region else tag.name
    only = DIRECTIONS.get(whole)
    if direction is None or only is None or only == direction:
        return ""
    return (
        f"'{tag.name}' is for {only.lower()} rules and this one is "
        f"{direction.lower()}; choose a tag of the service that this traffic is of, or "
        f"write address ranges ({SERVICE_TAGS_PAGE})"
    )


def _name_fault(text: str, tags: PublishedTags) -> str:
    """Return what is wrong with a name that the cloud does not have."""
    title = cloud(tags.cloud_name).title
    closed = "".join(text.split())
    if not closed:
        return "is empty; write a service tag like 'Storage'"
    if closed != text:
        meant = tags.find(closed)
        if meant is None:
            return _name_fault(closed, tags)
        return f"'{text}' has a space in it; write '{meant.name}'"
    whole, _, suffix = text.rpartition(".")
    known = tags.find(whole)
    owners = _owners(text, tags)
    if owners:
        advice = "leave it out" if known is None else f"write '{known.name}'"
        return (
            f"'{text}' is a service tag of {' and '.join(owners)}, and not of {title}; "
            f"{advice} or write address ranges"
        )
    if known is not None:
        return _region_fault(text, known, suffix, tags)
    parts = [name for name in tags.whole_names if name.startswith(f"{text}.")]
    if parts:
        listed = ", ".join(f"'{name}'" for name in parts)
        return f"'{text}' is published in parts only; write one of {listed}"
    return f"'{text}' is not a service tag of {title}; {_suggestion(text, tags)}"


def _owners(text: str, tags: PublishedTags) -> list[str]:
    """Return the titles of the other clouds that have the tag."""
    return [
        other.title
        for name, other in CLOUDS.items()
        if name != tags.cloud_name and published_tags(name).find(text) is not None
    ]


def _region_fault(
    text: str, whole: ServiceTag, suffix: str, tags: PublishedTags
) -> str:
    """Return why a known tag has no form with that suffix."""
    forms = tags.regional_forms(whole.name)
    code = tags.regions.get(suffix.lower())
    if not forms:
        return f"'{whole.name}' has no regional forms; write '{whole.name}'"
    if code is None:
        near = nearest(suffix, forms)
        advice = (
            f"write '{whole.name}'" if near is None else f"write '{forms[near].name}'"
        )
        return (
            f"'{text}' ends in '{suffix}', which is no region of "
            f"{cloud(tags.cloud_name).title}; {advice}"
        )
    meant = next((tag for tag in forms.values() if tag.region == code), whole)
    return f"'{whole.name}' has no form for region '{suffix}'; write '{meant.name}'"


def _suggestion(text: str, tags: PublishedTags) -> str:
    """Return what was probably meant, or where the names are listed."""
    prefixed = tags.find(f"Azure{text}")
    if prefixed is not None:
        return f"did you mean '{prefixed.name}'?"
    near = nearest(text, tags.whole_names)
    whole, _, suffix = text.rpartition(".")
    near_whole = nearest(whole, tags.whole_names) if whole else None
    regional = (
        tags.regional_forms(near_whole).get(suffix.lower()) if near_whole else None
    )
    if regional is not None:
        return f"did you mean '{regional.name}'?"
    if near is not None:
        return f"did you mean '{near}'?"
    return f"the names are listed on {SERVICE_TAGS_PAGE}"

"""What the two sides of a rule mean as addresses.

A side is written as ranges, ``*``, a service tag or application security groups. Some
tags depend on the network that the rule is in, others on lists that Azure changes
weekly. What cannot be told is ``Undecided``, with the reason; it never counts as "no
address".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    NO_ADDRESSES,
    AddressSet,
    prefix_range,
)
from azureml_rulebook.clouds import PUBLIC, cloud
from azureml_rulebook.security_rules import ANY
from azureml_rulebook.service_tags import (
    AZURE_LOAD_BALANCER,
    HOST_ADDRESS,
    INTERNET,
    NOT_ON_THE_INTERNET,
    VIRTUAL_NETWORK,
    PublishedTags,
    published_tags,
)

_VIRTUAL_NETWORK = VIRTUAL_NETWORK.lower()
_HOST = AddressSet.of(HOST_ADDRESS)
_PUBLIC_ADDRESSES = ~AddressSet.of_networks(NOT_ON_THE_INTERNET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a rule is: what its tags mean there."""

    virtual_network: AddressSet
    """The ranges of the network, of its peers, and of networks and on-premises behind
    its gateways."""
    route_prefixes: AddressSet = NO_ADDRESSES
    """Prefixes of the routes of its subnets: ``VirtualNetwork`` means them too, even a
    default route (``SERVICE_TAGS_PAGE``)."""
    perhaps_virtual_network: AddressSet = NO_ADDRESSES
    """What ``VirtualNetwork`` may mean besides, such as routes that are not known."""
    load_balancer: AddressSet = _HOST
    """What ``AzureLoadBalancer`` means: where health probes come from."""
    application_groups: Mapping[str, AddressSet] = field(
        default_factory=dict[str, AddressSet]
    )
    """Addresses of the machines in each application security group, by the name that
    rules call it."""
    cloud_name: str = PUBLIC
    published: PublishedTags | None = None
    """A newer list of that cloud's tags; None: the shipped one."""

    @property
    def internet(self) -> AddressSet:
        """What ``Internet`` means: public addresses outside of ``virtual_network``."""
        return _PUBLIC_ADDRESSES - self.virtual_network

    @property
    def virtual_network_tag(self) -> AddressSet:
        """What ``VirtualNetwork`` means; the host's address is in it."""
        return self.virtual_network | self.route_prefixes | _HOST


@dataclass(frozen=True, slots=True)
class Undecided:
    """A text whose addresses are not known."""

    text: str
    reason: str
    within: AddressSet = ALL_ADDRESSES
    """Where its addresses are, whichever they are."""

    def __str__(self) -> str:
        """Return text and reason in one line."""
        return f"'{self.text}' {self.reason}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a rule."""

    certain: AddressSet
    """Addresses that it surely means."""
    undecided: tuple[Undecided, ...] = ()
    """Its texts whose addresses are not known."""

    @property
    def possible(self) -> AddressSet:
        """Addresses that it may mean."""
        return AddressSet.union(
            [self.certain, *(item.within for item in self.undecided)]
        )


def side_of(
    texts: Sequence[str], groups: Iterable[str], surroundings: Surroundings
) -> Side:
    """Return what a side means: all of its texts and application security groups."""
    meanings = [addresses_of(text, surroundings) for text in texts]
    perhaps = surroundings.perhaps_virtual_network
    if perhaps and any(text.lower() == _VIRTUAL_NETWORK for text in texts):
        reason = "means further ranges, which are not known"
        meanings.append(Undecided(VIRTUAL_NETWORK, reason, within=perhaps))
    meanings += [_members(name, surroundings) for name in groups]
    return Side(
        AddressSet.union(item for item in meanings if isinstance(item, AddressSet)),
        tuple(item for item in meanings if isinstance(item, Undecided)),
    )


def _members(name: str, surroundings: Surroundings) -> AddressSet | Undecided:
    """Return the addresses of the machines in an application security group."""
    members = surroundings.application_groups.get(name)
    if members is None:
        return Undecided(
            name,
            "is an application security group whose machines are not known",
            within=surroundings.virtual_network,
        )
    return members


def addresses_of(text: str, surroundings: Surroundings) -> AddressSet | Undecided:
    """Return what one text means: a range, an address, ``*`` or a service tag.

    Host bits of a range are dropped, as Azure does; letter case of a tag is ignored.
    Undecided: a tag whose prefixes the list leaves out, and what is none of these.
    """
    if text == ANY:
        return ALL_ADDRESSES
    platform = _platform_addresses(text.lower(), surroundings)
    if platform is not None:
        return platform
    network = _network(text)
    if network is not None:
        return network
    tags = surroundings.published or published_tags(surroundings.cloud_name)
    tag = tags.find(text)
    if tag is None:
        title = cloud(surroundings.cloud_name).title
        return Undecided(text, f"is neither a range nor a service tag of {title}")
    meaning = _published_addresses(tags, tag.name)
    if meaning is None:
        return Undecided(
            text,
            f"has no prefixes in the list of service tags of {tags.taken}; bring a "
            "newer one",
        )
    return meaning


def _platform_addresses(
    lower_text: str, surroundings: Surroundings
) -> AddressSet | None:
    """Return what a tag means that no list has, since networks differ in it."""
    if lower_text == INTERNET.lower():
        return surroundings.internet
    if lower_text == _VIRTUAL_NETWORK:
        return surroundings.virtual_network_tag
    if lower_text == AZURE_LOAD_BALANCER.lower():
        return surroundings.load_balancer
    return None


@lru_cache(maxsize=1 << 16)
def _network(text: str) -> AddressSet | None:
    try:
        return AddressSet.of_ranges([prefix_range(text)])
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _published_addresses(tags: PublishedTags, name: str) -> AddressSet | None:
    texts = tags.prefixes.get(name)
    return AddressSet.of_ranges(map(prefix_range, texts)) if texts else None

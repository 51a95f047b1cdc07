"""The places that callers' rules name, and what a security group can hold of them.

One side of a rule is ranges, or one service tag, or application security groups, and
never a mixture: that is all that Azure takes. Subnets, on-premises and VPN clients are
written as their exact ranges, so that a rule means the same wherever it stands.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import NOT_PUBLIC, read_range
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.findings import Finding
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tag_lists import PublishedTags
from azureml_rulebook.service_tags import Use, canonical_tag, tag_findings
from azureml_rulebook.spelling import suggestion

PLACES = (
    "subnet:NAME",
    "application-security-group:NAME",
    "tag:SERVICE_TAG",
    "on-premises",
    "vpn-clients",
    "internet",
    "a range like 10.30.0.0/16",
)
"""How a side of a rule names where traffic starts or ends."""

INTERNET = "Internet"

MOST_GROUPS_ON_A_SIDE = 10
"""Application security groups on one side of a rule (https://learn.microsoft.com/azure/
azure-resource-manager/management/azure-subscription-service-limits)."""

_TAGS_PAGE = "https://learn.microsoft.com/azure/virtual-network/service-tags-overview"
_TAGS_OF_ANYBODY = ("internet", "azurecloud")
"""Tags, or services of regional tags, with addresses that anybody can rent."""
_TAGS_OF_THE_PLATFORM = ("gatewaymanager", "azureloadbalancer")
"""Tags of Azure's own machinery, which nobody else can send from."""


@dataclass(frozen=True, kw_only=True)
class SubnetSide:
    """A subnet as rules see it."""

    purpose: str
    prefix: IPv4Network
    has_security_group: bool = True


@dataclass(frozen=True, kw_only=True)
class KnownPlaces:
    """What the places of rules are looked up in."""

    subnets: Mapping[str, SubnetSide]
    application_security_groups: tuple[str, ...] = ()
    address_space: tuple[IPv4Network, ...] = ()
    on_premises: tuple[IPv4Network, ...] = ()
    vpn_clients: tuple[IPv4Network, ...] = ()
    peers: tuple[IPv4Network, ...] = ()
    cloud_name: str = PUBLIC
    published: PublishedTags | None = None
    """A newer list of service tags; None: the one that comes with the rulebook."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a rule: exactly one of ranges, a tag or groups."""

    prefixes: tuple[IPv4Network, ...] = ()
    tag: str | None = None
    groups: tuple[str, ...] = ()
    """Names of application security groups."""


def read_side(
    words: Sequence[object],
    known: KnownPlaces,
    *,
    direction: Direction | None,
    path: str,
) -> Side | list[Finding]:
    """Read one side of a rule, or return what is wrong with it.

    Args:
        words: places; see `PLACES`.
        known: what they are looked up in.
        direction: inbound for the side that traffic comes from, outbound for the
            side that it goes to, since some service tags are for one of them only;
            None for rules that deny, which may name any.
        path: where the side was given, used in findings.
    """
    if not words:
        return [Finding(path, f"is empty; give {_listed(PLACES)}")]
    read = [
        _place(word, known, direction, f"{path}[{index}]")
        for index, word in enumerate(words)
    ]
    findings = [fault for item in read if isinstance(item, list) for fault in item]
    if findings:
        return findings
    sides = [item for item in read if isinstance(item, Side)]
    prefixes = without_contained(prefix for side in sides for prefix in side.prefixes)
    tags = list(dict.fromkeys(side.tag for side in sides if side.tag is not None))
    groups = list(dict.fromkeys(group for side in sides for group in side.groups))
    faults = _mixture_findings(prefixes, tags, groups, path)
    if faults:
        return faults
    return Side(prefixes=prefixes, tag=tags[0] if tags else None, groups=tuple(groups))


def without_contained(prefixes: Iterable[IPv4Network]) -> tuple[IPv4Network, ...]:
    """Return ranges in order, less those that others hold: Azure refuses ranges that
    overlap on one side of a rule (OverlappingSubnetsNotPermittedInSecurityRule)."""
    kept: list[IPv4Network] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.subnet_of(kept[-1]):
            kept.append(prefix)
    return tuple(kept)


def opens_to_internet(side: Side, known: KnownPlaces, *, direction: Direction) -> bool:
    """Whether an allowed rule with this far side deals with strangers.

    Inbound that is every public address, Azure's own machinery apart: a service tag
    says whose address it is and not who sends from it. Outbound it is the Internet,
    what anybody can rent, and public ranges, whoever is said to have them; a tag of
    one service is not. The network's own address space is no stranger.
    """
    if side.tag is not None:
        service = side.tag.lower().partition(".")[0]
        if direction is Direction.OUTBOUND:
            return service in _TAGS_OF_ANYBODY
        return service not in _TAGS_OF_THE_PLATFORM
    ours = (*NOT_PUBLIC, *known.address_space)
    return any(
        not any(prefix.subnet_of(own) for own in ours) for prefix in side.prefixes
    )


def _place(
    word: object, known: KnownPlaces, direction: Direction | None, path: str
) -> Side | list[Finding]:
    """Read one word."""
    if not isinstance(word, str):
        return [Finding(path, f"{word!r} is not text; give {_listed(PLACES)}")]
    kind, colon, name = word.partition(":")
    if not colon:
        return _place_without_name(word, known, path)
    read = _NAMED_PLACES.get(kind)
    if read is None:
        return [_no_place(word, path)]
    return read(name, known, direction, path)


def _place_without_name(
    word: str, known: KnownPlaces, path: str
) -> Side | list[Finding]:
    if word == "internet":
        return Side(tag=INTERNET)
    if word == "on-premises":
        return _ranges_of(word, known.on_premises, "on_premises_address_space", path)
    if word == "vpn-clients":
        return _ranges_of(word, known.vpn_clients, "vpn_client_address_space", path)
    if re.match(r"\s*\d", word) is None:
        return [_no_place(word, path)]
    if "/" not in word and _is_address(word):
        return [Finding(path, f"'{word}' is one address; write '{word}/32' for it")]
    found = read_range(word, path)
    if isinstance(found, Finding):
        return [found]
    if found.prefixlen == 0:
        return [Finding(path, f"'{word}' is everything; say 'internet', or ranges")]
    return Side(prefixes=(found,))


def _is_address(word: str) -> bool:
    try:
        IPv4Address(word)
    except ValueError:
        return False
    return True


def _ranges_of(
    word: str, ranges: tuple[IPv4Network, ...], key: str, path: str
) -> Side | list[Finding]:
    if not ranges:
        return [Finding(path, f"'{word}' has no ranges; set {key}")]
    return Side(prefixes=ranges)


def _subnet(
    name: str, known: KnownPlaces, _: Direction | None, path: str
) -> Side | list[Finding]:
    subnet = known.subnets.get(name)
    if subnet is None:
        meant = suggestion(name, known.subnets)
        return [Finding(path, f"'{name}' is not a subnet of the network; {meant}")]
    return Side(prefixes=(subnet.prefix,))


def _group(
    name: str, known: KnownPlaces, _: Direction | None, path: str
) -> Side | list[Finding]:
    groups = known.application_security_groups
    if name not in groups:
        meant = suggestion(name, groups) if groups else "there are none yet"
        return [
            Finding(path, f"'{name}' is not in application_security_groups; {meant}")
        ]
    return Side(groups=(name,))


def _tag(
    name: str, known: KnownPlaces, direction: Direction | None, path: str
) -> Side | list[Finding]:
    if name.lower().startswith("azureplatform"):
        return [
            Finding(
                path,
                f"'{name}' passes every rule but a deny of its own, and machines need "
                "it for names, identities or licences; leave the rule out "
                f"({_TAGS_PAGE})",
            )
        ]
    if name.lower() == "virtualnetwork":
        return [
            Finding(
                path,
                "'VirtualNetwork' also means peers, on-premises and routed ranges; "
                f"say subnets, 'on-premises' or ranges ({_TAGS_PAGE})",
            )
        ]
    findings = tag_findings(
        name,
        use=Use.NSG,
        direction=direction,
        cloud_name=known.cloud_name,
        path=path,
        published=known.published,
    )
    if findings:
        return findings
    return Side(tag=canonical_tag(name, known.cloud_name, known.published))


_NamedPlace = Callable[[str, KnownPlaces, Direction | None, str], Side | list[Finding]]
_NAMED_PLACES: dict[str, _NamedPlace] = {
    "subnet": _subnet,
    "application-security-group": _group,
    "tag": _tag,
}


def _mixture_findings(
    prefixes: Sequence[IPv4Network],
    tags: Sequence[str],
    groups: Sequence[str],
    path: str,
) -> list[Finding]:
    """Check that one rule of a security group can hold all of these."""
    if len(tags) > 1:
        return [
            Finding(
                path,
                f"{_listed(tags, 'and')} are {len(tags)} service tags; Azure takes "
                f"one on a side of a rule, write a rule for each ({_TAGS_PAGE})",
            )
        ]
    kinds = [
        word
        for word, items in (
            ("ranges", prefixes),
            (f"the service tag {''.join(tags)}", tags),
            ("application security groups", groups),
        )
        if items
    ]
    if len(kinds) > 1:
        return [
            Finding(
                path,
                f"mixes {' and '.join(kinds)}; Azure takes one kind on a side of a "
                "rule, write a rule for each",
            )
        ]
    if len(groups) > MOST_GROUPS_ON_A_SIDE:
        return [
            Finding(
                path,
                f"has {len(groups)} application security groups; Azure takes "
                f"{MOST_GROUPS_ON_A_SIDE} on a side of a rule, write several rules",
            )
        ]
    return []


def _no_place(word: str, path: str) -> Finding:
    return Finding(path, f"'{word}' is not a place; give {_listed(PLACES)}")


def _listed(words: Sequence[str], joint: str = "or") -> str:
    *most, last = words
    return f"{', '.join(most)} {joint} {last}" if most else last

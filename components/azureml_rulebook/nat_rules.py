"""What NAT rules of a VPN gateway can translate, and how many of them it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

from azureml_rulebook.findings import Finding
from azureml_rulebook.vpn_gateways import NAT_PAGE, SIZES

_LEARN = "https://learn.microsoft.com/azure/vpn-gateway"
_LIMITS_PAGE = f"{_LEARN}/nat-howto#nat-limitations"
_FAQ = f"{_LEARN}/vpn-gateway-vpn-faq#nat"

_MOST_RULES = 100
"""Of one gateway, both directions together (``_FAQ``)."""

_LARGEST_DYNAMIC_RANGE = 26
"""Prefix length of the largest range that a dynamic rule translates to
(``_LIMITS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A rule as a site's connection takes it."""

    name: str
    internal_range: IPv4Network
    instance: str | None
    """The only instance that it is for; None: all."""


def nat_rule_count_findings(size: str, rules: int, *, path: str) -> list[Finding]:
    """Check that a gateway of this size takes that many NAT rules."""
    if rules and not SIZES[size].nat_rules:
        able = next(row.name for row in SIZES.values() if row.nat_rules)
        return [
            Finding(
                path,
                f"a gateway of size {size} translates no addresses; use '{able}' or a "
                f"larger one ({NAT_PAGE})",
            )
        ]
    if rules > _MOST_RULES:
        return [
            Finding(
                path,
                f"are {rules}, and a gateway takes {_MOST_RULES}; leave out "
                f"{rules - _MOST_RULES} ({_FAQ})",
            )
        ]
    return []


def nat_range_findings(
    internal: IPv4Network, external: IPv4Network, *, static: bool, path: str
) -> list[Finding]:
    """Check that a rule can translate one range to the other; ``path``: the rule's."""
    if static and internal.prefixlen != external.prefixlen:
        return [
            Finding(
                f"{path}.external_range",
                f"'{external}' has another size than '{internal}', and a Static rule "
                f"gives each address its own; use a /{internal.prefixlen}, or kind "
                f"Dynamic ({NAT_PAGE})",
            )
        ]
    if not static and external.prefixlen < _LARGEST_DYNAMIC_RANGE:
        return [
            Finding(
                f"{path}.external_range",
                f"'{external}' is too large for a Dynamic rule; use a "
                f"/{_LARGEST_DYNAMIC_RANGE} or smaller ({_LIMITS_PAGE})",
            )
        ]
    if not static and external.prefixlen <= internal.prefixlen:
        return [
            Finding(
                f"{path}.external_range",
                f"'{external}' is not smaller than '{internal}', and a Dynamic rule "
                f"maps many addresses to fewer; use kind Static ({NAT_PAGE})",
            )
        ]
    return []


def dynamic_instance_findings(
    instance: str | None, instances: Sequence[str], *, dynamic: bool, path: str
) -> list[Finding]:
    """Check which instance of a gateway a NAT rule is for; ``path``: the rule's.

    A Dynamic rule hands out ports, so each instance that carries traffic has its own
    (``_FAQ``); a Static one is the same on both.
    """
    place = f"{path}.instance"
    if instance is None:
        if not dynamic or len(instances) == 1:
            return []
        return [
            Finding(
                place,
                f"is required with kind Dynamic and active_active; use "
                f"{' or '.join(instances)}, and a rule for each ({_FAQ})",
            )
        ]
    if not dynamic:
        return [
            Finding(
                place,
                f"'{instance}' is for kind Dynamic; leave it out, a Static rule is for "
                f"all instances ({_FAQ})",
            )
        ]
    if instance in instances:
        return []
    return [
        Finding(
            place,
            f"'{instance}' is not an instance that carries traffic; use "
            f"{' or '.join(instances)} ({_FAQ})",
        )
    ]


def same_translation_findings(
    rules: Sequence[Translation], *, path: str
) -> list[Finding]:
    """Check that a connection translates no address by two rules of one direction.

    Azure refuses that as an overlap, of a Static rule and a Dynamic one too
    (https://github.com/MicrosoftDocs/azure-docs/issues/116404); each instance has a
    Dynamic rule of its own. ``path``: where the site names them.
    """
    return [
        Finding(
            path,
            f"'{one.name}' and '{other.name}' both translate addresses of "
            f"'{other.internal_range}'; leave one of them out, or give them ranges "
            f"that are apart ({NAT_PAGE})",
        )
        for one, other in combinations(rules, 2)
        if one.internal_range.overlaps(other.internal_range)
        and (None in (one.instance, other.instance) or one.instance == other.instance)
    ]

"""The security group of a subnet whose appliance forwards what machines send.

Packets of machines come to the appliance with their own sender and destination, so its
subnet's group sees them twice: inbound as they were sent, and outbound again, from the
machine or from the appliance that hides it. Both sides are copies of the machines' own
rules (https://learn.microsoft.com/azure/virtual-network/
virtual-networks-udr-overview#next-hop-types-across-azure-tools).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from azureml_rulebook.public_places import public_places
from azureml_rulebook.security_rules import (
    CALLERS,
    PLATFORM,
    Direction,
    SecurityRule,
    in_order,
)


def forwarding_group(
    own: Iterable[SecurityRule],
    home: str,
    senders: Mapping[str, Iterable[SecurityRule]],
) -> tuple[SecurityRule, ...]:
    """Return the rules of the appliance's group with those for what it forwards.

    A copy keeps the priority of its original. Where the group has the same rule
    already, its places are joined to it.

    Args:
        own: the rules of the group so far.
        home: range of the appliance's subnet.
        senders: rules of the groups of the subnets whose routes lead to it, by their
            range.
    """
    rules = {(rule.direction, rule.priority): rule for rule in own}
    for prefix, group in sorted(senders.items()):
        for rule in group:
            if rule.priority not in PLATFORM and rule.priority not in CALLERS:
                continue
            for copy in _copies(rule, prefix, home):
                key = (copy.direction, copy.priority)
                rules[key] = _joined(rules.get(key), copy)
    return in_order(rules.values())


def _copies(rule: SecurityRule, prefix: str, home: str) -> list[SecurityRule]:
    """Return what lets a rule's packets in to the appliance and out again."""
    places = public_places(rule)
    if not places:
        return []
    stem = rule.name.removesuffix(Direction.OUTBOUND)
    senders = rule.sources or (prefix,)
    return [
        replace(
            rule,
            name=f"{stem}{Direction.INBOUND}",
            direction=Direction.INBOUND,
            destinations=places,
        ),
        replace(
            rule,
            sources=tuple(sorted({*senders, home})),
            source_groups=(),
            destinations=places,
        ),
    ]


def _joined(first: SecurityRule | None, second: SecurityRule) -> SecurityRule:
    """Return one rule for the packets of both, which differ in their places only."""
    if first is None:
        return second
    if second.source_groups:
        sources: tuple[str, ...] = ()
    else:
        sources = tuple(sorted({*first.sources, *second.sources}))
    return replace(
        second,
        name=first.name,
        sources=sources,
        destinations=tuple(sorted({*first.destinations, *second.destinations})),
    )

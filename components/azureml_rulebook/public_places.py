"""Which outbound rules of a security group lead to public places."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import PRIVATE_RANGES
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.service_tags import AZURE_LOAD_BALANCER, VIRTUAL_NETWORK


def public_places(
    rule: SecurityRule, inside: Sequence[IPv4Network] = ()
) -> tuple[str, ...]:
    """Return where a rule lets out to in public: a service tag, ``*`` or ranges.

    Empty for rules that deny, inbound rules, and those that stay inside. ``inside``:
    the network's own ranges, where they are public on the Internet too.
    """
    lets_out = rule.direction is Direction.OUTBOUND and rule.access is Access.ALLOW
    if not lets_out or rule.destination_groups:
        return ()
    return tuple(
        place
        for place in rule.destinations
        if place not in (VIRTUAL_NETWORK, AZURE_LOAD_BALANCER)
        and not _is_private(place, inside)
    )


def _is_private(place: str, inside: Sequence[IPv4Network]) -> bool:
    try:
        network = IPv4Network(place)
    except ValueError:
        return False
    return any(network.subnet_of(private) for private in (*PRIVATE_RANGES, *inside))

"""What ranges become behind a VPN gateway that translates addresses.

One rule works both ways: a site's range as the network sees it, and the network's as a
site sees it (https://learn.microsoft.com/azure/vpn-gateway/nat-overview).
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from azureml_network._hybrid_gateway.arguments import NatKind
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.parts import Ranges


def translated(ranges: Ranges, rules: Sequence[NatRulePlan]) -> Ranges:
    """Return the ranges after translation: whole ones or parts of them.

    Of a range that a rule translates in part, the rest stays as it is.
    """
    result: list[tuple[str, IPv4Network]] = []
    for path, each in ranges:
        rest = [each]
        for rule in rules:
            if not rule.internal_range.overlaps(each):
                continue
            result.append((path, _mapped(each, rule)))
            rest = [
                left for part in rest for left in _without(part, rule.internal_range)
            ]
        result += [(path, left) for left in rest]
    return tuple(dict.fromkeys(result))


def translated_address(
    address: IPv4Address, rules: Sequence[NatRulePlan]
) -> IPv4Address | None:
    """Return what becomes of one address; None where a dynamic rule chooses that."""
    for rule in rules:
        if address in rule.internal_range:
            if rule.kind is NatKind.DYNAMIC:
                return None
            return _mapped(IPv4Network(address), rule).network_address
    return address


def _mapped(each: IPv4Network, rule: NatRulePlan) -> IPv4Network:
    """Return what becomes of a range, of which ``rule`` translates some.

    Static: the same place in the external range. Dynamic: anywhere in it.
    """
    internal, external = rule.internal_range, rule.external_range
    if rule.kind is NatKind.DYNAMIC or not each.subnet_of(internal):
        return external
    offset = int(each.network_address) - int(internal.network_address)
    start = (int(external.network_address) + offset) & 0xFFFFFFFF
    return IPv4Network((start, each.prefixlen), strict=False)


def _without(part: IPv4Network, taken: IPv4Network) -> list[IPv4Network]:
    if not part.overlaps(taken):
        return [part]
    return [] if part.subnet_of(taken) else list(part.address_exclude(taken))

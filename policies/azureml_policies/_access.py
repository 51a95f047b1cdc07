"""How a service is reached: through private endpoints, or from chosen subnets.

Storage accounts and vaults can be shut altogether, or stay open to a list of subnets
with service endpoints. A stack chooses one mode in the configuration, and the rules on
public access follow it. Public addresses that may pass are listed in the configuration
too.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    undecided,
)

_ADDRESS_KEYS = ("iPAddressOrRange", "value")
"""What holds the address in a rule of a storage account, and of a vault."""
PRIVATE_ENDPOINT = "privateEndpoint"
SERVICE_ENDPOINT = "serviceEndpoint"

ACCESS_MODE = {
    "accessMode": {
        "type": "string",
        "enum": [PRIVATE_ENDPOINT, SERVICE_ENDPOINT],
        "default": PRIVATE_ENDPOINT,
        "description": "privateEndpoint: no public access at all. serviceEndpoint: "
        "public access is allowed where the firewall denies by default and names the "
        "subnets that may pass, and no public addresses",
    }
}
"""The setting of the rules that ``closed_or_networks_only`` serves."""

ALLOWED_RANGES = {
    "allowedCidrs": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Public ranges, as 203.0.113.0/24, that may stand in the "
        "firewall's rules; none where empty",
    }
}
"""The setting of the rules that ``only_allowed_addresses`` serves."""

_Range = IPv4Network | IPv6Network


def closed_or_networks_only(
    subject: Resource,
    context: Context,
    path: str,
    *allowed: str,
    rules: str,
    unset: str,
) -> Iterator[Finding]:
    """Want the public switch at ``path`` to be one of ``allowed``.

    In the service endpoint mode an open switch is accepted too, if the firewall at
    ``rules`` denies by default, lists subnets, and lists no addresses: its rules on
    addresses are for public ones only
    (https://learn.microsoft.com/azure/storage/common/storage-network-security).
    """
    if context.settings["accessMode"] == PRIVATE_ENDPOINT:
        yield from must_be(subject, path, *allowed, unset=unset)
        return
    switch = subject.value(path)
    if isinstance(switch, Known) and switch.is_any_of(allowed):
        return
    yield from must_be(
        subject,
        f"{rules}.defaultAction",
        "Deny",
        unset="everybody may pass",
    )
    yield from _no_public_addresses(subject.value(f"{rules}.ipRules"))
    subnets = subject.value(f"{rules}.virtualNetworkRules")
    if not subnets.elements():
        yield Violation(
            subnets.path,
            f"{subnets.path} is empty: nobody may pass; name the subnets that may",
        )


def _no_public_addresses(rules: Reading) -> Iterator[Finding]:
    if isinstance(rules, Unknown):
        yield undecided(rules, "no public address may pass")
        return
    found = rules.elements()
    addresses = [
        value.text
        for rule in found
        for key in _ADDRESS_KEYS
        if isinstance(value := rule.at(key), Known)
    ]
    if found:
        listed = f": {', '.join(addresses)}" if addresses else ""
        yield Violation(
            rules.path,
            f"{rules.path} lets public addresses pass{listed}; remove it and name "
            "subnets",
        )


def only_allowed_addresses(
    subject: Resource, context: Context, path: str, key: str
) -> Iterator[Finding]:
    """Want the addresses of the firewall rules at ``path`` to be in allowed ranges.

    ``key``: what holds the address, or range, in a rule.
    """
    allowed: list[_Range] = []
    for index, text in enumerate(context.settings["allowedCidrs"]):
        found = _range(text)
        if found is None:
            setting = f"allowedCidrs[{index}]"
            yield Violation(setting, f"{setting} is '{text}'; write a range in CIDR")
        else:
            allowed.append(found)
    rules = subject.value(path)
    if isinstance(rules, Unknown):
        yield undecided(rules, "its addresses have to be in allowedCidrs")
        return
    for rule in rules.elements():
        yield from _in_ranges(rule.at(key), allowed)


def _in_ranges(address: Reading, allowed: Sequence[_Range]) -> Iterator[Finding]:
    match address:
        case Unknown():
            yield undecided(address, "it has to be in one of allowedCidrs")
        case Known(value=str() as text) if (found := _range(text)) is not None:
            if not any(_holds(each, found) for each in allowed):
                yield Violation(
                    address.path,
                    f"{address.path} is {address.text}, in none of allowedCidrs; "
                    "remove it, or allow its range",
                )
        case Known():
            yield Violation(
                address.path,
                f"{address.path} is {address.text}, no address or range; correct it",
            )
        case _:
            yield Violation(address.path, f"{address.path} is missing; name an address")


def _range(text: str) -> _Range | None:
    """Return an address or a range; None for what is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _holds(outer: _Range, inner: _Range) -> bool:
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)

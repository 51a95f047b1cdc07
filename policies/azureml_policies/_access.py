"""How a service is reached: through private endpoints, or from chosen subnets.

Storage accounts and vaults can be shut altogether, or stay open to a list of subnets
with service endpoints. A stack chooses one mode in the configuration, and the rules on
public access follow it.
"""

from collections.abc import Iterator

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

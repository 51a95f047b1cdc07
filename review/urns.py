"""Pulumi's resource names (URNs) and type tokens, taken apart and put into words.

Reports speak of "2 private DNS zones" and not of `azure-native:privatedns:PrivateZone`.
"""

import re

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_SPELLINGS = {
    "aml": "AML",
    "bgp": "BGP",
    "dns": "DNS",
    "id": "ID",
    "ip": "IP",
    "nat": "NAT",
    "ssh": "SSH",
    "vm": "VM",
    "vnet": "VNet",
    "vpn": "VPN",
}
_KINDS = {
    "azure-native:privatedns:PrivateZone": "private DNS zone",
    "azure-native:privatedns:VirtualNetworkLink": "private DNS zone link",
    "azure-native:applicationinsights:Component": "Application Insights component",
    "azure-native:operationalinsights:Workspace": "Log Analytics workspace",
    "azure-native:machinelearningservices:Workspace": "machine learning workspace",
    "azure-native:machinelearningservices:Compute": "machine learning compute",
    "azure-native:monitor:PrivateLinkScope": "monitor private link scope",
    "azure-native:monitor:PrivateLinkScopedResource": "scoped monitor resource",
    "azure-native:storage:BlobServiceProperties": "blob service",
    "azure-native:managedidentity:UserAssignedIdentity": "user-assigned identity",
    "azure-native:keyvault:Vault": "key vault",
    "azure-native:containerregistry:Registry": "container registry",
}


def name_of(urn: str) -> str:
    """The resource's name in the program: the last of a URN's four parts.

    >>> name_of("urn:pulumi:dev::shop::a:b:C$azure-native:network:Subnet::endpoints")
    'endpoints'
    """
    parts = urn.split("::", 3)
    return parts[3] if len(parts) == 4 else urn


def type_of(urn: str) -> str:
    """The resource's own type token, without those of its parents."""
    parts = urn.split("::", 3)
    return parts[2].rsplit("$", 1)[-1] if len(parts) == 4 else ""


def is_housekeeping(type_token: str) -> bool:
    """Whether a resource is Pulumi's own (the stack, a provider) and not the user's."""
    return type_token == STACK_TYPE or type_token.startswith(PROVIDER_PREFIX)


def kind_of(type_token: str) -> str:
    """A type token as a noun.

    >>> kind_of("azure-native:network:PublicIPAddress")
    'public IP address'
    >>> kind_of("azure-native:network:NatGateway")
    'NAT gateway'
    """
    if type_token in _KINDS:
        return _KINDS[type_token]
    words = _WORD.findall(type_token.rsplit(":", 1)[-1])
    if not words:
        return type_token
    return " ".join(_spelled(word) for word in words)


def counted(number: int, noun: str) -> str:
    """A number with its noun in the right form.

    >>> counted(1, "key vault"), counted(3, "container registry")
    ('1 key vault', '3 container registries')
    """
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of an English noun, as far as resource types need it."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun + "s"


def _spelled(word: str) -> str:
    lower = word.lower()
    if lower in _SPELLINGS:
        return _SPELLINGS[lower]
    return word if word.isupper() and len(word) > 1 else lower

"""Changes of a plan that make it less secure, one at a time.

Every switch is flipped and taken out, every setting with a less secure value gets it,
every range, port and side of a rule is widened, and everything that guards or joins is
removed. What is a guard is told by names of properties and types, not by the rules.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

Inputs = dict[str, Any]
Path = tuple[str | int, ...]

LESS_SECURE: Mapping[str, Mapping[str, Any]] = {
    "access": {"Deny": "Allow"},
    "allowedCopyScope": {"PrivateLink": "AAD"},
    "connectionProtocol": {"IKEv2": "IKEv1"},
    "defaultAction": {"Deny": "Allow"},
    "dhGroup": {"ECP384": "DHGroup1"},
    "ikeEncryption": {"GCMAES256": "DES3"},
    "ikeIntegrity": {"SHA384": "MD5"},
    "ipsecEncryption": {"GCMAES256": "None"},
    "ipsecIntegrity": {"GCMAES256": "MD5"},
    "minimumTlsVersion": {"TLS1_2": "TLS1_0"},
    "nextHopType": {"VirtualAppliance": "Internet"},
    "pfsGroup": {"ECP384": "None"},
    "privateEndpointNetworkPolicies": {"NetworkSecurityGroupEnabled": "Disabled"},
    "publicNetworkAccess": {"Disabled": "Enabled"},
    "publicNetworkAccessForIngestion": {"Disabled": "Enabled"},
    "publicNetworkAccessForQuery": {"Disabled": "Enabled"},
    "remoteLoginPortPublicAccess": {"Disabled": "Enabled"},
    "securityType": {"TrustedLaunch": "Standard"},
    "status": {"disabled": "enabled"},
    "systemDatastoresAuthMode": {"Identity": "AccessKey"},
    "threatIntelMode": {"Deny": "Off"},
    "vpnAuthenticationTypes": {"AAD": "Certificate"},
}
"""Property to its values, each with a less secure one."""

SKUS: Mapping[str, Mapping[str, str]] = {
    "azure-native:containerregistry:Registry": {"Premium": "Basic"},
    "azure-native:network:BastionHost": {"Premium": "Basic"},
    "azure-native:network:PublicIPAddress": {"Standard": "Basic"},
}
"""Types whose cheaper tier lacks what guards them."""

GUARDS = (
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:monitor:DiagnosticSetting",
    "azure-native:monitor:PrivateLinkScopedResource",
    "azure-native:network:FlowLog",
    "azure-native:network:PrivateDnsZoneGroup",
    "azure-native:network:PrivateEndpoint",
    "azure-native:dnsresolver:ForwardingRule",
    "azure-native:dnsresolver:PrivateResolverVirtualNetworkLink",
    "azure-native:privatedns:PrivateZone",
    "azure-native:privatedns:VirtualNetworkLink",
    "azure-native:storage:BlobServiceProperties",
)
"""Types that are removed as a whole."""

JOINS = (
    "accessModeSettings",
    "dhcpOptions",
    "dnsSettings",
    "ipsecPolicies",
    "networkAcls",
    "networkRuleSet",
    "networkSecurityGroup",
    "policies",
    "routeTable",
    "securityProfile",
    "serverlessComputeSettings",
    "serviceEndpointPolicies",
)
"""Properties that are removed as a whole, besides every switch and setting above."""

_SIDES = ("sourceAddressPrefix", "destinationAddressPrefix")
_LISTED_SIDES = ("sourceAddressPrefixes", "destinationAddressPrefixes")
_FIREWALL_SIDES = ("sourceAddresses", "destinationAddresses")
_ELEMENTS = ("securityRules", "routes", "rules", "serviceResources")
"""Lists of which each element is removed."""
_UNCHANGED = ("metrics", "tags", "unknown")
OPERATION = (
    "activeActive",
    "allowClassicOperations",
    "allowExtensionOperations",
    "autoMitigate",
    "autoUpgradeMinorVersion",
    "enableAutomaticUpgrade",
    "enableAutomaticUpdates",
    "enableBgp",
    "enableBgpRouteTranslationForNat",
    "enableVmProtection",
    "enableDdosProtection",
    "isHnsEnabled",
    "primary",
    "provisionVMAgent",
    "useCommonAlertSchema",
    "usePolicyBasedTrafficSelectors",
)
"""Switches that say how a thing works, and not who reaches it."""


@dataclass(frozen=True, eq=False)
class Mutation:
    """One change of one resource."""

    urn: str
    type: str
    what: str
    """How it reads: ``publicNetworkAccess: 'Disabled' -> 'Enabled'``."""
    inputs: Inputs | None
    """The resource's inputs, changed; None: it is removed."""

    @property
    def key(self) -> str:
        """What survivors are told by: the type, and what was changed."""
        return f"{self.type.removeprefix('azure-native:')} {self.what}"


def mutations(resource: Mapping[str, Any]) -> Iterator[Mutation]:
    """Yield every change of one resource of a plan."""
    urn, token = resource["urn"], resource["type"]
    if token in GUARDS:
        yield Mutation(urn, token, "removed", None)
    for path, new, what in _changes(resource):
        yield Mutation(urn, token, what, _changed(resource["inputs"], path, new))


_REMOVED = object()


def _changes(resource: Mapping[str, Any]) -> Iterator[tuple[Path, Any, str]]:
    for path, value in _leaves(resource["inputs"], ()):
        key = _key(path)
        if _is_own_side(resource["inputs"], path):
            continue
        for new in _less_secure(resource["type"], path, key, value):
            told = "removed" if new is _REMOVED else f"{value!r} -> {new!r}"
            if _is_side(key):
                told = "widened"
            yield path, new, f"{_pattern(path)}: {told}"


def _less_secure(token: str, path: Path, key: str, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        if key not in OPERATION:
            yield not value
        if key not in OPERATION and value:
            yield _REMOVED
    elif isinstance(value, str) and value in LESS_SECURE.get(key, {}):
        if LESS_SECURE[key][value] != value:
            yield LESS_SECURE[key][value]
        yield _REMOVED
    elif path[-2:] == ("sku", "name") and value in SKUS.get(token, {}):
        yield SKUS[token][value]
    elif key in JOINS or (len(path) > 1 and path[-2] in _ELEMENTS):
        yield _REMOVED
    yield from _wider(path, key, value)


def _wider(path: Path, key: str, value: Any) -> Iterator[Any]:
    """Yield what a side, a port or a range of a rule is widened to."""
    if isinstance(path[-1], int) and key != "addressPrefixes":
        return
    if key in _SIDES and value != "*":
        yield "*"
    elif key in (*_LISTED_SIDES, *_FIREWALL_SIDES) and isinstance(value, list):
        if value != ["*"]:
            yield ["*"]
    elif key == "destinationPortRange" and value != "*":
        yield "*"
    elif key in ("destinationPortRanges", "destinationPorts") and value != ["*"]:
        yield ["*"]
    elif key == "protocol" and value != "*" and "securityRules" in path:
        yield "*"
    elif key in ("targetFqdns",) and isinstance(value, list):
        yield ["*"]
    elif key in ("addressPrefix", "addressPrefixes", "ipRules"):
        yield from _wider_range(value)


def _wider_range(value: Any) -> Iterator[Any]:
    """Yield a range eight bits wider; a list gets all addresses besides."""
    if isinstance(value, str) and "/" in value:
        network = ip_network(value, strict=False)
        if network.prefixlen > 8:
            yield str(network.supernet(min(8, network.prefixlen)))
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield [*value, "203.0.113.0/24"]
    elif value == []:
        yield [{"action": "Allow", "iPAddressOrRange": "203.0.113.0/24"}]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every value in a tree, maps and lists included."""
    if path:
        if path[-1] in _UNCHANGED:
            return
        yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*path, index))


def _is_own_side(inputs: Inputs, path: Path) -> bool:
    """Say whether this is the side of a security rule where its own subnet is.

    Widening that opens nothing: the group guards no other subnet.
    """
    if len(path) < 2 or path[0] != "securityRules":
        return False
    direction = inputs["securityRules"][path[1]]["direction"]
    own = "destination" if direction == "Inbound" else "source"
    return str(path[-1]).startswith(f"{own}Address")


def _key(path: Path) -> str:
    return next((each for each in reversed(path) if isinstance(each, str)), "")


def _is_side(key: str) -> bool:
    return key in (
        *_SIDES,
        *_LISTED_SIDES,
        *_FIREWALL_SIDES,
        "addressPrefix",
        "addressPrefixes",
        "destinationPortRange",
        "destinationPortRanges",
        "destinationPorts",
        "targetFqdns",
        "ipRules",
    )


def _pattern(path: Path) -> str:
    """Return a path without the numbers of list elements."""
    text = ""
    for each in path:
        text += "[]" if isinstance(each, int) else f".{each}" if text else each
    return text


def _changed(inputs: Inputs, path: Path, new: Any) -> Inputs:
    changed = deepcopy(inputs)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    if new is _REMOVED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return changed

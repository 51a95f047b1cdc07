"""The security group of AzureBastionSubnet: Azure accepts it with all its rules only.

https://learn.microsoft.com/azure/bastion/bastion-nsg
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.fixed_subnets import BASTION
from emulator.azure_rules.requests import at
from emulator.resource_paths import id_key, last_name, parent_id
from emulator.store import Resource, Store

_SUBNET = "network:Subnet"
_RULE = "network:SecurityRule"
_ANY = "*"
_ANYBODY = ""


@dataclass(frozen=True)
class _Needed:
    """Traffic that must be allowed; `source` empty: at least from somewhere."""

    direction: str
    source: str
    destination: str
    port: int


_USERS = _Needed("inbound", _ANYBODY, _ANY, 443)
_DATA_PLANE = tuple(
    _Needed(direction, "virtualnetwork", "virtualnetwork", port)
    for direction in ("inbound", "outbound")
    for port in (8080, 5701)
)
_NEEDED = (
    _USERS,
    _Needed("inbound", "gatewaymanager", _ANY, 443),
    _Needed("inbound", "azureloadbalancer", _ANY, 443),
    *_DATA_PLANE,
    _Needed("outbound", _ANY, "virtualnetwork", 22),
    _Needed("outbound", _ANY, "virtualnetwork", 3389),
    _Needed("outbound", _ANY, "azurecloud", 443),
    _Needed("outbound", _ANY, "internet", 80),
)
_NOT_USERS = frozenset({"gatewaymanager", "azureloadbalancer"})


def bastion_group_is_complete(store: Store, written: Resource) -> None:
    """Refuse what leaves AzureBastionSubnet with a group that lacks a rule."""
    for subnet in _bastion_subnets(store, written):
        group = store.get(str(at(subnet.body, "networkSecurityGroup", "id")))
        if group is None:
            continue
        rules = [rule.body for rule in store.children(group.id, _RULE)]
        rules.sort(key=lambda rule: rule.get("priority") or 0)
        if not all(_is_allowed(needed, rules) for needed in _NEEDED):
            raise AzureError(
                400,
                "NetworkSecurityGroupNotCompliantForAzureBastionSubnet",
                f"Network security group {last_name(group.id)} does not have necessary "
                f"rules for Azure Bastion Subnet {last_name(subnet.id)}.",
            )


def _bastion_subnets(store: Store, written: Resource) -> Iterator[Resource]:
    """The Bastion subnets that a write or a deletion may concern."""
    concerned = id_key(
        (parent_id(written.id) or "") if written.token == _RULE else written.id
    )
    for subnet in store.named(_SUBNET, BASTION):
        group = at(subnet.body, "networkSecurityGroup", "id")
        related = (subnet.id, parent_id(subnet.id), group)
        if concerned in [id_key(r) for r in related if isinstance(r, str)]:
            yield subnet


def _is_allowed(needed: _Needed, rules: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the first rule that covers the traffic allows it."""
    for rule in rules:
        if _covers(rule, needed):
            return str(rule.get("access")).lower() == "allow"
    return False


def _covers(rule: Mapping[str, Any], needed: _Needed) -> bool:
    if str(rule.get("direction")).lower() != needed.direction:
        return False
    if str(rule.get("protocol")).lower() not in (_ANY, "tcp"):
        return False
    sources = _sides(rule, "sourceAddressPrefix")
    if needed.source == _ANYBODY:
        if not sources - _NOT_USERS:
            return False
    elif not sources & {needed.source, _ANY}:
        return False
    destinations = _sides(rule, "destinationAddressPrefix")
    if needed.destination != _ANY and not destinations & {needed.destination, _ANY}:
        return False
    return any(_holds(ports, needed.port) for ports in _ports(rule))


def _sides(rule: Mapping[str, Any], name: str) -> set[str]:
    several = rule.get(f"{name}es") or []
    return {str(side).lower() for side in [rule.get(name), *several] if side}


def _ports(rule: Mapping[str, Any]) -> Iterator[str]:
    several = rule.get("destinationPortRanges") or []
    for ports in [rule.get("destinationPortRange"), *several]:
        if ports:
            yield str(ports)


def _holds(ports: str, port: int) -> bool:
    if ports == _ANY:
        return True
    first, _, last = ports.partition("-")
    return first.isdigit() and int(first) <= port <= int(last or first)

"""Security rules and application security groups.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
https://learn.microsoft.com/azure/virtual-network/application-security-groups
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import id_key, last_name, parent_id, same_id
from emulator.store import Store

_RULE = "network:SecurityRule"
_CARD = "network:NetworkInterface"
_PRIORITIES = range(100, 4097)
# https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
_MOST_RULES = 1000
_MOST_GROUPS = 10
_LONGEST_DESCRIPTION = 140
_SIDES = ("source", "destination")


def rule_is_valid(write: Write) -> None:
    """A rule by itself: priority, description, addresses, groups."""
    rule = write.inputs
    priority = rule.get("priority")
    if isinstance(priority, int | float) and priority not in _PRIORITIES:
        raise AzureError(
            400,
            "SecurityRuleInvalidPriority",
            f"Security rule has invalid Priority. Value provided: {int(priority)} "
            "Allowed range 100-4096.",
        )
    if len(str(rule.get("description") or "")) > _LONGEST_DESCRIPTION:
        raise AzureError(
            400,
            "SecurityRuleDescriptionTooLong",
            f"Security rule {write.id} has a description of more than "
            f"{_LONGEST_DESCRIPTION} characters.",
        )
    for side in _SIDES:
        _check_addresses(write.id, rule, side)


def rule_does_not_conflict(write: Write) -> None:
    """A rule's priority is its own in its direction; a group has 1,000 at most."""
    if write.in_list:
        return
    group = parent_id(write.id) or ""
    others = [
        (last_name(sibling.id), sibling.body)
        for sibling in write.store.children(group, _RULE)
        if not same_id(sibling.id, write.id)
    ]
    _check_together(group, [(write.name, write.inputs), *others])


def rules_agree(write: Write) -> None:
    """The rules of a group's list: each name once, each priority once in a direction.

    Names are the same whatever their case, as in every id
    (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
    """
    rules = write.inputs.get("securityRules")
    if isinstance(rules, list):
        _check_names(str(at(rule, "name")) for rule in rules)
        _check_together(write.id, [(str(at(rule, "name")), rule) for rule in rules])


def groups_are_of_one_network(write: Write) -> None:
    """The application security groups of a rule: few, near, and of one network."""
    group_region = _region(write.store, parent_id(write.id) or "")
    named: list[str] = []
    for side in _SIDES:
        ids = list(_group_ids(write.inputs.get(f"{side}ApplicationSecurityGroups")))
        if len(ids) > _MOST_GROUPS:
            raise AzureError(
                400,
                "NumberOfApplicationSecurityGroupsReferencedInSecurityRuleLimitReached",
                f"A security rule may have up to {_MOST_GROUPS} Application Security "
                "Group in the source or destination fields. The requested "
                f"configuration has {len(ids)} in the "
                f"{side.title()}ApplicationSecurityGroups field.",
            )
        named += ids
    for group in named:
        region = _region(write.store, group)
        if group_region and region and region != group_region:
            raise _not_in_the_region(group, write.id)
    if len(named) < 2:
        return
    networks = {id_key(n): n for group in named for n in _networks(write.store, group)}
    if len(networks) > 1:
        raise AzureError(
            400,
            "AllApplicationSecurityGroupsInSecurityRuleMustBeFromSameVnet",
            f"Security Rule {write.id} has Application Security Groups (ASGs) from "
            f"multiple virtual networks ({', '.join(networks.values())}). All ASGs on "
            "the Security Rule must be from the same virtual network.",
        )


def card_joins_groups_of_its_network(write: Write) -> None:
    """A network interface joins groups of its own region and network."""
    region = normalised_location(str(write.inputs.get("location") or ""))
    for configuration in write.inputs.get("ipConfigurations") or []:
        own = _network_of(at(configuration, "subnet", "id"))
        for group in _group_ids(at(configuration, "applicationSecurityGroups")):
            group_region = _region(write.store, group)
            if region and group_region and region != group_region:
                raise _not_in_the_region(group, write.id)
            others = set(_networks(write.store, group, without=write.id))
            if own and any(not same_id(own, other) for other in others):
                raise AzureError(
                    400,
                    "ApplicationSecurityGroupMustHaveAllIpConfigurationsInSameVnet",
                    f"Network interface {write.id} in virtual network {own} cannot "
                    f"join application security group {group}, whose network "
                    f"interfaces are in virtual network {sorted(others)[0]}.",
                )


def _check_names(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise AzureError(
                400,
                "InvalidRequestFormat",
                "Cannot parse the request. DuplicateResourceName: Resource "
                "/subscriptions//resourceGroups//providers/Microsoft.Network/"
                "networkSecurityGroups/ has two child resources with the same name "
                f"({name}).",
            )
        seen.add(name.lower())


def _check_together(group: str, rules: list[tuple[str, Mapping[str, Any]]]) -> None:
    if len(rules) > _MOST_RULES:
        raise AzureError(
            400,
            "SecurityRulesPerNetworkSecurityGroupLimitReached",
            f"Network security group {group} has {len(rules)} security rules. The "
            f"maximum is {_MOST_RULES}.",
        )
    seen: dict[tuple[str, Any], str] = {}
    for name, rule in rules:
        priority = rule.get("priority")
        if priority is None:
            continue
        key = (str(rule.get("direction")).lower(), priority)
        if key in seen:
            raise AzureError(
                400,
                "SecurityRuleConflict",
                f"Security rule {name} conflicts with rule {seen[key]}. Rules cannot "
                "have the same Priority and Direction. To learn more, see "
                "aka.ms/nsgrules.",
            )
        seen[key] = name


def _check_addresses(rule_id: str, rule: Mapping[str, Any], side: str) -> None:
    """One address, range, tag or star; or several addresses and ranges, no tags."""
    single = rule.get(f"{side}AddressPrefix")
    several = rule.get(f"{side}AddressPrefixes") or []
    parameter = f"{side.title()}AddressPrefix"
    if single and several:
        raise AzureError(
            400,
            "SecurityRuleParameterCannotHaveBothSingularAndPluralValues",
            f"Security rule {rule_id} specifies both {parameter} and {parameter}es. "
            "Only one of them can be specified.",
        )
    for prefix in several:
        if _looks_like_an_address(str(prefix)):
            _check_address(rule_id, str(prefix))
            continue
        raise AzureError(
            400,
            "SecurityRuleParameterContainsUnsupportedValue",
            f"Security rule parameter {parameter} for rule with Id {rule_id} cannot "
            "specify existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, '*' or "
            f"system tags. Unsupported value used: {prefix}.",
        )
    _check_overlaps(rule_id, [str(prefix) for prefix in several], parameter)
    if single:
        _check_address(rule_id, str(single))


def _check_overlaps(rule_id: str, prefixes: list[str], parameter: str) -> None:
    """No address twice in a side.

    https://github.com/alan-turing-institute/data-safe-haven/issues/2077
    """
    ranges = sorted((*_range(prefix), prefix) for prefix in prefixes)
    for one, other in pairwise(ranges):
        (version, _, last, earlier), (other_version, first, _, later) = one, other
        if version == other_version and first <= last:
            raise AzureError(
                400,
                "OverlappingSubnetsNotPermittedInSecurityRule",
                f"Security rule parameter {parameter} for rule with Id {rule_id} "
                "cannot specify overlapping subnets. Overlapping subnets specified: "
                f"{earlier}, {later}.",
            )


def _range(prefix: str) -> tuple[int, int, int]:
    """The version, the first and the last address of a range in either notation."""
    if _is_address_span(prefix):
        first, last = map(ipaddress.ip_address, prefix.split("-"))
    else:
        network = ipaddress.ip_network(prefix)
        first, last = network[0], network[-1]
    return first.version, int(first), int(last)


def _check_address(rule_id: str, prefix: str) -> None:
    """Addresses are in CIDR notation; a tag is one word."""
    if prefix == "*" or not _looks_like_an_address(prefix):
        valid = prefix == "*" or prefix.replace(".", "").replace("-", "").isalnum()
        # What the portal calls Any is written as a star.
        valid = valid and prefix.lower() != "any"
    else:
        try:
            ipaddress.ip_network(prefix)
            valid = True
        except ValueError:
            valid = _is_address_span(prefix)
    if not valid:
        raise AzureError(
            400,
            "SecurityRuleInvalidAddressPrefix",
            f"Security rule {rule_id} has invalid Address prefix. Value provided: "
            f"{prefix}",
        )


def _looks_like_an_address(prefix: str) -> bool:
    return prefix[:1].isdigit() or ":" in prefix


def _is_address_span(prefix: str) -> bool:
    """Azure also takes `10.0.0.1-10.0.0.9`."""
    try:
        first, last = map(ipaddress.ip_address, prefix.split("-"))
    except ValueError:
        return False
    return first.version == last.version and int(first) <= int(last)


def _group_ids(groups: Any) -> Iterator[str]:
    for group in groups or []:
        found = at(group, "id")
        if isinstance(found, str):
            yield found


def _networks(store: Store, group: str, without: str = "") -> Iterable[str]:
    """The networks whose network interfaces are in an application security group."""
    found: set[str] = set()
    for card in store.mentioning(group):
        if card.token != _CARD or same_id(card.id, without):
            continue
        for configuration in card.body.get("ipConfigurations") or []:
            groups = _group_ids(at(configuration, "applicationSecurityGroups"))
            network = _network_of(at(configuration, "subnet", "id"))
            if network and any(same_id(joined, group) for joined in groups):
                found.add(network)
    return found


def _network_of(subnet_id: Any) -> str | None:
    return parent_id(subnet_id) if isinstance(subnet_id, str) else None


def _region(store: Store, resource_id: str) -> str | None:
    found = store.get(resource_id)
    location = found.body.get("location") if found else None
    return normalised_location(location) if isinstance(location, str) else None


def _not_in_the_region(referenced: str, owner: str) -> AzureError:
    return AzureError(
        400,
        "InvalidResourceReference",
        f"Resource {referenced} referenced by resource {owner} was not found. Please "
        "make sure that the referenced resource exists, and that both resources are "
        "in the same region.",
    )

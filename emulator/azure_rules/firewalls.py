"""Azure Firewall, its policy and its rules.

https://learn.microsoft.com/azure/firewall/features-by-sku
https://learn.microsoft.com/azure/firewall/firewall-faq
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.fixed_subnets import (
    FIREWALL_HOME,
    FIREWALL_MANAGEMENT_HOME,
    require_home,
)
from emulator.azure_rules.public_addresses import found, is_standard, zones_of
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import parent_id, resource_group_of

# https://learn.microsoft.com/azure/firewall-manager/policy-overview
_POLICIES_OF_TIER = {
    "basic": ("basic",),
    "standard": ("standard",),
    "premium": ("standard", "premium"),
}
_PRIORITIES = range(100, 65_001)
_INVALID = "AzureFirewallInvalidRequest"


def firewall_is_at_home(write: Write) -> None:
    """A firewall lives in its own subnet, and its management in another one."""
    for configuration in write.inputs.get("ipConfigurations") or []:
        require_home(write, FIREWALL_HOME, at(configuration, "subnet", "id"))
    management = write.inputs.get("managementIpConfiguration")
    if not management:
        if _tier(write.inputs) == "basic":
            raise AzureError(
                400,
                "AzureFirewallManagementIpConfigRequiresSubnetAndPublicIp",
                f"Azure Firewall {write.id} of tier Basic needs a management IP "
                "configuration with a subnet and a public IP address.",
            )
        return
    subnet = at(management, "subnet", "id")
    if not subnet or not at(management, "publicIPAddress", "id"):
        raise AzureError(
            400,
            "AzureFirewallManagementIpConfigRequiresSubnetAndPublicIp",
            "AzureFirewall management IP configuration requires both a subnet and a "
            "public IP address.",
        )
    require_home(write, FIREWALL_MANAGEMENT_HOME, subnet)


def firewall_is_in_its_networks_group(write: Write) -> None:
    """A firewall is in the resource group of its network.

    https://learn.microsoft.com/azure/firewall/tutorial-firewall-deploy-portal
    """
    own = str(resource_group_of(write.id)).lower()
    for configuration in _configurations(write.inputs):
        subnet = at(configuration, "subnet", "id")
        if isinstance(subnet, str) and str(resource_group_of(subnet)).lower() != own:
            raise AzureError(
                400,
                "AzureFirewallReferencesSubnetInDifferentResourceGroup",
                f"AzureFirewall {write.id} references subnet ({subnet}) in a different "
                "resource group.",
            )


def firewall_addresses_fit(write: Write) -> None:
    """A firewall's public addresses: Standard, and in all of its zones."""
    zones = zones_of(write.inputs)
    for configuration in _configurations(write.inputs):
        address = found(write.store, at(configuration, "publicIPAddress", "id"))
        if address is None:
            continue
        if not is_standard(address.body):
            raise AzureError(
                400,
                _INVALID,
                f"Azure Firewall {write.id} must reference a Standard sku publicIp, "
                f"and not {address.id}.",
            )
        its_zones = zones_of(address.body)
        if zones and not its_zones:
            raise AzureError(
                400,
                "ZonalAzureFirewallCannotReferenceNoZonePublicIp",
                f"Azure Firewall {write.id} has zone constraint {', '.join(zones)}, "
                f"but Public IP {address.id} referenced by the azure firewall has no "
                "zones",
            )
        if not set(zones) <= set(its_zones):
            raise AzureError(
                400,
                "AzureFirewallZoneConstraintDoesNotMatchPublicIpAddressZoneConstraint",
                f"Azure Firewall {write.id} has zone constraint {', '.join(zones)}, "
                f"but Public IP {address.id} has zone constraint "
                f"{', '.join(its_zones)}.",
            )


def firewall_and_policy_fit(write: Write) -> None:
    """A firewall's policy is of a tier that the firewall has."""
    policy = found(write.store, at(write.inputs, "firewallPolicy", "id"))
    tier = _tier(write.inputs)
    if policy is None or _tier(policy.body) in _POLICIES_OF_TIER.get(tier, ()):
        return
    raise AzureError(
        400,
        _INVALID,
        f"Azure Firewall {write.id} of tier {tier.title()} cannot use Firewall Policy "
        f"{policy.id} of tier {_tier(policy.body).title()}.",
    )


def policy_fits_its_tier(write: Write) -> None:
    """A policy uses what its tier has only."""
    tier, policy = _tier(write.inputs), write.inputs
    higher: list[str] = []
    if tier == "basic":
        dns = policy.get("dnsSettings") or {}
        if dns.get("enableProxy") or dns.get("servers"):
            higher.append("DNS Proxy and Custom DNS")
        if str(policy.get("threatIntelMode")).lower() == "deny":
            higher.append("Threat Intelligence mode Deny")
    if tier != "premium":
        mode = str(at(policy, "intrusionDetection", "mode") or "Off")
        if mode.lower() != "off":
            higher.append("Intrusion Detection")
        if policy.get("transportSecurity"):
            higher.append("Transport Security")
    _refuse_higher_tier(write.id, higher)


def collections_are_valid(write: Write) -> None:
    """Rule collections: priorities, names in rules, and what the policy's tier has."""
    collections = write.inputs.get("ruleCollections") or []
    priority = write.inputs.get("priority")
    if isinstance(priority, int | float) and priority not in _PRIORITIES:
        raise AzureError(
            400,
            "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
            f"Invalid Rule Collection Group {write.name}. Invalid priority value "
            f"{int(priority)}, must be between 100 and 65000",
        )
    seen: set[Any] = set()
    for priority in filter(None, (at(c, "priority") for c in collections)):
        if priority in seen:
            raise AzureError(
                400,
                "FirewallPolicyRuleCollectionGroupRuleCollectionPrioritiesMustBeUnique",
                f"Invalid Rule Collection Group {write.name}. Priority {int(priority)} "
                "used for more than one rule collection.",
            )
        seen.add(priority)
    policy = write.store.get(parent_id(write.id) or "")
    if policy is None:
        return
    proxy = at(policy.body, "dnsSettings", "enableProxy") is True
    for rule in _rules(collections):
        if _is_network_rule(rule) and rule.get("destinationFqdns") and not proxy:
            raise AzureError(
                400,
                "FirewallPolicyDNSProxyMustBeEnabled",
                "In order to use DestinationFqdns in Network Rules, DNS Proxy must be "
                f"enabled. See rule {rule.get('name')} in {write.name}.",
            )
        if _tier(policy.body) != "premium" and (
            rule.get("terminateTLS") or rule.get("targetUrls")
        ):
            _refuse_higher_tier(policy.id, ["TLS inspection and URL filtering"])


def _refuse_higher_tier(policy_id: str, properties: list[str]) -> None:
    if properties:
        raise AzureError(
            400,
            "FirewallPolicyHigherTierOnlyProperties",
            f"Firewall Policy {policy_id} contains higher tier only properties - "
            f"{', '.join(properties)}",
        )


def _tier(values: Mapping[str, Any]) -> str:
    return str(at(values, "sku", "tier") or "Standard").lower()


def _configurations(firewall: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from firewall.get("ipConfigurations") or []
    if firewall.get("managementIpConfiguration"):
        yield firewall["managementIpConfiguration"]


def _rules(collections: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for collection in collections:
        yield from at(collection, "rules") or []


def _is_network_rule(rule: Mapping[str, Any]) -> bool:
    return str(rule.get("ruleType")).lower() == "networkrule"

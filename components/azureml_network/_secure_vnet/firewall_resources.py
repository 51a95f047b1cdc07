"""Writes the planned Azure Firewall down as Azure resources.

Policy, rule groups and firewall are made one after another: a policy takes one change
at a time (https://github.com/hashicorp/terraform-provider-azurerm/issues/15440). What
cannot be changed in place is in the names, so that another zone or tier makes a new
resource.
"""

from dataclasses import dataclass

import pulumi
from pulumi import CustomTimeouts, Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._secure_vnet.arguments import DetectionMode
from azureml_network._secure_vnet.egress_inputs import firewall_name, zones_in_name
from azureml_network._secure_vnet.egress_resources import beside, public_address
from azureml_network._secure_vnet.firewall_plan import FirewallPlan
from azureml_network._surroundings import Surroundings, once_made
from azureml_rulebook.firewall_rules import (
    COLLECTION_PRIORITY,
    NetworkRule,
    Rule,
    RuleGroup,
)

_SLOW = CustomTimeouts(create="60m", update="60m", delete="60m")
"""A firewall takes up to a quarter of an hour, and more with much else going on."""

_PROTOCOLS = {
    80: network.FirewallPolicyRuleApplicationProtocolType.HTTP,
    443: network.FirewallPolicyRuleApplicationProtocolType.HTTPS,
}


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """The way out by Azure Firewall."""

    firewall: network.AzureFirewall
    policy: network.FirewallPolicy
    public_address: network.PublicIPAddress
    management_address: network.PublicIPAddress | None
    """Public address of its management interface, if it has one."""
    address: Output[str]
    """Its private address, once it is known to be the planned one."""
    ready: list[pulumi.Resource]
    """What is made once machines have a way out."""


def azure_firewall(
    parts: Surroundings,
    plan: FirewallPlan,
    firewall_subnet_id: Input[str],
    management_subnet_id: Input[str] | None,
) -> Firewall:
    """Make the firewall with its policy, rules and public addresses.

    Args:
        parts: the surroundings.
        plan: the firewall as planned.
        firewall_subnet_id: of ``plan.subnet``.
        management_subnet_id: of ``plan.management_subnet``; None if there is none.
    """
    name = f"{parts.name}-egress-afw"
    in_zones = zones_in_name(plan.zones)
    address = public_address(parts, f"{name}-pip", in_zones=in_zones, zones=plan.zones)
    management = (
        None
        if management_subnet_id is None
        else public_address(
            parts, f"{name}-management-pip", in_zones=in_zones, zones=plan.zones
        )
    )
    policy = _policy(parts, plan)
    groups = _rule_groups(parts, plan, policy)
    firewall = network.AzureFirewall(
        name,
        azure_firewall_name=firewall_name(parts.name, plan.tier, plan.zones),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.AzureFirewallSkuName.AZF_W_V_NET, "tier": plan.tier.value},
        firewall_policy={"id": policy.id},
        ip_configurations=[
            {
                "name": "data",
                "public_ip_address": {"id": address.id},
                "subnet": {"id": firewall_subnet_id},
            }
        ],
        management_ip_configuration=_management(management, management_subnet_id),
        zones=list(plan.zones) or None,
        tags=parts.tags,
        # A network holds one firewall, so another one waits until this one is gone.
        opts=ResourceOptions.merge(
            parts.options(*groups),
            ResourceOptions(delete_before_replace=True, custom_timeouts=_SLOW),
        ),
    )
    return Firewall(
        firewall=firewall,
        policy=policy,
        public_address=address,
        management_address=management,
        address=once_made(_checked_address(firewall, plan), firewall),
        ready=[firewall],
    )


def _management(
    address: network.PublicIPAddress | None, subnet_id: Input[str] | None
) -> network.AzureFirewallIPConfigurationArgs | None:
    """Return the management interface, for Azure's own use only."""
    if address is None or subnet_id is None:
        return None
    return network.AzureFirewallIPConfigurationArgs(
        name="management",
        public_ip_address=network.SubResourceArgs(id=address.id),
        subnet=network.SubResourceArgs(id=subnet_id),
    )


def _policy(parts: Surroundings, plan: FirewallPlan) -> network.FirewallPolicy:
    asks = plan.dns_proxy or plan.dns_servers
    detects = plan.intrusion_detection is not DetectionMode.OFF
    return network.FirewallPolicy(
        f"{parts.name}-egress-afwp",
        firewall_policy_name=_policy_name(parts, plan),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"tier": plan.tier.value},
        threat_intel_mode=plan.threat_intelligence.value,
        dns_settings={
            "enable_proxy": plan.dns_proxy,
            "servers": list(plan.dns_servers),
        }
        if asks
        else None,
        intrusion_detection={"mode": plan.intrusion_detection.value}
        if detects
        else None,
        snat={"private_ranges": list(plan.snat_private_ranges)}
        if plan.snat_private_ranges
        else None,
        tags=parts.tags,
        opts=beside(parts),
    )


def _policy_name(parts: Surroundings, plan: FirewallPlan) -> str:
    """Return the policy's name in Azure, with the tier, which cannot be lowered."""
    return f"{parts.name}-egress-afwp-{plan.tier.lower()}"


def _rule_groups(
    parts: Surroundings, plan: FirewallPlan, policy: network.FirewallPolicy
) -> list[network.FirewallPolicyRuleCollectionGroup]:
    """Make the rule groups one after another."""
    made: list[network.FirewallPolicyRuleCollectionGroup] = []
    previous: pulumi.Resource = policy
    for group in plan.rule_groups:
        previous = network.FirewallPolicyRuleCollectionGroup(
            f"{parts.name}-egress-{group.band.name}",
            rule_collection_group_name=group.band.name,
            firewall_policy_name=_policy_name(parts, plan),
            resource_group_name=parts.resource_group_name,
            priority=group.band.priority,
            rule_collections=[_collection(group)],
            opts=ResourceOptions.merge(
                parts.options(previous),
                ResourceOptions(delete_before_replace=False, custom_timeouts=_SLOW),
            ),
        )
        made.append(previous)
    return made


def _collection(group: RuleGroup) -> network.FirewallPolicyFilterRuleCollectionArgs:
    return network.FirewallPolicyFilterRuleCollectionArgs(
        rule_collection_type="FirewallPolicyFilterRuleCollection",
        name=group.band.name,
        priority=COLLECTION_PRIORITY,
        action=network.FirewallPolicyFilterRuleCollectionActionArgs(
            type=network.FirewallPolicyFilterRuleCollectionActionType.ALLOW
        ),
        rules=[_rule_inputs(rule) for rule in group.rules],
    )


def _rule_inputs(rule: Rule) -> network.NetworkRuleArgs | network.ApplicationRuleArgs:
    if isinstance(rule, NetworkRule):
        return network.NetworkRuleArgs(
            rule_type="NetworkRule",
            name=rule.name,
            description=rule.description,
            ip_protocols=list(rule.protocols),
            source_addresses=list(rule.sources),
            destination_addresses=list(rule.destinations),
            destination_ports=list(rule.ports),
        )
    return network.ApplicationRuleArgs(
        rule_type="ApplicationRule",
        name=rule.name,
        description=rule.description,
        protocols=[
            network.FirewallPolicyRuleApplicationProtocolArgs(
                protocol_type=_PROTOCOLS[port], port=port
            )
            for port in rule.ports
        ],
        source_addresses=list(rule.sources),
        target_fqdns=list(rule.hosts),
    )


def _checked_address(
    firewall: network.AzureFirewall, plan: FirewallPlan
) -> Output[str]:
    """Return the firewall's private address, or fail if routes lead elsewhere."""
    planned = str(plan.address)

    def check(given: str | None) -> str:
        if given is not None and given != planned:
            raise pulumi.RunError(
                f"firewall: Azure gave it the address {given}, and the routes of all "
                f"machines lead to {planned}, so that none has a way out; delete the "
                f"firewall and deploy again, so that it takes the first address of "
                f"subnets.{plan.subnet}"
            )
        return planned

    return firewall.ip_configurations.apply(
        lambda configurations: check(
            configurations[0].private_ip_address if configurations else None
        )
    )

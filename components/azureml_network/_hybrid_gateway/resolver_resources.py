"""Writes the planned resolver down as Azure resources.

Endpoints are made one after another, since a resolver takes one change at a time
(https://github.com/Azure/azure-service-operator/issues/4650). A ruleset is taken away
before the outbound endpoint, which Azure does not give up as long as rules use it; so
the name of what each part is in comes with it, and a replacement takes all of it along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import dnsresolver

from azureml_network._hybrid_gateway.resolver import (
    ForwardingRulePlan,
    ResolverPlan,
)
from azureml_network._surroundings import Surroundings, once_made


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """A resolver that was made."""

    resolver: dnsresolver.DnsResolver
    inbound_endpoint: dnsresolver.InboundEndpoint
    """Whom sites, VPN clients and the network ask: what needs names waits for it."""
    outbound_endpoint: dnsresolver.OutboundEndpoint | None
    ruleset: dnsresolver.DnsForwardingRuleset | None
    """None: there are no rules."""
    rules: Mapping[str, dnsresolver.ForwardingRule]
    links: Sequence[dnsresolver.PrivateResolverVirtualNetworkLink]


def make_resolver(
    parts: Surroundings, plan: ResolverPlan, network_id: Input[str]
) -> Resolver:
    """Make the resolver with its endpoints, rules and links.

    ``network_id``: of the network that it is in.
    """
    name = f"{parts.name}-resolver"
    resolver = dnsresolver.DnsResolver(
        name,
        dns_resolver_name=name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        virtual_network={"id": network_id},
        tags=parts.tags,
        opts=_replaced(parts, "virtualNetwork"),
    )
    within = once_made(Output.from_input(name), resolver)
    inbound = _inbound_endpoint(parts, name, plan, within)
    outbound = _outbound_endpoint(parts, name, plan, within, inbound)
    ruleset = _ruleset(parts, name, plan, outbound)
    return Resolver(
        resolver=resolver,
        inbound_endpoint=inbound,
        outbound_endpoint=outbound,
        ruleset=ruleset,
        rules={} if ruleset is None else _rules(parts, name, plan, ruleset),
        links=[] if ruleset is None else _links(parts, name, plan, network_id, ruleset),
    )


def _inbound_endpoint(
    parts: Surroundings,
    name: str,
    plan: ResolverPlan,
    within: Output[str],
) -> dnsresolver.InboundEndpoint:
    return dnsresolver.InboundEndpoint(
        f"{name}-inbound",
        inbound_endpoint_name=f"{name}-inbound",
        dns_resolver_name=within,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        ip_configurations=[
            {
                "subnet": {"id": plan.inbound_subnet_id},
                "private_ip_address": str(plan.inbound_address),
                "private_ip_allocation_method": dnsresolver.IpAllocationMethod.STATIC,
            }
        ],
        tags=parts.tags,
        opts=_replaced(parts, "ipConfigurations"),
    )


def _outbound_endpoint(
    parts: Surroundings,
    name: str,
    plan: ResolverPlan,
    within: Output[str],
    inbound: dnsresolver.InboundEndpoint,
) -> dnsresolver.OutboundEndpoint | None:
    if plan.outbound_subnet_id is None:
        return None
    return dnsresolver.OutboundEndpoint(
        f"{name}-outbound",
        outbound_endpoint_name=f"{name}-outbound",
        dns_resolver_name=within,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        subnet={"id": plan.outbound_subnet_id},
        tags=parts.tags,
        opts=_replaced(parts, "subnet", [inbound]),
    )


def _ruleset(
    parts: Surroundings,
    name: str,
    plan: ResolverPlan,
    outbound: dnsresolver.OutboundEndpoint | None,
) -> dnsresolver.DnsForwardingRuleset | None:
    if outbound is None or not plan.rules:
        return None
    return dnsresolver.DnsForwardingRuleset(
        f"{name}-ruleset",
        dns_forwarding_ruleset_name=f"{name}-ruleset",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        dns_resolver_outbound_endpoints=[{"id": outbound.id}],
        tags=parts.tags,
        opts=_replaced(parts, "dnsResolverOutboundEndpoints"),
    )


def _rules(
    parts: Surroundings,
    name: str,
    plan: ResolverPlan,
    ruleset: dnsresolver.DnsForwardingRuleset,
) -> dict[str, dnsresolver.ForwardingRule]:
    within = once_made(Output.from_input(f"{name}-ruleset"), ruleset)
    return {key: _rule(parts, key, rule, within) for key, rule in plan.rules.items()}


def _rule(
    parts: Surroundings, key: str, rule: ForwardingRulePlan, within: Output[str]
) -> dnsresolver.ForwardingRule:
    return dnsresolver.ForwardingRule(
        f"{parts.name}-{key}-forwarding-rule",
        forwarding_rule_name=f"{parts.name}-{key}",
        dns_forwarding_ruleset_name=within,
        resource_group_name=parts.resource_group_name,
        domain_name=rule.domain,
        target_dns_servers=[
            {"ip_address": str(server.address), "port": server.port}
            for server in rule.servers
        ],
        forwarding_rule_state=dnsresolver.ForwardingRuleState.ENABLED
        if rule.enabled
        else dnsresolver.ForwardingRuleState.DISABLED,
        opts=_replaced(parts, "domainName"),
    )


def _links(
    parts: Surroundings,
    name: str,
    plan: ResolverPlan,
    network_id: Input[str],
    ruleset: dnsresolver.DnsForwardingRuleset,
) -> list[dnsresolver.PrivateResolverVirtualNetworkLink]:
    """Let the network itself and the further ones follow the rules."""
    within = once_made(Output.from_input(f"{name}-ruleset"), ruleset)
    networks = {f"{name}-link": network_id} | {
        f"{parts.name}-{key}-resolver-link": linked
        for key, linked in plan.linked_network_ids.items()
    }
    return [
        dnsresolver.PrivateResolverVirtualNetworkLink(
            link_name,
            virtual_network_link_name=link_name,
            dns_forwarding_ruleset_name=within,
            resource_group_name=parts.resource_group_name,
            virtual_network={"id": linked},
            opts=_replaced(parts, "virtualNetwork"),
        )
        for link_name, linked in networks.items()
    ]


def _replaced(
    parts: Surroundings, key: str, after: Sequence[pulumi.Resource] = ()
) -> ResourceOptions:
    """Return the options of a part that is made anew where the input ``key`` changes.

    Endpoints stay in their subnets, rules at their domains, links at their networks.
    The old part goes first, since its name, its subnet or its address is taken.
    """
    return ResourceOptions.merge(
        parts.options(*after),
        ResourceOptions(replace_on_changes=[key], delete_before_replace=True),
    )

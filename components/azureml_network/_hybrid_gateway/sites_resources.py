"""Writes the planned sites down as Azure resources: a local gateway and a connection.

One connection carries the tunnels to all instances of the gateway. Nothing waits for
it, so that a site that is added or changed leaves everything else alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import CustomTimeouts, ResourceOptions
from pulumi_azure_native import network

from azureml_network._hybrid_gateway.sites import (
    SitePlan,
    connection_name,
    local_gateway_name,
)
from azureml_network._hybrid_gateway.vpn import VpnPlan
from azureml_network._hybrid_gateway.vpn_resources import VpnGateway
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.ipsec import PROTOCOL, IpsecPolicy

_SLOW = CustomTimeouts(create="60m", update="60m", delete="60m")
"""A gateway takes up one change after another."""


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Sites that are connected."""

    connections: Mapping[str, network.VirtualNetworkGatewayConnection]
    """By site."""
    local_gateways: Mapping[str, network.LocalNetworkGateway]
    """By site."""


def make_sites(
    parts: Surroundings,
    plans: Mapping[str, SitePlan],
    vpn: VpnPlan,
    gateway: VpnGateway,
) -> Sites:
    """Make what stands for each site, and its connection.

    Args:
        parts: the surroundings.
        plans: the sites, by the word for each.
        vpn: the gateway as planned.
        gateway: the gateway.
    """
    local_gateways = {word: _local_gateway(parts, word, plans[word]) for word in plans}
    connections = {
        word: _connection(parts, word, plan, vpn, gateway, local_gateways[word])
        for word, plan in plans.items()
    }
    return Sites(connections=connections, local_gateways=local_gateways)


def _local_gateway(
    parts: Surroundings, word: str, plan: SitePlan
) -> network.LocalNetworkGateway:
    name = local_gateway_name(parts.name, word)
    address = plan.public_address
    return network.LocalNetworkGateway(
        name,
        local_network_gateway_name=name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        gateway_ip_address=None if address is None else str(address),
        fqdn=plan.host_name,
        local_network_address_space={
            "address_prefixes": [str(each) for _, each in plan.address_space]
        }
        if plan.address_space
        else None,
        bgp_settings=None
        if plan.bgp is None
        else {
            "asn": plan.bgp.as_number,
            "bgp_peering_address": str(plan.bgp.peer_address),
        },
        tags=parts.tags,
        opts=parts.options(),
    )


def _connection(
    parts: Surroundings,
    word: str,
    plan: SitePlan,
    vpn: VpnPlan,
    gateway: VpnGateway,
    local_gateway: network.LocalNetworkGateway,
) -> network.VirtualNetworkGatewayConnection:
    name = connection_name(parts.name, word)
    return network.VirtualNetworkGatewayConnection(
        name,
        virtual_network_gateway_connection_name=living_with(name, gateway.id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        connection_type=network.VirtualNetworkGatewayConnectionType.IPSEC,
        connection_protocol=network.VirtualNetworkGatewayConnectionProtocol(PROTOCOL),
        connection_mode=network.VirtualNetworkGatewayConnectionMode(
            plan.connection_mode.value
        ),
        virtual_network_gateway1={"id": gateway.id},
        local_network_gateway2={"id": local_gateway.id},
        shared_key=plan.shared_key,
        enable_bgp=plan.bgp is not None,
        gateway_custom_bgp_ip_addresses=_bgp_addresses(plan, vpn, gateway),
        ipsec_policies=[_policy(plan.ipsec_policy)],
        use_policy_based_traffic_selectors=bool(plan.traffic_selectors),
        traffic_selector_policies=_traffic_selectors(plan),
        dpd_timeout_seconds=plan.dead_peer_timeout_seconds,
        ingress_nat_rules=[
            {"id": gateway.nat_rule_id(rule.azure_name)}
            for rule in plan.ingress_nat_rules
        ]
        or None,
        egress_nat_rules=[
            {"id": gateway.nat_rule_id(rule.azure_name)}
            for rule in plan.egress_nat_rules
        ]
        or None,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(custom_timeouts=_SLOW)
        ),
    )


def _policy(policy: IpsecPolicy) -> network.IpsecPolicyArgsDict:
    return {
        "ike_encryption": network.IkeEncryption(policy.ike_encryption),
        "ike_integrity": network.IkeIntegrity(policy.ike_integrity),
        "dh_group": network.DhGroup(policy.dh_group),
        "ipsec_encryption": network.IpsecEncryption(policy.ipsec_encryption),
        "ipsec_integrity": network.IpsecIntegrity(policy.ipsec_integrity),
        "pfs_group": network.PfsGroup(policy.pfs_group),
        "sa_life_time_seconds": policy.lifetime_seconds,
        "sa_data_size_kilobytes": policy.lifetime_kilobytes,
    }


def _traffic_selectors(
    plan: SitePlan,
) -> list[network.TrafficSelectorPolicyArgsDict] | None:
    return [
        {
            "local_address_ranges": [str(each) for each in selector.local_ranges],
            "remote_address_ranges": [str(each) for each in selector.remote_ranges],
        }
        for selector in plan.traffic_selectors
    ] or None


def _bgp_addresses(
    plan: SitePlan, vpn: VpnPlan, gateway: VpnGateway
) -> list[network.GatewayCustomBgpIpAddressIpConfigurationArgsDict] | None:
    """Return which address of each instance the site talks to, where it chooses."""
    if plan.bgp is None or not plan.bgp.gateway_addresses:
        return None
    return [
        {
            "ip_configuration_id": gateway.ip_configuration_id(instance),
            "custom_bgp_ip_address": str(address),
        }
        for instance, address in zip(
            vpn.instances, plan.bgp.gateway_addresses, strict=True
        )
    ]

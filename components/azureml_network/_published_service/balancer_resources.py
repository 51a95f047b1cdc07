"""Makes the load balancer of a published service, and interfaces that join its pools.

Parts of a load balancer name each other by ``$self``, which stands for its own id;
everybody else by that id and the part's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._published_service.balancer import BalancerPlan
from azureml_network._published_service.balancing import RulePlan
from azureml_network._published_service.pools import InterfacePlan, PoolPlan
from azureml_network._surroundings import Surroundings, living_with

_FRONTENDS = "frontendIPConfigurations"
_POOLS = "backendAddressPools"
_PROBES = "probes"
_FIXED_WHEN_MADE = ["frontendIPConfigurations[*].zones"]
"""Inputs that Azure refuses to change (https://github.com/Azure/azure-powershell/issues/
14326)."""


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """A load balancer and what joins it."""

    id: Output[str]
    made: network.LoadBalancer
    frontend_addresses: Mapping[str, Output[str]]
    """By frontend name."""
    frontend_ids: tuple[Output[str], ...]
    pool_ids: Mapping[str, Output[str]]
    """By pool name."""
    interfaces: Mapping[str, network.NetworkInterface]
    """By pool and interface name, with a slash between."""


def load_balancer(parts: Surroundings, plan: BalancerPlan) -> Balancer:
    """Make the load balancer, and then the interfaces that join its pools."""
    name = f"{parts.name}-lb"
    balancer = network.LoadBalancer(
        name,
        load_balancer_name=living_with(name, plan.subnet_id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.LoadBalancerSkuName.STANDARD},
        frontend_ip_configurations=_frontends(plan),
        backend_address_pools=[
            _pool(key, pool, plan.network_id) for key, pool in plan.pools.items()
        ],
        probes=_probes(plan),
        load_balancing_rules=[_rule(rule) for rule in plan.rules.values()],
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                replace_on_changes=_FIXED_WHEN_MADE, delete_before_replace=True
            ),
        ),
    )
    pool_ids = {
        key: Output.concat(balancer.id, f"/{_POOLS}/{key}") for key in plan.pools
    }
    return Balancer(
        id=balancer.id,
        made=balancer,
        frontend_addresses={
            key: _frontend_address(plan, balancer, key) for key in plan.frontends
        },
        frontend_ids=tuple(
            Output.concat(balancer.id, f"/{_FRONTENDS}/{key}") for key in plan.frontends
        ),
        pool_ids=pool_ids,
        interfaces={
            f"{pool}/{key}": _interface(parts, interface, pool_ids[pool])
            for (pool, key), interface in plan.interfaces.items()
        },
    )


def _frontends(
    plan: BalancerPlan,
) -> list[network.FrontendIPConfigurationArgsDict]:
    frontends: list[network.FrontendIPConfigurationArgsDict] = []
    for key, frontend in plan.frontends.items():
        made: network.FrontendIPConfigurationArgsDict = {
            "name": key,
            "subnet": {"id": plan.subnet_id},
            "private_ip_address_version": network.IPVersion.I_PV4,
            "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
        }
        if frontend.address is not None:
            made["private_ip_address"] = str(frontend.address)
            made["private_ip_allocation_method"] = network.IPAllocationMethod.STATIC
        if frontend.zones:
            made["zones"] = list(frontend.zones)
        frontends.append(made)
    return frontends


def _pool(
    name: str, plan: PoolPlan, network_id: Input[str] | None
) -> network.BackendAddressPoolArgsDict:
    """Return one pool; interfaces join it from their side."""
    if not plan.addresses or network_id is None:
        return {"name": name}
    return {
        "name": name,
        "load_balancer_backend_addresses": [
            {
                "name": str(address),
                "virtual_network": {"id": network_id},
                "ip_address": str(address),
            }
            for address in plan.addresses
        ],
    }


def _probes(plan: BalancerPlan) -> list[network.ProbeArgsDict]:
    probes: list[network.ProbeArgsDict] = []
    for key, probe in plan.probes.items():
        made: network.ProbeArgsDict = {
            "name": key,
            "protocol": probe.protocol.value,
            "port": probe.port,
            "interval_in_seconds": probe.interval_seconds,
            "probe_threshold": probe.threshold,
        }
        if probe.path is not None:
            made["request_path"] = probe.path
        probes.append(made)
    return probes


def _rule(plan: RulePlan) -> network.LoadBalancingRuleArgsDict:
    """Return one rule, which gives machines no way out."""
    balancing = plan.balancing
    rule: network.LoadBalancingRuleArgsDict = {
        "name": balancing.name,
        "protocol": balancing.protocol,
        "frontend_ip_configuration": {"id": f"$self/{_FRONTENDS}/{balancing.frontend}"},
        "frontend_port": balancing.port,
        "backend_address_pool": {"id": f"$self/{_POOLS}/{balancing.pool}"},
        "backend_port": balancing.backend_port,
        "probe": {"id": f"$self/{_PROBES}/{plan.probe}"},
        "load_distribution": plan.distribution.value,
        "enable_floating_ip": balancing.floating,
        "enable_tcp_reset": plan.tcp_reset,
        "disable_outbound_snat": True,
    }
    if plan.idle_minutes is not None:
        rule["idle_timeout_in_minutes"] = plan.idle_minutes
    return rule


def _frontend_address(
    plan: BalancerPlan, balancer: network.LoadBalancer, key: str
) -> Output[str]:
    """Return an address that was asked for, or what Azure chose."""
    asked = plan.frontends[key].address
    if asked is not None:
        return Output.from_input(str(asked))
    return balancer.frontend_ip_configurations.apply(
        lambda made: next(
            (item.private_ip_address or "" for item in made or () if item.name == key),
            "",
        )
    )


def _interface(
    parts: Surroundings, plan: InterfacePlan, pool_id: Output[str]
) -> network.NetworkInterface:
    configuration: network.NetworkInterfaceIPConfigurationArgsDict = {
        "name": "primary",
        "primary": True,
        "subnet": {"id": plan.subnet_id},
        "private_ip_address_version": network.IPVersion.I_PV4,
        "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
        "load_balancer_backend_address_pools": [{"id": pool_id}],
    }
    if plan.address is not None:
        configuration["private_ip_address"] = str(plan.address)
        configuration["private_ip_allocation_method"] = (
            network.IPAllocationMethod.STATIC
        )
    if plan.security_group_ids:
        configuration["application_security_groups"] = [
            {"id": group_id} for group_id in plan.security_group_ids
        ]
    return network.NetworkInterface(
        plan.name,
        # A load balancer that is made anew has pools that nobody joined.
        network_interface_name=living_with(
            plan.name, Output.concat(plan.subnet_id, pool_id)
        ),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        ip_configurations=[configuration],
        tags=parts.tags,
        opts=parts.options(),
    )

"""Writes the planned way out down as Azure resources.

NAT gateway, load balancer and route tables are made before the subnets, whose first
request names them; the firewall after, since it lives in one. Routes lead to the
address that the firewall will have, so that no machine ever gets out another way.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._secure_vnet.egress import EgressPlan, LoadBalancerPlan
from azureml_network._surroundings import Surroundings
from azureml_rulebook.routes import Route

_OUTBOUND = "outbound"
"""Name of the one front end, pool and rule of the load balancer."""


@dataclass(frozen=True, kw_only=True)
class WaysOut:
    """What subnets name in their first request, and what machines may join."""

    plan: EgressPlan
    address: network.PublicIPAddress | None
    """The public address of the NAT gateway or the load balancer."""
    nat_gateway: network.NatGateway | None
    route_tables: Mapping[str, network.RouteTable]
    """By subnet name."""
    load_balancer: network.LoadBalancer | None
    backend_pool_id: Output[str] | None
    """Pool of the load balancer, for network interfaces to join."""

    def nat_gateway_id(self, subnet: str) -> Output[str] | None:
        """Return the id of the NAT gateway that serves that subnet, or None."""
        if self.nat_gateway is None or subnet not in self.plan.nat_subnets:
            return None
        return self.nat_gateway.id

    def route_table_id(self, subnet: str) -> Output[str] | None:
        """Return the id of that subnet's route table, or None."""
        table = self.route_tables.get(subnet)
        return None if table is None else table.id


def ways_out(parts: Surroundings, plan: EgressPlan) -> WaysOut:
    """Make what the subnets need to exist first."""
    tables = {
        subnet: _route_table(parts, subnet, routes, plan.learn_routes)
        for subnet, routes in plan.routes.items()
    }
    if plan.nat_subnets:
        address, gateway = _nat_gateway(parts, plan.nat_zone)
        return WaysOut(
            plan=plan,
            address=address,
            nat_gateway=gateway,
            route_tables=tables,
            load_balancer=None,
            backend_pool_id=None,
        )
    if plan.load_balancer is not None:
        address, balancer = _load_balancer(parts, plan.load_balancer)
        pool_id = Output.concat(balancer.id, f"/backendAddressPools/{_OUTBOUND}")
        return WaysOut(
            plan=plan,
            address=address,
            nat_gateway=None,
            route_tables=tables,
            load_balancer=balancer,
            backend_pool_id=pool_id,
        )
    return WaysOut(
        plan=plan,
        address=None,
        nat_gateway=None,
        route_tables=tables,
        load_balancer=None,
        backend_pool_id=None,
    )


def beside(parts: Surroundings) -> ResourceOptions:
    """Return the options of a child whose replacement is made beside it.

    Zones cannot be changed, so they are in the names: other zones give a new resource
    beside the old one, which goes once nothing uses it any more.
    """
    return ResourceOptions.merge(
        parts.options(), ResourceOptions(delete_before_replace=False)
    )


def public_address(
    parts: Surroundings, name: str, *, in_zones: str = "", zones: tuple[str, ...] = ()
) -> network.PublicIPAddress:
    """Make a fixed public address; ``in_zones`` is the end of its Azure name."""
    return network.PublicIPAddress(
        name,
        public_ip_address_name=f"{name}{in_zones}",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.PublicIPAddressSkuName.STANDARD},
        public_ip_allocation_method=network.IPAllocationMethod.STATIC,
        public_ip_address_version=network.IPVersion.I_PV4,
        zones=list(zones) or None,
        tags=parts.tags,
        opts=beside(parts),
    )


def _nat_gateway(
    parts: Surroundings, zone: str | None
) -> tuple[network.PublicIPAddress, network.NatGateway]:
    zones = (zone,) if zone else ()
    in_zone = f"-zone-{zone}" if zone else ""
    address = public_address(
        parts, f"{parts.name}-egress-pip", in_zones=in_zone, zones=zones
    )
    gateway = network.NatGateway(
        f"{parts.name}-egress-ng",
        nat_gateway_name=f"{parts.name}-egress-ng{in_zone}",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.NatGatewaySkuName.STANDARD},
        public_ip_addresses=[{"id": address.id}],
        idle_timeout_in_minutes=4,
        zones=list(zones) or None,
        tags=parts.tags,
        opts=beside(parts),
    )
    return address, gateway


def _load_balancer(
    parts: Surroundings, plan: LoadBalancerPlan
) -> tuple[network.PublicIPAddress, network.LoadBalancer]:
    """Make a load balancer that only lets out; returns its address and itself.

    It has no rule for traffic from outside, and ``$self`` stands for its own id.
    """
    name = f"{parts.name}-egress-lb"
    address = public_address(parts, f"{name}-pip")
    balancer = network.LoadBalancer(
        name,
        load_balancer_name=name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.LoadBalancerSkuName.STANDARD},
        frontend_ip_configurations=[
            {"name": _OUTBOUND, "public_ip_address": {"id": address.id}}
        ],
        backend_address_pools=[{"name": _OUTBOUND}],
        outbound_rules=[
            {
                "name": _OUTBOUND,
                "protocol": network.LoadBalancerOutboundRuleProtocol.ALL,
                "frontend_ip_configurations": [
                    {"id": f"$self/frontendIPConfigurations/{_OUTBOUND}"}
                ],
                "backend_address_pool": {
                    "id": f"$self/backendAddressPools/{_OUTBOUND}"
                },
                "allocated_outbound_ports": plan.ports_for_each,
                "idle_timeout_in_minutes": 4,
                "enable_tcp_reset": True,
            }
        ],
        tags=parts.tags,
        opts=parts.options(),
    )
    return address, balancer


def _route_table(
    parts: Surroundings, subnet: str, routes: tuple[Route, ...], learn_routes: bool
) -> network.RouteTable:
    name = f"{parts.name}-{subnet}-rt"
    return network.RouteTable(
        name,
        route_table_name=name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        disable_bgp_route_propagation=not learn_routes,
        routes=[
            network.RouteArgs(
                name=route.name,
                address_prefix=route.destination,
                next_hop_type=route.next_hop.value,
                next_hop_ip_address=route.address,
            )
            for route in routes
        ],
        tags=parts.tags,
        opts=parts.options(),
    )

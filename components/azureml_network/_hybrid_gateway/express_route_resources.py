"""Writes the planned ExpressRoute gateway and its circuits down as Azure resources.

A circuit is made beside the gateway, so that its service key is there early. What is on
a circuit is made one after another, and so are the connections of the gateway: each of
the two takes one change at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi
from pulumi import CustomTimeouts, Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._diagnostics import Observed
from azureml_network._hybrid_gateway.circuits import (
    CircuitPlan,
    NewCircuitPlan,
    PrivatePeeringPlan,
)
from azureml_network._hybrid_gateway.express_route import ExpressRoutePlan
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.diagnostics import EXPRESS_ROUTE_CIRCUIT, VIRTUAL_NETWORK_GATEWAY
from azureml_rulebook.express_route_circuits import (
    PRIVATE_PEERING,
    REPLACED_PROPERTIES,
    circuit_sku,
)

_GATEWAY_TIMEOUTS = CustomTimeouts(create="120m", update="120m", delete="120m")
"""A gateway takes three quarters of an hour, and more with much else going on."""

_CIRCUIT_TIMEOUTS = CustomTimeouts(create="60m", update="60m", delete="60m")
"""What is on a circuit is set up on the routers of its peering location."""


_JOINED_ONCE = ResourceOptions(
    replace_on_changes=["addressPrefix", "peerExpressRouteCircuitPeering"],
    delete_before_replace=True,
)
"""Global Reach is switched off and on again for another range or circuit
(https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/
express_route_circuit_connection); its name is taken until then."""


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """A circuit with what was made on it."""

    id: Input[str]
    made: network.ExpressRouteCircuit | None
    """None: it exists already."""
    peering: network.ExpressRouteCircuitPeering | None = None
    connection: network.VirtualNetworkGatewayConnection | None = None
    """With the gateway; None: it is not connected."""
    global_reach: Mapping[str, network.ExpressRouteCircuitConnection] = field(
        default_factory=dict[str, network.ExpressRouteCircuitConnection]
    )
    """Connections with other circuits, by name."""

    @property
    def on_it(self) -> list[pulumi.Resource]:
        """What was made on it, in order."""
        made = (self.peering, self.connection, *self.global_reach.values())
        return [item for item in made if item is not None]

    @property
    def peering_id(self) -> Input[str]:
        """Id of its private peering, whoever made it."""
        if self.peering is not None:
            return self.peering.id
        return Output.concat(self.id, f"/peerings/{PRIVATE_PEERING}")


@dataclass(frozen=True, kw_only=True)
class ExpressRoute:
    """An ExpressRoute gateway that was made, with its circuits."""

    gateway: network.VirtualNetworkGateway
    circuits: Mapping[str, Circuit]
    """By name."""

    @property
    def gateway_id(self) -> Output[str]:
        """Resource id of the gateway."""
        return self.gateway.id

    @property
    def circuit_ids(self) -> dict[str, Output[str]]:
        """Resource ids of all circuits, by name."""
        return {
            name: Output.from_input(item.id) for name, item in self.circuits.items()
        }

    @property
    def service_keys(self) -> dict[str, Output[str]]:
        """What the providers need, of each circuit that is made here, as secrets."""
        return {
            name: Output.secret(item.made.service_key).apply(lambda key: key or "")
            for name, item in self.circuits.items()
            if item.made is not None
        }

    @property
    def connection_ids(self) -> dict[str, Output[str]]:
        """Resource ids of the connections with the gateway, by circuit."""
        return {
            name: item.connection.id
            for name, item in self.circuits.items()
            if item.connection is not None
        }

    @property
    def ready(self) -> list[pulumi.Resource]:
        """Everything that a lock, or the next gateway, has to wait for."""
        made: list[pulumi.Resource] = [self.gateway]
        for circuit in self.circuits.values():
            made += [] if circuit.made is None else [circuit.made]
            made += circuit.on_it
        return made

    @property
    def observed(self) -> dict[str, Observed]:
        """What can tell a diagnostic setting something, by a word for each."""
        return {
            "ergw": Observed(
                resource_id=self.gateway.id, resource_type=VIRTUAL_NETWORK_GATEWAY
            ),
            **{
                f"{name}-erc": Observed(
                    resource_id=item.made.id, resource_type=EXPRESS_ROUTE_CIRCUIT
                )
                for name, item in self.circuits.items()
                if item.made is not None
            },
        }


def make_express_route(
    parts: Surroundings,
    plan: ExpressRoutePlan,
    subnet_id: Input[str],
    waits_for: Sequence[pulumi.Resource] = (),
) -> ExpressRoute:
    """Make the gateway, its circuits, and what is on them.

    Args:
        parts: the surroundings.
        plan: the gateway as planned.
        subnet_id: of GatewaySubnet.
        waits_for: what the gateway is made after, such as a VPN gateway in the same
            subnet; circuits do not wait for it.
    """
    circuits = {
        key: _circuit(parts, key, circuit, plan)
        for key, circuit in plan.circuits.items()
    }
    gateway = _gateway(parts, plan, subnet_id, waits_for)
    previous: list[pulumi.Resource] = [gateway]
    for key, circuit in plan.circuits.items():
        if circuit.connect:
            connection = _connection(parts, circuit, circuits[key], gateway, previous)
            circuits[key] = replace(circuits[key], connection=connection)
            previous = [connection]
    _join_circuits(parts, plan, circuits)
    return ExpressRoute(gateway=gateway, circuits=circuits)


def _gateway(
    parts: Surroundings,
    plan: ExpressRoutePlan,
    subnet_id: Input[str],
    waits_for: Sequence[pulumi.Resource],
) -> network.VirtualNetworkGateway:
    units = plan.scale_units
    return network.VirtualNetworkGateway(
        plan.azure_name,
        virtual_network_gateway_name=living_with(plan.azure_name, subnet_id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        gateway_type=network.VirtualNetworkGatewayType.EXPRESS_ROUTE,
        sku={"name": plan.size, "tier": plan.size},
        auto_scale_configuration=None
        if units is None
        else {"bounds": {"min": units.minimum, "max": units.maximum}},
        # Azure gives it a public address of its own, which is nobody's input.
        ip_configurations=[
            {
                "name": "default",
                "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
                "subnet": {"id": subnet_id},
            }
        ],
        # Both would let other networks on the same circuits in.
        allow_remote_vnet_traffic=False,
        allow_virtual_wan_traffic=False,
        tags=parts.tags,
        # The subnet holds one such gateway, so another waits until this one is gone.
        opts=ResourceOptions.merge(
            parts.options(*waits_for),
            ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=["ipConfigurations[*].subnet"],
                custom_timeouts=_GATEWAY_TIMEOUTS,
            ),
        ),
    )


def _circuit(
    parts: Surroundings, key: str, plan: CircuitPlan, whole: ExpressRoutePlan
) -> Circuit:
    """Make the circuit called ``key`` and its private peering, or take it as it is."""
    new = plan.new
    if new is None:
        return Circuit(id=plan.existing_id or "", made=None)
    made = network.ExpressRouteCircuit(
        new.azure_name,
        circuit_name=new.azure_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={
            "name": circuit_sku(new.tier, new.billing),
            "tier": new.tier.value,
            "family": new.billing.value,
        },
        service_provider_properties={
            "service_provider_name": new.provider,
            "peering_location": new.peering_location,
            "bandwidth_in_mbps": new.bandwidth_megabits,
        },
        allow_classic_operations=False,
        global_reach_enabled=key in whole.joined_circuits,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                custom_timeouts=_CIRCUIT_TIMEOUTS,
                replace_on_changes=list(REPLACED_PROPERTIES),
                # One that its provider has provisioned stays, as Azure refuses that.
                delete_before_replace=True,
                additional_secret_outputs=["service_key", "authorization_key"],
                # The provider's to change; a refresh would make it an input of ours.
                ignore_changes=["serviceProviderProvisioningState"],
            ),
        ),
    )
    peering = new.private_peering
    return Circuit(
        id=made.id,
        made=made,
        peering=None if peering is None else _peering(parts, new, peering, made),
    )


def _peering(
    parts: Surroundings,
    circuit: NewCircuitPlan,
    plan: PrivatePeeringPlan,
    made: network.ExpressRouteCircuit,
) -> network.ExpressRouteCircuitPeering:
    return network.ExpressRouteCircuitPeering(
        f"{circuit.azure_name}-peering",
        peering_name=PRIVATE_PEERING,
        circuit_name=circuit.azure_name,
        resource_group_name=parts.resource_group_name,
        peering_type=network.ExpressRoutePeeringType.AZURE_PRIVATE_PEERING,
        vlan_id=plan.vlan_id,
        peer_asn=plan.peer_as_number,
        primary_peer_address_prefix=plan.primary_prefix,
        secondary_peer_address_prefix=plan.secondary_prefix,
        shared_key=plan.shared_key,
        opts=_on_circuit(parts, made),
    )


def _connection(
    parts: Surroundings,
    plan: CircuitPlan,
    circuit: Circuit,
    gateway: network.VirtualNetworkGateway,
    previous: Sequence[pulumi.Resource],
) -> network.VirtualNetworkGatewayConnection:
    """Connect a circuit with the gateway, after the peering that it goes by."""
    return network.VirtualNetworkGatewayConnection(
        plan.connection_name,
        # A gateway cannot be deleted under its connections. A circuit is not named
        # here: what its provider has provisioned stays, and so does its connection.
        virtual_network_gateway_connection_name=living_with(
            plan.connection_name, gateway.id
        ),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        connection_type=network.VirtualNetworkGatewayConnectionType.EXPRESS_ROUTE,
        virtual_network_gateway1={"id": gateway.id},
        peer={"id": circuit.id},
        authorization_key=plan.authorization_key,
        routing_weight=plan.routing_weight,
        express_route_gateway_bypass=plan.fast_path,
        # For ExpressRoute Direct only, which is not offered here.
        enable_private_link_fast_path=False,
        tags=parts.tags,
        opts=_on_circuit(parts, *previous, *circuit.on_it),
    )


def _join_circuits(
    parts: Surroundings, plan: ExpressRoutePlan, circuits: dict[str, Circuit]
) -> None:
    """Join circuits by Global Reach, one pair after another, once both are set up."""
    previous: list[pulumi.Resource] = []
    for key, circuit in plan.circuits.items():
        if circuit.new is None:
            continue
        own = circuits[key]
        made: dict[str, network.ExpressRouteCircuitConnection] = {}
        for name, reach in circuit.new.global_reach.items():
            peer = (
                Circuit(id=reach.peer_circuit_id or "", made=None)
                if reach.peer_circuit is None
                else circuits[reach.peer_circuit]
            )
            made[name] = network.ExpressRouteCircuitConnection(
                f"{circuit.new.azure_name}-{name}-reach",
                connection_name=name,
                circuit_name=circuit.new.azure_name,
                peering_name=PRIVATE_PEERING,
                resource_group_name=parts.resource_group_name,
                express_route_circuit_peering={"id": own.peering_id},
                peer_express_route_circuit_peering={"id": peer.peering_id},
                address_prefix=reach.address_prefix,
                authorization_key=reach.authorization_key,
                opts=ResourceOptions.merge(
                    _on_circuit(parts, *own.on_it, *peer.on_it, *previous),
                    _JOINED_ONCE,
                ),
            )
            previous = [made[name]]
        circuits[key] = replace(own, global_reach=made)


def _on_circuit(parts: Surroundings, *waits_for: pulumi.Resource) -> ResourceOptions:
    """Return the options of what is made on a circuit."""
    return ResourceOptions.merge(
        parts.options(*waits_for), ResourceOptions(custom_timeouts=_CIRCUIT_TIMEOUTS)
    )

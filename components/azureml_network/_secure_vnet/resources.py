"""Writes a planned network down as Azure resources.

One function per part an architect would name. Names and locations are plain values, so
that a first preview knows them; what must wait for another resource says so with
``depends_on``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network, privatedns

from azureml_network._secure_vnet.arguments import Egress
from azureml_network._secure_vnet.plan import NetworkPlan, SubnetPlan
from azureml_rulebook.security_rules import SecurityRule

Tags = Mapping[str, Input[str]] | None


@dataclass(frozen=True, kw_only=True)
class NetworkParts:
    """What every part of one network has in common."""

    name: str
    """Name of the component; all names begin with it."""
    parent: pulumi.Resource
    resource_group_name: Input[str]
    plan: NetworkPlan
    tags: Tags

    def options(self, *waits_for: pulumi.Resource) -> ResourceOptions:
        """Return the options of a child that is made after ``waits_for``."""
        return ResourceOptions(parent=self.parent, depends_on=list(waits_for))


@dataclass(frozen=True, kw_only=True)
class NatEgress:
    """The NAT gateway and its public address."""

    gateway: network.NatGateway
    address: network.PublicIPAddress


def virtual_network(parts: NetworkParts) -> network.VirtualNetwork:
    """Make the network itself. It has no subnets key: subnets are their own resources,
    and a list here, even an empty one, would delete them."""
    return network.VirtualNetwork(
        f"{parts.name}-vnet",
        virtual_network_name=f"{parts.name}-vnet",
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        address_space={"address_prefixes": list(parts.plan.address_space)},
        tags=parts.tags,
        opts=parts.options(),
    )


def security_groups(parts: NetworkParts) -> dict[str, network.NetworkSecurityGroup]:
    """Make a security group for each subnet that has one, with all its rules inline."""
    return {
        key: network.NetworkSecurityGroup(
            f"{parts.name}-{key}-nsg",
            network_security_group_name=f"{parts.name}-{key}-nsg",
            resource_group_name=parts.resource_group_name,
            location=parts.plan.location,
            security_rules=[_rule_inputs(rule) for rule in subnet.rules],
            tags=parts.tags,
            opts=parts.options(),
        )
        for key, subnet in parts.plan.subnets.items()
        if subnet.rules
    }


def nat_egress(parts: NetworkParts) -> NatEgress | None:
    """Make the NAT gateway and its fixed public address; None without egress.

    A zone cannot be changed, so it is in the names: another zone gives a new gateway
    and address beside the old ones, which go once every subnet has left them.
    """
    if parts.plan.egress is Egress.NONE:
        return None
    zone = parts.plan.egress_zone
    zones = [zone] if zone else None
    in_zone = f"-zone-{zone}" if zone else ""
    beside = ResourceOptions.merge(
        parts.options(), ResourceOptions(delete_before_replace=False)
    )
    address = network.PublicIPAddress(
        f"{parts.name}-egress-pip",
        public_ip_address_name=f"{parts.name}-egress-pip{in_zone}",
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        sku={"name": network.PublicIPAddressSkuName.STANDARD},
        public_ip_allocation_method=network.IPAllocationMethod.STATIC,
        public_ip_address_version=network.IPVersion.I_PV4,
        zones=zones,
        tags=parts.tags,
        opts=beside,
    )
    gateway = network.NatGateway(
        f"{parts.name}-egress-ng",
        nat_gateway_name=f"{parts.name}-egress-ng{in_zone}",
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        sku={"name": network.NatGatewaySkuName.STANDARD},
        public_ip_addresses=[{"id": address.id}],
        idle_timeout_in_minutes=4,
        zones=zones,
        tags=parts.tags,
        opts=beside,
    )
    return NatEgress(gateway=gateway, address=address)


def chained_subnets(
    parts: NetworkParts,
    vnet: network.VirtualNetwork,
    groups: Mapping[str, network.NetworkSecurityGroup],
    egress: NatEgress | None,
) -> dict[str, network.Subnet]:
    """Make the subnets one after another, in order of name.

    A network takes one change at a time. The security group is in the first request
    already: Azure policies judge each request alone.
    """
    made: dict[str, network.Subnet] = {}
    previous: pulumi.Resource = vnet
    for key, subnet in parts.plan.subnets.items():
        group = groups.get(key)
        previous = made[key] = network.Subnet(
            f"{parts.name}-{key}",
            subnet_name=subnet.azure_name,
            virtual_network_name=f"{parts.name}-vnet",
            resource_group_name=parts.resource_group_name,
            address_prefix=str(subnet.prefix),
            default_outbound_access=False,
            network_security_group=None if group is None else {"id": group.id},
            nat_gateway=_nat_gateway(subnet, egress),
            delegations=_delegations(subnet),
            private_endpoint_network_policies=(
                subnet.purpose.private_endpoint_network_policies
            ),
            private_link_service_network_policies=(
                subnet.purpose.private_link_service_network_policies
            ),
            opts=parts.options(vnet, previous),
        )
    return made


def ids_once_all_are_made(
    subnets: Mapping[str, network.Subnet],
) -> dict[str, Output[str]]:
    """Return the subnets' ids, each given only when the last subnet is made.

    Azure refuses a private endpoint (ReferencedResourceNotProvisioned) while another
    subnet of the same network is being made.
    """
    return {
        key: _once_made(subnet.id, *subnets.values()) for key, subnet in subnets.items()
    }


def private_dns_zones(
    parts: NetworkParts,
    vnet: network.VirtualNetwork,
    existing: Mapping[str, Input[str]],
) -> dict[str, Output[str]]:
    """Make the zones that do not exist yet and link them to the network.

    Returns the ids of all zones by name, each known once its zone is linked, so that
    whoever waits for the id can resolve names. An existing zone gets no link: whoever
    owns it has linked it, and a network takes each zone name once.
    """
    ids = {
        zone: Output.from_input(existing[zone]) for zone in parts.plan.existing_zones
    }
    for zone in parts.plan.new_zones:
        made = privatedns.PrivateZone(
            f"{parts.name}-{zone}",
            private_zone_name=zone,
            resource_group_name=parts.resource_group_name,
            location="global",
            tags=parts.tags,
            opts=parts.options(),
        )
        link = privatedns.VirtualNetworkLink(
            f"{parts.name}-{zone}-link",
            virtual_network_link_name=f"{parts.name}-vnet",
            private_zone_name=zone,
            resource_group_name=parts.resource_group_name,
            location="global",
            registration_enabled=False,
            virtual_network={"id": vnet.id},
            tags=parts.tags,
            opts=parts.options(made),
        )
        ids[zone] = _once_made(made.id, link)
    return dict(sorted(ids.items()))


def _once_made(resource_id: Output[str], *others: pulumi.Resource) -> Output[str]:
    """Return ``resource_id``, given once ``others`` are made.

    By their URNs, which are known in every preview: an id of a thing to come would make
    this one unknown too, and each resource that uses it would seem to be replaced.
    """
    urns = [other.urn for other in others]
    return Output.all(resource_id, *urns).apply(lambda values: values[0])


def _rule_inputs(rule: SecurityRule) -> network.SecurityRuleArgs:
    return network.SecurityRuleArgs(
        name=rule.name,
        description=rule.description,
        priority=rule.priority,
        direction=rule.direction.value,
        access=rule.access.value,
        protocol=rule.protocol,
        source_port_range="*",
        source_address_prefix=_only(rule.sources),
        source_address_prefixes=_several(rule.sources),
        destination_address_prefix=_only(rule.destinations),
        destination_address_prefixes=_several(rule.destinations),
        destination_port_range=_only(rule.ports),
        destination_port_ranges=_several(rule.ports),
    )


def _only(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None


def _several(values: tuple[str, ...]) -> list[str] | None:
    return list(values) if len(values) > 1 else None


def _nat_gateway(
    subnet: SubnetPlan, egress: NatEgress | None
) -> network.SubResourceArgs | None:
    if egress is None or not subnet.purpose.egress:
        return None
    return network.SubResourceArgs(id=egress.gateway.id)


def _delegations(subnet: SubnetPlan) -> list[network.DelegationArgs] | None:
    service = subnet.purpose.delegation
    if service is None:
        return None
    return [network.DelegationArgs(name=service, service_name=service)]

"""Writes the network, its groups and its subnets down as Azure resources.

One function per part an architect would name. Names and locations are plain values, so
that a first preview knows them; what must wait for another resource says so with
``depends_on``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._secure_vnet.egress_resources import WaysOut
from azureml_network._secure_vnet.joining import virtual_network_inputs
from azureml_network._secure_vnet.plan import NetworkPlan, SubnetPlan
from azureml_network._surroundings import Surroundings, given_after
from azureml_rulebook.security_rules import SecurityRule
from azureml_rulebook.service_endpoints import has_storage


@dataclass(frozen=True, kw_only=True)
class Network:
    """The network that subnets are made in, new or found."""

    vnet_id: Input[str]
    name: str
    resource_group_name: Input[str]
    made: tuple[network.VirtualNetwork, ...]
    """The resource, if it is made here."""


@dataclass(frozen=True, kw_only=True)
class SubnetAttachments:
    """What subnets name in their first request."""

    groups: Mapping[str, network.NetworkSecurityGroup]
    """Security groups by subnet name."""
    ways_out: WaysOut
    storage_policy: network.ServiceEndpointPolicy | None


def virtual_network(parts: Surroundings, plan: NetworkPlan) -> Network:
    """Make the network, or take the one that exists.

    It has no subnets key: subnets are their own resources, and a list here, even an
    empty one, would delete them.
    """
    existing = plan.joining.existing_network
    if existing is not None:
        return Network(
            vnet_id=str(existing),
            name=existing.name,
            resource_group_name=existing.resource_group_name,
            made=(),
        )
    name = f"{parts.name}-vnet"
    made = network.VirtualNetwork(
        name,
        virtual_network_name=name,
        resource_group_name=parts.resource_group_name,
        location=plan.place.region,
        address_space={"address_prefixes": list(plan.address_space)},
        **virtual_network_inputs(plan.joining),
        tags=parts.tags,
        opts=parts.options(),
    )
    return Network(
        vnet_id=made.id,
        name=name,
        resource_group_name=parts.resource_group_name,
        made=(made,),
    )


def application_security_groups(
    parts: Surroundings, plan: NetworkPlan
) -> dict[str, network.ApplicationSecurityGroup]:
    """Make the groups that network interfaces join and rules name, by name."""
    return {
        name: network.ApplicationSecurityGroup(
            f"{parts.name}-{name}-asg",
            application_security_group_name=f"{parts.name}-{name}-asg",
            resource_group_name=parts.resource_group_name,
            location=plan.place.region,
            tags=parts.tags,
            opts=parts.options(),
        )
        for name in plan.application_security_groups
    }


def security_groups(
    parts: Surroundings,
    plan: NetworkPlan,
    application_groups: Mapping[str, network.ApplicationSecurityGroup],
) -> dict[str, network.NetworkSecurityGroup]:
    """Make a security group for each subnet that has one, with all its rules inline."""
    return {
        key: network.NetworkSecurityGroup(
            f"{parts.name}-{key}-nsg",
            network_security_group_name=f"{parts.name}-{key}-nsg",
            resource_group_name=parts.resource_group_name,
            location=plan.place.region,
            security_rules=[
                _rule_inputs(rule, application_groups) for rule in subnet.rules
            ],
            tags=parts.tags,
            opts=parts.options(),
        )
        for key, subnet in plan.subnets.items()
        if subnet.rules
    }


def chained_subnets(
    parts: Surroundings,
    plan: NetworkPlan,
    vnet: Network,
    attachments: SubnetAttachments,
) -> dict[str, network.Subnet]:
    """Make the subnets one after another, in order of name.

    A network takes one change at a time. The security group and the route table are in
    the first request already: Azure policies judge each request alone. A subnet that
    must be replaced is deleted first, since two of one range cannot be; what lives in
    it is replaced with it.
    """
    made: dict[str, network.Subnet] = {}
    previous: Sequence[pulumi.Resource] = vnet.made
    for key, subnet in plan.subnets.items():
        if subnet.existing_id is not None:
            continue
        group = attachments.groups.get(key)
        made[key] = network.Subnet(
            f"{parts.name}-{key}",
            subnet_name=subnet.azure_name,
            virtual_network_name=vnet.name,
            resource_group_name=vnet.resource_group_name,
            address_prefix=str(subnet.prefix),
            default_outbound_access=False,
            network_security_group=None if group is None else {"id": group.id},
            nat_gateway=_reference(attachments.ways_out.nat_gateway_id(key)),
            route_table=_route_table(attachments.ways_out.route_table_id(key)),
            service_endpoints=_service_endpoints(subnet),
            service_endpoint_policies=_policies(subnet, attachments.storage_policy),
            delegations=_delegations(subnet),
            private_endpoint_network_policies=(
                subnet.purpose.private_endpoint_network_policies
            ),
            private_link_service_network_policies=(
                subnet.purpose.private_link_service_network_policies
            ),
            opts=ResourceOptions.merge(
                parts.options(*vnet.made, *previous),
                ResourceOptions(
                    # Azure refuses another range for a subnet in use.
                    replace_on_changes=["addressPrefix"],
                    delete_before_replace=True,
                ),
            ),
        )
        previous = (made[key],)
    return made


def subnet_ids(
    plan: NetworkPlan,
    made: Mapping[str, network.Subnet],
    way_out: Sequence[pulumi.Resource],
) -> dict[str, Output[str]]:
    """Return the subnets' ids, each given only when the last subnet is made.

    Azure refuses a private endpoint (ReferencedResourceNotProvisioned) while another
    subnet of the same network is being made. Ids of subnets whose machines need a way
    out also wait for ``way_out``.
    """
    ids: dict[str, Output[str]] = {}
    for key, subnet in plan.subnets.items():
        own = made[key].id if subnet.existing_id is None else subnet.existing_id
        waits_for = [*made.values(), *(way_out if subnet.purpose.egress else ())]
        ids[key] = given_after(Output.from_input(own), *waits_for)
    return ids


def _rule_inputs(
    rule: SecurityRule,
    application_groups: Mapping[str, network.ApplicationSecurityGroup],
) -> network.SecurityRuleArgs:
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
        source_application_security_groups=_members(
            rule.source_groups, application_groups
        ),
        destination_address_prefix=_only(rule.destinations),
        destination_address_prefixes=_several(rule.destinations),
        destination_application_security_groups=_members(
            rule.destination_groups, application_groups
        ),
        destination_port_range=_only(rule.ports),
        destination_port_ranges=_several(rule.ports),
    )


def _only(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None


def _several(values: tuple[str, ...]) -> list[str] | None:
    return list(values) if len(values) > 1 else None


def _members(
    names: tuple[str, ...],
    application_groups: Mapping[str, network.ApplicationSecurityGroup],
) -> list[network.ApplicationSecurityGroupArgs] | None:
    """Return the application security groups of one side of a rule."""
    return [
        network.ApplicationSecurityGroupArgs(id=application_groups[name].id)
        for name in names
    ] or None


def _reference(resource_id: Input[str] | None) -> network.SubResourceArgs | None:
    return None if resource_id is None else network.SubResourceArgs(id=resource_id)


def _route_table(resource_id: Input[str] | None) -> network.RouteTableArgs | None:
    return None if resource_id is None else network.RouteTableArgs(id=resource_id)


def _service_endpoints(
    subnet: SubnetPlan,
) -> list[network.ServiceEndpointPropertiesFormatArgs] | None:
    return [
        network.ServiceEndpointPropertiesFormatArgs(service=service)
        for service in subnet.service_endpoints
    ] or None


def _policies(
    subnet: SubnetPlan, policy: network.ServiceEndpointPolicy | None
) -> list[network.ServiceEndpointPolicyArgs] | None:
    """Return the policy of a subnet that reaches storage by a service endpoint."""
    if policy is None or not has_storage(subnet.service_endpoints):
        return None
    return [network.ServiceEndpointPolicyArgs(id=policy.id)]


def _delegations(subnet: SubnetPlan) -> list[network.DelegationArgs] | None:
    service = subnet.purpose.delegation
    if service is None:
        return None
    return [network.DelegationArgs(name=service, service_name=service)]

"""Private endpoints and their DNS records: the only way in to each service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import (
    EndpointPlan,
    WorkspacePlan,
    checked_zone_ids,
)
from azureml_network._secure_vnet.arguments import ZoneOwner

ZoneIds = Input[Mapping[str, Input[str]]]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One private endpoint with its zone group."""

    endpoint: network.PrivateEndpoint
    zone_group: network.PrivateDnsZoneGroup | None
    """None where a policy makes the DNS records."""

    @property
    def ready(self) -> pulumi.Resource:
        """What is made once the endpoint can be used, as far as this stack can tell."""
        return self.endpoint if self.zone_group is None else self.zone_group


def zone_ids_of(plan: WorkspacePlan, args: PrivateWorkspaceArgs) -> ZoneIds | None:
    """Return the zones that records are made in; None where a policy makes them."""
    if plan.zone_owner is ZoneOwner.POLICY:
        return None
    return args.get("private_dns_zone_ids", {})


def private_endpoints(
    parts: WorkspaceParts,
    target: str,
    target_id: Input[str],
    subnet_id: Input[str],
    zone_ids: ZoneIds | None,
    waits_for: Iterable[pulumi.Resource] = (),
) -> dict[str, Endpoint]:
    """Make the endpoints of one resource, by group id, one after another.

    A storage account refuses a second connection while it is busy with the first.
    """
    made: dict[str, Endpoint] = {}
    before = list(waits_for)
    for plan in parts.plan.endpoints:
        if plan.target == target:
            endpoint = _endpoint(parts, plan, target_id, subnet_id, before)
            zone_group = (
                _zone_group(parts, plan, endpoint, zone_ids)
                if zone_ids is not None
                else None
            )
            made[plan.group_id] = Endpoint(endpoint=endpoint, zone_group=zone_group)
            before = [*before, endpoint]
    return made


def _endpoint(
    parts: WorkspaceParts,
    plan: EndpointPlan,
    target_id: Input[str],
    subnet_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> network.PrivateEndpoint:
    naming = parts.plan.naming
    return network.PrivateEndpoint(
        f"{parts.name}-{plan.group_id}-endpoint",
        private_endpoint_name=naming.name("private_endpoint", plan.group_id),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        subnet={"id": subnet_id},
        custom_network_interface_name=naming.name("network_interface", plan.group_id),
        private_link_service_connections=[
            {
                "name": plan.group_id,
                "private_link_service_id": target_id,
                "group_ids": [plan.group_id],
            }
        ],
        tags=parts.tags,
        opts=parts.options(waits_for),
    )


def _zone_group(
    parts: WorkspaceParts,
    plan: EndpointPlan,
    endpoint: network.PrivateEndpoint,
    zone_ids: ZoneIds,
) -> network.PrivateDnsZoneGroup:
    """Make the endpoint's one zone group, with all zones that its names live in."""
    return network.PrivateDnsZoneGroup(
        f"{parts.name}-{plan.group_id}-zones",
        private_dns_zone_group_name="default",
        private_endpoint_name=parts.plan.naming.name("private_endpoint", plan.group_id),
        resource_group_name=parts.resource_group_name,
        private_dns_zone_configs=[
            {
                "name": zone.replace(".", "-"),
                "private_dns_zone_id": _zone_id(parts, zone_ids, zone),
            }
            for zone in plan.zones
        ],
        # Azure deletes the group with its endpoint.
        opts=ResourceOptions.merge(
            parts.options([endpoint]), ResourceOptions(replace_with=[endpoint])
        ),
    )


def _zone_id(parts: WorkspaceParts, zone_ids: ZoneIds, zone: str) -> Input[str]:
    """Return one zone's id; taken out of the mapping before anything else happens to
    it, so that an endpoint depends on its own zones only."""
    if isinstance(zone_ids, Mapping):
        return zone_ids[zone]
    return Output.from_input(zone_ids).apply(
        lambda ids: checked_zone_ids(parts.plan, ids)[zone]
    )

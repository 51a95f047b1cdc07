"""Makes private endpoints and their DNS records from the plans of them.

In the workspace's own network and in those of further clients; the endpoints of one
resource come one after another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._private_workspace.client_networks import ClientNetworkPlan
from azureml_network._private_workspace.endpoints import (
    EndpointPlan,
    EndpointsPlan,
    checked_zone_ids,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._secure_vnet.arguments import ZoneOwner


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


class _ChosenInputs(TypedDict, total=False):
    """What an endpoint gets only where it was asked for."""

    ip_configurations: Sequence[network.PrivateEndpointIPConfigurationArgsDict]
    application_security_groups: Sequence[network.ApplicationSecurityGroupArgsDict]


@dataclass(frozen=True, kw_only=True)
class _Site:
    """Where endpoints are made, and where their DNS records."""

    prefix: str
    """What their names have before the group id, with a hyphen; '' at home."""
    location: str
    subnet_id: Input[str]
    security_group_ids: tuple[Input[str], ...]
    zone_ids: Mapping[str, Input[str]] | None
    """None where a policy makes the records."""


def private_endpoints(
    parts: WorkspaceParts,
    plan: EndpointsPlan,
    target: str,
    target_id: Input[str],
    waits_for: Iterable[pulumi.Resource] = (),
) -> dict[str, Endpoint]:
    """Make the endpoints of one resource, by group id, one after another.

    A storage account refuses a second connection while it is busy with the first.
    """
    site = _Site(
        prefix="",
        location=parts.place.region,
        subnet_id=plan.subnet_id,
        security_group_ids=plan.security_group_ids,
        zone_ids=_home_zone_ids(plan),
    )
    made: dict[str, Endpoint] = {}
    before = list(waits_for)
    for item in plan.endpoints:
        if item.target == target:
            made[item.group_id] = _endpoint(parts, site, item, target_id, before)
            before = [*before, made[item.group_id].endpoint]
    return made


def client_endpoints(
    parts: WorkspaceParts,
    clients: Mapping[str, ClientNetworkPlan],
    target_ids: Mapping[str, Input[str]],
    waits_for: Mapping[str, Sequence[pulumi.Resource]],
) -> dict[str, dict[str, Endpoint]]:
    """Make the endpoints of the client networks, by network and group id.

    ``target_ids``: resource ids by the words of ``EndpointPlan.target``. ``waits_for``:
    by the same words, what comes before them, such as the endpoints of the workspace's
    own network. Those of one resource come one after another, as there.
    """
    before = dict(waits_for)
    networks: dict[str, dict[str, Endpoint]] = {}
    for key, client in clients.items():
        site = _Site(
            prefix=f"{key}-",
            location=client.location,
            subnet_id=client.subnet_id,
            security_group_ids=(),
            zone_ids=client.zone_ids,
        )
        networks[key] = {}
        for item in client.endpoints:
            target = item.target
            made = _endpoint(
                parts, site, item, target_ids[target], before.get(target, ())
            )
            networks[key][item.group_id] = made
            before[target] = [made.endpoint]
    return networks


def _endpoint(
    parts: WorkspaceParts,
    site: _Site,
    plan: EndpointPlan,
    target_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> Endpoint:
    """Make one endpoint, and its one zone group unless a policy makes that."""
    word = f"{site.prefix}{plan.group_id}"
    azure_name = parts.naming.name("private_endpoint", word)
    endpoint = network.PrivateEndpoint(
        f"{parts.name}-{word}-endpoint",
        private_endpoint_name=azure_name,
        resource_group_name=parts.resource_group_name,
        location=site.location,
        subnet={"id": site.subnet_id},
        custom_network_interface_name=parts.naming.name("network_interface", word),
        private_link_service_connections=[
            {
                "name": plan.group_id,
                "private_link_service_id": target_id,
                "group_ids": [plan.group_id],
            }
        ],
        **_chosen(site, plan),
        tags=parts.tags,
        opts=parts.options(waits_for),
    )
    if site.zone_ids is None:
        return Endpoint(endpoint=endpoint, zone_group=None)
    zone_group = network.PrivateDnsZoneGroup(
        f"{parts.name}-{word}-zones",
        private_dns_zone_group_name="default",
        private_endpoint_name=azure_name,
        resource_group_name=parts.resource_group_name,
        private_dns_zone_configs=[
            {
                "name": zone.replace(".", "-"),
                "private_dns_zone_id": site.zone_ids[zone],
            }
            for zone in plan.zones
        ],
        # Azure deletes the group with its endpoint.
        opts=ResourceOptions.merge(
            parts.options([endpoint]), ResourceOptions(replace_with=[endpoint])
        ),
    )
    return Endpoint(endpoint=endpoint, zone_group=zone_group)


def _chosen(site: _Site, plan: EndpointPlan) -> _ChosenInputs:
    """Return what an endpoint gets only where it was asked for."""
    chosen = _ChosenInputs()
    if plan.addresses:
        chosen["ip_configurations"] = [
            {
                "name": member,
                "group_id": plan.group_id,
                "member_name": member,
                "private_ip_address": str(address),
            }
            for member, address in plan.addresses.items()
        ]
    if site.security_group_ids:
        chosen["application_security_groups"] = [
            {"id": group_id} for group_id in site.security_group_ids
        ]
    return chosen


def _home_zone_ids(plan: EndpointsPlan) -> Mapping[str, Input[str]] | None:
    """Return the id of each zone of the workspace's own network; None by policy.

    Each is taken out of the mapping before anything else happens to it, so that an
    endpoint depends on its own zones only.
    """
    if plan.owner is ZoneOwner.POLICY:
        return None
    given = plan.zone_ids
    if isinstance(given, Mapping):
        return given
    checked = Output.from_input(given).apply(
        lambda ids: checked_zone_ids(plan.endpoints, ids)
    )
    zones = dict.fromkeys(zone for item in plan.endpoints for zone in item.zones)
    return {zone: checked.apply(lambda ids, zone=zone: ids[zone]) for zone in zones}

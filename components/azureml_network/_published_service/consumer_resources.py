"""Makes a consumer's private endpoint, and the name by which it is found.

An endpoint to a service of one's own has no group ids, so Azure registers no names for
it: its record is written here, with the address that was asked for or the one that the
endpoint's network interface got.
"""

from dataclasses import dataclass, replace
from typing import TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network, privatedns

from azureml_network._published_service.consumers import (
    ConsumerDnsPlan,
    ConsumerPlan,
    endpoint_name,
    interface_name,
)
from azureml_network._subscriptions import subscription_provider
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.resource_ids import ResourceId, any_resource_id

_CONNECTION = "service"
_SECONDS = 300
"""How long a name is remembered before it is asked for again."""


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """A private endpoint to a service, and its name."""

    endpoint: network.PrivateEndpoint
    address: Output[str]
    made: tuple[pulumi.Resource, ...]
    """The endpoint, and what its name is made of."""


class _Connections(TypedDict, total=False):
    """The two lists of connections, of which an endpoint has one."""

    private_link_service_connections: list[network.PrivateLinkServiceConnectionArgsDict]
    manual_private_link_service_connections: list[
        network.PrivateLinkServiceConnectionArgsDict
    ]


def consumer(parts: Surroundings, plan: ConsumerPlan, service: Input[str]) -> Consumer:
    """Make a consumer of ``service``, the id of a Private Link service or its alias.

    ``parts``: those of the component, with the consumer's own name.
    """
    here = replace(
        parts,
        place=plan.place,
        resource_group_name=plan.resource_group_name or parts.resource_group_name,
    )
    name = endpoint_name(parts.name)
    endpoint = network.PrivateEndpoint(
        name,
        # A service goes only when no endpoint is connected to it.
        private_endpoint_name=living_with(name, service),
        resource_group_name=here.resource_group_name,
        location=plan.place.region,
        subnet={"id": plan.subnet_id},
        custom_network_interface_name=interface_name(parts.name),
        # Without group and member: a service of one's own has none
        # (https://github.com/MicrosoftDocs/azure-docs/issues/112585).
        ip_configurations=None
        if plan.address is None
        else [{"name": _CONNECTION, "private_ip_address": str(plan.address)}],
        **_connections(plan, service),
        tags=parts.tags,
        opts=parts.options(),
    )
    address = (
        _given_address(parts, endpoint)
        if plan.address is None
        else Output.from_input(str(plan.address))
    )
    named = () if plan.dns is None else _name(here, plan.dns, address)
    return Consumer(endpoint=endpoint, address=address, made=(endpoint, *named))


def _connections(plan: ConsumerPlan, service: Input[str]) -> _Connections:
    connection: network.PrivateLinkServiceConnectionArgsDict = {
        "name": _CONNECTION,
        "private_link_service_id": service,
    }
    if not plan.manual:
        return {"private_link_service_connections": [connection]}
    if plan.request_message is not None:
        connection["request_message"] = plan.request_message
    return {"manual_private_link_service_connections": [connection]}


def _given_address(
    parts: Surroundings, endpoint: network.PrivateEndpoint
) -> Output[str]:
    """Return the address that Azure chose, from the endpoint's network interface.

    Its own answer has addresses only where a service names itself.
    """
    interface = endpoint.network_interfaces.apply(
        lambda interfaces: _resource_id(interfaces[0].id or "")
    )
    found = network.get_network_interface_output(
        network_interface_name=interface.apply(lambda item: item.name),
        resource_group_name=interface.apply(lambda item: item.resource_group_name),
        opts=pulumi.InvokeOutputOptions(parent=parts.parent),
    )
    return found.apply(
        lambda item: (item.ip_configurations or [])[0].private_ip_address or ""
    )


def _name(
    parts: Surroundings, plan: ConsumerDnsPlan, address: Output[str]
) -> tuple[pulumi.Resource, ...]:
    """Make the record, and its zone with a link where that does not exist yet."""
    if plan.existing_zone_id is None:
        zone, link = _zone(parts, plan)
        record = _record(
            parts, plan, address, parts.resource_group_name, parts.options(zone)
        )
        return zone, link, record
    zone_id = plan.existing_zone_id
    group: Input[str] = (
        _resource_id(zone_id).resource_group_name
        if isinstance(zone_id, str)
        else Output.from_input(zone_id).apply(
            lambda text: _resource_id(text).resource_group_name
        )
    )
    provider = (
        None
        if plan.zone_subscription_id is None
        else subscription_provider(
            f"{parts.name}-zone-subscription",
            plan.zone_subscription_id,
            parts.place,
            parts.options(),
        )
    )
    return (_record(parts, plan, address, group, parts.options(provider=provider)),)


def _zone(
    parts: Surroundings, plan: ConsumerDnsPlan
) -> tuple[privatedns.PrivateZone, privatedns.VirtualNetworkLink]:
    """Make the zone, and let the consumer's network resolve names in it."""
    zone = privatedns.PrivateZone(
        f"{parts.name}-{plan.zone_name}",
        private_zone_name=plan.zone_name,
        resource_group_name=parts.resource_group_name,
        location="global",
        tags=parts.tags,
        opts=parts.options(),
    )
    link = privatedns.VirtualNetworkLink(
        f"{parts.name}-{plan.zone_name}-link",
        virtual_network_link_name=f"{parts.name}-vnet",
        private_zone_name=plan.zone_name,
        resource_group_name=parts.resource_group_name,
        location="global",
        registration_enabled=False,
        virtual_network={"id": plan.network_id or ""},
        tags=parts.tags,
        opts=parts.options(zone),
    )
    return zone, link


def _record(
    parts: Surroundings,
    plan: ConsumerDnsPlan,
    address: Output[str],
    resource_group_name: Input[str],
    options: ResourceOptions,
) -> privatedns.PrivateRecordSet:
    return privatedns.PrivateRecordSet(
        f"{parts.name}-{plan.host_name}",
        relative_record_set_name=plan.record,
        private_zone_name=plan.zone_name,
        resource_group_name=resource_group_name,
        record_type="A",
        ttl=_SECONDS,
        a_records=[{"ipv4_address": address}],
        opts=options,
    )


def _resource_id(text: str) -> ResourceId:
    """Read an id that Azure gave, perhaps only now; ValueError if it is none."""
    found = any_resource_id(text)
    if found is None:
        raise ValueError(f"'{text}' is not a resource id")
    return found

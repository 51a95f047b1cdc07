"""The private DNS of a network: which zones are made, where, and who resolves in them.

A zone has one owner. What a central team has, by id or by its Azure Policy, is neither
made nor linked here: a network takes each zone name once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi_azure_native as azure_native
from pulumi import Input, Output, ProviderResource
from pulumi_azure_native import privatedns

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import PrivateDnsSpec, ZoneOwner
from azureml_network._secure_vnet.joining import JoiningPlan
from azureml_network._secure_vnet.parts import Surroundings, once_made
from azureml_rulebook.clouds import cloud
from azureml_rulebook.dns_zones import (
    fallback_zones,
    zone_id_findings,
    zone_names,
    zone_row,
    zones_for,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.private_endpoints import workspace_groups
from azureml_rulebook.resource_ids import (
    NETWORK,
    ResourceId,
    resource_id_findings,
    subscription_id_findings,
)
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnets import GATEWAY

_EXISTING = "existing_network_id"
_ZONE_IDS = "private_dns_zone_ids"
_PLACE_KEYS = ("resource_group_name", "subscription_id", "linked_network_ids")


@dataclass(frozen=True, kw_only=True)
class PrivateDnsPlan:
    """The private DNS of a network as it will be."""

    groups: tuple[str, ...]
    """Group ids of the private endpoints to come, each once."""
    owner: ZoneOwner
    new_zones: tuple[str, ...]
    """Zones to make and to link; none if a policy does."""
    existing_zones: Mapping[str, Input[str]]
    """Zones that are used as they are: names to resource ids."""
    resource_group_name: Input[str] | None
    """Where new zones live; None: with the network."""
    subscription_id: str | None
    """Where that is another subscription than the network's."""
    linked_networks: Mapping[str, Input[str]]
    """Ids of the further networks that resolve names in new zones."""
    fallback_zones: frozenset[str]
    """Zones in which names that do not exist fall back to public DNS, in networks with
    gateways."""
    own_gateway: bool
    """Whether this network is one of those."""
    networks_with_gateways: frozenset[str]
    """Which of ``linked_networks`` are."""


@dataclass(frozen=True, kw_only=True)
class PrivateDns:
    """The zones of a network and their links."""

    zone_ids: dict[str, Output[str]]
    """Ids of all zones by name, each known once its zone is linked, so that whoever
    waits for the id can resolve names."""
    links: tuple[privatedns.VirtualNetworkLink, ...]
    """Those that were made here."""


def read_private_dns(
    reader: InputReader,
    name: str,
    place: Place,
    purposes: Collection[str],
    joining: JoiningPlan,
) -> PrivateDnsPlan:
    """Read which zones the network of the component called ``name`` needs.

    ``purposes``: those of the network's subnets. ``joining``: how it joins others.
    """
    groups = _groups(reader, place.cloud_name)
    needed = zones_for(groups, place.cloud_name)
    spec = reader.nested("private_dns", PrivateDnsSpec)
    owner = spec.choice("zones_by", ZoneOwner.STACK)
    existing = _existing_zones(reader, needed, owner)
    makes_zones = owner is ZoneOwner.STACK and not set(existing).issuperset(needed)
    if not makes_zones:
        _note_idle_inputs(spec, owner)
    linked = _linked_networks(spec, name, joining.existing_network)
    return PrivateDnsPlan(
        groups=groups,
        owner=owner,
        new_zones=tuple(
            zone for zone in needed if makes_zones and zone not in existing
        ),
        existing_zones={zone: existing[zone] for zone in needed if zone in existing},
        resource_group_name=spec.optional_input("resource_group_name"),
        subscription_id=_subscription(spec),
        linked_networks=linked,
        fallback_zones=frozenset(fallback_zones(place.cloud_name)),
        own_gateway=GATEWAY in purposes,
        networks_with_gateways=_with_gateways(linked, joining.gateway_networks),
    )


def private_dns_zones(
    parts: Surroundings, plan: PrivateDnsPlan, vnet_id: Input[str]
) -> PrivateDns:
    """Make the zones that do not exist yet and link them to the networks.

    An existing zone gets no link: whoever owns it has linked it, and a network takes
    each zone name once.
    """
    ids = {zone: Output.from_input(id) for zone, id in plan.existing_zones.items()}
    links: list[privatedns.VirtualNetworkLink] = []
    provider = _provider(parts, plan) if plan.new_zones else None
    for zone in plan.new_zones:
        made = privatedns.PrivateZone(
            f"{parts.name}-{zone}",
            private_zone_name=zone,
            resource_group_name=_resource_group(parts, plan),
            location="global",
            tags=parts.tags,
            opts=parts.options(provider=provider),
        )
        of_zone = [
            _link(parts, plan, made, zone, key, network_id, provider)
            for key, network_id in {None: vnet_id, **plan.linked_networks}.items()
        ]
        ids[zone] = once_made(made.id, *of_zone)
        links += of_zone
    return PrivateDns(zone_ids=dict(sorted(ids.items())), links=tuple(links))


def _link(
    parts: Surroundings,
    plan: PrivateDnsPlan,
    made: privatedns.PrivateZone,
    zone: str,
    key: str | None,
    network_id: Input[str],
    provider: ProviderResource | None,
) -> privatedns.VirtualNetworkLink:
    """Let a network resolve names in a zone; ``key``: None for the stack's own one."""
    if key is None:
        between, has_gateway = "", plan.own_gateway
    else:
        between, has_gateway = f"-{key}", key in plan.networks_with_gateways
    falls_back = has_gateway and zone in plan.fallback_zones
    return privatedns.VirtualNetworkLink(
        f"{parts.name}-{zone}{between}-link",
        virtual_network_link_name=f"{parts.name}{between}-vnet",
        private_zone_name=zone,
        resource_group_name=_resource_group(parts, plan),
        location="global",
        registration_enabled=False,
        resolution_policy=privatedns.ResolutionPolicy.NX_DOMAIN_REDIRECT
        if falls_back
        else None,
        virtual_network={"id": network_id},
        tags=parts.tags,
        opts=parts.options(made, provider=provider),
    )


def _resource_group(parts: Surroundings, plan: PrivateDnsPlan) -> Input[str]:
    return plan.resource_group_name or parts.resource_group_name


def _provider(parts: Surroundings, plan: PrivateDnsPlan) -> ProviderResource | None:
    """Return the provider for zones in another subscription; None if there are none."""
    if plan.subscription_id is None:
        return None
    return azure_native.Provider(
        f"{parts.name}-private-dns",
        subscription_id=plan.subscription_id,
        environment=cloud(parts.place.cloud_name).provider_environment,
        opts=parts.options(),
    )


def _groups(reader: InputReader, cloud_name: str) -> tuple[str, ...]:
    """Return the group ids, by default those that have zones in this cloud."""
    default = [
        group for group in workspace_groups() if cloud_name in zone_row(group).zones
    ]
    known: list[str] = []
    for index, group in enumerate(reader.texts("private_endpoint_groups", default)):
        try:
            zone_names(str(group), cloud_name)
        except ValueError as error:
            reader.note(f"private_endpoint_groups[{index}]", str(error))
        else:
            known.append(zone_row(str(group)).group_id)
    return tuple(dict.fromkeys(known))


def _existing_zones(
    reader: InputReader, needed: Sequence[str], owner: ZoneOwner
) -> Mapping[str, Input[str]]:
    """Return the zones that exist already, each one of those that are needed."""
    existing = reader.inputs(_ZONE_IDS)
    if existing and owner is ZoneOwner.POLICY:
        reader.note(
            _ZONE_IDS,
            "cannot be used where private_dns.zones_by is 'policy', which takes its "
            "own zones; leave one of the two out",
        )
        return {}
    for zone, zone_id in existing.items():
        path = f"{_ZONE_IDS}.{zone}"
        if zone not in needed:
            reader.note(
                path,
                "no private endpoint group needs this zone; "
                f"{suggestion(zone, needed)}",
            )
        elif not is_known_later(zone_id):
            reader.findings += zone_id_findings(zone, zone_id, path=path)
    return existing


def _note_idle_inputs(spec: InputReader, owner: ZoneOwner) -> None:
    """Note the inputs about new zones where there will be none."""
    reason = (
        "a policy makes the zones"
        if owner is ZoneOwner.POLICY
        else f"{_ZONE_IDS} has every zone that is needed"
    )
    for key in _PLACE_KEYS:
        if spec.has(key):
            spec.note(key, f"is for new zones, and {reason}; leave it out")


def _subscription(spec: InputReader) -> str | None:
    subscription_id = spec.optional_text("subscription_id")
    if subscription_id is None:
        return None
    path = f"{spec.path}.subscription_id"
    spec.findings += subscription_id_findings(subscription_id, path=path)
    if not spec.has("resource_group_name"):
        spec.note(
            "resource_group_name",
            "is required with subscription_id; name a resource group that exists in "
            "that subscription",
        )
    return subscription_id


def _linked_networks(
    spec: InputReader, component: str, own_network: ResourceId | None
) -> dict[str, Input[str]]:
    """Return the further networks in order of name.

    ``own_network``: the network itself, if it exists already.
    """
    key = f"{spec.path}.linked_network_ids"
    linked = dict(sorted(spec.inputs("linked_network_ids").items()))
    first = {} if own_network is None else {str(own_network).lower(): _EXISTING}
    for name, network_id in linked.items():
        path = f"{key}.{name}"
        spec.findings += name_findings(
            "private_dns_zone_link", f"{component}-{name}-vnet", path=path
        )
        if is_known_later(network_id):
            continue
        spec.findings += resource_id_findings(network_id, NETWORK, path=path)
        other = first.setdefault(str(network_id).lower(), path)
        if other != path:
            spec.findings.append(
                Finding(
                    path,
                    f"'{network_id}' is {other} too; a network is linked to a zone "
                    "once, leave this out",
                )
            )
    spec.findings += same_name_findings(
        "private_dns_zone_link",
        [(f"{key}.{name}", f"{component}-{name}-vnet") for name in linked],
    )
    return linked


def _with_gateways(
    linked: Mapping[str, Input[str]], gateway_networks: Collection[Input[str]]
) -> frozenset[str]:
    """Return the linked networks whose plain ids are among ``gateway_networks``."""
    known = {item.lower() for item in gateway_networks if isinstance(item, str)}
    return frozenset(
        name
        for name, network_id in linked.items()
        if isinstance(network_id, str) and network_id.lower() in known
    )

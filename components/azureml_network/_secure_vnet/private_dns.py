"""The private DNS of a network: which zones are made, where, and who resolves in them.

A zone has one owner. What a central team has, by id or by its Azure Policy, is not made
here, and linked only where that is asked for: a network takes each zone name once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pulumi import Input, Output, ProviderResource, ResourceOptions
from pulumi_azure_native import privatedns

from azureml_network._inputs import InputError, InputReader, is_known_later
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import PrivateDnsSpec, ZoneOwner
from azureml_network._secure_vnet.joining import JoiningPlan
from azureml_network._subscriptions import subscription_provider
from azureml_network._surroundings import Surroundings, once_made
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
    PRIVATE_DNS_ZONE,
    ResourceId,
    read_resource_id,
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
    links_existing: bool
    """Whether this network is linked to those too."""
    network_subscription_id: str | None
    """The network's subscription, where it exists already; None: the stack's."""
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
        _note_idle_inputs(spec, owner, needed)
    own_network = joining.existing_network
    linked = _linked_networks(spec, name, own_network)
    return PrivateDnsPlan(
        groups=groups,
        owner=owner,
        new_zones=tuple(
            zone for zone in needed if makes_zones and zone not in existing
        ),
        existing_zones={zone: existing[zone] for zone in needed if zone in existing},
        links_existing=_links_existing(spec, existing),
        network_subscription_id=None
        if own_network is None
        else own_network.subscription_id,
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

    An existing zone gets a link only where that is asked for: else whoever owns it has
    linked it, and a network takes each zone name once.
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
            _link(
                parts,
                plan,
                _Link(
                    zone=zone,
                    resource_group_name=_resource_group(parts, plan),
                    key=key,
                    network_id=network_id,
                ),
                parts.options(made, provider=provider),
            )
            for key, network_id in {None: vnet_id, **plan.linked_networks}.items()
        ]
        ids[zone] = once_made(made.id, *of_zone)
        links += of_zone
    if plan.links_existing:
        for zone, link in _links_of_existing(parts, plan, ids, vnet_id).items():
            ids[zone] = once_made(ids[zone], link)
            links.append(link)
    return PrivateDns(zone_ids=dict(sorted(ids.items())), links=tuple(links))


@dataclass(frozen=True, kw_only=True)
class _Link:
    """A link of a zone to a network."""

    zone: str
    resource_group_name: Input[str]
    """That of the zone."""
    key: str | None
    """The caller's name of the network; None for the stack's own one."""
    network_id: Input[str]


def _link(
    parts: Surroundings, plan: PrivateDnsPlan, link: _Link, options: ResourceOptions
) -> privatedns.VirtualNetworkLink:
    """Let a network resolve names in a zone."""
    if link.key is None:
        between, has_gateway = "", plan.own_gateway
    else:
        between, has_gateway = f"-{link.key}", link.key in plan.networks_with_gateways
    falls_back = has_gateway and link.zone in plan.fallback_zones
    return privatedns.VirtualNetworkLink(
        f"{parts.name}-{link.zone}{between}-link",
        virtual_network_link_name=f"{parts.name}{between}-vnet",
        private_zone_name=link.zone,
        resource_group_name=link.resource_group_name,
        location="global",
        registration_enabled=False,
        resolution_policy=privatedns.ResolutionPolicy.NX_DOMAIN_REDIRECT
        if falls_back
        else None,
        virtual_network={"id": link.network_id},
        tags=parts.tags,
        opts=options,
    )


def _links_of_existing(
    parts: Surroundings,
    plan: PrivateDnsPlan,
    ids: Mapping[str, Output[str]],
    vnet_id: Input[str],
) -> dict[str, privatedns.VirtualNetworkLink]:
    """Link the network to the zones that exist, where each of them is.

    A zone whose id is known only later must be in the network's subscription.
    """
    links: dict[str, privatedns.VirtualNetworkLink] = {}
    providers: dict[str, ProviderResource] = {}
    for zone, zone_id in plan.existing_zones.items():
        provider = None
        group: Input[str] = ids[zone].apply(partial(_group_of_zone, zone))
        if isinstance(zone_id, str):
            group = _group_of_zone(zone, zone_id)
            subscription_id = _zone(zone, zone_id).subscription_id.lower()
            if subscription_id != (plan.network_subscription_id or "").lower():
                provider = providers.get(subscription_id) or _provider_of(
                    parts, f"zones-{subscription_id}", subscription_id
                )
                providers[subscription_id] = provider
        links[zone] = _link(
            parts,
            plan,
            _Link(
                zone=zone,
                resource_group_name=group,
                key=None,
                network_id=vnet_id,
            ),
            parts.options(provider=provider),
        )
    return links


def _group_of_zone(zone: str, zone_id: str) -> str:
    return _zone(zone, zone_id).resource_group_name


def _zone(zone: str, zone_id: str) -> ResourceId:
    """Read the id of a zone, perhaps known only now; InputError if it is none."""
    found = read_resource_id(zone_id, PRIVATE_DNS_ZONE, f"{_ZONE_IDS}.{zone}")
    if isinstance(found, Finding):
        raise InputError([found])
    return found


def _resource_group(parts: Surroundings, plan: PrivateDnsPlan) -> Input[str]:
    return plan.resource_group_name or parts.resource_group_name


def _provider(parts: Surroundings, plan: PrivateDnsPlan) -> ProviderResource | None:
    """Return the provider for zones in another subscription; None if there are none."""
    if plan.subscription_id is None:
        return None
    return _provider_of(parts, "private-dns", plan.subscription_id)


def _provider_of(
    parts: Surroundings, word: str, subscription_id: str
) -> ProviderResource:
    """Return a provider for what is in another subscription, called after ``word``."""
    return subscription_provider(
        f"{parts.name}-{word}", subscription_id, parts.place, parts.options()
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


def _note_idle_inputs(
    spec: InputReader, owner: ZoneOwner, needed: Sequence[str]
) -> None:
    """Note the inputs about new zones where there will be none."""
    if owner is ZoneOwner.POLICY:
        reason = "a policy makes the zones"
    elif not needed:
        reason = "private_endpoint_groups has none that needs a zone"
    else:
        reason = f"{_ZONE_IDS} has every zone that is needed"
    for key in _PLACE_KEYS:
        if spec.has(key):
            spec.note(key, f"is for new zones, and {reason}; leave it out")


def _links_existing(spec: InputReader, existing: Mapping[str, Input[str]]) -> bool:
    key = "link_existing_zones"
    wanted = spec.flag(key, False)
    if wanted and not existing:
        spec.note(key, f"is for zones of {_ZONE_IDS}, and there are none; leave it out")
    return wanted


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

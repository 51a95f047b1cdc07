"""Other networks whose machines reach the workspace by endpoints of their own.

Such a network may be in another region. It has its own private DNS zones, and of the
workspace's endpoints those that its machines need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import ClientNetworkSpec
from azureml_network._private_workspace.endpoints import (
    ZONE_IDS,
    EndpointPlan,
    EndpointsPlan,
    zone_findings,
)
from azureml_network._private_workspace.subnets import ENDPOINTS_ID
from azureml_network._secure_vnet.arguments import ZoneOwner
from azureml_rulebook.dns_zones import zone_row
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import Naming, name_findings
from azureml_rulebook.private_endpoints import subnet_findings
from azureml_rulebook.regions import region_findings, region_name
from azureml_rulebook.resource_ids import SUBNET, read_resource_id
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnets import kept_subnet_findings

CLIENT_GROUPS = ("amlworkspace", "blob", "file")
"""What machines in another network use of a workspace: its studio and its data
(https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link)."""


@dataclass(frozen=True, kw_only=True)
class ClientNetworkPlan:
    """Another network with endpoints of its own."""

    location: str
    subnet_id: Input[str]
    zone_ids: Mapping[str, Input[str]] | None
    """Its own zones, each another one than the workspace's; None: a policy makes the
    records."""
    endpoints: tuple[EndpointPlan, ...]


def read_client_networks(
    reader: InputReader, place: Place, naming: Naming, home: EndpointsPlan
) -> dict[str, ClientNetworkPlan]:
    """Read the client networks, in order of name.

    ``place``: of the workspace, in whose cloud they are too. ``naming``: what all names
    are made of. ``home``: the endpoints in the workspace's own network.
    """
    plans: dict[str, ClientNetworkPlan] = {}
    names: dict[str, str] = {}
    subscription_id = reader.optional_input("subscription_id")
    networks: dict[str, str] = {}
    zones: dict[str, str] = {}
    home_network = _network_of(home.subnet_id)
    if home_network is not None:
        networks[home_network] = ENDPOINTS_ID
    for key, spec in sorted(
        reader.each_optional("client_networks", ClientNetworkSpec).items()
    ):
        location = spec.text("location")
        if location:
            spec.findings += region_findings(
                location, place.cloud_name, path=f"{spec.path}.location"
            )
        subnet_id = spec.resource_id("subnet_id", SUBNET, required=True) or ""
        spec.findings += subnet_findings(
            subnet_id, subscription_id, path=f"{spec.path}.subnet_id"
        )
        spec.findings += kept_subnet_findings(subnet_id, path=f"{spec.path}.subnet_id")
        _note_network_twice(spec, "subnet_id", subnet_id, networks)
        endpoints = _client_groups(spec, home.endpoints)
        other = names.setdefault(key.lower(), spec.path)
        if other != spec.path:
            spec.note("", f"makes the same names as {other}; rename one of the two")
        for item in endpoints:
            name = naming.name("private_endpoint", f"{key}-{item.group_id}")
            spec.findings += name_findings("private_endpoint", name, path=spec.path)
        zone_ids = _client_zone_ids(spec, home, endpoints)
        _note_zones_twice(spec, endpoints, zone_ids or {}, zones)
        plans[key] = ClientNetworkPlan(
            location=region_name(location),
            subnet_id=subnet_id,
            zone_ids=zone_ids,
            endpoints=endpoints,
        )
    return plans


def _network_of(subnet_id: Input[str]) -> str | None:
    """Return what tells the network of a subnet apart; None if it is not known."""
    found = read_resource_id(subnet_id, SUBNET, "")
    if isinstance(found, Finding):
        return None
    return str(found).lower().rpartition("/subnets/")[0]


def _note_network_twice(
    spec: InputReader, key: str, subnet_id: Input[str], first: dict[str, str]
) -> None:
    """Note a subnet whose network has endpoints of this workspace already.

    ``first``: path of the subnet of each network, which grows.
    """
    network = _network_of(subnet_id)
    if network is None:
        return
    path = f"{spec.path}.{key}"
    other = first.setdefault(network, path)
    if other != path:
        spec.note(
            key,
            f"'{subnet_id}' is in the same network as {other}; a network needs its "
            "endpoints once, give a subnet of another network",
        )


def _note_zones_twice(
    spec: InputReader,
    endpoints: Sequence[EndpointPlan],
    zone_ids: Mapping[str, Input[str]],
    first: dict[str, str],
) -> None:
    """Note zones in which another client network has its records already.

    ``first``: path of each zone by its id, which grows; ids that are known later are
    not compared.
    """
    needed = {zone for item in endpoints for zone in item.zones}
    for zone, zone_id in zone_ids.items():
        if zone not in needed or not isinstance(zone_id, str):
            continue
        path = f"{spec.path}.{ZONE_IDS}.{zone}"
        other = first.setdefault(zone_id.lower(), path)
        if other != path:
            spec.note(
                f"{ZONE_IDS}.{zone}",
                f"is {other} too, where these records would take the place of its "
                "own; give a zone that only this network is linked to",
            )


def _client_groups(
    spec: InputReader, offered: Sequence[EndpointPlan]
) -> tuple[EndpointPlan, ...]:
    """Read which of the workspace's endpoints a client network has too."""
    by_group = {item.group_id.lower(): item for item in offered}
    default = [group for group in CLIENT_GROUPS if group in by_group]
    chosen: dict[str, None] = {}
    for index, group in enumerate(spec.texts("groups", default)):
        key = str(group).lower()
        chosen[key] = None
        if key in by_group:
            continue
        try:
            known = zone_row(str(group)).group_id
        except ValueError as error:
            spec.note(f"groups[{index}]", str(error))
        else:
            spec.note(
                f"groups[{index}]",
                f"'{known}': the workspace has no private endpoint with this group id "
                "itself; "
                f"{suggestion(str(group), [item.group_id for item in offered])}",
            )
    if spec.has("groups") and not chosen:
        spec.note("groups", "is an empty list; give at least one, or leave it out")
    return tuple(
        replace(item, addresses={})
        for item in offered
        if item.group_id.lower() in chosen
    )


def _client_zone_ids(
    spec: InputReader, home: EndpointsPlan, endpoints: Sequence[EndpointPlan]
) -> Mapping[str, Input[str]] | None:
    """Read the zones of a client network, each another one than the workspace's.

    Two endpoints of one resource that share a zone take each other's records away
    (https://learn.microsoft.com/azure/private-link/private-endpoint-dns).
    """
    zone_ids = spec.inputs(ZONE_IDS)
    if home.owner is ZoneOwner.POLICY:
        if zone_ids:
            spec.note(
                ZONE_IDS,
                "cannot be used where zone_groups_by is 'policy', which takes its own "
                "zones; leave one of the two out",
            )
        return None
    path = f"{spec.path}.{ZONE_IDS}"
    spec.findings += zone_findings(endpoints, zone_ids, path)
    if not isinstance(home.zone_ids, Mapping):
        return zone_ids
    for zone, zone_id in zone_ids.items():
        if _is_same(zone_id, home.zone_ids.get(zone)):
            spec.note(
                f"{ZONE_IDS}.{zone}",
                "is the workspace's own zone too, where these records would take the "
                "place of its own; give a zone that only this network is linked to",
            )
    return zone_ids


def _is_same(one: Input[str], other: Input[str] | None) -> bool:
    """Whether two ids are the same, as far as that is known before deployment."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return one is other

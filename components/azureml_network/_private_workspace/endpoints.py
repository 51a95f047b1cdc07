"""Private endpoints and their DNS records: the only way in to each service.

Which there are is decided by the services and by how they are reached; here each gets
its zones and, where they are asked for, static addresses and security groups.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from pulumi import Input

from azureml_network._application_security_groups import (
    read_application_security_groups,
)
from azureml_network._inputs import InputError, InputReader, is_known_later
from azureml_network._place import Place
from azureml_network._private_workspace.subnets import (
    ENDPOINTS_ID,
    ENDPOINTS_PREFIX,
    read_subnet_id,
)
from azureml_network._secure_vnet.arguments import ZoneOwner
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.clouds import CLOUDS, cloud
from azureml_rulebook.dns_zones import (
    WORKSPACE,
    zone_id_findings,
    zone_names,
    zone_row,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.private_endpoints import (
    member_names,
    read_addresses,
    subnet_findings,
)

ZoneIds = Input[Mapping[str, Input[str]]]

ZONE_IDS = "private_dns_zone_ids"
_SECURITY_GROUPS = "endpoint_application_security_group_ids"
_EXISTING_WORKSPACE = "existing_workspace_id"
_OF_A_NEW_WORKSPACE = (
    "storage",
    "key_vault",
    "registry",
    "monitoring",
    "service_endpoint_subnet_ids",
    "kind",
    "hub_id",
    "public_access",
    "managed_network",
    "high_business_impact",
    "customer_managed_key",
    "identity",
    "people",
    "cluster",
    "clusters",
    "instances",
    "kubernetes",
    "online_endpoints",
    "diagnostic_settings",
    "lock",
)


@dataclass(frozen=True, kw_only=True)
class EndpointPlan:
    """One private endpoint."""

    group_id: str
    target: str
    """Which resource: workspace, storage, key_vault, registry or monitor_scope."""
    zones: tuple[str, ...]
    addresses: Mapping[str, IPv4Address]
    """Its static addresses by what the service calls them; empty: Azure chooses."""


@dataclass(frozen=True, kw_only=True)
class EndpointsPlan:
    """The private endpoints of a workspace and its services in its own network."""

    owner: ZoneOwner
    """Who makes their DNS records."""
    zone_ids: ZoneIds
    subnet_id: Input[str]
    security_group_ids: tuple[Input[str], ...]
    """Application security groups that all of them join."""
    endpoints: tuple[EndpointPlan, ...]

    @property
    def storage_groups(self) -> tuple[str, ...]:
        """Group ids of the storage account's endpoints."""
        return tuple(
            item.group_id for item in self.endpoints if item.target == "storage"
        )


def read_existing_workspace(reader: InputReader) -> Input[str] | None:
    """Read the id of a workspace that exists already; None if one is made.

    Of such a one only the private endpoints are made: what else was asked for is noted.
    """
    workspace_id = reader.resource_id(_EXISTING_WORKSPACE, WORKSPACE)
    if workspace_id is not None:
        for key in _OF_A_NEW_WORKSPACE:
            if reader.has(key):
                reader.note(
                    key,
                    f"is for a new workspace, and {_EXISTING_WORKSPACE} says that it "
                    "exists already; leave it out, its owner sets it",
                )
    return workspace_id


def read_endpoints(
    reader: InputReader, place: Place, groups: Mapping[str, Sequence[str]]
) -> EndpointsPlan:
    """Read how the private endpoints of a workspace are made.

    Args:
        reader: the component's inputs.
        place: where the workspace is.
        groups: group ids of the endpoints of each resource, by the words of
            ``EndpointPlan.target``; a service that is reached otherwise has none.
    """
    addresses, findings = read_addresses(
        reader.inputs("endpoint_addresses"),
        [group_id for of_one in groups.values() for group_id in of_one],
        place.region,
        subnet=_subnet_range(reader),
    )
    reader.findings += findings
    owner = reader.choice("zone_groups_by", ZoneOwner.STACK)
    endpoints = _endpoints(reader, place, groups, addresses)
    reader.require(ENDPOINTS_ID)
    subnet_id = read_subnet_id(reader, ENDPOINTS_ID) or ""
    subscription_id = reader.optional_input("subscription_id")
    reader.findings += subnet_findings(subnet_id, subscription_id, path=ENDPOINTS_ID)
    return EndpointsPlan(
        owner=owner,
        zone_ids=_zone_ids(reader, owner, endpoints),
        subnet_id=subnet_id,
        security_group_ids=read_application_security_groups(reader, _SECURITY_GROUPS),
        endpoints=endpoints,
    )


def checked_zone_ids(
    endpoints: Iterable[EndpointPlan], zone_ids: Mapping[str, Input[str]]
) -> Mapping[str, Input[str]]:
    """Return zone ids that are known only after planning, if they can be used.

    Raises:
        InputError: with every zone that is missing or has a wrong id.
    """
    findings = zone_findings(endpoints, zone_ids, ZONE_IDS)
    if findings:
        raise InputError(findings)
    return zone_ids


def _endpoints(
    reader: InputReader,
    place: Place,
    groups: Mapping[str, Sequence[str]],
    addresses: Mapping[str, Sequence[IPv4Address]],
) -> tuple[EndpointPlan, ...]:
    endpoints: list[EndpointPlan] = []
    for target, group_ids in groups.items():
        for group_id in group_ids:
            try:
                zones = zone_names(group_id, place.cloud_name)
            except ValueError:
                reader.note("cloud", _not_offered(group_id, place.cloud_name))
                continue
            members = member_names(group_id, place.region)
            given = addresses.get(group_id)
            endpoints.append(
                EndpointPlan(
                    group_id=group_id,
                    target=target,
                    zones=zones,
                    addresses=dict(zip(members, given, strict=True)) if given else {},
                )
            )
    return tuple(endpoints)


def _not_offered(group_id: str, cloud_name: str) -> str:
    offered = [name for name in CLOUDS if name in zone_row(group_id).zones]
    instead = (
        "set monitoring.public_access to open it to the public, or "
        if group_id == "azuremonitor"
        else ""
    )
    return (
        f"'{cloud_name}': '{group_id}' has no published private DNS zones in "
        f"{cloud(cloud_name).title} and is not reached privately there; {instead}use "
        f"one of: {', '.join(offered)}"
    )


def _zone_ids(
    reader: InputReader, owner: ZoneOwner, endpoints: Iterable[EndpointPlan]
) -> ZoneIds:
    """Read the zones of the workspace's own network."""
    if owner is ZoneOwner.POLICY:
        if reader.has(ZONE_IDS) and not reader.is_empty(ZONE_IDS):
            _note_unused_zones(reader)
        return {}
    zone_ids = reader.required_inputs(ZONE_IDS)
    if zone_ids is None:
        return {}
    if isinstance(zone_ids, Mapping):
        reader.findings += zone_findings(endpoints, zone_ids, ZONE_IDS)
    return zone_ids


def _note_unused_zones(reader: InputReader) -> None:
    """Note plain zone ids that a policy's own zones leave without a use."""
    if not is_known_later(reader.required_inputs(ZONE_IDS)):
        reader.note(
            ZONE_IDS,
            "cannot be used where zone_groups_by is 'policy', which takes its own "
            "zones; leave one of the two out",
        )


def zone_findings(
    endpoints: Iterable[EndpointPlan], zone_ids: Mapping[str, object], path: str
) -> list[Finding]:
    """Return a finding for each needed zone that is missing or has a wrong id."""
    missing: list[Finding] = []
    needed: dict[str, None] = {}
    for endpoint in endpoints:
        needed |= dict.fromkeys(endpoint.zones)
        missing += [
            Finding(
                path,
                f"zone '{zone}' is missing; the '{endpoint.group_id}' endpoint does "
                "not resolve without it, add its id",
            )
            for zone in endpoint.zones
            if zone not in zone_ids
        ]
    wrong = [
        finding
        for zone in needed
        if zone in zone_ids and not is_known_later(zone_ids[zone])
        for finding in zone_id_findings(zone, zone_ids[zone], path=f"{path}.{zone}")
    ]
    return missing + wrong


def _subnet_range(reader: InputReader) -> IPv4Network | None:
    """Read the range of the endpoints' subnet; None if it is not known."""
    text = reader.optional_text(ENDPOINTS_PREFIX)
    if text is None:
        return None
    found = read_range(text, ENDPOINTS_PREFIX)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found

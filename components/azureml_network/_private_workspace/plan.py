"""Turns the plain inputs of a PrivateWorkspace into a plan, or into all that is wrong.

Which resources exist, what they are called and which zones each endpoint needs is
decided here, before the first resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from azureml_network._inputs import InputError, InputReader, is_known_later
from azureml_network._place import read_place
from azureml_network._private_workspace.arguments import (
    ClusterSpec,
    MonitoringSpec,
    PrivateWorkspaceArgs,
    RegistrySpec,
    Replication,
    StorageSpec,
)
from azureml_network._secure_vnet.arguments import ZoneOwner
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.clouds import CLOUDS, cloud
from azureml_rulebook.compute import (
    capacity_findings,
    machine_size_findings,
    node_count_findings,
)
from azureml_rulebook.dns_zones import (
    GROUP_IDS_BY_TYPE,
    STORAGE_ACCOUNT,
    zone_id_findings,
    zone_names,
    zone_row,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import group_findings, missing_groups
from azureml_rulebook.tags import RESOURCES, STORAGE_ACCOUNTS

CLUSTER_NAME = "training-cluster"
SHORTEST_RETENTION, LONGEST_RETENTION = 30, 730
"""Days that Log Analytics keeps logs interactively
(https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure)."""

_NAMED_KINDS = (
    "storage_account",
    "key_vault",
    "container_registry",
    "machine_learning_workspace",
    "managed_identity",
    "log_analytics_workspace",
    "application_insights",
    "monitor_private_link_scope",
)


@dataclass(frozen=True, kw_only=True)
class EndpointPlan:
    """One private endpoint."""

    group_id: str
    target: str
    """Which resource: workspace, storage, key_vault, registry or monitor_scope."""
    zones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """The compute cluster."""

    vm_size: str
    minimum_nodes: int
    maximum_nodes: int
    idle_minutes: int


@dataclass(frozen=True, kw_only=True)
class WorkspacePlan:
    """A workspace and everything around it, as it will be made."""

    cloud_name: str
    location: str
    naming: Naming
    zone_owner: ZoneOwner
    """Who makes the DNS records of the endpoints."""
    endpoints: tuple[EndpointPlan, ...]
    replication: Replication
    zone_redundant_registry: bool
    retention_days: int
    private_monitoring: bool
    """Whether Azure Monitor is reached privately; else it is open to the public."""
    cluster: ClusterPlan


def plan_workspace(args: PrivateWorkspaceArgs) -> WorkspacePlan:
    """Check the inputs and plan the workspace.

    Raises:
        InputError: with everything that is wrong.
    """
    reader = InputReader(args, PrivateWorkspaceArgs)
    place = read_place(reader)
    for key in (
        "resource_group_name",
        "tenant_id",
        "subscription_id",
        "endpoints_subnet_id",
        "training_subnet_id",
    ):
        reader.require(key)
    zone_owner = _zone_owner(reader)
    reader.check_tags([RESOURCES, STORAGE_ACCOUNTS])
    naming = _naming(reader)
    storage = reader.nested("storage", StorageSpec)
    storage_groups = _storage_groups(storage)
    monitoring = reader.nested("monitoring", MonitoringSpec)
    private_monitoring = not monitoring.flag("public_access", False)
    endpoints = _endpoints(
        reader, storage_groups, place.cloud_name, private_monitoring=private_monitoring
    )
    registry = reader.nested("registry", RegistrySpec)
    plan = WorkspacePlan(
        cloud_name=place.cloud_name,
        location=place.region,
        naming=naming,
        zone_owner=zone_owner,
        endpoints=endpoints,
        replication=storage.choice("replication", Replication.STANDARD_LRS),
        zone_redundant_registry=registry.flag("zone_redundant", False),
        retention_days=_retention(monitoring),
        private_monitoring=private_monitoring,
        cluster=_cluster(reader),
    )
    zone_ids = args.get("private_dns_zone_ids")
    if zone_owner is ZoneOwner.STACK and isinstance(zone_ids, Mapping):
        reader.findings += _zone_findings(plan, zone_ids)
    reader.raise_findings()
    return plan


def checked_zone_ids(
    plan: WorkspacePlan, zone_ids: Mapping[str, Input[str]]
) -> Mapping[str, Input[str]]:
    """Return zone ids that are known only after planning, if they can be used.

    Raises:
        InputError: with every zone that is missing or has a wrong id.
    """
    findings = _zone_findings(plan, zone_ids)
    if findings:
        raise InputError(findings)
    return zone_ids


def _zone_findings(
    plan: WorkspacePlan, zone_ids: Mapping[str, object]
) -> list[Finding]:
    """Return a finding for each needed zone that is missing or has a wrong id."""
    key = "private_dns_zone_ids"
    missing = [
        Finding(
            key,
            f"zone '{zone}' is missing; the '{endpoint.group_id}' endpoint does not "
            "resolve without it, add its id",
        )
        for endpoint in plan.endpoints
        for zone in endpoint.zones
        if zone not in zone_ids
    ]
    needed = dict.fromkeys(zone for item in plan.endpoints for zone in item.zones)
    given = {zone: zone_ids[zone] for zone in needed if zone in zone_ids}
    wrong = [
        finding
        for zone, zone_id in given.items()
        if not is_known_later(zone_id)
        for finding in zone_id_findings(zone, zone_id, path=f"{key}.{zone}")
    ]
    return missing + wrong


def _zone_owner(reader: InputReader) -> ZoneOwner:
    key = "private_dns_zone_ids"
    owner = reader.choice("zone_groups_by", ZoneOwner.STACK)
    if owner is ZoneOwner.STACK:
        reader.require(key, Mapping)
    return owner


def _naming(reader: InputReader) -> Naming:
    naming = Naming(
        workload=reader.text("workload"),
        environment=reader.text("environment"),
        unique_suffix=reader.text("unique_suffix"),
    )
    if naming.workload and naming.environment and naming.unique_suffix:
        reader.findings += naming.findings(_NAMED_KINDS)
    return naming


def _storage_groups(storage: InputReader) -> tuple[str, ...]:
    """Return the group ids of the storage endpoints, blob and file among them."""
    key = "endpoints"
    valid: list[str] = []
    for index, group in enumerate(storage.texts(key, ("blob", "file"))):
        faults = group_findings(
            STORAGE_ACCOUNT, (str(group),), path=f"{storage.path}.{key}[{index}]"
        )
        storage.findings += faults
        if not faults:
            valid.append(str(group).lower())
    storage.findings += missing_groups(
        STORAGE_ACCOUNT, valid, path=f"{storage.path}.{key}"
    )
    order = GROUP_IDS_BY_TYPE[STORAGE_ACCOUNT]
    return tuple(sorted(set(valid), key=order.index))


def _endpoints(
    reader: InputReader,
    storage_groups: tuple[str, ...],
    cloud_name: str,
    *,
    private_monitoring: bool,
) -> tuple[EndpointPlan, ...]:
    targets = {
        "amlworkspace": "workspace",
        **dict.fromkeys(storage_groups, "storage"),
        "vault": "key_vault",
        "registry": "registry",
    }
    if private_monitoring:
        targets["azuremonitor"] = "monitor_scope"
    endpoints: list[EndpointPlan] = []
    for group_id, target in targets.items():
        try:
            zones = zone_names(group_id, cloud_name)
        except ValueError:
            reader.note("cloud", _not_offered(group_id, cloud_name))
        else:
            endpoints.append(
                EndpointPlan(group_id=group_id, target=target, zones=zones)
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


def _retention(monitoring: InputReader) -> int:
    days = monitoring.integer("retention_days", SHORTEST_RETENTION)
    if not SHORTEST_RETENTION <= days <= LONGEST_RETENTION:
        monitoring.note(
            "retention_days",
            f"{days} is not allowed; use {SHORTEST_RETENTION} to {LONGEST_RETENTION}",
        )
    return days


def _cluster(reader: InputReader) -> ClusterPlan:
    spec = reader.nested("cluster", ClusterSpec)
    cluster = ClusterPlan(
        vm_size=spec.text("vm_size", "Standard_DS3_v2"),
        minimum_nodes=spec.integer("minimum_nodes", 0),
        maximum_nodes=spec.integer("maximum_nodes", 4),
        idle_minutes=spec.integer("idle_minutes", 15),
    )
    spec.findings += node_count_findings(
        cluster.minimum_nodes, cluster.maximum_nodes, path=spec.path
    )
    spec.findings += machine_size_findings(cluster.vm_size, path=f"{spec.path}.vm_size")
    if cluster.idle_minutes < 1:
        spec.note("idle_minutes", f"{cluster.idle_minutes} is below 1; use 1 or more")
    prefix = reader.optional_text("training_subnet_prefix")
    if prefix is not None:
        subnet = read_range(prefix, "training_subnet_prefix")
        if isinstance(subnet, Finding):
            reader.findings.append(subnet)
        else:
            spec.findings += capacity_findings(
                cluster.maximum_nodes, subnet, path=f"{spec.path}.maximum_nodes"
            )
    return cluster

"""Turns the plain inputs of a PrivateWorkspace into a plan, or into all that is wrong.

Which resources exist, what they are called and which zones each endpoint needs is
decided here, before the first resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from azureml_network._inputs import InputReader
from azureml_network._place import read_place
from azureml_network._private_workspace.arguments import (
    ClusterSpec,
    MonitoringSpec,
    PrivateWorkspaceArgs,
    RegistrySpec,
    Replication,
    StorageSpec,
)
from azureml_network._private_workspace.client_networks import (
    ClientNetworkPlan,
    read_client_networks,
)
from azureml_network._private_workspace.endpoints import (
    EndpointsPlan,
    read_endpoints,
)
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.compute import (
    capacity_findings,
    machine_size_findings,
    node_count_findings,
)
from azureml_rulebook.dns_zones import GROUP_IDS_BY_TYPE, STORAGE_ACCOUNT
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
    endpoints: EndpointsPlan
    client_networks: Mapping[str, ClientNetworkPlan]
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
        "training_subnet_id",
    ):
        reader.require(key)
    reader.check_tags([RESOURCES, STORAGE_ACCOUNTS])
    naming = _naming(reader)
    storage = reader.nested("storage", StorageSpec)
    storage_groups = _storage_groups(storage)
    monitoring = reader.nested("monitoring", MonitoringSpec)
    private_monitoring = not monitoring.flag("public_access", False)
    groups = {
        "workspace": ("amlworkspace",),
        "storage": storage_groups,
        "key_vault": ("vault",),
        "registry": ("registry",),
        "monitor_scope": ("azuremonitor",) if private_monitoring else (),
    }
    endpoints = read_endpoints(reader, place, groups)
    registry = reader.nested("registry", RegistrySpec)
    plan = WorkspacePlan(
        cloud_name=place.cloud_name,
        location=place.region,
        naming=naming,
        endpoints=endpoints,
        client_networks=read_client_networks(reader, place, naming, endpoints),
        replication=storage.choice("replication", Replication.STANDARD_LRS),
        zone_redundant_registry=registry.flag("zone_redundant", False),
        retention_days=_retention(monitoring),
        private_monitoring=private_monitoring,
        cluster=_cluster(reader),
    )
    reader.raise_findings()
    return plan


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

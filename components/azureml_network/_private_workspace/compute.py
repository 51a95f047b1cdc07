"""Reads what jobs, people and models run on, and finds what is wrong with it.

Names, sizes and places are decided here; ``compute_resources`` writes them down.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import (
    ClusterSpec,
    InstanceSpec,
    KubernetesSpec,
    OnlineEndpointSpec,
    WorkspaceKind,
)
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.capacity import Tenant, capacity_findings, cluster
from azureml_rulebook.compute import (
    KINDS_PAGE,
    KINDS_WITH_CLUSTERS,
    ONLINE_ENDPOINT_PAGE,
    idle_shutdown_findings,
    kubernetes_namespace_findings,
    machine_size_findings,
    node_count_findings,
    shared_name_findings,
)
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import KUBERNETES_CLUSTER, object_id_findings
from azureml_rulebook.subnets import TRAINING

IMAGE_BUILD_CLUSTER = "training-cluster"
"""Azure name of the cluster that `cluster` describes, which builds images too."""

_MACHINE_SIZE = "Standard_DS3_v2"

Plan = TypeVar("Plan")


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """A compute cluster."""

    vm_size: str
    minimum_nodes: int
    maximum_nodes: int
    idle_minutes: int
    low_priority: bool


@dataclass(frozen=True, kw_only=True)
class InstancePlan:
    """A compute instance: one person's machine."""

    user_object_id: Input[str]
    vm_size: str
    idle_minutes: int


@dataclass(frozen=True, kw_only=True)
class KubernetesPlan:
    """An attached Kubernetes cluster."""

    cluster_id: Input[str]
    namespace: str


@dataclass(frozen=True, kw_only=True)
class OnlineEndpointPlan:
    """A managed online endpoint."""

    description: str | None


@dataclass(frozen=True, kw_only=True)
class ComputePlan:
    """Everything that jobs, people and models run on, each by its Azure name."""

    in_own_subnet: bool
    """Whether nodes are in the training subnet; else in a managed network."""
    image_build_cluster: str | None
    """Which cluster builds images for the workspace; None: its kind has no clusters."""
    clusters: Mapping[str, ClusterPlan]
    """The one that builds images first."""
    instances: Mapping[str, InstancePlan]
    kubernetes: Mapping[str, KubernetesPlan]
    online_endpoints: Mapping[str, OnlineEndpointPlan]

    @property
    def acting(self) -> tuple[str, ...]:
        """Inputs whose compute acts as the compute identity; instances act as their
        persons."""
        return tuple(
            key
            for key, items in (
                ("clusters", self.clusters),
                ("kubernetes", self.kubernetes),
                ("online_endpoints", self.online_endpoints),
            )
            if items
        )


def read_compute(
    reader: InputReader, *, kind: WorkspaceKind, has_managed_network: bool
) -> ComputePlan:
    """Read all compute of a workspace.

    Args:
        reader: the component's inputs.
        kind: the workspace's.
        has_managed_network: whether the service manages a network for it.
    """
    takes_clusters = kind in KINDS_WITH_CLUSTERS
    is_managed = has_managed_network or kind is WorkspaceKind.PROJECT
    if takes_clusters:
        clusters = {
            IMAGE_BUILD_CLUSTER: _cluster(
                reader.nested("cluster", ClusterSpec), builds_images=True
            ),
            **_named(reader, "clusters", ClusterSpec, "compute_cluster", _cluster),
        }
    else:
        clusters = {}
        _refuse_clusters(reader, kind)
    plan = ComputePlan(
        in_own_subnet=takes_clusters and not is_managed,
        image_build_cluster=IMAGE_BUILD_CLUSTER if takes_clusters else None,
        clusters=clusters,
        instances=_named(
            reader, "instances", InstanceSpec, "compute_instance", _instance
        ),
        kubernetes=_named(
            reader, "kubernetes", KubernetesSpec, "kubernetes_compute", _kubernetes
        ),
        online_endpoints=_named(
            reader,
            "online_endpoints",
            OnlineEndpointSpec,
            "online_endpoint",
            _online_endpoint,
        ),
    )
    reader.findings += shared_name_findings(_names(plan))
    reader.findings += same_name_findings(
        "online_endpoint",
        [(joined("online_endpoints", name), name) for name in plan.online_endpoints],
    )
    reader.findings += _network_findings(plan, kind, is_managed=is_managed)
    if plan.in_own_subnet:
        reader.findings += _capacity_findings(reader, plan)
    return plan


def _named(
    reader: InputReader,
    key: str,
    known: type,
    name_kind: str,
    read: Callable[[InputReader], Plan],
) -> dict[str, Plan]:
    """Read the mapping at ``key``, whose keys are Azure names of ``name_kind``.

    In order of name, so that the order in which they are written changes nothing.
    """
    plans: dict[str, Plan] = {}
    for name, spec in sorted(reader.each_optional(key, known).items()):
        reader.findings += name_findings(name_kind, name, path=spec.path)
        plans[name] = read(spec)
    return plans


def _cluster(spec: InputReader, *, builds_images: bool = False) -> ClusterPlan:
    cluster = ClusterPlan(
        vm_size=spec.text("vm_size", _MACHINE_SIZE),
        minimum_nodes=spec.integer("minimum_nodes", 0),
        maximum_nodes=spec.integer("maximum_nodes", 4),
        idle_minutes=spec.integer("idle_minutes", 15),
        low_priority=spec.flag("low_priority", False),
    )
    spec.findings += node_count_findings(
        cluster.minimum_nodes, cluster.maximum_nodes, path=spec.path
    )
    spec.findings += machine_size_findings(
        cluster.vm_size,
        builds_images=builds_images,
        path=joined(spec.path, "vm_size"),
    )
    if cluster.idle_minutes < 1:
        spec.note("idle_minutes", f"{cluster.idle_minutes} is below 1; use 1 or more")
    return cluster


def _instance(spec: InputReader) -> InstancePlan:
    user = spec.optional_input("user_object_id")
    if not spec.has("user_object_id"):
        spec.note_missing(
            "user_object_id",
            "is required and not set; give the object id of the only person who may "
            "use it",
        )
    elif isinstance(user, str):
        spec.findings += object_id_findings(
            user, path=joined(spec.path, "user_object_id")
        )
    instance = InstancePlan(
        user_object_id=user or "",
        vm_size=spec.text("vm_size", _MACHINE_SIZE),
        idle_minutes=spec.integer("idle_minutes", 60),
    )
    spec.findings += machine_size_findings(
        instance.vm_size, builds_images=False, path=joined(spec.path, "vm_size")
    )
    spec.findings += idle_shutdown_findings(
        instance.idle_minutes, path=joined(spec.path, "idle_minutes")
    )
    return instance


def _kubernetes(spec: InputReader) -> KubernetesPlan:
    cluster_id = spec.resource_id("cluster_id", KUBERNETES_CLUSTER, required=True)
    namespace = spec.text("namespace", "default")
    spec.findings += kubernetes_namespace_findings(
        namespace, path=joined(spec.path, "namespace")
    )
    return KubernetesPlan(cluster_id=cluster_id or "", namespace=namespace)


def _online_endpoint(spec: InputReader) -> OnlineEndpointPlan:
    return OnlineEndpointPlan(description=spec.optional_text("description"))


def _refuse_clusters(reader: InputReader, kind: WorkspaceKind) -> None:
    for key in ("cluster", "clusters"):
        if reader.has(key):
            reader.note(
                key,
                f"a workspace of kind {kind} has no compute clusters; leave it out, "
                f"jobs run on serverless compute ({KINDS_PAGE})",
            )


def _names(plan: ComputePlan) -> Iterator[tuple[str, str]]:
    """Yield the name of all that shares the workspace's names, with its path."""
    for key, items in (
        ("clusters", plan.clusters),
        ("instances", plan.instances),
        ("kubernetes", plan.kubernetes),
    ):
        for name in items:
            is_first = key == "clusters" and name == plan.image_build_cluster
            yield name, "cluster" if is_first else joined(key, name)


def _network_findings(
    plan: ComputePlan, kind: WorkspaceKind, *, is_managed: bool
) -> list[Finding]:
    """Check that there is a network for what needs one to be closed."""
    findings: list[Finding] = []
    if plan.online_endpoints and not is_managed:
        findings.append(
            Finding(
                "online_endpoints",
                "managed online endpoints are closed to the public, with private ways "
                "out, in a managed network only; set managed_network, or serve models "
                f"from a cluster of `kubernetes` ({ONLINE_ENDPOINT_PAGE})",
            )
        )
    if plan.instances and not (is_managed or plan.in_own_subnet):
        findings.append(
            Finding(
                "instances",
                f"a workspace of kind {kind} cannot use the training subnet; set "
                f"managed_network, which closes its instances ({KINDS_PAGE})",
            )
        )
    return findings


def _capacity_findings(reader: InputReader, plan: ComputePlan) -> list[Finding]:
    """Check that the training subnet has an address for every node, if it is known."""
    key = "training_subnet_prefix"
    prefix = reader.optional_text(key)
    if prefix is None:
        return []
    subnet = read_range(prefix, key)
    if isinstance(subnet, Finding):
        return [subnet]
    tenants = [
        *(cluster(name, item.maximum_nodes) for name, item in plan.clusters.items()),
        *(Tenant(f"instance '{name}'", 1) for name in plan.instances),
    ]
    alone = not plan.instances and list(plan.clusters) == [IMAGE_BUILD_CLUSTER]
    return capacity_findings(
        TRAINING,
        subnet.prefixlen,
        tenants,
        path="cluster.maximum_nodes" if alone else key,
        exists=True,
    )

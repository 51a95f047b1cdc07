"""Reads what jobs, people and models run on, and finds what is wrong with it.

Names, sizes and places are decided here; the modules of each kind of compute write
them down as resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import WorkspaceKind


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
    """Whether nodes are in the training subnet; else in the managed network."""
    image_build_cluster: str | None
    """Which cluster builds images for the workspace; None: a kind without clusters."""
    clusters: Mapping[str, ClusterPlan]
    instances: Mapping[str, InstancePlan]
    kubernetes: Mapping[str, KubernetesPlan]
    online_endpoints: Mapping[str, OnlineEndpointPlan]


def read_compute(
    reader: InputReader, *, kind: WorkspaceKind, has_managed_network: bool
) -> ComputePlan:
    """Read all compute of a workspace from the component's inputs."""
    raise NotImplementedError

"""Makes the planned compute, after all that it reaches by private names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.clusters import compute_cluster
from azureml_network._private_workspace.compute import ComputePlan
from azureml_network._private_workspace.identity import kubernetes_roles
from azureml_network._private_workspace.instances import compute_instance
from azureml_network._private_workspace.kubernetes import attached_kubernetes
from azureml_network._private_workspace.online_endpoints import online_endpoint
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._roles import RoleHolder


@dataclass(frozen=True, kw_only=True)
class Compute:
    """What was made, each by its Azure name."""

    clusters: Mapping[str, machinelearningservices.Compute]
    """The one that builds images first, if there is one."""
    instances: Mapping[str, machinelearningservices.Compute]
    kubernetes: Mapping[str, machinelearningservices.Compute]
    online_endpoints: Mapping[str, machinelearningservices.OnlineEndpoint]


def compute(
    parts: WorkspaceParts,
    plan: ComputePlan,
    *,
    identity_id: Input[str] | None,
    workspace_identity: RoleHolder,
    subscription_id: Input[str],
    tenant_id: Input[str],
    subnet_id: Input[str] | None,
    waits_for: Iterable[pulumi.Resource],
) -> Compute:
    """Make all compute of a workspace.

    Args:
        parts: the workspace's surroundings.
        plan: what to make.
        identity_id: what nodes act as; never the workspace's own, since any job can.
            None where nothing acts as it (``ComputePlan.acting``).
        workspace_identity: what the workspace acts as, which gets the roles that it
            needs on attached Kubernetes clusters.
        subscription_id: which role definitions are named in.
        tenant_id: of the people whom instances are assigned to.
        subnet_id: the training subnet; left aside in a managed network.
        waits_for: the workspace's endpoint, the storage's, and their DNS records, which
            nodes use as soon as they start.
    """
    waits = list(waits_for)
    acts_as = "" if identity_id is None else identity_id
    own_subnet = subnet_id if plan.in_own_subnet else None
    attached_to = {name: item.cluster_id for name, item in plan.kubernetes.items()}
    roles = kubernetes_roles(parts, workspace_identity, subscription_id, attached_to)
    return Compute(
        clusters={
            name: compute_cluster(
                parts,
                name,
                item,
                identity_id=acts_as,
                subnet_id=own_subnet,
                waits_for=waits,
            )
            for name, item in plan.clusters.items()
        },
        instances={
            name: compute_instance(
                parts,
                name,
                item,
                tenant_id=tenant_id,
                subnet_id=own_subnet,
                waits_for=waits,
            )
            for name, item in plan.instances.items()
        },
        kubernetes={
            name: attached_kubernetes(
                parts,
                name,
                item,
                identity_id=acts_as,
                waits_for=[*waits, *roles],
            )
            for name, item in plan.kubernetes.items()
        },
        online_endpoints={
            name: online_endpoint(
                parts, name, item, identity_id=acts_as, waits_for=waits
            )
            for name, item in plan.online_endpoints.items()
        },
    )

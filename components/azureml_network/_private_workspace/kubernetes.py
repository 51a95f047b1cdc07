"""Kubernetes clusters that exist already and are attached to the workspace."""

from collections.abc import Iterable

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.compute import KubernetesPlan
from azureml_network._private_workspace.parts import WorkspaceParts

# An attachment cannot be moved to another cluster or namespace.
# https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace
_FIXED_WHEN_MADE = ["properties.resourceId", "properties.properties.namespace"]


def attached_kubernetes(
    parts: WorkspaceParts,
    name: str,
    plan: KubernetesPlan,
    *,
    identity_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Compute:
    """Attach a cluster as compute called ``name``; a destroy detaches it.

    The cluster has the machine learning extension and the namespace already: attaching
    makes neither. Jobs pull images and use data as ``identity_id``.
    """
    return machinelearningservices.Compute(
        f"{parts.name}-kubernetes-{name}",
        compute_name=name,
        workspace_name=parts.naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        identity={
            "type": machinelearningservices.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity_id],
        },
        properties=machinelearningservices.KubernetesArgs(
            compute_type="Kubernetes",
            resource_id=plan.cluster_id,
            disable_local_auth=True,
            properties=machinelearningservices.KubernetesPropertiesArgs(
                namespace=plan.namespace
            ),
        ),
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(waits_for),
            ResourceOptions(
                replace_on_changes=_FIXED_WHEN_MADE, delete_before_replace=True
            ),
        ),
    )

"""Compute clusters: no public address, no local login, nodes only while needed."""

from collections.abc import Iterable

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.compute import IMAGE_BUILD_CLUSTER, ClusterPlan
from azureml_network._private_workspace.parts import WorkspaceParts, name_in_subnet
from azureml_rulebook.compute import duration

# Azure keeps them as they were made: it ignores or refuses a change, and the provider
# would report an update that did nothing.
# https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet
# https://github.com/hashicorp/terraform-provider-azurerm/issues/15825
# https://github.com/Azure/azure-rest-api-specs/issues/18889
_FIXED_WHEN_MADE = [
    f"properties.properties.{key}"
    for key in ("vmSize", "vmPriority", "subnet", "enableNodePublicIp")
]


def compute_cluster(
    parts: WorkspaceParts,
    name: str,
    plan: ClusterPlan,
    *,
    identity_id: Input[str],
    subnet_id: Input[str] | None,
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Compute:
    """Make the cluster called ``name``, after the endpoints and their DNS records.

    Its nodes call the workspace by its private name as soon as they start. Any job can
    act as ``identity_id``, so that it must not be the workspace's. ``subnet_id``: None
    in a managed network.
    """
    builds_images = name == IMAGE_BUILD_CLUSTER
    priority = machinelearningservices.VmPriority
    return machinelearningservices.Compute(
        f"{parts.name}-cluster" if builds_images else f"{parts.name}-cluster-{name}",
        compute_name=name_in_subnet(name, subnet_id),
        workspace_name=parts.naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        identity={
            "type": machinelearningservices.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity_id],
        },
        properties=machinelearningservices.AmlComputeArgs(
            compute_type="AmlCompute",
            description="Training and image builds" if builds_images else "Training",
            disable_local_auth=True,
            properties=machinelearningservices.AmlComputePropertiesArgs(
                vm_size=plan.vm_size,
                vm_priority=(
                    priority.LOW_PRIORITY if plan.low_priority else priority.DEDICATED
                ),
                os_type=machinelearningservices.OsType.LINUX,
                enable_node_public_ip=False,
                remote_login_port_public_access=(
                    machinelearningservices.RemoteLoginPortPublicAccess.DISABLED
                ),
                subnet=(
                    None
                    if subnet_id is None
                    else machinelearningservices.ResourceIdArgs(id=subnet_id)
                ),
                scale_settings=machinelearningservices.ScaleSettingsArgs(
                    min_node_count=plan.minimum_nodes,
                    max_node_count=plan.maximum_nodes,
                    node_idle_time_before_scale_down=duration(plan.idle_minutes),
                ),
            ),
        ),
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(waits_for),
            # Its name is fixed, so that two cannot exist at once.
            ResourceOptions(
                replace_on_changes=_FIXED_WHEN_MADE, delete_before_replace=True
            ),
        ),
    )

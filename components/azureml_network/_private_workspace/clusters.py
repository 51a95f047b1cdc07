"""The compute cluster: no public address, no local login, nodes only while needed."""

from collections.abc import Iterable

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import machinelearningservices, managedidentity

from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import CLUSTER_NAME

# Azure keeps them as they were made: it ignores or refuses a change, and the provider
# would report an update that did nothing.
# https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet
# https://github.com/hashicorp/terraform-provider-azurerm/issues/15825
# https://github.com/Azure/azure-rest-api-specs/issues/18889
_FIXED_WHEN_MADE = [
    f"properties.properties.{key}"
    for key in ("vmSize", "vmPriority", "subnet", "enableNodePublicIp")
]


def cluster(
    parts: WorkspaceParts,
    identity: managedidentity.UserAssignedIdentity,
    subnet_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Compute:
    """Make the cluster, after the endpoints and their DNS records.

    Its nodes call the workspace by its private name as soon as they start. Any job can
    act as ``identity``, so that it must not be the workspace's.
    """
    size = parts.plan.cluster
    return machinelearningservices.Compute(
        f"{parts.name}-cluster",
        compute_name=CLUSTER_NAME,
        workspace_name=parts.plan.naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        identity={
            "type": machinelearningservices.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity.id],
        },
        properties=machinelearningservices.AmlComputeArgs(
            compute_type="AmlCompute",
            description="Training and image builds",
            disable_local_auth=True,
            properties=machinelearningservices.AmlComputePropertiesArgs(
                vm_size=size.vm_size,
                vm_priority=machinelearningservices.VmPriority.DEDICATED,
                os_type=machinelearningservices.OsType.LINUX,
                enable_node_public_ip=False,
                remote_login_port_public_access=(
                    machinelearningservices.RemoteLoginPortPublicAccess.DISABLED
                ),
                subnet=machinelearningservices.ResourceIdArgs(id=subnet_id),
                scale_settings=machinelearningservices.ScaleSettingsArgs(
                    min_node_count=size.minimum_nodes,
                    max_node_count=size.maximum_nodes,
                    node_idle_time_before_scale_down=f"PT{size.idle_minutes}M",
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

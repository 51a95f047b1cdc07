"""Compute instances: machines of one person each, without public address or SSH."""

from collections.abc import Iterable

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.compute import InstancePlan
from azureml_network._private_workspace.parts import WorkspaceParts, name_in_subnet
from azureml_rulebook.compute import duration

# The first four cannot change; the time can, but not by a template: Azure takes it
# from one only when the instance is made.
# https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance
_FIXED_WHEN_MADE = [
    f"properties.properties.{key}"
    for key in (
        "vmSize",
        "subnet",
        "enableNodePublicIp",
        "personalComputeInstanceSettings",
        "idleTimeBeforeShutdown",
    )
]


def compute_instance(
    parts: WorkspaceParts,
    name: str,
    plan: InstancePlan,
    *,
    tenant_id: Input[str],
    subnet_id: Input[str] | None,
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Compute:
    """Make the instance called ``name``, after the endpoints and their DNS records.

    It acts as the person it is assigned to, and has no identity of its own: one with
    an identity is never stopped for being idle unless that identity is a Contributor
    of the workspace. ``subnet_id``: None in a managed network.
    """
    return machinelearningservices.Compute(
        f"{parts.name}-instance-{name}",
        compute_name=name_in_subnet(name, subnet_id),
        workspace_name=parts.naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        properties=machinelearningservices.ComputeInstanceArgs(
            compute_type="ComputeInstance",
            disable_local_auth=True,
            properties=machinelearningservices.ComputeInstancePropertiesArgs(
                vm_size=plan.vm_size,
                enable_node_public_ip=False,
                subnet=(
                    None
                    if subnet_id is None
                    else machinelearningservices.ResourceIdArgs(id=subnet_id)
                ),
                ssh_settings=machinelearningservices.ComputeInstanceSshSettingsArgs(
                    ssh_public_access=machinelearningservices.SshPublicAccess.DISABLED
                ),
                application_sharing_policy=(
                    machinelearningservices.ApplicationSharingPolicy.PERSONAL
                ),
                compute_instance_authorization_type=(
                    machinelearningservices.ComputeInstanceAuthorizationType.PERSONAL
                ),
                personal_compute_instance_settings=(
                    machinelearningservices.PersonalComputeInstanceSettingsArgs(
                        assigned_user=machinelearningservices.AssignedUserArgs(
                            object_id=plan.user_object_id, tenant_id=tenant_id
                        )
                    )
                ),
                idle_time_before_shutdown=duration(plan.idle_minutes),
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

"""Makes the planned jump boxes, each with an interface of its own, none public.

Azure changes little of a machine once it is made: what cannot change replaces it, and
all that lives on it goes and comes with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import compute, network

from azureml_network._jump_box_bastion.arguments import OperatingSystem
from azureml_network._jump_box_bastion.disk_encryption import disk_encryption_set_id
from azureml_network._jump_box_bastion.extensions import machine_extensions
from azureml_network._jump_box_bastion.machine_monitoring import (
    DataCollection,
    collection_associations,
    data_collection,
)
from azureml_network._jump_box_bastion.machines import MachinePlan, MachinesPlan
from azureml_network._jump_box_bastion.shutdown import shutdown_schedule
from azureml_network._surroundings import Surroundings, living_with

_FIXED_WHEN_MADE = [
    "zones",
    "osProfile.adminPassword",
    "osProfile.adminUsername",
    "osProfile.computerName",
    "osProfile.customData",
    "osProfile.linuxConfiguration.ssh",
    "storageProfile.imageReference",
    "storageProfile.osDisk.managedDisk.storageAccountType",
]
"""Inputs that Azure refuses to change (https://learn.microsoft.com/azure/templates/
microsoft.compute/virtualmachines)."""


@dataclass(frozen=True, kw_only=True)
class JumpBox:
    """A machine that was made, and all that was made for it."""

    machine: compute.VirtualMachine
    interface: network.NetworkInterface
    made: tuple[pulumi.Resource, ...]
    """Everything on and for it, itself included; a lock waits for all of it."""
    application_security_group: network.ApplicationSecurityGroup | None
    """The group that was made for all interfaces; None: they join the caller's."""


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What all machines have in common."""

    subnet_id: Input[str]
    application_security_group_ids: Sequence[Input[str]]
    application_security_group: network.ApplicationSecurityGroup | None
    disk_encryption_set_id: Input[str] | None
    collection: DataCollection | None


def jump_boxes(parts: Surroundings, plan: MachinesPlan) -> dict[str, JumpBox]:
    """Make all jump boxes, by the caller's name for each."""
    if not plan.machines:
        return {}
    group = _application_security_group(parts, plan)
    shared = _Shared(
        subnet_id=plan.subnet_id,
        application_security_group_ids=plan.application_security_group_ids
        if group is None
        else (group.id,),
        application_security_group=group,
        disk_encryption_set_id=disk_encryption_set_id(parts, plan.disk_encryption),
        collection=None
        if plan.monitoring is None
        else data_collection(parts, plan.monitoring),
    )
    return {
        key: _jump_box(parts, machine, shared) for key, machine in plan.machines.items()
    }


def _application_security_group(
    parts: Surroundings, plan: MachinesPlan
) -> network.ApplicationSecurityGroup | None:
    """Make the group that interfaces join; None: they join the caller's."""
    if plan.application_security_group_ids:
        return None
    return network.ApplicationSecurityGroup(
        plan.application_security_group_name,
        application_security_group_name=plan.application_security_group_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        tags=parts.tags,
        opts=parts.options(),
    )


def _jump_box(parts: Surroundings, plan: MachinePlan, shared: _Shared) -> JumpBox:
    interface = _interface(parts, plan, shared)
    machine = _machine(parts, plan, shared, interface)
    made: list[pulumi.Resource] = [interface, machine]
    monitored_by: list[pulumi.Resource] | None = None
    if shared.collection is not None:
        associations = collection_associations(
            parts,
            shared.collection,
            plan.operating_system,
            plan.azure_name,
            machine,
        )
        made += associations
        monitored_by = [*associations, *shared.collection.settled_by]
    made += machine_extensions(parts, plan, machine, monitored_by=monitored_by)
    if plan.shutdown is not None:
        made.append(shutdown_schedule(parts, plan.shutdown, plan.azure_name, machine))
    return JumpBox(
        machine=machine,
        interface=interface,
        made=tuple(made),
        application_security_group=shared.application_security_group,
    )


def _interface(
    parts: Surroundings, plan: MachinePlan, shared: _Shared
) -> network.NetworkInterface:
    """Make the interface, which has no public address and no way to get one."""
    method = network.IPAllocationMethod
    configuration: network.NetworkInterfaceIPConfigurationArgsDict = {
        "name": "primary",
        "primary": True,
        "subnet": {"id": shared.subnet_id},
        "private_ip_allocation_method": method.DYNAMIC
        if plan.private_address is None
        else method.STATIC,
        "application_security_groups": [
            {"id": group} for group in shared.application_security_group_ids
        ],
    }
    if plan.private_address is not None:
        configuration["private_ip_address"] = plan.private_address
    if plan.backend_pool_ids:
        configuration["load_balancer_backend_address_pools"] = [
            {"id": pool} for pool in plan.backend_pool_ids
        ]
    return network.NetworkInterface(
        plan.interface_name,
        network_interface_name=living_with(plan.interface_name, shared.subnet_id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        ip_configurations=[configuration],
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(delete_before_replace=True)
        ),
    )


def _machine(
    parts: Surroundings,
    plan: MachinePlan,
    shared: _Shared,
    interface: network.NetworkInterface,
) -> compute.VirtualMachine:
    return compute.VirtualMachine(
        plan.azure_name,
        vm_name=living_with(plan.azure_name, interface.id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        zones=None if plan.zone is None else [plan.zone],
        # Sign-in and the monitoring agent act as it.
        identity={"type": compute.ResourceIdentityType.SYSTEM_ASSIGNED},
        hardware_profile={"vm_size": plan.size},
        os_profile=_os_profile(plan),
        storage_profile=_storage_profile(plan, shared.disk_encryption_set_id),
        network_profile={
            "network_interfaces": [
                {
                    "id": interface.id,
                    "primary": True,
                    # It is a resource of its own: gone with a machine that is replaced,
                    # it would be missing for the next one.
                    "delete_option": compute.DeleteOptions.DETACH,
                }
            ]
        },
        security_profile={
            "security_type": compute.SecurityTypes.TRUSTED_LAUNCH,
            "uefi_settings": {"secure_boot_enabled": True, "v_tpm_enabled": True},
            "encryption_at_host": plan.encryption_at_host,
        },
        # Without a storage account it is in one of Azure's own.
        diagnostics_profile={"boot_diagnostics": {"enabled": True}},
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                replace_on_changes=_FIXED_WHEN_MADE, delete_before_replace=True
            ),
        ),
    )


def _os_profile(plan: MachinePlan) -> compute.OSProfileArgsDict:
    profile: compute.OSProfileArgsDict = {
        "computer_name": plan.computer_name,
        "admin_username": plan.administrator.name,
        "allow_extension_operations": True,
    }
    if plan.setup.custom_data is not None:
        profile["custom_data"] = plan.setup.custom_data
    if plan.operating_system is OperatingSystem.WINDOWS:
        profile["admin_password"] = plan.administrator.password
        profile["windows_configuration"] = _windows_configuration()
    else:
        profile["linux_configuration"] = _linux_configuration(plan)
    return profile


def _windows_configuration() -> compute.WindowsConfigurationArgsDict:
    return {
        "provision_vm_agent": True,
        "enable_automatic_updates": True,
        "patch_settings": {
            "patch_mode": compute.WindowsVMGuestPatchMode.AUTOMATIC_BY_PLATFORM,
            "assessment_mode": (
                compute.WindowsPatchAssessmentMode.AUTOMATIC_BY_PLATFORM
            ),
        },
    }


def _linux_configuration(plan: MachinePlan) -> compute.LinuxConfigurationArgsDict:
    administrator = plan.administrator
    return {
        "provision_vm_agent": True,
        "disable_password_authentication": True,
        "ssh": {
            "public_keys": [
                {
                    "path": f"/home/{administrator.name}/.ssh/authorized_keys",
                    "key_data": administrator.ssh_public_key,
                }
            ]
        },
        "patch_settings": {
            "patch_mode": compute.LinuxVMGuestPatchMode.AUTOMATIC_BY_PLATFORM,
            "assessment_mode": compute.LinuxPatchAssessmentMode.AUTOMATIC_BY_PLATFORM,
        },
    }


def _storage_profile(
    plan: MachinePlan, encryption_set_id: Input[str] | None
) -> compute.StorageProfileArgsDict:
    managed_disk: compute.ManagedDiskParametersArgsDict = {
        "storage_account_type": plan.disk_type
    }
    if encryption_set_id is not None:
        managed_disk["disk_encryption_set"] = {"id": encryption_set_id}
    os_disk: compute.OSDiskArgsDict = {
        "name": f"{plan.azure_name}-os-disk",
        "create_option": compute.DiskCreateOptionTypes.FROM_IMAGE,
        "delete_option": compute.DiskDeleteOptionTypes.DELETE,
        "caching": compute.CachingTypes.READ_WRITE,
        "managed_disk": managed_disk,
    }
    if plan.disk_size_gigabytes is not None:
        os_disk["disk_size_gb"] = plan.disk_size_gigabytes
    return {
        "image_reference": {
            "publisher": plan.image.publisher,
            "offer": plan.image.offer,
            "sku": plan.image.sku,
            "version": plan.image.version,
        },
        "os_disk": os_disk,
    }

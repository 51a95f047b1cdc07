"""Makes the planned jump boxes, each with an interface of its own, none public."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import compute, network

from azureml_network._jump_box_bastion.machines import MachinePlan, MachinesPlan
from azureml_network._surroundings import Surroundings

_FIXED_WHEN_MADE = [
    "zones",
    "osProfile.computerName",
    "osProfile.adminUsername",
    "osProfile.adminPassword",
    "osProfile.customData",
    "osProfile.linuxConfiguration.ssh",
    "storageProfile.imageReference",
    "storageProfile.osDisk.managedDisk.storageAccountType",
]
"""Inputs of a machine that Azure refuses to change."""


@dataclass(frozen=True, kw_only=True)
class JumpBox:
    """A machine that was made, and all that was made for it."""

    machine: compute.VirtualMachine
    interface: network.NetworkInterface
    made: tuple[pulumi.Resource, ...]
    """Everything on and for it, itself included; a lock waits for all of it."""


def jump_boxes(parts: Surroundings, plan: MachinesPlan) -> dict[str, JumpBox]:
    """Make all jump boxes, by the caller's name for each."""
    if not plan.machines:
        return {}
    groups = _application_security_groups(parts, plan)
    return {
        key: _jump_box(parts, plan, machine, groups)
        for key, machine in plan.machines.items()
    }


def _application_security_groups(
    parts: Surroundings, plan: MachinesPlan
) -> Sequence[Input[str]]:
    """Return the groups that interfaces join: the caller's, or one that is made."""
    if plan.application_security_group_ids:
        return plan.application_security_group_ids
    made = network.ApplicationSecurityGroup(
        plan.application_security_group_name,
        application_security_group_name=plan.application_security_group_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        tags=parts.tags,
        opts=parts.options(),
    )
    return (made.id,)


def _jump_box(
    parts: Surroundings,
    plan: MachinesPlan,
    machine: MachinePlan,
    groups: Sequence[Input[str]],
) -> JumpBox:
    interface = _interface(parts, plan, machine, groups)
    made = _machine(parts, machine, interface)
    return JumpBox(machine=made, interface=interface, made=(interface, made))


def _interface(
    parts: Surroundings,
    plan: MachinesPlan,
    machine: MachinePlan,
    groups: Sequence[Input[str]],
) -> network.NetworkInterface:
    return network.NetworkInterface(
        machine.interface_name,
        network_interface_name=machine.interface_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        ip_configurations=[
            {
                "name": "primary",
                "primary": True,
                "subnet": {"id": plan.subnet_id},
                "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
                "application_security_groups": [{"id": group} for group in groups],
            }
        ],
        tags=parts.tags,
        opts=parts.options(),
    )


def _machine(
    parts: Surroundings, machine: MachinePlan, interface: network.NetworkInterface
) -> compute.VirtualMachine:
    return compute.VirtualMachine(
        machine.azure_name,
        vm_name=machine.azure_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        zones=None if machine.zone is None else [machine.zone],
        identity={"type": compute.ResourceIdentityType.SYSTEM_ASSIGNED},
        hardware_profile={"vm_size": machine.size},
        network_profile={
            "network_interfaces": [
                {
                    "id": interface.id,
                    "primary": True,
                    "delete_option": compute.DeleteOptions.DELETE,
                }
            ]
        },
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                replace_on_changes=_FIXED_WHEN_MADE, delete_before_replace=True
            ),
        ),
    )

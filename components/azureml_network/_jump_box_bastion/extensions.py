"""Extensions of jump boxes: Entra sign-in, the monitoring agent, the set-up script.

One after another on each machine, since its agent installs one at a time and people
should be let in first.
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import compute

from azureml_network._jump_box_bastion.machines import MachinePlan
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.machine_setup import (
    MONITOR_EXTENSIONS,
    SCRIPT_EXTENSIONS,
    SIGN_IN_EXTENSIONS,
    ExtensionRow,
)


def machine_extensions(
    parts: Surroundings,
    plan: MachinePlan,
    machine: compute.VirtualMachine,
    *,
    monitored_by: Sequence[pulumi.Resource] | None,
) -> list[compute.VirtualMachineExtension]:
    """Make the extensions of one machine.

    ``monitored_by``: what the monitoring agent needs before it starts; None: no agent.
    """
    system = plan.operating_system.value
    made = [
        _extension(
            parts, plan, machine, "sign-in", SIGN_IN_EXTENSIONS[system], after=()
        )
    ]
    if monitored_by is not None:
        row = MONITOR_EXTENSIONS[system]
        after = [*made, *monitored_by]
        made.append(_extension(parts, plan, machine, "monitor-agent", row, after=after))
    if plan.setup.script_settings is not None:
        row = SCRIPT_EXTENSIONS[system]
        made.append(
            _extension(
                parts,
                plan,
                machine,
                "setup",
                row,
                after=made[-1:],
                settings=plan.setup.script_settings,
            )
        )
    return made


def _extension(
    parts: Surroundings,
    plan: MachinePlan,
    machine: compute.VirtualMachine,
    word: str,
    row: ExtensionRow,
    *,
    after: Sequence[pulumi.Resource],
    settings: Mapping[str, str] | None = None,
) -> compute.VirtualMachineExtension:
    return compute.VirtualMachineExtension(
        f"{plan.azure_name}-{word}",
        vm_extension_name=row.kind,
        vm_name=living_with(plan.azure_name, machine.id),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        publisher=row.publisher,
        type=row.kind,
        type_handler_version=row.version,
        auto_upgrade_minor_version=True,
        enable_automatic_upgrade=True if row.automatic_upgrade else None,
        settings=settings,
        tags=parts.tags,
        opts=parts.options(*after),
    )

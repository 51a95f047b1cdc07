"""Turns the plain inputs of a JumpBoxBastion into a plan, or into all that is wrong.

Everything is decided here, before the first resource. Each part reads its own inputs;
this module puts them in order and together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from azureml_network._diagnostics import DiagnosticSettingPlan, read_diagnostic_settings
from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import JumpBoxBastionArgs
from azureml_network._jump_box_bastion.bastion import (
    BastionPlan,
    ExistingBastionPlan,
    NewBastionPlan,
    read_bastion,
)
from azureml_network._jump_box_bastion.just_in_time import (
    JustInTimePlan,
    read_just_in_time,
)
from azureml_network._jump_box_bastion.machines import MachinesPlan, read_machines
from azureml_network._jump_box_bastion.people import PeoplePlan, read_people
from azureml_network._place import Place, read_place
from azureml_network._secure_vnet.arguments import LockKind
from azureml_rulebook.bastion import developer_network_findings
from azureml_rulebook.locks import LOCKS_PAGE, machine_lock_findings
from azureml_rulebook.resource_ids import NETWORK
from azureml_rulebook.tags import RESOURCES


@dataclass(frozen=True, kw_only=True)
class JumpBoxBastionPlan:
    """Bastion and jump boxes as they will be made."""

    place: Place
    network_id: Input[str] | None
    bastion: BastionPlan
    machines: MachinesPlan
    people: PeoplePlan
    just_in_time: JustInTimePlan | None
    diagnostic_settings: Mapping[str, DiagnosticSettingPlan]
    lock: LockKind | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is open, and what will not work although it can be made."""
        return (
            *self.bastion.warnings,
            *self.machines.warnings,
            *(() if self.just_in_time is None else (self.just_in_time.warning,)),
            *self._lock_warnings,
        )

    @property
    def _lock_warnings(self) -> tuple[str, ...]:
        if self.lock is not LockKind.READ_ONLY:
            return ()
        return (
            "lock: 'ReadOnly' lets nobody start, stop or change a machine; set it only "
            f"once all machines run, and take it away before a change ({LOCKS_PAGE})",
        )


def plan_jump_boxes(name: str, args: JumpBoxBastionArgs) -> JumpBoxBastionPlan:
    """Return the plan of the component called ``name``.

    Raises InputError with everything that is wrong with the inputs.
    """
    reader = InputReader(args, JumpBoxBastionArgs)
    reader.require("resource_group_name")
    reader.check_tags((RESOURCES,))
    place = read_place(reader)
    network_id = reader.resource_id("network_id", NETWORK)
    bastion = read_bastion(reader, name, place, network_id)
    machines = read_machines(reader, name, place)
    plan = JumpBoxBastionPlan(
        place=place,
        network_id=network_id,
        bastion=bastion,
        machines=machines,
        people=read_people(reader),
        just_in_time=read_just_in_time(reader, name, bastion, machines),
        diagnostic_settings=read_diagnostic_settings(reader, name),
        lock=_lock(reader, machines),
    )
    _note_nothing(reader, plan)
    if isinstance(bastion, NewBastionPlan):
        reader.findings += developer_network_findings(
            bastion.network_id, machines.subnet_id, path="machine_subnet_id"
        )
    reader.raise_findings()
    return plan


def _lock(reader: InputReader, machines: MachinesPlan) -> LockKind | None:
    key = "lock"
    if not reader.has(key):
        return None
    kind = reader.choice(key, LockKind.CAN_NOT_DELETE)
    if not machines.machines:
        reader.note(key, "is on the machines, and there are none; leave it out")
    reader.findings += machine_lock_findings(
        read_only=kind is LockKind.READ_ONLY,
        shutdowns=[
            f"machines.{name}.shutdown"
            for name, machine in machines.machines.items()
            if machine.shutdown is not None
        ],
        path=key,
    )
    return kind


def _note_nothing(reader: InputReader, plan: JumpBoxBastionPlan) -> None:
    """Note that nothing would be made, which nothing could wait for."""
    exists = isinstance(plan.bastion, ExistingBastionPlan)
    if exists and not plan.machines.machines and not plan.people.groups:
        reader.note(
            "existing_bastion_id",
            "leaves nothing to make, without machines and people; give one of them, or "
            "leave the whole component out",
        )

"""Just-in-time access: ports of jump boxes that open on request, for some hours.

Microsoft Defender for Cloud opens and closes them, by rules that it writes into the
machines' security groups beside those that are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Output
from pulumi_azure_native import security

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import JustInTimeSpec
from azureml_network._jump_box_bastion.bastion import BastionPlan, NewBastionPlan
from azureml_network._jump_box_bastion.machine_resources import JumpBox
from azureml_network._jump_box_bastion.machines import MachinesPlan
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.bastion import DEVELOPER_PAGE, is_dedicated
from azureml_rulebook.bastion_commands import PORTS
from azureml_rulebook.findings import joined
from azureml_rulebook.just_in_time import JUST_IN_TIME_PAGE, just_in_time_findings

_KEY = "just_in_time"


@dataclass(frozen=True, kw_only=True)
class JustInTimePlan:
    """How ports are opened on request."""

    policy_name: str
    maximum_hours: int
    source: str
    """The range that ports are opened to: Bastion's subnet."""
    ports: Mapping[str, int]
    """The port of each machine, by the machine's name."""

    @property
    def warning(self) -> str:
        """What a review is told."""
        return (
            f"{_KEY}: works only where Microsoft Defender for Servers, plan 2, is on, "
            "and where no rule of the machines' security group lets Bastion in at all "
            "times: SecureVnet makes none with just_in_time_access. An update of a "
            "group that has its rules inline takes Defender's rules away, and closes "
            f"what was open on request ({JUST_IN_TIME_PAGE})"
        )


def read_just_in_time(
    reader: InputReader, name: str, bastion: BastionPlan, machines: MachinesPlan
) -> JustInTimePlan | None:
    """Read how the ports of ``machines`` are opened; None: Bastion always gets in."""
    if not reader.has(_KEY):
        return None
    spec = reader.nested(_KEY, JustInTimeSpec)
    hours = spec.integer("maximum_hours", 3)
    reader.findings += just_in_time_findings(
        hours, path=joined(spec.path, "maximum_hours")
    )
    if not machines.machines:
        reader.note(_KEY, "is for machines, and there are none; leave it out")
    _note_missing_source(reader, bastion)
    return JustInTimePlan(
        policy_name=f"{name}-jit",
        maximum_hours=hours,
        source=str(bastion.subnet_prefix or ""),
        ports={
            key: PORTS[machine.operating_system]
            for key, machine in machines.machines.items()
        },
    )


def just_in_time(
    parts: Surroundings, plan: JustInTimePlan | None, boxes: Mapping[str, JumpBox]
) -> list[security.JitNetworkAccessPolicy]:
    """Let Defender open the ports, once everything is installed on the machines."""
    if plan is None:
        return []
    machine_ids = Output.concat(*(box.machine.id for box in boxes.values()))
    return [
        security.JitNetworkAccessPolicy(
            plan.policy_name,
            # A machine that is made anew has the same id, and is new to Defender.
            jit_network_access_policy_name=living_with(plan.policy_name, machine_ids),
            resource_group_name=parts.resource_group_name,
            asc_location=parts.place.region,
            kind="Basic",
            virtual_machines=[
                {
                    "id": box.machine.id,
                    "ports": [
                        {
                            "number": plan.ports[key],
                            "protocol": security.Protocol.TCP,
                            "allowed_source_address_prefix": plan.source,
                            "max_request_access_duration": f"PT{plan.maximum_hours}H",
                        }
                    ],
                }
                for key, box in boxes.items()
            ],
            opts=parts.options(*(item for box in boxes.values() for item in box.made)),
        )
    ]


def _note_missing_source(reader: InputReader, bastion: BastionPlan) -> None:
    """Note that there is no range to open ports to."""
    if isinstance(bastion, NewBastionPlan) and not is_dedicated(bastion.options.tier):
        reader.note(
            _KEY,
            "opens ports to the subnet of Bastion, and tier Developer has none; leave "
            f"it out, or use another tier ({DEVELOPER_PAGE})",
        )
    elif not reader.has("bastion_subnet_prefix"):
        reader.note_missing(
            "bastion_subnet_prefix",
            f"is required with {_KEY} and not set: ports are opened to that range",
        )

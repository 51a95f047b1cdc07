"""Reads the jump boxes of a JumpBoxBastion, and finds what is wrong with them.

Names, sizes and places are decided here; ``machine_resources`` writes them down. What
differs by operating system stands in ``operating_systems`` and the rulebook.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._application_security_groups import (
    read_application_security_groups,
)
from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.administrators import (
    AdministratorPlan,
    read_administrator,
    read_ssh_public_key,
)
from azureml_network._jump_box_bastion.arguments import MachineSpec, OperatingSystem
from azureml_network._jump_box_bastion.disk_encryption import (
    DiskEncryptionPlan,
    read_disk_encryption,
)
from azureml_network._jump_box_bastion.machine_monitoring import (
    MachineMonitoringPlan,
    read_machine_monitoring,
)
from azureml_network._jump_box_bastion.machine_setup import SetupPlan, read_setup
from azureml_network._jump_box_bastion.operating_systems import ImagePlan, read_image
from azureml_network._jump_box_bastion.shutdown import ShutdownPlan, read_shutdown
from azureml_network._place import Place
from azureml_rulebook.address_ranges import read_range, read_subnet_address
from azureml_rulebook.capacity import Tenant, capacity_findings
from azureml_rulebook.compute import machine_size_findings
from azureml_rulebook.computer_names import (
    computer_name_findings,
    derived_computer_name,
    same_computer_name_findings,
)
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import LOAD_BALANCER_POOL, SUBNET
from azureml_rulebook.subnets import JUMP_BOX
from azureml_rulebook.virtual_machines import (
    disk_size_findings,
    disk_type_findings,
    premium_disk_findings,
    zone_findings,
)

_PREFIX = "machine_subnet_prefix"
_GROUPS = "application_security_group_ids"
_MACHINE_SIZE = "Standard_D2s_v5"


@dataclass(frozen=True, kw_only=True)
class MachinePlan:
    """One jump box."""

    name: str
    """As the caller calls it."""
    azure_name: str
    operating_system: OperatingSystem
    computer_name: str
    """What the machine calls itself."""
    size: str
    zone: str | None
    """None: Azure chooses."""
    image: ImagePlan
    private_address: str | None
    """None: Azure chooses."""
    administrator: AdministratorPlan
    disk_size_gigabytes: int | None
    """None: the image's."""
    disk_type: str
    encryption_at_host: bool
    shutdown: ShutdownPlan | None
    """None: it is never switched off."""
    setup: SetupPlan
    backend_pool_ids: tuple[Input[str], ...]

    @property
    def interface_name(self) -> str:
        """Azure name of its network interface."""
        return f"{self.azure_name}-nic"


@dataclass(frozen=True, kw_only=True)
class MachinesPlan:
    """All jump boxes, and what they share."""

    machines: Mapping[str, MachinePlan]
    """By the caller's name for each, in order of it."""
    subnet_id: Input[str]
    application_security_group_ids: tuple[Input[str], ...]
    """Groups that exist already; empty: one is made."""
    application_security_group_name: str
    """Azure name of the one that is made."""
    disk_encryption: DiskEncryptionPlan
    monitoring: MachineMonitoringPlan | None
    """None: no agents."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a review is told of what is allowed and open, a line each."""
        return () if self.monitoring is None else self.monitoring.warnings


def read_machines(reader: InputReader, name: str, place: Place) -> MachinesPlan:
    """Read the machines of the component called ``name``.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        place: where it is.
    """
    specs = dict(sorted(reader.each_optional("machines", MachineSpec).items()))
    read_ssh_public_key(reader)
    subnet = _subnet_range(reader)
    machines = {
        key: _machine(reader, spec, name, key, subnet) for key, spec in specs.items()
    }
    systems = tuple(
        system
        for system in OperatingSystem
        if any(machine.operating_system is system for machine in machines.values())
    )
    group_name = f"{name}-jump-box-asg"
    plan = MachinesPlan(
        machines=machines,
        subnet_id=reader.resource_id(
            "machine_subnet_id", SUBNET, required=bool(machines)
        )
        or "",
        application_security_group_ids=read_application_security_groups(
            reader, _GROUPS
        ),
        application_security_group_name=group_name,
        disk_encryption=read_disk_encryption(reader, name, place),
        monitoring=read_machine_monitoring(reader, name, place, systems),
    )
    if machines:
        reader.findings += name_findings(
            "application_security_group", group_name, path=_GROUPS
        )
    reader.findings += _shared_findings(plan, subnet)
    return plan


def _machine(
    reader: InputReader,
    spec: InputReader,
    name: str,
    key: str,
    subnet: IPv4Network | None,
) -> MachinePlan:
    if not spec.has("operating_system"):
        spec.note_missing(
            "operating_system", "is required and not set; give linux or windows"
        )
    system = spec.choice("operating_system", OperatingSystem.LINUX)
    azure_name = f"{name}-{key}"
    machine = MachinePlan(
        name=key,
        azure_name=azure_name,
        operating_system=system,
        computer_name=spec.optional_text("computer_name")
        or derived_computer_name(azure_name, system.value),
        size=spec.text("size", _MACHINE_SIZE),
        zone=spec.optional_text("zone"),
        image=read_image(spec, system),
        private_address=spec.optional_text("private_address"),
        administrator=read_administrator(reader, spec, system),
        disk_size_gigabytes=spec.optional_integer("disk_size_gigabytes"),
        disk_type=spec.text("disk_type", "Premium_LRS"),
        encryption_at_host=spec.flag("encryption_at_host", True),
        shutdown=read_shutdown(spec),
        setup=read_setup(spec, system),
        backend_pool_ids=spec.resource_ids("backend_pool_ids", LOAD_BALANCER_POOL),
    )
    spec.findings += _findings(machine, spec.path, subnet)
    return machine


def _findings(
    machine: MachinePlan, path: str, subnet: IPv4Network | None
) -> list[Finding]:
    system = machine.operating_system.value
    findings = name_findings("virtual_machine", machine.azure_name, path=path)
    findings += computer_name_findings(
        machine.computer_name, system, path=joined(path, "computer_name")
    )
    findings += machine_size_findings(
        machine.size, builds_images=False, path=joined(path, "size")
    )
    findings += disk_type_findings(machine.disk_type, path=joined(path, "disk_type"))
    findings += premium_disk_findings(
        machine.size, machine.disk_type, path=joined(path, "size")
    )
    if machine.zone is not None:
        findings += zone_findings(machine.zone, path=joined(path, "zone"))
    if machine.disk_size_gigabytes is not None:
        findings += disk_size_findings(
            machine.disk_size_gigabytes,
            system,
            path=joined(path, "disk_size_gigabytes"),
        )
    if machine.private_address is not None:
        address = read_subnet_address(
            machine.private_address,
            subnet,
            joined(path, "private_address"),
            whose="the machines' subnet",
        )
        if isinstance(address, Finding):
            findings.append(address)
    return findings


def _subnet_range(reader: InputReader) -> IPv4Network | None:
    """Read the range of the machines' subnet; None if it is not known."""
    text = reader.optional_text(_PREFIX)
    if text is None:
        return None
    found = read_range(text, _PREFIX)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def _shared_findings(plan: MachinesPlan, subnet: IPv4Network | None) -> list[Finding]:
    """Find what machines cannot have in common, and whether they all have room."""
    paths = {key: f"machines.{key}" for key in plan.machines}
    findings = same_name_findings(
        "virtual_machine",
        [(paths[key], machine.azure_name) for key, machine in plan.machines.items()],
    )
    findings += same_computer_name_findings(
        {
            f"{paths[key]}.computer_name": machine.computer_name
            for key, machine in plan.machines.items()
        }
    )
    first: dict[str, str] = {}
    for key, machine in plan.machines.items():
        if machine.private_address is None:
            continue
        path = f"{paths[key]}.private_address"
        other = first.setdefault(machine.private_address, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{machine.private_address}' is {other} already; give another one",
                )
            )
    if subnet is not None and plan.machines:
        number = len(plan.machines)
        machines = "machine" if number == 1 else "machines"
        findings += capacity_findings(
            JUMP_BOX,
            subnet.prefixlen,
            [Tenant(f"the {number} {machines}", number)],
            path=_PREFIX,
            exists=True,
        )
    return findings

"""Reads the jump boxes of a JumpBoxBastion, and finds what is wrong with them.

Names, sizes and places are decided here; ``machine_resources`` writes them down. What
one operating system has and the other lacks stands in ``operating_systems``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import (
    ImageSpec,
    MachineSpec,
    OperatingSystem,
)
from azureml_network._place import Place
from azureml_rulebook.resource_ids import SUBNET


@dataclass(frozen=True, kw_only=True)
class ImagePlan:
    """An image of Azure's marketplace."""

    publisher: str
    offer: str
    sku: str
    version: str


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
    administrator_name: str
    ssh_public_key: str | None
    """Of the administrator; None on Windows."""
    administrator_password: Output[str] | None
    """None on Linux, which takes keys only."""
    disk_size_gigabytes: int | None
    """None: the image's."""
    disk_type: str
    encryption_at_host: bool
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


_IMAGES = {
    OperatingSystem.LINUX: ImagePlan(
        publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
    ),
    OperatingSystem.WINDOWS: ImagePlan(
        publisher="MicrosoftWindowsServer",
        offer="WindowsServer",
        sku="2022-datacenter-azure-edition",
        version="latest",
    ),
}


def read_machines(reader: InputReader, name: str, place: Place) -> MachinesPlan:
    """Read the machines of the component called ``name``.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        place: where it is.
    """
    specs = reader.each_optional("machines", MachineSpec)
    subnet_id = reader.resource_id("machine_subnet_id", SUBNET, required=bool(specs))
    groups = reader.input_texts("application_security_group_ids")
    return MachinesPlan(
        machines={
            key: _machine(reader, spec, name, key)
            for key, spec in sorted(specs.items())
        },
        subnet_id=subnet_id or "",
        application_security_group_ids=groups,
        application_security_group_name=f"{name}-jump-box-asg",
    )


def _machine(
    reader: InputReader, spec: InputReader, name: str, key: str
) -> MachinePlan:
    system = spec.choice("operating_system", OperatingSystem.LINUX)
    image = spec.nested("image", ImageSpec)
    is_linux = system is OperatingSystem.LINUX
    return MachinePlan(
        name=key,
        azure_name=f"{name}-{key}",
        operating_system=system,
        computer_name=spec.text("computer_name", key),
        size=spec.text("size", "Standard_D2s_v5"),
        zone=spec.optional_text("zone"),
        image=ImagePlan(
            publisher=image.text("publisher"),
            offer=image.text("offer"),
            sku=image.text("sku"),
            version=image.text("version", "latest"),
        )
        if spec.has("image")
        else _IMAGES[system],
        private_address=spec.optional_text("private_address"),
        administrator_name=spec.text("administrator_name", "azureuser"),
        ssh_public_key=spec.optional_text("ssh_public_key")
        or reader.optional_text("ssh_public_key")
        if is_linux
        else None,
        administrator_password=None
        if is_linux
        else spec.secret("administrator_password", required=True),
        disk_size_gigabytes=spec.optional_integer("disk_size_gigabytes"),
        disk_type=spec.text("disk_type", "Premium_LRS"),
        encryption_at_host=spec.flag("encryption_at_host", True),
        backend_pool_ids=spec.input_texts("backend_pool_ids"),
    )

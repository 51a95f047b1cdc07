"""What people type and where they click: commands and pages of each jump box.

Commands are for clients on people's own machines, and so only there where Bastion lets
these in; the portal's page always works.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pulumi import Output

from azureml_network._jump_box_bastion.arguments import OperatingSystem
from azureml_network._jump_box_bastion.machines import MachinesPlan
from azureml_network._place import Place
from azureml_rulebook.bastion_commands import (
    BastionAddress,
    portal_address,
    rdp_command,
    ssh_command,
    tunnel_command,
)

Texts = Mapping[str, Output[str]]


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Commands by the name of the machine."""

    ssh: Texts
    """Of Linux machines."""
    rdp: Texts
    """Of Windows machines."""
    tunnel: Texts


def native_client_commands(
    machines: MachinesPlan,
    bastion: Output[BastionAddress],
    machine_ids: Mapping[str, Output[str]],
    *,
    native_client: bool,
) -> Commands:
    """Return the commands that reach each machine; none without ``native_client``."""
    systems = {
        key: machine.operating_system
        for key, machine in machines.machines.items()
        if native_client
    }
    return Commands(
        ssh={
            key: _command(ssh_command, bastion, machine_ids[key])
            for key, system in systems.items()
            if system is OperatingSystem.LINUX
        },
        rdp={
            key: _command(rdp_command, bastion, machine_ids[key])
            for key, system in systems.items()
            if system is OperatingSystem.WINDOWS
        },
        tunnel={
            key: _command(
                partial(tunnel_command, operating_system=system),
                bastion,
                machine_ids[key],
            )
            for key, system in systems.items()
        },
    )


def _command(
    said: Callable[[BastionAddress, str], str],
    bastion: Output[BastionAddress],
    machine_id: Output[str],
) -> Output[str]:
    """Return a command once Bastion and the machine are known."""
    return bastion.apply(
        lambda address: machine_id.apply(lambda value: said(address, value))
    )


def portal_addresses(
    place: Place, machine_ids: Mapping[str, Output[str]]
) -> dict[str, Output[str]]:
    """Return the portal's page of each machine that opens a session in the browser."""
    return {
        key: machine_id.apply(lambda value: portal_address(place.cloud_name, value))
        for key, machine_id in machine_ids.items()
    }

"""How people reach a machine through Azure Bastion: what they type, what they open.

The commands are for clients on people's own machines; the page is the portal's.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from azureml_rulebook.clouds import cloud

PORTS = {"linux": 22, "windows": 3389}
"""The port that Bastion reaches a machine on, by its operating system: SSH or RDP
(https://learn.microsoft.com/azure/bastion/bastion-nsg)."""

LOCAL_PORTS = {"linux": 50022, "windows": 53389}
"""The port on one's own machine that a tunnel begins at; any free one does."""


@dataclass(frozen=True, kw_only=True)
class BastionAddress:
    """Where the command line finds a Bastion."""

    name: str
    resource_group_name: str
    subscription_id: str | None
    """None: the one that the command line is set to."""


def ssh_command(bastion: BastionAddress, machine_id: str) -> str:
    """Return the command that opens a shell on a Linux machine, signed in with Entra ID
    (https://learn.microsoft.com/cli/azure/network/bastion)."""
    return _command("ssh", bastion, machine_id, "--auth-type", "AAD")


def rdp_command(bastion: BastionAddress, machine_id: str) -> str:
    """Return the command that opens the desktop of a Windows machine, signed in with
    Entra ID, which the last switch is for; it runs on Windows
    (https://learn.microsoft.com/azure/bastion/bastion-entra-id-authentication)."""
    return _command("rdp", bastion, machine_id, "--enable-mfa")


def tunnel_command(
    bastion: BastionAddress, machine_id: str, operating_system: str
) -> str:
    """Return the command that leads a local port to a machine's own port."""
    return _command(
        "tunnel",
        bastion,
        machine_id,
        "--resource-port",
        str(PORTS[operating_system]),
        "--port",
        str(LOCAL_PORTS[operating_system]),
    )


def portal_address(cloud_name: str, machine_id: str) -> str:
    """Return the page of the portal that opens a session in the browser."""
    return (
        f"https://{cloud(cloud_name).portal_host}/#@/resource{machine_id}/bastionHost"
    )


def _command(
    kind: str, bastion: BastionAddress, machine_id: str, *switches: str
) -> str:
    subscription: Iterable[str] = (
        ()
        if bastion.subscription_id is None
        else ("--subscription", bastion.subscription_id)
    )
    return shlex.join(
        (
            *("az", "network", "bastion", kind),
            *("--name", bastion.name),
            *("--resource-group", bastion.resource_group_name),
            *subscription,
            *("--target-resource-id", machine_id),
            *switches,
        )
    )

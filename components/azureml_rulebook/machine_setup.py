"""Extensions of virtual machines, and how long what they are given may be.

Extensions are published by Microsoft and fetched by the agent on the machine through
the host it runs on, not through the machine's network.
"""

from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.virtual_machines import LINUX, WINDOWS

_LEARN = "https://learn.microsoft.com"
_EXTENSIONS = f"{_LEARN}/azure/virtual-machines/extensions"
LINUX_SCRIPT_PAGE = f"{_EXTENSIONS}/custom-script-linux"
WINDOWS_SCRIPT_PAGE = f"{_EXTENSIONS}/custom-script-windows"
_COMMAND_PAGE = (
    f"{_LEARN}/troubleshoot/windows-client/shell-experience/"
    "command-line-string-limitation"
)
_CLOUD_INIT_PAGE = f"{_LEARN}/azure/virtual-machines/linux/using-cloud-init"
_CUSTOM_DATA_PAGE = f"{_LEARN}/azure/virtual-machines/custom-data"

LONGEST_LINUX_SCRIPT = 256 * 1024
"""Bytes of a script that is given in the settings (``LINUX_SCRIPT_PAGE``)."""

LONGEST_WINDOWS_COMMAND = 8191
"""Characters of a command line (``_COMMAND_PAGE``)."""

LONGEST_CUSTOM_DATA = 65535
"""Bytes that a machine is given for its first boot (``_CUSTOM_DATA_PAGE``)."""

_CLOUD_INIT_BEGINNINGS = ("#", "Content-Type:", "MIME-Version:")
"""How each format that cloud-init takes begins (https://docs.cloud-init.io/en/latest/
explanation/format.html)."""


@dataclass(frozen=True, kw_only=True)
class ExtensionRow:
    """An extension of virtual machines, as it is called for one operating system."""

    publisher: str
    kind: str
    """Its type."""
    version: str
    """Oldest version that is taken; newer minor ones are taken by themselves."""
    automatic_upgrade: bool = False
    """Whether Azure brings newer versions to machines that have it already."""
    page: str


SIGN_IN_EXTENSIONS: dict[str, ExtensionRow] = {
    LINUX: ExtensionRow(
        publisher="Microsoft.Azure.ActiveDirectory",
        kind="AADSSHLoginForLinux",
        version="1.0",
        page=f"{_LEARN}/entra/identity/devices/howto-vm-sign-in-azure-ad-linux",
    ),
    WINDOWS: ExtensionRow(
        publisher="Microsoft.Azure.ActiveDirectory",
        kind="AADLoginForWindows",
        version="2.0",
        page=f"{_LEARN}/entra/identity/devices/howto-vm-sign-in-azure-ad-windows",
    ),
}
"""Sign-in with Microsoft Entra ID, which needs a system-assigned identity."""

MONITOR_EXTENSIONS: dict[str, ExtensionRow] = {
    LINUX: ExtensionRow(
        publisher="Microsoft.Azure.Monitor",
        kind="AzureMonitorLinuxAgent",
        version="1.21",
        automatic_upgrade=True,
        page=f"{_LEARN}/azure/azure-monitor/agents/azure-monitor-agent-manage",
    ),
    WINDOWS: ExtensionRow(
        publisher="Microsoft.Azure.Monitor",
        kind="AzureMonitorWindowsAgent",
        version="1.0",
        automatic_upgrade=True,
        page=f"{_LEARN}/azure/azure-monitor/agents/azure-monitor-agent-manage",
    ),
}
"""The Azure Monitor agent."""

SCRIPT_EXTENSIONS: dict[str, ExtensionRow] = {
    LINUX: ExtensionRow(
        publisher="Microsoft.Azure.Extensions",
        kind="CustomScript",
        version="2.1",
        page=LINUX_SCRIPT_PAGE,
    ),
    WINDOWS: ExtensionRow(
        publisher="Microsoft.Compute",
        kind="CustomScriptExtension",
        version="1.10",
        page=WINDOWS_SCRIPT_PAGE,
    ),
}
"""What runs a script; a machine has one of these at most."""


def linux_script_findings(text: str, *, path: str) -> list[Finding]:
    """Check that a script can be given in the settings of its extension."""
    size = len(text.encode())
    if size <= LONGEST_LINUX_SCRIPT:
        return []
    return [
        Finding(
            path,
            f"the script has {size} bytes, and at most {LONGEST_LINUX_SCRIPT} can be "
            f"given; shorten it ({LINUX_SCRIPT_PAGE})",
        )
    ]


def windows_command_findings(command: str, *, path: str) -> list[Finding]:
    """Check that Windows takes the command that a script was made into."""
    over = len(command) - LONGEST_WINDOWS_COMMAND
    if over <= 0:
        return []
    return [
        Finding(
            path,
            f"the script makes a command of {len(command)} characters, and Windows "
            f"takes {LONGEST_WINDOWS_COMMAND}; shorten it by {over * 3 // 8 + 1}, or "
            f"let it fetch the rest ({_COMMAND_PAGE})",
        )
    ]


def cloud_init_findings(text: str, *, path: str) -> list[Finding]:
    """Check that cloud-init takes a text for a configuration, and Azure its length."""
    findings: list[Finding] = []
    if not text.startswith(_CLOUD_INIT_BEGINNINGS):
        findings.append(
            Finding(
                path,
                "does not begin as cloud-init takes it; the first line of a "
                f"configuration is '#cloud-config' ({_CLOUD_INIT_PAGE})",
            )
        )
    size = len(text.encode())
    if size > LONGEST_CUSTOM_DATA:
        findings.append(
            Finding(
                path,
                f"has {size} bytes, and a machine takes {LONGEST_CUSTOM_DATA}; "
                f"shorten it ({_CUSTOM_DATA_PAGE})",
            )
        )
    return findings

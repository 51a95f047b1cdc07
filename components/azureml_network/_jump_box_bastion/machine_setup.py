"""What is installed on a jump box: our script, or the caller's, or cloud-init.

Our scripts are files of this package. Nothing in them or in the caller's is secret:
whoever reads the machine in Azure reads them too.
"""

from base64 import b64encode
from dataclasses import dataclass
from importlib.resources import files

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import OperatingSystem, SetupSpec
from azureml_rulebook.findings import joined
from azureml_rulebook.machine_setup import (
    cloud_init_findings,
    linux_script_findings,
    windows_command_findings,
)

_FILES = {
    OperatingSystem.LINUX: "linux.sh",
    OperatingSystem.WINDOWS: "windows.ps1",
}
_POWERSHELL = (
    "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand "
)


@dataclass(frozen=True, kw_only=True)
class SetupPlan:
    """What a machine installs; nothing of it, or one of the two."""

    script_settings: dict[str, str] | None = None
    """Settings of the extension that runs the script, in Azure's spelling."""
    custom_data: str | None = None
    """Configuration of cloud-init for the first boot, in base64."""


def default_script(system: OperatingSystem) -> str:
    """Return our script for an operating system."""
    folder = files("azureml_network._jump_box_bastion").joinpath("setup")
    return folder.joinpath(_FILES[system]).read_text(encoding="utf-8")


def read_setup(reader: InputReader, system: OperatingSystem) -> SetupPlan:
    """Read ``setup`` of one machine."""
    spec = reader.nested("setup", SetupSpec)
    script = spec.optional_text("script")
    cloud_init = spec.optional_text("cloud_init")
    if not spec.flag("enabled", True):
        for key in ("script", "cloud_init"):
            if spec.has(key):
                spec.note(key, "is not run with enabled: false; leave one of them out")
        return SetupPlan()
    if script is not None and cloud_init is not None:
        spec.note(
            "cloud_init",
            "cannot be used together with script; leave one of the two out, cloud-init "
            "runs scripts as well",
        )
    if cloud_init is not None:
        return _cloud_init(spec, system, cloud_init)
    return SetupPlan(
        script_settings=_script_settings(
            spec, system, default_script(system) if script is None else script
        )
    )


def _cloud_init(spec: InputReader, system: OperatingSystem, text: str) -> SetupPlan:
    if system is OperatingSystem.WINDOWS:
        spec.note("cloud_init", "is for Linux; give Windows a script")
        return SetupPlan()
    spec.findings += cloud_init_findings(text, path=joined(spec.path, "cloud_init"))
    return SetupPlan(custom_data=_base64(text.encode()))


def _script_settings(
    spec: InputReader, system: OperatingSystem, script: str
) -> dict[str, str]:
    path = joined(spec.path, "script")
    if system is OperatingSystem.LINUX:
        spec.findings += linux_script_findings(script, path=path)
        return {"script": _base64(script.encode())}
    # PowerShell takes UTF-16, the little-endian one.
    command = _POWERSHELL + _base64(script.encode("utf-16-le"))
    spec.findings += windows_command_findings(command, path=path)
    return {"commandToExecute": command}


def _base64(content: bytes) -> str:
    return b64encode(content).decode()

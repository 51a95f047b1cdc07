"""The set-up scripts of jump boxes: well formed, and stopped by nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Parser

from azureml_network import _jump_box_bastion
from azureml_network._jump_box_bastion.arguments import OperatingSystem
from azureml_network._jump_box_bastion.machine_setup import default_script

SCRIPTS = Path(_jump_box_bastion.__file__).parent / "setup"
SHELLCHECK = Path(sys.executable).parent / "shellcheck"


@pytest.mark.parametrize("command", [["bash", "-n"], [SHELLCHECK, "-S", "warning"]])
def test_bash_takes_the_linux_script(command: list[str]) -> None:
    """Bash reads it to its end, and a linter finds nothing to warn of."""
    subprocess.run([*command, str(SCRIPTS / "linux.sh")], check=True)


def test_powershell_takes_the_windows_script() -> None:
    """Its grammar reads it to its end; without one of its braces it would not."""
    parser = Parser(Language(tree_sitter_powershell.language()))
    script = (SCRIPTS / "windows.ps1").read_bytes()
    assert not parser.parse(script).root_node.has_error
    assert parser.parse(script.replace(b"}\n", b"\n", 1)).root_node.has_error


def test_the_linux_script_stops_nothing(tmp_path: Path) -> None:
    """On a machine without any source it ends well, and says what is missing."""
    report = tmp_path / "missing.txt"
    script = (
        default_script(OperatingSystem.LINUX)
        .replace("/var/log/jump-box-setup-missing.txt", str(report))
        .replace("/opt/", f"{tmp_path}/")
        .replace("/usr/local/bin/", f"{tmp_path}/")
    )
    # The first line's program is named here, as the extension does not need a path.
    found = subprocess.run(
        ["/bin/bash", "-c", script],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0
    missing = report.read_text().splitlines()
    assert missing == [
        "Git and Python",
        "Azure Machine Learning for Python, and JupyterLab",
        "Azure CLI",
        "ml extension of the Azure CLI",
    ]


@pytest.mark.parametrize("system", OperatingSystem)
def test_our_scripts_name_no_host(system: OperatingSystem) -> None:
    """Each tool comes from its own default source, which the machine's owner sets."""
    script = default_script(system)
    assert "://" not in script
    assert "--index-url" not in script
    assert script.rstrip().endswith("exit 0")

"""The pack in one folder: what is in it, and that the engine runs it by itself."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from azureml_policies._frame.bundle import write_bundle

Run = Callable[..., subprocess.CompletedProcess[str]]
KIND = "azure-native:machinelearningservices:Workspace"
STATE = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
        "resources": [
            {
                "urn": f"urn:pulumi:dev::judged::{KIND}::laboratory",
                "type": KIND,
                "custom": True,
                "id": "laboratory",
                "inputs": {"publicNetworkAccess": "Enabled"},
                "outputs": {},
            }
        ],
    },
}
"""A state that somebody exported elsewhere."""
PROGRAM = Path(__file__).with_name("programs") / "open_workspace.py"


def bundle(checkout: Path, to: Path) -> Path:
    """Write the bundle of this checkout."""
    return write_bundle(checkout / "policies", checkout / "components", to)


def test_what_is_in_it(checkout: Path, tmp_path: Path) -> None:
    """Pack, rulebook with its tables, reachability; nothing that is only made here."""
    folder = bundle(checkout, tmp_path / "bundle")
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "PulumiPolicy.yaml",
        "__main__.py",
        "azureml_policies",
        "azureml_reachability",
        "azureml_rulebook",
        "config",
        "requirements.txt",
    }
    assert (folder / "azureml_rulebook/published_azure_policies/rules.json").is_file()
    assert not list(folder.rglob("__pycache__"))
    project = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert project["runtime"]["options"] == {"virtualenv": "venv"}


def test_it_writes_over_nothing(checkout: Path, tmp_path: Path) -> None:
    """A folder with something in it is refused, by the command as well."""
    (tmp_path / "mine").write_text("")
    with pytest.raises(FileExistsError, match="not empty; name a new folder"):
        bundle(checkout, tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "azureml_policies", "bundle", "--to", str(tmp_path)],
        cwd=checkout / "policies",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"{tmp_path} is there already and not empty; name a new folder\n"
    )


@pytest.mark.engine
def test_it_runs_with_nothing_but_its_requirements(
    checkout: Path, tmp_path: Path, offline: Run
) -> None:
    """The engine starts it in an environment of its own, far from this checkout, on a
    program and on a saved state, and without a configuration."""
    folder = bundle(checkout, tmp_path / "bundle")
    environment = folder / "venv"
    python = environment / "bin" / "python"
    for command in (
        ("venv", "--without-pip", str(environment)),
        (
            *("pip", "--python", str(python), "install", "--no-compile", "--quiet"),
            *("--disable-pip-version-check", "-r", str(folder / "requirements.txt")),
        ),
    ):
        subprocess.run([sys.executable, "-m", *command], check=True)
    project = tmp_path / "project"
    project.mkdir()
    (project / "__main__.py").write_text(PROGRAM.read_text())
    options = {"virtualenv": str(checkout / ".venv")}
    about = {"name": "judged", "runtime": {"name": "python", "options": options}}
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    values = {"config": {"judged:access": "Enabled"}}
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump(values))
    run = offline(
        project, "pulumi", "preview", "-s", "dev", "--policy-pack", str(folder)
    )
    assert run.returncode != 0
    assert "publicNetworkAccess is 'Enabled'; set it to 'Disabled'" in run.stdout
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE))
    run = offline(
        *(tmp_path, "pulumi", "policy", "analyze"),
        *("--policy-pack", str(folder), "--file", str(state)),
    )
    assert run.returncode != 0
    assert "publicNetworkAccess is 'Enabled'; set it to 'Disabled'" in run.stdout
    modules = [
        "import azureml_policies, azureml_reachability, azureml_rulebook, sys",
        "print(azureml_policies.__file__)",
        "print(any('pulumi_azure_native' in name for name in sys.modules))",
    ]
    told = subprocess.run(
        [str(python), "-c", "; ".join(modules)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told == [str(folder / "azureml_policies" / "__init__.py"), "False"]

"""What all tests share: the checkout, and commands against the emulated Azure."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# A shell's background job ignores Ctrl-C, and so does all that it starts; programs that
# a test starts begin as in a terminal, wherever the tests themselves run.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast a machine is decides no test.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
"""The checkout that is tested."""

PROGRAM_FILES = (
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "Pulumi.prod.yaml",
    "__main__.py",
    "settings.py",
    "settings_form.py",
    "settings_problems.py",
    "settings_secrets.py",
    "settings_values.py",
    "stack_inputs.py",
    "yaml_form.py",
)
PROGRAM_FOLDERS = (".venv", "components", "policies", "stacks")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The checkout that is tested."""
    return ROOT


@pytest.fixture(scope="session")
def copy_program() -> Callable[[Path], Path]:
    """Copy the stack program into a folder of its own, with its own offline state.

    Files are copied, so that a test may change them; folders are links.
    """

    def copy(folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name in PROGRAM_FILES:
            shutil.copy(ROOT / name, folder / name)
        for name in PROGRAM_FOLDERS:
            (folder / name).symlink_to(ROOT / name, target_is_directory=True)
        return folder

    return copy


@pytest.fixture
def stack_project(tmp_path: Path, copy_program: Callable[[Path], Path]) -> Path:
    """A copy of the stack program."""
    return copy_program(tmp_path / "project")


@pytest.fixture(scope="session")
def offline() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command through `./offline` in a folder; returns what it said."""

    def run(
        folder: Path, *command: str, timeout: float = 300, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "offline", *command],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run

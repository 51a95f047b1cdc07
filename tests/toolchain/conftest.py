"""Fixtures of the toolchain's tests; makes the modules beside it importable."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up_builds import FAKE_GO, MODULE, Build, write_script  # noqa: E402

Offline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """An empty cache, a module and a fake Go on an otherwise bare PATH."""
    folder = tmp_path / "path"
    write_script(folder / "go", FAKE_GO)
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.mod").write_text(MODULE, encoding="utf-8")
    (module / "go.sum").write_text("", encoding="utf-8")
    started = tmp_path / "started"
    variables = {
        "PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(tmp_path / "home"),
        "FAKE_GO_STARTED": str(started),
    }
    return Build(tmp_path / "cache", module, folder, started, variables)


@pytest.fixture
def in_project(
    offline: Offline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Offline:
    """Run `./offline …` with this user's data in a folder of the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return offline

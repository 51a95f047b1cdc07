"""Which pulumi is used: an installed one that is new enough, else our own build."""

import os
from pathlib import Path

import pytest
from made_up_builds import write_script

from toolchain import engine
from toolchain.engine import Engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    """What stands for the engine that would be built."""
    ours = Engine(tmp_path / "built" / "pulumi", "3.274.1", True)
    monkeypatch.setattr(engine, "build_engine", lambda cache, passed_by: ours)
    return ours


def says(version: str) -> str:
    """Return a pulumi that says this version."""
    return f"#!/bin/sh\necho {version}\n"


@pytest.mark.parametrize(
    ("scripts", "chosen"),
    [
        ([], None),
        ([says("v3.248.9")], None),
        ([says("v3.249.0")], 0),
        ([says("3.274.1")], 0),
        ([says("v3.300.0-alpha.1+abc")], 0),
        ([says("v4.0.0")], 0),
        ([says("something else")], None),
        (["#!/bin/sh\nexit 1\n"], None),
        (["#!/no/such/interpreter\n"], None),
        ([says("v3.100.0"), says("v3.260.0")], 1),
        ([says("v3.260.0"), says("v3.270.0")], 0),
    ],
)
def test_the_first_installed_engine_that_will_do_is_used(
    built: Engine, tmp_path: Path, scripts: list[str], chosen: int | None
):
    """Too old, broken and missing ones are passed by, in the order of PATH."""
    files = [
        write_script(tmp_path / str(number) / "pulumi", text)
        for number, text in enumerate(scripts)
    ]
    path = os.pathsep.join(str(file.parent) for file in files)
    found = engine.find_engine({"PATH": path})
    assert found.path == (built.path if chosen is None else files[chosen])


def test_our_own_shim_is_never_the_engine(built: Engine, tmp_path: Path):
    """./offline inside ./offline finds the engine behind the shim."""
    real = write_script(tmp_path / "pulumi", says("v3.274.1"))
    shims = ROOT / "toolchain" / "shims"
    path = os.pathsep.join((str(shims), str(real.parent)))
    assert engine.find_engine({"PATH": path}).path == real


@pytest.mark.parametrize("has_host", [True, False])
def test_the_official_language_host_is_noticed(
    built: Engine, tmp_path: Path, has_host: bool
):
    """Ours joins PATH only where the official one does not lie beside the engine."""
    write_script(tmp_path / "pulumi", says("v3.274.1"))
    if has_host:
        write_script(tmp_path / "pulumi-language-python", "#!/bin/sh\n")
    found = engine.find_engine({"PATH": str(tmp_path)})
    assert found.has_language_host is has_host


@pytest.mark.parametrize("text", ["", "3.2", "v3.x.1", "pulumi 3.249.0", "3.1.2.3"])
def test_what_is_no_version_is_refused(text: str):
    """A version that cannot be read is never taken for a new one."""
    with pytest.raises(ValueError, match="not a version"):
        engine.parse_version(text)

"""Which Python runs a program, and how its dependencies are installed.

The `runtime.options` of Pulumi.yaml say it: `virtualenv`, `toolchain` (pip or uv)
and `typechecker`, as documented at
https://www.pulumi.com/docs/iac/languages-sdks/python/. Relative paths start at the
folder of Pulumi.yaml.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOOLCHAINS = ("pip", "uv")
TYPECHECKERS = ("mypy", "pyright")


class OptionsError(Exception):
    """An option in Pulumi.yaml cannot be followed; the text says what to change."""


@dataclass(frozen=True)
class Interpreter:
    """The Python of one program.

    `virtualenv` is an absolute path, or None for the python3 on PATH. `project` is
    the folder of pyproject.toml where uv manages the environment, else None.
    """

    program: Path
    virtualenv: Path | None
    toolchain: str
    typechecker: str | None
    project: Path | None

    @property
    def executable(self) -> Path:
        """The path of the interpreter; raises OptionsError where there is none."""
        if self.virtualenv is None:
            return _python_on_path()
        python = self.virtualenv / "bin" / "python"
        if not python.exists():
            raise OptionsError(
                f"virtualenv: {self.virtualenv} is not a virtual environment; run "
                f"`pulumi install` in {self.program} to create it and install the "
                "dependencies"
            )
        return python

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` as it is after `source <virtualenv>/bin/activate`."""
        environment = dict(base)
        if self.virtualenv is not None:
            environment.pop("PYTHONHOME", None)
            environment["VIRTUAL_ENV"] = str(self.virtualenv)
            environment["PATH"] = os.pathsep.join(
                (str(self.virtualenv / "bin"), base.get("PATH", os.defpath))
            )
        return environment


def interpreter_for(
    root: str,
    program: str,
    options: Mapping[str, object],
    *,
    default_virtualenv: str | None = None,
) -> Interpreter:
    """Read the options of one Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml.

    `root` and `program` are absolute folders. Component plugins live in the
    virtual environment `venv` unless they name another: `default_virtualenv`.
    Raises OptionsError for a value that is not supported.
    """
    program_folder = Path(program)
    typechecker = _choice(options, "typechecker", TYPECHECKERS)
    toolchain = _choice(options, "toolchain", TOOLCHAINS)
    named = options.get("virtualenv")
    if named is not None and not isinstance(named, str):
        raise OptionsError(f"runtime.options.virtualenv: {named!r} is not a string")
    project = None
    if toolchain == "uv" or (toolchain is None and _above(program_folder, "uv.lock")):
        toolchain = "uv"
        project = _above(program_folder, "uv.lock") or program_folder
        virtualenv = Path(root, named) if named else project / ".venv"
    else:
        toolchain = "pip"
        named = named or default_virtualenv
        virtualenv = Path(root, named) if named else None
    return Interpreter(program_folder, virtualenv, toolchain, typechecker, project)


def _choice(
    options: Mapping[str, object], key: str, allowed: tuple[str, ...]
) -> str | None:
    value = options.get(key)
    if value is None or value in allowed:
        return value  # type: ignore[return-value]
    raise OptionsError(
        f"runtime.options.{key}: {value!r} is not supported by this language host; "
        f"allowed: {', '.join(allowed)}, or leave it out (the official Pulumi CLI "
        "has a host that supports more)"
    )


def _above(folder: Path, name: str) -> Path | None:
    """Return the nearest folder, from `folder` upwards, that holds the file."""
    for candidate in (folder, *folder.parents):
        if (candidate / name).is_file():
            return candidate
    return None


def _python_on_path() -> Path:
    names = (os.environ.get("PULUMI_PYTHON_CMD"), "python3", "python")
    for name in filter(None, names):
        if found := shutil.which(name):
            return Path(found)
    raise OptionsError(
        "no python3 on PATH; install Python 3.11 or newer, or name a virtual "
        "environment in Pulumi.yaml: runtime.options.virtualenv"
    )

"""Installs what a program needs: what `pulumi install` asks a language host for.

The virtual environment that Pulumi.yaml names is made when missing; then pip (or
uv, where it is on PATH) installs requirements.txt or pyproject.toml into it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from toolchain.language_host.children import Child
from toolchain.language_host.interpreter import Interpreter, OptionsError

Start = Callable[..., Child]
"""Starts a child with Child's own arguments; the host keeps track of it."""


class InstallationError(Exception):
    """A step failed; the text names the command, what it said is in the output."""


def install(
    interpreter: Interpreter, *, is_plugin: bool, start: Start
) -> Iterator[tuple[str, bytes]]:
    """Install a program's dependencies and yield the output as it comes.

    Yields `(stream, bytes)`. A plugin with a buildable pyproject.toml is installed
    itself too. Raises InstallationError when a command fails.
    """
    folder = interpreter.program
    for command in _commands(interpreter, is_plugin=is_plugin):
        yield "stdout", f"$ {' '.join(command)}\n".encode()
        environment = interpreter.environment(os.environ)
        if interpreter.project and interpreter.virtualenv:
            environment["UV_PROJECT_ENVIRONMENT"] = str(interpreter.virtualenv)
        child = start(command, folder=str(folder), environment=environment)
        yield from child.output()
        if code := child.wait():
            raise InstallationError(
                f"`{' '.join(command)}` failed in {folder} with exit code {code}; "
                "see its output above"
            )
    yield "stdout", b"Finished installing dependencies\n"


def _commands(interpreter: Interpreter, *, is_plugin: bool) -> Iterator[list[str]]:
    """Yield the commands one by one; later ones may need what earlier ones made."""
    uv = shutil.which("uv")
    if interpreter.project is not None:
        if uv is None:
            raise OptionsError(
                "runtime.options.toolchain: uv is not on PATH; install it "
                "(https://docs.astral.sh/uv/) or use `toolchain: pip`"
            )
        yield [uv, "sync", "--project", str(interpreter.project)]
        return
    virtualenv = interpreter.virtualenv
    if virtualenv and not (virtualenv / "bin" / "python").exists():
        base = Interpreter(interpreter.program, None, "pip", None, None)
        yield [str(base.executable), "-m", "venv", str(virtualenv)]
    python = str(interpreter.executable)
    # Without a virtual environment pip knows how its Python wants to be treated.
    if uv and virtualenv:
        installer = [uv, "pip", "install", "--python", python]
    else:
        installer = [python, "-m", "pip", "install"]
    if (interpreter.program / "requirements.txt").is_file():
        yield [*installer, "-r", "requirements.txt"]
    if is_plugin and _is_buildable(interpreter.program):
        yield [*installer, "."]


def _is_buildable(folder: Path) -> bool:
    """Tell whether pip can build the folder as a package."""
    pyproject = folder / "pyproject.toml"
    if not pyproject.is_file():
        return False
    text = pyproject.read_text(encoding="utf-8")
    return "[build-system]" in text and "[project]" in text

"""The `pulumi` that commands under ./offline find on PATH.

It prepares the stack that one invocation is about (created on first use, with a
fresh copy of its configuration), refuses what would write to tracked files, and
then becomes the real pulumi, whose exit code and signals are its own.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from toolchain.arguments import CommandLine, read_arguments
from toolchain.errors import MISUSE, ToolchainError, keeping_files_in, report
from toolchain.project import (
    OTHER_STATE_FOLDER,
    STATE_VARIABLE,
    Project,
    find_project,
    read_project,
)
from toolchain.stacks import OfflineState

ENGINE_VARIABLE = "AZUREML_NETWORK_ENGINE"
"""The path of the real pulumi; set by ./offline."""

PLUGIN_FILE = "PulumiPlugin.yaml"
CONFIG_FILE_VARIABLE = "PULUMI_OPTION_CONFIG_FILE"

_NEEDS_STACK = frozenset(
    "preview pre up update destroy down refresh import cancel logs watch state".split()
)
_WRITES_CONFIG = frozenset("set set-all rm rm-all cp refresh env".split())


@dataclass(frozen=True)
class Invocation:
    """What the real pulumi is started with: arguments and a configuration file.

    Empty arguments mean that nothing is left to do.
    """

    arguments: list[str]
    config_file: Path | None = None


def prepare(arguments: Sequence[str], state_folder: Path, pulumi: str) -> Invocation:
    """Prepare for one pulumi command line and return how to start the real one.

    Raises ToolchainError for an unknown stack and for what ./offline refuses.
    """
    line = read_arguments(arguments)
    if not line.verb or line.flags & {"help", "h", "version"}:
        return Invocation(list(arguments))
    _refuse_writing(line)
    if line.verb == "package":
        return Invocation(_with_local_package(line, arguments))
    file = find_project(Path(line.folder or "."))
    if file is None:
        return Invocation(list(arguments))
    project = read_project(file)
    state = OfflineState(state_folder, pulumi)
    stack, named = _stack(line, project, state)
    if stack is None:
        if line.verb in _NEEDS_STACK:
            raise ToolchainError(
                f"{project.file}: no stack is selected; add `--stack NAME`; "
                f"{_known(project, state)}",
                MISUSE,
            )
        return Invocation(list(arguments))
    creates = _creates_stack(line)
    source = project.stack_file(stack)
    if line.config_file:
        source = Path(line.folder or ".", line.config_file)
    known = source.exists() or state.has_stack(project, stack)
    if not known and not creates:
        if not named:
            return Invocation(list(arguments))
        raise ToolchainError(
            f"{project.file}: unknown stack {stack!r}; {_known(project, state)}", MISUSE
        )
    if creates and not state.has_stack(project, stack):
        # The engine's own `stack init` would write to the stack's file.
        state.prepare(project, stack, source)
        print(f"Created stack {stack!r}")
        if "no-select" in line.flags:
            return Invocation([])
        return Invocation(["stack", "select", stack, "--cwd", str(project.folder)])
    copy = state.prepare(project, stack, source)
    return Invocation(_keeping_files(line), copy)


def _with_local_package(line: CommandLine, arguments: Sequence[str]) -> list[str]:
    """Return `package …` with a plugin's folder written as a path.

    The engine takes `components` for a name in the registry, which an offline run
    cannot ask, and `./components` for the folder. A folder of the project is found
    from below, too.
    """
    folder = Path(line.folder or ".")
    project_file = find_project(folder)
    for name in line.words[2:3]:
        if name.startswith((".", "/")):
            continue
        path = f"./{name}"
        if project_file is not None and not (folder / name / PLUGIN_FILE).is_file():
            path = str(project_file.parent / name)
        if (folder / path / PLUGIN_FILE).is_file():
            return [path if one == name else one for one in arguments]
    return list(arguments)


def _stack(
    line: CommandLine, project: Project, state: OfflineState
) -> tuple[str | None, bool]:
    """Return the stack of an invocation, and whether the user named it."""
    named = line.stack or _positional_stack(line) or os.environ.get("PULUMI_STACK")
    if named:
        return named.rsplit("/", 1)[-1], True
    return project.selected_stack(state.home, state.backend), False


def _positional_stack(line: CommandLine) -> str | None:
    """Return the stack in `stack init|select|rm NAME` and `cancel NAME`."""
    match line.words:
        case ["stack", "init" | "select" | "rm" | "remove", name, *_]:
            return name
        case ["cancel", name, *_]:
            return name
    return None


def _creates_stack(line: CommandLine) -> bool:
    match line.words:
        case ["stack", "init", *_]:
            return True
        case ["stack", "select", *_]:
            return bool(line.flags & {"create", "c"})
    return False


def _refuse_writing(line: CommandLine) -> None:
    """Raise for a command whose purpose is to change the stack's own file."""
    match line.words:
        case ["config", verb, *_] if verb in _WRITES_CONFIG:
            what = f"config {verb}"
        case ["stack", "rename" | "change-secrets-provider" as verb, *_]:
            what = f"stack {verb}"
        case _:
            return
    raise ToolchainError(
        f"`pulumi {what}` is not for offline runs, which never write to tracked "
        "files; edit Pulumi.<stack>.yaml, or run pulumi without ./offline",
        MISUSE,
    )


def _keeping_files(line: CommandLine) -> list[str]:
    """Return the arguments, changed so that the stack's own file is kept."""
    arguments = list(line.without_config_file)
    removes = line.words[:2] in (["stack", "rm"], ["stack", "remove"])
    if removes or "remove" in line.flags:
        arguments.append("--preserve-config")
    return arguments


def _known(project: Project, state: OfflineState) -> str:
    names = sorted({*project.stack_names(), *state.stack_names(project)})
    if not names:
        return f"there is none yet: write {project.stack_file('dev').name} for one"
    return f"known: {', '.join(names)}"


def main() -> NoReturn:
    """Prepare, then become the real pulumi."""
    pulumi = os.environ[ENGINE_VARIABLE]
    state = Path(os.environ[STATE_VARIABLE])
    try:
        with keeping_files_in(state, OTHER_STATE_FOLDER):
            invocation = prepare(sys.argv[1:], state, pulumi)
    except ToolchainError as error:
        sys.exit(report(error))
    if sys.argv[1:] and not invocation.arguments:
        sys.exit(0)
    if invocation.config_file:
        os.environ[CONFIG_FILE_VARIABLE] = str(invocation.config_file)
    os.execv(pulumi, [pulumi, *invocation.arguments])


if __name__ == "__main__":
    main()

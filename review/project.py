"""The Pulumi project that is reviewed: its name, its stacks and its policy pack.

Misuse is found here, before the engine is started, so that the answer comes at once.
"""

import difflib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from review.outcomes import ExitCode, Misuse

_STACK_FILE = re.compile(r"^Pulumi\.(?P<stack>.+)\.ya?ml$")


@dataclass(frozen=True)
class Project:
    """A folder with a Pulumi.yaml."""

    directory: Path
    name: str
    content: Mapping[str, Any] = field(default_factory=dict)
    """What the Pulumi.yaml holds."""

    @property
    def stack_folder(self) -> Path:
        """Where the stacks' files are: `stackConfigDir`, else the project's own."""
        return self.directory / str(self.content.get("stackConfigDir") or ".")

    def configured_stacks(self) -> list[str]:
        """The stacks that have a Pulumi.<stack>.yaml, by name."""
        names = (_STACK_FILE.match(path.name) for path in self.stack_folder.glob("*"))
        return sorted({match["stack"] for match in names if match})

    def stack_file(self, stack: str) -> Path:
        """The configuration file of a stack, whether there is one yet or not."""
        names = [f"Pulumi.{short_name(stack)}.{ending}" for ending in ("yaml", "yml")]
        files = [self.stack_folder / name for name in names]
        return next((file for file in files if file.is_file()), files[0])

    def further_stack_file(self, stack: str) -> Path | None:
        """A stack's file that only `--config-file` uses: in `stacks`, with no other."""
        if self.stack_file(stack).is_file():
            return None
        folder = self.directory / "stacks"
        names = [f"Pulumi.{short_name(stack)}.{ending}" for ending in ("yaml", "yml")]
        return next(
            (folder / name for name in names if (folder / name).is_file()), None
        )

    def default_of(self, key: str) -> Any:
        """What Pulumi.yaml configures for all stacks under a key; None for nothing."""
        declarations = self.content.get("config")
        for spelling in (f"{self.name}:{key}", key):
            declaration = (
                declarations.get(spelling) if isinstance(declarations, dict) else None
            )
            if isinstance(declaration, dict):
                return declaration.get("value", declaration.get("default"))
        return None


@dataclass(frozen=True)
class PolicyPack:
    """A policy pack and, where there is one, its configuration for the stack."""

    directory: Path
    config_file: Path | None

    def arguments(self) -> list[str]:
        """The options that make `pulumi` judge by this pack."""
        options = ["--policy-pack", str(self.directory)]
        if self.config_file:
            options += ["--policy-pack-config", str(self.config_file)]
        return options


def find_project(start: Path) -> Project:
    """The project of `start`, or of the nearest folder above it.

    Raises `Misuse` when there is none, or when its Pulumi.yaml cannot be read.
    """
    if not start.is_dir():
        raise Misuse(f"--project: {start} is not a folder; name one with a Pulumi.yaml")
    start = start.resolve()
    for directory in (start, *start.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (directory / name).is_file():
                return _read_project(directory / name)
    raise Misuse(
        f"no Pulumi.yaml in {start} or in a folder above it; "
        "go to a Pulumi project or name one with --project"
    )


def check_stack(project: Project, stack: str) -> None:
    """Raise `Misuse` with the known stacks when the project has no such stack.

    A stack is known by its Pulumi.<stack>.yaml; one without configuration is known to
    the backend only, which is asked when there is no such file.
    """
    short = short_name(stack)
    known = project.configured_stacks()
    if short in known:
        return
    known = sorted({*known, *_stacks_of_backend(project)})
    if short in known:
        return
    nearest = difflib.get_close_matches(short, known, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    listed = ", ".join(known) or "none"
    raise Misuse(
        f"--stack: unknown stack {stack!r}{hint}\n"
        f"  known stacks: {listed}\n"
        f"  a new one: add Pulumi.{short}.yaml to {project.stack_folder}"
    )


def short_name(stack: str) -> str:
    """A stack's own name, without organisation and project.

    >>> short_name("contoso/private-azureml/prod")
    'prod'
    """
    return stack.rsplit("/", 1)[-1]


def find_policy_pack(
    project: Project, stack: str, directory: Path | None, config_file: Path | None
) -> PolicyPack | None:
    """The pack named by the user, else the project's own `policies/`, else none.

    Its configuration is the file named by the user, else the pack's own
    `config/<stack>.json` where there is one. Raises `Misuse` for a folder without a
    PulumiPolicy.yaml and for a configuration that is no JSON object.
    """
    chosen = directory or project.directory / "policies"
    if not (chosen / "PulumiPolicy.yaml").is_file():
        if directory:
            raise Misuse(
                f"--policy-pack: {directory} has no PulumiPolicy.yaml; "
                "name the folder of a policy pack"
            )
        if config_file:
            raise Misuse(
                f"--policy-pack-config: {config_file} is of no use without a pack; "
                f"{chosen} has no PulumiPolicy.yaml, name a pack with --policy-pack"
            )
        return None
    if config_file is None:
        own = chosen.resolve() / "config" / f"{short_name(stack)}.json"
        config_file = own if own.is_file() else None
    if config_file:
        _check_config_file(config_file)
        _check_config_with_pack(chosen.resolve(), config_file.resolve())
    return PolicyPack(chosen.resolve(), config_file.resolve() if config_file else None)


def _check_config_with_pack(pack: Path, config_file: Path) -> None:
    """Let our own pack check its configuration; others are left to the engine.

    The engine says of a rule that the pack does not have no more than that its level
    is wrong, and stops at the first of several mistakes.
    """
    if not (pack / "azureml_policies" / "__main__.py").is_file():
        return
    done = subprocess.run(
        [
            str(_python_of_pack(pack)),
            *("-m", "azureml_policies", "check", str(config_file)),
        ],
        cwd=pack,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == int(ExitCode.MISUSE):
        raise Misuse((done.stderr or done.stdout).strip())


def _python_of_pack(pack: Path) -> Path:
    """The interpreter of the pack's virtual environment, else this one."""
    content = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    runtime = content.get("runtime") if isinstance(content, dict) else None
    options = runtime.get("options") if isinstance(runtime, dict) else None
    folder = options.get("virtualenv") if isinstance(options, dict) else None
    python = pack / str(folder) / "bin" / "python"
    return python if folder and python.is_file() else Path(sys.executable)


def _read_project(file: Path) -> Project:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misuse(f"{file}: cannot be read as YAML: {_one_line(error)}") from error
    content = content if isinstance(content, dict) else {}
    name = content.get("name")
    if not isinstance(name, str) or not name:
        raise Misuse(f"{file}: `name` is missing; give the project a name")
    return Project(file.parent, name, content)


def _stacks_of_backend(project: Project) -> list[str]:
    try:
        listing = subprocess.run(
            ["pulumi", "stack", "ls", "--json", "--non-interactive"],
            cwd=project.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return [short_name(each["name"]) for each in json.loads(listing.stdout)]
    except (OSError, subprocess.CalledProcessError, ValueError):
        return []


def _check_config_file(file: Path) -> None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misuse(
            f"--policy-pack-config: {file} cannot be read: {error.strerror}"
        ) from error
    except ValueError as error:
        raise Misuse(f"{file}: is not valid JSON: {_one_line(error)}") from error
    if not isinstance(content, dict):
        raise Misuse(
            f"{file}: holds no JSON object; write one with policy names as keys"
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

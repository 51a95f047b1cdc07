"""Finds a Pulumi project and the folder that its offline runs keep their state in."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import MISUSE, ToolchainError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
STATE_VARIABLE = "PULUMI_OFFLINE_DIRECTORY"
STATE_FOLDER = ".pulumi-offline"
OTHER_STATE_FOLDER = f"set {STATE_VARIABLE} to another folder"
"""What to do when the state cannot be kept where it is."""


@dataclass(frozen=True)
class Project:
    """A Pulumi.yaml that was read: its path, project name and `config` block.

    `stack_folder` is where the stacks' files are: `stackConfigDir`, else beside it.
    """

    file: Path
    name: str
    config: dict[str, object]
    stack_folder: Path

    @property
    def folder(self) -> Path:
        """The folder of Pulumi.yaml."""
        return self.file.parent

    def stack_file(self, stack: str) -> Path:
        """Return where the stack's configuration is, or would be."""
        return self.stack_folder / f"{self.file.stem}.{stack}{self.file.suffix}"

    def stack_names(self) -> list[str]:
        """Return the names of the stacks that have a configuration file, sorted."""
        files = self.stack_folder.glob(f"{self.file.stem}.*{self.file.suffix}")
        prefix, suffix = f"{self.file.stem}.", self.file.suffix
        return sorted(
            file.name.removeprefix(prefix).removesuffix(suffix) for file in files
        )

    def selected_stack(self, home: Path, backend: str) -> str | None:
        """Return the stack that `pulumi stack select` chose, or None.

        The engine keeps it in PULUMI_HOME (`home`), in a file named after the
        project and the SHA-1 of the resolved path of Pulumi.yaml: per backend, in
        older engines for all of them.
        """
        digest = hashlib.sha1(str(self.file.resolve()).encode()).hexdigest()
        file = home / "workspaces" / f"{self.name}-{digest}-workspace.json"
        try:
            kept = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        chosen = kept.get("stacks", {}).get(backend) or kept.get("stack")
        return chosen.rsplit("/", 1)[-1] if chosen else None


def find_project(start: Path) -> Path | None:
    """Return the nearest project file, from the folder `start` upwards, or None."""
    start = _resolved(start)
    for folder in (start, *start.parents):
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    return None


def read_project(file: Path) -> Project:
    """Read a project file. Raises ToolchainError when it is none."""
    content = read_mapping(file)
    name = content.get("name")
    if not isinstance(name, str) or not name:
        raise ToolchainError(
            f"{file}: name: {name!r} is not a project name; write `name: my-project`",
            MISUSE,
        )
    config = content.get("config")
    return Project(
        file,
        name,
        config if isinstance(config, dict) else {},
        file.parent / str(content.get("stackConfigDir") or "."),
    )


def read_mapping(file: Path) -> dict[str, object]:
    """Return the mapping in a YAML (or JSON) file; an empty file is an empty one.

    Raises ToolchainError that names the file and the line.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(file.read_text("utf-8"), Loader=loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ToolchainError(f"{file}: cannot be read: {error}", MISUSE) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ToolchainError(
            f"{file}: holds {type(content).__name__}, not `key: value` lines", MISUSE
        )
    return content


def state_folder(start: Path) -> Path:
    """Return where offline runs from the folder `start` keep their state."""
    if named := os.environ.get(STATE_VARIABLE):
        return _resolved(Path(named))
    project = find_project(start)
    return (project.parent if project else _resolved(start)) / STATE_FOLDER


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except FileNotFoundError as error:
        raise ToolchainError(
            "the current folder was deleted; go to one that is there"
        ) from error

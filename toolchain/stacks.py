"""Stacks of offline runs: made on first use, configured from a copy.

The engine writes `encryptionsalt` into a stack's configuration file, which then
demands a passphrase from everyone who uses Pulumi Cloud. So that tracked files stay
as they are, stacks are created from a scratch folder with a project of the same
name, and each run is given a fresh copy of the configuration. Values that are
encrypted for somebody else's key are replaced by throwaway ones.
"""

import fcntl
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain import throwaway
from toolchain.errors import MISUSE, ToolchainError
from toolchain.project import Project, read_mapping

_ENCRYPTION_KEYS = ("encryptionsalt", "encryptedkey", "secretsprovider")


@dataclass(frozen=True)
class OfflineState:
    """The folder of one project's offline runs, and the engine they use."""

    folder: Path
    pulumi: str

    @property
    def backend(self) -> str:
        """The URL of the state, PULUMI_BACKEND_URL."""
        return (self.folder / "state").as_uri()

    @property
    def home(self) -> Path:
        """The engine's own folder, PULUMI_HOME."""
        return self.folder / "home"

    def has_stack(self, project: Project, stack: str) -> bool:
        """Tell whether the stack was created."""
        stacks = self.folder / "state" / ".pulumi" / "stacks" / project.name
        return any(
            (stacks / f"{stack}{ending}").exists() for ending in (".json", ".json.gz")
        )

    def stack_names(self, project: Project) -> list[str]:
        """Return the stacks that were created, sorted."""
        stacks = self.folder / "state" / ".pulumi" / "stacks" / project.name
        return sorted(file.name.removesuffix(".json") for file in stacks.glob("*.json"))

    def prepare(self, project: Project, stack: str, source: Path) -> Path:
        """Return the copy of the configuration `source` for this run of a stack.

        The stack is created when it is not there yet. Two runs at once do not
        collide: one does what is to be done first, the other finds it done.
        """
        content = read_mapping(source) if source.exists() else {}
        config = content.get("config") or {}
        if not isinstance(config, dict):
            raise ToolchainError(
                f"{source}: config: holds {type(config).__name__}, not `key: value` "
                "lines",
                MISUSE,
            )
        with state_lock(self.folder):
            scratch = _Scratch(self, project, stack)
            scratch.create_stack()
            paths = throwaway.secrets_to_make(project, config)
            encrypted = scratch.encrypt(
                throwaway.values(project, paths, _user_folder())
            )
            copied = {
                key: value
                for key, value in content.items()
                if key not in _ENCRYPTION_KEYS
            }
            copied["encryptionsalt"] = scratch.salt()
            copied["config"] = throwaway.with_secrets(project, config, encrypted)
            return _write_copy(self.folder / "config" / project.name, stack, copied)


@dataclass(frozen=True)
class _Scratch:
    """A project of the same name, whose stack file takes what the engine writes."""

    state: OfflineState
    project: Project
    stack: str

    @property
    def folder(self) -> Path:
        return self.state.folder / "scratch" / self.project.name

    @property
    def file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def create_stack(self) -> None:
        """Create the stack and its encryption key, each only when missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(
            f"name: {self.project.name}\nruntime: python\n", encoding="utf-8"
        )
        if not self.state.has_stack(self.project, self.stack):
            self.file.unlink(missing_ok=True)
            self._pulumi("stack", "init", "--no-select", self.stack)
        elif not self._content().get("encryptionsalt"):
            # The stack came from elsewhere, as by `pulumi new`.
            self._pulumi(
                *("config", "set", "--stack", self.stack),
                *("--secret", f"{self.project.name}:encryption"),
                answer="unused",
            )

    def salt(self) -> object:
        """Return the stack's `encryptionsalt`."""
        return self._content()["encryptionsalt"]

    def encrypt(self, values: Mapping[str, str]) -> dict[str, object]:
        """Return each value encrypted for the stack, as `{"secure": text}`.

        A value is encrypted by the engine once and found in the scratch file later.
        """
        known = self._content().get("config") or {}
        assert isinstance(known, dict)
        for key, value in values.items():
            if key not in known:
                self._pulumi(
                    *("config", "set", "--stack", self.stack, "--secret", key),
                    answer=value,
                )
        known = self._content().get("config") or {}
        assert isinstance(known, dict)
        return {key: known[key] for key in values}

    def _content(self) -> dict[str, object]:
        return read_mapping(self.file) if self.file.exists() else {}

    def _pulumi(self, *arguments: str, answer: str = "") -> None:
        """Run the engine in the scratch folder; `answer` is its standard input."""
        finished = subprocess.run(
            [self.state.pulumi, "-C", str(self.folder), *arguments],
            env={
                name: value
                for name, value in os.environ.items()
                if name not in ("PULUMI_STACK", "PULUMI_OPTION_CONFIG_FILE")
            },
            input=answer,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if finished.returncode:
            told = re.sub(r"\s+", " ", finished.stderr or finished.stdout).strip()
            raise ToolchainError(
                f"the stack {self.stack!r} of {self.project.file} could not be "
                f"prepared in {self.state.folder}: `pulumi {' '.join(arguments)}` "
                f"failed: {told}"
            )


def _user_folder() -> Path:
    """Return where this user's throwaway secrets are kept."""
    import platformdirs

    return Path(platformdirs.user_data_dir("azureml-network"))


@contextmanager
def state_lock(folder: Path) -> Iterator[None]:
    """Hold the state folder's lock; the system drops it when this process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_copy(folder: Path, stack: str, content: Mapping[str, object]) -> Path:
    """Write the copy whole; a run that reads the older one keeps what it has."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"Pulumi.{stack}.yaml"
    new = copy.with_name(f"{copy.name}.{os.getpid()}.new")
    new.write_text(
        yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True),
        encoding="utf-8",
    )
    new.replace(copy)
    return copy

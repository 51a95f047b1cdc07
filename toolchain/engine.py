"""The Pulumi engine: the one that is installed, or one built from Go modules.

No package index holds a ready engine, but its source is on the Go module proxy.
go.mod and go.sum in the folder `engine` pin it and everything it is made of; the
binary goes to the user's cache, under a name made of the version, those two files
and the machine, so that every checkout with the same pins shares it.
"""

import errno
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain import go as golang
from toolchain.errors import ToolchainError
from toolchain.progress import Progress

MINIMUM = (3, 249, 0)
"""The oldest engine that will do: `policy analyze --file` came with it."""

MODULE = Path(__file__).with_name("engine")
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
SPACE_NEEDED = "4 GB"
"""Of a build from nothing: modules, build cache, binary."""

SHIM_MARK = "stack shim of ./offline"
"""In the second line of our own `pulumi`; a search for the engine passes it by."""

LANGUAGE_HOST_VARIABLE = "AZUREML_NETWORK_LANGUAGE_HOST"
_LAUNCHER = f"""#!/bin/sh
# The engine beside this file starts it for Python; ./offline names the host to run.
exec "${{{LANGUAGE_HOST_VARIABLE}:?run pulumi through ./offline}}" "$@"
"""


@dataclass(frozen=True)
class Engine:
    """A Pulumi engine.

    `has_language_host` says that Python's host lies beside it or on PATH.
    """

    path: Path
    version: str
    has_language_host: bool


def find_engine(environment: Mapping[str, str] = os.environ) -> Engine:
    """Return the engine to use, building it first where none is installed.

    Raises ToolchainError when it cannot be built.
    """
    refusals = []
    path = environment.get("PATH", os.defpath)
    for candidate in _installed(path):
        version = _version_of(candidate)
        if version is not None and parse_version(version) >= MINIMUM:
            host = "pulumi-language-python"
            beside = candidate.resolve().with_name(host).exists()
            return Engine(
                candidate, version, beside or shutil.which(host, path=path) is not None
            )
        refusals.append(f"{candidate} ({version or 'it does not say its version'})")
    return build_engine(_cache_folder(), passed_by=refusals)


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the numbers of a version such as `v3.274.1` or `3.250.0-alpha.1+abc`.

    Raises ValueError for anything else.
    """
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?", text.strip())
    if not found:
        raise ValueError(f"not a version: {text!r}")
    return int(found[1]), int(found[2]), int(found[3])


def pinned_version(module: Path = MODULE) -> str:
    """Return the engine's version that go.mod pins, such as `3.274.1`."""
    text = (module / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"^require github\.com/pulumi/pulumi/pkg/v3 v(\S+)", text, re.M)
    if not found:
        raise ToolchainError(
            f"{module / 'go.mod'}: does not require github.com/pulumi/pulumi/pkg/v3; "
            "restore the file"
        )
    return found[1]


def cache_key(module: Path = MODULE) -> str:
    """Return the name that a build of `module` on this machine has in the cache."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((module / name).read_bytes())
    digest.update(f"{platform.system()} {platform.machine()}".encode())
    return f"{pinned_version(module)}-{digest.hexdigest()[:12]}"


def build_engine(
    cache: Path, *, module: Path = MODULE, passed_by: list[str] | None = None
) -> Engine:
    """Return the engine of `module` from the folder `cache`, built when missing.

    One process builds, others wait for it. Whatever interrupts the build, the cache
    never holds half an engine. `passed_by` are installed engines that would not do.
    Raises ToolchainError.
    """
    folder = cache / cache_key(module)
    engine = Engine(folder / "pulumi", pinned_version(module), True)
    if not engine.path.exists():
        with _disk_errors(cache), _lock(cache, folder):
            if not engine.path.exists():
                for one in passed_by or ():
                    oldest = ".".join(map(str, MINIMUM))
                    print(f"Passed by: {one}; needs {oldest}", file=sys.stderr)
                _build(folder, cache, module)
    with _disk_errors(cache):
        _write_launcher(folder / "pulumi-language-python")
    return engine


def _installed(path: str) -> Iterator[Path]:
    """Yield every `pulumi` on a PATH that is not this project's own shim."""
    for folder in filter(None, path.split(os.pathsep)):
        candidate = Path(folder, "pulumi")
        if os.access(candidate, os.X_OK) and candidate.is_file():
            with candidate.open("rb") as file:
                if SHIM_MARK.encode() not in file.read(200):
                    yield candidate


def _version_of(pulumi: Path) -> str | None:
    """Return what `pulumi version` prints, or None when that is no version."""
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [str(pulumi), "version"],
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
        parse_version(answer.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip().removeprefix("v")


def _cache_folder() -> Path:
    # Not at the top: what is on PATH and new enough needs no cache.
    import platformdirs

    return Path(platformdirs.user_cache_dir("azureml-network")) / "engine"


@contextmanager
def _lock(cache: Path, folder: Path) -> Iterator[None]:
    """Hold the cache's lock; say so when another process has it first."""
    import filelock

    cache.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(cache / "lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(
            f"Another process is building the Pulumi engine in {folder}; waiting.",
            file=sys.stderr,
            flush=True,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _disk_errors(cache: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into an error that names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full_disk([cache]) from error
        raise ToolchainError(
            f"cannot keep the engine in {cache}: {error}; make that folder writable, "
            "or set XDG_CACHE_HOME to one that is"
        ) from error


def _build(folder: Path, cache: Path, module: Path) -> None:
    """Build into a folder beside `folder` and rename it when it is whole."""
    partial = folder.with_name(folder.name + ".partial")
    for leftover in cache.glob("*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir()
    temporary = partial / "temporary"
    temporary.mkdir()
    log = folder.with_name(folder.name + ".build.log")
    say = Progress.line
    go = golang.find_go(module, cache, golang.user_environment(), say)
    environment = golang.user_environment() | {"GOTMPDIR": str(temporary)}
    version = pinned_version(module)
    say(
        f"Building the Pulumi engine {version}, once, into {folder} with Go from "
        f"{go.origin}: three to five minutes from nothing; log: {log}"
    )
    build = _Build(go, module, environment, log)
    try:
        total = len(build.run("list", "-deps", COMMAND, doing="Getting the modules"))
        build.run(
            *("build", "-v", "-trimpath", "-buildvcs=false", "-race=false"),
            *("-ldflags", f"-s -w -X {VERSION_VARIABLE}={version}"),
            *("-o", str(partial / "pulumi"), COMMAND),
            doing="Compiling",
            packages=total,
        )
        _check(partial / "pulumi", version, log)
        shutil.rmtree(temporary)
        _flush(partial / "pulumi")
        partial.rename(folder)
        _flush(cache)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _check(pulumi: Path, version: str, log: Path) -> None:
    """Raise unless the new engine starts and says the version it was built as."""
    found = _version_of(pulumi)
    if found != version:
        raise ToolchainError(
            f"the engine that was built says it is {found}, not {version}; see {log}, "
            "and report it with that file"
        )


def _flush(path: Path) -> None:
    """Have the disk itself write the file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_launcher(path: Path) -> None:
    """Put the language host's launcher beside the engine, where it looks first."""
    if path.exists() and path.read_text(encoding="utf-8") == _LAUNCHER:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.partial")
    new.write_text(_LAUNCHER, encoding="utf-8")
    new.chmod(0o755)
    new.replace(path)


@dataclass(frozen=True)
class _Build:
    """Runs the go commands of one build: output to the log, progress to people."""

    go: golang.Go
    module: Path
    environment: Mapping[str, str]
    log: Path

    def run(self, verb: str, *arguments: str, doing: str, packages: int = 0):
        """Run one go command in the module and return the lines of its output.

        Raises ToolchainError that says which of the usual causes it was.
        """
        command = [str(self.go.path), verb, "-mod=readonly", *arguments]
        lines: list[str] = []
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n")
            log.flush()
            # A session of its own, so that an interruption is handled here, once.
            process = subprocess.Popen(
                command,
                cwd=self.module,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            assert process.stdout is not None
            try:
                with Progress(doing, packages) as progress:
                    for line in process.stdout:
                        log.write(line)
                        lines.append(line.rstrip("\n"))
                        progress.count(len(lines))
                        if packages and lines[-1] == COMMAND:
                            progress.doing = "Linking"
                code = process.wait()
            finally:
                _end(process)
        if code:
            raise self._failure(lines)
        return lines

    def _failure(self, lines: list[str]) -> ToolchainError:
        """Name the cause that Go's last lines show."""
        text = "\n".join(lines)
        told = "\n".join(f"  {line}" for line in lines[-5:])
        if re.search(r"no space left on device|disk quota exceeded", text):
            folders = [self.log.parent]
            for name in ("GOCACHE", "GOMODCACHE"):
                value = golang.environment_value(self.go, name, self.environment)
                if value:
                    folders.append(Path(value))
            return _full_disk(folders)
        if re.search(
            r"dial tcp|i/o timeout|no such host|connection refused|module lookup "
            r"disabled|404 Not Found|403 Forbidden|TLS handshake|x509:|"
            r"SECURITY ERROR|checksum mismatch|unrecognized import path",
            text,
        ):
            proxy = golang.environment_value(self.go, "GOPROXY", self.environment)
            return ToolchainError(
                f"the engine's Go modules could not be downloaded (GOPROXY={proxy}); "
                "make a Go module proxy reachable or set GOPROXY to one that is, or "
                f"install pulumi (https://www.pulumi.com/docs/install/); log: "
                f"{self.log}\n{told}"
            )
        return ToolchainError(
            f"the engine could not be built; see the log {self.log}, or install "
            f"pulumi (https://www.pulumi.com/docs/install/)\n{told}"
        )


def _full_disk(folders: list[Path]) -> ToolchainError:
    """Name the fullest of the folders that a build writes to."""
    free = {}
    for folder in folders:
        existing = next(one for one in (folder, *folder.parents) if one.exists())
        free[folder] = shutil.disk_usage(existing).free
    fullest = min(free, key=lambda folder: free[folder])
    return ToolchainError(
        f"the disk of {fullest} is full ({free[fullest] // 2**20} MB free): building "
        f"the engine from nothing needs about {SPACE_NEEDED} in all; make room and "
        "run the command again (nothing half-made was kept)"
    )


def _end(process: subprocess.Popen[str]) -> None:
    """End go and its compilers, gently first, so that they remove their own files."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                continue
    if process.stdout:
        process.stdout.close()

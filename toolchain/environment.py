"""Makes the virtual environment `.venv` that everything here runs in.

Runs on any Python from 3.11 on with nothing installed. The environment is made
again when a file that says what belongs into it has changed; the stamp in it is a
hash of those files. Progress and errors go to standard error.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
MINIMUM = (3, 11)
SPACE_NEEDED = "2 GB"
FAILED = 3
TOLD_LINES = 20
"""How many of the last lines of a failed command are shown."""

_UNREACHABLE = re.compile(
    r"connection|timed out|name resolution|No matching distribution|proxy|SSLError",
    re.IGNORECASE,
)


class EnvironmentFailure(Exception):
    """The environment cannot be made; the text says why and what to do."""


def main() -> int:
    """Make `.venv` when it is missing or out of date and return the exit code."""
    try:
        prepare(ROOT)
    except EnvironmentFailure as failure:
        print(f"offline: error: {failure}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("offline: interrupted", file=sys.stderr)
        return 130
    return 0


def prepare(root: Path) -> None:
    """Bring `root/.venv` up to date. Raises EnvironmentFailure.

    The stamp is written last, so an interrupted installation is done again. Two
    runs at once take turns.
    """
    folder = root / ".venv"
    if _is_current(folder, root):
        return
    descriptor = os.open(root, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        if not _is_current(folder, root):
            _make(folder, root)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full_disk(folder) from error
        raise EnvironmentFailure(
            f"cannot make the virtual environment {folder}: {error}"
        ) from error
    finally:
        os.close(descriptor)


def stamp(root: Path) -> str:
    """Return the hash of everything that decides what is installed."""
    digest = hashlib.sha256(f"{UV}\n".encode())
    for name in ("requirements*.txt", "pyproject.toml"):
        for pattern in (name, f"components/{name}", f"policies/{name}"):
            for file in sorted(root.glob(pattern)):
                digest.update(f"{file.relative_to(root)}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _stamp_file(folder: Path) -> Path:
    return folder / "requirements.sha256"


def _is_current(folder: Path, root: Path) -> bool:
    file = _stamp_file(folder)
    return (
        file.is_file()
        and file.read_text("utf-8") == stamp(root)
        and (folder / "bin" / "python").exists()
    )


def _lock(descriptor: int, folder: Path) -> None:
    """Lock the project's folder itself; the system drops it when this process ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say(f"Another process prepares {folder}; waiting.")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _make(folder: Path, root: Path) -> None:
    _say(f"Preparing the virtual environment {folder} (a minute or two).")
    _stamp_file(folder).unlink(missing_ok=True)
    python = folder / "bin" / "python"
    if not _works(python):
        shutil.rmtree(folder, ignore_errors=True)
        _make_empty(folder)
    _install_uv(python, folder)
    requirements = ["-r", "requirements-dev.txt"]
    uv = [str(folder / "bin" / "uv"), "pip", "install", "--python", str(python)]
    options, certificates = _index_settings(python)
    answer = _run([*uv, *options, *requirements], root, certificates)
    if answer.returncode:
        if _is_full(answer.stderr):
            raise _full_disk(folder)
        # uv does not read pip's own settings; pip has the last word.
        _say("uv could not install the requirements; trying pip, which takes longer.")
        answer = _run([*_pip(python), "--no-compile", *requirements], root)
        if answer.returncode:
            raise _failure("the requirements", folder, answer.stderr)
    _stamp_file(folder).write_text(stamp(root), encoding="utf-8")


def _make_empty(folder: Path) -> None:
    python = base_python()
    answer = _run([python, "-m", "venv", str(folder)], folder.parent)
    if answer.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    told = answer.stderr or answer.stdout
    if _is_full(told):
        raise _full_disk(folder)
    raise EnvironmentFailure(
        f"{python} cannot make the virtual environment {folder}; install its "
        "modules venv and ensurepip (on Debian and Ubuntu: apt install python3-venv)\n"
        + _indented(told)
    )


def _install_uv(python: Path, folder: Path) -> None:
    """Install uv, with pip: it then installs the rest in a tenth of pip's time."""
    answer = _run([*_pip(python), "--quiet", UV], folder)
    if answer.returncode:
        raise _failure(UV, folder, answer.stderr)


def base_python() -> str:
    """Return a Python that is not the one of a virtual environment."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix) / "bin" / "python3")


def _pip(python: Path) -> list[str]:
    options = ["--disable-pip-version-check", "--no-input", "--retries", "2"]
    return [str(python), "-m", "pip", "install", *options]


def _index_settings(python: Path) -> tuple[list[str], dict[str, str]]:
    """Return pip's settings, from its files and variables, for uv.

    The index as options, the certificates that pip trusts as environment.
    """
    answer = _run([str(python), "-m", "pip", "config", "list"], ROOT)
    options: list[str] = []
    environment: dict[str, str] = {}
    for line in answer.stdout.splitlines():
        name, _, value = line.partition("=")
        option = name.rsplit(".", 1)[-1]
        value = value.strip("'\"")
        if option == "cert":
            environment["SSL_CERT_FILE"] = value
        elif option in ("index-url", "extra-index-url", "find-links"):
            for one in value.replace("\\n", " ").split():
                options += [f"--{option}", one]
    return options, environment


def _works(python: Path) -> bool:
    """Tell whether the environment's Python starts and is new enough."""
    if not python.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info < {MINIMUM})"
    return _run([str(python), "-c", check], ROOT).returncode == 0


def _run(
    command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(more or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )


def _failure(what: str, folder: Path, told: str) -> EnvironmentFailure:
    if _is_full(told):
        return _full_disk(folder)
    advice = "see pip's answer below"
    if _UNREACHABLE.search(told):
        advice = (
            "make a Python package index reachable (pip's own settings, such as "
            "PIP_INDEX_URL, count)"
        )
    return EnvironmentFailure(
        f"{what} could not be installed into {folder}; {advice}\n{_indented(told)}"
    )


def _full_disk(folder: Path) -> EnvironmentFailure:
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    return EnvironmentFailure(
        f"the disk of {folder} is full ({free // 2**20} MB free): the virtual "
        f"environment needs about {SPACE_NEEDED}; make room and run the command again"
    )


def _is_full(text: str) -> bool:
    return "No space left on device" in text or "os error 28" in text


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-TOLD_LINES:])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

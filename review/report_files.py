"""Writes the reports of a stack so that no reader ever sees half of one.

Each file is written beside its place and then moved there. The files of one run are
moved together under a lock: two runs at once leave the files of one of them.
"""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from review.outcomes import EngineFailed


def write_reports(
    directory: Path, contents: Mapping[str, str], option: str = "--out"
) -> list[Path]:
    """Write `contents` (file name to text) into `directory`; gives the paths.

    Raises `EngineFailed` with the reason and the option that named the folder when that
    cannot be written; the reports of an earlier run stay as they are then.
    """
    waiting: dict[Path, str] = {}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            waiting[directory / name] = write_beside(directory / name, text)
        with FileLock(directory / ".lock", timeout=30):
            for path, temporary in waiting.items():
                os.replace(temporary, path)
    except (OSError, TimeoutError) as error:
        raise EngineFailed(f"{option}: cannot write to {directory}: {error}") from error
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
    return list(waiting)


def replace_file(path: Path, text: str, option: str) -> None:
    """Write one file whole, or not at all; its folder is made where it is missing.

    Raises `EngineFailed` with the option that named the file when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = write_beside(path, text)
        os.replace(temporary, path)
    except OSError as error:
        raise EngineFailed(f"{option}: cannot write {path}: {error}") from error


def write_beside(path: Path, text: str, mode: int = 0o644) -> str:
    """A temporary file with the text, in the folder where the file belongs."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
    except OSError:
        os.unlink(name)
        raise
    return name

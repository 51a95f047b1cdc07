"""Commands whose output nobody reads to its end: they stop without a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACK = ("policies", "azureml_policies", 141)
REVIEW = (".", "review", 3)
COMMANDS = [
    (PACK, ("rules",)),
    (PACK, ("profile", "strict")),
    (PACK, ("--help",)),
    (REVIEW, ("--help",)),
    (REVIEW, ("preview", "--help")),
]


@pytest.mark.parametrize(
    ("program", "arguments"), COMMANDS, ids=lambda each: str(each[:2])
)
def test_a_reader_that_has_left(
    checkout: Path, program: tuple[str, str, int], arguments: tuple[str, ...]
) -> None:
    """Nothing is said about it, and the exit code says that not all was read."""
    folder, module, left = program
    done = _with_closed(checkout / folder, "stdout", module, *arguments)
    assert (done.returncode, done.stderr) == (left, b"")


@pytest.mark.parametrize(
    ("program", "arguments"),
    [(PACK, ("check", "none.json")), (REVIEW, ("preview", "--stack", "?"))],
    ids=["the pack", "the review"],
)
def test_a_reader_of_errors_that_has_left(
    checkout: Path, program: tuple[str, str, int], arguments: tuple[str, ...]
) -> None:
    """The same of standard error."""
    folder, module, left = program
    done = _with_closed(checkout / folder, "stderr", module, *arguments)
    assert (done.returncode, done.stdout) == (left, b"")


def _with_closed(
    folder: Path, stream: str, module: str, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a module with a stream that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing}
    try:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONSAFEPATH": "", "PYTHONUNBUFFERED": ""},
            check=False,
            **streams,
        )
    finally:
        os.close(writing)

"""The one error of the toolchain, and how it is told to the user.

The first line says what failed and what to do. Exit code 3 is what every command
of this project gives when the engine or the machine, and not the input, failed;
2 is misuse.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISUSE = 2
FAILED = 3


class ToolchainError(Exception):
    """Something the user has to know; `exit_code` is what the command ends with."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def keeping_files_in(folder: Path, otherwise: str) -> Iterator[None]:
    """Tell a folder that cannot be written as a ToolchainError.

    `otherwise` says what else to do than to make room or to permit it.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ToolchainError(
            f"{folder}: cannot be written: {reason}; make room or permit it, "
            f"or {otherwise}"
        ) from error


def report(error: ToolchainError) -> int:
    """Write the error to standard error and return its exit code."""
    print(f"offline: error: {error}", file=sys.stderr, flush=True)
    return error.exit_code

"""Commands whose reader leaves early: `... | head -1` ends without a traceback."""

import contextlib
import os
import sys
from collections.abc import Callable


def until_readers_leave(command: Callable[[], int], left: int) -> int:
    """Run a command to its end, or until nobody reads what it prints.

    Returns its exit code, or ``left`` where whoever read standard output or standard
    error has gone; what is printed after that goes nowhere.
    """
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            _silence_if_broken(stream.fileno(), stream.flush)
        return left


def _silence_if_broken(descriptor: int, flush: Callable[[], None]) -> None:
    """Let a stream end in nothing, so that Python can close it in peace."""
    try:
        flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
        with contextlib.suppress(OSError):
            flush()

"""How a command ends: its exit code, and the errors that lead to one.

Scripts depend on the codes, so they stand here once and docs/review.md lists them.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `python -m review`."""

    OK = 0
    RULES = 1
    """A mandatory rule is violated or undecided."""
    UNPINNED = 1
    """A check has found a range that is not pinned."""
    BLOCKED = 1
    """A question has the answer that nothing gets through."""
    MISUSE = 2
    """Wrong arguments, or a configuration that the program refuses."""
    FAILED = 3
    """The program or the engine failed."""
    UNDECIDED = 4
    """A question cannot be answered, since a value is not known."""
    INTERRUPTED = 130
    """Ended by Ctrl-C or SIGTERM, as shells number it."""


class ReviewError(Exception):
    """Ends the command: the message is for the user, the code for scripts."""

    exit_code = ExitCode.FAILED


class Misuse(ReviewError):
    """The command was called wrongly, or the configuration is not valid."""

    exit_code = ExitCode.MISUSE


class EngineFailed(ReviewError):
    """The program or the engine failed; the message holds the engine's own text."""

"""Shows that the engine is at work: a live line on a terminal, plain lines elsewhere.

Everything goes to standard error, so that standard output holds the summary alone.
"""

import time
from types import TracebackType

from rich.console import Console

from review.event_log import EngineRecord
from review.urns import counted

_PLAIN_SECONDS = 10.0


class Progress:
    """The progress of one run of the engine, as a context manager.

    `verb` is what happens, such as `previewing dev`; `total` is the number of resources
    to be worked on, where it is known.
    """

    def __init__(self, console: Console, verb: str, total: int | None = None):
        self._console = console
        self._verb = verb
        self._total = total
        self._start = time.monotonic()
        self._next_plain_line = self._start + _PLAIN_SECONDS
        self._note = ""
        self._status = console.status(verb) if console.is_terminal else None

    def __enter__(self) -> "Progress":
        """Begin to show."""
        if self._status:
            self._status.start()
        else:
            self._print(f"{self._verb} ...")
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End the live line."""
        if self._status:
            self._status.stop()

    def show(self, record: EngineRecord) -> None:
        """Show how far the run is."""
        now = time.monotonic()
        line = progress_line(
            self._verb, record, self._total, now - self._start, self._note
        )
        if self._status:
            self._status.update(line)
        elif now >= self._next_plain_line:
            self._next_plain_line = now + _PLAIN_SECONDS
            self._print(line)

    def interrupted(self, times: int) -> None:
        """Say what an interruption does; `times` counts them."""
        if times == 1:
            self._note = "cancelling"
            self._print(
                "cancelling: the engine finishes what it has begun, so that the state "
                "stays usable (press Ctrl-C again to end it at once)"
            )
        else:
            self._note = "ending at once"
            self._print("ending the engine at once")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def progress_line(
    verb: str,
    record: EngineRecord,
    total: int | None,
    seconds: float,
    note: str = "",
) -> str:
    """One line on how far a run is, such as `previewing dev: 34 resources, 12 s`."""
    parts = []
    if total is not None:
        done = {urn for _operation, urn in record.finished}
        parts.append(f"{len(done)} of {counted(total, 'resource')} done")
    elif record.started:
        parts.append(f"{counted(len(record.started), 'resource')} seen")
    else:
        parts.append("starting the program")
    if record.failed_operations:
        parts.append(f"{len(record.failed_operations)} failed")
    if record.policy_events:
        parts.append(counted(len(record.policy_events), "policy finding"))
    if note:
        parts.append(note)
    return f"{verb}: {', '.join(parts)}, {seconds:.0f} s"

"""Runs `pulumi` and watches it by its event log, until its very end.

The engine runs in a process session of its own: Ctrl-C reaches this process alone,
which passes it on once, lets the engine finish its cancellation and so keeps the
stack's state usable. A second Ctrl-C ends the engine at once.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from review.event_log import EngineRecord, EventLogReader
from review.outcomes import EngineFailed

_POLL_SECONDS = 0.1
_SECONDS_OF_ONE_INTERRUPTION = 0.5
_SECONDS_UNTIL_KILLED = 20.0
_SECONDS_FOR_LEFTOVERS = 3.0


@dataclass(frozen=True)
class EngineRun:
    """A finished run: what the engine said, and how it ended."""

    exit_code: int
    record: EngineRecord
    output_file: Path
    """What the engine wrote to its standard output."""
    error_text: str
    """What the engine wrote to its standard error."""
    seconds: float
    interrupted: bool
    """Whether the user ended the run."""


def run_engine(
    arguments: list[str],
    *,
    directory: Path,
    scratch: Path,
    environment: dict[str, str],
    on_progress: Callable[[EngineRecord], None],
    on_interrupt: Callable[[int], None],
) -> EngineRun:
    """Run `pulumi` with an event log in the empty folder `scratch`.

    `on_progress` is called about ten times a second, `on_interrupt` with the number of
    interruptions so far. Raises `EngineFailed` when there is no `pulumi`.
    """
    event_log = scratch / "events.jsonl"
    output_file = scratch / "output.json"
    error_file = scratch / "errors.txt"
    command = [
        "pulumi",
        *arguments,
        "--non-interactive",
        "--color=never",
        f"--event-log={event_log}",
    ]
    record = EngineRecord()
    reader = EventLogReader(event_log)
    start = time.monotonic()
    with (
        output_file.open("wb") as output,
        error_file.open("wb") as errors,
        _Interruptions(on_interrupt) as interruptions,
    ):
        try:
            process = subprocess.Popen(
                command,
                cwd=directory,
                env={**os.environ, **environment, "PULUMI_DEBUG_COMMANDS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise EngineFailed(
                "no `pulumi` on PATH; run this command as `./offline …`, which brings "
                "the engine, or install the Pulumi CLI"
            ) from error
        interruptions.pass_on_to(process)
        try:
            while not _has_ended(process):
                _add_events(reader, record)
                on_progress(record)
                interruptions.kill_when_overdue(process)
            _add_events(reader, record)
        finally:
            in_haste = _end(process) or bool(interruptions.moments)
            if in_haste:
                _end_leftovers(process.pid)
    return EngineRun(
        exit_code=process.returncode,
        record=record,
        output_file=output_file,
        error_text=error_file.read_text(encoding="utf-8", errors="replace"),
        seconds=time.monotonic() - start,
        interrupted=bool(interruptions.moments),
    )


class _Interruptions:
    """Passes Ctrl-C and SIGTERM on to the engine as its own interruption."""

    def __init__(self, on_interrupt: Callable[[int], None]):
        self.moments: list[float] = []
        self._on_interrupt = on_interrupt
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Interruptions":
        self._before = {
            each: signal.signal(each, self._take)
            for each in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """Name the engine; what came before it was started reaches it now."""
        self._process = process
        if self.moments:
            process.send_signal(signal.SIGINT)

    def kill_when_overdue(self, process: subprocess.Popen[bytes]) -> None:
        """Kill an engine that does not end although it was told so twice."""
        if len(self.moments) > 1:
            waited = time.monotonic() - self.moments[1]
            if waited > _SECONDS_UNTIL_KILLED:
                process.kill()

    def _take(self, _signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.moments and now - self.moments[-1] < _SECONDS_OF_ONE_INTERRUPTION:
            # One Ctrl-C, from the terminal and from a program that passes it on too.
            return
        self.moments.append(now)
        if self._process:
            self._process.send_signal(signal.SIGINT)
        self._on_interrupt(len(self.moments))


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_POLL_SECONDS)
        return True
    return False


def _add_events(reader: EventLogReader, record: EngineRecord) -> None:
    try:
        for event in reader.new_events():
            record.add(event)
    except ValueError as error:
        raise EngineFailed(str(error)) from error


def _end(process: subprocess.Popen[bytes]) -> bool:
    """Leave no engine behind when this command ends by an error of its own.

    Tells whether there was still one to end.
    """
    if process.poll() is not None:
        return False
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_SECONDS_UNTIL_KILLED)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return True


def _end_leftovers(session: int) -> None:
    """End the plugins that an engine ended in haste has left in its session."""
    deadline = time.monotonic() + _SECONDS_FOR_LEFTOVERS
    while (left := _processes_of(session)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    for each in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _processes_of(session: int) -> list[int]:
    """The processes of a session, as far as the system tells (Linux does)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # After the command's name in brackets: state, parent, group, session.
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found

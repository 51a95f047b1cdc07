"""The engine's event log, read while the engine is still writing it.

The engine appends one JSON object a line (`--event-log FILE`). `EventLogReader` gives
the complete lines that are new; `EngineRecord` keeps what reports need of them, so that
a log of any length is never held in memory.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from review.left_behind import LeftBehind, left_behind
from review.urns import STACK_TYPE, is_housekeeping

Event = dict[str, Any]

_COLOUR = re.compile(r"<\{%[^%]*%\}>")
# What the engine says of the machine it runs on, and not of the stack.
_ABOUT_THE_MACHINE = re.compile(r"^(warning: )?using pulumi-\S+ from \$PATH at ")
_DELETIONS = {"delete", "delete-replaced"}
_QUIET_OPERATIONS = {"same", "read", "read-replacement", "refresh"}


def plain_text(message: str) -> str:
    """An engine message without its colour marks and outer blank space."""
    return _COLOUR.sub("", message).strip()


class EventLogReader:
    """Gives the events of a log file, each once, as they arrive.

    A line without its line end may be half written: it waits for the next call.
    """

    def __init__(self, path: Path):
        self._path = path
        self._offset = 0
        self._line_number = 0

    def new_events(self) -> Iterator[Event]:
        """The events of the lines completed since the last call.

        Raises `ValueError` for a complete line that is no JSON object.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._line_number += 1
                if line.strip():
                    yield self._parsed(line)

    def _parsed(self, line: bytes) -> Event:
        try:
            event = json.loads(line)
        except ValueError as error:
            raise self._unreadable(line) from error
        if not isinstance(event, dict):
            raise self._unreadable(line)
        return event

    def _unreadable(self, line: bytes) -> ValueError:
        start = line[:80].decode(errors="replace").strip()
        return ValueError(
            f"line {self._line_number} of the engine's event log is no event: {start!r}"
        )


@dataclass(frozen=True)
class Diagnostic:
    """A message of the program, a provider or the engine.

    `severity` is the engine's: `error`, `warning`, `info` or `info#err`.
    """

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True)
class FailedOperation:
    """A resource that the provider could not create, change or delete."""

    urn: str
    operation: str


@dataclass
class EngineRecord:
    """What a run of the engine said, as far as reports need it."""

    policy_events: list[Event] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    """Per policy name, on how many resources (or stacks) it held."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    failed_operations: list[FailedOperation] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    """URNs of the user's resources that the engine has begun to work on."""
    finished: set[tuple[str, str]] = field(default_factory=set)
    """Operation and URN of each resource that a provider has worked on to the end."""
    left_behind: set[LeftBehind] = field(default_factory=set)
    """What Azure keeps for a while of that which was deleted."""
    stack_outputs: dict[str, Any] = field(default_factory=dict)
    """What the program has exported."""
    summary: Event | None = None

    def add(self, event: Event) -> None:
        """Take one event into the record."""
        for kind, take in _TAKERS.items():
            if (payload := event.get(kind)) is not None:
                take(self, payload)

    @property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that say what went wrong."""
        return [each for each in self.diagnostics if each.severity == "error"]


def read_record(path: Path) -> EngineRecord:
    """The record of a finished log."""
    record = EngineRecord()
    for event in EventLogReader(path).new_events():
        record.add(event)
    return record


def _take_policy_event(record: EngineRecord, payload: Event) -> None:
    record.policy_events.append(payload)


def _take_remediation(record: EngineRecord, payload: Event) -> None:
    """A rule has changed a resource's inputs: readers are told which."""
    before, after = payload.get("before") or {}, payload.get("after") or {}
    changed = sorted(
        key for key in {*before, *after} if before.get(key) != after.get(key)
    )
    message = f"{payload['policyName']} has changed {', '.join(changed)}"
    record.diagnostics.append(
        Diagnostic("warning", message, payload.get("resourceUrn", ""))
    )


def _take_policy_summary(record: EngineRecord, payload: Event) -> None:
    record.held.update(payload.get("passed") or [])


def _take_diagnostic(record: EngineRecord, payload: Event) -> None:
    message = plain_text(payload.get("prefix", "") + payload.get("message", ""))
    severity = payload.get("severity", "info")
    if payload.get("ephemeral") or severity == "debug" or not message:
        return
    if _ABOUT_THE_MACHINE.search(message):
        return
    message = message.removeprefix(f"{severity}:").strip()
    diagnostic = Diagnostic(severity, message, payload.get("urn", ""))
    if diagnostic not in record.diagnostics:
        record.diagnostics.append(diagnostic)


def _take_start(record: EngineRecord, payload: Event) -> None:
    metadata = payload["metadata"]
    if not is_housekeeping(metadata["type"]):
        record.started.add(metadata["urn"])


def _take_end(record: EngineRecord, payload: Event) -> None:
    metadata = payload["metadata"]
    operation = metadata["op"]
    state = metadata.get("new") or metadata.get("old") or {}
    changed = operation not in _QUIET_OPERATIONS and state.get("custom", False)
    if changed and not is_housekeeping(metadata["type"]):
        record.finished.add((operation, metadata["urn"]))
    if changed and operation in _DELETIONS:
        kept = left_behind(metadata["type"], metadata.get("old") or {})
        record.left_behind |= {kept} if kept else set()
    if metadata["type"] == STACK_TYPE:
        record.stack_outputs = state.get("outputs") or {}


def _take_failure(record: EngineRecord, payload: Event) -> None:
    metadata = payload["metadata"]
    record.failed_operations.append(FailedOperation(metadata["urn"], metadata["op"]))


def _take_end_of_run(record: EngineRecord, payload: Event) -> None:
    record.summary = payload


_TAKERS = {
    "policyEvent": _take_policy_event,
    "policyRemediationEvent": _take_remediation,
    "policyAnalyzeSummaryEvent": _take_policy_summary,
    "policyAnalyzeStackSummaryEvent": _take_policy_summary,
    "diagnosticEvent": _take_diagnostic,
    "resourcePreEvent": _take_start,
    "resOutputsEvent": _take_end,
    "resOpFailedEvent": _take_failure,
    "summaryEvent": _take_end_of_run,
}

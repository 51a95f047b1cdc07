"""When the emulator ends: at a signal, or when the process that started it is gone."""

import os
import signal
import threading
from types import FrameType

_LOOK_EVERY_SECONDS = 0.5


def wait_for_end(parent: int | None) -> str:
    """Block until the emulator should stop; returns why.

    `parent` is the id of the process that it must not outlive. Call it in the main
    thread: it takes over SIGTERM and SIGINT.
    """
    ended = threading.Event()
    reason = "stopped"

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal reason
        reason = signal.Signals(number).name
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not ended.wait(_LOOK_EVERY_SECONDS):
        if parent is not None and not process_exists(parent):
            return f"parent {parent} is gone"
    return reason


def process_exists(process_id: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process_id)


def _is_zombie(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False

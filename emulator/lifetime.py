"""When the emulator ends: at a signal, or when the process that started it is gone."""

import os
import signal
import threading
from types import FrameType

_LOOK_EVERY_SECONDS = 0.5


class Ending:
    """Notices that the emulator should end.

    Make it early and in the main thread: it takes over SIGTERM and SIGINT from then on.
    """

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._reason = ""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._reason = signal.Signals(number).name
        self._ended.set()

    def wait(self, parent: int | None) -> str:
        """Block until the end; returns why.

        `parent` is the id of the process that the emulator must not outlive.
        """
        while not self._ended.wait(_LOOK_EVERY_SECONDS):
            if parent is not None and not process_exists(parent):
                return f"parent {parent} is gone"
        return self._reason


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

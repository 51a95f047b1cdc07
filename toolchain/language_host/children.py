"""Child processes that never outlive their host.

Each child leads a process group of its own. What it writes is handed on piece by
piece; when it ends, or is told to stop, the whole group goes with it.
"""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

GRACE_SECONDS = 3.0
"""How long a child may take to clean up; the engine gives its hosts five seconds."""

_CHUNK_BYTES = 65536


class Child:
    """A process in its own group, with its output as pairs of stream and bytes.

    ```python
    child = Child(["python", "-c", "print(1)"], folder=".", environment=os.environ)
    for stream, piece in child.output():  # ("stdout", b"1\\n")
        ...
    code = child.wait()
    ```
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        when_ended: Callable[["Child"], None] = lambda child: None,
    ) -> None:
        self.stopped = False
        self._when_ended = when_ended
        self._stop_signal = stop_signal
        self._ended = threading.Event()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        self._pieces: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._pumps = [
            self._start_pump("stdout", self._process.stdout),
            self._start_pump("stderr", self._process.stderr),
        ]
        threading.Thread(target=self._reap, daemon=True).start()

    def output(self) -> Iterator[tuple[str, bytes]]:
        """Yield `(stream, bytes)` until the child ends; nothing once it is stopped."""
        while (piece := self._pieces.get()) is not None:
            if not self.stopped:
                yield piece

    def wait(self) -> int:
        """Return the exit code; negative for the signal that ended the child."""
        self._ended.wait()
        return self._process.wait()

    def stop(self) -> None:
        """Ask the group to end, then make it; returns when the child is gone."""
        self.stopped = True
        if self._ended.is_set():
            return
        self._signal_group(self._stop_signal)
        if not self._ended.wait(GRACE_SECONDS):
            self._signal_group(signal.SIGKILL)
            self._ended.wait(GRACE_SECONDS)

    def _start_pump(self, stream: str, source: IO[bytes] | None) -> threading.Thread:
        assert source is not None
        pump = threading.Thread(target=self._pump, args=(stream, source), daemon=True)
        pump.start()
        return pump

    def _pump(self, stream: str, source: IO[bytes]) -> None:
        with source:
            while piece := os.read(source.fileno(), _CHUNK_BYTES):
                self._pieces.put((stream, piece))

    def _reap(self) -> None:
        """Wait for the child, then end what it left in its group.

        The child is only looked at before the group is ended, not collected: its
        number, which is the group's too, cannot go to another process meanwhile.
        """
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self._signal_group(signal.SIGKILL)
        for pump in self._pumps:
            pump.join(GRACE_SECONDS)
        self._process.wait()
        self._ended.set()
        self._pieces.put(None)
        self._when_ended(self)

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

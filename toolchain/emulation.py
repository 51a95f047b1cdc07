"""Starts the emulated Azure beside a command and stops it afterwards.

The emulator is a process of its own, in its own session, so that Ctrl-C reaches
the command first and the command can still finish what it is doing.
"""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from toolchain.errors import ToolchainError

COMMAND = (sys.executable, "-I", "-m", "emulator")
DELAYS_VARIABLE = "PULUMI_OFFLINE_DELAYS"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


@contextmanager
def emulated_azure(
    store: Path, log: Path, command: Sequence[str] | None = None
) -> Iterator[int]:
    """Run the emulator and yield its port on 127.0.0.1.

    `store` is the folder of its database, `log` the file it writes to. The variable
    PULUMI_OFFLINE_DELAYS chooses how long its writes take. Raises ToolchainError when
    it does not start.
    """
    store.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["--store", store, "--log", log, "--parent", os.getpid()]
    arguments += ["--delays", os.environ.get(DELAYS_VARIABLE, "")]
    process = subprocess.Popen(
        [*(command or COMMAND), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield _port(process, log)
    finally:
        _stop(process)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port that the emulator prints as its first line.

    What it wrote to standard error instead is the reason; it is read once it has ended.
    """
    assert process.stdout is not None and process.stderr is not None
    with selectors.DefaultSelector() as output:
        output.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if output.select(START_SECONDS) else b""
    try:
        return int(line)
    except ValueError as error:
        _stop(process)
        told = process.stderr.read().decode(errors="replace").strip().splitlines()
        reason = told[-1] if told else f"it printed {line!r}"
        raise ToolchainError(
            f"the emulated Azure did not start: {reason} (log: {log})"
        ) from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""The language host's processes: what they write is kept, and none outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain.language_host.children import Child


def python(code: str, **arguments: object) -> Child:
    """Start a child that runs Python code."""
    return Child(
        [sys.executable, "-I", "-c", code],
        folder="/",
        environment=os.environ,
        **arguments,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; fail when it does not come to hold."""
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_gone(process: int) -> bool:
    """Tell whether the process ended; one that nobody collected yet has."""
    try:
        return " Z " in Path(f"/proc/{process}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_both_streams_and_the_exit_code_are_handed_on():
    """Nothing of the output is lost, however long it is."""
    child = python(
        "import sys\n"
        "sys.stdout.write('o' * 300_000); sys.stderr.write('e' * 200_000)\n"
        "sys.exit(7)"
    )
    lengths = {"stdout": 0, "stderr": 0}
    for stream, piece in child.output():
        lengths[stream] += len(piece)
    assert lengths == {"stdout": 300_000, "stderr": 200_000}
    assert child.wait() == 7


def test_what_a_child_leaves_in_its_group_ends_with_it():
    """A helper that holds the output open does not hold up the host."""
    child = python(
        "import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid, flush=True)"
    )
    helper = int(b"".join(piece for _, piece in child.output()))
    assert child.wait() == 0
    wait_until(lambda: is_gone(helper))


@pytest.mark.parametrize(
    ("code", "stop_signal", "exit_code"),
    [
        ("pass", signal.SIGTERM, -signal.SIGTERM),
        ("pass", signal.SIGINT, -signal.SIGINT),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", signal.SIGTERM, -9),
    ],
)
def test_a_stopped_child_is_gone_and_silent(
    code: str, stop_signal: signal.Signals, exit_code: int
):
    """It is asked first and made to end then; its traceback is dropped."""
    child = python(
        f"import signal, time\n{code}\nprint('ready', flush=True)\ntime.sleep(60)",
        stop_signal=stop_signal,
    )
    output = child.output()
    assert next(output) == ("stdout", b"ready\n")
    child.stop()
    assert list(output) == []
    assert child.wait() == exit_code


LAUNCH = """
import subprocess, sys
host = subprocess.Popen(
    [sys.executable, "-I", "-m", "toolchain.language_host", "127.0.0.1:1"],
    stdout=subprocess.PIPE,
)
print(host.pid, host.stdout.readline().decode(), flush=True)
"""


def start_host() -> subprocess.Popen[str]:
    """Start the host as the engine does, and wait for its port."""
    host = subprocess.Popen(
        [sys.executable, "-I", "-m", "toolchain.language_host", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert host.stdout is not None
    assert 0 < int(host.stdout.readline()) < 65536
    return host


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_host_ends_quietly(name: str):
    """Exit code 0 and not a word, as the engine would show it to the user."""
    host = start_host()
    host.send_signal(getattr(signal, name))
    assert host.communicate(timeout=30) == ("", "")
    assert host.returncode == 0


def test_the_host_ends_when_the_engine_is_gone():
    """An engine that was killed cannot stop it."""
    engine = subprocess.run(
        [sys.executable, "-I", "-c", LAUNCH],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    host = int(engine.stdout.split()[0])
    wait_until(lambda: is_gone(host))


def test_the_host_says_how_it_is_started():
    """Without an address it is misuse."""
    answer = subprocess.run(
        [sys.executable, "-I", "-m", "toolchain.language_host"],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 2
    assert answer.stderr == "usage: pulumi-language-python ENGINE_ADDRESS\n"

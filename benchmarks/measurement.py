"""Runs previews and measures their wall time and their memory.

Memory is the most that the engine and all that it started (language host, program,
policy pack) held at one moment, shared pages counted once. It is read from /proc and
is not known on systems without it. The emulated Azure is not part of it.
"""

import contextlib
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.previews import MeasuredPreview

_SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Sample:
    """One measured run."""

    seconds: float
    peak_bytes: int | None


class PreviewFailed(Exception):
    """A preview that is to be measured did not succeed; holds what it said."""


def measure(
    previews: Sequence[MeasuredPreview], runs: int, progress: Console
) -> dict[MeasuredPreview, list[Sample]]:
    """The samples of each preview.

    The previews take turns, so that a machine that slows down slows all of them; the
    first turn warms caches up and does not count.
    """
    samples: defaultdict[MeasuredPreview, list[Sample]] = defaultdict(list)
    for turn in range(runs + 1):
        for preview in previews:
            words = f"run {turn} of {runs}" if turn else "warming up"
            pack = "with the pack" if preview.pack else "without the pack"
            progress.print(f"{words}: {preview.program}, {pack}")
            sample = _run(preview)
            if turn:
                samples[preview].append(sample)
    return samples


def _run(preview: MeasuredPreview) -> Sample:
    peak = 0
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            preview.command(),
            cwd=preview.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                peak = max(peak, _memory_of_session(process.pid))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_SAMPLE_SECONDS)
            seconds = time.perf_counter() - start
        finally:
            process.terminate()
            process.wait()
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise PreviewFailed(f"{' '.join(preview.command())} failed:\n{said}")
    return Sample(seconds, peak or None)


def _memory_of_session(session: int) -> int:
    """Bytes that the processes of a session hold together; 0 where it is not known."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            stat = (folder / "stat").read_text(errors="replace")
            # After the command's name in brackets: state, parent, group, session.
            if int(stat.rpartition(")")[2].split()[3]) == session:
                total += _own_memory(folder)
    return total


def _own_memory(folder: Path) -> int:
    """A process's proportional share of memory, in bytes."""
    for line in (folder / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0

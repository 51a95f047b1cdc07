"""Times previews on the real engine: `./offline python -m benchmarks`.

An empty program's preview is the floor: it holds what the engine, the language host and
Python's own start cost on this machine. Everything else is a ratio to that floor, so
that figures of different machines can be compared. Nothing is asserted.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.measurement import PreviewFailed, measure
from benchmarks.previews import all_previews
from benchmarks.table import results_table

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Measure and print one table; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time previews, as ratios to an empty program's.",
    )
    parser.add_argument(
        "--runs",
        type=_positive,
        default=3,
        metavar="N",
        help="measured runs of each preview, after one that warms up (default: 3)",
    )
    options = parser.parse_args(arguments)
    progress = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch:
        _use_state_of_its_own(Path(scratch) / "offline")
        previews = all_previews(ROOT, Path(scratch))
        try:
            samples = measure(previews, options.runs, progress)
        except PreviewFailed as error:
            progress.print(f"error: {error}", markup=False, soft_wrap=True)
            return 3
    output = Console(highlight=False)
    if not output.is_terminal:
        output = Console(highlight=False, width=100)
    output.print(results_table(previews, samples))
    return 0


def _use_state_of_its_own(folder: Path) -> None:
    """Keep what the user has deployed from changing the figures."""
    state = folder / "state"
    state.mkdir(parents=True)
    os.environ["PULUMI_OFFLINE_DIRECTORY"] = str(folder)
    os.environ["PULUMI_BACKEND_URL"] = state.as_uri()


def _positive(text: str) -> int:
    with contextlib.suppress(ValueError):
        if (number := int(text)) >= 1:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no number of runs; give 1 or more")


sys.exit(main(sys.argv[1:]))

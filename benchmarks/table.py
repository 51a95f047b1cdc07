"""Puts the samples into one table, as ratios to the floor."""

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from benchmarks.measurement import Sample
from benchmarks.previews import MeasuredPreview


def results_table(
    previews: Sequence[MeasuredPreview], samples: Mapping[MeasuredPreview, list[Sample]]
) -> Table:
    """The table of all previews; the first one is the floor of the ratios."""
    runs = len(samples[previews[0]])
    table = Table(title=f"previews: median of {runs}, and ratio to the empty program's")
    table.add_column("program")
    table.add_column("policy pack")
    for heading in ("wall time", "ratio", "peak memory", "ratio"):
        table.add_column(heading, justify="right")
    floor_seconds = _seconds(samples[previews[0]])
    floor_bytes = _bytes(samples[previews[0]])
    for preview in previews:
        seconds = _seconds(samples[preview])
        peak = _bytes(samples[preview])
        table.add_row(
            preview.program,
            "yes" if preview.pack else "no",
            f"{seconds:.2f} s",
            f"{seconds / floor_seconds:.2f}",
            f"{peak / 1e6:.0f} MB" if peak else "not known",
            f"{peak / floor_bytes:.2f}" if peak and floor_bytes else "not known",
        )
    return table


def _seconds(samples: list[Sample]) -> float:
    return median(sample.seconds for sample in samples)


def _bytes(samples: list[Sample]) -> float | None:
    known = [sample.peak_bytes for sample in samples if sample.peak_bytes is not None]
    return median(known) if known else None

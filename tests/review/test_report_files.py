"""Report files are whole at every moment, whoever writes and reads at once."""

import multiprocessing
import os

import pytest

from review.outcomes import EngineFailed
from review.report_files import write_reports

SIZE = 200_000
ROUNDS = 40


def _write_often(folder, letter: str) -> None:
    for _ in range(ROUNDS):
        write_reports(folder, {"a.json": letter * SIZE, "b.json": letter * SIZE})


def test_two_writers_at_once_leave_no_mixture(tmp_path):
    """A reader never sees half a file, and the last two files are of one run."""
    context = multiprocessing.get_context("spawn")
    folder = tmp_path / "out" / "dev"
    writers = [
        context.Process(target=_write_often, args=(folder, letter)) for letter in "xy"
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if (folder / "a.json").exists():
            text = (folder / "a.json").read_text()
            assert text in ("x" * SIZE, "y" * SIZE)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert (folder / "a.json").read_text() == (folder / "b.json").read_text()
    assert {each.name for each in folder.iterdir()} - {".lock"} == {"a.json", "b.json"}


def test_a_failed_write_keeps_the_earlier_reports(tmp_path, monkeypatch):
    """A full disk leaves what was there, and no scraps beside it."""
    write_reports(tmp_path, {"plan.json": "old"})

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(EngineFailed, match="No space left on device"):
        write_reports(tmp_path, {"plan.json": "new"})
    assert (tmp_path / "plan.json").read_text() == "old"
    assert {each.name for each in tmp_path.iterdir()} - {".lock"} == {"plan.json"}


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """The error says which option is to blame and where it points."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(EngineFailed, match=r"--out: cannot write to .*out"):
        write_reports(tmp_path / "out" / "dev", {"plan.json": "{}"})

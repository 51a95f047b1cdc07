"""An engine that does not end when it is told to is ended, and its log is read."""

import os
import signal
import threading
import time

import pytest

from review import engine
from review.outcomes import EngineFailed


def run(shop, scratch, interruptions: list[int]) -> engine.EngineRun:
    """Run the cardboard engine and keep the numbers of the interruptions."""
    scratch.mkdir()
    return engine.run_engine(
        ["preview"],
        directory=shop,
        scratch=scratch,
        environment={},
        on_progress=lambda record: None,
        on_interrupt=interruptions.append,
    )


def test_an_engine_that_ignores_two_interruptions_is_killed(
    shop, tmp_path, monkeypatch, cardboard_engine
):
    """The second Ctrl-C gives it a last while; then it is gone."""
    monkeypatch.setattr(engine, "_SECONDS_UNTIL_KILLED", 0.3)
    monkeypatch.setattr(engine, "_SECONDS_OF_ONE_INTERRUPTION", 0.01)
    cardboard_engine.plays("preview", wait="trap '' INT; while :; do sleep 0.1; done")
    interruptions: list[int] = []

    def interrupt_twice() -> None:
        while not (tmp_path / "play" / "calls.txt").exists():
            time.sleep(0.02)
        for _time in range(2):
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt_twice)
    thread.start()
    ended = run(shop, tmp_path / "scratch", interruptions)
    thread.join()
    assert interruptions == [1, 2]
    assert ended.interrupted
    assert ended.exit_code != 0


def test_an_interruption_before_the_engine_has_begun_reaches_it(
    shop, tmp_path, monkeypatch, cardboard_engine
):
    """A Ctrl-C in the moment of the start is not lost."""
    cardboard_engine.plays("preview", wait="while :; do sleep 0.1; done")
    start = engine.subprocess.Popen

    def interrupted_start(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return start(*arguments, **options)

    monkeypatch.setattr(engine.subprocess, "Popen", interrupted_start)
    interruptions: list[int] = []
    ended = run(shop, tmp_path / "scratch", interruptions)
    assert interruptions == [1]
    assert ended.interrupted


def test_a_log_that_is_no_log_ends_the_engine(
    shop, tmp_path, monkeypatch, cardboard_engine
):
    """The engine and its plugins are not left behind when its log cannot be read."""
    monkeypatch.setattr(engine, "_SECONDS_UNTIL_KILLED", 0.3)
    monkeypatch.setattr(engine, "_SECONDS_FOR_LEFTOVERS", 0.3)
    cardboard_engine.plays("preview", wait='echo $$ > "$PLAY/id"; exec sleep 60')
    (tmp_path / "play" / "preview" / "events.jsonl").write_text("no event\n")
    with pytest.raises(EngineFailed, match="line 1 of the engine's event log"):
        run(shop, tmp_path / "scratch", [])
    plugin = int((tmp_path / "play" / "id").read_text())
    with pytest.raises(ProcessLookupError):
        for _attempt in range(100):
            os.kill(plugin, 0)
            time.sleep(0.05)

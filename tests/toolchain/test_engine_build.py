"""Building the engine: whole or not at all, one at a time, with clear errors."""

import os
import signal
import subprocess
import time

import pytest
from made_up_builds import Build

from toolchain import engine


def wait_until_compiling(build: Build) -> None:
    """Return when Go has begun to write the engine."""
    until = time.monotonic() + 30
    while not build.builds_started():
        assert time.monotonic() < until, "the build did not begin"
        time.sleep(0.02)


def test_a_build_leaves_a_whole_engine_and_its_launcher(build: Build):
    """The engine runs, Python's host lies beside it, nothing else is left."""
    code, errors = build.run()
    assert code == 0, errors
    (built,) = build.engines()
    answer = subprocess.run([built, "version"], capture_output=True, text=True)
    assert answer.stdout == "v9.8.7\n"
    assert os.access(built.with_name("pulumi-language-python"), os.X_OK)
    assert build.left_behind() == []
    assert "Building the Pulumi engine 9.8.7" in errors
    assert "Compiling: 1 of at most 3 packages" in errors


def test_a_built_engine_is_not_built_again(build: Build):
    """The second run finds the first one's engine and says nothing."""
    build.run()
    code, errors = build.run()
    assert (code, errors) == (0, "")
    assert build.builds_started() == 1


@pytest.mark.parametrize(
    ("name", "exit_code"),
    [("SIGINT", -signal.SIGINT), ("SIGTERM", 143), ("SIGKILL", -signal.SIGKILL)],
)
def test_an_interrupted_build_leaves_nothing_half_made(
    build: Build, name: str, exit_code: int
):
    """Whatever ends the build, no engine is there, and the next run makes one."""
    process = build.start("hangs")
    wait_until_compiling(build)
    process.send_signal(getattr(signal, name))
    process.communicate(timeout=30)
    assert process.returncode == exit_code
    assert build.engines() == []
    if name != "SIGKILL":
        assert build.left_behind() == []
    code, errors = build.run()
    assert code == 0, errors
    assert len(build.engines()) == 1
    assert build.left_behind() == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_build_takes_go_with_it(build: Build, name: str):
    """No Go goes on compiling for a build that was given up."""
    process = build.start("hangs")
    wait_until_compiling(build)
    process.send_signal(getattr(signal, name))
    process.communicate(timeout=30)
    go = int(build.started.read_text("utf-8"))
    with pytest.raises(ProcessLookupError):
        os.kill(go, 0)


def test_two_runs_at_once_build_once(build: Build):
    """The second run says that it waits, and then uses what the first one built."""
    first = build.start("slow")
    wait_until_compiling(build)
    second = build.start("slow")
    _, first_errors = first.communicate(timeout=30)
    _, second_errors = second.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 0), second_errors
    assert "Another process is building the Pulumi engine" in second_errors
    assert "Another process" not in first_errors
    assert build.builds_started() == 1


FAILURES = {
    "full": ("the disk of ", "is full", "4 GB"),
    "unreachable": (
        "the engine's Go modules could not be downloaded",
        "GOPROXY=https://modules.invalid",
        "set GOPROXY",
    ),
    "wrong": ("the engine could not be built", "build.log", "syntax error"),
}


@pytest.mark.parametrize("behaviour", FAILURES)
def test_a_failed_build_says_what_to_do_on_its_first_line(build: Build, behaviour: str):
    """The cause, the place and the remedy are told; nothing half-made is kept."""
    code, errors = build.run(behaviour, GOPROXY="https://modules.invalid")
    assert code != 0
    *wanted, detail = FAILURES[behaviour]
    told = errors[errors.index("ToolchainError: ") :].splitlines()
    for text in wanted:
        assert text in told[0], errors
    assert detail in errors
    assert build.engines() == []
    assert build.left_behind() == []
    assert list(build.cache.glob("*.build.log"))


def test_a_disk_that_fills_up_under_our_own_files_is_named(build: Build):
    """The build log on /dev/full: the system itself answers that no space is left."""
    build.cache.mkdir()
    log = build.cache / f"{engine.cache_key(build.module)}.build.log"
    log.symlink_to("/dev/full")
    code, errors = build.run()
    assert code != 0
    assert f"ToolchainError: the disk of {build.cache} is full" in errors
    assert build.engines() == []
    assert build.left_behind() == []


def test_an_engine_that_says_another_version_is_not_kept(build: Build):
    """What was built is asked for its version before it gets its name."""
    code, errors = build.run(FAKE_ENGINE_VERSION="1.0.0")
    assert code != 0
    assert "says it is 1.0.0, not 9.8.7" in errors
    assert build.engines() == []


def test_a_cache_that_cannot_be_written_is_named(build: Build):
    """A file where the cache should be is an error that names the path."""
    build.cache.write_text("in the way", encoding="utf-8")
    code, errors = build.run()
    assert code != 0
    assert f"cannot keep the engine in {build.cache}" in errors


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
def test_another_pin_is_another_engine(build: Build, name: str):
    """The key changes with either file, and only with them."""
    before = engine.cache_key(build.module)
    assert engine.cache_key(build.module) == before
    with (build.module / name).open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    assert engine.cache_key(build.module) != before


def test_the_pins_of_this_checkout_are_read():
    """The version comes from go.mod alone."""
    assert engine.pinned_version() == "3.274.1"
    assert engine.cache_key().startswith("3.274.1-")

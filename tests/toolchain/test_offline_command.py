"""`./offline COMMAND`: exit codes, signals, the environment, the emulator's life."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_up_builds import write_script

from toolchain import offline
from toolchain.emulation import emulated_azure
from toolchain.engine import Engine
from toolchain.errors import ToolchainError

STAND_IN = """
import signal, sys, time
store = sys.argv[sys.argv.index("--store") + 1]
open(store + "/started", "w").close()
def stop(*_):
    open(store + "/stopped", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print(4711, flush=True)
time.sleep(60)
"""

WRAPPED = """
import sys
from pathlib import Path
from toolchain import emulation, engine, offline
emulation.COMMAND = [sys.executable, sys.argv[1]]
offline.engine.find_engine = lambda: engine.Engine(Path("/bin/true"), "3.274.1", True)
sys.exit(offline.main(sys.argv[2:]))
"""


@pytest.fixture
def wrapped(tmp_path: Path) -> list[str]:
    """`./offline` with a stand-in for the emulator and no engine."""
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(STAND_IN, encoding="utf-8")
    return [sys.executable, "-I", "-c", WRAPPED, str(stand_in)]


def start(wrapped: list[str], folder: Path, *command: str) -> subprocess.Popen[str]:
    """Start a command in its own foreground group, as a terminal does."""
    return subprocess.Popen(
        [*wrapped, *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def store_of(folder: Path) -> Path:
    """Return where the emulator of the folder's project keeps its store."""
    return folder / ".pulumi-offline" / "azure"


def wait_for(path: Path) -> None:
    """Return when the file is there."""
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)],
)
def test_the_exit_code_is_the_commands_own(
    wrapped: list[str], tmp_path: Path, script: str, code: int
):
    """128 and the signal's number for a command that a signal ended."""
    process = start(wrapped, tmp_path, "sh", "-c", script)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert (store_of(tmp_path) / "stopped").exists()


def test_ctrl_c_lets_the_command_finish_and_then_stops_the_emulator(
    wrapped: list[str], tmp_path: Path
):
    """The emulator is still there while the command cleans up."""
    script = (
        "trap 'sleep 0.5; test ! -e .pulumi-offline/azure/stopped; exit 1$?' INT;"
        "touch ready; while :; do sleep 0.1; done"
    )
    process = start(wrapped, tmp_path, "sh", "-c", script)
    wait_for(tmp_path / "ready")
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (10, "")
    assert (store_of(tmp_path) / "stopped").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_request_to_end_is_passed_on(wrapped: list[str], tmp_path: Path, name: str):
    """The command hears it, and its answer is the exit code."""
    script = f"trap 'exit 9' {name[3:]}; touch ready; while :; do sleep 0.1; done"
    process = start(wrapped, tmp_path, "sh", "-c", script)
    wait_for(tmp_path / "ready")
    process.send_signal(getattr(signal, name))
    process.communicate(timeout=60)
    assert process.returncode == 9
    assert (store_of(tmp_path) / "stopped").exists()


def test_a_command_that_is_not_there_is_misuse(wrapped: list[str], tmp_path: Path):
    """It is named, and the emulator stops."""
    process = start(wrapped, tmp_path, "no-such-command")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "cannot run 'no-such-command': No such file or directory" in errors
    assert (store_of(tmp_path) / "stopped").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--help"], 0, "usage: ./offline COMMAND"),
        ([], 2, "usage: ./offline COMMAND"),
        (["--verbose"], 2, "unknown option '--verbose'; allowed: --help"),
    ],
)
def test_help_and_misuse(
    wrapped: list[str], tmp_path: Path, arguments: list[str], code: int, told: str
):
    """Nothing is prepared for them."""
    process = start(wrapped, tmp_path, *arguments)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert told in output + errors
    assert not (tmp_path / ".pulumi-offline").exists()


def test_an_emulator_that_does_not_start_is_an_error_with_its_reason(tmp_path: Path):
    """What it wrote to standard error is in the message, and so is its log."""
    broken = write_script(tmp_path / "broken", "#!/bin/sh\necho why >&2\nexit 1\n")
    log = tmp_path / "log" / "emulator.log"
    with (
        pytest.raises(ToolchainError, match="did not start: why .*emulator.log"),
        emulated_azure(tmp_path / "store", log, [str(broken)]),
    ):
        pass


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with a passphrase."""
    (tmp_path / "passphrase").write_text("random", encoding="utf-8")
    return tmp_path


def test_no_login_reaches_the_command(state: Path):
    """Azure's and Pulumi's login settings stop here; everything else goes on."""
    given = {
        "ARM_CLIENT_SECRET": "s",
        "AZURE_CLIENT_ID": "s",
        "PULUMI_ACCESS_TOKEN": "s",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "s",
        "AZUREML_POLICIES_VERDICTS": "kept",
        "LANG": "kept",
        "PATH": "/bin",
    }
    engine = Engine(Path("/engine/pulumi"), "3.274.1", True)
    made = offline.environment(given, state, engine, 4711)
    assert "s" not in made.values()
    assert made["LANG"] == made["AZUREML_POLICIES_VERDICTS"] == "kept"
    assert made["PULUMI_CONFIG_PASSPHRASE"] == "random"
    assert made["PULUMI_BACKEND_URL"] == f"file://{state}/state"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("", "azure-native:4711"),
        ("other:1", "azure-native:4711,other:1"),
        ("azure-native:1,other:2", "azure-native:4711,other:2"),
    ],
)
def test_other_attached_providers_are_kept(state: Path, given: str, made: str):
    """azure-native is the emulator's; the rest is the user's own."""
    engine = Engine(Path("/engine/pulumi"), "3.274.1", True)
    variables = offline.environment(
        {"PULUMI_DEBUG_PROVIDERS": given}, state, engine, 4711
    )
    assert variables["PULUMI_DEBUG_PROVIDERS"] == made


@pytest.mark.parametrize("has_host", [True, False])
def test_the_shim_comes_first_and_our_language_host_only_if_needed(
    state: Path, has_host: bool
):
    """The order of PATH decides which pulumi and which host are found."""
    engine = Engine(Path("/engine/pulumi"), "3.274.1", has_host)
    path = offline.environment({"PATH": "/bin"}, state, engine, 1)["PATH"].split(":")
    assert path[0].endswith("toolchain/shims")
    assert path[1] == "/engine"
    assert path[-1] == "/bin"
    hosts = [one for one in path if one.endswith("language_host/bin")]
    assert bool(hosts) is not has_host


def test_the_passphrase_is_random_private_and_kept(wrapped: list[str], tmp_path: Path):
    """No constant protects the state, and git sees nothing of it."""
    for folder in ("one", "two", "one"):
        (tmp_path / folder).mkdir(exist_ok=True)
        process = start(
            wrapped, tmp_path / folder, "sh", "-c", "echo $PULUMI_CONFIG_PASSPHRASE"
        )
        output, _ = process.communicate(timeout=60)
        file = tmp_path / folder / ".pulumi-offline" / "passphrase"
        assert output == f"{file.read_text('utf-8')}\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    one, two = (tmp_path / name / ".pulumi-offline" for name in ("one", "two"))
    assert (one / "passphrase").read_text() != (two / "passphrase").read_text()
    assert (one / ".gitignore").read_text("utf-8") == "*\n"


def test_a_state_that_cannot_be_kept_is_one_line(
    wrapped: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The folder, the reason and what to do; no traceback."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("PULUMI_OFFLINE_DIRECTORY", str(file))
    process = start(wrapped, tmp_path, "true")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert errors == (
        f"offline: error: {file}: cannot be written: Not a directory; make room or "
        "permit it, or set PULUMI_OFFLINE_DIRECTORY to another folder\n"
    )


def test_a_deleted_current_folder_is_one_line(wrapped: list[str], tmp_path: Path):
    """It has no project above it that could be looked for."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *wrapped]
    process = start(script, gone, "true")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert errors == (
        "offline: error: the current folder was deleted; go to one that is there\n"
    )


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("pulumi preview -s dev", "."),
        ("pulumi -C inner preview", "inner"),
        ("pulumi preview --cwd=inner", "inner"),
        ("python -m review preview --stack dev", "."),
        ("python -m review preview --stack dev --project inner", "inner"),
        ("python3 -m review up --project=inner -s dev", "inner"),
        ("python -m review preview --project", "."),
        ("python program.py --project inner", "."),
        ("sh", "."),
    ],
)
def test_the_state_is_that_of_the_project_that_is_meant(command: str, folder: str):
    """Whoever works on a project from elsewhere sees what is deployed there."""
    assert offline.start_folder(command.split()) == Path(folder)


@pytest.mark.parametrize("target", ["preview", "up", "destroy"])
def test_make_refuses_an_empty_stack(checkout: Path, target: str):
    """The message says what to write."""
    done = subprocess.run(
        ["make", "--dry-run", target, "STACK="],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "STACK is empty: name a stack, such as STACK=dev" in done.stderr

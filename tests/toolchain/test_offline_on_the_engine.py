"""`./offline pulumi …` on the real engine: stacks, copies, locks, interruptions."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_projects import ROOT, write_project

pytestmark = pytest.mark.engine

Offline = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = """\
import pulumi
from pulumi_azure_native import resources

config = pulumi.Config()
group = resources.ResourceGroup("group", location=config.require("location"))
pulumi.export("name", group.name)
pulumi.export("password", config.require_secret("password"))
"""

DECLARED = """\
config:
  location:
    type: string
  password:
    type: string
    secret: true
"""

WAITS = """\
import time
from pathlib import Path

import pulumi

Path("ready").touch()
while not Path("go-on").exists():
    time.sleep(0.05)
pulumi.export("done", True)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one resource and one declared secret, tracked by git."""
    folder = write_project(
        tmp_path / "project",
        PROGRAM,
        config=DECLARED,
        stacks={
            "dev": "config:\n  small:location: westeurope # here\n",
            "prod": "config:\n  small:location: northeurope\n",
        },
    )
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--message", "all")
    return folder


IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.com")


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def succeeded(answer: subprocess.CompletedProcess[str]) -> str:
    """Return the output of a command that must have succeeded."""
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_stack_lives_and_tracked_files_stay_as_they_are(
    in_project: Offline, project: Path
):
    """Preview, up, an unchanged preview, export and destroy leave git clean."""
    succeeded(in_project(project, "pulumi", "preview", "-s", "dev"))
    succeeded(in_project(project, "pulumi", "up", "-y", "-s", "dev"))
    unchanged = ("preview", "--expect-no-changes", "-s", "dev")
    succeeded(in_project(project, "pulumi", *unchanged))
    exported = in_project(project, "pulumi", "stack", "export", "-s", "dev")
    state = json.loads(succeeded(exported))
    assert "small::azure-native:resources:ResourceGroup::group" in str(state)
    succeeded(in_project(project, "pulumi", "destroy", "-y", "-s", "dev"))
    removed = ("stack", "rm", "-y", "-s", "dev")
    succeeded(in_project(project, "pulumi", *removed))
    assert git(project, "status", "--porcelain") == ""


def test_throwaway_secrets_are_encrypted_in_the_copy_and_stable(
    in_project: Offline, project: Path
):
    """The value is in no file of the project's, and the same in the next run."""
    show = ("stack", "output", "--show-secrets", "password", "-s", "dev")
    values = []
    for _ in range(2):
        succeeded(in_project(project, "pulumi", "up", "-y", "-f", "-s", "dev"))
        values.append(succeeded(in_project(project, "pulumi", *show)).strip())
    assert values[0] == values[1]
    assert len(values[0]) == 32
    (copy,) = project.glob(".pulumi-offline/config/small/Pulumi.dev.yaml")
    assert re.search(r"small:password:\n\s+secure: v1:", copy.read_text("utf-8"))
    for file in project.rglob("*"):
        if file.is_file():
            assert values[0].encode() not in file.read_bytes(), file


def test_values_encrypted_for_others_are_replaced(in_project: Offline, project: Path):
    """A stack whose secrets and key are of Pulumi Cloud runs all the same."""
    stack = project / "Pulumi.prod.yaml"
    stack.write_text(
        "secretsprovider: azurekeyvault://somebody.vault.azure.net/keys/theirs\n"
        "encryptedkey: dGhlaXJz\n"
        "config:\n"
        "  small:location: northeurope\n"
        "  small:password:\n"
        "    secure: AAABAKtheirs\n"
        "  small:sites:\n"
        "  - name: one\n"
        "    shared key: {secure: AAABAKtheirs}\n",
        encoding="utf-8",
    )
    before = stack.read_bytes()
    succeeded(in_project(project, "pulumi", "preview", "-s", "prod"))
    shown = in_project(project, "pulumi", "config", "get", "sites", "-s", "prod")
    (site,) = json.loads(succeeded(shown))
    assert site["name"] == "one"
    assert len(site["shared key"]) == 32
    assert stack.read_bytes() == before


def test_a_named_configuration_file_is_copied_too(in_project: Offline, project: Path):
    """--config-file gives the values, and is not written to."""
    other = project / "other.yaml"
    other.write_text("config:\n  small:location: eastus\n", encoding="utf-8")
    before = other.read_bytes()
    arguments = ("preview", "--json", "-s", "dev", "--config-file", "other.yaml")
    plan = succeeded(in_project(project, "pulumi", *arguments))
    assert '"location": "eastus"' in plan
    assert other.read_bytes() == before


def test_stacks_are_made_and_chosen_by_hand(in_project: Offline, project: Path):
    """`stack init`, `select` and the chosen stack work, and write no file."""
    succeeded(in_project(project, "pulumi", "stack", "init", "prod"))
    assert "prod*" in succeeded(in_project(project, "pulumi", "stack", "ls"))
    succeeded(in_project(project, "pulumi", "stack", "select", "dev"))
    below = project / "below"
    below.mkdir()
    assert "westeurope" in succeeded(in_project(below, "pulumi", "preview", "--diff"))
    assert git(project, "status", "--porcelain") == ""


def test_a_project_elsewhere_is_named_with_cwd(
    in_project: Offline, project: Path, tmp_path: Path
):
    """Its state lies beside its own Pulumi.yaml."""
    arguments = ("-C", str(project), "preview", "-s", "dev")
    succeeded(in_project(tmp_path, "pulumi", *arguments))
    assert (project / ".pulumi-offline" / "state").is_dir()
    assert not (tmp_path / ".pulumi-offline").exists()


def test_an_unknown_stack_ends_with_the_known_ones(in_project: Offline, project: Path):
    """Exit code 2, and no traceback."""
    answer = in_project(project, "pulumi", "preview", "-s", "production")
    assert answer.returncode == 2
    assert "unknown stack 'production'; known: dev, prod" in answer.stderr
    assert "Traceback" not in answer.stderr


# Interruptions and two runs at once.


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A project whose program waits until the file `go-on` is there."""
    return write_project(tmp_path / "waiting", WAITS, stacks={"dev": "config: {}\n"})


def start(folder: Path, *command: str) -> subprocess.Popen[str]:
    """Start `./offline` in a group of its own, as a terminal does."""
    return subprocess.Popen(
        [ROOT / "offline", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def wait_for(path: Path) -> None:
    """Return when the file is there."""
    until = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.05)


def processes_about(folder: Path) -> list[str]:
    """Return the command lines of processes that work in or on the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = process.joinpath("cmdline").read_text("utf-8").replace("\0", " ")
            where = os.readlink(process / "cwd")
        except (OSError, UnicodeDecodeError):
            continue
        if str(folder) in command or Path(where).is_relative_to(folder):
            found.append(command)
    return found


def wait_until_nothing_runs(folder: Path) -> None:
    """Return when no process is about the folder; fail when some stay."""
    until = time.monotonic() + 15
    while left := processes_about(folder):
        assert time.monotonic() < until, left
        time.sleep(0.1)


@pytest.mark.parametrize("verb", ["preview", "up"])
def test_ctrl_c_ends_everything_quietly(in_project: Offline, waiting: Path, verb: str):
    """No traceback, no process left, and the stack can be used at once."""
    options = ("--yes", "--skip-preview") if verb == "up" else ()
    process = start(waiting, "pulumi", verb, *options, "-s", "dev")
    wait_for(waiting / "ready")
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    wait_until_nothing_runs(waiting)
    (waiting / "go-on").touch()
    succeeded(in_project(waiting, "pulumi", "up", "-y", "-f", "-s", "dev"))


def test_an_update_that_was_killed_is_cancelled_by_hand(
    in_project: Offline, waiting: Path
):
    """Pulumi's own lock stays then; `pulumi cancel` takes it away."""
    process = start(waiting, "pulumi", "up", "-y", "-f", "-s", "dev")
    wait_for(waiting / "ready")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    (waiting / "go-on").touch()
    wait_until_nothing_runs(waiting)
    refused = in_project(waiting, "pulumi", "up", "-y", "-f", "-s", "dev")
    assert refused.returncode != 0
    assert "locked" in refused.stdout + refused.stderr
    succeeded(in_project(waiting, "pulumi", "cancel", "-y", "-s", "dev"))
    succeeded(in_project(waiting, "pulumi", "up", "-y", "-f", "-s", "dev"))


def test_two_updates_at_once_are_told_apart(in_project: Offline, waiting: Path):
    """The second one is refused by Pulumi's lock, the first one goes on."""
    first = start(waiting, "pulumi", "up", "-y", "-f", "-s", "dev")
    wait_for(waiting / "ready")
    second = in_project(waiting, "pulumi", "up", "-y", "-f", "-s", "dev")
    assert second.returncode != 0
    assert "locked" in second.stdout + second.stderr
    (waiting / "go-on").touch()
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 0, output
    show = ("stack", "output", "done", "-s", "dev")
    assert succeeded(in_project(waiting, "pulumi", *show)).strip() == "true"


def test_two_first_runs_at_once_share_one_stack(in_project: Offline, project: Path):
    """Both previews find the stack that one of them created."""
    processes = [start(project, "pulumi", "preview", "-s", "dev") for _ in range(2)]
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output

"""The commands on the real engine with Azure emulated: verdicts, failures, endings."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

WORKSPACE = """\
import pulumi
from pulumi_azure_native import machinelearningservices, resources

group = resources.ResourceGroup(
    "group", resource_group_name="rg-shop", location="westeurope"
)
machinelearningservices.Workspace(
    "aml",
    resource_group_name="rg-shop",
    workspace_name="aml-shop",
    location="westeurope",
    identity={"type": "SystemAssigned"},
    description=pulumi.Output.secret("correct-horse-battery-staple"),
    public_network_access=ACCESS,
)
"""
GROUPS = """\
import pathlib, time
import pulumi
from pulumi_azure_native import resources

for name in pathlib.Path("groups.txt").read_text().split():
    resources.ResourceGroup(
        name,
        resource_group_name=name,
        location="westeurope",
        tags={"color": pathlib.Path("color.txt").read_text()},
    )
waits_for = pathlib.Path("waits.txt").read_text()
if waits_for == ("preview" if pulumi.runtime.is_dry_run() else "up"):
    pathlib.Path("waiting").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.05)
"""


@pytest.fixture
def folder(tmp_path: Path, checkout: Path) -> Iterator[Path]:
    """A project with the stack dev; no process of it may be left at the end."""
    project = tmp_path / "shop"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(
        "name: shop\n"
        "runtime:\n"
        "  name: python\n"
        f"  options: {{virtualenv: {checkout / '.venv'}}}\n"
    )
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    (project / "waits.txt").write_text("")
    (project / "color.txt").write_text("red")
    (project / "groups.txt").write_text("rg-one rg-two")
    yield project
    assert _processes_in(project) == []


@pytest.fixture
def start(checkout: Path, folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start a review command under `./offline` in the project."""

    environment = dict(os.environ)
    environment.pop("PULUMI_OFFLINE_DIRECTORY", None)

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [checkout / "offline", "python", "-m", "review", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture
def review(start) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a review command under `./offline` in the project to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return _ended(start(*arguments))

    return run


def test_a_public_workspace_is_refused_by_name(folder, checkout, review):
    """The engine's preview fails, and rule, workspace, path and line are named."""
    (folder / "__main__.py").write_text(WORKSPACE.replace("ACCESS", '"Enabled"'))
    pack = str(checkout / "policies")
    result = review("up", "--stack", "dev", "--policy-pack", pack)
    assert result.returncode == 1, result.stderr
    for word in (
        "ml-workspace-no-public-access",
        "machine learning workspace aml",
        "publicNetworkAccess",
        "__main__.py:7",
        "nothing was deployed",
    ):
        assert word in result.stdout
    reports = folder / "out" / "dev"
    [workspace] = [
        each
        for each in json.loads((reports / "plan.json").read_text())["resources"]
        if each["name"] == "aml"
    ]
    assert workspace["operation"] == "create"
    assert workspace["inputs"]["description"] == "[secret]"
    findings = json.loads((reports / "verdicts.json").read_text())["findings"]
    assert "ML001" in {each["id"] for each in findings}
    everything = result.stdout + result.stderr
    everything += "".join(each.read_text() for each in reports.iterdir())
    assert "correct-horse-battery-staple" not in everything


def test_an_unknown_value_is_undecided_and_refused_too(folder, checkout, review):
    """What only Azure can tell is not taken for safe, and its path is named."""
    program = WORKSPACE.replace("ACCESS", "group.managed_by")
    (folder / "__main__.py").write_text(program)
    pack = str(checkout / "policies")
    result = review("preview", "--stack", "dev", "--policy-pack", pack)
    assert result.returncode == 1, result.stderr
    [line] = [
        line
        for line in result.stdout.splitlines()
        if line.startswith("undecided") and "ml-workspace-no-public-access" in line
    ]
    assert "machine learning workspace aml, publicNetworkAccess" in line
    reports = folder / "out" / "dev"
    plan = json.loads((reports / "plan.json").read_text())
    [workspace] = [each for each in plan["resources"] if each["name"] == "aml"]
    assert workspace["inputs"]["publicNetworkAccess"] == {"unknown": True}


def test_a_stack_lives_from_up_to_destroy(folder, review):
    """Created, unchanged, changed, deleted: each is said, and nothing is left."""
    (folder / "__main__.py").write_text(GROUPS)
    deployed = review("up", "-s", "dev")
    assert deployed.returncode == 0, deployed.stderr
    assert "created     2 resource groups" in deployed.stdout
    again = review("preview", "-s", "dev")
    assert "nothing to do (2 unchanged)" in again.stdout
    (folder / "color.txt").write_text("blue")
    (folder / "groups.txt").write_text("rg-one rg-three")
    changed = review("preview", "-s", "dev")
    assert "1 to create, 1 to change, 0 to replace, 1 to delete" in changed.stdout
    gone = review("destroy", "-s", "dev")
    assert gone.returncode == 0, gone.stderr
    assert "deleted     2 resource groups" in gone.stdout
    assert "nothing left to delete" in review("destroy", "-s", "dev").stdout


@pytest.mark.parametrize(
    ("program", "expected_code", "expected_text"),
    [
        ("raise ValueError('boom')\n", 3, "ValueError: boom"),
        (
            "import pulumi\n"
            "raise pulumi.RunError("
            "'configuration error: size: 40; allowed: 8 to 29')\n",
            2,
            "configuration error: size: 40; allowed: 8 to 29",
        ),
    ],
    ids=["failed", "refused"],
)
def test_a_failed_program_is_told_from_a_refused_configuration(
    folder, review, program, expected_code, expected_text
):
    """The program's own words are shown once, and nothing of the machinery's JSON."""
    (folder / "__main__.py").write_text(program)
    result = review("preview", "--stack", "dev")
    assert result.returncode == expected_code, result.stderr
    assert result.stderr.count(expected_text) == 1
    assert "{" not in result.stderr


def test_an_unknown_stack_is_misuse(folder, review):
    """The known stacks are listed."""
    (folder / "__main__.py").write_text("")
    result = review("preview", "--stack", "stage")
    assert result.returncode == 2, result.stderr
    assert "unknown stack 'stage'" in result.stderr
    assert "known stacks: dev" in result.stderr


@pytest.mark.parametrize("command", ["preview", "up"])
def test_an_interrupted_run_leaves_a_usable_state(folder, start, review, command):
    """The engine ends, no lock stays, and the next run goes on from there."""
    (folder / "__main__.py").write_text(GROUPS)
    (folder / "waits.txt").write_text(command)
    interrupted = start(command, "-s", "dev")
    _wait_for(folder / "waiting", interrupted)
    os.killpg(interrupted.pid, signal.SIGINT)
    result = _ended(interrupted)
    assert result.returncode == 130, result.stderr
    assert "press Ctrl-C again" in result.stderr
    assert _processes_in(folder) == []
    (folder / "waits.txt").write_text("")
    deployed = review("up", "-s", "dev")
    assert deployed.returncode == 0, deployed.stderr
    assert "nothing to do (2 unchanged)" in review("preview", "-s", "dev").stdout


def test_the_second_of_two_runs_gives_way(folder, start, review):
    """It names the other run, and the first ends as if it had been alone."""
    (folder / "__main__.py").write_text(GROUPS)
    (folder / "waits.txt").write_text("up")
    first = start("up", "-s", "dev")
    _wait_for(folder / "waiting", first)
    second = review("up", "-s", "dev")
    assert second.returncode == 3, second.stderr
    assert "another run is working on stack dev" in second.stderr
    assert "created by" in second.stderr
    (folder / "go").touch()
    result = _ended(first)
    assert result.returncode == 0, result.stderr
    assert "created     2 resource groups" in result.stdout


def _ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    output, errors = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def _wait_for(file: Path, process: subprocess.Popen[str]) -> None:
    while not file.exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)


def _processes_in(folder: Path) -> list[str]:
    """The command lines of the processes that work in a folder (as Linux tells)."""
    deadline = time.monotonic() + 10
    while (found := _look_for_processes(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _look_for_processes(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            works_in = Path(os.readlink(process / "cwd"))
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if command and (works_in.is_relative_to(folder) or str(folder) in command):
            found.append(command)
    return found

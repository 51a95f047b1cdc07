"""The pulumi on PATH under ./offline: what it refuses before any engine runs."""

import hashlib
import json
from pathlib import Path

import pytest
from small_projects import write_project

from toolchain import project as projects
from toolchain import shim
from toolchain.errors import MISUSE, ToolchainError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with stacks dev and prod, which is the current folder."""
    folder = write_project(tmp_path, "", stacks={"dev": "", "prod": ""})
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    return folder


def prepare(text: str) -> shim.Invocation:
    """Prepare for `pulumi TEXT` where no engine can be started."""
    return shim.prepare(text.split(), Path("state").resolve(), "/no/such/engine")


@pytest.mark.parametrize(
    "text",
    [
        "preview -s production",
        "up --stack=production",
        "stack select production",
        "stack rm acme/small/production",
        "cancel production",
    ],
)
def test_an_unknown_stack_is_refused_with_the_known_ones(folder: Path, text: str):
    """The file, the name and what there is are on one line."""
    with pytest.raises(ToolchainError) as failure:
        prepare(text)
    assert str(failure.value) == (
        f"{folder / 'Pulumi.yaml'}: unknown stack 'production'; known: dev, prod"
    )
    assert failure.value.exit_code == MISUSE


def test_an_unknown_stack_in_the_environment_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """PULUMI_STACK counts like the flag."""
    monkeypatch.setenv("PULUMI_STACK", "production")
    with pytest.raises(ToolchainError, match="unknown stack 'production'"):
        prepare("preview")


def test_no_stack_is_refused_with_the_known_ones(folder: Path):
    """Where the engine would ask, or write to the file of the one it picks."""
    with pytest.raises(ToolchainError, match="no stack is selected.*known: dev, prod"):
        prepare("preview")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("config set name value -s dev", "pulumi config set"),
        ("config rm name", "pulumi config rm"),
        ("config set-all --plaintext a=b", "pulumi config set-all"),
        ("config refresh -s dev", "pulumi config refresh"),
        ("stack rename other", "pulumi stack rename"),
        ("stack change-secrets-provider default", "stack change-secrets-provider"),
    ],
)
def test_commands_that_write_to_tracked_files_are_refused(
    folder: Path, text: str, command: str
):
    """The message names the command and says what to do instead."""
    with pytest.raises(ToolchainError, match=f"{command}.*edit Pulumi") as failure:
        prepare(text)
    assert failure.value.exit_code == MISUSE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version",
        "--help",
        "preview --help",
        "config set --help",
        "package get-schema components",
        "policy analyze --policy-pack policies --file state.json",
        "stack ls",
        "stack select",
        "install",
    ],
)
def test_commands_that_are_about_no_stack_are_passed_on(folder: Path, text: str):
    """They start the real pulumi with the very same arguments."""
    assert prepare(text) == shim.Invocation(text.split())


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        ("package get-schema plugin", "package get-schema ./plugin"),
        ("package add plugin extra", "package add ./plugin extra"),
        ("package get-schema ./plugin", "package get-schema ./plugin"),
        ("package get-schema random", "package get-schema random"),
    ],
)
def test_a_plugins_folder_is_passed_on_as_a_path(
    folder: Path, text: str, passed_on: str
):
    """The engine would ask the registry for the bare name."""
    (folder / "plugin").mkdir()
    (folder / "plugin" / "PulumiPlugin.yaml").write_text("runtime: python\n", "utf-8")
    assert prepare(text).arguments == passed_on.split()


def test_a_plugins_folder_of_the_project_is_found_from_below(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """The command works from any folder of the project."""
    (folder / "plugin").mkdir()
    (folder / "plugin" / "PulumiPlugin.yaml").write_text("runtime: python\n", "utf-8")
    (folder / "docs").mkdir()
    monkeypatch.chdir(folder / "docs")
    found = prepare("package get-schema plugin").arguments[-1]
    assert Path(found) == (folder / "plugin").resolve()
    assert prepare("package get-schema random").arguments[-1] == "random"


def test_outside_a_project_everything_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The engine itself says that there is no project."""
    monkeypatch.chdir(tmp_path)
    assert prepare("preview -s dev").arguments == ["preview", "-s", "dev"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: [", "cannot be read"),
        ("- one\n", "holds list, not `key: value` lines"),
        ("runtime: python\n", "name: None is not a project name"),
    ],
)
def test_a_project_file_that_cannot_be_read_is_named(
    folder: Path, text: str, complaint: str
):
    """The path and the fault are on the first line."""
    file = folder / "Pulumi.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ToolchainError) as failure:
        prepare("preview -s dev")
    assert str(failure.value).startswith(f"{file}: {complaint}")


def test_stack_files_in_a_folder_of_their_own_are_found(folder: Path):
    """`stackConfigDir` says where they are."""
    file = folder / "Pulumi.yaml"
    file.write_text("name: small\nstackConfigDir: stacks\n", encoding="utf-8")
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.test.yaml").write_text("", encoding="utf-8")
    assert projects.read_project(file).stack_names() == ["test"]


def test_the_project_is_found_from_below_and_by_name(folder: Path):
    """From a folder inside it; the nearest one wins."""
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    assert projects.find_project(below) == folder / "Pulumi.yaml"
    (below / "Pulumi.yml").write_text("name: inner\n", encoding="utf-8")
    assert projects.find_project(below) == below / "Pulumi.yml"


@pytest.mark.parametrize(
    ("kept", "selected"),
    [
        ({"stacks": {"file:///here": "organization/small/dev"}}, "dev"),
        ({"stacks": {"https://elsewhere": "me/small/dev"}}, None),
        ({"stack": "dev"}, "dev"),
        ({}, None),
    ],
)
def test_the_selected_stack_is_read_where_the_engine_keeps_it(
    folder: Path, kept: dict[str, object], selected: str | None
):
    """In PULUMI_HOME, under the project's name and the path's hash, per backend."""
    project = projects.read_project(folder / "Pulumi.yaml")
    home = folder / "home"
    assert project.selected_stack(home, "file:///here") is None
    digest = hashlib.sha1(str(folder.resolve() / "Pulumi.yaml").encode()).hexdigest()
    file = home / "workspaces" / f"small-{digest}-workspace.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(kept), "utf-8")
    assert project.selected_stack(home, "file:///here") == selected

"""The Python language host, started by the real engine like the official one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_builds import write_script
from small_projects import ROOT, write_project

pytestmark = pytest.mark.engine

Offline = Callable[..., subprocess.CompletedProcess[str]]
STACK = {"dev": "config: {}\n"}


def preview(
    offline: Offline, folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Preview the stack dev of the project in the folder."""
    return offline(folder, "pulumi", "preview", "-s", "dev", *options)


def test_a_program_runs_with_its_configuration_and_arguments_of_the_run(
    in_project: Offline, tmp_path: Path
):
    """Project, stack, dry run and configuration are those of the command."""
    program = """\
        import pulumi
        from neighbour import WORD

        print(
            pulumi.get_project(), pulumi.get_stack(), pulumi.runtime.is_dry_run(),
            pulumi.Config().require("word"), pulumi.Config().require_int("number"),
            WORD,
        )
        """
    stack = {"dev": "config:\n  small:word: hello\n  small:number: 7\n"}
    folder = write_project(tmp_path / "project", program, stacks=stack)
    (folder / "neighbour.py").write_text("WORD = 'beside'\n", encoding="utf-8")
    answer = preview(in_project, folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "small dev True hello 7 beside" in answer.stdout
    assert "warning" not in answer.stdout + answer.stderr


def test_a_main_file_in_a_subfolder_finds_its_neighbours(
    in_project: Offline, tmp_path: Path
):
    """`main: source/program.py` imports what lies beside it."""
    folder = write_project(
        tmp_path / "project", "", config="main: source/program.py\n", stacks=STACK
    )
    source = folder / "source"
    source.mkdir()
    (source / "program.py").write_text("import near\nprint(near.WORD)\n", "utf-8")
    (source / "near.py").write_text("WORD = 'found it'\n", encoding="utf-8")
    answer = preview(in_project, folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "found it" in answer.stdout


def test_an_exception_is_shown_once_with_the_users_own_frames(
    in_project: Offline, tmp_path: Path
):
    """The traceback is an error diagnostic; the command fails."""
    program = """\
        def fails():
            raise ValueError("exactly this")

        fails()
        """
    folder = write_project(tmp_path / "project", program, stacks=STACK)
    answer = preview(in_project, folder)
    assert answer.returncode not in (0, 2)
    text = answer.stdout + answer.stderr
    diagnostics = text[text.index("Diagnostics:") :]
    assert diagnostics.count("ValueError: exactly this") == 1
    assert diagnostics.count("Traceback (most recent call last)") == 1
    assert '__main__.py", line 2, in fails' in diagnostics
    assert "runpy" not in text
    assert "language_host" not in text


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import pulumi\nraise pulumi.RunError('in plain words')", "in plain words"),
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("def broken(:", "SyntaxError"),
        ("import sys; sys.exit(3)", "program exited with non-zero exit code: 3"),
        ("import os; os.abort()", "program ended by signal 6"),
    ],
)
def test_every_way_to_fail_is_told(
    in_project: Offline, tmp_path: Path, program: str, told: str
):
    """An error, a missing module, bad syntax, an exit code, a signal."""
    folder = write_project(tmp_path / "project", program, stacks=STACK)
    answer = preview(in_project, folder)
    assert answer.returncode not in (0, 2)
    assert told in answer.stdout + answer.stderr


def test_a_missing_program_is_named(in_project: Offline, tmp_path: Path):
    """A folder without __main__.py is said to be one."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    (folder / "__main__.py").unlink()
    answer = preview(in_project, folder)
    assert answer.returncode != 0
    assert "unable to find main python program `__main__.py`" in (
        answer.stdout + answer.stderr
    )


def write_runtime(folder: Path, options: dict[str, str]) -> None:
    """Write a Pulumi.yaml with these runtime options; JSON is YAML too."""
    runtime = {"name": "python", "options": options}
    text = json.dumps({"name": "small", "runtime": runtime})
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"virtualenv": "venv"}, "is not a virtual environment; run `pulumi install`"),
        ({"toolchain": "poetry"}, "'poetry' is not supported by this language host"),
        ({"typechecker": "other"}, "'other' is not supported by this language host"),
    ],
)
def test_options_that_cannot_be_followed_are_one_clear_line(
    in_project: Offline, tmp_path: Path, options: dict[str, str], told: str
):
    """The option, its value and what to do; no traceback."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    write_runtime(folder, options)
    answer = preview(in_project, folder)
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert told in text
    assert "Traceback" not in text


def test_pulumi_install_makes_the_environment_and_installs(
    in_project: Offline, tmp_path: Path
):
    """The requirement, a package on this disk, is there afterwards."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    write_runtime(folder, {"virtualenv": "venv"})
    package = tmp_path / "made_up_package"
    write_script(package / "made_up_backend.py", BACKEND)
    (package / "pyproject.toml").write_text(
        '[project]\nname = "made-up-package"\nversion = "1.0"\n'
        "[build-system]\nrequires = []\n"
        'build-backend = "made_up_backend"\nbackend-path = ["."]\n',
        encoding="utf-8",
    )
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package}\n", encoding="utf-8")
    answer = in_project(folder, "pulumi", "install")
    text = answer.stdout + answer.stderr
    assert answer.returncode == 0, text
    assert "-r requirements.txt" in text
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-c", "import made_up_package"], check=True)


def test_an_installation_that_fails_fails_the_command(
    in_project: Offline, tmp_path: Path
):
    """The installer's own words are shown."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    write_runtime(folder, {"virtualenv": "venv"})
    requirements = folder / "requirements.txt"
    requirements.write_text("./not-there\n", encoding="utf-8")
    answer = in_project(folder, "pulumi", "install")
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "not-there" in text
    assert "failed in" in text


BACKEND = """
import zipfile

FILES = {
    "made_up_package.py": "",
    "made_up_package-1.0.dist-info/METADATA":
        "Metadata-Version: 2.1\\nName: made-up-package\\nVersion: 1.0\\n",
    "made_up_package-1.0.dist-info/WHEEL":
        "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "made_up_package-1.0.dist-info/RECORD": "",
}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "made_up_package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
    return name
"""

PACK = """\
import pulumi
from pulumi_policy import (
    EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy,
)


def refuse(arguments, report):
    report(f"refused in {pulumi.get_project()}/{pulumi.get_stack()}")


PolicyPack(
    name="small-pack",
    policies=[
        StackValidationPolicy(
            name="refuse-all",
            description="Refuses everything.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=refuse,
        )
    ],
)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A policy pack that refuses every stack, naming it."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__main__.py").write_text(PACK, encoding="utf-8")
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (folder / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime}), "utf-8")
    return folder


def test_a_policy_pack_judges_and_knows_the_stack(
    in_project: Offline, tmp_path: Path, pack: Path
):
    """Its violation fails the preview; project and stack are the command's."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    answer = preview(in_project, folder, "--policy-pack", str(pack))
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert "refuse-all" in text
    assert "refused in small/dev" in text


def test_a_broken_policy_pack_says_why(in_project: Offline, tmp_path: Path, pack: Path):
    """Its exception reaches the user, and the preview fails."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    (pack / "__main__.py").write_text("raise ValueError('exactly this')\n", "utf-8")
    answer = preview(in_project, folder, "--policy-pack", str(pack))
    assert answer.returncode != 0
    assert "exactly this" in answer.stdout + answer.stderr


PLUGIN = """\
from typing import TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class Arguments(TypedDict):
    word: pulumi.Input[str]
    \"\"\"What is said.\"\"\"


class Said(pulumi.ComponentResource):
    \"\"\"Says a word.\"\"\"

    word: pulumi.Output[str]
    \"\"\"What was said.\"\"\"

    def __init__(self, name, args: Arguments, opts: pulumi.ResourceOptions = None):
        super().__init__("small-plugin:index:Said", name, {}, opts)
        self.word = pulumi.Output.from_input(args["word"])
        self.register_outputs({"word": self.word})


if __name__ == "__main__":
    component_provider_host(name="small-plugin", components=[Said])
"""


def test_a_component_plugin_prints_its_schema(in_project: Offline, tmp_path: Path):
    """`pulumi package get-schema` starts it through the host."""
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "__main__.py").write_text(PLUGIN, encoding="utf-8")
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (plugin / "PulumiPlugin.yaml").write_text(json.dumps({"runtime": runtime}), "utf-8")
    answer = in_project(tmp_path, "pulumi", "package", "get-schema", str(plugin))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    schema = json.loads(answer.stdout)
    said = schema["resources"]["small-plugin:index:Said"]
    assert said["inputProperties"]["word"]["description"] == "What is said."


def test_pulumi_about_describes_the_interpreter(in_project: Offline, tmp_path: Path):
    """Version and path are those of the virtual environment."""
    folder = write_project(tmp_path / "project", "", stacks=STACK)
    answer = in_project(folder, "pulumi", "about", "--json", "-s", "dev")
    assert answer.returncode == 0, answer.stderr
    runtime = json.loads(answer.stdout)["runtime"]
    assert runtime["executable"] == str(ROOT / ".venv" / "bin" / "python")
    assert runtime["version"] == ".".join(map(str, sys.version_info[:3]))

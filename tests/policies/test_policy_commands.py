"""What the pack says about itself: the documentation's list, the check of files."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from azureml_policies import DESCRIPTION, NAME, RULES

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pack_command(checkout: Path) -> Command:
    """Run ``python -m azureml_policies`` in the folder of the pack."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "azureml_policies", *arguments],
            cwd=checkout / "policies",
            env={**os.environ, "PYTHONSAFEPATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_documentation_lists_the_rules(
    pack_command: Command, checkout: Path
) -> None:
    """The page holds exactly what the command prints."""
    run = pack_command("rules")
    assert run.returncode == 0, run.stderr
    page = (checkout / "docs" / "policies.md").read_text()
    start = page.partition("<!-- python -m azureml_policies rules -->")[2]
    assert start.partition("<!-- end -->")[0].strip() == run.stdout.strip()


def test_files_without_a_fault(pack_command: Command, tmp_path: Path) -> None:
    """Nothing is said about a good file, nor about an empty one."""
    empty = tmp_path / "empty.json"
    empty.write_text("")
    run = pack_command("check", "config/dev.json", "config/prod.json", str(empty))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('{"pe-for-storag": {"batch": true}}', "did you mean 'pe-for-storage'?"),
        ('{"pe-for-storage": }', "line 1: not JSON"),
        ("[]", "not an object"),
    ],
)
def test_files_with_a_fault(
    pack_command: Command, tmp_path: Path, content: str, text: str
) -> None:
    """Each fault is named with its file, also where the engine's words are poor."""
    path = tmp_path / "configuration.json"
    path.write_text(content)
    run = pack_command("check", str(path), str(tmp_path / "missing.json"))
    assert run.returncode == 2
    first, second = run.stderr.splitlines()
    assert first.startswith(f"{path}: ") and text in first
    assert second.endswith("missing.json: cannot be read: No such file or directory")


def test_the_pack_serves_what_the_engine_asks(checkout: Path) -> None:
    """Started as the engine starts it: a port on one line, then the rules by gRPC."""
    with subprocess.Popen(
        [sys.executable, "-u", "-I", str(checkout / "policies" / "__main__.py")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            info = AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=60)
        process.terminate()
    assert info.name == NAME
    assert [policy.name for policy in info.policies] == [rule.name for rule in RULES]


def test_the_project_file_names_the_pack(checkout: Path) -> None:
    """What the engine reads and what the pack says agree."""
    project = yaml.safe_load((checkout / "policies" / "PulumiPolicy.yaml").read_text())
    assert project["name"] == NAME
    assert project["description"] == DESCRIPTION

"""What the pack says about itself: the documentation's list, the check of files."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from azureml_policies import DESCRIPTION, NAME, RULES
from azureml_policies._frame.catalogue import rules_as_pages, rules_as_table
from azureml_policies._frame.generated import PAGE, PROFILES, outdated

LEFT = PAGE.parent / "policies" / "left-over.md"
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


def test_the_generated_files_are_up_to_date(pack_command: Command) -> None:
    """Documentation, profiles and the table for Azure Policy say what the rules say."""
    run = pack_command("generate", "--check")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_what_is_outdated_is_named(tmp_path: Path) -> None:
    """Changed, missing and left-over files, and none that is as it is to be."""
    page, profile, left = (tmp_path / path for path in (PAGE, PROFILES / "a", LEFT))
    for path in (page, profile, left):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    files = {PAGE: "old", PROFILES / "a": "new", PROFILES / "b": "new"}
    assert outdated(files, tmp_path) == [PROFILES / "a", PROFILES / "b", LEFT]


def test_a_rule_on_its_page() -> None:
    """All that a rule says about itself, its examples as a program in YAML."""
    rule = replace(
        RULES[0],
        bad={"publicNetworkAccess": "Enabled"},
        good=[
            {
                "type": "network:Subnet",
                "name": "training",
                "properties": {"group": {"id": {"ref": "other", "suffix": "/x"}}},
                "options": {"protect": True, "parent": "other"},
            },
            {"type": "a:b:C", "name": "other"},
        ],
        example_settings={"strict": True},
    )
    pages = rules_as_pages([rule])
    assert list(pages) == ["machine-learning.md"]
    text = pages["machine-learning.md"]
    assert text.startswith("# Rules: Azure Machine Learning\n\n[All rules](")
    assert f"## ML001 {rule.name}\n\n{rule.description}. Severity critical" in text
    assert 'With the settings `{"strict": true}`:' in text
    bad, good = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert yaml.safe_load(bad) == {
        "resources": {
            "example": {
                "type": "azure-native:machinelearningservices:Workspace",
                "properties": {"publicNetworkAccess": "Enabled"},
            }
        }
    }
    assert yaml.safe_load(good)["resources"] == {
        "training": {
            "type": "azure-native:network:Subnet",
            "properties": {"group": {"id": "${other.id}/x"}},
            "options": {"protect": True, "parent": "${other}"},
        },
        "other": {"type": "a:b:C"},
    }


def test_every_rule_is_in_the_table_and_on_a_page() -> None:
    """The link in the table leads to the rule's section."""
    pages = rules_as_pages(RULES)
    table = rules_as_table(RULES)
    for rule in RULES:
        (page,) = [name for name, text in pages.items() if f"\n## {rule.id} " in text]
        link = f"(policies/{page}#{rule.id.lower()}-{rule.name})"
        assert f"| {rule.id} | [`{rule.name}`]{link} |" in table


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
        ('{"version": 2, "policies": []}', "policies: not an object"),
        ('{"pe-for-storage": {"batch": "\\ud800"}}', "is not of type boolean"),
        ('{"pe-for-storage": {"batch": NaN}}', "nan is not of type boolean"),
        ('{"pe-for-storage": ["x"]}', "give a level or an object"),
        ('{"pe-for-storage": "advisory", "pe-for-storage": "disabled"}', "twice"),
        (
            '{"vpn-client-pool": {"largest": 1' + "0" * 400 + "}}",
            "vpn-client-pool.largest: a number too large is not 29 or less",
        ),
        (
            '{"exemption-valid": {"exemptions": [{"rule": "ML001", "resource": "*::x", '
            '"owner": "a", "reason": "b", "category": "Waiver"}]}}',
            "exemption-valid.exemptions[0].expires is missing; give the last day",
        ),
        ("[" * 100_000, "nested too deep"),
        ('{"keyvault-soft-delete": ' + "9" * 5000 + "}", "a number too long"),
        ("\udcff", "not UTF-8"),
    ],
    ids=lambda each: each[:30],
)
def test_files_with_a_fault(
    pack_command: Command, tmp_path: Path, content: str, text: str
) -> None:
    """Each fault is named with its file, also where the engine's words are poor."""
    path = tmp_path / "configuration.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
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


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("profile", "sloppy"), "'strict', 'moderate', 'audit-only'"),
        (
            ("profile", "strict", "--framework", "ISO"),
            "'MCSB', 'CIS-3.0', 'NIST', 'PCI'",
        ),
    ],
)
def test_a_word_that_is_none_is_answered_with_those_there_are(
    pack_command: Command, arguments: tuple[str, ...], allowed: str
) -> None:
    """As misuse, with nothing printed."""
    run = pack_command(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"(choose from {allowed})" in run.stderr

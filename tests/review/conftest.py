"""What the tests of reviews share: plans, events, and an engine of cardboard."""

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
if str(Path(__file__).parent) not in sys.path:
    # Test modules import what stands beside them.
    sys.path.insert(0, str(Path(__file__).parent))

# Plays what was put into the folder PLAY: files of the events, the standard output and
# error and the exit code for each command of `pulumi`.
_CARDBOARD_ENGINE = """\
#!/bin/sh
folder="$PLAY/$1"
echo "$@" >> "$PLAY/calls.txt"
for argument; do
    case "$argument" in --event-log=*) log="${argument#--event-log=}" ;; esac
done
[ ! -f "$folder/events.jsonl" ] || cp "$folder/events.jsonl" "$log"
[ ! -f "$folder/side.jsonl" ] || cp "$folder/side.jsonl" "$AZUREML_POLICIES_VERDICTS"
[ ! -f "$folder/wait" ] || sh "$folder/wait"
[ ! -f "$folder/output" ] || cat "$folder/output"
[ ! -f "$folder/errors" ] || cat "$folder/errors" >&2
exit "$(cat "$folder/exit_code")"
"""


class Build:
    """Makes what tests need: entries of plans, verdicts and event logs."""

    stack_urn = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"

    @classmethod
    def urn_of(cls, type_token: str, name: str, parent_type: str = "") -> str:
        """A URN of the stack `dev` of the project `shop`."""
        types = f"{parent_type}${type_token}" if parent_type else type_token
        return f"urn:pulumi:dev::shop::{types}::{name}"

    @classmethod
    def resource(
        cls, type_token: str, name: str, operation: str = "create", **fields: Any
    ) -> dict[str, Any]:
        """A resource of a plan."""
        return {
            "urn": cls.urn_of(type_token, name),
            "type": type_token,
            "name": name,
            "parent": cls.stack_urn,
            "custom": True,
            "operation": operation,
            "changedProperties": [],
            "replaceReasons": [],
            "inputs": {},
            "dependencies": [],
            "propertyDependencies": {},
            "source": {"file": "__main__.py", "line": 12},
        } | fields

    @classmethod
    def plan(cls, *resources: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A plan of the stack `dev` of the project `shop`."""
        return {
            "project": "shop",
            "stack": "dev",
            "resources": list(resources),
            "deletions": [],
            "diagnostics": [],
        } | fields

    @classmethod
    def finding(cls, **fields: Any) -> dict[str, Any]:
        """A violated mandatory rule, unless said otherwise."""
        return {
            "rule": "ml-workspace-no-public-access",
            "id": "ML001",
            "level": "mandatory",
            "severity": "critical",
            "status": "violated",
            "urn": cls.urn_of("azure-native:machinelearningservices:Workspace", "aml"),
            "path": "publicNetworkAccess",
            "message": 'is "Enabled"; set it to "Disabled"',
            "witness": None,
        } | fields

    @classmethod
    def rule(cls, name: str, **fields: Any) -> dict[str, Any]:
        """A mandatory rule that nothing was judged by, unless said otherwise."""
        return {
            "id": "",
            "name": name,
            "level": "mandatory",
            "severity": "high",
            "description": "",
            "satisfied": 0,
            "violated": 0,
            "undecided": 0,
            "exempt": 0,
        } | fields

    @classmethod
    def policy_event(cls, **fields: Any) -> dict[str, Any]:
        """A mandatory violation as the engine tells it, unless said otherwise."""
        return {
            "policyEvent": {
                "resourceUrn": cls.finding()["urn"],
                "message": "No public access.\n" + cls.finding()["message"] + "\n",
                "color": "never",
                "policyName": "ml-workspace-no-public-access",
                "policyPackName": "azureml-network-policies",
                "policyPackVersion": "0.1.0",
                "policyPackVersionTag": "0.1.0",
                "enforcementLevel": "mandatory",
                "severity": "critical",
            }
            | fields
        }

    @classmethod
    def side_line(cls, **fields: Any) -> dict[str, Any]:
        """A mandatory violation in the pack's side file, unless said otherwise."""
        return {
            "rule": "ML001",
            "name": "ml-workspace-no-public-access",
            "level": "mandatory",
            "severity": "critical",
            "urn": cls.finding()["urn"],
            "status": "violated",
            "path": "publicNetworkAccess",
            "message": cls.finding()["message"],
            "witness": None,
        } | fields

    @classmethod
    def json_lines(cls, *lines: dict[str, Any]) -> str:
        """The lines of a file that holds one JSON object each."""
        return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture(scope="session")
def build() -> type[Build]:
    """The makers of what tests need."""
    return Build


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Event logs and digests that the real engine wrote."""
    return Path(__file__).parent / "recordings"


@pytest.fixture(scope="session")
def fits_schema() -> Callable[[str, Any], None]:
    """Check a document against the published schema of that name."""

    def check(name: str, document: Any) -> None:
        schema = json.loads((ROOT / "review" / "schemas" / name).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(document, schema)

    return check


class CardboardEngine:
    """A `pulumi` that plays what a test puts into it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def plays(
        self,
        command: str,
        *events: dict[str, Any],
        exit_code: int = 0,
        side: str = "",
        output: str = "",
        errors: str = "",
        wait: str = "",
    ) -> None:
        """Say what `pulumi COMMAND` does from now on; `wait` is a shell script."""
        folder = self._folder / command
        folder.mkdir(exist_ok=True)
        (folder / "events.jsonl").write_text(Build.json_lines(*events))
        (folder / "side.jsonl").write_text(side)
        (folder / "output").write_text(output)
        (folder / "errors").write_text(errors)
        (folder / "exit_code").write_text(str(exit_code))
        if wait:
            (folder / "wait").write_text(wait)

    def calls(self) -> list[str]:
        """The command lines that it was called with."""
        file = self._folder / "calls.txt"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def cardboard_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CardboardEngine:
    """A `pulumi` first on PATH that plays what the test puts into it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    engine = programs / "pulumi"
    engine.write_text(_CARDBOARD_ENGINE)
    engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
    play = tmp_path / "play"
    play.mkdir()
    monkeypatch.setenv("PLAY", str(play))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("AZUREML_NETWORK_OFFLINE", raising=False)
    return CardboardEngine(play)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the stacks dev and prod and a policy pack; the current folder."""
    folder = tmp_path / "shop"
    (folder / "policies").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (folder / "Pulumi.prod.yaml").write_text("config: {}\n")
    (folder / "policies" / "PulumiPolicy.yaml").write_text("runtime: python\n")
    monkeypatch.chdir(folder)
    return folder

"""An opening of the workspace: the review says why, and the pack reports it."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

pytestmark = pytest.mark.engine

Run = Callable[..., CompletedProcess[str]]

REASON = "a course with machines of its guests"


def reviewed(
    project: Path, offline: Run, opening: dict[str, Any]
) -> tuple[int, str, list[dict[str, Any]]]:
    """How the review of dev with that opening ends: exit code, page, findings."""
    stack_file = project / "Pulumi.dev.yaml"
    stack_file.write_text(
        f"{stack_file.read_text()}"
        f"  private-azureml:publicAccess: {json.dumps(opening)}\n"
    )
    done = offline(project, "python", "-m", "review", "preview", "--stack", "dev")
    out = project / "out" / "dev"
    verdicts = json.loads((out / "verdicts.json").read_text())
    return done.returncode, (out / "review.md").read_text(), verdicts["findings"]


def test_an_opening_to_everybody_is_said_and_reported(
    stack_project: Path, offline: Run
) -> None:
    """The reason stands in the review, and ML001 holds the stack up."""
    code, page, findings = reviewed(stack_project, offline, {"reason": REASON})
    assert code == 1
    (finding,) = findings
    assert finding["rule"] == "ml-workspace-no-public-access"
    assert finding["status"] == "violated"
    assert "dev-workspace" in finding["urn"]
    assert f"the workspace is open to every public address; reason: {REASON}" in page


def test_an_opening_to_addresses_is_said_and_planned_closed(
    stack_project: Path, offline: Run
) -> None:
    """Addresses come by commands afterwards: the plan has nothing open in it."""
    opening = {"reason": REASON, "addresses": ["203.0.114.7"]}
    code, page, findings = reviewed(stack_project, offline, opening)
    assert code == 0
    assert findings == []
    assert f"is to be open to 203.0.114.7; reason: {REASON}" in page

"""What checkov finds is compared with what is explained, with a cardboard checkov.

`make judges` runs the true one.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from review.checkov_judge import Complaint, main, read_explained

TEMPLATE = {
    "resources": [
        {"type": "Microsoft.KeyVault/vaults", "name": "kv-shop", "comments": "vault"},
        {"type": "Microsoft.Network/virtualNetworks", "name": "v", "comments": "net"},
    ]
}
EXPLAINED = "| check | resource | reason |\n|---|---|---|\n"
ROW = "| CKV_AZURE_1 | `vault` | Because. |\n"


def report(*checks: str, resources: int = 2) -> dict[str, Any]:
    """What checkov prints when these checks fail for the vault."""
    return {
        "check_type": "arm",
        "summary": {"passed": 7, "resource_count": resources},
        "results": {
            "failed_checks": [
                {
                    "check_id": check,
                    "check_name": f"Ensure {check}",
                    "resource": "Microsoft.KeyVault/vaults.kv-shop",
                }
                for check in checks
            ]
        },
    }


@pytest.fixture
def judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run the judge with a checkov that prints something; gives code and output."""

    def run(printed: Any, explained: str = EXPLAINED) -> tuple[int, str]:
        text = printed if isinstance(printed, str) else json.dumps(printed)
        (tmp_path / "printed").write_text(text)
        (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
        (tmp_path / "page.md").write_text(explained)
        checkov = tmp_path / "checkov"
        checkov.write_text(
            f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nenv > {tmp_path}/env\n'
            f"cat {tmp_path}/printed\nexit 1\n"
        )
        checkov.chmod(checkov.stat().st_mode | stat.S_IXUSR)
        code = main(
            [
                *("--template", str(tmp_path / "template.json")),
                *("--explained", str(tmp_path / "page.md")),
                *("--checkov", str(checkov)),
            ]
        )
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_explained_findings_are_no_fault(judge):
    """One row for each finding, and none too many."""
    assert judge(report("CKV_AZURE_1"), EXPLAINED + ROW) == (
        0,
        "checkov     7 checks hold, 1 are explained\n",
    )
    assert judge([report(), {"check_type": "secrets"}])[0] == 0


def test_a_finding_that_nobody_explains_ends_with_1(judge):
    """It is told by check, by the program's own name, and by the check's title."""
    code, said = judge(report("CKV_AZURE_1", "CKV_AZURE_2"), EXPLAINED + ROW)
    assert code == 1
    assert "unexplained CKV_AZURE_2 vault: Ensure CKV_AZURE_2" in said
    assert "CKV_AZURE_1 " not in said


def test_an_explanation_of_nothing_ends_with_1(judge):
    """What has been corrected, or is no longer there, leaves the page."""
    code, said = judge(report(), EXPLAINED + ROW)
    assert code == 1
    assert "outdated    CKV_AZURE_1 vault" in said


@pytest.mark.parametrize(
    "printed",
    ["", "Traceback", "[]", "{}", '{"passed": 0}', report(resources=1)],
    ids=["nothing", "no JSON", "no report", "an empty one", "a summary", "a part"],
)
def test_no_whole_report_ends_with_3(judge, printed):
    """A judge that has not read everything has not found everything right."""
    assert judge(printed)[0] == 3


def test_checkov_is_alone(judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No key of its service, no download, no look for a newer version."""
    monkeypatch.setenv("BC_API_KEY", "not-for-checkov")
    monkeypatch.setenv("PRISMA_API_URL", "https://example.com")
    judge(report())
    assert "--skip-download" in (tmp_path / "arguments").read_text()
    variables = (tmp_path / "env").read_text().splitlines()
    assert "CKV_SKIP_PACKAGE_UPDATE_CHECK=true" in variables
    assert f"PATH={os.environ['PATH']}" in variables
    assert not [each for each in variables if each.startswith(("BC_", "PRISMA_"))]


@pytest.mark.parametrize(
    ("rows", "said"),
    {
        "no reason": ("| CKV_AZURE_1 | `vault` |  |\n", "page.md:3"),
        "no backticks": ("| CKV_AZURE_1 | vault | Because. |\n", "page.md:3"),
        "twice": (ROW + ROW, "page.md:4"),
    }.values(),
)
def test_a_page_that_explains_badly_is_refused(judge, rows: str, said: str):
    """The message names file and line."""
    code, message = judge(report(), EXPLAINED + rows)
    assert code == 2
    assert said in message


def test_a_missing_checkov_is_told(tmp_path: Path, capsys):
    """And a missing page, and a missing template."""
    page, template = tmp_path / "page.md", tmp_path / "template.json"
    arguments = [
        *("--template", str(template), "--explained", str(page)),
        *("--checkov", str(tmp_path / "checkov")),
    ]
    for option in ("--explained", "--template", "--checkov"):
        assert main(arguments) == 2
        assert f"error: {option}: " in capsys.readouterr().err
        (page if option == "--explained" else template).write_text("{}")


def test_the_page_explains_what_it_says():
    """Every row of the committed page has a check, a resource and a reason."""
    page = Path(__file__).resolve().parents[2] / "docs" / "judges.md"
    explained = read_explained(page)
    assert Complaint("CKV_AZURE_243", "azureml-prod-workspace") in explained
    assert all(len(reason) > 20 for reason in explained.values())

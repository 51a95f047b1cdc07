"""The policy pack catches what makes prod's plan less secure.

Every change is judged through the calls of the engine. What no rule reports is listed
in ``docs/policies.md`` with the reason, and with nothing else.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from mutation_judge import Caught, Judge
from plan_mutations import Mutation, mutations
from plan_recordings import recorded_prod

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "policies.md"
COUNTS = re.compile(
    r"(?P<caught>\d+) of (?P<all>\d+) changes are reported, "
    r"and (?P<stops>\d+) of them stop the run"
)
ROW = re.compile(r"^\| `(?P<key>[^`]+)` \| (?P<count>\d+) \| (?P<reason>[^|]+) \|$")


@pytest.fixture(scope="module")
def verdicts() -> dict[Mutation, Caught]:
    """Each mutation of the plan, with the policies that report it."""
    resources = recorded_prod()
    settings = json.loads((ROOT / "policies" / "config" / "prod.json").read_text())
    judge = Judge(resources, settings)
    found = {}
    for resource in resources:
        if resource["type"].startswith("azure-native:"):
            for mutation in mutations(resource):
                found[mutation] = judge.catching(mutation)
    return found


def explained() -> dict[str, tuple[int, str]]:
    """What the page lists as not reported: how often, and why."""
    lines = PAGE.read_text().splitlines()
    rows = [row for line in lines if (row := ROW.match(line))]
    return {row["key"]: (int(row["count"]), row["reason"].strip()) for row in rows}


def test_what_no_rule_reports_is_explained(
    verdicts: dict[Mutation, Caught], capsys: pytest.CaptureFixture[str]
) -> None:
    """The table holds exactly the changes that nothing reports, each with a reason."""
    survivors = Counter(each.key for each, caught in verdicts.items() if not caught)
    caught = len(verdicts) - survivors.total()
    with capsys.disabled():
        stopping = sum(each.stops for each in verdicts.values())
        print(
            f"\n{caught} of {len(verdicts)} mutations caught: {stopping} stop the run, "
            f"{caught - stopping} are advisories"
        )
    listed = explained()
    assert {key: count for key, (count, _) in listed.items()} == dict(survivors)
    assert all(len(reason) > 20 for _, reason in listed.values())
    told = COUNTS.search(" ".join(PAGE.read_text().split()))
    assert told is not None
    assert [int(told[key]) for key in ("caught", "all", "stops")] == [
        caught,
        len(verdicts),
        stopping,
    ]


def test_mutations_change_the_plan(verdicts: dict[Mutation, Caught]) -> None:
    """Each is another plan, and most guards and openings have several."""
    before = {each["urn"]: each["inputs"] for each in recorded_prod()}
    assert all(each.inputs != before[each.urn] for each in verdicts)
    types = {each.type for each in verdicts}
    assert len(types) > 35
    assert len(verdicts) > 1000

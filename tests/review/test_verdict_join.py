"""The engine's events and the pack's side file become one list of verdicts."""

import json

import pytest

from review.event_log import EngineRecord, read_record
from review.verdicts import (
    blocking_findings,
    is_blocking,
    join_verdicts,
    read_side_file,
)

RULE = {
    "rule": "ML001",
    "name": "ml-workspace-no-public-access",
    "level": "mandatory",
    "severity": "critical",
    "description": "No public access.",
}


def record_of(*events: dict) -> EngineRecord:
    """The record of some events."""
    record = EngineRecord()
    for event in events:
        record.add(event)
    return record


def test_a_violation_gets_its_path_and_id_from_the_side_file(build, fits_schema):
    """The event says what the engine enforces, the side file says where."""
    verdicts = join_verdicts(
        record_of(build.policy_event()), [{"rules": [RULE]}, build.side_line()]
    )
    fits_schema("verdicts.schema.json", verdicts)
    assert verdicts["findings"] == [build.finding()]
    [rule] = verdicts["rules"]
    assert (rule["satisfied"], rule["violated"], rule["undecided"]) == (0, 1, 0)


def test_an_undecided_rule_is_told_from_a_violated_one(build):
    """Both are events of the same kind; only the side file tells them apart."""
    verdicts = join_verdicts(
        record_of(build.policy_event()),
        [{"rules": [RULE]}, build.side_line(status="undecided")],
    )
    assert [each["status"] for each in verdicts["findings"]] == ["undecided"]
    assert verdicts["rules"][0]["undecided"] == 1


def test_the_level_that_the_engine_enforces_wins(build):
    """The pack's configuration may have changed a level after the pack said its own."""
    verdicts = join_verdicts(
        record_of(build.policy_event(enforcementLevel="advisory")), [build.side_line()]
    )
    assert verdicts["findings"][0]["level"] == "advisory"
    assert not blocking_findings(verdicts)


def test_two_findings_of_one_rule_on_one_resource_keep_their_paths(build):
    """Events in another order than the lines still meet the line with their message."""
    lines = [
        build.side_line(path="a", message="a is open"),
        build.side_line(path="b", message="a is open and so is b"),
    ]
    events = [build.policy_event(message=each["message"]) for each in reversed(lines)]
    verdicts = join_verdicts(record_of(*events), lines)
    assert [(each["path"], each["message"]) for each in verdicts["findings"]] == [
        ("a", "a is open"),
        ("b", "a is open and so is b"),
    ]


def test_a_finding_that_only_the_side_file_holds_is_kept(build):
    """A verdict is never lost, even when the engine did not repeat it."""
    verdicts = join_verdicts(record_of(), [build.side_line()])
    assert verdicts["findings"] == [build.finding()]


def test_repeated_lines_and_events_are_one_finding(build):
    """A pack may judge a resource twice, and the engine may say so twice."""
    verdicts = join_verdicts(
        record_of(build.policy_event(), build.policy_event()),
        [build.side_line(), build.side_line()],
    )
    assert len(verdicts["findings"]) == 1


def test_rules_that_held_are_counted_per_subject(build):
    """The side file says how often a rule held; idle rules are listed with zeros."""
    idle = RULE | {"rule": "ML002", "name": "ml-workspace-identity"}
    held = [build.side_line(status="satisfied", urn=f"urn:{n}") for n in range(3)]
    verdicts = join_verdicts(record_of(), [{"rules": [idle, RULE]}, *held])
    assert [(each["id"], each["satisfied"]) for each in verdicts["rules"]] == [
        ("ML001", 3),
        ("ML002", 0),
    ]


def test_a_pack_without_a_side_file_is_judged_by_its_events(build, fits_schema):
    """Other packs give names, levels, messages and how often each rule held."""
    verdicts = join_verdicts(
        record_of(
            build.policy_event(policyName="no-inner"),
            {"policyAnalyzeSummaryEvent": {"passed": ["fine"], "failed": ["no-inner"]}},
        )
    )
    fits_schema("verdicts.schema.json", verdicts)
    [found] = verdicts["findings"]
    assert (found["rule"], found["status"], found["path"]) == (
        "no-inner",
        "violated",
        "",
    )
    assert {each["name"]: each["satisfied"] for each in verdicts["rules"]} == {
        "fine": 1,
        "no-inner": 0,
    }


def test_a_rule_that_gave_up_on_an_unknown_is_undecided_and_blocks(build):
    """The SDK reports it as advisory whatever the rule's level: that is not safe."""
    message = (
        "No public access.\ncan't run policy 'ml-workspace-no-public-access' from "
        "policy pack 'other@v1' during preview: string value at .publicNetworkAccess "
        "can't be known during preview\n"
    )
    verdicts = join_verdicts(
        record_of(build.policy_event(message=message, enforcementLevel="advisory"))
    )
    [found] = verdicts["findings"]
    assert found["status"] == "undecided"
    assert found["message"].startswith("string value at .publicNetworkAccess")
    assert is_blocking(found)


def test_an_excepted_violation_is_exempt_and_does_not_block(build, fits_schema):
    """The engine's own exceptions carry an id and a reason."""
    exceptions = [{"id": "EXC-1", "reason": "until the move"}]
    verdicts = join_verdicts(
        record_of(build.policy_event(exceptions=exceptions)), [build.side_line()]
    )
    fits_schema("verdicts.schema.json", verdicts)
    assert verdicts["findings"][0]["status"] == "exempt"
    assert verdicts["findings"][0]["exceptions"] == exceptions
    assert verdicts["rules"][0]["exempt"] == 1
    assert not blocking_findings(verdicts)


@pytest.mark.parametrize(
    ("path", "category"),
    [("exemptions[0]", "Waiver"), ("approvals[0]", "Approval")],
)
def test_an_exemption_of_the_pack_keeps_owner_and_expiry(
    build, fits_schema, path, category
):
    """The engine shows it as an advisory; the side file says what it is."""
    exemption = {
        "path": path,
        "owner": "network-team",
        "reason": "until the move",
        "expires": "2026-06-30",
        "category": category,
    }
    line = build.side_line(status="exempt", level="advisory", exemption=exemption)
    until = f"({category} until 2026-06-30)"
    message = f"No public access.\nexempt: {line['message']} {until}"
    event = build.policy_event(message=message, enforcementLevel="advisory")
    verdicts = join_verdicts(record_of(event), [line])
    fits_schema("verdicts.schema.json", verdicts)
    (found,) = verdicts["findings"]
    assert (found["status"], found["level"]) == ("exempt", "advisory")
    assert found["message"] == line["message"]
    assert found["exceptions"] == [
        {
            "id": path,
            "owner": "network-team",
            "reason": "until the move",
            "expires": "2026-06-30",
            "category": category,
        }
    ]
    assert verdicts["rules"][0]["exempt"] == 1
    assert not blocking_findings(verdicts)


@pytest.mark.parametrize(
    ("level", "status", "blocks"),
    [
        ("mandatory", "violated", True),
        ("mandatory", "undecided", True),
        ("mandatory", "exempt", False),
        ("advisory", "violated", False),
        ("advisory", "undecided", False),
    ],
)
def test_what_blocks(build, level, status, blocks):
    """Mandatory rules block, and not knowing is not safe."""
    assert is_blocking(build.finding(level=level, status=status)) is blocks


def test_findings_come_in_the_order_of_their_weight(build):
    """Mandatory first, violated before undecided, critical before low."""
    lines = [
        build.side_line(level="advisory", path="4"),
        build.side_line(status="undecided", path="3"),
        build.side_line(severity="low", path="2"),
        build.side_line(path="1"),
    ]
    verdicts = join_verdicts(record_of(), lines)
    assert [each["path"] for each in verdicts["findings"]] == ["1", "2", "3", "4"]


def test_a_side_file_cut_off_in_its_last_line_is_read(build, tmp_path):
    """A pack that was ended while it wrote leaves half a line."""
    file = tmp_path / "side.jsonl"
    line = json.dumps(build.side_line())
    file.write_text(f"{line}\n{line[:40]}")
    assert read_side_file(file) == [build.side_line()]
    assert read_side_file(tmp_path / "none") == []


def test_a_recorded_run_of_the_real_engine_and_pack_joins(recordings, fits_schema):
    """Every event of the recording has its line: a path or a reason, and an id."""
    folder = recordings / "violated"
    record = read_record(folder / "events.jsonl")
    lines = read_side_file(folder / "side.jsonl")
    verdicts = join_verdicts(record, lines)
    fits_schema("verdicts.schema.json", verdicts)
    assert len(verdicts["findings"]) == len(record.policy_events)
    assert all(each["id"] for each in verdicts["findings"])
    [public] = [each for each in verdicts["findings"] if each["id"] == "ML001"]
    assert (public["level"], public["path"]) == ("mandatory", "publicNetworkAccess")
    [held] = [each for each in verdicts["rules"] if each["satisfied"]]
    assert held["name"] == "ml-workspace-no-legacy-public-flag"

"""The engine's event log is read while it is written, whatever is there so far."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.event_log import (
    Diagnostic,
    EngineRecord,
    EventLogReader,
    plain_text,
    read_record,
)

EVENTS = [
    {"sequence": 0, "preludeEvent": {"config": {"shop:text": "ünïcode – €"}}},
    {"sequence": 1, "diagnosticEvent": {"message": "mind", "severity": "warning"}},
    {"sequence": 2, "policyLoadEvent": {}},
    {"sequence": 3, "summaryEvent": {"resourceChanges": {"create": 3}}},
]
LOG = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in EVENTS).encode()


def recorded(*events: dict) -> EngineRecord:
    """The record of some events."""
    record = EngineRecord()
    for event in events:
        record.add(event)
    return record


@given(cut=st.integers(0, len(LOG)))
def test_any_prefix_of_a_log_is_readable(tmp_path_factory, cut):
    """Cut at any byte, even inside a character, the complete lines are read."""
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    log.write_bytes(LOG[:cut])
    complete = LOG[:cut].count(b"\n")
    assert list(EventLogReader(log).new_events()) == EVENTS[:complete]


@given(cuts=st.lists(st.integers(0, len(LOG)), max_size=6).map(sorted))
def test_a_growing_log_gives_each_event_once(tmp_path_factory, cuts):
    """However the log grows between two calls, no event is lost or repeated."""
    log = tmp_path_factory.mktemp("log") / "events.jsonl"
    reader = EventLogReader(log)
    seen = []
    for cut in [*cuts, len(LOG)]:
        log.write_bytes(LOG[:cut])
        seen += reader.new_events()
    assert seen == EVENTS


def test_a_log_that_is_not_there_yet_is_empty(tmp_path):
    """The engine makes the file some time after it was started."""
    assert list(EventLogReader(tmp_path / "none").new_events()) == []


@pytest.mark.parametrize("line", ["not json\n", "[1]\n", "{\n"])
def test_a_complete_line_that_is_no_event_is_an_error(tmp_path, line):
    """The error names the line and shows its beginning."""
    log = tmp_path / "events.jsonl"
    log.write_text("{}\n" + line)
    with pytest.raises(ValueError, match=r"line 2 of the engine's event log"):
        list(EventLogReader(log).new_events())


def test_every_recorded_log_is_readable_at_every_line(recordings: Path, tmp_path: Path):
    """What the real engine wrote is read up to any line, and ends with a summary."""
    logs = sorted(recordings.glob("*/events.jsonl"))
    assert logs
    for log in logs:
        assert read_record(log).summary is not None
        lines = log.read_bytes().splitlines(keepends=True)
        part = tmp_path / "part.jsonl"
        for count in range(len(lines)):
            part.write_bytes(b"".join(lines[:count]) + lines[count][:-5])
            read_record(part)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"message": "<{%fg 13%}>mind<{%reset%}>\n", "severity": "warning"},
            [Diagnostic("warning", "mind")],
        ),
        (
            {"prefix": "error: ", "message": "no\n", "severity": "error", "urn": "u"},
            [Diagnostic("error", "no", "u")],
        ),
        ({"message": "registering", "severity": "debug"}, []),
        ({"message": "so far", "severity": "info", "ephemeral": True}, []),
        ({"message": " \n", "severity": "info"}, []),
        (
            {
                "prefix": "warning: ",
                "message": "using pulumi-language-python from $PATH at /home/me/bin/x",
                "severity": "warning",
            },
            [],
        ),
    ],
)
def test_diagnostics_are_kept_when_they_say_something(payload, expected):
    """Colours go; debug messages, passing ones and the machine's paths are left out."""
    assert recorded({"diagnosticEvent": payload}).diagnostics == expected


def test_a_repeated_diagnostic_is_kept_once():
    """The engine sends some messages twice."""
    event = {"diagnosticEvent": {"message": "mind", "severity": "warning"}}
    assert len(recorded(event, event).diagnostics) == 1


def test_what_a_rule_has_changed_is_told():
    """A remediation is no finding, and still nobody may miss it."""
    remediation = {
        "resourceUrn": "urn:x",
        "policyName": "storage-min-tls",
        "before": {"kind": "V2", "tls": "1.0"},
        "after": {"kind": "V2", "tls": "1.2", "https": True},
    }
    assert recorded({"policyRemediationEvent": remediation}).diagnostics == [
        Diagnostic("warning", "storage-min-tls has changed https, tls", "urn:x")
    ]


def test_only_resources_of_providers_count_as_finished():
    """Components, the stack and unchanged resources are no work that was done."""

    def ended(operation: str, type_token: str, custom: bool) -> dict:
        urn = f"urn:pulumi:dev::shop::{type_token}::x"
        metadata = {"op": operation, "urn": urn, "type": type_token}
        return {"resOutputsEvent": {"metadata": metadata | {"new": {"custom": custom}}}}

    record = recorded(
        ended("create", "azure-native:network:Subnet", True),
        ended("same", "azure-native:keyvault:Vault", True),
        ended("create", "azureml-network:index:SecureVnet", False),
        ended("create", "pulumi:providers:azure-native", True),
    )
    assert record.finished == {
        ("create", "urn:pulumi:dev::shop::azure-native:network:Subnet::x")
    }


def test_rules_that_held_are_counted_by_name():
    """Summaries of resources and of the stack both count."""
    record = recorded(
        {"policyAnalyzeSummaryEvent": {"passed": ["a", "b"], "failed": ["c"]}},
        {"policyAnalyzeSummaryEvent": {"passed": ["a"]}},
        {"policyAnalyzeStackSummaryEvent": {"failed": ["d"]}},
    )
    assert record.held == {"a": 2, "b": 1}


def test_plain_text_keeps_what_only_looks_like_a_colour():
    """Only the engine's own marks are removed."""
    assert (
        plain_text(" <{%fg 1%}>50% of <b>{x}</b><{%reset%}>\n") == "50% of <b>{x}</b>"
    )

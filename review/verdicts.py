"""The verdicts: what each rule of the policy pack says about each resource.

The engine's policy events are the truth about what the engine enforces. The pack's side
file adds what events cannot carry: the path, undecided or violated, the witness, and
how often a rule held. A pack without a side file is judged by its events alone.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from review.event_log import EngineRecord, Event, plain_text

Verdicts = dict[str, Any]
Finding = dict[str, Any]

SIDE_FILE_VARIABLE = "AZUREML_POLICIES_VERDICTS"
"""Names the file that the pack appends its verdicts to, one JSON object a line."""

_OPEN = ("violated", "undecided")
_OPEN_TEXT = "undecided: "
_LEVELS = ("mandatory", "remediate", "advisory", "")
_SEVERITIES = ("critical", "high", "medium", "low", "")
_STATUSES = ("violated", "undecided", "exempt")

# What pulumi_policy reports, at level advisory whatever the rule's own level, when a
# rule reads a value that is not known yet (pulumi_policy/policy.py).
_GAVE_UP = "can't run policy '"
_GAVE_UP_REASON = "during preview: "


def read_side_file(path: Path) -> list[dict[str, Any]]:
    """The lines that the pack wrote; none when there is no such file.

    A last line without its end was cut off when the pack was ended: it is left out.
    """
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [json.loads(line) for line in file if line.endswith(b"\n")]


def join_verdicts(
    record: EngineRecord, side_lines: Iterable[dict[str, Any]] = ()
) -> Verdicts:
    """The verdicts of a run: `{"findings": […], "rules": […]}`.

    A finding that only the side file holds is kept, so that no verdict is lost.
    """
    lines = list(side_lines)
    known_rules = {
        rule["name"]: rule for line in lines for rule in line.get("rules", [])
    }
    judged = _distinct(line for line in lines if "status" in line)
    findings = _join(record.policy_events, judged, known_rules)
    held = Counter(line["name"] for line in judged if line["status"] == "satisfied")
    for name, count in record.held.items():
        if name not in known_rules:
            held[name] = count
    findings.sort(key=_order)
    return {"findings": findings, "rules": _rules(known_rules, findings, held)}


def is_blocking(finding: Finding) -> bool:
    """Whether a finding keeps the stack from being deployed."""
    return finding["level"] == "mandatory" and finding["status"] in _OPEN


def was_undecided(finding: Finding) -> bool:
    """Whether the rule could not tell about what is exempt; our pack says so."""
    return finding["status"] == "exempt" and finding["message"].startswith(_OPEN_TEXT)


def blocking_findings(verdicts: Verdicts) -> list[Finding]:
    """The findings that keep the stack from being deployed."""
    return [each for each in verdicts["findings"] if is_blocking(each)]


def _distinct(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries without repetitions, in order."""
    found = {json.dumps(entry, sort_keys=True): entry for entry in entries}
    return list(found.values())


def _join(
    events: list[Event],
    judged: list[dict[str, Any]],
    known_rules: dict[str, dict[str, Any]],
) -> list[Finding]:
    waiting: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in judged:
        if line["status"] in _STATUSES:
            waiting[line["name"], line["urn"]].append(line)
    findings = []
    for event in _distinct(events):
        candidates = waiting[event["policyName"], event.get("resourceUrn", "")]
        line = _take_match(candidates, plain_text(event["message"]))
        findings.append(_finding(event, line, known_rules))
    for left in (line for lines in waiting.values() for line in lines):
        findings.append(_finding_of_line(left))
    return findings


def _take_match(
    candidates: list[dict[str, Any]], message: str
) -> dict[str, Any] | None:
    """The candidate whose message the event carries, else the first; it is removed."""
    if not candidates:
        return None
    matching = [line for line in candidates if line["message"] in message]
    chosen = max(matching, key=lambda line: len(line["message"]), default=candidates[0])
    candidates.remove(chosen)
    return chosen


def _finding(
    event: Event, line: dict[str, Any] | None, known_rules: dict[str, dict[str, Any]]
) -> Finding:
    if line:
        finding = _finding_of_line(line)
        finding["level"] = event["enforcementLevel"]
    else:
        finding = _finding_of_event(event, known_rules)
    if exceptions := event.get("exceptions"):
        finding["status"] = "exempt"
        finding["exceptions"] = exceptions
    return finding


def _finding_of_line(line: dict[str, Any]) -> Finding:
    finding = {
        "rule": line["name"],
        "id": line["rule"],
        "level": line["level"],
        "severity": line["severity"],
        "status": line["status"],
        "urn": line["urn"],
        "path": line["path"],
        "message": line["message"],
        "witness": line["witness"],
    }
    if exemption := line.get("exemption"):
        # The pack's own: with owner and expiry, which the engine's do not have.
        finding["exceptions"] = [{"id": exemption["path"], **exemption}]
        del finding["exceptions"][0]["path"]
    return finding


def _finding_of_event(event: Event, known_rules: dict[str, dict[str, Any]]) -> Finding:
    message = plain_text(event["message"])
    rule = known_rules.get(event["policyName"], {})
    level = event["enforcementLevel"]
    status = "violated"
    if _GAVE_UP in message and _GAVE_UP_REASON in message:
        # The event says advisory for every rule: what is not decided is not safe.
        status, level = "undecided", rule.get("level", "mandatory")
        message = message.split(_GAVE_UP_REASON, 1)[1]
    return {
        "rule": event["policyName"],
        "id": rule.get("rule", ""),
        "level": level,
        "severity": event.get("severity") or rule.get("severity", ""),
        "status": status,
        "urn": event.get("resourceUrn", ""),
        "path": "",
        "message": message,
        "witness": None,
    }


def _rules(
    known_rules: dict[str, dict[str, Any]], findings: list[Finding], held: Counter[str]
) -> list[dict[str, Any]]:
    by_rule: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding["rule"]].append(finding)
    rules = []
    for name in {**known_rules, **by_rule, **held}:
        known = known_rules.get(name, {})
        first = by_rule[name][0] if by_rule[name] else {}
        counts = Counter(finding["status"] for finding in by_rule[name])
        rules.append(
            {
                "id": known.get("rule") or first.get("id", ""),
                "name": name,
                "level": known.get("level") or first.get("level", ""),
                "severity": known.get("severity") or first.get("severity", ""),
                "description": known.get("description", ""),
                "satisfied": held[name],
                "violated": counts["violated"],
                "undecided": counts["undecided"],
                "exempt": counts["exempt"],
            }
        )
    return sorted(rules, key=lambda rule: (rule["id"] == "", rule["id"], rule["name"]))


def _order(finding: Finding) -> tuple[Any, ...]:
    """Mandatory before advisory, violated before undecided, critical before low."""
    return (
        _place(_LEVELS, finding["level"]),
        _place(_STATUSES, finding["status"]),
        _place(_SEVERITIES, finding["severity"]),
        finding["id"],
        finding["rule"],
        finding["urn"],
        finding["path"],
    )


def _place(values: tuple[str, ...], value: str) -> int:
    return values.index(value) if value in values else len(values)

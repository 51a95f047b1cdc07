"""Alerts and action groups: what is made of them, and what is refused."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._alerts import (
    NOBODY,
    AlertsPlan,
    action_group,
    metric_alert,
    read_alerts,
)
from azureml_network._inputs import InputReader
from azureml_network._published_service.arguments import PublishedServiceArgs
from azureml_rulebook.alerts import (
    BALANCER_ALERTS,
    PRIVATE_LINK_ALERTS,
    AlertRow,
    email_findings,
    severity_findings,
)

GROUP = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/ops"
    "/providers/Microsoft.Insights/actionGroups/operators"
)
METRICS = {
    "probes": ("Microsoft.Network/loadBalancers", "DipAvailability", "LessThan", 100),
    "data-path": ("Microsoft.Network/loadBalancers", "VipAvailability", "LessThan", 90),
    "nat-ports": (
        "Microsoft.Network/privateLinkServices",
        "PLSNatPortsUsage",
        "GreaterThan",
        80,
    ),
}
"""What is watched of a published service, written once more."""


def read(alerts: Any) -> tuple[AlertsPlan | None, list[str]]:
    """Read an input called ``alerts``; returns the plan and all findings."""
    reader = InputReader({"alerts": alerts}, PublishedServiceArgs)
    plan = read_alerts(reader)
    return plan, [str(finding) for finding in reader.findings]


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        (None, None),
        ({}, NOBODY),
        (
            {"emails": {"b": "b@example.com", "a": "a@example.com"}, "severity": 0},
            AlertsPlan(
                emails={"a": "a@example.com", "b": "b@example.com"},
                action_group_id=None,
                severity=0,
            ),
        ),
        (
            {"action_group_id": GROUP, "severity": 3.0},
            AlertsPlan(emails={}, action_group_id=GROUP, severity=3),
        ),
    ],
)
def test_who_is_told(alerts: Any, expected: AlertsPlan | None) -> None:
    """New e-mail addresses in order, or a group that exists, or nobody."""
    assert read(alerts) == (expected, [])


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        (
            {"emails": {"a": "a@example.com"}, "action_group_id": GROUP},
            "alerts.emails: are for a new action group, and action_group_id says",
        ),
        ({"emails": {}}, "alerts.emails: is empty; give at least one"),
        (
            {"emails": {"a": "operators"}},
            "alerts.emails.a: 'operators' is not an e-mail address; write one like",
        ),
        (
            {"emails": {"a": "a@example.com", "b": "A@example.com"}},
            "alerts.emails.b: 'A@example.com' is alerts.emails.a already; leave it out",
        ),
        ({"emails": {"a": 1}}, "alerts.emails.a: 1 is not text; give an address"),
        (
            {"emails": {"a": pulumi.Output.from_input("a@example.com")}},
            "alerts.emails.a: is known only after deployment, or secret",
        ),
        ({"severity": 5}, "alerts.severity: 5 is not a severity; use 0, critical, to"),
        ({"severity": "high"}, "alerts.severity: 'high' is not a whole number"),
        (
            {"action_group_id": "operators"},
            "alerts.action_group_id: 'operators' is not a resource id; give /subscri",
        ),
        ({"email": {}}, "alerts.email: is not a known input; did you mean 'emails'?"),
    ],
)
def test_what_is_refused(alerts: Any, expected: str) -> None:
    """Each with its path, the value and what to change, and nothing besides."""
    _, findings = read(alerts)
    assert len(findings) == 1, findings
    assert findings[0].startswith(expected)


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the action group of ``alerts``, and alerts on ``rows``."""

    def made(alerts: Any, *rows: AlertRow, word: str = "", name: str = "net") -> Any:
        plan, findings = read(alerts)
        assert findings == [] and plan is not None

        def program() -> None:
            parts = surroundings(name=name)
            group_id = action_group(parts, plan)
            for row in rows:
                metric_alert(parts, plan, row, "/fake/watched", group_id, word=word)

        return record(program)

    return made


def test_the_action_group(make: Callable[..., Any]) -> None:
    """Its inputs, exactly; its short name is as long as messages take."""
    made = make({"emails": {"ops": "ops@example.com"}}, name="scoring-provider")
    assert made.inputs("scoring-provider-alerts") == {
        "actionGroupName": "scoring-provider-alerts",
        "resourceGroupName": "rg",
        "location": "global",
        "enabled": True,
        "groupShortName": "scoring-prov",
        "emailReceivers": [
            {
                "name": "ops",
                "emailAddress": "ops@example.com",
                "useCommonAlertSchema": True,
            }
        ],
        "tags": {"environment": "test"},
    }


@pytest.mark.parametrize("row", [*BALANCER_ALERTS, *PRIVATE_LINK_ALERTS])
def test_an_alert(make: Callable[..., Any], row: AlertRow) -> None:
    """Its inputs, exactly: five minutes, looked at each minute, and who is told."""
    namespace, metric, operator, threshold = METRICS[row.word]
    made = make({"action_group_id": GROUP, "severity": 3}, row)
    assert made.kinds() == {"Net": 1, "MetricAlert": 1}
    assert made.inputs(f"net-{row.word}-alert") == {
        "ruleName": f"net-{row.word}-alert",
        "resourceGroupName": "rg",
        "location": "global",
        "description": row.description,
        "enabled": True,
        "autoMitigate": True,
        "severity": 3,
        "scopes": ["/fake/watched"],
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "criteria": {
            "odataType": (
                "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
            ),
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "Threshold",
                    "metricNamespace": namespace,
                    "metricName": metric,
                    "timeAggregation": "Average",
                    "operator": operator,
                    "threshold": threshold,
                }
            ],
        },
        "actions": [{"actionGroupId": GROUP}],
        "tags": {"environment": "test"},
    }


@pytest.mark.parametrize(("word", "severity"), [("probes", 1), ("nat-ports", 2)])
def test_alerts_that_tell_nobody(
    make: Callable[..., Any], word: str, severity: int
) -> None:
    """They are raised all the same, each with its own severity."""
    rows = {row.word: row for row in (*BALANCER_ALERTS, *PRIVATE_LINK_ALERTS)}
    made = make({}, rows[word])
    inputs = made.inputs(f"net-{word}-alert")
    assert "actions" not in inputs
    assert inputs["severity"] == severity


def test_a_word_tells_alerts_of_one_row_apart(make: Callable[..., Any]) -> None:
    """Several resources of one kind have alerts of their own."""
    made = make({}, BALANCER_ALERTS[0], word="second")
    assert "net-second-probes-alert" in made.resources


def test_what_is_watched() -> None:
    """The rows are those that are written here once more."""
    rows = (*BALANCER_ALERTS, *PRIVATE_LINK_ALERTS)
    assert [row.word for row in rows] == list(METRICS)


@given(st.integers())
def test_severities(severity: int) -> None:
    """0 to 4."""
    assert bool(severity_findings(severity, path="s")) == (severity not in range(5))


@given(st.emails(), st.sampled_from(["", " ", "@", "\n"]))
def test_email_addresses(email: str, rest: str) -> None:
    """What can be an address is taken as it is, and nothing beside it."""
    assert bool(email_findings({"a": email + rest}, path="e")) == bool(rest)


@given(st.integers(995, 1005))
def test_the_number_of_addresses(number: int) -> None:
    """1,000 for one group."""
    emails = {str(index): f"a{index}@example.com" for index in range(number)}
    assert bool(email_findings(emails, path="e")) == (number > 1000)

"""Alerts of a component: who is told, and what of.

What is watched stands in the rulebook, a row for each metric; here a row becomes an
alert on one resource, which tells an action group that is made here or exists already.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output
from pulumi_azure_native import monitor

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._published_service.arguments import AlertsSpec
from azureml_network._surroundings import Surroundings
from azureml_rulebook.alerts import (
    LONGEST_SHORT_NAME,
    AlertRow,
    email_findings,
    minutes,
    severity_findings,
)
from azureml_rulebook.resource_ids import ACTION_GROUP

_CRITERION = "Threshold"
"""What Azure calls the one criterion of an alert."""


@dataclass(frozen=True, kw_only=True)
class AlertsPlan:
    """Who is told when something is not well."""

    emails: Mapping[str, str]
    """E-mail addresses by the name of each; a group is made for them if there are."""
    action_group_id: Input[str] | None
    """A group that exists already."""
    severity: int | None
    """None: that of each alert."""


NOBODY = AlertsPlan(emails={}, action_group_id=None, severity=None)
"""Alerts that are raised, seen in Azure Monitor, and sent to nobody."""


def read_alerts(reader: InputReader) -> AlertsPlan | None:
    """Read ``alerts``; None if it was left out."""
    if not reader.has("alerts"):
        return None
    spec = reader.nested("alerts", AlertsSpec)
    group_id = spec.resource_id("action_group_id", ACTION_GROUP)
    if group_id is not None and spec.has("emails"):
        spec.note(
            "emails",
            "are for a new action group, and action_group_id says that one exists "
            "already; add them to that one, or leave action_group_id out",
        )
    severity = spec.optional_integer("severity")
    if severity is not None:
        path = f"{spec.path}.severity"
        spec.findings += severity_findings(severity, path=path)
    return AlertsPlan(emails=_emails(spec), action_group_id=group_id, severity=severity)


def action_group(parts: Surroundings, plan: AlertsPlan) -> Output[str] | None:
    """Return the id of the group that is told, and make it for e-mail addresses.

    None: nobody is told.
    """
    if plan.action_group_id is not None:
        return Output.from_input(plan.action_group_id)
    if not plan.emails:
        return None
    name = f"{parts.name}-alerts"
    made = monitor.ActionGroup(
        name,
        action_group_name=name,
        resource_group_name=parts.resource_group_name,
        location="global",
        enabled=True,
        group_short_name=parts.name[:LONGEST_SHORT_NAME],
        email_receivers=[
            {
                "name": receiver,
                "email_address": email,
                "use_common_alert_schema": True,
            }
            for receiver, email in plan.emails.items()
        ],
        tags=parts.tags,
        opts=parts.options(),
    )
    return made.id


def metric_alert(
    parts: Surroundings,
    plan: AlertsPlan,
    row: AlertRow,
    scope: Input[str],
    group_id: Input[str] | None,
    *,
    word: str = "",
) -> monitor.MetricAlert:
    """Raise an alert as ``row`` says.

    Args:
        parts: what the component's parts are made in.
        plan: who is told; here, how severe it is.
        row: what is watched.
        scope: resource id of what is watched.
        group_id: the action group that is told; None: nobody.
        word: tells alerts of one row on several resources apart; '' for one alone.
    """
    name = "-".join(part for part in (parts.name, word, row.word, "alert") if part)
    return monitor.MetricAlert(
        name,
        rule_name=name,
        resource_group_name=parts.resource_group_name,
        location="global",
        description=row.description,
        enabled=True,
        auto_mitigate=True,
        severity=row.severity if plan.severity is None else plan.severity,
        scopes=[scope],
        evaluation_frequency=minutes(row.every_minutes),
        window_size=minutes(row.window_minutes),
        # A plain dict of a union type would be sent as it is, in snake case.
        criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type=monitor.Odatatype.MICROSOFT_AZURE_MONITOR_SINGLE_RESOURCE_MULTIPLE_METRIC_CRITERIA,
            all_of=[
                monitor.MetricCriteriaArgs(
                    criterion_type=monitor.CriterionType.STATIC_THRESHOLD_CRITERION,
                    name=_CRITERION,
                    metric_namespace=row.namespace,
                    metric_name=row.metric,
                    time_aggregation=row.aggregation.value,
                    operator=row.comparison.value,
                    threshold=row.threshold,
                    dimensions=_each_by_itself(row),
                )
            ],
        ),
        actions=None if group_id is None else [{"action_group_id": group_id}],
        tags=parts.tags,
        opts=parts.options(),
    )


def _each_by_itself(row: AlertRow) -> list[monitor.MetricDimensionArgs] | None:
    return [
        monitor.MetricDimensionArgs(name=name, operator="Include", values=["*"])
        for name in row.each
    ] or None


def _emails(spec: InputReader) -> dict[str, str]:
    """Read the addresses in order of their names."""
    emails: dict[str, str] = {}
    for name, email in sorted(spec.inputs("emails").items()):
        if is_known_later(email):
            spec.note(
                f"emails.{name}",
                "is known only after deployment, or secret; give a plain address",
            )
        elif not isinstance(email, str):
            spec.note(f"emails.{name}", f"{email!r} is not text; give an address")
        else:
            emails[name] = email
    spec.findings += email_findings(emails, path=f"{spec.path}.emails")
    if spec.is_empty("emails"):
        spec.note("emails", "is empty; give at least one, or leave it out")
    return emails

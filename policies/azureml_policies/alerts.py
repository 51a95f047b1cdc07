"""The rule on alerts: one that is switched off, or that reaches nobody, is none."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Resource,
    Unknown,
    Violation,
    must_be_flag,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import assigned

ALERT = "monitor:MetricAlert"
ACTION_GROUP = "monitor:ActionGroup"

_TOLD = [
    {
        "actionGroupId": "/subscriptions/00000000-0000-0000-0000-000000000001/"
        "resourceGroups/rg/providers/Microsoft.Insights/actionGroups/network"
    }
]
_RECEIVERS = (
    "armRoleReceivers",
    "automationRunbookReceivers",
    "azureAppPushReceivers",
    "azureFunctionReceivers",
    "emailReceivers",
    "eventHubReceivers",
    "incidentReceivers",
    "itsmReceivers",
    "logicAppReceivers",
    "smsReceivers",
    "voiceReceivers",
    "webhookReceivers",
)


@resource_rule(
    id="MN011",
    name="alert-enabled",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ALERT, ACTION_GROUP),
    controls=(assigned("IR-2"),),
    remedy={"enabled": True},
    steps="Set enabled to true; give an alert the id of an action group in actions, "
    "and an action group somebody who is told.",
    url="https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview",
    bad={"enabled": False, "actions": _TOLD},
    good={"enabled": True, "actions": _TOLD},
)
def alert_enabled(subject: Resource, context: Context) -> Iterator[Finding]:
    """An alert is switched on, and tells somebody."""
    yield from must_be_flag(
        subject, "enabled", True, unset="nothing says that it is switched on"
    )
    if subject.key == ALERT.lower():
        yield from _reaches(subject, ("actions",), "the id of an action group")
    else:
        yield from _reaches(subject, _RECEIVERS, "somebody who is told")


def _reaches(
    subject: Resource, paths: tuple[str, ...], wanted: str
) -> Iterator[Finding]:
    """Want one of the lists at ``paths`` to hold something."""
    readings = [subject.value(path) for path in paths]
    unknown = next((each for each in readings if isinstance(each, Unknown)), None)
    if any(
        reading.elements()
        for reading in readings
        if not isinstance(reading, Absent | Unknown)
    ):
        return
    path = paths[0] if len(paths) == 1 else "emailReceivers"
    if unknown is not None:
        yield undecided(unknown, f"it has to hold {wanted}")
    else:
        yield Violation(path, f"{path} is empty: nobody is told; add {wanted}")

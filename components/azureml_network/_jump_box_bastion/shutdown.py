"""When jump boxes are switched off every day, by a schedule beside each machine."""

from dataclasses import dataclass

from pulumi_azure_native import compute, devtestlab

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import ShutdownSpec
from azureml_network._surroundings import Surroundings
from azureml_rulebook.alerts import one_email_findings
from azureml_rulebook.findings import joined
from azureml_rulebook.time_zones import time_of_day_findings, time_zone_findings

_TOLD_BEFORE = 30
"""Minutes between the message and the shutdown."""


@dataclass(frozen=True, kw_only=True)
class ShutdownPlan:
    """When a machine is switched off."""

    time: str
    """As Azure takes it, such as 1900."""
    time_zone: str
    notified_email: str | None
    """None: nobody is told."""


def read_shutdown(reader: InputReader) -> ShutdownPlan | None:
    """Read ``shutdown`` of one machine; None: it is never switched off."""
    if not reader.has("shutdown"):
        return None
    spec = reader.nested("shutdown", ShutdownSpec)
    time, time_zone = spec.text("time"), spec.text("time_zone", "UTC")
    if time:
        spec.findings += time_of_day_findings(time, path=joined(spec.path, "time"))
    spec.findings += time_zone_findings(time_zone, path=joined(spec.path, "time_zone"))
    notified = spec.optional_text("notified_email")
    if notified is not None:
        spec.findings += one_email_findings(
            notified, path=joined(spec.path, "notified_email")
        )
    return ShutdownPlan(
        time=time.replace(":", ""), time_zone=time_zone, notified_email=notified
    )


def shutdown_schedule(
    parts: Surroundings,
    plan: ShutdownPlan,
    machine_name: str,
    machine: compute.VirtualMachine,
) -> devtestlab.GlobalSchedule:
    """Switch a machine off every day."""
    settings: devtestlab.NotificationSettingsArgsDict = {
        "status": devtestlab.EnableStatus.DISABLED,
        "time_in_minutes": _TOLD_BEFORE,
    }
    if plan.notified_email is not None:
        settings["status"] = devtestlab.EnableStatus.ENABLED
        settings["email_recipient"] = plan.notified_email
    return devtestlab.GlobalSchedule(
        f"{machine_name}-shutdown",
        # The only name under which Azure sees it as the machine's own.
        name=f"shutdown-computevm-{machine_name}",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        status=devtestlab.EnableStatus.ENABLED,
        task_type="ComputeVmShutdownTask",
        daily_recurrence={"time": plan.time},
        time_zone_id=plan.time_zone,
        target_resource_id=machine.id,
        notification_settings=settings,
        tags=parts.tags,
        opts=parts.options(),
    )

"""What looks after machines, and alerts: each refusal once, and what fits."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from emulator.provider import Provider
from tests.emulator import network_requests as ask
from tests.emulator.machine_requests import LINUX_PROFILE, id_of, machine


def _schedule(azure: Any, **changes: Any) -> Any:
    usual = {
        "name": "shutdown-computevm-vm",
        "taskType": "ComputeVmShutdownTask",
        "targetResourceId": id_of(azure, "virtualMachines/vm", "Microsoft.Compute"),
        "timeZoneId": "W. Europe Standard Time",
        "dailyRecurrence": {"time": "1900"},
        "status": "Enabled",
    }
    return azure.in_group("devtestlab:GlobalSchedule", **{**usual, **changes})


def _access(azure: Any, name: str) -> Any:
    machine_id = id_of(azure, f"virtualMachines/{name}", "Microsoft.Compute")
    port = {
        "number": 22,
        "protocol": "TCP",
        "allowedSourceAddressPrefix": "10.9.0.0/16",
        "maxRequestAccessDuration": "PT3H",
    }
    return azure.create(
        "security:JitNetworkAccessPolicy",
        resourceGroupName="group",
        ascLocation="westeurope",
        jitNetworkAccessPolicyName="access",
        kind="Basic",
        virtualMachines=[{"id": machine_id, "ports": [port]}],
    )


def _association(azure: Any, name: str, **changes: Any) -> Any:
    return azure.create(
        "monitor:DataCollectionRuleAssociation",
        resourceUri=id_of(azure, "virtualMachines/vm", "Microsoft.Compute"),
        associationName=name,
        **changes,
    )


def _rule_id(azure: Any) -> str:
    made = azure.in_group("monitor:DataCollectionRule", dataCollectionRuleName="rule")
    return made.id


def _endpoint_id(azure: Any) -> str:
    made = azure.in_group(
        "monitor:DataCollectionEndpoint", dataCollectionEndpointName="endpoint"
    )
    return made.id


SERVICES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("name", "InvalidScheduleId", lambda azure: _schedule(azure, name="night")),
    (
        "time",
        "InvalidScheduleTime",
        lambda a: _schedule(a, dailyRecurrence={"time": "7pm"}),
    ),
    ("zone", "InvalidTimeZoneId", lambda a: _schedule(a, timeZoneId="Europe/Berlin")),
    (
        "zone name",
        "InvalidTimeZoneId",
        lambda a: _schedule(a, timeZoneId="Mars Standard Time"),
    ),
    ("target", "InvalidScheduleTarget", lambda a: _schedule(a, targetResourceId="/x")),
    (
        "schedule's machine",
        "InvalidResourceReference",
        lambda azure: _schedule(
            azure,
            name="shutdown-computevm-other",
            targetResourceId=id_of(azure, "virtualMachines/other", "Microsoft.Compute"),
        ),
    ),
    ("JIT machine", "InvalidResourceReference", lambda azure: _access(azure, "other")),
    (
        "association of nothing",
        "InvalidPayload",
        lambda azure: _association(azure, "a"),
    ),
    (
        "association of both",
        "InvalidPayload",
        lambda azure: _association(
            azure,
            "a",
            dataCollectionRuleId=_rule_id(azure),
            dataCollectionEndpointId=_endpoint_id(azure),
        ),
    ),
    (
        "endpoint's name",
        "InvalidPayload",
        lambda azure: _association(
            azure, "a", dataCollectionEndpointId=_endpoint_id(azure)
        ),
    ),
    (
        "no endpoint",
        "InvalidResourceReference",
        lambda azure: _association(
            azure,
            "configurationAccessEndpoint",
            dataCollectionEndpointId=id_of(
                azure, "dataCollectionEndpoints/none", "Microsoft.Insights"
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in SERVICES], ids=[case[0] for case in SERVICES]
)
def test_services_of_machines(azure: Any, code: str, act: Callable[[Any], Any]) -> None:
    """Schedules, access in time and data collection: each rule once."""
    machine(azure, LINUX_PROFILE)
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "zone", ["UTC", "W. Europe Standard Time", "Tokyo Standard Time", "UTC-02"]
)
def test_services_that_fit(azure: Any, zone: str) -> None:
    """What looks after a machine is accepted when it fits."""
    machine(azure, LINUX_PROFILE)
    _schedule(azure, timeZoneId=zone)
    _access(azure, "vm")
    _association(azure, "a", dataCollectionRuleId=_rule_id(azure))
    _association(
        azure,
        "configurationAccessEndpoint",
        dataCollectionEndpointId=_endpoint_id(azure),
    )
    ask.lock(
        azure, id_of(azure, "virtualMachines/vm", "Microsoft.Compute"), "CanNotDelete"
    )


ALERTS: list[tuple[str, dict[str, Any]]] = [
    ("monitor:ActionGroup", {"actionGroupName": "a", "groupShortName": "ops"}),
    ("monitor:MetricAlert", {"ruleName": "a", "severity": 2, "enabled": True}),
]


@pytest.mark.parametrize(("token", "inputs"), ALERTS)
def test_alerts_are_in_no_region(
    azure: Any, token: str, inputs: dict[str, Any]
) -> None:
    """Alerts and action groups are global."""
    with pytest.raises(AzureError, match="LocationNotAvailableForResourceType"):
        azure.in_group(token, **inputs)
    azure.in_group(token, **{**inputs, "location": "global"})


@pytest.mark.parametrize(("length", "problems"), [(12, []), (13, ["groupShortName"])])
def test_a_short_name_is_short(
    provider: Provider, length: int, problems: list[str]
) -> None:
    """An action group's short name has twelve characters at most."""
    inputs = {
        "resourceGroupName": "group",
        "actionGroupName": "a",
        "location": "global",
        "enabled": True,
        "groupShortName": "x" * length,
    }
    token = "azure-native:monitor:ActionGroup"
    _, found = provider.check(token, "a", inputs, {}, b"seed")
    assert [problem.path for problem in found] == problems

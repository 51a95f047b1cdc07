"""Logs and counters of jump boxes: what the agents collect, and the way it takes.

Agents ask a data collection endpoint what to collect and send through it. In a private
link scope it answers in the private network alone. One rule for each operating system
says what is collected, and associations tie machines to both.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output
from pulumi_azure_native import compute, monitor

from azureml_network._inputs import InputError, InputReader
from azureml_network._jump_box_bastion.arguments import (
    MachineMonitoringSpec,
    OperatingSystem,
)
from azureml_network._place import Place
from azureml_network._private_workspace.monitoring import other_subscription
from azureml_network._subscriptions import subscription_provider
from azureml_network._surroundings import Surroundings
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.monitoring import private_link_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import (
    LOG_ANALYTICS_WORKSPACE,
    PRIVATE_LINK_SCOPE,
    ResourceId,
    read_resource_id,
)

_SCOPE = "private_link_scope_id"
_DESTINATION = "workspace"
_SAMPLED_EVERY = 60
"""Seconds between two readings of a counter."""
_FROM_NOTICE = ("Notice", "Warning", "Error", "Critical", "Alert", "Emergency")
_FROM_WARNING = _FROM_NOTICE[1:]
_BOTH_AUDITS = 0x30000000000000
"""Keywords of events that say what was allowed and what was refused (https://
learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.standardeventkeywords).
"""


@dataclass(frozen=True, kw_only=True)
class MachineMonitoringPlan:
    """Where the agents send what they collect."""

    endpoint_name: str
    rule_names: Mapping[OperatingSystem, str]
    """Azure names of the rules, by the systems that there are."""
    log_analytics_workspace_id: Input[str]
    scope_id: Input[str] | None
    """None: the endpoint is open to the public."""
    scope_subscription_id: str | None
    """That of the scope, where it may be another than the machines'."""
    path: str
    """Of the input."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a review is told: what is open to the public, one line."""
        if self.scope_id is not None:
            return ()
        return (
            f"{self.path}.{_SCOPE}: is not set, so that the data collection endpoint "
            "is open to every public address and agents reach it by public names; give "
            "the scope of the network",
        )


@dataclass(frozen=True, kw_only=True)
class DataCollection:
    """What was made for all machines together."""

    endpoint: monitor.DataCollectionEndpoint
    rules: Mapping[OperatingSystem, monitor.DataCollectionRule]
    settled_by: tuple[pulumi.Resource, ...]
    """What the endpoint is reached only after: its place in the scope."""


def read_machine_monitoring(
    reader: InputReader, name: str, place: Place, systems: Collection[OperatingSystem]
) -> MachineMonitoringPlan | None:
    """Read ``monitoring`` of the component called ``name``; None: there are no agents.

    ``systems``: those of its machines.
    """
    if not reader.has("monitoring"):
        return None
    spec = reader.nested("monitoring", MachineMonitoringSpec)
    workspace_id = spec.resource_id(
        "log_analytics_workspace_id", LOG_ANALYTICS_WORKSPACE, required=True
    )
    scope_id = spec.resource_id(_SCOPE, PRIVATE_LINK_SCOPE)
    if scope_id is not None:
        spec.findings += private_link_findings(
            place.cloud_name, path=joined(spec.path, _SCOPE)
        )
    plan = MachineMonitoringPlan(
        endpoint_name=f"{name}-dce",
        rule_names={system: f"{name}-{system.value}-dcr" for system in systems},
        log_analytics_workspace_id=workspace_id or "",
        scope_id=scope_id,
        scope_subscription_id=_scope_subscription(reader, scope_id),
        path=spec.path,
    )
    spec.findings += name_findings(
        "data_collection_endpoint", plan.endpoint_name, path=spec.path
    )
    for rule_name in plan.rule_names.values():
        spec.findings += name_findings(
            "data_collection_rule", rule_name, path=spec.path
        )
    return plan


def data_collection(parts: Surroundings, plan: MachineMonitoringPlan) -> DataCollection:
    """Make the endpoint, let it join the scope, and make the rules."""
    endpoint = _endpoint(parts, plan)
    return DataCollection(
        endpoint=endpoint,
        rules={
            system: _rule(parts, plan, system, endpoint) for system in plan.rule_names
        },
        settled_by=_scope_membership(parts, plan, endpoint),
    )


def collection_associations(
    parts: Surroundings,
    collection: DataCollection,
    system: OperatingSystem,
    machine_name: str,
    machine: compute.VirtualMachine,
) -> tuple[monitor.DataCollectionRuleAssociation, ...]:
    """Tie one machine to its rule and to the endpoint it asks for it."""
    rule = monitor.DataCollectionRuleAssociation(
        f"{machine_name}-collection",
        association_name=f"{machine_name}-collection",
        resource_uri=machine.id,
        data_collection_rule_id=collection.rules[system].id,
        opts=parts.options(),
    )
    endpoint = monitor.DataCollectionRuleAssociation(
        f"{machine_name}-collection-endpoint",
        # The only name that Azure takes.
        association_name="configurationAccessEndpoint",
        resource_uri=machine.id,
        data_collection_endpoint_id=collection.endpoint.id,
        opts=parts.options(rule),
    )
    return rule, endpoint


def _scope_subscription(reader: InputReader, scope_id: Input[str] | None) -> str | None:
    """Return the subscription of a scope that is known now, if it may be another."""
    found = read_resource_id(scope_id, PRIVATE_LINK_SCOPE, _SCOPE)
    own = reader.optional_input("subscription_id")
    return other_subscription(
        found if isinstance(found, ResourceId) else None,
        own if isinstance(own, str) else None,
    )


def _endpoint(
    parts: Surroundings, plan: MachineMonitoringPlan
) -> monitor.DataCollectionEndpoint:
    access = monitor.KnownPublicNetworkAccessOptions
    return monitor.DataCollectionEndpoint(
        plan.endpoint_name,
        data_collection_endpoint_name=plan.endpoint_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        network_acls={
            "public_network_access": access.ENABLED
            if plan.scope_id is None
            else access.DISABLED
        },
        tags=parts.tags,
        opts=parts.options(),
    )


def _scope_membership(
    parts: Surroundings,
    plan: MachineMonitoringPlan,
    endpoint: monitor.DataCollectionEndpoint,
) -> tuple[pulumi.Resource, ...]:
    """Let the endpoint join the scope, where there is one."""
    if plan.scope_id is None:
        return ()
    scope = _read_later(plan.scope_id, joined(plan.path, _SCOPE))
    provider = (
        None
        if plan.scope_subscription_id is None
        else subscription_provider(
            f"{parts.name}-monitor-scope-subscription",
            plan.scope_subscription_id,
            parts.place,
            parts.options(),
        )
    )
    made = monitor.PrivateLinkScopedResource(
        f"{plan.endpoint_name}-scope",
        # Other networks' endpoints may be in it too.
        name=plan.endpoint_name,
        scope_name=scope.apply(lambda found: found.name)
        if isinstance(scope, Output)
        else scope.name,
        resource_group_name=scope.apply(lambda found: found.resource_group_name)
        if isinstance(scope, Output)
        else scope.resource_group_name,
        linked_resource_id=endpoint.id,
        opts=parts.options(provider=provider),
    )
    return (made,)


def _read_later(scope_id: Input[str], path: str) -> ResourceId | Output[ResourceId]:
    """Take the id of the scope apart, once it is known; raises InputError then."""

    def read(text: str) -> ResourceId:
        found = read_resource_id(text, PRIVATE_LINK_SCOPE, path)
        if isinstance(found, Finding):
            raise InputError([found])
        return found

    if isinstance(scope_id, str):
        return read(scope_id)
    return Output.from_input(scope_id).apply(read)


def _rule(
    parts: Surroundings,
    plan: MachineMonitoringPlan,
    system: OperatingSystem,
    endpoint: monitor.DataCollectionEndpoint,
) -> monitor.DataCollectionRule:
    is_linux = system is OperatingSystem.LINUX
    kinds = monitor.KnownDataCollectionRuleResourceKind
    streams = monitor.KnownDataFlowStreams
    logs = streams.MICROSOFT_SYSLOG if is_linux else streams.MICROSOFT_EVENT
    return monitor.DataCollectionRule(
        plan.rule_names[system],
        data_collection_rule_name=plan.rule_names[system],
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        kind=kinds.LINUX if is_linux else kinds.WINDOWS,
        data_collection_endpoint_id=endpoint.id,
        data_sources=_linux_sources() if is_linux else _windows_sources(),
        destinations={
            "log_analytics": [
                {
                    "name": _DESTINATION,
                    "workspace_resource_id": plan.log_analytics_workspace_id,
                }
            ]
        },
        data_flows=[
            {
                "streams": [logs, streams.MICROSOFT_PERF],
                "destinations": [_DESTINATION],
            }
        ],
        tags=parts.tags,
        opts=parts.options(),
    )


def _linux_sources() -> monitor.DataCollectionRuleDataSourcesArgsDict:
    """Who signed in and became administrator, and what else went wrong."""
    streams = monitor.KnownSyslogDataSourceStreams
    return {
        "syslog": [
            {
                "name": "sign-in",
                "streams": [streams.MICROSOFT_SYSLOG],
                "facility_names": ["auth", "authpriv"],
                "log_levels": ["Info", *_FROM_NOTICE],
            },
            {
                "name": "system",
                "streams": [streams.MICROSOFT_SYSLOG],
                "facility_names": ["cron", "daemon", "kern", "syslog", "user"],
                "log_levels": list(_FROM_WARNING),
            },
        ],
        "performance_counters": [
            _counters(
                r"Processor(*)\% Processor Time",
                r"Memory(*)\% Used Memory",
                r"Logical Disk(*)\% Used Space",
                r"Network(*)\Total Bytes",
            )
        ],
    }


def _windows_sources() -> monitor.DataCollectionRuleDataSourcesArgsDict:
    """The security log's audits, and what else went wrong."""
    streams = monitor.KnownWindowsEventLogDataSourceStreams
    return {
        "windows_event_logs": [
            {
                "name": "audits",
                "streams": [streams.MICROSOFT_EVENT],
                "x_path_queries": [
                    f"Security!*[System[(band(Keywords,{_BOTH_AUDITS}))]]"
                ],
            },
            {
                "name": "system",
                "streams": [streams.MICROSOFT_EVENT],
                "x_path_queries": [
                    "System!*[System[(Level=1 or Level=2 or Level=3)]]",
                    "Application!*[System[(Level=1 or Level=2)]]",
                ],
            },
        ],
        "performance_counters": [
            _counters(
                r"\Processor Information(_Total)\% Processor Time",
                r"\Memory\% Committed Bytes In Use",
                r"\LogicalDisk(*)\% Free Space",
                r"\Network Interface(*)\Bytes Total/sec",
            )
        ],
    }


def _counters(*names: str) -> monitor.PerfCounterDataSourceArgsDict:
    return {
        "name": "counters",
        "streams": [monitor.KnownPerfCounterDataSourceStreams.MICROSOFT_PERF],
        "sampling_frequency_in_seconds": _SAMPLED_EVERY,
        "counter_specifiers": list(names),
    }

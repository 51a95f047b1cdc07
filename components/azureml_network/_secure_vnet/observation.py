"""What watches over a network: flow logs, diagnostic settings, and locks.

All three come after what they watch, the locks last: a destroy takes them away
first, and then the rest can go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output
from pulumi_azure_native import authorization, network

from azureml_network._diagnostics import (
    DiagnosticSettingPlan,
    read_diagnostic_settings,
)
from azureml_network._inputs import InputReader
from azureml_network._locks import management_lock
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    FlowLogsSpec,
    LockKind,
)
from azureml_network._secure_vnet.flow_log_store import (
    FlowLogReaders,
    FlowLogStore,
    flow_log_store,
)
from azureml_network._surroundings import Surroundings
from azureml_rulebook.flow_logs import (
    FORMAT_VERSION,
    WATCHER_RESOURCE_GROUP,
    FlowLogTimes,
    watcher_name,
)
from azureml_rulebook.locks import LOCKS_PAGE, lock_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import (
    LOG_ANALYTICS_WORKSPACE,
    MANAGED_IDENTITY,
    STORAGE_ACCOUNT,
)
from azureml_rulebook.subnets import TRAINING


@dataclass(frozen=True, kw_only=True)
class FlowLogsPlan:
    """Records of all flows, as they will be kept."""

    new_account_name: str | None
    """Name of the storage account to make, with an identity that may write there."""
    account_id: Input[str] | None
    """The account, where it exists already."""
    identity_id: Input[str] | None
    """The identity that writes there, where the account exists already."""
    times: FlowLogTimes
    log_analytics_workspace_id: Input[str] | None
    """Where traffic analytics puts its results; None: no traffic analytics."""
    watcher_name: str
    watcher_resource_group_name: str


@dataclass(frozen=True, kw_only=True)
class ObservationPlan:
    """What watches over a network."""

    flow_logs: FlowLogsPlan | None
    diagnostic_settings: Mapping[str, DiagnosticSettingPlan]
    """In order of name."""
    lock: LockKind | None
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""


@dataclass(frozen=True, kw_only=True)
class FlowLogs:
    """Records of all flows."""

    log: network.FlowLog
    store: FlowLogStore | None
    """Where they are kept, if that was made with them."""


def read_observation(
    reader: InputReader,
    name: str,
    place: Place,
    compute_mode: ComputeMode,
    purposes: Mapping[str, str],
) -> ObservationPlan:
    """Read what watches over the network of the component called ``name``.

    ``purposes``: those of the subnets, by the subnets' names.
    """
    lock = _lock(reader, compute_mode, purposes)
    return ObservationPlan(
        flow_logs=_flow_logs(reader, name, place) if reader.has("flow_logs") else None,
        diagnostic_settings=read_diagnostic_settings(reader, name),
        lock=lock,
        warnings=_lock_warnings(lock),
    )


def flow_logs(
    parts: Surroundings,
    plan: ObservationPlan,
    vnet_id: Input[str],
    readers: FlowLogReaders | None,
) -> FlowLogs | None:
    """Record all flows of the network; None if that is not wanted.

    The log lives beside the region's network watcher, which Azure has made with the
    region's first network. ``readers``: from where a new account is read.
    """
    flows = plan.flow_logs
    if flows is None:
        return None
    account_id, identity_id, store = flows.account_id, flows.identity_id, None
    if flows.new_account_name is not None:
        store = flow_log_store(parts, flows.new_account_name, readers)
        account_id, identity_id = store.account_id, store.identity_id
    log = network.FlowLog(
        f"{parts.name}-flow-log",
        flow_log_name=_flow_log_name(parts),
        network_watcher_name=flows.watcher_name,
        resource_group_name=flows.watcher_resource_group_name,
        location=parts.place.region,
        enabled=True,
        target_resource_id=vnet_id,
        storage_id=account_id or "",
        identity=None
        if identity_id is None
        else {
            "type": network.ResourceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity_id],
        },
        format={"type": network.FlowLogFormatType.JSON, "version": FORMAT_VERSION},
        retention_policy={"enabled": True, "days": flows.times.retention_days},
        flow_analytics_configuration=_traffic_analytics(flows),
        tags=parts.tags,
        opts=parts.options(*([] if store is None else [store.role])),
    )
    return FlowLogs(log=log, store=store)


def lock(
    parts: Surroundings,
    plan: ObservationPlan,
    vnet_id: Input[str],
    after: Sequence[pulumi.Resource],
) -> authorization.ManagementLockByScope | None:
    """Lock the network; None if that is not wanted.

    ``after``: everything in the network and on it, which a destroy can delete only once
    the lock is gone.
    """
    if plan.lock is None:
        return None
    return management_lock(
        f"{parts.name}-lock",
        parts.parent,
        plan.lock,
        vnet_id,
        "Guards the network of a private Azure Machine Learning workspace.",
        after,
    )


def lock_records(
    parts: Surroundings,
    plan: ObservationPlan,
    flows: FlowLogs | None,
    settings: Sequence[pulumi.Resource],
) -> authorization.ManagementLockByScope | None:
    """Lock the account of the flow logs, if it is made here and the network is locked.

    It cannot be deleted, and can be written to: the records go there. ``settings``:
    the diagnostic settings, some of which are on the account.
    """
    if plan.lock is None or flows is None or flows.store is None:
        return None
    return management_lock(
        f"{parts.name}-flow-logs-lock",
        parts.parent,
        LockKind.CAN_NOT_DELETE,
        flows.store.account_id,
        "Guards the flow logs of a private Azure Machine Learning network.",
        [*flows.store.made, flows.log, *settings],
    )


def _flow_log_name(parts: Surroundings) -> Input[str]:
    """Return a name that no other network of the region has: all share one watcher."""
    group = parts.resource_group_name
    if isinstance(group, str):
        return f"{parts.name}-{group}"
    return Output.concat(parts.name, "-", group)


def _traffic_analytics(
    plan: FlowLogsPlan,
) -> network.TrafficAnalyticsPropertiesArgsDict | None:
    if plan.log_analytics_workspace_id is None:
        return None
    return {
        "network_watcher_flow_analytics_configuration": {
            "enabled": True,
            "workspace_resource_id": plan.log_analytics_workspace_id,
            "traffic_analytics_interval": plan.times.analytics_minutes,
        }
    }


def _flow_logs(reader: InputReader, name: str, place: Place) -> FlowLogsPlan:
    spec = reader.nested("flow_logs", FlowLogsSpec)
    times = FlowLogTimes(
        retention_days=spec.integer("retention_days", 90),
        analytics_minutes=spec.integer("analytics_minutes", 60),
    )
    spec.findings += times.findings(spec.path)
    new_account = spec.optional_text("storage_account_name")
    _note_account_faults(spec, new_account)
    if spec.has("analytics_minutes") and not spec.has("log_analytics_workspace_id"):
        spec.note(
            "analytics_minutes",
            "is for traffic analytics, which needs log_analytics_workspace_id; give "
            "that too, or leave this out",
        )
    group = reader.optional_input("resource_group_name")
    if isinstance(group, str):
        spec.findings += name_findings("flow_log", f"{name}-{group}", path=spec.path)
    return FlowLogsPlan(
        new_account_name=new_account,
        account_id=spec.resource_id("storage_account_id", STORAGE_ACCOUNT),
        identity_id=spec.resource_id("identity_id", MANAGED_IDENTITY),
        times=times,
        log_analytics_workspace_id=spec.resource_id(
            "log_analytics_workspace_id", LOG_ANALYTICS_WORKSPACE
        ),
        watcher_name=spec.text("network_watcher_name", watcher_name(place.region)),
        watcher_resource_group_name=spec.text(
            "network_watcher_resource_group_name", WATCHER_RESOURCE_GROUP
        ),
    )


def _note_account_faults(spec: InputReader, name: str | None) -> None:
    """Note what is wrong with the choice of the account and its identity.

    ``name``: that of the account to make.
    """
    new, existing = "storage_account_name", "storage_account_id"
    if not spec.has(new) and not spec.has(existing):
        spec.note_missing(
            new,
            f"is required and not set; name a new account, or give {existing} of one "
            "that exists",
        )
    if name is None:
        return
    spec.findings += name_findings("storage_account", name, path=f"{spec.path}.{new}")
    if spec.has(existing):
        spec.note(existing, f"cannot be used with {new}; leave one of the two out")
    if spec.has("identity_id"):
        spec.note(
            "identity_id",
            f"cannot be used with {new}, whose account gets an identity of its own; "
            "leave it out",
        )


def _lock(
    reader: InputReader, compute_mode: ComputeMode, purposes: Mapping[str, str]
) -> LockKind | None:
    if not reader.has("lock"):
        return None
    kind = reader.choice("lock", LockKind.CAN_NOT_DELETE)
    if reader.has("existing_network_id"):
        reader.note(
            "lock",
            "is on the network, which existing_network_id says exists already; leave "
            "it out, its owner sets it",
        )
    managed = compute_mode is ComputeMode.MANAGED_NETWORK
    reader.findings += lock_findings(
        read_only=kind is LockKind.READ_ONLY,
        public_addresses=compute_mode is ComputeMode.PUBLIC_IP,
        joined_subnets={
            f"subnets.{name}": purpose
            for name, purpose in purposes.items()
            if not (managed and purpose == TRAINING)
        },
        path="lock",
    )
    return kind


def _lock_warnings(kind: LockKind | None) -> tuple[str, ...]:
    if kind is not LockKind.READ_ONLY:
        return ()
    return (
        "lock: 'ReadOnly' lets nothing join the network or change in it, private "
        "endpoints, machines, subnets, peerings and tags included; set it only once "
        "all of that is made, and take it away before a change "
        f"({LOCKS_PAGE})",
    )

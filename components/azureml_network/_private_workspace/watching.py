"""What watches over a workspace's services: diagnostic settings, and a lock on data.

Both are for what is made here: what exists already is its owner's to observe and lock.
The locks come last, so that a destroy takes them away first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output
from pulumi_azure_native import authorization

from azureml_network._diagnostics import (
    DiagnosticSettingPlan,
    Observed,
    diagnostic_settings,
    read_diagnostic_settings,
)
from azureml_network._inputs import InputReader
from azureml_network._locks import management_lock
from azureml_network._private_workspace.dependencies import Services, ServicesPlan
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._secure_vnet.arguments import LockKind
from azureml_rulebook.diagnostics import (
    APPLICATION_INSIGHTS,
    CONTAINER_REGISTRY,
    KEY_VAULT,
    LOG_ANALYTICS_WORKSPACE,
    MACHINE_LEARNING_WORKSPACE,
    STORAGE_ACCOUNT,
    STORAGE_SERVICES,
)
from azureml_rulebook.locks import LOCKS_PAGE, service_lock_findings


@dataclass(frozen=True, kw_only=True)
class WatchingPlan:
    """What watches over the services of one workspace."""

    diagnostic_settings: Mapping[str, DiagnosticSettingPlan]
    """In order of name."""
    lock: LockKind | None
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""


def read_watching(
    reader: InputReader, name: str, services: ServicesPlan
) -> WatchingPlan:
    """Read what watches over the services of the component called ``name``."""
    lock = _lock(reader, services)
    return WatchingPlan(
        diagnostic_settings=read_diagnostic_settings(reader, name),
        lock=lock,
        warnings=_lock_warnings(lock),
    )


def service_diagnostics(
    parts: WorkspaceParts,
    plan: WatchingPlan,
    services_plan: ServicesPlan,
    services: Services,
    workspace_id: Input[str] | None,
) -> list[pulumi.Resource]:
    """Send on what the workspace and its services can tell.

    ``workspace_id``: None if the workspace exists already.
    """
    observed = _observed(services_plan, services)
    if workspace_id is not None:
        observed["workspace"] = Observed(
            resource_id=workspace_id, resource_type=MACHINE_LEARNING_WORKSPACE
        )
    return list(
        diagnostic_settings(
            parts.name, parts.parent, plan.diagnostic_settings, observed
        )
    )


def service_locks(
    parts: WorkspaceParts,
    plan: WatchingPlan,
    services: Services,
    after: Sequence[pulumi.Resource],
) -> list[authorization.ManagementLockByScope]:
    """Lock the services that keep data.

    ``after``: everything on them and everything that uses them, which can be changed
    and deleted only while there is no lock.
    """
    kept = {
        "storage": services.storage,
        "vault": services.key_vault,
        "registry": services.registry,
    }
    if plan.lock is None:
        return []
    return [
        management_lock(
            f"{parts.name}-{word}-lock",
            parts.parent,
            plan.lock,
            service.id,
            "Guards the data of a private Azure Machine Learning workspace.",
            after,
        )
        for word, service in kept.items()
        if service.made is not None
    ]


def _observed(plan: ServicesPlan, services: Services) -> dict[str, Observed]:
    """Return the services that are made here, by a word for each."""
    kinds = {
        "storage": (services.storage, STORAGE_ACCOUNT),
        "vault": (services.key_vault, KEY_VAULT),
        "registry": (services.registry, CONTAINER_REGISTRY),
        "logs": (services.log_analytics, LOG_ANALYTICS_WORKSPACE),
        "insights": (services.application_insights, APPLICATION_INSIGHTS),
    }
    observed = {
        word: Observed(resource_id=service.id, resource_type=kind)
        for word, (service, kind) in kinds.items()
        if service.made is not None
    }
    if plan.storage.is_made:
        observed |= {
            f"storage-{group}": Observed(
                resource_id=Output.concat(
                    services.storage.id, f"/{group}Services/default"
                ),
                resource_type=kind,
            )
            for group, kind in STORAGE_SERVICES.items()
        }
    return observed


def _lock(reader: InputReader, services: ServicesPlan) -> LockKind | None:
    if not reader.has("lock"):
        return None
    kind = reader.choice("lock", LockKind.CAN_NOT_DELETE)
    if not any(service.is_made for service in services.data_services.values()):
        reader.note(
            "lock",
            "is on the services that keep data, and all of them exist already; leave "
            "it out, their owners set it",
        )
    reader.findings += service_lock_findings(
        read_only=kind is LockKind.READ_ONLY,
        managed_network=reader.has("managed_network"),
        path="lock",
    )
    return kind


def _lock_warnings(kind: LockKind | None) -> tuple[str, ...]:
    if kind is not LockKind.READ_ONLY:
        return ()
    return (
        "lock: 'ReadOnly' lets nothing about the storage account, the vault and the "
        "registry change, private endpoints, roles, containers and tags included; set "
        "it only once all of that is made, and take it away before a change "
        f"({LOCKS_PAGE})",
    )

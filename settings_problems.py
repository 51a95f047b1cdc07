"""What does not fit together in a configuration whose keys are right one by one."""

from collections.abc import Iterator
from typing import Any, cast

from pydantic.alias_generators import to_camel

from azureml_network import ComputeMode, WorkspaceKind
from azureml_rulebook import subnets
from settings_values import Settings, backend_pools, has_text

_TRAINING = "training"
_ENDPOINTS = "endpoints"
"""Subnets that the program places something in: their names, and their purposes."""


def subnet_problems(settings: Settings, project: str) -> Iterator[str]:
    """Subnets of the program that are missing, or that are for something else."""
    needed = [_TRAINING] if settings.uses_training_subnet else []
    for name in (*needed, _ENDPOINTS):
        subnet = settings.network.get("subnets", {}).get(name)
        if subnet is None:
            yield f"{project}:subnets.{name}: is required and not set"
        elif subnet["purpose"] != name:
            yield (
                f"{project}:subnets.{name}.purpose: should be '{name}', which this "
                f"program places there, got {subnet['purpose']!r}"
            )


def ways_in_problems(settings: Settings, project: str) -> Iterator[str]:
    """Subnets that the ways in need, by their purposes, and that are missing."""
    for key, purpose in _ways_in_purposes(settings):
        having = settings.subnets_of(purpose)
        if len(having) != 1:
            found = " and ".join(having) or "none"
            yield (
                f"{project}:subnets: should have one subnet of purpose '{purpose}', "
                f"which {key} is placed in, got {found}"
            )


def _ways_in_purposes(settings: Settings) -> Iterator[tuple[str, str]]:
    """The purposes of subnets that the ways in need, each with the key that does."""
    jump_box, hybrid = settings.jump_box, settings.hybrid_gateway
    if jump_box is not None:
        exists = has_text(cast(dict[str, Any], jump_box), "existing_bastion_id")
        if not (exists or settings.uses_developer_bastion):
            yield "jumpBox.bastion", subnets.BASTION
        if jump_box.get("machines"):
            yield "jumpBox.machines", subnets.JUMP_BOX
    if hybrid is not None:
        for key in ("vpn", "express_route"):
            if key in hybrid:
                yield f"hybridGateway.{to_camel(key)}", subnets.GATEWAY
        if "resolver" in hybrid:
            yield "hybridGateway.resolver", subnets.RESOLVER_INBOUND
            if hybrid["resolver"].get("forwarding_rules"):
                yield (
                    "hybridGateway.resolver.forwardingRules",
                    subnets.RESOLVER_OUTBOUND,
                )
    service = settings.published_service
    if service is not None:
        if not service.get("existing_frontend_ids"):
            yield "publishedService", subnets.LOAD_BALANCER
        if any(pool.get("interfaces") for pool in backend_pools(service).values()):
            yield "publishedService.backendPools", subnets.INFERENCE
        if "private_link" in service:
            yield "publishedService.privateLink", subnets.PRIVATE_LINK_SERVICE


def workspace_problems(settings: Settings, project: str) -> Iterator[str]:
    """What the workspace and the network around it say differently."""
    if settings.workspace.get("kind") is WorkspaceKind.PROJECT:
        yield (
            f"{project}:kind: 'Project' has no network of its own, which this program "
            "makes; use Default or Hub, and the component PrivateWorkspace for a "
            "project"
        )
    if settings.diagnostics_to_own_logs and (
        has_text(settings.workspace, "existing_workspace_id")
    ):
        yield (
            f"{project}:diagnosticsToOwnLogs: true needs the Log Analytics workspace "
            "that comes with a workspace made here, and existingWorkspaceId names one "
            "that exists already; set diagnosticSettings instead"
        )
    managed = ComputeMode.MANAGED_NETWORK
    mode = settings.network.get("compute_mode", ComputeMode.NO_PUBLIC_IP)
    if mode is ComputeMode.PUBLIC_IP:
        yield (
            f"{project}:computeMode: '{mode}' is for other compute than this program "
            "makes, which has no public addresses; leave it out"
        )
    elif ("managed_network" in settings.workspace) != (mode is managed):
        yield (
            f"{project}:computeMode: should be '{managed}' if managedNetwork is set, "
            f"and only then, got '{mode}'"
        )

"""The workspace itself: closed to the public, with identities in place of keys.

``publicNetworkAccess`` alone closes it: the older ``allowPublicAccessWhenBehindVnet``
is another switch and stays unset
(https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link).
"""

from collections.abc import Iterable
from typing import TypedDict

import pulumi
from pulumi import Input
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.customer_managed_keys import (
    CustomerManagedKeyPlan,
)
from azureml_network._private_workspace.dependencies import Services
from azureml_network._private_workspace.managed_network import managed_network_settings
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import NewWorkspacePlan
from azureml_network._private_workspace.public_access import PublicAccessPlan

_IdentityType = machinelearningservices.ManagedServiceIdentityType


class _ServiceInputs(TypedDict, total=False):
    """What a workspace with services of its own names."""

    storage_account: Input[str]
    key_vault: Input[str]
    container_registry: Input[str]
    application_insights: Input[str]
    hbi_workspace: bool


class _NetworkInputs(TypedDict, total=False):
    """Where compute of the workspace lives; nothing where its hub says so."""

    managed_network: machinelearningservices.ManagedNetworkSettingsArgsDict
    serverless_compute_settings: (
        machinelearningservices.ServerlessComputeSettingsArgsDict
    )
    image_build_compute: str


class _ChosenInputs(TypedDict, total=False):
    """What a workspace has only where it was asked for."""

    description: str
    hub_resource_id: Input[str]
    encryption: machinelearningservices.EncryptionPropertyArgsDict


def workspace(
    parts: WorkspaceParts,
    plan: NewWorkspacePlan,
    *,
    identity_id: Input[str] | None,
    services: Services | None,
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Workspace:
    """Make the workspace, after its identity can use and reach what it depends on.

    Args:
        parts: its surroundings.
        plan: what it is like.
        identity_id: the user-assigned identity that it acts as; None: one that lives
            and dies with it.
        services: what it depends on; None: a project, which uses its hub's.
        waits_for: what must be there first.
    """
    naming = parts.naming
    return machinelearningservices.Workspace(
        f"{parts.name}-workspace",
        workspace_name=naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        kind=plan.kind.value,
        sku={"name": "Basic", "tier": machinelearningservices.SkuTier.BASIC},
        friendly_name=f"{naming.workload} {naming.environment}",
        identity=_identity(identity_id, plan.customer_managed_key),
        primary_user_assigned_identity=identity_id,
        public_network_access=_public_network_access(plan.public_access),
        v1_legacy_mode=False,
        # The storage account takes no keys.
        system_datastores_auth_mode=(
            machinelearningservices.SystemDatastoresAuthMode.IDENTITY
        ),
        **_service_inputs(plan, services),
        **_network_inputs(plan),
        **_chosen_inputs(plan),
        tags=parts.tags,
        opts=parts.kept_options(waits_for),
    )


def _identity(
    identity_id: Input[str] | None, key: CustomerManagedKeyPlan | None
) -> machinelearningservices.ManagedServiceIdentityArgsDict:
    """Return what the workspace acts as, and as whom it reads its key."""
    assigned = [] if identity_id is None else [identity_id]
    if key is not None and key.identity_id not in assigned:
        assigned.append(key.identity_id)
    if identity_id is not None:
        kind = _IdentityType.USER_ASSIGNED
    elif assigned:
        kind = _IdentityType.SYSTEM_ASSIGNED_USER_ASSIGNED
    else:
        kind = _IdentityType.SYSTEM_ASSIGNED
    identity: machinelearningservices.ManagedServiceIdentityArgsDict = {"type": kind}
    if assigned:
        identity["user_assigned_identities"] = assigned
    return identity


def _public_network_access(
    opening: PublicAccessPlan | None,
) -> machinelearningservices.PublicNetworkAccessType:
    if opening is not None and opening.opens_to_everybody:
        return machinelearningservices.PublicNetworkAccessType.ENABLED
    return machinelearningservices.PublicNetworkAccessType.DISABLED


def _service_inputs(
    plan: NewWorkspacePlan, services: Services | None
) -> _ServiceInputs:
    if services is None:
        return {}
    return {
        "storage_account": services.storage.id,
        "key_vault": services.key_vault.id,
        "container_registry": services.registry.id,
        "application_insights": services.application_insights.id,
        "hbi_workspace": plan.high_business_impact,
    }


def _network_inputs(plan: NewWorkspacePlan) -> _NetworkInputs:
    inputs = _NetworkInputs()
    if plan.compute.image_build_cluster is not None:
        # A registry behind a private endpoint cannot build images by itself.
        inputs["image_build_compute"] = plan.compute.image_build_cluster
    if plan.managed_network is not None:
        inputs["managed_network"] = managed_network_settings(plan.managed_network)
    elif plan.training_subnet_id is not None:
        inputs["serverless_compute_settings"] = {
            "serverless_compute_custom_subnet": plan.training_subnet_id,
            "serverless_compute_no_public_ip": True,
        }
    return inputs


def _chosen_inputs(plan: NewWorkspacePlan) -> _ChosenInputs:
    inputs = _ChosenInputs()
    if plan.public_access is not None:
        inputs["description"] = f"Open to the public: {plan.public_access.reason}"
    if plan.hub_id is not None:
        inputs["hub_resource_id"] = plan.hub_id
    key = plan.customer_managed_key
    if key is not None:
        inputs["encryption"] = {
            "status": machinelearningservices.EncryptionStatus.ENABLED,
            "key_vault_properties": {
                "key_vault_arm_id": key.key_vault_id,
                "key_identifier": key.checked_uri(),
            },
            "identity": {"user_assigned_identity": key.identity_id},
        }
    return inputs

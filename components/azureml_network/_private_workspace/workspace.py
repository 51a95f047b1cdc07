"""The workspace itself, reachable through its private endpoint only."""

from collections.abc import Iterable

import pulumi
from pulumi import Input
from pulumi_azure_native import (
    containerregistry,
    keyvault,
    machinelearningservices,
    managedidentity,
    storage,
)

from azureml_network._private_workspace.monitoring_before import Monitoring
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import CLUSTER_NAME


def workspace(
    parts: WorkspaceParts,
    *,
    identity: managedidentity.UserAssignedIdentity,
    account: storage.StorageAccount,
    vault: keyvault.Vault,
    registry: containerregistry.Registry,
    monitoring: Monitoring,
    training_subnet_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.Workspace:
    """Make the workspace, after its identity can use and reach what it depends on.

    ``publicNetworkAccess`` alone closes it: the older
    ``allowPublicAccessWhenBehindVnet`` is another switch and stays unset. There is no
    managed network, since compute lives in the caller's subnet and both exclude each
    other (https://learn.microsoft.com/azure/machine-learning/how-to-managed-network).
    """
    naming = parts.plan.naming
    return machinelearningservices.Workspace(
        f"{parts.name}-workspace",
        workspace_name=naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        kind="Default",
        sku={"name": "Basic", "tier": machinelearningservices.SkuTier.BASIC},
        friendly_name=f"{naming.workload} {naming.environment}",
        identity={
            "type": machinelearningservices.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity.id],
        },
        primary_user_assigned_identity=identity.id,
        storage_account=account.id,
        key_vault=vault.id,
        container_registry=registry.id,
        application_insights=monitoring.application_insights.id,
        public_network_access=machinelearningservices.PublicNetworkAccessType.DISABLED,
        v1_legacy_mode=False,
        hbi_workspace=False,
        # The storage account takes no keys.
        system_datastores_auth_mode=(
            machinelearningservices.SystemDatastoresAuthMode.IDENTITY
        ),
        # A registry behind a private endpoint cannot build images by itself.
        image_build_compute=CLUSTER_NAME,
        serverless_compute_settings={
            "serverless_compute_custom_subnet": training_subnet_id,
            "serverless_compute_no_public_ip": True,
        },
        tags=parts.tags,
        opts=parts.options(waits_for),
    )

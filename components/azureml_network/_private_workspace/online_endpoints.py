"""Managed online endpoints: scoring requests come in by the workspace's endpoint."""

from collections.abc import Iterable

import pulumi
from pulumi import Input
from pulumi_azure_native import machinelearningservices

from azureml_network._private_workspace.compute import OnlineEndpointPlan
from azureml_network._private_workspace.parts import WorkspaceParts


def online_endpoint(
    parts: WorkspaceParts,
    name: str,
    plan: OnlineEndpointPlan,
    *,
    identity_id: Input[str],
    waits_for: Iterable[pulumi.Resource],
) -> machinelearningservices.OnlineEndpoint:
    """Make the endpoint called ``name``, without a deployment.

    Deployments, and the traffic that each gets, belong to those who serve models.
    Callers sign in with Microsoft Entra ID: there are no keys. Deployments pull images
    and models as ``identity_id``, which has the roles for it
    (https://learn.microsoft.com/azure/machine-learning/
    how-to-access-resources-from-endpoints-managed-identities).
    """
    return machinelearningservices.OnlineEndpoint(
        f"{parts.name}-online-endpoint-{name}",
        endpoint_name=name,
        workspace_name=parts.naming.name("machine_learning_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        kind="Managed",
        identity={
            "type": machinelearningservices.ManagedServiceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [identity_id],
        },
        properties=machinelearningservices.OnlineEndpointPropertiesArgs(
            auth_mode=machinelearningservices.EndpointAuthMode.AAD_TOKEN,
            description=plan.description,
            public_network_access=(
                machinelearningservices.PublicNetworkAccessType.DISABLED
            ),
        ),
        tags=parts.tags,
        opts=parts.options(waits_for),
    )

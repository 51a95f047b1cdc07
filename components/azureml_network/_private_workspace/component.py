"""A machine learning workspace that only the private network can reach."""

from collections.abc import Mapping

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._inputs import findings_of
from azureml_network._place import Place
from azureml_network._private_workspace import dependencies_before as dependencies
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.clusters import cluster
from azureml_network._private_workspace.endpoint_resources import (
    Endpoint,
    private_endpoints,
)
from azureml_network._private_workspace.identity import (
    compute_identity,
    role_assignments,
    workspace_identity,
)
from azureml_network._private_workspace.monitoring_before import monitoring
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import plan_workspace
from azureml_network._private_workspace.workspace import workspace
from azureml_rulebook.findings import Finding


class PrivateWorkspace(pulumi.ComponentResource):
    """A machine learning workspace with its storage, vault, registry, monitoring and compute, each closed to the public and reached by a private endpoint."""  # noqa: E501

    workspace_id: Output[str]
    """Resource id of the workspace."""
    workspace_name: str
    """Azure name of the workspace."""
    storage_account_id: Output[str]
    """Resource id of the default storage account."""
    key_vault_id: Output[str]
    """Resource id of the key vault."""
    registry_id: Output[str]
    """Resource id of the container registry."""
    application_insights_id: Output[str]
    """Resource id of the Application Insights component."""
    log_analytics_workspace_id: Output[str]
    """Resource id of the Log Analytics workspace."""
    identity_id: Output[str]
    """Resource id of the identity that the workspace acts as."""
    identity_principal_id: Output[str]
    """Object id of the workspace's identity in Microsoft Entra ID."""
    compute_identity_id: Output[str]
    """Resource id of the identity that the nodes of the cluster act as."""
    compute_identity_principal_id: Output[str]
    """Object id of the cluster's identity in Microsoft Entra ID."""
    cluster_id: Output[str]
    """Resource id of the compute cluster."""
    private_endpoint_ids: Mapping[str, Output[str]]
    """Private endpoint resource ids by group id, such as amlworkspace or blob."""

    def __init__(
        self, name: str, args: PrivateWorkspaceArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_workspace(args)
        super().__init__("azureml-network:index:PrivateWorkspace", name, {}, opts)
        parts = WorkspaceParts(
            name=name,
            parent=self,
            place=Place(cloud_name=plan.cloud_name, region=plan.location),
            naming=plan.naming,
            plan=plan,
            resource_group_name=args["resource_group_name"],
            tags=args.get("tags"),
        )
        identity = workspace_identity(parts)
        nodes_identity = compute_identity(parts)
        monitored = monitoring(parts)
        account = dependencies.storage_account(parts)
        blobs = dependencies.blob_service(parts, account)
        vault = dependencies.key_vault(parts, args["tenant_id"])
        registry = dependencies.container_registry(parts)

        endpoints: dict[str, Endpoint] = {
            **private_endpoints(parts, plan.endpoints, "storage", account.id, [blobs]),
            **private_endpoints(parts, plan.endpoints, "key_vault", vault.id),
            **private_endpoints(parts, plan.endpoints, "registry", registry.id),
        }
        if monitored.scope is not None:
            endpoints |= private_endpoints(
                parts,
                plan.endpoints,
                "monitor_scope",
                monitored.scope.id,
                monitored.scoped,
            )
        scopes: dict[str, Input[str]] = {
            "storage": account.id,
            "key_vault": vault.id,
            "registry": registry.id,
            "application_insights": monitored.application_insights.id,
            "blob_endpoint": endpoints["blob"].endpoint.id,
            "file_endpoint": endpoints["file"].endpoint.id,
        }
        roles = [
            role
            for holder in (identity, nodes_identity)
            for role in role_assignments(parts, holder, args["subscription_id"], scopes)
        ]
        made = workspace(
            parts,
            identity=identity.resource,
            account=account,
            vault=vault,
            registry=registry,
            monitoring=monitored,
            training_subnet_id=args["training_subnet_id"],
            # Roles take minutes to be known everywhere, and without them the service
            # leaves out datastores: everything that can come before gives them time.
            waits_for=[*roles, *(item.ready for item in endpoints.values())],
        )
        endpoints |= private_endpoints(parts, plan.endpoints, "workspace", made.id)
        own_roles = role_assignments(
            parts, identity, args["subscription_id"], {"workspace": made.id}
        )
        nodes = cluster(
            parts,
            nodes_identity.resource,
            args["training_subnet_id"],
            [made, *own_roles, *(item.ready for item in endpoints.values())],
        )

        self.workspace_id = made.id
        self.workspace_name = plan.naming.name("machine_learning_workspace")
        self.storage_account_id = account.id
        self.key_vault_id = vault.id
        self.registry_id = registry.id
        self.application_insights_id = monitored.application_insights.id
        self.log_analytics_workspace_id = monitored.log_analytics.id
        self.identity_id = identity.resource.id
        self.identity_principal_id = identity.resource.principal_id
        self.compute_identity_id = nodes_identity.resource.id
        self.compute_identity_principal_id = nodes_identity.resource.principal_id
        self.cluster_id = nodes.id
        self.private_endpoint_ids = {
            group_id: item.endpoint.id for group_id, item in sorted(endpoints.items())
        }
        self.register_outputs(
            {
                "workspaceId": self.workspace_id,
                "workspaceName": self.workspace_name,
                "storageAccountId": self.storage_account_id,
                "keyVaultId": self.key_vault_id,
                "registryId": self.registry_id,
                "applicationInsightsId": self.application_insights_id,
                "logAnalyticsWorkspaceId": self.log_analytics_workspace_id,
                "identityId": self.identity_id,
                "identityPrincipalId": self.identity_principal_id,
                "computeIdentityId": self.compute_identity_id,
                "computeIdentityPrincipalId": self.compute_identity_principal_id,
                "clusterId": self.cluster_id,
                "privateEndpointIds": self.private_endpoint_ids,
            }
        )

    @staticmethod
    def check(args: PrivateWorkspaceArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_workspace(args))

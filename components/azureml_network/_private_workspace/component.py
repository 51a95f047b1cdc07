"""A machine learning workspace that only the private network can reach."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._inputs import findings_of
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.assembly import (
    Assembled,
    existing_workspace,
    new_workspace,
)
from azureml_network._private_workspace.existing import check_existing_services
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.plan import (
    NewWorkspacePlan,
    WorkspacePlan,
    plan_workspace,
)
from azureml_network._private_workspace.public_access import public_access_commands
from azureml_network._private_workspace.services import Service
from azureml_rulebook.findings import Finding


class PrivateWorkspace(pulumi.ComponentResource):
    """A machine learning workspace with its storage, vault, registry, monitoring and compute, each closed to the public and reached by a private endpoint."""  # noqa: E501

    workspace_id: Output[str]
    """Resource id of the workspace."""
    workspace_name: str | None
    """Azure name of the workspace; not set where it exists already."""
    storage_account_id: Output[str] | None
    """Resource id of the default storage account; not set for a project or a workspace that exists already."""  # noqa: E501
    key_vault_id: Output[str] | None
    """Resource id of the key vault; not set as above."""
    registry_id: Output[str] | None
    """Resource id of the container registry; not set as above."""
    application_insights_id: Output[str] | None
    """Resource id of the Application Insights component; not set as above."""
    log_analytics_workspace_id: Output[str] | None
    """Resource id of the Log Analytics workspace; not set as above."""
    private_link_scope_id: Output[str] | None
    """Resource id of the Azure Monitor private link scope; not set where monitoring is open to the public, or as above."""  # noqa: E501
    identity_id: Output[str] | None
    """Resource id of the identity that the workspace acts as; not set where that lives and dies with the workspace, or the workspace exists already."""  # noqa: E501
    identity_principal_id: Output[str] | None
    """Object id of the workspace's identity in Microsoft Entra ID; not set where the workspace exists already."""  # noqa: E501
    compute_identity_id: Output[str] | None
    """Resource id of the identity that clusters, attached Kubernetes clusters and online endpoints act as; not set where there are none, or the workspace exists already."""  # noqa: E501
    compute_identity_principal_id: Output[str] | None
    """Object id of the nodes' identity in Microsoft Entra ID; not set as above."""
    cluster_id: Output[str] | None
    """Resource id of the cluster that builds images; not set for kinds without clusters."""  # noqa: E501
    compute_ids: Mapping[str, Output[str]]
    """Resource ids of clusters, instances and attached Kubernetes clusters, by name."""
    online_endpoint_ids: Mapping[str, Output[str]]
    """Resource ids of managed online endpoints, by name."""
    private_endpoint_ids: Mapping[str, Output[str]]
    """Private endpoint resource ids by group id, such as amlworkspace or blob."""
    client_endpoint_ids: Mapping[str, Output[str]]
    """Private endpoint resource ids in client networks, by NETWORK/GROUP."""
    public_access_commands: Output[Sequence[str]]
    """Commands that open the workspace to the addresses of `public_access`; empty if there are none."""  # noqa: E501

    def __init__(
        self, name: str, args: PrivateWorkspaceArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_workspace(name, args)
        new = plan.workspace if isinstance(plan.workspace, NewWorkspacePlan) else None
        warnings = () if new is None else _warnings(new, plan.place, args)
        super().__init__("azureml-network:index:PrivateWorkspace", name, {}, opts)
        for warning in warnings:
            pulumi.log.warn(warning, self)
        parts = WorkspaceParts(
            name=name,
            parent=self,
            place=plan.place,
            naming=plan.naming,
            resource_group_name=args["resource_group_name"],
            tags=args.get("tags"),
        )
        made = _assembled(parts, plan, args)
        azure_name = plan.naming.name("machine_learning_workspace")

        self.workspace_id = Output.from_input(made.workspace_id)
        self.workspace_name = None if new is None else azure_name
        services = made.services
        self.storage_account_id = None
        self.key_vault_id = None
        self.registry_id = None
        self.application_insights_id = None
        self.log_analytics_workspace_id = None
        self.private_link_scope_id = None
        if services is not None:
            self.storage_account_id = _id(services.storage)
            self.key_vault_id = _id(services.key_vault)
            self.registry_id = _id(services.registry)
            self.application_insights_id = _id(services.application_insights)
            self.log_analytics_workspace_id = _id(services.log_analytics)
            if services.monitor_scope is not None:
                self.private_link_scope_id = _id(services.monitor_scope)
        nodes = made.compute_identity
        self.identity_id = _later(made.identity_id)
        self.identity_principal_id = _later(made.identity_principal_id)
        self.compute_identity_id = None if nodes is None else _later(nodes.id)
        self.compute_identity_principal_id = (
            None if nodes is None else _later(nodes.holder.principal_id)
        )
        self.compute_ids = {}
        self.online_endpoint_ids = {}
        if made.compute is not None:
            machines = {
                **made.compute.clusters,
                **made.compute.instances,
                **made.compute.kubernetes,
            }
            self.compute_ids = {key: item.id for key, item in machines.items()}
            self.online_endpoint_ids = {
                key: item.id for key, item in made.compute.online_endpoints.items()
            }
        self.cluster_id = (
            None
            if new is None or new.compute.image_build_cluster is None
            else self.compute_ids[new.compute.image_build_cluster]
        )
        self.private_endpoint_ids = {
            group_id: item.endpoint.id
            for group_id, item in sorted(made.reach.endpoints.items())
        }
        self.client_endpoint_ids = {
            f"{network}/{group_id}": item.endpoint.id
            for network, of_one in made.reach.client_endpoints.items()
            for group_id, item in sorted(of_one.items())
        }
        self.public_access_commands = public_access_commands(
            None if new is None else new.public_access,
            azure_name,
            args["resource_group_name"],
        )
        self.register_outputs(
            {
                "workspaceId": self.workspace_id,
                "workspaceName": self.workspace_name,
                "storageAccountId": self.storage_account_id,
                "keyVaultId": self.key_vault_id,
                "registryId": self.registry_id,
                "applicationInsightsId": self.application_insights_id,
                "logAnalyticsWorkspaceId": self.log_analytics_workspace_id,
                "privateLinkScopeId": self.private_link_scope_id,
                "identityId": self.identity_id,
                "identityPrincipalId": self.identity_principal_id,
                "computeIdentityId": self.compute_identity_id,
                "computeIdentityPrincipalId": self.compute_identity_principal_id,
                "clusterId": self.cluster_id,
                "computeIds": self.compute_ids,
                "onlineEndpointIds": self.online_endpoint_ids,
                "privateEndpointIds": self.private_endpoint_ids,
                "clientEndpointIds": self.client_endpoint_ids,
                "publicAccessCommands": self.public_access_commands,
            }
        )

    @staticmethod
    def check(name: str, args: PrivateWorkspaceArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_workspace(name, args))


def _warnings(
    new: NewWorkspacePlan, place: Place, args: PrivateWorkspaceArgs
) -> tuple[str, ...]:
    """Return what a review is told, after a look at the services that exist already."""
    if new.services is None:
        return new.warnings
    seen = check_existing_services(new.services, place, args["subscription_id"])
    return (*new.warnings, *seen)


def _assembled(
    parts: WorkspaceParts, plan: WorkspacePlan, args: PrivateWorkspaceArgs
) -> Assembled:
    """Make the workspace, or only the ways to one that exists already."""
    if isinstance(plan.workspace, NewWorkspacePlan):
        return new_workspace(parts, plan.workspace, args)
    return existing_workspace(parts, plan.workspace)


def _id(service: Service) -> Output[str]:
    return Output.from_input(service.id)


def _later(value: Input[str] | None) -> Output[str] | None:
    return None if value is None else Output.from_input(value)

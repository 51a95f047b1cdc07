"""Puts the parts of a workspace together, in the order that Azure needs.

Services come first, then the ways to them and the roles on them, then the workspace,
its own endpoint and roles, and what a managed network lets out. Compute comes after all
of it, since nodes use private names as soon as they start; locks come last, so that a
destroy takes them away first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pulumi
from pulumi import Input
from pulumi_azure_native import authorization, machinelearningservices

from azureml_network._diagnostics import Observed, diagnostic_settings
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.client_networks import ClientNetworkPlan
from azureml_network._private_workspace.compute_resources import Compute, compute
from azureml_network._private_workspace.dependencies import Services, services
from azureml_network._private_workspace.endpoint_resources import (
    Endpoint,
    client_endpoints,
    private_endpoints,
)
from azureml_network._private_workspace.identity import (
    Identity,
    approvals,
    compute_identity,
    system_assigned_holder,
    workspace_identity,
)
from azureml_network._private_workspace.managed_network import outbound_rules
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.people import people_roles
from azureml_network._private_workspace.plan import (
    ExistingWorkspacePlan,
    NewWorkspacePlan,
    ReachPlan,
)
from azureml_network._private_workspace.watching import (
    service_diagnostics,
    service_locks,
)
from azureml_network._private_workspace.workspace import workspace
from azureml_network._roles import RoleHolder, role_assignments
from azureml_rulebook.diagnostics import MACHINE_LEARNING_WORKSPACE

Resources = list[pulumi.Resource]

_WORKSPACE = "workspace"
"""The workspace's own word among what endpoints lead to."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The private endpoints of a workspace and its services."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    """Those in the workspace's own network, by group id."""
    client_endpoints: Mapping[str, Mapping[str, Endpoint]] = field(
        default_factory=dict[str, Mapping[str, Endpoint]]
    )
    """Those of other networks, by network and group id."""

    @property
    def ready(self) -> Resources:
        """What is made once the workspace's own network can use all of them."""
        return [item.ready for item in self.endpoints.values()]


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """A workspace and everything around it, as far as it is made here."""

    workspace_id: Input[str]
    reach: Reach
    services: Services | None = None
    """None: a project, or a workspace that exists already."""
    identity_id: Input[str] | None = None
    """None: an identity that lives and dies with the workspace."""
    identity_principal_id: Input[str] | None = None
    compute_identity: Identity | None = None
    """None: nothing acts as it."""
    compute: Compute | None = None


def existing_workspace(parts: WorkspaceParts, plan: ExistingWorkspacePlan) -> Assembled:
    """Make the private endpoints of a workspace that exists already, and no more."""
    return Assembled(
        workspace_id=plan.id,
        reach=_with_workspace(parts, plan.reach, Reach(), plan.id),
    )


def new_workspace(
    parts: WorkspaceParts, plan: NewWorkspacePlan, args: PrivateWorkspaceArgs
) -> Assembled:
    """Make a workspace and everything around it."""
    subscription_id = args["subscription_id"]
    managed = plan.managed_network is not None
    identity = workspace_identity(parts, plan.identity, managed_network=managed)
    nodes = (
        compute_identity(parts, plan.storage_groups) if plan.compute.acting else None
    )
    made_services = (
        None
        if plan.services is None
        else services(parts, plan.services, args["tenant_id"])
    )
    ids = {} if made_services is None else _service_ids(made_services)
    reach = (
        Reach()
        if plan.reach is None or made_services is None
        else _service_reach(parts, plan.reach, made_services, ids)
    )
    scopes = _role_scopes(ids, reach)
    roles = (
        []
        if nodes is None
        else role_assignments(parts, nodes.holder, subscription_id, scopes)
    )
    if identity is not None:
        roles += _early_roles(parts, plan, identity.holder, subscription_id, scopes)
        roles += _client_roles(parts, identity.holder, subscription_id, reach)
    made = workspace(
        parts,
        plan,
        identity_id=None if identity is None else identity.id,
        services=made_services,
        # Roles take minutes to be known everywhere, and without them the service
        # leaves out datastores: everything that can come before gives them time.
        waits_for=[
            *roles,
            *reach.ready,
            *(() if made_services is None else made_services.settled_by),
        ],
    )
    ids["workspace"] = made.id
    if plan.reach is not None:
        reach = _with_workspace(parts, plan.reach, reach, made.id)
    on_workspace: dict[str, Input[str]] = {"workspace": made.id}
    if identity is not None:
        holder = identity.holder
        late_roles = role_assignments(parts, holder, subscription_id, on_workspace)
    else:
        holder = system_assigned_holder(parts, made, managed_network=managed)
        late_roles = _early_roles(
            parts, plan, holder, subscription_id, {**scopes, **on_workspace}
        )
        late_roles += _client_roles(parts, holder, subscription_id, reach)
    people = people_roles(
        parts,
        plan.people,
        subscription_id,
        plan.storage_groups,
        {**scopes, **on_workspace},
    )
    ways_out = (
        []
        if plan.managed_network is None
        else outbound_rules(parts, plan.managed_network, ids, [*roles, *late_roles])
    )
    machines = compute(
        parts,
        plan.compute,
        identity_id=None if nodes is None else nodes.id,
        workspace_identity=holder,
        subscription_id=subscription_id,
        tenant_id=args["tenant_id"],
        subnet_id=plan.training_subnet_id,
        waits_for=[made, *late_roles, *reach.ready, *ways_out],
    )
    diagnostics = _diagnostics(parts, plan, made_services, made)
    if made_services is not None:
        service_locks(
            parts,
            plan.watching,
            made_services,
            [
                made,
                *roles,
                *late_roles,
                *people,
                *reach.ready,
                *_ready_for_clients(reach),
                *ways_out,
                *_machines(machines),
                *diagnostics,
                *made_services.settled_by,
            ],
        )
    return Assembled(
        workspace_id=made.id,
        services=made_services,
        identity_id=None if identity is None else identity.id,
        identity_principal_id=holder.principal_id,
        compute_identity=nodes,
        reach=reach,
        compute=machines,
    )


def _service_ids(made: Services) -> dict[str, Input[str]]:
    """Return the ids of the services by the words that roles and endpoints use."""
    ids = {
        "storage": made.storage.id,
        "key_vault": made.key_vault.id,
        "registry": made.registry.id,
        "application_insights": made.application_insights.id,
    }
    if made.monitor_scope is not None:
        ids["monitor_scope"] = made.monitor_scope.id
    return ids


def _service_reach(
    parts: WorkspaceParts,
    plan: ReachPlan,
    made: Services,
    ids: Mapping[str, Input[str]],
) -> Reach:
    """Make the endpoints of the services, in the workspace's own network and others."""
    reached = {
        "storage": made.storage,
        "key_vault": made.key_vault,
        "registry": made.registry,
        "monitor_scope": made.monitor_scope,
    }
    endpoints = {
        group_id: endpoint
        for word, service in reached.items()
        if service is not None
        for group_id, endpoint in private_endpoints(
            parts, plan.endpoints, word, service.id, service.settled_by
        ).items()
    }
    settled: dict[str, Resources] = {
        word: [*service.settled_by]
        for word, service in reached.items()
        if service is not None
    }
    for item in plan.endpoints.endpoints:
        if item.target in settled:
            settled[item.target].append(endpoints[item.group_id].endpoint)
    clients = _clients_of(plan, lambda target: target != _WORKSPACE)
    return Reach(
        endpoints=endpoints,
        client_endpoints=client_endpoints(parts, clients, ids, settled),
    )


def _with_workspace(
    parts: WorkspaceParts, plan: ReachPlan, reach: Reach, workspace_id: Input[str]
) -> Reach:
    """Add the endpoints of the workspace itself."""
    own = private_endpoints(parts, plan.endpoints, _WORKSPACE, workspace_id)
    clients = _clients_of(plan, lambda target: target == _WORKSPACE)
    before = {_WORKSPACE: [item.endpoint for item in own.values()]}
    made = client_endpoints(parts, clients, {_WORKSPACE: workspace_id}, before)
    return Reach(
        endpoints={**reach.endpoints, **own},
        client_endpoints={
            network: {**reach.client_endpoints.get(network, {}), **of_one}
            for network, of_one in made.items()
        },
    )


def _clients_of(
    plan: ReachPlan, wanted: Callable[[str], bool]
) -> dict[str, ClientNetworkPlan]:
    """Return the client networks with those endpoints only whose target is wanted."""
    return {
        key: replace(
            client,
            endpoints=tuple(item for item in client.endpoints if wanted(item.target)),
        )
        for key, client in plan.client_networks.items()
    }


def _role_scopes(ids: Mapping[str, Input[str]], reach: Reach) -> dict[str, Input[str]]:
    """Return what roles can be on before the workspace exists."""
    return {**ids, **_endpoint_scopes(reach.endpoints)}


def _endpoint_scopes(endpoints: Mapping[str, Endpoint]) -> dict[str, Input[str]]:
    return {
        f"{group_id}_endpoint": endpoints[group_id].endpoint.id
        for group_id in ("blob", "file")
        if group_id in endpoints
    }


def _early_roles(
    parts: WorkspaceParts,
    plan: NewWorkspacePlan,
    holder: RoleHolder,
    subscription_id: Input[str],
    scopes: Mapping[str, Input[str]],
) -> list[authorization.RoleAssignment]:
    """Give what the workspace acts as its roles, those on outbound targets too."""
    roles = role_assignments(parts, holder, subscription_id, scopes)
    if plan.managed_network is not None:
        targets = plan.managed_network.targets
        roles += approvals(parts, holder, subscription_id, targets, scopes)
    return roles


def _client_roles(
    parts: WorkspaceParts,
    holder: RoleHolder,
    subscription_id: Input[str],
    reach: Reach,
) -> list[authorization.RoleAssignment]:
    """Give a holder its roles on the endpoints in client networks."""
    return [
        role
        for network, endpoints in reach.client_endpoints.items()
        for role in role_assignments(
            parts,
            holder.of_part(network),
            subscription_id,
            _endpoint_scopes(endpoints),
        )
    ]


def _diagnostics(
    parts: WorkspaceParts,
    plan: NewWorkspacePlan,
    made_services: Services | None,
    made: machinelearningservices.Workspace,
) -> Resources:
    """Send on what the workspace can tell, and its services if it has any."""
    if plan.services is None or made_services is None:
        observed = Observed(
            resource_id=made.id, resource_type=MACHINE_LEARNING_WORKSPACE
        )
        settings = plan.watching.diagnostic_settings
        return [
            *diagnostic_settings(
                parts.name, parts.parent, settings, {"workspace": observed}
            )
        ]
    return service_diagnostics(
        parts, plan.watching, plan.services, made_services, made.id
    )


def _ready_for_clients(reach: Reach) -> Resources:
    return [
        item.ready
        for of_one in reach.client_endpoints.values()
        for item in of_one.values()
    ]


def _machines(made: Compute) -> Resources:
    return [
        *made.clusters.values(),
        *made.instances.values(),
        *made.kubernetes.values(),
        *made.online_endpoints.values(),
    ]

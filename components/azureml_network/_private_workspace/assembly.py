"""Puts the parts of a workspace together, in the order that Azure needs.

Services come first, then the ways to them and the roles on them, then the workspace,
its own endpoint and roles, and what a managed network lets out. Compute comes after all
of it, since nodes use private names as soon as they start; locks come last, so that a
destroy takes them away first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi import Input
from pulumi_azure_native import authorization, machinelearningservices

from azureml_network._diagnostics import Observed, diagnostic_settings
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.compute_resources import Compute, compute
from azureml_network._private_workspace.dependencies import Services, services
from azureml_network._private_workspace.endpoint_resources import (
    Endpoint,
    client_endpoints,
    private_endpoints,
)
from azureml_network._private_workspace.identity import (
    Identity,
    RoleHolder,
    approvals,
    compute_identity,
    role_assignments,
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
from azureml_rulebook.diagnostics import MACHINE_LEARNING_WORKSPACE

Resources = list[pulumi.Resource]


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
    compute: Compute | None = None


def existing_workspace(parts: WorkspaceParts, plan: ExistingWorkspacePlan) -> Assembled:
    """Make the private endpoints of a workspace that exists already, and no more."""
    endpoints = private_endpoints(parts, plan.reach.endpoints, "workspace", plan.id)
    return Assembled(
        workspace_id=plan.id,
        reach=_with_clients(parts, plan.reach, endpoints, {"workspace": plan.id}, {}),
    )


def new_workspace(
    parts: WorkspaceParts, plan: NewWorkspacePlan, args: PrivateWorkspaceArgs
) -> Assembled:
    """Make a workspace and everything around it."""
    subscription_id = args["subscription_id"]
    managed = plan.managed_network is not None
    identity = workspace_identity(parts, plan.identity, managed_network=managed)
    nodes = compute_identity(parts, plan.storage_groups)
    made_services = (
        None
        if plan.services is None
        else services(parts, plan.services, args["tenant_id"])
    )
    ids = {} if made_services is None else _service_ids(made_services)
    endpoints = _service_endpoints(parts, plan.reach, made_services)
    scopes = _role_scopes(ids, endpoints)
    holders = [nodes.holder] if identity is None else [identity.holder, nodes.holder]
    roles = [
        role
        for holder in holders
        for role in role_assignments(parts, holder, subscription_id, scopes)
    ]
    made = workspace(
        parts,
        plan,
        identity_id=None if identity is None else identity.id,
        services=made_services,
        # Roles take minutes to be known everywhere, and without them the service
        # leaves out datastores: everything that can come before gives them time.
        waits_for=[*roles, *(item.ready for item in endpoints.values())],
    )
    ids["workspace"] = made.id
    reach = _reach(parts, plan.reach, endpoints, ids, made_services)
    holder, late_roles = _late_roles(
        parts, plan, identity, made, subscription_id, scopes
    )
    people = people_roles(
        parts,
        plan.people,
        subscription_id,
        plan.storage_groups,
        {**scopes, "workspace": made.id},
    )
    ways_out = _ways_out(parts, plan, holder, subscription_id, ids, scopes, late_roles)
    machines = compute(
        parts,
        plan.compute,
        identity_id=nodes.id,
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


def _service_endpoints(
    parts: WorkspaceParts, plan: ReachPlan | None, made: Services | None
) -> dict[str, Endpoint]:
    """Make the endpoints of the services, by group id."""
    if plan is None or made is None:
        return {}
    reached = {
        "storage": made.storage,
        "key_vault": made.key_vault,
        "registry": made.registry,
        "monitor_scope": made.monitor_scope,
    }
    return {
        group_id: endpoint
        for word, service in reached.items()
        if service is not None
        for group_id, endpoint in private_endpoints(
            parts, plan.endpoints, word, service.id, service.settled_by
        ).items()
    }


def _role_scopes(
    ids: Mapping[str, Input[str]], endpoints: Mapping[str, Endpoint]
) -> dict[str, Input[str]]:
    """Return what roles can be on before the workspace exists."""
    scopes = dict(ids)
    for group_id in ("blob", "file"):
        if group_id in endpoints:
            scopes[f"{group_id}_endpoint"] = endpoints[group_id].endpoint.id
    return scopes


def _reach(
    parts: WorkspaceParts,
    plan: ReachPlan | None,
    endpoints: Mapping[str, Endpoint],
    ids: Mapping[str, Input[str]],
    made: Services | None,
) -> Reach:
    """Make the workspace's own endpoint, and those of the client networks."""
    if plan is None or made is None:
        return Reach()
    own = private_endpoints(parts, plan.endpoints, "workspace", ids["workspace"])
    settled: dict[str, Resources] = {"storage": [*made.storage.settled_by]}
    return _with_clients(parts, plan, {**endpoints, **own}, ids, settled)


def _with_clients(
    parts: WorkspaceParts,
    plan: ReachPlan,
    endpoints: Mapping[str, Endpoint],
    ids: Mapping[str, Input[str]],
    settled: Mapping[str, Resources],
) -> Reach:
    """Add the endpoints of the client networks, after those to the same resource."""
    before = {word: list(items) for word, items in settled.items()}
    for item in plan.endpoints.endpoints:
        before.setdefault(item.target, []).append(endpoints[item.group_id].endpoint)
    return Reach(
        endpoints=endpoints,
        client_endpoints=client_endpoints(parts, plan.client_networks, ids, before),
    )


def _late_roles(
    parts: WorkspaceParts,
    plan: NewWorkspacePlan,
    identity: Identity | None,
    made: machinelearningservices.Workspace,
    subscription_id: Input[str],
    scopes: Mapping[str, Input[str]],
) -> tuple[RoleHolder, list[authorization.RoleAssignment]]:
    """Give the roles that need the workspace to exist.

    On it; and all of them, if its identity came with it.
    """
    on_workspace: dict[str, Input[str]] = {"workspace": made.id}
    if identity is not None:
        holder = identity.holder
        return holder, role_assignments(parts, holder, subscription_id, on_workspace)
    holder = system_assigned_holder(
        parts, made, managed_network=plan.managed_network is not None
    )
    roles = role_assignments(parts, holder, subscription_id, {**scopes, **on_workspace})
    return holder, roles


def _ways_out(
    parts: WorkspaceParts,
    plan: NewWorkspacePlan,
    holder: RoleHolder,
    subscription_id: Input[str],
    ids: Mapping[str, Input[str]],
    scopes: Mapping[str, Input[str]],
    roles: list[authorization.RoleAssignment],
) -> Resources:
    """Make what a managed network lets out, once the workspace may approve it."""
    network = plan.managed_network
    if network is None:
        return []
    of_services = {
        name: ids[service] for name, (service, _) in network.service_rules.items()
    }
    approved = approvals(
        parts,
        holder,
        subscription_id,
        {**network.targets, **of_services},
        {**scopes, "workspace": ids["workspace"]},
    )
    rules = outbound_rules(parts, network, ids, [*roles, *approved])
    return [*approved, *rules]


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

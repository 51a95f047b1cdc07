"""Turns the plain inputs of a PrivateWorkspace into a plan, or into all that is wrong.

Everything is decided here, before the first resource: what is made and what is brought,
its names, its endpoints with their zones, and who may do what. Each part reads its own
inputs; this module puts them in order and together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from azureml_network._diagnostics import read_diagnostic_settings
from azureml_network._inputs import InputReader
from azureml_network._place import Place, read_place
from azureml_network._private_workspace.arguments import (
    IdentityKind,
    PrivateWorkspaceArgs,
    WorkspaceKind,
)
from azureml_network._private_workspace.client_networks import (
    ClientNetworkPlan,
    read_client_networks,
)
from azureml_network._private_workspace.compute import ComputePlan, read_compute
from azureml_network._private_workspace.customer_managed_keys import (
    CustomerManagedKeyPlan,
    read_customer_managed_key,
)
from azureml_network._private_workspace.dependencies import ServicesPlan, read_services
from azureml_network._private_workspace.endpoints import (
    EndpointsPlan,
    read_endpoints,
    read_existing_workspace,
)
from azureml_network._private_workspace.identity import IdentityPlan, read_identity
from azureml_network._private_workspace.managed_network import (
    ManagedNetworkPlan,
    read_managed_network,
)
from azureml_network._private_workspace.people import (
    GROUP_KEYS,
    PeoplePlan,
    read_people,
)
from azureml_network._private_workspace.public_access import (
    PublicAccessPlan,
    read_public_access,
)
from azureml_network._private_workspace.repeated_outbound import own_services
from azureml_network._private_workspace.subnets import (
    TRAINING_ID,
    note_range_faults,
    read_training_subnet,
)
from azureml_network._private_workspace.watching import WatchingPlan, read_watching
from azureml_rulebook.customer_managed_keys import KEY_OF_WORKSPACE
from azureml_rulebook.dns_zones import WORKSPACE
from azureml_rulebook.names import Naming
from azureml_rulebook.resource_ids import (
    subscription_id_findings,
    tenant_id_findings,
)
from azureml_rulebook.roles import Holder, grants_of
from azureml_rulebook.service_access import SERVICE_ACCESS
from azureml_rulebook.tags import RESOURCES, STORAGE_ACCOUNTS
from azureml_rulebook.workspace_kinds import kind_input_findings

_WORKSPACE_GROUPS = ("amlworkspace",)
_NAMED_KINDS = (
    "storage_account",
    "key_vault",
    "container_registry",
    "machine_learning_workspace",
    "managed_identity",
    "log_analytics_workspace",
    "application_insights",
    "monitor_private_link_scope",
)
"""Kinds of names of a workspace with services of its own."""


@dataclass(frozen=True, kw_only=True)
class ReachPlan:
    """How a workspace is reached, whether it is made here or not."""

    endpoints: EndpointsPlan
    """Those in the workspace's own network."""
    client_networks: Mapping[str, ClientNetworkPlan]
    """In order of name."""


@dataclass(frozen=True, kw_only=True)
class ExistingWorkspacePlan:
    """A workspace that exists already: only the ways to it are made."""

    id: Input[str]
    reach: ReachPlan


@dataclass(frozen=True, kw_only=True)
class NewWorkspacePlan:
    """A workspace as it will be made."""

    kind: WorkspaceKind
    hub_id: Input[str] | None
    """The hub of a project."""
    high_business_impact: bool
    customer_managed_key: CustomerManagedKeyPlan | None
    """None: a key of Microsoft's, or the hub's."""
    public_access: PublicAccessPlan | None
    """None: it is closed."""
    managed_network: ManagedNetworkPlan | None
    """None: compute lives in the training subnet, or in the hub's network."""
    training_subnet_id: Input[str] | None
    services: ServicesPlan | None
    """None: a project, which has its hub's."""
    reach: ReachPlan | None
    """None: a project, which is reached by its hub's endpoint."""
    identity: IdentityPlan
    people: PeoplePlan
    compute: ComputePlan
    watching: WatchingPlan

    @property
    def storage_groups(self) -> tuple[str, ...]:
        """Group ids of the storage account's private endpoints."""
        return () if self.services is None else self.services.storage.groups

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is open, and what will not work although it can be made."""
        return (
            *(() if self.public_access is None else (self.public_access.warning,)),
            *(() if self.managed_network is None else self.managed_network.warnings),
            *(self._roles_on_the_hub if self.services is None else ()),
            *(() if self.services is None else self.services.warnings),
            *self.watching.warnings,
        )

    @property
    def _roles_on_the_hub(self) -> tuple[str, ...]:
        """Which roles of a project are the hub's to give; one line for each holder."""
        compute = (
            f"{' and '.join(self.compute.acting)}: the hub's services are not known "
            "here; give compute_identity_principal_id its roles on them: "
            f"{_hub_roles(Holder.COMPUTE)}"
        )
        people = (
            f"people.{key}: the hub's services are not known here; give these groups "
            f"their roles on them: {_hub_roles(holder)}"
            for holder, key in GROUP_KEYS.items()
            if _hub_roles(holder)
            and any(group.holder is holder for group in self.people.groups)
        )
        return (*((compute,) if self.compute.acting else ()), *people)


def _hub_roles(holder: Holder) -> str:
    """Return the roles of a holder on what a project has of its hub."""
    return ", ".join(
        f"{grant.role} on its {SERVICE_ACCESS[grant.scope].title}"
        for grant in grants_of(holder)
        if grant.scope in SERVICE_ACCESS
    )


@dataclass(frozen=True, kw_only=True)
class WorkspacePlan:
    """A workspace and everything around it, as it will be made."""

    place: Place
    naming: Naming
    workspace: NewWorkspacePlan | ExistingWorkspacePlan


def plan_workspace(name: str, args: PrivateWorkspaceArgs) -> WorkspacePlan:
    """Check the inputs of the component called ``name`` and plan the workspace.

    Raises:
        InputError: with everything that is wrong.
    """
    reader = InputReader(args, PrivateWorkspaceArgs)
    place = read_place(reader)
    for key in ("resource_group_name", "tenant_id", "subscription_id"):
        reader.require(key)
    _note_wrong_ids(reader)
    note_range_faults(reader)
    reader.check_tags([RESOURCES, STORAGE_ACCOUNTS])
    existing_id = read_existing_workspace(reader)
    kind = reader.choice("kind", WorkspaceKind.DEFAULT)
    naming = _naming(reader, existing_id, kind)
    workspace = (
        _new(reader, name, place, naming, kind)
        if existing_id is None
        else ExistingWorkspacePlan(
            id=existing_id, reach=_reach(reader, place, naming, {})
        )
    )
    plan = WorkspacePlan(place=place, naming=naming, workspace=workspace)
    reader.raise_findings()
    return plan


def _note_wrong_ids(reader: InputReader) -> None:
    """Note ids of the tenant and the subscription that have another form."""
    for key, check in (
        ("tenant_id", tenant_id_findings),
        ("subscription_id", subscription_id_findings),
    ):
        value = reader.optional_input(key)
        if isinstance(value, str):
            reader.findings += check(value, path=key)


def _naming(
    reader: InputReader, existing_id: Input[str] | None, kind: WorkspaceKind
) -> Naming:
    naming = Naming(
        workload=reader.text("workload"),
        environment=reader.text("environment"),
        unique_suffix=reader.text("unique_suffix"),
    )
    if existing_id is not None:
        kinds = ("private_endpoint",)
    elif kind is WorkspaceKind.PROJECT:
        kinds = ("machine_learning_workspace", "managed_identity")
    else:
        kinds = _NAMED_KINDS
    if naming.workload and naming.environment and naming.unique_suffix:
        reader.findings += naming.findings(kinds)
    return naming


def _new(
    reader: InputReader, name: str, place: Place, naming: Naming, kind: WorkspaceKind
) -> NewWorkspacePlan:
    """Read the workspace that is made, and all that it has of its own."""
    reader.findings += kind_input_findings(
        kind.value,
        {key: reader.has(key) for key in PrivateWorkspaceArgs.__annotations__},
    )
    is_project = kind is WorkspaceKind.PROJECT
    services = None if is_project else read_services(reader, place, naming)
    public_access = read_public_access(reader)
    managed_network = _managed_network(reader, place, services, public_access)
    if kind is WorkspaceKind.DEFAULT and managed_network is None:
        reader.require(TRAINING_ID)
    return NewWorkspacePlan(
        kind=kind,
        hub_id=reader.resource_id("hub_id", WORKSPACE),
        high_business_impact=reader.flag("high_business_impact", False),
        customer_managed_key=_customer_managed_key(reader, place),
        public_access=public_access,
        managed_network=managed_network,
        training_subnet_id=read_training_subnet(reader),
        services=services,
        reach=None
        if services is None
        else _reach(reader, place, naming, services.endpoint_groups),
        identity=_identity(reader, kind),
        people=read_people(reader),
        compute=read_compute(
            reader, kind=kind, has_managed_network=managed_network is not None
        ),
        watching=_watching(reader, name, services),
    )


def _customer_managed_key(
    reader: InputReader, place: Place
) -> CustomerManagedKeyPlan | None:
    subscription_id = reader.optional_input("subscription_id")
    return read_customer_managed_key(
        reader,
        place,
        versioned_for=KEY_OF_WORKSPACE,
        subscription_id=subscription_id if isinstance(subscription_id, str) else None,
    )


def _managed_network(
    reader: InputReader,
    place: Place,
    services: ServicesPlan | None,
    public_access: PublicAccessPlan | None,
) -> ManagedNetworkPlan | None:
    if services is None:
        return None
    return read_managed_network(
        reader,
        place.cloud_name,
        services.storage.groups,
        own_services(services),
        private_monitoring=services.monitoring.private,
        open_workspace=public_access is not None and public_access.opens_to_everybody,
    )


def _identity(reader: InputReader, kind: WorkspaceKind) -> IdentityPlan:
    """Read what the workspace acts as; the service gives a project its roles."""
    if kind is WorkspaceKind.PROJECT:
        return IdentityPlan(
            kind=IdentityKind.SYSTEM_ASSIGNED, existing_id=None, principal_id=None
        )
    return read_identity(reader)


def _watching(
    reader: InputReader, name: str, services: ServicesPlan | None
) -> WatchingPlan:
    """Read what watches over the workspace, and over its services if it has any."""
    if services is None:
        return WatchingPlan(
            diagnostic_settings=read_diagnostic_settings(reader, name),
            lock=None,
            warnings=(),
        )
    return read_watching(reader, name, services)


def _reach(
    reader: InputReader,
    place: Place,
    naming: Naming,
    service_groups: Mapping[str, tuple[str, ...]],
) -> ReachPlan:
    """Read the endpoints of the workspace, and of its services by their words."""
    groups = {"workspace": _WORKSPACE_GROUPS, **service_groups}
    endpoints = read_endpoints(reader, place, groups)
    return ReachPlan(
        endpoints=endpoints,
        client_networks=read_client_networks(reader, place, naming, endpoints),
    )

"""What a workspace depends on: storage account, key vault, registry and monitoring.

Each is made here or brought by id, closed to the public, and admits trusted Azure
services only, which the workspace is one of
(https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import AccessMode
from azureml_network._private_workspace.key_vault import (
    key_vault_service,
    read_key_vault,
)
from azureml_network._private_workspace.monitoring import (
    MonitoringPlan,
    monitoring_services,
    read_monitoring,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.registry import (
    RegistryPlan,
    read_registry,
    registry_service,
)
from azureml_network._private_workspace.services import (
    Service,
    ServiceConditions,
    ServicePlan,
)
from azureml_network._private_workspace.storage import (
    StoragePlan,
    read_storage,
    storage_service,
)
from azureml_rulebook.names import Naming
from azureml_rulebook.resource_ids import SUBNET
from azureml_rulebook.service_access import (
    SERVICE_ENDPOINT_PAGE,
    service_endpoint_subnet_findings,
)

_SUBNETS = "service_endpoint_subnet_ids"


@dataclass(frozen=True, kw_only=True)
class ServicesPlan:
    """All that a workspace depends on."""

    storage: StoragePlan
    key_vault: ServicePlan
    registry: RegistryPlan
    monitoring: MonitoringPlan
    warnings: tuple[str, ...]
    """What is open, and what this component cannot see to; one line each."""

    @property
    def endpoint_groups(self) -> Mapping[str, tuple[str, ...]]:
        """Group ids of the private endpoints, by the word for their target."""
        return {
            "storage": self.storage.groups,
            "key_vault": self.key_vault.groups,
            "registry": self.registry.groups,
            "monitor_scope": self.monitoring.groups,
        }

    @property
    def data_services(self) -> Mapping[str, ServicePlan]:
        """The services that keep data, by their words."""
        return {
            "storage": self.storage,
            "key_vault": self.key_vault,
            "registry": self.registry,
        }


@dataclass(frozen=True, kw_only=True)
class Services:
    """All that a workspace depends on, made or taken as it is."""

    storage: Service
    key_vault: Service
    registry: Service
    log_analytics: Service
    application_insights: Service
    monitor_scope: Service | None
    """None where monitoring is open to the public."""

    @property
    def settled_by(self) -> tuple[pulumi.Resource, ...]:
        """What is written on the services once they are made."""
        scope = () if self.monitor_scope is None else self.monitor_scope.settled_by
        return (*self.storage.settled_by, *scope)


def read_services(reader: InputReader, place: Place, naming: Naming) -> ServicesPlan:
    """Read what the workspace with these inputs depends on.

    ``reader``: of all inputs of a PrivateWorkspace. ``naming``: what Azure names are
    made of; checked elsewhere.
    """
    conditions = _conditions(reader)
    plan = ServicesPlan(
        storage=read_storage(reader, place, naming, conditions),
        key_vault=read_key_vault(reader, naming, conditions),
        registry=read_registry(reader, place, naming, conditions),
        monitoring=read_monitoring(reader, place, naming, conditions.subscription_id),
        warnings=(),
    )
    from_subnets = [
        word
        for word, service in plan.data_services.items()
        if service.access is AccessMode.SERVICE_ENDPOINT
    ]
    _note_subnet_faults(reader, conditions, from_subnets)
    return replace(
        plan,
        warnings=(
            *plan.monitoring.warnings(place.cloud_name),
            *_warnings(plan, from_subnets),
        ),
    )


def services(
    parts: WorkspaceParts, plan: ServicesPlan, tenant_id: Input[str]
) -> Services:
    """Make what the workspace depends on, or take it as it is.

    ``tenant_id``: Microsoft Entra tenant of the vault.
    """
    monitoring = monitoring_services(parts, plan.monitoring)
    return Services(
        storage=storage_service(parts, plan.storage),
        key_vault=key_vault_service(parts, plan.key_vault, tenant_id),
        registry=registry_service(parts, plan.registry),
        log_analytics=monitoring.log_analytics,
        application_insights=monitoring.application_insights,
        monitor_scope=monitoring.monitor_scope,
    )


def _conditions(reader: InputReader) -> ServiceConditions:
    subscription_id = reader.optional_input("subscription_id")
    return ServiceConditions(
        subscription_id=subscription_id if isinstance(subscription_id, str) else None,
        managed_network=reader.has("managed_network"),
        online_endpoints=reader.has("online_endpoints"),
        endpoint_subnets=reader.resource_ids(_SUBNETS, SUBNET),
    )


def _note_subnet_faults(
    reader: InputReader, conditions: ServiceConditions, from_subnets: Sequence[str]
) -> None:
    """Note what is wrong with the subnets, as far as all of their ids are known.

    ``from_subnets``: words for the services that are opened to them.
    """
    given = [item for item in conditions.endpoint_subnets if isinstance(item, str)]
    all_known = len(given) == len(conditions.endpoint_subnets)
    if from_subnets and not conditions.endpoint_subnets:
        reader.note_missing(
            _SUBNETS,
            "is required and not set: "
            f"{' and '.join(from_subnets)} would let nobody in; give the subnets that "
            "reach them by service endpoints, the endpoints subnet among them",
        )
        return
    reader.findings += service_endpoint_subnet_findings(
        given,
        _needed_subnets(reader, conditions) if all_known else {},
        from_subnets,
        path=_SUBNETS,
    )


def _needed_subnets(
    reader: InputReader, conditions: ServiceConditions
) -> dict[str, str]:
    """Return the ids of the subnets that use the services, by the path of each."""
    keys = ["endpoints_subnet_id"]
    if not conditions.managed_network:
        keys.append("training_subnet_id")
    ids = {key: reader.optional_input(key) for key in keys}
    return {key: value for key, value in ids.items() if isinstance(value, str)}


def _warnings(plan: ServicesPlan, from_subnets: Sequence[str]) -> tuple[str, ...]:
    """Return what each service that is reached by service endpoints brings."""
    past_firewalls = tuple(
        f"{word}.access: service_endpoint takes the traffic of the subnets of "
        f"{_SUBNETS} past a route to a firewall, which then sees nothing that goes to "
        f"this or any other such service ({SERVICE_ENDPOINT_PAGE}); private_endpoint "
        "does not"
        for word in from_subnets
    )
    not_opened = tuple(
        f"{word}: exists already and is reached by service endpoints; its owner opens "
        f"it to the subnets of {_SUBNETS}, this component does not"
        for word in from_subnets
        if not plan.data_services[word].is_made
    )
    return (*past_firewalls, *not_opened)

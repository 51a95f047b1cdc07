"""What all services of a workspace have in common: made here or brought by id, and
reached in one of two modes."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import AccessMode
from azureml_rulebook.resource_ids import ResourceId, read_resource_id
from azureml_rulebook.service_access import SERVICE_ACCESS, access_findings

EXISTING = "existing_id"


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """One service, as it will be made or as it is."""

    name: str
    """Its Azure name, if it is made here."""
    existing_id: Input[str] | None
    """Its resource id, if it exists already."""
    access: AccessMode
    groups: tuple[str, ...]
    """Group ids of its private endpoints; none with a service endpoint."""
    subnets: tuple[Input[str], ...]
    """Ids of the subnets that reach its public address; none with private endpoints."""

    @property
    def is_made(self) -> bool:
        """Whether it is made here."""
        return self.existing_id is None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service of a workspace."""

    id: Input[str]
    """Resource id."""
    made: pulumi.Resource | None
    """None: it exists already."""
    settled_by: tuple[pulumi.Resource, ...] = ()
    """What is written on it once it is made; its endpoints, and who uses it, wait for
    that."""


@dataclass(frozen=True, kw_only=True)
class ServiceConditions:
    """What the inputs of one service are read against."""

    subscription_id: str | None
    """None: known only later."""
    managed_network: bool
    """Whether compute lives in a network that the workspace manages."""
    online_endpoints: bool
    """Whether there are managed online endpoints."""
    endpoint_subnets: tuple[Input[str], ...]
    """Subnets that reach services by service endpoints."""


def read_access(
    spec: InputReader, service: str, conditions: ServiceConditions
) -> AccessMode:
    """Read how a service is reached."""
    access = spec.choice("access", AccessMode.PRIVATE_ENDPOINT)
    spec.findings += access_findings(
        service,
        access.value,
        managed_network=conditions.managed_network,
        path=f"{spec.path}.access",
    )
    return access


def subnets_of(
    access: AccessMode, conditions: ServiceConditions
) -> tuple[Input[str], ...]:
    """Return the subnets that a service with this access is opened to."""
    if access is AccessMode.SERVICE_ENDPOINT:
        return conditions.endpoint_subnets
    return ()


def read_existing(
    spec: InputReader,
    service: str,
    resource_type: str,
    owned_keys: Iterable[str],
    conditions: ServiceConditions,
) -> Input[str] | None:
    """Read the id of a service that exists already; None if it is made here.

    ``owned_keys``: inputs that only a service which is made here can have.
    """
    title = SERVICE_ACCESS[service].title
    existing_id = spec.resource_id(EXISTING, resource_type)
    if existing_id is None:
        return None
    for key in owned_keys:
        if spec.has(key):
            spec.note(
                key,
                f"belongs to the {title}, which {EXISTING} says exists already; leave "
                "it out, its owner sets it",
            )
    path = f"{spec.path}.{EXISTING}"
    found = read_resource_id(existing_id, resource_type, path)
    wanted = conditions.subscription_id
    if (
        conditions.online_endpoints
        and wanted is not None
        and isinstance(found, ResourceId)
        and found.subscription_id.lower() != wanted.lower()
    ):
        spec.note(
            EXISTING,
            f"'{found}' is in another subscription than the workspace ('{wanted}'), "
            f"and online_endpoints need the {title} in the same one; use one of that "
            "subscription (https://learn.microsoft.com/azure/machine-learning/"
            "how-to-manage-workspace)",
        )
    return existing_id

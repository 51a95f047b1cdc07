"""How the services of a workspace are reached, and what each way needs.

A private endpoint gives a service a private address, and its public one is shut. A
service endpoint leaves the public address open to named subnets and to nobody else;
that is another mode and nothing to add to the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.service_endpoints import KEY_VAULT, STORAGE

PRIVATE_ENDPOINT = "private_endpoint"
SERVICE_ENDPOINT = "service_endpoint"

_LEARN = "https://learn.microsoft.com/azure"
SERVICE_ENDPOINT_PAGE = (
    f"{_LEARN}/virtual-network/virtual-network-service-endpoints-overview"
)
_SECURE_PAGE = f"{_LEARN}/machine-learning/how-to-secure-workspace-vnet"
_MANAGED_PAGE = f"{_LEARN}/machine-learning/how-to-managed-network"
_TRUSTED_PAGE = f"{_LEARN}/container-registry/allow-access-trusted-services"


@dataclass(frozen=True, kw_only=True)
class ServiceAccess:
    """How one service can be reached."""

    service: str
    title: str
    service_endpoint: str | None
    """Service that a subnet needs a service endpoint for; None: the service is not
    reached that way."""
    refusal: str = ""
    """Why not, where it is not."""
    trusted_services: str
    """Why its firewall lets trusted Azure services pass."""
    page: str


SERVICE_ACCESS: dict[str, ServiceAccess] = {
    row.service: row
    for row in (
        ServiceAccess(
            service="storage",
            title="storage account",
            service_endpoint=STORAGE,
            trusted_services="the studio and the service itself read and write "
            "notebooks, data and logs",
            page=_SECURE_PAGE,
        ),
        ServiceAccess(
            service="key_vault",
            title="key vault",
            service_endpoint=KEY_VAULT,
            trusted_services="the service keeps the secrets of datastores and "
            "connections",
            page=_SECURE_PAGE,
        ),
        ServiceAccess(
            service="registry",
            title="container registry",
            service_endpoint=None,
            refusal="Azure Machine Learning gets past a registry's firewall as a "
            "trusted service, and trusted services do not with a service endpoint",
            trusted_services="the service pulls images of environments and models",
            page=_TRUSTED_PAGE,
        ),
    )
}
"""By the component's word for each service."""


def access_findings(
    service: str, access: str, *, managed_network: bool, path: str
) -> list[Finding]:
    """Check that a service can be reached in the mode ``access``.

    ``managed_network``: whether compute lives in a network that the workspace manages.
    """
    row = SERVICE_ACCESS[service]
    if access != SERVICE_ENDPOINT:
        return []
    if row.service_endpoint is None:
        return [
            Finding(
                path,
                f"'{access}' cannot be used with the {row.title}: {row.refusal}; use "
                f"'{PRIVATE_ENDPOINT}' ({row.page})",
            )
        ]
    if managed_network:
        return [
            Finding(
                path,
                f"'{access}' cannot be used with managed_network, which reaches the "
                f"{row.title} by a private endpoint of its own; use "
                f"'{PRIVATE_ENDPOINT}' ({_MANAGED_PAGE})",
            )
        ]
    return []


def service_endpoint_subnet_findings(
    subnets: Sequence[str],
    needed: Mapping[str, str],
    services: Sequence[str],
    *,
    path: str,
) -> list[Finding]:
    """Check which subnets services are opened to.

    Args:
        subnets: ids of the subnets, in the order in which they are given.
        needed: ids of subnets that must be among them, by the path of each.
        services: those that are reached by service endpoints.
        path: of the list of subnets.
    """
    if not services:
        return (
            [
                Finding(
                    path,
                    "is for services whose access is "
                    f"'{SERVICE_ENDPOINT}', and none is; leave it out, or set the "
                    "access of storage or key_vault",
                )
            ]
            if subnets
            else []
        )
    titles = " and ".join(SERVICE_ACCESS[service].title for service in services)
    given = {subnet.lower() for subnet in subnets}
    findings = [
        Finding(
            path,
            f"lacks {other} ('{subnet}'), from where the {titles} must be reached "
            f"too; add it, with the service endpoints "
            f"{', '.join(endpoint_services(services))} ({_SECURE_PAGE})",
        )
        for other, subnet in needed.items()
        if subnet.lower() not in given
    ]
    return findings + _repeated(subnets, path)


def endpoint_services(services: Sequence[str]) -> tuple[str, ...]:
    """Return the service endpoints that a subnet needs to reach ``services``."""
    rows = (SERVICE_ACCESS[service] for service in services)
    return tuple(row.service_endpoint for row in rows if row.service_endpoint)


def _repeated(subnets: Sequence[str], path: str) -> list[Finding]:
    first: dict[str, int] = {}
    return [
        Finding(
            f"{path}[{index}]",
            f"'{subnet}' is {path}[{other}] too; leave one of them out",
        )
        for index, subnet in enumerate(subnets)
        if (other := first.setdefault(subnet.lower(), index)) != index
    ]

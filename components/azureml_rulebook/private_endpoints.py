"""What a private endpoint must be like: its group id, its zones, its addresses.

The checks take plain values and return findings, so that a component can run them on
its inputs and a policy on the plan. Group ids and ARM types compare without regard to
case, as Azure does.
"""

from collections.abc import Iterable

from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.dns_zones import (
    CONTAINER_REGISTRY,
    GROUP_IDS_BY_TYPE,
    KEY_VAULT,
    PRIVATE_LINK_SCOPE,
    STORAGE_ACCOUNT,
    WORKSPACE,
    zone_names,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

REQUIRED_GROUPS: dict[str, tuple[str, ...]] = {
    WORKSPACE: ("amlworkspace",),
    # Blob and file always:
    # https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet
    STORAGE_ACCOUNT: ("blob", "file"),
    KEY_VAULT: ("vault",),
    CONTAINER_REGISTRY: ("registry",),
    PRIVATE_LINK_SCOPE: ("azuremonitor",),
}
"""ARM type to the endpoints that it needs as a part of a private workspace."""

BATCH_GROUPS: tuple[str, ...] = ("queue", "table")
"""Storage endpoints that batch endpoints and parallel runs need besides
(https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet)."""

HIERARCHICAL_NAMESPACE_GROUPS: tuple[str, ...] = ("dfs",)
"""Storage endpoints that an account with hierarchical namespace needs besides."""

ADDRESSES_BY_GROUP: dict[str, int] = {
    # Workspace: api, notebooks, inference
    # https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns
    "amlworkspace": 3,
    # Login server and one data endpoint per region
    # https://learn.microsoft.com/azure/container-registry/container-registry-private-link
    "registry": 2,
    # "About a dozen": the number follows the service's global endpoints
    # https://learn.microsoft.com/azure/azure-monitor/logs/private-link-configure
    "azuremonitor": 12,
}
"""Addresses an endpoint takes from its subnet; 1 for a group id not named here."""


DEFAULT_STORAGE_GROUPS: tuple[str, ...] = ("blob", "file")
"""Storage endpoints that every workspace needs."""


def workspace_groups(
    storage_groups: Iterable[str] = DEFAULT_STORAGE_GROUPS,
    *,
    private_monitoring: bool = True,
) -> list[str]:
    """Return the group ids of all endpoints of a private workspace and its services.

    ``storage_groups``: those of its storage account. ``private_monitoring``: whether
    Azure Monitor is reached privately too.
    """
    monitoring = ["azuremonitor"] if private_monitoring else []
    return ["amlworkspace", *storage_groups, "vault", "registry", *monitoring]


def addresses_needed(group_ids: Iterable[str]) -> int:
    """Return how many subnet addresses one endpoint per item of ``group_ids`` takes."""
    return sum(ADDRESSES_BY_GROUP.get(group.lower(), 1) for group in group_ids)


def required_groups(
    resource_type: str,
    *,
    hierarchical_namespace: bool = False,
    batch: bool = False,
) -> tuple[str, ...]:
    """Return the group ids a resource needs an endpoint for; () for other types.

    ``hierarchical_namespace`` and ``batch`` say how a storage account is used.
    """
    canonical = _canonical_type(resource_type)
    groups = REQUIRED_GROUPS.get(canonical, ())
    if canonical == STORAGE_ACCOUNT and batch:
        groups += BATCH_GROUPS
    if canonical == STORAGE_ACCOUNT and hierarchical_namespace:
        groups += HIERARCHICAL_NAMESPACE_GROUPS
    return groups


def missing_groups(
    resource_type: str,
    present: Iterable[str],
    *,
    path: str = "",
    hierarchical_namespace: bool = False,
    batch: bool = False,
) -> list[Finding]:
    """Return one finding per required endpoint that is not among ``present``.

    ``present``: the group ids of the endpoints that the resource has.
    """
    have = {group.lower() for group in present}
    wanted = required_groups(
        resource_type, hierarchical_namespace=hierarchical_namespace, batch=batch
    )
    return [
        Finding(
            path,
            f"no private endpoint with group id '{group}'; "
            f"add one, {resource_type} is not reachable privately without it",
        )
        for group in wanted
        if group.lower() not in have
    ]


def group_findings(
    resource_type: str, group_ids: Iterable[str], *, path: str = "groupIds"
) -> list[Finding]:
    """Check that one connection names exactly one group id that its target offers.

    Types outside the table are checked for the count only.
    """
    groups = tuple(group_ids)
    if len(groups) != 1:
        listed = ", ".join(f"'{group}'" for group in groups) or "none"
        return [
            Finding(path, f"{listed}; a connection has exactly one group id, name one")
        ]
    valid = GROUP_IDS_BY_TYPE.get(_canonical_type(resource_type))
    if valid is None or groups[0].lower() in {group.lower() for group in valid}:
        return []
    return [
        Finding(
            path,
            f"'{groups[0]}' is not a group id of {resource_type}; "
            f"{suggestion(groups[0], valid)}",
        )
    ]


def zone_findings(
    group_ids: Iterable[str],
    present: Iterable[str],
    cloud_name: str = PUBLIC,
    *,
    path: str = "",
) -> list[Finding]:
    """Compare the zones of an endpoint's zone group with those its group ids need.

    One finding per missing zone and one per zone that has no business there. Group
    ids without published zones in this cloud give a finding of their own.
    """
    groups = tuple(group_ids)
    wanted: list[str] = []
    for group in groups:
        try:
            wanted.extend(zone_names(group, cloud_name))
        except ValueError as error:
            return [Finding(path, str(error))]
    have = {name.lower().rstrip(".") for name in present}
    listed = ", ".join(f"'{group}'" for group in groups)
    missing = [
        Finding(path, f"zone '{name}' is missing; {listed} needs it, add it")
        for name in wanted
        if name not in have
    ]
    foreign = [
        Finding(path, f"zone '{name}' does not belong to {listed}; remove it")
        for name in sorted(have.difference(wanted))
    ]
    return missing + foreign


_TYPE_BY_LOWER = {known.lower(): known for known in GROUP_IDS_BY_TYPE}


def _canonical_type(resource_type: str) -> str:
    return _TYPE_BY_LOWER.get(resource_type.lower(), resource_type)

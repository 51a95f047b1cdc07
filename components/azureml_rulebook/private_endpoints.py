"""What a private endpoint must be like: its group id, its zones, its addresses.

The checks take plain values and return findings, so that a component can run them on
its inputs and a policy on the plan. Group ids and ARM types compare without regard to
case, as Azure does.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import cast

from azureml_rulebook.address_ranges import read_subnet_address
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
from azureml_rulebook.resource_ids import SUBNET, read_resource_id
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

MONITOR_ADDRESSES = 12
"""Addresses that the endpoint of Azure Monitor takes, "about a dozen": their number
follows the service's global endpoints
(https://learn.microsoft.com/azure/azure-monitor/logs/private-link-configure)."""


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """The names of the addresses that an endpoint takes, all of them or none."""

    group_id: str
    members: tuple[str, ...]
    """As the service calls them; ``{region}`` is the region of the resource."""
    page: str


_REST = "https://learn.microsoft.com/rest/api"


def _storage_member(group_id: str) -> MemberRow:
    return MemberRow(
        group_id=group_id,
        members=(group_id,),
        page=f"{_REST}/storagerp/private-link-resources/list-by-storage-account",
    )


MEMBER_ROWS: dict[str, MemberRow] = {
    row.group_id: row
    for row in (
        MemberRow(
            group_id="amlworkspace",
            members=("default", "notebook", "inference"),
            page=(
                "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns "
                f"{_REST}/azureml/private-link-resources/list"
            ),
        ),
        _storage_member("blob"),
        _storage_member("file"),
        _storage_member("queue"),
        _storage_member("table"),
        _storage_member("dfs"),
        MemberRow(
            group_id="vault",
            members=("default",),
            page=f"{_REST}/keyvault/keyvault/private-link-resources/list-by-vault",
        ),
        MemberRow(
            group_id="registry",
            members=("registry", "registry_data_{region}"),
            page=(
                "https://learn.microsoft.com/azure/container-registry/"
                "container-registry-private-link"
            ),
        ),
    )
}
"""Group id to the addresses that can be static. That of Azure Monitor is not here: the
number of its addresses follows the service's global endpoints."""


DEFAULT_STORAGE_GROUPS: tuple[str, ...] = ("blob", "file")
"""Storage endpoints that every workspace needs."""


def workspace_groups(
    storage_groups: Iterable[str] = DEFAULT_STORAGE_GROUPS,
    *,
    private_vault: bool = True,
    private_monitoring: bool = True,
) -> list[str]:
    """Return the group ids of all endpoints of a private workspace and its services.

    ``storage_groups``: those of its storage account. ``private_vault``,
    ``private_monitoring``: whether the vault and Azure Monitor have one too.
    """
    vault = ["vault"] if private_vault else []
    monitoring = ["azuremonitor"] if private_monitoring else []
    return ["amlworkspace", *storage_groups, *vault, "registry", *monitoring]


def addresses_needed(group_ids: Iterable[str]) -> int:
    """Return how many subnet addresses one endpoint per item of ``group_ids`` takes."""
    taken = {row.group_id: len(row.members) for row in MEMBER_ROWS.values()}
    taken["azuremonitor"] = MONITOR_ADDRESSES
    return sum(taken.get(group.lower(), 1) for group in group_ids)


def member_names(group_id: str, region: str) -> tuple[str, ...]:
    """Return what the addresses of an endpoint are called; () if their number varies.

    ``region``: that of the resource, as Azure spells it.
    """
    row = MEMBER_ROWS.get(group_id)
    return () if row is None else tuple(m.format(region=region) for m in row.members)


def read_addresses(
    given: Mapping[str, object],
    group_ids: Collection[str],
    region: str,
    *,
    subnet: IPv4Network | None = None,
    path: str = "endpoint_addresses",
) -> tuple[dict[str, tuple[IPv4Address, ...]], list[Finding]]:
    """Read the static addresses of endpoints by group id.

    Args:
        given: group id to a list of addresses, in the order of ``member_names``.
        group_ids: those of the endpoints that there are.
        region: that of the resources, as Azure spells it.
        subnet: the range of the endpoints' subnet, where it is known.
        path: where they were given.

    Returns:
        The addresses of each endpoint that nothing is wrong with, and the findings.
    """
    read: dict[str, tuple[IPv4Address, ...]] = {}
    findings: list[Finding] = []
    names = {group.lower(): group for group in group_ids}
    for key, texts in given.items():
        place = f"{path}.{key}"
        group = names.get(key.lower())
        if group is None:
            findings.append(
                Finding(
                    place,
                    "there is no private endpoint with this group id; "
                    f"{suggestion(key, group_ids)}",
                )
            )
            continue
        found = _addresses(texts, member_names(group, region), subnet, place)
        findings += [item for item in found if isinstance(item, Finding)]
        addresses = [item for item in found if isinstance(item, IPv4Address)]
        if len(addresses) == len(found):
            read[group] = tuple(addresses)
    return read, findings + _twice(read, path)


def _addresses(
    texts: object, members: Sequence[str], subnet: IPv4Network | None, path: str
) -> list[IPv4Address | Finding]:
    """Read the addresses of one endpoint, one for each of its ``members``."""
    if not members:
        return [
            Finding(
                path,
                "the number of its addresses follows the service; leave it out, Azure "
                "chooses them",
            )
        ]
    listed = ", ".join(members)
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        return [Finding(path, f"{texts!r} is not a list; give addresses for {listed}")]
    items = cast(Sequence[object], texts)
    if len(items) != len(members):
        return [
            Finding(
                path,
                f"has {len(items)}; this endpoint takes {len(members)}, give addresses "
                f"for {listed}, in this order",
            )
        ]
    return [
        read_subnet_address(
            text, subnet, f"{path}[{index}]", whose="the endpoints' subnet"
        )
        for index, text in enumerate(items)
    ]


def _twice(read: Mapping[str, Sequence[IPv4Address]], path: str) -> list[Finding]:
    """Find addresses that are given twice."""
    findings: list[Finding] = []
    first: dict[IPv4Address, str] = {}
    for group, addresses in read.items():
        for index, address in enumerate(addresses):
            place = f"{path}.{group}[{index}]"
            other = first.setdefault(address, place)
            if other != place:
                findings.append(
                    Finding(
                        place,
                        f"'{address}' is {other} already; give each an address of its "
                        "own",
                    )
                )
    return findings


def subnet_findings(
    subnet_id: object, subscription_id: object, *, path: str
) -> list[Finding]:
    """Check that endpoints can be made in a subnet from a subscription.

    They are made in the subscription of their network
    (https://learn.microsoft.com/azure/private-link/private-endpoint-overview). What is
    not a plain id is not looked at.
    """
    if not isinstance(subnet_id, str) or not isinstance(subscription_id, str):
        return []
    found = read_resource_id(subnet_id, SUBNET, path)
    if isinstance(found, Finding):
        return []
    if found.subscription_id.lower() == subscription_id.lower():
        return []
    return [
        Finding(
            path,
            f"is in subscription '{found.subscription_id}', where these endpoints "
            f"would have to be made; give a subnet of '{subscription_id}'",
        )
    ]


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

"""Which private DNS zones each kind of private endpoint needs, per cloud.

A private endpoint names one sub-resource (group id) of its target. Its names resolve
to private addresses only if all the zones listed here exist, are linked to every
network with clients, and stand in the endpoint's one zone group.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT, cloud
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import (
    PRIVATE_DNS_ZONE,
    ResourceId,
    id_form,
    read_resource_id,
)
from azureml_rulebook.spelling import suggestion

_ENDPOINT_DNS = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"
_CUSTOM_DNS = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns#"
    "understand-workspace-fqdns"
)
_REGISTRY_GOVERNMENT = "https://github.com/MicrosoftDocs/azure-docs/issues/109086"

_PRIVATE = "privatelink."

WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
MACHINE_LEARNING_REGISTRY = "Microsoft.MachineLearningServices/registries"
STORAGE_ACCOUNT = "Microsoft.Storage/storageAccounts"
KEY_VAULT = "Microsoft.KeyVault/vaults"
CONTAINER_REGISTRY = "Microsoft.ContainerRegistry/registries"
PRIVATE_LINK_SCOPE = "Microsoft.Insights/privateLinkScopes"
COGNITIVE_SERVICES = "Microsoft.CognitiveServices/accounts"
SEARCH = "Microsoft.Search/searchServices"


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """The zones of one group id."""

    group_id: str
    resource_type: str
    """ARM type of the resource that offers this group id."""
    zones: dict[str, tuple[str, ...]]
    """Zone names by cloud, in the order of the Azure page; a cloud without an entry
    has no published zones."""
    page: str
    """The Azure page that lists them."""
    further_public_zones: dict[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """Public zones that its names stand in besides those that ``zones`` shadow, by
    cloud."""


def _storage(group_id: str) -> ZoneRow:
    return ZoneRow(
        group_id=group_id,
        resource_type=STORAGE_ACCOUNT,
        zones={
            PUBLIC: (f"privatelink.{group_id}.core.windows.net",),
            US_GOVERNMENT: (f"privatelink.{group_id}.core.usgovcloudapi.net",),
            CHINA: (f"privatelink.{group_id}.core.chinacloudapi.cn",),
        },
        page=_ENDPOINT_DNS,
    )


ZONE_ROWS: tuple[ZoneRow, ...] = (
    # One endpoint, two zones: without the second one notebooks do not open.
    ZoneRow(
        group_id="amlworkspace",
        resource_type=WORKSPACE,
        zones={
            PUBLIC: (
                "privatelink.api.azureml.ms",
                "privatelink.notebooks.azure.net",
            ),
            US_GOVERNMENT: (
                "privatelink.api.ml.azure.us",
                "privatelink.notebooks.usgovcloudapi.net",
            ),
            CHINA: (
                "privatelink.api.ml.azure.cn",
                "privatelink.notebooks.chinacloudapi.cn",
            ),
        },
        page=f"{_ENDPOINT_DNS} {_CUSTOM_DNS}",
        # The two pages do not agree on the zone of compute instances: both are named.
        further_public_zones={
            PUBLIC: (
                "instances.azureml.ms",
                "instances.ml.azure.ms",
                "aznbcontent.net",
                "inference.ml.azure.com",
            ),
            US_GOVERNMENT: (
                "instances.azureml.us",
                "instances.ml.azure.us",
                "aznbcontent.net",
                "inference.ml.azure.us",
            ),
            CHINA: (
                "instances.azureml.cn",
                "instances.ml.azure.ms",
                "aznbcontent.net",
                "inference.ml.azure.cn",
            ),
        },
    ),
    ZoneRow(
        group_id="amlregistry",
        resource_type=MACHINE_LEARNING_REGISTRY,
        zones={PUBLIC: ("privatelink.api.azureml.ms",)},
        page=_ENDPOINT_DNS,
    ),
    _storage("blob"),
    _storage("file"),
    _storage("queue"),
    _storage("table"),
    _storage("dfs"),
    _storage("web"),
    # Not "privatelink." + the vault suffix: privatelink.vault.azure.net resolves
    # nothing.
    ZoneRow(
        group_id="vault",
        resource_type=KEY_VAULT,
        zones={
            PUBLIC: ("privatelink.vaultcore.azure.net",),
            US_GOVERNMENT: ("privatelink.vaultcore.usgovcloudapi.net",),
            CHINA: ("privatelink.vaultcore.azure.cn",),
        },
        page=_ENDPOINT_DNS,
        further_public_zones={
            PUBLIC: ("vault.azure.net",),
            US_GOVERNMENT: ("vault.usgovcloudapi.net",),
        },
    ),
    ZoneRow(
        group_id="registry",
        resource_type=CONTAINER_REGISTRY,
        zones={
            PUBLIC: ("privatelink.azurecr.io",),
            US_GOVERNMENT: ("privatelink.azurecr.us",),
            CHINA: ("privatelink.azurecr.cn",),
        },
        page=f"{_ENDPOINT_DNS} {_REGISTRY_GOVERNMENT}",
    ),
    # Shares the blob zone with storage accounts: one zone serves both.
    ZoneRow(
        group_id="azuremonitor",
        resource_type=PRIVATE_LINK_SCOPE,
        zones={
            PUBLIC: (
                "privatelink.monitor.azure.com",
                "privatelink.oms.opinsights.azure.com",
                "privatelink.ods.opinsights.azure.com",
                "privatelink.agentsvc.azure-automation.net",
                "privatelink.blob.core.windows.net",
            ),
            US_GOVERNMENT: (
                "privatelink.monitor.azure.us",
                "privatelink.adx.monitor.azure.us",
                "privatelink.oms.opinsights.azure.us",
                "privatelink.ods.opinsights.azure.us",
                "privatelink.agentsvc.azure-automation.us",
                "privatelink.blob.core.usgovcloudapi.net",
            ),
        },
        page=_ENDPOINT_DNS,
        # Application Insights takes data there, under names of both zones.
        further_public_zones={
            PUBLIC: ("services.visualstudio.com", "applicationinsights.azure.com"),
        },
    ),
    ZoneRow(
        group_id="account",
        resource_type=COGNITIVE_SERVICES,
        zones={
            PUBLIC: (
                "privatelink.cognitiveservices.azure.com",
                "privatelink.openai.azure.com",
            ),
            US_GOVERNMENT: ("privatelink.cognitiveservices.azure.us",),
        },
        page=_ENDPOINT_DNS,
    ),
    ZoneRow(
        group_id="searchService",
        resource_type=SEARCH,
        zones={
            PUBLIC: ("privatelink.search.windows.net",),
            US_GOVERNMENT: ("privatelink.search.windows.us",),
        },
        page=_ENDPOINT_DNS,
    ),
)

_ROW_BY_GROUP = {row.group_id.lower(): row for row in ZONE_ROWS}

GROUP_IDS: tuple[str, ...] = tuple(row.group_id for row in ZONE_ROWS)
"""Every group id that the table knows, in its order."""

GROUP_IDS_BY_TYPE: dict[str, tuple[str, ...]] = {
    resource_type: tuple(
        row.group_id for row in ZONE_ROWS if row.resource_type == resource_type
    )
    for resource_type in dict.fromkeys(row.resource_type for row in ZONE_ROWS)
}
"""ARM resource type to the group ids that its private endpoints may name."""


def zone_row(group_id: str) -> ZoneRow:
    """Return the table's row for ``group_id``, without regard to case.

    Raises ValueError for an unknown group id, naming the nearest one.
    """
    try:
        return _ROW_BY_GROUP[group_id.lower()]
    except KeyError:
        raise ValueError(
            f"'{group_id}' is not a known private endpoint group id; "
            f"{suggestion(group_id, GROUP_IDS)}"
        ) from None


def zone_names(group_id: str, cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return the private DNS zones that an endpoint with ``group_id`` needs.

    Raises ValueError for an unknown group id or cloud, naming the nearest one, and for
    a service that has no published private DNS zones in that cloud.
    """
    row = zone_row(group_id)
    place = cloud(cloud_name)
    try:
        return row.zones[place.name]
    except KeyError:
        raise ValueError(
            f"'{row.group_id}' has no published private DNS zone in {place.title}; "
            f"leave it out, or use one of: {', '.join(sorted(row.zones))}"
        ) from None


def zones_for(group_ids: tuple[str, ...], cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return the zones that all of ``group_ids`` need together, each one once.

    Raises ValueError as ``zone_names`` does.
    """
    names = (name for group in group_ids for name in zone_names(group, cloud_name))
    return tuple(dict.fromkeys(names))


def forwarded_zones(
    group_ids: Iterable[str], cloud_name: str = PUBLIC
) -> tuple[str, ...]:
    """Return the public zones that DNS servers on-premises must forward into Azure.

    To an address inside a network that is linked to the private zones, such as the
    inbound endpoint of a DNS Private Resolver. Never the private zones themselves: the
    public name is an alias of the private one, and a server that does not ask Azure for
    the public name may look the alias up elsewhere
    (https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns).

    Raises ValueError as ``zone_names`` does.
    """
    zones: list[str] = []
    for group in group_ids:
        private = zone_names(group, cloud_name)
        zones += [zone.removeprefix(_PRIVATE) for zone in private]
        zones += zone_row(group).further_public_zones.get(cloud_name, ())
    return tuple(dict.fromkeys(zones))


def all_forwarded_zones(cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return ``forwarded_zones`` of every group id that has zones in a cloud."""
    return forwarded_zones(groups_with_zones(cloud_name), cloud_name)


def groups_with_zones(cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return the group ids that have published zones in a cloud, which is a known one.

    In the order of the table.
    """
    return tuple(row.group_id for row in ZONE_ROWS if cloud_name in row.zones)


def fallback_zones(cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return the zones whose links to a network with a VPN gateway must fall back.

    The gateway keeps what it needs in storage accounts of Azure's own; without a
    fallback to public DNS it cannot resolve their names
    (https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq).
    """
    return zone_names("blob", cloud_name)


def zone_id_findings(zone: str, zone_id: object, *, path: str) -> list[Finding]:
    """Check that ``zone_id`` is the resource id of a private DNS zone called ``zone``.

    Without regard to case, as Azure compares ids.
    """
    found = read_resource_id(zone_id, PRIVATE_DNS_ZONE, path)
    if isinstance(found, ResourceId) and found.name.lower() == zone.lower():
        return []
    return [
        Finding(
            path,
            f"{zone_id!r} is not the id of that zone; "
            f"give {id_form(PRIVATE_DNS_ZONE, zone)}",
        )
    ]

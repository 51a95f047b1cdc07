"""What Azure refuses when a resource is written or deleted, rule by rule.

Each rule is one function that looks at the store and raises AzureError with Azure's
code and text; the tables below say which rules a type has. azure-native calls Azure
only in `up`, so none of this shows at preview.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules import (
    deleted_names,
    every_type,
    networks,
    private_dns,
    roles,
)
from emulator.azure_rules.deleted_names import keep_deleted_names
from emulator.azure_rules.requests import Write
from emulator.catalogue import ResourceType
from emulator.resource_paths import last_name, resource_group_of
from emulator.store import Resource, Store

__all__ = ["check_delete", "check_write", "keep_deleted_names", "not_found"]

WriteRule = Callable[[Write], None]
DeleteRule = Callable[[Store, Resource], None]

_GLOBAL = every_type.location_is("global")
# https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups
_ACTION_GROUP_LOCATION = every_type.location_is(
    "global",
    "swedencentral",
    "germanywestcentral",
    "northcentralus",
    "southcentralus",
)
_WRITE_RULES: tuple[WriteRule, ...] = (
    every_type.resource_group_exists,
    every_type.parent_exists,
    every_type.references_exist,
    every_type.location_stays,
)
_WRITE_RULES_BY_TYPE: dict[str, tuple[WriteRule, ...]] = {
    "network:VirtualNetwork": (networks.prefixes_are_valid,),
    "network:Subnet": (networks.prefixes_are_valid, networks.subnet_fits),
    "privatedns:PrivateZone": (_GLOBAL,),
    "privatedns:VirtualNetworkLink": (_GLOBAL, private_dns.one_link_per_network),
    "monitor:ActionGroup": (_ACTION_GROUP_LOCATION,),
    "monitor:MetricAlert": (_GLOBAL,),
    "monitor:PrivateLinkScope": (_GLOBAL,),
    "network:PrivateDnsZoneGroup": (private_dns.one_zone_group,),
    "authorization:RoleAssignment": (roles.role_is_new,),
    "machinelearningservices:Workspace": (deleted_names.workspace_name_is_free,),
    "keyvault:Vault": (
        deleted_names.vault_name_is_free,
        every_type.name_is_free_everywhere("VaultAlreadyExists", "vault"),
    ),
    "storage:StorageAccount": (
        every_type.name_is_free_everywhere(
            "StorageAccountAlreadyTaken", "storage account"
        ),
    ),
    "containerregistry:Registry": (
        every_type.name_is_free_everywhere("AlreadyInUse", "registry DNS name"),
    ),
}
_DELETE_RULES_BY_TYPE: dict[str, tuple[DeleteRule, ...]] = {
    "network:Subnet": (networks.subnet_is_unused,),
    "network:VirtualNetwork": (networks.network_is_unused,),
    "privatedns:PrivateZone": (private_dns.zone_has_no_links,),
    "network:NetworkSecurityGroup": (
        networks.cannot_go_while_used(
            "InUseNetworkSecurityGroupCannotBeDeleted", "Network security group"
        ),
    ),
    "network:RouteTable": (
        networks.cannot_go_while_used("InUseRouteTableCannotBeDeleted", "Route table"),
    ),
    "network:NatGateway": (
        networks.cannot_go_while_used("InUseNatGatewayCannotBeDeleted", "Nat Gateway"),
    ),
    "network:PublicIPAddress": (
        networks.cannot_go_while_used(
            "PublicIPAddressCannotBeDeleted", "Public IP address"
        ),
    ),
    "network:NetworkInterface": (
        networks.cannot_go_while_used("NicInUse", "Network Interface"),
    ),
    "network:FirewallPolicy": (
        networks.cannot_go_while_used(
            "FirewallPolicyDeleteNotAllowed", "Firewall Policy"
        ),
    ),
}


def check_write(
    store: Store,
    resource_type: ResourceType,
    resource_id: str,
    inputs: Mapping[str, Any],
) -> None:
    """Raise the first refusal that Azure would answer to this PUT."""
    write = Write(store, resource_type, resource_id, inputs, store.get(resource_id))
    for rule in _WRITE_RULES:
        rule(write)
    for rule in _WRITE_RULES_BY_TYPE.get(resource_type.token, ()):
        rule(write)


def check_delete(store: Store, resource: Resource) -> None:
    """Raise the first refusal that Azure would answer to this DELETE."""
    for rule in _DELETE_RULES_BY_TYPE.get(resource.token, ()):
        rule(store, resource)


def not_found(resource_type: ResourceType, resource_id: str) -> AzureError:
    """Azure's answer for a resource that does not exist."""
    group = resource_group_of(resource_id)
    name = f"{resource_type.path.resource_type}/{last_name(resource_id)}"
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{name}' under resource group '{group}' was not found.",
    )

"""What Azure refuses when a resource is written or deleted, rule by rule.

Each rule is one function that looks at the store and raises AzureError with Azure's
code and text; the tables below say which rules a type has. azure-native calls Azure
only in `up`, so none of this shows at preview.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules import (
    computes,
    deleted_names,
    every_type,
    firewalls,
    fixed_subnets,
    flow_logs,
    in_use,
    load_balancers,
    locks,
    machine_learning,
    managed_networks,
    networks,
    peerings,
    private_dns,
    private_endpoints,
    public_addresses,
    resolvers,
    roles,
    security_groups,
    service_endpoints,
    workspace_services,
)
from emulator.azure_rules.bastion_rules import bastion_group_is_complete
from emulator.azure_rules.deleted_names import keep_deleted_names
from emulator.azure_rules.requests import Write
from emulator.catalogue import ResourceType
from emulator.resource_paths import last_name, resource_group_of
from emulator.store import Resource, Store

__all__ = [
    "check_delete",
    "check_locks",
    "check_outcome",
    "check_write",
    "find",
    "keep_deleted_names",
    "not_found",
]

WriteRule = Callable[[Write], None]
StoreRule = Callable[[Store, Resource], None]

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
    every_type.identities_exist,
    every_type.references_exist,
    every_type.location_stays,
)
_WRITE_RULES_BY_TYPE: dict[str, tuple[WriteRule, ...]] = {
    "network:VirtualNetwork": (
        networks.prefixes_are_valid,
        networks.space_is_usable,
        networks.subnets_stay_inside,
        networks.encryption_lets_plain_traffic_pass,
        peerings.peered_network_stays_apart,
    ),
    "network:Subnet": (
        networks.prefixes_are_valid,
        networks.subnet_is_large_enough,
        networks.subnet_fits,
        networks.used_subnet_keeps_its_range,
        networks.attachments_are_in_the_region,
        fixed_subnets.no_security_group,
        fixed_subnets.routes_are_allowed,
        fixed_subnets.no_nat_gateway_at_gateway,
        public_addresses.nat_gateway_serves_one_network,
        service_endpoints.policy_needs_its_endpoint,
    ),
    "network:VirtualNetworkPeering": (
        peerings.peered_spaces_are_apart,
        peerings.gateways_are_there,
        peerings.other_side_waits,
    ),
    "network:NetworkSecurityGroup": (security_groups.rules_agree,),
    "network:SecurityRule": (
        security_groups.rule_is_valid,
        security_groups.rule_does_not_conflict,
        security_groups.groups_are_of_one_network,
    ),
    "network:Route": (fixed_subnets.route_is_allowed,),
    "network:NetworkInterface": (
        resolvers.stays_out_of_delegated_subnets,
        security_groups.card_joins_groups_of_its_network,
    ),
    "network:PrivateEndpoint": (
        resolvers.stays_out_of_delegated_subnets,
        private_endpoints.groups_are_the_targets,
        private_endpoints.target_takes_endpoints,
        private_endpoints.static_addresses_are_complete,
        private_endpoints.static_addresses_are_in_the_subnet,
    ),
    "network:PublicIPAddress": (public_addresses.address_is_offered,),
    "network:NatGateway": (public_addresses.nat_gateway_is_zonal,),
    "network:LoadBalancer": (
        load_balancers.sku_is_offered,
        load_balancers.parts_exist,
        load_balancers.outbound_rules_are_public,
    ),
    "network:AzureFirewall": (
        firewalls.firewall_is_at_home,
        firewalls.firewall_is_in_its_networks_group,
        firewalls.firewall_addresses_fit,
        firewalls.firewall_and_policy_fit,
    ),
    "network:FirewallPolicy": (firewalls.policy_fits_its_tier,),
    "network:FirewallPolicyRuleCollectionGroup": (firewalls.collections_are_valid,),
    "network:BastionHost": (
        fixed_subnets.bastion_is_at_home,
        public_addresses.bastion_address_is_standard,
    ),
    "network:VirtualNetworkGateway": (fixed_subnets.gateway_is_at_home,),
    "network:ServiceEndpointPolicyDefinition": (service_endpoints.definition_is_valid,),
    "network:FlowLog": (
        flow_logs.flow_log_is_new,
        flow_logs.analytics_workspace_is_where_it_is_said,
    ),
    "dnsresolver:InboundEndpoint": (resolvers.endpoint_has_its_own_subnet,),
    "dnsresolver:OutboundEndpoint": (resolvers.endpoint_has_its_own_subnet,),
    "privatedns:PrivateZone": (_GLOBAL,),
    "privatedns:VirtualNetworkLink": (
        _GLOBAL,
        private_dns.one_link_per_network,
        private_dns.registration_is_possible,
    ),
    "monitor:ActionGroup": (_ACTION_GROUP_LOCATION,),
    "monitor:MetricAlert": (_GLOBAL,),
    "monitor:PrivateLinkScope": (_GLOBAL,),
    "network:PrivateDnsZoneGroup": (private_dns.one_zone_group,),
    "authorization:RoleAssignment": (roles.role_is_new,),
    "machinelearningservices:Compute": (
        computes.kind_has_clusters,
        computes.subnet_is_allowed,
        computes.private_nodes_reach_the_workspace,
        computes.instance_name_is_free,
        computes.idle_time_is_allowed,
    ),
    "machinelearningservices:ManagedNetworkSettingsRule": (
        managed_networks.rule_fits_the_mode,
    ),
    "machinelearningservices:OnlineEndpoint": (computes.online_endpoint_name_is_free,),
    "machinelearningservices:Workspace": (
        deleted_names.workspace_name_is_free,
        machine_learning.project_has_a_hub,
        machine_learning.hub_has_no_own_network,
        machine_learning.storage_is_flat,
        machine_learning.storage_stays,
        machine_learning.identity_is_named,
        machine_learning.key_vault_keeps_keys,
        machine_learning.network_is_one,
        managed_networks.mode_does_not_go_back,
        managed_networks.rules_fit_the_mode,
    ),
    "keyvault:Vault": (
        deleted_names.vault_name_is_free,
        every_type.name_is_free_everywhere("VaultAlreadyExists", "vault"),
        workspace_services.vault_protection_stays,
        workspace_services.subnets_have_vault_endpoints,
    ),
    "storage:StorageAccount": (
        workspace_services.storage_key_is_kept,
        workspace_services.subnets_have_storage_endpoints,
        every_type.name_is_free_everywhere(
            "StorageAccountAlreadyTaken", "storage account"
        ),
    ),
    "containerregistry:Registry": (
        workspace_services.registry_goes_with_its_sku,
        workspace_services.exports_need_the_public,
        workspace_services.registry_key_is_there_from_the_start,
        every_type.name_is_free_everywhere("AlreadyInUse", "registry DNS name"),
    ),
}
# What a write, or the deletion of a child, must leave behind.
_OUTCOME_RULES_BY_TYPE: dict[str, tuple[StoreRule, ...]] = {
    "network:VirtualNetwork": (bastion_group_is_complete,),
    "network:Subnet": (bastion_group_is_complete,),
    "network:NetworkSecurityGroup": (bastion_group_is_complete,),
    "network:SecurityRule": (bastion_group_is_complete,),
}


def find(store: Store, resource_id: str) -> Resource | None:
    """A resource of the store, or one that Azure makes by itself."""
    return store.get(resource_id) or flow_logs.made_by_azure(store, resource_id)


def check_locks(store: Store, resource_id: str, *, deletes: bool) -> None:
    """Raise Azure's refusal if a management lock forbids a request."""
    rule = locks.may_be_deleted if deletes else locks.may_be_written
    rule(store, resource_id)


def check_write(
    store: Store,
    resource_type: ResourceType,
    resource_id: str,
    inputs: Mapping[str, Any],
    *,
    existing: Resource | None,
    in_list: bool = False,
) -> None:
    """Raise the first refusal that Azure would answer to this PUT.

    `existing` is what is overwritten; `in_list` as in Write.
    """
    write = Write(store, resource_type, resource_id, inputs, existing, in_list)
    for rule in _WRITE_RULES:
        rule(write)
    for rule in _WRITE_RULES_BY_TYPE.get(resource_type.token, ()):
        rule(write)


def check_outcome(store: Store, resource: Resource) -> None:
    """Raise the refusal of what a whole request, children too, has left behind."""
    for rule in _OUTCOME_RULES_BY_TYPE.get(resource.token, ()):
        rule(store, resource)


def check_delete(store: Store, resource: Resource) -> None:
    """Raise the first refusal that Azure would answer to this DELETE."""
    rule = in_use.RULES_BY_TYPE.get(resource.token)
    if rule is not None:
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

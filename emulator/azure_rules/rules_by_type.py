"""Which rules a type has: one row for each type that Azure refuses anything of."""

from collections.abc import Callable

from emulator.azure_rules import (
    bastion_hosts,
    circuits,
    computes,
    deleted_names,
    endpoint_connections,
    every_type,
    firewalls,
    fixed_subnets,
    flow_logs,
    gateway_clients,
    gateway_connections,
    gateways,
    load_balancer_rules,
    load_balancers,
    machine_changes,
    machine_learning,
    machine_services,
    machines,
    managed_networks,
    network_cards,
    networks,
    peerings,
    policy_assignments,
    private_dns,
    private_endpoints,
    private_link_services,
    public_addresses,
    resolvers,
    roles,
    security_groups,
    service_endpoints,
    workspace_services,
)
from emulator.azure_rules.bastion_rules import bastion_group_is_complete
from emulator.azure_rules.requests import Write
from emulator.azure_rules.static_addresses import static_addresses_are_usable
from emulator.endpoint_connections import CONNECTIONS
from emulator.store import Resource, Store

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
WRITE_RULES: tuple[WriteRule, ...] = (
    every_type.resource_group_exists,
    every_type.parent_exists,
    every_type.identities_exist,
    every_type.references_exist,
    every_type.location_stays,
    policy_assignments.policies_allow,
)
WRITE_RULES_BY_TYPE: dict[str, tuple[WriteRule, ...]] = {
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
        network_cards.network_is_in_the_region,
        public_addresses.addresses_are_free,
        network_cards.pools_are_of_the_network,
        static_addresses_are_usable,
    ),
    "network:PrivateEndpoint": (
        resolvers.stays_out_of_delegated_subnets,
        private_endpoints.groups_are_the_targets,
        private_endpoints.target_takes_endpoints,
        private_endpoints.static_addresses_are_complete,
        private_endpoints.static_addresses_are_usable,
        private_link_services.endpoint_asks_rightly,
    ),
    "network:PrivateLinkService": (
        private_link_services.subnets_have_no_policies,
        private_link_services.balancer_is_fit,
        private_link_services.pools_are_of_interfaces,
        private_link_services.configurations_are_few,
        private_link_services.approved_can_see_it,
        private_link_services.balancer_stays,
        static_addresses_are_usable,
    ),
    "network:PublicIPAddress": (public_addresses.address_is_offered,),
    "network:NatGateway": (
        public_addresses.nat_gateway_is_zonal,
        public_addresses.addresses_are_free,
    ),
    "network:LoadBalancer": (
        load_balancers.sku_is_offered,
        load_balancers.zones_stay,
        load_balancers.parts_exist,
        public_addresses.addresses_are_free,
        load_balancers.outbound_rules_are_public,
        load_balancer_rules.probes_are_valid,
        load_balancer_rules.ports_are_valid,
        load_balancer_rules.rules_do_not_meet,
        static_addresses_are_usable,
    ),
    "network:LoadBalancerBackendAddressPool": (
        load_balancer_rules.pool_is_of_one_kind,
        private_link_services.service_keeps_its_pools,
    ),
    "network:AzureFirewall": (
        firewalls.firewall_is_at_home,
        firewalls.firewall_is_in_its_networks_group,
        firewalls.firewall_addresses_fit,
        public_addresses.addresses_are_free,
        firewalls.firewall_and_policy_fit,
    ),
    "network:FirewallPolicy": (firewalls.policy_fits_its_tier,),
    "network:FirewallPolicyRuleCollectionGroup": (firewalls.collections_are_valid,),
    "network:BastionHost": (
        fixed_subnets.bastion_is_at_home,
        public_addresses.bastion_address_is_standard,
        public_addresses.addresses_are_free,
        bastion_hosts.sku_does_not_go_down,
        bastion_hosts.sku_has_the_options,
        bastion_hosts.sku_has_the_scale_units,
        bastion_hosts.configurations_fit_the_sku,
        bastion_hosts.private_host_has_no_public_address,
        bastion_hosts.subnet_is_empty,
    ),
    "network:VirtualNetworkGateway": (
        fixed_subnets.gateway_is_at_home,
        gateways.kind_stays,
        gateways.size_is_offered,
        gateways.network_has_no_other,
        gateways.addresses_fit,
        public_addresses.addresses_are_free,
        gateways.basic_is_plain,
        gateways.configurations_are_enough,
        gateways.number_is_free,
        gateways.own_translations_need_a_size,
        gateways.used_translations_stay,
        gateway_clients.clients_stay_apart,
        gateway_clients.certificates_are_valid,
    ),
    "network:VirtualNetworkGatewayNatRule": (gateways.translation_needs_a_size,),
    "network:LocalNetworkGateway": (gateway_connections.site_has_one_address,),
    "network:VirtualNetworkGatewayConnection": (
        gateway_connections.other_end_fits,
        gateway_connections.policies_are_complete,
        gateway_connections.numbers_differ,
        gateway_connections.site_and_clients_are_apart,
        gateway_connections.circuit_is_ready,
        gateway_connections.gateway_has_the_fast_path,
    ),
    "network:ExpressRouteCircuit": (
        circuits.sku_is_consistent,
        circuits.circuit_does_not_shrink,
    ),
    "network:ExpressRouteCircuitPeering": (
        circuits.provider_is_done,
        circuits.links_are_valid,
    ),
    "compute:VirtualMachine": (
        machine_changes.fixed_properties_stay,
        machines.computer_name_is_allowed,
        machines.user_is_allowed,
        machines.password_is_strong,
        machines.somebody_can_sign_in,
        machines.secure_boot_has_its_type,
        machines.interfaces_are_free,
        machines.disks_are_in_the_zone,
    ),
    "devtestlab:GlobalSchedule": (
        machine_services.shutdown_is_of_its_machine,
        machine_services.shutdown_time_is_known,
    ),
    "monitor:DataCollectionRuleAssociation": (machine_services.association_is_named,),
    "network:ServiceEndpointPolicyDefinition": (service_endpoints.definition_is_valid,),
    "network:FlowLog": (
        flow_logs.flow_log_is_new,
        flow_logs.analytics_workspace_is_where_it_is_said,
    ),
    "dnsresolver:DnsResolver": (resolvers.resolver_is_the_networks_only_one,),
    "dnsresolver:InboundEndpoint": (
        resolvers.endpoint_is_in_the_region,
        resolvers.endpoint_has_its_own_subnet,
        static_addresses_are_usable,
    ),
    "dnsresolver:OutboundEndpoint": (
        resolvers.endpoint_is_in_the_region,
        resolvers.endpoint_has_its_own_subnet,
    ),
    "dnsresolver:DnsForwardingRuleset": (resolvers.ruleset_is_in_the_region,),
    "dnsresolver:ForwardingRule": (resolvers.rule_names_a_domain,),
    "dnsresolver:PrivateResolverVirtualNetworkLink": (
        resolvers.network_follows_one_ruleset,
    ),
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
    "authorization:PolicyAssignment": (
        policy_assignments.scope_is_one,
        policy_assignments.name_is_short,
        policy_assignments.definition_exists,
        policy_assignments.parameters_fit,
    ),
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
WRITE_RULES_BY_TYPE |= dict.fromkeys(
    CONNECTIONS,
    (endpoint_connections.endpoint_asked_for_it, endpoint_connections.state_follows),
)
# What a write, or the deletion of a child, must leave behind.
OUTCOME_RULES_BY_TYPE: dict[str, tuple[StoreRule, ...]] = {
    "network:VirtualNetwork": (bastion_group_is_complete,),
    "network:Subnet": (bastion_group_is_complete,),
    "network:NetworkSecurityGroup": (bastion_group_is_complete,),
    "network:SecurityRule": (bastion_group_is_complete,),
}
DELETE_RULES_BY_TYPE: dict[str, StoreRule] = {
    "compute:Disk": machines.disk_is_detached,
    "network:ExpressRouteCircuit": circuits.circuit_is_given_back,
    "network:PrivateEndpoint": private_link_services.targets_are_not_locked,
    "network:PrivateLinkService": private_link_services.service_has_no_endpoints,
}

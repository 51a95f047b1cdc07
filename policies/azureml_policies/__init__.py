"""The rules of the policy pack, and the frame that runs them.

``RULES`` are all rules; ``serve_pack`` runs them for the engine.
"""

from azureml_policies import (
    bastions,
    changed_flows,
    container_registry,
    diagnostic_settings,
    dns_links,
    dns_paths,
    endpoint_clients,
    environments_apart,
    express_route_circuits,
    firewalls,
    gateway_subnets,
    gateways,
    key_vault,
    machine_learning,
    machines,
    mixed_shapes,
    monitoring,
    network_peerings,
    network_protection,
    private_dns,
    private_endpoint_connections,
    private_endpoint_names,
    private_endpoint_places,
    private_endpoint_subnets,
    private_endpoints,
    private_link_scopes,
    public_addresses,
    pulumi_guards,
    reachability,
    required_traffic,
    role_assignments,
    routes,
    security_group_defaults,
    security_group_limits,
    security_group_uses,
    security_groups,
    security_rule_order,
    security_rules,
    storage,
    subnet_tenants,
    subnets,
    tags_and_locations,
    virtual_networks,
    vpn_clients,
    vpn_connections,
    ways_out,
)
from azureml_policies._frame import Rule, pack_rules, rules_of, serve

NAME = "azureml-network-policies"
DESCRIPTION = "Private Azure Machine Learning networks: closed, complete, resolvable"

RULES: tuple[Rule, ...] = rules_of(
    *machine_learning.MODULES,
    *storage.MODULES,
    key_vault,
    container_registry,
    monitoring,
    private_link_scopes,
    diagnostic_settings,
    subnets,
    gateway_subnets,
    subnet_tenants,
    virtual_networks,
    network_peerings,
    network_protection,
    mixed_shapes,
    security_groups,
    security_group_defaults,
    security_group_limits,
    security_group_uses,
    security_rules,
    security_rule_order,
    public_addresses,
    routes,
    ways_out,
    firewalls,
    machines,
    bastions,
    gateways,
    vpn_clients,
    vpn_connections,
    express_route_circuits,
    private_endpoints,
    private_endpoint_connections,
    private_endpoint_names,
    private_endpoint_places,
    private_endpoint_subnets,
    private_dns,
    dns_links,
    dns_paths,
    reachability,
    required_traffic,
    endpoint_clients,
    environments_apart,
    changed_flows,
    pulumi_guards,
    tags_and_locations,
    role_assignments,
    pack_rules,
)
"""Every rule, in the order of the documentation."""


def serve_pack() -> None:
    """Run the pack until the engine ends it."""
    serve(NAME, RULES, description=DESCRIPTION)


__all__ = ["DESCRIPTION", "NAME", "RULES", "Rule", "serve_pack"]

"""The keys of this program's configuration, and their types.

Most keys are inputs of the components under their YAML names: their forms are derived
from the components' types, so that a new input is a new key. What the program makes by
itself is left out.
"""

from typing import Annotated, Any

from pydantic import Field
from pydantic.alias_generators import to_camel

from azureml_network import (
    HybridGatewayArgs,
    InterfaceSpec,
    JumpBoxBastionArgs,
    PointToSiteSpec,
    PrivateLinkSpec,
    PrivateWorkspaceArgs,
    PublishedServiceArgs,
    RecordingsSpec,
    ResolverSpec,
    SecureVnetArgs,
)
from azureml_rulebook.azure_policies import Effect
from yaml_form import YamlForm, inputs_in_yaml, mapping_of, optional

PROGRAM_KEYS: dict[str, Any] = {
    "location": Annotated[str, Field(min_length=1)],
    "workload": Annotated[str, Field(min_length=1)],
    "environment": str,
    "unique_suffix": Annotated[str, Field(pattern=r"^([a-z0-9]{3,8})?$")],
    "resource_group": Annotated[str, Field(pattern=r"^([-\w.()]{0,89}[-\w()])?$")],
    "create_resource_group": bool,
    "service_endpoint_policy": bool,
    "tags": dict[str, str],
    "protect": bool,
    "ssh_public_key": str,
    "diagnostics_to_own_logs": bool,
    "azure_policies": Effect,
    "azure_policies_without": list[str],
}
"""What the program itself reads. All other keys are inputs of its components."""
FROM_PROGRAM = {
    "resource_group_name",
    "developer_bastion",
    "just_in_time_access",
    "high_business_impact",
    "private_endpoint_groups",
    "service_endpoint_policy_storage_ids",
}
"""Inputs of the network that the program has from elsewhere."""
_WORKSPACE_FROM_PROGRAM = {
    "resource_group_name",
    "tenant_id",
    "subscription_id",
    "endpoints_subnet_id",
    "endpoints_subnet_prefix",
    "training_subnet_id",
    "training_subnet_prefix",
    "service_endpoint_subnet_ids",
    "private_dns_zone_ids",
    "zone_groups_by",
    "hub_id",
}
"""Inputs of the workspace that the program has from elsewhere, or has no use for: a
project has no network."""
SHARED = ("diagnostic_settings", "lock", "cloud")
"""Inputs of the network that are those of the other components too, by one key."""
_PLACE = ("resource_group_name", "location", "tags")
"""Inputs of all components that the program has from its own keys."""
JUMP_BOX, HYBRID_GATEWAY = "jump_box", "hybrid_gateway"
PUBLISHED_SERVICE = "published_service"
WAYS_IN = (JUMP_BOX, HYBRID_GATEWAY, PUBLISHED_SERVICE)
"""Keys that hold the inputs of one component each; what is left out is not made."""
_WAYS_IN_FROM_PROGRAM: dict[type, tuple[str, ...]] = {
    JumpBoxBastionArgs: (
        *_PLACE,
        *SHARED,
        "subscription_id",
        "network_id",
        "bastion_subnet_id",
        "bastion_subnet_prefix",
        "machine_subnet_id",
        "machine_subnet_prefix",
        "monitoring",
        "ssh_public_key",
    ),
    HybridGatewayArgs: (
        *_PLACE,
        *SHARED,
        "network_id",
        "network_name",
        "network_address_space",
        "gateway_subnet_id",
        "gateway_subnet_prefix",
        "other_address_space",
        "dns_servers",
        "private_endpoint_groups",
    ),
    RecordingsSpec: ("endpoints_subnet_id", "blob_zone_id"),
    PointToSiteSpec: ("tenant_id",),
    ResolverSpec: (
        "inbound_subnet_id",
        "inbound_subnet_prefix",
        "outbound_subnet_id",
    ),
    PublishedServiceArgs: (
        *_PLACE,
        *SHARED,
        "network_id",
        "load_balancer_subnet_id",
        "load_balancer_subnet_prefix",
    ),
    InterfaceSpec: ("subnet_id", "subnet_prefix"),
    PrivateLinkSpec: ("subnet_id", "subnet_prefix"),
}
"""Inputs of the ways in, and of their parts, that the program has from elsewhere."""
FALLBACK_SECRETS = {
    "administrator_password": "machinePassword",
    "shared_key": "sharedKey",
}
"""Keys with the secrets of all Windows machines, and of all sites, that have none of
their own."""

NETWORK_FORM = {
    name: hint
    for name, hint in inputs_in_yaml(SecureVnetArgs).items()
    if name not in FROM_PROGRAM | set(PROGRAM_KEYS)
} | {"address_space": Annotated[list[str], Field(min_length=1)]}
WORKSPACE_FORM = {
    name: optional(hint)
    for name, hint in inputs_in_yaml(PrivateWorkspaceArgs).items()
    if name not in _WORKSPACE_FROM_PROGRAM | {*SHARED, *PROGRAM_KEYS}
}
_WAYS_IN_FORM = {
    key: optional(
        mapping_of(kind.__name__, inputs_in_yaml(kind, _WAYS_IN_FROM_PROGRAM))
    )
    for key, kind in {
        JUMP_BOX: JumpBoxBastionArgs,
        HYBRID_GATEWAY: HybridGatewayArgs,
        PUBLISHED_SERVICE: PublishedServiceArgs,
    }.items()
}
FORM = YamlForm(PROGRAM_KEYS | NETWORK_FORM | WORKSPACE_FORM | _WAYS_IN_FORM)
KEYS = FORM.keys | set(FALLBACK_SECRETS.values())
"""Every key of this program, as it is spelt in YAML."""
FILLED = {to_camel(key) for key in PROGRAM_KEYS} | {"addressSpace", "subnets"}
"""Keys that must be there; any other one that is empty is one left out."""
NAMED_BY = {
    "name": "workload",
    "endpoints_subnet_prefix": "subnets.endpoints",
    "training_subnet_prefix": "subnets.training",
    "service_endpoint_policy_storage_ids": "service_endpoint_policy",
    "jump_box.bastion_subnet_prefix": "subnets",
    "jump_box.machine_subnet_prefix": "subnets",
    "jump_box.ssh_public_key": "ssh_public_key",
    "hybrid_gateway.network_address_space": "address_space",
    "hybrid_gateway.gateway_subnet_prefix": "subnets",
    "hybrid_gateway.resolver.inbound_subnet_prefix": "subnets",
    "hybrid_gateway.other_address_space": "on_premises_address_space",
    "published_service.load_balancer_subnet_prefix": "subnets",
    "published_service.private_link.subnet_prefix": "subnets",
    **{
        f"{way}.{name}": name
        for way in WAYS_IN
        for name in (*_PLACE, *SHARED, "dns_servers")
    },
}
"""Inputs that the program makes from a key of another name."""

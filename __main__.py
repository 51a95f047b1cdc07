"""The stack program: a private Azure Machine Learning network for one environment."""

import gc
import hashlib
from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization, resources

import settings
from azureml_network import (
    InputError,
    LockKind,
    PrivateWorkspace,
    PrivateWorkspaceArgs,
    SecureVnet,
    SecureVnetArgs,
    ZoneOwner,
)
from azureml_rulebook.names import Naming

# Registering resources makes many small objects that live to the end: looking for
# garbage among them again and again doubles a preview's time.
gc.set_threshold(50_000, 20, 100)

chosen = settings.load()
environment = chosen.environment or pulumi.get_stack()
login = authorization.get_client_config()
stem = f"{chosen.workload}-{environment}"
group_name = chosen.resource_group or f"rg-{stem}"
# Azure takes names in any case for the same, so the case must not matter here either.
home = f"{login.subscription_id}/{group_name}".lower()
unique_suffix = chosen.unique_suffix or hashlib.sha256(home.encode()).hexdigest()[:6]

group_id = f"/subscriptions/{login.subscription_id}/resourceGroups/{group_name}"

zone_owner = chosen.network.get("private_dns", {}).get("zones_by", ZoneOwner.STACK)
naming = Naming(
    workload=chosen.workload, environment=environment, unique_suffix=unique_suffix
)
network_args: SecureVnetArgs = {
    **chosen.network,
    "resource_group_name": group_name,
    "location": chosen.location,
    "private_endpoint_groups": chosen.private_endpoint_groups,
    "high_business_impact": chosen.workspace.get("high_business_impact", False),
    "service_endpoint_policy_storage_ids": (
        [group_id] if chosen.service_endpoint_policy else []
    ),
    "tags": chosen.tags,
}
flow_logs = network_args.get("flow_logs")
if flow_logs and not flow_logs.keys() & {"storage_account_id", "storage_account_name"}:
    account_name = naming.name("storage_account", "flow")
    network_args["flow_logs"] = {**flow_logs, "storage_account_name": account_name}
if chosen.protect and "existing_network_id" not in network_args:
    network_args.setdefault("lock", LockKind.CAN_NOT_DELETE)


def workspace_args(
    subnet_ids: Mapping[str, pulumi.Input[str]],
    subnet_prefixes: Mapping[str, str],
    zone_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]],
) -> PrivateWorkspaceArgs:
    """What the workspace is made of, in a network with these subnets and zones."""
    args: PrivateWorkspaceArgs = {
        **chosen.workspace,
        **chosen.shared_with_workspace,
        "resource_group_name": group_name,
        "location": chosen.location,
        "tenant_id": login.tenant_id,
        "subscription_id": login.subscription_id,
        "workload": chosen.workload,
        "environment": environment,
        "unique_suffix": unique_suffix,
        "endpoints_subnet_id": subnet_ids["endpoints"],
        "endpoints_subnet_prefix": subnet_prefixes.get("endpoints", ""),
        "service_endpoint_subnet_ids": [
            subnet_ids[name] for name in chosen.service_endpoint_subnets
        ],
        "private_dns_zone_ids": zone_ids,
        "zone_groups_by": zone_owner,
        "tags": chosen.tags,
    }
    if chosen.uses_training_subnet:
        args["training_subnet_id"] = subnet_ids["training"]
        args["training_subnet_prefix"] = subnet_prefixes.get("training", "")
    if chosen.protect and chosen.keeps_data:
        args.setdefault("lock", LockKind.CAN_NOT_DELETE)
    return args


subnets = chosen.network["subnets"]
# All faults of a configuration are told together, and before anything is made.
findings = [
    *SecureVnet.check(stem, network_args),
    *PrivateWorkspace.check(
        workspace_args(
            dict.fromkeys(subnets, pulumi.Output.from_input("made by this program")),
            {name: subnet.get("prefix", "") for name, subnet in subnets.items()},
            pulumi.Output.from_input({}),
        ),
        stem,
    ),
]
if findings:
    raise settings.refused(findings)

in_group = pulumi.ResourceOptions(protect=chosen.protect)
if chosen.create_resource_group:
    group = resources.ResourceGroup(
        "resource-group",
        resource_group_name=group_name,
        location=chosen.location,
        tags=chosen.tags,
        opts=pulumi.ResourceOptions(protect=chosen.protect),
    )
    in_group = pulumi.ResourceOptions(depends_on=[group], protect=chosen.protect)
network = SecureVnet(stem, network_args, in_group)
try:
    workspace = PrivateWorkspace(
        stem,
        workspace_args(
            network.subnet_ids,
            network.subnet_prefixes,
            network.private_dns_zone_ids,
        ),
        in_group,
    )
except InputError as error:  # a cluster too large for a range that was just planned
    raise settings.refused(error.findings) from None

pulumi.export("resourceGroupName", group_name)
pulumi.export("vnetId", network.vnet_id)
pulumi.export("subnetPrefixes", network.subnet_prefixes)
pulumi.export("reservedPrefixes", network.reserved_prefixes)
pulumi.export("egressAddress", network.egress_address)
pulumi.export("firewallPrivateAddress", network.firewall_private_address)
pulumi.export("workspaceId", workspace.workspace_id)
pulumi.export("workspaceName", workspace.workspace_name)
pulumi.export("storageAccountId", workspace.storage_account_id)
pulumi.export("keyVaultId", workspace.key_vault_id)
pulumi.export("registryId", workspace.registry_id)
pulumi.export("publicAccessCommands", workspace.public_access_commands)
pulumi.export("identityPrincipalId", workspace.identity_principal_id)
pulumi.export("computeIdentityPrincipalId", workspace.compute_identity_principal_id)
pulumi.export("privateEndpointIds", workspace.private_endpoint_ids)

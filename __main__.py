"""The stack program: a private Azure Machine Learning network for one environment."""

import gc
import hashlib
from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization, resources

import settings
from azureml_network import (
    ComputeMode,
    Finding,
    InputError,
    LockKind,
    PrivateWorkspace,
    PrivateWorkspaceArgs,
    SecureVnet,
    SecureVnetArgs,
    ZoneOwner,
)
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import (
    DEFAULT_STORAGE_GROUPS,
    workspace_groups,
)

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

private_monitoring = not chosen.workspace.get("monitoring", {}).get("public_access")
zone_owner = chosen.network.get("private_dns", {}).get("zones_by", ZoneOwner.STACK)
naming = Naming(
    workload=chosen.workload, environment=environment, unique_suffix=unique_suffix
)
network_args: SecureVnetArgs = {
    **chosen.network,
    "resource_group_name": group_name,
    "location": chosen.location,
    "private_endpoint_groups": workspace_groups(
        chosen.workspace.get("storage", {}).get("endpoints", DEFAULT_STORAGE_GROUPS),
        private_monitoring=private_monitoring,
    ),
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
    training_prefix: str,
    zone_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]],
) -> PrivateWorkspaceArgs:
    """What the workspace is made of, in a network with these subnets and zones."""
    return {
        **chosen.workspace,
        "resource_group_name": group_name,
        "location": chosen.location,
        "tenant_id": login.tenant_id,
        "subscription_id": login.subscription_id,
        "workload": chosen.workload,
        "environment": environment,
        "unique_suffix": unique_suffix,
        "endpoints_subnet_id": subnet_ids["endpoints"],
        "training_subnet_id": subnet_ids["training"],
        "training_subnet_prefix": training_prefix,
        "private_dns_zone_ids": zone_ids,
        "zone_groups_by": zone_owner,
        "cloud": chosen.network.get("cloud", PUBLIC),
        "tags": chosen.tags,
    }


subnets = chosen.network["subnets"]
# All faults of a configuration are told together, and before anything is made.
findings = [
    *SecureVnet.check(stem, network_args),
    *PrivateWorkspace.check(
        workspace_args(
            dict.fromkeys(subnets, "made by this program"),
            subnets["training"].get("prefix", ""),
            pulumi.Output.from_input({}),
        )
    ),
]
compute_mode = chosen.network.get("compute_mode", ComputeMode.NO_PUBLIC_IP)
if compute_mode is not ComputeMode.NO_PUBLIC_IP:
    findings.append(
        Finding(
            "compute_mode",
            f"'{compute_mode}' is for other compute than this program makes, which is "
            "in the training subnet without public addresses; leave it out",
        )
    )
if findings:
    raise settings.refused(findings)

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
            network.subnet_prefixes["training"],
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
pulumi.export("identityPrincipalId", workspace.identity_principal_id)
pulumi.export("computeIdentityPrincipalId", workspace.compute_identity_principal_id)
pulumi.export("privateEndpointIds", workspace.private_endpoint_ids)

"""The stack program: a private Azure Machine Learning network for one environment."""

import gc
from collections.abc import Callable
from dataclasses import replace

import pulumi
from pulumi_azure_native import authorization, resources

import settings
from azureml_network import (
    HybridGateway,
    JumpBoxBastion,
    PrivateWorkspace,
    PublishedService,
    SecureVnet,
)
from azureml_network.azure_policy import policy_assignments
from azureml_rulebook.findings import below
from stack_inputs import NetworkFacts, StackInputs, failed

# Registering resources makes many small objects that live to the end: looking for
# garbage among them again and again doubles a preview's time.
gc.set_threshold(50_000, 20, 100)

chosen = settings.load()
login = authorization.get_client_config()
inputs = StackInputs(
    chosen=chosen,
    environment=chosen.environment or pulumi.get_stack(),
    subscription_id=login.subscription_id,
    tenant_id=login.tenant_id,
    own_logs=pulumi.Output.from_input("made by this program"),
)
stem = inputs.stem

# All faults of a configuration are told together, and before anything is made.
planned = inputs.planned_network()
hybrid_args = inputs.hybrid_gateway(planned)
jump_box_args = inputs.jump_box(planned, None)
service_args = inputs.published_service(planned)
findings = [
    *SecureVnet.check(stem, inputs.network),
    *PrivateWorkspace.check(stem, inputs.workspace(planned)),
]
if hybrid_args is not None:
    findings += below("hybrid_gateway", HybridGateway.check(stem, hybrid_args))
if jump_box_args is not None:
    findings += below("jump_box", JumpBoxBastion.check(stem, jump_box_args))
if service_args is not None:
    found = PublishedService.check(inputs.service_name, service_args)
    findings += below("published_service", found)
if findings:
    raise settings.refused(findings)

# Networks and gateways come before the workspace, and send their logs to what is made
# with it.
logs: tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]]
logs = pulumi.deferred_output()
own_logs, logs_are_made = logs
inputs = replace(inputs, own_logs=own_logs)

in_group = pulumi.ResourceOptions(protect=chosen.protect)
if chosen.create_resource_group:
    group = resources.ResourceGroup(
        "resource-group",
        resource_group_name=inputs.group_name,
        location=chosen.location,
        tags=chosen.tags,
        opts=pulumi.ResourceOptions(protect=chosen.protect),
    )
    in_group = pulumi.ResourceOptions(depends_on=[group], protect=chosen.protect)

network = SecureVnet(stem, inputs.network, in_group)
facts = NetworkFacts.made(network)

hybrid = None
hybrid_args = inputs.hybrid_gateway(facts)
if hybrid_args is not None:
    hybrid = HybridGateway(stem, hybrid_args, in_group)

# Whatever asks for names waits for the server that answers, and not for gateways,
# which take the better part of an hour.
named = in_group
if hybrid is not None and hybrid.inbound_endpoint is not None:
    named = pulumi.ResourceOptions.merge(
        in_group, pulumi.ResourceOptions(depends_on=[hybrid.inbound_endpoint])
    )
try:
    workspace = PrivateWorkspace(stem, inputs.workspace(facts), named)
except Exception as error:
    # What waits for the logs would wait for ever.
    logs_are_made(failed(error))
    raise
# Without logs of its own nothing is sent there, and the run must not wait for them.
no_logs = pulumi.Output.from_input("")
own = workspace.log_analytics_workspace_id
logs_are_made(no_logs if own is None else own)

jump_box = None
jump_box_args = inputs.jump_box(facts, workspace)
if jump_box_args is not None:
    jump_box = JumpBoxBastion(stem, jump_box_args, named)

service = None
service_args = inputs.published_service(facts)
if service_args is not None:
    service = PublishedService(inputs.service_name, service_args, in_group)

# Last, so that none of them is in the way of the first deployment.
policy_assignments(
    stem,
    inputs.group_id,
    inputs.azure_policies,
    pulumi.ResourceOptions.merge(
        in_group, pulumi.ResourceOptions(depends_on=[network, workspace])
    ),
)

pulumi.export("resourceGroupName", inputs.group_name)
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
if jump_box is not None:
    pulumi.export("portalAddresses", jump_box.portal_addresses)
    pulumi.export("sshCommands", jump_box.ssh_commands)
    pulumi.export("rdpCommands", jump_box.rdp_commands)
    pulumi.export("tunnelCommands", jump_box.tunnel_commands)
    pulumi.export("bastionPublicAddress", jump_box.bastion_public_address)
    if jump_box.session_recording_origin is not None:
        pulumi.export("sessionRecordingOrigin", jump_box.session_recording_origin)
    if jump_box.session_recordings_url is not None:
        pulumi.export("sessionRecordingsUrl", jump_box.session_recordings_url)
if hybrid is not None:
    pulumi.export("vpnPublicAddresses", hybrid.vpn_public_addresses)
    pulumi.export("vpnBgpPeerAddresses", hybrid.bgp_peer_addresses)
    pulumi.export("vpnClientPackageCommand", hybrid.client_package_command)
    pulumi.export("vpnClientProfileCommands", hybrid.client_profile_commands)
    pulumi.export("peerConfigurations", hybrid.peer_configurations)
    pulumi.export("circuitServiceKeys", hybrid.circuit_service_keys)
    pulumi.export("resolverInboundAddress", hybrid.resolver_inbound_address)
    pulumi.export("conditionalForwarders", hybrid.conditional_forwarders)
if service is not None:
    pulumi.export("serviceAlias", service.alias)
    pulumi.export("serviceAddresses", service.frontend_addresses)
    pulumi.export("serviceInterfaceIds", service.interface_ids)
    pulumi.export("serviceBackendPoolIds", service.backend_pool_ids)
    pulumi.export("serviceConsumerAddresses", service.consumer_addresses)

"""Where Azure keeps each resource: the path templates that are written down here.

A row is an azure-native type and its template after
`/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/`; a row
that starts with `/` is the whole template. Source: the request URLs on
https://learn.microsoft.com/rest/api/azure/ for the types named; the names in braces
are azure-native's inputs. Types without a row get a derived path (derived_paths.py).
"""

IN_RESOURCE_GROUP = (
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/"
)

_ROWS = """
applicationinsights:Component Microsoft.Insights/components/{resourceName}
authorization:ManagementLockAtResourceGroupLevel Microsoft.Authorization/locks/{lockName}
authorization:ManagementLockByScope /{scope}/providers/Microsoft.Authorization/locks/{lockName}
authorization:PolicyAssignment /{scope}/providers/Microsoft.Authorization/policyAssignments/{policyAssignmentName}
authorization:RoleAssignment /{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}
authorization:RoleDefinition /{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}
compute:Disk Microsoft.Compute/disks/{diskName}
compute:DiskEncryptionSet Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}
compute:SshPublicKey Microsoft.Compute/sshPublicKeys/{sshPublicKeyName}
compute:VirtualMachine Microsoft.Compute/virtualMachines/{vmName}
compute:VirtualMachineExtension Microsoft.Compute/virtualMachines/{vmName}/extensions/{vmExtensionName}
containerregistry:PrivateEndpointConnection Microsoft.ContainerRegistry/registries/{registryName}/privateEndpointConnections/{privateEndpointConnectionName}
containerregistry:Registry Microsoft.ContainerRegistry/registries/{registryName}
containerregistry:Replication Microsoft.ContainerRegistry/registries/{registryName}/replications/{replicationName}
devtestlab:GlobalSchedule Microsoft.DevTestLab/schedules/{name}
dnsresolver:DnsForwardingRuleset Microsoft.Network/dnsForwardingRulesets/{dnsForwardingRulesetName}
dnsresolver:DnsResolver Microsoft.Network/dnsResolvers/{dnsResolverName}
dnsresolver:ForwardingRule Microsoft.Network/dnsForwardingRulesets/{dnsForwardingRulesetName}/forwardingRules/{forwardingRuleName}
dnsresolver:InboundEndpoint Microsoft.Network/dnsResolvers/{dnsResolverName}/inboundEndpoints/{inboundEndpointName}
dnsresolver:OutboundEndpoint Microsoft.Network/dnsResolvers/{dnsResolverName}/outboundEndpoints/{outboundEndpointName}
dnsresolver:PrivateResolverVirtualNetworkLink Microsoft.Network/dnsForwardingRulesets/{dnsForwardingRulesetName}/virtualNetworkLinks/{virtualNetworkLinkName}
keyvault:Key Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}
keyvault:PrivateEndpointConnection Microsoft.KeyVault/vaults/{vaultName}/privateEndpointConnections/{privateEndpointConnectionName}
keyvault:Secret Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}
keyvault:Vault Microsoft.KeyVault/vaults/{vaultName}
machinelearningservices:BatchEndpoint Microsoft.MachineLearningServices/workspaces/{workspaceName}/batchEndpoints/{endpointName}
machinelearningservices:Compute Microsoft.MachineLearningServices/workspaces/{workspaceName}/computes/{computeName}
machinelearningservices:Datastore Microsoft.MachineLearningServices/workspaces/{workspaceName}/datastores/{name}
machinelearningservices:ManagedNetworkSettingsRule Microsoft.MachineLearningServices/workspaces/{workspaceName}/outboundRules/{ruleName}
machinelearningservices:OnlineDeployment Microsoft.MachineLearningServices/workspaces/{workspaceName}/onlineEndpoints/{endpointName}/deployments/{deploymentName}
machinelearningservices:OnlineEndpoint Microsoft.MachineLearningServices/workspaces/{workspaceName}/onlineEndpoints/{endpointName}
machinelearningservices:PrivateEndpointConnection Microsoft.MachineLearningServices/workspaces/{workspaceName}/privateEndpointConnections/{privateEndpointConnectionName}
machinelearningservices:Registry Microsoft.MachineLearningServices/registries/{registryName}
machinelearningservices:Workspace Microsoft.MachineLearningServices/workspaces/{workspaceName}
machinelearningservices:WorkspaceConnection Microsoft.MachineLearningServices/workspaces/{workspaceName}/connections/{connectionName}
maintenance:MaintenanceConfiguration Microsoft.Maintenance/maintenanceConfigurations/{resourceName}
managedidentity:FederatedIdentityCredential Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}
managedidentity:UserAssignedIdentity Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}
monitor:ActionGroup Microsoft.Insights/actionGroups/{actionGroupName}
monitor:DataCollectionEndpoint Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}
monitor:DataCollectionRule Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}
monitor:DataCollectionRuleAssociation /{resourceUri}/providers/Microsoft.Insights/dataCollectionRuleAssociations/{associationName}
monitor:DiagnosticSetting /{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}
monitor:MetricAlert Microsoft.Insights/metricAlerts/{ruleName}
monitor:PrivateEndpointConnection Microsoft.Insights/privateLinkScopes/{scopeName}/privateEndpointConnections/{privateEndpointConnectionName}
monitor:PrivateLinkScope Microsoft.Insights/privateLinkScopes/{scopeName}
monitor:PrivateLinkScopedResource Microsoft.Insights/privateLinkScopes/{scopeName}/scopedResources/{name}
network:ApplicationSecurityGroup Microsoft.Network/applicationSecurityGroups/{applicationSecurityGroupName}
network:AzureFirewall Microsoft.Network/azureFirewalls/{azureFirewallName}
network:BastionHost Microsoft.Network/bastionHosts/{bastionHostName}
network:DdosProtectionPlan Microsoft.Network/ddosProtectionPlans/{ddosProtectionPlanName}
network:ExpressRouteCircuit Microsoft.Network/expressRouteCircuits/{circuitName}
network:ExpressRouteCircuitAuthorization Microsoft.Network/expressRouteCircuits/{circuitName}/authorizations/{authorizationName}
network:ExpressRouteCircuitConnection Microsoft.Network/expressRouteCircuits/{circuitName}/peerings/{peeringName}/connections/{connectionName}
network:ExpressRouteCircuitPeering Microsoft.Network/expressRouteCircuits/{circuitName}/peerings/{peeringName}
network:FirewallPolicy Microsoft.Network/firewallPolicies/{firewallPolicyName}
network:FirewallPolicyRuleCollectionGroup Microsoft.Network/firewallPolicies/{firewallPolicyName}/ruleCollectionGroups/{ruleCollectionGroupName}
network:FlowLog Microsoft.Network/networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}
network:InboundNatRule Microsoft.Network/loadBalancers/{loadBalancerName}/inboundNatRules/{inboundNatRuleName}
network:IpGroup Microsoft.Network/ipGroups/{ipGroupsName}
network:LoadBalancer Microsoft.Network/loadBalancers/{loadBalancerName}
network:LoadBalancerBackendAddressPool Microsoft.Network/loadBalancers/{loadBalancerName}/backendAddressPools/{backendAddressPoolName}
network:LocalNetworkGateway Microsoft.Network/localNetworkGateways/{localNetworkGatewayName}
network:NatGateway Microsoft.Network/natGateways/{natGatewayName}
network:NetworkInterface Microsoft.Network/networkInterfaces/{networkInterfaceName}
network:NetworkSecurityGroup Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}
network:NetworkWatcher Microsoft.Network/networkWatchers/{networkWatcherName}
network:PrivateDnsZoneGroup Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}
network:PrivateEndpoint Microsoft.Network/privateEndpoints/{privateEndpointName}
network:PrivateLinkService Microsoft.Network/privateLinkServices/{serviceName}
network:PrivateLinkServicePrivateEndpointConnection Microsoft.Network/privateLinkServices/{serviceName}/privateEndpointConnections/{peConnectionName}
network:PublicIPAddress Microsoft.Network/publicIPAddresses/{publicIpAddressName}
network:PublicIPPrefix Microsoft.Network/publicIPPrefixes/{publicIpPrefixName}
network:Route Microsoft.Network/routeTables/{routeTableName}/routes/{routeName}
network:RouteTable Microsoft.Network/routeTables/{routeTableName}
network:SecurityRule Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}
network:ServiceEndpointPolicy Microsoft.Network/serviceEndpointPolicies/{serviceEndpointPolicyName}
network:ServiceEndpointPolicyDefinition Microsoft.Network/serviceEndpointPolicies/{serviceEndpointPolicyName}/serviceEndpointPolicyDefinitions/{serviceEndpointPolicyDefinitionName}
network:Subnet Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}
network:VirtualNetwork Microsoft.Network/virtualNetworks/{virtualNetworkName}
network:VirtualNetworkGateway Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}
network:VirtualNetworkGatewayConnection Microsoft.Network/connections/{virtualNetworkGatewayConnectionName}
network:VirtualNetworkGatewayNatRule Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}/natRules/{natRuleName}
network:VirtualNetworkPeering Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}
operationalinsights:Workspace Microsoft.OperationalInsights/workspaces/{workspaceName}
privatedns:PrivateRecordSet Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}
privatedns:PrivateZone Microsoft.Network/privateDnsZones/{privateZoneName}
privatedns:VirtualNetworkLink Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}
resources:ResourceGroup /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}
resources:TagAtScope /{scope}/providers/Microsoft.Resources/tags/default
security:JitNetworkAccessPolicy Microsoft.Security/locations/{ascLocation}/jitNetworkAccessPolicies/{jitNetworkAccessPolicyName}
storage:Blob Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}/blobs/{blobName}
storage:BlobContainer Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}
storage:BlobServiceProperties Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}
storage:FileServiceProperties Microsoft.Storage/storageAccounts/{accountName}/fileServices/{fileServicesName}
storage:FileShare Microsoft.Storage/storageAccounts/{accountName}/fileServices/default/shares/{shareName}
storage:PrivateEndpointConnection Microsoft.Storage/storageAccounts/{accountName}/privateEndpointConnections/{privateEndpointConnectionName}
storage:StorageAccount Microsoft.Storage/storageAccounts/{accountName}
"""  # noqa: E501


def _whole(template: str) -> str:
    return template if template.startswith("/") else IN_RESOURCE_GROUP + template


KNOWN_PATHS: dict[str, str] = {
    token: _whole(template)
    for token, template in (line.split() for line in _ROWS.strip().splitlines())
}

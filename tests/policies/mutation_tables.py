"""What is changed in a plan to make it less secure: properties, tiers, types and lists.

What is a guard is told by names of properties and types, not by the rules.
"""

from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]

LESS_SECURE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "access": {"Deny": ("Allow",)},
    "allowedCopyScope": {"PrivateLink": ("AAD",)},
    "assessmentMode": {"AutomaticByPlatform": ("ImageDefault",)},
    "bypass": {"AzureServices": ("None", "Logging, Metrics, AzureServices")},
    "connectionProtocol": {"IKEv2": ("IKEv1",)},
    "defaultAction": {"Deny": ("Allow",)},
    "dhGroup": {"ECP384": ("DHGroup1",)},
    "forwardingRuleState": {"Enabled": ("Disabled",)},
    "ikeEncryption": {"GCMAES256": ("DES3",)},
    "ikeIntegrity": {"SHA384": ("MD5",)},
    "ingestionMode": {"LogAnalytics": ("ApplicationInsights",)},
    "ipsecEncryption": {"GCMAES256": ("None",)},
    "ipsecIntegrity": {"GCMAES256": ("MD5",)},
    "kind": {"StorageV2": ("Storage",), "Default": ("Project",)},
    "level": {"CanNotDelete": ("NotSpecified",)},
    "minimumTlsVersion": {"TLS1_2": ("TLS1_0", "TLS1_1")},
    "networkRuleBypassOptions": {"AzureServices": ("None",)},
    "nextHopIpAddress": {"10.40.2.68": ("10.40.9.9",)},
    "nextHopType": {"VirtualAppliance": ("Internet", "None")},
    "patchMode": {"AutomaticByPlatform": ("ImageDefault", "Manual")},
    "pfsGroup": {"ECP384": ("None",)},
    "privateEndpointNetworkPolicies": {"NetworkSecurityGroupEnabled": ("Disabled",)},
    "privateLinkServiceNetworkPolicies": {"Enabled": ("Disabled",)},
    "protocolType": {"Https": ("Http",)},
    "publicNetworkAccess": {"Disabled": ("Enabled",)},
    "publicNetworkAccessForIngestion": {"Disabled": ("Enabled",)},
    "publicNetworkAccessForQuery": {"Disabled": ("Enabled",)},
    "remoteLoginPortPublicAccess": {"Disabled": ("Enabled", "NotSpecified")},
    "securityType": {"TrustedLaunch": ("Standard",)},
    "status": {"disabled": ("enabled",)},
    "systemDatastoresAuthMode": {"Identity": ("AccessKey",)},
    "threatIntelMode": {"Deny": ("Alert", "Off")},
    "vpnAuthenticationTypes": {"AAD": ("Certificate", "Radius")},
    "vpnClientProtocols": {"OpenVPN": ("IkeV2", "SSTP")},
    "vpnType": {"RouteBased": ("PolicyBased",)},
}
"""Property to its values, each with less secure ones; it is taken out, too."""

SHORTER: Mapping[str, float] = {
    "days": 1,
    "retentionInDays": 30,
    "softDeleteRetentionInDays": 7,
}
"""Properties that say how many days something is kept, each with fewer."""

DNS_SERVERS = ("dnsServers", "servers", "targetDnsServers")
PUBLIC_SERVER = "8.8.8.8"
"""Lists of DNS servers, and what each server becomes: one that is everybody's."""

TIERS: Mapping[str, Mapping[str, str]] = {
    "azure-native:containerregistry:Registry": {"Premium": "Basic"},
    "azure-native:network:AzureFirewall": {"Standard": "Basic"},
    "azure-native:network:BastionHost": {"Premium": "Basic"},
    "azure-native:network:FirewallPolicy": {"Standard": "Basic"},
    "azure-native:network:PublicIPAddress": {"Standard": "Basic"},
    "azure-native:network:VirtualNetworkGateway": {
        "ErGw1AZ": "Standard",
        "VpnGw2AZ": "Basic",
    },
}
"""Types whose cheaper tier lacks what guards them."""

GUARDS = (
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:compute:VirtualMachineExtension",
    "azure-native:dnsresolver:ForwardingRule",
    "azure-native:dnsresolver:InboundEndpoint",
    "azure-native:dnsresolver:PrivateResolverVirtualNetworkLink",
    "azure-native:monitor:DataCollectionRule",
    "azure-native:monitor:DataCollectionRuleAssociation",
    "azure-native:monitor:DiagnosticSetting",
    "azure-native:monitor:MetricAlert",
    "azure-native:monitor:PrivateLinkScopedResource",
    "azure-native:network:FirewallPolicyRuleCollectionGroup",
    "azure-native:network:FlowLog",
    "azure-native:network:PrivateDnsZoneGroup",
    "azure-native:network:PrivateEndpoint",
    "azure-native:privatedns:PrivateZone",
    "azure-native:privatedns:VirtualNetworkLink",
    "azure-native:security:JitNetworkAccessPolicy",
    "azure-native:storage:BlobServiceProperties",
)
"""Types that are removed as a whole. What others name (a group, a table of routes) is
removed by taking the name out there."""

JOINS = (
    "accessModeSettings",
    "actions",
    "applicationSecurityGroups",
    "dataCollectionEndpointId",
    "dataCollectionRuleId",
    "dataFlows",
    "dataSources",
    "dhcpOptions",
    "dnsSettings",
    "emailReceivers",
    "firewallPolicy",
    "identity",
    "imageBuildCompute",
    "ipsecPolicies",
    "networkAcls",
    "networkRuleSet",
    "networkSecurityGroup",
    "patchSettings",
    "policies",
    "routeTable",
    "securityProfile",
    "serverlessComputeSettings",
    "serviceEndpointPolicies",
    "workspaceId",
    "workspaceResourceId",
)
"""Properties that are removed as a whole, besides every switch and setting above."""

ELEMENTS = (
    "logs",
    "privateDnsZoneConfigs",
    "routes",
    "rules",
    "securityRules",
    "serviceEndpointPolicyDefinitions",
    "serviceResources",
)
"""Lists of which each element is removed."""

SIDES = ("sourceAddressPrefix", "destinationAddressPrefix")
LISTED_SIDES = ("sourceAddressPrefixes", "destinationAddressPrefixes")
FIREWALL_SIDES = ("sourceAddresses", "destinationAddresses")
PORTS = ("destinationPortRange",)
LISTED_PORTS = ("destinationPortRanges", "destinationPorts")
HOSTS = ("targetFqdns", "allowedOrigins")
RANGES = ("addressPrefix", "addressPrefixes", "ipRules")
WIDENED = (
    *SIDES,
    *LISTED_SIDES,
    *FIREWALL_SIDES,
    *PORTS,
    *LISTED_PORTS,
    *HOSTS,
    *RANGES,
    "ipProtocols",
    "serviceResources",
)
"""Properties of rules and networks that are made wider."""

OPERATION = (
    "autoMitigate",
    "enableBgp",
    "enableBgpRouteTranslationForNat",
    "isHnsEnabled",
    "primary",
    "useCommonAlertSchema",
    "usePolicyBasedTrafficSelectors",
)
"""Switches that say how a thing works, and not who reaches it or what is recorded."""
ONLY_WHERE_TRUE = ("enableDdosProtection", "enableVmProtection")
"""Switches of which only the one value is worth something."""

_ELSEWHERE = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-azureml-prod"
)
_NETWORK = f"{_ELSEWHERE}/providers/Microsoft.Network"
_ADDRESS = f"{_NETWORK}/publicIPAddresses/further"
ADDED: Mapping[str, tuple[tuple[Path, Any], ...]] = {
    "azure-native:compute:VirtualMachine": (
        (("osProfile", "adminPassword"), "[secret]"),
    ),
    "azure-native:keyvault:Vault": (
        (
            ("properties", "accessPolicies"),
            [
                {
                    "tenantId": "00000000-0000-4000-8000-000000000002",
                    "objectId": "00000000-0000-4000-8000-000000000003",
                    "permissions": {"secrets": ["all"], "keys": ["all"]},
                }
            ],
        ),
    ),
    "azure-native:machinelearningservices:Workspace": (
        (("allowPublicAccessWhenBehindVnet",), True),
        (("ipAllowlist",), ["203.0.113.0/24"]),
    ),
    "azure-native:network:ExpressRouteCircuit": (
        (("authorizations",), [{"name": "others"}]),
    ),
    "azure-native:network:FirewallPolicy": (
        (("threatIntelWhitelist",), {"fqdns": ["*.example.net"]}),
    ),
    "azure-native:network:LocalNetworkGateway": (
        (("localNetworkAddressSpace",), {"addressPrefixes": ["10.99.0.0/16"]}),
    ),
    "azure-native:network:NetworkInterface": (
        (("enableIPForwarding",), True),
        (("ipConfigurations", 0, "publicIPAddress"), {"id": _ADDRESS}),
    ),
    "azure-native:network:Subnet": (
        (("serviceEndpoints",), [{"service": "Microsoft.Storage"}]),
        (("natGateway",), {"id": f"{_NETWORK}/natGateways/further"}),
    ),
    "azure-native:network:VirtualNetwork": (
        (
            ("virtualNetworkPeerings",),
            [
                {
                    "name": "further",
                    "remoteVirtualNetwork": {"id": f"{_NETWORK}/virtualNetworks/dev"},
                    "remoteAddressSpace": {"addressPrefixes": ["10.30.0.0/20"]},
                    "allowVirtualNetworkAccess": True,
                    "allowForwardedTraffic": True,
                }
            ],
        ),
    ),
    "azure-native:privatedns:VirtualNetworkLink": (
        (("resolutionPolicy",), "NxDomainRedirect"),
    ),
}
"""Openings that are added, where nobody has written anything."""

_ANY_SIDE = {
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "access": "Allow",
}
APPENDED: Mapping[str, tuple[tuple[str, Any, str], ...]] = {
    "azure-native:network:NetworkSecurityGroup": (
        (
            "securityRules",
            _ANY_SIDE
            | {
                "name": "AllowSshInbound",
                "priority": 101,
                "direction": "Inbound",
                "protocol": "Tcp",
                "destinationPortRange": "22",
            },
            "22 from everywhere",
        ),
        (
            "securityRules",
            _ANY_SIDE
            | {
                "name": "AllowAllOutbound",
                "priority": 101,
                "direction": "Outbound",
                "protocol": "*",
                "destinationPortRange": "*",
            },
            "everything to everywhere",
        ),
    ),
    "azure-native:network:RouteTable": (
        (
            "routes",
            {
                "name": "around",
                "addressPrefix": "203.0.113.0/24",
                "nextHopType": "Internet",
            },
            "a way around the firewall",
        ),
    ),
}
"""Lists with elements that are added to them, and what those open."""

MOVED: Mapping[str, tuple[str, str]] = {
    "azure-native:network:PrivateEndpoint": (
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
    ),
}
"""Properties whose value goes where somebody has to approve it first."""

BROAD_ROLES: Mapping[str, str] = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
}
"""Broad roles and their ids
(https://learn.microsoft.com/azure/role-based-access-control/built-in-roles)."""
SCOPES: Mapping[str, str] = {
    "the resource group": _ELSEWHERE,
    "the subscription": _ELSEWHERE.partition("/resourceGroups")[0],
}
"""What the scope of a role is widened to."""

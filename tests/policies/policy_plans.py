"""Plans for the tests of the policy pack.

A plan is written once, with ``Id("name")`` where one resource names another, and is
rendered as a preview sees it (ids unknown, dependency edges) or as it is after the
deployment (Azure ids known).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's marker for an unknown text."""
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


def secret(value: Any) -> dict[str, Any]:
    """Return ``value`` as the engine sends a secret."""
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": value,
    }


@dataclass(frozen=True)
class Id:
    """Stands in a plan for the Azure id of another of its resources."""

    of: str
    suffix: str = ""
    """What follows the id, for an inline child: ``/subnets/training``."""
    known: bool = False
    """It was deployed earlier: its id is known at preview too."""


@dataclass(frozen=True)
class Name:
    """Stands in a plan for the name of another of its resources."""

    of: str


@dataclass(frozen=True)
class Nowhere:
    """Stands in a plan for an unknown value that comes from no resource."""


_ID_PATHS = {
    "compute:VirtualMachine": "Microsoft.Compute/virtualMachines/{vmName}",
    "machinelearningservices:Workspace": (
        "Microsoft.MachineLearningServices/workspaces/{workspaceName}"
    ),
    "storage:StorageAccount": "Microsoft.Storage/storageAccounts/{accountName}",
    "keyvault:Vault": "Microsoft.KeyVault/vaults/{vaultName}",
    "containerregistry:Registry": (
        "Microsoft.ContainerRegistry/registries/{registryName}"
    ),
    "network:PrivateEndpoint": (
        "Microsoft.Network/privateEndpoints/{privateEndpointName}"
    ),
    "network:PrivateLinkService": "Microsoft.Network/privateLinkServices/{serviceName}",
    "applicationinsights:Component": ("Microsoft.Insights/components/{resourceName}"),
    "dnsresolver:DnsForwardingRuleset": (
        "Microsoft.Network/dnsForwardingRulesets/{dnsForwardingRulesetName}"
    ),
    "managedidentity:UserAssignedIdentity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"
    ),
    "monitor:DataCollectionEndpoint": (
        "Microsoft.Insights/dataCollectionEndpoints/{dataCollectionEndpointName}"
    ),
    "monitor:DataCollectionRule": (
        "Microsoft.Insights/dataCollectionRules/{dataCollectionRuleName}"
    ),
    "monitor:PrivateLinkScope": "Microsoft.Insights/privateLinkScopes/{scopeName}",
    "network:ApplicationGateway": (
        "Microsoft.Network/applicationGateways/{applicationGatewayName}"
    ),
    "network:AzureFirewall": ("Microsoft.Network/azureFirewalls/{azureFirewallName}"),
    "network:BastionHost": "Microsoft.Network/bastionHosts/{bastionHostName}",
    "network:FirewallPolicy": (
        "Microsoft.Network/firewallPolicies/{firewallPolicyName}"
    ),
    "network:LoadBalancer": "Microsoft.Network/loadBalancers/{loadBalancerName}",
    "network:NatGateway": "Microsoft.Network/natGateways/{natGatewayName}",
    "network:NetworkInterface": (
        "Microsoft.Network/networkInterfaces/{networkInterfaceName}"
    ),
    "network:NetworkSecurityGroup": (
        "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
    ),
    "network:PublicIPAddress": (
        "Microsoft.Network/publicIPAddresses/{publicIpAddressName}"
    ),
    "network:ApplicationSecurityGroup": (
        "Microsoft.Network/applicationSecurityGroups/{applicationSecurityGroupName}"
    ),
    "network:RouteTable": "Microsoft.Network/routeTables/{routeTableName}",
    "network:VirtualNetworkGateway": (
        "Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}"
    ),
    "operationalinsights:Workspace": (
        "Microsoft.OperationalInsights/workspaces/{workspaceName}"
    ),
    "storage:BlobServiceProperties": (
        "Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}"
    ),
    "network:VirtualNetwork": "Microsoft.Network/virtualNetworks/{virtualNetworkName}",
    "network:Subnet": (
        "Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}"
    ),
    "privatedns:PrivateZone": "Microsoft.Network/privateDnsZones/{privateZoneName}",
}
_NAME_KEYS = {
    "machinelearningservices:Workspace": "workspaceName",
    "network:NetworkSecurityGroup": "networkSecurityGroupName",
    "network:PrivateEndpoint": "privateEndpointName",
    "compute:VirtualMachine": "vmName",
    "dnsresolver:DnsForwardingRuleset": "dnsForwardingRulesetName",
    "monitor:PrivateLinkScope": "scopeName",
    "network:FirewallPolicy": "firewallPolicyName",
    "network:RouteTable": "routeTableName",
    "storage:StorageAccount": "accountName",
    "network:VirtualNetwork": "virtualNetworkName",
    "privatedns:PrivateZone": "privateZoneName",
}


@dataclass(frozen=True)
class Told:
    """What a program tells Pulumi about a resource."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    provider: str = ""
    """The provider's name; empty: it is not said."""
    provider_inputs: Mapping[str, Any] = field(default_factory=dict)


NOTHING_TOLD = Told()


@dataclass(frozen=True)
class Planned:
    """One resource of a plan."""

    type: str
    """``module:Resource``, or a full type token."""
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    former_token: str = ""
    """The type token, if an older version's is meant."""
    told: Told = Told()

    @property
    def token(self) -> str:
        if self.former_token:
            return self.former_token
        return self.type if self.type.count(":") > 1 else f"azure-native:{self.type}"

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::project::{self.token}::{self.name}"

    def id(self, plan: "Plan") -> str:
        inputs = {
            key: plan[value.of].text_name if isinstance(value, Name) else value
            for key, value in self.inputs.items()
        }
        group = inputs["resourceGroupName"]
        start = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/"
        return start + _ID_PATHS[self.type].format(**inputs)

    @property
    def text_name(self) -> str:
        return self.inputs[_NAME_KEYS[self.type]]


class Plan:
    """Resources by name, in order."""

    def __init__(self, *resources: Planned) -> None:
        self.resources = {resource.name: resource for resource in resources}

    def __getitem__(self, name: str) -> Planned:
        return self.resources[name]

    def with_inputs(self, name: str, **inputs: Any) -> "Plan":
        """Return this plan with some inputs of one resource replaced; None removes."""
        merged = {**self[name].inputs, **inputs}
        kept = {key: value for key, value in merged.items() if value is not None}
        return self.adding(replace(self[name], inputs=kept))

    def adding(self, *resources: Planned) -> "Plan":
        return Plan(*self.resources.values(), *resources)

    def without(self, *names: str) -> "Plan":
        return Plan(*(r for n, r in self.resources.items() if n not in names))

    def beside_a_copy(self) -> "Plan":
        """Return this plan and the same in another resource group, by itself.

        What is called ``zone`` here is called ``zone-2`` there.
        """
        copies = [
            replace(
                each,
                name=f"{each.name}-2",
                inputs=_renamed(each.inputs) | {"resourceGroupName": "rg-2"},
            )
            for each in self.resources.values()
        ]
        return self.adding(*copies)

    def in_groups(self, group: Any, second: Any) -> "Plan":
        """Return this plan with the resource groups ``rg`` and ``rg-2`` replaced."""
        groups = {"rg": group, "rg-2": second}
        return Plan(
            *(
                replace(
                    each,
                    inputs={
                        **each.inputs,
                        "resourceGroupName": groups[each.inputs["resourceGroupName"]],
                    },
                )
                for each in self.resources.values()
            )
        )

    def render(self, *, deployed: bool, edges: bool = True) -> list["Rendered"]:
        """Return the resources as messages are made from them.

        ``deployed``: ids are known. ``edges``: what depends on what is known.
        """
        return [
            Rendered(
                resource,
                {
                    key: self._value(value, deployed)
                    for key, value in resource.inputs.items()
                },
                {
                    key: [self[name].urn for name in dict.fromkeys(_named(value))]
                    for key, value in resource.inputs.items()
                    if edges
                },
                self[resource.parent].urn if resource.parent else "",
            )
            for resource in self.resources.values()
        ]

    def _value(self, value: Any, deployed: bool) -> Any:
        match value:
            case Id(of=name, suffix=suffix, known=known) if self[
                name
            ].type in _ID_PATHS and (deployed or known):
                return self[name].id(self) + suffix
            case Id() | Nowhere():
                return UNKNOWN
            case Name(of=name):
                return self[name].text_name
            case dict():
                return {k: self._value(v, deployed) for k, v in value.items()}
            case list():
                return [self._value(each, deployed) for each in value]
        return value


@dataclass(frozen=True)
class Rendered:
    """One resource of a plan as the engine knows it."""

    planned: Planned
    inputs: dict[str, Any]
    edges: dict[str, list[str]]
    parent: str


def _named(value: Any) -> Iterable[str]:
    match value:
        case Id(of=name) | Name(of=name):
            yield name
        case dict():
            for each in value.values():
                yield from _named(each)
        case list():
            for each in value:
                yield from _named(each)


def _renamed(value: Any) -> Any:
    """Return ``value`` with what it names renamed as the copy is."""
    match value:
        case Id() | Name():
            return replace(value, of=f"{value.of}-2")
        case dict():
            return {key: _renamed(each) for key, each in value.items()}
        case list():
            return [_renamed(each) for each in value]
    return value


RG = {"resourceGroupName": "rg"}


def private_endpoint(name: str, target: str, *groups: str) -> Planned:
    """Return an endpoint in the plan's subnet for the resource called ``target``."""
    return Planned(
        "network:PrivateEndpoint",
        name,
        {
            **RG,
            "privateEndpointName": name,
            "subnet": {"id": Id("subnet")},
            "privateLinkServiceConnections": [
                {
                    "name": name,
                    "groupIds": list(groups),
                    "privateLinkServiceId": Id(target),
                }
            ],
        },
    )


def zone_group(endpoint: str, *zones: str) -> Planned:
    """Return the zone group of ``endpoint`` with the plan's zones called ``zones``."""
    return Planned(
        "network:PrivateDnsZoneGroup",
        f"{endpoint}-zones",
        {
            **RG,
            "privateEndpointName": Name(endpoint),
            "privateDnsZoneConfigs": [
                {"name": zone, "privateDnsZoneId": Id(zone)} for zone in zones
            ],
        },
    )


def zone(name: str, zone_name: str) -> tuple[Planned, Planned]:
    """Return a zone and its link to the plan's network."""
    return (
        Planned("privatedns:PrivateZone", name, {**RG, "privateZoneName": zone_name}),
        Planned(
            "privatedns:VirtualNetworkLink",
            f"{name}-link",
            {
                **RG,
                "privateZoneName": Name(name),
                "virtualNetwork": {"id": Id("network")},
            },
        ),
    )


def private_plan() -> Plan:
    """Return a workspace with all its parts, as every rule wants them."""
    return Plan(
        Planned(
            "network:VirtualNetwork", "network", {**RG, "virtualNetworkName": "vnet"}
        ),
        Planned(
            "network:Subnet",
            "subnet",
            {**RG, "virtualNetworkName": Name("network"), "subnetName": "endpoints"},
        ),
        Planned(
            "storage:StorageAccount",
            "account",
            {**RG, "accountName": "acc", "publicNetworkAccess": "Disabled"},
        ),
        Planned(
            "keyvault:Vault",
            "vault",
            {
                **RG,
                "vaultName": "kv",
                "properties": {"publicNetworkAccess": "disabled"},
            },
        ),
        Planned(
            "containerregistry:Registry",
            "registry",
            {**RG, "registryName": "cr", "publicNetworkAccess": "Disabled"},
        ),
        Planned(
            "machinelearningservices:Workspace",
            "workspace",
            {
                **RG,
                "workspaceName": "mlw",
                "publicNetworkAccess": "Disabled",
                "systemDatastoresAuthMode": "Identity",
                "storageAccount": Id("account"),
                "keyVault": Id("vault"),
                "containerRegistry": Id("registry"),
                "applicationInsights": Nowhere(),
            },
        ),
        Planned(
            "machinelearningservices:Compute",
            "cluster",
            {
                **RG,
                "computeName": "cpu",
                "workspaceName": Name("workspace"),
                "properties": {
                    "computeType": "AmlCompute",
                    "disableLocalAuth": True,
                    "properties": {
                        "enableNodePublicIp": False,
                        "remoteLoginPortPublicAccess": "Disabled",
                        "subnet": {"id": Id("subnet")},
                    },
                },
            },
        ),
        *zone("zone-api", "privatelink.api.azureml.ms"),
        *zone("zone-notebooks", "privatelink.notebooks.azure.net"),
        *zone("zone-blob", "privatelink.blob.core.windows.net"),
        *zone("zone-file", "privatelink.file.core.windows.net"),
        *zone("zone-vault", "privatelink.vaultcore.azure.net"),
        *zone("zone-registry", "privatelink.azurecr.io"),
        private_endpoint("pe-workspace", "workspace", "amlworkspace"),
        private_endpoint("pe-blob", "account", "blob"),
        private_endpoint("pe-file", "account", "file"),
        private_endpoint("pe-vault", "vault", "vault"),
        private_endpoint("pe-registry", "registry", "registry"),
        zone_group("pe-workspace", "zone-api", "zone-notebooks"),
        zone_group("pe-blob", "zone-blob"),
        zone_group("pe-file", "zone-file"),
        zone_group("pe-vault", "zone-vault"),
        zone_group("pe-registry", "zone-registry"),
    )

"""Azure resource ids, and what a resource of a stack would be called in one.

Where an id is known, a rule finds the resource that it means by type, resource group
and names, since the engine does not hand over the id of a resource itself.
"""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class ArmId:
    """One id, taken apart; everything is in lower case, as Azure compares ids."""

    subscription: str
    resource_group: str
    type: str
    """``microsoft.network/virtualnetworks/subnets``"""
    names: tuple[str, ...]
    """One name per part of the type."""

    @property
    def parent(self) -> "ArmId | None":
        """The id of the resource that this one is a child of, or None."""
        if len(self.names) == 1:
            return None
        return ArmId(
            self.subscription,
            self.resource_group,
            self.type.rpartition("/")[0],
            self.names[:-1],
        )


@lru_cache(maxsize=4096)
def parse_arm_id(text: str) -> ArmId | None:
    """Return the parts of an id of a resource in a resource group, or None."""
    parts = text.strip().strip("/").lower().split("/")
    if (
        len(parts) < 8
        or len(parts) % 2
        or parts[0] != "subscriptions"
        or parts[2] != "resourcegroups"
        or parts[4] != "providers"
    ):
        return None
    return ArmId(
        subscription=parts[1],
        resource_group=parts[3],
        type="/".join([parts[5], *parts[6::2]]),
        names=tuple(parts[7::2]),
    )


@dataclass(frozen=True, slots=True)
class ArmIdentity:
    """How a Pulumi type is called in ids."""

    type: str
    """ARM type, in lower case."""
    names: tuple[str, ...]
    """The input properties that hold the names, outermost first."""


IDENTITIES: dict[str, ArmIdentity] = {
    "applicationinsights:component": ArmIdentity(
        "microsoft.insights/components", ("resourceName",)
    ),
    "compute:virtualmachine": ArmIdentity(
        "microsoft.compute/virtualmachines", ("vmName",)
    ),
    "containerregistry:registry": ArmIdentity(
        "microsoft.containerregistry/registries", ("registryName",)
    ),
    "dnsresolver:dnsforwardingruleset": ArmIdentity(
        "microsoft.network/dnsforwardingrulesets", ("dnsForwardingRulesetName",)
    ),
    "dnsresolver:dnsresolver": ArmIdentity(
        "microsoft.network/dnsresolvers", ("dnsResolverName",)
    ),
    "keyvault:vault": ArmIdentity("microsoft.keyvault/vaults", ("vaultName",)),
    "machinelearningservices:workspace": ArmIdentity(
        "microsoft.machinelearningservices/workspaces", ("workspaceName",)
    ),
    "managedidentity:userassignedidentity": ArmIdentity(
        "microsoft.managedidentity/userassignedidentities", ("resourceName",)
    ),
    "monitor:datacollectionendpoint": ArmIdentity(
        "microsoft.insights/datacollectionendpoints", ("dataCollectionEndpointName",)
    ),
    "monitor:datacollectionrule": ArmIdentity(
        "microsoft.insights/datacollectionrules", ("dataCollectionRuleName",)
    ),
    "monitor:privatelinkscope": ArmIdentity(
        "microsoft.insights/privatelinkscopes", ("scopeName",)
    ),
    "network:applicationgateway": ArmIdentity(
        "microsoft.network/applicationgateways", ("applicationGatewayName",)
    ),
    "network:azurefirewall": ArmIdentity(
        "microsoft.network/azurefirewalls", ("azureFirewallName",)
    ),
    "network:bastionhost": ArmIdentity(
        "microsoft.network/bastionhosts", ("bastionHostName",)
    ),
    "network:expressroutecircuit": ArmIdentity(
        "microsoft.network/expressroutecircuits", ("circuitName",)
    ),
    "network:firewallpolicy": ArmIdentity(
        "microsoft.network/firewallpolicies", ("firewallPolicyName",)
    ),
    "network:loadbalancer": ArmIdentity(
        "microsoft.network/loadbalancers", ("loadBalancerName",)
    ),
    "network:natgateway": ArmIdentity(
        "microsoft.network/natgateways", ("natGatewayName",)
    ),
    "network:networkinterface": ArmIdentity(
        "microsoft.network/networkinterfaces", ("networkInterfaceName",)
    ),
    "network:networksecuritygroup": ArmIdentity(
        "microsoft.network/networksecuritygroups", ("networkSecurityGroupName",)
    ),
    "network:privateendpoint": ArmIdentity(
        "microsoft.network/privateendpoints", ("privateEndpointName",)
    ),
    "network:privatelinkservice": ArmIdentity(
        "microsoft.network/privatelinkservices", ("serviceName",)
    ),
    "network:publicipaddress": ArmIdentity(
        "microsoft.network/publicipaddresses", ("publicIpAddressName",)
    ),
    "network:routetable": ArmIdentity(
        "microsoft.network/routetables", ("routeTableName",)
    ),
    "network:subnet": ArmIdentity(
        "microsoft.network/virtualnetworks/subnets",
        ("virtualNetworkName", "subnetName"),
    ),
    "network:virtualnetwork": ArmIdentity(
        "microsoft.network/virtualnetworks", ("virtualNetworkName",)
    ),
    "network:virtualnetworkgateway": ArmIdentity(
        "microsoft.network/virtualnetworkgateways", ("virtualNetworkGatewayName",)
    ),
    "operationalinsights:workspace": ArmIdentity(
        "microsoft.operationalinsights/workspaces", ("workspaceName",)
    ),
    "privatedns:privatezone": ArmIdentity(
        "microsoft.network/privatednszones", ("privateZoneName",)
    ),
    "storage:blobserviceproperties": ArmIdentity(
        "microsoft.storage/storageaccounts/blobservices",
        ("accountName", "blobServicesName"),
    ),
    "storage:fileserviceproperties": ArmIdentity(
        "microsoft.storage/storageaccounts/fileservices",
        ("accountName", "fileServicesName"),
    ),
    "storage:queueserviceproperties": ArmIdentity(
        "microsoft.storage/storageaccounts/queueservices",
        ("accountName", "queueServiceName"),
    ),
    "storage:storageaccount": ArmIdentity(
        "microsoft.storage/storageaccounts", ("accountName",)
    ),
    "storage:tableserviceproperties": ArmIdentity(
        "microsoft.storage/storageaccounts/tableservices",
        ("accountName", "tableServiceName"),
    ),
}
"""Pulumi type (``module:resource`` in lower case) to its ARM identity, from the path
parameters of each type (https://www.pulumi.com/registry/packages/azure-native/)."""

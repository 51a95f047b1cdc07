"""Uses the plugin as a program in another language does: by token, in camel case."""

from typing import Any

import pulumi
from pulumi_azure_native import resources


class Remote(pulumi.ComponentResource):
    """A component that the plugin makes."""

    def __init__(
        self, kind: str, name: str, inputs: dict[str, Any], outputs: list[str]
    ) -> None:
        token = f"azureml-network:index:{kind}"
        properties = {**inputs, **dict.fromkeys(outputs)}
        super().__init__(token, name, properties, None, remote=True)

    def output(self, key: str) -> pulumi.Output[Any]:
        """One of the outputs, by its name in the schema."""
        return pulumi.get(self, key)


config = pulumi.Config()
subnets = {
    "training": {"purpose": "training", "size": 25},
    "endpoints": {"purpose": "endpoints"},
}
if spare := config.get("spareSubnet"):
    subnets[spare] = {"purpose": "general"}
group = resources.ResourceGroup(
    "group", resource_group_name="rg-elsewhere", location="westeurope"
)
network = Remote(
    "SecureVnet",
    "net",
    {
        "resourceGroupName": group.name,
        "location": "West Europe",
        "addressSpace": ["10.20.0.0/22"],
        "subnets": subnets,
        "tags": {"release": config.require("release")},
    },
    ["subnetIds", "privateDnsZoneIds", "egressAddress"],
)
workspace = Remote(
    "PrivateWorkspace",
    "ml",
    {
        "resourceGroupName": group.name,
        "location": "West Europe",
        "tenantId": pulumi.Output.secret("11111111-1111-4111-8111-111111111111"),
        "subscriptionId": "22222222-2222-4222-8222-222222222222",
        "workload": "vision",
        "environment": "dev",
        "uniqueSuffix": "7k2d",
        "endpointsSubnetId": network.output("subnetIds")["endpoints"],
        "trainingSubnetId": network.output("subnetIds")["training"],
        "privateDnsZoneIds": network.output("privateDnsZoneIds"),
        "cluster": {"maximumNodes": 8, "vmSize": config.require("vmSize")},
    },
    ["workspaceId"],
)
pulumi.export("workspaceId", workspace.output("workspaceId"))
pulumi.export("egressAddress", network.output("egressAddress"))

"""A workspace whose public access is configured, and known at preview or not."""

import pulumi
import pulumi_azure_native as azure

config = pulumi.Config()
group = azure.resources.ResourceGroup("group", location="westeurope")
access = config.require("access")
azure.machinelearningservices.Workspace(
    "laboratory",
    resource_group_name=group.name,
    location="westeurope",
    public_network_access=(
        group.id.apply(lambda _: access) if config.get_bool("unknown") else access
    ),
)

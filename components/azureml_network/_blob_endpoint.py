"""A private endpoint of a storage account's blobs, with its name in a private zone."""

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import network, storage

from azureml_network._surroundings import Surroundings
from azureml_rulebook.dns_zones import zone_names


def blob_endpoint(
    parts: Surroundings,
    name: str,
    account: storage.StorageAccount,
    subnet_id: Input[str],
    zone_id: Input[str] | None,
) -> list[pulumi.Resource]:
    """Let an account's blobs be reached from inside the network; returns what is made.

    Args:
        parts: the surroundings.
        name: how the names of the endpoint and its parts begin.
        account: the account.
        subnet_id: of the subnet for private endpoints.
        zone_id: of the private DNS zone of its record; None: a policy makes it.
    """
    endpoint = network.PrivateEndpoint(
        f"{name}-endpoint",
        private_endpoint_name=f"{name}-pep",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        subnet={"id": subnet_id},
        custom_network_interface_name=f"{name}-nic",
        private_link_service_connections=[
            {
                "name": "blob",
                "private_link_service_id": account.id,
                "group_ids": ["blob"],
            }
        ],
        tags=parts.tags,
        opts=parts.options(),
    )
    if zone_id is None:
        return [endpoint]
    zone = zone_names("blob", parts.place.cloud_name)[0]
    zones = network.PrivateDnsZoneGroup(
        f"{name}-zones",
        private_dns_zone_group_name="default",
        private_endpoint_name=f"{name}-pep",
        resource_group_name=parts.resource_group_name,
        private_dns_zone_configs=[
            {"name": zone.replace(".", "-"), "private_dns_zone_id": zone_id}
        ],
        opts=ResourceOptions.merge(
            parts.options(endpoint), ResourceOptions(replace_with=[endpoint])
        ),
    )
    return [endpoint, zones]

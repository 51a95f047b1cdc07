"""A private workspace made of bare resources: nothing of our own components."""

import pulumi
import pulumi_azure_native as azure

LOCATION = "westeurope"
group = azure.resources.ResourceGroup("group", location=LOCATION)
here = {"resource_group_name": group.name}
placed = {**here, "location": LOCATION}

network = azure.network.VirtualNetwork(
    "network",
    **placed,
    address_space={"address_prefixes": ["10.0.0.0/24"]},
)
subnet = azure.network.Subnet(
    "endpoints",
    **here,
    virtual_network_name=network.name,
    address_prefix="10.0.0.0/26",
)
account = azure.storage.StorageAccount(
    "account",
    **placed,
    account_name="judgedaccount",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    public_network_access="Disabled",
)
tenant = "00000000-0000-0000-0000-000000000002"
vault = azure.keyvault.Vault(
    "vault",
    **placed,
    properties={
        "tenant_id": tenant,
        "sku": {"family": "A", "name": "standard"},
        "enable_rbac_authorization": True,
        "public_network_access": "disabled",
    },
)
registry = azure.containerregistry.Registry(
    "registry",
    **placed,
    registry_name="judgedregistry",
    sku={"name": "Premium"},
    public_network_access="Disabled",
)
insights = azure.applicationinsights.Component(
    "insights",
    **placed,
    application_type="web",
    kind="web",
    ingestion_mode="LogAnalytics",
    workspace_resource_id=azure.operationalinsights.Workspace(
        "logs", **placed, sku={"name": "PerGB2018"}
    ).id,
)
workspace = azure.machinelearningservices.Workspace(
    "workspace",
    **placed,
    identity={"type": "SystemAssigned"},
    public_network_access="Disabled",
    system_datastores_auth_mode="Identity",
    storage_account=account.id,
    key_vault=vault.id,
    container_registry=registry.id,
    application_insights=insights.id,
)


def zone(name: str) -> azure.privatedns.PrivateZone:
    """Make a zone and link it to the network."""
    made = azure.privatedns.PrivateZone(
        name, **here, private_zone_name=name, location="global"
    )
    azure.privatedns.VirtualNetworkLink(
        f"{name}-link",
        **here,
        private_zone_name=made.name,
        location="global",
        registration_enabled=False,
        virtual_network={"id": network.id},
    )
    return made


def endpoint(target, group_id: str, *zone_names: str) -> azure.network.PrivateEndpoint:
    """Make an endpoint for ``target`` with its zone group and zones."""
    made = azure.network.PrivateEndpoint(
        f"{group_id}-endpoint",
        **placed,
        subnet={"id": subnet.id},
        private_link_service_connections=[
            {
                "name": group_id,
                "group_ids": [group_id],
                "private_link_service_id": target.id,
            }
        ],
    )
    azure.network.PrivateDnsZoneGroup(
        f"{group_id}-zones",
        **here,
        private_endpoint_name=made.name,
        private_dns_zone_configs=[
            {"name": name.replace(".", "-"), "private_dns_zone_id": zone(name).id}
            for name in zone_names
        ],
    )
    return made


workspace_endpoint = endpoint(
    workspace,
    "amlworkspace",
    "privatelink.api.azureml.ms",
    "privatelink.notebooks.azure.net",
)
endpoint(account, "blob", "privatelink.blob.core.windows.net")
endpoint(account, "file", "privatelink.file.core.windows.net")
endpoint(vault, "vault", "privatelink.vaultcore.azure.net")
endpoint(registry, "registry", "privatelink.azurecr.io")

# A cluster without public addresses is refused before its workspace is reached
# through an endpoint.
azure.machinelearningservices.Compute(
    "cluster",
    **placed,
    workspace_name=workspace.name,
    properties={
        "compute_type": "AmlCompute",
        "disable_local_auth": True,
        "properties": {
            "enable_node_public_ip": False,
            "remote_login_port_public_access": "Disabled",
            "vm_size": "Standard_DS3_v2",
            "vm_priority": "Dedicated",
            "subnet": {"id": subnet.id},
            "scale_settings": {"min_node_count": 0, "max_node_count": 1},
        },
    },
    opts=pulumi.ResourceOptions(depends_on=[workspace_endpoint]),
)

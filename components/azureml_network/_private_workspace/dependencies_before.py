"""What a workspace keeps its data in: storage account, key vault, container registry.

Each is closed to the public and admits trusted Azure services only, which the
workspace is one of
(https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet).
"""

from pulumi import Input
from pulumi_azure_native import containerregistry, keyvault, storage

from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_rulebook.studio import (
    STUDIO_MAX_AGE_SECONDS,
    STUDIO_METHODS,
    STUDIO_ORIGINS,
)

SOFT_DELETE_DAYS = 30
"""Days that deleted blobs and containers can be brought back."""
VAULT_SOFT_DELETE_DAYS = 90
"""Days that a deleted vault and its secrets can be brought back; Azure's longest."""


def storage_account(parts: WorkspaceParts) -> storage.StorageAccount:
    """Make the default storage account: no keys, no public blobs, no hierarchy."""
    return storage.StorageAccount(
        f"{parts.name}-storage",
        account_name=parts.plan.naming.name("storage_account"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        kind=storage.Kind.STORAGE_V2,
        sku={"name": parts.plan.replication.value},
        access_tier=storage.AccessTier.HOT,
        # The default store of a workspace cannot have a hierarchical namespace.
        is_hns_enabled=False,
        is_sftp_enabled=False,
        is_local_user_enabled=False,
        allow_shared_key_access=False,
        default_to_o_auth_authentication=True,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        allowed_copy_scope=storage.AllowedCopyScope.PRIVATE_LINK,
        enable_https_traffic_only=True,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        public_network_access=storage.PublicNetworkAccess.DISABLED,
        network_rule_set={
            "default_action": storage.DefaultAction.DENY,
            "bypass": storage.Bypass.AZURE_SERVICES,
            "ip_rules": [],
            "virtual_network_rules": [],
        },
        tags=parts.tags,
        opts=parts.options(),
    )


def blob_service(
    parts: WorkspaceParts, account: storage.StorageAccount
) -> storage.BlobServiceProperties:
    """Let deleted blobs be brought back for a while, and the studio's pages in.

    The pages reach the blobs from browsers inside the private network only.
    """
    return storage.BlobServiceProperties(
        f"{parts.name}-storage-blobs",
        # The only name Azure takes.
        blob_services_name="default",
        account_name=parts.plan.naming.name("storage_account"),
        resource_group_name=parts.resource_group_name,
        delete_retention_policy={"enabled": True, "days": SOFT_DELETE_DAYS},
        container_delete_retention_policy={"enabled": True, "days": SOFT_DELETE_DAYS},
        cors=_studio_rules(parts.plan.cloud_name),
        opts=parts.options([account]),
    )


def _studio_rules(cloud_name: str) -> storage.CorsRulesArgsDict | None:
    origins = STUDIO_ORIGINS.get(cloud_name)
    if origins is None:
        return None
    return {
        "cors_rules": [
            {
                "allowed_origins": list(origins),
                "allowed_methods": list(STUDIO_METHODS),
                "allowed_headers": ["*"],
                "exposed_headers": ["*"],
                "max_age_in_seconds": STUDIO_MAX_AGE_SECONDS,
            }
        ]
    }


def key_vault(parts: WorkspaceParts, tenant_id: Input[str]) -> keyvault.Vault:
    """Make the vault: roles decide who reads it, and nothing can be purged."""
    return keyvault.Vault(
        f"{parts.name}-vault",
        vault_name=parts.plan.naming.name("key_vault"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        properties={
            "tenant_id": tenant_id,
            "sku": {
                "family": keyvault.SkuFamily.A,
                "name": keyvault.SkuName.STANDARD,
            },
            "enable_rbac_authorization": True,
            "enable_soft_delete": True,
            "soft_delete_retention_in_days": VAULT_SOFT_DELETE_DAYS,
            "enable_purge_protection": True,
            "public_network_access": "Disabled",
            "network_acls": {
                "default_action": keyvault.NetworkRuleAction.DENY,
                "bypass": keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
                "ip_rules": [],
                "virtual_network_rules": [],
            },
        },
        tags=parts.tags,
        opts=parts.options(),
    )


def container_registry(parts: WorkspaceParts) -> containerregistry.Registry:
    """Make the registry: Premium, which private endpoints need, and no export."""
    redundancy = (
        containerregistry.ZoneRedundancy.ENABLED
        if parts.plan.zone_redundant_registry
        else containerregistry.ZoneRedundancy.DISABLED
    )
    return containerregistry.Registry(
        f"{parts.name}-registry",
        registry_name=parts.plan.naming.name("container_registry"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        sku={"name": containerregistry.SkuName.PREMIUM},
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        data_endpoint_enabled=True,
        zone_redundancy=redundancy,
        public_network_access=containerregistry.PublicNetworkAccess.DISABLED,
        network_rule_bypass_options=(
            containerregistry.NetworkRuleBypassOptions.AZURE_SERVICES
        ),
        network_rule_set={
            "default_action": containerregistry.DefaultAction.DENY,
            "ip_rules": [],
        },
        policies={
            "export_policy": {"status": containerregistry.ExportPolicyStatus.DISABLED}
        },
        tags=parts.tags,
        opts=parts.options(),
    )

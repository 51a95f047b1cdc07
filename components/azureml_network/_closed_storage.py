"""What every storage account of the components is like: closed but to Entra ID, and
with blobs that can be brought back."""

from typing import TypedDict

from pulumi import Input, Output
from pulumi_azure_native import storage

from azureml_network._diagnostics import Observed
from azureml_network._surroundings import Surroundings
from azureml_rulebook.diagnostics import STORAGE_ACCOUNT, STORAGE_SERVICES

SOFT_DELETE_DAYS = 30
"""Days that deleted blobs and containers can be brought back."""


class ClosedStorageInputs(TypedDict):
    """The inputs of a storage account that keep it closed, whoever reaches it."""

    kind: storage.Kind
    access_tier: storage.AccessTier
    is_hns_enabled: bool
    is_sftp_enabled: bool
    is_local_user_enabled: bool
    allow_shared_key_access: bool
    default_to_o_auth_authentication: bool
    allow_blob_public_access: bool
    allow_cross_tenant_replication: bool
    enable_https_traffic_only: bool
    minimum_tls_version: storage.MinimumTlsVersion


def closed_storage_inputs(*, with_keys: bool = False) -> ClosedStorageInputs:
    """Return them: no keys, no public blobs, no local users, TLS 1.2.

    There is no hierarchical namespace: a workspace's default store cannot have one.
    ``with_keys``: the account's keys are valid all the same.
    """
    return {
        "kind": storage.Kind.STORAGE_V2,
        "access_tier": storage.AccessTier.HOT,
        "is_hns_enabled": False,
        "is_sftp_enabled": False,
        "is_local_user_enabled": False,
        "allow_shared_key_access": with_keys,
        "default_to_o_auth_authentication": True,
        "allow_blob_public_access": False,
        "allow_cross_tenant_replication": False,
        "enable_https_traffic_only": True,
        "minimum_tls_version": storage.MinimumTlsVersion.TLS1_2,
    }


def records_account(
    parts: Surroundings, name: str, account_name: str, *, with_keys: bool = False
) -> storage.StorageAccount:
    """Make an account for records, closed but for private endpoints and for trusted
    services, which come with identities of their own.

    ``name``: what Pulumi calls it. ``with_keys``: as for ``closed_storage_inputs``.
    """
    return storage.StorageAccount(
        name,
        account_name=account_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": storage.SkuName.STANDARD_LRS},
        **closed_storage_inputs(with_keys=with_keys),
        allowed_copy_scope=storage.AllowedCopyScope.PRIVATE_LINK,
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


class SoftDeleteInputs(TypedDict):
    """The inputs of an account's blob service that keep what is deleted."""

    delete_retention_policy: storage.DeleteRetentionPolicyArgsDict
    container_delete_retention_policy: storage.DeleteRetentionPolicyArgsDict


def soft_delete_inputs() -> SoftDeleteInputs:
    """Return them: blobs and containers are kept for ``SOFT_DELETE_DAYS``."""
    kept: storage.DeleteRetentionPolicyArgsDict = {
        "enabled": True,
        "days": SOFT_DELETE_DAYS,
    }
    return {"delete_retention_policy": kept, "container_delete_retention_policy": kept}


def observed_account(word: str, account_id: Input[str]) -> dict[str, Observed]:
    """Return what tells who has read or deleted something in an account, by a word for
    each, which begins with ``word``."""
    services = {
        f"{word}-{group}": Observed(
            resource_id=Output.concat(account_id, f"/{group}Services/default"),
            resource_type=kind,
        )
        for group, kind in STORAGE_SERVICES.items()
    }
    return {
        word: Observed(resource_id=account_id, resource_type=STORAGE_ACCOUNT),
        **services,
    }

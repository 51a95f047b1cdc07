"""The default storage account of a workspace: no keys, public blobs or hierarchy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from pulumi import Input, Output
from pulumi_azure_native import storage

from azureml_network._closed_storage import closed_storage_inputs, soft_delete_inputs
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import (
    AccessMode,
    Replication,
    StorageSpec,
)
from azureml_network._private_workspace.customer_managed_keys import (
    CustomerManagedKeyPlan,
    read_customer_managed_key,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.services import (
    Service,
    ServiceConditions,
    ServicePlan,
    read_access,
    read_existing,
    subnets_of,
)
from azureml_rulebook.customer_managed_keys import KeyUri
from azureml_rulebook.dns_zones import GROUP_IDS_BY_TYPE
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import (
    DEFAULT_STORAGE_GROUPS,
    group_findings,
    missing_groups,
)
from azureml_rulebook.resource_ids import STORAGE_ACCOUNT
from azureml_rulebook.studio import (
    STUDIO_MAX_AGE_SECONDS,
    STUDIO_METHODS,
    STUDIO_ORIGINS,
)

_OWNED_KEYS = ("replication", "customer_managed_key")


@dataclass(frozen=True, kw_only=True)
class StoragePlan(ServicePlan):
    """The default storage account."""

    replication: Replication
    customer_managed_key: CustomerManagedKeyPlan | None
    """None: a key of Microsoft's."""


class _KeyInputs(TypedDict, total=False):
    """What an account gets to be encrypted with a key of one's own."""

    identity: storage.IdentityArgsDict
    encryption: storage.EncryptionArgsDict


def read_storage(
    reader: InputReader, place: Place, naming: Naming, conditions: ServiceConditions
) -> StoragePlan:
    """Read the account at ``storage``."""
    spec = reader.nested("storage", StorageSpec)
    access = read_access(spec, "storage", conditions)
    return StoragePlan(
        name=naming.name("storage_account"),
        existing_id=read_existing(
            spec, "storage", STORAGE_ACCOUNT, _OWNED_KEYS, conditions
        ),
        access=access,
        groups=_groups(spec, access),
        subnets=subnets_of(access, conditions),
        replication=spec.choice("replication", Replication.STANDARD_LRS),
        customer_managed_key=read_customer_managed_key(spec, place),
    )


def storage_service(parts: WorkspaceParts, plan: StoragePlan) -> Service:
    """Make the account and set up its blobs, or take it as it is."""
    if plan.existing_id is not None:
        return Service(id=plan.existing_id, made=None)
    account = _account(parts, plan)
    return Service(
        id=account.id, made=account, settled_by=(_blobs(parts, plan, account),)
    )


def _account(parts: WorkspaceParts, plan: StoragePlan) -> storage.StorageAccount:
    from_subnets = plan.access is AccessMode.SERVICE_ENDPOINT
    return storage.StorageAccount(
        f"{parts.name}-storage",
        account_name=plan.name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": plan.replication.value},
        **closed_storage_inputs(),
        # Private endpoints are what PrivateLink goes by.
        allowed_copy_scope=storage.AllowedCopyScope.AAD
        if from_subnets
        else storage.AllowedCopyScope.PRIVATE_LINK,
        # Rules on subnets work only while the public address is on.
        public_network_access=storage.PublicNetworkAccess.ENABLED
        if from_subnets
        else storage.PublicNetworkAccess.DISABLED,
        network_rule_set={
            "default_action": storage.DefaultAction.DENY,
            "bypass": storage.Bypass.AZURE_SERVICES,
            "ip_rules": [],
            "virtual_network_rules": _subnet_rules(plan.subnets),
        },
        **_key_inputs(plan.customer_managed_key),
        tags=parts.tags,
        opts=parts.options(),
    )


def _subnet_rules(
    subnets: Sequence[Input[str]],
) -> list[storage.VirtualNetworkRuleArgsDict]:
    return [
        {"virtual_network_resource_id": subnet, "action": storage.Action.ALLOW}
        for subnet in subnets
    ]


def _key_inputs(key: CustomerManagedKeyPlan | None) -> _KeyInputs:
    if key is None:
        return {}
    return {
        "identity": {
            "type": storage.IdentityType.USER_ASSIGNED,
            "user_assigned_identities": [key.identity_id],
        },
        "encryption": {
            "key_source": storage.KeySource.MICROSOFT_KEYVAULT,
            "encryption_identity": {
                "encryption_user_assigned_identity": key.identity_id
            },
            "key_vault_properties": _key_properties(key),
            "services": _encrypted_services(),
        },
    }


def _encrypted_services() -> storage.EncryptionServicesArgsDict:
    """Encrypt all that the account keeps. Its key protects queues and tables only where
    the account is made so
    (https://learn.microsoft.com/azure/storage/common/account-encryption-key-create)."""
    service: storage.EncryptionServiceArgsDict = {
        "enabled": True,
        "key_type": storage.KeyType.ACCOUNT,
    }
    return {"blob": service, "file": service, "queue": service, "table": service}


def _key_properties(
    key: CustomerManagedKeyPlan,
) -> Input[storage.KeyVaultPropertiesArgsDict]:
    parsed = key.parsed_uri()
    if isinstance(parsed, KeyUri):
        return _as_properties(parsed)
    return Output.from_input(parsed).apply(_as_properties)


def _as_properties(key: KeyUri) -> storage.KeyVaultPropertiesArgsDict:
    properties: storage.KeyVaultPropertiesArgsDict = {
        "key_name": key.key_name,
        "key_vault_uri": key.vault_uri,
    }
    if key.key_version is not None:
        properties["key_version"] = key.key_version
    return properties


def _blobs(
    parts: WorkspaceParts, plan: StoragePlan, account: storage.StorageAccount
) -> storage.BlobServiceProperties:
    """Let deleted blobs be brought back for a while, and the studio's pages in.

    The pages reach the blobs from browsers inside the private network only.
    """
    return storage.BlobServiceProperties(
        f"{parts.name}-storage-blobs",
        # The only name Azure takes.
        blob_services_name="default",
        account_name=plan.name,
        resource_group_name=parts.resource_group_name,
        **soft_delete_inputs(),
        cors=_studio_rules(parts.place.cloud_name),
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


def _groups(spec: InputReader, access: AccessMode) -> tuple[str, ...]:
    """Return the group ids of the endpoints, blob and file among them."""
    key = "endpoints"
    if access is AccessMode.SERVICE_ENDPOINT:
        if spec.has(key):
            spec.note(
                key,
                f"are private endpoints, and access is '{access}'; leave them out, or "
                f"use access '{AccessMode.PRIVATE_ENDPOINT}'",
            )
        return ()
    valid: list[str] = []
    for index, group in enumerate(spec.texts(key, DEFAULT_STORAGE_GROUPS)):
        faults = group_findings(
            STORAGE_ACCOUNT, (str(group),), path=f"{spec.path}.{key}[{index}]"
        )
        spec.findings += faults
        if not faults:
            valid.append(str(group).lower())
    spec.findings += missing_groups(STORAGE_ACCOUNT, valid, path=f"{spec.path}.{key}")
    order = GROUP_IDS_BY_TYPE[STORAGE_ACCOUNT]
    return tuple(sorted(set(valid), key=order.index))

"""Rules on who gets into a storage account: nobody without an identity in Entra ID."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    Resource,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, CIS_3, MCSB, assigned
from azureml_policies._plan import ACCOUNT
from azureml_policies.storage.protection import BLOB_SERVICE

CONTAINER = "storage:BlobContainer"
_ANYBODY = ("*", "http://*", "https://*")
_DOCS = "https://learn.microsoft.com/azure/storage"
_ANONYMOUS_DOCS = f"{_DOCS}/blobs/anonymous-read-access-prevent"


@resource_rule(
    id="ST006",
    name="storage-no-blob-anonymous",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    controls=(Control(MCSB, "NS-2"), Control(CIS_3, "4.6"), Control(CIS_2, "3.7")),
    azure_policies=(
        "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751",
        "13502221-8df0-4414-9937-de9c5c4e396b",
    ),
    twins=(
        "psrule:Azure.Storage.BlobPublicAccess",
        "checkov:CKV_AZURE_190",
        "checkov:CKV2_AZURE_47",
        "trivy:AZU-0007",
    ),
    remedy={"allowBlobPublicAccess": False},
    steps="Set allowBlobPublicAccess to false.",
    url=_ANONYMOUS_DOCS,
    bad={"allowBlobPublicAccess": True},
    good={"allowBlobPublicAccess": False},
)
def storage_no_anonymous_blobs(
    account: Resource, context: Context
) -> Iterator[Finding]:
    """No container of a storage account can be read without signing in."""
    yield from must_be_flag(
        account,
        "allowBlobPublicAccess",
        False,
        unset="accounts of older API versions count it as true",
    )


@resource_rule(
    id="ST007",
    name="storage-no-shared-key",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    controls=(Control(MCSB, "IM-1"),),
    azure_policies=("8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54",),
    twins=("checkov:CKV2_AZURE_40",),
    steps="Give people and compute roles on the account, set systemDatastoresAuthMode "
    "of its workspace to Identity, then set allowSharedKeyAccess to false: whoever "
    "still uses keys is shut out.",
    url=f"{_DOCS}/common/shared-key-authorization-prevent",
    bad={"allowSharedKeyAccess": True},
    good={"allowSharedKeyAccess": False},
)
def storage_no_shared_key(account: Resource, context: Context) -> Iterator[Finding]:
    """The keys of a storage account open nothing."""
    yield from must_be_flag(
        account, "allowSharedKeyAccess", False, unset="Azure leaves the keys valid"
    )


@resource_rule(
    id="ST010",
    name="storage-no-cross-tenant-replication",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    controls=(assigned("DP-2"),),
    azure_policies=("92a89a79-6c52-4a7e-a03f-61306fc49312",),
    remedy={"allowCrossTenantReplication": False},
    steps="Set allowCrossTenantReplication to false.",
    url=f"{_DOCS}/blobs/object-replication-prevent-cross-tenant-policies",
    bad={"allowCrossTenantReplication": True},
    good={"allowCrossTenantReplication": False},
)
def storage_no_cross_tenant_replication(
    account: Resource, context: Context
) -> Iterator[Finding]:
    """Blobs of a storage account are not replicated into other tenants."""
    yield from must_be_flag(
        account,
        "allowCrossTenantReplication",
        False,
        unset="accounts of older API versions count it as true",
    )


@resource_rule(
    id="ST011",
    name="storage-copy-scope",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    settings={
        "scopes": {
            "type": "array",
            "items": {"type": "string", "enum": ["PrivateLink", "AAD"]},
            "minItems": 1,
            "default": ["PrivateLink", "AAD"],
            "description": "From where data may be copied: PrivateLink is accounts "
            "with private endpoints in the same network, AAD the own tenant",
        }
    },
    controls=(assigned("DP-2"),),
    remedy={"allowedCopyScope": "PrivateLink"},
    steps="Set allowedCopyScope to PrivateLink, or to AAD where accounts of the tenant "
    "copy from each other without private endpoints.",
    url=f"{_DOCS}/common/security-restrict-copy-operations",
    bad={},
    good={"allowedCopyScope": "PrivateLink"},
)
def storage_copy_scope(account: Resource, context: Context) -> Iterator[Finding]:
    """Data are not copied into a storage account from anywhere."""
    yield from must_be(
        account,
        "allowedCopyScope",
        *context.settings["scopes"],
        unset="Azure copies from every account",
    )


@resource_rule(
    id="ST012",
    name="storage-no-local-users",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    controls=(assigned("IM-1"),),
    twins=("checkov:CKV_AZURE_244",),
    remedy={"isLocalUserEnabled": False, "isSftpEnabled": False},
    steps="Set isLocalUserEnabled and isSftpEnabled to false: local users sign in with "
    "passwords and keys of their own.",
    url=f"{_DOCS}/blobs/secure-file-transfer-protocol-support",
    bad={"isLocalUserEnabled": True, "isSftpEnabled": True},
    good={"isLocalUserEnabled": False, "isSftpEnabled": False},
)
def storage_no_local_users(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account has no users of its own, and no SFTP."""
    yield from must_be_flag(
        account,
        "isLocalUserEnabled",
        False,
        unset="nothing keeps local users out",
    )
    yield from must_be_flag(account, "isSftpEnabled", False)


@resource_rule(
    id="ST013",
    name="storage-oauth-default",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(ACCOUNT,),
    controls=(assigned("IM-1"),),
    remedy={"defaultToOAuthAuthentication": True},
    steps="Set defaultToOAuthAuthentication to true.",
    url=f"{_DOCS}/blobs/authorize-data-operations-portal",
    bad={},
    good={"defaultToOAuthAuthentication": True},
)
def storage_entra_id_by_default(
    account: Resource, context: Context
) -> Iterator[Finding]:
    """The portal opens a storage account with Entra ID, not with its keys."""
    yield from must_be_flag(
        account,
        "defaultToOAuthAuthentication",
        True,
        unset="the portal uses the account's keys",
    )


@resource_rule(
    id="ST014",
    name="storage-container-private",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(CONTAINER,),
    controls=(assigned("NS-2"),),
    twins=(
        "psrule:Azure.Storage.BlobAccessType",
        "checkov:CKV_AZURE_34",
        "trivy:AZU-0007",
    ),
    remedy={"publicAccess": "None"},
    steps="Set publicAccess of the container to None, or leave it out.",
    url=_ANONYMOUS_DOCS,
    bad={"publicAccess": "Blob"},
    good={"publicAccess": "None"},
)
def storage_container_private(
    container: Resource, context: Context
) -> Iterator[Finding]:
    """A container cannot be read without signing in."""
    yield from must_be(container, "publicAccess", "None")


@resource_rule(
    id="ST020",
    name="storage-cors-narrow",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(BLOB_SERVICE,),
    controls=(assigned("NS-2"),),
    steps="Name the origins whose pages may read blobs in a browser, such as the "
    "studio's, in allowedOrigins of every rule.",
    url="https://learn.microsoft.com/rest/api/storageservices/"
    "cross-origin-resource-sharing--cors--support-for-the-azure-storage-services",
    bad={"cors": {"corsRules": [{"allowedOrigins": ["*"]}]}},
    good={"cors": {"corsRules": [{"allowedOrigins": ["https://ml.azure.com"]}]}},
)
def storage_cors_narrow(service: Resource, context: Context) -> Iterator[Finding]:
    """Not every page reads blobs with the browser of somebody who may."""
    rules = service.value("cors.corsRules")
    each_rule = [rules] if isinstance(rules, Unknown) else rules.elements()
    for rule in each_rule:
        origins = rule.at("allowedOrigins")
        each_origin = [origins] if isinstance(origins, Unknown) else origins.elements()
        for origin in each_origin:
            if isinstance(origin, Unknown):
                yield undecided(origin, "it has to be an origin that is meant")
            elif isinstance(origin, Known) and str(origin.value).strip() in _ANYBODY:
                yield Violation(
                    origin.path,
                    f"{origin.path} is {origin.text}: every page; name origins",
                )

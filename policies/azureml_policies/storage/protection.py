"""Rules on how data of a storage account are encrypted, and brought back."""

import re
from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Known,
    NotApplicable,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, CIS_3, MCSB, assigned
from azureml_policies._plan import ACCOUNT
from azureml_policies._workspaces import perhaps

BLOB_SERVICE = "storage:BlobServiceProperties"
_DOCS = "https://learn.microsoft.com/azure/storage"
_PERIOD = "sasPolicy.sasExpirationPeriod"
_PERIOD_FORM = re.compile(r"(\d{1,9})\.(\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)
_RETENTION = "deleteRetentionPolicy"
_CONTAINER_RETENTION = "containerDeleteRetentionPolicy"
_LONGEST_RETENTION_DAYS = 365
"""Days that deleted blobs can be kept at most
(https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview)."""
_WITHOUT_BLOBS = ("FileStorage",)
"""Kinds of accounts that hold no blobs
(https://learn.microsoft.com/azure/storage/common/storage-account-overview)."""


@resource_rule(
    id="ST008",
    name="storage-min-tls",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    controls=(Control(CIS_3, "4.15"), Control(CIS_2, "3.15"), Control(MCSB, "DP-3")),
    azure_policies=("fe83a0eb-a853-422d-aac2-1bffd182c5d0",),
    twins=(
        "psrule:Azure.Storage.MinTLS",
        "checkov:CKV_AZURE_44",
        "trivy:AZU-0011",
    ),
    remedy={"minimumTlsVersion": "TLS1_2"},
    steps="Set minimumTlsVersion to TLS1_2.",
    url=f"{_DOCS}/common/transport-layer-security-configure-minimum-version",
    bad={"minimumTlsVersion": "TLS1_0"},
    good={"minimumTlsVersion": "TLS1_2"},
)
def storage_minimum_tls(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account refuses old versions of TLS."""
    yield from must_be(
        account,
        "minimumTlsVersion",
        "TLS1_2",
        "TLS1_3",
        unset="Azure accepts TLS 1.0",
    )


@resource_rule(
    id="ST009",
    name="storage-https-only",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    controls=(Control(MCSB, "DP-3"), Control(CIS_3, "4.1")),
    azure_policies=("404c3081-a854-4457-ae30-26a93ef643f9",),
    twins=(
        "psrule:Azure.Storage.SecureTransfer",
        "checkov:CKV_AZURE_3",
        "trivy:AZU-0008",
    ),
    remedy={"enableHttpsTrafficOnly": True},
    steps="Set enableHttpsTrafficOnly to true, or leave it out.",
    url=f"{_DOCS}/common/storage-require-secure-transfer",
    bad={"enableHttpsTrafficOnly": False},
    good={"enableHttpsTrafficOnly": True},
)
def storage_https_only(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account talks with nobody unencrypted."""
    yield from must_be_flag(account, "enableHttpsTrafficOnly", True)


@resource_rule(
    id="ST015",
    name="storage-infrastructure-encryption",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(ACCOUNT,),
    controls=(Control(CIS_3, "4.2"), Control(CIS_2, "3.2")),
    azure_policies=("4733ea7b-a883-42fe-8cac-97454c2a9e4a",),
    twins=("trivy:AZU-0061",),
    steps="Set encryption.requireInfrastructureEncryption to true when the account is "
    "made: it cannot change later.",
    url=f"{_DOCS}/common/infrastructure-encryption-enable",
    bad={"encryption": {"keySource": "Microsoft.Storage"}},
    good={
        "encryption": {
            "keySource": "Microsoft.Storage",
            "requireInfrastructureEncryption": True,
        }
    },
)
def storage_infrastructure_encryption(
    account: Resource, context: Context
) -> Iterator[Finding]:
    """Data of a storage account are encrypted twice."""
    yield from must_be_flag(
        account,
        "encryption.requireInfrastructureEncryption",
        True,
        unset="Azure encrypts once",
    )


@stack_rule(
    id="ST016",
    name="storage-soft-delete",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ACCOUNT, BLOB_SERVICE),
    settings={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "default": 7,
            "description": "How many days deleted blobs have to be kept at least; "
            f"Azure takes 1 to {_LONGEST_RETENTION_DAYS}",
        }
    },
    controls=(assigned("BR-1"),),
    twins=(
        "psrule:Azure.Storage.SoftDelete",
        "checkov:CKV2_AZURE_38",
        "trivy:AZU-0056",
    ),
    steps="Add a storage.BlobServiceProperties to the account with "
    "deleteRetentionPolicy enabled and its days.",
    url=f"{_DOCS}/blobs/soft-delete-blob-enable",
    bad=[{"type": ACCOUNT, "name": "account", "properties": {"accountName": "stml"}}],
    good=[
        {"type": ACCOUNT, "name": "account", "properties": {"accountName": "stml"}},
        {
            "type": BLOB_SERVICE,
            "name": "blobs",
            "properties": {
                "accountName": "stml",
                _RETENTION: {"enabled": True, "days": 30},
            },
        },
    ],
)
def storage_soft_delete(subject: Resource, context: Context) -> Iterator[Finding]:
    """Deleted blobs of a storage account can be brought back for a while."""
    if subject.key == BLOB_SERVICE.lower():
        yield from _retention_findings(
            subject, context.settings["minimumDays"], _RETENTION, "blobs"
        )
        return
    kind = subject.value("kind")
    if isinstance(kind, Known) and kind.is_any_of(_WITHOUT_BLOBS):
        raise NotApplicable("the account holds no blobs")
    findings = _has_blob_service(subject, context.stack)
    if isinstance(kind, Unknown):
        findings = perhaps(kind, f"it is not '{_WITHOUT_BLOBS[0]}'", findings)
    yield from findings


@resource_rule(
    id="ST017",
    name="storage-sas-policy",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(ACCOUNT,),
    settings={
        "maximumDays": {
            "type": "integer",
            "minimum": 1,
            "default": 7,
            "description": "How many days a shared access signature is valid at most",
        }
    },
    controls=(assigned("IM-1"),),
    azure_policies=(
        "bc1b984e-ddae-40cc-801a-050a030e4fbe",
        "7aa1c9d5-3d7e-4579-8117-d85e99211757",
    ),
    twins=("checkov:CKV2_AZURE_41",),
    remedy={_PERIOD: FromSetting("maximumDays", lambda days: _period(days))},
    steps="Set sasPolicy.sasExpirationPeriod, written DD.HH:MM:SS.",
    url=f"{_DOCS}/common/sas-expiration-policy",
    bad={"sasPolicy": {"sasExpirationPeriod": "30.00:00:00"}},
    good={"sasPolicy": {"sasExpirationPeriod": "7.00:00:00"}},
)
def storage_signatures_expire(account: Resource, context: Context) -> Iterator[Finding]:
    """Shared access signatures of a storage account are valid for a few days only."""
    days = context.settings["maximumDays"]
    wanted = f"'{_period(days)}' or less"
    period = account.value(_PERIOD)
    match period:
        case Unknown():
            yield undecided(period, f"it has to be {wanted}")
        case Known(is_blank=False):
            found = _days(str(period.value))
            if found is None or found > days:
                yield Violation(
                    _PERIOD, f"{_PERIOD} is {period.text}; set it to {wanted}"
                )
        case _:
            yield Violation(
                _PERIOD,
                f"{_PERIOD} is missing: signatures may be valid for ever; set it to "
                f"{wanted}",
            )


@resource_rule(
    id="ST018",
    name="storage-container-soft-delete",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(BLOB_SERVICE,),
    settings={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "default": 7,
            "description": "How many days deleted containers have to be kept at least",
        }
    },
    controls=(assigned("BR-1"),),
    twins=("psrule:Azure.Storage.ContainerSoftDelete",),
    steps="Set containerDeleteRetentionPolicy of the account's "
    "storage.BlobServiceProperties to enabled, with its days: what blobs are kept by "
    "does not keep a container.",
    url=f"{_DOCS}/blobs/soft-delete-container-overview",
    bad={"accountName": "stml", _RETENTION: {"enabled": True, "days": 30}},
    good={
        "accountName": "stml",
        _CONTAINER_RETENTION: {"enabled": True, "days": 30},
    },
)
def storage_container_soft_delete(
    service: Resource, context: Context
) -> Iterator[Finding]:
    """Deleted containers of a storage account can be brought back for a while."""
    yield from _retention_findings(
        service, context.settings["minimumDays"], _CONTAINER_RETENTION, "containers"
    )


@resource_rule(
    id="ST019",
    name="storage-account-kind",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(ACCOUNT,),
    controls=(assigned("GS-2"),),
    steps="Set kind to StorageV2, or to BlockBlobStorage or FileStorage for accounts "
    "of premium performance; older kinds lack what guards data in newer ones.",
    url=f"{_DOCS}/common/storage-account-overview",
    bad={"kind": "Storage"},
    good={"kind": "StorageV2"},
)
def storage_account_kind(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account is of a kind that Azure still improves."""
    yield from must_be(
        account,
        "kind",
        "StorageV2",
        "BlockBlobStorage",
        "FileStorage",
        unset="Azure wants to be told",
    )


def _retention_findings(
    service: Resource, least: float, policy: str, what: str
) -> Iterator[Finding]:
    yield from must_be_flag(
        service,
        f"{policy}.enabled",
        True,
        unset=f"deleted {what} are gone at once",
    )
    path = f"{policy}.days"
    wanted = f"{least:g} or more"
    match service.value(path):
        case Unknown() as unknown:
            yield undecided(unknown, f"it has to be {wanted}")
        case Known(value=float() as days) if days >= least:
            return
        case Known() as days:
            yield Violation(path, f"{path} is {days.text}; set it to {wanted}")
        case _:
            yield Violation(
                path, f"{path} is missing: nothing says how long; set it to {wanted}"
            )


def _has_blob_service(account: Resource, stack: Stack) -> Iterator[Finding]:
    references = stack.once(_accounts_of_blob_services)
    if any(reference.certain is account for reference in references):
        return
    for reference in references:
        if reference.may_be(account):
            yield undecided(reference.reading, f"it has to be account '{account.name}'")
            return
    yield Violation(
        "",
        f"account '{account.name}' has no BlobServiceProperties, so deleted blobs are "
        f"gone at once; add one with {_RETENTION}",
    )


def _accounts_of_blob_services(stack: Stack) -> list[Reference]:
    """Return which account each set of blob properties belongs to."""
    return [
        stack.resolve(service, service.value("accountName"), ACCOUNT)
        for service in stack.of_type(BLOB_SERVICE)
    ]


def _period(days: float) -> str:
    """Return a number of days as Azure takes it."""
    return f"{int(days)}.00:00:00"


def _days(period: str) -> float | None:
    """Return the days of ``DD.HH:MM:SS``; None for what has another form."""
    match = _PERIOD_FORM.fullmatch(period.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part) for part in match.groups())
    return days + hours / 24 + minutes / 1440 + seconds / 86400

"""Rules for key vaults, and for the secrets, keys and access policies in them.

A vault of this provider keeps the nesting of Azure's own interface: everything is below
``properties``, and its public switch is a free text in any case.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._access import (
    ACCESS_MODE,
    ALLOWED_RANGES,
    closed_or_networks_only,
    only_allowed_addresses,
)
from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    must_be_at_least,
    must_be_flag,
    must_be_set,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import (
    CIS_2,
    CIS_3,
    MCSB,
    MCSB_V2,
    NIST,
    assigned,
)
from azureml_policies._plan import VAULT

ACCESS_POLICY = "keyvault:AccessPolicy"
SECRET = "keyvault:Secret"
KEY = "keyvault:Key"

_DOCS = "https://learn.microsoft.com/azure/key-vault"
_FIREWALL_DOCS = f"{_DOCS}/general/network-security"
_SOFT_DELETE_DOCS = f"{_DOCS}/general/soft-delete-overview"
_RULES = "properties.networkAcls"
_LARGE_PERMISSIONS = ("all", "purge")
_DAYS = "minimumRetentionDays"


@resource_rule(
    id="KV001",
    name="keyvault-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(VAULT,),
    settings=ACCESS_MODE,
    controls=(Control(MCSB_V2, "NS-2"), assigned("DP-8")),
    azure_policies=("405c5871-3e91-4644-8a63-58e19d68ff5b",),
    twins=("checkov:CKV_AZURE_189",),
    remedy={"properties.publicNetworkAccess": "disabled"},
    steps="Set properties.publicNetworkAccess to disabled and reach the vault through "
    "a private endpoint.",
    url=_FIREWALL_DOCS,
    bad={"properties": {"publicNetworkAccess": "enabled"}},
    good={"properties": {"publicNetworkAccess": "disabled"}},
)
def keyvault_no_public_access(vault: Resource, context: Context) -> Iterator[Finding]:
    """A key vault is not reachable from public networks."""
    yield from closed_or_networks_only(
        vault,
        context,
        "properties.publicNetworkAccess",
        "disabled",
        rules=_RULES,
        unset="Azure opens a vault that does not say",
    )


@resource_rule(
    id="KV002",
    name="keyvault-default-deny",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(VAULT,),
    controls=(Control(MCSB, "NS-2"), Control(MCSB, "DP-8"), Control(NIST, "SC-7")),
    azure_policies=(
        "55615ac9-af46-4a59-874e-391cc3dfb490",
        "ac673a9a-f77d-4846-b2d8-a57f8e1c01dc",
    ),
    twins=(
        "psrule:Azure.KeyVault.Firewall",
        "checkov:CKV_AZURE_109",
        "trivy:AZU-0013",
    ),
    remedy={f"{_RULES}.defaultAction": "Deny"},
    steps="Set properties.networkAcls.defaultAction to Deny, whatever "
    "publicNetworkAccess says: the firewall still stands when somebody opens that.",
    url=_FIREWALL_DOCS,
    bad={"properties": {"networkAcls": {"defaultAction": "Allow"}}},
    good={"properties": {"networkAcls": {"defaultAction": "Deny"}}},
)
def keyvault_default_deny(vault: Resource, context: Context) -> Iterator[Finding]:
    """The firewall of a key vault denies by default."""
    findings = must_be(
        vault,
        f"{_RULES}.defaultAction",
        "Deny",
        unset="everybody may pass",
    )
    mode = vault.value("properties.createMode")
    match mode:
        case Known() if mode.is_any_of(("recover",)):
            raise NotApplicable("a recovered vault keeps the firewall that it had")
        case Unknown():
            for finding in findings:
                yield undecided(mode, f"if it is not 'recover', {finding.message}")
        case _:
            yield from findings


@resource_rule(
    id="KV003",
    name="keyvault-trusted-services",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(VAULT,),
    controls=(assigned("NS-2"),),
    twins=("psrule:Azure.KeyVault.Firewall",),
    remedy={f"{_RULES}.bypass": "AzureServices"},
    steps="Set properties.networkAcls.bypass to AzureServices: Azure Machine Learning "
    "and disks encrypted with keys of one's own reach the vault as trusted services.",
    url=f"{_DOCS}/general/overview-vnet-service-endpoints",
    bad={"properties": {"networkAcls": {"bypass": "None"}}},
    good={"properties": {"networkAcls": {"bypass": "AzureServices"}}},
)
def keyvault_trusted_services(vault: Resource, context: Context) -> Iterator[Finding]:
    """The firewall of a key vault lets trusted services of Azure pass."""
    yield from must_be(vault, f"{_RULES}.bypass", "AzureServices")


@resource_rule(
    id="KV004",
    name="keyvault-ip-rules-allowlist",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(VAULT,),
    settings=ALLOWED_RANGES,
    controls=(Control(MCSB, "NS-2"),),
    azure_policies=("55615ac9-af46-4a59-874e-391cc3dfb490",),
    steps="Remove the addresses from properties.networkAcls.ipRules, or name their "
    "range in allowedCidrs.",
    url=_FIREWALL_DOCS,
    bad={"properties": {"networkAcls": {"ipRules": [{"value": "198.51.100.0/24"}]}}},
    good={"properties": {"networkAcls": {"ipRules": [{"value": "203.0.113.7"}]}}},
    example_settings={"allowedCidrs": ["203.0.113.0/24"]},
)
def keyvault_ip_rules_allowlist(vault: Resource, context: Context) -> Iterator[Finding]:
    """Public addresses that pass the firewall of a key vault are allowed ones."""
    yield from only_allowed_addresses(vault, context, f"{_RULES}.ipRules", "value")


@resource_rule(
    id="KV005",
    name="keyvault-purge-protection",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(VAULT,),
    controls=(Control(MCSB, "DP-8"), Control(CIS_3, "3.3.5"), Control(CIS_2, "8.5")),
    azure_policies=("0b60c0b2-2dc2-4e1c-b5c9-abbed971de53",),
    twins=(
        "psrule:Azure.KeyVault.PurgeProtect",
        "checkov:CKV_AZURE_110",
        "checkov:CKV_AZURE_42",
        "trivy:AZU-0016",
    ),
    steps="Set properties.enablePurgeProtection to true. It cannot be taken back, and "
    "the name of a deleted vault stays taken until its retention is over.",
    url=f"{_SOFT_DELETE_DOCS}#purge-protection",
    bad={"properties": {"enableSoftDelete": True}},
    good={"properties": {"enablePurgeProtection": True}},
)
def keyvault_purge_protection(vault: Resource, context: Context) -> Iterator[Finding]:
    """Nobody can purge a deleted key vault before its retention is over."""
    yield from must_be_flag(
        vault,
        "properties.enablePurgeProtection",
        True,
        unset="whoever deletes secrets can purge them at once",
    )


@resource_rule(
    id="KV006",
    name="keyvault-soft-delete",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(VAULT,),
    settings={
        _DAYS: {
            "type": "integer",
            "minimum": 7,
            "default": 90,
            "description": "Days that a deleted vault has to stay recoverable; Azure "
            "takes 7 to 90, once and for all when the vault is made",
        }
    },
    controls=(Control(MCSB, "DP-8"), Control(CIS_3, "3.3.5")),
    azure_policies=("1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d",),
    twins=("psrule:Azure.KeyVault.SoftDelete", "checkov:CKV_AZURE_111"),
    remedy={
        "properties.enableSoftDelete": True,
        "properties.softDeleteRetentionInDays": FromSetting(_DAYS),
    },
    steps="Leave properties.enableSoftDelete out or set it to true, and "
    "softDeleteRetentionInDays to 90.",
    url=_SOFT_DELETE_DOCS,
    bad={"properties": {"enableSoftDelete": True, "softDeleteRetentionInDays": 7}},
    good={"properties": {"enableSoftDelete": True, "softDeleteRetentionInDays": 90}},
)
def keyvault_soft_delete(vault: Resource, context: Context) -> Iterator[Finding]:
    """A deleted key vault can be recovered long enough."""
    yield from must_be_flag(vault, "properties.enableSoftDelete", True)
    yield from must_be_at_least(
        vault, "properties.softDeleteRetentionInDays", context.settings[_DAYS]
    )


@resource_rule(
    id="KV007",
    name="keyvault-rbac",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(VAULT,),
    controls=(Control(MCSB, "PA-7"), Control(CIS_3, "3.3.6"), Control(CIS_2, "8.6")),
    azure_policies=("12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5",),
    steps="Give the roles that stand for the vault's access policies, then set "
    "properties.enableRbacAuthorization to true: from then on access policies count "
    "for nothing.",
    url=f"{_DOCS}/general/rbac-migration",
    bad={"properties": {"enableRbacAuthorization": False}},
    good={"properties": {"enableRbacAuthorization": True}},
)
def keyvault_rbac(vault: Resource, context: Context) -> Iterator[Finding]:
    """Roles decide who reads a key vault, not access policies of its own."""
    yield from must_be_flag(
        vault,
        "properties.enableRbacAuthorization",
        True,
        unset="the vault goes by access policies of its own",
    )


@resource_rule(
    id="KV008",
    name="keyvault-access-policy-least",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(VAULT, ACCESS_POLICY),
    controls=(assigned("PA-7"),),
    twins=("psrule:Azure.KeyVault.AccessPolicy",),
    steps="Name the permissions that are used, such as get and list, in place of all, "
    "and leave purge out.",
    url=f"{_DOCS}/general/security-features",
    bad={
        "properties": {"accessPolicies": [{"permissions": {"secrets": ["get", "all"]}}]}
    },
    good={
        "properties": {
            "accessPolicies": [{"permissions": {"secrets": ["get", "list"]}}]
        }
    },
)
def keyvault_access_policy_least(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """An access policy names permissions one by one, and never purge."""
    if subject.key == ACCESS_POLICY.lower():
        yield from _large_permissions(subject.value("policy.permissions"))
        return
    policies = subject.value("properties.accessPolicies")
    if isinstance(policies, Unknown):
        yield undecided(policies, "no access policy may grant all or purge")
        return
    for policy in policies.elements():
        yield from _large_permissions(policy.at("permissions"))


@resource_rule(
    id="KV009",
    name="keyvault-secret-key-expiry",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(SECRET, KEY),
    controls=(
        Control(MCSB, "DP-6"),
        Control(CIS_3, "3.3.1"),
        Control(CIS_3, "3.3.2"),
        Control(CIS_3, "3.3.3"),
        Control(CIS_3, "3.3.4"),
    ),
    azure_policies=(
        "98728c90-32c7-4049-8429-847dc0f4fe37",
        "152b15f7-8e1f-4c1f-ab71-8c010ba5dbc0",
    ),
    twins=(
        "checkov:CKV_AZURE_40",
        "checkov:CKV_AZURE_41",
        "trivy:AZU-0014",
        "trivy:AZU-0017",
    ),
    steps="Set properties.attributes.expires, in seconds since 1970, and replace the "
    "secret or rotate the key before that day.",
    url=f"{_DOCS}/general/about-keys-secrets-certificates",
    bad={"properties": {"attributes": {"enabled": True}}},
    good={"properties": {"attributes": {"enabled": True, "expires": 1830297600}}},
)
def keyvault_secret_key_expiry(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """A secret or key in a key vault has a day on which it expires."""
    yield from must_be_set(
        subject, "properties.attributes.expires", unset="it is good for ever"
    )


def _large_permissions(permissions: Reading) -> Iterator[Finding]:
    """Yield a finding for every permission that is more than anybody needs."""
    if isinstance(permissions, Unknown):
        yield undecided(permissions, "it must grant neither all nor purge")
        return
    for kind in permissions.entries().values():
        if isinstance(kind, Unknown):
            yield undecided(kind, "it must grant neither all nor purge")
            continue
        for granted in kind.elements():
            if isinstance(granted, Unknown):
                yield undecided(granted, "it must be neither all nor purge")
            elif isinstance(granted, Known) and granted.is_any_of(_LARGE_PERMISSIONS):
                yield Violation(
                    granted.path,
                    f"{granted.path} is {granted.text}; name the permissions that are "
                    "used instead",
                )

"""Rules for workspaces: who reaches one, what it acts as, and what it depends on.

A workspace is private only if its own switches say so. Azure's defaults are the open
ones, so a property that is not set counts as open.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Known,
    NotApplicable,
    Resource,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    must_be_set,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB, PCI, assigned
from azureml_policies._plan import WORKSPACE
from azureml_policies._workspaces import DOCS, perhaps, unless_hub_project
from azureml_rulebook.workspace_kinds import PROJECT

_LINK_DOCS = f"{DOCS}/how-to-configure-private-link"
_ID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"
_FOUR = {
    "storageAccount": f"{_ID}/Microsoft.Storage/storageAccounts/stml",
    "keyVault": f"{_ID}/Microsoft.KeyVault/vaults/kv-ml",
    "applicationInsights": f"{_ID}/Microsoft.Insights/components/appi-ml",
    "containerRegistry": f"{_ID}/Microsoft.ContainerRegistry/registries/crml",
}
_IDENTITY = f"{_ID}/Microsoft.ManagedIdentity/userAssignedIdentities/id-ml"
_KEY = {
    "keyVaultArmId": f"{_ID}/Microsoft.KeyVault/vaults/kv-keys",
    "keyIdentifier": "https://kv-keys.vault.azure.net/keys/workspace/"
    "0123456789abcdef0123456789abcdef",
}


def _expected(default: bool, description: str) -> dict[str, Any]:
    return {
        "expected": {"type": "boolean", "default": default, "description": description}
    }


@resource_rule(
    id="ML001",
    name="ml-workspace-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(WORKSPACE,),
    controls=(Control(MCSB, "NS-2"), Control(PCI, "4.0.1")),
    azure_policies=(
        "438c38d2-3772-465a-a9cc-7a6666a275ce",
        "a10ee784-7409-4941-b091-663697637c0f",
    ),
    twins=(
        "psrule:Azure.ML.PublicAccess",
        "checkov:CKV_AZURE_144",
        "checkov:CKV2_AZURE_49",
    ),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled on the workspace and give it a private "
    "endpoint. allowPublicAccessWhenBehindVnet is another, older switch and does not "
    "close the workspace.",
    url=_LINK_DOCS,
    bad={"allowPublicAccessWhenBehindVnet": False},
    good={"publicNetworkAccess": "Disabled"},
)
def workspace_no_public_access(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace is not reachable from public networks."""
    yield from must_be(
        workspace,
        "publicNetworkAccess",
        "Disabled",
        unset="Azure opens a workspace that does not say",
    )


@resource_rule(
    id="ML002",
    name="ml-workspace-no-legacy-public-flag",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(WORKSPACE,),
    controls=(assigned("NS-2"),),
    twins=("psrule:Azure.ML.PublicAccess",),
    remedy={"allowPublicAccessWhenBehindVnet": False},
    steps="Remove allowPublicAccessWhenBehindVnet, or set it to false: true opens the "
    "workspace again although it has a private endpoint.",
    url=_LINK_DOCS,
    bad={"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": True},
    good={"publicNetworkAccess": "Disabled"},
)
def workspace_no_legacy_public_flag(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace does not use the older flag that opens it again."""
    yield from must_be_flag(workspace, "allowPublicAccessWhenBehindVnet", False)


@resource_rule(
    id="ML003",
    name="ml-workspace-v1-legacy-mode",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(WORKSPACE,),
    settings=_expected(
        False,
        "What v1LegacyMode has to be. false: the newer interface, which calls Azure "
        "Resource Manager. true, which Azure's built-in policy asks for: that "
        "interface is off, and so is what needs it",
    ),
    controls=(assigned("NS-2"),),
    azure_policies=("e413671a-dd10-4cc1-a943-45b598596cb7",),
    remedy={"v1LegacyMode": FromSetting("expected")},
    steps="Set v1LegacyMode to what the setting expected says: false for everybody who "
    "uses version 2 of the SDK or of the command line. Azure's built-in policy asks "
    "for true, which serves version 1.",
    url=f"{DOCS}/how-to-configure-network-isolation-with-v2",
    bad={"v1LegacyMode": True},
    good={"v1LegacyMode": False},
)
def workspace_legacy_mode(workspace: Resource, context: Context) -> Iterator[Finding]:
    """A workspace serves the version of the interface that is wanted."""
    expected = context.settings["expected"]
    unset = "Azure serves version 2" if expected else ""
    yield from must_be_flag(workspace, "v1LegacyMode", expected, unset=unset)


@resource_rule(
    id="ML006",
    name="ml-workspace-user-assigned-identity",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(WORKSPACE,),
    controls=(Control(MCSB, "IM-3"),),
    azure_policies=("5f0c7d88-c7de-45b8-ac49-db49e72eaa78",),
    twins=("psrule:Azure.ML.UserManagedIdentity",),
    steps="Create a user-assigned identity, give it its roles, and set identity and "
    "primaryUserAssignedIdentity: it has its roles before the workspace needs them, "
    "and outlives it.",
    url=f"{DOCS}/how-to-identity-based-service-authentication",
    bad={"identity": {"type": "SystemAssigned"}},
    good={
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": [_IDENTITY],
        },
        "primaryUserAssignedIdentity": _IDENTITY,
    },
)
def workspace_user_assigned_identity(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace acts as an identity that was made for it beforehand."""
    yield from unless_hub_project(workspace, _identity_findings(workspace))


@resource_rule(
    id="ML007",
    name="ml-workspace-datastores-identity",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(assigned("IM-1"), assigned("IM-3")),
    remedy={"systemDatastoresAuthMode": "Identity"},
    steps="Set systemDatastoresAuthMode to Identity and give the workspace's identity "
    "its roles on the storage account; shared keys can then be switched off there.",
    url=f"{DOCS}/how-to-identity-based-service-authentication",
    bad={"systemDatastoresAuthMode": "AccessKey"},
    good={"systemDatastoresAuthMode": "Identity"},
)
def workspace_datastores_identity(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """The system datastores of a workspace use an identity, not account keys."""
    yield from must_be(
        workspace,
        "systemDatastoresAuthMode",
        "Identity",
        unset="Azure uses the storage account's keys",
    )


@resource_rule(
    id="ML008",
    name="ml-workspace-dependencies-explicit",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(assigned("AM-2"), assigned("IM-1")),
    steps="Create the storage account, key vault, Application Insights and container "
    "registry in the program and name all four on the workspace. A registry that the "
    "service makes by itself has its admin account on.",
    url=f"{DOCS}/how-to-secure-workspace-vnet",
    bad={"storageAccount": _FOUR["storageAccount"], "keyVault": _FOUR["keyVault"]},
    good=_FOUR,
)
def workspace_dependencies_explicit(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace names its storage, vault, insights and registry."""
    outside = "the service makes its own, outside of these rules"
    findings = (
        finding
        for path in _FOUR
        for finding in must_be_set(workspace, path, unset=outside)
    )
    yield from unless_hub_project(workspace, findings)


@resource_rule(
    id="ML011",
    name="ml-workspace-cmk",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(WORKSPACE,),
    controls=(Control(MCSB, "DP-5"),),
    azure_policies=("ba769a63-b8cc-4b2d-abf6-ac33c7204be8",),
    steps="Create a key in a vault with purge protection and set encryption, with "
    "status Enabled, when the workspace is made: it cannot be added later.",
    url=f"{DOCS}/how-to-setup-customer-managed-keys",
    bad={"encryption": {"status": "Disabled", "keyVaultProperties": _KEY}},
    good={"encryption": {"status": "Enabled", "keyVaultProperties": _KEY}},
)
def workspace_customer_managed_key(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace is encrypted with a key of its owner's."""
    unset = "Azure encrypts with keys of Microsoft's"
    key = "encryption.keyVaultProperties"
    findings = (
        *must_be(workspace, "encryption.status", "Enabled", unset=unset),
        *must_be_set(workspace, f"{key}.keyVaultArmId", unset=unset),
        *must_be_set(workspace, f"{key}.keyIdentifier", unset=unset),
    )
    yield from unless_hub_project(workspace, findings)


@resource_rule(
    id="ML012",
    name="ml-workspace-hbi",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(WORKSPACE,),
    settings=_expected(
        True,
        "What hbiWorkspace has to be. true: Microsoft collects less about the "
        "workspace, and compute keeps its scratch disks encrypted",
    ),
    controls=(assigned("DP-1"),),
    twins=("checkov:CKV2_AZURE_50",),
    steps="Set hbiWorkspace when the workspace is made: it cannot change later. With "
    "true, compute has to reach the service tag AzureKeyVault too.",
    url=f"{DOCS}/concept-data-encryption",
    bad={"hbiWorkspace": False},
    good={"hbiWorkspace": True},
)
def workspace_high_business_impact(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace says whether its data are of high business impact, as wanted."""
    expected = context.settings["expected"]
    unset = "Azure takes the data for ordinary ones" if expected else ""
    findings = must_be_flag(workspace, "hbiWorkspace", expected, unset=unset)
    yield from unless_hub_project(workspace, findings)


@resource_rule(
    id="ML026",
    name="ml-project-has-hub",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(assigned("GS-3"),),
    steps="Set hubResourceId to the hub whose network and services the project uses, "
    "or kind to Default.",
    url=f"{DOCS}/concept-hub-project",
    bad={"kind": "Project"},
    good={
        "kind": "Project",
        "hubResourceId": "/subscriptions/00000000-0000-0000-0000-000000000001/"
        "resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/hub",
    },
)
def project_has_hub(workspace: Resource, context: Context) -> Iterator[Finding]:
    """A project names its hub, which most rules judge in its place."""
    kind = workspace.value("kind")
    if isinstance(kind, Known) and not kind.is_any_of((PROJECT,)):
        raise NotApplicable("is no project")
    findings = must_be_set(
        workspace, "hubResourceId", unset="nothing guards the project"
    )
    if isinstance(kind, Unknown):
        yield from perhaps(kind, f"it is '{PROJECT}'", findings)
    elif isinstance(kind, Known):
        yield from findings


def _identity_findings(workspace: Resource) -> Iterator[Finding]:
    path, wanted = "identity.type", "UserAssigned"
    match workspace.value(path):
        case Unknown() as unknown:
            yield undecided(unknown, f"{path} has to hold '{wanted}'")
        case Known() as kind if kind.lists(wanted):
            pass
        case Known() as kind:
            yield Violation(path, f"{path} is {kind.text}; set it to '{wanted}'")
        case _:
            yield Violation(
                path,
                f"{path} is missing: Azure makes an identity that has no roles yet; "
                f"set it to '{wanted}'",
            )
    yield from must_be_set(
        workspace,
        "primaryUserAssignedIdentity",
        unset="the workspace acts as its system-assigned identity",
    )

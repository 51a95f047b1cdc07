"""Inputs that azure-native calls otherwise than Azure, in both directions.

The published types use Azure's names, programs use azure-native's; messages always
use azure-native's.
"""

import re
from functools import cache

_POSITION = re.compile(r"\[\d+\]")

# Inputs that azure-native calls otherwise than Azure: (type, path) to Azure's name.
RENAMED: dict[tuple[str, str], str] = {
    ("storage:StorageAccount", "networkRuleSet"): "networkAcls",
    ("storage:StorageAccount", "enableHttpsTrafficOnly"): "supportsHttpsTrafficOnly",
    ("storage:StorageAccount", "enableNfsV3"): "isNfsV3Enabled",
    ("storage:StorageAccount", "networkRuleSet.ipRules.iPAddressOrRange"): "value",
    (
        "storage:StorageAccount",
        "networkRuleSet.virtualNetworkRules.virtualNetworkResourceId",
    ): "id",
    ("storage:StorageAccount", "encryption.encryptionIdentity"): "identity",
    ("storage:StorageAccount", "encryption.keyVaultProperties"): "keyvaultproperties",
    (
        "storage:StorageAccount",
        "encryption.encryptionIdentity.encryptionFederatedIdentityClientId",
    ): "federatedIdentityClientId",
    (
        "storage:StorageAccount",
        "encryption.encryptionIdentity.encryptionUserAssignedIdentity",
    ): "userAssignedIdentity",
    ("storage:StorageAccount", "encryption.keyVaultProperties.keyName"): "keyname",
    (
        "storage:StorageAccount",
        "encryption.keyVaultProperties.keyVaultUri",
    ): "keyvaulturi",
    (
        "storage:StorageAccount",
        "encryption.keyVaultProperties.keyVersion",
    ): "keyversion",
    ("containerregistry:Registry", "networkRuleSet.ipRules.iPAddressOrRange"): "value",
    ("applicationinsights:Component", "applicationType"): "Application_Type",
    ("applicationinsights:Component", "flowType"): "Flow_Type",
    ("applicationinsights:Component", "requestSource"): "Request_Source",
    ("applicationinsights:Component", "hockeyAppId"): "HockeyAppId",
    **{
        ("applicationinsights:Component", name): name[:1].upper() + name[1:]
        for name in (
            "disableIpMasking",
            "disableLocalAuth",
            "forceCustomerStorageForProfiler",
            "immediatePurgeDataOn30Days",
            "ingestionMode",
            "retentionInDays",
            "samplingPercentage",
            "workspaceResourceId",
        )
    },
    ("keyvault:Key", "properties.attributes.expires"): "exp",
    ("keyvault:Key", "properties.attributes.notBefore"): "nbf",
    ("keyvault:Key", "properties.releasePolicy"): "release_policy",
    ("keyvault:Secret", "properties.attributes.expires"): "exp",
    ("keyvault:Secret", "properties.attributes.notBefore"): "nbf",
    ("authorization:RoleDefinition", "roleType"): "type",
    ("monitor:MetricAlert", "criteria.odataType"): "odata.type",
}


def azure_name(token: str, path: str) -> str:
    """Azure's own name of the property at this path of an azure-native input."""
    plain = _POSITION.sub("", path)
    return RENAMED.get((token, plain), plain.rpartition(".")[2])


def sdk_name(token: str, path: str, azure: str) -> str:
    """azure-native's name of Azure's property `azure` in the object at this path."""
    return _sdk_names().get((token, _POSITION.sub("", path), azure), azure)


@cache
def _sdk_names() -> dict[tuple[str, str, str], str]:
    names = {}
    for (token, path), azure in RENAMED.items():
        above, _, name = path.rpartition(".")
        names[token, above, azure] = name
    return names

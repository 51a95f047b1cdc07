"""Storage accounts, vaults and registries: what goes together and what stays.

https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
https://learn.microsoft.com/azure/container-registry/container-registry-private-link
"""

from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.machine_learning import has_purge_protection
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import last_name, parent_id
from emulator.store import Resource

_STORAGE = "Microsoft.Storage"
_VAULT = "Microsoft.KeyVault"


def registry_goes_with_its_sku(write: Write) -> None:
    """Only Premium registries can be closed to the public or have a customer's key.

    https://github.com/hashicorp/terraform-provider-azurerm/pull/26054
    """
    sku = str(at(write.inputs, "sku", "name") or "")
    if sku.lower() == "premium":
        return
    if _is(write.inputs.get("publicNetworkAccess"), "Disabled"):
        raise AzureError(
            400,
            "DisablingPublicNetworkAccessNotSupported",
            f"Disabling public network access is not supported for the SKU {sku}. For "
            "more information, please visit https://aka.ms/acr/private-link.",
        )
    if _is(at(write.inputs, "encryption", "status"), "enabled"):
        raise AzureError(
            400,
            "CustomerManagedKeyNotSupported",
            f"Customer-managed keys are not supported for the SKU {sku}. For more "
            "information, please visit https://aka.ms/acr/cmk.",
        )


def exports_need_the_public(write: Write) -> None:
    """A registry that exports nothing is closed to the public.

    https://github.com/Azure-Samples/holiday-peak-hub/pull/830
    """
    exports = at(write.inputs, "policies", "exportPolicy", "status")
    access = write.inputs.get("publicNetworkAccess")
    if _is(exports, "disabled") and not _is(access, "Disabled"):
        raise AzureError(
            400,
            "BadRequest",
            "Enabling public network access is not supported because the registry "
            f"'{write.name}' has exports disabled.",
        )


def registry_key_is_there_from_the_start(write: Write) -> None:
    """A registry gets a customer's key when it is made, or never.

    https://learn.microsoft.com/azure/container-registry/tutorial-customer-managed-keys
    """
    if write.existing is None:
        return
    before = _is(at(write.existing.body, "encryption", "status"), "enabled")
    after = _is(at(write.inputs, "encryption", "status"), "enabled")
    if before != after:
        raise AzureError(
            400,
            "EncryptionCannotBeChanged",
            f"Encryption of registry '{write.name}' with a customer-managed key can "
            "only be chosen when the registry is created.",
        )


def vault_protection_stays(write: Write) -> None:
    """Purge protection and soft delete are never taken back.

    https://github.com/Azure/azure-cli/issues/29115
    """
    new = write.inputs.get("properties") or {}
    old = at(write.existing.body, "properties") if write.existing else None
    if at(new, "enablePurgeProtection") is False:
        raise AzureError(
            400,
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling the '
            "purge protection for a vault is an irreversible action.",
        )
    if old is None:
        return
    if at(new, "enableSoftDelete") is False:
        raise AzureError(
            400,
            "BadRequest",
            'The property "enableSoftDelete" can be set to false only for creating new '
            "vault. Enabling the 'soft delete' functionality is an irreversible "
            "action.",
        )
    days = at(old, "softDeleteRetentionInDays"), at(new, "softDeleteRetentionInDays")
    if None not in days and days[0] != days[1]:
        raise AzureError(
            400,
            "BadRequest",
            'The property "softDeleteRetentionInDays" has been set already and it '
            "can't be modified.",
        )


def storage_key_is_kept(write: Write) -> None:
    """The vault of an account's key has purge protection.

    https://github.com/Azure/azure-cli/issues/17914
    """
    uri = at(write.inputs, "encryption", "keyVaultProperties", "keyVaultUri")
    if not isinstance(uri, str):
        return
    name = uri.removeprefix("https://").partition(".")[0]
    for vault in write.store.named("keyvault:Vault", name):
        if not has_purge_protection(vault):
            raise AzureError(
                409, "KeyVaultPolicyError", "Keyvault policy recoverable is not set"
            )


def subnets_have_storage_endpoints(write: Write) -> None:
    """An account's network rules name subnets with the storage service endpoint.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/16547
    """
    rules = at(write.inputs, "networkRuleSet", "virtualNetworkRules")
    subnet = _without_endpoint(write, rules, "virtualNetworkResourceId", _STORAGE)
    if subnet is not None:
        raise AzureError(
            400,
            "NetworkAclsValidationFailure",
            "Validation of network acls failure: "
            f"SubnetsHaveNoServiceEndpointsConfigured:{_missing(subnet, _STORAGE)}.",
        )


def subnets_have_vault_endpoints(write: Write) -> None:
    """A vault's network rules name subnets with the vault service endpoint.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/11759
    """
    rules = at(write.inputs, "properties", "networkAcls", "virtualNetworkRules")
    subnet = _without_endpoint(write, rules, "id", _VAULT)
    if subnet is not None:
        raise AzureError(
            400,
            "SubnetsHaveNoServiceEndpointsConfigured",
            _missing(subnet, _VAULT),
        )


def _without_endpoint(
    write: Write, rules: Any, key: str, service: str
) -> Resource | None:
    """The first subnet in network rules that lacks the endpoint of a service."""
    for rule in rules or []:
        subnet = found(write.store, at(rule, key))
        if subnet is None or at(rule, "ignoreMissingVnetServiceEndpoint"):
            continue
        endpoints = subnet.body.get("serviceEndpoints") or []
        services = {
            str(at(endpoint, "service")).lower().removesuffix(".global")
            for endpoint in endpoints
        }
        if service.lower() not in services:
            return subnet
    return None


def _missing(subnet: Resource, service: str) -> str:
    return (
        f"Subnets {last_name(subnet.id)} of virtual network {parent_id(subnet.id)} do "
        f"not have ServiceEndpoints for {service} resources configured. Add {service} "
        f"to subnet's ServiceEndpoints collection before trying to ACL {service} "
        "resources to these subnets."
    )


def _is(value: Any, word: str) -> bool:
    return str(value).lower() == word.lower()

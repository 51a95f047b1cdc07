"""The key vault of a workspace: roles decide who reads it, and nothing is purged."""

from collections.abc import Sequence

from pulumi import Input
from pulumi_azure_native import keyvault

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import AccessMode, KeyVaultSpec
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.services import (
    Service,
    ServiceConditions,
    ServicePlan,
    read_access,
    read_existing,
    subnets_of,
)
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import REQUIRED_GROUPS
from azureml_rulebook.resource_ids import KEY_VAULT

VAULT_SOFT_DELETE_DAYS = 90
"""Days that a deleted vault and its secrets can be brought back; Azure's longest."""


def read_key_vault(
    reader: InputReader, naming: Naming, conditions: ServiceConditions
) -> ServicePlan:
    """Read the vault at ``key_vault``."""
    spec = reader.nested("key_vault", KeyVaultSpec)
    access = read_access(spec, "key_vault", conditions)
    return ServicePlan(
        name=naming.name("key_vault"),
        existing_id=read_existing(spec, "key_vault", KEY_VAULT, (), conditions),
        access=access,
        groups=REQUIRED_GROUPS[KEY_VAULT]
        if access is AccessMode.PRIVATE_ENDPOINT
        else (),
        subnets=subnets_of(access, conditions),
    )


def key_vault_service(
    parts: WorkspaceParts, plan: ServicePlan, tenant_id: Input[str]
) -> Service:
    """Make the vault, or take it as it is."""
    if plan.existing_id is not None:
        return Service(id=plan.existing_id, made=None)
    vault = _vault(parts, plan, tenant_id)
    return Service(id=vault.id, made=vault)


def _vault(
    parts: WorkspaceParts, plan: ServicePlan, tenant_id: Input[str]
) -> keyvault.Vault:
    from_subnets = plan.access is AccessMode.SERVICE_ENDPOINT
    return keyvault.Vault(
        f"{parts.name}-vault",
        vault_name=plan.name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
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
            # Rules on subnets work only while the public address is on.
            "public_network_access": "Enabled" if from_subnets else "Disabled",
            "network_acls": {
                "default_action": keyvault.NetworkRuleAction.DENY,
                "bypass": keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
                "ip_rules": [],
                "virtual_network_rules": _subnet_rules(plan.subnets),
            },
        },
        tags=parts.tags,
        opts=parts.kept_options(),
    )


def _subnet_rules(
    subnets: Sequence[Input[str]],
) -> list[keyvault.VirtualNetworkRuleArgsDict]:
    return [{"id": subnet} for subnet in subnets]

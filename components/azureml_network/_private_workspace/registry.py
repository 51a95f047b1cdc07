"""The container registry of a workspace: Premium, closed, and nothing is exported."""

from dataclasses import dataclass
from typing import TypedDict

from pulumi import Input, Output
from pulumi_azure_native import containerregistry

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import RegistrySpec
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
)
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import REQUIRED_GROUPS
from azureml_rulebook.resource_ids import CONTAINER_REGISTRY

_OWNED_KEYS = ("zone_redundant", "customer_managed_key")


@dataclass(frozen=True, kw_only=True)
class RegistryPlan(ServicePlan):
    """The container registry."""

    zone_redundant: bool
    customer_managed_key: CustomerManagedKeyPlan | None
    """None: a key of Microsoft's. Azure takes one only with a new registry."""


class _KeyInputs(TypedDict, total=False):
    """What a registry gets to be encrypted with a key of one's own."""

    identity: containerregistry.IdentityPropertiesArgsDict
    encryption: containerregistry.EncryptionPropertyArgsDict


def read_registry(
    reader: InputReader, place: Place, naming: Naming, conditions: ServiceConditions
) -> RegistryPlan:
    """Read the registry at ``registry``."""
    spec = reader.nested("registry", RegistrySpec)
    return RegistryPlan(
        name=naming.name("container_registry"),
        existing_id=read_existing(
            spec, "registry", CONTAINER_REGISTRY, _OWNED_KEYS, conditions
        ),
        access=read_access(spec, "registry", conditions),
        groups=REQUIRED_GROUPS[CONTAINER_REGISTRY],
        subnets=(),
        zone_redundant=spec.flag("zone_redundant", False),
        customer_managed_key=read_customer_managed_key(
            spec, place, client_id_required=True
        ),
    )


def registry_service(parts: WorkspaceParts, plan: RegistryPlan) -> Service:
    """Make the registry, or take it as it is."""
    if plan.existing_id is not None:
        return Service(id=plan.existing_id, made=None)
    registry = _registry(parts, plan)
    return Service(id=registry.id, made=registry)


def _registry(parts: WorkspaceParts, plan: RegistryPlan) -> containerregistry.Registry:
    return containerregistry.Registry(
        f"{parts.name}-registry",
        registry_name=plan.name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        # Private endpoints need it.
        sku={"name": containerregistry.SkuName.PREMIUM},
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        data_endpoint_enabled=True,
        zone_redundancy=containerregistry.ZoneRedundancy.ENABLED
        if plan.zone_redundant
        else containerregistry.ZoneRedundancy.DISABLED,
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
        **_key_inputs(plan.customer_managed_key),
        tags=parts.tags,
        opts=parts.options(),
    )


def _key_inputs(key: CustomerManagedKeyPlan | None) -> _KeyInputs:
    if key is None:
        return {}
    return {
        "identity": {
            "type": containerregistry.ResourceIdentityType.USER_ASSIGNED,
            "user_assigned_identities": _identities(key.identity_id),
        },
        "encryption": {
            "status": containerregistry.EncryptionStatus.ENABLED,
            "key_vault_properties": {
                "identity": key.identity_client_id,
                "key_identifier": key.checked_uri(),
            },
        },
    }


def _identities(
    identity_id: Input[str],
) -> Input[dict[str, Input[containerregistry.UserIdentityPropertiesArgsDict]]]:
    """Return the identity as a registry wants it: its id, to what Azure fills in."""

    def to_nothing(
        known: str,
    ) -> dict[str, Input[containerregistry.UserIdentityPropertiesArgsDict]]:
        return {known: {}}

    if isinstance(identity_id, str):
        return to_nothing(identity_id)
    return Output.from_input(identity_id).apply(to_nothing)

"""Private endpoints: what they may lead to, and the addresses they are told to have.

https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
"""

from collections.abc import Mapping

from emulator.azure_error import AzureError
from emulator.azure_rules.endpoint_members import (
    STORAGE_GROUPS,
    connections,
    members,
    targets,
)
from emulator.azure_rules.machine_learning import kind_of
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at, token_of
from emulator.azure_rules.static_addresses import require_usable

_STORAGE = "storage:StorageAccount"
_REGISTRY = "containerregistry:Registry"
_WORKSPACE = "machinelearningservices:Workspace"
_GROUPS: dict[str, tuple[str, ...]] = {
    _STORAGE: STORAGE_GROUPS,
    "keyvault:Vault": ("vault",),
    _REGISTRY: ("registry",),
    _WORKSPACE: ("amlworkspace",),
    "machinelearningservices:Registry": ("amlregistry",),
    "monitor:PrivateLinkScope": ("azuremonitor",),
}
_PROVIDERS = {
    _STORAGE: "Microsoft.Storage/storageAccounts",
    "keyvault:Vault": "Microsoft.KeyVault/vaults",
    _REGISTRY: "Microsoft.ContainerRegistry/registries",
    _WORKSPACE: "Microsoft.MachineLearningServices/workspaces",
    "machinelearningservices:Registry": "Microsoft.MachineLearningServices/registries",
    "monitor:PrivateLinkScope": "Microsoft.Insights/privateLinkScopes",
}


def groups_are_the_targets(write: Write) -> None:
    """A connection asks for one of the groups that its target has.

    https://github.com/DFE-Digital/terraform-azurerm-container-apps-hosting/issues/352
    https://github.com/Azure/azure-cli/issues/16750
    """
    for connection in connections(write.inputs):
        target_id = str(at(connection, "privateLinkServiceId") or "")
        token = token_of(target_id)
        groups = [str(group) for group in connection.get("groupIds") or []]
        if token not in _GROUPS:
            continue
        if len(groups) > 1:
            raise AzureError(
                400,
                "OnlyOneGroupIdPermitted",
                f"Private link service connection {write.id}"
                f"/privateLinkServiceConnections/{connection.get('name')} has the "
                f"following group Ids: {', '.join(groups)}. Only one group Id is "
                f"permitted when connecting to a first-party resource ({target_id}).",
            )
        wrong = [group for group in groups if group not in _GROUPS[token]]
        if wrong or not groups:
            raise AzureError(
                400,
                "InvalidValuesForRequestParameters",
                f"Call to {_PROVIDERS[token]} failed. Error message: Values for "
                f"request parameters are invalid: GroupId: {', '.join(wrong)}.",
            )


def target_takes_endpoints(write: Write) -> None:
    """Registries below Premium and projects have no private endpoints.

    https://learn.microsoft.com/azure/container-registry/container-registry-private-link
    https://learn.microsoft.com/azure/machine-learning/concept-hub-workspace
    """
    for target in targets(write.store, write.inputs):
        sku = str(at(target.body, "sku", "name") or "")
        if target.token == _REGISTRY and sku.lower() != "premium":
            raise AzureError(
                400,
                "PrivateEndpointsNotSupported",
                f"Call to {_PROVIDERS[_REGISTRY]} failed. Error message: Private "
                f"endpoints are not supported for the SKU {sku}. For more information, "
                "please visit https://aka.ms/acr/private-link.",
            )
        if target.token == _WORKSPACE and kind_of(target.body) == "project":
            raise AzureError(
                400,
                "BadRequest",
                f"Call to {_PROVIDERS[_WORKSPACE]} failed. Error message: {target.id} "
                "is a project; the private endpoint is made on its hub.",
            )


def static_addresses_are_complete(write: Write) -> None:
    """Static addresses are given for every member of the group, or for none.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/13061
    """
    configurations = [
        item
        for item in write.inputs.get("ipConfigurations") or []
        if isinstance(item, Mapping)
    ]
    if not configurations:
        return
    given = {
        (str(item.get("groupId")), str(item.get("memberName")))
        for item in configurations
    }
    wanted = members(write.store, write.inputs)
    missing = [pair for pair in wanted if pair not in given]
    if missing:
        raise AzureError(
            400,
            "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
            f"Private Endpoint {write.id} contains static ipconfigurations: "
            f"[{_said(sorted(given))}] and its missing these membernames/groupids "
            f"requested by Private Link service [{_said(missing)}]. Private "
            "Endpoint needs to be reconfigured with missing memberNames.",
        )


def static_addresses_are_usable(write: Write) -> None:
    """Static addresses are free ones of the subnet that Azure does not keep itself.

    https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses
    """
    subnet = found(write.store, at(write.inputs, "subnet", "id"))
    for item in write.inputs.get("ipConfigurations") or []:
        text = at(item, "privateIPAddress")
        if subnet is not None and isinstance(text, str):
            place = f"{write.id}/ipConfigurations/{at(item, 'name')}"
            require_usable(write, place, subnet, text)


def _said(pairs: list[tuple[str, str]]) -> str:
    return "; ".join(f"GroupId: {group}, MemberName: {name}" for group, name in pairs)

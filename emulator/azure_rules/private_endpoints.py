"""Private endpoints: what they may lead to, and the addresses they are told to have.

https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import networks_of
from emulator.azure_rules.machine_learning import kind_of
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at, token_of
from emulator.store import Resource

_STORAGE = "storage:StorageAccount"
_REGISTRY = "containerregistry:Registry"
_WORKSPACE = "machinelearningservices:Workspace"
_STORAGE_GROUPS = ("blob", "dfs", "file", "queue", "table", "web")
_GROUPS: dict[str, tuple[str, ...]] = {
    _STORAGE: (
        *_STORAGE_GROUPS,
        *(f"{group}_secondary" for group in _STORAGE_GROUPS),
    ),
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
_RESERVED_FIRST, _RESERVED_LAST = 4, 1
"""How many addresses of a subnet Azure keeps, at its ends
(https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq)."""


def groups_are_the_targets(write: Write) -> None:
    """A connection asks for one of the groups that its target has.

    https://github.com/DFE-Digital/terraform-azurerm-container-apps-hosting/issues/352
    https://github.com/Azure/azure-cli/issues/16750
    """
    for connection in _connections(write.inputs):
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
    for target in _targets(write):
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
    for target in _targets(write):
        missing = [pair for pair in _members(write, target) if pair not in given]
        if missing:
            raise AzureError(
                400,
                "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
                f"Private Endpoint {write.id} contains static ipconfigurations: "
                f"[{_said(sorted(given))}] and its missing these membernames/groupids "
                f"requested by Private Link service [{_said(missing)}]. Private "
                "Endpoint needs to be reconfigured with missing memberNames.",
            )


def static_addresses_are_in_the_subnet(write: Write) -> None:
    """Static addresses are those of the subnet that Azure does not keep itself.

    https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses
    """
    subnet = found(write.store, at(write.inputs, "subnet", "id"))
    ranges = networks_of(subnet.body) if subnet else []
    for item in write.inputs.get("ipConfigurations") or []:
        text = at(item, "privateIPAddress")
        if not isinstance(text, str) or not ranges:
            continue
        address = ip_address(text)
        inside = [network for network in ranges if address in network]
        if not inside:
            raise AzureError(
                400,
                "PrivateIPAddressNotInSubnet",
                f"Private static IP address {text} does not belong to the range of "
                f"subnet prefix {', '.join(map(str, ranges))}.",
            )
        position = int(address) - int(inside[0].network_address)
        if not _RESERVED_FIRST <= position < inside[0].num_addresses - _RESERVED_LAST:
            raise AzureError(
                400,
                "PrivateIPAddressInReservedRange",
                f"Private static IP address {text} falls within reserved IP range of "
                f"subnet prefix {inside[0]}.",
            )


def _connections(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in (
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
    ):
        for connection in inputs.get(name) or []:
            if isinstance(connection, Mapping):
                yield connection


def _targets(write: Write) -> Iterator[Resource]:
    for connection in _connections(write.inputs):
        target = found(write.store, at(connection, "privateLinkServiceId"))
        if target is not None:
            yield target


def _members(write: Write, target: Resource) -> list[tuple[str, str]]:
    """The (group, member) pairs that take an address each; none if not known."""
    groups = [
        str(group)
        for connection in _connections(write.inputs)
        for group in connection.get("groupIds") or []
    ]
    members: dict[str, tuple[str, ...]] = {
        "vault": ("default",),
        "amlworkspace": ("default", "notebook", "inference"),
        "registry": ("registry", f"registry_data_{target.body.get('location')}"),
        **{group: (group,) for group in _GROUPS[_STORAGE]},
    }
    return [(group, member) for group in groups for member in members.get(group, ())]


def _said(pairs: list[tuple[str, str]]) -> str:
    return "; ".join(f"GroupId: {group}, MemberName: {name}" for group, name in pairs)

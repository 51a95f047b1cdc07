"""Bastion hosts: what a SKU has, what a host is in, and what an update may change.

https://learn.microsoft.com/azure/bastion/bastion-sku-comparison
https://learn.microsoft.com/azure/bastion/configuration-settings
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.in_use import users_of
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import same_id

_SKUS = ("developer", "basic", "standard", "premium")
_DEVELOPER, _BASIC, _STANDARD, _PREMIUM = range(len(_SKUS))
_FIXED_SCALE_UNITS = 2
# The lowest SKU that has an option.
_OPTIONS = {
    "disableCopyPaste": _STANDARD,
    "enableFileCopy": _STANDARD,
    "enableIpConnect": _STANDARD,
    "enableShareableLink": _STANDARD,
    "enableTunneling": _STANDARD,
    "enablePrivateOnlyBastion": _PREMIUM,
    "enableSessionRecording": _PREMIUM,
}


def sku_has_the_options(write: Write) -> None:
    """A host has the options of its SKU only, and does not tunnel what it records.

    https://learn.microsoft.com/azure/bastion/session-recording
    """
    sku = _sku(write.inputs)
    for option, lowest in _OPTIONS.items():
        if write.inputs.get(option) is True and sku < lowest:
            raise AzureError(
                400,
                "BastionHostSkuDoesNotSupportFeature",
                f"Bastion Host {write.id}: {option} needs the SKU "
                f"{_SKUS[lowest].title()} or higher, and not {_SKUS[sku].title()}.",
            )
    recorded = write.inputs.get("enableSessionRecording") is True
    if recorded and write.inputs.get("enableTunneling") is True:
        raise AzureError(
            400,
            "BastionHostSessionRecordingWithTunneling",
            f"Bastion Host {write.id} cannot record sessions and have the native "
            "client (enableTunneling) at once.",
        )


def sku_has_the_scale_units(write: Write) -> None:
    """Two scale units below Standard, as Azure fixes them.

    https://github.com/Azure/azure-powershell/issues/25078
    """
    units = write.inputs.get("scaleUnits")
    sku = _sku(write.inputs)
    if sku < _STANDARD and units not in (None, _FIXED_SCALE_UNITS):
        raise AzureError(
            400,
            "BastionHostSkuDoesNotSupportScaleUnits",
            f"Bastion scalable host is available on Standard SKU, and Bastion Host "
            f"{write.id} of SKU {_SKUS[sku].title()} asks for {units} scale units.",
        )


def configurations_fit_the_sku(write: Write) -> None:
    """A Developer host names its network, all others have one configuration.

    https://github.com/pulumi/pulumi-azure-native/issues/4000
    """
    configurations = write.inputs.get("ipConfigurations") or []
    if _sku(write.inputs) == _DEVELOPER:
        if configurations:
            raise AzureError(
                400,
                "FeatureNotSupportedForDeveloperBastionSku",
                f"Bastion Host {write.id} of SKU Developer has no IP configurations: "
                "name its virtual network instead.",
            )
        if not at(write.inputs, "virtualNetwork", "id"):
            raise AzureError(
                400,
                "BastionHostVirtualNetworkRequired",
                f"Bastion Host {write.id} of SKU Developer must name its virtual "
                "network.",
            )
    elif len(configurations) != 1:
        raise AzureError(
            400,
            "BastionHostMustHaveOneIpConfiguration",
            f"Bastion Host {write.id} must have one IP configuration, and not "
            f"{len(configurations)}.",
        )


def private_host_has_no_public_address(write: Write) -> None:
    """A host has a public address, unless it is private only.

    https://learn.microsoft.com/azure/bastion/private-only-deployment
    """
    private = write.inputs.get("enablePrivateOnlyBastion") is True
    for configuration in write.inputs.get("ipConfigurations") or []:
        public = bool(at(configuration, "publicIPAddress", "id"))
        if public == private:
            raise AzureError(
                400,
                "BastionHostPublicIpDoesNotFit",
                f"Bastion Host {write.id} is private only and cannot have a public IP "
                "address."
                if private
                else f"Bastion Host {write.id} must have a public IP address.",
            )


def subnet_is_empty(write: Write) -> None:
    """One host lives in AzureBastionSubnet, and nothing else.

    https://learn.microsoft.com/azure/bastion/configuration-settings#subnet
    """
    for subnet_id in _subnets(write):
        subnet = write.store.get(subnet_id)
        for user in users_of(write.store, subnet) if subnet else ():
            if not same_id(user.id, write.id):
                raise AzureError(
                    400,
                    "BastionHostSubnetInUse",
                    f"Bastion Host {write.id} cannot be in subnet {subnet_id}, which "
                    f"is in use by {user.id}.",
                )


def sku_does_not_go_down(write: Write) -> None:
    """A host gets a higher SKU, not a lower one, and keeps its subnet and address.

    https://learn.microsoft.com/azure/bastion/upgrade-sku
    https://github.com/hashicorp/terraform-provider-azurerm/issues/22122
    """
    if write.existing is None:
        return
    before, after = map(_sku, (write.existing.body, write.inputs))
    if after < before:
        raise AzureError(
            400,
            "BastionHostSkuDowngradeNotSupported",
            f"Bastion Host {write.id} cannot go from SKU {_SKUS[before].title()} to "
            f"{_SKUS[after].title()}: delete it and make it anew.",
        )
    if before > _DEVELOPER and _places(write.existing.body) != _places(write.inputs):
        raise AzureError(
            400,
            "BastionHostIpConfigurationCannotBeChanged",
            f"Bastion Host {write.id} keeps its subnet and public IP address: delete "
            "it and make it anew.",
        )


def _sku(values: Mapping[str, Any]) -> int:
    """The rank of a host's SKU; Azure takes Standard where none is named."""
    name = str(at(values, "sku", "name") or "Standard").lower()
    return _SKUS.index(name) if name in _SKUS else _PREMIUM


def _places(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (
            str(at(item, "subnet", "id")).lower(),
            str(at(item, "publicIPAddress", "id")).lower(),
        )
        for item in values.get("ipConfigurations") or []
    ]


def _subnets(write: Write) -> Iterator[str]:
    for configuration in write.inputs.get("ipConfigurations") or []:
        subnet_id = at(configuration, "subnet", "id")
        if isinstance(subnet_id, str):
            yield subnet_id

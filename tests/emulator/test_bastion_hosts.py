"""Bastion hosts: each thing that Azure refuses once, each SKU once accepted."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

LACKING = "BastionHostSkuDoesNotSupportFeature"
UNITS = "BastionHostSkuDoesNotSupportScaleUnits"
ONE_CONFIGURATION = "BastionHostMustHaveOneIpConfiguration"
PUBLIC = "BastionHostPublicIpDoesNotFit"


def _place(azure: Any) -> dict[str, Any]:
    """A network with the subnet and an address; the configuration of a host there."""
    azure.network()
    subnet = azure.subnet("AzureBastionSubnet", "10.0.0.0/26")
    return {
        "name": "one",
        "subnet": ask.ref(subnet),
        "publicIPAddress": ask.ref(azure.address()),
    }


def _host(azure: Any, sku: str, place: dict[str, Any], **inputs: Any) -> Any:
    named = {
        "bastionHostName": "bastion",
        "sku": {"name": sku},
        "ipConfigurations": [place],
    }
    return azure.in_group("network:BastionHost", **{**named, **inputs})


def _developer(azure: Any, **inputs: Any) -> Any:
    network = azure.network()
    named = {
        "bastionHostName": "bastion",
        "sku": {"name": "Developer"},
        "virtualNetwork": ask.ref(network),
    }
    return azure.in_group("network:BastionHost", **{**named, **inputs})


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("Basic", {}),
    ("Basic", {"scaleUnits": 2, "enableKerberos": True}),
    ("Standard", {"scaleUnits": 50}),
    (
        "Standard",
        {
            "disableCopyPaste": True,
            "enableFileCopy": True,
            "enableIpConnect": True,
            "enableShareableLink": True,
            "enableTunneling": True,
        },
    ),
    ("Premium", {"enableSessionRecording": True}),
]


@pytest.mark.parametrize(("sku", "inputs"), ACCEPTED)
def test_a_host_has_what_its_sku_has(
    azure: Any, sku: str, inputs: dict[str, Any]
) -> None:
    """Options that a SKU has are accepted."""
    host = _host(azure, sku, _place(azure), **inputs)
    assert host.outputs["sku"]["name"] == sku
    assert host.outputs["dnsName"].endswith("bastion.azure.com")


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    # (code, SKU, inputs)
    *(
        (LACKING, "Basic", {option: True})
        for option in (
            "disableCopyPaste",
            "enableFileCopy",
            "enableIpConnect",
            "enableShareableLink",
            "enableTunneling",
            "enableSessionRecording",
        )
    ),
    (LACKING, "Standard", {"enableSessionRecording": True}),
    (LACKING, "Standard", {"enablePrivateOnlyBastion": True}),
    (
        "BastionHostSessionRecordingWithTunneling",
        "Premium",
        {"enableSessionRecording": True, "enableTunneling": True},
    ),
    (UNITS, "Basic", {"scaleUnits": 3}),
    (ONE_CONFIGURATION, "Standard", {"ipConfigurations": []}),
    (PUBLIC, "Premium", {"enablePrivateOnlyBastion": True}),
]


@pytest.mark.parametrize(("code", "sku", "inputs"), REFUSED)
def test_a_host_lacks_what_its_sku_lacks(
    azure: Any, code: str, sku: str, inputs: dict[str, Any]
) -> None:
    """An option of a higher SKU is refused."""
    place = _place(azure)
    with pytest.raises(AzureError) as refusal:
        _host(azure, sku, place, **inputs)
    assert refusal.value.code == code


def _public_address_missing(azure: Any) -> None:
    place = {k: v for k, v in _place(azure).items() if k != "publicIPAddress"}
    _host(azure, "Standard", place)


def _basic_address(azure: Any) -> None:
    address = azure.address("old", sku=None)
    place = {**_place(azure), "publicIPAddress": ask.ref(address)}
    _host(azure, "Standard", place)


def _address_in_use(azure: Any) -> None:
    place = _place(azure)
    azure.in_group(
        "network:NatGateway",
        natGatewayName="nat",
        sku={"name": "Standard"},
        publicIpAddresses=[place["publicIPAddress"]],
    )
    _host(azure, "Standard", place)


def _developer_with_configuration(azure: Any) -> None:
    _host(azure, "Developer", _place(azure))


def _developer_without_network(azure: Any) -> None:
    _developer(azure, virtualNetwork=None)


def _developer_with_options(azure: Any) -> None:
    _developer(azure, enableTunneling=True)


def _second_host(azure: Any) -> None:
    place = _place(azure)
    _host(azure, "Basic", place)
    other = {**place, "publicIPAddress": ask.ref(azure.address("second"))}
    _host(azure, "Basic", other, bastionHostName="second")


def _used_subnet(azure: Any) -> None:
    place = _place(azure)
    azure.card("card", azure.provider.store.get(place["subnet"]["id"]))
    _host(azure, "Basic", place)


def _update(azure: Any, before: str, after: str, **inputs: Any) -> None:
    place = _place(azure)
    host = _host(azure, before, place)
    azure.update(
        "network:BastionHost",
        host,
        **{
            "bastionHostName": "bastion",
            "sku": {"name": after},
            "ipConfigurations": [{**place, "privateIPAllocationMethod": "Dynamic"}],
            **inputs,
        },
    )


def _downgrade(azure: Any) -> None:
    _update(azure, "Premium", "Standard")


def _downgrade_to_the_lowest(azure: Any) -> None:
    _update(azure, "Standard", "Basic")


def _another_address(azure: Any) -> None:
    place = _place(azure)
    host = _host(azure, "Basic", place)
    moved = {**place, "publicIPAddress": ask.ref(azure.address("second"))}
    azure.update(
        "network:BastionHost",
        host,
        bastionHostName="bastion",
        sku={"name": "Basic"},
        ipConfigurations=[moved],
    )


CASES: list[tuple[str, Callable[[Any], None]]] = [
    (PUBLIC, _public_address_missing),
    ("BastionHostPublicIpMustBeStandardSku", _basic_address),
    ("PublicIPAddressInUse", _address_in_use),
    ("FeatureNotSupportedForDeveloperBastionSku", _developer_with_configuration),
    ("BastionHostVirtualNetworkRequired", _developer_without_network),
    (LACKING, _developer_with_options),
    ("BastionHostSubnetInUse", _second_host),
    ("BastionHostSubnetInUse", _used_subnet),
    ("BastionHostSkuDowngradeNotSupported", _downgrade),
    ("BastionHostSkuDowngradeNotSupported", _downgrade_to_the_lowest),
    ("BastionHostIpConfigurationCannotBeChanged", _another_address),
]


@pytest.mark.parametrize(("code", "act"), CASES, ids=[a.__name__ for _, a in CASES])
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def test_a_private_host_has_no_address(azure: Any) -> None:
    """Premium alone goes without a public address, when it is private only."""
    place = {k: v for k, v in _place(azure).items() if k != "publicIPAddress"}
    host = _host(azure, "Premium", place, enablePrivateOnlyBastion=True)
    assert "publicIPAddress" not in host.outputs["ipConfigurations"][0]


def test_a_developer_host_is_in_its_network(azure: Any) -> None:
    """A Developer host has no subnet, and does not keep its network's from going."""
    host = _developer(azure)
    assert "ipConfigurations" not in host.outputs


@pytest.mark.parametrize(
    ("before", "after"),
    [("Basic", "Standard"), ("Basic", "Premium"), ("Standard", "Premium")],
)
def test_a_host_gets_a_higher_sku(azure: Any, before: str, after: str) -> None:
    """An upgrade is an update that may use what is new, and may say of the address
    that is kept how it was given."""
    _update(azure, before, after, enableTunneling=True)

"""What changes and what replaces: as azure-native decides it, from inputs alone."""

from typing import Any

import pytest

from emulator import catalogue
from emulator.auto_names import CREATE_BEFORE_DELETE
from emulator.differences import (
    Difference,
    Kind,
    deletes_before_replacing,
    differences,
)
from emulator.wire import UNKNOWN

ADD, DELETE, UPDATE = Kind.ADD, Kind.DELETE, Kind.UPDATE


def compare(
    token: str,
    old: dict[str, Any],
    new: dict[str, Any],
    outputs: dict[str, Any] | None = None,
) -> list[Difference]:
    """The differences of two sets of inputs."""
    found = catalogue.find(f"azure-native:{token}")
    return differences(found, old, new, outputs or {})


CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, Kind, bool]]]]
CASES = [
    # (type, old inputs, new inputs, [(path, kind, replaces)])
    ("network:VirtualNetwork", {"tags": {"a": "1"}}, {"tags": {"a": "1"}}, []),
    (
        "network:VirtualNetwork",
        {"tags": {"a": "1"}},
        {"tags": {"a": "2"}},
        [("tags.a", UPDATE, False)],
    ),
    (
        "network:VirtualNetwork",
        {"location": "westeurope"},
        {"location": "northeurope"},
        [("location", UPDATE, True)],
    ),
    (
        "network:VirtualNetwork",
        {"location": "westeurope"},
        {"location": "West Europe"},
        [],
    ),
    (
        "network:VirtualNetwork",
        {"virtualNetworkName": "a"},
        {"virtualNetworkName": "b"},
        [("virtualNetworkName", UPDATE, True)],
    ),
    (
        "network:Subnet",
        {"resourceGroupName": "Group"},
        {"resourceGroupName": "group"},
        [],
    ),
    (
        "network:Subnet",
        {"resourceGroupName": "group"},
        {"resourceGroupName": "other"},
        [("resourceGroupName", UPDATE, True)],
    ),
    (
        "network:Subnet",
        {"virtualNetworkName": "v"},
        {"virtualNetworkName": UNKNOWN},
        [("virtualNetworkName", UPDATE, True)],
    ),
    (  # azure-native lists no create-only input of a subnet
        "network:Subnet",
        {"addressPrefix": "10.0.0.0/24"},
        {"addressPrefix": "10.0.1.0/24"},
        [("addressPrefix", UPDATE, False)],
    ),
    (
        "network:PrivateEndpoint",
        {"subnet": {"id": "a"}},
        {"subnet": {"id": "b"}},
        [("subnet.id", UPDATE, True)],
    ),
    (
        "network:PublicIPAddress",
        {"sku": {"name": "Basic"}},
        {"sku": {"name": "Standard"}},
        [("sku.name", UPDATE, True)],
    ),
    (  # ids are compared with regard to case
        "network:Subnet",
        {"natGateway": {"id": "/A"}},
        {"natGateway": {"id": "/a"}},
        [("natGateway.id", UPDATE, False)],
    ),
    (
        "machinelearningservices:Compute",
        {"properties": {"computeType": "AmlCompute", "disableLocalAuth": False}},
        {"properties": {"computeType": "AmlCompute", "disableLocalAuth": True}},
        [("properties.disableLocalAuth", UPDATE, True)],
    ),
    (
        "machinelearningservices:Workspace",
        {"location": "westeurope"},
        {"location": "northeurope"},
        [("location", UPDATE, False)],
    ),
    (  # a removed create-only input is a plain deletion
        "authorization:RoleAssignment",
        {"principalId": "p"},
        {},
        [("principalId", DELETE, False)],
    ),
    (  # a boolean without a default counts as false
        "storage:StorageAccount",
        {},
        {"isHnsEnabled": False},
        [],
    ),
    (
        "storage:StorageAccount",
        {},
        {"isHnsEnabled": True},
        [("isHnsEnabled", ADD, True)],
    ),
    (  # what the SDK fills in is no addition
        "network:Subnet",
        {},
        {"privateEndpointNetworkPolicies": "Disabled"},
        [],
    ),
    (
        "network:Subnet",
        {},
        {"privateEndpointNetworkPolicies": "Enabled"},
        [("privateEndpointNetworkPolicies", ADD, False)],
    ),
    (
        "network:VirtualNetwork",
        {"subnets": [{"name": "a"}, {"name": "b"}]},
        {"subnets": [{"name": "b"}, {"name": "a"}]},
        [("subnets[0].name", UPDATE, False), ("subnets[1].name", UPDATE, False)],
    ),
    (
        "network:VirtualNetwork",
        {"subnets": [{"name": "a"}]},
        {"subnets": [{"name": "a"}, {"name": "b"}]},
        [("subnets[1]", ADD, False)],
    ),
    (  # these records are told apart by their address
        "privatedns:PrivateRecordSet",
        {"aRecords": [{"ipv4Address": "10.0.0.4"}, {"ipv4Address": "10.0.0.5"}]},
        {"aRecords": [{"ipv4Address": "10.0.0.5"}, {"ipv4Address": "10.0.0.4"}]},
        [],
    ),
    (
        "privatedns:PrivateRecordSet",
        {"aRecords": [{"ipv4Address": "10.0.0.4"}]},
        {"aRecords": [{"ipv4Address": "10.0.0.5"}]},
        [("aRecords[0]", ADD, False), ("aRecords[0]", DELETE, False)],
    ),
    (
        "keyvault:Vault",
        {"properties": {"sku": {"name": "standard"}}},
        {"properties": {"sku": {"name": "Standard"}}},
        [],
    ),
    (  # the provider's own keys are no inputs
        "resources:ResourceGroup",
        {CREATE_BEFORE_DELETE: True},
        {"azureApiVersion": "2024-03-01"},
        [],
    ),
]


@pytest.mark.parametrize(("token", "old", "new", "expected"), CASES)
def test_differences(
    token: str,
    old: dict[str, Any],
    new: dict[str, Any],
    expected: list[tuple[str, Kind, bool]],
) -> None:
    """Each case has exactly these differences."""
    found = [(d.path, d.kind, d.replaces) for d in compare(token, old, new)]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_added_create_only_value_that_is_there_already() -> None:
    """Writing down what Azure chose anyway is no replacement."""
    added = {"publicIPAddressVersion": "IPv4"}
    plain = compare("network:PublicIPAddress", {}, added, added)
    assert [d.replaces for d in plain] == [False]
    other = compare("network:PublicIPAddress", {}, added)
    assert [d.replaces for d in other] == [True]


@pytest.mark.parametrize(
    ("old", "expected"),
    [({}, True), ({CREATE_BEFORE_DELETE: True}, False)],
)
def test_what_is_deleted_first(old: dict[str, Any], expected: bool) -> None:
    """Only a resource with a made-up name can live beside its successor."""
    found = [Difference("location", UPDATE, replaces=True)]
    assert deletes_before_replacing(old, found) is expected
    kept = [Difference("tags", UPDATE, replaces=False)]
    assert deletes_before_replacing(old, kept) is False

"""The life of a resource: check, create, read, import, refresh, update, delete."""

from typing import Any

import pytest

from emulator.provider import AlreadyExists, Configuration, Provider
from emulator.store import Store
from emulator.wire import UNKNOWN

GROUP = {"resourceGroupName": "group", "location": "westeurope"}
ACCOUNT = "azure-native:storage:StorageAccount"
ACCOUNT_INPUTS = {
    **GROUP,
    "accountName": "account1",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
}


def _check(provider: Provider, token: str, **inputs: object) -> dict[str, object]:
    completed, problems = provider.check(
        f"azure-native:{token}", "thing", inputs, {}, b"seed"
    )
    assert problems == []
    return completed


def test_location_comes_from_the_configuration(azure: Any) -> None:
    """The provider's own location goes before the group's."""
    inputs = _check(azure.provider, "network:VirtualNetwork", resourceGroupName="x")
    assert inputs["location"] == "westeurope"


def test_location_comes_from_the_group(store: Store) -> None:
    """Without a configured location it is the resource group's."""
    provider = Provider(store, Configuration())
    group = {"resourceGroupName": "g", "location": "northeurope"}
    provider.create("azure-native:resources:ResourceGroup", group)
    inputs = _check(provider, "network:VirtualNetwork", resourceGroupName="G")
    assert inputs["location"] == "northeurope"


def test_location_is_unknown_with_its_group(store: Store) -> None:
    """A group that is not known yet makes the location unknown."""
    provider = Provider(store, Configuration())
    inputs = _check(provider, "network:VirtualNetwork", resourceGroupName=UNKNOWN)
    assert inputs["location"] is UNKNOWN


def test_group_needs_a_location(store: Store) -> None:
    """A resource group has nowhere to take its location from."""
    provider = Provider(store, Configuration())
    token = "azure-native:resources:ResourceGroup"
    _, problems = provider.check(token, "g", {}, {}, b"seed")
    assert [problem.path for problem in problems] == ["location"]


def test_api_version_is_added(provider: Provider) -> None:
    """Every checked input bag names the API version."""
    inputs = _check(provider, "resources:ResourceGroup")
    assert inputs["azureApiVersion"] == "2024-03-01"


def test_existing_resource_cannot_be_created(azure: Any) -> None:
    """A second resource of the same id is refused, whatever its case."""
    azure.create("storage:StorageAccount", **ACCOUNT_INPUTS)
    again = {**ACCOUNT_INPUTS, "accountName": "ACCOUNT1"}
    with pytest.raises(AlreadyExists, match="cannot create already existing resource"):
        azure.create("storage:StorageAccount", **again)


def test_singletons_are_written_and_never_deleted(azure: Any) -> None:
    """The blob service of an account is there before and after the program."""
    azure.create("storage:StorageAccount", **ACCOUNT_INPUTS)
    token = "azure-native:storage:BlobServiceProperties"
    inputs = {
        "resourceGroupName": "group",
        "accountName": "account1",
        "blobServicesName": "default",
        "isVersioningEnabled": True,
    }
    first = azure.provider.create(token, inputs)
    assert azure.provider.create(token, inputs).id == first.id
    azure.provider.delete(token, first.id)
    left = azure.provider.store.get(first.id)
    assert left is not None
    assert "isVersioningEnabled" not in left.body


def test_gone_resource_reads_as_gone(azure: Any) -> None:
    """A resource that does not exist reads as None, for a refresh and an import."""
    created = azure.create("storage:StorageAccount", **ACCOUNT_INPUTS)
    azure.provider.delete(ACCOUNT, created.id)
    azure.provider.delete(ACCOUNT, created.id)  # gone already: fine
    assert azure.provider.read(ACCOUNT, created.id, ACCOUNT_INPUTS, {}) is None
    assert azure.provider.read(ACCOUNT, created.id, {}, {}) is None


def test_import_makes_inputs_from_id_and_answer(azure: Any) -> None:
    """Path values come from the id, the body from Azure, computed values not."""
    created = azure.create("storage:StorageAccount", **ACCOUNT_INPUTS, tags={})
    imported = azure.provider.read(ACCOUNT, created.id, {}, {})
    assert imported is not None
    assert imported.inputs == {**ACCOUNT_INPUTS, "azureApiVersion": "2024-01-01"}


def test_import_of_a_foreign_id_fails(provider: Provider) -> None:
    """An id that does not fit the type's path is an error."""
    with pytest.raises(ValueError, match="does not match the path"):
        provider.read(ACCOUNT, "/subscriptions/s/resourceGroups/g", {}, {})


def test_refresh_shows_what_changed_in_azure(azure: Any) -> None:
    """A change made in Azure reaches the inputs; a value that is the same does not."""
    created = azure.create("storage:StorageAccount", **ACCOUNT_INPUTS)
    resource = azure.provider.store.get(created.id)
    assert resource is not None
    body = {**resource.body, "sku": {"name": "Standard_ZRS"}, "accessTier": "Cool"}
    azure.provider.store.put(created.id, resource.token, body)
    read = azure.provider.read(ACCOUNT, created.id, ACCOUNT_INPUTS, created.outputs)
    assert read is not None
    assert read.inputs["sku"] == {"name": "Standard_ZRS"}
    assert read.inputs["accessTier"] == "Cool"
    assert read.inputs["accountName"] == "account1"
    assert "primaryEndpoints" not in read.inputs


def test_refresh_without_change_changes_nothing(azure: Any) -> None:
    """Refreshing twice leaves the inputs exactly as they were."""
    created = azure.create("storage:StorageAccount", **ACCOUNT_INPUTS)
    read = azure.provider.read(ACCOUNT, created.id, ACCOUNT_INPUTS, created.outputs)
    assert read is not None
    assert read.inputs == ACCOUNT_INPUTS
    assert read.outputs == created.outputs


def test_dropped_network_rules_open_the_account(azure: Any) -> None:
    """Without its rule set an account goes back to Azure's open default."""
    closed = {**ACCOUNT_INPUTS, "networkRuleSet": {"defaultAction": "Deny"}}
    created = azure.create("storage:StorageAccount", **closed)
    updated = azure.provider.update(ACCOUNT, created.id, ACCOUNT_INPUTS, closed)
    assert updated.outputs["networkRuleSet"]["defaultAction"] == "Allow"


def test_deleting_a_group_deletes_what_is_in_it(azure: Any) -> None:
    """A resource group takes everything along."""
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    group = azure.provider.store.all()[0]
    azure.provider.delete("azure-native:resources:ResourceGroup", group.id)
    assert azure.provider.store.all() == []

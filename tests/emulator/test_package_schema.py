"""The schema for languages that ask the provider for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator import catalogue, package_schema, sdk_source


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema, made anew."""
    return package_schema.build_schema()


def test_schema_is_complete(schema: dict[str, Any]) -> None:
    """Every resource and function of the SDK is in it."""
    assert schema["name"] == "azure-native"
    assert schema["version"] == sdk_source.sdk_version()
    assert len(schema["resources"]) == len(catalogue.all_tokens())
    assert "azure-native:authorization:getClientConfig" in schema["functions"]
    assert "azure-native:storage:listStorageAccountKeys" in schema["functions"]
    assert len(schema["functions"]) > 2500


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    """No property refers to a type that the schema does not describe."""
    known = {f"#/types/{token}" for token in schema["types"]}
    known |= {"pulumi.json#/Any", "pulumi.json#/Asset"}
    assert _references(schema) <= known
    assert all(schema["types"].values())


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(_references, value.values()))


def test_schema_of_one_resource(schema: dict[str, Any]) -> None:
    """Names, required ones, nesting and words are what the SDK says."""
    subnet = schema["resources"]["azure-native:network:Subnet"]
    assert subnet["requiredInputs"] == ["resourceGroupName", "virtualNetworkName"]
    assert subnet["inputProperties"]["natGateway"]["$ref"] == (
        "#/types/azure-native:network:SubResource"
    )
    assert subnet["properties"]["natGateway"]["$ref"] == (
        "#/types/azure-native:network:SubResourceResponse"
    )
    policies = subnet["inputProperties"]["privateEndpointNetworkPolicies"]
    assert policies["default"] == "Disabled"
    enum = schema["types"]["azure-native:network:SharingScope"]
    assert enum == {
        "type": "string",
        "enum": [{"value": "Tenant"}, {"value": "DelegatedServices"}],
    }
    cluster = schema["types"]["azure-native:machinelearningservices:AmlCompute"]
    assert cluster["properties"]["computeType"]["const"] == "AmlCompute"


def test_schema_is_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any]
) -> None:
    """It is made once and then read from the user's cache, whole."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(package_schema, "build_schema", lambda: schema)
    first = package_schema.cached_schema()

    def fail() -> dict[str, Any]:
        raise AssertionError("made a second time")

    monkeypatch.setattr(package_schema, "build_schema", fail)
    assert package_schema.cached_schema() == first
    assert json.loads(first) == schema
    (kept,) = tmp_path.rglob("*.json")
    assert sdk_source.sdk_version() in kept.name

"""The components as programs in other languages see them: schema, names, values.

``schema.json`` is the contract with those programs; a difference is a change of the
API. Running this file writes it anew: ``python tests/components/test_plugin_host.py``.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from azureml_network import PrivateWorkspace, SecureVnet
from azureml_network._plugin import COMPONENTS, NAME
from azureml_network._version import VERSION

GOLDEN = Path(__file__).with_name("schema.json")
COMPONENTS_FOLDER = Path(__file__).parents[2] / "components"


def provider() -> ComponentProvider:
    """The provider that the plugin would serve."""
    return ComponentProvider(COMPONENTS, NAME, version=VERSION)


def schema_text() -> str:
    """The schema as it is kept in the golden file."""
    return json.dumps(json.loads(provider().schema), indent=2, sort_keys=True) + "\n"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema that the plugin would serve."""
    return json.loads(schema_text())


def test_the_schema_is_the_agreed_one() -> None:
    """Inputs, outputs and descriptions are those of the golden file."""
    assert schema_text() == GOLDEN.read_text(encoding="utf-8")


def test_generated_sdks_depend_on_nothing(schema: dict[str, Any]) -> None:
    """No input or output is a resource of another package, which would tie every
    generated SDK to its exact version."""
    assert schema["dependencies"] == []


def described(item: dict[str, Any], path: str) -> Iterator[tuple[str, str | None]]:
    """Everything below one schema item that a reader may ask about."""
    yield path, item.get("description")
    for section in ("properties", "inputProperties"):
        for key, value in item.get(section, {}).items():
            yield f"{path}.{key}", value.get("description")
    for value in item.get("enum", []):
        yield f"{path}.{value['value']}", value.get("description")


def test_everything_is_described(schema: dict[str, Any]) -> None:
    """Every component, type, property and choice has its documentation."""
    items = {**schema["resources"], **schema["types"]}
    missing = [
        path
        for name, item in items.items()
        for path, text in described(item, name)
        if not text
    ]
    assert missing == []


def test_tokens_are_the_same_for_every_consumer(schema: dict[str, Any]) -> None:
    """The class's own token, which pip users get, is the one that the plugin serves."""
    assert set(schema["resources"]) == {
        "azureml-network:index:HybridGateway",
        "azureml-network:index:JumpBoxBastion",
        "azureml-network:index:PrivateWorkspace",
        "azureml-network:index:PublishedService",
        "azureml-network:index:SecureVnet",
        "azureml-network:index:ServiceConsumer",
    }


def test_one_version(schema: dict[str, Any]) -> None:
    """Schema, installed package and module agree on the version."""
    assert schema["version"] == VERSION == version("azureml-network")
    project = tomllib.loads((COMPONENTS_FOLDER / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]


def test_the_package_is_typed() -> None:
    """All three import packages carry the marker of typed packages."""
    for package in ("azureml_network", "azureml_rulebook", "azureml_reachability"):
        assert (COMPONENTS_FOLDER / package / "py.typed").is_file()


def camel(key: str) -> str:
    """An input's name as other languages write it."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def on_the_wire(value: Any) -> Any:
    """Inputs as the host hands them over: camel case, and every number a float. Keys
    of maps stay as they are."""
    if isinstance(value, dict):
        keep = any("." in key for key in value)
        return {key if keep else camel(key): on_the_wire(v) for key, v in value.items()}
    if isinstance(value, list):
        return [on_the_wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def construct(kind: str, inputs: dict[str, Any]) -> None:
    """Build a component as the plugin does."""
    provider().construct("it", f"azureml-network:index:{kind}", inputs)


def inputs_by_name(recording: Any) -> dict[str, Any]:
    """All inputs of all resources."""
    return {name: item.inputs for name, item in recording.resources.items()}


def test_a_network_is_the_same_from_everywhere(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """C99: camel case and floats through the host give the same resources, inputs and
    order as a Python program."""
    args = network_args(
        egress="nat_gateway",
        on_premises_address_space=["10.200.0.0/16"],
        tags={"team": "vision"},
    )
    here = record(lambda: SecureVnet("it", args))
    there = record(lambda: construct("SecureVnet", on_the_wire(args)))
    assert inputs_by_name(here) == inputs_by_name(there)
    assert here.outputs == there.outputs


def test_a_workspace_is_the_same_from_everywhere(
    record: Any, workspace_args: Callable[..., Any]
) -> None:
    """C99: the same for the workspace, with every nested input given."""
    args = workspace_args(
        storage={"replication": "Standard_ZRS", "endpoints": ["blob", "file"]},
        registry={"zone_redundant": True},
        monitoring={"retention_days": 90},
        cluster={"vm_size": "Standard_D4s_v5", "maximum_nodes": 8, "idle_minutes": 5},
        training_subnet_prefix="10.40.0.0/23",
    )
    here = record(lambda: PrivateWorkspace("it", args))
    there = record(lambda: construct("PrivateWorkspace", on_the_wire(args)))
    assert inputs_by_name(here) == inputs_by_name(there)
    assert here.outputs == there.outputs


def test_outputs_and_secrets_pass_the_host(
    record: Any,
    workspace_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Values known only later, and secret ones, reach the resources; a secret stays
    one on its way to the engine."""
    secret = "4dabf18193072939515e22adb298388d"
    inputs = {
        **on_the_wire(workspace_args()),
        "resourceGroupName": pulumi.Output.from_input("rg-later"),
        "tenantId": pulumi.Output.secret("11111111-1111-4111-8111-111111111111"),
        "endpointsSubnetId": pulumi.Output.from_input("/later/endpoints"),
        "privateDnsZoneIds": pulumi.Output.from_input(zone_ids(default_zones, "later")),
        "tags": {"owner": pulumi.Output.from_input("later")},
    }
    made = record(lambda: construct("PrivateWorkspace", inputs))
    vault = made.inputs("it-vault")
    assert vault["resourceGroupName"] == "rg-later"
    assert vault["tags"] == {"owner": "later"}
    assert secret in json.dumps(vault["properties"])
    blob = made.inputs("it-blob-endpoint")
    assert blob["subnet"] == {"id": "/later/endpoints"}
    zones = made.inputs("it-blob-zones")["privateDnsZoneConfigs"]
    assert "/resourceGroups/later/" in zones[0]["privateDnsZoneId"]


def test_errors_pass_the_host(network_args: Callable[..., Any], record: Any) -> None:
    """A wrong input from another language gets the same one-line message."""
    inputs = on_the_wire(network_args(address_space=["10.0.0.0"]))
    with pytest.raises(Exception, match="address_space.0.: '10.0.0.0' has no prefix"):
        record(lambda: construct("SecureVnet", inputs))


if __name__ == "__main__":
    GOLDEN.write_text(schema_text(), encoding="utf-8")

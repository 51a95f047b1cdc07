"""The SDK's types: every one of them can be read, and has a place in Azure."""

import json
from pathlib import Path

import pytest

import emulator
from emulator import catalogue, derived_paths, sdk_types
from emulator.known_paths import KNOWN_PATHS
from emulator.published_checks import published_type
from emulator.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Scalar, Words

PUBLISHED = sorted(
    path.stem.replace(".", ":", 1)
    for path in (Path(emulator.__file__).parent / "published_types").glob("*.*.json")
)
RESOURCES_IN_SDK = 2288
# Types whose SDK names no path parameter: one for each subscription, or custom ones.
WITHOUT_PARAMETERS = {
    "authorization:PimRoleEligibilitySchedule",
    "keyvault:AccessPolicy",
    "portalservices:CopilotSetting",
    "providerhub:OperationByProviderRegistration",
    "storage:BlobContainerLegalHold",
    "subscription:SubscriptionTarDirectory",
    "trafficmanager:TrafficManagerUserMetricsKey",
}
# Types that azure-native makes without Azure Resource Manager.
WITHOUT_API_VERSION = {
    "authorization:PimRoleEligibilitySchedule",
    "keyvault:AccessPolicy",
    "servicebus:DefaultRule",
    "storage:Blob",
    "storage:BlobContainerLegalHold",
    "storage:StorageAccountStaticWebsite",
}


def test_every_type_of_the_sdk_has_a_path() -> None:
    """Every resource class yields a template with exactly its path parameters."""
    types = [catalogue.find(f"azure-native:{t}") for t in catalogue.all_tokens()]
    assert len(types) == RESOURCES_IN_SDK
    for found in types:
        expected = derived_paths.path_parameters(found.module, found.class_name)
        assert set(found.path.parameters) == set(expected), found.token
        assert found.path.text.count("//") == 0, found.token
    written = {found.token for found in types if not found.path.derived}
    assert written == KNOWN_PATHS.keys()
    assert {f.token for f in types if not f.path.parameters} == WITHOUT_PARAMETERS
    assert {f.token for f in types if not f.api_version} == WITHOUT_API_VERSION


@pytest.mark.parametrize("token", PUBLISHED)
def test_published_types_fit_the_sdk(token: str) -> None:
    """Each published type loads, has a written path, and is of the same Azure type."""
    found = catalogue.find(f"azure-native:{token}")
    published = published_type(token)
    assert published is not None
    assert not found.path.derived
    azure_type, _, version = published.schema["title"].partition("@")
    assert found.api_version == version
    if token == "privatedns:PrivateRecordSet":  # one type for each kind of record
        assert azure_type == "Microsoft.Network/privateDnsZones/A"
    else:
        assert found.path.resource_type == azure_type


def test_create_only_table_names_real_inputs() -> None:
    """Every create-only path is an input that the SDK knows."""
    folder = Path(emulator.__file__).parent / "published_types"
    table = json.loads((folder / "create-only.json").read_text())
    for token, paths in table.items():
        if token.startswith("_"):
            continue
        inputs = catalogue.find(f"azure-native:{token}").inputs
        for path in paths:
            assert _has(inputs, path.replace("[]", "").split(".")), (token, path)


def _has(properties: dict[str, sdk_types.Property], path: list[str]) -> bool:
    first, *rest = path
    if first not in properties:
        return False
    if not rest:
        return True
    options = [properties[first].shape]
    while any(isinstance(o, ListOf | MapOf | OneOf) for o in options):
        options = [inner for option in options for inner in _inside(option)]
    return any(_has(o.properties, rest) for o in options if isinstance(o, ObjectOf))


def _inside(shape: sdk_types.Shape) -> list[sdk_types.Shape]:
    match shape:
        case ListOf(items=items):
            return [items]
        case MapOf(values=values):
            return [values]
        case OneOf(options=options):
            return list(options)
        case _:
            return [shape]


@pytest.mark.parametrize(
    "token",
    [
        "azure-native:network:Subnet",
        "azure-native:network/v20230901:Subnet",
        "azure-native:network/v20240501preview:Subnet",
    ],
)
def test_versioned_tokens_are_the_same_type(token: str) -> None:
    """A token with an API version stands for the default type."""
    assert catalogue.find(token).token == "network:Subnet"


def test_former_tokens_are_found() -> None:
    """A type that moved to another module is found under its former token."""
    former = catalogue.find("azure-native:insights:Component")
    assert former.token == "applicationinsights:Component"


def test_unknown_type_names_the_nearest() -> None:
    """A misspelt type is refused with the type that was probably meant."""
    with pytest.raises(catalogue.UnknownType, match="azure-native:network:Subnet?"):
        catalogue.find("azure-native:network:Subnett")


def test_shapes_of_a_type() -> None:
    """Requiredness, words, lists, nesting and the SDK's defaults are read right."""
    inputs = catalogue.find("azure-native:network:Subnet").inputs
    assert inputs["virtualNetworkName"].required
    assert not inputs["subnetName"].required
    assert inputs["defaultOutboundAccess"].shape == Scalar("boolean")
    assert inputs["addressPrefixes"].shape == ListOf(Scalar("string"))
    policies = inputs["privateEndpointNetworkPolicies"]
    assert policies.default == "Disabled"
    assert isinstance(policies.shape, Words)
    assert policies.shape.is_open
    assert "RouteTableEnabled" in policies.shape.values
    group = inputs["networkSecurityGroup"].shape
    assert isinstance(group, ObjectOf)
    rules = group.properties["securityRules"].shape
    assert isinstance(rules, ListOf)
    assert isinstance(rules.items, ObjectOf)
    assert rules.items.properties["direction"].required


def test_variant_is_chosen_by_its_constant_without_regard_to_case() -> None:
    """A discriminator chooses the variant; a value that fits none chooses nothing."""
    shape = catalogue.find("azure-native:machinelearningservices:Compute").inputs
    variants = shape["properties"].shape
    assert isinstance(variants, OneOf)
    chosen = sdk_types.variant(variants.options, {"computeType": "amlcompute"})
    assert chosen is not None
    assert chosen.type_name == "AmlCompute"
    assert sdk_types.variant(variants.options, {"computeType": "Abacus"}) is None

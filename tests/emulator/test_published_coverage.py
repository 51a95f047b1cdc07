"""The published types and the SDK describe the same inputs, but for a known few."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import emulator
from emulator import catalogue
from emulator.published_checks import PublishedType, published_type
from emulator.renamed_inputs import RENAMED, azure_name, sdk_name
from emulator.sdk_types import ListOf, ObjectOf, OneOf, Property, Shape

PUBLISHED = sorted(
    path.stem.replace(".", ":", 1)
    for path in (Path(emulator.__file__).parent / "published_types").glob("*.*.json")
)
# Inputs that stand in no body: parameters of the request, or of the path again.
NOT_IN_BODY = {"skipValidation", "syncRemoteAddressSpace", "expand", "type", "id"}
# Inputs whose level azure-native takes away under another name than `properties`, or
# that come from a newer version of a nested type. They are checked by the SDK alone.
ONLY_IN_SDK = {
    "maintenance:MaintenanceConfiguration": {
        "duration",
        "expirationDateTime",
        "recurEvery",
        "startDateTime",
        "timeZone",
    },
}
NEWER_NESTED = {"serviceGateway"}


def _unpublished(
    token: str,
    published: PublishedType,
    schema: Mapping[str, Any],
    shapes: Mapping[str, Property],
    path: str,
    seen: set[str],
) -> Iterator[str]:
    """The paths of inputs that the published type does not know."""
    lifted = published.level_taken_away(schema, shapes).get("properties", {})
    known = {**schema.get("properties", {}), **lifted}
    others = schema.get("additionalProperties")
    for name, found in shapes.items():
        place = f"{path}.{name}" if path else name
        target = known.get(azure_name(token, place), others)
        if not isinstance(target, Mapping):
            yield place
        else:
            yield from _inside(token, published, target, found.shape, place, seen)


def _inside(
    token: str,
    published: PublishedType,
    schema: Mapping[str, Any],
    shape: Shape,
    path: str,
    seen: set[str],
) -> Iterator[str]:
    schema = published.resolve(schema)
    if isinstance(shape, ListOf) and schema.get("type") == "array":
        items = schema["items"]
        yield from _inside(token, published, items, shape.items, path, seen)
    for option in shape.options if isinstance(shape, OneOf) else (shape,):
        if not isinstance(option, ObjectOf) or option.class_name in seen:
            continue
        constants = {
            azure_name(token, f"{path}.{p.name}"): p.constant
            for p in option.properties.values()
        }
        chosen = published.chosen_variant(schema, constants)
        if chosen is None or chosen.get("type") != "object" or chosen.get("readOnly"):
            continue
        seen.add(option.class_name)
        yield from _unpublished(token, published, chosen, option.properties, path, seen)


@pytest.mark.parametrize("token", PUBLISHED)
def test_every_input_is_published(token: str) -> None:
    """Each input of the SDK has its place in Azure's own description."""
    found = catalogue.find(f"azure-native:{token}")
    published = published_type(token)
    assert published is not None
    path = found.path.parameters
    body = {name: p for name, p in found.inputs.items() if name not in path}
    left = _unpublished(token, published, published.root(), body, "", set())
    known = NOT_IN_BODY | NEWER_NESTED | ONLY_IN_SDK.get(token, set())
    assert [place for place in left if place.rpartition(".")[2] not in known] == []


@pytest.mark.parametrize(("token", "path"), sorted(RENAMED))
def test_renames_go_both_ways(token: str, path: str) -> None:
    """Each renamed input is found again from Azure's name, in lists too."""
    above, _, name = path.rpartition(".")
    place = above.replace("Rules", "Rules[3]")
    full = f"{place}.{name}" if place else name
    assert sdk_name(token, place, azure_name(token, full)) == name

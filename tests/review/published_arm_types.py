"""Makes review/arm_types.json out of what Azure publishes about each type.

`python tests/review/published_arm_types.py` writes it anew, after a new version of the
published types; a test says when that was forgotten. The published types and the paths
are those that the emulator is tested with.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator.known_paths import KNOWN_PATHS
from emulator.renamed_inputs import RENAMED

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "review" / "arm_types.json"
_PUBLISHED = ROOT / "emulator" / "published_types"
_PARAMETER = re.compile(r"^\{(\w+)\}$")


def arm_types() -> dict[str, Any]:
    """The content of review/arm_types.json."""
    return {
        "source": "Types, API versions and bodies: https://github.com/Azure/"
        "bicep-types-az, commit 1f896de (2026-08-20), MIT licence. Names: the request "
        "URLs on https://learn.microsoft.com/rest/api/azure/.",
        "types": dict(sorted(_types())),
    }


def text() -> str:
    """The file's content as it stands in the repository."""
    return json.dumps(arm_types(), indent=1, sort_keys=True) + "\n"


def _types() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in _PUBLISHED.glob("*.json"):
        published = json.loads(file.read_text())
        token = published.get("x-pulumi-token", "").removeprefix("azure-native:")
        if token not in KNOWN_PATHS:
            continue
        _, _, api_version = published["title"].partition("@")
        arm_type, names = _type_and_names(KNOWN_PATHS[token])
        entry = {"type": arm_type, "apiVersion": api_version, "names": names}
        if scope := re.match(r"/\{(scope|resourceUri)\}/", KNOWN_PATHS[token]):
            entry["scope"] = scope[1]
        renamed = {path: new for (of, path), new in RENAMED.items() if of == token}
        if renamed:
            entry["renamed"] = renamed
        if body := _Bodies(published).levels(published, frozenset()):
            entry["body"] = body
        yield token, entry


def _type_and_names(path: str) -> tuple[str, list[str]]:
    """Azure's type and the parts of a resource's name: inputs, or fixed words."""
    _, provider, rest = path.rpartition("/providers/")
    if not provider:
        return "Microsoft.Resources/resourceGroups", ["{resourceGroupName}"]
    namespace, *segments = rest.split("/")
    return "/".join([namespace, *segments[::2]]), segments[1::2]


class _Bodies:
    """Where a published body has `properties` levels that azure-native takes away."""

    def __init__(self, published: dict[str, Any]):
        self._parts = published["$defs"]

    def levels(self, schema: dict[str, Any], above: frozenset[int]) -> dict[str, Any]:
        """`beside`: names that stay beside `properties`; `in`: levels further down."""
        schema = self._resolve(schema)
        if schema.get("type") == "array":
            return self.levels(schema["items"], above)
        if schema.get("type") != "object" or schema.get("readOnly"):
            return {}
        if id(schema.get("properties")) in above:
            return {}
        above |= {id(schema.get("properties"))}
        properties = self._properties(schema)
        found: dict[str, Any] = {}
        if any(self._is_writable_object(each) for each in properties["properties"]):
            found["beside"] = sorted(
                name
                for name, all_of_it in properties.items()
                if name != "properties" and any(map(self._is_writable, all_of_it))
            )
        below: dict[str, Any] = {}
        for name, all_of_it in properties.items():
            for each in all_of_it:
                below[name] = _merged(below.get(name, {}), self.levels(each, above))
        if below := {name: levels for name, levels in below.items() if levels}:
            found["in"] = below
        return found

    def unknown_names(
        self, schema: dict[str, Any], value: Any, path: str
    ) -> Iterator[str]:
        """Names that an object has and its type has not, or only for reading."""
        schema = self._resolve(schema)
        if isinstance(value, list):
            for each in value:
                yield from self.unknown_names(schema.get("items", {}), each, path)
        if not isinstance(value, dict) or schema.get("type") != "object":
            return
        chosen = str(value.get(schema.get("x-discriminator", ""))).lower()
        properties = self._properties(schema, chosen)
        is_open = schema.get("additionalProperties", False) is not False
        for name, each in value.items():
            here = f"{path}.{name}".lstrip(".")
            if name in properties:
                if not any(map(self._is_writable, properties[name])):
                    yield here
                yield from self.unknown_names(properties[name][-1], each, here)
            elif not is_open:
                yield here

    def _properties(
        self, schema: dict[str, Any], chosen: str | None = None
    ) -> defaultdict[str, list[dict[str, Any]]]:
        """By name, all that a property may be: in one variant, or in every one."""
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, each in schema.get("properties", {}).items():
            found[name].append(each)
        for name_of_variant, variant in schema.get("x-variants", {}).items():
            if chosen in (None, name_of_variant.lower()):
                for name, each in self._resolve(variant).get("properties", {}).items():
                    found[name].append(each)
        return found

    def _is_writable(self, schema: dict[str, Any]) -> bool:
        return not self._resolve(schema).get("readOnly")

    def _is_writable_object(self, schema: dict[str, Any]) -> bool:
        is_object = self._resolve(schema).get("type") == "object"
        return is_object and self._is_writable(schema)

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._parts[schema["$ref"].rpartition("/")[2]], **own}
        return schema


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Levels of two variants of the same property, together."""
    found = dict(one)
    for name, value in other.items():
        if isinstance(value, dict):
            found[name] = _merged(found.get(name, {}), value)
        else:
            found[name] = sorted({*found.get(name, []), *value})
    return found


def names_not_published(resource: dict[str, Any]) -> list[str]:
    """The paths in a template's resource that Azure's published type does not have."""
    for file in _PUBLISHED.glob("*.json"):
        published = json.loads(file.read_text())
        if published.get("title") == f"{resource['type']}@{resource['apiVersion']}":
            body = {
                name: value
                for name, value in resource.items()
                if name not in _AROUND_A_BODY
            }
            return list(_Bodies(published).unknown_names(published, body, ""))
    return [f"{resource['type']}@{resource['apiVersion']} is not published"]


_AROUND_A_BODY = {"type", "apiVersion", "name", "comments", "scope", "dependsOn"}


if __name__ == "__main__":
    FILE.write_text(text())

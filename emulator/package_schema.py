"""The Pulumi schema of azure-native, put together from the installed SDK.

Languages that are not compiled against the SDK (YAML) ask the provider for it. It
names every resource, function and nested type with their properties; descriptions are
left out, as nothing that runs here reads them. Making it takes a while, so it is made
when first asked for and then kept in the user's cache, by SDK version.
"""

import hashlib
import json
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from emulator import catalogue, sdk_source, sdk_types
from emulator.catalogue import PREFIX
from emulator.sdk_types import (
    Anything,
    FileContent,
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    Property,
    Scalar,
    Shape,
    Words,
)

Spec = dict[str, Any]

_INVOKE = re.compile(r"pulumi\.runtime\.invoke\('(azure-native:\w+:\w+)'")
_ARGUMENT = re.compile(r"__args__\['(\w+)'\] = (\w+)")
_SIGNATURE = re.compile(r"^def \w+_output\((.*?)\) ->", re.DOTALL | re.MULTILINE)
_PARAMETER = re.compile(r"(\w+): pulumi\.Input\[Optional\[(.*)\]\] = None")


def cached_schema() -> str:
    """The schema as JSON, from the cache if this SDK's is there already."""
    path = _cache_file()
    if path.is_file():
        return path.read_text()
    text = json.dumps(build_schema(), separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(unfinished, path)
    return text


def _cache_file() -> Path:
    """Where this SDK's schema is kept; a change of this module starts anew."""
    made_by = Path(__file__).read_bytes() + Path(sdk_types.__file__).read_bytes()
    digest = hashlib.sha256(made_by).hexdigest()[:12]
    name = f"azure-native-{sdk_source.sdk_version()}-{digest}.json"
    return Path(platformdirs.user_cache_dir("azureml-network")) / "schema" / name


def build_schema() -> Spec:
    """The whole schema, made anew; the SDK's texts are not kept in memory after it."""
    schema = _Builder().whole()
    sdk_source.source_file.cache_clear()
    return schema


class _Builder:
    """Collects the nested types while it describes resources and functions."""

    def __init__(self) -> None:
        self._types: dict[str, Spec] = {}
        self._waiting: list[tuple[str, ObjectOf]] = []

    def whole(self) -> Spec:
        resources = {PREFIX + t: self._resource(t) for t in catalogue.all_tokens()}
        functions = dict(
            self._function(module, source)
            for module in _modules()
            for source in _function_files(module)
        )
        while self._waiting:
            token, shape = self._waiting.pop()
            self._types[token] = self._object(shape.properties)
        provider = sdk_types.ObjectOf("", "provider", "ProviderArgs").properties
        settings = {name: self._property(p) for name, p in provider.items()}
        return {
            "name": PREFIX.rstrip(":"),
            "version": sdk_source.sdk_version(),
            "config": {"variables": settings},
            "provider": {"inputProperties": settings},
            "types": self._types,
            "resources": resources,
            "functions": functions,
        }

    def _resource(self, token: str) -> Spec:
        resource_type = catalogue.find(PREFIX + token)
        outputs = self._object(resource_type.outputs)
        inputs = self._object(resource_type.inputs)
        return {
            "properties": outputs["properties"],
            "required": outputs["required"],
            "inputProperties": inputs["properties"],
            "requiredInputs": inputs["required"],
        }

    def _function(self, module: str, source: sdk_source.SourceFile) -> tuple[str, Spec]:
        token = _INVOKE.findall(source.text)[0]
        spec: Spec = {"inputs": {"type": "object", **self._arguments(module, source)}}
        result = next((n for n in source.class_starts if n.endswith("Result")), None)
        if result is not None:
            shape = ObjectOf(module, source.path.stem, result)
            spec["outputs"] = self._object(shape.properties)
        return token, spec

    def _arguments(self, module: str, source: sdk_source.SourceFile) -> Spec:
        signature = _SIGNATURE.search(source.text)
        annotations = dict(_PARAMETER.findall(signature.group(1) if signature else ""))
        properties: dict[str, Spec] = {}
        required = []
        for wire, name in _ARGUMENT.findall(source.text):
            if name not in annotations or wire in properties:
                continue
            written = sdk_source.SourceProperty(wire, annotations[name], "")
            found = sdk_types.read_property(module, written)
            properties[wire] = self._property(found)
            if found.required:
                required.append(wire)
        return {"properties": properties, "required": required}

    def _object(self, properties: dict[str, Property]) -> Spec:
        return {
            "type": "object",
            "properties": {n: self._property(p) for n, p in properties.items()},
            "required": [n for n, p in properties.items() if p.required],
        }

    def _property(self, found: Property) -> Spec:
        spec = self._shape(found.shape)
        if found.constant is not None:
            spec["const"] = found.constant
        elif isinstance(found.default, str | bool | int | float):
            spec["default"] = found.default
        return spec

    def _shape(self, shape: Shape) -> Spec:
        match shape:
            case Scalar(kind=kind):
                return {"type": kind}
            case ListOf(items=items):
                return {"type": "array", "items": self._shape(items)}
            case MapOf(values=values):
                return {"type": "object", "additionalProperties": self._shape(values)}
            case Words(is_open=True):
                return {
                    "type": "string",
                    "oneOf": [{"type": "string"}, self._enum(shape)],
                }
            case Words():
                return self._enum(shape)
            case ObjectOf():
                return self._reference(shape)
            case OneOf(options=options):
                return {"oneOf": [self._shape(option) for option in options]}
            case FileContent():
                return {"$ref": "pulumi.json#/Asset"}
            case Anything():
                return {"$ref": "pulumi.json#/Any"}

    def _enum(self, shape: Words) -> Spec:
        token = f"{PREFIX}{shape.module}:{shape.name}"
        if token not in self._types:
            self._types[token] = {
                "type": _enum_kind(shape.values),
                "enum": [{"value": value} for value in shape.values],
            }
        return {"type": "string", "$ref": f"#/types/{token}"}

    def _reference(self, shape: ObjectOf) -> Spec:
        token = f"{PREFIX}{shape.module}:{shape.type_name}"
        if token not in self._types:
            self._types[token] = {}
            self._waiting.append((token, shape))
        return {"type": "object", "$ref": f"#/types/{token}"}


def _enum_kind(values: tuple[object, ...]) -> str:
    if all(isinstance(value, str) for value in values):
        return "string"
    return "integer" if all(isinstance(v, int) for v in values) else "number"


@cache
def _modules() -> tuple[str, ...]:
    return tuple(sorted({m for m, _ in sdk_source.resource_classes().values()}))


def _function_files(module: str) -> list[sdk_source.SourceFile]:
    files = (
        sdk_source.source_file(module, stem)
        for stem in sdk_source.module_stems(module)
        if stem.startswith(("get_", "list_"))
    )
    return [f for f in files if f is not None and _INVOKE.search(f.text)]

"""Checks inputs against what Azure publishes: read-only, patterns, lengths, ranges.

The published types describe the body that Azure Resource Manager accepts. In
azure-native's inputs the `properties` level of that body is mostly taken away, so a
property is looked for at its own level first and inside of `properties` then.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from emulator.catalogue import ResourceType
from emulator.input_checks import EXAMPLES_ONLY, Problem
from emulator.known_paths import KNOWN_PATHS
from emulator.renamed_inputs import azure_name, sdk_name
from emulator.sensitive import quote
from emulator.wire import UNKNOWN, FileValue

_FOLDER = Path(__file__).parent / "published_types"
_SHOWN_WORDS = 12

# Stand in Azure's path or are filled in, so that a program may leave them out.
_NOT_IN_BODY = frozenset({"id", "name", "type", "apiVersion"})

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class PublishedType:
    """One published type: its schema and the named parts that it refers to."""

    schema: Schema
    parts: Mapping[str, Schema]

    def resolve(self, schema: Schema) -> Schema:
        """Follow references; a reference's own words win."""
        while "$ref" in schema:
            target = self.parts[schema["$ref"].rpartition("/")[2]]
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **own}
        return schema

    def root(self) -> Schema:
        """The schema of the whole body."""
        return self.resolve(self.schema)

    def name_schema(self) -> Schema:
        """What Azure demands of the resource's own name."""
        return self.resolve(self.root().get("properties", {}).get("name", {}))

    def chosen_variant(self, schema: Schema, value: Mapping[str, Any]) -> Schema | None:
        """An object's schema with the variant that its discriminator names.

        None if the discriminator names no published variant.
        """
        word = schema.get("x-discriminator")
        if word is None:
            return schema
        named = str(value.get(word)).lower()
        for name, variant in schema["x-variants"].items():
            if name.lower() == named:
                chosen = self.resolve(variant)
                return {
                    "type": "object",
                    "properties": {**schema["properties"], **chosen["properties"]},
                    "required": [
                        *schema.get("required", []),
                        *chosen.get("required", []),
                    ],
                }
        return None

    def level_taken_away(self, schema: Schema, value: Mapping[str, Any]) -> Schema:
        """The `properties` level that azure-native takes away from an object, or {}.

        `value` has the inputs of the object by Azure's names; with `properties` among
        them nothing was taken away.
        """
        outer = schema.get("properties", {})
        if "properties" not in outer or "properties" in value:
            return {}
        inner = self.resolve(outer["properties"])
        if inner.get("type") != "object" or inner.get("readOnly"):
            return {}
        return self.chosen_variant(inner, value) or {}


@cache
def published_type(token: str) -> PublishedType | None:
    """The published type of a short token, or None if it is not kept here."""
    path = _FOLDER / f"{token.replace(':', '.')}.json"
    if not path.is_file():
        return None
    document = json.loads(path.read_text())
    return PublishedType(document, document.get("$defs", {}))


def published_problems(
    resource_type: ResourceType, inputs: Mapping[str, Any], known: set[str]
) -> list[Problem]:
    """Everything that Azure's published type says against these inputs.

    `known`: paths that have a problem already and get no second one.
    """
    problems = list(_name_problems(resource_type, inputs))
    published = published_type(resource_type.token)
    if published is not None:
        walk = _Walk(resource_type.token, published)
        path_parameters = resource_type.path.parameters
        body = {
            name: value
            for name, value in inputs.items()
            if name in resource_type.inputs and name not in path_parameters
        }
        problems += walk.object(published.root(), body, "")
    return [problem for problem in problems if problem.path not in known]


def _name_problems(
    resource_type: ResourceType, inputs: Mapping[str, Any]
) -> Iterator[Problem]:
    """Problems of the names in the path: the resource's own and its parents'."""
    for parameter, owner in _named_types(resource_type.path.text).items():
        published = published_type(owner)
        if published is not None and isinstance(inputs.get(parameter), str):
            walk = _Walk(resource_type.token, published)
            schema = published.name_schema()
            yield from walk.value(schema, inputs[parameter], parameter)


@cache
def _named_types(path: str) -> dict[str, str]:
    """Each path parameter that names a known resource, with that resource's type."""
    return {
        template.rpartition("{")[2].rstrip("}"): token
        for token, template in KNOWN_PATHS.items()
        if path == template or path.startswith(template + "/")
    }


@dataclass(frozen=True)
class _Walk:
    token: str
    published: PublishedType

    def object(
        self, schema: Schema, value: Mapping[str, Any], path: str
    ) -> Iterator[Problem]:
        """Problems of an object whose `properties` level may be taken away."""
        given = {
            azure_name(self.token, _join(path, name)): (name, value[name])
            for name in value
        }
        plain = {name: item for name, (_, item) in given.items()}
        chosen = self.published.chosen_variant(schema, plain)
        if chosen is None:
            yield from self._no_variant(schema, plain, path)
            return
        lifted = self.published.level_taken_away(chosen, plain)
        known = {**chosen.get("properties", {}), **lifted.get("properties", {})}
        others = chosen.get("additionalProperties")
        for written, (name, item) in given.items():
            found = known.get(written, others)
            if isinstance(found, Mapping):
                yield from self.value(found, item, _join(path, name))
        for written in [*chosen.get("required", []), *lifted.get("required", [])]:
            own = sdk_name(self.token, path, written)
            name, item = given.get(written, (own, None))
            in_path = not path and written in _NOT_IN_BODY
            taken_away = written == "properties" and lifted
            if item is None and not in_path and not taken_away:
                place = _join(path, name)
                yield Problem(place, _missing(place))

    def _no_variant(
        self, schema: Schema, value: Mapping[str, Any], path: str
    ) -> Iterator[Problem]:
        word = schema["x-discriminator"]
        place = _join(path, sdk_name(self.token, path, word))
        given = value.get(word)
        if given is UNKNOWN:
            return
        allowed = _listed(list(schema["x-variants"]))
        if given is None:
            yield Problem(place, f"missing required property '{place}', {allowed}")
            return
        shown = quote(self.token, place, given)
        yield Problem(place, f"'{place}' is {shown}, which is not {allowed}")

    def value(self, schema: Schema, value: Any, path: str) -> Iterator[Problem]:
        schema = self.published.resolve(schema)
        if value is UNKNOWN or value is None or isinstance(value, FileValue):
            return
        if schema.get("readOnly"):
            reason = f"'{path}' is read-only: Azure sets it; leave it out"
            yield Problem(path, reason)
        elif "anyOf" in schema:
            tries = [list(self.value(s, value, path)) for s in schema["anyOf"]]
            yield from min(tries, key=len)
        elif isinstance(value, dict):
            if schema.get("type") == "object":
                yield from self.object(schema, value, path)
        elif isinstance(value, list):
            yield from self._list(schema, value, path)
        else:
            yield from self._plain(schema, value, path)

    def _list(self, schema: Schema, value: list[Any], path: str) -> Iterator[Problem]:
        if schema.get("type") != "array":
            return
        yield from self._range(
            schema, len(value), ("minItems", "maxItems"), path, "items"
        )
        for position, item in enumerate(value):
            yield from self.value(schema["items"], item, f"{path}[{position}]")

    def _plain(self, schema: Schema, value: Any, path: str) -> Iterator[Problem]:
        name = path.rpartition(".")[2]
        words = schema.get("enum") or schema.get("x-known-values")
        if "const" in schema:
            words = [schema["const"]]
        open_words = name in EXAMPLES_ONLY and "enum" not in schema
        if words and not open_words:
            if str(value).lower() not in {str(word).lower() for word in words}:
                shown = quote(self.token, path, value)
                reason = f"'{path}' is {shown}, which is not {_listed(words)}"
                yield Problem(path, reason)
        if isinstance(value, str):
            yield from self._text(schema, value, path)
        elif not isinstance(value, bool):
            yield from self._range(schema, value, ("minimum", "maximum"), path, "")

    def _text(self, schema: Schema, value: str, path: str) -> Iterator[Problem]:
        size = len(value.encode())
        limits = ("minLength", "maxLength")
        yield from self._range(schema, size, limits, path, "characters")
        pattern = schema.get("pattern")
        if pattern is not None and not _matches(pattern, value):
            shown = quote(self.token, path, value)
            yield Problem(path, f"'{path}' is {shown}, which does not match {pattern}")

    def _range(
        self,
        schema: Schema,
        number: float,
        limits: tuple[str, str],
        path: str,
        unit: str,
    ) -> Iterator[Problem]:
        least, most = (schema.get(limit) for limit in limits)
        amount = f"has {number} {unit}" if unit else f"is {number}"
        if least is not None and number < least:
            yield Problem(path, f"'{path}' {amount}; at least {least} are needed")
        if most is not None and number > most:
            yield Problem(path, f"'{path}' {amount}; at most {most} are allowed")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _missing(path: str) -> str:
    reason = f"missing required property '{path}'"
    if path == "location":
        reason += (
            ": set it, or set a default with"
            " `pulumi config set azure-native:location <region>`"
        )
    return reason


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A published pattern; None if Python cannot read it (it is not checked then)."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def _listed(words: list[Any]) -> str:
    shown = ", ".join(str(word) for word in words[:_SHOWN_WORDS])
    more = len(words) - _SHOWN_WORDS
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "")

"""The shape of components' inputs in YAML: their types, spelling and paths.

The keys that a component takes are written down once, in its own arguments; what this
program accepts in YAML is derived from them, in camel case, without values that are
known only later, and without those that the program has from elsewhere.
"""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import UnionType
from typing import (
    Any,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import pulumi
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict, is_typeddict

SECRETS = frozenset(
    {"administrator_password", "authorization_key", "secret", "shared_key"}
)
"""Inputs of components that are secrets, wherever they stand."""
_SECRETS_IN_YAML = frozenset(map(to_camel, SECRETS))
_SHAPE = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


def inputs_in_yaml(
    kind: type, elsewhere: Mapping[type, Iterable[str]] | None = None
) -> dict[str, Any]:
    """Return the types of a component's inputs as they stand in YAML, by name.

    A component also takes values that are known only after deployment; YAML has plain
    ones. Secrets may be left out, since a stack has them from its own keys too.

    Args:
        kind: the TypedDict of the inputs.
        elsewhere: inputs that the program has from elsewhere, by the TypedDict that has
            them.
    """
    # The alias `Input` names these two as text, which only its own module can look up.
    names = {"Output": pulumi.Output, "T": TypeVar("T")}
    hints = get_type_hints(kind, localns=names, include_extras=True)
    left_out = set((elsewhere or {}).get(kind, ()))
    return {
        name: optional(plain) if name in SECRETS else plain
        for name, hint in hints.items()
        if name not in left_out
        for plain in [_plain(hint, elsewhere)]
    }


def optional(hint: Any) -> Any:
    """Return the type of an input that may be left out."""
    return hint if get_origin(hint) is NotRequired else NotRequired[hint]


def mapping_of(name: str, form: dict[str, Any]) -> Any:
    """Return a mapping of that form, with its keys in camel case and no others."""
    kind = TypedDict(name, form)  # pyright: ignore[reportArgumentType]
    kind.__pydantic_config__ = _SHAPE  # pyright: ignore[reportAttributeAccessIssue]
    return kind


def _plain(hint: Any, elsewhere: Mapping[type, Iterable[str]] | None) -> Any:
    """The type of one input as it stands in YAML."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return NotRequired[_plain(parts[0], elsewhere)]
    if origin in (Union, UnionType):
        return _plain(parts[0], elsewhere)
    if origin is Mapping:
        return dict[str, _plain(parts[1], elsewhere)]
    if origin is Sequence:
        return list[_plain(parts[0], elsewhere)]
    if is_typeddict(hint):
        return mapping_of(hint.__name__, inputs_in_yaml(hint, elsewhere))
    return hint


class YamlForm:
    """All keys of a configuration, and how its parts are spelt."""

    def __init__(self, form: dict[str, Any]) -> None:
        self._adapter = TypeAdapter[dict[str, Any]](mapping_of("Configuration", form))
        self._schema: dict[str, Any] = self._adapter.json_schema()
        kinds = self._schema["$defs"]
        self.keys = frozenset(self._schema["properties"])
        """Every key, as it is spelt in YAML."""
        self.text_keys = {
            key
            for key, kind in self._schema["properties"].items()
            if kinds.get(str(kind.get("$ref")).rpartition("/")[2], kind)["type"]
            == "string"
        }
        """Keys whose value is a text."""
        self._spellings = self.keys.union(
            *(kind.get("properties", {}) for kind in kinds.values())
        )

    def read(
        self, values: Mapping[str, object], secret: Collection[str] = ()
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return the values by the components' names of them, and what is wrong.

        Each fault is a path in the spelling of YAML, and a message, which does not show
        what stands in keys that are `secret`.
        """
        try:
            return self._adapter.validate_json(json.dumps(values)), []
        except ValidationError as error:
            return {}, [self._problem(detail, secret) for detail in error.errors()]

    def path(self, path: str) -> str:
        """Return a path of components' inputs in the spelling of YAML.

        Names that are the user's, of subnets and so on, stay as they are.
        """
        schema, steps = self._schema, list[str]()
        for step in path.split("."):
            name, bracket, index = step.partition("[")
            known = schema.get("properties", {})
            key = to_camel(name) if to_camel(name) in known else name
            schema = self._resolved(
                known.get(key) or schema.get("additionalProperties")
            )
            if bracket:
                schema = self._resolved(schema.get("items"))
            steps.append(f"{key}{bracket}{index}")
        return ".".join(steps)

    def text(self, text: str) -> str:
        """Return text with the names of components' inputs in the spelling of YAML."""
        return re.sub(
            r"[a-z]+(_[a-z]+)+",
            lambda m: camel if (camel := to_camel(m[0])) in self._spellings else m[0],
            text,
        )

    def _problem(
        self, detail: ErrorDetails, secret: Collection[str]
    ) -> tuple[str, str]:
        """One fault: the key's path, and what it is, and what to change."""
        path = _path(detail["loc"])
        if detail["type"] == "extra_forbidden":
            *parents, name = detail["loc"]
            known = self._known_keys(parents)
            near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            return path, f"is not a known key{meant} (known: {', '.join(known)})"
        if detail["type"] == "missing":
            return path, "is required and not set"
        wanted = detail["msg"].removeprefix("Input ")
        key, name = str(detail["loc"][0]), str(detail["loc"][-1])
        hidden = key in secret or name in _SECRETS_IN_YAML
        return path, wanted if hidden else f"{wanted}, got {detail['input']!r}"

    def _known_keys(self, parents: Iterable[int | str]) -> list[str]:
        """The keys that are known below `parents`, in the spelling of YAML."""
        schema = self._schema
        for parent in parents:
            schema = self._resolved(
                schema.get("properties", {}).get(
                    parent, schema.get("additionalProperties", schema.get("items"))
                )
            )
        return sorted(schema["properties"])

    def _resolved(self, schema: Any) -> dict[str, Any]:
        """A part of the schema, with what it refers to in its place."""
        if not isinstance(schema, dict):
            return {}
        part = cast(dict[str, Any], schema)
        name = str(part.get("$ref", "")).rpartition("/")[2]
        return self._schema["$defs"][name] if name else part


def _path(location: Iterable[int | str]) -> str:
    """A dotted path with list positions in brackets, as Pulumi writes it."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path

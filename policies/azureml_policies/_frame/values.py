"""Property values as the engine sends them: known, absent or unknown, secret or not.

The engine hands a resource over as a protobuf Struct in which an unknown value is one
of seven marker strings and a secret is a map with a signature. This module decodes the
Struct once, and reads paths from the result without ever mixing up "not set" with "not
known yet", nor showing a secret.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from pulumi_policy import proxy
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

REDACTED = "[secret]"
_LONGEST_TEXT = 200
_DEEPEST = 30
"""How many levels of maps and lists are read; Azure's own types have about ten."""
_PROPERTY = re.compile(r"[a-z][a-zA-Z0-9]*")
"""How properties of Azure are called. Pulumi makes all of a property secret for one
secret in it: its keys are mostly no secrets then."""
_SENTINELS = frozenset(
    {
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
    }
)


class UnknownRead(Exception):
    """A rule needed a value that is not known yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class WrongType(Exception):
    """A rule found a value of another type than the property has."""

    def __init__(self, path: str, wanted: str) -> None:
        super().__init__(path)
        self.path = path
        self.wanted = wanted


class _UnknownMarker:
    """Stands in a decoded tree where the engine does not know the value yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _UnknownMarker()


class _TooDeepMarker:
    """Stands in a decoded tree where the nesting goes on for too long."""

    def __repr__(self) -> str:
        return "TOO_DEEP"


TOO_DEEP = _TooDeepMarker()


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Stands in a decoded tree around a value that may be judged but never shown."""

    value: Any

    def __repr__(self) -> str:
        """Return a text without the value."""
        return REDACTED


class Properties:
    """The properties of a resource, each one decoded at its first reading.

    A rule reads two or three properties of a resource that may have fifty.
    """

    def __init__(self, struct: struct_pb2.Struct) -> None:
        self._struct = struct
        self._fields = struct.fields
        self._decoded: dict[str, Any] = {}

    def value(self, path: str) -> "Reading":
        """Return the reading of a dotted path."""
        top, _, rest = path.partition(".")
        reading = _reading(self._property(top), top, secret=False)
        return reading.at(rest) if rest else reading

    def tree(self) -> dict[str, Any]:
        """Return all of them, as ``decode`` returns them."""
        return {key: self._property(key) for key in self._fields}

    def secret_values(self) -> Iterator[str | float]:
        """Yield every text and every number that lies in a secret, keys too that are no
        names of properties."""
        if SPECIAL_SECRET_SIG.encode() not in self._struct.SerializeToString():
            return
        for key in self._fields:
            yield from _secret_values(self._property(key))

    def _property(self, key: str) -> Any:
        if key not in self._decoded:
            known = key in self._fields
            self._decoded[key] = decode(self._fields[key]) if known else None
        return self._decoded[key]


def decode(value: struct_pb2.Value, left: int = _DEEPEST) -> Any:
    """Return ``value`` as dict, list or scalar, with ``UNKNOWN`` and ``Secret``.

    Numbers are floats, as protobuf has no others. Below ``left`` levels of maps and
    lists there is ``TOO_DEEP``.
    """
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _SENTINELS else text
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return value.number_value
    if left == 0 and kind in ("struct_value", "list_value"):
        return TOO_DEEP
    if kind == "struct_value":
        fields = value.struct_value.fields
        content = {key: decode(each, left - 1) for key, each in fields.items()}
        if content.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            return Secret(content.get("value"))
        return content
    if kind == "list_value":
        return [decode(element, left - 1) for element in value.list_value.values]
    return None


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody set the property, or it was set to null."""

    path: str

    def at(self, path: str) -> "Absent":
        """Return the reading of ``path`` below this one: absent too."""
        return Absent(joined(self.path, path))

    def elements(self) -> list["Reading"]:
        """Return no elements."""
        return []

    def entries(self) -> dict[str, "Reading"]:
        """Return no entries."""
        return {}


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value will be known after the deployment only.

    ``path`` is where the unknown starts: reading ``subnet.id`` from an unknown
    ``subnet`` gives ``subnet``.
    """

    path: str

    def at(self, path: str) -> "Unknown":
        """Return the unknown value itself: all below it is unknown."""
        return self

    def elements(self) -> list["Reading"]:
        """Raise UnknownRead: how many elements there are is unknown too."""
        raise UnknownRead(self.path)

    def entries(self) -> dict[str, "Reading"]:
        """Raise UnknownRead: which entries there are is unknown too."""
        raise UnknownRead(self.path)


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A value that somebody set."""

    path: str
    value: Any
    """str, float, bool, list or dict, as ``decode`` returns them."""
    secret: bool = False

    def __repr__(self) -> str:
        """Return path and text, without the value of a secret."""
        return f"Known({self.path!r}, {self.text})"

    @property
    def text(self) -> str:
        """The value for a message: short, and never a secret."""
        if self.secret:
            return REDACTED
        match self.value:
            case bool():
                return "true" if self.value else "false"
            case float() if self.value.is_integer() and abs(self.value) < 1e15:
                return str(int(self.value))
            case str():
                return f"'{self.value[:_LONGEST_TEXT]}'"
            case list():
                return f"a list of {len(self.value)}"
            case dict():
                return f"a map of {len(self.value)}"
        return str(self.value)

    @property
    def is_blank(self) -> bool:
        """Whether this is a text of nothing but space: as good as not set."""
        return isinstance(self.value, str) and not self.value.strip()

    def is_any_of(self, texts: tuple[str, ...]) -> bool:
        """Say whether this is one of ``texts``, without regard to case."""
        return isinstance(self.value, str) and self.value.lower() in {
            text.lower() for text in texts
        }

    def lists(self, text: str) -> bool:
        """Say whether this is a text like ``Logging, Metrics`` that holds ``text``."""
        return isinstance(self.value, str) and text.lower() in {
            part.strip().lower() for part in self.value.split(",")
        }

    def at(self, path: str) -> "Reading":
        """Return the reading of a dotted ``path`` below this value."""
        reading: Reading = self
        for key in path.split("."):
            if not isinstance(reading, Known) or not isinstance(reading.value, dict):
                return Absent(joined(self.path, path))
            reading = _reading(
                reading.value.get(key), joined(reading.path, key), reading.secret
            )
            if isinstance(reading, Unknown):
                return reading
        return reading

    def elements(self) -> list["Reading"]:
        """Return a reading per element of this list, with paths like ``rules[2]``.

        Raises WrongType if the value is not a list.
        """
        if not isinstance(self.value, list):
            raise WrongType(self.path, "a list")
        return [
            _reading(element, f"{self.path}[{index}]", self.secret)
            for index, element in enumerate(self.value)
        ]

    def entries(self) -> dict[str, "Reading"]:
        """Return a reading per key of this map; keys of a secret map are not shown.

        Raises WrongType if the value is not a map.
        """
        if not isinstance(self.value, dict):
            raise WrongType(self.path, "a map")
        return {
            key: _reading(
                value, joined(self.path, REDACTED if self.secret else key), self.secret
            )
            for key, value in self.value.items()
        }


Reading = Known | Absent | Unknown


def _reading(value: Any, path: str, secret: bool) -> Reading:
    while isinstance(value, Secret):
        secret = True
        value = value.value
    if value is UNKNOWN:
        return Unknown(path)
    if value is TOO_DEEP:
        raise WrongType(path, f"nested at most {_DEEPEST} levels deep")
    return Absent(path) if value is None else Known(path, value, secret)


def joined(path: str, key: str) -> str:
    """Return ``key`` below ``path``."""
    return f"{path}.{key}" if path else key


def _secret_values(tree: Any, *, secret: bool = False) -> Iterator[str | float]:
    match tree:
        case Secret():
            yield from _secret_values(tree.value, secret=True)
        case dict():
            for key, value in tree.items():
                if secret and _PROPERTY.fullmatch(key) is None:
                    yield key
                yield from _secret_values(value, secret=secret)
        case list():
            for value in tree:
                yield from _secret_values(value, secret=secret)
        case str() | float() if secret:
            yield tree

"""Changes a resource's inputs as a rule at the level ``remediate`` asks.

The change is made on the engine's own message, so that unknown values and secrets pass
through untouched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from google.protobuf import struct_pb2
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

Value = str | bool | int | list[str]


def _as_it_is(setting: Any) -> Value:
    return setting


@dataclass(frozen=True, slots=True)
class FromSetting:
    """Stands in a remedy for what the rule's configuration asks for."""

    key: str
    """The setting's name."""
    write: Callable[[Any], Value] = _as_it_is
    """Returns the setting as the property takes it."""


Remedy = Mapping[str, Value | FromSetting]
"""Dotted property path to the value that it is to have."""


def apply(
    remedy: Remedy,
    properties: struct_pb2.Struct,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> bool:
    """Set every path of ``remedy`` in ``properties``; maps on the way are made.

    ``settings``: those of the rule. Returns False, with ``properties`` as they were,
    where something else than a map is in the way.
    """
    changed = struct_pb2.Struct()
    changed.CopyFrom(properties)
    for path, value in remedy.items():
        *parents, last = path.split(".")
        place = changed
        for key in parents:
            child = _map_at(place, key)
            if child is None:
                return False
            place = child
        if isinstance(value, FromSetting):
            value = value.write(settings[value.key])
        place[last] = value
    properties.CopyFrom(changed)
    return True


def _map_at(place: struct_pb2.Struct, key: str) -> struct_pb2.Struct | None:
    if key not in place.fields:
        return place.get_or_create_struct(key)
    field = place.fields[key]
    if field.WhichOneof("kind") != "struct_value":
        return None
    found = field.struct_value
    signature = (
        found.fields[SPECIAL_SIG_KEY] if SPECIAL_SIG_KEY in found.fields else None
    )
    if signature is not None and signature.string_value == SPECIAL_SECRET_SIG:
        return _map_at(found, "value")
    return found

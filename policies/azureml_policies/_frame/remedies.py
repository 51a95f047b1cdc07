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

from azureml_policies._frame.values import Properties

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


@dataclass(frozen=True, slots=True)
class FromProperties:
    """Stands in a remedy for what depends on the resource itself."""

    write: Callable[[Properties], Value]
    """Returns what the property is to be on a resource with these."""
    says: str
    """What that is, for the documentation: ``the strictest mode of the tier``."""


@dataclass(frozen=True, slots=True)
class EntriesFromSetting:
    """Stands in a remedy for entries that a map is to have, as far as it lacks them."""

    key: str
    """The setting's name."""
    write: Callable[[Any], Mapping[str, str]]
    """Returns the entries; names compare without regard to case."""
    says: str
    """What they are, for the documentation."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Stands in a remedy for a property that is to go."""


Change = Value | FromSetting | EntriesFromSetting | FromProperties | Dropped
Remedy = Mapping[str, Change]
"""Dotted property path to what it is to be; ``[]`` after a name stands for every
element of its list: ``ipConfigurations[].publicIPAddress``."""


def apply(
    remedy: Remedy,
    properties: struct_pb2.Struct,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> bool:
    """Set every path of ``remedy`` in ``properties``; maps on the way are made.

    ``settings``: those of the rule. Returns False, with ``properties`` as they were,
    where something else than a map is in the way, or there is nothing to change.
    """
    changed = struct_pb2.Struct()
    changed.CopyFrom(properties)
    for path, change in remedy.items():
        value: Value | Dropped
        match change:
            case EntriesFromSetting(key=key, write=write_entries):
                if not _add(changed, path, write_entries(settings[key])):
                    return False
                continue
            case FromSetting(key=key, write=write):
                value = write(settings[key])
            case FromProperties(write=write):
                value = write(Properties(properties))
            case _:
                value = change
        if not _set(changed, path, value):
            return False
    if changed == properties:
        return False
    properties.CopyFrom(changed)
    return True


def _add(place: struct_pb2.Struct, path: str, entries: Mapping[str, str]) -> bool:
    """Add entries to the map at ``path``; False where something is in the way."""
    found = _map_at(place, path)
    if found is None:
        return False
    names = {name.lower() for name in found.fields}
    for name, value in entries.items():
        if name.lower() not in names:
            found[name] = value
    return bool(found.fields)


def _set(place: struct_pb2.Struct, path: str, value: Value | Dropped) -> bool:
    """Set or drop ``path`` below ``place``; False where something is in the way."""
    key, _, rest = path.partition(".")
    name = key.removesuffix("[]")
    if name not in place.fields and (name != key or isinstance(value, Dropped)):
        return True
    if name != key:
        elements = _maps_in(place.fields[name])
        return elements is not None and all(
            _set(element, rest, value) for element in elements
        )
    if rest:
        child = _map_at(place, key)
        return child is not None and _set(child, rest, value)
    if isinstance(value, Dropped):
        del place.fields[key]
    else:
        place[key] = value
    return True


def _maps_in(field: struct_pb2.Value) -> list[struct_pb2.Struct] | None:
    """Return the maps of a list; None where it is none, or holds something else."""
    found: list[struct_pb2.Struct] = []
    if field.WhichOneof("kind") == "struct_value" and _is_secret(field.struct_value):
        return _maps_in(field.struct_value.fields["value"])
    if field.WhichOneof("kind") != "list_value":
        return None
    for each in field.list_value.values:
        if each.WhichOneof("kind") != "struct_value":
            return None
        found.append(_opened(each.struct_value))
    return found


def _map_at(place: struct_pb2.Struct, key: str) -> struct_pb2.Struct | None:
    if key not in place.fields:
        return place.get_or_create_struct(key)
    field = place.fields[key]
    if field.WhichOneof("kind") != "struct_value":
        return None
    found = field.struct_value
    return _map_at(found, "value") if _is_secret(found) else found


def _is_secret(found: struct_pb2.Struct) -> bool:
    return (
        SPECIAL_SIG_KEY in found.fields
        and found.fields[SPECIAL_SIG_KEY].string_value == SPECIAL_SECRET_SIG
    )


def _opened(found: struct_pb2.Struct) -> struct_pb2.Struct:
    """Return what a secret map holds; other maps as they are."""
    inner = _map_at(found, "value") if _is_secret(found) else None
    return found if inner is None else inner

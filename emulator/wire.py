"""Values between the engine and the emulator: protobuf structs to Python and back.

Plain values become `None`, `bool`, `int`, `float`, `str`, `list` and `dict`. A value
that the engine does not know yet becomes `UNKNOWN`, a secret its plain value (the
provider announces no support for secrets), an asset or archive a `FileValue`.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = frozenset(
    {
        UNKNOWN_TEXT,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
    }
)


class Unknown:
    """A value that is not known until the deployment runs. There is one instance."""

    _instance: "Unknown | None" = None

    def __new__(cls) -> "Unknown":
        """The one instance, so that `is UNKNOWN` works."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        """`UNKNOWN`, for messages of tests."""
        return "UNKNOWN"

    def __copy__(self) -> "Unknown":
        """The same instance."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Unknown":
        """The same instance."""
        return self


UNKNOWN = Unknown()


@dataclass(frozen=True)
class FileValue:
    """An asset or archive, kept as the engine wrote it."""

    fields: tuple[tuple[str, object], ...]


def read_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as a dict of plain values."""
    return {key: _read(value) for key, value in struct.fields.items()}


def _read(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_TEXTS else text
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_read(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _read_object(value.struct_value)
    return None


def _read_object(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields.get(_SIGNATURE)
    fields = {k: _read(v) for k, v in struct.fields.items() if k != _SIGNATURE}
    if signature is None:
        return fields
    match signature.string_value:
        case text if text == _SECRET:
            return fields.get("value")
        case text if text == _OUTPUT:
            return fields["value"] if "value" in fields else UNKNOWN
        case text if text == _RESOURCE:
            return fields.get("id", UNKNOWN)
        case text if text in (_ASSET, _ARCHIVE):
            return FileValue(tuple([(_SIGNATURE, text), *fields.items()]))
        case _:
            return fields


def write_struct(values: dict[str, Any]) -> struct_pb2.Struct:
    """Plain values as a protobuf struct. Keys whose value is None are kept."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        _write(struct.fields[key], value)
    return struct


def _write(target: struct_pb2.Value, value: Any) -> None:
    match value:
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case Unknown():
            target.string_value = UNKNOWN_TEXT
        case list() | tuple():
            target.list_value.SetInParent()
            for item in value:
                _write(target.list_value.values.add(), item)
        case FileValue(fields=fields):
            _write(target, dict(fields))
        case dict():
            target.struct_value.SetInParent()
            for key, item in value.items():
                _write(target.struct_value.fields[key], item)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to the engine")


def has_unknown(value: Any) -> bool:
    """Whether a value is unknown or holds an unknown one."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN

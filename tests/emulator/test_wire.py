"""Values survive the way to the engine and back."""

import math
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from emulator.wire import UNKNOWN, has_unknown, read_struct, write_struct

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.just(UNKNOWN)
)
keys = st.text(min_size=1, max_size=8)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=20,
)
SIGNATURE = "4dabf18193072939515e22adb298388d"


@given(st.dictionaries(keys, values, max_size=5))
def test_round_trip(original: dict[str, Any]) -> None:
    """Whatever is written is read back the same, unknown values too."""
    again = read_struct(write_struct(original))
    assert _same(again, original)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _struct(document: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(document, struct_pb2.Struct())


@pytest.mark.parametrize(
    ("signature", "fields", "expected"),
    [
        ("1b47061264138c4ac30d75fd1eb44270", {"value": "s3"}, "s3"),
        ("d0e6a833031e9bbcd3f4e8bde6ca49a4", {"value": 4, "secret": True}, 4),
        ("d0e6a833031e9bbcd3f4e8bde6ca49a4", {"secret": True}, UNKNOWN),
        ("5cf8f73096256a8f31e491e813e4eb8e", {"urn": "u", "id": "i"}, "i"),
    ],
)
def test_wrapped_values_are_unwrapped(
    signature: str, fields: dict[str, Any], expected: Any
) -> None:
    """Secrets, outputs and resource references are read as the value inside."""
    struct = _struct({"x": {SIGNATURE: signature, **fields}})
    assert read_struct(struct) == {"x": expected}


def test_assets_go_back_as_they_came() -> None:
    """An asset is opaque here and returns to the engine unchanged."""
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "hello"}
    struct = _struct({"source": asset})
    assert write_struct(read_struct(struct)) == struct


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, True), ({"a": [1, {"b": UNKNOWN}]}, True), ({"a": [1, "x"]}, False)],
)
def test_unknown_inside(value: Any, expected: bool) -> None:
    """An unknown value is found however deep it lies."""
    assert has_unknown(value) is expected

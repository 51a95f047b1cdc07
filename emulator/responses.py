"""What Azure answers: outputs at preview, and the body that a write leaves behind.

Both have the response shape of the type in the SDK, so inputs that are not in the
response (path parameters, write-only ones) never become outputs.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from emulator import made_up_values, sdk_types
from emulator.catalogue import ResourceType
from emulator.child_lists import kept_lists
from emulator.made_up_values import Subject
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
from emulator.sensitive import is_sensitive
from emulator.wire import UNKNOWN, FileValue

API_VERSION = "azureApiVersion"
_SELF = "$self/"
_STATE_KEPT_AT_PREVIEW = ("name", "location")


def preview_outputs(
    resource_type: ResourceType,
    inputs: Mapping[str, Any],
    old_outputs: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The outputs of a write that has not happened yet.

    Every property of the response: the input of the same name, else unknown. For an
    update (`old_outputs` given) name and location are taken from the old state.
    """
    outputs = {
        name: _preview_property(found, inputs)
        for name, found in resource_type.outputs.items()
    }
    if resource_type.api_version:
        outputs[API_VERSION] = resource_type.api_version
    for name in _STATE_KEPT_AT_PREVIEW:
        if old_outputs and old_outputs.get(name) is not None and name in outputs:
            outputs[name] = old_outputs[name]
    return outputs


def _preview_property(found: Property, values: Mapping[str, Any]) -> Any:
    value = values.get(found.name)
    if value is None:
        return UNKNOWN if found.constant is None else found.constant
    return _preview(found.shape, value)


def _preview(shape: Shape, value: Any) -> Any:
    if value is UNKNOWN or isinstance(shape, Anything | OneOf):
        return value
    match shape, value:
        case ObjectOf(), dict():
            properties = shape.properties.values()
            return {p.name: _preview_property(p, value) for p in properties}
        case ListOf(items=items), list():
            return [_preview(items, item) for item in value]
        case MapOf(values=values), dict():
            return {key: _preview(values, item) for key, item in value.items()}
        case ((Scalar() | Words()), (str() | bool() | int() | float())):
            return value
        case FileContent(), FileValue():
            return value
        case _:
            return UNKNOWN


def written_body(resource_type: ResourceType, subject: Subject) -> dict[str, Any]:
    """The body that Azure keeps and answers after a PUT of the subject's inputs.

    Inputs in response shape without secrets, and what Azure makes up. Child lists
    that azure-native protects are left out: they are kept as resources of their own.
    """
    body: dict[str, Any] = {}
    kept = kept_lists(resource_type.token)
    for name, found in resource_type.outputs.items():
        if name in kept or name in ("name", "type", "etag", API_VERSION):
            continue
        value = _answer(subject, found, subject.inputs, name, name)
        if value is not None:
            body[name] = value
    named = {
        "name": subject.name,
        "type": resource_type.path.resource_type,
        "etag": f'W/"{secrets.token_hex(8)}"',
    }
    body.update({n: v for n, v in named.items() if n in resource_type.outputs})
    if isinstance(body.get("location"), str):
        body["location"] = made_up_values.normalised_location(body["location"])
    return body


def with_own_id(resource_id: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs with `$self/…` in ids replaced by the resource's own id.

    A load balancer refers to its own parts in this way.
    """
    return {name: _with_own_id(resource_id, value) for name, value in inputs.items()}


def _with_own_id(resource_id: str, value: Any) -> Any:
    match value:
        case dict():
            return with_own_id(resource_id, value)
        case list():
            return [_with_own_id(resource_id, item) for item in value]
        case str() if value.startswith(_SELF):
            return f"{resource_id}/{value.removeprefix(_SELF)}"
        case _:
            return value


def _answer(
    subject: Subject,
    found: Property,
    values: Mapping[str, Any],
    path: str,
    place: str,
) -> Any:
    """One property of the answer; `path` without positions, `place` with names."""
    value = values.get(found.name)
    if is_sensitive(subject.token, path):
        value = None
    if value is None:
        if found.constant is not None:
            return found.constant
        return made_up_values.made_up_value(subject, path, values)
    return _answer_value(subject, found.shape, value, path, place)


def _answer_value(
    subject: Subject, shape: Shape, value: Any, path: str, place: str
) -> Any:
    match shape, value:
        case ObjectOf(), dict():
            return _answer_object(subject, shape, value, path, place)
        case ListOf(items=items), list():
            return [
                _answer_element(subject, items, item, path, place) for item in value
            ]
        case MapOf(values=ObjectOf() as values), list():
            return {str(key): _assigned_identity(subject, values, key) for key in value}
        case MapOf(values=ObjectOf() as values), dict():
            return {
                key: _assigned_identity(subject, values, key)
                if path.endswith("userAssignedIdentities")
                else _answer_value(subject, values, item, path, place)
                for key, item in value.items()
            }
        case OneOf(options=options), dict():
            chosen = sdk_types.variant(options, value)
            if chosen is None:
                return value
            return _answer_object(subject, chosen, value, path, place)
        case _:
            return value


def _answer_object(
    subject: Subject,
    shape: ObjectOf,
    value: Mapping[str, Any],
    path: str,
    place: str,
) -> dict[str, Any]:
    answers = {
        name: _answer(subject, found, value, f"{path}.{name}", f"{place}/{name}")
        for name, found in shape.properties.items()
    }
    return {name: answer for name, answer in answers.items() if answer is not None}


def _answer_element(
    subject: Subject, shape: Shape, value: Any, path: str, place: str
) -> Any:
    """An element of a list; in the network service it gets an id of its own."""
    answer = _answer_value(subject, shape, value, path, place)
    if (
        isinstance(shape, ObjectOf)
        and isinstance(answer, dict)
        and subject.token.startswith("network:")
        and "id" in shape.properties
        and "id" not in answer
        and isinstance(answer.get("name"), str)
    ):
        answer["id"] = f"{subject.id}/{place}/{answer['name']}"
        for name in ("etag", "provisioningState"):
            if name in shape.properties:
                answer.setdefault(name, _element_states(subject)[name])
    return answer


def _element_states(subject: Subject) -> dict[str, str]:
    return {
        "etag": f'W/"{subject.guid("etag")}"',
        "provisioningState": made_up_values.SUCCEEDED,
    }


def _assigned_identity(
    subject: Subject, shape: ObjectOf, key: object
) -> dict[str, Any]:
    """What Azure answers for an assigned identity: the identity's own GUIDs."""
    identity = subject.store.get(str(key))
    known = identity.body if identity else {}
    return {
        name: known.get(name) or subject.store.made_up_guid(str(key).lower(), name)
        for name in ("clientId", "principalId")
        if name in shape.properties
    }


def read_outputs(
    resource_type: ResourceType,
    body: Mapping[str, Any],
    children: Mapping[str, list[Any]],
    unset_lists: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The outputs of an existing resource.

    `children` are the protected child lists as Azure answers them; those in
    `unset_lists` (dotted paths, not in the program's inputs) are answered as empty.
    """
    outputs = {name: body[name] for name in resource_type.outputs if name in body}
    outputs.update(children)
    for path in unset_lists:
        _empty_list(outputs, path.split("."))
    if resource_type.api_version:
        outputs[API_VERSION] = resource_type.api_version
    return outputs


def _empty_list(outputs: dict[str, Any], path: list[str]) -> None:
    first, *rest = path
    if not rest:
        outputs[first] = []
    elif isinstance(outputs.get(first), dict):
        outputs[first] = dict(outputs[first])
        _empty_list(outputs[first], rest)

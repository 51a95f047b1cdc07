"""From Azure's answers back to inputs: for refresh and for import."""

from collections.abc import Mapping
from typing import Any

from emulator import sdk_types
from emulator.catalogue import ResourceType
from emulator.resource_paths import SCOPES, SUBSCRIPTION
from emulator.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Property, Shape


def inputs_of_import(
    resource_type: ResourceType, resource_id: str, outputs: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs that would have made a resource, for an import.

    Path parameters come from the id, the rest from the outputs, without empty lists
    and objects. ValueError if the id does not fit the type's path.
    """
    path_values = resource_type.path.parse(resource_id)
    inputs: dict[str, Any] = {
        name: "/" + value.strip("/") if name in SCOPES else value
        for name, value in path_values.items()
        if name != SUBSCRIPTION
    }
    projected = project(resource_type.body_inputs, outputs)
    inputs.update({k: v for k, v in projected.items() if not _is_empty(v)})
    return inputs


def refreshed_inputs(
    resource_type: ResourceType,
    inputs: Mapping[str, Any],
    old_outputs: Mapping[str, Any],
    new_outputs: Mapping[str, Any],
) -> dict[str, Any]:
    """The inputs after a refresh: what changed in the outputs is changed in them."""
    return _apply(
        inputs,
        project(resource_type.body_inputs, old_outputs),
        project(resource_type.body_inputs, new_outputs),
    )


def project(
    shapes: Mapping[str, Property], outputs: Mapping[str, Any]
) -> dict[str, Any]:
    """The part of the outputs that could have been given as inputs, without `id`."""
    return {
        name: _project(found.shape, outputs[name])
        for name, found in shapes.items()
        if name != "id" and outputs.get(name) is not None
    }


def _project(shape: Shape, value: Any) -> Any:
    match shape, value:
        case ObjectOf(), dict():
            return _project_object(shape, value)
        case ListOf(), dict():
            return list(value)
        case ListOf(items=items), list():
            return [_project(items, item) for item in value]
        case MapOf(values=values), dict():
            return {key: _project(values, item) for key, item in value.items()}
        case OneOf(options=options), dict():
            chosen = sdk_types.variant(options, value)
            return _project_object(chosen, value) if chosen else value
        case _:
            return value


def _project_object(shape: ObjectOf, value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _project(found.shape, value[name])
        for name, found in shape.properties.items()
        if value.get(name) is not None
    }


def _apply(
    inputs: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    changed = dict(inputs)
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if after is None:
            changed.pop(name, None)
        elif isinstance(before, dict) and isinstance(after, dict):
            current = inputs.get(name)
            base = current if isinstance(current, dict) else {}
            changed[name] = _apply(base, before, after)
        else:
            changed[name] = after
    return changed


def _is_empty(value: Any) -> bool:
    return isinstance(value, list | dict) and not value

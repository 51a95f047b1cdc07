"""A stack as the reachability package reads plans."""

from collections.abc import Iterable
from typing import Any

from azureml_policies._frame import Resource, Stack
from azureml_policies._frame.values import TOO_DEEP, UNKNOWN, Secret

_NOT_KNOWN = {"unknown": True}


def plan_entry(
    resource: Resource, stack: Stack, *, with_inputs: bool = True
) -> dict[str, Any]:
    """Return a resource as an entry of a plan, for ``plan_reading.topology_of``.

    A secret stands as its value: it is judged like any other, and the frame keeps it
    out of messages. Without inputs it is only there for what is joined through it.
    """
    edges = stack.edges_of(resource)
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "parent": edges.parent,
        "inputs": _plain(resource.inputs()) if with_inputs else {},
        "propertyDependencies": {
            key: list(urns) for key, urns in edges.properties.items()
        },
    }


def plan_entries(stack: Stack, types: Iterable[str]) -> list[dict[str, Any]]:
    """Return a stack as a plan, with the inputs of resources of some types only."""
    keys = {each.lower() for each in types}
    return [
        plan_entry(resource, stack, with_inputs=resource.key in keys)
        for resource in stack.resources
    ]


def _plain(value: Any) -> Any:
    if value is UNKNOWN or value is TOO_DEEP:
        return _NOT_KNOWN
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value

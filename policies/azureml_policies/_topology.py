"""A stack as the reachability package reads plans."""

from collections.abc import Iterable
from typing import Any

from azureml_policies._frame import Resource, Stack
from azureml_policies._frame.values import TOO_DEEP, UNKNOWN, Secret

_NOT_KNOWN = {"unknown": True}
_SECRET = "[secret]"


def plan_entry(
    resource: Resource,
    stack: Stack,
    *,
    with_inputs: bool = True,
    with_secrets: bool = True,
) -> dict[str, Any]:
    """Return a resource as an entry of a plan, for ``plan_reading.topology_of``.

    A secret stands as its value: it is judged like any other, and the frame keeps it
    out of messages; without secrets it stands as plans write it, which is not known.
    Without inputs a resource is only there for what is joined through it.
    """
    edges = stack.edges_of(resource)
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "parent": edges.parent,
        "inputs": _plain(resource.inputs(), with_secrets) if with_inputs else {},
        "propertyDependencies": {
            key: list(urns) for key, urns in edges.properties.items()
        },
    }


def plan_entries(
    stack: Stack, types: Iterable[str], *, with_secrets: bool = True
) -> list[dict[str, Any]]:
    """Return a stack as a plan, with the inputs of resources of some types only."""
    keys = {each.lower() for each in types}
    return [
        plan_entry(
            resource,
            stack,
            with_inputs=resource.key in keys,
            with_secrets=with_secrets,
        )
        for resource in stack.resources
    ]


def _plain(value: Any, with_secrets: bool) -> Any:
    if value is UNKNOWN or value is TOO_DEEP:
        return _NOT_KNOWN
    if isinstance(value, Secret):
        return _plain(value.value, with_secrets) if with_secrets else _SECRET
    if isinstance(value, dict):
        return {key: _plain(each, with_secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, with_secrets) for each in value]
    return value

"""The topology of a plan: read from its resources, joined by ids or by edges."""

from collections.abc import Iterable, Mapping
from typing import Any

from azureml_reachability.topology import Topology


def topology_of(resources: Iterable[Mapping[str, Any]]) -> Topology:
    """Return the topology of resources as a ``plan.json`` holds them.

    Each has ``urn``, ``type``, ``name``, ``inputs`` (``{"unknown": true}`` for what is
    not known), ``propertyDependencies`` and, if any, ``parent``. Nothing that stands in
    them raises: what cannot be read is ``Missing``, with its path.
    """
    raise NotImplementedError

"""Resources and stacks as the rules see them.

A property is decoded once, when the first rule reads it. A stack knows which resources
a property points to: by id where the id is known, else by the dependency edges that
Pulumi keeps for every property, so that the answer is the same at preview.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from google.protobuf import struct_pb2

from azureml_policies._frame.arm_ids import IDENTITIES, ArmId, parse_arm_id
from azureml_policies._frame.type_keys import type_key
from azureml_policies._frame.values import (
    Absent,
    Known,
    Properties,
    Reading,
    Unknown,
)

_Derived = TypeVar("_Derived")
_ROOT = "pulumi:pulumi:Stack"
_GROUP = "resourceGroupName"
_STACK_REFERENCE = "pulumi:pulumi:StackReference"


@dataclass(frozen=True, slots=True)
class Options:
    """What the program says to Pulumi about a resource."""

    protect: bool = False
    """It cannot be deleted before this is taken back."""
    ignore_changes: tuple[str, ...] = ()
    """Property paths whose changes are not deployed."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that makes a resource; all is empty where none is named."""

    type: str = ""
    urn: str = ""
    name: str = ""
    """``default``, or ``default_3_29_0``, for the one that Pulumi makes by itself."""


class Resource:
    """One resource: who it is, and its input properties."""

    def __init__(
        self,
        *,
        urn: str,
        type: str,
        name: str,
        properties: struct_pb2.Struct,
        provider_properties: struct_pb2.Struct | None = None,
        options: Options = Options(),
        provider: Provider = Provider(),
    ) -> None:
        self.urn = urn
        self.type = type
        self.key = type_key(type)
        self.name = name
        self.options = options
        self.provider = provider
        self._properties = Properties(properties)
        self._paths_read: set[str] = set()
        self._provider_properties = Properties(
            provider_properties or struct_pb2.Struct()
        )

    def __repr__(self) -> str:
        """Return type and name."""
        return f"<{self.key or self.type} {self.name!r}>"

    @property
    def subscription(self) -> Reading:
        """The subscription of the resource's provider, where configured."""
        return self._provider_properties.value("subscriptionId")

    def value(self, path: str) -> Reading:
        """Return the reading of a dotted property path.

        ``networkRuleSet.defaultAction`` is Known, Absent or Unknown.
        """
        self._paths_read.add(path)
        return self._properties.value(path)

    @property
    def paths_read(self) -> frozenset[str]:
        """The property paths that rules have read of this resource so far."""
        return frozenset(self._paths_read)

    def inputs(self) -> dict[str, Any]:
        """Return all properties as ``values.decode`` does, unknowns and secrets marked.

        For readers of whole resources: a rule that reads a few uses ``value``.
        """
        return self._properties.tree()

    def secret_values(self) -> Iterator[str | float]:
        """Yield every text and number that must not be shown, the provider's too."""
        yield from self._properties.secret_values()
        yield from self._provider_properties.secret_values()


@dataclass(frozen=True, slots=True)
class Edges:
    """What the engine says about a resource's place in the stack."""

    parent: str = ""
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Top-level property to the URNs that its value was made from."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the value of a property points to."""

    reading: Reading
    certain: Resource | None = None
    """The resource of this stack that is meant."""
    possible: tuple[Resource, ...] = ()
    """Resources of this stack that may be meant, where it cannot be told."""
    anything: bool = False
    """Nothing at all is known about the value: any resource may be meant."""
    elsewhere: str = ""
    """The id or name of a resource outside of this stack, in lower case; ``?`` where
    only that much is known."""

    def may_be(self, resource: Resource) -> bool:
        """Say whether ``resource`` may be meant, but is not certain to be."""
        return self.anything or resource in self.possible


class Stack:
    """All resources of one stack, and the references between them."""

    def __init__(self, resources: Iterable[tuple[Resource, Edges]]) -> None:
        pairs = list(resources)
        self.resources = tuple(resource for resource, _ in pairs)
        self._edges = {resource.urn: edges for resource, edges in pairs}
        self._by_urn = {resource.urn: resource for resource in self.resources}
        self._derived: dict[Callable[..., Any], Any] = {}
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            self._by_type[resource.key].append(resource)

    @cached_property
    def root(self) -> Resource:
        """The stack itself, for rules that judge it as a whole."""
        for resource in self.resources:
            if resource.type == _ROOT:
                return resource
        return Resource(urn="", type=_ROOT, name="", properties=struct_pb2.Struct())

    def edges_of(self, resource: Resource) -> Edges:
        """Return what the engine says about the place of a resource."""
        return self._edges.get(resource.urn, Edges())

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of ``types`` (``module:Resource``), in stack order."""
        return tuple(
            resource
            for type_name in types
            for resource in self._by_type.get(type_name.lower(), ())
        )

    def once(self, derive: Callable[["Stack"], _Derived]) -> _Derived:
        """Return ``derive(self)``, computed at the first call for this stack."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return self._derived[derive]

    def made_from(self, source: Resource, path: str) -> tuple[Resource, ...]:
        """Return what the top-level property of ``path`` was made from.

        A component stands for all the resources below it.
        """
        top = path.partition(".")[0].partition("[")[0]
        found: dict[str, Resource] = {}
        waiting = list(self._edges[source.urn].properties.get(top, ()))
        seen: set[str] = set()
        while waiting:
            urn = waiting.pop()
            if urn in seen:
                continue
            seen.add(urn)
            resource = self._by_urn.get(urn)
            if resource is not None:
                found[urn] = resource
            if resource is None or not resource.key:
                waiting.extend(self._children.get(urn, ()))
        return tuple(found.values())

    def resolve(self, source: Resource, reading: Reading, *types: str) -> Reference:
        """Return which resource of ``types`` a property of ``source`` points to.

        ``reading`` is the property's value: an Azure id, or a name for properties like
        ``privateZoneName``.
        """
        match reading:
            case Absent() | Known(is_blank=True):
                return Reference(reading)
            case Unknown():
                return self._resolve_by_edges(source, reading, types)
            case Known(value=str() as text):
                arm_id = parse_arm_id(text)
                if arm_id is None:
                    return self._resolve_by_name(source, reading, text.lower(), types)
                return self._resolve_by_id(source, reading, arm_id, types)
        return Reference(reading, elsewhere="?")

    def _resolve_by_edges(
        self, source: Resource, reading: Unknown, types: tuple[str, ...]
    ) -> Reference:
        origins = self.made_from(source, reading.path)
        if not origins:
            return Reference(reading, anything=True)
        keys = {type_name.lower() for type_name in types}
        found = tuple(origin for origin in origins if origin.key in keys)
        if not found:
            return Reference(reading, elsewhere="?")
        outside = any(origin.type == _STACK_REFERENCE for origin in origins)
        if len(found) == 1 and not outside:
            return Reference(reading, certain=found[0])
        return Reference(reading, possible=found)

    def _resolve_by_id(
        self, source: Resource, reading: Known, arm_id: ArmId, types: tuple[str, ...]
    ) -> Reference:
        keys = {type_name.lower() for type_name in types}
        found = tuple(
            resource
            for resource in self._by_arm_name.get((arm_id.type, arm_id.names[-1]), ())
            if resource.key in keys and _may_have(resource, arm_id)
        )
        found = self._made_from_one_of(source, reading, found)
        return _reference(reading, found, str(reading.value).lower())

    def _resolve_by_name(
        self, source: Resource, reading: Known, name: str, types: tuple[str, ...]
    ) -> Reference:
        group = source.value(_GROUP)
        found = tuple(
            resource
            for type_name in types
            for resource in self._by_arm_name.get(
                (IDENTITIES[type_name.lower()].type, name), ()
            )
            if _may_be_equal(resource.value(_GROUP), group)
        )
        found = self._made_from_one_of(source, reading, found)
        found = self._in_the_group_of(source, found)
        return _reference(reading, found, name)

    def _made_from_one_of(
        self, source: Resource, reading: Known, found: tuple[Resource, ...]
    ) -> tuple[Resource, ...]:
        """Return those of several ``found`` that the property was made from, if any."""
        if len(found) < 2:
            return found
        origins = self.made_from(source, reading.path)
        return tuple(each for each in found if each in origins) or found

    def _in_the_group_of(
        self, source: Resource, found: tuple[Resource, ...]
    ) -> tuple[Resource, ...]:
        """Return those of several ``found`` in the resource group of ``source``.

        Groups whose names are not known are told apart by what they were made from.
        """
        if len(found) < 2:
            return found
        group = set(self.made_from(source, _GROUP))
        return (
            tuple(each for each in found if group & {*self.made_from(each, _GROUP)})
            or found
        )

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = defaultdict(list)
        for urn, edges in self._edges.items():
            if edges.parent:
                children[edges.parent].append(urn)
        return children

    @cached_property
    def _by_arm_name(self) -> dict[tuple[str, str], list[Resource]]:
        by_name: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in self.resources:
            identity = IDENTITIES.get(resource.key)
            if identity is None:
                continue
            name = resource.value(identity.names[-1])
            if isinstance(name, Known) and isinstance(name.value, str):
                by_name[identity.type, name.value.lower()].append(resource)
        return by_name


def _reference(
    reading: Known, found: tuple[Resource, ...], elsewhere: str
) -> Reference:
    if len(found) == 1:
        return Reference(reading, certain=found[0])
    if found:
        return Reference(reading, possible=found)
    return Reference(reading, elsewhere=elsewhere)


def _may_have(resource: Resource, arm_id: ArmId) -> bool:
    """Say whether nothing that is known about ``resource`` contradicts ``arm_id``."""
    parents = IDENTITIES[resource.key].names[:-1]
    expected = [
        (resource.subscription, arm_id.subscription),
        (resource.value(_GROUP), arm_id.resource_group),
        *(
            (resource.value(key), name)
            for key, name in zip(parents, arm_id.names[:-1], strict=True)
        ),
    ]
    return all(_may_be_equal(reading, Known("", text)) for reading, text in expected)


def _may_be_equal(one: Reading, other: Reading) -> bool:
    if not isinstance(one, Known) or not isinstance(other, Known):
        return True
    return str(one.value).lower() == str(other.value).lower()

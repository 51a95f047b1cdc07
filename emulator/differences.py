"""What an update would change, and whether the change needs a replacement.

azure-native compares the old inputs with the new ones and never looks at Azure.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator import sdk_types
from emulator.auto_names import CREATE_BEFORE_DELETE
from emulator.catalogue import ResourceType
from emulator.create_only import is_create_only
from emulator.made_up_values import normalised_location
from emulator.responses import API_VERSION
from emulator.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Property, Scalar, Shape
from emulator.wire import UNKNOWN

# Lists that Azure's description identifies by a key: reordering is no difference.
# Source: `x-ms-identifiers` in github.com/Azure/azure-rest-api-specs.
_IDENTIFIED_BY = {
    ("privatedns:PrivateRecordSet", "aRecords"): "ipv4Address",
    ("privatedns:PrivateRecordSet", "aaaaRecords"): "ipv6Address",
    ("keyvault:Vault", "properties.networkAcls.virtualNetworkRules"): "id",
    **{
        ("monitor:DataCollectionRule", f"{part}.{kind}"): "name"
        for part, kinds in {
            "dataSources": (
                "dataImports",
                "extensions",
                "iisLogs",
                "logFiles",
                "performanceCounters",
                "platformTelemetry",
                "prometheusForwarder",
                "syslog",
                "windowsEventLogs",
                "windowsFirewallLogs",
            ),
            "destinations": (
                "azureDataExplorer",
                "eventHubs",
                "logAnalytics",
                "monitoringAccounts",
                "storageAccounts",
            ),
        }.items()
        for kind in kinds
    },
}
_CASELESS = frozenset({("keyvault:Vault", "properties.sku.name")})


class Kind(enum.Enum):
    """What happens to one property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Difference:
    """One changed property: its path (`rules[0].name`) and what happens to it."""

    path: str
    kind: Kind
    replaces: bool

    @property
    def top_level(self) -> str:
        """The input that holds the property."""
        return self.path.split(".")[0].split("[")[0]


def differences(
    resource_type: ResourceType,
    old_inputs: Mapping[str, Any],
    new_inputs: Mapping[str, Any],
    old_outputs: Mapping[str, Any],
) -> list[Difference]:
    """All differences between two sets of inputs, in the order of their paths."""
    comparison = _Comparison(resource_type, old_outputs)
    hidden = {API_VERSION} if API_VERSION not in old_inputs else set()
    found = comparison.objects(
        resource_type.inputs,
        _visible(old_inputs, hidden),
        _visible(new_inputs, hidden),
        "",
    )
    return sorted(found, key=lambda difference: difference.path)


def deletes_before_replacing(
    old_inputs: Mapping[str, Any], found: list[Difference]
) -> bool:
    """Whether a replacement deletes the old resource first.

    Only a resource whose name azure-native made up can exist beside its successor.
    """
    replaces = any(difference.replaces for difference in found)
    return replaces and old_inputs.get(CREATE_BEFORE_DELETE) is not True


def _visible(inputs: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    return {
        name: value
        for name, value in inputs.items()
        if not name.startswith("__") and name not in hidden and value is not None
    }


@dataclass(frozen=True)
class _Comparison:
    resource_type: ResourceType
    old_outputs: Mapping[str, Any]

    def objects(
        self,
        shapes: Mapping[str, Property],
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        path: str,
        create_only_above: bool = False,
    ) -> Iterator[Difference]:
        for name in dict.fromkeys([*old, *new]):
            place = f"{path}.{name}" if path else name
            found = shapes.get(name)
            before, after = old.get(name), new.get(name)
            if before is None and after is None:
                continue
            if after is None:
                yield Difference(place, Kind.DELETE, replaces=False)
            elif before is None:
                if not _is_default(found, after):
                    yield self._added(place, after)
            else:
                shape = found.shape if found else None
                yield from self.values(shape, before, after, place)

    def values(
        self, shape: Shape | None, old: Any, new: Any, path: str
    ) -> Iterator[Difference]:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.objects(_properties(shape, new), old, new, path)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(shape, old, new, path)
        elif not self._equal(old, new, path):
            yield Difference(path, Kind.UPDATE, self._replaces(path))

    def _lists(
        self, shape: Shape | None, old: list[Any], new: list[Any], path: str
    ) -> Iterator[Difference]:
        items = shape.items if isinstance(shape, ListOf) else None
        key = _IDENTIFIED_BY.get((self.resource_type.token, path))
        pairs = _by_key(old, new, key) if key else _by_position(old, new)
        for position, before, after in pairs:
            place = f"{path}[{position}]"
            if before is None:
                yield Difference(place, Kind.ADD, replaces=False)
            elif after is None:
                yield Difference(place, Kind.DELETE, replaces=False)
            else:
                yield from self.values(items, before, after, place)

    def _added(self, path: str, value: Any) -> Difference:
        recorded: Any = self.old_outputs
        for name in path.split("."):
            recorded = recorded.get(name) if isinstance(recorded, Mapping) else None
        replaces = self._replaces(path) and recorded != value
        return Difference(path, Kind.ADD, replaces)

    def _replaces(self, path: str) -> bool:
        if path in self.resource_type.path.parameters:
            return True
        return is_create_only(self.resource_type.token, path)

    def _equal(self, old: Any, new: Any, path: str) -> bool:
        if old is UNKNOWN or new is UNKNOWN:
            return False
        if isinstance(old, str) and isinstance(new, str):
            if path == "location":
                return normalised_location(old) == normalised_location(new)
            caseless = (self.resource_type.token, path) in _CASELESS
            if caseless or path == "resourceGroupName":
                return old.casefold() == new.casefold()
        return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _properties(shape: Shape | None, value: dict[str, Any]) -> Mapping[str, Property]:
    match shape:
        case ObjectOf():
            return shape.properties
        case OneOf(options=options):
            chosen = sdk_types.variant(options, value)
            return chosen.properties if chosen else {}
        case MapOf(values=values):
            return {
                key: Property(key, values, required=False, description="")
                for key in value
            }
        case _:
            return {}


def _is_default(found: Property | None, value: Any) -> bool:
    if found is None:
        return False
    if found.default is None and found.shape == Scalar("boolean"):
        return value is False
    return found.default is not None and bool(found.default == value)


def _by_position(old: list[Any], new: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    for position in range(max(len(old), len(new))):
        before = old[position] if position < len(old) else None
        after = new[position] if position < len(new) else None
        yield position, before, after


def _by_key(old: list[Any], new: list[Any], key: str) -> Iterator[tuple[int, Any, Any]]:
    """Pairs of elements with the same key, at their position in the new list."""

    def key_of(item: Any) -> str:
        value = item.get(key) if isinstance(item, dict) else item
        return str(value)

    remaining = {key_of(item): item for item in old}
    for position, item in enumerate(new):
        yield position, remaining.pop(key_of(item), None), item
    for position, item in enumerate(old):
        if key_of(item) in remaining:
            yield position, item, None

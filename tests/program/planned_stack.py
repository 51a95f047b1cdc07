"""Reads a plan.json: which resource each input names, though ids are not known yet.

At a first preview an id is unknown, and the plan says instead which resources an input
depends on; later it is there as text. Both ways lead to the same key of a resource: its
URN where it is of this plan, else its id in lower case.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relation_facts import NETWORK, OWN_NAME, SUBNET

UNKNOWN = {"unknown": True}


@dataclass(frozen=True)
class Planned:
    """One azure-native resource of a plan."""

    urn: str
    type: str
    """Without `azure-native:`, such as `network:Subnet`."""
    name: str
    inputs: Mapping[str, Any]
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, list[str]]

    def get(self, path: str) -> Any:
        """The input at a dotted path; None where it is left out."""
        value: Any = self.inputs
        for key in path.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(key)
        return value


class PlannedStack:
    """The azure-native resources of a plan, and how they name each other."""

    def __init__(self, plan: Mapping[str, Any]):
        self.resources = {
            each["urn"]: Planned(
                urn=each["urn"],
                type=each["type"].removeprefix("azure-native:"),
                name=each["name"],
                inputs=each["inputs"],
                dependencies=tuple(each["dependencies"]),
                property_dependencies=each["propertyDependencies"],
            )
            for each in plan["resources"]
            if each["type"].startswith("azure-native:")
        }
        self._parents = {
            each["urn"]: tuple(each["dependencies"]) for each in plan["resources"]
        }

    def of(self, *types: str) -> Iterator[Planned]:
        """All resources of the types."""
        return (each for each in self.resources.values() if each.type in types)

    def type_of(self, key: str) -> str:
        """The type behind a key; '' for a resource that is not of this plan."""
        return self.resources[key].type if key in self.resources else ""

    def label(self, key: str) -> str:
        """A key for people."""
        return self.resources[key].name if key in self.resources else key

    def target(self, resource: Planned, path: str, *types: str) -> str | None:
        """The key of the resource that an input names; None when it names none.

        `types`: those that it may be of; none given: any.
        """
        return self.named(resource, path.split(".")[0], resource.get(path), types)

    def targets(self, resource: Planned, path: str, *types: str) -> set[str]:
        """The keys of all resources that a list of ids names."""
        values = resource.get(path) or []
        known = {
            self._of_id(value, types) for value in values if isinstance(value, str)
        }
        if len(known) == len(values):
            return known
        return known | set(self.depended(resource, path.split(".")[0], types))

    def named(
        self, resource: Planned, top: str, value: Any, types: tuple[str, ...]
    ) -> str | None:
        """The key behind the value of an input, or of a part of the input `top`.

        An object id of Microsoft Entra ID says less than the dependency, where there is
        one; a resource id says more.
        """
        is_resource_id = isinstance(value, str) and "/" in value
        found = self.depended(resource, top, types) if value is not None else []
        if len(found) == 1 and not is_resource_id:
            return found[0]
        return self._of_id(value, types) if isinstance(value, str) else None

    def depended(
        self, resource: Planned, top: str, types: tuple[str, ...] = ()
    ) -> list[str]:
        """The resources of this plan that an input depends on, of some types."""
        return [
            urn
            for urn in resource.property_dependencies.get(top, [])
            if urn in self.resources
            and (not types or self.resources[urn].type in types)
        ]

    def by_name(self, type_: str, name: Any) -> Planned | None:
        """The resource of a type with Azure's own name; case does not count."""
        return self._by_name.get((type_, str(name).lower()))

    def network_of_subnet(self, resource: Planned, top: str, value: Any) -> str | None:
        """The network of the subnet that an input names: group and name.

        A subnet's id waits for all subnets of its network, so an unknown one leads to
        several subnets; their network is the same.
        """
        if isinstance(value, str):
            return network_of_id(value)
        networks = {
            network_key(self.resources[urn])
            for urn in self.depended(resource, top, (SUBNET,))
        }
        return networks.pop() if len(networks) == 1 else None

    def subnets(self, resource: Planned, top: str, ids: list[Any]) -> list[Planned]:
        """The subnets of this plan that an input names by their ids.

        An unknown id waits for all subnets of its network; of these, those with a
        service endpoint are meant.
        """
        known = {each.lower() for each in ids if isinstance(each, str)}
        found = [
            each
            for each in self.of(SUBNET)
            if any(
                network_of_id(text) == network_key(each)
                and text.endswith(f"/{str(each.get('subnetName')).lower()}")
                for text in known
            )
        ]
        if len(known) == len(ids):
            return found
        waited_for = [self.resources[urn] for urn in self.depended(resource, top)]
        with_endpoints = [
            each
            for each in waited_for
            if each.type == SUBNET and each.get("serviceEndpoints")
        ]
        return found + (with_endpoints or waited_for)

    def network_of(self, resource: Planned, top: str, value: Any) -> str | None:
        """The network that an input names: group and name."""
        if isinstance(value, str):
            return network_of_id(value)
        found = self.depended(resource, top, (NETWORK,))
        return network_key(self.resources[found[0]]) if len(found) == 1 else None

    def comes_after(self, urn: str) -> set[str]:
        """All resources that this one waits for, directly or by others."""
        seen: set[str] = set()
        waiting = list(self._parents.get(urn, ()))
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting.extend(self._parents.get(each, ()))
        return seen

    def _of_id(self, text: str, types: Iterable[str]) -> str:
        segments = text.lower().strip("/").split("/")
        for type_, (collection, _) in OWN_NAME.items():
            if types and type_ not in types:
                continue
            found = self.by_name(type_, segments[-1])
            if (
                segments[-2:-1] == [collection.lower()]
                and found is not None
                and _is_in_group(found, segments)
            ):
                return found.urn
        return text.lower()

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Planned]:
        return {
            (each.type, str(each.inputs.get(OWN_NAME[each.type][1])).lower()): each
            for each in self.resources.values()
            if each.type in OWN_NAME
        }


def _is_in_group(resource: Planned, segments: list[str]) -> bool:
    """Whether a resource is in the resource group of an id, as far as both say so."""
    group = dict(zip(segments[::2], segments[1::2], strict=False)).get("resourcegroups")
    own = resource.inputs.get("resourceGroupName")
    return not isinstance(own, str) or group in (None, own.lower())


def network_key(resource: Planned) -> str:
    """A network, or a subnet's network, as `group/name`."""
    group, name = (
        str(resource.inputs.get(key)).lower()
        for key in ("resourceGroupName", "virtualNetworkName")
    )
    return f"{group}/{name}"


def network_of_id(text: str) -> str | None:
    """The network in the id of a network or a subnet, as `group/name`."""
    segments = text.lower().strip("/").split("/")
    found = dict(zip(segments[::2], segments[1::2], strict=False))
    if "virtualnetworks" not in found:
        return None
    return f"{found.get('resourcegroups')}/{found['virtualnetworks']}"

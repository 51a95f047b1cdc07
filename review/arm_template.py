"""A plan as a template of Azure Resource Manager, for judges that read such templates.

azure-native's inputs are the bodies that Azure takes, with most `properties` levels
taken away and a few names changed; `arm_types.json` says where each belongs. What the
plan does not know is written as a reference to the resource that it comes from, or as a
parameter of the template. The template is for reading: one deployment of Azure cannot
make a resource group and what is in it.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from review.plan import SECRET, UNKNOWN, Plan, Resource

_SCHEMA = (
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
)
_PROVIDER = "azure-native:"
_RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"
_OUTPUTS = {"principalId": "principalId", "clientId": "clientId"}
"""Inputs that are outputs of a user-assigned identity, and the output's name."""
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_OTHER_IDS = {"tenantId", "customerId", "objectId", "subscriptionId", "appId"}
_ID_INPUTS = {
    "applicationInsights",
    "containerRegistry",
    "keyVault",
    "primaryUserAssignedIdentity",
    "scope",
    "serverlessComputeCustomSubnet",
    "storageAccount",
    "userAssignedIdentities",
}
"""Inputs that hold resource ids, though they are not called so."""
_SOURCE_TYPES = {"privateDnsZoneId": "Microsoft.Network/privateDnsZones"}
"""Inputs that also wait for resources of other types, and the type that they name."""

Levels = Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """The template, and what could not be put into it."""

    content: dict[str, Any]
    left_out: dict[str, int]
    """Type token to the number of resources whose shape at Azure is not known."""

    @property
    def text(self) -> str:
        """The template as the text of a file."""
        return json.dumps(self.content, indent=2) + "\n"


def arm_template(plan: Plan) -> Template:
    """Write a plan as a template; its order is that of the plan."""
    placed: dict[str, _Placed] = {}
    left_out: Counter[str] = Counter()
    for resource in plan["resources"]:
        if not resource["type"].startswith(_PROVIDER):
            continue
        shape = _shapes().get(resource["type"].removeprefix(_PROVIDER))
        if shape is None:
            left_out[resource["type"]] += 1
        else:
            placed[resource["urn"]] = _Placed(resource, shape)
    writer = _Writer(placed)
    resources = [writer.resource(each) for each in placed.values()]
    content = {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": writer.parameters,
        "resources": resources,
    }
    return Template(content, dict(left_out))


@cache
def _shapes() -> Mapping[str, Mapping[str, Any]]:
    """Type to its name at Azure, API version, name inputs and body."""
    file = Path(__file__).with_name("arm_types.json")
    return json.loads(file.read_text(encoding="utf-8"))["types"]


@dataclass(frozen=True)
class _Placed:
    """A resource of the plan that has a place in the template."""

    planned: Resource
    shape: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Azure's type; a record set's last part is the type of its records."""
        return "/".join(self._filled(part) for part in self.shape["type"].split("/"))

    @property
    def names(self) -> list[str]:
        """The names of the resource's parents, and its own."""
        return [self._filled(part) for part in self.shape["names"]]

    @property
    def group(self) -> Any:
        """The name of its resource group."""
        return self.planned["inputs"].get("resourceGroupName")

    def in_path(self) -> set[str]:
        """The inputs that stand in the resource's path and not in its body."""
        parts = [*self.shape["type"].split("/"), *self.shape["names"]]
        own = {part[1:-1] for part in parts if part.startswith("{")}
        return own | {"resourceGroupName", self.shape.get("scope", "")}

    def _filled(self, part: str) -> str:
        """A fixed word, or an input; an unknown one is called as in the program."""
        if not part.startswith("{"):
            return part
        value = self.planned["inputs"].get(part[1:-1])
        return value if isinstance(value, str) else self.planned["name"]


@dataclass
class _Writer:
    """Writes resources, and gathers the parameters that they need."""

    placed: Mapping[str, _Placed]
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)

    def resource(self, placed: _Placed) -> dict[str, Any]:
        """One resource of the template."""
        inputs = {
            name: value
            for name, value in placed.planned["inputs"].items()
            if name not in placed.in_path()
        }
        found: dict[str, Any] = {
            "type": placed.type,
            "apiVersion": placed.shape["apiVersion"],
            "name": "/".join(placed.names),
            "comments": placed.planned["name"],
        }
        if scope := placed.shape.get("scope"):
            value = placed.planned["inputs"].get(scope)
            found["scope"] = self._value(placed, {}, value, (scope,))
        found |= self._object(placed, placed.shape.get("body", {}), inputs, ())
        if depends_on := self._depends_on(placed):
            found["dependsOn"] = depends_on
        return found

    def _depends_on(self, placed: _Placed) -> list[str]:
        """The resources that come first, but for their group, which is given."""
        before = [
            self.placed[urn]
            for urn in placed.planned["dependencies"]
            if urn in self.placed and self.placed[urn].type != _RESOURCE_GROUP
        ]
        return sorted(f"[{found}]" for each in before if (found := self._id_of(each)))

    def _value(
        self, placed: _Placed, levels: Levels, value: Any, path: tuple[str, ...]
    ) -> Any:
        if value == UNKNOWN:
            return self._unknown(placed, path)
        if value == SECRET:
            return self._parameter(placed, path, "securestring")
        if isinstance(value, list):
            items = [
                self._value(placed, levels, each, (*path, str(index)))
                for index, each in enumerate(value)
            ]
            is_identities = path[-1:] == ("userAssignedIdentities",)
            return {item: {} for item in items} if is_identities else items
        if isinstance(value, dict):
            return self._object(placed, levels, value, path)
        if isinstance(value, str) and re.fullmatch(r"\[.*\]", value, re.DOTALL):
            return f"[{value}"
        return value

    def _object(
        self,
        placed: _Placed,
        levels: Levels,
        value: Mapping[str, Any],
        path: tuple[str, ...],
    ) -> dict[str, Any]:
        """An object of a body, with its `properties` level where Azure has one."""
        below = levels.get("in", {})
        beside = levels.get("beside")
        found: dict[str, Any] = {}
        inner: dict[str, Any] = {}
        for name, each in value.items():
            here = (*path, name)
            azure = placed.shape.get("renamed", {}).get(_without_indexes(here), name)
            lifted = (
                beside is not None and "properties" not in value and azure not in beside
            )
            into = below.get("properties", {}).get("in", {}) if lifted else below
            target = inner if lifted else found
            target[azure] = self._value(placed, into.get(azure, {}), each, here)
        if inner:
            found["properties"] = inner
        return found

    def _unknown(self, placed: _Placed, path: tuple[str, ...]) -> str:
        """A reference to where the value comes from, else a parameter."""
        name = _without_indexes(path).rpartition(".")[2]
        sources = [
            each
            for each in self._sources(placed, path[0])
            if each.type == _SOURCE_TYPES.get(name, each.type)
        ]
        if output := _OUTPUTS.get(name):
            identities = [each for each in sources if each.type == _IDENTITY]
            if len(identities) == 1:
                return f"[reference({self._id_of(identities[0])}).{output}]"
        elif (
            _holds_id(name) and len(sources) == 1 and (found := self._id_of(sources[0]))
        ):
            return f"[{found}]"
        return self._parameter(placed, path, "string")

    def _sources(self, placed: _Placed, top: str) -> list[_Placed]:
        urns = placed.planned["propertyDependencies"].get(top, [])
        return [self.placed[urn] for urn in urns if urn in self.placed]

    def _id_of(self, placed: _Placed) -> str:
        """The expression for a resource's id; '' where its scope is not known."""
        own = [_quoted(word) for word in (placed.type, *placed.names)]
        if scope := placed.shape.get("scope"):
            value = placed.planned["inputs"].get(scope)
            sources = self._sources(placed, scope)
            if isinstance(value, str):
                return f"extensionResourceId({', '.join((_quoted(value), *own))})"
            if len(sources) != 1:
                return ""
            return f"extensionResourceId({', '.join((self._id_of(sources[0]), *own))})"
        group = [_quoted(placed.group)] if self._is_elsewhere(placed) else []
        return f"resourceId({', '.join((*group, *own))})"

    def _is_elsewhere(self, placed: _Placed) -> bool:
        """Whether a resource is in another group than the plan makes."""
        own = {
            each.names[-1].lower()
            for each in self.placed.values()
            if each.type == _RESOURCE_GROUP
        }
        group = placed.group
        return isinstance(group, str) and bool(own) and group.lower() not in own

    def _parameter(self, placed: _Placed, path: tuple[str, ...], kind: str) -> str:
        name = re.sub(r"\W+", "_", "_".join((placed.planned["name"], *path)))
        self.parameters[name] = {"type": kind}
        return f"[parameters({_quoted(name)})]"


def _without_indexes(path: tuple[str, ...]) -> str:
    """A path as dotted text, the same for all elements of a list."""
    return ".".join(part for part in path if not part.isdigit())


def _holds_id(name: str) -> bool:
    is_called_so = name == "id" or name.endswith("Id")
    return (is_called_so and name not in _OTHER_IDS) or name in _ID_INPUTS


def _quoted(word: str) -> str:
    escaped = word.replace("'", "''")
    return f"'{escaped}'"

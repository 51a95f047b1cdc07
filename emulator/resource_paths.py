"""Azure resource ids: built from a type's path template and parsed back.

A template names azure-native's own inputs in braces; all of them except
`subscriptionId` are path parameters, and the last one is the resource's own name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

# These parameters stand for a whole id, slashes included.
SCOPES = frozenset({"scope", "resourceUri", "resourceId", "linkedResourceId"})
SUBSCRIPTION = "subscriptionId"
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class PathTemplate:
    """A template such as `/subscriptions/{subscriptionId}/resourceGroups/{name}`.

    `derived`: composed from the SDK's names and not taken from Azure's reference, so
    the collection names in it may differ from Azure's.
    """

    text: str
    derived: bool = False

    @cached_property
    def all_parameters(self) -> tuple[str, ...]:
        """All parameters in order, `subscriptionId` too."""
        return tuple(_PARAMETER.findall(self.text))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The inputs that stand in the path, in order."""
        return tuple(p for p in self.all_parameters if p != SUBSCRIPTION)

    @property
    def own_parameter(self) -> str | None:
        """The input that names the resource itself; None for a fixed path."""
        return self.parameters[-1] if self.text.endswith("}") else None

    @property
    def extends_others(self) -> bool:
        """Whether the path begins with the id of any other resource."""
        return not SCOPES.isdisjoint(self.all_parameters[:1])

    @cached_property
    def provider_segments(self) -> tuple[str, ...]:
        """The segments after the last `providers/`: namespace, collections, names."""
        _, found, rest = self.text.rpartition("/providers/")
        return tuple(rest.split("/")) if found else ()

    @cached_property
    def own_levels(self) -> int:
        """How many parameters follow the namespace: 1 for a top-level resource."""
        return sum(1 for s in self.provider_segments if s.startswith("{"))

    @cached_property
    def resource_type(self) -> str:
        """Azure's name of the type, such as `Microsoft.Network/virtualNetworks`."""
        if not self.provider_segments:
            return "Microsoft.Resources/resourceGroups"
        namespace, *rest = self.provider_segments
        return "/".join([namespace, *rest[::2]])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = _PARAMETER.split(self.text)
        pattern = ""
        for position, part in enumerate(parts):
            if position % 2 == 0:
                pattern += re.escape(part)
            else:
                inside = ".+" if part in SCOPES else "[^/]+"
                pattern += f"(?P<{part}>{inside})"
        return re.compile(pattern, re.IGNORECASE)

    def build(self, subscription_id: str, values: Mapping[str, object]) -> str:
        """The id for these inputs; ValueError names the parameters that are missing."""
        missing = [p for p in self.parameters if not isinstance(values.get(p), str)]
        if missing:
            raise ValueError(f"the resource's id needs {', '.join(missing)}")

        def fill(match: re.Match[str]) -> str:
            name = match.group(1)
            text = subscription_id if name == SUBSCRIPTION else str(values[name])
            return text.strip("/") if name in SCOPES else text

        return _PARAMETER.sub(fill, self.text)

    def parse(self, resource_id: str) -> dict[str, str]:
        """The path parameters of an id; ValueError if it does not fit the template."""
        match = self._pattern.fullmatch(resource_id)
        if match is None:
            raise ValueError(f"{resource_id!r} does not match the path {self.text!r}")
        return match.groupdict()


def parent_id(resource_id: str) -> str | None:
    """The id of the resource that holds this one; None for a top-level id.

    A scope's extension (`…/providers/Microsoft.Authorization/locks/x`) belongs to
    the scope, a top-level resource to its resource group.
    """
    segments = resource_id.strip("/").split("/")
    if len(segments) <= 2:
        return None
    rest = segments[:-2]
    if len(rest) >= 2 and rest[-2].lower() == "providers":
        rest = rest[:-2]
    return "/" + "/".join(rest)


def same_id(one: str, other: str) -> bool:
    """Whether two ids name the same resource: Azure ignores case in ids."""
    return id_key(one) == id_key(other)


def id_key(resource_id: str) -> str:
    """The form of an id that is the same for all ways of writing it."""
    return "/" + resource_id.strip("/").lower()


def resource_group_of(resource_id: str) -> str | None:
    """The name of the resource group in an id, or None."""
    match = re.match(
        r"/?subscriptions/[^/]+/resourcegroups/([^/]+)", resource_id, re.IGNORECASE
    )
    return match.group(1) if match else None


def last_name(resource_id: str) -> str:
    """The last segment of an id: the resource's own name."""
    return resource_id.rstrip("/").rpartition("/")[2]

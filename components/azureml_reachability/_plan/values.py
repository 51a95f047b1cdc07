"""Resources of a plan and the values in them: known, absent or not known.

A plan comes from anywhere, so nothing is taken for granted: what has another type than
it should is a fault with its path, and never an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, cast

from azureml_reachability.addresses import AddressSet
from azureml_reachability.missing import Missing

SECRET = "[secret]"
_SHOWN = 60


@lru_cache(maxsize=4096)
def type_key(token: str) -> str:
    """Return ``module:resource`` in lower case for a type of azure-native, else "".

    The API version does not matter, wherever it stands:
    ``azure-native:network/v20240501:Subnet`` and
    ``azure-native_network_v20240501:network:Subnet`` both give ``network:subnet``.
    """
    package, _, rest = token.partition(":")
    module, _, resource = rest.partition(":")
    if package != "azure-native" and not package.startswith("azure-native_"):
        return ""
    return f"{module.partition('/')[0]}:{resource}".lower()


@dataclass(slots=True, eq=False)
class PlanResource:
    """One resource of a plan."""

    urn: str
    key: str
    """``network:subnet``; empty for what is no resource of Azure."""
    name: str
    """Pulumi's."""
    parent: str
    inputs: Mapping[str, Any]
    edges: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Top-level property to the URNs that its value comes from."""

    def at(self, path: str) -> "Value":
        """Return the value of a dotted path."""
        return Value(self, "", self.inputs).at(path)

    def azure_name(self, key: str) -> str:
        """Return the name in Azure if it is known, else Pulumi's."""
        text = self.at(key).text()
        return text if isinstance(text, str) else self.name


def plan_resource(entry: object) -> PlanResource | None:
    """Return one entry of a plan's ``resources``; None if it is none."""
    if not isinstance(entry, dict):
        return None
    raw = cast(dict[str, Any], entry)
    urn, token = _text(raw.get("urn")), _text(raw.get("type"))
    name = _text(raw.get("name")) or urn.rpartition("::")[2]
    edges = _mapping(raw.get("propertyDependencies"))
    return PlanResource(
        urn=urn,
        key=type_key(token),
        name=name,
        parent=_text(raw.get("parent")),
        inputs=_mapping(raw.get("inputs")),
        edges={
            key: [each for each in _sequence(urns) if isinstance(each, str)]
            for key, urns in edges.items()
        },
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _sequence(value: object) -> Sequence[Any]:
    return cast(Sequence[Any], value) if isinstance(value, list) else ()


def is_unknown(value: object) -> bool:
    """Return whether a plan says that a value is not known yet."""
    if isinstance(value, dict):
        return cast(dict[str, object], value).get("unknown") is True
    return False


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a resource with its path."""

    owner: PlanResource
    path: str
    raw: Any

    @property
    def is_unknown(self) -> bool:
        """Whether it is known after the deployment only, or is secret."""
        return self.raw == SECRET or is_unknown(self.raw)

    @property
    def is_absent(self) -> bool:
        """Whether nobody set it."""
        return self.raw is None

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.raw, list)

    def at(self, path: str) -> "Value":
        """Return the value of a dotted path below; all below an unknown is it."""
        value = self
        for key in path.split("."):
            if value.is_unknown:
                return value
            below = _mapping(value.raw).get(key)
            joined = f"{value.path}.{key}" if value.path else key
            value = Value(self.owner, joined, below)
        return value

    def items(self) -> Iterator["Value"]:
        """Yield the elements of a list; nothing if it is none."""
        for index, raw in enumerate(_sequence(self.raw)):
            yield Value(self.owner, f"{self.path}[{index}]", raw)

    def missing(self, reason: str = "is not known yet") -> Missing:
        """Return that it is missing."""
        return Missing(f"{self.owner.name}.{self.path}", reason)

    def wrong(self, wanted: str) -> Missing:
        """Return that it is something else than ``wanted``; a secret is not shown."""
        if self.raw == SECRET:
            return self.missing("is secret")
        shown = str(self.raw)[:_SHOWN] if isinstance(self.raw, str | int) else ""
        named = f"'{shown}'" if shown else f"a {type(self.raw).__name__}"
        return self.missing(f"is {named}, and no {wanted}")

    def text(self) -> str | Missing | None:
        """Return a text, or why there is none; None where nobody set it."""
        if isinstance(self.raw, str) and self.raw != SECRET:
            return self.raw.strip()
        if self.raw is None:
            return None
        return self.missing() if self.is_unknown else self.wrong("text")

    def texts(self) -> tuple[str | Missing, ...]:
        """Return the texts of a list, each or why it is none."""
        if self.raw is None:
            return ()
        if not self.is_list:
            return (self.missing() if self.is_unknown else self.wrong("list"),)
        return tuple(item.text() or item.wrong("text") for item in self.items())

    def switch(self, default: bool) -> bool | Missing:
        """Return a boolean, which is ``default`` where nobody set it."""
        if self.raw is None:
            return default
        if isinstance(self.raw, bool):
            return self.raw
        if isinstance(self.raw, str) and self.raw.lower() in ("true", "false"):
            return self.raw.lower() == "true"
        return self.missing() if self.is_unknown else self.wrong("boolean")


def read_ranges(*values: Value) -> tuple[AddressSet, tuple[Missing, ...]]:
    """Return the union of prefixes in texts and lists, and what cannot be read."""
    found: list[AddressSet] = []
    missing: list[Missing] = []
    for value in values:
        if value.is_absent:
            continue
        if value.is_list:
            items = list(value.items())
        else:
            items = [value]
        for item in items:
            text = item.text()
            ranges = _range(text) if isinstance(text, str) else None
            if ranges is not None:
                found.append(ranges)
            elif isinstance(text, Missing):
                missing.append(text)
            else:
                missing.append(item.wrong("range of addresses"))
    return AddressSet.union(found), tuple(missing)


@lru_cache(maxsize=1 << 14)
def _range(text: str) -> AddressSet | None:
    """Return a prefix; its host bits are dropped, as Azure does."""
    try:
        return AddressSet.of_networks([ip_network(text, strict=False)])
    except ValueError:
        return None

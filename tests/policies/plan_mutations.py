"""Changes of a plan that make it less secure, one at a time.

Every switch is flipped and taken out, every setting gets its less secure values, every
range, port and side of a rule is widened, every role is made broader, everything that
guards or joins is removed, and openings that nobody wrote are added.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from mutation_tables import (
    ADDED,
    APPENDED,
    BROAD_ROLES,
    DNS_SERVERS,
    ELEMENTS,
    FIREWALL_SIDES,
    GUARDS,
    HOSTS,
    JOINS,
    LESS_SECURE,
    LISTED_PORTS,
    LISTED_SIDES,
    MOVED,
    ONLY_WHERE_TRUE,
    OPERATION,
    PORTS,
    PUBLIC_SERVER,
    RANGES,
    SCOPES,
    SHORTER,
    SIDES,
    TIERS,
    WIDENED,
    Path,
)

Inputs = dict[str, Any]
_UNCHANGED = ("metrics", "tags", "unknown")
_ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"


@dataclass(frozen=True, eq=False)
class Mutation:
    """One change of one resource."""

    urn: str
    type: str
    what: str
    """How it reads: ``publicNetworkAccess: 'Disabled' -> 'Enabled'``."""
    inputs: Inputs | None
    """The resource's inputs, changed; None: it is removed."""

    @property
    def key(self) -> str:
        """What survivors are told by: the type, and what was changed."""
        return f"{self.type.removeprefix('azure-native:')} {self.what}"


def mutations(resource: Mapping[str, Any]) -> Iterator[Mutation]:
    """Yield every change of one resource of a plan."""
    urn, token, inputs = resource["urn"], resource["type"], resource["inputs"]
    if token in GUARDS:
        yield Mutation(urn, token, "removed", None)
    for path, new, what in _changes(token, inputs):
        yield Mutation(urn, token, what, _changed(inputs, path, new))
    for path, new in ADDED.get(token, ()):
        if _value(inputs, path) is None:
            what = f"{_pattern(path)}: added"
            yield Mutation(urn, token, what, _changed(inputs, path, new))
    for key, element, opens in APPENDED.get(token, ()):
        changed = {**inputs, key: [*inputs[key], element]}
        yield Mutation(urn, token, f"{key}: {opens}", changed)
    if token in MOVED:
        old, new_key = MOVED[token]
        changed = {new_key if key == old else key: inputs[key] for key in inputs}
        yield Mutation(urn, token, f"{old}: moved to {new_key}", changed)


_REMOVED = object()


def _changes(token: str, inputs: Inputs) -> Iterator[tuple[Path, Any, str]]:
    for path, value in _leaves(inputs, ()):
        key = _key(path)
        if _is_own_side(inputs, path):
            continue
        if token == _ROLE_ASSIGNMENT:
            for new, told in _broader(key, value):
                yield path, new, f"{_pattern(path)}: {told}"
            continue
        for new in _less_secure(token, path, key, value):
            told = "removed" if new is _REMOVED else f"{value!r} -> {new!r}"
            if new is not _REMOVED and key in WIDENED:
                told = "widened"
            yield path, new, f"{_pattern(path)}: {told}"


def _broader(key: str, value: Any) -> Iterator[tuple[Any, str]]:
    """Yield a broader role, or a wider scope, with what it is."""
    if key == "roleDefinitionId":
        folder, _, own = value.rpartition("/")
        for name, role in BROAD_ROLES.items():
            if own != role:
                yield f"{folder}/{role}", name
    elif key == "scope":
        for name, scope in SCOPES.items():
            yield scope, name


def _less_secure(token: str, path: Path, key: str, value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        if key not in OPERATION and (value or key not in ONLY_WHERE_TRUE):
            yield not value
        if key not in OPERATION and value:
            yield _REMOVED
    elif isinstance(value, str) and value in LESS_SECURE.get(key, {}):
        yield from LESS_SECURE[key][value]
        yield _REMOVED
    elif key in (*DNS_SERVERS, "ipAddress") and isinstance(value, str):
        if any(step in DNS_SERVERS for step in path):
            yield PUBLIC_SERVER
    elif isinstance(value, int | float) and value > SHORTER.get(key, value):
        yield SHORTER[key]
    elif path[-2:] in (("sku", "name"), ("sku", "tier")):
        if value in TIERS.get(token, {}):
            yield TIERS[token][value]
    elif key in JOINS or (len(path) > 1 and path[-2] in ELEMENTS):
        yield _REMOVED
    yield from _wider(path, key, value)


def _wider(path: Path, key: str, value: Any) -> Iterator[Any]:
    """Yield what a side, a port or a range of a rule is widened to."""
    if key == "serviceResources" and isinstance(value, str):
        if "/resourceGroups/" in value:
            yield value.partition("/resourceGroups/")[0]
        return
    if isinstance(path[-1], int) and key != "addressPrefixes":
        return
    if key in (*SIDES, *PORTS) and value != "*":
        yield "*"
    elif key in (*LISTED_SIDES, *FIREWALL_SIDES, *LISTED_PORTS, *HOSTS):
        if isinstance(value, list) and value != ["*"]:
            yield ["*"]
    elif key == "protocol" and value != "*" and "securityRules" in path:
        yield "*"
    elif key == "ipProtocols" and value != ["Any"]:
        yield ["Any"]
    elif key in RANGES:
        yield from _wider_range(value)


def _wider_range(value: Any) -> Iterator[Any]:
    """Yield a range eight bits wider; a list gets all addresses besides."""
    if isinstance(value, str) and "/" in value:
        network = ip_network(value, strict=False)
        if network.prefixlen > 8:
            yield str(network.supernet(min(8, network.prefixlen)))
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield [*value, "203.0.113.0/24"]
    elif value == []:
        yield [{"action": "Allow", "iPAddressOrRange": "203.0.113.0/24"}]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every value in a tree, maps and lists included."""
    if path:
        if path[-1] in _UNCHANGED:
            return
        yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*path, index))


def _is_own_side(inputs: Inputs, path: Path) -> bool:
    """Say whether this is the side of a security rule where its own subnet is.

    Widening that opens nothing: the group guards no other subnet.
    """
    if len(path) < 2 or path[0] != "securityRules":
        return False
    direction = inputs["securityRules"][path[1]]["direction"]
    own = "destination" if direction == "Inbound" else "source"
    return str(path[-1]).startswith(f"{own}Address")


def _key(path: Path) -> str:
    return next((each for each in reversed(path) if isinstance(each, str)), "")


def _pattern(path: Path) -> str:
    """Return a path without the numbers of list elements."""
    text = ""
    for each in path:
        text += "[]" if isinstance(each, int) else f".{each}" if text else each
    return text


def _value(inputs: Inputs, path: Path) -> Any:
    """Return what is at ``path``; None where there is nothing."""
    found: Any = inputs
    for step in path:
        if isinstance(step, int):
            found = found[step]
        elif not isinstance(found, dict) or step not in found:
            return None
        else:
            found = found[step]
    return found


def _changed(inputs: Inputs, path: Path, new: Any) -> Inputs:
    changed = deepcopy(inputs)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    if new is _REMOVED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return changed

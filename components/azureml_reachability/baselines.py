"""Approved plans to compare others with: what of a plan decides who reaches whom.

A baseline is a ``plan.json`` of which only that is kept, in an order of its own, so
that its change in a pull request shows what is being approved. What a plan does not
know stays unknown in it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, cast

from azureml_reachability._plan.joins import ARM_TYPES, NAME_KEYS
from azureml_reachability._plan.values import SECRET, is_unknown, type_key
from azureml_reachability.deciding_inputs import DECIDING_INPUTS
from azureml_rulebook.resource_ids import any_resource_id

Entry = Mapping[str, Any]

_GROUP = "resourceGroupName"
_PROSE = ("description", "tags")
"""Keys that decide nothing, wherever they stand."""
_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""What a state marks secrets and other special values with
(https://www.pulumi.com/docs/iac/concepts/secrets/)."""


def baseline_text(plan: Entry) -> str:
    """Return what a file of the baseline of a plan holds.

    Ids of resources of the plan are left unknown, as before the first deployment: what
    depends on what says the same, in the plan of any subscription.

    Args:
        plan: the content of a ``plan.json``; its ``resources`` are a list.
    """
    entries = deciding(cast(list[object], plan["resources"]))
    content = {
        "stack": plan.get("stack", ""),
        "resources": [*_without_own_ids(entries)],
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def deciding(resources: Iterable[object]) -> list[Entry]:
    """Return the resources that decide who reaches whom, with what of them does.

    Components are kept where any of these is in them, since values may come from them.
    """
    entries = [cast(Entry, each) for each in resources if isinstance(each, dict)]
    kept = [found for entry in entries if (found := _deciding_entry(entry)) is not None]
    present = {str(entry["urn"]) for entry in kept}
    by_urn = {str(entry.get("urn")): entry for entry in entries}
    for entry in tuple(kept):
        parent = by_urn.get(str(entry["parent"]))
        while parent is not None and str(parent.get("urn")) not in present:
            present.add(str(parent.get("urn")))
            kept.append(_entry(parent, {}, {}))
            parent = by_urn.get(str(parent.get("parent")))
    return sorted(kept, key=lambda entry: str(entry["urn"]))


def _deciding_entry(entry: Entry) -> Entry | None:
    kept = DECIDING_INPUTS.get(type_key(str(entry.get("type", ""))))
    if kept is None:
        return None
    inputs: dict[str, Any] = {}
    own = _map(entry, "inputs")
    for path in (_GROUP, *kept):
        _keep(inputs, own, path.split("."))
    edges = _map(entry, "propertyDependencies")
    origins = {key: sorted(str(urn) for urn in _list(edges.get(key))) for key in inputs}
    return _entry(entry, inputs, {key: urns for key, urns in origins.items() if urns})


def _entry(entry: Entry, inputs: Entry, edges: Entry) -> Entry:
    return {
        "urn": entry.get("urn", ""),
        "type": entry.get("type", ""),
        "name": entry.get("name", ""),
        "parent": entry.get("parent"),
        "inputs": inputs,
        "propertyDependencies": edges,
    }


def _keep(into: dict[str, Any], value: Entry, path: list[str]) -> None:
    """Copy the value at a path, or what stands in its place on the way there."""
    key, *below = path
    found = value.get(key)
    if found is None:
        return
    if not below or _is_special(found) or not isinstance(found, dict):
        into[key] = _plain(found)
    else:
        _keep(into.setdefault(key, {}), cast(Entry, found), below)


def _plain(value: object) -> object:
    """Return a value without prose; secrets stay what they are."""
    if isinstance(value, dict):
        known = cast(dict[str, object], value)
        if _SIGNATURE in known:
            return SECRET
        if is_unknown(known):
            return {"unknown": True}
        return {key: _plain(each) for key, each in known.items() if key not in _PROSE}
    if isinstance(value, list):
        return [_plain(each) for each in cast(list[object], value)]
    return value


def _is_special(value: object) -> bool:
    return is_unknown(value) or _SIGNATURE in (value if isinstance(value, dict) else ())


def as_it_turned_out(
    before: Iterable[Entry], after: Sequence[Entry]
) -> Iterator[Entry]:
    """Yield the resources of a baseline with what the deployment made of the same.

    What ``before`` does not know is taken from ``after`` where it is one address there,
    the id of a resource that the property comes from, or an id in a service endpoint
    policy, and the property comes from the same resources in both. Anything wider stays
    unknown.
    """
    present = {_identity(each): each for each in after}
    by_urn = {str(each.get("urn")): each for each in after}
    for entry in before:
        now = present.get(_identity(entry))
        if now is None:
            yield entry
            continue
        inputs = dict(_map(entry, "inputs"))
        for key, value in inputs.items():
            if _origins(entry, key) == _origins(now, key):
                settled = _Settled(now, key, by_urn)
                inputs[key] = _turned_out(value, _map(now, "inputs").get(key), settled)
        yield {**entry, "inputs": inputs}


def _without_own_ids(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield resources with the ids of those that a property comes from unknown."""
    by_urn = {str(each.get("urn")): each for each in entries}
    for entry in entries:
        inputs = {
            key: _unknown_where(value, _Settled(entry, key, by_urn).names_origin)
            for key, value in _map(entry, "inputs").items()
        }
        yield {**entry, "inputs": inputs}


def _unknown_where(value: object, is_meant: Callable[[object], bool]) -> object:
    if isinstance(value, dict):
        known = cast(dict[str, object], value)
        return {key: _unknown_where(each, is_meant) for key, each in known.items()}
    if isinstance(value, list):
        return [_unknown_where(each, is_meant) for each in cast(list[object], value)]
    return {"unknown": True} if is_meant(value) else value


class _Settled:
    """What a property may turn out to be: known by where its value comes from."""

    def __init__(self, entry: Entry, key: str, by_urn: Mapping[str, Entry]) -> None:
        self._takes_ids = "serviceendpointpolicy" in type_key(str(entry.get("type")))
        self._origins = [
            by_urn[urn]
            for each in _list(_map(entry, "propertyDependencies").get(key))
            if (urn := str(each)) in by_urn
        ]

    def __call__(self, value: object) -> bool:
        """Return whether a value is one address, or an id that is meant."""
        if not isinstance(value, str):
            return False
        if value.lower().startswith("/subscriptions/"):
            return self._takes_ids or self.names_origin(value)
        try:
            if "/" in value:
                return ip_network(value, strict=False).num_addresses == 1
            ip_address(value)
        except ValueError:
            return False
        return True

    def names_origin(self, value: object) -> bool:
        """Return whether a value is the id of a resource that it comes from."""
        found = any_resource_id(value) if isinstance(value, str) else None
        if found is None:
            return False
        for origin in self._origins:
            kind = type_key(str(origin.get("type")))
            name = _map(origin, "inputs").get(NAME_KEYS.get(kind, ""))
            if (
                ARM_TYPES.get(kind) == found.resource_type.lower()
                and str(name).lower() == found.name.lower()
            ):
                return True
        return False


def _turned_out(before: object, after: object, settled: _Settled) -> object:
    if is_unknown(before):
        found = _list(cast(object, after)) if isinstance(after, list) else [after]
        taken = bool(found) and all(map(settled, found))
        return cast(object, after) if taken else before
    if isinstance(before, dict) and isinstance(after, dict):
        now = cast(dict[str, object], after)
        return {
            key: _turned_out(value, now.get(key), settled)
            for key, value in cast(dict[str, object], before).items()
        }
    if isinstance(before, list) and isinstance(after, list):
        old, new = cast(list[object], before), cast(list[object], after)
        if len(old) == len(new):
            pairs = zip(old, new, strict=True)
            return [_turned_out(one, other, settled) for one, other in pairs]
    return cast(object, before)


def _map(entry: Entry, key: str) -> Entry:
    found = entry.get(key)
    return cast(Entry, found) if isinstance(found, dict) else {}


def _list(value: object) -> list[object]:
    return cast(list[object], value) if isinstance(value, list) else []


def _identity(entry: Entry) -> tuple[str, str]:
    return (type_key(str(entry.get("type"))), str(entry.get("name")))


def _origins(entry: Entry, key: str) -> frozenset[str]:
    """Return the resources that a property comes from, wherever they stand."""
    urns = _list(_map(entry, "propertyDependencies").get(key))
    return frozenset(str(urn).rpartition("$")[2].rpartition("::")[2] for urn in urns)

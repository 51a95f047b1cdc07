"""What the rules look at: a request, and ids in the store and in inputs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.catalogue import ResourceType
from emulator.known_paths import KNOWN_PATHS
from emulator.resource_paths import PathTemplate, last_name
from emulator.store import Resource, Store

_ARM_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+", re.I)
_TOKENS = {
    PathTemplate(template).resource_type.lower(): token
    for token, template in KNOWN_PATHS.items()
    if "{scope}" not in template and "{resourceUri}" not in template
    if not token.startswith("authorization:")
}


@dataclass(frozen=True)
class Write:
    """A PUT that is about to happen.

    `existing` is what it would overwrite. `in_list`: the resource stands in a list of
    its parent, which Azure judges as a whole.
    """

    store: Store
    resource_type: ResourceType
    id: str
    inputs: Mapping[str, Any]
    existing: Resource | None
    in_list: bool = False

    @property
    def name(self) -> str:
        """The resource's own name."""
        return last_name(self.id)


def is_ours(store: Store, resource_id: str) -> bool:
    """Whether an id lies in a resource group that exists here.

    Other groups belong to somebody else: what is in them is not known, and accepted.
    """
    segments = resource_id.strip("/").split("/")
    return len(segments) >= 4 and store.get("/" + "/".join(segments[:4])) is not None


def token_of(resource_id: str) -> str | None:
    """The type of an id, for types whose path is written down."""
    _, found, rest = resource_id.lower().rpartition("/providers/")
    if not found:
        return "resources:ResourceGroup" if "/resourcegroups/" in rest else None
    namespace, *levels = rest.split("/")
    return _TOKENS.get("/".join([namespace, *levels[::2]]))


def referenced_ids(value: Any) -> Iterator[str]:
    """Every Azure id in the inputs, tags left out."""
    match value:
        case dict():
            for key, item in value.items():
                if key != "tags":
                    yield from referenced_ids(item)
        case list():
            for item in value:
                yield from referenced_ids(item)
        case str() if _ARM_ID.fullmatch(value):
            yield value


def missing_part(store: Store, resource_id: str) -> str | None:
    """The first id on the way to this one that should exist and does not.

    Parts of a resource that are no resources (an address configuration) are skipped,
    and so are its services that are there with it and called "default", such as a
    storage account's for files
    (https://learn.microsoft.com/rest/api/storagerp/file-services).
    """
    head, _, rest = resource_id.partition("/providers/")
    namespace, *levels = rest.split("/")
    current = f"{head}/providers/{namespace}"
    for position in range(0, len(levels) - 1, 2):
        current += f"/{levels[position]}/{levels[position + 1]}"
        if position and levels[position + 1] == "default":
            continue
        if token_of(current) is not None and store.get(current) is None:
            return current
    return None


def at(values: Mapping[str, Any], *names: str) -> Any:
    """A nested value by its names, or None."""
    value: Any = values
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value

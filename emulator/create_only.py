"""Which inputs of a type Azure accepts only when the resource is made.

A change of one of them replaces the resource. The list covers the types in
`published_types/`; a change of any other input updates in place.
"""

import json
import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "published_types" / "create-only.json"
_POSITION = re.compile(r"\[\d+\]")


@cache
def _table() -> dict[str, frozenset[str]]:
    listed = json.loads(_FILE.read_text())
    return {
        token: frozenset(paths)
        for token, paths in listed.items()
        if not token.startswith("_")
    }


def create_only_paths(token: str) -> frozenset[str]:
    """The create-only inputs of a type as dotted paths, `[]` for list elements."""
    return _table().get(token, frozenset())


def is_create_only(token: str, path: str) -> bool:
    """Whether a change at this path, or of something above it, replaces.

    `path` is dotted, with positions (`rules[0].name`).
    """
    plain = _POSITION.sub("[]", path)
    listed = create_only_paths(token)
    return any(
        plain == entry or plain.startswith((entry + ".", entry + "["))
        for entry in listed
    )

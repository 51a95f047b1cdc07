"""What Azure demands of tags, for resources in general and for the pickier ones.

All of it is on one page; a component whose resources share their tags must keep the
tightest of their limits.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook.findings import Finding, joined

TAGS_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"
)

FORBIDDEN_CHARACTERS = r"<>%&\?/"
"""What no tag name may hold (``TAGS_PAGE``)."""

# ASCII from '!' to '~', without parentheses.
_PLAIN_NAME = r"(?![0-9])[!-'*-~]+"

LONGEST_VALUE = 256
"""Characters of a tag's value (``TAGS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class TagLimits:
    """What one kind of resource demands (``TAGS_PAGE``)."""

    title: str
    most: int = 50
    """Tags on one resource."""
    longest_name: int = 512
    """Characters of a tag's name."""
    plain_names: bool = False
    """Whether names with spaces, parentheses, characters beyond ASCII or a digit at
    the beginning are refused."""


RESOURCES = TagLimits(title="resources")
STORAGE_ACCOUNTS = TagLimits(title="storage accounts", longest_name=128)
PRIVATE_DNS_ZONES = TagLimits(title="private DNS zones", most=15, plain_names=True)


def tag_findings(
    tags: Mapping[str, object], limits: Iterable[TagLimits], *, path: str = "tags"
) -> list[Finding]:
    """Check tags that are put on resources with all of these ``limits``.

    ``tags``: tag names to values; a value that is not known yet is passed as ''.
    """
    kinds = list(limits)
    fewest = min(kinds, key=lambda kind: kind.most)
    shortest = min(kinds, key=lambda kind: kind.longest_name)
    plain = next((kind for kind in kinds if kind.plain_names), None)
    findings: list[Finding] = []
    if len(tags) > fewest.most:
        findings.append(
            Finding(
                path,
                f"are {len(tags)}; {fewest.title} take at most {fewest.most}, leave "
                f"out {len(tags) - fewest.most} ({TAGS_PAGE})",
            )
        )
    first_spelling: dict[str, str] = {}
    for name, value in tags.items():
        first = first_spelling.setdefault(name.lower(), name)
        fault = (
            _name_fault(name, shortest, plain)
            or _value_fault(value)
            or (f"is '{first}' to Azure, which ignores case" if first != name else "")
        )
        if fault:
            findings.append(Finding(joined(path, name), f"{fault} ({TAGS_PAGE})"))
    return findings


def _name_fault(name: str, shortest: TagLimits, plain: TagLimits | None) -> str:
    """Return what is wrong with a tag's name and what to change, or ''."""
    forbidden = sorted(set(name).intersection(FORBIDDEN_CHARACTERS))
    if not name.strip():
        return f"a tag's name is {name!r}; give it a name"
    if len(name) > shortest.longest_name:
        return (
            f"has a name of {len(name)} characters; {shortest.title} take at most "
            f"{shortest.longest_name}, shorten it"
        )
    if forbidden:
        listed = " ".join(forbidden)
        return f"has {listed} in its name; no tag name may hold one of < > % & \\ ? /"
    if plain is not None and re.fullmatch(_PLAIN_NAME, name) is None:
        return (
            f"has a name that {plain.title} refuse; use no spaces, parentheses or "
            "letters beyond ASCII, and no digit at the beginning"
        )
    return ""


def _value_fault(value: object) -> str:
    """Return what is wrong with a tag's value and what to change, or ''."""
    if not isinstance(value, str):
        return f"{value!r} is not text; write the value in quotes"
    if len(value) > LONGEST_VALUE:
        return (
            f"has a value of {len(value)} characters; at most {LONGEST_VALUE} are "
            "taken, shorten it"
        )
    return ""

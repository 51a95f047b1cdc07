"""The rules as documentation, written from what the rules say about themselves."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from azureml_policies._frame.remedies import FromSetting, Value
from azureml_policies._frame.rules import Rule

_HEAD = (
    "Id",
    "Policy",
    "What must hold",
    "Severity",
    "Level",
    "Judges",
    "Azure Policy",
)


def rules_as_markdown(rules: Iterable[Rule]) -> str:
    """Return a table of ``rules``, then a section per rule."""
    listed = list(rules)
    table = _table(_HEAD, (_row(rule) for rule in listed))
    return "\n\n".join([table, *(_section(rule) for rule in listed)])


def _row(rule: Rule) -> tuple[str, ...]:
    scope = "the stack" if rule.whole_stack else "a resource"
    return (
        rule.id,
        f"[`{rule.name}`](#{rule.id.lower()}-{rule.name})",
        rule.description,
        rule.severity.value,
        rule.level.value,
        scope,
    )


def _section(rule: Rule) -> str:
    """Return all that is said about one rule."""
    parts = [
        f"### {rule.id} {rule.name}",
        f"{rule.description}. Judges {_listed(rule.types) or 'the whole stack'}.",
        f"To mend: {rule.steps}",
    ]
    if rule.remedy:
        changes = (f"{path}: {_change(value)}" for path, value in rule.remedy.items())
        parts.append(f"The level `remediate` sets {_listed(changes)}.")
    if rule.settings:
        parts.append(
            _table(
                ("Setting", "Values", "Default", "Meaning"),
                (_setting(key, schema) for key, schema in rule.settings.items()),
            )
        )
    references = list(_references(rule))
    return "\n\n".join([*parts, "\n".join(references)])


def _change(value: Value | FromSetting) -> str:
    if isinstance(value, FromSetting):
        return f"as {value.key} says"
    return json.dumps(value)


def _setting(key: str, schema: Mapping[str, Any]) -> tuple[str, ...]:
    values = _listed(schema["enum"]) if "enum" in schema else schema["type"]
    default = f"`{json.dumps(schema['default'])}`"
    return (f"`{key}`", values, default, schema["description"])


def _references(rule: Rule) -> Iterator[str]:
    if rule.controls:
        controls = ", ".join(
            f"{control.framework} {control.code}"
            + ("" if control.confirmed else " (our assignment)")
            for control in rule.controls
        )
        yield f"- Serves: {controls}"
    if rule.azure_policies:
        yield f"- Azure Policy: {_listed(rule.azure_policies)}"
    if rule.twins:
        yield f"- Like: {_listed(rule.twins)}"
    yield f"- See: <{rule.url}>"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, tuple("---" for _ in head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

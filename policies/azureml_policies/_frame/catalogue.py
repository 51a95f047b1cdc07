"""The rules as documentation, written from what the rules say about themselves."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from azureml_policies._frame.remedies import (
    Change,
    Dropped,
    EntriesFromSetting,
    FromProperties,
    FromSetting,
)
from azureml_policies._frame.rules import Example, Rule
from azureml_rulebook.azure_policies import azure_policies

AREAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "machine-learning": ("Azure Machine Learning", ("ML",)),
    "storage": ("Storage", ("ST",)),
    "key-vault": ("Key Vault", ("KV",)),
    "container-registry": ("Container Registry", ("CR",)),
    "monitoring": ("Monitoring", ("MN",)),
    "networks": ("Networks and subnets", ("VN",)),
    "security-groups": ("Security groups", ("SG",)),
    "addresses-and-routes": (
        "Addresses, routes, firewalls and machines",
        ("IP", "NI", "RT", "NG", "FW", "VM"),
    ),
    "gateways": ("Bastion, VPN and ExpressRoute", ("BA", "VG", "ER")),
    "private-endpoints": ("Private endpoints and private DNS", ("PE", "DN")),
    "reachability": ("Reachability", ("NR",)),
    "pulumi": ("Pulumi and the pack itself", ("PU",)),
}
"""Page to its title and the sections of the catalogue on it."""
FOLDER = "policies"
"""Where the pages are, beside the page that has the table."""

_HEAD = ("Id", "Policy", "What must hold", "Severity", "Level", "Judges")


def rules_as_table(rules: Iterable[Rule]) -> str:
    """Return a Markdown table of ``rules``, each with a link to its section."""
    return table(_HEAD, (_row(rule) for rule in rules))


def rules_as_pages(rules: Iterable[Rule]) -> dict[str, str]:
    """Return the Markdown page of each area that has rules, by file name."""
    by_page: dict[str, list[Rule]] = {}
    for rule in rules:
        by_page.setdefault(_page(rule), []).append(rule)
    return {page: _as_page(page, listed) for page, listed in by_page.items()}


def _as_page(page: str, rules: Iterable[Rule]) -> str:
    title, _ = AREAS[page.removesuffix(".md")]
    head = f"# Rules: {title}\n\n[All rules](../policies.md#the-rules)"
    return "\n\n".join([head, *(_section(rule) for rule in rules)]) + "\n"


def _page(rule: Rule) -> str:
    section = rule.id.rstrip("0123456789")
    return next(f"{page}.md" for page, (_, known) in AREAS.items() if section in known)


def _row(rule: Rule) -> tuple[str, ...]:
    scope = "the stack" if rule.whole_stack else "a resource"
    return (
        rule.id,
        f"[`{rule.name}`]({FOLDER}/{_page(rule)}#{rule.id.lower()}-{rule.name})",
        rule.description,
        rule.severity.value,
        rule.level.value,
        scope,
    )


def _section(rule: Rule) -> str:
    """Return all that is said about one rule."""
    whole = "the stack as a whole" if rule.whole_stack else "every resource"
    parts = [
        f"## {rule.id} {rule.name}",
        f"{rule.description}. Severity {rule.severity.value}, level "
        f"{rule.level.value}. Judges {_listed(rule.types) or whole}.",
        f"To mend: {rule.steps}",
    ]
    if rule.remedy:
        changes = (f"{path}: {_change(value)}" for path, value in rule.remedy.items())
        where = f" on {_listed(rule.remedied_types)}" if rule.remedied_types else ""
        alone = ", where the resource shows by itself that it is wrong"
        parts.append(
            f"The level `remediate` sets {_listed(changes)}{where}"
            f"{alone if rule.mended_alone else ''}."
        )
    if rule.settings:
        parts.append(
            table(
                ("Setting", "Values", "Default", "Meaning"),
                (_setting(key, schema) for key, schema in rule.settings.items()),
            )
        )
    parts += _examples(rule)
    return "\n\n".join([*parts, "\n".join(_references(rule))])


def _examples(rule: Rule) -> Iterator[str]:
    if rule.example_settings:
        yield f"With the settings `{json.dumps(dict(rule.example_settings))}`:"
    for title, example in (("Reported", rule.bad), ("Accepted", rule.good)):
        if example is None:
            continue
        if rule.of_the_run:
            yield f"{title}:\n\n```json\n{json.dumps(example, indent=2)}\n```"
        else:
            yield f"{title}:\n\n```yaml\n{_program(rule, example)}```"


def _program(rule: Rule, example: Example) -> str:
    """Return an example as the resources of a Pulumi program in YAML."""
    if isinstance(example, Mapping):
        example = [{"type": rule.types[0], "name": "example", "properties": example}]
    resources = {}
    for row in example:
        options = dict(row.get("options", {}))
        if "parent" in options:
            options["parent"] = f"${{{options['parent']}}}"
        if "provider" in options:
            options["provider"] = dict(options["provider"])
        shown = {
            "type": _token(row["type"]),
            "properties": _shown(row.get("properties", {})),
            "options": _shown(options),
        }
        resources[row["name"]] = {key: part for key, part in shown.items() if part}
    return yaml.dump({"resources": resources}, Dumper=_Plain, **_STYLE)


def _token(type_name: str) -> str:
    return type_name if type_name.count(":") > 1 else f"azure-native:{type_name}"


def _shown(value: Any) -> Any:
    match value:
        case {"ref": name, **rest}:
            return f"${{{name}.id}}{rest.get('suffix', '')}"
        case Mapping():
            return {key: _shown(each) for key, each in value.items()}
        case list() | tuple():
            return [_shown(each) for each in value]
    return value


class _Plain(yaml.SafeDumper):
    """Writes a value that occurs twice two times, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_STYLE: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 88}


def _change(value: Change) -> str:
    if isinstance(value, FromSetting):
        return f"as {value.key} says"
    if isinstance(value, FromProperties | EntriesFromSetting):
        return value.says
    if isinstance(value, Dropped):
        return "nothing"
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
        names = (_azure_policy(identifier) for identifier in rule.azure_policies)
        yield f"- Azure Policy: {', '.join(names)}"
    if rule.twins:
        yield f"- Like: {_listed(rule.twins)}"
    yield f"- See: <{rule.url}>"


def _azure_policy(identifier: str) -> str:
    return f"{azure_policies()[identifier].display_name} (`{identifier}`)"


def _listed(items: Iterable[Any]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = (head, tuple("---" for _ in head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

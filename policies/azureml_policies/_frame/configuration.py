"""The pack's configuration: levels and settings per rule, checked before anything runs.

The engine validates values against the rules' schemas but lets misspelt names through;
here both are faults, each with the nearest name that exists.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_policy import EnforcementLevel

from azureml_policies._frame.rules import ON_UNKNOWN, OnUnknown, Rule
from azureml_rulebook.spelling import suggestion

ALL = "all"
UNKNOWN_VALUE = "unknown-security-value"
"""The policy whose ``onUnknown`` counts for all that have none of their own."""
CONFIGURATION_KNOWN = "policy-config-known"
"""The policy whose level says what a fault in the configuration does."""
EXEMPTIONS_VALID = "exemption-valid"
"""The policy that holds the exemptions."""
LEVEL = "enforcementLevel"
_RESERVED = ("environments", "exceptions", "version")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": (int, float),
    "array": list,
    "object": dict,
}


class ConfigurationError(Exception):
    """The configuration has faults; the message lists them all, one a line."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class RuleConfiguration:
    """How one rule is to be run."""

    level: EnforcementLevel
    settings: Mapping[str, Any]

    @property
    def on_unknown(self) -> OnUnknown:
        """What becomes of an undecided answer."""
        return OnUnknown(self.settings[ON_UNKNOWN])


def configure(
    rules: Iterable[Rule],
    levels: Mapping[str, EnforcementLevel],
    settings: Mapping[str, Mapping[str, Any]],
) -> dict[str, RuleConfiguration]:
    """Return the configuration of each rule by its policy name.

    ``levels`` and ``settings`` are by policy name; what they leave out keeps the rule's
    default. Raises ConfigurationError for names and values that do not exist.
    """
    configuration, faults = configure_leniently(rules, levels, settings)
    if faults:
        raise ConfigurationError(faults)
    return configuration


def configure_leniently(
    rules: Iterable[Rule],
    levels: Mapping[str, EnforcementLevel],
    settings: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, RuleConfiguration], list[str]]:
    """Return the configuration of each rule without what is wrong, and the faults."""
    by_name = {rule.name: rule for rule in rules}
    pack_wide = {
        key: value
        for key, value in _sound(by_name, UNKNOWN_VALUE, settings).items()
        if key == ON_UNKNOWN
    }
    configuration = {
        name: RuleConfiguration(
            level=levels.get(name, levels.get(ALL, rule.level)),
            settings=rule.defaults | pack_wide | _sound(by_name, name, settings),
        )
        for name, rule in by_name.items()
    }
    return configuration, _all_faults(by_name, levels, settings)


def _sound(
    by_name: Mapping[str, Rule], name: str, settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the settings of one rule that have no fault."""
    rule = by_name.get(name)
    if rule is None:
        return {}
    return {
        key: value
        for key, value in settings.get(name, {}).items()
        if not any(_faults(rule, {key: value}))
    }


def configure_from_file(
    rules: Iterable[Rule], content: Mapping[str, Any]
) -> dict[str, RuleConfiguration]:
    """Return the configuration that a ``--policy-pack-config`` file holds.

    ``content`` is the parsed JSON, of the plain or the versioned form. Raises
    ConfigurationError like ``configure``, and for levels that do not exist.
    """
    policies = content.get("policies", {}) if "version" in content else content
    levels: dict[str, EnforcementLevel] = {}
    settings: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    if not isinstance(policies, dict):
        raise ConfigurationError(["policies: not an object; write {policy: level}"])
    for name, value in policies.items():
        if name in _RESERVED:
            continue
        given = {LEVEL: value} if isinstance(value, str) else value
        if not isinstance(given, dict):
            faults.append(f"{name}: {value!r}; give a level or an object")
            continue
        settings[name] = {key: item for key, item in given.items() if key != LEVEL}
        level = given.get(LEVEL)
        if level is None:
            continue
        try:
            levels[name] = EnforcementLevel(level)
        except ValueError:
            known = [choice.value for choice in EnforcementLevel]
            faults.append(
                f"{name}: '{level}' is not a level; {suggestion(str(level), known)}"
            )
    by_name = {rule.name: rule for rule in rules}
    faults += _all_faults(by_name, levels, settings)
    if faults:
        raise ConfigurationError(faults)
    return configure(by_name.values(), levels, settings)


def _all_faults(
    by_name: Mapping[str, Rule],
    levels: Mapping[str, EnforcementLevel],
    settings: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    faults = [
        f"{name}: there is no such policy; {_meant(name, by_name)}"
        for name in sorted({*levels, *settings})
        if name not in by_name and name != ALL
    ]
    if settings.get(ALL):
        faults.append(
            f"{ALL}: {', '.join(sorted(settings[ALL]))}; '{ALL}' sets levels only: "
            "name the policy that the property belongs to"
        )
    for name, rule in by_name.items():
        faults += _faults(rule, settings.get(name, {}))
    return faults


def _meant(name: str, by_name: Mapping[str, Rule]) -> str:
    """Return which policy was meant: the one of that id, or of the nearest name."""
    by_id = {rule.id: rule.name for rule in by_name.values()}
    if name.upper() in by_id:
        return f"did you mean '{by_id[name.upper()]}'?"
    return suggestion(name, by_name)


def _faults(rule: Rule, given: Mapping[str, Any]) -> Iterator[str]:
    schema = rule.schema
    for key, value in given.items():
        where = f"{rule.name}.{key}"
        if key not in schema:
            known = (*schema, LEVEL)
            yield f"{where}: there is no such property; {suggestion(key, known)}"
            continue
        yield from _value_faults(where, value, schema[key])


def _value_faults(where: str, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    wanted = schema["type"]
    if not isinstance(value, _TYPES[wanted]) or (
        isinstance(value, bool) and wanted in ("number", "integer")
    ):
        yield f"{where}: {value!r} is not of type {wanted}"
    elif "enum" in schema and value not in schema["enum"]:
        known = [str(choice) for choice in schema["enum"]]
        yield f"{where}: {value!r} is not allowed; {suggestion(str(value), known)}"
    elif wanted == "integer" and value != value // 1:
        yield f"{where}: {_shown(value)} is not a whole number"
    elif "minimum" in schema and not value >= schema["minimum"]:
        yield f"{where}: {_shown(value)} is not {schema['minimum']} or more"
    elif "maximum" in schema and not value <= schema["maximum"]:
        yield f"{where}: {_shown(value)} is not {schema['maximum']} or less"
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _value_faults(f"{where}[{index}]", element, schema["items"])


def _shown(number: float) -> str:
    """Return a number; a file may hold one that is too large for a float."""
    try:
        return f"{number:g}"
    except OverflowError:
        return "a number too large"

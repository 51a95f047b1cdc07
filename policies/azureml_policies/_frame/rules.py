"""One rule: a small named function, with everything that is said about it beside it.

``resource_rule`` and ``stack_rule`` turn a function into a ``Rule``. The function gets
the resource that it judges and a ``Context``, and yields findings; its docstring's
first line is the rule's description.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame.findings import Finding
from azureml_policies._frame.remedies import Remedy
from azureml_policies._frame.resources import Resource, Stack

if TYPE_CHECKING:
    from azureml_policies._frame.run import Run

ON_UNKNOWN = "onUnknown"


class OnUnknown(StrEnum):
    """What becomes of an undecided answer."""

    VIOLATION = "violation"
    """Reported at the rule's own level."""
    ADVISORY = "advisory"
    """Reported, but never fails the run."""
    IGNORE = "ignore"
    """Not reported by the engine; the verdict file has it."""


_ON_UNKNOWN_SCHEMA: dict[str, Any] = {
    "type": "string",
    "enum": [choice.value for choice in OnUnknown],
    "default": OnUnknown.VIOLATION.value,
    "description": "What to do where the rule cannot tell: report it at the rule's own "
    "level, as an advisory, or not at all",
}


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a compliance framework that a rule serves."""

    framework: str
    code: str
    confirmed: bool = True
    """False where the assignment is this pack's own and not the framework's."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at besides the resource it judges."""

    settings: Mapping[str, Any]
    """The rule's configuration, defaults filled in."""
    stack: Stack
    """All resources; for a resource rule an empty stack, as it runs before the rest of
    the stack is known."""
    run: "Run"
    """What the frame knows about the run itself."""


Check = Callable[[Resource, Context], Iterator[Finding]]
Example = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Resources that show a rule at work, as the documentation prints them.

A mapping is the inputs of one resource of the rule's first type. A sequence is a small
stack of ``{"type": "network:Subnet", "name": "training", "properties": {…}}``. Therein
``{"ref": "training", "suffix": "/x"}`` stands for the id of the resource of that name
(``suffix`` is optional), and ``options`` beside ``properties`` may hold ``protect``,
``ignoreChanges``, ``parent`` (a name) and ``provider`` (the provider's properties).
A rule on the pack itself shows a configuration instead, policy name to its settings.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """A rule and all that is said about it."""

    id: str
    """``ML001``"""
    name: str
    """The policy's name in the engine's output and in the configuration."""
    description: str
    """One sentence: what must hold."""
    level: EnforcementLevel
    severity: Severity
    types: tuple[str, ...]
    """The types it judges, as ``module:Resource``. Without any, a resource rule judges
    every resource, and a stack rule the stack as a whole."""
    whole_stack: bool
    """False: judges a resource by itself, before it is created. True: judges it by
    what else the stack holds, when all of it is known."""
    check: Check
    steps: str
    """What to do about a violation."""
    url: str
    """Azure's page on the subject."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The rule's own configuration: property to JSON schema, each with a default."""
    remedy: Remedy = field(default_factory=dict)
    """What the level ``remediate`` sets on a resource that violates the rule."""
    remedied_types: tuple[str, ...] = ()
    """Those of ``types`` that the remedy is for; without any, all of them."""
    mended_alone: Check | None = None
    """Of a stack rule with a remedy: finds in a resource by itself what the remedy
    mends. The engine asks for remedies before the rest of the stack is known."""
    controls: tuple[Control, ...] = ()
    azure_policies: tuple[str, ...] = ()
    """Ids of the built-in Azure Policy definitions that ask for the same."""
    twins: tuple[str, ...] = ()
    """Rules of other scanners on the same subject."""
    bad: Example | None = None
    """What the rule reports."""
    good: Example | None = None
    """The same, mended: what the rule accepts."""
    every_resource: bool = False
    """A stack rule without types that judges every resource, of whatever type, instead
    of the stack as a whole."""
    asked_last: bool = False
    """Asked after the other rules, as it looks at what they have read."""
    of_the_run: bool = False
    """A stack rule on the pack itself: its configuration, and what the others said. It
    is asked after them, and cannot be exempted."""
    example_settings: Mapping[str, Any] = field(default_factory=dict)
    """The configuration under which both examples are judged."""

    @property
    def schema(self) -> dict[str, dict[str, Any]]:
        """The configuration schema, with the property that every rule has."""
        own = {key: dict(value) for key, value in self.settings.items()}
        return own | {ON_UNKNOWN: dict(_ON_UNKNOWN_SCHEMA)}

    @property
    def defaults(self) -> dict[str, Any]:
        """The configuration of a rule that nobody configures."""
        return {key: value["default"] for key, value in self.schema.items()}


def resource_rule(**about: Any) -> Callable[[Check], Rule]:
    """Make a rule that judges one resource by its own properties.

    ``about`` are the fields of ``Rule``; the description comes from the docstring.
    """
    return _rule(whole_stack=False, **about)


def stack_rule(**about: Any) -> Callable[[Check], Rule]:
    """Make a rule that judges each resource of its types within the whole stack.

    ``about`` are the fields of ``Rule``; the description comes from the docstring.
    """
    return _rule(whole_stack=True, **about)


def _rule(**about: Any) -> Callable[[Check], Rule]:
    def decorate(check: Check) -> Rule:
        first_line = (check.__doc__ or "").strip().partition("\n")[0]
        return Rule(check=check, description=first_line.rstrip("."), **about)

    return decorate


def rules_of(*modules: ModuleType) -> tuple[Rule, ...]:
    """Return every rule that ``modules`` define: by section, as the modules first
    have one of its rules, and therein by number.

    Raises ValueError if two of them share an id or a name.
    """
    rules = tuple(
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Rule)
    )
    for attribute in ("id", "name"):
        seen: set[str] = set()
        for rule in rules:
            value = getattr(rule, attribute)
            if value in seen:
                raise ValueError(f"two rules have the {attribute} '{value}'")
            seen.add(value)
    sections = list(dict.fromkeys(_section(rule) for rule in rules))
    return tuple(sorted(rules, key=lambda r: (sections.index(_section(r)), r.id)))


def _section(rule: Rule) -> str:
    return rule.id.rstrip("0123456789")

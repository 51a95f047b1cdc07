"""Reads a component's plain inputs and collects everything that is wrong with them.

Inputs come from Python programs with any type in any place, and through the plugin
host with floats for integers and Outputs for secrets. A reader turns them into what
the component computes with, and raises once, with all findings together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from inspect import isawaitable
from typing import Any, TypeVar, cast

import pulumi

from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.resource_ids import resource_id_findings
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.tags import TagLimits, tag_findings

Choice = TypeVar("Choice", bound=StrEnum)

_KNOWN_LATER = (
    "is known only after deployment, or secret; it decides what is made, give a plain "
    "value"
)
_MAKE_SECRET = (
    "set it with 'pulumi config set --secret NAME' and give "
    "Config().require_secret('NAME')"
)
_PLAIN_SECRET = (
    "is plain text, which the state would keep readable; give a secret: "
    f"{_MAKE_SECRET}, or wrap it with Output.secret"
)


class InputError(ValueError):
    """The inputs of a component cannot be used; one line for each finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        """Every finding, with its path."""
        super().__init__("\n".join(str(finding) for finding in self.findings))


def is_known_later(value: object) -> bool:
    """Whether ``value`` can only be looked at after deployment."""
    return isinstance(value, pulumi.Output) or isawaitable(value)


def holds_later_values(value: object) -> bool:
    """Whether ``value`` is known only later, or anything within it is."""
    if isinstance(value, Mapping):
        pairs = cast(Mapping[object, object], value).items()
        return any(holds_later_values(part) for pair in pairs for part in pair)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(map(holds_later_values, cast(Sequence[object], value)))
    return is_known_later(value)


def _is_left_out(value: object) -> bool:
    """Whether ``value`` is none, or a blank text, which says as little."""
    return value is None or (isinstance(value, str) and not value.strip())


def findings_of(plan: Callable[[], object]) -> tuple[Finding, ...]:
    """Return everything that ``plan`` finds wrong with a component's inputs."""
    try:
        plan()
    except InputError as error:
        return error.findings
    return ()


class InputReader:
    """Reads plain values out of one object of inputs.

    Every method returns a usable value: the one that was given, or ``default`` after
    noting a finding, so that reading goes on and all faults are found in one run.
    """

    def __init__(
        self,
        values: object,
        known: type,
        *,
        path: str = "",
        findings: list[Finding] | None = None,
    ) -> None:
        """Begin to read ``values``, whose keys are those of the TypedDict ``known``.

        Unknown keys are noted at once. ``findings`` is the list to note faults in; a
        nested reader shares its parent's.
        """
        self.path = path
        self.findings: list[Finding] = [] if findings is None else findings
        self._values: Mapping[str, Any] = {}
        self._is_object = isinstance(values, Mapping)
        if isinstance(values, Mapping):
            self._values = cast(Mapping[str, Any], values)
            self._note_unknown_keys(list(known.__annotations__))
        else:
            self._note("", values, f"an object with {', '.join(known.__annotations__)}")

    def nested(self, key: str, known: type) -> "InputReader":
        """Return a reader of the object at ``key``, empty if there is none."""
        value = self._get(key)
        return InputReader(
            {} if value is None else value,
            known,
            path=joined(self.path, key),
            findings=self.findings,
        )

    def each(self, key: str, known: type) -> dict[str, "InputReader"]:
        """Return a reader for every object of the mapping at ``key``, by its key.

        The mapping is required, and must not be empty.
        """
        readers = self.each_optional(key, known)
        if not readers and isinstance(self._get(key, required=True), Mapping):
            self.note(key, "is empty; give at least one")
        return readers

    def each_optional(self, key: str, known: type) -> dict[str, "InputReader"]:
        """Return the readers of a mapping that may be empty or left out."""
        value = self._get(key)
        if not isinstance(value, Mapping):
            if value is not None:
                self._note(key, value, "a mapping from names to objects")
            return {}
        return {
            str(name): InputReader(
                item,
                known,
                path=joined(self.path, key, str(name)),
                findings=self.findings,
            )
            for name, item in cast(Mapping[Any, Any], value).items()
            if not self._notes_later_name(key, name)
        }

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; required and not blank if there is no ``default``."""
        value = self._get(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str):
            self._note(key, value, "text")
            return default or ""
        if default is None and not value.strip():
            self.note(key, "is blank; give a text")
            return ""
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None if it is blank or was left out."""
        value = self.text(key, "")
        return value if value.strip() else None

    def optional_input(self, key: str) -> pulumi.Input[str] | None:
        """Return a text that may be known only later, or None as ``optional_text``."""
        value = self._values.get(key)
        return value if is_known_later(value) else self.optional_text(key)

    def secret(self, key: str, *, required: bool = False) -> pulumi.Output[str] | None:
        """Return a secret; None if it was left out, or after a finding.

        Plain text is refused, since the state keeps a component's inputs readable. No
        message tells the value.
        """
        value = self._values.get(key)
        if is_known_later(value):
            return pulumi.Output.secret(cast(pulumi.Input[str], value))
        if not _is_left_out(value):
            self.note(key, _PLAIN_SECRET)
        elif required:
            self.note_missing(key, f"is required and not set; {_MAKE_SECRET}")
        return None

    def resource_id(
        self, key: str, resource_type: str, *, required: bool = False
    ) -> pulumi.Input[str] | None:
        """Return the id of a resource, perhaps known only later; None if left out.

        A plain one must have the form of the ids of ``resource_type``.
        """
        value = self.optional_input(key)
        if required and not self.has(key):
            self.note_missing(key)
        if isinstance(value, str):
            self.findings += resource_id_findings(
                value, resource_type, path=joined(self.path, key)
            )
        return value

    def resource_ids(
        self, key: str, resource_type: str
    ) -> tuple[pulumi.Input[str], ...]:
        """Return a list of ids, each perhaps known only later; empty if left out.

        Plain ones must have the form of the ids of ``resource_type``, and none may be
        there twice.
        """
        ids = self.input_texts(key)
        first: dict[str, str] = {}
        for index, item in enumerate(ids):
            if is_known_later(item):
                continue
            path = f"{joined(self.path, key)}[{index}]"
            self.findings += resource_id_findings(item, resource_type, path=path)
            other = first.setdefault(str(item).lower(), path)
            if other != path:
                self.note(
                    f"{key}[{index}]", f"'{item}' is {other} already; leave it out"
                )
        return ids

    def integer(self, key: str, default: int) -> int:
        """Return a whole number; also from a float, as the plugin host sends it."""
        value = self.optional_integer(key)
        return default if value is None else value

    def optional_integer(self, key: str) -> int | None:
        """Return a whole number, or None if it was left out or is none."""
        value = self._get(key)
        if value is None:
            return None
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole or (isinstance(value, float) and value.is_integer()):
            return int(value)
        self._note(key, value, "a whole number")
        return None

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._note(key, value, "true or false")
            return default
        return value

    def choice(self, key: str, default: Choice) -> Choice:
        """Return one of the members of ``default``'s enum, given as member or text."""
        value = self._get(key)
        if value is None:
            return default
        kind = type(default)
        members = [str(member) for member in kind]
        if isinstance(value, str) and value in members:
            return kind(value)
        if holds_later_values(value):
            self.note(key, _KNOWN_LATER)
            return default
        shown = repr(value) if not isinstance(value, str) else f"'{value}'"
        self.note(key, f"{shown} is not allowed; {suggestion(str(value), members)}")
        return default

    def texts(
        self, key: str, default: Sequence[str] | None = None
    ) -> tuple[object, ...]:
        """Return a list; required and not empty if there is no ``default``.

        A single text is not taken for a list of its letters. Items that are known only
        later are noted, and make the list count as left out; otherwise the items are
        not looked at: whoever reads them says what is wrong with each.
        """
        items = self._items(key, default)
        later = [index for index, item in enumerate(items) if holds_later_values(item)]
        for index in later:
            self.note(f"{key}[{index}]", _KNOWN_LATER)
        return tuple(default or ()) if later else items

    def input_texts(self, key: str) -> tuple[pulumi.Input[str], ...]:
        """Return a list of texts, each perhaps known only later; empty if left out."""
        return cast(tuple[pulumi.Input[str], ...], self._items(key, ()))

    def inputs(self, key: str) -> Mapping[str, pulumi.Input[str]]:
        """Return a mapping whose values may be Outputs, empty if left out."""
        value = self._get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._note(key, value, "a mapping from names to texts")
            return {}
        return {
            str(name): item
            for name, item in cast(Mapping[Any, pulumi.Input[str]], value).items()
            if not self._notes_later_name(key, name)
        }

    def required_inputs(
        self, key: str
    ) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """Return a required mapping like ``inputs``, perhaps known only later.

        None after a finding.
        """
        value = self._values.get(key)
        if isinstance(value, Mapping) or is_known_later(value):
            return cast(pulumi.Input[Mapping[str, pulumi.Input[str]]], value)
        self.require(key, Mapping)
        return None

    def check_tags(self, limits: Iterable[TagLimits], key: str = "tags") -> None:
        """Note what is wrong with the tags for resources with these limits."""
        tags: dict[str, object] = {}
        for name, value in self.inputs(key).items():
            later = holds_later_values(value)
            tags[name] = "" if later else value
            if later and not is_known_later(value):
                self.note(
                    joined(key, name),
                    "is no text, and has values known only later within; write a "
                    "text, or one that is known later as a whole",
                )
        self.findings += tag_findings(tags, limits, path=joined(self.path, key))

    def is_false(self, key: str) -> bool:
        """Whether an input says no, which is the same as leaving it out."""
        return self._values.get(key) is False

    def is_empty(self, key: str) -> bool:
        """Whether there is a list or a mapping at ``key`` with nothing in it."""
        value = self._values.get(key)
        return isinstance(value, list | tuple | Mapping) and not value

    def has(self, key: str) -> bool:
        """Whether there is anything at ``key``; a blank text counts as left out."""
        return not _is_left_out(self._values.get(key))

    def require(self, key: str, kind: type = str) -> None:
        """Note a finding if an input, perhaps an Output, is missing or no ``kind``."""
        value = self._values.get(key)
        if _is_left_out(value):
            if self._is_object:
                self.note(key, "is required and not set")
        elif not isinstance(value, kind) and not is_known_later(value):
            self._note(key, value, "text" if kind is str else "a mapping")

    def note(self, key: str, message: str) -> None:
        """Note a finding at ``key``."""
        self.findings.append(Finding(joined(self.path, key), message))

    def note_missing(self, key: str, message: str = "is required and not set") -> None:
        """Note what is missing, unless there is no object to look for it in."""
        if self._is_object:
            self.note(key, message)

    def raise_findings(self) -> None:
        """Raise InputError if anything was noted, each finding once."""
        if self.findings:
            raise InputError(dict.fromkeys(self.findings))

    def _get(self, key: str, *, required: bool = False) -> Any:
        value = self._values.get(key)
        if is_known_later(value):
            self.note(key, _KNOWN_LATER)
            return None
        if value is None and required and self._is_object:
            self.note(key, "is required and not set")
        return value

    def _items(self, key: str, default: Sequence[str] | None) -> tuple[object, ...]:
        value = self._get(key, required=default is None)
        if value is None:
            return tuple(default or ())
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._note(key, value, "a list of texts")
            return tuple(default or ())
        items = tuple(cast(Sequence[object], value))
        if default is None and not items:
            self.note(key, "is an empty list; give at least one item")
        return items

    def _note(self, key: str, value: object, wanted: str) -> None:
        if holds_later_values(value):
            self.note(key, _KNOWN_LATER)
        else:
            self.note(key, f"{value!r} is not {wanted}")

    def _notes_later_name(self, key: str, name: object) -> bool:
        """Note a name in a mapping that is known only later; whether it was one."""
        if not is_known_later(name):
            return False
        self.note(key, f"has a name that {_KNOWN_LATER}")
        return True

    def _note_unknown_keys(self, known: list[str]) -> None:
        for key in cast(Mapping[object, Any], self._values):
            if key not in known and not self._notes_later_name("", key):
                meant = suggestion(str(key), known)
                self.note(str(key), f"is not a known input; {meant}")

"""Checks a resource's inputs against the SDK's types: names, presence, kinds, words.

azure-native itself accepts a property that it does not know and any word for an enum;
Azure would drop the first and refuse the second. Both are refused here, at preview.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator import sdk_source, sdk_types
from emulator.catalogue import ResourceType
from emulator.renamed_inputs import sdk_name
from emulator.responses import API_VERSION
from emulator.sdk_types import (
    Anything,
    FileContent,
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    Property,
    Scalar,
    Shape,
    Words,
)
from emulator.sensitive import quote
from emulator.wire import UNKNOWN, FileValue

# Published words of these are examples only; new ones come with every new machine.
EXAMPLES_ONLY = frozenset({"vmSize", "VirtualMachineSizeTypes"})
_KIND_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_SHOWN_WORDS = 12
_SHOWN_NAMES = 10


@dataclass(frozen=True)
class Problem:
    """Something wrong with the value at a path (`subnets[0].name`).

    `reason` is the whole message, with the path in it. `meant` is the path of the
    property that a misspelt one stands for, or empty: it is not told as missing too.
    """

    path: str
    reason: str
    meant: str = ""


def told_paths(problems: Iterable[Problem]) -> set[str]:
    """The paths that need no further problem."""
    return {path for p in problems for path in (p.path, p.meant) if path}


def sdk_problems(
    resource_type: ResourceType, inputs: Mapping[str, Any]
) -> list[Problem]:
    """Everything that the SDK's types say against these inputs."""
    own = {k: v for k, v in inputs.items() if not _is_bookkeeping(k)}
    walk = _Walk(resource_type.token)
    answered = frozenset(resource_type.outputs)
    return list(walk.properties(resource_type.inputs, own, "", answered))


@dataclass(frozen=True)
class _Walk:
    token: str

    def properties(
        self,
        shapes: Mapping[str, Property],
        value: Mapping[str, Any],
        path: str,
        answered: frozenset[str],
    ) -> Iterator[Problem]:
        """Problems of an object. `answered`: the names in Azure's answer to it."""
        meant = set()
        for name, item in value.items():
            place = f"{path}.{name}" if path else name
            found = shapes.get(name)
            if found is None:
                problem = self._unknown(path, name, shapes, answered)
                if value.get(problem.meant.rpartition(".")[2]) is not None:
                    problem = replace(problem, meant="")
                meant.add(problem.meant)
                yield problem
            elif item is not None:
                yield from self.property(found, item, place)
        for name, found in shapes.items():
            if found.required and value.get(name) is None:
                place = f"{path}.{name}" if path else name
                if place not in meant:
                    yield Problem(place, f"missing required property '{place}'")

    def _unknown(
        self,
        path: str,
        name: str,
        shapes: Mapping[str, Property],
        answered: frozenset[str],
    ) -> Problem:
        """What to say of a property that is no input, by what it may stand for."""
        prefix = f"{path}." if path else ""
        place = prefix + name
        if name in answered:
            reason = f"'{place}' is read-only: Azure sets it; leave it out"
            return Problem(place, reason)
        reason = f"'{place}' is not a property of this type"
        near = sdk_name(self.token, path, name)
        if near not in shapes:
            near = _nearest_word(name, list(shapes))
        if near:
            hint = f"; did you mean '{near}'?"
            return Problem(place, reason + hint, prefix + near)
        names = sorted(shapes)
        more = len(names) - _SHOWN_NAMES
        known = f"; it has {', '.join(names[:_SHOWN_NAMES])}"
        known += f" and {more} more" if more > 0 else ""
        return Problem(place, reason + known)

    def property(self, found: Property, value: Any, path: str) -> Iterator[Problem]:
        if found.constant is not None and value is not UNKNOWN:
            if str(value).lower() != str(found.constant).lower():
                shown = quote(self.token, path, value)
                reason = f"'{path}' must be {found.constant!r}, not {shown}"
                yield Problem(path, reason)
            return
        yield from self.value(found.shape, value, path)

    def value(self, shape: Shape, value: Any, path: str) -> Iterator[Problem]:
        if value is UNKNOWN or value is None:
            return
        match shape:
            case Anything():
                return
            case Scalar(kind=kind):
                if not _is_kind(kind, value):
                    yield self._wrong(path, _KIND_NAMES[kind], value)
            case Words():
                yield from self._words(shape, value, path)
            case ListOf(items=items):
                yield from self._list(items, value, path)
            case MapOf(values=values):
                yield from self._map(values, value, path)
            case ObjectOf():
                if isinstance(value, dict):
                    yield from self.properties(
                        shape.properties, value, path, _answered(shape)
                    )
                else:
                    yield self._wrong(path, f"an object ({shape.type_name})", value)
            case OneOf(options=options):
                yield from self._one_of(options, value, path)
            case FileContent():
                if not isinstance(value, FileValue):
                    yield self._wrong(path, "an asset or archive", value)

    def _words(self, shape: Words, value: Any, path: str) -> Iterator[Problem]:
        if isinstance(value, dict | list):
            yield self._wrong(path, "one of Azure's words", value)
            return
        name = path.rpartition(".")[2]
        if shape.is_open and (name in EXAMPLES_ONLY or shape.name in EXAMPLES_ONLY):
            return
        if str(value).lower() not in {str(word).lower() for word in shape.values}:
            shown = quote(self.token, path, value)
            allowed = _listed(shape.values)
            near = _nearest(str(value), [str(word) for word in shape.values])
            yield Problem(path, f"'{path}' is {shown}, which is not {allowed}{near}")

    def _list(self, items: Shape, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield self._wrong(path, "a list", value)
            return
        for position, item in enumerate(value):
            yield from self.value(items, item, f"{path}[{position}]")

    def _map(self, values: Shape, value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield self._wrong(path, "a map", value)
            return
        for key, item in value.items():
            yield from self.value(values, item, f"{path}.{key}")

    def _one_of(
        self, options: tuple[Shape, ...], value: Any, path: str
    ) -> Iterator[Problem]:
        if isinstance(value, dict):
            constants = list(sdk_types.discriminators(options))
            if any(value.get(c.name) is UNKNOWN for c in constants):
                return
            chosen = sdk_types.variant(options, value)
            if chosen is not None:
                yield from self.properties(
                    chosen.properties, value, path, _answered(chosen)
                )
                return
            if constants:
                yield self._no_variant(constants, value, path)
                return
        tries = [list(self.value(option, value, path)) for option in options]
        yield from min(tries, key=len)

    def _no_variant(
        self, constants: list[Property], value: dict[str, Any], path: str
    ) -> Problem:
        name = constants[0].name
        place = f"{path}.{name}"
        words = tuple(c.constant for c in constants if c.name == name)
        if value.get(name) is None:
            reason = f"missing required property '{place}', {_listed(words)}"
            return Problem(place, reason)
        shown = quote(self.token, place, value[name])
        near = _nearest(str(value[name]), [str(word) for word in words])
        return Problem(
            place, f"'{place}' is {shown}, which is not {_listed(words)}{near}"
        )

    def _wrong(self, path: str, expected: str, value: Any) -> Problem:
        return Problem(
            path,
            f"'{path}' should be {expected}, but is {self._described(path, value)}",
        )

    def _described(self, path: str, value: Any) -> str:
        match value:
            case list():
                return "a list"
            case dict():
                return "an object"
            case FileValue():
                return "an asset or archive"
            case bool():
                return f"{str(value).lower()}"
            case str():
                return f"the text {quote(self.token, path, value)}"
            case _:
                return f"the number {quote(self.token, path, value)}"


def _is_bookkeeping(name: str) -> bool:
    """Whether a key belongs to the provider or the engine and not to the program."""
    return name == API_VERSION or name.startswith("__")


def _is_kind(kind: str, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(words: tuple[object, ...]) -> str:
    shown = ", ".join(str(word) for word in words[:_SHOWN_WORDS])
    more = len(words) - _SHOWN_WORDS
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "")


def _nearest(word: str, known: list[str]) -> str:
    near = _nearest_word(word, known)
    return f"; did you mean '{near}'?" if near else ""


def _nearest_word(word: str, known: list[str]) -> str:
    """The known word most like this one, or an empty text."""
    by_lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else ""


def _answered(shape: ObjectOf) -> frozenset[str]:
    """The names in Azure's answer to an object; none if the SDK has no such answer."""
    answer = ObjectOf(shape.module, "outputs", f"{shape.type_name}Response")
    source = sdk_source.source_file(shape.module, "outputs")
    if source is None or answer.class_name not in source.class_starts:
        return frozenset()
    return frozenset(answer.properties)

"""Azure Policy's language: whether the condition of a definition is true of a request.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule
"""

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.azure_rules.requests import Write
from emulator.renamed_inputs import azure_name

_PARAMETER = re.compile(r"\[parameters\('(\w+)'\)\]", re.I)
_API_VERSION = "[requestcontext().apiversion]"
_SUBJECTS = ("field", "value", "count")
_LATEST = "9999-12-31"
"""azure-native asks with versions later than all that conditions compare with."""


class NotRead(Exception):
    """A condition has an operator or an expression that is not read here."""


def applies(condition: Any, write: Write, parameters: Mapping[str, Any]) -> bool:
    """Whether a condition is true of a request; `parameters` by names in lower case.

    Raises NotRead for what this module does not know, where the answer depends on it.
    """
    return _Request(write, parameters).meets(condition)


def parameter_of(expression: str, parameters: Mapping[str, Any]) -> Any:
    """The value that an expression stands for, if it is one of a parameter."""
    found = _PARAMETER.fullmatch(expression)
    return parameters.get(found.group(1).lower()) if found else expression


class _Request:
    """A request, and the element of a list that a `count` is at."""

    def __init__(
        self,
        write: Write,
        parameters: Mapping[str, Any],
        counted: str = "",
        element: Any = None,
    ) -> None:
        self._write = write
        self._parameters = parameters
        self._type = write.resource_type.path.resource_type
        self._counted = counted.lower()
        self._element = element

    def meets(self, condition: Mapping[str, Any]) -> bool:
        """Whether the request meets a condition, or a combination of them."""
        for word, inner in condition.items():
            match word.lower():
                case "allof":
                    return all(self.meets(each) for each in inner)
                case "anyof":
                    return any(self.meets(each) for each in inner)
                case "not":
                    return not self.meets(inner)
        return self._compared(condition)

    def _compared(self, condition: Mapping[str, Any]) -> bool:
        operator, wanted = next(
            (key, value) for key, value in condition.items() if key not in _SUBJECTS
        )
        compare = _OPERATORS.get(operator.lower())
        if compare is None:
            raise NotRead(operator)
        wanted = self._expression(wanted)
        if "count" in condition:
            return compare(self._count(condition["count"]), wanted)
        if "value" in condition:
            return compare(self._expression(condition["value"]), wanted)
        # Of a list, each element has to meet the condition.
        return all(compare(value, wanted) for value in self._field(condition["field"]))

    def _count(self, counted: Mapping[str, Any]) -> int:
        """How many elements of a list meet a condition."""
        where = counted.get("where")
        if "value" in counted:
            values = self._expression(counted["value"])
            if where is not None and values:
                raise NotRead(str(counted["value"]))
            return len(values)
        name = counted["field"]
        elements = self._field(name)
        if where is None:
            return len(elements)
        about = (self._write, self._parameters, name)
        return sum(_Request(*about, element).meets(where) for element in elements)

    def _expression(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith("["):
            return value
        if value.lower() == _API_VERSION:
            return _LATEST
        found = parameter_of(value, self._parameters)
        if found is value:
            raise NotRead(value)
        return found

    def _field(self, name: str) -> list[Any]:
        """The values of a field: one, or those of all elements of a list."""
        match name.lower():
            case "type":
                return [self._type]
            case "name":
                return [self._write.name]
            case "id":
                return [self._write.id]
        if self._counted and name.lower().startswith(self._counted):
            below = name[len(self._counted) :].strip(".")
            return list(self._at(self._element, below.split(".") if below else [], ""))
        prefix = f"{self._type}/".lower()
        if not name.lower().startswith(prefix):
            if "/" in name:
                return [None]
            return list(self._at(self._write.inputs, [name], ""))
        steps = name[len(prefix) :].split(".")
        return list(self._at(self._write.inputs, steps, ""))

    def _at(self, value: Any, steps: list[str], path: str) -> Iterator[Any]:
        if not steps:
            yield value
            return
        step, *rest = steps
        wanted = step.removesuffix("[*]")
        name, found = self._property(value, wanted, path)
        below = f"{path}.{name}" if path else name
        if not step.endswith("[*]"):
            yield from self._at(found, rest, below)
        elif isinstance(found, list):
            for element in found:
                yield from self._at(element, rest, below)

    def _property(self, value: Any, wanted: str, path: str) -> tuple[str, Any]:
        """A property by Azure's name, at its own level or in `properties`.

        Compared without regard to case; azure-native takes most levels called
        `properties` away.
        """
        if not isinstance(value, Mapping):
            return wanted, None
        token = self._write.resource_type.token
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if azure_name(token, below).lower() == wanted.lower():
                return name, item
        inner = value.get("properties")
        if isinstance(inner, Mapping):
            below = f"{path}.properties" if path else "properties"
            name, item = self._property(inner, wanted, below)
            return f"properties.{name}", item
        return wanted, None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).lower()


def _equal(value: Any, wanted: Any) -> bool:
    return value is not None and _text(value) == _text(wanted)


def _like(value: Any, wanted: Any) -> bool:
    return value is not None and fnmatchcase(_text(value), _text(wanted))


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_equal(each, wanted) for each in value)
    return value is not None and _text(wanted) in _text(value)


def _is_there(value: Any, wanted: Any) -> bool:
    return (value is not None) == (_text(wanted) == "true")


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": _equal,
    "notequals": lambda value, wanted: not _equal(value, wanted),
    "in": lambda value, wanted: any(_equal(value, each) for each in wanted),
    "notin": lambda value, wanted: not any(_equal(value, each) for each in wanted),
    "like": _like,
    "notlike": lambda value, wanted: not _like(value, wanted),
    "contains": _holds,
    "notcontains": lambda value, wanted: not _holds(value, wanted),
    "exists": _is_there,
    "less": lambda value, wanted: _text(value) < _text(wanted),
    "greaterorequals": lambda value, wanted: _text(value) >= _text(wanted),
}

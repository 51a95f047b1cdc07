"""Reads the installed azure-native SDK as text instead of importing it.

Importing one module of the SDK executes every file in it (seconds for `network`).
The generated files are regular enough that a class can be cut out by its first line
and its properties read from their getters, which takes about a millisecond.
"""

import ast
import importlib.util
import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

PACKAGE = "pulumi_azure_native"

_CLASS = re.compile(r"^class (\w+)\b", re.MULTILINE)
_GETTER = re.compile(
    r"@pulumi\.getter(?:\(name=\"(?P<wire>[^\"]+)\"\))?\n"
    r"    def (?P<name>\w+)\(self\) -> (?P<annotation>.+):\n"
    r"(?:        \"\"\"\n(?P<description>(?:.*\n)*?)        \"\"\"\n)?"
)
_DEFAULT = re.compile(
    r"^        if (\w+) is None:\n            \1 = (.+)$", re.MULTILINE
)
_CONSTANT = re.compile(
    r"^        pulumi\.set\(__self__, \"(\w+)\", ('.*'|True|False|-?[\d.]+)\)$",
    re.MULTILINE,
)
_ENUM_MEMBER = re.compile(r"^    \w+ = (.+)$", re.MULTILINE)
_API_VERSION = re.compile(r"Uses Azure REST API version ([\w-]+)\.")


@dataclass(frozen=True)
class SourceProperty:
    """One property of a generated class.

    `wire` is the name on the wire (camel case), `annotation` the Python type as
    written, `default` and `constant` the values that the SDK itself fills in.
    """

    wire: str
    annotation: str
    description: str
    default: object = None
    constant: object = None


@dataclass(frozen=True)
class SourceFile:
    """One generated Python file, with its classes found by their first lines."""

    path: Path
    text: str = field(repr=False)

    @cached_property
    def class_starts(self) -> dict[str, tuple[int, int]]:
        """Class name to the start and end of its text."""
        found = [(m.group(1), m.start()) for m in _CLASS.finditer(self.text)]
        starts = [start for _, start in found] + [len(self.text)]
        return {
            name: (start, starts[position + 1])
            for position, (name, start) in enumerate(found)
        }

    def class_text(self, name: str) -> str:
        """The text of one class; KeyError if the file has no such class."""
        start, end = self.class_starts[name]
        return self.text[start:end]

    def properties(self, class_name: str) -> list[SourceProperty]:
        """The properties of a generated input, output, result or resource class."""
        text = self.class_text(class_name)
        defaults = {name: _literal(value) for name, value in _DEFAULT.findall(text)}
        constants = {name: _literal(value) for name, value in _CONSTANT.findall(text)}
        return [
            SourceProperty(
                wire=match["wire"] or match["name"],
                annotation=match["annotation"],
                description=_dedent(match["description"]),
                default=defaults.get(match["name"]),
                constant=constants.get(match["name"]),
            )
            for match in _GETTER.finditer(text)
        ]

    def enum_values(self, class_name: str) -> tuple[object, ...]:
        """The values of a generated enum class."""
        members = _ENUM_MEMBER.findall(self.class_text(class_name))
        return tuple(_literal(value) for value in members)

    def resource_description(self, class_name: str) -> str:
        """The documentation of a resource, without the list of its API versions."""
        text = self.class_text(class_name)
        found = re.search(r'"""\n(.*?)\n\n', text, re.DOTALL)
        return _dedent(found.group(1)) if found else ""

    def api_version(self) -> str:
        """The Azure API version that the file's own documentation names."""
        match = _API_VERSION.search(self.text)
        return match.group(1) if match else ""


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _dedent(text: str | None) -> str:
    lines = (text or "").splitlines()
    return "\n".join(line.strip() for line in lines).strip()


@cache
def package_directory() -> Path:
    """Where the SDK is installed; found without importing it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(
            f"{PACKAGE} is not installed in this environment: install the project's "
            "requirements (the emulator reads its types from it)"
        )
    return Path(found.origin).parent


@cache
def sdk_version() -> str:
    """The version of the installed SDK."""
    text = (package_directory() / "pulumi-plugin.json").read_text()
    return json.loads(text)["version"]


@cache
def resource_classes() -> dict[str, tuple[str, str]]:
    """Every resource token to its SDK module and class.

    For example `azure-native:network:Subnet` to `("network", "Subnet")`.
    """
    text = (package_directory() / "__init__.py").read_text()
    listed = re.search(r'resource_modules="""\n(.*?)\n"""', text, re.DOTALL)
    if listed is None:
        raise ValueError(f"{PACKAGE}/__init__.py does not list its resources")
    return {
        token: (module["fqn"].removeprefix(f"{PACKAGE}."), name)
        for module in json.loads(listed.group(1))
        for token, name in module["classes"].items()
    }


@cache
def source_file(module: str, stem: str) -> SourceFile | None:
    """The file `stem`.py of an SDK module, or None if there is none."""
    path = package_directory() / module / f"{stem}.py"
    if not path.is_file():
        return None
    return SourceFile(path, path.read_text())


@cache
def module_stems(module: str) -> tuple[str, ...]:
    """The names of all files of an SDK module, without `.py`."""
    return tuple(sorted(p.stem for p in (package_directory() / module).glob("*.py")))


def snake_case(name: str) -> str:
    """`PublicIPAddress` to `public_ip_address`, as the SDK names its files."""
    split = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", split).lower()


def resource_file(module: str, class_name: str) -> SourceFile:
    """The file that defines a resource class."""
    guess = source_file(module, snake_case(class_name))
    if guess is not None:
        return guess
    for stem in module_stems(module):
        candidate = source_file(module, stem)
        if candidate is not None and class_name in candidate.class_starts:
            return candidate
    raise LookupError(f"{PACKAGE}.{module} has no file for {class_name}")

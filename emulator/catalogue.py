"""Every azure-native resource type, put together from the SDK when first asked for."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from emulator import derived_paths, sdk_source, sdk_types
from emulator.known_paths import KNOWN_PATHS
from emulator.resource_paths import PathTemplate
from emulator.sdk_types import Property

_VERSIONED = re.compile(r"^(azure-native:\w+)/v\w+:(\w+)$")
PREFIX = "azure-native:"


@dataclass(frozen=True)
class ResourceType:
    """What the SDK says about one resource type.

    `token` is short (`network:Subnet`). `api_version` is empty for the few types that
    azure-native makes without Resource Manager. `inputs` and `outputs` go by their
    names on the wire; `outputs` is the shape of Azure's answer, without `id`.
    """

    token: str
    module: str
    class_name: str
    api_version: str
    description: str = field(repr=False)
    path: PathTemplate
    inputs: dict[str, Property] = field(repr=False)
    outputs: dict[str, Property] = field(repr=False)

    @property
    def body_inputs(self) -> dict[str, Property]:
        """The inputs that stand in the body: all but the path parameters."""
        path = self.path.parameters
        return {n: p for n, p in self.inputs.items() if n not in path}


class UnknownType(LookupError):
    """The SDK has no such resource type."""


def short_token(token: str) -> str:
    """`azure-native:network/v20240501:Subnet` to `network:Subnet`."""
    versioned = _VERSIONED.match(token)
    plain = f"{versioned.group(1)}:{versioned.group(2)}" if versioned else token
    return plain.removeprefix(PREFIX)


@cache
def find(token: str) -> ResourceType:
    """The type of a token, a versioned one or an alias too; UnknownType if none."""
    short = short_token(token)
    classes = sdk_source.resource_classes()
    if PREFIX + short not in classes:
        short = _aliases().get(short, short)
    if PREFIX + short not in classes:
        near = get_close_matches(PREFIX + short, classes, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownType(f"Resource type {token} not found{hint}")
    return _load(short, *classes[PREFIX + short])


@cache
def _load(short: str, module: str, class_name: str) -> ResourceType:
    source = sdk_source.resource_file(module, class_name)
    stem = source.path.stem
    inputs = sdk_types.ObjectOf(
        module, stem, derived_paths.arguments_class(source)
    ).properties
    outputs = sdk_types.ObjectOf(module, stem, class_name).properties
    return ResourceType(
        token=short,
        module=module,
        class_name=class_name,
        api_version=source.api_version(),
        description=source.resource_description(class_name),
        path=_path(short, module, class_name),
        inputs=inputs,
        outputs=outputs,
    )


def _path(short: str, module: str, class_name: str) -> PathTemplate:
    known = KNOWN_PATHS.get(short)
    if known is not None:
        return PathTemplate(known)
    return PathTemplate(derived_paths.derive_path(module, class_name), derived=True)


_ALIAS = re.compile(r'type_="azure-native:(\w+)(?:/v\w+)?:(\w+)"')


@cache
def _aliases() -> dict[str, str]:
    """Former tokens of types that moved to another module, to the present ones.

    Reads every resource file of the SDK once, and only when a token is unknown.
    """
    found: dict[str, str] = {}
    for token, (module, class_name) in sdk_source.resource_classes().items():
        short = token.removeprefix(PREFIX)
        text = sdk_source.resource_file(module, class_name).text
        for former in {f"{m}:{c}" for m, c in _ALIAS.findall(text)} - {short}:
            found.setdefault(former, short)
    return found


def all_tokens() -> list[str]:
    """Every resource token of the SDK, short."""
    return sorted(t.removeprefix(PREFIX) for t in sdk_source.resource_classes())

"""Path templates for types that nobody wrote down: derived from the SDK's own names.

The SDK's lookup function of a type (`getSubnet`) demands exactly the path parameters,
and the type whose parameters are the same but for the last one is the parent. Names
of collections are the plural of the class name, so they can differ from Azure's; the
number and the order of the parameters are what matters to a program.
"""

import re
from functools import cache

from emulator import sdk_source
from emulator.known_paths import IN_RESOURCE_GROUP
from emulator.resource_paths import SCOPES, SUBSCRIPTION

_LOOKUP = re.compile(r"^def get_\w+_output\((.*?)\) ->", re.DOTALL | re.MULTILINE)
_DEMANDED = re.compile(r"(\w+): pulumi\.Input\[Optional\[(?!Optional\[)")
_ARGUMENT = re.compile(r"__args__\['(\w+)'\] = (\w+)")
_PATH_LIKE = re.compile(r"(Name|Id|Uri|Type|[sS]cope)$|^name$")
_NAMESPACE = re.compile(r"\bMicrosoft\.(\w+)/")

# Modules whose namespace is not their own name.
_NAMESPACES = {
    "applicationinsights": "Insights",
    "monitor": "Insights",
    "privatedns": "Network",
    "dns": "Network",
    "dnsresolver": "Network",
    "trafficmanager": "Network",
    "frontdoor": "Network",
    "managednetwork": "ManagedNetwork",
    "cosmosdb": "DocumentDB",
    "redis": "Cache",
    "redisenterprise": "Cache",
    "mysqldiscovery": "MySQLDiscovery",
}


@cache
def path_parameters(module: str, class_name: str) -> tuple[str, ...]:
    """The inputs of a type that stand in its path, in no particular order."""
    source = sdk_source.resource_file(module, class_name)
    inputs = {p.wire: p for p in source.properties(arguments_class(source))}
    lookup = sdk_source.source_file(module, f"get_{sdk_source.snake_case(class_name)}")
    demanded = _demanded(lookup.text) if lookup else None
    if demanded is not None and demanded <= inputs.keys():
        return tuple(name for name in inputs if name in demanded)
    outputs = {p.wire for p in source.properties(class_name)}
    return tuple(
        name
        for name, found in inputs.items()
        if name not in outputs
        and _PATH_LIKE.search(name)
        and "_builtins.str" in found.annotation
    )


def _demanded(text: str) -> set[str] | None:
    signature = _LOOKUP.search(text)
    if signature is None:
        return None
    wire_names = {python: wire for wire, python in _ARGUMENT.findall(text)}
    return {wire_names[name] for name in _DEMANDED.findall(signature.group(1))}


def arguments_class(source: sdk_source.SourceFile) -> str:
    """The class of a resource file that holds the resource's inputs."""
    return next(name for name in source.class_starts if name.endswith("Args"))


@cache
def _module_classes(module: str) -> tuple[str, ...]:
    return tuple(
        name for mod, name in sdk_source.resource_classes().values() if mod == module
    )


@cache
def _optional_parameters(module: str, class_name: str) -> frozenset[str]:
    source = sdk_source.resource_file(module, class_name)
    return frozenset(
        p.wire
        for p in source.properties(arguments_class(source))
        if "Optional[" in p.annotation
    )


def own_parameter(module: str, class_name: str) -> str | None:
    """The path parameter that names the resource itself.

    azure-native can name it automatically, so it is the one that may be left out.
    """
    parameters = path_parameters(module, class_name)
    optional = _optional_parameters(module, class_name)
    free = [p for p in parameters if p in optional]
    return free[-1] if free else None


def derive_path(module: str, class_name: str) -> str:
    """A path template for a type, from the SDK's names alone."""
    parameters = list(path_parameters(module, class_name))
    scopes = [p for p in parameters if p in SCOPES]
    own = own_parameter(module, class_name)
    chain = _chain(module, class_name)
    collections = "/".join(f"{collection}/{{{name}}}" for collection, name in chain)
    if own is None:
        collections = f"{collections}/{_collection(class_name)}/default".lstrip("/")
    namespace = f"Microsoft.{_namespace(module)}"
    if scopes:
        return f"/{{{scopes[0]}}}/providers/{namespace}/{collections}"
    if "resourceGroupName" in parameters:
        return f"{IN_RESOURCE_GROUP}{namespace}/{collections}"
    subscription = f"/subscriptions/{{{SUBSCRIPTION}}}"
    return f"{subscription}/providers/{namespace}/{collections}"


def _chain(module: str, class_name: str) -> list[tuple[str, str]]:
    """(collection, parameter) from the outermost parent to the resource itself."""
    names = _named_parameters(module, class_name)
    own = own_parameter(module, class_name)
    parents = [n for n in names if n != own]
    own_link = [(_collection(class_name), own)] if own else []
    if not parents:
        return own_link
    for candidate in _module_classes(module):
        if candidate != class_name and set(_named_parameters(module, candidate)) == set(
            parents
        ):
            if own_parameter(module, candidate) in parents:
                return _chain(module, candidate) + own_link
    return [(_plural(_stem(parent)), parent) for parent in parents] + own_link


@cache
def _named_parameters(module: str, class_name: str) -> tuple[str, ...]:
    return tuple(
        p
        for p in path_parameters(module, class_name)
        if p != "resourceGroupName" and p not in SCOPES
    )


def _stem(parameter: str) -> str:
    return parameter.removesuffix("Name") or parameter


def _collection(class_name: str) -> str:
    return _plural(class_name[:1].lower() + class_name[1:])


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word + "s"


@cache
def _namespace(module: str) -> str:
    """The provider namespace: as the module's own texts write it, else its name."""
    if module in _NAMESPACES:
        return _NAMESPACES[module]
    for stem in ("outputs", "_inputs"):
        source = sdk_source.source_file(module, stem)
        for found in _NAMESPACE.findall(source.text if source else ""):
            if found.lower() == module:
                return found
    return module[:1].upper() + module[1:]

"""Rules for what only Pulumi knows: options and provider of a resource, and its type.

What a program tells Pulumi to overlook is nothing that any rule on properties can see.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Unknown,
    Violation,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import ACCOUNT, NETWORK, REGISTRY, VAULT, WORKSPACE
from azureml_policies._resource_types import KNOWN_KEYS

_OPTIONS = "https://www.pulumi.com/docs/iac/concepts/resources/options"
_EVERYTHING = "*"
_STEP = re.compile(r'\["([^"]*)"\]|\[([^\]]*)\]|([^.\[\]]+)')
"""A step of a property path, such as ``rules[*].access`` or ``tags["cost center"]``."""


@stack_rule(
    id="PU001",
    name="ignore-changes-hides-security",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    every_resource=True,
    asked_last=True,
    settings={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "default": [
                "tags",
                "remoteAddressSpace",
                "remoteVirtualNetworkAddressSpace",
            ],
            "description": "Properties that may be in ignoreChanges although rules "
            "look at them: Azure's policies often change tags, and Azure itself keeps "
            "the address spaces of a peering",
        }
    },
    controls=(assigned("GS-3"),),
    steps="Take the property out of ignoreChanges, so that what is changed by hand is "
    "set back, or exempt the resource with owner and expiry.",
    url=f"{_OPTIONS}/ignorechanges/",
    bad=(
        {
            "type": WORKSPACE,
            "name": "workspace",
            "properties": {"publicNetworkAccess": "Disabled"},
            "options": {"ignoreChanges": ["publicNetworkAccess"]},
        },
    ),
    good=(
        {
            "type": WORKSPACE,
            "name": "workspace",
            "properties": {"publicNetworkAccess": "Disabled"},
            "options": {"ignoreChanges": ["friendlyName"]},
        },
    ),
)
def nothing_judged_is_ignored(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """No resource ignores changes of what a rule has judged it by.

    Asked after the other rules, which have read what decides: a property that none of
    them has read may be anything.
    """
    ignored = resource.options.ignore_changes
    if not ignored:
        raise NotApplicable("ignores no changes")
    judged = sorted(resource.paths_read)
    for path in ignored:
        if any(_covers(allowed, path) for allowed in context.settings["allowed"]):
            continue
        hidden = [each for each in judged if _overlap(path, each)]
        if hidden:
            yield Violation(
                path,
                f"ignoreChanges of '{resource.name}' has '{path}', and rules judge "
                f"{', '.join(hidden[:3])}: what is changed there by hand would stay; "
                "take it out",
            )


def _steps(path: str) -> list[str]:
    return [
        next(filter(None, match.groups()), "") for match in _STEP.finditer(path.strip())
    ]


def _overlap(one: str, other: str) -> bool:
    """Whether two property paths have a value in common."""
    pairs = zip(_steps(one), _steps(other), strict=False)
    return all(a == b or _EVERYTHING in (a, b) for a, b in pairs)


def _covers(allowed: str, path: str) -> bool:
    """Whether ``path`` is ``allowed``, or a part of it."""
    pairs = zip_longest(_steps(allowed), _steps(path))
    return all(a is None or a == b for a, b in pairs)


@resource_rule(
    id="PU002",
    name="protect-stateful",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(WORKSPACE, VAULT, ACCOUNT, REGISTRY, NETWORK),
    controls=(assigned("BR-1"),),
    steps="Set the resource option protect, and switch this policy off for "
    "environments that are destroyed and made again.",
    url=f"{_OPTIONS}/protect/",
    bad=({"type": VAULT, "name": "vault", "properties": {}},),
    good=(
        {
            "type": VAULT,
            "name": "vault",
            "properties": {},
            "options": {"protect": True},
        },
    ),
)
def stateful_is_protected(resource: Resource, context: Context) -> Iterator[Finding]:
    """What holds data, or holds the others together, is protected from deletion."""
    if not resource.options.protect:
        yield Violation(
            "",
            f"'{resource.name}' is not protected, so that a mistake in the program "
            "deletes it; set the option protect",
        )


@resource_rule(
    id="PU003",
    name="explicit-provider",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    settings={
        "subscriptionId": {
            "type": "string",
            "default": "",
            "description": "The subscription that the environment is in; empty: it is "
            "not compared",
        },
        "allowDefaultProvider": {
            "type": "boolean",
            "default": False,
            "description": "Resources may use the provider that Pulumi makes by itself "
            "from the stack's configuration",
        },
    },
    controls=(assigned("GS-1"),),
    steps="Make an azure_native.Provider with the environment's subscriptionId, and "
    "name it in the options of the resource or of its component.",
    url=f"{_OPTIONS}/provider/",
    bad=({"type": VAULT, "name": "vault", "properties": {}},),
    good=(
        {
            "type": VAULT,
            "name": "vault",
            "properties": {},
            "options": {
                "provider": {"subscriptionId": "00000000-0000-0000-0000-000000000001"}
            },
        },
    ),
)
def provider_is_explicit(resource: Resource, context: Context) -> Iterator[Finding]:
    """Every resource of Azure is made by a provider that the program names."""
    if not resource.key:
        raise NotApplicable("no resource of azure-native")
    provider = resource.provider
    if not context.settings["allowDefaultProvider"] and (
        not provider.urn or provider.name.partition("_")[0] == "default"
    ):
        yield Violation(
            "",
            f"'{resource.name}' is made by the default provider, which takes whatever "
            "subscription is signed in; name a provider",
        )
    yield from _in_subscription(resource, context.settings["subscriptionId"])


def _in_subscription(resource: Resource, wanted: str) -> Iterator[Finding]:
    if not wanted:
        return
    found = resource.subscription
    match found:
        case Known() if not found.is_any_of((wanted,)):
            yield Violation(
                "",
                f"'{resource.name}' is made in subscription {found.text} by its "
                f"provider; the environment is in '{wanted}'",
            )
        case Absent():
            yield Violation(
                "",
                f"the provider of '{resource.name}' names no subscriptionId; set it to "
                f"'{wanted}'",
            )
        case Unknown():
            yield undecided(found, f"the provider has to be of '{wanted}'")


_WATCHED = [
    "azure",
    "azurerm",
    "azapi",
    "azure-native:authorization",
    "azure-native:applicationinsights",
    "azure-native:compute",
    "azure-native:containerregistry",
    "azure-native:dnsresolver",
    "azure-native:insights",
    "azure-native:keyvault",
    "azure-native:machinelearningservices",
    "azure-native:monitor",
    "azure-native:network",
    "azure-native:operationalinsights",
    "azure-native:privatedns",
    "azure-native:resources",
    "azure-native:storage",
]


@resource_rule(
    id="PU004",
    name="no-unchecked-type",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    settings={
        "watched": {
            "type": "array",
            "items": {"type": "string"},
            "default": _WATCHED,
            "description": "Packages, or modules of a package, all of whose types the "
            "pack has to know",
        },
        "known": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Further types that may be used although no rule judges "
            "them, as `network:ApplicationGateway`, or as the whole type token of "
            "another package",
        },
    },
    controls=(assigned("GS-3"),),
    steps="Use the type of azure-native that the pack knows in its place, or list the "
    "type in `known` after somebody has looked at what it opens.",
    url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    bad=(
        {
            "type": "azure-native:resources:Deployment",
            "name": "template",
            "properties": {},
        },
    ),
    good=({"type": "resources:ResourceGroup", "name": "group", "properties": {}},),
)
def type_is_known(resource: Resource, context: Context) -> Iterator[Finding]:
    """No resource is of a type that would pass every rule by."""
    if not any(_is_of(resource, each) for each in context.settings["watched"]):
        raise NotApplicable("of a package or module that is not watched")
    known = KNOWN_KEYS | context.run.judged_types
    if resource.key in known:
        return
    further = {each.lower() for each in context.settings["known"]}
    if not {resource.key, resource.type.lower()} & further:
        yield Violation(
            "",
            f"'{resource.name}' is a {resource.type}, which no rule of this pack "
            "knows, so that nothing is proved of it; use another type, or list it in "
            "known",
        )


def _is_of(resource: Resource, namespace: str) -> bool:
    """Whether a resource is of a package, or of a module of one."""
    package, _, module = namespace.lower().partition(":")
    if package == "azure-native":
        own = resource.key
        return bool(own) and module in ("", own.partition(":")[0])
    found, _, rest = resource.type.lower().partition(":")
    return found == package and (
        not module or re.split("[:/]", rest, maxsplit=1)[0] == module
    )

"""Rules for tags and regions: who answers for a resource, and where its data is."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    EntriesFromSetting,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    WrongType,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network, network_around, network_at
from azureml_policies._plan import (
    BASTION_HOST,
    ENDPOINT,
    GATEWAY,
    INTERFACE,
    NETWORK,
    SUBNET,
    VAULT,
)
from azureml_policies._resource_types import TAGGED_KEYS

_GLOBAL = "global"
_LOCATION = "location"
_LEARN = "https://learn.microsoft.com/azure"


@resource_rule(
    id="PU007",
    name="required-tags",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(),
    settings={
        "tags": {
            "type": "object",
            "default": {"environment": [], "owner": [], "data-classification": []},
            "description": "Tags that everything has, each with the values that it may "
            "have; an empty list: any",
        }
    },
    controls=(assigned("AM-2"),),
    twins=("psrule:Azure.Resource.UseTags",),
    remedy={
        "tags": EntriesFromSetting(
            "tags",
            lambda tags: {
                name: allowed[0] for name, allowed in tags.items() if len(allowed) == 1
            },
            says="what it has, and each missing one that can have one value only",
        )
    },
    steps="Give the resource, or the component that makes it, the tags that the "
    "configuration names, with one of their values.",
    url=f"{_LEARN}/azure-resource-manager/management/tag-resources",
    bad=({"type": VAULT, "name": "vault", "properties": {"tags": {"team": "ml"}}},),
    good=(
        {
            "type": VAULT,
            "name": "vault",
            "properties": {"tags": {"environment": "prod"}},
        },
    ),
    example_settings={"tags": {"environment": ["prod"]}},
)
def tags_are_set(resource: Resource, context: Context) -> Iterator[Finding]:
    """Everything that takes tags has those of the configuration."""
    wanted: dict[str, Any] = dict(context.settings["tags"])
    tags = resource.value("tags")
    if not wanted:
        raise NotApplicable("no tags are configured")
    if isinstance(tags, Absent) and resource.key not in TAGGED_KEYS:
        raise NotApplicable("not known to take tags")
    if isinstance(tags, Unknown):
        yield undecided(tags, f"it has to hold {', '.join(sorted(wanted))}")
        return
    found = {key.lower(): value for key, value in tags.entries().items()}
    missing: list[str] = []
    for name, allowed in sorted(wanted.items()):
        value = found.get(name.lower(), Absent(f"tags.{name}"))
        if isinstance(value, Absent) or isinstance(value, Known) and value.is_blank:
            missing.append(name)
        elif isinstance(allowed, list) and allowed:
            yield from _one_of_values(value, tuple(map(str, allowed)))
    if missing:
        yield Violation(
            "tags", f"tags lack {', '.join(missing)}; set what the configuration names"
        )


def _one_of_values(
    value: Known | Unknown, allowed: tuple[str, ...]
) -> Iterator[Finding]:
    wanted = " or ".join(f"'{each}'" for each in allowed)
    if isinstance(value, Unknown):
        yield undecided(value, f"it has to be {wanted}")
    elif value.value not in allowed:
        yield Violation(value.path, f"{value.path} is {value.text}; set it to {wanted}")


_SUBNETS_OF: dict[str, str] = {
    ENDPOINT.lower(): "subnet.id",
    BASTION_HOST.lower(): "ipConfigurations",
    GATEWAY.lower(): "ipConfigurations",
    INTERFACE.lower(): "ipConfigurations",
}
"""What has to be in the region of its network, and where it names its subnet."""
_PARTS_OF_SUBNETS: dict[str, str] = {
    "networkSecurityGroup.id": "network:NetworkSecurityGroup",
    "routeTable.id": "network:RouteTable",
    "natGateway.id": "network:NatGateway",
}
"""What a subnet names that has to be in its network's region."""


def _region_example(group_region: str) -> list[dict[str, Any]]:
    network = {"virtualNetworkName": "vnet", "location": "westeurope"}
    group = {"networkSecurityGroupName": "nsg", "location": group_region}
    subnet = {
        "virtualNetworkName": "vnet",
        "subnetName": "training",
        "networkSecurityGroup": {"id": {"ref": "group"}},
    }
    return [
        {"type": NETWORK, "name": "network", "properties": network},
        {
            "type": "network:NetworkSecurityGroup",
            "name": "group",
            "properties": group,
        },
        {"type": SUBNET, "name": "subnet", "properties": subnet},
    ]


@stack_rule(
    id="PU008",
    name="allowed-locations",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(),
    every_resource=True,
    settings={
        "locations": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Regions that resources may be in, besides 'global'; empty: "
            "any",
        }
    },
    controls=(assigned("GS-1"),),
    azure_policies=("e56962a6-4747-49cd-b67b-bf8b01975c4c",),
    twins=("psrule:Azure.Resource.AllowedRegions",),
    steps="Set location to a region of the environment, and that of a network's "
    "endpoints, security groups and route tables to the network's own.",
    url=f"{_LEARN}/governance/policy/samples/built-in-policies",
    bad=_region_example("northeurope"),
    good=_region_example("westeurope"),
)
def location_is_allowed(resource: Resource, context: Context) -> Iterator[Finding]:
    """Everything is in a region of the environment, and with its network."""
    allowed = context.settings["locations"]
    location = resource.value(_LOCATION)
    if allowed and resource.key:
        yield from _one_of(location, allowed)
    stack = context.stack
    if resource.key in _SUBNETS_OF:
        for subnet in _subnet_ids(resource):
            network = _resource_of(stack, network_at(stack, resource, subnet))
            yield from _same_region(resource, network, _LOCATION, stack)
    elif resource.key == SUBNET.lower():
        network = _resource_of(stack, network_around(stack, resource))
        for path in _PARTS_OF_SUBNETS:
            yield from _part(resource, resource.value(path), path, network, stack)
    elif resource.key == NETWORK.lower():
        for subnet in _elements(resource.value("subnets")):
            for path in _PARTS_OF_SUBNETS:
                yield from _part(resource, subnet.at(path), path, resource, stack)


def _one_of(location: Reading, allowed: list[str]) -> Iterator[Finding]:
    listed = ", ".join(f"'{each}'" for each in allowed)
    regions = {_region(each) for each in allowed} | {_GLOBAL}
    match location:
        case Known() if _region(location.value) not in regions:
            yield Violation(
                location.path,
                f"{location.path} is {location.text}; use one of {listed}",
            )
        case Unknown():
            yield undecided(location, f"it has to be one of {listed}")


def _part(
    holder: Resource,
    reading: Reading,
    path: str,
    network: Resource | None,
    stack: Stack,
) -> Iterator[Finding]:
    """Want what a subnet names to be in the region of the network."""
    named = stack.resolve(holder, reading, _PARTS_OF_SUBNETS[path]).certain
    if named is not None:
        yield from _same_region(named, network, reading.path, stack)


def _same_region(
    one: Resource, network: Resource | None, path: str, stack: Stack
) -> Iterator[Finding]:
    if network is None:
        return
    here, there = one.value(_LOCATION), network.value(_LOCATION)
    if isinstance(here, Absent) or isinstance(there, Absent):
        # It is that of the resource group, which is judged itself.
        return
    message = (
        f"'{one.name}' has to be in the region of its network '{network.name}'; set "
        "its location to the network's"
    )
    if isinstance(here, Known) and isinstance(there, Known):
        if _region(here.value) != _region(there.value):
            yield Violation(
                path,
                f"{path}: {here.text} is not {there.text}, and {message}",
            )
        return
    unknown = next((each for each in (here, there) if isinstance(each, Unknown)), None)
    origins = stack.made_from(one, _LOCATION)
    if unknown is None or origins and origins == stack.made_from(network, _LOCATION):
        return
    yield undecided(unknown, message)


def _subnet_ids(resource: Resource) -> Iterator[Reading]:
    path = _SUBNETS_OF[resource.key]
    if path == "subnet.id":
        yield resource.value(path)
        return
    for configuration in _elements(resource.value(path)):
        yield configuration.at("subnet.id")


def _elements(reading: Reading) -> list[Reading]:
    """Return the elements of a list; other rules tell where it is none."""
    if isinstance(reading, Unknown):
        return []
    try:
        return reading.elements()
    except WrongType:
        return []


def _resource_of(stack: Stack, network: Network | Reading | None) -> Resource | None:
    """Return the network of this stack that is meant, if any."""
    if not isinstance(network, Network):
        return None
    return next(
        (each for each in stack.of_type(NETWORK) if each.urn == network.key), None
    )


def _region(value: object) -> str:
    """Return a region as Azure compares it: ``West Europe`` is ``westeurope``."""
    return str(value).replace(" ", "").lower()

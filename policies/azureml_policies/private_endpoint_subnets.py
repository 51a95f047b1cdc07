"""Rules for the subnets of private endpoints, in which nothing else is to live."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._endpoint_examples import (
    endpoint_example,
    service_example,
    subnet_example,
)
from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import (
    COMPUTE,
    ENDPOINT,
    INTERFACE,
    SUBNET,
    WORKSPACE,
)
from azureml_policies._service_subnets import subnet_name

_LEARN = "https://learn.microsoft.com/azure"


def _dedicated_example(cluster_subnet: str) -> list[dict[str, Any]]:
    return [
        subnet_example("endpoints", "laboratory"),
        subnet_example("training", "laboratory"),
        service_example("account"),
        endpoint_example("account", "endpoints", "blob"),
        {
            "type": COMPUTE,
            "name": "cluster",
            "properties": {
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {"subnet": {"id": {"ref": cluster_subnet}}},
                }
            },
        },
    ]


@stack_rule(
    id="PE008",
    name="pe-subnet-dedicated",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ENDPOINT,),
    settings={
        "subnets": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of the subnets that private endpoints may be in; "
            "empty: any in which no compute lives",
        }
    },
    controls=(assigned("NS-1"),),
    steps="Make the endpoint in a subnet for private endpoints, and compute in subnets "
    "of its own, so that security groups can tell the two apart.",
    url=f"{_LEARN}/private-link/disable-private-endpoint-network-policy",
    bad=_dedicated_example("endpoints"),
    good=_dedicated_example("training"),
)
def subnet_is_dedicated(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """A private endpoint is in a subnet for endpoints, where no compute lives."""
    path = "subnet.id"
    stack = context.stack
    reading = endpoint.value(path)
    allowed = context.settings["subnets"]
    if allowed:
        yield from _is_allowed(
            subnet_name(stack, endpoint, reading), path, tuple(allowed)
        )
    own = _subnet_key(stack, endpoint, reading)
    for tenant, place, key in stack.once(_tenants):
        if key is not None and key == own:
            yield Violation(
                path,
                f"'{tenant.name}' lives in the subnet of endpoint '{endpoint.name}'; "
                "move one of them to a subnet of its own",
            )
        elif key is None or own is None:
            unknown = place if key is None else reading
            yield undecided(unknown, f"it must not be the subnet of '{tenant.name}'")


def _is_allowed(
    name: Reading, path: str, allowed: tuple[str, ...]
) -> Iterator[Finding]:
    listed = ", ".join(f"'{each}'" for each in allowed)
    match name:
        case Known() if not name.is_any_of(allowed):
            yield Violation(path, f"{path} is subnet {name.text}; use one of {listed}")
        case Unknown():
            yield undecided(name, f"the subnet has to be one of {listed}")
        case Absent():
            yield Violation(path, f"{path} is missing; use one of {listed}")


def _tenants(stack: Stack) -> list[tuple[Resource, Reading, str | None]]:
    """Return compute and machines' interfaces, each with its subnet's id, and with what
    tells the subnet apart."""
    found = [
        (compute, compute.value("properties.properties.subnet.id"))
        for compute in stack.of_type(COMPUTE)
    ]
    found += [
        (
            workspace,
            workspace.value("serverlessComputeSettings.serverlessComputeCustomSubnet"),
        )
        for workspace in stack.of_type(WORKSPACE)
    ]
    found += [
        (interface, configuration.at("subnet.id"))
        for interface in stack.of_type(INTERFACE)
        for configuration in interface.value("ipConfigurations").elements()
    ]
    return [
        (tenant, place, _subnet_key(stack, tenant, place))
        for tenant, place in found
        if not isinstance(place, Absent) and not getattr(place, "is_blank", False)
    ]


def _subnet_key(stack: Stack, tenant: Resource, reading: Reading) -> str | None:
    """Return what tells a subnet apart; None where it cannot be told."""
    reference = stack.resolve(tenant, reading, SUBNET)
    if reference.certain is not None:
        return reference.certain.urn
    return reference.elsewhere if reference.elsewhere not in ("", "?") else None

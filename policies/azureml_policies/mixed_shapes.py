"""The rule against one thing said in two ways: in a list, and as resources of its own.

Azure replaces the whole list at every update of the resource that holds it, and so
takes away what stands beside it: subnets, rules or routes come and go by turns.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    Resource,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._groups import GROUP, RULE
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._routes import ROUTE, ROUTE_TABLE

_SHAPES = {
    NETWORK.lower(): ("subnets", SUBNET, "virtualNetworkName"),
    GROUP.lower(): ("securityRules", RULE, "networkSecurityGroupName"),
    ROUTE_TABLE.lower(): ("routes", ROUTE, "routeTableName"),
}
"""What holds a list, to the list, the type of what stands beside it, and the property
that names the holder there."""


@stack_rule(
    id="VN018",
    name="inline-and-standalone-mixed",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(NETWORK, GROUP, ROUTE_TABLE),
    steps="Say all subnets, rules or routes in one way: in the list, or each as a "
    "resource of its own with no list at all.",
    url="https://www.pulumi.com/registry/packages/azure-native/api-docs/network/"
    "virtualnetwork/",
    bad=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {
                "virtualNetworkName": "net",
                "subnets": [{"name": "training", "addressPrefix": "10.20.0.0/25"}],
            },
        },
        {
            "type": SUBNET,
            "name": "endpoints",
            "properties": {"virtualNetworkName": "net", "subnetName": "endpoints"},
        },
    ),
    good=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {"virtualNetworkName": "net"},
        },
        {
            "type": SUBNET,
            "name": "endpoints",
            "properties": {"virtualNetworkName": "net", "subnetName": "endpoints"},
        },
    ),
)
def one_shape_only(holder: Resource, context: Context) -> Iterator[Finding]:
    """Subnets, rules and routes stand in a list or by themselves, not both."""
    path, type_name, name_key = _SHAPES[holder.key]
    listed = holder.value(path)
    if isinstance(listed, Absent) or (isinstance(listed, Known) and not listed.value):
        return
    for beside in context.stack.of_type(type_name):
        name = beside.value(name_key)
        reference = context.stack.resolve(beside, name, _type_of(holder))
        if reference.certain is holder:
            if isinstance(listed, Unknown):
                yield undecided(
                    listed, f"it must be empty, as '{beside.name}' is there"
                )
            else:
                yield _mixed(path, listed, type_name, beside.name)
        elif reference.may_be(holder):
            yield undecided(name, f"it must not be '{holder.name}', which has {path}")


def _type_of(holder: Resource) -> str:
    return next(each for each in (NETWORK, GROUP, ROUTE_TABLE) if _is(holder, each))


def _is(holder: Resource, type_name: str) -> bool:
    return holder.key == type_name.lower()


def _mixed(path: str, listed: Known, type_name: str, name: str) -> Violation:
    kind = type_name.partition(":")[2]
    message = f"{path} is {listed.text}, and {kind} '{name}' stands beside it"
    return Violation(path, f"{message}: each update undoes the other; keep one way")

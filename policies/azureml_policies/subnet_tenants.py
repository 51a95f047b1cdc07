"""Rules for what lives in a subnet: endpoints, gateways, and nodes that need addresses.

Who lives in a subnet is read from the stack, so that a subnet is judged by what it is
used for and not by what it is called.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    must_be,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import COMPUTE, ENDPOINT, NETWORK, SUBNET, connections
from azureml_policies._subnets import (
    PlannedSubnet,
    Residents,
    each_subnet,
)
from azureml_rulebook.address_ranges import usable_addresses
from azureml_rulebook.subnets import ENDPOINTS, PURPOSES

ROUTE_TABLE = "network:RouteTable"

_LEARN = "https://learn.microsoft.com/azure"
_SHAPES = (SUBNET, NETWORK)
_MOST_NODES = 1e9
_ENDPOINT_POLICIES = "privateEndpointNetworkPolicies"
_SERVICE_POLICIES = "privateLinkServiceNetworkPolicies"
_GROUPS_ONLY = "NetworkSecurityGroupEnabled"
_SERVICES_BY_GROUP = {
    **dict.fromkeys(
        ("blob", "file", "queue", "table", "dfs", "web"), "Microsoft.Storage"
    ),
    "vault": "Microsoft.KeyVault",
    "registry": "Microsoft.ContainerRegistry",
}
"""Group ids of private endpoints, to the service endpoint that would go past them."""


def _policies_of(subnet: Resource | PlannedSubnet) -> Iterator[Finding]:
    yield from must_be(
        subnet,
        _ENDPOINT_POLICIES,
        _GROUPS_ONLY,
        "Enabled",
        unset="the security group does not filter private endpoints",
    )


def _cluster(nodes: int) -> dict[str, object]:
    """Return a cluster in the subnet ``training`` of an example."""
    properties = {
        "subnet": {"id": {"ref": "training"}},
        "scaleSettings": {"maxNodeCount": nodes},
    }
    about = {"computeType": "AmlCompute", "properties": properties}
    return {"type": COMPUTE, "name": "cpu", "properties": {"properties": about}}


@stack_rule(
    id="VN005",
    name="pe-subnet-network-policies",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_SHAPES,
    settings={
        "everySubnet": {
            "type": "boolean",
            "default": False,
            "description": "Whether subnets without private endpoints are judged too, "
            "so that one that comes is guarded at once; then "
            "privateLinkServiceNetworkPolicies may not be off either",
        }
    },
    controls=(assigned("NS-1"),),
    remedy={_ENDPOINT_POLICIES: _GROUPS_ONLY},
    remedied_types=(SUBNET,),
    mended_alone=lambda subnet, context: _policies_of(subnet),
    steps="Set privateEndpointNetworkPolicies of the subnet to "
    "NetworkSecurityGroupEnabled, or to Enabled where routes are to count too.",
    url=PURPOSES[ENDPOINTS].page,
    bad=(
        {
            "type": SUBNET,
            "name": "endpoints",
            "properties": {"virtualNetworkName": "net", "subnetName": "endpoints"},
        },
        {
            "type": ENDPOINT,
            "name": "workspace-endpoint",
            "properties": {"subnet": {"id": {"ref": "endpoints"}}},
        },
    ),
    good=(
        {
            "type": SUBNET,
            "name": "endpoints",
            "properties": {
                "virtualNetworkName": "net",
                "subnetName": "endpoints",
                "privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled",
            },
        },
        {
            "type": ENDPOINT,
            "name": "workspace-endpoint",
            "properties": {"subnet": {"id": {"ref": "endpoints"}}},
        },
    ),
)
def endpoint_subnet_policies(resource: Resource, context: Context) -> Iterator[Finding]:
    """Security groups filter what reaches private endpoints."""
    residents = context.stack.once(_endpoints)

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        if context.settings["everySubnet"]:
            yield from _policies_of(subnet)
            yield from must_be(subnet, _SERVICE_POLICIES, "Enabled")
            return
        endpoints, perhaps = residents.of(subnet)
        for finding in _policies_of(subnet) if endpoints or perhaps else ():
            if endpoints:
                yield finding
            else:
                message = f"if a private endpoint is in it, {finding.message}"
                yield undecided(perhaps[0], f"{subnet.label}: {message}")

    yield from each_subnet(resource, judge)


def _endpoints(stack: Stack) -> Residents:
    return Residents(stack, ENDPOINT, "subnet.id")


@stack_rule(
    id="VN006",
    name="subnet-no-service-endpoints",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_SHAPES,
    settings={
        "acceptWithPolicy": {
            "type": "boolean",
            "default": False,
            "description": "Accept Microsoft.Storage where a service endpoint policy "
            "keeps it to the accounts that it names: nodes of Azure Machine Learning "
            "need Microsoft's own accounts",
        }
    },
    controls=(assigned("NS-2"),),
    steps="Remove the service from serviceEndpoints: traffic to it would go past the "
    "private endpoint, and past a firewall.",
    url="https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-service-endpoints-overview",
    bad=(
        {
            "type": SUBNET,
            "name": "training",
            "properties": {"serviceEndpoints": [{"service": "Microsoft.KeyVault"}]},
        },
        {
            "type": ENDPOINT,
            "name": "vault-endpoint",
            "properties": {
                "privateLinkServiceConnections": [
                    {"name": "vault", "groupIds": ["vault"]}
                ]
            },
        },
    ),
    good=(
        {"type": SUBNET, "name": "training", "properties": {"serviceEndpoints": []}},
        {
            "type": ENDPOINT,
            "name": "vault-endpoint",
            "properties": {
                "privateLinkServiceConnections": [
                    {"name": "vault", "groupIds": ["vault"]}
                ]
            },
        },
    ),
)
def subnet_without_service_endpoints(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """A service with a private endpoint is reached through it alone."""
    services, unknown = context.stack.once(_services_with_endpoints)
    accepts = context.settings["acceptWithPolicy"]

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        listed = subnet.value("serviceEndpoints")
        elements = [listed] if isinstance(listed, Unknown) else listed.elements()
        for element in elements:
            service = element.at("service")
            if accepts and _is_limited_storage(subnet, service):
                continue
            if isinstance(service, Unknown) and services:
                wanted = f"it must not be {' or '.join(sorted(services))}"
                yield undecided(service, wanted)
            elif isinstance(service, Known):
                yield from _judged_service(service, services, unknown)

    yield from each_subnet(resource, judge)


def _is_limited_storage(subnet: PlannedSubnet, service: Reading) -> bool:
    """Whether a policy limits a service endpoint: only those of storage take one."""
    policies = subnet.value("serviceEndpointPolicies")
    return (
        isinstance(service, Known)
        and service.is_any_of(("Microsoft.Storage", "Microsoft.Storage.Global"))
        and isinstance(policies, Known)
        and bool(policies.value)
    )


def _judged_service(
    service: Known, services: frozenset[str], unknown: Unknown | None
) -> Iterator[Finding]:
    name = str(service.value).removesuffix(".Global").lower()
    if name in {each.lower() for each in services}:
        message = f"{service.path} is {service.text}, which has a private endpoint"
        yield Violation(service.path, f"{message}; remove it")
    elif unknown and name in {each.lower() for each in _SERVICES_BY_GROUP.values()}:
        yield undecided(unknown, f"{service.text} must have no private endpoint")


def _services_with_endpoints(stack: Stack) -> tuple[frozenset[str], Unknown | None]:
    """Return the services that private endpoints lead to, and a group id that may be
    of any."""
    found: set[str] = set()
    unknown = None
    for endpoint in stack.of_type(ENDPOINT):
        for connection in stack.once(connections).of(endpoint):
            unknown = connection.unknown_group or unknown
            for group in connection.groups:
                service = _SERVICES_BY_GROUP.get(group.removesuffix("_secondary"))
                found.update([service] if service else [])
    return frozenset(found), unknown


@stack_rule(
    id="VN017",
    name="compute-subnet-capacity",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_SHAPES,
    settings={
        "headroom": {
            "type": "integer",
            "minimum": 0,
            "default": 2,
            "description": "Addresses that are to stay free, for nodes that are "
            "replaced",
        }
    },
    steps="Give the subnet a larger range, or let its clusters grow to fewer nodes.",
    url=f"{_LEARN}/machine-learning/how-to-secure-training-vnet",
    bad=(
        {
            "type": SUBNET,
            "name": "training",
            "properties": {
                "virtualNetworkName": "net",
                "subnetName": "training",
                "addressPrefix": "10.20.0.0/28",
            },
        },
        _cluster(20),
    ),
    good=(
        {
            "type": SUBNET,
            "name": "training",
            "properties": {
                "virtualNetworkName": "net",
                "subnetName": "training",
                "addressPrefix": "10.20.0.0/25",
            },
        },
        _cluster(20),
    ),
)
def compute_subnet_capacity(resource: Resource, context: Context) -> Iterator[Finding]:
    """A subnet has an address for every node that its compute may grow to."""
    residents = context.stack.once(_computes)

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        computes, perhaps = residents.of(subnet)
        if not computes:
            return
        sizes = [_nodes(each) for each in computes]
        needed = sum(size for size in sizes if isinstance(size, int))
        needed += int(context.settings["headroom"])
        ranges = subnet.ranges
        usable = sum(usable_addresses(network) for _, network in ranges.ipv4)
        unknown = [each for each in sizes if isinstance(each, Unknown)]
        wanted = f"its compute needs {needed} addresses with the headroom"
        if usable < needed and not ranges.unknown:
            message = f"{subnet.label} has {usable} usable addresses and {wanted}"
            yield Violation(
                "addressPrefix", f"{message}; make it larger, or the clusters smaller"
            )
            return
        yield from ranges.unread(wanted)
        for each in (*unknown, *perhaps):
            yield undecided(each, f"{subnet.label} has {usable} usable addresses")

    yield from each_subnet(resource, judge)


def _computes(stack: Stack) -> Residents:
    return Residents(stack, COMPUTE, "properties.properties.subnet.id")


def _nodes(compute: Resource) -> int | Unknown:
    """Return how many addresses a compute takes at most."""
    kind = compute.value("properties.computeType")
    if isinstance(kind, Known) and kind.is_any_of(("ComputeInstance",)):
        return 1
    nodes = compute.value("properties.properties.scaleSettings.maxNodeCount")
    if isinstance(nodes, Known) and isinstance(nodes.value, float):
        # What is no number at all is not larger than 0.
        return int(min(nodes.value, _MOST_NODES)) if nodes.value > 0 else 0
    return nodes if isinstance(nodes, Unknown) else 0

"""Rules for where private endpoints are: in which network, and in which subnet.

The studio looks for the workspace and its storage in one network, and endpoints want
subnets in which nothing else lives.
"""

from collections import defaultdict
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
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._networks import Network, network_of
from azureml_policies._peered_networks import are_peered
from azureml_policies._plan import (
    ACCOUNT,
    REGISTRY,
    VAULT,
    WORKSPACE,
    Connection,
    Target,
    connections,
)
from azureml_policies._workspaces import unless_hub_project

Place = Network | Reading
"""A network, or what cannot be told of one."""
_LEARN = "https://learn.microsoft.com/azure"


def _workspace_example(storage_subnet: str) -> list[dict[str, Any]]:
    return [
        subnet_example("endpoints", "laboratory"),
        subnet_example("elsewhere", "office"),
        service_example("workspace", storageAccount={"ref": "account"}),
        service_example("account"),
        endpoint_example("workspace", "endpoints", "amlworkspace"),
        endpoint_example("account", storage_subnet, "blob"),
    ]


@stack_rule(
    id="PE007",
    name="pe-same-vnet-as-workspace",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    steps="Make the storage account's endpoints in the network of the workspace's "
    "endpoint, and those of the vault and the registry there or in a network that is "
    "peered with it.",
    url=f"{_LEARN}/machine-learning/how-to-enable-studio-virtual-network",
    bad=_workspace_example("elsewhere"),
    good=_workspace_example("endpoints"),
)
def endpoints_near_workspace(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """The endpoints of a workspace's services are in its network, or near it."""
    yield from unless_hub_project(workspace, _far_endpoints(workspace, context))


def _far_endpoints(workspace: Resource, context: Context) -> Iterator[Finding]:
    stack = context.stack
    own = _by_group(stack, Target(workspace))
    if not own:
        raise NotApplicable("the workspace has no endpoint in this stack")
    homes = [network for networks in own.values() for network in networks]
    for path, type_name in (
        ("storageAccount", ACCOUNT),
        ("keyVault", VAULT),
        ("containerRegistry", REGISTRY),
    ):
        target = _service(workspace, path, type_name, stack)
        if target is None:
            continue
        if target.unknown is not None:
            yield undecided(target.unknown, "its endpoints must be near the workspace")
            continue
        places = _by_group(stack, target)
        if path == "storageAccount":
            yield from _all_in_one(path, places, homes)
        else:
            yield from _each_near_one(path, places, homes, stack)


def _service(
    workspace: Resource, path: str, type_name: str, stack: Stack
) -> Target | None:
    """Return the service that a workspace names at ``path``; None without one."""
    reference = stack.resolve(workspace, workspace.value(path), type_name)
    reading = reference.reading
    if reference.certain is not None:
        return Target(reference.certain)
    if isinstance(reading, Absent) or isinstance(reading, Known) and reading.is_blank:
        return None
    unknown = Unknown(path) if reference.elsewhere in ("", "?") else None
    return Target(None, path=path, elsewhere=reference.elsewhere, unknown=unknown)


def _by_group(stack: Stack, target: Target) -> dict[str, list[Place]]:
    """Return the networks of a service's endpoints, by group id.

    An endpoint that may be the service's is in a network that cannot be told.
    """
    places: dict[str, list[Place]] = defaultdict(list)
    certain, perhaps = stack.once(connections).leading_to(target)
    for connection in certain:
        place = network_of(stack, connection.endpoint, "subnet.id")
        for group in _groups(connection):
            places[group].append(place)
    for connection in perhaps:
        for group in _groups(connection):
            if group in places:
                places[group].append(connection.target.reading)
    return places


def _groups(connection: Connection) -> tuple[str, ...]:
    return connection.groups or ("?",)


def _all_in_one(
    path: str,
    places: dict[str, list[Place]],
    homes: list[Place],
) -> Iterator[Finding]:
    """Want one of the workspace's networks to have the endpoints of all groups."""
    if not places:
        return
    for home in homes:
        if isinstance(home, Network) and all(
            _is_in(home, networks) for networks in places.values()
        ):
            return
    message = (
        f"the endpoints of {path} ({', '.join(sorted(places))}) are not all in one "
        f"network with an endpoint of the workspace ({_labels(homes)}), where the "
        "studio looks for them; make them there"
    )
    yield _verdict(path, message, [*homes, *_flat(places)])


def _each_near_one(
    path: str,
    places: dict[str, list[Place]],
    homes: list[Place],
    stack: Stack,
) -> Iterator[Finding]:
    """Want an endpoint in a network of the workspace's, or in one peered with it."""
    if not places:
        return
    found = _flat(places)
    known = [
        (home, place)
        for home in homes
        for place in found
        if isinstance(home, Network) and isinstance(place, Network)
    ]
    joined = [
        home.may_be(place) or are_peered(stack, home, place) for home, place in known
    ]
    if any(each is True for each in joined):
        return
    message = (
        f"the endpoint of {path} is in {_labels(found)}, which is neither the network "
        f"of the workspace's endpoint ({_labels(homes)}) nor peered with it; make it "
        "there, or add a VirtualNetworkPeering"
    )
    left_open = [each for each in joined if not isinstance(each, bool)]
    if not left_open and any(_is_outside(end) for pair in known for end in pair):
        yield Undecided(path, f"a peering may be in another stack: {message}")
        return
    yield _verdict(path, message, [*homes, *found, *left_open])


def _verdict(path: str, message: str, deciding: list[Place]) -> Finding:
    """Return a violation, or what stands in the way of telling."""
    for each in deciding:
        if not isinstance(each, Network):
            return undecided(each, message)
    return Violation(path, message)


def _flat(places: dict[str, list[Place]]) -> list[Place]:
    return [network for networks in places.values() for network in networks]


def _is_in(home: Network, networks: list[Place]) -> bool:
    return any(isinstance(each, Network) and home.may_be(each) for each in networks)


def _is_outside(network: Network) -> bool:
    return not network.key.startswith("urn:")


def _labels(networks: list[Place]) -> str:
    labels = (each.label if isinstance(each, Network) else "?" for each in networks)
    return ", ".join(dict.fromkeys(labels))

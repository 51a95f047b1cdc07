"""The rule that environments are apart.

What counts is what passes, through peerings, gateways that one network lends another,
and firewalls, and not which networks stand beside each other.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Stack,
    Undecided,
    Unknown,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import NETWORK
from azureml_policies._reach import NOTHING, beyond
from azureml_policies._reach_examples import shown_network, shown_peering, shown_subnet
from azureml_policies._stack_topology import judged_topology
from azureml_reachability.missing import Missing
from azureml_reachability.place_names import network as network_place
from azureml_reachability.topology import Network, Topology

_ADVICE = "take the peering or the gateway's connection away, or close the groups"


def _shown(environment: str) -> tuple[dict[str, object], ...]:
    """Return a production network, peered with one of an environment."""
    return (
        shown_network(tags={"environment": "prod"}),
        shown_subnet("training", "10.20.0.0/25"),
        shown_network("other", "10.30.0.0/22", tags={"environment": environment}),
        shown_subnet("tests", "10.30.0.0/25", virtualNetworkName="other"),
        shown_peering("vnet", "other"),
        shown_peering("other", "vnet"),
    )


@stack_rule(
    id="NR009",
    name="reach-env-isolation",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    settings={
        "tag": {
            "type": "string",
            "default": "environment",
            "description": "The tag of networks that names their environment",
        },
        "environments": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "default": {},
            "description": "Environments of networks that have no such tag or are "
            "outside of the stack, by the network's name",
        },
        "shared": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of networks that serve all environments, such as a "
            "hub",
        },
    },
    controls=(assigned("NS-1"),),
    steps="Take the peering away, or name a network that serves all environments in "
    "'shared'.",
    url="https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-peering-overview",
    bad=_shown("test"),
    good=_shown("prod"),
)
def environments_apart(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nothing passes between networks of different environments."""
    topology = judged_topology(context.stack)
    environments = _environments(context, topology)
    shared = {name.lower() for name in context.settings["shared"]}
    judged = False
    for one, other in _joined_pairs(topology):
        if {one.name.lower(), other.name.lower()} & shared:
            continue
        judged = True
        first, second = environments[one], environments[other]
        if isinstance(first, str) and first == second:
            continue
        for source, destination in ((one, other), (other, one)):
            yield from _apart(topology, source, destination, first, second)
    for peering in topology.peerings:
        if isinstance(peering.remote, Missing):
            judged = True
            yield Undecided(
                peering.remote.path,
                f"{peering.remote}: which environment network '{peering.network.name}' "
                "is joined to depends on it; give it a value that the program knows",
            )
    for loose in topology.loose_peerings:
        judged = True
        yield Undecided(
            loose.missing.path,
            f"{loose.missing}: which environments a peering joins depends on it; give "
            "it a value that the program knows",
        )
    if not judged:
        raise NotApplicable("no networks are joined, but those that all share")


def _apart(
    topology: Topology,
    source: Network,
    destination: Network,
    first: str | Missing,
    second: str | Missing,
) -> Iterator[Finding]:
    """Yield a finding if anything passes from one network to another."""
    unknown = next(
        (each for each in (first, second) if isinstance(each, Missing)), None
    )
    for finding in beyond(
        topology,
        network_place(source.name),
        network_place(destination.name),
        NOTHING,
        _ADVICE,
    ):
        if unknown is None:
            yield finding
        else:
            yield Undecided(
                unknown.path,
                f"{unknown}: unless both are of one environment, {finding.message}",
            )


def _environments(context: Context, topology: Topology) -> dict[Network, str | Missing]:
    """Return the environment of each network, or why it is not known."""
    tag = context.settings["tag"]
    given = {
        name.lower(): str(value).strip().lower()
        for name, value in context.settings["environments"].items()
    }
    tagged = _tagged(context.stack, tag)
    found: dict[Network, str | Missing] = {}
    for network in topology.networks:
        names = (network.name.lower(), *(alias.lower() for alias in network.aliases))
        known = next((given[name] for name in names if name in given), None)
        reading = next((tagged[name] for name in names if name in tagged), None)
        found[network] = (
            known
            or reading
            or Missing(network.name, "is outside of the stack: set 'environments'")
        )
    return found


def _tagged(stack: Stack, tag: str) -> dict[str, str | Missing]:
    """Return the environments of networks of the stack, by their Pulumi names."""
    found: dict[str, str | Missing] = {}
    for network in stack.of_type(NETWORK):
        path = f"{network.name}.tags.{tag}"
        tags = network.value("tags")
        match tags if isinstance(tags, Unknown) else tags.at(tag):
            case Known(value=str() as text) if text.strip():
                found[network.name.lower()] = text.strip().lower()
            case Unknown():
                found[network.name.lower()] = Missing(path, "is not known yet")
            case _:
                found[network.name.lower()] = Missing(path, "is missing: set it")
    return found


def _joined_pairs(topology: Topology) -> Iterator[tuple[Network, Network]]:
    """Yield pairs of networks that peerings or gateways join, over however many others.

    Between all other pairs there is no way at all.
    """
    joined: dict[Network, set[Network]] = {each: set() for each in topology.networks}
    for one, other in _links(topology):
        joined.setdefault(one, set()).add(other)
        joined.setdefault(other, set()).add(one)
    order = {network: index for index, network in enumerate(joined)}
    for network, index in order.items():
        if joined[network]:
            for other in _reached(joined, network):
                if order[other] > index and (network.in_plan or other.in_plan):
                    yield network, other


def _links(topology: Topology) -> Iterator[tuple[Network, Network]]:
    for peering in topology.peerings:
        if isinstance(peering.remote, Network):
            yield peering.network, peering.remote
    for gateway in topology.gateways:
        for network in gateway.networks:
            yield gateway.network, network


def _reached(joined: dict[Network, set[Network]], start: Network) -> Iterator[Network]:
    seen = {start}
    waiting = [start]
    while waiting:
        for network in joined[waiting.pop()] - seen:
            seen.add(network)
            waiting.append(network)
            yield network

"""Rules on who reaches private endpoints: all of their clients, and nobody else.

Clients are compute, machines, and the ranges that a configuration names, such as those
of an office or of VPN clients.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Resource,
    Stack,
    Undecided,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._reach import TCP, asked, beyond, reaches_all
from azureml_policies._reach_compute import compute_nodes, unknown_subnets
from azureml_policies._reach_examples import (
    outbound,
    shown_cluster,
    shown_endpoint,
    shown_rule,
    shown_subnet,
)
from azureml_policies._reach_openings import client_ranges, is_named, ranges_in
from azureml_policies._reach_sources import sources_that_may_reach
from azureml_policies._stack_topology import (
    judged_topology,
    place_of,
)
from azureml_reachability.addresses import AddressSet
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import Place, endpoint
from azureml_reachability.ports import PortSet
from azureml_reachability.questions import Verdict
from azureml_reachability.topology import (
    EndpointPolicies,
    Kind,
    Network,
    PrivateEndpoint,
    Subnet,
    Topology,
)

_HTTPS = PortSet.of("443")
_FILES = PortSet.of("445")
_POLICIES_PAGE = (
    "https://learn.microsoft.com/azure/private-link/"
    "disable-private-endpoint-network-policy"
)
_CLIENTS = {
    "clientRanges": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Ranges outside of the stack whose machines use the endpoints, "
        "such as offices and VPN clients: '10.200.0.0/16', or "
        "'amlworkspace: 10.200.0.0/16' for endpoints of one sub-resource",
    }
}
_HTTPS_IN = shown_rule(
    "AllowHttpsInbound",
    100,
    protocol="Tcp",
    sourceAddressPrefix="10.20.0.0/25",
    destinationPortRange="443",
)
_ALL_IN = {**_HTTPS_IN, "sourceAddressPrefix": "VirtualNetwork"}
_LATE_IN = {**_HTTPS_IN, "priority": 4000}
_DENY_IN = {**_ALL_IN, "name": "DenyNetworkInbound", "priority": 3999, "access": "Deny"}
_COMPUTE = shown_cluster(outbound("AllowNetworkOutbound", 100))


@stack_rule(
    id="NR006",
    name="reach-clients-to-pe",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    settings=_CLIENTS,
    steps="Let TCP 443 out of the clients' subnets and into that of the endpoint; "
    "compute also mounts files by TCP 445.",
    url=_POLICIES_PAGE,
    bad=(*_COMPUTE, *shown_endpoint(_DENY_IN, _LATE_IN)),
    good=(*_COMPUTE, *shown_endpoint(_HTTPS_IN)),
)
def clients_reach_endpoints(subject: Resource, context: Context) -> Iterator[Finding]:
    """Compute, machines and clients outside reach the private endpoints."""
    topology = judged_topology(context.stack)
    if not topology.endpoints:
        raise NotApplicable("the stack has no private endpoints")
    services = _Services(topology)
    for place, network, ports_of_files in _inside(context.stack, topology):
        for service in services.for_clients_in(network):
            yield from _served(topology, place, service, ports_of_files)
    for group, place in client_ranges(context, "clientRanges"):
        for endpoints in services.all:
            if not group or group in endpoints[0].group_ids:
                service = _Service(endpoints, near=False)
                yield from _served(topology, place, service, _HTTPS)
    yield from unknown_subnets(compute_nodes(context.stack, topology)[1])


@dataclass(frozen=True, slots=True)
class _Service:
    """A service, as clients of one network reach it."""

    endpoints: list[PrivateEndpoint]
    """Those that serve them."""
    near: bool
    """Whether they stand in the clients' own network."""


class _Services:
    """The services that private endpoints lead to."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self.all = _by_service(topology)
        """The endpoints of each."""
        self._in_network: dict[Network, list[int]] = {}
        """The numbers of those with an endpoint in a network."""
        for number, endpoints in enumerate(self.all):
            for network in {_network(each) for each in endpoints}:
                if network is not None:
                    self._in_network.setdefault(network, []).append(number)
        self._known: dict[Network, list[_Service]] = {}

    def for_clients_in(self, network: Network) -> list[_Service]:
        """Return the services that have to serve the clients of a network.

        Endpoints in the clients' own network are the ones that its names lead to.
        Without one there, those of its peers serve them. Of networks that it is not
        joined to, only endpoints of Azure's services count, and only where its network
        has none at all: an endpoint to a Private Link service is its consumers' own.
        """
        if network not in self._known:
            self._known[network] = list(self._of(network))
        return self._known[network]

    def _of(self, network: Network) -> Iterator[_Service]:
        peers = {
            peering.remote
            for peering in self._topology.peerings_by_network.get(network, ())
            if isinstance(peering.remote, Network)
        }
        has_own = network in self._in_network
        numbers = (
            {
                number
                for each in (network, *peers)
                for number in self._in_network.get(each, ())
            }
            if has_own
            else range(len(self.all))
        )
        for number in sorted(numbers):
            endpoints = self.all[number]
            near = [each for each in endpoints if _network(each) is network]
            serving = near or [
                each
                for each in endpoints
                if _network(each) in peers or not (has_own or _is_consumers_own(each))
            ]
            if serving:
                yield _Service(serving, near=bool(near))


def _by_service(topology: Topology) -> list[list[PrivateEndpoint]]:
    """Return the endpoints of each service: one is enough to reach it.

    Where it is not known what an endpoint leads to, it stands for itself.
    """
    found: dict[object, list[PrivateEndpoint]] = {}
    for each in topology.endpoints:
        key = (each.target, each.group_ids) if each.target else each
        found.setdefault(key, []).append(each)
    return list(found.values())


def _inside(
    stack: Stack, topology: Topology
) -> Iterator[tuple[Place, Network, PortSet]]:
    """Yield the clients of the stack: where they are, and how they read files."""
    for nodes in compute_nodes(stack, topology)[0]:
        yield nodes.place, nodes.subnet.network, _FILES
    machines = {
        each.subnet: True
        for each in topology.interfaces
        if each.kind is Kind.MACHINE and isinstance(each.subnet, Subnet)
    }
    for subnet in machines:
        yield place_of(subnet), subnet.network, _HTTPS


def _served(
    topology: Topology, client: Place, service: _Service, ports_of_files: PortSet
) -> Iterator[Finding]:
    """Yield a finding unless a client reaches the endpoints of a service that are near,
    or one of those that are not."""
    answers: list[list[Finding]] = []
    for each in service.endpoints:
        wanted = [_HTTPS]
        if "file" in each.group_ids and ports_of_files != _HTTPS:
            wanted.append(ports_of_files)
        found = [
            finding
            for ports in wanted
            for finding in reaches_all(
                topology,
                client,
                endpoint(each.name),
                TCP,
                ports,
                f"let TCP {ports} through, from the client's subnet to the endpoint's",
            )
        ]
        if not found and not service.near:
            return
        answers.append(found)
    if service.near:
        for findings in answers:
            yield from findings
    else:
        yield from min(answers, key=lambda each: not isinstance(each[0], Undecided))


def _network(each: PrivateEndpoint) -> Network | None:
    return each.subnet.network if isinstance(each.subnet, Subnet) else None


def _is_consumers_own(each: PrivateEndpoint) -> bool:
    """Say whether an endpoint leads to a Private Link service: it has no sub-resources,
    as all of Azure's own services have."""
    return not each.group_ids and isinstance(each.subnet, Subnet)


@stack_rule(
    id="NR007",
    name="reach-only-clients-to-pe",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    settings={
        **_CLIENTS,
        "clientSubnets": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Further subnets whose machines use the endpoints, by name; "
            "* stands for any text",
        },
    },
    controls=(assigned("NS-1"),),
    steps="Let only the subnets of compute and machines into the endpoints' subnet, "
    "and set its privateEndpointNetworkPolicies to Enabled, so that its group decides.",
    url=_POLICIES_PAGE,
    bad=(
        *_COMPUTE,
        *shown_endpoint(_ALL_IN),
        shown_subnet("general", "10.20.0.160/28"),
    ),
    good=(*_COMPUTE, *shown_endpoint(_HTTPS_IN)),
)
def only_clients_reach_endpoints(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """Nobody but their clients reaches private endpoints."""
    topology = judged_topology(context.stack)
    placed = topology.endpoints_by_subnet
    if not placed:
        raise NotApplicable("the stack has no private endpoints in its subnets")
    patterns = context.settings["clientSubnets"]
    clients = {
        place_of(nodes.subnet) for nodes in compute_nodes(context.stack, topology)[0]
    }
    clients |= {place for place, _, _ in _inside(context.stack, topology)}
    clients |= {place_of(each) for each in topology.subnets if is_named(each, patterns)}
    ranges = ranges_in(context, "clientRanges")
    for subnet in placed:
        yield from _strangers(topology, subnet, clients, ranges)


def _strangers(
    topology: Topology, subnet: Subnet, clients: set[Place], ranges: AddressSet
) -> Iterator[Finding]:
    """Yield who else reaches endpoints in a subnet."""
    policies = subnet.endpoint_policies
    guarded = isinstance(policies, EndpointPolicies) and policies.groups
    allowed = PacketSet.of(sources=ranges)
    advice = "let clients in, and nobody else"
    if not guarded and not isinstance(policies, Missing):
        advice = (
            "set privateEndpointNetworkPolicies to Enabled, and let clients in only"
        )
    for source in sources_that_may_reach(topology, subnet, guarded=guarded):
        if source in clients:
            continue
        for each in topology.endpoints_by_subnet[subnet]:
            found = asked(topology, source, endpoint(each.name))
            if found.verdict is Verdict.BLOCKED or found.possible <= allowed:
                continue
            yield from beyond(topology, source, endpoint(each.name), allowed, advice)
            break

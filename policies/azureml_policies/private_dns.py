"""Rules for private DNS: a zone answers only in the networks that it is linked to.

Without the link a client resolves the public name, and either reaches the public side
or nothing. Links, endpoints and compute are joined as ``_plan`` does.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
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
from azureml_policies._plan import (
    COMPUTE,
    ENDPOINT,
    RESOLVER,
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
    Network,
    network_of,
    zones_of,
)

_PRIVATELINK = "privatelink."
_ANY_ZONE = "?"
"""Stands for a zone that cannot be told, as in ``Reference.elsewhere``."""


@stack_rule(
    id="DN001",
    name="dns-zone-linked",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ZONE, ZONE_GROUP),
    controls=(Control("Microsoft cloud security benchmark", "NS-10", confirmed=False),),
    steps="Add a privatedns.VirtualNetworkLink from the zone to every network with "
    "clients of its names: the endpoints' network, the compute's, and the one that "
    "holds the DNS resolver.",
    url="https://learn.microsoft.com/azure/private-link/private-endpoint-dns",
)
def zone_linked(subject: Resource, context: Context) -> Iterator[Finding]:
    """A private link zone is linked to every network with clients of its names."""
    stack = context.stack
    plan = stack.once(_dns_plan)
    if subject.key == ZONE_GROUP.lower():
        outside = zones_of(stack, subject).outside
        if not outside:
            raise NotApplicable("the zones that it names are judged themselves")
        for name in outside:
            yield from _zone_outside(plan, name)
        return
    name = subject.value("privateZoneName")
    if isinstance(name, Unknown):
        yield undecided(name, "a private link zone must be linked to its networks")
        return
    if not isinstance(name, Known) or not str(name.value).lower().startswith(
        _PRIVATELINK
    ):
        raise NotApplicable("judges private link zones")
    used = subject.urn in plan.users
    if not used and not plan.links[subject.urn] and not plan.open_to(subject.urn):
        yield Violation(
            "",
            f"zone {name.text} is linked to no network, so nobody resolves its names; "
            "add a VirtualNetworkLink, or remove the zone",
        )
    if used:
        yield from _missing_links(plan, subject.urn, name.text)


@dataclass(slots=True)
class _DnsPlan:
    """Zones, their links and their clients; a zone is its URN, or its name outside."""

    links: dict[str, set[Network]] = field(default_factory=lambda: defaultdict(set))
    open_links: dict[str, list[Reading]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Values of links that cannot be told, by zone; ``_ANY_ZONE`` where it is that."""
    users: dict[str, set[Network]] = field(default_factory=lambda: defaultdict(set))
    """Networks of the endpoints that register in a zone."""
    clients: set[Network] = field(default_factory=set)
    """Networks with clients of every zone: compute, DNS resolvers."""
    unknown_clients: list[Reading] = field(default_factory=list)
    unknown_users: dict[str, list[Reading]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def open_to(self, zone: str) -> list[Reading]:
        """Return the values of the links that may be links of ``zone``."""
        return self.open_links[zone] + self.open_links[_ANY_ZONE]


def _dns_plan(stack: Stack) -> _DnsPlan:
    plan = _DnsPlan()
    for link in stack.of_type(ZONE_LINK):
        zone = stack.resolve(link, link.value("privateZoneName"), ZONE)
        network = network_of(stack, link, "virtualNetwork.id")
        key = zone.certain.urn if zone.certain else zone.elsewhere or _ANY_ZONE
        if key == _ANY_ZONE:
            plan.open_links[key].append(zone.reading)
        elif isinstance(network, Network):
            plan.links[key].add(network)
        else:
            plan.open_links[key].append(network)
    for group in stack.of_type(ZONE_GROUP):
        _add_users(stack, group, plan)
    for client, path in (
        *((each, "properties.properties.subnet.id") for each in stack.of_type(COMPUTE)),
        *((each, "virtualNetwork.id") for each in stack.of_type(RESOLVER)),
    ):
        network = network_of(stack, client, path)
        if isinstance(network, Network):
            plan.clients.add(network)
        elif isinstance(network, Unknown):
            plan.unknown_clients.append(network)
    return plan


def _add_users(stack: Stack, group: Resource, plan: _DnsPlan) -> None:
    zones = zones_of(stack, group)
    name = group.value("privateEndpointName")
    endpoint = stack.resolve(group, name, ENDPOINT).certain
    network = network_of(stack, endpoint, "subnet.id") if endpoint else name
    for key in (*(zone.urn for zone in zones.zones), *zones.outside):
        if isinstance(network, Network):
            plan.users[key].add(network)
        else:
            plan.users[key].update(())
            plan.unknown_users[key].append(network)


def _missing_links(plan: _DnsPlan, key: str, label: str) -> Iterator[Finding]:
    """Yield a finding per network with clients that zone ``key`` is not linked to."""
    needed = plan.users[key] | plan.clients
    open_links = plan.open_to(key)
    missing = sorted(needed - plan.links[key], key=lambda network: network.label)
    for network in missing:
        message = (
            f"zone {label} is not linked to network '{network.label}', which has "
            "clients of it; add a VirtualNetworkLink"
        )
        if open_links:
            yield undecided(open_links[0], message)
        else:
            yield Violation("", message)
    for unknown in (*plan.unknown_users[key], *plan.unknown_clients):
        yield undecided(unknown, f"zone {label} must be linked to the network of it")


def _zone_outside(plan: _DnsPlan, name: str) -> Iterator[Finding]:
    """Yield findings for a zone that another stack holds: its links may be there."""
    for finding in _missing_links(plan, name, f"'{name}'"):
        yield Undecided(
            "privateDnsZoneConfigs",
            f"zone '{name}' lies outside of this stack, and so may its links: "
            f"{finding.message}, or judge the stack that holds the zone",
        )

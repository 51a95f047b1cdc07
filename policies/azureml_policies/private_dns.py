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
        yield from _missing_links(plan, subject.urn, str(name.value).lower())


@dataclass(slots=True)
class _DnsPlan:
    """Zones, their links and their clients; a zone is its URN, or its name outside."""

    named: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The zones that endpoints register in, by name."""

    links: dict[str, set[Network]] = field(default_factory=lambda: defaultdict(set))
    open_links: dict[str, list[Reading]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Values of links that cannot be told, by zone; ``_ANY_ZONE`` where it is that."""
    users: dict[str, set[Network]] = field(default_factory=lambda: defaultdict(set))
    """Networks of the endpoints that register in a zone."""
    clients: set[Network] = field(default_factory=set)
    """Networks with clients of every zone name: compute, DNS resolvers. A network takes
    each name once, so one zone of the name has to do."""
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
    names = {zone.urn: zone.value("privateZoneName") for zone in zones.zones}
    for key in (*names, *zones.outside):
        zone_name = names.get(key, Known("", key))
        if isinstance(zone_name, Known):
            plan.named[str(zone_name.value).lower()].add(key)
        if isinstance(network, Network):
            plan.users[key].add(network)
        else:
            plan.users[key].update(())
            plan.unknown_users[key].append(network)


def _missing_links(plan: _DnsPlan, key: str, name: str) -> Iterator[Finding]:
    """Yield a finding per network with clients that ``key``, a zone ``name``, misses.

    The endpoints of the zone need a link to this very zone; other clients need one to
    any zone of the name that is in use.
    """
    for network in _not_in(plan.links[key], plan.users[key]):
        yield _missing(
            plan.open_to(key),
            f"zone '{name}' is not linked to network {network.label}, which has "
            "clients of it; add a VirtualNetworkLink",
        )
    for unknown in plan.unknown_users[key]:
        yield undecided(unknown, f"zone '{name}' must be linked to the network of it")
    yield from _unserved_clients(plan, name)


def _unserved_clients(plan: _DnsPlan, name: str) -> Iterator[Finding]:
    """Yield a finding per network with clients that no zone called ``name`` serves."""
    zones = sorted(plan.named[name])
    served = {network for zone in zones for network in plan.links[zone]}
    # Networks of endpoints are demanded of the zones that these register in.
    demanded = {network for zone in zones for network in plan.users[zone]}
    open_links = [reading for zone in zones for reading in plan.open_to(zone)]
    which, where = f"zone '{name}' is not", ""
    if len(zones) > 1:
        which = f"none of the {len(zones)} zones '{name}' is"
        where = " to one of them"
    for network in _not_in(served | demanded, plan.clients):
        yield _missing(
            open_links,
            f"{which} linked to network {network.label}, which has clients of it; "
            f"add a VirtualNetworkLink{where}",
        )
    for unknown in plan.unknown_clients:
        yield undecided(unknown, f"zone '{name}' must be linked to the network of it")


def _not_in(linked: set[Network], needed: set[Network]) -> list[Network]:
    """Return those of ``needed`` that none of ``linked`` can be."""
    missing = (
        network
        for network in needed
        if not any(network.may_be(other) for other in linked)
    )
    return sorted(missing, key=lambda network: network.label)


def _missing(open_links: list[Reading], message: str) -> Finding:
    if open_links:
        return undecided(open_links[0], message)
    return Violation("", message)


def _zone_outside(plan: _DnsPlan, name: str) -> Iterator[Finding]:
    """Yield findings for a zone that another stack holds: its links may be there."""
    for finding in _missing_links(plan, name, name):
        yield Undecided(
            "privateDnsZoneConfigs",
            f"zone '{name}' lies outside of this stack, and so may its links: "
            f"{finding.message}, or judge the stack that holds the zone",
        )

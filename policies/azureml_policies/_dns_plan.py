"""Which zones a plan's networks are linked to, and which networks need which names."""

from collections import defaultdict
from dataclasses import dataclass, field

from azureml_policies._frame import Known, Reading, Resource, Stack, Unknown
from azureml_policies._networks import Network, network_of
from azureml_policies._plan import (
    COMPUTE,
    ENDPOINT,
    RESOLVER,
    WORKSPACE,
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
    zones_of,
)

ANY_ZONE = "?"
"""Stands for a zone that cannot be told, as in ``Reference.elsewhere``."""
SERVERLESS_SUBNET = "serverlessComputeSettings.serverlessComputeCustomSubnet"


@dataclass(slots=True)
class DnsPlan:
    """Zones, their links and their clients; a zone is its URN, or its name outside."""

    named: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The zones that endpoints register in, by name."""

    links: dict[str, set[Network]] = field(default_factory=lambda: defaultdict(set))
    open_links: dict[str, list[Reading]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Values of links that cannot be told, by zone; ``ANY_ZONE`` where it is that."""
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
        return self.open_links[zone] + self.open_links[ANY_ZONE]


def dns_plan(stack: Stack) -> DnsPlan:
    """Return what ``stack`` says of names; ask through ``stack.once``."""
    plan = DnsPlan()
    for link in stack.of_type(ZONE_LINK):
        zone = stack.resolve(link, link.value("privateZoneName"), ZONE)
        network = network_of(stack, link, "virtualNetwork.id")
        key = zone.certain.urn if zone.certain else zone.elsewhere or ANY_ZONE
        if key == ANY_ZONE:
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
        *((each, SERVERLESS_SUBNET) for each in stack.of_type(WORKSPACE)),
    ):
        network = network_of(stack, client, path)
        if isinstance(network, Network):
            plan.clients.add(network)
        elif isinstance(network, Unknown):
            plan.unknown_clients.append(network)
    return plan


def _add_users(stack: Stack, group: Resource, plan: DnsPlan) -> None:
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

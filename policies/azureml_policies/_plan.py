"""What a plan holds of private endpoints, DNS zones and networks, joined together.

The rules on endpoints and on DNS ask the same questions of a stack: which endpoints a
resource has, which zones a zone group names, which network a subnet belongs to. Each
is answered here once per stack, with what cannot be told kept apart.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from azureml_policies._frame import (
    Known,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    WrongType,
    parse_arm_id,
)
from azureml_rulebook import resource_ids
from azureml_rulebook.dns_zones import GROUP_IDS
from azureml_rulebook.private_link_services import is_alias

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
ACCOUNT = "storage:StorageAccount"
VAULT = "keyvault:Vault"
REGISTRY = "containerregistry:Registry"
ENDPOINT = "network:PrivateEndpoint"
PRIVATE_LINK_SERVICE = "network:PrivateLinkService"
MONITOR_SCOPE = "monitor:PrivateLinkScope"
MACHINE = "compute:VirtualMachine"
FIREWALL = "network:AzureFirewall"
COMPONENT = "applicationinsights:Component"
LOGS = "operationalinsights:Workspace"
COLLECTION_ENDPOINT = "monitor:DataCollectionEndpoint"
ZONE = "privatedns:PrivateZone"
ZONE_GROUP = "network:PrivateDnsZoneGroup"
ZONE_LINK = "privatedns:VirtualNetworkLink"
NETWORK = "network:VirtualNetwork"
SUBNET = "network:Subnet"
RESOLVER = "dnsresolver:DnsResolver"
BASTION_HOST = "network:BastionHost"
GATEWAY = "network:VirtualNetworkGateway"
PEERING = "network:VirtualNetworkPeering"
CIRCUIT = "network:ExpressRouteCircuit"
PUBLIC_ADDRESS = "network:PublicIPAddress"
INTERFACE = "network:NetworkInterface"

_TARGETS = (
    WORKSPACE,
    ACCOUNT,
    VAULT,
    REGISTRY,
    MONITOR_SCOPE,
    PRIVATE_LINK_SERVICE,
)
_EVERY_GROUP = frozenset(group.lower() for group in GROUP_IDS)


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection of a private endpoint."""

    endpoint: Resource
    target: Reference
    groups: tuple[str, ...]
    """The group ids that are known, in lower case."""
    unknown_group: Unknown | None
    """Where a group id is not known."""
    manual: bool
    """Somebody has to approve it before it works."""
    path: str
    """Where it stands in the endpoint: ``privateLinkServiceConnections[0]``."""

    @property
    def possible_groups(self) -> frozenset[str]:
        """The group ids that it may have."""
        return _EVERY_GROUP if self.unknown_group else frozenset(self.groups)

    @property
    def leads_to_own_service(self) -> bool:
        """Whether it leads to a Private Link service, of this stack or not.

        A connection to a service of Azure's names a group id, so one without any whose
        target is not known, such as an alias to come, can lead to no such service.
        """
        target = self.target
        if target.certain is not None:
            return target.certain.key == PRIVATE_LINK_SERVICE.lower()
        arm_id = parse_arm_id(target.elsewhere)
        if arm_id is not None:
            return arm_id.type == resource_ids.PRIVATE_LINK_SERVICE.lower()
        if isinstance(target.reading, Unknown):
            return not self.groups and self.unknown_group is None
        return is_alias(target.elsewhere)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that should have private endpoints."""

    resource: Resource | None
    """None for a resource outside of this stack."""
    path: str = ""
    """The property that names the resource outside."""
    elsewhere: str = ""
    """Its Azure id, as in ``Reference``."""
    unknown: Unknown | None = None
    """The value of ``path``, where it is not known."""

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"'{self.resource.name}'" if self.resource else self.path


@dataclass(slots=True)
class FoundEndpoints:
    """The endpoints of one target, and those that may be its endpoints."""

    groups: set[str] = field(default_factory=set)
    possible_groups: set[str] = field(default_factory=set)
    unknown: Reading = Unknown("")
    """The value that tells, if ``possible_groups`` are really there."""
    waiting: bool = False
    """A manual connection was not counted."""


class Connections:
    """All connections of a stack's private endpoints, by what they point to."""

    def __init__(self, stack: Stack) -> None:
        self._by_endpoint: dict[str, list[Connection]] = defaultdict(list)
        self._by_target: dict[str, list[Connection]] = defaultdict(list)
        self._open: list[Connection] = []
        # A connection without a target serves nobody, and is found for nobody.
        for endpoint in stack.of_type(ENDPOINT):
            for connection in _connections(stack, endpoint):
                self._by_endpoint[endpoint.urn].append(connection)
                target = connection.target
                if target.certain is not None:
                    self._by_target[target.certain.urn].append(connection)
                elif target.possible or target.anything or target.elsewhere == "?":
                    self._open.append(connection)
                elif target.elsewhere:
                    self._by_target[target.elsewhere].append(connection)

    def of(self, endpoint: Resource) -> list[Connection]:
        """Return the connections of ``endpoint``."""
        return self._by_endpoint.get(endpoint.urn, [])

    def leading_to(self, target: Target) -> tuple[list[Connection], list[Connection]]:
        """Return the connections of ``target``, and those that may be its own."""
        key = target.resource.urn if target.resource else target.elsewhere
        perhaps = [
            connection
            for connection in self._open
            if target.resource is None or connection.target.may_be(target.resource)
        ]
        return self._by_target.get(key, []), perhaps

    def to(self, target: Target, *, accept_manual: bool) -> FoundEndpoints:
        """Return the endpoints of ``target``."""
        found = FoundEndpoints()
        certain, perhaps = self.leading_to(target)
        for connection in certain:
            if connection.manual and not accept_manual:
                found.waiting = True
                continue
            found.groups.update(connection.groups)
            if connection.unknown_group is not None:
                found.possible_groups |= connection.possible_groups
                found.unknown = connection.unknown_group
        for connection in perhaps:
            if connection.manual and not accept_manual:
                continue
            found.possible_groups |= connection.possible_groups
            found.unknown = connection.target.reading
        return found


def connections(stack: Stack) -> Connections:
    """Return the connections of ``stack``; ask through ``stack.once``."""
    return Connections(stack)


def _connections(stack: Stack, endpoint: Resource) -> Iterator[Connection]:
    for path, manual in (
        ("privateLinkServiceConnections", False),
        ("manualPrivateLinkServiceConnections", True),
    ):
        for connection in _elements(endpoint.value(path)):
            groups, unknown_group = _group_ids(connection.at("groupIds"))
            yield Connection(
                endpoint,
                stack.resolve(
                    endpoint, connection.at("privateLinkServiceId"), *_TARGETS
                ),
                groups,
                unknown_group,
                manual,
                connection.path,
            )


def _group_ids(reading: Reading) -> tuple[tuple[str, ...], Unknown | None]:
    elements = _elements(reading)
    unknown = next((each for each in elements if isinstance(each, Unknown)), None)
    known = (each for each in elements if isinstance(each, Known))
    return tuple(str(each.value).lower() for each in known), unknown


def _elements(reading: Reading) -> list[Reading]:
    """Return the elements of a list; an unknown list is one unknown element.

    What is no list has no elements: it connects nothing.
    """
    if isinstance(reading, Unknown):
        return [reading]
    try:
        return reading.elements()
    except WrongType:
        return []


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones that a zone group names."""

    names: tuple[str, ...]
    """Their names, in lower case, as far as they are known."""
    zones: tuple[Resource, ...]
    """Those of them that the stack holds."""
    outside: tuple[str, ...]
    """The names of those that it does not hold."""
    unknown: Unknown | None
    """A zone that cannot be told."""


def zones_of(stack: Stack, zone_group: Resource) -> Zones:
    """Return the zones of ``zone_group``.

    Where ids are not known, there have to be as many zones among the dependency edges,
    besides those of the known ids, as there are unknown ids; else it cannot be told
    which ones are meant.
    """
    ids = [
        config.at("privateDnsZoneId")
        for config in _elements(zone_group.value("privateDnsZoneConfigs"))
    ]
    unknown = [reading for reading in ids if isinstance(reading, Unknown)]
    references = [
        stack.resolve(zone_group, reading, ZONE)
        for reading in ids
        if isinstance(reading, Known)
    ]
    zones = [each.certain for each in references if each.certain is not None]
    outside = [
        arm_id.names[-1]
        for each in references
        if each.certain is None and (arm_id := parse_arm_id(each.elsewhere))
    ]
    undecided = None
    if any(each.possible for each in references):
        # Zones of one name are told apart by their resource groups.
        undecided = Unknown("resourceGroupName")
    if unknown:
        origins = stack.made_from(zone_group, unknown[0].path)
        named = [
            each for each in origins if each.key == ZONE.lower() and each not in zones
        ]
        if len(named) == len(unknown):
            zones += named
        else:
            undecided = unknown[0]
    names = []
    for zone in zones:
        name = zone.value("privateZoneName")
        if isinstance(name, Known):
            names.append(str(name.value).lower())
        else:
            undecided = Unknown(name.path)
    return Zones((*names, *outside), tuple(zones), tuple(outside), undecided)

"""A whole network as plain values: networks, subnets, what stands in them, and the ways
between them.

Everything is immutable, and what is not known is said: as ``Missing`` in place of a
value, or in a ``missing`` beside what is known. ``plan_reading`` makes a topology of
the resources of a plan; tests write them by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from azureml_reachability.addresses import NO_ADDRESSES, AddressSet
from azureml_reachability.firewall_decisions import FirewallRules
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.service_tags import PublishedTags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """A virtual network, of the plan or outside of it."""

    name: str
    ranges: AddressSet
    """What is known of its address space."""
    missing: tuple[Missing, ...] = ()
    """Why that may not be all."""
    environment: str | None = None
    """Its tag ``environment``."""
    in_plan: bool = True
    """Whether its subnets and groups are known; else it is a place outside."""
    aliases: tuple[str, ...] = ()
    """Other names that people know it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRoute:
    """One route of a table."""

    name: str
    destination: str | Missing
    """A range or a service tag."""
    next_hop: str | Missing
    """As Azure spells it: ``VirtualAppliance``, ``None``."""
    address: str | Missing | None = None
    """Of the appliance."""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RouteTable:
    """A route table."""

    name: str
    routes: tuple[UserRoute, ...] = ()
    propagates: bool | Missing = True
    """Whether routes that gateways learn reach the subnet."""
    missing: tuple[Missing, ...] = ()
    """Why it may have further routes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPolicies:
    """What private endpoints of a subnet obey; Azure's default is neither."""

    groups: bool = False
    """Whether the subnet's security group decides about them."""
    routes: bool = False
    """Whether user-defined routes may lead to them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subnet:
    """A subnet; ``Missing`` where it may have something that is not known."""

    name: str
    network: Network
    ranges: AddressSet
    missing: tuple[Missing, ...] = ()
    """Why its ranges may not be all."""
    group: SecurityGroup | Missing | None = None
    route_table: RouteTable | Missing | None = None
    nat_gateway: bool | Missing = False
    default_outbound: bool | Missing = True
    """Whether machines leave by an address that Azure lends them, which is its
    default."""
    endpoint_policies: EndpointPolicies | Missing = EndpointPolicies()
    service_endpoints: tuple[str | Missing, ...] = ()
    """Services such as ``Microsoft.Storage``."""
    delegation: str | None = None
    location: str | None = None
    """Region, which service endpoints of storage are narrowed to."""
    aliases: tuple[str, ...] = ()

    @property
    def qualified_name(self) -> str:
        """Network and subnet, as people tell equal names apart."""
        return f"{self.network.name}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddress:
    """An address of the Internet, which depends on its kind to let anything in."""

    name: str
    standard: bool | Missing = True
    """Whether it is closed to the Internet where no security group opens it
    (https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses).
    """


class Kind(StrEnum):
    """What an interface belongs to."""

    MACHINE = "machine"
    COMPUTE = "compute"
    """Nodes of Azure Machine Learning, which come and go."""
    BASTION = "Bastion"
    GATEWAY = "gateway"
    FIREWALL = "firewall"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interface:
    """A network interface, or what stands in a subnet as if it had one."""

    name: str
    subnet: Subnet | Missing
    kind: Kind = Kind.MACHINE
    addresses: AddressSet | None = None
    """None: one of its subnet's; for compute, any of them."""
    address_path: str = ""
    """Where the address would stand."""
    group: SecurityGroup | Missing | None = None
    application_groups: frozenset[str] | Missing = frozenset()
    public: PublicAddress | Missing | None = None
    """What the Internet reaches it at: its own address, or a load balancer's."""
    forwards: bool | Missing = False
    """Whether it takes packets that are not for it."""
    aliases: tuple[str, ...] = ()
    """The machine's name, and Pulumi's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrivateEndpoint:
    """A private endpoint: where a service stands in a subnet."""

    name: str
    subnet: Subnet | Missing
    addresses: AddressSet | None = None
    """None: one of its subnet's."""
    address_path: str = ""
    target: str | None = None
    """Name of what it leads to, if known."""
    group_ids: tuple[str, ...] = ()
    application_groups: frozenset[str] | Missing = frozenset()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Peering:
    """One direction of a peering: how ``network`` sees ``remote``."""

    name: str
    network: Network
    remote: Network | Missing
    allows_access: bool | Missing = True
    allows_forwarded: bool | Missing = False
    allows_gateway_transit: bool | Missing = False
    uses_remote_gateways: bool | Missing = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoosePeering:
    """One direction of a peering whose own network is not known."""

    remote: Network | Missing
    missing: Missing
    """Why its network is not known."""

    def may_lead_to(self, network: Network) -> bool:
        """Return whether it may be the direction towards a network."""
        return self.remote is network or isinstance(self.remote, Missing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gateway:
    """A gateway for VPN or ExpressRoute, and what is behind it."""

    name: str
    network: Network
    subnet: Subnet | None = None
    on_premises: AddressSet = NO_ADDRESSES
    """Ranges of sites that are known."""
    on_premises_missing: tuple[Missing, ...] = ()
    """Why sites may have further ones, such as those that BGP announces."""
    clients: AddressSet = NO_ADDRESSES
    """What it gives to VPN clients."""
    clients_missing: tuple[Missing, ...] = ()
    networks: tuple[Network, ...] = ()
    """Other networks that a connection leads to."""

    @property
    def has_sites(self) -> bool:
        """Whether anything on-premises is behind it."""
        return bool(self.on_premises or self.on_premises_missing)

    @property
    def has_clients(self) -> bool:
        """Whether it takes VPN clients."""
        return bool(self.clients or self.clients_missing)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Firewall:
    """An Azure Firewall."""

    name: str
    subnet: Subnet
    rules: FirewallRules
    addresses: AddressSet = NO_ADDRESSES
    """Its private address, if known; what routes lead to in its subnet is it too."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Topology:
    """All that a plan says about its networks."""

    networks: tuple[Network, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    endpoints: tuple[PrivateEndpoint, ...] = ()
    peerings: tuple[Peering, ...] = ()
    loose_peerings: tuple[LoosePeering, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    firewalls: tuple[Firewall, ...] = ()
    groups: tuple[SecurityGroup, ...] = ()
    """All security groups, used or not."""
    application_groups: Mapping[str, str] = field(default_factory=dict[str, str])
    """Application security groups by key, each with its name."""
    faults: tuple[Missing, ...] = ()
    """Values that cannot be what they stand for, such as a port that is none."""
    cloud_name: str = PUBLIC
    published: PublishedTags | None = None
    """A newer list of service tags; None: the shipped one."""
    decided: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False)
    """What was decided before, for questions that need it again."""

    @cached_property
    def subnets_by_name(self) -> Mapping[str, tuple[Subnet, ...]]:
        """The subnets by each of their names, in lower case."""
        return _by_name(
            (each, (each.name, each.qualified_name, *each.aliases))
            for each in self.subnets
        )

    @cached_property
    def interfaces_by_name(self) -> Mapping[str, tuple[Interface, ...]]:
        """The interfaces by each of their names, in lower case."""
        return _by_name((each, (each.name, *each.aliases)) for each in self.interfaces)

    @cached_property
    def endpoints_by_name(self) -> Mapping[str, tuple[PrivateEndpoint, ...]]:
        """The private endpoints by each of their names, in lower case."""
        return _by_name((each, (each.name, *each.aliases)) for each in self.endpoints)

    @cached_property
    def networks_by_name(self) -> Mapping[str, tuple[Network, ...]]:
        """The networks by each of their names, in lower case."""
        return _by_name((each, (each.name, *each.aliases)) for each in self.networks)

    @cached_property
    def interfaces_by_subnet(self) -> Mapping[Subnet, tuple[Interface, ...]]:
        """The interfaces whose subnet is known."""
        return _by_key(
            (each.subnet, each)
            for each in self.interfaces
            if isinstance(each.subnet, Subnet)
        )

    @cached_property
    def endpoints_by_subnet(self) -> Mapping[Subnet, tuple[PrivateEndpoint, ...]]:
        """The private endpoints whose subnet is known."""
        return _by_key(
            (each.subnet, each)
            for each in self.endpoints
            if isinstance(each.subnet, Subnet)
        )

    @cached_property
    def peerings_by_network(self) -> Mapping[Network, tuple[Peering, ...]]:
        """The peerings by the network whose they are."""
        return _by_key((each.network, each) for each in self.peerings)

    @cached_property
    def peerings_by_ends(self) -> Mapping[tuple[Network, Network], tuple[Peering, ...]]:
        """The peerings by the network whose they are, and the other one if known."""
        return _by_key(
            ((each.network, each.remote), each)
            for each in self.peerings
            if isinstance(each.remote, Network)
        )

    @cached_property
    def gateways_by_network(self) -> Mapping[Network, tuple[Gateway, ...]]:
        """The gateways by the network that they stand in."""
        return _by_key((each.network, each) for each in self.gateways)

    @cached_property
    def firewalls_by_subnet(self) -> Mapping[Subnet, Firewall]:
        """The firewalls by the subnet that they stand in."""
        return {firewall.subnet: firewall for firewall in self.firewalls}

    @cached_property
    def subnets_by_network(self) -> Mapping[Network, tuple[Subnet, ...]]:
        """The subnets by network."""
        return _by_key((each.network, each) for each in self.subnets)


_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


def _by_key(pairs: Iterable[tuple[_Key, _Item]]) -> dict[_Key, tuple[_Item, ...]]:
    """Return items by their keys, in order."""
    found: dict[_Key, list[_Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in found.items()}


def _by_name(
    named: Iterable[tuple[_Item, Iterable[str]]],
) -> dict[str, tuple[_Item, ...]]:
    """Return items by each of their names, in lower case."""
    return _by_key(
        (name, item)
        for item, names in named
        for name in dict.fromkeys(each.lower() for each in names)
    )

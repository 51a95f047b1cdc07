"""What an end of a way is, and which addresses places outside have."""

from dataclasses import dataclass
from enum import StrEnum

from azureml_reachability.addresses import (
    AddressSet,
)
from azureml_reachability.missing import Missing
from azureml_reachability.places import Surroundings
from azureml_reachability.topology import (
    Gateway,
    Interface,
    Network,
    PrivateEndpoint,
    Subnet,
    Topology,
)
from azureml_rulebook.routes import DROPPED_PREFIXES
from azureml_rulebook.service_tags import (
    HOST_ADDRESS,
)

_RESERVED_FIRST = 4
"""Addresses at the start of a subnet that Azure gives to nobody, and one at its end
(https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq)."""


HOST = AddressSet.of_networks([HOST_ADDRESS])


PRIVATE = AddressSet.of(*DROPPED_PREFIXES)


class EndKind(StrEnum):
    """What stands at an end."""

    INSIDE = "inside"
    ENDPOINT = "private endpoint"
    INTERNET = "Internet"
    SITES = "on-premises"
    CLIENTS = "VPN clients"
    NETWORK = "network outside of the plan"
    HOST = "Azure's host"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class End:
    """One end of a way."""

    name: str
    kind: EndKind
    addresses: AddressSet
    one_of: Missing | None = None
    """Set where it has one of ``addresses``, and this value would say which."""
    subnet: Subnet | None = None
    interface: Interface | None = None
    endpoint: PrivateEndpoint | None = None
    gateway: Gateway | None = None
    network: Network | None = None
    missing: tuple[Missing, ...] = ()
    """Why it may not be there."""

    @property
    def application_groups(self) -> frozenset[str] | None:
        """Application security groups that it is in; None: not known."""
        owner = self.interface or self.endpoint
        if owner is None:
            return frozenset()
        groups = owner.application_groups
        return None if isinstance(groups, Missing) else groups


def usable(ranges: AddressSet) -> AddressSet:
    """Return the addresses of a subnet that Azure gives to machines."""
    kept = AddressSet.of_ranges(
        (first + _RESERVED_FIRST, end - 1)
        for first, end in ranges.line_ranges()
        if end - first > _RESERVED_FIRST + 1
    )
    return kept or ranges


def internet_addresses(topology: Topology) -> AddressSet:
    """Return public addresses that no known network, site or client has."""
    key = "internet"
    if key not in topology.decided:
        inside = AddressSet.union(
            [
                *(network.ranges for network in topology.networks),
                *(gateway.on_premises for gateway in topology.gateways),
                *(gateway.clients for gateway in topology.gateways),
            ]
        )
        topology.decided[key] = Surroundings(virtual_network=inside).internet
    return topology.decided[key]


def internet_end(addresses: AddressSet, name: str = "the Internet") -> End:
    """Return the end that some addresses of the Internet are."""
    return End(name=name, kind=EndKind.INTERNET, addresses=addresses)


def unknown_sites(topology: Topology) -> AddressSet:
    """Return where ranges of sites may be that are not known: any private ones.

    The ranges of networks in between are no site's.
    """
    spaces = [network.ranges for network in topology.networks]
    return PRIVATE - AddressSet.union(spaces)

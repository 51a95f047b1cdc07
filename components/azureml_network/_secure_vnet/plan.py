"""Turns the plain inputs of a SecureVnet into a plan, or into all that is wrong.

Everything is decided here, before the first resource: ranges, rules, ways out, zones
and names. Each part of the network reads and plans its own inputs; this module puts
them in order and together. The resources are then written down from the plan without
further thought.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._place import Place, read_place
from azureml_network._secure_vnet.addressing import (
    PathedRange,
    RequestedAddresses,
    RequestedSubnet,
    planned_addresses,
    read_address_space,
    read_addresses,
    read_ranges_of,
    read_subnets,
)
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    Egress,
    SecureVnetArgs,
)
from azureml_network._secure_vnet.egress import EgressPlan, plan_egress
from azureml_network._secure_vnet.egress_inputs import EgressRequest, read_egress
from azureml_network._secure_vnet.firewall_plan import firewall_dns_servers
from azureml_network._secure_vnet.joining import (
    JoiningPlan,
    read_existing_network,
    read_joining,
)
from azureml_network._secure_vnet.just_in_time_access import read_just_in_time_access
from azureml_network._secure_vnet.next_hop import with_forwarding
from azureml_network._secure_vnet.observation import ObservationPlan, read_observation
from azureml_network._secure_vnet.private_dns import PrivateDnsPlan, read_private_dns
from azureml_network._secure_vnet.service_endpoints import (
    ServiceEndpointPlan,
    closed_service_warnings,
    read_service_endpoints,
)
from azureml_network._secure_vnet.traffic import (
    RequestedTraffic,
    known_places,
    planned_groups,
    read_traffic,
)
from azureml_rulebook import aml_traffic
from azureml_rulebook.address_ranges import overlap_findings
from azureml_rulebook.dns_servers import public_server_findings
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.service_tag_lists import published_tags
from azureml_rulebook.service_tags import region_tag_findings
from azureml_rulebook.subnet_traffic import TrafficConditions
from azureml_rulebook.subnets import ENDPOINTS, TRAINING, SubnetPurpose
from azureml_rulebook.tags import (
    PRIVATE_DNS_ZONES,
    RESOURCES,
    STORAGE_ACCOUNTS,
    TagLimits,
)


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """One subnet as it will be made."""

    azure_name: str | None
    """None: that of a subnet whose id is known only later."""
    purpose: SubnetPurpose
    prefix: IPv4Network
    rules: tuple[SecurityRule, ...]
    """Rules of its security group; empty if it has none."""
    service_endpoints: tuple[str, ...]
    existing_id: Input[str] | None
    """Its resource id if it is there already, so that nothing of it is made."""


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """A network as it will be made."""

    place: Place
    address_space: tuple[str, ...]
    subnets: dict[str, SubnetPlan]
    """By the caller's name, sorted: the order in which they are made."""
    reservations: dict[str, IPv4Network]
    """Space that is kept free, by the caller's name."""
    application_security_groups: tuple[str, ...]
    egress: EgressPlan
    private_dns: PrivateDnsPlan
    joining: JoiningPlan
    observation: ObservationPlan
    service_endpoints: ServiceEndpointPlan
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""

    @property
    def endpoints_subnet(self) -> str | None:
        """Name of the first subnet for private endpoints; None if there is none."""
        names = (
            name
            for name, subnet in self.subnets.items()
            if subnet.purpose.name == ENDPOINTS
        )
        return next(names, None)


@dataclass(frozen=True, kw_only=True)
class _Request:
    """All inputs, read and checked."""

    place: Place
    addresses: RequestedAddresses
    on_premises: tuple[IPv4Network, ...]
    vpn_clients: tuple[IPv4Network, ...]
    traffic: RequestedTraffic
    public_packages: bool
    high_business_impact: bool
    developer_bastion: bool
    just_in_time_access: bool
    egress: EgressRequest
    private_dns: PrivateDnsPlan
    joining: JoiningPlan
    observation: ObservationPlan
    service_endpoints: ServiceEndpointPlan

    @property
    def subnets(self) -> dict[str, RequestedSubnet]:
        """The subnets as they were asked for, by name."""
        return self.addresses.subnets


def plan_network(name: str, args: SecureVnetArgs) -> NetworkPlan:
    """Check the inputs of the component called ``name`` and plan the network.

    Raises:
        InputError: with everything that is wrong.
    """
    request = _read(name, args)
    addresses = planned_addresses(request.addresses)
    groups = _security_groups(request, addresses.prefixes)
    egress = plan_egress(
        request.egress,
        addresses.prefixes,
        request.addresses.ranges,
        groups,
        _ranges(request.joining.peer_ranges),
    )
    subnets = _subnet_plans(request, addresses.prefixes, groups)
    return NetworkPlan(
        place=request.place,
        address_space=tuple(str(network) for network in request.addresses.ranges),
        subnets=subnets,
        reservations=addresses.reserved,
        application_security_groups=request.traffic.application_security_groups,
        egress=egress,
        private_dns=request.private_dns,
        joining=request.joining,
        observation=request.observation,
        service_endpoints=request.service_endpoints,
        warnings=(
            *request.addresses.warnings,
            *egress.warnings,
            *_closed_machine_warnings(request, egress, subnets),
            *request.service_endpoints.warnings,
            *closed_service_warnings(
                request.subnets,
                groups,
                request.place.cloud_name,
                request.traffic.published,
            ),
            *request.observation.warnings,
        ),
    )


def _read(name: str, args: SecureVnetArgs) -> _Request:
    reader = InputReader(args, SecureVnetArgs)
    reader.require("resource_group_name")
    place = read_place(reader)
    space = read_address_space(reader)
    existing_network = read_existing_network(reader)
    subnets = read_subnets(reader, existing_network)
    purposes = {key: subnet.purpose for key, subnet in subnets.items()}
    purpose_names = {key: purpose.name for key, purpose in purposes.items()}
    joining = read_joining(
        reader, name, existing_network, space, purpose_names.values()
    )
    private_dns = read_private_dns(reader, name, place, purpose_names.values(), joining)
    traffic = read_traffic(reader, name, place)
    _note_unlisted_region(reader, place, traffic, purpose_names.values())
    observation = read_observation(
        reader, name, place, traffic.compute_mode, purpose_names
    )
    reader.check_tags(_tag_limits(private_dns, observation))
    on_premises, vpn_clients = _ranges_elsewhere(reader, joining, space)
    addresses = read_addresses(
        reader,
        name,
        space,
        subnets,
        [*private_dns.groups, *_flow_log_groups(observation)],
        [*on_premises, *vpn_clients],
    )
    egress = read_egress(
        reader,
        place,
        purposes,
        traffic.compute_mode,
        private_dns.groups,
        name=name,
        today=date.today(),
        existing=_existing(addresses),
        published=traffic.published,
        uses_gateways=bool(joining.gateway_networks),
        service_endpoints={
            key: subnet.service_endpoints for key, subnet in subnets.items()
        },
    )
    request = _Request(
        place=place,
        addresses=addresses,
        on_premises=_ranges(on_premises),
        vpn_clients=_ranges(vpn_clients),
        traffic=traffic,
        public_packages=reader.flag("allow_public_packages", False),
        high_business_impact=reader.flag("high_business_impact", False),
        developer_bastion=reader.flag("developer_bastion", False),
        just_in_time_access=read_just_in_time_access(reader, purpose_names.values()),
        egress=egress,
        private_dns=private_dns,
        joining=joining,
        observation=observation,
        service_endpoints=read_service_endpoints(
            reader, subnets, passes_firewall=_has_next_hop(egress)
        ),
    )
    reader.raise_findings()
    return request


def _note_unlisted_region(
    reader: InputReader,
    place: Place,
    traffic: RequestedTraffic,
    purposes: Collection[str],
) -> None:
    """Note a region whose service tags the rules for compute could not name."""
    managed = traffic.compute_mode is ComputeMode.MANAGED_NETWORK
    read = ("location", "service_tags_file")
    faulty = any(finding.path in read for finding in reader.findings)
    if faulty or managed or TRAINING not in purposes or not place.region:
        return
    published = traffic.published or published_tags(place.cloud_name)
    reader.findings += region_tag_findings(place.region, published)


def _ranges_elsewhere(
    reader: InputReader, joining: JoiningPlan, space: Collection[PathedRange]
) -> tuple[list[PathedRange], list[PathedRange]]:
    """Read the ranges on-premises and of VPN clients, which must not overlap each other
    nor those of peers; DNS servers are in one of them, or private."""
    on_premises = read_ranges_of(reader, "on_premises_address_space")
    vpn_clients = read_ranges_of(reader, "vpn_client_address_space")
    reader.findings += overlap_findings([*on_premises, *vpn_clients])
    reader.findings += overlap_findings(
        [*on_premises, *vpn_clients], joining.peer_ranges
    )
    reader.findings += public_server_findings(
        joining.dns_servers,
        _ranges([*space, *on_premises, *vpn_clients, *joining.peer_ranges]),
        path="dns_servers",
    )
    return on_premises, vpn_clients


def _tag_limits(
    private_dns: PrivateDnsPlan, observation: ObservationPlan
) -> list[TagLimits]:
    """Return the limits of all kinds of resources that get the tags."""
    return [
        RESOURCES,
        *([PRIVATE_DNS_ZONES] if private_dns.new_zones else []),
        *([STORAGE_ACCOUNTS] if _flow_log_groups(observation) else []),
    ]


def _flow_log_groups(observation: ObservationPlan) -> list[str]:
    """Return the group ids of the endpoints of a new account for flow logs."""
    flows = observation.flow_logs
    return [] if flows is None or flows.new_account_name is None else ["blob"]


def _ranges(pathed: Collection[PathedRange]) -> tuple[IPv4Network, ...]:
    return tuple(network for _, network in pathed)


def _existing(addresses: RequestedAddresses) -> frozenset[str]:
    """Return the names of the subnets that are there already."""
    return frozenset(
        name
        for name, subnet in addresses.subnets.items()
        if subnet.existing_id is not None
    )


def _has_next_hop(egress: EgressRequest) -> bool:
    return egress.kind in (Egress.FIREWALL, Egress.VIRTUAL_APPLIANCE)


def _security_groups(
    request: _Request, prefixes: Mapping[str, IPv4Network]
) -> dict[str, tuple[SecurityRule, ...]]:
    """Return the rules of each subnet's security group, by the subnet's name."""
    known = known_places(
        request.traffic,
        request.subnets,
        prefixes,
        request.place,
        address_space=request.addresses.ranges,
        on_premises=request.on_premises,
        vpn_clients=request.vpn_clients,
        peers=_ranges(request.joining.peer_ranges),
    )
    conditions = TrafficConditions(
        region=request.place.region,
        cloud_name=request.place.cloud_name,
        holding=aml_traffic.conditions(
            request.private_dns.groups,
            public_packages=request.public_packages,
            firewall_hosts=request.egress.opens_hosts,
            high_business_impact=request.high_business_impact,
        ),
        compute_mode=str(request.traffic.compute_mode),
        developer_bastion=request.developer_bastion,
        just_in_time_access=request.just_in_time_access,
        published=request.traffic.published,
        dns_servers=tuple(str(server) for server in request.joining.dns_servers),
        firewall_dns_servers=tuple(
            str(server) for server in firewall_dns_servers(request.egress, prefixes)
        ),
    )
    return with_forwarding(
        request.egress,
        prefixes,
        planned_groups(request.traffic, request.subnets, prefixes, known, conditions),
    )


def _subnet_plans(
    request: _Request,
    prefixes: Mapping[str, IPv4Network],
    groups: Mapping[str, tuple[SecurityRule, ...]],
) -> dict[str, SubnetPlan]:
    """Return the subnets in order of name."""
    return {
        name: SubnetPlan(
            azure_name=subnet.azure_name,
            purpose=subnet.purpose,
            prefix=prefixes[name],
            rules=groups.get(name, ()),
            service_endpoints=subnet.service_endpoints,
            existing_id=subnet.existing_id,
        )
        for name, subnet in sorted(request.subnets.items())
    }


def _closed_machine_warnings(
    request: _Request, egress: EgressPlan, subnets: Mapping[str, SubnetPlan]
) -> tuple[str, ...]:
    """Name the subnets whose machines have a way out that no rule lets them use."""
    if egress.kind is Egress.NONE:
        return ()
    managed = request.traffic.compute_mode is ComputeMode.MANAGED_NETWORK
    prefixes = {str(subnet.prefix) for subnet in subnets.values()}
    return tuple(
        f"{request.subnets[name].path}: its security group lets nothing out of the "
        f"network, so private endpoints are all that it reaches "
        f"({subnet.purpose.description}); its way out opens nothing, add rules for "
        "what it needs"
        for name, subnet in subnets.items()
        if subnet.purpose.egress
        and subnet.rules
        and not (managed and subnet.purpose.name == TRAINING)
        and not any(_leaves_network(rule, prefixes) for rule in subnet.rules)
    )


def _leaves_network(rule: SecurityRule, prefixes: Collection[str]) -> bool:
    """Whether ``rule`` lets something out to others than the subnets' ``prefixes``."""
    lets_out = rule.direction is Direction.OUTBOUND and rule.access is Access.ALLOW
    return lets_out and not set(rule.destinations).issubset(prefixes)

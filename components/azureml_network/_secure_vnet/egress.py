"""Decides how machines leave the network, and which subnets use what is made for it.

Reading checks what can be said before addresses are planned; planning turns it into
routes, firewall rules and addresses. The resources are written from the plan
(``egress_resources``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    DetectionMode,
    Egress,
    FirewallSpec,
    FirewallTier,
)
from azureml_network._secure_vnet.firewall_inputs import (
    KnownHosts,
    RequestedFirewall,
    RequestedHost,
    read_firewall,
)
from azureml_rulebook import aml_traffic
from azureml_rulebook.address_ranges import (
    PRIVATE_RANGES,
    RESERVED_ADDRESSES,
    snat_private_ranges,
    usable_addresses,
)
from azureml_rulebook.dns_servers import read_dns_servers
from azureml_rulebook.findings import Finding
from azureml_rulebook.firewall_rules import (
    ALLOWED_BAND,
    BANDS,
    CALLER_BAND,
    HOST_BAND,
    TAG_BAND,
    ApplicationRule,
    Rule,
    RuleBand,
    RuleGroup,
)
from azureml_rulebook.firewall_tiers import (
    ZONES,
    planned_address,
    subnet_findings,
    tier_facts,
)
from azureml_rulebook.firewall_traffic import (
    CallerPassage,
    RequiredPassage,
    caller_passage,
    required_passage,
)
from azureml_rulebook.names import name_findings
from azureml_rulebook.outbound_ports import ports_for_each
from azureml_rulebook.required_hosts import host_rows, in_region
from azureml_rulebook.routes import Route, routes_for
from azureml_rulebook.security_rules import SecurityRule
from azureml_rulebook.service_tag_lists import PublishedTags, published_tags
from azureml_rulebook.subnets import (
    FIREWALL,
    FIREWALL_MANAGEMENT,
    TRAINING,
    SubnetPurpose,
)


@dataclass(frozen=True, kw_only=True)
class EgressRequest:
    """The way out as it was asked for."""

    kind: Egress
    zone: str | None
    """Of the NAT gateway."""
    next_hop: IPv4Address | None
    """Of the virtual appliance."""
    firewall: RequestedFirewall | None
    """None with other ways out."""
    subnets: Mapping[str, SubnetPurpose]
    """Of the whole network, by name."""
    existing: frozenset[str]
    """Names of subnets that are used as they are."""
    compute_mode: ComputeMode
    place: Place
    published: PublishedTags
    holding: frozenset[str]
    """Conditions of ``aml_traffic`` that hold."""
    network_dns_servers: tuple[IPv4Address, ...]
    """Whom machines ask for names; empty: Azure's own service."""
    reaches_on_premises: bool
    """Whether ranges on-premises or of VPN clients are named."""

    @property
    def opens_hosts(self) -> bool:
        """Whether a firewall decides by host name, so that the security groups of the
        machines behind it must let TCP 80 and 443 out to every address."""
        return self.firewall is not None

    @property
    def behind(self) -> dict[str, SubnetPurpose]:
        """The subnets whose machines need a way out, by name."""
        return {
            name: purpose
            for name, purpose in sorted(self.subnets.items())
            if purpose.egress
        }

    def first_of(self, purpose: str) -> str | None:
        """Return the name of the subnet with that purpose, or None."""
        names = (name for name, row in self.subnets.items() if row.name == purpose)
        return next(names, None)


@dataclass(frozen=True, kw_only=True)
class FirewallPlan:
    """Azure Firewall as it will be made."""

    tier: FirewallTier
    zones: tuple[str, ...]
    threat_intelligence: DetectionMode
    intrusion_detection: DetectionMode
    dns_proxy: bool
    dns_servers: tuple[str, ...]
    """Whom it asks for names; empty: Azure's own service."""
    subnet: str
    """Name of the subnet it is in."""
    management_subnet: str | None
    """Name of the subnet of its management interface, if it has one."""
    address: IPv4Address
    """Its private address, the next hop of all routes."""
    snat_private_ranges: tuple[str, ...]
    """Destinations that it does not hide senders from; empty: Azure's own list."""
    rule_groups: tuple[RuleGroup, ...]
    """In the order in which they are made."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancerPlan:
    """A public load balancer with outbound rules as it will be made."""

    ports_for_each: int
    """Source ports of each machine in the pool."""


@dataclass(frozen=True, kw_only=True)
class EgressPlan:
    """The way out as it will be made."""

    kind: Egress
    nat_zone: str | None
    nat_subnets: frozenset[str]
    """Names of the subnets that the NAT gateway serves; empty: none is made."""
    routes: Mapping[str, tuple[Route, ...]]
    """Routes of each subnet that has a table, by the subnet's name."""
    learn_routes: bool
    """Whether these subnets also follow routes that gateways learn."""
    load_balancer: LoadBalancerPlan | None
    firewall: FirewallPlan | None
    opens_hosts: bool
    """See `EgressRequest.opens_hosts`."""
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""


def read_egress(
    reader: InputReader,
    place: Place,
    subnets: Mapping[str, SubnetPurpose],
    compute_mode: ComputeMode,
    groups: Sequence[str],
    *,
    name: str,
    today: date,
    existing: Collection[str] = (),
    published: PublishedTags | None = None,
) -> EgressRequest:
    """Read how machines leave the network.

    Args:
        reader: the component's inputs; findings are noted there.
        place: where the network is.
        subnets: purposes of all its subnets by name.
        compute_mode: how compute is placed in training subnets.
        groups: group ids of the private endpoints to come.
        name: the component's, with which all names begin.
        today: against which the last days of allowed hosts are held.
        existing: names of subnets that are used as they are.
        published: a newer list of service tags; None: the shipped one.
    """
    kind = reader.choice("egress", Egress.NAT_GATEWAY)
    holding = aml_traffic.conditions(groups)
    request = EgressRequest(
        kind=kind,
        zone=_nat_zone(reader, kind),
        next_hop=_next_hop(reader, kind),
        firewall=_firewall(reader, kind, place, subnets, holding, today),
        subnets=dict(subnets),
        existing=frozenset(existing),
        compute_mode=compute_mode,
        place=place,
        published=published or published_tags(place.cloud_name),
        holding=holding,
        network_dns_servers=_network_dns_servers(reader),
        reaches_on_premises=any(
            reader.texts(key, ())
            for key in ("on_premises_address_space", "vpn_client_address_space")
        ),
    )
    reader.findings += _name_findings(name, request)
    return request


def plan_egress(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
    groups: Mapping[str, Sequence[SecurityRule]] | None = None,
) -> EgressPlan:
    """Plan the way out of a network whose subnets have these ranges.

    Args:
        request: what was asked for.
        prefixes: the subnets' ranges by name.
        address_space: of the whole network.
        groups: rules of the security groups by subnet name; what callers open there to
            public places, the firewall lets through as well.

    Raises:
        InputError: with everything that is wrong with the next hop and the DNS servers,
            which shows only now that addresses are known.
    """
    required = _required(request, prefixes)
    callers = _callers(request, prefixes, groups or {})
    firewall = _firewall_plan(request, prefixes, address_space, required, callers)
    findings = (
        *_next_hop_findings(request, prefixes, address_space),
        *_dns_findings(request, firewall, prefixes),
    )
    if findings:
        raise InputError(findings)
    hop = request.next_hop if firewall is None else firewall.address
    own = {k: v for k, v in request.behind.items() if k not in request.existing}
    return EgressPlan(
        kind=request.kind,
        nat_zone=request.zone,
        nat_subnets=frozenset(own if request.kind is Egress.NAT_GATEWAY else ()),
        routes={} if hop is None else _routes(request, own, hop),
        learn_routes=request.reaches_on_premises,
        load_balancer=_load_balancer_plan(request, prefixes),
        firewall=firewall,
        opens_hosts=request.opens_hosts,
        warnings=(
            *_way_out_warnings(request),
            *_firewall_warnings(request, required, callers),
            *_existing_subnet_warnings(request, hop),
        ),
    )


def firewall_name(name: str, tier: FirewallTier, zones: tuple[str, ...]) -> str:
    """Return the firewall's name in Azure, for the component called ``name``.

    What cannot be changed later is in it, so that another choice makes another
    firewall: the zones, and Basic, which takes no other tier
    (https://learn.microsoft.com/azure/firewall/change-sku).
    """
    basic = "-basic" if tier is FirewallTier.BASIC else ""
    return f"{name}-egress-afw{basic}{zones_in_name(zones)}"


def zones_in_name(zones: tuple[str, ...]) -> str:
    """Return the end of the name of something that is in these zones for good."""
    return "-zones-" + "-".join(zones) if zones else ""


def _nat_zone(reader: InputReader, kind: Egress) -> str | None:
    zone = reader.optional_text("egress_zone")
    if zone is None:
        return None
    if kind is not Egress.NAT_GATEWAY:
        instead = "; set firewall.zones" if kind is Egress.FIREWALL else ""
        reader.note(
            "egress_zone",
            f"needs a NAT gateway, and egress is '{kind}'; leave it out{instead}",
        )
        return None
    if zone not in ZONES:
        reader.note(
            "egress_zone",
            f"'{zone}' is not a zone; a NAT gateway is in one zone at most, use '1', "
            "'2' or '3'",
        )
    return zone


def _next_hop(reader: InputReader, kind: Egress) -> IPv4Address | None:
    text = reader.optional_text("next_hop_address")
    if kind is not Egress.VIRTUAL_APPLIANCE:
        if text is not None:
            reader.note(
                "next_hop_address",
                f"needs egress '{Egress.VIRTUAL_APPLIANCE}', and egress is '{kind}'; "
                "leave it out or change egress",
            )
        return None
    if text is None:
        reader.note(
            "next_hop_address",
            f"is required with egress '{Egress.VIRTUAL_APPLIANCE}' and not set; give "
            "the appliance's private address, like '10.20.1.4'",
        )
        return None
    try:
        return IPv4Address(text)
    except AddressValueError:
        reader.note(
            "next_hop_address",
            f"'{text}' is not an IPv4 address; give the appliance's private address, "
            "like '10.20.1.4'",
        )
        return None


def _firewall(
    reader: InputReader,
    kind: Egress,
    place: Place,
    subnets: Mapping[str, SubnetPurpose],
    holding: frozenset[str],
    today: date,
) -> RequestedFirewall | None:
    if kind is not Egress.FIREWALL:
        if reader.has("firewall"):
            reader.note(
                "firewall",
                f"needs egress '{Egress.FIREWALL}', and egress is '{kind}'; leave it "
                "out or change egress",
            )
        return None
    if reader.flag("allow_public_packages", False):
        reader.note(
            "allow_public_packages",
            "opens every address, and a firewall opens hosts by name; leave it out and "
            "put the package indexes on firewall.allowed_hosts",
        )
    known = _known_hosts(place, subnets, holding)
    firewall = read_firewall(reader.nested("firewall", FirewallSpec), known, today)
    purposes = {purpose.name for purpose in subnets.values()}
    reader.findings += subnet_findings(firewall.tier, purposes, path="subnets")
    return firewall


def _known_hosts(
    place: Place, subnets: Mapping[str, SubnetPurpose], holding: frozenset[str]
) -> list[KnownHosts]:
    """Return the hosts that the firewall lets all machines of this network reach."""
    machines = {purpose.name for purpose in subnets.values() if purpose.egress}
    return [
        KnownHosts(
            hosts=in_region(hosts, place.region), ports=row.ports, reason=row.reason
        )
        for row, hosts in host_rows(place.cloud_name, holding)
        if row.is_web and machines <= row.machines
    ]


def _network_dns_servers(reader: InputReader) -> tuple[IPv4Address, ...]:
    """Return the network's DNS servers; what is wrong with them is noted elsewhere."""
    servers, _ = read_dns_servers(reader.texts("dns_servers", ()), "dns_servers")
    return servers


def _name_findings(name: str, request: EgressRequest) -> list[Finding]:
    """Check the Azure names that come from the component's name."""
    kinds: list[tuple[str, str]] = []
    if request.kind is Egress.NAT_GATEWAY:
        kinds.append(("nat_gateway", f"{name}-egress-ng-zone-1"))
    if request.kind is Egress.LOAD_BALANCER:
        kinds.append(("public_ip_address", f"{name}-egress-lb-pip"))
    if request.firewall is not None:
        tier, zones = request.firewall.tier, request.firewall.zones
        kinds.append(("azure_firewall", firewall_name(name, tier, zones)))
    findings = [
        finding
        for kind, azure_name in kinds
        for finding in name_findings(kind, azure_name, path="name")
    ]
    if request.kind in (Egress.FIREWALL, Egress.VIRTUAL_APPLIANCE):
        for subnet in request.behind:
            findings += name_findings(
                "route_table", f"{name}-{subnet}-rt", path=f"subnets.{subnet}"
            )
    return findings


def _required(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> RequiredPassage:
    """Return what machines need of a firewall in this network."""
    sources: dict[str, tuple[str, ...]] = {}
    for name, purpose in request.behind.items():
        sources[purpose.name] = (*sources.get(purpose.name, ()), str(prefixes[name]))
    return required_passage(
        sources,
        request.place.region,
        request.published,
        holding=request.holding,
        compute=request.compute_mode is not ComputeMode.MANAGED_NETWORK,
    )


def _callers(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    groups: Mapping[str, Sequence[SecurityRule]],
) -> CallerPassage:
    """Return what callers open to public places for machines behind the firewall."""
    return caller_passage(
        {
            str(prefixes[name]): rules
            for name, rules in groups.items()
            if name in request.behind
        },
        request.published,
    )


def _firewall_plan(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
    required: RequiredPassage,
    callers: CallerPassage,
) -> FirewallPlan | None:
    asked = request.firewall
    subnet = request.first_of(FIREWALL)
    if asked is None or subnet is None:
        return None
    address = planned_address(prefixes[subnet])
    machines = tuple(sorted(str(prefixes[name]) for name in request.behind))
    allowed = [_allowed_rule(host, machines) for host in asked.allowed_hosts]
    return FirewallPlan(
        tier=asked.tier,
        zones=asked.zones,
        threat_intelligence=asked.threat_intelligence,
        intrusion_detection=asked.intrusion_detection,
        dns_proxy=asked.dns_proxy,
        dns_servers=tuple(map(str, _upstream(request, asked, address))),
        subnet=subnet,
        management_subnet=request.first_of(FIREWALL_MANAGEMENT),
        address=address,
        snat_private_ranges=snat_private_ranges(address_space),
        rule_groups=_rule_groups(
            {
                TAG_BAND: required.by_tag,
                CALLER_BAND: callers.rules,
                HOST_BAND: required.by_host,
                ALLOWED_BAND: tuple(allowed) if machines else (),
            }
        ),
    )


def _rule_groups(
    contents: Mapping[RuleBand, tuple[Rule, ...]],
) -> tuple[RuleGroup, ...]:
    """Return the groups that have rules, in the order in which they are made."""
    return tuple(
        RuleGroup(band=band, rules=contents[band]) for band in BANDS if contents[band]
    )


def _upstream(
    request: EgressRequest, asked: RequestedFirewall, address: IPv4Address
) -> tuple[IPv4Address, ...]:
    """Return whom the firewall asks for names: one chain with the machines."""
    network = request.network_dns_servers
    if asked.dns_servers or not tier_facts(asked.tier).custom_dns:
        return asked.dns_servers
    return () if address in network else network


def _allowed_rule(host: RequestedHost, machines: tuple[str, ...]) -> ApplicationRule:
    """Return the rule of an allowed host; owner and last day are in its description."""
    reason = f"{host.reason}; " if host.reason else ""
    return ApplicationRule(
        name=host.name,
        sources=machines,
        hosts=(host.host,),
        ports=host.ports,
        description=f"{reason}owner: {host.owner}; until {host.expires}",
    )


def _dns_findings(
    request: EgressRequest,
    firewall: FirewallPlan | None,
    prefixes: Mapping[str, IPv4Network],
) -> list[Finding]:
    """Check that names are asked along one chain that does not come back.

    Machines ask the network's servers; where that is the firewall, it asks others.
    """
    if firewall is None or request.firewall is None:
        return []
    home = prefixes[firewall.subnet]
    findings = [
        Finding(
            f"firewall.dns_servers[{index}]",
            f"'{server}' is in {home}, where only the firewall itself answers, so it "
            "would ask itself; give the address of another server, such as a "
            "resolver's inbound endpoint",
        )
        for index, server in enumerate(request.firewall.dns_servers)
        if server in home
    ]
    for index, server in enumerate(request.network_dns_servers):
        if server not in home:
            continue
        if server != firewall.address:
            findings.append(
                Finding(
                    f"dns_servers[{index}]",
                    f"'{server}' is in the firewall's subnet {home}, and the firewall "
                    f"answers at '{firewall.address}'; write that address",
                )
            )
        elif not firewall.dns_proxy:
            findings.append(
                Finding(
                    f"dns_servers[{index}]",
                    f"'{server}' is the firewall, which answers no queries while "
                    "firewall.dns_proxy is false; set it to true or name another "
                    "server",
                )
            )
    return findings


def _next_hop_findings(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
) -> list[Finding]:
    """Check that the appliance can be where its address is."""
    hop = request.next_hop
    if hop is None:
        return []
    inside = [(name, prefix) for name, prefix in prefixes.items() if hop in prefix]
    if not any(hop in space for space in (*PRIVATE_RANGES, *address_space)):
        return [
            Finding(
                "next_hop_address",
                f"'{hop}' is public; routes lead to private addresses, give the "
                "appliance's address in this network or in a peered one",
            )
        ]
    for name, prefix in inside:
        if name in request.behind:
            return [
                Finding(
                    "next_hop_address",
                    f"'{hop}' is in subnets.{name} ({prefix}), whose own traffic is "
                    "sent there, so what the appliance sends out would come back to "
                    "it; put it into a subnet with purpose 'general'",
                )
            ]
        if hop not in _handed_out(prefix):
            return [
                Finding(
                    "next_hop_address",
                    f"'{hop}' is kept by Azure in subnets.{name} ({prefix}); the first "
                    f"address that a machine can have is '{_handed_out(prefix)[0]}'",
                )
            ]
    return []


def _handed_out(prefix: IPv4Network) -> list[IPv4Address]:
    """Return the addresses that Azure gives to machines: all but four and the last."""
    return list(prefix)[RESERVED_ADDRESSES - 1 : -1]


def _routes(
    request: EgressRequest, subnets: Mapping[str, SubnetPurpose], hop: IPv4Address
) -> dict[str, tuple[Route, ...]]:
    public = request.compute_mode is ComputeMode.PUBLIC_IP
    tables = {
        name: routes_for(purpose, str(hop), public_compute=public)
        for name, purpose in subnets.items()
    }
    return {name: routes for name, routes in tables.items() if routes}


def _load_balancer_plan(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> LoadBalancerPlan | None:
    if request.kind is not Egress.LOAD_BALANCER:
        return None
    machines = sum(
        usable_addresses(prefixes[name])
        for name, purpose in request.behind.items()
        if not _holds_compute(request, purpose)
    )
    return LoadBalancerPlan(ports_for_each=ports_for_each(machines))


def _holds_compute(request: EgressRequest, purpose: SubnetPurpose) -> bool:
    """Whether compute of Azure Machine Learning lives there."""
    return (
        purpose.name == TRAINING
        and request.compute_mode is not ComputeMode.MANAGED_NETWORK
    )


def _way_out_warnings(request: EgressRequest) -> list[str]:
    """Name the subnets whose machines have no way out, since nobody else will."""
    if request.kind not in (Egress.NONE, Egress.LOAD_BALANCER):
        return []
    warnings: list[str] = []
    for name, purpose in request.behind.items():
        compute = _holds_compute(request, purpose)
        if compute and request.compute_mode is ComputeMode.PUBLIC_IP:
            continue
        if request.kind is Egress.NONE:
            warnings.append(
                f"subnets.{name}: egress is 'none', so its machines reach no public "
                f"service ({purpose.description}); set egress to "
                f"'{Egress.NAT_GATEWAY}' unless another route out is made"
            )
        elif compute:
            warnings.append(
                f"subnets.{name}: egress is 'load_balancer', whose pool compute of "
                "Azure Machine Learning cannot join, so that it reaches no public "
                f"service ({purpose.description}); set egress to "
                f"'{Egress.NAT_GATEWAY}' or '{Egress.FIREWALL}'"
            )
    return warnings


def _firewall_warnings(
    request: EgressRequest, required: RequiredPassage, callers: CallerPassage
) -> list[str]:
    """Say which hosts expire soon, and what the firewall cannot let through."""
    if request.firewall is None:
        return []
    dated = [
        f"firewall: '{tag}' is published for security groups only, so the firewall "
        f"lets its addresses of {request.published.taken} through; give newer ones "
        "with service_tags_file as they change"
        for tag in dict.fromkeys((*required.dated, *callers.dated))
    ]
    blocked = [
        f"firewall: nothing lets '{row.tag.format(region=request.place.region)}' on "
        f"port {', '.join(row.ports)} through ({row.reason}): it is published without "
        "addresses and not for firewalls; give a newer list with service_tags_file"
        for row in required.impassable
    ]
    closed = [
        f"firewall: the rule '{rule.name}' opens {', '.join(rule.destinations)} in "
        "security groups only, since no firewall takes its service tag or protocol; "
        "name address ranges instead"
        for rule in callers.impassable
    ]
    return [*request.firewall.warnings, *dated, *blocked, *closed]


def _existing_subnet_warnings(
    request: EgressRequest, hop: IPv4Address | None
) -> list[str]:
    """Say which subnets must be routed by whoever made them."""
    leads = {
        Egress.NAT_GATEWAY: "it has no NAT gateway from here",
        Egress.FIREWALL: f"its routes do not lead to the firewall ({hop}) from here",
        Egress.VIRTUAL_APPLIANCE: f"its routes do not lead to {hop} from here",
    }.get(request.kind)
    if leads is None:
        return []
    return [
        f"subnets.{name}: exists already and is left as it is, so {leads}; see to it "
        "where it is made"
        for name in request.behind
        if name in request.existing
    ]

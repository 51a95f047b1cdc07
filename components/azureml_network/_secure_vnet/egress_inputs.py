"""Reads how machines are to leave a network, and checks what can be said at once.

What depends on addresses, such as where the next hop lies, waits for the plan
(``egress``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import AddressValueError, IPv4Address

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    Egress,
    FirewallSpec,
    FirewallTier,
)
from azureml_network._secure_vnet.firewall_inputs import (
    KnownHosts,
    RequestedFirewall,
    read_firewall,
)
from azureml_rulebook import aml_traffic
from azureml_rulebook.dns_servers import read_dns_servers
from azureml_rulebook.findings import Finding
from azureml_rulebook.firewall_tiers import subnet_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.regions import ZONES
from azureml_rulebook.required_hosts import host_rows, in_region
from azureml_rulebook.service_tag_lists import PublishedTags, published_tags
from azureml_rulebook.subnet_traffic import needs_way_out
from azureml_rulebook.subnets import GATEWAY, SubnetPurpose


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
    reaches_gateways: bool
    """Whether a gateway is in reach, or ranges behind one are named."""
    network_exists: bool
    """Whether the network exists already, with subnets and peers not named here."""
    service_endpoints: Mapping[str, tuple[str, ...]]
    """Services that subnets reach by Azure's own network, by the subnet's name."""
    let_out: frozenset[str] = frozenset()
    """Names of further subnets that callers' rules let out to public places."""

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
            if name in self.let_out or needs_way_out(purpose, self.compute_mode)
        }

    def first_of(self, purpose: str) -> str | None:
        """Return the name of the subnet with that purpose, or None."""
        names = (name for name, row in self.subnets.items() if row.name == purpose)
        return next(names, None)


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
    uses_gateways: bool = False,
    service_endpoints: Mapping[str, tuple[str, ...]] | None = None,
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
        uses_gateways: whether the network uses the gateways of a peer.
        service_endpoints: services of each subnet; None: none.
    """
    kind = reader.choice("egress", Egress.NAT_GATEWAY)
    holding = aml_traffic.conditions(
        groups, high_business_impact=reader.flag("high_business_impact", False)
    )
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
        reaches_gateways=uses_gateways
        or any(purpose.name == GATEWAY for purpose in subnets.values())
        or any(
            reader.texts(key, ())
            for key in ("on_premises_address_space", "vpn_client_address_space")
        ),
        network_exists=reader.has("existing_network_id"),
        service_endpoints=service_endpoints or {},
    )
    reader.findings += _name_findings(name, request)
    return request


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

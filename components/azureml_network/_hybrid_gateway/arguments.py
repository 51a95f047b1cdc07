"""The inputs of a HybridGateway, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input

from azureml_network._published_service.arguments import AlertsSpec
from azureml_network._secure_vnet.arguments import DiagnosticSettingSpec, LockKind


class ConnectionMode(StrEnum):
    """Which side begins a site's tunnel, as Azure spells it."""

    DEFAULT = "Default"
    """Either side."""
    INITIATOR_ONLY = "InitiatorOnly"
    """Azure."""
    RESPONDER_ONLY = "ResponderOnly"
    """The site."""


class NatDirection(StrEnum):
    """Whose addresses a NAT rule translates, as Azure spells it."""

    EGRESS = "EgressSnat"
    """The network's, as a site sees them."""
    INGRESS = "IngressSnat"
    """A site's, as the network sees them."""


class NatKind(StrEnum):
    """How a NAT rule maps addresses, as Azure spells it."""

    STATIC = "Static"
    """One to one; both ranges have one size."""
    DYNAMIC = "Dynamic"
    """Many to fewer, by ports; connections begin on the side that is translated."""


class CircuitTier(StrEnum):
    """How far an ExpressRoute circuit reaches, as Azure spells it."""

    LOCAL = "Local"
    """Regions near its peering location; unlimited only."""
    STANDARD = "Standard"
    """Regions of its geopolitical area."""
    PREMIUM = "Premium"
    """All regions, and more networks and routes."""


class CircuitBilling(StrEnum):
    """How an ExpressRoute circuit is paid for, as Azure spells it."""

    METERED = "MeteredData"
    """By outbound data."""
    UNLIMITED = "UnlimitedData"
    """By month; it cannot be changed back to metered."""


class BgpSpec(TypedDict):
    """How the VPN gateway tells sites its routes."""

    as_number: NotRequired[int]
    """Its autonomous system; another than any site's. Default: 65515, Azure's own."""
    apipa_addresses: NotRequired[Sequence[str]]
    """Addresses within 169.254.21.0 to 169.254.22.255 for sites that want such, of the first instance."""  # noqa: E501
    second_apipa_addresses: NotRequired[Sequence[str]]
    """The same of the second instance; with active_active only."""


class NatRuleSpec(TypedDict):
    """Addresses that are translated, for sites whose ranges overlap the network's."""

    direction: NatDirection
    """EgressSnat for the network's own addresses, IngressSnat for a site's."""
    kind: NotRequired[NatKind]
    """Static (the default) or Dynamic."""
    internal_range: str
    """Range before translation, in CIDR notation; one rule for each range."""
    external_range: str
    """Range after translation; with Static, of the internal one's size."""
    instance: NotRequired[str]
    """Instance of an active-active gateway, first or second, that a Dynamic rule is for; one rule for each."""  # noqa: E501


class MaintenanceSpec(TypedDict):
    """When Azure may update the VPN gateway: every day, which is all that it takes for gateways."""  # noqa: E501

    start: str
    """First day and time, such as 2027-01-03 02:00."""
    hours: NotRequired[int]
    """Length of the window, 5 to 23. Default: 5."""
    time_zone: NotRequired[str]
    """Windows' name of the time zone, such as W. Europe Standard Time. Default: UTC."""


class VpnGatewaySpec(TypedDict):
    """A VPN gateway, for sites and clients."""

    size: NotRequired[str]
    """VpnGw1AZ (the default) to VpnGw5AZ."""
    generation: NotRequired[int]
    """1 or 2; another one later replaces the gateway. Default: 2 from VpnGw2AZ on, else 1."""  # noqa: E501
    active_active: NotRequired[bool]
    """Whether both instances carry traffic, each with its own public address. Default: false."""  # noqa: E501
    zones: NotRequired[Sequence[str]]
    """Availability zones of its addresses. Default: 1, 2, 3 where the region has them."""  # noqa: E501
    bgp: NotRequired[BgpSpec]
    """Tells sites the routes by BGP. Default: static ranges."""
    custom_routes: NotRequired[Sequence[str]]
    """Further ranges that VPN clients reach through it, in CIDR notation."""
    nat_rules: NotRequired[Mapping[str, NatRuleSpec]]
    """Translations for overlapping sites, by name; from VpnGw2AZ on."""
    maintenance: NotRequired[MaintenanceSpec]
    """When Azure may update it. Default: whenever Azure does."""


class RadiusServerSpec(TypedDict):
    """A RADIUS server that VPN clients sign in with."""

    address: str
    """Its IPv4 address, in the network or behind the gateway."""
    secret: Input[str]
    """The secret that it shares with the gateway, as a secret."""


class PointToSiteSpec(TypedDict):
    """VPN clients on people's own machines."""

    address_pool: Sequence[str]
    """Ranges that clients get addresses from, in CIDR notation, apart from every other range in use."""  # noqa: E501
    protocols: NotRequired[Sequence[str]]
    """OpenVPN (the default), IkeV2 or both: what each way of signing in allows."""
    authentication: NotRequired[Sequence[str]]
    """entra_id (the default), certificate, radius: how people sign in."""
    tenant_id: NotRequired[Input[str]]
    """Microsoft Entra tenant of the people; required with entra_id."""
    audience: NotRequired[str]
    """Application id that tokens are for. Default: Microsoft's own Azure VPN Client."""
    root_certificates: NotRequired[Mapping[str, str]]
    """Public certificates of the authorities of clients, by name: PEM, or the base64 of DER, as it was pasted."""  # noqa: E501
    revoked_certificates: NotRequired[Mapping[str, str]]
    """Clients' certificates that are not valid any more, by name: PEM, base64 or SHA-1 thumbprint."""  # noqa: E501
    radius_servers: NotRequired[Mapping[str, RadiusServerSpec]]
    """RADIUS servers by name, one or two; required with radius."""


class IpsecPolicySpec(TypedDict):
    """One complete set of algorithms for a site's tunnel."""

    suite: NotRequired[str]
    """Named set that the rest starts from: gcm256 (the default), gcm128 or aes256_sha256."""  # noqa: E501
    ike_encryption: NotRequired[str]
    """Of phase 1, such as GCMAES256 or AES256."""
    ike_integrity: NotRequired[str]
    """Of phase 1, such as SHA384 or SHA256."""
    dh_group: NotRequired[str]
    """Of phase 1, such as ECP384, ECP256, DHGroup24 or DHGroup14."""
    ipsec_encryption: NotRequired[str]
    """Of phase 2, such as GCMAES256 or AES256."""
    ipsec_integrity: NotRequired[str]
    """Of phase 2, such as GCMAES256 or SHA256."""
    pfs_group: NotRequired[str]
    """Of phase 2, such as ECP384, PFS24 or PFS2048."""
    lifetime_seconds: NotRequired[int]
    """Seconds that the keys of phase 2 live, 300 to 172799. Default: 27000."""
    lifetime_kilobytes: NotRequired[int]
    """Kilobytes that they carry, 1024 or more. Default: 102400000."""


class SiteBgpSpec(TypedDict):
    """How a site tells its routes."""

    as_number: int
    """The site's autonomous system."""
    peer_address: str
    """Address of the site's BGP speaker, neither its public address nor in the network."""  # noqa: E501
    gateway_addresses: NotRequired[Sequence[str]]
    """Addresses of `apipa_addresses` that this site talks to, one of each instance. Default: those of the gateway's own."""  # noqa: E501


class TrafficSelectorSpec(TypedDict):
    """Ranges that one tunnel carries, where a device wants them named."""

    local_ranges: Sequence[str]
    """On the network's side, in CIDR notation."""
    remote_ranges: Sequence[str]
    """On the site's side."""


class SiteSpec(TypedDict):
    """A site that is reached by a tunnel; several devices of one site are sites of their own."""  # noqa: E501

    public_address: NotRequired[str]
    """IPv4 address of its VPN device."""
    host_name: NotRequired[str]
    """Name of the device, where its address changes. One of the two is needed."""
    address_space: NotRequired[Sequence[str]]
    """Ranges behind it, in CIDR notation; required without BGP."""
    bgp: NotRequired[SiteBgpSpec]
    """How it tells its routes. Default: static ranges."""
    shared_key: Input[str]
    """Pre-shared key, as a secret: 16 to 128 printable characters."""
    ipsec_policy: NotRequired[IpsecPolicySpec]
    """The tunnel's algorithms. Default: the suite gcm256."""
    traffic_selectors: NotRequired[Sequence[TrafficSelectorSpec]]
    """Ranges by tunnel, for devices that want them named. Default: any to any."""
    dead_peer_timeout_seconds: NotRequired[int]
    """Seconds without answer after which a tunnel is given up, 9 to 3600. Default: 45."""  # noqa: E501
    connection_mode: NotRequired[ConnectionMode]
    """Default, InitiatorOnly or ResponderOnly. Default: Default."""
    ingress_nat_rules: NotRequired[Sequence[str]]
    """Names of the gateway's NAT rules for this site's addresses."""
    egress_nat_rules: NotRequired[Sequence[str]]
    """Names of the gateway's NAT rules for the network's addresses."""


class PrivatePeeringSpec(TypedDict):
    """Private peering of an ExpressRoute circuit, where the provider leaves it to its customer."""  # noqa: E501

    vlan_id: int
    """VLAN, 1 to 4094."""
    peer_as_number: int
    """Autonomous system of the on-premises side."""
    primary_prefix: str
    """The /30 of the first link, apart from every other range in use."""
    secondary_prefix: str
    """The /30 of the second link."""
    shared_key: NotRequired[Input[str]]
    """MD5 key of the BGP sessions, as a secret: up to 25 letters and digits. Default: none."""  # noqa: E501


class GlobalReachSpec(TypedDict):
    """A connection of two circuits, so that their sites reach each other."""

    peer_circuit_id: NotRequired[Input[str]]
    """Resource id of the other circuit."""
    peer_circuit: NotRequired[str]
    """Name of the other circuit among these. One of the two is needed."""
    address_prefix: str
    """A /29 for the connection, apart from every other range in use."""
    authorization_key: NotRequired[Input[str]]
    """Key that the owner of the other circuit gave, as a secret, if that is in another subscription."""  # noqa: E501


class CircuitSpec(TypedDict):
    """An ExpressRoute circuit, made here or brought by id."""

    existing_id: NotRequired[Input[str]]
    """Resource id of a circuit that exists already, in place of what it is made of."""
    authorization_key: NotRequired[Input[str]]
    """Key that its owner gave, as a secret, if it is in another subscription."""
    provider: NotRequired[str]
    """Connectivity provider as Azure spells it; another one later replaces the circuit. Required for a new one."""  # noqa: E501
    peering_location: NotRequired[str]
    """Peering location as Azure spells it; another one later replaces the circuit. Required for a new one."""  # noqa: E501
    bandwidth_megabits: NotRequired[int]
    """50, 100, 200, 500, 1000, 2000, 5000 or 10000; it can grow later and not shrink. Required for a new one."""  # noqa: E501
    tier: NotRequired[CircuitTier]
    """Local, Standard (the default) or Premium. Premium can be given back only while its limits are not used, and to Local there is no way from the others."""  # noqa: E501
    billing: NotRequired[CircuitBilling]
    """MeteredData (the default) or UnlimitedData, which cannot be changed back."""
    private_peering: NotRequired[PrivatePeeringSpec]
    """Only where the provider leaves the routing to its customer, and once it has provisioned the circuit: with `connect`."""  # noqa: E501
    connect: NotRequired[bool]
    """Whether the circuit is connected to the gateway, which Azure refuses until the provider has provisioned it. Default: false for a new circuit, true for an existing one."""  # noqa: E501
    routing_weight: NotRequired[int]
    """0 to 32000; of several circuits the highest is preferred. Default: 0."""
    fast_path: NotRequired[bool]
    """Whether traffic passes the gateway by; with the sizes that have it. Default: false."""  # noqa: E501
    global_reach: NotRequired[Mapping[str, GlobalReachSpec]]
    """Opens the way between this circuit's sites and another's, by a name for each; with `connect`. Default: closed."""  # noqa: E501


class ExpressRouteSpec(TypedDict):
    """An ExpressRoute gateway and its circuits."""

    size: NotRequired[str]
    """ErGw1AZ (the default), ErGw2AZ, ErGw3AZ or ErGwScale."""
    minimum_scale_units: NotRequired[int]
    """1 to 40, with ErGwScale; 2 or more to let it scale. Default: 1."""
    maximum_scale_units: NotRequired[int]
    """1 to 40, with ErGwScale. Default: the minimum."""
    circuits: NotRequired[Mapping[str, CircuitSpec]]
    """Circuits by name. Default: none yet."""


class ForwardingRuleSpec(TypedDict):
    """Names that are asked on-premises."""

    domain: str
    """Domain, such as corp.example.com."""
    servers: Sequence[str]
    """IPv4 addresses of its DNS servers, up to six, with :PORT where that is not 53."""
    enabled: NotRequired[bool]
    """Whether the rule is followed. Default: true."""


class ResolverSpec(TypedDict):
    """A DNS Private Resolver."""

    inbound_subnet_id: Input[str]
    """Resource id of the subnet of the inbound endpoint, which sites and VPN clients ask."""  # noqa: E501
    inbound_subnet_prefix: str
    """Its range in CIDR notation."""
    inbound_address: NotRequired[str]
    """Static address in it, which the network names as its DNS server. Default: the first that Azure leaves free."""  # noqa: E501
    outbound_subnet_id: NotRequired[Input[str]]
    """Resource id of the subnet of the outbound endpoint; required with forwarding_rules."""  # noqa: E501
    forwarding_rules: NotRequired[Mapping[str, ForwardingRuleSpec]]
    """Names that are asked on-premises, by a name for each rule. Default: none."""
    linked_network_ids: NotRequired[Mapping[str, Input[str]]]
    """Further networks that follow the forwarding rules, by a name for each."""


class SpokeSpec(TypedDict):
    """A network that uses this one's gateways; both halves of the peering are made here."""  # noqa: E501

    network_id: str
    """Resource id of the other network."""
    address_space: Sequence[str]
    """Its ranges, in CIDR notation, apart from every other range in use."""
    allow_forwarded_traffic: NotRequired[bool]
    """Opens each network to traffic that the other forwards from elsewhere. Default: closed."""  # noqa: E501


class HybridGatewayArgs(TypedDict):
    """What a HybridGateway needs."""

    resource_group_name: Input[str]
    """Resource group that holds the gateways; that of the network."""
    location: str
    """Azure region, such as westeurope; that of the network."""
    network_id: Input[str]
    """Resource id of the network."""
    network_name: NotRequired[str]
    """Its name; required with spokes, and where `network_id` is not plain."""
    network_address_space: Sequence[str]
    """Its ranges, in CIDR notation, which others must not overlap."""
    gateway_subnet_id: NotRequired[Input[str]]
    """Resource id of GatewaySubnet; required with a gateway."""
    gateway_subnet_prefix: NotRequired[str]
    """Its range in CIDR notation; with it, its size is checked against what is placed in it."""  # noqa: E501
    other_address_space: NotRequired[Sequence[str]]
    """Further ranges in use, of peered networks and on-premises, in CIDR notation, which clients and links must not overlap."""  # noqa: E501
    vpn: NotRequired[VpnGatewaySpec]
    """A VPN gateway. Default: none."""
    point_to_site: NotRequired[PointToSiteSpec]
    """Lets VPN clients in; with vpn. Default: closed."""
    sites: NotRequired[Mapping[str, SiteSpec]]
    """Lets sites in, by name; with vpn. Default: closed."""
    express_route: NotRequired[ExpressRouteSpec]
    """An ExpressRoute gateway. Default: none."""
    resolver: NotRequired[ResolverSpec]
    """Resolves names for sites and clients. Default: none."""
    dns_servers: NotRequired[Sequence[str]]
    """DNS servers of the network, which VPN clients ask too; left out, without a resolver, they resolve no private names."""  # noqa: E501
    private_endpoint_groups: NotRequired[Sequence[str]]
    """Group ids of the network's private endpoints, whose names on-premises forwards. Default: amlworkspace, blob, file, vault, registry, azuremonitor."""  # noqa: E501
    spokes: NotRequired[Mapping[str, SpokeSpec]]
    """Networks that use these gateways, by name. Default: none."""
    alerts: NotRequired[AlertsSpec]
    """Who is told when tunnels or circuits are down. Default: no alerts."""
    diagnostic_settings: NotRequired[Mapping[str, DiagnosticSettingSpec]]
    """Where logs and metrics go, by a name for each setting. Default: nowhere."""
    lock: NotRequired[LockKind]
    """CanNotDelete or ReadOnly, on gateways and circuits; a destroy takes it away first. Default: none."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""

"""The inputs of a SecureVnet, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input


class Egress(StrEnum):
    """How machines in the network reach public services."""

    NAT_GATEWAY = "nat_gateway"
    """A NAT gateway with one fixed public address; the security groups decide what
    may pass."""
    LOAD_BALANCER = "load_balancer"
    """Outbound rules of a public Standard load balancer, for machines whose network
    interfaces join its pool; compute of Azure Machine Learning cannot."""
    FIREWALL = "firewall"
    """Azure Firewall: by service tag and by host name."""
    VIRTUAL_APPLIANCE = "virtual_appliance"
    """A next hop of one's own."""
    NONE = "none"
    """No way out at all."""


class ComputeMode(StrEnum):
    """How compute of Azure Machine Learning is placed in the training subnets."""

    NO_PUBLIC_IP = "no_public_ip"
    """In the subnet, without public addresses: nothing has to come in."""
    PUBLIC_IP = "public_ip"
    """In the subnet, with public addresses: opens TCP 44224 to Azure Machine
    Learning."""
    MANAGED_NETWORK = "managed_network"
    """In a network that Azure Machine Learning manages; nothing in this one."""


class FirewallTier(StrEnum):
    """Tiers of Azure Firewall, as Azure spells them."""

    BASIC = "Basic"
    """For small networks: threat intelligence that alerts, no DNS proxy."""
    STANDARD = "Standard"
    """Threat intelligence that denies, DNS proxy, availability zones."""
    PREMIUM = "Premium"
    """As Standard, with detection of intrusions."""


class DetectionMode(StrEnum):
    """What a firewall does about known threats, as Azure spells it."""

    OFF = "Off"
    """Nothing."""
    ALERT = "Alert"
    """Let it pass, and write a log entry."""
    DENY = "Deny"
    """Stop it, and write a log entry."""


class ZoneOwner(StrEnum):
    """Who makes the private DNS zones and the records of private endpoints."""

    STACK = "stack"
    """This stack does."""
    POLICY = "policy"
    """An Azure Policy of a central team does: neither zones, links nor zone groups
    are made here."""


class RuleAccess(StrEnum):
    """What a rule does with traffic."""

    ALLOW = "allow"
    """Let it pass."""
    DENY = "deny"
    """Stop it."""


class LockKind(StrEnum):
    """Kinds of management locks, as Azure spells them."""

    CAN_NOT_DELETE = "CanNotDelete"
    """It can be changed and not deleted."""
    READ_ONLY = "ReadOnly"
    """It can be neither changed nor deleted."""


class SubnetSpec(TypedDict):
    """One subnet, asked for by what will live in it."""

    purpose: str
    """What will live in it: training, inference, endpoints, jump_box, bastion, gateway, firewall, firewall_management, resolver_inbound, resolver_outbound, load_balancer, private_link_service or general."""  # noqa: E501
    size: NotRequired[int]
    """Prefix length, such as 25; left out: that of `prefix`, or the size recommended for the purpose."""  # noqa: E501
    prefix: NotRequired[str]
    """The range it is pinned to, in CIDR notation; left out: planned around what is pinned."""  # noqa: E501
    azure_name: NotRequired[str]
    """Its name in Azure, where that is not its name here. Another name later replaces the subnet and what is in it."""  # noqa: E501
    machines: NotRequired[int]
    """Cluster nodes, instances and virtual machines that will live in it, one address each; the size is checked against it."""  # noqa: E501
    service_endpoints: NotRequired[Sequence[str]]
    """Azure services that are reached from it through service endpoints, such as Microsoft.Storage. This traffic passes a firewall by."""  # noqa: E501
    existing_id: NotRequired[Input[str]]
    """Resource id of a subnet that exists already; it is used as it is, with the security group and routes that it has. Needs `prefix`."""  # noqa: E501


class ReservationSpec(TypedDict):
    """Address space kept free, for what is to come."""

    size: NotRequired[int]
    """Prefix length, such as 25; left out: that of `prefix`."""
    prefix: NotRequired[str]
    """The range, in CIDR notation; left out: planned around what is pinned."""


class TrafficRule(TypedDict):
    """Traffic said once, from sources to destinations on ports; written on both sides."""  # noqa: E501

    sources: Sequence[str]
    """Where it starts: subnet:NAME, application-security-group:NAME, tag:SERVICE_TAG, on-premises, vpn-clients, internet, or ranges in CIDR notation."""  # noqa: E501
    destinations: Sequence[str]
    """Where it ends, in the same words."""
    ports: NotRequired[Sequence[str]]
    """Destination ports: numbers, first-last or *. Default: none, for protocols without ports only."""  # noqa: E501
    protocol: NotRequired[str]
    """Tcp (the default), Udp, Icmp, Esp, Ah or *."""
    access: NotRequired[RuleAccess]
    """allow (the default) or deny."""
    priority: NotRequired[int]
    """1000 to 3999, the same on both sides; left out: in order of name, from 2000."""
    reason: str
    """Why, for those who review it; becomes the rule's description."""
    open_to_internet: NotRequired[bool]
    """Must be true where a rule lets the Internet in or lets something out to it; opens what the rule says. Default: such a rule is refused."""  # noqa: E501


class AllowedHost(TypedDict):
    """A host on the Internet that the firewall lets machines reach."""

    host: str
    """Its name, or a name that begins with `*.`."""
    ports: NotRequired[Sequence[int]]
    """443 (the default, TLS) or 80 (HTTP) or both."""
    owner: str
    """Who answers for it: a person or a team."""
    expires: str
    """The last day it is allowed, as 2027-03-31; a deployment after it is refused."""
    reason: NotRequired[str]
    """Why machines need it."""


class FirewallSpec(TypedDict):
    """Azure Firewall as the way out."""

    tier: NotRequired[FirewallTier]
    """Basic, Standard (the default) or Premium."""
    zones: NotRequired[Sequence[str]]
    """Availability zones of the firewall and its address: 1, 2, 3. Default: Azure chooses."""  # noqa: E501
    threat_intelligence: NotRequired[DetectionMode]
    """Off, Alert or Deny, for traffic with known malicious addresses and names. Default: Deny, and Alert on Basic, which has no more."""  # noqa: E501
    intrusion_detection: NotRequired[DetectionMode]
    """Off, Alert or Deny; Premium only. Default: Deny on Premium."""
    dns_proxy: NotRequired[bool]
    """Whether the firewall answers DNS queries. Default: true, but on Basic, which cannot."""  # noqa: E501
    dns_servers: NotRequired[Sequence[str]]
    """Addresses that the firewall asks for names. Default: those of the network, or Azure's own if machines ask the firewall."""  # noqa: E501
    allowed_hosts: NotRequired[Mapping[str, AllowedHost]]
    """Opens further hosts to training subnets and other machines, by a name for each; nothing beyond what Azure Machine Learning needs is open otherwise."""  # noqa: E501


class PrivateDnsSpec(TypedDict):
    """Where the private DNS zones live, and who resolves names in them."""

    zones_by: NotRequired[ZoneOwner]
    """Who makes them: stack (the default) or policy, a central team's Azure Policy."""
    resource_group_name: NotRequired[Input[str]]
    """Resource group of new zones. Default: the network's."""
    subscription_id: NotRequired[str]
    """Subscription of new zones, through a provider of its own, named after the component. Default: the network's."""  # noqa: E501
    linked_network_ids: NotRequired[Mapping[str, Input[str]]]
    """Further networks that resolve names in new zones, by a name for each."""
    link_existing_zones: NotRequired[bool]
    """Also links the zones of `private_dns_zone_ids` to this network; their owner must not have done so. Default: false."""  # noqa: E501


class PeeringSpec(TypedDict):
    """A peering with another network."""

    network_id: Input[str]
    """Resource id of the other network."""
    address_space: Sequence[str]
    """Its ranges, in CIDR notation, which this network must not overlap."""
    allow_forwarded_traffic: NotRequired[bool]
    """Opens this network to traffic that the other one forwards from elsewhere. Default: closed."""  # noqa: E501
    allow_gateway_transit: NotRequired[bool]
    """Opens this network's gateways to the other network. Default: closed."""
    use_remote_gateways: NotRequired[bool]
    """Reaches on-premises through the other network's gateways. Default: false."""
    return_peering: NotRequired[bool]
    """Also makes the other network's half, which a peering needs to connect; `network_id` must be plain then. Default: false, its owner does."""  # noqa: E501


class FlowLogsSpec(TypedDict):
    """Records of all flows of the network, in a storage account."""

    storage_account_id: NotRequired[Input[str]]
    """Resource id of an existing account in the same region; needs `identity_id` if it takes no keys."""  # noqa: E501
    identity_id: NotRequired[Input[str]]
    """Resource id of a user-assigned identity that may write blobs in that account."""
    storage_account_name: NotRequired[str]
    """Name of a new account, made closed and without keys, with an identity that may write there. One of the two is needed."""  # noqa: E501
    retention_days: NotRequired[int]
    """Days that records are kept, 1 to 365. Default: 90."""
    log_analytics_workspace_id: NotRequired[Input[str]]
    """Resource id of a Log Analytics workspace; turns traffic analytics on."""
    analytics_minutes: NotRequired[int]
    """Minutes between two runs of traffic analytics, 10 or 60. Default: 60."""
    network_watcher_name: NotRequired[str]
    """Default: NetworkWatcher_<region>, which Azure makes by itself."""
    network_watcher_resource_group_name: NotRequired[str]
    """Default: NetworkWatcherRG."""


class DiagnosticSettingSpec(TypedDict):
    """Where logs and metrics of the network's resources go; at least one of them."""

    log_analytics_workspace_id: NotRequired[Input[str]]
    """Resource id of a Log Analytics workspace."""
    storage_account_id: NotRequired[Input[str]]
    """Resource id of a storage account in the same region."""
    event_hub_authorization_rule_id: NotRequired[Input[str]]
    """Resource id of an authorization rule of an Event Hubs namespace."""
    event_hub_name: NotRequired[Input[str]]
    """Event hub in that namespace. Default: one for each kind of log."""


class SecureVnetArgs(TypedDict):
    """What a SecureVnet needs."""

    resource_group_name: Input[str]
    """Resource group that holds the network."""
    location: str
    """Azure region, such as westeurope."""
    address_space: Sequence[str]
    """Private address ranges of the whole network, in CIDR notation."""
    subnets: Mapping[str, SubnetSpec]
    """Subnets by name."""
    reservations: NotRequired[Mapping[str, ReservationSpec]]
    """Address space kept free, by a name for each."""
    allow_public_address_space: NotRequired[bool]
    """Allows ranges in the address space that are public on the Internet; machines then cannot reach their true owners. Default: false."""  # noqa: E501
    existing_network_id: NotRequired[str]
    """Resource id of a network that exists already, in this subscription; its subnets are made there, within `address_space`."""  # noqa: E501
    compute_mode: NotRequired[ComputeMode]
    """How compute is placed in training subnets: no_public_ip (the default), public_ip, which opens TCP 44224 to Azure Machine Learning, or managed_network."""  # noqa: E501
    rules: NotRequired[Mapping[str, TrafficRule]]
    """Opens or denies further traffic, by a name for each rule."""
    application_security_groups: NotRequired[Sequence[str]]
    """Names of application security groups, which network interfaces join and rules name."""  # noqa: E501
    service_tags_file: NotRequired[str]
    """Path of a newer list of service tags, as Azure publishes it or as `az network list-service-tags` writes it."""  # noqa: E501
    service_endpoint_policy_storage_ids: NotRequired[Sequence[Input[str]]]
    """Ids of storage accounts, resource groups or subscriptions. Subnets with the service endpoint Microsoft.Storage then reach only these and what Azure Machine Learning itself needs."""  # noqa: E501
    egress: NotRequired[Egress]
    """How machines reach public services: nat_gateway (the default), load_balancer, firewall, virtual_appliance or none."""  # noqa: E501
    egress_zone: NotRequired[str]
    """Availability zone of the NAT gateway and its address (1, 2 or 3); left out: Azure chooses. Another zone later means another public address."""  # noqa: E501
    firewall: NotRequired[FirewallSpec]
    """Azure Firewall; with egress firewall only."""
    next_hop_address: NotRequired[str]
    """Address of the virtual appliance; with egress virtual_appliance only."""
    allow_public_packages: NotRequired[bool]
    """Opens TCP 443 from training subnets to every Internet address, for image builds that fetch packages from public indexes; data can leave that way. Default: closed."""  # noqa: E501
    developer_bastion: NotRequired[bool]
    """Opens TCP 22 and 3389 of jump boxes to Bastion's Developer tier, which comes from 168.63.129.16. Default: closed."""  # noqa: E501
    just_in_time_access: NotRequired[bool]
    """Whether TCP 22 and 3389 of jump boxes are closed to Bastion too, until Microsoft Defender for Cloud opens them on request. Default: false, open to Bastion at all times."""  # noqa: E501
    high_business_impact: NotRequired[bool]
    """Opens TCP 443 from training subnets to the key vaults of the region, which compute of a workspace of high business impact uses. Default: closed."""  # noqa: E501
    on_premises_address_space: NotRequired[Sequence[str]]
    """Ranges on the other side of a gateway or peering, in CIDR notation, which the network must not overlap."""  # noqa: E501
    vpn_client_address_space: NotRequired[Sequence[str]]
    """Ranges that VPN clients get addresses from, in CIDR notation, which the network must not overlap."""  # noqa: E501
    peerings: NotRequired[Mapping[str, PeeringSpec]]
    """Peerings with other networks, by a name for each."""
    dns_servers: NotRequired[Sequence[str]]
    """Addresses that machines ask for names, set on the network unless it exists already, and let out to by the groups. Default: Azure's own service."""  # noqa: E501
    private_endpoint_groups: NotRequired[Sequence[str]]
    """Group ids of the private endpoints to come; decides which private DNS zones are made. Default: amlworkspace, blob, file, vault, registry, azuremonitor."""  # noqa: E501
    private_dns_zone_ids: NotRequired[Mapping[str, Input[str]]]
    """Existing private DNS zones as zone name to resource id; they are used as they are, and neither zone nor link is made for them, but with `private_dns.link_existing_zones` a link."""  # noqa: E501
    private_dns: NotRequired[PrivateDnsSpec]
    """Where new zones live and which further networks use them."""
    ddos_protection_plan_id: NotRequired[Input[str]]
    """Resource id of a DDoS protection plan."""
    encrypt_traffic: NotRequired[bool]
    """Whether traffic between machines that can do it is encrypted; the others stay reachable. Default: false."""  # noqa: E501
    flow_logs: NotRequired[FlowLogsSpec]
    """Records of all flows. Default: none."""
    diagnostic_settings: NotRequired[Mapping[str, DiagnosticSettingSpec]]
    """Where logs and metrics go, by a name for each setting. Default: nowhere."""
    lock: NotRequired[LockKind]
    """CanNotDelete or ReadOnly, on the network; then nobody deletes the new account of its flow logs either. A destroy takes locks away first. Default: none."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""

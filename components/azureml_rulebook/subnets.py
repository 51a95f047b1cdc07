"""What a subnet is for, and what Azure demands of a subnet with that purpose.

One row per purpose: its fixed Azure name, its sizes, and whether it may have a security
group, a route table, a delegation or a way out. Everything that treats subnets apart
looks here.
"""

from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import SUBNET, read_resource_id
from azureml_rulebook.spelling import suggestion

TRAINING = "training"
INFERENCE = "inference"
ENDPOINTS = "endpoints"
JUMP_BOX = "jump_box"
BASTION = "bastion"
GATEWAY = "gateway"
FIREWALL = "firewall"
FIREWALL_MANAGEMENT = "firewall_management"
RESOLVER_INBOUND = "resolver_inbound"
RESOLVER_OUTBOUND = "resolver_outbound"
LOAD_BALANCER = "load_balancer"
PRIVATE_LINK_SERVICE = "private_link_service"
GENERAL = "general"

_LEARN = "https://learn.microsoft.com/azure"


@dataclass(frozen=True, kw_only=True)
class SubnetPurpose:
    """What Azure demands of a subnet with one purpose."""

    name: str
    description: str
    page: str
    """The Azure page behind the row."""
    azure_name: str | None = None
    """The only name Azure accepts, where it is fixed; None: the caller's."""
    smallest: int = 29
    """Longest prefix length (smallest subnet) that Azure accepts."""
    recommended: int = 27
    """Prefix length when the caller names no size."""
    largest: int = 8
    """Shortest prefix length (largest subnet) that Azure accepts."""
    security_group: bool = True
    """Whether it has a security group; False where Azure allows or advises none."""
    route_table: bool = True
    """Whether it may have a route table."""
    delegation: str | None = None
    """The service that the subnet is delegated to."""
    egress: bool = False
    """Whether what lives in it needs a way out of the network."""
    egress_by_rule: bool = False
    """Whether it gets a way out once callers' rules let it out to public places."""
    next_hop: bool = False
    """Whether routes may lead to an address in it."""
    private_endpoint_network_policies: str = "NetworkSecurityGroupEnabled"
    """Whether security groups filter private endpoints in it."""
    private_link_service_network_policies: str = "Enabled"
    """Disabled where a Private Link service takes its addresses."""
    service_endpoints: bool = True
    """Whether what lives in it can reach services by service endpoints."""
    service_endpoint_policy: bool = True
    """Whether a policy may limit these: not where one of Azure's own services lives
    (https://learn.microsoft.com/azure/virtual-network/
    virtual-network-service-endpoint-policies-overview#limitations)."""


PURPOSES: dict[str, SubnetPurpose] = {
    row.name: row
    for row in (
        SubnetPurpose(
            name=TRAINING,
            description="compute clusters and instances without public address",
            page=f"{_LEARN}/machine-learning/how-to-secure-training-vnet",
            recommended=25,
            egress=True,
            egress_by_rule=True,
        ),
        SubnetPurpose(
            name=INFERENCE,
            description="machines or Kubernetes nodes that serve models",
            page=f"{_LEARN}/machine-learning/how-to-secure-inferencing-vnet",
            recommended=25,
            egress=True,
        ),
        SubnetPurpose(
            name=ENDPOINTS,
            description="private endpoints of the workspace and its services",
            page=f"{_LEARN}/private-link/disable-private-endpoint-network-policy",
            recommended=27,
        ),
        SubnetPurpose(
            name=JUMP_BOX,
            description="machines that people reach through Bastion",
            page=f"{_LEARN}/bastion/bastion-nsg",
            recommended=28,
            egress=True,
        ),
        SubnetPurpose(
            name=BASTION,
            description="Azure Bastion and nothing else",
            page=f"{_LEARN}/bastion/configuration-settings#subnet",
            azure_name="AzureBastionSubnet",
            smallest=26,
            recommended=26,
            route_table=False,
            service_endpoints=False,
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=GATEWAY,
            description="VPN and ExpressRoute gateways and nothing else",
            page=f"{_LEARN}/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub",
            azure_name="GatewaySubnet",
            # Azure takes /29, but then ExpressRoute can never join VPN.
            smallest=27,
            recommended=27,
            security_group=False,
            service_endpoints=False,
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=FIREWALL,
            description="Azure Firewall and nothing else",
            page=f"{_LEARN}/firewall/firewall-faq",
            azure_name="AzureFirewallSubnet",
            smallest=26,
            recommended=26,
            security_group=False,
            next_hop=True,
            # Its service endpoints are for what it passes on (same page).
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=FIREWALL_MANAGEMENT,
            description="management traffic of Azure Firewall",
            page=f"{_LEARN}/firewall/management-nic",
            azure_name="AzureFirewallManagementSubnet",
            smallest=26,
            recommended=26,
            security_group=False,
            route_table=False,
            service_endpoints=False,
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=RESOLVER_INBOUND,
            description="inbound endpoint of a DNS Private Resolver",
            page=f"{_LEARN}/dns/dns-private-resolver-overview#subnet-restrictions",
            smallest=28,
            recommended=28,
            largest=24,
            delegation="Microsoft.Network/dnsResolvers",
            service_endpoints=False,
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=RESOLVER_OUTBOUND,
            description="outbound endpoint of a DNS Private Resolver",
            page=f"{_LEARN}/dns/dns-private-resolver-overview#subnet-restrictions",
            smallest=28,
            recommended=28,
            largest=24,
            delegation="Microsoft.Network/dnsResolvers",
            service_endpoints=False,
            service_endpoint_policy=False,
        ),
        SubnetPurpose(
            name=LOAD_BALANCER,
            description="front ends of internal load balancers",
            page=f"{_LEARN}/load-balancer/load-balancer-overview",
            recommended=28,
            next_hop=True,
        ),
        SubnetPurpose(
            name=PRIVATE_LINK_SERVICE,
            description="addresses that a Private Link service translates to",
            page=f"{_LEARN}/private-link/disable-private-link-service-network-policy",
            recommended=28,
            private_link_service_network_policies="Disabled",
        ),
        SubnetPurpose(
            name=GENERAL,
            description="anything else; closed but for private endpoints",
            page=f"{_LEARN}/virtual-network/virtual-networks-faq",
            recommended=27,
            egress_by_rule=True,
            next_hop=True,
        ),
    )
}


WITHOUT_SECURITY_GROUP: tuple[str, ...] = (
    *(
        row.azure_name
        for row in PURPOSES.values()
        if row.azure_name is not None and not row.security_group
    ),
    "RouteServerSubnet",
)
"""Names of subnets that Azure lets have no security group, or advises to have none;
for the last one see https://learn.microsoft.com/azure/route-server/route-server-faq."""


def subnet_purpose(name: str) -> SubnetPurpose:
    """Return the row of the purpose called ``name``.

    Raises ValueError for an unknown purpose, naming the nearest one.
    """
    try:
        return PURPOSES[name]
    except KeyError:
        raise ValueError(
            f"'{name}' is not a known purpose; {suggestion(name, PURPOSES)}"
        ) from None


def reserved_name_findings(
    name: str, purpose: SubnetPurpose, *, path: str, other: str = "choose another name"
) -> list[Finding]:
    """Check that a subnet's ``name`` is not one that Azure keeps for another purpose.

    Azure tells such subnets by their names, whatever is meant to live in them.
    ``other``: what can be done besides another purpose.
    """
    return [
        Finding(
            path,
            f"'{name}' is the name that Azure keeps for purpose '{row.name}' and not "
            f"'{purpose.name}'; set purpose to '{row.name}' or {other} ({row.page})",
        )
        for row in PURPOSES.values()
        if row.azure_name is not None
        and row.azure_name.lower() == name.lower()
        and row.name != purpose.name
    ]


def kept_subnet_findings(subnet_id: object, *, path: str) -> list[Finding]:
    """Check that a subnet is not one that Azure keeps, by its name, for one service.

    What is not the plain id of a subnet is not looked at.
    """
    found = read_resource_id(subnet_id, SUBNET, path)
    if isinstance(found, Finding):
        return []
    return [
        Finding(
            path,
            f"'{found.name}' is a subnet for {row.description}; give another one "
            f"({row.page})",
        )
        for row in PURPOSES.values()
        if row.azure_name is not None and row.azure_name.lower() == found.name.lower()
    ]


def existing_name_findings(
    name: str, purpose: SubnetPurpose, *, path: str
) -> list[Finding]:
    """Check that a subnet that exists, called ``name``, can have that purpose."""
    wanted = purpose.azure_name
    if wanted is not None and wanted.lower() != name.lower():
        return [
            Finding(
                path,
                f"'{name}' is not the name that Azure gives purpose '{purpose.name}'; "
                f"give the id of '{wanted}', or another purpose ({purpose.page})",
            )
        ]
    return reserved_name_findings(
        name, purpose, path=path, other="give the id of another subnet"
    )

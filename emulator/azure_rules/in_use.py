"""What cannot be deleted because something still uses it."""

from collections.abc import Callable

from emulator.azure_error import AzureError
from emulator.resource_paths import last_name
from emulator.store import Resource, Store

DeleteRule = Callable[[Store, Resource], None]

_SUBNET = "network:Subnet"
# Only these services hold on to a network's parts; others merely name them.
_HOLDING = ("network:", "compute:", "dnsresolver:", "machinelearningservices:Compute")
_MERELY_NAMING = frozenset({"network:FlowLog"})


def users_of(store: Store, resource: Resource) -> list[Resource]:
    """The resources that keep this one from being deleted."""
    return [
        user
        for user in store.mentioning(resource.id)
        if user.token.startswith(_HOLDING) and user.token not in _MERELY_NAMING
    ]


def subnet_is_unused(store: Store, subnet: Resource) -> None:
    """A subnet with something in it cannot be deleted."""
    users = users_of(store, subnet)
    if users:
        raise AzureError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {last_name(subnet.id)} is in use by {users[0].id} and cannot be "
            "deleted. In order to delete the subnet, delete all the resources within "
            "the subnet. See aka.ms/deletesubnet.",
        )


def network_is_unused(store: Store, network: Resource) -> None:
    """A network cannot go while something is in one of its subnets."""
    for subnet in store.children(network.id, _SUBNET):
        subnet_is_unused(store, subnet)


def cannot_go_while_used(code: str, kind: str, *, by: str | None = None) -> DeleteRule:
    """Something that is still in use (by one type only, if given) cannot be deleted."""

    def rule(store: Store, resource: Resource) -> None:
        users = [u for u in users_of(store, resource) if by in (None, u.token)]
        if users:
            raise AzureError(
                400,
                code,
                f"{kind} {resource.id} can not be deleted since it is still allocated "
                f"to resource {users[0].id}.",
            )

    return rule


def cannot_go_before(*tokens: str) -> DeleteRule:
    """Something cannot be deleted before the resources of these types in it."""

    def rule(store: Store, resource: Resource) -> None:
        for token in tokens:
            for child in store.children(resource.id, token):
                raise AzureError(
                    409,
                    "CannotDeleteResource",
                    "Cannot delete resource while nested resources exist. Some "
                    f"existing nested resource IDs include: '{child.id}'. Please "
                    "delete all nested resources before deleting this resource.",
                )

    return rule


_USED_BY_ANYBODY = (
    # (type, Azure's code, what it calls the resource)
    (
        "dnsresolver:OutboundEndpoint",
        "InUseOutboundEndpointCannotBeDeleted",
        "Outbound endpoint",
    ),
    (
        "network:ApplicationSecurityGroup",
        "InUseApplicationSecurityGroupCannotBeDeleted",
        "Application Security Group",
    ),
    (
        "network:DdosProtectionPlan",
        "InUseDdosProtectionPlanCannotBeDeleted",
        "DDoS protection plan",
    ),
    ("network:FirewallPolicy", "FirewallPolicyDeleteNotAllowed", "Firewall Policy"),
    ("network:IpGroup", "InUseIpGroupCannotBeDeleted", "IP group"),
    (
        "network:LocalNetworkGateway",
        "InUseLocalNetworkGatewayCannotBeDeleted",
        "Local network gateway",
    ),
    ("network:NatGateway", "InUseNatGatewayCannotBeDeleted", "Nat Gateway"),
    ("network:NetworkInterface", "NicInUse", "Network Interface"),
    (
        "network:NetworkSecurityGroup",
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "Network security group",
    ),
    ("network:PublicIPAddress", "PublicIPAddressCannotBeDeleted", "Public IP address"),
    (
        "network:PublicIPPrefix",
        "InUsePublicIpPrefixCannotBeDeleted",
        "Public IP prefix",
    ),
    ("network:RouteTable", "InUseRouteTableCannotBeDeleted", "Route table"),
    (
        "network:ServiceEndpointPolicy",
        "ServiceEndpointPolicyCannotBeDeletedIfReferencedBySubnet",
        "Service Endpoint Policy",
    ),
    (
        "network:VirtualNetworkGateway",
        "VirtualNetworkGatewayCannotBeDeleted",
        "Virtual network gateway",
    ),
)
RULES_BY_TYPE: dict[str, DeleteRule] = {
    "network:Subnet": subnet_is_unused,
    "network:VirtualNetwork": network_is_unused,
    "network:LoadBalancer": cannot_go_while_used(
        "LoadBalancerInUseByPrivateLinkService",
        "Load balancer",
        by="network:PrivateLinkService",
    ),
    "privatedns:PrivateZone": cannot_go_before("privatedns:VirtualNetworkLink"),
    "dnsresolver:DnsResolver": cannot_go_before(
        "dnsresolver:InboundEndpoint", "dnsresolver:OutboundEndpoint"
    ),
    "dnsresolver:DnsForwardingRuleset": cannot_go_before(
        "dnsresolver:PrivateResolverVirtualNetworkLink"
    ),
    **{
        token: cannot_go_while_used(code, kind)
        for token, code, kind in _USED_BY_ANYBODY
    },
}

"""Lists of children inside a parent that azure-native keeps when they are unset.

Such a list (a virtual network's `subnets`) holds the same things as a resource type of
its own (`Subnet`). Azure has them once: here they are stored as resources, and the
parent's list is put together from them. Source: the SDK's documentation of these
properties ("These are also available as standalone resources").
"""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class ChildList:
    """A protected list property of a parent type.

    `child` is the token of the type that its elements also are; None for the access
    policies of a vault, which have no ids of their own.
    """

    parent: str
    path: str
    child: str | None


_LISTS = (
    ChildList("network:VirtualNetwork", "subnets", "network:Subnet"),
    ChildList(
        "network:VirtualNetwork",
        "virtualNetworkPeerings",
        "network:VirtualNetworkPeering",
    ),
    ChildList("network:NetworkSecurityGroup", "securityRules", "network:SecurityRule"),
    ChildList("network:RouteTable", "routes", "network:Route"),
    ChildList(
        "network:ServiceEndpointPolicy",
        "serviceEndpointPolicyDefinitions",
        "network:ServiceEndpointPolicyDefinition",
    ),
    ChildList(
        "network:LoadBalancer",
        "backendAddressPools",
        "network:LoadBalancerBackendAddressPool",
    ),
    ChildList("network:LoadBalancer", "inboundNatRules", "network:InboundNatRule"),
    ChildList(
        "network:ExpressRouteCircuit",
        "authorizations",
        "network:ExpressRouteCircuitAuthorization",
    ),
    ChildList(
        "network:ExpressRouteCircuit",
        "peerings",
        "network:ExpressRouteCircuitPeering",
    ),
    ChildList(
        "network:ExpressRouteCircuitPeering",
        "connections",
        "network:ExpressRouteCircuitConnection",
    ),
    ChildList(
        "network:VirtualNetworkGateway",
        "natRules",
        "network:VirtualNetworkGatewayNatRule",
    ),
    ChildList("keyvault:Vault", "properties.accessPolicies", None),
)


@cache
def protected_lists(token: str) -> tuple[ChildList, ...]:
    """All lists of a type that are kept when unset."""
    return tuple(entry for entry in _LISTS if entry.parent == token)


@cache
def kept_lists(token: str) -> dict[str, str]:
    """The protected lists whose elements are resources: property to child token."""
    return {entry.path: entry.child for entry in protected_lists(token) if entry.child}

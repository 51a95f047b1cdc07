"""The rules that Azure puts at the end of every security group.

They cannot be removed, only overridden by a rule of a lower number. What their tags
mean depends on the network (``service_tags``).
"""

from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule

DEFAULT_RULES_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview"
)


def _default(
    name: str,
    priority: int,
    direction: Direction,
    source: str,
    destination: str,
    description: str,
    access: Access = Access.ALLOW,
) -> SecurityRule:
    return SecurityRule(
        name=name,
        priority=priority,
        direction=direction,
        access=access,
        protocol=ANY,
        sources=(source,),
        destinations=(destination,),
        description=description,
    )


DEFAULT_RULES: tuple[SecurityRule, ...] = (
    _default(
        "AllowVNetInBound",
        65000,
        Direction.INBOUND,
        "VirtualNetwork",
        "VirtualNetwork",
        "the network, its peers and on-premises",
    ),
    _default(
        "AllowAzureLoadBalancerInBound",
        65001,
        Direction.INBOUND,
        "AzureLoadBalancer",
        ANY,
        "health probes",
    ),
    _default(
        "DenyAllInbound",
        65500,
        Direction.INBOUND,
        ANY,
        ANY,
        "everything else",
        Access.DENY,
    ),
    _default(
        "AllowVnetOutBound",
        65000,
        Direction.OUTBOUND,
        "VirtualNetwork",
        "VirtualNetwork",
        "the network, its peers and on-premises",
    ),
    _default(
        "AllowInternetOutBound",
        65001,
        Direction.OUTBOUND,
        ANY,
        "Internet",
        "every address of the Internet",
    ),
    _default(
        "DenyAllOutBound",
        65500,
        Direction.OUTBOUND,
        ANY,
        ANY,
        "everything else",
        Access.DENY,
    ),
)
"""In Azure's order, by direction (``DEFAULT_RULES_PAGE``)."""

"""Subnets that Azure knows by name: what may be attached, and who may live there."""

from dataclasses import dataclass

from emulator.azure_error import AzureError
from emulator.azure_rules.address_ranges import longest_prefix
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

GATEWAY = "gatewaysubnet"
BASTION = "azurebastionsubnet"
FIREWALL = "azurefirewallsubnet"
FIREWALL_MANAGEMENT = "azurefirewallmanagementsubnet"
_SUBNET = "network:Subnet"
_ROUTE = "network:Route"
_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Home:
    """The subnet that a service demands: its name and its longest prefix."""

    service: str
    name: str
    longest: int
    code: str


# https://learn.microsoft.com/azure/bastion/configuration-settings#subnet
BASTION_HOME = Home("Azure Bastion", "AzureBastionSubnet", 26, "BadRequest")
# https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub
GATEWAY_HOME = Home("Virtual network gateway", "GatewaySubnet", 29, "BadRequest")
# https://learn.microsoft.com/azure/firewall/firewall-faq
FIREWALL_HOME = Home(
    "Azure Firewall", "AzureFirewallSubnet", 26, "AzureFirewallInvalidRequest"
)
# https://learn.microsoft.com/azure/firewall/management-nic
FIREWALL_MANAGEMENT_HOME = Home(
    "Azure Firewall management",
    "AzureFirewallManagementSubnet",
    26,
    "AzureFirewallInvalidRequest",
)


def require_home(write: Write, home: Home, subnet_id: object) -> None:
    """Refuse a service outside of its subnet, or in one that is too small."""
    if not isinstance(subnet_id, str):
        return
    if last_name(subnet_id).lower() != home.name.lower():
        raise AzureError(
            400,
            home.code,
            f"{home.service} '{write.name}' must be in a subnet named {home.name}, and "
            f"not in {subnet_id}.",
        )
    subnet = write.store.get(subnet_id)
    length = longest_prefix(subnet.body) if subnet else None
    if length is not None and length > home.longest:
        raise AzureError(
            400,
            home.code,
            f"{home.service} '{write.name}' needs a subnet of at least "
            f"/{home.longest}, but {home.name} in virtual network "
            f"'{last_name(parent_id(subnet_id) or '')}' is /{length}.",
        )


def bastion_is_at_home(write: Write) -> None:
    """Bastion lives in AzureBastionSubnet, of /26 or larger."""
    for configuration in write.inputs.get("ipConfigurations") or []:
        require_home(write, BASTION_HOME, at(configuration, "subnet", "id"))


def gateway_is_at_home(write: Write) -> None:
    """A virtual network gateway lives in GatewaySubnet, of /29 or larger."""
    for configuration in write.inputs.get("ipConfigurations") or []:
        require_home(write, GATEWAY_HOME, at(configuration, "subnet", "id"))


def no_security_group(write: Write) -> None:
    """The subnets of gateways and firewalls have no security group.

    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub
    https://learn.microsoft.com/azure/firewall/firewall-faq
    """
    group = at(write.inputs, "networkSecurityGroup", "id")
    name = write.name.lower()
    if not isinstance(group, str):
        return
    if name == GATEWAY:
        raise AzureError(
            400,
            "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
            f"The operation failed because the network security group "
            f"{last_name(group)} can not be associated to the GatewaySubnet. Please "
            "remove the network security group associated to the GatewaySubnet. No "
            "changes have occurred on the gateway at this time. See here for "
            "additional details: https://aka.ms/GatewaySubnet.",
        )
    if name in (FIREWALL, FIREWALL_MANAGEMENT):
        raise AzureError(
            400,
            "NetworkSecurityGroupCannotBeAttachedToAzureFirewallSubnet",
            f"The network security group {last_name(group)} can not be associated to "
            f"the subnet {write.name}: Azure protects it itself.",
        )


def routes_are_allowed(write: Write) -> None:
    """Which routes the named subnets may have.

    https://learn.microsoft.com/azure/bastion/bastion-faq (none)
    https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub
    (no default route), https://learn.microsoft.com/azure/firewall/forced-tunneling
    (the default route leads to the Internet, unless there is a management subnet)
    """
    table = at(write.inputs, "routeTable", "id")
    name = write.name.lower()
    if not isinstance(table, str):
        return
    if name == BASTION:
        raise AzureError(
            400,
            "RouteTableCannotBeAttachedForAzureBastionSubnet",
            f"Route table {last_name(table)} cannot be attached to the subnet "
            f"{write.name}.",
        )
    if write.store.get(table) is None:
        return
    hops = _default_hops(write.store, table)
    if name == GATEWAY and hops:
        raise _default_route_at_gateway(table)
    if name == FIREWALL and "internet" not in hops:
        management = f"{parent_id(write.id)}/subnets/AzureFirewallManagementSubnet"
        if write.store.get(management) is None:
            raise AzureError(
                400,
                "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
                f"Route Table {last_name(table)} on firewall subnet {write.name} must "
                "have 0.0.0.0/0 route with next hop Internet.",
            )


def route_is_allowed(write: Write) -> None:
    """No default route in a table that GatewaySubnet uses."""
    table = parent_id(write.id) or ""
    if write.inputs.get("addressPrefix") != _EVERYWHERE:
        return
    for subnet in write.store.named(_SUBNET, GATEWAY):
        if same_id(str(at(subnet.body, "routeTable", "id")), table):
            raise _default_route_at_gateway(table)


def no_nat_gateway_at_gateway(write: Write) -> None:
    """GatewaySubnet has no NAT gateway.

    https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource#subnets
    """
    if write.name.lower() == GATEWAY and at(write.inputs, "natGateway", "id"):
        raise AzureError(
            400,
            "NatGatewayCannotBeAttachedToGatewaySubnet",
            f"NAT gateway {last_name(at(write.inputs, 'natGateway', 'id'))} cannot be "
            "associated to the GatewaySubnet.",
        )


def _default_hops(store: Store, table_id: str) -> set[str]:
    """Where a table's default routes lead to."""
    routes: list[Resource] = store.children(table_id, _ROUTE)
    return {
        str(route.body.get("nextHopType")).lower()
        for route in routes
        if route.body.get("addressPrefix") == _EVERYWHERE
    }


def _default_route_at_gateway(table_id: str) -> AzureError:
    return AzureError(
        400,
        "GatewaySubnetRouteTableCannotHaveDefaultRoute",
        f"Route table {last_name(table_id)} has a 0.0.0.0/0 route and cannot be "
        "associated to the GatewaySubnet.",
    )

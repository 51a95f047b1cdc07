"""A small network of everything that decides, and many small changes of it."""

from collections.abc import Callable
from typing import Any

from tests.components import small_networks as small
from tests.components.small_networks import Plain, rule

Change = Callable[[dict[str, Plain]], None]


def hub_and_spoke() -> list[Plain]:
    """A hub with a firewall, a gateway, machines and endpoints, and a peered spoke."""
    return [
        small.network("hub", "10.0.0.0/16"),
        small.network("spoke", "10.1.0.0/16"),
        small.peering("hub", "spoke", allowForwardedTraffic=True),
        small.peering("spoke", "hub", allowForwardedTraffic=True),
        small.group(
            "work-nsg",
            rule(100, source="10.0.0.0/8", port="443"),
            rule(200, direction="Outbound", destination="Internet", port="443"),
            rule(4000, "Deny", protocol="*"),
            rule(4001, "Deny", protocol="*", direction="Outbound"),
        ),
        small.group("desk-nsg", rule(100, source="10.1.0.0/16", port="22")),
        small.group("machine-nsg", rule(300, "Deny", port="3389")),
        small.table(
            "work-rt",
            ("0.0.0.0/0", "VirtualAppliance", "10.0.9.4"),
            ("10.1.0.0/16", "VirtualAppliance", "10.0.9.4"),
        ),
        small.subnet("work", "10.0.0.0/24", group="work-nsg", table="work-rt"),
        small.subnet("desk", "10.0.1.0/24", group="desk-nsg"),
        small.subnet(
            "pe",
            "10.0.2.0/24",
            group="work-nsg",
            privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled",
        ),
        small.subnet("AzureFirewallSubnet", "10.0.9.0/24"),
        small.subnet("GatewaySubnet", "10.0.10.0/24"),
        small.subnet("far", "10.1.0.0/24", of="spoke"),
        small.endpoint("vault", "pe"),
        small.interface(
            "box",
            "desk",
            "10.0.1.9",
            networkSecurityGroup={
                "id": f"{small.GROUP_ID}/providers/Microsoft.Network/"
                "networkSecurityGroups/machine-nsg"
            },
        ),
        *small.gateway(
            "vgw",
            "GatewaySubnet",
            clients=["172.20.0.0/24"],
            sites={"site": ["10.200.0.0/16"]},
        ),
        *small.firewall(
            "afw",
            "AzureFirewallSubnet",
            small.network_rule(["10.1.0.0/16"], ["443"]),
            small.network_rule(["203.0.113.0/24"], ["80"], ["10.0.0.0/24"]),
            small.host_rule("*.example.com", "example.org"),
        ),
    ]


def setting(name: str, path: str, value: Any) -> Change:
    """Set one input of a resource; None takes it away."""

    def change(plan: dict[str, Plain]) -> None:
        holder: Any = plan[name]["inputs"]
        *above, last = path.split(".")
        for key in above:
            holder = holder[int(key) if key.isdigit() else key]
        if value is None:
            del holder[last]
        else:
            holder[int(last) if last.isdigit() else last] = value

    return change


def both(one: Change, other: Change) -> Change:
    """Make two changes."""

    def change(plan: dict[str, Plain]) -> None:
        one(plan)
        other(plan)

    return change


def adding(*entries: Plain) -> Change:
    """Add resources."""

    def change(plan: dict[str, Plain]) -> None:
        plan.update((entry["name"], entry) for entry in entries)

    return change


def without(name: str) -> Change:
    """Remove a resource."""

    def change(plan: dict[str, Plain]) -> None:
        del plan[name]

    return change


_RULES = "securityRules"
_COLLECTION = "ruleCollections.0.rules"
CHANGES: dict[str, Change] = {
    "rule widened": setting("work-nsg", f"{_RULES}.0.sourceAddressPrefix", "*"),
    "port widened": setting("work-nsg", f"{_RULES}.0.destinationPortRange", "22-443"),
    "outbound widened": setting("work-nsg", f"{_RULES}.1.destinationPortRange", "*"),
    "deny turned": setting("work-nsg", f"{_RULES}.2.access", "Allow"),
    "rule unknown": setting(
        "desk-nsg", f"{_RULES}.0.sourceAddressPrefix", small.UNKNOWN
    ),
    "rule of a machine": setting("machine-nsg", f"{_RULES}.0.access", "Allow"),
    "group taken off": setting("desk", "networkSecurityGroup", None),
    "group of the machine": setting("box", "networkSecurityGroup", None),
    "policies off": setting("pe", "privateEndpointNetworkPolicies", "Disabled"),
    "policies on routes": setting("pe", "privateEndpointNetworkPolicies", "Enabled"),
    "table taken off": setting("work", "routeTable", None),
    "next hop": setting("work-rt", "routes.0.nextHopType", "Internet"),
    "route dropped": setting("work-rt", "routes.1.nextHopType", "None"),
    "propagation off": setting("work-rt", "disableBgpRoutePropagation", True),
    "nat gateway": setting("desk", "natGateway", {"id": small.UNKNOWN}),
    "default outbound": setting("work", "defaultOutboundAccess", True),
    "service endpoint": setting(
        "work", "serviceEndpoints", [{"service": "Microsoft.Storage"}]
    ),
    "subnet widened": setting("desk", "addressPrefix", "10.0.4.0/22"),
    "access closed": setting("spoke-to-hub", "allowVirtualNetworkAccess", False),
    "forwarding closed": setting("spoke-to-hub", "allowForwardedTraffic", False),
    "gateway lent": both(
        setting("hub-to-spoke", "allowGatewayTransit", True),
        setting("spoke-to-hub", "useRemoteGateways", True),
    ),
    "space widened": setting("spoke", "addressSpace.addressPrefixes.0", "10.2.0.0/15"),
    "public space": setting("hub", "addressSpace.addressPrefixes.0", "10.0.0.0/15"),
    "clients": setting(
        "vgw",
        "vpnClientConfiguration.vpnClientAddressPool.addressPrefixes.0",
        "172.20.0.0/22",
    ),
    "site": setting(
        "site", "localNetworkAddressSpace.addressPrefixes.0", "10.200.0.0/14"
    ),
    "announced": setting("site-con", "enableBgp", True),
    "firewall rule": setting(
        "afw-rules", f"{_COLLECTION}.0.destinationPorts", ["22", "443"]
    ),
    "firewall sources": setting("afw-rules", f"{_COLLECTION}.1.sourceAddresses", ["*"]),
    "firewall denies": setting("afw-rules", "ruleCollections.0.action.type", "Deny"),
    "host": setting("afw-rules", f"{_COLLECTION}.2.targetFqdns", ["*"]),
    "translation": setting(
        "afw-rules",
        f"{_COLLECTION}.1",
        {
            "ruleType": "NatRule",
            "name": "in",
            "ipProtocols": ["TCP"],
            "sourceAddresses": ["*"],
            "destinationAddresses": ["198.51.100.7"],
            "destinationPorts": ["443"],
            "translatedAddress": "10.0.1.9",
            "translatedPort": "22",
        },
    ),
    "public machine": adding(
        small.public_address("pip"), small.interface("open", "far", public="pip")
    ),
    "endpoint's address": adding(small.endpoint("vault", "pe", "10.0.2.8")),
    "endpoint gone": without("vault"),
    "subnet added": adding(small.subnet("more", "10.0.3.0/24")),
    "firewall gone": without("afw"),
    "gateway gone": without("vgw"),
    "peering gone": without("spoke-to-hub"),
}


def changed(*names: str) -> list[Plain]:
    """The network after some changes, in their order; what is gone stays gone."""
    plan = {entry["name"]: entry for entry in hub_and_spoke()}
    for name in names:
        try:
            CHANGES[name](plan)
        except (KeyError, IndexError):
            continue
    return list(plan.values())

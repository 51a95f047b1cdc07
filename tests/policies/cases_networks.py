"""Cases of the rules on networks and subnets: their ranges, guards, tenants and peers.

C87 (subnets that cannot have a security group) and C89 (b) are among those of VN001.
"""

from typing import Any

from policy_plans import RG, SUBSCRIPTION, UNKNOWN, Id, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

NETWORK = "network:VirtualNetwork"
SUBNET = "network:Subnet"
GROUP = {"id": UNKNOWN}
ON = {"enforcementLevel": "advisory"}


def named(name: Any, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a subnet of its own."""
    return {"subnetName": name, **inputs}


def listed(*subnets: Any, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a network with a list of subnets."""
    return {"subnets": list(subnets), **inputs}


def space(*ranges: Any) -> dict[str, Any]:
    """Return the inputs of a network with these ranges."""
    return {"addressSpace": {"addressPrefixes": list(ranges)}}


RESOURCE_CASES = (
    Case("VN001", OK, SUBNET, {"name": "training", "networkSecurityGroup": GROUP}),
    Case("VN001", OK, SUBNET, named(UNKNOWN, networkSecurityGroup=GROUP)),
    # C87: exempt by their exact names.
    Case("VN001", OK, SUBNET, named("GatewaySubnet")),
    Case("VN001", OK, SUBNET, named("AzureFirewallSubnet")),
    Case("VN001", OK, SUBNET, named("AzureFirewallManagementSubnet")),
    Case("VN001", OK, SUBNET, named("RouteServerSubnet")),
    # Azure compares names without regard to case.
    Case("VN001", OK, SUBNET, named("gatewaysubnet")),
    Case("VN001", BAD, SUBNET, named("AzureBastionSubnet"), "id is missing"),
    Case("VN001", BAD, SUBNET, named("training"), "set it"),
    Case("VN001", BAD, SUBNET, named("my-GatewaySubnet")),
    Case("VN001", BAD, SUBNET, {}),
    Case("VN001", BAD, SUBNET, named("a", networkSecurityGroup={"id": " "})),
    Case("VN001", BAD, SUBNET, named(7.0, networkSecurityGroup="nsg")),
    Case("VN001", OPEN, SUBNET, named(UNKNOWN), "unless it is exempt"),
    Case("VN001", OPEN, SUBNET, named("a", networkSecurityGroup=UNKNOWN)),
    Case(
        "VN001",
        OK,
        SUBNET,
        named("lab"),
        settings={"exemptSubnets": ["Lab"]},
    ),
    Case(
        "VN001",
        BAD,
        NETWORK,
        listed({"name": "a", "networkSecurityGroup": GROUP}, {"name": "b"}),
        "subnets[1].networkSecurityGroup.id is missing",
    ),
    Case("VN001", OPEN, NETWORK, {"subnets": UNKNOWN}, "subnets is not known"),
    Case("VN001", OPEN, NETWORK, listed(UNKNOWN), "subnets[0] is not known"),
    Case("VN001", BAD, NETWORK, listed("training"), "subnets[0]"),
    Case("VN001", BAD, NETWORK, {"subnets": "all"}, "subnets is not a list"),
    Case("VN001", NONE, NETWORK, {}),
    Case("VN002", OK, SUBNET, named("GatewaySubnet")),
    Case("VN002", OK, SUBNET, named("training", networkSecurityGroup=GROUP)),
    Case("VN002", BAD, SUBNET, named("gatewaysubnet", networkSecurityGroup=GROUP)),
    Case(
        "VN002",
        BAD,
        NETWORK,
        listed({"name": "GatewaySubnet", "networkSecurityGroup": GROUP}),
        "subnets[0].networkSecurityGroup is set",
    ),
    Case("VN002", OPEN, SUBNET, named(UNKNOWN, networkSecurityGroup=GROUP)),
    Case("VN002", OPEN, SUBNET, named("GatewaySubnet", networkSecurityGroup=UNKNOWN)),
    Case("VN004", OK, SUBNET, named("training", defaultOutboundAccess=False)),
    Case("VN004", OK, SUBNET, named("AzureBastionSubnet")),
    Case("VN004", BAD, SUBNET, named("training"), "defaultOutboundAccess is missing"),
    Case("VN004", BAD, SUBNET, named("training", defaultOutboundAccess=True)),
    Case(
        "VN004",
        BAD,
        NETWORK,
        listed({"name": "a"}),
        "subnets[0].defaultOutboundAccess is missing",
    ),
    Case("VN004", OPEN, SUBNET, named("training", defaultOutboundAccess=UNKNOWN)),
    Case("VN007", OK, NETWORK, space("10.20.0.0/22", "172.16.0.0/16", "fd00::/48")),
    Case("VN007", BAD, NETWORK, space("172.16.0.0/12"), "172.17.0.0/16"),
    Case("VN007", BAD, SUBNET, {"addressPrefixes": ["172.17.4.0/24"]}),
    Case(
        "VN007",
        BAD,
        NETWORK,
        listed({"addressPrefix": "172.17.4.0/24"}),
        "subnets[0].addressPrefix",
    ),
    Case("VN007", BAD, SUBNET, {"addressPrefix": "ten"}, "is no address range"),
    Case("VN007", BAD, SUBNET, {"addressPrefix": {"a": 1}}, "is no address range"),
    Case("VN007", OPEN, SUBNET, {"addressPrefix": UNKNOWN}),
    Case("VN007", OPEN, NETWORK, space(UNKNOWN)),
    Case("VN008", OK, NETWORK, space("10.20.0.0/22", "192.168.1.0/24", "fd00::/48")),
    Case("VN008", BAD, NETWORK, space("10.20.0.0/22", "20.0.0.0/16"), "20.0.0.0/16"),
    Case("VN008", BAD, NETWORK, space("8.0.0.0/5")),
    Case("VN008", BAD, NETWORK, space("2001:db8::/48")),
    Case("VN008", BAD, NETWORK, space("100.64.0.0/16")),
    Case(
        "VN008",
        OK,
        NETWORK,
        space("100.64.0.0/16"),
        settings={"allowSharedAddressSpace": True},
    ),
    Case(
        "VN008",
        OK,
        NETWORK,
        space("20.0.0.0/16"),
        settings={"allowPublicAddressSpace": True},
    ),
    Case("VN008", OPEN, NETWORK, {"addressSpace": UNKNOWN}),
    Case("VN011", OK, SUBNET, named("AzureBastionSubnet", addressPrefix="10.0.0.0/26")),
    Case("VN011", OK, SUBNET, named("GatewaySubnet", addressPrefix="10.0.0.0/27")),
    Case("VN011", OK, SUBNET, named("training", addressPrefix="10.0.0.0/29")),
    Case(
        "VN011",
        BAD,
        SUBNET,
        named("AzureBastionSubnet", addressPrefix="10.0.0.0/27"),
        "/26",
    ),
    Case("VN011", BAD, SUBNET, named("GatewaySubnet", addressPrefix="10.0.0.0/28")),
    Case(
        "VN011",
        BAD,
        NETWORK,
        listed({"name": "AzureFirewallSubnet", "addressPrefixes": ["10.0.0.0/27"]}),
        "subnets[0].addressPrefixes[0]",
    ),
    Case("VN011", OPEN, SUBNET, named("GatewaySubnet", addressPrefix=UNKNOWN)),
    Case("VN011", OPEN, SUBNET, named(UNKNOWN, addressPrefix="10.0.0.0/28")),
    Case("VN013", OK, NETWORK, {}),
    Case("VN013", BAD, NETWORK, {}, "enableDdosProtection is missing", ON),
    Case("VN013", BAD, NETWORK, {"enableDdosProtection": True}, "plan", ON),
    Case(
        "VN013",
        OK,
        NETWORK,
        {"enableDdosProtection": True, "ddosProtectionPlan": {"id": UNKNOWN}},
        settings=ON,
    ),
    Case(
        "VN013",
        OPEN,
        NETWORK,
        {"enableDdosProtection": UNKNOWN, "ddosProtectionPlan": {"id": UNKNOWN}},
        settings=ON,
    ),
    Case("VN014", OK, NETWORK, {"encryption": {"enabled": True}}, settings=ON),
    Case("VN014", BAD, NETWORK, {}, "encryption.enabled is missing", ON),
    Case("VN014", OPEN, NETWORK, {"encryption": UNKNOWN}, settings=ON),
)

NET = Planned(
    NETWORK, "net", {**RG, "virtualNetworkName": "net", **space("10.20.0.0/22")}
)


def subnet(name: str, **inputs: Any) -> Planned:
    """Return a subnet of the network ``net``."""
    return Planned(
        SUBNET,
        name,
        {**RG, "virtualNetworkName": Name("net"), "subnetName": name, **inputs},
    )


def endpoint(subnet_id: Any, *groups: Any) -> Planned:
    """Return a private endpoint in a subnet."""
    return Planned(
        "network:PrivateEndpoint",
        "pe",
        {
            **RG,
            "privateEndpointName": "pe",
            "subnet": {"id": subnet_id},
            "privateLinkServiceConnections": [{"name": "pe", "groupIds": list(groups)}],
        },
    )


def table(**inputs: Any) -> Planned:
    """Return a route table."""
    return Planned(
        "network:RouteTable", "table", {**RG, "routeTableName": "table", **inputs}
    )


def routes(*prefixes: Any) -> dict[str, Any]:
    """Return a route table's list of routes."""
    return {"routes": [{"addressPrefix": each} for each in prefixes]}


def cluster(subnet_id: Any, nodes: Any, name: str = "cpu", **about: Any) -> Planned:
    """Return a compute cluster in a subnet."""
    return Planned(
        "machinelearningservices:Compute",
        name,
        {
            **RG,
            "computeName": name,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "subnet": {"id": subnet_id},
                    "scaleSettings": {"maxNodeCount": nodes},
                },
                **about,
            },
        },
    )


def peering(remote: Any, **inputs: Any) -> Planned:
    """Return a peering of the network ``net``."""
    return Planned(
        "network:VirtualNetworkPeering",
        "peering",
        {
            **RG,
            "virtualNetworkName": Name("net"),
            "remoteVirtualNetwork": {"id": remote},
            **inputs,
        },
    )


def other(name: str, *ranges: Any) -> Planned:
    """Return another network."""
    return Planned(NETWORK, name, {**RG, "virtualNetworkName": name, **space(*ranges)})


def flow_log(target: Any, **inputs: Any) -> Planned:
    """Return a flow log that keeps records long enough."""
    kept = {"enabled": True, "retentionPolicy": {"enabled": True, "days": 90.0}}
    return Planned(
        "network:FlowLog", "log", {**RG, "targetResourceId": target, **kept, **inputs}
    )


HUB = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers/Microsoft.Network/"
    "virtualNetworks/hub"
)
GATEWAY = subnet("GatewaySubnet", routeTable={"id": Id("table")})
ENDPOINTS = subnet(
    "endpoints", privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled"
)
PLAIN = subnet("plain")
TRAINING = subnet("training", addressPrefix="10.20.0.0/28")
SITE = Planned(
    "network:LocalNetworkGateway",
    "office",
    {**RG, "localNetworkAddressSpace": {"addressPrefixes": ["10.0.0.0/8"]}},
)
CLIENTS = Planned(
    "network:VirtualNetworkGateway",
    "gateway",
    {
        **RG,
        "virtualNetworkGatewayName": "gateway",
        "vpnClientConfiguration": {
            "vpnClientAddressPool": {"addressPrefixes": ["10.20.1.0/24"]}
        },
    },
)


def with_list(*subnets: Any) -> Planned:
    """Return the network with a list of subnets."""
    return Planned(NETWORK, "net", {**NET.inputs, "subnets": list(subnets)})


def dns(*servers: Any) -> Planned:
    """Return the network with DNS servers of its own."""
    options = {"dnsServers": list(servers)}
    return Planned(NETWORK, "net", {**NET.inputs, "dhcpOptions": options})


def vn(
    number: int,
    answer: str,
    label: str,
    *resources: Planned,
    says: str = "",
    settings: dict[str, Any] | None = None,
    preview_only: bool = False,
) -> StackCase:
    """Return a case of a plan of these resources."""
    return StackCase(
        f"VN{number:03}",
        answer,
        label,
        Plan(*resources),
        says,
        settings or {},
        preview_only,
    )


STACK_CASES = (
    vn(3, OK, "no default route", NET, table(**routes("10.1.0.0/16")), GATEWAY),
    vn(3, OK, "no table", NET, subnet("GatewaySubnet")),
    vn(3, OK, "another subnet", NET, table(**routes("0.0.0.0/0")), PLAIN),
    vn(
        3,
        BAD,
        "a default route",
        NET,
        table(**routes("0.0.0.0/0")),
        GATEWAY,
        says="0.0.0.0/0",
    ),
    vn(
        3, BAD, "both halves", NET, table(**routes("0.0.0.0/1", "128.0.0.0/1")), GATEWAY
    ),
    vn(
        3,
        BAD,
        "a route of its own",
        NET,
        table(),
        GATEWAY,
        Planned(
            "network:Route",
            "all",
            {**RG, "routeTableName": Name("table"), "addressPrefix": "0.0.0.0/0"},
        ),
    ),
    vn(
        3,
        BAD,
        "no propagation",
        NET,
        table(disableBgpRoutePropagation=True),
        GATEWAY,
        says="disableBgpRoutePropagation is true",
    ),
    vn(
        3,
        BAD,
        "inline",
        table(**routes("0.0.0.0/0")),
        with_list({"name": "GatewaySubnet", "routeTable": {"id": Id("table")}}),
    ),
    vn(3, OPEN, "prefix unknown", NET, table(**routes(Nowhere())), GATEWAY),
    vn(3, OK, "a tag", NET, table(**routes("AzureMonitor")), GATEWAY),
    vn(5, OK, "filtered", NET, ENDPOINTS, endpoint(Id("endpoints"))),
    vn(5, OK, "nobody there", NET, PLAIN),
    vn(
        5,
        BAD,
        "Azure's default",
        NET,
        PLAIN,
        endpoint(Id("plain")),
        says="privateEndpointNetworkPolicies is missing",
    ),
    vn(
        5,
        BAD,
        "routes only",
        NET,
        subnet("plain", privateEndpointNetworkPolicies="RouteTableEnabled"),
        endpoint(Id("plain")),
    ),
    vn(
        5,
        BAD,
        "inline, the only one",
        with_list({"name": "a"}),
        endpoint(Id("net", "/subnets/a")),
        says="subnets[0].privateEndpointNetworkPolicies",
    ),
    vn(
        5,
        OK,
        "inline, filtered",
        with_list({"name": "a", "privateEndpointNetworkPolicies": "Enabled"}),
        endpoint(Id("net", "/subnets/a")),
    ),
    vn(
        5,
        OPEN,
        "inline, one of two",
        with_list({"name": "a"}, {"name": "b"}),
        endpoint(Id("net", "/subnets/a")),
        preview_only=True,
    ),
    vn(5, OPEN, "somewhere", NET, PLAIN, endpoint(Nowhere()), says="if a private"),
    vn(
        5,
        OPEN,
        "value unknown",
        NET,
        subnet("plain", privateEndpointNetworkPolicies=Nowhere()),
        endpoint(Id("plain")),
    ),
    vn(6, OK, "none", NET, PLAIN, endpoint(Id("plain"), "vault")),
    vn(
        6,
        OK,
        "of another service",
        NET,
        subnet("a", serviceEndpoints=[{"service": "Microsoft.Sql"}]),
        endpoint(Id("a"), "vault", "blob"),
    ),
    vn(
        6,
        BAD,
        "storage, everywhere",
        NET,
        subnet("a", serviceEndpoints=[{"service": "Microsoft.Storage.Global"}]),
        endpoint(Id("a"), "blob_secondary"),
        says="serviceEndpoints[0].service is 'Microsoft.Storage.Global'",
    ),
    vn(
        6,
        OK,
        "limited by a policy",
        NET,
        subnet(
            "a",
            serviceEndpoints=[{"service": "Microsoft.Storage"}],
            serviceEndpointPolicies=[{"id": Nowhere()}],
        ),
        endpoint(Id("a"), "blob"),
        settings={"acceptWithPolicy": True},
    ),
    vn(
        6,
        BAD,
        "limited by no policy",
        NET,
        subnet("a", serviceEndpoints=[{"service": "Microsoft.Storage"}]),
        endpoint(Id("a"), "blob"),
        settings={"acceptWithPolicy": True},
    ),
    vn(
        6,
        BAD,
        "inline",
        with_list({"serviceEndpoints": [{"service": "microsoft.keyvault"}]}),
        endpoint(Nowhere(), "vault"),
        says="subnets[0].serviceEndpoints[0].service",
    ),
    vn(
        6,
        OPEN,
        "group unknown",
        NET,
        subnet("a", serviceEndpoints=[{"service": "Microsoft.KeyVault"}]),
        endpoint(Id("a"), Nowhere()),
    ),
    vn(
        6,
        OPEN,
        "services unknown",
        NET,
        subnet("a", serviceEndpoints=Nowhere()),
        endpoint(Id("a"), "vault"),
    ),
    vn(9, OK, "inside", NET, TRAINING),
    vn(
        9,
        OK,
        "inside, inline",
        with_list({"name": "a", "addressPrefix": "10.20.1.0/24"}),
    ),
    vn(
        9,
        BAD,
        "outside",
        NET,
        subnet("a", addressPrefix="10.30.0.0/24"),
        says="which has 10.20.0.0/22",
    ),
    vn(
        9,
        BAD,
        "overlap",
        NET,
        TRAINING,
        subnet("a", addressPrefixes=["10.20.0.0/24"]),
        says="overlaps",
    ),
    vn(
        9,
        BAD,
        "overlap, inline",
        with_list(
            {"name": "a", "addressPrefix": "10.20.1.0/24"},
            {"name": "b", "addressPrefix": "10.20.1.128/25"},
        ),
    ),
    vn(
        9,
        BAD,
        "overlap of IPv6",
        Planned(
            NETWORK,
            "net",
            {**NET.inputs, **space("10.20.0.0/22", "fd00:1::/48")},
        ),
        subnet("a", addressPrefixes=["10.20.0.0/25", "fd00:1::/64"]),
        subnet("b", addressPrefixes=["10.20.1.0/25", "fd00:1::/64"]),
    ),
    vn(
        9,
        BAD,
        "no space",
        Planned(NETWORK, "net", {**RG, "virtualNetworkName": "net"}),
        TRAINING,
    ),
    vn(9, BAD, "no range", NET, subnet("a", addressPrefix="10.20.0.0/99")),
    vn(9, OPEN, "range unknown", NET, subnet("a", addressPrefix=Nowhere())),
    vn(9, OPEN, "range from a pool", NET, PLAIN, says="ipamPoolPrefixAllocations"),
    vn(
        9,
        OPEN,
        "network outside",
        Planned(
            SUBNET,
            "a",
            {
                **RG,
                "virtualNetworkName": "x",
                "subnetName": "a",
                "addressPrefix": "10.0.0.0/24",
            },
        ),
    ),
    vn(10, OK, "apart", NET, other("hub", "10.30.0.0/22"), peering(Id("hub"))),
    vn(10, OK, "not joined", NET, other("hub", "10.20.0.0/22")),
    vn(
        10,
        BAD,
        "peers overlap",
        NET,
        other("hub", "10.20.2.0/24"),
        peering(Id("hub")),
        says="overlaps '10.20.2.0/24' of 'hub'",
    ),
    vn(
        10,
        BAD,
        "peers overlap, inline",
        other("hub", "10.20.2.0/24"),
        Planned(
            NETWORK,
            "net",
            {
                **NET.inputs,
                "virtualNetworkPeerings": [{"remoteVirtualNetwork": {"id": Id("hub")}}],
            },
        ),
    ),
    vn(10, BAD, "site", NET, SITE, says="overlaps '10.20.0.0/22' of 'net'"),
    vn(10, BAD, "clients", NET, CLIENTS),
    vn(
        10,
        BAD,
        "on-premises",
        NET,
        settings={"onPremCidrs": ["10.0.0.0/8"]},
        says="the configuration",
    ),
    vn(
        10,
        BAD,
        "peer outside, ranges said",
        NET,
        peering(HUB, remoteAddressSpace={"addressPrefixes": ["10.20.0.0/16"]}),
    ),
    vn(
        10,
        BAD,
        "peer outside, ranges configured",
        NET,
        peering(HUB),
        settings={"remoteRanges": ["hub: 10.9.0.0/16, 10.20.0.0/16"]},
    ),
    vn(
        10,
        OK,
        "peer outside, apart",
        NET,
        peering(HUB),
        settings={"remoteRanges": ["HUB: 10.9.0.0/16"]},
    ),
    vn(
        10,
        BAD,
        "ranges configured wrongly",
        NET,
        peering(HUB),
        settings={"remoteRanges": ["hub: everything"]},
        says="'everything', which is no address range",
    ),
    vn(10, OPEN, "peer outside", NET, peering(HUB), says="remoteVirtualNetwork.id"),
    vn(10, OPEN, "ranges unknown", NET, other("hub", Nowhere()), peering(Id("hub"))),
    vn(12, OK, "Azure's", NET),
    vn(12, OK, "two of its own", dns("10.20.0.4", "10.20.0.5")),
    vn(
        12, OK, "of a peer", dns("10.30.0.4", "10.30.0.5"), other("hub", "10.30.0.0/22")
    ),
    vn(
        12,
        OK,
        "a resolver",
        dns("10.20.0.4"),
        Planned(
            "dnsresolver:InboundEndpoint",
            "inbound",
            {**RG, "ipConfigurations": [{"privateIpAddress": "10.20.0.4"}]},
        ),
    ),
    vn(
        12,
        OK,
        "a resolver elsewhere",
        dns("10.9.0.4"),
        settings={"resolvers": ["10.9.0.4"]},
    ),
    vn(
        12,
        OK,
        "servers elsewhere",
        dns("10.9.0.4", "10.9.0.5"),
        settings={"servers": ["10.9.0.0/24"]},
    ),
    vn(12, BAD, "public", dns("8.8.8.8", "8.8.4.4"), says="'8.8.8.8'"),
    vn(12, BAD, "only one", dns("10.20.0.4"), says="has one server"),
    vn(12, BAD, "no address", dns("dns", 7.0)),
    vn(12, OPEN, "unknown", dns(Nowhere(), "10.20.0.4")),
    vn(
        12,
        OPEN,
        "list unknown",
        Planned(NETWORK, "net", {**RG, "dhcpOptions": Nowhere()}),
    ),
    vn(15, OK, "in the stack", NET, other("hub", "10.30.0.0/22"), peering(Id("hub"))),
    vn(15, OK, "configured", NET, peering(HUB), settings={"remoteNetworks": ["hub"]}),
    vn(
        15,
        OK,
        "configured by id",
        NET,
        peering(HUB),
        settings={"remoteNetworks": ["*/HUB"]},
    ),
    vn(
        15,
        OK,
        "pair configured",
        NET,
        other("hub", "10.30.0.0/22"),
        peering(Id("hub"), useRemoteGateways=True),
        settings={"useRemoteGateways": ["net -> hub"]},
    ),
    vn(15, BAD, "outside", NET, peering(HUB), says="leads to 'hub'"),
    vn(
        15,
        BAD,
        "forwarded",
        NET,
        other("hub", "10.30.0.0/22"),
        peering(Id("hub"), allowForwardedTraffic=True),
        says="'net -> hub' in the setting allowForwardedTraffic",
    ),
    vn(
        15,
        BAD,
        "inline",
        other("hub", "10.30.0.0/22"),
        Planned(
            NETWORK,
            "net",
            {
                **NET.inputs,
                "virtualNetworkPeerings": [
                    {
                        "remoteVirtualNetwork": {"id": Id("hub")},
                        "allowGatewayTransit": True,
                    }
                ],
            },
        ),
        says="virtualNetworkPeerings[0]",
    ),
    vn(15, BAD, "leads nowhere", NET, peering(None)),
    vn(15, OPEN, "remote unknown", NET, peering(Nowhere())),
    vn(
        15,
        OPEN,
        "switch unknown",
        NET,
        other("hub", "10.30.0.0/22"),
        peering(Id("hub"), useRemoteGateways=Nowhere()),
    ),
    vn(16, OK, "recorded", NET, flow_log(Id("net"))),
    vn(16, OK, "kept for ever", NET, flow_log(Id("net"), retentionPolicy={})),
    vn(16, BAD, "none", NET, says="no flow log"),
    vn(16, BAD, "of another", NET, other("hub", "10.1.0.0/24"), flow_log(Id("hub"))),
    vn(
        16, BAD, "off", NET, flow_log(Id("net"), enabled=False), says="enabled is false"
    ),
    vn(
        16,
        BAD,
        "kept a week",
        NET,
        flow_log(Id("net"), retentionPolicy={"enabled": True, "days": 7.0}),
        says="days is 7; set it to 90 or more",
    ),
    vn(16, OPEN, "target unknown", NET, flow_log(Nowhere())),
    vn(
        16,
        OPEN,
        "days unknown",
        NET,
        flow_log(Id("net"), retentionPolicy={"enabled": True, "days": Nowhere()}),
    ),
    vn(17, OK, "fits", NET, TRAINING, cluster(Id("training"), 9.0)),
    vn(17, OK, "nobody there", NET, TRAINING),
    vn(
        17,
        BAD,
        "too small with the headroom",
        NET,
        TRAINING,
        cluster(Id("training"), 10.0),
        says="has 11 usable addresses and its compute needs 12",
    ),
    vn(
        17,
        BAD,
        "two clusters",
        NET,
        TRAINING,
        cluster(Id("training"), 6.0),
        cluster(Id("training"), 6.0, "gpu"),
    ),
    vn(
        17,
        BAD,
        "inline",
        with_list({"name": "a", "addressPrefix": "10.20.0.0/28"}),
        cluster(Id("net", "/subnets/a"), 1e300),
    ),
    vn(17, OPEN, "nodes unknown", NET, TRAINING, cluster(Id("training"), Nowhere())),
    vn(
        17,
        OPEN,
        "range unknown",
        NET,
        subnet("a", addressPrefix=Nowhere()),
        cluster(Id("a"), 4.0),
    ),
    vn(18, OK, "beside", NET, TRAINING),
    vn(18, OK, "inline", with_list({"name": "a"})),
    vn(18, BAD, "both", with_list({"name": "a"}), TRAINING, says="'training'"),
    vn(
        18,
        BAD,
        "rules of a group",
        Planned(
            "network:NetworkSecurityGroup",
            "nsg",
            {**RG, "networkSecurityGroupName": "nsg", "securityRules": [{"name": "a"}]},
        ),
        Planned(
            "network:SecurityRule",
            "rule",
            {**RG, "networkSecurityGroupName": Name("nsg")},
        ),
    ),
    vn(
        18,
        BAD,
        "routes of a table",
        table(**routes("10.0.0.0/8")),
        Planned("network:Route", "route", {**RG, "routeTableName": Name("table")}),
    ),
    vn(
        18,
        OPEN,
        "list unknown",
        Planned(NETWORK, "net", {**NET.inputs, "subnets": Nowhere()}),
        TRAINING,
    ),
    vn(
        18,
        OPEN,
        "whose is unknown",
        with_list({"name": "a"}),
        Planned(
            SUBNET, "b", {**RG, "virtualNetworkName": Nowhere(), "subnetName": "b"}
        ),
    ),
)

"""Cases of what an environment may want beyond what the rules want of all."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

ACCOUNT = "storage:StorageAccount"
BLOBS = "storage:BlobServiceProperties"
NETWORK = "network:VirtualNetwork"
SUBNET = "network:Subnet"
GATEWAY = "network:VirtualNetworkGateway"
BASTION = "network:BastionHost"
CIRCUIT = "network:ExpressRouteCircuit"
KEY = "network:ExpressRouteCircuitAuthorization"
WORKSPACE = "machinelearningservices:Workspace"
PRIVATE_ONLY = {"scopes": ["PrivateLink"]}
TRUSTED_ONLY = {"services": ["AzureServices"]}
OWN_RANGES = {"ranges": ["10.40.0.0/20"]}
RESOLVER = {"wanted": ["10.40.2.244"]}
EVERY = {"everySubnet": True}
HUB = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/hub"
)


def kept(enabled: Any = True, days: Any = 30) -> dict[str, Any]:
    """Return the inputs of a blob service that keeps deleted containers."""
    return {"containerDeleteRetentionPolicy": {"enabled": enabled, "days": days}}


def passing(bypass: Any) -> dict[str, Any]:
    """Return the inputs of an account whose firewall lets something pass."""
    return {"networkRuleSet": {"defaultAction": "Deny", "bypass": bypass}}


def asking(*servers: Any) -> dict[str, Any]:
    """Return the inputs of a network with DNS servers."""
    return {
        "addressSpace": {"addressPrefixes": ["10.40.0.0/20"]},
        "dhcpOptions": {"dnsServers": list(servers)},
    }


def sharing(*origins: Any) -> dict[str, Any]:
    """Return the inputs of a blob service that pages of origins read."""
    return {"cors": {"corsRules": [{"allowedOrigins": list(origins)}]}}


def joining(*names: Any) -> dict[str, Any]:
    """Return the inputs of a circuit with authorizations."""
    return {"authorizations": [{"name": each} for each in names]}


def ranges(*prefixes: Any) -> dict[str, Any]:
    """Return the inputs of a network with ranges."""
    return {"addressSpace": {"addressPrefixes": list(prefixes)}}


def clients(*prefixes: Any) -> dict[str, Any]:
    """Return the inputs of a gateway for people's machines."""
    pool = {"vpnClientAddressPool": {"addressPrefixes": list(prefixes)}}
    return {"gatewayType": "Vpn", "vpnClientConfiguration": pool}


def sized(name: str, tier: Any) -> dict[str, Any]:
    """Return the inputs of a gateway of a size."""
    kind = "ExpressRoute" if name.startswith("Er") else "Vpn"
    return {"gatewayType": kind, "sku": {"name": name, "tier": tier}}


RESOURCE_CASES = (
    Case("ST011", OK, ACCOUNT, {"allowedCopyScope": "AAD"}),
    Case("ST011", BAD, ACCOUNT, {"allowedCopyScope": "AAD"}, "'AAD'", PRIVATE_ONLY),
    Case("ST003", OK, ACCOUNT, passing("Logging, Metrics, AzureServices")),
    Case("ST003", OK, ACCOUNT, passing("AzureServices"), settings=TRUSTED_ONLY),
    Case(
        "ST003",
        BAD,
        ACCOUNT,
        passing("AzureServices,logging"),
        "holds 'logging'",
        TRUSTED_ONLY,
    ),
    Case("ST018", OK, BLOBS, kept()),
    Case("ST018", BAD, BLOBS, {}, "deleted containers are gone at once"),
    Case("ST018", BAD, BLOBS, kept(False), "set it to true"),
    Case("ST018", BAD, BLOBS, kept(days=1), "set it to 7 or more"),
    Case("ST018", BAD, BLOBS, kept(days=None), "nothing says how long"),
    Case("ST018", BAD, BLOBS, kept(days=7), "30 or more", {"minimumDays": 30}),
    Case("ST018", OPEN, BLOBS, kept(UNKNOWN)),
    Case("ST018", OPEN, BLOBS, kept(days=UNKNOWN)),
    Case("ST019", OK, ACCOUNT, {"kind": "storagev2"}),
    Case("ST019", BAD, ACCOUNT, {"kind": "BlobStorage"}, "is 'BlobStorage'"),
    Case("ST019", BAD, ACCOUNT, {}, "kind is missing"),
    Case("ST019", OPEN, ACCOUNT, {"kind": UNKNOWN}),
    Case("ST020", OK, BLOBS, {}),
    Case("ST020", OK, BLOBS, sharing("https://ml.azure.com", "https://*.azure.ai")),
    Case("ST020", BAD, BLOBS, sharing("https://ml.azure.com", "*"), "every page"),
    Case("ST020", BAD, BLOBS, sharing("https://*"), "allowedOrigins[0]"),
    Case("ST020", OPEN, BLOBS, sharing(UNKNOWN)),
    Case("ST020", OPEN, BLOBS, {"cors": UNKNOWN}),
    Case("ER002", OK, CIRCUIT, {"circuitName": "amsterdam"}),
    Case("ER002", BAD, CIRCUIT, joining("partner"), "authorization 'partner' lets"),
    Case("ER002", OK, CIRCUIT, joining("partner"), settings={"allowed": ["Partner"]}),
    Case("ER002", BAD, CIRCUIT, joining(UNKNOWN), "lets others join"),
    Case("ER002", OPEN, CIRCUIT, joining(UNKNOWN), settings={"allowed": ["partner"]}),
    Case("ER002", OPEN, CIRCUIT, {"authorizations": UNKNOWN}),
    Case("ER002", BAD, KEY, {"authorizationName": "partner"}, "'partner' lets"),
    Case("ER002", OK, KEY, {"name": "partner"}, settings={"allowed": ["partner"]}),
    Case("ML026", NONE, WORKSPACE, {"kind": "Default"}),
    Case("ML026", OK, WORKSPACE, {}),
    Case("ML026", OK, WORKSPACE, {"kind": "project", "hubResourceId": HUB}),
    Case("ML026", BAD, WORKSPACE, {"kind": "Project"}, "hubResourceId is missing"),
    Case("ML026", OPEN, WORKSPACE, {"kind": UNKNOWN}),
    Case("VN008", OK, NETWORK, ranges("10.40.0.0/22"), settings=OWN_RANGES),
    Case(
        "VN008",
        BAD,
        NETWORK,
        ranges("10.40.0.0/22", "10.41.0.0/22"),
        "'10.41.0.0/22' is not inside 10.40.0.0/20",
        OWN_RANGES,
    ),
    Case("VN008", OPEN, NETWORK, ranges(UNKNOWN), settings=OWN_RANGES),
    Case(
        "VN008",
        BAD,
        NETWORK,
        ranges("10.40.0.0/22"),
        "the setting 'ranges' is not a list of ranges like",
        {"ranges": ["10.40.0.0/33"]},
    ),
    Case("VG001", OK, GATEWAY, sized("VpnGw2AZ", "vpngw2az")),
    Case("VG001", BAD, GATEWAY, sized("VpnGw2AZ", "Basic"), "set both to the same"),
    Case("VG007", BAD, GATEWAY, sized("ErGw1AZ", "Standard"), "set both to the same"),
    Case("VG009", OK, GATEWAY, {"gatewayType": "ExpressRoute"}),
    Case("VG009", BAD, GATEWAY, {"allowRemoteVnetTraffic": True}, "set it to false"),
    Case("VG009", BAD, GATEWAY, {"allowVirtualWanTraffic": True}, "VirtualWan"),
    Case(
        "VG009",
        OK,
        GATEWAY,
        {"allowRemoteVnetTraffic": True},
        settings={"remoteNetworks": True},
    ),
    Case("VG009", OPEN, GATEWAY, {"allowRemoteVnetTraffic": UNKNOWN}),
    Case("VG010", OK, GATEWAY, clients("172.20.0.0/24")),
    Case("VG010", BAD, GATEWAY, clients("172.20.0.0/16"), "has 65536 addresses"),
    Case(
        "VG010",
        BAD,
        GATEWAY,
        clients("172.20.0.0/24"),
        "the setting 'ranges' is not a list of ranges like",
        {"ranges": ["our own"]},
    ),
    Case("VG010", BAD, GATEWAY, clients("203.0.113.0/24"), "is not inside 10.0.0.0/8"),
    Case("VG010", BAD, GATEWAY, clients("172.20.0.0/33"), "no address range"),
    Case("VG010", BAD, GATEWAY, clients("fd00::/64"), "is not inside"),
    Case(
        "VG010",
        BAD,
        GATEWAY,
        clients("172.20.1.0/24"),
        "is not inside 172.20.0.0/24",
        {"ranges": ["172.20.0.0/24"]},
    ),
    Case(
        "VG010",
        BAD,
        GATEWAY,
        clients("172.20.0.0/23"),
        "/24 or smaller",
        {"largest": 24},
    ),
    Case("VG010", OPEN, GATEWAY, clients(UNKNOWN)),
    Case("VG010", NONE, GATEWAY, {"gatewayType": "Vpn"}),
    Case("BA007", OK, BASTION, {"enableKerberos": False}),
    Case("BA007", OK, BASTION, {}),
    Case("BA007", BAD, BASTION, {"enableKerberos": True}, "set it to false"),
    Case("BA007", OK, BASTION, {"enableKerberos": True}, settings={"kerberos": True}),
    Case("BA007", OPEN, BASTION, {"enableKerberos": UNKNOWN}),
)


def only(type_name: str, name: str, **inputs: Any) -> Plan:
    """Return a plan of one resource."""
    return Plan(Planned(type_name, name, {**RG, **inputs}))


def network(**inputs: Any) -> Plan:
    """Return a plan of a network."""
    return only(NETWORK, "network", virtualNetworkName="vnet", **inputs)


def subnet(**inputs: Any) -> Plan:
    """Return a plan of a subnet without endpoints."""
    return only(
        SUBNET, "subnet", virtualNetworkName="vnet", subnetName="training", **inputs
    )


GUARDED = {"privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled"}


def recorded(**log: Any) -> Plan:
    """Return a network with a flow log."""
    given = {
        "targetResourceId": Id("network"),
        "enabled": True,
        "retentionPolicy": {"enabled": True, "days": 90},
    }
    return network().adding(Planned("network:FlowLog", "log", given | log))


STACK_CASES = (
    StackCase("VN005", OK, "every subnet", subnet(**GUARDED), settings=EVERY),
    StackCase("VN005", BAD, "every subnet, open", subnet(), settings=EVERY),
    StackCase(
        "VN005",
        BAD,
        "every subnet, services open",
        subnet(**GUARDED, privateLinkServiceNetworkPolicies="Disabled"),
        "privateLinkServiceNetworkPolicies is 'Disabled'",
        EVERY,
    ),
    StackCase(
        "VN012",
        OK,
        "as wanted",
        network(**asking("10.40.2.244")),
        settings={"resolvers": ["10.40.2.244"], **RESOLVER},
    ),
    StackCase(
        "VN012",
        BAD,
        "none, and one is wanted",
        network(**ranges("10.40.0.0/20")),
        "dhcpOptions.dnsServers is missing; set it to 10.40.2.244",
        RESOLVER,
    ),
    StackCase(
        "VN012",
        BAD,
        "others than wanted",
        network(**asking("10.40.2.244", "10.40.2.245")),
        "set it to 10.40.2.244",
        RESOLVER,
    ),
    StackCase(
        "VN016",
        BAD,
        "written with keys",
        recorded(),
        "the keys of the account write the records",
        {"identity": True},
    ),
    StackCase(
        "VN016",
        OK,
        "written by an identity",
        recorded(identity={"type": "UserAssigned"}),
        settings={"identity": True},
    ),
)

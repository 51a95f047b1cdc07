"""Cases of the rules on routes and on the way out of subnets with compute."""

from typing import Any

from policy_plans import RG, SUBSCRIPTION, UNKNOWN, Id, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

TABLE = "network:RouteTable"
ROUTE = "network:Route"
ELSEWHERE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/"
    "Microsoft.Network/routeTables/central"
)
EVERYTHING = "0.0.0.0/0"
FIREWALL_ADDRESS = "10.20.0.68"


def route(prefix: Any, hop: Any, address: Any = None) -> dict[str, Any]:
    """Return a route."""
    given = {
        "addressPrefix": prefix,
        "nextHopType": hop,
        "nextHopIpAddress": address,
    }
    return {key: value for key, value in given.items() if value is not None}


def routes(*each: Any, name: Any = "rt") -> dict[str, Any]:
    """Return the inputs of a table."""
    return {"routeTableName": name, "routes": list(each)}


def own(prefix: Any, hop: Any, name: Any = "rt") -> dict[str, Any]:
    """Return the inputs of a route of its own."""
    return {"routeTableName": name, "routeName": "r", **route(prefix, hop)}


MANAGEMENT = {"routeTables": ["RT"]}

RESOURCE_CASES = (
    Case("RT001", OK, TABLE, {}),
    Case("RT001", OK, TABLE, routes(route(EVERYTHING, "VirtualAppliance", "10.0.0.4"))),
    Case("RT001", OK, TABLE, routes(route("20.0.0.0/8", "Internet"))),
    Case("RT001", OK, TABLE, routes(route("AzureMachineLearning", "Internet"))),
    Case("RT001", OK, TABLE, routes(route(EVERYTHING, "None"))),
    Case(
        "RT001",
        BAD,
        TABLE,
        routes(route(EVERYTHING, "Internet")),
        "routes[0].nextHopType is 'Internet' for '0.0.0.0/0'",
    ),
    Case("RT001", BAD, TABLE, routes(route(EVERYTHING, "internet"))),
    Case("RT001", BAD, TABLE, routes(route("::/0", "Internet")), "'::/0'"),
    Case(
        "RT001",
        BAD,
        TABLE,
        routes(route("0.0.0.0/1", "Internet"), route("128.0.0.0/1", "Internet")),
        "routes[1].nextHopType",
    ),
    Case("RT001", BAD, TABLE, {"routes": "all"}, "routes is not a list"),
    Case("RT001", OPEN, TABLE, {"routes": UNKNOWN}, "routes is not known"),
    Case("RT001", OPEN, TABLE, routes(UNKNOWN), "routes[0] is not known"),
    Case("RT001", OPEN, TABLE, routes(route(EVERYTHING, UNKNOWN)), "nextHopType"),
    Case("RT001", OPEN, TABLE, routes(route(UNKNOWN, "Internet")), "addressPrefix"),
    Case("RT001", OK, TABLE, routes(route(UNKNOWN, "None"))),
    Case("RT001", OK, TABLE, routes(route("10.0.0.0/8", UNKNOWN))),
    Case("RT001", BAD, ROUTE, own("128.0.0.0/1", "Internet"), "nextHopType is"),
    Case("RT001", OK, ROUTE, own("128.0.0.0/1", "VirtualNetworkGateway")),
    Case("RT001", OPEN, ROUTE, own(UNKNOWN, "Internet")),
    Case("RT001", NONE, ROUTE, own(EVERYTHING, "Internet"), settings=MANAGEMENT),
    Case("RT001", BAD, ROUTE, own(EVERYTHING, "Internet", "x"), settings=MANAGEMENT),
    Case(
        "RT001",
        OPEN,
        ROUTE,
        own(EVERYTHING, "Internet", UNKNOWN),
        "unless it is in routeTables",
        settings=MANAGEMENT,
    ),
    Case(
        "RT001",
        NONE,
        TABLE,
        routes(route(EVERYTHING, "Internet")),
        settings=MANAGEMENT,
    ),
)


def network(**inputs: Any) -> Planned:
    """Return a network."""
    return Planned(
        "network:VirtualNetwork",
        "network",
        {**RG, "virtualNetworkName": "vnet", **inputs},
    )


def subnet(name: str, prefix: Any, **inputs: Any) -> Planned:
    """Return a subnet."""
    given = {"subnetName": name, "addressPrefix": prefix, **inputs}
    return Planned(
        "network:Subnet", name, {**RG, "virtualNetworkName": Name("network"), **given}
    )


def table(*each: Any, **inputs: Any) -> Planned:
    """Return a table with these routes."""
    return Planned(TABLE, "table", {**RG, **routes(*each), **inputs})


OF_THE_TABLE = Name("table")


def own_route(
    prefix: Any, hop: Any, address: Any = None, of: Any = OF_THE_TABLE
) -> Planned:
    """Return a route of its own."""
    return Planned(
        ROUTE, "route", {**RG, "routeTableName": of, **route(prefix, hop, address)}
    )


def cluster(subnet_id: Any, **properties: Any) -> Planned:
    """Return a cluster without public addresses."""
    given = {"enableNodePublicIp": False, "subnet": {"id": subnet_id}, **properties}
    return Planned(
        "machinelearningservices:Compute",
        "cluster",
        {**RG, "properties": {"computeType": "AmlCompute", "properties": given}},
    )


APPLIANCE = "VirtualAppliance"
TO_FIREWALL = route(EVERYTHING, APPLIANCE, FIREWALL_ADDRESS)
FIREWALL_SUBNET = subnet("AzureFirewallSubnet", "10.20.0.64/26")
BASE = Plan(network(), FIREWALL_SUBNET)
BEHIND_TABLE = {"routeTable": {"id": Id("table")}}
IN_TRAINING = cluster(Id("training"))
TRAINING = BASE.adding(subnet("training", "10.20.0.0/26", **BEHIND_TABLE), IN_TRAINING)
INLINE = Plan(
    network(
        subnets=[
            {
                "name": "inline",
                "addressPrefix": "10.20.0.0/26",
                "defaultOutboundAccess": False,
                **BEHIND_TABLE,
            }
        ]
    ),
    FIREWALL_SUBNET,
    cluster(Id("network", "/subnets/inline")),
)
TAGS = (
    "AzureActiveDirectory",
    "AzureMachineLearning",
    "BatchNodeManagement",
    "AzureResourceManager",
    "Storage",
    "AzureFrontDoor.Frontend",
    "AzureFrontDoor.FirstParty",
    "MicrosoftContainerRegistry",
)
HUB = {"applianceRanges": ["10.0.0.0/26"]}

NEXT_HOPS = (
    StackCase("RT002", OK, "the firewall", BASE.adding(table(TO_FIREWALL))),
    StackCase("RT002", OK, "no appliance", BASE.adding(table(route("1.0.0.0/8", "x")))),
    StackCase(
        "RT002",
        OK,
        "one in an inline subnet",
        INLINE.adding(table(route(EVERYTHING, APPLIANCE, "10.20.0.4"))),
    ),
    StackCase(
        "RT002",
        BAD,
        "in no subnet",
        BASE.adding(table(route(EVERYTHING, APPLIANCE, "10.20.1.4"))),
        "routes[0].nextHopIpAddress is '10.20.1.4', in no subnet of this stack",
    ),
    StackCase(
        "RT002",
        OK,
        "in a hub",
        BASE.adding(table(route(EVERYTHING, APPLIANCE, "10.0.0.4"))),
        settings=HUB,
    ),
    StackCase(
        "RT002",
        BAD,
        "a hub that is no range",
        BASE.adding(table(TO_FIREWALL)),
        "applianceRanges[0] is 'hub', which is no address range",
        settings={"applianceRanges": ["hub"]},
    ),
    StackCase(
        "RT002",
        BAD,
        "no address",
        BASE.adding(table(route(EVERYTHING, APPLIANCE))),
        "nextHopIpAddress is missing",
    ),
    StackCase(
        "RT002",
        BAD,
        "a name",
        BASE.adding(table(route(EVERYTHING, APPLIANCE, "firewall"))),
        "no IPv4 address",
    ),
    StackCase(
        "RT002",
        BAD,
        "of its own, in no subnet",
        BASE.adding(table(), own_route(EVERYTHING, APPLIANCE, "192.168.9.4")),
        "nextHopIpAddress is '192.168.9.4'",
    ),
    StackCase(
        "RT002",
        OK,
        "an interface's address",
        BASE.adding(
            Planned("network:NetworkInterface", "nva", RG),
            table(),
            own_route(EVERYTHING, APPLIANCE, Id("nva")),
        ),
        preview_only=True,
    ),
    StackCase(
        "RT002",
        OPEN,
        "unknown address",
        BASE.adding(table(route(EVERYTHING, APPLIANCE, Nowhere()))),
        "nextHopIpAddress is not known",
    ),
    StackCase(
        "RT002",
        OPEN,
        "unknown hop",
        BASE.adding(table(route(EVERYTHING, Nowhere()))),
        "nextHopType is not known",
    ),
    StackCase(
        "RT002",
        OPEN,
        "a subnet to come",
        BASE.adding(
            subnet("more", Nowhere()), table(route(EVERYTHING, APPLIANCE, "10.9.0.4"))
        ),
        "addressPrefix is not known",
    ),
)

NOWHERE = (
    StackCase(
        "RT002",
        BAD,
        "everything",
        TRAINING.adding(table(route(EVERYTHING, "None"))),
        "leads to None, and Azure Machine Learning needs AzureActiveDirectory",
    ),
    StackCase(
        "RT002",
        BAD,
        "a tag of the region",
        TRAINING.adding(
            table(route("Storage.westeurope", "None"), location="West Europe")
        ),
        "needs Storage",
    ),
    StackCase(
        "RT002",
        BAD,
        "of its own",
        TRAINING.adding(table(), own_route("AzureMachineLearning", "None")),
        "needs AzureMachineLearning",
    ),
    StackCase(
        "RT002",
        BAD,
        "an inline subnet's",
        INLINE.adding(table(route("AzureCloud", "none"))),
        "leads to None",
    ),
    StackCase(
        "RT002",
        BAD,
        "a serverless subnet's",
        TRAINING.without("cluster").adding(
            table(route(EVERYTHING, "None")),
            Planned(
                "machinelearningservices:Workspace",
                "w",
                {
                    **RG,
                    "workspaceName": "w",
                    "serverlessComputeSettings": {
                        "serverlessComputeCustomSubnet": Id("training")
                    },
                },
            ),
        ),
        "leads to None",
    ),
    StackCase(
        "RT002",
        OK,
        "what is needed has routes of its own",
        TRAINING.adding(
            table(route(EVERYTHING, "None"), *(route(tag, "Internet") for tag in TAGS))
        ),
    ),
    StackCase(
        "RT002",
        OK,
        "private ranges",
        TRAINING.adding(table(route("10.0.0.0/8", "None"))),
    ),
    StackCase(
        "RT002",
        OK,
        "another tag",
        TRAINING.adding(table(route("ApiManagement", "None"))),
    ),
    StackCase(
        "RT002",
        OK,
        "without compute",
        TRAINING.without("cluster").adding(table(route(EVERYTHING, "None"))),
    ),
    StackCase(
        "RT002",
        OPEN,
        "a prefix to come",
        TRAINING.adding(table(route(Nowhere(), "None"))),
        "addressPrefix is not known",
    ),
    StackCase(
        "RT002",
        OPEN,
        "compute somewhere",
        TRAINING.adding(cluster(Nowhere()), table(route(EVERYTHING, "None"))),
        "if the table is for compute",
    ),
    StackCase(
        "RT002",
        OPEN,
        "a table elsewhere",
        TRAINING.adding(table(), own_route(EVERYTHING, "None", of="central")),
        "names a table outside of this stack",
    ),
)

PUBLIC_CLUSTER = cluster(Id("training"), enableNodePublicIp=True)
WAY_BACK = route("AzureMachineLearning", "Internet")
PUBLIC = TRAINING.adding(PUBLIC_CLUSTER)

WAYS_BACK = (
    StackCase("RT003", OK, "a bypass", PUBLIC.adding(table(TO_FIREWALL, WAY_BACK))),
    StackCase(
        "RT003",
        OK,
        "a bypass of the region",
        PUBLIC.adding(
            table(TO_FIREWALL, route("azuremachinelearning.westeurope", "internet"))
        ),
    ),
    StackCase("RT003", OK, "no default route", PUBLIC.adding(table())),
    StackCase(
        "RT003",
        OK,
        "a bypass of its own",
        PUBLIC.adding(
            table(TO_FIREWALL), own_route("AzureMachineLearning", "Internet")
        ),
    ),
    StackCase(
        "RT003",
        BAD,
        "no bypass",
        PUBLIC.adding(table(TO_FIREWALL)),
        "has no route for AzureMachineLearning to the Internet",
    ),
    StackCase(
        "RT003",
        BAD,
        "public by default",
        TRAINING.adding(
            cluster(Id("training"), enableNodePublicIp=None), table(TO_FIREWALL)
        ),
        "no route for AzureMachineLearning",
    ),
    StackCase(
        "RT003",
        BAD,
        "two halves",
        PUBLIC.adding(
            table(
                route("0.0.0.0/1", APPLIANCE, FIREWALL_ADDRESS),
                route("128.0.0.0/1", APPLIANCE, FIREWALL_ADDRESS),
            )
        ),
        "no route for AzureMachineLearning",
    ),
    StackCase(
        "RT003",
        OPEN,
        "perhaps public",
        TRAINING.adding(
            cluster(Id("training"), enableNodePublicIp=Nowhere()), table(TO_FIREWALL)
        ),
        "enableNodePublicIp is not known",
    ),
    StackCase(
        "RT003",
        OPEN,
        "a table elsewhere",
        PUBLIC.with_inputs("training", routeTable={"id": ELSEWHERE}),
        "names a table outside of this stack",
    ),
    StackCase(
        "RT003",
        OPEN,
        "a route of a table to come",
        PUBLIC.adding(
            table(TO_FIREWALL),
            own_route("AzureMachineLearning", "Internet", of=Nowhere()),
        ),
        "routeTableName is not known",
    ),
    StackCase("RT003", NONE, "private compute", TRAINING.adding(table(TO_FIREWALL))),
    StackCase(
        "RT003",
        NONE,
        "Kubernetes",
        PUBLIC.with_inputs("cluster", properties={"computeType": "Kubernetes"}).adding(
            table(TO_FIREWALL)
        ),
    ),
)


def closed(**inputs: Any) -> Plan:
    """Return a subnet with compute and without default outbound access."""
    return BASE.adding(
        subnet("training", "10.20.0.0/26", defaultOutboundAccess=False, **inputs),
        IN_TRAINING,
    )


LEARNED = {"learnedDefaultRoute": True}
NAT = Planned("network:NatGateway", "nat", {**RG, "natGatewayName": "ng"})
OPEN_SUBNET = closed().with_inputs("training", defaultOutboundAccess=None)

WAYS_OUT = (
    StackCase(
        "NG001", OK, "a NAT gateway", closed(natGateway={"id": Id("nat")}).adding(NAT)
    ),
    StackCase(
        "NG001", OK, "a firewall", closed(**BEHIND_TABLE).adding(table(TO_FIREWALL))
    ),
    StackCase(
        "NG001",
        OK,
        "a route of its own",
        closed(**BEHIND_TABLE).adding(
            table(), own_route(EVERYTHING, "VirtualNetworkGateway")
        ),
    ),
    StackCase("NG001", OK, "an inline subnet", INLINE.adding(table(TO_FIREWALL))),
    StackCase("NG001", OK, "learned from a gateway", closed(), settings=LEARNED),
    StackCase("NG001", OK, "default access", OPEN_SUBNET),
    StackCase("NG001", BAD, "nothing", closed(), "'training' has compute and no way"),
    StackCase(
        "NG001",
        BAD,
        "a table without a default route",
        closed(**BEHIND_TABLE).adding(
            table(route("10.0.0.0/8", APPLIANCE, FIREWALL_ADDRESS))
        ),
        "no way out",
    ),
    StackCase(
        "NG001",
        BAD,
        "half a default route",
        closed(**BEHIND_TABLE).adding(
            table(route("0.0.0.0/1", APPLIANCE, FIREWALL_ADDRESS))
        ),
        "no way out",
    ),
    StackCase(
        "NG001",
        BAD,
        "an inline subnet with an empty table",
        INLINE.adding(table()),
        "subnets[0].defaultOutboundAccess is false",
    ),
    StackCase(
        "NG001",
        OPEN,
        "unknown access",
        closed().with_inputs("training", defaultOutboundAccess=Nowhere()),
        "defaultOutboundAccess is not known",
    ),
    StackCase(
        "NG001",
        OPEN,
        "an unknown route",
        closed(**BEHIND_TABLE).adding(table(route(Nowhere(), APPLIANCE, "10.20.0.68"))),
        "addressPrefix is not known",
    ),
    StackCase(
        "NG001",
        OPEN,
        "a table elsewhere",
        closed(routeTable={"id": ELSEWHERE}),
        "names a table outside of this stack",
    ),
    StackCase("NG001", OPEN, "an unknown table", closed(routeTable=Nowhere())),
    StackCase(
        "NG001",
        OPEN,
        "compute somewhere",
        closed().adding(cluster(Nowhere())),
        "subnet.id is not known",
    ),
    StackCase("NG001", NONE, "no compute", closed().without("cluster")),
)

STACK_CASES = (*NEXT_HOPS, *NOWHERE, *WAYS_BACK, *WAYS_OUT)

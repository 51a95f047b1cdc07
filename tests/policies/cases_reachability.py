"""Cases of the rules on reachability, and of where groups are used.

Addresses, ports and tags are written by hand from Azure's pages. The network is
10.20.0.0/22: training 10.20.0.0/25, endpoints 10.20.0.128/27, jump box 10.20.0.160/28,
Bastion 10.20.0.192/26.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from policy_plans import RG, Id, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, StackCase

from azureml_policies._frame.exemptions import utc_today

GROUP = "network:NetworkSecurityGroup"
RULE = "network:SecurityRule"
SUBNET = "network:Subnet"
NETWORK = "network:VirtualNetwork"
INTERFACE = "network:NetworkInterface"
ADDRESS = "network:PublicIPAddress"
ENDPOINT = "network:PrivateEndpoint"
PEERING = "network:VirtualNetworkPeering"
BASTION = "network:BastionHost"
COMPUTE = "machinelearningservices:Compute"
WORKSPACE = "machinelearningservices:Workspace"
APPLICATION_GROUP = "network:ApplicationSecurityGroup"
TABLE = "network:RouteTable"
FIREWALL = "network:AzureFirewall"

TRAINING, ENDPOINTS = "10.20.0.0/25", "10.20.0.128/27"
DESKS, BASTIONS = "10.20.0.160/28", "10.20.0.192/26"
TRAINING_ID, OTHER_ID = Id("training"), Id("other")
DESK_GROUP, BASTION_GROUP = Id("desk-nsg"), Id("bastion-nsg")
DENY = {
    "name": "DenyAll",
    "priority": 4096,
    "direction": "Inbound",
    "access": "Deny",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "*",
}
DENY_OUT = {**DENY, "name": "DenyAllOut", "direction": "Outbound"}


def let(
    priority: int, source: Any, ports: Any, protocol: str = "Tcp", **more: Any
) -> dict[str, Any]:
    """Return an inbound rule that lets a source in to ports of TCP."""
    return {
        **DENY,
        "name": f"Allow{priority}In",
        "priority": priority,
        "access": "Allow",
        "protocol": protocol,
        "sourceAddressPrefix": source,
        "destinationPortRange": ports,
        **more,
    }


def out(
    priority: int, destination: Any, ports: Any = "*", protocol: str = "Tcp"
) -> dict[str, Any]:
    """Return an outbound rule that lets TCP out to a destination."""
    return {
        **DENY,
        "name": f"Allow{priority}Out",
        "priority": priority,
        "access": "Allow",
        "direction": "Outbound",
        "protocol": protocol,
        "destinationAddressPrefix": destination,
        "destinationPortRange": ports,
    }


def network(name: str = "vnet", prefix: Any = "10.20.0.0/22", **more: Any) -> Planned:
    """Return a network."""
    given = {
        **RG,
        "virtualNetworkName": name,
        "location": "westeurope",
        "addressSpace": {"addressPrefixes": [prefix]},
    }
    return Planned(NETWORK, name, given | more)


def group(name: str, *rules: Any, closed: bool = True) -> Planned:
    """Return a group; ``closed``: with the final denies."""
    ends = [DENY, DENY_OUT] if closed else []
    given = {**RG, "networkSecurityGroupName": name, "location": "westeurope"}
    return Planned(GROUP, name, given | {"securityRules": [*rules, *ends]})


def subnet(name: str, prefix: Any, guard: Any = None, **more: Any) -> Planned:
    """Return a stand-alone subnet; ``guard``: the id of its group."""
    given = {
        **RG,
        "virtualNetworkName": "vnet",
        "subnetName": name,
        "addressPrefix": prefix,
        "defaultOutboundAccess": False,
    }
    if guard is not None:
        given["networkSecurityGroup"] = {"id": guard}
    return Planned(SUBNET, name, given | more)


def interface(name: str, in_subnet: str, **more: Any) -> Planned:
    """Return a machine's interface."""
    first = {"name": "first", "subnet": {"id": Id(in_subnet)}, **more}
    given = {**RG, "networkInterfaceName": name, "ipConfigurations": [first]}
    return Planned(INTERFACE, name, given)


def address(name: str = "address") -> Planned:
    """Return a public address of the Standard kind."""
    given = {**RG, "publicIpAddressName": name, "sku": {"name": "Standard"}}
    return Planned(ADDRESS, name, given)


def bastion(in_subnet: str = "AzureBastionSubnet") -> Planned:
    """Return a Bastion."""
    first = {"name": "first", "subnet": {"id": Id(in_subnet)}}
    given = {**RG, "bastionHostName": "bastion", "sku": {"name": "Standard"}}
    return Planned(BASTION, "bastion", given | {"ipConfigurations": [first]})


def cluster(*, public: Any = False, in_subnet: Any = TRAINING_ID) -> Planned:
    """Return a cluster."""
    properties = {"enableNodePublicIp": public, "subnet": {"id": in_subnet}}
    outer = {"computeType": "AmlCompute", "properties": properties}
    return Planned(COMPUTE, "cluster", {**RG, "computeName": "c", "properties": outer})


def endpoint(name: str = "vault-pep", sub: str = "vault", **more: Any) -> Planned:
    """Return a private endpoint of a service outside of the plan."""
    target = (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/"
        "providers/Microsoft.KeyVault/vaults/" + name
    )
    connection = {"name": sub, "groupIds": [sub], "privateLinkServiceId": target}
    given = {
        **RG,
        "privateEndpointName": name,
        "subnet": {"id": Id("endpoints")},
        "privateLinkServiceConnections": [connection],
    }
    return Planned(ENDPOINT, name, given | more)


# NR001: who gets in from the Internet
def desks(*rules: Any, public: bool = False, guard: Any = DESK_GROUP) -> Plan:
    """Return a jump box whose group has these rules."""
    more = {"publicIPAddress": {"id": Id("address")}} if public else {}
    return Plan(
        network(),
        address(),
        group("desk-nsg", *rules),
        subnet("desks", DESKS, guard),
        interface("desk", "desks", **more),
    )


OTHER_GROUP = {"resourceGroupName": "other"}
SAME_NAMES = (
    Planned(NETWORK, "other-vnet", network().inputs | OTHER_GROUP),
    Planned(SUBNET, "other-desks", subnet("desks", DESKS).inputs | OTHER_GROUP),
)
"""A network and a subnet of another resource group, called like those of the plan."""
INLINE_DESKS = Plan(
    address(),
    group("desk-nsg", let(100, "Internet", "22")),
    network(
        subnets=[
            {
                "name": "desks",
                "addressPrefix": DESKS,
                "networkSecurityGroup": {"id": Id("desk-nsg")},
            }
        ]
    ),
    Planned(
        INTERFACE,
        "desk",
        {
            **RG,
            "networkInterfaceName": "desk",
            "ipConfigurations": [
                {
                    "name": "first",
                    "subnet": {"id": Id("vnet", "/subnets/desks", known=True)},
                    "publicIPAddress": {"id": Id("address")},
                }
            ],
        },
    ),
)
RULE_BESIDE = desks(public=True).adding(
    Planned(
        RULE,
        "beside",
        {
            **RG,
            "networkSecurityGroupName": "desk-nsg",
            "securityRuleName": "beside",
            **let(100, "0.0.0.0/1", "20-25"),
        },
    )
)
ANYBODY = let(100, "*", "3389")

AWAY_DESK = Plan(
    address(),
    Planned(
        INTERFACE,
        "desk",
        {
            **RG,
            "networkInterfaceName": "desk",
            "ipConfigurations": [
                {
                    "name": "first",
                    "subnet": {"id": Nowhere()},
                    "publicIPAddress": {"id": Id("address")},
                }
            ],
        },
    ),
)
"""A machine with a public address, in a subnet that is not in the stack."""

INTERNET_IN = (
    StackCase("NR001", OK, "networks of one name", desks().adding(*SAME_NAMES)),
    StackCase(
        "NR001",
        BAD,
        "open, networks of one name",
        desks(let(100, "Internet", "22"), public=True).adding(*SAME_NAMES),
        "subnet:rg/vnet/desks",
    ),
    StackCase("NR001", OK, "closed", desks(public=True)),
    StackCase("NR001", OK, "open, but no address", desks(ANYBODY)),
    StackCase("NR001", BAD, "open", desks(ANYBODY, public=True), "reaches subnet"),
    StackCase("NR001", BAD, "subnet inline", INLINE_DESKS, "22", preview_only=False),
    StackCase("NR001", BAD, "rule beside", RULE_BESIDE, "Allow 100 beside"),
    StackCase(
        "NR001",
        OK,
        "an exception",
        desks(ANYBODY, public=True),
        settings={"exceptions": ["desks: Internet tcp/3389"]},
    ),
    StackCase(
        "NR001",
        BAD,
        "an exception for another subnet",
        desks(ANYBODY, public=True),
        settings={"exceptions": ["other: Internet tcp/3389"]},
    ),
    StackCase("NR001", OPEN, "unknown group", desks(public=True, guard=Nowhere())),
    StackCase(
        "NR001", OPEN, "unknown source", desks(let(9, Nowhere(), "*"), public=True)
    ),
    StackCase("NR001", NONE, "no subnets", Plan(network())),
    StackCase("NR001", OPEN, "in a subnet elsewhere", AWAY_DESK, "whether internet"),
    StackCase(
        "NR001",
        OPEN,
        "an interface of which nothing is known",
        desks().with_inputs("desk", ipConfigurations=Nowhere()),
        "whether internet reaches machine:desk",
    ),
)

# NR002: who gets into machines
FROM_BASTION = let(100, BASTIONS, "22")


def people(*rules: Any, sku: Any = None, dedicated: bool = True) -> Plan:
    """Return a jump box beside Bastion."""
    plan = desks(*rules).adding(
        group("bastion-nsg", out(100, "VirtualNetwork", "22")),
        subnet("AzureBastionSubnet", BASTIONS, Id("bastion-nsg")),
    )
    if dedicated:
        plan = plan.adding(bastion())
    if sku is not None:
        given = {**RG, "bastionHostName": "developer", "sku": {"name": sku}}
        plan = plan.adding(Planned(BASTION, "developer", given))
    return plan


def on_request(plan: Plan, *, both: bool = True) -> Plan:
    """Return the plan with a just-in-time policy for its jump boxes, or for one."""
    boxes = ("desk", "second")
    return plan.adding(
        interface("second", "desks"),
        *(
            Planned(
                "compute:VirtualMachine",
                f"{name}-machine",
                {
                    **RG,
                    "vmName": f"vm-{name}",
                    "networkProfile": {"networkInterfaces": [{"id": Id(name)}]},
                },
            )
            for name in boxes
        ),
        Planned(
            "security:JitNetworkAccessPolicy",
            "jit",
            {
                **RG,
                "virtualMachines": [
                    {"id": Id(f"{name}-machine"), "ports": []}
                    for name in (boxes if both else boxes[:1])
                ],
            },
        ),
    )


AT_DESKS = endpoint(subnet={"id": Id("desks")})
NEIGHBOURS = (let(90, DESKS, "22"), out(90, DESKS, "22"))
FROM_HOST = let(110, "168.63.129.16/32", "22")
MACHINES = (
    StackCase("NR002", OK, "from Bastion", people(FROM_BASTION)),
    StackCase("NR002", BAD, "not from Bastion", people(), "does not reach"),
    StackCase("NR002", OK, "no Bastion, closed", desks()),
    StackCase("NR002", OK, "on request", on_request(people())),
    StackCase(
        "NR002",
        BAD,
        "on request, but for one",
        on_request(people(), both=False),
        "does not reach",
    ),
    StackCase(
        "NR002",
        BAD,
        "on request, neighbours at all times",
        on_request(people(*NEIGHBOURS)),
        "desks",
    ),
    StackCase("NR002", BAD, "neighbours", people(*NEIGHBOURS, FROM_BASTION)),
    StackCase(
        "NR002",
        BAD,
        "default rules",
        people().adding(group("desk-nsg", closed=False)),
        "168.63.129.16",
    ),
    StackCase("NR002", BAD, "host", people(FROM_BASTION, FROM_HOST), "168.63.129.16"),
    StackCase(
        "NR002",
        OK,
        "host of Developer",
        people(FROM_HOST, sku="developer", dedicated=False),
    ),
    StackCase("NR002", BAD, "Developer kept out", people(sku="Developer"), "168.63"),
    StackCase(
        "NR002",
        OPEN,
        "unknown tier",
        people(FROM_HOST, sku=Nowhere(), dedicated=False),
        "unless it is 'Developer'",
    ),
    StackCase(
        "NR002",
        OK,
        "others allowed",
        people(FROM_BASTION, *NEIGHBOURS),
        settings={"otherSources": [f"desks: {DESKS} tcp/22"]},
    ),
    StackCase(
        "NR002",
        BAD,
        "other ports asked about",
        people(FROM_BASTION, let(120, DESKS, "5985"), out(120, DESKS, "5985")),
        settings={"ports": ["22", "5985-5986"]},
    ),
    StackCase("NR002", OPEN, "unknown source", people(let(100, Nowhere(), "22"))),
    # What reaches an endpoint in the subnet of a machine enters no machine.
    StackCase(
        "NR002",
        OK,
        "an endpoint beside, which the group does not guard",
        people(FROM_BASTION, let(120, DESKS, "443"), out(120, DESKS, "443")).adding(
            AT_DESKS
        ),
    ),
    StackCase(
        "NR002",
        BAD,
        "neighbours, and an endpoint beside",
        people(FROM_BASTION, *NEIGHBOURS).adding(AT_DESKS),
        "reaches machine:desk",
    ),
    StackCase(
        "NR002",
        BAD,
        "host, and an endpoint beside that the group guards",
        people(FROM_BASTION, FROM_HOST).adding(
            AT_DESKS,
            subnet(
                "desks",
                DESKS,
                DESK_GROUP,
                privateEndpointNetworkPolicies="NetworkSecurityGroupEnabled",
            ),
        ),
        "reaches subnet:vnet/desks",
    ),
    StackCase("NR002", NONE, "no machines", Plan(network(), subnet("a", DESKS))),
)

# NR003: the group of Bastion
BASTION_RULES = (
    let(100, "Internet", "443"),
    let(110, "GatewayManager", "443"),
    let(120, "AzureLoadBalancer", "443"),
    {
        **let(130, "VirtualNetwork", ""),
        "destinationAddressPrefix": "VirtualNetwork",
        "destinationPortRange": "",
        "destinationPortRanges": ["8080", "5701"],
    },
    {
        **out(100, "VirtualNetwork", ""),
        "destinationPortRange": "",
        "destinationPortRanges": ["22", "3389"],
    },
    out(110, "AzureCloud", "443"),
    {
        **out(120, "VirtualNetwork", ""),
        "sourceAddressPrefix": "VirtualNetwork",
        "destinationPortRange": "",
        "destinationPortRanges": ["8080", "5701"],
    },
    out(130, "Internet", "80"),
)


def guarded(*rules: Any, guard: Any = BASTION_GROUP) -> Plan:
    """Return Bastion's subnet with a group."""
    return Plan(
        network(),
        group("bastion-nsg", *rules),
        subnet("AzureBastionSubnet", BASTIONS, guard),
        bastion(),
    )


EARLY = {**DENY, "name": "Early", "priority": 105, "destinationPortRange": "443"}
BASTION_GROUPS = (
    StackCase("NR003", OK, "all eight", guarded(*BASTION_RULES)),
    *(
        StackCase("NR003", BAD, f"without {index}", guarded(*rules), "does not let")
        for index in (0, 2, 3, 4, 5, 6, 7)
        if (rules := [*BASTION_RULES[:index], *BASTION_RULES[index + 1 :]])
    ),
    StackCase(
        "NR003", BAD, "an earlier deny", guarded(*BASTION_RULES, EARLY), "168.63"
    ),
    StackCase(
        "NR003",
        BAD,
        "its addresses by another tag",
        guarded(*BASTION_RULES[:1], *BASTION_RULES[2:]),
        "has no rule of its own for TCP 443 from GatewayManager, which Azure looks for",
    ),
    StackCase(
        "NR003",
        BAD,
        "its addresses by Azure's default",
        Plan(
            network(),
            group("bastion-nsg", *BASTION_RULES[:6], *BASTION_RULES[7:], closed=False),
            subnet("AzureBastionSubnet", BASTIONS, BASTION_GROUP),
            bastion(),
        ),
        "has no rule of its own for TCP 8080, 5701 to VirtualNetwork",
    ),
    StackCase(
        "NR003",
        OK,
        "anybody in place of three",
        guarded(let(100, "*", "443"), *BASTION_RULES[3:]),
    ),
    *(
        StackCase(
            "NR003",
            OK,
            f"people from {people}",
            guarded(let(100, people, "443"), *BASTION_RULES[1:]),
        )
        for people in ("198.51.100.0/24", "10.200.0.0/16", "internet")
    ),
    StackCase(
        "NR003",
        BAD,
        "people on another port",
        guarded(let(100, "Internet", "8443"), *BASTION_RULES[1:]),
        "does not let TCP 443 from Internet pass",
    ),
    StackCase(
        "NR003",
        BAD,
        "one of two ports",
        guarded(
            *BASTION_RULES[:4], out(100, "VirtualNetwork", "22"), *BASTION_RULES[5:]
        ),
        ":3389",
    ),
    StackCase("NR003", OPEN, "unknown group", guarded(*BASTION_RULES, guard=Nowhere())),
    StackCase(
        "NR003",
        OPEN,
        "an unknown port",
        guarded(let(90, "*", Nowhere()), *BASTION_RULES[1:]),
    ),
    StackCase("NR003", NONE, "no group", guarded(guard=None)),
)

# NR004 and NR008: what compute reaches outside
NEEDED = (
    out(500, "AzureActiveDirectory", "443"),
    out(505, "AzureActiveDirectory", "80"),
    out(510, "AzureMachineLearning", "443"),
    out(511, "AzureMachineLearning", "8787"),
    out(512, "AzureMachineLearning", "18881"),
    out(520, "AzureMachineLearning", "5831", "Udp"),
    out(530, "BatchNodeManagement.WestEurope", "443", "*"),
    out(540, "AzureResourceManager", "443"),
    out(550, "Storage.WestEurope", "443"),
    out(560, "Storage.WestEurope", "445"),
    out(570, "AzureFrontDoor.Frontend", "443"),
    out(580, "MicrosoftContainerRegistry", "443"),
    out(590, "AzureFrontDoor.FirstParty", "443"),
    out(600, "AzureMonitor", "443"),
    out(610, "AzureKeyVault.WestEurope", "443"),
    out(620, "AzureContainerRegistry.WestEurope", "443"),
)
LENT = {"defaultOutboundAccess": True}


def training(*rules: Any, compute: Planned | None = None, **more: Any) -> Plan:
    """Return a cluster whose subnet's group has these rules."""
    return Plan(
        network(),
        group("training-nsg", *rules),
        subnet("training", TRAINING, Id("training-nsg"), **more),
        compute or cluster(),
    )


def behind_firewall(*rules: Any, route: str = "10.20.1.4", **more: Any) -> Plan:
    """Return a cluster behind a firewall of rules of its own."""
    given = {
        **RG,
        "azureFirewallName": "afw",
        "ipConfigurations": [
            {
                "name": "first",
                "subnet": {"id": Id("AzureFirewallSubnet")},
                "privateIPAddress": "10.20.1.4",
                "publicIPAddress": {"id": Id("address")},
            }
        ],
        "networkRuleCollections": [
            {
                "name": "all",
                "priority": 100,
                "action": {"type": "Allow"},
                "rules": list(rules),
            }
        ],
        **more,
    }
    table = {
        **RG,
        "routeTableName": "rt",
        "routes": [
            {
                "name": "all",
                "addressPrefix": "0.0.0.0/0",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": route,
            }
        ],
    }
    return training(*NEEDED, routeTable={"id": Id("table")}).adding(
        Planned(TABLE, "table", table),
        address(),
        subnet("AzureFirewallSubnet", "10.20.1.0/26"),
        Planned(FIREWALL, "firewall", given),
    )


def passage(**more: Any) -> dict[str, Any]:
    """Return a network rule of a firewall that lets everything pass."""
    return {
        "name": "everything",
        "protocols": ["Any"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["*"],
        "destinationPorts": ["*"],
        **more,
    }


def hosts(*names: str) -> dict[str, Any]:
    """Return application rules that open hosts by name, of a firewall."""
    rule = {
        "name": "hosts",
        "protocols": [{"protocolType": "Https", "port": 443}],
        "sourceAddresses": [TRAINING],
        "targetFqdns": list(names),
    }
    return {
        "applicationRuleCollections": [
            {
                "name": "hosts",
                "priority": 100,
                "action": {"type": "Allow"},
                "rules": [rule],
            }
        ]
    }


def without(tag: str) -> list[dict[str, Any]]:
    """Return the rules without those for one tag."""
    return [each for each in NEEDED if each["destinationAddressPrefix"] != tag]


FRONT_DOOR = ("ml.azure.com", "automlresources-prod.azureedge.net")
REST = [
    passage(destinationAddresses=[each["destinationAddressPrefix"]])
    for each in without("AzureFrontDoor.Frontend")
]
DROPPED = behind_firewall(passage()).with_inputs(
    "table",
    routes=[{"name": "all", "addressPrefix": "0.0.0.0/0", "nextHopType": "None"}],
)
UNKNOWN_PLACE = cluster(in_subnet=Nowhere())
ALSO_PLACED = training(*NEEDED, compute=cluster(), **LENT)

EGRESS = (
    StackCase("NR004", OK, "all of it", training(*NEEDED, **LENT)),
    *(
        StackCase(
            "NR004",
            BAD,
            f"without {tag}",
            training(*without(tag), **LENT),
            tag.partition(".")[0],
        )
        for tag in sorted({each["destinationAddressPrefix"] for each in NEEDED})
    ),
    StackCase("NR004", BAD, "no way out", training(*NEEDED), "way out of subnet"),
    StackCase(
        "NR004",
        BAD,
        "an earlier deny",
        training({**out(100, "20.0.0.0/8"), "access": "Deny"}, *NEEDED, **LENT),
    ),
    StackCase("NR004", OK, "firewall", behind_firewall(passage())),
    StackCase("NR004", BAD, "dropped", DROPPED, "dropped by it"),
    StackCase(
        "NR004",
        BAD,
        "firewall, one port",
        behind_firewall(passage(destinationPorts=["443"])),
    ),
    StackCase("NR004", OK, "by name", behind_firewall(*REST, **hosts(*FRONT_DOOR))),
    StackCase(
        "NR004",
        BAD,
        "other names",
        behind_firewall(*REST, **hosts("ml.azure.com")),
        "automlresources",
    ),
    StackCase(
        "NR004",
        OPEN,
        "unknown appliance",
        behind_firewall(passage(), route="10.20.2.9"),
    ),
    StackCase(
        "NR004",
        OPEN,
        "unknown subnet",
        training(*NEEDED, compute=UNKNOWN_PLACE, **LENT),
    ),
    StackCase(
        "NR004",
        OPEN,
        "unknown region",
        ALSO_PLACED.with_inputs("vnet", location=None),
        "region",
    ),
    StackCase(
        "NR004",
        OK,
        "region configured",
        ALSO_PLACED.with_inputs("vnet", location=None),
        settings={"region": "West Europe"},
    ),
    StackCase("NR004", NONE, "no compute", Plan(network(), subnet("a", TRAINING))),
    StackCase("NR008", OK, "what it needs", training(*NEEDED, **LENT)),
    StackCase("NR008", OK, "no way out", training(out(100, "*"))),
    StackCase("NR008", BAD, "all of it", training(out(100, "Internet"), **LENT)),
    StackCase(
        "NR008", BAD, "every region", training(out(100, "Storage", "443"), **LENT)
    ),
    StackCase(
        "NR008",
        OK,
        "allowed",
        training(out(100, "203.0.113.0/24", "443"), **LENT),
        settings={"openings": ["training: 203.0.113.0/24 tcp/443"]},
    ),
    StackCase(
        "NR008",
        BAD,
        "no group",
        Plan(network(), subnet("training", TRAINING, **LENT), cluster()),
    ),
    StackCase(
        "NR008", OK, "needed names", behind_firewall(*REST, **hosts(*FRONT_DOOR))
    ),
    StackCase(
        "NR008", OPEN, "unknown way out", training(out(100, "*"), natGateway=Nowhere())
    ),
    StackCase("NR008", OPEN, "unknown subnet", training(compute=UNKNOWN_PLACE)),
    StackCase("NR008", NONE, "no compute", Plan(network(), subnet("a", TRAINING))),
)


def opened(*names: str) -> Plan:
    """Return a cluster that may go to any web server, behind names of hosts."""
    plan = behind_firewall(**hosts(*names))
    rules = [out(100, "Internet", "443"), DENY, DENY_OUT]
    return plan.with_inputs("training-nsg", securityRules=rules)


NAMES = (
    StackCase("NR008", OK, "names, tags", behind_firewall(*REST, **hosts(*FRONT_DOOR))),
    StackCase("NR008", OK, "names that it needs", opened(*FRONT_DOOR)),
    StackCase("NR008", BAD, "another name", opened("example.com"), "'example.com'"),
    StackCase("NR008", BAD, "any name", opened("*"), "opens '*'"),
    StackCase(
        "NR008",
        OK,
        "a name that is allowed",
        opened("pypi.example.com"),
        settings={"hosts": ["*.example.com"]},
    ),
)

# NR005: the service's own calls
CALLS = let(100, "AzureMachineLearning", "44224")
INBOUND = (
    StackCase("NR005", OK, "closed", training()),
    StackCase("NR005", BAD, "open", training(CALLS), "lets TCP 44224"),
    StackCase("NR005", OK, "public", training(CALLS, compute=cluster(public=True))),
    StackCase(
        "NR005",
        BAD,
        "public, closed",
        training(compute=cluster(public=True)),
        "does not let",
    ),
    StackCase(
        "NR005",
        OPEN,
        "unknown source",
        training(let(100, Nowhere(), "44224")),
    ),
    StackCase(
        "NR005", OPEN, "unknown address", training(compute=cluster(public=Nowhere()))
    ),
    StackCase("NR005", NONE, "no compute", Plan(network(), subnet("a", TRAINING))),
)

# NR006 and NR007: who reaches endpoints
HTTPS = let(100, TRAINING, "443")


def served(
    *rules: Any, policies: Any = "Enabled", more: tuple[Planned, ...] = ()
) -> Plan:
    """Return a cluster, another subnet, and an endpoint, guarded by these rules."""
    return training(out(100, "VirtualNetwork", "*")).adding(
        group("endpoints-nsg", *rules),
        subnet(
            "endpoints",
            ENDPOINTS,
            Id("endpoints-nsg"),
            privateEndpointNetworkPolicies=policies,
        ),
        endpoint(),
        group("general-nsg", out(100, "VirtualNetwork", "*")),
        subnet("general", DESKS, Id("general-nsg")),
        *more,
    )


FILES = endpoint("file-pep", "file")
SERVICE_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/privateLinkServices/scoring"
)


def peered(near: str, far: str) -> Planned:
    """Return one direction of a peering."""
    given = {
        **RG,
        "virtualNetworkName": near,
        "virtualNetworkPeeringName": far,
        "remoteVirtualNetwork": {"id": Id(far)},
        "allowVirtualNetworkAccess": True,
    }
    return Planned(PEERING, f"{near}-to-{far}", given)


def consumed(*more: Planned) -> Plan:
    """Return a cluster, and a consumer's endpoint to a service in another network."""
    connection = {"name": "scoring", "privateLinkServiceId": SERVICE_ID}
    return training(out(100, "VirtualNetwork", "*")).adding(
        network("consumer", "10.40.0.0/24"),
        group("consumer-nsg"),
        subnet(
            "consumer-endpoints",
            "10.40.0.0/27",
            Id("consumer-nsg"),
            virtualNetworkName="consumer",
            privateEndpointNetworkPolicies="Enabled",
        ),
        endpoint(
            "scoring-pep",
            subnet={"id": Id("consumer-endpoints")},
            privateLinkServiceConnections=[connection],
        ),
        *more,
    )


ELSEWHERE = endpoint("far-pep").inputs | {"subnet": {"id": Nowhere()}}
CLIENTS = (
    StackCase("NR006", OK, "let in", served(HTTPS)),
    StackCase("NR006", BAD, "kept out", served(), "endpoints-nsg"),
    StackCase("NR006", OK, "no policies", served(policies="Disabled")),
    StackCase("NR006", BAD, "half of them", served(let(100, "10.20.0.0/26", "443"))),
    StackCase("NR006", BAD, "files", served(HTTPS, more=(FILES,)), ":445"),
    StackCase(
        "NR006",
        OK,
        "files let in",
        served(HTTPS, let(110, TRAINING, "445"), more=(FILES,)),
    ),
    StackCase("NR006", OPEN, "unknown policies", served(policies=Nowhere())),
    StackCase(
        "NR006",
        BAD,
        "an office without a way",
        served(HTTPS),
        "10.200.0.0",
        settings={"clientRanges": ["10.200.0.0/16"]},
    ),
    StackCase(
        "NR006",
        OK,
        "an office that needs another service",
        served(HTTPS),
        settings={"clientRanges": ["amlworkspace: 10.200.0.0/16"]},
    ),
    StackCase(
        "NR006",
        OPEN,
        "an endpoint somewhere",
        training(out(100, "*")).adding(Planned(ENDPOINT, "far-pep", ELSEWHERE)),
    ),
    StackCase("NR006", OK, "a consumer's own endpoint", consumed()),
    StackCase(
        "NR006",
        BAD,
        "a consumer's endpoint, networks joined",
        consumed(peered("vnet", "consumer"), peered("consumer", "vnet")),
        "scoring-pep",
    ),
    StackCase("NR006", OK, "networks of one name", served(HTTPS).adding(*SAME_NAMES)),
    StackCase("NR006", NONE, "no endpoints", training()),
    StackCase("NR007", OK, "clients", served(HTTPS)),
    StackCase(
        "NR007", BAD, "all", served(let(100, "VirtualNetwork", "443")), "general"
    ),
    StackCase("NR007", BAD, "no policies", served(policies="Disabled"), "Enabled"),
    StackCase(
        "NR007",
        OK,
        "a further client",
        served(let(100, "VirtualNetwork", "443")),
        settings={"clientSubnets": ["gen*"]},
    ),
    StackCase("NR007", OPEN, "unknown policies", served(policies=Nowhere())),
    StackCase("NR007", OPEN, "unknown source", served(let(100, Nowhere(), "443"))),
    StackCase("NR007", NONE, "no endpoints", training()),
)


# NR009: environments
def joined(
    first: Any, second: Any, *, both: bool = True, remote: Any = OTHER_ID
) -> Plan:
    """Return two networks with tags, peered from both sides or one."""
    peering = {
        **RG,
        "virtualNetworkName": "vnet",
        "remoteVirtualNetwork": {"id": remote},
        "allowVirtualNetworkAccess": True,
    }
    back = peering | {
        "virtualNetworkName": "other",
        "remoteVirtualNetwork": {"id": Id("vnet")},
    }
    return Plan(
        network(tags={"environment": first, "stage": "one"}),
        subnet("training", TRAINING),
        network("other", "10.30.0.0/22", tags={"environment": second, "stage": "one"}),
        subnet("tests", "10.30.0.0/25", virtualNetworkName="other"),
        Planned(PEERING, "to", peering),
        *([Planned(PEERING, "back", back)] if both else []),
    )


OUTSIDE = (
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-hub/"
    "providers/Microsoft.Network/virtualNetworks/hub"
)
HUB = joined("prod", "test", both=False, remote=OUTSIDE).without("other", "tests")
APART = (
    StackCase("NR009", BAD, "peered", joined("prod", "test"), "network:other"),
    StackCase("NR009", OK, "one environment", joined("prod", "Prod")),
    StackCase("NR009", OK, "one side only", joined("prod", "test", both=False)),
    StackCase(
        "NR009",
        OK,
        "another tag",
        joined("prod", "test"),
        settings={"tag": "stage"},
    ),
    StackCase(
        "NR009", NONE, "shared", joined("prod", "test"), settings={"shared": ["other"]}
    ),
    StackCase("NR009", OPEN, "unknown tag", joined("prod", Nowhere())),
    StackCase("NR009", OPEN, "a missing tag", joined("prod", ""), "is missing"),
    StackCase("NR009", OPEN, "a hub outside", HUB, "environments"),
    StackCase(
        "NR009",
        BAD,
        "a hub outside with an environment",
        HUB,
        settings={"environments": {"hub": "test"}},
    ),
    StackCase("NR009", OPEN, "unknown peer", joined("a", "b", remote=Nowhere())),
    StackCase(
        "NR009",
        OPEN,
        "a peering of an unknown network",
        joined("a", "b").with_inputs("to", virtualNetworkName=Nowhere()),
        "depends on it",
    ),
    StackCase("NR009", NONE, "not joined", joined("a", "b").without("to", "back")),
)

# NR010: changes
BASELINE = str(Path(__file__).parent / "recordings" / "closed-desks.json")
APPROVAL = {
    "from": "subnet:vnet/desks",
    "to": "*",
    "owner": "network-team",
    "reason": "change 4711",
    "expires": (utc_today() + timedelta(days=30)).isoformat(),
}


def compared(*approvals: Any, baseline: str = BASELINE) -> dict[str, Any]:
    """Return the settings that compare with the recorded plan."""
    return {"baseline": baseline, "approvals": list(approvals)}


CHANGED = desks(let(100, DESKS, "22"), out(100, DESKS, "22"))
UNSURE = desks(let(100, Nowhere(), "22"), out(100, DESKS, "22"))
CHANGES = (
    StackCase("NR010", NONE, "no baseline", desks()),
    StackCase("NR010", OK, "the same", desks(), settings=compared()),
    StackCase("NR010", BAD, "opened", CHANGED, "opens subnet", settings=compared()),
    StackCase(
        "NR010",
        OK,
        "approved",
        CHANGED,
        "as approvals[0] allows (Approval until",
        settings=compared(APPROVAL),
    ),
    StackCase(
        "NR010",
        BAD,
        "an approval of nothing",
        desks(),
        "approvals[0] is not used: nothing changes at subnet:vnet/desks to *",
        settings=compared(APPROVAL),
    ),
    StackCase(
        "NR010",
        BAD,
        "expired",
        CHANGED,
        "it expired on 2020-01-01",
        settings=compared(APPROVAL | {"expires": "2020-01-01"}),
    ),
    StackCase(
        "NR010",
        BAD,
        "nobody's",
        desks(),
        "lacks owner",
        settings=compared(APPROVAL | {"owner": " "}),
    ),
    StackCase("NR010", OPEN, "unknown", UNSURE, settings=compared()),
    StackCase(
        "NR010",
        BAD,
        "no such file",
        desks(),
        "name a plan.json",
        settings=compared(baseline="nowhere.json"),
    ),
    StackCase(
        "NR010",
        BAD,
        "no plan",
        desks(),
        "is no plan.json",
        settings=compared(baseline="PulumiPolicy.yaml"),
    ),
)

# SG014 and SG015
LONELY = Plan(network(), group("lonely"))
ON_INTERFACE = LONELY.adding(
    subnet("desks", DESKS),
    Planned(
        INTERFACE,
        "desk",
        {
            **RG,
            "networkInterfaceName": "d",
            "networkSecurityGroup": {"id": Id("lonely")},
        },
    ),
)


def servers(name: str = "servers") -> Planned:
    """Return an application security group."""
    return Planned(
        APPLICATION_GROUP, name, {**RG, "applicationSecurityGroupName": name}
    )


def serving(first: str, second: str, *more: Planned, one: str = "servers") -> Plan:
    """Return two machines in application groups, in subnets of either network."""
    return Plan(
        network(),
        network("other", "10.30.0.0/22"),
        subnet("here", DESKS),
        subnet("there", "10.30.0.0/25", virtualNetworkName="other"),
        servers(),
        servers("clients"),
        interface("one", first, applicationSecurityGroups=[{"id": Id("servers")}]),
        interface("two", second, applicationSecurityGroups=[{"id": Id(one)}]),
        *more,
    )


SIDES = {
    **let(100, "", "443"),
    "sourceAddressPrefix": "",
    "destinationAddressPrefix": "",
    "sourceApplicationSecurityGroups": [{"id": Id("clients", known=True)}],
    "destinationApplicationSecurityGroups": [{"id": Id("servers", known=True)}],
}
NOT_PLACED = Planned(
    INTERFACE,
    "three",
    {
        **RG,
        "networkInterfaceName": "three",
        "ipConfigurations": [
            {
                "name": "first",
                "subnet": {"id": Nowhere()},
                "applicationSecurityGroups": [{"id": Id("servers")}],
            }
        ],
    },
)
USES = (
    StackCase("SG014", BAD, "unused", LONELY, "guards nothing"),
    StackCase("SG014", OK, "subnet", LONELY.adding(subnet("a", DESKS, Id("lonely")))),
    StackCase("SG014", OK, "interface", ON_INTERFACE),
    StackCase("SG014", OPEN, "perhaps", LONELY.adding(subnet("a", DESKS, Nowhere()))),
    StackCase("SG015", OK, "one network", serving("here", "here")),
    StackCase("SG015", BAD, "two networks", serving("here", "there"), "2 networks"),
    StackCase(
        "SG015",
        OPEN,
        "an unknown network",
        serving("here", "here", NOT_PLACED),
        "in one network",
    ),
    StackCase(
        "SG015",
        OK,
        "both sides here",
        serving("here", "here", group("g", SIDES), one="clients"),
    ),
    StackCase(
        "SG015",
        BAD,
        "both sides apart",
        serving("here", "there", group("g", SIDES), one="clients"),
        "name groups of one network",
    ),
)

STACK_CASES = (
    *INTERNET_IN,
    *MACHINES,
    *BASTION_GROUPS,
    *EGRESS,
    *NAMES,
    *INBOUND,
    *CLIENTS,
    *APART,
    *CHANGES,
    *USES,
)

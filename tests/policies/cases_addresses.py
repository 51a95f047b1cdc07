"""Cases of the rules on public addresses and network interfaces."""

from typing import Any

from policy_plans import RG, SUBSCRIPTION, UNKNOWN, Id, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

ADDRESS = "network:PublicIPAddress"
INTERFACE = "network:NetworkInterface"
MACHINE = "compute:VirtualMachine"
ELSEWHERE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/"
    "Microsoft.Network/publicIPAddresses/elsewhere"
)


def interface(address: Any) -> dict[str, Any]:
    """Return the inputs of an interface with a public address."""
    return {"ipConfigurations": [{"name": "a"}, {"publicIPAddress": address}]}


def machine(**configuration: Any) -> dict[str, Any]:
    """Return the inputs of a machine that makes its own interface."""
    interfaces = [{"name": "nic", "ipConfigurations": [configuration]}]
    return {"networkProfile": {"networkInterfaceConfigurations": interfaces}}


def forwarding(value: Any, name: Any = "nic-fw") -> dict[str, Any]:
    """Return the inputs of an interface that passes packets on."""
    return {"networkInterfaceName": name, "enableIPForwarding": value}


APPLIANCE = {"appliances": ["NIC-FW", "in-pulumi"]}

RESOURCE_CASES = (
    Case("IP002", OK, INTERFACE, {}),
    Case("IP002", OK, INTERFACE, interface(None)),
    Case("IP002", BAD, INTERFACE, interface({"id": ELSEWHERE}), "[1].publicIPAddress"),
    Case("IP002", BAD, INTERFACE, interface({"id": UNKNOWN}), "is set"),
    Case("IP002", BAD, INTERFACE, interface({"publicIPAllocationMethod": "Static"})),
    Case("IP002", BAD, INTERFACE, interface("pip"), "is set"),
    Case("IP002", OPEN, INTERFACE, interface(UNKNOWN), "[1].publicIPAddress is not"),
    Case("IP002", OPEN, INTERFACE, {"ipConfigurations": UNKNOWN}, "ipConfigurations"),
    Case("IP002", OK, MACHINE, {"networkProfile": {"networkInterfaces": []}}),
    Case("IP002", OK, MACHINE, machine(name="a")),
    Case(
        "IP002",
        BAD,
        MACHINE,
        machine(publicIPAddressConfiguration={"name": "pip"}),
        "networkInterfaceConfigurations[0].ipConfigurations[0]",
    ),
    Case("IP002", OPEN, MACHINE, machine(publicIPAddressConfiguration=UNKNOWN)),
    Case("IP002", OPEN, MACHINE, {"networkProfile": UNKNOWN}, "networkProfile is not"),
    Case("IP003", OK, ADDRESS, {"sku": {"name": "Standard"}}),
    Case("IP003", OK, ADDRESS, {"sku": {"name": "standard"}}),
    # C39: whatever uses it, a gateway too.
    Case("IP003", BAD, ADDRESS, {"sku": {"name": "Basic"}}, "set it to 'Standard'"),
    Case("IP003", BAD, ADDRESS, {}, "sku.name is missing: Azure makes a Basic"),
    Case("IP003", OPEN, ADDRESS, {"sku": UNKNOWN}, "sku is not known"),
    Case("NI001", OK, INTERFACE, {}),
    Case("NI001", OK, INTERFACE, forwarding(False)),
    Case("NI001", BAD, INTERFACE, forwarding(True), "set it to false"),
    Case("NI001", BAD, INTERFACE, forwarding("true"), "'true'"),
    Case("NI001", OPEN, INTERFACE, forwarding(UNKNOWN)),
    Case("NI001", NONE, INTERFACE, forwarding(True), settings=APPLIANCE),
    Case("NI001", BAD, INTERFACE, forwarding(True, "nic-a"), settings=APPLIANCE),
    Case("NI001", OPEN, INTERFACE, forwarding(True, UNKNOWN), settings=APPLIANCE),
    Case("NI001", BAD, INTERFACE, forwarding(True, UNKNOWN)),
    # The tests call every resource 'it'.
    Case(
        "NI001",
        NONE,
        INTERFACE,
        forwarding(True, None),
        settings={"appliances": ["it"]},
    ),
)


def address(name: str = "address", **inputs: Any) -> Planned:
    """Return a public address."""
    given = {**RG, "publicIpAddressName": name, "sku": {"name": "Standard"}}
    return Planned(ADDRESS, name, given | inputs)


def holding(
    type_name: str, path: str, *ids: Any, name: str = "holder", **inputs: Any
) -> Planned:
    """Return something with addresses: one element of the list ``path`` for each."""
    elements = [{"publicIPAddress": {"id": each}} for each in ids]
    return Planned(type_name, name, {**RG, path: elements, **inputs})


CONFIGURATIONS = "ipConfigurations"
FRONT_ENDS = "frontendIPConfigurations"


def nat_gateway(*ids: Any) -> Planned:
    """Return a NAT gateway with addresses."""
    return Planned(
        "network:NatGateway",
        "nat",
        {**RG, "publicIpAddresses": [{"id": each} for each in ids]},
    )


def firewall(of_data: Any, of_management: Any) -> Planned:
    """Return a firewall with two addresses."""
    return Planned(
        "network:AzureFirewall",
        "firewall",
        {
            **RG,
            "ipConfigurations": [{"publicIPAddress": {"id": of_data}}],
            "managementIpConfiguration": {"publicIPAddress": {"id": of_management}},
        },
    )


def balancer(*ids: Any, **inputs: Any) -> Planned:
    """Return a load balancer with addresses."""
    return holding(
        "network:LoadBalancer",
        FRONT_ENDS,
        *ids,
        name="balancer",
        loadBalancerName="lb",
        **inputs,
    )


HERE = Id("address")
ONE = Plan(address())
TWO = Plan(address(), address("second"))
MACHINES = holding(INTERFACE, CONFIGURATIONS, HERE, name="nic")
GATEWAY = holding("network:VirtualNetworkGateway", CONFIGURATIONS, HERE)
OUTBOUND = {"outboundLoadBalancers": True}
A_RULE = [{"name": "web", "frontendPort": 443}]
TWO_CONFIGURATIONS = holding(
    "network:VirtualNetworkGateway", CONFIGURATIONS, HERE, Id("second")
)

STACK_CASES = (
    StackCase("IP001", OK, "nobody's", ONE),
    StackCase("IP001", OK, "a NAT gateway's", ONE.adding(nat_gateway(HERE))),
    StackCase("IP001", OK, "a gateway's", ONE.adding(GATEWAY)),
    StackCase(
        "IP001",
        OK,
        "a Bastion's",
        ONE.adding(holding("network:BastionHost", CONFIGURATIONS, HERE)),
    ),
    StackCase("IP001", OK, "a firewall's", TWO.adding(firewall(HERE, Id("second")))),
    StackCase(
        "IP001",
        BAD,
        "an interface's",
        ONE.adding(MACHINES),
        "network interface 'nic' has 'address' (ipConfigurations[0].publicIPAddress",
    ),
    StackCase(
        "IP001",
        BAD,
        "an interface's, and a gateway's",
        ONE.adding(MACHINES, GATEWAY),
        "network interface 'nic'",
    ),
    StackCase(
        "IP001", BAD, "a load balancer's", ONE.adding(balancer(HERE)), "load balancer"
    ),
    StackCase(
        "IP001",
        BAD,
        "an application gateway's",
        ONE.adding(holding("network:ApplicationGateway", FRONT_ENDS, HERE)),
        "application gateway 'holder' has 'address'",
    ),
    StackCase(
        "IP001",
        BAD,
        "a virtual appliance's",
        ONE.adding(
            Planned(
                "network:NetworkVirtualAppliance",
                "nva",
                {**RG, "internetIngressPublicIps": [{"id": HERE}]},
            )
        ),
        "virtual appliance 'nva' has 'address'",
    ),
    StackCase(
        "IP001",
        OK,
        "a load balancer's for the way out",
        ONE.adding(balancer(HERE, outboundRules=[{"name": "out"}])),
        settings=OUTBOUND,
    ),
    StackCase(
        "IP001",
        BAD,
        "a load balancer's for the way in",
        ONE.adding(balancer(HERE, loadBalancingRules=A_RULE)),
        "lets in traffic by loadBalancingRules",
        settings=OUTBOUND,
    ),
    StackCase(
        "IP001",
        BAD,
        "a load balancer's with a rule of its own",
        ONE.adding(
            balancer(HERE),
            Planned("network:InboundNatRule", "ssh", {**RG, "loadBalancerName": "lb"}),
        ),
        "by InboundNatRule 'ssh'",
        settings=OUTBOUND,
    ),
    StackCase(
        "IP001",
        OPEN,
        "a load balancer's with rules to come",
        ONE.adding(balancer(HERE, inboundNatRules=Nowhere())),
        "inboundNatRules of load balancer 'balancer' is not known",
        settings=OUTBOUND,
    ),
    StackCase(
        "IP001",
        OPEN,
        "perhaps an interface's",
        ONE.adding(holding(INTERFACE, CONFIGURATIONS, Nowhere(), name="nic")),
        "in 'nic': network interface 'nic' has 'address'",
    ),
    StackCase(
        "IP001",
        OPEN,
        "of an interface with something unknown",
        ONE.adding(Planned(INTERFACE, "nic", {**RG, CONFIGURATIONS: Nowhere()})),
        "ipConfigurations is not known",
    ),
    StackCase(
        "IP001",
        OK,
        "an interface has another one",
        ONE.adding(holding(INTERFACE, CONFIGURATIONS, ELSEWHERE, name="nic")),
    ),
    StackCase(
        "IP001",
        OK,
        "interfaces are no list",
        ONE.adding(Planned(INTERFACE, "nic", {**RG, CONFIGURATIONS: "none"})),
    ),
    StackCase("IP004", OK, "a gateway's", ONE.adding(GATEWAY)),
    StackCase(
        "IP004",
        OK,
        "two of a gateway",
        TWO.adding(TWO_CONFIGURATIONS),
    ),
    StackCase("IP004", OK, "a firewall's", TWO.adding(firewall(HERE, Id("second")))),
    StackCase("IP004", BAD, "nobody's", ONE, "nothing in this stack has address"),
    StackCase(
        "IP004",
        BAD,
        "another one is in use",
        ONE.adding(nat_gateway(ELSEWHERE)),
        "'address'",
    ),
    StackCase(
        "IP004",
        OPEN,
        "something unknown is in use",
        ONE.adding(nat_gateway(Nowhere())),
        "unless 'nat' does",
    ),
)

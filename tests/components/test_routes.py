"""Routes, peerings, gateways and firewalls, with answers worked out by hand."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from azureml_reachability.plan_reading import topology_of
from azureml_reachability.questions import Verdict
from azureml_reachability.routes import route_parts
from tests.components import small_networks as small
from tests.components.small_networks import UNKNOWN, rule
from tests.components.test_questions import ALLOWED, BLOCKED, HUB, UNDECIDED, ask

WALL = "10.0.9.4"
FIREWALL = small.subnet("AzureFirewallSubnet", "10.0.9.0/26")
TO_WALL = ("0.0.0.0/0", "VirtualAppliance", WALL)


def hops(plan: list[Any]) -> dict[str, str]:
    """The next hop of each address that is asked about, for subnet ``work``."""
    topology = topology_of(plan)
    [work] = [each for each in topology.subnets if each.name == "work"]
    found: dict[str, str] = {}
    for part in route_parts(topology, work):
        for network in part.addresses.networks():
            found[str(network)] = f"{part.next_hop}"
    return found


def hop_at(plan: list[Any], address: str) -> str:
    """The next hop to one address from subnet ``work``."""
    [hop] = [
        hop
        for network, hop in hops(plan).items()
        if ip_address(address) in ip_network(network)
    ]
    return hop


@pytest.mark.parametrize(
    ("routes", "address", "hop"),
    [
        ([], "10.0.4.4", "VnetLocal"),
        ([], "198.51.100.1", "Internet"),
        ([], "2001:db8::1", "Internet"),
        # The network's own space is in 10.0.0.0/8, so Azure does not drop that.
        ([], "10.9.0.1", "Internet"),
        ([], "192.168.0.1", "None"),
        ([TO_WALL], "198.51.100.1", "VirtualAppliance"),
        ([TO_WALL], "10.0.4.4", "VnetLocal"),
        ([("10.0.0.0/16", "VirtualAppliance", WALL)], "10.0.4.4", "VirtualAppliance"),
        ([("10.0.4.0/24", "None", None)], "10.0.4.4", "None"),
        ([("10.0.0.0/8", "None", None)], "10.0.4.4", "VnetLocal"),
        (
            [("198.51.100.0/24", "None", None), ("198.51.100.0/25", "internet", None)],
            "198.51.100.1",
            "Internet",
        ),
        ([("192.168.0.0/16", "Internet", None)], "192.168.0.1", "Internet"),
        (
            [("AzureMachineLearning", "Internet", None), TO_WALL],
            "4.147.38.36",
            "Internet",
        ),
    ],
)
def test_the_longest_prefix_wins_and_then_the_users_route(
    routes: list[Any], address: str, hop: str
) -> None:
    """The longest prefix wins and then the users route."""
    plan = [
        HUB,
        small.table("rt", *routes),
        small.subnet("work", "10.0.0.0/24", table="rt"),
    ]
    assert hop_at(plan, address) == hop


def test_service_endpoints_pass_routes_by() -> None:
    """Service endpoints pass routes by."""
    plan = [
        HUB,
        small.table("rt", TO_WALL),
        small.subnet(
            "work",
            "10.0.0.0/24",
            table="rt",
            serviceEndpoints=[{"service": "Microsoft.Storage"}],
        ),
    ]
    assert hop_at(plan, "13.69.40.20") == "VirtualNetworkServiceEndpoint"
    found = ask(plan, "subnet:work", "tag:Storage.WestEurope")
    assert found.verdict is ALLOWED
    assert "service endpoint Microsoft.Storage" in found.hops[-1].rule


# Ways out


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, BLOCKED),
        ({"natGateway": {"id": UNKNOWN}}, ALLOWED),
        ({"defaultOutboundAccess": True}, ALLOWED),
        ({"defaultOutboundAccess": None}, ALLOWED),
        ({"defaultOutboundAccess": UNKNOWN}, UNDECIDED),
    ],
)
def test_the_internet_needs_a_way_out(more: dict[str, Any], verdict: Verdict) -> None:
    """The internet needs a way out."""
    plan = [HUB, small.subnet("work", "10.0.0.0/24", **more)]
    found = ask(plan, "subnet:work", "internet")
    assert found.verdict is verdict
    if verdict is BLOCKED:
        assert "neither NAT gateway, nor public address" in found.hops[-1].rule


def test_a_public_address_is_a_way_out() -> None:
    """A public address is a way out."""
    plan = [
        HUB,
        small.subnet("work", "10.0.0.0/24"),
        small.public_address("pip"),
        small.interface("vm", "work", public="pip"),
        small.interface("other", "work"),
    ]
    assert ask(plan, "machine:vm", "internet").verdict is ALLOWED
    assert ask(plan, "machine:other", "internet").verdict is BLOCKED


# Peerings

SPOKES = [
    HUB,
    small.network("left", "10.1.0.0/16"),
    small.network("right", "10.2.0.0/16"),
    small.subnet("hub-work", "10.0.0.0/24"),
    small.subnet("left-work", "10.1.0.0/24", of="left"),
    small.subnet("right-work", "10.2.0.0/24", of="right"),
]


def peered(**flags: Any) -> list[Any]:
    """Both spokes peered with the hub, both ways; flags of the spokes' side."""
    both = [("hub", "left"), ("hub", "right")]
    return [
        *(small.peering(one, other, allowGatewayTransit=True) for one, other in both),
        *(small.peering(other, one, **flags) for one, other in both),
    ]


def test_peerings_are_not_transitive() -> None:
    """Peerings are not transitive."""
    plan = SPOKES + peered()
    assert ask(plan, "subnet:left-work", "subnet:hub-work").verdict is ALLOWED
    assert ask(plan, "subnet:hub-work", "subnet:right-work").verdict is ALLOWED
    found = ask(plan, "subnet:left-work", "subnet:right-work")
    assert found.verdict is BLOCKED


def test_a_peering_needs_both_directions_and_access() -> None:
    """A peering needs both directions and access."""
    one = [*SPOKES, small.peering("hub", "left")]
    assert ask(one, "subnet:hub-work", "subnet:left-work").verdict is BLOCKED
    closed = [*one, small.peering("left", "hub", allowVirtualNetworkAccess=False)]
    assert ask(closed, "subnet:hub-work", "subnet:left-work").verdict is BLOCKED
    unknown = [*one, small.peering("left", "hub", allowVirtualNetworkAccess=UNKNOWN)]
    found = ask(unknown, "subnet:hub-work", "subnet:left-work")
    assert found.verdict is UNDECIDED
    assert [value.path for value in found.missing] == [
        "left-to-hub.allowVirtualNetworkAccess"
    ]


@pytest.mark.parametrize(("forwards", "verdict"), [(True, ALLOWED), (False, BLOCKED)])
def test_a_firewall_in_the_hub_leads_from_spoke_to_spoke(
    forwards: bool, verdict: Verdict
) -> None:
    """A firewall in the hub leads from spoke to spoke."""
    left = small.subnet("left-work", "10.1.0.0/24", of="left", table="rt")
    plan = [
        *[each for each in SPOKES if each["name"] != "left-work"],
        left,
        small.table("rt", TO_WALL),
        FIREWALL,
        *small.firewall(
            "wall",
            "AzureFirewallSubnet",
            small.network_rule(["10.2.0.0/16"], ["443"], ["10.1.0.0/16"]),
        ),
        *peered(allowForwardedTraffic=forwards),
    ]
    found = ask(plan, "subnet:left-work", "subnet:right-work")
    assert found.verdict is verdict
    if verdict is ALLOWED:
        assert [hop.where for hop in found.hops] == [
            "routes of subnet left-work",
            "peering left-to-hub",
            "firewall wall",
            "routes of subnet AzureFirewallSubnet",
            "peering hub-to-right",
        ]
    assert (
        ask(plan, "subnet:left-work", "subnet:right-work", "tcp/22").verdict is BLOCKED
    )


# Gateways

GATEWAY = [
    small.subnet("GatewaySubnet", "10.0.8.0/27"),
    *small.gateway(
        "vgw",
        "GatewaySubnet",
        clients=["172.20.0.0/24"],
        sites={"office": ["192.168.0.0/16"]},
    ),
]


@pytest.mark.parametrize(
    ("uses", "verdict"), [(True, ALLOWED), (False, BLOCKED), (None, BLOCKED)]
)
@pytest.mark.parametrize("place", ["on-premises", "vpn-clients", "192.168.3.4"])
def test_gateway_transit_is_transitive(
    uses: bool | None, verdict: Verdict, place: str
) -> None:
    """Gateway transit is transitive."""
    plan = SPOKES + GATEWAY + peered(useRemoteGateways=uses)
    assert ask(plan, place, "subnet:hub-work").verdict is ALLOWED
    assert ask(plan, place, "subnet:left-work").verdict is verdict
    assert ask(plan, "subnet:left-work", place).verdict is verdict


@pytest.mark.parametrize(("disabled", "verdict"), [(False, ALLOWED), (True, BLOCKED)])
def test_a_table_may_keep_learnt_routes_away(disabled: bool, verdict: Verdict) -> None:
    """A table may keep learnt routes away."""
    plan = [
        HUB,
        *GATEWAY,
        small.table("rt", disableBgpRoutePropagation=disabled),
        small.subnet("work", "10.0.0.0/24", table="rt"),
    ]
    assert ask(plan, "subnet:work", "on-premises").verdict is verdict


def test_ranges_that_a_site_announces_are_undecided_only_where_they_matter() -> None:
    """Ranges that a site announces are undecided only where they matter."""
    some = small.group("some", rule(100, source="10.50.0.0/16"), rule(200, "Deny"))
    plan = [
        HUB,
        small.subnet("GatewaySubnet", "10.0.8.0/27"),
        *small.gateway("vgw", "GatewaySubnet", sites={"office": None}),
        some,
        small.group("none", rule(200, "Deny", protocol="*")),
        small.subnet("open", "10.0.1.0/24"),
        small.subnet("some", "10.0.2.0/24", group="some"),
        small.subnet("none", "10.0.3.0/24", group="none"),
    ]
    assert ask(plan, "on-premises", "subnet:open").verdict is ALLOWED
    assert ask(plan, "on-premises", "subnet:none").verdict is BLOCKED
    found = ask(plan, "on-premises", "subnet:some")
    assert found.verdict is UNDECIDED
    assert [str(value) for value in found.missing] == [
        "office.localNetworkAddressSpace is announced by BGP"
    ]


# Firewalls and other appliances


def behind_a_wall(*rules: Any, action: str = "Allow") -> list[Any]:
    """A subnet that leaves by a firewall."""
    return [
        HUB,
        FIREWALL,
        *small.firewall("wall", "AzureFirewallSubnet", *rules, action=action),
        small.table("rt", TO_WALL),
        small.subnet("work", "10.0.0.0/24", table="rt"),
    ]


@pytest.mark.parametrize(
    ("rules", "service", "verdict"),
    [
        ((), "tcp/443", BLOCKED),
        ((small.network_rule(["AzureMachineLearning"], ["443"]),), "tcp/443", ALLOWED),
        ((small.network_rule(["AzureMachineLearning"], ["443"]),), "tcp/80", BLOCKED),
        ((small.network_rule(["*"], ["443"], ["10.7.0.0/16"]),), "tcp/443", BLOCKED),
        ((small.host_rule("pypi.example"),), "tcp/443", UNDECIDED),
        ((small.host_rule("pypi.example"),), "tcp/80", BLOCKED),
    ],
)
def test_a_firewalls_rules_decide(
    rules: tuple[Any, ...], service: str, verdict: Verdict
) -> None:
    """A firewalls rules decide."""
    found = ask(behind_a_wall(*rules), "subnet:work", "internet", service)
    assert found.verdict is verdict
    if verdict is UNDECIDED:
        assert "pypi.example" in found.missing[0].reason


def test_a_firewall_whose_rules_are_not_known_is_undecided() -> None:
    """A firewall whose rules are not known is undecided."""
    plan = behind_a_wall()
    for each in plan:
        if each["name"] == "wall-rules":
            each["inputs"]["ruleCollections"] = UNKNOWN
    found = ask(plan, "subnet:work", "internet")
    assert found.verdict is UNDECIDED
    assert [value.path for value in found.missing] == ["wall-rules.ruleCollections"]


@pytest.mark.parametrize(
    ("service", "destination", "verdict"),
    [
        ("tcp/22", "subnet:work", UNDECIDED),
        ("tcp/22", "10.0.0.9", UNDECIDED),
        ("tcp/22", "10.0.0.10", BLOCKED),
        ("tcp/2222", "subnet:work", BLOCKED),
    ],
)
def test_a_translation_leads_the_internet_inside(
    service: str, destination: str, verdict: Verdict
) -> None:
    """To its address and port only; the groups there see the firewall."""
    translation = {
        "ruleType": "NatRule",
        "name": "ssh",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["203.0.113.5"],
        "destinationPorts": ["2222"],
        "translatedAddress": "10.0.0.9",
        "translatedPort": "22",
    }
    found = ask(behind_a_wall(translation), "internet", destination, service)
    assert found.verdict is verdict
    if verdict is UNDECIDED:
        assert [value.path for value in found.missing] == [
            "wall-rules.ruleCollections[0].rules[0]"
        ]


def test_routes_in_a_circle_lead_nowhere() -> None:
    """Routes in a circle lead nowhere."""
    plan = [
        HUB,
        {**FIREWALL, **small.subnet("AzureFirewallSubnet", "10.0.9.0/26", table="rt")},
        *small.firewall(
            "wall", "AzureFirewallSubnet", small.network_rule(["*"], ["443"])
        ),
        small.table("rt", TO_WALL),
        small.subnet("work", "10.0.0.0/24", table="rt"),
    ]
    found = ask(plan, "subnet:work", "internet")
    assert found.verdict is BLOCKED
    assert found.hops[-1].rule == "routes lead in a circle"


@pytest.mark.parametrize(
    ("hop", "address", "verdict"),
    [
        ("VirtualAppliance", "10.0.5.4", UNDECIDED),
        ("VirtualAppliance", UNKNOWN, UNDECIDED),
        (UNKNOWN, None, UNDECIDED),
        ("None", None, BLOCKED),
        ("Sideways", None, UNDECIDED),
    ],
)
def test_other_hops(hop: Any, address: Any, verdict: Verdict) -> None:
    """Other hops."""
    plan = [
        HUB,
        small.table("rt", ("0.0.0.0/0", hop, address)),
        small.subnet("work", "10.0.0.0/24", table="rt", natGateway={"id": UNKNOWN}),
    ]
    assert ask(plan, "subnet:work", "internet").verdict is verdict


@pytest.mark.parametrize(("forwards", "verdict"), [(True, UNDECIDED), (False, BLOCKED)])
def test_an_appliance_of_the_plan_must_forward(
    forwards: bool, verdict: Verdict
) -> None:
    """An appliance of the plan must forward."""
    plan = [
        HUB,
        small.table("rt", ("0.0.0.0/0", "VirtualAppliance", "10.0.5.4")),
        small.subnet("work", "10.0.0.0/24", table="rt"),
        small.subnet("appliances", "10.0.5.0/24"),
        small.interface("nva", "appliances", "10.0.5.4", enableIPForwarding=forwards),
    ]
    assert ask(plan, "subnet:work", "internet").verdict is verdict


# What VirtualNetwork means


def test_a_default_route_makes_virtual_network_mean_everything() -> None:
    """The page says so, and the default rule lets the Internet in then."""
    plan = [
        HUB,
        small.group("nsg"),
        small.table("rt", TO_WALL),
        small.subnet("work", "10.0.0.0/24", group="nsg", table="rt"),
        small.subnet("desk", "10.0.1.0/24", group="nsg"),
        small.public_address("pip"),
        small.interface("vm", "work", public="pip"),
        small.interface("pc", "desk", public="pip"),
    ]
    assert ask(plan, "internet", "machine:vm").verdict is ALLOWED
    assert ask(plan, "internet", "machine:pc").verdict is BLOCKED

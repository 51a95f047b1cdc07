"""Which places a rule asks about: those left out reach the subnet by no packet."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from azureml_policies._reach_sources import sources_that_may_reach
from azureml_policies._stack_topology import place_of
from azureml_reachability.addresses import ALL_ADDRESSES
from azureml_reachability.flows import all_places
from azureml_reachability.group_decisions import Members, decide_group
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import Place, PlaceKind
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.questions import Question, Verdict, answer
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import Direction
from tests.components import small_networks as small

NETWORKS = ("hub", "left", "right")
SPACES = st.sampled_from(
    [("10.0", "10.1", "10.2"), ("10.0", "10.1", "10.1"), ("10.0", "20.60", "10.2")]
)
ROUTES = st.sampled_from(
    [
        ("0.0.0.0/0", "Internet", None),
        ("0.0.0.0/0", "None", None),
        ("0.0.0.0/0", "VirtualNetworkGateway", None),
        ("0.0.0.0/0", "VirtualAppliance", "10.0.9.4"),
        ("10.0.0.0/8", "VirtualAppliance", "10.1.0.9"),
        ("10.1.0.0/16", "None", None),
        ("10.1.0.0/24", "Elsewhere", None),
    ]
)
SENT_ON = st.sampled_from(
    [
        small.network_rule(["*"], ["*"]),
        small.network_rule(["10.1.0.0/24"], ["443"], sources=["10.0.0.0/24"]),
        small.network_rule(["10.0.1.9"], ["22"], sources=["10.1.0.9"]),
        small.host_rule("example.com"),
    ]
)
"""What a firewall sends on, whose address is 10.0.9.4."""
SOURCES = ("*", "VirtualNetwork", "Internet", "10.0.0.0/24", "10.1.0.0/16", "10.1.1.8")
RULES = st.lists(
    st.tuples(st.sampled_from(SOURCES), st.sampled_from(("Allow", "Deny"))), max_size=3
)


@st.composite
def plans(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Three networks of two subnets, joined and guarded in any way."""
    sent_on = draw(st.lists(SENT_ON, max_size=2))
    plan: list[dict[str, Any]] = small.firewall("wall", "AzureFirewallSubnet", *sent_on)
    if draw(st.booleans()):
        plan += small.gateway(
            "vgw", "GatewaySubnet", sites={"office": ["172.16.0.0/24"]}
        )
    for name, space in zip(NETWORKS, draw(SPACES), strict=True):
        plan.append(small.network(name, f"{space}.0.0/16"))
        for number in range(2):
            plan += _subnet(draw, name, number, space)
    plan.append(small.subnet("AzureFirewallSubnet", "10.0.9.0/26"))
    plan.append(small.subnet("GatewaySubnet", "10.0.8.0/27"))
    pairs = [(one, other) for one in NETWORKS for other in NETWORKS if one != other]
    for one, other in draw(st.lists(st.sampled_from(pairs), unique=True)):
        flags = {
            "allowForwardedTraffic": draw(st.booleans()),
            "allowGatewayTransit": draw(st.booleans()),
            "useRemoteGateways": draw(st.booleans()),
        }
        plan.append(small.peering(one, other, **flags))
    return plan


def _subnet(
    draw: st.DrawFn, network: str, number: int, space: str
) -> list[dict[str, Any]]:
    name = f"{network}{number}"
    routes = draw(st.lists(ROUTES, max_size=2, unique_by=lambda route: route[0]))
    rules = draw(RULES)
    more: dict[str, Any] = {}
    if draw(st.integers(0, 5)) == 0:
        more["serviceEndpoints"] = [{"service": "Microsoft.Storage"}]
    if draw(st.integers(0, 5)) == 0:
        more["addressPrefix"] = small.UNKNOWN
    return [
        small.table(f"{name}-rt", *routes),
        small.group(
            f"{name}-nsg",
            *(
                small.rule(100 + at, access, source=source)
                for at, (source, access) in enumerate(rules)
            ),
        ),
        small.subnet(
            name,
            f"{space}.{number}.0/24",
            of=network,
            group=f"{name}-nsg" if draw(st.booleans()) else None,
            table=f"{name}-rt" if routes else None,
            **more,
        ),
        small.interface(f"{name}-vm", name, f"{space}.{number}.9"),
    ]


def let_in(topology: Topology, subnet: Subnet, *, guarded: bool) -> list[Place]:
    """The places that a subnet's group does not keep out, asked one by one."""
    found = []
    addresses = ALL_ADDRESSES
    if guarded and isinstance(subnet.group, SecurityGroup):
        addresses = decide_group(
            subnet.group,
            Direction.INBOUND,
            PacketSet.of(destinations=ALL_ADDRESSES),
            group_surroundings(topology, subnet),
            Members(None, None),
        ).possible.sources()
    ranges = {
        place_of(each): each.ranges for each in topology.subnets if not each.missing
    }
    for place in all_places(topology):
        known = ranges.get(place)
        if place.kind is not PlaceKind.ENDPOINT and (
            known is None or known & addresses
        ):
            found.append(place)
    return found


@settings(max_examples=150)
@given(plans(), st.booleans())
def test_who_is_left_out_reaches_nothing(
    plan: list[dict[str, Any]], guarded: bool
) -> None:
    """The places are those that the group lets in, in order, but for some that no way
    leads from."""
    topology = topology_of(plan)
    for subnet in topology.subnets:
        expected = let_in(topology, subnet, guarded=guarded)
        asked = list(sources_that_may_reach(topology, subnet, guarded=guarded))
        assert asked == [place for place in expected if place in asked]
        for source in set(expected) - set(asked):
            question = Question(source=source, destination=place_of(subnet))
            assert answer(topology, question).verdict is Verdict.BLOCKED


def test_networks_apart_are_not_asked_about() -> None:
    """Of networks that nothing joins, no subnet is asked about, but the Internet is."""
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.subnet("one", "10.0.0.0/24"),
        small.subnet("two", "10.0.1.0/24"),
        small.network("left", "10.1.0.0/16"),
        small.subnet("far", "10.1.0.0/24", of="left"),
    ]
    topology = topology_of(plan)
    asked = sources_that_may_reach(topology, topology.subnets[0], guarded=False)
    assert [str(place) for place in asked] == [
        "internet",
        "subnet:hub/one",
        "subnet:hub/two",
    ]


def test_whoever_reaches_a_subnet_of_unknown_ranges_is_asked_about() -> None:
    """Its group decides about addresses that are not known yet."""
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.group("nsg", small.rule(100, source="10.0.4.0/24", port="22")),
        small.subnet("desks", "10.0.4.0/24"),
        small.subnet("machines", "", group="nsg", addressPrefix=small.UNKNOWN),
    ]
    topology = topology_of(plan)
    machines = next(each for each in topology.subnets if each.name == "machines")
    asked = [str(each) for each in sources_that_may_reach(topology, machines)]
    assert "subnet:hub/desks" in asked

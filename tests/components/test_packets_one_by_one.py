"""An oracle that follows one packet at a time agrees with answers about all of them."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from azureml_reachability.packets import Protocol
from azureml_reachability.place_names import addresses
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.ports import PortSet
from azureml_reachability.questions import Question, Verdict, answer
from tests.components import small_networks as small
from tests.components.small_networks import UNKNOWN

NETWORKS = {"hub": "10.0.0.0/16", "left": "10.1.0.0/16", "right": "10.2.0.0/16"}
SUBNETS = {
    "hub-a": ("hub", "10.0.0.0/24"),
    "hub-b": ("hub", "10.0.1.0/24"),
    "left-a": ("left", "10.1.0.0/24"),
    "right-a": ("right", "10.2.0.0/24"),
    "AzureFirewallSubnet": ("hub", "10.0.9.0/26"),
}
WALL = "10.0.9.4"
ADDRESSES = ["10.0.0.9", "10.0.1.9", "10.1.0.9", "10.2.0.9", "8.8.8.8", "192.168.7.7"]
PREFIXES = [
    "*",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.1.0.0/24",
    "10.2.0.0/24",
    "8.0.0.0/6",
    "VirtualNetwork",
    "Internet",
]
ROUTED = ["0.0.0.0/0", "10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/24", "8.8.8.8/32"]


@dataclass
class Spec:
    """A small network in the plainest words."""

    rules: dict[str, list[dict[str, Any]]]
    routes: dict[str, dict[str, str]]
    peerings: dict[tuple[str, str], dict[str, bool]]
    nat: set[str]
    wall: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Destinations and ports that the firewall allows."""

    def plan(self) -> list[Any]:
        """The same as resources of a plan."""
        made: list[Any] = [small.network(name, at) for name, at in NETWORKS.items()]
        for name, (of, prefix) in SUBNETS.items():
            group = f"{name}-nsg" if name in self.rules else None
            table = f"{name}-rt" if name in self.routes else None
            nat = {"natGateway": {"id": UNKNOWN}} if name in self.nat else {}
            made.append(
                small.subnet(name, prefix, of=of, group=group, table=table, **nat)
            )
        for name, rules in self.rules.items():
            made.append(small.group(f"{name}-nsg", *rules))
        for name, routes in self.routes.items():
            listed = [
                (prefix, hop, WALL if hop == "VirtualAppliance" else None)
                for prefix, hop in routes.items()
            ]
            made.append(small.table(f"{name}-rt", *listed))
        for (one, other), flags in self.peerings.items():
            made.append(small.peering(one, other, **flags))
        rules = [small.network_rule([to], [port]) for to, port in self.wall]
        return made + small.firewall("wall", "AzureFirewallSubnet", *rules)


# The oracle: one packet, one decision after the other.


def passes(spec: Spec, source: str, destination: str, port: str) -> bool:
    """Whether one TCP packet gets from one address to another."""
    start = subnet_of(source)
    if start is None:
        return False
    if not group_allows(spec, start, "Outbound", source, destination, port):
        return False
    if not sent(spec, start, source, destination, port, forwarded=False):
        return False
    end = subnet_of(destination)
    return end is None or group_allows(spec, end, "Inbound", source, destination, port)


def subnet_of(address: str) -> str | None:
    """The subnet that an address is in."""
    for name, (_, prefix) in SUBNETS.items():
        if IPv4Address(address) in IPv4Network(prefix):
            return name
    return None


def is_public(address: str) -> bool:
    """Whether an address is one of the Internet."""
    return address == "8.8.8.8"


def group_allows(
    spec: Spec, subnet: str, direction: str, source: str, destination: str, port: str
) -> bool:
    """Whether the first rule that matches allows; the default rules come last."""
    if subnet not in spec.rules:
        return True
    own = [each for each in spec.rules[subnet] if each["direction"] == direction]
    for rule in sorted(own, key=lambda each: each["priority"]):
        if (
            means(spec, subnet, rule["sourceAddressPrefix"], source)
            and means(spec, subnet, rule["destinationAddressPrefix"], destination)
            and rule["destinationPortRange"] in ("*", port)
        ):
            return bool(rule["access"] == "Allow")
    inside = [
        means(spec, subnet, "VirtualNetwork", each) for each in (source, destination)
    ]
    if all(inside):
        return True
    return direction == "Outbound" and is_public(destination)


def means(spec: Spec, subnet: str, text: str, address: str) -> bool:
    """Whether a text of a rule means an address, in a subnet."""
    if text == "*":
        return True
    if text == "Internet":
        return is_public(address)
    if text != "VirtualNetwork":
        return IPv4Address(address) in IPv4Network(text)
    network = SUBNETS[subnet][0]
    peers = [
        other
        for (one, other), flags in spec.peerings.items()
        if one == network and flags["allowVirtualNetworkAccess"]
    ]
    ranges = [NETWORKS[each] for each in (network, *peers)]
    ranges += list(spec.routes.get(subnet, {}))
    return any(IPv4Address(address) in IPv4Network(each) for each in ranges)


def sent(
    spec: Spec,
    subnet: str,
    source: str,
    destination: str,
    port: str,
    *,
    forwarded: bool,
) -> bool:
    """Whether routes lead a packet from a subnet to where it should get."""
    network = SUBNETS[subnet][0]
    hop = next_hop(spec, subnet, destination)
    if hop == "local":
        return subnet_of(destination) is not None
    if hop == "Internet":
        has_way_out = subnet in spec.nat or forwarded
        return is_public(destination) and has_way_out
    if hop == "VirtualAppliance":
        near = network == "hub" or crosses(spec, network, "hub", forwarded=False)
        allowed = any(
            IPv4Address(destination) in IPv4Network(to) and port == open_port
            for to, open_port in spec.wall
        )
        return (
            near
            and allowed
            and not forwarded
            and sent(
                spec, "AzureFirewallSubnet", source, destination, port, forwarded=True
            )
        )
    if hop in NETWORKS:
        return crosses(spec, network, hop, forwarded=forwarded) and (
            subnet_of(destination) is not None
        )
    return False


def next_hop(spec: Spec, subnet: str, destination: str) -> str:
    """The hop of the longest prefix; of equal ones the user's."""
    network = SUBNETS[subnet][0]
    known = [(NETWORKS[network], 0, "local"), ("0.0.0.0/0", 0, "Internet")]
    known += [
        (NETWORKS[other], 0, other) for one, other in spec.peerings if one == network
    ]
    known += [("172.16.0.0/12", 0, "None"), ("192.168.0.0/16", 0, "None")]
    known += [(to, 1, hop) for to, hop in spec.routes.get(subnet, {}).items()]
    found = [
        (IPv4Network(prefix).prefixlen, rank, hop)
        for prefix, rank, hop in known
        if IPv4Address(destination) in IPv4Network(prefix)
    ]
    return max(found)[2]


def crosses(spec: Spec, one: str, other: str, *, forwarded: bool) -> bool:
    """Whether a packet crosses from one network to another that is its peer."""
    there, back = spec.peerings.get((one, other)), spec.peerings.get((other, one))
    if there is None or back is None:
        return False
    both = (there["allowVirtualNetworkAccess"], back["allowVirtualNetworkAccess"])
    return all(both) and (not forwarded or back["allowForwardedTraffic"])


# Random networks


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The rules of a group."""
    count = draw(st.integers(0, 4))
    numbers = draw(st.permutations(range(100, 100 + count)))
    return [
        small.rule(
            number,
            draw(st.sampled_from(["Allow", "Deny"])),
            source=draw(st.sampled_from(PREFIXES)),
            destination=draw(st.sampled_from(PREFIXES)),
            port=draw(st.sampled_from(["*", "22", "443"])),
            direction=draw(st.sampled_from(["Inbound", "Outbound"])),
        )
        for number in numbers
    ]


HOPS = ["VirtualAppliance", "None", "Internet"]
WORKING = [name for name in SUBNETS if name != "AzureFirewallSubnet"]
PAIRS = [("hub", "left"), ("left", "hub"), ("hub", "right"), ("right", "hub")]


def specs() -> st.SearchStrategy[Spec]:
    """Small networks of all sorts."""
    flags = st.fixed_dictionaries(
        {
            "allowVirtualNetworkAccess": st.sampled_from([True, True, False]),
            "allowForwardedTraffic": st.booleans(),
        }
    )
    return st.builds(
        Spec,
        rules=st.dictionaries(st.sampled_from(WORKING), rules(), max_size=3),
        routes=st.dictionaries(
            st.sampled_from(["left-a", "left-a", *SUBNETS]),
            st.dictionaries(st.sampled_from(ROUTED), st.sampled_from(HOPS), max_size=3),
            max_size=3,
        ),
        peerings=st.fixed_dictionaries({}, optional=dict.fromkeys(PAIRS, flags)),
        nat=st.sets(st.sampled_from(WORKING)),
        wall=st.lists(
            st.tuples(
                st.sampled_from(["8.8.8.8/32", "10.2.0.0/16", "10.0.0.0/8"]),
                st.sampled_from(["22", "443"]),
            ),
            min_size=1,
            max_size=2,
        ),
    )


def specs_with_transit() -> st.SearchStrategy[Spec]:
    """Networks in which spokes reach each other by the firewall, or nearly."""
    flags = st.fixed_dictionaries(
        {
            "allowVirtualNetworkAccess": st.sampled_from([True, True, True, False]),
            "allowForwardedTraffic": st.booleans(),
        }
    )
    return st.builds(
        Spec,
        rules=st.dictionaries(st.sampled_from(WORKING), rules(), max_size=1),
        routes=st.fixed_dictionaries(
            {
                "left-a": st.just({"0.0.0.0/0": "VirtualAppliance"}),
                "hub-a": st.just({"10.2.0.0/24": "VirtualAppliance"}),
            }
        ),
        peerings=st.fixed_dictionaries(dict.fromkeys(PAIRS, flags)),
        nat=st.just(set[str]()),
        wall=st.just([("10.2.0.0/16", "443"), ("8.8.8.8/32", "22")]),
    )


@settings(max_examples=60, deadline=None)
@given(specs() | specs_with_transit())
def test_answers_agree_with_an_oracle_that_follows_single_packets(spec: Spec) -> None:
    """For every pair of addresses and two ports."""
    topology = topology_of(spec.plan())
    for source in ADDRESSES[:4]:
        for destination in ADDRESSES:
            for port in ("22", "443"):
                asked = Question(
                    source=addresses(source),
                    destination=addresses(destination),
                    protocols=frozenset({Protocol.TCP}),
                    ports=PortSet.of(port),
                )
                found = answer(topology, asked)
                expected = passes(spec, source, destination, port)
                verdict = Verdict.ALLOWED if expected else Verdict.BLOCKED
                assert found.verdict is verdict, (source, destination, port, found.hops)
                assert found.hops[-1].what is verdict
                assert bool(found.certain) is expected

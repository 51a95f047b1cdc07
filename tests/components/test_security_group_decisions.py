"""Security groups are decided for every packet: the cases that others get wrong, the
default rules, and what is not known."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    ALL_IPV4,
    ALL_IPV6,
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.packets import ALL_PACKETS, Packet, PacketSet, Protocol
from azureml_reachability.places import Surroundings, Undecided, addresses_of
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import (
    Rule,
    allowed,
    deciding_rule,
    default_rules,
    rule_of,
    surely_allowed,
)
from azureml_rulebook.default_rules import DEFAULT_RULES, DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.service_tags import published_tags, tag_prefixes

NETWORK = Surroundings(virtual_network=AddressSet.of("10.20.0.0/22", "fd00:20::/56"))
MACHINE = AddressSet.of("10.20.0.4", "fd00:20::4")
TCP = frozenset({Protocol.TCP})


def rule(
    priority: int = 100,
    sources: tuple[str, ...] | str = "*",
    ports: tuple[str, ...] | str = "22",
    *,
    access: Access = Access.ALLOW,
    protocol: str = "Tcp",
    direction: Direction = Direction.INBOUND,
    destinations: tuple[str, ...] | str = "*",
    destination_groups: tuple[str, ...] = (),
) -> SecurityRule:
    """A rule with what a case is about; the rest is open."""

    def texts(value: tuple[str, ...] | str) -> tuple[str, ...]:
        return (value,) if isinstance(value, str) else value

    return SecurityRule(
        name=f"{access}{priority}",
        priority=priority,
        direction=direction,
        access=access,
        protocol=protocol,
        sources=texts(sources),
        destinations=texts(destinations),
        destination_groups=destination_groups,
        ports=texts(ports),
        description="",
    )


def read(*rules: SecurityRule, around: Surroundings = NETWORK) -> tuple[Rule, ...]:
    """The rules as packets."""
    return tuple(rule_of(item, around) for item in rules)


DENY = Access.DENY
EVERYTHING = {"ports": "*", "protocol": "*"}


@dataclass(frozen=True)
class Case:
    """One security group and whether its port 22 is open to the Internet."""

    about: str
    rules: tuple[SecurityRule, ...]
    ipv4: bool = False
    ipv6: bool = False


CASES = (
    Case("A any source", (rule(),), ipv4=True, ipv6=True),
    Case("B 0.0.0.0/0", (rule(sources="0.0.0.0/0"),), ipv4=True),
    Case("C the tag", (rule(sources="Internet"),), ipv4=True, ipv6=True),
    Case("C in lower case", (rule(sources="internet"),), ipv4=True, ipv6=True),
    Case("D ::/0", (rule(sources="::/0"),), ipv6=True),
    Case("F two halves", (rule(sources=("0.0.0.0/1", "128.0.0.0/1")),), ipv4=True),
    Case("F two halves of IPv6", (rule(sources=("::/1", "8000::/1")),), ipv6=True),
    Case("G in a range", (rule(ports="20-25"),), ipv4=True, ipv6=True),
    Case("H one of many ports", (rule(ports=("80", "22")),), ipv4=True, ipv6=True),
    Case("K any protocol", (rule(**EVERYTHING),), ipv4=True, ipv6=True),
    Case(
        "L the deny comes later",
        (rule(), rule(200, access=DENY, **EVERYTHING)),
        ipv4=True,
        ipv6=True,
    ),
    Case("E the deny comes first", (rule(access=DENY), rule(200))),
    Case("E in any order", (rule(200), rule(access=DENY))),
    Case("M the tag is denied", (rule(access=DENY, sources="Internet"), rule(200))),
    Case("J a private range", (rule(sources="10.1.0.0/16"),)),
    Case("J a private range of IPv6", (rule(sources="fd00:1::/64"),)),
    Case(
        "only IPv4 is denied",
        (rule(access=DENY, sources="0.0.0.0/0"), rule(200)),
        ipv6=True,
    ),
    Case(
        "half is denied, the rest is open",
        (rule(access=DENY, sources="0.0.0.0/1"), rule(200, sources="0.0.0.0/0")),
        ipv4=True,
    ),
    Case(
        "both halves are denied",
        (
            rule(100, access=DENY, sources="0.0.0.0/1"),
            rule(110, access=DENY, sources="128.0.0.0/1"),
            rule(200, sources="0.0.0.0/0"),
        ),
    ),
    Case("another protocol", (rule(protocol="Udp"),)),
    Case("another port", (rule(ports="23"),)),
    Case("another direction", (rule(direction=Direction.OUTBOUND),)),
    Case("another machine", (rule(destinations="10.20.0.5"),)),
    Case("no rule", ()),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_can_the_internet_reach_port_22(case: Case) -> None:
    """The question that scanners answer by looking at texts is answered for every
    packet, each address family by itself, with a packet that shows it."""
    rules = read(*case.rules)
    passing = allowed(rules, Direction.INBOUND, NETWORK)
    assert passing == surely_allowed(rules, Direction.INBOUND, NETWORK)
    for family, is_open in ((ALL_IPV4, case.ipv4), (ALL_IPV6, case.ipv6)):
        question = PacketSet.of(
            sources=NETWORK.internet & family,
            destinations=MACHINE,
            protocols=TCP,
            destination_ports=PortSet.of("22"),
        )
        witness = (passing & question).witness()
        assert (witness is not None) == is_open
        asked = witness or question.witness()
        assert asked is not None
        decider = deciding_rule(rules, asked, Direction.INBOUND, NETWORK)
        assert (decider.access == Access.ALLOW) == is_open


def test_the_cloud_is_not_the_internet_but_any_tenant() -> None:
    """A rule for AzureCloud lets in machines of every customer of Azure, and no
    others."""
    passing = allowed(read(rule(sources="AzureCloud")), Direction.INBOUND, NETWORK)
    ssh = PacketSet.of(
        sources=NETWORK.internet,
        destinations=MACHINE,
        protocols=TCP,
        destination_ports=PortSet.of("22"),
    )
    prefixes = tag_prefixes("AzureCloud")
    assert prefixes is not None
    cloud = AddressSet.of_networks(prefixes)
    assert passing & ssh == PacketSet.of(sources=cloud) & ssh
    assert (passing & ssh).witness() is not None
    assert not ssh <= passing


def test_the_default_rules_alone() -> None:
    """Without own rules the network reaches itself and the Internet, probes come in,
    and the Internet stays out."""
    inbound = allowed((), Direction.INBOUND, NETWORK)
    outbound = allowed((), Direction.OUTBOUND, NETWORK)
    network = NETWORK.virtual_network_tag
    probes = PacketSet.of(sources=AddressSet.of("168.63.129.16"))
    within = PacketSet.of(sources=network, destinations=network)
    assert inbound == within | probes
    assert outbound == within | PacketSet.of(destinations=NETWORK.internet)
    assert not inbound & PacketSet.of(sources=NETWORK.internet)


def test_the_default_rules_as_azure_has_them() -> None:
    """Names and numbers of both directions; the last one matches every packet."""
    assert [(item.priority, item.name) for item in DEFAULT_RULES] == [
        (65000, "AllowVNetInBound"),
        (65001, "AllowAzureLoadBalancerInBound"),
        (65500, "DenyAllInbound"),
        (65000, "AllowVnetOutBound"),
        (65001, "AllowInternetOutBound"),
        (65500, "DenyAllOutBound"),
    ]
    assert DEFAULT_RULES_PAGE.startswith("https://learn.microsoft.com/azure/")
    for item in default_rules(NETWORK):
        if item.priority == 65500:
            assert item.packets == ALL_PACKETS
            assert item.access == Access.DENY
        assert str(item) == f"{item.access} {item.priority} {item.name}"


def test_an_explicit_deny_closes_what_the_defaults_open() -> None:
    """The denies that end our groups leave nothing open."""
    for direction in Direction:
        denies = read(rule(4096, access=DENY, direction=direction, **EVERYTHING))
        assert not allowed(denies, direction, NETWORK)


def test_what_internet_and_virtual_network_mean() -> None:
    """The tags divide addresses as the page says: public ranges of the network are not
    the Internet, and a default route widens VirtualNetwork without emptying it."""
    around = Surroundings(
        virtual_network=AddressSet.of("10.20.0.0/22", "20.30.0.0/16"),
        route_prefixes=AddressSet.of("0.0.0.0/0"),
    )
    internet = addresses_of("Internet", around)
    network = addresses_of("VirtualNetwork", around)
    assert isinstance(internet, AddressSet)
    assert isinstance(network, AddressSet)
    for text, is_internet in (
        ("8.8.8.8", True),
        ("2001:db8::1", True),
        ("20.30.1.1", False),
        ("20.31.1.1", True),
        ("10.1.1.1", False),
        ("172.31.0.1", False),
        ("172.32.0.1", True),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("168.63.129.17", True),
        ("224.0.0.1", False),
        ("fd00::1", False),
        ("fe80::1", False),
    ):
        assert (ip_address(text) in internet) == is_internet, text
    assert network == ALL_IPV4
    assert NETWORK.virtual_network_tag == NETWORK.virtual_network | AddressSet.of(
        "168.63.129.16"
    )


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("*", ALL_ADDRESSES),
        ("10.0.0.0/8", AddressSet.of("10.0.0.0/8")),
        ("10.0.0.7/8", AddressSet.of("10.0.0.0/8")),
        ("10.0.0.7", AddressSet.of("10.0.0.7/32")),
        ("AzureLoadBalancer", AddressSet.of("168.63.129.16/32")),
    ],
)
def test_what_a_text_means(text: str, meaning: AddressSet) -> None:
    """Ranges, addresses and fixed tags are read as they are written."""
    assert addresses_of(text, NETWORK) == meaning


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("HDInsight", "has no prefixes in the list of service tags of 2026-06-26"),
        ("AzurePlatformDNS", "has no prefixes in the list"),
        ("Keyvault", "is neither a range nor a service tag of Azure"),
        ("10.0.0.0/33", "is neither a range nor a service tag of Azure"),
        ("", "is neither a range nor a service tag of Azure"),
    ],
)
def test_what_is_not_known_is_never_empty(text: str, reason: str) -> None:
    """A text whose addresses cannot be told says why; as a rule's side it may be any
    address, so that an opening is not overlooked and a deny not relied on."""
    meaning = addresses_of(text, NETWORK)
    assert isinstance(meaning, Undecided)
    assert str(meaning).startswith(f"'{text}' {reason}")
    opening = read(rule(sources=text))
    ssh = PacketSet.of(protocols=TCP, destination_ports=PortSet.of("22"))
    assert ssh <= allowed(opening, Direction.INBOUND, NETWORK)
    assert surely_allowed(opening, Direction.INBOUND, NETWORK) == surely_allowed(
        (), Direction.INBOUND, NETWORK
    )
    closing = read(rule(access=DENY, sources=text), rule(200))
    assert ssh <= allowed(closing, Direction.INBOUND, NETWORK)
    assert not ssh & surely_allowed(closing, Direction.INBOUND, NETWORK)
    packet = (ssh & PacketSet.of(sources=NETWORK.internet)).witness()
    assert packet is not None
    decider = deciding_rule(closing, packet, Direction.INBOUND, NETWORK)
    assert packet in decider.perhaps
    assert decider.undecided == (meaning,)


def test_a_list_of_today_decides_what_the_shipped_one_does_not() -> None:
    """The tags of a newer list are used where one is given."""
    shipped = published_tags()
    newer = type(shipped)(
        "public", "change 7", shipped.listed, {"HDInsight": ("20.1.0.0/24",)}
    )
    around = Surroundings(virtual_network=NO_ADDRESSES, published=newer)
    assert addresses_of("hdinsight", around) == AddressSet.of("20.1.0.0/24")


def test_application_security_groups() -> None:
    """Rules for groups match their machines; a group that is not known may be any
    machine of the network, and none outside of it."""
    to_group = rule(sources="Internet", destinations=(), destination_groups=("web",))
    machines = AddressSet.of("10.20.0.8/30")
    around = Surroundings(
        virtual_network=NETWORK.virtual_network, application_groups={"web": machines}
    )
    (known,) = read(to_group, around=around)
    assert known.packets == PacketSet.of(
        sources=around.internet,
        destinations=machines,
        protocols=TCP,
        destination_ports=PortSet.of("22"),
    )
    assert not known.undecided
    (unknown,) = read(to_group)
    assert unknown.packets.is_empty
    assert unknown.perhaps == PacketSet.of(
        sources=NETWORK.internet,
        destinations=NETWORK.virtual_network,
        protocols=TCP,
        destination_ports=PortSet.of("22"),
    )
    assert [item.text for item in unknown.undecided] == ["web"]


def test_two_rules_of_one_priority_are_refused() -> None:
    """Azure has no such group; of which rule would come first nothing is assumed."""
    rules = read(rule(), rule(access=DENY))
    with pytest.raises(ValueError, match="'Allow100' and 'Deny100' have one priority"):
        allowed(rules, Direction.INBOUND, NETWORK)
    both = read(rule(), rule(direction=Direction.OUTBOUND))
    assert allowed(both, Direction.INBOUND, NETWORK)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ports": "ssh"}, "rule 'Allow100': 'ssh' is not a port"),
        ({"protocol": "Gre"}, "rule 'Allow100': 'Gre' is not a protocol; known: 'Tcp'"),
    ],
)
def test_what_is_no_rule_is_refused(wrong: dict[str, str], message: str) -> None:
    """The error names the rule and what is wrong."""
    with pytest.raises(ValueError, match=message):
        rule_of(rule(**wrong), NETWORK)


def test_source_ports_are_part_of_a_rule() -> None:
    """A rule for packets from certain ports matches no others."""
    from_dns = rule_of(rule(), NETWORK, source_ports=PortSet.of("53"))
    packets = {box.source_ports for box in from_dns.packets.boxes()}
    assert packets == {PortSet.of("53")}


RULES = st.lists(
    st.builds(
        rule,
        sources=st.sampled_from(
            ("*", "10.20.0.0/24", "Internet", "8.8.8.8", "::/0", "HDInsight")
        ),
        ports=st.sampled_from(("*", "22", "0-1023")),
        access=st.sampled_from(Access),
        protocol=st.sampled_from(("*", "Tcp", "Udp", "Icmp")),
        direction=st.sampled_from(Direction),
        destinations=st.sampled_from(("*", "10.20.0.4", "VirtualNetwork")),
    ),
    max_size=6,
)
PACKETS = tuple(
    Packet(
        source=ip_address(source),
        destination=ip_address(destination),
        protocol=protocol,
        source_port=49152 if protocol.has_ports else None,
        destination_port=port if protocol.has_ports else None,
    )
    for source, destination in (
        ("10.20.0.9", "10.20.0.4"),
        ("10.20.0.9", "8.8.8.8"),
        ("8.8.8.8", "10.20.0.4"),
        ("8.8.4.4", "10.20.0.5"),
        ("192.168.0.1", "10.20.0.4"),
        ("168.63.129.16", "10.20.0.4"),
        ("fd00:20::9", "fd00:20::4"),
        ("2001:db8::1", "fd00:20::4"),
    )
    for protocol in (Protocol.TCP, Protocol.UDP, Protocol.ICMP)
    for port in (22, 443, 5000)
)


@given(RULES)
def test_sets_decide_as_the_first_matching_rule_does(rules: list[SecurityRule]) -> None:
    """Packet by packet, the set of what is allowed is what reading the rules one after
    another gives, in the reading that lets most through and in the other."""
    group = read(
        *(
            SecurityRule(
                name=f"rule{index}",
                priority=4000 - index,
                direction=item.direction,
                access=item.access,
                protocol=item.protocol,
                sources=item.sources,
                destinations=item.destinations,
                ports=item.ports,
                description="",
            )
            for index, item in enumerate(rules)
        )
    )
    for direction in Direction:
        most = allowed(group, direction, NETWORK)
        least = surely_allowed(group, direction, NETWORK)
        assert least <= most
        ordered = sorted(
            (
                item
                for item in (*group, *default_rules(NETWORK))
                if item.direction == direction
            ),
            key=lambda item: item.priority,
        )
        for packet in PACKETS:
            for passing, opens in ((most, Access.ALLOW), (least, Access.DENY)):
                first = next(
                    item
                    for item in ordered
                    if packet in item.packets
                    or (packet in item.perhaps and item.access == opens)
                )
                assert (packet in passing) == (first.access == Access.ALLOW)


def test_a_full_group_is_decided() -> None:
    """Azure takes 1,000 rules in a group; every other of these closes what the next
    one would open."""
    pairs = [
        (f"10.20.{number // 250}.{number % 250}/32", str(1 + number))
        for number in range(500)
    ]
    rules = read(
        *(
            rule(100 + 2 * index + step, sources=source, ports=port, access=access)
            for index, (source, port) in enumerate(pairs)
            for step, access in enumerate((DENY, Access.ALLOW))
        )
    )
    assert len(rules) == 1000
    closed = PacketSet()
    for source, port in pairs:
        closed |= PacketSet.of(
            sources=AddressSet.of(source),
            protocols=TCP,
            destination_ports=PortSet.of(port),
        )
    passing = allowed(rules, Direction.INBOUND, NETWORK)
    assert passing == allowed((), Direction.INBOUND, NETWORK) - closed


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """What the page shows is what its reader gets."""
    page = Path(__file__).parents[2] / "docs" / "reachability.md"
    section = page.read_text("utf-8").partition("\n## Packets as sets\n")[2]
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert example is not None
    exec(compile(example[1], str(page), "exec"), {})
    printed = capsys.readouterr().out.strip()
    assert f"# {printed}\n" in example[1]

"""Sets of addresses, ports and packets obey the laws of sets, packet for packet."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    ALL_IPV4,
    ALL_IPV6,
    NO_ADDRESSES,
    Address,
    AddressSet,
    prefix_range,
)
from azureml_reachability.packets import (
    ALL_PACKETS,
    NO_PACKETS,
    Packet,
    PacketSet,
    Protocol,
)
from azureml_reachability.ports import ALL_PORTS, PortSet

# A tiny universe: every boundary that the generated sets can have lies between two of
# its values, so that sets are equal exactly if they agree on all of its packets.
ADDRESSES: tuple[Address, ...] = tuple(
    ip_address(text)
    for text in (
        "0.0.0.0",
        "10.0.0.0",
        "10.0.0.1",
        "255.255.255.255",
        "::",
        "2001:db8::",
        "2001:db8::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    )
)
PREFIXES = (
    "0.0.0.0/0",
    "10.0.0.0/32",
    "10.0.0.0/31",
    "10.0.0.1/32",
    "::/0",
    "2001:db8::/128",
    "2001:db8::/127",
    "2001:db8::1/128",
)
PORTS = (0, 1, 65535)
PORT_TEXTS = ("*", "0", "1", "0-1", "1-65535", "2-65535")


def _packets() -> list[Packet]:
    found: list[Packet] = []
    for source, destination, protocol in product(ADDRESSES, ADDRESSES, Protocol):
        if source.version != destination.version:
            continue
        ports = list(product(PORTS, PORTS)) if protocol.has_ports else [(None, None)]
        found += [
            Packet(
                source=source,
                destination=destination,
                protocol=protocol,
                source_port=source_port,
                destination_port=destination_port,
            )
            for source_port, destination_port in ports
        ]
    return found


UNIVERSE = _packets()


@dataclass(frozen=True)
class Case:
    """A set, and the packets of the universe that it should hold."""

    packets: PacketSet
    expected: frozenset[Packet]


def _holds(texts: tuple[str, ...], address: Address) -> bool:
    return any(address in ip_network(text) for text in texts)


def _has_port(texts: tuple[str, ...], port: int | None) -> bool:
    """What a demand on a port means, spelt out; None meets only ``*``."""
    for text in texts:
        first, _, last = text.partition("-")
        if text == "*":
            return True
        if port is not None and int(first) <= port <= int(last or first):
            return True
    return False


@st.composite
def boxes(draw: st.DrawFn) -> Case:
    """Packets with random fields, as a set and one by one."""
    sides = st.lists(st.sampled_from(PREFIXES), max_size=3).map(tuple)
    sources, destinations = draw(sides), draw(sides)
    protocols = draw(st.frozensets(st.sampled_from(Protocol)))
    ports = st.lists(st.sampled_from(PORT_TEXTS), max_size=2).map(tuple)
    from_ports, to_ports = draw(ports), draw(ports)
    packets = PacketSet.of(
        sources=AddressSet.of(*sources),
        destinations=AddressSet.of(*destinations),
        protocols=protocols,
        source_ports=PortSet.of(*from_ports),
        destination_ports=PortSet.of(*to_ports),
    )
    # All ports in pieces are all ports, also for packets that have none.
    whole_from = PortSet.of(*from_ports) == ALL_PORTS
    whole_to = PortSet.of(*to_ports) == ALL_PORTS
    expected = frozenset(
        packet
        for packet in UNIVERSE
        if packet.protocol in protocols
        and _holds(sources, packet.source)
        and _holds(destinations, packet.destination)
        and (whole_from or _has_port(from_ports, packet.source_port))
        and (whole_to or _has_port(to_ports, packet.destination_port))
    )
    return Case(packets, expected)


def _united(one: Case, other: Case) -> Case:
    return Case(one.packets | other.packets, one.expected | other.expected)


def _common(one: Case, other: Case) -> Case:
    return Case(one.packets & other.packets, one.expected & other.expected)


def _without(one: Case, other: Case) -> Case:
    return Case(one.packets - other.packets, one.expected - other.expected)


CASES = st.recursive(
    boxes(),
    lambda inner: st.builds(
        lambda join, one, other: join(one, other),
        st.sampled_from((_united, _common, _without)),
        inner,
        inner,
    ),
    max_leaves=6,
)


def _members(packets: PacketSet) -> frozenset[Packet]:
    return frozenset(packet for packet in UNIVERSE if packet in packets)


@given(CASES)
def test_a_set_holds_exactly_its_packets(case: Case) -> None:
    """Any tangle of unions, intersections and differences holds the packets that the
    same tangle of plain Python sets holds."""
    assert _members(case.packets) == case.expected
    assert case.packets.is_empty == (not case.expected)


@given(CASES, CASES)
def test_comparisons_agree_with_the_packets(one: Case, other: Case) -> None:
    """Equality and subsets are decided by what sets hold, not by how they were made."""
    assert (one.packets == other.packets) == (one.expected == other.expected)
    assert (one.packets <= other.packets) == (one.expected <= other.expected)
    if one.packets == other.packets:
        assert hash(one.packets) == hash(other.packets)


@given(CASES, CASES, CASES)
def test_the_laws_of_sets(one: Case, two: Case, three: Case) -> None:
    """Sets made in different ways that must be equal are equal."""
    a, b, c = one.packets, two.packets, three.packets
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a | (b & c) == (a | b) & (a | c)
    assert ~(a | b) == ~a & ~b
    assert a - b == a & ~b
    assert ~~a == a
    assert a | ~a == ALL_PACKETS
    assert a & ~a == NO_PACKETS


@given(CASES)
def test_a_witness_is_in_its_set(case: Case) -> None:
    """Every set that is not empty shows a packet of its own, always the same."""
    witness = case.packets.witness()
    assert (witness is None) == (not case.expected)
    if witness is not None:
        assert witness in case.packets
        assert witness == case.packets.witness()


@given(CASES)
def test_boxes_make_up_their_set_and_are_disjoint(case: Case) -> None:
    """What is printed of a set is all of it, each packet once."""
    joined = NO_PACKETS
    for box in case.packets.boxes():
        packets = PacketSet.of(
            sources=box.sources,
            destinations=box.destinations,
            protocols=frozenset({box.protocol}),
            source_ports=box.source_ports,
            destination_ports=box.destination_ports,
        )
        assert not packets & joined
        joined |= packets
    assert joined == case.packets


NETWORKS = st.one_of(
    st.builds(
        lambda number, length: ip_network((number, length), strict=False),
        st.integers(0, 2**32 - 1).map(IPv4Address),
        st.integers(0, 32),
    ),
    st.builds(
        lambda number, length: ip_network((number, length), strict=False),
        st.integers(0, 2**128 - 1).map(IPv6Address),
        st.integers(0, 128),
    ),
)
NETWORK_LISTS = st.lists(NETWORKS, max_size=6)


@given(NETWORK_LISTS, NETWORK_LISTS)
def test_addresses_at_every_boundary(one: list, other: list) -> None:
    """Sets of addresses agree with the prefixes they come from, at the first and last
    address of each prefix and beside it."""
    a, b = AddressSet.of_networks(one), AddressSet.of_networks(other)
    for network in one + other:
        for number, kind in (
            (int(network.network_address) - 1, type(network.network_address)),
            (int(network.network_address), type(network.network_address)),
            (int(network.broadcast_address), type(network.network_address)),
            (int(network.broadcast_address) + 1, type(network.network_address)),
        ):
            if not 0 <= number < 2**network.max_prefixlen:
                continue
            address = kind(number)
            in_a = any(address in item for item in one)
            in_b = any(address in item for item in other)
            assert (address in a | b) == (in_a or in_b)
            assert (address in a & b) == (in_a and in_b)
            assert (address in a - b) == (in_a and not in_b)
            assert (address in ~a) == (not in_a)
    assert AddressSet.of_networks(a.networks()) == a
    assert AddressSet.union([a, b]) == a | b
    assert ((a <= b) and (b <= a)) == (a == b)


SPOILT = st.builds(
    lambda text, at, more, gone: (
        text[: at % (len(text) + 1)] + more + text[at % (len(text) + 1) + gone :]
    ),
    st.one_of(
        NETWORKS.map(str),
        st.ip_addresses().map(str),
        st.sampled_from(("::ffff:10.0.0.1/96", "10.0.0.0/255.0.0.0", "fe80::1%eth0")),
    ),
    st.integers(0, 50),
    st.text("0123456789abf.:/%- *", max_size=2),
    st.integers(0, 2),
)
"""Texts of prefixes and addresses, of which some have a fault."""


@given(SPOILT)
@example("10.0.0.01")
@example("10.0.0.0/08")
@example("10.0.0.0/")
@example("\u0661.0.0.0")
@example("1::2:3:4:5:6:7:8")
@example("10.0.0.0\0")
def test_texts_are_read_as_the_standard_library_does(text: str) -> None:
    """A prefix is what ``ipaddress`` reads, without host bits, or it is refused."""
    try:
        expected = AddressSet.of_networks([ip_network(text, strict=False)])
    except ValueError:
        with pytest.raises(ValueError, match=re.escape(repr(text)[1:-1])):
            prefix_range(text)
    else:
        assert AddressSet.of_ranges([prefix_range(text)]) == expected


def test_prefixes_that_join_are_one_set() -> None:
    """Two halves of everything are everything; the families stay apart."""
    halves = AddressSet.of("0.0.0.0/1", "128.0.0.0/1")
    assert halves == ALL_IPV4 == AddressSet.of("0.0.0.0/0")
    assert ALL_IPV4 | ALL_IPV6 == ALL_ADDRESSES
    assert ~ALL_IPV4 == ALL_IPV6
    assert not ALL_IPV4 & ALL_IPV6
    assert ip_address("::1") not in ALL_IPV4
    assert not NO_ADDRESSES
    assert list(ALL_ADDRESSES.networks()) == [
        ip_network("0.0.0.0/0"),
        ip_network("::/0"),
    ]


def test_thousands_of_prefixes_are_one_set() -> None:
    """Every second address of a /18, and all the others, make up the /18."""
    even = [ip_network((0x0A000000 + number, 32)) for number in range(0, 1 << 14, 2)]
    odd = [ip_network((0x0A000001 + number, 32)) for number in range(0, 1 << 14, 2)]
    evens, odds = AddressSet.of_networks(even), AddressSet.of_networks(odd)
    assert evens | odds == AddressSet.of("10.0.0.0/18")
    assert not evens & odds
    assert AddressSet.of("10.0.0.0/18") - odds == evens
    assert list(evens.networks()) == even


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (("22",), "22"),
        (("22", "23"), "22-23"),
        (("20-25", "22"), "20-25"),
        (("0-21", "22-65535"), "*"),
        (("443", "80"), "80, 443"),
        ((), ""),
    ],
)
def test_ports_as_rules_write_them(texts: tuple[str, ...], shown: str) -> None:
    """Ports read from texts are written back in their shortest form."""
    assert str(PortSet.of(*texts)) == shown
    assert repr(PortSet.of(*texts)) == f"PortSet({shown})"


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "65536", "1-65536", "25-20", "1-", "-", "٣", " 1", "1,2"]
)
def test_what_is_no_port_is_refused(text: str) -> None:
    """The error names the text and says what to write."""
    with pytest.raises(ValueError, match="is not a port; write a number") as caught:
        PortSet.of(text)
    assert f"'{text}'" in str(caught.value)


def test_a_port_is_met_by_no_packet_without_ports() -> None:
    """Icmp, Esp and Ah are in a set with a demand on a port only if it is no demand."""
    demanding = PacketSet.of(destination_ports=PortSet.of("22"))
    assert {box.protocol for box in demanding.boxes()} == {Protocol.TCP, Protocol.UDP}
    assert (
        PacketSet.of(source_ports=PortSet.of("1"))
        & PacketSet.of(protocols=frozenset({Protocol.ICMP}))
        == NO_PACKETS
    )
    both_halves = PortSet.of("0-100", "101-65535")
    assert PacketSet.of(destination_ports=both_halves) == ALL_PACKETS


def test_no_packet_has_two_families() -> None:
    """From IPv4 to IPv6 there is nothing, whatever the rest."""
    assert PacketSet.of(sources=ALL_IPV4, destinations=ALL_IPV6) == NO_PACKETS
    within = [
        PacketSet.of(sources=family, destinations=family)
        for family in (ALL_IPV4, ALL_IPV6)
    ]
    assert within[0] | within[1] == ALL_PACKETS


SSH = {"protocols": frozenset({Protocol.TCP}), "destination_ports": PortSet.of("22")}


@pytest.mark.parametrize(
    ("packets", "shown"),
    [
        (
            PacketSet.of(destinations=AddressSet.of("10.20.0.0/27"), **SSH),
            "Tcp 203.0.113.1:49152 -> 10.20.0.4:22",
        ),
        (
            PacketSet.of(sources=AddressSet.of("10.0.0.0/30"), **SSH),
            "Tcp 10.0.0.3:49152 -> 198.51.100.1:22",
        ),
        (
            PacketSet.of(sources=AddressSet.of("fd00::/64"), **SSH),
            "Tcp [fd00::4]:49152 -> [2001:db8::2]:22",
        ),
        (
            PacketSet.of(protocols=frozenset({Protocol.ICMP})),
            "Icmp 203.0.113.1 -> 198.51.100.1",
        ),
        (ALL_PACKETS, "Tcp 203.0.113.1:49152 -> 198.51.100.1:443"),
    ],
)
def test_a_witness_reads_well(packets: PacketSet, shown: str) -> None:
    """Where a set leaves a choice, its witness is made of addresses and ports that
    people recognise."""
    assert str(packets.witness()) == shown


def test_sets_show_what_they_hold() -> None:
    """The repr of each kind of set names its content, the first of much."""
    assert repr(AddressSet.of("10.0.0.0/9", "10.128.0.0/9")) == "AddressSet(10.0.0.0/8)"
    many = AddressSet.of(*(f"10.{number}.0.0/24" for number in range(9)))
    assert repr(many) == (
        "AddressSet(10.0.0.0/24, 10.1.0.0/24, 10.2.0.0/24, 10.3.0.0/24, …)"
    )
    ssh = PacketSet.of(
        sources=AddressSet.of("10.0.0.0/8"),
        destinations=AddressSet.of("10.20.0.0/27"),
        source_ports=PortSet.of("1024-65535"),
        **SSH,
    )
    assert repr(ssh) == (
        "PacketSet(Tcp 10.0.0.0/8 -> 10.20.0.0/27 port 22 from port 1024-65535)"
    )
    assert repr(NO_PACKETS) == "PacketSet()"


def _packet(**changes: object) -> Callable[[], Packet]:
    fields = {
        "source": ip_address("10.0.0.1"),
        "destination": ip_address("10.0.0.2"),
        "protocol": Protocol.TCP,
        "source_port": 1,
        "destination_port": 2,
        **changes,
    }
    return lambda: Packet(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_packet(destination=ip_address("::1")), "two address families"),
        (_packet(source_port=None), "Tcp needs both ports"),
        (_packet(protocol=Protocol.ICMP), "Icmp has no ports"),
        (_packet(protocol=Protocol.AH, source_port=None), "Ah has no ports"),
    ],
)
def test_what_is_no_packet_is_refused(make: Callable[[], Packet], message: str) -> None:
    """A packet that cannot exist cannot be made."""
    with pytest.raises(ValueError, match=message):
        make()

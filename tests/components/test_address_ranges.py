"""Ranges are read strictly: each way to write one wrongly has its own message."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.address_ranges import (
    length_for,
    network_findings,
    overlap_findings,
    read_range,
    read_ranges,
    usable_addresses,
)
from azureml_rulebook.findings import Finding

MALFORMED = [
    ("10..0.0.0/25", "is not an address range"),
    ("not-a-cidr", "is not an address range"),
    ("10.0.0.0/99", "prefix length '99'"),
    ("10.0.0.0/-1", "prefix length '-1'"),
    ("10.0.0.0/08", "prefix length '08'"),
    ("10.0.0.0/", "prefix length ''"),
    ("10.0.1.5/24", "host bits set; a /24 there begins at '10.0.1.0/24'"),
    ("10.1.0.0", "no prefix length"),
    (" 10.1.0.0/16 ", "spaces around it; write '10.1.0.0/16'"),
    ("10.1.0.0/16/24", "more than one '/'"),
    ("10.1.0.0/255.255.0.0", "write the prefix length: '10.1.0.0/16'"),
    ("10.1.0.0/255.0.255.0", "netmask that is none"),
    ("10.1.0/24", "not four numbers from 0 to 255"),
    ("10.1.0.256/24", "not four numbers from 0 to 255"),
    ("010.1.0.0/24", "not four numbers from 0 to 255"),
    ("fd00::/48", "is IPv6"),
    ("", "is empty"),
    ("   ", "is empty"),
    (24, "is not text"),
    (None, "is not text"),
]


@pytest.mark.parametrize(("text", "expected"), MALFORMED)
def test_malformed_ranges_are_refused(text: object, expected: str) -> None:
    """C51: every malformed form is refused with its own message and its path."""
    found = read_range(text, "address_space[0]")
    assert isinstance(found, Finding)
    assert expected in found.message
    assert found.path == "address_space[0]"


def test_every_malformed_form_of_a_list_is_reported_with_its_place() -> None:
    """A list gives all of its faults at once."""
    good, findings = read_ranges(["10.0.0.0/16", "x", "10.1.0.0"], "address_space")
    assert good == [("address_space[0]", IPv4Network("10.0.0.0/16"))]
    assert [finding.path for finding in findings] == [
        "address_space[1]",
        "address_space[2]",
    ]


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_well_formed_ranges_are_read_as_they_are(address: int, length: int) -> None:
    """What Python writes as a network is read back as the same network."""
    network = IPv4Network((address, length), strict=False)
    assert read_range(str(network), "x") == network


@given(st.text(max_size=24))
def test_any_text_gives_a_network_or_a_finding(text: str) -> None:
    """No text makes the reader crash, and no finding has more than one line's path."""
    found = read_range(text, "x")
    assert isinstance(found, IPv4Network | Finding)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("172.17.0.0/16", "container bridge"),
        ("172.17.4.0/24", "container bridge"),
        ("172.16.0.0/12", "container bridge"),
        ("172.18.0.0/16", None),
        ("168.63.129.16/32", "Azure's own DNS"),
        ("168.63.128.0/20", "Azure's own DNS"),
        ("169.254.0.0/24", "link-local"),
        ("127.0.0.0/8", "loopback"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("0.0.0.0/0", "overlaps"),
        ("20.0.0.0/16", "not private"),
        ("100.64.0.0/10", "not private"),
        ("10.0.0.0/7", "not private"),
        ("10.0.0.0/30", "too small"),
        ("10.0.0.0/29", None),
        ("10.0.0.0/8", None),
        ("192.168.0.0/16", None),
    ],
)
def test_ranges_a_network_must_not_use(text: str, reason: str | None) -> None:
    """C59 and Azure's forbidden ranges, also when a larger block contains one."""
    findings = network_findings(IPv4Network(text), "address_space[0]")
    if reason is None:
        assert findings == []
    else:
        (finding,) = findings
        assert reason in finding.message


def test_overlaps_name_both_ranges_and_both_places() -> None:
    """Each overlapping pair is reported once, with what it is and where."""
    ranges = [
        ("address_space[0]", IPv4Network("10.0.0.0/16")),
        ("address_space[1]", IPv4Network("10.0.4.0/24")),
        ("address_space[2]", IPv4Network("10.1.0.0/16")),
    ]
    (finding,) = overlap_findings(ranges)
    assert finding.path == "address_space[0]"
    assert "'10.0.0.0/16' overlaps '10.0.4.0/24' of address_space[1]" in finding.message
    elsewhere = [("on_premises_address_space[0]", IPv4Network("10.1.128.0/17"))]
    (finding,) = overlap_findings(ranges, elsewhere)
    assert finding.path == "address_space[2]"
    assert "of on_premises_address_space[0]" in finding.message


@given(st.integers(0, 4000))
def test_length_for_is_the_smallest_subnet_that_is_large_enough(addresses: int) -> None:
    """One bit longer would be too small, unless it is Azure's smallest already."""
    length = length_for(addresses)
    assert usable_addresses(IPv4Network((0, length))) >= addresses
    if length < 29:
        assert usable_addresses(IPv4Network((0, length + 1))) < addresses

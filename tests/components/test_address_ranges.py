"""Ranges are read strictly: each way to write one wrongly has its own message."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.address_ranges import (
    FORBIDDEN_RANGES,
    length_for,
    network_findings,
    overlap_findings,
    read_range,
    read_ranges,
    snat_private_ranges,
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


def test_the_ranges_that_azure_and_containers_forbid() -> None:
    """The list of the Azure page, and the bridge of the containers on compute."""
    assert {str(row.network) for row in FORBIDDEN_RANGES} == {
        "224.0.0.0/4",
        "255.255.255.255/32",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "168.63.129.16/32",
        "172.17.0.0/16",
    }
    assert all(row.page.startswith("https://learn.micro") for row in FORBIDDEN_RANGES)


@pytest.mark.parametrize("text", ["20.0.0.0/16", "100.64.0.0/10", "10.0.0.0/7"])
def test_public_ranges_need_an_explicit_word(text: str) -> None:
    """The refusal names the input that allows them and what a firewall then needs."""
    network = IPv4Network(text)
    (finding,) = network_findings(network, "address_space[0]")
    assert "set allow_public_address_space" in finding.message
    assert "snat private ranges" in finding.message
    assert network_findings(network, "address_space[0]", allow_public=True) == []


@pytest.mark.parametrize(
    "text",
    [
        *(str(row.network) for row in FORBIDDEN_RANGES),
        "172.16.0.0/12",
        "172.17.4.0/24",
        "168.63.0.0/16",
        "0.0.0.0/0",
        "20.0.0.0/30",
    ],
)
def test_public_space_allows_nothing_that_is_forbidden(text: str) -> None:
    """C59: what Azure or containers forbid stays refused, and so do tiny ranges."""
    network = IPv4Network(text)
    (finding,) = network_findings(network, "x", allow_public=True)
    assert "overlaps" in finding.message or "too small" in finding.message


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ([], ()),
        (["10.20.0.0/22", "172.18.0.0/16", "192.168.4.0/24"], ()),
        (["100.64.0.0/16"], ()),
        (["20.0.0.0/16"], ("IANAPrivateRanges", "20.0.0.0/16")),
        (
            ["52.0.0.0/16", "10.20.0.0/22", "20.0.0.0/16", "20.0.0.0/16"],
            ("IANAPrivateRanges", "20.0.0.0/16", "52.0.0.0/16"),
        ),
        (["10.0.0.0/7"], ("IANAPrivateRanges", "10.0.0.0/7")),
    ],
)
def test_a_firewall_learns_the_public_ranges_of_the_network(
    space: list[str], expected: tuple[str, ...]
) -> None:
    """What the firewall does not know as private by itself is named besides; a space
    that it knows leaves its default alone."""
    assert snat_private_ranges([IPv4Network(text) for text in space]) == expected


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


crowded = st.lists(
    st.builds(
        lambda address, length: IPv4Network((address, length), strict=False),
        st.integers(0, 63).map(lambda low: (10 << 24) + low),
        st.integers(24, 32),
    ),
    max_size=12,
).map(lambda networks: [(f"x[{i}]", each) for i, each in enumerate(networks)])
"""Lists of ranges so close to each other that many overlap."""


@given(crowded)
def test_overlaps_within_a_list_are_those_of_comparing_all(
    ranges: list[tuple[str, IPv4Network]],
) -> None:
    """The findings, and their order, are those of a comparison of every two ranges."""
    assert overlap_findings(ranges) == [
        Finding(path, f"'{one}' overlaps '{other}' of {other_path}; move one of them")
        for index, (path, one) in enumerate(ranges)
        for other_path, other in ranges[index + 1 :]
        if one.overlaps(other)
    ]


@given(crowded, crowded)
def test_overlaps_with_others_are_those_of_comparing_all(
    ranges: list[tuple[str, IPv4Network]], others: list[tuple[str, IPv4Network]]
) -> None:
    """The same for two lists: sorted by the other owner's ranges."""
    assert overlap_findings(ranges, iter(others)) == [
        Finding(path, f"'{one}' overlaps '{other}' of {other_path}; move one of them")
        for other_path, other in others
        for path, one in ranges
        if one.overlaps(other)
    ]


def test_many_ranges_apart_are_looked_up_and_not_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """500 subnets beside 400 ranges: no two ranges are compared with each other."""

    def no_comparison(*_: object) -> bool:
        raise AssertionError("two ranges were compared")

    monkeypatch.setattr(IPv4Network, "overlaps", no_comparison)
    subnets = [(f"s{n}", IPv4Network(((10 << 24) + (n << 8), 24))) for n in range(500)]
    others = [(f"o{n}", IPv4Network(((11 << 24) + (n << 12), 20))) for n in range(400)]
    assert overlap_findings(subnets) == []
    assert overlap_findings(subnets, others) == []
    assert len(overlap_findings(subnets, [("o", IPv4Network("10.0.0.0/8"))])) == 500


@given(st.integers(0, 4000))
def test_length_for_is_the_smallest_subnet_that_is_large_enough(addresses: int) -> None:
    """One bit longer would be too small, unless it is Azure's smallest already."""
    length = length_for(addresses)
    assert usable_addresses(IPv4Network((0, length))) >= addresses
    if length < 29:
        assert usable_addresses(IPv4Network((0, length + 1))) < addresses

"""The address plan: aligned, inside, apart, stable, and found whenever there is one."""

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from azureml_rulebook.address_ranges import FORBIDDEN_RANGES, network_findings
from azureml_rulebook.addresses import AddressPlan, SubnetRequest, plan_addresses

SPACES = [
    [IPv4Network("10.20.0.0/24")],
    [IPv4Network("10.20.0.0/24"), IPv4Network("192.168.0.0/25")],
    [IPv4Network("10.20.3.0/25"), IPv4Network("10.20.4.0/26")],
    [
        IPv4Network("172.16.255.128/26"),
        IPv4Network("10.255.255.0/25"),
        IPv4Network("20.1.0.0/26"),
    ],
]
spaces = st.sampled_from(SPACES)


@st.composite
def requests(
    draw: st.DrawFn, space: list[IPv4Network], *, shortest: int = 25, most: int = 8
) -> list[SubnetRequest]:
    """Up to ``most`` subnets and reservations, some pinned somewhere in the space."""
    wanted: list[SubnetRequest] = []
    for number in range(draw(st.integers(1, most))):
        length = draw(st.integers(shortest, 29))
        pinned = None
        if draw(st.booleans()):
            home = draw(st.sampled_from(space))
            length = max(length, home.prefixlen)
            slots = 1 << (length - home.prefixlen)
            start = int(home.network_address) + draw(st.integers(0, slots - 1)) * (
                1 << (32 - length)
            )
            pinned = IPv4Network((start, length))
            taken = [item.pinned for item in wanted if item.pinned]
            if any(pinned.overlaps(other) for other in taken):
                pinned = None
        wanted.append(
            SubnetRequest(
                name=f"s{number}",
                prefix_length=length,
                pinned=pinned,
                reserved=draw(st.booleans()),
                path=f"subnets.s{number}.prefix",
            )
        )
    return wanted


def everything(plan: AddressPlan) -> dict[str, IPv4Network]:
    """All ranges of a plan; the requests above have names of their own."""
    return plan.prefixes | plan.reserved


def planned(space: list[IPv4Network], wanted: list[SubnetRequest]) -> AddressPlan:
    """A plan that exists; other draws are thrown away."""
    plan = plan_addresses(space, wanted)
    assume(not plan.findings)
    return plan


@given(st.data(), spaces)
def test_plans_are_sound(data: st.DataObject, space: list[IPv4Network]) -> None:
    """Every subnet and reservation has its size, lies inside the space, and overlaps no
    other; pinned ones are where they were pinned, reservations are told apart, and the
    ranges come in order of address."""
    wanted = data.draw(requests(space))
    plan = planned(space, wanted)
    assert set(plan.prefixes) == {item.name for item in wanted if not item.reserved}
    assert set(plan.reserved) == {item.name for item in wanted if item.reserved}
    for item in wanted:
        prefix = everything(plan)[item.name]
        assert prefix.prefixlen == item.prefix_length
        assert any(prefix.subnet_of(network) for network in space)
        assert item.pinned is None or prefix == item.pinned
    for one, other in combinations(everything(plan).values(), 2):
        assert not one.overlaps(other)
    for ranges in (plan.prefixes, plan.reserved):
        assert list(ranges.values()) == sorted(ranges.values())


@given(st.data(), spaces)
def test_a_reservation_takes_the_space_of_a_subnet(
    data: st.DataObject, space: list[IPv4Network]
) -> None:
    """A plan of subnets and reservations uses the ranges that it would use if all of
    them were subnets."""
    wanted = data.draw(requests(space))
    subnets_only = [replace(item, reserved=False) for item in wanted]
    mixed, plain = plan_addresses(space, wanted), plan_addresses(space, subnets_only)
    assert bool(mixed.findings) == bool(plain.findings)
    assert sorted(everything(mixed).values()) == sorted(plain.prefixes.values())


@given(st.data(), spaces)
def test_the_order_of_requests_does_not_matter(
    data: st.DataObject, space: list[IPv4Network]
) -> None:
    """The plan depends on the subnets and not on how they are listed."""
    wanted = data.draw(requests(space))
    shuffled = data.draw(st.permutations(wanted))
    assert plan_addresses(space, wanted) == plan_addresses(space, shuffled)


@given(st.data(), spaces)
def test_a_pinned_plan_keeps_every_subnet(
    data: st.DataObject, space: list[IPv4Network]
) -> None:
    """With its plan pinned, adding a subnet or removing one moves no other."""
    wanted = data.draw(requests(space))
    plan = planned(space, wanted)
    pinned = [replace(item, pinned=everything(plan)[item.name]) for item in wanted]
    assert plan_addresses(space, pinned) == plan
    added = SubnetRequest(
        name="added",
        prefix_length=data.draw(st.integers(26, 29)),
        reserved=data.draw(st.booleans()),
    )
    larger = everything(planned(space, [*pinned, added]))
    assert {k: v for k, v in larger.items() if k != "added"} == everything(plan)
    removed = data.draw(st.sampled_from(pinned))
    smaller = plan_addresses(space, [item for item in pinned if item is not removed])
    assert everything(smaller) == {
        k: v for k, v in everything(plan).items() if k != removed.name
    }


def test_a_subnet_and_a_reservation_may_have_the_same_name() -> None:
    """They are told apart by kind; subnets of the same size come first."""
    plan = plan_addresses(
        [IPv4Network("10.20.0.0/24")],
        [
            SubnetRequest(name="training", prefix_length=26, reserved=True),
            SubnetRequest(name="training", prefix_length=26),
        ],
    )
    assert plan.prefixes == {"training": IPv4Network("10.20.0.0/26")}
    assert plan.reserved == {"training": IPv4Network("10.20.0.64/26")}


@pytest.mark.parametrize(
    ("pinned", "length", "expected"),
    [
        ((), 27, "10.20.0.0/27"),
        (("10.20.0.0/26",), 27, "10.20.0.64/27"),
        (("10.20.0.64/26",), 25, "10.20.0.128/25"),
        (("10.20.0.32/27",), 27, "10.20.0.0/27"),
        (("10.20.0.0/27", "10.20.0.128/26"), 27, "10.20.0.32/27"),
        (("10.20.0.0/28", "10.20.0.192/28"), 28, "10.20.0.16/28"),
        (("10.20.0.0/26", "10.20.0.208/28"), 28, "10.20.0.192/28"),
    ],
)
def test_the_smallest_gap_that_holds_it_is_taken(
    pinned: tuple[str, ...], length: int, expected: str
) -> None:
    """Gaps between pinned ranges are filled first, so that large blocks stay whole."""
    plan = plan_addresses(
        [IPv4Network("10.20.0.0/24")],
        [
            SubnetRequest(name="new", prefix_length=length),
            *(
                SubnetRequest(name=text, prefix_length=range_.prefixlen, pinned=range_)
                for text, range_ in ((text, IPv4Network(text)) for text in pinned)
            ),
        ],
    )
    assert plan.prefixes["new"] == IPv4Network(expected)


def brute_force_finds_one(
    space: list[IPv4Network], wanted: list[SubnetRequest]
) -> bool:
    """Try every place for every subnet."""

    def place(rest: list[SubnetRequest], taken: list[IPv4Network]) -> bool:
        if not rest:
            return True
        head, *tail = rest
        candidates = (
            [head.pinned]
            if head.pinned
            else [
                candidate
                for network in space
                if network.prefixlen <= head.prefix_length
                for candidate in network.subnets(new_prefix=head.prefix_length)
            ]
        )
        return any(
            place(tail, [*taken, candidate])
            for candidate in candidates
            if not any(candidate.overlaps(other) for other in taken)
        )

    pinned_first = sorted(wanted, key=lambda item: item.pinned is None)
    return place(pinned_first, [])


@given(st.data())
def test_a_plan_is_found_whenever_there_is_one(data: st.DataObject) -> None:
    """On small spaces the planner succeeds exactly when trying everything does."""
    space = data.draw(
        st.sampled_from(
            [
                [IPv4Network("10.0.0.0/26")],
                [IPv4Network("10.0.0.0/27"), IPv4Network("10.0.1.0/28")],
            ]
        )
    )
    wanted = data.draw(requests(space, shortest=27, most=5))
    assert bool(plan_addresses(space, wanted).findings) != brute_force_finds_one(
        space, wanted
    )


def aligned(area: str, length: int, place: int) -> IPv4Network:
    """One of the ranges of that length in ``area``."""
    network = IPv4Network(area)
    slot = place % (1 << (length - network.prefixlen))
    return IPv4Network((int(network.network_address) + (slot << (32 - length)), length))


elsewhere = st.lists(
    st.builds(
        aligned,
        st.sampled_from(["10.20.0.0/16", "10.0.0.0/12", "172.16.0.0/12"]),
        st.integers(16, 22),
        st.integers(0, 1000),
    ),
    max_size=6,
)
"""Ranges of peers, on-premises and VPN clients, many of them near the spaces."""


@given(st.data(), spaces, elsewhere)
def test_what_is_missing_is_exactly_what_is_missing(
    data: st.DataObject, space: list[IPv4Network], avoid: list[IPv4Network]
) -> None:
    """The advised range makes room and half of it would not; it is one that a network
    may use, beside the space, and in use nowhere else."""
    wanted = data.draw(requests(space, shortest=22, most=10))
    plan = plan_addresses(space, wanted, avoid=avoid)
    assume(plan.findings)
    (finding,) = plan.findings
    assert finding.path == "address_space"
    extension = IPv4Network(finding.message.rpartition("such as ")[2])
    taken = [*space, *avoid, *(row.network for row in FORBIDDEN_RANGES)]
    assert not any(extension.overlaps(network) for network in taken)
    assert network_findings(extension, "address_space") == []
    assert not plan_addresses([*space, extension], wanted).findings
    if extension.prefixlen < 29:
        half = next(iter(extension.subnets()))
        assert plan_addresses([*space, half], wanted).findings


@pytest.mark.parametrize(
    ("space", "avoid", "expected"),
    [
        ("10.20.0.0/26", [], "10.20.0.64/26"),
        ("10.20.0.0/26", ["10.20.0.0/16"], "10.21.0.0/26"),
        ("10.20.0.0/26", ["10.20.0.64/26", "10.0.0.0/30"], "10.20.0.128/26"),
        ("10.255.255.192/26", [], "10.0.0.0/26"),
        ("10.255.255.192/26", ["10.0.0.0/9"], "10.128.0.0/26"),
        ("10.20.0.0/26", ["10.0.0.0/8"], "172.16.0.0/26"),
        ("10.20.0.0/26", ["10.0.0.0/8", "172.16.0.0/16"], "172.18.0.0/26"),
        ("172.16.255.192/26", [], "172.18.0.0/26"),
        ("10.20.0.0/26", ["0.0.0.0/1", "172.16.0.0/12"], "192.168.0.0/26"),
        ("20.0.0.0/26", [], "10.0.0.0/26"),
    ],
)
def test_the_advised_range_is_the_nearest_free_one(
    space: str, avoid: list[str], expected: str
) -> None:
    """Beyond the space in its own private range, else at that range's beginning, else
    in another one; never on what is in use or forbidden."""
    plan = plan_addresses(
        [IPv4Network(space)],
        [SubnetRequest(name=name, prefix_length=26) for name in "ab"],
        avoid=[IPv4Network(each) for each in avoid],
    )
    (finding,) = plan.findings
    assert finding.message.endswith(f"such as {expected}")


def test_space_scattered_by_pins_is_told() -> None:
    """Enough addresses may be free and of no use, in pieces between pinned ranges."""
    space = [IPv4Network("10.20.0.0/26"), IPv4Network("10.20.1.0/26")]
    pins = ["10.20.0.16/28", "10.20.0.48/28", "10.20.1.0/28", "10.20.1.32/28"]
    plan = plan_addresses(
        space,
        [
            SubnetRequest(name="later", prefix_length=27, reserved=True),
            *(
                SubnetRequest(name=pin, prefix_length=28, pinned=IPv4Network(pin))
                for pin in pins
            ),
        ],
    )
    assert [str(finding) for finding in plan.findings] == [
        "address_space: 10.20.0.0/26, 10.20.1.0/26 has no room for later (/27, "
        "reserved): 32 addresses are missing (64 are free, but in pieces of /28 or "
        "smaller); add a range of /27 or larger, such as 10.20.1.64/27"
    ]


def test_many_subnets_without_room_are_counted() -> None:
    """A message names the first few and says how many more there are."""
    plan = plan_addresses(
        [IPv4Network("10.20.0.0/29")],
        [SubnetRequest(name=f"s{n:03}", prefix_length=29) for n in range(101)],
    )
    (finding,) = plan.findings
    assert "s001 (/29), s002 (/29), s003 (/29), s004 (/29), s005 (/29) and 95 more" in (
        finding.message
    )
    assert "800 addresses are missing; add a range of /22" in finding.message


def test_a_network_too_small_says_what_is_missing_and_what_would_do() -> None:
    """The message names the subnets, the number of addresses and a range to add, which
    stays clear of the ranges in use elsewhere."""
    plan = plan_addresses(
        [IPv4Network("10.20.0.0/25")],
        [
            SubnetRequest(name="training", prefix_length=25),
            SubnetRequest(name="endpoints", prefix_length=27),
            SubnetRequest(name="jump", prefix_length=28),
        ],
        avoid=[IPv4Network("10.20.0.0/24")],
    )
    assert [str(finding) for finding in plan.findings] == [
        "address_space: 10.20.0.0/25 has no room for endpoints (/27), jump (/28): "
        "48 addresses are missing; add a range of /26 or larger, such as 10.20.1.0/26"
    ]


def test_no_private_range_left_is_said() -> None:
    """Where nothing can be added, the message says so instead of inventing a range."""
    plan = plan_addresses(
        [IPv4Network("10.0.0.0/29")],
        [
            SubnetRequest(name="a", prefix_length=29),
            SubnetRequest(name="b", prefix_length=29),
        ],
        avoid=[
            IPv4Network("10.0.0.0/8"),
            IPv4Network("172.16.0.0/12"),
            IPv4Network("192.168.0.0/16"),
        ],
    )
    (finding,) = plan.findings
    assert "8 addresses are missing" in finding.message
    assert "no private range of that size is free" in finding.message


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [
        (
            {"a": "10.9.0.0/27"},
            ["subnets.a.prefix: '10.9.0.0/27' is outside the address space"],
        ),
        (
            {"a": "10.20.0.0/26", "b": "10.20.0.32/27"},
            ["subnets.a.prefix: '10.20.0.0/26' overlaps '10.20.0.32/27' of "],
        ),
    ],
)
def test_impossible_pins_are_refused(
    pinned: dict[str, str], expected: list[str]
) -> None:
    """A pinned range outside the space or on top of another one is a finding."""
    wanted = [
        SubnetRequest(
            name=name,
            prefix_length=IPv4Network(prefix).prefixlen,
            pinned=IPv4Network(prefix),
            path=f"subnets.{name}.prefix",
        )
        for name, prefix in pinned.items()
    ]
    plan = plan_addresses([IPv4Network("10.20.0.0/24")], wanted)
    assert plan.prefixes == {}
    assert len(plan.findings) == len(expected)
    for finding, start in zip(plan.findings, expected, strict=True):
        assert str(finding).startswith(start)

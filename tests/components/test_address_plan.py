"""The address plan: aligned, inside, apart, stable, and found whenever there is one."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from azureml_rulebook.addresses import AddressPlan, SubnetRequest, plan_addresses

SPACES = [
    [IPv4Network("10.20.0.0/24")],
    [IPv4Network("10.20.0.0/24"), IPv4Network("192.168.0.0/25")],
    [IPv4Network("10.20.3.0/25"), IPv4Network("10.20.4.0/26")],
]
spaces = st.sampled_from(SPACES)


@st.composite
def requests(
    draw: st.DrawFn, space: list[IPv4Network], *, shortest: int = 25, most: int = 8
) -> list[SubnetRequest]:
    """Up to ``most`` subnets, some of them pinned somewhere in the space."""
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
                path=f"subnets.s{number}.prefix",
            )
        )
    return wanted


def planned(space: list[IPv4Network], wanted: list[SubnetRequest]) -> AddressPlan:
    """A plan that exists; other draws are thrown away."""
    plan = plan_addresses(space, wanted)
    assume(not plan.findings)
    return plan


@given(st.data(), spaces)
def test_plans_are_sound(data: st.DataObject, space: list[IPv4Network]) -> None:
    """Every subnet has its size, lies inside the space, and overlaps no other; pinned
    ones are where they were pinned."""
    wanted = data.draw(requests(space))
    plan = planned(space, wanted)
    assert set(plan.prefixes) == {item.name for item in wanted}
    for item in wanted:
        prefix = plan.prefixes[item.name]
        assert prefix.prefixlen == item.prefix_length
        assert any(prefix.subnet_of(network) for network in space)
        assert item.pinned is None or prefix == item.pinned
    for one, other in combinations(plan.prefixes.values(), 2):
        assert not one.overlaps(other)


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
    pinned = [
        SubnetRequest(
            name=name, prefix_length=prefix.prefixlen, pinned=prefix, path=name
        )
        for name, prefix in plan.prefixes.items()
    ]
    added = SubnetRequest(name="added", prefix_length=data.draw(st.integers(26, 29)))
    larger = planned(space, [*pinned, added])
    assert {k: v for k, v in larger.prefixes.items() if k != "added"} == plan.prefixes
    removed = data.draw(st.sampled_from(pinned))
    rest = [item for item in pinned if item is not removed]
    smaller = plan_addresses(space, rest)
    assert smaller.prefixes == {
        k: v for k, v in plan.prefixes.items() if k != removed.name
    }


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


@given(st.data(), spaces)
def test_what_is_missing_is_exactly_what_is_missing(
    data: st.DataObject, space: list[IPv4Network]
) -> None:
    """The suggested range makes room; half of it would not."""
    wanted = data.draw(requests(space, shortest=24, most=10))
    plan = plan_addresses(space, wanted)
    assume(plan.findings)
    (finding,) = plan.findings
    assert finding.path == "address_space"
    extension = IPv4Network(finding.message.rpartition("such as ")[2])
    assert not any(extension.overlaps(network) for network in space)
    assert not plan_addresses([*space, extension], wanted).findings
    if extension.prefixlen < 29:
        half = next(iter(extension.subnets()))
        assert plan_addresses([*space, half], wanted).findings


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

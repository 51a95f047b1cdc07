"""What a change of a plan opens and closes."""

from typing import Any

from azureml_reachability.plan_difference import difference
from azureml_reachability.plan_reading import topology_of
from tests.components import small_networks as small
from tests.components.small_networks import UNKNOWN, rule


def plan(*rules: Any, **more: Any) -> list[Any]:
    """Two subnets, of which one has a group with some rules before a deny."""
    return [
        small.network("hub", "10.0.0.0/16"),
        small.group("nsg", *rules, rule(4000, "Deny", protocol="*")),
        small.subnet("work", "10.0.0.0/24", group="nsg"),
        small.subnet("desk", "10.0.1.0/24", **more),
    ]


def told(before: list[Any], after: list[Any]) -> tuple[list[str], list[str]]:
    """Opened and closed flows as texts."""
    found = difference(topology_of(before), topology_of(after))
    return tuple(
        [f"{flow.source} to {flow.destination}: {flow.packets!r}" for flow in flows]
        for flows in (found.opened, found.closed)
    )  # type: ignore[return-value]


def test_no_change_is_no_difference() -> None:
    """Not even where everything is written otherwise."""
    one = plan(rule(100, port="20-23"))
    other = plan(rule(100, port="20-21"), rule(110, port="22"), rule(120, port="23"))
    assert told(one, other) == ([], [])


def test_a_rule_opens_what_it_allows_and_nothing_else() -> None:
    """From every place that reaches the subnet."""
    before, after = plan(), plan(rule(100, port="22", source="10.0.1.0/25"))
    opened, closed = told(before, after)
    assert opened == [
        "subnet:hub/desk to subnet:hub/work: "
        "PacketSet(Tcp 10.0.1.4/30, 10.0.1.8/29, 10.0.1.16/28, 10.0.1.32/27, … -> "
        "10.0.0.4/30, 10.0.0.8/29, 10.0.0.16/28, 10.0.0.32/27, … port 22)"
    ]
    assert closed == []
    assert told(after, before) == ([], opened)


def test_the_rule_and_a_packet_are_told() -> None:
    """So that a reviewer sees what opened it."""
    found = difference(topology_of(plan()), topology_of(plan(rule(100, port="22"))))
    [flow] = [each for each in found.opened if str(each.source) == "subnet:hub/desk"]
    assert str(flow.witness) == "Tcp 10.0.1.4:49152 -> 10.0.0.4:22"
    assert flow.answer.hops[-1].rule == "Allow 100 rule-100"


def test_a_way_out_opens_the_internet() -> None:
    """And only for the subnet that has it."""
    opened, closed = told(plan(), plan(natGateway={"id": UNKNOWN}))
    assert [text.partition(":")[0] for text in opened] == ["subnet"]
    assert opened[0].startswith("subnet:hub/desk to internet")
    assert closed == []


def test_what_may_be_open_counts_as_opened() -> None:
    """A reviewer has to look at it."""
    found = difference(topology_of(plan()), topology_of(plan(rule(100, port=UNKNOWN))))
    assert {str(flow.answer.verdict) for flow in found.opened} == {"undecided"}
    assert found.closed == ()


def test_a_new_subnet_opens_flows() -> None:
    """It was nowhere before."""
    after = [*plan(), small.subnet("more", "10.0.2.0/24")]
    opened, closed = told(plan(), after)
    assert {text.partition(": ")[0] for text in opened} == {
        "subnet:hub/desk to subnet:hub/more",
        "subnet:hub/more to subnet:hub/desk",
        "subnet:hub/work to subnet:hub/more",
        "subnet:hub/more to subnet:hub/more",
    }
    assert closed == []

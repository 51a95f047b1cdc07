"""What a change of a plan opens and closes."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azureml_reachability import plan_difference
from azureml_reachability.flows import all_places, is_outside
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import UnknownPlace
from azureml_reachability.plan_difference import difference
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.questions import Question, answer
from azureml_reachability.topology import Topology
from tests.components import small_networks as small
from tests.components.changing_networks import CHANGES, changed, hub_and_spoke
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


def all_pairs(
    old: Topology, new: Topology
) -> Iterator[tuple[str, str, PacketSet, object]]:
    """The plain way: what each pair of places gains, all of them asked."""
    for source in all_places(new):
        for destination in all_places(new):
            if is_outside(new, source) and is_outside(new, destination):
                continue
            question = Question(source=source, destination=destination)
            found = answer(new, question)
            try:
                packets = found.possible - answer(old, question).possible
            except UnknownPlace:
                packets = found.possible
            witness = packets.witness()
            if witness is not None:
                port = witness.destination_port
                own = Question(
                    source=source,
                    destination=destination,
                    protocols=frozenset({witness.protocol}),
                    ports=ALL_PORTS if port is None else PortSet.of(str(port)),
                )
                verdict = answer(new, own).verdict
                yield str(source), str(destination), packets, verdict


def quick(flows: tuple[plan_difference.ChangedFlow, ...]) -> list[Any]:
    """The same, as the difference tells it."""
    return [
        (str(flow.source), str(flow.destination), flow.packets, flow.answer.verdict)
        for flow in flows
    ]


def agree(before: list[Any], after: list[Any]) -> int:
    """Hold both ways against each other; returns how many flows change."""
    found = difference(topology_of(before), topology_of(after))
    old = plan_difference.with_chosen_addresses(topology_of(before), topology_of(after))
    new = topology_of(after)
    assert quick(found.opened) == list(all_pairs(old, new))
    assert quick(found.closed) == list(all_pairs(new, old))
    return len(found.opened) + len(found.closed)


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_as_asking_all_pairs(name: str) -> None:
    """Each kind of change, opened and closed."""
    agree(hub_and_spoke(), changed(name))


def test_most_changes_change_a_flow() -> None:
    """Else the comparison would be worth nothing."""
    before = topology_of(hub_and_spoke())
    found = [difference(before, topology_of(changed(name))) for name in CHANGES]
    assert sum(bool(each.opened or each.closed) for each in found) > 20
    assert agree(hub_and_spoke(), hub_and_spoke()) == 0


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(CHANGES)), max_size=3),
    st.lists(st.sampled_from(sorted(CHANGES)), max_size=2),
)
def test_several_changes_at_once(one: list[str], other: list[str]) -> None:
    """Whatever the two plans are."""
    agree(changed(*one), changed(*one, *other))


SUBNETS = 60


def many_subnets(*first: Any) -> list[Any]:
    """As many subnets with a group each, the first of which has some more rules."""
    made: list[Any] = [small.network("hub", "10.0.0.0/16")]
    for number in range(SUBNETS):
        own = first if number == 0 else ()
        made.append(small.group(f"nsg-{number}", *own, rule(4000, "Deny", port="22")))
        made.append(
            small.subnet(f"work-{number}", f"10.0.{number}.0/24", group=f"nsg-{number}")
        )
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """The questions that are asked."""
    questions: list[Question] = []

    def counted(topology: Topology, question: Question, **more: Any) -> Any:
        questions.append(question)
        return answer(topology, question, **more)

    monkeypatch.setattr(plan_difference, "answer", counted)
    return questions


def test_nothing_is_asked_of_what_did_not_change(asked: list[Question]) -> None:
    """However many subnets there are, and whatever their rules are called."""
    before = topology_of(many_subnets(rule(100, port="443")))
    renamed = many_subnets(rule(150, port="443", name="another-name"))
    found = difference(before, topology_of(renamed))
    assert (found.opened, found.closed) == ((), ())
    assert asked == []


def test_a_group_asks_about_its_own_pairs(asked: list[Question]) -> None:
    """Only those that its change may be about: here, 16 of 60 subnets to the first."""
    opening = rule(100, port="22", source="10.0.16.0/20")
    before, after = topology_of(many_subnets()), topology_of(many_subnets(opening))
    found = difference(before, after)
    assert len(found.opened) == 16
    assert {str(each.destination) for each in asked} == {"subnet:hub/work-0"}
    assert {str(each.source) for each in asked} == {
        str(flow.source) for flow in found.opened
    }


def test_what_all_places_share_asks_about_the_places_that_use_it(
    asked: list[Question],
) -> None:
    """A rule of a firewall is about the subnets that send to it, and their sources."""
    difference(topology_of(hub_and_spoke()), topology_of(changed("firewall sources")))
    assert {str(each.source) for each in asked} <= {
        "subnet:hub/work",
        "on-premises",
        "vpn-clients",
    }

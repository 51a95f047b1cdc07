"""Which changed flows are told as one."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from azureml_policies._alike_flows import AlikeFlows, GuardedFlow, alike
from azureml_reachability.questions import Verdict


def flow(
    source: str, destination: str, guards: str = "g", verdict: Verdict = Verdict.ALLOWED
) -> Any:
    """A flow, each letter of ``guards`` a guard, with a value of its own missing."""
    answer = SimpleNamespace(verdict=verdict, missing=(f"{source}-{destination}",))
    changed = SimpleNamespace(source=source, destination=destination, answer=answer)
    return GuardedFlow(changed, tuple(SimpleNamespace(guard=each) for each in guards))  # type: ignore[arg-type]


def told(*flows: GuardedFlow) -> list[str]:
    """The groups in words."""
    return [
        f"{each.first.flow.source}-{each.first.flow.destination}{each.further}"
        for each in alike(flows)
    ]


def test_the_larger_group_counts() -> None:
    """One source with three ends, and one end with two sources besides."""
    assert told(
        flow("a", "x"), flow("a", "y"), flow("a", "z"), flow("b", "z"), flow("c", "z")
    ) == ["a-x, and to 2 more: y, z", "b-z, and from 1 more: c"]


def test_a_square_is_told_by_its_sources() -> None:
    """Where as many flows start as end, those who send are named."""
    square = [flow(source, end) for source in "ab" for end in "xy"]
    assert told(*square) == ["a-x, and to 1 more: y", "b-x, and to 1 more: y"]


def test_four_further_ends_are_counted() -> None:
    """Three are listed."""
    assert told(*(flow("a", end) for end in "vwxyz")) == [
        "a-v, and to 4 more: w, x, y and 1 more"
    ]


def test_what_differs_in_its_cause_is_apart() -> None:
    """Other guards, or an answer that is open."""
    flows = (
        flow("a", "w"),
        flow("a", "x", "gh"),
        flow("a", "y", verdict=Verdict.UNDECIDED),
    )
    assert told(*flows) == ["a-w", "a-x", "a-y"]


def test_flows_of_no_guard_are_apart() -> None:
    """They may have nothing in common but their end."""
    assert told(flow("a", "x", ""), flow("a", "y", "")) == ["a-x", "a-y"]


FLOWS = st.lists(
    st.builds(
        flow,
        st.sampled_from("abcd"),
        st.sampled_from("wxyz"),
        st.sampled_from(["", "g", "h", "gh"]),
        st.sampled_from([Verdict.ALLOWED, Verdict.UNDECIDED]),
    ),
    unique_by=lambda each: (each.flow.source, each.flow.destination),
)


@given(FLOWS)
def test_every_flow_is_in_one_group(flows: list[GuardedFlow]) -> None:
    """With an end in common, in order of the firsts; all that is missing is kept."""
    groups = alike(flows)
    members = [[each.first.flow, *each.more] for each in groups]
    assert sorted(id(one) for each in members for one in each) == sorted(
        id(each.flow) for each in flows
    )
    firsts = [flows.index(each.first) for each in groups]
    assert firsts == sorted(firsts)
    for group, flows_of_it in zip(groups, members, strict=True):
        assert group.count == len(flows_of_it)
        assert _shared(group, flows_of_it) == 1
        assert group.missing == tuple(
            one for each in flows_of_it for one in each.answer.missing
        )


def _shared(group: AlikeFlows, flows: list[Any]) -> int:
    ends = [each.source if group.share_source else each.destination for each in flows]
    return len(set(ends))

"""The benchmarks measure what they say, and give ratios to their floor."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.topology import Kind
from benchmarks import planning
from benchmarks.asked_groups import large_groups, random_groups
from benchmarks.made_up_stacks import hub_and_spokes, made_up_stack
from benchmarks.measurement import PreviewFailed, Sample, measure
from benchmarks.previews import MeasuredPreview, all_previews
from benchmarks.table import results_table


def test_every_program_is_measured_with_and_without_the_pack(checkout, tmp_path):
    """The empty program without the pack is the floor, and comes first."""
    previews = all_previews(checkout, tmp_path)
    assert [(each.program, each.pack is not None) for each in previews] == [
        ("empty program", False),
        ("empty program", True),
        ("dev", False),
        ("dev", True),
        ("prod", False),
        ("prod", True),
    ]


def test_each_preview_takes_its_turns_and_the_first_does_not_count(
    cardboard_engine, tmp_path
):
    """Two measured runs are three runs: one warms up."""
    cardboard_engine.plays("preview")
    preview = MeasuredPreview("x", tmp_path, "dev", Path("pack"))
    samples = measure([preview], 2, Console(file=io.StringIO()))
    assert len(samples[preview]) == 2
    assert all(sample.seconds > 0 for sample in samples[preview])
    assert (
        cardboard_engine.calls()
        == ["preview --stack dev --non-interactive --policy-pack pack"] * 3
    )


def test_memory_of_children_is_counted(cardboard_engine, tmp_path):
    """A program that the engine starts counts with the engine."""
    if not Path("/proc/self/smaps_rollup").exists():
        expected = None
    else:
        expected = 50_000_000
    script = "b'x' * 60_000_000; import time; time.sleep(1)"
    cardboard_engine.plays("preview", wait=f'{sys.executable} -c "x = {script}"')
    preview = MeasuredPreview("x", tmp_path, "dev", None)
    [sample] = measure([preview], 1, Console(file=io.StringIO()))[preview]
    assert sample.peak_bytes is expected or sample.peak_bytes > expected


def test_a_failed_preview_ends_the_benchmarks_with_its_words(
    cardboard_engine, tmp_path
):
    """A figure of a preview that failed would mean nothing."""
    cardboard_engine.plays("preview", exit_code=1, errors="error: no such thing\n")
    preview = MeasuredPreview("x", tmp_path, "dev", None)
    with pytest.raises(PreviewFailed, match="no such thing"):
        measure([preview], 1, Console(file=io.StringIO()))


def test_the_table_gives_medians_and_ratios():
    """Ratios are to the first preview; unknown memory is not a number."""
    floor = MeasuredPreview("empty program", Path(), "dev", None)
    other = MeasuredPreview("dev", Path(), "dev", Path("policies"))
    table = results_table(
        [floor, other],
        {
            floor: [Sample(2.0, 100_000_000), Sample(1.0, None), Sample(9.0, None)],
            other: [Sample(5.0, None)],
        },
    )
    output = io.StringIO()
    Console(file=output, width=100).print(table)
    rows = [line.replace("│", " ").split() for line in output.getvalue().splitlines()]
    assert "empty program no 2.00 s 1.00 100 MB 1.00".split() in rows
    assert "dev yes 5.00 s 2.50 not known not known".split() in rows


def test_planning_is_timed_beside_a_floor(capsys, monkeypatch):
    """Each case plans what it says, and has its seconds and its ratio."""
    monkeypatch.setattr(planning, "RUNS", 1)
    planning.main()
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split() == ["case", "seconds", "×", "floor"]
    assert [row[:-20].strip() for row in rows] == [
        case.label for case in planning.cases()
    ]
    assert all(float(number) >= 0 for row in rows for number in row.split()[-2:])


def test_planning_meets_no_obstacles():
    """What is timed is the work, and not the way to its refusal."""
    for case in planning.cases():
        result = case.run()
        found = getattr(result, "findings", result)
        assert not found, case.label


def test_groups_that_are_asked_have_an_answer_of_their_own():
    """Half of them are open, by hand as by chance; random ones are of every size."""
    large, random = large_groups(), random_groups()
    assert [len(group.rules) for group in large] == [1000] * 10
    assert [group.is_open for group in large] == [True] * 5 + [False] * 5
    assert sum(group.is_open for group in random) * 2 == len(random)
    assert len({group.name for group in [*large, *random]}) == len(large) + len(random)
    assert max(len(group.rules) for group in random) > 100


@pytest.mark.parametrize(("stack", "joined"), [(made_up_stack, 0), (hub_and_spokes, 4)])
def test_made_up_stacks_are_read_as_they_are_meant(stack, joined):
    """Subnets with groups, and what stands in every third of them; spokes are peered
    with a hub, whose firewall stands between them."""
    topology = topology_of(stack(60))
    spokes = [each for each in topology.subnets if each.network.name != "hub"]
    assert len(spokes) == 60
    assert all(isinstance(each.group, SecurityGroup) for each in spokes)
    assert len(topology.endpoints) == 20
    assert sum(each.kind is not Kind.FIREWALL for each in topology.interfaces) == 40
    assert len(topology.peerings) == joined
    assert len(topology.firewalls) == (1 if joined else 0)
    assert not topology.faults

"""What proofs of reachability cost: `python -m benchmarks.reachability`.

Measured in processor time, so that what else runs does not count, and printed as
ratios: one question over 10,000 rules beside checkov on the same groups; all stack
proofs on a made-up stack of 1,000 resources; and how cost grows with the number of
subnets. Times of other machines differ, ratios do not by much.
"""

import argparse
import gc
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for _folder in (ROOT / "tests" / "policies", ROOT / "policies", ROOT / "components"):
    sys.path.insert(0, str(_folder))

from google.protobuf import struct_pb2  # noqa: E402
from policy_calls import Analyzer, CallContext, struct  # noqa: E402
from pulumi.runtime import proto  # noqa: E402

from azureml_policies import RULES, Rule  # noqa: E402
from azureml_reachability.addresses import AddressSet  # noqa: E402
from azureml_reachability.packets import PacketSet, Protocol  # noqa: E402
from azureml_reachability.places import Surroundings  # noqa: E402
from azureml_reachability.plan_reading import topology_of  # noqa: E402
from azureml_reachability.ports import PortSet  # noqa: E402
from azureml_reachability.questions import Verdict, group_answer  # noqa: E402
from azureml_rulebook.security_rules import Direction  # noqa: E402
from benchmarks.asked_groups import (  # noqa: E402
    GROUPS,
    PORT,
    RANDOM_GROUPS,
    RULES_EACH,
    SPACE,
    AskedGroup,
    as_template,
    large_groups,
    random_groups,
)
from benchmarks.made_up_stacks import hub_and_spokes, made_up_stack  # noqa: E402
from review.random_groups import NETWORK  # noqa: E402

AROUND = Surroundings(virtual_network=AddressSet.of(*NETWORK))
QUESTION = PacketSet.of(
    sources=AROUND.internet,
    destinations=AddressSet.of(SPACE),
    protocols=frozenset({Protocol.TCP}),
    destination_ports=PortSet.of(str(PORT)),
)
SSH_CHECK = "CKV_AZURE_10"
CHECKOV = "checkov 3.3.30"
WANTED_RATIO = 80
MOST_SECONDS = 2
MOST_SLOPE = 1.1


def main(arguments: list[str]) -> int:
    """Print the tables; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reachability")
    parser.add_argument(
        "--checkov", type=Path, default=ROOT / ".venv-judges/bin/checkov"
    )
    options = parser.parse_args(arguments)
    print(f"Can the Internet reach TCP 22? {GROUPS} groups of {RULES_EACH:,} rules")
    ratio = _one_question(large_groups(), options.checkov)
    if ratio is not None:
        print(f"  at least {WANTED_RATIO}: {ratio >= WANTED_RATIO}")
    print(f"The same question to {RANDOM_GROUPS} random groups")
    _one_question(random_groups(), options.checkov)
    _all_proofs()
    _growth("networks apart", made_up_stack, (300, 600, 1200, 3000))
    _growth("spokes of a hub, open inside", hub_and_spokes, (150, 300, 600))
    return 0


def _one_question(groups: list[AskedGroup], checkov: Path) -> float | None:
    """Print who answers right, and how fast; returns how much longer checkov takes.

    None: checkov is not installed.
    """
    truth = [group.is_open for group in groups]
    resources = [group.as_resource() for group in groups]

    def ours() -> list[bool]:
        read = topology_of(resources).groups
        return [
            group_answer(group, Direction.INBOUND, QUESTION, AROUND).verdict
            is Verdict.ALLOWED
            for group in read
        ]

    seconds, answers = _timed(ours, runs=5)
    _row("this package", seconds, 1.0, _right(answers, truth))
    if not checkov.exists():
        print(f"  checkov is not at {checkov}: make judges installs it")
        return None
    theirs, found = _run_checkov(checkov, groups)
    start, _ = _run_checkov(checkov, [])
    right = _right(found, truth)
    _row(f"{CHECKOV}, with its start", theirs, theirs / seconds, right)
    _row(f"{CHECKOV}, without it", theirs - start, (theirs - start) / seconds, right)
    return theirs / seconds


def _run_checkov(checkov: Path, groups: list[AskedGroup]) -> tuple[float, list[bool]]:
    """Return the seconds that checkov takes, and for each group whether it is open."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.json"
        template.write_text(json.dumps(as_template(groups)))
        before = _seconds_of_programs()
        done = subprocess.run(
            [
                checkov,
                *("--file", template, "--framework", "arm", "--check", SSH_CHECK),
                *("--output", "json", "--skip-download", "--quiet", "--compact"),
            ],
            env={**os.environ, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = _seconds_of_programs() - before
    said = json.loads(done.stdout or "{}")
    failed = said.get("results", {}).get("failed_checks", [])
    names = {each["resource"].rpartition(".")[2] for each in failed}
    return seconds, [group.name in names for group in groups]


def _seconds_of_programs() -> float:
    """Return the processor time of all programs that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _all_proofs() -> None:
    """Print what all rules on reachability cost, beside reading each value once."""
    resources = made_up_stack(330)
    print(f"All stack proofs on {len(resources):,} resources")
    rules = [
        rule for rule in RULES if rule.whole_stack and rule.id.startswith(("NR", "SG"))
    ]
    texts = [struct(each["inputs"]).SerializeToString() for each in resources]

    def floor() -> None:
        for text in texts:
            message = struct_pb2.Struct()
            message.ParseFromString(text)
            json.dumps(_plain(message))

    least, _ = _timed(floor, runs=5)
    seconds = _proofs(rules, resources, runs=3)
    _row("the inputs read once and written as JSON", least, 1.0)
    _row(f"{len(rules)} rules on groups and reachability", seconds, seconds / least)
    print(f"  at most {MOST_SECONDS} s: {seconds <= MOST_SECONDS}")


def _proofs(rules: list[Rule], resources: list[dict[str, Any]], runs: int) -> float:
    """Return the seconds that rules on a stack take.

    In a run of the engine the plan is in another process: here, too, the garbage
    collector is kept from looking through it.
    """
    gc.collect()
    gc.freeze()
    analyzer = Analyzer(rules)
    for each in resources:
        request = proto.AnalyzeRequest(
            type=each["type"],
            urn=each["urn"],
            name=each["name"],
            properties=struct(each["inputs"]),
        )
        analyzer.servicer.Analyze(request, CallContext())
    stack = proto.AnalyzeStackRequest(resources=[_message(each) for each in resources])
    return _timed(lambda: analyzer.servicer.AnalyzeStack(stack, None), runs)[0]


def _plain(value: Any) -> Any:
    if isinstance(value, struct_pb2.Struct):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, struct_pb2.ListValue):
        return [_plain(each) for each in value]
    return value


def _growth(
    what: str, stack: Callable[[int], list[dict[str, Any]]], sizes: Iterable[int]
) -> None:
    """Print how the cost of the proofs grows with the number of subnets."""
    print(f"Cost against the number of subnets: {what}")
    rules = [rule for rule in RULES if rule.id.startswith("NR")]
    points: list[tuple[float, float]] = []
    for subnets in sizes:
        seconds = _proofs(rules, stack(subnets), runs=1)
        points.append((math.log(subnets), math.log(seconds)))
        _row(f"{subnets:,} subnets", seconds, seconds / math.exp(points[0][1]))
    slope = _slope(points)
    print(f"  slope, log-log: {slope:.2f}  at most {MOST_SLOPE}: {slope <= MOST_SLOPE}")


def _slope(points: list[tuple[float, float]]) -> float:
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def _message(each: dict[str, Any]) -> Any:
    return proto.AnalyzerResource(type=each["type"], urn=each["urn"], name=each["name"])


def _timed(call: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the shortest of some runs in seconds, and what the last returned."""
    seconds: list[float] = []
    found: Any = None
    for _ in range(runs):
        start = time.process_time()
        found = call()
        seconds.append(time.process_time() - start)
    return min(seconds), found


def _right(answers: list[bool], truth: list[bool]) -> str:
    right = sum(one == other for one, other in zip(answers, truth, strict=True))
    return f"{right} of {len(truth)} right"


def _row(what: str, seconds: float, ratio: float, right: str = "") -> None:
    print(f"  {what:<44}{seconds:>10.4f} s{ratio:>10.1f} x  {right}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What planning a large network costs, beside a floor measured in the same run.

Run ``.venv/bin/python -m benchmarks.planning`` from the root. The floor of a case is
plain Python that makes and sorts as many objects as the case is about. Compare the
ratios, not the seconds.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "components"))

from azureml_rulebook.address_ranges import overlap_findings  # noqa: E402
from azureml_rulebook.addresses import SubnetRequest, plan_addresses  # noqa: E402
from azureml_rulebook.traffic_places import KnownPlaces, SubnetSide  # noqa: E402
from azureml_rulebook.traffic_rules import TrafficRequest, written_rules  # noqa: E402

RUNS = 15
SPACE = [IPv4Network("10.0.0.0/16"), IPv4Network("10.64.0.0/18")]
LENGTHS = (24, 25, 26, 27, 28, 29)


@dataclass(frozen=True)
class Case:
    """One thing that is timed."""

    label: str
    run: Callable[[], object]
    floor: Callable[[], object]


def cases() -> list[Case]:
    """Return what is timed, in the order of the table."""
    requests = [
        SubnetRequest(name=f"subnet{number}", prefix_length=LENGTHS[number % 6])
        for number in range(500)
    ]
    planned = plan_addresses(SPACE, requests).prefixes
    half_pinned = [
        SubnetRequest(
            name=each.name,
            prefix_length=each.prefix_length,
            pinned=planned[each.name] if number % 2 else None,
        )
        for number, each in enumerate(requests)
    ]
    subnets = [(name, prefix) for name, prefix in planned.items()]
    elsewhere = [
        (f"peer{number}", IPv4Network(((11 << 24) + (number << 15), 17)))
        for number in range(400)
    ]
    known = KnownPlaces(
        subnets={
            name: SubnetSide(purpose="general", prefix=prefix)
            for name, prefix in planned.items()
        },
        address_space=tuple(SPACE),
    )
    rules = [_rule(number) for number in range(1000)]
    return [
        Case(
            "500 subnets planned",
            lambda: plan_addresses(SPACE, requests),
            lambda: _networks(500),
        ),
        Case(
            "500 subnets planned, 250 of them around 250 pinned",
            lambda: plan_addresses(SPACE, half_pinned),
            lambda: _networks(500),
        ),
        Case(
            "500 subnets compared with 400 ranges elsewhere",
            lambda: overlap_findings(subnets, elsewhere),
            lambda: _networks(900),
        ),
        Case(
            "1,000 rules laid out on 500 subnets",
            lambda: written_rules(rules, known),
            lambda: _networks(1000),
        ),
    ]


def _rule(number: int) -> TrafficRequest:
    """Return a rule between two of the 500 subnets, no two of which are alike."""
    start = number % 500
    end = (start + 1 + number // 500) % 500
    return TrafficRequest(
        name=f"rule{number}",
        path=f"rules[{number}]",
        sources=(f"subnet:subnet{start}",),
        destinations=(f"subnet:subnet{end}",),
        ports=(443,),
        reason="measured",
    )


def main() -> None:
    """Print the table."""
    print(f"{'case':<52}{'seconds':>10}{'× floor':>10}")
    for case in cases():
        seconds, floor = _median(case.run), _median(case.floor)
        print(f"{case.label:<52}{seconds:>10.4f}{seconds / floor:>10.1f}")


def _networks(number: int) -> list[IPv4Network]:
    return sorted(
        IPv4Network(((10 << 24) + (number - each << 8), 24)) for each in range(number)
    )


def _median(call: Callable[[], object]) -> float:
    """Return the median of the runs in seconds, after one to warm up."""
    call()
    times: list[float] = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()

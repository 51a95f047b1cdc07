"""What planning a large network costs, beside a floor measured in the same run.

Run ``.venv/bin/python -m benchmarks.planning`` from the root. The floor of a case is
plain Python that makes and sorts as many objects as the case is about. Compare the
ratios, not the seconds.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "components"))

from azureml_network import Egress, SecureVnet, SecureVnetArgs  # noqa: E402
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
    known = _known(planned)
    known_100 = _known(
        {f"subnet{number}": planned[f"subnet{number}"] for number in range(100)}
    )
    rules = [_rule(number, 500) for number in range(1000)]
    rules_100 = [_rule(number, 100) for number in range(1000)]
    network = large_network()
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
        Case(
            "1,000 rules laid out on 100 subnets",
            lambda: written_rules(rules_100, known_100),
            lambda: _networks(1000),
        ),
        Case(
            "a network of 100 subnets and 1,000 rules, whole",
            lambda: SecureVnet.check("net", network),
            lambda: _networks(1100),
        ),
    ]


def large_network() -> SecureVnetArgs:
    """Return the inputs of a network of 100 subnets with 1,000 callers' rules."""
    return {
        "resource_group_name": "rg",
        "location": "westeurope",
        "address_space": [str(network) for network in SPACE],
        "egress": Egress.NONE,
        "subnets": {
            f"subnet{number}": {
                "purpose": "general",
                "size": LENGTHS[number % len(LENGTHS)],
            }
            for number in range(100)
        },
        "rules": {
            f"rule{number}": {
                "sources": [source],
                "destinations": [destination],
                "ports": ["443"],
                "reason": "measured",
            }
            for number in range(1000)
            for source, destination in [_ends(number, 100)]
        },
    }


def _known(prefixes: Mapping[str, IPv4Network]) -> KnownPlaces:
    return KnownPlaces(
        subnets={
            name: SubnetSide(purpose="general", prefix=prefix)
            for name, prefix in prefixes.items()
        },
        address_space=tuple(SPACE),
    )


def _ends(number: int, subnets: int) -> tuple[str, str]:
    """Return two of so many subnets, other ones for each number."""
    start = number % subnets
    end = (start + 1 + number // subnets) % subnets
    return f"subnet:subnet{start}", f"subnet:subnet{end}"


def _rule(number: int, subnets: int) -> TrafficRequest:
    """Return a rule between two of so many subnets, no two of which are alike."""
    source, destination = _ends(number, subnets)
    return TrafficRequest(
        name=f"rule{number}",
        path=f"rules[{number}]",
        sources=(source,),
        destinations=(destination,),
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

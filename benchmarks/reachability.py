"""What proofs of reachability cost: `python -m benchmarks.reachability`.

Three measurements, each as a ratio of one run: one question over 10,000 rules beside
checkov on the same groups; all stack proofs on a made-up stack of 1,000 resources; and
how cost grows with the number of subnets. Proofs are measured in processor time, so
that what else runs does not count. Times of other machines differ, ratios do not by
much.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from random import Random
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

GROUPS, RULES_EACH = 10, 1000
AROUND = Surroundings(virtual_network=AddressSet.of("10.0.0.0/8"))
SSH_CHECK = "CKV_AZURE_10"
WANTED_RATIO = 80


def main(arguments: list[str]) -> int:
    """Print the three tables; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reachability")
    parser.add_argument(
        "--checkov", type=Path, default=ROOT / ".venv-judges/bin/checkov"
    )
    options = parser.parse_args(arguments)
    _one_question(options.checkov)
    _all_proofs()
    _growth()
    return 0


def _one_question(checkov: Path) -> None:
    """Print who answers right whether the Internet reaches TCP 22, and how fast."""
    groups = [_group(number) for number in range(GROUPS)]
    truth = [is_open for _, is_open in groups]
    print(f"Can the Internet reach TCP 22? {GROUPS} groups of {RULES_EACH:,} rules")
    question = PacketSet.of(
        sources=AROUND.internet,
        protocols=frozenset({Protocol.TCP}),
        destination_ports=PortSet.of("22"),
    )
    resources = [
        _as_resource(rules, number) for number, (rules, _) in enumerate(groups)
    ]

    def ours() -> list[bool]:
        read = topology_of(resources).groups
        return [
            group_answer(group, Direction.INBOUND, question, AROUND).verdict
            is Verdict.ALLOWED
            for group in read
        ]

    seconds, answers = _timed(ours, runs=5)
    _row("this package", seconds, _right(answers, truth), 1.0)
    if not checkov.exists():
        print(f"  checkov is not at {checkov}: make judges installs it")
        return
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.json"
        template.write_text(json.dumps(_as_template(groups)))
        empty = Path(folder) / "empty.json"
        empty.write_text(json.dumps(_as_template([])))
        theirs, found = _timed(lambda: _run_checkov(checkov, template), runs=1)
        start, _ = _timed(lambda: _run_checkov(checkov, empty), runs=1)
    ratio = theirs / seconds
    _row("checkov 3.3.30, with its start", theirs, _right(found, truth), ratio)
    judged = (theirs - start) / seconds
    _row("checkov 3.3.30, without it", theirs - start, _right(found, truth), judged)
    print(f"  at least {WANTED_RATIO}: {ratio >= WANTED_RATIO}")


def _group(number: int) -> tuple[list[dict[str, Any]], bool]:
    """Return rules of one group, and whether they let the Internet in to TCP 22.

    The opening is written in ten ways, five of which a deny before it closes again; the
    other rules are about other ports.
    """
    chance = Random(number)
    rules = [
        _rule(
            priority=100 + index,
            access=chance.choice(("Allow", "Deny")),
            source=f"10.{chance.randrange(256)}.{chance.randrange(256)}.0/24",
            port=str(chance.randrange(1024, 60000)),
        )
        for index in range(RULES_EACH - 3)
    ]
    source, port = (
        ("*", "22"),
        ("Internet", "20-25"),
        ("0.0.0.0/0", "22"),
        ("0.0.0.0/1", "22"),
        ("128.0.0.0/1", "*"),
    )[number % 5]
    rules.append(_rule(priority=2000, access="Allow", source=source, port=port))
    closed = number >= 5
    last = {"access": "Deny", "source": "*", "port": "*"}
    rules.append(_rule(priority=1999 if closed else 4095, **last))
    rules.append(_rule(priority=4096, **last))
    return rules, not closed


def _rule(*, priority: int, access: str, source: str, port: str) -> dict[str, Any]:
    return {
        "name": f"rule{priority}",
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": port,
    }


def _as_resource(rules: list[dict[str, Any]], number: int) -> dict[str, Any]:
    return _resource(
        "network:NetworkSecurityGroup",
        f"group{number}",
        {"networkSecurityGroupName": f"group{number}", "securityRules": rules},
    )


def _as_template(groups: list[tuple[list[dict[str, Any]], bool]]) -> dict[str, Any]:
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
        "deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {
                "type": "Microsoft.Network/networkSecurityGroups",
                "apiVersion": "2024-05-01",
                "name": f"group{number}",
                "location": "westeurope",
                "properties": {
                    "securityRules": [
                        {"name": rule["name"], "properties": rule} for rule in rules
                    ]
                },
            }
            for number, (rules, _) in enumerate(groups)
        ],
    }


def _run_checkov(checkov: Path, template: Path) -> list[bool]:
    """Return for each group whether checkov says that it is open."""
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
    said = json.loads(done.stdout or "{}")
    failed = said.get("results", {}).get("failed_checks", [])
    names = {each["resource"].rpartition(".")[2] for each in failed}
    return [f"group{number}" in names for number in range(GROUPS)]


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

    least, _ = _timed(floor, 5, time.process_time)
    seconds = _proofs(rules, resources, runs=3)
    _row("the inputs read once and written as JSON", least, "", 1.0)
    _row(
        f"{len(rules)} rules on groups and reachability",
        seconds,
        "",
        seconds / least,
    )
    print(f"  at most 2 s: {seconds <= 2}")


def _proofs(rules: list[Rule], resources: list[dict[str, Any]], runs: int) -> float:
    """Return the seconds that rules on a stack take."""
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
    return _timed(
        lambda: analyzer.servicer.AnalyzeStack(stack, None), runs, time.process_time
    )[0]


def _plain(value: Any) -> Any:
    if isinstance(value, struct_pb2.Struct):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, struct_pb2.ListValue):
        return [_plain(each) for each in value]
    return value


def _growth() -> None:
    """Print how the cost of the proofs grows with the number of subnets."""
    print("Cost against the number of subnets")
    rules = [rule for rule in RULES if rule.id.startswith("NR")]
    points: list[tuple[float, float]] = []
    for subnets in (300, 600, 1200, 3000):
        seconds = _proofs(rules, made_up_stack(subnets), runs=1)
        points.append((math.log(subnets), math.log(seconds)))
        _row(f"{subnets:,} subnets", seconds, "", seconds / math.exp(points[0][1]))
    print(f"  slope, log-log: {_slope(points):.2f}")


def _slope(points: list[tuple[float, float]]) -> float:
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def made_up_stack(subnets: int) -> list[dict[str, Any]]:
    """Return networks of 30 subnets: each with a group, every third with something in.

    Ten resources for three subnets: groups, a cluster, a machine and an endpoint.
    """
    found: list[dict[str, Any]] = []
    spaces = ip_network("10.0.0.0/8").subnets(new_prefix=19)
    for number in range(0, subnets, 30):
        space = next(spaces)
        network = f"vnet{number}"
        found.append(
            _resource(
                "network:VirtualNetwork",
                network,
                {
                    "virtualNetworkName": network,
                    "location": "westeurope",
                    "addressSpace": {"addressPrefixes": [str(space)]},
                    "tags": {"environment": "prod"},
                },
            )
        )
        ranges = list(space.subnets(new_prefix=24))[:30]
        clients = [str(each) for at, each in enumerate(ranges) if at % 3 != 2]
        for index in range(min(30, subnets - number)):
            name, prefix = f"s{number + index}", str(ranges[index])
            found += _subnet(network, name, prefix, index, clients)
    return found


def _subnet(
    network: str, name: str, prefix: str, index: int, clients: list[str]
) -> list[dict[str, Any]]:
    """Return a subnet, its group and what stands in it."""
    purpose = ("training", "desks", "endpoints")[index % 3]
    last = _rule(priority=4096, access="Deny", source="*", port="*")
    rules = [{**last, "protocol": "*"}]
    if purpose == "endpoints":
        let_in = _rule(priority=100, access="Allow", source="", port="443")
        rules.append({**let_in, "sourceAddressPrefixes": clients})
    group = f"{name}-nsg"
    made = [
        _resource(
            "network:NetworkSecurityGroup",
            group,
            {"networkSecurityGroupName": group, "securityRules": rules},
        ),
        _resource(
            "network:Subnet",
            name,
            {
                "virtualNetworkName": network,
                "subnetName": name,
                "addressPrefix": prefix,
                "defaultOutboundAccess": False,
                "privateEndpointNetworkPolicies": "Enabled",
                "networkSecurityGroup": {"id": _id("networkSecurityGroups", group)},
            },
        ),
    ]
    at = {"id": f"{_id('virtualNetworks', network)}/subnets/{name}"}
    made.append(_RESIDENTS[purpose](name, at))
    return made


def _cluster(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    inner = {"enableNodePublicIp": False, "subnet": subnet}
    return _resource(
        "machinelearningservices:Compute",
        f"{name}-cluster",
        {
            "computeName": f"{name}-cluster",
            "properties": {"computeType": "AmlCompute", "properties": inner},
        },
    )


def _machine(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    return _resource(
        "network:NetworkInterface",
        f"{name}-nic",
        {
            "networkInterfaceName": f"{name}-nic",
            "ipConfigurations": [{"name": "first", "subnet": subnet}],
        },
    )


def _endpoint(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    service = _id("vaults", f"{name}-kv").replace("Network", "KeyVault")
    connection = {"groupIds": ["vault"], "privateLinkServiceId": service}
    return _resource(
        "network:PrivateEndpoint",
        f"{name}-pep",
        {
            "privateEndpointName": f"{name}-pep",
            "subnet": subnet,
            "privateLinkServiceConnections": [connection],
        },
    )


_RESIDENTS: dict[str, Callable[[str, dict[str, str]], dict[str, Any]]] = {
    "training": _cluster,
    "desks": _machine,
    "endpoints": _endpoint,
}


def _id(kind: str, name: str) -> str:
    return (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/"
        f"providers/Microsoft.Network/{kind}/{name}"
    )


def _resource(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    token = f"azure-native:{kind}"
    return {
        "urn": f"urn:pulumi:dev::project::{token}::{name}",
        "type": token,
        "name": name,
        "inputs": {"resourceGroupName": "rg", **inputs},
        "propertyDependencies": {},
    }


def _message(each: dict[str, Any]) -> Any:
    return proto.AnalyzerResource(type=each["type"], urn=each["urn"], name=each["name"])


def _timed(
    call: Callable[[], Any],
    runs: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, Any]:
    """Return the shortest of some runs in seconds, and what the last returned."""
    seconds: list[float] = []
    found: Any = None
    for _ in range(runs):
        start = clock()
        found = call()
        seconds.append(clock() - start)
    return min(seconds), found


def _right(answers: list[bool], truth: list[bool]) -> str:
    right = sum(one == other for one, other in zip(answers, truth, strict=True))
    return f"{right} of {len(truth)} right"


def _row(what: str, seconds: float, right: str, ratio: float) -> None:
    print(f"  {what:<44}{seconds:>10.4f} s{ratio:>10.1f} x  {right}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

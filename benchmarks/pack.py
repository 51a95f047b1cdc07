"""What the policy pack costs per resource and per stack, beside the SDK's own way.

Run ``.venv/bin/python -m benchmarks.pack`` from the root. All figures come from one run
in one process, through the calls that the engine makes, in processor time; compare the
ratios, not the milliseconds. "stock" is the SDK's analyzer with one policy per rule;
"frame" is ours with the same rules. Whole runs are of prod's plan as it was recorded,
and of a stack of every type that a rule is about.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for _folder in (ROOT / "tests" / "policies", ROOT / "policies", ROOT / "components"):
    sys.path.insert(0, str(_folder))

import rule_examples  # noqa: E402
from google.protobuf import struct_pb2  # noqa: E402
from plan_recordings import recorded_prod  # noqa: E402
from policy_calls import (  # noqa: E402
    Analyzer,
    CallContext,
    plan_request,
    plan_resource,
    with_levels,
)
from pulumi.runtime import proto  # noqa: E402
from pulumi_policy import (  # noqa: E402
    EnforcementLevel,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy.policy import _PolicyAnalyzerServicer  # noqa: E402

from azureml_policies import NAME, RULES  # noqa: E402
from azureml_policies._frame import (  # noqa: E402
    Context,
    Finding,
    Resource,
    Rule,
    must_be,
    resource_rule,
    stack_rule,
)
from azureml_policies._frame.servicer import as_policy, servicer_for  # noqa: E402

WORKSPACE = "azure-native:machinelearningservices:Workspace"
VERSION = "0.0.1"
MOST = 1.0
"""What one resource may cost with all rules, in milliseconds."""


def main() -> None:
    """Print the table."""
    print(f"{'case':<58}{'ms':>9}{'× frame':>9}")
    _report_prod()
    request = _workspace(0)
    for count in (17, 164):
        frame = _frame([_synthetic_rule(index) for index in range(count)])
        stock = _stock([_synthetic_policy(index) for index in range(count)])
        _compare(
            f"one workspace, {count} rules that all read it",
            lambda frame=frame: frame.Analyze(request, None),
            lambda stock=stock: stock.Analyze(request, None),
        )
    pack = _frame(RULES)
    _report("one workspace, the pack's own rules", pack.Analyze, request)
    other = proto.AnalyzeRequest(
        type="azure-native:network:NetworkInterface",
        properties=request.properties,
    )
    _report("one resource that no rule is about", pack.Analyze, other)

    stack = _stack(1000)
    frame = _frame([_synthetic_stack_rule(index) for index in range(5)])
    stock = _stock([_synthetic_stack_policy(index) for index in range(5)])
    _compare(
        "1,000 resources, 5 stack rules that read each",
        lambda: frame.AnalyzeStack(stack, None),
        lambda: stock.AnalyzeStack(stack, None),
        runs=3,
    )
    for size in (1000, 2000):
        whole = _stack(size)
        _report(f"{size:,} resources, the pack's stack rules", pack.AnalyzeStack, whole)
    _report_whole_run(pack, 150)


def _compare(
    label: str, frame: Callable[[], Any], stock: Callable[[], Any], runs: int = 15
) -> None:
    ours = _median(frame, runs)
    theirs = _median(stock, runs)
    print(f"{label + ', frame':<58}{ours:>9.3f}{1:>9.1f}")
    print(f"{label + ', stock':<58}{theirs:>9.3f}{theirs / ours:>9.1f}")


def _report(label: str, call: Callable[[Any, Any], Any], request: Any) -> None:
    print(f"{label:<58}{_median(lambda: call(request, None), 15):>9.3f}")


def _report_prod() -> None:
    """Print what the pack costs on prod's plan, with prod's settings."""
    plan = recorded_prod()
    requests = [plan_request(each) for each in plan]
    stack = proto.AnalyzeStackRequest(resources=[plan_resource(each) for each in plan])
    given = json.loads((ROOT / "policies" / "config" / "prod.json").read_text())
    analyzer = Analyzer()
    analyzer.configure(with_levels(given))
    label = f"prod's {len(plan)} resources, {len(RULES)} rules"
    _report_calls(label, analyzer.servicer, requests, stack)


def _report_whole_run(pack: Any, size: int) -> None:
    """Print what all rules cost on a stack of every type that they judge.

    The resources are those of the rules' own good examples.
    """
    shown = [
        each
        for rule in RULES
        if rule.good and not rule.of_the_run
        for each in rule_examples.shown(rule, rule.good)
    ]
    chosen = [
        replace(shown[index * len(shown) // size], name=f"resource{index}")
        for index in range(min(size, len(shown)))
    ]
    requests = [each.as_request() for each in chosen]
    stack = proto.AnalyzeStackRequest(resources=[each.as_resource() for each in chosen])
    label = f"{len(chosen)} resources of all types, {len(RULES)} rules"
    _report_calls(label, pack, requests, stack)


def _report_calls(label: str, pack: Any, requests: list[Any], stack: Any) -> None:
    """Print what all calls of a run cost for each resource, and the first time."""

    def run() -> None:
        for request in requests:
            pack.Remediate(request, CallContext())
            pack.Analyze(request, CallContext())
        pack.AnalyzeStack(stack, CallContext())

    first, *later = [_processor_time(run) / len(requests) for _ in range(8)]
    for text, each in (
        (f"{label}, per resource", statistics.median(later)),
        ("  the first time, tables of Azure read", first),
    ):
        print(f"{text:<58}{each:>9.3f}  at most {MOST:.0f}: {each <= MOST}")


def _processor_time(call: Callable[[], Any]) -> float:
    """Return the milliseconds that one call keeps the processor busy."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def _median(call: Callable[[], Any], runs: int) -> float:
    """Return the median of ``runs`` calls in milliseconds, after one to warm up."""
    call()
    times = []
    for _ in range(runs):
        start = time.process_time()
        call()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def _frame(rules: Any) -> Any:
    chosen = tuple(rules)
    policies = [as_policy(rule) for rule in chosen]
    return servicer_for(chosen)(NAME, VERSION, policies, EnforcementLevel.ADVISORY)


def _stock(policies: list[Any]) -> Any:
    return _PolicyAnalyzerServicer(NAME, VERSION, policies, EnforcementLevel.ADVISORY)


def _about(index: int) -> dict[str, Any]:
    return {
        "id": f"S{index}",
        "name": f"synthetic-{index}",
        "level": EnforcementLevel.MANDATORY,
        "severity": Severity.LOW,
        "types": ("machinelearningservices:Workspace",),
        "steps": "None.",
        "url": "https://example.com",
    }


def _synthetic_rule(index: int) -> Rule:
    path = f"property{index % 30}.value"

    def check(subject: Resource, context: Context) -> Iterator[Finding]:
        """The property has its value."""
        yield from must_be(subject, path, "expected", unset="unset")

    return resource_rule(**_about(index))(check)


def _synthetic_policy(index: int) -> ResourceValidationPolicy:
    key = f"property{index % 30}"

    def check(args: Any, report: Any) -> None:
        if args.resource_type == WORKSPACE and args.props[key]["value"] != "expected":
            report("unexpected")

    return ResourceValidationPolicy(f"synthetic-{index}", "The property.", check)


def _synthetic_stack_rule(index: int) -> Rule:
    def check(subject: Resource, context: Context) -> Iterator[Finding]:
        """The property has its value."""
        yield from must_be(subject, "property1.value", "expected", unset="unset")

    return stack_rule(**_about(index))(check)


def _synthetic_stack_policy(index: int) -> StackValidationPolicy:
    def check(args: Any, report: Any) -> None:
        for resource in args.resources:
            if resource.resource_type == WORKSPACE:
                value = resource.props["property1"]["value"]
                if value != "expected":
                    report("unexpected", resource.urn)

    return StackValidationPolicy(f"synthetic-{index}", "The property.", check)


def _properties(index: int) -> struct_pb2.Struct:
    """Return 30 properties, about 2 kB, as a resource of a real stack has."""
    message = struct_pb2.Struct()
    message.update(
        {
            f"property{number}": {"value": "expected", "list": ["a", "b"], "n": number}
            for number in range(30)
        }
        | {
            "resourceGroupName": "group",
            "workspaceName": f"workspace{index}",
            "publicNetworkAccess": "Disabled",
            "systemDatastoresAuthMode": "Identity",
            "storageAccount": "a",
            "keyVault": "b",
            "containerRegistry": "c",
            "applicationInsights": "d",
        }
    )
    return message


def _urn(index: int) -> str:
    return f"urn:pulumi:dev::project::{WORKSPACE}::workspace{index}"


def _workspace(index: int) -> proto.AnalyzeRequest:
    return proto.AnalyzeRequest(
        type=WORKSPACE,
        urn=_urn(index),
        name=f"workspace{index}",
        properties=_properties(index),
    )


def _stack(size: int) -> proto.AnalyzeStackRequest:
    """Return half workspaces, half endpoints, one for each workspace."""
    resources = []
    for index in range(size // 2):
        resources.append(
            proto.AnalyzerResource(
                type=WORKSPACE,
                urn=_urn(index),
                name=f"workspace{index}",
                properties=_properties(index),
            )
        )
        connection = struct_pb2.Struct()
        connection.update(
            {
                "privateLinkServiceConnections": [
                    {
                        "groupIds": ["amlworkspace"],
                        "privateLinkServiceId": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
                    }
                ]
            }
        )
        endpoint_type = "azure-native:network:PrivateEndpoint"
        resources.append(
            proto.AnalyzerResource(
                type=endpoint_type,
                urn=f"urn:pulumi:dev::project::{endpoint_type}::endpoint{index}",
                name=f"endpoint{index}",
                properties=connection,
                propertyDependencies={
                    "privateLinkServiceConnections": (
                        proto.AnalyzerPropertyDependencies(urns=[_urn(index)])
                    )
                },
            )
        )
    return proto.AnalyzeStackRequest(resources=resources)


if __name__ == "__main__":
    main()

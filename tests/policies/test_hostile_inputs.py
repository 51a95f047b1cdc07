"""Hostile input to all rules: each answers, none crashes, none hangs.

What the rules read is taken from their cases and examples, and something wild is put
in the place of one part of it.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_calls import Analyzer, struct
from policy_plans import UNKNOWN, secret
from pulumi.runtime import proto
from rule_cases import resource_cases, stack_cases
from rule_examples import shown

from azureml_policies import RULES
from azureml_reachability import plan_difference

CRASH = "the rule itself failed"
ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/{}"
)


def nested(levels: int) -> dict[str, Any]:
    """Return a map in a list in a map …"""
    value: Any = "end"
    for level in range(levels):
        value = [value] if level % 2 else {"id": value}
    return {"properties": value}


PREFIXES = [
    f"10.{number // 65536}.{number // 256 % 256}.{number % 256}/32"
    for number in range(4000)
]
WILD: tuple[Any, ...] = (
    None,
    "",
    " ",
    "*",
    "a" * 10_000,
    "\0\u202e\n",
    "0.0.0.0/99",
    "::/129",
    "10.0.0.0/8 ",
    "1-",
    "70000-80000",
    "22-20",
    "-1",
    "nan",
    "²²",
    "9" * 5000,
    "P99999999999999D",
    ID.format("virtualNetworks"),
    ID.format("virtualNetworks/a/subnets/b/c/d"),
    "/subscriptions//resourceGroups//providers///",
    0.0,
    -1.0,
    65_536.0,
    1e308,
    float("inf"),
    float("nan"),
    True,
    False,
    UNKNOWN,
    secret("hunter2-hunter2"),
    secret(UNKNOWN),
    secret(None),
    {},
    [],
    [None],
    [[[]]],
    {"": {"": {}}},
    {"id": None},
    {"id": UNKNOWN},
    {"id": 1.0},
    [UNKNOWN, 1.0, "x", None, {}],
    nested(40),
    PREFIXES,
)


@cache
def samples() -> tuple[list[tuple[str, dict[str, Any], dict[str, list[str]]]], ...]:
    """Return stacks as lists of type token, inputs and edges (property to names)."""
    found = [[(_token(case.type), dict(case.inputs), {})] for case in resource_cases()]
    for case in stack_cases():
        found.append(
            [
                (each.planned.token, dict(each.inputs), dict(each.edges))
                for each in case.plan.render(
                    deployed=len(found) % 2 == 0 and not case.preview_only
                )
            ]
        )
    for rule in RULES:
        for example in (rule.bad, rule.good):
            if example is not None and not rule.of_the_run:
                found.append(
                    [
                        (each.token, each.properties, each.edges)
                        for each in shown(rule, example)
                    ]
                )
    return tuple(stack for stack in found if stack)


def _token(type_name: str) -> str:
    return type_name if type_name.count(":") > 1 else f"azure-native:{type_name}"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every part of ``value``, its own included."""
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from places(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from places(part, (*path, index))


def with_part(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    """Return a copy of ``value`` with what is at ``path`` replaced."""
    if not path:
        return part
    first, *rest = path
    if isinstance(value, Mapping):
        return {**value, first: with_part(value[first], tuple(rest), part)}
    copy = list(value)
    copy[first] = with_part(copy[first], tuple(rest), part)
    return copy


@pytest.fixture(scope="module")
def strict() -> Analyzer:
    """An analyzer with every rule on, those that are off by default too."""
    made = Analyzer()
    made.configure(
        {
            rule.name: {"enforcementLevel": "remediate", **rule.example_settings}
            for rule in RULES
        }
    )
    return made


def judged(
    analyzer: Analyzer,
    resources: list[tuple[str, dict[str, Any], dict[str, list[str]]]],
    parents: Mapping[int, int] | None = None,
) -> list[str]:
    """Return all messages about ``resources``, from all calls of the engine."""
    urns = [
        f"urn:pulumi:dev::p::{r[0]}::n{number}" for number, r in enumerate(resources)
    ]
    found: list[str] = []
    inner = []
    for number, (token, inputs, edges) in enumerate(resources):
        fields: dict[str, Any] = {
            "type": token,
            "urn": urns[number],
            "name": f"n{number}",
            "properties": struct(inputs),
        }
        request = proto.AnalyzeRequest(**fields)
        analyzer.servicer.Remediate(request, None)
        response = analyzer.servicer.Analyze(request, None)
        found += [each.message for each in response.diagnostics]
        known = {
            key: proto.AnalyzerPropertyDependencies(
                urns=[name if "::" in name else urns[0] for name in names]
            )
            for key, names in edges.items()
        }
        parent = urns[parents[number]] if parents and number in parents else ""
        inner.append(
            proto.AnalyzerResource(**fields, parent=parent, propertyDependencies=known)
        )
    response = analyzer.servicer.AnalyzeStack(
        proto.AnalyzeStackRequest(resources=inner), None
    )
    return [*found, *(each.message for each in response.diagnostics)]


def crashes(messages: list[str]) -> list[str]:
    """Return the messages of rules that failed."""
    return [message for message in messages if CRASH in message]


@settings(max_examples=250)
@given(data=st.data())
def test_something_wild_in_one_place(strict: Analyzer, data: st.DataObject) -> None:
    """Every rule answers, whatever stands in place of any part of what it reads."""
    sample = data.draw(st.sampled_from(samples()))
    index = data.draw(st.integers(0, len(sample) - 1))
    token, inputs, edges = sample[index]
    part = data.draw(st.sampled_from(WILD))
    path = data.draw(st.sampled_from([*places(inputs), ("unheardOf",)]))
    if path == ("unheardOf",):
        wild = {**inputs, "unheardOf": part}
    else:
        wild = with_part(inputs, path, part)
    changed = [*sample[:index], (token, wild, edges), *sample[index + 1 :]]
    assert not crashes(judged(strict, changed)), (token, path, part)


JSON = st.recursive(
    st.sampled_from(WILD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "properties", "subnet", "type", "kind"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@settings(max_examples=120)
@given(data=st.data())
def test_nothing_but_wild_values(strict: Analyzer, data: st.DataObject) -> None:
    """All properties of a type are something else than they are to be."""
    types = sorted({name for rule in RULES for name in rule.types})
    kind = data.draw(st.sampled_from(types))
    token = _token(kind)
    keys = sorted({k for s in samples() for t, i, _ in s if t == token for k in i})
    inputs = {key: data.draw(JSON) for key in keys}
    assert not crashes(judged(strict, [(token, inputs, {})])), (kind, inputs)


@settings(max_examples=60)
@given(data=st.data())
def test_parents_and_dependencies_in_circles(
    strict: Analyzer, data: st.DataObject
) -> None:
    """Each resource is its own ancestor, and is made from itself."""
    sample = data.draw(st.sampled_from([s for s in samples() if len(s) > 1]))
    count = len(sample)
    parents = {number: (number + 1) % count for number in range(count)}
    urns = [f"urn:pulumi:dev::p::{row[0]}::n{n}" for n, row in enumerate(sample)]
    components = data.draw(st.booleans())
    changed = [
        (
            "contoso:index:Component" if components and number % 2 else token,
            dict.fromkeys(inputs, UNKNOWN),
            dict.fromkeys(inputs, urns),
        )
        for number, (token, inputs, _) in enumerate(sample)
    ]
    assert not crashes(judged(strict, changed, parents))


def test_a_thousand_levels(strict: Analyzer) -> None:
    """A rule that reads such a property reports it; the others answer."""
    deep = struct_pb2.Struct()
    innermost = deep
    for _ in range(1000):
        innermost = innermost.get_or_create_struct("properties")
    types = sorted({name for rule in RULES for name in rule.types})
    for kind in types:
        token = _token(kind)
        keys = {k for s in samples() for t, i, _ in s if t == token for k in i}
        request = proto.AnalyzeRequest(type=token, urn=f"urn::{kind}", name="deep")
        for key in keys:
            request.properties.fields[key].struct_value.CopyFrom(deep)
        strict.servicer.Remediate(request, None)
        response = strict.servicer.Analyze(request, None)
        resource = proto.AnalyzerResource(type=token, urn=f"urn::{kind}", name="deep")
        stack = strict.servicer.AnalyzeStack(
            proto.AnalyzeStackRequest(resources=[resource]), None
        )
        diagnostics = [*response.diagnostics, *stack.diagnostics]
        assert not crashes([each.message for each in diagnostics]), kind


def test_ten_thousand_levels_by_the_wire(checkout: Path) -> None:
    """The most that a saved state may nest ends no process: the rules answer."""
    kind = "azure-native:machinelearningservices:Workspace"
    head = proto.AnalyzeRequest(type=kind, urn=f"urn::{kind}", name="deep")
    field = proto.AnalyzeRequest.DESCRIPTOR.fields_by_name["properties"].number
    value = struct_pb2.Value(string_value="end").SerializeToString()
    for _ in range(9_990):
        value = _part(5, _part(1, _part(1, b"k") + _part(2, value)))
    properties = _part(1, _part(1, b"publicNetworkAccess") + _part(2, value))
    request = head.SerializeToString() + _part(field, properties)
    with subprocess.Popen(
        [sys.executable, "-u", "-I", str(checkout / "policies" / "__main__.py")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            for name in ("Remediate", "Analyze"):
                # Bytes, as this process could not hold such a message either.
                call = channel.unary_unary(f"/pulumirpc.Analyzer/{name}")
                answer = call(request, timeout=60)
        process.terminate()
    response = proto.AnalyzeResponse.FromString(answer)
    assert "publicNetworkAccess is a map of 1; set it to 'Disabled'" in "".join(
        each.message for each in response.diagnostics
    )


def _part(field: int, content: bytes) -> bytes:
    """Return a field of a message: its number, length and content."""
    length, size = b"", len(content)
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + content


def test_a_stack_that_has_nothing_of_its_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where thousands of subnets are others, not each pair of them is asked about."""
    (rule,) = [each for each in RULES if each.id == "NR010"]
    monkeypatch.setattr(plan_difference, "MOST_ASKED", 1000)
    analyzer = Analyzer([rule])
    analyzer.configure({rule.name: dict(rule.example_settings)})
    token = _token("network:VirtualNetwork")
    found = judged(analyzer, [(token, {"subnets": PREFIXES}, {})])
    told, *guards = found
    assert "undecided: more than 100000 pairs of places are not as in" in told
    assert all("no flow shows it" in each for each in guards)


def _rule(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "name": f"rule-{number}",
        "priority": 100.0 + number,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    } | changes


@pytest.mark.parametrize(
    "rules",
    [
        [_rule(1, sourceAddressPrefixes=PREFIXES, destinationAddressPrefixes=PREFIXES)],
        [
            _rule(number, sourceAddressPrefix=prefix, destinationPortRange=f"{number}")
            for number, prefix in enumerate(PREFIXES[:1000])
        ],
        [_rule(1, destinationPortRanges=["0-65535", "65536", "-1", "9" * 400, "1-"])],
        [_rule(1, priority=priority) for priority in (1e308, -1.0, 0.5, "100", None)],
    ],
    ids=["4,000 prefixes on both sides", "1,000 rules", "ports", "priorities"],
)
def test_security_groups_at_the_limits(
    strict: Analyzer, rules: list[dict[str, Any]]
) -> None:
    """All that Azure takes, and some that it does not: every rule answers."""
    inputs = {"networkSecurityGroupName": "nsg", "securityRules": rules}
    token = _token("network:NetworkSecurityGroup")
    assert not crashes(judged(strict, [(token, inputs, {})]))

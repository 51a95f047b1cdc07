"""The frame that runs the rules: three answers, crashes, levels, one decoding, threads.

Most tests use rules made up for them, through the engine's own calls.
"""

import inspect
import json
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi_policy
import pytest
from google.protobuf import json_format
from policy_calls import AbortedCall, Analyzer, answers, messages
from policy_plans import RG, UNKNOWN, Planned, private_plan, secret
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, Severity
from pulumi_policy import policy as sdk
from rule_examples import judge

from azureml_policies import RULES
from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Resource,
    Rule,
    Violation,
    must_be,
    remedies,
    resource_rule,
    rules_of,
    stack_rule,
    values,
)

WORKSPACE = "machinelearningservices:Workspace"
PUBLIC = "ml-workspace-no-public-access"


def about(name: str, **changes: Any) -> dict[str, Any]:
    """Return what is said about a made-up rule."""
    return {
        "id": name.upper(),
        "name": name,
        "level": EnforcementLevel.MANDATORY,
        "severity": Severity.HIGH,
        "types": (WORKSPACE,),
        "steps": "Change it.",
        "url": "https://example.com",
    } | changes


@resource_rule(**about("crashing"))
def crashing(subject: Resource, context: Context) -> Iterator[Finding]:
    """A rule with a fault in it."""
    yield Violation("first", "found before the crash")
    raise KeyError(f"{subject.value('password')} hunter2-hunter2")


@resource_rule(**about("calm"))
def calm(subject: Resource, context: Context) -> Iterator[Finding]:
    """A rule that holds."""
    yield from ()


@resource_rule(**about("security-rules"))
def security_rules(subject: Resource, context: Context) -> Iterator[Finding]:
    """No rule allows the Internet."""
    for rule in subject.value("securityRules").elements():
        source = rule.at("sourceAddressPrefix")
        if isinstance(source, values.Unknown):
            continue
        if isinstance(source, values.Known) and source.value == "*":
            yield Violation(rule.path, f"{source.path} is {source.text}")
    subject.value("last").elements()


def test_a_crash_is_the_violation_of_its_rule() -> None:
    """The other rules answer, what was found before stays, and no value is shown."""
    analyzer = Analyzer([crashing, calm])
    response = analyzer.analyze(WORKSPACE, {"password": secret("hunter2-hunter2")})
    first, crash = response.diagnostics
    assert "found before the crash" in first.message
    assert "the rule itself failed with KeyError at test_policy_frame.py:" in (
        crash.message
    )
    assert crash.enforcementLevel == proto.MANDATORY
    assert "hunter2" not in str(response)
    assert answers(response, "calm") == {"satisfied"}


def test_an_unknown_value_does_not_hide_what_is_known() -> None:
    """C89 (c): rule 1 has an unknown source, rule 2 is open: a violation for rule 2."""
    rules = [{"sourceAddressPrefix": UNKNOWN}, {"sourceAddressPrefix": "*"}]
    response = Analyzer([security_rules]).analyze(
        WORKSPACE, {"securityRules": rules, "last": UNKNOWN}
    )
    violation, undecided = messages(response, "security-rules")
    assert "securityRules[1].sourceAddressPrefix is '*'" in violation
    assert "undecided: last is not known" in undecided


def test_a_value_of_another_type_is_a_violation() -> None:
    """A text where a list belongs is named with its path."""
    response = Analyzer([security_rules]).analyze(WORKSPACE, {"securityRules": "none"})
    (message,) = messages(response, "security-rules")
    assert "securityRules is not a list" in message


def test_unknown_names_and_ids_do_not_matter(analyzer: Analyzer) -> None:
    """C89 (a), (d): the deciding value is read, the rest is not."""
    decided = {"publicNetworkAccess": "Enabled", "workspaceName": UNKNOWN}
    response = analyzer.analyze(WORKSPACE, decided | {"storageAccount": UNKNOWN})
    assert answers(response, PUBLIC) == {"violated"}
    response = analyzer.analyze(WORKSPACE, {"publicNetworkAccess": UNKNOWN})
    (message,) = messages(response, PUBLIC)
    assert (
        "undecided: publicNetworkAccess is not known before the deployment" in message
    )
    (level,) = (
        each.enforcementLevel
        for each in response.diagnostics
        if each.policyName == PUBLIC
    )
    assert level == proto.MANDATORY


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        ("azure-native:machinelearningservices:Workspace", "violated"),
        ("azure-native:machinelearningservices/v20231001:Workspace", "violated"),
        (
            "azure-native_machinelearningservices_v20240401:"
            "machinelearningservices:Workspace",
            "violated",
        ),
        ("azure-native:operationalinsights:Workspace", "not applicable"),
        ("azure:machinelearning/workspace:Workspace", "not applicable"),
        ("contoso:machinelearningservices:Workspace", "not applicable"),
    ],
)
def test_types_match_whatever_the_api_version(
    analyzer: Analyzer, token: str, answer: str
) -> None:
    """C91: module and resource decide, wherever the version stands."""
    response = analyzer.analyze(token, {"publicNetworkAccess": "Enabled"})
    assert answers(response, PUBLIC) == {answer}


def test_nested_values_are_read_as_they_arrive() -> None:
    """C95: maps, lists and numbers of the wire, not the test's own dicts."""
    known = values.Properties(_struct({"a": {"b": [1, {"c": True}], "n": None}}))
    first, second = known.value("a.b").elements()
    assert (first.path, first.text) == ("a.b[0]", "1")
    assert isinstance(first, values.Known) and isinstance(first.value, float)
    assert second.at("c") == values.Known("a.b[1].c", True)
    assert known.value("a.n") == values.Absent("a.n")
    assert known.value("a.b.c") == values.Absent("a.b.c")
    assert known.value("x.y") == values.Absent("x.y")
    assert values.Properties(_struct({"a": UNKNOWN})).value("a.b") == values.Unknown(
        "a"
    )


def _struct(content: dict[str, Any]) -> Any:
    message = proto.AnalyzeRequest()
    message.properties.update(content)
    return message.properties


@pytest.mark.parametrize(
    ("choice", "levels"),
    [("violation", [proto.MANDATORY]), ("advisory", [proto.ADVISORY]), ("ignore", [])],
)
def test_on_unknown(analyzer: Analyzer, choice: str, levels: list[int]) -> None:
    """An undecided answer counts as configured; a violation counts in any case."""
    analyzer.configure({PUBLIC: {"onUnknown": choice}})
    response = analyzer.analyze(WORKSPACE, {"publicNetworkAccess": UNKNOWN})
    found = [e.enforcementLevel for e in response.diagnostics if e.policyName == PUBLIC]
    assert found == levels
    response = analyzer.analyze(WORKSPACE, {"publicNetworkAccess": "Enabled"})
    assert answers(response, PUBLIC) == {"violated"}


@pytest.mark.parametrize(
    ("level", "reported"),
    [
        ("mandatory", [proto.MANDATORY]),
        ("advisory", [proto.ADVISORY]),
        ("disabled", []),
        ("remediate", [proto.MANDATORY]),
    ],
)
def test_levels(analyzer: Analyzer, level: str, reported: list[int]) -> None:
    """Each rule counts at its own level; what is not remedied is mandatory."""
    analyzer.configure({PUBLIC: {"enforcementLevel": level}})
    response = analyzer.analyze(WORKSPACE, {"publicNetworkAccess": "Enabled"})
    found = [e.enforcementLevel for e in response.diagnostics if e.policyName == PUBLIC]
    assert found == reported


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.remedy and not rule.whole_stack],
    ids=lambda rule: rule.id,
)
def test_a_remedied_resource_passes(rule: Rule) -> None:
    """What the level ``remediate`` sets is what the rule wants, and nothing else."""
    assert rule.bad is not None, "the bad example is what is remedied"
    shown = rule.bad
    kind, inputs = (
        (rule.types[0], shown)
        if isinstance(shown, Mapping)
        else (shown[0]["type"], shown[0]["properties"])
    )
    inputs = {"unread": UNKNOWN, "password": secret("hunter2"), **inputs}
    analyzer = Analyzer([rule])
    settings = {"enforcementLevel": "remediate", **rule.example_settings}
    analyzer.configure({rule.name: settings})
    assert answers(analyzer.analyze(kind, inputs), rule.name) == {"violated"}
    (remediation,) = analyzer.remediate(kind, inputs).remediations
    assert remediation.policyName == rule.name
    mended = json_format.MessageToDict(remediation.properties)
    assert answers(analyzer.analyze(kind, mended), rule.name) == {"satisfied"}
    for key in ("unread", "password"):
        assert mended[key] == inputs[key]
    assert not analyzer.remediate(kind, mended).remediations


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.remedy and rule.whole_stack],
    ids=lambda rule: rule.id,
)
def test_a_stack_passes_with_its_first_resource_remedied(rule: Rule) -> None:
    """The bad example of a stack rule, mended by its remedy."""
    assert isinstance(rule.bad, Sequence)
    first, *others = rule.bad
    analyzer = Analyzer([rule])
    settings = {"enforcementLevel": "remediate", **rule.example_settings}
    analyzer.configure({rule.name: settings})
    assert judge(rule, rule.bad)
    (found,) = analyzer.remediate(first["type"], first["properties"]).remediations
    mended = first | {"properties": json_format.MessageToDict(found.properties)}
    assert judge(rule, [mended, *others]) == []


def test_only_the_level_remediate_changes_anything(analyzer: Analyzer) -> None:
    """The engine asks for every resource; an unknown value is left alone too."""
    assert not analyzer.remediate(WORKSPACE, {}).remediations
    analyzer.configure({PUBLIC: {"enforcementLevel": "remediate"}})
    unknown = {"publicNetworkAccess": UNKNOWN}
    assert not analyzer.remediate(WORKSPACE, unknown).remediations


def test_remedies_add_up(analyzer: Analyzer) -> None:
    """The engine takes the last one: it holds what the ones before it have set."""
    both = (PUBLIC, "ml-workspace-datastores-identity")
    analyzer.configure({name: {"enforcementLevel": "remediate"} for name in both})
    first, last = analyzer.remediate(WORKSPACE, {}).remediations
    assert json_format.MessageToDict(first.properties) == {
        "publicNetworkAccess": "Disabled"
    }
    assert json_format.MessageToDict(last.properties) == {
        "publicNetworkAccess": "Disabled",
        "systemDatastoresAuthMode": "Identity",
    }


def test_a_remedy_reaches_into_a_secret_and_leaves_other_values_alone() -> None:
    """A secret map is changed inside and stays secret; a text is not overwritten."""
    properties = _struct({"properties": secret({"sku": "standard"})})
    assert remedies.apply({"properties.access": "disabled"}, properties)
    assert json_format.MessageToDict(properties) == {
        "properties": secret({"sku": "standard", "access": "disabled"})
    }
    before = _struct({"properties": "text"})
    assert not remedies.apply({"a": True, "properties.access": "disabled"}, before)
    assert json_format.MessageToDict(before) == {"properties": "text"}


def test_every_rule_is_announced_with_all_that_is_said_about_it() -> None:
    """Name, level, severity, schema, steps and tags of every rule reach the engine."""
    info = Analyzer().servicer.GetAnalyzerInfo(None, None)
    assert [policy.name for policy in info.policies] == [rule.name for rule in RULES]
    for policy, rule in zip(info.policies, RULES, strict=True):
        kind = (
            proto.POLICY_TYPE_STACK if rule.whole_stack else proto.POLICY_TYPE_RESOURCE
        )
        assert policy.policy_type == kind
        assert policy.description == rule.description
        assert policy.enforcementLevel == getattr(proto, rule.level.value.upper())
        severity = f"POLICY_SEVERITY_{rule.severity.value.upper()}"
        assert policy.severity == getattr(proto, severity)
        assert set(policy.configSchema.properties.keys()) == set(rule.schema)
        assert policy.remediation_steps == rule.steps
        assert policy.url.startswith(
            ("https://learn.microsoft.com/", "https://www.pulumi.com/")
        )
        assert rule.id in policy.tags


def test_names_are_unique() -> None:
    """The SDK does not check what the engine relies on."""
    first = resource_rule(**about("twin"))(_a_check)
    second = resource_rule(**about("twin", id="OTHER"))(_a_check)
    module = type(inspect)("made_up")
    module.first, module.second = first, second
    with pytest.raises(ValueError, match="two rules have the name 'twin'"):
        rules_of(module)


def _a_check(subject: Resource, context: Context) -> Iterator[Finding]:
    """Anything holds."""
    yield from ()


def many_rules(count: int) -> list[Rule]:
    """Return ``count`` rules that all read the same properties of a workspace."""

    def check(subject: Resource, context: Context) -> Iterator[Finding]:
        """The tags are right."""
        yield from must_be(subject, "tags.environment", "dev", unset="unset")

    return [resource_rule(**about(f"rule-{index}"))(check) for index in range(count)]


def test_a_property_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once per rule, and not again for the stack rules; unread ones never."""
    read: list[str] = []
    decode = values.decode

    def counted(value: Any, *left: int) -> Any:
        read.append(value.WhichOneof("kind"))
        return decode(value, *left)

    monkeypatch.setattr(values, "decode", counted)
    resource = {"tags": {"environment": "dev"}, "unread": {"a": 1, "b": 2}}
    Analyzer(many_rules(164)).analyze(WORKSPACE, resource)
    assert read == ["struct_value", "string_value"]


def test_stack_rules_see_the_inputs_of_the_run() -> None:
    """AnalyzeStack carries outputs; the inputs seen before are what rules read."""
    seen: list[Resource] = []

    @stack_rule(**about("inputs"))
    def inputs(subject: Resource, context: Context) -> Iterator[Finding]:
        """Look at it."""
        seen.append(subject)
        yield from ()

    analyzer = Analyzer([inputs])
    rendered = private_plan().render(deployed=False)
    analyzer.analyze_stack(rendered)
    assert seen[-1].value("workspaceName") == values.Known("workspaceName", "mlw")
    analyzer.servicer.Configure(proto.ConfigureAnalyzerRequest(), None)
    analyzer.analyze_stack(rendered, outputs_only=True)
    assert seen[-1] is not seen[-2]
    assert seen[-1].value("workspaceName") == values.Known("workspaceName", "mlw")


def test_a_rule_may_judge_the_stack_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule without types is run once, on the stack itself, and may have a witness."""

    @stack_rule(**about("proof", types=()))
    def proof(subject: Resource, context: Context) -> Iterator[Finding]:
        """Nothing is reachable."""
        if not context.stack.of_type(WORKSPACE):
            raise NotApplicable("nothing to prove")
        yield Violation("", f"{subject.name} is reachable", {"port": 22})

    path = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(path))
    analyzer = Analyzer([proof])
    analyzer.configure({})
    stack = Planned("pulumi:pulumi:Stack", "project-dev")
    rendered = private_plan().adding(stack).render(deployed=False)
    (diagnostic,) = analyzer.analyze_stack(rendered).diagnostics
    assert diagnostic.urn == stack.urn
    assert "project-dev is reachable" in diagnostic.message
    verdict = json.loads(path.read_text().splitlines()[-1])
    assert verdict["witness"] == {"port": 22}
    assert answers(analyzer.analyze_stack([]), "proof") == {"not applicable"}


def test_verdict_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rules in one line, then a line per verdict, those that hold included."""
    path = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(path))
    analyzer = Analyzer()
    analyzer.configure({PUBLIC: {"onUnknown": "ignore"}})
    analyzer.analyze(WORKSPACE, {"publicNetworkAccess": UNKNOWN})
    analyzer.analyze(WORKSPACE, {"publicNetworkAccess": "Disabled"})
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [rule["rule"] for rule in head["rules"]] == [rule.id for rule in RULES]
    assert set(head["rules"][0]) == {
        "rule",
        "name",
        "level",
        "severity",
        "description",
    }
    undecided, satisfied = [line for line in lines if line["rule"] == "ML001"]
    assert undecided == {
        "rule": "ML001",
        "name": PUBLIC,
        "level": "advisory",
        "severity": "critical",
        "urn": Planned(WORKSPACE, "it").urn,
        "status": "undecided",
        "path": "publicNetworkAccess",
        "message": undecided["message"],
        "witness": None,
    }
    assert (satisfied["status"], satisfied["message"]) == ("satisfied", "")


def test_verdict_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends with a text that names the variable and the file."""
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(tmp_path / "no" / "file"))
    with pytest.raises(AbortedCall, match=r"AZUREML_POLICIES_VERDICTS: .*no/file: No"):
        Analyzer().configure({})


def test_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four threads, as the SDK's server has: same answers, no torn line."""
    path = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(path))
    analyzer = Analyzer()
    analyzer.configure({})
    barrier = threading.Barrier(4)
    inputs = {"publicNetworkAccess": "Enabled", "notes": "x" * 5000}

    def worker(number: int) -> list[set[str]]:
        barrier.wait()
        return [
            answers(analyzer.analyze(WORKSPACE, inputs, f"w{number}-{i}"), PUBLIC)
            for i in range(50)
        ]

    with ThreadPoolExecutor(4) as pool:
        results = [each for group in pool.map(worker, range(4)) for each in group]
    assert results == [{"violated"}] * 200
    records = [json.loads(line) for line in path.read_text().splitlines()]
    judged = {each["urn"] for each in records[1:] if each["rule"] == "ML001"}
    assert len(judged) == 200


def test_order_of_the_request_does_not_matter(analyzer: Analyzer) -> None:
    """The engine hands resources over in no order; the findings come in one."""
    rendered = private_plan().without("zone-blob-link").render(deployed=False)
    first = analyzer.analyze_stack(rendered)
    random.Random(1).shuffle(rendered)
    assert analyzer.analyze_stack(rendered) == first


def test_what_the_frame_uses_of_the_sdk() -> None:
    """The contract with the private names of the pinned pulumi_policy."""
    assert pulumi_policy.version.VERSION == "1.21.0"
    pinned = Path(__file__).parents[2] / "policies" / "requirements.txt"
    assert "pulumi-policy==1.21.0" in pinned.read_text().splitlines()
    base = sdk._PolicyAnalyzerServicer
    assert list(inspect.signature(base.__init__).parameters)[:4] == [
        "self",
        "name",
        "version",
        "policies",
    ]
    for method in ("Analyze", "AnalyzeStack", "Remediate", "Configure"):
        parameters = inspect.signature(getattr(base, method)).parameters
        assert list(parameters) == ["self", "request", "_context"]
    assert "_PolicyAnalyzerServicer(" in inspect.getsource(sdk.PolicyPack.__init__)
    servicer = Analyzer().servicer
    assert servicer._convert_enforcement_level(proto.DISABLED) is (
        EnforcementLevel.DISABLED
    )
    assert servicer._map_enforcement_level(EnforcementLevel.ADVISORY) == proto.ADVISORY
    assert servicer._map_severity(Severity.CRITICAL) == proto.POLICY_SEVERITY_CRITICAL


def test_a_resource_without_rules_is_not_applicable(analyzer: Analyzer) -> None:
    """The engine is told that no rule concerns the type, so none counts as held."""
    response = analyzer.analyze("resources:ResourceGroup", RG)
    names = [each.policy_name for each in response.not_applicable]
    on = [
        rule
        for rule in RULES
        if not rule.whole_stack and rule.level is not EnforcementLevel.DISABLED
    ]
    assert names == [rule.name for rule in on if rule.types]
    on_any = {rule.name for rule in on if not rule.types}
    assert {each.policyName for each in response.diagnostics} <= on_any

"""The examples of the rules, as resources that the pack can judge."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policy_calls import AbortedCall, Analyzer, struct
from policy_plans import SUBSCRIPTION, UNKNOWN, Planned, Rendered
from pulumi.runtime import proto

from azureml_policies import RULES
from azureml_policies._frame import Example, Rule
from azureml_policies._frame.arm_ids import IDENTITIES


def judge(rule: Rule, example: Example) -> list[proto.AnalyzeDiagnostic]:
    """Return what ``rule`` says about ``example``, through the engine's calls.

    All others are asked too, if it looks at what they have read. For a rule on the pack
    itself: what it says about this configuration.
    """
    if rule.of_the_run:
        return _judge_configuration(rule, example)
    analyzer = Analyzer(RULES if rule.asked_last else [rule])
    level = "advisory" if rule.level.value == "disabled" else rule.level.value
    settings = {"enforcementLevel": level, **rule.example_settings}
    analyzer.configure({rule.name: settings})
    resources = list(shown(rule, example))
    found: list[proto.AnalyzeDiagnostic] = []
    for each in resources:
        found += analyzer.servicer.Analyze(each.as_request(), None).diagnostics
    request = proto.AnalyzeStackRequest(resources=[r.as_resource() for r in resources])
    found += analyzer.servicer.AnalyzeStack(request, None).diagnostics
    return [each for each in found if each.policyName == rule.name]


def _judge_configuration(rule: Rule, example: Any) -> list[proto.AnalyzeDiagnostic]:
    """Return what a rule says after a run in which one answer was open."""
    analyzer = Analyzer(today=lambda: date(2026, 5, 1))
    try:
        analyzer.configure(example)
    except AbortedCall as refused:
        return [proto.AnalyzeDiagnostic(policyName=rule.name, message=str(refused))]
    workspace = Planned(
        "machinelearningservices:Workspace",
        "laboratory",
        {"publicNetworkAccess": UNKNOWN},
    )
    response = analyzer.analyze_stack([Rendered(workspace, workspace.inputs, {}, "")])
    return [each for each in response.diagnostics if each.policyName == rule.name]


@dataclass(frozen=True)
class Shown:
    """One resource of an example, as the engine knows it after the deployment."""

    token: str
    name: str
    properties: dict[str, Any]
    edges: dict[str, list[str]]
    options: Mapping[str, Any]
    parent: str

    def as_request(self) -> Any:
        """Return it as it is registered."""
        return proto.AnalyzeRequest(**self._fields())

    def as_resource(self) -> Any:
        """Return it as a part of its stack."""
        return proto.AnalyzerResource(
            **self._fields(),
            parent=self.parent,
            propertyDependencies={
                key: proto.AnalyzerPropertyDependencies(urns=urns)
                for key, urns in self.edges.items()
            },
        )

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "type": self.token,
            "urn": _urn(self.token, self.name),
            "name": self.name,
            "properties": struct(self.properties),
            "options": proto.AnalyzerResourceOptions(
                protect=self.options.get("protect", False),
                ignoreChanges=self.options.get("ignoreChanges", ()),
            ),
        }
        if "provider" in self.options:
            fields["provider"] = proto.AnalyzerProviderResource(
                type="pulumi:providers:azure-native",
                name="explicit",
                urn=_urn("pulumi:providers:azure-native", "explicit"),
                properties=struct(self.options["provider"]),
            )
        return fields


def shown(rule: Rule, example: Example) -> Iterator[Shown]:
    """Yield the resources of an example."""
    if isinstance(example, Mapping):
        example = [{"type": rule.types[0], "name": "example", "properties": example}]
    by_name = {row["name"]: row for row in example}
    for row in example:
        options = row.get("options", {})
        parent = options.get("parent")
        properties = row.get("properties", {})
        yield Shown(
            token=_token(row["type"]),
            name=row["name"],
            properties=_rendered(properties, by_name),
            edges={
                key: [_urn_of(by_name[name]) for name in dict.fromkeys(_named(value))]
                for key, value in properties.items()
            },
            options=options,
            parent=_urn_of(by_name[parent]) if parent else "",
        )


def _token(type_name: str) -> str:
    return type_name if type_name.count(":") > 1 else f"azure-native:{type_name}"


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


def _urn_of(row: Mapping[str, Any]) -> str:
    return _urn(_token(row["type"]), row["name"])


def _rendered(value: Any, by_name: Mapping[str, Mapping[str, Any]]) -> Any:
    match value:
        case {"ref": name, **rest}:
            return _id(by_name[name], rest.get("suffix", ""))
        case Mapping():
            return {key: _rendered(each, by_name) for key, each in value.items()}
        case list() | tuple():
            return [_rendered(each, by_name) for each in value]
    return value


def _id(row: Mapping[str, Any], suffix: str) -> str:
    """Return the id of a resource; the unknown one where its names are not given."""
    identity = IDENTITIES.get(row["type"].lower())
    properties = row.get("properties", {})
    if identity is None or not all(key in properties for key in identity.names):
        return UNKNOWN
    namespace, *parts = identity.type.split("/")
    names = (properties[key] for key in identity.names)
    path = "/".join(f"{part}/{name}" for part, name in zip(parts, names, strict=True))
    group = properties.get("resourceGroupName", "rg")
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/"
        f"{namespace}/{path}{suffix}"
    )


def _named(value: Any) -> Iterable[str]:
    match value:
        case {"ref": name}:
            yield name
        case {**entries}:
            for each in entries.values():
                yield from _named(each)
        case list() | tuple():
            for each in value:
                yield from _named(each)

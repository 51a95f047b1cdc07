"""Speaks to the engine: the SDK's analyzer, with the rules run by ``Pack``.

The SDK decodes a resource once per policy and turns every unknown value into an
advisory. Its analyzer is therefore subclassed, and the subclass takes its place before
``PolicyPack`` starts it: names, levels and configuration stay those of the SDK's
policies. This leans on private names of pulumi_policy, which is pinned for it; a test
holds what is used.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, ClassVar

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import (
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)
from pulumi_policy import policy as sdk

from azureml_policies._frame import remedies
from azureml_policies._frame.configuration import ConfigurationError
from azureml_policies._frame.exemptions import utc_today
from azureml_policies._frame.pack import Judgement, Pack, Status, Verdict
from azureml_policies._frame.resources import (
    Edges,
    Options,
    Provider,
    Resource,
    Stack,
)
from azureml_policies._frame.rules import Rule
from azureml_policies._frame.verdicts import (
    VARIABLE,
    VerdictFile,
    verdict_file_from_environment,
)

_OTHER_TYPE = "judges other types"
_STACK_BYTES = 64 << 20
"""Of each thread: protobuf reads nested values by recursion, and what a saved state may
nest (10,000 levels, the most that Go reads) ends a process with an ordinary stack."""


class PolicyServicer(sdk._PolicyAnalyzerServicer):
    """Answers the engine's calls with the verdicts of a ``Pack``."""

    rules: ClassVar[tuple[Rule, ...]] = ()
    today: ClassVar[Callable[[], date]] = staticmethod(utc_today)

    def __init__(self, name: str, version: str, *rest: Any) -> None:
        super().__init__(name, version, *rest)
        self._name = name
        self._version = version
        self._pack = Pack(self.rules, self.today)
        self._verdict_file: VerdictFile | None = None
        self._not_applicable: dict[str, proto.AnalyzeResponse] = {}

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Take levels and settings; a fault in them ends the run with its text."""
        given = request.policyConfig
        levels = {
            name: self._convert_enforcement_level(given[name].enforcementLevel)
            for name in given
        }
        settings = {
            name: json_format.MessageToDict(given[name].properties) for name in given
        }
        try:
            self._pack.configure(levels, settings)
            self._start_verdict_file()
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except OSError as error:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"{VARIABLE}: {error.filename}: {error.strerror}; "
                "name a file that can be written",
            )
        self._not_applicable = {}
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judge one resource by its inputs, and keep them for the stack rules."""
        resource = _resource(request)
        self._pack.keep(resource)
        response = self._response(self._pack.judge_resource(resource), with_urn=False)
        response.MergeFrom(self._other_rules(resource.key))
        return response

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Judge the stack by the inputs kept, and by outputs where none were seen."""
        stack = Stack(
            (self._pack.kept(message.urn) or _resource(message), _edges(message))
            for message in sorted(request.resources, key=lambda each: each.urn)
        )
        return self._response(self._pack.judge_stack(stack), with_urn=True)

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Mend what the rules at the level ``remediate`` find; others do nothing."""
        response = proto.RemediateResponse()
        properties = struct_pb2.Struct()
        for rule in self._pack.to_remedy(_resource(request)):
            if not response.remediations:
                properties.CopyFrom(request.properties)
            settings = self._pack.settings(rule)
            if remedies.apply(rule.remedy, properties, settings):
                response.remediations.append(
                    proto.Remediation(
                        policyName=rule.name,
                        policyPackName=self._name,
                        policyPackVersion=self._version,
                        description=rule.description,
                        properties=properties,
                    )
                )
        return response

    def _start_verdict_file(self) -> None:
        if self._verdict_file is None:
            self._verdict_file = verdict_file_from_environment()
        if self._verdict_file is not None:
            self._verdict_file.write(
                [{"rules": [_about(rule, self._pack) for rule in self.rules]}]
            )

    def _response(self, judgement: Judgement, *, with_urn: bool) -> Any:
        response = proto.AnalyzeResponse(
            diagnostics=[
                self._diagnostic(verdict, with_urn=with_urn)
                for verdict in judgement.verdicts
                if verdict.reported
            ],
            not_applicable=[
                proto.PolicyNotApplicable(policy_name=name, reason=reason)
                for name, reason in judgement.not_applicable
            ],
        )
        if self._verdict_file is not None:
            self._verdict_file.write(verdict.record() for verdict in judgement.verdicts)
        return response

    def _diagnostic(self, verdict: Verdict, *, with_urn: bool) -> Any:
        rule = verdict.rule
        return proto.AnalyzeDiagnostic(
            policyName=rule.name,
            policyPackName=self._name,
            policyPackVersion=self._version,
            description=rule.description,
            message=_text(verdict),
            urn=verdict.urn if with_urn else "",
            enforcementLevel=self._map_enforcement_level(verdict.level),
            severity=self._map_severity(rule.severity),
        )

    def _other_rules(self, key: str) -> Any:
        """Return the rules that do not concern type ``key``, as the engine counts.

        In a response of their own: merging one is quicker than adding them one by one.
        """
        if key not in self._not_applicable:
            self._not_applicable[key] = proto.AnalyzeResponse(
                not_applicable=[
                    proto.PolicyNotApplicable(policy_name=name, reason=_OTHER_TYPE)
                    for name in self._pack.others(key)
                ]
            )
        return self._not_applicable[key]


def serve(name: str, rules: Iterable[Rule], *, description: str) -> None:
    """Run the pack until the engine ends it; prints the port on standard output."""
    chosen = tuple(rules)
    sdk._PolicyAnalyzerServicer = servicer_for(chosen)
    threading.stack_size(_STACK_BYTES)
    PolicyPack(name, [as_policy(rule) for rule in chosen], description=description)


def servicer_for(
    rules: Iterable[Rule], today: Callable[[], date] = utc_today
) -> type[PolicyServicer]:
    """Return the analyzer class that ``PolicyPack`` is to start for ``rules``.

    ``today`` decides which exemptions are over.
    """
    about = {"rules": tuple(rules), "today": staticmethod(today)}
    return type("PackServicer", (PolicyServicer,), about)


def as_policy(rule: Rule) -> Policy:
    """Return the SDK's policy object that announces ``rule`` to the engine."""
    kind = StackValidationPolicy if rule.whole_stack else ResourceValidationPolicy
    benchmark = next(iter(rule.controls), None)
    return kind(
        name=rule.name,
        description=rule.description,
        validate=_run_by_the_frame,
        enforcement_level=rule.level,
        config_schema=PolicyConfigSchema(rule.schema),
        display_name=f"{rule.id} {rule.name}",
        severity=rule.severity,
        framework=benchmark
        and PolicyComplianceFramework(
            name=benchmark.framework, reference=benchmark.code
        ),
        tags=[
            rule.id,
            *(f"{control.framework} {control.code}" for control in rule.controls),
            *(f"azure-policy:{identifier}" for identifier in rule.azure_policies),
            *rule.twins,
        ],
        remediation_steps=rule.steps,
        url=rule.url,
    )


def _run_by_the_frame(args: Any, report_violation: Any) -> None:
    raise RuntimeError("start the pack with azureml_policies.serve()")


def _text(verdict: Verdict) -> str:
    """Return what the engine shows: the description's line, then the finding's."""
    answer = verdict.message
    if verdict.status is Status.UNDECIDED:
        answer = f"undecided: {answer}"
    if verdict.exemption is not None:
        answer = f"exempt: {answer} ({verdict.exemption.text})"
    return f"{verdict.rule.description}\n{answer}"


def _resource(message: Any) -> Resource:
    """Return the resource of an AnalyzeRequest or an AnalyzerResource."""
    return Resource(
        urn=message.urn,
        type=message.type,
        name=message.name,
        properties=message.properties,
        provider_properties=(
            message.provider.properties if message.HasField("provider") else None
        ),
        options=Options(message.options.protect, tuple(message.options.ignoreChanges)),
        provider=Provider(
            message.provider.type, message.provider.urn, message.provider.name
        ),
    )


def _edges(message: Any) -> Edges:
    return Edges(
        parent=message.parent,
        properties={
            key: tuple(value.urns)
            for key, value in message.propertyDependencies.items()
        },
    )


def _about(rule: Rule, pack: Pack) -> dict[str, str]:
    return {
        "rule": rule.id,
        "name": rule.name,
        "level": pack.level(rule).value,
        "severity": rule.severity.value,
        "description": rule.description,
    }

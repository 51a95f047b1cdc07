"""Calls the policy pack as the engine does: protobuf messages into its analyzer."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import grpc
from google.protobuf import struct_pb2
from policy_plans import NOTHING_TOLD, UNKNOWN, Planned, Rendered, Told
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel

from azureml_policies import (
    NAME,
    RULES,
    private_dns,
    private_endpoint_names,
    private_endpoints,
)
from azureml_policies._frame import rules_of
from azureml_policies._frame.exemptions import utc_today
from azureml_policies._frame.servicer import as_policy, servicer_for

ENDPOINT_RULES = rules_of(private_endpoints, private_endpoint_names, private_dns)
"""The rules that a plan of endpoints and their zones is about."""


class AbortedCall(Exception):
    """The pack ended the call."""


class CallContext:
    """What gRPC hands to a servicer: here for ``abort`` only."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedCall(f"{code.name}: {details}")


def struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return ``properties`` as the engine sends them."""
    message = struct_pb2.Struct()
    message.update(properties)
    return message


def as_sent(value: Any) -> Any:
    """Return a value of a plan as the engine sends it."""
    if value == {"unknown": True}:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: as_sent(each) for key, each in value.items()}
    return [as_sent(each) for each in value] if isinstance(value, list) else value


def plan_request(
    each: Mapping[str, Any], inputs: Mapping[str, Any] | None = None
) -> proto.AnalyzeRequest:
    """Return the call about a resource of a plan, or about it with other inputs."""
    return proto.AnalyzeRequest(
        type=each["type"],
        urn=each["urn"],
        name=each["name"],
        properties=struct(as_sent(each["inputs"] if inputs is None else inputs)),
    )


def plan_resource(each: Mapping[str, Any]) -> proto.AnalyzerResource:
    """Return a resource of a plan as a call about the whole stack has it."""
    return proto.AnalyzerResource(
        type=each["type"],
        urn=each["urn"],
        name=each["name"],
        parent=each["parent"] or "",
        propertyDependencies={
            key: proto.AnalyzerPropertyDependencies(urns=urns)
            for key, urns in each["propertyDependencies"].items()
        },
    )


def with_levels(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a configuration file's content with each level beside settings."""
    return {
        name: dict(value) if isinstance(value, Mapping) else {"enforcementLevel": value}
        for name, value in given.items()
    }


class Analyzer:
    """The pack's analyzer, called as the engine calls it."""

    def __init__(
        self, rules: Iterable[Any] = RULES, today: Callable[[], date] = utc_today
    ) -> None:
        self.rules = tuple(rules)
        self.servicer = servicer_for(self.rules, today)(
            NAME,
            "0.0.1",
            [as_policy(rule) for rule in self.rules],
            EnforcementLevel.ADVISORY,
        )

    def configure(self, configuration: Mapping[str, Any]) -> None:
        """Send a configuration as the engine does: a level for every policy."""
        request = proto.ConfigureAnalyzerRequest()
        levels = {rule.name: rule.level.value for rule in self.rules}
        for name in {*levels, *configuration}:
            given = dict(configuration.get(name, {}))
            level = given.pop("enforcementLevel", levels.get(name, "advisory"))
            request.policyConfig[name].enforcementLevel = getattr(proto, level.upper())
            request.policyConfig[name].properties.update(given)
        self.servicer.Configure(request, CallContext())

    def analyze(
        self,
        type: str,
        inputs: Mapping[str, Any],
        name: str = "it",
        told: Told = NOTHING_TOLD,
    ) -> proto.AnalyzeResponse:
        """Judge one resource."""
        request = _request(Planned(type, name, told=told), inputs)
        return self.servicer.Analyze(request, CallContext())

    def remediate(
        self, type: str, inputs: Mapping[str, Any]
    ) -> proto.RemediateResponse:
        """Ask for changes of one resource."""
        request = _request(Planned(type, "it"), inputs)
        return self.servicer.Remediate(request, CallContext())

    def analyze_stack(
        self,
        resources: Iterable[Rendered],
        *,
        outputs_only: bool = False,
        subscription: str = "",
    ) -> proto.AnalyzeResponse:
        """Judge a stack, after each of its resources as the engine does.

        ``outputs_only``: the resources were not registered in this run.
        ``subscription``: the one that the provider is configured with.
        """
        messages = []
        for each in resources:
            if not outputs_only:
                request = _request(each.planned, each.inputs)
                if subscription:
                    request.provider.properties["subscriptionId"] = subscription
                self.servicer.Analyze(request, CallContext())
            messages.append(
                proto.AnalyzerResource(
                    type=each.planned.token,
                    urn=each.planned.urn,
                    name=each.planned.name,
                    properties=struct(each.inputs if outputs_only else {}),
                    parent=each.parent,
                    propertyDependencies={
                        key: proto.AnalyzerPropertyDependencies(urns=urns)
                        for key, urns in each.edges.items()
                    },
                )
            )
        request = proto.AnalyzeStackRequest(resources=messages)
        return self.servicer.AnalyzeStack(request, CallContext())


def _request(planned: Planned, inputs: Mapping[str, Any]) -> proto.AnalyzeRequest:
    told = planned.told
    request = proto.AnalyzeRequest(
        type=planned.token,
        urn=planned.urn,
        name=planned.name,
        properties=struct(inputs),
        options=proto.AnalyzerResourceOptions(
            protect=told.protect, ignoreChanges=told.ignore_changes
        ),
    )
    if told.provider:
        kind = "pulumi:providers:azure-native"
        request.provider.type = kind
        request.provider.name = told.provider
        request.provider.urn = f"urn:pulumi:dev::project::{kind}::{told.provider}"
        request.provider.properties.update(told.provider_inputs)
    return request


def answers(response: proto.AnalyzeResponse, name: str) -> set[str]:
    """Return what the policy ``name`` answered: one or more of the answers.

    What its own approvals allow is told, and is no answer.
    """
    found = {
        "undecided" if "\nundecided: " in each.message else "violated"
        for each in response.diagnostics
        if each.policyName == name and "\nexempt: " not in each.message
    }
    if any(each.policy_name == name for each in response.not_applicable):
        found.add("not applicable")
    return found or {"satisfied"}


def messages(response: proto.AnalyzeResponse, name: str) -> list[str]:
    """Return the messages of the policy ``name``."""
    return [each.message for each in response.diagnostics if each.policyName == name]

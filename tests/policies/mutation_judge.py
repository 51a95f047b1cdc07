"""Judges mutated plans through the calls of the engine, with as little work as goes.

The rules on one resource are asked first, then those on the stack, at last those on its
reachability: whatever first says something new has caught the mutation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plan_mutations import Mutation
from policy_calls import (
    Analyzer,
    CallContext,
    plan_request,
    plan_resource,
    with_levels,
)
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2

from azureml_policies import RULES
from azureml_policies._frame import Rule
from azureml_policies._frame.type_keys import type_key
from azureml_reachability.deciding_inputs import DECIDING_TYPES

Said = set[tuple[str, str, str, bool]]
"""Policy, resource and message, and whether it stops the run."""


@dataclass(frozen=True)
class Caught:
    """What the pack says new about a mutation."""

    policies: frozenset[str]
    stops: bool
    """Whether one of them is mandatory here."""

    def __bool__(self) -> bool:
        """Whether anything is said at all."""
        return bool(self.policies)


_PACKETS = ("SG", "NR")
_BASELINE = "NR010"
_ON_STACK = [rule for rule in RULES if rule.whole_stack and not rule.of_the_run]
KINDS: tuple[list[Rule], ...] = (
    [rule for rule in RULES if not rule.whole_stack],
    [rule for rule in _ON_STACK if not rule.id.startswith(_PACKETS)],
    [rule for rule in _ON_STACK if rule.id.startswith("SG")],
    [rule for rule in _ON_STACK if rule.id.startswith("NR") and rule.id != _BASELINE],
    [rule for rule in RULES if rule.id == _BASELINE],
)
"""What is asked first comes first; rules about packets take most of the time."""


class Judge:
    """A plan, judged once as it is, and then with one resource changed at a time."""

    def __init__(
        self, resources: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]
    ) -> None:
        self._plan = {each["urn"]: each for each in resources}
        self._messages = {urn: plan_resource(each) for urn, each in self._plan.items()}
        self._analyzers = [_analyzer(rules, settings) for rules in KINDS]
        self._may_stop = [
            any(_level(rule, settings) == "mandatory" for rule in rules)
            for rules in KINDS
        ]
        self._said_of = {
            urn: self._of_resource(urn, each["inputs"])
            for urn, each in self._plan.items()
        }
        self._said_of_stack = [
            self._of_stack(kind, "") for kind in range(1, len(KINDS))
        ]

    def catching(self, mutation: Mutation) -> Caught:
        """Return what is said new about a mutation.

        Asked until a mandatory rule says something; what would come later is left out.
        """
        policies: set[str] = set()
        stops = False
        for kind in self._asked(mutation):
            if stops or (policies and not self._may_stop[kind]):
                continue
            new = self._new(mutation, kind)
            policies |= {policy for policy, *_ in new}
            stops = any(is_mandatory for *_, is_mandatory in new)
        self._keep(mutation.urn, self._plan[mutation.urn]["inputs"])
        return Caught(frozenset(policies), stops)

    def _asked(self, mutation: Mutation) -> Iterable[int]:
        """Return the kinds of rules that a mutation is a matter of."""
        first = 0 if mutation.inputs is not None else 1
        about_packets = type_key(mutation.type) in DECIDING_TYPES
        return range(first, len(KINDS) if about_packets else 2)

    def _new(self, mutation: Mutation, kind: int) -> Said:
        """Return what rules of one kind say new."""
        urn, changed = mutation.urn, mutation.inputs
        if kind == 0 and changed is not None:
            return self._of_resource(urn, changed) - self._said_of[urn]
        gone = urn if changed is None else ""
        return self._of_stack(kind, gone) - self._said_of_stack[kind - 1]

    def _of_resource(self, urn: str, inputs: Mapping[str, Any]) -> Said:
        return _said(self._keep(urn, inputs), urn)

    def _keep(self, urn: str, inputs: Mapping[str, Any]) -> Any:
        """Tell all analyzers of a resource; returns what the first one says."""
        each = self._plan[urn]
        request = plan_request(each, inputs)
        responses = [
            analyzer.servicer.Analyze(request, CallContext())
            for analyzer in self._analyzers
        ]
        return responses[0]

    def _of_stack(self, kind: int, gone: str) -> Said:
        request = proto.AnalyzeStackRequest(
            resources=[
                message for urn, message in self._messages.items() if urn != gone
            ]
        )
        analyzer = self._analyzers[kind]
        return _said(analyzer.servicer.AnalyzeStack(request, CallContext()), "")


def _level(rule: Rule, settings: Mapping[str, Any]) -> str:
    given = settings.get(rule.name, {})
    own = given.get("enforcementLevel") if isinstance(given, Mapping) else given
    return str(own or rule.level.value)


def _analyzer(rules: Iterable[Rule], settings: Mapping[str, Any]) -> Analyzer:
    analyzer = Analyzer(rules)
    names = {rule.name for rule in analyzer.rules}
    configured = with_levels(settings)
    analyzer.configure({name: configured[name] for name in names & configured.keys()})
    return analyzer


def _said(response: Any, urn: str) -> Said:
    return {
        (
            each.policyName,
            each.urn or urn,
            each.message,
            each.enforcementLevel != analyzer_pb2.ADVISORY,
        )
        for each in response.diagnostics
    }

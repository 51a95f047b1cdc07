"""Judges mutated plans through the calls of the engine, with as little work as goes.

The rules on one resource are asked first, then those on the stack, at last those on its
reachability: whatever first says something new has caught the mutation.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from plan_mutations import Mutation
from policy_calls import Analyzer, CallContext, struct
from policy_plans import UNKNOWN
from pulumi.runtime import proto

from azureml_policies import RULES
from azureml_policies._frame import Rule

Said = set[tuple[str, str, str]]
"""Policy, resource and message."""


_PACKETS = ("SG", "NR")
_ON_STACK = [rule for rule in RULES if rule.whole_stack and not rule.of_the_run]
KINDS: tuple[list[Rule], ...] = (
    [rule for rule in RULES if not rule.whole_stack],
    [rule for rule in _ON_STACK if not rule.id.startswith(_PACKETS)],
    [rule for rule in _ON_STACK if rule.id.startswith("SG")],
    [rule for rule in _ON_STACK if rule.id.startswith("NR")],
)
"""What is asked first comes first; rules about packets take most of the time."""
_DECIDES_PACKETS = tuple(
    f"azure-native:{each}"
    for each in (
        "machinelearningservices:Compute",
        "network:AzureFirewall",
        "network:BastionHost",
        "network:FirewallPolicy",
        "network:FirewallPolicyRuleCollectionGroup",
        "network:LocalNetworkGateway",
        "network:NetworkInterface",
        "network:NetworkSecurityGroup",
        "network:PrivateEndpoint",
        "network:PublicIPAddress",
        "network:RouteTable",
        "network:Subnet",
        "network:VirtualNetwork",
        "network:VirtualNetworkGateway",
    )
)
"""Types that say who reaches whom."""


class Judge:
    """A plan, judged once as it is, and then with one resource changed at a time."""

    def __init__(
        self, resources: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]
    ) -> None:
        self._plan = {each["urn"]: each for each in resources}
        self._messages = {urn: _stack_message(each) for urn, each in self._plan.items()}
        self._analyzers = [_analyzer(rules, settings) for rules in KINDS]
        self._said_of = {
            urn: self._of_resource(urn, each["inputs"])
            for urn, each in self._plan.items()
        }
        self._said_of_stack = [
            self._of_stack(kind, "") for kind in range(1, len(KINDS))
        ]

    def catching(self, mutation: Mutation) -> set[str]:
        """Return the policies that say something new about a mutation."""
        urn, changed = mutation.urn, mutation.inputs
        if changed is not None:
            new = self._of_resource(urn, changed) - self._said_of[urn]
            if new:
                self._keep(urn, self._plan[urn]["inputs"])
                return {policy for policy, _, _ in new}
        kinds = range(1, len(KINDS) if mutation.type in _DECIDES_PACKETS else 2)
        caught: set[str] = set()
        for kind in kinds:
            gone = urn if changed is None else ""
            new = self._of_stack(kind, gone) - self._said_of_stack[kind - 1]
            if new:
                caught = {policy for policy, _, _ in new}
                break
        self._keep(urn, self._plan[urn]["inputs"])
        return caught

    def _of_resource(self, urn: str, inputs: Mapping[str, Any]) -> Said:
        return _said(self._keep(urn, inputs), urn)

    def _keep(self, urn: str, inputs: Mapping[str, Any]) -> Any:
        """Tell all analyzers of a resource; returns what the first one says."""
        each = self._plan[urn]
        request = proto.AnalyzeRequest(
            type=each["type"],
            urn=urn,
            name=each["name"],
            properties=struct(_as_sent(inputs)),
        )
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


def _analyzer(rules: Iterable[Rule], settings: Mapping[str, Any]) -> Analyzer:
    analyzer = Analyzer(rules)
    names = {rule.name for rule in analyzer.rules}
    analyzer.configure(
        {
            name: given if isinstance(given, Mapping) else {"enforcementLevel": given}
            for name, given in settings.items()
            if name in names
        }
    )
    return analyzer


def _said(response: Any, urn: str) -> Said:
    return {
        (each.policyName, each.urn or urn, each.message)
        for each in response.diagnostics
    }


def _stack_message(each: Mapping[str, Any]) -> Any:
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


def _as_sent(value: Any) -> Any:
    """Return a value of a plan as the engine sends it."""
    if value == {"unknown": True}:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _as_sent(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_sent(each) for each in value]
    return value

"""The rules on the pack itself: what it could not tell, its exemptions, its settings.

They are judged on the stack after all others, from what the frame knows about the run.
"""

from collections import defaultdict
from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame.configuration import (
    CONFIGURATION_KNOWN,
    EXEMPTIONS_VALID,
    UNKNOWN_VALUE,
)
from azureml_policies._frame.exemptions import EXEMPTIONS, MAX_DAYS, MAX_RESOURCES
from azureml_policies._frame.findings import Finding, Violation
from azureml_policies._frame.resources import Resource
from azureml_policies._frame.rules import Context, Control, stack_rule

_MCSB = "Microsoft cloud security benchmark"
_EXEMPTION = {
    "rule": "ML001",
    "resource": "azure-native:machinelearningservices:Workspace::laboratory",
    "owner": "network-team",
    "reason": "closed with change 4711",
    "expires": "2026-06-30",
    "category": "Waiver",
}


@stack_rule(
    id="PU005",
    name=UNKNOWN_VALUE,
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    of_the_run=True,
    steps="Give the value that decides as one that the program knows, or exempt the "
    "resource with owner and expiry, instead of setting onUnknown to ignore. What this "
    "policy's own onUnknown is set to counts for every policy that sets none.",
    url="https://www.pulumi.com/docs/iac/concepts/inputs-outputs/",
    bad={"ml-workspace-no-public-access": {"onUnknown": "ignore"}},
    good={"ml-workspace-no-public-access": {"onUnknown": "advisory"}},
)
def unknown_security_value(stack: Resource, context: Context) -> Iterator[Finding]:
    """No answer that is still open is passed over in silence."""
    if context.settings["onUnknown"] == "ignore":
        return
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for verdict in context.run.ignored:
        by_rule[verdict.rule.name].append(f"{verdict.urn} {verdict.path}".strip())
    for name, places in by_rule.items():
        yield Violation(
            "",
            f"{name}.onUnknown is 'ignore', and {len(places)} of its answers are "
            f"undecided, the first at {places[0]}; set it to 'advisory', or exempt the "
            "resources",
        )


@stack_rule(
    id="PU006",
    name=EXEMPTIONS_VALID,
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(),
    of_the_run=True,
    controls=(Control(_MCSB, "GS-3", confirmed=False),),
    settings={
        EXEMPTIONS: {
            "type": "array",
            "items": {"type": "object"},
            "default": [],
            "description": "Findings that may stand, each an object with rule, "
            "resource, owner, reason, expires and category",
        },
        MAX_DAYS: {
            "type": "integer",
            "minimum": 1,
            "default": 180,
            "description": "How many days ahead an exemption may expire",
        },
        MAX_RESOURCES: {
            "type": "integer",
            "minimum": 1,
            "default": 5,
            "description": "How many resources one exemption may mean",
        },
    },
    twins=("psrule:SuppressionGroup", "trivy:expired_at"),
    steps="Correct the exemption at the path that the message names, or remove it: an "
    "exemption with a fault exempts nothing.",
    url="https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure",
    bad={EXEMPTIONS_VALID: {EXEMPTIONS: [{**_EXEMPTION, "resource": "*"}]}},
    good={EXEMPTIONS_VALID: {EXEMPTIONS: [_EXEMPTION]}},
)
def exemption_valid(stack: Resource, context: Context) -> Iterator[Finding]:
    """Every exemption has rule, resource, owner, reason and expiry, and is needed."""
    exemptions = context.run.exemptions
    limit = context.settings[MAX_RESOURCES]
    for path, message in (
        *exemptions.faults,
        *exemptions.unused(context.stack),
        *exemptions.too_broad(context.stack, limit),
    ):
        yield Violation(path, message)


@stack_rule(
    id="PU010",
    name=CONFIGURATION_KNOWN,
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(),
    of_the_run=True,
    controls=(Control(_MCSB, "GS-3", confirmed=False),),
    steps="Correct the name or the value. While this policy is mandatory, a fault ends "
    "the run before anything is judged; while it is advisory, the faulty setting is "
    "left out.",
    url="https://www.pulumi.com/docs/insights/policy/",
    bad={"ml-workspace-no-public-acces": {"onUnknown": "advisory"}},
    good={"ml-workspace-no-public-access": {"onUnknown": "advisory"}},
)
def policy_config_known(stack: Resource, context: Context) -> Iterator[Finding]:
    """Every policy, property and value in the pack's configuration exists."""
    for fault in context.run.configuration_faults:
        path, _, message = fault.partition(": ")
        yield Violation(path, message)

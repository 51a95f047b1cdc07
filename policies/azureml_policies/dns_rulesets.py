"""The rule on forwarding rulesets: one without rules or networks forwards nothing."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned

RULESET = "dnsresolver:DnsForwardingRuleset"
FORWARDING_RULE = "dnsresolver:ForwardingRule"
NETWORK_LINK = "dnsresolver:PrivateResolverVirtualNetworkLink"

_OF = "dnsForwardingRulesetName"
_STATE = "forwardingRuleState"


def _example(*further: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    ruleset = {
        "type": RULESET,
        "name": "ruleset",
        "properties": {"resourceGroupName": "rg", _OF: "company"},
    }
    return (ruleset, *further)


def _part(type_name: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": type_name,
        "name": type_name.partition(":")[2],
        "properties": {"resourceGroupName": "rg", _OF: "company", **properties},
    }


@stack_rule(
    id="DN006",
    name="dns-ruleset-complete",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(RULESET,),
    settings={
        "linkedElsewhere": {
            "type": "boolean",
            "default": False,
            "description": "Whether other stacks link their networks to the rulesets "
            "of this one",
        }
    },
    controls=(assigned("NS-10"),),
    steps="Add a dnsresolver.ForwardingRule that is enabled, and a "
    "dnsresolver.PrivateResolverVirtualNetworkLink for each network that asks by it.",
    url="https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets",
    bad=_example(_part(FORWARDING_RULE, domainName="corp.contoso.com.")),
    good=_example(
        _part(FORWARDING_RULE, domainName="corp.contoso.com."), _part(NETWORK_LINK)
    ),
)
def ruleset_is_complete(ruleset: Resource, context: Context) -> Iterator[Finding]:
    """A forwarding ruleset has a rule that counts, and a network that asks by it."""
    stack = context.stack
    yield from _has(
        stack, ruleset, FORWARDING_RULE, "no forwarding rule that is enabled"
    )
    if not context.settings["linkedElsewhere"]:
        yield from _has(stack, ruleset, NETWORK_LINK, "no network link")


def _has(
    stack: Stack, ruleset: Resource, type_name: str, missing: str
) -> Iterator[Finding]:
    open_to: Reading | None = None
    for part in stack.of_type(type_name):
        state = part.value(_STATE)
        if isinstance(state, Known) and state.is_any_of(("Disabled",)):
            continue
        reference = stack.resolve(part, part.value(_OF), RULESET)
        if reference.certain is ruleset and not isinstance(state, Unknown):
            return
        if reference.certain is ruleset:
            open_to = state
        elif reference.may_be(ruleset):
            open_to = reference.reading
    message = (
        f"'{ruleset.name}' has {missing}, so that its names are not found; add one"
    )
    yield undecided(open_to, message) if open_to else Violation("", message)

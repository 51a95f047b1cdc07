"""The rule for how much Azure takes in one security group.

Azure refuses what is too much when the group is made, after half of a stack exists.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._group_examples import example_rule
from azureml_policies._groups import GROUP, planned_group
from azureml_rulebook.traffic_rules import (
    MOST_ADDRESSES_ON_A_SIDE,
    MOST_APPLICATION_SECURITY_GROUPS,
    MOST_GROUPS_ON_A_SIDE,
    MOST_RULES,
)

_LIMITS_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/"
    "azure-subscription-service-limits"
)
_SIDES = ("source", "destination")


@stack_rule(
    id="SG007",
    name="nsg-limits",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(GROUP,),
    steps="Merge rules, or write several ranges as one wider range or as a tag.",
    url=_LIMITS_PAGE,
    bad={
        "securityRules": [
            example_rule(
                sourceAddressPrefix=None,
                sourceApplicationSecurityGroups=[
                    {"id": f"/groups/asg-{number}"} for number in range(11)
                ],
            )
        ]
    },
    good={"securityRules": [example_rule()]},
)
def group_limits(subject: Resource, context: Context) -> Iterator[Finding]:
    """A group is within Azure's limits."""
    group = planned_group(context.stack, subject)
    rules = group.rules.rules
    counts: list[tuple[str, int, int]] = [("rules", len(rules), MOST_RULES)]
    named: set[str] = set()
    for side in _SIDES:
        total = sum(len(getattr(rule, f"{side}s")) for rule in rules)
        counts.append((f"{side} ranges", total, MOST_ADDRESSES_ON_A_SIDE))
        for rule in rules:
            groups = getattr(rule, f"{side}_groups")
            named.update(groups)
            what = f"{side} application security groups in rule '{rule.name}'"
            counts.append((what, len(groups), MOST_GROUPS_ON_A_SIDE))
    what = "application security groups"
    counts.append((what, len(named), MOST_APPLICATION_SECURITY_GROUPS))
    for what, number, most in counts:
        if number > most:
            message = f"the group has {number} {what}; Azure takes {most}"
            yield Violation("securityRules", f"{message}, merge some")
    for missing in group.rules.missing:
        yield Undecided(
            missing.path, f"{missing}, and the group may have further rules; set it"
        )

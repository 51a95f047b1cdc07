"""Rules for how security groups end: what no rule decides, Azure's own rules do.

They let in the whole network, its peers and sites, and let out to all of the Internet.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._group_examples import DENY_ALL_IN, DENY_ALL_OUT
from azureml_policies._group_packets import left_to_defaults, openings, witness_of
from azureml_policies._groups import GROUP, RULE, PlannedGroup, planned_group
from azureml_policies._openings import allowed_openings, openings_setting
from azureml_reachability.packets import PacketSet
from azureml_rulebook.aml_traffic import REQUIRED_OUTBOUND
from azureml_rulebook.default_rules import DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tags import INTERNET

_TYPES = (GROUP, RULE)


@stack_rule(
    id="SG004",
    name="nsg-lateral-deny",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_TYPES,
    controls=(assigned("NS-1"),),
    twins=("psrule:Azure.NSG.LateralTraversal",),
    steps="End the inbound rules with a deny of VirtualNetwork to VirtualNetwork, or "
    "of everything: Azure's default rule lets in every subnet, peer and site.",
    url=DEFAULT_RULES_PAGE,
    bad={"securityRules": []},
    good={"securityRules": [DENY_ALL_IN]},
)
def lateral_deny(subject: Resource, context: Context) -> Iterator[Finding]:
    """What no rule lets in from the network is denied by a rule, not let in."""
    group = planned_group(context.stack, subject)
    if group.is_outside:
        raise NotApplicable("the group is judged where it is")
    network = group.surroundings.virtual_network_tag
    question = PacketSet.of(sources=network, destinations=network)
    yield from _decided_by_own_rules(
        group, Direction.INBOUND, question, "AllowVNetInBound"
    )


@stack_rule(
    id="SG005",
    name="nsg-egress-narrow",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_TYPES,
    settings={
        "exceptions": openings_setting("What else may go out to public addresses"),
        "services": openings_setting(
            "What may go out to public addresses: what Azure Machine Learning demands",
            (
                f"{row.tag.partition('.{')[0]} {row.protocol.lower()}/"
                f"{','.join(row.ports)}"
                for row in REQUIRED_OUTBOUND
                if row.tag != INTERNET
            ),
        ),
    },
    controls=(assigned("NS-2"), assigned("DP-2")),
    twins=("trivy:AZU-0051",),
    steps="End the outbound rules with a deny of everything, and allow the service "
    "tags that are needed; list in 'exceptions' what else may go out, such as where a "
    "firewall decides by host names. What Bastion needs passes in a group that guards "
    "the subnet of Bastion and no other.",
    url="https://learn.microsoft.com/azure/machine-learning/"
    "how-to-access-azureml-behind-firewall",
    bad={"securityRules": [DENY_ALL_IN]},
    good={"securityRules": [DENY_ALL_IN, DENY_ALL_OUT]},
)
def egress_narrow(subject: Resource, context: Context) -> Iterator[Finding]:
    """Only what is allowed by name goes out to the Internet."""
    group = planned_group(context.stack, subject)
    surroundings = group.surroundings
    question = PacketSet.of(
        sources=surroundings.virtual_network, destinations=surroundings.internet
    )
    advice = "deny it with a rule of the group, or list it in 'exceptions'"
    allowed = allowed_openings(
        context, group, Direction.OUTBOUND, "services", "exceptions"
    )
    yield from openings(group, Direction.OUTBOUND, question, advice, allowed)


def _decided_by_own_rules(
    group: PlannedGroup, direction: Direction, question: PacketSet, default: str
) -> Iterator[Finding]:
    doubtful, surely = left_to_defaults(group, direction, question)
    packet = surely.witness()
    rule = next(each for each in group.rules.ordered(direction) if each.name == default)
    if packet is not None:
        message = f"no rule of the group decides about {packet}, so that Azure's"
        yield Violation(
            "securityRules",
            f"{message} '{rule}' lets it in; deny what no rule allows",
            witness_of(packet, rule),
        )
    elif doubtful:
        packet = doubtful.witness()
        missing = [
            *group.rules.missing,
            *(each for one in group.rules.rules for each in one.missing),
        ]
        reason = str(missing[0]) if missing else "members of application groups"
        yield Undecided(
            missing[0].path if missing else "securityRules",
            f"{reason}: whether a rule denies {packet} depends on it; give it a value "
            "that the program knows, or deny everything after the allows",
        )

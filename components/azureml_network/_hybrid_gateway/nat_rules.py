"""NAT rules of a VPN gateway: translations for sites whose ranges overlap.

They are part of the gateway's own request: the same rules as resources of their own
would be taken away with its next change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_network._hybrid_gateway.arguments import (
    NatDirection,
    NatKind,
    NatRuleSpec,
)
from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import overlap_findings, read_range
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.nat_rules import (
    dynamic_instance_findings,
    nat_range_findings,
    nat_rule_count_findings,
)

_NAT_RULES = "nat_rules"


@dataclass(frozen=True, kw_only=True)
class NatRulePlan:
    """Addresses that are translated."""

    azure_name: str
    """Name of the rule in the gateway."""
    direction: NatDirection
    kind: NatKind
    internal_range: IPv4Network
    """Before translation."""
    external_range: IPv4Network
    """After translation."""
    instance: str | None
    """The only instance that it is for: `first` or `second`. None: all."""


def read_nat_rules(
    spec: InputReader, size: str, instances: Sequence[str]
) -> dict[str, NatRulePlan]:
    """Read the NAT rules of a gateway, in order of name.

    Args:
        spec: the gateway's inputs.
        size: its size, one that can be made.
        instances: names of its instances that carry traffic.
    """
    readers = dict(sorted(spec.each_optional(_NAT_RULES, NatRuleSpec).items()))
    spec.findings += nat_rule_count_findings(
        size, len(readers), path=f"{spec.path}.{_NAT_RULES}"
    )
    spec.findings += same_name_findings(
        "nat_rule", [(rule.path, name) for name, rule in readers.items()]
    )
    plans = {
        name: plan
        for name, rule in readers.items()
        if (plan := _nat_rule(name, rule, instances)) is not None
    }
    spec.findings += _external_range_findings(plans, f"{spec.path}.{_NAT_RULES}")
    return plans


def _nat_rule(
    name: str, spec: InputReader, instances: Sequence[str]
) -> NatRulePlan | None:
    """Read one rule; None after a finding about its ranges."""
    spec.findings += name_findings("nat_rule", name, path=spec.path)
    if not spec.has("direction"):
        spec.note_missing("direction")
    direction = spec.choice("direction", NatDirection.EGRESS)
    kind = spec.choice("kind", NatKind.STATIC)
    instance = spec.optional_text("instance")
    spec.findings += dynamic_instance_findings(
        instance, instances, dynamic=kind is NatKind.DYNAMIC, path=spec.path
    )
    internal, external = _range(spec, "internal_range"), _range(spec, "external_range")
    if internal is None or external is None:
        return None
    spec.findings += nat_range_findings(
        internal, external, static=kind is NatKind.STATIC, path=spec.path
    )
    return NatRulePlan(
        azure_name=name,
        direction=direction,
        kind=kind,
        internal_range=internal,
        external_range=external,
        instance=instance,
    )


def _range(spec: InputReader, key: str) -> IPv4Network | None:
    text = spec.text(key)
    if not text:
        return None
    found = read_range(text, f"{spec.path}.{key}")
    if isinstance(found, Finding):
        spec.findings.append(found)
        return None
    return found


def _external_range_findings(plans: dict[str, NatRulePlan], path: str) -> list[Finding]:
    """Find sites that would be seen at the same addresses.

    Rules of the two directions, and those of two instances, may share ranges: one range
    of the network may be shown to several sites alike.
    """
    ingress = {
        name: plan
        for name, plan in plans.items()
        if plan.direction is NatDirection.INGRESS
    }
    findings: list[Finding] = []
    for instance in ("first", "second"):
        findings += overlap_findings(
            [
                (f"{path}.{name}.external_range", plan.external_range)
                for name, plan in ingress.items()
                if plan.instance in (None, instance)
            ]
        )
    return list(dict.fromkeys(findings))

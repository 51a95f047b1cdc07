"""Rules for security groups: who gets in, and who gets out.

Each group is read as sets of packets in the order of its priorities, so that a tag, a
list, two halves of all addresses and a deny that comes first are what they mean. A
violation shows a packet and the rule that lets it through.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    NotApplicable,
    Resource,
    Undecided,
    Violation,
    WrongType,
    stack_rule,
)
from azureml_policies._frameworks import CIS_2, MCSB, NIST, assigned
from azureml_policies._group_packets import left_to_defaults, openings, witness_of
from azureml_policies._groups import (
    GROUP,
    RULE,
    PlannedGroup,
    is_for_bastion,
    planned_group,
)
from azureml_policies._openings import (
    SYNTAX,
    allowed_packets,
    openings_setting,
    readable,
)
from azureml_reachability.idle_rules import undecided_before
from azureml_reachability.packets import NO_PACKETS, PacketSet, Protocol
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import rule_of
from azureml_rulebook.aml_traffic import REQUIRED_OUTBOUND
from azureml_rulebook.default_rules import DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import Access, Direction
from azureml_rulebook.service_tags import (
    AZURE_LOAD_BALANCER,
    INTERNET,
    SERVICE_TAGS_PAGE,
    VIRTUAL_NETWORK,
    published_tags,
)
from azureml_rulebook.subnet_traffic import PLATFORM_RULES
from azureml_rulebook.subnets import BASTION

_Read = TypeVar("_Read")

_TYPES = (GROUP, RULE)
_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND
_OWN_TAGS = (INTERNET, VIRTUAL_NETWORK, AZURE_LOAD_BALANCER)
_DENY_ALL_IN = {
    "name": "DenyAllInbound",
    "priority": 4096,
    "direction": "Inbound",
    "access": "Deny",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "*",
}
_DENY_ALL_OUT = {**_DENY_ALL_IN, "name": "DenyAllOutbound", "direction": "Outbound"}


def _example(source: str, port: str, **changes: Any) -> dict[str, Any]:
    """Return a group with one rule that opens a port, and the final denies."""
    rule = {
        **_DENY_ALL_IN,
        "name": "AllowIn",
        "priority": 100,
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "destinationPortRange": port,
        **changes,
    }
    return {"securityRules": [rule, _DENY_ALL_IN, _DENY_ALL_OUT]}


def _ports(key: str, default: Iterable[str], protocol: str) -> dict[str, Any]:
    return {
        key: {
            "type": "array",
            "items": {"type": "string"},
            "default": list(default),
            "description": f"{protocol} ports for management: numbers, or ranges like "
            "'5985-5986'",
        }
    }


@stack_rule(
    id="SG001",
    name="nsg-no-internet-to-management",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=_TYPES,
    settings={
        **_ports("ports", ("22", "3389", "5985-5986", "445", "1433"), "TCP"),
        **_ports("udpPorts", ("3389",), "UDP"),
    },
    controls=(
        assigned("NS-1"),
        Control(MCSB, "NS-3"),
        Control(CIS_2, "6.1"),
        Control(CIS_2, "6.2"),
        Control(NIST, "SC-7"),
    ),
    azure_policies=(
        "22730e10-96f6-4aac-ad84-9383d35b5917",
        "e372f825-a257-4fb8-9175-797a8a8627d6",
        "2c89a2e5-7285-40fe-afe0-ae8654b92fab",
    ),
    twins=(
        "psrule:Azure.NSG.AnyInboundSource",
        "checkov:CKV_AZURE_9",
        "checkov:CKV_AZURE_10",
        "trivy:AZU-0048",
        "trivy:AZU-0050",
        "trivy:AZU-0074",
    ),
    steps="Narrow the rule to private addresses, or reach machines through Bastion. "
    "One block of public addresses counts like the whole Internet.",
    url=DEFAULT_RULES_PAGE,
    bad=_example("0.0.0.0/0", "20-25"),
    good=_example("10.20.0.192/26", "22"),
)
def no_internet_to_management(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nobody on the Internet reaches ports for management."""
    group = planned_group(context.stack, subject)
    question = NO_PACKETS
    for protocol, key in ((Protocol.TCP, "ports"), (Protocol.UDP, "udpPorts")):
        ports = _configured(
            context, key, "ports like '22' or '5985-5986'", lambda s: PortSet.of(*s)
        )
        question |= _from_internet(
            group, protocols=frozenset({protocol}), destination_ports=ports
        )
    advice = "take the Internet out of its sources"
    yield from openings(group, _IN, question, advice)


@stack_rule(
    id="SG002",
    name="nsg-no-internet-inbound",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=_TYPES,
    settings={"exceptions": openings_setting("What may come in from public addresses")},
    controls=(Control(MCSB, "NS-1"), Control(NIST, "SC-7")),
    azure_policies=("9daedab3-fb2d-461e-b861-71790eead4f6",),
    twins=(
        "psrule:Azure.NSG.AnyInboundSource",
        "checkov:CKV_AZURE_160",
        "checkov:CKV_AZURE_77",
        "trivy:AZU-0047",
    ),
    steps="Remove the rule, or list what it opens in 'exceptions'. What Bastion needs "
    "passes in a group that guards the subnet of Bastion and no other.",
    url=DEFAULT_RULES_PAGE,
    bad=_example("Internet", "443"),
    good=_example("10.20.0.0/22", "443"),
)
def no_internet_inbound(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nothing comes in from the Internet, but to Bastion."""
    group = planned_group(context.stack, subject)
    advice = "take the Internet out of its sources, or list it in 'exceptions'"
    allowed = _exceptions(context, group, _IN, "exceptions")
    yield from openings(group, _IN, _from_internet(group), advice, allowed)


@stack_rule(
    id="SG003",
    name="nsg-no-broad-azurecloud-inbound",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_TYPES,
    settings={
        "acceptedTags": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["GatewayManager", "AzureMachineLearning"],
            "description": "Service tags that may come in, with all of their regional "
            "forms: those of services that send by themselves and for nobody else",
        }
    },
    controls=(assigned("NS-1"),),
    steps="Name the addresses that are meant, or use a private endpoint: whoever rents "
    "a machine in Azure, or uses the service, has an address of such a tag.",
    url=SERVICE_TAGS_PAGE,
    bad=_example("AzureCloud", "443"),
    good=_example("10.20.0.0/22", "443"),
)
def no_shared_tags_inbound(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nothing comes in from service tags whose addresses other tenants share."""
    group = planned_group(context.stack, subject)
    tags = published_tags(group.surroundings.cloud_name)
    accepted = {each.lower() for each in context.settings["acceptedTags"]}
    accepted |= {each.lower() for each in _OWN_TAGS}
    for rule in group.rules.inbound:
        if rule.access is Access.DENY:
            continue
        found = [tag.name for text in rule.sources if (tag := tags.find(text))]
        shared = [
            name for name in found if name.partition(".")[0].lower() not in accepted
        ]
        unknown = [
            each
            for each in rule.missing
            if each.path.rpartition(".")[2].startswith("sourceAddress")
        ]
        if unknown and not shared:
            yield Undecided(
                group.path_of(rule),
                f"{unknown[0]}: rule '{rule}' must not let service tags in; give it a "
                "value that the program knows",
            )
        for name in shared:
            left = undecided_before(group.rules, rule, _IN, group.surroundings)
            if (packet := left.witness()) is not None:
                message = f"rule '{rule}' lets in '{name}', such as {packet}, and"
                yield Violation(
                    group.path_of(rule),
                    f"{message} others have addresses of that tag too; name addresses",
                    witness_of(packet, rule),
                )


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
    good={"securityRules": [_DENY_ALL_IN]},
)
def lateral_deny(subject: Resource, context: Context) -> Iterator[Finding]:
    """What no rule lets in from the network is denied by a rule, not let in."""
    group = planned_group(context.stack, subject)
    if group.is_outside:
        raise NotApplicable("the group is judged where it is")
    network = group.surroundings.virtual_network_tag
    question = PacketSet.of(sources=network, destinations=network)
    yield from _decided_by_own_rules(group, _IN, question, "AllowVNetInBound")


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
    bad={"securityRules": [_DENY_ALL_IN]},
    good={"securityRules": [_DENY_ALL_IN, _DENY_ALL_OUT]},
)
def egress_narrow(subject: Resource, context: Context) -> Iterator[Finding]:
    """Only what is allowed by name goes out to the Internet."""
    group = planned_group(context.stack, subject)
    surroundings = group.surroundings
    question = PacketSet.of(
        sources=surroundings.virtual_network, destinations=surroundings.internet
    )
    advice = "deny it with a rule of the group, or list it in 'exceptions'"
    allowed = _exceptions(context, group, _OUT, "services", "exceptions")
    yield from openings(group, _OUT, question, advice, allowed)


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


def _from_internet(group: PlannedGroup, **services: Any) -> PacketSet:
    return PacketSet.of(
        sources=group.surroundings.internet,
        destinations=group.surroundings.virtual_network,
        **services,
    )


def _exceptions(
    context: Context, group: PlannedGroup, direction: Direction, *keys: str
) -> Callable[[], PacketSet]:
    """Return what returns what is configured to pass, and what Bastion needs in its
    own group."""
    texts = [
        text for key in keys for text in _configured(context, key, SYNTAX, readable)
    ]

    @cache
    def allowed() -> PacketSet:
        found = allowed_packets(texts, group, direction)
        if is_for_bastion(context.stack, group):
            for row in PLATFORM_RULES:
                if row.purpose == BASTION and row.rule.direction is direction:
                    found |= rule_of(row.rule, group.surroundings).packets
        return found

    return allowed


def _configured(
    context: Context, key: str, wanted: str, read: Callable[[Any], _Read]
) -> _Read:
    """Return a setting as ``read`` reads it.

    Raises:
        WrongType: a text of it cannot be read.
    """
    try:
        return read(context.settings[key])
    except ValueError:
        raise WrongType(f"the setting '{key}'", f"a list of {wanted}") from None

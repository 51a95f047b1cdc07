"""Rules for security groups: who gets in from the Internet, and from Azure.

Each group is read as sets of packets in the order of its priorities, so that a tag, a
list, two halves of all addresses and a deny that comes first are what they mean. A
violation shows a packet and the rule that lets it through.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._frameworks import CIS_2, MCSB, NIST, assigned
from azureml_policies._group_examples import DENY_ALL_IN, DENY_ALL_OUT
from azureml_policies._group_packets import openings, witness_of
from azureml_policies._groups import (
    GROUP,
    RULE,
    PlannedGroup,
    planned_group,
)
from azureml_policies._openings import (
    allowed_openings,
    configured,
    openings_setting,
)
from azureml_reachability.idle_rules import undecided_before
from azureml_reachability.packets import NO_PACKETS, PacketSet, Protocol
from azureml_reachability.ports import PortSet
from azureml_rulebook.default_rules import DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import Access, Direction
from azureml_rulebook.service_tags import (
    AZURE_LOAD_BALANCER,
    INTERNET,
    SERVICE_TAGS_PAGE,
    VIRTUAL_NETWORK,
    published_tags,
)

_TYPES = (GROUP, RULE)
_IN = Direction.INBOUND
_OWN_TAGS = (INTERNET, VIRTUAL_NETWORK, AZURE_LOAD_BALANCER)


def _example(source: str, port: str, **changes: Any) -> dict[str, Any]:
    """Return a group with one rule that opens a port, and the final denies."""
    rule = {
        **DENY_ALL_IN,
        "name": "AllowIn",
        "priority": 100,
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "destinationPortRange": port,
        **changes,
    }
    return {"securityRules": [rule, DENY_ALL_IN, DENY_ALL_OUT]}


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
        ports = configured(
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
    allowed = allowed_openings(context, group, _IN, "exceptions")
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


def _from_internet(group: PlannedGroup, **services: Any) -> PacketSet:
    return PacketSet.of(
        sources=group.surroundings.internet,
        destinations=group.surroundings.virtual_network,
        **services,
    )

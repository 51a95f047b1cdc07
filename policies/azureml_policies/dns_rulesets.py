"""Rules on forwarded DNS queries: who asks by a ruleset, and who is asked.

A query says what somebody is looking for, so that it goes to servers of one's own.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
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
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._openings import configured_ranges
from azureml_policies._subnets import Range
from azureml_policies.firewalls import POLICY
from azureml_rulebook.address_ranges import NOT_PUBLIC

RULESET = "dnsresolver:DnsForwardingRuleset"
FORWARDING_RULE = "dnsresolver:ForwardingRule"
NETWORK_LINK = "dnsresolver:PrivateResolverVirtualNetworkLink"

_OF = "dnsForwardingRulesetName"
_PRIVATE_IPV6 = ip_network("fc00::/7")
"""Unique local addresses (https://www.rfc-editor.org/rfc/rfc4193)."""
_AZURE_DNS = ip_network("168.63.129.16/32")
"""Azure's own DNS (https://learn.microsoft.com/azure/virtual-network/
what-is-ip-address-168-63-129-16)."""
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


@resource_rule(
    id="DN007",
    name="dns-forwarding-own-servers",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(FORWARDING_RULE, POLICY),
    settings={
        "servers": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Public addresses and ranges that may be asked too",
        }
    },
    controls=(assigned("NS-10"),),
    steps="Name servers with private addresses in targetDnsServers of a forwarding "
    "rule, and in dnsSettings.servers of a firewall policy.",
    url="https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets",
    bad={
        "domainName": "corp.contoso.com.",
        "targetDnsServers": [{"ipAddress": "8.8.8.8", "port": 53}],
    },
    good={
        "domainName": "corp.contoso.com.",
        "targetDnsServers": [{"ipAddress": "10.200.0.53", "port": 53}],
    },
)
def queries_go_to_own_servers(subject: Resource, context: Context) -> Iterator[Finding]:
    """Queries for names are forwarded to servers of one's own alone."""
    if subject.key == POLICY.lower():
        servers = subject.value("dnsSettings.servers")
    else:
        servers = subject.value("targetDnsServers")
    if isinstance(servers, Unknown):
        yield undecided(servers, "its servers have to be one's own")
        return
    further = configured_ranges(context, "servers")
    for element in servers.elements():
        address = element if subject.key == POLICY.lower() else element.at("ipAddress")
        if isinstance(address, Unknown):
            yield undecided(address, "it has to be one's own")
        elif isinstance(address, Known) and not _is_own(address, further):
            yield Violation(
                address.path,
                f"{address.path} is {address.text}, which is no private address: "
                "others see what is looked for; name a server of your own",
            )


def _is_own(address: Known, further: Sequence[Range]) -> bool:
    try:
        found = ip_address(str(address.value).strip())
    except ValueError:
        return False
    return any(
        found in each for each in (*NOT_PUBLIC, _PRIVATE_IPV6, _AZURE_DNS, *further)
    )


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

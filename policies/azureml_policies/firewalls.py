"""Rules for Azure Firewall and its policies.

What can be asked of a firewall depends on its tier, which the rulebook knows: the
smallest one only alerts on known attackers, and answers no DNS queries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    FromProperties,
    Known,
    NotApplicable,
    Reading,
    Reference,
    Resource,
    Stack,
    Undecided,
    Unknown,
    must_be,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import FIREWALL
from azureml_rulebook.firewall_tiers import (
    ALERT,
    DENY,
    STANDARD,
    TIERS,
    TierFacts,
    tier_facts,
)

POLICY = "network:FirewallPolicy"
RULE_GROUP = "network:FirewallPolicyRuleCollectionGroup"

_DOCS = "https://learn.microsoft.com/azure/firewall"
_MODE = "threatIntelMode"
_TIER = "sku.tier"
_PROXY = "dnsSettings.enableProxy"


@resource_rule(
    id="FW001",
    name="firewall-threat-intel-deny",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(FIREWALL, POLICY),
    controls=(assigned("NS-4"),),
    azure_policies=(
        "da79a7e2-8aa1-45ed-af81-ba050c153564",
        "7c591a93-c34c-464c-94ac-8f9f9a46e3d6",
    ),
    twins=("checkov:CKV_AZURE_216",),
    remedy={
        _MODE: FromProperties(
            lambda properties: _strictest_mode(properties.value(_TIER)),
            says="the strictest mode of the tier",
        )
    },
    steps="Set threatIntelMode to Deny on the policy, or on a firewall that has none; "
    "tier Basic knows nothing stricter than Alert.",
    url=f"{_DOCS}/threat-intel",
    bad={"sku": {"tier": "Standard"}, "threatIntelMode": "Alert"},
    good={"sku": {"tier": "Standard"}, "threatIntelMode": "Deny"},
)
def firewall_threat_intelligence(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """A firewall stops known attackers, as strictly as its tier can."""
    if subject.key == FIREWALL.lower() and _has_policy(subject):
        raise NotApplicable("the firewall's policy decides")
    tier = _tier(subject)
    if isinstance(tier, TierFacts):
        yield from _strictest(subject, tier)
        return
    strict = list(_strictest(subject, tier_facts(STANDARD)))
    if strict and _mode_is(subject, ALERT):
        yield undecided(tier, f"unless it is Basic, {strict[0].message}")
    else:
        yield from strict


@resource_rule(
    id="FW004",
    name="firewall-tier",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(FIREWALL, POLICY),
    settings={
        "tiers": {
            "type": "array",
            "items": {"type": "string", "enum": list(TIERS)},
            "default": [name for name in TIERS if TIERS[name].dns_proxy],
            "description": "Tiers that the environment takes: Basic stops no known "
            "attackers and answers no DNS queries",
        }
    },
    controls=(assigned("NS-3"),),
    steps="Set sku.tier of the firewall and of its policy to Standard or Premium, or "
    "list the tier in `tiers` of this environment's configuration.",
    url=f"{_DOCS}/choose-firewall-sku",
    bad={"sku": {"tier": "Basic"}},
    good={"sku": {"tier": "Standard"}},
)
def firewall_tier(subject: Resource, context: Context) -> Iterator[Finding]:
    """A firewall has a tier that the environment takes."""
    # Azure takes Standard where nobody says it.
    yield from must_be(subject, _TIER, *context.settings["tiers"])


@stack_rule(
    id="FW002",
    name="firewall-dns-proxy",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(POLICY,),
    settings={
        "always": {
            "type": "boolean",
            "default": False,
            "description": "Whether every policy whose tier can has the proxy on, as "
            "Azure's built-in policy asks: queries are then recorded, and network "
            "rules may name hosts",
        }
    },
    controls=(assigned("NS-10"),),
    azure_policies=("3f84c9b0-8b64-4208-98d4-6ada96bb49c3",),
    remedy={_PROXY: True},
    mended_alone=lambda policy, context: _no_proxy(policy),
    steps="Set dnsSettings.enableProxy to true and let machines ask the firewall for "
    "names: only so do both see the same addresses behind a host.",
    url=f"{_DOCS}/fqdn-filtering-network-rules",
    bad=(
        {
            "type": POLICY,
            "name": "policy",
            "properties": {
                "resourceGroupName": "rg",
                "firewallPolicyName": "afwp",
                "sku": {"tier": "Standard"},
            },
        },
        {
            "type": RULE_GROUP,
            "name": "rules",
            "properties": {
                "resourceGroupName": "rg",
                "firewallPolicyName": "afwp",
                "ruleCollections": [
                    {
                        "rules": [
                            {
                                "ruleType": "NetworkRule",
                                "destinationFqdns": ["time.windows.com"],
                            }
                        ]
                    }
                ],
            },
        },
    ),
    good=(
        {
            "type": POLICY,
            "name": "policy",
            "properties": {
                "resourceGroupName": "rg",
                "firewallPolicyName": "afwp",
                "sku": {"tier": "Standard"},
                "dnsSettings": {"enableProxy": True},
            },
        },
        {
            "type": RULE_GROUP,
            "name": "rules",
            "properties": {
                "resourceGroupName": "rg",
                "firewallPolicyName": "afwp",
                "ruleCollections": [
                    {
                        "rules": [
                            {
                                "ruleType": "NetworkRule",
                                "destinationFqdns": ["time.windows.com"],
                            }
                        ]
                    }
                ],
            },
        },
    ),
)
def firewall_dns_proxy(policy: Resource, context: Context) -> Iterator[Finding]:
    """A firewall whose network rules name hosts answers the machines' DNS queries."""
    tier = _tier(policy)
    if isinstance(tier, TierFacts) and not tier.dns_proxy:
        raise NotApplicable(f"tier {tier.name} has no DNS proxy")
    if context.settings["always"]:
        yield from _no_proxy(policy)
        return
    uses = context.stack.once(_host_rules)
    certain = uses.certain.get(policy.urn)
    open_value = uses.open_to(policy)
    if certain is None and open_value is None:
        raise NotApplicable("no network rule of the policy names hosts")
    for finding in _no_proxy(policy):
        if isinstance(finding, Undecided):
            yield finding
        elif certain is None and open_value is not None:
            yield undecided(open_value, f"if it names hosts, {finding.message}")
        else:
            yield finding


def _no_proxy(policy: Resource) -> Iterator[Finding]:
    tier = _tier(policy)
    if isinstance(tier, TierFacts) and not tier.dns_proxy:
        return
    for finding in must_be_flag(
        policy, _PROXY, True, unset="the firewall answers no queries"
    ):
        if isinstance(tier, Unknown):
            yield undecided(tier, f"unless it is Basic, {finding.message}")
        else:
            yield finding


def _has_policy(firewall: Resource) -> bool:
    reading = firewall.value("firewallPolicy")
    return not isinstance(reading, Absent)


def _tier(subject: Resource) -> TierFacts | Unknown:
    """Return the tier of a firewall or a policy; Standard where nobody says it.

    An unknown text is judged as Standard too: Azure refuses it anyway.
    """
    reading = subject.value(_TIER)
    return reading if isinstance(reading, Unknown) else _known_tier(reading)


def _known_tier(reading: Reading) -> TierFacts:
    for name, row in TIERS.items():
        if isinstance(reading, Known) and reading.is_any_of((name,)):
            return row
    return tier_facts(STANDARD)


def _strictest_mode(tier: Reading) -> str:
    """Return the mode to set; on a tier that is not known, what all tiers take."""
    if isinstance(tier, Unknown):
        return ALERT
    return _known_tier(tier).threat_intelligence[-1]


def _mode_is(subject: Resource, mode: str) -> bool:
    reading = subject.value(_MODE)
    return (
        isinstance(reading, Absent)
        and mode == ALERT
        or (isinstance(reading, Known) and reading.is_any_of((mode,)))
    )


def _strictest(subject: Resource, tier: TierFacts) -> Iterator[Finding]:
    wanted = tier.threat_intelligence[-1]
    unset = "Azure only alerts" if wanted == DENY else ""
    yield from must_be(subject, _MODE, wanted, unset=unset)


@dataclass(slots=True)
class _HostRules:
    """Policies with network rules that name hosts."""

    certain: dict[str, Resource] = field(default_factory=dict)
    """By URN of the policy: the group of rules."""
    possible: list[tuple[Reference, Reading]] = field(default_factory=list)

    def open_to(self, policy: Resource) -> Reading | None:
        """Return the value that may make ``policy`` one of them."""
        for reference, reading in self.possible:
            if reference.certain is policy or reference.may_be(policy):
                return reading
        return None


def _host_rules(stack: Stack) -> _HostRules:
    found = _HostRules()
    for group in stack.of_type(RULE_GROUP):
        policy = stack.resolve(group, group.value("firewallPolicyName"), POLICY)
        names = _names_hosts(group)
        if names is True and policy.certain is not None:
            found.certain[policy.certain.urn] = group
        elif names is True:
            found.possible.append((policy, policy.reading))
        elif isinstance(names, Unknown):
            found.possible.append((policy, names))
    return found


def _names_hosts(group: Resource) -> bool | Unknown:
    """Say whether a network rule of ``group`` names hosts, or return what tells."""
    unknown: Unknown | None = None
    for collection in _elements(group.value("ruleCollections")):
        for rule in _elements(collection.at("rules")):
            hosts = rule.at("destinationFqdns")
            if isinstance(hosts, Unknown):
                unknown = hosts
            elif isinstance(hosts, Known) and hosts.elements():
                return True
    return unknown or False


def _elements(reading: Reading) -> list[Reading]:
    return [reading] if isinstance(reading, Unknown) else reading.elements()

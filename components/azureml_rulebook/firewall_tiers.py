"""What each tier of Azure Firewall has, and what it demands of its network.

An option that a tier lacks is refused by Azure only after the network exists, or is
taken and does nothing, so every combination is checked here first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnets import FIREWALL, FIREWALL_MANAGEMENT, subnet_purpose

_FIREWALL = "https://learn.microsoft.com/azure/firewall"

BASIC = "Basic"
STANDARD = "Standard"
PREMIUM = "Premium"

OFF = "Off"
ALERT = "Alert"
DENY = "Deny"

MOST_DNS_SERVERS = 15
"""DNS servers that a firewall takes; it asks one of them at random
(https://learn.microsoft.com/azure/firewall/dns-settings)."""


_KEPT_AT_THE_START = 4
"""The network's own address, the gateway, and two for DNS."""


@dataclass(frozen=True, kw_only=True)
class TierFacts:
    """One tier of Azure Firewall."""

    name: str
    """As Azure spells it."""
    threat_intelligence: tuple[str, ...]
    """Modes that it takes, the strictest last."""
    intrusion_detection: bool
    """Whether it looks for signatures of attacks."""
    tls_inspection: bool
    """Whether it can decrypt; this is no input here, since machines would have to trust
    a certificate authority of one's own."""
    dns_proxy: bool
    """Whether it answers DNS queries of machines."""
    custom_dns: bool
    """Whether it can be told whom to ask for names."""
    network_rules_by_host: bool
    """Whether network rules may name hosts; they need the DNS proxy."""
    application_rules: bool
    """Whether rules may name hosts for HTTP and TLS."""
    web_categories: bool
    """Whether rules may name kinds of web sites."""
    zones: bool
    """Whether it can span availability zones."""
    gigabits_per_second: float
    """The most that passes in all, TCP and UDP."""
    required_subnets: tuple[str, ...]
    """Purposes of the subnets that it cannot do without."""
    page: str


TIERS: dict[str, TierFacts] = {
    row.name: row
    for row in (
        TierFacts(
            name=BASIC,
            threat_intelligence=(OFF, ALERT),
            intrusion_detection=False,
            tls_inspection=False,
            dns_proxy=False,
            custom_dns=False,
            network_rules_by_host=False,
            application_rules=True,
            web_categories=False,
            zones=True,
            gigabits_per_second=0.25,
            # Its management interface cannot be left out:
            # https://learn.microsoft.com/azure/firewall/management-nic
            required_subnets=(FIREWALL, FIREWALL_MANAGEMENT),
            page=f"{_FIREWALL}/basic-features",
        ),
        TierFacts(
            name=STANDARD,
            threat_intelligence=(OFF, ALERT, DENY),
            intrusion_detection=False,
            tls_inspection=False,
            dns_proxy=True,
            custom_dns=True,
            network_rules_by_host=True,
            application_rules=True,
            web_categories=True,
            zones=True,
            gigabits_per_second=30,
            required_subnets=(FIREWALL,),
            page=f"{_FIREWALL}/features",
        ),
        TierFacts(
            name=PREMIUM,
            threat_intelligence=(OFF, ALERT, DENY),
            intrusion_detection=True,
            tls_inspection=True,
            dns_proxy=True,
            custom_dns=True,
            network_rules_by_host=True,
            application_rules=True,
            web_categories=True,
            zones=True,
            gigabits_per_second=100,
            required_subnets=(FIREWALL,),
            page=f"{_FIREWALL}/premium-features",
        ),
    )
}
"""Throughput: https://learn.microsoft.com/azure/firewall/firewall-performance."""


def tier_facts(name: str) -> TierFacts:
    """Return the row of the tier called ``name``.

    Raises ValueError for an unknown tier, naming the nearest one.
    """
    try:
        return TIERS[name]
    except KeyError:
        raise ValueError(
            f"'{name}' is not a tier of Azure Firewall; {suggestion(name, TIERS)}"
        ) from None


def strictest_threat_intelligence(tier: str) -> str:
    """Return the strictest mode of threat intelligence that the tier takes."""
    return tier_facts(tier).threat_intelligence[-1]


def strictest_intrusion_detection(tier: str) -> str:
    """Return the strictest mode of intrusion detection that the tier takes."""
    return DENY if tier_facts(tier).intrusion_detection else OFF


def option_findings(
    tier: str,
    *,
    threat_intelligence: str,
    intrusion_detection: str,
    dns_proxy: bool,
    dns_servers: Sequence[str],
    path: str,
) -> list[Finding]:
    """Check that the tier has what is asked of it; ``path`` is the firewall's."""
    facts = tier_facts(tier)
    findings: list[Finding] = []
    if threat_intelligence not in facts.threat_intelligence:
        modes = " or ".join(f"'{mode}'" for mode in facts.threat_intelligence)
        findings.append(
            Finding(
                f"{path}.threat_intelligence",
                f"'{threat_intelligence}' is not in tier {tier}; use {modes}, or a "
                f"tier that has it ({facts.page})",
            )
        )
    if intrusion_detection != OFF and not facts.intrusion_detection:
        findings.append(
            Finding(
                f"{path}.intrusion_detection",
                f"'{intrusion_detection}' needs tier {PREMIUM}, and tier is {tier}; "
                f"leave it out or change the tier ({TIERS[PREMIUM].page})",
            )
        )
    if dns_proxy and not facts.dns_proxy:
        findings.append(
            Finding(
                f"{path}.dns_proxy",
                f"tier {tier} answers no DNS queries; set it to false or choose tier "
                f"{STANDARD} ({facts.page})",
            )
        )
    if dns_servers and not facts.custom_dns:
        findings.append(
            Finding(
                f"{path}.dns_servers",
                f"tier {tier} always asks Azure's own DNS; leave it out or choose tier "
                f"{STANDARD} ({facts.page})",
            )
        )
    return findings


def subnet_findings(
    tier: str, purposes: Collection[str], *, path: str
) -> list[Finding]:
    """Check that the network has a subnet of each purpose that the tier needs."""
    return [
        Finding(
            path,
            f"has no subnet with purpose '{needed}', and a firewall of tier {tier} "
            f"needs one; add it with size {subnet_purpose(needed).recommended} "
            f"({subnet_purpose(needed).page})",
        )
        for needed in tier_facts(tier).required_subnets
        if needed not in purposes
    ]


def planned_address(subnet: IPv4Network) -> IPv4Address:
    """Return the private address that a new firewall gets in its subnet.

    Azure takes no wish for it and hands out the first address that it does not keep for
    itself (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq). A
    firewall that was stopped and started may come back with another one
    (https://learn.microsoft.com/azure/firewall/management-nic), so whoever builds on it
    compares it with what Azure gave.
    """
    return subnet[_KEPT_AT_THE_START]

"""Cases of the rules on what a firewall lets through, and on its tier."""

from typing import Any

from policy_plans import RG, UNKNOWN, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

FIREWALL = "network:AzureFirewall"
GROUP = "network:FirewallPolicyRuleCollectionGroup"
POLICY = "network:FirewallPolicy"
ENCRYPTED = {"plainHttp": ["*-updates"]}
HTTPS = [{"protocolType": "Https", "port": 443}]
HTTP = [{"protocolType": "Http", "port": 80}]
OWN = ["10.20.0.0/25"]


def holding(
    rule: Any, action: Any = "Allow", path: str = "ruleCollections"
) -> dict[str, Any]:
    """Return the inputs of a group of rules, or of a firewall with its own."""
    return {path: [{"action": {"type": action}, "rules": [rule]}]}


def hosts(*names: Any, **further: Any) -> dict[str, Any]:
    """Return a rule for hosts."""
    rule = {"name": "hosts", "ruleType": "ApplicationRule", "sourceAddresses": OWN}
    return rule | {"targetFqdns": list(names), "protocols": HTTPS} | further


def packets(**changed: Any) -> dict[str, Any]:
    """Return a rule for packets."""
    rule = {
        "name": "packets",
        "ruleType": "NetworkRule",
        "sourceAddresses": OWN,
        "destinationAddresses": ["AzureActiveDirectory"],
        "destinationPorts": ["443"],
        "ipProtocols": ["TCP"],
    }
    return rule | changed


_EVERYTHING = (
    packets(sourceAddresses=["*"]),
    packets(sourceAddresses=["10.20.0.0/25", "0.0.0.0/0"]),
    packets(destinationAddresses=["*"]),
    packets(destinationAddresses=["::/0"]),
    packets(destinationAddresses=["Internet"]),
    packets(destinationAddresses=["0.0.0.0-255.255.255.255"]),
    packets(destinationPorts=["*"]),
    packets(destinationPorts=["443", "1-65535"]),
    packets(destinationPorts=["0-65535"]),
    packets(destinationPorts=["2-65535"]),
    packets(destinationPorts=["1-32767", "32768 - 65535"]),
    packets(destinationAddresses=["0.0.0.0/1", "128.0.0.0/1"]),
    packets(destinationAddresses=["64.0.0.0/2"]),
    packets(destinationAddresses=["0.0.0.1-255.255.255.254"]),
    packets(sourceAddresses=["8000::/1", "::/1"]),
    packets(destinationAddresses=["2000::/3"]),
    packets(ipProtocols=["ICMP", "TCP"], destinationPorts=["*"]),
    packets(ipProtocols=["Any"]),
    packets(destinationFqdns=["*"]),
    hosts("*"),
    hosts("packages.example.org", "*.com"),
    hosts("*.*"),
    hosts(sourceAddresses=["*"]),
    hosts(targetUrls=["https://*/packages"]),
)
_NARROW = (
    packets(),
    packets(destinationPorts=["1-1024", "8000-65535"]),
    packets(destinationPorts=["1024-65535"]),
    packets(destinationPorts=["none", "443"]),
    packets(sourceAddresses=["10.0.0.0/8", "172.16.0.0/12", "fc00::/7"]),
    packets(destinationAddresses=["10.0.0.4-10.0.0.9", "10.0.0.9-fc00::1"]),
    # Rules for pings have no ports.
    packets(ipProtocols=["icmp"], destinationPorts=["*"]),
    hosts("packages.example.org", "*.anaconda.org", "*.blob.core.windows.net"),
    hosts(targetUrls=["https://github.com/*"]),
    {},
)
RESOURCE_CASES = (
    *(Case("FW003", OK, GROUP, holding(rule)) for rule in _NARROW),
    *(
        Case("FW003", BAD, GROUP, holding(rule), "which is everything")
        for rule in _EVERYTHING
    ),
    Case("FW003", OK, GROUP, holding(hosts("*"), "Deny")),
    Case("FW003", OK, GROUP, {}),
    Case(
        "FW003",
        OK,
        GROUP,
        holding(hosts("*")),
        settings={"exceptions": ["ho*"]},
    ),
    Case(
        "FW003",
        BAD,
        FIREWALL,
        holding(hosts("*"), path="applicationRuleCollections"),
        "applicationRuleCollections[0].rules[0].targetFqdns[0] is '*'",
    ),
    Case(
        "FW003",
        BAD,
        FIREWALL,
        holding(packets(sourceAddresses=["*"]), "Dnat", "natRuleCollections"),
        "which is everything",
    ),
    Case("FW003", OPEN, GROUP, {"ruleCollections": UNKNOWN}),
    Case("FW003", OPEN, GROUP, {"ruleCollections": [UNKNOWN]}),
    Case("FW003", OPEN, GROUP, holding(UNKNOWN)),
    Case("FW003", OPEN, GROUP, holding(hosts(UNKNOWN))),
    Case("FW003", OPEN, GROUP, holding(packets(destinationPorts=UNKNOWN))),
    Case("FW003", OPEN, GROUP, holding(hosts("*"), UNKNOWN), "if it allows"),
    Case("FW003", OK, GROUP, holding(hosts("a.b", protocols=HTTP))),
    Case("FW003", OK, GROUP, holding(hosts("a.b")), settings=ENCRYPTED),
    Case(
        "FW003",
        BAD,
        GROUP,
        holding(hosts("a.b", protocols=HTTP)),
        "requests may go unencrypted",
        ENCRYPTED,
    ),
    Case(
        "FW003",
        OK,
        GROUP,
        holding(hosts("a.b", name="system-updates", protocols=HTTP)),
        settings=ENCRYPTED,
    ),
    Case(
        "FW003",
        BAD,
        GROUP,
        holding(
            hosts("a.b", name="system-updates", protocols=[HTTP[0] | {"port": 443}])
        ),
        "is 'Http'",
        ENCRYPTED,
    ),
    Case(
        "FW003",
        OPEN,
        GROUP,
        holding(hosts("a.b", protocols=[{"protocolType": UNKNOWN}])),
        settings=ENCRYPTED,
    ),
    Case("FW004", OK, POLICY, {"sku": {"tier": "premium"}}),
    Case("FW004", OK, FIREWALL, {}),
    Case("FW004", BAD, FIREWALL, {"sku": {"tier": "Basic"}}, "is 'Basic'"),
    Case(
        "FW004", OK, POLICY, {"sku": {"tier": "Basic"}}, settings={"tiers": ["Basic"]}
    ),
    Case("FW004", OPEN, POLICY, {"sku": {"tier": UNKNOWN}}),
)


def passing(**listed: Any) -> dict[str, Any]:
    """Return the inputs of a policy that lets some attackers pass."""
    return {"threatIntelWhitelist": listed}


RESOURCE_CASES += (
    Case("FW005", OK, POLICY, {}),
    Case("FW005", OK, POLICY, passing(fqdns=[], ipAddresses=[])),
    Case("FW005", BAD, POLICY, passing(fqdns=["a.b"]), "lets 'a.b' pass"),
    Case("FW005", BAD, POLICY, passing(ipAddresses=["203.0.113.7"]), "ipAddresses[0]"),
    Case("FW005", OK, POLICY, passing(fqdns=["A.b"]), settings={"allowed": ["a.b"]}),
    Case("FW005", OPEN, POLICY, passing(fqdns=UNKNOWN)),
    Case("FW005", OPEN, POLICY, {"threatIntelWhitelist": UNKNOWN}),
)
FORWARDING = "dnsresolver:ForwardingRule"


def asking(*servers: Any) -> dict[str, Any]:
    """Return the inputs of a forwarding rule to servers."""
    return {"targetDnsServers": [{"ipAddress": each, "port": 53} for each in servers]}


RESOURCE_CASES += (
    Case("DN007", OK, FORWARDING, asking("10.200.0.53", "168.63.129.16", "fd00::53")),
    Case("DN007", OK, FORWARDING, {}),
    Case("DN007", BAD, FORWARDING, asking("10.200.0.53", "8.8.8.8"), "is '8.8.8.8'"),
    Case(
        "DN007",
        BAD,
        FORWARDING,
        asking("10.200.0.53"),
        "the setting 'servers' is not a list of ranges like",
        {"servers": ["dns.contoso.com"]},
    ),
    Case("DN007", BAD, FORWARDING, asking("dns.google"), "no private address"),
    Case(
        "DN007",
        OK,
        FORWARDING,
        asking("203.0.113.53"),
        settings={"servers": ["203.0.113.0/24"]},
    ),
    Case("DN007", OPEN, FORWARDING, asking(UNKNOWN)),
    Case("DN007", OPEN, FORWARDING, {"targetDnsServers": UNKNOWN}),
    Case("DN007", OK, POLICY, {"dnsSettings": {"servers": ["10.40.2.244"]}}),
    Case("DN007", OK, POLICY, {}),
    Case("DN007", BAD, POLICY, {"dnsSettings": {"servers": ["1.1.1.1"]}}, "servers[0]"),
    Case("DN007", OPEN, POLICY, {"dnsSettings": UNKNOWN}),
)
RULESET = "dnsresolver:DnsForwardingRuleset"
OF = "dnsForwardingRulesetName"


def forwarding(**rule: Any) -> Plan:
    """Return a ruleset with a link, and a rule of it, changed."""
    given = {**RG, OF: Name("ruleset"), "domainName": "corp.contoso.com."} | rule
    return Plan(
        Planned(RULESET, "ruleset", {**RG, OF: "company"}),
        Planned("dnsresolver:ForwardingRule", "rule", given),
        Planned(
            "dnsresolver:PrivateResolverVirtualNetworkLink",
            "link",
            {**RG, OF: Name("ruleset")},
        ),
    )


PROXY_ALWAYS = {"always": True}
_POLICY = Planned(
    POLICY,
    "policy",
    {**RG, "firewallPolicyName": "afwp", "sku": {"tier": "Standard"}},
)
STACK_CASES = (
    StackCase("DN006", OK, "complete", forwarding()),
    StackCase("DN006", OK, "switched on", forwarding(forwardingRuleState="Enabled")),
    StackCase(
        "DN006",
        BAD,
        "switched off",
        forwarding(forwardingRuleState="Disabled"),
        "no forwarding rule that is enabled",
    ),
    StackCase("DN006", BAD, "no link", forwarding().without("link"), "no network link"),
    StackCase(
        "DN006",
        OK,
        "linked elsewhere",
        forwarding().without("link"),
        settings={"linkedElsewhere": True},
    ),
    StackCase("DN006", BAD, "of another", forwarding(**{OF: "other"}), "no forwarding"),
    StackCase("DN006", OPEN, "of some ruleset", forwarding(**{OF: Nowhere()})),
    StackCase("DN006", OPEN, "perhaps off", forwarding(forwardingRuleState=Nowhere())),
    StackCase("FW002", NONE, "no rule names hosts", Plan(_POLICY)),
    StackCase(
        "FW002",
        BAD,
        "wanted always",
        Plan(_POLICY),
        "the firewall answers no queries",
        PROXY_ALWAYS,
    ),
)

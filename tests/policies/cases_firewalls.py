"""Cases of the rules on Azure Firewall and its policies."""

from typing import Any

from policy_plans import RG, UNKNOWN, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

FIREWALL = "network:AzureFirewall"
POLICY = "network:FirewallPolicy"
GROUP = "network:FirewallPolicyRuleCollectionGroup"


def detecting(mode: Any, tier: Any = "Standard", **more: Any) -> dict[str, Any]:
    """Return the inputs of a firewall or a policy."""
    given = {"sku": {"tier": tier}, "threatIntelMode": mode, **more}
    return {key: value for key, value in given.items() if value is not None}


RESOURCE_CASES = (
    Case("FW001", OK, POLICY, detecting("Deny")),
    Case("FW001", OK, POLICY, detecting("deny", "premium")),
    Case("FW001", OK, POLICY, {"threatIntelMode": "Deny"}),
    Case("FW001", BAD, POLICY, detecting("Alert"), "set it to 'Deny'"),
    Case("FW001", BAD, POLICY, detecting(None), "is missing: Azure only alerts"),
    Case("FW001", BAD, POLICY, detecting("Off", "Premium"), "is 'Off'"),
    Case("FW001", BAD, POLICY, {}, "threatIntelMode is missing"),
    Case("FW001", OK, POLICY, detecting("Alert", "Basic")),
    Case("FW001", OK, POLICY, detecting(None, "basic")),
    Case("FW001", BAD, POLICY, detecting("Off", "Basic"), "set it to 'Alert'"),
    Case("FW001", OPEN, POLICY, detecting(UNKNOWN)),
    Case("FW001", OPEN, POLICY, detecting("Alert", UNKNOWN), "unless it is Basic"),
    Case("FW001", OPEN, POLICY, detecting(None, UNKNOWN), "sku.tier is not known"),
    Case("FW001", OK, POLICY, detecting("Deny", UNKNOWN)),
    Case("FW001", BAD, POLICY, detecting("Off", UNKNOWN), "is 'Off'"),
    Case("FW001", BAD, POLICY, {"sku": "Basic", "threatIntelMode": "Alert"}),
    Case("FW001", OK, FIREWALL, detecting("Deny")),
    Case("FW001", BAD, FIREWALL, detecting("Alert"), "'Alert'"),
    Case("FW001", NONE, FIREWALL, {"firewallPolicy": {"id": UNKNOWN}}),
    Case("FW001", NONE, FIREWALL, {"firewallPolicy": UNKNOWN}),
)

HOSTS = {"ruleType": "NetworkRule", "destinationFqdns": ["time.windows.com"]}
RANGES = {"ruleType": "NetworkRule", "destinationAddresses": ["10.0.0.0/8"]}
WEB = {"ruleType": "ApplicationRule", "targetFqdns": ["contoso.com"]}
OF_THE_POLICY = Name("policy")


def plan(*rules: Any, of: Any = OF_THE_POLICY, **policy: Any) -> Plan:
    """Return a policy with one group of rules."""
    given = {**RG, "firewallPolicyName": "afwp", "sku": {"tier": "Standard"}}
    return Plan(
        Planned(POLICY, "policy", given | policy),
        Planned(
            GROUP,
            "group",
            {
                **RG,
                "firewallPolicyName": of,
                "ruleCollections": [{"rules": [WEB]}, {"rules": list(rules)}],
            },
        ),
    )


PROXY = {"enableProxy": True}

STACK_CASES = (
    StackCase("FW002", OK, "proxy", plan(HOSTS, dnsSettings=PROXY)),
    StackCase("FW002", BAD, "no settings", plan(HOSTS), "enableProxy is missing"),
    StackCase(
        "FW002", BAD, "off", plan(HOSTS, dnsSettings={"enableProxy": False}), "is false"
    ),
    StackCase("FW002", NONE, "ranges and web hosts", plan(RANGES)),
    StackCase("FW002", NONE, "no rules", plan(HOSTS).without("group")),
    StackCase("FW002", NONE, "tier Basic", plan(HOSTS, sku={"tier": "Basic"})),
    StackCase("FW002", NONE, "another policy's", plan(HOSTS, of="another")),
    StackCase("FW002", OPEN, "unknown proxy", plan(HOSTS, dnsSettings=Nowhere())),
    StackCase("FW002", OPEN, "unknown rules", plan(Nowhere()), "if it names hosts"),
    StackCase("FW002", OPEN, "unknown tier", plan(HOSTS, sku=Nowhere()), "unless it"),
    StackCase("FW002", OPEN, "of an unknown policy", plan(HOSTS, of=Nowhere())),
    StackCase(
        "FW002",
        OK,
        "unknown rules and proxy",
        plan(Nowhere(), dnsSettings=PROXY),
    ),
)

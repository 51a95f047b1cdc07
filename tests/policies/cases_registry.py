"""Cases of the rules on container registries."""

from typing import Any

from policy_plans import UNKNOWN
from rule_cases import BAD, OK, OPEN, Case

REGISTRY = "containerregistry:Registry"
SWITCHED_ON = {"enforcementLevel": "mandatory"}
"""For rules that are off until somebody configures them."""


def rules(**given: Any) -> dict[str, Any]:
    """Return the inputs of a registry with a firewall that denies by default."""
    return {"networkRuleSet": {"defaultAction": "Deny"} | given}


def policy(name: str, status: Any) -> dict[str, Any]:
    """Return the inputs of a registry with one of its policies."""
    return {"policies": {name: {"status": status}}}


TOKENS = "azureADAuthenticationAsArmPolicy"

RESOURCE_CASES = (
    # CR001: C93 (c).
    Case("CR001", OK, REGISTRY, {"publicNetworkAccess": "Disabled"}),
    Case("CR001", BAD, REGISTRY, {}, "publicNetworkAccess is missing"),
    Case("CR001", BAD, REGISTRY, {"publicNetworkAccess": "Enabled"}),
    Case("CR001", OPEN, REGISTRY, {"publicNetworkAccess": UNKNOWN}),
    Case("CR002", OK, REGISTRY, {"sku": {"name": "Premium"}}),
    Case("CR002", BAD, REGISTRY, {"sku": {"name": "Standard"}}, "set it to 'Premium'"),
    Case("CR002", BAD, REGISTRY, {}, "sku.name is missing"),
    Case("CR002", OPEN, REGISTRY, {"sku": UNKNOWN}, "sku is not known"),
    Case("CR003", OK, REGISTRY, {}),
    Case("CR003", OK, REGISTRY, {"adminUserEnabled": False}),
    Case("CR003", BAD, REGISTRY, {"adminUserEnabled": True}, "set it to false"),
    Case("CR003", BAD, REGISTRY, {"adminUserEnabled": "yes"}, "'yes'"),
    Case("CR003", OPEN, REGISTRY, {"adminUserEnabled": UNKNOWN}),
    Case("CR004", OK, REGISTRY, {}),
    Case("CR004", OK, REGISTRY, {"anonymousPullEnabled": False}),
    Case("CR004", BAD, REGISTRY, {"anonymousPullEnabled": True}, "is true"),
    Case("CR004", OPEN, REGISTRY, {"anonymousPullEnabled": UNKNOWN}),
    Case("CR005", OK, REGISTRY, rules()),
    Case("CR005", OK, REGISTRY, rules(ipRules=[])),
    Case(
        "CR005",
        OK,
        REGISTRY,
        rules(ipRules=[{"action": "Allow", "iPAddressOrRange": "203.0.113.4"}]),
        settings={"allowedCidrs": ["203.0.113.0/29"]},
    ),
    Case(
        "CR005",
        BAD,
        REGISTRY,
        rules(ipRules=[{"action": "Allow", "iPAddressOrRange": "203.0.113.4"}]),
        "ipRules[0].iPAddressOrRange is '203.0.113.4', in none of allowedCidrs",
    ),
    # C93 (c): the switch alone is not enough.
    Case(
        "CR005",
        BAD,
        REGISTRY,
        {"publicNetworkAccess": "Disabled"},
        "networkRuleSet.defaultAction is missing",
    ),
    Case("CR005", BAD, REGISTRY, rules(defaultAction="Allow"), "is 'Allow'"),
    Case("CR005", OPEN, REGISTRY, rules(defaultAction=UNKNOWN)),
    Case("CR005", OPEN, REGISTRY, {"networkRuleSet": UNKNOWN}, "networkRuleSet is not"),
    Case("CR005", OPEN, REGISTRY, rules(ipRules=UNKNOWN), "ipRules is not known"),
    Case("CR006", OK, REGISTRY, {}),
    Case("CR006", OK, REGISTRY, {"networkRuleBypassOptions": "azureServices"}),
    Case("CR006", BAD, REGISTRY, {"networkRuleBypassOptions": "None"}, "'None'"),
    Case("CR006", OPEN, REGISTRY, {"networkRuleBypassOptions": UNKNOWN}),
    Case(
        "CR006",
        OK,
        REGISTRY,
        {"networkRuleBypassOptions": "None"},
        settings={"bypass": "None"},
    ),
    Case(
        "CR006",
        BAD,
        REGISTRY,
        {},
        "is missing: Azure lets its trusted services in",
        settings={"bypass": "None"},
    ),
    Case("CR007", OK, REGISTRY, policy("exportPolicy", "disabled")),
    Case("CR007", OK, REGISTRY, policy("exportPolicy", "Disabled")),
    Case("CR007", BAD, REGISTRY, policy("exportPolicy", "enabled")),
    Case("CR007", BAD, REGISTRY, {}, "policies.exportPolicy.status is missing"),
    Case("CR007", OPEN, REGISTRY, policy("exportPolicy", UNKNOWN)),
    Case("CR008", OK, REGISTRY, {"dataEndpointEnabled": True}),
    Case("CR008", BAD, REGISTRY, {}, "dataEndpointEnabled is missing"),
    Case("CR008", BAD, REGISTRY, {"dataEndpointEnabled": False}),
    Case("CR008", OPEN, REGISTRY, {"dataEndpointEnabled": UNKNOWN}),
    Case("CR009", OK, REGISTRY, policy(TOKENS, "disabled"), settings=SWITCHED_ON),
    Case("CR009", BAD, REGISTRY, {}, "status is missing", settings=SWITCHED_ON),
    Case("CR009", BAD, REGISTRY, policy(TOKENS, "enabled"), settings=SWITCHED_ON),
    Case("CR009", OPEN, REGISTRY, policy(TOKENS, UNKNOWN), settings=SWITCHED_ON),
    Case("CR010", OK, REGISTRY, {"zoneRedundancy": "Enabled"}, settings=SWITCHED_ON),
    Case("CR010", BAD, REGISTRY, {"zoneRedundancy": "Disabled"}, settings=SWITCHED_ON),
    Case("CR010", BAD, REGISTRY, {}, "is missing", settings=SWITCHED_ON),
    Case("CR010", OPEN, REGISTRY, {"zoneRedundancy": UNKNOWN}, settings=SWITCHED_ON),
)

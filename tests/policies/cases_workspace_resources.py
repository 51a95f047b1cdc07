"""Cases of the rules on public access of vaults and registries."""

from policy_plans import UNKNOWN
from rule_cases import BAD, OK, OPEN, Case

VAULT = "keyvault:Vault"
REGISTRY = "containerregistry:Registry"


NETWORKS_ONLY = {"accessMode": "serviceEndpoint"}
SUBNETS = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": UNKNOWN}]}

RESOURCE_CASES = (
    # KV001: C93 (b).
    Case("KV001", OK, VAULT, {"properties": {"publicNetworkAccess": "disabled"}}),
    Case("KV001", OK, VAULT, {"properties": {"publicNetworkAccess": "Disabled"}}),
    Case("KV001", BAD, VAULT, {"properties": {}}, "publicNetworkAccess is missing"),
    Case("KV001", BAD, VAULT, {}, "properties.publicNetworkAccess is missing"),
    Case("KV001", BAD, VAULT, {"properties": {"publicNetworkAccess": "enabled"}}),
    Case("KV001", OPEN, VAULT, {"properties": {"publicNetworkAccess": UNKNOWN}}),
    Case(
        "KV001",
        OK,
        VAULT,
        {"properties": {"networkAcls": SUBNETS}},
        settings=NETWORKS_ONLY,
    ),
    Case(
        "KV001",
        BAD,
        VAULT,
        {
            "properties": {
                "publicNetworkAccess": "enabled",
                "networkAcls": SUBNETS | {"ipRules": [{"value": "0.0.0.0/0"}]},
            }
        },
        "properties.networkAcls.ipRules lets public addresses pass: '0.0.0.0/0'",
        settings=NETWORKS_ONLY,
    ),
    Case(
        "KV001",
        OPEN,
        VAULT,
        {"properties": {"networkAcls": SUBNETS | {"ipRules": UNKNOWN}}},
        "ipRules is not known",
        settings=NETWORKS_ONLY,
    ),
    # CR001: C93 (c).
    Case("CR001", OK, REGISTRY, {"publicNetworkAccess": "Disabled"}),
    Case("CR001", BAD, REGISTRY, {}, "publicNetworkAccess is missing"),
    Case("CR001", BAD, REGISTRY, {"publicNetworkAccess": "Enabled"}),
    Case("CR001", OPEN, REGISTRY, {"publicNetworkAccess": UNKNOWN}),
)

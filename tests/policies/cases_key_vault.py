"""Cases of the rules on key vaults and what is in them."""

from typing import Any

from policy_plans import UNKNOWN, secret
from rule_cases import BAD, NONE, OK, OPEN, Case

VAULT = "keyvault:Vault"
SECRET = "keyvault:Secret"
KEY = "keyvault:Key"
ACCESS_POLICY = "keyvault:AccessPolicy"

NETWORKS_ONLY = {"accessMode": "serviceEndpoint"}
SUBNETS = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": UNKNOWN}]}
OFFICE = {"allowedCidrs": ["203.0.113.0/24", "198.51.100.7"]}


def vault(**properties: Any) -> dict[str, Any]:
    """Return the inputs of a vault."""
    return {"properties": properties}


def firewall(**rules: Any) -> dict[str, Any]:
    """Return the inputs of a vault with a firewall."""
    return vault(networkAcls=rules)


def address(value: Any) -> dict[str, Any]:
    """Return the inputs of a vault that lets one address pass."""
    return firewall(ipRules=[{"value": value}])


def granting(**permissions: Any) -> dict[str, Any]:
    """Return the inputs of a vault with one access policy."""
    return vault(accessPolicies=[{"permissions": permissions}])


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
    # KV002: C93 (b) is among these.
    Case("KV002", OK, VAULT, firewall(defaultAction="Deny")),
    Case("KV002", OK, VAULT, firewall(defaultAction="deny")),
    Case("KV002", OK, VAULT, firewall(defaultAction=secret("Deny"))),
    Case("KV002", BAD, VAULT, firewall(defaultAction="Allow"), "'Allow'"),
    Case("KV002", BAD, VAULT, firewall(), "defaultAction is missing: everybody may"),
    Case("KV002", BAD, VAULT, {}, "properties.networkAcls.defaultAction is missing"),
    Case("KV002", BAD, VAULT, vault(networkAcls="Deny"), "is missing"),
    Case(
        "KV002",
        BAD,
        VAULT,
        vault(publicNetworkAccess="disabled"),
        "properties.networkAcls.defaultAction is missing",
    ),
    Case("KV002", OPEN, VAULT, firewall(defaultAction=UNKNOWN)),
    Case("KV002", OPEN, VAULT, {"properties": UNKNOWN}, "properties is not known"),
    Case("KV002", NONE, VAULT, vault(createMode="recover")),
    Case("KV002", OPEN, VAULT, vault(createMode=UNKNOWN), "createMode is not known"),
    Case(
        "KV002",
        OK,
        VAULT,
        vault(createMode=UNKNOWN, networkAcls={"defaultAction": "Deny"}),
    ),
    Case("KV002", BAD, VAULT, vault(createMode="default"), "is missing"),
    Case("KV003", OK, VAULT, firewall(bypass="azureservices")),
    Case("KV003", OK, VAULT, firewall(defaultAction="Deny")),
    Case("KV003", BAD, VAULT, firewall(bypass="None"), "set it to 'AzureServices'"),
    Case("KV003", BAD, VAULT, firewall(bypass=True), "is true"),
    Case("KV003", OPEN, VAULT, vault(networkAcls=UNKNOWN), "networkAcls is not known"),
    Case("KV004", OK, VAULT, {}),
    Case("KV004", OK, VAULT, firewall(ipRules=[])),
    Case("KV004", OK, VAULT, address("203.0.113.9"), settings=OFFICE),
    Case("KV004", OK, VAULT, address("203.0.113.128/25"), settings=OFFICE),
    Case("KV004", OK, VAULT, address("198.51.100.7/32"), settings=OFFICE),
    Case("KV004", BAD, VAULT, address("203.0.113.9"), "in none of allowedCidrs"),
    Case("KV004", BAD, VAULT, address("203.0.112.0/23"), settings=OFFICE),
    Case("KV004", BAD, VAULT, address("0.0.0.0/0"), settings=OFFICE),
    Case("KV004", BAD, VAULT, address("2001:db8::1"), settings=OFFICE),
    Case("KV004", BAD, VAULT, address("office"), "no address or range"),
    Case("KV004", BAD, VAULT, address(9.0), "is 9, no address"),
    Case("KV004", BAD, VAULT, address(None), "value is missing"),
    Case("KV004", BAD, VAULT, firewall(ipRules="1.2.3.4"), "is not a list"),
    Case("KV004", BAD, VAULT, address(secret("192.0.2.1")), "is [secret]"),
    Case(
        "KV004",
        BAD,
        VAULT,
        {},
        "allowedCidrs[0] is 'offices'",
        settings={"allowedCidrs": ["offices"]},
    ),
    Case("KV004", OPEN, VAULT, address(UNKNOWN), "ipRules[0].value is not known"),
    Case("KV004", OPEN, VAULT, firewall(ipRules=UNKNOWN), "ipRules is not known"),
    Case("KV005", OK, VAULT, vault(enablePurgeProtection=True)),
    Case("KV005", BAD, VAULT, vault(enablePurgeProtection=False), "set it to true"),
    Case("KV005", BAD, VAULT, vault(), "enablePurgeProtection is missing"),
    Case("KV005", BAD, VAULT, vault(enablePurgeProtection="true"), "'true'"),
    Case("KV005", OPEN, VAULT, vault(enablePurgeProtection=UNKNOWN)),
    # KV006: C95, numbers arrive as floats.
    Case("KV006", OK, VAULT, vault(softDeleteRetentionInDays=90)),
    Case("KV006", OK, VAULT, vault(enableSoftDelete=True)),
    Case("KV006", OK, VAULT, vault()),
    Case("KV006", BAD, VAULT, vault(enableSoftDelete=False), "enableSoftDelete"),
    Case("KV006", BAD, VAULT, vault(softDeleteRetentionInDays=89), "is 89; set it to"),
    Case("KV006", BAD, VAULT, vault(softDeleteRetentionInDays="90"), "to a number"),
    Case("KV006", BAD, VAULT, vault(softDeleteRetentionInDays=True), "to a number"),
    Case(
        "KV006",
        OK,
        VAULT,
        vault(softDeleteRetentionInDays=7),
        settings={"minimumRetentionDays": 7},
    ),
    Case("KV006", OPEN, VAULT, vault(softDeleteRetentionInDays=UNKNOWN)),
    Case("KV006", OPEN, VAULT, vault(enableSoftDelete=UNKNOWN)),
    Case("KV007", OK, VAULT, vault(enableRbacAuthorization=True)),
    Case("KV007", BAD, VAULT, vault(enableRbacAuthorization=False), "is false"),
    Case("KV007", BAD, VAULT, vault(), "enableRbacAuthorization is missing"),
    Case("KV007", OPEN, VAULT, vault(enableRbacAuthorization=UNKNOWN)),
    Case("KV008", OK, VAULT, {}),
    Case("KV008", OK, VAULT, granting(secrets=["get", "list"], keys=[])),
    Case("KV008", BAD, VAULT, granting(secrets=["get", "All"]), "secrets[1] is 'All'"),
    Case("KV008", BAD, VAULT, granting(keys=["purge"]), "keys[0] is 'purge'"),
    Case("KV008", BAD, VAULT, granting(storage="all"), "is not a list"),
    Case("KV008", OPEN, VAULT, vault(accessPolicies=UNKNOWN), "accessPolicies"),
    Case("KV008", OPEN, VAULT, granting(secrets=[UNKNOWN]), "secrets[0] is not known"),
    Case("KV008", OPEN, VAULT, granting(secrets=UNKNOWN), "secrets is not known"),
    Case(
        "KV008",
        OPEN,
        VAULT,
        vault(accessPolicies=[{"permissions": UNKNOWN}]),
        "permissions is not known",
    ),
    Case(
        "KV008",
        OK,
        ACCESS_POLICY,
        {"policy": {"permissions": {"certificates": ["get"]}}},
    ),
    Case(
        "KV008",
        BAD,
        ACCESS_POLICY,
        {"policy": {"permissions": {"certificates": ["PURGE"]}}},
        "policy.permissions.certificates[0] is 'PURGE'",
    ),
    Case("KV008", OPEN, ACCESS_POLICY, {"policy": UNKNOWN}, "policy is not known"),
    Case("KV009", OK, SECRET, vault(attributes={"expires": 1830297600})),
    Case("KV009", OK, SECRET, vault(attributes={"expires": UNKNOWN})),
    Case("KV009", OK, KEY, vault(attributes={"expires": 1830297600})),
    Case("KV009", BAD, KEY, vault(attributes={"enabled": True}), "expires is missing"),
    Case("KV009", BAD, SECRET, {"properties": {"value": secret("x")}}, "is missing"),
    Case("KV009", OPEN, SECRET, {"properties": UNKNOWN}, "properties is not known"),
)

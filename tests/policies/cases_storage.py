"""Cases of the rules for storage accounts."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Nowhere, Plan, Planned, secret
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

ACCOUNT = "storage:StorageAccount"
CONTAINER = "storage:BlobContainer"
BLOBS = "storage:BlobServiceProperties"
OLD_ACCOUNT = "azure-native:storage/v20190601:StorageAccount"
SUBNETS_LET_IN = {"accessMode": "serviceEndpoint"}
ON = {"enforcementLevel": "advisory"}
IDS = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/*/providers"
ANY_WORKSPACE = f"{IDS}/Microsoft.MachineLearningServices/workspaces/*"
ANY_SEARCH = f"{IDS}/Microsoft.Search/searchServices/*"


def firewall(**rules: Any) -> dict[str, Any]:
    """Return an account with these rules."""
    return {"networkRuleSet": rules}


def instances(*ids: Any) -> dict[str, Any]:
    """Return an account that lets these resources pass, and no trusted service."""
    rules = [{"resourceId": each, "tenantId": UNKNOWN} for each in ids]
    return firewall(bypass="None", resourceAccessRules=rules)


def addresses(*texts: Any) -> dict[str, Any]:
    """Return an account that lets these addresses pass."""
    return firewall(ipRules=[{"iPAddressOrRange": text} for text in texts])


def open_to_subnets(access: Any) -> dict[str, Any]:
    """Return an account that lets two subnets pass."""
    rules = [{"virtualNetworkResourceId": UNKNOWN}] * 2
    return {"publicNetworkAccess": access, **firewall(virtualNetworkRules=rules)}


def signatures(period: Any) -> dict[str, Any]:
    """Return an account whose signatures expire."""
    return {"sasPolicy": {"sasExpirationPeriod": period}}


SUBNETS = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": UNKNOWN}]}
OFFICE = {"allowedCidrs": ["203.0.113.0/24"]}
TWICE = "requireInfrastructureEncryption"

RESOURCE_CASES = (
    # ST001: C93 (a), (e).
    Case("ST001", OK, ACCOUNT, {"publicNetworkAccess": "Disabled"}),
    Case("ST001", OK, ACCOUNT, {"publicNetworkAccess": "SecuredByPerimeter"}),
    Case("ST001", OK, ACCOUNT, {"publicNetworkAccess": "disabled"}),
    Case("ST001", BAD, ACCOUNT, {}, "publicNetworkAccess is missing"),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny"}},
        "set it to 'Disabled' or 'SecuredByPerimeter'",
    ),
    Case("ST001", OPEN, ACCOUNT, {"publicNetworkAccess": UNKNOWN}),
    Case("ST001", OK, ACCOUNT, {"networkRuleSet": SUBNETS}, settings=SUBNETS_LET_IN),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {"publicNetworkAccess": "Disabled"},
        settings=SUBNETS_LET_IN,
    ),
    Case("ST001", BAD, ACCOUNT, {}, "defaultAction", settings=SUBNETS_LET_IN),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {"networkRuleSet": {"defaultAction": "Deny"}},
        "networkRuleSet.virtualNetworkRules is empty",
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        OPEN,
        ACCOUNT,
        {"networkRuleSet": UNKNOWN},
        "networkRuleSet is not known",
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": []}},
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {
            "publicNetworkAccess": "Enabled",
            "networkRuleSet": SUBNETS
            | {"ipRules": [{"iPAddressOrRange": "1.0.0.0/8"}]},
        },
        "networkRuleSet.ipRules lets public addresses pass: '1.0.0.0/8'; remove it",
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": [{"iPAddressOrRange": UNKNOWN}]}},
        "networkRuleSet.ipRules lets public addresses pass",
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        OPEN,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": UNKNOWN}},
        "networkRuleSet.ipRules is not known",
        settings=SUBNETS_LET_IN,
    ),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {
            "publicNetworkAccess": "Disabled",
            "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.0.0.0/8"}]},
        },
        settings=SUBNETS_LET_IN,
    ),
    # ST001: C91, on the types of older API versions.
    Case("ST001", BAD, OLD_ACCOUNT, {}, "publicNetworkAccess is missing"),
    # ST002: C93 (a), (e).
    Case("ST002", OK, ACCOUNT, firewall(defaultAction="deny")),
    Case("ST002", OK, ACCOUNT, firewall(defaultAction=secret("Deny"))),
    Case(
        "ST002",
        OK,
        ACCOUNT,
        {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny"}},
    ),
    Case("ST002", BAD, ACCOUNT, {}, "networkRuleSet.defaultAction is missing"),
    Case("ST002", BAD, ACCOUNT, {"publicNetworkAccess": "Disabled"}, "is missing"),
    Case("ST002", BAD, ACCOUNT, {"networkRuleSet": "Deny"}, "is missing"),
    Case("ST002", BAD, ACCOUNT, firewall(defaultAction="Allow"), "is 'Allow'"),
    Case("ST002", OPEN, ACCOUNT, firewall(defaultAction=UNKNOWN)),
    Case("ST002", OPEN, ACCOUNT, {"networkRuleSet": UNKNOWN}, "networkRuleSet is not"),
    # ST003
    Case("ST003", OK, ACCOUNT, firewall(bypass="AzureServices")),
    Case("ST003", OK, ACCOUNT, firewall(bypass="Logging, Metrics,azureservices")),
    Case("ST003", OK, ACCOUNT, firewall(defaultAction="Deny")),
    Case("ST003", OK, ACCOUNT, {}),
    Case("ST003", OK, ACCOUNT, instances(ANY_SEARCH, ANY_WORKSPACE)),
    Case("ST003", OK, ACCOUNT, instances(UNKNOWN, ANY_WORKSPACE)),
    Case("ST003", BAD, ACCOUNT, firewall(bypass="None"), "bypass is 'None', and"),
    Case("ST003", BAD, ACCOUNT, firewall(bypass="Logging,Metrics")),
    Case("ST003", BAD, ACCOUNT, firewall(bypass="NotAzureServices")),
    Case("ST003", BAD, ACCOUNT, instances(ANY_SEARCH), "names no workspace"),
    Case("ST003", BAD, ACCOUNT, instances("workspaces/mlw", None, 7.0)),
    Case("ST003", OPEN, ACCOUNT, firewall(bypass=UNKNOWN)),
    Case("ST003", OPEN, ACCOUNT, instances(ANY_SEARCH, UNKNOWN)),
    Case("ST003", OPEN, ACCOUNT, firewall(bypass="None", resourceAccessRules=UNKNOWN)),
    # ST004
    Case("ST004", OK, ACCOUNT, {}),
    Case("ST004", OK, ACCOUNT, addresses()),
    Case("ST004", OK, ACCOUNT, addresses("203.0.113.7", "203.0.113.0/28"), "", OFFICE),
    Case(
        "ST004", BAD, ACCOUNT, addresses("203.0.113.7"), "ipRules[0].iPAddressOrRange"
    ),
    Case(
        "ST004", BAD, ACCOUNT, addresses("203.0.113.0/23"), "'203.0.113.0/23'", OFFICE
    ),
    Case("ST004", BAD, ACCOUNT, addresses("203.0.113.7", "8.8.8.8"), "[1]", OFFICE),
    Case("ST004", BAD, ACCOUNT, addresses("everybody"), "'everybody'", OFFICE),
    Case("ST004", BAD, ACCOUNT, firewall(ipRules="203.0.113.7"), "is not a list"),
    Case("ST004", OPEN, ACCOUNT, addresses(UNKNOWN)),
    Case("ST004", OPEN, ACCOUNT, firewall(ipRules=UNKNOWN)),
    # ST005: rules that do nothing are not reported.
    Case("ST005", OK, ACCOUNT, {}),
    Case("ST005", OK, ACCOUNT, firewall(virtualNetworkRules=[])),
    Case("ST005", OK, ACCOUNT, open_to_subnets("Disabled")),
    Case("ST005", OK, ACCOUNT, open_to_subnets("securedByPerimeter")),
    Case("ST005", BAD, ACCOUNT, open_to_subnets("Enabled"), "lets 2 subnets reach"),
    Case("ST005", BAD, ACCOUNT, open_to_subnets(None), "lets 2 subnets reach"),
    Case("ST005", BAD, ACCOUNT, firewall(virtualNetworkRules="all"), "is not a list"),
    Case("ST005", OPEN, ACCOUNT, open_to_subnets(UNKNOWN), "if it is 'Enabled'"),
    Case("ST005", OPEN, ACCOUNT, firewall(virtualNetworkRules=UNKNOWN)),
    Case("ST005", OK, ACCOUNT, {"publicNetworkAccess": UNKNOWN}),
    Case("ST005", NONE, ACCOUNT, open_to_subnets("Enabled"), "", SUBNETS_LET_IN),
    # ST006
    Case("ST006", OK, ACCOUNT, {"allowBlobPublicAccess": False}),
    Case("ST006", BAD, ACCOUNT, {"allowBlobPublicAccess": True}, "is true"),
    Case("ST006", BAD, ACCOUNT, {}, "allowBlobPublicAccess is missing"),
    Case("ST006", BAD, ACCOUNT, {"allowBlobPublicAccess": "false"}, "'false'"),
    Case("ST006", OPEN, ACCOUNT, {"allowBlobPublicAccess": UNKNOWN}),
    # ST007
    Case("ST007", OK, ACCOUNT, {"allowSharedKeyAccess": False}),
    Case("ST007", BAD, ACCOUNT, {"allowSharedKeyAccess": True}),
    Case("ST007", BAD, ACCOUNT, {}, "allowSharedKeyAccess is missing"),
    Case("ST007", OPEN, ACCOUNT, {"allowSharedKeyAccess": UNKNOWN}),
    # ST008
    Case("ST008", OK, ACCOUNT, {"minimumTlsVersion": "TLS1_2"}),
    Case("ST008", OK, ACCOUNT, {"minimumTlsVersion": "tls1_3"}),
    Case("ST008", BAD, ACCOUNT, {"minimumTlsVersion": "TLS1_1"}, "is 'TLS1_1'"),
    Case("ST008", BAD, ACCOUNT, {}, "minimumTlsVersion is missing"),
    Case("ST008", OPEN, ACCOUNT, {"minimumTlsVersion": UNKNOWN}),
    # ST009
    Case("ST009", OK, ACCOUNT, {"enableHttpsTrafficOnly": True}),
    Case("ST009", OK, ACCOUNT, {}),
    Case("ST009", BAD, ACCOUNT, {"enableHttpsTrafficOnly": False}, "is false"),
    Case("ST009", OPEN, ACCOUNT, {"enableHttpsTrafficOnly": UNKNOWN}),
    # ST010
    Case("ST010", OK, ACCOUNT, {"allowCrossTenantReplication": False}),
    Case("ST010", BAD, ACCOUNT, {"allowCrossTenantReplication": True}),
    Case("ST010", BAD, ACCOUNT, {}, "allowCrossTenantReplication is missing"),
    Case("ST010", OPEN, ACCOUNT, {"allowCrossTenantReplication": UNKNOWN}),
    # ST011
    Case("ST011", OK, ACCOUNT, {"allowedCopyScope": "privatelink"}),
    Case("ST011", OK, ACCOUNT, {"allowedCopyScope": "AAD"}),
    Case("ST011", BAD, ACCOUNT, {}, "allowedCopyScope is missing"),
    Case("ST011", BAD, ACCOUNT, {"allowedCopyScope": "All"}),
    Case("ST011", OPEN, ACCOUNT, {"allowedCopyScope": UNKNOWN}),
    # ST012
    Case("ST012", OK, ACCOUNT, {"isLocalUserEnabled": False, "isSftpEnabled": False}),
    Case("ST012", OK, ACCOUNT, {"isLocalUserEnabled": False}),
    Case("ST012", BAD, ACCOUNT, {}, "isLocalUserEnabled is missing"),
    Case("ST012", BAD, ACCOUNT, {"isLocalUserEnabled": True}, "is true"),
    Case(
        "ST012",
        BAD,
        ACCOUNT,
        {"isLocalUserEnabled": False, "isSftpEnabled": True},
        "isSftpEnabled is true",
    ),
    Case("ST012", OPEN, ACCOUNT, {"isLocalUserEnabled": UNKNOWN}),
    # ST013
    Case("ST013", OK, ACCOUNT, {"defaultToOAuthAuthentication": True}),
    Case("ST013", BAD, ACCOUNT, {"defaultToOAuthAuthentication": False}),
    Case("ST013", BAD, ACCOUNT, {}, "defaultToOAuthAuthentication is missing"),
    Case("ST013", OPEN, ACCOUNT, {"defaultToOAuthAuthentication": UNKNOWN}),
    # ST014
    Case("ST014", OK, CONTAINER, {}),
    Case("ST014", OK, CONTAINER, {"publicAccess": "none"}),
    Case("ST014", BAD, CONTAINER, {"publicAccess": "Blob"}, "is 'Blob'"),
    Case("ST014", BAD, CONTAINER, {"publicAccess": "Container"}),
    Case("ST014", OPEN, CONTAINER, {"publicAccess": UNKNOWN}),
    # ST015
    Case("ST015", OK, ACCOUNT, {"encryption": {TWICE: True}}, "", ON),
    Case("ST015", BAD, ACCOUNT, {"encryption": {TWICE: False}}, "is false", ON),
    Case("ST015", BAD, ACCOUNT, {}, f"encryption.{TWICE} is missing", ON),
    Case("ST015", OPEN, ACCOUNT, {"encryption": UNKNOWN}, "", ON),
    # ST017
    Case("ST017", OK, ACCOUNT, signatures("7.00:00:00"), "", ON),
    Case("ST017", OK, ACCOUNT, signatures("0.23:59:59"), "", ON),
    Case("ST017", OK, ACCOUNT, signatures("30.00:00:00"), "", ON | {"maximumDays": 30}),
    Case("ST017", BAD, ACCOUNT, signatures("7.00:00:01"), "set it to '7.00:00:00'", ON),
    Case("ST017", BAD, ACCOUNT, signatures("7 days"), "is '7 days'", ON),
    Case("ST017", BAD, ACCOUNT, signatures("9" * 5000 + ".00:00:00"), "", ON),
    Case("ST017", BAD, ACCOUNT, signatures(7.0), "is 7", ON),
    Case("ST017", BAD, ACCOUNT, {}, "sasExpirationPeriod is missing", ON),
    Case("ST017", OPEN, ACCOUNT, signatures(UNKNOWN), "", ON),
)


def account(**inputs: Any) -> Planned:
    """Return an account."""
    return Planned(ACCOUNT, "account", {**RG, "accountName": "acc", **inputs})


def blobs(of: Any = "acc", **retention: Any) -> Planned:
    """Return what an account does with deleted blobs: it keeps them for 30 days."""
    kept = {"enabled": True, "days": 30.0, **retention}
    kept = {key: value for key, value in kept.items() if value is not None}
    return Planned(
        BLOBS, "blobs", {**RG, "accountName": of, "deleteRetentionPolicy": kept}
    )


DAYS = "deleteRetentionPolicy.days"

STACK_CASES = (
    StackCase("ST016", OK, "kept for 30 days", Plan(account(), blobs())),
    StackCase("ST016", OK, "kept as configured", Plan(account(), blobs(days=7))),
    StackCase(
        "ST016",
        BAD,
        "not long enough",
        Plan(account(), blobs(days=7)),
        f"{DAYS} is 7; set it to 14 or more",
        {"minimumDays": 14},
    ),
    StackCase(
        "ST016", BAD, "no days", Plan(account(), blobs(days=None)), f"{DAYS} is missing"
    ),
    StackCase(
        "ST016", BAD, "days in words", Plan(account(), blobs(days="30")), "is '30'"
    ),
    StackCase(
        "ST016", BAD, "off", Plan(account(), blobs(enabled=False)), "enabled is false"
    ),
    StackCase(
        "ST016",
        BAD,
        "nothing said",
        Plan(account()),
        "account 'account' has no BlobServiceProperties",
    ),
    StackCase(
        "ST016",
        BAD,
        "of another account",
        Plan(account(), blobs("other")),
        "account 'account' has no BlobServiceProperties",
    ),
    StackCase("ST016", OK, "of an account elsewhere", Plan(blobs("other"))),
    StackCase("ST016", NONE, "files only", Plan(account(kind="fileStorage"))),
    StackCase(
        "ST016",
        OPEN,
        "unknown kind",
        Plan(account(kind=Nowhere())),
        "if it is not 'FileStorage'",
    ),
    StackCase(
        "ST016",
        OPEN,
        "of an unknown account",
        Plan(account(), blobs(Nowhere())),
        "it has to be account 'account'",
    ),
    StackCase(
        "ST016",
        OPEN,
        "unknown days",
        Plan(account(), blobs(days=Nowhere())),
        f"{DAYS} is not known",
    ),
    StackCase(
        "ST016",
        OPEN,
        "unknown policy",
        Plan(
            account(),
            Planned(
                BLOBS,
                "blobs",
                {**RG, "accountName": "acc", "deleteRetentionPolicy": Nowhere()},
            ),
        ),
        "deleteRetentionPolicy is not known",
    ),
    StackCase(
        "ST016",
        OK,
        "an account whose name is not known",
        Plan(account(accountName=Nowhere()), blobs(Id("account"))),
        preview_only=True,
    ),
)

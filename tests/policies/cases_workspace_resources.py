"""Cases of the rules that judge workspaces and their services by their properties."""

from typing import Any

from policy_plans import UNKNOWN, secret
from rule_cases import BAD, NONE, OK, OPEN, Case

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
ACCOUNT = "storage:StorageAccount"
VAULT = "keyvault:Vault"
REGISTRY = "containerregistry:Registry"


def compute(kind: Any = "AmlCompute", **properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute of ``kind``."""
    return {"properties": {"computeType": kind, "properties": properties}}


def parts(**changes: Any) -> dict[str, Any]:
    """Return the four resources that a workspace names."""
    four = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")
    return {key: UNKNOWN for key in four} | changes


NETWORKS_ONLY = {"accessMode": "serviceEndpoint"}
SUBNETS = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": UNKNOWN}]}

RESOURCE_CASES = (
    # ML001: C03 and C93 (d) are among these.
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": "Disabled"}),
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": "disabled"}),
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": secret("Disabled")}),
    Case(
        "ML001",
        BAD,
        WORKSPACE,
        {"publicNetworkAccess": "Enabled", "allowPublicAccessWhenBehindVnet": False},
        "publicNetworkAccess is 'Enabled'; set it to 'Disabled'",
    ),
    Case(
        "ML001",
        BAD,
        WORKSPACE,
        {"allowPublicAccessWhenBehindVnet": False},
        "publicNetworkAccess is missing",
    ),
    Case("ML001", BAD, WORKSPACE, {"publicNetworkAccess": None}, "is missing"),
    Case("ML001", BAD, WORKSPACE, {"publicNetworkAccess": 1}, "is 1"),
    Case("ML001", OPEN, WORKSPACE, {"publicNetworkAccess": UNKNOWN}),
    Case("ML001", OPEN, WORKSPACE, {"publicNetworkAccess": secret(UNKNOWN)}),
    Case("ML002", OK, WORKSPACE, {}),
    Case("ML002", OK, WORKSPACE, {"allowPublicAccessWhenBehindVnet": False}),
    Case("ML002", BAD, WORKSPACE, {"allowPublicAccessWhenBehindVnet": True}, "is true"),
    Case("ML002", OPEN, WORKSPACE, {"allowPublicAccessWhenBehindVnet": UNKNOWN}),
    Case("ML007", OK, WORKSPACE, {"systemDatastoresAuthMode": "identity"}),
    Case("ML007", BAD, WORKSPACE, {"systemDatastoresAuthMode": "AccessKey"}),
    Case("ML007", BAD, WORKSPACE, {}, "is missing"),
    Case("ML007", OPEN, WORKSPACE, {"systemDatastoresAuthMode": UNKNOWN}),
    Case("ML008", OK, WORKSPACE, parts()),
    Case("ML008", OK, WORKSPACE, parts(kind="Hub")),
    Case("ML008", BAD, WORKSPACE, parts(containerRegistry=None), "containerRegistry"),
    Case("ML008", BAD, WORKSPACE, parts(keyVault=""), "keyVault is missing"),
    Case("ML008", BAD, WORKSPACE, parts(keyVault=" \t"), "keyVault is missing"),
    Case("ML008", NONE, WORKSPACE, {"kind": "project"}),
    Case("ML013", OK, COMPUTE, compute(enableNodePublicIp=False)),
    Case("ML013", OK, COMPUTE, compute(UNKNOWN, enableNodePublicIp=False)),
    Case("ML013", BAD, COMPUTE, compute(enableNodePublicIp=True), "is true"),
    Case("ML013", BAD, COMPUTE, compute(), "enableNodePublicIp is missing"),
    Case("ML013", BAD, COMPUTE, compute("ComputeInstance"), "is missing"),
    Case("ML013", BAD, COMPUTE, compute(enableNodePublicIp="false"), "'false'"),
    Case("ML013", OPEN, COMPUTE, compute(enableNodePublicIp=UNKNOWN)),
    Case("ML013", OPEN, COMPUTE, {"properties": UNKNOWN}, "properties is not known"),
    Case("ML013", OPEN, COMPUTE, compute(UNKNOWN), "properties.computeType"),
    Case("ML013", NONE, COMPUTE, compute("Kubernetes")),
    Case("ML013", NONE, COMPUTE, compute("aks", enableNodePublicIp=True)),
    Case("ML013", BAD, COMPUTE, {}, "properties.computeType is missing"),
    Case("ML013", BAD, COMPUTE, {"properties": {"properties": {}}}, "is missing"),
    Case("ML013", BAD, COMPUTE, compute(" "), "properties.computeType is missing"),
    Case("ML013", BAD, COMPUTE, compute(1.0), "properties.computeType is 1"),
    Case("ML013", OPEN, COMPUTE, compute(UNKNOWN, enableNodePublicIp=UNKNOWN)),
    Case("ML015", OK, COMPUTE, {"properties": {"disableLocalAuth": True}}),
    Case("ML015", BAD, COMPUTE, {"properties": {"disableLocalAuth": False}}),
    Case("ML015", BAD, COMPUTE, {"properties": {}}, "disableLocalAuth is missing"),
    Case("ML015", OPEN, COMPUTE, {"properties": {"disableLocalAuth": UNKNOWN}}),
    Case("ML016", OK, COMPUTE, compute(remoteLoginPortPublicAccess="Disabled")),
    Case("ML016", BAD, COMPUTE, compute(remoteLoginPortPublicAccess="NotSpecified")),
    Case("ML016", BAD, COMPUTE, compute(), "is missing"),
    Case("ML016", OPEN, COMPUTE, compute(remoteLoginPortPublicAccess=UNKNOWN)),
    Case("ML016", NONE, COMPUTE, compute("ComputeInstance")),
    Case("ML016", BAD, COMPUTE, {"properties": {}}, "computeType is missing"),
    Case("ML016", OPEN, COMPUTE, compute(UNKNOWN), "computeType is not known"),
    Case("ML016", OPEN, COMPUTE, {"properties": UNKNOWN}, "properties is not known"),
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
    Case("ST001", OK, ACCOUNT, {"networkRuleSet": SUBNETS}, settings=NETWORKS_ONLY),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {"publicNetworkAccess": "Disabled"},
        settings=NETWORKS_ONLY,
    ),
    Case("ST001", BAD, ACCOUNT, {}, "defaultAction", settings=NETWORKS_ONLY),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {"networkRuleSet": {"defaultAction": "Deny"}},
        "networkRuleSet.virtualNetworkRules is empty",
        settings=NETWORKS_ONLY,
    ),
    Case(
        "ST001",
        OPEN,
        ACCOUNT,
        {"networkRuleSet": UNKNOWN},
        "networkRuleSet is not known",
        settings=NETWORKS_ONLY,
    ),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": []}},
        settings=NETWORKS_ONLY,
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
        settings=NETWORKS_ONLY,
    ),
    Case(
        "ST001",
        BAD,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": [{"iPAddressOrRange": UNKNOWN}]}},
        "networkRuleSet.ipRules lets public addresses pass",
        settings=NETWORKS_ONLY,
    ),
    Case(
        "ST001",
        OPEN,
        ACCOUNT,
        {"networkRuleSet": SUBNETS | {"ipRules": UNKNOWN}},
        "networkRuleSet.ipRules is not known",
        settings=NETWORKS_ONLY,
    ),
    Case(
        "ST001",
        OK,
        ACCOUNT,
        {
            "publicNetworkAccess": "Disabled",
            "networkRuleSet": {"ipRules": [{"iPAddressOrRange": "1.0.0.0/8"}]},
        },
        settings=NETWORKS_ONLY,
    ),
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
    Case("ML008", OPEN, WORKSPACE, {"kind": UNKNOWN}, "kind is not known"),
)

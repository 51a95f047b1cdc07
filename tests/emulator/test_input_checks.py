"""Checks against the SDK's types and against what Azure publishes."""

from typing import Any

import pytest

from emulator import catalogue
from emulator.input_checks import sdk_problems, told_paths
from emulator.published_checks import published_problems
from emulator.wire import UNKNOWN

GROUP = {"resourceGroupName": "g"}
NETWORK = {**GROUP, "virtualNetworkName": "v", "location": "westeurope"}
SPACE = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
SUBNET = {**GROUP, "virtualNetworkName": "v", "subnetName": "s"}
ACCOUNT = {
    **GROUP,
    "accountName": "account1",
    "location": "westeurope",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
}
VAULT_PROPERTIES = {
    "tenantId": "00000000-0000-4000-8000-000000000002",
    "sku": {"family": "A", "name": "standard"},
}
VAULT = {**GROUP, "vaultName": "vault-1", "location": "westeurope"}
COMPUTE = {**GROUP, "workspaceName": "work", "computeName": "cluster"}
RULE = {
    "name": "r",
    "priority": 100,
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "*",
}


def problems(token: str, inputs: dict[str, Any]) -> dict[str, str]:
    """Path to reason, from both checks as the provider joins them."""
    found = catalogue.find(f"azure-native:{token}")
    first = sdk_problems(found, inputs)
    more = published_problems(found, inputs, told_paths(first))
    return {problem.path: problem.reason for problem in [*first, *more]}


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("network:VirtualNetwork", {**NETWORK, **SPACE}),
    ("network:Subnet", {**SUBNET, "addressPrefix": "10.0.0.0/24"}),
    ("storage:StorageAccount", ACCOUNT),
    (
        "storage:StorageAccount",
        {
            **ACCOUNT,
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "203.0.113.1", "action": "Allow"}],
            },
            "encryption": {"keySource": "Microsoft.Keyvault"},
        },
    ),
    ("keyvault:Vault", {**VAULT, "properties": VAULT_PROPERTIES}),
    (  # Azure compares words without regard to case
        "keyvault:Vault",
        {
            **VAULT,
            "properties": {
                **VAULT_PROPERTIES,
                "sku": {"family": "a", "name": "Standard"},
                "publicNetworkAccess": "disabled",
            },
        },
    ),
    (
        "machinelearningservices:Compute",
        {
            **COMPUTE,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_Tomorrow_v9",
                    "scaleSettings": {"maxNodeCount": 4, "minNodeCount": 0},
                },
            },
        },
    ),
    (
        "monitor:MetricAlert",
        {
            **GROUP,
            "ruleName": "r",
            "location": "global",
            "enabled": True,
            "evaluationFrequency": "PT1M",
            "windowSize": "PT5M",
            "severity": 2,
            "scopes": ["/subscriptions/s"],
            "criteria": {
                "odataType": (
                    "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
                ),
                "allOf": [
                    {
                        "criterionType": "StaticThresholdCriterion",
                        "name": "m",
                        "metricName": "TunnelAverageBandwidth",
                        "operator": "LessThan",
                        "threshold": 1.5,
                        "timeAggregation": "Average",
                    }
                ],
            },
        },
    ),
    (
        "applicationinsights:Component",
        {
            **GROUP,
            "resourceName": "c",
            "location": "westeurope",
            "kind": "web",
            "applicationType": "web",
            "workspaceResourceId": "/subscriptions/s",
            "publicNetworkAccessForQuery": "Disabled",
        },
    ),
    (
        "machinelearningservices:Workspace",
        {
            **GROUP,
            "workspaceName": "work",
            "location": "westeurope",
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": ["/subscriptions/s"],
            },
        },
    ),
    (  # nothing is known yet
        "machinelearningservices:Compute",
        {key: UNKNOWN for key in (*COMPUTE, "properties", "identity", "location")},
    ),
    (  # a variant that is not chosen yet
        "machinelearningservices:Compute",
        {**COMPUTE, "properties": {"computeType": UNKNOWN, "properties": {}}},
    ),
]


@pytest.mark.parametrize(("token", "inputs"), ACCEPTED)
def test_right_inputs_pass(token: str, inputs: dict[str, Any]) -> None:
    """Inputs that Azure accepts have no problem."""
    assert problems(token, inputs) == {}


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "network:Subnet",
        {**SUBNET, "adressPrefix": "10.0.0.0/24"},
        "adressPrefix",
        "is not a property of this type; did you mean 'addressPrefix'?",
    ),
    (
        "network:NetworkSecurityGroup",
        {
            **GROUP,
            "location": "westeurope",
            "securityRules": [RULE, {**RULE, "destinationPort": "22"}],
        },
        "securityRules[1].destinationPort",
        "did you mean 'destinationPortRange",
    ),
    ("network:Subnet", GROUP, "virtualNetworkName", "missing required property"),
    (
        "network:NetworkSecurityGroup",
        {**GROUP, "securityRules": [{**RULE, "direction": None}]},
        "securityRules[0].direction",
        "missing required property 'securityRules[0].direction'",
    ),
    (
        "network:Subnet",
        {**SUBNET, "defaultOutboundAccess": "false"},
        "defaultOutboundAccess",
        "should be true or false, but is the text 'false'",
    ),
    (
        "network:Subnet",
        {**SUBNET, "addressPrefixes": "10.0.0.0/24"},
        "addressPrefixes",
        "should be a list, but is the text '10.0.0.0/24'",
    ),
    (
        "network:NetworkSecurityGroup",
        {**GROUP, "securityRules": [{**RULE, "priority": 100.5}]},
        "securityRules[0].priority",
        "should be a whole number, but is the number 100.5",
    ),
    (
        "network:NetworkSecurityGroup",
        {**GROUP, "securityRules": [{**RULE, "access": "Alow"}]},
        "securityRules[0].access",
        "is 'Alow', which is not one of Allow, Deny; did you mean 'Allow'?",
    ),
    (
        "network:NetworkSecurityGroup",
        {**GROUP, "tags": ["a"]},
        "tags",
        "should be a map, but is a list",
    ),
    (
        "machinelearningservices:Compute",
        {**COMPUTE, "properties": {"computeType": "AmlComputer"}},
        "properties.computeType",
        "did you mean 'AmlCompute'?",
    ),
    (
        "machinelearningservices:Compute",
        {**COMPUTE, "properties": {"properties": {}}},
        "properties.computeType",
        "missing required property 'properties.computeType', one of",
    ),
    (
        "machinelearningservices:Compute",
        {
            **COMPUTE,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"vmSizes": "Standard_DS3_v2"},
            },
        },
        "properties.properties.vmSizes",
        "did you mean 'vmSize'?",
    ),
    # Only in what Azure publishes
    (
        "network:Subnet",
        {**SUBNET, "networkSecurityGroup": {"id": "/x", "provisioningState": "ok"}},
        "networkSecurityGroup.provisioningState",
        "read-only",
    ),
    (
        "keyvault:Vault",
        {**VAULT, "vaultName": "a-vault-name-that-is-much-too-long"},
        "vaultName",
        "which does not match ^[a-zA-Z0-9-]{3,24}$",
    ),
    (
        "keyvault:Secret",
        {**GROUP, "vaultName": "v", "secretName": "s", "properties": {}},
        "vaultName",
        "does not match",
    ),
    (
        "storage:StorageAccount",
        {**ACCOUNT, "accountName": "ab"},
        "accountName",
        "at least 3",
    ),
    (
        "machinelearningservices:Compute",
        {**COMPUTE, "computeName": "cluster-1"},
        "computeName",
        "does not match",
    ),
    (
        "storage:StorageAccount",
        {k: v for k, v in ACCOUNT.items() if k != "location"},
        "location",
        "pulumi config set azure-native:location",
    ),
    (
        "keyvault:Vault",
        {
            **VAULT,
            "properties": {**VAULT_PROPERTIES, "sku": {"family": "A", "name": "gold"}},
        },
        "properties.sku.name",
        "not one of",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "path", "reason"), REFUSED)
def test_wrong_inputs_are_refused(
    token: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    """Each wrong input is named by its path, with what is allowed."""
    found = problems(token, inputs)
    assert path in found, found
    assert path in found[path]
    assert reason in found[path]


def test_all_problems_come_together() -> None:
    """One check reports every problem of a resource, each path once."""
    inputs = {
        **ACCOUNT,
        "accountName": "x",
        "kind": "StorageV9",
        "acessTier": "Hot",
        "sku": {},
        "enableHttpsTrafficOnly": "yes",
    }
    assert problems("storage:StorageAccount", inputs).keys() == {
        "accountName",
        "kind",
        "acessTier",
        "sku.name",
        "enableHttpsTrafficOnly",
    }


@pytest.mark.parametrize(
    ("token", "inputs", "secret"),
    [
        (
            "compute:VirtualMachine",
            {
                **GROUP,
                "vmName": "vm",
                "location": "westeurope",
                "osProfile": {"adminPassword": ["hunter2hunter2"]},
            },
            "hunter2",
        ),
        (
            "keyvault:Secret",
            {
                **GROUP,
                "vaultName": "vault-1",
                "secretName": "s",
                "properties": {"value": 271828},
            },
            "271828",
        ),
    ],
)
def test_secret_values_are_not_quoted(
    token: str, inputs: dict[str, Any], secret: str
) -> None:
    """A message about a password or a secret does not hold it."""
    found = problems(token, inputs)
    assert found
    assert all(secret not in reason for reason in found.values())


RULE_SET = "networkRuleSet"


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (
            "storage:StorageAccount",
            {**ACCOUNT, RULE_SET: {"defaultAction": "Deny", kind: [{written: "x"}]}},
            {
                f"{RULE_SET}.{kind}[0].{written}": (
                    f"'{RULE_SET}.{kind}[0].{written}' is not a property of this type; "
                    f"did you mean '{right}'?"
                )
            },
        )
        for kind, written, right in [
            ("ipRules", "iPAddressOrRang", "iPAddressOrRange"),
            ("ipRules", "value", "iPAddressOrRange"),
            (
                "virtualNetworkRules",
                "virtualNetworkResource",
                "virtualNetworkResourceId",
            ),
            ("virtualNetworkRules", "id", "virtualNetworkResourceId"),
        ]
    ],
)
def test_misspelt_required_inputs_are_told_once(
    token: str, inputs: dict[str, Any], expected: dict[str, str]
) -> None:
    """A misspelt name, or Azure's own, is one problem, in the SDK's word."""
    assert problems(token, inputs) == expected


def test_missing_renamed_input_has_the_name_of_the_sdk() -> None:
    """An input that Azure calls otherwise is missing under the SDK's name only."""
    account = {**ACCOUNT, RULE_SET: {"defaultAction": "Deny", "ipRules": [{}]}}
    path = f"{RULE_SET}.ipRules[0].iPAddressOrRange"
    reason = f"missing required property '{path}'"
    assert problems("storage:StorageAccount", account) == {path: reason}


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({**ACCOUNT, "provisioningState": "Succeeded"}, "provisioningState"),
        (
            {**ACCOUNT, "sku": {"name": "Standard_LRS", "tier": "Standard"}},
            "sku.tier",
        ),
    ],
)
def test_read_only_properties_are_told_as_such(
    inputs: dict[str, Any], path: str
) -> None:
    """A property that only Azure sets is called read-only, at every depth."""
    reason = f"'{path}' is read-only: Azure sets it; leave it out"
    assert problems("storage:StorageAccount", inputs) == {path: reason}


def test_known_names_are_listed_briefly() -> None:
    """An unknown property with no like gets ten known names and a count."""
    found = problems("storage:StorageAccount", {**ACCOUNT, "zzz": 1})["zzz"]
    names = found.partition("; it has ")[2]
    assert len(names.split(" and ")[0].split(", ")) == 10
    assert names.endswith(" more")

"""Remedies that set a list, a number, or what the configuration asks for."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format
from policy_calls import Analyzer, answers
from policy_plans import secret

from azureml_policies import RULES
from azureml_policies._frame import Rule

RULE_BY_ID = {rule.id: rule for rule in RULES}


def mended(rule: Rule, inputs: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """Return ``inputs`` as the rule alone changes them, then finds nothing."""
    analyzer = Analyzer([rule])
    level = {"enforcementLevel": "remediate"}
    analyzer.configure({rule.name: {**level, **settings}})
    token = f"azure-native:{rule.types[0]}"
    (change,) = analyzer.remediate(token, inputs).remediations
    properties = json_format.MessageToDict(change.properties)
    assert answers(analyzer.analyze(token, properties), rule.name) == {"satisfied"}
    return properties


@pytest.mark.parametrize(
    ("rule", "settings", "inputs", "expected"),
    [
        ("ML003", {"expected": True}, {}, {"v1LegacyMode": True}),
        ("ML003", {}, {"v1LegacyMode": True}, {"v1LegacyMode": False}),
        (
            "ML019",
            {"maximumMinutes": 30},
            {"properties": {"computeType": "ComputeInstance"}},
            {
                "properties": {
                    "computeType": "ComputeInstance",
                    "properties": {"idleTimeBeforeShutdown": "PT30M"},
                }
            },
        ),
        (
            "ST017",
            {"maximumDays": 1},
            {},
            {"sasPolicy": {"sasExpirationPeriod": "1.00:00:00"}},
        ),
        (
            "ST005",
            {},
            {"networkRuleSet": {"virtualNetworkRules": ["subnet"]}},
            {"networkRuleSet": {"virtualNetworkRules": []}},
        ),
        (
            "ML020",
            {},
            {
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                        "scaleSettings": {"minNodeCount": 2, "maxNodeCount": 4}
                    },
                }
            },
            {
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                        "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}
                    },
                }
            },
        ),
        (
            "IP002",
            {},
            {"ipConfigurations": [{"publicIPAddress": {"id": "pip"}, "name": "a"}]},
            {"ipConfigurations": [{"name": "a"}]},
        ),
        (
            "FW001",
            {},
            {"sku": {"tier": "Basic"}, "threatIntelMode": "Off"},
            {"sku": {"tier": "Basic"}, "threatIntelMode": "Alert"},
        ),
        (
            "FW001",
            {},
            {"sku": {"tier": "Premium"}, "threatIntelMode": "Alert"},
            {"sku": {"tier": "Premium"}, "threatIntelMode": "Deny"},
        ),
    ],
    ids=str,
)
def test_the_remedy_sets_what_the_configuration_asks_for(
    rule: str,
    settings: dict[str, Any],
    inputs: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """A list, a number, or what a setting says; all else stays as it is."""
    assert mended(RULE_BY_ID[rule], inputs, **settings) == expected


@pytest.mark.parametrize("hidden", [False, True], ids=["plain", "secret"])
def test_what_is_dropped_may_stand_deep_in_lists(hidden: bool) -> None:
    """Of a machine's own interfaces; what stands beside it stays."""

    def profile(*configurations: dict[str, Any]) -> Any:
        interfaces = [{"name": "nic", "ipConfigurations": list(configurations)}]
        return secret(interfaces) if hidden else interfaces

    address = {"name": "second", "publicIPAddressConfiguration": {"name": "pip"}}
    analyzer = Analyzer([RULE_BY_ID["IP002"]])
    analyzer.configure({"nic-no-public-ip": {"enforcementLevel": "remediate"}})
    inputs = {
        "networkProfile": {
            "networkInterfaceConfigurations": profile({"name": "first"}, address)
        }
    }
    (change,) = analyzer.remediate(
        "azure-native:compute:VirtualMachine", inputs
    ).remediations
    assert json_format.MessageToDict(change.properties) == {
        "networkProfile": {
            "networkInterfaceConfigurations": profile(
                {"name": "first"}, {"name": "second"}
            )
        }
    }


def test_a_remedy_that_something_stands_in_the_way_of_changes_nothing() -> None:
    """A list where the elements are no maps is left to the rule."""
    analyzer = Analyzer([RULE_BY_ID["IP002"]])
    analyzer.configure({"nic-no-public-ip": {"enforcementLevel": "remediate"}})
    inputs = {"ipConfigurations": [{"publicIPAddress": {"id": "pip"}}, "none"]}
    token = "azure-native:network:NetworkInterface"
    assert not analyzer.remediate(token, inputs).remediations
    assert answers(analyzer.analyze(token, inputs), "nic-no-public-ip") == {"violated"}

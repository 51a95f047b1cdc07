"""Remedies that set a list, a number, or what the configuration asks for."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format
from policy_calls import Analyzer, answers

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

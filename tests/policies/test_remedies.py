"""Remedies that set a list, a number, or what the configuration asks for."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format
from policy_calls import Analyzer, answers
from policy_plans import UNKNOWN, secret

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


GROUPS_ONLY = "NetworkSecurityGroupEnabled"
OPEN_PEERING = {"allowForwardedTraffic": True, "useRemoteGateways": False}


@pytest.mark.parametrize(
    ("rule", "type", "settings", "inputs", "expected"),
    [
        ("VN005", "Subnet", {}, {}, {"privateEndpointNetworkPolicies": GROUPS_ONLY}),
        (
            "VN005",
            "Subnet",
            {},
            {"privateEndpointNetworkPolicies": "disabled"},
            {"privateEndpointNetworkPolicies": GROUPS_ONLY},
        ),
        ("VN005", "Subnet", {}, {"privateEndpointNetworkPolicies": "Enabled"}, None),
        ("VN005", "Subnet", {}, {"privateEndpointNetworkPolicies": UNKNOWN}, None),
        ("VN005", "VirtualNetwork", {}, {"subnets": [{"name": "a"}]}, None),
        ("FW002", "FirewallPolicy", {}, {}, {"dnsSettings": {"enableProxy": True}}),
        ("FW002", "FirewallPolicy", {}, {"sku": {"tier": "Basic"}}, None),
        ("FW002", "FirewallPolicy", {}, {"sku": {"tier": UNKNOWN}}, None),
        (
            "VN015",
            "VirtualNetworkPeering",
            {},
            OPEN_PEERING,
            {
                "allowForwardedTraffic": False,
                "allowGatewayTransit": False,
                "useRemoteGateways": False,
            },
        ),
        ("VN015", "VirtualNetworkPeering", {}, {}, None),
        (
            "VN015",
            "VirtualNetworkPeering",
            {"useRemoteGateways": ["spoke -> hub"]},
            OPEN_PEERING,
            None,
        ),
    ],
    ids=str,
)
def test_a_stack_rule_mends_what_a_resource_shows_by_itself(
    rule: str,
    type: str,
    settings: dict[str, Any],
    inputs: dict[str, Any],
    expected: dict[str, Any] | None,
) -> None:
    """And leaves alone what only the rest of the stack, or Azure, can tell."""
    assert changed(rule, f"network:{type}", inputs, **settings) == expected


@pytest.mark.parametrize(
    ("tags", "inputs", "expected"),
    [
        ({"owner": ["ml"], "environment": []}, {}, {"owner": "ml"}),
        ({"owner": ["ml"]}, {"tags": {"a": "b"}}, {"a": "b", "owner": "ml"}),
        ({"owner": ["ml"]}, {"tags": secret({"a": "b"})}, {"a": "b", "owner": "ml"}),
        ({"owner": ["ml"]}, {"tags": {"Owner": "web"}}, None),
        ({"owner": ["ml"]}, {"tags": {"owner": UNKNOWN}}, None),
        ({"owner": ["ml"]}, {"tags": UNKNOWN}, None),
        ({"owner": ["ml", "web"], "environment": []}, {}, None),
    ],
    ids=str,
)
def test_a_tag_that_can_have_one_value_only_is_added(
    tags: dict[str, list[str]],
    inputs: dict[str, Any],
    expected: dict[str, str] | None,
) -> None:
    """What has a value keeps it, and nobody guesses at one of several."""
    found = changed("PU007", "keyvault:Vault", inputs, tags=tags)
    if found is not None and inputs.get("tags", {}).get("value"):
        found = {"tags": found["tags"]["value"]}
    assert found == (None if expected is None else {"tags": expected})


def changed(
    rule: str, type: str, inputs: Mapping[str, Any], **settings: Any
) -> dict[str, Any] | None:
    """Return what the rule at the level ``remediate`` makes of a resource's inputs."""
    analyzer = Analyzer([RULE_BY_ID[rule]])
    level = {"enforcementLevel": "remediate"}
    analyzer.configure({RULE_BY_ID[rule].name: {**level, **settings}})
    found = analyzer.remediate(f"azure-native:{type}", inputs).remediations
    return json_format.MessageToDict(found[0].properties) if found else None

"""Whatever a resource holds, the rules end with an answer and show no secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_calls import Analyzer, messages
from policy_plans import UNKNOWN, Planned, Rendered, secret
from pulumi_policy import EnforcementLevel, Severity

from azureml_policies import RULES
from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Resource,
    Violation,
    stack_rule,
)
from azureml_policies._frame.arm_ids import IDENTITIES

SECRET = "correct-horse-battery-staple"
"""Every secret text of these tests holds this one."""

KEYS = (
    "publicNetworkAccess",
    "allowPublicAccessWhenBehindVnet",
    "systemDatastoresAuthMode",
    "storageAccount",
    "keyVault",
    "containerRegistry",
    "applicationInsights",
    "kind",
    "managedNetwork",
    "isolationMode",
    "properties",
    "computeType",
    "enableNodePublicIp",
    "disableLocalAuth",
    "remoteLoginPortPublicAccess",
    "subnet",
    "id",
    "networkRuleSet",
    "networkAcls",
    "defaultAction",
    "virtualNetworkRules",
    "isHnsEnabled",
    "privateLinkServiceConnections",
    "manualPrivateLinkServiceConnections",
    "privateLinkServiceId",
    "groupIds",
    "privateEndpointName",
    "privateDnsZoneConfigs",
    "privateDnsZoneId",
    "privateZoneName",
    "virtualNetwork",
    "virtualNetworkName",
    "workspaceName",
    "resourceGroupName",
)
TEXTS = (
    "Enabled",
    "Disabled",
    "Deny",
    "AmlCompute",
    "Project",
    "blob",
    "amlworkspace",
    "privatelink.blob.core.windows.net",
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a",
    "v",
    "",
)
TYPES = sorted({type_name for rule in RULES for type_name in rule.types})


def plain_values() -> st.SearchStrategy[Any]:
    """Return values of any shape and type, unknown ones among them."""
    leaves = st.one_of(
        st.sampled_from(TEXTS),
        st.just(UNKNOWN),
        st.booleans(),
        st.none(),
        st.integers(-5, 70000),
        st.text(max_size=8),
    )
    return st.recursive(leaves, _containers, max_leaves=12)


def secret_values() -> st.SearchStrategy[Any]:
    """Return values marked secret; all texts below hold ``SECRET``, keys too."""
    texts = st.text(max_size=4).map(lambda text: f"{text}{SECRET}{text}")
    leaves = st.one_of(texts, st.just(UNKNOWN), st.booleans(), st.none())
    inner = st.recursive(
        leaves,
        lambda below: st.one_of(
            st.lists(below, max_size=3),
            st.dictionaries(st.one_of(st.sampled_from(KEYS), texts), below, max_size=3),
        ),
        max_leaves=6,
    )
    return inner.map(secret)


def _containers(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    inner = st.one_of(below, secret_values())
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    )


def inputs() -> st.SearchStrategy[dict[str, Any]]:
    """Return the inputs of a resource of any type."""
    return st.dictionaries(
        st.sampled_from(KEYS), st.one_of(plain_values(), secret_values()), max_size=8
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*TYPES, *IDENTITIES]), inputs()),
        min_size=1,
        max_size=6,
    )
)
def test_no_input_crashes_a_rule_or_leaks(
    resources: list[tuple[str, dict[str, Any]]],
) -> None:
    """Hostile inputs end in answers: none of them a crash, none with a secret."""
    analyzer = Analyzer()
    rendered = [
        Rendered(Planned(type_name, f"r{index}"), content, {}, "")
        for index, (type_name, content) in enumerate(resources)
    ]
    responses = [
        analyzer.analyze(each.planned.type, each.inputs, each.planned.name)
        for each in rendered
    ]
    responses.append(analyzer.analyze_stack(rendered))
    shown = "".join(str(response) for response in responses)
    assert SECRET not in shown
    assert "the rule itself failed" not in shown


@pytest.mark.parametrize(
    "value",
    [f"{SECRET}-1", {"key": SECRET}, [SECRET], {SECRET: True}],
    ids=["text", "map", "list", "key"],
)
def test_a_secret_is_judged_but_not_shown(analyzer: Analyzer, value: Any) -> None:
    """The message names the path and says that the value is a secret."""
    response = analyzer.analyze(
        "machinelearningservices:Workspace", {"publicNetworkAccess": secret(value)}
    )
    (message,) = messages(response, "ml-workspace-no-public-access")
    assert "publicNetworkAccess is [secret]; set it to 'Disabled'" in message


def test_a_secret_copied_into_a_plain_value_is_redacted(analyzer: Analyzer) -> None:
    """A secret that stands in plain text elsewhere in the resource stays out too."""
    response = analyzer.analyze(
        "machinelearningservices:Workspace",
        {"tags": secret({"token": SECRET}), "publicNetworkAccess": f"is {SECRET}!"},
    )
    assert SECRET not in str(response)


def test_a_secret_of_a_component_is_redacted_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C103: newer engines keep a component's inputs too, and what is secret there may
    stand as plain text in a resource: no message and no witness shows it."""

    @stack_rule(
        id="T001",
        name="telling",
        level=EnforcementLevel.MANDATORY,
        severity=Severity.LOW,
        types=("network:VirtualNetworkGatewayConnection",),
        steps="",
        url="",
    )
    def telling(subject: Resource, context: Context) -> Iterator[Finding]:
        """Says what it sees."""
        key = subject.value("sharedKey")
        assert isinstance(key, Known)
        yield Violation(key.value, key.value, {key.value: [key.value, 1]})

    verdicts = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(verdicts))
    analyzer = Analyzer([telling])
    analyzer.configure({})
    component = Planned("contoso:index:HybridGateway", "gateway")
    connection = Planned("network:VirtualNetworkGatewayConnection", "site")
    response = analyzer.analyze_stack(
        [
            Rendered(component, {"sites": secret({"key": SECRET})}, {}, ""),
            Rendered(connection, {"sharedKey": SECRET}, {}, component.urn),
        ]
    )
    assert "[secret]" in messages(response, "telling")[0]
    assert SECRET not in str(response) + verdicts.read_text()
    witness = json.loads(verdicts.read_text().splitlines()[-1])["witness"]
    assert witness == {"[secret]": ["[secret]", 1]}

"""What the guards lean on: the order of rules, their subjects, and a table of types."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from policy_calls import Analyzer, answers
from policy_plans import RG, Plan, Planned, Told

from azureml_policies import RULES
from azureml_policies._frame.type_keys import type_key
from azureml_policies._resource_types import KNOWN_TYPES, TAGGED_TYPES

HIDES = "ignore-changes-hides-security"
WEST = {"allowed-locations": {"locations": ["westeurope"]}}
_WORDS = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def source_of(type_name: str) -> str:
    """Return the SDK's module of a type."""
    module, _, resource = type_name.partition(":")
    spec = find_spec("pulumi_azure_native")
    assert spec is not None and spec.origin is not None
    file = f"{_WORDS.sub('_', resource).lower()}.py"
    return (Path(spec.origin).parent / module / file).read_text()


@pytest.mark.parametrize("type_name", sorted(KNOWN_TYPES))
def test_known_types_exist(type_name: str) -> None:
    """In the provider's SDK, under this very name."""
    assert f'@pulumi.type_token("azure-native:{type_name}")' in source_of(type_name)


@pytest.mark.parametrize("type_name", sorted(KNOWN_TYPES))
def test_former_names_of_a_known_type_are_known(type_name: str) -> None:
    """A program of an older version is not told that its types are unknown."""
    tokens = re.findall(r'Alias\(type_="([^"]+)"\)', source_of(type_name))
    assert {type_key(token) for token in tokens} <= {type_name.lower()}


@pytest.mark.parametrize("type_name", sorted(TAGGED_TYPES))
def test_tagged_types_take_tags(type_name: str) -> None:
    """Among the arguments of the SDK's class."""
    assert re.search(r"^ +tags: pulumi\.Input", source_of(type_name), re.MULTILINE)


@pytest.mark.parametrize("type_name", sorted(KNOWN_TYPES - TAGGED_TYPES))
def test_other_known_types_take_none(type_name: str) -> None:
    """So that nobody is asked for tags that Azure would refuse."""
    source = source_of(type_name)
    if not re.search(r"^ +tags: pulumi\.Input", source, re.MULTILINE):
        return
    assert type_name in {
        "machinelearningservices:BatchDeployment",
        "machinelearningservices:BatchEndpoint",
    }


def test_ignored_changes_are_asked_about_last() -> None:
    """After a rule of a higher number too, which reads what is ignored."""
    vault = Planned(
        "keyvault:Vault",
        "vault",
        {**RG, "location": "westeurope"},
        told=Told(ignore_changes=("location",)),
    )
    analyzer = Analyzer()
    analyzer.configure(WEST)
    response = analyzer.analyze_stack(Plan(vault).render(deployed=True))
    (found,) = [each for each in response.diagnostics if each.policyName == HIDES]
    assert found.urn == vault.urn
    assert "'location'" in found.message


def test_what_no_rule_reads_may_be_ignored() -> None:
    """Once the rules that look at it are switched off."""
    vault = Planned(
        "keyvault:Vault",
        "vault",
        {**RG, "properties": {"publicNetworkAccess": "Disabled"}},
        told=Told(ignore_changes=("properties",)),
    )
    plan = Plan(vault).render(deployed=True)
    analyzer = Analyzer()
    assert answers(analyzer.analyze_stack(plan), HIDES) == {"violated"}
    off = {rule.name: {"enforcementLevel": "disabled"} for rule in RULES}
    analyzer.configure({**off, HIDES: {"enforcementLevel": "mandatory"}})
    assert answers(analyzer.analyze_stack(plan), HIDES) == {"satisfied"}


@pytest.mark.parametrize(
    ("type_name", "changes"),
    [("ExpressRouteCircuit", 1), ("ExpressRouteCircuitConnection", 0)],
)
def test_a_remedy_is_for_the_types_that_it_names(type_name: str, changes: int) -> None:
    """A connection of circuits violates the rule too, and has no such property."""
    analyzer = Analyzer()
    analyzer.configure({"er-no-classic": {"enforcementLevel": "remediate"}})
    response = analyzer.remediate(
        f"azure-native:network:{type_name}", {"allowClassicOperations": True}
    )
    assert len(response.remediations) == changes


@pytest.mark.parametrize(
    ("policy", "type_name", "inputs", "wanted"),
    [
        (
            "bastion-no-shareable-link",
            "network:BastionHost",
            {"enableShareableLink": True},
            {"enableShareableLink": False},
        ),
        (
            "bastion-no-copy-paste",
            "network:BastionHost",
            {"enableFileCopy": True},
            {"enableFileCopy": False, "disableCopyPaste": True},
        ),
        (
            "bastion-no-tunnel-ipconnect",
            "network:BastionHost",
            {"enableTunneling": True},
            {"enableTunneling": False, "enableIpConnect": False},
        ),
        (
            "vpn-ikev2",
            "network:VirtualNetworkGatewayConnection",
            {"connectionType": "IPsec"},
            {"connectionType": "IPsec", "connectionProtocol": "IKEv2"},
        ),
        (
            "vpn-p2s-openvpn",
            "network:VirtualNetworkGateway",
            {
                "vpnClientConfiguration": {
                    "vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]}
                }
            },
            {
                "vpnClientConfiguration": {
                    "vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]},
                    "vpnClientProtocols": ["OpenVPN"],
                }
            },
        ),
        (
            "dns-link-no-registration",
            "privatedns:VirtualNetworkLink",
            {
                "privateZoneName": "privatelink.azurecr.io",
                "registrationEnabled": True,
            },
            {
                "privateZoneName": "privatelink.azurecr.io",
                "registrationEnabled": False,
            },
        ),
        (
            "dns-link-fallback",
            "privatedns:VirtualNetworkLink",
            {
                "privateZoneName": "privatelink.azurecr.io",
                "resolutionPolicy": "NxDomainRedirect",
            },
            {
                "privateZoneName": "privatelink.azurecr.io",
                "resolutionPolicy": "Default",
            },
        ),
    ],
)
def test_remedies(
    policy: str, type_name: str, inputs: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """What the level ``remediate`` makes of a resource."""
    analyzer = Analyzer()
    analyzer.configure({policy: {"enforcementLevel": "remediate"}})
    response = analyzer.remediate(f"azure-native:{type_name}", inputs)
    (change,) = response.remediations
    assert json_format.MessageToDict(change.properties) == wanted

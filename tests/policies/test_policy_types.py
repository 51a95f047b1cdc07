"""Types under the names that older versions of the provider gave them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from policy_calls import ENDPOINT_RULES, Analyzer, answers
from policy_plans import Plan, private_plan

from azureml_policies import RULES, _plan
from azureml_policies._frame.type_keys import type_key

MOVED = {
    "privatedns:PrivateZone": "azure-native:network/v20200601:PrivateZone",
    "privatedns:VirtualNetworkLink": "azure-native:network:VirtualNetworkLink",
}
NEVER_CALLED_OTHERWISE = {"keyvault:AccessPolicy"}
_WORDS = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
OTHER_SHAPE = "azure-native:network/v20190201:InterfaceEndpoint"
"""An endpoint before there were connections and group ids: nothing to be judged."""


def types_in_use() -> set[str]:
    """Return every type that the pack judges or reads."""
    named = {
        value
        for name, value in vars(_plan).items()
        if name.isupper() and isinstance(value, str)
    }
    return named.union(*(rule.types for rule in RULES))


def former_tokens(type_name: str) -> Iterator[str]:
    """Yield the tokens that the SDK lists as former names of ``type_name``."""
    module, _, resource = type_name.partition(":")
    file = _WORDS.sub("_", resource).lower()
    spec = find_spec("pulumi_azure_native")
    assert spec is not None and spec.origin is not None
    source = (Path(spec.origin).parent / module / f"{file}.py").read_text()
    yield from re.findall(r'Alias\(type_="([^"]+)"\)', source)


@pytest.mark.parametrize("type_name", sorted(types_in_use()))
def test_former_names_of_a_type_are_the_type(type_name: str) -> None:
    """Whatever version wrote the state or the program, the rules see one type."""
    tokens = {
        token
        for token in former_tokens(type_name)
        if token.rpartition(":")[2] != OTHER_SHAPE.rpartition(":")[2]
    }
    assert bool(tokens) is (type_name not in NEVER_CALLED_OTHERWISE)
    assert {type_key(token) for token in tokens} <= {type_name.lower()}


@pytest.mark.parametrize(
    ("token", "key"),
    [
        ("azure-native:network/v20200601:PrivateZone", "privatedns:privatezone"),
        (
            "azure-native_network_v20200601:network:VirtualNetworkLink",
            "privatedns:virtualnetworklink",
        ),
        ("azure-native:network:PrivateRecordSet", "privatedns:privaterecordset"),
        ("azure-native:network/v20220701:DnsResolver", "dnsresolver:dnsresolver"),
        (OTHER_SHAPE, "network:interfaceendpoint"),
        ("aws:network:PrivateZone", ""),
    ],
)
def test_key_of_a_token(token: str, key: str) -> None:
    """Moved types have the key of their present module; others keep their own."""
    assert type_key(token) == key


@pytest.mark.parametrize("deployed", [False, True], ids=["preview", "deployed"])
def test_a_plan_with_former_names_is_judged_alike(deployed: bool) -> None:
    """Zones and links of the module network: all well, and a link missing."""
    plan = Plan(
        *(
            replace(each, former_token=MOVED.get(each.type, ""))
            for each in private_plan().resources.values()
        )
    )
    response = Analyzer(ENDPOINT_RULES).analyze_stack(plan.render(deployed=deployed))
    assert not response.diagnostics
    response = Analyzer(ENDPOINT_RULES).analyze_stack(
        plan.without("zone-blob-link").render(deployed=deployed)
    )
    assert answers(response, "dns-zone-linked") == {"violated"}

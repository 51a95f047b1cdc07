"""Security rules and groups: each rule once broken, and narrow rules kept."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask

ELSEWHERE = {"location": "northeurope"}
NOT_COMPLIANT = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
UNSUPPORTED = "SecurityRuleParameterContainsUnsupportedValue"
INVALID_PREFIX = "SecurityRuleInvalidAddressPrefix"
OVERLAPPING = "OverlappingSubnetsNotPermittedInSecurityRule"
ASG_LIMIT = "NumberOfApplicationSecurityGroupsReferencedInSecurityRuleLimitReached"


def _security_group_at(name: str) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        group = ask.security_group(azure)
        azure.subnet(name, "10.0.0.0/26", networkSecurityGroup=ask.ref(group))

    act.__name__ = f"_security_group_at_{name}"
    return act


def _without_bastion_rule(position: int) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        azure.network()
        rules = ask.bastion_rules()
        del rules[position]
        group = ask.security_group(azure, *rules)
        subnet = ("AzureBastionSubnet", "10.0.0.0/26")
        azure.subnet(*subnet, networkSecurityGroup=ask.ref(group))

    act.__name__ = f"_without_bastion_rule_{position}"
    return act


def _bastion_group(azure: Any) -> Any:
    azure.network()
    group = ask.security_group(azure, *ask.bastion_rules())
    subnet = ("AzureBastionSubnet", "10.0.0.0/26")
    azure.subnet(*subnet, networkSecurityGroup=ask.ref(group))
    return group


def _bastion_rule_goes_from_list(azure: Any) -> None:
    group = _bastion_group(azure)
    azure.update(
        "network:NetworkSecurityGroup",
        group,
        networkSecurityGroupName="nsg",
        securityRules=ask.bastion_rules()[1:],
    )


def _bastion_rule_is_deleted(azure: Any) -> None:
    group = _bastion_group(azure)
    azure.provider.delete(
        "azure-native:network:SecurityRule", f"{group.id}/securityRules/rule3"
    )


def _deny_ahead_of_bastion_rules(azure: Any) -> None:
    azure.network()
    rules = [
        {**found, "priority": found["priority"] + 10}
        for found in ask.bastion_rules()
        if found["priority"] < 4000
    ]
    group = ask.security_group(azure, ask.rule("deny", 100, access="Deny"), *rules)
    subnet = ("AzureBastionSubnet", "10.0.0.0/26")
    azure.subnet(*subnet, networkSecurityGroup=ask.ref(group))


def _one_rule(**more: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        ask.security_group(azure, ask.rule("a", **more))

    act.__name__ = "_one_rule_" + "_".join(more)
    return act


def _same_priority_in_list(azure: Any) -> None:
    ask.security_group(azure, ask.rule("a"), ask.rule("b"))


def _same_name_in_list(azure: Any) -> None:
    ask.security_group(azure, ask.rule("web", 100), ask.rule("Web", 200))


def _overlap(*prefixes: str, side: str = "source") -> Callable[[Any], None]:
    return _one_rule(
        **{f"{side}AddressPrefix": None, f"{side}AddressPrefixes": list(prefixes)}
    )


def _same_priority_alone(azure: Any) -> None:
    ask.security_group(azure, ask.rule("a"))
    ask.add_rule(azure, **ask.rule("b"))


def _too_many_rules(azure: Any) -> None:
    ask.security_group(azure, *(ask.rule(f"r{n}", 100 + n) for n in range(1001)))


def _rule_of_two_networks(azure: Any) -> None:
    azure.network()
    azure.network("10.1.0.0/16", virtualNetworkName="hub")
    groups = [ask.application_group(azure, name) for name in ("a", "b")]
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), groups[0])
    there = azure.subnet("x", "10.1.0.0/24", virtualNetworkName="hub")
    azure.card("two", there, groups[1])
    sides = {
        "sourceAddressPrefix": None,
        "destinationAddressPrefix": None,
        "sourceApplicationSecurityGroups": [ask.ref(groups[0])],
        "destinationApplicationSecurityGroups": [ask.ref(groups[1])],
    }
    ask.security_group(azure, ask.rule("a", **sides))


def _group_in_two_networks(azure: Any) -> None:
    azure.network()
    azure.network("10.1.0.0/16", virtualNetworkName="hub")
    group = ask.application_group(azure, "a")
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)
    there = azure.subnet("x", "10.1.0.0/24", virtualNetworkName="hub")
    azure.card("two", there, group)


def _rule_with_group_far_away(azure: Any) -> None:
    group = ask.application_group(azure, "a", **ELSEWHERE)
    sides = {
        "sourceAddressPrefix": None,
        "sourceApplicationSecurityGroups": [ask.ref(group)],
    }
    ask.security_group(azure, ask.rule("a", **sides))


def _card_with_group_far_away(azure: Any) -> None:
    azure.network()
    group = ask.application_group(azure, "a", **ELSEWHERE)
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)


def _too_many_groups(azure: Any) -> None:
    groups = [ask.application_group(azure, f"a{n}") for n in range(11)]
    sides = {
        "sourceAddressPrefix": None,
        "sourceApplicationSecurityGroups": [ask.ref(group) for group in groups],
    }
    ask.security_group(azure, ask.rule("a", **sides))


def _used_application_group(azure: Any) -> None:
    azure.network()
    group = ask.application_group(azure, "a")
    azure.card("one", azure.subnet("x", "10.0.0.0/24"), group)
    azure.delete("network:ApplicationSecurityGroup", group)


CASES: list[tuple[str, Callable[[Any], None]]] = [
    (
        "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
        _security_group_at("GatewaySubnet"),
    ),
    *(
        (
            "NetworkSecurityGroupCannotBeAttachedToAzureFirewallSubnet",
            _security_group_at(name),
        )
        for name in ("AzureFirewallSubnet", "AzureFirewallManagementSubnet")
    ),
    *((NOT_COMPLIANT, _without_bastion_rule(n)) for n in range(8)),
    (NOT_COMPLIANT, _bastion_rule_goes_from_list),
    (NOT_COMPLIANT, _bastion_rule_is_deleted),
    (NOT_COMPLIANT, _deny_ahead_of_bastion_rules),
    ("SecurityRuleInvalidPriority", _one_rule(priority=99)),
    ("SecurityRuleInvalidPriority", _one_rule(priority=4097)),
    ("SecurityRuleDescriptionTooLong", _one_rule(description="x" * 141)),
    (
        UNSUPPORTED,
        _one_rule(sourceAddressPrefix=None, sourceAddressPrefixes=["VirtualNetwork"]),
    ),
    (
        UNSUPPORTED,
        _one_rule(
            destinationAddressPrefix=None,
            destinationAddressPrefixes=["10.0.0.0/8", "*"],
        ),
    ),
    (
        "SecurityRuleParameterCannotHaveBothSingularAndPluralValues",
        _one_rule(sourceAddressPrefixes=["10.0.0.0/8"]),
    ),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="Storage West Europe")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="10.0.0.0/8,10.1.0.0/16")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="20.20.20.20/16")),
    (INVALID_PREFIX, _one_rule(sourceAddressPrefix="Any")),
    (OVERLAPPING, _overlap("10.0.0.0/8", "10.1.0.0/16")),
    (OVERLAPPING, _overlap("10.0.0.0/24", "10.1.0.0/24", "10.0.0.0/24")),
    (OVERLAPPING, _overlap("10.0.0.9", "10.0.0.1-10.0.0.9", side="destination")),
    (OVERLAPPING, _overlap("fd00::/8", "fd00:1::/32")),
    ("InvalidRequestFormat", _same_name_in_list),
    ("SecurityRuleConflict", _same_priority_in_list),
    ("SecurityRuleConflict", _same_priority_alone),
    ("SecurityRulesPerNetworkSecurityGroupLimitReached", _too_many_rules),
    (
        "AllApplicationSecurityGroupsInSecurityRuleMustBeFromSameVnet",
        _rule_of_two_networks,
    ),
    (
        "ApplicationSecurityGroupMustHaveAllIpConfigurationsInSameVnet",
        _group_in_two_networks,
    ),
    ("InvalidResourceReference", _rule_with_group_far_away),
    ("InvalidResourceReference", _card_with_group_far_away),
    (ASG_LIMIT, _too_many_groups),
    ("InUseApplicationSecurityGroupCannotBeDeleted", _used_application_group),
]


@pytest.mark.parametrize(
    ("code", "act"), CASES, ids=[f"{code}-{act.__name__}" for code, act in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code, and a refused request leaves nothing behind."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def test_security_groups_may_be_narrow(azure: Any) -> None:
    """Tags with a region, spans, several ranges and groups of one network pass."""
    azure.network()
    groups = [ask.application_group(azure, name) for name in ("a", "b")]
    subnet = azure.subnet("x", "10.0.0.0/24")
    for number, group in enumerate(groups):
        azure.card(f"card{number}", subnet, group)
    several = {
        "sourceAddressPrefix": None,
        "sourceAddressPrefixes": ["10.0.0.0/16", "10.9.0.1-10.9.0.9", "fd00::/8"],
        "destinationAddressPrefix": "Storage.WestEurope",
    }
    by_group = {
        "sourceAddressPrefix": None,
        "destinationAddressPrefix": None,
        "sourceApplicationSecurityGroups": [ask.ref(groups[0])],
        "destinationApplicationSecurityGroups": [ask.ref(groups[1])],
    }
    ask.security_group(
        azure,
        ask.rule("several", 100, **several),
        ask.rule("groups", 101, **by_group),
        ask.rule("out", 100, direction="Outbound"),
    )
    ask.add_rule(azure, **ask.rule("alone", 4096))


def test_rules_may_trade_priorities_in_a_list(azure: Any) -> None:
    """A list is judged as a whole: no rule against what another one was before."""
    group = ask.security_group(azure, ask.rule("a", 100), ask.rule("b", 200))
    azure.update(
        "network:NetworkSecurityGroup",
        group,
        networkSecurityGroupName="nsg",
        securityRules=[ask.rule("a", 200), ask.rule("b", 100)],
    )

"""Packets on their way out pass a security group and then the firewall: what the one
lets through by tag, the other does too, in every cloud."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest

from azureml_network._secure_vnet.plan import NetworkPlan, plan_network
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import NO_PACKETS, PacketSet, Protocol
from azureml_reachability.places import Surroundings, addresses_of
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import rule_of
from azureml_rulebook.aml_traffic import INTERNET_BY_FIREWALL
from azureml_rulebook.clouds import CHINA, CLOUDS, PUBLIC, US_GOVERNMENT
from azureml_rulebook.firewall_rules import ApplicationRule, NetworkRule
from azureml_rulebook.security_rules import Access, Direction, SecurityRule

REGIONS = {PUBLIC: "westeurope", US_GOVERNMENT: "usgovvirginia", CHINA: "chinanorth3"}
SUBNETS = {
    "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
    "jump": {"purpose": "jump_box", "prefix": "10.20.0.128/28"},
    "gen": {"purpose": "general", "prefix": "10.20.0.160/28"},
    "endpoints": {"purpose": "endpoints", "prefix": "10.20.0.192/27"},
    "wall": {"purpose": "firewall", "prefix": "10.20.1.0/26"},
}
MACHINES = ("training", "jump", "gen")
RULES: dict[str, Any] = {
    "warehouse": {
        "sources": ["subnet:training", "subnet:gen"],
        "destinations": ["tag:AzureMonitor"],
        "ports": ["1886"],
        "reason": "reads the warehouse",
    },
    "partner": {
        "sources": ["subnet:jump"],
        "destinations": ["203.0.113.0/24"],
        "ports": ["8443"],
        "reason": "a partner's console",
        "open_to_internet": True,
    },
}
GROUPS = (("amlworkspace", "blob", "file", "vault", "registry"), ("amlworkspace",))

# Closed by tag on the firewall, where a host stands in: written out here, apart from
# the rulebook. In China firewalls take hardly any tag.
# https://learn.microsoft.com/azure/machine-learning/how-to-prevent-data-loss-exfiltration
BY_HOST: dict[str, dict[str, str]] = {
    PUBLIC: {"AzureFrontDoor.Frontend": "ml.azure.com"},
    US_GOVERNMENT: {"AzureFrontDoor.Frontend": "ml.azure.us"},
    CHINA: {
        "Storage.chinanorth3": "*.blob.core.chinacloudapi.cn",
        "MicrosoftContainerRegistry": "mcr.microsoft.com",
        "AzureMonitor": "dc.applicationinsights.azure.cn",
        "AzureKeyVault.chinanorth3": "*.vault.azure.cn",
        "AzureContainerRegistry.chinanorth3": "*.azurecr.cn",
    },
}


@pytest.fixture(scope="module")
def plan(network_args: Callable[..., Any]) -> Callable[..., NetworkPlan]:
    """Plans a network behind a firewall, with callers' rules."""

    @cache
    def planned(cloud_name: str, groups: tuple[str, ...], mode: str) -> NetworkPlan:
        args = network_args(
            cloud=cloud_name,
            location=REGIONS[cloud_name],
            subnets=SUBNETS,
            egress="firewall",
            compute_mode=mode,
            private_endpoint_groups=list(groups),
            rules=RULES,
        )
        return plan_network("net", args)

    return planned


def around(cloud_name: str) -> Surroundings:
    """The network in that cloud."""
    return Surroundings(
        virtual_network=AddressSet.of("10.20.0.0/22"), cloud_name=cloud_name
    )


def opened(found: NetworkPlan, subnet: str) -> list[SecurityRule]:
    """Outbound rules of a group to public places, that for the firewall's hosts
    apart."""
    return [
        rule
        for rule in found.subnets[subnet].rules
        if rule.direction is Direction.OUTBOUND
        and rule.access is Access.ALLOW
        and rule.name != INTERNET_BY_FIREWALL.name
        and not all(place.startswith("10.20.") for place in rule.destinations)
    ]


def union(parts: Iterable[PacketSet]) -> PacketSet:
    """All packets of all parts."""
    packets = NO_PACKETS
    for part in parts:
        packets |= part
    return packets


def of_firewall(
    found: NetworkPlan, subnet: str, kind: type[Any]
) -> list[NetworkRule | ApplicationRule]:
    """The firewall's rules of one kind for a subnet."""
    assert found.egress.firewall is not None
    prefix = str(found.subnets[subnet].prefix)
    return [
        rule
        for group in found.egress.firewall.rule_groups
        for rule in group.rules
        if isinstance(rule, kind) and prefix in rule.sources
    ]


def by_tag(found: NetworkPlan, subnet: str, cloud_name: str) -> PacketSet:
    """What the firewall lets out of a subnet by its network rules."""
    packets = NO_PACKETS
    for rule in of_firewall(found, subnet, NetworkRule):
        assert isinstance(rule, NetworkRule)
        for destination in rule.destinations:
            meaning = addresses_of(destination, around(cloud_name))
            assert isinstance(meaning, AddressSet), meaning
            packets |= PacketSet.of(
                sources=AddressSet.of(str(found.subnets[subnet].prefix)),
                destinations=meaning,
                protocols=frozenset(Protocol(word.title()) for word in rule.protocols),
                destination_ports=PortSet.of(*rule.ports),
            )
    return packets


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("mode", ["no_public_ip", "managed_network"])
@pytest.mark.parametrize("subnet", MACHINES)
@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_group_and_firewall_agree(
    plan: Callable[..., NetworkPlan],
    cloud_name: str,
    subnet: str,
    mode: str,
    groups: tuple[str, ...],
) -> None:
    """What a machine may send by its group, the firewall lets through, but for tags
    that hosts stand in for; and it lets nothing through that the group would hold
    back, but for regions other than the network's."""
    found = plan(cloud_name, groups, mode)
    rules = {rule.name: rule for rule in opened(found, subnet)}
    packets = {
        name: rule_of(rule, around(cloud_name)).packets for name, rule in rules.items()
    }
    through = by_tag(found, subnet, cloud_name)
    held = {name for name, part in packets.items() if not part <= through}
    stand_ins = BY_HOST[cloud_name]
    assert {rules[name].destinations[0] for name in held} <= set(stand_ins)
    assert all(rules[name].ports == ("443",) for name in held)
    hosts = {
        host
        for rule in of_firewall(found, subnet, ApplicationRule)
        if isinstance(rule, ApplicationRule) and 443 in rule.ports
        for host in rule.hosts
    }
    assert {stand_ins[rules[name].destinations[0]] for name in held} <= hosts
    beyond = through - union(packets.values())
    assert beyond <= elsewhere(found, subnet, cloud_name)


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_hosts_pass_the_group(
    plan: Callable[..., NetworkPlan], cloud_name: str
) -> None:
    """Where the firewall lets hosts through, the group lets the packets to them out,
    and only there."""
    found = plan(cloud_name, GROUPS[0], "managed_network")
    for subnet in MACHINES:
        hosts = of_firewall(found, subnet, ApplicationRule)
        named = {rule.name for rule in found.subnets[subnet].rules}
        assert bool(hosts) == (INTERNET_BY_FIREWALL.name in named) == (subnet == "jump")


def elsewhere(found: NetworkPlan, subnet: str, cloud_name: str) -> PacketSet:
    """What only the firewall lets through: Batch in other regions, since its regional
    tag is for groups only; the group keeps it to the network's."""
    tags = {rule.destinations[0] for rule in opened(found, subnet)}
    batch = f"BatchNodeManagement.{REGIONS[cloud_name]}"
    if batch not in tags or cloud_name == CHINA:
        return NO_PACKETS
    whole = addresses_of("BatchNodeManagement", around(cloud_name))
    assert isinstance(whole, AddressSet)
    return PacketSet.of(
        destinations=whole,
        protocols=frozenset({Protocol.TCP, Protocol.UDP}),
        destination_ports=PortSet.of("443"),
    )

"""For each way to place compute: its security group against the required traffic, as
sets of packets. Nothing required is blocked, and nothing else from or to the Internet
is open.

What is required is written down here once more, from Azure's pages, apart from the
rulebook's tables.
"""

import json
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from azureml_network import SecureVnet
from azureml_network._secure_vnet.plan import plan_network
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import NO_PACKETS, PacketSet, Protocol
from azureml_reachability.places import Surroundings, addresses_of
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import (
    Rule,
    allowed,
    rule_of,
    surely_allowed,
)
from azureml_rulebook.aml_traffic import (
    COMPUTE_MODES,
    MANAGED_NETWORK,
    PUBLIC_IP,
    compute_rules,
    conditions,
)
from azureml_rulebook.clouds import CLOUDS
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tag_lists import Use, published_tags
from azureml_rulebook.service_tags import tag_findings
from azureml_rulebook.subnet_traffic import (
    PlannedSubnet,
    TrafficConditions,
    group_rules,
    required_rules,
)

REGIONS = {
    "public": "westeurope",
    "us_government": "usgovvirginia",
    "china": "chinanorth3",
}
TRAINING = IPv4Network("10.20.0.0/25")
LAYOUT = {
    "training": PlannedSubnet(purpose="training", prefix=str(TRAINING)),
    "endpoints": PlannedSubnet(purpose="endpoints", prefix="10.20.0.128/27"),
}
NETWORK = AddressSet.of("10.20.0.0/22")
ENDPOINTS = ("amlworkspace", "blob", "file", "vault", "registry", "azuremonitor")
TCP, UDP = frozenset({Protocol.TCP}), frozenset({Protocol.UDP})

# https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall
# https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet
OUTBOUND = [
    ("AzureActiveDirectory", TCP, (80, 443)),
    ("AzureMachineLearning", TCP, (443, 8787, 18881)),
    ("AzureMachineLearning", UDP, (5831,)),
    ("BatchNodeManagement.{region}", TCP | UDP, (443,)),
    ("AzureResourceManager", TCP, (443,)),
    ("Storage.{region}", TCP, (443,)),
    ("AzureFrontDoor.Frontend", TCP, (443,)),
    ("MicrosoftContainerRegistry", TCP, (443,)),
    ("AzureFrontDoor.FirstParty", TCP, (443,)),
]
NOT_IN = {
    "us_government": {"AzureFrontDoor.FirstParty"},
    "china": {"AzureFrontDoor.FirstParty", "AzureFrontDoor.Frontend"},
}


def surroundings(cloud_name: str) -> Surroundings:
    """The network, in one of the clouds."""
    return Surroundings(virtual_network=NETWORK, cloud_name=cloud_name)


def addresses(tag: str, cloud_name: str) -> AddressSet:
    """The published addresses of a tag."""
    region = REGIONS[cloud_name]
    found = addresses_of(tag.format(region=region), surroundings(cloud_name))
    assert isinstance(found, AddressSet), found
    return found


def required_outbound(cloud_name: str, mode: str) -> PacketSet:
    """What compute must reach outside of the network."""
    if mode == MANAGED_NETWORK:
        return NO_PACKETS
    required = NO_PACKETS
    for tag, protocols, ports in OUTBOUND:
        if tag not in NOT_IN.get(cloud_name, set()):
            required |= PacketSet.of(
                sources=AddressSet.of(TRAINING),
                destinations=addresses(tag, cloud_name),
                protocols=protocols,
                destination_ports=PortSet.of(*map(str, ports)),
            )
    return required


def required_inbound(cloud_name: str, mode: str) -> PacketSet:
    """What must reach compute from outside of the network."""
    if mode != PUBLIC_IP:
        return NO_PACKETS
    return PacketSet.of(
        sources=addresses("AzureMachineLearning", cloud_name),
        destinations=AddressSet.of(TRAINING),
        protocols=TCP,
        destination_ports=PortSet.of("44224"),
    )


def rules_in(cloud_name: str, mode: str) -> list[Rule]:
    """The training subnet's group, with every service reached privately."""
    traffic = TrafficConditions(
        region=REGIONS[cloud_name],
        cloud_name=cloud_name,
        holding=conditions(ENDPOINTS),
        compute_mode=mode,
    )
    group = group_rules(required_rules("training", LAYOUT, traffic))
    return [rule_of(rule, surroundings(cloud_name)) for rule in group]


@pytest.mark.parametrize("cloud_name", CLOUDS)
@pytest.mark.parametrize("mode", COMPUTE_MODES)
def test_what_leaves_is_exactly_what_is_required(mode: str, cloud_name: str) -> None:
    """C11, C13: every packet to the outside that passes is required, and every one that
    is required passes, whatever undecided tags mean."""
    leaving = PacketSet.of(sources=AddressSet.of(TRAINING), destinations=~NETWORK)
    rules = rules_in(cloud_name, mode)
    around = surroundings(cloud_name)
    required = required_outbound(cloud_name, mode)
    assert surely_allowed(rules, Direction.OUTBOUND, around) & leaving == required
    assert allowed(rules, Direction.OUTBOUND, around) & leaving == required


@pytest.mark.parametrize("cloud_name", CLOUDS)
@pytest.mark.parametrize("mode", COMPUTE_MODES)
def test_what_comes_in_is_exactly_what_is_required(mode: str, cloud_name: str) -> None:
    """Nothing comes in from outside but the service itself, to compute with public
    addresses only."""
    coming = PacketSet.of(sources=~NETWORK, destinations=AddressSet.of(TRAINING))
    rules = rules_in(cloud_name, mode)
    around = surroundings(cloud_name)
    required = required_inbound(cloud_name, mode)
    assert surely_allowed(rules, Direction.INBOUND, around) & coming == required
    assert allowed(rules, Direction.INBOUND, around) & coming == required


@pytest.mark.parametrize("mode", COMPUTE_MODES)
def test_inside_compute_reaches_the_endpoints(mode: str) -> None:
    """Whatever the mode, private endpoints are reached on HTTPS and the file share."""
    inside = PacketSet.of(
        sources=AddressSet.of(TRAINING),
        destinations=AddressSet.of("10.20.0.128/27"),
    )
    passing = inside & allowed(
        rules_in("public", mode), Direction.OUTBOUND, surroundings("public")
    )
    assert passing == inside & PacketSet.of(
        protocols=TCP, destination_ports=PortSet.of("443", "445")
    )


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_required_tags_are_published_for_groups(cloud_name: str) -> None:
    """In every region of the published lists, each tag of the rules for compute may
    stand in a security group; only where the region has no form of its own for groups
    the whole cloud's stands in. Two test regions apart, that is one."""
    tags = published_tags(cloud_name)
    regions = tags.regional_forms("Storage")
    whole: set[tuple[str, str]] = set()
    for region in regions:
        for rule in compute_rules(
            (str(TRAINING),), region, cloud_name, holding=conditions(())
        ):
            (name,) = rule.destinations
            assert tag_findings(name, use=Use.NSG, cloud_name=cloud_name, path="") == []
            if name in ("BatchNodeManagement", "Storage", "AzureKeyVault"):
                whole.add((region, name))
    alone = {("australiacentral2", "BatchNodeManagement")}
    assert {(r, t) for r, t in whole if not r.endswith("stage")} == (
        alone if cloud_name == "public" else set()
    )


UNLISTED = {
    "eastus9": "did you mean 'eastus",
    "moonbase": "give a newer list with service_tags_file",
}


@pytest.mark.parametrize("region", UNLISTED)
def test_a_region_without_service_tags_is_refused(
    network_args: Callable[..., Any], region: str
) -> None:
    """Azure would refuse the rules for compute there; without compute nothing names
    the region, and a newer list may have it."""
    (fault,) = SecureVnet.check("net", network_args(location=region))
    assert fault.path == "location"
    assert f"'{region}' has no service tags in Azure's list of 2026-06-26" in str(fault)
    assert UNLISTED[region] in fault.message
    args = network_args(location=region, compute_mode="managed_network")
    assert SecureVnet.check("net", args) == ()


def test_a_newer_list_brings_new_regions(
    network_args: Callable[..., Any], tmp_path: Path
) -> None:
    """With the region in a list that is brought, its tags are written."""
    tags = ("Storage", "Storage.eastus9", "BatchNodeManagement.eastus9")
    document = {
        "cloud": "public",
        "taken": "2030-01-01",
        "names": {
            name: {
                "service": "",
                "region": name.partition(".")[2],
                "features": ["NSG", "UDR", "FW"],
            }
            for name in tags
        },
        "prefixes": {},
    }
    newer = tmp_path / "tags.json"
    newer.write_text(json.dumps(document), encoding="utf-8")
    plan = plan_network(
        "net", network_args(location="eastus9", service_tags_file=str(newer))
    )
    named = {place for r in plan.subnets["training"].rules for place in r.destinations}
    assert {"Storage.eastus9", "BatchNodeManagement.eastus9"} <= named

"""For each way to place compute: its security group against the required traffic, as
sets of packets. Nothing required is blocked, and nothing else from or to the Internet
is open.

What is required is written down here once more, from Azure's pages, apart from the
rulebook's tables.
"""

from ipaddress import IPv4Network

import pytest

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
    conditions,
)
from azureml_rulebook.clouds import CLOUDS
from azureml_rulebook.security_rules import Direction
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

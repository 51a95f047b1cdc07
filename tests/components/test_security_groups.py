"""Security groups as decisions: what they let through, for every packet that matters.

Packets carry a service tag or an address; the first matching rule by priority decides,
as in Azure. The required traffic is written down here once more, from the Azure page,
apart from the rulebook's table.
"""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from azureml_rulebook.aml_traffic import ALWAYS, REQUIRED_OUTBOUND, conditions
from azureml_rulebook.clouds import CLOUDS
from azureml_rulebook.security_rules import (
    BETWEEN_SUBNETS,
    CALLERS,
    LAST_PRIORITY,
    PLATFORM,
    Access,
    Direction,
    SecurityRule,
)
from azureml_rulebook.subnet_traffic import (
    FLOWS,
    PEOPLE_REACH,
    PlannedSubnet,
    TrafficConditions,
    group_rules,
    required_rules,
)
from azureml_rulebook.subnets import PURPOSES

LAYOUT = {
    purpose: PlannedSubnet(purpose=purpose, prefix=f"10.20.{number}.0/24")
    for number, purpose in enumerate(PURPOSES)
}
WITH_GROUP = [name for name, row in PURPOSES.items() if row.security_group]
ALL_ENDPOINTS = ("amlworkspace", "blob", "file", "vault", "registry", "azuremonitor")

# https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall
REQUIRED = [
    ("Tcp", "AzureActiveDirectory", 80),
    ("Tcp", "AzureActiveDirectory", 443),
    ("Tcp", "AzureMachineLearning", 443),
    ("Tcp", "AzureMachineLearning", 8787),
    ("Tcp", "AzureMachineLearning", 18881),
    ("Udp", "AzureMachineLearning", 5831),
    ("Tcp", "BatchNodeManagement.westeurope", 443),
    ("Udp", "BatchNodeManagement.westeurope", 443),
    ("Tcp", "AzureResourceManager", 443),
    ("Tcp", "Storage.westeurope", 443),
    ("Tcp", "AzureFrontDoor.Frontend", 443),
    ("Tcp", "MicrosoftContainerRegistry", 443),
    ("Tcp", "AzureFrontDoor.FirstParty", 443),
]


@dataclass(frozen=True)
class Packet:
    """A connection attempt; an end is an address or the tag that owns its address."""

    source: str
    destination: str
    protocol: str
    port: int


def decision(
    rules: tuple[SecurityRule, ...], direction: Direction, packet: Packet
) -> Access:
    """What a group decides: the first matching rule in order of priority."""
    ordered = sorted(
        (rule for rule in rules if rule.direction is direction),
        key=lambda rule: rule.priority,
    )
    return next(
        rule.access
        for rule in ordered
        if matches(rule.sources, packet.source)
        and matches(rule.destinations, packet.destination)
        and rule.protocol in ("*", packet.protocol)
        and any(port in ("*", str(packet.port)) for port in rule.ports)
    )


def matches(prefixes: tuple[str, ...], end: str) -> bool:
    """Whether one end lies in one of a rule's prefixes or tags."""
    return any(prefix == "*" or within(end, prefix) for prefix in prefixes)


def within(end: str, prefix: str) -> bool:
    """Whether an address lies in a range, or two tags are the same; "Internet" holds
    every public service, "VirtualNetwork" every address."""
    if end[0].isdigit():
        if prefix[0].isdigit():
            return ip_address(end) in ip_network(prefix)
        return prefix == "VirtualNetwork"
    return prefix in (end, "Internet")


def rules_of(
    purpose: str,
    cloud_name: str = "public",
    groups: tuple[str, ...] = ALL_ENDPOINTS,
    *,
    layout: dict[str, PlannedSubnet] = LAYOUT,
    public_packages: bool = False,
    **changes: Any,
) -> tuple[SecurityRule, ...]:
    """Rules of a subnet in a network that has one subnet of every purpose."""
    traffic = TrafficConditions(
        region="westeurope",
        cloud_name=cloud_name,
        holding=conditions(groups, public_packages=public_packages),
        **changes,
    )
    return group_rules(required_rules(purpose, layout, traffic))


def address_in(purpose: str) -> str:
    """An address of the subnet with that purpose."""
    return str(ip_network(LAYOUT[purpose].prefix)[10])


@pytest.mark.parametrize(("protocol", "tag", "port"), REQUIRED)
def test_compute_reaches_what_it_needs(protocol: str, tag: str, port: int) -> None:
    """C11, C13: nothing that the required-access page lists is blocked."""
    packet = Packet(address_in("training"), tag, protocol, port)
    assert decision(rules_of("training"), Direction.OUTBOUND, packet) is Access.ALLOW


@pytest.mark.parametrize("tag", sorted({tag for _, tag, _ in REQUIRED} | {"Internet"}))
@pytest.mark.parametrize("protocol", ["Tcp", "Udp", "Icmp"])
@pytest.mark.parametrize("port", [22, 25, 53, 80, 443, 445, 3389, 5831, 8787, 18881])
def test_compute_reaches_nothing_else(tag: str, protocol: str, port: int) -> None:
    """Everything that is not on the list is denied, the rest of the Internet above
    all."""
    required = {(p, t, n) for p, t, n in REQUIRED}
    if (protocol, tag, port) in required or (tag.startswith("Batch") and port == 443):
        expected = Access.ALLOW
    else:
        expected = Access.DENY
    packet = Packet(address_in("training"), tag, protocol, port)
    assert decision(rules_of("training"), Direction.OUTBOUND, packet) is expected


@pytest.mark.parametrize("purpose", [p for p in WITH_GROUP if p != "bastion"])
def test_nothing_comes_in_from_outside(purpose: str) -> None:
    """No subnet but Bastion's takes anything from the Internet, another service, a peer
    or on-premises."""
    rules = rules_of(purpose)
    for source in ("Internet", "AzureCloud", "AzureMachineLearning", "10.200.0.4"):
        for port in (22, 443, 445, 3389, 44224, 29876):
            packet = Packet(source, address_in(purpose), "Tcp", port)
            assert decision(rules, Direction.INBOUND, packet) is Access.DENY


ALLOWED_BETWEEN = {
    ("training", "endpoints", 443),
    ("inference", "endpoints", 443),
    ("jump_box", "endpoints", 443),
    ("general", "endpoints", 443),
    ("training", "endpoints", 445),
    ("training", "training", 12345),
    ("training", "training", 443),
    ("training", "training", 445),
    ("training", "training", 22),
    ("training", "training", 53),
    ("training", "training", 3389),
    ("bastion", "jump_box", 22),
    ("bastion", "jump_box", 3389),
    ("training", "resolver_inbound", 53),
    ("inference", "resolver_inbound", 53),
    ("jump_box", "resolver_inbound", 53),
    ("general", "resolver_inbound", 53),
}


@pytest.mark.parametrize("source", WITH_GROUP)
@pytest.mark.parametrize("destination", WITH_GROUP)
def test_traffic_between_subnets(source: str, destination: str) -> None:
    """Between subnets exactly the listed traffic passes both groups, on its way out
    and on its way in."""
    start = address_in(source)
    end = address_in(destination)
    if source == destination:
        end = str(ip_address(start) + 1)
    for port in (22, 53, 443, 445, 3389, 12345):
        packet = Packet(start, end, "Tcp", port)
        passes = (
            decision(rules_of(source), Direction.OUTBOUND, packet) is Access.ALLOW
            and decision(rules_of(destination), Direction.INBOUND, packet)
            is Access.ALLOW
        )
        assert passes == ((source, destination, port) in ALLOWED_BETWEEN), port


def test_two_training_subnets_do_not_reach_each_other() -> None:
    """Nodes talk within their own subnet; another team's subnet stays apart."""
    layout = {
        "a": PlannedSubnet(purpose="training", prefix="10.20.0.0/25"),
        "b": PlannedSubnet(purpose="training", prefix="10.20.0.128/25"),
        "e": PlannedSubnet(purpose="endpoints", prefix="10.20.1.0/27"),
    }
    packet = Packet("10.20.0.4", "10.20.0.140", "Tcp", 22)
    for name, direction in (("a", Direction.OUTBOUND), ("b", Direction.INBOUND)):
        rules = rules_of(name, layout=layout)
        assert decision(rules, direction, packet) is Access.DENY
    inbound = [
        rule
        for rule in rules_of("e", layout=layout)
        if rule.name == "AllowHttpsToEndpointsInbound"
    ]
    assert [rule.sources for rule in inbound] == [("10.20.0.0/25", "10.20.0.128/25")]


@pytest.mark.parametrize(
    ("without", "tag", "port"),
    [
        ("azuremonitor", "AzureMonitor", 443),
        ("file", "Storage.westeurope", 445),
        ("vault", "AzureKeyVault.westeurope", 443),
        ("registry", "AzureContainerRegistry.westeurope", 443),
    ],
)
def test_public_services_are_open_only_without_their_endpoint(
    without: str, tag: str, port: int
) -> None:
    """A service that has a private endpoint is not reached by its public address."""
    packet = Packet(address_in("training"), tag, "Tcp", port)
    closed = rules_of("training")
    assert decision(closed, Direction.OUTBOUND, packet) is Access.DENY
    groups = tuple(group for group in ALL_ENDPOINTS if group != without)
    opened = rules_of("training", groups=groups)
    assert decision(opened, Direction.OUTBOUND, packet) is Access.ALLOW


def test_packages_are_an_explicit_opening() -> None:
    """The Internet is reached on 443 only, and only where the caller asked for it."""
    rules = rules_of("training", public_packages=True)
    for port, expected in ((443, Access.ALLOW), (80, Access.DENY), (22, Access.DENY)):
        packet = Packet(address_in("training"), "Internet", "Tcp", port)
        assert decision(rules, Direction.OUTBOUND, packet) is expected


# https://learn.microsoft.com/azure/bastion/bastion-nsg
BASTION = [
    (Direction.INBOUND, "Internet", "10.20.4.10", "Tcp", 443),
    (Direction.INBOUND, "GatewayManager", "10.20.4.10", "Tcp", 443),
    (Direction.INBOUND, "AzureLoadBalancer", "10.20.4.10", "Tcp", 443),
    (Direction.INBOUND, "10.20.4.11", "10.20.4.10", "Tcp", 8080),
    (Direction.INBOUND, "10.20.4.11", "10.20.4.10", "Udp", 5701),
    (Direction.OUTBOUND, "10.20.4.10", "10.20.3.10", "Tcp", 22),
    (Direction.OUTBOUND, "10.20.4.10", "10.20.3.10", "Tcp", 3389),
    (Direction.OUTBOUND, "10.20.4.10", "10.20.4.11", "Tcp", 8080),
    (Direction.OUTBOUND, "10.20.4.10", "10.20.4.11", "Udp", 5701),
    (Direction.OUTBOUND, "10.20.4.10", "AzureCloud", "Tcp", 443),
    (Direction.OUTBOUND, "10.20.4.10", "Internet", "Tcp", 80),
]


@pytest.mark.parametrize(
    ("direction", "source", "destination", "protocol", "port"), BASTION
)
def test_bastion_has_its_full_set(
    direction: Direction, source: str, destination: str, protocol: str, port: int
) -> None:
    """Bastion refuses a group that lacks one of its rules; all come before the deny."""
    packet = Packet(source, destination, protocol, port)
    assert decision(rules_of("bastion"), direction, packet) is Access.ALLOW


@pytest.mark.parametrize("purpose", WITH_GROUP)
@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_rules_are_well_formed(purpose: str, cloud_name: str) -> None:
    """What Azure demands of rules: unique priorities per direction, unique names, one
    tag per side, short descriptions; and what we do: bands, an explicit deny at the
    end of both directions, no deny of Azure's own platform tags."""
    rules = rules_of(purpose, cloud_name, groups=())
    assert len({rule.name for rule in rules}) == len(rules)
    assert len({(rule.direction, rule.priority) for rule in rules}) == len(rules)
    for rule in rules:
        assert len(rule.description) <= 140
        assert rule.protocol in ("Tcp", "Udp", "*")
        for side in (rule.sources, rule.destinations):
            assert side
            assert len(side) == 1 or all(item[0].isdigit() for item in side)
            assert not any(" " in item or "{" in item for item in side)
        if rule.access is Access.ALLOW:
            assert rule.priority in BETWEEN_SUBNETS or rule.priority in PLATFORM
            assert rule.priority not in CALLERS
        else:
            assert rule.priority == LAST_PRIORITY
            assert (rule.sources, rule.destinations) == (("*",), ("*",))
            assert (rule.protocol, rule.ports) == ("*", ("*",))
    denied = {rule.direction for rule in rules if rule.access is Access.DENY}
    assert denied == {Direction.INBOUND, Direction.OUTBOUND}


def test_the_virtual_network_tag_stands_only_where_azure_demands_it() -> None:
    """The tag also means peers and on-premises, so compute's rules name ranges."""
    for purpose in WITH_GROUP:
        tags = {
            item
            for rule in rules_of(purpose)
            for item in (*rule.sources, *rule.destinations)
        }
        assert ("VirtualNetwork" in tags) is (purpose == "bastion")


def test_a_cloud_has_no_tag_of_another() -> None:
    """Front Door's tags exist in some clouds only."""
    tags = {
        name: {
            item for rule in rules_of("training", name) for item in rule.destinations
        }
        for name in CLOUDS
    }
    assert "AzureFrontDoor.FirstParty" in tags["public"]
    assert "AzureFrontDoor.FirstParty" not in tags["us_government"] | tags["china"]
    assert "AzureFrontDoor.Frontend" not in tags["china"]


def test_flows_start_and_end_at_known_purposes() -> None:
    """No flow names a purpose that does not exist, and priorities are unique."""
    for flow in FLOWS:
        assert set(flow.sources) <= set(PURPOSES)
        assert flow.destination is None or flow.destination in PURPOSES
        assert flow.page.startswith("https://learn.microsoft.com/azure/")
    assert len({flow.priority for flow in FLOWS}) == len(FLOWS)


def test_people_on_a_jump_box_reach_the_studio_and_no_more() -> None:
    """A browser needs the studio's pages, sign-in and Azure's own interface; the
    names of those rows are in compute's table."""
    assert set(PEOPLE_REACH) <= {row.name for row in REQUIRED_OUTBOUND}
    expected = {"AzureActiveDirectory", "AzureResourceManager"}
    for cloud_name in CLOUDS:
        studio = set() if cloud_name == "china" else {"AzureFrontDoor.Frontend"}
        tags = {
            item
            for rule in rules_of("jump_box", cloud_name)
            for item in rule.destinations
            if rule.access is Access.ALLOW and not item[0].isdigit()
        }
        assert tags == expected | studio


SERVERS = ("10.200.0.4", "168.63.129.16", f"10.20.{list(PURPOSES).index('general')}.9")


@pytest.mark.parametrize("purpose", WITH_GROUP)
def test_names_are_asked_of_the_networks_own_servers(purpose: str) -> None:
    """Machines reach each server on 53, wherever it is; where a server lives, the same
    machines are let in; nobody else is, and Azure's own service needs no rule."""
    rules = rules_of(purpose, dns_servers=SERVERS)
    machines = {"training", "inference", "jump_box", "general"}
    for server in (SERVERS[0], SERVERS[2]):
        packet = Packet(address_in(purpose), server, "Udp", 53)
        expected = Access.ALLOW if purpose in machines else Access.DENY
        assert decision(rules, Direction.OUTBOUND, packet) is expected
    at_server = rules_of("general", dns_servers=SERVERS)
    packet = Packet(address_in(purpose), SERVERS[2], "Udp", 53)
    expected = Access.ALLOW if purpose in machines else Access.DENY
    assert decision(at_server, Direction.INBOUND, packet) is expected
    named = {item for rule in rules for item in rule.destinations}
    assert "168.63.129.16" not in named


def test_without_conditions_only_what_is_always_needed_is_open() -> None:
    """The default of the pure function is the closed one."""
    assert conditions(ALL_ENDPOINTS) == {ALWAYS}

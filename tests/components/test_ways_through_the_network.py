"""What one subnet needs of another for the way out: names for the firewall, packets
for an appliance, a way out for what callers' rules open."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from azureml_network._secure_vnet.plan import NetworkPlan, plan_network
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import NO_PACKETS, PacketSet, Protocol
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import allowed, rule_of, surely_allowed
from azureml_rulebook.security_rules import Access, Direction

TRAINING, FIREWALL, OTHER = "10.20.0.0/25", "10.20.8.0/26", "10.20.9.0/28"
SUBNETS: dict[str, Any] = {
    "training": {"purpose": "training", "prefix": TRAINING},
    "endpoints": {"purpose": "endpoints", "prefix": "10.20.0.128/27"},
    "wall": {"purpose": "firewall", "prefix": FIREWALL},
}
AROUND = Surroundings(virtual_network=AddressSet.of("10.20.0.0/20"))
OPEN_SQL = {
    "destinations": ["tag:Sql"],
    "ports": ["1433"],
    "reason": "reads the warehouse",
}

Plan = Callable[..., NetworkPlan]


@pytest.fixture(scope="module")
def plan(network_args: Callable[..., Any]) -> Plan:
    """Plans a network with further subnets and inputs."""

    def planned(more: Mapping[str, Any], **changes: Any) -> NetworkPlan:
        args = network_args(
            address_space=["10.20.0.0/20"], subnets={**SUBNETS, **more}, **changes
        )
        return plan_network("net", args)

    return planned


def passing(found: NetworkPlan, subnet: str, direction: Direction) -> PacketSet:
    """What the group of a subnet surely lets through."""
    rules = [rule_of(rule, AROUND) for rule in found.subnets[subnet].rules]
    assert surely_allowed(rules, direction, AROUND) == allowed(rules, direction, AROUND)
    return allowed(rules, direction, AROUND)


def names_from(source: str, server: str) -> PacketSet:
    """Questions for names."""
    return PacketSet.of(
        sources=AddressSet.of(source),
        destinations=AddressSet.of(server),
        protocols=frozenset({Protocol.TCP, Protocol.UDP}),
        destination_ports=PortSet.of("53"),
    )


CHAINS: dict[str, dict[str, Any]] = {
    "machines ask the firewall, it asks a server": {
        "dns_servers": ["10.20.8.4"],
        "firewall": {"dns_servers": ["10.20.9.4"]},
    },
    "both ask a server": {"dns_servers": ["10.20.9.4"]},
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("purpose", ["resolver_inbound", "general"])
def test_the_firewall_is_let_in_to_the_server_that_it_asks(
    plan: Plan, purpose: str, chain: str
) -> None:
    """Whether the server is a resolver or a machine, any address of the firewall's
    subnet reaches it on port 53 and nothing else there."""
    home = {"names": {"purpose": purpose, "prefix": OTHER}}
    found = plan(home, egress="firewall", **CHAINS[chain])
    inbound = passing(found, "names", Direction.INBOUND)
    from_firewall = inbound & PacketSet.of(sources=AddressSet.of(FIREWALL))
    assert from_firewall == names_from(FIREWALL, "10.20.9.4")


@pytest.mark.parametrize(
    "changes",
    [
        {"egress": "firewall"},
        {"egress": "firewall", "dns_servers": ["10.200.0.4"]},
        {"egress": "firewall", "dns_servers": ["10.20.8.4"]},
        {"egress": "nat_gateway", "dns_servers": ["10.20.9.4"]},
        {
            "egress": "firewall",
            "dns_servers": ["10.20.9.4"],
            "firewall": {"tier": "Basic"},
        },
    ],
)
def test_a_firewall_that_asks_nobody_here_is_let_in_nowhere(
    plan: Plan, changes: dict[str, Any]
) -> None:
    """Not where it asks Azure, another network, or where there is no firewall."""
    home = {
        "names": {"purpose": "resolver_inbound", "prefix": OTHER},
        "management": {"purpose": "firewall_management", "prefix": "10.20.8.64/26"},
    }
    inbound = passing(plan(home, **changes), "names", Direction.INBOUND)
    assert inbound & PacketSet.of(sources=AddressSet.of(FIREWALL)) == NO_PACKETS


HOP = {"egress": "virtual_appliance", "next_hop_address": "10.20.9.4"}
NVA = {"nva": {"purpose": "general", "prefix": OTHER}}
RULES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a tag": {"sql": {"sources": ["subnet:training"], **OPEN_SQL}},
    "all subnets": {"sql": {"sources": ["10.20.0.0/20"], **OPEN_SQL}},
    "some machines": {"sql": {"sources": ["10.20.0.8/29"], **OPEN_SQL}},
    "here and in public": {
        "mixed": {
            "sources": ["subnet:training"],
            "destinations": [OTHER, "203.0.113.0/24"],
            "ports": ["8443"],
            "reason": "the appliance's console and a partner",
            "open_to_internet": True,
        }
    },
}


@pytest.mark.parametrize("rules", RULES)
def test_an_appliance_gets_what_machines_send_and_sends_it_on(
    plan: Plan, rules: str
) -> None:
    """To public places: what training may send is let in to the appliance, and out
    again with the sender of a machine or of the appliance; nothing else of training
    is."""
    found = plan(NVA, **HOP, rules=RULES[rules])
    outside = PacketSet.of(destinations=~AROUND.virtual_network)
    from_training = outside & PacketSet.of(sources=AddressSet.of(TRAINING))
    sent = passing(found, "training", Direction.OUTBOUND) & from_training
    assert sent != NO_PACKETS
    assert passing(found, "nva", Direction.INBOUND) & from_training == sent
    outbound = passing(found, "nva", Direction.OUTBOUND) & outside
    assert outbound & from_training == sent
    hidden = NO_PACKETS
    for rule in found.subnets["training"].rules:
        if rule.direction is Direction.OUTBOUND and rule.access is Access.ALLOW:
            hidden |= rule_of(replace(rule, sources=(OTHER,)), AROUND).packets
    of_appliance = PacketSet.of(sources=AddressSet.of(OTHER))
    assert outbound & of_appliance == hidden & outside


def test_nobody_forwards_without_an_appliance_here(plan: Plan) -> None:
    """With the appliance in a peered network, no group here lets in what is meant for
    public places."""
    hub = {
        "network_id": "/subscriptions/22222222-2222-4222-8222-222222222222"
        "/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub",
        "address_space": ["10.9.0.0/16"],
    }
    found = plan(
        NVA,
        egress="virtual_appliance",
        next_hop_address="10.9.0.4",
        peerings={"hub": hub},
    )
    outside = PacketSet.of(destinations=~AROUND.virtual_network)
    assert passing(found, "nva", Direction.INBOUND) & outside == NO_PACKETS


WEB = PacketSet.of(
    sources=AddressSet.of(TRAINING),
    destinations=~AROUND.virtual_network,
    protocols=frozenset({Protocol.TCP}),
    destination_ports=PortSet.of("80", "443"),
)


@pytest.mark.parametrize("kind", ["nat_gateway", "firewall"])
def test_no_way_out_where_no_compute_lives(plan: Plan, kind: str) -> None:
    """Compute in a managed network is not in the training subnet: that has no way out
    and nothing open, until a rule of the caller's opens something."""
    found = plan({}, egress=kind, compute_mode="managed_network")
    assert passing(found, "training", Direction.OUTBOUND) & WEB == NO_PACKETS
    assert (found.egress.nat_subnets, found.egress.routes) == (frozenset(), {})
    rules = {"sql": {"sources": ["subnet:training"], **OPEN_SQL}}
    opened = plan({}, egress=kind, compute_mode="managed_network", rules=rules)
    assert passing(opened, "training", Direction.OUTBOUND) & WEB == NO_PACKETS
    assert {*opened.egress.nat_subnets, *opened.egress.routes} == {"training"}


GENERAL = {"gen": {"purpose": "general", "prefix": OTHER}}
OF_GENERAL = {"sql": {"sources": ["subnet:gen"], **OPEN_SQL}}


def test_what_a_rule_opens_has_a_way_out(plan: Plan) -> None:
    """A subnet with purpose general gets the way out with the first rule that lets it
    out to public places, and no host that is open to machines only."""
    assert plan(GENERAL).egress.nat_subnets == {"training"}
    assert plan(GENERAL, rules=OF_GENERAL).egress.nat_subnets == {"training", "gen"}
    host = {"host": "a.example", "owner": "ml", "expires": "9999-12-31"}
    found = plan(
        GENERAL,
        egress="firewall",
        rules=OF_GENERAL,
        firewall={"allowed_hosts": {"a": host}},
    )
    assert {*found.egress.routes} == {"training", "gen"}
    assert found.egress.firewall is not None
    from_general = [
        (group.band.name, rule.name)
        for group in found.egress.firewall.rule_groups
        for rule in group.rules
        if OTHER in rule.sources
    ]
    assert from_general == [("callers-rules", "sqlOutbound")]
    leaving = PacketSet.of(sources=AddressSet.of(OTHER)) & PacketSet.of(
        destinations=~AROUND.virtual_network
    )
    sql = passing(found, "gen", Direction.OUTBOUND) & leaving
    assert sql & PacketSet.of(destination_ports=PortSet.of("1433")) == sql


@pytest.mark.parametrize(("service", "leaves"), [("Sql", False), ("Storage", True)])
def test_service_endpoints_need_no_way_out(
    plan: Plan, service: str, leaves: bool
) -> None:
    """What a subnet reaches by its service endpoint, it reaches without a way out."""
    general = {**GENERAL["gen"], "service_endpoints": [f"Microsoft.{service}"]}
    found = plan({"gen": general}, rules=OF_GENERAL)
    assert ("gen" in found.egress.nat_subnets) is leaves
    assert not any("lets it out to public places" in w for w in found.warnings)


IN_VAIN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "none": (GENERAL, {"egress": "none", "rules": OF_GENERAL}, "egress is 'none'"),
    "beside an appliance": (
        {**NVA, "gen": {"purpose": "general", "prefix": "10.20.9.16/28"}},
        {**HOP, "rules": OF_GENERAL},
        "sqlOutbound lets it out to public places, and egress 'virtual_appliance'",
    ),
    "purpose without a way out": (
        {"gen": {"purpose": "resolver_outbound", "prefix": OTHER}},
        {"rules": OF_GENERAL},
        "egress 'nat_gateway' is no way out of a subnet with purpose 'resolver_outb",
    ),
}


@pytest.mark.parametrize("case", IN_VAIN)
def test_what_a_rule_opens_in_vain_is_told(plan: Plan, case: str) -> None:
    """Where there is no way out all the same, a warning names the subnet."""
    more, changes, message = IN_VAIN[case]
    found = [w for w in plan(more, **changes).warnings if w.startswith("subnets.gen: ")]
    assert len(found) == 1
    assert message in found[0]


def test_the_appliances_own_way_out_is_its_owners(plan: Plan) -> None:
    """A rule of the appliance's own subnet neither routes it to itself nor warns."""
    rules = {"sql": {"sources": ["subnet:nva"], **OPEN_SQL}}
    found = plan(NVA, **HOP, rules=rules)
    assert {*found.egress.routes} == {"training"}
    assert not any(w.startswith("subnets.nva") for w in found.warnings)

"""Callers' rules: said once, written on both sides, refused when they cannot hold."""

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook import subnets
from azureml_rulebook.security_rules import CALLERS, Access, Direction, SecurityRule
from azureml_rulebook.traffic_places import KnownPlaces, SubnetSide
from azureml_rulebook.traffic_rules import (
    FIRST_IN_ORDER_OF_NAME,
    TrafficRequest,
    WrittenRules,
    written_rules,
)


def side(purpose: str, prefix: str, has_security_group: bool = True) -> SubnetSide:
    """A subnet with a security group."""
    return SubnetSide(
        purpose=purpose,
        prefix=IPv4Network(prefix),
        has_security_group=has_security_group,
    )


KNOWN = KnownPlaces(
    subnets={
        "endpoints": side(subnets.ENDPOINTS, "10.0.1.0/27"),
        "gateway": side(subnets.GATEWAY, "10.0.2.0/27", has_security_group=False),
        "jump": side(subnets.JUMP_BOX, "10.0.3.0/28"),
        "training": side(subnets.TRAINING, "10.0.0.0/25"),
    },
    application_security_groups=("builders", "readers"),
    address_space=(IPv4Network("10.0.0.0/16"),),
    on_premises=(IPv4Network("10.200.0.0/16"), IPv4Network("10.201.0.0/16")),
)


def request(name: str = "extra", **changes: Any) -> TrafficRequest:
    """A rule from on-premises to the endpoints, with changes."""
    said: dict[str, Any] = {
        "path": f"rules.{name}",
        "sources": ("on-premises",),
        "destinations": ("subnet:endpoints",),
        "ports": ("443",),
        "reason": "people at their desks",
    }
    return TrafficRequest(name=name, **(said | changes))


def written(*requests: TrafficRequest) -> WrittenRules:
    """The rules of requests that are right."""
    result = written_rules(requests, KNOWN)
    assert result.findings == ()
    return result


def brief(rule: SecurityRule) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Direction, sources and destinations."""
    return (
        str(rule.direction),
        rule.sources or rule.source_groups,
        rule.destinations or rule.destination_groups,
    )


ON_PREMISES = ("10.200.0.0/16", "10.201.0.0/16")
BOTH_SIDES: list[tuple[dict[str, Any], dict[str, list[Any]]]] = [
    ({}, {"endpoints": [("Inbound", ON_PREMISES, ("10.0.1.0/27",))]}),
    (
        {"sources": ("subnet:jump",), "destinations": ("subnet:training",)},
        {
            "jump": [("Outbound", ("10.0.3.0/28",), ("10.0.0.0/25",))],
            "training": [("Inbound", ("10.0.3.0/28",), ("10.0.0.0/25",))],
        },
    ),
    (
        {"sources": ("subnet:jump",), "destinations": ("on-premises",)},
        {"jump": [("Outbound", ("10.0.3.0/28",), ON_PREMISES)]},
    ),
    (
        {"sources": ("subnet:training",), "destinations": ("tag:sql.westeurope",)},
        {"training": [("Outbound", ("10.0.0.0/25",), ("Sql.WestEurope",))]},
    ),
    (
        {"sources": ("subnet:gateway",), "destinations": ("subnet:jump",)},
        {"jump": [("Inbound", ("10.0.2.0/27",), ("10.0.3.0/28",))]},
    ),
    # A range is written where it is, narrowed to the subnet that it meets.
    (
        {"sources": ("10.0.0.0/16",), "destinations": ("10.0.1.4/32",)},
        {
            "endpoints": [
                ("Outbound", ("10.0.1.0/27",), ("10.0.1.4/32",)),
                ("Inbound", ("10.0.0.0/16",), ("10.0.1.4/32",)),
            ],
            "jump": [("Outbound", ("10.0.3.0/28",), ("10.0.1.4/32",))],
            "training": [("Outbound", ("10.0.0.0/25",), ("10.0.1.4/32",))],
        },
    ),
    # Azure takes no range beside one that holds it.
    (
        {"sources": ("on-premises", "10.200.7.0/24", "10.201.0.0/17")},
        {"endpoints": [("Inbound", ON_PREMISES, ("10.0.1.0/27",))]},
    ),
    # Members of a group live where network interfaces of one's own can be.
    (
        {
            "sources": ("application-security-group:builders",),
            "destinations": ("subnet:training",),
        },
        {
            "endpoints": [("Outbound", ("builders",), ("10.0.0.0/25",))],
            "jump": [("Outbound", ("builders",), ("10.0.0.0/25",))],
            "training": [("Inbound", ("builders",), ("10.0.0.0/25",))],
        },
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BOTH_SIDES)
def test_a_rule_is_written_on_both_sides(
    changes: dict[str, Any], expected: dict[str, list[Any]]
) -> None:
    """Outbound where it starts, inbound where it ends, with the same priority."""
    result = written(request(**changes))
    found = {
        name: [brief(rule) for rule in rules]
        for name, rules in result.by_subnet.items()
    }
    assert found == expected
    priorities = {
        rule.priority for rules in result.by_subnet.values() for rule in rules
    }
    assert priorities == {FIRST_IN_ORDER_OF_NAME}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sources": ()}, "rules.extra.sources: is empty; give subnet:NAME"),
    ({"sources": ("desks",)}, "rules.extra.sources[0]: 'desks' is not a place; give"),
    ({"sources": (7,)}, "rules.extra.sources[0]: 7 is not text"),
    (
        {"sources": ("subnet:trainig",)},
        "rules.extra.sources[0]: 'trainig' is not a subnet of the network; did you "
        "mean 'training'?",
    ),
    (
        {"sources": ("application-security-group:reader",)},
        "rules.extra.sources[0]: 'reader' is not in application_security_groups; did "
        "you mean 'readers'?",
    ),
    (
        {"sources": ("vpn-clients",)},
        "rules.extra.sources[0]: 'vpn-clients' has no ranges; set "
        "vpn_client_address_space",
    ),
    (
        {"sources": ("10.0.0.1/8",)},
        "rules.extra.sources[0]: '10.0.0.1/8' has host bits set",
    ),
    (
        {"sources": ("10.200.0.5",)},
        "rules.extra.sources[0]: '10.200.0.5' is one address; write '10.200.0.5/32'",
    ),
    (
        {"sources": ("0.0.0.0/0",)},
        "rules.extra.sources[0]: '0.0.0.0/0' is everything; say 'internet'",
    ),
    ({"sources": ("*",)}, "rules.extra.sources[0]: '*' is not a place"),
    (
        {"sources": ("tag:VirtualNetwork",)},
        "rules.extra.sources[0]: 'VirtualNetwork' also means peers, on-premises",
    ),
    (
        {"destinations": ("tag:Keyvault",), "sources": ("subnet:training",)},
        "rules.extra.destinations[0]: 'Keyvault' is not",
    ),
    (
        {"destinations": ("tag:GatewayManager",), "sources": ("subnet:training",)},
        "rules.extra.destinations[0]: ",
    ),
    # C85 (a): what a list cannot hold; a rule has no other way to hold both, as in (c).
    (
        {"sources": ("tag:GatewayManager", "tag:AzureLoadBalancer")},
        "rules.extra.sources: GatewayManager and AzureLoadBalancer are 2 service tags",
    ),
    (
        {"sources": ("on-premises", "tag:GatewayManager")},
        "rules.extra.sources: mixes ranges and the service tag GatewayManager; Azure "
        "takes one kind",
    ),
    (
        {"sources": ("on-premises", "application-security-group:readers")},
        "rules.extra.sources: mixes ranges and application security groups",
    ),
    (
        {"sources": ("internet",)},
        "rules.extra.open_to_internet: is not true and the rule lets the Internet in",
    ),
    (
        {"sources": ("tag:AzureCloud",)},
        "rules.extra.open_to_internet: is not true and the rule lets the Internet in",
    ),
    (
        {"sources": ("203.0.113.0/24",)},
        "rules.extra.open_to_internet: is not true and the rule lets the Internet in",
    ),
    (
        {"sources": ("subnet:jump",), "destinations": ("internet",)},
        "rules.extra.open_to_internet: is not true and the rule lets traffic out",
    ),
    (
        {"sources": ("subnet:jump",), "destinations": ("8.0.0.0/7",)},
        "rules.extra.open_to_internet: is not true and the rule lets traffic out",
    ),
    (
        {"open_to_internet": True},
        "rules.extra.open_to_internet: is true and the rule opens no such thing",
    ),
    (
        {"destinations": ("on-premises",)},
        "rules.extra: neither starts nor ends in a subnet with a security group",
    ),
    (
        {"destinations": ("subnet:gateway",)},
        "rules.extra: neither starts nor ends in a subnet with a security group",
    ),
    ({"ports": ()}, "rules.extra.ports: is empty; give ports, or '*' for all"),
    ({"ports": ("\u0664\u0664\u0663",)}, "rules.extra.ports[0]: '\u0664"),
    ({"ports": ("0443",)}, "rules.extra.ports[0]: '0443' is not a port"),
    (
        {
            "sources": ("subnet:jump",),
            "destinations": ("tag:AzurePlatformDNS",),
            "access": Access.DENY,
        },
        "rules.extra.destinations[0]: 'AzurePlatformDNS' passes every rule but a deny",
    ),
    ({"ports": ("99999",)}, "rules.extra.ports[0]: '99999' is not a range within"),
    ({"ports": ("80-79",)}, "rules.extra.ports[0]: '80-79' is not a range within"),
    ({"ports": ("https",)}, "rules.extra.ports[0]: 'https' is not a port; write"),
    ({"ports": (True,)}, "rules.extra.ports[0]: True is not a port; write"),
    (
        {"protocol": "tcp"},
        "rules.extra.protocol: 'tcp' is not a protocol; did you mean 'Tcp'?",
    ),
    ({"protocol": "Icmp"}, "rules.extra.ports: Icmp has no ports; leave them out"),
    ({"priority": 999}, "rules.extra.priority: 999 is not for callers' rules; use"),
    ({"priority": 4000}, "rules.extra.priority: 4000 is not for callers' rules"),
    ({"reason": " "}, "rules.extra.reason: is blank; say why it is needed"),
    ({"reason": "x" * 141}, "rules.extra.reason: has 141 characters; Azure takes 140"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_what_cannot_hold_is_refused_with_its_path(
    changes: dict[str, Any], message: str
) -> None:
    """Nothing is written, and the first line says where, what and what to change."""
    result = written_rules([request(**changes)], KNOWN)
    assert result.by_subnet == {}
    assert [str(item) for item in result.findings if str(item).startswith(message)]


@pytest.mark.parametrize("elsewhere", ["on_premises", "vpn_clients", "peers"])
def test_public_ranges_are_the_internet_whoever_has_them(elsewhere: str) -> None:
    """What is called on-premises opens nothing unsaid."""
    known = replace(KNOWN, **{elsewhere: (IPv4Network("128.0.0.0/1"),)})
    asked = request(sources=("subnet:jump",), destinations=("130.1.0.0/16",))
    result = written_rules([asked], known)
    assert [item.path for item in result.findings] == ["rules.extra.open_to_internet"]


def test_all_faults_of_all_rules_are_told_together() -> None:
    """One run shows everything that is wrong."""
    result = written_rules(
        [request("a", ports=("x",), sources=("y",)), request("b", reason="")],
        KNOWN,
    )
    assert [item.path for item in result.findings] == [
        "rules.a.ports[0]",
        "rules.a.sources[0]",
        "rules.b.reason",
    ]


def test_a_rule_that_denies_may_name_the_internet() -> None:
    """Only what opens has to say so."""
    denied = request(
        sources=("subnet:jump",), destinations=("internet",), access=Access.DENY
    )
    (rule,) = written(denied).by_subnet["jump"]
    assert (rule.access, rule.destinations) == (Access.DENY, ("Internet",))


def test_explicit_priorities_stay_and_the_others_go_in_order_of_name() -> None:
    """A number that somebody chose is never given away."""
    result = written(
        request("c"), request("b", priority=FIRST_IN_ORDER_OF_NAME), request("a")
    )
    found = {rule.name: rule.priority for rule in result.by_subnet["endpoints"]}
    assert found == {"aInbound": 2001, "bInbound": 2000, "cInbound": 2002}


def test_one_priority_given_twice_is_refused() -> None:
    """Azure takes a priority once in a direction."""
    result = written_rules(
        [request("a", priority=1500), request("b", priority=1500)], KNOWN
    )
    assert [str(item) for item in result.findings] == [
        "rules.b.priority: 1500 is that of rules.a too; change one"
    ]


@given(
    names=st.lists(
        st.text("abcdefgh", min_size=1, max_size=5), unique=True, max_size=30
    ),
    explicit=st.lists(
        st.integers(CALLERS.start, CALLERS.stop - 1), unique=True, max_size=30
    ),
)
def test_priorities_are_distinct_and_in_the_callers_band(
    names: list[str], explicit: list[int]
) -> None:
    """For any mixture of explicit and unnumbered rules, in any order."""
    numbers = dict(zip(names, explicit, strict=False))
    requests = [request(name, priority=numbers.get(name)) for name in names]
    result = written(*requests)
    rules = result.by_subnet.get("endpoints", ())
    priorities = [rule.priority for rule in rules]
    assert len(set(priorities)) == len(names)
    assert all(number in CALLERS for number in priorities)
    assert written(*reversed(requests)).by_subnet == result.by_subnet
    unnumbered = [r for r in rules if r.name.removesuffix("Inbound") not in numbers]
    assert [rule.name for rule in unnumbered] == sorted(
        rule.name for rule in unnumbered
    )
    assert all(rule.direction is Direction.INBOUND for rule in rules)

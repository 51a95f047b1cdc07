"""Callers' rules in a whole network: they join the required ones and undo none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import azureml_rulebook
from azureml_network import InputError, SecureVnet

Record = Callable[..., Any]

DESKS = {
    "sources": ["on-premises"],
    "destinations": ["subnet:endpoints"],
    "ports": ["443"],
    "reason": "people at their desks",
}
SUBNETS = {
    "endpoints": {"purpose": "endpoints"},
    "jump": {"purpose": "jump_box"},
    "models": {"purpose": "inference"},
    "training": {"purpose": "training"},
}


def network_with(
    network_args: Callable[..., Any], **rules: dict[str, Any]
) -> dict[str, Any]:
    """Arguments of a network with these rules, an own group and people on-premises."""
    return network_args(
        subnets=SUBNETS,
        rules=rules,
        application_security_groups=["servers"],
        on_premises_address_space=["10.200.0.0/16"],
        private_endpoint_groups=[],
    )


def faults(args: dict[str, Any]) -> list[str]:
    """What is said of arguments that are refused."""
    with pytest.raises(InputError) as caught:
        SecureVnet("net", args)  # pyright: ignore[reportArgumentType]
    return [str(finding) for finding in caught.value.findings]


def test_rules_join_the_groups_of_both_sides(
    record: Record, network_args: Callable[..., Any]
) -> None:
    """A rule from desks is inbound at the endpoints; one to a group's members is
    outbound where it starts and inbound where members can be, by the group's id."""
    serve = {
        "sources": ["subnet:jump"],
        "destinations": ["application-security-group:servers"],
        "ports": ["8443", "9000-9010"],
        "priority": 1200,
        "reason": "people try models out",
    }
    args = network_with(network_args, desks=DESKS, serve=serve)
    made = record(lambda: SecureVnet("net", args))
    found = {
        (subnet, rule["name"]): rule
        for subnet in SUBNETS
        for rule in made.inputs(f"net-{subnet}-nsg")["securityRules"]
        if 1000 <= rule["priority"] < 4000
    }
    members = {"serveInbound", "serveOutbound"}
    assert {key for key in found if key[1] not in members} == {
        ("endpoints", "desksInbound")
    }
    assert {key for key in found if key[1] in members} == {
        ("endpoints", "serveInbound"),
        ("jump", "serveInbound"),
        ("jump", "serveOutbound"),
        ("models", "serveInbound"),
    }
    inbound = found["models", "serveInbound"]
    assert inbound["priority"] == 1200
    assert inbound["destinationPortRanges"] == ["8443", "9000-9010"]
    assert inbound["destinationApplicationSecurityGroups"] == [
        {"id": "/fake/net-servers-asg"}
    ]
    assert "destinationAddressPrefix" not in inbound
    assert made.outputs["net"]["applicationSecurityGroupIds"] == {
        "servers": "/fake/net-servers-asg"
    }


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    (
        {
            "stop": {
                **DESKS,
                "sources": ["subnet:training"],
                "ports": ["400-500"],
                "access": "deny",
            }
        },
        ["rules.stop: denies Tcp 10.20.0.", "AllowHttpsToEndpoints", "narrow its"],
    ),
    (
        {
            "stop": {
                **DESKS,
                "sources": ["subnet:training"],
                "destinations": ["internet"],
                "access": "deny",
            }
        },
        ["rules.stop: denies Tcp 10.20.0.", "which the network needs in subnet"],
    ),
    (
        {"again": {**DESKS, "sources": ["subnet:jump"]}},
        ["rules.again: decides nothing: the required rule AllowHttpsToEndpoints"],
    ),
    (
        {"desks": DESKS, "same": {**DESKS, "reason": "once more"}},
        ["rules.same: decides nothing: rules.desks comes first"],
    ),
    (
        {"AllowHttpsToEndpoints": {**DESKS}},
        [
            "rules.AllowHttpsToEndpoints: becomes 'AllowHttpsToEndpointsInbound' in "
            "the security group of subnet 'endpoints', where a required rule is called",
        ],
    ),
    (
        {"DenyAll": {**DESKS}},
        ["rules.DenyAll: becomes 'DenyAllInbound' in the security group of subnet"],
    ),
    (
        {"desks": DESKS, "Desks": {**DESKS, "ports": ["8443"]}},
        ["'endpoints', where rules.", "is called so; choose another name"],
    ),
    (
        {
            "desks": {**DESKS, "ports": ["400-500"]},
            "narrow": {**DESKS, "sources": ["10.200.7.0/24"]},
        },
        ["rules.narrow: decides nothing: rules.desks comes first"],
    ),
    (
        {
            "desks": DESKS,
            "late": {**DESKS, "access": "deny", "sources": ["10.200.7.0/24"]},
        },
        ["rules.late: decides nothing: rules.desks comes first"],
    ),
    (
        {
            name: {
                **DESKS,
                "sources": ["subnet:jump"],
                "destinations": ["application-security-group:servers"],
            }
            for name in ("one", "two")
        },
        ["rules.two: decides nothing: rules.one comes first"],
    ),
]


@pytest.mark.parametrize(("rules", "said"), REFUSED)
def test_rules_that_cannot_mean_what_they_say(
    rules: dict[str, Any], said: list[str], network_args: Callable[..., Any]
) -> None:
    """A deny of required traffic would not even hold; a rule whose packets are all
    decided before it changes nothing. Both are refused, with a packet or the rule."""
    (fault,) = faults(network_with(network_args, **rules))
    for part in said:
        assert part in fault


def test_more_rules_than_a_group_takes(network_args: Callable[..., Any]) -> None:
    """Azure takes 1,000; the rest would be told at deployment."""
    many = {
        f"r{port}": {**DESKS, "ports": [str(port)], "sources": ["10.200.0.1/32"]}
        for port in range(2000, 3000)
    }
    (fault,) = faults(network_with(network_args, **many))
    assert fault.startswith("rules: make 100")
    assert "subnet 'endpoints'; Azure takes 1000, merge rules" in fault


def test_a_service_behind_a_firewall_can_be_opened(
    record: Record, network_args: Callable[..., Any]
) -> None:
    """The group lets machines out on 443 since the firewall decides by host; a rule for
    a tag tells the firewall, and so is not idle."""
    args = network_with(
        network_args,
        cosmos={
            "sources": ["subnet:training"],
            "destinations": ["tag:AzureCosmosDB"],
            "ports": ["443"],
            "reason": "features live there",
        },
    )
    args["subnets"] = {**SUBNETS, "firewall": {"purpose": "firewall"}}
    args["egress"] = "firewall"
    made = record(lambda: SecureVnet("net", args))
    groups = made.of_type("FirewallPolicyRuleCollectionGroup").values()
    assert "AzureCosmosDB" in str([group.inputs for group in groups])


def test_an_exception_of_a_broader_rule_is_no_conflict(
    record: Record, network_args: Callable[..., Any]
) -> None:
    """A deny that comes before a broader allow means what it says."""
    but = {**DESKS, "sources": ["10.200.7.0/24"], "access": "deny", "priority": 1000}
    made = record(
        lambda: SecureVnet("net", network_with(network_args, but=but, desks=DESKS))
    )
    rules = {
        rule["name"]: rule for rule in made.inputs("net-endpoints-nsg")["securityRules"]
    }
    assert rules["butInbound"]["priority"] < rules["desksInbound"]["priority"]
    assert rules["butInbound"]["access"] == "Deny"


def test_a_rule_that_is_needed_on_one_side_stays(
    record: Record, network_args: Callable[..., Any]
) -> None:
    """From training and models to endpoints on 8787: one side alone may have it."""
    wide = {**DESKS, "sources": ["subnet:training", "10.200.0.0/16"]}
    made = record(lambda: SecureVnet("net", network_with(network_args, wide=wide)))
    names = {rule["name"] for rule in made.inputs("net-endpoints-nsg")["securityRules"]}
    assert "wideInbound" in names


def test_a_file_of_newer_tags_is_used(
    record: Record, network_args: Callable[..., Any], tmp_path: Path
) -> None:
    """A tag that the shipped list lacks is taken once the user's list has it; without
    it, or with a file that is none, the message says so."""
    rule = {
        "sources": ["subnet:jump"],
        "destinations": ["tag:AzureNewService"],
        "ports": ["443"],
        "reason": "a service newer than the list",
    }
    args = network_with(network_args, new=rule)
    (fault,) = faults(args)
    assert fault.startswith("rules.new.destinations[0]: 'AzureNewService' is not")
    newer = tmp_path / "tags.json"
    shipped = Path(azureml_rulebook.__file__).parent / "published_service_tags"
    tags = json.loads((shipped / "public.json").read_text())
    tags["names"]["AzureNewService"] = {
        "features": ["NSG", "UDR", "FW"],
        "region": "",
        "service": "AzureNewService",
    }
    newer.write_text(json.dumps(tags))
    args["service_tags_file"] = str(newer)
    made = record(lambda: SecureVnet("net", args))
    (written,) = (
        rule
        for rule in made.inputs("net-jump-nsg")["securityRules"]
        if rule["name"] == "newOutbound"
    )
    assert written["destinationAddressPrefix"] == "AzureNewService"
    newer.write_text("{")
    (fault, *_) = faults(args)
    assert fault.startswith("service_tags_file: ")


@pytest.mark.parametrize("access", ["allow", "deny"])
def test_a_tag_without_prefixes_in_a_newer_file(
    network_args: Callable[..., Any], tmp_path: Path, access: str
) -> None:
    """Its addresses count as unknown, as where the list leaves them out: a rule that
    names it is neither idle nor in the way of anything."""
    shipped = Path(azureml_rulebook.__file__).parent / "published_service_tags"
    tags = json.loads((shipped / "public.json").read_text())
    tags["prefixes"]["ServiceBus"] = []
    newer = tmp_path / "tags.json"
    newer.write_text(json.dumps(tags))
    rule = {
        "sources": ["subnet:jump"],
        "destinations": ["tag:ServiceBus"],
        "ports": ["443"],
        "access": access,
        "reason": "a service whose addresses are not listed",
    }
    args = network_with(network_args, bus=rule)
    assert SecureVnet.check("net", args | {"service_tags_file": str(newer)}) == ()

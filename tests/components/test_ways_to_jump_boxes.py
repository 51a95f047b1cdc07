"""As packets: who reaches TCP 22 and 3389 of a jump box, and any other port of it.

A network with every other kind of subnet, on-premises ranges, VPN clients and a peer
around it: sessions come from Bastion's subnet, or with the Developer tier from Azure's
own address, and nothing else comes in at all.
"""

import re

import pytest

from azureml_network import SecureVnet, SecureVnetArgs
from azureml_network._secure_vnet.plan import plan_network
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import PacketSet, Protocol
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import allowed, rule_of, surely_allowed
from azureml_rulebook.security_rules import Direction

BASTION = "10.20.1.0/26"
JUMP = "10.20.1.64/28"
AZURE = "168.63.129.16/32"
OTHERS = {
    "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
    "endpoints": {"purpose": "endpoints", "prefix": "10.20.0.128/27"},
    "inference": {"purpose": "inference", "prefix": "10.20.0.160/27"},
    "anything": {"purpose": "general", "prefix": "10.20.0.192/27"},
    "gateway": {"purpose": "gateway", "prefix": "10.20.0.224/27"},
    "published": {"purpose": "load_balancer", "prefix": "10.20.1.80/28"},
    "link": {"purpose": "private_link_service", "prefix": "10.20.1.96/28"},
    "names": {"purpose": "resolver_inbound", "prefix": "10.20.1.112/28"},
}


def inputs(**more: object) -> SecureVnetArgs:
    """A network with a jump box's subnet and one of every other kind."""
    subnets = {**OTHERS, "jump": {"purpose": "jump_box", "prefix": JUMP}}
    return {  # pyright: ignore[reportReturnType]
        "resource_group_name": "rg-test",
        "location": "westeurope",
        "address_space": ["10.20.0.0/22"],
        "on_premises_address_space": ["10.200.0.0/16"],
        "vpn_client_address_space": ["172.20.0.0/24"],
        "subnets": subnets,
        **more,
    }


def coming_in(args: SecureVnetArgs) -> tuple[PacketSet, PacketSet]:
    """What may come to a jump box, and what surely does, of all packets there are."""
    plan = plan_network("net", args)
    around = Surroundings(
        virtual_network=AddressSet.of("10.20.0.0/22", "10.200.0.0/16", "172.20.0.0/24"),
        cloud_name="public",
    )
    rules = [rule_of(rule, around) for rule in plan.subnets["jump"].rules]
    to_jump = PacketSet.of(destinations=AddressSet.of(JUMP))
    return (
        allowed(rules, Direction.INBOUND, around) & to_jump,
        surely_allowed(rules, Direction.INBOUND, around) & to_jump,
    )


def sessions(*sources: str) -> PacketSet:
    """SSH and RDP from these ranges to jump boxes."""
    return PacketSet.of(
        sources=AddressSet.of(*sources),
        destinations=AddressSet.of(JUMP),
        protocols=frozenset({Protocol.TCP}),
        destination_ports=PortSet.of("22", "3389"),
    )


@pytest.mark.parametrize(
    ("more", "sources"),
    [
        pytest.param({}, (), id="without Bastion nobody"),
        pytest.param({"bastion": True}, (BASTION,), id="Bastion's subnet"),
        pytest.param({"developer_bastion": True}, (AZURE,), id="the Developer tier"),
        pytest.param(
            {"bastion": True, "developer_bastion": True},
            (BASTION, AZURE),
            id="both, if both are asked for",
        ),
        pytest.param(
            {"bastion": True, "just_in_time_access": True}, (), id="on request, nobody"
        ),
    ],
)
def test_sessions_come_from_bastion_and_nothing_else_comes_in(
    more: dict[str, bool], sources: tuple[str, ...]
) -> None:
    """Exactly these packets, of all there are, whatever undecided tags mean."""
    args = inputs(**{key: on for key, on in more.items() if key != "bastion"})
    if more.get("bastion"):
        host = {"purpose": "bastion", "prefix": BASTION}
        args["subnets"] = {**args["subnets"], "host": host}  # pyright: ignore
    possible, sure = coming_in(args)
    assert possible == sure == sessions(*sources)


def test_the_network_itself_comes_in_nowhere() -> None:
    """The final deny stands before Azure's own rule that admits the whole network."""
    args = inputs()
    possible, _ = coming_in(args)
    assert possible.is_empty


@pytest.mark.parametrize("source", ["on-premises", "vpn-clients", "subnet:training"])
def test_others_come_in_by_a_rule_that_says_so(source: str) -> None:
    """A rule of the caller's opens what it says and no more."""
    ranges = {
        "on-premises": "10.200.0.0/16",
        "vpn-clients": "172.20.0.0/24",
        "subnet:training": "10.20.0.0/25",
    }
    rule = {
        "sources": [source],
        "destinations": ["subnet:jump"],
        "ports": ["22", "3389"],
        "reason": "operators without Bastion",
    }
    possible, sure = coming_in(inputs(rules={"operators": rule}))
    assert possible == sure == sessions(ranges[source])


OPERATORS = {
    "sources": ["on-premises"],
    "destinations": ["subnet:jump"],
    "ports": ["20-30"],
    "reason": "operators without Bastion",
}


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ({"operators": OPERATORS}, ["rules.operators"]),
        ({"operators": {**OPERATORS, "protocol": "*"}}, ["rules.operators"]),
        (
            {"operators": {**OPERATORS, "destinations": ["10.20.1.64/29"]}},
            ["rules.operators"],
        ),
        (
            {
                "operators": {**OPERATORS, "ports": ["3389"]},
                "desks": {**OPERATORS, "sources": ["vpn-clients"]},
                "web": {**OPERATORS, "ports": ["443"]},
            },
            ["rules.desks", "rules.operators"],
        ),
        ({"operators": {**OPERATORS, "protocol": "Udp"}}, []),
        ({"operators": {**OPERATORS, "ports": ["443"]}}, []),
        ({"operators": {**OPERATORS, "destinations": ["subnet:anything"]}}, []),
        (
            {
                "operators": {**OPERATORS, "priority": 1100},
                "nobody": {
                    **OPERATORS,
                    "ports": ["22"],
                    "access": "deny",
                    "priority": 1000,
                },
            },
            [],
        ),
    ],
)
def test_on_request_no_rule_lets_sessions_in(
    rules: dict[str, object], refused: list[str]
) -> None:
    """A rule that stands comes before Defender's, so that nobody would have to ask; it
    is refused with a packet, unless another one denies that packet first."""
    args = inputs(rules=rules, just_in_time_access=True)
    found = SecureVnet.check("net", args)
    assert [finding.path for finding in found] == refused
    for finding in found:
        assert re.match(
            r"lets in Tcp (10\.200|172\.20)\.[\d.]+:\d+ -> 10\.20\.1\.6\d:(22|3389) at "
            r"all times, before Defender's rules, and just-in-time access",
            finding.message,
        )
    assert SecureVnet.check("net", inputs(rules=rules)) == ()


def test_what_a_group_of_machines_opens_is_shown_on_a_jump_box() -> None:
    """Any machine may be in an application security group; the packet that tells why a
    rule is refused goes to a jump box."""
    to_group = {**OPERATORS, "destinations": ["application-security-group:operators"]}
    args = inputs(
        rules={"operators": to_group},
        application_security_groups=["operators"],
        just_in_time_access=True,
    )
    (finding,) = SecureVnet.check("net", args)
    assert finding.path == "rules.operators"
    assert re.match(
        r"lets in Tcp 10\.200\.[\d.:]+ -> 10\.20\.1\.6\d:22 ", finding.message
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"subnets": OTHERS}, "is for jump boxes, and no subnet has the purpose"),
        ({"developer_bastion": True}, "closes ports that developer_bastion opens"),
    ],
)
def test_on_request_needs_jump_boxes_and_a_bastion_with_a_subnet(
    more: dict[str, object], message: str
) -> None:
    """Told at the input's own path."""
    (finding,) = SecureVnet.check("net", inputs(just_in_time_access=True, **more))
    assert finding.path == "just_in_time_access"
    assert finding.message.startswith(message)


def test_on_request_bastion_keeps_the_rules_that_azure_demands() -> None:
    """Its own group lets sessions out; the jump boxes' decides."""
    host = {"host": {"purpose": "bastion", "prefix": BASTION}}
    args = inputs()
    args["subnets"] = {**args["subnets"], **host}  # pyright: ignore
    plain = plan_network("net", args).subnets["host"].rules
    on_request = {**args, "just_in_time_access": True}
    assert plan_network("net", on_request).subnets["host"].rules == plain  # pyright: ignore

"""As packets: who reaches TCP 22 and 3389 of a jump box, and any other port of it.

A network with every other kind of subnet, on-premises ranges, VPN clients and a peer
around it: sessions come from Bastion's subnet, or with the Developer tier from Azure's
own address, and nothing else comes in at all.
"""

import pytest

from azureml_network import SecureVnetArgs
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
    ],
)
def test_sessions_come_from_bastion_and_nothing_else_comes_in(
    more: dict[str, bool], sources: tuple[str, ...]
) -> None:
    """Exactly these packets, of all there are, whatever undecided tags mean."""
    args = inputs(developer_bastion=more.get("developer_bastion", False))
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

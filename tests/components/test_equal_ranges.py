"""Networks that are not joined may have the same ranges."""

from typing import Any

from tests.components import small_networks as small
from tests.components.test_questions import ALLOWED, BLOCKED, ask

TRANSIT = {"allowForwardedTraffic": True}


def behind_firewall(environment: str, space: str, *rules: Any) -> list[Any]:
    """A hub with a firewall at the same address in every environment, and a spoke."""
    hub, spoke, wall = (f"{each}-{environment}" for each in ("hub", "spoke", "wall"))
    place = small.subnet("AzureFirewallSubnet", "10.0.9.0/26", of=hub)
    place |= {"name": f"{hub}-afw", "urn": small.urn("Subnet", f"{hub}-afw")}
    return [
        small.network(hub, "10.0.0.0/16"),
        small.network(spoke, space),
        small.table(f"{spoke}-rt", ("0.0.0.0/0", "VirtualAppliance", "10.0.9.4")),
        place,
        *small.firewall(wall, f"{hub}-afw", *rules),
        small.peering(hub, spoke, **TRANSIT),
        small.peering(spoke, hub, **TRANSIT),
        small.subnet(f"work-{environment}", space, of=spoke, table=f"{spoke}-rt"),
    ]


def test_the_firewall_of_an_address_is_the_one_nearby() -> None:
    """The firewall of an address is the one nearby."""
    plan = [
        *behind_firewall("dev", "10.1.0.0/16"),
        *behind_firewall("test", "10.2.0.0/16", small.network_rule(["*"], ["*"])),
    ]
    assert ask(plan, "subnet:work-dev", "internet").verdict is BLOCKED
    assert ask(plan, "subnet:work-test", "internet").verdict is ALLOWED


def test_an_address_of_several_networks_is_in_each_of_them() -> None:
    """An address of several networks is in each of them."""
    plan = [
        small.network("lone", "10.0.0.0/16"),
        small.network("hub", "10.0.0.0/16"),
        small.network("spoke", "10.5.0.0/16"),
        small.subnet("a", "10.0.0.0/24", of="lone"),
        small.subnet("b", "10.0.0.0/24", of="hub"),
        small.subnet("c", "10.5.0.0/24", of="spoke"),
        small.peering("hub", "spoke"),
        small.peering("spoke", "hub"),
    ]
    assert ask(plan, "subnet:c", "10.0.0.9").verdict is ALLOWED
    assert ask(plan, "10.0.0.9", "subnet:c").verdict is ALLOWED
    assert ask(plan, "subnet:a", "subnet:c").verdict is BLOCKED

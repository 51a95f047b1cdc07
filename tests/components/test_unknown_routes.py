"""Routes that are not known, and those that Azure takes back: what the known routes
drop may pass all the same."""

from typing import Any

import pytest

from azureml_reachability.plan_reading import topology_of
from azureml_reachability.questions import Verdict, answer
from tests.components import small_networks as small
from tests.components.small_networks import UNKNOWN
from tests.components.test_questions import (
    ALLOWED,
    BLOCKED,
    UNDECIDED,
    ask,
    question,
)

WALL = "10.0.9.4"
TO_WALL = ("0.0.0.0/0", "VirtualAppliance", WALL)
TRANSIT = {"allowForwardedTraffic": True}


def peered(one: str, other: str) -> list[Any]:
    """Both directions of a peering."""
    return [
        small.peering(one, other, **TRANSIT),
        small.peering(other, one, **TRANSIT),
    ]


def spokes(table: Any, *more: Any, space: str = "10.1.0.0/16") -> list[Any]:
    """Two spokes of a hub whose firewall lets all pass; one has the table."""
    return [
        small.network("hub", "10.0.0.0/16"),
        small.network("one", space),
        small.network("two", "10.2.0.0/16"),
        small.subnet("AzureFirewallSubnet", "10.0.9.0/26"),
        *small.firewall(
            "wall", "AzureFirewallSubnet", small.network_rule(["*"], ["*"])
        ),
        *peered("hub", "one"),
        *peered("hub", "two"),
        table,
        small.subnet("work", space, of="one", table="rt"),
        small.subnet("away", "10.2.0.0/24", of="two"),
        *more,
    ]


@pytest.mark.parametrize(
    ("table", "verdict"),
    [
        (small.table("rt"), BLOCKED),
        (small.table("rt", TO_WALL), ALLOWED),
        (small.table("rt", (UNKNOWN, "VirtualAppliance", WALL)), UNDECIDED),
        (small.table("rt", ("NoSuchTag", "VirtualAppliance", WALL)), UNDECIDED),
        (small.table("rt", (UNKNOWN, UNKNOWN, None)), UNDECIDED),
        (small.table("rt", (UNKNOWN, "None", None)), BLOCKED),
        (small.table("rt", (UNKNOWN, "Internet", None)), BLOCKED),
        (small.table("rt", routes=UNKNOWN), UNDECIDED),
    ],
)
def test_a_route_that_is_not_known_may_lead_on(table: Any, verdict: Verdict) -> None:
    """A route that is not known may lead on."""
    found = ask(spokes(table), "subnet:work", "subnet:away")
    assert found.verdict is verdict
    assert bool(found.missing) is (verdict is UNDECIDED)


def test_a_table_that_is_not_known_may_lead_out() -> None:
    """A table that is not known may lead out."""
    unknown = small.subnet("lone", "10.2.1.0/24", of="two", routeTable={"id": UNKNOWN})
    plan = spokes(small.table("rt"), unknown)
    assert ask(plan, "subnet:lone", "internet").verdict is UNDECIDED
    assert ask(plan, "subnet:away", "internet").verdict is BLOCKED


@pytest.mark.parametrize(
    ("route", "verdict"),
    [
        (TO_WALL, ALLOWED),
        (("0.0.0.0/1", "VirtualAppliance", WALL), BLOCKED),
        (("::/0", "VirtualAppliance", WALL), BLOCKED),
    ],
)
def test_a_default_route_takes_what_azure_would_drop(
    route: tuple[str, str, str], verdict: Verdict
) -> None:
    """Azure removes its routes that drop private ranges once a user has 0.0.0.0/0."""
    plan = spokes(small.table("rt", route), space="192.168.4.0/24")
    assert ask(plan, "subnet:work", "subnet:away").verdict is verdict


def test_a_peering_of_one_side_takes_no_packets_from_other_routes() -> None:
    """A peering of one side takes no packets from other routes."""
    half = small.peering("one", "two")
    around = ask(spokes(small.table("rt", TO_WALL), half), "subnet:work", "subnet:away")
    assert around.verdict is ALLOWED
    alone = ask(spokes(small.table("rt"), half), "subnet:work", "subnet:away")
    assert alone.verdict is BLOCKED


@pytest.mark.parametrize(
    ("back", "verdict"),
    [((), BLOCKED), ((small.peering("two", "one"),), UNDECIDED)],
)
def test_a_peering_of_an_unknown_network_may_be_with_one_that_has_the_other_side(
    back: tuple[Any, ...], verdict: Verdict
) -> None:
    """A peering of an unknown network may be with one that has the other side."""
    unknown = small.resource(
        "VirtualNetworkPeering",
        "somewhere",
        {
            "virtualNetworkPeeringName": "somewhere",
            "virtualNetworkName": "one",
            "remoteVirtualNetwork": {"id": UNKNOWN},
        },
    )
    plan = spokes(small.table("rt"), unknown, *back)
    assert ask(plan, "subnet:work", "subnet:away").verdict is verdict
    assert ask(plan, "subnet:away", "subnet:work").verdict is verdict


def test_subnets_of_a_network_of_unknown_ranges_may_be_joined() -> None:
    """Subnets of a network of unknown ranges may be joined."""
    space = {"addressSpace": {"addressPrefixes": UNKNOWN}}
    plan = [
        small.network("wide", **space),
        small.network("near", "10.7.0.0/16"),
        small.network("far", "10.8.0.0/16"),
        small.subnet("a", "10.1.0.0/24", of="wide"),
        small.subnet("b", "10.1.1.0/24", of="wide"),
        small.subnet("c", "10.7.0.0/24", of="near"),
        small.subnet("d", "10.8.0.0/24", of="far"),
        *peered("wide", "near"),
    ]
    assert ask(plan, "subnet:a", "subnet:b").verdict is UNDECIDED
    assert ask(plan, "subnet:c", "subnet:a").verdict is UNDECIDED
    assert ask(plan, "subnet:d", "subnet:a").verdict is BLOCKED


def test_what_one_subnets_table_leaves_open_does_not_hide_behind_anothers() -> None:
    """Equal groups are decided once, but not for tags that mean something else."""
    machines = [
        each
        for number in range(5)
        for each in (
            small.subnet(
                f"s{number}",
                f"10.0.{number}.0/24",
                group="nsg",
                **({"routeTable": {"id": UNKNOWN}} if number == 4 else {}),
            ),
            small.public_address(f"ip{number}"),
            small.interface(f"m{number}", f"s{number}", public=f"ip{number}"),
        )
    ]
    hub = small.network("hub", "10.0.0.0/16")
    topology = topology_of([hub, small.group("nsg"), *machines])
    verdicts = [
        answer(topology, question("internet", f"machine:m{number}", "tcp/443")).verdict
        for number in range(5)
    ]
    assert verdicts == [BLOCKED] * 4 + [UNDECIDED]


@pytest.mark.parametrize(("used", "verdict"), [(True, ALLOWED), (False, BLOCKED)])
def test_a_site_is_of_the_network_where_its_gateway_is_used(
    used: bool, verdict: Verdict
) -> None:
    """The default rule lets ``VirtualNetwork`` in: sites behind a gateway of its own or
    a peer's that it uses, and no others that a firewall sends on."""
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.network("one", "10.1.0.0/16"),
        small.table("rt", ("10.1.4.0/24", "VirtualAppliance", "10.1.9.4")),
        small.subnet("GatewaySubnet", "10.0.9.0/26", table="rt"),
        *small.gateway("gateway", "GatewaySubnet", sites={"site": ["10.100.0.0/16"]}),
        small.group("nsg"),
        small.subnet("work", "10.1.4.0/24", of="one", group="nsg"),
        small.subnet("AzureFirewallSubnet", "10.1.9.0/26", of="one"),
        *small.firewall(
            "wall", "AzureFirewallSubnet", small.network_rule(["*"], ["*"])
        ),
        small.peering("hub", "one", allowGatewayTransit=True),
        small.peering("one", "hub", useRemoteGateways=used),
    ]
    assert ask(plan, "on-premises", "subnet:work").verdict is verdict


def test_a_network_has_the_ranges_of_its_subnets_where_its_own_are_not_known() -> None:
    """``VirtualNetwork`` of default rules means them, and may mean further ones."""
    space = {"addressSpace": {"addressPrefixes": UNKNOWN}}
    plan = [
        small.network("wide", **space),
        small.network("near", "10.7.0.0/16"),
        small.group("nsg"),
        small.subnet("a", "10.1.0.0/24", of="wide", group="nsg"),
        small.subnet("b", "10.7.0.0/24", of="near", group="nsg"),
        *peered("wide", "near"),
    ]
    assert ask(plan, "subnet:b", "subnet:a").verdict is UNDECIDED
    assert ask(plan, "subnet:a", "subnet:b").verdict is ALLOWED
    assert ask(plan, "internet", "subnet:b").verdict is BLOCKED


def test_a_subnet_of_an_unknown_network_may_be_beside_any_other() -> None:
    """A subnet of an unknown network may be beside any other."""
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.subnet("a", "10.0.0.0/24"),
        small.subnet("b", "10.0.1.0/24", virtualNetworkName=UNKNOWN),
        small.subnet("c", "10.0.2.0/24", virtualNetworkName=UNKNOWN),
    ]
    for source, destination in (("a", "b"), ("b", "a"), ("b", "c")):
        found = ask(plan, f"subnet:{source}", f"subnet:{destination}")
        assert found.verdict is UNDECIDED
        assert found.missing
    assert ask(plan, "subnet:a", "internet").verdict is BLOCKED


def towards(remote: str, of: object = UNKNOWN) -> Any:
    """One direction of a peering to a network, of which it is not known whose it is."""
    made = small.peering("loose", remote)
    made["inputs"]["virtualNetworkName"] = of
    return made


TWO = [
    small.network("one", "10.1.0.0/16"),
    small.network("two", "10.2.0.0/16"),
    small.network("three", "10.3.0.0/16"),
    small.subnet("work", "10.1.0.0/24", of="one"),
    small.subnet("away", "10.2.0.0/24", of="two"),
    small.subnet("apart", "10.3.0.0/24", of="three"),
]


@pytest.mark.parametrize(
    ("peerings", "verdict"),
    [
        ([towards("two", of="one"), small.peering("two", "one")], ALLOWED),
        ([towards("two"), small.peering("two", "one")], UNDECIDED),
        ([small.peering("one", "two"), towards("one")], UNDECIDED),
        ([towards("two"), towards("one")], UNDECIDED),
        ([towards("two")], BLOCKED),
        ([towards("one"), small.peering("two", "one")], BLOCKED),
    ],
)
def test_a_peering_may_be_of_any_network(peerings: list[Any], verdict: Verdict) -> None:
    """A peering whose own network is not known may be the direction that is missing."""
    plan = [*TWO, *peerings]
    found = ask(plan, "subnet:work", "subnet:away")
    assert found.verdict is verdict
    assert bool(found.missing) is (verdict is UNDECIDED)
    assert ask(plan, "subnet:apart", "subnet:away").verdict is BLOCKED

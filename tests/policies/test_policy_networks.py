"""Which networks a zone has to be linked to, where there are several of a name.

A network takes a zone name once, so two workspaces that keep apart have a zone each.
"""

from typing import Any

import pytest
from policy_calls import ENDPOINT_RULES, Analyzer, answers, messages
from policy_plans import RG, Id, Name, Nowhere, Plan, Planned, private_plan

LINKED = "dns-zone-linked"
PLAN = private_plan()
TWO = PLAN.beside_a_copy()
BLOB = "privatelink.blob.core.windows.net"
HUB = "/subscriptions/{}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks"
A, B = HUB.format("A") + "/hub", HUB.format("B") + "/hub"
ZONES = [
    name
    for name, each in PLAN.resources.items()
    if each.type == "privatedns:PrivateZone"
]
GROUPS = (
    Planned("resources:ResourceGroup", "group"),
    Planned("resources:ResourceGroup", "group-2"),
)


def judged(plan: Plan, *, deployed: bool) -> Any:
    """Return the engine's response on ``plan``."""
    return Analyzer(ENDPOINT_RULES).analyze_stack(plan.render(deployed=deployed))


def accused(response: Any) -> set[str]:
    """Return the zones that the rule on links reported."""
    return {
        each.urn.rpartition("::")[2]
        for each in response.diagnostics
        if each.policyName == LINKED
    }


def link(zone: str, network: Any) -> Planned:
    """Return another link of ``zone``."""
    return Planned(
        "privatedns:VirtualNetworkLink",
        f"{zone}-{network}",
        {**RG, "privateZoneName": Name(zone), "virtualNetwork": {"id": network}},
    )


def without_edges_of_names(plan: Plan) -> Plan:
    """Return ``plan`` with names written out instead of taken from a resource."""
    return Plan(
        *(
            plan.with_inputs(
                each.name,
                **{
                    key: plan[value.of].text_name
                    for key, value in each.inputs.items()
                    if isinstance(value, Name)
                },
            )[each.name]
            for each in plan.resources.values()
        )
    )


both = pytest.mark.parametrize("deployed", [False, True], ids=["preview", "deployed"])


@both
def test_two_workspaces_that_keep_apart(deployed: bool) -> None:
    """Each has its network, its zones and its links: nothing is missing."""
    assert not judged(TWO, deployed=deployed).diagnostics


@pytest.mark.parametrize(
    "plan",
    [
        TWO.in_groups(Nowhere(), Nowhere()),
        TWO.in_groups(Id("group"), Id("group-2")).adding(*GROUPS),
        without_edges_of_names(TWO)
        .in_groups(Id("group"), Id("group-2"))
        .adding(*GROUPS),
    ],
    ids=["edges of names", "edges of names and groups", "edges of groups"],
)
def test_two_workspaces_in_groups_not_known_yet(plan: Plan) -> None:
    """Equal names are told apart by what they, or their groups, were made from."""
    assert not judged(plan, deployed=False).diagnostics


def test_equal_names_that_nothing_tells_apart() -> None:
    """Neither edges nor resource groups: any link may be of any zone."""
    plan = without_edges_of_names(TWO).in_groups(Nowhere(), Nowhere())
    assert answers(judged(plan, deployed=False), LINKED) == {"undecided"}


@both
def test_compute_has_to_be_linked_to_one_of_the_zones(deployed: bool) -> None:
    """A third network with compute, linked to neither zone, then to one of them."""
    properties = dict(TWO["cluster-2"].inputs["properties"])
    properties["properties"] = {
        "subnet": {"id": Id("third", "/subnets/training")},
        "enableNodePublicIp": False,
        "remoteLoginPortPublicAccess": "Disabled",
    }
    third = Planned(
        "network:VirtualNetwork", "third", {**RG, "virtualNetworkName": "third"}
    )
    plan = TWO.adding(third).with_inputs("cluster-2", properties=properties)
    response = judged(plan, deployed=deployed)
    assert answers(response, LINKED) == {"violated"}
    assert (
        f"none of the 2 zones '{BLOB}' is linked to network 'third', which has clients "
        "of it; add a VirtualNetworkLink to one of them"
    ) in "\n".join(messages(response, LINKED))
    links = [link(f"{zone}-2", Id("third")) for zone in ZONES]
    links = [
        Planned(each.type, each.name, each.inputs | {"resourceGroupName": "rg-2"})
        for each in links
    ]
    assert not judged(plan.adding(*links), deployed=deployed).diagnostics
    open_link = plan.adding(*links).with_inputs(
        links[0].name, virtualNetwork={"id": Nowhere()}
    )
    response = judged(open_link, deployed=deployed)
    assert answers(response, LINKED) == {"undecided"}
    assert accused(response) == {ZONES[0], f"{ZONES[0]}-2"}


@both
def test_endpoints_need_the_very_zone_that_they_register_in(deployed: bool) -> None:
    """Their network is linked to the other zone of the name, which knows nothing."""
    plan = TWO.without("zone-blob-link-2").adding(link("zone-blob", Id("network-2")))
    response = judged(plan, deployed=deployed)
    assert answers(response, LINKED) == {"violated"}
    assert accused(response) == {"zone-blob-2"}


def in_hub(plan: Plan, network: str, linked: str) -> Plan:
    """Return ``plan`` with everything in ``network`` and the links to ``linked``."""
    subnet = {"id": f"{network}/subnets/endpoints"}
    for name, each in PLAN.resources.items():
        if each.type == "network:PrivateEndpoint":
            plan = plan.with_inputs(name, subnet=subnet)
        elif each.type == "privatedns:VirtualNetworkLink":
            plan = plan.with_inputs(name, virtualNetwork={"id": linked})
    properties = dict(PLAN["cluster"].inputs["properties"])
    properties["properties"] = properties["properties"] | {"subnet": subnet}
    return plan.with_inputs("cluster", properties=properties)


@both
@pytest.mark.parametrize(
    ("linked", "expected"), [(A, {"satisfied"}), (B, {"violated"})], ids=["A", "B"]
)
def test_networks_of_one_name_in_two_subscriptions(
    deployed: bool, linked: str, expected: set[str]
) -> None:
    """The subscription is part of a network outside, and its message says so."""
    response = judged(in_hub(PLAN, A, linked), deployed=deployed)
    assert answers(response, LINKED) == expected
    if "violated" in expected:
        assert ("network 'hub' (resource group 'net', subscription 'a')") in "\n".join(
            messages(response, LINKED)
        )


@both
def test_a_subnet_in_a_network_outside_whose_subscription_is_not_known(
    deployed: bool,
) -> None:
    """The subnet is named within its network, the link has the network's id."""
    plan = PLAN.with_inputs("subnet", resourceGroupName="net", virtualNetworkName="hub")
    for name, each in PLAN.resources.items():
        if each.type == "privatedns:VirtualNetworkLink":
            plan = plan.with_inputs(name, virtualNetwork={"id": B})
    assert answers(judged(plan, deployed=deployed), LINKED) == {"satisfied"}


@pytest.mark.parametrize(
    ("subscription", "expected"), [("a", {"violated"}), ("B", {"satisfied"})]
)
def test_a_subnet_in_a_network_outside_of_a_configured_subscription(
    subscription: str, expected: set[str]
) -> None:
    """The provider of the subnet says which subscription it lies in."""
    plan = PLAN.with_inputs("subnet", resourceGroupName="net", virtualNetworkName="hub")
    for name, each in PLAN.resources.items():
        if each.type == "privatedns:VirtualNetworkLink":
            plan = plan.with_inputs(name, virtualNetwork={"id": B})
    response = Analyzer(ENDPOINT_RULES).analyze_stack(
        plan.render(deployed=False), subscription=subscription
    )
    assert answers(response, LINKED) == expected

"""Which resource a property points to, where edges or ids leave room for doubt."""

import pytest
from policy_calls import ENDPOINT_RULES, Analyzer, answers
from policy_plans import (
    RG,
    SUBSCRIPTION,
    Id,
    Name,
    Nowhere,
    Plan,
    Planned,
    private_endpoint,
    private_plan,
)

from azureml_policies import RULES
from azureml_policies._frame.arm_ids import IDENTITIES, parse_arm_id

PLAN = private_plan()
ENDPOINT = "pe-for-workspace"
LINKED = "dns-zone-linked"


def judged(plan: Plan, name: str, *, deployed: bool = False) -> set[str]:
    """Return the answers of one rule on ``plan``."""
    return answers(
        Analyzer(ENDPOINT_RULES).analyze_stack(plan.render(deployed=deployed)), name
    )


def connected_to(target: object) -> Plan:
    """Return the plan with the workspace's endpoint connected to ``target``."""
    connection = {"groupIds": ["amlworkspace"], "privateLinkServiceId": target}
    return PLAN.with_inputs("pe-workspace", privateLinkServiceConnections=[connection])


def test_an_edge_to_a_component_stands_for_what_is_below_it() -> None:
    """A component's output carries an edge to the component, not to its child."""
    outer = Planned("contoso:index:Platform", "platform")
    inner = Planned("contoso:index:Laboratory", "laboratory", parent="platform")
    workspace = PLAN["workspace"]
    child = Planned(workspace.type, "workspace", workspace.inputs, parent="laboratory")
    plan = connected_to(Id("platform")).adding(outer, inner, child)
    assert judged(plan, ENDPOINT) == {"satisfied"}


def test_two_workspaces_behind_one_edge_are_not_told_apart() -> None:
    """The edges of one connection list are merged: each may be the one meant."""
    first = {"groupIds": ["amlworkspace"], "privateLinkServiceId": Id("workspace")}
    second = first | {"privateLinkServiceId": Id("second")}
    plan = PLAN.adding(
        Planned(
            "machinelearningservices:Workspace",
            "second",
            PLAN["workspace"].inputs | {"workspaceName": "second"},
        )
    ).with_inputs("pe-workspace", privateLinkServiceConnections=[first, second])
    assert judged(plan, ENDPOINT) == {"undecided"}
    assert judged(plan, ENDPOINT, deployed=True) == {"satisfied"}


def test_a_stack_reference_among_the_edges_leaves_it_open() -> None:
    """The id may come from the other stack, and the edge from something else."""
    plan = PLAN.adding(Planned("pulumi:pulumi:StackReference", "other")).with_inputs(
        "pe-workspace",
        privateLinkServiceConnections=[
            {
                "name": Id("workspace"),
                "groupIds": ["amlworkspace"],
                "privateLinkServiceId": Id("other"),
            }
        ],
    )
    assert judged(plan, ENDPOINT) == {"undecided"}


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/RG/providers/", "satisfied"),
        (f"/subscriptions/{SUBSCRIPTION}/resourcegroups/other/providers/", "violated"),
    ],
    ids=["case does not matter", "another resource group"],
)
def test_ids_are_compared_as_azure_does(target: str, answer: str) -> None:
    """Type, resource group and name decide, without regard to case."""
    service = "microsoft.machinelearningservices/WORKSPACES/MLW"
    assert judged(connected_to(target + service), ENDPOINT) == {answer}


@pytest.mark.parametrize(
    ("group", "answer"), [("rg", "satisfied"), ("central", "violated")]
)
def test_names_are_looked_for_in_their_resource_group(group: str, answer: str) -> None:
    """A link names its zone by name: one of another group is another zone."""
    plan = PLAN.with_inputs("zone-blob-link", resourceGroupName=group)
    assert judged(plan, LINKED) == {answer}


def test_subnets_of_a_network_outside_are_told_apart() -> None:
    """Compute in an existing network, with a link to it, or to another one."""
    network = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers/"
        "Microsoft.Network/virtualNetworks/"
    )
    properties = dict(PLAN["cluster"].inputs["properties"])
    properties["properties"] = {"subnet": {"id": f"{network}hub/subnets/training"}}
    plan = PLAN.with_inputs("cluster", properties=properties)
    assert judged(plan, LINKED) == {"violated"}
    zones = [name for name in PLAN.resources if name.startswith("zone-")]
    names = [name for name in zones if not name.endswith("-link")]
    for name, expected in (("HUB", {"satisfied"}), ("other", {"violated"})):
        links = (
            Planned(
                "privatedns:VirtualNetworkLink",
                f"{zone}-hub",
                {
                    **RG,
                    "privateZoneName": Name(zone),
                    "virtualNetwork": {"id": network + name},
                },
            )
            for zone in names
        )
        assert judged(plan.adding(*links), LINKED) == expected


def test_outputs_serve_where_no_inputs_were_seen() -> None:
    """A run with targets leaves resources out: their recorded outputs are judged."""
    rendered = PLAN.render(deployed=True)
    response = Analyzer(ENDPOINT_RULES).analyze_stack(rendered, outputs_only=True)
    assert not response.diagnostics


def test_an_open_link_of_one_zone_does_not_excuse_another() -> None:
    """A link whose network is unknown may stand for its own zone only."""
    open_link = {"virtualNetwork": {"id": Nowhere()}}
    plan = PLAN.with_inputs("zone-file-link", **open_link).without("zone-blob-link")
    response = Analyzer(ENDPOINT_RULES).analyze_stack(plan.render(deployed=False))
    assert answers(response, LINKED) == {"violated", "undecided"}
    about = {
        each.urn.rpartition("::")[2]: each.message for each in response.diagnostics
    }
    assert set(about) == {"zone-blob", "zone-file"}
    assert "undecided: virtualNetwork.id is not known" in about["zone-file"]


REMOVED = [name for name in PLAN.resources if name.startswith("pe-")] + [
    name for name in PLAN.resources if name.endswith("-link")
]


@pytest.mark.parametrize(
    "name", [name for name in REMOVED if not name.endswith("-zones")]
)
@pytest.mark.parametrize("deployed", [False, True], ids=["preview", "deployed"])
def test_whatever_is_taken_away_is_missed(name: str, deployed: bool) -> None:
    """Each endpoint and each link of the private plan, removed one at a time."""
    plan = PLAN.without(name, f"{name}-zones")
    response = Analyzer(ENDPOINT_RULES).analyze_stack(plan.render(deployed=deployed))
    assert {each.enforcementLevel for each in response.diagnostics} == {1}


def test_an_endpoint_without_any_connection_serves_nobody() -> None:
    """Nothing is taken for an endpoint by its name."""
    plan = PLAN.with_inputs("pe-workspace", privateLinkServiceConnections=None)
    assert judged(plan, ENDPOINT) == {"violated"}


def test_a_second_endpoint_that_is_open_changes_nothing() -> None:
    """What is certain stays certain beside something unknown."""
    extra = private_endpoint("pe-extra", "workspace", "amlworkspace")
    plan = PLAN.adding(extra).with_inputs(
        "pe-extra", privateLinkServiceConnections=Nowhere()
    )
    assert judged(plan, ENDPOINT) == {"satisfied"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mlw",
        "/subscriptions/s/resourceGroups/rg",
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network",
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/a/b/c",
        "/a/s/resourceGroups/rg/providers/Microsoft.Network/a/b",
    ],
)
def test_what_is_no_resource_id(text: str) -> None:
    """Such texts are names, or ids of something else."""
    assert parse_arm_id(text) is None


def test_an_id_is_taken_apart() -> None:
    """Everything in lower case; the parent is the id without the last part."""
    text = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.Network/"
    subnet = parse_arm_id(f"{text}virtualNetworks/Main/subnets/Training")
    assert subnet is not None
    assert subnet.type == "microsoft.network/virtualnetworks/subnets"
    assert subnet.names == ("main", "training")
    assert subnet.parent == parse_arm_id(f"{text}virtualnetworks/main")
    assert subnet.parent is not None and subnet.parent.parent is None


def test_every_type_that_has_endpoints_can_be_found_by_id() -> None:
    """What stack rules judge as a target has an identity."""
    assert {
        type_name.lower()
        for rule in RULES
        if rule.id in ("PE001", "PE002", "PE003", "PE004")
        for type_name in rule.types
    } <= set(IDENTITIES)

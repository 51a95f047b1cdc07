"""Topologies of plans: both shapes, every version of a type, ids and edges, and plans
that nobody should write."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azureml_reachability.flows import all_places, reachable_from
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.place_names import INTERNET
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.topology import EndpointPolicies, Kind, RouteTable, Topology
from tests.components import small_networks as small
from tests.components.small_networks import GROUP_ID, UNKNOWN, rule

NSG_ID = f"{GROUP_ID}/providers/Microsoft.Network/networkSecurityGroups/nsg"
SUBNET_ID = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/hub/subnets/work"


def rule_texts(topology: Topology) -> list[str]:
    """The rules of all groups, in Azure's order."""
    return [
        f"{group.name}: {rule}"
        for group in topology.groups
        for rule in group.inbound
        if rule.priority is not None and rule.priority < 65000
    ]


def test_subnets_rules_and_routes_inside_and_beside_are_one() -> None:
    """A group's rules may stand in it and beside it at the same time."""
    inside = small.network(
        "hub",
        "10.0.0.0/16",
        subnets=[
            {
                "name": "inner",
                "addressPrefix": "10.0.5.0/24",
                "networkSecurityGroup": {"id": NSG_ID},
            }
        ],
    )
    beside = small.resource(
        "SecurityRule",
        "apart",
        {**rule(90), "networkSecurityGroupName": "nsg", "name": None},
    )
    route = small.resource(
        "Route",
        "away",
        {
            "routeTableName": "rt",
            "routeName": "away",
            "addressPrefix": "1.2.3.0/24",
            "nextHopType": "None",
        },
    )
    topology = topology_of(
        [
            inside,
            small.group("nsg", rule(100)),
            beside,
            small.table("rt", ("0.0.0.0/0", "Internet", None)),
            route,
            small.subnet("work", "10.0.0.0/24", group="nsg", table="rt"),
        ]
    )
    assert rule_texts(topology) == ["nsg: Allow 90 apart", "nsg: Allow 100 rule-100"]
    by_name = {each.name: each for each in topology.subnets}
    assert by_name["inner"].group is by_name["work"].group is topology.groups[0]
    table = by_name["work"].route_table
    assert isinstance(table, RouteTable)
    assert [each.name for each in table.routes] == ["to-0.0.0.0/0", "away"]


@pytest.mark.parametrize(
    "token",
    [
        "azure-native:network:Subnet",
        "azure-native:network/v20240501:Subnet",
        "azure-native_network_v20240501:network:Subnet",
    ],
)
def test_every_version_of_a_type_is_read(token: str) -> None:
    """Wherever the version stands."""
    plan = [small.network("hub", "10.0.0.0/16"), small.subnet("work", "10.0.0.0/24")]
    plan[1]["type"] = token
    assert [each.name for each in topology_of(plan).subnets] == ["work"]


@pytest.mark.parametrize(
    ("reference", "edges", "found"),
    [
        ({"id": NSG_ID}, [], "nsg"),
        ({"id": NSG_ID.upper()}, [], "nsg"),
        ({"id": UNKNOWN}, ["nsg"], "nsg"),
        (UNKNOWN, ["nsg"], "nsg"),
        ({"id": UNKNOWN}, [], "is not known yet"),
        ({"id": UNKNOWN}, ["nsg", "other"], "is one of nsg, other, and not known yet"),
        ({"id": NSG_ID.replace("/nsg", "/elsewhere")}, [], "which is not in the plan"),
        ({"id": SUBNET_ID}, [], "and no id of a networksecuritygroup"),
        ({"id": "nsg"}, [], "is 'nsg', and no id of a resource"),
        ({"id": 7}, [], "is '7', and no text"),
        ({"id": "[secret]"}, [], "is not known yet"),
        (None, ["nsg"], None),
    ],
)
def test_a_group_is_found_by_id_or_by_edges(
    reference: Any, edges: list[str], found: str | None
) -> None:
    """And what cannot be found is missing, with its path."""
    work = small.subnet("work", "10.0.0.0/24", networkSecurityGroup=reference)
    work["propertyDependencies"]["networkSecurityGroup"] = [
        small.urn("NetworkSecurityGroup", name) for name in edges
    ]
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.group("nsg"),
        small.group("other"),
        work,
    ]
    [subnet] = topology_of(plan).subnets
    if isinstance(subnet.group, Missing):
        assert subnet.group.path.startswith("work.networkSecurityGroup")
        assert found is not None
        assert subnet.group.reason.endswith(found)
    else:
        assert (subnet.group.name if subnet.group else None) == found


def test_a_component_stands_for_what_is_in_it() -> None:
    """Its URN may be all that an edge names."""
    work = small.subnet("work", "10.0.0.0/24", networkSecurityGroup={"id": UNKNOWN})
    work["propertyDependencies"]["networkSecurityGroup"] = ["urn:box"]
    group = {**small.group("nsg"), "parent": "urn:box"}
    box = {"urn": "urn:box", "type": "shop:index:Box", "name": "box", "inputs": {}}
    plan = [small.network("hub", "10.0.0.0/16"), group, work, box]
    [subnet] = topology_of(plan).subnets
    assert isinstance(subnet.group, SecurityGroup)
    assert subnet.group.name == "nsg"


@pytest.mark.parametrize(
    ("value", "policies"),
    [
        (None, EndpointPolicies()),
        ("disabled", EndpointPolicies()),
        ("Enabled", EndpointPolicies(groups=True, routes=True)),
        ("NetworkSecurityGroupEnabled", EndpointPolicies(groups=True)),
        ("RouteTableEnabled", EndpointPolicies(routes=True)),
    ],
)
def test_policies_of_private_endpoints(value: Any, policies: EndpointPolicies) -> None:
    """Azure's default is that they obey nothing."""
    plan = [
        small.network("hub", "10.0.0.0/16"),
        small.subnet("work", "10.0.0.0/24", privateEndpointNetworkPolicies=value),
    ]
    [subnet] = topology_of(plan).subnets
    assert subnet.endpoint_policies == policies


def test_compute_stands_in_its_subnet_with_or_without_public_addresses() -> None:
    """Azure's default is that nodes have one."""
    plan = [small.network("hub", "10.0.0.0/16"), small.subnet("work", "10.0.0.0/24")]
    for name, public in (("closed", False), ("open", None)):
        inner = {"subnet": {"id": UNKNOWN}, "enableNodePublicIp": public}
        plan.append(
            small.resource(
                "azure-native:machinelearningservices:Compute",
                name,
                {"computeName": name, "properties": {"properties": inner}},
                properties=small.urn("Subnet", "work"),
            )
        )
    found = topology_of(plan).interfaces
    assert [(each.name, each.kind, each.public is not None) for each in found] == [
        ("closed", Kind.COMPUTE, False),
        ("open", Kind.COMPUTE, True),
    ]


def test_two_rules_of_one_number_are_undecided() -> None:
    """Azure refuses both; which would be first cannot be told."""
    plan = [small.group("nsg", rule(100), rule(100, "Deny"))]
    [group] = topology_of(plan).groups
    first = group.inbound[0]
    assert first.perhaps
    assert "is 100, as that of another rule" in str(first.missing[0])


# Plans that nobody should write

NESTED: Any = {}
_here = NESTED
for _ in range(500):
    _here["id"] = {}
    _here = _here["id"]
HOSTILE = [
    None,
    7,
    -1.5,
    float("nan"),
    True,
    "",
    "[secret]",
    "\x00",
    "10.0.0.0/999",
    "1" * 10_000,
    [],
    [[]],
    [None, 7, {}],
    {},
    UNKNOWN,
    {"id": None},
    NESTED,
]
WHOLE = [
    small.network("hub", "10.0.0.0/16"),
    small.network("left", "10.1.0.0/16"),
    small.group("nsg", rule(100)),
    small.table("rt", ("0.0.0.0/0", "VirtualAppliance", "10.0.9.4")),
    small.subnet("work", "10.0.0.0/24", group="nsg", table="rt", serviceEndpoints=[]),
    small.subnet("AzureFirewallSubnet", "10.0.9.0/26"),
    small.subnet("GatewaySubnet", "10.0.8.0/27"),
    small.peering("hub", "left"),
    small.public_address("pip"),
    small.interface("vm", "work", "10.0.0.9", public="pip"),
    small.endpoint("pep", "work"),
    *small.gateway(
        "vgw", "GatewaySubnet", clients=["172.20.0.0/24"], sites={"a": None}
    ),
    *small.firewall("wall", "AzureFirewallSubnet", small.network_rule(["*"], ["443"])),
]


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a tree."""
    found = [here] if here else []
    if isinstance(value, dict) and value != UNKNOWN:
        for key, below in value.items():
            found += paths(below, (*here, key))
    if isinstance(value, list):
        for index, below in enumerate(value):
            found += paths(below, (*here, index))
    return found


def replaced(plan: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a tree with one value replaced."""
    copy = json.loads(json.dumps(plan))
    here = copy
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return copy


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(paths(WHOLE)), st.sampled_from(HOSTILE))
def test_no_value_makes_reading_or_asking_fail(
    path: tuple[Any, ...], value: Any
) -> None:
    """Whatever stands anywhere: it becomes something that is not known."""
    topology = topology_of(replaced(WHOLE, path, value))
    if all_places(topology):
        reachable_from(topology, INTERNET)
        for place in all_places(topology)[1:3]:
            reachable_from(topology, place)


def test_parents_and_policies_in_a_circle_end() -> None:
    """Edges to components and policies of policies are followed once."""
    loop = {
        "urn": "urn:one",
        "type": "shop:index:Box",
        "name": "one",
        "parent": "urn:one",
        "inputs": {},
    }
    work = small.subnet("work", "10.0.0.0/24", networkSecurityGroup={"id": UNKNOWN})
    work["propertyDependencies"]["networkSecurityGroup"] = ["urn:one"]
    wall = small.firewall("wall", "work")
    policy = wall[0]
    policy["inputs"]["basePolicy"] = {"id": UNKNOWN}
    policy["propertyDependencies"]["basePolicy"] = [policy["urn"]]
    topology = topology_of([small.network("hub", "10.0.0.0/16"), loop, work, *wall])
    assert isinstance(topology.subnets[0].group, Missing)
    assert topology.firewalls[0].rules.missing[0].path == "wall-policy.basePolicy"


def test_a_rule_of_4000_prefixes() -> None:
    """Azure's limit for one side of a rule."""
    prefixes = [f"20.{n // 256}.{n % 256}.0/24" for n in range(4000)]
    many = rule(100, source=None, sourceAddressPrefixes=prefixes)
    [group] = topology_of([small.group("nsg", many)]).groups
    assert group.rules[0].sources == tuple(prefixes)

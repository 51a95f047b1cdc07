"""Networks that use the gateways: both halves of each peering."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_azure_native import resources

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.parts import UsedRanges, read_network_ranges
from azureml_network._hybrid_gateway.spokes import (
    SpokePlan,
    make_spokes,
    read_spokes,
    spoke_ranges,
)
from azureml_network._inputs import InputReader

HUB_ID = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
    "/providers/Microsoft.Network/virtualNetworks/hub"
)
OTHER = "44444444-4444-4444-8444-444444444444"
SPOKES = (
    f"/subscriptions/{OTHER}/resourceGroups/spokes"
    "/providers/Microsoft.Network/virtualNetworks/"
)


def spoke(network: str = "lab", **changes: Any) -> dict[str, Any]:
    """Inputs of a spoke that works, with ``changes``; None leaves one out."""
    values = {
        "network_id": f"{SPOKES}{network}",
        "address_space": ["10.50.0.0/16"],
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def read(
    spokes: Any,
    *,
    network_name: str | None = "hub",
    gateways: bool = True,
) -> tuple[dict[str, SpokePlan], list[str]]:
    """Plan the spokes; also returns the findings, those of their ranges too."""
    args = {
        "network_address_space": ["10.40.0.0/20"],
        "other_address_space": ["10.200.0.0/16"],
        "spokes": spokes,
    }
    reader = InputReader(args, HybridGatewayArgs)
    own, elsewhere = read_network_ranges(reader)
    plans = read_spokes(reader, "net", HUB_ID, network_name, gateways=gateways)
    used = UsedRanges(network=own, elsewhere=elsewhere, spokes=spoke_ranges(plans))
    reader.findings += used.findings()
    return plans, [str(finding) for finding in reader.findings]


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the peerings of spokes, after a resource called ``gateway``; returns what
    was registered."""

    def run(spokes: dict[str, Any], cloud_name: str = "public") -> Any:
        plans, findings = read(spokes)
        assert findings == []

        def program() -> None:
            gateway = resources.ResourceGroup("gateway", resource_group_name="gateway")
            make_spokes(surroundings(cloud_name), plans, HUB_ID, "hub", [gateway])

        return record(program)

    return run


def test_both_halves(make: Callable[..., Any]) -> None:
    """The hub's half lends its gateways, the spoke's uses them; both are closed to what
    comes from elsewhere."""
    made = make({"lab": spoke()})
    assert made.kinds() == {
        "Net": 1,
        "ResourceGroup": 1,
        "azure-native": 1,
        "VirtualNetworkPeering": 2,
    }
    assert made.inputs("net-lab-peering") == {
        "virtualNetworkPeeringName": "net-lab",
        "virtualNetworkName": "hub",
        "resourceGroupName": "rg",
        "remoteVirtualNetwork": {"id": f"{SPOKES}lab"},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": True,
        "useRemoteGateways": False,
    }
    assert made.inputs("net-lab-spoke-peering") == {
        "virtualNetworkPeeringName": "hub",
        "virtualNetworkName": "lab",
        "resourceGroupName": "spokes",
        "remoteVirtualNetwork": {"id": HUB_ID},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": False,
        "useRemoteGateways": True,
    }


def test_the_spokes_half_is_in_its_own_subscription(make: Callable[..., Any]) -> None:
    """And in the cloud of the gateways."""
    made = make({"lab": spoke()}, "us_government")
    assert made.inputs("net-lab-spoke") == {
        "subscriptionId": OTHER,
        "environment": "usgovernment",
    }
    assert made.resources["net-lab-spoke-peering"].provider == "net-lab-spoke"
    assert made.resources["net-lab-peering"].provider == ""


def test_forwarded_traffic_is_let_in_on_both_sides(make: Callable[..., Any]) -> None:
    """Only where that is said."""
    made = make({"lab": spoke(allow_forwarded_traffic=True)})
    for half in ("net-lab-peering", "net-lab-spoke-peering"):
        assert made.inputs(half)["allowForwardedTraffic"] is True


def test_what_waits_for_what(make: Callable[..., Any]) -> None:
    """Gateways, the hub's half, the spoke's half, and then the next spoke by name."""
    made = make(
        {"b": spoke("b", address_space=["10.51.0.0/16"]), "a": spoke("a")},
    )
    waits = {name: set(item.depends_on) for name, item in made.resources.items()}
    assert waits["net-a-peering"] == {"gateway"}
    assert waits["net-a-spoke-peering"] == {"net-a-peering"}
    assert waits["net-b-peering"] == {"net-a-spoke-peering"}
    assert waits["net-b-spoke-peering"] == {"net-b-peering"}


def test_what_azure_sets_is_no_change(make: Callable[..., Any]) -> None:
    """The state of a half is Azure's own, of both halves."""
    made = make({"lab": spoke()})
    for half in ("net-lab-peering", "net-lab-spoke-peering"):
        left_alone = set(made.resources[half].ignore_changes)
        assert {"peeringState", "remoteAddressSpace"} <= left_alone
        assert not left_alone & set(made.inputs(half))


@pytest.mark.parametrize("spokes", [{}, None])
def test_no_spokes(spokes: Any) -> None:
    """Nothing is made, and no gateway or name is asked for."""
    assert read(spokes, network_name=None, gateways=False) == ({}, [])


FAULTS: list[tuple[Any, str]] = [
    ([spoke()], "spokes: ["),
    ({"lab": spoke(network_id=None)}, "spokes.lab.network_id: is required and not set"),
    (
        {"lab": spoke(network_id="lab")},
        "spokes.lab.network_id: 'lab' is not a resource id",
    ),
    (
        {"lab": spoke(network_id=f"{SPOKES}lab/subnets/a")},
        f"spokes.lab.network_id: '{SPOKES}lab/subnets/a' is the id of a",
    ),
    (
        {"lab": spoke(address_space=None)},
        "spokes.lab.address_space: is required and not set",
    ),
    (
        {"lab": spoke(address_space=["10.50.0.1/16"])},
        "spokes.lab.address_space[0]: '10.50.0.1/16' has host bits set",
    ),
    (
        {"lab": spoke(address_space=["169.254.0.0/16"])},
        "spokes.lab.address_space[0]: '169.254.0.0/16' overlaps",
    ),
    (
        {"lab": spoke(address_space=["10.40.0.0/24"])},
        "spokes.lab.address_space[0]: '10.40.0.0/24' overlaps '10.40.0.0/20' of "
        "network_address_space[0]",
    ),
    (
        {"a": spoke("a"), "b": spoke("b")},
        "spokes.a.address_space[0]: '10.50.0.0/16' overlaps '10.50.0.0/16' of "
        "spokes.b.address_space[0]",
    ),
    (
        {"a": spoke(), "b": spoke("LAB", address_space=["10.51.0.0/16"])},
        f"spokes.b.network_id: '{SPOKES}LAB' is spokes.a.network_id too; two networks",
    ),
    (
        {"lab": spoke(network_id=HUB_ID)},
        f"spokes.lab.network_id: '{HUB_ID}' is network_id too",
    ),
    (
        {"a lab": spoke()},
        "spokes.a lab: the virtual network peering name 'net-a lab' must be letters",
    ),
    (
        {"lab": spoke(), "Lab": spoke("b", address_space=["10.51.0.0/16"])},
        "spokes.lab: makes the virtual network peering name 'net-lab', which differs",
    ),
    (
        {"lab": spoke(allow_forwarded_traffic="yes")},
        "spokes.lab.allow_forwarded_traffic: 'yes' is not true or false",
    ),
    ({"lab": spoke(transit=True)}, "spokes.lab.transit: is not a known input"),
]


@pytest.mark.parametrize(("spokes", "message"), FAULTS)
def test_faults_are_told_once_with_their_path(spokes: Any, message: str) -> None:
    """Each fault is one line that begins with the path of the input."""
    _, findings = read(spokes)
    assert len(findings) == 1, findings
    assert findings[0].startswith(message)


def test_spokes_need_a_gateway() -> None:
    """Azure refuses a half that uses the gateways of a network without any."""
    _, findings = read({"lab": spoke()}, gateways=False)
    assert findings == [
        "spokes: use the gateways of this network, and it has none; give vpn or "
        "express_route, or leave this out"
    ]


def test_spokes_need_the_networks_name() -> None:
    """It says where the hub's half is made."""
    _, findings = read({"lab": spoke()}, network_name=None)
    assert len(findings) == 1
    assert findings[0].startswith("network_name: is required with spokes")

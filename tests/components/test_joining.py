"""How a network joins a larger one: peerings, DNS servers, what exists already."""

import string
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_azure_native import resources

from azureml_network._inputs import InputReader
from azureml_network._secure_vnet.arguments import SecureVnetArgs, SubnetSpec
from azureml_network._secure_vnet.joining import (
    JoiningPlan,
    peerings,
    read_existing_network,
    read_existing_subnet,
    read_joining,
    virtual_network_inputs,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import (
    NETWORK,
    SUBNET,
    ResourceId,
    read_resource_id,
)

OTHER = "44444444-4444-4444-8444-444444444444"
HUBS = (
    f"/subscriptions/{OTHER}/resourceGroups/hubs"
    "/providers/Microsoft.Network/virtualNetworks/"
)
PLAN = (
    f"/subscriptions/{OTHER}/resourceGroups/hubs"
    "/providers/Microsoft.Network/ddosProtectionPlans/plan"
)
SPACE = [("address_space[0]", IPv4Network("10.20.0.0/22"))]


def read(
    args: dict[str, Any], purposes: Collection[str] = ()
) -> tuple[JoiningPlan, list[str]]:
    """Plan how a network called ``net`` joins; also returns the findings."""
    reader = InputReader(args, SecureVnetArgs)
    existing = read_existing_network(reader)
    plan = read_joining(reader, "net", existing, SPACE, purposes)
    return plan, [str(finding) for finding in reader.findings]


def planned(args: dict[str, Any], purposes: Collection[str] = ()) -> JoiningPlan:
    """The plan of inputs that nothing is wrong with."""
    plan, findings = read(args, purposes)
    assert findings == []
    return plan


def peering(hub: str = "hub", **changes: Any) -> dict[str, Any]:
    """Inputs of a peering with a hub."""
    return {
        "network_id": f"{HUBS}{hub}",
        "address_space": ["10.9.0.0/16"],
        **changes,
    }


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the peerings that are planned, after a resource called ``last``; returns
    what was registered."""

    def run(plan: JoiningPlan, cloud_name: str = "public") -> Any:
        def program() -> None:
            last = resources.ResourceGroup("last", resource_group_name="last")
            peerings(surroundings(cloud_name), plan, "/fake/net-vnet", [last])

        return record(program)

    return run


FAULTS: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    (
        {"existing_network_id": "net"},
        (),
        "existing_network_id: 'net' is not a resource id; give /subscriptions/.../"
        "resourceGroups/.../providers/Microsoft.Network/virtualNetworks/...",
    ),
    (
        {"existing_network_id": f"{HUBS}net", "encrypt_traffic": True},
        (),
        "encrypt_traffic: belongs to the network",
    ),
    (
        {"existing_network_id": f"{HUBS}net", "ddos_protection_plan_id": PLAN},
        (),
        "ddos_protection_plan_id: belongs to the network",
    ),
    (
        {"ddos_protection_plan_id": f"{HUBS}hub"},
        (),
        f"ddos_protection_plan_id: '{HUBS}hub' is the id of a "
        "Microsoft.Network/virtualNetworks; give",
    ),
    (
        {"encrypt_traffic": "yes"},
        (),
        "encrypt_traffic: 'yes' is not true or false",
    ),
    (
        {"dns_servers": "10.9.0.4"},
        (),
        "dns_servers: '10.9.0.4' is not a list of texts",
    ),
    (
        {"dns_servers": ["10.9.0.4", "10.9.0"]},
        (),
        "dns_servers[1]: '10.9.0' is not an IPv4 address; give an IPv4 address that",
    ),
    (
        {"dns_servers": ["fd00::4"]},
        (),
        "dns_servers[0]: 'fd00::4' is not an IPv4 address",
    ),
    ({"dns_servers": [4]}, (), "dns_servers[0]: 4 is not text"),
    ({"dns_servers": ["0.0.0.0"]}, (), "dns_servers[0]: '0.0.0.0' can be no server"),
    ({"dns_servers": ["127.0.0.1"]}, (), "dns_servers[0]: '127.0.0.1' can be no"),
    ({"dns_servers": ["224.0.0.5"]}, (), "dns_servers[0]: '224.0.0.5' can be no"),
    ({"dns_servers": ["169.254.1.1"]}, (), "dns_servers[0]: '169.254.1.1' can be no"),
    (
        {"dns_servers": ["255.255.255.255"]},
        (),
        "dns_servers[0]: '255.255.255.255' can be no server",
    ),
    (
        {"dns_servers": ["10.9.0.4", "10.9.0.5", "10.9.0.4"]},
        (),
        "dns_servers[2]: '10.9.0.4' is dns_servers[0] already; leave one of them out",
    ),
    (
        {"dns_servers": [f"10.9.0.{host}" for host in range(4, 25)]},
        (),
        "dns_servers: are 21; a network takes at most 20, leave out 1",
    ),
    ({"peerings": {}}, (), "peerings: is empty"),
    (
        {"peerings": {"hub": {"address_space": ["10.9.0.0/16"]}}},
        (),
        "peerings.hub.network_id: is required and not set",
    ),
    (
        {"peerings": {"hub": {"network_id": f"{HUBS}hub"}}},
        (),
        "peerings.hub.address_space: is required and not set",
    ),
    (
        {"peerings": {"hub": peering(network_id=7)}},
        (),
        "peerings.hub.network_id: 7 is not text",
    ),
    (
        {"peerings": {"hub": peering(network_id="hub")}},
        (),
        "peerings.hub.network_id: 'hub' is not a resource id",
    ),
    (
        {"peerings": {"hub": peering(network_id="hub", return_peering=True)}},
        (),
        "peerings.hub.network_id: 'hub' is not a resource id",
    ),
    (
        {"peerings": {"hub": peering(allow_transit=True)}},
        (),
        "peerings.hub.allow_transit: is not a known input",
    ),
    (
        {"peerings": {"a hub": peering()}},
        (),
        "peerings.a hub: the virtual network peering name 'net-a hub' must be letters",
    ),
    (
        {"peerings": {"hub": peering(address_space=["10.9.0.0/16", "10.20.2.0/24"])}},
        (),
        "peerings.hub.address_space[1]: '10.20.2.0/24' overlaps '10.20.0.0/22' of "
        "address_space[0]; move one of them",
    ),
    (
        {"peerings": {"hub": peering(address_space=["10.9.0.0/16", "10.9.1.0/24"])}},
        (),
        "peerings.hub.address_space[0]: '10.9.0.0/16' overlaps '10.9.1.0/24' of "
        "peerings.hub.address_space[1]",
    ),
    (
        {"peerings": {"hub": peering(), "lab": peering("lab")}},
        (),
        "peerings.lab.address_space[0]: '10.9.0.0/16' overlaps '10.9.0.0/16' of "
        "peerings.hub.address_space[0]",
    ),
    (
        {
            "peerings": {
                "hub": peering(),
                "lab": peering("HUB", address_space=["10.10.0.0/16"]),
            }
        },
        (),
        f"peerings.lab.network_id: '{HUBS}HUB' is peerings.hub.network_id too; two "
        "networks are peered once",
    ),
    (
        {"existing_network_id": f"{HUBS}hub", "peerings": {"hub": peering()}},
        (),
        f"peerings.hub.network_id: '{HUBS}hub' is existing_network_id too",
    ),
    (
        {
            "peerings": {
                "hub": peering(use_remote_gateways=True, allow_gateway_transit=True)
            }
        },
        (),
        "peerings.hub.use_remote_gateways: cannot be true together with "
        "allow_gateway_transit",
    ),
    (
        {"peerings": {"hub": peering(use_remote_gateways=True)}},
        ("gateway",),
        "peerings.hub.use_remote_gateways: cannot be true in a network with a gateway "
        "subnet of its own",
    ),
    (
        {
            "peerings": {
                "hub": peering(use_remote_gateways=True),
                "lab": peering(
                    "lab", use_remote_gateways=True, address_space=["10.10.0.0/16"]
                ),
            }
        },
        (),
        "peerings.lab.use_remote_gateways: is true in peerings.hub already; a network "
        "uses the gateways of one other",
    ),
    (
        {
            "peerings": {
                "hub": peering(),
                "Hub": peering("lab", address_space=["10.10.0.0/16"]),
            }
        },
        (),
        "peerings.hub: makes the virtual network peering name 'net-hub', which differs "
        "from that of peerings.Hub in case only",
    ),
]


@pytest.mark.parametrize(("args", "purposes", "message"), FAULTS)
def test_faults_are_told_once_with_their_path(
    args: dict[str, Any], purposes: tuple[str, ...], message: str
) -> None:
    """Each fault is one line that begins with the path of the input."""
    _, findings = read(args, purposes)
    assert len(findings) == 1, findings
    assert findings[0].startswith(message)


def test_a_return_peering_needs_a_plain_id(record: Any) -> None:
    """Its subscription, group and name come from the id of the other network."""

    def program() -> None:
        later = pulumi.Output.from_input(f"{HUBS}hub")
        _, findings = read(
            {"peerings": {"hub": peering(network_id=later, return_peering=True)}}
        )
        assert len(findings) == 1
        assert findings[0].startswith(
            "peerings.hub.network_id: is known only after deployment, or secret; it "
            "says where return_peering is made"
        )
        assert read({"peerings": {"hub": peering(network_id=later)}})[1] == []

    record(program)


SUBNETS = f"{HUBS}net/subnets/"
SUBNET_FAULTS: list[tuple[dict[str, Any], str]] = [
    (
        {"existing_id": f"{SUBNETS}a"},
        "subnets.a.prefix: is required with existing_id",
    ),
    (
        {"existing_id": f"{SUBNETS}a", "prefix": "10.20.0.0/24", "azure_name": "b"},
        "subnets.a.azure_name: belongs to the subnet, which exists already",
    ),
    (
        {
            "existing_id": f"{SUBNETS}a",
            "prefix": "10.20.0.0/24",
            "service_endpoints": ["Microsoft.Storage"],
        },
        "subnets.a.service_endpoints: belongs to the subnet",
    ),
    (
        {"existing_id": f"{HUBS}net", "prefix": "10.20.0.0/24"},
        f"subnets.a.existing_id: '{HUBS}net' is the id of a Microsoft.Network/"
        "virtualNetworks; give",
    ),
    (
        {"existing_id": f"{HUBS}hub/subnets/a", "prefix": "10.20.0.0/24"},
        f"subnets.a.existing_id: '{HUBS}hub/subnets/a' is in another network than "
        f"existing_network_id ({HUBS}net)",
    ),
]


def existing_subnet(
    spec: dict[str, Any], network_id: str | None = f"{HUBS}net"
) -> tuple[object, list[Finding]]:
    """Read the id of subnet ``a`` of a network that exists already."""
    reader = InputReader(spec, SubnetSpec, path="subnets.a")
    existing = read_resource_id(network_id, NETWORK, "") if network_id else None
    assert not isinstance(existing, Finding)
    return read_existing_subnet(reader, existing), reader.findings


@pytest.mark.parametrize(("spec", "message"), SUBNET_FAULTS)
def test_faults_of_an_existing_subnet(spec: dict[str, Any], message: str) -> None:
    """What belongs to its owner is not set here, and it is in the existing network."""
    _, findings = existing_subnet({"purpose": "training", **spec})
    assert len(findings) == 1
    assert str(findings[0]).startswith(message)


def test_an_existing_subnet_needs_an_existing_network() -> None:
    """A new network has none."""
    spec = {"existing_id": f"{SUBNETS}a", "prefix": "10.20.0.0/24"}
    _, findings = existing_subnet(spec, None)
    assert [str(finding) for finding in findings] == [
        "subnets.a.existing_id: needs existing_network_id: a new network has no "
        "subnets; give that too"
    ]


def test_an_existing_subnet_is_used_as_it_is() -> None:
    """Its id is returned; ids compare without regard to case."""
    spec = {"existing_id": f"{SUBNETS.upper()}a", "prefix": "10.20.0.0/24"}
    assert existing_subnet(spec) == (f"{SUBNETS.upper()}a", [])
    assert existing_subnet({"prefix": "10.20.0.0/24"}) == (None, [])


def test_an_existing_network() -> None:
    """Its parts say where its subnets are made."""
    plan = planned({"existing_network_id": f"{HUBS}net"})
    assert plan.existing_network == ResourceId(
        subscription_id=OTHER,
        resource_group_name="hubs",
        resource_type="Microsoft.Network/virtualNetworks",
        names=("net",),
    )
    assert str(plan.existing_network) == f"{HUBS}net"


def test_a_network_by_itself() -> None:
    """Without these inputs its resource gets nothing but name, place and ranges."""
    plan = planned({})
    assert virtual_network_inputs(plan) == {}
    assert (plan.existing_network, dict(plan.peerings)) == (None, {})


def test_what_the_network_gets() -> None:
    """DNS servers keep their order; encryption leaves others reachable, which is the
    only kind that Azure has."""
    plan = planned(
        {
            "dns_servers": ["10.9.0.5", "10.9.0.4"],
            "ddos_protection_plan_id": PLAN,
            "encrypt_traffic": True,
        }
    )
    assert plan.dns_servers == (IPv4Address("10.9.0.5"), IPv4Address("10.9.0.4"))
    assert virtual_network_inputs(plan) == {
        "dhcp_options": {"dns_servers": ["10.9.0.5", "10.9.0.4"]},
        "ddos_protection_plan": {"id": PLAN},
        "enable_ddos_protection": True,
        "encryption": {"enabled": True, "enforcement": "AllowUnencrypted"},
    }


def test_a_peering_is_closed_by_default(make: Callable[..., Any]) -> None:
    """Machines of the two networks reach each other, and nothing beyond."""
    made = make(planned({"peerings": {"hub": peering()}}))
    assert made.kinds() == {"Net": 1, "ResourceGroup": 1, "VirtualNetworkPeering": 1}
    assert made.inputs("net-hub-peering") == {
        "virtualNetworkPeeringName": "net-hub",
        "virtualNetworkName": "net-vnet",
        "resourceGroupName": "rg",
        "remoteVirtualNetwork": {"id": f"{HUBS}hub"},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": False,
        "useRemoteGateways": False,
    }
    assert made.resources["net-hub-peering"].depends_on == {"last"}


def test_a_spoke_makes_both_halves(make: Callable[..., Any]) -> None:
    """The hub's half is made first, in its own subscription and cloud, and opens its
    gateways; else Azure refuses to use them."""
    spoke = peering(
        use_remote_gateways=True, allow_forwarded_traffic=True, return_peering=True
    )
    made = make(planned({"peerings": {"hub": spoke}}), "us_government")
    assert made.inputs("net-hub-peer") == {
        "subscriptionId": OTHER,
        "environment": "usgovernment",
    }
    back = made.resources["net-hub-return-peering"]
    assert back.provider == "net-hub-peer"
    assert back.inputs == {
        "virtualNetworkPeeringName": "net-vnet",
        "virtualNetworkName": "hub",
        "resourceGroupName": "hubs",
        "remoteVirtualNetwork": {"id": "/fake/net-vnet"},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": False,
        "allowGatewayTransit": True,
        "useRemoteGateways": False,
    }
    own = made.resources["net-hub-peering"]
    assert own.provider == ""
    assert own.inputs["useRemoteGateways"] is True
    assert own.inputs["allowForwardedTraffic"] is True
    assert own.depends_on == {"net-hub-return-peering"}
    assert "last" in made.waits_for("net-hub-return-peering")


def test_a_hub_lends_its_gateways(make: Callable[..., Any]) -> None:
    """The other half does not use them yet: Azure refuses that before they exist."""
    hub = peering(allow_gateway_transit=True, return_peering=True)
    made = make(planned({"peerings": {"spoke": hub}}, ("gateway",)))
    assert made.inputs("net-spoke-peering")["allowGatewayTransit"] is True
    back = made.inputs("net-spoke-return-peering")
    assert (back["allowGatewayTransit"], back["useRemoteGateways"]) == (False, False)


def test_what_azure_sets_is_no_change(make: Callable[..., Any]) -> None:
    """The state of both halves and the ranges that Azure knows are Azure's own."""
    made = make(planned({"peerings": {"hub": peering(return_peering=True)}}))
    for half in ("net-hub-peering", "net-hub-return-peering"):
        left_alone = made.resources[half].ignore_changes
        assert {"peeringState", "remoteAddressSpace"} <= set(left_alone)
        assert not set(left_alone) & set(made.inputs(half))


def test_peerings_are_made_one_after_another(make: Callable[..., Any]) -> None:
    """In order of name, whatever the order in which they are written."""
    made = make(
        planned(
            {
                "peerings": {
                    "c": peering("c", address_space=["10.3.0.0/16"]),
                    "a": peering("a", address_space=["10.1.0.0/16"]),
                    "b": peering("b", address_space=["10.2.0.0/16"]),
                }
            }
        )
    )
    assert made.resources["net-a-peering"].depends_on == {"last"}
    assert made.resources["net-b-peering"].depends_on == {"net-a-peering"}
    assert made.resources["net-c-peering"].depends_on == {"net-b-peering"}


def test_peerings_of_an_existing_network(make: Callable[..., Any]) -> None:
    """They are made where that network is, and the other half is called after it."""
    made = make(
        planned(
            {
                "existing_network_id": f"{HUBS}own",
                "peerings": {"hub": peering(return_peering=True)},
            }
        )
    )
    assert made.inputs("net-hub-peering")["virtualNetworkName"] == "own"
    assert made.inputs("net-hub-peering")["resourceGroupName"] == "hubs"
    back = made.inputs("net-hub-return-peering")
    assert back["virtualNetworkPeeringName"] == "own"


WORDS = st.text(string.ascii_letters + string.digits + "._-()", min_size=1)


@given(group=WORDS, network=WORDS, subnet=WORDS)
def test_any_id_is_read_as_it_is_written(group: str, network: str, subnet: str) -> None:
    """What is read says the same as what was written, and so does its parent."""
    network_id = (
        f"/subscriptions/{OTHER}/resourceGroups/{group}/providers/{NETWORK}/{network}"
    )
    found = read_resource_id(f"{network_id}/subnets/{subnet}", SUBNET, "id")
    assert isinstance(found, ResourceId)
    assert (found.resource_group_name, found.name) == (group, subnet)
    assert str(found) == f"{network_id}/subnets/{subnet}"
    assert str(found.parent) == network_id
    assert found.parent.is_same(found.parent)
    assert not found.parent.is_same(found)


@pytest.mark.parametrize(
    ("text", "resource_type", "names"),
    [
        (f"{HUBS}net", NETWORK, ("net",)),
        (f"{HUBS}net".lower(), NETWORK, ("net",)),
        (f"{HUBS}net/subnets/a", f"{NETWORK}/subnets", ("net", "a")),
        (f"{HUBS}net/", NETWORK, None),
        (f"{HUBS}net/subnets", NETWORK, None),
        (f"{HUBS}", NETWORK, None),
        (f"{HUBS}net\n", NETWORK, None),
        ("/subscriptions/s/providers/Microsoft.Network/a/b", NETWORK, None),
        ("", NETWORK, None),
        (None, NETWORK, None),
    ],
)
def test_resource_ids(
    text: object, resource_type: str, names: tuple[str, ...] | None
) -> None:
    """An id is read whole, without regard to case, or refused with the wanted form."""
    found = read_resource_id(text, resource_type, "id")
    if names is None:
        assert isinstance(found, Finding)
        assert found.message.endswith(
            "give /subscriptions/.../resourceGroups/.../providers/Microsoft.Network/"
            "virtualNetworks/..."
        )
    else:
        assert isinstance(found, ResourceId)
        assert found.names == names
        assert str(found).lower() == str(text).lower()

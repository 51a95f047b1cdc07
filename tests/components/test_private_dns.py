"""Private DNS: which zones are made, linked, used as they are, or left to others."""

from collections.abc import Callable, Collection
from ipaddress import IPv4Address
from typing import Any

import pulumi
import pytest

from azureml_network import SecureVnet
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import SecureVnetArgs, ZoneOwner
from azureml_network._secure_vnet.joining import (
    read_existing_network,
    read_joining,
)
from azureml_network._secure_vnet.private_dns import (
    PrivateDnsPlan,
    private_dns_zones,
    read_private_dns,
)
from azureml_rulebook.clouds import CLOUDS
from azureml_rulebook.dns_servers import forwarding_target_findings
from azureml_rulebook.dns_zones import GROUP_IDS, ZONE_ROWS, forwarded_zones, zones_for

NETWORKS = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/hub"
    "/providers/Microsoft.Network/virtualNetworks/"
)
OTHER = "44444444-4444-4444-8444-444444444444"
DNS_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
BLOB = "privatelink.blob.core.windows.net"
VAULT = "privatelink.vaultcore.azure.net"
OF_ONE_CLOUD = {
    "public": {".windows.net", ".azure.net", ".azure.com", ".azureml.ms", ".azurecr.io"}
    | {".azure-automation.net"},
    "us_government": {".usgovcloudapi.net", ".azure.us", ".windows.us", ".azurecr.us"}
    | {".azure-automation.us"},
    "china": {".chinacloudapi.cn", ".azure.cn", ".azurecr.cn"},
}


def read(
    args: dict[str, Any],
    purposes: Collection[str] = (),
    cloud_name: str = "public",
) -> tuple[PrivateDnsPlan, list[str]]:
    """Plan the private DNS of a network called ``net``; also returns the findings."""
    reader = InputReader(args, SecureVnetArgs)
    place = Place(cloud_name=cloud_name, region="westeurope")
    existing = read_existing_network(reader)
    joining = read_joining(reader, "net", existing, [], purposes)
    plan = read_private_dns(reader, "net", place, purposes, joining)
    return plan, [str(finding) for finding in reader.findings]


def planned(*args: Any, **options: Any) -> PrivateDnsPlan:
    """The plan of inputs that nothing is wrong with."""
    plan, findings = read(*args, **options)
    assert findings == []
    return plan


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make what is planned; returns what was registered."""

    def run(plan: PrivateDnsPlan, cloud_name: str = "public") -> Any:
        def program() -> None:
            parts = surroundings(cloud_name)
            private_dns_zones(parts, plan, "/fake/net-vnet")

        return record(program)

    return run


FAULTS = [
    (
        {"private_endpoint_groups": ["blop"]},
        "private_endpoint_groups[0]: 'blop' is not a known private endpoint group id; "
        "did you mean 'blob'?",
    ),
    (
        {"private_dns_zone_ids": {"privatelink.vault.azure.net": "/x"}},
        "private_dns_zone_ids.privatelink.vault.azure.net: no private endpoint group "
        f"needs this zone; did you mean '{VAULT}'?",
    ),
    (
        {"private_dns_zone_ids": {VAULT: "/x"}},
        f"private_dns_zone_ids.{VAULT}: '/x' is not the id of that zone",
    ),
    (
        {"private_dns": {"zones_by": "team"}},
        "private_dns.zones_by: 'team' is not allowed; known: 'policy', 'stack'",
    ),
    (
        {"private_dns": {"zone": 1}},
        "private_dns.zone: is not a known input",
    ),
    (
        {"private_dns": {"zones_by": "policy"}, "private_dns_zone_ids": {VAULT: "/x"}},
        "private_dns_zone_ids: cannot be used where private_dns.zones_by is 'policy'",
    ),
    (
        {"private_dns": {"zones_by": "policy", "resource_group_name": "dns"}},
        "private_dns.resource_group_name: is for new zones, and a policy makes the "
        "zones; leave it out",
    ),
    (
        {
            "private_dns": {
                "zones_by": "policy",
                "linked_network_ids": {"hub": f"{NETWORKS}hub"},
            }
        },
        "private_dns.linked_network_ids: is for new zones, and a policy makes",
    ),
    (
        {"private_dns": {"subscription_id": "dns", "resource_group_name": "dns"}},
        "private_dns.subscription_id: 'dns' is not a subscription id",
    ),
    (
        {"private_dns": {"subscription_id": DNS_SUBSCRIPTION}},
        "private_dns.resource_group_name: is required with subscription_id",
    ),
    (
        {"private_dns": {"link_existing_zones": True}},
        "private_dns.link_existing_zones: is for zones of private_dns_zone_ids, and "
        "there are none; leave it out",
    ),
    (
        {"private_dns": {"zones_by": "policy", "link_existing_zones": True}},
        "private_dns.link_existing_zones: is for zones of private_dns_zone_ids, and",
    ),
    (
        {"private_endpoint_groups": [], "private_dns": {"resource_group_name": "dns"}},
        "private_dns.resource_group_name: is for new zones, and "
        "private_endpoint_groups has none that needs a zone; leave it out",
    ),
    (
        {"private_dns": {"linked_network_ids": {"hub": "hub"}}},
        "private_dns.linked_network_ids.hub: 'hub' is not a resource id; give "
        "/subscriptions/.../resourceGroups/.../providers/Microsoft.Network/"
        "virtualNetworks/...",
    ),
    (
        {"private_dns": {"linked_network_ids": {"hub": f"{NETWORKS}hub/subnets/a"}}},
        f"private_dns.linked_network_ids.hub: '{NETWORKS}hub/subnets/a' is the id of a "
        "Microsoft.Network/virtualNetworks/subnets",
    ),
    (
        {"private_dns": {"linked_network_ids": {"a b": f"{NETWORKS}hub"}}},
        "private_dns.linked_network_ids.a b: the private dns zone link name "
        "'net-a b-vnet' must be",
    ),
    (
        {
            "private_dns": {
                "linked_network_ids": {"a": f"{NETWORKS}hub", "A": f"{NETWORKS}lab"}
            }
        },
        "private_dns.linked_network_ids.a: makes the private dns zone link name "
        "'net-a-vnet', which differs from that of private_dns.linked_network_ids.A in",
    ),
    (
        {
            "private_dns": {
                "linked_network_ids": {"a": f"{NETWORKS}hub", "b": f"{NETWORKS}HUB"}
            }
        },
        f"private_dns.linked_network_ids.b: '{NETWORKS}HUB' is "
        "private_dns.linked_network_ids.a too",
    ),
    (
        {
            "existing_network_id": f"{NETWORKS}own",
            "private_dns": {"linked_network_ids": {"a": f"{NETWORKS}own"}},
        },
        f"private_dns.linked_network_ids.a: '{NETWORKS}own' is existing_network_id too",
    ),
]


@pytest.mark.parametrize(("args", "message"), FAULTS)
def test_faults_are_told_once_with_their_path(
    args: dict[str, Any], message: str
) -> None:
    """Each fault is one line that begins with the path of the input."""
    _, findings = read(args)
    assert len(findings) == 1
    assert findings[0].startswith(message)


def test_inputs_about_new_zones_where_all_exist(
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """They would do nothing, so they are refused rather than passed over."""
    zones = zones_for(("blob", "vault"))
    _, findings = read(
        {
            "private_endpoint_groups": ["blob", "vault"],
            "private_dns_zone_ids": zone_ids(zones),
            "private_dns": {"linked_network_ids": {"hub": f"{NETWORKS}hub"}},
        }
    )
    assert findings == [
        "private_dns.linked_network_ids: is for new zones, and private_dns_zone_ids "
        "has every zone that is needed; leave it out"
    ]


def test_every_zone_is_made_and_linked_once(
    make: Callable[..., Any], default_zones: tuple[str, ...]
) -> None:
    """C01: all zones of the default groups, each with one link that registers
    nothing."""
    made = make(planned({}))
    assert set(made.of_type("PrivateZone")) == {f"net-{zone}" for zone in default_zones}
    for zone in default_zones:
        assert made.inputs(f"net-{zone}") == {
            "privateZoneName": zone,
            "resourceGroupName": "rg",
            "location": "global",
            "tags": {"environment": "test"},
        }
        assert made.inputs(f"net-{zone}-link") == {
            "virtualNetworkLinkName": "net-vnet",
            "privateZoneName": zone,
            "resourceGroupName": "rg",
            "location": "global",
            "registrationEnabled": False,
            "virtualNetwork": {"id": "/fake/net-vnet"},
            "tags": {"environment": "test"},
        }
        assert f"net-{zone}" in made.resources[f"net-{zone}-link"].depends_on
    assert len(made.of_type("VirtualNetworkLink")) == len(default_zones)


def test_zones_of_others_are_neither_made_nor_linked(
    make: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """C07: zones given by id are used as they are; all others are made as usual."""
    given = zone_ids((BLOB, VAULT))
    made = make(planned({"private_dns_zone_ids": given}))
    own = {f"net-{zone}" for zone in default_zones if zone not in given}
    assert set(made.of_type("PrivateZone")) == own
    assert set(made.of_type("VirtualNetworkLink")) == {f"{zone}-link" for zone in own}


def test_ids_of_all_zones_are_returned(
    record: Any,
    surroundings: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Given and made ones alike, in order of name, once their links are made."""
    given = zone_ids((BLOB,))
    plan = planned({"private_dns_zone_ids": given})
    told: dict[str, str] = {}

    def program() -> None:
        made = private_dns_zones(surroundings(), plan, "/fake/net-vnet")
        pulumi.Output.all(**made.zone_ids).apply(told.update)

    record(program)
    assert told == {
        zone: given.get(zone, f"/fake/net-{zone}") for zone in sorted(default_zones)
    }


def test_zones_of_others_are_linked_if_that_is_asked_for(
    make: Callable[..., Any], zone_ids: Callable[..., dict[str, str]]
) -> None:
    """Where each of them is, in its own subscription; the fallback beside a gateway is
    theirs too."""
    given = zone_ids((BLOB, VAULT))
    given[VAULT] = given[VAULT].replace("22222222-2222-4222-8222-222222222222", OTHER)
    made = make(
        planned(
            {
                "private_endpoint_groups": ["blob", "vault", "registry"],
                "private_dns_zone_ids": given,
                "private_dns": {"link_existing_zones": True},
                "existing_network_id": f"{NETWORKS}own",
            },
            ("gateway",),
        )
    )
    assert set(made.of_type("PrivateZone")) == {"net-privatelink.azurecr.io"}
    links = made.of_type("VirtualNetworkLink")
    assert {name: link.provider for name, link in links.items()} == {
        "net-privatelink.azurecr.io-link": "",
        f"net-{BLOB}-link": "",
        f"net-{VAULT}-link": f"net-zones-{OTHER}",
    }
    assert made.inputs(f"net-zones-{OTHER}") == {
        "subscriptionId": OTHER,
        "environment": "public",
    }
    assert made.inputs(f"net-{BLOB}-link") == {
        "virtualNetworkLinkName": "net-vnet",
        "privateZoneName": BLOB,
        "resourceGroupName": "dns",
        "location": "global",
        "registrationEnabled": False,
        "resolutionPolicy": "NxDomainRedirect",
        "virtualNetwork": {"id": "/fake/net-vnet"},
        "tags": {"environment": "test"},
    }


def test_zones_of_another_component_are_linked(
    record: Any,
    surroundings: Callable[..., Any],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Their ids are outputs: the resource group comes from the id, without provider;
    an id is returned once the link is made."""
    told: dict[str, str] = {}

    def program() -> None:
        later = pulumi.Output.from_input(zone_ids((VAULT,), "zones")[VAULT])
        plan = planned(
            {
                "private_endpoint_groups": ["vault"],
                "private_dns_zone_ids": {VAULT: later},
                "private_dns": {"link_existing_zones": True},
            }
        )
        made = private_dns_zones(surroundings(), plan, "/fake/net-vnet")
        assert len(made.links) == 1
        pulumi.Output.all(**made.zone_ids).apply(told.update)

    made = record(program)
    link = made.resources[f"net-{VAULT}-link"]
    assert (link.inputs["resourceGroupName"], link.provider) == ("zones", "")
    assert told == zone_ids((VAULT,), "zones")


def test_zones_left_to_a_policy(make: Callable[..., Any]) -> None:
    """Neither zones nor links are made, and no id is returned."""
    plan = planned({"private_dns": {"zones_by": "policy"}})
    assert plan.owner is ZoneOwner.POLICY
    assert make(plan).kinds() == {"Net": 1}


@pytest.mark.parametrize(
    ("purposes", "policy"), [(("training",), None), (("gateway",), "NxDomainRedirect")]
)
def test_blob_names_fall_back_beside_a_gateway(
    make: Callable[..., Any], purposes: tuple[str, ...], policy: str | None
) -> None:
    """A VPN gateway reaches storage accounts of Azure's own by name; the link of the
    blob zone to its network, and no other link, lets unknown names fall back."""
    made = make(planned({}, purposes))
    for name, link in made.of_type("VirtualNetworkLink").items():
        expected = policy if name == f"net-{BLOB}-link" else None
        assert link.inputs.get("resolutionPolicy") == expected


def test_further_networks(make: Callable[..., Any]) -> None:
    """Each gets a link of its own to every new zone, and a fallback if it is known to
    have the gateways that this network uses."""
    args = {
        "private_endpoint_groups": ["blob", "vault"],
        "private_dns": {
            "linked_network_ids": {"hub": f"{NETWORKS}hub", "lab": f"{NETWORKS}lab"}
        },
        "peerings": {
            "to-hub": {
                "network_id": f"{NETWORKS}HUB",
                "address_space": ["10.9.0.0/16"],
                "use_remote_gateways": True,
            }
        },
    }
    made = make(planned(args))
    links = made.of_type("VirtualNetworkLink")
    assert set(links) == {
        f"net-{zone}{between}-link"
        for zone in (BLOB, VAULT)
        for between in ("", "-hub", "-lab")
    }
    assert links[f"net-{VAULT}-hub-link"].inputs["virtualNetwork"] == {
        "id": f"{NETWORKS}hub"
    }
    assert links[f"net-{VAULT}-hub-link"].inputs["virtualNetworkLinkName"] == (
        "net-hub-vnet"
    )
    redirected = {name for name in links if "resolutionPolicy" in links[name].inputs}
    assert redirected == {f"net-{BLOB}-hub-link"}


@pytest.mark.parametrize(
    ("cloud_name", "environment"),
    [("public", "public"), ("us_government", "usgovernment"), ("china", "china")],
)
def test_zones_in_another_subscription(
    make: Callable[..., Any], cloud_name: str, environment: str
) -> None:
    """They and their links are made there through one provider of their own."""
    args = {
        "private_endpoint_groups": ["vault"],
        "private_dns": {
            "resource_group_name": "dns",
            "subscription_id": DNS_SUBSCRIPTION,
        },
    }
    made = make(planned(args, cloud_name=cloud_name), cloud_name)
    assert made.inputs("net-private-dns") == {
        "subscriptionId": DNS_SUBSCRIPTION,
        "environment": environment,
    }
    others = made.of_type("PrivateZone") | made.of_type("VirtualNetworkLink")
    assert len(others) == 2
    for item in others.values():
        assert item.provider == "net-private-dns"
        assert item.inputs["resourceGroupName"] == "dns"


def test_no_provider_where_there_is_no_zone_for_it(
    make: Callable[..., Any],
) -> None:
    """In the network's own subscription the component's provider makes the zones."""
    made = make(planned({"private_dns": {"resource_group_name": "dns"}}))
    assert made.kinds().keys() == {"Net", "PrivateZone", "VirtualNetworkLink"}
    for item in made.of_type("PrivateZone").values():
        assert item.inputs["resourceGroupName"] == "dns"


def test_ids_known_later_are_left_to_azure(record: Any) -> None:
    """An Output may be a zone's or a network's id; its form cannot be looked at."""

    def program() -> None:
        later = pulumi.Output.from_input("anything")
        plan = planned(
            {
                "private_endpoint_groups": ["blob", "vault"],
                "private_dns_zone_ids": {BLOB: later},
                "private_dns": {
                    "resource_group_name": later,
                    "linked_network_ids": {"hub": later},
                },
            }
        )
        assert plan.new_zones == (VAULT,)
        assert plan.existing_zones == {BLOB: later}
        assert plan.linked_networks == {"hub": later}
        assert plan.resource_group_name is later

    record(program)


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_no_zone_of_one_cloud_in_another(cloud_name: str) -> None:
    """Every zone of every group ends in a suffix of its own cloud."""
    groups = [row.group_id for row in ZONE_ROWS if cloud_name in row.zones]
    for zone in zones_for(tuple(groups), cloud_name):
        assert zone.endswith(tuple(OF_ONE_CLOUD[cloud_name]))


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_on_premises_servers_forward_public_zones_only(cloud_name: str) -> None:
    """C09: no private zone is ever forwarded, and each one's public zone is."""
    groups = [row.group_id for row in ZONE_ROWS if cloud_name in row.zones]
    forwarded = forwarded_zones(groups, cloud_name)
    assert len(set(forwarded)) == len(forwarded)
    assert not [zone for zone in forwarded if zone.startswith("privatelink.")]
    private = zones_for(tuple(groups), cloud_name)
    assert {zone.removeprefix("privatelink.") for zone in private} <= set(forwarded)


@pytest.mark.parametrize(
    ("groups", "cloud_name", "forwarded"),
    [
        (
            ["amlworkspace"],
            "public",
            {
                "api.azureml.ms",
                "notebooks.azure.net",
                "instances.azureml.ms",
                "instances.ml.azure.ms",
                "aznbcontent.net",
                "inference.ml.azure.com",
            },
        ),
        (
            ["amlworkspace"],
            "us_government",
            {
                "api.ml.azure.us",
                "notebooks.usgovcloudapi.net",
                "instances.azureml.us",
                "instances.ml.azure.us",
                "aznbcontent.net",
                "inference.ml.azure.us",
            },
        ),
        (
            ["amlworkspace"],
            "china",
            {
                "api.ml.azure.cn",
                "notebooks.chinacloudapi.cn",
                "instances.azureml.cn",
                "instances.ml.azure.ms",
                "aznbcontent.net",
                "inference.ml.azure.cn",
            },
        ),
        (["vault"], "public", {"vault.azure.net", "vaultcore.azure.net"}),
        (["vault"], "china", {"vaultcore.azure.cn"}),
        (["blob", "registry"], "public", {"blob.core.windows.net", "azurecr.io"}),
    ],
)
def test_forwarded_zones(
    groups: list[str], cloud_name: str, forwarded: set[str]
) -> None:
    """The zones as the pages list them; where two pages differ, both."""
    assert set(forwarded_zones(groups, cloud_name)) == forwarded


@pytest.mark.parametrize(
    ("address", "answers"), [("168.63.129.16", False), ("10.20.0.4", True)]
)
def test_what_on_premises_servers_forward_to(address: str, answers: bool) -> None:
    """C09: never to Azure's own address, which answers nobody outside."""
    findings = forwarding_target_findings(IPv4Address(address), path="target")
    assert (findings == []) is answers


def test_zones_of_a_service_that_a_cloud_lacks() -> None:
    """They cannot be forwarded either; the error says which clouds have them."""
    assert "account" in GROUP_IDS
    with pytest.raises(ValueError, match="no published private DNS zone"):
        forwarded_zones(["account"], "china")


def test_a_first_preview_of_two_networks_that_share_zones(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """What the second one links is known by name before any zone has an id."""

    def program() -> None:
        first = SecureVnet("first", network_args())
        SecureVnet(
            "second",
            network_args(
                address_space=["10.21.0.0/22"],
                private_dns_zone_ids=first.private_dns_zone_ids,
                private_dns={"link_existing_zones": True},
            ),
        )

    made = record(program, first_preview=True)
    names = set(made.of_type("VirtualNetworkLink"))
    assert {f"first-{BLOB}-link", f"second-{BLOB}-link"} <= names
    assert made.inputs(f"second-{BLOB}-link")["privateZoneName"] == BLOB
    assert not any(name.startswith("second-") for name in made.of_type("PrivateZone"))

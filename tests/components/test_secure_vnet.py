"""What a SecureVnet registers: which resources, with which inputs, in which order."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from pulumi_azure_native import resources

from azureml_network import SecureVnet

NETWORK_TYPE = "azureml-network:index:SecureVnet"


def make(record: Any, args: Any, **options: Any) -> Any:
    """Register a SecureVnet called ``net``."""
    return record(lambda: SecureVnet("net", args), **options)


@pytest.fixture(scope="module")
def standard(record: Any, network_args: Callable[..., Any]) -> Any:
    """A network with a subnet for each early purpose, in a region written as people
    do."""
    return make(
        record,
        network_args(
            location="West Europe",
            subnets={
                "training": {"purpose": "training", "size": 25},
                "endpoints": {"purpose": "endpoints", "size": 27},
                "jump": {"purpose": "jump_box"},
                "bastion": {"purpose": "bastion"},
                "gateway": {"purpose": "gateway"},
                "resolver": {"purpose": "resolver_inbound"},
                "links": {"purpose": "private_link_service"},
            },
            tags={"environment": "test"},
        ),
    )


def test_how_many_of_each_kind(standard: Any, default_zones: tuple[str, ...]) -> None:
    """The whole network, counted: nothing is missing and nothing else is made."""
    assert standard.kinds() == {
        "SecureVnet": 1,
        "VirtualNetwork": 1,
        "NetworkSecurityGroup": 6,
        "PublicIPAddress": 1,
        "NatGateway": 1,
        "Subnet": 7,
        "PrivateZone": len(default_zones),
        "VirtualNetworkLink": len(default_zones),
    }


def test_children_belong_to_the_component(standard: Any) -> None:
    """Every child has the component as its parent and its name as prefix, and the
    component has the token that the plugin serves."""
    assert standard.resources["net"].type == NETWORK_TYPE
    for name, item in standard.resources.items():
        if item.type.startswith("azure-native:"):
            assert item.parent == "net"
            assert name.startswith("net-")


def test_the_virtual_network_never_names_its_subnets(standard: Any) -> None:
    """C61: the key is absent, so that a tag change leaves the subnets alone."""
    assert standard.inputs("net-vnet") == {
        "virtualNetworkName": "net-vnet",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
        # The SDK's own defaults.
        "enableDdosProtection": False,
        "enableVmProtection": False,
        "tags": {"environment": "test"},
    }


def test_subnets(standard: Any) -> None:
    """C17, C71: every subnet says that it has no default way out, has its group and its
    NAT gateway in the first request, and filters private endpoints."""
    common = {
        "virtualNetworkName": "net-vnet",
        "resourceGroupName": "rg",
        "defaultOutboundAccess": False,
        "privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    nat = {"natGateway": {"id": "/fake/net-egress-ng"}}

    def group(key: str) -> dict[str, Any]:
        return {"networkSecurityGroup": {"id": f"/fake/net-{key}-nsg"}}

    resolver = "Microsoft.Network/dnsResolvers"
    own: dict[str, dict[str, Any]] = {
        "training": {"addressPrefix": "10.20.0.0/25", **nat, **group("training")},
        "bastion": {
            "addressPrefix": "10.20.0.128/26",
            "subnetName": "AzureBastionSubnet",
            **group("bastion"),
        },
        "endpoints": {"addressPrefix": "10.20.0.192/27", **group("endpoints")},
        "gateway": {"addressPrefix": "10.20.0.224/27", "subnetName": "GatewaySubnet"},
        "jump": {"addressPrefix": "10.20.1.0/28", **nat, **group("jump")},
        "links": {
            "addressPrefix": "10.20.1.16/28",
            "privateLinkServiceNetworkPolicies": "Disabled",
            **group("links"),
        },
        "resolver": {
            "addressPrefix": "10.20.1.32/28",
            "delegations": [{"name": resolver, "serviceName": resolver}],
            **group("resolver"),
        },
    }
    for key, inputs in own.items():
        expected = {"subnetName": key, **common, **inputs}
        assert standard.inputs(f"net-{key}") == expected, key


def test_groups_are_complete_and_inline(standard: Any) -> None:
    """C67: rules stand in the group, all of them; there are no rule resources. The
    endpoints' group, whole."""
    assert standard.of_type("SecurityRule") == {}
    own = {
        "sourcePortRange": "*",
        "destinationAddressPrefix": "10.20.0.192/27",
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
    }
    inputs = dict(standard.inputs("net-endpoints-nsg"))
    rules = [
        {key: value for key, value in rule.items() if key != "description"}
        for rule in inputs.pop("securityRules")
    ]
    assert inputs == {
        "networkSecurityGroupName": "net-endpoints-nsg",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tags": {"environment": "test"},
    }
    everything = {
        "sourcePortRange": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        "protocol": "*",
        "access": "Deny",
        "priority": 4096,
    }
    assert rules == [
        {
            **own,
            "name": "AllowHttpsToEndpointsInbound",
            "priority": 100,
            "sourceAddressPrefixes": ["10.20.0.0/25", "10.20.1.0/28"],
            "destinationPortRange": "443",
        },
        {
            **own,
            "name": "AllowFilesToEndpointsInbound",
            "priority": 110,
            "sourceAddressPrefix": "10.20.0.0/25",
            "destinationPortRange": "445",
        },
        {
            **own,
            "name": "AllowInstanceToolsToEndpointsInbound",
            "priority": 150,
            "sourceAddressPrefix": "10.20.1.0/28",
            "destinationPortRanges": ["8787", "18881", "8704-8710"],
        },
        {**everything, "name": "DenyAllInbound", "direction": "Inbound"},
        {**everything, "name": "DenyAllOutbound", "direction": "Outbound"},
    ]


def test_training_rules_come_before_the_deny(standard: Any) -> None:
    """C11, C13: the Microsoft registry with the Front Door tag that it leans on, and
    the Batch tag with the normalised region; no tag holds a space."""
    rules = standard.inputs("net-training-nsg")["securityRules"]
    outbound = {
        rule["destinationAddressPrefix"]: rule
        for rule in rules
        if rule["direction"] == "Outbound"
    }
    deny = outbound["*"]["priority"]
    for tag, protocol in (
        ("MicrosoftContainerRegistry", "Tcp"),
        ("AzureFrontDoor.FirstParty", "Tcp"),
        ("BatchNodeManagement.westeurope", "*"),
    ):
        rule = outbound[tag]
        assert (rule["access"], rule["protocol"]) == ("Allow", protocol)
        assert rule["destinationPortRange"] == "443"
        assert rule["priority"] < deny
    assert not any(" " in tag for tag in outbound)


def test_every_field_of_a_rule_is_singular_or_plural(standard: Any) -> None:
    """Azure takes one of the two for each field, and a list only for several."""
    for group in standard.of_type("NetworkSecurityGroup").values():
        for rule in group.inputs["securityRules"]:
            for one, several in (
                ("sourceAddressPrefix", "sourceAddressPrefixes"),
                ("destinationAddressPrefix", "destinationAddressPrefixes"),
                ("destinationPortRange", "destinationPortRanges"),
            ):
                assert (one in rule) != (several in rule)
                assert len(rule.get(several, "**")) > 1


def test_egress(standard: Any) -> None:
    """C17: a NAT gateway with one Standard static address; Azure chooses the zone."""
    assert standard.inputs("net-egress-pip") == {
        "publicIpAddressName": "net-egress-pip",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "publicIPAllocationMethod": "Static",
        "publicIPAddressVersion": "IPv4",
        "tags": {"environment": "test"},
    }
    assert standard.inputs("net-egress-ng") == {
        "natGatewayName": "net-egress-ng",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "publicIpAddresses": [{"id": "/fake/net-egress-pip"}],
        "idleTimeoutInMinutes": 4,
        "tags": {"environment": "test"},
    }


def test_subnets_are_made_one_after_another(standard: Any) -> None:
    """C63: of every two subnets one waits for the other; all wait for the network."""
    names = list(standard.of_type("Subnet"))
    waits = {name: standard.waits_for(name) for name in names}
    for one, other in combinations(names, 2):
        assert one in waits[other] or other in waits[one]
    assert all("net-vnet" in others for others in waits.values())


def test_adding_a_subnet_keeps_the_order_of_the_others(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """C63: the chain goes by name, so that a new subnet only joins it."""
    orders: list[list[str]] = []
    for extra in ({}, {"more": {"purpose": "general"}}):
        subnets = {**network_args()["subnets"], **extra}
        made = make(record, network_args(subnets=subnets, private_endpoint_groups=[]))
        names = list(made.of_type("Subnet"))
        orders.append(sorted(names, key=lambda n, m=made: len(m.waits_for(n))))
    before, after = orders
    assert [name for name in after if name != "net-more"] == before


def using_a_subnet(args: Any) -> Any:
    """A program in which something takes the id of the endpoints subnet."""

    def program() -> None:
        made = SecureVnet("net", args)
        resources.ResourceGroup(
            "user",
            location="westeurope",
            tags={"subnet": made.subnet_ids["endpoints"]},
        )

    return program


def test_a_subnet_id_is_given_once_all_subnets_are_made(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """Azure refuses a private endpoint while another subnet of its network is made: who
    uses the first subnet waits for the last one too. It depends on its own alone: the
    replacement of another subnet is none of its."""
    subnets = {**network_args()["subnets"], "zz": {"purpose": "general"}}
    args = network_args(subnets=subnets, private_endpoint_groups=[])
    made = record(using_a_subnet(args))
    assert set(made.of_type("Subnet")) == {"net-endpoints", "net-training", "net-zz"}
    order = list(made.resources)
    assert max(map(order.index, made.of_type("Subnet"))) < order.index("user")
    assert made.resources["user"].depends_on == {"net-endpoints"}


def test_a_subnet_to_come_leaves_the_ids_of_the_others_known(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """Otherwise the preview of an added subnet would show all endpoints replaced."""
    subnets = {**network_args()["subnets"], "zz": {"purpose": "general"}}
    args = network_args(subnets=subnets, private_endpoint_groups=[])
    made = record(using_a_subnet(args), new=frozenset({"net-zz"}))
    assert made.inputs("user")["tags"] == {"subnet": "/fake/net-endpoints"}
    order = list(made.resources)
    assert order.index("net-zz") < order.index("user")


def test_zones_and_links(standard: Any, default_zones: tuple[str, ...]) -> None:
    """C01: each zone once, global, linked to the network without registration; beside
    a gateway the blob zone falls back to public names."""
    assert set(standard.of_type("PrivateZone")) == {f"net-{z}" for z in default_zones}
    for zone in default_zones:
        assert standard.inputs(f"net-{zone}") == {
            "privateZoneName": zone,
            "resourceGroupName": "rg",
            "location": "global",
            "tags": {"environment": "test"},
        }
        blob = zone == "privatelink.blob.core.windows.net"
        assert standard.inputs(f"net-{zone}-link") == {
            "virtualNetworkLinkName": "net-vnet",
            "privateZoneName": zone,
            "resourceGroupName": "rg",
            "location": "global",
            "registrationEnabled": False,
            "virtualNetwork": {"id": "/fake/net-vnet"},
            "tags": {"environment": "test"},
            **({"resolutionPolicy": "NxDomainRedirect"} if blob else {}),
        }
        assert f"net-{zone}" in standard.waits_for(f"net-{zone}-link")


def test_outputs(standard: Any, default_zones: tuple[str, ...]) -> None:
    """Ids, the chosen layout and the address that traffic leaves from."""
    outputs = standard.outputs["net"]
    keys = ["bastion", "endpoints", "gateway", "jump", "links", "resolver", "training"]
    assert outputs["vnetId"] == "/fake/net-vnet"
    assert outputs["subnetIds"] == {key: f"/fake/net-{key}" for key in keys}
    assert outputs["subnetPrefixes"]["training"] == "10.20.0.0/25"
    assert sorted(outputs["subnetPrefixes"]) == keys
    assert outputs["networkSecurityGroupIds"] == {
        key: f"/fake/net-{key}-nsg" for key in keys if key != "gateway"
    }
    assert outputs["privateDnsZoneIds"] == {
        zone: f"/fake/net-{zone}" for zone in default_zones
    }
    assert outputs["egressAddress"] == "203.0.113.7"


def test_a_zone_id_is_known_once_the_zone_is_linked(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """Whoever waits for a zone can resolve its names: the id waits for the link."""

    def program() -> None:
        made = SecureVnet("net", network_args(private_endpoint_groups=["vault"]))
        resources.ResourceGroup(
            "user",
            location="westeurope",
            tags={"zone": made.private_dns_zone_ids["privatelink.vaultcore.azure.net"]},
        )

    made = record(program)
    zone = "net-privatelink.vaultcore.azure.net"
    assert {zone, f"{zone}-link"} <= made.waits_for("user")


def test_existing_zones_are_used_as_they_are(
    record: Any,
    network_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """C07: neither zone nor link for the zones that somebody else owns; their ids come
    out unchanged beside the new ones."""
    existing = zone_ids(
        ["privatelink.blob.core.windows.net", "privatelink.vaultcore.azure.net"]
    )
    made = make(record, network_args(private_dns_zone_ids=existing))
    new = [zone for zone in default_zones if zone not in existing]
    assert set(made.of_type("PrivateZone")) == {f"net-{zone}" for zone in new}
    assert set(made.of_type("VirtualNetworkLink")) == {
        f"net-{zone}-link" for zone in new
    }
    assert made.outputs["net"]["privateDnsZoneIds"] == {
        **existing,
        **{zone: f"/fake/net-{zone}" for zone in new},
    }


def test_without_egress(
    record: Any, network_args: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """C17: no gateway, no public address, still no default way out, and a warning that
    names every subnet with machines."""
    subnets = {**network_args()["subnets"], "jump": {"purpose": "jump_box"}}
    args = network_args(egress="none", subnets=subnets, private_endpoint_groups=[])
    made = make(record, args)
    assert made.of_type("NatGateway") == {}
    assert made.of_type("PublicIPAddress") == {}
    for subnet in made.of_type("Subnet").values():
        assert "natGateway" not in subnet.inputs
        assert subnet.inputs["defaultOutboundAccess"] is False
    assert made.outputs["net"].get("egressAddress") is None
    warnings = [item.getMessage() for item in caplog.records]
    assert [text.partition(":")[0] for text in warnings] == [
        "subnets.jump",
        "subnets.training",
    ]


def test_egress_zone(record: Any, network_args: Callable[..., Any]) -> None:
    """The gateway and its address are in the zone that was asked for, and are called
    so: another zone makes new ones beside the old, and subnets are never without."""
    made = make(record, network_args(egress_zone="2", private_endpoint_groups=[]))
    gateway = made.resources["net-egress-ng"]
    address = made.resources["net-egress-pip"]
    assert gateway.inputs["zones"] == address.inputs["zones"] == ["2"]
    assert gateway.inputs["natGatewayName"] == "net-egress-ng-zone-2"
    assert address.inputs["publicIpAddressName"] == "net-egress-pip-zone-2"
    assert gateway.deletes_first is address.deletes_first is False


@pytest.mark.parametrize("purpose", ["jump_box", "inference", "training", "general"])
def test_a_closed_group_behind_a_gateway_is_said(
    purpose: str,
    record: Any,
    network_args: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """C17: never silence. A NAT gateway opens nothing that the security group does not
    let out; a warning names the subnet, and says what it reaches."""
    subnets = {"it": {"purpose": purpose}, "endpoints": {"purpose": "endpoints"}}
    make(record, network_args(subnets=subnets))
    warnings = [item.getMessage() for item in caplog.records]
    if purpose != "inference":
        assert warnings == []
        return
    (warning,) = warnings
    assert warning.startswith("subnets.it: its security group lets nothing out")
    assert "private endpoints are all that it reaches" in warning


def test_pinned_prefixes_stay(record: Any, network_args: Callable[..., Any]) -> None:
    """A pinned range is kept, and the rest is packed around it."""
    subnets = {
        "training": {"purpose": "training", "prefix": "10.20.2.0/25"},
        "endpoints": {"purpose": "endpoints", "size": 27},
    }
    made = make(record, network_args(subnets=subnets, private_endpoint_groups=[]))
    assert made.outputs["net"]["subnetPrefixes"] == {
        "endpoints": "10.20.2.128/27",
        "training": "10.20.2.0/25",
    }


@pytest.mark.parametrize(
    ("cloud", "location", "zones"),
    [
        ("us_government", "usgovvirginia", 11),
        # No private link scope zones are published for this cloud.
        ("china", "chinanorth3", 6),
    ],
)
def test_other_clouds(
    record: Any,
    network_args: Callable[..., Any],
    cloud: str,
    location: str,
    zones: int,
) -> None:
    """Zones and tags are those of the chosen cloud and of no other."""
    made = make(record, network_args(cloud=cloud, location=location))
    names = set(made.of_type("PrivateZone"))
    assert len(names) == zones
    assert not any(name.endswith((".windows.net", ".azure.net")) for name in names)
    tags = {
        rule.get("destinationAddressPrefix")
        for rule in made.inputs("net-training-nsg")["securityRules"]
    }
    assert f"BatchNodeManagement.{location}" in tags
    assert "AzureFrontDoor.FirstParty" not in tags

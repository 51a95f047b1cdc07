"""What a workspace is placed in is checked as far as it is plain."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import PrivateWorkspace

OWN = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"


def subnet(name: str, subscription: str = OWN) -> str:
    """The id of a subnet."""
    return (
        f"/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Network/"
        f"virtualNetworks/net/subnets/{name}"
    )


BOTH_SUBNETS = ("training_subnet_id", "endpoints_subnet_id")
KEPT = {
    "GatewaySubnet": "VPN and ExpressRoute gateways",
    "AzureBastionSubnet": "Azure Bastion and nothing else",
    "azurefirewallsubnet": "Azure Firewall and nothing else",
}
FAULTS = [
    *(
        ({key: subnet(name)}, f"{key}: '{name}' is a subnet for {owner}")
        for key in BOTH_SUBNETS
        for name, owner in KEPT.items()
    ),
    *(
        ({key: "training"}, f"{key}: 'training' is not a resource id; give /subscr")
        for key in BOTH_SUBNETS
    ),
    *(
        (
            {key: subnet("net").rpartition("/subnets")[0]},
            f"{key}: '{subnet('net').rpartition('/subnets')[0]}' is the id of a "
            "Microsoft.Network/virtualNetworks; give",
        )
        for key in BOTH_SUBNETS
    ),
    (
        {"training_subnet_id": subnet("training", OTHER)},
        f"training_subnet_id: is in subscription '{OTHER}', and compute takes subnets "
        f"of the workspace's own only; give a subnet of '{OWN}'",
    ),
    ({"training_subnet_id": 3}, "training_subnet_id: 3 is not text"),
    (
        {"tenant_id": "contoso.onmicrosoft.com"},
        "tenant_id: 'contoso.onmicrosoft.com' is not a tenant id; give the one of 32",
    ),
    (
        {"training_subnet_prefix": "172.17.4.0/24"},
        "training_subnet_prefix: '172.17.4.0/24' overlaps 172.17.0.0/16 (the container",
    ),
    (
        {"endpoints_subnet_prefix": "172.16.0.0/12"},
        "endpoints_subnet_prefix: '172.16.0.0/12' overlaps 172.17.0.0/16 (the contain",
    ),
    (
        {
            "endpoints_subnet_prefix": "10.20.0.0/24",
            "training_subnet_prefix": "10.20.0.128/25",
        },
        "endpoints_subnet_prefix: '10.20.0.0/24' overlaps '10.20.0.128/25' of "
        "training_subnet_prefix; move one of them",
    ),
    (
        {"zone_groups_by": "policy"},
        "private_dns_zone_ids: cannot be used where zone_groups_by is 'policy'",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS)
def test_what_the_workspace_cannot_be_placed_in(
    changes: dict[str, Any], expected: str, workspace_args: Callable[..., Any]
) -> None:
    """Told before anything is made, each fault once."""
    (finding,) = PrivateWorkspace.check("lab", workspace_args(**changes))
    assert str(finding).startswith(expected)


def test_a_subscription_is_told_by_its_id(workspace_args: Callable[..., Any]) -> None:
    """Its name, or the beginning of a resource id, is not taken."""
    args = workspace_args(
        subscription_id="machine-learning",
        endpoints_subnet_id=pulumi.Output.from_input("later"),
        training_subnet_id=pulumi.Output.from_input("later"),
    )
    (finding,) = PrivateWorkspace.check("lab", args)
    assert str(finding).startswith(
        "subscription_id: 'machine-learning' is not a subscription id; give one of 32"
    )


def test_client_networks_are_not_in_kept_subnets_either(
    workspace_args: Callable[..., Any],
) -> None:
    """Their endpoints are endpoints like the workspace's own."""
    gateway = subnet("GatewaySubnet").replace("/net/", "/paris/")
    client = {"location": "francecentral", "subnet_id": gateway}
    args = workspace_args(
        zone_groups_by="policy",
        private_dns_zone_ids=None,
        client_networks={"paris": client},
    )
    (finding,) = PrivateWorkspace.check("lab", args)
    assert str(finding).startswith(
        "client_networks.paris.subnet_id: 'GatewaySubnet' is a subnet for VPN"
    )


def shared(value: Any) -> dict[str, Any]:
    """One subnet for compute and endpoints, whose range is given for both."""
    return {
        **dict.fromkeys(BOTH_SUBNETS, value),
        "endpoints_subnet_prefix": "10.20.0.0/24",
        "training_subnet_prefix": "10.20.0.0/24",
    }


FITTING = [
    shared(subnet("all")),
    shared(pulumi.Output.from_input("later")),
    {
        "endpoints_subnet_prefix": "10.20.0.0/25",
        "training_subnet_prefix": "10.20.0.128/25",
    },
    {"zone_groups_by": "policy", "private_dns_zone_ids": {}},
    {
        "zone_groups_by": "policy",
        "private_dns_zone_ids": pulumi.Output.from_input({"zone": "id"}),
    },
    {"tenant_id": pulumi.Output.from_input("later")},
    {"subscription_id": pulumi.Output.from_input("later")},
]


@pytest.mark.parametrize("changes", FITTING)
def test_what_it_can_be_placed_in(
    changes: dict[str, Any], workspace_args: Callable[..., Any]
) -> None:
    """One subnet for both, ranges side by side, and what is known only later."""
    assert PrivateWorkspace.check("lab", workspace_args(**changes)) == ()

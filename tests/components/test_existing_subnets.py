"""Subnets that exist already: what their ids say is held against their purposes."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import SecureVnet
from azureml_network._secure_vnet.plan import plan_network

NETWORK = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
    "/providers/Microsoft.Network/virtualNetworks/own"
)


def existing(purpose: str, name: object, prefix: str, **more: Any) -> dict[str, Any]:
    """A subnet that exists; ``name``: in Azure, or its whole id known later."""
    subnet_id = f"{NETWORK}/subnets/{name}" if isinstance(name, str) else name
    return {"purpose": purpose, "existing_id": subnet_id, "prefix": prefix, **more}


@pytest.fixture(name="args")
def args_of(network_args: Callable[..., Any]) -> Callable[..., Any]:
    """Inputs with these subnets in a network that exists."""
    return lambda **subnets: network_args(existing_network_id=NETWORK, subnets=subnets)


def faults(args: Any) -> list[str]:
    """What is wrong with the inputs."""
    return [str(finding) for finding in SecureVnet.check("net", args)]


@pytest.mark.parametrize(
    ("purpose", "name", "prefix", "limits"),
    [
        ("bastion", "AzureBastionSubnet", "10.20.0.0/27", "/8 to /26"),
        ("gateway", "GatewaySubnet", "10.20.0.0/29", "/8 to /27"),
        ("resolver_inbound", "resolver", "10.20.0.0/23", "/24 to /28"),
    ],
)
def test_azure_keeps_what_a_new_one_could_not_be(
    args: Callable[..., Any], purpose: str, name: str, prefix: str, limits: str
) -> None:
    """C27: a limit on new subnets is no reason to refuse one that is there; it is
    said."""
    inputs = args(a=existing(purpose, name, prefix))
    assert faults(inputs) == []
    length = prefix.partition("/")[2]
    assert any(
        warning.startswith(
            f"subnets.a.prefix: a new subnet of purpose '{purpose}' is {limits}, and "
            f"this one is /{length}"
        )
        for warning in plan_network("net", inputs).warnings
    )


def test_what_moves_in_must_fit_all_the_same(args: Callable[..., Any]) -> None:
    """Machines that have no address are refused in any subnet."""
    found = faults(args(a=existing("training", "a", "10.20.0.0/28", machines=40)))
    assert [line.partition(";")[0] for line in found] == [
        "subnets.a.prefix: /28 has 11 usable addresses and the 40 instances need 40"
    ]


NAME_FAULTS: list[tuple[dict[str, Any], str]] = [
    (
        {"a": existing("training", "GatewaySubnet", "10.20.0.0/27")},
        "subnets.a.existing_id: 'GatewaySubnet' is the name that Azure keeps for "
        "purpose 'gateway' and not 'training'; set purpose to 'gateway' or give the "
        "id of another subnet",
    ),
    (
        {"a": existing("bastion", "foo", "10.20.0.0/26")},
        "subnets.a.existing_id: 'foo' is not the name that Azure gives purpose "
        "'bastion'; give the id of 'AzureBastionSubnet', or another purpose",
    ),
    (
        {
            "a": existing("training", "one", "10.20.0.0/27"),
            "b": existing("training", "ONE", "10.20.1.0/27"),
        },
        "subnets.b: is called 'ONE' in Azure, as subnets.a is; keep one of them",
    ),
    (
        {"a": {"purpose": "general"}, "b": existing("training", "a", "10.20.0.0/27")},
        "subnets.b: is called 'a' in Azure, as subnets.a is; keep one of them",
    ),
]


@pytest.mark.parametrize(("subnets", "message"), NAME_FAULTS)
def test_the_name_in_the_id_counts(
    args: Callable[..., Any], subnets: dict[str, Any], message: str
) -> None:
    """And not what the caller calls the subnet here."""
    found = faults(args(**subnets))
    assert len(found) == 1, found
    assert found[0].startswith(message)


def test_what_the_caller_calls_it_does_not_count(args: Callable[..., Any]) -> None:
    """A reserved name is the caller's own word for a subnet called otherwise; letter
    case of the id is Azure's; and an id known later says no name."""
    later = pulumi.Output.from_input(f"{NETWORK}/subnets/later")
    subnets = {
        "GatewaySubnet": existing("training", "nodes", "10.20.0.0/27"),
        "bastion": existing("bastion", "azurebastionsubnet", "10.20.1.0/26"),
        "x": existing("training", later, "10.20.2.0/27"),
        "y": {"purpose": "general", "azure_name": "x"},
    }
    assert faults(args(**subnets)) == []

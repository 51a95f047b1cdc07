"""A first preview, when nothing exists: what is known then, and what must not break."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi_azure_native import resources

from azureml_network import PrivateWorkspace, SecureVnet

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(scope="module", params=[False, True], ids=["up", "first preview"])
def stack(
    request: pytest.FixtureRequest,
    record: Any,
    network_args: Callable[..., Any],
    workspace_args: Callable[..., Any],
) -> Any:
    """The whole stack in a group that it makes itself."""

    def program() -> None:
        group = resources.ResourceGroup(
            "group", resource_group_name="rg", location="westeurope"
        )
        network = SecureVnet("net", network_args(resource_group_name=group.name))
        workspace = PrivateWorkspace(
            "ml",
            workspace_args(
                resource_group_name=group.name,
                endpoints_subnet_id=network.subnet_ids["endpoints"],
                training_subnet_id=network.subnet_ids["training"],
                training_subnet_prefix=network.subnet_prefixes["training"],
                private_dns_zone_ids=network.private_dns_zone_ids,
            ),
        )
        pulumi.export("workspace", workspace.workspace_id)
        pulumi.export("egress", network.egress_address)

    return record(program, first_preview=request.param)


def test_the_same_resources_are_planned(stack: Any) -> None:
    """What exists does not depend on anything that Azure decides."""
    assert sum(stack.kinds().values()) == 69


def test_no_output_was_pasted_into_a_text(stack: Any) -> None:
    """C97: no input and no output holds an Output's own words."""
    everything = json.dumps(
        [[item.inputs for item in stack.resources.values()], stack.outputs]
    )
    for words in ("Calling __str__", "Output object at 0x", "<pulumi.output"):
        assert words not in everything


def test_what_rules_read_is_known(stack: Any) -> None:
    """Locations, names and switches are plain, so that no policy is undecided over
    them in a first preview: only ids of things to come and the group's name are
    unknown."""
    unknown = {
        path.rpartition(".")[2]
        for item in stack.resources.values()
        for path, value in leaves(item.inputs)
        if value == UNKNOWN
    }
    exists = stack.inputs("net-vnet")["resourceGroupName"] != UNKNOWN
    assert bool(unknown) is not exists
    assert unknown <= {
        "resourceGroupName",
        "id",
        "scope",
        "principalId",
        "linkedResourceId",
        "workspaceResourceId",
        "privateLinkServiceId",
        "privateDnsZoneId",
        "userAssignedIdentities",
        "primaryUserAssignedIdentity",
        "storageAccount",
        "keyVault",
        "containerRegistry",
        "applicationInsights",
        "serverlessComputeCustomSubnet",
    }


def leaves(value: Any, path: str = "") -> Any:
    """Every single value of nested inputs with its dotted path; list places are left
    out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def test_known_outputs(stack: Any) -> None:
    """The layout and the workspace's name can be used at once."""
    assert stack.outputs["net"]["subnetPrefixes"] == {
        "endpoints": "10.20.0.128/27",
        "training": "10.20.0.0/25",
    }
    assert stack.outputs["ml"]["workspaceName"] == "mlw-vision-dev-7k2d"

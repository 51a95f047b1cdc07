"""Networks, subnets and endpoints of one name: each is a place of its own."""

from typing import Any

import pytest

from azureml_reachability.flows import all_places, reachable_from
from azureml_reachability.place_names import subnet
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.topology import Subnet, Topology

UNKNOWN = {"unknown": True}
NETWORKS = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/{}/providers/"
    "Microsoft.Network/virtualNetworks/vnet/subnets/default"
)


def entry(kind: str, name: str, parent: str = "", **inputs: Any) -> dict[str, Any]:
    """Return one resource of a plan."""
    token = f"azure-native:network:{kind}"
    return {
        "urn": f"urn:pulumi:dev::project::{parent}{token}::{name}",
        "type": token,
        "name": name,
        "inputs": inputs,
        "propertyDependencies": {key: [] for key in inputs},
    }


def network(name: str, group: Any, parent: str = "", **more: Any) -> dict[str, Any]:
    """Return a network that is called vnet in Azure."""
    return entry(
        "VirtualNetwork",
        name,
        parent,
        resourceGroupName=group,
        virtualNetworkName="vnet",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
        **more,
    )


def two_networks(*groups: Any, names: tuple[str, str] = ("one", "two")) -> Topology:
    """Return two networks of one name, each with a subnet inside of it."""
    inside = [{"name": "default", "addressPrefix": "10.0.0.0/24"}]
    return topology_of(
        network(name, group, f"app:{number}$", subnets=inside)
        for number, (name, group) in enumerate(zip(names, groups, strict=True))
    )


@pytest.mark.parametrize(
    ("topology", "names"),
    [
        (two_networks("dev", "prod"), ["dev/vnet", "prod/vnet"]),
        (two_networks("dev", "DEV"), ["one/vnet", "two/vnet"]),
        (two_networks(UNKNOWN, UNKNOWN), ["one/vnet", "two/vnet"]),
        (two_networks("dev", UNKNOWN), ["one/vnet", "two/vnet"]),
        (
            two_networks(UNKNOWN, UNKNOWN, names=("same", "same")),
            ["1/vnet", "2/vnet"],
        ),
        (topology_of([network("one", "dev")]), ["vnet"]),
    ],
)
def test_networks_of_one_name(topology: Topology, names: list[str]) -> None:
    """The group tells them apart, else Pulumi's name, else a number."""
    assert [each.name for each in topology.networks] == names
    for each in topology.subnets:
        reachable_from(topology, subnet(each.qualified_name))


def test_subnets_of_one_name_in_one_network() -> None:
    """One inside of the network and one beside it are both asked about."""
    beside = entry(
        "Subnet",
        "beside",
        resourceGroupName="dev",
        virtualNetworkName="vnet",
        subnetName="default",
        addressPrefix="10.0.1.0/24",
    )
    inside = [{"name": "Default", "addressPrefix": "10.0.0.0/24"}]
    topology = topology_of([network("one", "dev", subnets=inside), beside])
    places = sorted(str(each) for each in all_places(topology))
    assert places == ["internet", "subnet:vnet/Default", "subnet:vnet/default (2)"]
    for each in topology.subnets:
        reachable_from(topology, subnet(each.qualified_name))


@pytest.mark.parametrize("group", ["dev", "prod"])
def test_an_id_means_the_subnet_of_its_own_group(group: str) -> None:
    """Also where the subnet stands inside of its network."""
    inside = [{"name": "default", "addressPrefix": "10.0.0.0/24"}]
    endpoint = entry(
        "PrivateEndpoint",
        "vault",
        resourceGroupName=group,
        privateEndpointName="vault",
        subnet={"id": NETWORKS.format(group.upper())},
    )
    topology = topology_of(
        [
            network("one", "dev", subnets=inside),
            network("two", "prod", subnets=inside),
            endpoint,
        ]
    )
    (found,) = topology.endpoints
    assert isinstance(found.subnet, Subnet)
    assert found.subnet.qualified_name == f"{group}/vnet/default"


def test_endpoints_of_one_name() -> None:
    """Each is asked about by itself."""
    topology = topology_of(
        entry("PrivateEndpoint", "vault", resourceGroupName=group, subnet=UNKNOWN)
        for group in ("dev", "prod")
    )
    assert [each.name for each in topology.endpoints] == ["dev/vault", "prod/vault"]

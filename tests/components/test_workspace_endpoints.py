"""Private endpoints of a workspace: zones, static addresses, security groups, and the
endpoints of client networks in other regions."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_azure_native import resources

from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.client_networks import (
    ClientNetworkPlan,
    read_client_networks,
)
from azureml_network._private_workspace.endpoint_resources import (
    client_endpoints,
    private_endpoints,
)
from azureml_network._private_workspace.endpoints import (
    EndpointsPlan,
    checked_zone_ids,
    read_endpoints,
    read_existing_workspace,
)
from azureml_rulebook.dns_zones import GROUP_IDS, zone_names
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import (
    MEMBER_ROWS,
    addresses_needed,
    member_names,
    read_addresses,
)

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers"
NETWORKS = f"{GROUP}/Microsoft.Network/virtualNetworks"
HOME = f"{NETWORKS}/home/subnets/endpoints"
PARIS = f"{NETWORKS}/paris/subnets/endpoints"
OTHER_AT_HOME = f"{NETWORKS}/home/subnets/training"
LYON = f"{NETWORKS}/lyon/subnets/endpoints"
SECURITY_GROUP = f"{GROUP}/Microsoft.Network/applicationSecurityGroups/endpoints"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/mlw-theirs"
NAMING = Naming(workload="vision", environment="dev", unique_suffix="7k2d")
NAME = "vision-dev-7k2d"
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
TAGS = {"tags": {"environment": "test"}}

GROUPS = {
    "workspace": ("amlworkspace",),
    "storage": ("blob", "file"),
    "key_vault": ("vault",),
    "registry": ("registry",),
    "monitor_scope": ("azuremonitor",),
}
TARGET_IDS = {target: f"/fake/{target}" for target in GROUPS}
STATIC = {
    "amlworkspace": ["10.20.0.132", "10.20.0.133", "10.20.0.134"],
    "registry": ["10.20.0.135", "10.20.0.136"],
    "vault": ["10.20.0.137"],
    "blob": ["10.20.0.138"],
}


def zones_of(owner: str, *groups: str, cloud_name: str = "public") -> dict[str, str]:
    """Ids of the zones that ``groups`` need, in a resource group of their owner."""
    return {
        zone: f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{owner}/providers"
        f"/Microsoft.Network/privateDnsZones/{zone}"
        for group in groups
        for zone in zone_names(group, cloud_name)
    }


def all_zones(owner: str = "dns", cloud_name: str = "public") -> dict[str, str]:
    """Ids of the zones of every endpoint."""
    groups = [group for of_one in GROUPS.values() for group in of_one]
    return zones_of(owner, *groups, cloud_name=cloud_name)


def paris(**changes: Any) -> dict[str, Any]:
    """A client network that works, with ``changes``; None leaves one out."""
    spec = {
        "location": "francecentral",
        "subnet_id": PARIS,
        "private_dns_zone_ids": zones_of("paris", "amlworkspace", "blob", "file"),
        **changes,
    }
    return {key: value for key, value in spec.items() if value is not None}


def read(
    args: Mapping[str, Any],
    groups: Mapping[str, tuple[str, ...]] = GROUPS,
    cloud_name: str = "public",
) -> tuple[EndpointsPlan, dict[str, ClientNetworkPlan], list[str]]:
    """Plan the endpoints; also returns the findings."""
    known = {
        "subscription_id": SUBSCRIPTION,
        "endpoints_subnet_id": HOME,
        "private_dns_zone_ids": all_zones(),
        **args,
    }
    reader = InputReader(
        {key: value for key, value in known.items() if value is not None},
        PrivateWorkspaceArgs,
    )
    place = Place(cloud_name=cloud_name, region="westeurope")
    plan = read_endpoints(reader, place, groups)
    clients = read_client_networks(reader, place, NAMING, plan)
    return plan, clients, [str(finding) for finding in reader.findings]


def planned(
    args: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]] = GROUPS
) -> tuple[EndpointsPlan, dict[str, ClientNetworkPlan]]:
    """The plans of inputs that nothing is wrong with."""
    plan, clients, findings = read(args, groups)
    assert findings == []
    return plan, clients


@pytest.fixture(scope="module")
def make(record: Any, workspace_parts: Callable[..., Any]) -> Callable[..., Any]:
    """Make all endpoints of a plan; those of storage after a resource called
    ``last``."""

    def run(
        args: Mapping[str, Any],
        groups: Mapping[str, tuple[str, ...]] = GROUPS,
        **options: Any,
    ) -> Any:
        plan, clients = planned(args, groups)

        def program() -> None:
            parts = workspace_parts()
            last = resources.ResourceGroup("last", resource_group_name="last")
            waits: dict[str, list[pulumi.Resource]] = {"storage": [last]}
            for target in groups:
                made = private_endpoints(
                    parts,
                    plan,
                    target,
                    TARGET_IDS[target],
                    waits.get(target, []),
                )
                waits[target] = [item.endpoint for item in made.values()]
                assert all(item.ready is not None for item in made.values())
            client_endpoints(parts, clients, TARGET_IDS, waits)

        return record(program, **options)

    return run


@pytest.fixture(scope="module")
def chosen(make: Callable[..., Any]) -> Any:
    """Endpoints with all that can be asked for."""
    return make(
        {
            "endpoint_addresses": STATIC,
            "endpoints_subnet_prefix": "10.20.0.128/27",
            "endpoint_application_security_group_ids": [SECURITY_GROUP],
            "client_networks": {"paris": paris()},
        }
    )


def test_one_zone_group_for_each_endpoint(chosen: Any) -> None:
    """C05: as many groups as endpoints, no two of one endpoint; every endpoint one
    group id and a name for its network interface."""
    endpoints = chosen.of_type("PrivateEndpoint")
    groups = chosen.of_type("PrivateDnsZoneGroup")
    assert len(endpoints) == 9
    names = [item.inputs["privateEndpointName"] for item in groups.values()]
    assert sorted(names) == sorted(
        item.inputs["privateEndpointName"] for item in endpoints.values()
    )
    assert len(set(names)) == 9
    interfaces = {
        item.inputs["customNetworkInterfaceName"] for item in endpoints.values()
    }
    assert len(interfaces) == 9
    for item in endpoints.values():
        (connection,) = item.inputs["privateLinkServiceConnections"]
        assert len(connection["groupIds"]) == 1


def test_the_workspace_has_two_zones(chosen: Any) -> None:
    """C01: in its own network and in a client's, each from the network's own zones."""
    for name, owner in (("ml-amlworkspace", "dns"), ("ml-paris-amlworkspace", "paris")):
        configs = chosen.inputs(f"{name}-zones")["privateDnsZoneConfigs"]
        assert configs == [
            {"name": zone.replace(".", "-"), "privateDnsZoneId": zone_id}
            for zone, zone_id in zones_of(owner, "amlworkspace").items()
        ]
        assert len(configs) == 2


def test_static_addresses(chosen: Any) -> None:
    """Each address is that of the member which the service has at its place."""
    members = {
        "amlworkspace": ["default", "notebook", "inference"],
        "registry": ["registry", "registry_data_westeurope"],
        "vault": ["default"],
        "blob": ["blob"],
    }
    for group, names in members.items():
        assert chosen.inputs(f"ml-{group}-endpoint")["ipConfigurations"] == [
            {
                "name": member,
                "groupId": group,
                "memberName": member,
                "privateIPAddress": address,
            }
            for member, address in zip(names, STATIC[group], strict=True)
        ]
    assert "ipConfigurations" not in chosen.inputs("ml-file-endpoint")
    assert "ipConfigurations" not in chosen.inputs("ml-paris-blob-endpoint")


def test_security_groups_are_of_one_network(chosen: Any) -> None:
    """All endpoints at home join; those of another network cannot, since a group is of
    one network."""
    for name, item in chosen.of_type("PrivateEndpoint").items():
        joined = item.inputs.get("applicationSecurityGroups")
        assert joined == (
            None if name.startswith("ml-paris-") else [{"id": SECURITY_GROUP}]
        )


def test_endpoints_of_a_client_network(chosen: Any) -> None:
    """They are made in that network and region, and lead to the same resources."""
    assert chosen.inputs("ml-paris-blob-endpoint") == {
        "resourceGroupName": "rg",
        "location": "francecentral",
        **TAGS,
        "privateEndpointName": f"pep-{NAME}-paris-blob",
        "subnet": {"id": PARIS},
        "customNetworkInterfaceName": f"nic-{NAME}-paris-blob",
        "privateLinkServiceConnections": [
            {
                "name": "blob",
                "privateLinkServiceId": "/fake/storage",
                "groupIds": ["blob"],
            }
        ],
    }
    assert chosen.inputs("ml-paris-blob-zones") == {
        "privateDnsZoneGroupName": "default",
        "privateEndpointName": f"pep-{NAME}-paris-blob",
        "resourceGroupName": "rg",
        "privateDnsZoneConfigs": [
            {"name": zone.replace(".", "-"), "privateDnsZoneId": zone_id}
            for zone, zone_id in zones_of("paris", "blob").items()
        ],
    }


def test_one_connection_at_a_time(chosen: Any) -> None:
    """The endpoints of one account come one after another, all networks together."""
    chain = ["ml-blob-endpoint", "ml-file-endpoint", "ml-paris-blob-endpoint"]
    assert "last" in chosen.waits_for(chain[0])
    for first, then in zip(chain, [*chain[1:], "ml-paris-file-endpoint"], strict=True):
        assert first in chosen.waits_for(then)
    before = chosen.waits_for("ml-paris-amlworkspace-endpoint")
    assert "ml-amlworkspace-endpoint" in before
    assert "ml-blob-endpoint" not in before


def test_nothing_is_there_that_was_not_asked_for(make: Callable[..., Any]) -> None:
    """Without wishes Azure chooses the addresses, and no security group is joined."""
    made = make({})
    assert made.inputs("ml-vault-endpoint") == {
        **PLACE,
        **TAGS,
        "privateEndpointName": f"pep-{NAME}-vault",
        "subnet": {"id": HOME},
        "customNetworkInterfaceName": f"nic-{NAME}-vault",
        "privateLinkServiceConnections": [
            {
                "name": "vault",
                "privateLinkServiceId": "/fake/key_vault",
                "groupIds": ["vault"],
            }
        ],
    }


def test_a_policy_makes_the_records(make: Callable[..., Any]) -> None:
    """Neither here nor in a client network is there a zone group, and no zone is
    needed."""
    made = make(
        {
            "zone_groups_by": "policy",
            "private_dns_zone_ids": None,
            "client_networks": {"paris": paris(private_dns_zone_ids=None)},
        }
    )
    assert len(made.of_type("PrivateEndpoint")) == 9
    assert made.of_type("PrivateDnsZoneGroup") == {}


def test_a_client_network_has_what_it_asks_for(make: Callable[..., Any]) -> None:
    """Any of the workspace's groups, in any case, each once."""
    spec = paris(
        groups=["Vault", "amlworkspace", "vault"],
        private_dns_zone_ids=zones_of("paris", "amlworkspace", "vault"),
    )
    made = make({"client_networks": {"paris": spec}})
    assert {
        name for name in made.of_type("PrivateEndpoint") if name.startswith("ml-paris")
    } == {"ml-paris-amlworkspace-endpoint", "ml-paris-vault-endpoint"}


def test_a_client_of_what_there_is(make: Callable[..., Any]) -> None:
    """Storage that is reached by a service endpoint has none in a client network."""
    groups = {**GROUPS, "storage": ()}
    spec = paris(private_dns_zone_ids=zones_of("paris", "amlworkspace"))
    made = make({"client_networks": {"paris": spec}}, groups)
    names = set(made.of_type("PrivateEndpoint"))
    assert "ml-paris-amlworkspace-endpoint" in names
    assert not any("blob" in name or "file" in name for name in names)


def test_an_existing_workspace_has_its_endpoint(make: Callable[..., Any]) -> None:
    """Only that one is made, at home and in the client network."""
    reader = InputReader({"existing_workspace_id": WORKSPACE}, PrivateWorkspaceArgs)
    assert read_existing_workspace(reader) == WORKSPACE
    assert reader.findings == []
    spec = paris(private_dns_zone_ids=zones_of("paris", "amlworkspace"))
    made = make({"client_networks": {"paris": spec}}, {"workspace": ("amlworkspace",)})
    assert set(made.of_type("PrivateEndpoint")) == {
        "ml-amlworkspace-endpoint",
        "ml-paris-amlworkspace-endpoint",
    }


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (
            {"existing_workspace_id": "mlw-theirs"},
            "existing_workspace_id: 'mlw-theirs' is not a resource id; give",
        ),
        (
            {"existing_workspace_id": SECURITY_GROUP},
            f"existing_workspace_id: '{SECURITY_GROUP}' is the id of a Microsoft.",
        ),
        (
            {"existing_workspace_id": WORKSPACE, "storage": {}},
            "storage: is for a new workspace, and existing_workspace_id says that it",
        ),
        (
            {"existing_workspace_id": WORKSPACE, "people": {}},
            "people: is for a new workspace, and existing_workspace_id says that it",
        ),
    ],
)
def test_wrong_existing_workspaces(args: dict[str, Any], wanted: str) -> None:
    """Another kind of id is refused, and whatever only a new workspace can have."""
    reader = InputReader(args, PrivateWorkspaceArgs)
    read_existing_workspace(reader)
    (finding,) = reader.findings
    assert str(finding).startswith(wanted)


def test_ids_may_come_later(make: Callable[..., Any], record: Any) -> None:
    """Secret ids reach the endpoints, as do those that a first preview does not know;
    they are checked once they are known."""
    zone_ids = all_zones()
    later = {
        "endpoints_subnet_id": pulumi.Output.secret(HOME),
        "private_dns_zone_ids": pulumi.Output.from_input(zone_ids),
        "endpoint_application_security_group_ids": [pulumi.Output.secret("/fake/asg")],
        "client_networks": {
            "paris": paris(
                subnet_id=pulumi.Output.secret(PARIS),
                private_dns_zone_ids={
                    zone: pulumi.Output.secret(zone_id)
                    for zone, zone_id in zones_of(
                        "paris", "amlworkspace", "blob", "file"
                    ).items()
                },
            )
        },
    }
    made = make(later)
    assert len(made.of_type("PrivateDnsZoneGroup")) == 9
    assert "10.20" not in str(made.inputs("ml-vault-endpoint"))
    (config,) = made.inputs("ml-vault-zones")["privateDnsZoneConfigs"]
    assert config["privateDnsZoneId"] == zone_ids["privatelink.vaultcore.azure.net"]

    def program() -> None:
        group = resources.ResourceGroup("group", resource_group_name="group")
        plan, clients = planned({"endpoints_subnet_id": group.id})
        assert clients == {}
        assert isinstance(plan.subnet_id, pulumi.Output)

    record(program, first_preview=True)


def test_a_zone_that_is_known_later_is_checked_then() -> None:
    """C01: a missing second zone fails the program once the zones are known."""
    ids = all_zones()
    plan, _ = planned({"private_dns_zone_ids": pulumi.Output.from_input(ids)})
    assert checked_zone_ids(plan.endpoints, ids) is ids
    del ids["privatelink.notebooks.azure.net"]
    with pytest.raises(InputError, match="'privatelink.notebooks.azure.net' is miss"):
        checked_zone_ids(plan.endpoints, ids)


PATH = "client_networks.paris"
ADDRESSES = "endpoint_addresses"
PREFIX = {"endpoints_subnet_prefix": "10.20.0.128/27"}


def addresses(**given: Any) -> dict[str, Any]:
    """Static addresses in a subnet whose range is known."""
    return {ADDRESSES: given, **PREFIX}


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (
            addresses(amlworkspace=["10.20.0.132"]),
            f"{ADDRESSES}.amlworkspace: has 1; this endpoint takes 3, give addresses "
            "for default, notebook, inference, in this order",
        ),
        (
            addresses(registry=[f"10.20.0.{last}" for last in (132, 133, 134)]),
            f"{ADDRESSES}.registry: has 3; this endpoint takes 2, give addresses for "
            "registry, registry_data_westeurope",
        ),
        (addresses(vault=[]), f"{ADDRESSES}.vault: has 0; this endpoint takes 1"),
        (
            addresses(vault="10.20.0.132"),
            f"{ADDRESSES}.vault: '10.20.0.132' is not a list; give addresses for def",
        ),
        (
            addresses(azuremonitor=["10.20.0.132"]),
            f"{ADDRESSES}.azuremonitor: the number of its addresses follows the serv",
        ),
        (
            addresses(valt=["10.20.0.132"]),
            f"{ADDRESSES}.valt: there is no private endpoint with this group id; did "
            "you mean 'vault'?",
        ),
        (
            addresses(queue=["10.20.0.132"]),
            f"{ADDRESSES}.queue: there is no private endpoint with this group id; ",
        ),
        (
            addresses(vault=["10.20.0.300"]),
            f"{ADDRESSES}.vault[0]: '10.20.0.300' is not an IPv4 address; give an "
            "address of the endpoints' subnet, like '10.20.0.132'",
        ),
        (
            {ADDRESSES: {"vault": ["fd00::1"]}},
            f"{ADDRESSES}.vault[0]: 'fd00::1' is not an IPv4 address",
        ),
        (
            addresses(vault=[7]),
            f"{ADDRESSES}.vault[0]: 7 is not text; give an address of",
        ),
        (
            addresses(vault=["10.20.0.160"]),
            f"{ADDRESSES}.vault[0]: '10.20.0.160' is outside of the subnet "
            "'10.20.0.128/27'; give",
        ),
        (
            addresses(vault=["10.20.0.131"]),
            f"{ADDRESSES}.vault[0]: '10.20.0.131' is one of the 5 addresses that Azure",
        ),
        (
            addresses(vault=["10.20.0.159"]),
            f"{ADDRESSES}.vault[0]: '10.20.0.159' is one of the 5 addresses that Azure",
        ),
        (
            addresses(blob=["10.20.0.132"], file=["10.20.0.132"]),
            f"{ADDRESSES}.file[0]: '10.20.0.132' is {ADDRESSES}.blob[0] already; give",
        ),
        (
            addresses(registry=["10.20.0.132", "10.20.0.132"]),
            f"{ADDRESSES}.registry[1]: '10.20.0.132' is {ADDRESSES}.registry[0] alre",
        ),
        ({ADDRESSES: ["10.20.0.132"]}, f"{ADDRESSES}: ['10.20.0.132'] is not a mapp"),
        (
            {"endpoints_subnet_prefix": "10.20.0.129/27"},
            "endpoints_subnet_prefix: '10.20.0.129/27' has host bits set",
        ),
        (
            {"endpoint_application_security_group_ids": ["asg"]},
            "endpoint_application_security_group_ids[0]: 'asg' is not a resource id",
        ),
        (
            {"endpoint_application_security_group_ids": [SECURITY_GROUP, HOME]},
            f"endpoint_application_security_group_ids[1]: '{HOME}' is the id of a",
        ),
        (
            {
                "endpoint_application_security_group_ids": [
                    SECURITY_GROUP,
                    SECURITY_GROUP.upper(),
                ]
            },
            f"endpoint_application_security_group_ids[1]: '{SECURITY_GROUP.upper()}' "
            "is endpoint_application_security_group_ids[0] already; leave it out",
        ),
        (
            {
                "endpoint_application_security_group_ids": [
                    f"{SECURITY_GROUP}{index}" for index in range(21)
                ]
            },
            "endpoint_application_security_group_ids: are 21; an interface joins at "
            "most 20, leave out 1",
        ),
        ({"endpoints_subnet_id": None}, "endpoints_subnet_id: is required and not set"),
        (
            {"endpoints_subnet_id": HOME.replace("22222222", "33333333", 1)},
            "endpoints_subnet_id: is in subscription '33333333-2222-4222-8222-",
        ),
        (
            {"client_networks": {"paris": paris(location="usgovvirginia")}},
            f"{PATH}.location: 'usgovvirginia' is a region of Azure US Government",
        ),
        (
            {"client_networks": {"paris": paris(location=None)}},
            f"{PATH}.location: is required and not set",
        ),
        (
            {"client_networks": {"paris": paris(subnet_id=None)}},
            f"{PATH}.subnet_id: is required and not set",
        ),
        (
            {"client_networks": {"paris": paris(subnet_id="endpoints")}},
            f"{PATH}.subnet_id: 'endpoints' is not a resource id; give",
        ),
        (
            {"client_networks": {"paris": paris(subnet_id=HOME.lower())}},
            f"{PATH}.subnet_id: '{HOME.lower()}' is in the same network as endpoints_"
            "subnet_id; a network needs its endpoints once",
        ),
        (
            {"client_networks": {"paris": paris(subnet_id=OTHER_AT_HOME)}},
            f"{PATH}.subnet_id: '{OTHER_AT_HOME}' is in the same network as endpoints_",
        ),
        (
            {
                "client_networks": {
                    "lyon": paris(
                        subnet_id=LYON,
                        private_dns_zone_ids=zones_of("lyon", "amlworkspace", "blob")
                        | zones_of("PARIS", "file"),
                    ),
                    "paris": paris(),
                }
            },
            f"{PATH}.private_dns_zone_ids.privatelink.file.core.windows.net: is client_"
            "networks.lyon.private_dns_zone_ids.privatelink.file.core.windows.net too",
        ),
        (
            {
                "client_networks": {
                    "paris": paris(subnet_id=PARIS.replace("22222222", "33333333", 1))
                }
            },
            f"{PATH}.subnet_id: is in subscription '33333333-2222-4222-8222-22222222",
        ),
        (
            {"client_networks": {"paris": paris(groups=["blbo"])}},
            f"{PATH}.groups[0]: 'blbo' is not a known private endpoint group id; did "
            "you mean 'blob'?",
        ),
        (
            {"client_networks": {"paris": paris(groups=["blob", "queue"])}},
            f"{PATH}.groups[1]: 'queue': the workspace has no private endpoint with "
            "this group id itself; ",
        ),
        (
            {"client_networks": {"paris": paris(groups=[])}},
            f"{PATH}.groups: is an empty list; give at least one, or leave it out",
        ),
        (
            {
                "client_networks": {
                    "paris": paris(
                        private_dns_zone_ids=zones_of("paris", "blob", "file")
                        | {
                            "privatelink.api.azureml.ms": all_zones("paris")[
                                "privatelink.api.azureml.ms"
                            ]
                        }
                    )
                }
            },
            f"{PATH}.private_dns_zone_ids: zone 'privatelink.notebooks.azure.net' is "
            "missing; the 'amlworkspace' endpoint does not resolve",
        ),
        (
            {
                "client_networks": {
                    "paris": paris(
                        private_dns_zone_ids={
                            **all_zones("paris"),
                            "privatelink.blob.core.windows.net": "rubbish",
                        }
                    )
                }
            },
            f"{PATH}.private_dns_zone_ids.privatelink.blob.core.windows.net: 'rubbish'",
        ),
        (
            {
                "client_networks": {
                    "paris": paris(
                        private_dns_zone_ids={
                            **all_zones("paris"),
                            **zones_of("dns", "file"),
                        }
                    )
                }
            },
            f"{PATH}.private_dns_zone_ids.privatelink.file.core.windows.net: is the "
            "workspace's own zone too, where these records would take the place of",
        ),
        (
            {
                "zone_groups_by": "policy",
                "private_dns_zone_ids": None,
                "client_networks": {"paris": paris()},
            },
            f"{PATH}.private_dns_zone_ids: cannot be used where zone_groups_by is "
            "'policy'",
        ),
        (
            {
                "client_networks": {
                    "Paris": paris(),
                    "paris": paris(subnet_id=PARIS.replace("paris", "lyon")),
                }
            },
            f"{PATH}: makes the same names as client_networks.Paris; rename one",
        ),
        ({"client_networks": {"paris": []}}, f"{PATH}: [] is not an object with"),
        (
            {"client_networks": {"paris": paris(nets=1)}},
            f"{PATH}.nets: is not a known input",
        ),
    ],
)
def test_wrong_inputs(args: dict[str, Any], wanted: str) -> None:
    """What Azure would refuse, or would take and not resolve, is found at its path."""
    _, _, findings = read(args)
    assert findings[0].startswith(wanted)


@pytest.mark.parametrize("key", ["with space", "x/y", "x" * 70])
def test_client_names_become_names(key: str) -> None:
    """The name of a network is a part of the endpoints' names, which are never cut."""
    _, _, findings = read({"client_networks": {key: paris()}})
    assert len(findings) >= 1
    assert all(f"client_networks.{key}: the private" in text for text in findings)


def test_two_networks_may_not_share_a_zone_that_is_known_later() -> None:
    """The same output given for both is found without looking into it."""
    shared = pulumi.Output.from_input("later")
    zone = "privatelink.blob.core.windows.net"
    _, _, findings = read(
        {
            "private_dns_zone_ids": {**all_zones(), zone: shared},
            "client_networks": {
                "paris": paris(
                    private_dns_zone_ids={**all_zones("paris"), zone: shared}
                )
            },
        }
    )
    (finding,) = findings
    assert finding.startswith(f"{PATH}.private_dns_zone_ids.{zone}: is the workspace's")


def test_a_service_without_zones_in_a_cloud() -> None:
    """Azure Monitor is not reached privately in China, and the finding says what to
    do."""
    zones = all_zones() | {
        zone: zone_id
        for zone, zone_id in zones_of(
            "dns",
            "amlworkspace",
            "blob",
            "file",
            "vault",
            "registry",
            cloud_name="china",
        ).items()
    }
    _, _, findings = read({"private_dns_zone_ids": zones}, cloud_name="china")
    (finding,) = findings
    assert finding.startswith("cloud: 'china': 'azuremonitor' has no published priv")
    assert "set monitoring.public_access" in finding


def test_members_are_those_of_known_groups() -> None:
    """Each row is of a group id with zones, has its page, and no member twice."""
    for group, row in MEMBER_ROWS.items():
        assert group == row.group_id
        assert group in GROUP_IDS
        assert row.page.startswith("https://learn.microsoft.com/")
        names = member_names(group, "westeurope")
        assert len(set(names)) == len(names) == addresses_needed([group])
    assert member_names("azuremonitor", "westeurope") == ()
    assert addresses_needed(["AzureMonitor"]) == 12


@given(
    st.dictionaries(
        st.sampled_from(["amlworkspace", "registry", "vault", "blob", "azuremonitor"]),
        st.lists(st.integers(0, 63).map(lambda last: f"10.20.0.{last}"), max_size=4),
    )
)
def test_addresses_that_are_read_can_be_used(given: dict[str, list[str]]) -> None:
    """Whatever is read has one usable address of the subnet for each member; without
    findings all of it was read, and no address twice."""
    subnet = IPv4Network("10.20.0.0/27")
    groups = ["amlworkspace", "registry", "vault", "blob", "azuremonitor"]
    read, findings = read_addresses(given, groups, "westeurope", subnet=subnet)
    for group, found in read.items():
        assert [str(address) for address in found] == given[group]
        assert len(found) == len(member_names(group, "westeurope"))
        for address in found:
            assert IPv4Address("10.20.0.4") <= address <= IPv4Address("10.20.0.30")
    if not findings:
        assert read.keys() == given.keys()
        every = [address for found in read.values() for address in found]
        assert len(set(every)) == len(every)

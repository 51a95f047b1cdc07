"""Wrong inputs are refused before the first resource, all of them together."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import InputError, PrivateWorkspace, SecureVnet

TRAINING = {"training": {"purpose": "training", "size": 25}}
RULE = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/"
    "Microsoft.EventHub/namespaces/logs/authorizationRules/{}"
)


def endpoints(**spec: Any) -> dict[str, Any]:
    """One endpoints subnet."""
    return {"endpoints": {"purpose": "endpoints", **spec}}


NETWORK_FAULTS = [
    ({"address_space": ["10..0.0.0/25"]}, "address_space[0]: '10..0.0.0/25'"),
    ({"address_space": []}, "address_space: is an empty list"),
    ({"address_space": "10.20.0.0/22"}, "address_space: '10.20.0.0/22' is not a list"),
    ({"address_space": None}, "address_space: is required and not set"),
    (
        {"address_space": ["172.16.0.0/12"]},
        "address_space[0]: '172.16.0.0/12' overlaps",
    ),
    (
        {"address_space": ["8.8.8.0/24"]},
        "address_space[0]: '8.8.8.0/24' is not private",
    ),
    (
        {"address_space": ["10.0.0.0/16", "10.0.8.0/24"]},
        "address_space[0]: '10.0.0.0/16' overlaps '10.0.8.0/24' of address_space[1]",
    ),
    (
        {"on_premises_address_space": ["10.20.0.0/16"]},
        "address_space[0]: '10.20.0.0/22' overlaps '10.20.0.0/16' of "
        "on_premises_address_space[0]",
    ),
    (
        {
            "rules": {
                "r": {
                    "sources": ["subnet:training"],
                    "destinations": ["10.99.0.0/16"],
                    "ports": ["443"],
                    "priority": 0,
                    "reason": "x",
                }
            }
        },
        "rules.r.priority: 0 is not for callers' rules; use 1000 to 3999",
    ),
    (
        {"dns_servers": ["10.9.0.4", "8.8.8.8"]},
        "dns_servers: '8.8.8.8' is a public address: names, and data in them, would",
    ),
    (
        {"on_premises_address_space": ["128.0.0.0/1"]},
        "on_premises_address_space[0]: '128.0.0.0/1' overlaps 224.0.0.0/4 (multicast)",
    ),
    (
        {
            "peerings": {
                "hub": {
                    "network_id": "/subscriptions/s/resourceGroups/g/providers/"
                    "Microsoft.Network/virtualNetworks/hub",
                    "address_space": ["127.0.0.0/8"],
                }
            }
        },
        "peerings.hub.address_space[0]: '127.0.0.0/8' overlaps 127.0.0.0/8 (loopback)",
    ),
    (
        {"on_premises_address_space": ["10.200.0.0"]},
        "on_premises_address_space[0]: '10.200.0.0' has no prefix length",
    ),
    ({"subnets": {}}, "subnets: is empty"),
    ({"subnets": ["training"]}, "subnets: ['training'] is not a mapping"),
    ({"subnets": {"a": 25}}, "subnets.a: 25 is not an object"),
    ({"subnets": {"a": {"size": 25}}}, "subnets.a.purpose: is required"),
    (
        {"subnets": {"a": {"purpose": "trainig"}}},
        "subnets.a.purpose: 'trainig' is not a known purpose; did you mean 'training'?",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "sice": 25}}},
        "subnets.a.sice: is not a known input; did you mean 'size'?",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "size": "25"}}},
        "subnets.a.size: '25' is not a whole number",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "size": 25.5}}},
        "subnets.a.size: 25.5 is not a whole number",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "size": 48}}},
        "subnets.a.size: 48 is not a prefix length",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "size": 0}}},
        "subnets.a.size: 0 is not a prefix length; use one like 25",
    ),
    (
        {
            "subnets": {
                "a": {"purpose": "general", "azure_name": "one"},
                "A": {"purpose": "general", "azure_name": "two"},
            }
        },
        "subnets.A: makes the network security group name 'net-A-nsg', which differs "
        "from that of subnets.a in case only",
    ),
    (
        {
            "diagnostic_settings": {
                "hub": {"event_hub_authorization_rule_id": RULE.format("a")},
                "Hub": {"event_hub_authorization_rule_id": RULE.format("b")},
            }
        },
        "diagnostic_settings.hub: makes the diagnostic setting name 'net-hub', which "
        "differs from that of diagnostic_settings.Hub in case only",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "prefix": "10.20.0.0"}}},
        "subnets.a.prefix: '10.20.0.0' has no prefix length",
    ),
    (
        {
            "subnets": {
                "a": {"purpose": "training", "size": 24, "prefix": "10.20.0.0/25"}
            }
        },
        "subnets.a.prefix: '10.20.0.0/25' is not of size 24",
    ),
    (
        {"subnets": {"a": {"purpose": "training", "prefix": "10.9.0.0/25"}}},
        "subnets.a.prefix: '10.9.0.0/25' is outside the address space",
    ),
    (
        {"subnets": {"a": {"purpose": "bastion", "size": 27}}},
        "subnets.a.size: /27 is too small for purpose 'bastion'; use /26 or larger",
    ),
    (
        {"subnets": {"a": {"purpose": "resolver_inbound", "size": 23}}},
        "subnets.a.size: /23 is too large for purpose 'resolver_inbound'",
    ),
    (
        {
            "subnets": {
                "a": {"purpose": "gateway"},
                "b": {"purpose": "gateway"},
            }
        },
        "subnets.b: is called 'GatewaySubnet' in Azure, as subnets.a is",
    ),
    (
        {"subnets": {"GatewaySubnet": {"purpose": "general"}}},
        "subnets.GatewaySubnet: 'GatewaySubnet' is the name that Azure keeps for "
        "purpose 'gateway' and not 'general'; set purpose to 'gateway' or choose",
    ),
    (
        {"subnets": {"azurebastionsubnet": {"purpose": "jump_box"}}},
        "subnets.azurebastionsubnet: 'azurebastionsubnet' is the name that Azure keeps "
        "for purpose 'bastion' and not 'jump_box'",
    ),
    (
        {"subnets": {"-a": {"purpose": "training"}}},
        "subnets.-a: the subnet name '-a' must be",
    ),
    (
        {"address_space": ["10.20.0.0/26"], "subnets": TRAINING},
        "address_space: 10.20.0.0/26 has no room for training (/25): 128 addresses",
    ),
    (
        {"egress": "nat-gatway"},
        "egress: 'nat-gatway' is not allowed; did you mean 'nat_gateway'?",
    ),
    ({"egress_zone": "4"}, "egress_zone: '4' is not a zone"),
    (
        {"egress": "none", "egress_zone": "1"},
        "egress_zone: needs a NAT gateway, and egress is 'none'",
    ),
    (
        {"private_endpoint_groups": ["blob", "fille"]},
        "private_endpoint_groups[1]: 'fille' is not a known private endpoint group id; "
        "did you mean 'file'?",
    ),
    (
        {"private_dns_zone_ids": {"privatelink.blob.core.windows.com": "/x"}},
        "private_dns_zone_ids.privatelink.blob.core.windows.com: no private endpoint "
        "group needs this zone; did you mean 'privatelink.blob.core.windows.net'?",
    ),
    (
        {"private_dns_zone_ids": {"privatelink.azurecr.io": "rubbish"}},
        "private_dns_zone_ids.privatelink.azurecr.io: 'rubbish' is not the id of that",
    ),
    (
        {"private_dns_zone_ids": {"privatelink.azurecr.io": None}},
        "private_dns_zone_ids.privatelink.azurecr.io: None is not the id of that zone",
    ),
    (
        {"tags": {"cost centre": "7"}},
        "tags.cost centre: has a name that private DNS zones refuse; use no spaces",
    ),
    (
        {"tags": {f"t{number}": "" for number in range(16)}},
        "tags: are 16; private DNS zones take at most 15, leave out 1",
    ),
    ({"cloud": "chine"}, "cloud: 'chine' is not a known cloud; did you mean 'china'?"),
    ({"cloud": "china"}, "location: 'westeurope' is a region of Azure and cloud is"),
    ({"location": "west-europe"}, "location: 'west-europe' is not a region"),
    ({"location": None}, "location: is required and not set"),
    ({"resource_group_name": None}, "resource_group_name: is required and not set"),
    ({"adress_space": ["10.0.0.0/8"]}, "adress_space: is not a known input; did you"),
    ({"allow_public_packages": "yes"}, "allow_public_packages: 'yes' is not true"),
    ({"resource_group_name": 7}, "resource_group_name: 7 is not text"),
    ({"tags": ["a"]}, "tags: ['a'] is not a mapping"),
    ({"location": 7}, "location: 7 is not text"),
    ({"location": ""}, "location: is blank; give a text"),
]


@pytest.mark.parametrize(("changes", "expected"), NETWORK_FAULTS)
def test_wrong_network_inputs(
    network_args: Callable[..., Any],
    changes: dict[str, Any],
    expected: str,
) -> None:
    """C51, C53, C57, C59, C99: each wrong input is refused with its path, its value and
    what to change, before anything is registered: no engine is there to take it."""
    with pytest.raises(InputError) as caught:
        SecureVnet("net", network_args(**changes))
    (finding,) = caught.value.findings
    assert str(finding).startswith(expected)


@pytest.mark.parametrize(
    ("prefix", "groups", "accepted"),
    [
        ("10.20.3.0/29", ["amlworkspace", "blob", "file", "vault", "registry"], False),
        ("10.20.3.0/28", ["amlworkspace", "blob", "file", "vault", "registry"], True),
        ("10.20.3.0/27", ["amlworkspace", "blob", "file", "vault", "registry"], True),
        (
            "10.20.3.0/28",
            [
                *("amlworkspace", "blob", "file", "vault", "registry"),
                *("queue", "table", "azuremonitor"),
            ],
            False,
        ),
    ],
)
def test_endpoints_need_addresses(
    record: Any,
    network_args: Callable[..., Any],
    prefix: str,
    groups: list[str],
    accepted: bool,
) -> None:
    """C57: what the endpoints need is compared with what the subnet has."""
    args = network_args(
        subnets=endpoints(prefix=prefix), private_endpoint_groups=groups, egress="none"
    )
    if accepted:
        record(lambda: SecureVnet("net", args))
        return
    with pytest.raises(InputError, match="usable addresses and the private endpoints"):
        record(lambda: SecureVnet("net", args))


def test_needed_and_usable_numbers_are_named(
    network_args: Callable[..., Any],
) -> None:
    """C57: the message says how many are usable and how many are needed."""
    args = network_args(
        subnets=endpoints(size=29),
        private_endpoint_groups=["amlworkspace", "blob", "file", "vault", "registry"],
    )
    with pytest.raises(InputError) as caught:
        SecureVnet("net", args)
    (finding,) = caught.value.findings
    assert finding.path == "subnets.endpoints.size"
    assert "/29 has 3 usable addresses" in finding.message
    assert "need 8; use /28 or larger" in finding.message


WORKSPACE_FAULTS = [
    (
        {"workload": "contoso-machinelearning", "environment": "production"},
        "workload: 'contoso-machinelearning' makes the key vault name",
    ),
    ({"workload": "2025-ML_Platform"}, "workload: '2025-ML_Platform' cannot be part"),
    ({"environment": "Dev"}, "environment: 'Dev' cannot be part of Azure names"),
    ({"unique_suffix": None}, "unique_suffix: is required and not set"),
    ({"unique_suffix": " "}, "unique_suffix: is blank; give a text"),
    ({"unique_suffix": "A_1"}, "unique_suffix: 'A_1' cannot be part of Azure names"),
    ({"tenant_id": None}, "tenant_id: is required and not set"),
    ({"subscription_id": ""}, "subscription_id: is required and not set"),
    ({"endpoints_subnet_id": None}, "endpoints_subnet_id: is required and not set"),
    ({"training_subnet_id": None}, "training_subnet_id: is required and not set"),
    (
        {"storage": {"endpoints": ["blob"]}},
        "storage.endpoints: no private endpoint with",
    ),
    (
        {"storage": {"endpoints": ["blob", "file", "queu"]}},
        "storage.endpoints[2]: 'queu' is not a group id of Microsoft.Storage",
    ),
    (
        {"storage": {"replication": "Standard_LSR"}},
        "storage.replication: 'Standard_LSR' is not allowed; did you mean",
    ),
    ({"storage": []}, "storage: [] is not an object with existing_id, access"),
    ({"cluster": {"idle_minutes": float("inf")}}, "cluster.idle_minutes: inf is not"),
    ({"cluster": {"vm_size": ""}}, "cluster.vm_size: '' is not a machine size"),
    ({"private_dns_zone_ids": ["x"]}, "private_dns_zone_ids: ['x'] is not a mapping"),
    ({"tags": {"a/b": "x"}}, "tags.a/b: has / in its name; no tag name may hold"),
    (
        {"tags": {"n" * 129: "x"}},
        f"tags.{'n' * 129}: has a name of 129 characters; storage accounts take at",
    ),
    ({"storage": {"sku": "x"}}, "storage.sku: is not a known input"),
    (
        {"registry": {"zone_redundant": "yes"}},
        "registry.zone_redundant: 'yes' is not true or false",
    ),
    (
        {"monitoring": {"retention_days": 7}},
        "monitoring.retention_days: 7 is not allowed",
    ),
    (
        {"cluster": {"minimum_nodes": 5}},
        "cluster.minimum_nodes: 5 is more than maximum_nodes (4)",
    ),
    ({"cluster": {"maximum_nodes": 0}}, "cluster.maximum_nodes: 0 is below 1"),
    ({"cluster": {"idle_minutes": 0}}, "cluster.idle_minutes: 0 is below 1"),
    (
        {"cluster": {"vm_size": "Standard_NC6s_v3"}},
        "cluster.vm_size: 'Standard_NC6s_v3' is a GPU size",
    ),
    (
        {"cluster": {"maximum_nodes": 40}, "training_subnet_prefix": "10.0.0.0/27"},
        "cluster.maximum_nodes: /27 has 27 usable addresses and the 40 nodes of "
        "cluster 'training-cluster' need 40; use /26 or larger",
    ),
    (
        {"training_subnet_prefix": "10.0.0.0"},
        "training_subnet_prefix: '10.0.0.0' has no prefix length",
    ),
    (
        {"cloud": "china", "location": "chinanorth3", "private_dns_zone_ids": "later"},
        "cloud: 'china': 'azuremonitor' has no published private DNS zones in Azure "
        "operated by 21Vianet (China) and is not reached privately there; set "
        "monitoring.public_access to open it to the public, or use one of: public, "
        "us_government",
    ),
    ({"workspaceName": "x"}, "workspaceName: is not a known input"),
]


@pytest.mark.parametrize(("changes", "expected"), WORKSPACE_FAULTS)
def test_wrong_workspace_inputs(
    workspace_args: Callable[..., Any], changes: dict[str, Any], expected: str
) -> None:
    """C53, C55, C99: as for the network; no engine is needed to be refused."""
    if changes.get("private_dns_zone_ids") == "later":
        zones = pulumi.Output.from_input({"x": "y"})
        changes = {**changes, "private_dns_zone_ids": zones}
    with pytest.raises(InputError) as caught:
        PrivateWorkspace("ml", workspace_args(**changes))
    (finding,) = caught.value.findings
    assert str(finding).startswith(expected)


def test_all_faults_come_together(network_args: Callable[..., Any]) -> None:
    """One run names everything, one line each, in the paths of the inputs."""
    args = network_args(
        location=None,
        address_space=["10.0.0.0/16", "10.0.1.5/24"],
        subnets={"a": {"purpose": "trainig"}, "b": {"purpose": "bastion", "size": 28}},
        egress="nat",
        unknown=1,
    )
    with pytest.raises(InputError) as caught:
        SecureVnet("net", args)
    assert sorted(line.split(":")[0] for line in str(caught.value).splitlines()) == [
        "address_space[1]",
        "egress",
        "location",
        "subnets.a.purpose",
        "subnets.b.size",
        "unknown",
    ]


@pytest.mark.parametrize("nest", [lambda value: {"b": value}, lambda value: [value]])
def test_tags_that_hold_later_values_are_no_texts(
    nest: Callable[[object], object], workspace_args: Callable[..., Any]
) -> None:
    """What is told of them are words, not how a value that is known later looks."""
    tags = {"a": nest(pulumi.Output.from_input("x"))}
    (finding,) = PrivateWorkspace.check("lab", workspace_args(tags=tags))
    assert str(finding) == (
        "tags.a: is no text, and has values known only later within; write a text, or "
        "one that is known later as a whole"
    )


@pytest.mark.parametrize("name", ["-net", "x" * 70, "a net"])
def test_the_component_name_must_fit_azure(
    network_args: Callable[..., Any], name: str
) -> None:
    """C53: Azure names come from the component's name, which is checked like them."""
    with pytest.raises(InputError) as caught:
        SecureVnet(name, network_args())
    assert {finding.path for finding in caught.value.findings} == {"name"}


def test_what_decides_must_be_plain(network_args: Callable[..., Any]) -> None:
    """An output where a plain value decides what is made is refused, and its value is
    not asked for."""
    args = network_args(address_space=pulumi.Output.secret(["10.0.0.0/16"]))
    with pytest.raises(InputError, match="address_space: is known only after"):
        SecureVnet("net", args)


def test_inputs_that_are_no_object_are_refused() -> None:
    """Anything but an object of inputs is refused with the names of the inputs."""
    with pytest.raises(InputError, match="is not an object with resource_group_name"):
        SecureVnet("net", ["rg"])  # type: ignore[arg-type]


def test_tags_known_later_are_left_to_azure(
    record: Any, network_args: Callable[..., Any], workspace_args: Callable[..., Any]
) -> None:
    """An output cannot be looked at; its name is checked all the same."""
    later = pulumi.Output.from_input(7)
    args = network_args(tags={"owner": later})
    made = record(lambda: SecureVnet("net", args))
    assert made.inputs("net-vnet")["tags"] == {"owner": 7}
    with pytest.raises(InputError, match="tags.a&b: has & in its name"):
        PrivateWorkspace("ml", workspace_args(tags={"a&b": later}))


def test_zones_of_others_bring_no_limit_on_tags(
    record: Any,
    network_args: Callable[..., Any],
    default_zones: tuple[str, ...],
    zone_ids: Callable[..., dict[str, str]],
) -> None:
    """Where no zone is made, names and numbers of tags are those of all resources."""
    tags = {f"cost centre {number}": "7" for number in range(20)}
    args = network_args(tags=tags, private_dns_zone_ids=zone_ids(default_zones))
    made = record(lambda: SecureVnet("net", args))
    assert made.inputs("net-vnet")["tags"] == tags


def test_a_check_tells_all_faults_and_makes_nothing(
    network_args: Callable[..., Any], workspace_args: Callable[..., Any]
) -> None:
    """What a program can ask before it makes anything is what the constructor says."""
    wrong = network_args(address_space=["8.8.8.0/24"], location="west-europe")
    paths = [finding.path for finding in SecureVnet.check("it", wrong)]
    with pytest.raises(InputError) as caught:
        SecureVnet("it", wrong)
    assert paths == [finding.path for finding in caught.value.findings]
    assert {"address_space[0]", "location"} <= set(paths)
    too_short = workspace_args(monitoring={"retention_days": 7})
    (finding,) = PrivateWorkspace.check("lab", too_short)
    assert finding.path == "monitoring.retention_days"
    assert SecureVnet.check("it", network_args()) == ()
    assert PrivateWorkspace.check("lab", workspace_args()) == ()

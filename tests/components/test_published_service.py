"""Published services: what is made, with which inputs, and what is refused."""

from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.component import ComponentProvider
from pulumi_azure_native import network

from azureml_network import PublishedService, ServiceConsumer
from azureml_network._plugin import COMPONENTS, NAME
from azureml_rulebook.private_link_services import (
    address_count_findings,
    audience_findings,
    subnet_size_findings,
)

GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
BALANCER_SUBNET = f"{NETWORK}/subnets/load-balancer"
SERVICE_SUBNET = f"{NETWORK}/subnets/private-link"
MACHINES = f"{NETWORK}/subnets/inference"
CLIENTS = f"{NETWORK}-of-consumers/subnets/endpoints"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
SECURITY_GROUP = f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/asg"
AKS = f"{GROUP}/providers/Microsoft.Network/loadBalancers/kubernetes-internal"
AKS_FRONTEND = f"{AKS}/frontendIPConfigurations/a1"
SERVICE = f"{GROUP}/providers/Microsoft.Network/privateLinkServices/scoring"
ADA = "33333333-3333-4333-8333-333333333333"
BOB = "44444444-4444-4444-8444-444444444444"
PRIVATE_LINK = {"subnet_id": SERVICE_SUBNET}
DNS = {
    "zone_name": "services.example.com",
    "record": "scoring",
    "network_id": f"{NETWORK}-of-consumers",
}
CONSUMER = {"location": "northeurope", "subnet_id": CLIENTS}


def service_args(**changes: Any) -> Any:
    """Inputs that work, with ``changes``; None leaves one out."""
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "load_balancer_subnet_id": BALANCER_SUBNET,
        "probes": {"https": {"protocol": "Https", "port": 443, "path": "/health"}},
        "rules": {"https": {"probe": "https", "port": 443}},
        "private_link": PRIVATE_LINK,
        **changes,
    }
    return {key: value for key, value in args.items() if value is not None}


def existing_args(**changes: Any) -> Any:
    """Inputs of a service behind a load balancer that exists; ``changes`` as above."""
    new = ("load_balancer_subnet_id", "probes", "rules")
    return service_args(
        **{
            **dict.fromkeys(new),
            "existing_frontend_ids": [AKS_FRONTEND],
            **changes,
        }
    )


def findings(args: Any) -> list[str]:
    """Everything that is wrong with inputs, in order."""
    return [str(finding) for finding in PublishedService.check("svc", args)]


@pytest.fixture(scope="module")
def make(record: Any) -> Callable[..., Any]:
    """Make the service of these inputs, called ``svc``."""

    def made(args: Any = None, *, first_preview: bool = False, **changes: Any) -> Any:
        inputs = service_args(**changes) if args is None else args
        return record(
            lambda: PublishedService("svc", inputs), first_preview=first_preview
        )

    return made


@pytest.fixture(scope="module")
def everything(make: Callable[..., Any]) -> Any:
    """A service with all that there is."""
    return make(
        load_balancer_subnet_prefix="10.30.0.64/28",
        frontends={"service": {"private_address": "10.30.0.68", "zones": ["2", "1"]}},
        backend_pools={
            "machines": {
                "interfaces": {
                    "first": {
                        "subnet_id": MACHINES,
                        "private_address": "10.30.0.9",
                        "application_security_group_ids": [SECURITY_GROUP],
                    },
                    "second": {"subnet_id": MACHINES},
                }
            }
        },
        alerts={"emails": {"ops": "ops@example.com"}},
        private_link={
            **PRIVATE_LINK,
            "subnet_prefix": "10.30.0.80/28",
            "addresses": ["10.30.0.84", "10.30.0.85"],
            "visible_to": [ADA, BOB],
            "approved_for": [BOB],
            "proxy_protocol": True,
        },
        consumers={
            "claims": {
                **CONSUMER,
                "resource_group_name": "rg-claims",
                "private_address": "10.30.0.70",
                "dns": DNS,
            },
            "audit": CONSUMER,
        },
        diagnostic_settings={"central": {"log_analytics_workspace_id": LOGS}},
        lock="CanNotDelete",
        tags={"team": "scoring"},
    )


def test_everything_is_made(everything: Any) -> None:
    """As many of each as were asked for."""
    assert everything.kinds() == {
        "PublishedService": 1,
        "LoadBalancer": 1,
        "NetworkInterface": 2,
        "PrivateLinkService": 1,
        "PrivateEndpoint": 2,
        "PrivateZone": 1,
        "VirtualNetworkLink": 1,
        "PrivateRecordSet": 1,
        "ActionGroup": 1,
        "MetricAlert": 3,
        "DiagnosticSetting": 2,
        "ManagementLockByScope": 1,
    }


def test_the_load_balancer(everything: Any) -> None:
    """Its inputs, exactly: Standard, an address in a subnet, no way out."""
    assert everything.inputs("svc-lb") == {
        "loadBalancerName": "svc-lb",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "frontendIPConfigurations": [
            {
                "name": "service",
                "subnet": {"id": BALANCER_SUBNET},
                "privateIPAddress": "10.30.0.68",
                "privateIPAddressVersion": "IPv4",
                "privateIPAllocationMethod": "Static",
                "zones": ["1", "2"],
            }
        ],
        "backendAddressPools": [{"name": "machines"}],
        "probes": [
            {
                "name": "https",
                "protocol": "Https",
                "port": 443,
                "requestPath": "/health",
                "intervalInSeconds": 5,
                "probeThreshold": 2,
            }
        ],
        "loadBalancingRules": [
            {
                "name": "https",
                "protocol": "Tcp",
                "frontendIPConfiguration": {
                    "id": "$self/frontendIPConfigurations/service"
                },
                "frontendPort": 443,
                "backendAddressPool": {"id": "$self/backendAddressPools/machines"},
                "backendPort": 443,
                "probe": {"id": "$self/probes/https"},
                "loadDistribution": "Default",
                "enableFloatingIP": False,
                "enableTcpReset": True,
                "idleTimeoutInMinutes": 4,
                "disableOutboundSnat": True,
            }
        ],
        "tags": {"team": "scoring"},
    }


def test_the_interfaces(everything: Any) -> None:
    """They join the pool, with the address and the groups that were asked for."""
    pool = [{"id": "/fake/svc-lb/backendAddressPools/machines"}]
    assert everything.inputs("svc-machines-first-nic") == {
        "networkInterfaceName": "svc-machines-first-nic",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "ipConfigurations": [
            {
                "name": "primary",
                "primary": True,
                "subnet": {"id": MACHINES},
                "privateIPAddress": "10.30.0.9",
                "privateIPAddressVersion": "IPv4",
                "privateIPAllocationMethod": "Static",
                "loadBalancerBackendAddressPools": pool,
                "applicationSecurityGroups": [{"id": SECURITY_GROUP}],
            }
        ],
        "tags": {"team": "scoring"},
    }
    (second,) = everything.inputs("svc-machines-second-nic")["ipConfigurations"]
    assert second == {
        "name": "primary",
        "primary": True,
        "subnet": {"id": MACHINES},
        "privateIPAddressVersion": "IPv4",
        "privateIPAllocationMethod": "Dynamic",
        "loadBalancerBackendAddressPools": pool,
    }


def test_the_private_link_service(everything: Any) -> None:
    """Its inputs, exactly: the first address is the primary one."""
    assert everything.inputs("svc-pls") == {
        "serviceName": "svc-pls",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "loadBalancerFrontendIpConfigurations": [
            {"id": "/fake/svc-lb/frontendIPConfigurations/service"}
        ],
        "ipConfigurations": [
            {
                "name": f"nat-{number}",
                "primary": number == 1,
                "subnet": {"id": SERVICE_SUBNET},
                "privateIPAddress": address,
                "privateIPAddressVersion": "IPv4",
                "privateIPAllocationMethod": "Static",
            }
            for number, address in ((1, "10.30.0.84"), (2, "10.30.0.85"))
        ],
        "enableProxyProtocol": True,
        "visibility": {"subscriptions": [ADA, BOB]},
        "autoApproval": {"subscriptions": [BOB]},
        "tags": {"team": "scoring"},
    }


def test_the_consumers(everything: Any) -> None:
    """Each in its own place, with the service's id."""
    claims = everything.inputs("svc-claims-pep")
    assert claims["location"] == "northeurope"
    assert claims["resourceGroupName"] == "rg-claims"
    assert claims["privateLinkServiceConnections"] == [
        {"name": "service", "privateLinkServiceId": "/fake/svc-pls"}
    ]
    zone = everything.inputs("svc-claims-services.example.com")
    assert zone["resourceGroupName"] == "rg-claims"
    record = everything.inputs("svc-claims-scoring.services.example.com")
    assert record["aRecords"] == [{"ipv4Address": "10.30.0.70"}]
    assert everything.inputs("svc-audit-pep")["resourceGroupName"] == "rg"


def test_health_is_watched(everything: Any) -> None:
    """Alerts and metrics of the load balancer and of the Private Link service."""
    alerts = everything.of_type("MetricAlert")
    assert {name: alert.inputs["scopes"] for name, alert in alerts.items()} == {
        "svc-probes-alert": ["/fake/svc-lb"],
        "svc-data-path-alert": ["/fake/svc-lb"],
        "svc-nat-ports-alert": ["/fake/svc-pls"],
    }
    for alert in alerts.values():
        assert alert.inputs["actions"] == [{"actionGroupId": "/fake/svc-alerts"}]
    settings = everything.of_type("DiagnosticSetting")
    every = {"category": "AllMetrics", "enabled": True}
    assert {
        item.inputs["resourceUri"]: (
            item.inputs.get("logs", []),
            item.inputs["metrics"],
        )
        for item in settings.values()
    } == {
        "/fake/svc-lb": ([{"categoryGroup": "allLogs", "enabled": True}], [every]),
        "/fake/svc-pls": ([], [every]),
    }


def test_the_lock(everything: Any) -> None:
    """On the Private Link service, after everything that a destroy deletes before."""
    lock = everything.resources["svc-pls-lock"]
    assert lock.inputs["scope"] == "/fake/svc-pls"
    assert lock.inputs["level"] == "CanNotDelete"
    assert {
        "svc-pls",
        "svc-claims-pep",
        "svc-audit-pep",
        "svc-claims-scoring.services.example.com",
    } <= lock.depends_on


def test_the_outputs(everything: Any) -> None:
    """All of them, and nothing else."""
    assert everything.outputs["svc"] == {
        "loadBalancerId": "/fake/svc-lb",
        "frontendAddresses": {"service": "10.30.0.68"},
        "backendPoolIds": {"machines": "/fake/svc-lb/backendAddressPools/machines"},
        "interfaceIds": {
            "machines/first": "/fake/svc-machines-first-nic",
            "machines/second": "/fake/svc-machines-second-nic",
        },
        "privateLinkServiceId": "/fake/svc-pls",
        "alias": "svc-pls.alias.azure.privatelinkservice",
        "actionGroupId": "/fake/svc-alerts",
        "consumerEndpointIds": {
            "claims": "/fake/svc-claims-pep",
            "audit": "/fake/svc-audit-pep",
        },
        "consumerAddresses": {
            "claims": "10.30.0.70",
            "audit": "of svc-audit-pep-interface in rg-of-endpoints",
        },
    }


def test_the_page_lists_the_outputs() -> None:
    """Those of both components, in their order, and no others."""
    page = (Path(__file__).parents[2] / "docs" / "published-service.md").read_text()
    for component in (PublishedService, ServiceConsumer):
        names = ", ".join(f"`{name}`" for name in component.__annotations__)
        assert f"`{component.__name__}`: {names}." in page


SUBNETS = {"net-balancer", "net-service", "net-machines", "net-endpoints"}


@pytest.mark.parametrize(
    ("name", "key", "hosts"),
    [
        ("svc-lb", "loadBalancerName", {"net-balancer"}),
        ("svc-machines-a-nic", "networkInterfaceName", {"net-machines", "svc-lb"}),
        ("svc-pls", "serviceName", {"net-service", "svc-lb"}),
        ("svc-claims-pep", "privateEndpointName", {"svc-pls"}),
        ("svc-claims-pep", "subnet", {"net-endpoints"}),
    ],
)
def test_what_lives_with_another_is_replaced_with_it(
    record: Any, name: str, key: str, hosts: set[str]
) -> None:
    """C65: what cannot change depends on the host, by which the engine sees it."""

    def program() -> None:
        balancer, service, machines, endpoints = (
            network.Subnet(
                f"net-{subnet}", resource_group_name="rg", virtual_network_name="net"
            ).id
            for subnet in ("balancer", "service", "machines", "endpoints")
        )
        PublishedService(
            "svc",
            service_args(
                load_balancer_subnet_id=balancer,
                backend_pools={
                    "machines": {"interfaces": {"a": {"subnet_id": machines}}}
                },
                private_link={"subnet_id": service},
                consumers={"claims": {**CONSUMER, "subnet_id": endpoints}},
            ),
        )

    found = record(program).resources[name].property_dependencies[key]
    assert found & (SUBNETS | {"svc-lb", "svc-pls"}) >= hosts


def test_zones_of_an_address_replace_the_load_balancer(everything: Any) -> None:
    """Azure changes none of an address that exists."""
    balancer = everything.resources["svc-lb"]
    assert balancer.replace_on_changes == ("frontendIPConfigurations[*].zones",)
    assert balancer.deletes_first


def test_everything_is_a_child(everything: Any) -> None:
    """All resources are children of the component."""
    children = {
        name: item.parent
        for name, item in everything.resources.items()
        if name != "svc"
    }
    assert set(children.values()) == {"svc"}


def test_closed_by_default(make: Callable[..., Any]) -> None:
    """Nobody but those with a role sees the service, and nobody is let in."""
    inputs = make().inputs("svc-pls")
    assert inputs["visibility"] == {"subscriptions": []}
    assert inputs["autoApproval"] == {"subscriptions": []}
    assert inputs["enableProxyProtocol"] is False
    assert len(inputs["ipConfigurations"]) == 1


def test_without_a_private_link_service(make: Callable[..., Any]) -> None:
    """The load balancer serves its own network, with machines by address too."""
    made = make(
        private_link=None,
        network_id=NETWORK,
        backend_pools={"machines": {"addresses": ["10.30.0.9", "10.30.0.10"]}},
    )
    assert made.kinds() == {"PublishedService": 1, "LoadBalancer": 1, "MetricAlert": 2}
    assert made.inputs("svc-lb")["backendAddressPools"] == [
        {
            "name": "machines",
            "loadBalancerBackendAddresses": [
                {
                    "name": address,
                    "virtualNetwork": {"id": NETWORK},
                    "ipAddress": address,
                }
                for address in ("10.30.0.9", "10.30.0.10")
            ],
        }
    ]
    assert made.outputs["svc"] == {
        "loadBalancerId": "/fake/svc-lb",
        "frontendAddresses": {"service": ""},
        "backendPoolIds": {"machines": "/fake/svc-lb/backendAddressPools/machines"},
        "interfaceIds": {},
        "consumerEndpointIds": {},
        "consumerAddresses": {},
    }


def test_a_load_balancer_that_exists(make: Callable[..., Any]) -> None:
    """Only the Private Link service is made before it, and watched."""
    made = make(existing_args())
    assert made.kinds() == {
        "PublishedService": 1,
        "PrivateLinkService": 1,
        "MetricAlert": 1,
    }
    assert made.inputs("svc-pls")["loadBalancerFrontendIpConfigurations"] == [
        {"id": AKS_FRONTEND}
    ]
    assert "svc-nat-ports-alert" in made.resources
    assert "loadBalancerId" not in made.outputs["svc"]


def test_a_first_preview(make: Callable[..., Any]) -> None:
    """Ids, the alias and chosen addresses are not known; an address that was asked for
    is."""
    made = make(
        frontends={"service": {"private_address": "10.30.0.68"}},
        consumers={"claims": {**CONSUMER, "dns": DNS}},
        first_preview=True,
    )
    unknown = pulumi.runtime.rpc.UNKNOWN
    outputs = made.outputs["svc"]
    assert outputs["alias"] == unknown
    assert outputs["frontendAddresses"] == {"service": "10.30.0.68"}
    assert outputs["consumerAddresses"] == {"claims": unknown}
    assert made.inputs("svc-pls")["loadBalancerFrontendIpConfigurations"] == [
        {"id": unknown}
    ]


@pytest.mark.parametrize(
    ("private_link", "expected"),
    [
        ({}, []),
        ({"visible_to": [ADA]}, []),
        ({"visible_to": ["*"]}, ["visible_to"]),
        ({"visible_to": ["*"], "approved_for": [ADA]}, ["visible_to"]),
        (
            {"visible_to": ["*"], "approved_for": ["*"]},
            ["approved_for", "visible_to"],
        ),
    ],
)
def test_what_is_open_to_everybody_is_told(
    private_link: dict[str, Any],
    expected: list[str],
    record: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A warning at each preview, with what closes it again."""
    told: list[str] = []
    monkeypatch.setattr(
        pulumi.log, "warn", lambda message, *_args, **_kwargs: told.append(message)
    )
    args = service_args(private_link={**PRIVATE_LINK, **private_link})
    record(lambda: PublishedService("svc", args))
    assert [line.partition(":")[0] for line in told] == [
        f"private_link.{key}" for key in expected
    ]
    assert all("everybody in Azure" in line for line in told)


@pytest.mark.parametrize(
    ("private_link", "expected"),
    [
        ({"subnet_id": None}, "subnet_id: is required and not set"),
        (
            {"subnet_id": CLIENTS},
            f"subnet_id: is in the network '{NETWORK}-of-consumers', and the load "
            f"balancer is in '{NETWORK}'; Azure takes machines and Private Link",
        ),
        (
            {"subnet_id": BALANCER_SUBNET.upper().replace("SUBSCR", "subscr")},
            "subnet_id: is the load balancer's subnet too; give it a subnet of its own",
        ),
        ({"address_count": 0}, "address_count: 0 is not allowed; use 1 to 8"),
        ({"address_count": 9}, "address_count: 9 is not allowed; use 1 to 8"),
        (
            {"addresses": [f"10.30.0.{84 + index}" for index in range(9)]},
            "addresses: 9 is not allowed; use 1 to 8",
        ),
        (
            {"addresses": ["10.30.0.84"], "address_count": 2},
            "address_count: 2 is not the number of addresses, 1; leave it out",
        ),
        (
            {"addresses": ["10.30.0.84", "10.30.0.84"]},
            "addresses[1]: '10.30.0.84' is private_link.addresses[0] already",
        ),
        (
            {"addresses": ["10.30.0.83"], "subnet_prefix": "10.30.0.80/28"},
            "addresses[0]: '10.30.0.83' is one of the 5 addresses that Azure keeps",
        ),
        (
            {"addresses": ["10.30.0.4"], "subnet_prefix": "10.30.0.80/28"},
            "addresses[0]: '10.30.0.4' is outside of the subnet '10.30.0.80/28'; give "
            "an address of the Private Link service's subnet, like '10.30.0.84'",
        ),
        (
            {"address_count": 4, "subnet_prefix": "10.30.0.80/29"},
            "subnet_prefix: '10.30.0.80/29' has 3 usable addresses and the Private "
            "Link service takes 4; use a subnet of /28 or larger",
        ),
        (
            {"subnet_prefix": "10.30.0.80"},
            "subnet_prefix: '10.30.0.80' has no prefix length",
        ),
        (
            {"visible_to": ["*", ADA]},
            "visible_to[0]: '*' is everybody, those beside it too; leave it out",
        ),
        (
            {"visible_to": [ADA, ADA.upper()]},
            f"visible_to[1]: '{ADA.upper()}' is private_link.visible_to[0] already",
        ),
        ({"visible_to": ["ada"]}, "visible_to[0]: 'ada' is not a subscription id"),
        ({"visible_to": [1]}, "visible_to[0]: 1 is not text; give an id or '*'"),
        (
            {"approved_for": [ADA]},
            f"approved_for[0]: '{ADA}' is not among visible_to, and only who may ask",
        ),
        (
            {"visible_to": [ADA], "approved_for": [ADA, BOB]},
            f"approved_for[1]: '{BOB}' is not among visible_to",
        ),
        (
            {"visible_to": [ADA], "approved_for": ["*"]},
            "approved_for[0]: '*' is not among visible_to",
        ),
        ({"proxy_protocol": "yes"}, "proxy_protocol: 'yes' is not true or false"),
    ],
)
def test_private_link_services_that_are_refused(
    private_link: dict[str, Any], expected: str
) -> None:
    """Each with its path, the value and what to change, and nothing besides."""
    spec = {**PRIVATE_LINK, **private_link}
    spec = {key: value for key, value in spec.items() if value is not None}
    found = findings(service_args(private_link=spec))
    assert len(found) == 1, found
    assert found[0].startswith(f"private_link.{expected}")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            service_args(
                backend_pools={
                    "machines": {"interfaces": {"a": {"subnet_id": CLIENTS}}}
                }
            ),
            "backend_pools.machines.interfaces.a.subnet_id: is in the network "
            f"'{NETWORK}-of-consumers', and the load balancer is in '{NETWORK}'; Azure",
        ),
        (
            service_args(
                private_link=None,
                network_id=f"{NETWORK}-of-consumers",
                backend_pools={"machines": {"addresses": ["10.30.0.9"]}},
            ),
            f"network_id: is in the network '{NETWORK}-of-consumers', and the load",
        ),
        (
            existing_args(private_link=None),
            "existing_frontend_ids: are for a Private Link service, and nothing else",
        ),
        (
            existing_args(existing_frontend_ids=[]),
            "existing_frontend_ids: is empty; give at least one, or leave it out",
        ),
        (
            existing_args(existing_frontend_ids=[AKS]),
            f"existing_frontend_ids[0]: '{AKS}' is the id of a Microsoft.Network/load",
        ),
        (
            existing_args(existing_frontend_ids=[AKS_FRONTEND, AKS_FRONTEND]),
            f"existing_frontend_ids[1]: '{AKS_FRONTEND}' is existing_frontend_ids[0]",
        ),
        (
            existing_args(
                existing_frontend_ids=[
                    AKS_FRONTEND,
                    AKS_FRONTEND.replace("kubernetes-internal", "other"),
                ]
            ),
            f"existing_frontend_ids[1]: '{GROUP}/providers/Microsoft.Network/"
            "loadBalancers/other/frontendIPConfigurations/a1' is of another load",
        ),
        *(
            (
                existing_args(**{key: value}),
                f"{key}: is for a new load balancer, and existing_frontend_ids says",
            )
            for key, value in {
                "network_id": NETWORK,
                "load_balancer_subnet_id": BALANCER_SUBNET,
                "load_balancer_subnet_prefix": "10.30.0.64/28",
                "frontends": {"service": {}},
                "backend_pools": {"machines": {}},
                "probes": {"tcp": {"protocol": "Tcp", "port": 443}},
                "rules": {"https": {"probe": "tcp", "port": 443}},
            }.items()
        ),
        (
            service_args(private_link=None, consumers={"claims": CONSUMER}),
            "consumers: reach a Private Link service, and there is none",
        ),
        (
            service_args(private_link=None, lock="CanNotDelete"),
            "lock: is on the Private Link service, and there is none",
        ),
        (
            service_args(
                lock="ReadOnly", consumers={"a": {**CONSUMER, "approval": "manual"}}
            ),
            "lock: 'ReadOnly' cannot be used with consumers that somebody approves (a)",
        ),
        (
            service_args(consumers={"a": {"subnet_id": CLIENTS}}),
            "consumers.a.location: is required and not set",
        ),
        (
            service_args(
                consumers={
                    "a": {**CONSUMER, "subnet_id": CLIENTS.replace("2222-4", "9999-4")}
                }
            ),
            "consumers.a.subnet_id: is in subscription "
            "'22222222-9999-4222-8222-222222222222', where the endpoint would have to",
        ),
        (
            service_args(consumers={"a": {**CONSUMER, "location": "chinaeast"}}),
            "consumers.a.location: 'chinaeast' is a region of",
        ),
        (
            service_args(consumers={"a": {**CONSUMER, "request_message": "hello"}}),
            "consumers.a.request_message: is read by whoever approves",
        ),
        (
            service_args(
                consumers={
                    "a": {**CONSUMER, "dns": DNS},
                    "b": {**CONSUMER, "dns": {**DNS, "network_id": NETWORK}},
                }
            ),
            "consumers.b.dns.zone_name: 'services.example.com' is the zone of "
            "consumers.a.dns in the same resource group",
        ),
        (
            service_args(
                consumers={
                    "a": {**CONSUMER, "dns": DNS},
                    "b": {**CONSUMER, "resource_group_name": "b", "dns": DNS},
                }
            ),
            "consumers.b.dns.network_id: is linked to the zone 'services.example.com' "
            "of consumers.a.dns",
        ),
        (
            service_args(consumers={"a": CONSUMER, "A": CONSUMER}),
            "consumers.a: makes the network interface name 'svc-a-pep-nic', which",
        ),
        (service_args(location=None), "location: is required and not set"),
    ],
)
def test_what_is_refused(args: Any, expected: str) -> None:
    """Each with its path, the value and what to change, and nothing besides."""
    found = findings(args)
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_a_name_that_makes_no_azure_name() -> None:
    """It is told at the name, which is no input of its own."""
    (fault,) = PublishedService.check("-svc", service_args())
    assert (fault.path, fault.message[:8]) == ("name", "the priv")
    consumer = {**CONSUMER, "resource_group_name": "rg", "service_id": SERVICE}
    (fault,) = ServiceConsumer.check("-svc", consumer)
    assert (fault.path, fault.message[:8]) == ("name", "the priv")


def test_consumers_may_share_a_zone_name_apart() -> None:
    """In groups and networks of their own, or in a zone that is made elsewhere."""
    zone = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/services.example.com"
    existing = {"zone_name": "services.example.com", "existing_zone_id": zone}
    args = service_args(
        consumers={
            "a": {**CONSUMER, "dns": DNS},
            "b": {
                **CONSUMER,
                "resource_group_name": "b",
                "dns": {**DNS, "network_id": NETWORK},
            },
            "c": {**CONSUMER, "dns": {**existing, "record": "c"}},
            "d": {**CONSUMER, "dns": {**existing, "record": "d"}},
        }
    )
    assert findings(args) == []


def test_a_service_of_another_language(record: Any) -> None:
    """Through the plugin host: camel case, floats for numbers, ids known later."""

    def program() -> None:
        ComponentProvider(COMPONENTS, NAME).construct(
            "svc",
            "azureml-network:index:PublishedService",
            {
                "resourceGroupName": pulumi.Output.secret("rg"),
                "location": "West Europe",
                "loadBalancerSubnetId": pulumi.Output.from_input(BALANCER_SUBNET),
                "backendPools": {
                    "machines": {
                        "interfaces": {
                            "first": {"subnetId": pulumi.Output.from_input(MACHINES)}
                        }
                    }
                },
                "probes": {"tcp": {"protocol": "Tcp", "port": 443.0}},
                "rules": {
                    "https": {"probe": "tcp", "port": 443.0, "distribution": "SourceIP"}
                },
                "privateLink": {
                    "subnetId": pulumi.Output.from_input(SERVICE_SUBNET),
                    "addressCount": 2.0,
                },
                "consumers": {
                    "claims": {
                        "location": "northeurope",
                        "subnetId": pulumi.Output.from_input(CLIENTS),
                        "approval": "manual",
                        "requestMessage": "claims",
                    }
                },
            },
        )

    made = record(program)
    (rule,) = made.inputs("svc-lb")["loadBalancingRules"]
    assert (rule["frontendPort"], rule["loadDistribution"]) == (443, "SourceIP")
    assert len(made.inputs("svc-pls")["ipConfigurations"]) == 2
    assert "manualPrivateLinkServiceConnections" in made.inputs("svc-claims-pep")


@given(st.integers(-3, 20), st.integers(24, 32))
def test_addresses_that_consumers_come_from(count: int, length: int) -> None:
    """1 to 8, of those that Azure hands out in the subnet."""
    assert bool(address_count_findings(count, path="c")) == (count not in range(1, 9))
    subnet = IPv4Network((0, length))
    free = max(0, 2 ** (32 - length) - 5)
    assert bool(subnet_size_findings(subnet, count, path="p")) == (free < count)


IDS = st.lists(st.uuids().map(str), max_size=5, unique=True)


@given(IDS, IDS)
def test_who_is_let_in_may_ask(visible: list[str], approved: list[str]) -> None:
    """Exactly those that are not among the visible ones are told."""
    found = audience_findings(visible, approved)
    refused = [
        f"private_link.approved_for[{index}]"
        for index, item in enumerate(approved)
        if item not in visible
    ]
    assert [finding.path for finding in found] == refused
    assert audience_findings(["*"], approved) == []

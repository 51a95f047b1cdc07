"""What DNS servers on-premises forward into the network, and to whom."""

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.forwarders import NamesPlan, read_names
from azureml_network._hybrid_gateway.resolver import ResolverPlan
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.dns_zones import GROUP_IDS

RESOLVER = ResolverPlan(
    inbound_subnet_id="inbound",
    inbound_address=IPv4Address("10.40.9.4"),
    outbound_subnet_id=None,
    rules={},
    linked_network_ids={},
)
OF_AZURE = IPv4Address("168.63.129.16")
OWN_SERVERS = (IPv4Address("10.40.1.4"), IPv4Address("10.40.1.5"))


def read(
    groups: Any = None,
    resolver: ResolverPlan | None = RESOLVER,
    dns_servers: tuple[IPv4Address, ...] = (),
    cloud_name: str = "public",
) -> tuple[NamesPlan, list[str]]:
    """Plan who forwards what; also returns the findings."""
    args = {} if groups is None else {"private_endpoint_groups": groups}
    reader = InputReader(args, HybridGatewayArgs)
    place = Place(cloud_name=cloud_name, region="westeurope")
    plan = read_names(reader, place, resolver, dns_servers)
    return plan, [str(finding) for finding in reader.findings]


DEFAULTS = {
    "public": {
        "api.azureml.ms",
        "notebooks.azure.net",
        "instances.azureml.ms",
        "instances.ml.azure.ms",
        "aznbcontent.net",
        "inference.ml.azure.com",
        "blob.core.windows.net",
        "file.core.windows.net",
        "vault.azure.net",
        "vaultcore.azure.net",
        "azurecr.io",
        "monitor.azure.com",
        "oms.opinsights.azure.com",
        "ods.opinsights.azure.com",
        "agentsvc.azure-automation.net",
        "services.visualstudio.com",
        "applicationinsights.azure.com",
    },
    "us_government": {
        "api.ml.azure.us",
        "notebooks.usgovcloudapi.net",
        "instances.azureml.us",
        "instances.ml.azure.us",
        "aznbcontent.net",
        "inference.ml.azure.us",
        "blob.core.usgovcloudapi.net",
        "file.core.usgovcloudapi.net",
        "vault.usgovcloudapi.net",
        "vaultcore.usgovcloudapi.net",
        "azurecr.us",
        "monitor.azure.us",
        "adx.monitor.azure.us",
        "oms.opinsights.azure.us",
        "ods.opinsights.azure.us",
        "agentsvc.azure-automation.us",
    },
    "china": {
        "api.ml.azure.cn",
        "notebooks.chinacloudapi.cn",
        "instances.azureml.cn",
        "instances.ml.azure.ms",
        "aznbcontent.net",
        "inference.ml.azure.cn",
        "blob.core.chinacloudapi.cn",
        "file.core.chinacloudapi.cn",
        "vaultcore.azure.cn",
        "azurecr.cn",
    },
}


@pytest.mark.parametrize("cloud_name", DEFAULTS)
def test_the_default_list(cloud_name: str) -> None:
    """C09: the public zones of a workspace's endpoints, all to the resolver; China has
    no zones of Azure Monitor."""
    plan, findings = read(cloud_name=cloud_name)
    assert findings == []
    assert set(plan.conditional_forwarders) == DEFAULTS[cloud_name]
    assert set(plan.conditional_forwarders.values()) == {"10.40.9.4"}


def test_other_endpoints() -> None:
    """Group ids without regard to case, as Azure takes them."""
    plan, findings = read(["DFS", "blob"])
    assert findings == []
    assert dict(plan.conditional_forwarders) == {
        "dfs.core.windows.net": "10.40.9.4",
        "blob.core.windows.net": "10.40.9.4",
    }


@given(
    groups=st.lists(st.sampled_from(GROUP_IDS), min_size=1),
    cloud_name=st.sampled_from(sorted(DEFAULTS)),
)
def test_no_private_zone_is_forwarded(groups: list[str], cloud_name: str) -> None:
    """C09: whatever endpoints there are; a group without zones there is told."""
    plan, findings = read(groups, cloud_name=cloud_name)
    assert not [
        zone for zone in plan.conditional_forwarders if "privatelink" in zone.split(".")
    ]
    assert bool(findings) is not bool(plan.conditional_forwarders)


@pytest.mark.parametrize(
    ("groups", "cloud_name", "message"),
    [
        (
            ["blobs"],
            "public",
            "private_endpoint_groups[0]: 'blobs' is not a known private endpoint group "
            "id; did you mean 'blob'?",
        ),
        (["blob", 7], "public", "private_endpoint_groups[1]: 7 is not text"),
        ("blob", "public", "private_endpoint_groups: 'blob' is not a list of texts"),
        (
            ["azuremonitor"],
            "china",
            "private_endpoint_groups[0]: 'azuremonitor' has no published private DNS",
        ),
    ],
)
def test_groups_that_have_no_zones(groups: Any, cloud_name: str, message: str) -> None:
    """Each is told once, and no list is made up for the others."""
    _, findings = read(groups, cloud_name=cloud_name)
    assert len(findings) == 1
    assert findings[0].startswith(message)


@pytest.mark.parametrize(
    ("resolver", "dns_servers", "target"),
    [
        (RESOLVER, (), "10.40.9.4"),
        (RESOLVER, OWN_SERVERS, "10.40.9.4"),
        (None, OWN_SERVERS, "10.40.1.4"),
        (None, (), None),
    ],
)
def test_whom_sites_ask(
    resolver: ResolverPlan | None,
    dns_servers: tuple[IPv4Address, ...],
    target: str | None,
) -> None:
    """The resolver, else the network's first DNS server, else nobody."""
    plan, findings = read(["blob"], resolver, dns_servers)
    assert findings == []
    assert plan.target == (None if target is None else IPv4Address(target))
    assert dict(plan.conditional_forwarders) == (
        {} if target is None else {"blob.core.windows.net": target}
    )


def test_azures_own_dns_answers_nobody_outside() -> None:
    """C09: it is never what on-premises forwards to."""
    _, findings = read(None, None, (OF_AZURE, *OWN_SERVERS))
    assert len(findings) == 1
    assert findings[0].startswith(
        "dns_servers[0]: '168.63.129.16' answers inside of Azure's networks only"
    )


@pytest.mark.parametrize(
    ("resolver", "dns_servers", "clients", "sites", "who"),
    [
        (None, (), True, False, "resolver: VPN clients cannot resolve"),
        (None, (), False, True, "resolver: sites cannot resolve"),
        (None, (), True, True, "resolver: VPN clients and sites cannot resolve"),
        (None, (), False, False, None),
        (None, OWN_SERVERS, True, True, None),
        (RESOLVER, (), True, True, None),
    ],
)
def test_who_cannot_resolve_private_names(
    resolver: ResolverPlan | None,
    dns_servers: tuple[IPv4Address, ...],
    clients: bool,
    sites: bool,
    who: str | None,
) -> None:
    """C49: a review is told of clients and sites that nobody in the network answers."""
    plan, _ = read(None, resolver, dns_servers)
    warnings = plan.warnings(clients=clients, sites=sites)
    assert len(warnings) == (who is not None)
    assert all(line.startswith(who or "") for line in warnings)

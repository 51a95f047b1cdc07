"""A subnet's size against what will live in it: needed, usable, and what would do."""

import re
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.address_ranges import usable_addresses
from azureml_rulebook.capacity import (
    Tenant,
    capacity_findings,
    cluster,
    gateways,
    instances,
    private_endpoints,
)
from azureml_rulebook.subnets import PURPOSES

WORKSPACE = ["amlworkspace", "blob", "file", "vault", "registry"]
EVERYTHING = [*WORKSPACE, "queue", "table", "azuremonitor"]


@pytest.mark.parametrize(
    ("purpose", "length", "tenants", "expected"),
    [
        (
            "endpoints",
            29,
            [private_endpoints(WORKSPACE)],
            "/29 has 3 usable addresses and the private endpoints (amlworkspace, blob, "
            "file, vault, registry) need 8; use /28 or larger",
        ),
        ("endpoints", 28, [private_endpoints(WORKSPACE)], None),
        ("endpoints", 27, [private_endpoints(WORKSPACE)], None),
        (
            "endpoints",
            28,
            [private_endpoints(EVERYTHING)],
            "/28 has 11 usable addresses and the private endpoints (amlworkspace, "
            "blob, file, vault, registry, queue, table, azuremonitor) need 22; "
            "use /27 or larger",
        ),
        ("endpoints", 27, [private_endpoints(EVERYTHING)], None),
        ("training", 27, [cluster("cpu", 27)], None),
        (
            "training",
            27,
            [cluster("cpu", 28)],
            "/27 has 27 usable addresses and the 28 nodes of cluster 'cpu' need 28; "
            "use /26 or larger",
        ),
        (
            "training",
            27,
            [cluster("cpu", 20), cluster("gpu", 1), instances(7)],
            "/27 has 27 usable addresses and the 20 nodes of cluster 'cpu' (20) and "
            "the 1 node of cluster 'gpu' (1) and the 7 instances (7) need 28; "
            "use /26 or larger",
        ),
        ("jump_box", 29, [instances(3)], None),
        (
            "jump_box",
            29,
            [instances(1), Tenant("the 3 front ends", 3)],
            "/29 has 3 usable addresses and the 1 instance (1) and the 3 front ends "
            "(3) need 4; use /28 or larger",
        ),
        ("gateway", 27, gateways(vpn=True), None),
        ("gateway", 27, gateways(vpn=True, express_route=True, circuits=15), None),
        ("gateway", 26, gateways(vpn=True, express_route=True, circuits=16), None),
        ("gateway", 27, gateways(vpn=True, circuits=16), None),
        (
            "gateway",
            27,
            gateways(express_route=True, circuits=16),
            "/27 is too small for an ExpressRoute gateway with 16 circuits; use /26 or "
            "larger (https://learn.microsoft.com/azure/expressroute/"
            "expressroute-about-virtual-network-gateways#gwsub)",
        ),
        (
            "general",
            28,
            gateways(vpn=True, express_route=True),
            "/28 is too small for a VPN and an ExpressRoute gateway side by side; use "
            "/27 or larger (https://learn.microsoft.com/azure/expressroute/"
            "expressroute-howto-coexist-resource-manager)",
        ),
        (
            "bastion",
            27,
            [],
            "/27 is too small for purpose 'bastion'; use /26 or larger "
            "(https://learn.microsoft.com/azure/bastion/configuration-settings#subnet)",
        ),
        (
            "resolver_inbound",
            23,
            [],
            "/23 is too large for purpose 'resolver_inbound'; use /24 or smaller "
            "(https://learn.microsoft.com/azure/dns/"
            "dns-private-resolver-overview#subnet-restrictions)",
        ),
        (
            "resolver_inbound",
            24,
            [instances(252)],
            "/24 has 251 usable addresses and the 252 instances need 252; no subnet of "
            "this purpose is larger than /24, use several",
        ),
    ],
)
def test_what_lives_there_must_fit(
    purpose: str, length: int, tenants: list[Tenant], expected: str | None
) -> None:
    """C57: the message names needed and usable numbers and the size that would do."""
    found = capacity_findings(purpose, length, tenants, path="subnets.a.size")
    assert [finding.message for finding in found] == ([expected] if expected else [])
    assert all(finding.path == "subnets.a.size" for finding in found)


@given(
    st.sampled_from(sorted(PURPOSES)),
    st.integers(1, 31),
    st.lists(st.integers(0, 3000), max_size=4),
)
def test_the_advised_size_is_the_smallest_that_will_do(
    purpose: str, length: int, needs: list[int]
) -> None:
    """A size that is accepted has room for everything; where a larger one is advised,
    that one is accepted and half of it is not."""
    tenants = [Tenant(f"tenants {index}", need) for index, need in enumerate(needs)]
    found = capacity_findings(purpose, length, tenants)
    if not found:
        assert usable_addresses(IPv4Network((0, length))) >= sum(needs)
        return
    if advised := re.search(r"use /(\d+) or larger", found[0].message):
        enough = int(advised[1])
        assert capacity_findings(purpose, enough, tenants) == []
        assert capacity_findings(purpose, enough + 1, tenants)


def test_an_unknown_purpose_is_told() -> None:
    """A misspelt purpose is no purpose without limits."""
    with pytest.raises(ValueError, match="'trainning' is not a known purpose"):
        capacity_findings("trainning", 25)

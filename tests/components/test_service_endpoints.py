"""Service endpoints: where they can be, and whether anything can use them."""

from collections.abc import Callable
from typing import Any

import pytest

from azureml_network import SecureVnet
from azureml_network._secure_vnet.plan import plan_network
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.service_endpoints import STORAGE, TAGS_BY_SERVICE, lets_out
from azureml_rulebook.service_tags import published_tags, tag_prefixes
from azureml_rulebook.subnets import PURPOSES

ACCOUNT = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
    "/providers/Microsoft.Storage/storageAccounts/own"
)
VAULT, REGISTRY = "Microsoft.KeyVault", "Microsoft.ContainerRegistry"
TAKE_NONE = {
    "bastion",
    "gateway",
    "firewall_management",
    "resolver_inbound",
    "resolver_outbound",
}


@pytest.fixture(name="closed")
def closed_services(network_args: Callable[..., Any]) -> Callable[..., list[str]]:
    """The warnings of a network with these subnets about endpoints without a rule."""

    def run(subnets: dict[str, Any], **changes: Any) -> list[str]:
        plan = plan_network("net", network_args(subnets=subnets, **changes))
        return [line for line in plan.warnings if "lets nothing out to " in line]

    return run


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_subnets_of_azures_own_services_have_none(
    network_args: Callable[..., Any], purpose: str
) -> None:
    """But for the firewall's, whose endpoints are for what it passes on."""
    subnet = {"purpose": purpose, "service_endpoints": [STORAGE]}
    findings = SecureVnet.check("net", network_args(subnets={"a": subnet}))
    about = [str(item) for item in findings if "service_endpoints" in item.path]
    if purpose in TAKE_NONE:
        assert len(about) == 1
        assert about[0].startswith(
            f"subnets.a.service_endpoints: purpose '{purpose}' takes none"
        )
    else:
        assert about == []


def test_no_policy_on_the_firewalls_subnet(network_args: Callable[..., Any]) -> None:
    """Azure's own services do not take one; endpoints of other services stay."""
    firewall = {"purpose": "firewall", "service_endpoints": [STORAGE, VAULT]}
    general = {"purpose": "general", "service_endpoints": [STORAGE]}
    args = network_args(
        subnets={"a": firewall, "b": general},
        egress="firewall",
        service_endpoint_policy_storage_ids=[ACCOUNT],
    )
    found = [str(finding) for finding in SecureVnet.check("net", args)]
    assert len(found) == 1
    assert found[0].startswith(
        "subnets.a.service_endpoints: Microsoft.Storage gets a policy from "
        "service_endpoint_policy_storage_ids, which purpose 'firewall' (Azure Firewall "
        "and nothing else) does not take; leave out one of the two"
    )
    firewall["service_endpoints"] = [VAULT]
    assert SecureVnet.check("net", args) == ()


def test_the_firewalls_own_endpoints_do_not_pass_it_by(
    network_args: Callable[..., Any],
) -> None:
    """What it passes on is under its rules; what a subnet sends by itself is not."""
    subnets = {
        "a": {"purpose": "firewall", "service_endpoints": [STORAGE]},
        "b": {"purpose": "training", "service_endpoints": [STORAGE]},
    }
    plan = plan_network("net", network_args(subnets=subnets, egress="firewall"))
    about = [line for line in plan.warnings if "service_endpoints" in line]
    assert {line.partition(":")[0] for line in about} == {"subnets.b.service_endpoints"}


@pytest.mark.parametrize(
    ("purpose", "services", "unused"),
    [
        ("general", [STORAGE, VAULT], [STORAGE, VAULT]),
        ("training", [STORAGE, VAULT, REGISTRY], [VAULT, REGISTRY]),
        ("endpoints", [STORAGE], [STORAGE]),
    ],
)
def test_an_endpoint_that_no_rule_opens_is_named(
    closed: Callable[..., list[str]],
    purpose: str,
    services: list[str],
    unused: list[str],
) -> None:
    """With the rule that is missing: private endpoints are all that the group opens."""
    subnet = {"purpose": purpose, "service_endpoints": services}
    assert closed({"a": subnet}) == [
        f"subnets.a.service_endpoints: the security group lets nothing out to {service}"
        f", so that this endpoint opens nothing; add a rule from 'subnet:a' to "
        f"'tag:{TAGS_BY_SERVICE[service]}', or leave {service} out"
        for service in unused
    ]


def test_the_rule_that_is_named_is_all_that_is_missing(
    closed: Callable[..., list[str]],
) -> None:
    """As is the rule for a service without private endpoint, and a regional one."""
    subnet = {"purpose": "general", "service_endpoints": [STORAGE, VAULT]}
    rules = {
        tag: {
            "sources": ["subnet:a"],
            "destinations": [f"tag:{tag}"],
            "ports": ["443"],
            "reason": "by service endpoint",
        }
        for tag in ("Storage.WestEurope", "AzureKeyVault")
    }
    assert closed({"a": subnet}, rules=rules) == []
    training = {"purpose": "training", "service_endpoints": [VAULT]}
    assert closed({"a": training}, private_endpoint_groups=["blob"]) == []


def test_behind_a_firewall_all_services_are_let_out(
    closed: Callable[..., list[str]],
) -> None:
    """The firewall decides, and the group lets out to the Internet."""
    subnets = {
        "a": {"purpose": "training", "service_endpoints": [VAULT]},
        "b": {"purpose": "firewall", "service_endpoints": [VAULT]},
    }
    assert closed(subnets, egress="firewall") == []


def rule(destination: str, **more: Any) -> SecurityRule:
    """An outbound rule."""
    values: dict[str, Any] = {
        "name": "a",
        "priority": 1000,
        "direction": Direction.OUTBOUND,
        "destinations": (destination,),
        "description": "",
        **more,
    }
    return SecurityRule(**values)


@pytest.mark.parametrize("service", sorted(TAGS_BY_SERVICE))
def test_each_service_has_a_tag_with_addresses(service: str) -> None:
    """Its tag is published; a range of its addresses, and what holds them, reach it."""
    tag = TAGS_BY_SERVICE[service]
    assert published_tags("public").find(tag) is not None
    reached = [tag, f"{tag}.WestEurope", "AzureCloud", "Internet", "*"]
    reached += [str(prefix) for prefix in (tag_prefixes(tag) or ())[:3]]
    assert all(lets_out([rule(place)], service, "public") for place in reached)
    others = [rule("10.0.0.0/8"), rule("AzureMonitor"), rule("fd00::/8")]
    others += [rule(tag, access=Access.DENY), rule(tag, direction=Direction.INBOUND)]
    assert not lets_out(others, service, "public")

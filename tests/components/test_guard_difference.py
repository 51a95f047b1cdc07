"""Guards that let more or less through than before, also while others hold."""

from collections.abc import Mapping
from typing import Any

import pytest

from azureml_reachability.changed_guards import Change, ChangedGuard
from azureml_reachability.guard_difference import plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of
from tests.components import small_networks as small
from tests.components.changing_networks import changed, hub_and_spoke, setting
from tests.components.small_networks import UNKNOWN, Plain, rule


def guards(before: list[Plain], after: list[Plain]) -> tuple[ChangedGuard, ...]:
    """The guards that changed."""
    return plan_difference(guarded_plan_of(before), guarded_plan_of(after)).guards


def told(before: list[Plain], after: list[Plain]) -> set[tuple[str, str]]:
    """The guards that changed: what is opened or closed, and its name."""
    return {(each.change.value, each.guard) for each in guards(before, after)}


EXPECTED: Mapping[str, set[tuple[str, str]]] = {
    "rule widened": {("opens", "security-group:work-nsg")},
    "outbound widened": {("opens", "security-group:work-nsg")},
    "rule unknown": {("opens", "security-group:desk-nsg")},
    "rule of a machine": {("opens", "security-group:machine-nsg")},
    "group taken off": {("opens", "security-group:desk-nsg")},
    "group of the machine": {("opens", "security-group:machine-nsg")},
    "policies off": {("opens", "subnet:hub/pe")},
    "policies on routes": {("closes", "subnet:hub/pe")},
    "table taken off": {
        ("opens", "route-table:work-rt"),
        # Azure drops what goes to private ranges elsewhere, unless a default route
        # takes it.
        ("closes", "route-table:work-rt"),
    },
    "next hop": {("opens", "route-table:work-rt")},
    "route dropped": {("closes", "route-table:work-rt")},
    "propagation off": {
        ("closes", "route-table:work-rt"),
        ("opens", "route-table:work-rt"),  # the firewall gets what the site had
    },
    "nat gateway": {("opens", "subnet:hub/desk")},
    "default outbound": {("opens", "subnet:hub/work")},
    "service endpoint": {("opens", "subnet:hub/work")},
    "access closed": {("closes", "peering:spoke/spoke-to-hub")},
    "forwarding closed": {("closes", "peering:spoke/spoke-to-hub")},
    "gateway lent": {
        ("opens", "peering:hub/hub-to-spoke"),
        ("opens", "peering:spoke/spoke-to-hub"),
    },
    "public space": {("opens", "network:hub")},
    "clients": {("opens", "gateway:vgw")},
    "site": {("opens", "gateway:vgw")},
    "announced": {("opens", "gateway:vgw")},
    "firewall rule": {("opens", "firewall:afw")},
    "firewall sources": {("opens", "firewall:afw")},
    "firewall denies": {("closes", "firewall:afw")},
    "host": {("opens", "firewall:afw")},
    "translation": {("opens", "firewall:afw"), ("closes", "firewall:afw")},
    "public machine": {("opens", "machine:open")},
    "endpoint's address": set(),
    "firewall gone": {("closes", "firewall:afw")},
    "gateway gone": {("closes", "gateway:vgw")},
    "peering gone": {("closes", "peering:spoke/spoke-to-hub")},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_guard_is_named(name: str) -> None:
    """Each kind of change, by the guard that it is about and no other."""
    assert told(hub_and_spoke(), changed(name)) == EXPECTED[name]


@pytest.mark.parametrize(
    "name", [name for name in EXPECTED if name not in ("rule unknown",)]
)
def test_taken_back_it_is_the_other_way_round(name: str) -> None:
    """What opens one way closes the other."""
    other = {"opens": "closes", "closes": "opens"}
    back = told(changed(name), hub_and_spoke())
    # A packet that goes another way passes another guard, whichever way it was.
    routes = ("table taken off", "next hop", "propagation off")
    if name not in routes:
        assert back == {(other[change], guard) for change, guard in EXPECTED[name]}
    else:
        assert {guard for _, guard in back} == {guard for _, guard in EXPECTED[name]}


def sentences(before: list[Plain], after: list[Plain]) -> list[str]:
    """What is told, in words."""
    return [f"{each.guard} {each.sentence}" for each in guards(before, after)]


MORE: list[Plain] = [
    small.resource(
        "VirtualNetworkGateway",
        "ergw",
        {
            "virtualNetworkGatewayName": "ergw",
            "gatewayType": "ExpressRoute",
            "allowRemoteVnetTraffic": False,
            "ipConfigurations": [{"name": "one", "subnet": {"id": UNKNOWN}}],
        },
        ipConfigurations=small.urn("Subnet", "GatewaySubnet"),
    ),
    small.resource(
        "ServiceEndpointPolicy",
        "sep",
        {
            "serviceEndpointPolicyName": "sep",
            "serviceEndpointPolicyDefinitions": [
                {"name": "own", "serviceResources": ["/subscriptions/s/one"]}
            ],
        },
    ),
    small.resource(
        "Subnet",
        "data",
        {
            "subnetName": "data",
            "virtualNetworkName": "hub",
            "addressPrefix": "10.0.5.0/24",
            "serviceEndpoints": [{"service": "Microsoft.Storage"}],
            "serviceEndpointPolicies": [{"id": UNKNOWN}],
        },
        serviceEndpointPolicies=small.urn("ServiceEndpointPolicy", "sep"),
    ),
    small.interface("nic", "desk", "10.0.1.20"),
]
SWITCHES = (
    ("ergw", "allowRemoteVnetTraffic", True, "gateway:ergw lets other networks use"),
    ("ergw", "allowVirtualWanTraffic", True, "gateway:ergw lets virtual WANs use"),
    (
        "sep",
        "serviceEndpointPolicyDefinitions.0.serviceResources",
        ["/subscriptions/s/one", "/subscriptions/s/Two"],
        "subnet:hub/data leads through service endpoints to /subscriptions/s/two",
    ),
    (
        "data",
        "serviceEndpointPolicies",
        None,
        "subnet:hub/data leads through service endpoints to every account",
    ),
    (
        "hub",
        "dhcpOptions",
        {"dnsServers": ["203.0.113.53"]},
        "network:hub asks DNS servers 203.0.113.53 in place of Azure's own",
    ),
    (
        "nic",
        "dnsSettings",
        {"dnsServers": ["203.0.113.53"]},
        "machine:nic asks DNS servers 203.0.113.53 in place of Azure's own",
    ),
    (
        "afw-policy",
        "dnsSettings",
        {"servers": ["203.0.113.53"]},
        "firewall:afw asks DNS servers 203.0.113.53 in place of Azure's own",
    ),
    (
        "data",
        "privateLinkServiceNetworkPolicies",
        "Disabled",
        "subnet:hub/data lets services that are published in it pass its security",
    ),
    ("nic", "enableIPForwarding", True, "machine:nic passes on packets of others"),
)


@pytest.mark.parametrize(("name", "path", "value", "text"), SWITCHES)
def test_switches_are_told(name: str, path: str, value: Any, text: str) -> None:
    """What decides by a switch or a list, and about no packet of its own."""
    before = [*hub_and_spoke(), *MORE]
    plan = {entry["name"]: dict(entry) for entry in [*hub_and_spoke(), *MORE]}
    plan[name] = {**plan[name], "inputs": _copy(plan[name]["inputs"])}
    setting(name, path, value)(plan)
    assert any(each.startswith(text) for each in sentences(before, list(plan.values())))


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def with_hosts(*rules: Plain) -> list[Plain]:
    """A firewall with some rules."""
    return [
        small.network("hub", "10.0.0.0/16"),
        small.subnet("AzureFirewallSubnet", "10.0.9.0/24"),
        *small.firewall("afw", "AzureFirewallSubnet", *rules),
    ]


def named_rule(host: str) -> Plain:
    """A network rule that names a host."""
    made = small.network_rule(["?"], ["443"])
    del made["destinationAddresses"]
    return {**made, "name": "named", "destinationFqdns": [host]}


HOSTED = "a.example.com"
HOST = small.host_rule(HOSTED)


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        ((small.host_rule("*.example.com"),), (HOST,), ["*.example.com"]),
        ((small.host_rule("*.example.com"),), (small.host_rule("*.EXAMPLE.com"),), []),
        (
            (small.host_rule("*.example.com"),),
            (small.host_rule("*.example.com"), HOST),
            [],
        ),
        ((HOST, small.host_rule("b.org")), (small.host_rule("b.org"), HOST), []),
        ((small.host_rule("b.org", HOSTED),), (HOST, small.host_rule("b.org")), []),
        ((HOST,), ({**HOST, "sourceAddresses": ["10.0.0.0/8"]},), ["a.example.com"]),
        (
            (HOST,),
            ({**HOST, "protocols": [{"protocolType": "Http", "port": 80}]},),
            ["a.example.com", "a.example.com"],
        ),
        (
            (HOST,),
            ({**HOST, "protocols": [{"protocolType": "Http", "port": 443}]},),
            ["http://a.example.com", "https://a.example.com"],
        ),
        (
            (named_rule("a.example.com"),),
            (named_rule("other.example"),),
            ["other.example", "a.example.com"],
        ),
    ],
)
def test_hosts_are_compared_by_sources_and_ports(
    before: tuple[Plain, ...], after: tuple[Plain, ...], texts: list[str]
) -> None:
    """However the rules are written; a pattern means all of its hosts."""
    found = sentences(with_hosts(*before), with_hosts(*after))
    assert len(found) == len(texts)
    assert all(text in each for text, each in zip(texts, found, strict=True))


def test_a_firewall_reads_its_rules_in_order() -> None:
    """A deny that comes after what it denies changes nothing, one before it does."""

    def collections(*order: tuple[int, str, Plain]) -> list[Plain]:
        plan = with_hosts()
        plan[3]["inputs"]["ruleCollections"] = [
            {"priority": number, "action": {"type": action}, "rules": [each]}
            for number, action, each in order
        ]
        return plan

    allow = small.network_rule(["10.1.0.0/16"], ["443"])
    deny = small.network_rule(["10.1.2.0/24"], ["443"])
    plain = collections((200, "Allow", allow))
    assert told(plain, collections((200, "Allow", allow), (300, "Deny", deny))) == set()
    assert told(plain, collections((100, "Deny", deny), (200, "Allow", allow))) == {
        ("closes", "firewall:afw")
    }


def test_groups_are_compared_by_members_of_application_groups() -> None:
    """A rule that names another one is for other machines; its name tells which."""

    def plan(name: str) -> list[Plain]:
        one = rule(100, port="22", sourceApplicationSecurityGroups=[{"id": UNKNOWN}])
        del one["sourceAddressPrefix"]
        made = small.group("nsg", one, rule(4000, "Deny", protocol="*"))
        made["propertyDependencies"] = {
            "securityRules": [small.urn("ApplicationSecurityGroup", name)]
        }
        return [
            small.network("hub", "10.0.0.0/16"),
            *(
                small.resource(
                    "ApplicationSecurityGroup",
                    each,
                    {"applicationSecurityGroupName": each},
                )
                for each in ("web", "data")
            ),
            made,
            small.subnet("work", "10.0.0.0/24", group="nsg"),
        ]

    found = guards(plan("web"), plan("data"))
    assert [(each.change, "from data" in each.what) for each in found] == [
        (Change.OPENED, True),
        (Change.CLOSED, False),
    ]
    assert "from web" in found[1].what
    assert guards(plan("web"), plan("web")) == ()

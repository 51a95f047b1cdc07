"""Ways out of a SecureVnet: what each one makes, and what is refused."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network import SecureVnet
from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    Egress,
    SecureVnetArgs,
)
from azureml_network._secure_vnet.egress import EgressPlan, plan_egress
from azureml_network._secure_vnet.egress_inputs import EgressRequest, read_egress
from azureml_rulebook.clouds import CLOUDS, PUBLIC
from azureml_rulebook.subnets import subnet_purpose

TODAY = date(2027, 1, 10)
GROUPS = ("amlworkspace", "blob", "file", "vault", "registry", "azuremonitor")
PURPOSES = {
    "training": "training",
    "jump": "jump_box",
    "endpoints": "endpoints",
    "wall": "firewall",
    "wall-management": "firewall_management",
    "gateway": "gateway",
    "nva": "general",
}
PREFIXES = {
    name: IPv4Network(f"10.0.{index}.0/24") for index, name in enumerate(PURPOSES)
}
SPACE = [IPv4Network("10.0.0.0/16")]
PEERS = [IPv4Network("10.9.0.0/16")]
WALL = "10.0.3.4"
"""The first address of the firewall's subnet that Azure hands out."""
HOST = {"host": "packages.example.com", "owner": "ml-team", "expires": "2027-06-30"}
FIREWALL_SUBNETS = {
    "training": {"purpose": "training", "prefix": "10.20.0.0/25"},
    "jump": {"purpose": "jump_box", "prefix": "10.20.0.128/28"},
    "endpoints": {"purpose": "endpoints", "prefix": "10.20.0.160/27"},
    "gateway": {"purpose": "gateway", "prefix": "10.20.0.192/27"},
    "wall": {"purpose": "firewall", "prefix": "10.20.1.0/26"},
    "wall-management": {"purpose": "firewall_management", "prefix": "10.20.1.64/26"},
    "nva": {"purpose": "general", "prefix": "10.20.1.128/28"},
}
TO_WALL = {
    "name": "everything-else",
    "addressPrefix": "0.0.0.0/0",
    "nextHopType": "VirtualAppliance",
    "nextHopIpAddress": "10.20.1.4",
}


def asked(
    args: Mapping[str, Any],
    *,
    purposes: Mapping[str, str] = PURPOSES,
    mode: ComputeMode = ComputeMode.NO_PUBLIC_IP,
    cloud_name: str = PUBLIC,
    region: str = "westeurope",
    name: str = "net",
    existing: tuple[str, ...] = (),
) -> tuple[EgressRequest, list[str]]:
    """Read a way out; returns the request and all findings as text."""
    reader = InputReader(args, SecureVnetArgs)
    request = read_egress(
        reader,
        Place(cloud_name=cloud_name, region=region),
        {key: subnet_purpose(word) for key, word in purposes.items()},
        mode,
        GROUPS,
        name=name,
        today=TODAY,
        existing=existing,
    )
    return request, [str(finding) for finding in reader.findings]


def prefixes_of(request: EgressRequest) -> dict[str, IPv4Network]:
    """The ranges of the subnets that the request is about."""
    return {name: PREFIXES[name] for name in request.subnets}


def planned(args: Mapping[str, Any], **changes: Any) -> EgressPlan:
    """Plan a way out that has no faults."""
    request, findings = asked(args, **changes)
    assert findings == []
    return plan_egress(request, prefixes_of(request), SPACE, peers=PEERS)


def faults(args: Mapping[str, Any], **changes: Any) -> list[str]:
    """Everything that is wrong, before or after addresses are known."""
    request, findings = asked(args, **changes)
    if findings:
        return findings
    with pytest.raises(InputError) as raised:
        plan_egress(request, prefixes_of(request), SPACE, peers=PEERS)
    return [str(finding) for finding in raised.value.findings]


def firewall(**changes: Any) -> dict[str, Any]:
    """Inputs with a firewall, with ``changes`` of its spec."""
    return {"egress": "firewall", "firewall": changes}


def hosts(**changes: Any) -> dict[str, Any]:
    """Inputs with one allowed host, with ``changes`` of it."""
    return firewall(allowed_hosts={"packages": {**HOST, **changes}})


BAD_INPUTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown way out": (
        {"egress": "nat"},
        "egress",
        "known: 'firewall', 'load_balancer'",
    ),
    "several zones": (
        {"egress_zone": "1,2"},
        "egress_zone",
        "a NAT gateway is in one zone at most",
    ),
    "zone of something else": (
        {**firewall(), "egress_zone": "1"},
        "egress_zone",
        "needs a NAT gateway, and egress is 'firewall'; leave it out; set firewall",
    ),
    "no next hop": (
        {"egress": "virtual_appliance"},
        "next_hop_address",
        "is required with egress 'virtual_appliance'",
    ),
    "next hop that is no address": (
        {"egress": "virtual_appliance", "next_hop_address": "appliance"},
        "next_hop_address",
        "'appliance' is not an IPv4 address",
    ),
    "next hop without an appliance": (
        {"next_hop_address": "10.0.9.4"},
        "next_hop_address",
        "needs egress 'virtual_appliance', and egress is 'nat_gateway'",
    ),
    "public next hop": (
        {"egress": "virtual_appliance", "next_hop_address": "203.0.113.9"},
        "next_hop_address",
        "'203.0.113.9' is public",
    ),
    "next hop behind itself": (
        {"egress": "virtual_appliance", "next_hop_address": "10.0.1.9"},
        "next_hop_address",
        "'10.0.1.9' is in subnets.jump (10.0.1.0/24), whose own traffic",
    ),
    "next hop that Azure keeps": (
        {"egress": "virtual_appliance", "next_hop_address": "10.0.6.3"},
        "next_hop_address",
        "'10.0.6.3' is kept by Azure in subnets.nva (10.0.6.0/24); the first "
        "address that a machine can have is '10.0.6.4'",
    ),
    "next hop at the end of a subnet": (
        {"egress": "virtual_appliance", "next_hop_address": "10.0.6.255"},
        "next_hop_address",
        "'10.0.6.255' is kept by Azure in subnets.nva (10.0.6.0/24)",
    ),
    "next hop among private endpoints": (
        {"egress": "virtual_appliance", "next_hop_address": "10.0.2.4"},
        "next_hop_address",
        "'10.0.2.4' is in subnets.endpoints (10.0.2.0/24), where no appliance can be",
    ),
    "next hop in no subnet": (
        {"egress": "virtual_appliance", "next_hop_address": "10.0.99.4"},
        "next_hop_address",
        "'10.0.99.4' is in no subnet of this network and in no range of peerings",
    ),
    "next hop in no network": (
        {"egress": "virtual_appliance", "next_hop_address": "10.99.0.4"},
        "next_hop_address",
        "'10.99.0.4' is in no subnet of this network and in no range of peerings",
    ),
    "next hop that Azure keeps in a peered network": (
        {"egress": "virtual_appliance", "next_hop_address": "10.9.0.1"},
        "next_hop_address",
        "'10.9.0.1' is kept by Azure in any subnet of the peer's range 10.9.0.0/16",
    ),
    "firewall without egress": (
        {"firewall": {}},
        "firewall",
        "needs egress 'firewall', and egress is 'nat_gateway'",
    ),
    "all packages behind a firewall": (
        {**firewall(), "allow_public_packages": True},
        "allow_public_packages",
        "opens every address",
    ),
    "firewall that is no object": (
        {"egress": "firewall", "firewall": "Standard"},
        "firewall",
        "'Standard' is not an object",
    ),
    "unknown tier": (
        firewall(tier="standrad"),
        "firewall.tier",
        "did you mean 'Standard'?",
    ),
    "deny on Basic": (
        firewall(tier="Basic", threat_intelligence="Deny"),
        "firewall.threat_intelligence",
        "'Deny' is not in tier Basic; use 'Off' or 'Alert'",
    ),
    "proxy on Basic": (
        firewall(tier="Basic", dns_proxy=True),
        "firewall.dns_proxy",
        "tier Basic answers no DNS queries",
    ),
    "servers on Basic": (
        firewall(tier="Basic", dns_servers=["10.0.9.4"]),
        "firewall.dns_servers",
        "tier Basic always asks Azure's own DNS",
    ),
    "detection on Standard": (
        firewall(intrusion_detection="Alert"),
        "firewall.intrusion_detection",
        "'Alert' needs tier Premium",
    ),
    "no zone": (
        firewall(zones=["1", "4"]),
        "firewall.zones[1]",
        "'4' is not a zone; use '1', '2' or '3'",
    ),
    "zone twice": (
        firewall(zones=["1", "1"]),
        "firewall.zones[1]",
        "'1' is given twice",
    ),
    "server that is no address": (
        firewall(dns_servers=["resolver"]),
        "firewall.dns_servers[0]",
        "'resolver' is not an IPv4 address",
    ),
    "too many servers": (
        firewall(dns_servers=[f"10.9.0.{number}" for number in range(4, 20)]),
        "firewall.dns_servers",
        "are 16; a firewall takes at most 15, leave out 1",
    ),
    "firewall that asks itself": (
        firewall(dns_servers=["10.0.9.4", WALL]),
        "firewall.dns_servers[1]",
        f"'{WALL}' is in 10.0.3.0/24, where only the firewall itself answers",
    ),
    "machines that ask a firewall without proxy": (
        {**firewall(dns_proxy=False), "dns_servers": [WALL]},
        "dns_servers[0]",
        f"'{WALL}' is the firewall, which answers no queries",
    ),
    "machines that ask beside the firewall": (
        {**firewall(), "dns_servers": ["10.0.3.5"]},
        "dns_servers[0]",
        f"'10.0.3.5' is in the firewall's subnet 10.0.3.0/24, and the firewall answers "
        f"at '{WALL}'",
    ),
    "host without owner": (
        hosts(owner=" "),
        "firewall.allowed_hosts.packages.owner",
        "is blank",
    ),
    "host without last day": (
        firewall(allowed_hosts={"packages": {"host": "a.example", "owner": "ml"}}),
        "firewall.allowed_hosts.packages.expires",
        "is required and not set",
    ),
    "host with a day of another form": (
        hosts(expires="20270630"),
        "firewall.allowed_hosts.packages.expires",
        "'20270630' is not a day; write it as '2027-03-31'",
    ),
    "host with a day that is none": (
        hosts(expires="2027-02-30"),
        "firewall.allowed_hosts.packages.expires",
        "'2027-02-30' is not a day",
    ),
    "host that expired": (
        hosts(expires="2027-01-09"),
        "firewall.allowed_hosts.packages.expires",
        "'2027-01-09' is over",
    ),
    "host that is an address": (
        hosts(host="203.0.113.9"),
        "firewall.allowed_hosts.packages.host",
        "'203.0.113.9' is an address and no name",
    ),
    "host that is everything": (
        hosts(host="*"),
        "firewall.allowed_hosts.packages.host",
        "'*' would open the whole Internet",
    ),
    "host on another port": (
        hosts(ports=[443, 22]),
        "firewall.allowed_hosts.packages.ports[1]",
        "22 is not allowed",
    ),
    "host with an unknown input": (
        hosts(port=443),
        "firewall.allowed_hosts.packages.port",
        "did you mean 'ports'?",
    ),
    "name that no rule can have": (
        firewall(allowed_hosts={"-packages": HOST}),
        "firewall.allowed_hosts.-packages",
        "the firewall rule name '-packages' must be",
    ),
    "host twice": (
        firewall(
            allowed_hosts={"a": HOST, "b": {**HOST, "host": "PACKAGES.example.com"}}
        ),
        "firewall.allowed_hosts.b.host",
        "'packages.example.com' is allowed by 'a' already",
    ),
    "host below another": (
        firewall(allowed_hosts={"a": {**HOST, "host": "*.example.com"}, "b": HOST}),
        "firewall.allowed_hosts.b.host",
        "'packages.example.com' is allowed by 'a' already ('*.example.com')",
    ),
    "host that is open anyhow": (
        hosts(host="ml.azure.com"),
        "firewall.allowed_hosts.packages.host",
        "'ml.azure.com' is allowed anyhow (the studio's pages)",
    ),
    "name too long for a firewall": (
        firewall(),
        "name",
        "the azure firewall name",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_inputs(case: str) -> None:
    """Each fault is the only finding, at the path of its input, with what to change."""
    args, path, message = BAD_INPUTS[case]
    name = "n" * 46 if case == "name too long for a firewall" else "net"
    (fault,) = faults(args, name=name)
    assert fault.startswith(f"{path}: "), fault
    assert message in fault


def test_missing_subnets() -> None:
    """A firewall needs its subnet, and Basic the management subnet as well."""
    only = {"training": "training"}
    (standard,) = faults(firewall(), purposes=only)
    assert standard.startswith("subnets: has no subnet with purpose 'firewall'")
    basic = faults(firewall(tier="Basic"), purposes=only)
    assert [fault.split("'")[1] for fault in basic] == [
        "firewall",
        "firewall_management",
    ]


def test_all_faults_are_told_together() -> None:
    """One run finds everything that is wrong with way out and firewall."""
    found = faults(
        {
            "egress": "firewall",
            "egress_zone": "1",
            "next_hop_address": "10.0.9.4",
            "firewall": {
                "tier": "Basic",
                "threat_intelligence": "Deny",
                "zones": ["0"],
                "allowed_hosts": {"a": {"host": "*", "expires": "soon"}},
            },
        },
        purposes={"training": "training"},
    )
    assert sorted(fault.split(":")[0] for fault in found) == [
        "egress_zone",
        "firewall.allowed_hosts.a.expires",
        "firewall.allowed_hosts.a.host",
        "firewall.allowed_hosts.a.owner",
        "firewall.threat_intelligence",
        "firewall.zones[0]",
        "next_hop_address",
        "subnets",
        "subnets",
    ]


def test_the_last_day_counts() -> None:
    """A host is allowed on its last day, told from 30 days before, and quiet earlier;
    the day is the caller's, not the clock's."""
    (last,) = planned(hosts(expires=str(TODAY))).warnings
    assert last.startswith(
        "firewall.allowed_hosts.packages: 'packages.example.com' is allowed until "
        "2027-01-10, in 0 days; ml-team renews it"
    )
    soon = planned(hosts(expires=str(TODAY + timedelta(days=30)))).warnings
    assert "in 30 days" in soon[0]
    assert planned(hosts(expires=str(TODAY + timedelta(days=31)))).warnings == ()


WARNINGS: dict[tuple[str, ComputeMode], list[str]] = {
    ("nat_gateway", ComputeMode.NO_PUBLIC_IP): [],
    ("load_balancer", ComputeMode.NO_PUBLIC_IP): ["subnets.training: egress is 'load"],
    ("load_balancer", ComputeMode.PUBLIC_IP): [],
    ("load_balancer", ComputeMode.MANAGED_NETWORK): [],
    ("firewall", ComputeMode.NO_PUBLIC_IP): [],
    ("none", ComputeMode.NO_PUBLIC_IP): [
        "subnets.jump: egress is 'none'",
        "subnets.training: egress is 'none'",
    ],
    ("none", ComputeMode.PUBLIC_IP): ["subnets.jump: egress is 'none'"],
}


@pytest.mark.parametrize(("kind", "mode"), WARNINGS)
def test_who_has_no_way_out(kind: str, mode: ComputeMode) -> None:
    """Machines that reach no public service are named, since nobody else will: C17."""
    found = planned({"egress": kind}, mode=mode).warnings
    expected = WARNINGS[kind, mode]
    assert len(found) == len(expected)
    for warning, start in zip(found, expected, strict=True):
        assert warning.startswith(start)


def test_subnets_that_exist_already_are_left_alone() -> None:
    """They get neither gateway nor table here, and their owner is told."""
    nat = planned({}, existing=("training",))
    assert nat.nat_subnets == {"jump"}
    assert nat.warnings[0].startswith("subnets.training: exists already")
    wall = planned(firewall(), existing=("training",))
    assert set(wall.routes) == {"jump"}
    assert f"its routes do not lead to the firewall ({WALL})" in wall.warnings[0]
    assert wall.firewall is not None
    senders = {s for g in wall.firewall.rule_groups for r in g.rules for s in r.sources}
    assert senders == {"10.0.0.0/24", "10.0.1.0/24"}


UPSTREAM: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "nothing said": (firewall(), ()),
    "the network's": ({**firewall(), "dns_servers": ["10.0.9.4"]}, ("10.0.9.4",)),
    "its own": (
        {**firewall(dns_servers=["10.0.8.4"]), "dns_servers": ["10.0.9.4"]},
        ("10.0.8.4",),
    ),
    "machines ask the firewall": ({**firewall(), "dns_servers": [WALL]}, ()),
    "machines ask the firewall, it asks a resolver": (
        {**firewall(dns_servers=["10.0.9.4"]), "dns_servers": [WALL]},
        ("10.0.9.4",),
    ),
    "Basic asks Azure": ({**firewall(tier="Basic"), "dns_servers": ["10.0.9.4"]}, ()),
}


@pytest.mark.parametrize("case", UPSTREAM)
def test_whom_the_firewall_asks(case: str) -> None:
    """Names are asked along one chain: firewall and machines ask the same server, or
    machines ask the firewall."""
    args, servers = UPSTREAM[case]
    plan = planned(args)
    assert plan.firewall is not None
    assert plan.firewall.dns_servers == servers
    assert plan.firewall.dns_proxy is (case != "Basic asks Azure")


@pytest.mark.parametrize(
    ("tier", "threats", "detection"),
    [
        ("Basic", "Alert", "Off"),
        ("Standard", "Deny", "Off"),
        ("Premium", "Deny", "Deny"),
    ],
)
def test_the_strictest_is_the_default(tier: str, threats: str, detection: str) -> None:
    """Left out, each option is the strictest that the tier has."""
    plan = planned(firewall(tier=tier)).firewall
    assert plan is not None
    assert (plan.threat_intelligence, plan.intrusion_detection) == (threats, detection)


@pytest.mark.parametrize(
    "key", ["on_premises_address_space", "vpn_client_address_space"]
)
def test_ways_back_on_premises(key: str) -> None:
    """With ranges behind a gateway, subnets go on learning routes, since answers must
    go back through it; without, nothing that is learnt may compete."""
    shut = {name: word for name, word in PURPOSES.items() if word != "gateway"}
    assert planned(firewall(), purposes=shut).learn_routes is False
    args = {**firewall(), key: ["10.200.0.0/16"]}
    assert planned(args, purposes=shut).learn_routes is True


@pytest.mark.parametrize("kind", ["firewall", "virtual_appliance"])
def test_ways_back_through_a_gateway(
    record: Any, network_args: Callable[..., Any], kind: str
) -> None:
    """With a gateway of its own or of a peer, subnets learn its routes, also where
    nobody names the ranges behind it."""
    hop = {"next_hop_address": "10.20.1.132"} if kind == "virtual_appliance" else {}
    shut = {key: item for key, item in FIREWALL_SUBNETS.items() if key != "gateway"}
    hub = {
        "network_id": "/subscriptions/22222222-2222-4222-8222-222222222222"
        "/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub",
        "address_space": ["10.9.0.0/16"],
    }
    for changes, learns in (
        ({}, True),
        ({"subnets": shut}, False),
        ({"subnets": shut, "peerings": {"hub": hub}}, False),
        (
            {
                "subnets": shut,
                "peerings": {"hub": {**hub, "use_remote_gateways": True}},
            },
            True,
        ),
    ):
        found = make(record, network_args, egress=kind, **hop, **changes)
        table = found.inputs("net-training-rt")
        assert table["disableBgpRoutePropagation"] is not learns


def test_the_owner_of_an_existing_network_may_have_peers() -> None:
    """A next hop outside of an existing network's own ranges is left to its owner."""
    network_id = (
        "/subscriptions/22222222-2222-4222-8222-222222222222"
        "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke"
    )
    args = {"egress": "virtual_appliance", "existing_network_id": network_id}
    plan = planned({**args, "next_hop_address": "10.99.0.4"})
    assert plan.routes["training"][0].address == "10.99.0.4"
    (fault,) = faults({**args, "next_hop_address": "10.0.99.4"})
    assert "is in no subnet of this network" in fault


@given(
    kind=st.sampled_from(list(Egress)),
    mode=st.sampled_from(list(ComputeMode)),
    cloud_name=st.sampled_from(sorted(CLOUDS)),
    names=st.sets(st.sampled_from(sorted(PURPOSES))),
    existing=st.sets(st.sampled_from(sorted(PURPOSES))),
)
def test_every_network_has_at_most_one_way_out(
    kind: Egress,
    mode: ComputeMode,
    cloud_name: str,
    names: set[str],
    existing: set[str],
) -> None:
    """For any choice and any subnets: machines' subnets that are made here get exactly
    the way out that was chosen, no other subnet gets any, and the gateway's never has
    a route to everything."""
    purposes = {n: PURPOSES[n] for n in names | {"wall"}}
    regions = {"public": "westeurope", "china": "chinanorth3"}
    args: dict[str, Any] = {"egress": str(kind)}
    if kind is Egress.VIRTUAL_APPLIANCE:
        args["next_hop_address"] = "10.9.0.4"
    plan = planned(
        args,
        purposes=purposes,
        mode=mode,
        cloud_name=cloud_name,
        region=regions.get(cloud_name, "usgovvirginia"),
        existing=tuple(sorted(existing)),
    )
    machines = {n for n in purposes if subnet_purpose(PURPOSES[n]).egress} - existing
    if mode is ComputeMode.MANAGED_NETWORK:
        machines -= {"training"}
    by_route = kind in (Egress.FIREWALL, Egress.VIRTUAL_APPLIANCE)
    assert set(plan.routes) == (machines if by_route else set())
    assert plan.nat_subnets == (machines if kind is Egress.NAT_GATEWAY else set())
    assert (plan.load_balancer is not None) == (kind is Egress.LOAD_BALANCER)
    assert (plan.firewall is not None) == (kind is Egress.FIREWALL) == plan.opens_hosts
    hop = {"firewall": WALL, "virtual_appliance": "10.9.0.4"}.get(str(kind))
    for routes in plan.routes.values():
        assert [r.address for r in routes if r.destination == "0.0.0.0/0"] == [hop]


def make(record: Any, network_args: Callable[..., Any], **changes: Any) -> Any:
    """Register a SecureVnet called ``net`` with subnets for every way out."""
    args = network_args(**{"subnets": FIREWALL_SUBNETS, **changes})
    return record(lambda: SecureVnet("net", args))


MADE: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "nat_gateway": ({}, {"PublicIPAddress": 1, "NatGateway": 1}),
    "load_balancer": ({}, {"PublicIPAddress": 1, "LoadBalancer": 1}),
    "firewall": (
        {},
        {
            "PublicIPAddress": 2,
            "RouteTable": 2,
            "AzureFirewall": 1,
            "FirewallPolicy": 1,
            "FirewallPolicyRuleCollectionGroup": 2,
        },
    ),
    "virtual_appliance": ({"next_hop_address": "10.20.1.132"}, {"RouteTable": 2}),
    "none": ({}, {}),
}
WAYS_OUT = {kind for _, kinds in MADE.values() for kind in kinds}


@pytest.mark.parametrize("kind", MADE)
def test_what_each_choice_makes(
    record: Any, network_args: Callable[..., Any], kind: str
) -> None:
    """Counted: each way out makes its own parts and nothing of another one; default
    outbound access is off on every subnet in any case."""
    more, counts = MADE[kind]
    found = make(record, network_args, egress=kind, **more)
    kinds = found.kinds()
    assert {k: n for k, n in kinds.items() if k in WAYS_OUT} == counts
    for subnet in found.of_type("Subnet").values():
        assert subnet.inputs["defaultOutboundAccess"] is False
        machines = subnet.name in ("net-training", "net-jump")
        assert ("natGateway" in subnet.inputs) == (machines and kind == "nat_gateway")
        assert ("routeTable" in subnet.inputs) == (machines and "RouteTable" in counts)


def test_nat_gateway(record: Any, network_args: Callable[..., Any]) -> None:
    """In a zone, which is in the names: another zone makes others beside them."""
    found = make(record, network_args, egress_zone="2")
    address = found.resources["net-egress-pip"]
    assert address.inputs == {
        "publicIpAddressName": "net-egress-pip-zone-2",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "publicIPAllocationMethod": "Static",
        "publicIPAddressVersion": "IPv4",
        "zones": ["2"],
    }
    gateway = found.resources["net-egress-ng"]
    assert gateway.inputs == {
        "natGatewayName": "net-egress-ng-zone-2",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "publicIpAddresses": [{"id": "/fake/net-egress-pip"}],
        "idleTimeoutInMinutes": 4,
        "zones": ["2"],
    }
    assert address.deletes_first is False
    assert gateway.deletes_first is False


def test_load_balancer(record: Any, network_args: Callable[..., Any]) -> None:
    """It lets out only: no rule for traffic from outside, ports shared out for all
    machines that can join, and connections that are cut are told so."""
    found = make(record, network_args, egress="load_balancer")
    assert found.inputs("net-egress-lb") == {
        "loadBalancerName": "net-egress-lb",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "frontendIPConfigurations": [
            {"name": "outbound", "publicIPAddress": {"id": "/fake/net-egress-lb-pip"}}
        ],
        "backendAddressPools": [{"name": "outbound"}],
        "outboundRules": [
            {
                "name": "outbound",
                "protocol": "All",
                "frontendIPConfigurations": [
                    {"id": "$self/frontendIPConfigurations/outbound"}
                ],
                "backendAddressPool": {"id": "$self/backendAddressPools/outbound"},
                "allocatedOutboundPorts": 1024,
                "idleTimeoutInMinutes": 4,
                "enableTcpReset": True,
            }
        ],
    }
    outputs = found.outputs["net"]
    assert (
        outputs["outboundPoolId"] == "/fake/net-egress-lb/backendAddressPools/outbound"
    )
    assert outputs["egressAddress"] == "203.0.113.7"


def test_routes_to_an_appliance(record: Any, network_args: Callable[..., Any]) -> None:
    """Compute with public addresses also has a route past the appliance."""
    found = make(
        record,
        network_args,
        egress="virtual_appliance",
        next_hop_address="10.20.1.132",
        compute_mode="public_ip",
    )
    default = {**TO_WALL, "nextHopIpAddress": "10.20.1.132"}
    assert found.inputs("net-training-rt") == {
        "routeTableName": "net-training-rt",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "disableBgpRoutePropagation": False,
        "routes": [
            default,
            {
                "name": "machine-learning",
                "addressPrefix": "AzureMachineLearning",
                "nextHopType": "Internet",
            },
        ],
    }
    assert found.inputs("net-jump-rt")["routes"] == [default]


@pytest.fixture(scope="module")
def walled(record: Any, network_args: Callable[..., Any]) -> Any:
    """A network behind a Premium firewall in all zones that answers for names."""
    return make(
        record,
        network_args,
        egress="firewall",
        on_premises_address_space=["10.200.0.0/16"],
        dns_servers=["10.20.1.4"],
        tags={"environment": "test"},
        firewall={
            "tier": "Premium",
            "zones": ["3", "1", "2"],
            "dns_servers": ["10.20.0.190"],
            "allowed_hosts": {
                "packages": {
                    "host": "*.Packages.example.com",
                    "ports": [443, 80],
                    "owner": "ml-team",
                    "expires": "2999-12-31",
                    "reason": "image builds",
                }
            },
        },
    )


def test_firewall(walled: Any) -> None:
    """The firewall itself: every input."""
    assert walled.inputs("net-egress-afw") == {
        "azureFirewallName": "net-egress-afw-zones-1-2-3",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"name": "AZFW_VNet", "tier": "Premium"},
        "firewallPolicy": {"id": "/fake/net-egress-afwp"},
        "ipConfigurations": [
            {
                "name": "data",
                "publicIPAddress": {"id": "/fake/net-egress-afw-pip"},
                "subnet": {"id": "/fake/net-wall"},
            }
        ],
        "managementIpConfiguration": {
            "name": "management",
            "publicIPAddress": {"id": "/fake/net-egress-afw-management-pip"},
            "subnet": {"id": "/fake/net-wall-management"},
        },
        "zones": ["1", "2", "3"],
        "tags": {"environment": "test"},
    }
    for name in ("net-egress-afw-pip", "net-egress-afw-management-pip"):
        address = walled.inputs(name)
        assert address["publicIpAddressName"] == f"{name}-zones-1-2-3"
        assert address["zones"] == ["1", "2", "3"]
        assert address["sku"] == {"name": "Standard"}
        assert address["publicIPAllocationMethod"] == "Static"


def test_firewall_policy(walled: Any) -> None:
    """The strictest modes that Premium has, and the chain of names."""
    assert walled.inputs("net-egress-afwp") == {
        "firewallPolicyName": "net-egress-afwp-premium",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "sku": {"tier": "Premium"},
        "threatIntelMode": "Deny",
        "dnsSettings": {"enableProxy": True, "servers": ["10.20.0.190"]},
        "intrusionDetection": {"mode": "Deny"},
        "tags": {"environment": "test"},
    }


def test_firewall_rules(walled: Any) -> None:
    """Groups with fixed priorities, and rules as Azure spells them: owner and last day
    of an allowed host are in its description."""
    groups = walled.of_type("FirewallPolicyRuleCollectionGroup")
    assert {
        name: (group.inputs["ruleCollectionGroupName"], group.inputs["priority"])
        for name, group in groups.items()
    } == {
        "net-egress-required-tags": ("required-tags", 1000),
        "net-egress-required-hosts": ("required-hosts", 2000),
        "net-egress-allowed-hosts": ("allowed-hosts", 3000),
    }
    machines = ["10.20.0.0/25", "10.20.0.128/28"]
    assert walled.inputs("net-egress-allowed-hosts")["ruleCollections"] == [
        {
            "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
            "name": "allowed-hosts",
            "priority": 100,
            "action": {"type": "Allow"},
            "rules": [
                {
                    "ruleType": "ApplicationRule",
                    "name": "packages",
                    "description": "image builds; owner: ml-team; until 2999-12-31",
                    "protocols": [
                        {"protocolType": "Http", "port": 80},
                        {"protocolType": "Https", "port": 443},
                    ],
                    "sourceAddresses": machines,
                    "targetFqdns": ["*.packages.example.com"],
                }
            ],
        }
    ]
    (tags,) = walled.inputs("net-egress-required-tags")["ruleCollections"]
    assert tags["rules"][0] == {
        "ruleType": "NetworkRule",
        "name": "AllowEntraIdOutbound",
        "description": "signing in with Microsoft Entra ID",
        "ipProtocols": ["TCP"],
        "sourceAddresses": machines,
        "destinationAddresses": ["AzureActiveDirectory"],
        "destinationPorts": ["80", "443"],
    }


def test_order_of_the_firewall(walled: Any) -> None:
    """Policy, groups and firewall one after another; the firewall after all subnets,
    and whoever takes a machine's subnet id after the firewall."""
    chain = ["required-tags", "required-hosts", "allowed-hosts"]
    waits = [walled.resources[f"net-egress-{name}"].depends_on for name in chain]
    assert waits == [
        {"net-egress-afwp"},
        {"net-egress-required-tags"},
        {"net-egress-required-hosts"},
    ]
    before = walled.waits_for("net-egress-afw")
    assert before >= {f"net-{name}" for name in FIREWALL_SUBNETS}
    assert "net-egress-allowed-hosts" in before
    assert walled.resources["net-egress-afw"].deletes_first is True
    assert walled.resources["net-egress-afw-pip"].deletes_first is False


def test_routes_to_the_firewall(walled: Any) -> None:
    """Machines' tables lead to the planned address, plain, and go on learning the way
    back on-premises; no table on any other subnet."""
    assert set(walled.of_type("RouteTable")) == {"net-training-rt", "net-jump-rt"}
    for name in ("net-training", "net-jump"):
        assert walled.inputs(name)["routeTable"] == {"id": f"/fake/{name}-rt"}
        table = walled.inputs(f"{name}-rt")
        assert table["routes"] == [TO_WALL]
        assert table["disableBgpRoutePropagation"] is False
    assert walled.outputs["net"]["firewallPrivateAddress"] == "10.20.1.4"


def test_groups_open_for_the_firewall(walled: Any) -> None:
    """Security groups of machines let HTTP and TLS out, since the firewall decides by
    host; those of others do not."""
    for name, group in walled.of_type("NetworkSecurityGroup").items():
        opened = [
            rule["destinationPortRanges"]
            for rule in group.inputs["securityRules"]
            if rule.get("destinationAddressPrefix") == "Internet"
            and rule["access"] == "Allow"
        ]
        machines = name in ("net-training-nsg", "net-jump-nsg")
        assert opened == ([["80", "443"]] if machines else []), name


def test_callers_rules_pass_the_firewall(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """What a caller opens to a service tag is in the group and on the firewall."""
    found = make(
        record,
        network_args,
        egress="firewall",
        rules={
            "sql": {
                "sources": ["subnet:training"],
                "destinations": ["tag:Sql.WestEurope"],
                "ports": ["1433"],
                "reason": "training data",
            }
        },
    )
    (collection,) = found.inputs("net-egress-callers-rules")["ruleCollections"]
    (rule,) = collection["rules"]
    assert rule["destinationAddresses"] == ["Sql.WestEurope"]
    assert rule["sourceAddresses"] == ["10.20.0.0/25"]
    assert rule["destinationPorts"] == ["1433"]


@pytest.mark.parametrize("tier", ["Basic", "Standard", "Premium"])
def test_names_that_say_what_cannot_change(
    record: Any, network_args: Callable[..., Any], tier: str
) -> None:
    """Each tier has a policy of its own, which is made before the old one goes; Basic
    cannot become another tier, so its firewall is another one."""
    found = make(record, network_args, egress="firewall", firewall={"tier": tier})
    policy = found.resources["net-egress-afwp"]
    assert policy.inputs["firewallPolicyName"] == f"net-egress-afwp-{tier.lower()}"
    assert policy.deletes_first is False
    tags = found.resources["net-egress-required-tags"]
    assert tags.inputs["firewallPolicyName"] == policy.inputs["firewallPolicyName"]
    assert tags.deletes_first is False
    name = found.inputs("net-egress-afw")["azureFirewallName"]
    assert name == ("net-egress-afw-basic" if tier == "Basic" else "net-egress-afw")


def test_the_firewall_is_beside_its_network(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """In a network that exists in another resource group, all of the firewall is made
    there, as Azure demands; route tables are not bound to it."""
    network = (
        "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/hub"
        "/providers/Microsoft.Network/virtualNetworks/old"
    )
    found = make(record, network_args, egress="firewall", existing_network_id=network)
    for name in ("net-egress-afw", "net-egress-afwp", "net-egress-afw-pip"):
        assert found.inputs(name)["resourceGroupName"] == "hub", name
    assert found.inputs("net-egress-required-tags")["resourceGroupName"] == "hub"
    assert found.inputs("net-training-rt")["resourceGroupName"] == "rg"


def test_public_ranges_keep_their_senders(
    record: Any, network_args: Callable[..., Any]
) -> None:
    """A network on public ranges is named to the firewall, which would hide who sends
    to it otherwise."""
    found = make(
        record,
        network_args,
        egress="firewall",
        address_space=["10.20.0.0/22", "198.18.0.0/24"],
        allow_public_address_space=True,
    )
    ranges = found.inputs("net-egress-afwp")["snat"]["privateRanges"]
    assert ranges == ["IANAPrivateRanges", "198.18.0.0/24"]


class _OtherAddress(pulumi.runtime.Mocks):
    """Azure gives the firewall another address than the first of its subnet."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if args.typ == "azure-native:network:AzureFirewall":
            (only,) = state["ipConfigurations"]
            state["ipConfigurations"] = [{**only, "privateIPAddress": "10.20.1.7"}]
        return f"/fake/{args.name}", {"name": args.name, **state}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {}


def test_another_address_stops_the_deployment(
    network_args: Callable[..., Any],
) -> None:
    """Routes that lead nowhere are not left unsaid."""
    pulumi.runtime.set_mocks(_OtherAddress(), preview=False)
    args = network_args(subnets=FIREWALL_SUBNETS, egress="firewall")

    @pulumi.runtime.test
    def run() -> None:
        SecureVnet("net", args)

    with pytest.raises(pulumi.RunError, match=r"gave it the address 10\.20\.1\.7"):
        run()

"""Sites that are reached by tunnels: what is planned of them, and what is refused."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import closing
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import (
    ConnectionMode,
    HybridGatewayArgs,
    NatDirection,
    NatKind,
)
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.nat_translation import (
    translated,
    translated_address,
)
from azureml_network._hybrid_gateway.sites import SitePlan, peer_ranges, read_sites
from azureml_network._hybrid_gateway.vpn import BgpPlan, VpnPlan
from azureml_network._inputs import InputReader
from azureml_rulebook.sites import shared_key_fault

NETWORK = (("network_address_space[0]", IPv4Network("10.40.0.0/20")),)
KEY = "correct+horse+battery"
STATIC = {"public_address": "198.51.100.1", "address_space": ["10.200.0.0/16"]}
BGP = {
    "public_address": "198.51.100.1",
    "bgp": {"as_number": 65010, "peer_address": "10.200.255.1"},
}


def bgp(
    *addresses: str, second: tuple[str, ...] = (), as_number: int = 65515
) -> BgpPlan:
    """The gateway's own side."""
    return BgpPlan(
        as_number=as_number,
        apipa_addresses=tuple(map(IPv4Address, addresses)),
        second_apipa_addresses=tuple(map(IPv4Address, second)),
    )


def nat_rule(
    internal: str,
    external: str,
    direction: NatDirection = NatDirection.INGRESS,
    kind: NatKind = NatKind.STATIC,
) -> NatRulePlan:
    """A rule that translates one range to the other."""
    return NatRulePlan(
        azure_name=f"{direction}-{external.replace('/', '-')}",
        direction=direction,
        kind=kind,
        internal_range=IPv4Network(internal),
        external_range=IPv4Network(external),
        instance=None,
    )


def gateway(**changes: Any) -> VpnPlan:
    """A gateway that speaks BGP, with ``changes``."""
    values: dict[str, Any] = {
        "azure_name": "net-vgw",
        "size": "VpnGw2AZ",
        "generation": 2,
        "active_active": False,
        "zones": ("1", "2", "3"),
        "bgp": bgp(),
        "custom_routes": (),
        "nat_rules": {},
        "maintenance": None,
        **changes,
    }
    return VpnPlan(**values)


def read(
    sites: Mapping[str, Mapping[str, Any]], vpn: VpnPlan | None = None
) -> tuple[dict[str, SitePlan], list[str]]:
    """Read sites, each with a key unless it has one; gives plans and findings."""
    inputs = {
        name: {"shared_key": pulumi.Output.secret(KEY), **site}
        if isinstance(site, Mapping)
        else site
        for name, site in sites.items()
    }
    reader = InputReader({"sites": inputs}, HybridGatewayArgs)
    plans = read_sites(reader, "net", vpn or gateway(), NETWORK)
    return plans, [str(finding) for finding in dict.fromkeys(reader.findings)]


def read_one(vpn: VpnPlan | None = None, **site: Any) -> tuple[SitePlan, list[str]]:
    """Read one site called hq."""
    plans, findings = read({"hq": site}, vpn)
    return plans["hq"], findings


def in_a_loop(awaited: Coroutine[Any, Any, Any]) -> Any:
    """Wait in a loop of its own; the one that other tests run programs in stays."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(awaited)


def test_without_sites_nothing_is_planned():
    """Left out or none."""
    for inputs in ({}, {"sites": None}):
        reader = InputReader(inputs, HybridGatewayArgs)
        assert read_sites(reader, "net", None, NETWORK) == {}
        assert reader.findings == []


def test_sites_need_a_gateway():
    """Which is told once, whatever they are."""
    reader = InputReader({"sites": {"hq": STATIC, "lab": {}}}, HybridGatewayArgs)
    assert read_sites(reader, "net", None, NETWORK) == {}
    assert [str(each) for each in reader.findings] == [
        "sites: needs a VPN gateway; give vpn too"
    ]


def test_a_site_with_static_ranges_and_defaults():
    """The strongest suite, either side begins, 45 seconds."""
    plan, findings = read_one(**STATIC)
    assert findings == []
    assert plan.public_address == IPv4Address("198.51.100.1")
    assert plan.host_name is None
    ranges = (("sites.hq.address_space[0]", IPv4Network("10.200.0.0/16")),)
    assert plan.address_space == plan.seen_ranges == ranges
    assert plan.shown_ranges == NETWORK
    assert plan.bgp is None
    assert plan.traffic_selectors == ()
    assert plan.dead_peer_timeout_seconds == 45
    assert plan.connection_mode is ConnectionMode.DEFAULT
    assert plan.ipsec_policy.ike_encryption == "GCMAES256"
    assert plan.ingress_nat_rules == plan.egress_nat_rules == ()


def test_a_site_with_bgp_needs_no_ranges():
    """It tells them; a host name will do for its device."""
    plan, findings = read_one(host_name="vpn.example.com", bgp=BGP["bgp"])
    assert findings == []
    assert plan.host_name == "vpn.example.com"
    assert plan.public_address is None
    assert plan.address_space == ()
    assert plan.bgp is not None
    assert plan.bgp.as_number == 65010
    assert plan.bgp.peer_address == IPv4Address("10.200.255.1")
    assert plan.bgp.gateway_addresses == ()


def test_sites_are_in_order_of_their_words():
    """So that the order in which they are written says nothing."""
    lab = {"public_address": "198.51.100.2", "address_space": ["10.201.0.0/16"]}
    one, _ = read({"hq": STATIC, "lab": lab})
    other, _ = read({"lab": lab, "hq": STATIC})
    assert list(one) == list(other) == ["hq", "lab"]


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"public_address": None}, "", "give public_address, or host_name"),
        ({"public_address": " "}, "", "give public_address, or host_name"),
        ({"host_name": "vpn.example.com"}, ".host_name", "leave one of them out"),
        ({"public_address": "10.1.1.1"}, ".public_address", "is not public"),
        ({"public_address": "100.64.1.1"}, ".public_address", "is not public"),
        ({"public_address": "224.0.0.5"}, ".public_address", "is not public"),
        ({"public_address": "127.0.0.1"}, ".public_address", "is not public"),
        ({"public_address": "169.254.1.1"}, ".public_address", "is not public"),
        ({"public_address": "0.0.0.0"}, ".public_address", "is not public"),
        ({"public_address": "198.18.0.1"}, ".public_address", "is not public"),
        ({"public_address": "168.63.129.16"}, ".public_address", "is not public"),
        ({"public_address": "2001:db8::1"}, ".public_address", "not an IPv4 address"),
        ({"public_address": "198.51.100.0/24"}, ".public_address", "not an IPv4"),
        ({"public_address": "vpn.example.com"}, ".public_address", "not an IPv4"),
        ({"public_address": 1}, ".public_address", "1 is not text"),
        ({"address_space": None}, ".address_space", "is required without bgp"),
        ({"address_space": []}, ".address_space", "is required without bgp"),
        ({"address_space": ["10.200.0.1/16"]}, ".address_space[0]", "host bits"),
        ({"address_space": ["0.0.0.0/0"]}, ".address_space[0]", "overlaps"),
        ({"address_space": ["169.254.9.0/24"]}, ".address_space[0]", "link-local"),
        (
            {"address_space": ["10.200.0.0/16", "10.200.1.0/24"]},
            ".address_space[0]",
            "overlaps '10.200.1.0/24' of sites.hq.address_space[1]",
        ),
        ({"dead_peer_timeout_seconds": 8}, ".dead_peer_timeout_seconds", "9 to 3600"),
        ({"dead_peer_timeout_seconds": 3601}, ".dead_peer_timeout_seconds", "9 to"),
        ({"connection_mode": "Responder"}, ".connection_mode", "'ResponderOnly'"),
        ({"address": "1.2.3.4"}, ".address", "is not a known input"),
        ({"routing_weight": 10}, ".routing_weight", "is not a known input"),
        ({"ingress_nat_rules": ["x"]}, ".ingress_nat_rules[0]", "there are none"),
    ],
)
def test_what_is_wrong_with_one_site(changes: dict[str, Any], path: str, said: str):
    """Each fault has its path, and what to write."""
    _, [finding] = read_one(**{**STATIC, **changes})
    assert finding.startswith(f"sites.hq{path}: ")
    assert said in finding


@pytest.mark.parametrize("host_name", ["vpn", "*.example.com", "198.51.100.1", "a/b.c"])
def test_what_no_host_name_is(host_name: str):
    """One name, with a dot."""
    _, [finding] = read_one(host_name=host_name, address_space=["10.200.0.0/16"])
    assert finding.startswith("sites.hq.host_name: ")
    assert "write a name like 'vpn.example.com'" in finding


@pytest.mark.parametrize("seconds", [9, 30, 3600])
def test_dead_peers_at_the_limits(seconds: int):
    """Both ends are allowed."""
    plan, findings = read_one(**STATIC, dead_peer_timeout_seconds=float(seconds))
    assert findings == []
    assert plan.dead_peer_timeout_seconds == seconds


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("head.office", "cannot name a site"),
        ("-hq", "cannot name a site"),
        ("h q", "cannot name a site"),
        ("Zürich", "cannot name a site"),
        ("h" * 90, "shorten it by"),
    ],
)
def test_what_names_no_site(name: str, said: str):
    """Files, tunnels and resources are called after it."""
    _, findings = read({name: STATIC})
    assert findings
    assert all(finding.startswith(f"sites.{name}: ") for finding in findings)
    assert said in findings[0]


def test_names_that_differ_in_case_only():
    """Azure takes them for one."""
    lab = {"public_address": "198.51.100.2", "address_space": ["10.201.0.0/16"]}
    _, [finding] = read({"hq": STATIC, "HQ": lab})
    assert finding.startswith("sites.hq: ")
    assert "differs from that of sites.HQ in case only" in finding


# BGP


def test_the_gateway_has_to_speak_bgp_too():
    """A site cannot tell its routes to one that does not listen."""
    _, [finding] = read_one(gateway(bgp=None), **BGP)
    assert finding == (
        "sites.hq.bgp: needs BGP of the gateway too; give vpn.bgp, such as {}"
    )


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"as_number": None}, ".as_number", "is required"),
        ({"as_number": 65515}, ".as_number", "is kept by Azure"),
        ({"as_number": 12076}, ".as_number", "is kept by Azure"),
        ({"as_number": 23456}, ".as_number", "is kept by IANA"),
        ({"as_number": 65001}, ".as_number", "is vpn.bgp.as_number too"),
        ({"as_number": "65010"}, ".as_number", "is not a whole number"),
        ({"peer_address": None}, ".peer_address", "is required"),
        ({"peer_address": "10.40.3.4"}, ".peer_address", "the network itself"),
        ({"peer_address": "198.51.100.1"}, ".peer_address", "loopback interface"),
        ({"peer_address": "224.0.0.5"}, ".peer_address", "no address of a device"),
        ({"peer_address": "10.200.0.0/16"}, ".peer_address", "not an IPv4 address"),
        ({"gateway_addresses": ["169.254.21.1"]}, ".gateway_addresses", "no effect"),
        ({"gateway_addresses": ["x"]}, ".gateway_addresses[0]", "not an IPv4 address"),
        ({"peer": "x"}, ".peer", "is not a known input"),
    ],
)
def test_what_is_wrong_with_bgp(changes: dict[str, Any], path: str, said: str):
    """Each fault has its path, and what to write."""
    site = {**BGP, "bgp": {**BGP["bgp"], **changes}}
    _, [finding] = read_one(gateway(bgp=bgp(as_number=65001)), **site)
    assert finding.startswith(f"sites.hq.bgp{path}: ")
    assert said in finding


def test_the_speaker_has_no_route_of_its_own():
    """Azure adds it by itself."""
    _, [finding] = read_one(**BGP, address_space=["10.200.255.1/32"])
    assert finding.startswith("sites.hq.address_space[0]: '10.200.255.1/32' ")
    assert "leave it out" in finding


APIPA = bgp("169.254.21.1", "169.254.21.5", second=("169.254.22.1",))


@pytest.mark.parametrize(
    ("active_active", "chosen"),
    [
        (False, ["169.254.21.1"]),
        (False, ["169.254.21.5"]),
        (True, ["169.254.21.5", "169.254.22.1"]),
    ],
)
def test_addresses_of_one_link(active_active: bool, chosen: list[str]):
    """The site says which of the gateway's it talks to, one of each instance."""
    vpn = gateway(active_active=active_active, bgp=APIPA)
    peer = {"peer_address": "169.254.100.2", "gateway_addresses": chosen}
    plan, findings = read_one(vpn, **{**BGP, "bgp": {**BGP["bgp"], **peer}})
    assert findings == []
    assert plan.bgp is not None
    assert plan.bgp.gateway_addresses == tuple(map(IPv4Address, chosen))


@pytest.mark.parametrize(
    ("active_active", "peer", "chosen", "said"),
    [
        (False, "169.254.100.2", None, "must be 1 of the gateway's addresses"),
        (False, "169.254.100.2", ["169.254.22.1"], "must be 1"),
        (False, "169.254.100.2", ["169.254.21.1", "169.254.21.5"], "must be 1"),
        (True, "169.254.100.2", ["169.254.21.1"], "must be 2"),
        (True, "169.254.100.2", ["169.254.22.1", "169.254.21.1"], "must be 2"),
        (True, "169.254.100.2", ["169.254.21.1", "169.254.21.5"], "169.254.22.1"),
        (False, "169.254.21.1", ["169.254.21.1"], "is one of the gateway's own"),
    ],
)
def test_which_addresses_of_one_link_are_refused(
    active_active: bool, peer: str, chosen: list[str] | None, said: str
):
    """Too few, too many, those of the other instance, and the gateway's own."""
    vpn = gateway(active_active=active_active, bgp=APIPA)
    changes = {"peer_address": peer, "gateway_addresses": chosen}
    _, [finding] = read_one(vpn, **{**BGP, "bgp": {**BGP["bgp"], **changes}})
    assert finding.startswith("sites.hq.bgp.gateway_addresses: ")
    assert said in finding


# Several sites


def other(**changes: Any) -> dict[str, Any]:
    """A second site of its own device, ranges and speaker."""
    return {
        "public_address": "198.51.100.2",
        "address_space": ["10.201.0.0/16"],
        **changes,
    }


def test_two_sites_side_by_side():
    """Nothing is the same."""
    assert read({"hq": STATIC, "lab": other()})[1] == []


@pytest.mark.parametrize(
    ("first", "second", "path", "said"),
    [
        (
            STATIC,
            other(public_address="198.51.100.1"),
            "sites.lab.public_address",
            "is sites.hq.public_address too; a device is one site",
        ),
        (
            {**STATIC, "public_address": None, "host_name": "vpn.example.com"},
            other(public_address=None, host_name="VPN.example.com"),
            "sites.lab.host_name",
            "is sites.hq.host_name too",
        ),
        (
            STATIC,
            other(address_space=["10.200.128.0/17"]),
            "sites.lab.address_space[0]",
            "overlaps '10.200.0.0/16' of sites.hq.address_space[0]",
        ),
        (
            BGP,
            other(bgp={"as_number": 65020, "peer_address": "10.200.255.1"}),
            "sites.lab.bgp.peer_address",
            "is sites.hq.bgp.peer_address too",
        ),
        (
            {**BGP, "address_space": ["10.200.0.0/16"]},
            other(
                address_space=["10.200.0.0/16"],
                bgp={"as_number": 65020, "peer_address": "10.201.255.1"},
            ),
            "sites.lab.address_space[0]",
            "overlaps '10.200.0.0/16'",
        ),
        (
            {**STATIC, "address_space": ["10.201.0.0/16"]},
            other(
                address_space=[],
                bgp={"as_number": 65020, "peer_address": "10.201.255.1"},
            ),
            "sites.lab.bgp.peer_address",
            "'10.201.255.1/32' overlaps '10.201.0.0/16' of sites.hq.address_space[0]",
        ),
        (
            BGP,
            other(address_space=["10.200.0.0/16"]),
            "sites.hq.bgp.peer_address",
            "'10.200.255.1/32' overlaps '10.200.0.0/16' of sites.lab.address_space[0]",
        ),
    ],
)
def test_sites_that_cannot_be_told_apart(
    first: dict[str, Any], second: dict[str, Any], path: str, said: str
):
    """By their devices, by their speakers, by their ranges."""
    _, [finding] = read({"hq": first, "lab": second})
    assert finding.startswith(f"{path}: ")
    assert said in finding


def test_two_devices_of_one_site_share_its_ranges():
    """They have one number, and each tells its routes."""
    one = {**BGP, "address_space": ["10.200.0.0/16"]}
    two = {
        **one,
        "public_address": "198.51.100.2",
        "bgp": {"as_number": 65010, "peer_address": "10.200.255.2"},
    }
    assert read({"hq-1": one, "hq-2": two})[1] == []


@pytest.mark.parametrize(
    ("site", "found"),
    [
        (STATIC, ()),
        (BGP, (("sites.hq.bgp.peer_address", IPv4Network("10.200.255.1/32")),)),
        ({**BGP, "address_space": ["10.200.0.0/16"]}, ()),
    ],
)
def test_speakers_outside_of_their_sites_ranges(
    site: dict[str, Any], found: tuple[tuple[str, IPv4Network], ...]
):
    """Each is an address in use of its own."""
    plans, findings = read({"hq": site})
    assert findings == []
    assert peer_ranges(plans) == found


def test_a_speaker_of_one_link_is_nowhere_else():
    """Addresses of 169.254.0.0/16 are no ranges in use."""
    plans, findings = read(
        {
            "hq": {
                **BGP,
                "bgp": {
                    "as_number": 65010,
                    "peer_address": "169.254.100.2",
                    "gateway_addresses": ["169.254.21.1"],
                },
            }
        },
        gateway(bgp=bgp("169.254.21.1")),
    )
    assert findings == []
    assert peer_ranges(plans) == ()


# Translation


INGRESS = nat_rule("10.40.0.0/24", "100.64.2.0/24")
EGRESS = nat_rule("10.40.0.0/20", "100.64.16.0/20", NatDirection.EGRESS)
TRANSLATING = gateway(nat_rules={"site-in": INGRESS, "out": EGRESS})


def test_a_site_with_the_networks_ranges_is_translated_both_ways():
    """It is seen by other ranges, and sees others."""
    plan, findings = read_one(
        TRANSLATING,
        public_address="198.51.100.1",
        address_space=["10.40.0.0/24"],
        ingress_nat_rules=["site-in"],
        egress_nat_rules=["out"],
    )
    assert findings == []
    path = "sites.hq.address_space[0]"
    assert plan.address_space == ((path, IPv4Network("10.40.0.0/24")),)
    assert plan.seen_ranges == ((path, IPv4Network("100.64.2.0/24")),)
    assert plan.shown_ranges == ((NETWORK[0][0], IPv4Network("100.64.16.0/20")),)
    assert plan.ingress_nat_rules == (INGRESS,)
    assert plan.egress_nat_rules == (EGRESS,)


def test_the_site_must_not_see_its_own_ranges_in_the_network():
    """It would keep to itself what is meant for the network."""
    _, [finding] = read_one(
        TRANSLATING,
        public_address="198.51.100.1",
        address_space=["10.40.0.0/24"],
        ingress_nat_rules=["site-in"],
    )
    assert finding.startswith("sites.hq.address_space[0]: '10.40.0.0/24' overlaps ")
    assert "translate that with egress_nat_rules" in finding


def test_two_sites_with_one_range_are_translated():
    """Their translated ranges are compared, and those that are not."""
    rules = {
        "a": nat_rule("10.200.0.0/16", "100.70.0.0/16"),
        "b": nat_rule("10.200.0.0/16", "100.71.0.0/16"),
    }
    first = {**STATIC, "ingress_nat_rules": ["a"]}
    for names, expected in ((["b"], 0), ([], 0), (["a"], 1)):
        second = other(address_space=["10.200.0.0/16"], ingress_nat_rules=names)
        _, findings = read({"hq": first, "lab": second}, gateway(nat_rules=rules))
        assert len(findings) == expected


@pytest.mark.parametrize(
    ("key", "names", "at", "said"),
    [
        ("ingress_nat_rules", ["site_in"], 0, "did you mean 'site-in'?"),
        ("ingress_nat_rules", ["out"], 0, "is a rule of the other direction"),
        ("egress_nat_rules", ["site-in"], 0, "name one that is EgressSnat"),
        ("egress_nat_rules", ["out", "out"], 1, "is named twice"),
        ("egress_nat_rules", [7], 0, "'7' is not in vpn.nat_rules"),
    ],
)
def test_rules_are_named(key: str, names: list[Any], at: int, said: str):
    """Those of the gateway, of the right direction, each once."""
    _, [finding] = read_one(TRANSLATING, **STATIC, **{key: names})
    assert finding.startswith(f"sites.hq.{key}[{at}]: ")
    assert said in finding


@pytest.mark.parametrize(
    ("second", "instances", "refused"),
    [
        ("10.200.0.0/17", (None, None), True),
        ("10.201.0.0/16", (None, None), False),
        ("10.200.0.0/17", ("first", "second"), False),
        ("10.200.0.0/17", ("first", "first"), True),
        ("10.200.0.0/17", ("first", None), True),
    ],
)
def test_an_address_is_translated_by_one_rule(
    second: str, instances: tuple[str | None, str | None], refused: bool
):
    """Of each direction, at each instance."""
    rules = {
        word: replace(nat_rule(internal, external), azure_name=word, instance=instance)
        for word, internal, external, instance in (
            ("a", "10.200.0.0/16", "100.70.0.0/16", instances[0]),
            ("b", second, "100.71.0.0/" + second.partition("/")[2], instances[1]),
        )
    }
    _, findings = read_one(
        gateway(nat_rules=rules), **STATIC, ingress_nat_rules=["a", "b"]
    )
    if refused:
        assert len(findings) == 1
        assert findings[0].startswith(
            "sites.hq.ingress_nat_rules: 'a' and 'b' both translate addresses of "
            f"'{second}'; leave one of them out"
        )
    else:
        assert findings == []


def test_only_a_part_is_translated():
    """The rest of the range stays as it is."""
    ranges = (("x", IPv4Network("10.1.0.0/16")),)
    seen = translated(ranges, [nat_rule("10.1.0.0/17", "100.70.0.0/17")])
    assert {str(each) for _, each in seen} == {"100.70.0.0/17", "10.1.128.0/17"}


networks = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0x0A000000, 0x0AFFFFFF),
    st.integers(12, 30),
)


@given(networks, networks, st.integers(0, 255))
def test_translation_keeps_every_address(
    site: IPv4Network, internal: IPv4Network, block: int
):
    """A static rule gives each address one of its own, and leaves the others alone."""
    external = IPv4Network((0x64000000 + (block << 16), internal.prefixlen), False)
    rule = nat_rule(str(internal), str(external))
    seen = [each for _, each in translated((("x", site),), [rule])]
    assert sum(each.num_addresses for each in seen) == site.num_addresses
    outside = [each for each in seen if each.subnet_of(IPv4Network("10.0.0.0/8"))]
    assert all(each.subnet_of(site) for each in outside)
    assert not any(each.overlaps(internal) for each in outside)
    inside = [each for each in seen if each not in outside]
    assert all(each.subnet_of(external) for each in inside)


def test_a_dynamic_rule_hides_behind_its_whole_range():
    """Which address stands for which is not known before."""
    rule = nat_rule("10.1.0.0/16", "100.70.0.0/26", kind=NatKind.DYNAMIC)
    seen = translated((("x", IPv4Network("10.1.4.0/24")),), [rule])
    assert seen == (("x", IPv4Network("100.70.0.0/26")),)


@pytest.mark.parametrize(
    ("address", "kind", "expected"),
    [
        ("10.1.3.4", NatKind.STATIC, "100.70.3.4"),
        ("10.1.3.4", NatKind.DYNAMIC, None),
        ("10.2.3.4", NatKind.STATIC, "10.2.3.4"),
        ("10.2.3.4", NatKind.DYNAMIC, "10.2.3.4"),
    ],
)
def test_one_address_is_translated(address: str, kind: NatKind, expected: str | None):
    """Such as the gateway's own in a BGP session."""
    rule = nat_rule("10.1.0.0/16", "100.70.0.0/16", kind=kind)
    found = translated_address(IPv4Address(address), [rule])
    assert found == (expected and IPv4Address(expected))


@pytest.mark.parametrize(
    ("peer", "kind", "advice"),
    [
        ("10.200.255.1", NatKind.STATIC, "give '100.70.255.1' therefore"),
        ("10.200.255.1", NatKind.DYNAMIC, "one that no Dynamic rule translates"),
        ("100.70.255.1", NatKind.STATIC, None),
        ("10.201.0.1", NatKind.STATIC, None),
    ],
)
def test_azure_is_told_the_speakers_address_after_translation(
    peer: str, kind: NatKind, advice: str | None
):
    """It never sees the other one."""
    external = "100.70.0.0/26" if kind is NatKind.DYNAMIC else "100.70.0.0/16"
    rules = {"in": nat_rule("10.200.0.0/16", external, kind=kind)}
    site = {**BGP, "bgp": {**BGP["bgp"], "peer_address": peer}}
    _, findings = read_one(gateway(nat_rules=rules), **site, ingress_nat_rules=["in"])
    assert len(findings) == (advice is not None)
    if advice is not None:
        assert findings[0].startswith("sites.hq.bgp.peer_address: ")
        assert advice in findings[0]


# Traffic selectors


SELECTOR = {"local_ranges": ["10.40.0.0/20"], "remote_ranges": ["10.200.0.0/16"]}


def test_traffic_selectors():
    """Each with the ranges of both sides."""
    plan, findings = read_one(**STATIC, traffic_selectors=[SELECTOR])
    assert findings == []
    [selector] = plan.traffic_selectors
    assert selector.local_ranges == (IPv4Network("10.40.0.0/20"),)
    assert selector.remote_ranges == (IPv4Network("10.200.0.0/16"),)


@pytest.mark.parametrize(
    ("selector", "path", "said"),
    [
        ({**SELECTOR, "local_ranges": []}, "[0].local_ranges", "is an empty list"),
        ({"local_ranges": ["10.40.0.0/20"]}, "[0].remote_ranges", "is required"),
        ({**SELECTOR, "remote_ranges": ["x"]}, "[0].remote_ranges[0]", "not an add"),
        ({**SELECTOR, "ports": "any"}, "[0].ports", "is not a known input"),
        ("10.0.0.0/8", "[0]", "is not an object with local_ranges, remote_ranges"),
    ],
)
def test_what_is_wrong_with_a_selector(selector: Any, path: str, said: str):
    """Each fault has its path."""
    _, [finding] = read_one(**STATIC, traffic_selectors=[selector])
    assert finding.startswith(f"sites.hq.traffic_selectors{path}: ")
    assert said in finding


def test_selectors_and_translation_exclude_each_other():
    """Azure translates tunnels that carry any to any."""
    _, [finding] = read_one(
        TRANSLATING, **STATIC, traffic_selectors=[SELECTOR], egress_nat_rules=["out"]
    )
    assert finding.startswith("sites.hq.traffic_selectors: do not go with")


def test_selectors_carry_the_routes_too():
    """Else the session never comes up."""
    narrow = {**SELECTOR, "remote_ranges": ["10.200.0.0/24"]}
    _, [finding] = read_one(**BGP, traffic_selectors=[narrow])
    assert finding.startswith("sites.hq.traffic_selectors: carry nothing to ")
    assert "'10.200.255.1'" in finding
    assert read_one(**BGP, traffic_selectors=[narrow, SELECTOR])[1] == []


# The shared key


@pytest.mark.parametrize("key", [KEY, 1234567890123456, {"a": KEY}, [KEY]])
def test_a_plain_key_is_refused_and_never_shown(key: Any):
    """C103: the state would keep it readable; the message says how to make it one."""
    _, [finding] = read_one(**STATIC, shared_key=key)
    assert finding.startswith("sites.hq.shared_key: is plain text, ")
    assert "pulumi config set --secret" in finding
    assert "Output.secret" in finding
    assert KEY not in finding
    assert "1234567890123456" not in finding


@pytest.mark.parametrize("key", [None, "", " "])
def test_a_key_is_needed(key: str | None):
    """The message says how to give it."""
    _, [finding] = read_one(**STATIC, shared_key=key)
    assert finding.startswith("sites.hq.shared_key: is required and not set; set it")


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_key_that_is_known_later_becomes_a_secret(wrapped: bool):
    """Whether or not it was one."""

    async def check() -> tuple[Any, bool]:
        make = pulumi.Output.secret if wrapped else pulumi.Output.from_input
        plan, findings = read_one(**STATIC, shared_key=make(KEY))
        assert findings == []
        return await plan.shared_key.future(), await plan.shared_key.is_secret()

    assert in_a_loop(check()) == (KEY, True)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("short", "has 5 characters; use 16 to 128"),
        ("x" * 129, "has 129 characters"),
        ("with a space inside", "characters that Azure refuses"),
        ("with-hyphens-inside", "characters that Azure refuses"),
        ("with~tildes~inside~", "characters that Azure refuses"),
        ("with\nlines\nof\ntext\n", "characters that Azure refuses"),
        ("größer-als-sechzehn", "characters that Azure refuses"),
    ],
)
def test_a_key_of_the_wrong_form_ends_the_deployment(key: str, said: str):
    """With its path, and without its value."""

    async def check() -> Any:
        plan, findings = read_one(**STATIC, shared_key=pulumi.Output.secret(key))
        assert findings == []
        return await plan.shared_key.future()

    with pytest.raises(pulumi.RunError, match=said) as caught:
        in_a_loop(check())
    assert str(caught.value).startswith("sites.hq.shared_key: ")
    assert key not in str(caught.value)


@given(st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=140))
def test_which_keys_are_taken(key: str):
    """16 to 128 of the printable ones, without space, hyphen and tilde."""
    allowed = set(map(chr, range(0x21, 0x7F))) - set("-~")
    expected = 16 <= len(key) <= 128 and set(key) <= allowed
    assert (shared_key_fault(key) == "") == expected


def test_every_printable_character_has_a_verdict():
    """One by one, in a key that is long enough."""
    refused = {
        chr(code)
        for code in range(0x20, 0x7F)
        if shared_key_fault("A" * 16 + chr(code))
    }
    assert refused == {" ", "-", "~"}

"""The VPN gateway: over all sizes, what is planned and what is refused.

What each size can do is written down once more, from
https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus.
"""

from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.vpn import VpnPlan, read_vpn
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.vpn_gateways import (
    SIZES,
    addresses_needed,
    default_generation,
    tunnel_findings,
)

# size: generations, tunnels, clients, NAT rules
FACTS: dict[str, tuple[tuple[int, ...], int, int, bool]] = {
    "VpnGw1AZ": ((1,), 30, 250, False),
    "VpnGw2AZ": ((1, 2), 30, 500, True),
    "VpnGw3AZ": ((1, 2), 30, 1000, True),
    "VpnGw4AZ": ((2,), 100, 5000, True),
    "VpnGw5AZ": ((2,), 100, 10000, True),
}
RULE = {
    "direction": "IngressSnat",
    "internal_range": "10.20.0.0/24",
    "external_range": "100.64.1.0/24",
}
DYNAMIC = {**RULE, "kind": "Dynamic", "external_range": "100.64.1.0/28"}


def read(region: str = "westeurope", **vpn: Any) -> tuple[VpnPlan, list[str]]:
    """Read a gateway; returns its plan, and every finding as a line."""
    reader = InputReader({"vpn": vpn}, HybridGatewayArgs)
    plan = read_vpn(reader, "net", Place(cloud_name="public", region=region))
    assert plan is not None
    return plan, [str(finding) for finding in reader.findings]


def only(lines: list[str]) -> str:
    """The one line that there is."""
    (line,) = lines
    return line


def test_the_sizes_are_those_that_can_be_made() -> None:
    """No other, and each with what the page says."""
    assert {
        name: (row.generations, row.tunnels, row.clients, row.nat_rules)
        for name, row in SIZES.items()
    } == FACTS


@pytest.mark.parametrize("size", FACTS)
@pytest.mark.parametrize("active_active", [False, True])
@pytest.mark.parametrize("bgp", [None, {}])
@pytest.mark.parametrize("zones", [None, ["1"], [], ["1", "2"]])
@pytest.mark.parametrize("region", ["westeurope", "northcentralus"])
def test_every_size_in_every_mode(
    size: str,
    active_active: bool,
    bgp: dict[str, Any] | None,
    zones: list[str] | None,
    region: str,
) -> None:
    """Each takes both modes, BGP or not, in one zone, in all or in none; two zones of
    three are refused, and so is any where the region has none."""
    more: dict[str, Any] = {} if bgp is None else {"bgp": bgp}
    if zones is not None:
        more["zones"] = zones
    plan, findings = read(region, size=size, active_active=active_active, **more)
    if zones and (region == "northcentralus" or len(zones) == 2):
        assert only(findings).startswith(f"vpn.zones: {', '.join(zones)} are ")
        return
    assert findings == []
    assert plan.size == size
    assert plan.generation == max(FACTS[size][0])
    all_zones = ("1", "2", "3") if region == "westeurope" else ()
    assert plan.zones == (all_zones if zones is None else tuple(zones))
    assert plan.instances == (("first", "second") if active_active else ("first",))
    assert (plan.bgp.as_number if plan.bgp else None) == (
        None if bgp is None else 65515
    )


@pytest.mark.parametrize("size", FACTS)
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_every_size_in_every_generation(size: str, generation: int) -> None:
    """Created where there is such a one, else refused with those that there are."""
    plan, findings = read(size=size, generation=generation)
    if generation in FACTS[size][0]:
        assert findings == []
        assert plan.generation == generation
    else:
        message = only(findings)
        assert message.startswith(f"vpn.generation: {size} has no generation")
        assert str(max(FACTS[size][0])) in message


def test_the_default_size() -> None:
    """C43 (a): the smallest one, of the only generation that it has."""
    plan, findings = read()
    assert (findings, plan.size, plan.generation) == ([], "VpnGw1AZ", 1)


@pytest.mark.parametrize(
    ("size", "replacement"),
    [
        ("Basic", "VpnGw1AZ"),
        ("Standard", "VpnGw1AZ"),
        ("HighPerformance", "VpnGw2AZ"),
        ("UltraPerformance", "VpnGw1AZ"),
        ("ErGw1AZ", "VpnGw1AZ"),
        *((f"VpnGw{number}", f"VpnGw{number}AZ") for number in range(1, 6)),
    ],
)
def test_a_size_that_is_gone(size: str, replacement: str) -> None:
    """C43 (b)-(d): refused by its name, with the one that took its place."""
    _, findings = read(size=size)
    message = only(findings)
    assert message.startswith(f"vpn.size: '{size}' ")
    assert f"use '{replacement}' (" in message


@pytest.mark.parametrize("size", ["VpnGw6AZ", "vpngw2az", "VpnGw2-AZ"])
def test_a_misspelt_size(size: str) -> None:
    """Refused with one that was meant."""
    message = only(read(size=size)[1])
    assert message.startswith(f"vpn.size: '{size}' is not a size of VPN gateways; did")


def test_basic_says_what_it_lacks() -> None:
    """Why the smallest size of Azure is none of ours."""
    message = only(read(size="Basic")[1])
    for lacking in ("IKEv2", "RADIUS", "BGP", "active-active", "zones"):
        assert lacking in message


@pytest.mark.parametrize("size", FACTS)
@pytest.mark.parametrize("excess", [0, 1])
def test_tunnels(size: str, excess: int) -> None:
    """As many sites as the size takes, and one more is refused with a larger one."""
    sites = FACTS[size][1] + excess
    findings = tunnel_findings(size, sites, path="sites")
    if not excess:
        assert findings == []
        return
    (finding,) = findings
    assert f"are {sites}, and a gateway of size {size} takes {sites - 1}" in str(
        finding
    )
    assert ("use 'VpnGw4AZ'" if sites == 31 else "Azure Virtual WAN") in str(finding)


@pytest.mark.parametrize(
    ("active_active", "clients", "addresses"),
    [(False, False, 1), (False, True, 1), (True, False, 2), (True, True, 3)],
)
def test_public_addresses(active_active: bool, clients: bool, addresses: int) -> None:
    """One for each instance, and one for clients beside two instances."""
    needed = addresses_needed(active_active=active_active, clients=clients)
    assert needed == addresses


@pytest.mark.parametrize(
    ("region", "zones", "kept", "message"),
    [
        ("switzerlandnorth", None, ("1", "2", "3"), None),
        ("westeurope", ["3", "1", "2"], ("1", "2", "3"), None),
        ("westeurope", ["2"], ("2",), None),
        ("westeurope", [], (), None),
        ("westeurope", ["1", "2"], ("1", "2"), "neither one zone nor all"),
        ("westeurope", ["4"], (), "'4' is not a zone"),
        ("westus", ["1"], ("1",), "has no availability zones"),
        ("westus", None, (), None),
    ],
)
def test_zones(
    region: str, zones: list[str] | None, kept: tuple[str, ...], message: str | None
) -> None:
    """C41: all of the region's by default; one, or none, by wish."""
    more = {} if zones is None else {"zones": zones}
    plan, findings = read(region, **more)
    assert plan.zones == kept
    if message is None:
        assert findings == []
    else:
        assert message in only(findings)


@pytest.mark.parametrize(
    ("bgp", "message"),
    [
        ({"as_number": 64512}, None),
        ({"as_number": 65515}, None),
        ({"as_number": 65517}, "vpn.bgp.as_number: 65517 is kept by Azure"),
        ({"as_number": 64500}, "vpn.bgp.as_number: 64500 is kept by IANA"),
        ({"as_number": 1.5}, "is not a whole number"),
        ({"apipa_addresses": ["169.254.21.0", "169.254.22.255"]}, None),
        ({"apipa_addresses": ["169.254.20.255"]}, "use one from 169.254.21.0 to"),
        ({"apipa_addresses": ["169.254.23.0"]}, "use one from 169.254.21.0 to"),
        ({"apipa_addresses": ["10.0.0.4"]}, "use one from 169.254.21.0 to"),
        ({"apipa_addresses": ["169.254.21"]}, "is not an IPv4 address"),
        ({"apipa_addresses": [5]}, "is not an IPv4 address"),
        ({"apipa_addresses": ["169.254.21.1"] * 2}, "is apipa_addresses[0] too"),
        ({"second_apipa_addresses": ["169.254.21.1"]}, "of the second instance"),
        ({"second_apipa_addresses": []}, None),
    ],
)
def test_bgp(bgp: dict[str, Any], message: str | None) -> None:
    """Numbers and addresses that Azure keeps for itself are refused."""
    _, findings = read(bgp=bgp)
    if message is None:
        assert findings == []
    else:
        assert message in only(findings)


def test_addresses_of_both_instances() -> None:
    """Each instance has its own, and none of the other's."""
    addresses = {
        "apipa_addresses": ["169.254.21.1"],
        "second_apipa_addresses": ["169.254.22.1"],
    }
    plan, findings = read(active_active=True, bgp=addresses)
    assert findings == []
    assert plan.bgp is not None
    assert [str(item) for item in plan.bgp.second_apipa_addresses] == ["169.254.22.1"]
    addresses["second_apipa_addresses"] = ["169.254.21.1"]
    assert "'169.254.21.1' is apipa_addresses[0] too" in only(
        read(active_active=True, bgp=addresses)[1]
    )


@pytest.mark.parametrize("size", FACTS)
def test_nat_rules_by_size(size: str) -> None:
    """Made from VpnGw2AZ on; refused below with the size that has them."""
    plan, findings = read(size=size, nat_rules={"office": RULE})
    if FACTS[size][3]:
        assert findings == []
        assert str(plan.nat_rules["office"].external_range) == "100.64.1.0/24"
    else:
        assert only(findings).startswith(
            f"vpn.nat_rules: a gateway of size {size} translates no addresses; use "
            "'VpnGw2AZ'"
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, None),
        ({"kind": "Dynamic", "external_range": "100.64.1.0/26"}, None),
        ({"kind": "Dynamic", "external_range": "100.64.1.0/25"}, "too large for a Dyn"),
        (
            {"kind": "Dynamic", "internal_range": "10.20.0.0/28"},
            "too large for a Dynamic",
        ),
        (
            {
                "kind": "Dynamic",
                "internal_range": "10.20.0.0/28",
                "external_range": "100.64.1.0/28",
            },
            "use kind Static",
        ),
        ({"external_range": "100.64.1.0/25"}, "use a /24, or kind Dynamic"),
        ({"external_range": "100.64.1.1/24"}, "has host bits set"),
        ({"direction": "Sideways"}, "'Sideways' is not allowed"),
        ({"direction": None}, "vpn.nat_rules.office.direction: is required"),
        ({"internal_range": None}, "vpn.nat_rules.office.internal_range: is required"),
        ({"instance": "first"}, "is for kind Dynamic; leave it out"),
    ],
)
def test_a_nat_rule(changes: dict[str, Any], message: str | None) -> None:
    """What Azure translates, and what it does not."""
    rule = {key: item for key, item in {**RULE, **changes}.items() if item is not None}
    _, findings = read(size="VpnGw2AZ", nat_rules={"office": rule})
    if message is None:
        assert findings == []
    else:
        assert message in only(findings)


@pytest.mark.parametrize(
    ("instance", "active_active", "message"),
    [
        (None, False, None),
        (None, True, "vpn.nat_rules.office.instance: is required with kind Dynamic"),
        ("first", True, None),
        ("second", True, None),
        ("second", False, "'second' is not an instance that carries traffic"),
        ("third", True, "'third' is not an instance that carries traffic"),
    ],
)
def test_a_dynamic_rule_is_of_one_instance(
    instance: str | None, active_active: bool, message: str | None
) -> None:
    """An instance hands out ports of its own."""
    rule = DYNAMIC if instance is None else {**DYNAMIC, "instance": instance}
    plan, findings = read(
        size="VpnGw2AZ", active_active=active_active, nat_rules={"office": rule}
    )
    if message is None:
        assert findings == []
        assert plan.nat_rules["office"].instance == instance
    else:
        assert message in only(findings)


def test_rules_that_show_two_sites_alike() -> None:
    """Two sites at the same addresses are refused; the network may be shown to several,
    and the two instances have the same ranges."""
    _, findings = read(size="VpnGw2AZ", nat_rules={"a": RULE, "b": RULE})
    assert only(findings).startswith(
        "vpn.nat_rules.a.external_range: '100.64.1.0/24' overlaps '100.64.1.0/24' of "
        "vpn.nat_rules.b.external_range"
    )
    egress = {**RULE, "direction": "EgressSnat"}
    assert read(size="VpnGw2AZ", nat_rules={"a": egress, "b": egress})[1] == []
    dynamic = {
        instance: {**DYNAMIC, "instance": instance} for instance in ("first", "second")
    }
    assert read(size="VpnGw2AZ", active_active=True, nat_rules=dynamic)[1] == []


def test_too_many_rules() -> None:
    """A gateway takes a hundred."""
    rules = {
        f"rule{number}": {
            **RULE,
            "external_range": f"100.64.{number}.0/24",
        }
        for number in range(101)
    }
    assert "are 101, and a gateway takes 100; leave out 1" in only(
        read(size="VpnGw2AZ", nat_rules=rules)[1]
    )


@pytest.mark.parametrize("name", ["of/fice", "-office", ""])
def test_names_of_rules(name: str) -> None:
    """They are names of Azure's."""
    findings = read(size="VpnGw2AZ", nat_rules={name: RULE})[1]
    assert findings
    assert all("the nat rule name" in line for line in findings)


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"start": "2027-01-03 02:00"}, None),
        ({"start": "2027-01-03 02:00", "hours": 23}, None),
        ({"start": "2027-01-03 02:00", "time_zone": "W. Europe Standard Time"}, None),
        ({}, "vpn.maintenance.start: is required and not set"),
        ({"start": "tomorrow"}, "write it like '2027-01-03 02:00'"),
        ({"start": "2027-02-30 02:00"}, "write it like '2027-01-03 02:00'"),
        ({"start": "2027-01-03 02:00", "hours": 4}, "4 is not from 5 to 23"),
        ({"start": "2027-01-03 02:00", "hours": 24}, "24 is not from 5 to 23"),
        ({"start": "2027-01-03 02:00", "time_zone": "Europe/Berlin"}, "Windows' name"),
    ],
)
def test_a_maintenance_window(window: dict[str, Any], message: str | None) -> None:
    """Five hours or more of each day, in a time zone as Windows calls it."""
    plan, findings = read(maintenance=window)
    if message is None:
        assert findings == []
        assert plan.maintenance is not None
    else:
        assert message in only(findings)


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_text_is_left_out(blank: str) -> None:
    """It says as much as no input."""
    window = {"start": "2027-01-03 02:00", "time_zone": blank}
    plan, findings = read(size=blank, maintenance=window)
    assert (findings, plan.size) == ([], "VpnGw1AZ")
    assert plan.maintenance is not None
    assert plan.maintenance.time_zone == "UTC"


def test_what_is_known_later_is_refused() -> None:
    """It would decide what is made."""
    later = pulumi.Output.from_input("VpnGw1AZ")
    assert "is known only after deployment" in only(read(size=later)[1])


@given(
    st.dictionaries(
        st.sampled_from(
            ["size", "generation", "zones", "bgp", "custom_routes", "nat_rules", "x"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_random_input_never_crashes(vpn: dict[str, Any]) -> None:
    """Whatever is given is read, or refused with messages."""
    plan, findings = read(**vpn)
    assert plan.size in FACTS
    assert findings or default_generation(plan.size) >= plan.generation

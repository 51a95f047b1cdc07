"""ExpressRoute gateways and circuits: what can be planned, and what is refused."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.circuits import CircuitPlan
from azureml_network._hybrid_gateway.express_route import (
    ExpressRoutePlan,
    read_express_route,
)
from azureml_network._hybrid_gateway.parts import UsedRanges
from azureml_network._inputs import InputReader
from azureml_rulebook.express_route_circuits import (
    CHANGES,
    REPLACED_PROPERTIES,
    authorization_key_findings,
    peer_as_number_findings,
    read_link,
    shared_key_findings,
    vlan_findings,
)
from azureml_rulebook.findings import Finding

OTHER = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/carrier"
    "/providers/Microsoft.Network/expressRouteCircuits/other"
)
NEW = {
    "provider": "Equinix",
    "peering_location": "Amsterdam",
    "bandwidth_megabits": 200,
}
PEERING = {
    "vlan_id": 200,
    "peer_as_number": 65010,
    "primary_prefix": "192.168.100.128/30",
    "secondary_prefix": "192.168.100.132/30",
}
REACH = {"peer_circuit": "red", "address_prefix": "192.168.101.0/29"}
RED = {**NEW, "peering_location": "London", "connect": True}


def read(**inputs: Any) -> tuple[ExpressRoutePlan, list[str]]:
    """Read the inputs of a gateway; returns the plan, and every finding as a line."""
    reader = InputReader({"express_route": inputs}, HybridGatewayArgs)
    plan = read_express_route(reader, "net")
    assert plan is not None
    return plan, [str(finding) for finding in reader.findings]


def read_one(**circuit: Any) -> tuple[CircuitPlan, list[str]]:
    """The same of one circuit called ``blue``."""
    plan, findings = read(circuits={"blue": circuit})
    return plan.circuits["blue"], findings


def in_a_loop(awaited: Coroutine[Any, Any, str]) -> str:
    """Wait in a loop of its own; the one that other tests run programs in stays."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(awaited)


def circuits(number: int, **changes: Any) -> dict[str, Any]:
    """So many new circuits, each of a peering location of its own."""
    return {
        f"c{index:02}": {**NEW, "peering_location": f"City {index}", **changes}
        for index in range(number)
    }


def test_without_express_route_nothing_is_planned() -> None:
    """Neither left out nor given as none."""
    for inputs in ({}, {"express_route": None}):
        reader = InputReader(inputs, HybridGatewayArgs)
        assert read_express_route(reader, "net") is None
        assert reader.findings == []


def test_a_gateway_alone_is_the_smallest_that_spans_zones() -> None:
    """All inputs have defaults, and there are no circuits yet."""
    plan, findings = read()
    assert findings == []
    assert (plan.azure_name, plan.size, plan.scale_units, plan.circuits) == (
        "net-ergw",
        "ErGw1AZ",
        None,
        {},
    )
    assert plan.links == ()
    assert plan.warnings(resolver=True) == ()


@pytest.mark.parametrize(
    ("size", "instead"),
    [
        ("Standard", "use ErGw1AZ in its place"),
        ("standard", "use ErGw1AZ in its place"),
        ("Basic", "use ErGw1AZ in its place"),
        ("HighPerformance", "use ErGw2AZ in its place"),
        ("UltraPerformance", "use ErGw3AZ in its place"),
        ("VpnGw2AZ", "is a size of VPN gateways; use one of ErGw1AZ, ErGw2AZ"),
        ("ErGw2", "did you mean 'ErGw2AZ'?"),
        ("ergw3az", "did you mean 'ErGw3AZ'?"),
        ("large", "known: 'ErGw1AZ', 'ErGw2AZ', 'ErGw3AZ', 'ErGwScale'"),
    ],
)
def test_a_size_that_spans_no_zones_is_refused(size: str, instead: str) -> None:
    """The message names the size to use in its place."""
    _, [finding] = read(size=size)
    assert finding.startswith(f"express_route.size: '{size}' ")
    assert instead in finding


@pytest.mark.parametrize(
    ("units", "planned"),
    [
        ({}, (1, 1)),
        ({"minimum_scale_units": 4}, (4, 4)),
        ({"minimum_scale_units": 2, "maximum_scale_units": 40}, (2, 40)),
        ({"minimum_scale_units": 1.0, "maximum_scale_units": 1.0}, (1, 1)),
    ],
)
def test_a_gateway_scales_between_two_numbers(
    units: dict[str, Any], planned: tuple[int, int]
) -> None:
    """Without a maximum it stays at its minimum; the plugin host sends floats."""
    plan, findings = read(size="ErGwScale", **units)
    assert findings == []
    assert plan.scale_units is not None
    assert (plan.scale_units.minimum, plan.scale_units.maximum) == planned


@pytest.mark.parametrize(
    ("inputs", "key", "fault"),
    [
        ({"minimum_scale_units": 2}, "minimum_scale_units", "size ErGw1AZ, which has"),
        (
            {"size": "ErGw3AZ", "maximum_scale_units": 2},
            "maximum_scale_units",
            "size ErGw3AZ, which has no scale units; leave it out or use ErGwScale",
        ),
        (
            {"size": "ErGwScale", "minimum_scale_units": 0},
            "minimum_scale_units",
            "0 is not allowed; use 1 to 40",
        ),
        (
            {"size": "ErGwScale", "minimum_scale_units": 2, "maximum_scale_units": 41},
            "maximum_scale_units",
            "41 is not allowed; use 1 to 40",
        ),
        (
            {"size": "ErGwScale", "minimum_scale_units": 5, "maximum_scale_units": 4},
            "maximum_scale_units",
            "4 is less than minimum_scale_units (5); raise it",
        ),
        (
            {"size": "ErGwScale", "maximum_scale_units": 10},
            "maximum_scale_units",
            "set minimum_scale_units to 2 or more, or both to one number",
        ),
    ],
)
def test_scale_units_that_azure_refuses(
    inputs: dict[str, Any], key: str, fault: str
) -> None:
    """Each with what to give instead."""
    _, [finding] = read(**inputs)
    assert finding.startswith(f"express_route.{key}: ")
    assert fault in finding


@pytest.mark.parametrize(
    ("size", "units", "most"),
    [
        ("ErGw1AZ", None, 4),
        ("ErGw2AZ", None, 8),
        ("ErGw3AZ", None, 16),
        ("ErGwScale", 1, 4),
        ("ErGwScale", 2, 8),
        ("ErGwScale", 9, 8),
        ("ErGwScale", 10, 16),
        ("ErGwScale", 40, 16),
    ],
)
def test_a_gateway_takes_so_many_circuits(
    size: str, units: int | None, most: int
) -> None:
    """As many as its size takes, and no more, connected or not."""
    scale = {} if units is None else {"minimum_scale_units": units}
    assert read(size=size, circuits=circuits(most), **scale)[1] == []
    _, [finding] = read(size=size, circuits=circuits(most + 1), **scale)
    assert finding.startswith(f"express_route.circuits: are {most + 1}, and a gateway")
    assert f"takes {most};" in finding
    assert finding.count("leave out 1 of them") == 1


def test_what_to_use_for_more_circuits_is_named() -> None:
    """Larger sizes, with their scale units, where there are any."""
    _, [finding] = read(circuits=circuits(6))
    assert "use ErGw2AZ or ErGw3AZ or ErGwScale from 2 units on, or leave" in finding
    _, [finding] = read(size="ErGw3AZ", circuits=circuits(18))
    assert "takes 16; leave out 2 of them" in finding


def test_a_network_takes_four_circuits_of_one_place() -> None:
    """Whatever the size and the case of the letters; existing ones say none."""
    four = circuits(4, peering_location="Amsterdam")
    existing = {"old": {"existing_id": OTHER}}
    assert read(size="ErGw3AZ", circuits={**four, **existing})[1] == []
    fifth = {"five": {**NEW, "peering_location": "amsterdam"}}
    _, [finding] = read(size="ErGw3AZ", circuits={**four, **fifth})
    assert finding.startswith(
        "express_route.circuits.five.peering_location: 'amsterdam' is that of 4 other"
    )


@pytest.mark.parametrize(
    ("size", "units", "has_fast_path"),
    [
        ("ErGw1AZ", None, False),
        ("ErGw2AZ", None, False),
        ("ErGw3AZ", None, True),
        ("ErGwScale", 1, False),
        ("ErGwScale", 9, False),
        ("ErGwScale", 10, True),
    ],
)
def test_sizes_with_fast_path(
    size: str, units: int | None, has_fast_path: bool
) -> None:
    """It is refused with the others, naming those that have it."""
    scale = {} if units is None else {"minimum_scale_units": units}
    fast = {"blue": {**NEW, "fast_path": True}}
    plan, findings = read(size=size, circuits=fast, **scale)
    assert plan.circuits["blue"].fast_path
    assert len(findings) == (0 if has_fast_path else 1)
    for finding in findings:
        assert finding.startswith("express_route.circuits.blue.fast_path: cannot be")
        assert "use ErGw3AZ or ErGwScale with minimum_scale_units of 10" in finding


def test_what_fast_path_does_not_reach_is_told() -> None:
    """Private endpoints always, and a resolver where there is one."""
    fast = {"blue": {**NEW, "connect": True, "fast_path": True}}
    plan, findings = read(size="ErGw3AZ", circuits=fast)
    assert findings == []
    private, resolver = plan.warnings(resolver=True)
    assert plan.warnings(resolver=False) == (private,)
    path = "express_route.circuits.blue.fast_path: "
    assert private.startswith(f"{path}private endpoints are reached through the")
    assert resolver.startswith(f"{path}FastPath does not reach a DNS Private Resolver")


@pytest.mark.parametrize("tier", ["Local", "Standard", "Premium"])
@pytest.mark.parametrize("billing", ["MeteredData", "UnlimitedData"])
@pytest.mark.parametrize(
    "megabits", [50, 100, 200, 500, 1000, 2000, 5000, 10000, 0, 150, 20000]
)
def test_tiers_billing_and_bandwidth(tier: str, billing: str, megabits: int) -> None:
    """Local is unlimited only; bandwidths are those that Azure lists."""
    expected: list[str] = []
    if megabits in {0, 150, 20000}:
        expected.append("bandwidth_megabits")
    if (tier, billing) == ("Local", "MeteredData"):
        expected.append("billing")
    inputs = {"tier": tier, "billing": billing, "bandwidth_megabits": megabits}
    plan, findings = read_one(**{**NEW, **inputs})
    paths = sorted(finding.split(":")[0] for finding in findings)
    assert paths == [f"express_route.circuits.blue.{key}" for key in expected]
    assert plan.new is not None
    assert (plan.new.tier, plan.new.billing) == (tier, billing)


def test_a_new_circuit_is_metered_standard_and_not_connected() -> None:
    """The review is told what to send to whom, and what to set then."""
    plan, findings = read(circuits={"blue": NEW})
    assert findings == []
    circuit = plan.circuits["blue"]
    assert circuit.new is not None
    assert (circuit.new.tier, circuit.new.billing) == ("Standard", "MeteredData")
    assert (circuit.connect, circuit.routing_weight, circuit.fast_path) == (
        False,
        0,
        False,
    )
    [warning] = plan.warnings(resolver=False)
    assert warning.startswith("express_route.circuits.blue.connect: false, Azure")
    assert (
        "send Equinix its service key (the output circuit_service_keys, at blue)"
        in (warning)
    )


@pytest.mark.parametrize("circuit", [{**NEW, "connect": True}, {"existing_id": OTHER}])
def test_a_connected_circuit_needs_nothing_more(circuit: dict[str, Any]) -> None:
    """Neither a new one whose provider is done, nor one that exists."""
    plan, findings = read(circuits={"blue": circuit})
    assert findings == []
    assert plan.circuits["blue"].connect
    assert plan.warnings(resolver=True) == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("private_peering", PEERING), ("global_reach", {"to-red": REACH})],
)
def test_what_needs_a_provisioned_circuit_waits(key: str, value: Any) -> None:
    """The second step gives it together with connect."""
    blue = {**NEW, key: value}
    _, [finding] = read(circuits={"blue": blue, "red": RED})
    assert finding.startswith(f"express_route.circuits.blue.{key}: needs connect: ")
    blue = {**blue, "connect": True}
    assert read(circuits={"blue": blue, "red": RED})[1] == []


@pytest.mark.parametrize("key", ["provider", "peering_location", "bandwidth_megabits"])
def test_a_new_circuit_needs(key: str) -> None:
    """Who provides it, where, and how much."""
    _, [finding] = read_one(**{name: NEW[name] for name in NEW if name != key})
    assert finding == f"express_route.circuits.blue.{key}: is required and not set"


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("provider", " Equinix", "has spaces around it; write 'Equinix'"),
        ("peering_location", "London ", "has spaces around it; write 'London'"),
        ("peering_location", "westeurope", "is an Azure region; give the place where"),
        ("peering_location", "West Europe", "is an Azure region; give the place where"),
        ("bandwidth_megabits", "200", "is not a whole number"),
        ("tier", "Basic", "is not allowed; known: 'Local', 'Premium', 'Standard'"),
        ("billing", "Metered", "did you mean 'MeteredData'?"),
        ("routing_weight", -1, "use 0 to 32000"),
        ("routing_weight", 32001, "use 0 to 32000"),
        ("size", "ErGw1AZ", "is not a known input"),
    ],
)
def test_a_circuit_with_a_fault(key: str, value: Any, fault: str) -> None:
    """One finding, at the input."""
    _, [finding] = read_one(**{**NEW, key: value})
    assert finding.startswith(f"express_route.circuits.blue.{key}: ")
    assert fault in finding


@pytest.mark.parametrize("weight", [0, 1, 32000])
def test_routing_weights(weight: int) -> None:
    """From 0 to 32000."""
    plan, findings = read_one(**NEW, routing_weight=weight)
    assert findings == []
    assert plan.routing_weight == weight


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("provider", "Equinix"),
        ("peering_location", "Amsterdam"),
        ("bandwidth_megabits", 200),
        ("tier", "Premium"),
        ("billing", "UnlimitedData"),
        ("private_peering", PEERING),
        ("global_reach", {"to-red": REACH}),
    ],
)
def test_what_the_owner_of_a_circuit_sets(key: str, value: Any) -> None:
    """It is refused for a circuit that is brought by id."""
    _, [finding] = read_one(**{"existing_id": OTHER, key: value})
    assert finding == (
        f"express_route.circuits.blue.{key}: belongs to the circuit, which existing_id "
        "says exists already; leave it out, its owner sets it"
    )


def test_a_circuit_is_brought_once() -> None:
    """Also with other letters; a wrong id is told, one that is known later is taken."""
    twice = {"a": {"existing_id": OTHER}, "b": {"existing_id": OTHER.upper()}}
    _, [finding] = read(circuits=twice)
    assert finding.startswith("express_route.circuits.b.existing_id: ")
    assert "is express_route.circuits.a.existing_id too" in finding
    _, [finding] = read_one(existing_id="/subscriptions/other")
    assert "is not a resource id; give /subscriptions/" in finding
    plan, findings = read_one(existing_id=pulumi.Output.from_input(OTHER))
    assert findings == []
    assert plan.connect
    assert plan.new is None


def test_names_that_differ_in_case_only() -> None:
    """Azure takes them for one."""
    other = {**NEW, "peering_location": "London"}
    _, [finding] = read(circuits={"Blue": NEW, "blue": other})
    assert "express_route.circuits.blue: makes the express route connection" in finding


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        (
            {"existing_id": OTHER, "authorization_key": "0f-secret"},
            "authorization_key",
        ),
        (
            {
                **NEW,
                "connect": True,
                "private_peering": {**PEERING, "shared_key": "0f-secret"},
            },
            "private_peering.shared_key",
        ),
        (
            {
                **NEW,
                "connect": True,
                "global_reach": {"on": {**REACH, "authorization_key": "0f-secret"}},
            },
            "global_reach.on.authorization_key",
        ),
    ],
)
def test_secrets_in_plain_text_are_refused(inputs: dict[str, Any], path: str) -> None:
    """And not told; nor is it said that they are missing."""
    network = OTHER.replace("33333333", "22222222").replace(
        "expressRouteCircuits", "virtualNetworks"
    )
    given = {"circuits": {"blue": inputs, "red": RED}}
    reader = InputReader(
        {"network_id": network, "express_route": given}, HybridGatewayArgs
    )
    read_express_route(reader, "net")
    [finding] = map(str, reader.findings)
    assert finding.startswith(f"express_route.circuits.blue.{path}: is plain text")
    assert "0f-secret" not in finding


@pytest.mark.parametrize(
    ("inputs", "key", "fault"),
    [
        (
            {**NEW, "connect": True},
            "shared_key",
            "has to be 1 to 25 letters and digits",
        ),
        (
            {"existing_id": OTHER},
            "authorization_key",
            "has to be 32 hexadecimal digits",
        ),
    ],
)
def test_a_secret_of_the_wrong_form_ends_the_deployment(
    inputs: dict[str, Any], key: str, fault: str
) -> None:
    """With its path, and without its value."""

    async def value(text: str) -> str:
        secret = pulumi.Output.secret(text)
        given = {key: secret}
        if key == "shared_key":
            given = {"private_peering": {**PEERING, **given}}
        plan, findings = read_one(**inputs, **given)
        assert findings == []
        peering = None if plan.new is None else plan.new.private_peering
        checked = plan.authorization_key if peering is None else peering.shared_key
        assert checked is not None
        assert await checked.is_secret()
        return str(await checked.future())

    good = "A1b2" if key == "shared_key" else "0a1b2c3d-0000-4000-8000-00000000000f"
    assert in_a_loop(value(good)) == good
    with pytest.raises(pulumi.RunError, match=fault) as caught:
        in_a_loop(value("not-so"))
    assert f"express_route.circuits.blue.{key}: " in str(caught.value).replace(
        "private_peering.", ""
    )
    assert "not-so" not in str(caught.value)


SUBSCRIPTIONS = {
    "22222222-2222-4222-8222-222222222222": ("blue", "red.global_reach.on"),
    "33333333-3333-4333-8333-333333333333": (),
    "": (),
}


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
@pytest.mark.parametrize("by_name", [True, False])
def test_a_circuit_of_another_subscription_needs_its_owners_key(
    subscription: str, by_name: bool
) -> None:
    """To be connected and to be joined, where the network's subscription is known."""
    network = (
        f"/subscriptions/{subscription}/resourceGroups/rg/providers"
        "/Microsoft.Network/virtualNetworks/net"
    )

    def lacking(key: dict[str, Any]) -> list[str]:
        peer = {"peer_circuit": "blue"} if by_name else {"peer_circuit_id": OTHER}
        reach = {"address_prefix": "192.168.101.0/29", **peer, **key}
        red = {**RED, "global_reach": {"on": reach}}
        given = {"circuits": {"blue": {"existing_id": OTHER, **key}, "red": red}}
        network_id = network if subscription else pulumi.Output.from_input(network)
        inputs = {"network_id": network_id, "express_route": given}
        reader = InputReader(inputs, HybridGatewayArgs)
        read_express_route(reader, "net")
        assert all("in another subscription" in str(item) for item in reader.findings)
        return [item.path for item in reader.findings]

    key = pulumi.Output.secret("0a1b2c3d-0000-4000-8000-00000000000f")
    assert lacking({"authorization_key": key}) == []
    assert lacking({}) == [
        f"express_route.circuits.{where}.authorization_key"
        for where in SUBSCRIPTIONS[subscription]
    ]


def test_a_new_circuit_has_no_authorization_key() -> None:
    """It belongs to somebody else's circuit."""
    key = pulumi.Output.secret("00000000-0000-4000-8000-000000000000")
    _, [finding] = read_one(**NEW, authorization_key=key)
    assert finding.startswith("express_route.circuits.blue.authorization_key: belongs")


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("a", True),
        ("A1b2" * 6 + "Z", True),
        ("A1b2" * 6 + "Zz", False),
        ("", False),
        ("with space", False),
        ("hyphen-ated", False),
        ("ünlaut", False),
        ("newline\n", False),
    ],
)
def test_md5_keys(key: str, allowed: bool) -> None:
    """Up to 25 letters and digits."""
    findings = shared_key_findings(key, path="p")
    assert (findings == []) == allowed
    assert not key or all(key not in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("0a1b2c3d-0000-4000-8000-00000000000F", True),
        ("0a1b2c3d-0000-4000-8000-00000000000", False),
        ("0a1b2c3d00004000800000000000000F", False),
        (" 0a1b2c3d-0000-4000-8000-00000000000f", False),
    ],
)
def test_authorization_keys(key: str, allowed: bool) -> None:
    """Of the form that Azure makes."""
    assert (authorization_key_findings(key, path="p") == []) == allowed


@given(number=st.integers(-10, 5000))
def test_vlans(number: int) -> None:
    """1 to 4094."""
    assert (vlan_findings(number, path="p") == []) == (0 < number < 4095)


@given(number=st.integers(65500, 65600) | st.integers(-3, 2**32 + 3))
def test_autonomous_systems_of_the_other_side(number: int) -> None:
    """Any but those that Azure or the registries keep."""
    kept = {0, 8074, 8075, 12076, 23456, 2**32 - 1, *range(65515, 65521)}
    kept |= {*range(64496, 64512), *range(65535, 65552)}
    free = 0 < number < 2**32 and number not in kept
    assert (peer_as_number_findings(number, path="p") == []) == free


@given(
    address=st.integers(0, 2**32 - 1),
    length=st.integers(8, 32),
    wanted=st.sampled_from([29, 30]),
)
def test_links_have_one_size(address: int, length: int, wanted: int) -> None:
    """A /30 each, or a /29 for Global Reach; the message shows one that would do."""
    network = IPv4Network((address, length), strict=False)
    found = read_link(str(network), wanted, path="p")
    if length == wanted:
        assert found == network or "which no network has" in str(found)
    else:
        assert isinstance(found, Finding)
        assert f"is no /{wanted}; give one, such as '" in found.message
        example = found.message.split("such as '")[1].split("'")[0]
        assert IPv4Network(example).prefixlen == wanted
        assert network.network_address in IPv4Network(example)


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("vlan_id", 4095, "use 1 to 4094"),
        ("peer_as_number", 65516, "those that Azure keeps (65515 to 65520)"),
        ("primary_prefix", "192.168.100.128/29", "is no /30"),
        ("primary_prefix", "192.168.100.129/30", "has host bits set"),
        ("secondary_prefix", "169.254.0.0/30", "link-local"),
        ("secondary_prefix", "", "is blank"),
    ],
)
def test_a_private_peering_with_a_fault(key: str, value: Any, fault: str) -> None:
    """One finding, at the input."""
    peering = {**PEERING, key: value}
    _, [finding] = read_one(**NEW, connect=True, private_peering=peering)
    assert finding.startswith(f"express_route.circuits.blue.private_peering.{key}: ")
    assert fault in finding


@pytest.mark.parametrize("key", list(PEERING))
def test_a_private_peering_needs(key: str) -> None:
    """Everything but its key."""
    peering = {name: value for name, value in PEERING.items() if name != key}
    _, [finding] = read_one(**NEW, connect=True, private_peering=peering)
    assert finding == (
        f"express_route.circuits.blue.private_peering.{key}: is required and not set"
    )


def test_the_links_of_all_circuits() -> None:
    """Each with its path, so that they are compared with every range in use."""
    blue = {
        **NEW,
        "connect": True,
        "private_peering": PEERING,
        "global_reach": {"to-red": REACH},
    }
    plan, findings = read(circuits={"blue": blue, "red": RED})
    assert findings == []
    path = "express_route.circuits.blue"
    assert plan.links == (
        (f"{path}.private_peering.primary_prefix", IPv4Network("192.168.100.128/30")),
        (f"{path}.private_peering.secondary_prefix", IPv4Network("192.168.100.132/30")),
        (f"{path}.global_reach.to-red.address_prefix", IPv4Network("192.168.101.0/29")),
    )


SMALL = [
    IPv4Network(f"192.168.0.{start}/{length}")
    for length in (29, 30)
    for start in range(0, 32, 2 ** (32 - length))
]


@given(
    primary=st.sampled_from([item for item in SMALL if item.prefixlen == 30]),
    secondary=st.sampled_from([item for item in SMALL if item.prefixlen == 30]),
    between=st.sampled_from([item for item in SMALL if item.prefixlen == 29]),
    network=st.sampled_from(SMALL),
)
def test_links_are_apart_from_each_other_and_the_network(
    primary: IPv4Network,
    secondary: IPv4Network,
    between: IPv4Network,
    network: IPv4Network,
) -> None:
    """Each pair that overlaps is found once."""
    links = {"primary_prefix": str(primary), "secondary_prefix": str(secondary)}
    blue = {
        **NEW,
        "connect": True,
        "private_peering": {**PEERING, **links},
        "global_reach": {"to-red": {**REACH, "address_prefix": str(between)}},
    }
    plan, findings = read(circuits={"blue": blue, "red": RED})
    assert findings == []
    used = UsedRanges(network=(("network", network),), links=plan.links)
    ranges = [primary, secondary, between, network]
    overlapping = sum(
        first.overlaps(second) for first, second in combinations(ranges, 2)
    )
    assert len(used.findings()) == overlapping


@pytest.mark.parametrize(
    ("reach", "key", "fault"),
    [
        ({"peer_circuit": "rde"}, ".peer_circuit", "did you mean 'red'?"),
        ({"peer_circuit": "blue"}, ".peer_circuit", "is the circuit itself"),
        ({"peer_circuit": "local"}, ".peer_circuit", "is of tier Local"),
        ({"peer_circuit": "near"}, ".peer_circuit", "is of 'AMSTERDAM' too"),
        ({"peer_circuit": "later"}, ".peer_circuit", "'later' is not connected"),
        (
            {"peer_circuit_id": "/subscriptions/s"},
            ".peer_circuit_id",
            "is not a resource id",
        ),
        ({}, "", "names no other circuit; give peer_circuit"),
        (
            {"peer_circuit": "red", "peer_circuit_id": f"{OTHER}2"},
            ".peer_circuit_id",
            "is given together with peer_circuit; leave one out",
        ),
        (
            {"peer_circuit": "red", "address_prefix": "192.168.101.0/30"},
            ".address_prefix",
            "is no /29",
        ),
    ],
)
def test_global_reach_that_azure_refuses(
    reach: dict[str, Any], key: str, fault: str
) -> None:
    """With the nearest name where one was misspelt."""
    reach = {"address_prefix": "192.168.101.0/29", **reach}
    blue = {**NEW, "connect": True, "global_reach": {"on": reach}}
    local = {
        **NEW,
        "peering_location": "Dublin",
        "tier": "Local",
        "billing": "UnlimitedData",
        "connect": True,
    }
    near = {**NEW, "peering_location": "AMSTERDAM", "connect": True}
    later = {**NEW, "peering_location": "Paris"}
    all_circuits = {"blue": blue, "red": RED, "local": local, "near": near}
    _, findings = read(size="ErGw3AZ", circuits={**all_circuits, "later": later})
    [finding] = findings
    assert finding.startswith(f"express_route.circuits.blue.global_reach.on{key}: ")
    assert fault in finding


def test_a_circuit_that_is_made_here_needs_no_key_to_be_joined() -> None:
    """Its owner is the one who joins it."""
    key = pulumi.Output.secret("0a1b2c3d-0000-4000-8000-00000000000f")
    reach = {**REACH, "authorization_key": key}
    blue = {**NEW, "connect": True, "global_reach": {"on": reach}}
    _, [finding] = read(circuits={"blue": blue, "red": RED})
    assert finding.startswith(
        "express_route.circuits.blue.global_reach.on.authorization_key: is for a "
        "circuit of somebody else, and 'red' is made here; leave it out"
    )


def test_a_circuit_of_tier_local_reaches_no_other() -> None:
    """Whichever side it is."""
    local = {"tier": "Local", "billing": "UnlimitedData", "connect": True}
    blue = {**NEW, **local, "global_reach": {"on": REACH}}
    _, [finding] = read(circuits={"blue": blue, "red": RED})
    assert finding.startswith(
        "express_route.circuits.blue.global_reach.on: cannot be used with tier Local"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("red", "blue"),
        ("old", None),
    ],
)
def test_two_circuits_are_joined_once(first: str, second: str | None) -> None:
    """From one side; an id of one of these circuits is its name."""
    prefix = {"address_prefix": "192.168.102.0/29"}
    on = {"address_prefix": "192.168.101.0/29", "peer_circuit": first}
    again = {"peer_circuit_id": OTHER.upper(), **prefix}
    blue = {**NEW, "connect": True, "global_reach": {"on": on}}
    red = dict(RED)
    if second is None:
        blue["global_reach"] = {"on": on, "twice": again}
    else:
        red["global_reach"] = {"back": {"peer_circuit": second, **prefix}}
    old = {"existing_id": OTHER}
    _, [finding] = read(circuits={"blue": blue, "old": old, "red": red})
    where = "red.global_reach.back.peer_circuit"
    if second is None:
        where = "blue.global_reach.twice.peer_circuit_id"
    assert finding.startswith(f"express_route.circuits.{where}: joins the two circuits")
    assert "express_route.circuits.blue.global_reach.on.peer_circuit once" in finding


def test_what_a_change_of_a_circuit_costs() -> None:
    """Provider and place make another circuit; the rest is done in place or refused."""
    assert REPLACED_PROPERTIES == (
        "serviceProviderProperties.serviceProviderName",
        "serviceProviderProperties.peeringLocation",
    )
    assert {(row.input, row.change): row.outcome for row in CHANGES} == {
        ("provider", "another one"): "another circuit",
        ("peering_location", "another one"): "another circuit",
        ("bandwidth_megabits", "more"): "in place",
        ("bandwidth_megabits", "less"): "refused by Azure",
        ("billing", "MeteredData to UnlimitedData"): "in place",
        ("billing", "UnlimitedData to MeteredData"): "refused by Azure",
        ("tier", "Standard to Premium"): "in place",
        ("tier", "Premium to Standard"): "in place",
        ("tier", "Local to Standard or Premium"): "in place",
        ("tier", "Standard or Premium to Local"): "refused by Azure",
    }


def test_the_page_tells_what_a_change_costs() -> None:
    """Every row of the rulebook's table, and no other."""
    page = Path(__file__).parents[2] / "docs" / "hybrid-gateway.md"
    _, _, rest = page.read_text("utf-8").partition("### What a change of a circuit")
    table = [line for line in rest.split("\n### ")[0].splitlines() if line[:3] == "| `"]
    assert table == [
        f"| `{row.input}` | {row.change} | {row.outcome} | {row.note} |"
        for row in CHANGES
    ]

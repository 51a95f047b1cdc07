"""Load balancers of published services: which parts and rules fit, and which do not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network import PublishedService
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._published_service.arguments import PublishedServiceArgs
from azureml_network._published_service.balancer import BalancerPlan, read_balancer
from azureml_rulebook.load_balancers import Balancing, rule_findings
from azureml_rulebook.regions import zones_of

NETWORK = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
    "/providers/Microsoft.Network/virtualNetworks/net"
)
SUBNET = f"{NETWORK}/subnets/load-balancer"
MACHINES = f"{NETWORK}/subnets/inference"
PROBE = {"tcp": {"protocol": "Tcp", "port": 443}}
RULE = {"https": {"probe": "tcp", "port": 443}}


def read(
    region: str = "westeurope", *, private_link: bool = False, **changes: Any
) -> tuple[BalancerPlan, list[str]]:
    """Read inputs that work, with ``changes``; returns the plan and all findings."""
    inputs = {
        "load_balancer_subnet_id": SUBNET,
        "probes": PROBE,
        "rules": RULE,
        **changes,
    }
    inputs = {key: value for key, value in inputs.items() if value is not None}
    reader = InputReader(inputs, PublishedServiceArgs)
    place = Place(cloud_name="public", region=region)
    plan = read_balancer(reader, "svc", place, private_link=private_link)
    return plan, [str(finding) for finding in reader.findings]


def the_one(findings: list[str]) -> str:
    """The only finding."""
    assert len(findings) == 1, findings
    return findings[0]


def rule(**changes: Any) -> dict[str, Any]:
    """A rule that works, with ``changes``."""
    return {"https": {**RULE["https"], **changes}}


def test_what_is_left_out() -> None:
    """One zone-redundant address, an empty pool for others' interfaces, and a rule that
    resets what has been silent."""
    plan, findings = read()
    assert findings == []
    assert {key: front.zones for key, front in plan.frontends.items()} == {
        "service": ("1", "2", "3")
    }
    assert plan.frontends["service"].address is None
    assert list(plan.pools) == ["machines"]
    assert plan.interfaces == {}
    made = plan.rules["https"]
    assert made.balancing == Balancing(
        name="https",
        frontend="service",
        pool="machines",
        protocol="Tcp",
        port=443,
        backend_port=443,
        floating=False,
    )
    assert (made.idle_minutes, made.tcp_reset, str(made.distribution)) == (
        4,
        True,
        "Default",
    )
    probe = plan.probes["tcp"]
    assert (probe.interval_seconds, probe.threshold, probe.path) == (5, 2, None)


@pytest.mark.parametrize(
    ("region", "zones", "expected"),
    [
        ("westeurope", None, ("1", "2", "3")),
        ("northcentralus", None, ()),
        ("westeurope", [], ()),
        ("westeurope", ["3", "1"], ("1", "3")),
    ],
)
def test_zones_of_an_address(
    region: str, zones: list[str] | None, expected: tuple[str, ...]
) -> None:
    """Those of the region, unless others or none are asked for."""
    front = {} if zones is None else {"zones": zones}
    plan, findings = read(region, frontends={"service": front})
    assert findings == []
    assert plan.frontends["service"].zones == expected


@pytest.mark.parametrize(
    ("protocol", "given", "ports", "idle", "reset"),
    [
        ("Tcp", {"port": 443}, (443, 443), 4, True),
        ("Tcp", {"port": 443, "backend_port": 8443}, (443, 8443), 4, True),
        ("Tcp", {"port": 443.0, "idle_minutes": 30}, (443, 443), 30, True),
        ("Tcp", {"port": 443, "tcp_reset": False}, (443, 443), 4, False),
        ("Udp", {"port": 53}, (53, 53), None, False),
        ("All", {"port": None}, (0, 0), 4, True),
        ("All", {"port": None, "idle_minutes": 100}, (0, 0), 100, True),
    ],
)
def test_rules_by_protocol(
    protocol: str,
    given: dict[str, Any],
    ports: tuple[int, int],
    idle: int | None,
    reset: bool,
) -> None:
    """Ports of both ends, and what is for TCP alone."""
    spec = {
        key: value
        for key, value in {"probe": "tcp", "protocol": protocol, **given}.items()
        if value is not None
    }
    plan, findings = read(rules={"https": spec})
    assert findings == []
    made = plan.rules["https"]
    assert (made.balancing.port, made.balancing.backend_port) == ports
    assert (made.idle_minutes, made.tcp_reset) == (idle, reset)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"load_balancer_subnet_id": None}, "load_balancer_subnet_id: is required"),
        ({"probes": None}, "probes: is required and not set"),
        ({"rules": {}}, "rules: is empty; give at least one"),
        ({"rules": rule(port=None)}, "rules.https.port: is required and not set"),
        ({"rules": rule(port=0)}, "rules.https.port: 0 is not a port"),
        ({"rules": rule(port=65536)}, "rules.https.port: 65536 is not a port"),
        (
            {"rules": rule(backend_port=-1)},
            "rules.https.backend_port: -1 is not a port that Azure takes; use 1 to",
        ),
        (
            {"rules": rule(protocol="All")},
            "rules.https.port: cannot be used with 'All', which takes every port",
        ),
        (
            {"rules": rule(protocol="tcp")},
            "rules.https.protocol: 'tcp' is not allowed; did you mean 'Tcp'?",
        ),
        ({"rules": rule(idle_minutes=3)}, "rules.https.idle_minutes: 3 is not a time"),
        (
            {"rules": rule(idle_minutes=101)},
            "rules.https.idle_minutes: 101 is not a time that Azure takes; use 4 to "
            "100",
        ),
        (
            {"rules": rule(protocol="Udp", tcp_reset=True)},
            "rules.https.tcp_reset: is for TCP, and protocol is 'Udp'; leave it out",
        ),
        (
            {"rules": rule(protocol="Udp", idle_minutes=10)},
            "rules.https.idle_minutes: is for TCP, and protocol is 'Udp'",
        ),
        (
            {"rules": rule(probe="http")},
            "rules.https.probe: 'http' is not there; known: 'tcp'",
        ),
        (
            {"rules": rule(frontend="servcie")},
            "rules.https.frontend: 'servcie' is not there; did you mean 'service'?",
        ),
        (
            {"backend_pools": {"a": {}, "b": {}}},
            "rules.https.backend_pool: is required where there are several; one of: "
            "a, b",
        ),
        (
            {"backend_pools": {"a": {}, "b": {}}, "rules": rule(backend_pool="a")},
            "backend_pools.b: is used by no rule; use it in one, or leave it out",
        ),
        (
            {"frontends": {"a": {}, "b": {}}, "rules": rule(frontend="b")},
            "frontends.a: is used by no rule",
        ),
        (
            {"probes": {**PROBE, "spare": {"protocol": "Tcp", "port": 80}}},
            "probes.spare: is used by no rule",
        ),
        (
            {"probes": {"tcp": {"port": 443}}},
            "probes.tcp.protocol: is required and not set; use Tcp, Http or Https",
        ),
        (
            {"probes": {"tcp": {"protocol": "Tcp", "port": 443, "path": "/"}}},
            "probes.tcp.path: '/' is for Http and Https; a Tcp probe only connects",
        ),
        (
            {"probes": {"tcp": {"protocol": "Https", "port": 443}}},
            "probes.tcp.path: is required with Http and Https",
        ),
        (
            {"probes": {"tcp": {"protocol": "Http", "port": 80, "path": "health"}}},
            "probes.tcp.path: 'health' is not a path; write one like '/health'",
        ),
        (
            {
                "probes": {
                    "tcp": {"protocol": "Tcp", "port": 443, "interval_seconds": 4}
                }
            },
            "probes.tcp.interval_seconds: 4 is not an interval that Azure takes; use 5",
        ),
        (
            {"probes": {"tcp": {"protocol": "Tcp", "port": 443, "threshold": 101}}},
            "probes.tcp.threshold: 101 is not a threshold that Azure takes; use 1 to "
            "100",
        ),
        (
            {"frontends": {"service": {"private_address": "10.20.0.300"}}},
            "frontends.service.private_address: '10.20.0.300' is not an IPv4 address",
        ),
        (
            {
                "load_balancer_subnet_prefix": "10.20.0.16/28",
                "frontends": {"service": {"private_address": "10.20.0.4"}},
            },
            "frontends.service.private_address: '10.20.0.4' is outside of the subnet "
            "'10.20.0.16/28'; give an address of the load balancer's subnet, like "
            "'10.20.0.20'",
        ),
        (
            {
                "load_balancer_subnet_prefix": "10.20.0.16/28",
                "frontends": {"service": {"private_address": "10.20.0.19"}},
            },
            "frontends.service.private_address: '10.20.0.19' is one of the 5 addresses",
        ),
        (
            {"load_balancer_subnet_prefix": "10.20.0.16"},
            "load_balancer_subnet_prefix: '10.20.0.16' has no prefix length",
        ),
        (
            {"frontends": {"service": {"zones": ["1", "1"]}}},
            "frontends.service.zones[1]: '1' is given twice; leave one out",
        ),
        (
            {"frontends": {"service": {"zones": [1]}}},
            "frontends.service.zones[0]: 1 is not a zone; use '1', '2' or '3'",
        ),
        (
            {"frontends": {"-": {}}},
            "frontends.-: the load balancer part name '-' must be letters",
        ),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: str) -> None:
    """Each with its path, the value and what to change, and nothing besides."""
    assert the_one(read(**changes)[1]).startswith(expected)


@pytest.mark.parametrize(
    ("pool", "private_link", "network_id", "expected"),
    [
        ({"addresses": ["10.20.0.5"]}, False, NETWORK, []),
        (
            {"addresses": ["10.20.0.5"]},
            False,
            None,
            ["addresses: needs network_id, the network that they are in; give it"],
        ),
        (
            {"addresses": ["10.20.0.5"]},
            True,
            NETWORK,
            [
                "addresses: cannot be used with private_link, which needs pools of "
                "interfaces"
            ],
        ),
        (
            {
                "addresses": ["10.20.0.5"],
                "interfaces": {"one": {"subnet_id": MACHINES}},
            },
            False,
            NETWORK,
            ["addresses: cannot be used with interfaces in one pool"],
        ),
        (
            {"addresses": ["10.20.0.5", "10.20.0.5"]},
            False,
            NETWORK,
            ["addresses[1]: '10.20.0.5' is backend_pools.machines.addresses[0]"],
        ),
        (
            {"addresses": ["ten"]},
            False,
            NETWORK,
            ["addresses[0]: 'ten' is not an IPv4 address"],
        ),
        (
            {"interfaces": {"one": {}}},
            True,
            None,
            ["interfaces.one.subnet_id: is required and not set"],
        ),
        (
            {"interfaces": {"one": {"subnet_id": NETWORK}}},
            True,
            None,
            [f"interfaces.one.subnet_id: '{NETWORK}' is the id of a Microsoft.Network"],
        ),
        (
            {
                "interfaces": {
                    "a": {"subnet_id": MACHINES, "private_address": "10.20.0.9"},
                    "b": {"subnet_id": MACHINES, "private_address": "10.20.0.9"},
                }
            },
            True,
            None,
            [
                "interfaces.b.private_address: '10.20.0.9' is "
                "backend_pools.machines.interfaces.a.private_address already"
            ],
        ),
        (
            {
                "interfaces": {
                    name: {
                        "subnet_id": MACHINES,
                        "subnet_prefix": prefix,
                        "private_address": "10.20.0.9",
                    }
                    for name, prefix in (
                        ("a", "10.20.0.16/28"),
                        ("b", "10.20.0.8/29"),
                        ("c", "ten"),
                    )
                }
            },
            True,
            None,
            [
                "interfaces.a.private_address: '10.20.0.9' is outside of the subnet "
                "'10.20.0.16/28'; give an address of the machine's subnet, like "
                "'10.20.0.20'",
                "interfaces.b.private_address: '10.20.0.9' is one of the 5 addresses "
                "that Azure keeps of each subnet; give an address of the machine's ",
                "interfaces.c.subnet_prefix: 'ten' ",
            ],
        ),
        (
            {
                "interfaces": {
                    "a": {
                        "subnet_id": MACHINES,
                        "application_security_group_ids": [MACHINES],
                    }
                }
            },
            True,
            None,
            [
                "interfaces.a.application_security_group_ids[0]: "
                f"'{MACHINES}' is the id of a"
            ],
        ),
    ],
)
def test_pools(
    pool: dict[str, Any],
    private_link: bool,
    network_id: str | None,
    expected: list[str],
) -> None:
    """Interfaces, or addresses of a known network without a Private Link service."""
    _, findings = read(
        private_link=private_link,
        network_id=network_id,
        backend_pools={"machines": pool},
    )
    assert len(findings) == len(expected)
    for finding, start in zip(findings, expected, strict=True):
        assert finding.startswith(f"backend_pools.machines.{start}")


@pytest.mark.parametrize(
    ("floating", "private_link", "refused"),
    [
        (False, False, False),
        (False, True, False),
        (True, False, False),
        (True, True, True),
    ],
)
def test_floating_addresses(floating: bool, private_link: bool, refused: bool) -> None:
    """Not behind a Private Link service."""
    rules = rule(floating_address=floating)
    _, findings = read(private_link=private_link, rules=rules)
    assert [finding.partition(":")[0] for finding in findings] == (
        ["rules.https.floating_address"] if refused else []
    )


FIRST = {
    "name": "first",
    "frontend": "a",
    "pool": "a",
    "protocol": "Tcp",
    "port": 443,
    "backend_port": 443,
    "floating": False,
}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {"frontend": "b", "pool": "b"}, None),
        ({}, {"port": 80, "backend_port": 80}, None),
        ({}, {"protocol": "Udp"}, None),
        ({}, {"pool": "b"}, "an address passes on Tcp port 443 once"),
        ({}, {"frontend": "b"}, "a machine's port takes one rule"),
        ({}, {"frontend": "b", "port": 8443}, "a machine's port takes one rule"),
        ({}, {"frontend": "b", "floating": True}, None),
        ({"floating": True}, {"frontend": "b", "floating": True}, None),
        (
            {},
            {"protocol": "All", "port": 0, "backend_port": 0, "pool": "b"},
            "'All' takes every port of an address",
        ),
        (
            {},
            {"protocol": "All", "port": 0, "backend_port": 0, "frontend": "b"},
            "'All' takes every port of its machines",
        ),
        (
            {},
            {
                "protocol": "All",
                "port": 0,
                "backend_port": 0,
                "frontend": "b",
                "floating": True,
            },
            "'All' takes every port of its machines",
        ),
        (
            {"protocol": "All", "port": 0, "backend_port": 0, "floating": True},
            {
                "protocol": "All",
                "port": 0,
                "backend_port": 0,
                "frontend": "b",
                "floating": True,
            },
            None,
        ),
        (
            {"protocol": "All", "port": 0, "backend_port": 0},
            {
                "protocol": "All",
                "port": 0,
                "backend_port": 0,
                "frontend": "b",
                "floating": True,
            },
            "'All' takes every port of its machines",
        ),
    ],
)
def test_rules_beside_each_other(
    one: dict[str, Any], other: dict[str, Any], expected: str | None
) -> None:
    """In both orders: the later one is told, with the earlier one's path."""
    rules = [
        Balancing(**{**FIRST, **one}),
        Balancing(**{**FIRST, **other, "name": "second"}),
    ]
    for ordered in (rules, rules[::-1]):
        findings = rule_findings(ordered)
        if expected is None:
            assert findings == []
            continue
        (finding,) = findings
        assert finding.path == f"rules.{ordered[1].name}"
        assert f"as rules.{ordered[0].name}" in finding.message
        assert expected in finding.message


BALANCINGS = st.builds(
    Balancing,
    name=st.uuids().map(str),
    frontend=st.sampled_from("ab"),
    pool=st.sampled_from("ab"),
    protocol=st.sampled_from(["Tcp", "Udp"]),
    port=st.integers(1, 3),
    backend_port=st.integers(1, 3),
    floating=st.booleans(),
)


@given(st.lists(BALANCINGS, max_size=8, unique_by=lambda rule: rule.name))
def test_rules_that_stand_have_ports_of_their_own(rules: list[Balancing]) -> None:
    """Without the refused rules, no address and no machine's port is taken twice."""
    refused = {finding.path.removeprefix("rules.") for finding in rule_findings(rules)}
    kept = [rule for rule in rules if rule.name not in refused]
    fronts = [(rule.frontend, rule.protocol, rule.port) for rule in kept]
    assert len(set(fronts)) == len(fronts)
    backs = [
        (rule.pool, rule.protocol, rule.backend_port)
        for rule in kept
        if not rule.floating
    ]
    assert len(set(backs)) == len(backs)
    assert rule_findings(kept) == []


@given(st.integers(-10, 70_000))
def test_ports(port: int) -> None:
    """1 to 65535, at both ends alike."""
    faults = {
        key: bool(read(rules=rule(**{"port": 443, key: port}))[1])
        for key in ("port", "backend_port")
    }
    assert faults == dict.fromkeys(faults, not 1 <= port <= 65535)


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("West Europe", ("1", "2", "3")),
        ("northcentralus", ()),
        ("usgovvirginia", ("1", "2", "3")),
        ("usgovtexas", ()),
        ("chinanorth3", ("1", "2", "3")),
        ("chinanorth2", ()),
        ("newregion9", ()),
    ],
)
def test_zones_of_a_region(region: str, zones: tuple[str, ...]) -> None:
    """A region that is not known to have zones has none."""
    assert zones_of(region) == zones


def test_names_that_are_one_to_azure() -> None:
    """Names of parts and of interfaces that differ in case, or meet once joined."""
    interface = {"subnet_id": MACHINES}
    findings = PublishedService.check(
        "svc",
        {
            "resource_group_name": "rg",
            "location": "westeurope",
            "load_balancer_subnet_id": SUBNET,
            "backend_pools": {
                "a": {"interfaces": {"b-c": interface}},
                "a-b": {"interfaces": {"c": interface}},
            },
            "probes": {**PROBE, "TCP": PROBE["tcp"]},
            "rules": {
                "one": {"probe": "tcp", "port": 1, "backend_pool": "a"},
                "two": {"probe": "TCP", "port": 2, "backend_pool": "a-b"},
            },
        },
    )
    assert {finding.path for finding in findings} == {
        "probes.tcp",
        "backend_pools.a-b.interfaces.c",
    }

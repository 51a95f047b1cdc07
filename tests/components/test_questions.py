"""Questions about whole networks, with answers that were worked out by hand."""

from typing import Any

import pytest

from azureml_reachability.flows import reachable_from, reaching
from azureml_reachability.packets import Protocol
from azureml_reachability.place_names import INTERNET, UnknownPlace, read_place, subnet
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.ports import PortSet
from azureml_reachability.questions import (
    Answer,
    Question,
    Verdict,
    answer,
    security_groups_allow,
)
from tests.components import small_networks as small
from tests.components.small_networks import UNKNOWN, rule

ALLOWED, BLOCKED, UNDECIDED = Verdict.ALLOWED, Verdict.BLOCKED, Verdict.UNDECIDED

HUB = small.network("hub", "10.0.0.0/16")


def ask(
    plan: list[Any], source: str, destination: str, service: str = "tcp/443"
) -> Answer:
    """The answer to one question about a plan."""
    return answer(topology_of(plan), question(source, destination, service))


def question(source: str, destination: str, service: str) -> Question:
    """A question in the words of the command."""
    protocol, _, port = service.partition("/")
    return Question(
        source=read_place(source),
        destination=read_place(destination),
        protocols=frozenset({Protocol(protocol.capitalize())}),
        ports=PortSet.of(port or "*"),
    )


# One security group: can the Internet reach TCP 22?

TRUTH = {
    "any source": ([rule(100, port="22")], ALLOWED),
    "0.0.0.0/0": ([rule(100, source="0.0.0.0/0", port="22")], ALLOWED),
    "tag Internet": ([rule(100, source="Internet", port="22")], ALLOWED),
    "every IPv6 address": ([rule(100, source="::/0", port="22")], ALLOWED),
    "two halves": (
        [
            rule(100, source="0.0.0.0/1", port="22"),
            rule(101, source="128.0.0.0/1", port="22"),
        ],
        ALLOWED,
    ),
    "a range of ports": ([rule(100, port="20-25")], ALLOWED),
    "several ports": (
        [rule(100, port=None, destinationPortRanges=["22", "3389"])],
        ALLOWED,
    ),
    "any protocol and port": ([rule(100, protocol="*")], ALLOWED),
    "allow before deny": (
        [rule(100, port="22"), rule(200, "Deny", protocol="*")],
        ALLOWED,
    ),
    "deny before allow": (
        [rule(100, "Deny", port="22"), rule(200, port="22")],
        BLOCKED,
    ),
    "deny of the Internet before allow": (
        [rule(100, "Deny", source="Internet"), rule(200, port="22")],
        BLOCKED,
    ),
    "a private range": ([rule(100, source="10.1.0.0/16", port="22")], BLOCKED),
    "a part of the Internet denied before": (
        [rule(100, "Deny", source="203.0.113.0/24"), rule(200, port="22")],
        ALLOWED,
    ),
    "deny of IPv4 alone before allow": (
        [rule(100, "Deny", source="0.0.0.0/0"), rule(200, port="22")],
        ALLOWED,
    ),
    "deny of IPv6 alone before allow of IPv6": (
        [rule(100, "Deny", source="::/0"), rule(200, source="::/0", port="22")],
        BLOCKED,
    ),
    "deny outbound": (
        [rule(100, "Deny", direction="Outbound"), rule(200, port="22")],
        ALLOWED,
    ),
    "the portal's word, spaces and a number": (
        [rule(100.0, source=" Any ", port=22.0)],  # type: ignore[arg-type]
        ALLOWED,
    ),
    "written in reverse": (
        [rule(200, port="22"), rule(100, "Deny", port="22")],
        BLOCKED,
    ),
    "a tag in the list of ranges": (
        [rule(100, source=None, sourceAddressPrefixes=["Internet"], port="22")],
        ALLOWED,
    ),
    "singular and plural": (
        [
            rule(
                100,
                source="10.0.0.0/8",
                sourceAddressPrefixes=["0.0.0.0/0"],
                port="22",
            )
        ],
        ALLOWED,
    ),
    "enums in another case": (
        [
            rule(
                100,
                "ALLOW",
                source="INTERNET",
                port="22",
                protocol="TCP",
                direction="inbound",
            )
        ],
        ALLOWED,
    ),
    "ICMP is not SSH": ([rule(100, protocol="Icmp")], BLOCKED),
    "ports near by": ([rule(100, port="2200"), rule(101, port="1-21")], BLOCKED),
    "shared addresses of carriers": (
        [rule(100, source="100.64.0.0/10", port="22")],
        BLOCKED,
    ),
    "health probes": ([rule(100, source="AzureLoadBalancer", port="22")], BLOCKED),
    "nothing": ([], BLOCKED),
}


@pytest.mark.parametrize(("rules", "verdict"), TRUTH.values(), ids=TRUTH.keys())
def test_a_group_alone(rules: list[Any], verdict: Verdict) -> None:
    """A group alone."""
    plan = [
        small.network("hub", "10.0.0.0/16", "fd00:1::/48"),
        small.group("nsg", *rules),
        small.subnet(
            "work",
            "10.0.0.0/24",
            group="nsg",
            addressPrefixes=["fd00:1::/64"],
        ),
    ]
    found = security_groups_allow(
        topology_of(plan), question("internet", "subnet:work", "tcp/22")
    )
    assert found.verdict is verdict
    assert found.witness is not None
    assert found.witness.destination_port == 22
    assert (found.witness in found.certain) is (verdict is ALLOWED)


def test_the_deciding_rule_is_told() -> None:
    """The deciding rule is told."""
    plan = [
        HUB,
        small.group("nsg", rule(100, "Deny", source="Internet"), rule(200, port="22")),
        small.subnet("work", "10.0.0.0/24", group="nsg"),
    ]
    found = security_groups_allow(
        topology_of(plan), question("internet", "subnet:work", "tcp/22")
    )
    [hop] = found.hops
    assert hop.rule == "Deny 100 rule-100"
    assert hop.where == "inbound group nsg of subnet work"


# From the Internet

SHOP = [
    HUB,
    small.group("open", rule(100, source="Internet", port="22")),
    small.subnet("work", "10.0.0.0/24", group="open"),
    small.subnet("bare", "10.0.1.0/24"),
    small.public_address("pip"),
    small.public_address("old", "Basic"),
]


@pytest.mark.parametrize(
    ("more", "destination", "verdict"),
    [
        ([], "subnet:work", BLOCKED),
        ([small.interface("vm", "work", public="pip")], "machine:vm", ALLOWED),
        ([small.interface("vm", "work", public="pip")], "subnet:work", ALLOWED),
        ([small.interface("vm", "work")], "machine:vm", BLOCKED),
        # A Standard address is closed where no group opens it, a Basic one is open.
        ([small.interface("vm", "bare", public="pip")], "machine:vm", BLOCKED),
        ([small.interface("vm", "bare", public="old")], "machine:vm", ALLOWED),
        # A private endpoint has no public address.
        ([small.endpoint("pep", "work")], "endpoint:pep", BLOCKED),
    ],
)
def test_from_the_internet(more: list[Any], destination: str, verdict: Verdict) -> None:
    """From the internet."""
    assert ask(SHOP + more, "internet", destination, "tcp/22").verdict is verdict


def test_a_machine_that_may_have_a_public_address_is_undecided() -> None:
    """A machine that may have a public address is undecided."""
    vm = small.interface("vm", "work")
    vm["inputs"]["ipConfigurations"][0]["publicIPAddress"] = UNKNOWN
    found = ask([*SHOP, vm], "internet", "machine:vm", "tcp/22")
    assert found.verdict is UNDECIDED
    assert [value.path for value in found.missing] == [
        "vm.ipConfigurations[0].publicIPAddress"
    ]


# Inside one network: both groups, both ends


def test_traffic_inside_a_subnet_passes_its_group_twice() -> None:
    """Traffic inside a subnet passes its group twice."""
    closed = small.group("closed", rule(100, "Deny"))
    plan = [HUB, closed, small.subnet("work", "10.0.0.0/24", group="closed")]
    found = ask(plan, "subnet:work", "subnet:work", "tcp/22")
    assert found.verdict is BLOCKED
    assert found.hops[-1].rule == "Deny 100 rule-100"
    assert [hop.where for hop in found.hops] == [
        "outbound group closed of subnet work",
        "routes of subnet work",
        "inbound group closed of subnet work",
    ]


@pytest.mark.parametrize(
    ("subnet_rules", "interface_rules", "verdict"),
    [
        ([rule(100, port="22")], [rule(100, port="22")], ALLOWED),
        ([rule(100, port="22")], [rule(100, "Deny", port="22")], BLOCKED),
        ([rule(100, "Deny", port="22")], [rule(100, port="22")], BLOCKED),
    ],
)
def test_groups_of_subnet_and_interface_must_both_allow(
    subnet_rules: list[Any], interface_rules: list[Any], verdict: Verdict
) -> None:
    """Groups of subnet and interface must both allow."""
    vm = small.interface("vm", "work", "10.0.0.9", networkSecurityGroup={"id": UNKNOWN})
    nic = [small.urn("NetworkSecurityGroup", "nic-nsg")]
    vm["propertyDependencies"]["networkSecurityGroup"] = nic
    plan = [
        HUB,
        small.group("nsg", *subnet_rules),
        small.group("nic-nsg", *interface_rules),
        small.subnet("work", "10.0.0.0/24", group="nsg"),
        small.subnet("desk", "10.0.1.0/24"),
        vm,
    ]
    assert ask(plan, "subnet:desk", "machine:vm", "tcp/22").verdict is verdict
    assert ask(plan, "subnet:desk", "10.0.0.9", "tcp/22").verdict is verdict


def test_rules_of_application_security_groups_are_for_their_members() -> None:
    """Rules of application security groups are for their members."""
    asg = small.urn("ApplicationSecurityGroup", "web")
    closed = rule(200, "Deny", protocol="*")
    opened = rule(
        100,
        port="443",
        destination=None,
        destinationApplicationSecurityGroups=[{"id": UNKNOWN}],
    )
    nsg = small.group("nsg", opened, closed)
    nsg["propertyDependencies"]["securityRules"] = [asg]
    member = small.interface("member", "work")
    groups = [{"id": UNKNOWN}]
    member["inputs"]["ipConfigurations"][0]["applicationSecurityGroups"] = groups
    member["propertyDependencies"]["ipConfigurations"].append(asg)
    plan = [
        HUB,
        nsg,
        small.resource("ApplicationSecurityGroup", "web", {}),
        small.subnet("work", "10.0.0.0/24", group="nsg"),
        small.subnet("desk", "10.0.1.0/24"),
        member,
        small.interface("other", "work"),
    ]
    assert ask(plan, "subnet:desk", "machine:member").verdict is ALLOWED
    assert ask(plan, "subnet:desk", "machine:other").verdict is BLOCKED
    assert ask(plan, "subnet:desk", "subnet:work").verdict is ALLOWED


def test_overlapping_service_tags_overlap() -> None:
    """Overlapping service tags overlap."""
    nsg = small.group(
        "nsg",
        rule(100, "Deny", destination="AzureCloud", direction="Outbound"),
        rule(200, destination="Storage", direction="Outbound"),
    )
    plan = [
        HUB,
        nsg,
        small.subnet("work", "10.0.0.0/24", group="nsg", natGateway={"id": UNKNOWN}),
    ]
    found = ask(plan, "subnet:work", "tag:Storage.WestEurope")
    assert found.verdict is BLOCKED
    assert found.hops[-1].rule == "Deny 100 rule-100"


# Private endpoints and network policies


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        (None, ALLOWED),
        ("Disabled", ALLOWED),
        ("NetworkSecurityGroupEnabled", BLOCKED),
        ("enabled", BLOCKED),
        ("RouteTableEnabled", ALLOWED),
        (UNKNOWN, UNDECIDED),
    ],
)
@pytest.mark.parametrize("address", ["10.0.0.9", None])
def test_endpoints_obey_groups_only_where_policies_are_on(
    policies: Any, verdict: Verdict, address: str | None
) -> None:
    """Endpoints obey groups only where policies are on."""
    plan = [
        HUB,
        small.group("closed", rule(100, "Deny", protocol="*")),
        small.subnet(
            "links",
            "10.0.0.0/24",
            group="closed",
            privateEndpointNetworkPolicies=policies,
        ),
        small.subnet("desk", "10.0.1.0/24"),
        small.endpoint("pep", "links", address),
    ]
    found = ask(plan, "subnet:desk", "endpoint:pep")
    assert found.verdict is verdict
    if verdict is UNDECIDED:
        assert [value.path for value in found.missing] == [
            "links.privateEndpointNetworkPolicies"
        ]


def test_endpoints_open_no_connections() -> None:
    """Endpoints open no connections."""
    plan = [HUB, small.subnet("links", "10.0.0.0/24"), small.endpoint("pep", "links")]
    assert ask(plan, "endpoint:pep", "subnet:links").verdict is BLOCKED


# What is not known


def test_an_address_that_is_not_known_holds_where_all_do() -> None:
    """An address that is not known holds where all do."""
    nsg = small.group(
        "nsg",
        rule(100, destination="10.0.0.0/25", port="22"),
        rule(110, destination="10.0.0.0/24", port="80"),
        rule(200, "Deny", protocol="*"),
    )
    plan = [
        HUB,
        nsg,
        small.subnet("work", "10.0.0.0/24", group="nsg"),
        small.subnet("desk", "10.0.1.0/24"),
        small.interface("vm", "work"),
    ]
    assert ask(plan, "subnet:desk", "machine:vm", "tcp/80").verdict is ALLOWED
    assert ask(plan, "subnet:desk", "machine:vm", "tcp/443").verdict is BLOCKED
    found = ask(plan, "subnet:desk", "machine:vm", "tcp/22")
    assert found.verdict is UNDECIDED
    assert [str(value) for value in found.missing] == [
        "vm.ipConfigurations[0].privateIPAddress is not known yet"
    ]
    assert ask(plan, "subnet:desk", "subnet:work", "tcp/22").verdict is ALLOWED


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        (
            {"destinationPortRange": UNKNOWN},
            "nsg.securityRules[0].destinationPortRange",
        ),
        ({"access": UNKNOWN}, "nsg.securityRules[0].access"),
        ({"priority": UNKNOWN}, "nsg.securityRules[0].priority"),
        ({"direction": "[secret]"}, "nsg.securityRules[0].direction"),
        ({"protocol": UNKNOWN}, "nsg.securityRules[0].protocol"),
        ({"sourceAddressPrefix": UNKNOWN}, "nsg.securityRules[0].sourceAddressPrefix"),
        ({"sourceAddressPrefix": "NewTag"}, "nsg.securityRules[0]"),
        ({"destinationPortRange": "99999"}, "nsg.securityRules[0]"),
        (
            {
                "sourceAddressPrefixes": ["10.0.1.0/24", UNKNOWN],
                "sourceAddressPrefix": None,
            },
            "nsg.securityRules[0].sourceAddressPrefixes[1]",
        ),
    ],
)
def test_a_rule_that_is_not_known_is_undecided_with_its_path(
    changed: dict[str, Any], path: str
) -> None:
    """A rule that is not known is undecided with its path."""
    nsg = small.group(
        "nsg",
        {**rule(100, "Allow", source="192.0.2.0/24", port="22"), **changed},
        rule(200, "Deny", protocol="*"),
    )
    plan = [HUB, nsg, small.subnet("work", "10.0.0.0/24", group="nsg")]
    asked = question("192.0.2.7", "subnet:work", "tcp/22")
    found = security_groups_allow(topology_of(plan), asked)
    assert found.verdict is UNDECIDED
    assert path in [value.path for value in found.missing]


def test_groups_and_tables_that_are_not_known_are_undecided_with_their_paths() -> None:
    """Groups and tables that are not known are undecided with their paths."""
    plan = [
        HUB,
        small.subnet(
            "work",
            "10.0.0.0/24",
            networkSecurityGroup={"id": UNKNOWN},
            routeTable=UNKNOWN,
        ),
        small.subnet("desk", "10.0.1.0/24"),
    ]
    found = ask(plan, "subnet:work", "subnet:desk")
    assert found.verdict is UNDECIDED
    assert [value.path for value in found.missing] == [
        "work.networkSecurityGroup.id",
        "work.routeTable",
    ]


def test_a_subnet_whose_ranges_are_not_known_is_undecided() -> None:
    """Where its group lets some of the network in."""
    some = small.group("some", rule(100, destination="10.0.0.0/24"), rule(200, "Deny"))
    work = small.subnet("work", "", group="some", addressPrefix=UNKNOWN)
    found = ask(
        [HUB, some, work, small.subnet("desk", "10.0.1.0/24")],
        "subnet:desk",
        "subnet:work",
    )
    assert found.verdict is UNDECIDED
    assert [value.path for value in found.missing] == ["work.addressPrefix"]


# Places


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("subnet:wrok", "did you mean 'work'?"),
        ("machine:mv", "known: 'vm'"),
        ("endpoint:pep", "has no endpoint"),
        ("vpn-clients", "no gateway takes VPN clients"),
        ("on-premises", "no gateway has a connection to a site"),
        ("tag:VirtualNetwork", "something else in each network"),
    ],
)
def test_a_place_that_is_not_in_the_plan(place: str, message: str) -> None:
    """A place that is not in the plan."""
    plan = [HUB, small.subnet("work", "10.0.0.0/24"), small.interface("vm", "work")]
    with pytest.raises(UnknownPlace, match=message.replace("?", r"\?")):
        ask(plan, place, "internet")


@pytest.mark.parametrize("text", ["internt", "subnet:", "subnets:a", "", "1.2.3.4/99"])
def test_a_text_that_is_no_place(text: str) -> None:
    """A text that is no place."""
    with pytest.raises(UnknownPlace):
        read_place(text)


def test_equal_names_of_subnets_are_told_apart() -> None:
    """Equal names of subnets are told apart."""
    other = small.network("spoke", "10.1.0.0/16")
    plan = [
        HUB,
        other,
        {**small.subnet("work", "10.0.0.0/24"), "name": "one"},
        {
            **small.subnet("work", "10.1.0.0/24", of="spoke"),
            "urn": "two",
            "name": "two",
        },
    ]
    with pytest.raises(UnknownPlace, match="'subnet:hub/work', 'subnet:spoke/work'"):
        ask(plan, "subnet:work", "internet")
    assert ask(plan, "subnet:hub/work", "subnet:two").verdict is BLOCKED


def test_all_that_a_place_reaches_and_all_that_reach_it() -> None:
    """All that a place reaches and all that reach it."""
    plan = [
        *SHOP,
        small.subnet("links", "10.0.2.0/24"),
        small.endpoint("pep", "links"),
        small.interface("vm", "work", public="pip"),
    ]
    topology = topology_of(plan)
    reached = {str(flow.destination) for flow in reachable_from(topology, INTERNET)}
    assert reached == {"subnet:hub/work"}
    found = reaching(topology, subnet("links"))
    assert {str(flow.source) for flow in found} == {
        "subnet:hub/work",
        "subnet:hub/bare",
        "subnet:hub/links",
    }
    assert all(flow.answer.verdict is ALLOWED for flow in found)

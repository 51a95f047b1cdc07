"""The DNS Private Resolver: its address, whom it asks on-premises, what is made."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_azure_native import network

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.resolver import ResolverPlan, read_resolver
from azureml_network._hybrid_gateway.resolver_resources import make_resolver
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.dns_resolvers import (
    TargetServer,
    domain_findings,
    inbound_address,
    read_domain,
    read_inbound_address,
    read_target_servers,
)
from azureml_rulebook.findings import Finding

GROUP = (
    "/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg"
    "/providers/Microsoft.Network/virtualNetworks/"
)
NETWORK_ID = f"{GROUP}net-vnet"
SPACE = (("network_address_space[0]", IPv4Network("10.40.0.0/20")),)
ON_PREMISES = (("other_address_space[0]", IPv4Network("10.200.0.0/16")),)
CORP = {"domain": "corp.example.com", "servers": ["10.200.0.4", "10.200.0.5:5353"]}


def resolver(**changes: Any) -> dict[str, Any]:
    """Inputs of a resolver that works, with ``changes``; None leaves one out."""
    values = {
        "inbound_subnet_id": f"{NETWORK_ID}/subnets/inbound",
        "inbound_subnet_prefix": "10.40.9.0/28",
        "outbound_subnet_id": f"{NETWORK_ID}/subnets/outbound",
        "forwarding_rules": {"corp": CORP},
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def read(
    values: dict[str, Any] | None,
    name: str = "net",
    network_id: Any = NETWORK_ID,
    cloud_name: str = "public",
) -> tuple[ResolverPlan | None, list[str]]:
    """Plan the resolver of a component called ``net``; also returns the findings."""
    args = {} if values is None else {"resolver": values}
    reader = InputReader(args, HybridGatewayArgs)
    place = Place(cloud_name=cloud_name, region="westeurope")
    plan = read_resolver(reader, name, place, network_id, SPACE, ON_PREMISES)
    return plan, [str(finding) for finding in reader.findings]


def planned(values: dict[str, Any]) -> ResolverPlan:
    """The plan of inputs that nothing is wrong with."""
    plan, findings = read(values)
    assert findings == []
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the resolver that is planned; returns what was registered."""

    def run(plan: ResolverPlan) -> Any:
        return record(lambda: make_resolver(surroundings(), plan, NETWORK_ID))

    return run


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("10.40.9.0/28", "10.40.9.4"),
        ("10.40.9.16/28", "10.40.9.20"),
        ("192.168.0.0/24", "192.168.0.4"),
        ("10.0.255.192/26", "10.0.255.196"),
    ],
)
def test_the_address_follows_from_the_subnet(prefix: str, address: str) -> None:
    """C49: known before anything is made, the first one that Azure leaves free."""
    assert inbound_address(prefix) == address


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("10.40.9.0/29", "'10.40.9.0/29' is a /29; Azure puts endpoints of a resolver"),
        ("10.40.0.0/23", "'10.40.0.0/23' is a /23"),
        ("10.40.9.1/28", "'10.40.9.1/28' has host bits set"),
        ("10.40.9.0", "'10.40.9.0' has no prefix length"),
        ("", "is empty"),
    ],
)
def test_a_range_that_can_have_no_address(prefix: str, message: str) -> None:
    """It is refused with what is wrong and no address is made up."""
    with pytest.raises(ValueError, match="^inbound_subnet_prefix: ") as error:
        inbound_address(prefix)
    assert message in str(error.value)


SUBNETS = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(24, 28),
)


@given(subnet=SUBNETS)
def test_the_first_address_is_the_first_that_may_be_given(subnet: IPv4Network) -> None:
    """Azure keeps the four before it, and the last of all."""
    first = IPv4Address(inbound_address(str(subnet)))
    usable = [
        address
        for address in subnet
        if isinstance(read_inbound_address(str(address), subnet, "a"), IPv4Address)
    ]
    assert usable[0] == first
    assert usable == list(subnet)[4:-1]


@given(text=st.text(), subnet=SUBNETS)
def test_any_text_is_an_address_of_the_subnet_or_a_finding(
    text: str, subnet: IPv4Network
) -> None:
    """Never a crash."""
    found = read_inbound_address(text, subnet, "a")
    assert isinstance(found, Finding) or found in subnet


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("corp.example.com", "corp.example.com."),
        ("corp.example.com.", "corp.example.com."),
        ("Corp.Example.COM", "corp.example.com."),
        ("corp", "corp."),
        ("_msdcs.corp.example.com", "_msdcs.corp.example.com."),
        ("10.in-addr.arpa", "10.in-addr.arpa."),
        (".".join("a" * 34), ".".join("a" * 34) + "."),
    ],
)
def test_a_domain_ends_with_a_dot(text: str, domain: str) -> None:
    """Azure takes it so only, in any case."""
    assert read_domain(text, "a") == domain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".", "'.' stands for every name: Azure's own names must come from Azure"),
        ("*", "'*' stands for every name"),
        ("*.", "'*.' stands for every name"),
        ("*.corp.example.com", "'*.corp.example.com' has an asterisk; a rule holds"),
        ("corp..example", "'corp..example' is not a domain"),
        ("-corp.example", "'-corp.example' is not a domain"),
        ("corp example", "'corp example' is not a domain"),
        ("https://corp.example", "'https://corp.example' is not a domain"),
        (f"{'a' * 64}.example", f"'{'a' * 64}.example' is not a domain"),
        (".".join(["a" * 60] * 5), "is not a domain"),
        ("10.200.0.4", "'10.200.0.4' is an address and no domain"),
        ("bücher.example", "'bücher.example' has letters beyond ASCII"),
        (".".join("a" * 35), "has 35 labels; Azure takes 34, leave out 1"),
    ],
)
def test_what_is_no_domain(text: str, message: str) -> None:
    """Each is refused with what to write instead."""
    found = read_domain(text, "rule.domain")
    assert isinstance(found, Finding)
    assert message in str(found)


@given(text=st.text())
def test_any_text_is_a_domain_or_a_finding(text: str) -> None:
    """Never a crash; what is read is read again as itself."""
    found = read_domain(text, "a")
    if isinstance(found, str):
        assert found.endswith(".")
        assert read_domain(found, "a") == found
        domain_findings(found, path="a")


@pytest.mark.parametrize(
    ("domain", "cloud_name", "message"),
    [
        ("corp.example.com.", "public", None),
        ("azureml.example.", "public", None),
        ("notblob.core.windows.org.", "public", None),
        ("xblob.core.windows.net.", "public", None),
        ("blob.core.windows.net.", "china", None),
        (
            "blob.core.windows.net.",
            "public",
            "'blob.core.windows.net' is 'blob.core.windows.net', a zone of Azure",
        ),
        ("core.windows.net.", "public", "holds 'blob.core.windows.net'"),
        ("net.", "public", "'net' holds"),
        (
            "lake.blob.core.windows.net.",
            "public",
            "is within 'blob.core.windows.net'",
        ),
        ("api.azureml.ms.", "public", "is 'api.azureml.ms'"),
        ("instances.azureml.ms.", "public", "is 'instances.azureml.ms'"),
        ("instances.ml.azure.ms.", "public", "is 'instances.ml.azure.ms'"),
        ("vault.azure.net.", "public", "is 'vault.azure.net'"),
        ("azurecr.cn.", "china", "is 'azurecr.cn'"),
        (
            "privatelink.blob.core.windows.net.",
            "public",
            "'privatelink.blob.core.windows.net' is a private zone of Azure",
        ),
        ("privatelink.anything.example.", "public", "is a private zone of Azure"),
    ],
)
def test_no_rule_leads_names_of_private_endpoints_away(
    domain: str, cloud_name: str, message: str | None
) -> None:
    """Nor a part of them, nor what they are a part of, in the cloud that has them."""
    findings = domain_findings(domain, cloud_name, path="rule.domain")
    assert (len(findings) == 0) is (message is None)
    assert all((message or "") in str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("10.200.0.4", TargetServer(address=IPv4Address("10.200.0.4"), port=53)),
        ("10.200.0.4:53", TargetServer(address=IPv4Address("10.200.0.4"), port=53)),
        ("10.200.0.4:5353", TargetServer(address=IPv4Address("10.200.0.4"), port=5353)),
        ("10.40.1.9", TargetServer(address=IPv4Address("10.40.1.9"), port=53)),
        ("20.1.0.9:65535", TargetServer(address=IPv4Address("20.1.0.9"), port=65535)),
    ],
)
def test_servers(text: str, server: TargetServer) -> None:
    """An address, with its port where that is not 53; public ones of known ranges."""
    known = [IPv4Network("20.1.0.0/24")]
    assert read_target_servers([text], known, None, "s") == ((server,), [])


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([7], "s[0]: 7 is not text"),
        (["dns.corp"], "s[0]: 'dns.corp' is not an IPv4 address"),
        (["fd00::4"], "s[0]: 'fd00' is not an IPv4 address"),
        (["127.0.0.1"], "s[0]: '127.0.0.1' can be no server"),
        (["10.200.0.4:"], "s[0]: '10.200.0.4:' has the port ''"),
        (["10.200.0.4:0"], "s[0]: '10.200.0.4:0' has the port '0'"),
        (["10.200.0.4:65536"], "has the port '65536'; write a number from 1 to 65535"),
        (["10.200.0.4:dns"], "has the port 'dns'"),
        (["168.63.129.16"], "s[0]: '168.63.129.16' is Azure's own DNS"),
        (["10.40.9.4:5353"], "s[0]: '10.40.9.4' is the resolver itself"),
        (["8.8.8.8"], "s[0]: '8.8.8.8' is a public address"),
        (["8.8.8.8"], "needs its range in other_address_space"),
        (["10.200.0.4", "10.200.0.4:53"], "s[1]: '10.200.0.4:53' is s[0] already"),
        (
            [f"10.200.0.{host}" for host in range(4, 11)],
            "s: are 7; a rule takes at most 6, leave out 1",
        ),
    ],
)
def test_what_can_be_no_server_of_a_rule(texts: list[object], message: str) -> None:
    """Least of all the resolver itself, which would ask in a circle."""
    _, findings = read_target_servers(texts, [], IPv4Address("10.40.9.4"), "s")
    assert len(findings) == 1, findings
    assert message in str(findings[0])


@given(texts=st.lists(st.text() | st.integers() | st.none()))
def test_any_servers_are_read_or_refused(texts: list[object]) -> None:
    """Never a crash; each is read or has a finding."""
    servers, findings = read_target_servers(texts, [], None, "s")
    assert len(servers) + len(findings) >= len(texts)


def test_no_resolver() -> None:
    """Without its inputs there is none, and nothing is wrong."""
    assert read(None) == (None, [])


def test_a_resolver_as_planned() -> None:
    """C49: its address is plain, and the domains are as Azure wants them."""
    plan = planned(resolver())
    assert plan.inbound_address == IPv4Address("10.40.9.4")
    assert plan.rules["corp"].domain == "corp.example.com."
    assert plan.rules["corp"].enabled is True
    assert plan.linked_network_ids == {}


def test_an_address_of_ones_own() -> None:
    """Any that Azure leaves free."""
    plan = planned(resolver(inbound_address="10.40.9.14"))
    assert plan.inbound_address == IPv4Address("10.40.9.14")


def test_a_resolver_that_asks_azure_only() -> None:
    """Inbound alone is enough for sites and clients."""
    plan = planned(resolver(outbound_subnet_id=None, forwarding_rules=None))
    assert (plan.outbound_subnet_id, dict(plan.rules)) == (None, {})


def linked(network: str) -> dict[str, str]:
    """The link of one network."""
    return {"spoke": network}


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"inbound_subnet_id": None}, "inbound_subnet_id: is required and not set"),
    (
        {"inbound_subnet_id": NETWORK_ID},
        f"inbound_subnet_id: '{NETWORK_ID}' is the id of a Microsoft.Network/"
        "virtualNetworks; give",
    ),
    (
        {"inbound_subnet_id": f"{GROUP}other/subnets/inbound"},
        f"inbound_subnet_id: '{GROUP}other/subnets/inbound' is in another network than "
        f"network_id ({NETWORK_ID})",
    ),
    (
        {"inbound_subnet_id": f"{NETWORK_ID}/subnets/GatewaySubnet"},
        "inbound_subnet_id: 'GatewaySubnet' is a subnet for VPN and ExpressRoute",
    ),
    (
        {"outbound_subnet_id": f"{NETWORK_ID}/subnets/INBOUND"},
        "outbound_subnet_id: is inbound_subnet_id too; each endpoint needs a subnet",
    ),
    (
        {"outbound_subnet_id": None},
        "outbound_subnet_id: is required with forwarding_rules",
    ),
    ({"inbound_subnet_prefix": None}, "inbound_subnet_prefix: is required and not set"),
    (
        {"inbound_subnet_prefix": "10.40.9.0/29"},
        "inbound_subnet_prefix: '10.40.9.0/29' is a /29; Azure puts endpoints of a "
        "resolver into subnets of /28 to /24",
    ),
    (
        {"inbound_subnet_prefix": "10.41.9.0/28"},
        "inbound_subnet_prefix: '10.41.9.0/28' is not in network_address_space "
        "(10.40.0.0/20)",
    ),
    (
        {"inbound_address": "10.40.9.3"},
        "inbound_address: '10.40.9.3' is one of the 5 addresses that Azure keeps",
    ),
    (
        {"inbound_address": "10.40.9.15"},
        "inbound_address: '10.40.9.15' is one of the 5 addresses that Azure keeps",
    ),
    (
        {"inbound_address": "10.40.9.16"},
        "inbound_address: '10.40.9.16' is outside of the subnet '10.40.9.0/28'",
    ),
    (
        {"inbound_address": "first"},
        "inbound_address: 'first' is not an IPv4 address",
    ),
    ({"inbound_ip": "10.40.9.4"}, "inbound_ip: is not a known input"),
    (
        {"forwarding_rules": {"corp": {"servers": ["10.200.0.4"]}}},
        "forwarding_rules.corp.domain: is required and not set",
    ),
    (
        {"forwarding_rules": {"corp": {"domain": "corp.example.com"}}},
        "forwarding_rules.corp.servers: is required and not set",
    ),
    (
        {"forwarding_rules": {"corp": {**CORP, "servers": []}}},
        "forwarding_rules.corp.servers: is an empty list",
    ),
    (
        {"forwarding_rules": {"corp": {**CORP, "servers": "10.200.0.4"}}},
        "forwarding_rules.corp.servers: '10.200.0.4' is not a list of texts",
    ),
    (
        {"forwarding_rules": {"corp": {**CORP, "domain": "."}}},
        "forwarding_rules.corp.domain: '.' stands for every name",
    ),
    (
        {"forwarding_rules": {"corp": {**CORP, "domain": "azurecr.io"}}},
        "forwarding_rules.corp.domain: 'azurecr.io' is 'azurecr.io', a zone of Azure",
    ),
    (
        {"forwarding_rules": {"corp": {**CORP, "servers": ["10.40.9.4"]}}},
        "forwarding_rules.corp.servers[0]: '10.40.9.4' is the resolver itself",
    ),
    (
        {"forwarding_rules": {"a": CORP, "b": {**CORP, "domain": "CORP.example.com."}}},
        "forwarding_rules.b.domain: 'corp.example.com' is resolver.forwarding_rules.a."
        "domain already",
    ),
    (
        {"forwarding_rules": {"the corp": CORP}},
        "forwarding_rules.the corp: the dns forwarding rule name 'net-the corp' must "
        "be letters",
    ),
    (
        {
            "forwarding_rules": {
                "corp": CORP,
                "Corp": {**CORP, "domain": "lab.example.com"},
            }
        },
        "forwarding_rules.corp: makes the dns forwarding rule name 'net-corp', which "
        "differs from that of",
    ),
    (
        {
            "forwarding_rules": {
                f"r{number}": {**CORP, "domain": f"d{number}.example.com"}
                for number in range(1001)
            }
        },
        "forwarding_rules: are 1001; a ruleset takes at most 1000, leave out 1",
    ),
    (
        {
            "linked_network_ids": {
                f"n{number}": f"{GROUP}n{number}" for number in range(500)
            }
        },
        "linked_network_ids: are 500; a ruleset takes at most 499, leave out 1",
    ),
    (
        {
            "linked_network_ids": linked(f"{GROUP}spoke"),
            "forwarding_rules": None,
        },
        "linked_network_ids: follow forwarding_rules, and there are none",
    ),
    (
        {"linked_network_ids": linked("spoke")},
        "linked_network_ids.spoke: 'spoke' is not a resource id",
    ),
    (
        {"linked_network_ids": {"spoke": 7}},
        "linked_network_ids.spoke: 7 is not text",
    ),
    (
        {"linked_network_ids": linked(NETWORK_ID.upper())},
        f"linked_network_ids.spoke: '{NETWORK_ID.upper()}' is network_id, which "
        "follows them anyway",
    ),
    (
        {"linked_network_ids": {"a": f"{GROUP}spoke", "b": f"{GROUP}SPOKE"}},
        f"linked_network_ids.b: '{GROUP}SPOKE' is resolver.linked_network_ids.a; leave",
    ),
]


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_faults_are_told_once_with_their_path(
    changes: dict[str, Any], message: str
) -> None:
    """Each fault is one line that begins with the path of the input."""
    _, findings = read(resolver(**changes))
    assert len(findings) == 1, findings
    assert findings[0].startswith(f"resolver.{message}")


@pytest.mark.parametrize("name", ["1net", "net.a", "n" * 63])
def test_a_name_that_a_resolver_cannot_have(name: str) -> None:
    """The component's name begins all names of its parts."""
    _, findings = read(resolver(forwarding_rules=None), name)
    assert [line for line in findings if "dns resolver name" in line] == findings
    assert len(findings) == 1


def test_all_faults_are_found_in_one_run() -> None:
    """One of the range does not hide those of the rules."""
    _, findings = read(
        resolver(
            inbound_subnet_prefix="10.40.9.0",
            forwarding_rules={"corp": {"domain": "*", "servers": ["dns"]}},
        )
    )
    assert [line.partition(": ")[0] for line in findings] == [
        "resolver.inbound_subnet_prefix",
        "resolver.forwarding_rules.corp.domain",
        "resolver.forwarding_rules.corp.servers[0]",
    ]


def test_ids_that_are_known_later(record: Any) -> None:
    """Ids of subnets and networks may be outputs; the address stays plain."""

    def program() -> None:
        later = pulumi.Output.from_input("x")
        plan, findings = read(
            resolver(
                inbound_subnet_id=later,
                outbound_subnet_id=later,
                linked_network_ids={"spoke": later},
            ),
            network_id=later,
        )
        assert findings == []
        assert plan is not None
        assert plan.inbound_address == IPv4Address("10.40.9.4")

    record(program)


def test_what_is_made(make: Callable[..., Any]) -> None:
    """A static inbound address, as plain text; an outbound endpoint, rules, links."""
    made = make(
        planned(resolver(linked_network_ids=linked(f"{GROUP}spoke"))),
    )
    assert made.kinds() == {
        "Net": 1,
        "DnsResolver": 1,
        "InboundEndpoint": 1,
        "OutboundEndpoint": 1,
        "DnsForwardingRuleset": 1,
        "ForwardingRule": 1,
        "PrivateResolverVirtualNetworkLink": 2,
    }
    where = {"resourceGroupName": "rg", "location": "westeurope"}
    tags = {"tags": {"environment": "test"}}
    assert made.inputs("net-resolver") == {
        "dnsResolverName": "net-resolver",
        "virtualNetwork": {"id": NETWORK_ID},
        **where,
        **tags,
    }
    assert made.inputs("net-resolver-inbound") == {
        "inboundEndpointName": "net-resolver-inbound",
        "dnsResolverName": "net-resolver",
        "ipConfigurations": [
            {
                "subnet": {"id": f"{NETWORK_ID}/subnets/inbound"},
                "privateIpAddress": "10.40.9.4",
                "privateIpAllocationMethod": "Static",
            }
        ],
        **where,
        **tags,
    }
    assert made.inputs("net-resolver-outbound") == {
        "outboundEndpointName": "net-resolver-outbound",
        "dnsResolverName": "net-resolver",
        "subnet": {"id": f"{NETWORK_ID}/subnets/outbound"},
        **where,
        **tags,
    }
    assert made.inputs("net-resolver-ruleset") == {
        "dnsForwardingRulesetName": "net-resolver-ruleset",
        "dnsResolverOutboundEndpoints": [{"id": "/fake/net-resolver-outbound"}],
        **where,
        **tags,
    }
    assert made.inputs("net-corp-forwarding-rule") == {
        "forwardingRuleName": "net-corp",
        "dnsForwardingRulesetName": "net-resolver-ruleset",
        "resourceGroupName": "rg",
        "domainName": "corp.example.com.",
        "targetDnsServers": [
            {"ipAddress": "10.200.0.4", "port": 53.0},
            {"ipAddress": "10.200.0.5", "port": 5353.0},
        ],
        "forwardingRuleState": "Enabled",
    }
    for link, follower in (
        ("net-resolver-link", NETWORK_ID),
        ("net-spoke-resolver-link", f"{GROUP}spoke"),
    ):
        assert made.inputs(link) == {
            "virtualNetworkLinkName": link,
            "dnsForwardingRulesetName": "net-resolver-ruleset",
            "resourceGroupName": "rg",
            "virtualNetwork": {"id": follower},
        }


def test_what_waits_for_what(make: Callable[..., Any]) -> None:
    """Endpoints one after another; rules and links behind the ruleset, which a destroy
    takes away before the outbound endpoint."""
    made = make(planned(resolver()))
    waits = {name: set(item.depends_on) for name, item in made.resources.items()}
    assert waits["net-resolver"] == set()
    assert waits["net-resolver-inbound"] == {"net-resolver"}
    assert waits["net-resolver-outbound"] == {"net-resolver", "net-resolver-inbound"}
    assert waits["net-resolver-ruleset"] == {"net-resolver-outbound"}
    assert waits["net-corp-forwarding-rule"] == {"net-resolver-ruleset"}
    assert waits["net-resolver-link"] == {"net-resolver-ruleset"}


def test_no_ruleset_without_rules(make: Callable[..., Any]) -> None:
    """An outbound endpoint where its subnet is given, and nothing behind it."""
    made = make(planned(resolver(forwarding_rules=None)))
    assert set(made.kinds()) == {
        "Net",
        "DnsResolver",
        "InboundEndpoint",
        "OutboundEndpoint",
    }
    made = make(planned(resolver(forwarding_rules=None, outbound_subnet_id=None)))
    assert "OutboundEndpoint" not in made.kinds()


def test_a_rule_that_is_not_followed(make: Callable[..., Any]) -> None:
    """It stays, disabled."""
    made = make(
        planned(resolver(forwarding_rules={"corp": {**CORP, "enabled": False}}))
    )
    assert made.inputs("net-corp-forwarding-rule")["forwardingRuleState"] == "Disabled"


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("net-resolver", "virtualNetwork"),
        ("net-resolver-inbound", "ipConfigurations"),
        ("net-resolver-outbound", "subnet"),
        ("net-resolver-ruleset", "dnsResolverOutboundEndpoints"),
        ("net-corp-forwarding-rule", "domainName"),
        ("net-resolver-link", "virtualNetwork"),
    ],
)
def test_a_part_that_moves_is_made_anew(
    make: Callable[..., Any], name: str, fixed: str
) -> None:
    """The old part goes first: its name, its subnet and its address are taken."""
    part = make(planned(resolver())).resources[name]
    assert part.replace_on_changes == (fixed,)
    assert part.deletes_first is True


def test_names_are_known_in_a_first_preview(
    record: Any, surroundings: Callable[..., Any]
) -> None:
    """Those of what a part is in are waited for, and known all the same."""
    plan = planned(resolver())
    made = record(
        lambda: make_resolver(surroundings(), plan, NETWORK_ID), first_preview=True
    )
    assert made.inputs("net-resolver-inbound")["dnsResolverName"] == "net-resolver"
    rule = made.inputs("net-corp-forwarding-rule")
    assert rule["dnsForwardingRulesetName"] == "net-resolver-ruleset"


def test_the_network_waits_for_no_resolver(
    record: Any, surroundings: Callable[..., Any]
) -> None:
    """C49: no circle. The network names an address that is computed from its plan, and
    the resolver, which needs the network, comes after it."""
    prefix = "10.40.9.0/28"

    def program() -> None:
        vnet = network.VirtualNetwork(
            "net-vnet",
            resource_group_name="rg",
            dhcp_options={"dns_servers": [inbound_address(prefix)]},
        )
        plan, findings = read(
            resolver(inbound_subnet_prefix=prefix), network_id=vnet.id
        )
        assert findings == []
        assert plan is not None
        make_resolver(surroundings(), plan, vnet.id)

    made = record(program)
    assert made.resources["net-vnet"].depends_on == frozenset()
    servers = made.inputs("net-vnet")["dhcpOptions"]["dnsServers"]
    (configuration,) = made.inputs("net-resolver-inbound")["ipConfigurations"]
    assert servers == [configuration["privateIpAddress"]]
    assert "net-vnet" in made.waits_for("net-resolver-inbound")

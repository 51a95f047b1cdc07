"""DNS resolvers: each thing that Azure refuses once."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask


def _resolver(azure: Any, network: Any, name: str = "resolver", **inputs: Any) -> Any:
    return azure.in_group(
        "dnsresolver:DnsResolver",
        dnsResolverName=name,
        virtualNetwork=ask.ref(network),
        **inputs,
    )


def _outbound(azure: Any, network: Any, **inputs: Any) -> Any:
    _resolver(azure, network)
    subnet = ask.resolver_subnet(azure, "10.0.0.0/28", "out")
    return azure.in_group(
        "dnsresolver:OutboundEndpoint",
        dnsResolverName="resolver",
        outboundEndpointName="out",
        subnet=ask.ref(subnet),
        **inputs,
    )


def _ruleset(azure: Any, network: Any, **inputs: Any) -> Any:
    endpoint = _outbound(azure, network)
    named = {"dnsForwardingRulesetName": "rules"}
    ends = {"dnsResolverOutboundEndpoints": [ask.ref(endpoint)]}
    return azure.in_group("dnsresolver:DnsForwardingRuleset", **named, **ends, **inputs)


def _forwarded(azure: Any, name: str, domain: str) -> Any:
    return azure.create(
        "dnsresolver:ForwardingRule",
        resourceGroupName="group",
        dnsForwardingRulesetName="rules",
        forwardingRuleName=name,
        domainName=domain,
        targetDnsServers=[{"ipAddress": "192.168.0.4", "port": 53}],
    )


def _linked(
    azure: Any, network: Any, ruleset: str = "rules", name: str = "link"
) -> Any:
    return azure.create(
        "dnsresolver:PrivateResolverVirtualNetworkLink",
        resourceGroupName="group",
        dnsForwardingRulesetName=ruleset,
        virtualNetworkLinkName=name,
        virtualNetwork=ask.ref(network),
    )


def _two_resolvers(azure: Any) -> None:
    network = azure.network()
    _resolver(azure, network)
    _resolver(azure, network, "second")


def _moved_resolver(azure: Any) -> None:
    network, other = ask.two_networks(azure)
    resolver = _resolver(azure, network)
    azure.update(
        "dnsresolver:DnsResolver",
        resolver,
        dnsResolverName="resolver",
        virtualNetwork=ask.ref(other),
    )


def _domain_without_dot(azure: Any) -> None:
    _ruleset(azure, azure.network())
    _forwarded(azure, "a", "contoso.com")


def _link_elsewhere(azure: Any) -> None:
    _ruleset(azure, azure.network())
    place = {"virtualNetworkName": "far", "location": "northeurope"}
    _linked(azure, azure.network("10.2.0.0/16", **place))


def _two_rulesets(azure: Any) -> None:
    network = azure.network()
    _ruleset(azure, network)
    azure.in_group("dnsresolver:DnsForwardingRuleset", dnsForwardingRulesetName="more")
    _linked(azure, network)
    _linked(azure, network, "more")


def _used_endpoint_goes(azure: Any) -> None:
    _ruleset(azure, azure.network())
    (endpoint,) = azure.provider.store.of_type("dnsresolver:OutboundEndpoint")
    azure.delete("dnsresolver:OutboundEndpoint", endpoint)


def _inbound_outside(azure: Any) -> None:
    _resolver(azure, azure.network())
    subnet = ask.resolver_subnet(azure, "10.0.1.0/28")
    configuration = {
        "subnet": ask.ref(subnet),
        "privateIpAllocationMethod": "Static",
        "privateIpAddress": "10.0.2.4",
    }
    azure.in_group(
        "dnsresolver:InboundEndpoint",
        dnsResolverName="resolver",
        inboundEndpointName="in",
        ipConfigurations=[configuration],
    )


ELSEWHERE = {"location": "northeurope"}


RESOLVERS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("two of a network", "BadRequest", _two_resolvers),
    ("another network", "BadRequest", _moved_resolver),
    ("region", "BadRequest", lambda a: _resolver(a, a.network(), **ELSEWHERE)),
    ("endpoint's", "BadRequest", lambda a: _outbound(a, a.network(), **ELSEWHERE)),
    ("ruleset's", "BadRequest", lambda a: _ruleset(a, a.network(), **ELSEWHERE)),
    ("domain without dot", "BadRequest", _domain_without_dot),
    ("link elsewhere", "BadRequest", _link_elsewhere),
    ("two rulesets", "BadRequest", _two_rulesets),
    ("endpoint in use", "InUseOutboundEndpointCannotBeDeleted", _used_endpoint_goes),
    ("inbound outside", "PrivateIPAddressNotInSubnet", _inbound_outside),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in RESOLVERS], ids=[c[0] for c in RESOLVERS]
)
def test_resolvers(azure: Any, code: str, act: Callable[[Any], Any]) -> None:
    """Resolvers, rulesets, their rules and links."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def test_a_ruleset_serves_several_networks(azure: Any) -> None:
    """Rules and links that fit are accepted; a rule can be written again."""
    network, other = ask.two_networks(azure)
    _ruleset(azure, network)
    _forwarded(azure, "a", "contoso.com.")
    _forwarded(azure, "all", ".")
    _linked(azure, network)
    _linked(azure, other, name="second")

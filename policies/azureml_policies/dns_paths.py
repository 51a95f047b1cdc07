"""Rules for how networks outside of Azure find private names.

A private zone answers inside of Azure only: DNS servers on-premises have to reach
something there that asks it for them.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network, network_around, network_at
from azureml_policies._peered_networks import are_peered
from azureml_policies._plan import (
    GATEWAY,
    NETWORK,
    SUBNET,
)

INBOUND_ENDPOINT = "dnsresolver:InboundEndpoint"
FIREWALL_POLICY = "network:FirewallPolicy"
_PROXY = "dnsSettings.enableProxy"
_SERVERS = "dhcpOptions.dnsServers"


def _example(*further: dict[str, Any]) -> list[dict[str, Any]]:
    configuration = {"name": "default", "subnet": {"id": {"ref": "GatewaySubnet"}}}
    return [
        {
            "type": NETWORK,
            "name": "hub",
            "properties": {"virtualNetworkName": "hub"},
        },
        _subnet("GatewaySubnet"),
        {
            "type": GATEWAY,
            "name": "gateway",
            "properties": {"gatewayType": "Vpn", "ipConfigurations": [configuration]},
        },
        *further,
    ]


def _subnet(name: str) -> dict[str, Any]:
    return {
        "type": SUBNET,
        "name": name,
        "properties": {"virtualNetworkName": "hub", "subnetName": name},
    }


_INBOUND = {
    "type": INBOUND_ENDPOINT,
    "name": "inbound",
    "properties": {"ipConfigurations": [{"subnet": {"id": {"ref": "resolver"}}}]},
}


@stack_rule(
    id="DN004",
    name="dns-onprem-path",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(GATEWAY,),
    settings={
        "onPremCidrs": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Address ranges on-premises whose people use private names; "
            "empty: nobody there does",
        }
    },
    controls=(assigned("NS-10"),),
    steps="Add a DNS Private Resolver with an inbound endpoint to the gateway's "
    "network or to one peered with it, switch on the DNS proxy of the firewall, or "
    "list a forwarder in the network's dhcpOptions.dnsServers; then let the DNS "
    "servers on-premises forward the public zones to it.",
    url="https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
    bad=_example(),
    good=_example(_subnet("resolver"), _INBOUND),
    example_settings={"onPremCidrs": ["10.200.0.0/16"]},
)
def path_from_on_premises(gateway: Resource, context: Context) -> Iterator[Finding]:
    """On-premises DNS servers reach something that resolves private names."""
    ranges = context.settings["onPremCidrs"]
    if not ranges:
        raise NotApplicable("nobody on-premises uses private names: no onPremCidrs")
    open_to: list[Reading] = []
    for answer in _ways_in(gateway, context.stack):
        if answer is True:
            return
        if answer is not False:
            open_to.append(answer)
    message = (
        f"people in {', '.join(map(str, ranges))} come through gateway "
        f"'{gateway.name}', and nothing resolves private names for them; add an "
        "inbound endpoint of a DNS Private Resolver, a DNS proxy or a forwarder"
    )
    if open_to:
        yield undecided(open_to[0], message)
    else:
        yield Violation("", message)


def _ways_in(gateway: Resource, stack: Stack) -> Iterator[bool | Reading]:
    """Yield whether each thing that could answer does; a reading leaves it open."""
    for policy in stack.of_type(FIREWALL_POLICY):
        proxy = policy.value(_PROXY)
        yield proxy if isinstance(proxy, Unknown) else _is_true(proxy)
    for home in _networks(gateway, stack):
        for network in stack.of_type(NETWORK):
            if network_around(stack, network) == home:
                yield _lists_any(network.value(_SERVERS))
        for endpoint in stack.of_type(INBOUND_ENDPOINT):
            for place in _networks(endpoint, stack):
                if not isinstance(home, Network):
                    yield home
                elif not isinstance(place, Network):
                    yield place
                elif home.may_be(place):
                    yield True
                else:
                    yield are_peered(stack, home, place)


def _networks(subject: Resource, stack: Stack) -> list[Network | Reading]:
    """Return the networks that something with ``ipConfigurations`` is in."""
    return [
        network_at(stack, subject, configuration.at("subnet.id"))
        for configuration in subject.value("ipConfigurations").elements()
    ]


def _lists_any(servers: Reading) -> bool | Reading:
    if isinstance(servers, Unknown):
        return servers
    return bool(servers.elements())


def _is_true(reading: Reading) -> bool:
    return isinstance(reading, Known) and reading.value is True

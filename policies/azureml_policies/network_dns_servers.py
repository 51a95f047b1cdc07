"""The rule on whom machines of a network ask for names.

A server that nobody knows sees what everybody looks for, and answers what it likes.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._openings import configured_ranges
from azureml_policies._plan import NETWORK
from azureml_policies._subnets import network_ranges
from azureml_reachability.addresses import AddressSet

_LEARN = "https://learn.microsoft.com/azure"
_AZURE_DNS = "168.63.129.16"


@stack_rule(
    id="VN012",
    name="vnet-dns-servers",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(NETWORK,),
    settings={
        "servers": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Addresses and ranges of DNS servers elsewhere, such as "
            "on-premises or in a network of another stack",
        },
        "resolvers": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Addresses that do alone, as a service stands behind each: "
            "a DNS Private Resolver, or a firewall's DNS proxy",
        },
        "wanted": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Addresses that every network has to name, and no others: "
            "whoever asks elsewhere is neither filtered nor recorded; empty: any that "
            "are one's own, or none",
        },
    },
    controls=(assigned("NS-10"),),
    twins=(
        "psrule:Azure.VNET.SingleDNS",
        "psrule:Azure.VNET.LocalDNS",
        "checkov:CKV_AZURE_182",
        "checkov:CKV_AZURE_183",
    ),
    steps="Leave dnsServers empty for Azure's DNS, name a resolver's inbound endpoint, "
    "or name two servers of your own networks.",
    url=f"{_LEARN}/virtual-network/"
    "virtual-networks-name-resolution-for-vms-and-role-instances",
    bad={
        "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
        "dhcpOptions": {"dnsServers": ["8.8.8.8"]},
    },
    good={
        "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
        "dhcpOptions": {"dnsServers": ["10.20.0.68", "10.20.0.69"]},
    },
)
def network_dns_servers(network: Resource, context: Context) -> Iterator[Finding]:
    """Names are asked of Azure's DNS, of a resolver, or of two servers of one's own."""
    path = "dhcpOptions.dnsServers"
    servers = network.value(path)
    if isinstance(servers, Unknown):
        yield undecided(servers, "its servers have to be one's own")
        return
    elements = servers.elements()
    yield from _wanted_servers(elements, context.settings["wanted"], path)
    own = configured_ranges(context, "resolvers")
    places = _places(context) | AddressSet.of_networks(own)
    alone = {str(each.network_address) for each in own} | context.stack.once(_resolvers)
    alone.add(_AZURE_DNS)
    for server in elements:
        if isinstance(server, Unknown):
            yield undecided(server, "it has to be one's own")
        elif isinstance(server, Known) and str(server.value).strip() in alone:
            continue
        elif not isinstance(server, Known) or not _is_in(server, places):
            text = server.text if isinstance(server, Known) else "empty"
            message = f"{server.path} is {text}, which is in no network that is known"
            yield Violation(
                server.path, f"{message}; name an own server, or list it in 'servers'"
            )
    known = [each for each in elements if isinstance(each, Known)]
    if len(known) == len(elements) == 1 and str(known[0].value).strip() not in alone:
        message = f"{path} has one server, {known[0].text}: names fail when it does"
        yield Violation(path, f"{message}; name two, or list it in 'resolvers'")


def _wanted_servers(
    elements: Sequence[Reading], wanted: Sequence[str], path: str
) -> Iterator[Finding]:
    if not wanted or any(isinstance(each, Unknown) for each in elements):
        return
    named = {str(each.value).strip() for each in elements if isinstance(each, Known)}
    if named != set(wanted):
        found = ", ".join(sorted(named)) or "missing"
        yield Violation(path, f"{path} is {found}; set it to {', '.join(wanted)}")


def _places(context: Context) -> AddressSet:
    """Return where servers may be: networks of the stack, and what is configured."""
    ranges = [
        each
        for network in context.stack.of_type(NETWORK)
        for _, each in network_ranges(network).known
    ]
    return AddressSet.of_networks(ranges) | AddressSet.of_networks(
        configured_ranges(context, "servers")
    )


def _is_in(server: Known, places: AddressSet) -> bool:
    try:
        return IPv4Address(str(server.value).strip()) in places
    except ValueError:
        return False


def _resolvers(stack: Stack) -> frozenset[str]:
    """Return the fixed addresses of inbound endpoints of the stack's resolvers."""
    return frozenset(
        str(address.value)
        for endpoint in stack.of_type("dnsresolver:InboundEndpoint")
        for each in endpoint.value("ipConfigurations").elements()
        if isinstance(address := each.at("privateIpAddress"), Known)
    )

"""Rules for what joins networks: peerings, gateways, and ranges that both sides use.

Ranges that are used twice are never told apart by a route, and a peering is a door that
is opened for one purpose: every further switch of it needs a reason in configuration.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv6Network

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    must_be_flag,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._peerings import (
    PEERING,
    PlannedPeering,
    all_peerings,
    network_name,
    peerings_of,
)
from azureml_policies._plan import NETWORK
from azureml_policies._subnets import Ranges, network_ranges, ranges_in
from azureml_rulebook.address_ranges import overlap_findings

_SITE = "network:LocalNetworkGateway"
_GATEWAY = "network:VirtualNetworkGateway"
_PEERING_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview"
)
_SWITCHES = ("allowForwardedTraffic", "allowGatewayTransit", "useRemoteGateways")


def _pairs(switch: str) -> dict[str, object]:
    return {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": f"Pairs of networks whose peering may set {switch}: "
        "'local -> remote', by their names in Azure; * stands for any text",
    }


@stack_rule(
    id="VN010",
    name="address-space-no-overlap",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(NETWORK, _SITE, _GATEWAY),
    settings={
        "onPremCidrs": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Ranges in use on-premises and elsewhere, which no network "
            "of the stack may use too",
        },
        "remoteRanges": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Ranges of networks outside of the stack that are peered, "
            "by name: 'hub: 10.0.0.0/16, 10.1.0.0/16'",
        },
    },
    controls=(assigned("NS-1"),),
    steps="Move one of the two ranges: packets to it have one way only.",
    url=_PEERING_PAGE,
    bad=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {"addressSpace": {"addressPrefixes": ["10.20.0.0/22"]}},
        },
        {
            "type": _SITE,
            "name": "office",
            "properties": {
                "localNetworkAddressSpace": {"addressPrefixes": ["10.0.0.0/8"]}
            },
        },
    ),
    good=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {"addressSpace": {"addressPrefixes": ["10.20.0.0/22"]}},
        },
        {
            "type": _SITE,
            "name": "office",
            "properties": {
                "localNetworkAddressSpace": {"addressPrefixes": ["10.200.0.0/16"]}
            },
        },
    ),
)
def ranges_apart(resource: Resource, context: Context) -> Iterator[Finding]:
    """Networks, their peers, sites and VPN clients have ranges of their own."""
    own = _ranges_of(resource)
    others = list(_others(resource, context))
    if not own or not others:
        return
    yield from own.unread("it must not overlap ranges that are joined to it")
    for other in others:
        yield from _overlaps(own, other)


@dataclass(frozen=True, slots=True)
class _Other:
    """Ranges of something that is joined to a resource."""

    label: str
    ranges: Ranges
    unseen: str = ""
    """Why its ranges cannot be seen: the path that names it."""


def _ranges_of(resource: Resource) -> Ranges:
    """Return the ranges of a network, a site, or a gateway's clients."""
    if resource.key == NETWORK.lower():
        return network_ranges(resource)
    if resource.key == _SITE.lower():
        return ranges_in(resource.value("localNetworkAddressSpace.addressPrefixes"))
    return ranges_in(
        resource.value("vpnClientConfiguration.vpnClientAddressPool.addressPrefixes")
    )


def _others(resource: Resource, context: Context) -> Iterator[_Other]:
    """Yield what a resource is compared with; of two networks, one is asked only.

    Sites and clients are compared with all networks, as a gateway leads to each network
    that is peered with its own.
    """
    stack = context.stack
    if resource.key == NETWORK.lower():
        yield from _peers(resource, stack, context.settings["remoteRanges"])
        configured = Known("onPremCidrs", list(context.settings["onPremCidrs"]))
        if configured.value:
            yield _Other("the configuration", ranges_in(configured))
        return
    order = stack.of_type(NETWORK, _SITE, _GATEWAY)
    for each in order[: order.index(resource)]:
        yield _Other(f"'{each.name}'", _ranges_of(each))


def _peers(
    network: Resource, stack: Stack, configured: Iterable[str]
) -> Iterator[_Other]:
    seen: set[str] = set()
    order = stack.of_type(NETWORK)
    for peering in stack.once(all_peerings):
        ends = (peering.local.certain, peering.remote.certain)
        if network not in ends:
            continue
        other = ends[1] if ends[0] is network else ends[0]
        if other is None:
            yield _outside(peering, configured)
        elif other.urn not in seen and order.index(other) < order.index(network):
            seen.add(other.urn)
            yield _Other(f"'{other.name}'", network_ranges(other))


def _outside(peering: PlannedPeering, configured: Iterable[str]) -> _Other:
    """Return the ranges of a network outside, as far as the peering or the
    configuration says them."""
    told = {
        name.strip().lower(): [each.strip() for each in texts.split(",")]
        for name, _, texts in (text.partition(":") for text in configured)
    }
    name = network_name(peering.remote).lower()
    ranges = ranges_in(
        Known("remoteRanges", told.get(name, [])),
        peering.value("remoteAddressSpace.addressPrefixes"),
        peering.value("remoteVirtualNetworkAddressSpace.addressPrefixes"),
    )
    unseen = "" if ranges else f"remoteVirtualNetwork.id of peering {peering.label}"
    return _Other(f"the network behind peering {peering.label}", ranges, unseen)


def _overlaps(own: Ranges, other: _Other) -> Iterator[Finding]:
    if other.unseen:
        message = f"{other.unseen} names a network whose ranges are not known"
        yield Undecided(
            "addressSpace.addressPrefixes",
            f"{message}; list them in the setting remoteRanges",
        )
    yield from other.ranges.unread(f"the ranges of {other.label} must not overlap")
    theirs = [(other.label, network) for _, network in other.ranges.ipv4]
    for fault in overlap_findings(own.ipv4, theirs):
        yield Violation(fault.path, str(fault))
    for path, one in own.known:
        for _, another in other.ranges.known:
            if isinstance(one, IPv6Network) and isinstance(another, IPv6Network):
                if one.overlaps(another):
                    message = f"{path}: '{one}' overlaps '{another}' of {other.label}"
                    yield Violation(path, f"{message}; move one of them")


@stack_rule(
    id="VN015",
    name="peering-narrow",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(PEERING, NETWORK),
    settings={
        "remoteNetworks": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names or ids of networks outside of the stack that may be "
            "peered; * stands for any text. Networks of one stack may be",
        },
        **{switch: _pairs(switch) for switch in _SWITCHES},
    },
    controls=(assigned("NS-1"),),
    twins=("psrule:Azure.VNET.PeerState",),
    remedy=dict.fromkeys(_SWITCHES, False),
    remedied_types=(PEERING,),
    mended_alone=lambda peering, context: _opened_by_nobody(peering, context),
    steps="Set allowForwardedTraffic, allowGatewayTransit and useRemoteGateways to "
    "false, or name the pair in the configuration; peer networks of one environment.",
    url=_PEERING_PAGE,
    bad=(
        {
            "type": PEERING,
            "name": "to-hub",
            "properties": {
                "virtualNetworkName": "net",
                "remoteVirtualNetwork": {
                    "id": "/subscriptions/00000000-0000-0000-0000-000000000001/"
                    "resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub"
                },
                "allowForwardedTraffic": True,
            },
        },
    ),
    good=(
        {
            "type": PEERING,
            "name": "to-hub",
            "properties": {
                "virtualNetworkName": "net",
                "remoteVirtualNetwork": {
                    "id": "/subscriptions/00000000-0000-0000-0000-000000000001/"
                    "resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub"
                },
            },
        },
    ),
    example_settings={"remoteNetworks": ["hub"]},
)
def narrow_peering(resource: Resource, context: Context) -> Iterator[Finding]:
    """A peering leads to a known network, and opens no more than is configured."""
    for peering in peerings_of(context.stack, resource):
        yield from _known_remote(peering, context)
        pair = f"{network_name(peering.local)} -> {network_name(peering.remote)}"
        for switch in _SWITCHES:
            if _is_listed(pair, context.settings[switch]):
                continue
            for finding in must_be_flag(peering, switch, False):
                reading = peering.value(switch)
                message = f"peering {peering.label}: {finding.message}"
                advice = f"or list '{pair}' in the setting {switch}"
                yield type(finding)(reading.path, f"{message}, {advice}")


def _opened_by_nobody(peering: Resource, context: Context) -> Iterator[Finding]:
    """Yield what a peering opens, where no pair of networks is configured: whether it
    is such a pair is known from the whole stack only."""
    if not any(context.settings[switch] for switch in _SWITCHES):
        for switch in _SWITCHES:
            yield from must_be_flag(peering, switch, False)


def _known_remote(peering: PlannedPeering, context: Context) -> Iterator[Finding]:
    remote = peering.remote
    listed = context.settings["remoteNetworks"]
    reading = remote.reading
    if remote.certain is not None or remote.possible:
        return
    if isinstance(reading, Unknown):
        if "*" not in listed:
            yield undecided(reading, "the remote network has to be a configured one")
    elif not remote.elsewhere:
        yield Violation(
            reading.path, f"{reading.path} is missing: a peering leads nowhere; set it"
        )
    elif not (
        _is_listed(network_name(remote), listed) or _is_listed(remote.elsewhere, listed)
    ):
        message = f"{reading.path} leads to '{network_name(remote)}', outside of this "
        yield Violation(
            reading.path,
            f"{message}stack; remove the peering, or list it in remoteNetworks",
        )


def _is_listed(text: str, patterns: object) -> bool:
    return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)

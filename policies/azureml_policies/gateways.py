"""Rules for VPN and ExpressRoute gateways: sizes, how people sign in, where they live.

Sizes, with what takes the place of those that are gone, stand in the rulebook.
"""

from collections.abc import Callable, Iterable, Iterator
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
    must_be,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network, network_at
from azureml_policies._peered_networks import Peering, peerings
from azureml_policies._plan import (
    GATEWAY,
    NETWORK,
    PEERING,
    SUBNET,
)
from azureml_policies._service_subnets import lives_in
from azureml_rulebook import express_route, findings, vpn_gateways
from azureml_rulebook.subnets import GATEWAY as GATEWAY_PURPOSE
from azureml_rulebook.subnets import subnet_purpose

VPN = "Vpn"
EXPRESS_ROUTE = "ExpressRoute"
_KIND = "gatewayType"
_SIZE = "sku.name"
_TIER = "sku.tier"
_VPN_DOCS = "https://learn.microsoft.com/azure/vpn-gateway"
_ZONES = {
    "zoneRedundant": {
        "type": "boolean",
        "default": True,
        "description": "Only sizes that span availability zones; Azure makes no new "
        "gateways of the others",
    }
}


@resource_rule(
    id="VG001",
    name="vpn-sku-not-basic",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(GATEWAY,),
    settings=_ZONES,
    controls=(assigned("DP-3"),),
    azure_policies=("e345b6c3-24bd-4c93-9bbb-7e5e49a17b78",),
    twins=("psrule:Azure.VNG.VPNAvailabilityZoneSKU",),
    steps="Set sku.name and sku.tier to VpnGw1AZ or larger.",
    url=vpn_gateways.SIZES_PAGE,
    bad={"gatewayType": "Vpn", "sku": {"name": "Basic"}},
    good={"gatewayType": "Vpn", "sku": {"name": "VpnGw1AZ"}},
)
def vpn_size(gateway: Resource, context: Context) -> Iterator[Finding]:
    """A VPN gateway has a size with current encryption, which spans zones."""
    without_zones = () if context.settings["zoneRedundant"] else _VPN_WITHOUT_ZONES
    found = _size(
        gateway, without_zones, vpn_gateways.SIZES, vpn_gateways.size_findings
    )
    yield from _only_of_kind(gateway, VPN, found)


_VPN_WITHOUT_ZONES = tuple(
    row.name for row in vpn_gateways.REFUSED_SIZES.values() if "VpnGw" in row.name
)


@resource_rule(
    id="VG006",
    name="vpn-route-based-active-active",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(GATEWAY,),
    settings={
        "activeActive": {
            "type": "boolean",
            "default": True,
            "description": "Both instances have to carry traffic, so that an update of "
            "one interrupts nobody",
        }
    },
    controls=(assigned("BR-1"),),
    steps="Set vpnType to RouteBased and activeActive to true, with a second entry of "
    "ipConfigurations and a public address for it.",
    url=f"{_VPN_DOCS}/about-active-active-gateways",
    bad={"gatewayType": "Vpn", "vpnType": "PolicyBased"},
    good={"gatewayType": "Vpn", "vpnType": "RouteBased", "activeActive": True},
)
def route_based_and_active_active(
    gateway: Resource, context: Context
) -> Iterator[Finding]:
    """A VPN gateway is route-based, and both of its instances carry traffic."""
    found = [
        *must_be(gateway, "vpnType", "RouteBased", unset="Azure chooses the type"),
        *_active_active(gateway, context),
    ]
    yield from _only_of_kind(gateway, VPN, found)


def _active_active(gateway: Resource, context: Context) -> Iterator[Finding]:
    if context.settings["activeActive"]:
        yield from must_be_flag(
            gateway, "activeActive", True, unset="one instance only waits"
        )


@resource_rule(
    id="VG007",
    name="er-gateway-sku",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(GATEWAY,),
    settings=_ZONES,
    controls=(assigned("BR-1"),),
    twins=(
        "psrule:Azure.VNG.ERLegacySKU",
        "psrule:Azure.VNG.ERAvailabilityZoneSKU",
    ),
    steps="Set sku.name and sku.tier to ErGw1AZ or larger, or to ErGwScale.",
    url="https://learn.microsoft.com/azure/expressroute/"
    "expressroute-about-virtual-network-gateways",
    bad={"gatewayType": "ExpressRoute", "sku": {"name": "Standard"}},
    good={"gatewayType": "ExpressRoute", "sku": {"name": "ErGw1AZ"}},
)
def express_route_size(gateway: Resource, context: Context) -> Iterator[Finding]:
    """An ExpressRoute gateway has a current size, which spans zones."""
    without_zones = () if context.settings["zoneRedundant"] else _WITHOUT_ZONES
    found = _size(
        gateway, without_zones, express_route.SIZES, express_route.size_findings
    )
    yield from _only_of_kind(gateway, EXPRESS_ROUTE, found)


_WITHOUT_ZONES = ("HighPerformance", "UltraPerformance")
"""Sizes of ExpressRoute gateways that are still made; Basic and Standard are legacy
(https://learn.microsoft.com/azure/expressroute/
expressroute-about-virtual-network-gateways)."""


def _gateway_example(subnet: str) -> list[dict[str, Any]]:
    configuration = {"name": "default", "subnet": {"id": {"ref": "subnet"}}}
    return [
        {
            "type": GATEWAY,
            "name": "gateway",
            "properties": {"gatewayType": "Vpn", "ipConfigurations": [configuration]},
        },
        {
            "type": SUBNET,
            "name": "subnet",
            "properties": {"virtualNetworkName": "hub", "subnetName": subnet},
        },
    ]


@stack_rule(
    id="VG008",
    name="gateway-in-gateway-subnet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(GATEWAY, PEERING, NETWORK),
    steps="Name GatewaySubnet in every entry of the gateway's ipConfigurations, and "
    "let useRemoteGateways of peerings lead to the network that the gateway is in.",
    url=f"{_VPN_DOCS}/vpn-gateway-about-vpn-gateway-settings#gwsub",
    bad=_gateway_example("gateways"),
    good=_gateway_example("GatewaySubnet"),
)
def gateway_in_its_subnet(subject: Resource, context: Context) -> Iterator[Finding]:
    """A gateway lives in GatewaySubnet of the network whose gateway its peers use."""
    if subject.key == GATEWAY.lower():
        yield from _in_gateway_subnet(subject, context.stack)
        return
    halves = [
        half
        for half in context.stack.once(peerings)
        if half.resource is subject and _uses_gateways(half.uses_remote_gateways)
    ]
    if not halves:
        raise NotApplicable("uses no gateway of another network")
    for half in halves:
        yield from _leads_to_a_gateway(half, context.stack)


def _in_gateway_subnet(gateway: Resource, stack: Stack) -> Iterator[Finding]:
    configurations = gateway.value("ipConfigurations").elements()
    if not configurations:
        yield Violation(
            "ipConfigurations",
            "ipConfigurations is missing: a gateway lives in a subnet of its own; add "
            "one that names GatewaySubnet",
        )
    for configuration in configurations:
        subnet = configuration.at("subnet.id")
        yield from lives_in(stack, gateway, subnet, subnet_purpose(GATEWAY_PURPOSE))


def _uses_gateways(uses: Reading) -> bool:
    """Whether a half uses the other network's gateways, or may: it is not known."""
    return isinstance(uses, Unknown) or isinstance(uses, Known) and uses.value is True


def _leads_to_a_gateway(half: Peering, stack: Stack) -> Iterator[Finding]:
    """Want the network that a peer expects a gateway in to have one.

    A network of another stack is passed over: its gateway is there.
    """
    remote = half.remote
    path = half.uses_remote_gateways.path
    if not isinstance(remote, Network):
        yield undecided(remote, f"{path} needs a gateway in that network")
        return
    held = stack.once(_gateway_networks)
    here = [each for each in held if isinstance(each, Network)]
    if any(each.may_be(remote) for each in here):
        return
    if remote.key not in stack.once(_network_keys):
        raise NotApplicable(f"network {remote.label} is outside of this stack")
    message = (
        f"{path} is true, and network {remote.label} has no gateway in this stack; let "
        "the peering lead to the gateway's network, or leave it out"
    )
    unknown = next((each for each in held if not isinstance(each, Network)), None)
    if unknown is None and isinstance(half.uses_remote_gateways, Unknown):
        unknown = half.uses_remote_gateways
    if unknown is None:
        yield Violation(path, message)
    else:
        yield undecided(unknown, message)


def _gateway_networks(stack: Stack) -> list[Network | Reading]:
    """Return the network that each gateway of ``stack`` is in."""
    return [
        network_at(stack, gateway, configuration.at("subnet.id"))
        for gateway in stack.of_type(GATEWAY)
        for configuration in gateway.value("ipConfigurations").elements()[:1]
    ]


def _network_keys(stack: Stack) -> frozenset[str]:
    return frozenset(network.urn for network in stack.of_type(NETWORK))


def _only_of_kind(
    gateway: Resource, kind: str, found: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``found`` for gateways of one ``gatewayType``; others are not concerned.

    Where that is not known, a finding may not count: it is undecided. A gateway without
    it is not passed over.
    """
    reading = gateway.value(_KIND)
    match reading:
        case Known() if reading.is_any_of((kind,)):
            yield from found
        case Known(value=str(), is_blank=False):
            raise NotApplicable(f"judges gateways of type {kind}")
        case Unknown():
            for finding in found:
                yield undecided(reading, f"if it is '{kind}', {finding.message}")
        case Known(is_blank=False):
            yield Violation(_KIND, f"{_KIND} is {reading.text}; set it to its type")
        case _:
            yield Violation(
                _KIND, f"{_KIND} is missing, so nothing can be judged; set it"
            )


def _size(
    gateway: Resource,
    accepted: Iterable[str],
    offered: Iterable[str],
    judge: Callable[..., list[findings.Finding]],
) -> Iterator[Finding]:
    """Want the size of a gateway to be one of ``accepted``, or one that ``judge`` of
    the rulebook takes; ``offered`` are its names, as Azure spells them."""
    size = gateway.value(_SIZE)
    tier = gateway.value(_TIER)
    match size:
        case Known(value=str() as text, is_blank=False):
            if isinstance(tier, Known) and not tier.is_any_of((text,)):
                message = f"{_TIER} is {tier.text}, and {_SIZE} {size.text}"
                yield Violation(_TIER, f"{message}; set both to the same")
            if size.is_any_of(tuple(accepted)):
                return
            spelled = {each.lower(): each for each in offered}
            name = spelled.get(text.strip().lower(), text)
            for finding in judge(name, path=_SIZE):
                yield Violation(_SIZE, str(finding))
        case Unknown():
            yield undecided(size, "the size has to be one that spans zones")
        case Known(is_blank=False):
            yield Violation(_SIZE, f"{_SIZE} is {size.text}; set it to a size")
        case _:
            smallest = next(iter(offered))
            yield Violation(
                _SIZE,
                f"{_SIZE} is missing: Azure chooses an old size; set it to "
                f"'{smallest}' or a larger one",
            )

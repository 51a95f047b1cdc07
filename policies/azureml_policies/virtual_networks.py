"""Rules for virtual networks: their ranges, their DNS, and what watches over them.

A range that something else uses is found by Azure late or never: containers, sites and
peers then lose packets without a word.
"""

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._openings import configured_ranges
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._subnets import (
    PlannedSubnet,
    Ranges,
    network_ranges,
    subnets_of,
)
from azureml_reachability.addresses import AddressSet
from azureml_rulebook.address_ranges import (
    NOT_PUBLIC,
    PRIVATE_RANGES,
    forbidden_range_findings,
    overlap_findings,
)
from azureml_rulebook.findings import Finding as Fault

_LEARN = "https://learn.microsoft.com/azure"
_FAQ = f"{_LEARN}/virtual-network/virtual-networks-faq"
_PRIVATE_IPV6 = ip_network("fc00::/7")
"""Unique local addresses (https://www.rfc-editor.org/rfc/rfc4193)."""


@resource_rule(
    id="VN007",
    name="vnet-no-docker-range",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(NETWORK, SUBNET),
    steps="Move the range outside of 172.17.0.0/16, where containers on Azure Machine "
    "Learning compute have their bridge, and of what Azure keeps for itself.",
    url=f"{_LEARN}/machine-learning/how-to-secure-workspace-vnet",
    bad={"addressSpace": {"addressPrefixes": ["172.16.0.0/12"]}},
    good={"addressSpace": {"addressPrefixes": ["172.20.0.0/16"]}},
)
def network_without_docker_range(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """No range is one that containers on compute, or Azure itself, use."""
    for ranges in _all_ranges(resource):
        for path, network in ranges.ipv4:
            for fault in forbidden_range_findings(network, path):
                yield Violation(path, str(fault))
        yield from ranges.unread("it must not overlap 172.17.0.0/16")


def _all_ranges(resource: Resource) -> Iterator[Ranges]:
    if resource.key == NETWORK.lower():
        yield network_ranges(resource)
    for subnet in subnets_of(resource):
        yield subnet.ranges


@resource_rule(
    id="VN008",
    name="vnet-private-ranges-only",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(NETWORK,),
    settings={
        "allowSharedAddressSpace": {
            "type": "boolean",
            "default": False,
            "description": "Accept 100.64.0.0/10 too, which carriers share",
        },
        "allowPublicAddressSpace": {
            "type": "boolean",
            "default": False,
            "description": "Accept any range, as for a network whose owner uses public "
            "ranges of his own inside",
        },
        "ranges": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "The ranges that the environment has, such as 10.40.0.0/20: "
            "networks have to lie in them; empty: in any private one",
        },
    },
    controls=(assigned("NS-1"),),
    steps="Use ranges inside of 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, or say "
    "in the configuration that others are meant.",
    url=_FAQ,
    bad={"addressSpace": {"addressPrefixes": ["20.0.0.0/16"]}},
    good={"addressSpace": {"addressPrefixes": ["10.20.0.0/22"]}},
)
def network_in_private_ranges(network: Resource, context: Context) -> Iterator[Finding]:
    """A network has private ranges only."""
    shared = context.settings["allowSharedAddressSpace"]
    allowed = NOT_PUBLIC if shared else PRIVATE_RANGES
    own = AddressSet.of_networks(configured_ranges(context, "ranges"))
    ranges = network_ranges(network)
    yield from ranges.unread("it has to be private")
    if context.settings["ranges"]:
        listed = ", ".join(context.settings["ranges"])
        for path, each in ranges.known:
            if not AddressSet.of_networks([each]) <= own:
                yield Violation(
                    path, f"{path} '{each}' is not inside {listed}; move it"
                )
    if context.settings["allowPublicAddressSpace"]:
        return
    for path, each in ranges.known:
        if isinstance(each, IPv6Network):
            private = each.subnet_of(_PRIVATE_IPV6)
        else:
            private = any(each.subnet_of(one) for one in allowed)
        if not private:
            listed = ", ".join(str(one) for one in allowed)
            yield Violation(path, f"{path} '{each}' is not inside {listed}; move it")


@stack_rule(
    id="VN009",
    name="subnet-inside-vnet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(SUBNET, NETWORK),
    steps="Give each subnet a range of its network's that no other subnet has.",
    url=_FAQ,
    bad=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
                "subnets": [{"name": "training", "addressPrefix": "10.30.0.0/25"}],
            },
        },
    ),
    good=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
                "subnets": [{"name": "training", "addressPrefix": "10.20.0.0/25"}],
            },
        },
    ),
)
def subnet_inside_network(resource: Resource, context: Context) -> Iterator[Finding]:
    """Subnets lie in their network and apart from each other."""
    yield from context.stack.once(_layout).get(resource.urn, ())
    if resource.key == SUBNET.lower():
        name = resource.value("virtualNetworkName")
        reference = context.stack.resolve(resource, name, NETWORK)
        if reference.certain is None and isinstance(name, Unknown):
            yield undecided(name, "the network has to hold the subnet's range")
        elif reference.certain is None:
            yield Undecided(
                "virtualNetworkName",
                "virtualNetworkName names a network outside of this stack, which has "
                "to hold the subnet's range; judge the stack that holds it",
            )


def _layout(stack: Stack) -> dict[str, list[Finding]]:
    """Return what is wrong with where subnets lie, by the URN of what holds them."""
    by_network: dict[str, list[PlannedSubnet]] = defaultdict(list)
    for network in stack.of_type(NETWORK):
        by_network[network.urn] += subnets_of(network)
    for resource in stack.of_type(SUBNET):
        name = resource.value("virtualNetworkName")
        found = stack.resolve(resource, name, NETWORK)
        place = found.certain.urn if found.certain else f"outside {found.elsewhere}"
        if found.certain or found.elsewhere not in ("", "?"):
            by_network[place] += subnets_of(resource)
    networks = {network.urn: network for network in stack.of_type(NETWORK)}
    findings: dict[str, list[Finding]] = defaultdict(list)
    for place, subnets in by_network.items():
        _add_layout(networks.get(place), subnets, findings)
    return findings


def _add_layout(
    network: Resource | None,
    subnets: list[PlannedSubnet],
    findings: dict[str, list[Finding]],
) -> None:
    space = network_ranges(network) if network else Ranges()
    held = AddressSet.of_networks(each for _, each in space.known)
    owners: dict[str, tuple[str, str]] = {}
    lying: list[tuple[str, object]] = []
    for subnet in subnets:
        own = findings[subnet.resource.urn]
        ranges = subnet.ranges
        own += ranges.unread(f"{subnet.label} has to lie in its network")
        if not ranges and not isinstance(subnet.inline, Unknown):
            unknown = Unknown("ipamPoolPrefixAllocations")
            own += subnet.placed([undecided(unknown, "it has to lie in its network")])
        for path, each in ranges.known:
            place = f"'{subnet.resource.name}' {path}"
            owners[place] = (subnet.resource.urn, path)
            lying.append((place, each))
            if network and not AddressSet.of_networks([each]) <= held:
                own.append(_outside(subnet, path, each, network, space))
    for fault in _overlaps(lying):
        urn, path = owners[fault.path]
        findings[urn].append(Violation(path, str(fault)))


def _outside(
    subnet: PlannedSubnet, path: str, each: object, network: Resource, space: Ranges
) -> Finding:
    wanted = f"{subnet.label} '{each}' has to lie in network '{network.name}'"
    if space.unknown:
        return Undecided(
            path, f"{wanted}, of which {space.unknown[0].path} is not known; set it"
        )
    listed = ", ".join(str(one) for _, one in space.known) or "no range"
    return Violation(path, f"{wanted}, which has {listed}; move one of them")


def _overlaps(ranges: list[tuple[str, object]]) -> Iterator[Fault]:
    """Yield pairs that overlap: all of IPv4, and of IPv6 those that are neighbours."""
    wide = [each for each in ranges if isinstance(each[1], IPv6Network)]
    yield from overlap_findings([r for r in ranges if isinstance(r[1], IPv4Network)])
    wide.sort(key=lambda each: each[1])
    for (path, one), (other_path, other) in zip(wide[1:], wide, strict=False):
        if one.overlaps(other):
            yield Fault(path, f"'{one}' overlaps '{other}' of {other_path}; move one")

"""Turns the plain inputs of a SecureVnet into a plan, or into all that is wrong.

Everything is decided here, before the first resource: ranges, rules, zones and names.
The resources are then written down from the plan without further thought.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_network._inputs import InputError, InputReader, is_known_later
from azureml_network._place import Place, read_place
from azureml_network._secure_vnet.arguments import (
    Egress,
    SecureVnetArgs,
    SubnetSpec,
)
from azureml_rulebook import aml_traffic
from azureml_rulebook.address_ranges import (
    length_for,
    network_findings,
    overlap_findings,
    read_range,
    read_ranges,
    usable_addresses,
)
from azureml_rulebook.addresses import SubnetRequest, plan_addresses
from azureml_rulebook.dns_zones import (
    zone_id_findings,
    zone_names,
    zone_row,
    zones_for,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings
from azureml_rulebook.private_endpoints import addresses_needed, workspace_groups
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnet_traffic import PlannedSubnet, group_rules
from azureml_rulebook.subnets import (
    ENDPOINTS,
    SubnetPurpose,
    reserved_name_findings,
    subnet_purpose,
)
from azureml_rulebook.tags import PRIVATE_DNS_ZONES, RESOURCES

DEFAULT_GROUPS = tuple(workspace_groups())


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """One subnet as it will be made."""

    azure_name: str
    purpose: SubnetPurpose
    prefix: IPv4Network
    rules: tuple[SecurityRule, ...]
    """Rules of its security group; empty if it has none."""


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """A network as it will be made."""

    location: str
    address_space: tuple[str, ...]
    subnets: dict[str, SubnetPlan]
    """By the caller's name, sorted: the order in which they are made."""
    new_zones: tuple[str, ...]
    existing_zones: tuple[str, ...]
    egress: Egress
    egress_zone: str | None
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""


@dataclass(frozen=True, kw_only=True)
class _Subnet:
    """A subnet as it was asked for, with a known purpose."""

    path: str
    purpose: SubnetPurpose
    request: SubnetRequest


@dataclass(frozen=True, kw_only=True)
class _Request:
    """All inputs, read and checked."""

    place: Place
    groups: tuple[str, ...]
    existing_zones: frozenset[str]
    egress: Egress
    egress_zone: str | None
    public_packages: bool
    space: tuple[IPv4Network, ...]
    on_premises: tuple[IPv4Network, ...]
    subnets: dict[str, _Subnet]


def plan_network(name: str, args: SecureVnetArgs) -> NetworkPlan:
    """Check the inputs of the component called ``name`` and plan the network.

    Raises:
        InputError: with everything that is wrong.
    """
    request = _read(name, args)
    addresses = plan_addresses(
        request.space,
        [subnet.request for subnet in request.subnets.values()],
        avoid=request.on_premises,
    )
    if addresses.findings:
        raise InputError(addresses.findings)
    zones = zones_for(request.groups, request.place.cloud_name)
    subnets = _subnet_plans(request, addresses.prefixes)
    return NetworkPlan(
        location=request.place.region,
        address_space=tuple(str(network) for network in request.space),
        subnets=subnets,
        new_zones=tuple(zone for zone in zones if zone not in request.existing_zones),
        existing_zones=tuple(zone for zone in zones if zone in request.existing_zones),
        egress=request.egress,
        egress_zone=request.egress_zone,
        warnings=_egress_warnings(request, subnets),
    )


def _egress_warnings(
    request: _Request, subnets: Mapping[str, SubnetPlan]
) -> tuple[str, ...]:
    """Name the subnets whose machines have no way out, since nobody else will."""
    prefixes = {str(subnet.prefix) for subnet in subnets.values()}
    warnings: list[str] = []
    for name, subnet in subnets.items():
        path = request.subnets[name].path
        if not subnet.purpose.egress:
            continue
        if request.egress is Egress.NONE:
            warnings.append(
                f"{path}: egress is 'none', so its machines reach no public service "
                f"({subnet.purpose.description}); set egress to "
                f"'{Egress.NAT_GATEWAY}' unless another route out is made"
            )
        elif not any(_leaves_network(rule, prefixes) for rule in subnet.rules):
            warnings.append(
                f"{path}: its security group lets nothing out of the network, so "
                f"private endpoints are all that it reaches "
                f"({subnet.purpose.description}); its NAT gateway opens nothing"
            )
    return tuple(warnings)


def _leaves_network(rule: SecurityRule, prefixes: Collection[str]) -> bool:
    """Whether ``rule`` lets something out to others than the subnets' ``prefixes``."""
    lets_out = rule.direction is Direction.OUTBOUND and rule.access is Access.ALLOW
    return lets_out and not set(rule.destinations).issubset(prefixes)


def _subnet_plans(
    request: _Request, prefixes: Mapping[str, IPv4Network]
) -> dict[str, SubnetPlan]:
    layout = {
        name: PlannedSubnet(purpose=subnet.purpose.name, prefix=str(prefixes[name]))
        for name, subnet in sorted(request.subnets.items())
    }
    holding = aml_traffic.conditions(
        request.groups, public_packages=request.public_packages
    )
    return {
        name: SubnetPlan(
            azure_name=request.subnets[name].purpose.azure_name or name,
            purpose=request.subnets[name].purpose,
            prefix=prefixes[name],
            rules=group_rules(
                name,
                layout,
                request.place.region,
                request.place.cloud_name,
                holding=holding,
            )
            if request.subnets[name].purpose.security_group
            else (),
        )
        for name in layout
    }


def _read(name: str, args: SecureVnetArgs) -> _Request:
    reader = InputReader(args, SecureVnetArgs)
    reader.require("resource_group_name")
    place = read_place(reader)
    groups = _groups(reader, place.cloud_name)
    zones = zones_for(groups, place.cloud_name)
    existing_zones = _existing_zones(reader, zones)
    makes_zones = not existing_zones.issuperset(zones)
    reader.check_tags([RESOURCES, *([PRIVATE_DNS_ZONES] if makes_zones else [])])
    egress = reader.choice("egress", Egress.NAT_GATEWAY)
    on_premises = _on_premises(reader)
    subnets = _subnets(reader, groups)
    request = _Request(
        place=place,
        groups=groups,
        existing_zones=existing_zones,
        egress=egress,
        egress_zone=_egress_zone(reader, egress),
        public_packages=reader.flag("allow_public_packages", False),
        space=_address_space(reader, on_premises),
        on_premises=tuple(network for _, network in on_premises),
        subnets=subnets,
    )
    reader.findings += _name_findings(name, subnets)
    reader.raise_findings()
    return request


def _groups(reader: InputReader, cloud_name: str) -> tuple[str, ...]:
    """Return the group ids, by default those that have zones in this cloud."""
    default = [group for group in DEFAULT_GROUPS if cloud_name in zone_row(group).zones]
    known: list[str] = []
    for index, group in enumerate(reader.texts("private_endpoint_groups", default)):
        try:
            zone_names(str(group), cloud_name)
        except ValueError as error:
            reader.note(f"private_endpoint_groups[{index}]", str(error))
        else:
            known.append(zone_row(str(group)).group_id)
    return tuple(dict.fromkeys(known))


def _existing_zones(reader: InputReader, zones: Sequence[str]) -> frozenset[str]:
    """Return the zones that exist already, each one of those that are needed."""
    key = "private_dns_zone_ids"
    existing = reader.inputs(key)
    for zone, zone_id in existing.items():
        if zone not in zones:
            reader.note(
                f"{key}.{zone}",
                f"no private endpoint group needs this zone; {suggestion(zone, zones)}",
            )
        elif not is_known_later(zone_id):
            reader.findings += zone_id_findings(zone, zone_id, path=f"{key}.{zone}")
    return frozenset(existing)


def _egress_zone(reader: InputReader, egress: Egress) -> str | None:
    zone = reader.optional_text("egress_zone")
    if zone is None:
        return None
    if zone not in ("1", "2", "3"):
        reader.note("egress_zone", f"'{zone}' is not a zone; use '1', '2' or '3'")
    elif egress is Egress.NONE:
        reader.note(
            "egress_zone", "needs a NAT gateway, and egress is 'none'; leave it out"
        )
    return zone


def _address_space(
    reader: InputReader, on_premises: Sequence[tuple[str, IPv4Network]]
) -> tuple[IPv4Network, ...]:
    space, findings = read_ranges(reader.texts("address_space"), "address_space")
    for path, network in space:
        findings += network_findings(network, path)
    findings += overlap_findings(space)
    findings += overlap_findings(space, on_premises)
    reader.findings += findings
    return tuple(network for _, network in space)


def _on_premises(reader: InputReader) -> list[tuple[str, IPv4Network]]:
    """Return the ranges that are in use elsewhere, each with its path."""
    key = "on_premises_address_space"
    ranges, findings = read_ranges(reader.texts(key, ()), key)
    reader.findings += findings
    return ranges


def _subnets(reader: InputReader, groups: Sequence[str]) -> dict[str, _Subnet]:
    asked: dict[str, _Subnet] = {}
    for name, subnet_reader in reader.each("subnets", SubnetSpec).items():
        subnet = _subnet(name, subnet_reader)
        if subnet is not None:
            asked[name] = subnet
            reader.findings += _size_findings(subnet, groups)
    return asked


def _subnet(name: str, reader: InputReader) -> _Subnet | None:
    """Read one subnet; None if its purpose or range cannot be understood."""
    word = reader.text("purpose")
    if not word:
        return None
    try:
        purpose = subnet_purpose(word)
    except ValueError as error:
        reader.note("purpose", str(error))
        return None
    size = reader.integer("size", 0)
    pinned: IPv4Network | None = None
    prefix = reader.optional_text("prefix")
    if prefix is not None:
        found = read_range(prefix, f"{reader.path}.prefix")
        if isinstance(found, Finding):
            reader.findings.append(found)
            return None
        pinned = found
    if size and not 0 < size <= 32:
        reader.note("size", f"{size} is not a prefix length; use one like 25 (a /25)")
        return None
    if pinned is not None and size and pinned.prefixlen != size:
        reader.note(
            "prefix", f"'{pinned}' is not of size {size} (a /{size}); change one"
        )
        return None
    length = pinned.prefixlen if pinned is not None else size or purpose.recommended
    return _Subnet(
        path=reader.path,
        purpose=purpose,
        request=SubnetRequest(
            name=name,
            prefix_length=length,
            pinned=pinned,
            path=f"{reader.path}.prefix",
        ),
    )


def _size_findings(subnet: _Subnet, groups: Sequence[str]) -> list[Finding]:
    """Compare a subnet's size with its purpose's limits and with what moves in."""
    length = subnet.request.prefix_length
    purpose = subnet.purpose
    path = f"{subnet.path}.{'size' if subnet.request.pinned is None else 'prefix'}"
    if length > purpose.smallest:
        return [
            Finding(
                path,
                f"/{length} is too small for purpose '{purpose.name}'; "
                f"use /{purpose.smallest} or larger ({purpose.page})",
            )
        ]
    if length < purpose.largest:
        return [
            Finding(
                path,
                f"/{length} is too large for purpose '{purpose.name}'; "
                f"use /{purpose.largest} or smaller ({purpose.page})",
            )
        ]
    if purpose.name != ENDPOINTS:
        return []
    needed = addresses_needed(groups)
    usable = usable_addresses(IPv4Network((0, length)))
    if needed <= usable:
        return []
    return [
        Finding(
            path,
            f"/{length} has {usable} usable addresses and the private endpoints "
            f"({', '.join(groups)}) need {needed}; use /{length_for(needed)} or larger",
        )
    ]


def _name_findings(component: str, asked: Mapping[str, _Subnet]) -> list[Finding]:
    """Check the Azure names that come from the component's name and the subnets'."""
    findings = name_findings("virtual_network", f"{component}-vnet", path="name")
    if findings:
        return findings
    first_by_name: dict[str, str] = {}
    for name, subnet in asked.items():
        azure_name = subnet.purpose.azure_name or name
        reserved = reserved_name_findings(name, subnet.purpose, path=subnet.path)
        if reserved:
            findings += reserved
            continue
        findings += name_findings(
            "subnet", azure_name, path=subnet.path
        ) or name_findings(
            "network_security_group", f"{component}-{name}-nsg", path=subnet.path
        )
        first = first_by_name.setdefault(azure_name.lower(), name)
        if first != name:
            findings.append(
                Finding(
                    subnet.path,
                    f"is called '{azure_name}' in Azure, as subnets.{first} is; "
                    "keep one of them",
                )
            )
    return findings

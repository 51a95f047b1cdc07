"""Turns the plain inputs of a SecureVnet into a plan, or into all that is wrong.

Everything is decided here, before the first resource: ranges, rules, zones and names.
The resources are then written down from the plan without further thought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_network._inputs import InputReader
from azureml_network._secure_vnet.arguments import (
    Egress,
    SecureVnetArgs,
    SubnetSpec,
)
from azureml_rulebook import aml_traffic, subnets
from azureml_rulebook.address_ranges import (
    length_for,
    network_findings,
    overlap_findings,
    read_range,
    read_ranges,
    usable_addresses,
)
from azureml_rulebook.addresses import SubnetRequest, plan_addresses
from azureml_rulebook.clouds import CLOUDS, PUBLIC, cloud
from azureml_rulebook.dns_zones import zone_names, zones_for
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings
from azureml_rulebook.private_endpoints import addresses_needed
from azureml_rulebook.regions import region_findings, region_name
from azureml_rulebook.security_rules import SecurityRule
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.subnet_traffic import PlannedSubnet, group_rules
from azureml_rulebook.subnets import SubnetPurpose, subnet_purpose

DEFAULT_GROUPS = ("amlworkspace", "blob", "file", "vault", "registry", "azuremonitor")


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


@dataclass(frozen=True, kw_only=True)
class _Subnet:
    """A subnet as it was asked for, with a known purpose."""

    path: str
    purpose: SubnetPurpose
    request: SubnetRequest


def plan_network(name: str, args: SecureVnetArgs) -> NetworkPlan:
    """Check the inputs of the component called ``name`` and plan the network.

    Raises:
        InputError: with everything that is wrong.
    """
    reader = InputReader(args, SecureVnetArgs)
    cloud_name = _cloud(reader)
    location = reader.text("location")
    if location:
        reader.findings += region_findings(location, cloud_name)
    groups = _groups(reader, cloud_name)
    existing = reader.inputs("private_dns_zone_ids")
    zones = zones_for(groups, cloud_name)
    reader.findings += _zone_id_findings(existing, zones)
    reader.findings += _name_findings(name)
    egress = reader.choice("egress", Egress.NAT_GATEWAY)
    egress_zone = _egress_zone(reader, egress)
    public_packages = reader.flag("allow_public_packages", False)
    space = _address_space(reader)
    asked = _subnets(reader, groups)
    # Nothing can be planned on wrong ranges: report what is known by now.
    reader.raise_findings()
    addresses = plan_addresses(
        [network for _, network in space],
        [subnet.request for subnet in asked.values()],
        avoid=[network for _, network in _on_premises(reader)],
    )
    reader.findings += addresses.findings
    reader.raise_findings()
    layout = {
        key: PlannedSubnet(
            purpose=asked[key].purpose.name, prefix=str(addresses.prefixes[key])
        )
        for key in sorted(asked)
    }
    region = region_name(location)
    holding = aml_traffic.conditions(groups, public_packages=public_packages)
    return NetworkPlan(
        location=region,
        address_space=tuple(str(network) for _, network in space),
        subnets={
            key: SubnetPlan(
                azure_name=asked[key].purpose.azure_name or key,
                purpose=asked[key].purpose,
                prefix=addresses.prefixes[key],
                rules=group_rules(key, layout, region, cloud_name, holding=holding)
                if asked[key].purpose.security_group
                else (),
            )
            for key in layout
        },
        new_zones=tuple(zone for zone in zones if zone not in existing),
        existing_zones=tuple(zone for zone in zones if zone in existing),
        egress=egress,
        egress_zone=egress_zone,
    )


def _cloud(reader: InputReader) -> str:
    name = reader.text("cloud", PUBLIC)
    if name in CLOUDS:
        return name
    try:
        cloud(name)
    except ValueError as error:
        reader.note("cloud", str(error))
    return PUBLIC


def _groups(reader: InputReader, cloud_name: str) -> tuple[str, ...]:
    """Return the group ids whose zones are known in this cloud."""
    known: list[str] = []
    for index, group in enumerate(
        reader.texts("private_endpoint_groups", DEFAULT_GROUPS)
    ):
        try:
            zone_names(str(group), cloud_name)
        except ValueError as error:
            reader.note(f"private_endpoint_groups[{index}]", str(error))
        else:
            known.append(str(group))
    return tuple(dict.fromkeys(known))


def _zone_id_findings(
    existing: Mapping[str, object], zones: Sequence[str]
) -> list[Finding]:
    return [
        Finding(
            f"private_dns_zone_ids.{zone}",
            f"no private endpoint group needs this zone; {suggestion(zone, zones)}",
        )
        for zone in existing
        if zone not in zones
    ]


def _name_findings(name: str) -> list[Finding]:
    """Azure names come from the component's name, so that must be fit for them."""
    findings = name_findings("virtual_network", f"{name}-vnet", path="name")
    return findings[:1]


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


def _address_space(reader: InputReader) -> list[tuple[str, IPv4Network]]:
    space, findings = read_ranges(reader.texts("address_space"), "address_space")
    for path, network in space:
        findings += network_findings(network, path)
    findings += overlap_findings(space)
    findings += overlap_findings(space, _on_premises(reader, findings))
    reader.findings += findings
    return space


def _on_premises(
    reader: InputReader, findings: list[Finding] | None = None
) -> list[tuple[str, IPv4Network]]:
    """Return the ranges elsewhere; faults go to ``findings`` where it is given."""
    key = "on_premises_address_space"
    ranges, faults = read_ranges(reader.texts(key, ()), key)
    if findings is not None:
        findings += faults
    return ranges


def _subnets(reader: InputReader, groups: Sequence[str]) -> dict[str, _Subnet]:
    asked: dict[str, _Subnet] = {}
    readers = reader.each("subnets", SubnetSpec)
    for name, subnet_reader in readers.items():
        subnet = _subnet(name, subnet_reader)
        if subnet is not None:
            asked[name] = subnet
            reader.findings += _size_findings(subnet, groups)
    reader.findings += _azure_name_findings(asked)
    return asked


def _subnet(name: str, reader: InputReader) -> _Subnet | None:
    """Read one subnet; None if its purpose or range cannot be understood."""
    try:
        purpose = subnet_purpose(reader.text("purpose"))
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
    if purpose.name != subnets.ENDPOINTS:
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


def _azure_name_findings(asked: Mapping[str, _Subnet]) -> list[Finding]:
    """Two subnets must not have one Azure name, and each name must be valid."""
    findings: list[Finding] = []
    first_by_name: dict[str, str] = {}
    for name, subnet in asked.items():
        azure_name = subnet.purpose.azure_name or name
        findings += name_findings("subnet", azure_name, path=subnet.path)
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

"""Reads the address space and the subnets of a SecureVnet, and plans their ranges.

Reading checks every range by itself and against all others in use; planning gives each
subnet and each reservation a range around what is pinned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._inputs import InputError, InputReader
from azureml_network._secure_vnet.arguments import ReservationSpec, SubnetSpec
from azureml_network._secure_vnet.joining import read_existing_subnet
from azureml_rulebook.address_ranges import (
    SMALLEST_PREFIX_LENGTH,
    elsewhere_findings,
    network_findings,
    overlap_findings,
    read_range,
    read_ranges,
)
from azureml_rulebook.addresses import AddressPlan, SubnetRequest, plan_addresses
from azureml_rulebook.capacity import (
    Tenant,
    capacity_findings,
    existing_size_warnings,
    instances,
    private_endpoints,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import SUBNET, ResourceId, read_resource_id
from azureml_rulebook.service_endpoints import purpose_findings, service_findings
from azureml_rulebook.subnets import (
    ENDPOINTS,
    SubnetPurpose,
    existing_name_findings,
    reserved_name_findings,
    subnet_purpose,
)

PathedRange = tuple[str, IPv4Network]
"""A range and the path of the input that it comes from."""


@dataclass(frozen=True, kw_only=True)
class RequestedSubnet:
    """A subnet as it was asked for, with a known purpose."""

    path: str
    purpose: SubnetPurpose
    request: SubnetRequest
    azure_name: str | None
    """None: that of a subnet whose id is known only later."""
    machines: int
    """Cluster nodes and other machines that will live in it."""
    service_endpoints: tuple[str, ...]
    existing_id: Input[str] | None
    """Its resource id if it is there already, so that nothing of it is made."""


@dataclass(frozen=True, kw_only=True)
class RequestedAddresses:
    """The address space and all that wants a range in it."""

    space: tuple[PathedRange, ...]
    subnets: dict[str, RequestedSubnet]
    reservations: tuple[SubnetRequest, ...]
    elsewhere: tuple[IPv4Network, ...]
    """Ranges in use on-premises, by VPN clients and by peers."""
    warnings: tuple[str, ...]
    """What is unusual about subnets that exist already; one line each."""

    @property
    def ranges(self) -> tuple[IPv4Network, ...]:
        """The address space without its paths."""
        return tuple(network for _, network in self.space)


def read_address_space(reader: InputReader) -> tuple[PathedRange, ...]:
    """Read the ranges of the network, each checked by itself and against the others."""
    allow_public = reader.flag("allow_public_address_space", False)
    space, findings = read_ranges(reader.texts("address_space"), "address_space")
    for path, network in space:
        findings += network_findings(network, path, allow_public=allow_public)
    reader.findings += findings + overlap_findings(space)
    return tuple(space)


def read_subnets(
    reader: InputReader, existing_network: ResourceId | None
) -> dict[str, RequestedSubnet]:
    """Read the subnets; those whose purpose or range cannot be understood are left out.

    ``existing_network``: the network, if that exists already.
    """
    read = {
        name: _subnet(name, item, existing_network)
        for name, item in reader.each("subnets", SubnetSpec).items()
    }
    return {name: subnet for name, subnet in read.items() if subnet is not None}


def read_addresses(
    reader: InputReader,
    component: str,
    space: tuple[PathedRange, ...],
    subnets: dict[str, RequestedSubnet],
    groups: Sequence[str],
    elsewhere: Sequence[PathedRange],
) -> RequestedAddresses:
    """Read the reservations, and check all that wants a range against all others.

    Args:
        reader: the component's inputs.
        component: its name, which is part of the security groups' names.
        space: the ranges of the network.
        subnets: the subnets as they were asked for.
        groups: group ids of the private endpoints to come.
        elsewhere: ranges that the space must not overlap.
    """
    reader.findings += overlap_findings(space, elsewhere)
    for subnet in subnets.values():
        reader.findings += _size_findings(subnet, groups)
    reader.findings += _name_findings(component, subnets)
    return RequestedAddresses(
        space=space,
        subnets=subnets,
        reservations=_reservations(reader),
        elsewhere=tuple(network for _, network in elsewhere),
        warnings=tuple(
            warning for subnet in subnets.values() for warning in _size_warnings(subnet)
        ),
    )


def read_ranges_of(reader: InputReader, key: str) -> list[PathedRange]:
    """Read a list of ranges that are in use elsewhere."""
    ranges, findings = read_ranges(reader.texts(key, ()), key)
    for path, network in ranges:
        findings += elsewhere_findings(network, path)
    reader.findings += findings
    return ranges


def planned_addresses(requested: RequestedAddresses) -> AddressPlan:
    """Give every subnet and reservation its range.

    Raises:
        InputError: with what stands in the way.
    """
    plan = plan_addresses(
        requested.ranges,
        [
            *(subnet.request for subnet in requested.subnets.values()),
            *requested.reservations,
        ],
        avoid=requested.elsewhere,
    )
    if plan.findings:
        raise InputError(plan.findings)
    return plan


def _subnet(
    name: str, reader: InputReader, existing_network: ResourceId | None
) -> RequestedSubnet | None:
    """Read one subnet; None if its purpose or range cannot be understood."""
    word = reader.text("purpose")
    if not word:
        return None
    try:
        purpose = subnet_purpose(word)
    except ValueError as error:
        reader.note("purpose", str(error))
        return None
    request = _range_request(name, reader, purpose.recommended)
    if request is None:
        return None
    services = reader.texts("service_endpoints", ())
    path = f"{reader.path}.service_endpoints"
    reader.findings += purpose_findings(
        purpose, services, path=path
    ) or service_findings(services, path=path)
    existing_id = read_existing_subnet(reader, existing_network)
    return RequestedSubnet(
        path=reader.path,
        purpose=purpose,
        request=request,
        azure_name=_azure_name(name, reader, purpose)
        if existing_id is None
        else _existing_name(existing_id),
        machines=_machines(reader),
        service_endpoints=tuple(str(service) for service in services),
        existing_id=existing_id,
    )


def _azure_name(name: str, reader: InputReader, purpose: SubnetPurpose) -> str:
    """Return the subnet's name in Azure, which some purposes decide."""
    given = reader.optional_text("azure_name")
    if given is None:
        return purpose.azure_name or name
    if purpose.azure_name not in (None, given):
        reader.note(
            "azure_name",
            f"'{given}' is not the name that Azure gives purpose '{purpose.name}'; "
            f"leave it out, the subnet is called '{purpose.azure_name}' "
            f"({purpose.page})",
        )
    return given


def _existing_name(subnet_id: Input[str]) -> str | None:
    """Return the name of a subnet that exists; None if its id does not tell it."""
    found = read_resource_id(subnet_id, SUBNET, "")
    return found.name if isinstance(found, ResourceId) else None


def _range_request(
    name: str, reader: InputReader, recommended: int | None
) -> SubnetRequest | None:
    """Read size and prefix; None if they cannot be understood."""
    size = reader.optional_integer("size")
    pinned: IPv4Network | None = None
    prefix = reader.optional_text("prefix")
    if prefix is not None:
        found = read_range(prefix, f"{reader.path}.prefix")
        if isinstance(found, Finding):
            reader.findings.append(found)
            return None
        pinned = found
    if size is not None and not 0 < size <= 32:
        reader.note("size", f"{size} is not a prefix length; use one like 25 (a /25)")
        return None
    if pinned is not None and size and pinned.prefixlen != size:
        reader.note(
            "prefix", f"'{pinned}' is not of size {size} (a /{size}); change one"
        )
        return None
    length = pinned.prefixlen if pinned is not None else size or recommended
    if length is None:
        reader.note("size", "is needed where no prefix is given; write one like 25")
        return None
    return SubnetRequest(
        name=name,
        prefix_length=length,
        pinned=pinned,
        reserved=recommended is None,
        path=f"{reader.path}.prefix",
    )


def _machines(reader: InputReader) -> int:
    machines = reader.integer("machines", 0)
    if machines < 0:
        reader.note("machines", f"{machines} is negative; use 0 or more")
    return max(machines, 0)


def _size_findings(subnet: RequestedSubnet, groups: Sequence[str]) -> list[Finding]:
    """Compare a subnet's size with its purpose's limits and with what moves in."""
    tenants: list[Tenant] = []
    if subnet.machines:
        tenants.append(instances(subnet.machines))
    if subnet.purpose.name == ENDPOINTS:
        tenants.append(private_endpoints(groups))
    key = "size" if subnet.request.pinned is None else "prefix"
    return capacity_findings(
        subnet.purpose.name,
        subnet.request.prefix_length,
        tenants,
        path=f"{subnet.path}.{key}",
        exists=subnet.existing_id is not None,
    )


def _size_warnings(subnet: RequestedSubnet) -> tuple[str, ...]:
    if subnet.existing_id is None:
        return ()
    return existing_size_warnings(
        subnet.purpose.name, subnet.request.prefix_length, path=f"{subnet.path}.prefix"
    )


def _reservations(reader: InputReader) -> tuple[SubnetRequest, ...]:
    requests: list[SubnetRequest] = []
    for name, item in reader.each_optional("reservations", ReservationSpec).items():
        request = _range_request(name, item, None)
        if request is None:
            continue
        if request.prefix_length > SMALLEST_PREFIX_LENGTH:
            item.note(
                "size" if request.pinned is None else "prefix",
                f"/{request.prefix_length} holds no subnet; the smallest is "
                f"/{SMALLEST_PREFIX_LENGTH}",
            )
        requests.append(request)
    return tuple(requests)


def _name_findings(
    component: str, asked: Mapping[str, RequestedSubnet]
) -> list[Finding]:
    """Check the Azure names that come from the component's name and the subnets'."""
    findings = name_findings("virtual_network", f"{component}-vnet", path="name")
    if findings:
        return findings
    first_by_name: dict[str, str] = {}
    groups: list[tuple[str, str]] = []
    for name, subnet in asked.items():
        if subnet.azure_name is None:
            continue
        faults = _own_name_findings(component, name, subnet)
        if faults:
            findings += faults
            continue
        first = first_by_name.setdefault(subnet.azure_name.lower(), name)
        if first != name:
            findings.append(
                Finding(
                    subnet.path,
                    f"is called '{subnet.azure_name}' in Azure, as subnets.{first} is; "
                    "keep one of them",
                )
            )
        elif subnet.existing_id is None:
            groups.append((subnet.path, f"{component}-{name}-nsg"))
    return findings + same_name_findings("network_security_group", groups)


def _own_name_findings(
    component: str, name: str, subnet: RequestedSubnet
) -> list[Finding]:
    """Check the Azure names of one subnet and its security group."""
    azure_name = subnet.azure_name or name
    if subnet.existing_id is not None:
        return existing_name_findings(
            azure_name, subnet.purpose, path=f"{subnet.path}.existing_id"
        )
    return (
        reserved_name_findings(azure_name, subnet.purpose, path=subnet.path)
        or name_findings("subnet", azure_name, path=subnet.path)
        or name_findings(
            "network_security_group", f"{component}-{name}-nsg", path=subnet.path
        )
    )

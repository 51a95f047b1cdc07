"""Whether a subnet is large enough for what will live in it.

Azure keeps five addresses of each subnet, a private endpoint can take a dozen, and
gateways ask for room to grow: each tenant of a subnet says what it takes, and one
function compares the sum, and the limits of the subnet's purpose, with its size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import (
    SMALLEST_PREFIX_LENGTH,
    length_for,
    usable_addresses,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.private_endpoints import addresses_needed
from azureml_rulebook.subnets import SubnetPurpose, subnet_purpose

_LEARN = "https://learn.microsoft.com/azure"


@dataclass(frozen=True)
class Tenant:
    """Something that lives in a subnet."""

    what: str
    """What it is, as messages call it: ``the 40 nodes of cluster 'cpu'``."""
    addresses: int
    """How many addresses it takes; 0 where Azure names a subnet size instead."""
    smallest: int = SMALLEST_PREFIX_LENGTH
    """Longest prefix length of a subnet that Azure lets it live in."""
    page: str = ""
    """The Azure page behind the number."""


@dataclass(frozen=True, kw_only=True)
class _GatewaySize:
    """The size that a gateway subnet needs for one kind of use."""

    what: str
    prefix_length: int
    page: str


_COEXISTENCE = _GatewaySize(
    what="a VPN and an ExpressRoute gateway side by side",
    prefix_length=27,
    page=f"{_LEARN}/expressroute/expressroute-howto-coexist-resource-manager",
)
_MANY_CIRCUITS = _GatewaySize(
    what="an ExpressRoute gateway with 16 circuits",
    prefix_length=26,
    page=f"{_LEARN}/expressroute/expressroute-about-virtual-network-gateways#gwsub",
)
_MANY = 16
"""Circuits from which on an ExpressRoute gateway needs the larger subnet."""


def cluster(name: str, maximum_nodes: int) -> Tenant:
    """Return a compute cluster: one address for each node
    (https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet)."""
    nodes = "node" if maximum_nodes == 1 else "nodes"
    return Tenant(f"the {maximum_nodes} {nodes} of cluster '{name}'", maximum_nodes)


def instances(number: int) -> Tenant:
    """Return compute instances or other machines: one address each."""
    return Tenant(f"the {number} {'instance' if number == 1 else 'instances'}", number)


def private_endpoints(group_ids: Sequence[str]) -> Tenant:
    """Return one private endpoint per group id, each with the addresses it takes."""
    return Tenant(
        f"the private endpoints ({', '.join(group_ids)})", addresses_needed(group_ids)
    )


def gateways(
    *, vpn: bool = False, express_route: bool = False, circuits: int = 0
) -> tuple[Tenant, ...]:
    """Return the gateways of a network, with the subnet size Azure wants for them.

    ``circuits``: those connected to the ExpressRoute gateway.
    """
    rows = [
        *([_COEXISTENCE] if vpn and express_route else []),
        *([_MANY_CIRCUITS] if express_route and circuits >= _MANY else []),
    ]
    return tuple(
        Tenant(row.what, 0, smallest=row.prefix_length, page=row.page) for row in rows
    )


def capacity_findings(
    purpose: str,
    prefix_length: int,
    tenants: Iterable[Tenant] = (),
    *,
    path: str = "size",
    exists: bool = False,
) -> list[Finding]:
    """Check a subnet's size against its purpose's limits and what will live in it.

    ``exists``: the subnet is there already, and so is not held to the purpose's limits.
    At most one finding: the message names the numbers and the size that would do.
    Raises ValueError for an unknown purpose.
    """
    row = subnet_purpose(purpose)
    if exists:
        row = replace(row, smallest=SMALLEST_PREFIX_LENGTH, largest=0)
    living = tuple(tenants)
    needed = sum(tenant.addresses for tenant in living)
    enough = min(
        row.smallest, length_for(needed), *(tenant.smallest for tenant in living)
    )
    if prefix_length < row.largest:
        return [
            Finding(
                path,
                f"/{prefix_length} is too large for purpose '{row.name}'; "
                f"use /{row.largest} or smaller ({row.page})",
            )
        ]
    if prefix_length <= enough:
        return []
    advice = (
        f"use /{enough} or larger"
        if enough >= row.largest
        else f"no subnet of this purpose is larger than /{row.largest}, use several"
    )
    fault, page = _fault(row, prefix_length, living, needed)
    source = f" ({page})" if page else ""
    return [Finding(path, f"/{prefix_length} {fault}; {advice}{source}")]


def existing_size_warnings(
    purpose: str, prefix_length: int, *, path: str
) -> tuple[str, ...]:
    """Say where a subnet that exists has a size that a new one could not have.

    Azure keeps such subnets: a limit that came later does not touch them, and some
    limits here are stricter than Azure's, for what may come.
    """
    row = subnet_purpose(purpose)
    if row.largest <= prefix_length <= row.smallest:
        return ()
    return (
        f"{path}: a new subnet of purpose '{row.name}' is /{row.largest} to "
        f"/{row.smallest}, and this one is /{prefix_length}; Azure keeps what exists, "
        f"and may refuse changes of what is in it ({row.page})",
    )


def _fault(
    purpose: SubnetPurpose, prefix_length: int, tenants: Sequence[Tenant], needed: int
) -> tuple[str, str]:
    """Say why a subnet is too small, and which Azure page says so."""
    if prefix_length > purpose.smallest:
        return f"is too small for purpose '{purpose.name}'", purpose.page
    for tenant in sorted(tenants, key=lambda tenant: tenant.smallest):
        if prefix_length > tenant.smallest:
            return f"is too small for {tenant.what}", tenant.page
    usable = usable_addresses(IPv4Network((0, prefix_length)))
    living = [tenant for tenant in tenants if tenant.addresses]
    named = (
        living[0].what
        if len(living) == 1
        else " and ".join(f"{tenant.what} ({tenant.addresses})" for tenant in living)
    )
    return f"has {usable} usable addresses and {named} need {needed}", ""

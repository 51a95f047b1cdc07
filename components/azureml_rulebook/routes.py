"""Route tables: which subnets have one, and what stands in it.

Machines behind a firewall or an appliance send everything that is not private to its
address. Compute with public addresses also needs a way back to Azure Machine Learning
that passes the firewall by. Nothing else is routed: a subnet whose purpose has no way
out, or may not have a table, gets none.
"""

from dataclasses import dataclass
from enum import StrEnum

from azureml_rulebook.subnets import TRAINING, SubnetPurpose

ROUTING_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview"
)
_REQUIRED_ACCESS = (
    "https://learn.microsoft.com/azure/machine-learning/"
    "how-to-access-azureml-behind-firewall"
)

EVERYTHING = "0.0.0.0/0"

DROPPED_PREFIXES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""Azure drops what is for these private prefixes, but for those that the network's own
space has anything in common with (``ROUTING_PAGE``)."""


class NextHop(StrEnum):
    """Where a route leads, as Azure spells it."""

    VIRTUAL_APPLIANCE = "VirtualAppliance"
    INTERNET = "Internet"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of a table."""

    name: str
    destination: str
    """A range or a service tag."""
    next_hop: NextHop
    address: str | None = None
    """Of the appliance; None for other hops."""
    reason: str
    page: str


@dataclass(frozen=True, kw_only=True)
class BypassRow:
    """Traffic of compute with public addresses that must not pass the firewall."""

    name: str
    tag: str
    reason: str
    page: str


BYPASSES: tuple[BypassRow, ...] = (
    BypassRow(
        name="machine-learning",
        tag="AzureMachineLearning",
        reason="Azure Machine Learning calls compute at its public address; answers "
        "through the firewall would come from another one and be dropped",
        page=_REQUIRED_ACCESS,
    ),
)
"""Batch's tag is not here: it is published for security groups and no longer calls
compute (same page), and no published regional form of it may stand in a route."""


def routes_for(
    purpose: SubnetPurpose, next_hop_address: str, *, public_compute: bool
) -> tuple[Route, ...]:
    """Return the routes of a subnet behind ``next_hop_address``; () if it has none.

    Args:
        purpose: the subnet's.
        next_hop_address: of the firewall or appliance.
        public_compute: whether compute in training subnets has public addresses.
    """
    if not purpose.route_table or not (purpose.egress or purpose.egress_by_rule):
        return ()
    default = Route(
        name="everything-else",
        destination=EVERYTHING,
        next_hop=NextHop.VIRTUAL_APPLIANCE,
        address=next_hop_address,
        reason="everything that is not private leaves through one place",
        page=ROUTING_PAGE,
    )
    bypasses = BYPASSES if public_compute and purpose.name == TRAINING else ()
    return (
        default,
        *(
            Route(
                name=row.name,
                destination=row.tag,
                next_hop=NextHop.INTERNET,
                reason=row.reason,
                page=row.page,
            )
            for row in bypasses
        ),
    )

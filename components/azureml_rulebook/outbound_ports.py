"""How many source ports each machine behind a load balancer gets.

An address has a fixed number of ports, shared by all machines of the pool. A machine
that finds none left cannot connect, and Azure refuses a pool that promises too many.
"""

from dataclasses import dataclass

OUTBOUND_PAGE = (
    "https://learn.microsoft.com/azure/load-balancer/load-balancer-outbound-connections"
)


@dataclass(frozen=True, kw_only=True)
class PortShare:
    """Ports for each machine of a pool of up to ``machines``."""

    machines: int
    ports: int


PORT_SHARES: tuple[PortShare, ...] = (
    PortShare(machines=50, ports=1024),
    PortShare(machines=100, ports=512),
    PortShare(machines=200, ports=256),
    PortShare(machines=400, ports=128),
    PortShare(machines=800, ports=64),
    PortShare(machines=1000, ports=32),
)
"""Azure's own table for one address (``OUTBOUND_PAGE``)."""


def ports_for_each(machines: int) -> int:
    """Return the ports of each machine in a pool for that many; 32 beyond the table."""
    return next(
        (row.ports for row in PORT_SHARES if machines <= row.machines),
        PORT_SHARES[-1].ports,
    )

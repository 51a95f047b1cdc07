"""Protocols, and services: a protocol with the destination port, if it has ports.

All services lie on one line, so that a set of packets has one level for both.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from azureml_reachability.ports import ALL_PORTS, PORTS, PortSet


class Protocol(StrEnum):
    """The protocols that Azure's rules know, as they spell them."""

    TCP = "Tcp"
    UDP = "Udp"
    ICMP = "Icmp"
    ESP = "Esp"
    AH = "Ah"

    @property
    def has_ports(self) -> bool:
        """Whether its packets have ports."""
        return self in (Protocol.TCP, Protocol.UDP)


ALL_PROTOCOLS = frozenset(Protocol)

_STARTS = {
    Protocol.TCP: 0,
    Protocol.UDP: PORTS,
    Protocol.ICMP: 2 * PORTS,
    Protocol.ESP: 2 * PORTS + 1,
    Protocol.AH: 2 * PORTS + 2,
}
"""Where each protocol starts on the line of services; those with ports have one service
for each destination port."""
SERVICES = 2 * PORTS + 3
"""How many services there are."""


def service_ranges(
    protocol: Protocol, ports: Iterable[tuple[int, int]], *, whole: bool
) -> list[tuple[int, int]]:
    """Return the ranges of services of a protocol with those destination ports.

    ``whole``: whether nothing is demanded of ports, as protocols without ports need.
    """
    start = _STARTS[protocol]
    if protocol.has_ports:
        return [(start + first, start + end) for first, end in ports]
    return [(start, start + 1)] if whole else []


def service_at(service: int) -> tuple[Protocol, int | None]:
    """Return the protocol and destination port of a service."""
    protocol = next(item for item in reversed(Protocol) if _STARTS[item] <= service)
    port = service - _STARTS[protocol]
    return protocol, port if protocol.has_ports else None


def position_of_service(protocol: Protocol, port: int | None) -> int:
    """Return where a protocol with a destination port lies on the line."""
    return _STARTS[protocol] + (port or 0)


def protocols_of(
    services: list[tuple[int, int]],
) -> Iterator[tuple[Protocol, PortSet]]:
    """Yield the protocols of some services, each with its destination ports."""
    for protocol, start in _STARTS.items():
        size = PORTS if protocol.has_ports else 1
        ports = PortSet.of_ranges(
            (max(first - start, 0), min(end - start, size))
            for first, end in services
            if first < start + size and end > start
        )
        if ports:
            yield protocol, ports if protocol.has_ports else ALL_PORTS

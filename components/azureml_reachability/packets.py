"""Sets of packets, decided for every possible packet at once.

A packet has a source and a destination of one address family, a protocol, and for TCP
and UDP a source and a destination port. A set is a diagram of four levels (service,
source port, source, destination); a service is a protocol, with the destination port
where the protocol has ports. All operations are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from azureml_reachability._steps import (
    Below,
    Operation,
    Steps,
    above,
    as_steps,
    combine,
    from_ranges,
    piecewise,
)
from azureml_reachability._witnesses import shown_values
from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    ALL_IPV4,
    ALL_IPV6,
    Address,
    AddressSet,
    address_at,
    is_ipv4,
    position_of,
)
from azureml_reachability.ports import ALL_PORTS, PORTS, PortSet
from azureml_reachability.services import (
    ALL_PROTOCOLS,
    SERVICES,
    Protocol,
    position_of_service,
    protocols_of,
    service_at,
    service_ranges,
)

__all__ = [
    "ALL_PACKETS",
    "ALL_PROTOCOLS",
    "NO_PACKETS",
    "Box",
    "Packet",
    "PacketSet",
    "Protocol",
]


_LINE_ENDS = (SERVICES, PORTS, AddressSet.line_end, AddressSet.line_end)
"""Where each of the four lines of a set ends."""

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One packet, as the first of a new connection.

    Raises ValueError for addresses of two families, a protocol with ports that lacks
    one, and ports where the protocol has none.
    """

    source: Address
    destination: Address
    protocol: Protocol
    source_port: int | None = None
    """None exactly for protocols without ports, as the destination port."""
    destination_port: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no packet."""
        if self.source.version != self.destination.version:
            raise ValueError(
                f"{self.source} and {self.destination} are of two address families"
            )
        ports = (self.source_port, self.destination_port)
        if any((port is not None) != self.protocol.has_ports for port in ports):
            demand = "needs both ports" if self.protocol.has_ports else "has no ports"
            raise ValueError(f"{self.protocol} {demand}, got {ports}")

    def __str__(self) -> str:
        """Return it in one line: ``Tcp 203.0.113.1:49152 -> 10.20.0.4:22``."""
        source = _endpoint(self.source, self.source_port)
        return (
            f"{self.protocol} {source} -> "
            f"{_endpoint(self.destination, self.destination_port)}"
        )


def _endpoint(address: Address, port: int | None) -> str:
    if port is None:
        return str(address)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Packets that can be said in one breath: any combination of what is listed."""

    protocol: Protocol
    source_ports: PortSet
    destination_ports: PortSet
    """All ports for protocols without ports, as the source ports."""
    sources: AddressSet
    destinations: AddressSet

    def __str__(self) -> str:
        """Return it in one line: ``Tcp 10.0.0.0/8 -> 10.20.0.0/27 port 443``."""
        text = f"{self.protocol} {self.sources} -> {self.destinations}"
        if self.protocol.has_ports:
            text += f" port {self.destination_ports}"
        if self.source_ports != ALL_PORTS:
            text += f" from port {self.source_ports}"
        return text


@dataclass(frozen=True, slots=True, repr=False)
class PacketSet:
    """An immutable set of packets, compared by what it holds.

    ``|``, ``&`` and ``-`` are union, intersection and difference, ``~`` all other
    packets, ``<=`` asks for a subset, ``in`` for one packet, ``bool`` whether it holds
    any.
    """

    diagram: Below = False
    """Step functions of service, source port, source and destination."""

    @classmethod
    def of(
        cls,
        *,
        sources: AddressSet = ALL_ADDRESSES,
        destinations: AddressSet = ALL_ADDRESSES,
        protocols: frozenset[Protocol] = ALL_PROTOCOLS,
        source_ports: PortSet = ALL_PORTS,
        destination_ports: PortSet = ALL_PORTS,
    ) -> "PacketSet":
        """Return all packets with these fields.

        A protocol without ports is in it only where both sets of ports are whole: a
        demand on a port is met by no packet that has none.
        """
        whole = source_ports == ALL_PORTS and destination_ports == ALL_PORTS
        ports = list(destination_ports.line_ranges())
        services = from_ranges(
            (
                service
                for protocol in protocols
                for service in service_ranges(protocol, ports, whole=whole)
            ),
            SERVICES,
        )
        return cls.of_services(services, source_ports, sources, destinations)

    @classmethod
    def of_services(
        cls,
        services: Below,
        source_ports: PortSet,
        sources: AddressSet,
        destinations: AddressSet,
    ) -> "PacketSet":
        """Return all packets of some services, as ``services`` of a set gives them."""
        addresses = _pairs(sources.steps, destinations.steps)
        return cls(above(services, above(source_ports.steps, addresses)))

    @classmethod
    def of_packet(cls, packet: Packet) -> "PacketSet":
        """Return the set of one packet."""
        service, source_port, source, destination = (
            from_ranges([(value, value + 1)], line_end)
            for value, line_end in zip(_positions(packet), _LINE_ENDS, strict=True)
        )
        if not packet.protocol.has_ports:
            source_port = True
        return cls(above(service, above(source_port, above(source, destination))))

    @property
    def services(self) -> Below:
        """The services of its packets, to be compared and used again."""
        return _line(self.diagram)

    def service_ranges(self) -> tuple[tuple[int, int], ...]:
        """Return the ranges of its services."""
        pieces = as_steps(_line(self.diagram)).pieces()
        return tuple((first, min(end, SERVICES)) for first, end, _ in pieces)

    def source_ports(self) -> PortSet:
        """Return the source ports of its packets; all of those without ports."""
        return PortSet(_line(_union_below(self.diagram)))

    def pairs(self) -> "PacketSet":
        """Return all packets between any source and destination of one of its own."""
        return PacketSet(above(True, above(True, self._addresses())))

    def sources(self) -> AddressSet:
        """Return the sources of its packets."""
        return AddressSet(_line(self._addresses()))

    def destinations(self) -> AddressSet:
        """Return the destinations of its packets."""
        return AddressSet(_union_below(self._addresses()))

    def _addresses(self) -> Below:
        """Return the pairs of source and destination."""
        return _union_below(_union_below(self.diagram))

    def __or__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets that are in one of both."""
        return PacketSet(combine(Operation.UNION, self.diagram, other.diagram))

    def __and__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets that are in both."""
        return PacketSet(combine(Operation.INTERSECTION, self.diagram, other.diagram))

    def __sub__(self, other: "PacketSet") -> "PacketSet":
        """Return the packets that are not in ``other``."""
        return PacketSet(combine(Operation.DIFFERENCE, self.diagram, other.diagram))

    def __invert__(self) -> "PacketSet":
        """Return all other packets."""
        return ALL_PACKETS - self

    def __le__(self, other: "PacketSet") -> bool:
        """Return whether every packet is in ``other``."""
        return (self - other).is_empty

    def __contains__(self, packet: Packet) -> bool:
        """Return whether one packet is in it."""
        below = self.diagram
        for value in _positions(packet):
            if isinstance(below, Steps):
                below = below.at(value)
        return below is True

    def __bool__(self) -> bool:
        """Return whether it holds any packet."""
        return not self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether it holds no packet."""
        return self.diagram is False

    def witness(self) -> Packet | None:
        """Return one of its packets, always the same; None if there is none.

        Where the set leaves a choice, it takes what people know (``_witnesses``).
        """
        if self.is_empty:
            return None
        service, source_port, source, destination = shown_values(self.diagram)
        protocol, destination_port = service_at(service)
        return Packet(
            source=address_at(source),
            destination=address_at(destination),
            protocol=protocol,
            source_port=source_port if protocol.has_ports else None,
            destination_port=destination_port,
        )

    def boxes(self) -> Iterator[Box]:
        """Yield disjoint boxes that make it up, in order of service."""
        for services, below in _groups(self.diagram):
            for source_ports, under in _groups(below):
                for sources, destinations in _groups(under):
                    for protocol, ports in protocols_of(services):
                        yield Box(
                            protocol=protocol,
                            source_ports=PortSet.of_ranges(source_ports),
                            destination_ports=ports,
                            sources=AddressSet.of_ranges(sources),
                            destinations=AddressSet(destinations),
                        )

    def __repr__(self) -> str:
        """Show its boxes, the first few of many."""
        shown = [str(box) for box in islice(self.boxes(), _SHOWN + 1)]
        listed = "; ".join([*shown[:_SHOWN], *["…"] * (len(shown) > _SHOWN)])
        return f"PacketSet({listed})"


def _pairs(sources: Below, destinations: Below) -> Below:
    """Return each source with each destination of its own family."""
    if is_ipv4(sources) and is_ipv4(destinations):
        return above(sources, destinations)
    pairs: Below = False
    for family in (ALL_IPV4.steps, ALL_IPV6.steps):
        own = combine(Operation.INTERSECTION, destinations, family)
        if own is not False:
            first = combine(Operation.INTERSECTION, sources, family)
            pairs = combine(Operation.UNION, pairs, above(first, own))
    return pairs


def _union_below(diagram: Below) -> Below:
    """Return what stands below any value of the first line of a diagram."""
    found: Below = False
    for below in {child for *_, child in as_steps(diagram).pieces()}:
        found = combine(Operation.UNION, found, below)
    return found


def _line(diagram: Below) -> Below:
    """Return the first line of a diagram: where anything stands."""
    if isinstance(diagram, bool):
        return diagram
    starts: list[int] = []
    children: list[Below] = []
    for start, child in zip(diagram.starts, diagram.children, strict=True):
        anything = child is not False
        if not children or children[-1] is not anything:
            starts.append(start)
            children.append(anything)
    return piecewise(starts, children)


def _positions(packet: Packet) -> tuple[int, int, int, int]:
    """Return where a packet lies on each of the four lines."""
    return (
        position_of_service(packet.protocol, packet.destination_port),
        packet.source_port or 0,
        position_of(packet.source),
        position_of(packet.destination),
    )


def _groups(below: Below) -> list[tuple[list[tuple[int, int]], Below]]:
    """Return the ranges of a line by what stands below them, in order."""
    groups: dict[Below, list[tuple[int, int]]] = {}
    for first, end, child in as_steps(below).pieces():
        groups.setdefault(child, []).append((first, end))
    return [(ranges, child) for child, ranges in groups.items()]


ALL_PACKETS = PacketSet.of()
NO_PACKETS = PacketSet()

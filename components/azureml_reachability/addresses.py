"""Sets of IPv4 and IPv6 addresses, with exact operations on them.

Both families lie on one line, IPv4 first, so that one set can hold addresses of both.
"""

from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
    summarize_address_range,
)
from itertools import islice
from socket import AF_INET, AF_INET6, inet_pton
from typing import ClassVar

from azureml_reachability._line_sets import LineSet
from azureml_reachability._steps import Below

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IPV6_START = 1 << 32
"""Where the addresses of IPv6 start on the line."""
_LINE_END = IPV6_START + (1 << 128)
_FAMILIES = ((0, IPV6_START), (IPV6_START, _LINE_END))

_SHOWN = 4


def position_of(address: Address) -> int:
    """Return where an address lies on the line."""
    start = 0 if isinstance(address, IPv4Address) else IPV6_START
    return start + int(address)


def address_at(position: int) -> Address:
    """Return the address that lies there."""
    if position < IPV6_START:
        return IPv4Address(position)
    return IPv6Address(position - IPV6_START)


def prefix_range(text: str) -> tuple[int, int]:
    """Return where the addresses of a prefix or an address lie: first and end.

    Host bits are dropped. What nearly all texts are is read at once, since lists of
    service tags have thousands; all others are read as ``ipaddress`` reads them.
    Raises ValueError for a text that is none.
    """
    address, slash, length = text.partition("/")
    is_ipv6 = ":" in address
    bits = 128 if is_ipv6 else 32
    if slash and not (length.isascii() and length.isdecimal() and int(length) <= bits):
        return _range_of(ip_network(text, strict=False))
    try:
        value = int.from_bytes(inet_pton(AF_INET6 if is_ipv6 else AF_INET, address))
    except (OSError, ValueError):
        return _range_of(ip_network(text, strict=False))
    size = 1 << (bits - int(length or bits))
    first = value - value % size + (IPV6_START if is_ipv6 else 0)
    return first, first + size


def _range_of(network: Network) -> tuple[int, int]:
    first = position_of(network.network_address)
    return first, first + (1 << (network.max_prefixlen - network.prefixlen))


def is_ipv4(line: Below) -> bool:
    """Return whether a set holds addresses of IPv4 alone, as its step function says."""
    if isinstance(line, bool):
        return not line
    return line.children[-1] is False and line.starts[-1] <= IPV6_START


class AddressSet(LineSet):
    """A set of addresses: ``AddressSet.of("10.0.0.0/8", "fd00::/8")``.

    ``|``, ``&`` and ``-`` are union, intersection and difference, ``~`` all other
    addresses of both families, ``<=`` asks for a subset, ``in`` for one address.
    """

    __slots__ = ()

    line_end: ClassVar[int] = _LINE_END

    @classmethod
    def of(cls, *prefixes: str | Network) -> "AddressSet":
        """Return the union of some prefixes in CIDR notation.

        An address counts as a prefix of its own. Raises ValueError for a text that is
        none, or that has host bits.
        """
        return cls.of_networks(ip_network(prefix) for prefix in prefixes)

    @classmethod
    def of_networks(cls, networks: Iterable[Network]) -> "AddressSet":
        """Return the union of some networks."""
        return cls.of_ranges(map(_range_of, networks))

    @classmethod
    def of_address(cls, address: Address) -> "AddressSet":
        """Return the set of one address."""
        position = position_of(address)
        return cls.of_ranges([(position, position + 1)])

    def __contains__(self, address: Address) -> bool:
        """Return whether one address is in it."""
        return self.holds(position_of(address))

    def ranges(self) -> Iterator[tuple[Address, Address]]:
        """Yield its ranges in order: first and last address, of one family each."""
        for first, end in self.line_ranges():
            for start, stop in _FAMILIES:
                low, high = max(first, start), min(end, stop)
                if low < high:
                    yield address_at(low), address_at(high - 1)

    def networks(self) -> Iterator[Network]:
        """Yield the fewest networks that make it up, in order."""
        for first, last in self.ranges():
            yield from summarize_address_range(first, last)

    def __repr__(self) -> str:
        """Show it as networks, the first few of many."""
        return f"AddressSet({self})"

    def __str__(self) -> str:
        """Return its networks, the first few of many."""
        shown = [str(network) for network in islice(self.networks(), _SHOWN + 1)]
        return ", ".join([*shown[:_SHOWN], *["…"] * (len(shown) > _SHOWN)])


NO_ADDRESSES = AddressSet(False)
ALL_ADDRESSES = AddressSet(True)
ALL_IPV4 = AddressSet.of("0.0.0.0/0")
ALL_IPV6 = AddressSet.of("::/0")

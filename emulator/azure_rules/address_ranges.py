"""Address ranges in inputs and bodies, as networks that can be compared."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.azure_error import AzureError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def prefixes_of(values: Mapping[str, Any]) -> list[str]:
    """The prefixes of a network (`addressSpace`) or of a subnet, as written."""
    space = values.get("addressSpace")
    inner = space.get("addressPrefixes") if isinstance(space, dict) else None
    single = values.get("addressPrefix")
    found = [*(values.get("addressPrefixes") or []), *(inner or [])]
    if isinstance(single, str):
        found.append(single)
    return [prefix for prefix in found if isinstance(prefix, str)]


def networks_of(values: Mapping[str, Any]) -> list[Network]:
    """The ranges of a network or a subnet."""
    return [ipaddress.ip_network(p, strict=False) for p in prefixes_of(values)]


def parsed(owner: str, prefixes: Iterable[Any]) -> list[Network]:
    """Ranges as networks; AzureError for what is none."""
    found: list[Network] = []
    for prefix in prefixes:
        try:
            found.append(ipaddress.ip_network(str(prefix), strict=False))
        except ValueError:
            raise AzureError(
                400,
                "InvalidCIDRNotation",
                f"The address prefix {prefix} in resource {owner} has an invalid CIDR "
                "notation.",
            ) from None
    return found


def contains(outer: Network, inner: Network) -> bool:
    """Whether one range lies inside of the other."""
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def overlapping(ones: Iterable[Network], others: Iterable[Network]) -> list[Network]:
    """The ranges of the first that overlap one of the second."""
    held = list(others)
    return [one for one in ones if any(one.overlaps(other) for other in held)]


def longest_prefix(values: Mapping[str, Any]) -> int | None:
    """The prefix length of the smallest IPv4 range, or None without any."""
    lengths = [n.prefixlen for n in networks_of(values) if n.version == 4]
    return max(lengths, default=None)

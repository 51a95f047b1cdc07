"""What each size of ExpressRoute gateway can take, and what its connections may have.

Azure refuses a circuit too many, or FastPath on a size without it, only after the
gateway has been made for most of an hour; so every combination is checked here first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

_EXPRESS_ROUTE = "https://learn.microsoft.com/azure/expressroute"
_GATEWAYS = f"{_EXPRESS_ROUTE}/expressroute-about-virtual-network-gateways"
_SCALABLE = f"{_EXPRESS_ROUTE}/scalable-gateway"
_FAST_PATH = f"{_EXPRESS_ROUTE}/about-fastpath"
_WEIGHT = f"{_EXPRESS_ROUTE}/expressroute-howto-linkvnet-arm"

SCALABLE = "ErGwScale"
SMALLEST = "ErGw1AZ"

FEWEST_UNITS = 1
MOST_UNITS = 40
"""Scale units of a gateway that scales (``_SCALABLE``)."""

_FEWEST_SCALING_UNITS = 2
"""Scale units from which on it grows and shrinks by itself (``_SCALABLE``)."""

MOST_CIRCUITS_OF_ONE_LOCATION = 4
"""Circuits of one peering location on one network, whatever the size
(``_GATEWAYS``)."""

HIGHEST_WEIGHT = 32000
"""Routing weight of a connection (``_WEIGHT``)."""


@dataclass(frozen=True, kw_only=True)
class SizeFacts:
    """One size of ExpressRoute gateways."""

    name: str
    """As Azure spells it."""
    circuits: tuple[tuple[int, int], ...]
    """How many circuits it takes, by the scale units from which on it does."""
    fast_path_from: int | None
    """Scale units from which on it has FastPath; None: never."""
    scales: bool = False
    """Whether it has scale units; another one counts as one."""
    page: str

    def most_circuits(self, units: int) -> int:
        """Return how many circuits it takes with ``units`` scale units."""
        return max(
            (circuits for start, circuits in self.circuits if start <= units),
            default=self.circuits[0][1],
        )

    def fewest_units(self, circuits: int) -> int | None:
        """Return the scale units from which on it takes so many; None: never."""
        return next(
            (start for start, number in self.circuits if number >= circuits), None
        )


SIZES: dict[str, SizeFacts] = {
    row.name: row
    for row in (
        SizeFacts(
            name=SMALLEST,
            circuits=((1, 4),),
            fast_path_from=None,
            page=_GATEWAYS,
        ),
        SizeFacts(
            name="ErGw2AZ", circuits=((1, 8),), fast_path_from=None, page=_GATEWAYS
        ),
        SizeFacts(
            name="ErGw3AZ", circuits=((1, 16),), fast_path_from=1, page=_GATEWAYS
        ),
        SizeFacts(
            name=SCALABLE,
            circuits=((1, 4), (2, 8), (10, 16)),
            fast_path_from=10,
            scales=True,
            page=_SCALABLE,
        ),
    )
}
"""Sizes that span availability zones; where a region has none, they live in the region
as a whole (``_GATEWAYS``). FastPath: ``_FAST_PATH``."""

_REPLACEMENTS = {
    "Basic": SMALLEST,
    "Standard": SMALLEST,
    "HighPerformance": "ErGw2AZ",
    "UltraPerformance": "ErGw3AZ",
}
"""The size that spans zones in place of one that does not (``_GATEWAYS``)."""


def size_findings(size: str, *, path: str) -> list[Finding]:
    """Check that ``size`` is one of the sizes that span availability zones."""
    if size in SIZES:
        return []
    replacement = next(
        (new for old, new in _REPLACEMENTS.items() if old.lower() == size.lower()), None
    )
    if replacement is not None:
        fault = f"spans no availability zones; use {replacement} in its place"
    elif size.lower().startswith("vpngw"):
        fault = f"is a size of VPN gateways; use one of {', '.join(SIZES)}"
    else:
        fault = f"is not a size of ExpressRoute gateways; {suggestion(size, SIZES)}"
    return [Finding(path, f"'{size}' {fault} ({_GATEWAYS})")]


def scale_unit_findings(
    size: str, minimum: int | None, maximum: int | None, *, path: str
) -> list[Finding]:
    """Check the scale units of a gateway of a known ``size``.

    ``minimum`` and ``maximum`` are as they were given, None if left out; ``path`` is
    the gateway's.
    """
    given = {"minimum_scale_units": minimum, "maximum_scale_units": maximum}
    units = {key: value for key, value in given.items() if value is not None}
    if not SIZES[size].scales:
        return [
            Finding(
                f"{path}.{key}",
                f"{value} cannot be used with size {size}, which has no scale units; "
                f"leave it out or use {SCALABLE} ({_SCALABLE})",
            )
            for key, value in units.items()
        ]
    findings = [
        Finding(
            f"{path}.{key}",
            f"{value} is not allowed; use {FEWEST_UNITS} to {MOST_UNITS} ({_SCALABLE})",
        )
        for key, value in units.items()
        if not FEWEST_UNITS <= value <= MOST_UNITS
    ]
    if findings or maximum is None:
        return findings
    lowest = FEWEST_UNITS if minimum is None else minimum
    if maximum < lowest:
        fault = f"{maximum} is less than minimum_scale_units ({lowest}); raise it"
    elif maximum > lowest < _FEWEST_SCALING_UNITS:
        fault = (
            f"{maximum} lets the gateway scale, which it does from "
            f"{_FEWEST_SCALING_UNITS} units on; set minimum_scale_units to "
            f"{_FEWEST_SCALING_UNITS} or more, or both to one number"
        )
    else:
        return []
    return [Finding(f"{path}.maximum_scale_units", f"{fault} ({_SCALABLE})")]


def circuit_number_findings(
    size: str, units: int, circuits: int, *, path: str
) -> list[Finding]:
    """Check that a gateway of a known size takes so many circuits."""
    facts = SIZES[size]
    most = facts.most_circuits(units)
    if circuits <= most:
        return []
    named = f"{size} with {units} scale units" if facts.scales else size
    larger = [
        f"{row.name} from {start} units on" if row.scales else row.name
        for row in SIZES.values()
        if (start := row.fewest_units(circuits)) is not None
    ]
    advice = f"use {' or '.join(larger)}, or leave out" if larger else "leave out"
    return [
        Finding(
            path,
            f"are {circuits}, and a gateway of size {named} takes {most}; {advice} "
            f"{circuits - most} of them ({facts.page})",
        )
    ]


def location_findings(locations: Sequence[tuple[str, str]]) -> list[Finding]:
    """Check how many circuits come from one peering location.

    ``locations``: each with the path of its input.
    """
    findings: list[Finding] = []
    paths: dict[str, list[str]] = {}
    for path, location in locations:
        same = paths.setdefault(location.lower(), [])
        same.append(path)
        if len(same) > MOST_CIRCUITS_OF_ONE_LOCATION:
            findings.append(
                Finding(
                    path,
                    f"'{location}' is that of {len(same) - 1} other circuits, and a "
                    f"network takes {MOST_CIRCUITS_OF_ONE_LOCATION} of one peering "
                    f"location; use another one ({_GATEWAYS})",
                )
            )
    return findings


def fast_path_findings(size: str, units: int, *, path: str) -> list[Finding]:
    """Check that a gateway of a known size, with ``units``, has FastPath."""
    start = SIZES[size].fast_path_from
    if start is not None and units >= start:
        return []
    named = f"{size} with {units} scale units" if SIZES[size].scales else size
    having = " or ".join(
        f"{row.name} with minimum_scale_units of {row.fast_path_from} or more"
        if row.scales
        else row.name
        for row in SIZES.values()
        if row.fast_path_from is not None
    )
    return [
        Finding(
            path,
            f"cannot be used with size {named}, which has no FastPath; leave it out or "
            f"use {having} ({_FAST_PATH})",
        )
    ]


def fast_path_warnings(*, path: str, resolver: bool) -> tuple[str, ...]:
    """Say what FastPath does not reach, a line for each.

    ``resolver``: whether the network has a DNS Private Resolver.
    """
    private = (
        f"{path}: private endpoints are reached through the gateway all the same, "
        f"FastPath passes it by for machines only ({_FAST_PATH})"
    )
    if not resolver:
        return (private,)
    return (
        private,
        f"{path}: FastPath does not reach a DNS Private Resolver, so that sites behind "
        "this circuit may get no answers from the inbound endpoint; leave fast_path "
        f"out, or let them ask another DNS server ({_FAST_PATH})",
    )


def weight_findings(weight: int, *, path: str) -> list[Finding]:
    """Check the routing weight of a connection with a circuit."""
    if 0 <= weight <= HIGHEST_WEIGHT:
        return []
    return [
        Finding(path, f"{weight} is not allowed; use 0 to {HIGHEST_WEIGHT} ({_WEIGHT})")
    ]

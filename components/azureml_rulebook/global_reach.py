"""Global Reach: which two ExpressRoute circuits can be joined, and how often.

It lets the sites behind two circuits reach each other through Microsoft's network. The
connection belongs to one of the two circuits and is made once for a pair.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook.express_route_circuits import LOCAL, PREMIUM, STANDARD
from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

_EXPRESS_ROUTE = "https://learn.microsoft.com/azure/expressroute"
_PAGE = f"{_EXPRESS_ROUTE}/expressroute-howto-set-global-reach"
_FAQ = f"{_EXPRESS_ROUTE}/expressroute-faqs"
_WORKFLOWS = f"{_EXPRESS_ROUTE}/expressroute-workflows"


@dataclass(frozen=True, kw_only=True)
class ReachableCircuit:
    """A circuit that may be joined with another."""

    path: str
    resource_id: str = ""
    """Of one that exists already, where that is plain."""
    tier: str = ""
    """Of one that is made here."""
    peering_location: str = ""
    """Of one that is made here."""
    provisioned: bool = True
    """Whether its provider has provisioned it, so that it can be connected."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """One connection of two circuits, on the side of the first."""

    path: str
    circuit: str
    """Name of the circuit that it belongs to."""
    peer: str = ""
    """Name of the other one, where that is among the same circuits."""
    peer_id: str = ""
    """Resource id of the other one, where that is given and plain."""
    has_key: bool = False
    """Whether there is a key of the other one's owner."""


def global_reach_findings(
    reaches: Iterable[Reach], circuits: Mapping[str, ReachableCircuit]
) -> list[Finding]:
    """Check that each connection joins two circuits that Azure joins, once.

    ``circuits``: all circuits of one gateway by name.
    """
    findings: list[Finding] = []
    named = {
        circuit.resource_id.lower(): name
        for name, circuit in circuits.items()
        if circuit.resource_id
    }
    first: dict[frozenset[str], str] = {}
    for reach in reaches:
        if circuits[reach.circuit].tier == LOCAL:
            findings.append(_local_finding(reach.path))
        peer = reach.peer or named.get(reach.peer_id.lower(), "")
        path = f"{reach.path}.peer_circuit{'' if reach.peer else '_id'}"
        if peer:
            findings += _peer_findings(reach, peer, circuits, path)
        pair = frozenset({reach.circuit, peer or reach.peer_id.lower()})
        if len(pair) == 1 or not (peer or reach.peer_id):
            continue
        other = first.setdefault(pair, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"joins the two circuits of {other} once more; one connection "
                    f"serves both directions, leave one of them out ({_PAGE})",
                )
            )
    return findings


def _peer_findings(
    reach: Reach, peer: str, circuits: Mapping[str, ReachableCircuit], path: str
) -> list[Finding]:
    """Check one peer that is among the circuits, or should be."""
    own = circuits[reach.circuit]
    if peer == reach.circuit:
        return [
            Finding(
                path,
                f"'{peer}' is the circuit itself; name another one, or leave it out",
            )
        ]
    other = circuits.get(peer)
    if other is None:
        others = [name for name in circuits if name != reach.circuit]
        meant = suggestion(peer, others) if others else "there is no other circuit"
        return [Finding(path, f"'{peer}' is not one of the circuits; {meant}")]
    findings: list[Finding] = []
    if reach.has_key and other.tier:
        findings.append(
            Finding(
                f"{reach.path}.authorization_key",
                f"is for a circuit of somebody else, and '{peer}' is made here; leave "
                f"it out ({_PAGE})",
            )
        )
    if not other.provisioned:
        findings.append(
            Finding(
                path,
                f"'{peer}' is not connected: Azure joins two circuits once the "
                f"providers of both have provisioned them; set {other.path}.connect to "
                f"true with it, or leave it out until then ({_WORKFLOWS})",
            )
        )
    if other.tier == LOCAL:
        findings.append(
            Finding(
                path,
                f"'{peer}' is of tier {LOCAL}, which has no Global Reach; use "
                f"{STANDARD} or {PREMIUM} for it, or name another circuit ({_FAQ})",
            )
        )
    location = own.peering_location.lower()
    if location and location == other.peering_location.lower():
        findings.append(
            Finding(
                path,
                f"'{peer}' is of '{other.peering_location}' too; Global Reach joins "
                f"circuits of different peering locations, name another ({_PAGE})",
            )
        )
    return findings


def _local_finding(path: str) -> Finding:
    return Finding(
        path,
        f"cannot be used with tier {LOCAL}, which has no Global Reach; use {STANDARD} "
        f"or {PREMIUM}, or leave it out ({_FAQ})",
    )

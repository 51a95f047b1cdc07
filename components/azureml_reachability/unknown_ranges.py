"""Routes to ranges that a plan does not know, but of which it knows whose they are.

What a site announces, and what a peer has, is routed there whichever ranges it is,
unless a user's route for a part of them is more specific.
"""

from azureml_reachability.end_values import End, EndKind
from azureml_reachability.missing import Missing
from azureml_reachability.routes import gateways_of, route_parts
from azureml_reachability.steps_of_ways import Fact, Verdict
from azureml_reachability.topology import Peering, RouteTable, Subnet, Topology
from azureml_reachability.way_facts import peering_to


def route_to_unknown_ranges(
    topology: Topology, subnet: Subnet, end: End
) -> tuple[Fact, Peering | None] | None:
    """Return the route that a subnet takes to such ranges, and the peering it is of.

    None: the ranges of the end are known, or no gateway or peering is for them.
    """
    if end.one_of is None and not end.missing:
        return None
    if end.kind in (EndKind.SITES, EndKind.CLIENTS):
        doubts = _doubts_about_gateway(topology, subnet, end)
        if doubts is None or end.gateway is None:
            return None
        rule, peering = f"route learnt by {end.gateway.name}", None
    elif end.kind is EndKind.NETWORK and end.network is not None:
        peering = peering_to(topology, subnet.network, end.network)
        if peering is None:
            return None
        rule, doubts = f"system route of peering {peering.name}", []
    else:
        return None
    doubts += _doubts_about_table(topology, subnet, end)
    verdict = Verdict.UNDECIDED if doubts else Verdict.ALLOWED
    where = f"routes of subnet {subnet.name}"
    fact = Fact(where=where, rule=rule, verdict=verdict, missing=tuple(doubts))
    return fact, peering


def _doubts_about_gateway(
    topology: Topology, subnet: Subnet, end: End
) -> list[Missing] | None:
    """Return why what a gateway learns may not reach a subnet; None: it does not."""
    lent = next(
        (
            missing
            for gateway, missing in gateways_of(topology, subnet.network)
            if gateway is end.gateway
        ),
        None,
    )
    table = subnet.route_table
    propagates = table.propagates if isinstance(table, RouteTable) else True
    if lent is None or propagates is False:
        return None
    return [*lent, *([propagates] if isinstance(propagates, Missing) else [])]


def _doubts_about_table(topology: Topology, subnet: Subnet, end: End) -> list[Missing]:
    """Return the user's routes that may be more specific."""
    table = subnet.route_table
    doubts = [table] if isinstance(table, Missing) else []
    for part in route_parts(topology, subnet):
        is_own = part.name.startswith("route ") and part.addresses & end.addresses
        if is_own and not part.name.endswith("/0") and part.gateway is None:
            reason = "may be more specific than the ranges that are not known"
            doubts.append(Missing(part.name, reason))
    return doubts

"""Route tables that send packets elsewhere than before, subnet by subnet."""

from collections.abc import Hashable, Iterator

from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet
from azureml_reachability.changed_guards import Change, ChangedGuard, merged
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.routes import NextHop, RoutePart, route_parts
from azureml_reachability.topology import RouteTable, Subnet, Topology

_OWN = "route "
"""How the names of routes of a table begin."""
_NO_TABLE = RouteTable(name="")


def route_changes(before: Topology, after: Topology) -> list[ChangedGuard]:
    """Return how routes changed in the subnets that both plans have.

    What the routes of a table take is compared, not how it is written. A packet that is
    dropped is stopped; one that goes elsewhere passes another guard, or none.
    """
    former = {each.qualified_name.lower(): each for each in before.subnets}
    return merged(
        change
        for subnet in after.subnets
        if (old := former.get(subnet.qualified_name.lower())) is not None
        and _content(old.route_table) != _content(subnet.route_table)
        for change in _changes(before, old, after, subnet)
    )


def _content(table: RouteTable | Missing | None) -> Hashable:
    if not isinstance(table, RouteTable):
        return table
    routes = ((each.destination, each.next_hop, each.address) for each in table.routes)
    return (frozenset(routes), table.propagates, table.missing)


def _changes(
    before: Topology, old: Subnet, after: Topology, new: Subnet
) -> Iterator[ChangedGuard]:
    guard = f"route-table:{_name(new.route_table or old.route_table)}"
    at = (str(subnet_place(new.qualified_name)),)
    yield from _unread(guard, at, old.route_table, new.route_table)
    yield from _propagation(guard, at, _table(old), _table(new))
    sent: dict[tuple[Change, Hashable, Hashable], tuple[AddressSet, RoutePart]] = {}
    shown: dict[tuple[Change, Hashable, Hashable], str] = {}
    former = route_parts(before, old)
    for part in route_parts(after, new):
        for other in former:
            common = part.addresses & other.addresses
            if not common or _hop(part) == _hop(other):
                continue
            if not (part.name.startswith(_OWN) or other.name.startswith(_OWN)):
                continue
            drops = part.next_hop is NextHop.NONE and not part.missing
            change = Change.CLOSED if drops else Change.OPENED
            key = (change, _hop(part), _hop(other))
            known = sent.get(key)
            sent[key] = (common | known[0] if known else common, part)
            shown[key] = f"to {_hop_text(part)} and not to {_hop_text(other)}"
    for key, (addresses, part) in sent.items():
        packets = PacketSet.of(
            sources=(old.ranges | new.ranges) or ALL_ADDRESSES, destinations=addresses
        )
        witness = packets.witness()
        if witness is not None:
            yield ChangedGuard(
                guard=guard,
                change=key[0],
                what=f"sends {witness.destination} {shown[key]}",
                at=at,
                packets=packets,
                witness=witness,
                missing=part.missing,
            )


def _table(subnet: Subnet) -> RouteTable:
    table = subnet.route_table
    return table if isinstance(table, RouteTable) else _NO_TABLE


def _name(table: RouteTable | Missing | None) -> str:
    return table.name if isinstance(table, RouteTable) else f"{table}"


def _hop(part: RoutePart) -> Hashable:
    return (
        part.next_hop,
        part.appliance if part.next_hop in (None, NextHop.APPLIANCE) else None,
        part.peering and part.peering.name,
        part.gateway and part.gateway.name,
    )


def _hop_text(part: RoutePart) -> str:
    hop = str(part.next_hop or "what is not known")
    named = part.next_hop in (None, NextHop.APPLIANCE)
    return f"{hop} {part.appliance}" if named and part.appliance else hop


def _unread(
    guard: str,
    at: tuple[str, ...],
    old: RouteTable | Missing | None,
    new: RouteTable | Missing | None,
) -> Iterator[ChangedGuard]:
    """Yield that there may be routes which are not known."""
    unknown, known = _unknown(new), _unknown(old)
    if unknown and not known:
        yield ChangedGuard(
            guard=guard,
            change=Change.OPENED,
            what="may have further routes, which it did not before",
            at=at,
            missing=unknown,
        )


def _unknown(table: RouteTable | Missing | None) -> tuple[Missing, ...]:
    if isinstance(table, Missing):
        return (table,)
    return () if table is None else table.missing


def _propagation(
    guard: str, at: tuple[str, ...], old: RouteTable, new: RouteTable
) -> Iterator[ChangedGuard]:
    """Yield whether routes that gateways learn reach a subnet now, or no longer."""
    if new.propagates is not False and old.propagates is False:
        yield ChangedGuard(
            guard=guard,
            change=Change.OPENED,
            what="takes the routes that gateways learn, which it did not before",
            at=at,
            missing=(new.propagates,) if isinstance(new.propagates, Missing) else (),
        )
    if new.propagates is False and old.propagates is not False:
        yield ChangedGuard(
            guard=guard,
            change=Change.CLOSED,
            what="keeps away the routes that gateways learn, which it did not before",
            at=at,
        )
